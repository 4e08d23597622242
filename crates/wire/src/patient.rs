//! People.

use crate::{BloodGroup, Code, Override, SecondPerson};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Female,
    Male,
    Other,
    NotKnown,
}

/// A birth date as far as it is known: `1958-03-05`, `1958-03`, `1958`, or nothing.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatientRegister {
    /// Family name; may be empty for a person with a single name (put it in `given`).
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<String>,
    pub sex: Sex,
    pub phone: Option<String>,
    pub national_id: Option<String>,
    #[serde(rename = "override")]
    pub override_: Option<Override>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PatientSearch {
    pub text: String,
    pub limit: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PatientFound {
    pub rows: Vec<PatientRow>,
    /// How many match in all; the rest is hidden and the page says so.
    pub total: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatientRow {
    pub id: String,
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<String>,
    pub age_years: Option<u32>,
    pub sex: Sex,
    pub hospital_number: String,
    /// Another person on the same list has a name that looks or sounds alike.
    pub similar_name: bool,
    pub deceased: bool,
    /// The record of the same person to use in the place of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub belongs_to: Option<RecordLink>,
}

/// Another record of the same person.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecordLink {
    pub id: String,
    pub name: String,
    pub hospital_number: String,
}

/// `patient` goes on; `of` is of the same person and gives way to it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordTakeOver {
    pub patient: String,
    pub of: String,
    pub reason: String,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Allergies {
    Known { list: Vec<Allergy> },
    NoneKnown,
    NotRecorded,
    Unavailable,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Allergy {
    pub substance: String,
    pub reaction: Option<String>,
    pub severe: bool,
    pub recorded_at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AllergyEntry {
    Substance { substance: String, reaction: Option<String>, severe: bool },
    NoneKnown,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AllergyRecord {
    pub patient: String,
    pub entry: AllergyEntry,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GroupRecord {
    pub patient: String,
    pub group: BloodGroup,
    /// The sample the determination was made on; two different samples confirm a group.
    pub sample: String,
    /// Anti-D found now or ever.
    pub anti_d: bool,
    /// Needed for the determination that confirms, when the same person recorded those before it.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub second: Option<SecondPerson>,
}

/// Marks one determination as entered in error. It stays in the record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GroupWithdraw {
    pub patient: String,
    /// Which one, and when it was recorded, as [`PatientView::determinations`] shows it.
    pub nth: u32,
    pub at: String,
    pub reason: String,
    pub second: Option<SecondPerson>,
}

/// A patient has died.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeathRecord {
    pub patient: String,
    /// When, by the clock on the wall of this place: `2026-11-20T14:30`.
    pub wall: String,
}

/// Marks a recorded death as a mistake. It stays in the record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeathWithdraw {
    pub patient: String,
    /// [`PatientView::died`], as it is shown.
    pub at: String,
    pub reason: String,
    pub second: Option<SecondPerson>,
}

/// One determination of the group.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GroupResult {
    pub nth: u32,
    pub group: BloodGroup,
    pub sample: String,
    pub at: String,
    pub by: String,
    pub withdrawn: Option<GroupWithdrawal>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GroupWithdrawal {
    pub reason: String,
    pub at: String,
    pub by: String,
    pub second: Option<String>,
}

/// What is known about the patient's group.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum GroupState {
    Unknown,
    /// One determination only: group O red cells until a second sample agrees.
    Once {
        group: BloodGroup,
    },
    Confirmed {
        group: BloodGroup,
    },
    Conflict {
        groups: Vec<BloodGroup>,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatientView {
    pub id: String,
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<String>,
    pub age_years: Option<u32>,
    pub sex: Sex,
    pub hospital_number: String,
    pub phone: Option<String>,
    pub national_id: Option<String>,
    pub allergies: Allergies,
    pub group: GroupState,
    /// All determinations, the oldest first, also those that were entered in error.
    pub determinations: Vec<GroupResult>,
    pub anti_d_ever: bool,
    pub died: Option<String>,
    /// The record of the same person to use in the place of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub belongs_to: Option<RecordLink>,
    /// Records of the same person that this one has taken over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<RecordLink>>")]
    pub taken_over: Vec<RecordLink>,
    pub timeline: Vec<TimelineEntry>,
    /// Earlier entries not sent.
    pub timeline_hidden: u32,
    pub units: Vec<crate::UnitRow>,
    pub studies: Vec<crate::StudyRow>,
    pub as_of: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TimelineEntry {
    pub at: String,
    pub what: TimelineKind,
    /// Values for the sentence: `din`, `group`, `label`, `probability`, ...
    pub args: std::collections::BTreeMap<String, String>,
    pub by: String,
    /// It was written on paper: when it happened, and by whose hand; `at` and `by` are of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<HappenedRow>,
}

/// When something happened that was entered later, and who did it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HappenedRow {
    pub at: String,
    pub by: String,
    /// Which form, which sheet, why.
    pub reason: Option<String>,
    /// By these rules of the day of the entry it would have been refused; those of its own day judged it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Code>>")]
    pub against_today: Vec<Code>,
    /// The version of the rules that judged it, where another was in force at the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rules_version: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    Registered,
    AllergyRecorded,
    NoAllergiesRecorded,
    GroupRecorded,
    GroupWithdrawn,
    /// `record`, `reason`.
    RecordTakenOver,
    /// `record`, `reason`: that one goes on.
    RecordGaveWay,
    /// `died`: the time.
    DeathRecorded,
    /// `reason`.
    DeathWithdrawn,
    UnitReserved,
    ReservationReleased,
    UnitIssued,
    ImageAdded,
    ImageAnalysed,
    FindingJudged,
    ReportSigned,
    ReportAddended,
    /// `component`, `count`, `urgency`.
    BloodRequested,
    /// `reason`.
    RequestCancelled,
    /// `number`.
    SampleReceived,
    /// `number`, `reason`.
    SampleRejected,
    /// `against`, `toldBy`.
    AntibodyRecorded,
    /// `need`.
    NeedRecorded,
    TransplantRecorded,
    /// `method`, `outcome`.
    Crossmatched,
    /// The unit left without a crossmatch.
    UncrossmatchedIssued,
    UnitReturned,
    IssueEnteredInError,
    TransfusionStarted,
    /// `reason`.
    TransfusionStopped,
    TransfusionEnded,
    /// `outcome`.
    TransfusionOutcome,
    ReactionCaseOpened,
    ReactionCaseClosed,
    MassiveTransfusionStarted,
    MassiveTransfusionEnded,
}
