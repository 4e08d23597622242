//! One unit at one bedside: the check by two people, start, observations, stop, outcome, and the
//! times after which somebody has to look (bloodbank.md 2.9).

pub use crate::care::Occurred;
use crate::care::{
    CareRule, Judging, Refusal, StaffFact, Task, TaskKind, active, changed, not_after, not_before,
    text, two_people, unknown, within,
};
use crate::care_policy::CarePolicy;
use crate::issue::{BagScan, Dispensation, Status as Way, scan_agrees};
use crate::slip::CollectionSlip;
use crate::{Rule, Unit};
use chrono::TimeDelta;
use kernel::{Instant, Millilitres, PatientId, RecallId, StaffId, TransfusionId, UnitId};
use serde::{Deserialize, Serialize};

/// One set of observations. A value that was not taken is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vitals {
    /// 1/10 degree Celsius.
    pub temperature: Option<i32>,
    /// Beats a minute.
    pub pulse: Option<u32>,
    /// mmHg.
    pub systolic: Option<u32>,
    pub diastolic: Option<u32>,
    /// Breaths a minute.
    pub breaths: Option<u32>,
    /// Percent.
    pub oxygen: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    pub vitals: Vitals,
    pub by: StaffId,
    pub at: Instant,
}

/// What was scanned, read and spoken next to the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BedsideCheck {
    pub wristband: PatientId,
    /// The patient, or somebody with them, said name and birth date and they agree.
    pub spoken_agrees: bool,
    pub bag: BagScan,
    /// None: the bag left without one, or was checked on paper.
    pub slip: Option<CollectionSlip>,
    pub first: StaffId,
    pub second: StaffId,
    pub appearance_ok: bool,
    pub consent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Uneventful,
    Reaction,
    Stopped,
    NotTransfused,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Status {
    Checked {
        at: Instant,
    },
    Running {
        since: Instant,
    },
    /// No more blood flows; the outcome may still be open.
    Ended {
        at: Instant,
    },
}

/// The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfusion {
    pub id: TransfusionId,
    pub unit: UnitId,
    pub patient: PatientId,
    pub left_storage_at: Instant,
    pub first: StaffId,
    pub second: StaffId,
    pub status: Status,
    pub started_at: Option<Instant>,
    pub observations: Vec<Observation>,
    pub volume: Option<Millilitres>,
    pub outcome: Option<Outcome>,
    pub stop_reason: Option<String>,
    /// The rules that check and start broke on paper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<CareRule>,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// Interrupted, it starts again from nothing: a check is one command or none.
    Check {
        check: Box<BedsideCheck>,
    },
    /// With the observations before the start.
    Start {
        vitals: Vitals,
        by: StaffId,
    },
    Observe {
        vitals: Vitals,
        by: StaffId,
    },
    /// Before its end, for a reason.
    Stop {
        reason: String,
        by: StaffId,
    },
    /// The bag is empty, or no more is to be given.
    End {
        vitals: Vitals,
        volume: Option<Millilitres>,
        by: StaffId,
    },
    RecordOutcome {
        outcome: Outcome,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Checked {
        unit: UnitId,
        patient: PatientId,
        left_storage_at: Instant,
        first: StaffId,
        second: StaffId,
        at: Instant,
        /// The rules that it broke on paper.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        against: Vec<CareRule>,
    },
    Started {
        observation: Observation,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        against: Vec<CareRule>,
    },
    Observed {
        observation: Observation,
    },
    Stopped {
        reason: String,
        by: StaffId,
        at: Instant,
    },
    Ended {
        observation: Observation,
        volume: Option<Millilitres>,
        at: Instant,
    },
    OutcomeRecorded {
        outcome: Outcome,
    },
}

