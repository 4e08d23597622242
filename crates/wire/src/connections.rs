//! Pictures and results between this program and others: the receiver, archives, files.

use crate::CommandError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What this facility exchanges pictures with.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Connections {
    pub receiver: Receiver,
    pub archives: Vec<Archive>,
}

/// Whether scanners and archives may send here (C-STORE, C-ECHO), and how that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Receiver {
    pub on: bool,
    /// Its own application title.
    pub title: String,
    /// Titles that may send; nobody else is let in.
    pub allowed: Vec<String>,
    /// The address it listens on; `127.0.0.1` hears this computer only.
    pub bind: String,
    pub port: u16,
    /// Queue the analyses of what arrives.
    pub analyse: bool,
    pub state: ReceiverState,
    /// What the operating system says when it could not listen.
    pub problem: Option<String>,
    /// Since the program started.
    pub taken: u32,
    pub refused: u32,
    pub last_sender: Option<String>,
    pub last_at: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReceiverState {
    Off,
    Starting,
    Listening,
    Failed,
    /// Switched on, and this program is one that receives nothing.
    NotHere,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReceiverSet {
    pub on: bool,
    pub title: String,
    pub allowed: Vec<String>,
    pub bind: String,
    pub port: u16,
    #[serde(default)]
    pub analyse: bool,
}

/// What an archive wants to hear before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveDoor {
    Open,
    Password,
    Token,
}

/// An archive of another house that speaks DICOMweb. Its password or token never comes back here.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Archive {
    pub id: String,
    pub name: String,
    pub address: String,
    /// Somebody decided that patients may travel to it unencrypted.
    pub plain: bool,
    pub door: ArchiveDoor,
    pub user: Option<String>,
    /// Its certificate has to come from an authority that was given here.
    pub authority: bool,
}

#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ArchivePut {
    /// Nothing for a new one.
    pub id: Option<String>,
    pub name: String,
    pub address: String,
    pub plain: bool,
    pub door: ArchiveDoor,
    pub user: Option<String>,
    /// Password or token; nothing leaves the one that is kept.
    pub secret: Option<String>,
    /// PEM; nothing leaves the one that is kept, an empty text takes it away.
    pub authority: Option<String>,
}

impl std::fmt::Debug for ArchivePut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ArchivePut({})", self.name)
    }
}

/// Studies to look for. Empty fields match anything; days are `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveSearch {
    pub archive: String,
    pub patient_name: String,
    pub patient_id: String,
    pub accession: String,
    pub modality: String,
    pub from: Option<String>,
    pub to: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ArchiveFound {
    pub rows: Vec<ArchiveRow>,
    /// There are more than are shown.
    pub more: bool,
    /// Rows of the answer that cannot be fetched by.
    pub unusable: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveRow {
    pub study_uid: String,
    pub patient_name: Option<String>,
    pub patient_id: Option<String>,
    pub accession: Option<String>,
    /// `YYYY-MM-DD`, if it is a day.
    pub taken_on: Option<String>,
    pub modalities: Vec<String>,
    pub description: Option<String>,
    pub images: Option<u32>,
    /// The study of the worklist that it already is.
    pub here: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveFetch {
    pub archive: String,
    pub study_uid: String,
    /// Start the analysis at once.
    pub analyse: bool,
}

/// Where a study is on its way here. It comes whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FetchState {
    /// One study is fetched at a time.
    Waiting,
    Running,
    /// All of it came and is written down; it cannot be cancelled any more.
    Saving,
    Over,
    /// It broke off: nothing of it was kept.
    Failed,
    /// Nothing of it was kept.
    Cancelled,
}

/// A study on its way from an archive, or one that came or failed lately.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FetchView {
    pub id: String,
    pub archive: String,
    pub archive_name: String,
    pub study_uid: String,
    /// As the archive says it.
    pub patient_name: Option<String>,
    pub asked_by: String,
    pub asked_at: String,
    pub analyse: bool,
    pub state: FetchState,
    /// Instances that came.
    pub got: u32,
    /// How many the archive says there are, if it does.
    pub total: Option<u32>,
    /// Bytes that came, in units of 1,000.
    pub kilobytes: u32,
    /// By the speed so far.
    pub seconds_left: Option<u32>,
    /// Of what came: pictures that are in the study now, and instances that were not taken over.
    pub taken: u32,
    pub refused: u32,
    /// Why the first of them was not.
    pub refused_why: Option<CommandError>,
    /// The study of the worklist.
    pub study: Option<String>,
    /// Why it failed.
    pub error: Option<CommandError>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Fetches {
    /// The newest first.
    pub fetches: Vec<FetchView>,
}

/// A form of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ResultKind {
    Pdf,
    Fhir,
    /// DICOM structured report, TID 1500.
    Sr,
    /// DICOM secondary capture: the heat-map on the picture.
    Capture,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ResultsAsk {
    pub study: String,
    /// Without one the newest that ended.
    pub analysis: Option<String>,
}

/// What can leave the program of this study, and where to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ResultsOffer {
    /// The analysis whose results they are; nothing when none has ended.
    pub analysis: Option<String>,
    pub kinds: Vec<ResultKind>,
    /// DICOM pictures of which a copy without the patient can be made.
    pub pictures: u32,
    pub archives: Vec<ArchiveName>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ArchiveName {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ResultsSave {
    pub study: String,
    pub analysis: Option<String>,
    pub kinds: Vec<ResultKind>,
    /// A folder that is there; the user's own words.
    pub folder: String,
}

/// Copies of the pictures of a study without its patient.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CopiesSave {
    pub study: String,
    pub folder: String,
    /// Somebody has looked at the pictures and found no name in them.
    pub pixels_checked: bool,
    /// Move the dates instead of removing them.
    pub keep_intervals: bool,
}

/// Files that were written, and those that were not.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SavedFiles {
    pub folder: String,
    pub files: Vec<String>,
    pub refused: Vec<NotSaved>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NotSaved {
    pub name: String,
    pub error: CommandError,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ResultsSend {
    pub archive: String,
    pub study: String,
    pub analysis: Option<String>,
    /// Of these only the DICOM ones.
    pub kinds: Vec<ResultKind>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ResultsSent {
    pub kept: u32,
    /// Files that the archive did not keep.
    pub refused: u32,
}
