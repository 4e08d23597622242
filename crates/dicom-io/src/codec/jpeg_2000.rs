//! JPEG 2000 part 1 and High-Throughput JPEG 2000, by two memory-safe libraries.
//!
//! Their words for the size of a picture are not relied on: the SIZ segment is read here first and
//! held against what was promised, and with it the number of tiles, which is what makes a small
//! stream ask for much.

use super::{Expected, Samples, Unpacked};
use crate::error::{ReadError, Result};

/// Most tiles of a picture: the standard counts them in 16 bits.
const MAX_TILES: usize = 65_535;
/// Most quality layers. DICOM encoders write 1 to 20.
const MAX_LAYERS: usize = 256;

fn disorder() -> ReadError {
    ReadError::broken("its JPEG 2000 pixels are in disorder")
}

/// What the main header says.
struct Head<'a> {
    /// The code stream without the boxes of a JP2 file around it.
    stream: &'a [u8],
    high_throughput: bool,
    precision: u32,
    signed: bool,
    /// Colours were turned into luminance and chrominance by the coder, and come back as they were.
    transformed: bool,
}

pub(super) fn check(data: &[u8], expected: &Expected) -> Result<()> {
    head(data, expected).map(|_| ())
}

fn head<'a>(data: &'a [u8], expected: &Expected) -> Result<Head<'a>> {
    let stream = code_stream(data).ok_or_else(disorder)?;
    let u16_at = |at: usize| -> Result<usize> {
        let b = stream.get(at..at + 2).ok_or(ReadError::Truncated)?;
        Ok(usize::from(u16::from_be_bytes([b[0], b[1]])))
    };
    let u32_at = |at: usize| -> Result<usize> {
        let b = stream.get(at..at + 4).ok_or(ReadError::Truncated)?;
        usize::try_from(u32::from_be_bytes([b[0], b[1], b[2], b[3]])).map_err(|_| disorder())
    };
    if !stream.starts_with(&[0xFF, 0x4F, 0xFF, 0x51]) {
        return Err(disorder());
    }
    let capabilities = u16_at(6)?;
    let [right, bottom, left, top] = [u32_at(8)?, u32_at(12)?, u32_at(16)?, u32_at(20)?];
    let [tile_width, tile_height] = [u32_at(24)?, u32_at(28)?];
    let [tiles_left, tiles_top] = [u32_at(32)?, u32_at(36)?];
    let components = u16_at(40)?;
    let cols = right.checked_sub(left).ok_or_else(disorder)?;
    let rows = bottom.checked_sub(top).ok_or_else(disorder)?;
    expected.same_size(rows, cols, components)?;
    if tile_width == 0 || tile_height == 0 || tiles_left > left || tiles_top > top {
        return Err(disorder());
    }
    let tiles = (right - tiles_left)
        .div_ceil(tile_width)
        .checked_mul((bottom - tiles_top).div_ceil(tile_height));
    if tiles.is_none_or(|tiles| tiles > MAX_TILES) {
        return Err(disorder());
    }
    let depth = *stream.get(42).ok_or(ReadError::Truncated)?;
    for component in 0..components {
        let [ssiz, x, y] =
            *stream.get(42 + component * 3..45 + component * 3).ok_or(ReadError::Truncated)?
        else {
            return Err(disorder());
        };
        if ssiz != depth {
            return Err(ReadError::pixels("JPEG 2000 with colours of different depth"));
        }
        if (x, y) != (1, 1) {
            return Err(ReadError::pixels("JPEG 2000 with sub-sampled colours"));
        }
    }
    let precision = u32::from(depth & 0x7F) + 1;
    if precision > 16 {
        return Err(ReadError::pixels(format!("JPEG 2000 of {precision} bits")));
    }
    let mut head = Head {
        stream,
        high_throughput: capabilities & 0x4000 != 0,
        precision,
        signed: depth & 0x80 != 0,
        transformed: false,
    };
    // On to the coding style, which every main header has.
    let mut at = 2;
    loop {
        let marker = u16_at(at)?;
        let length = u16_at(at + 2)?;
        match marker {
            0xFF52 => {
                if u16_at(at + 6)? > MAX_LAYERS {
                    return Err(ReadError::TooLarge { what: "too many quality layers".into() });
                }
                head.transformed = stream.get(at + 8).copied().ok_or(ReadError::Truncated)? == 1;
                // The block coder of part 15.
                let style = stream.get(at + 12).copied().ok_or(ReadError::Truncated)?;
                head.high_throughput |= style & 0x40 != 0;
                return Ok(head);
            }
            0xFF90 | 0xFF93 | 0xFFD9 => return Err(disorder()),
            0xFF00..=0xFFFF if length >= 2 => at += 2 + length,
            _ => return Err(disorder()),
        }
    }
}

