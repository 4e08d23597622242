//! From the request to the counter: requests, samples, blood histories, crossmatches, issues.

use crate::{
    Abo, BloodGroup, Code, CommandError, Component, GroupState, Override, PatientRow, Role,
    SecondPerson, UnitRow,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Somebody who works here, for a list in a form.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StaffName {
    pub user: String,
    pub name: String,
    pub role: Role,
    /// Whoever is signed in.
    pub me: bool,
    /// May stand as the one who drew a tube.
    pub draws: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    Routine,
    Urgent,
    Emergency,
    Massive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// g/L
    Haemoglobin,
    /// 10^9/L
    PlateletCount,
    /// Tenths of an INR
    Inr,
    /// mg/dL
    Fibrinogen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Measured {
    pub measure: Measure,
    pub value: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnitAttribute {
    Irradiated,
    CmvNegative,
    Leukoreduced,
    Washed,
    HbsNegative,
}

/// As it is written: `C` and `c` are two antigens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub enum Antigen {
    D,
    #[serde(rename = "C")]
    BigC,
    #[serde(rename = "c")]
    SmallC,
    #[serde(rename = "E")]
    BigE,
    #[serde(rename = "e")]
    SmallE,
    #[serde(rename = "K")]
    BigK,
    #[serde(rename = "k")]
    SmallK,
    Fya,
    Fyb,
    Jka,
    Jkb,
    #[serde(rename = "S")]
    BigS,
    #[serde(rename = "s")]
    SmallS,
    M,
    N,
    Lea,
    Leb,
    P1,
    Lua,
    Cw,
}

/// What a unit has to have, or must not have, for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BloodNeed {
    Attribute(UnitAttribute),
    AntigenNegative(Antigen),
}

/// An order for blood.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RequestPlace {
    pub patient: String,
    pub component: Component,
    pub count: u32,
    pub urgency: Urgency,
    /// A code of `request.choices`, or the words of the ward.
    pub indication: String,
    pub measured: Vec<Measured>,
    pub needs: Vec<BloodNeed>,
    /// No older than so many days since collection.
    pub fresh_days: Option<u32>,
    /// RFC 3339.
    pub needed_by: String,
    /// The patient, or whoever stands for them, has agreed to be transfused.
    pub consent: bool,
}

/// What the form offers.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RequestChoices {
    pub thresholds: Vec<ThresholdRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ThresholdRow {
    pub indication: String,
    pub component: Component,
    pub measure: Measure,
    pub below: u32,
    pub source: String,
}

/// What a threshold of policy says about an order. Never in the way.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AdviceRow {
    pub measure: Measure,
    pub value: u32,
    pub below: u32,
    /// The value is not under the threshold: is the transfusion needed?
    pub reconsider: bool,
    pub source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RequestStatus {
    Open,
    Closed,
    Cancelled,
}

