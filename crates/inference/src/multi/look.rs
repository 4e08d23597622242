//! From a picture to findings, or to a reason for silence. The gates stand in this order: size,
//! kind of picture, blank or clipped, unlike the training pictures, not confident.

use super::describe::{Task, place};
use super::load::{self, Info, Loaded, Network, Seen};
use crate::cam::ClassMap;
use crate::engine::{Reason, Timing};
use crate::pack::PackError;
use crate::prep::{self, Rect};
use image::RgbImage;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// A verified pack ready to look at pictures. It may be shared between threads and never changes.
#[derive(Debug)]
pub struct Engine {
    loaded: Loaded,
}

/// What was measured, and the limit it did not keep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// What was measured.
    pub measured: f32,
    /// The limit.
    pub limit: f32,
}

/// A kind of picture and how probable it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kind {
    /// One of the gate's kinds.
    pub name: String,
    /// 0 to 1.
    pub probability: f32,
}

/// One class of the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Name of the class in the manifest, the class without a finding included.
    pub label: String,
    /// Id in the catalogue of conditions; `None` for the class without a finding.
    pub condition: Option<String>,
    /// Calibrated, 0 to 1; over all classes of a task they sum to 1.
    pub probability: f32,
}

/// What came of one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The task that was asked, or that the gate proposed; `None` when no task fits.
    pub task: Option<String>,
    /// What kind of picture the gate takes it for; `None` when it was not asked.
    pub kind: Option<Kind>,
    /// Why there are no findings, if there are none.
    pub refused: Option<(Reason, Limit)>,
    /// All classes in the order of the manifest; empty when refused.
    pub findings: Vec<Finding>,
    /// Probability of any finding: 1 less that of the classes without one; `None` when refused.
    pub any: Option<f32>,
    /// One map per class in the same order; empty when refused.
    pub maps: Vec<ClassMap>,
    /// Where the picture lay in the square that the maps cover.
    pub place: Rect,
    /// Milliseconds spent.
    pub timing_ms: Timing,
}

/// The numbers before any gate, for measuring a pack. Never shown as findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Calibrated probability of each class of the task, in the order of the manifest.
    pub probabilities: Vec<f32>,
    /// What the gate takes the picture for.
    pub kind: Kind,
    /// Distance from the ordinary, 1 is usual.
    pub distance: f32,
    /// Why the picture is refused, if it is.
    pub refused: Option<Reason>,
}

impl Engine {
    /// Reads, verifies and tests a pack. A pack whose heads stand on another's network needs that
    /// one among `others`.
    ///
    /// # Errors
    /// [`PackError`], whose sentence names the file.
    pub fn load(dir: &Path, others: &[Arc<Engine>]) -> Result<Engine, PackError> {
        Self::read(dir, true, others)
    }

    /// As [`Engine::load`], without asking whether a built-in pack is the pinned one: for measuring
    /// a pack that is being made. The program itself never calls it.
    ///
    /// # Errors
    /// [`PackError`], whose sentence names the file.
    pub fn load_unpinned(dir: &Path, others: &[Arc<Engine>]) -> Result<Engine, PackError> {
        Self::read(dir, false, others)
    }

    fn read(dir: &Path, pins: bool, others: &[Arc<Engine>]) -> Result<Engine, PackError> {
        let find = |id: &str| -> Option<Arc<Network>> {
            let other = others.iter().find(|e| e.loaded.info.description.id == id)?;
            Some(Arc::clone(&other.loaded.network))
        };
        load::load(dir, pins, &find).map(|loaded| Engine { loaded })
    }

    /// Id, version, hash, tasks, figures, limits.
    pub fn info(&self) -> &Info {
        &self.loaded.info
    }

