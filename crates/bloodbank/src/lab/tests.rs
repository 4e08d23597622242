//! The tests of one donation: typings and infection markers, who entered and who verified them.

use super::{Refused, Resolution, Rule, Sheet, Typing, TypingState, typing_state};
use crate::profile::{Marker, Profile};
use crate::unit::KnownGroup;
use chrono::NaiveDate;
use kernel::{BloodGroup, CommandId, DonationId, Instant, RunId, StaffId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Reagents of one lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KitLot {
    pub kit: String,
    pub lot: String,
    /// The last day on which it may be used.
    pub expires: NaiveDate,
}

/// One run over many samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    pub marker: Marker,
    pub kit: KitLot,
    /// The local day of the laboratory.
    pub on: NaiveDate,
    /// The positive control was positive.
    pub positive_control: bool,
    /// The negative control was negative.
    pub negative_control: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunProblem {
    LotExpired,
    ControlFailed,
}

impl Run {
    /// Why nothing negative in it counts.
    pub fn problem(&self) -> Option<RunProblem> {
        if self.on > self.kit.expires {
            Some(RunProblem::LotExpired)
        } else if !(self.positive_control && self.negative_control) {
            Some(RunProblem::ControlFailed)
        } else {
            None
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    NonReactive,
    Reactive,
    GreyZone,
    /// Quantity not sufficient.
    NotEnough,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Initial,
    /// One of two that follow an initial reactive.
    Repeat,
}

/// One result, with every version it had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerResult {
    /// The command that entered it; its name.
    pub entry: CommandId,
    pub marker: Marker,
    pub stage: Stage,
    pub run: RunId,
    /// The run's controls and lot were in order.
    pub run_valid: bool,
    /// The newest version last.
    pub versions: Vec<Version>,
    /// Of the newest version.
    pub verified_by: Option<StaffId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub outcome: Outcome,
    pub by: StaffId,
    pub at: Instant,
    /// Of a correction.
    pub reason: Option<String>,
}

impl MarkerResult {
    fn outcome(&self) -> Option<Outcome> {
        self.versions.last().map(|version| version.outcome)
    }
    fn counts(&self) -> bool {
        self.run_valid && self.verified_by.is_some()
    }
}

/// The tests of one donation. The state of the aggregate, stored as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tests {
    pub donation: DonationId,
    pub typings: Vec<Typing>,
    pub resolution: Option<Resolution>,
    pub results: Vec<MarkerResult>,
    /// Found unsafe; nothing removes a marker from here.
    pub unsafe_for: BTreeSet<Marker>,
    /// Counts the events applied.
    pub version: u64,
}

/// Where one marker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkerState {
    NonReactive,
    Missing,
    /// Entered, and nobody else has looked.
    Unverified,
    /// A grey zone, too little of it, or a reactive whose repeats were not: no release, a person
    /// decides about the rest.
    Indeterminate,
    InitialReactive,
    /// Reactive and confirmed as policy says. For ever.
    Unsafe,
}

/// Where the donation stands (bloodbank.md 2.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestState {
    /// These are missing or unverified.
    Testing(Vec<Marker>),
    InitialReactive(Vec<Marker>),
    Indeterminate(Vec<Marker>),
    Unsafe(Vec<Marker>),
    /// All mandatory markers, verified, in valid runs.
    NonReactive,
}

/// What keeps a bag that left the laboratory from everybody, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Entered or confirmed.
    Reactive,
    /// A grey zone, or too little of it.
    NotClear,
    /// A marker was looked for, and none of its runs counts any more.
    RunInvalid,
    /// A result that nobody else has looked at.
    Unverified,
}

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    EnterTyping {
        method: String,
        lot: String,
        sheet: Sheet,
    },
    VerifyTyping {
        entry: CommandId,
    },
    ResolveTyping {
        group: BloodGroup,
        reason: String,
    },
    EnterResult {
        marker: Marker,
        stage: Stage,
        run: RunId,
        outcome: Outcome,
    },
    VerifyResult {
        entry: CommandId,
    },
    CorrectResult {
        entry: CommandId,
        outcome: Outcome,
        reason: String,
    },
    /// The run turns out invalid afterwards.
    InvalidateRun {
        run: RunId,
        reason: String,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    TypingEntered {
        typing: Typing,
    },
    TypingVerified {
        entry: CommandId,
        by: StaffId,
    },
    TypingResolved {
        resolution: Resolution,
    },
    ResultEntered {
        result: MarkerResult,
    },
    ResultVerified {
        entry: CommandId,
        by: StaffId,
    },
    ResultCorrected {
        entry: CommandId,
        version: Version,
    },
    RunInvalidated {
        run: RunId,
        reason: String,
    },
    /// Donor hold and look-back follow.
    FoundUnsafe {
        marker: Marker,
    },
}