/// The code stream inside a JP2 file, or the data themselves.
fn code_stream(data: &[u8]) -> Option<&[u8]> {
    if !data.starts_with(&[0, 0, 0, 12, b'j', b'P', b' ', b' ']) {
        return Some(data);
    }
    let mut at = 0;
    loop {
        let head = data.get(at..at + 8)?;
        let short = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let (start, length) = match short {
            0 => (at + 8, data.len() - at),
            1 => {
                let long = data.get(at + 8..at + 16)?;
                let long = <[u8; 8]>::try_from(long).ok().map(u64::from_be_bytes)?;
                (at + 16, usize::try_from(long).ok()?)
            }
            short => (at + 8, usize::try_from(short).ok()?),
        };
        let end = at.checked_add(length)?;
        if &head[4..8] == b"jp2c" {
            return data.get(start..end.min(data.len()));
        }
        if end <= at {
            return None;
        }
        at = end;
    }
}

pub(super) fn decode(data: &[u8], expected: &Expected) -> Result<Unpacked> {
    let head = head(data, expected)?;
    let count = expected.values();
    let top = f64::from((1_u32 << head.precision) - 1);
    // Both libraries hand out signed values shifted up by half their range.
    let shift = if head.signed { 1_i32 << (head.precision - 1) } else { 0 };
    // Unsigned code for a signed field means two's complement within the code's own precision.
    let extend = expected.signed && !head.signed;
    let unused = 16 - head.precision;
    let value = |light: f64| -> u16 {
        // `as` on a clamped value is exact.
        let raw = light.round().clamp(0.0, top) as i32 - shift;
        let word = (raw & 0xFFFF) as u16;
        let signed = if extend { i32::from((word << unused).cast_signed() >> unused) } else { raw };
        (signed & 0xFFFF) as u16
    };
    let samples: Vec<u16> = if head.high_throughput {
        use dicom_toolkit_jpeg2000::{DecodeSettings, Image};
        let settings = DecodeSettings { strict: true, ..DecodeSettings::default() };
        let image = Image::new(head.stream, &settings).map_err(|_| disorder())?;
        let raw = image.decode_native().map_err(|_| disorder())?;
        match raw.bytes_per_sample {
            1 => raw.data.iter().map(|byte| value(f64::from(*byte))).collect(),
            _ => raw
                .data
                .chunks_exact(2)
                .map(|pair| value(f64::from(u16::from_le_bytes([pair[0], pair[1]]))))
                .collect(),
        }
    } else {
        use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};
        let image = Image::new(head.stream, &DecodeSettings::default()).map_err(|_| disorder())?;
        let mut context = DecoderContext::default();
        let decoded = image.decode(&mut context).map_err(|_| disorder())?;
        let planes: Vec<&[f32]> = decoded.components().iter().map(|c| c.samples()).collect();
        if planes.len() != expected.samples || planes.iter().any(|p| p.len() != expected.pixels()) {
            return Err(disorder());
        }
        match planes[..] {
            [plane] => plane.iter().map(|light| value(f64::from(*light))).collect(),
            _ => (0..expected.pixels())
                .flat_map(|pixel| planes.iter().map(move |plane| plane[pixel]))
                .map(|light| value(f64::from(light)))
                .collect(),
        }
    };
    if samples.len() != count {
        return Err(disorder());
    }
    Ok(Unpacked {
        samples: Samples::Narrow(samples),
        precision: Some(if head.signed || extend { 16 } else { head.precision }),
        is_rgb: head.transformed.then_some(true),
        as_written: false,
    })
}
