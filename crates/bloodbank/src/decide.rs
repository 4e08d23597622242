//! What may be done with a unit: the only place that says no.

use crate::traits::{Phenotype, phenotype_fit};
use crate::unit::{Command, DiscardReason, Effective, Event, Facts, PatientFacts};
use crate::{Fit, Policy, Refused, Rule, Status, Unit, fit, is_protected};
use chrono::TimeDelta;
use kernel::{BloodGroup, CommandId, Component, Instant, PatientId, UnitId};

pub(crate) type Decision = Result<Vec<Event>, Refused>;

/// Decides a command on one unit. `state` is `None` when no unit of that label is known, `now` the
/// command's own time, `by` its id, and `overridden` the rules that its override lists.
///
/// # Errors
/// The first hard stop, or else every warning that the override does not cover.
pub fn decide(
    state: Option<&Unit>,
    facts: &Facts,
    command: &Command,
    overridden: &[Rule],
    policy: &Policy,
    now: Instant,
    by: CommandId,
) -> Decision {
    let unit = match (state, command) {
        (None, Command::Receive { .. }) => return crate::receipt::receive(facts, command, now),
        (None, _) => return Err(Refused::stop(Rule::NotFound).with("what", "unit")),
        (Some(unit), Command::Receive { .. }) => {
            return Err(Refused::stop(Rule::UnitKnown)
                .with("din", &unit.din)
                .with("productCode", &unit.product_code)
                .with("site", &unit.site));
        }
        (Some(unit), _) => unit,
    };
    let event = match command {
        Command::Receive { .. } => None, // answered above
        Command::Reserve { patient, until } => {
            let patient = patient_of(facts, *patient)?;
            may_go_to(unit, facts, patient, Ask::Reserve, now)?;
            judge(unit, patient, overridden, policy)?;
            let hold = TimeDelta::hours(i64::from(policy.hold_hours.value));
            let longest = now.checked_add_signed(hold).unwrap_or(now).min(unit.expires.at);
            let until = until.map_or(longest, |until| until.min(longest));
            if until <= now {
                return Err(Refused::stop(Rule::ExpiryInPast).with("until", until.to_rfc3339()));
            }
            Some(Event::Reserved { patient: patient.id, until })
        }
        Command::Issue { patient, collected_by, appearance_ok } => {
            let patient = patient_of(facts, *patient)?;
            may_go_to(unit, facts, patient, Ask::Issue, now)?;
            if !appearance_ok {
                return Err(Refused::stop(Rule::AppearanceNotAccepted));
            }
            let collected_by = text(collected_by, "collectedBy")?;
            judge(unit, patient, overridden, policy)?;
            Some(Event::Issued { patient: patient.id, at: now, collected_by })
        }
        Command::Release { reason } => release(unit, facts, reason, now)?,
        // The restricting acts wait for nothing: any site may stop a unit that has not been issued.
        Command::Quarantine { reason } => return quarantine(unit, reason, now, by),
        Command::LiftQuarantine { reason, lifts } => {
            here(unit, facts)?;
            // Exactly the one that it names. Another, of which whoever lifts may know nothing,
            // stands.
            if !unit.quarantines.iter().any(|q| q.cause == *lifts) {
                return Err(changed(unit, now));
            }
            let reason = text(reason, "reason")?;
            Some(Event::QuarantineLifted { reason, lifts: *lifts })
        }
        Command::Discard { reason, note } => {
            here(unit, facts)?;
            let said = note.as_deref().unwrap_or_default();
            let note = match reason {
                DiscardReason::Other => Some(text(said, "note")?),
                _ => kernel::said(said),
            };
            Some(Event::Discarded { reason: *reason, note, at: now })
        }
        Command::SendTo { site } => {
            let to = text(site, "site")?;
            // It has arrived there by now: this is the older news of its leaving.
            if to == unit.site && to != facts.site && unit.moved_at > now {
                return Ok(vec![Event::Sent { to, at: now }]);
            }
            here(unit, facts)?;
            not_quarantined(unit)?;
            // Nothing is given to anybody yet, so a doubtful clock does not keep it here.
            if !facts.clock_suspect {
                in_date(unit, facts, now)?;
            }
            if let Effective::Reserved { patient, until } = unit.effective_status(now) {
                return Err(reserved(patient, until));
            }
            if to == unit.site {
                return Err(changed(unit, now));
            }
            Some(Event::Sent { to, at: now })
        }
        Command::TakeIn { site } => {
            if !unit.is_live() {
                return Err(gone(unit));
            }
            // Quarantined on the way, it arrives all the same, and stays quarantined.
            let comes = unit.transit.as_ref().is_some_and(|transit| transit.to == *site);
            // The slip passes custody: of a bag that was sent on from where it went, back to here, and
            // of one of which nobody here has heard yet that it left (bloodbank.md 6, scenario 57).
            let by_slip = facts.by_slip && (unit.transit.is_some() || unit.site != *site);
            if !(comes || by_slip) || *site != facts.site {
                return Err(not_here(unit));
            }
            Some(Event::TakenIn { site: site.clone(), at: now })
        }
        Command::Move { place } => {
            here(unit, facts)?;
            let place = crate::words::text(place, "place")
                .ok_or_else(|| Refused::stop(Rule::PlaceMissing))?;
            if place == unit.place {
                return Err(changed(unit, now));
            }
            Some(Event::Moved { place, at: now })
        }
    };
    Ok(lapse(unit, now).into_iter().chain(event).collect())
}

