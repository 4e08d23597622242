//! The rules of the facility as data: what decides now, where each value comes from, every version.

use crate::{BloodGroup, Component};
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
    pub versions: Vec<PolicyVersionRow>,
    /// The version in force as it was adopted: JSON, the starting point of the next one.
    pub text: String,
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
    /// False: a transfusion specialist has yet to confirm it.
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

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PolicyAdopt {
    /// The policy as JSON; its version is the next one of its profile.
    pub text: String,
    /// From when on it decides; at once when empty.
    pub effective_at: Option<String>,
    pub reason: String,
    /// Also meant for what has been asked for and not yet answered.
    pub urgent: bool,
}