/// What the bedside may know.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub unit: &'a Unit,
    pub dispensation: &'a Dispensation,
    /// The patient whose page is open.
    pub open_for: PatientId,
    pub deceased: bool,
    /// A recall that names this bag, opened after it had left.
    pub recalled: Option<RecallId>,
    /// Something of what its donation was tested or asked for stops it since it left.
    pub held: bool,
    /// The crossmatch of this bag for this patient, in an emergency done after it had left, was
    /// incompatible (bloodbank.md 6, scenario 59).
    pub incompatible: bool,
    /// The clock can prove neither an end nor how long the bag has been out.
    pub clock_suspect: bool,
    pub staff: &'a [StaffFact],
    /// It happened on paper and is entered now; it is judged for the time it happened.
    pub later: Option<Occurred>,
}

/// Decides a command at the bedside.
///
/// # Errors
/// Anything that is not this patient's unit in this patient's room, checked by two people; see
/// [`near_miss`] for what such a refusal leaves behind.
pub fn decide(
    state: Option<&Transfusion>,
    facts: &Facts<'_>,
    command: &Command,
    overridden: &[CareRule],
    policy: &CarePolicy,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let transfusion = match (state, command) {
        (None, Command::Check { check }) => {
            return Ok(vec![checked(facts, check, overridden, now)?]);
        }
        (None, _) => return Err(unknown("transfusion")),
        (Some(state), Command::Check { check }) => {
            // Repeated before the start: the newer one stands.
            return match state.status {
                Status::Checked { .. } => Ok(vec![checked(facts, check, overridden, now)?]),
                _ => Err(Refusal::stop(CareRule::AlreadyTransfused)),
            };
        }
        (Some(state), _) => state,
    };
    let running = || match transfusion.status {
        Status::Running { since } => Ok(since),
        Status::Checked { .. } => Err(changed("checked")),
        Status::Ended { .. } => Err(changed("ended")),
    };
    // Paper gives the times out of order; what follows another act was still not before it.
    let after = |earliest: Instant| match facts.later {
        Some(_) => not_before("occurredAt", now, earliest),
        None => Ok(()),
    };
    let person = |by: StaffId| match facts.later {
        // Whoever did it then may have left since.
        Some(_) => Ok(()),
        None => active(by, facts.staff).map(|_| ()),
    };
    let seen_last = || transfusion.observations.iter().map(|one| one.at).max();
    let observed = |vitals: &Vitals, by: StaffId| -> Result<Observation, Refusal> {
        person(by)?;
        plausible(vitals)?;
        Ok(Observation { vitals: *vitals, by, at: now })
    };
    let event = match command {
        Command::Check { .. } => return Ok(vec![]), // answered above
        Command::Start { vitals, by } => {
            let Status::Checked { at: checked_at } = transfusion.status else {
                return Err(changed("started"));
            };
            // Somebody said that it was not given.
            if transfusion.outcome.is_some() {
                return Err(changed("ended"));
            }
            after(checked_at)?;
            let mut judging = Judging::new(facts.later, overridden);
            judging.take(alive(facts))?;
            // What became known since the check counts too (bloodbank.md 6, scenario 33).
            judging.take(not_stopped(facts))?;
            judging.take(in_date(facts, now))?;
            let limit = TimeDelta::minutes(i64::from(policy.start_minutes.value));
            let late = now - transfusion.left_storage_at > limit;
            if late && (facts.later.is_some() || !overridden.contains(&CareRule::OutTooLong)) {
                let rules = vec![CareRule::OutTooLong];
                let args = crate::Args::from([
                    ("leftStorageAt", transfusion.left_storage_at.to_rfc3339()),
                    ("minutes", policy.start_minutes.value.to_string()),
                ]);
                if facts.later.is_none() {
                    return Err(Refusal::NeedsOverride { rules, args });
                }
                judging.take(Err(Refusal::HardStop { rule: CareRule::OutTooLong, args }))?;
            }
            if vitals.temperature.is_none() {
                // Without it no rise can be told later.
                let missing = Refusal::stop(CareRule::StepMissing).with("field", "temperature");
                judging.take(Err(missing))?;
            }
            let observation = observed(vitals, *by)?;
            Event::Started { observation, against: judging.done()? }
        }
        Command::Observe { vitals, by } => {
            match (facts.later, transfusion.status, transfusion.started_at) {
                // A line of the form between start and end, entered after the end.
                (Some(_), Status::Ended { at }, Some(since)) => {
                    after(since)?;
                    not_after("occurredAt", now, at)?;
                }
                _ => after(running()?)?,
            }
            Event::Observed { observation: observed(vitals, *by)? }
        }
        Command::Stop { reason, by } => {
            after(running()?)?;
            after(seen_last().unwrap_or(now))?;
            person(*by)?;
            Event::Stopped { reason: text(reason, "reason")?, by: *by, at: now }
        }
        Command::End { vitals, volume, by } => {
            after(running()?)?;
            after(seen_last().unwrap_or(now))?;
            if let Some(Millilitres(volume)) = volume {
                within("volume", *volume, 0, 1_000)?;
            }
            Event::Ended { observation: observed(vitals, *by)?, volume: *volume, at: now }
        }
        Command::RecordOutcome { outcome } => {
            let ended = matches!(transfusion.status, Status::Ended { .. });
            let never = matches!(transfusion.status, Status::Checked { .. })
                && *outcome == Outcome::NotTransfused;
            if !ended && !never {
                return Err(changed("running"));
            }
            if ended && *outcome == Outcome::NotTransfused {
                return Err(changed("ended"));
            }
            if let Status::Ended { at } | Status::Checked { at } = transfusion.status {
                after(at)?;
            }
            // A reaction that was seen is not taken back by a later word.
            if transfusion.outcome == Some(Outcome::Reaction) && *outcome != Outcome::Reaction {
                return Err(changed("reaction"));
            }
            Event::OutcomeRecorded { outcome: *outcome }
        }
    };
    Ok(vec![event])
}