    /// Looks at one picture. `task`: the one to ask; without it the gate proposes the first task of
    /// the kind it sees. Never fails: what cannot be analysed is refused with a reason.
    pub fn analyze(&self, picture: &RgbImage, task: Option<&str>) -> Answer {
        let network = &*self.loaded.network;
        let start = Instant::now();
        let mut answer = Answer {
            task: task.map(str::to_owned),
            kind: None,
            refused: None,
            findings: vec![],
            any: None,
            maps: vec![],
            place: place(picture.width(), picture.height(), &network.input),
            timing_ms: Timing::default(),
        };
        answer.refused = too_small(network, picture);
        if answer.refused.is_some() {
            return answer;
        }
        let square = prep::letterbox_rgb(picture, network.input.size);
        let prepared = prep::normalise_rgb(&square, &network.input.mean, &network.input.std);
        answer.timing_ms.preprocess = start.elapsed().as_secs_f32() * 1e3;
        let start = Instant::now();
        let seen = load::see(network, &prepared);
        let kinds = kinds(network, &seen);
        let (chosen, kind) = self.chosen(task, &kinds);
        answer.kind = Some(kind);
        let refusal = |index: Option<usize>| {
            gate_kind(network, index.map(|i| &self.loaded.info.description.tasks[i]), &kinds)
                .or_else(|| index.and_then(|i| self.gates(i, &square, answer.place, &seen)))
        };
        answer.refused = refusal(chosen);
        if let (Some(index), None) = (chosen, &answer.refused) {
            let described = &self.loaded.info.description.tasks[index];
            let p = self.probabilities(index, &seen);
            answer.any = Some(any_finding(described, &p));
            answer.findings = described
                .labels
                .iter()
                .zip(&p)
                .map(|(l, &probability)| Finding {
                    label: l.name.clone(),
                    condition: l.condition.clone(),
                    probability,
                })
                .collect();
            answer.maps = self.maps(index, &seen);
        }
        answer.task = chosen.map(|i| self.loaded.info.description.tasks[i].name.clone());
        answer.timing_ms.infer = start.elapsed().as_secs_f32() * 1e3;
        answer
    }

    /// The numbers of one task with all gates off, and what the gates would have said. `None` when
    /// the pack does not know the task.
    pub fn score(&self, picture: &RgbImage, task: &str) -> Option<Scores> {
        let network = &*self.loaded.network;
        let index = self.loaded.info.description.tasks.iter().position(|t| t.name == task)?;
        let square = prep::letterbox_rgb(picture, network.input.size);
        let prepared = prep::normalise_rgb(&square, &network.input.mean, &network.input.std);
        let seen = load::see(network, &prepared);
        let kinds = kinds(network, &seen);
        let (_, kind) = self.chosen(Some(task), &kinds);
        let at = place(picture.width(), picture.height(), &network.input);
        let described = &self.loaded.info.description.tasks[index];
        let refused = too_small(network, picture)
            .or_else(|| gate_kind(network, Some(described), &kinds))
            .or_else(|| self.gates(index, &square, at, &seen));
        Some(Scores {
            probabilities: self.probabilities(index, &seen),
            kind,
            distance: self.distance(index, &seen),
            refused: refused.map(|(reason, _)| reason),
        })
    }

    /// The task's index and the most probable kind.
    fn chosen(&self, task: Option<&str>, kinds: &[f32]) -> (Option<usize>, Kind) {
        let (best, probability) = largest(kinds);
        let name = self.loaded.network.gate.kinds.get(best).cloned().unwrap_or_default();
        let tasks = &self.loaded.info.description.tasks;
        let index = match task {
            Some(task) => tasks.iter().position(|t| t.name == task),
            None => tasks.iter().position(|t| t.kind == name),
        };
        (index, Kind { name, probability })
    }

    fn probabilities(&self, index: usize, seen: &Seen) -> Vec<f32> {
        let logits = self.loaded.heads[index].logits(&seen.features);
        softmax(&logits, self.loaded.info.description.tasks[index].calibration.temperature)
    }

    fn gates(
        &self,
        index: usize,
        square: &RgbImage,
        at: Rect,
        seen: &Seen,
    ) -> Option<(Reason, Limit)> {
        let task = &self.loaded.info.description.tasks[index];
        let gate = &self.loaded.network.gate;
        let (contrast, white) = quality(square, at);
        let white_max = gate.white_max.get(&task.kind).copied().unwrap_or(1.0);
        let refuse = |reason, measured, limit| Some((reason, Limit { measured, limit }));
        if contrast < gate.contrast_min {
            return refuse(Reason::Blank, contrast, gate.contrast_min);
        }
        if white > white_max {
            return refuse(Reason::Clipped, white, white_max);
        }
        // Written so that a value that is no number refuses.
        let distance = self.distance(index, seen);
        if distance.is_nan() || distance > task.distance_max {
            return refuse(Reason::OutOfDistribution, distance, task.distance_max);
        }
        let (_, best) = largest(&self.probabilities(index, seen));
        if best.is_nan() || best < task.confidence_min {
            return refuse(Reason::LowConfidence, best, task.confidence_min);
        }
        None
    }

