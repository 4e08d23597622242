//! Next to the patient: the bags that are out, the check by two people, the transfusion.

use crate::{
    BagScan, BloodNeed, Code, GroupState, Happened, Override, PatientRow, ReactionFindings,
    SecondPerson, UnitRow,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// One set of observations. A value that was not taken is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct VitalSigns {
    /// Tenths of a degree Celsius.
    pub temperature: Option<i32>,
    /// Beats a minute.
    pub pulse: Option<u32>,
    /// mmHg
    pub systolic: Option<u32>,
    pub diastolic: Option<u32>,
    /// Breaths a minute.
    pub breaths: Option<u32>,
    /// Percent.
    pub oxygen: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ObservationRow {
    pub vitals: VitalSigns,
    pub by: String,
    pub at: String,
    /// It was written on paper and entered then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub recorded_at: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BedsideStand {
    /// With the ward, not checked yet.
    Out,
    Checked,
    Running,
    /// No more blood flows; how it went is not said yet.
    Ended,
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BedsideAlarm {
    StartLate,
    ObservationDue,
    RunningTooLong,
    OutcomeMissing,
    /// The crossmatch that was done after it left is incompatible: it must not run.
    Incompatible,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AlarmRow {
    pub alarm: BedsideAlarm,
    pub since: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TransfusionOutcome {
    Uneventful,
    Reaction,
    Stopped,
    NotTransfused,
    Unknown,
}

/// One bag with its patient. `id` names the issue and the transfusion alike.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BedsideRow {
    pub id: String,
    pub unit: UnitRow,
    pub patient: PatientRow,
    pub stand: BedsideStand,
    pub left_at: String,
    pub collected_by: String,
    /// The bag carries the tag UNCROSSMATCHED.
    pub uncrossmatched: bool,
    pub started_at: Option<String>,
    pub ended_at: Option<String>,
    /// It has to be begun by then.
    pub start_before: String,
    /// While it runs: the first observation, while there is none, and the end.
    pub observe_before: Option<String>,
    pub end_before: Option<String>,
    pub alarms: Vec<AlarmRow>,
    /// Nobody said how it ended and the period of policy is over.
    pub presumed: bool,
    /// Since the start.
    pub rise_tenths: Option<i32>,
    pub outcome: Option<TransfusionOutcome>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Bedside {
    /// Not begun, the one that left its storage first on top.
    pub waiting: Vec<BedsideRow>,
    pub running: Vec<BedsideRow>,
    /// Ended, and nobody said how it went.
    pub ended: Vec<BedsideRow>,
    /// Done in the last day.
    pub recent: Vec<BedsideRow>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
}

/// What somebody has to do next. Derived, never stored.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CareTask {
    pub what: CareTaskKind,
    /// None: at once.
    pub due: Option<String>,
    pub args: BTreeMap<String, String>,
    pub done: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CareTaskKind {
    SignEmergencyOrder,
    RetrospectiveCrossmatch,
    AntiDConsult,
    AlertWard,
    AlertPhysician,
    AlertSite,
    OpenReactionCase,
    RecheckUnits,
    NewSample,
    MedicalReview,
    StopTransfusion,
    ClericalCheck,
    VisualCheck,
    DirectAntiglobulinTest,
    RepeatGroups,
    Culture,
    ReturnBagAndSet,
    NotifyAuthority,
    ResolveCustody,
    AcknowledgeRecall,
    TraceRecipient,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BedsideView {
    pub row: BedsideRow,
    pub group: GroupState,
    /// What this patient's blood must have or must not have.
    pub needs: Vec<BloodNeed>,
    /// The number of the slip with which it left; none left with it.
    pub slip: Option<String>,
    pub first: Option<String>,
    pub second: Option<String>,
    pub observations: Vec<ObservationRow>,
    pub volume_ml: Option<u32>,
    pub stop_reason: Option<String>,
    pub tasks: Vec<CareTask>,
    /// The case of haemovigilance about it.
    pub case: Option<String>,
    /// A rise of so many tenths of a degree stops a transfusion.
    pub fever_rise_tenths: i32,
    /// The rules that issue, check and start broke on paper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Code>>")]
    pub against: Vec<Code>,
}

/// What was scanned so far. A mix-up is refused with the scan that shows it; it is in the book of near
/// misses then, and the error says `nearMiss` (the case) and `clears`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BedsideScan {
    /// The bag whose page is open.
    pub issue: String,
    /// The patient whom the wristband names.
    pub wristband: String,
    pub bag: Option<BagScan>,
    /// The text of the barcode on the slip.
    pub slip: Option<String>,
}

/// The check of one bag at one bed by two people: whoever is signed in, and `second`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BedsideCheck {
    pub issue: String,
    pub wristband: String,
    /// The patient, or somebody with them, said name and birth date and they agree.
    pub spoken_agrees: bool,
    pub bag: BagScan,
    /// None where the bag left without one.
    pub slip: Option<String>,
    pub appearance_ok: bool,
    pub consent: bool,
    pub second: Option<SecondPerson>,
    /// For what happened on paper against a rule.
    #[serde(default, rename = "override", skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub override_: Option<Override>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BedsideStart {
    pub issue: String,
    pub vitals: VitalSigns,
    #[serde(rename = "override")]
    pub override_: Option<Override>,
    pub second: Option<SecondPerson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

/// `findings` is there when somebody thinks of a reaction; a case is opened then.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BedsideObserve {
    pub issue: String,
    pub vitals: VitalSigns,
    pub findings: Option<ReactionFindings>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BedsideStop {
    pub issue: String,
    pub reason: String,
    pub findings: Option<ReactionFindings>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BedsideEnd {
    pub issue: String,
    pub vitals: VitalSigns,
    pub volume_ml: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BedsideOutcome {
    pub issue: String,
    pub outcome: TransfusionOutcome,
    pub findings: Option<ReactionFindings>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

/// What one act at the bedside led to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BedsideDone {
    /// The case that it opened, or that it added to.
    pub case: Option<String>,
}
