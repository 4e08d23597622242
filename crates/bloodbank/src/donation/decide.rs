//! What may be recorded about a donation: the only place that says no.

use super::{Donation, Ended, Grade, Hold, HoldReason, Reaction, ReactionKind, SiteNumbers};
use crate::donor::{Donor, Verdict, bag_weight_allows};
use crate::profile::{DonationKind, Profile};
use crate::rule;
use chrono::NaiveDate;
use isbt128::Din;
use kernel::{CommandId, Component, DonorId, Instant, Millilitres, StaffId, UnitId};
use serde::{Deserialize, Serialize};

/// The stable names of the reasons for a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    NotFound,
    /// This number has been used.
    DinKnown,
    /// Not a donation number.
    DinBad,
    /// A number of nobody's block here.
    DinNotOurs,
    DonorUnknown,
    /// No screening today for this kind of donation.
    NotScreened,
    /// The screening said no, or waits for a physician.
    NotAccepted,
    NoConsent,
    /// Blood was taken after the screening.
    AlreadyGiven,
    UnknownBag,
    /// The donor is too light for this bag (`bag`).
    TooLightForBag,
    /// An end before the beginning, or after now.
    TimesReversed,
    /// A volume that no bag holds.
    VolumeImpossible,
    AlreadyEnded,
    NotEnded,
    /// A blank text (`field`).
    FieldMissing,
    NoSuchHold,
    /// Nobody lifts this hold.
    HoldIsFinal,
    SecondPersonNeeded,
    SamePerson,
}

type Refused = rule::Refused<Rule>;
type Decision = Result<Vec<Event>, Refused>;

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// The needle goes in; the number is scanned.
    Begin {
        din: String,
        donor: DonorId,
        donation: DonationKind,
        bag: Option<String>,
    },
    End {
        at: Instant,
        volume: Millilitres,
        red_cells_returned: Option<bool>,
    },
    React {
        reaction: ReactionKind,
        grade: Grade,
        note: Option<String>,
    },
    /// What the donor says in confidence.
    Exclude {
        excluded: bool,
    },
    Hold {
        reason: HoldReason,
    },
    LiftHold {
        hold: CommandId,
        reason: String,
    },
    /// The laboratory has made components.
    AddParts {
        parts: Vec<UnitId>,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Begun {
        din: String,
        donor: DonorId,
        donation: DonationKind,
        bag: Option<String>,
        site: String,
        zone: chrono_tz::Tz,
        first_time: bool,
        not_for: Vec<Component>,
        at: Instant,
    },
    Ended {
        ended: Ended,
    },
    Reacted {
        reaction: Reaction,
    },
    Excluded {
        excluded: bool,
    },
    Held {
        hold: Hold,
    },
    HoldLifted {
        hold: CommandId,
        reason: String,
    },
    PartsAdded {
        parts: Vec<UnitId>,
    },
}

/// All that a decision may know beside the donation.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub actor: StaffId,
    pub second: Option<StaffId>,
    pub donor: Option<&'a Donor>,
    pub numbers: &'a SiteNumbers,
    pub site: &'a str,
    pub zone: chrono_tz::Tz,
    /// It stood on paper and is entered later.
    pub later: bool,
}

