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
    /// Donors, components and tests.
    pub rule_book: RuleBookView,
    /// The rule books that come with the program.
    pub rule_books: Vec<String>,
    pub versions: Vec<PolicyVersionRow>,
    pub electronic: ElectronicView,
    /// The newest version, which may not be in force yet: the next one changes this one.
    pub newest: PolicyNewest,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PolicyNewest {
    pub version: u32,
    pub hash: String,
    pub values: Vec<PolicyValue>,
    pub stock: Vec<StockTarget>,
    pub rule_book: RuleBookView,
}

/// A rule book of donors, components and tests.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RuleBookView {
    /// `who`, `fda`, `eu`, `uk`, `india`, or one of these with a country: `who/TZ`.
    pub name: String,
    /// Records of donors name the book by this.
    pub version: u32,
    /// Who answers for it; none: a draft.
    pub signed: Option<RuleBookSigned>,
    pub rows: Vec<RuleBookRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RuleBookSigned {
    pub by: String,
    /// Two letters.
    pub country: String,
    pub on: String,
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
    /// Its place in the book: `donors.intervals.3`.
    pub name: String,
    /// As the book writes it: a word, or JSON.
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
    /// Another rule book in place of the one that stands.
    #[serde(default)]
    pub rule_book: Option<RuleBookFrom>,
    /// Values of the rule book that change.
    #[serde(default)]
    pub rows: Vec<RuleBookSet>,
    /// Two letters of a country: who sends this answers for the rule book as it stands. By itself: what
    /// is signed has been adopted before.
    #[serde(default)]
    pub sign_for: Option<String>,
}

/// Where another rule book comes from.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum RuleBookFrom {
    /// One that comes with the program, by its name.
    BuiltIn { name: String },
    /// The handle of a file that was picked.
    File { file: String },
}

/// One value of the rule book.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RuleBookSet {
    /// Its place, as [`RuleBookRow::name`].
    pub name: String,
    /// As [`RuleBookRow::value`], in the shape that stands there.
    pub value: String,
    pub source: String,
    /// A specialist has confirmed it.
    pub confirmed: bool,
}

/// Where the rule book is written as a file: to be changed, and to be brought in again.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RuleBookSave {
    /// A new file, with its whole path.
    pub path: String,
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
