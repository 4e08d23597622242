//! Which crossmatch a patient needs at least, whether a computer may do it, what it showed, and
//! which ones are owed after an emergency (bloodbank.md 2.8 and 2.9).

use crate::Unit;
use crate::care::{CareRule, Refusal, Task, TaskKind, changed, not_after, unknown};
use crate::care_policy::CarePolicy;
use crate::history::History;
use crate::sample::{Sample, Screen};
use crate::traits::{Antigen, UnitTraits, carries_red_cells, phenotype_of};
use crate::unit::KnownGroup;
use chrono::TimeDelta;
use kernel::{Abo, CrossmatchId, Instant, PatientId, SampleId, StaffId, UnitId};
use serde::{Deserialize, Serialize};

/// How it is done, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The computer compares two determinations; no tube is mixed.
    Electronic,
    /// Cells and plasma mixed and spun: shows ABO only.
    ImmediateSpin,
    /// With anti-human globulin: shows antibodies too.
    Ahg,
}

/// What has to be there before blood leaves the laboratory by the ordinary way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "method", rename_all = "snake_case")]
pub enum Minimum {
    Crossmatch(Method),
    /// The sample is rejected, too old or absent.
    NewSample,
    /// The antibody screen is not done: only the emergency release is open.
    EmergencyOnly,
}

/// One condition of the electronic crossmatch, in the order of bloodbank.md 2.8; the last two are
/// our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Policy has it off.
    SwitchedOn,
    /// The site has shown on its own machines that ABO-incompatible blood is prevented.
    AboPrevented,
    NoAntibodyEver,
    TwoDeterminations,
    ValidatedOnSite,
    /// Number, component and group of the unit are in the system and confirmed.
    UnitConfirmed,
    /// Somebody compared the entry with the label before release.
    EntryVerified,
    /// The label and the confirmation agree.
    LabelAgrees,
    /// The history is no older than policy allows: antibodies may be known elsewhere.
    HistoryFresh,
    /// The record of commands verifies.
    RecordIntact,
}

/// What the site has shown of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    pub site: String,
    /// The version of the program that was validated.
    pub program: String,
    pub at: Instant,
    pub by: StaffId,
    pub abo_prevention_shown: bool,
    pub withdrawn: bool,
}

/// All that the choice of a method may know beside unit and sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub history: History,
    /// When the history was last brought up to date; none: never, or standing alone since for ever.
    pub history_as_of: Option<Instant>,
    pub validation: Option<Validation>,
    pub site: String,
    pub program: String,
    pub record_intact: bool,
    /// The site has no server: its own history is all there is.
    pub stands_alone: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    NoRedCells,
    SampleNotUsable,
    ScreenNotDone,
    ScreenPositive,
    AntibodyInHistory,
    /// Patient or bag of the Bombay or para-Bombay type.
    WithoutH,
    Discrepancy,
    Transplant,
    OneDeterminationOnly,
    ElectronicConditionsHold,
    ElectronicConditionsFail,
}

/// The answer of the decision table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// None: a component without red cells needs no crossmatch.
    pub minimum: Option<Minimum>,
    pub group_o_only: bool,
    pub medical_review: bool,
    /// Antigens that the unit must be shown to lack.
    pub antigen_negative: Vec<Antigen>,
    /// The conditions of the electronic crossmatch that do not hold.
    pub failed: Vec<Condition>,
    pub why: Vec<Why>,
}

