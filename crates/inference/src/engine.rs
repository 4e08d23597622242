//! From a picture to findings, or to a reason for silence.
//!
//! The gates stand in this order: what the file says of itself (asked by the shelf), size, blank, kind of picture, clipped, unlike the training
//! pictures, not confident. The network runs once per picture ([`Engine::view`]); every task whose
//! head stands on the same network answers from that one view.

use crate::cam::ClassMap;
use crate::compute::Seen;
use crate::describe::{Label, Task};
use crate::load::{self, Head, Info, Loaded, Network};
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

/// Why a picture was not analysed. The code goes into records, the sentence to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The shorter side has too few pixels.
    TooSmall,
    /// One grey everywhere, or nearly.
    Blank,
    /// So much pure white that detail is lost.
    Clipped,
    /// The file itself says that it is another kind of picture.
    RuledOut,
    /// Another kind than the task's, or none that is known.
    OtherKind,
    /// The right kind, but unlike the pictures the pack was trained on.
    OutOfDistribution,
    /// No label is clearly more probable than the others.
    LowConfidence,
}

impl Reason {
    /// The code in records.
    pub fn code(self) -> &'static str {
        match self {
            Reason::TooSmall => "too_small",
            Reason::Blank => "blank",
            Reason::Clipped => "clipped",
            Reason::RuledOut => "ruled_out",
            Reason::OtherKind => "other_kind",
            Reason::OutOfDistribution => "out_of_distribution",
            Reason::LowConfidence => "low_confidence",
        }
    }

    /// What was measured and the limit it did not keep, in words.
    pub fn measured(self, Limit { measured, limit }: Limit) -> String {
        let share = |x: f32| format!("{:.0} %", x * 100.0);
        match self {
            Reason::TooSmall => format!("Shorter side {measured:.0} pixels, least {limit:.0}."),
            Reason::Blank => format!("Contrast {measured:.1} of 255 greys, least {limit:.1}."),
            Reason::Clipped => format!("Pure white {}, most {}.", share(measured), share(limit)),
            Reason::OtherKind | Reason::RuledOut => {
                format!(
                    "Taken for the right kind with {}, least {}.",
                    share(measured),
                    share(limit)
                )
            }
            Reason::OutOfDistribution => format!(
                "{measured:.1} times as far from the training pictures as usual, most {limit:.1}."
            ),
            Reason::LowConfidence => {
                format!("Surest of its answers {}, least {}.", share(measured), share(limit))
            }
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
            Reason::RuledOut => {
                "The file says that it is another kind of picture than this analysis is for. Choose another task, or read it without the analysis."
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

/// Milliseconds spent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Timing {
    /// From the picture to the network's input.
    pub preprocess: f32,
    /// The network, the gates and the maps.
    pub infer: f32,
}

/// What was measured, and the limit it did not keep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// What was measured.
    pub measured: f32,
    /// The limit.
    pub limit: f32,
}

/// A picture as a network sees it. It belongs to that network and is of no use to another.
#[derive(Debug)]
pub struct View {
    sha256: String,
    seen: Seen,
    /// Why something slower computed it, where a faster way failed.
    pub fell_back: Option<String>,
    small: Option<Limit>,
    contrast: f32,
    white: f32,
    /// Where the picture lay in the square that the maps cover.
    pub place: Rect,
    /// Side of that square, in pixels.
    pub side: u32,
    /// Milliseconds spent so far.
    pub timing_ms: Timing,
}

/// A task and how probable it is that the picture is of its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Name of the task.
    pub task: String,
    /// The kind of picture it is for.
    pub kind: String,
    /// 0 to 1.
    pub probability: f32,
}

/// One class of the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Name of the class in the manifest, the class without a finding included.
    pub label: String,
    /// Id in the catalogue of conditions; `None` for a class without a finding.
    pub condition: Option<String>,
    /// Calibrated, 0 to 1; over all classes of a task they sum to 1.
    pub probability: f32,
}

/// What came of one picture and one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The task.
    pub task: String,
    /// Probability that the picture is of the task's kind.
    pub kind: f32,
    /// Distance from the ordinary of the task, 1 is usual.
    pub distance: f32,
    /// Why there are no findings, if there are none; what was measured, where something was.
    pub refused: Option<(Reason, Option<Limit>)>,
    /// All classes in the order of the manifest; empty when refused.
    pub findings: Vec<Finding>,
    /// Probability of any finding: 1 less that of the classes without one; `None` when refused.
    pub any: Option<f32>,
    /// One map per class in the same order; empty when refused.
    pub maps: Vec<ClassMap>,
    /// Where the picture lay in the square that the maps cover.
    pub place: Rect,
    /// Side of that square, in pixels.
    pub side: u32,
    /// Why something slower computed it, where a faster way failed.
    pub fell_back: Option<String>,
    /// Milliseconds spent.
    pub timing_ms: Timing,
}

