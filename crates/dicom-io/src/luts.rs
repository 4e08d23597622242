//! The tables of a header: palettes, modality and VOI LUTs, plain and segmented.

use crate::error::{ReadError, Result};
use dicom_core::Tag;
use dicom_core::value::PrimitiveValue;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use imaging::pixels::Lut;

/// Three tables of 8-bit light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Palette {
    /// Stored value that the first entry belongs to; lower ones take it too.
    pub first: i32,
    /// Red, green and blue, equally long and not empty.
    pub tables: [Vec<u8>; 3],
}

/// A table as its descriptor describes it.
struct Descriptor {
    entries: usize,
    first: i32,
    bits: i64,
}

/// `signed`: the inputs may be below zero, so that a first input of 65,000 means -536.
fn descriptor(object: &InMemDicomObject, tag: Tag, signed: bool) -> Option<Descriptor> {
    let numbers: Vec<i64> = object.get(tag)?.to_multi_int().ok()?;
    let [entries, first, bits] = *numbers else { return None };
    // 65536 does not fit the field and is written as 0; a signed field turns large ones over.
    let entries = match entries & 0xFFFF {
        0 => 65_536,
        entries => usize::try_from(entries).ok()?,
    };
    let first = i32::try_from(first & 0xFFFF).ok()?;
    let first = if signed && first > 32_767 { first - 65_536 } else { first };
    Some(Descriptor { entries, first, bits: bits & 0xFFFF })
}

pub(crate) fn palette(object: &InMemDicomObject, signed: bool) -> Result<Palette> {
    let channels = [
        (
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        ),
        (
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        ),
        (
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        ),
    ];
    let missing = || ReadError::broken("its palette is missing");
    let mut tables: [Vec<u8>; 3] = Default::default();
    let mut first = 0;
    for (table, (descriptor_tag, data_tag, segmented_tag)) in tables.iter_mut().zip(channels) {
        let about = descriptor(object, descriptor_tag, signed).ok_or_else(missing)?;
        first = about.first;
        let values = if object.get(segmented_tag).is_some() {
            let words = words(object, segmented_tag).ok_or_else(missing)?;
            unfold_segments(&words, about.entries, about.bits)
                .ok_or_else(|| ReadError::broken("its segmented palette is in disorder"))?
        } else {
            let words = words(object, data_tag).ok_or_else(missing)?;
            entries(&words, about.entries).ok_or_else(missing)?
        };
        // Descriptors overstate the depth now and then: the table's own maximum decides.
        let deep = about.bits > 8 && values.iter().any(|value| *value > 255);
        let shade = |value: &u16| {
            let [low, high] = value.to_le_bytes();
            if deep { high } else { low }
        };
        *table = values.iter().map(shade).collect();
    }
    Ok(Palette { first, tables })
}

/// The tables of a Modality or VOI LUT Sequence; items that make no sense are left out.
pub(crate) fn sequence(object: &InMemDicomObject, tag: Tag, signed: bool) -> Vec<Lut> {
    let items = object.get(tag).and_then(|element| element.items()).unwrap_or_default();
    items.iter().filter_map(|item| lut(item, signed)).collect()
}

fn lut(item: &InMemDicomObject, signed: bool) -> Option<Lut> {
    let about = descriptor(item, tags::LUT_DESCRIPTOR, signed)?;
    let values = entries(&words(item, tags::LUT_DATA)?, about.entries)?;
    let stated = u8::try_from(about.bits).ok().filter(|bits| (8..=16).contains(bits))?;
    let brightest = values.iter().copied().max()?;
    let used = u8::try_from(16 - brightest.leading_zeros()).ok()?;
    // Some makers of computed radiography write 16 over a table of 12 bits, which would be shown
    // nearly black; less than a sixteenth of the stated range is taken as such a slip.
    let bits = if stated == 16 && used <= 12 { used.max(8) } else { stated.max(used) };
    let name = crate::header::text(item, tags::LUT_EXPLANATION);
    Some(Lut { first: about.first, values, bits, name })
}

/// 16-bit words of a table, whatever VR it was written under.
fn words(object: &InMemDicomObject, tag: Tag) -> Option<Vec<u16>> {
    let value = object.get(tag)?.value().primitive()?;
    Some(match value {
        PrimitiveValue::U16(words) => words.to_vec(),
        PrimitiveValue::I16(words) => words.iter().map(|word| word.cast_unsigned()).collect(),
        other => other
            .to_bytes()
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect(),
    })
}

