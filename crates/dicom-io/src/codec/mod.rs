//! The codecs: from the packed bytes of one frame to its samples.
//!
//! Every one of them is safe Rust. What a stream says about its own size is held against what the
//! data set promised ([`Expected`]) before memory is taken, so that a stream of a hundred bytes
//! cannot ask for gigabytes. [`decode`] is a pure function of its arguments: the program may call it
//! in its own process or, with limits on memory and time that hold whatever a codec does, in a child
//! ([`crate::child`]).

mod deflate;
mod jpeg;
mod jpeg_2000;
mod jpeg_ls;
mod jpeg_stream;
mod rle;

use crate::error::{ReadError, Result};
use serde::{Deserialize, Serialize};

pub(crate) use deflate::inflate;

/// How the pixels of a frame are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// RLE Lossless, PS3.5 annex G.
    Rle,
    /// ITU-T T.81: baseline, extended (8 and 12 bit), progressive (8 bit) and lossless.
    Jpeg,
    /// ITU-T T.87, lossless and near-lossless.
    JpegLs,
    /// ITU-T T.800 (JPEG 2000 part 1) and T.814 (high throughput): the stream says which.
    Jpeg2000,
    /// RFC 1951, one stream to a frame.
    Deflate,
}

/// What the data set promises about a frame; a stream that says otherwise is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    pub rows: usize,
    pub cols: usize,
    /// 1 or 3.
    pub samples: usize,
    /// 1, 8, 16, 24 or 32.
    pub bits_allocated: u32,
    /// The header says RGB: a JPEG that says nothing about its colour is then taken as RGB.
    pub rgb: bool,
    /// Two's complement.
    pub signed: bool,
}

impl Expected {
    fn pixels(&self) -> usize {
        self.rows * self.cols
    }

    fn values(&self) -> usize {
        self.pixels() * self.samples
    }

    fn bytes_per_sample(&self) -> usize {
        usize::try_from(self.bits_allocated.div_ceil(8)).unwrap_or(4)
    }

    /// The one check that all streams have in common.
    fn same_size(&self, rows: usize, cols: usize, samples: usize) -> Result<()> {
        if (rows, cols, samples) == (self.rows, self.cols, self.samples) {
            return Ok(());
        }
        Err(ReadError::broken("header and pixels disagree about its size"))
    }
}

/// The samples of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Samples {
    /// Of up to 16 bits.
    Narrow(Vec<u16>),
    /// Of up to 32 bits.
    Wide(Vec<u32>),
}

/// One unpacked frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    pub samples: Samples,
    /// Meaningful bits, where the stream itself says so: its values are then right as they stand,
    /// signs included, and nothing has to be masked.
    pub precision: Option<u32>,
    /// The stream has said that it is colour of another kind than the header's word: already RGB
    /// (`Some(true)`) or luminance and chrominance (`Some(false)`).
    pub is_rgb: Option<bool>,
    /// Samples stand in the order that the header describes (planes one after the other, shared
    /// chrominance) and not yet pixel by pixel.
    pub as_written: bool,
}

/// Unpacks the bytes of one frame, its fragments joined.
///
/// # Errors
/// A stream that is cut, in disorder, of another size than promised, or of a kind not read here.
pub fn decode(codec: Codec, data: &[u8], expected: &Expected) -> Result<Unpacked> {
    match codec {
        Codec::Rle => Ok(plain(rle::decode(data, expected)?, false)),
        Codec::Deflate => Ok(plain(deflate::frame(data, expected)?, true)),
        Codec::Jpeg => jpeg::decode(data, expected),
        Codec::JpegLs => jpeg_ls::decode(data, expected),
        Codec::Jpeg2000 => jpeg_2000::decode(data, expected),
    }
}

/// Looks at the head of a stream only: its kind and its size. What passes can still be damaged.
///
/// # Errors
/// As [`decode`].
pub(crate) fn check(codec: Codec, data: &[u8], expected: &Expected) -> Result<()> {
    match codec {
        Codec::Rle | Codec::Deflate => Ok(()),
        Codec::Jpeg => jpeg::check(data, expected),
        Codec::JpegLs => jpeg_ls::check(data, expected),
        Codec::Jpeg2000 => jpeg_2000::check(data, expected),
    }
}

fn plain(samples: Samples, as_written: bool) -> Unpacked {
    Unpacked { samples, precision: None, is_rgb: None, as_written }
}

/// Samples as native pixels have them: single bits from the lowest of each byte on, otherwise whole
/// bytes, little or big end first. `first` and `count` in samples.
pub(crate) fn from_bytes(
    data: &[u8],
    bits_allocated: u32,
    first: usize,
    count: usize,
    big: bool,
) -> Option<Samples> {
    let end = first.checked_add(count)?;
    if bits_allocated == 1 {
        return (first..end)
            .map(|bit| Some(u16::from(data.get(bit / 8)? >> (bit % 8) & 1)))
            .collect::<Option<_>>()
            .map(Samples::Narrow);
    }
    let width = usize::try_from(bits_allocated / 8).ok()?;
    let bytes = data.get(first.checked_mul(width)?..end.checked_mul(width)?)?;
    let word = |bytes: &[u8]| {
        let join = |word: u32, byte: &u8| word << 8 | u32::from(*byte);
        if big { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    };
    Some(match width {
        1 => Samples::Narrow(bytes.iter().copied().map(u16::from).collect()),
        2 if big => Samples::Narrow(
            bytes.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]])).collect(),
        ),
        2 => Samples::Narrow(
            bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect(),
        ),
        _ => Samples::Wide(bytes.chunks_exact(width).map(word).collect()),
    })
}