/// A quarantine ends the hold on the unit and says so, in the unit's history and in the patient's:
/// whoever waits for the bag has to look for another, and a later lift promises it to nobody.
fn quarantine(unit: &Unit, reason: &str, now: Instant, by: CommandId) -> Decision {
    if !unit.is_live() {
        return Err(gone(unit));
    }
    let reason = text(reason, "reason")?;
    let mut events: Vec<Event> = lapse(unit, now).into_iter().collect();
    if let Effective::Reserved { patient, .. } = unit.effective_status(now) {
        events.push(Event::Released { patient, reason: reason.clone() });
    }
    events.push(Event::Quarantined { reason, at: now, cause: by });
    Ok(events)
}

/// The hold that ran out before this command, if one did.
pub(crate) fn lapse(unit: &Unit, now: Instant) -> Option<Event> {
    match unit.status {
        Status::Reserved { until, .. } if until <= now => Some(Event::HoldLapsed { due: until }),
        _ => None,
    }
}

fn release(
    unit: &Unit,
    facts: &Facts,
    reason: &str,
    now: Instant,
) -> Result<Option<Event>, Refused> {
    here(unit, facts)?;
    let Status::Reserved { patient, until } = unit.status else {
        return Err(changed(unit, now));
    };
    let reason = text(reason, "reason")?;
    // A hold that has lapsed is only said to have lapsed: that already frees the unit.
    Ok((until > now).then_some(Event::Released { patient, reason }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Reserve,
    Issue,
}

/// Everything about the unit and its whereabouts that stops giving it to this patient.
pub(crate) fn may_go_to(
    unit: &Unit,
    facts: &Facts,
    patient: &PatientFacts,
    ask: Ask,
    now: Instant,
) -> Result<(), Refused> {
    here(unit, facts)?;
    known_since_restore(unit, facts)?;
    not_quarantined(unit)?;
    one_group_of_donation(unit.id, &unit.din, (unit.group, unit.phenotype), facts)?;
    h_antigens_meet(unit, patient)?;
    in_date(unit, facts, now)?;
    well_kept(unit, facts)?;
    not_held_for_another(unit, patient.id, ask, now)?;
    alive(patient)
}

/// The cold chain (bloodbank.md 2.3, scenario 10).
pub(crate) fn well_kept(unit: &Unit, facts: &Facts) -> Result<(), Refused> {
    match facts.kept_wrong.iter().find(|one| one.unit == unit.id) {
        None => Ok(()),
        Some(one) => Err(Refused::stop(Rule::KeptWrong)
            .with("place", &one.place)
            .with("at", one.at.to_rfc3339())
            .with("tenths", one.tenths)),
    }
}

/// One donation is one donor's blood: two groups under one number mean that a label or a record is
/// wrong, and giving either is a guess (bloodbank.md 1.3, transposed labels; 2.7).
pub(crate) fn one_group_of_donation(
    id: UnitId,
    din: &str,
    is: (BloodGroup, Phenotype),
    facts: &Facts,
) -> Result<(), Refused> {
    let other =
        facts.siblings.iter().find(|s| s.id != id && s.din == din && (s.group, s.phenotype) != is);
    other.map_or(Ok(()), |other| {
        Err(Refused::stop(Rule::DonationGroupsDiffer)
            .with("din", din)
            .with("unitGroup", is.0)
            .with("otherProductCode", &other.product_code)
            .with("otherGroup", other.group))
    })
}

/// Blood with H is never given to somebody without it, and blood without H to nobody else
/// (bloodbank.md 2.1, scenario 16). What is only a warning is asked about at the issue.
fn h_antigens_meet(unit: &Unit, patient: &PatientFacts) -> Result<(), Refused> {
    match phenotype_fit(unit.component, unit.phenotype, patient.phenotype) {
        Fit::Stop(_) => Err(Refused::stop(Rule::PhenotypeIncompatible)),
        _ => Ok(()),
    }
}

/// In this site's custody, on its shelf, and not finished.
pub(crate) fn here(unit: &Unit, facts: &Facts) -> Result<(), Refused> {
    if !unit.is_live() {
        return Err(gone(unit));
    }
    if unit.site != facts.site || unit.transit.is_some() {
        return Err(not_here(unit));
    }
    Ok(())
}

/// Whoever relies on this bag's being here and free knows it since the store was put back.
pub(crate) fn known_since_restore(unit: &Unit, facts: &Facts) -> Result<(), Refused> {
    match &facts.restored {
        Some(restored)
            if unit.moved_at <= restored.at && !restored.counted.contains(&unit.place) =>
        {
            Err(Refused::stop(Rule::NotCountedSinceRestore)
                .with("place", &unit.place)
                .with("restoredAt", restored.at.to_rfc3339()))
        }
        _ => Ok(()),
    }
}

pub(crate) fn not_quarantined(unit: &Unit) -> Result<(), Refused> {
    match &unit.status {
        Status::Quarantined { reason, cause, .. } => {
            Err(Refused::stop(Rule::UnitQuarantined).with("reason", reason).with("cause", cause))
        }
        _ => Ok(()),
    }
}

pub(crate) fn in_date(unit: &Unit, facts: &Facts, now: Instant) -> Result<(), Refused> {
    // A doubtful clock comes first: it can no more prove that a unit has expired than that it has
    // not (bloodbank.md 6, scenarios 3 and 4).
    let refused = if facts.clock_suspect {
        Refused::stop(Rule::UnitExpiryUnsure)
    } else if unit.expires.is_past(now) {
        Refused::stop(Rule::UnitExpired)
    } else {
        return Ok(());
    };
    Err(refused.with("expiresAt", unit.expires.at.to_rfc3339()).with("zone", unit.expires.zone))
}

/// A hold for this very patient lets an issue pass, but not a second hold: renewing would stretch
/// the time that policy allows.
pub(crate) fn not_held_for_another(
    unit: &Unit,
    asker: PatientId,
    ask: Ask,
    now: Instant,
) -> Result<(), Refused> {
    match unit.status {
        Status::Reserved { patient, until }
            if until > now && (patient != asker || ask == Ask::Reserve) =>
        {
            Err(reserved(patient, until))
        }
        _ => Ok(()),
    }
}

pub(crate) fn alive(patient: &PatientFacts) -> Result<(), Refused> {
    if patient.deceased { Err(Refused::stop(Rule::PatientDeceased)) } else { Ok(()) }
}

/// The facts must be those of the patient whom the command names.
fn patient_of(facts: &Facts, named: PatientId) -> Result<&PatientFacts, Refused> {
    facts
        .patient
        .as_ref()
        .filter(|patient| patient.id == named)
        .ok_or_else(|| Refused::stop(Rule::NotFound).with("what", "patient"))
}

/// Compatibility: stops first, then the warnings that no override covers.
fn judge(
    unit: &Unit,
    patient: &PatientFacts,
    overridden: &[Rule],
    policy: &Policy,
) -> Result<(), Refused> {
    let verdicts = fit(unit.component, unit.group, unit.low_titre, patient, policy);
    let stop = verdicts.iter().find_map(|verdict| match verdict.fit {
        Fit::Stop(rule) => Some(rule),
        _ => None,
    });
    if let Some(rule) = stop {
        return Err(with_groups(Refused::stop(rule), unit.component, unit.group, patient));
    }
    let mut rules: Vec<Rule> = verdicts
        .iter()
        .filter_map(|verdict| match verdict.fit {
            Fit::Caution(rule) if !overridden.contains(&rule) => Some(rule),
            _ => None,
        })
        .collect();
    if rules.is_empty() {
        return Ok(());
    }
    rules.sort_unstable();
    rules.dedup();
    let protected = is_protected(patient, policy);
    let refused = Refused::NeedsOverride { rules, args: crate::Args::new() };
    let refused = with_groups(refused, unit.component, unit.group, patient);
    Err(refused.with("protected", protected))
}

/// The two groups that a sentence about compatibility names.
pub(crate) fn with_groups(
    refused: Refused,
    component: Component,
    unit: BloodGroup,
    patient: &PatientFacts,
) -> Refused {
    use crate::KnownGroup::{Confirmed, Conflict, Once, Unknown};
    let refused = refused.with("component", name(component)).with("unitGroup", unit);
    match &patient.group {
        Unknown => refused,
        Once(group) | Confirmed(group) => refused.with("patientGroup", group),
        Conflict(groups) => {
            let all: Vec<String> = groups.iter().map(ToString::to_string).collect();
            refused.with("patientGroup", all.join(", "))
        }
    }
}

pub(crate) fn name(component: Component) -> &'static str {
    match component {
        Component::RedCells => "red_cells",
        Component::Platelets => "platelets",
        Component::Plasma => "plasma",
        Component::Cryoprecipitate => "cryoprecipitate",
        Component::WholeBlood => "whole_blood",
    }
}

fn text(given: &str, field: &'static str) -> Result<String, Refused> {
    crate::words::text(given, field)
        .ok_or_else(|| Refused::stop(Rule::ReasonMissing).with("field", field))
}

fn gone(unit: &Unit) -> Refused {
    let refused = Refused::stop(Rule::UnitGone);
    match &unit.status {
        Status::Issued { patient, at, .. } => {
            refused.with("status", "issued").with("patient", patient).with("at", at.to_rfc3339())
        }
        Status::Discarded { at, .. } => {
            refused.with("status", "discarded").with("at", at.to_rfc3339())
        }
        _ => refused,
    }
}

fn not_here(unit: &Unit) -> Refused {
    let refused = Refused::stop(Rule::UnitNotHere).with("site", &unit.site);
    match &unit.transit {
        Some(transit) => refused.with("to", &transit.to),
        None => refused,
    }
}

fn reserved(patient: PatientId, until: Instant) -> Refused {
    Refused::stop(Rule::UnitReserved).with("patient", patient).with("until", until.to_rfc3339())
}

/// The unit is not in the state that the command speaks of.
fn changed(unit: &Unit, now: Instant) -> Refused {
    let status = match unit.effective_status(now) {
        Effective::Available => "available",
        Effective::Reserved { .. } => "reserved",
        Effective::Quarantined => "quarantined",
        Effective::Issued { .. } => "issued",
        Effective::InTransit => "in_transit",
        Effective::Discarded => "discarded",
        Effective::Expired => "expired",
    };
    Refused::stop(Rule::Changed).with("status", status)
}
