//! Model packs: what is installed, where it comes from, what it can be compared with.

use crate::{AnalysisView, PackRef};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PackView {
    pub id: String,
    pub version: String,
    pub sha256: String,
    pub network: String,
    pub licence: String,
    pub licence_class: LicenceKind,
    /// Whether this facility uses it: open packs of the program always, others after somebody said
    /// yes.
    pub enabled: bool,
    pub origin: PackOrigin,
    /// Every version that is here, the newest installed first; the one of the program last.
    pub versions: Vec<PackVersion>,
    pub tasks: Vec<PackTask>,
    /// Set when the pack could not be loaded; it is then not offered.
    pub problem: Option<crate::CommandError>,
    /// The model card, Markdown.
    pub card: String,
}

/// What the licences of the training pictures allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LicenceKind {
    #[default]
    Open,
    ResearchOnly,
    NonCommercial,
}

/// One question a pack answers.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PackTask {
    pub task: String,
    pub labels: Vec<String>,
    pub intended_use: String,
    pub out_of_scope: String,
    /// What is confounded or unknown about the pictures.
    pub caution: String,
    /// False: too few groups for a figure to mean much.
    pub established: bool,
    /// Macro AUROC with gates off, of the card.
    pub auroc: Option<f64>,
}

/// A question that can be asked here.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TaskChoice {
    pub task: String,
    /// The kind of picture it is for.
    pub kind: String,
    /// The best measured network for it.
    pub network: String,
    /// All that answer it.
    pub networks: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ModelEnable {
    pub id: String,
    pub enabled: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Packs {
    pub packs: Vec<PackView>,
    pub tasks: Vec<TaskChoice>,
    /// Who may sign packs for this facility; its own key first.
    pub keys: Vec<PackKey>,
    /// Versions fitted on this facility's own judgements that wait to be installed or dropped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<crate::FitView>>")]
    pub fits: Vec<crate::FitView>,
    /// What is known of a graphics card; nothing before a network was loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub graphics: Option<GraphicsView>,
}

/// Whether a graphics card computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GraphicsState {
    /// There is none.
    None,
    /// Only a program that imitates one, which is slower than the processor.
    Software,
    /// There is one; it computes what it computes rightly and faster.
    Card,
    /// It stopped answering and is not used until the program starts again.
    Lost,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GraphicsView {
    pub state: GraphicsState,
    /// As it names itself.
    pub name: String,
    /// For people who mend computers.
    pub detail: Option<String>,
    /// How many networks it computes.
    pub networks: u32,
}

/// Where a version of a pack comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PackOrigin {
    /// It came with the program, which was built with its hash.
    #[default]
    BuiltIn,
    Imported,
    /// Fitted and signed by this facility.
    MadeHere,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PackVersion {
    pub version: String,
    pub sha256: String,
    pub origin: PackOrigin,
    /// It answers for its id.
    pub current: bool,
    /// Name of the publisher; nothing for what came with the program.
    pub signed_by: Option<String>,
    /// When and by whom it was installed.
    pub at: Option<String>,
    pub by: Option<String>,
    /// Its publisher is not trusted any more, or its files are gone: it cannot be used.
    pub problem: Option<crate::CommandError>,
}

/// A key whose signature on a pack counts here.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PackKey {
    /// 32 bytes, hexadecimal.
    pub key: String,
    /// 16 bytes in groups of four, as they are read out and typed.
    pub fingerprint: String,
    pub name: String,
    /// This facility's own.
    pub own: bool,
    pub at: Option<String>,
    pub by: Option<String>,
}

/// A ZIP or a folder the program holds by handle.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ModelImport {
    pub handle: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModelImported {
    pub pack: PackRef,
    /// The version that answered before and is kept.
    pub replaced: Option<String>,
    /// Whether it answers at once, or only after somebody says yes to it.
    pub enabled: bool,
    /// It was installed already; nothing changed but which version answers.
    pub known: bool,
    /// Files beside the pack that were left alone.
    pub others: u32,
}

/// Lets an installed version answer; without a hash the one that came with the program.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ModelUse {
    pub id: String,
    pub sha256: Option<String>,
}

/// Lets a publisher's packs be installed. The fingerprint is typed from a letter or a call, never
/// copied from the pack.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ModelTrust {
    pub key: String,
    pub name: String,
    pub fingerprint: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ModelDistrust {
    pub key: String,
}

/// One entry of the catalogue of conditions, and who answers for it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ConditionRow {
    pub id: String,
    /// In English.
    pub name: String,
    /// `chest`, `bone_and_teeth`, ...
    pub area: String,
    pub state: ConditionState,
    /// Ids of the packs in use that answer for it.
    pub packs: Vec<String>,
    /// Why nothing answers, as a stable name: `no_pictures`, `not_labelled`, `told_in_parts`.
    pub reason: Option<String>,
    /// The same in an English sentence.
    pub why: Option<String>,
}

/// Whether a condition has a score here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConditionState {
    /// A network of the program was trained on it.
    Trained,
    /// An installed pack that is in use answers for it, and none of the program does.
    Imported,
    /// It has a name and never a score.
    VocabularyOnly,
}

/// One very pack.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PackChoice {
    pub id: String,
    pub sha256: String,
}

/// Two packs on one image. Nothing of it is stored.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CompareAsk {
    pub image: String,
    /// Without one each pack's own gate proposes one.
    pub task: Option<String>,
    pub left: PackChoice,
    pub right: PackChoice,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Compared {
    pub left: AnalysisView,
    pub right: AnalysisView,
}

/// A stored result computed again, by the very pack that made it. Nothing of it is stored.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Reran {
    pub analysis: AnalysisView,
    /// Outcome, reason and every probability are as they were recorded.
    pub same: bool,
    /// Largest difference of a probability, 0 to 1.
    pub largest: f64,
    pub differences: Vec<RerunDifference>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RerunDifference {
    pub label: String,
    /// As recorded; nothing where it was not among the answers then.
    pub then: Option<f64>,
    pub now: Option<f64>,
}
