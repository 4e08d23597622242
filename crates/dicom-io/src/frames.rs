//! From packed bytes to the stored values of one frame. One frame at a time, so that a cine loop
//! costs no more memory than a still.

use crate::error::{ReadError, Result};
use crate::header::{Colour, Palette, Shape, big_endian};
use crate::scan::{Layout, Pixels, refused};
use crate::syntax::Packing;
use imaging::pixels::PixelFrame;
use std::io::Cursor;
use std::ops::Range;

/// Which bytes belong to which frame, settled and counted when the file is opened.
#[derive(Debug)]
pub(crate) enum Packed {
    Native {
        range: Range<usize>,
        words: bool,
        big: bool,
    },
    /// For each frame its fragments, in order.
    Rle(Vec<Vec<Range<usize>>>),
    Jpeg(Vec<Vec<Range<usize>>>),
}

pub(crate) fn pack(bytes: &[u8], layout: Layout, shape: &Shape) -> Result<Packed> {
    let big = big_endian(&layout);
    match (layout.pixels, layout.syntax.packing) {
        (_, Packing::Refused) => Err(refused(&layout.syntax)),
        (Pixels::None, _) => Err(ReadError::NoPixels),
        (Pixels::Native { range, words }, _) => {
            let expected = native_bytes(shape).ok_or(ReadError::Truncated)?;
            if range.len() < expected {
                return Err(ReadError::Truncated);
            }
            Ok(Packed::Native { range, words, big })
        }
        (Pixels::Fragments { offsets, fragments }, packing) => {
            let frames = group(bytes, &offsets, fragments, shape.frames, packing)?;
            if packing == Packing::Rle {
                return Ok(Packed::Rle(frames));
            }
            // A JPEG of a kind without a decoder is refused now and not at the first look.
            let first = join(bytes, frames.first().map_or(&[], Vec::as_slice));
            measured_jpeg(&first, shape)?;
            Ok(Packed::Jpeg(frames))
        }
    }
}

/// Bytes of all native frames together. Frames of single bits follow each other without a gap.
fn native_bytes(shape: &Shape) -> Option<usize> {
    let samples = match shape.colour {
        Colour::YbrFull422 => shape.pixels().checked_mul(2)?,
        _ => shape.pixels().checked_mul(shape.samples)?,
    };
    let bits = samples
        .checked_mul(shape.frames)?
        .checked_mul(usize::try_from(shape.bits_allocated).ok()?)?;
    Some(bits.div_ceil(8))
}

fn group(
    bytes: &[u8],
    offsets: &[u32],
    fragments: Vec<Range<usize>>,
    frames: usize,
    packing: Packing,
) -> Result<Vec<Vec<Range<usize>>>> {
    if fragments.len() < frames {
        return Err(ReadError::Truncated);
    }
    if fragments.len() == frames {
        return Ok(fragments.into_iter().map(|fragment| vec![fragment]).collect());
    }
    if frames == 1 {
        return Ok(vec![fragments]);
    }
    // A frame over several fragments begins where the offset table says or, for JPEG, where a
    // fragment begins with the start-of-image mark.
    let origin = fragments.first().map_or(0, |fragment| fragment.start - 8);
    let starts = |fragment: &Range<usize>| {
        if offsets.len() == frames {
            let offset = u32::try_from(fragment.start - 8 - origin);
            offset.is_ok_and(|offset| offsets.contains(&offset))
        } else {
            packing == Packing::Jpeg && bytes[fragment.clone()].starts_with(&[0xFF, 0xD8])
        }
    };
    let mut grouped: Vec<Vec<Range<usize>>> = Vec::new();
    for fragment in fragments {
        if starts(&fragment) {
            grouped.push(vec![fragment]);
        } else if let Some(last) = grouped.last_mut() {
            last.push(fragment);
        }
    }
    if grouped.len() != frames {
        return Err(ReadError::broken("its frames cannot be told apart"));
    }
    Ok(grouped)
}