/// What a scanner has read next to the patient so far. What was not scanned yet is absent.
#[derive(Clone, Copy, Debug)]
pub struct Scans<'a> {
    pub wristband: PatientId,
    pub bag: Option<&'a BagScan>,
    pub slip: Option<&'a CollectionSlip>,
}

/// Whether what has been scanned so far belongs together: a mix-up is told with the scan that shows
/// it, not at the end of the check.
///
/// # Errors
/// The wristband, the bag or the slip is another's.
pub fn scanned(facts: &Facts<'_>, scans: &Scans<'_>) -> Result<(), Refusal> {
    let Facts { unit, dispensation, open_for, .. } = *facts;
    if scans.wristband != open_for || scans.wristband != dispensation.patient {
        return Err(Refusal::stop(CareRule::WristbandOfAnother));
    }
    if let Some(bag) = scans.bag {
        scan_agrees(unit, bag)?;
    }
    if dispensation.unit != unit.id {
        return Err(Refusal::stop(CareRule::ScanDisagrees).with("field", "unit"));
    }
    let Some(slip) = scans.slip else { return Ok(()) };
    if slip.unit != unit.id || slip.patient != scans.wristband {
        let field = if slip.unit == unit.id { "patient" } else { "unit" };
        return Err(Refusal::stop(CareRule::SlipOfAnother).with("field", field));
    }
    // The slip with which it left the counter, not a later print.
    if dispensation.slip.is_some_and(|left_with| left_with != slip.id) {
        return Err(Refusal::stop(CareRule::SlipOfAnother).with("field", "slip"));
    }
    Ok(())
}

fn alive(facts: &Facts<'_>) -> Result<(), Refusal> {
    ticked(!facts.deceased, CareRule::Unit(Rule::PatientDeceased))
}

fn ticked(yes: bool, rule: CareRule) -> Result<(), Refusal> {
    if yes { Ok(()) } else { Err(Refusal::stop(rule)) }
}

