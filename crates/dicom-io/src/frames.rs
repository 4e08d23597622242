//! From packed bytes to the values of one frame. One frame at a time, so that a cine loop costs no
//! more memory than a still.

use crate::child;
use crate::codec::{self, Codec, Samples, Unpacked};
use crate::error::{ReadError, Result};
use crate::header::{Colour, Shape, big_endian};
use crate::luts::Palette;
use crate::scan::{Layout, Pixels, refused};
use crate::syntax::Packing;
use imaging::pixels::PixelFrame;
use std::borrow::Cow;
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
    Coded {
        codec: Codec,
        frames: Vec<Vec<Range<usize>>>,
    },
}

pub(crate) fn pack(bytes: &[u8], layout: Layout, shape: &Shape) -> Result<Packed> {
    let big = big_endian(&layout);
    match (layout.pixels, layout.syntax.packing) {
        (_, Packing::Refused) => Err(refused(&layout.syntax)),
        (Pixels::None | Pixels::Floating, _) => Err(ReadError::NoPixels),
        (Pixels::Native { range, words }, _) => {
            let expected = native_bytes(shape).ok_or(ReadError::Truncated)?;
            if range.len() < expected {
                return Err(ReadError::Truncated);
            }
            Ok(Packed::Native { range, words, big })
        }
        (Pixels::Fragments { .. }, Packing::Native) => {
            Err(ReadError::broken("compressed pixels in a file that says uncompressed"))
        }
        (Pixels::Fragments { offsets, fragments }, Packing::Coded(codec)) => {
            let frames = group(bytes, &offsets, fragments, shape.frames, codec)?;
            // A stream of a kind without a decoder is refused now and not at the first look.
            let first = join(bytes, frames.first().map_or(&[], Vec::as_slice));
            codec::check(codec, &first, &shape.expected())?;
            Ok(Packed::Coded { codec, frames })
        }
    }
}

fn native_samples(shape: &Shape) -> usize {
    match shape.colour {
        Colour::YbrFull422 => shape.pixels() * 2,
        _ => shape.pixels() * shape.samples,
    }
}

/// Bytes of all native frames together. Frames of single bits follow each other without a gap.
fn native_bytes(shape: &Shape) -> Option<usize> {
    let bits = native_samples(shape)
        .checked_mul(shape.frames)?
        .checked_mul(usize::try_from(shape.bits_allocated).ok()?)?;
    Some(bits.div_ceil(8))
}

