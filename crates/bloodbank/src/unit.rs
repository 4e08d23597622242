//! The shapes: a unit, what may be asked of it, what happened to it, and what a decision may know.

use crate::traits::Phenotype;
use chrono::{Datelike as _, NaiveDateTime, TimeDelta};
use kernel::{
    BloodGroup, CommandId, Component, Instant, Millilitres, PatientId, UnitId, instant_of_wall,
};
use serde::{Deserialize, Serialize};

/// One bag. The state of the aggregate, stored as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub id: UnitId,
    /// Donation number, 13 characters, without the check character.
    pub din: String,
    /// ISBT 128 product code, 8 characters.
    pub product_code: String,
    pub component: Component,
    /// The letters of the label. Of a bag without H they are O and say nothing by themselves: see
    /// `phenotype`.
    pub group: BloodGroup,
    /// Whether the H antigen is there. A Bombay bag is no bag of group O (bloodbank.md 2.1, scenario 16).
    #[serde(default, skip_serializing_if = "Phenotype::is_ordinary")]
    pub phenotype: Phenotype,
    pub expires: Expiry,
    pub collected_at: Option<Instant>,
    pub received_at: Instant,
    pub volume: Option<Millilitres>,
    /// Where in the site it lies, in the site's own words.
    pub place: String,
    pub supplier: Option<String>,
    /// Anti-A and anti-B tested below the local limit.
    pub low_titre: bool,
    /// The site that has custody. A unit in transit is still in the sender's.
    pub site: String,
    pub status: Status,
    /// Every quarantine not yet lifted; `status` shows the latest. Two reasons need two lifts.
    pub quarantines: Vec<Quarantine>,
    /// Set between scan-out and scan-in, also while a quarantine hides it from `status`.
    pub transit: Option<Transit>,
    /// When custody last moved: received, scanned out or scanned in. Older news of it says nothing.
    pub moved_at: Instant,
    /// Counts the events applied.
    pub version: u64,
}

/// An end promised in local time and compared by instant (`kernel.md` 1, zones). The zone is the
/// labelling facility's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    pub wall: NaiveDateTime,
    pub zone: chrono_tz::Tz,
    pub at: Instant,
}

impl Expiry {
    /// A label is read to the minute: a unit marked 23:59 (which is also what a label without a
    /// time means) may be issued at 23:59 and not at 00:00 (bloodbank.md 6, scenario 1). `at` is
    /// therefore the last second of the labelled minute, so that it also reads as that minute on
    /// every screen. Of two readings at a clock change the earlier counts: see
    /// [`kernel::instant_of_wall`].
    pub fn of_label(wall: NaiveDateTime, zone: chrono_tz::Tz) -> Self {
        // A year that no label has would overflow the calendar; it reads as long past.
        if !(1900..=9999).contains(&wall.year()) {
            return Self { wall, zone, at: Instant::UNIX_EPOCH };
        }
        let start = instant_of_wall(wall, zone);
        let at = start.checked_add_signed(TimeDelta::seconds(59)).unwrap_or(start);
        Self { wall, zone, at }
    }
    /// True from the very moment on.
    pub fn is_past(&self, now: Instant) -> bool {
        now >= self.at
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    pub cause: CommandId,
    pub reason: String,
    pub at: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transit {
    pub to: String,
    pub at: Instant,
}

/// The stored status. Expired and lapsed are never stored: see [`Unit::effective_status`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Status {
    Available,
    Quarantined {
        reason: String,
        at: Instant,
        /// The command that a lift has to name.
        cause: CommandId,
    },
    Reserved {
        patient: PatientId,
        until: Instant,
    },
    Issued {
        patient: PatientId,
        at: Instant,
        collected_by: String,
    },
    InTransit {
        to: String,
        at: Instant,
    },
    Discarded {
        reason: DiscardReason,
        at: Instant,
    },
}

/// The status as of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effective {
    Available,
    Reserved { patient: PatientId, until: Instant },
    Quarantined,
    Issued { patient: PatientId },
    InTransit,
    Discarded,
    Expired,
}