/// The decision table of bloodbank.md 2.8. The strictest row that applies wins.
pub fn needed(
    unit: &Unit,
    traits: &UnitTraits,
    sample: Option<&Sample>,
    facts: &Facts,
    policy: &CarePolicy,
    now: Instant,
) -> Needed {
    let history = &facts.history;
    let mut answer = Needed {
        minimum: None,
        group_o_only: false,
        medical_review: false,
        antigen_negative: history.antigens_to_avoid(),
        failed: vec![],
        why: vec![],
    };
    if !carries_red_cells(unit.component) {
        answer.why.push(Why::NoRedCells);
        answer.antigen_negative.clear();
        return answer;
    }
    let Some(sample) = sample.filter(|sample| sample.usable(now).is_ok()) else {
        answer.why.push(Why::SampleNotUsable);
        answer.minimum = Some(Minimum::NewSample);
        return answer;
    };
    let conflict = matches!(history.group(), KnownGroup::Conflict(_)) || sample.discrepant();
    if conflict || history.transplant {
        answer.why.push(if conflict { Why::Discrepancy } else { Why::Transplant });
        answer.group_o_only = true;
        answer.medical_review = true;
    }
    let confirmed = history.confirmed_with(sample.id);
    if !confirmed && !conflict {
        answer.why.push(Why::OneDeterminationOnly);
        answer.group_o_only = true;
    }
    // Whatever the screen would say, the group alone already asks for that.
    let Some(screen) = sample.screen else {
        answer.why.push(Why::ScreenNotDone);
        answer.minimum = Some(Minimum::EmergencyOnly);
        return answer;
    };
    if screen == Screen::Positive {
        answer.why.push(Why::ScreenPositive);
    }
    if !history.antibodies.is_empty() {
        answer.why.push(Why::AntibodyInHistory);
    }
    answer.failed = failed_conditions(unit, traits, sample, facts, policy, now);
    let antibodies = screen == Screen::Positive || !history.antibodies.is_empty();
    // Who lacks H has anti-H, which acts at body temperature and which no screening cell set names.
    let without_h = !history.phenotype.or(phenotype_of(unit, traits)).is_ordinary();
    if without_h {
        answer.why.push(Why::WithoutH);
    }
    let method = if antibodies || conflict || history.transplant || without_h {
        Method::Ahg
    } else if answer.failed.is_empty() {
        answer.why.push(Why::ElectronicConditionsHold);
        Method::Electronic
    } else {
        answer.why.push(Why::ElectronicConditionsFail);
        Method::ImmediateSpin
    };
    answer.minimum = Some(Minimum::Crossmatch(method));
    answer
}

/// Every condition that keeps the computer from doing it, in order.
fn failed_conditions(
    unit: &Unit,
    traits: &UnitTraits,
    sample: &Sample,
    facts: &Facts,
    policy: &CarePolicy,
    now: Instant,
) -> Vec<Condition> {
    let history = &facts.history;
    let validation = facts
        .validation
        .as_ref()
        .filter(|v| !v.withdrawn && v.site == facts.site && v.program == facts.program);
    let fresh = facts.stands_alone
        || facts.history_as_of.is_some_and(|at| {
            let oldest = TimeDelta::minutes(i64::from(policy.electronic_sync_minutes.value));
            // A time of synchronisation in the future proves nothing about the past.
            at <= now && now - at <= oldest
        });
    [
        (Condition::SwitchedOn, policy.electronic_crossmatch.value),
        (Condition::AboPrevented, validation.is_some_and(|v| v.abo_prevention_shown)),
        (
            Condition::NoAntibodyEver,
            sample.screen == Some(Screen::Negative)
                && history.antibodies.is_empty()
                && !history.transplant,
        ),
        (Condition::TwoDeterminations, history.confirmed_with(sample.id) && !sample.discrepant()),
        (Condition::ValidatedOnSite, validation.is_some()),
        (Condition::UnitConfirmed, traits.confirmed.is_some()),
        (
            Condition::EntryVerified,
            traits.confirmed.is_some_and(|retype| retype.entered_by != retype.verified_by),
        ),
        (
            Condition::LabelAgrees,
            traits.confirmed.is_some_and(|retype| {
                (retype.group, retype.phenotype) == (unit.group, unit.phenotype)
            }),
        ),
        (Condition::HistoryFresh, fresh),
        (Condition::RecordIntact, facts.record_intact),
    ]
    .into_iter()
    .filter_map(|(condition, holds)| (!holds).then_some(condition))
    .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Compatible,
    Incompatible,
}

/// One crossmatch. The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossmatch {
    pub id: CrossmatchId,
    pub patient: PatientId,
    pub unit: UnitId,
    pub sample: SampleId,
    pub method: Method,
    pub outcome: Outcome,
    /// When it was done at the bench; after downtime this is before it was recorded.
    pub done_at: Instant,
    pub recorded_at: Instant,
    pub by: StaffId,
    pub valid_until: Instant,
    /// Done after the unit had been released without one.
    pub retrospective: bool,
    pub withdrawn: Option<String>,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Record {
        patient: PatientId,
        unit: UnitId,
        method: Method,
        outcome: Outcome,
        done_at: Instant,
        by: StaffId,
        retrospective: bool,
    },
    /// Something became known that takes its ground away.
    Withdraw { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Recorded {
        patient: PatientId,
        unit: UnitId,
        sample: SampleId,
        method: Method,
        outcome: Outcome,
        done_at: Instant,
        at: Instant,
        by: StaffId,
        valid_until: Instant,
        retrospective: bool,
    },
    Withdrawn {
        reason: String,
    },
}

/// What a crossmatch is done with.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'a> {
    pub unit: &'a Unit,
    pub traits: &'a UnitTraits,
    pub sample: Option<&'a Sample>,
    pub facts: &'a Facts,
}

