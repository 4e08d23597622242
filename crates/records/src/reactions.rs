//! Which event calls for which reaction (kernel.md 2.6): ONE table. The rules themselves are pure
//! functions of the domain that owns the target; here they only get their facts and their ids.

use crate::{
    Body, Care, CareBody, CareEvent, CareKey, Context, Edges, Event, Facts, Key, State, facts_of,
    history_of,
};
use bloodbank::appointment;
use bloodbank::donation::{self, Donation, Event as D};
use bloodbank::donor::{self, Donor};
use bloodbank::history::{Event as H, History};
use bloodbank::lab::{Part, PartEvent, PartState};
use bloodbank::lookback::{self, Lineage, Recall, Target};
use bloodbank::outbox::{self, Message};
use bloodbank::request::{self, Request};
use bloodbank::traits::UnitTraits;
use bloodbank::{Event as U, Unit};
use hospital::patient::Event as P;
use kernel::{Actor, CommandId, DonationId, DonorId, PatientId, RecallId, UnitId};
use std::collections::BTreeMap;

/// What has to be looked at because of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Patient(PatientId),
    Recall(RecallId),
    /// A bag that came to a shelf: the bag, and the recalls that name it.
    Shelf(UnitId),
    /// A recall that was opened, and the kin of its bags.
    Opened(RecallId),
    /// A bag that was made of others: the recalls that name one of those, and its kin.
    Made(UnitId),
    /// A person who gave, under all their records, and their donations.
    Donor(DonorId),
    /// A donation and the bags of it.
    Donation(DonationId),
    /// A person who gives, under all their records, and the messages that wait for them.
    Waiting(DonorId),
}

/// What a reaction may know: the patient it is about and the units held for them, or the recall.
/// Filled by one module per side, from the aggregates as they are after the cause.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub patient: Option<bloodbank::PatientFacts>,
    pub held: Vec<(bloodbank::Unit, UnitTraits)>,
    /// With the determinations of the patient's record.
    pub history: History,
    /// Open requests of the patient that name bags.
    pub requests: Vec<Request>,
    pub recall: Option<Recall>,
    pub recalls: Vec<Recall>,
    /// The bags that hold some of the same blood, and what went into the same pools.
    pub kin: Vec<Target>,
    /// Of one person, the record that was asked about first.
    pub records: Vec<Donor>,
    /// Those of which something is still here.
    pub donations: Vec<Donation>,
    /// The bags on shelves.
    pub bags: Vec<Unit>,
    /// In the outbox, not gone out.
    pub waiting: Vec<Message>,
}

