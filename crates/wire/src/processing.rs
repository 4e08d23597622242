//! What is done to a bag after it was made: irradiated, washed, thawed, pooled, divided.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Irradiate,
    Leukoreduce,
    Wash,
    Thaw,
    RelabelThawed,
    Pool,
    Split,
    VolumeReduce,
    Freeze,
    Deglycerolise,
    Aliquot,
}

/// What may be done to these bags together, and what comes of it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WorkAsk {
    pub units: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WorkChoice {
    pub work: Work,
    /// Stable; the words stand with the page.
    pub product: String,
    /// The code that this house gives to what is made; empty where its table has none.
    pub code: String,
    /// What went in.
    pub volume_ml: u32,
    /// Several bags come of it, otherwise one.
    pub several: bool,
    /// As many bags may be pooled at once.
    pub most_bags: u32,
    /// As many bags may come of one.
    pub most_new: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WorkInto {
    pub product_code: String,
    pub volume_ml: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WorkDo {
    pub units: Vec<String>,
    pub work: Work,
    /// The closed system was opened.
    pub open: bool,
    pub into: Vec<WorkInto>,
    /// Where the new bags lie.
    pub place: String,
    /// It was done then and is entered now: the new lives run from the act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<crate::Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WorkLabel {
    pub unit: String,
    /// What a scanner reads off the label that was put on the bag: all four codes.
    pub label: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WorkDone {
    pub units: Vec<String>,
}
