//! What a picture is once it has left its file: its measurements, what its header said about the
//! patient, and the stored sample values. Plain data; reading files belongs to `dicom-io`.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kind of file a picture came from, found by its content and never by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFormat {
    Dicom,
    Png,
    Jpeg,
    Tiff,
    Bmp,
    Webp,
}

/// How stored values turn into light. Palettes and YBR colour are already turned into `Rgb` when a
/// frame leaves the reader; MONOCHROME1 is not inverted there, so that stored values stay true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Photometric {
    /// The lowest value is white.
    Mono1,
    /// The lowest value is black.
    Mono2,
    Rgb,
}

/// One window of the header, in modality units (after slope and intercept).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub center: f64,
    pub width: f64,
    pub name: Option<String>,
}

/// VOI LUT Function, (0028,1056). Absent in a header means `Linear` (PS3.3 C.11.2.1.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiFunction {
    #[default]
    Linear,
    LinearExact,
    Sigmoid,
}

/// A table of the header: one output for each whole input from `first` on. Inputs below and above
/// take the first and the last output (PS3.3 C.11.1.1.1 and C.11.2.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lut {
    /// Input that the first entry belongs to.
    pub first: i32,
    /// Never empty.
    pub values: Vec<u16>,
    /// Meaningful bits of an entry, 8 to 16; the brightest output is `2^bits - 1`.
    pub bits: u8,
    /// LUT Explanation, as written.
    pub name: Option<String>,
}

impl Lut {
    /// Output for an input.
    #[must_use]
    pub fn get(&self, input: i32) -> u16 {
        let place = i64::from(input) - i64::from(self.first);
        let last = self.values.len().saturating_sub(1);
        let place = usize::try_from(place.max(0)).unwrap_or(last).min(last);
        self.values.get(place).copied().unwrap_or(0)
    }

    /// The brightest output there can be.
    #[must_use]
    pub fn top(&self) -> u16 {
        u16::MAX >> 16_u8.saturating_sub(self.bits.clamp(1, 16))
    }
}

/// Where a spacing came from. `ImagerPixelSpacing` is measured at the detector: a length taken with
/// it is larger than the anatomy, so the screen has to say which one it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpacingSource {
    PixelSpacing,
    ImagerPixelSpacing,
}

/// Distance between the centres of neighbouring pixels, in millimetres, both above zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PixelSpacing {
    /// Between one row and the next (downwards).
    pub row_mm: f64,
    /// Between one column and the next (sideways).
    pub col_mm: f64,
    pub source: SpacingSource,
}

/// Patient directions at the right and the bottom edge, as the header's letters (`L`, `F`, `AR` ...).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orientation {
    /// Direction in which a row runs: the letter at the right edge.
    pub row: String,
    /// Direction in which a column runs: the letter at the bottom edge.
    pub column: String,
}

/// The four edge letters of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeLabels {
    pub left: String,
    pub right: String,
    pub top: String,
    pub bottom: String,
}

impl Orientation {
    /// The letters for the four edges; left and top are the opposites of what the header gives.
    #[must_use]
    pub fn edges(&self) -> EdgeLabels {
        EdgeLabels {
            left: opposite(&self.row),
            right: self.row.clone(),
            top: opposite(&self.column),
            bottom: self.column.clone(),
        }
    }

    /// Letters from Image Orientation (Patient): six direction cosines in the patient's system,
    /// where +x is Left, +y Posterior, +z Head (PS3.3 C.7.6.2.1.1). `None` if they say nothing.
    #[must_use]
    pub fn from_cosines(cosines: &[f64]) -> Option<Self> {
        let [rx, ry, rz, cx, cy, cz] = *cosines else { return None };
        let row = letters([rx, ry, rz]);
        let column = letters([cx, cy, cz]);
        (!row.is_empty() && !column.is_empty()).then_some(Self { row, column })
    }
}

fn letters(direction: [f64; 3]) -> String {
    // The strongest axis comes first; a second one is named only when it is more than a tilt.
    let mut axes: Vec<(f64, char)> = direction
        .iter()
        .zip([('L', 'R'), ('P', 'A'), ('H', 'F')])
        .filter(|(v, _)| v.is_finite() && v.abs() > 0.2)
        .map(|(v, (plus, minus))| (v.abs(), if *v > 0.0 { plus } else { minus }))
        .collect();
    axes.sort_by(|a, b| b.0.total_cmp(&a.0));
    axes.into_iter().map(|(_, letter)| letter).collect()
}

fn opposite(label: &str) -> String {
    label
        .chars()
        .map(|c| match c {
            'L' => 'R',
            'R' => 'L',
            'A' => 'P',
            'P' => 'A',
            'H' => 'F',
            'F' => 'H',
            other => other,
        })
        .collect()
}

/// Who the header says this is. Every field may be missing, and a header may be wrong: a person
/// confirms the match before a picture is filed under a patient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderPatient {
    /// As written, with `^` between the name's parts.
    pub name: Option<String>,
    pub id: Option<String>,
    /// `M`, `F`, `O` or whatever was written.
    pub sex: Option<String>,
    pub birth_date: Option<NaiveDate>,
    /// Patient's Age (0010,1010) as written, for example `012Y`.
    pub age: Option<String>,
}

