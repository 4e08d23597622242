//! Next to the patient: the check by two people, the transfusion, its observations and its end. One
//! bag that left is one transfusion, and both have the same id (bloodbank.md 2.9).

use super::cases::Reacted;
use super::{cases, id};
use crate::backend::{Inner, Passed};
use crate::blood::phenotype_of_bag;
use crate::convert::{care_code, rfc3339, same};
use crate::error::{Error, refused};
use crate::people::patient_id;
use bloodbank::Unit;
use bloodbank::bedside::{
    self, BedsideCheck as Check, Command, Event, Outcome, Scans, Status, Transfusion, Vitals,
};
use bloodbank::care::CareRule;
use bloodbank::crossmatch::Outcome as CrossmatchOutcome;
use bloodbank::issue::{BagScan as Scanned, Command as OfIssue, Dispensation, Status as Way};
use bloodbank::sample::ExposureKind;
use chrono::TimeDelta;
use kernel::{DispensationId, Instant, Millilitres, Permission, TransfusionId};
use records::{Body, CareBody, CareKey, Dispense, Facts};
use std::collections::BTreeMap;
use wire::*;

/// The transfusion of a bag that left.
pub(super) fn transfusion_id(issue: DispensationId) -> TransfusionId {
    TransfusionId(issue.0)
}

fn body(issue: DispensationId, command: Command) -> Body {
    let id = transfusion_id(issue);
    Body::Care(CareBody::Transfusion { id, command: Box::new(command) })
}

/// A bag with its patient, and all that a decision about it may know.
struct AtBed {
    issue: Dispensation,
    unit: Unit,
    facts: Facts,
    /// It happened on paper and is entered now.
    later: Option<bedside::Occurred>,
}

impl AtBed {
    fn facts(&self) -> bedside::Facts<'_> {
        bedside::Facts {
            unit: &self.unit,
            dispensation: &self.issue,
            open_for: self.issue.patient,
            deceased: match self.later {
                Some(later) => self.facts.deceased_at(later.at),
                None => self.facts.unit.patient.as_ref().is_some_and(|p| p.deceased),
            },
            recalled: self.facts.care.recalled,
            held: self.facts.lab.held.contains(&self.unit.id),
            incompatible: self.facts.care.incompatible(),
            clock_suspect: self.facts.unit.clock_suspect,
            staff: &self.facts.care.staff,
            later: self.later,
        }
    }
}

impl Inner {
    fn at_bed(&self, of: &str) -> Result<AtBed, Error> {
        let (issue, unit, facts) = self.issued(of)?;
        Ok(AtBed { issue, unit, facts, later: None })
    }

    pub(super) fn transfusion_of(
        &self,
        issue: DispensationId,
    ) -> Result<Option<Transfusion>, Error> {
        Ok(self.store()?.care_of(CareKey::Transfusion(transfusion_id(issue)))?)
    }

    pub(crate) fn bedside_list(&mut self, _: Nothing) -> Result<Bedside, Error> {
        self.actor(Permission::SeeStock)?;
        let now = self.now()?;
        let (issues, of_issues) = self.open_ones::<Dispensation>()?;
        let (transfusions, of_transfusions) = self.open_ones::<Transfusion>()?;
        let left_out = of_issues.unwrap_or(0) + of_transfusions.unwrap_or(0);
        let mut list = Bedside {
            waiting: vec![],
            running: vec![],
            ended: vec![],
            recent: vec![],
            left_out: (left_out > 0).then_some(left_out),
        };
        for issue in issues {
            if issue.status != Way::Out {
                continue;
            }
            let row = self.bedside_row(&issue, now)?;
            if matches!(row.stand, BedsideStand::Out | BedsideStand::Checked) {
                list.waiting.push(row);
            }
        }
        for transfusion in transfusions {
            let of_ended = match transfusion.status {
                Status::Checked { .. } => continue,
                Status::Running { .. } => &mut list.running,
                Status::Ended { .. } => &mut list.ended,
            };
            of_ended.push(self.row_of_transfusion(&transfusion, now)?);
        }
        for transfusion in self.store()?.care_since::<Transfusion>(now - TimeDelta::days(1))? {
            if transfusion.outcome.is_some()
                && !matches!(transfusion.status, Status::Running { .. })
            {
                list.recent.push(self.row_of_transfusion(&transfusion, now)?);
            }
        }
        Ok(list)
    }

