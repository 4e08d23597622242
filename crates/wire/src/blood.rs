//! Units of blood: stock, the unit, the counter.

use crate::{Code, CommandError, HPhenotype, Override, SecondPerson};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub enum Abo {
    O,
    A,
    B,
    AB,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Rhd {
    Negative,
    Positive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct BloodGroup {
    pub abo: Abo,
    pub rhd: Rhd,
    /// Of a bag, or of a label, without the H antigen. Its letters are O, and it is no group O.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub phenotype: Option<HPhenotype>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    RedCells,
    Platelets,
    Plasma,
    Cryoprecipitate,
    WholeBlood,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnitStatus {
    Quarantined,
    Available,
    Reserved,
    Issued,
    Discarded,
    /// Others were made of it: irradiated, thawed, pooled, divided.
    Modified,
    /// Computed from the instant, never stored.
    Expired,
}

/// A raw burst as the scanner typed it (or as a person typed it, with the check character).
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ScanText {
    pub text: String,
    /// True when a person typed it: then the check character is required.
    pub typed: bool,
}

/// What a burst said, in order.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ScanRead {
    pub parts: Vec<ScanPart>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ScanPart {
    /// 13 characters and the boxed check character; `unit` when exactly one unit here carries it.
    DonationNumber {
        din: String,
        check: String,
        unit: Option<String>,
    },
    /// `component` is known when the licensee's or the local table names the code.
    Product {
        code: String,
        component: Option<Component>,
        name: Option<String>,
    },
    /// A group as printed on a bag.
    Group {
        group: BloodGroup,
        donation_type: String,
    },
    /// Facility-local wall time; day-only labels end at 23:59.
    Expiry {
        wall: String,
    },
    Collected {
        wall: String,
    },
    /// A wristband or a hospital number; `patient` when it names one person here.
    Patient {
        number: String,
        patient: Option<String>,
    },
    /// A slip of this store's own printing; `genuine` is false for one that only looks like it.
    Slip {
        genuine: bool,
    },
    /// Understood as something else; `code` says what, `name` says it in English.
    Other {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        code: Option<OtherScan>,
        name: String,
        raw: String,
    },
}

/// Barcodes that are read and not used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OtherScan {
    /// A blood group label that names no group of the house (Bombay, a donor's instruction, ...).
    BloodGroup,
    ProductDivision,
    ProductionDate,
    PatientBirthDate,
    StaffBadge,
    /// Another ISBT 128 structure; `name` is its name in the standard.
    OtherLabel,
    Unknown,
}

/// A storage range in degrees Celsius; no lower end means "or colder".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StorageRange {
    pub from_c: Option<i32>,
    pub to_c: i32,
    pub agitated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Good,
    Low,
    Critical,
    /// Not stocked here by policy and none present.
    NotStocked,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StockBoard {
    pub as_of: String,
    pub rows: Vec<StockLine>,
    /// Bags without H: in none of the cells, because they are for nobody else.
    pub rare: Vec<CountedCell>,
    pub totals: StockTotals,
    /// Available and reserved units ending within seven days, earliest first.
    pub expiring: Vec<UnitRow>,
    pub expiring_total: u32,
    /// What is known of the stock of other sites, by name. In none of the counts above: it is not ours to
    /// give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<SiteStock>,
}

/// What lies at another site, as far as it is known here.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SiteStock {
    pub site: String,
    /// Components of which anything is free, held or in quarantine there, as far as was heard.
    pub lines: Vec<SiteLine>,
}

/// One component at another site. Without levels: the floors of a site are its own.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SiteLine {
    pub component: Component,
    /// Without those that lack H.
    pub available: u32,
    /// Groups of which there is anything; one with a phenotype counts bags without H.
    pub cells: Vec<CountedCell>,
}