impl Unit {
    /// A hold that has run out reads Available, a unit past its end Expired. A quarantine is shown
    /// even when the unit has also expired: it still waits for a person.
    pub fn effective_status(&self, now: Instant) -> Effective {
        match self.status {
            Status::Quarantined { .. } => Effective::Quarantined,
            Status::Issued { patient, .. } => Effective::Issued { patient },
            Status::InTransit { .. } => Effective::InTransit,
            Status::Discarded { .. } => Effective::Discarded,
            Status::Available | Status::Reserved { .. } if self.expires.is_past(now) => {
                Effective::Expired
            }
            Status::Reserved { patient, until } if until > now => {
                Effective::Reserved { patient, until }
            }
            Status::Available | Status::Reserved { .. } => Effective::Available,
        }
    }
    /// Whether the last move of its custody was its arrival at `site` at `at`: only then may the lease
    /// follow. News of an older move, told later, is no arrival.
    pub fn arrived(&self, site: &str, at: Instant) -> bool {
        self.moved_at == at && self.site == site && self.transit.is_none()
    }
    /// Neither issued nor discarded.
    pub fn is_live(&self) -> bool {
        !matches!(self.status, Status::Issued { .. } | Status::Discarded { .. })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscardReason {
    Expired,
    Leak,
    Clot,
    Haemolysis,
    ColdChain,
    Volume,
    Recalled,
    /// A marker of its donation is reactive.
    Reactive,
    Lipaemic,
    /// Not enough in the bag for what it was to be made into or tested for.
    NotSufficient,
    /// Came back from the ward too late, or too warm.
    ReturnedLate,
    ReturnedWarm,
    /// The groups of the donor, the label or another bag of the donation do not agree.
    GroupDiscrepancy,
    /// Broke when it was thawed.
    BrokenOnThaw,
    /// Prepared or given out for a patient, and in the end not given.
    NotUsed,
    /// Whoever delivered it calls it back.
    SupplierRecall,
    /// Its children stand for it: irradiated, thawed, pooled, divided. No waste.
    Processed,
    /// Needs a note.
    Other,
}

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Receive {
        din: String,
        product_code: String,
        component: Component,
        group: BloodGroup,
        #[serde(default, skip_serializing_if = "Phenotype::is_ordinary")]
        phenotype: Phenotype,
        /// The last minute on the label; day-only labels end at 23:59.
        expires_wall: NaiveDateTime,
        zone: chrono_tz::Tz,
        collected_at: Option<Instant>,
        volume: Option<Millilitres>,
        place: String,
        supplier: Option<String>,
        #[serde(default)]
        low_titre: bool,
    },
    Reserve {
        patient: PatientId,
        /// None: as long as policy holds. Never longer than that, nor past the unit's own end.
        until: Option<Instant>,
    },
    Release {
        reason: String,
    },
    Issue {
        patient: PatientId,
        collected_by: String,
        appearance_ok: bool,
    },
    Quarantine {
        reason: String,
    },
    LiftQuarantine {
        reason: String,
        lifts: CommandId,
    },
    Discard {
        reason: DiscardReason,
        note: Option<String>,
    },
    SendTo {
        site: String,
    },
    TakeIn {
        site: String,
    },
    /// To another place of the same site.
    Move {
        place: String,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Received {
        din: String,
        product_code: String,
        component: Component,
        group: BloodGroup,
        #[serde(default, skip_serializing_if = "Phenotype::is_ordinary")]
        phenotype: Phenotype,
        expires: Expiry,
        collected_at: Option<Instant>,
        volume: Option<Millilitres>,
        place: String,
        supplier: Option<String>,
        low_titre: bool,
        site: String,
        at: Instant,
    },
    Reserved {
        patient: PatientId,
        until: Instant,
    },
    /// Computed; said by the next command, which frees the index row.
    HoldLapsed {
        due: Instant,
    },
    Released {
        patient: PatientId,
        reason: String,
    },
    Issued {
        patient: PatientId,
        at: Instant,
        collected_by: String,
    },
    Quarantined {
        reason: String,
        at: Instant,
        cause: CommandId,
    },
    QuarantineLifted {
        reason: String,
        lifts: CommandId,
    },
    Discarded {
        reason: DiscardReason,
        note: Option<String>,
        at: Instant,
    },
    Sent {
        to: String,
        at: Instant,
    },
    TakenIn {
        site: String,
        at: Instant,
    },
    Moved {
        place: String,
        at: Instant,
    },
    /// An issued unit came back: to the shelf, or with a fault into quarantine.
    TakenBack {
        patient: PatientId,
        at: Instant,
        failed: Option<String>,
        cause: CommandId,
    },
}

/// All that a decision may know beside the unit itself.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Facts {
    pub patient: Option<PatientFacts>,
    /// The clock went backwards, or was moved by more than five minutes.
    pub clock_suspect: bool,
    /// The site that acts.
    pub site: String,
    /// The genuine slip of the site that sent it, for this site, names this very unit.
    pub by_slip: bool,
    /// This store was put back from a copy.
    pub restored: Option<Restored>,
    /// Bags of those that the command is about which lie where they spoil.
    pub kept_wrong: Vec<KeptWrong>,
    /// Available units here of this unit's component and group.
    pub units_left_of_group: u32,
    /// Other bags of the donations that the command is about, whatever became of them. The unit
    /// itself may stand among them.
    pub siblings: Vec<Sibling>,
    /// How many red cells of O RhD negative may still go to patients of other groups before RhD
    /// positive ones are proposed first (`stock::ONegativeRule`). None: nobody has counted.
    pub o_negative_spare: Option<u32>,
}

/// A bag that lies, or lay, where it must not be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptWrong {
    pub unit: UnitId,
    pub place: String,
    pub at: Instant,
    /// Tenths of a degree Celsius.
    pub tenths: i32,
}

