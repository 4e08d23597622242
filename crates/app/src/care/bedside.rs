//! Next to the patient: the check by two people, the transfusion, its observations and its end. One
//! bag that left is one transfusion, and both have the same id (bloodbank.md 2.9).

use super::cases::Reacted;
use super::{cases, id};
use crate::backend::{Inner, Passed};
use crate::convert::{rfc3339, same};
use crate::error::{Error, refused};
use crate::people::patient_id;
use bloodbank::Unit;
use bloodbank::bedside::{
    self, BedsideCheck as Check, Command, Event, Outcome, Scans, Status, Transfusion, Vitals,
};
use bloodbank::care::CareRule;
use bloodbank::issue::{
    BagScan as Scanned, Basis, Command as OfIssue, Dispensation, Status as Way,
};
use bloodbank::sample::ExposureKind;
use chrono::TimeDelta;
use kernel::{DispensationId, Instant, Millilitres, Permission, TransfusionId};
use records::{Body, CareBody, CareKey, Dispense, Facts};
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
}

impl AtBed {
    fn facts(&self) -> bedside::Facts<'_> {
        bedside::Facts {
            unit: &self.unit,
            dispensation: &self.issue,
            open_for: self.issue.patient,
            deceased: self.facts.unit.patient.as_ref().is_some_and(|p| p.deceased),
            recalled: self.facts.care.recalled,
            held: self.facts.lab.held.contains(&self.unit.id),
            clock_suspect: self.facts.unit.clock_suspect,
            staff: &self.facts.care.staff,
        }
    }
}

impl Inner {
    fn at_bed(&self, of: &str) -> Result<AtBed, Error> {
        let (issue, unit, facts) = self.issued(of)?;
        Ok(AtBed { issue, unit, facts })
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
        if matches!(issue.status, Way::Returned { .. }) {
            alarms.clear();
        }
        Ok(BedsideRow {
            id: issue.id.to_string(),
            unit: self.unit_row(&self.unit_there(issue.unit)?)?,
            patient: self.patient_row(issue.patient)?,
            stand: match known.map(|one| (one.status, one.outcome)) {
                None => BedsideStand::Out,
                Some((Status::Running { .. }, _)) => BedsideStand::Running,
                Some((_, Some(_))) => BedsideStand::Done,
                Some((Status::Checked { .. }, None)) => BedsideStand::Checked,
                Some((Status::Ended { .. }, None)) => BedsideStand::Ended,
            },
            left_at: rfc3339(issue.left_storage_at),
            collected_by: issue.collected_by.clone(),
            uncrossmatched: matches!(issue.basis, Basis::Uncrossmatched { .. }),
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
        let mut needs = facts.care.history.needs(now);
        needs.extend(facts.care.request.iter().flat_map(|request| &request.needs));
        needs.sort_unstable();
        needs.dedup();
        let group = facts.unit.patient.as_ref().map(|patient| super::group_state(&patient.group));
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
                })
                .collect(),
            volume_ml: known.and_then(|one| one.volume).map(|Millilitres(ml)| ml),
            stop_reason: known.and_then(|one| one.stop_reason.clone()),
            tasks: tasks.collect(),
            case: case.map(|case| case.id.to_string()),
            fever_rise_tenths: policy.care.fever_rise_tenths.value,
        })
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

    /// The blood flows: the bag is used, and the patient's tubes are good for a shorter time, all with
    /// one command (bloodbank.md 6, scenario 48).
    pub(crate) fn bedside_start(&mut self, ask: BedsideStart) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Transfuse)?;
        let passed = self.passed(&actor, ask.override_.as_ref(), ask.second.as_ref())?;
        let AtBed { issue, unit, facts } = self.at_bed(&ask.issue)?;
        let start = Command::Start { vitals: same(ask.vitals), by: actor.id };
        let used = Dispense { unit: unit.id, does: OfIssue::NoteUsed };
        let mut parts = vec![
            body(issue.id, start),
            Body::Care(CareBody::Dispensation { id: issue.id, command: Box::new(used) }),
        ];
        let now = self.now()?;
        parts.extend(self.exposure_parts(issue.patient, ExposureKind::Transfusion, now)?);
        self.save_parts(&actor, parts, facts, passed)?;
        Ok(Nothing {})
    }

    pub(crate) fn bedside_observe(&mut self, ask: BedsideObserve) -> Result<BedsideDone, Error> {
        let vitals: Vitals = same(ask.vitals);
        self.at_bedside(&ask.issue, ask.findings, |by| Command::Observe { vitals, by })
    }

    pub(crate) fn bedside_stop(&mut self, ask: BedsideStop) -> Result<BedsideDone, Error> {
        let reason = ask.reason;
        self.at_bedside(&ask.issue, ask.findings, |by| Command::Stop { reason, by })
    }

    pub(crate) fn bedside_end(&mut self, ask: BedsideEnd) -> Result<BedsideDone, Error> {
        let vitals: Vitals = same(ask.vitals);
        let volume = ask.volume_ml.map(Millilitres);
        self.at_bedside(&ask.issue, None, |by| Command::End { vitals, volume, by })
    }

    pub(crate) fn bedside_outcome(&mut self, ask: BedsideOutcome) -> Result<BedsideDone, Error> {
        let outcome: Outcome = same(ask.outcome);
        let findings = match outcome {
            Outcome::Reaction => Some(ask.findings.unwrap_or_default()),
            _ => ask.findings,
        };
        self.at_bedside(&ask.issue, findings, |_| Command::RecordOutcome { outcome })
    }

    /// One act, and with the same command what it says of a reaction: the case, its findings, and the
    /// sister components that stay on the shelf no longer.
    fn at_bedside(
        &mut self,
        of: &str,
        findings: Option<ReactionFindings>,
        command: impl FnOnce(kernel::StaffId) -> Command,
    ) -> Result<BedsideDone, Error> {
        let actor = self.actor(Permission::Transfuse)?;
        let bed = self.at_bed(of)?;
        let (now, policy) = (self.now()?, self.policy());
        let command = command(actor.id);
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
        self.save_with_holds(&actor, parts, reacted.holds, bed.facts, Passed::default())?;
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
    }
}
