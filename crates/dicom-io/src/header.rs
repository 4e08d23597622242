//! From the data set before the pixels to [`ImageMeta`] and the shape of the stored pixels.

use crate::error::{ReadError, Result};
use crate::scan::Layout;
use crate::syntax::{Encoding, Packing};
use crate::{MAX_FRAMES, MAX_PIXEL_BYTES, MAX_SIDE};
use chrono::NaiveDate;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use imaging::pixels::{
    HeaderPatient, ImageMeta, Orientation, Photometric, PixelSpacing, SourceFormat, SpacingSource,
    VoiFunction, Window,
};

/// Colour as it stands in the file, before conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Colour {
    Mono,
    Palette(Palette),
    Rgb,
    YbrFull,
    /// Two luminances share one pair of chrominances, in native pixels only.
    YbrFull422,
}

/// Three tables of 8-bit light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Palette {
    /// Stored value that the first entry belongs to; lower ones take it too.
    pub first: i32,
    /// Red, green and blue, equally long and not empty.
    pub tables: [Vec<u8>; 3],
}

/// The shape of the stored pixels, every number within its limit.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub rows: usize,
    pub cols: usize,
    pub frames: usize,
    /// 1 or 3.
    pub samples: usize,
    /// 1, 8 or 16.
    pub bits_allocated: u32,
    pub bits_stored: u32,
    /// Position of the lowest meaningful bit in an allocated sample.
    pub shift: u32,
    pub signed: bool,
    /// All reds, then all greens, then all blues.
    pub planar: bool,
    pub colour: Colour,
}