/// Whether there is a tube to crossmatch with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SampleStand {
    None,
    /// Received, and not typed or screened yet.
    Waiting,
    Ready,
    TooOld,
    Rejected,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RequestRow {
    pub id: String,
    pub patient: PatientRow,
    pub component: Component,
    pub count: u32,
    pub urgency: Urgency,
    pub indication: String,
    pub needed_by: String,
    pub placed_at: String,
    pub requested_by: String,
    pub accepted_by: Option<String>,
    pub allocated: u32,
    pub issued: u32,
    pub status: RequestStatus,
    pub sample: SampleStand,
    /// Its time has come and it is not filled.
    pub overdue: bool,
    /// There is consent on record for this order.
    pub consent: bool,
    /// What is known of the patient's group.
    pub group: GroupState,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Requests {
    /// Open ones: the most urgent first, then by when they are needed.
    pub open: Vec<RequestRow>,
    /// Ended in the last day.
    pub ended: Vec<RequestRow>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProposalWhy {
    HeldForThisPatient,
    IdenticalGroup,
    CompatibleGroup,
    CompatibleScarce,
    OldestFirst,
    ONegativeKept,
    MeetsNeeds,
    GroupUnknown,
    FromTheFloor,
    Stopped,
    NeedNotMet,
    KeptForCritical,
    NotFresh,
    AllocatedAlready,
    NotNeeded,
}

/// One reason; `rule` is filled where a rule stops the unit.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProposalReason {
    pub why: ProposalWhy,
    pub args: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProposalLine {
    pub unit: UnitRow,
    pub reasons: Vec<ProposalReason>,
    /// What an override would have to name.
    pub cautions: Vec<Code>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CrossmatchMethod {
    Electronic,
    ImmediateSpin,
    Ahg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CrossmatchOutcome {
    Compatible,
    Incompatible,
}

/// The least that has to be done before the unit goes the ordinary way.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CrossmatchNeed {
    /// No red cells in it.
    Nothing,
    Method {
        method: CrossmatchMethod,
    },
    NewSample,
    EmergencyOnly,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NeededView {
    pub need: CrossmatchNeed,
    pub group_o_only: bool,
    pub medical_review: bool,
    /// Antigens that the unit must be shown to lack.
    pub antigen_negative: Vec<Antigen>,
    /// Conditions of the electronic crossmatch that do not hold.
    pub failed: Vec<String>,
    pub why: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CrossmatchRow {
    pub id: String,
    pub unit: UnitRow,
    pub sample: String,
    pub method: CrossmatchMethod,
    pub outcome: CrossmatchOutcome,
    pub done_at: String,
    pub recorded_at: String,
    pub by: String,
    pub valid_until: String,
    pub retrospective: bool,
    pub withdrawn: Option<String>,
}

/// A unit that was set aside for a request.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AllocatedUnit {
    pub unit: UnitRow,
    pub needed: NeededView,
    pub crossmatch: Option<CrossmatchRow>,
    /// It may go to the ward by the ordinary way.
    pub ready: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    pub row: RequestRow,
    pub group: GroupState,
    pub anti_d_ever: bool,
    pub measured: Vec<Measured>,
    /// Of the request and of the patient's history together.
    pub needs: Vec<BloodNeed>,
    pub fresh_days: Option<u32>,
    pub cancel_reason: Option<String>,
    pub advice: Vec<AdviceRow>,
    pub sample: Option<SampleRow>,
    pub allocated: Vec<AllocatedUnit>,
    pub issued: Vec<UnitRow>,
    pub proposal: Vec<ProposalLine>,
    pub left_out: Vec<ProposalLine>,
    pub left_out_total: u32,
    /// Units that the shelf cannot supply.
    pub missing: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RequestUnits {
    pub request: String,
    pub units: Vec<String>,
    #[serde(rename = "override")]
    pub override_: Option<Override>,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RequestUnit {
    pub request: String,
    pub unit: String,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RequestReason {
    pub request: String,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RequestUrgency {
    pub request: String,
    pub urgency: Urgency,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RequestNeed {
    pub request: String,
    pub need: BloodNeed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SaidAnswer {
    No,
    Yes,
    Unknown,
}

/// A tube arrives in the laboratory. What stands on its label is compared with the record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SampleReceive {
    pub patient: String,
    /// On the tube.
    pub number: String,
    /// The hospital number as the label says it.
    pub label_number: String,
    pub label_name: Option<String>,
    /// `YYYY-MM-DD`.
    pub label_birth_date: Option<String>,
    /// Wall time of the facility.
    pub drawn_wall: String,
    /// Sign-in names of two people.
    pub drawn_by: String,
    pub identified_by: String,
    pub transfused: SaidAnswer,
    pub pregnant: SaidAnswer,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SampleRow {
    pub id: String,
    pub patient: String,
    pub patient_name: String,
    pub number: String,
    pub drawn_at: String,
    pub drawn_by: String,
    pub identified_by: String,
    pub received_at: String,
    pub valid_until: String,
    /// Transfused or pregnant lately, or nobody knows.
    pub at_risk: bool,
    pub stand: SampleStand,
    pub rejected: Option<String>,
    pub group: Option<BloodGroup>,
    /// Typings that do not read clearly, or disagree.
    pub discrepant: bool,
    pub typings: u32,
    pub screen: Option<ScreenResult>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Samples {
    /// Not typed or not screened yet.
    pub waiting: Vec<SampleRow>,
    /// Of the last three days.
    pub recent: Vec<SampleRow>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ScreenResult {
    Negative,
    Positive,
}

/// One side of a typing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum GroupSide {
    Group(Abo),
    MixedField,
    NotReadable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RhdSide {
    Negative,
    Positive,
    Weak,
}

/// The group of a tube. A clear one enters the patient's record with the same command; where it would
/// confirm what was known once, another person stands for it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SampleType {
    pub sample: String,
    pub forward: GroupSide,
    pub reverse: GroupSide,
    pub rhd: RhdSide,
    pub second: Option<SecondPerson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SampleScreen {
    pub sample: String,
    pub screen: ScreenResult,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SampleReason {
    pub sample: String,
    pub reason: String,
}

/// What a patient's blood has shown at any time.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BloodRecord {
    pub patient: PatientRow,
    pub group: GroupState,
    pub anti_d_ever: bool,
    pub phenotype: HPhenotype,
    pub transplant: bool,
    pub antibodies: Vec<AntibodyRow>,
    pub requirements: Vec<RequirementRow>,
    pub exposures: Vec<ExposureRow>,
    pub samples: Vec<SampleRow>,
    pub requests: Vec<RequestRow>,
    pub crossmatches: Vec<CrossmatchRow>,
    pub issues: Vec<IssueRow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HPhenotype {
    Ordinary,
    Bombay,
    ParaBombay,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AntibodyRow {
    /// None: not identified, or outside the list; `words` says what is known.
    pub antigen: Option<Antigen>,
    pub words: Option<String>,
    pub found_at: String,
    pub told_by: String,
    pub recorded_by: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RequirementRow {
    pub need: BloodNeed,
    pub from: String,
    pub until: Option<String>,
    pub holds: bool,
    pub reason: String,
    pub recorded_by: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExposureKind {
    Transfusion,
    Pregnancy,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExposureRow {
    pub kind: ExposureKind,
    pub at: String,
    pub recorded_at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AntibodyRecord {
    pub patient: String,
    pub antigen: Option<Antigen>,
    /// Where it is not identified, or not on the list.
    pub words: Option<String>,
    /// `YYYY-MM-DD`.
    pub found_on: String,
    /// The site, card or letter that says so.
    pub told_by: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NeedRecord {
    pub patient: String,
    pub need: BloodNeed,
    /// RFC 3339; none for life.
    pub until: Option<String>,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ExposureRecord {
    pub patient: String,
    pub kind: ExposureKind,
    /// `YYYY-MM-DD`.
    pub on: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PhenotypeRecord {
    pub patient: String,
    pub phenotype: HPhenotype,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CrossmatchAsk {
    pub patient: String,
    pub unit: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CrossmatchRecord {
    pub patient: String,
    pub unit: String,
    pub method: CrossmatchMethod,
    pub outcome: CrossmatchOutcome,
    /// When it was done, if not now: wall time of the facility.
    pub done_wall: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CrossmatchWithdraw {
    pub crossmatch: String,
    pub reason: String,
}

/// The group of a bag as its own segment shows it: entered by one person, verified by another.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct UnitRetype {
    pub unit: String,
    pub group: BloodGroup,
    /// Why two readings differed; of the one that settles it.
    #[serde(default)]
    pub reason: Option<String>,
}

/// One person's reading of a bag's group.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GroupRead {
    pub group: BloodGroup,
    pub by: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct UnitAttributeSet {
    pub unit: String,
    pub attribute: UnitAttribute,
    /// Who read the label too: a property opens gates that nothing else opens.
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct UnitAntigenRecord {
    pub unit: String,
    pub antigen: Antigen,
    pub positive: bool,
}

/// What is known of a bag beside its label.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnitTraitsView {
    pub attributes: Vec<UnitAttribute>,
    pub antigens: Vec<AntigenRow>,
    pub phenotype: HPhenotype,
    /// The group as it was read again and verified.
    pub confirmed: Option<BloodGroup>,
    /// Read again by one person; another has yet to look.
    pub entered: Option<BloodGroup>,
    pub entered_by_me: bool,
    /// Readings that differ; somebody who made none of them settles it. Empty when none do.
    pub readings: Vec<GroupRead>,
    pub read_by_me: bool,
    /// Why they differed, once that was settled.
    pub settled: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AntigenRow {
    pub antigen: Antigen,
    pub positive: bool,
}

/// What the scanner read from the bag itself.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BagScan {
    pub din: String,
    pub product_code: String,
    pub group: BloodGroup,
}

/// A physician's order to give blood without crossmatch. With the physician's password it is signed;
/// without, the signature is owed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct EmergencyOrder {
    /// Sign-in name.
    pub physician: String,
    pub justification: String,
    pub password: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IssueAsk {
    pub unit: String,
    pub patient: String,
    /// The patient of the wristband or paper that the collector brought, as it was scanned.
    pub wristband: Option<String>,
    /// None: not scanned yet, so the gate of the scan stays open.
    pub bag: Option<BagScan>,
    /// The text of the slip's barcode.
    pub slip: Option<String>,
    pub collected_by: String,
    pub appearance_ok: bool,
    pub emergency: Option<EmergencyOrder>,
    pub protocol: Option<String>,
    #[serde(rename = "override")]
    pub override_: Option<Override>,
    pub second: Option<SecondPerson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

/// It was written on a downtime form and is entered now: judged for the time it happened, never in
/// the future. What broke a rule on paper is asked for by name (`needs_override`), and kept.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Happened {
    /// Wall time of the facility.
    pub wall: String,
    /// Which form, which sheet, why.
    pub reason: String,
    /// Sign-in name of whoever did it, as the form says; they may have left since.
    pub by: String,
    /// The second person on the form, where the act takes two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub second: Option<String>,
}

/// A time for which something is to be entered.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LateAsk {
    /// Wall time of the facility.
    pub wall: String,
}

/// Which version of the rules judges an entry of that time, and what is not the same today.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LateRules {
    pub version: u32,
    pub today: u32,
    pub changed: Vec<RuleChanged>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RuleChanged {
    pub name: String,
    pub then: String,
    pub now: String,
}

/// A paper issue that was not so, of a bag that two forms name.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct IssueInError {
    pub issue: String,
    pub reason: String,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IssueGate {
    PatientIdentity,
    PatientAlive,
    Specimen,
    PatientGroup,
    UnitHere,
    UnitStatus,
    UnitInDate,
    UnitGroup,
    Scan,
    Product,
    HeldForThisPatient,
    Abo,
    Rhd,
    AntibodyHistory,
    Phenotype,
    Crossmatch,
    Requirements,
    IdenticalGroup,
    Appearance,
    Slip,
    Collector,
    Order,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GateRow {
    pub gate: IssueGate,
    pub result: crate::CheckResult,
    pub code: Option<Code>,
    pub args: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IssueGates {
    /// Minutes in which a bag that left is begun or brought back: of the policy in force.
    pub return_minutes: u32,
    pub gates: Vec<GateRow>,
    /// What the issue would be refused with now, the scan and the collector taken as in order.
    pub refused: Option<CommandError>,
    pub request: Option<RequestRow>,
    /// The massive transfusion of this patient that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub protocol: Option<CounterProtocol>,
}

/// A massive transfusion under which a bag may be given out at the counter.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CounterProtocol {
    pub id: String,
    /// The pack in which the bag lies; none: it becomes a pack of its own.
    pub pack: Option<u32>,
}

/// A wristband that was read while a patient and a bag stand on the counter's page. Another patient's
/// is refused, is in the book of near misses then, and the error says `nearMiss` (the case) and `clears`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct IssueScan {
    pub patient: String,
    pub unit: String,
    /// The patient whom the wristband names.
    pub wristband: String,
}

/// The slip that goes with a unit to the ward; `text` is its barcode.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SlipMade {
    pub id: String,
    pub text: String,
    pub patient: PatientRow,
    pub unit: UnitRow,
    pub at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SlipAsk {
    pub unit: String,
    pub patient: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IssueStatus {
    Out,
    Used,
    Returned,
    EnteredInError,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InError {
    pub at: String,
    pub by: String,
    pub second: String,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IssueRow {
    pub id: String,
    pub unit: UnitRow,
    pub patient: PatientRow,
    pub at: String,
    pub collected_by: String,
    pub status: IssueStatus,
    /// It left without a crossmatch: the bag carries the tag UNCROSSMATCHED.
    pub uncrossmatched: bool,
    /// A physician's signature is owed; whose.
    pub unsigned_by: Option<String>,
    /// A crossmatch is owed until then.
    pub crossmatch_due: Option<String>,
    /// Why it did not go back on the shelf.
    pub return_faults: Vec<String>,
    /// It was written on paper and entered then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub recorded_at: Option<String>,
    /// The rules that it broke on paper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Code>>")]
    pub against: Vec<Code>,
    /// Another record names the same bag, and one of the two may be taken back as entered in error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub in_conflict: bool,
    /// Why it was taken back as entered in error, by whom, and with whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub in_error: Option<InError>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Issues {
    /// Minutes out of storage after which a bag does not go back on the shelf: of the policy in force.
    pub return_minutes: u32,
    /// With a ward and not begun.
    pub out: Vec<IssueRow>,
    pub unsigned: Vec<IssueRow>,
    /// RhD positive to somebody whom anti-D could harm, and no physician has decided on anti-D.
    pub anti_d: Vec<IssueRow>,
    /// Given without a crossmatch that is still owed.
    pub owed: Vec<IssueRow>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
    /// Given on paper against a rule, in the last 30 days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<IssueRow>>")]
    pub against: Vec<IssueRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct IssueSign {
    pub issue: String,
}

/// What a physician decided on anti-D immunoglobulin after an RhD-positive bag.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct IssueAntiD {
    pub issue: String,
    pub words: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IssueReturn {
    pub issue: String,
    /// Tenths of a degree Celsius.
    pub temperature: Option<i32>,
    pub seal_intact: bool,
    pub segment_attached: bool,
    pub appearance_ok: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Returned {
    /// Back on the shelf; otherwise in quarantine for these reasons.
    pub back: bool,
    pub faults: Vec<String>,
}
