//! Cases of haemovigilance: what was seen, what it may be, the work, the judgement.

use crate::{BedsideRow, CareTask, Code, PatientRow, UnitRow};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something that was looked for and found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReactionSign {
    Rigors,
    Urticaria,
    WheezeOrAngioedema,
    Dyspnoea,
    Hypoxia,
    BilateralInfiltrates,
    Haemoglobinuria,
    Haemolysis,
    DirectAntiglobulinPositive,
    NewAntibody,
    PlateletsFell,
    CulturePositive,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, rename_all = "camelCase")]
pub struct ReactionFindings {
    /// Rise since the start, tenths of a degree.
    pub rise_tenths: Option<i32>,
    pub highest_tenths: Option<i32>,
    /// Fall of the systolic pressure in mmHg.
    pub systolic_drop: Option<u32>,
    /// Signs of overload beside dyspnoea and hypoxia.
    pub overload_signs: u32,
    pub signs: Vec<ReactionSign>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReactionCategory {
    FebrileNonHaemolytic,
    MildFebrile,
    Allergic,
    Anaphylactic,
    AcuteHaemolytic,
    DelayedHaemolytic,
    DelayedSerologic,
    Trali,
    Taco,
    Dyspnoea,
    Hypotensive,
    Purpura,
    GraftVersusHost,
    InfectionBacterial,
    InfectionViral,
    InfectionParasitic,
    Haemosiderosis,
    Hyperkalaemia,
    Other,
    WrongComponent,
    RequirementNotMet,
    HandlingError,
    NearMiss,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReactionSeverity {
    NonSevere,
    Severe,
    LifeThreatening,
    Death,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Imputability {
    NotAssessable,
    Excluded,
    Unlikely,
    Possible,
    Probable,
    Definite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CaseStep {
    Clerical,
    Visual,
    DirectAntiglobulin,
    RepeatGroups,
    Culture,
    BagReturned,
    Reported,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CaseRow {
    pub id: String,
    pub patient: PatientRow,
    pub units: Vec<UnitRow>,
    pub opened_at: String,
    pub suspected: Vec<ReactionCategory>,
    pub category: Option<ReactionCategory>,
    pub severity: Option<ReactionSeverity>,
    /// The mix-up that a refusal prevented.
    pub prevented: Option<Code>,
    /// Work that must be done before it may be closed.
    pub missing: Vec<CaseStep>,
    pub must_notify: bool,
    pub closed_at: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Cases {
    /// The oldest first.
    pub open: Vec<CaseRow>,
    /// Closed ones of the last 90 days.
    pub closed: Vec<CaseRow>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
}

/// A category that findings and time allow, with what it rests on. A person classifies.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CaseSuggestion {
    pub category: ReactionCategory,
    /// Stable names of the findings that speak for it.
    pub met: Vec<String>,
    /// Where the time window comes from.
    pub source: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CaseStepDone {
    pub step: CaseStep,
    pub result: String,
    pub by: String,
    pub at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CaseJudgement {
    pub category: ReactionCategory,
    pub severity: ReactionSeverity,
    pub grade: u8,
    pub imputability: Imputability,
    /// Directive 2005/61/EC: `NA`, `0` to `3`.
    pub eu: String,
    /// The word of the CDC protocol.
    pub cdc: String,
    pub by: String,
    pub at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CaseView {
    pub row: CaseRow,
    pub transfusion: Option<BedsideRow>,
    /// The patient of the wristband, where a mix-up was prevented.
    pub found: Option<PatientRow>,
    pub findings: ReactionFindings,
    pub suggestions: Vec<CaseSuggestion>,
    pub work: Vec<CareTask>,
    pub steps: Vec<CaseStepDone>,
    pub judgement: Option<CaseJudgement>,
    /// Other bags of the same donations that this case holds in quarantine.
    pub held: Vec<UnitRow>,
    /// What the issues of its bags to this patient broke on paper, and check and start after them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<CaseAgainst>>")]
    pub against: Vec<CaseAgainst>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CaseAgainst {
    pub issue: String,
    pub unit: UnitRow,
    pub at: String,
    pub rules: Vec<Code>,
    /// It turned out not to have been so.
    pub in_error: bool,
}

/// A case by hand: about a transfusion, or about a patient and bags where none was begun.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CaseOpen {
    pub transfusion: Option<String>,
    /// Without a transfusion.
    pub patient: Option<String>,
    pub units: Vec<String>,
    pub findings: ReactionFindings,
    pub suspected: Vec<ReactionCategory>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CaseFind {
    pub case: String,
    pub findings: ReactionFindings,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CaseSuspect {
    pub case: String,
    pub category: ReactionCategory,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CaseStepRecord {
    pub case: String,
    pub step: CaseStep,
    pub result: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CaseClassify {
    pub case: String,
    pub category: ReactionCategory,
    pub severity: ReactionSeverity,
    pub imputability: Imputability,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CaseReason {
    pub case: String,
    pub reason: String,
}