/// Recalled, quarantined, held or found incompatible after it had left.
fn not_stopped(facts: &Facts<'_>) -> Result<(), Refusal> {
    ticked(!facts.incompatible, CareRule::CrossmatchIncompatible)?;
    if let Some(recall) = facts.recalled {
        return Err(Refusal::stop(CareRule::Recalled).with("recall", recall));
    }
    let quarantined = || Refusal::stop(CareRule::Unit(Rule::UnitQuarantined));
    if let Some(quarantine) = facts.unit.quarantines.last() {
        return Err(quarantined().with("reason", &quarantine.reason));
    }
    if facts.held {
        return Err(quarantined().with("reason", "The donation is on hold"));
    }
    Ok(())
}

/// In date, as far as the clock can tell; the time of a form is a person's.
fn in_date(facts: &Facts<'_>, now: Instant) -> Result<(), Refusal> {
    let rule = if facts.clock_suspect && facts.later.is_none() {
        Rule::UnitExpiryUnsure
    } else if facts.unit.expires.is_past(now) {
        Rule::UnitExpired
    } else {
        return Ok(());
    };
    Err(Refusal::stop(CareRule::Unit(rule)).with("expiresAt", facts.unit.expires.at.to_rfc3339()))
}

fn checked(
    facts: &Facts<'_>,
    check: &BedsideCheck,
    overridden: &[CareRule],
    now: Instant,
) -> Result<Event, Refusal> {
    let Facts { unit, dispensation, staff, later, .. } = *facts;
    let mut judging = Judging::new(later, overridden);
    let slip = check.slip.as_ref();
    if later.is_none() && slip.is_none() && dispensation.slip.is_some() {
        return Err(Refusal::stop(CareRule::Blank).with("field", "slip"));
    }
    let scans = Scans { wristband: check.wristband, bag: Some(&check.bag), slip };
    match scanned(facts, &scans) {
        // The one mix-up that paper can tell of: the bag went to somebody else.
        Err(refusal) if refusal.stopped_by() == Some(CareRule::WristbandOfAnother) => {
            judging.take(Err(refusal))?;
            scan_agrees(unit, &check.bag)?;
        }
        other => other?,
    }
    if !check.spoken_agrees {
        let refusal = Refusal::stop(CareRule::IdentityMismatch).with("field", "spoken");
        judging.take(Err(refusal))?;
    }
    match dispensation.status {
        Way::Out => {}
        Way::Used => return Err(Refusal::stop(CareRule::AlreadyTransfused)),
        Way::Returned { .. } => return Err(changed("returned")),
        Way::EnteredInError { .. } => return Err(changed("enteredInError")),
    }
    if later.is_some() {
        not_before("occurredAt", now, dispensation.left_storage_at)?;
    }
    judging.take(two_people(check.first, check.second, staff))?;
    judging.take(alive(facts))?;
    judging.take(in_date(facts, now))?;
    judging.take(not_stopped(facts))?;
    judging.take(ticked(check.appearance_ok, CareRule::AppearanceNotAccepted))?;
    judging.take(ticked(check.consent, CareRule::ConsentMissing))?;
    Ok(Event::Checked {
        unit: unit.id,
        patient: check.wristband,
        left_storage_at: dispensation.left_storage_at,
        first: check.first,
        second: check.second,
        at: now,
        against: judging.done()?,
    })
}

/// Values that no living person has are slips of the finger.
fn plausible(vitals: &Vitals) -> Result<(), Refusal> {
    if let Some(temperature) = vitals.temperature {
        let shown = u32::try_from(temperature).unwrap_or(0);
        within("temperature", shown, 250, 450)?;
    }
    for (field, value, least, most) in [
        ("pulse", vitals.pulse, 0, 300),
        ("systolic", vitals.systolic, 0, 300),
        ("diastolic", vitals.diastolic, 0, 200),
        ("breaths", vitals.breaths, 0, 100),
        ("oxygen", vitals.oxygen, 0, 100),
    ] {
        if let Some(value) = value {
            within(field, value, least, most)?;
        }
    }
    Ok(())
}

