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

/// What was counted as need in the last year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ForecastCounted {
    /// Units given, each under the group of its patient.
    pub given: u32,
    /// Of these, under the group of the bag, because nobody knows the patient's.
    pub by_bag: u32,
    /// Units asked for and not supplied, and as how many they count.
    pub lacking: u32,
    pub lacking_counted: f64,
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
    pub counted: ForecastCounted,
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

/// What another site uses of one group, or of all together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SiteUse {
    pub group: Option<BloodGroup>,
    /// Over the days that are asked about.
    pub units: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SiteUseSay {
    pub site: String,
    pub component: Component,
    /// Each group once, or all together, as the component is ordered.
    pub uses: Vec<SiteUse>,
}

/// A known site and what it uses of the component.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SiteNeed {
    pub name: String,
    /// Empty: nobody has said it.
    pub uses: Vec<SiteUse>,
    pub said_at: Option<String>,
    pub said_by: Option<String>,
    /// Said so long ago that it is asked again.
    pub stale: bool,
}

/// A short-dated bag that will less likely than not be used here.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfferBag {
    pub id: String,
    pub din: String,
    pub check: String,
    pub group: BloodGroup,
    pub ends_at: String,
    pub days_left: u32,
    /// The probability of its use before its end, here and where it is offered.
    pub here: f64,
    pub there: Option<f64>,
}

/// What would be sent to one site.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SiteOffer {
    pub to: String,
    pub stale: bool,
    pub bags: Vec<OfferBag>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Offers {
    pub as_of: String,
    /// Bags with so many days or less are looked at; none: the component is not exchanged.
    pub within_days: Option<u32>,
    /// All groups of it are ordered, and said, together.
    pub together: bool,
    /// In percent: below it a bag is not likely to be used.
    pub below: u32,
    /// What a site uses is said over so many days, and asked again after so many.
    pub use_days: u32,
    pub stale_days: u32,
    pub sites: Vec<SiteNeed>,
    pub offers: Vec<SiteOffer>,
    /// Not likely to be used here, and no site is known that would clearly rather use them.
    pub nowhere: Vec<OfferBag>,
    /// Of either kind, beyond the most that are sent.
    pub left_out: u32,
}