impl Shape {
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

pub(crate) fn read(object: &InMemDicomObject, layout: &Layout) -> Result<(ImageMeta, Shape)> {
    let shape = shape(object, layout)?;
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
    meta.bits_stored = if mono { u8::try_from(shape.bits_stored).unwrap_or(16) } else { 8 };
    meta.signed = mono && shape.signed;
    meta.transfer_syntax = Some(layout.syntax.name.clone());
    meta.photometric_in_header = text(object, tags::PHOTOMETRIC_INTERPRETATION);

    let groups = functional_groups(object);
    let find = |tag: Tag| groups.iter().copied().find(|group| group.get(tag).is_some());
    if mono {
        let rescale = find(tags::RESCALE_SLOPE);
        let number = |tag| rescale.and_then(|group| numbers(group, tag).first().copied());
        // A slope of zero would erase the picture; it only occurs as an unfilled field.
        meta.slope = number(tags::RESCALE_SLOPE).filter(|slope| *slope != 0.0).unwrap_or(1.0);
        meta.intercept = number(tags::RESCALE_INTERCEPT).unwrap_or(0.0);
        meta.rescale_unit = rescale.and_then(|group| text(group, tags::RESCALE_TYPE));
        if let Some(group) = find(tags::WINDOW_CENTER) {
            meta.windows = windows(group);
            meta.voi_function = match text(group, tags::VOILUT_FUNCTION).as_deref() {
                Some("LINEAR_EXACT") => VoiFunction::LinearExact,
                Some("SIGMOID") => VoiFunction::Sigmoid,
                _ => VoiFunction::Linear,
            };
        }
        meta.padding = padding(object, shape.signed);
    }
    meta.pixel_spacing = [
        (tags::PIXEL_SPACING, SpacingSource::PixelSpacing),
        (tags::IMAGER_PIXEL_SPACING, SpacingSource::ImagerPixelSpacing),
    ]
    .into_iter()
    .find_map(|(tag, source)| {
        let [row_mm, col_mm] = *numbers(find(tag)?, tag) else { return None };
        (row_mm > 0.0 && col_mm > 0.0).then_some(PixelSpacing { row_mm, col_mm, source })
    });
    meta.orientation = orientation(object).or_else(|| {
        let cosines =
            numbers(find(tags::IMAGE_ORIENTATION_PATIENT)?, tags::IMAGE_ORIENTATION_PATIENT);
        Orientation::from_cosines(&cosines)
    });
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
    Ok((meta, shape))
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
        return Err(ReadError::broken("its picture has no size"));
    }
    if rows > MAX_SIDE.into() || cols > MAX_SIDE.into() {
        return Err(ReadError::TooLarge { what: format!("{cols} x {rows} pixels") });
    }
    if frames > MAX_FRAMES.into() {
        return Err(ReadError::TooLarge { what: format!("{frames} frames") });
    }
    if !matches!(bits_allocated, 1 | 8 | 16) {
        return Err(ReadError::pixels(format!("{bits_allocated} bits per sample")));
    }
    if !matches!(samples, 1 | 3) {
        return Err(ReadError::pixels(format!("{samples} samples per pixel")));
    }
    if bits_stored < 1 || bits_stored > bits_allocated {
        return Err(ReadError::broken("more bits stored than allocated"));
    }
    let bytes = rows
        .checked_mul(cols)
        .and_then(|n| n.checked_mul(samples))
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
    let jpeg = layout.syntax.packing == Packing::Jpeg;
    let colour = match (photometric.as_str(), samples) {
        // Files without the word are read as the standard's most common case.
        ("MONOCHROME1" | "MONOCHROME2" | "", 1) => Colour::Mono,
        ("PALETTE COLOR", 1) => Colour::Palette(palette(object, signed)?),
        ("RGB", 3) => Colour::Rgb,
        ("YBR_FULL", 3) => Colour::YbrFull,
        ("YBR_FULL_422", 3) if jpeg => Colour::YbrFull,
        ("YBR_FULL_422", 3)
            if layout.syntax.packing == Packing::Native && cols % 2 == 0 && bits_allocated == 8 =>
        {
            Colour::YbrFull422
        }
        (_, 3) if jpeg => Colour::YbrFull,
        _ => {
            let word: String = photometric.chars().take(24).collect();
            return Err(ReadError::pixels(format!("{word} with {samples} samples")));
        }
    };
    if samples == 3 && bits_allocated == 1 {
        return Err(ReadError::pixels("colour of one bit"));
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

fn palette(object: &InMemDicomObject, signed: bool) -> Result<Palette> {
    if object.get(tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA).is_some() {
        return Err(ReadError::pixels("a segmented palette"));
    }
    let channels = [
        (
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        ),
        (
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        ),
        (
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        ),
    ];
    let missing = || ReadError::broken("its palette is missing");
    let mut tables: [Vec<u8>; 3] = Default::default();
    let mut first = 0;
    for (table, (descriptor_tag, data_tag)) in tables.iter_mut().zip(channels) {
        let descriptor: Vec<i64> = object
            .get(descriptor_tag)
            .and_then(|element| element.to_multi_int().ok())
            .ok_or_else(missing)?;
        let [entries, first_mapped, bits] = *descriptor else { return Err(missing()) };
        // 65536 does not fit the field and is written as 0; a signed field turns large ones over.
        let entries = match entries & 0xFFFF {
            0 => 65_536,
            entries => usize::try_from(entries).map_err(|_| missing())?,
        };
        let first_mapped = first_mapped & 0xFFFF;
        first = i32::try_from(first_mapped).map_err(|_| missing())?;
        if signed && first > 32_767 {
            first -= 65_536;
        }
        let words = words(object, data_tag).ok_or_else(missing)?;
        *table = lut_to_8_bit(&words, entries, bits).ok_or_else(missing)?;
    }
    Ok(Palette { first, tables })
}

/// 16-bit words of a table, whatever VR it was written under.
fn words(object: &InMemDicomObject, tag: Tag) -> Option<Vec<u16>> {
    use dicom_core::value::PrimitiveValue;
    let value = object.get(tag)?.value().primitive()?;
    Some(match value {
        PrimitiveValue::U16(words) => words.to_vec(),
        other => other
            .to_bytes()
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect(),
    })
}

fn lut_to_8_bit(words: &[u16], entries: usize, bits: i64) -> Option<Vec<u8>> {
    if words.len() >= entries {
        let words = &words[..entries];
        // Descriptors overstate the depth now and then: the table's own maximum decides.
        let deep = bits > 8 && words.iter().any(|word| *word > 255);
        let shade = |word: &u16| {
            let [low, high] = word.to_le_bytes();
            if deep { high } else { low }
        };
        return Some(words.iter().map(shade).collect());
    }
    // Two 8-bit entries to a word.
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).take(entries).collect();
    (bytes.len() == entries || bytes.len() + 1 == entries).then_some(bytes)
}

/// The data set itself, then the shared functional groups, then those of the first frame: where an
/// enhanced object keeps what older ones have at the top.
fn functional_groups(object: &InMemDicomObject) -> Vec<&InMemDicomObject> {
    let mut found = vec![object];
    for tag in [tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE]
    {
        let Some(group) = first_item(object, tag) else { continue };
        for inner in [
            tags::PIXEL_MEASURES_SEQUENCE,
            tags::PLANE_ORIENTATION_SEQUENCE,
            tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
            tags::FRAME_VOILUT_SEQUENCE,
        ] {
            found.extend(first_item(group, inner));
        }
    }
    found
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

fn whole(object: &InMemDicomObject, tag: Tag) -> Option<i64> {
    object.get(tag)?.to_int().ok()
}

/// All values of an element as finite numbers; empty when one of them is none.
fn numbers(object: &InMemDicomObject, tag: Tag) -> Vec<f64> {
    object
        .get(tag)
        .and_then(|element| element.to_multi_float64().ok())
        .filter(|numbers| numbers.iter().all(|number| number.is_finite()))
        .unwrap_or_default()
}

/// `YYYYMMDD`, or the `YYYY.MM.DD` of files from before 1993.
fn date(object: &InMemDicomObject, tag: Tag) -> Option<NaiveDate> {
    let digits: String = text(object, tag)?.chars().filter(char::is_ascii_digit).collect();
    NaiveDate::parse_from_str(digits.get(..8)?, "%Y%m%d").ok()
}

pub(crate) fn big_endian(layout: &Layout) -> bool {
    layout.syntax.encoding == Encoding::ExplicitBig
}
