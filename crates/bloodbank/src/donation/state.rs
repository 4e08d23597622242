//! The shapes of a donation.

use crate::profile::DonationKind;
use kernel::{CommandId, Component, DonationId, DonorId, Instant, Millilitres, UnitId};
use serde::{Deserialize, Serialize};

/// One donation. The state of the aggregate, stored as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Donation {
    pub id: DonationId,
    /// 13 characters.
    pub din: String,
    pub donor: DonorId,
    pub kind: DonationKind,
    /// Code of the bag set; none for apheresis.
    pub bag: Option<String>,
    pub site: String,
    /// Of the site; lives end in it.
    pub zone: chrono_tz::Tz,
    pub begun_at: Instant,
    pub ended: Option<Ended>,
    /// The donor had never given before: one more typing.
    pub first_time: bool,
    /// What the screening does not let be made of it.
    pub not_for: Vec<Component>,
    /// Every hold not lifted, oldest first.
    pub holds: Vec<Hold>,
    pub reactions: Vec<Reaction>,
    /// What the donor said in confidence afterwards: true, do not use it. None: not asked yet.
    pub excluded: Option<bool>,
    /// What was made of it.
    pub parts: Vec<UnitId>,
    /// Counts the events applied.
    pub version: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub at: Instant,
    /// Of blood, without anticoagulant.
    pub volume: Millilitres,
    /// Apheresis only.
    pub red_cells_returned: Option<bool>,
}

/// Something that keeps all components in quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The command that made it; its name.
    pub cause: CommandId,
    pub reason: HoldReason,
    pub at: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// The donor asked in confidence not to use it.
    ExcludedByDonor,
    /// Given too soon after another donation, which became known later.
    IntervalViolation,
    /// The donor may be somebody whom another site has deferred.
    IdentityPending,
    /// What the donor reported afterwards.
    ReportedAfter,
    VolumeLow,
    VolumeHigh,
    GroupDiscrepancy,
    Reactive,
    LookBack,
    UnregisteredFacility,
    Other(String),
}

impl HoldReason {
    /// The name in files and in the message catalogue.
    pub fn word(&self) -> &'static str {
        match self {
            Self::ExcludedByDonor => "excluded_by_donor",
            Self::IntervalViolation => "interval_violation",
            Self::IdentityPending => "identity_pending",
            Self::ReportedAfter => "reported_after",
            Self::VolumeLow => "volume_low",
            Self::VolumeHigh => "volume_high",
            Self::GroupDiscrepancy => "group_discrepancy",
            Self::Reactive => "reactive",
            Self::LookBack => "look_back",
            Self::UnregisteredFacility => "unregistered_facility",
            Self::Other(_) => "other",
        }
    }
    /// Nobody lifts it: the blood is not used.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::ExcludedByDonor | Self::Reactive)
    }
}

/// What happened to the donor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub cause: CommandId,
    pub kind: ReactionKind,
    pub grade: Grade,
    pub at: Instant,
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReactionKind {
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

/// Severity 1 to 5 (AABB/ISBT/IHN/EBA, bloodbank.md 2.11 [S58]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Grade(u8);

impl Grade {
    /// Serious, and reported as such.
    pub fn is_serious(self) -> bool {
        self.0 >= 3
    }
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Grade {
    type Error = String;
    fn try_from(grade: u8) -> Result<Self, String> {
        if (1..=5).contains(&grade) {
            Ok(Self(grade))
        } else {
            Err(format!("grade {grade} is outside 1 to 5"))
        }
    }
}

impl From<Grade> for u8 {
    fn from(grade: Grade) -> u8 {
        grade.0
    }
}

impl Donation {
    /// How long it bled, in begun minutes.
    pub fn bleed_minutes(&self) -> Option<u32> {
        let seconds = (self.ended?.at - self.begun_at).num_seconds().max(0);
        u32::try_from((seconds + 59) / 60).ok()
    }
    /// Nothing of it leaves quarantine.
    pub fn is_held(&self) -> bool {
        !self.holds.is_empty()
    }
}
