//! Records that may be of one person.

use crate::{DonationRow, DonorRow, DonorView, SecondPerson};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What speaks for two records being of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DoubleSign {
    SamePaper,
    SameFinger,
    SamePhone,
    SameBirthDate,
    NearBirthDate,
    SameName,
    AlikeName,
}

/// Pairs that nobody has settled yet, the newest first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Doubles {
    pub pairs: Vec<DoublePair>,
    pub total: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DoublePair {
    pub donor: DonorRow,
    pub other: DonorRow,
    pub signs: Vec<DoubleSign>,
    /// One of the two may not give, for ever or until somebody lifts it.
    pub deferred: bool,
    /// Donations that wait for the look.
    pub waiting: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DoubleAsk {
    pub donor: String,
    pub other: String,
}

/// What was decided about two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DoubleStanding {
    /// Proposed, and nobody has looked.
    Open,
    SamePerson,
    TwoPeople,
    /// Nobody proposed them; somebody compares them all the same.
    NotProposed,
}

/// Two records side by side, each with its own history.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DoubleView {
    pub donor: DonorView,
    pub other: DonorView,
    pub signs: Vec<DoubleSign>,
    pub standing: DoubleStanding,
    /// Different people whom policy asks for.
    pub people: u32,
    /// Donations that wait for the look.
    pub waiting: Vec<DonationRow>,
}

/// The same person, or two.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DoubleSettle {
    pub donor: String,
    pub other: String,
    pub same: bool,
    pub reason: String,
    pub second: Option<SecondPerson>,
}
