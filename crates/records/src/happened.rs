//! What stands of a command that is refused although it has happened: it was decided offline by whoever
//! held the lease, or a person says so (kernel.md 2.2). Blood that left, a needle that went in, a bag that
//! was made are not undone by a no; what only allows something is.

use crate::{
    Body, CareBody, CareEvent, Context, Event, Facts, Key, Later, Records, Refused, State, care,
    decide_one,
};
use bloodbank::care::Refusal;
use bloodbank::lab::{self, PartCommand, PartEvent};
use bloodbank::{Status, Unit, donation, donor, issue};
use kernel::UnitId;
use ledger::{Aggregates as _, States};
use std::sync::Arc;

/// Each part by itself, on what the parts before it left behind.
pub(crate) fn events(
    states: &States<Records>,
    body: &Body,
    facts: &Facts,
    cx: &Context,
) -> Vec<(Key, Event)> {
    let (mut states, mut all) = (states.clone(), vec![]);
    for part in body.parts().iter().filter(|part| !allows(part)) {
        let found = match decide_one(&states, facts, part, cx) {
            Ok(events) => events,
            Err(_) => in_spite(&states, part, facts, cx),
        };
        for (key, event) in found {
            let before = states.remove(&key).flatten();
            states.insert(key, Records::apply(before, key, &event));
            all.push((key, event));
        }
    }
    all
}

/// Whether a part only allows something, or promises it: nobody has to keep that.
fn allows(part: &Body) -> bool {
    use bloodbank::Command as U;
    use bloodbank::{history::Command as H, lookback::Command as L, request::Command as R};
    match part {
        Body::Unit { command, .. } => {
            matches!(command, U::Reserve { .. } | U::Release { .. } | U::LiftQuarantine { .. })
        }
        Body::Part { command, .. } => matches!(command, PartCommand::Release { .. }),
        Body::Donation { command, .. } => matches!(command, donation::Command::LiftHold { .. }),
        Body::Donor { command, .. } => {
            use donor::Command as D;
            matches!(command, D::LiftDeferral { .. } | D::Clear { .. } | D::SettleLikeness { .. })
        }
        Body::Policies(_) => true,
        Body::Care(body) => match body {
            CareBody::Request { command, .. } => matches!(**command, R::Allocate { .. }),
            CareBody::Recall { command, .. } => matches!(**command, L::Close),
            CareBody::History { command, .. } => matches!(**command, H::Resolve { .. }),
            CareBody::Validation { .. } => true,
            _ => false,
        },
        _ => false,
    }
}

fn in_spite(
    states: &States<Records>,
    part: &Body,
    facts: &Facts,
    cx: &Context,
) -> Vec<(Key, Event)> {
    let one = |key: Key, event: Event| vec![(key, event)];
    match part {
        Body::Unit { id, command } => {
            let key = Key::Unit(*id);
            let known = states.get(&key).is_some_and(Option::is_some);
            let events = unit(known, command, facts, cx);
            events.into_iter().map(|event| (key, Event::Unit(event))).collect()
        }
        Body::Care(body @ (CareBody::Dispensation { .. } | CareBody::Transfusion { .. })) => {
            given(states, body, facts, cx)
        }
        Body::Part { id, command: PartCommand::Take { product } } => {
            match states.get(&Key::Unit(*id)) {
                Some(Some(State::Unit(unit))) => match on_the_bench(unit, *id, *product) {
                    Some(event) => one(Key::Part(*id), Event::Part(event)),
                    None => vec![],
                },
                _ => vec![],
            }
        }
        Body::Donation { id, command } => {
            let key = Key::Donation(*id);
            if states.get(&key).is_some_and(Option::is_some) {
                return vec![];
            }
            let giver = match command {
                donation::Command::Begin { donor, .. } => match states.get(&Key::Donor(*donor)) {
                    Some(Some(State::Donor(donor))) => Some(&**donor),
                    _ => None,
                },
                _ => None,
            };
            let known = donation::Facts {
                actor: cx.actor.id,
                second: None,
                donor: giver,
                numbers: &donation::SiteNumbers::new(&facts.donor.site),
                site: &facts.donor.site,
                zone: facts.donor.zone.unwrap_or(chrono_tz::UTC),
                later: cx.later.is_some(),
            };
            donation::begun_all_the_same(&known, command, cx.now, cx.by)
                .into_iter()
                .map(|event| (key, Event::Donation(event)))
                .collect()
        }
        _ => vec![],
    }
}

fn unit(
    known: bool,
    command: &bloodbank::Command,
    facts: &Facts,
    cx: &Context,
) -> Vec<bloodbank::Event> {
    use bloodbank::{Command as U, Event as E};
    let (site, at) = (facts.unit.site.clone(), cx.now);
    let event = match command {
        // Refused because the unit is known: its bag has come in here before the news of it.
        U::Receive { .. } if known => E::TakenIn { site, at },
        // It lies on a shelf, whatever its label says; nobody gives it before somebody has looked.
        U::Receive { .. } => {
            let reason = "refused by what became known elsewhere".to_owned();
            let stop = E::Quarantined { reason, at, cause: cx.by };
            return bloodbank::came(command, &site, at).into_iter().chain([stop]).collect();
        }
        U::Issue { patient, collected_by, .. } => {
            E::Issued { patient: *patient, at, collected_by: collected_by.clone() }
        }
        U::Discard { reason, note } => E::Discarded { reason: *reason, note: note.clone(), at },
        U::SendTo { site } => E::Sent { to: site.clone(), at },
        U::TakeIn { site } => E::TakenIn { site: site.clone(), at },
        U::Quarantine { reason } => E::Quarantined { reason: reason.clone(), at, cause: cx.by },
        U::Reserve { .. } | U::Release { .. } | U::LiftQuarantine { .. } | U::Move { .. } => {
            return vec![];
        }
    };
    vec![event]
}

/// An issue or a transfusion, as one that was written on paper: every rule that it broke by what was known
/// elsewhere is named and kept with it.
fn given(
    states: &States<Records>,
    body: &CareBody,
    facts: &Facts,
    cx: &Context,
) -> Vec<(Key, Event)> {
    let later = cx.later.clone().unwrap_or_else(|| Later {
        recorded_at: cx.now,
        by: cx.actor.id,
        policy: Arc::clone(&cx.policy),
        against_today: vec![],
    });
    let mut paper = Context { later: Some(later), ..cx.clone() };
    let mut decided = care::decide(states, facts, body, &paper);
    if let Err(Refused::Care(Refusal::NeedsOverride { rules, .. })) = &decided {
        paper.overridden.extend(rules.iter().copied());
        decided = care::decide(states, facts, body, &paper);
    }
    let mut events = decided.unwrap_or_default();
    if cx.later.is_none() {
        for (_, event) in &mut events {
            // It was recorded when it happened.
            if let Event::Care(CareEvent::Dispensation(event)) = event
                && let issue::Event::Issued { recorded_at, .. } = &mut **event
            {
                *recorded_at = None;
            }
        }
    }
    events
}

/// A bag from outside that came to the bench before anybody there knew that it was held.
fn on_the_bench(unit: &Unit, id: UnitId, product: lab::Product) -> Option<PartEvent> {
    let free = Unit { id, status: Status::Available, ..unit.clone() };
    lab::taken(&free, product).ok().map(|part| PartEvent::Made { part: Box::new(part) })
}