/// The numbers before any gate, for measuring a pack. Never shown as findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Calibrated probability of each class of the task, in the order of the manifest.
    pub probabilities: Vec<f32>,
    /// Probability that the picture is of the task's kind.
    pub kind: f32,
    /// Distance from the ordinary, 1 is usual.
    pub distance: f32,
    /// Why the picture is refused, if it is.
    pub refused: Option<Reason>,
}

impl Answer {
    /// The same question with silence for an answer: the file says that it is no such picture.
    pub(crate) fn ruled_out(self) -> Self {
        let refused = Some((Reason::RuledOut, None));
        Self { refused, findings: vec![], any: None, maps: vec![], ..self }
    }

    /// Whether no task fits the picture, as far as this answer can tell.
    pub(crate) fn is_of_another_kind(&self) -> bool {
        matches!(self.refused, Some((Reason::OtherKind | Reason::RuledOut, _)))
    }
}

impl Engine {
    /// Reads, verifies and tests a pack: every hash, every tensor, the golden vectors. A pack with
    /// the id of a built-in one must also be the very one the program was built with. A pack whose
    /// heads stand on another's network needs that one among `others` ([`crate::pack::describe`]
    /// says which).
    ///
    /// # Errors
    /// [`PackError`], whose sentence names the file.
    pub fn load(dir: &Path, others: &[Arc<Engine>]) -> Result<Engine, PackError> {
        Self::read(dir, true, others)
    }

    /// As [`Engine::load`], without asking whether a built-in pack is the pinned one: for a pack that
    /// is being made, and for one whose signed hash is compared by the caller.
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

    /// Whether both answer from the same view.
    pub fn shares_network(&self, other: &Engine) -> bool {
        Arc::ptr_eq(&self.loaded.network, &other.loaded.network)
    }

    /// Runs the network on one picture. Never fails: what cannot be analysed is refused by
    /// [`Engine::answer`].
    pub fn view(&self, picture: &RgbImage) -> View {
        let network = &*self.loaded.network;
        let start = Instant::now();
        let side = network.input.size;
        let square = prep::letterbox_rgb(picture, side);
        let prepared = prep::normalise_rgb(&square, &network.input.mean, &network.input.std);
        let place = prep::letterbox_rect(picture.width(), picture.height(), side);
        let (contrast, white) = quality(&square, place);
        let preprocess = start.elapsed().as_secs_f32() * 1e3;
        let start = Instant::now();
        let (seen, fell_back) = network.compute.see(&prepared);
        let infer = start.elapsed().as_secs_f32() * 1e3;
        let (shorter, least) = (picture.width().min(picture.height()), network.gate.side_min);
        let limit = Limit { measured: shorter as f32, limit: least as f32 };
        View {
            sha256: network.sha256.clone(),
            seen,
            fell_back,
            small: (shorter < least).then_some(limit),
            contrast,
            white,
            place,
            side,
            timing_ms: Timing { preprocess, infer },
        }
    }

    /// The tasks of this pack whose kind of picture this may be, the most probable first.
    pub fn propose(&self, view: &View) -> Vec<Proposal> {
        let gate = self.gate_logits(view);
        let mut found: Vec<Proposal> = self
            .tasks()
            .iter()
            .enumerate()
            .map(|(index, t)| Proposal {
                task: t.name.clone(),
                kind: t.kind.clone(),
                probability: self.kind(index, view, &gate),
            })
            .collect();
        found.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        found
    }

    /// What the gate takes the picture for, and how surely: also kinds no task is for.
    pub fn kind_of(&self, view: &View) -> (String, f32) {
        let gate = &self.loaded.network.gate;
        let p = softmax(&self.gate_logits(view), gate.temperature);
        let (best, probability) = largest(&p);
        (gate.kinds.get(best).cloned().unwrap_or_default(), probability)
    }

    /// The findings of one task, or why there are none. `None`: the pack does not know the task, or
    /// the view is of another network.
    pub fn answer(&self, view: &View, task: &str) -> Option<Answer> {
        let index = self.index(view, task)?;
        let start = Instant::now();
        let described = &self.tasks()[index];
        let kind = self.kind(index, view, &self.gate_logits(view));
        let mut answer = Answer {
            task: task.to_owned(),
            kind,
            distance: self.loaded.ordinary[index].distance(&view.seen.features),
            refused: self.refusal(index, view, kind).map(|(reason, limit)| (reason, Some(limit))),
            findings: vec![],
            any: None,
            maps: vec![],
            place: view.place,
            side: view.side,
            fell_back: view.fell_back.clone(),
            timing_ms: view.timing_ms,
        };
        if answer.refused.is_none() {
            let p = self.probabilities(index, view);
            answer.any = Some(any_finding(described, &p));
            let finding = |(l, &probability): (&Label, &f32)| Finding {
                label: l.name.clone(),
                condition: l.condition.clone(),
                probability,
            };
            answer.findings = described.labels.iter().zip(&p).map(finding).collect();
            answer.maps = self.maps(index, view);
        }
        answer.timing_ms.infer += start.elapsed().as_secs_f32() * 1e3;
        Some(answer)
    }