    pub(super) fn row_of_transfusion(
        &self,
        transfusion: &Transfusion,
        now: Instant,
    ) -> Result<BedsideRow, Error> {
        let issue = CareKey::Dispensation(DispensationId(transfusion.id.0));
        self.bedside_row(&self.care_there(issue)?, now)
    }

    fn bedside_row(&self, issue: &Dispensation, now: Instant) -> Result<BedsideRow, Error> {
        let transfusion = self.transfusion_of(issue.id)?;
        let (policy, known) = (self.policy(), transfusion.as_ref());
        let care = &policy.care;
        let running = known.and_then(|one| match one.status {
            Status::Running { since } => Some(since),
            _ => None,
        });
        let limits = running.map(|since| bedside::limits(since, care));
        let seen = known.is_some_and(|one| {
            running.is_some_and(|since| one.observations.iter().any(|o| o.at > since))
        });
        let start_before = bedside::start_before(issue.left_storage_at, care);
        let mut alarms = match known {
            Some(one) => one.alarms(care, now),
            // Not checked either: the clock of the bag runs all the same.
            None if issue.status == Way::Out && start_before <= now => {
                vec![bedside::Due { alarm: bedside::Alarm::StartLate, since: start_before }]
            }
            None => vec![],
        };
        // Before it runs and while it does: whoever stands at the bed has to hear of it first.
        let over = known
            .is_some_and(|one| matches!(one.status, Status::Ended { .. }) || one.outcome.is_some());
        if !over
            && let Some(found) = self.crossmatch_of(issue.unit, issue.patient)?
            && found.outcome == CrossmatchOutcome::Incompatible
        {
            let alarm = bedside::Alarm::Incompatible;
            alarms.insert(0, bedside::Due { alarm, since: found.recorded_at });
        }
        if !issue.stands() {
            alarms.clear();
        }
        Ok(BedsideRow {
            id: issue.id.to_string(),
            unit: self.unit_row(&self.unit_there(issue.unit)?)?,
            // On paper it may have gone to somebody else.
            patient: self.patient_row(known.map_or(issue.patient, |one| one.patient))?,
            stand: match known.map(|one| (one.status, one.outcome)) {
                None => BedsideStand::Out,
                Some((Status::Running { .. }, _)) => BedsideStand::Running,
                Some((_, Some(_))) => BedsideStand::Done,
                Some((Status::Checked { .. }, None)) => BedsideStand::Checked,
                Some((Status::Ended { .. }, None)) => BedsideStand::Ended,
            },
            left_at: rfc3339(issue.left_storage_at),
            collected_by: issue.collected_by.clone(),
            uncrossmatched: issue.basis.uncrossmatched(),
            started_at: known.and_then(|one| one.started_at).map(rfc3339),
            ended_at: known.and_then(|one| match one.status {
                Status::Ended { at } => Some(rfc3339(at)),
                _ => None,
            }),
            start_before: rfc3339(start_before),
            observe_before: limits.filter(|_| !seen).map(|(observe, _)| rfc3339(observe)),
            end_before: limits.map(|(_, end)| rfc3339(end)),
            alarms: alarms
                .iter()
                .map(|due| AlarmRow { alarm: same(due.alarm), since: rfc3339(due.since) })
                .collect(),
            presumed: known.is_some_and(|one| one.presumed_transfused(care, now)),
            rise_tenths: known.and_then(Transfusion::temperature_rise),
            outcome: known.and_then(|one| one.outcome).map(same),
        })
    }

