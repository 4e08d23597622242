//! From a grey picture to findings, or to a reason for silence.

use crate::cam::ClassMap;
use crate::multi::look::softmax;
use crate::pack::{self, Loaded, PackError, PackInfo};
use crate::prep::{self, Rect, letterbox_rect};
use image::GrayImage;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Instant;

/// A verified pack ready to look at pictures. It may be shared between threads and never changes.
#[derive(Debug)]
pub struct Engine {
    loaded: Loaded,
}

/// Why a picture was not analysed. The code goes into records, the sentence to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The shorter side has too few pixels.
    TooSmall,
    /// One grey everywhere, or nearly.
    Blank,
    /// So much pure white that detail is lost.
    Clipped,
    /// Another kind of picture.
    NotChestXray,
    /// Another kind than the task's, or none that is known.
    OtherKind,
    /// The right kind, but unlike the pictures the pack was trained on.
    OutOfDistribution,
    /// No label is clearly more probable than the others.
    LowConfidence,
}

impl Reason {
    /// The code in records: `too_small`, `blank`, `clipped`, `not_chest_xray`, `out_of_distribution`, `low_confidence`.
    pub fn code(self) -> &'static str {
        match self {
            Reason::TooSmall => "too_small",
            Reason::Blank => "blank",
            Reason::Clipped => "clipped",
            Reason::NotChestXray => "not_chest_xray",
            Reason::OtherKind => "other_kind",
            Reason::OutOfDistribution => "out_of_distribution",
            Reason::LowConfidence => "low_confidence",
        }
    }

    /// One sentence with the next step.
    pub fn sentence(self) -> &'static str {
        match self {
            Reason::TooSmall => "The picture is too small to be analysed. Open the original film.",
            Reason::Blank => {
                "The picture is blank or nearly so. Check the exposure or open another picture."
            }
            Reason::Clipped => {
                "Too much of the picture is pure white. Open the original film instead of a screenshot."
            }
            Reason::NotChestXray => {
                "This does not look like an upright frontal chest X-ray. Read it without the analysis."
            }
            Reason::OtherKind => {
                "This does not look like the kind of picture this analysis is for. Choose another task, or read it without the analysis."
            }
            Reason::OutOfDistribution => {
                "This picture is unlike those the analysis was trained on. Read it without the analysis."
            }
            Reason::LowConfidence => {
                "The analysis cannot decide between its findings. Read the picture without it."
            }
        }
    }
}

/// Whether there are findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Analysed.
    Ok,
    /// Not analysed, for this reason.
    Abstained {
        /// The code.
        reason: Reason,
        /// What was measured and its limit, in English.
        detail: String,
        /// What was measured.
        measured: f32,
        /// Its limit.
        limit: f32,
    },
}

/// A gate that refused: the reason, the sentence, what was measured, its limit.
struct Gate(Reason, String, f32, f32);

impl From<Gate> for Status {
    fn from(Gate(reason, detail, measured, limit): Gate) -> Self {
        Status::Abstained { reason, detail, measured, limit }
    }
}

/// The probability of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Name of the class in the manifest, the normal class included.
    pub condition: String,
    /// Name for people, in English.
    pub label: String,
    /// SNOMED CT id; `None` for the class without a finding.
    pub snomed_ct: Option<String>,
    /// Calibrated, 0 to 1; over all findings of a picture they sum to 1.
    pub probability: f32,
}

/// Milliseconds spent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Timing {
    /// From the grey picture to the network's input.
    pub preprocess: f32,
    /// The networks, the gates and the maps.
    pub infer: f32,
}

/// What came of one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Whether there are findings.
    #[serde(flatten)]
    pub status: Status,
    /// All classes in the order of the manifest; empty when abstained.
    pub findings: Vec<Finding>,
    /// Probability of any class that is a finding: 1 less that of the class without one; `None` when abstained.
    pub pneumonia: Option<f32>,
    /// One map per class in the same order; empty when abstained.
    pub cam: Vec<ClassMap>,
    /// Where the picture lay in the square of side `input_size` that the maps cover.
    pub letterbox: Rect,
    /// Side of that square, in pixels.
    pub input_size: u32,
    /// Milliseconds spent.
    pub timing_ms: Timing,
}