/// All that a decision may know beside the tests.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub actor: StaffId,
    pub second: Option<StaffId>,
    /// The run that an entered result names.
    pub run: Option<&'a Run>,
    /// What is known of the donor's group without this donation.
    pub history: &'a KnownGroup,
    pub first_time: bool,
}

impl Tests {
    /// No tests yet.
    pub fn none(donation: DonationId) -> Self {
        Self {
            donation,
            typings: vec![],
            resolution: None,
            results: vec![],
            unsafe_for: BTreeSet::new(),
            version: 0,
        }
    }

    /// Where one marker stands. Reactive outweighs everything, entered or verified.
    pub fn marker(&self, marker: Marker, profile: &Profile) -> MarkerState {
        if self.unsafe_for.contains(&marker) {
            return MarkerState::Unsafe;
        }
        let of = || self.results.iter().filter(|result| result.marker == marker);
        let reactive = |result: &&MarkerResult| result.outcome() == Some(Outcome::Reactive);
        if of().any(|result| reactive(&result)) {
            let confirmed = |result: &&MarkerResult| {
                let enough = profile.testing.discard_on_initial_reactive.value
                    || result.stage == Stage::Repeat;
                enough && result.counts()
            };
            if of().filter(reactive).any(|result| confirmed(&result)) {
                return MarkerState::Unsafe;
            }
            // Two repeats that are not reactive do not take the first away: the blood is not used,
            // and a person says what becomes of the donor.
            let repeats = of().filter(|r| r.stage == Stage::Repeat && r.counts()).count();
            return if repeats >= 2 {
                MarkerState::Indeterminate
            } else {
                MarkerState::InitialReactive
            };
        }
        if of().any(|r| matches!(r.outcome(), Some(Outcome::GreyZone | Outcome::NotEnough))) {
            return MarkerState::Indeterminate;
        }
        let valid = || of().filter(|result| result.run_valid);
        if valid().any(MarkerResult::counts) && valid().all(MarkerResult::counts) {
            MarkerState::NonReactive
        } else if valid().next().is_some() {
            MarkerState::Unverified
        } else {
            MarkerState::Missing
        }
    }

    /// Every mandatory marker, and every other that was looked for.
    pub fn markers(&self, profile: &Profile) -> BTreeMap<Marker, MarkerState> {
        profile
            .testing
            .mandatory
            .iter()
            .map(|row| row.value)
            .chain(self.results.iter().map(|result| result.marker))
            .chain(self.unsafe_for.iter().copied())
            .map(|marker| (marker, self.marker(marker, profile)))
            .collect()
    }

    /// Where the donation stands; the worst marker decides.
    pub fn state(&self, profile: &Profile) -> TestState {
        let markers = self.markers(profile);
        let these = |wanted: &[MarkerState]| -> Vec<Marker> {
            let found = markers.iter().filter(|(_, state)| wanted.contains(state));
            found.map(|(marker, _)| *marker).collect()
        };
        match markers.values().max().copied().unwrap_or(MarkerState::Missing) {
            MarkerState::Unsafe => TestState::Unsafe(these(&[MarkerState::Unsafe])),
            MarkerState::InitialReactive => {
                TestState::InitialReactive(these(&[MarkerState::InitialReactive]))
            }
            MarkerState::Indeterminate => {
                TestState::Indeterminate(these(&[MarkerState::Indeterminate]))
            }
            MarkerState::Missing | MarkerState::Unverified => {
                TestState::Testing(these(&[MarkerState::Missing, MarkerState::Unverified]))
            }
            MarkerState::NonReactive => TestState::NonReactive,
        }
    }

    /// Whether these tests keep a bag that left the laboratory from everybody.
    pub fn speaks_against(&self) -> bool {
        self.doubt().is_some()
    }

    /// Why these tests keep a bag that left the laboratory from everybody, the gravest first: what is not
    /// clear, and a marker whose result counts no more, since its run turned out invalid or it waits to be
    /// verified after a correction. A marker that nobody looked for says nothing here: the rules may have
    /// asked for it only later. So the rules do not matter to it, whichever are in force.
    pub fn doubt(&self) -> Option<Doubt> {
        self.doubts().into_iter().map(|(_, doubt)| doubt).min()
    }

