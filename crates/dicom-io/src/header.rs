//! From the data set before the pixels to [`ImageMeta`] and the shape of the stored pixels.

use crate::codec::{Codec, Expected};
use crate::error::{NO_SIZE, ReadError, Result};
use crate::luts::{self, Palette};
use crate::scan::Layout;
use crate::syntax::{Encoding, Packing};
use crate::{MAX_FRAME_SAMPLES, MAX_FRAMES, MAX_PIXEL_BYTES, MAX_SIDE};
use chrono::NaiveDate;
use dicom_core::{PrimitiveValue, Tag};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use imaging::pixels::{
    HeaderPatient, ImageMeta, Lut, Orientation, Photometric, PixelSpacing, PlayRate, RateSource,
    SlicePlace, SourceFormat, SpacingSource, VoiFunction, Window,
};
use std::sync::Arc;

/// Colour as it stands in the file, before conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Colour {
    Mono,
    Palette(Palette),
    Rgb,
    YbrFull,
    /// Video levels: luminance from 16 to 235 (retired, still met in old ultrasound).
    YbrPartial,
    /// Two luminances share one pair of chrominances, in native pixels only.
    YbrFull422,
}

/// The shape of the stored pixels, every number within its limit.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub rows: usize,
    pub cols: usize,
    pub frames: usize,
    /// 1 or 3.
    pub samples: usize,
    /// 1, 8, 16, 24 or 32.
    pub bits_allocated: u32,
    pub bits_stored: u32,
    /// Position of the lowest meaningful bit in an allocated sample.
    pub shift: u32,
    pub signed: bool,
    /// All reds, then all greens, then all blues.
    pub planar: bool,
    pub colour: Colour,
    /// A table between the stored values and the modality's own, for monochrome.
    pub table: Option<Lut>,
    pub narrow: Option<Narrow>,
}

/// How values of more than 16 bits are brought into a frame of 16: `(value - base) >> shift`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Narrow {
    pub base: i64,
    pub shift: u32,
}

impl Narrow {
    /// The finest that holds all values from `low` to `high`.
    pub(crate) fn fitting(low: i64, high: i64) -> Self {
        let span = u64::try_from(high - low).unwrap_or(0);
        Self { base: low, shift: (64 - span.leading_zeros()).saturating_sub(16) }
    }
}

impl Shape {
    /// What a compressed frame has to turn out to be.
    pub(crate) fn expected(&self) -> Expected {
        Expected {
            rows: self.rows,
            cols: self.cols,
            samples: self.samples,
            bits_allocated: self.bits_allocated,
            rgb: self.colour == Colour::Rgb,
            signed: self.signed,
        }
    }

    pub(crate) fn pixels(&self) -> usize {
        self.rows * self.cols
    }
}

/// Parses the data set without its pixels.
pub(crate) fn parse(bytes: &[u8], layout: &Layout) -> Result<InMemDicomObject> {
    let dataset = layout.clean_dataset(bytes);
    InMemDicomObject::read_dataset_with_ts(dataset.as_ref(), &layout.syntax.library()).map_err(
        |error| {
            // The library's own words may quote values, so they go no further than this.
            tracing::debug!(%error, "header refused");
            ReadError::broken("its header cannot be read")
        },
    )
}

/// What a data set says about its pixels.
pub(crate) struct Read {
    /// As it is for the first frame.
    pub meta: ImageMeta,
    pub shape: Shape,
    /// One for each frame where frames have groups of their own, else none.
    pub frames: Vec<FrameRules>,
}

/// What may differ from frame to frame.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FrameRules {
    pub slope: f64,
    pub intercept: f64,
    rescale_unit: Option<String>,
    windows: Vec<Window>,
    voi_function: VoiFunction,
    voi_tables: Vec<Arc<Lut>>,
    pixel_spacing: Option<PixelSpacing>,
    orientation: Option<Orientation>,
    place: Option<SlicePlace>,
}