/// The numbers before any gate, for measuring a pack. Never shown as findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Calibrated probability of each class, in the order of the manifest.
    pub probabilities: Vec<f32>,
    /// The gate's probability that the picture is of the right kind.
    pub kind: f32,
    /// Distance from the ordinary, in standard deviations.
    pub distance: f32,
    /// The reason for which the picture is refused, if it is.
    pub refused: Option<Reason>,
}

struct Quality {
    contrast: f32,
    white: f32,
}

impl Engine {
    /// Reads, verifies and tests a pack: every hash, every tensor, the golden vectors. A pack with the id of a
    /// built-in one must also be the very one the program was built with.
    ///
    /// # Errors
    /// [`PackError`], whose sentence names the file.
    pub fn load(dir: &Path) -> Result<Engine, PackError> {
        pack::load(dir, true).map(|loaded| Engine { loaded })
    }

    /// As [`Engine::load`], without asking whether a built-in pack is the pinned one: for measuring a pack that is
    /// being made. The program itself never calls it.
    pub fn load_unpinned(dir: &Path) -> Result<Engine, PackError> {
        pack::load(dir, false).map(|loaded| Engine { loaded })
    }

    /// Id, version, hash, labels, figures, limits.
    pub fn info(&self) -> &PackInfo {
        &self.loaded.info
    }

    /// Looks at one picture. Never fails: what cannot be analysed is an abstention.
    pub fn analyze(&self, gray: &GrayImage) -> Analysis {
        let d = &self.loaded.info.description;
        let start = Instant::now();
        let mut analysis = Analysis {
            status: Status::Ok,
            findings: Vec::new(),
            pneumonia: None,
            cam: Vec::new(),
            letterbox: letterbox_rect(gray.width(), gray.height(), d.input.size),
            input_size: d.input.size,
            timing_ms: Timing::default(),
        };
        if let Some(gate) = self.too_small(gray) {
            analysis.status = gate.into();
            return analysis;
        }
        let square = prep::letterbox(gray, d.input.size);
        let prepared = prep::normalise(&square, &d.input);
        analysis.timing_ms.preprocess = start.elapsed().as_secs_f32() * 1e3;
        let start = Instant::now();
        if let Some(gate) = self.quality(&square, analysis.letterbox) {
            analysis.status = gate.into();
            return analysis;
        }
        let raw = pack::forward(&self.loaded, &prepared);
        let p = softmax(&raw.logits, d.calibration.temperature);
        match self.gates(&raw, &p) {
            Some(gate) => analysis.status = gate.into(),
            None => {
                analysis.pneumonia = Some(self.any_finding(&p));
                analysis.findings = d
                    .labels
                    .iter()
                    .zip(&p)
                    .map(|(l, &probability)| Finding {
                        condition: l.name.clone(),
                        label: l.title.clone(),
                        snomed_ct: l.snomed_ct.clone(),
                        probability,
                    })
                    .collect();
                let (rows, columns, values) = &raw.maps;
                analysis.cam = d
                    .labels
                    .iter()
                    .zip(values.chunks_exact((rows * columns).max(1)))
                    .map(|(l, map)| ClassMap {
                        label: l.name.clone(),
                        width: *columns as u32,
                        height: *rows as u32,
                        values: map.iter().map(|v| (v / l.cam_scale).clamp(0.0, 1.0)).collect(),
                    })
                    .collect();
            }
        }
        analysis.timing_ms.infer = start.elapsed().as_secs_f32() * 1e3;
        analysis
    }

