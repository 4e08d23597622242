//! The laboratory bench: components, typing, infection tests, release.

use crate::{BloodGroup, Component, DiscardReason, DonationKind, SecondPerson};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An infection that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    Hiv,
    Hbv,
    Hcv,
    Syphilis,
    HbCore,
    Htlv,
    Malaria,
    Chagas,
    WestNile,
    Babesia,
}

/// Where one marker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MarkerState {
    NonReactive,
    Missing,
    Unverified,
    Indeterminate,
    InitialReactive,
    Unsafe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    NonReactive,
    Reactive,
    GreyZone,
    NotEnough,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TestStage {
    Initial,
    Repeat,
}

/// How one tube or column reacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Grading {
    NotDone,
    Negative,
    Weak,
    Positive,
    MixedField,
}

/// Where the typing of a donation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TypingState {
    NotDone,
    /// So many verified readings more.
    Ambiguous {
        needs: u32,
    },
    NoMatch,
    Match {
        group: BloodGroup,
    },
    Resolved {
        group: BloodGroup,
    },
    NoTypeDetermined,
    Indeterminate,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LabBoard {
    /// Donations that are not through the laboratory; the oldest first.
    pub rows: Vec<LabRow>,
    /// The mandatory markers of the rule book.
    pub markers: Vec<Marker>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
}

/// A donation number of 13 characters, as it was scanned or typed with its check character.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabAsk {
    pub din: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabFound {
    /// None: no donation that has ended here bears this number.
    pub donation: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LabRow {
    pub donation: String,
    pub din: String,
    pub check: String,
    pub ended_at: String,
    pub volume_ml: u32,
    pub bag: Option<String>,
    pub kind: DonationKind,
    /// Components made, and how many of them wait in quarantine.
    pub parts: u32,
    pub waiting: u32,
    pub typing: TypingState,
    /// Those that are not non-reactive, the worst first.
    pub open: Vec<MarkerRow>,
    pub held: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MarkerRow {
    pub marker: Marker,
    pub state: MarkerState,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LabView {
    pub row: LabRow,
    /// What the bag may be divided into; one inner list per allowed set.
    pub sets: Vec<Vec<ProductView>>,
    pub parts: Vec<PartView>,
    pub typings: Vec<TypingView>,
    pub markers: Vec<MarkerRow>,
    pub results: Vec<ResultView>,
    pub holds: Vec<HoldView>,
    /// How many people a release takes.
    pub release_people: u32,
    /// Groups that a verified typing supports while they disagree; empty when nothing is to be resolved.
    pub resolvable: Vec<BloodGroup>,
    pub resolution: Option<ResolutionView>,
    /// While the group is in doubt: whose samples lay beside this one.
    pub neighbours: Vec<LabNeighbour>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProductView {
    /// Stable; the words stand with the page.
    pub product: String,
    /// The code that this house gives it; empty where its table has none.
    pub code: String,
    /// What it usually holds.
    pub least_ml: Option<u32>,
    pub most_ml: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PartView {
    pub id: String,
    pub product: String,
    pub product_code: String,
    /// None: it never stands on the shelf.
    pub component: Option<Component>,
    pub volume_ml: u32,
    pub expires_at: String,
    pub state: PartStanding,
    /// Where its bag is since it was released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub bag: Option<crate::BagState>,
    /// What stands against its release, the gravest first; empty when it may go.
    pub problems: Vec<ReleaseProblem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PartStanding {
    Available,
    Quarantine,
    Recalled,
    Modified,
    Discarded,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReleaseProblem {
    /// The name of the rule; the words stand with the page.
    pub rule: String,
    pub marker: Option<Marker>,
    pub detail: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TypingView {
    pub entry: String,
    /// What the sheet says; none when it gives no group.
    pub group: Option<BloodGroup>,
    pub method: String,
    pub lot: String,
    pub by: String,
    pub at: String,
    pub verified_by: Option<String>,
    /// You entered it, so somebody else verifies it.
    pub mine: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ResultView {
    pub entry: String,
    pub marker: Marker,
    pub stage: TestStage,
    pub outcome: TestOutcome,
    /// The run's controls and lot were in order.
    pub valid: bool,
    pub by: String,
    pub at: String,
    pub verified_by: Option<String>,
    pub mine: bool,
    /// The run that it came from, and the reagents of that run.
    pub run: String,
    pub kit: String,
    pub lot: String,
    /// What it said before it was corrected, the oldest first; empty when it never was.
    pub before: Vec<ResultVersion>,
    /// Why it was corrected the last time.
    pub reason: Option<String>,
    /// You entered none of it and nobody has confirmed it reactive, so you may correct it.
    pub correctable: bool,
}

/// What a result said until somebody corrected it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ResultVersion {
    pub outcome: TestOutcome,
    pub by: String,
    pub at: String,
    pub reason: Option<String>,
}

/// How a discrepancy of the group was explained, and by whom.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ResolutionView {
    pub group: BloodGroup,
    pub reason: String,
    pub by: String,
    pub second: String,
    pub at: String,
}

/// A donation that lay beside another in the batch: two samples may have been exchanged.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabNeighbour {
    pub donation: String,
    pub din: String,
    pub check: String,
}

/// Puts right what somebody else entered; another person verifies it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabCorrect {
    pub donation: String,
    pub entry: String,
    pub outcome: TestOutcome,
    pub reason: String,
}

/// A whole run turns out invalid afterwards.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabInvalidate {
    pub run: String,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunInvalidated {
    /// Donations that were in the run.
    pub donations: u32,
    /// Bags that went from the shelf into quarantine.
    pub quarantined: u32,
    /// Donation numbers of bags that have been issued already: their wards have to be told.
    pub issued: Vec<String>,
}

/// Explains a discrepancy of a donation's group, by two people.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabResolve {
    pub donation: String,
    pub group: BloodGroup,
    pub reason: String,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HoldView {
    pub cause: String,
    pub reason: String,
    /// Nobody lifts it.
    pub r#final: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabDivide {
    pub donation: String,
    pub parts: Vec<PartMade>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PartMade {
    pub product: String,
    pub product_code: String,
    pub volume_ml: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LabType {
    pub donation: String,
    pub method: String,
    pub lot: String,
    pub anti_a: Grading,
    pub anti_b: Grading,
    pub anti_d: Grading,
    pub control: Grading,
    pub a_cells: Grading,
    pub b_cells: Grading,
    /// It stands on a downtime form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<crate::Happened>,
}

/// Verifies what somebody else entered: typings and results of one donation.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabVerify {
    pub donation: String,
    pub typings: Vec<String>,
    pub results: Vec<String>,
}

/// One run with its controls, and what it said of each sample.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LabRun {
    pub marker: Marker,
    pub kit: String,
    pub lot: String,
    /// The last day on which the lot may be used.
    pub lot_expires: String,
    pub positive_control: bool,
    pub negative_control: bool,
    pub results: Vec<RunResult>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunResult {
    pub donation: String,
    pub stage: TestStage,
    pub outcome: TestOutcome,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LabRelease {
    pub donation: String,
    pub part: String,
    /// What a scanner reads off the label that was put on the bag: all four codes.
    pub label: String,
    pub looks_right: bool,
    pub weighs_right: bool,
    pub place: String,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabDiscard {
    pub donation: String,
    pub part: String,
    pub reason: DiscardReason,
    pub note: Option<String>,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HoldLift {
    pub donation: String,
    pub hold: String,
    pub reason: String,
    pub second: Option<SecondPerson>,
}
