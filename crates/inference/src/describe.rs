//! `model.toml`: what a pack says of itself.

use crate::networks::{Architecture, Plan};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What may be done with what was learnt from the training pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenceClass {
    /// Open licences only.
    Open,
    /// Licence not stated, or for research: set-up asks before it is used.
    ResearchOnly,
    /// Not for commercial use: set-up asks before it is used.
    NonCommercial,
}

/// The pre-processing: a square of `size` pixels with three channels (a grey picture has three equal
/// ones), `(x / 255 - mean) / std` per channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Side of the square, in pixels.
    pub size: u32,
    /// Mean of the training pixels per channel, on a scale of 0 to 1.
    pub mean: [f32; 3],
    /// Standard deviation per channel, on a scale of 0 to 1.
    pub std: [f32; 3],
    /// Only `triangle` exists.
    pub filter: String,
    /// Only `letterbox-black` exists.
    pub fit: String,
}

/// The network of another pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backbone {
    /// Id of the pack that brings it.
    pub pack: String,
    /// SHA-256 of that pack's `weights.safetensors`.
    pub sha256: String,
}

/// When to keep silent before any task is asked, in the order of the tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Kinds of picture, in the order of the gate's outputs. A kind that no task names is refused.
    pub kinds: Vec<String>,
    /// Logits are divided by this before the softmax.
    pub temperature: f32,
    /// Shorter side of the picture, in pixels; smaller is refused.
    pub side_min: u32,
    /// Standard deviation of the grey values (0 to 255) below which the picture is blank.
    pub contrast_min: f32,
    /// How the limits were chosen.
    pub chosen: String,
}

/// One class of a task, in the order of its outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Name in the manifest.
    pub name: String,
    /// Id in `assets/conditions.toml`; `None` for the class without a finding.
    pub condition: Option<String>,
    /// The value of the raw map that is shown as 1.
    pub cam_scale: f32,
    /// Probability from which the label counts as found (largest sensitivity plus specificity on the
    /// calibration pictures); absent where there were too few.
    pub threshold: Option<f32>,
    /// Share of the validation pictures with this label at or above `threshold`.
    pub sensitivity: Option<f32>,
    /// Share of the others below it.
    pub specificity: Option<f32>,
}

/// For whom a task was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntendedUse {
    /// Youngest patient, in completed years; `None` where the pictures do not say.
    pub age_min_years: Option<u32>,
    /// Oldest patient, in completed years. Outside, or of unknown age where an age matters:
    /// findings only under "outside intended use".
    pub age_max_years: Option<u32>,
    /// What it is for.
    pub text: String,
    /// What it is not for.
    pub out_of_scope: String,
}

/// How far the figures of a task may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Measured on groups that were not trained on.
    Measured,
    /// Too few groups for a figure to mean much.
    NotEstablished,
}

/// How scores became probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Logits are divided by this before the softmax.
    pub temperature: f32,
    /// Which pictures it was fitted on.
    pub fitted_on: String,
}

/// One source of training pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is and where it was published.
    pub name: String,
    /// Licence of the pictures.
    pub licence: String,
    /// What the pictures were used for: `findings` or `gate`.
    pub used_for: String,
}

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// What was measured.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// Lower end of the 95 % interval, bootstrapped by group; absent for counts.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
    /// Number of pictures it rests on.
    pub n: usize,
}

/// One question the pack answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Name in the manifest, and of its tensors.
    pub name: String,
    /// The kind of picture it is for: one of the gate's, or, in a pack whose heads stand on
    /// another's network, a kind of its own that a row beside the gate knows.
    pub kind: String,
    /// Probability that the picture is of this kind, below which it is refused.
    pub kind_min: f32,
    /// Largest share of pixels that are exactly white; above it detail is lost. 1 where white is
    /// ordinary (a glass slide).
    pub white_max: f32,
    /// At least two.
    pub labels: Vec<Label>,
    /// The temperature.
    pub calibration: Calibration,
    /// Distance of the features from the ordinary, above which the picture is unusual.
    pub distance_max: f32,
    /// The largest probability of any label must reach this.
    pub confidence_min: f32,
    /// For whom.
    pub intended_use: IntendedUse,
    /// Whether the figures mean much.
    pub standing: Standing,
    /// What is confounded or unknown about the pictures.
    pub caution: String,
    /// What it was trained on.
    pub training: Vec<Source>,
    /// What the Rust program measured (`cargo run -p inference --example seal`).
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// Validation pictures of a true label (row) that were called each label (column), gates off.
    #[serde(default)]
    pub confusion: Vec<Vec<usize>>,
}

/// `model.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Version of this file's layout: 2.
    pub format: u32,
    /// Id of the pack, equal to its folder.
    pub id: String,
    /// Version of the pack.
    pub version: String,
    /// The network.
    pub architecture: Architecture,
    /// The blocks of a basic network; empty for the others, and where the network is another pack's.
    #[serde(default)]
    pub plan: Plan,
    /// Inner blocks (stages of a ResNet), by number in rising order, whose means are features beside
    /// those of the last; empty where the network is another pack's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taps: Vec<usize>,
    /// Where the network comes from, if not from this pack.
    pub backbone: Option<Backbone>,
    /// Licence of the pack itself.
    pub licence: String,
    /// What the licences of the training pictures allow.
    pub licence_class: LicenceClass,
    /// How training, calibration and validation pictures were divided.
    pub split: String,
    /// The pre-processing; of the other pack where the network is its.
    pub input: Input,
    /// When to keep silent; of the other pack where the network is its.
    pub gate: Option<Gate>,
    /// The questions it answers, the proposed one of a kind first.
    pub tasks: Vec<Task>,
    /// SHA-256 of every other file.
    pub files: BTreeMap<String, String>,
}