    /// The same by marker, in their order.
    pub fn doubts(&self) -> Vec<(Marker, Doubt)> {
        let looked: BTreeSet<Marker> = self.results.iter().map(|result| result.marker).collect();
        let all = looked.union(&self.unsafe_for);
        all.filter_map(|marker| self.doubt_of(*marker).map(|doubt| (*marker, doubt))).collect()
    }

    fn doubt_of(&self, marker: Marker) -> Option<Doubt> {
        let of = || self.results.iter().filter(|result| result.marker == marker);
        let found = |wanted: &[Outcome]| {
            of().filter_map(MarkerResult::outcome).any(|outcome| wanted.contains(&outcome))
        };
        if self.unsafe_for.contains(&marker) || found(&[Outcome::Reactive]) {
            return Some(Doubt::Reactive);
        }
        if found(&[Outcome::GreyZone, Outcome::NotEnough]) {
            return Some(Doubt::NotClear);
        }
        let mut valid = of().filter(|result| result.run_valid).peekable();
        if valid.peek().is_none() {
            return Some(Doubt::RunInvalid);
        }
        (!valid.all(MarkerResult::counts)).then_some(Doubt::Unverified)
    }

    /// When the newest of what stands here was entered or corrected.
    pub fn newest(&self) -> Option<Instant> {
        self.results.iter().flat_map(|result| &result.versions).map(|version| version.at).max()
    }