    /// The numbers of one task with all gates off, and what the gates would have said; `None` as in
    /// [`Engine::answer`].
    pub fn score(&self, view: &View, task: &str) -> Option<Scores> {
        let index = self.index(view, task)?;
        let kind = self.kind(index, view, &self.gate_logits(view));
        Some(Scores {
            probabilities: self.probabilities(index, view),
            kind,
            distance: self.loaded.ordinary[index].distance(&view.seen.features),
            refused: self.refusal(index, view, kind).map(|(reason, _)| reason),
        })
    }

    /// The features of a picture, where the view is of this network: what a head reads.
    pub(crate) fn features_of<'v>(&self, view: &'v View) -> Option<&'v [f32]> {
        (view.sha256 == self.loaded.network.sha256).then_some(view.seen.features.as_slice())
    }

    pub(crate) fn head_of(&self, task: &str) -> Option<&Head> {
        let index = self.tasks().iter().position(|t| t.name == task)?;
        self.loaded.heads.get(index)
    }

    pub(crate) fn network(&self) -> &Network {
        &self.loaded.network
    }

    fn tasks(&self) -> &[Task] {
        &self.loaded.info.description.tasks
    }

    fn index(&self, view: &View, task: &str) -> Option<usize> {
        let same = view.sha256 == self.loaded.network.sha256;
        self.tasks().iter().position(|t| t.name == task).filter(|_| same)
    }

    fn gate_logits(&self, view: &View) -> Vec<f32> {
        self.loaded.network.gate_head.logits(&view.seen.features)
    }

    /// Probability that the picture is of the task's kind: among the kinds of the gate and, where
    /// the gate does not know it, the row of its own.
    fn kind(&self, index: usize, view: &View, gate_logits: &[f32]) -> f32 {
        let gate = &self.loaded.network.gate;
        let mut logits = gate_logits.to_vec();
        let at = match &self.loaded.rows[index] {
            Some(row) => {
                logits.extend(row.logits(&view.seen.features));
                Some(gate_logits.len())
            }
            None => gate.kinds.iter().position(|k| *k == self.tasks()[index].kind),
        };
        let p = softmax(&logits, gate.temperature);
        at.and_then(|at| p.get(at)).copied().unwrap_or(0.0)
    }

    fn probabilities(&self, index: usize, view: &View) -> Vec<f32> {
        let logits = self.loaded.heads[index].logits(&view.seen.features);
        softmax(&logits, self.tasks()[index].calibration.temperature)
    }

    /// The first gate that refuses. Every comparison is written so that a value that is no number
    /// refuses.
    fn refusal(&self, index: usize, view: &View, kind: f32) -> Option<(Reason, Limit)> {
        let (task, gate) = (&self.tasks()[index], &self.loaded.network.gate);
        if let Some(limit) = view.small {
            return Some((Reason::TooSmall, limit));
        }
        let least = |reason, measured: f32, limit: f32| {
            (measured.is_nan() || measured < limit).then_some((reason, Limit { measured, limit }))
        };
        let most = |reason, measured: f32, limit: f32| {
            (measured.is_nan() || measured > limit).then_some((reason, Limit { measured, limit }))
        };
        least(Reason::Blank, view.contrast, gate.contrast_min)
            .or_else(|| least(Reason::OtherKind, kind, task.kind_min))
            .or_else(|| most(Reason::Clipped, view.white, task.white_max))
            .or_else(|| {
                let distance = self.loaded.ordinary[index].distance(&view.seen.features);
                most(Reason::OutOfDistribution, distance, task.distance_max)
            })
            .or_else(|| {
                let (_, best) = largest(&self.probabilities(index, view));
                least(Reason::LowConfidence, best, task.confidence_min)
            })
    }

    fn maps(&self, index: usize, view: &View) -> Vec<ClassMap> {
        let seen = &view.seen;
        let places = (seen.rows * seen.columns).max(1);
        let head = &self.loaded.heads[index];
        let scaled = |v: &f32, scale: f32| (v / scale).clamp(0.0, 1.0);
        let class = |(c, l): (usize, &Label)| ClassMap {
            label: l.name.clone(),
            width: seen.columns as u32,
            height: seen.rows as u32,
            values: head
                .map(c, &seen.maps, places)
                .iter()
                .map(|v| scaled(v, l.cam_scale))
                .collect(),
        };
        self.tasks()[index].labels.iter().enumerate().map(class).collect()
    }
}

/// Probability of any class that is a finding.
pub(crate) fn any_finding(task: &Task, probabilities: &[f32]) -> f32 {
    let of = |(l, p): (&Label, &f32)| if l.condition.is_some() { *p } else { 0.0 };
    task.labels.iter().zip(probabilities).map(of).sum()
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

fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let e: Vec<f32> = logits.iter().map(|z| ((z - top) / temperature).exp()).collect();
    let sum: f32 = e.iter().sum();
    e.iter().map(|v| v / sum).collect()
}