/// The stored values of one frame.
pub(crate) fn frame(
    bytes: &[u8],
    packed: &Packed,
    shape: &Shape,
    index: usize,
) -> Result<PixelFrame> {
    let out_of_range = || ReadError::broken("a frame is missing");
    match packed {
        Packed::Native { range, words, big } => {
            let data = &bytes[range.clone()];
            let swapped = *big && *words && shape.bits_allocated <= 8;
            let samples = native(data, shape, index, *big, swapped).ok_or(ReadError::Truncated)?;
            finish(samples, shape, &shape.colour)
        }
        Packed::Rle(frames) => {
            let joined = join(bytes, frames.get(index).ok_or_else(out_of_range)?);
            finish(rle(&joined, shape)?, shape, &shape.colour)
        }
        Packed::Jpeg(frames) => {
            let joined = join(bytes, frames.get(index).ok_or_else(out_of_range)?);
            jpeg(&joined, shape)
        }
    }
}

fn join(bytes: &[u8], fragments: &[Range<usize>]) -> Vec<u8> {
    fragments.iter().flat_map(|fragment| &bytes[fragment.clone()]).copied().collect()
}

/// Samples of a native frame, in the order in which the file has them.
fn native(data: &[u8], shape: &Shape, index: usize, big: bool, swapped: bool) -> Option<Vec<u16>> {
    let count = match shape.colour {
        Colour::YbrFull422 => shape.pixels() * 2,
        _ => shape.pixels() * shape.samples,
    };
    let first = count.checked_mul(index)?;
    let byte = |at: usize| data.get(if swapped { at ^ 1 } else { at }).copied();
    match shape.bits_allocated {
        1 => (first..first + count)
            .map(|bit| Some(u16::from(byte(bit / 8)? >> (bit % 8) & 1)))
            .collect(),
        8 if swapped => (first..first + count).map(|at| byte(at).map(u16::from)).collect(),
        8 => Some(data.get(first..first + count)?.iter().copied().map(u16::from).collect()),
        _ => {
            let pairs = data.get(first.checked_mul(2)?..(first + count).checked_mul(2)?)?;
            let read = if big { u16::from_be_bytes } else { u16::from_le_bytes };
            Some(pairs.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect())
        }
    }
}

/// RLE Lossless, PS3.5 annex G: up to 15 segments, one per byte of a sample, each PackBits.
fn rle(data: &[u8], shape: &Shape) -> Result<Vec<u16>> {
    let word = |index: usize| -> Option<usize> {
        let bytes = data.get(index * 4..index * 4 + 4)?;
        usize::try_from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).ok()
    };
    let bytes_per_sample = if shape.bits_allocated == 16 { 2 } else { 1 };
    let segments = shape.samples * bytes_per_sample;
    let broken = || ReadError::broken("its RLE pixels are in disorder");
    if word(0) != Some(segments) {
        return Err(broken());
    }
    let plane_bytes =
        if shape.bits_allocated == 1 { shape.pixels().div_ceil(8) } else { shape.pixels() };
    // Two bytes become at most 128: less than that cannot be a whole frame, so nothing is reserved.
    if plane_bytes / 64 > data.len() {
        return Err(ReadError::Truncated);
    }
    let mut planes = Vec::with_capacity(segments);
    for segment in 0..segments {
        let start = word(segment + 1).ok_or_else(broken)?;
        let end =
            if segment + 1 < segments { word(segment + 2).ok_or_else(broken)? } else { data.len() };
        let packed = data.get(start..end).ok_or_else(broken)?;
        planes.push(unpack_bits(packed, plane_bytes)?);
    }
    if shape.bits_allocated == 1 {
        let bits = planes.swap_remove(0);
        return Ok((0..shape.pixels()).map(|i| u16::from(bits[i / 8] >> (i % 8) & 1)).collect());
    }
    let mut samples = Vec::with_capacity(shape.pixels() * shape.samples);
    for pixel in 0..shape.pixels() {
        for sample in planes.chunks_exact(bytes_per_sample) {
            // The most significant byte comes first.
            samples
                .push(sample.iter().fold(0, |value, plane| value << 8 | u16::from(plane[pixel])));
        }
    }
    Ok(samples)
}