    /// The groups that a verified typing supports; a discrepancy is resolved to one of them.
    pub fn supported_groups(&self) -> Vec<BloodGroup> {
        let verified = self.typings.iter().filter(|typing| typing.verified_by.is_some());
        let mut groups: Vec<BloodGroup> = verified
            .filter_map(|typing| match super::interpret(&typing.sheet) {
                super::Interpretation::Group(group) => Some(group),
                _ => None,
            })
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// Where the typing stands.
    pub fn typing(&self, history: &KnownGroup, first_time: bool, profile: &Profile) -> TypingState {
        typing_state(&self.typings, self.resolution.as_ref(), history, first_time, profile)
    }
}

/// Decides a command on the tests of one donation; the arguments are those of [`crate::decide`].
///
/// # Errors
/// The first hard stop.
pub fn decide(
    tests: &Tests,
    facts: &Facts<'_>,
    command: &Command,
    profile: &Profile,
    now: Instant,
    by: CommandId,
) -> Result<Vec<Event>, Refused> {
    let event = match command {
        Command::EnterTyping { method, lot, sheet } => Event::TypingEntered {
            typing: Typing {
                entry: by,
                method: text(method, "method")?,
                lot: text(lot, "lot")?,
                sheet: *sheet,
                by: facts.actor,
                at: now,
                verified_by: None,
            },
        },
        Command::VerifyTyping { entry } => {
            let typing = tests
                .typings
                .iter()
                .find(|typing| typing.entry == *entry)
                .ok_or_else(|| Refused::stop(Rule::NoSuchEntry))?;
            other(typing.by, facts.actor)?;
            if typing.verified_by.is_some() {
                return Err(Refused::stop(Rule::AlreadyVerified));
            }
            Event::TypingVerified { entry: *entry, by: facts.actor }
        }
        Command::ResolveTyping { group, reason } => {
            let state = tests.typing(facts.history, facts.first_time, profile);
            if !state.is_discrepant() {
                return Err(Refused::stop(Rule::NotDiscrepant));
            }
            if !tests.supported_groups().contains(group) {
                return Err(Refused::stop(Rule::NotSupported));
            }
            let second = facts.second.ok_or_else(|| Refused::stop(Rule::SecondPersonNeeded))?;
            other(second, facts.actor)?;
            Event::TypingResolved {
                resolution: Resolution {
                    group: *group,
                    reason: text(reason, "reason")?,
                    by: facts.actor,
                    second,
                    at: now,
                    typings: tests.typings.len(),
                },
            }
        }
        Command::EnterResult { marker, stage, run, outcome } => {
            let run = facts
                .run
                .filter(|known| known.id == *run && known.marker == *marker)
                .ok_or_else(|| Refused::stop(Rule::NotFound).with("what", "run"))?;
            let reactive = matches!(
                tests.marker(*marker, profile),
                MarkerState::InitialReactive | MarkerState::Indeterminate | MarkerState::Unsafe
            );
            if *stage == Stage::Repeat && !reactive {
                return Err(Refused::stop(Rule::StageWrong));
            }
            Event::ResultEntered {
                result: MarkerResult {
                    entry: by,
                    marker: *marker,
                    stage: *stage,
                    run: run.id,
                    run_valid: run.problem().is_none(),
                    versions: vec![Version {
                        outcome: *outcome,
                        by: facts.actor,
                        at: now,
                        reason: None,
                    }],
                    verified_by: None,
                },
            }
        }
        Command::VerifyResult { entry } => {
            let result = result(tests, *entry)?;
            if result.verified_by.is_some() {
                return Err(Refused::stop(Rule::AlreadyVerified));
            }
            let last = result.versions.last().map(|version| version.by);
            last.map_or(Ok(()), |entered| other(entered, facts.actor))?;
            Event::ResultVerified { entry: *entry, by: facts.actor }
        }
        Command::CorrectResult { entry, outcome, reason } => {
            let result = result(tests, *entry)?;
            if tests.unsafe_for.contains(&result.marker) {
                let refused = Refused::stop(Rule::UnsafeIsFinal);
                return Err(refused.with("marker", format!("{:?}", result.marker)));
            }
            let reason = text(reason, "reason")?;
            // Nobody takes back what they entered themselves.
            if result.versions.iter().any(|version| version.by == facts.actor) {
                return Err(Refused::stop(Rule::SamePerson));
            }
            let reason = Some(reason);
            let version = Version { outcome: *outcome, by: facts.actor, at: now, reason };
            Event::ResultCorrected { entry: *entry, version }
        }
        Command::InvalidateRun { run, reason } => {
            if !tests.results.iter().any(|result| result.run == *run) {
                return Ok(vec![]);
            }
            Event::RunInvalidated { run: *run, reason: text(reason, "reason")? }
        }
    };
    // What this makes unsafe is said aloud, so that nothing later can unsay it.
    let mut events = vec![event];
    let after = apply(tests.clone(), &events[0]);
    let found = after.markers(profile).into_iter().filter(|(marker, state)| {
        *state == MarkerState::Unsafe && !tests.unsafe_for.contains(marker)
    });
    events.extend(found.map(|(marker, _)| Event::FoundUnsafe { marker }));
    Ok(events)
}

/// The state after an event. It has happened, so nothing here can say no.
pub fn apply(mut tests: Tests, event: &Event) -> Tests {
    tests.version += 1;
    match event {
        Event::TypingEntered { typing } => tests.typings.push(typing.clone()),
        Event::TypingVerified { entry, by } => {
            for typing in tests.typings.iter_mut().filter(|typing| typing.entry == *entry) {
                typing.verified_by = Some(*by);
            }
        }
        Event::TypingResolved { resolution } => tests.resolution = Some(resolution.clone()),
        Event::ResultEntered { result } => {
            if !tests.results.iter().any(|known| known.entry == result.entry) {
                tests.results.push(result.clone());
            }
        }
        Event::ResultVerified { entry, by } => {
            for result in tests.results.iter_mut().filter(|result| result.entry == *entry) {
                result.verified_by = Some(*by);
            }
        }
        Event::ResultCorrected { entry, version } => {
            for result in tests.results.iter_mut().filter(|result| result.entry == *entry) {
                result.versions.push(version.clone());
                // The new version is a new claim.
                result.verified_by = None;
            }
        }
        Event::RunInvalidated { run, .. } => {
            for result in tests.results.iter_mut().filter(|result| result.run == *run) {
                result.run_valid = false;
            }
        }
        Event::FoundUnsafe { marker } => {
            tests.unsafe_for.insert(*marker);
        }
    }
    tests
}

fn text(given: &str, field: &'static str) -> Result<String, Refused> {
    crate::words::text(given, field)
        .ok_or_else(|| Refused::stop(Rule::FieldMissing).with("field", field))
}

/// The enterer is not the verifier.
fn other(a: StaffId, b: StaffId) -> Result<(), Refused> {
    if a == b { Err(Refused::stop(Rule::SamePerson)) } else { Ok(()) }
}

fn result(tests: &Tests, entry: CommandId) -> Result<&MarkerResult, Refused> {
    tests
        .results
        .iter()
        .find(|result| result.entry == entry)
        .ok_or_else(|| Refused::stop(Rule::NoSuchEntry))
}