    pub(crate) fn bedside_view(&mut self, ask: ById) -> Result<BedsideView, Error> {
        let actor = self.actor(Permission::SeeStock)?;
        let AtBed { issue, facts, .. } = self.at_bed(&ask.id)?;
        self.note_read(&actor, issue.patient, "bedside")?;
        let (now, names, policy) = (self.now()?, self.names()?, self.policy());
        let transfusion = self.transfusion_of(issue.id)?;
        let known = transfusion.as_ref();
        let case = self.case_of(transfusion_id(issue.id), issue.patient)?;
        let entered = self.entered_later(issue.id)?;
        let mut against = issue.against.clone();
        against.extend(known.iter().flat_map(|one| &one.against));
        let mut needs = facts.care.history.needs(now);
        needs.extend(facts.care.request.iter().flat_map(|request| &request.needs));
        needs.sort_unstable();
        needs.dedup();
        let shown = |patient: &bloodbank::PatientFacts| {
            super::group_state(&patient.group, patient.phenotype)
        };
        let group = facts.unit.patient.as_ref().map(shown);
        let mut tasks = vec![];
        if let Some(one) = known
            && let Some(observation) = one.observations.last()
        {
            let event = Event::Observed { observation: *observation };
            tasks = bedside::tasks(one, &event, &policy.care);
        }
        let running = known.is_some_and(|one| matches!(one.status, Status::Running { .. }));
        let tasks = tasks.iter().map(|task| {
            use bloodbank::care::TaskKind as K;
            let done = match task.what {
                K::StopTransfusion => !running,
                K::OpenReactionCase => case.is_some(),
                _ => case.as_ref().is_some_and(|case| case.classification.is_some()),
            };
            cases::task_row(task, done)
        });
        Ok(BedsideView {
            row: self.bedside_row(&issue, now)?,
            group: group.unwrap_or(GroupState::Unknown),
            needs: needs.into_iter().map(same).collect(),
            slip: issue.slip.map(|slip| slip.to_string()),
            first: known.map(|one| names.of(one.first)),
            second: known.map(|one| names.of(one.second)),
            observations: known
                .into_iter()
                .flat_map(|one| &one.observations)
                .map(|one| ObservationRow {
                    vitals: same(one.vitals),
                    by: names.of(one.by),
                    at: rfc3339(one.at),
                    recorded_at: entered.get(&one.at).copied().map(rfc3339),
                })
                .collect(),
            volume_ml: known.and_then(|one| one.volume).map(|Millilitres(ml)| ml),
            stop_reason: known.and_then(|one| one.stop_reason.clone()),
            tasks: tasks.collect(),
            case: case.map(|case| case.id.to_string()),
            fever_rise_tenths: policy.care.fever_rise_tenths.value,
            against: against.into_iter().map(care_code).collect(),
        })
    }

    /// When what happened at these times was entered, where that was later.
    fn entered_later(&self, issue: DispensationId) -> Result<BTreeMap<Instant, Instant>, Error> {
        let key = records::Key::Care(CareKey::Transfusion(transfusion_id(issue)));
        let history = self.store()?.history(key)?;
        Ok(history.iter().filter_map(|row| Some((row.happened?.at, row.at))).collect())
    }

