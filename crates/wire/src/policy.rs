//! The rules of the facility as data: what decides now, where each value comes from, every version.

use crate::{BloodGroup, Component, SecondPerson};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The version in force, value by value, and all versions ever adopted, the newest first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PolicyBook {
    pub profile: String,
    pub version: u32,
    /// SHA-256 of `text`.
    pub hash: String,
    pub values: Vec<PolicyValue>,
    pub stock: Vec<StockTarget>,
    /// Donors, components and tests: read here, changed by a profile of the country.
    pub rule_book: Vec<RuleBookRow>,
    /// `who`, `fda`, `eu`, `uk`, `india`, or one of these with a country.
    pub rule_book_name: String,
    /// Who answers for it; none: a draft.
    pub rule_book_signed: Option<String>,
    pub versions: Vec<PolicyVersionRow>,
    pub electronic: ElectronicView,
    /// The newest version, which may not be in force yet: the next one changes this one.
    pub newest: PolicyNewest,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PolicyNewest {
    pub version: u32,
    pub hash: String,
    pub values: Vec<PolicyValue>,
    pub stock: Vec<StockTarget>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PolicyValue {
    /// A stable name; the page has the words.
    pub name: String,
    /// As a number or `true`/`false`; empty for the table of stock.
    pub value: String,
    pub source: String,
    pub effective_from: String,
    /// Bounds outside which no hospital can have meant it; nothing for what is no number.
    pub least: Option<u32>,
    pub most: Option<u32>,
    /// False: a transfusion specialist has yet to confirm it.
    pub confirmed: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RuleBookRow {
    /// Its place in the book: `donors.interval.3`.
    pub name: String,
    /// As the book writes it.
    pub value: String,
    pub source: String,
    pub effective_from: String,
    pub confirmed: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StockTarget {
    pub component: Component,
    pub group: BloodGroup,
    /// Under it the level is critical.
    pub floor: u32,
    /// Under it the level is low.
    pub target: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PolicyVersionRow {
    pub profile: String,
    pub version: u32,
    pub hash: String,
    pub effective_at: String,
    pub adopted_at: String,
    pub author: String,
    pub reason: String,
    pub urgent: bool,
    pub in_force: bool,
}

/// The next version: the newest one with these values changed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PolicyAdopt {
    /// The hash of the newest version, as it was read. Another one has been adopted since: `changed`.
    pub base: String,
    pub values: Vec<PolicyValueSet>,
    /// The whole table of stock, if it changes.
    pub stock: Option<Vec<StockTarget>>,
    /// From when on it decides, `YYYY-MM-DDTHH:MM` in the facility's time; at once when empty.
    pub effective_wall: Option<String>,
    pub reason: String,
    /// Also meant for what has been asked for and not yet answered.
    pub urgent: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PolicyValueSet {
    pub name: String,
    /// As a number or `true`/`false`. Nothing stands here for `stock`: its table is sent beside it.
    pub value: String,
    pub source: String,
    /// A transfusion specialist has confirmed it.
    pub confirmed: bool,
}

/// Where the electronic crossmatch of this site stands; every condition of its own has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ElectronicStand {
    /// Nobody has shown here that it prevents a wrong unit, or the last time it did not.
    NotValidated,
    /// Validated with another version of the program: the new one has to be looked at.
    OtherProgram,
    Withdrawn,
    /// The record was not proven whole since the program began.
    RecordNotProven,
    /// All holds, and the rules have it off.
    SwitchedOff,
    On,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ElectronicView {
    pub stands: ElectronicStand,
    /// The version that runs here.
    pub program: String,
    pub record_proven: bool,
    /// The newest first.
    pub validations: Vec<ValidationRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ValidationRow {
    pub id: String,
    pub program: String,
    pub carried_out_on: String,
    pub protocol: String,
    pub passed: bool,
    pub abo_prevention_shown: bool,
    pub note: Option<String>,
    pub by: String,
    pub second: String,
    pub recorded_at: String,
    pub withdrawn: Option<ValidationEnd>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ValidationEnd {
    pub reason: String,
    pub by: String,
    pub at: String,
}

/// What the site has shown of itself.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ValidationAsk {
    /// The version that was looked at, as the page showed it.
    pub program: String,
    pub carried_out_on: String,
    /// Where the written protocol lies.
    pub protocol: String,
    pub passed: bool,
    pub abo_prevention_shown: bool,
    pub note: Option<String>,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ValidationWithdraw {
    pub validation: String,
    pub reason: String,
}
