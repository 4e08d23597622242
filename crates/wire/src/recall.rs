//! Look-back from a donor to everybody who received and back, and the recalls that follow from it.

use crate::{Component, MarkerRow, PatientRow, UnitRow};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a bag is now, whatever its record is kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BagState {
    Available,
    Reserved,
    Quarantined,
    InTransit,
    /// With a ward, perhaps not begun.
    Issued,
    Transfused,
    Discarded,
    Expired,
    /// A component that has not left the laboratory.
    InLaboratory,
    /// Made into other bags.
    UsedUp,
    /// Named by an edge and not known itself.
    NotKnown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LookBackFrom {
    Donor,
    Unit,
    Patient,
}

/// Who gave. Number and name only for those who may know.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LineageDonor {
    pub id: String,
    pub number: Option<String>,
    pub name: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LineageDonation {
    pub id: String,
    pub din: String,
    pub check: String,
    pub at: String,
    /// Markers that are reactive or unclear; none for those who may not know.
    pub found: Vec<MarkerRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LineageBag {
    pub id: String,
    pub din: String,
    pub check: String,
    pub product_code: String,
    pub component: Option<Component>,
    pub state: BagState,
    pub site: String,
    pub place: String,
    pub expires_at: Option<String>,
    /// Its donor is known to its supplier only.
    pub from_outside: bool,
    /// The recall that names it.
    pub recall: Option<String>,
}

/// From what something came to where it went.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct LineageEdge {
    pub from: String,
    pub to: String,
}

/// Donors, donations, bags and recipients as one graph.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LookBackMap {
    pub from: LookBackFrom,
    pub id: String,
    pub donors: Vec<LineageDonor>,
    pub donations: Vec<LineageDonation>,
    pub bags: Vec<LineageBag>,
    pub recipients: Vec<PatientRow>,
    pub edges: Vec<LineageEdge>,
    /// Whether who looks may see who gave.
    pub sees_donors: bool,
    /// Bags that are not shown because there are too many.
    pub more: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RecallFound {
    InStock,
    Issued,
    Discarded,
    UsedUp,
    /// A number of which no bag has come here yet.
    NotHere,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecallRow {
    pub id: String,
    pub reason: String,
    pub opened_at: String,
    pub closed_at: Option<String>,
    pub bags: u32,
    /// Of them with somebody, or given.
    pub issued: u32,
    /// Sites that have not answered.
    pub pending: Vec<String>,
    /// The earliest thing to be done, where it is overdue.
    pub overdue: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Recalls {
    pub open: Vec<RecallRow>,
    pub closed: Vec<RecallRow>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecallTarget {
    pub id: String,
    pub din: String,
    pub check: String,
    pub site: String,
    /// What it was found as when the recall named it.
    pub found: RecallFound,
    /// What it is now.
    pub state: BagState,
    pub patient: Option<PatientRow>,
    pub unit: Option<UnitRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecallAnswer {
    pub site: String,
    pub by: String,
    pub at: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RecallTaskKind {
    AlertWard,
    AlertPhysician,
    TraceRecipient,
    AcknowledgeRecall,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecallTask {
    pub what: RecallTaskKind,
    /// None: at once.
    pub due: Option<String>,
    pub overdue: bool,
    pub din: Option<String>,
    pub patient: Option<String>,
    /// Whoever asked for the bag, or ordered it, and answers for the patient.
    pub clinician: Option<String>,
    pub site: Option<String>,
    /// The site has answered, or the recall is closed.
    pub done: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecallView {
    pub row: RecallRow,
    pub targets: Vec<RecallTarget>,
    pub answers: Vec<RecallAnswer>,
    pub tasks: Vec<RecallTask>,
    /// The word for the site where this is read.
    pub here: String,
}

/// Bags to be recalled: by their ids, or every bag of a donation number. What was made of them and
/// what shares a pool with them comes in by itself.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecallOpen {
    pub reason: String,
    pub units: Vec<String>,
    pub dins: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecallExtend {
    pub recall: String,
    pub units: Vec<String>,
    pub dins: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecallAcknowledge {
    pub recall: String,
    /// None: the site that acts.
    pub site: Option<String>,
}
