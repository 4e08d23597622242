//! Opens medical pictures: DICOM, PNG, JPEG, TIFF, BMP, WebP.
//!
//! A file is judged by its content and never by its name. Every size is checked before memory is
//! taken, and a broken file ends in a [`ReadError`] with a sentence for the screen, never in a
//! crash: the next file of the queue is opened as if nothing had happened.
//!
//! This crate refuses to know patients, studies, screens and networks. It hands out what the file
//! says ([`ImageMeta`]) and the stored values ([`PixelFrame`]); the arithmetic from there to light
//! is in [`imaging::window`], and [`grey8_for_network`] is the one way from a file to what a
//! network sees, in training and in the program alike.
//!
//! Read: uncompressed implicit and explicit little endian, explicit big endian, RLE, JPEG baseline,
//! 8-bit JPEG extended and JPEG lossless; MONOCHROME1/2, PALETTE COLOR, RGB, YBR_FULL(_422); 1, 8
//! and 16 bits allocated. Other syntaxes are refused by name.

mod error;
mod frames;
mod header;
mod inspect;
mod picture;
mod scan;
mod syntax;

pub use error::ReadError;
pub use imaging::pixels::{ImageMeta, PixelFrame, SourceFormat};
pub use inspect::{inspect, inspect_bytes};

use error::Result;
use image::{DynamicImage, GrayImage, RgbImage};
use imaging::pixels::Photometric;
use imaging::window;
use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Most pixels to a side.
pub const MAX_SIDE: u32 = 16_384;
/// Most pixels of a PNG, JPEG, TIFF, BMP or WebP.
pub const MAX_PICTURE_PIXELS: u64 = 64_000_000;
/// Most frames of one file.
pub const MAX_FRAMES: u32 = 10_000;
/// Most bytes of all unpacked frames of one file together.
pub const MAX_PIXEL_BYTES: i64 = 1 << 30;
/// Most bytes of a file.
pub const MAX_FILE_BYTES: u64 = 2_000_000_000;

/// A file that was recognised, measured and found readable. Frames are unpacked on demand.
#[derive(Debug)]
pub struct Opened {
    /// File name without its folder, or what the caller said.
    pub name: String,
    pub meta: ImageMeta,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Dicom { bytes: Vec<u8>, packed: frames::Packed, shape: header::Shape },
    Picture(PixelFrame),
}

/// Opens a file from the disk.
///
/// # Errors
/// Every way in which a file can be unreadable; see [`ReadError`].
pub fn open(path: impl AsRef<Path>) -> Result<Opened> {
    let path = path.as_ref();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    open_bytes(read_file(path)?, &name)
}

/// Opens a file that is already in memory. `name` is kept for people and never used to decide.
///
/// # Errors
/// As [`open`].
pub fn open_bytes(bytes: Vec<u8>, name: &str) -> Result<Opened> {
    guarded(|| {
        if bytes.is_empty() {
            return Err(ReadError::Empty);
        }
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
            return Err(file_too_large());
        }
        let name = name.to_owned();
        if scan::looks_like_dicom(&bytes) {
            let layout = scan::scan(&bytes)?;
            // The kind of pixels is refused before their shape: it is what the reader can act on.
            if layout.syntax.packing == syntax::Packing::Refused
                && !matches!(layout.pixels, scan::Pixels::None)
            {
                return Err(scan::refused(&layout.syntax));
            }
            if matches!(layout.pixels, scan::Pixels::None) {
                return Err(ReadError::NoPixels);
            }
            let object = header::parse(&bytes, &layout)?;
            let (meta, shape) = header::read(&object, &layout)?;
            let packed = frames::pack(&bytes, layout, &shape)?;
            return Ok(Opened { name, meta, source: Source::Dicom { bytes, packed, shape } });
        }
        let format = picture::sniff(&bytes).ok_or(ReadError::NotAnImage)??;
        let (meta, frame) = picture::open(&bytes, format)?;
        Ok(Opened { name, meta, source: Source::Picture(frame) })
    })
}

