//! The laboratory as the ledger sees it: runs of tests, the tests of a donation, its components. The
//! rules are those of `bloodbank::lab`, under the rule book of the policy that the command names.

use crate::{Body, Context, Event, Facts, Key, Records, Refused, State};
use bloodbank::donation::Donation;
use bloodbank::donor::Donor;
use bloodbank::lab::{self, KitLot, Part, PartCommand, PartFacts, Run, Tests};
use bloodbank::profile::Marker;
use chrono::NaiveDate;
use kernel::{DonationId, RunId};
use ledger::States;
use serde::{Deserialize, Serialize};

/// A run as it is recorded; its day is that of the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    pub marker: Marker,
    pub kit: KitLot,
    /// The positive control was positive.
    pub positive_control: bool,
    /// The negative control was negative.
    pub negative_control: bool,
}

impl RunRecord {
    /// The run of this day.
    pub fn on(self, id: RunId, on: NaiveDate) -> Run {
        let RunRecord { marker, kit, positive_control, negative_control } = self;
        Run { id, marker, kit, on, positive_control, negative_control }
    }
}

/// A donation with its tests and its donor, as they are now.
#[derive(Clone, Debug)]
pub struct Source {
    pub donation: Donation,
    pub tests: Tests,
    pub donor: Donor,
}

/// What a decision of the laboratory may know beside its aggregates.
#[derive(Clone, Debug, Default)]
pub struct LabFacts {
    pub sources: Vec<Source>,
    /// The run of the results, where it stands in an earlier command of the same plate.
    pub run: Option<Run>,
    /// The bag that is received carries a number of a donation that was made here.
    pub own_donation: bool,
    /// The parents of a treatment.
    pub treated: Vec<kernel::UnitId>,
    /// Bags of a donation that is on hold, or whose tests are not clear any more.
    pub held: Vec<kernel::UnitId>,
    /// Bags whose group was read otherwise than the label says, or differently by two people.
    pub misread: Vec<kernel::UnitId>,
}

impl LabFacts {
    fn source(&self, id: DonationId) -> Result<&Source, Refused> {
        let unknown = || {
            Refused::Lab(lab::Refused::HardStop {
                rule: lab::Rule::NotFound,
                args: bloodbank::Args::new(),
            })
        };
        self.sources.iter().find(|source| source.donation.id == id).ok_or_else(unknown)
    }
}

/// Decides a part of a command that is about the laboratory.
pub(crate) fn decide(
    states: &States<Records>,
    facts: &Facts,
    body: &Body,
    cx: &Context,
) -> Result<Vec<Event>, Refused> {
    let of = |key: Key| states.get(&key).and_then(Option::as_ref);
    let profile = &cx.policy.rule_book;
    let zone = facts.donor.zone.unwrap_or(chrono_tz::UTC);
    let today = cx.now.with_timezone(&zone).date_naive();
    match body {
        Body::Run { id, record } => {
            if of(Key::Run(*id)).is_some() {
                return Err(Refused::Mismatch);
            }
            Ok(vec![Event::Run(record.clone().on(*id, today))])
        }
        Body::Tests { id, command } => {
            let none = Tests::none(*id);
            let tests = match of(Key::Tests(*id)) {
                Some(State::Tests(tests)) => tests,
                None => &none,
                Some(_) => return Err(Refused::Mismatch),
            };
            let source = facts.lab.source(*id)?;
            // The run of an entered result stands in the same command, or in the first of its plate.
            let run = match command {
                lab::Command::EnterResult { run, .. } => match of(Key::Run(*run)) {
                    Some(State::Run(run)) => Some(run),
                    _ => facts.lab.run.as_ref().filter(|known| known.id == *run),
                },
                _ => None,
            };
            let history = lab::history(&source.donor, &source.donation);
            let known = lab::Facts {
                actor: cx.actor.id,
                second: facts.donor.second,
                run,
                history: &history,
                first_time: source.donation.first_time,
            };
            let events = lab::decide(tests, &known, command, profile, cx.now, cx.by)
                .map_err(Refused::Lab)?;
            Ok(events.into_iter().map(Event::Tests).collect())
        }
        Body::Part { id, command } => {
            let state = match of(Key::Part(*id)) {
                Some(State::Part(part)) => Some(&**part),
                None => None,
                Some(_) => return Err(Refused::Mismatch),
            };
            let sources: Vec<(&Donation, &Tests, &Donor)> = facts
                .lab
                .sources
                .iter()
                .filter(|s| state.is_some_and(|part| part.donations.contains(&s.donation.id)))
                .map(|s| (&s.donation, &s.tests, &s.donor))
                .collect();
            // The donation that is divided stands in the same command, as it is now.
            let donation = states.values().find_map(|state| match state {
                Some(State::Donation(donation)) => Some(&**donation),
                _ => None,
            });
            // The other components of the command, as the parts before this one left them.
            let others: Vec<&Part> = states
                .values()
                .filter_map(|state| match state {
                    Some(State::Part(part)) if part.id != *id => Some(&**part),
                    _ => None,
                })
                .collect();
            let others = match command {
                PartCommand::Treat { .. } => {
                    others.into_iter().filter(|p| facts.lab.treated.contains(&p.id)).collect()
                }
                _ => others,
            };
            let known = PartFacts {
                actor: cx.actor.id,
                second: facts.donor.second,
                today,
                donation,
                sources: &sources,
                unit: match of(Key::Unit(*id)) {
                    Some(State::Unit(unit)) => Some(&**unit),
                    _ => None,
                },
                parents: &others,
            };
            let event = lab::decide_part(state, *id, &known, command, profile, cx.now)
                .map_err(Refused::Lab)?;
            Ok(vec![Event::Part(event)])
        }
        _ => Err(Refused::Mismatch),
    }
}