/// Whether this person may take a crossmatch back: what stops a bag is not withdrawn by the one who found
/// it.
///
/// # Errors
/// An incompatible one of one's own.
pub fn may_withdraw(state: &Crossmatch, by: StaffId) -> Result<(), Refusal> {
    if state.outcome == Outcome::Incompatible && state.by == by {
        return Err(Refusal::stop(CareRule::SamePersonTwice));
    }
    Ok(())
}

/// Decides a crossmatch. Everything is judged at `done_at`: an entry after downtime counts with the
/// time it happened, so a sample that was too old then stays too old (scenario 61).
///
/// # Errors
/// A sample that is absent, not usable or of another patient; a method weaker than needed; an
/// electronic one without all its conditions; anything but group O while only O may be given.
pub fn decide(
    state: Option<&Crossmatch>,
    bench: Option<&Bench<'_>>,
    command: &Command,
    policy: &CarePolicy,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    match (state, command) {
        (Some(_), Command::Record { .. }) => Err(Refusal::stop(CareRule::Known)),
        (None, Command::Withdraw { .. }) => Err(unknown("crossmatch")),
        (Some(state), Command::Withdraw { reason }) => {
            if state.withdrawn.is_some() {
                return Err(changed("withdrawn"));
            }
            Ok(vec![Event::Withdrawn { reason: crate::care::text(reason, "reason")? }])
        }
        (None, Command::Record { patient, unit, method, outcome, done_at, by, retrospective }) => {
            let bench = bench.filter(|b| b.unit.id == *unit).ok_or_else(|| unknown("unit"))?;
            not_after("doneAt", *done_at, now)?;
            let sample = bench.sample.ok_or_else(|| Refusal::stop(CareRule::SampleMissing))?;
            if sample.patient != *patient {
                return Err(Refusal::stop(CareRule::SampleOfAnother));
            }
            sample.usable(*done_at)?;
            not_after("drawnAt", sample.drawn_at, *done_at)?;
            let needed =
                needed(bench.unit, bench.traits, Some(sample), bench.facts, policy, *done_at);
            if *method == Method::Electronic && !needed.failed.is_empty() {
                return Err(Refusal::stop(CareRule::ElectronicNotAllowed)
                    .with("conditions", names(&needed.failed))
                    .with("offered", offered(&needed)));
            }
            // One found incompatible is always worth recording, whatever the method.
            if *outcome == Outcome::Compatible && !retrospective {
                let least = match needed.minimum {
                    Some(Minimum::Crossmatch(least)) => least,
                    None => Method::Electronic,
                    Some(Minimum::NewSample) => {
                        return Err(Refusal::stop(CareRule::SampleTooOld));
                    }
                    // The screen is open, so only the strongest method says enough.
                    Some(Minimum::EmergencyOnly) => Method::Ahg,
                };
                if *method < least {
                    return Err(Refusal::stop(CareRule::MethodTooWeak)
                        .with("least", name(least))
                        .with("method", name(*method)));
                }
                if needed.group_o_only
                    && carries_red_cells(bench.unit.component)
                    && bench.unit.group.abo != Abo::O
                {
                    return Err(
                        Refusal::stop(CareRule::OnlyGroupO).with("unitGroup", bench.unit.group)
                    );
                }
            }
            let life = TimeDelta::hours(i64::from(policy.crossmatch_hours.value));
            let longest = done_at.checked_add_signed(life).unwrap_or(*done_at);
            Ok(vec![Event::Recorded {
                patient: *patient,
                unit: *unit,
                sample: sample.id,
                method: *method,
                outcome: *outcome,
                done_at: *done_at,
                at: now,
                by: *by,
                valid_until: longest.min(sample.valid_until.at).min(bench.unit.expires.at),
                retrospective: *retrospective,
            }])
        }
    }
}

fn names(conditions: &[Condition]) -> String {
    let all: Vec<String> = conditions.iter().map(snake).collect();
    all.join(",")
}

fn name(method: Method) -> String {
    snake(&method)
}

/// What could be done instead.
fn offered(needed: &Needed) -> String {
    match needed.minimum {
        Some(Minimum::Crossmatch(Method::Ahg)) => "ahg".into(),
        Some(Minimum::Crossmatch(_)) if needed.group_o_only => "immediate_spin_group_o".into(),
        Some(Minimum::Crossmatch(_)) => "immediate_spin".into(),
        Some(Minimum::NewSample) => "new_sample".into(),
        Some(Minimum::EmergencyOnly) => "emergency_release".into(),
        None => "none".into(),
    }
}