/// As many entries as promised: one to a word, or two of eight bits.
fn entries(words: &[u16], count: usize) -> Option<Vec<u16>> {
    if words.len() >= count {
        return Some(words[..count].to_vec());
    }
    let bytes: Vec<u16> =
        words.iter().flat_map(|word| word.to_le_bytes()).take(count).map(u16::from).collect();
    (!bytes.is_empty() && (bytes.len() == count || bytes.len() + 1 == count)).then_some(bytes)
}

/// A segmented table, PS3.3 C.7.9.2: runs of entries, straight lines between two entries, and
/// repetitions of earlier segments.
fn unfold_segments(words: &[u16], count: usize, bits: i64) -> Option<Vec<u16>> {
    let source: Vec<u16> = if bits > 8 {
        words.to_vec()
    } else {
        words.iter().flat_map(|word| word.to_le_bytes()).map(u16::from).collect()
    };
    let mut out = Vec::with_capacity(count);
    let mut at = 0;
    while out.len() < count && at < source.len() {
        at = segment(&source, at, bits > 8, &mut out, count, false)?;
    }
    // Writers leave one entry out or pad one; more than that is no palette.
    (out.len() >= count).then(|| {
        out.truncate(count);
        out
    })
}

/// One segment at `at`; returns the place after it.
fn segment(
    source: &[u16],
    at: usize,
    wide: bool,
    out: &mut Vec<u16>,
    count: usize,
    repeated: bool,
) -> Option<usize> {
    let opcode = *source.get(at)?;
    let length = usize::from(*source.get(at + 1)?);
    match opcode {
        0 => {
            let entries = source.get(at + 2..at + 2 + length)?;
            out.extend_from_slice(&entries[..length.min(count.saturating_sub(out.len()))]);
            Some(at + 2 + length)
        }
        1 => {
            let from = f64::from(*out.last()?);
            let to = f64::from(*source.get(at + 2)?);
            for step in 1..=length.min(count.saturating_sub(out.len())) {
                let value = from + (to - from) * step as f64 / length as f64;
                // Between two 16-bit values, so exact after rounding.
                out.push(value.round() as u16);
            }
            Some(at + 3)
        }
        // Repeats `length` segments from an offset on; they may not repeat others in turn.
        2 if !repeated => {
            let offset = if wide {
                usize::from(*source.get(at + 2)?) | usize::from(*source.get(at + 3)?) << 16
            } else {
                let byte = |i: usize| source.get(at + 2 + i).map(|b| usize::from(*b) << (8 * i));
                byte(0)? | byte(1)? | byte(2)? | byte(3)?
            };
            let mut from = offset;
            for _ in 0..length {
                if out.len() >= count {
                    break;
                }
                from = segment(source, from, wide, out, count, true)?;
            }
            Some(at + if wide { 4 } else { 6 })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_runs_lines_and_repetitions() {
        // Entries 5 and 6; a line of four from 6 to 14; the first segment once more.
        let words = [0, 2, 5, 6, 1, 4, 14, 2, 1, 0, 0];
        let table = unfold_segments(&words, 8, 16);
        assert_eq!(table, Some(vec![5, 6, 8, 10, 12, 14, 5, 6]));
    }

    #[test]
    fn a_segmented_table_that_promises_more_than_it_has_is_refused() {
        assert_eq!(unfold_segments(&[0, 2, 5, 6], 3, 16), None);
        assert_eq!(unfold_segments(&[0, 9, 5, 6], 9, 16), None);
        assert_eq!(unfold_segments(&[1, 9, 5], 9, 16), None, "a line from nowhere");
        assert_eq!(unfold_segments(&[7, 1, 1], 1, 16), None);
        // A repetition of itself must end.
        assert_eq!(unfold_segments(&[0, 1, 5, 2, 1, 3, 0], 9, 16), None);
    }

    #[test]
    fn eight_bit_entries_may_stand_two_to_a_word() {
        assert_eq!(entries(&[0x0201, 0x0403], 4), Some(vec![1, 2, 3, 4]));
        assert_eq!(entries(&[0x0201, 0x0403], 2), Some(vec![0x0201, 0x0403]));
        assert_eq!(entries(&[0x0201], 4), None);
        assert_eq!(entries(&[], 1), None);
    }
}