impl Opened {
    /// The kind of file this was.
    #[must_use]
    pub fn kind(&self) -> SourceFormat {
        self.meta.format
    }

    /// Stored values of frame `index`, counted from 0. MONOCHROME1 is not inverted.
    ///
    /// # Errors
    /// [`ReadError::NoSuchFrame`], or what is wrong with its packed pixels.
    pub fn frame(&self, index: u32) -> Result<PixelFrame> {
        let missing = ReadError::NoSuchFrame { frame: index, frames: self.meta.frames };
        if index >= self.meta.frames {
            return Err(missing);
        }
        let place = usize::try_from(index).map_err(|_| missing)?;
        match &self.source {
            Source::Picture(frame) => Ok(frame.clone()),
            Source::Dicom { bytes, packed, shape } => {
                guarded(|| frames::frame(bytes, packed, shape, place))
            }
        }
    }
}

/// What a network sees of a frame, before it is resized: modality LUT, then the header's first
/// window or else percentiles 0.5 to 99.5, then the inversion of MONOCHROME1, then 8 bits. Colour
/// becomes its luma (Rec. 709). An 8-bit greyscale PNG, JPEG, TIFF, BMP or WebP passes unchanged.
///
/// # Errors
/// As [`Opened::frame`]; and [`ReadError::ForProcessing`] for raw detector data, which looks like a
/// radiograph and is none.
pub fn grey8_for_network(opened: &Opened, frame: u32) -> Result<GrayImage> {
    if opened.meta.presentation_intent_for_processing {
        return Err(ReadError::ForProcessing);
    }
    Ok(render(opened, frame)?.into_luma8())
}

/// A frame as it first stands on the screen: `ImageLuma8` or, for colour, `ImageRgb8`. The same
/// steps as [`grey8_for_network`] without the loss of colour.
///
/// # Errors
/// As [`Opened::frame`].
pub fn render(opened: &Opened, frame: u32) -> Result<DynamicImage> {
    let meta = &opened.meta;
    let pixels = opened.frame(frame)?;
    let size_lost = || ReadError::broken("a frame has the wrong size");
    if meta.photometric == Photometric::Rgb {
        return RgbImage::from_raw(pixels.cols, pixels.rows, pixels.stored)
            .map(DynamicImage::ImageRgb8)
            .ok_or_else(size_lost);
    }
    let already_light = meta.format != SourceFormat::Dicom && meta.bits_stored == 8;
    let grey = if already_light {
        pixels.values().map(|value| u8::try_from(value).unwrap_or(u8::MAX)).collect()
    } else {
        window::grey8(&pixels, meta, window::first_tone(&pixels, meta))
    };
    GrayImage::from_raw(pixels.cols, pixels.rows, grey)
        .map(DynamicImage::ImageLuma8)
        .ok_or_else(size_lost)
}

/// The whole file, if it is one and within the limit.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>> {
    // The system's message may contain the path; its kind is enough.
    let explain = |error: std::io::Error| ReadError::Io(error.kind().to_string());
    let about = std::fs::metadata(path).map_err(explain)?;
    if !about.is_file() {
        return Err(ReadError::Io("not a file".into()));
    }
    if about.len() > MAX_FILE_BYTES {
        return Err(file_too_large());
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    File::open(path)
        .map_err(explain)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(explain)?;
    Ok(bytes)
}

fn file_too_large() -> ReadError {
    ReadError::TooLarge {
        what: format!("a file of more than {} GB", MAX_FILE_BYTES / 1_000_000_000),
    }
}

/// The last resort: a panic inside a decoder becomes an error of this one file. The checks before
/// it are meant to make it unnecessary; the program must not be built with `panic = "abort"`.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(ReadError::broken("its decoder gave up")))
}