/// `NoAntibodyEver` as `no_antibody_ever`.
pub(crate) fn snake(value: &impl std::fmt::Debug) -> String {
    let mut out = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// The crossmatch after an event.
pub fn apply(state: Option<Crossmatch>, id: CrossmatchId, event: &Event) -> Option<Crossmatch> {
    match (state, event) {
        (
            None,
            Event::Recorded {
                patient,
                unit,
                sample,
                method,
                outcome,
                done_at,
                at,
                by,
                valid_until,
                retrospective,
            },
        ) => Some(Crossmatch {
            id,
            patient: *patient,
            unit: *unit,
            sample: *sample,
            method: *method,
            outcome: *outcome,
            done_at: *done_at,
            recorded_at: *at,
            by: *by,
            valid_until: *valid_until,
            retrospective: *retrospective,
            withdrawn: None,
            version: 1,
        }),
        (None, Event::Withdrawn { .. }) => None,
        (Some(state), Event::Recorded { .. }) => Some(state),
        (Some(mut state), Event::Withdrawn { reason }) => {
            state.version += 1;
            state.withdrawn = Some(reason.clone());
            Some(state)
        }
    }
}

impl Crossmatch {
    /// Good for giving this unit to this patient now. A sample that has since become too old, or
    /// was shortened, takes its crossmatch with it.
    ///
    /// # Errors
    /// Why it is not.
    pub fn covers(
        &self,
        unit: UnitId,
        patient: PatientId,
        sample: Option<&Sample>,
        now: Instant,
    ) -> Result<(), Refusal> {
        if self.unit != unit || self.patient != patient || self.withdrawn.is_some() {
            return Err(Refusal::stop(CareRule::CrossmatchMissing));
        }
        if self.outcome == Outcome::Incompatible {
            return Err(Refusal::stop(CareRule::CrossmatchIncompatible));
        }
        let sample = sample.filter(|sample| sample.id == self.sample);
        sample.ok_or_else(|| Refusal::stop(CareRule::SampleMissing))?.usable(now)?;
        if self.valid_until <= now {
            return Err(Refusal::stop(CareRule::CrossmatchTooOld)
                .with("validUntil", self.valid_until.to_rfc3339()));
        }
        Ok(())
    }
}

/// The crossmatches, done by computer, that new knowledge takes back (scenario 20).
pub fn withdrawn_by(history: &History, done: &[Crossmatch]) -> Vec<CrossmatchId> {
    let off = !history.antibodies.is_empty() || history.transplant;
    done.iter()
        .filter(|c| off && c.method == Method::Electronic && c.withdrawn.is_none())
        .map(|c| c.id)
        .collect()
}

/// A unit that left without a crossmatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uncrossmatched {
    pub unit: UnitId,
    pub patient: PatientId,
    pub issued_at: Instant,
}

/// One line of the worklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    pub unit: UnitId,
    pub patient: PatientId,
    pub due: Instant,
    pub overdue: bool,
}

/// The crossmatches still owed after emergency releases, the oldest first.
pub fn owed(
    released: &[Uncrossmatched],
    done: &[Crossmatch],
    policy: &CarePolicy,
    now: Instant,
) -> Vec<Owed> {
    let hours = TimeDelta::hours(i64::from(policy.retrospective_hours.value));
    let mut list: Vec<Owed> = released
        .iter()
        .filter(|one| {
            !done
                .iter()
                .any(|c| c.unit == one.unit && c.patient == one.patient && c.withdrawn.is_none())
        })
        .map(|one| {
            let due = one.issued_at.checked_add_signed(hours).unwrap_or(one.issued_at);
            Owed { unit: one.unit, patient: one.patient, due, overdue: due <= now }
        })
        .collect();
    list.sort_by_key(|owed| (owed.due, owed.unit));
    list
}

fn alerts(unit: UnitId, patient: PatientId) -> Vec<Task> {
    [TaskKind::AlertWard, TaskKind::AlertPhysician, TaskKind::OpenReactionCase]
        .map(|what| Task::now(what).with("unit", unit).with("patient", patient))
        .to_vec()
}

impl Crossmatch {
    /// What it still asks for: the same that its event asked for, while nobody has withdrawn it.
    pub fn alerts(&self) -> Vec<Task> {
        let stands = self.retrospective && self.withdrawn.is_none();
        match self.outcome {
            Outcome::Incompatible if stands => alerts(self.unit, self.patient),
            _ => vec![],
        }
    }
}

/// What has to be done after an event.
pub fn tasks(event: &Event) -> Vec<Task> {
    match event {
        Event::Recorded {
            patient,
            unit,
            outcome: Outcome::Incompatible,
            retrospective: true,
            ..
        } => alerts(*unit, *patient),
        _ => vec![],
    }
}
