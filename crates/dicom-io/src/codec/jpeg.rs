//! JPEG: eight bits by the library, everything else by [`super::jpeg_stream`].

use super::jpeg_stream::{self, Head, Process, disorder};
use super::{Expected, Samples, Unpacked};
use crate::error::{ReadError, Result};
use jpeg_decoder::{ColorTransform, Decoder, Error, PixelFormat};
use std::io::Cursor;

fn head(data: &[u8], expected: &Expected) -> Result<Head> {
    let head = jpeg_stream::head(data)?;
    let frame = &head.frame;
    expected.same_size(frame.rows, frame.cols, frame.components.len())?;
    if frame.process == Process::Progressive && frame.precision != 8 {
        return Err(ReadError::pixels("progressive JPEG of more than 8 bits"));
    }
    if frame.process == Process::Sequential && !matches!(frame.precision, 8 | 12) {
        return Err(disorder());
    }
    Ok(head)
}

pub(super) fn check(data: &[u8], expected: &Expected) -> Result<()> {
    head(data, expected).map(|_| ())
}

pub(super) fn decode(data: &[u8], expected: &Expected) -> Result<Unpacked> {
    let head = head(data, expected)?;
    let precision = Some(head.frame.precision);
    if head.frame.process == Process::Lossless || head.frame.precision > 8 {
        // Lossless colour is coded as it stands.
        let samples = Samples::Narrow(jpeg_stream::decode(data, expected)?);
        return Ok(Unpacked { samples, precision, is_rgb: None, as_written: false });
    }
    let mut decoder = Decoder::new(Cursor::new(data));
    decoder.set_max_decoding_buffer_size(expected.pixels() * 4);
    // An RGB file whose JPEG says nothing about colour is RGB; where the JPEG does say, it is right.
    if expected.rgb && !head.says_colour {
        decoder.set_color_transform(ColorTransform::RGB);
    }
    let decoded = decoder.decode().map_err(explain)?;
    let format = decoder.info().map(|info| info.pixel_format);
    let samples = match format {
        Some(PixelFormat::L8 | PixelFormat::RGB24) => {
            Samples::Narrow(decoded.into_iter().map(u16::from).collect())
        }
        _ => return Err(ReadError::pixels("JPEG with four colours")),
    };
    // The library has turned chrominance into RGB.
    Ok(Unpacked { samples, precision, is_rgb: Some(true), as_written: false })
}

fn explain(error: Error) -> ReadError {
    match error {
        Error::Io(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => ReadError::Truncated,
        Error::Unsupported(_) => ReadError::pixels("a kind of JPEG without a decoder here"),
        _ => disorder(),
    }
}