impl FrameRules {
    /// From the places where it may stand, the nearest to the frame first.
    fn of(groups: &[&InMemDicomObject], mono: bool, signed: bool) -> Self {
        let find = |tag: Tag| groups.iter().copied().find(|group| group.get(tag).is_some());
        let mut rules = Self {
            slope: 1.0,
            intercept: 0.0,
            rescale_unit: None,
            windows: Vec::new(),
            voi_function: VoiFunction::Linear,
            voi_tables: Vec::new(),
            pixel_spacing: None,
            orientation: None,
            place: None,
        };
        if mono {
            let rescale = find(tags::RESCALE_SLOPE);
            let number = |tag| rescale.and_then(|group| numbers(group, tag).first().copied());
            // A slope of zero would erase the picture; it only occurs as an unfilled field.
            rules.slope = number(tags::RESCALE_SLOPE).filter(|slope| *slope != 0.0).unwrap_or(1.0);
            rules.intercept = number(tags::RESCALE_INTERCEPT).unwrap_or(0.0);
            rules.rescale_unit = rescale.and_then(|group| text(group, tags::RESCALE_TYPE));
            if let Some(group) = find(tags::WINDOW_CENTER) {
                rules.windows = windows(group);
                rules.voi_function = match text(group, tags::VOILUT_FUNCTION).as_deref() {
                    Some("LINEAR_EXACT") => VoiFunction::LinearExact,
                    Some("SIGMOID") => VoiFunction::Sigmoid,
                    _ => VoiFunction::Linear,
                };
            }
            if let Some(group) = find(tags::VOILUT_SEQUENCE) {
                // The table's inputs are modality values, below zero where those can be.
                let signed = signed || rules.intercept < 0.0;
                let tables = luts::sequence(group, tags::VOILUT_SEQUENCE, signed);
                rules.voi_tables = tables.into_iter().map(Arc::new).collect();
            }
        }
        rules.pixel_spacing = [
            (tags::PIXEL_SPACING, SpacingSource::PixelSpacing),
            (tags::IMAGER_PIXEL_SPACING, SpacingSource::ImagerPixelSpacing),
        ]
        .into_iter()
        .find_map(|(tag, source)| {
            let [row_mm, col_mm] = *numbers(find(tag)?, tag) else { return None };
            (row_mm > 0.0 && col_mm > 0.0).then_some(PixelSpacing { row_mm, col_mm, source })
        });
        rules.orientation = find(tags::IMAGE_ORIENTATION_PATIENT).and_then(|group| {
            Orientation::from_cosines(&numbers(group, tags::IMAGE_ORIENTATION_PATIENT))
        });
        let of = |tag| find(tag).map(|group| numbers(group, tag)).unwrap_or_default();
        rules.place = SlicePlace::new(
            &of(tags::IMAGE_POSITION_PATIENT),
            &of(tags::IMAGE_ORIENTATION_PATIENT),
        );
        rules
    }

    pub(crate) fn apply(&self, meta: &mut ImageMeta) {
        let this = self.clone();
        (meta.slope, meta.intercept) = (this.slope, this.intercept);
        meta.rescale_unit = this.rescale_unit;
        meta.windows = this.windows;
        meta.voi_function = this.voi_function;
        meta.voi_tables = this.voi_tables;
        meta.pixel_spacing = this.pixel_spacing;
        meta.orientation = this.orientation;
    }
}