fn unpack_bits(packed: &[u8], length: usize) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(length);
    let mut rest = packed;
    while out.len() < length {
        let Some((&head, tail)) = rest.split_first() else { return Err(ReadError::Truncated) };
        rest = tail;
        match head {
            0..=127 => {
                let count = usize::from(head) + 1;
                let literal = rest.get(..count).ok_or(ReadError::Truncated)?;
                out.extend_from_slice(literal);
                rest = &rest[count..];
            }
            128 => {}
            129..=255 => {
                let (&value, tail) = rest.split_first().ok_or(ReadError::Truncated)?;
                out.extend(std::iter::repeat_n(value, 257 - usize::from(head)));
                rest = tail;
            }
        }
    }
    // Some writers let the last run go over the end of the plane.
    out.truncate(length);
    Ok(out)
}

/// A decoder that has read the JPEG's own header and found the size that the data set promised.
fn measured_jpeg<'a>(
    data: &'a [u8],
    shape: &Shape,
) -> Result<(jpeg_decoder::Decoder<Cursor<&'a [u8]>>, jpeg_decoder::PixelFormat)> {
    let mut decoder = jpeg_decoder::Decoder::new(Cursor::new(data));
    decoder.read_info().map_err(explain)?;
    let info = decoder.info().ok_or(ReadError::Truncated)?;
    if (usize::from(info.height), usize::from(info.width)) != (shape.rows, shape.cols) {
        return Err(ReadError::broken("header and pixels disagree about its size"));
    }
    Ok((decoder, info.pixel_format))
}

fn explain(error: jpeg_decoder::Error) -> ReadError {
    use jpeg_decoder::Error;
    match error {
        Error::Io(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => ReadError::Truncated,
        Error::Unsupported(_) => ReadError::pixels("a kind of JPEG without a decoder here"),
        _ => ReadError::broken("its JPEG pixels are in disorder"),
    }
}

fn jpeg(data: &[u8], shape: &Shape) -> Result<PixelFrame> {
    use jpeg_decoder::{ColorTransform, PixelFormat};
    let (mut decoder, pixel_format) = measured_jpeg(data, shape)?;
    decoder.set_max_decoding_buffer_size(shape.pixels() * 4);
    // An RGB file whose JPEG says nothing about colour is RGB; where the JPEG does say, it is right.
    if shape.colour == Colour::Rgb && !says_colour(data) {
        decoder.set_color_transform(ColorTransform::RGB);
    }
    let decoded = decoder.decode().map_err(explain)?;
    let samples: Vec<u16> = match pixel_format {
        PixelFormat::L8 | PixelFormat::RGB24 => decoded.into_iter().map(u16::from).collect(),
        PixelFormat::L16 => {
            decoded.chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])).collect()
        }
        PixelFormat::CMYK32 => return Err(ReadError::pixels("JPEG with four colours")),
    };
    // The decoder has turned YBR into RGB and interleaved the planes.
    let mut decoded_shape = shape.clone();
    decoded_shape.planar = false;
    let colour = match &shape.colour {
        Colour::YbrFull | Colour::YbrFull422 => &Colour::Rgb,
        other => other,
    };
    finish(samples, &decoded_shape, colour)
}