    /// Mahalanobis distance in the network's own directions, divided by the square root of their
    /// number, so that 1 is usual.
    fn distance(&self, index: usize, seen: &Seen) -> f32 {
        let ordinary = &self.loaded.ordinary[index];
        let k = ordinary.mean.len().max(1);
        let rows = self.loaded.network.project.chunks_exact(seen.features.len().max(1));
        let offset: Vec<f32> = rows
            .zip(&ordinary.mean)
            .map(|(row, m)| row.iter().zip(&seen.features).map(|(a, b)| a * b).sum::<f32>() - m)
            .collect();
        let squared: f32 = ordinary
            .whiten
            .chunks_exact(k)
            .map(|row| row.iter().zip(&offset).map(|(w, o)| w * o).sum::<f32>().powi(2))
            .sum();
        (squared / k as f32).sqrt()
    }

    fn maps(&self, index: usize, seen: &Seen) -> Vec<ClassMap> {
        let places = (seen.rows * seen.columns).max(1);
        let task = &self.loaded.info.description.tasks[index];
        let head = &self.loaded.heads[index];
        let class = |(c, l): (usize, &super::describe::Label)| ClassMap {
            label: l.name.clone(),
            width: seen.columns as u32,
            height: seen.rows as u32,
            values: head
                .map(c, &seen.maps, places)
                .iter()
                .map(|v| (v / l.cam_scale).clamp(0.0, 1.0))
                .collect(),
        };
        task.labels.iter().enumerate().map(class).collect()
    }
}

/// 1 less the probability of the classes that are no finding.
pub fn any_finding(task: &Task, p: &[f32]) -> f32 {
    let labels = task.labels.iter().zip(p).filter(|(l, _)| l.condition.is_none());
    (1.0 - labels.map(|(_, p)| p).sum::<f32>()).clamp(0.0, 1.0)
}

fn kinds(network: &Network, seen: &Seen) -> Vec<f32> {
    softmax(&network.gate_head.logits(&seen.features), network.gate.temperature)
}

/// Refused when the picture is of another kind than the task's, or of none that is known.
fn gate_kind(network: &Network, task: Option<&Task>, kinds: &[f32]) -> Option<(Reason, Limit)> {
    let limit = network.gate.kind_min;
    let Some(task) = task else {
        let (_, measured) = largest(kinds);
        return Some((Reason::OtherKind, Limit { measured, limit }));
    };
    let index = network.gate.kinds.iter().position(|k| *k == task.kind);
    let measured = index.and_then(|i| kinds.get(i)).copied().unwrap_or(0.0);
    (measured.is_nan() || measured < limit)
        .then_some((Reason::OtherKind, Limit { measured, limit }))
}

fn too_small(network: &Network, picture: &RgbImage) -> Option<(Reason, Limit)> {
    let (side, least) = (picture.width().min(picture.height()), network.gate.side_min);
    let limit = Limit { measured: side as f32, limit: least as f32 };
    (side < least).then_some((Reason::TooSmall, limit))
}

/// Standard deviation of the grey values and share of pure white inside the picture's part.
fn quality(square: &RgbImage, rect: Rect) -> (f32, f32) {
    let (mut n, mut sum, mut squares, mut white) = (0f64, 0f64, 0f64, 0f64);
    for y in rect.y..rect.y + rect.height {
        for x in rect.x..rect.x + rect.width {
            let [r, g, b] = square.get_pixel_checked(x, y).map_or([0; 3], |p| p.0);
            let v = (f64::from(r) + f64::from(g) + f64::from(b)) / 3.0;
            n += 1.0;
            sum += v;
            squares += v * v;
            white += f64::from(u8::from([r, g, b] == [255; 3]));
        }
    }
    let mean = sum / n.max(1.0);
    let variance = (squares / n.max(1.0) - mean * mean).max(0.0);
    (variance.sqrt() as f32, (white / n.max(1.0)) as f32)
}

fn largest(p: &[f32]) -> (usize, f32) {
    let first = (0, f32::NEG_INFINITY);
    p.iter().copied().enumerate().fold(first, |b, (i, v)| if v > b.1 { (i, v) } else { b })
}

pub(crate) fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let e: Vec<f32> = logits.iter().map(|z| ((z - top) / temperature).exp()).collect();
    let sum: f32 = e.iter().sum();
    e.iter().map(|v| v / sum).collect()
}