pub(crate) fn read(object: &InMemDicomObject, layout: &Layout) -> Result<Read> {
    let mut shape = shape(object, layout)?;
    let photometric = match shape.colour {
        Colour::Mono
            if text(object, tags::PHOTOMETRIC_INTERPRETATION).as_deref() == Some("MONOCHROME1") =>
        {
            Photometric::Mono1
        }
        Colour::Mono => Photometric::Mono2,
        _ => Photometric::Rgb,
    };
    let mono = photometric != Photometric::Rgb;
    // Limits above keep these conversions exact.
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut meta =
        ImageMeta::plain(SourceFormat::Dicom, small(shape.rows), small(shape.cols), photometric);
    meta.frames = small(shape.frames);
    meta.bits_stored = if mono { u8::try_from(shape.bits_stored).unwrap_or(16).min(16) } else { 8 };
    meta.signed = mono && shape.signed && shape.bits_stored <= 16;
    meta.transfer_syntax = Some(layout.syntax.name.clone());
    meta.photometric_in_header = text(object, tags::PHOTOMETRIC_INTERPRETATION);

    let wide = shape.bits_stored > 16;
    if mono && !wide {
        shape.table = luts::sequence(object, tags::MODALITY_LUT_SEQUENCE, shape.signed)
            .into_iter()
            .next()
            .filter(|table| table.values.len() > 1);
    }
    let frames: Vec<FrameRules> =
        if object.get(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).is_some() && shape.frames > 1 {
            (0..shape.frames)
                .map(|frame| FrameRules::of(&functional_groups(object, frame), mono, shape.signed))
                .collect()
        } else {
            Vec::new()
        };
    let first = match frames.first() {
        Some(rules) => rules.clone(),
        None => FrameRules::of(&functional_groups(object, 0), mono, shape.signed),
    };
    first.apply(&mut meta);
    // One place for several frames is the place of none of them.
    let places: Vec<_> = match frames.as_slice() {
        [] if shape.frames == 1 => first.place.into_iter().collect(),
        [] => Vec::new(),
        all => all.iter().map_while(|rules| rules.place).collect(),
    };
    meta.places = if places.len() == shape.frames { places } else { Vec::new() };
    meta.frame_of_reference = text(object, tags::FRAME_OF_REFERENCE_UID);
    meta.play = play_rate(object, shape.frames);
    // The direction letters of a projection come before cosines, which it should not have.
    meta.orientation = orientation(object).or(meta.orientation);
    if mono {
        meta.padding = padding(object, shape.signed);
    }
    if let Some(table) = &shape.table {
        // What leaves the reader are the table's outputs: the modality's own values.
        meta.bits_stored = table.bits;
        meta.signed = false;
        (meta.slope, meta.intercept) = (1.0, 0.0);
        meta.padding = None;
        meta.rescale_unit = first_item(object, tags::MODALITY_LUT_SEQUENCE)
            .and_then(|item| text(item, tags::MODALITY_LUT_TYPE));
    }
    meta.modality = text(object, tags::MODALITY);
    meta.body_part = text(object, tags::BODY_PART_EXAMINED);
    meta.view = text(object, tags::VIEW_POSITION);
    meta.laterality =
        text(object, tags::IMAGE_LATERALITY).or_else(|| text(object, tags::LATERALITY));
    meta.patient = HeaderPatient {
        name: text(object, tags::PATIENT_NAME),
        id: text(object, tags::PATIENT_ID),
        sex: text(object, tags::PATIENT_SEX),
        birth_date: date(object, tags::PATIENT_BIRTH_DATE),
        age: text(object, tags::PATIENT_AGE),
    };
    meta.study_uid = text(object, tags::STUDY_INSTANCE_UID);
    meta.series_uid = text(object, tags::SERIES_INSTANCE_UID);
    meta.sop_uid = text(object, tags::SOP_INSTANCE_UID);
    meta.sop_class_uid = text(object, tags::SOP_CLASS_UID);
    meta.study_date = date(object, tags::STUDY_DATE);
    meta.accession_number = text(object, tags::ACCESSION_NUMBER);
    meta.study_description = text(object, tags::STUDY_DESCRIPTION);
    meta.presentation_intent_for_processing =
        text(object, tags::PRESENTATION_INTENT_TYPE).as_deref() == Some("FOR PROCESSING");
    meta.burned_in = text(object, tags::BURNED_IN_ANNOTATION).as_deref() == Some("YES");
    Ok(Read { meta, shape, frames })
}