/// The transfusion after an event.
pub fn apply(state: Option<Transfusion>, id: TransfusionId, event: &Event) -> Option<Transfusion> {
    if let Event::Checked { unit, patient, left_storage_at, first, second, at, against } = event {
        let version = state.as_ref().map_or(1, |state| state.version + 1);
        return match state {
            Some(state) if !matches!(state.status, Status::Checked { .. }) => Some(state),
            _ => Some(Transfusion {
                id,
                unit: *unit,
                patient: *patient,
                left_storage_at: *left_storage_at,
                first: *first,
                second: *second,
                status: Status::Checked { at: *at },
                started_at: None,
                observations: vec![],
                volume: None,
                outcome: None,
                stop_reason: None,
                against: against.clone(),
                version,
            }),
        };
    }
    let mut state = state?;
    state.version += 1;
    match event {
        Event::Checked { .. } => {} // answered above
        Event::Started { observation, against } => {
            state.against.extend(against);
            state.status = Status::Running { since: observation.at };
            state.started_at = Some(observation.at);
            state.observations.push(*observation);
        }
        Event::Observed { observation } => state.observations.push(*observation),
        Event::Stopped { reason, at, .. } => {
            state.status = Status::Ended { at: *at };
            state.stop_reason = Some(reason.clone());
            state.outcome.get_or_insert(Outcome::Stopped);
        }
        Event::Ended { observation, volume, at } => {
            state.status = Status::Ended { at: *at };
            state.observations.push(*observation);
            state.volume = *volume;
        }
        Event::OutcomeRecorded { outcome } => state.outcome = Some(*outcome),
    }
    Some(state)
}

/// Somebody has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// Checked, and not begun in time since it left its storage.
    StartLate,
    /// No observation since the start when the first was due.
    ObservationDue,
    /// Running longer than allowed.
    RunningTooLong,
    OutcomeMissing,
    /// The crossmatch that was done meanwhile says that it must not run.
    Incompatible,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub alarm: Alarm,
    pub since: Instant,
}

fn minutes_after(from: Instant, minutes: u32) -> Instant {
    from.checked_add_signed(TimeDelta::minutes(i64::from(minutes))).unwrap_or(from)
}

/// When a bag that left its storage at `left` has to have been begun.
pub fn start_before(left: Instant, policy: &CarePolicy) -> Instant {
    minutes_after(left, policy.start_minutes.value)
}

/// When a transfusion that began at `start` has to have its first observation, and its end.
pub fn limits(start: Instant, policy: &CarePolicy) -> (Instant, Instant) {
    let after = |minutes| minutes_after(start, minutes);
    (after(policy.observe_minutes.value), after(policy.transfusion_minutes.value))
}

impl Transfusion {
    /// The alarms at an instant, computed: nothing has to have run.
    pub fn alarms(&self, policy: &CarePolicy, now: Instant) -> Vec<Due> {
        let mut found = vec![];
        match self.status {
            Status::Checked { .. } if self.outcome.is_none() => {
                let since = start_before(self.left_storage_at, policy);
                found.push(Due { alarm: Alarm::StartLate, since });
            }
            Status::Checked { .. } => {}
            Status::Running { since } => {
                let (observe, end) = limits(since, policy);
                let seen = self.observations.iter().any(|one| one.at > since);
                if !seen {
                    found.push(Due { alarm: Alarm::ObservationDue, since: observe });
                }
                found.push(Due { alarm: Alarm::RunningTooLong, since: end });
            }
            Status::Ended { at } => {
                if self.outcome.is_none() {
                    found.push(Due { alarm: Alarm::OutcomeMissing, since: at });
                }
            }
        }
        found.retain(|due| due.since <= now);
        found
    }

