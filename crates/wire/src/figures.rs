//! The figures of a blood bank over a period, each with what it is a share of.

use crate::{DiscardReason, Figure};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Local days, both included: `2026-11-20`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FiguresAsk {
    pub from: String,
    pub to: String,
}

/// Which figure; its definition stands with the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FigureName {
    InventoryAccuracy,
    Fulfilment,
    /// `within`: minutes.
    CriticalFulfilment,
    Waste,
    WasteWithColdChain,
    WasteOfIssues,
    CrossmatchedToTransfused,
    ONegativeToOthers,
    /// `within`: hours.
    AppealResponse,
    /// `within`: days.
    AppealTurnOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FigureRow {
    pub name: FigureName,
    pub figure: Figure,
    /// The time that the definition names.
    pub within: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Figures {
    pub from: String,
    pub to: String,
    pub rows: Vec<FigureRow>,
    /// From the placing of a request to its first unit: the median in minutes; none when no request of
    /// the period was given any.
    #[serde(rename = "requestMinutes")]
    pub request_minutes: Option<u32>,
    /// The requests that were given any, of all of the period.
    #[serde(rename = "requestsGiven")]
    pub requests_given: u32,
    pub requests: u32,
    /// Units discarded, by reason.
    pub wastage: Vec<WastageRow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WastageRow {
    pub reason: DiscardReason,
    pub units: u32,
}