/// What a store that was put back from a copy knows of its shelf: what its people did between the
/// copy and then, it has forgotten (bloodbank.md 6, scenario 70).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub at: Instant,
    /// Places that were counted, bag by bag, since.
    pub counted: Vec<String>,
}

/// Another bag of one donation, as far as it speaks about the donor's group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sibling {
    pub id: UnitId,
    pub din: String,
    pub product_code: String,
    pub group: BloodGroup,
    pub phenotype: Phenotype,
}

impl Sibling {
    /// What a unit says about its donation's group. One that two people discarded for a reason of
    /// their own (`Other`, with a note) says nothing: that is the way out when its record was
    /// mistyped.
    pub fn of(unit: &Unit) -> Option<Self> {
        if matches!(unit.status, Status::Discarded { reason: DiscardReason::Other, .. }) {
            return None;
        }
        Some(Self {
            id: unit.id,
            din: unit.din.clone(),
            product_code: unit.product_code.clone(),
            group: unit.group,
            phenotype: unit.phenotype,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientFacts {
    pub id: PatientId,
    pub group: KnownGroup,
    /// Anti-D was found at any time, however long ago.
    pub anti_d_ever: bool,
    /// Whether the patient's own cells carry the H antigen.
    pub phenotype: Phenotype,
    pub sex: Sex,
    /// Completed years; none when the date of birth is not known.
    pub age_years: Option<u32>,
    pub deceased: bool,
}

/// What the determinations of a patient's group say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownGroup {
    Unknown,
    /// Determined from one sample only.
    Once(BloodGroup),
    /// The same from two samples.
    Confirmed(BloodGroup),
    /// Determinations disagree and nobody has resolved it.
    Conflict(Vec<BloodGroup>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Female,
    Male,
    Other,
    NotKnown,
}