    /// The numbers with all gates off, and what the gates would have said.
    pub fn score(&self, gray: &GrayImage) -> Scores {
        let d = &self.loaded.info.description;
        let square = prep::letterbox(gray, d.input.size);
        let raw = pack::forward(&self.loaded, &prep::normalise(&square, &d.input));
        let probabilities = softmax(&raw.logits, d.calibration.temperature);
        let rect = letterbox_rect(gray.width(), gray.height(), d.input.size);
        let refused = self
            .too_small(gray)
            .or_else(|| self.quality(&square, rect))
            .or_else(|| self.gates(&raw, &probabilities));
        Scores {
            kind: self.kind(&raw),
            distance: self.distance(&raw.gate_features),
            refused: refused.map(|gate| gate.0),
            probabilities,
        }
    }

    /// 1 less the probability of the classes that are no finding.
    pub(crate) fn any_finding(&self, p: &[f32]) -> f32 {
        let labels = &self.loaded.info.description.labels;
        let none: f32 =
            labels.iter().zip(p).filter(|(l, _)| l.snomed_ct.is_none()).map(|(_, p)| p).sum();
        (1.0 - none).clamp(0.0, 1.0)
    }

    fn too_small(&self, gray: &GrayImage) -> Option<Gate> {
        let (side, min) =
            (gray.width().min(gray.height()), self.loaded.info.description.gates.side_min);
        (side < min).then(|| {
            let detail = format!("the shorter side has {side} pixels, {min} are needed");
            Gate(Reason::TooSmall, detail, side as f32, min as f32)
        })
    }

    fn quality(&self, square: &GrayImage, rect: Rect) -> Option<Gate> {
        let g = &self.loaded.info.description.gates;
        let Quality { contrast, white } = quality(square, rect);
        if contrast < g.contrast_min {
            return Some(Gate(
                Reason::Blank,
                format!("contrast {contrast:.1} of 255, {} is needed", g.contrast_min),
                contrast,
                g.contrast_min,
            ));
        }
        (white > g.white_max).then(|| {
            Gate(
                Reason::Clipped,
                format!("{:.0} % pure white, {:.0} % at most", white * 100.0, g.white_max * 100.0),
                white,
                g.white_max,
            )
        })
    }

    fn gates(&self, raw: &pack::Raw, p: &[f32]) -> Option<Gate> {
        let g = &self.loaded.info.description.gates;
        let kind = self.kind(raw);
        // Written so that a NaN refuses.
        if !matches!(
            kind.partial_cmp(&g.kind_min),
            Some(std::cmp::Ordering::Greater | std::cmp::Ordering::Equal)
        ) {
            return Some(Gate(
                Reason::NotChestXray,
                format!("chest X-ray score {kind:.3}, {} is needed", g.kind_min),
                kind,
                g.kind_min,
            ));
        }
        let distance = self.distance(&raw.gate_features);
        if !matches!(
            distance.partial_cmp(&g.distance_max),
            Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)
        ) {
            return Some(Gate(
                Reason::OutOfDistribution,
                format!("distance {distance:.2}, {} at most", g.distance_max),
                distance,
                g.distance_max,
            ));
        }
        let best = p.iter().copied().fold(0.0, f32::max);
        (best < g.confidence_min).then(|| {
            Gate(
                Reason::LowConfidence,
                format!("highest probability {best:.2}, {} is needed", g.confidence_min),
                best,
                g.confidence_min,
            )
        })
    }

    fn kind(&self, raw: &pack::Raw) -> f32 {
        softmax(&raw.gate_logits, 1.0).first().copied().unwrap_or(0.0)
    }

    /// Mahalanobis distance divided by the square root of the number of features, so that 1 is ordinary.
    fn distance(&self, features: &[f32]) -> f32 {
        let offset: Vec<f32> =
            features.iter().zip(&self.loaded.ood_mean).map(|(f, m)| f - m).collect();
        let n = offset.len().max(1);
        let squared: f32 = self
            .loaded
            .ood_whiten
            .chunks_exact(n)
            .map(|row| row.iter().zip(&offset).map(|(w, o)| w * o).sum::<f32>().powi(2))
            .sum();
        (squared / n as f32).sqrt()
    }
}