fn shape(object: &InMemDicomObject, layout: &Layout) -> Result<Shape> {
    let need = |tag, what: &str| {
        whole(object, tag).ok_or_else(|| ReadError::broken(format!("it has no {what}")))
    };
    let rows = need(tags::ROWS, "number of rows")?;
    let cols = need(tags::COLUMNS, "number of columns")?;
    let frames = match object.get(tags::NUMBER_OF_FRAMES) {
        None => 1,
        Some(_) if text(object, tags::NUMBER_OF_FRAMES).is_none() => 1,
        Some(_) => need(tags::NUMBER_OF_FRAMES, "readable number of frames")?,
    };
    let samples = whole(object, tags::SAMPLES_PER_PIXEL).unwrap_or(1);
    let bits_allocated = need(tags::BITS_ALLOCATED, "bits allocated")?;
    let bits_stored = whole(object, tags::BITS_STORED).unwrap_or(bits_allocated);
    if rows <= 0 || cols <= 0 || frames <= 0 {
        return Err(ReadError::broken(NO_SIZE));
    }
    if rows > MAX_SIDE.into() || cols > MAX_SIDE.into() {
        return Err(ReadError::TooLarge { what: format!("{cols} x {rows} pixels") });
    }
    if frames > MAX_FRAMES.into() {
        return Err(ReadError::TooLarge { what: format!("{frames} frames") });
    }
    if !matches!(bits_allocated, 1 | 8 | 16 | 24 | 32) {
        return Err(ReadError::pixels(format!("{bits_allocated} bits per sample")));
    }
    if !matches!(samples, 1 | 3) {
        return Err(ReadError::pixels(format!("{samples} samples per pixel")));
    }
    if bits_stored < 1 || bits_stored > bits_allocated {
        return Err(ReadError::broken("more bits stored than allocated"));
    }
    let frame_samples = rows * cols * samples;
    if frame_samples > MAX_FRAME_SAMPLES {
        return Err(ReadError::TooLarge { what: format!("{cols} x {rows} pixels") });
    }
    let bytes = Some(frame_samples)
        .and_then(|n| n.checked_mul(bits_allocated.div_ceil_bytes()))
        .and_then(|n| n.checked_mul(frames));
    if bytes.is_none_or(|bytes| bytes > MAX_PIXEL_BYTES) {
        return Err(ReadError::TooLarge { what: format!("{frames} x {cols} x {rows} pixels") });
    }
    // A high bit that contradicts the bits stored is ignored: the values then start at bit 0.
    let high_bit = whole(object, tags::HIGH_BIT).unwrap_or(bits_stored - 1);
    let shift = if (bits_stored - 1..bits_allocated).contains(&high_bit) {
        high_bit + 1 - bits_stored
    } else {
        0
    };
    let signed = whole(object, tags::PIXEL_REPRESENTATION) == Some(1) && bits_allocated > 1;
    let photometric = text(object, tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_default();
    let coded = matches!(layout.syntax.packing, Packing::Coded(_));
    let in_jpeg = matches!(
        layout.syntax.packing,
        Packing::Coded(Codec::Jpeg | Codec::Jpeg2000 | Codec::JpegLs)
    );
    let colour = match (photometric.as_str(), samples) {
        // Files without the word are read as the standard's most common case.
        ("MONOCHROME1" | "MONOCHROME2" | "", 1) => Colour::Mono,
        ("PALETTE COLOR", 1) => Colour::Palette(luts::palette(object, signed)?),
        // JPEG 2000 turns its own colours back; where it did not have to, they are RGB.
        ("RGB", 3) | ("YBR_RCT" | "YBR_ICT", 3) => Colour::Rgb,
        ("YBR_FULL", 3) => Colour::YbrFull,
        ("YBR_FULL_422", 3) if coded => Colour::YbrFull,
        ("YBR_PARTIAL_422" | "YBR_PARTIAL_420", 3) if coded => Colour::YbrPartial,
        ("YBR_FULL_422", 3)
            if layout.syntax.packing == Packing::Native && cols % 2 == 0 && bits_allocated == 8 =>
        {
            Colour::YbrFull422
        }
        (_, 3) if in_jpeg => Colour::YbrFull,
        _ => {
            let word: String = photometric.chars().take(24).collect();
            return Err(ReadError::pixels(format!("{word} with {samples} samples")));
        }
    };
    if samples == 3 && bits_allocated == 1 {
        return Err(ReadError::pixels("colour of one bit"));
    }
    if matches!(colour, Colour::Palette(_)) && bits_stored > 16 {
        return Err(ReadError::pixels("a palette of more than 16 bits"));
    }
    // Every number was bounded above, so none of these can be negative or too large.
    let size = |n: i64| usize::try_from(n).unwrap_or(0);
    let bits = |n: i64| u32::try_from(n).unwrap_or(0);
    Ok(Shape {
        rows: size(rows),
        cols: size(cols),
        frames: size(frames),
        samples: size(samples),
        bits_allocated: bits(bits_allocated),
        bits_stored: bits(bits_stored),
        shift: bits(shift),
        signed,
        planar: samples == 3 && whole(object, tags::PLANAR_CONFIGURATION) == Some(1),
        colour,
        table: None,
        narrow: None,
    })
}

trait BitsToBytes {
    fn div_ceil_bytes(self) -> Self;
}
impl BitsToBytes for i64 {
    fn div_ceil_bytes(self) -> Self {
        (self + 7) / 8
    }
}

/// Where an enhanced object keeps what older ones have at the top: the groups of the frame, then
/// those that all frames share, then the data set itself.
fn functional_groups(object: &InMemDicomObject, frame: usize) -> Vec<&InMemDicomObject> {
    let mut found = Vec::new();
    let items = |tag| object.get(tag).and_then(|element| element.items()).unwrap_or_default();
    let own = items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).get(frame);
    let shared = items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).first();
    for group in own.into_iter().chain(shared) {
        for inner in [
            tags::PIXEL_MEASURES_SEQUENCE,
            tags::PLANE_ORIENTATION_SEQUENCE,
            tags::PLANE_POSITION_SEQUENCE,
            tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
            tags::FRAME_VOILUT_SEQUENCE,
        ] {
            found.extend(first_item(group, inner));
        }
    }
    found.push(object);
    found
}