    /// What was scanned so far, before anybody is asked for a password.
    pub(crate) fn bedside_scan(&mut self, ask: BedsideScan) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Transfuse)?;
        let bed = self.at_bed(&ask.issue)?;
        let wristband = patient_id(&ask.wristband)?;
        let bag = ask.bag.as_ref().map(scanned);
        let slip = ask.slip.as_deref().map(|text| self.slip_of(text)).transpose()?;
        let scans = Scans { wristband, bag: bag.as_ref(), slip: slip.as_ref() };
        let answer = bedside::scanned(&bed.facts(), &scans).map_err(|why| refused(why.into()));
        self.noting_near_miss(&actor, answer, bed.issue.patient, wristband, bed.unit.id)?;
        Ok(Nothing {})
    }

    pub(crate) fn bedside_check(&mut self, ask: BedsideCheck) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Transfuse)?;
        if let Some(of) = ask.happened.clone() {
            return self.checked_on_paper(&actor, &ask, &of);
        }
        let seen = BedsideScan {
            issue: ask.issue.clone(),
            wristband: ask.wristband.clone(),
            bag: Some(ask.bag.clone()),
            slip: ask.slip.clone(),
        };
        self.bedside_scan(seen)?;
        let second = self.second(&actor, ask.second.as_ref())?;
        let bed = self.at_bed(&ask.issue)?;
        let wristband = patient_id(&ask.wristband)?;
        let check = Check {
            wristband,
            spoken_agrees: ask.spoken_agrees,
            bag: scanned(&ask.bag),
            slip: ask.slip.as_deref().map(|text| self.slip_of(text)).transpose()?,
            first: actor.id,
            second: self.staff_id_of(&second)?,
            appearance_ok: ask.appearance_ok,
            consent: ask.consent,
        };
        let body = body(bed.issue.id, Command::Check { check: Box::new(check) });
        let passed = Passed { second: Some(second), ..Passed::default() };
        let answer = self.save(&actor, body, bed.facts, passed);
        self.noting_near_miss(&actor, answer, bed.issue.patient, wristband, bed.unit.id)?;
        Ok(Nothing {})
    }

    /// A check that two people did on paper: both are named as the form names them. What it broke is
    /// asked for by name, kept, and becomes a case.
    fn checked_on_paper(
        &mut self,
        actor: &kernel::Actor,
        ask: &BedsideCheck,
        of: &Happened,
    ) -> Result<Nothing, Error> {
        let (over, second) = (ask.override_.as_ref(), ask.second.as_ref());
        let passed = self.passed_with_late(actor, over, second, Some(of))?;
        let bed = self.at_bed(&ask.issue)?;
        let wristband = patient_id(&ask.wristband)?;
        self.patient_row(wristband)?;
        let first = passed.by(actor);
        let check = Check {
            wristband,
            spoken_agrees: ask.spoken_agrees,
            bag: scanned(&ask.bag),
            slip: ask.slip.as_deref().map(|text| self.slip_of(text)).transpose()?,
            first,
            // One name on the form is one person: that is told as what it is.
            second: of.second.as_deref().map_or(Ok(first), |user| self.once_staff(user))?,
            appearance_ok: ask.appearance_ok,
            consent: ask.consent,
        };
        let mut parts = vec![body(bed.issue.id, Command::Check { check: Box::new(check) })];
        parts.extend(self.incident(wristband, bed.unit.id, &passed.rules)?);
        self.save_parts(actor, parts, bed.facts, passed)?;
        Ok(Nothing {})
    }

    /// The blood flows: the bag is used, and the patient's tubes are good for a shorter time, all with
    /// one command (bloodbank.md 6, scenario 48).
    pub(crate) fn bedside_start(&mut self, ask: BedsideStart) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Transfuse)?;
        let (over, second) = (ask.override_.as_ref(), ask.second.as_ref());
        let passed = self.passed_with_late(&actor, over, second, ask.happened.as_ref())?;
        let AtBed { issue, unit, facts, .. } = self.at_bed(&ask.issue)?;
        let start = Command::Start { vitals: same(ask.vitals), by: passed.by(&actor) };
        let used = Dispense { unit: unit.id, does: OfIssue::NoteUsed };
        let mut groups = vec![vec![
            body(issue.id, start),
            Body::Care(CareBody::Dispensation { id: issue.id, command: Box::new(used) }),
        ]];
        let at = passed.at(self.now()?);
        let checked = self.transfusion_of(issue.id)?;
        let given_to = checked.map_or(issue.patient, |one| one.patient);
        let exposed = self.exposure_parts(given_to, ExposureKind::Transfusion, at)?;
        groups.extend(exposed.into_iter().map(|part| vec![part]));
        self.save_groups(&actor, groups, facts, &passed)?;
        Ok(Nothing {})
    }

    pub(crate) fn bedside_observe(&mut self, ask: BedsideObserve) -> Result<BedsideDone, Error> {
        let vitals: Vitals = same(ask.vitals);
        let passed = self.passed_late(ask.happened.as_ref())?;
        self.at_bedside(&ask.issue, ask.findings, passed, |by| Command::Observe { vitals, by })
    }

    pub(crate) fn bedside_stop(&mut self, ask: BedsideStop) -> Result<BedsideDone, Error> {
        let reason = ask.reason;
        let passed = self.passed_late(ask.happened.as_ref())?;
        self.at_bedside(&ask.issue, ask.findings, passed, |by| Command::Stop { reason, by })
    }

    pub(crate) fn bedside_end(&mut self, ask: BedsideEnd) -> Result<BedsideDone, Error> {
        let vitals: Vitals = same(ask.vitals);
        let volume = ask.volume_ml.map(Millilitres);
        let passed = self.passed_late(ask.happened.as_ref())?;
        self.at_bedside(&ask.issue, None, passed, |by| Command::End { vitals, volume, by })
    }

    pub(crate) fn bedside_outcome(&mut self, ask: BedsideOutcome) -> Result<BedsideDone, Error> {
        let outcome: Outcome = same(ask.outcome);
        let findings = match outcome {
            Outcome::Reaction => Some(ask.findings.unwrap_or_default()),
            _ => ask.findings,
        };
        let passed = self.passed_late(ask.happened.as_ref())?;
        self.at_bedside(&ask.issue, findings, passed, |_| Command::RecordOutcome { outcome })
    }

    /// One act, and with the same command what it says of a reaction: the case, its findings, and the
    /// sister components that stay on the shelf no longer.
    fn at_bedside(
        &mut self,
        of: &str,
        findings: Option<ReactionFindings>,
        passed: Passed,
        command: impl FnOnce(kernel::StaffId) -> Command,
    ) -> Result<BedsideDone, Error> {
        let actor = self.actor(Permission::Transfuse)?;
        let mut bed = self.at_bed(of)?;
        let entered_at = self.now()?;
        bed.later = passed.occurred(entered_at);
        let now = passed.at(entered_at);
        let policy = self.policies.at(now);
        let command = command(passed.by(&actor));
        let before = self.transfusion_of(bed.issue.id)?;
        let after = foreseen(&bed, before, &command, &policy, now);
        let mut reacted = Reacted::default();
        if let Some(after) = &after {
            let fever = policy.care.fever_rise_tenths.value;
            let rise = after.temperature_rise().is_some_and(|rise| rise >= fever);
            let asked = findings.as_ref().map(cases::findings_of);
            if asked.is_some() || rise {
                reacted = self.reacts(after, asked.unwrap_or_default(), now)?;
            }
        }
        let mut parts = vec![body(bed.issue.id, command)];
        parts.append(&mut reacted.parts);
        self.save_with_holds(&actor, parts, reacted.holds, bed.facts, passed)?;
        Ok(BedsideDone { case: reacted.case.map(|case| case.to_string()) })
    }

    /// A transfusion that must be there, with the issue it belongs to.
    pub(super) fn transfusion_there(&self, of: &str) -> Result<Transfusion, Error> {
        self.care_there(CareKey::Transfusion(id(of)?))
    }
}

/// The transfusion as it will be; none where the command will be refused.
fn foreseen(
    bed: &AtBed,
    before: Option<Transfusion>,
    command: &Command,
    policy: &bloodbank::Policy,
    now: Instant,
) -> Option<Transfusion> {
    let facts = bed.facts();
    let rules: &[CareRule] = &[];
    let events =
        bedside::decide(before.as_ref(), &facts, command, rules, &policy.care, now).ok()?;
    let id = transfusion_id(bed.issue.id);
    events.iter().fold(before, |state, event| bedside::apply(state, id, event))
}

fn scanned(bag: &BagScan) -> Scanned {
    Scanned {
        din: bag.din.trim().to_uppercase(),
        product_code: bag.product_code.trim().to_uppercase(),
        group: same(bag.group),
        phenotype: phenotype_of_bag(bag.group),
    }
}