/// Standard deviation and share of pure white inside the picture's part of the square.
fn quality(square: &GrayImage, rect: Rect) -> Quality {
    let (mut n, mut sum, mut squares, mut white) = (0f64, 0f64, 0f64, 0f64);
    for y in rect.y..rect.y + rect.height {
        for x in rect.x..rect.x + rect.width {
            let v = square.get_pixel_checked(x, y).map_or(0, |p| p.0[0]);
            n += 1.0;
            sum += f64::from(v);
            squares += f64::from(v).powi(2);
            white += f64::from(u8::from(v == 255));
        }
    }
    let mean = sum / n.max(1.0);
    Quality {
        contrast: (squares / n.max(1.0) - mean * mean).max(0.0).sqrt() as f32,
        white: (white / n.max(1.0)) as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Tensor, TensorData};

    #[test]
    fn the_mean_of_a_map_plus_its_bias_is_the_logit_of_the_plain_network() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(pack::BUILT_IN);
        let engine = Engine::load(&dir).expect("the built-in pack loads");
        let d = &engine.info().description;
        let side = d.input.size;
        let picture =
            GrayImage::from_fn(side, side, |x, y| image::Luma([((x * 5) ^ (y * 3)) as u8]));
        let prepared = prep::prepare(&picture, &d.input);
        let raw = pack::forward(&engine.loaded, &prepared);
        let x = Tensor::<4>::from_data(
            TensorData::new(prepared, [1, 1, side as usize, side as usize]),
            &engine.loaded.device,
        );
        let net = &engine.loaded.networks.net;
        let (rows, columns, maps) = &raw.maps;
        let means =
            maps.chunks_exact(rows * columns).map(|m| m.iter().sum::<f32>() / m.len() as f32);
        let plain = net.plain_logits(x);
        assert_eq!(plain.len(), d.labels.len());
        for ((mean, bias), (logit, plain)) in
            means.zip(net.bias()).zip(raw.logits.iter().zip(plain))
        {
            assert!(
                (mean + bias - plain).abs() < 1e-4,
                "the map explains the score: {} and {plain}",
                mean + bias
            );
            assert!((logit - plain).abs() < 1e-4, "{logit} and {plain}");
        }
    }

    #[test]
    fn findings_keep_the_order_of_the_manifest_and_maps_stay_between_zero_and_one() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(pack::BUILT_IN);
        let mut engine = Engine::load(&dir).expect("the built-in pack loads");
        // No X-ray may ship, so the gates are opened for a picture made of numbers.
        let gates = &mut engine.loaded.info.description.gates;
        (gates.kind_min, gates.distance_max, gates.confidence_min) = (0.0, f32::INFINITY, 0.0);
        let picture = GrayImage::from_fn(300, 200, |x, y| {
            image::Luma([
                (128.0 + 90.0 * ((x as f32) / 30.0).sin() * ((y as f32) / 20.0).cos()) as u8
            ])
        });
        let a = engine.analyze(&picture);
        assert_eq!(a.status, Status::Ok);
        let names: Vec<&str> = a.findings.iter().map(|f| f.condition.as_str()).collect();
        assert_eq!(names, ["normal", "bacterial_pneumonia", "viral_pneumonia"]);
        assert_eq!(a.cam.iter().map(|m| m.label.as_str()).collect::<Vec<_>>(), names);
        assert!((a.findings.iter().map(|f| f.probability).sum::<f32>() - 1.0).abs() < 1e-5);
        assert!((a.pneumonia.unwrap_or(9.0) - (1.0 - a.findings[0].probability)).abs() < 1e-5);
        assert!(a.cam.iter().all(|m| m.values.len() == (m.width * m.height) as usize
            && m.values.iter().all(|v| (0.0..=1.0).contains(v))));
        let over = a.cam[0].over(300, 200);
        assert_eq!(over.dimensions(), (300, 200));
        let json = serde_json::to_value(&a).expect("an analysis is plain data");
        assert_eq!(json["status"], "ok");
    }
}