    /// Nobody said how it ended, and policy's period is over: shown as presumed, never stored.
    pub fn presumed_transfused(&self, policy: &CarePolicy, now: Instant) -> bool {
        let Status::Running { since } = self.status else { return false };
        let hours = TimeDelta::hours(i64::from(policy.presumed_hours.value));
        since.checked_add_signed(hours).is_some_and(|end| end <= now)
    }

    /// The rise since the start, in 1/10 degree.
    pub fn temperature_rise(&self) -> Option<i32> {
        let first = self.observations.first()?.vitals.temperature?;
        let highest = self.observations.iter().filter_map(|one| one.vitals.temperature).max()?;
        Some(highest - first)
    }
}

/// What a transfusion asks for by itself, with since when: one that runs too long is stopped, of the highest
/// priority; of one that is over, or must be over by now, somebody says how it ended.
pub fn owed(one: &Transfusion, policy: &CarePolicy, now: Instant) -> Vec<(Instant, Task)> {
    let presumed = one.presumed_transfused(policy, now);
    one.alarms(policy, now)
        .into_iter()
        .filter_map(|due| {
            let what = match due.alarm {
                Alarm::RunningTooLong if presumed => TaskKind::RecordOutcome,
                Alarm::RunningTooLong => TaskKind::StopTransfusion,
                Alarm::OutcomeMissing => TaskKind::RecordOutcome,
                // Whoever stands at the bed sees these there; what does not fit has a case with its own.
                Alarm::StartLate | Alarm::ObservationDue | Alarm::Incompatible => return None,
            };
            let task = Task::now(what).with("unit", one.unit).with("patient", one.patient);
            Some((due.since, task))
        })
        .collect()
}

/// What the vital signs of an event ask for.
pub fn tasks(after: &Transfusion, event: &Event, policy: &CarePolicy) -> Vec<Task> {
    let Event::Observed { .. } = event else { return vec![] };
    match after.temperature_rise() {
        Some(rise) if rise >= policy.fever_rise_tenths.value => {
            [TaskKind::StopTransfusion, TaskKind::AlertPhysician, TaskKind::OpenReactionCase]
                .map(|what| {
                    Task::now(what)
                        .with("unit", after.unit)
                        .with("patient", after.patient)
                        .with("riseTenths", rise)
                })
                .to_vec()
        }
        _ => vec![],
    }
}

/// A mix-up that a refusal has prevented; it goes into the book of near misses by itself, and the
/// screen that showed it is to be emptied (scenario 22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    pub rule: CareRule,
    pub expected: PatientId,
    pub found: Option<PatientId>,
    pub clears_input: bool,
}

/// Whether a refusal prevented a mix-up. `found` is the patient of the wristband.
pub fn near_miss(refusal: &Refusal, expected: PatientId, found: PatientId) -> Option<NearMiss> {
    let rule = refusal.stopped_by()?;
    let mixed_up = matches!(
        rule,
        CareRule::WristbandOfAnother
            | CareRule::SlipOfAnother
            | CareRule::ScanDisagrees
            | CareRule::IdentityMismatch
            | CareRule::SampleOfAnother
            | CareRule::UnitGroupMismatch
    );
    mixed_up.then_some(NearMiss {
        rule,
        expected,
        found: (found != expected).then_some(found),
        clears_input: rule == CareRule::WristbandOfAnother,
    })
}

/// Lines of a paper form that name a bag twice, or a bag that the program has issued already: by
/// the number on the bag, since paper has no other name for it.
pub fn duplicates(form: &[(String, String)], known: &[(String, String)]) -> Vec<usize> {
    form.iter()
        .enumerate()
        .filter(|(index, bag)| known.contains(bag) || form.iter().take(*index).any(|b| b == *bag))
        .map(|(index, _)| index)
        .collect()
}
