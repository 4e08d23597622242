//! Massive transfusion: packs of units, prompts, and where every bag went.

use crate::{
    BagScan, BloodGroup, Component, GroupState, Override, PatientRow, ProposalReason, SecondPerson,
    UnitRow,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProtocolStatus {
    Active,
    /// No more packs; bags are being accounted for.
    Ended,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnitFate {
    Transfused,
    Returned,
    Discarded,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProtocolRow {
    pub id: String,
    pub patient: PatientRow,
    pub activated_by: String,
    pub activated_at: String,
    pub reason: String,
    pub packs: u32,
    pub units: u32,
    /// Bags of which nobody has said where they are.
    pub unaccounted: u32,
    pub status: ProtocolStatus,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Protocols {
    pub open: Vec<ProtocolRow>,
    /// Closed in the last 30 days.
    pub closed: Vec<ProtocolRow>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PackBag {
    pub unit: UnitRow,
    /// What was said of it.
    pub fate: Option<UnitFate>,
    /// What the records show of it, where nobody said anything.
    pub known: Option<UnitFate>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BloodPackView {
    pub number: u32,
    pub prepared_at: String,
    pub issued_at: Option<String>,
    pub bags: Vec<PackBag>,
}

/// What policy wants of one component in the next pack, and what the shelf has for it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PackLineView {
    pub component: Component,
    pub count: u32,
    pub bags: Vec<PackProposal>,
    /// Bags that the shelf does not have.
    pub missing: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PackProposal {
    pub unit: UnitRow,
    pub reasons: Vec<ProposalReason>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProtocolPrompt {
    SwitchRhdPositive,
    SwitchToOwnGroup,
    AbbreviatedCrossmatch,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PromptRow {
    pub prompt: ProtocolPrompt,
    pub args: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProtocolView {
    pub row: ProtocolRow,
    /// As the record knows it; for this protocol the group of a sample of this admission counts.
    pub group: GroupState,
    pub current_group: Option<BloodGroup>,
    pub rhd_switched_at: Option<String>,
    pub red_cells_in_a_day: u32,
    pub packs: Vec<BloodPackView>,
    pub prompts: Vec<PromptRow>,
    /// The next pack, while the protocol is active.
    pub next: Vec<PackLineView>,
    pub next_number: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProtocolActivate {
    pub patient: String,
    pub reason: String,
}

/// Makes up a pack: of these bags, or of those that are proposed now.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProtocolPack {
    pub protocol: String,
    /// Counts from 1; a pack that somebody else has made up meanwhile is refused.
    pub number: u32,
    pub units: Option<Vec<String>>,
}

/// Gives out a pack: every bag through the gate of an emergency.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProtocolIssue {
    pub protocol: String,
    pub number: u32,
    /// Whose order it is.
    pub physician: String,
    /// The physician's password, where they sign now; otherwise a signature is owed.
    pub password: Option<String>,
    pub collected_by: String,
    pub appearance_ok: bool,
    /// What a scanner read of every bag of the pack.
    pub bags: Vec<BagScan>,
    #[serde(rename = "override")]
    pub override_: Option<Override>,
    pub second: Option<SecondPerson>,
}

/// The group as the typed sample of this admission shows it; what an old record says does not count.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProtocolGroup {
    pub protocol: String,
    pub group: BloodGroup,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProtocolReason {
    pub protocol: String,
    pub reason: String,
}

/// What was said of a bag was not so.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProtocolWithdraw {
    pub protocol: String,
    pub unit: String,
    pub reason: String,
}

/// Where a bag went; without one, everything that the records show.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProtocolAccount {
    pub protocol: String,
    pub unit: Option<String>,
    pub fate: Option<UnitFate>,
}
