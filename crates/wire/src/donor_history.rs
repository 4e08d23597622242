//! What is kept of a donor over the years: health, determinations, what was told after a donation and
//! what was given elsewhere.

use crate::{BloodGroup, DonationKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What changes rules and does not pass. None: nobody has asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HealthView {
    pub after_menopause: Option<bool>,
    pub ever_pregnant: Option<bool>,
    /// Tested free of HLA antibodies.
    pub hla_negative: Option<bool>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorHealth {
    pub donor: String,
    pub health: HealthView,
}

/// One determination of the blood group.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GroupFound {
    pub group: BloodGroup,
    pub at: String,
    /// The donation it was determined from.
    pub din: Option<String>,
}

/// What a donor told after giving; for those who may know.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ToldAfter {
    pub what: AfterGiving,
    pub note: Option<String>,
    pub at: String,
    pub din: String,
}

/// Something that would have mattered before the donation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AfterGiving {
    /// Fever, or unwell.
    Fever,
    Diarrhoea,
    /// An infection that was found, or jaundice.
    Infection,
    /// A test elsewhere was positive.
    TestElsewhere,
    /// A risk that was not told before.
    Risk,
    Medicine,
    Vaccine,
    Travel,
    Other,
}

/// A donor says after a donation what would have mattered before it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonationReport {
    pub donation: String,
    pub what: AfterGiving,
    pub note: Option<String>,
    /// A deferral that follows for the donor, by its code.
    pub defer: Option<String>,
    /// The day it happened; needed with a deferral.
    pub happened: Option<String>,
}

/// What was stopped by a report.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportTaken {
    /// The recall that was opened; none when nothing was made of the donation yet, or an open recall
    /// names all of it.
    pub recall: Option<String>,
    /// Bags that it names.
    pub bags: u32,
    /// Of them, those that left the bank.
    pub issued: u32,
}

/// A donation elsewhere, as the donor or a card tells it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GivenElsewhere {
    pub donor: String,
    pub kind: DonationKind,
    /// `2026-11-20`.
    pub on: String,
    pub place: String,
    pub red_cells_returned: Option<bool>,
}

/// The same as it stands in the record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ElsewhereRow {
    pub kind: DonationKind,
    pub on: String,
    pub place: String,
    pub red_cells_returned: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DonorEvent {
    Registered,
    Amended,
    Consented,
    ConsentWithdrawn,
    /// `afterMenopause`, `everPregnant`, `hlaNegative`: `true`, `false`, or not there.
    HealthSaid,
    /// `abo`, `rhd`.
    GroupFound,
    /// `code`, `ends`.
    Deferred,
    /// `code`, `reason`.
    DeferralLifted,
    /// `verdict`.
    Screened,
    /// `reason`.
    Cleared,
    /// `kind`.
    Gave,
    /// `kind`, `on`, `place`.
    GaveElsewhere,
    /// `what`, `note`.
    ToldAfter,
    /// `other`, `reason`.
    SamePerson,
    TwoPeople,
    PhotoSet,
    /// `reason`, `erased`.
    PhotoRemoved,
}

/// One line of the history of a donor, with who wrote it and beside whom.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorLine {
    pub what: DonorEvent,
    pub at: String,
    pub by: String,
    pub second: Option<String>,
    pub args: BTreeMap<String, String>,
    /// Number of another record of the same person, where it stands in that one.
    pub record: Option<String>,
}

/// The newest first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorHistory {
    pub lines: Vec<DonorLine>,
}