/// What the cine attributes say together (PS3.3 C.7.6.5): the recommendation first, which was made for
/// showing; then the rate; then the times of acquisition, of which the Frame Increment Pointer names
/// the one that counts. A field that cannot be a rate is passed over.
fn play_rate(object: &InMemDicomObject, frames: usize) -> Option<PlayRate> {
    if frames < 2 {
        return None;
    }
    let even = |fps: f64, source| {
        PlayRate::USABLE.contains(&fps).then_some(PlayRate { fps, source, waits_ms: Vec::new() })
    };
    let first = |tag| numbers(object, tag).first().copied();
    let rate = |tag, source| even(first(tag)?, source);
    let time = || even(1_000.0 / first(tags::FRAME_TIME)?, RateSource::FrameTime);
    let times = || {
        // The first entry stands before the first frame and is always 0.
        let waits_ms = numbers(object, tags::FRAME_TIME_VECTOR).get(1..)?.to_vec();
        let fits = waits_ms.len() + 1 == frames && waits_ms.iter().all(|ms| *ms > 0.0);
        #[expect(clippy::cast_precision_loss, reason = "at most as many as there are frames")]
        let mean = waits_ms.iter().sum::<f64>() / waits_ms.len() as f64;
        let rate = even(1_000.0 / mean, RateSource::FrameTimeVector)?;
        fits.then_some(PlayRate { waits_ms, ..rate })
    };
    rate(tags::RECOMMENDED_DISPLAY_FRAME_RATE, RateSource::RecommendedDisplayFrameRate)
        .or_else(|| rate(tags::CINE_RATE, RateSource::CineRate))
        .or_else(|| if by_vector(object) { times() } else { None })
        .or_else(time)
        .or_else(times)
}