/// A bag of a donation that was made here comes to the shelf by its release and in no other way: its
/// tests are known, or it is not given to anybody.
pub(crate) fn may_be_received(
    states: &States<Records>,
    facts: &Facts,
    id: kernel::UnitId,
) -> Result<(), Refused> {
    // Named by a recall while it lay in the laboratory.
    not_on_hold(facts, id)?;
    let released = |part: &Part| part.state == lab::PartState::Available;
    let known = states.get(&Key::Part(id)).and_then(Option::as_ref);
    match known {
        Some(State::Part(part)) if released(part) => Ok(()),
        None if !facts.lab.own_donation => Ok(()),
        _ => Err(Refused::Lab(lab::Refused::HardStop {
            rule: lab::Rule::NotAvailable,
            args: bloodbank::Args::new(),
        })),
    }
}

/// A bag leaves the shelf as processed only where its children stand for it: nothing is lost in it.
pub(crate) fn may_be_discarded(
    states: &States<Records>,
    id: kernel::UnitId,
    command: &bloodbank::Command,
) -> Result<(), Refused> {
    use bloodbank::{Command as C, DiscardReason as D};
    if !matches!(command, C::Discard { reason: D::Processed, .. }) {
        return Ok(());
    }
    match states.get(&Key::Part(id)).and_then(Option::as_ref) {
        Some(State::Part(part)) if part.state == lab::PartState::Modified => Ok(()),
        _ => Err(Refused::Mismatch),
    }
}

/// A bag on the shelf goes to nobody, and leaves no quarantine, while its donation is on hold: what
/// became known after the release counts as much as what was known before (bloodbank.md 6, 30, 34).
pub(crate) fn may_be_used(
    facts: &Facts,
    id: kernel::UnitId,
    command: &bloodbank::Command,
) -> Result<(), Refused> {
    use bloodbank::Command as C;
    match command {
        C::Reserve { .. } | C::Issue { .. } | C::LiftQuarantine { .. } => {
            not_on_hold(facts, id)?;
            well_read(facts, id)
        }
        _ => Ok(()),
    }
}

/// Whether the donation of a bag stands against its use.
pub(crate) fn not_on_hold(facts: &Facts, id: kernel::UnitId) -> Result<(), Refused> {
    if !facts.lab.held.contains(&id) {
        return Ok(());
    }
    let rule = bloodbank::Rule::UnitQuarantined;
    let args = [("reason", "donation on hold".to_owned())].into();
    Err(Refused::Unit(bloodbank::Refused::HardStop { rule, args }))
}

/// What two people read on the bag's own segment counts more than its label (bloodbank.md 2.7).
fn well_read(facts: &Facts, id: kernel::UnitId) -> Result<(), Refused> {
    if !facts.lab.misread.contains(&id) {
        return Ok(());
    }
    let rule = bloodbank::care::CareRule::UnitGroupMismatch;
    let args = bloodbank::Args::new();
    Err(Refused::Care(bloodbank::care::Refusal::HardStop { rule, args }))
}

/// The state after an event of one of these three.
pub(crate) fn apply(state: Option<State>, key: Key, event: &Event) -> Option<State> {
    match (event, key, state) {
        (Event::Run(run), _, None) => Some(State::Run(run.clone())),
        (Event::Tests(e), Key::Tests(id), None) => {
            Some(State::Tests(lab::apply(Tests::none(id), e)))
        }
        (Event::Tests(e), _, Some(State::Tests(tests))) => Some(State::Tests(lab::apply(tests, e))),
        (Event::Part(e), _, None) => lab::apply_part(None, e).map(|p| State::Part(Box::new(p))),
        (Event::Part(e), _, Some(State::Part(part))) => {
            lab::apply_part(Some(*part), e).map(|p| State::Part(Box::new(p)))
        }
        // An event never meets a state of another kind: both carry the same key.
        (_, _, other) => other,
    }
}

pub(crate) fn tests_kind(command: &lab::Command) -> &'static str {
    use lab::Command as C;
    match command {
        C::EnterTyping { .. } => "tests.type",
        C::VerifyTyping { .. } => "tests.type_verify",
        C::ResolveTyping { .. } => "tests.type_resolve",
        C::EnterResult { .. } => "tests.result",
        C::VerifyResult { .. } => "tests.verify",
        C::CorrectResult { .. } => "tests.correct",
        C::InvalidateRun { .. } => "tests.invalidate",
    }
}

pub(crate) fn part_kind(command: &lab::PartCommand) -> &'static str {
    match command {
        lab::PartCommand::Make { .. } => "part.make",
        lab::PartCommand::Release { .. } => "part.release",
        lab::PartCommand::Discard { .. } => "part.discard",
        lab::PartCommand::Take { .. } => "part.take",
        lab::PartCommand::Treat { .. } => "part.treat",
        lab::PartCommand::Modify { .. } => "part.modify",
    }
}
