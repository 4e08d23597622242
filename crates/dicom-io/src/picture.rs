//! PNG, JPEG, TIFF, BMP and WebP: measured before they are unpacked, turned upright, then plain.

use crate::error::{ReadError, Result};
use crate::{MAX_PICTURE_PIXELS, MAX_PIXEL_BYTES, MAX_SIDE, child};
use image::error::{ImageError, LimitErrorKind};
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use imaging::pixels::{ImageMeta, Photometric, PixelFrame, SourceFormat};
use std::io::Cursor;

/// Which picture format the content is, or why it will not be opened. `None`: none of these.
pub(crate) fn sniff(bytes: &[u8]) -> Option<Result<SourceFormat>> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"\x89PNG\r\n\x1a\n") {
        return Some(Ok(SourceFormat::Png));
    }
    if starts(&[0xFF, 0xD8, 0xFF]) {
        return Some(Ok(SourceFormat::Jpeg));
    }
    if starts(b"II*\0") || starts(b"MM\0*") {
        return Some(Ok(SourceFormat::Tiff));
    }
    if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(Ok(SourceFormat::Webp));
    }
    // Two letters are little evidence: the size of the second header has to fit too.
    if starts(b"BM")
        && matches!(bytes.get(14..18), Some(&[12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
    {
        return Some(Ok(SourceFormat::Bmp));
    }
    let brand = bytes.get(4..12)?;
    let heic: [&[u8]; 7] = [b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"];
    (brand.starts_with(b"ftyp") && heic.contains(&&brand[4..])).then_some(Err(ReadError::Heic))
}

/// A picture unpacked and turned upright.
pub(crate) struct Plain {
    pub rows: u32,
    pub cols: u32,
    /// One value of 16 bits, little endian, to a pixel; otherwise red, green and blue of 8 bits.
    pub grey: bool,
    /// The grey values use all 16 bits, not the lowest 8.
    pub deep: bool,
    pub stored: Vec<u8>,
}

/// Measures, then unpacks where the program wants it done.
pub(crate) fn open(bytes: &[u8], format: SourceFormat) -> Result<(ImageMeta, PixelFrame)> {
    let pixels = measure(&decoder(bytes, format)?)?;
    let Plain { rows, cols, grey, deep, stored } = child::picture(format, bytes, pixels)?;
    let photometric = if grey { Photometric::Mono2 } else { Photometric::Rgb };
    let mut meta = ImageMeta::plain(format, rows, cols, photometric);
    if deep {
        meta.bits_stored = 16;
    }
    let frame = PixelFrame { rows, cols, samples: meta.samples, signed: false, stored };
    Ok((meta, frame))
}

/// Reads the head of the file only.
fn decoder(bytes: &[u8], format: SourceFormat) -> Result<impl ImageDecoder> {
    let format_of_library = match format {
        SourceFormat::Png => ImageFormat::Png,
        SourceFormat::Jpeg => ImageFormat::Jpeg,
        SourceFormat::Tiff => ImageFormat::Tiff,
        SourceFormat::Bmp => ImageFormat::Bmp,
        SourceFormat::Webp => ImageFormat::WebP,
        SourceFormat::Dicom => return Err(ReadError::NotAnImage),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format_of_library);
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = u64::try_from(MAX_PIXEL_BYTES).ok();
    reader.limits(limits);
    reader.into_decoder().map_err(explain)
}

/// Pixels of a picture within the limits.
fn measure(decoder: &impl ImageDecoder) -> Result<u64> {
    let (cols, rows) = decoder.dimensions();
    let pixels = u64::from(cols) * u64::from(rows);
    let unpacked = i64::try_from(decoder.total_bytes());
    if cols > MAX_SIDE
        || rows > MAX_SIDE
        || pixels > MAX_PICTURE_PIXELS
        || unpacked.is_ok_and(|bytes| bytes > MAX_PIXEL_BYTES)
    {
        return Err(ReadError::TooLarge { what: format!("{cols} x {rows} pixels") });
    }
    Ok(pixels)
}

/// Unpacks in this process.
pub(crate) fn unpack(bytes: &[u8], format: SourceFormat) -> Result<Plain> {
    let mut decoder = decoder(bytes, format)?;
    measure(&decoder)?;
    let colour_type = decoder.color_type();
    // Unreadable EXIF is no reason to refuse a readable picture.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(explain)?;
    picture.apply_orientation(orientation);
    let (rows, cols) = (picture.height(), picture.width());

    let grey =
        matches!(colour_type, ColorType::L8 | ColorType::La8 | ColorType::L16 | ColorType::La16);
    let deep = matches!(colour_type, ColorType::L16 | ColorType::La16);
    // Transparency is dropped: a radiograph has none, and a hole must not become black tissue.
    let stored = match (grey, deep) {
        (true, true) => {
            picture.into_luma16().into_raw().into_iter().flat_map(u16::to_le_bytes).collect()
        }
        (true, false) => {
            let bytes = picture.into_luma8().into_raw();
            let mut stored = Vec::with_capacity(bytes.len() * 2);
            for byte in bytes {
                stored.extend_from_slice(&u16::from(byte).to_le_bytes());
            }
            stored
        }
        (false, _) => picture.into_rgb8().into_raw(),
    };
    Ok(Plain { rows, cols, grey, deep, stored })
}

fn explain(error: ImageError) -> ReadError {
    match error {
        ImageError::Limits(limit) => {
            let what = match limit.kind() {
                LimitErrorKind::DimensionError => format!("more than {MAX_SIDE} pixels to a side"),
                _ => "more memory than a picture may take".to_owned(),
            };
            ReadError::TooLarge { what }
        }
        ImageError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            ReadError::Truncated
        }
        ImageError::Unsupported(_) => {
            ReadError::pixels("a variant of this picture format without a decoder here")
        }
        _ => ReadError::broken("its content does not follow its format"),
    }
}