/// Bags that a recall grows by at once.
const MOST_KIN: usize = 100;

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
                Event::Patient(
                    P::GroupRecorded { .. } | P::GroupWithdrawn { .. } | P::TookOver { .. },
                ),
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
    // A death: nothing is held for who has died, so that it can be given to somebody who lives
    // (bloodbank.md 6, scenario 68). The requests stay: a death that was recorded by mistake takes
    // nothing away that was asked for.
    Reaction {
        rule: "release_deceased",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (Key::Patient(id), Event::Patient(P::Died { .. })) => Some(About::Patient(id)),
            _ => None,
        },
        then: |known, _, _| all_set_free(known, "the patient has died"),
    },
    // A record that was taken over: what was held under its name is free, and is held anew under the
    // name of the one that goes on, by what is known there (bloodbank.md 6, scenario 20).
    Reaction {
        rule: "release_taken_over",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (Key::Patient(id), Event::Patient(P::BelongsTo { .. })) => Some(About::Patient(id)),
            _ => None,
        },
        then: |known, _, _| all_set_free(known, "the record was taken over"),
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
    // A bag that was made of a recalled one where nobody had heard of the recall (bloodbank.md 6,
    // scenario 42).
    Reaction {
        rule: "recall_made",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (Key::Part(id), Event::Part(PartEvent::Made { part })) => {
                (!part.parents.is_empty()).then_some(About::Made(id))
            }
            _ => None,
        },
        then: |known, _, _| {
            let mut all = vec![];
            for recall in &known.recalls {
                let (more, held) = lookback::grown(recall, &known.kin);
                all.extend(more.map(|command| {
                    let command = Box::new(command);
                    Body::Care(CareBody::Recall { id: recall.id, command })
                }));
                all.extend(held.into_iter().map(|(id, command)| Body::Unit { id, command }));
            }
            all
        },
    },
    // The same where the bag was made before the recall came: whoever opened it had not heard of the bag.
    // A long list is not one recall grown by another site, and its opener adds the rest.
    Reaction {
        rule: "recall_kin",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (Key::Care(CareKey::Recall(id)), Event::Care(CareEvent::Recall(event))) => {
                matches!(**event, lookback::Event::Opened { .. }).then_some(About::Opened(id))
            }
            _ => None,
        },
        then: |known, _, _| {
            let Some(recall) = &known.recall else { return vec![] };
            match lookback::grown(recall, &known.kin).0 {
                Some(lookback::Command::Extend { targets }) if targets.len() <= MOST_KIN => {
                    let command = Box::new(lookback::Command::Extend { targets });
                    vec![Body::Care(CareBody::Recall { id: recall.id, command })]
                }
                _ => vec![],
            }
        },
    },
    // A bag that comes to a shelf, or back to it, although a recall names it (scenarios 33 and 34).
    Reaction {
        rule: "recall_met",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (
                Key::Unit(id),
                Event::Unit(U::Received { .. } | U::TakenBack { .. } | U::TakenIn { .. }),
            ) => Some(About::Shelf(id)),
            _ => None,
        },
        then: |known, _, _| {
            let stopped = known
                .bags
                .iter()
                .filter_map(|unit| Some((unit, lookback::met(&known.recalls, unit)?)));
            stopped.map(|(unit, command)| Body::Unit { id: unit.id, command }).collect()
        },
    },
    // A donation that became known: what was given too soon is held (scenario 24).
    Reaction {
        rule: "interval",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (Key::Donor(id), Event::Donor(donor::Event::DonationRecorded { .. })) => {
                Some(About::Donor(id))
            }
            _ => None,
        },
        then: |known, event, cx| {
            let Event::Donor(donor::Event::DonationRecorded { past }) = event else {
                return vec![];
            };
            let (all, book) = (&known.donations, &cx.policy.rule_book);
            donation::holds_of_intervals(&known.records, all, past.donation, book)
                .into_iter()
                .map(|(id, command)| Body::Donation { id, command })
                .collect()
        },
    },
    // What holds a donation holds its bags, at whichever site they lie.
    Reaction {
        rule: "hold_bags",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (Key::Donation(id), Event::Donation(D::Held { .. })) => Some(About::Donation(id)),
            _ => None,
        },
        then: |known, _, _| {
            let free = known.bags.iter().filter(|u| u.is_live() && u.quarantines.is_empty());
            free.map(|unit| {
                let reason = "The donation is on hold".to_owned();
                Body::Unit { id: unit.id, command: bloodbank::Command::Quarantine { reason } }
            })
            .collect()
        },
    },
    // Whoever gave, was deferred, or is expected, is not told any more that they may give again
    // (scenario 75).
    Reaction {
        rule: "reminder_done",
        version: 1,
        restricts: true,
        when: |key, event| match (key, event) {
            (
                Key::Donor(id),
                Event::Donor(
                    donor::Event::DonationRecorded { .. }
                    | donor::Event::Deferred { .. }
                    | donor::Event::ContactErased { .. },
                ),
            ) => Some(About::Waiting(id)),
            (_, Event::Care(CareEvent::Appointment(event))) => expected(event).map(About::Waiting),
            _ => None,
        },
        then: |known, event, cx| {
            let comes = match event {
                Event::Care(CareEvent::Appointment(event)) => expected(event).is_some(),
                _ => false,
            };
            let (waiting, today) = (&known.waiting, cx.now.date_naive());
            outbox::purged_by_turn(waiting, &known.records, comes, today)
                .into_iter()
                .filter_map(|place| waiting.get(place))
                .map(|message| {
                    let command = Box::new(outbox::Command::Purge);
                    Body::Care(CareBody::Message { id: message.id, command })
                })
                .collect()
        },
    },
];