impl HeaderPatient {
    /// Age in whole years on the day of the study, rounded down. A birth date and a study date win
    /// over the written age; `None` when the header gives neither, which callers treat as unknown
    /// and never as an adult or a child.
    #[must_use]
    pub fn age_years(&self, study_date: Option<NaiveDate>) -> Option<u32> {
        if let (Some(born), Some(on)) = (self.birth_date, study_date) {
            let mut years = on.year() - born.year();
            if (on.month(), on.day()) < (born.month(), born.day()) {
                years -= 1;
            }
            if let Ok(years) = u32::try_from(years) {
                return Some(years);
            }
        }
        let text = self.age.as_deref()?.trim();
        let unit = text.chars().last()?;
        let number: u32 = text.get(..text.len() - unit.len_utf8())?.parse().ok()?;
        match unit {
            'Y' => Some(number),
            'M' => Some(number / 12),
            'W' => Some(number / 52),
            'D' => Some(number / 365),
            _ => None,
        }
    }
}

/// Which element a play rate came from (PS3.3 C.7.6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateSource {
    /// (0008,2144): what the maker of the picture wants it shown at.
    RecommendedDisplayFrameRate,
    /// (0018,0040).
    CineRate,
    /// (0018,1063).
    FrameTime,
    /// (0018,1065).
    FrameTimeVector,
}

/// How fast the frames of a file follow each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlayRate {
    /// Frames a second, within [`PlayRate::USABLE`]; the mean where times differ.
    pub fps: f64,
    pub source: RateSource,
    /// Milliseconds from each frame to the next, where the file gives them one by one: one fewer
    /// than there are frames. Else empty.
    pub waits_ms: Vec<f64>,
}

impl PlayRate {
    /// Rates a person could follow. A field outside was not filled in, or filled in wrongly.
    pub const USABLE: std::ops::RangeInclusive<f64> = 0.1..=240.0;
}

/// Where one frame lies in the body: the centre of its first pixel, and the direction in which it is
/// looked at, in millimetres of the frame of reference (PS3.3 C.7.6.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SlicePlace {
    /// Image Position (Patient).
    pub at: [f64; 3],
    /// Across the plane, of length 1: row direction times column direction.
    pub normal: [f64; 3],
}

impl SlicePlace {
    /// From the values of Image Position and Image Orientation (Patient). `None` for what spans no
    /// plane.
    #[must_use]
    pub fn new(position: &[f64], cosines: &[f64]) -> Option<Self> {
        let at: [f64; 3] = position.try_into().ok()?;
        let [rx, ry, rz, cx, cy, cz] = *cosines else { return None };
        let normal = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
        let length = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
        // Directions that are no unit vectors at right angles are no directions.
        (0.9..1.1).contains(&length).then(|| Self { at, normal: normal.map(|x| x / length) })
    }
}

/// Everything known about a picture besides its pixels. The same for all frames of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageMeta {
    pub format: SourceFormat,
    /// Name of the transfer syntax; `None` for pictures that are not DICOM.
    pub transfer_syntax: Option<String>,
    pub rows: u32,
    pub cols: u32,
    /// 1 for monochrome, 3 for colour: samples per pixel of the frames the reader hands out.
    pub samples: u8,
    /// Meaningful bits of a value of a frame: 1 to 16; 8 for colour.
    pub bits_stored: u8,
    /// Stored values are `i16` when true, else `u16`. Always false for colour.
    pub signed: bool,
    pub photometric: Photometric,
    /// The word in the header (`PALETTE COLOR`, `YBR_FULL_422` ...) before any conversion.
    pub photometric_in_header: Option<String>,
    /// modality value = stored value * slope + intercept. 1 and 0 where the header has none.
    pub slope: f64,
    pub intercept: f64,
    /// Unit of the modality value, such as `HU`, where the header says so.
    pub rescale_unit: Option<String>,
    pub windows: Vec<Window>,
    pub voi_function: VoiFunction,
    /// Tables of the VOI LUT Sequence, from modality values to light. Where there is one it is what
    /// the maker of the picture meant, and comes before the windows.
    pub voi_tables: Vec<Arc<Lut>>,
    /// Stored values of more than 16 bits were shifted down by so many bits to fit the frame; slope
    /// and intercept undo it, up to the bits lost. 0 for every other file.
    pub narrowed_by: u8,
    /// Stored values from first to last that are border, not picture: left out of percentiles.
    pub padding: Option<(i32, i32)>,
    pub pixel_spacing: Option<PixelSpacing>,
    pub frames: u32,
    pub orientation: Option<Orientation>,
    /// Of a file with several frames that says how fast they follow each other.
    pub play: Option<PlayRate>,
    /// Two pictures of the same one can be compared in millimetres.
    pub frame_of_reference: Option<String>,
    /// One for each frame, or none at all.
    pub places: Vec<SlicePlace>,
    pub modality: Option<String>,
    pub body_part: Option<String>,
    pub view: Option<String>,
    pub laterality: Option<String>,
    pub patient: HeaderPatient,
    pub study_uid: Option<String>,
    pub series_uid: Option<String>,
    pub sop_uid: Option<String>,
    pub sop_class_uid: Option<String>,
    pub study_date: Option<NaiveDate>,
    pub accession_number: Option<String>,
    pub study_description: Option<String>,
    /// Presentation Intent Type is FOR PROCESSING: raw detector values that look inverted and
    /// logarithmic. Not for reading and never for a network.
    pub presentation_intent_for_processing: bool,
    /// Burned In Annotation is YES: the picture itself may show a name.
    pub burned_in: bool,
}