/// Live bags of one group of one component: those without H, or those of another site.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CountedCell {
    pub component: Component,
    pub group: BloodGroup,
    pub available: u32,
    pub reserved: u32,
    pub quarantined: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StockTotals {
    pub available: u32,
    pub reserved: u32,
    pub quarantined: u32,
    pub expired: u32,
    pub expiring: u32,
    pub below_target: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StockLine {
    pub component: Component,
    /// Storage range in words, e.g. `2 to 6 °C`.
    pub storage: String,
    /// The same in numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub storage_range: Option<StorageRange>,
    pub available: u32,
    /// Always eight cells: O, A, B, AB, each negative then positive.
    pub cells: Vec<StockCell>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StockCell {
    pub group: BloodGroup,
    pub available: u32,
    pub reserved: u32,
    pub quarantined: u32,
    pub level: Level,
    /// The floor under which the level is critical, and the target under which it is low.
    pub floor: u32,
    pub target: u32,
    /// Available units divided by the mean daily issue of the last 28 days; none when nothing was issued.
    pub days_of_cover: Option<u32>,
    pub oldest_expiry: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct UnitList {
    pub component: Option<Component>,
    /// With a phenotype: of that, whatever the letters.
    pub group: Option<BloodGroup>,
    pub status: Option<UnitStatus>,
    /// Part of a donation number.
    pub text: Option<String>,
    /// Bags of another site. None: those of this one, and where a number is asked for those of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub site: Option<String>,
    pub limit: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct UnitsFound {
    pub rows: Vec<UnitRow>,
    pub total: u32,
    /// There are at least as many as `total`: more are not counted out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub more: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnitRow {
    pub id: String,
    pub din: String,
    pub check: String,
    pub product_code: String,
    pub component: Component,
    pub group: BloodGroup,
    pub status: UnitStatus,
    /// Instant; display in the facility's zone.
    pub expires_at: String,
    /// What the label says, where it was written in a zone that has another time then (bloodbank.md 6,
    /// scenario 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub label_time: Option<LabelTime>,
    /// Whole days left, 0 on the last day; negative when past.
    pub days_left: i32,
    pub place: String,
    /// The site that has custody of it, where it is not this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub site: Option<String>,
    pub patient: Option<String>,
    pub patient_name: Option<String>,
    pub until: Option<String>,
    /// What was made of it, where it is modified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub became: Option<Vec<UnitLink>>,
}

/// The end of a bag as its label says it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LabelTime {
    /// Wall time, `2026-12-05T23:59`.
    pub wall: String,
    /// Of the facility that labelled it, such as `Asia/Kolkata`.
    pub zone: String,
}

/// Another bag by its label.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnitLink {
    pub id: String,
    pub din: String,
    pub check: String,
    pub product_code: String,
    /// It stands on the board; without it the bag is still in the laboratory and has no page.
    pub on_shelf: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnitView {
    pub row: UnitRow,
    pub volume_ml: Option<u32>,
    pub collected_at: Option<String>,
    pub received_at: String,
    pub supplier: Option<String>,
    pub low_titre: bool,
    /// Every quarantine that is not lifted, the oldest first; each needs its own lift.
    pub quarantines: Vec<QuarantineRow>,
    pub quarantine_reason: Option<String>,
    pub discard_reason: Option<String>,
    /// Some of it has run into somebody.
    pub given: bool,
    /// It came of a treatment, and nobody has read its new label back yet.
    pub label_unread: bool,
    /// The bags that it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub made_of: Option<Vec<UnitLink>>,
    pub history: Vec<UnitHistory>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnitHistory {
    pub at: String,
    pub what: UnitAct,
    /// Empty: nobody did it, as a hold that ended by itself.
    pub by: String,
    pub second: Option<String>,
    pub reason: Option<String>,
    pub patient_name: Option<String>,
    pub overrides: Vec<Code>,
    /// It was written on paper: when it happened, and by whose hand; `at` and `by` are of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<crate::HappenedRow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnitAct {
    /// To another place of this site; the reason is the place.
    Moved,
    /// To another site; the reason is the site.
    Sent,
    Received,
    Reserved,
    Released,
    HoldLapsed,
    Issued,
    /// Its transfusion began, or the team of a massive transfusion said so.
    Given,
    /// It had been said to be given and was not.
    NotGiven,
    Quarantined,
    QuarantineLifted,
    Discarded,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnitReceive {
    pub din: String,
    pub product_code: String,
    /// Needed when no table names the product code.
    pub component: Option<Component>,
    pub group: BloodGroup,
    /// Wall time on the label, `2026-12-05T23:59`.
    pub expires_wall: String,
    pub collected_wall: Option<String>,
    /// The zone in which the label says its times, such as `Asia/Kolkata`; none: that of this facility.
    #[serde(default)]
    #[ts(optional)]
    pub zone: Option<String>,
    pub volume_ml: Option<u32>,
    pub place: String,
    pub supplier: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnitReserve {
    pub unit: String,
    pub patient: String,
    #[serde(rename = "override")]
    pub override_: Option<Override>,
    pub second: Option<SecondPerson>,
}

/// Several units for one patient, all or none; at most twenty.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnitReserveMany {
    pub units: Vec<String>,
    pub patient: String,
    #[serde(rename = "override")]
    pub override_: Option<Override>,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct UnitReason {
    pub unit: String,
    pub reason: String,
}

/// Lifts one quarantine: the one with this `cause`, as [`UnitView::quarantines`] shows it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct UnitLift {
    pub unit: String,
    pub cause: String,
    pub reason: String,
    /// Asked for where a test of the donation was corrected.
    #[serde(default)]
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct QuarantineRow {
    pub cause: String,
    pub reason: String,
    pub at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct UnitDiscard {
    pub unit: String,
    pub reason: DiscardReason,
    pub note: Option<String>,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DiscardReason {
    Expired,
    Leak,
    Clot,
    Haemolysis,
    ColdChain,
    Volume,
    Recalled,
    Reactive,
    Lipaemic,
    NotSufficient,
    ReturnedLate,
    ReturnedWarm,
    GroupDiscrepancy,
    BrokenOnThaw,
    NotUsed,
    SupplierRecall,
    /// Its children stand for it; said by the program alone.
    Processed,
    Other,
}

/// Asks what would happen, by the same decision that a command runs, without recording.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CounterAsk {
    pub patient: Option<String>,
    pub unit: Option<String>,
    /// Only alternatives of this component, and then all a page can show.
    #[serde(default)]
    #[ts(optional)]
    pub component: Option<Component>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CounterView {
    /// Why it may not be set aside as it stands; none when it may. What stands against an issue is said by
    /// `issue.gates` alone.
    pub refused: Option<CommandError>,
    /// Compatible units here, the best first, with why. Filled when a patient is known.
    pub alternatives: Vec<Alternative>,
    pub alternatives_total: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    Pass,
    Caution,
    Stop,
    NotYet,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Alternative {
    pub unit: UnitRow,
    pub why: AlternativeWhy,
    /// Units of that group left here, when it is scarce.
    pub scarce_left: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlternativeWhy {
    HeldForThisPatient,
    IdenticalOldest,
    Identical,
    Compatible,
    CompatibleScarce,
}