/// Who is expected at the donor desk, or there, because of an event.
fn expected(event: &appointment::Event) -> Option<DonorId> {
    match event {
        appointment::Event::Booked { donor, .. } | appointment::Event::WalkedIn { donor, .. } => {
            Some(*donor)
        }
        _ => None,
    }
}

/// What is held for a patient, and what their requests name, set free.
fn all_set_free(known: &Known, reason: &str) -> Vec<Body> {
    let free = known.held.iter().map(|(unit, _)| Body::Unit {
        id: unit.id,
        command: bloodbank::Command::Release { reason: reason.to_owned() },
    });
    // One command for each request: the id of a reaction follows from what it moves.
    let struck = known.requests.iter().map(|one| {
        let strike = one.allocated.iter().map(|unit| {
            let command = request::Command::Unallocate { unit: *unit, reason: reason.to_owned() };
            Body::Care(CareBody::Request { id: one.id, command: Box::new(command) })
        });
        let mut strike: Vec<Body> = strike.collect();
        match strike.len() {
            1 => strike.remove(0),
            _ => Body::Together(strike),
        }
    });
    free.chain(struck).collect()
}

/// Whether something of a donation is still here: not divided yet, in a laboratory, or on a shelf.
pub fn is_here<'a>(
    donation: &Donation,
    parts: impl IntoIterator<Item = &'a Part>,
    units: impl IntoIterator<Item = &'a Unit>,
) -> bool {
    donation.parts.is_empty()
        || parts.into_iter().any(|part| part.state == PartState::Quarantine)
        || units.into_iter().any(Unit::is_live)
}

