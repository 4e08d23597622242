//! How much blood will be needed, what to order, and what would happen if.

use crate::{BloodGroup, Component};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ForecastAsk {
    pub component: Component,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ForecastMethod {
    /// Nothing was used yet: the mix of the book.
    ColdStart,
    Smoothed,
    HoltWinters,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TargetWhy {
    Service,
    WouldEnd,
    TooRare,
    Floor,
}

/// A mean with its interval.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct ExpectedNeed {
    pub mean: f64,
    pub low: u32,
    pub high: u32,
}

/// One day: what was used, or what is expected.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ForecastDay {
    /// `YYYY-MM-DD` at this place.
    pub day: String,
    pub used: Option<u32>,
    pub expected: Option<ExpectedNeed>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ForecastLine {
    /// None: all groups together, where any may be given.
    pub group: Option<BloodGroup>,
    pub method: ForecastMethod,
    pub daily: f64,
    pub week: ExpectedNeed,
    pub month: ExpectedNeed,
    pub free: u32,
    /// Of these, ending before the next delivery.
    pub ending: u32,
    pub held: u32,
    /// Days until the mean need has used the free ones.
    pub cover_days: Option<f64>,
    /// The probability that they run out before a delivery ordered now.
    pub runs_out: f64,
    pub floor: u32,
    pub order_to: u32,
    pub why: TargetWhy,
    pub order: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ForecastView {
    pub as_of: String,
    /// Days of use that are known, a year at most.
    pub days_known: u32,
    /// Of every interval shown, in percent.
    pub interval_percent: u32,
    /// All groups together: eight weeks back, two ahead.
    pub days: Vec<ForecastDay>,
    pub lines: Vec<ForecastLine>,
    /// The numbers of the book that nobody has confirmed for this facility.
    pub unconfirmed: bool,
}

/// One thing that is different.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WhatIfChange {
    /// The need, in percent of today's.
    Need { percent: u32 },
    /// How sure the targets are, in 1/1000.
    Service { permille: u32 },
    /// Units kept for critical requests, in percent of today's.
    Floors { percent: u32 },
    /// Days that a delivered unit still has.
    Life { least: u32, most: u32 },
    /// Hours that a reservation holds.
    Hold { hours: u32 },
    /// Days from an order to the shelf.
    Delivery { days: u32 },
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WhatIfAsk {
    pub component: Component,
    pub changes: Vec<WhatIfChange>,
}

/// A share with its 95 % interval over the simulated years.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct ShareEstimate {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WhatIfFigures {
    pub waste: ShareEstimate,
    pub fulfilment: ShareEstimate,
    pub critical: ShareEstimate,
    /// O RhD negative red cells given to others.
    pub o_negative: ShareEstimate,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct WhatIfAnswer {
    pub now: WhatIfFigures,
    pub then: WhatIfFigures,
    pub difference: WhatIfFigures,
    /// Units a day that the simulated hospital uses: from this site's own forecast.
    pub daily: f64,
    pub days: u32,
    pub runs: u32,
}