fn group(
    bytes: &[u8],
    offsets: &[u64],
    fragments: Vec<Range<usize>>,
    frames: usize,
    codec: Codec,
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
    // A frame over several fragments begins where the offset table says or, for the JPEG family,
    // where a fragment begins with the start-of-image mark.
    let mark: Option<&[u8]> = match codec {
        Codec::Jpeg | Codec::JpegLs => Some(&[0xFF, 0xD8]),
        Codec::Jpeg2000 => Some(&[0xFF, 0x4F, 0xFF, 0x51]),
        Codec::Rle | Codec::Deflate => None,
    };
    let origin = fragments.first().map_or(0, |fragment| fragment.start - 8);
    let starts = |fragment: &Range<usize>| {
        if offsets.len() == frames {
            let offset = u64::try_from(fragment.start - 8 - origin);
            offset.is_ok_and(|offset| offsets.binary_search(&offset).is_ok())
        } else {
            mark.is_some_and(|mark| bytes[fragment.clone()].starts_with(mark))
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

/// Samples of one frame as the file has them, and what its own stream says about them.
pub(crate) fn unpack(
    bytes: &[u8],
    packed: &Packed,
    shape: &Shape,
    index: usize,
) -> Result<Unpacked> {
    match packed {
        Packed::Native { range, words, big } => {
            let data = &bytes[range.clone()];
            let count = native_samples(shape);
            let first = count.checked_mul(index).ok_or(ReadError::Truncated)?;
            // Bytes written as 16-bit words stand swapped in a big endian file.
            let swapped = *big && *words && shape.bits_allocated <= 8;
            let data: Cow<[u8]> = if swapped {
                Cow::Owned(data.chunks(2).flat_map(|pair| pair.iter().rev().copied()).collect())
            } else {
                Cow::Borrowed(data)
            };
            let samples = codec::from_bytes(&data, shape.bits_allocated, first, count, *big)
                .ok_or(ReadError::Truncated)?;
            Ok(Unpacked { samples, precision: None, is_rgb: None, as_written: true })
        }
        Packed::Coded { codec, frames } => {
            let fragments =
                frames.get(index).ok_or_else(|| ReadError::broken("a frame is missing"))?;
            child::decode(*codec, &join(bytes, fragments), &shape.expected())
        }
    }
}

fn join<'a>(bytes: &'a [u8], fragments: &[Range<usize>]) -> Cow<'a, [u8]> {
    match fragments {
        [fragment] => Cow::Borrowed(&bytes[fragment.clone()]),
        _ => Cow::Owned(fragments.iter().flat_map(|f| &bytes[f.clone()]).copied().collect()),
    }
}

/// How a raw sample becomes its value.
#[derive(Clone, Copy)]
pub(crate) struct Meaning {
    shift: u32,
    bits: u32,
    signed: bool,
}

impl Meaning {
    /// In native and RLE pixels the header says which bits count: overlays and garbage in the others
    /// are cut off. A stream that knows its own precision is right as it stands; only signs, which
    /// most of them do not know, are carried up.
    fn of(shape: &Shape, unpacked: &Unpacked) -> Self {
        match unpacked.precision {
            None => Self { shift: shape.shift, bits: shape.bits_stored, signed: shape.signed },
            Some(precision) if shape.signed => {
                Self { shift: 0, bits: precision.min(shape.bits_stored), signed: true }
            }
            Some(precision) => Self { shift: 0, bits: precision, signed: false },
        }
    }

    fn value(self, raw: u32) -> i64 {
        let unused = 32 - self.bits;
        let left = raw >> self.shift << unused;
        if self.signed {
            i64::from(left.cast_signed() >> unused)
        } else {
            i64::from(left >> unused)
        }
    }
}

/// Values of samples in the order of the picture, whatever the order in the file.
fn ordered<T: Copy + Into<u32>>(
    samples: &[T],
    unpacked: &Unpacked,
    shape: &Shape,
    mut put: impl FnMut(i64),
) -> Result<()> {
    let halved = shape.colour == Colour::YbrFull422 && unpacked.as_written;
    let count = if halved { native_samples(shape) } else { shape.pixels() * shape.samples };
    if samples.len() != count {
        return Err(ReadError::broken("header and pixels disagree about its size"));
    }
    let meaning = Meaning::of(shape, unpacked);
    let mut put = |raw: T| put(meaning.value(raw.into()));
    if halved {
        for four in samples.chunks_exact(4) {
            // Y1 Y2 Cb Cr
            for place in [0, 2, 3, 1, 2, 3] {
                put(four[place]);
            }
        }
    } else if shape.planar && unpacked.as_written {
        let plane = shape.pixels();
        for pixel in 0..plane {
            for channel in 0..shape.samples {
                put(samples[channel * plane + pixel]);
            }
        }
    } else {
        samples.iter().copied().for_each(put);
    }
    Ok(())
}

/// Hands over the stored values of one frame, exactly: signs carried up, colours side by side,
/// before any palette, table or change of colour except the one inside a JPEG stream.
pub(crate) fn values(unpacked: &Unpacked, shape: &Shape, put: impl FnMut(i64)) -> Result<()> {
    match &unpacked.samples {
        Samples::Narrow(samples) => ordered(samples, unpacked, shape, put),
        Samples::Wide(samples) => ordered(samples, unpacked, shape, put),
    }
}

/// One frame as it leaves the reader.
pub(crate) fn frame(
    bytes: &[u8],
    packed: &Packed,
    shape: &Shape,
    index: usize,
) -> Result<PixelFrame> {
    let unpacked = unpack(bytes, packed, shape, index)?;
    let mono = shape.colour == Colour::Mono;
    let pixels = shape.pixels();
    let mut stored = Vec::with_capacity(pixels * if mono { 2 } else { 3 });
    match &shape.colour {
        Colour::Mono => {
            let place = |value: i64| match (&shape.table, shape.narrow) {
                (Some(table), _) => table.get(i32::try_from(value).unwrap_or(0)),
                (None, Some(narrow)) => {
                    u16::try_from((value - narrow.base) >> narrow.shift).unwrap_or(u16::MAX)
                }
                // 16 bits, with or without a sign.
                (None, None) => (value & 0xFFFF) as u16,
            };
            values(&unpacked, shape, |value| stored.extend(place(value).to_le_bytes()))?;
        }
        Colour::Palette(palette) => {
            values(&unpacked, shape, |value| stored.extend(paint(value, palette)))?;
        }
        colour => {
            // The highest eight of the meaningful bits.
            let bits = unpacked.precision.unwrap_or(shape.bits_stored);
            let (down, up) = (bits.saturating_sub(8), 8_u32.saturating_sub(bits));
            // Signed colour does not exist in the standard; the bits are taken as they are.
            values(&unpacked, shape, |value| stored.push((value >> down << up & 0xFF) as u8))?;
            match (unpacked.is_rgb, colour) {
                (Some(true), _) | (None, Colour::Rgb) => {}
                (_, Colour::YbrPartial) => to_rgb(&mut stored, true),
                _ => to_rgb(&mut stored, false),
            }
        }
    }
    // Sides are bounded by MAX_SIDE when the shape is made.
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(PixelFrame {
        rows: side(shape.rows),
        cols: side(shape.cols),
        samples: if mono { 1 } else { 3 },
        signed: mono && shape.signed && shape.table.is_none() && shape.narrow.is_none(),
        stored,
    })
}

fn paint(value: i64, palette: &Palette) -> [u8; 3] {
    let last = palette.tables.iter().map(Vec::len).min().unwrap_or(1).saturating_sub(1);
    let index = usize::try_from(value - i64::from(palette.first)).unwrap_or(0).min(last);
    palette.tables.each_ref().map(|table| table.get(index).copied().unwrap_or(0))
}

/// YBR_FULL or, with video levels, YBR_PARTIAL to RGB: PS3.3 C.7.6.3.1.2.
fn to_rgb(ybr: &mut [u8], partial: bool) {
    for pixel in ybr.chunks_exact_mut(3) {
        let y = f32::from(pixel[0]);
        let cb = f32::from(pixel[1]) - 128.0;
        let cr = f32::from(pixel[2]) - 128.0;
        let rgb = if partial {
            let y = 1.164_4 * (y - 16.0);
            [y + 1.596 * cr, y - 0.391_7 * cb - 0.812_9 * cr, y + 2.017_3 * cb]
        } else {
            [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb]
        };
        for (channel, light) in pixel.iter_mut().zip(rgb) {
            // `as` saturates.
            *channel = light.round() as u8;
        }
    }
}

/// One bit of every raw sample of a native or RLE frame: an overlay that shares the pixels' words.
pub(crate) fn bit(unpacked: &Unpacked, bit: u32) -> Vec<u8> {
    let of = |raw: u32| u8::from(raw >> bit & 1 == 1);
    match &unpacked.samples {
        Samples::Narrow(samples) => samples.iter().map(|raw| of((*raw).into())).collect(),
        Samples::Wide(samples) => samples.iter().map(|raw| of(*raw)).collect(),
    }
}
