//! Window and level: stored value -> modality value -> VOI -> light.
//!
//! The order is that of PS3.3 and it matters: slope and intercept first, then the window, and the
//! inversion of MONOCHROME1 last. The same arithmetic serves the screen, the exported picture and
//! the input of the networks, so that what was trained is what is run.

use crate::pixels::{ImageMeta, Lut, Photometric, PixelFrame, VoiFunction, Window};
use serde::Serialize;
use std::sync::Arc;

/// Percentiles that stand in for a window where a header has none.
pub const PERCENTILE_LOW: f64 = 0.5;
/// See [`PERCENTILE_LOW`].
pub const PERCENTILE_HIGH: f64 = 99.5;

/// A named window for CT; other modalities start from their header.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Preset {
    /// Key of the message catalogue.
    pub name: &'static str,
    pub width: f64,
    pub center: f64,
}

/// The five CT presets behind keys 1 to 5 (OHIF's defaults; style.md rule 24), in Hounsfield units.
pub const CT_PRESETS: [Preset; 5] = [
    Preset { name: "soft_tissue", width: 400.0, center: 40.0 },
    Preset { name: "lung", width: 1500.0, center: -600.0 },
    Preset { name: "liver", width: 150.0, center: 90.0 },
    Preset { name: "bone", width: 2500.0, center: 480.0 },
    Preset { name: "brain", width: 80.0, center: 40.0 },
];

/// How modality values become light from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub enum Tone {
    Window {
        center: f64,
        width: f64,
        function: VoiFunction,
    },
    /// Straight from black at `low` to white at `high`.
    Range {
        low: f64,
        high: f64,
    },
    /// A table of the header, from modality values rounded to whole numbers.
    Table(Arc<Lut>),
}

impl Tone {
    /// Light for one modality value, 0 (black) to 1 (white). Formulas: PS3.3 C.11.2.1.2 (linear),
    /// C.11.2.1.3.1 (sigmoid) and C.11.2.1.3.2 (linear exact).
    #[must_use]
    pub fn light(&self, value: f64) -> f64 {
        self.scaled(value, 1.0)
    }

    /// Light in 256 steps, rounded to the nearest, halves upwards.
    #[must_use]
    pub fn byte(&self, value: f64) -> u8 {
        // `as` saturates and turns NaN into 0, which is what is wanted here.
        (self.scaled(value, 255.0) + 0.5).floor() as u8
    }

    /// Centre and width to start a viewer with, for any tone: a range becomes the linear window that
    /// turns black and white at its ends, a table the window over all its inputs.
    #[must_use]
    pub fn center_and_width(&self) -> (f64, f64) {
        let over = |low: f64, high: f64| ((low + high) / 2.0 + 0.5, high - low + 1.0);
        match *self {
            Self::Window { center, width, .. } => (center, width),
            Self::Range { low, high } => over(low, high.max(low)),
            Self::Table(ref table) => {
                let first = f64::from(table.first);
                over(first, first + table.values.len().saturating_sub(1) as f64)
            }
        }
    }

    /// Light from 0 to `top`. Multiplying before dividing keeps exact halves exact: an 8-bit value
    /// through the identity window comes out as itself.
    fn scaled(&self, value: f64, top: f64) -> f64 {
        let light = match *self {
            Self::Window { center, width, function: VoiFunction::Linear } => {
                // A width of exactly 1 is legal and means a threshold.
                let half = (width - 1.0) / 2.0;
                if value <= center - 0.5 - half {
                    0.0
                } else if value > center - 0.5 + half {
                    top
                } else {
                    (value - (center - 0.5)) * top / (width - 1.0) + top / 2.0
                }
            }
            Self::Window { center, width, function: VoiFunction::LinearExact } => {
                (value - center) * top / width + top / 2.0
            }
            Self::Window { center, width, function: VoiFunction::Sigmoid } => {
                top / (1.0 + (-4.0 * (value - center) / width).exp())
            }
            // An empty picture is black, not a division by zero.
            Self::Range { low, high } if high <= low => 0.0,
            Self::Range { low, high } => (value - low) * top / (high - low),
            Self::Table(ref table) => {
                // `as` saturates and turns NaN into 0.
                let input = (value + 0.5).floor() as i32;
                f64::from(table.get(input)) * top / f64::from(table.top())
            }
        };
        light.clamp(0.0, top)
    }
}