/// Whether the frames follow each other by the Frame Time Vector.
fn by_vector(object: &InMemDicomObject) -> bool {
    let pointer = object.get(tags::FRAME_INCREMENT_POINTER);
    let pointer = pointer.and_then(|element| element.value().primitive());
    matches!(pointer, Some(PrimitiveValue::Tags(of)) if of.contains(&tags::FRAME_TIME_VECTOR))
}

fn first_item(object: &InMemDicomObject, tag: Tag) -> Option<&InMemDicomObject> {
    object.get(tag)?.items()?.first()
}

fn windows(group: &InMemDicomObject) -> Vec<Window> {
    let centers = numbers(group, tags::WINDOW_CENTER);
    let widths = numbers(group, tags::WINDOW_WIDTH);
    let names = text(group, tags::WINDOW_CENTER_WIDTH_EXPLANATION).unwrap_or_default();
    let mut names = names.split('\\').map(str::trim);
    centers
        .into_iter()
        .zip(widths)
        .map(|(center, width)| Window {
            center,
            width,
            name: names.next().filter(|name| !name.is_empty()).map(str::to_owned),
        })
        .collect()
}

fn padding(object: &InMemDicomObject, signed: bool) -> Option<(i32, i32)> {
    // The field may be read as unsigned although the pixels are signed.
    let value = |tag| {
        let raw = whole(object, tag)?;
        let raw = if signed && raw > 32_767 { raw - 65_536 } else { raw };
        i32::try_from(raw).ok()
    };
    let first = value(tags::PIXEL_PADDING_VALUE)?;
    let last = value(tags::PIXEL_PADDING_RANGE_LIMIT).unwrap_or(first);
    Some((first.min(last), first.max(last)))
}

fn orientation(object: &InMemDicomObject) -> Option<Orientation> {
    let written = text(object, tags::PATIENT_ORIENTATION)?;
    let (row, column) = written.split_once('\\')?;
    let clean = |label: &str| {
        let label = label.trim().to_owned();
        let known = label.chars().all(|c| "LRAPHF".contains(c));
        (known && !label.is_empty()).then_some(label)
    };
    Some(Orientation { row: clean(row)?, column: clean(column)? })
}

/// Text of an element, trimmed; `None` when missing or empty. Several values keep their `\`.
pub(crate) fn text(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    let value = object.get(tag)?.value().primitive()?.to_str();
    let value = value.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    (!value.is_empty()).then(|| value.to_owned())
}

pub(crate) fn whole(object: &InMemDicomObject, tag: Tag) -> Option<i64> {
    object.get(tag)?.to_int().ok()
}

/// All values of an element as finite numbers; empty when one of them is none.
pub(crate) fn numbers(object: &InMemDicomObject, tag: Tag) -> Vec<f64> {
    object
        .get(tag)
        .and_then(|element| element.to_multi_float64().ok())
        .filter(|numbers| numbers.iter().all(|number| number.is_finite()))
        .unwrap_or_default()
}

/// `YYYYMMDD`, or the `YYYY.MM.DD` of files from before 1993.
pub(crate) fn date(object: &InMemDicomObject, tag: Tag) -> Option<NaiveDate> {
    let digits: String = text(object, tag)?.chars().filter(char::is_ascii_digit).collect();
    NaiveDate::parse_from_str(digits.get(..8)?, "%Y%m%d").ok()
}

pub(crate) fn big_endian(layout: &Layout) -> bool {
    layout.syntax.encoding == Encoding::ExplicitBig
}