/// The stable name of a rule.
fn rule_name(rule: &bloodbank::care::CareRule) -> String {
    let name = serde_json::to_value(rule).ok();
    name.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A request that bags may be taken out of.
pub fn names_bags(request: &Request) -> bool {
    request.status == request::Status::Open && !request.allocated.is_empty()
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
    // What follows from something that was entered later follows now, by the rules of now.
    let policy = std::sync::Arc::clone(cause.policy_of_entry());
    let cause = &Context { now: cause.recorded_at(), later: None, policy, ..cause.clone() };
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
    let edges = Edges(states);
    match about {
        About::Patient(patient) => of_patient(states, patient, cx),
        About::Recall(id) => {
            let recall = match states.get(&Key::Care(CareKey::Recall(id))) {
                Some(State::Care(Care::Recall(recall))) => Some((**recall).clone()),
                _ => None,
            };
            Known { recall, ..Known::default() }
        }
        About::Opened(id) => {
            let Known { recall, .. } = known_of(states, About::Recall(id), cx);
            let named = recall.iter().flat_map(|recall| &recall.targets);
            let kin = kin(&edges, &named.map(|target| target.unit).collect::<Vec<_>>());
            let kin = kin.into_iter().filter_map(|bag| edges.target(bag)).collect();
            Known { recall, kin, ..Known::default() }
        }
        About::Shelf(id) => {
            let Some(unit) = edges.unit(id) else { return Known::default() };
            let naming = recalls(states).filter(|recall| recall.names(id, &unit.din));
            let (recalls, bags) = (naming.cloned().collect(), vec![unit.clone()]);
            Known { recalls, bags, ..Known::default() }
        }
        About::Made(id) => {
            let above = lookback::ancestors(&edges, &[id]);
            let named = |recall: &Recall| -> Vec<UnitId> {
                let of = above.iter().filter(|bag| **bag != id);
                let din = |bag| edges.target(bag).map(|target| target.din).unwrap_or_default();
                of.filter(|bag| recall.names(**bag, &din(**bag))).copied().collect()
            };
            let naming: Vec<&Recall> = recalls(states).filter(|r| !named(r).is_empty()).collect();
            let from: Vec<UnitId> = naming.iter().flat_map(|recall| named(recall)).collect();
            let kin = kin(&edges, &from);
            Known {
                recalls: naming.into_iter().cloned().collect(),
                kin: kin.into_iter().filter_map(|bag| edges.target(bag)).collect(),
                ..Known::default()
            }
        }
        About::Donor(id) => {
            let records = records(states, id);
            let of = |donor: &Donor| edges.donations_of(donor.id);
            let donations = records.iter().flat_map(of).filter_map(|id| donation(states, id));
            let here = |donation: &Donation| {
                let parts = donation.parts.iter().filter_map(|id| edges.part(*id));
                let units = bags_of(edges, donation.id);
                is_here(donation, parts, units)
            };
            let donations = donations.filter(here).collect();
            Known { donations, records, ..Known::default() }
        }
        About::Donation(id) => {
            let bags = bags_of(edges, id).cloned().collect();
            Known { bags, ..Known::default() }
        }
        About::Waiting(id) => {
            let records = records(states, id);
            let to = |message: &Message| records.iter().any(|one| one.id == message.donor);
            let all = states.values().filter_map(|state| match state {
                State::Care(Care::Message(message)) => Some(&**message),
                _ => None,
            });
            let waits = all.filter(|one| one.status == outbox::Status::Queued && to(one));
            Known { waiting: waits.cloned().collect(), records, ..Known::default() }
        }
    }
}

/// All records of a person who gives, the one that is asked about first.
fn records(states: &BTreeMap<Key, State>, id: DonorId) -> Vec<Donor> {
    let all = states.values().filter_map(|state| match state {
        State::Donor(donor) => Some((**donor).clone()),
        _ => None,
    });
    let (first, others): (Vec<Donor>, Vec<Donor>) = all.partition(|donor| donor.id == id);
    let Some(first) = first.into_iter().next() else { return vec![] };
    let same = donor::records_of(&first, &others).into_iter().cloned();
    std::iter::once(first.clone()).chain(same).collect()
}

/// All bags that hold some of these, and what went into the same pools.
pub fn kin(lineage: &impl Lineage, of: &[UnitId]) -> Vec<UnitId> {
    lookback::ancestors(lineage, &lookback::descendants(lineage, of))
}

fn recalls(states: &BTreeMap<Key, State>) -> impl Iterator<Item = &Recall> {
    states.values().filter_map(|state| match state {
        State::Care(Care::Recall(recall)) => Some(&**recall),
        _ => None,
    })
}

fn donation(states: &BTreeMap<Key, State>, id: DonationId) -> Option<Donation> {
    match states.get(&Key::Donation(id)) {
        Some(State::Donation(donation)) => Some((**donation).clone()),
        _ => None,
    }
}

/// The bags of a donation on shelves, and what was made of them.
fn bags_of(edges: Edges<'_>, id: DonationId) -> impl Iterator<Item = &Unit> {
    let all = lookback::descendants(&edges, &edges.units_of(id));
    all.into_iter().filter_map(move |bag| edges.unit(bag))
}

/// A patient, and every unit that is held for them.
fn of_patient(states: &BTreeMap<Key, State>, patient: PatientId, cx: &Context) -> Known {
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
        requests: states
            .values()
            .filter_map(|state| match state {
                State::Care(Care::Request(one)) => Some((**one).clone()),
                _ => None,
            })
            .filter(|one| one.patient == patient && names_bags(one))
            .collect(),
        ..Known::default()
    }
}
