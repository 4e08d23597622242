//! Studies, images, analyses, models.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Files the program already holds by handle (dialog, drop or upload); never a path. A handle may
/// stand for a folder, a ZIP archive or a DICOMDIR: each picture in it is then a file of the answer.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StudyImport {
    pub handles: Vec<String>,
    pub patient: Option<String>,
    /// Start the analysis at once.
    pub analyse: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Imported {
    pub files: Vec<ImportedFile>,
    /// Files of folders, archives and discs that are no pictures of a study and were left alone: a
    /// viewer, its help, its icons.
    pub others: u32,
}

/// A broken file fails alone.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportedFile {
    pub name: String,
    pub study: Option<String>,
    pub image: Option<String>,
    pub analysis: Option<String>,
    pub error: Option<crate::CommandError>,
    /// The same bytes were here already.
    pub known: bool,
}

/// A file picked, dropped or uploaded.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PickedFile {
    pub handle: String,
    pub name: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct WorklistAsk {
    pub text: Option<String>,
    pub limit: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Worklist {
    pub rows: Vec<StudyRow>,
    pub total: u32,
    pub as_of: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StudyRow {
    pub id: String,
    pub patient: Option<String>,
    /// From the registry when assigned, else as written in the file.
    pub patient_name: Option<String>,
    /// Of the first picture: what tells studies without a name apart.
    pub file_name: Option<String>,
    pub modality: Option<String>,
    pub body_part: Option<String>,
    pub taken_at: Option<String>,
    pub added_at: String,
    pub images: u32,
    pub state: AnalysisState,
    /// The newest result was made for another kind of patient: never shown as "nothing found".
    pub outside_intended_use: bool,
    /// The strongest finding that is not the normal class, at or above its threshold, of the newest
    /// analysis of every picture.
    pub finding: Option<String>,
    pub probability: Option<f64>,
    pub report: ReportState,
    /// Who has the unsigned report in hand; null when nobody has, and outside the worklist.
    pub writing: Option<String>,
    /// A study that was here before and says the same study UID of another patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub conflict: Option<String>,
}

/// How far the written report of a study is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    None,
    Draft,
    Signed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AnalysisState {
    None,
    Queued,
    Running,
    Done,
    Abstained,
    Failed,
    Cancelled,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StudyView {
    pub row: StudyRow,
    pub images: Vec<ImageView>,
    /// Newest first.
    pub analyses: Vec<AnalysisView>,
    pub report: Option<ReportView>,
}

/// The written report: a draft until it is signed, then a text that never changes, with addenda.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportView {
    pub template: String,
    pub sections: Vec<ReportSection>,
    /// Sent back with the next text, so that nobody wipes out what somebody else saved meanwhile.
    pub revision: u32,
    pub written: ReportMark,
    pub signed: Option<ReportMark>,
    /// Oldest first.
    pub addenda: Vec<ReportAddendum>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportSection {
    /// `findings`, `impression`, ...: lower-case letters, digits and `_`.
    pub name: String,
    pub text: String,
}

/// Who (by name) and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportMark {
    pub by: String,
    pub at: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportAddendum {
    pub text: String,
    pub by: String,
    pub at: String,
}

/// A whole text to be saved or signed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportText {
    pub study: String,
    pub template: String,
    pub sections: Vec<ReportSection>,
    /// Of the text it was begun from; 0 when there was none.
    pub revision: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportAddend {
    pub study: String,
    pub text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ImageView {
    pub id: String,
    pub file_name: String,
    pub rows: u32,
    pub cols: u32,
    pub frames: u32,
    /// 1 for grey (16-bit little endian frames), 3 for colour (8-bit RGB frames).
    pub samples: u32,
    pub signed: bool,
    pub bits_stored: u32,
    pub inverted: bool,
    pub slope: f64,
    pub intercept: f64,
    /// Centre and width from the header, or from the 0.5 and 99.5 percentiles.
    pub windows: Vec<Window>,
    /// Millimetres per row and per column; absent means uncalibrated.
    pub spacing_mm: Option<[f64; 2]>,
    /// Letters at left, right, top, bottom; absent means "Orientation unknown".
    pub orientation: Option<[String; 4]>,
    /// How fast the file says its frames follow each other; absent where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub play: Option<PlayRateView>,
    /// Where its frames lie in the body; absent means that they can be followed by number only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub slices: Option<Slices>,
    pub modality: Option<String>,
    pub file_patient_name: Option<String>,
    pub file_patient_id: Option<String>,
    pub sha256: String,
}

/// The file's own speed (PS3.3 C.7.6.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlayRateView {
    /// Frames a second; the mean where times differ.
    pub fps: f64,
    /// Milliseconds from each frame to the next where the file gives them one by one, one fewer
    /// than there are frames; else empty.
    pub waits_ms: Vec<f64>,
}

/// Places of the frames of one picture, in millimetres of the frame of reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Slices {
    /// Only pictures with the same UID have millimetres in common.
    pub frame_of_reference: String,
    pub series: Option<String>,
    /// One for each frame.
    pub places: Vec<SlicePlaceView>,
}

/// As [`Slices`]: the first pixel's centre, and the direction across the plane, of length 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SlicePlaceView {
    pub at: [f64; 3],
    pub normal: [f64; 3],
}

/// Which study a window of this computer shows. Asked again every few seconds; a window that stops
/// asking is forgotten.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReadingHere {
    /// The window's own name for itself, at most 64 characters.
    pub window: String,
    /// None: it shows no study.
    pub study: Option<String>,
}