/// Does the JPEG carry a JFIF or Adobe mark before its first scan?
fn says_colour(data: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) = data.get(at..at + 4) {
        match marker {
            0xE0 if data.get(at + 4..at + 8) == Some(b"JFIF") => return true,
            0xEE if data.get(at + 4..at + 9) == Some(b"Adobe") => return true,
            0xDA => return false,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    false
}

/// Masks, extends signs, un-planes, converts colour.
fn finish(samples: Vec<u16>, shape: &Shape, colour: &Colour) -> Result<PixelFrame> {
    let expected = match colour {
        Colour::YbrFull422 => shape.pixels() * 2,
        _ => shape.pixels() * shape.samples,
    };
    if samples.len() != expected {
        return Err(ReadError::broken("header and pixels disagree about its size"));
    }
    let mono = *colour == Colour::Mono;
    let stored = match colour {
        Colour::Mono => {
            let mut stored = Vec::with_capacity(samples.len() * 2);
            for raw in &samples {
                stored.extend_from_slice(&value(*raw, shape).to_le_bytes());
            }
            stored
        }
        Colour::Palette(palette) => paint(&samples, shape, palette),
        Colour::Rgb => interleaved(&samples, shape),
        Colour::YbrFull => to_rgb(interleaved(&samples, shape)),
        Colour::YbrFull422 => {
            let mut full = Vec::with_capacity(shape.pixels() * 3);
            for four in samples.chunks_exact(4) {
                // Y1 Y2 Cb Cr
                for luminance in &four[..2] {
                    full.extend([*luminance, four[2], four[3]].map(|v| v.to_le_bytes()[0]));
                }
            }
            to_rgb(full)
        }
    };
    // Sides are bounded by MAX_SIDE when the shape is made.
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(PixelFrame {
        rows: side(shape.rows),
        cols: side(shape.cols),
        samples: if mono { 1 } else { 3 },
        signed: mono && shape.signed,
        stored,
    })
}

/// The meaningful bits of a sample: overlays and garbage in the others are cut off, and the sign
/// is carried up to bit 15.
fn value(raw: u16, shape: &Shape) -> u16 {
    let unused = 16 - shape.bits_stored;
    let left = raw >> shape.shift << unused;
    if shape.signed { (left.cast_signed() >> unused).cast_unsigned() } else { left >> unused }
}

fn paint(samples: &[u16], shape: &Shape, palette: &Palette) -> Vec<u8> {
    let last = palette.tables.iter().map(Vec::len).min().unwrap_or(1).saturating_sub(1);
    samples
        .iter()
        .flat_map(|raw| {
            let value = value(*raw, shape);
            let value = if shape.signed { i32::from(value.cast_signed()) } else { value.into() };
            let index = usize::try_from(value - palette.first).unwrap_or(0).min(last);
            palette.tables.each_ref().map(|table| table.get(index).copied().unwrap_or(0))
        })
        .collect()
}

/// Colour samples pixel by pixel, one byte each.
fn interleaved(samples: &[u16], shape: &Shape) -> Vec<u8> {
    let shift = shape.bits_stored.saturating_sub(8);
    // Signed colour does not exist in the standard; the bits are taken as they are.
    let byte = |raw: u16| {
        let bits = raw >> shape.shift & (u16::MAX >> (16 - shape.bits_stored));
        (bits >> shift).to_le_bytes()[0]
    };
    if shape.planar {
        let plane = shape.pixels();
        (0..plane).flat_map(|i| [0, plane, 2 * plane].map(|at| byte(samples[at + i]))).collect()
    } else {
        samples.iter().map(|raw| byte(*raw)).collect()
    }
}

/// YBR_FULL to RGB, PS3.3 C.7.6.3.1.2.
fn to_rgb(mut ybr: Vec<u8>) -> Vec<u8> {
    for pixel in ybr.chunks_exact_mut(3) {
        let y = f32::from(pixel[0]);
        let cb = f32::from(pixel[1]) - 128.0;
        let cr = f32::from(pixel[2]) - 128.0;
        let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
        for (channel, light) in pixel.iter_mut().zip(rgb) {
            // `as` saturates.
            *channel = light.round() as u8;
        }
    }
    ybr
}
