//! Overlay planes (groups 6000 to 601E): lines and texts of one bit drawn over a picture. They are
//! handed out beside the picture and never burned into it: what covers tissue has to come off again.

use crate::error::{ReadError, Result};
use crate::header::{self, Shape};
use dicom_core::Tag;
use dicom_core::value::PrimitiveValue;
use dicom_object::InMemDicomObject;

/// One overlay plane of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Its group number, 0x6000 and even.
    pub group: u16,
    pub rows: u32,
    pub cols: u32,
    /// Row and column of the picture under the plane's first bit, counted from 0; may lie outside.
    pub origin: (i32, i32),
    /// A region of interest and no drawing.
    pub region: bool,
    /// Overlay Label, else Overlay Description.
    pub label: Option<String>,
    source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// Bits in its own element, from the lowest of each byte on, frame after frame.
    /// A plane that says nothing about frames (`frames` is `None`) lies over all of them.
    Own { data: Vec<u8>, frames: Option<usize>, first_frame: usize },
    /// A bit of the pixels' own words, above the meaningful ones (retired in 2004).
    InPixels { bit: u32 },
}

/// A plane of one frame: a byte to a bit, 0 or 1, row by row.
pub type Plane = Vec<u8>;

impl Overlay {
    /// Bit of the pixels' words that holds the plane, if it is kept there.
    pub(crate) fn bit_in_pixels(&self) -> Option<u32> {
        match self.source {
            Source::InPixels { bit } => Some(bit),
            Source::Own { .. } => None,
        }
    }

    /// The plane over frame `index`, counted from 0; `None` if the frame has none.
    pub(crate) fn own_plane(&self, index: usize) -> Result<Option<Plane>> {
        let Source::Own { data, frames, first_frame } = &self.source else { return Ok(None) };
        let frame = match frames {
            None => 0,
            Some(frames) => match index.checked_sub(*first_frame) {
                Some(frame) if frame < *frames => frame,
                _ => return Ok(None),
            },
        };
        let count = area(self.rows, self.cols);
        let start = count.saturating_mul(frame);
        (start..start.saturating_add(count))
            .map(|bit| data.get(bit / 8).map(|byte| byte >> (bit % 8) & 1))
            .collect::<Option<Plane>>()
            .map(Some)
            .ok_or(ReadError::Truncated)
    }
}

fn area(rows: u32, cols: u32) -> usize {
    // Both come from 16 bits.
    usize::try_from(u64::from(rows) * u64::from(cols)).unwrap_or(usize::MAX)
}

/// All planes of a data set; those that make no sense are left out.
pub(crate) fn read(object: &InMemDicomObject, shape: &Shape) -> Vec<Overlay> {
    (0..16).filter_map(|index| plane(object, shape, 0x6000 + index * 2)).collect()
}

fn plane(object: &InMemDicomObject, shape: &Shape, group: u16) -> Option<Overlay> {
    let tag = |element| Tag(group, element);
    let whole = |element| header::whole(object, tag(element));
    let (rows, cols) = (whole(0x0010), whole(0x0011));
    let size = |own: Option<i64>, picture: usize| {
        let picture = i64::try_from(picture).ok()?;
        u32::try_from(own.unwrap_or(picture)).ok().filter(|n| (1..=65_535).contains(n))
    };
    let data = object.get(tag(0x3000)).and_then(|element| element.value().primitive());
    let source = match data {
        Some(data) => {
            let data = match data {
                PrimitiveValue::U16(words) => {
                    words.iter().flat_map(|word| word.to_le_bytes()).collect()
                }
                other => other.to_bytes().into_owned(),
            };
            let number = |element| whole(element).and_then(|n| usize::try_from(n).ok());
            let frames = number(0x0015);
            let first = number(0x0051).unwrap_or(1).max(1);
            Source::Own { data, frames, first_frame: first - 1 }
        }
        None => {
            let bit = u32::try_from(whole(0x0102)?).ok()?;
            let meaningful = shape.shift..shape.shift + shape.bits_stored;
            if rows.is_none() || bit >= shape.bits_allocated || meaningful.contains(&bit) {
                return None;
            }
            Source::InPixels { bit }
        }
    };
    let origin = header::numbers(object, tag(0x0050));
    let whole_origin = |index: usize| {
        // `as` saturates; the first row and column are number 1.
        origin.get(index).map_or(0, |n| (*n as i32).saturating_sub(1))
    };
    let text = |element| header::text(object, tag(element));
    let overlay = Overlay {
        group,
        rows: size(rows, shape.rows)?,
        cols: size(cols, shape.cols)?,
        origin: (whole_origin(0), whole_origin(1)),
        region: text(0x0040).as_deref() == Some("R"),
        label: text(0x1500).or_else(|| text(0x0022)),
        source,
    };
    if let Source::Own { data, .. } = &overlay.source
        && data.len() < area(overlay.rows, overlay.cols).div_ceil(8)
    {
        return None;
    }
    Some(overlay)
}
