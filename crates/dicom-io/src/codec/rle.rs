//! RLE Lossless, PS3.5 annex G: up to 15 segments, one to each byte of a sample, each PackBits.

use super::{Expected, Samples};
use crate::error::{ReadError, Result};

pub(super) fn decode(data: &[u8], expected: &Expected) -> Result<Samples> {
    let word = |index: usize| -> Option<usize> {
        let bytes = data.get(index * 4..index * 4 + 4)?;
        usize::try_from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).ok()
    };
    let bytes_per_sample = expected.bytes_per_sample();
    let segments = expected.samples * bytes_per_sample;
    let broken = || ReadError::broken("its RLE pixels are in disorder");
    if segments > 15 || word(0) != Some(segments) {
        return Err(broken());
    }
    let pixels = expected.pixels();
    let bits = expected.bits_allocated == 1;
    let plane_bytes = if bits { pixels.div_ceil(8) } else { pixels };
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
    if bits {
        let bits = planes.swap_remove(0);
        return Ok(Samples::Narrow(
            (0..pixels).map(|i| u16::from(bits[i / 8] >> (i % 8) & 1)).collect(),
        ));
    }
    let colours = planes.chunks_exact(bytes_per_sample);
    // The most significant byte comes first.
    if bytes_per_sample <= 2 {
        let mut samples = Vec::with_capacity(expected.values());
        for pixel in 0..pixels {
            for colour in colours.clone() {
                samples.push(colour.iter().fold(0, |v: u16, p| v << 8 | u16::from(p[pixel])));
            }
        }
        return Ok(Samples::Narrow(samples));
    }
    let mut samples = Vec::with_capacity(expected.values());
    for pixel in 0..pixels {
        for colour in colours.clone() {
            samples.push(colour.iter().fold(0, |v: u32, p| v << 8 | u32::from(p[pixel])));
        }
    }
    Ok(Samples::Wide(samples))
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