impl Description {
    /// The task of a name.
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|t| t.name == name)
    }

    /// The files a pack like this consists of, `model.toml` apart.
    pub fn expected_files(&self) -> BTreeSet<String> {
        let mut files = BTreeSet::from(
            ["README.md", "golden.safetensors", "heads.safetensors", "ood.safetensors"]
                .map(String::from),
        );
        if self.backbone.is_none() {
            files.insert("weights.safetensors".to_owned());
        }
        files
    }

    /// What the types cannot say.
    ///
    /// # Errors
    /// The field that is wrong, in words for whoever made the pack.
    pub fn check(&self) -> Result<(), String> {
        let wrong = |field: String| Err(format!("{field} is out of range"));
        if !crate::pack::is_id(&self.id) {
            return Err("id should be small letters, digits and - after a letter".into());
        }
        if !crate::pack::is_version(&self.version) {
            return Err("version should be like 1.4.0".into());
        }
        if self.input.filter != "triangle" || self.input.fit != "letterbox-black" {
            return Err(format!(
                "the pre-processing \"{}\" with \"{}\" does not exist",
                self.input.fit, self.input.filter
            ));
        }
        let finite = |v: &[f32]| v.iter().all(|v| v.is_finite());
        let i = &self.input;
        if !(32..=1024).contains(&i.size)
            || !finite(&i.mean)
            || !finite(&i.std)
            || i.std.iter().any(|s| *s <= 0.0)
        {
            return wrong("input".into());
        }
        let planned = self.architecture == Architecture::BasicCnn && self.backbone.is_none();
        if planned == self.plan.is_empty() {
            return Err("a basic_cnn with its own network, and only that, has a plan".into());
        }
        if self.plan.len() > 64
            || self.plan.iter().any(|&[i, o, k, s, p, g]| {
                !(1..=2048).contains(&i)
                    || !(1..=2048).contains(&o)
                    || !(k == 1 || k == 3)
                    || !(1..=2).contains(&s)
                    || p > 1
                    || !(1..=2).contains(&g)
                    || i % g + o % g > 0
            })
        {
            return wrong("plan".into());
        }
        if self.taps.len() > 16
            || self.taps.windows(2).any(|w| w[0] >= w[1])
            || (self.backbone.is_some() && !self.taps.is_empty())
        {
            return wrong("taps".into());
        }
        if self.backbone.is_some() == self.gate.is_some() {
            return Err("a pack has either its own network and gate, or names another's".into());
        }
        let unit = |v: f32| (0.0..=1.0).contains(&v);
        if let Some(g) = &self.gate {
            let names: BTreeSet<&String> = g.kinds.iter().collect();
            if g.kinds.len() < 2
                || g.kinds.len() > 100
                || names.len() != g.kinds.len()
                || !(g.temperature.is_finite() && g.temperature > 0.0)
                || !g.contrast_min.is_finite()
            {
                return wrong("gate".into());
            }
            if let Some(t) = self.tasks.iter().find(|t| !g.kinds.contains(&t.kind)) {
                return Err(format!("task {} is of a kind the gate does not know", t.name));
            }
        }
        let names: BTreeSet<&str> = self.tasks.iter().map(|t| t.name.as_str()).collect();
        if self.tasks.is_empty() || self.tasks.len() > 100 || names.len() != self.tasks.len() {
            return wrong("tasks".into());
        }
        for t in &self.tasks {
            let plain = |name: &str| {
                !name.is_empty()
                    && name.len() <= 60
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            };
            let labels: BTreeSet<&str> = t.labels.iter().map(|l| l.name.as_str()).collect();
            if !plain(&t.name)
                || t.labels.len() < 2
                || t.labels.len() > 200
                || labels.len() != t.labels.len()
                || t.labels
                    .iter()
                    .any(|l| !plain(&l.name) || !l.cam_scale.is_finite() || l.cam_scale <= 0.0)
                || !(t.calibration.temperature.is_finite() && t.calibration.temperature > 0.0)
                || t.distance_max.is_nan()
                || !unit(t.confidence_min)
                || !unit(t.kind_min)
                || !unit(t.white_max)
                || t.labels.iter().any(|l| {
                    [l.threshold, l.sensitivity, l.specificity].iter().flatten().any(|v| !unit(*v))
                })
            {
                return wrong(format!("task {}", t.name));
            }
            let said = [
                ("intended_use.text", &t.intended_use.text),
                ("intended_use.out_of_scope", &t.intended_use.out_of_scope),
                ("caution", &t.caution),
                ("calibration.fitted_on", &t.calibration.fitted_on),
            ];
            if let Some((field, _)) = said.into_iter().find(|(_, text)| text.trim().is_empty()) {
                return Err(format!("task {}: {field} is blank on the card", t.name));
            }
            if t.training.is_empty() || t.training.iter().any(|s| s.licence.trim().is_empty()) {
                return Err(format!("task {}: a source of pictures has no licence", t.name));
            }
        }
        if self.files.keys().cloned().collect::<BTreeSet<_>>() != self.expected_files() {
            let list: Vec<String> = self.expected_files().into_iter().collect();
            return Err(format!("files must list exactly {}", list.join(", ")));
        }
        Ok(())
    }
}