/// Every tone that a header offers, in its order, tables first, each with the name it gives: what a
/// viewer lists beside [`CT_PRESETS`].
#[must_use]
pub fn header_tones(meta: &ImageMeta) -> Vec<(Option<String>, Tone)> {
    let tables = meta
        .voi_tables
        .iter()
        .filter(|table| table.values.len() > 1)
        .map(|table| (table.name.clone(), Tone::Table(table.clone())));
    let function = meta.voi_function;
    let windows = meta.windows.iter().filter(|window| is_usable(window, function)).map(|window| {
        let Window { center, width, .. } = *window;
        (window.name.clone(), Tone::Window { center, width, function })
    });
    tables.chain(windows).collect()
}

/// Whether a window can be applied at all. Headers hold zeros, negatives and NaN.
#[must_use]
pub fn is_usable(window: &Window, function: VoiFunction) -> bool {
    let enough = match function {
        VoiFunction::Linear => window.width >= 1.0,
        VoiFunction::LinearExact | VoiFunction::Sigmoid => window.width > 0.0,
    };
    window.center.is_finite() && window.width.is_finite() && enough
}

/// Modality value of a stored value. Unit: that of the header, for example HU.
#[must_use]
pub fn modality_value(stored: i32, meta: &ImageMeta) -> f64 {
    f64::from(stored) * meta.slope + meta.intercept
}

/// The tone a frame starts with: the header's first table, else its first usable window, else
/// percentiles of the frame.
#[must_use]
pub fn first_tone(frame: &PixelFrame, meta: &ImageMeta) -> Tone {
    if let Some(table) = meta.voi_tables.iter().find(|table| table.values.len() > 1) {
        return Tone::Table(table.clone());
    }
    meta.windows.iter().find(|window| is_usable(window, meta.voi_function)).map_or_else(
        || percentile_tone(frame, meta),
        |window| Tone::Window {
            center: window.center,
            width: window.width,
            function: meta.voi_function,
        },
    )
}

/// Range from the 0.5th to the 99.5th percentile of the frame's modality values, padding left out.
/// Between two ranks the value is interpolated straight, as numpy does.
#[must_use]
pub fn percentile_tone(frame: &PixelFrame, meta: &ImageMeta) -> Tone {
    let offset = if frame.signed { 32_768_i32 } else { 0 };
    let mut histogram = vec![0_u64; 65_536];
    let mut count = 0_u64;
    for value in frame.values() {
        if meta.padding.is_some_and(|(first, last)| (first..=last).contains(&value)) {
            continue;
        }
        // In range by construction: an i16 plus 32768, or a u16.
        if let Some(bin) =
            usize::try_from(value + offset).ok().and_then(|index| histogram.get_mut(index))
        {
            *bin += 1;
            count += 1;
        }
    }
    let at = |percent: f64| percentile(&histogram, count, percent) - f64::from(offset);
    let ends =
        [PERCENTILE_LOW, PERCENTILE_HIGH].map(|percent| at(percent) * meta.slope + meta.intercept);
    // A negative slope turns the order round; the range is still from dark to light.
    Tone::Range { low: ends[0].min(ends[1]), high: ends[0].max(ends[1]) }
}

fn percentile(histogram: &[u64], count: u64, percent: f64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    let rank = percent / 100.0 * (count - 1) as f64;
    let below = value_at_rank(histogram, rank.floor() as u64);
    let above = value_at_rank(histogram, rank.ceil() as u64);
    below + (above - below) * rank.fract()
}

