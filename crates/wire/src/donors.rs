//! Donors and donations.

use crate::{
    Component, ElsewhereRow, GroupFound, GroupState, HealthView, HoldView, Override, PhotoView,
    SecondPerson, Sex, ToldAfter,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// How a donor gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DonationKind {
    WholeBlood,
    Platelets,
    Plasma,
    DoubleRedCells,
}

/// Why a donor may not give, or not everything; the words stand with the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DonorWhy {
    IdentityNotShown,
    LikelySame,
    /// `code`.
    Deferred,
    /// `from`, `days`.
    Interval,
    /// `most`, `days`.
    TooOften,
    AgeUnknown,
    /// `years`.
    TooYoung,
    /// `years`, `most`.
    TooOld,
    TooOldFirstTime,
    TooOldApheresis,
    /// `what`.
    NotMeasured,
    /// `weight`, `bag`.
    Weight,
    BloodVolume,
    /// `value`, `least`.
    Haemoglobin,
    Pressure,
    Pulse,
    Temperature,
    PlateletCount,
    Bag,
    /// `question`.
    Answer,
    /// `questions`.
    Unanswered,
    Pregnancies,
    NoConsent,
    NoGuardian,
}

/// When something that keeps a donor from giving ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeferralEnd {
    /// The first day on which the donor may give again, `2026-11-20`.
    On {
        day: String,
    },
    WhenLifted,
    Never,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DonorEffect {
    /// What is given is held until somebody has looked.
    Pending,
    /// These are not made of it.
    Limit {
        components: Vec<Component>,
    },
    /// A physician decides.
    Refer,
    Defer {
        until: DeferralEnd,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DonorReason {
    pub why: DonorWhy,
    pub effect: DonorEffect,
    pub args: BTreeMap<String, String>,
    /// Where the value of the rule comes from; empty where no value is involved.
    pub source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DonorVerdict {
    Accept,
    AcceptLimited,
    Refer,
    Defer,
}

/// From when a donor may give in one way, as far as history says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DonorNext {
    pub kind: DonationKind,
    /// None: not as things stand.
    pub on: Option<String>,
    pub why: Option<DonorWhy>,
    /// The deferral, for those who may know it.
    pub code: Option<String>,
}

/// Typed into the search, or scanned there: a donor number, a donation number, a name, a telephone
/// number.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorSearch {
    pub text: String,
    pub limit: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorFound {
    pub rows: Vec<DonorRow>,
    pub total: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DonorRow {
    pub id: String,
    pub number: String,
    pub family: String,
    pub given: String,
    pub birth_date: Option<String>,
    pub age_years: Option<u32>,
    pub sex: Sex,
    pub group: GroupState,
    /// Of whole blood.
    pub next: DonorNext,
    /// Another person on the same list has a name that looks or sounds alike.
    pub similar_name: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DonorRegister {
    pub family: String,
    pub given: String,
    /// A whole day, or nothing when nobody knows it.
    pub birth_date: Option<String>,
    pub sex: Sex,
    pub phone: Option<String>,
    /// A part of town or a village.
    pub area: Option<String>,
    /// The number of an identity card or another paper.
    pub paper: Option<String>,
    /// The donor has read the text and agrees to give and to the tests.
    pub consent: bool,
    /// Who agreed beside a minor.
    pub guardian: Option<String>,
    #[serde(rename = "override")]
    pub override_: Option<Override>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DonorView {
    pub row: DonorRow,
    /// Of this record alone.
    pub photo: Option<PhotoView>,
    pub phone: Option<String>,
    pub area: Option<String>,
    pub paper: Option<String>,
    pub consent: Option<ConsentView>,
    pub deferrals: Vec<DeferralView>,
    /// Per kind of donation.
    pub next: Vec<DonorNext>,
    pub donations: Vec<DonationRow>,
    /// Given elsewhere, the newest first.
    pub elsewhere: Vec<ElsewhereRow>,
    /// For those who ask and measure, and the laboratory.
    pub health: Option<HealthView>,
    /// Every determination, the newest first.
    pub groups: Vec<GroupFound>,
    /// Told after a donation, the newest first; for those who may know.
    pub told: Vec<ToldAfter>,
    /// The newest first.
    pub screenings: Vec<ScreeningView>,
    /// Others who may be the same person.
    pub likely_same: Vec<DonorRow>,
    /// Other records of the same person, by decision; what they say counts here, too.
    pub same_person: Vec<DonorRow>,
    /// What is asked before a donation, for this donor.
    pub questions: Vec<QuestionView>,
    /// Today's screening lets the donor give and nothing was given yet.
    pub may_give: bool,
    /// What that screening was for.
    pub screened_for: Option<DonationKind>,
    /// A screening of an earlier day, from paper, after which a collection may still be entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub paper_of: Option<PaperOf>,
    /// Codes by which a donor may be deferred.
    pub deferral_codes: Vec<String>,
    pub rules: RuleBook,
    /// The local day of this facility.
    pub today: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ConsentView {
    pub at: String,
    pub guardian: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeferralView {
    /// The record it stands in: this one, or another of the same person.
    pub donor: String,
    /// With the code its name.
    pub cause: String,
    /// None: you may only know that there is one.
    pub code: Option<String>,
    pub happened: String,
    pub ends: DeferralEnd,
    /// In force today.
    pub holds: bool,
    /// Empty: everything.
    pub only: Vec<Component>,
    pub source: String,
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DonationRow {
    pub id: String,
    pub din: String,
    pub check: String,
    pub donor: String,
    pub donor_name: String,
    pub kind: DonationKind,
    pub begun_at: String,
    pub ended_at: Option<String>,
    pub volume_ml: Option<u32>,
    pub bag: Option<String>,
    /// Whether the machine gave the red cells back; not known, or whole blood: nothing.
    pub red_cells_returned: Option<bool>,
    /// Why nothing of it leaves quarantine; a neutral word for those who may not know.
    pub holds: Vec<String>,
    /// The same by name, for those who may know: each is lifted by naming it.
    pub held: Vec<HoldView>,
    /// Whether the donor was asked in confidence.
    pub asked: bool,
    pub reactions: Vec<DonorReactionView>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorReactionView {
    pub kind: DonorReaction,
    /// 1 to 5.
    pub grade: u32,
    pub at: String,
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DonorReaction {
    Vasovagal,
    Haematoma,
    ArterialPuncture,
    NerveInjury,
    Thrombophlebitis,
    Citrate,
    Allergic,
    AirEmbolism,
    Other,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ScreeningView {
    pub cause: String,
    pub at: String,
    pub verdict: DonorVerdict,
    pub until: Option<DeferralEnd>,
    pub pending: bool,
    pub reasons: Vec<DonorReason>,
    /// Profile and version it was decided under.
    pub rules: String,
    pub by: String,
    /// Who let a referred donor give.
    pub cleared: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QuestionView {
    /// Stable; the words stand with the page.
    pub id: String,
    /// The answer that has a consequence.
    pub when: bool,
    /// It asks for the day.
    pub asks_when: bool,
}

/// Which rule book decides here.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RuleBook {
    pub name: String,
    pub version: u32,
    /// A person of the country has signed it; otherwise it is a draft.
    pub signed: bool,
    pub bags: Vec<BagView>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BagView {
    pub code: String,
    pub volume_ml: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorConsent {
    pub donor: String,
    pub guardian: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AnswerGiven {
    pub question: String,
    pub yes: bool,
    /// `2026-11-20`.
    pub when: Option<String>,
}

/// Asked and measured before something is given.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PaperOf {
    pub day: String,
    pub kind: DonationKind,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DonorScreen {
    pub donor: String,
    pub kind: DonationKind,
    /// The bag that is meant, for whole blood.
    pub bag: Option<String>,
    pub identity_shown: bool,
    /// Tenths of a kilogram.
    pub weight: Option<u32>,
    /// Centimetres.
    pub height: Option<u32>,
    /// g/L.
    pub haemoglobin: Option<u32>,
    /// mmHg.
    pub systolic: Option<u32>,
    pub diastolic: Option<u32>,
    /// A minute.
    pub pulse: Option<u32>,
    /// Tenths of a degree Celsius.
    pub temperature: Option<u32>,
    /// 10⁹/L, before platelets are given.
    pub platelets: Option<u32>,
    pub answers: Vec<AnswerGiven>,
    /// It stands on a downtime form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<crate::Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorClear {
    pub donor: String,
    pub screening: String,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorDefer {
    pub donor: String,
    pub code: String,
    /// The day it happened.
    pub happened: String,
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorLift {
    pub donor: String,
    pub cause: String,
    pub code: String,
    pub reason: String,
    pub second: Option<SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonationBegin {
    pub donor: String,
    /// 13 characters; none takes the next number of the site.
    pub din: Option<String>,
    /// For whole blood; a machine has a set of its own.
    pub bag: Option<String>,
    /// It stands on a downtime form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<crate::Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DonationEnd {
    pub donation: String,
    pub volume_ml: u32,
    /// Minutes that it bled, from the beginning; none: it ends now.
    pub minutes: Option<u32>,
    /// By a machine: whether it gave the red cells back. None: nobody knows, and the longer wait counts.
    pub red_cells_returned: Option<bool>,
    /// It stands on a downtime form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub happened: Option<crate::Happened>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonationReact {
    pub donation: String,
    pub reaction: DonorReaction,
    pub grade: u32,
    pub note: Option<String>,
}

/// What the donor says in confidence: do not use it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonationExclude {
    pub donation: String,
    pub excluded: bool,
}

/// Donation numbers of this site, and what is going on today.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DonorDesk {
    pub rules: RuleBook,
    pub blocks: Vec<NumberBlock>,
    /// Numbers left in this year.
    pub left: u32,
    /// The next number and its check character.
    pub next: Option<NextNumber>,
    /// Pairs of records that may be of one person.
    pub doubles: u32,
    /// Donations of today, and those that have not ended.
    pub donations: Vec<DonationRow>,
    /// The local day of this facility.
    pub today: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NextNumber {
    pub din: String,
    pub check: String,
}

/// A run of donation numbers that this site was given.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NumberBlock {
    /// Facility identification number, five characters.
    pub fin: String,
    /// Two digits.
    pub year: u32,
    pub first: u32,
    pub last: u32,
}