/// Decides a command on one donation; the arguments are those of [`crate::decide`].
///
/// # Errors
/// The first hard stop.
pub fn decide(
    state: Option<&Donation>,
    facts: &Facts<'_>,
    command: &Command,
    profile: &Profile,
    now: Instant,
    by: CommandId,
) -> Decision {
    let donation = match (state, command) {
        (None, Command::Begin { din, donor, donation, bag }) => {
            return begin(facts, (din, *donor, *donation, bag.as_deref()), profile, now, by);
        }
        (None, _) => return Err(Refused::stop(Rule::NotFound)),
        (Some(known), Command::Begin { .. }) => {
            return Err(Refused::stop(Rule::DinKnown).with("din", &known.din));
        }
        (Some(known), _) => known,
    };
    let held = |reason| Event::Held { hold: Hold { cause: by, reason, at: now } };
    match command {
        // Answered above.
        Command::Begin { .. } => Ok(vec![]),
        Command::End { at, volume, red_cells_returned } => {
            if donation.ended.is_some() {
                return Err(Refused::stop(Rule::AlreadyEnded));
            }
            if *at < donation.begun_at || *at > now {
                return Err(Refused::stop(Rule::TimesReversed));
            }
            if !(1..=1_000).contains(&volume.0) {
                return Err(Refused::stop(Rule::VolumeImpossible).with("volume", volume.0));
            }
            let red_cells_returned =
                if donation.kind.is_apheresis() { *red_cells_returned } else { None };
            let ended = Ended { at: *at, volume: *volume, red_cells_returned };
            let amiss = volume_amiss(donation, *volume, profile);
            Ok([Event::Ended { ended }].into_iter().chain(amiss.map(held)).collect())
        }
        Command::React { reaction, grade, note } => Ok(vec![Event::Reacted {
            reaction: Reaction {
                cause: by,
                kind: *reaction,
                grade: *grade,
                at: now,
                note: note.clone(),
            },
        }]),
        Command::Exclude { excluded } => {
            let said = Event::Excluded { excluded: *excluded };
            let known = donation.holds.iter().any(|h| h.reason == HoldReason::ExcludedByDonor);
            if *excluded && !known {
                Ok(vec![said, held(HoldReason::ExcludedByDonor)])
            } else {
                Ok(vec![said])
            }
        }
        Command::Hold { reason } => {
            if donation.holds.iter().any(|hold| hold.cause == by) {
                return Ok(vec![]); // told twice
            }
            Ok(vec![held(reason.clone())])
        }
        Command::LiftHold { hold, reason } => {
            let Some(known) = donation.holds.iter().find(|known| known.cause == *hold) else {
                return Err(Refused::stop(Rule::NoSuchHold));
            };
            if known.reason.is_final() {
                return Err(Refused::stop(Rule::HoldIsFinal));
            }
            let reason = kernel::reason(reason)
                .ok_or_else(|| Refused::stop(Rule::FieldMissing).with("field", "reason"))?;
            match facts.second {
                None => return Err(Refused::stop(Rule::SecondPersonNeeded)),
                Some(second) if second == facts.actor => {
                    return Err(Refused::stop(Rule::SamePerson));
                }
                Some(_) => {}
            }
            Ok(vec![Event::HoldLifted { hold: *hold, reason }])
        }
        Command::AddParts { parts } => {
            if donation.ended.is_none() {
                return Err(Refused::stop(Rule::NotEnded));
            }
            Ok(vec![Event::PartsAdded { parts: parts.clone() }])
        }
    }
}

fn begin(
    facts: &Facts<'_>,
    (din, donor, kind, bag): (&str, DonorId, DonationKind, Option<&str>),
    profile: &Profile,
    now: Instant,
    by: CommandId,
) -> Decision {
    let din = Din::new(din).map_err(|_| Refused::stop(Rule::DinBad))?;
    if !facts.numbers.owns(&din) {
        return Err(Refused::stop(Rule::DinNotOurs).with("din", din.as_str()));
    }
    let donor = facts
        .donor
        .filter(|known| known.id == donor)
        .ok_or_else(|| Refused::stop(Rule::DonorUnknown))?;
    if donor.consent().is_none() {
        return Err(Refused::stop(Rule::NoConsent));
    }
    let today = local_day(now, facts.zone);
    let screening = screening_for(donor, now, facts.zone, facts.later)
        .filter(|s| s.visit.kind == kind)
        .ok_or_else(|| Refused::stop(Rule::NotScreened))?;
    let not_for = match &screening.result.verdict {
        Verdict::Accept => vec![],
        Verdict::AcceptLimited { not_for } => not_for.clone(),
        Verdict::Refer if screening.cleared.is_some() => limits_of(screening),
        Verdict::Refer | Verdict::Defer { .. } => return Err(Refused::stop(Rule::NotAccepted)),
    };
    // A deferral that came in after the screening counts as well.
    let new = donor.deferred_on(today);
    if new.iter().any(|deferral| deferral.only.is_empty()) {
        return Err(Refused::stop(Rule::NotAccepted).with("code", &new[0].code));
    }
    // What was given on a later day was given after this one, however late this one is entered.
    let since = |on: NaiveDate| if facts.later { on == screening.on } else { on >= screening.on };
    if donor.donations.iter().any(|past| since(past.on)) {
        return Err(Refused::stop(Rule::AlreadyGiven));
    }
    if kind == DonationKind::WholeBlood {
        let row = bag
            .and_then(|code| profile.bag(code))
            .ok_or_else(|| Refused::stop(Rule::UnknownBag).with("bag", bag.unwrap_or("")))?;
        let weight = screening.visit.vitals.weight.unwrap_or(0);
        if bag_weight_allows(&profile.donors, row.value.volume, weight) != Some(true) {
            return Err(Refused::stop(Rule::TooLightForBag)
                .with("bag", row.value.volume.0)
                .with("weight", format!("{}.{}", weight / 10, weight % 10)));
        }
    }
    if kind.is_apheresis() && bag.is_some() {
        // A machine has a set of its own; a bag would let the wrong things be made of it.
        return Err(Refused::stop(Rule::UnknownBag).with("bag", bag.unwrap_or("")));
    }
    let begun = Event::Begun {
        din: din.as_str().to_owned(),
        donor: donor.id,
        donation: kind,
        bag: bag.map(str::to_owned),
        site: facts.site.to_owned(),
        zone: facts.zone,
        first_time: donor.donations.is_empty(),
        not_for,
        at: now,
    };
    let mut events = vec![begun];
    if screening.result.pending {
        let hold = Hold { cause: by, reason: HoldReason::IdentityPending, at: now };
        events.push(Event::Held { hold });
    }
    Ok(events)
}

