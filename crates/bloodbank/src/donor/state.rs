//! The shapes of a donor.

use super::{Answers, Eligibility, Likeness};
use crate::profile::DonationKind;
use crate::unit::{KnownGroup, Sex};
use chrono::NaiveDate;
use kernel::{
    BloodGroup, CommandId, Component, DonationId, DonorId, Instant, Millilitres, StaffId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One donor. The state of the aggregate, stored as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Donor {
    pub id: DonorId,
    pub identity: Identity,
    /// The erasable part: what is needed to reach somebody, not to trace blood.
    pub contact: Option<Contact>,
    /// Per channel; a channel that is not here was not agreed to.
    pub channels: BTreeMap<Channel, Agreement>,
    pub consents: Vec<Consent>,
    pub health: Health,
    /// Every determination, oldest first. Nothing overwrites it.
    pub groups: Vec<GroupFinding>,
    /// Those not lifted.
    pub deferrals: Vec<Deferral>,
    /// By day, oldest first. Kept whatever an interval says: it has happened.
    pub donations: Vec<Past>,
    /// Every attempt, also the refused ones, oldest first.
    pub screenings: Vec<Screening>,
    pub reports: Vec<AfterReport>,
    /// Others who may be the same person and whom nobody has looked at yet.
    pub likely_same: Vec<Likeness>,
    /// Records of the same person, by decision of a person.
    pub same_as: Vec<DonorId>,
    /// Records of somebody else, by decision of a person; never proposed again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_same: Vec<DonorId>,
    pub last_asked: Option<Instant>,
    /// What the desk knows the person by; the picture itself is kept by its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<Photo>,
    /// Counts the events applied.
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The donor's number here.
    pub number: String,
    pub name: Name,
    /// None when nobody knows; then a physician decides about the age.
    pub born: Option<NaiveDate>,
    pub sex: Sex,
    pub papers: Vec<Paper>,
    /// Never written: the picture of a donor is [`Donor::photo`], with its own consent.
    pub photo: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    pub family: String,
    pub given: String,
}

/// A number that somebody else gave, such as of an identity card.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Paper {
    pub scheme: String,
    pub number: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub phone: Option<String>,
    pub email: Option<String>,
    /// A part of town or a village; never an address.
    pub area: Option<String>,
    pub language: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Sms,
    Call,
    Email,
    Post,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    pub agreed: bool,
    pub at: Instant,
}

/// To give blood, to the tests, and to the keeping of what they show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Which text was read.
    pub text: String,
    pub text_version: u32,
    /// Who agreed beside a minor.
    pub guardian: Option<String>,
    pub at: Instant,
    /// Withdrawn later.
    pub withdrawn: bool,
}

/// A picture of a donor, with the yes of the donor to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    pub picture: Picture,
    pub consent: PhotoConsent,
    pub by: StaffId,
    pub at: Instant,
}

/// What was made of the file that was chosen, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Of the bytes that are kept, in lower case.
    pub sha256: String,
    pub media_type: String,
    pub bytes: u64,
    pub cols: u32,
    pub rows: u32,
}

/// The yes to a picture. The yes to giving blood is another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoConsent {
    /// Which text was read.
    pub text: String,
    pub text_version: u32,
    /// Who agreed beside a minor.
    pub guardian: Option<String>,
}

/// What changes rules and does not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    pub after_menopause: Option<bool>,
    pub ever_pregnant: Option<bool>,
    /// Tested free of HLA antibodies.
    pub hla_negative: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFinding {
    pub group: BloodGroup,
    pub donation: Option<DonationId>,
    pub at: Instant,
}

/// Something that keeps a donor from giving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferral {
    /// The command that made it; with the code, its name.
    pub cause: CommandId,
    pub code: String,
    /// The day of the event it counts from.
    pub happened: NaiveDate,
    pub ends: Ends,
    /// Empty: everything.
    pub only: Vec<Component>,
    /// Profile and version that gave its length, and the row's source.
    pub profile: String,
    pub source: String,
    pub note: Option<String>,
}

/// When a deferral ends. Ordered: what keeps longer is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// The first day on which the donor may give again.
    On(NaiveDate),
    WhenLifted,
    Never,
}

impl Ends {
    /// Still in force on a day.
    pub fn holds_on(self, day: NaiveDate) -> bool {
        match self {
            Self::On(end) => day < end,
            Self::WhenLifted | Self::Never => true,
        }
    }
}

/// A donation that was made, here or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub donation: DonationId,
    pub kind: DonationKind,
    /// The local day of the site.
    pub on: NaiveDate,
    /// Apheresis only: whether the machine gave the red cells back.
    pub red_cells_returned: Option<bool>,
    pub volume: Option<Millilitres>,
    /// Where it was given, when it was not here; in words of whoever told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<String>,
}

/// One attempt to give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    pub cause: CommandId,
    pub at: Instant,
    /// The local day of the site.
    pub on: NaiveDate,
    pub visit: Visit,
    /// What was said, then. Never decided again.
    pub result: Eligibility,
    /// `fda 3`: profile and version.
    pub profile: String,
    pub by: StaffId,
    /// Who let a referred donor give, and why.
    pub cleared: Option<(StaffId, String)>,
}

/// What is known of a donor who sits here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub kind: DonationKind,
    /// Nominal volume of the bag that is meant, for whole blood.
    pub bag: Option<Millilitres>,
    /// A paper, a card or a person who knows the donor was seen.
    pub identity_shown: bool,
    pub vitals: Vitals,
    pub answers: Answers,
}

/// Measured today. What is missing sends the donor to a physician.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Vitals {
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
    /// 10⁹/L.
    pub platelets: Option<u32>,
}

/// What a donor reported after giving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterReport {
    pub cause: CommandId,
    pub donation: DonationId,
    /// Such as `fever`.
    pub code: String,
    pub note: Option<String>,
    pub at: Instant,
}

impl Donor {
    /// What all determinations say together.
    pub fn group(&self) -> KnownGroup {
        let mut groups: Vec<BloodGroup> = self.groups.iter().map(|found| found.group).collect();
        let count = groups.len();
        groups.sort_unstable();
        groups.dedup();
        match (groups.as_slice(), count) {
            ([], _) => KnownGroup::Unknown,
            ([group], 1) => KnownGroup::Once(*group),
            ([group], _) => KnownGroup::Confirmed(*group),
            _ => KnownGroup::Conflict(groups),
        }
    }

    /// The deferrals in force on a day, the longest first.
    pub fn deferred_on(&self, day: NaiveDate) -> Vec<&Deferral> {
        let mut all: Vec<_> = self.deferrals.iter().filter(|d| d.ends.holds_on(day)).collect();
        all.sort_by(|a, b| b.ends.cmp(&a.ends).then_with(|| a.code.cmp(&b.code)));
        all
    }

    /// Agreed to be reached by this channel, and can be.
    pub fn agreed_to(&self, channel: Channel) -> bool {
        self.contact.is_some() && self.channels.get(&channel).is_some_and(|a| a.agreed)
    }

    /// The agreement to give that holds.
    pub fn consent(&self) -> Option<&Consent> {
        self.consents.iter().rev().find(|consent| !consent.withdrawn)
    }
}