/// What the other windows of this computer show now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReadingElsewhere {
    pub studies: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Window {
    pub center: f64,
    pub width: f64,
    pub name: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AnalysisStart {
    pub image: String,
    /// This pack and no other.
    pub pack: Option<String>,
    /// Without one the gate proposes what the picture seems to be.
    #[serde(default)]
    #[ts(optional)]
    pub task: Option<String>,
    /// Without one the best measured network for the task answers.
    #[serde(default)]
    #[ts(optional)]
    pub network: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AnalysisView {
    pub id: String,
    pub image: String,
    pub state: AnalysisState,
    /// Why it abstained or failed, as a stable name (`not_a_chest_xray`, `blank`, ...).
    pub reason: Option<String>,
    /// The numbers behind the reason, in words.
    pub detail: Option<String>,
    /// The same numbers by name, for a sentence of the catalogue: `measured` and `limit` of a
    /// reason; `any`, `threshold`, `sensitivity` and `specificity` of a result; `age_max` and `age`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub values: Option<BTreeMap<String, f64>>,
    /// All classes of the task, the normal class included; they sum to 1.
    pub findings: Vec<FindingView>,
    /// What a person thinks of a refusal: agreed, the gate was right; `correct`, what it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub judged: Option<Judgement>,
    /// The pack was made for another kind of patient; findings only under "outside intended use".
    pub outside_intended_use: Option<String>,
    /// The same in numbers; an age that is not known counts as outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outside: Option<OutsideUse>,
    /// The question that was answered; nothing where none fitted.
    pub task: Option<String>,
    /// `basic_cnn`, `resnet50` or `efficientnet_b0`.
    pub network: Option<String>,
    pub pack: Option<PackRef>,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    pub timing_ms: Option<Timing>,
    pub asked_by: String,
}

/// A patient the pack was not made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutsideUse {
    /// The oldest the pack was trained for, in years.
    pub age_max: u32,
    /// Nothing when it is not known.
    pub age: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Timing {
    pub decode: u32,
    pub preprocess: u32,
    pub infer: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PackRef {
    pub id: String,
    pub version: String,
    pub sha256: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    pub label: String,
    pub condition: String,
    pub normal: bool,
    pub probability: f64,
    pub word: Likelihood,
    pub threshold: Option<f64>,
    pub sensitivity: Option<f64>,
    pub specificity: Option<f64>,
    /// Exact class-activation map on a fixed 0 to 1 scale.
    pub map: Option<HeatMap>,
    pub judged: Option<Judgement>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Likelihood {
    VeryUnlikely,
    Unlikely,
    Possible,
    Likely,
    VeryLikely,
}

/// Row-major values in 1/1000; the rectangle says where it lies on the image, in image pixels.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HeatMap {
    pub cols: u32,
    pub rows: u32,
    pub values: Vec<u32>,
    pub rect: MapRect,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MapRect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Judgement {
    pub agree: bool,
    /// The label that is right instead, where the judge said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub correct: Option<String>,
    pub by: String,
    pub at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FindingJudge {
    pub analysis: String,
    pub label: String,
    pub agree: bool,
    /// The label of the same result that is right instead; only without agreement.
    #[serde(default)]
    #[ts(optional)]
    pub correct: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StudyAssign {
    pub study: String,
    pub patient: String,
}

/// What was asked one by one. Batches are told by `batch.list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Queue {
    pub jobs: Vec<AnalysisJob>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AnalysisJob {
    pub analysis: String,
    pub study: String,
    pub file_name: String,
    pub state: AnalysisState,
    /// 0 to 100.
    pub progress: u32,
    /// It goes before everything else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub urgent: bool,
    /// Why nothing was recorded: whoever asked may not ask any more, or something broke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<crate::CommandError>,
}
