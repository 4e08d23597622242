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
//! Read: uncompressed implicit and explicit little endian, explicit big endian, deflated, RLE,
//! deflated frames, JPEG (baseline, extended of 8 and 12 bits, progressive of 8, lossless), JPEG-LS,
//! JPEG 2000 and High-Throughput JPEG 2000; MONOCHROME1/2, PALETTE COLOR (also segmented), RGB and
//! the YBR family; 1 to 32 bits, signed or not; modality and VOI tables; groups of single frames.
//! Video, JPEG XL and whatever else there is are refused by name.
//!
//! All codecs are safe Rust. [`child`] runs them in a process of its own with limits on memory and
//! time, once the program has said how to start one.

pub mod archive;
pub mod child;
pub mod codec;
pub mod collection;
#[doc(hidden)]
pub mod damage;
pub mod deidentify;
pub mod derived;
mod error;
mod frames;
mod header;
mod inspect;
mod luts;
mod overlays;
mod picture;
mod scan;
mod syntax;

pub use error::{NO_SIZE, ReadError};
pub use imaging::pixels::{ImageMeta, PixelFrame, SourceFormat};
pub use inspect::{inspect, inspect_bytes};
pub use overlays::{Overlay, Plane};
pub use syntax::READABLE;

use error::Result;
use image::{DynamicImage, GrayImage, RgbImage};
use imaging::pixels::Photometric;
use imaging::window;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Most pixels to a side.
pub const MAX_SIDE: u32 = 16_384;
/// Most pixels of a PNG, JPEG, TIFF, BMP or WebP.
pub const MAX_PICTURE_PIXELS: u64 = 64_000_000;
/// Most samples of one frame, colours counted apart: 64 megapixels, as for other pictures. It keeps
/// the largest picture within a gigabyte while it is unpacked.
pub const MAX_FRAME_SAMPLES: i64 = 1 << 26;
/// Most frames of one file.
pub const MAX_FRAMES: u32 = 10_000;
/// Most bytes of all unpacked frames of one file together.
pub const MAX_PIXEL_BYTES: i64 = 1 << 30;
/// Most bytes that a deflated data set may unfold to.
pub const MAX_INFLATED_BYTES: usize = 1 << 30;
/// Most times its own size that a deflated data set may unfold to.
pub const MAX_INFLATION: usize = 200;
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
    Dicom(Box<Dicom>),
    Picture(PixelFrame),
}

#[derive(Debug)]
struct Dicom {
    bytes: Vec<u8>,
    packed: frames::Packed,
    shape: header::Shape,
    /// Empty where all frames follow the same rules.
    rules: Vec<header::FrameRules>,
    overlays: Vec<Overlay>,
}

/// The stored values of a frame exactly as the file has them, for comparison and for export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeFrame {
    pub rows: usize,
    pub cols: usize,
    /// 1 or 3, side by side. Palette pixels are one sample, their index.
    pub samples: usize,
    /// Of 1, 2 or 4 bytes each, little endian, two's complement if signed.
    pub bytes_per_sample: usize,
    pub signed: bool,
    pub data: Vec<u8>,
    /// Smallest and largest value.
    pub range: (i64, i64),
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

/// Does the content begin like a picture of any kind read here? What passes can still be broken.
#[must_use]
pub fn is_picture(bytes: &[u8]) -> bool {
    scan::looks_like_dicom(bytes) || picture::sniff(bytes).is_some()
}

/// What kind of picture the content begins like, other than DICOM.
///
/// # Errors
/// None that is read here.
pub fn picture_kind(bytes: &[u8]) -> Result<SourceFormat> {
    picture::sniff(bytes).ok_or(ReadError::NotAnImage)?
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
            return dicom(bytes, name);
        }
        let format = picture::sniff(&bytes).ok_or(ReadError::NotAnImage)??;
        let (meta, frame) = picture::open(&bytes, format)?;
        Ok(Opened { name, meta, source: Source::Picture(frame) })
    })
}

fn dicom(bytes: Vec<u8>, name: String) -> Result<Opened> {
    let bytes = scan::unfolded(&bytes)?.unwrap_or(bytes);
    let layout = scan::scan(&bytes)?;
    match (&layout.pixels, layout.syntax.packing) {
        // The kind of pixels is refused before their shape: it is what the reader can act on.
        (scan::Pixels::None, _) => return Err(ReadError::NoPixels),
        (_, syntax::Packing::Refused) => return Err(scan::refused(&layout.syntax)),
        (scan::Pixels::Floating, _) => return Err(ReadError::pixels("floating-point values")),
        _ => {}
    }
    let object = header::parse(&bytes, &layout)?;
    let header::Read { mut meta, shape, frames: rules } = header::read(&object, &layout)?;
    let overlays = overlays::read(&object, &shape);
    let packed = frames::pack(&bytes, layout, &shape)?;
    let mut dicom = Dicom { bytes, packed, shape, rules, overlays };
    if meta.photometric != Photometric::Rgb && dicom.shape.bits_stored > 16 {
        dicom.narrow(&mut meta)?;
    }
    Ok(Opened { name, meta, source: Source::Dicom(Box::new(dicom)) })
}