impl ImageMeta {
    /// A picture of which only the measurements are known.
    #[must_use]
    pub fn plain(format: SourceFormat, rows: u32, cols: u32, photometric: Photometric) -> Self {
        Self {
            format,
            transfer_syntax: None,
            rows,
            cols,
            samples: if photometric == Photometric::Rgb { 3 } else { 1 },
            bits_stored: 8,
            signed: false,
            photometric,
            photometric_in_header: None,
            slope: 1.0,
            intercept: 0.0,
            rescale_unit: None,
            windows: Vec::new(),
            voi_function: VoiFunction::Linear,
            voi_tables: Vec::new(),
            narrowed_by: 0,
            padding: None,
            pixel_spacing: None,
            frames: 1,
            orientation: None,
            play: None,
            frame_of_reference: None,
            places: Vec::new(),
            modality: None,
            body_part: None,
            view: None,
            laterality: None,
            patient: HeaderPatient::default(),
            study_uid: None,
            series_uid: None,
            sop_uid: None,
            sop_class_uid: None,
            study_date: None,
            accession_number: None,
            study_description: None,
            presentation_intent_for_processing: false,
            burned_in: false,
        }
    }
}

/// The samples of one frame, row by row from the top left.
///
/// `samples == 1`: two bytes per pixel, little endian, `i16` if `signed` else `u16`, whatever the
/// file used; a Modality LUT Sequence has been applied, slope and intercept have not. `samples == 3`: red, green, blue, one byte each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PixelFrame {
    pub rows: u32,
    pub cols: u32,
    pub samples: u8,
    pub signed: bool,
    pub stored: Vec<u8>,
}

impl PixelFrame {
    /// Stored values of a monochrome frame; empty for a colour one.
    pub fn values(&self) -> impl Iterator<Item = i32> + '_ {
        let bytes = if self.samples == 1 { self.stored.as_slice() } else { &[] };
        let signed = self.signed;
        bytes.chunks_exact(2).map(move |pair| {
            let raw = u16::from_le_bytes([pair[0], pair[1]]);
            if signed { i32::from(raw.cast_signed()) } else { i32::from(raw) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(y, m, d)
    }

    #[test]
    fn a_table_clamps_at_both_ends() {
        let table = Lut { first: -2, values: vec![5, 6, 900], bits: 10, name: None };
        let inputs = [i32::MIN, -3, -2, -1, 0, 1, i32::MAX];
        assert_eq!(inputs.map(|input| table.get(input)), [5, 5, 5, 6, 900, 900, 900]);
        assert_eq!(table.top(), 1023);
        assert_eq!(Lut { bits: 16, ..table }.top(), u16::MAX);
    }

    #[test]
    fn age_counts_the_birthday_only_when_it_has_come() {
        let patient = HeaderPatient { birth_date: day(2010, 6, 2), ..HeaderPatient::default() };
        assert_eq!(patient.age_years(day(2026, 6, 1)), Some(15));
        assert_eq!(patient.age_years(day(2026, 6, 2)), Some(16));
    }

    #[test]
    fn written_age_is_used_when_a_date_is_missing_and_nonsense_is_unknown() {
        let with = |age: &str| HeaderPatient { age: Some(age.into()), ..HeaderPatient::default() };
        assert_eq!(with("012Y").age_years(None), Some(12));
        assert_eq!(with("018M").age_years(None), Some(1));
        assert_eq!(with("003D").age_years(None), Some(0));
        assert_eq!(with("old").age_years(None), None);
        assert_eq!(with("é").age_years(None), None);
        assert_eq!(HeaderPatient::default().age_years(day(2026, 1, 1)), None);
    }

    #[test]
    fn edges_of_a_frontal_chest_put_the_patients_right_on_the_left() {
        let frontal = Orientation { row: "L".into(), column: "F".into() };
        let edges = frontal.edges();
        assert_eq!((edges.left.as_str(), edges.top.as_str()), ("R", "H"));
        assert_eq!((edges.right.as_str(), edges.bottom.as_str()), ("L", "F"));
    }

    #[test]
    fn cosines_of_an_axial_slice_read_left_and_posterior() {
        let axial = Orientation::from_cosines(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(axial, Some(Orientation { row: "L".into(), column: "P".into() }));
        assert_eq!(Orientation::from_cosines(&[0.0; 6]), None);
        assert_eq!(Orientation::from_cosines(&[f64::NAN; 6]), None);
        assert_eq!(Orientation::from_cosines(&[1.0]), None);
    }
}
