//! Boxes between sites, the counting of a shelf, and the places where blood lies with their
//! temperatures.

use crate::{BloodGroup, Component, DiscardReason, SecondPerson, UnitReceive, UnitRow};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a scanner read from a bag; the product code may be missing where the number names one bag.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BagLabel {
    pub din: String,
    pub product_code: Option<String>,
}

/// A site whose slips are believed here.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SiteRow {
    pub name: String,
    /// Short form of its key, to be compared by telephone.
    pub fingerprint: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Sites {
    pub here: SiteRow,
    /// What another site types or scans to believe the slips of this one.
    pub code: String,
    pub known: Vec<SiteRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SiteKnow {
    pub code: String,
    /// As the other site reads it out.
    pub fingerprint: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SiteForget {
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TransferStatus {
    Packing,
    OnItsWay,
    /// Some bags have not been scanned in.
    Arriving,
    Arrived,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TransferRow {
    pub id: String,
    pub from: String,
    pub to: String,
    /// It leaves, or left, from here.
    pub ours: bool,
    pub component: Component,
    pub bags: u32,
    /// Bags of which the other end has said nothing.
    pub open: u32,
    pub missing: u32,
    pub status: TransferStatus,
    pub sent_at: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Transfers {
    pub open: Vec<TransferRow>,
    /// Arrived in the last month.
    pub ended: Vec<TransferRow>,
    /// Older ones that wait as well and are not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_out: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TransferBagState {
    Packed,
    OnItsWay,
    TakenIn,
    Missing,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TransferBag {
    pub id: String,
    pub din: String,
    pub product_code: String,
    pub state: TransferBagState,
    pub reason: Option<String>,
    pub unit: Option<UnitRow>,
    /// What the slip says of its label; none on a slip of an earlier release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub label: Option<BagOnSlip>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BagOnSlip {
    pub group: BloodGroup,
    pub expires_at: String,
}

/// A thermometer, in tenths of a degree Celsius.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TemperatureRow {
    pub at: String,
    pub tenths: i32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TransferView {
    pub row: TransferRow,
    pub bags: Vec<TransferBag>,
    pub readings: Vec<TemperatureRow>,
    /// What the box may be between, in tenths of a degree; none where policy names nothing.
    pub least: Option<i32>,
    pub most: Option<i32>,
    /// As many bags go into one box.
    pub most_bags: u32,
    /// The text of the slip in the box; none before it was scanned out.
    pub slip: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TransferBegin {
    pub to: String,
    pub component: Component,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TransferPack {
    pub transfer: String,
    pub bag: BagLabel,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TransferUnpack {
    pub transfer: String,
    pub unit: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TransferOut {
    pub transfer: String,
    /// Of the thermometer in the box, tenths of a degree.
    pub tenths: i32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SlipText {
    pub text: String,
}

/// Codes of a printed slip, as they were scanned.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SlipParts {
    pub parts: Vec<String>,
}

/// What they make together.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SlipGathered {
    /// How many codes the slip has.
    pub of: u32,
    /// Those that were not scanned yet, by the number printed under each.
    pub missing: Vec<u32>,
    /// The text of the slip, when none is missing.
    pub text: Option<String>,
}

/// What the slip of a box says, at the other end.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BoxView {
    pub transfer: String,
    pub from: String,
    pub component: Component,
    pub sent_at: String,
    pub bags: Vec<TransferBag>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TransferIn {
    /// The text of the slip.
    pub slip: String,
    pub bag: BagLabel,
    pub tenths: i32,
    /// Where it is put.
    pub place: String,
    /// The whole label of a bag that this site has never had.
    pub label: Option<UnitReceive>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TakenIn {
    pub unit: UnitRow,
    /// Too warm or too cold on the way: it is in quarantine.
    pub held: bool,
    /// Bags on the slip of which nothing has been said yet.
    pub open: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TransferMissing {
    pub transfer: String,
    pub unit: String,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CountKind {
    /// In the book for this place and not scanned.
    Missing,
    /// Scanned, and in the book for another place.
    Elsewhere,
    /// Scanned, and by the book not in this site, or finished.
    Unexpected,
    /// Scanned and not known to the program.
    Unknown,
    /// Scanned twice; counted once.
    Twice,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CountDifference {
    pub unit: String,
    pub din: String,
    pub product_code: String,
    pub kind: CountKind,
    /// The place that the book names.
    pub book_place: Option<String>,
    pub row: Option<UnitRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CountAsk {
    pub place: String,
    pub scanned: Vec<BagLabel>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CountView {
    pub place: String,
    /// Bags that the book has here.
    pub booked: u32,
    /// Different bags that were scanned.
    pub counted: u32,
    pub differences: Vec<CountDifference>,
    /// Places that bags lie in, by the book.
    pub places: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CountWhy {
    /// The book follows the shelf.
    Moved,
    /// Given out during downtime; entered by its own command.
    IssuedOnPaper,
    /// Two people discard it.
    Discarded {
        reason: DiscardReason,
        note: Option<String>,
    },
    /// Nobody knows: it is held until somebody finds it.
    Lost,
    NotOurs {
        words: String,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CountExplained {
    pub unit: String,
    pub why: CountWhy,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CountClose {
    pub place: String,
    pub scanned: Vec<BagLabel>,
    pub explained: Vec<CountExplained>,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    TooWarm,
    TooCold,
    NoReadings,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PlaceAlarm {
    pub kind: AlarmKind,
    pub from: String,
    /// None: it goes on.
    pub until: Option<String>,
    /// The worst reading, tenths of a degree; none where there was none.
    pub extreme: Option<i32>,
    /// What a person said about it.
    pub noted: Option<String>,
    pub noted_by: Option<String>,
    /// Bags that stand here and stood here in it.
    pub bags: Vec<UnitRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlaceRow {
    pub id: String,
    pub name: String,
    /// Tenths of a degree Celsius, inclusive.
    pub least: i32,
    pub most: i32,
    /// Minutes out of range before it is an alarm.
    pub delay_minutes: u32,
    /// Minutes without a reading before that is one.
    pub gap_minutes: u32,
    pub in_use: bool,
    pub last: Option<TemperatureRow>,
    pub bags: u32,
    /// An alarm that goes on, or that nobody has said anything about.
    pub alarm: Option<AlarmKind>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Places {
    pub rows: Vec<PlaceRow>,
    /// Places that bags lie in and that nobody has described.
    pub unnamed: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PlaceView {
    pub row: PlaceRow,
    /// The newest last.
    pub readings: Vec<TemperatureRow>,
    /// The newest first.
    pub alarms: Vec<PlaceAlarm>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlacePut {
    pub name: String,
    pub least: i32,
    pub most: i32,
    pub delay_minutes: u32,
    pub gap_minutes: u32,
    pub in_use: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PlaceReading {
    pub place: String,
    pub tenths: i32,
    /// When it was read, if not now: wall time of the facility.
    pub wall: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PlaceNote {
    pub place: String,
    /// The beginning of the alarm, as it was sent.
    pub from: String,
    pub words: String,
}