impl Dicom {
    fn unpack(&self, index: usize) -> Result<codec::Unpacked> {
        frames::unpack(&self.bytes, &self.packed, &self.shape, index)
    }

    /// Brings values of more than 16 bits into 16, the same way for all frames. Every frame is
    /// looked at once for that; such files are small (dose grids) or rare.
    fn narrow(&mut self, meta: &mut ImageMeta) -> Result<()> {
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for index in 0..self.shape.frames {
            frames::values(&self.unpack(index)?, &self.shape, |value| {
                (low, high) = (low.min(value), high.max(value));
            })?;
        }
        let narrow = header::Narrow::fitting(low, high.max(low));
        let step = 2_f64.powi(i32::try_from(narrow.shift).unwrap_or(0));
        // The values are far below the 2^53 up to which this is exact.
        let base = narrow.base as f64;
        meta.narrowed_by = u8::try_from(narrow.shift).unwrap_or(u8::MAX);
        meta.padding = meta.padding.and_then(|(first, last)| {
            let place =
                |value: i32| i32::try_from((i64::from(value) - narrow.base) >> narrow.shift).ok();
            Some((place(first)?, place(last)?))
        });
        let wider = |slope: &mut f64, intercept: &mut f64| {
            *intercept += base * *slope;
            *slope *= step;
        };
        wider(&mut meta.slope, &mut meta.intercept);
        for rules in &mut self.rules {
            wider(&mut rules.slope, &mut rules.intercept);
        }
        self.shape.narrow = Some(narrow);
        Ok(())
    }
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
            Source::Dicom(dicom) => {
                guarded(|| frames::frame(&dicom.bytes, &dicom.packed, &dicom.shape, place))
            }
        }
    }

    /// [`Opened::meta`] as it is for frame `index`: an enhanced object may give each frame a slope,
    /// windows, a spacing and an orientation of its own.
    #[must_use]
    pub fn frame_meta(&self, index: u32) -> Cow<'_, ImageMeta> {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        match &self.source {
            Source::Dicom(dicom) => match dicom.rules.get(place) {
                Some(rules) => {
                    let mut meta = self.meta.clone();
                    let keep = (meta.slope, meta.intercept);
                    rules.apply(&mut meta);
                    if dicom.shape.table.is_some() {
                        (meta.slope, meta.intercept) = keep;
                    }
                    Cow::Owned(meta)
                }
                None => Cow::Borrowed(&self.meta),
            },
            Source::Picture(_) => Cow::Borrowed(&self.meta),
        }
    }

    /// The stored values of frame `index` exactly, at their own width, before palette, modality
    /// table and narrowing. For a picture that is not DICOM: what [`Opened::frame`] gives.
    ///
    /// # Errors
    /// As [`Opened::frame`].
    pub fn native(&self, index: u32) -> Result<NativeFrame> {
        let missing = ReadError::NoSuchFrame { frame: index, frames: self.meta.frames };
        if index >= self.meta.frames {
            return Err(missing);
        }
        let place = usize::try_from(index).map_err(|_| missing)?;
        match &self.source {
            Source::Picture(frame) => {
                let wide = frame.samples == 1;
                let range = frame.values().fold((i64::MAX, i64::MIN), |(low, high), value| {
                    (low.min(value.into()), high.max(value.into()))
                });
                Ok(NativeFrame {
                    rows: usize::try_from(frame.rows).unwrap_or(0),
                    cols: usize::try_from(frame.cols).unwrap_or(0),
                    samples: frame.samples.into(),
                    bytes_per_sample: if wide { 2 } else { 1 },
                    signed: frame.signed,
                    data: frame.stored.clone(),
                    range,
                })
            }
            Source::Dicom(dicom) => guarded(|| {
                let shape = &dicom.shape;
                let bytes_per_sample = match shape.bits_allocated {
                    0..=8 => 1,
                    9..=16 => 2,
                    _ => 4,
                };
                let (mut low, mut high) = (i64::MAX, i64::MIN);
                let mut data = Vec::new();
                frames::values(&dicom.unpack(place)?, shape, |value| {
                    (low, high) = (low.min(value), high.max(value));
                    data.extend_from_slice(&value.to_le_bytes()[..bytes_per_sample]);
                })?;
                Ok(NativeFrame {
                    rows: shape.rows,
                    cols: shape.cols,
                    samples: shape.samples,
                    bytes_per_sample,
                    signed: shape.signed,
                    data,
                    range: (low, high),
                })
            }),
        }
    }

    /// The overlay planes of the file: drawings and regions that may be laid over the picture.
    #[must_use]
    pub fn overlays(&self) -> &[Overlay] {
        match &self.source {
            Source::Dicom(dicom) => &dicom.overlays,
            Source::Picture(_) => &[],
        }
    }

    /// The bits of one of [`Opened::overlays`] over frame `index`: a byte to a bit, 0 or 1, row by
    /// row; `None` where that frame has none, or its pixels are compressed so that bits beside them
    /// were lost.
    ///
    /// # Errors
    /// As [`Opened::frame`].
    pub fn overlay(&self, overlay: &Overlay, index: u32) -> Result<Option<Plane>> {
        let Source::Dicom(dicom) = &self.source else { return Ok(None) };
        let missing = ReadError::NoSuchFrame { frame: index, frames: self.meta.frames };
        if index >= self.meta.frames {
            return Err(missing);
        }
        let place = usize::try_from(index).map_err(|_| missing)?;
        guarded(|| match overlay.bit_in_pixels() {
            None => overlay.own_plane(place),
            Some(bit) => {
                let unpacked = dicom.unpack(place)?;
                let plain = unpacked.precision.is_none() && dicom.shape.samples == 1;
                Ok(plain.then(|| frames::bit(&unpacked, bit)))
            }
        })
    }
}