fn value_at_rank(histogram: &[u64], rank: u64) -> f64 {
    let mut seen = 0_u64;
    for (value, number) in histogram.iter().enumerate() {
        seen += number;
        if seen > rank {
            return value as f64;
        }
    }
    histogram.len().saturating_sub(1) as f64
}

/// One byte per pixel of a monochrome frame through the whole chain; MONOCHROME1 inverted last.
/// Empty for a colour frame, which needs no window.
#[must_use]
pub fn grey8(frame: &PixelFrame, meta: &ImageMeta, tone: &Tone) -> Vec<u8> {
    let offset = if frame.signed { 32_768_i32 } else { 0 };
    let invert = meta.photometric == Photometric::Mono1;
    let shade = |stored: i32| {
        let byte = tone.byte(modality_value(stored, meta));
        if invert { 255 - byte } else { byte }
    };
    // A small frame is cheaper value by value than through a table of every possible value.
    if frame.stored.len() < 65_536 {
        return frame.values().map(shade).collect();
    }
    let table: Vec<u8> = (0..65_536_i32).map(|index| shade(index - offset)).collect();
    frame
        .values()
        .map(|value| {
            let index = usize::try_from(value + offset).unwrap_or(0);
            table.get(index).copied().unwrap_or(0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::SourceFormat;
    use serde::Deserialize;

    /// Vectors computed by a separate program with exact fractions: see the note in the file.
    const GOLDEN: &str = include_str!("window_golden.json");

    #[derive(Deserialize)]
    struct Golden {
        vectors: Vec<Vector>,
        percentiles: Vec<Percentile>,
    }
    #[derive(Deserialize)]
    struct Vector {
        function: VoiFunction,
        center: f64,
        width: f64,
        slope: f64,
        intercept: f64,
        photometric: Photometric,
        stored: Vec<i32>,
        grey: Vec<u8>,
    }
    #[derive(Deserialize)]
    struct Percentile {
        stored: Vec<i32>,
        slope: f64,
        intercept: f64,
        low: f64,
        high: f64,
    }

    fn frame(values: &[i32]) -> PixelFrame {
        let stored = values
            .iter()
            .flat_map(|value| i16::try_from(*value).expect("test values fit").to_le_bytes())
            .collect();
        let cols = u32::try_from(values.len()).expect("few values");
        PixelFrame { rows: 1, cols, samples: 1, signed: true, stored }
    }

    fn meta(photometric: Photometric, slope: f64, intercept: f64) -> ImageMeta {
        let mut meta = ImageMeta::plain(SourceFormat::Dicom, 1, 1, photometric);
        (meta.signed, meta.slope, meta.intercept) = (true, slope, intercept);
        meta
    }

    #[test]
    fn golden_vectors_come_out_to_the_last_bit() {
        let golden: Golden = serde_json::from_str(GOLDEN).expect("the vectors are valid JSON");
        assert!(golden.vectors.len() >= 10, "the vectors were lost");
        for (index, v) in golden.vectors.iter().enumerate() {
            let tone = Tone::Window { center: v.center, width: v.width, function: v.function };
            let meta = meta(v.photometric, v.slope, v.intercept);
            assert_eq!(grey8(&frame(&v.stored), &meta, &tone), v.grey, "vector {index}");
        }
        for (index, p) in golden.percentiles.iter().enumerate() {
            let meta = meta(Photometric::Mono2, p.slope, p.intercept);
            let Tone::Range { low, high } = percentile_tone(&frame(&p.stored), &meta) else {
                panic!("percentiles give a range");
            };
            assert!((low - p.low).abs() < 1e-9, "percentile {index}: low {low} is not {}", p.low);
            assert!((high - p.high).abs() < 1e-9, "percentile {index}: high {high}");
        }
    }

    #[test]
    fn the_table_and_the_single_value_agree() {
        let values: Vec<i32> = (-32_768..32_768).step_by(2).chain([0; 4]).collect();
        let big = frame(&values);
        let meta = meta(Photometric::Mono1, 1.5, -100.0);
        let tone = Tone::Window { center: 40.0, width: 9000.0, function: VoiFunction::Linear };
        let through_table = grey8(&big, &meta, &tone);
        for (value, byte) in values.iter().zip(through_table) {
            assert_eq!(grey8(&frame(&[*value]), &meta, &tone), [byte]);
        }
    }

    #[test]
    fn a_useless_window_falls_back_to_percentiles() {
        let mut meta = meta(Photometric::Mono2, 1.0, 0.0);
        let bad = [(0.0, 0.0), (f64::NAN, 10.0), (0.0, -5.0), (0.0, f64::INFINITY), (0.0, 0.5)];
        meta.windows = bad.map(|(center, width)| Window { center, width, name: None }).to_vec();
        assert!(matches!(first_tone(&frame(&[0, 100]), &meta), Tone::Range { .. }));
        meta.windows.push(Window { center: 1.0, width: 2.0, name: None });
        assert!(
            matches!(first_tone(&frame(&[0, 100]), &meta), Tone::Window { center, .. } if center == 1.0)
        );
    }

    #[test]
    fn padding_does_not_stretch_the_range() {
        let mut meta = meta(Photometric::Mono2, 1.0, 0.0);
        meta.padding = Some((-2000, -2000));
        let tone = percentile_tone(&frame(&[-2000, -2000, -2000, 10, 20]), &meta);
        let Tone::Range { low, .. } = tone else { panic!("a range") };
        assert!(low >= 10.0);
    }

    #[test]
    fn a_frame_of_one_value_or_of_none_is_black_and_does_not_panic() {
        let meta = meta(Photometric::Mono2, 1.0, 0.0);
        for values in [&[7, 7, 7][..], &[]] {
            let frame = frame(values);
            let tone = percentile_tone(&frame, &meta);
            assert!(grey8(&frame, &meta, &tone).iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn a_range_as_a_window_shows_the_same_light() {
        let range = Tone::Range { low: -20.0, high: 180.0 };
        let (center, width) = range.center_and_width();
        let window = Tone::Window { center, width, function: VoiFunction::Linear };
        for value in [-21, -20, -19, 0, 79, 80, 81, 179, 180, 181] {
            assert_eq!(range.byte(value.into()), window.byte(value.into()), "{value}");
        }
    }

    #[test]
    fn a_table_of_the_header_comes_before_its_windows() {
        let mut meta = meta(Photometric::Mono1, 2.0, -100.0);
        meta.windows = vec![Window { center: 0.0, width: 2.0, name: Some("NARROW".into()) }];
        let table = Lut { first: -100, values: vec![0, 64, 128, 255], bits: 8, name: None };
        meta.voi_tables = vec![Arc::new(table)];
        let frame = frame(&[0, 1, 2, 50]);
        let tone = first_tone(&frame, &meta);
        // Modality values -100, -98, -96 and 0; the last two lie at and beyond the end.
        assert_eq!(grey8(&frame, &meta, &tone), [255, 255 - 128, 0, 0]);
        let offered = header_tones(&meta);
        assert_eq!(offered.len(), 2);
        assert_eq!(offered[1].0.as_deref(), Some("NARROW"));
        assert_eq!(tone.center_and_width(), (-98.0, 4.0));
    }

    #[test]
    fn presets_are_the_agreed_ones() {
        let listed: Vec<(f64, f64)> = CT_PRESETS.iter().map(|p| (p.width, p.center)).collect();
        let agreed = [(400., 40.), (1500., -600.), (150., 90.), (2500., 480.), (80., 40.)];
        assert_eq!(listed, agreed);
    }
}