/// The screening that a donation of this time rests on: the last one before it, of the same day. The order
/// of their times counts, not that in which they were entered.
pub fn screening_for(
    donor: &Donor,
    at: Instant,
    zone: chrono_tz::Tz,
    later: bool,
) -> Option<&crate::donor::Screening> {
    let day = local_day(at, zone);
    let of_day = || donor.screenings.iter().filter(|s| s.on == day);
    let before = of_day().filter(|s| s.at <= at).max_by_key(|s| s.at);
    // Whoever is sitting there was asked before now, whatever a clock that was put right says of it.
    before.or_else(|| of_day().next_back().filter(|_| !later))
}

/// What stands of a donation that began where nothing was known against it, and that is refused by what
/// has become known since: the needle went in. It is held until two people have looked.
pub fn begun_all_the_same(
    facts: &Facts<'_>,
    command: &Command,
    now: Instant,
    by: CommandId,
) -> Vec<Event> {
    let Command::Begin { din, donor, donation, bag } = command else { return vec![] };
    let screening = facts.donor.and_then(|donor| donor.screenings.last());
    let begun = Event::Begun {
        din: din.clone(),
        donor: *donor,
        donation: *donation,
        bag: bag.clone(),
        site: facts.site.to_owned(),
        zone: facts.zone,
        first_time: facts.donor.is_none_or(|donor| donor.donations.is_empty()),
        not_for: screening.map(limits_of).unwrap_or_default(),
        at: now,
    };
    let reason = HoldReason::Other("refused by what became known elsewhere".to_owned());
    vec![begun, Event::Held { hold: Hold { cause: by, reason, at: now } }]
}

/// What a cleared referral still does not let be made.
fn limits_of(screening: &crate::donor::Screening) -> Vec<Component> {
    let mut all: Vec<Component> = screening
        .result
        .reasons
        .iter()
        .filter_map(|reason| match &reason.effect {
            crate::donor::Effect::Limit(components) => Some(components.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A whole blood bag outside its tolerance. The ratio to the anticoagulant is then wrong.
fn volume_amiss(donation: &Donation, volume: Millilitres, profile: &Profile) -> Option<HoldReason> {
    let bag = &profile.bag(donation.bag.as_deref()?)?.value;
    let within = bag.volume.0 * bag.tolerance_percent / 100;
    if volume.0 + within < bag.volume.0 {
        Some(HoldReason::VolumeLow)
    } else if volume.0 > bag.volume.0 + within {
        Some(HoldReason::VolumeHigh)
    } else {
        None
    }
}

/// The day on the wall of the site.
pub(crate) fn local_day(at: Instant, zone: chrono_tz::Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}