/// A frame as [`render`] gives it with its overlay planes drawn in white on top, as they look in
/// other viewers: for the eye, never for a network.
///
/// # Errors
/// As [`Opened::frame`].
pub fn render_with_overlays(opened: &Opened, frame: u32) -> Result<DynamicImage> {
    let mut picture = render(opened, frame)?;
    for overlay in opened.overlays() {
        let Some(plane) = opened.overlay(overlay, frame)? else { continue };
        let cols = usize::try_from(overlay.cols).unwrap_or(1).max(1);
        for (y, line) in plane.chunks_exact(cols).enumerate() {
            for (x, _) in line.iter().enumerate().filter(|(_, bit)| **bit == 1) {
                let place = |at: usize, origin: i32| {
                    u32::try_from(i64::try_from(at).ok()? + i64::from(origin)).ok()
                };
                let (Some(x), Some(y)) = (place(x, overlay.origin.1), place(y, overlay.origin.0))
                else {
                    continue;
                };
                match &mut picture {
                    DynamicImage::ImageLuma8(grey) => {
                        if let Some(pixel) = grey.get_pixel_mut_checked(x, y) {
                            pixel.0 = [255];
                        }
                    }
                    DynamicImage::ImageRgb8(rgb) => {
                        if let Some(pixel) = rgb.get_pixel_mut_checked(x, y) {
                            pixel.0 = [255; 3];
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(picture)
}

/// What a network sees of a frame, before it is resized: modality LUT, then the header's first VOI
/// table, first window or else percentiles 0.5 to 99.5, then the inversion of MONOCHROME1, then 8 bits. Colour
/// becomes its luma (Rec. 709) here and stays colour in [`rgb8_for_network`]. An 8-bit greyscale PNG,
/// JPEG, TIFF, BMP or WebP passes unchanged.
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

/// As [`grey8_for_network`] for networks that see colour: grey becomes three equal channels.
///
/// # Errors
/// As [`grey8_for_network`].
pub fn rgb8_for_network(opened: &Opened, frame: u32) -> Result<RgbImage> {
    if opened.meta.presentation_intent_for_processing {
        return Err(ReadError::ForProcessing);
    }
    Ok(render(opened, frame)?.into_rgb8())
}

/// A frame as it first stands on the screen: `ImageLuma8` or, for colour, `ImageRgb8`. The same
/// steps as [`grey8_for_network`] without the loss of colour.
///
/// # Errors
/// As [`Opened::frame`].
pub fn render(opened: &Opened, frame: u32) -> Result<DynamicImage> {
    let pixels = opened.frame(frame)?;
    let meta = &*opened.frame_meta(frame);
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
        window::grey8(&pixels, meta, &window::first_tone(&pixels, meta))
    };
    GrayImage::from_raw(pixels.cols, pixels.rows, grey)
        .map(DynamicImage::ImageLuma8)
        .ok_or_else(size_lost)
}

/// The whole file, if it is one and within the limit.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>> {
    collection::read_limited(path, MAX_FILE_BYTES)
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
