//! How the packs do at this facility, evaluation sets, and fits on its own judgements.

use crate::PackRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Everything the page "Performance here" shows.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Quality {
    pub as_of: String,
    /// One for each task and pack that answered or refused here, the most used first.
    pub rows: Vec<TaskQuality>,
    /// Runs where no task fitted the picture.
    pub no_task: u32,
    /// Pictures whose true label somebody gave.
    pub judged_pictures: u32,
    /// The rules behind the figures, for the words beside them.
    pub rules: QualityRules,
    /// Fits that wait for somebody to install or drop them.
    #[serde(default)]
    pub fits: Vec<FitView>,
}

/// What a fit on the judgements of this facility needs, and what there is.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FitNeeds {
    pub labels: Vec<FitCount>,
    /// Judged pictures of each label for the temperature, and for the head.
    pub least_temperature: u32,
    pub least_head: u32,
    /// So many of each label have to be of people held out.
    pub least_held_out: u32,
    /// Whether there are enough.
    pub temperature: bool,
    pub head: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FitCount {
    pub label: String,
    pub condition: String,
    pub found: u32,
    pub held_out: u32,
}

/// Fits a task anew: the temperature, or the head and the temperature.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FitAsk {
    pub task: String,
    /// Id of the pack; the version that answers now is fitted.
    pub pack: String,
    pub head: bool,
}

/// What a fit came to: exactly one of the three is there.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FitAnswer {
    pub made: Option<FitView>,
    pub too_few: Option<FitTooFew>,
    pub not_better: Option<FitNotBetter>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FitTooFew {
    pub label: String,
    pub found: u32,
    pub least: u32,
    pub held_out: u32,
}

/// Log loss on the pictures held out, and in how many of 100 resamples it is lower.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FitNotBetter {
    pub n: u32,
    pub before: f64,
    pub after: f64,
    pub share: f64,
}

/// A new version of a pack that was fitted here and is not installed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FitView {
    pub task: String,
    pub pack: PackRef,
    /// The version it was made from.
    pub from: String,
    /// The head too, not only the temperature.
    pub head: bool,
    pub fitted_on: u32,
    pub measured_on: u32,
    pub before: FitSide,
    pub after: FitSide,
    /// Of 100 resamples by person, those in which it is better.
    pub better: f64,
    pub at: String,
    /// Display name.
    pub by: String,
}

/// Figures on the pictures held out.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FitSide {
    pub temperature: f64,
    pub log_loss: f64,
    pub ece: f64,
    pub macro_auroc: Option<f64>,
}

/// One of the fits that wait, by the hash of its pack.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FitOf {
    pub sha256: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QualityRules {
    /// Pictures of a kind that a share or an area needs.
    pub least: u32,
    /// Judged pictures that a calibration plot needs.
    pub least_calibration: u32,
    /// The first results of a pack that later ones are compared with.
    pub first: u32,
    /// Recent results that a comparison needs.
    pub recent: u32,
    /// Days that are recent.
    pub recent_days: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TaskQuality {
    pub task: String,
    pub pack: PackRef,
    pub network: Option<String>,
    /// Runs that named the task: answered, refused or failed.
    pub analysed: u32,
    pub answered: u32,
    pub failed: u32,
    /// How often each gate refused, by the name of its reason.
    pub refused: BTreeMap<String, u32>,
    /// Results with a judgement; the next three add up to it.
    pub judged: u32,
    pub agreed: u32,
    /// Not agreed, and nobody said what it is.
    pub disagreed: u32,
    pub corrected: u32,
    /// Pictures with an answer of this pack whose true label is known.
    pub pictures: u32,
    pub labels: Vec<LabelQuality>,
    /// Pictures of a true label (row) that were called each label (column).
    pub confusion: Vec<Vec<u32>>,
    pub accuracy: MaybeFigure,
    pub macro_auroc: MaybeFigure,
    /// The same figure on the pack's card; nothing where the pack is not installed any more.
    pub card_auroc: Option<CardFigure>,
    /// The interval here lies wholly under that of the card.
    pub below_card: bool,
    /// Calibration plot; empty while there are too few.
    pub bins: Vec<CalibrationBin>,
    pub ece: Option<f64>,
    /// `distance` and `probability`.
    pub drift: Vec<DriftView>,
    /// Milliseconds from the file to the findings: middle, and what 95 of 100 stay under.
    pub time: Option<TimeView>,
    /// Share of the pictures that the gates let through.
    pub coverage: MaybeFigure,
    /// Refusals that a person judged right, and wrong.
    pub refusals_right: u32,
    pub refusals_wrong: u32,
    /// Refused pictures that truly show a finding, in the eyes of a person.
    pub refused_findings: u32,
    /// What a fit on the judgements needs; nothing where this version does not answer any more.
    pub fit: Option<FitNeeds>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LabelQuality {
    pub label: String,
    pub condition: String,
    pub normal: bool,
    /// Pictures that truly show it.
    pub n: u32,
    pub threshold: Option<f64>,
    pub sensitivity: MaybeFigure,
    pub specificity: MaybeFigure,
    pub auroc: MaybeFigure,
}

/// A figure with its 95 % interval, or how many more pictures it needs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MaybeFigure {
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub n: u32,
    /// 0 where there are enough.
    pub needs: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CardFigure {
    pub value: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub n: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CalibrationBin {
    /// Mean probability of the label that was called.
    pub sure: f64,
    /// Share that was called right.
    pub right: f64,
    pub n: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DriftTrend {
    TooFew,
    Steady,
    Changed,
    Much,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DriftView {
    /// `distance` (from the ordinary) or `probability` (of any finding).
    pub what: String,
    pub trend: DriftTrend,
    /// Results that are missing, where there are too few.
    pub needs: u32,
    /// Population stability index.
    pub index: f64,
    /// What chance alone stays under 99 times of 100.
    pub chance: f64,
    pub first_n: u32,
    pub recent_n: u32,
    /// Upper edges of all bins but the last.
    pub edges: Vec<f64>,
    /// Share of the first results in each bin.
    pub first: Vec<f64>,
    pub recent: Vec<f64>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TimeView {
    pub median: u32,
    pub most: u32,
    pub n: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationExport {
    /// A new folder.
    pub path: String,
    /// With copies of the pictures, without their patients.
    pub pictures: bool,
    /// Somebody has looked at all of them and found no name in the picture itself.
    pub pixels_checked: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationDone {
    pub path: String,
    /// Lines of the list.
    pub rows: u32,
    /// Pictures that were copied.
    pub pictures: u32,
    /// Pictures that were not, with the reason.
    pub left_out: Vec<LeftOut>,
    /// SHA-256 of the list.
    pub sha256: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LeftOut {
    /// Its name in the list.
    pub name: String,
    pub why: String,
}

/// What another prevalence would do to a result. Nothing is stored.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PrevalenceAsk {
    pub analysis: String,
    pub label: String,
    /// 0 to 1; without one, that of the pictures the pack was measured on.
    pub share: Option<f64>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PrevalenceView {
    /// Share of the label among the pictures the pack was measured on; nothing where the card does
    /// not say, and then there is no slider.
    pub measured: Option<f64>,
    /// Pictures that share comes from.
    pub n: u32,
    pub rows: Vec<PrevalenceRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PrevalenceRow {
    pub label: String,
    pub condition: String,
    pub before: f64,
    pub after: f64,
}
