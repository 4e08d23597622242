//! Which event calls for which reaction (kernel.md 2.6): ONE table. The rules themselves are pure
//! functions of the domain that owns the target; here they only get their facts and their ids.

use crate::{
    Body, Care, CareEvent, CareKey, Context, Event, Facts, Key, State, facts_of, history_of,
};
use bloodbank::history::{Event as H, History};
use bloodbank::lookback::{self, Recall};
use bloodbank::traits::UnitTraits;
use hospital::patient::Event as P;
use kernel::{Actor, CommandId, PatientId, RecallId};
use std::collections::BTreeMap;

/// What has to be looked at because of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Patient(PatientId),
    Recall(RecallId),
}

/// What a reaction may know: the patient it is about and the units held for them, or the recall.
/// Filled by one module per side, from the aggregates as they are after the cause.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub patient: Option<bloodbank::PatientFacts>,
    pub held: Vec<(bloodbank::Unit, UnitTraits)>,
    /// With the determinations of the patient's record.
    pub history: History,
    pub recall: Option<Recall>,
}

/// One rule by which events lead to commands.
pub struct Reaction {
    pub rule: &'static str,
    pub version: u16,
    /// It only takes away, so a workstation may run it without the authority.
    pub restricts: bool,
    /// What has to be looked at, if this event is one of those.
    pub when: fn(Key, &Event) -> Option<About>,
    /// What follows from the event, which the context caused.
    pub then: fn(&Known, &Event, &Context) -> Vec<Body>,
}

pub const TABLE: &[Reaction] = &[
    // A group that changed, became discrepant, or came with anti-D.
    Reaction {
        rule: "release_unfit",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (
                Key::Patient(id),
                Event::Patient(P::GroupRecorded { .. } | P::GroupWithdrawn { .. }),
            ) => Some(About::Patient(id)),
            _ => None,
        },
        then: |known, _, cx| {
            let Some(patient) = &known.patient else { return vec![] };
            let held: Vec<_> = known.held.iter().map(|(unit, _)| unit.clone()).collect();
            bloodbank::release_unfit(&held, patient, &cx.policy, cx.now)
                .into_iter()
                .map(|(id, command)| Body::Unit { id, command })
                .collect()
        },
    },
    // An antibody, a need or a phenotype that became known after the bag was set aside (bloodbank.md
    // 6, scenarios 20 and 54).
    Reaction {
        rule: "release_blocked",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (Key::Care(CareKey::History(id)), Event::Care(CareEvent::History(event))) => {
                let asks = matches!(
                    **event,
                    H::AntibodyRecorded(_)
                        | H::Required(_)
                        | H::PhenotypeNoted(_)
                        | H::Transplanted
                        | H::TakenOver { .. }
                );
                asks.then_some(About::Patient(id))
            }
            _ => None,
        },
        then: |known, _, cx| {
            let Some(patient) = &known.patient else { return vec![] };
            let (policy, now) = (&cx.policy, cx.now);
            bloodbank::history::recheck(&known.held, patient, &known.history, policy, now)
                .into_iter()
                .map(|blocked| {
                    let names: Vec<String> = blocked.rules.iter().map(rule_name).collect();
                    let reason = format!("no longer fits: {}", names.join(", "));
                    Body::Unit { id: blocked.unit, command: bloodbank::Command::Release { reason } }
                })
                .collect()
        },
    },
    // A recall that was opened or grew: every bag of it that is still here (bloodbank.md 2.12).
    Reaction {
        rule: "recall",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (Key::Care(CareKey::Recall(id)), Event::Care(CareEvent::Recall(_))) => {
                Some(About::Recall(id))
            }
            _ => None,
        },
        then: |known, event, cx| {
            let (Some(recall), Event::Care(CareEvent::Recall(event))) = (&known.recall, event)
            else {
                return vec![];
            };
            lookback::quarantines(recall, event, cx.by)
                .into_iter()
                .map(|(_, id, command)| Body::Unit { id, command })
                .collect()
        },
    },
];

/// The stable name of a rule.
fn rule_name(rule: &bloodbank::care::CareRule) -> String {
    let name = serde_json::to_value(rule).ok();
    name.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A command that is due, ready to be judged.
#[derive(Clone, Debug)]
pub struct Due {
    pub body: Body,
    pub facts: Facts,
    /// Its `by` is the id that follows from cause, rule and target.
    pub context: Context,
    pub restricts: bool,
}

/// All commands that follow from what one command did. `known` answers for what is looked at.
pub fn due<E>(
    cause: &Context,
    events: &[(Key, Event)],
    known: &dyn Fn(About) -> Result<Known, E>,
) -> Result<Vec<Due>, E> {
    let mut out: Vec<Due> = vec![];
    // What follows from something that was entered later follows now.
    let cause = &Context { now: cause.recorded_at(), later: None, ..cause.clone() };
    for (key, event) in events {
        for reaction in TABLE {
            let Some(about) = (reaction.when)(*key, event) else { continue };
            let known = known(about)?;
            for body in (reaction.then)(&known, event, cause) {
                let Some(target) = body.keys().first().copied() else { continue };
                let by = CommandId::of_reaction(cause.by, reaction.rule, target.subject().id);
                // Two events of one command that lead to the same lead to it once.
                if out.iter().any(|due| due.context.by == by) {
                    continue;
                }
                let mut facts = Facts::default();
                // It acts where the unit is.
                facts.unit.site = match target {
                    Key::Unit(id) => known.held.iter().find(|(u, _)| u.id == id),
                    _ => None,
                }
                .map(|(unit, _)| unit.site.clone())
                .unwrap_or_default();
                let context = Context {
                    now: cause.now,
                    later: None,
                    by,
                    actor: Actor::system(reaction.rule, reaction.version),
                    overridden: vec![],
                    duplicates_overridden: false,
                    policy: cause.policy.clone(),
                };
                out.push(Due { body, facts, context, restricts: reaction.restricts });
            }
        }
    }
    Ok(out)
}

/// The facts from aggregates in memory.
pub(crate) fn known_of(states: &BTreeMap<Key, State>, about: About, cx: &Context) -> Known {
    let patient = match about {
        About::Patient(patient) => patient,
        About::Recall(id) => {
            let recall = match states.get(&Key::Care(CareKey::Recall(id))) {
                Some(State::Care(Care::Recall(recall))) => Some((**recall).clone()),
                _ => None,
            };
            return Known { recall, ..Known::default() };
        }
    };
    let zone = match states.get(&Key::Facility) {
        Some(State::Facility(facility)) => facility.zone,
        _ => chrono_tz::UTC,
    };
    let today = cx.now.with_timezone(&zone).date_naive();
    let traits = |id| match states.get(&Key::Care(CareKey::Traits(id))) {
        Some(State::Care(Care::Traits(traits))) => (**traits).clone(),
        _ => UnitTraits::default(),
    };
    let held = states.values().filter_map(|state| match state {
        State::Unit(unit) => match unit.status {
            bloodbank::Status::Reserved { patient: p, .. } if p == patient => {
                Some(((**unit).clone(), traits(unit.id)))
            }
            _ => None,
        },
        _ => None,
    });
    let person = match states.get(&Key::Patient(patient)) {
        Some(State::Patient(person)) => Some(&**person),
        _ => None,
    };
    let stored = match states.get(&Key::Care(CareKey::History(patient))) {
        Some(State::Care(Care::History(history))) => Some(&**history),
        _ => None,
    };
    Known {
        patient: person.map(|p| facts_of(p, stored, today)),
        held: held.collect(),
        history: history_of(stored, person),
        recall: None,
    }
}
