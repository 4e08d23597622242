//! When a donor is expected, and whether they came. A donor who comes without one is noted the same
//! way, so that a day list shows everybody who was there.

use crate::care::{CareRule, Refusal, changed, text, unknown};
use crate::profile::DonationKind;
use chrono::{NaiveDate, TimeDelta};
use kernel::{AppointmentId, DonorId, Instant, StaffId};
use serde::{Deserialize, Serialize};

/// Days ahead that may be booked.
pub const MOST_AHEAD_DAYS: i64 = 366;

/// The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    pub id: AppointmentId,
    pub donor: DonorId,
    pub donation: DonationKind,
    pub at: Instant,
    pub booked_at: Instant,
    pub booked_by: StaffId,
    /// How often it was moved.
    pub moved: u32,
    /// Came without one.
    pub walk_in: bool,
    pub status: Status,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Status {
    Booked,
    Cancelled { reason: String },
    Came { at: Instant },
    DidNotCome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Book {
        donor: DonorId,
        donation: DonationKind,
        at: Instant,
        by: StaffId,
    },
    /// Stands at the desk now.
    WalkIn {
        donor: DonorId,
        donation: DonationKind,
        by: StaffId,
    },
    Move {
        at: Instant,
    },
    Cancel {
        reason: String,
    },
    NoteCame,
    NoteDidNotCome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Booked { donor: DonorId, donation: DonationKind, at: Instant, by: StaffId, booked_at: Instant },
    WalkedIn { donor: DonorId, donation: DonationKind, by: StaffId, at: Instant },
    Moved { at: Instant },
    Cancelled { reason: String },
    Came { at: Instant },
    DidNotCome,
}

/// All that a decision may know beside the appointment.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Of the donor desk; none counts as UTC.
    pub zone: Option<chrono_tz::Tz>,
    /// From when the donor may give in this way, as far as history says; none: not as things stand.
    pub may_give_from: Option<NaiveDate>,
    /// Other appointments of the same donor that stand.
    pub others: Vec<Instant>,
}

impl Facts {
    fn day(&self, at: Instant) -> NaiveDate {
        at.with_timezone(&self.zone.unwrap_or(chrono_tz::UTC)).date_naive()
    }
}

/// A time at which this donor can be expected: ahead, within a year, not before they may give, and
/// not on a day on which they are expected already.
fn sound(at: Instant, facts: &Facts, now: Instant) -> Result<(), Refusal> {
    let not_then = || Refusal::stop(CareRule::TimeNotPossible).with("field", "at");
    if at <= now {
        return Err(not_then().with("latest", now.to_rfc3339()));
    }
    if at > now + TimeDelta::days(MOST_AHEAD_DAYS) {
        return Err(not_then());
    }
    let day = facts.day(at);
    match facts.may_give_from {
        None => return Err(not_to_be_expected("deferred", "")),
        Some(from) if day < from => {
            return Err(not_to_be_expected("not_yet_eligible", &from.to_string()));
        }
        Some(_) => {}
    }
    if facts.others.iter().any(|other| facts.day(*other) == day) {
        return Err(Refusal::stop(CareRule::Known).with("at", at.to_rfc3339()));
    }
    Ok(())
}

/// Which deferral it is stays with those who may know.
fn not_to_be_expected(why: &str, from: &str) -> Refusal {
    Refusal::stop(CareRule::MayNotBeAsked).with("why", why).with("from", from)
}

/// Decides a command on an appointment.
///
/// # Errors
/// A time at which the donor cannot be expected; a step that its state does not allow; somebody
/// said to have stayed away before the time has come.
pub fn decide(
    state: Option<&Appointment>,
    facts: &Facts,
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let (booked, event) = match (state, command) {
        (Some(_), Command::Book { .. } | Command::WalkIn { .. }) => {
            return Err(Refusal::stop(CareRule::Known));
        }
        (None, Command::Book { donor, donation, at, by }) => {
            sound(*at, facts, now)?;
            let (donor, donation, at, by) = (*donor, *donation, *at, *by);
            return Ok(vec![Event::Booked { donor, donation, at, by, booked_at: now }]);
        }
        // Somebody who stands at the desk is there; the screening says whether they may give.
        (None, Command::WalkIn { donor, donation, by }) => {
            let (donor, donation, by) = (*donor, *donation, *by);
            return Ok(vec![Event::WalkedIn { donor, donation, by, at: now }]);
        }
        (None, _) => return Err(unknown("appointment")),
        (Some(known), Command::Move { at }) => {
            sound(*at, facts, now)?;
            (known, Event::Moved { at: *at })
        }
        (Some(known), Command::Cancel { reason }) => {
            (known, Event::Cancelled { reason: text(reason, "reason")? })
        }
        (Some(known), Command::NoteCame) => {
            if facts.day(known.at) > facts.day(now) {
                return Err(Refusal::stop(CareRule::TimeNotPossible).with("field", "at"));
            }
            (known, Event::Came { at: now })
        }
        (Some(known), Command::NoteDidNotCome) => {
            if known.at > now {
                return Err(Refusal::stop(CareRule::TimeNotPossible).with("field", "at"));
            }
            (known, Event::DidNotCome)
        }
    };
    // Whoever was written off and comes after all has come.
    let late = booked.status == Status::DidNotCome && matches!(event, Event::Came { .. });
    if booked.status != Status::Booked && !late {
        return Err(changed("other"));
    }
    Ok(vec![event])
}

/// The appointment after an event; `None` only before it was made.
pub fn apply(state: Option<Appointment>, id: AppointmentId, event: &Event) -> Option<Appointment> {
    let made = |donor, donation, at, by, booked_at, status| Appointment {
        id,
        donor,
        donation,
        at,
        booked_at,
        booked_by: by,
        moved: 0,
        walk_in: matches!(event, Event::WalkedIn { .. }),
        status,
        version: 1,
    };
    match *event {
        Event::Booked { donor, donation, at, by, booked_at } => {
            return state
                .or_else(|| Some(made(donor, donation, at, by, booked_at, Status::Booked)));
        }
        Event::WalkedIn { donor, donation, by, at } => {
            return state.or_else(|| Some(made(donor, donation, at, by, at, Status::Came { at })));
        }
        _ => {}
    }
    let mut appointment = state?;
    appointment.version += 1;
    match event {
        Event::Booked { .. } | Event::WalkedIn { .. } => {}
        Event::Moved { at } => {
            appointment.at = *at;
            appointment.moved += 1;
        }
        Event::Cancelled { reason } => {
            appointment.status = Status::Cancelled { reason: reason.clone() };
        }
        Event::Came { at } => appointment.status = Status::Came { at: *at },
        Event::DidNotCome => appointment.status = Status::DidNotCome,
    }
    Some(appointment)
}
