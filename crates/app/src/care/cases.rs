//! Haemovigilance: cases that open by themselves, what is found, done and judged, and the bags of the
//! same donations that are held meanwhile (bloodbank.md 2.11).

use super::{id, word};
use crate::backend::{Asked, Inner, Passed};
use crate::blood::unit_id;
use crate::convert::{care_code, rfc3339, same};
use crate::error::{Error, no};
use crate::people::patient_id;
use bloodbank::Unit;
use bloodbank::bedside::{self, Transfusion};
use bloodbank::care::{CareRule, Refusal, Task, TaskKind};
use bloodbank::crossmatch::Crossmatch;
use bloodbank::haemovigilance::{
    self, Case, Category, Command, Event, Findings, Prevented, hold_sisters, suggest,
};
use bloodbank::issue::{Dispensation, Status as Way};
use bloodbank::lookback;
use chrono::TimeDelta;
use kernel::{Actor, CaseId, CommandId, Instant, PatientId, Permission, TransfusionId, UnitId};
use records::{Body, CareBody, CareKey, Facts, Key, MOST_WRITES};
use std::collections::BTreeSet;
use std::sync::Arc;
use wire::*;

/// The same mix-up told again within so many minutes is one near miss: a scanner that read twice.
const SAME_MINUTES: i64 = 5;
/// One person who meets the same stop at the same patient again, with whatever bag or wristband, is still
/// in the same mix-up for as long as one look lasts. Each refusal has its line in the audit stream.
const LOOK_MINUTES: i64 = 15;

/// What a reaction adds to the command that told of it.
#[derive(Default)]
pub(super) struct Reacted {
    pub case: Option<CaseId>,
    pub parts: Vec<Body>,
    /// Quarantines of sister components: with the same command as far as they fit.
    pub holds: Vec<Body>,
}

fn body(id: CaseId, command: Command) -> Body {
    Body::Care(CareBody::Case { id, command: Box::new(command) })
}

/// Each sign of the wire with its field of the domain.
macro_rules! signs {
    ($($sign:ident $field:ident;)*) => {
        pub(super) fn findings_of(of: &ReactionFindings) -> Findings {
            Findings {
                rise_tenths: of.rise_tenths,
                highest_tenths: of.highest_tenths,
                systolic_drop: of.systolic_drop,
                overload_signs: of.overload_signs,
                $($field: of.signs.contains(&ReactionSign::$sign),)*
            }
        }

        fn findings_row(of: &Findings) -> ReactionFindings {
            let mut signs = vec![];
            $(if of.$field { signs.push(ReactionSign::$sign); })*
            ReactionFindings {
                rise_tenths: of.rise_tenths,
                highest_tenths: of.highest_tenths,
                systolic_drop: of.systolic_drop,
                overload_signs: of.overload_signs,
                signs,
            }
        }
    };
}
signs! {
    Rigors rigors;
    Urticaria urticaria;
    WheezeOrAngioedema wheeze_or_angioedema;
    Dyspnoea dyspnoea;
    Hypoxia hypoxia;
    BilateralInfiltrates bilateral_infiltrates;
    Haemoglobinuria haemoglobinuria;
    Haemolysis haemolysis;
    DirectAntiglobulinPositive direct_antiglobulin_positive;
    NewAntibody new_antibody;
    PlateletsFell platelets_fell;
    CulturePositive culture_positive;
}

pub(super) fn task_row(task: &Task, done: bool) -> CareTask {
    CareTask {
        what: same(task.what),
        due: task.due.map(rfc3339),
        args: task.args.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
        done,
    }
}

impl Inner {
    /// The case about a transfusion: the open one, or else the last.
    pub(super) fn case_of(
        &self,
        transfusion: TransfusionId,
        patient: PatientId,
    ) -> Result<Option<Case>, Error> {
        let mut all = self.store()?.care_of_patient::<Case>(patient)?;
        all.retain(|case| case.transfusion == Some(transfusion));
        all.sort_by_key(|case| case.closed_at.is_some());
        Ok(all.into_iter().next())
    }

    /// A reaction during a transfusion: its case is opened, or what is new goes into the open one.
    pub(super) fn reacts(
        &self,
        transfusion: &Transfusion,
        asked: Findings,
        now: Instant,
    ) -> Result<Reacted, Error> {
        let findings = asked.and(Findings::measured(transfusion));
        let open = self.case_of(transfusion.id, transfusion.patient)?;
        let open = open.filter(|case| case.closed_at.is_none());
        let command = match &open {
            Some(_) => Command::Find { findings },
            None => Command::Open {
                patient: transfusion.patient,
                transfusion: Some(transfusion.id),
                units: vec![transfusion.unit],
                findings,
                suspected: BTreeSet::new(),
                prevented: None,
            },
        };
        let new = CaseId(self.options.clock.new_uuid());
        self.on_case(open.as_ref(), open.as_ref().map_or(new, |case| case.id), command, now)
    }

    /// A command on a case with the quarantines that follow from it.
    fn on_case(
        &self,
        before: Option<&Case>,
        id: CaseId,
        command: Command,
        now: Instant,
    ) -> Result<Reacted, Error> {
        let mut reacted = Reacted { case: Some(id), ..Reacted::default() };
        // What will be refused holds nothing; the refusal is told by whoever saves.
        let events = haemovigilance::decide(before, &command, now);
        if events.as_ref().is_ok_and(Vec::is_empty) {
            return Ok(reacted);
        }
        let mut after = before.cloned();
        for event in events.unwrap_or_default() {
            after = haemovigilance::apply(after, id, &event);
            if let Some(case) = &after {
                reacted.holds.extend(self.holds_of(case, &event)?);
            }
        }
        reacted.parts.push(body(id, command));
        Ok(reacted)
    }

    fn holds_of(&self, case: &Case, event: &Event) -> Result<Vec<Body>, Error> {
        let sisters = self.sisters_of(case)?;
        // Its ids are for rules that run by themselves; here the parts of one command have none.
        let cause = CommandId(self.options.clock.new_uuid());
        let holds = hold_sisters(case, event, cause, &sisters).into_iter();
        Ok(holds
            .filter(|(_, unit, command)| {
                let sister = sisters.iter().find(|sister| sister.id == *unit);
                !sister.is_some_and(|sister| held_so(sister, command))
            })
            .map(|(_, id, command)| Body::Unit { id, command })
            .collect())
    }

    /// All bags of the donations of a case, also where they went into pools.
    fn sisters_of(&self, case: &Case) -> Result<Vec<Unit>, Error> {
        let graph = self.store()?.lineage();
        let mut ids: BTreeSet<UnitId> =
            lookback::sisters(&graph, &case.units).into_iter().collect();
        graph.finish()?;
        for unit in &case.units {
            // A bag from outside has relatives by its number alone.
            ids.extend(self.store()?.units_of_din(&self.unit_there(*unit)?.din)?);
        }
        let mut sisters = vec![];
        for id in ids {
            sisters.extend(self.store()?.unit(id)?);
        }
        Ok(sisters)
    }

    /// Saves the parts of one command with the quarantines that go with them. Those for which it has no
    /// room stand before it: a bag that is held too early harms nobody.
    pub(super) fn save_with_holds(
        &mut self,
        actor: &Actor,
        parts: Vec<Body>,
        mut holds: Vec<Body>,
        facts: Facts,
        passed: Passed,
    ) -> Result<(), Error> {
        let mut commands = vec![];
        // A hold begins now, also where the command tells of something earlier.
        let room = match passed.happened {
            Some(_) => 0,
            None => {
                let written: BTreeSet<_> = parts.iter().flat_map(Body::keys).collect();
                MOST_WRITES.saturating_sub(written.len())
            }
        };
        let rest = holds.split_off(room.min(holds.len()));
        let of_holds = Arc::new(self.unit_facts(None, None)?);
        for more in rest.chunks(MOST_WRITES) {
            let (facts, parts) = (Arc::clone(&of_holds), more.to_vec());
            commands.push(Asked { parts, facts, passed: Passed::default() });
        }
        let parts = [parts, holds].concat();
        commands.push(Asked { parts, facts: Arc::new(facts), passed });
        self.save_commands(actor, commands)
    }

    /// A refusal that prevented a mix-up goes into the book of near misses by itself; the page learns
    /// which case it became and that its input is to be cleared (bloodbank.md 6, scenario 22).
    pub(super) fn noting_near_miss<T>(
        &mut self,
        actor: &Actor,
        answer: Result<T, Error>,
        expected: PatientId,
        found: PatientId,
        unit: UnitId,
    ) -> Result<T, Error> {
        let said = match answer {
            Err(Error::Say(said)) => *said,
            other => return other,
        };
        let missed = rule_of(said.code).and_then(|rule| {
            let refusal = Refusal::HardStop { rule, args: bloodbank::Args::new() };
            bedside::near_miss(&refusal, expected, found)
        });
        let Some(missed) = missed else { return Err(said.into()) };
        let prevented = Prevented { rule: missed.rule, found: missed.found };
        let case = self.near_miss_case(actor, expected, prevented, unit);
        match case {
            Ok(case) => {
                let said = said.with("nearMiss", case).with("clears", missed.clears_input);
                Err(said.into())
            }
            Err(error) => {
                // The refusal matters more to whoever stands at the bed; the fault is in the log.
                tracing::error!("a near miss was not written: {error}");
                Err(said.into())
            }
        }
    }

    fn near_miss_case(
        &mut self,
        actor: &Actor,
        patient: PatientId,
        prevented: Prevented,
        unit: UnitId,
    ) -> Result<CaseId, Error> {
        let now = self.now()?;
        let within = |case: &Case, minutes| case.opened_at > now - TimeDelta::minutes(minutes);
        for case in self.store()?.care_of_patient::<Case>(patient)? {
            let of_rule = case.prevented.is_some_and(|one| one.rule == prevented.rule);
            if !of_rule || case.closed_at.is_some() || !within(&case, LOOK_MINUTES) {
                continue;
            }
            let same_one = case.prevented == Some(prevented) && case.units == [unit];
            if same_one && within(&case, SAME_MINUTES) || self.opened_by(case.id, actor)? {
                return Ok(case.id);
            }
        }
        let new = CaseId(self.options.clock.new_uuid());
        let command = Command::Open {
            patient,
            transfusion: None,
            units: vec![unit],
            findings: Findings::default(),
            suspected: [Category::NearMiss].into(),
            prevented: Some(prevented),
        };
        let facts = self.patient_care(patient)?;
        self.save(actor, body(new, command), facts, Passed::default())?;
        Ok(new)
    }

    fn opened_by(&self, case: CaseId, actor: &Actor) -> Result<bool, Error> {
        let history = self.store()?.history(Key::Care(CareKey::Case(case)))?;
        Ok(history.first().is_some_and(|row| row.user == actor.user))
    }

    /// The case of a bag that left, or was given, on paper against these rules.
    pub(super) fn incident(
        &self,
        patient: PatientId,
        unit: UnitId,
        broken: &[CareRule],
    ) -> Result<Option<Body>, Error> {
        if broken.is_empty() {
            return Ok(None);
        }
        let wrong = |rule: &CareRule| {
            use bloodbank::Rule as U;
            matches!(
                rule,
                CareRule::WristbandOfAnother
                    | CareRule::CrossmatchIncompatible
                    | CareRule::Unit(U::UnitGone | U::AboIncompatible | U::UnitReserved)
            )
        };
        let unmet = |rule: &CareRule| {
            matches!(rule, CareRule::RequirementUnmet | CareRule::AntigenPositive)
        };
        let category = match broken {
            rules if rules.iter().any(wrong) => Category::WrongComponent,
            rules if rules.iter().any(unmet) => Category::RequirementNotMet,
            _ => Category::HandlingError,
        };
        let command = Command::Open {
            patient,
            transfusion: None,
            units: vec![unit],
            findings: Findings::default(),
            suspected: [category].into(),
            prevented: None,
        };
        Ok(Some(body(CaseId(self.options.clock.new_uuid()), command)))
    }

    pub(crate) fn case_list(&mut self, _: Nothing) -> Result<Cases, Error> {
        self.actor(Permission::SeeStock)?;
        let since = self.now()? - TimeDelta::days(90);
        let (open, left_out) = self.open_ones::<Case>()?;
        let lately = self.store()?.care_since::<Case>(since)?;
        let rows = |list: Vec<Case>| -> Result<Vec<CaseRow>, Error> {
            list.iter().map(|case| self.case_row(case)).collect()
        };
        Ok(Cases {
            open: rows(open)?,
            closed: rows(lately.into_iter().filter(|case| case.closed_at.is_some()).collect())?,
            left_out,
        })
    }

    fn case_row(&self, case: &Case) -> Result<CaseRow, Error> {
        let units = case.units.iter().map(|unit| self.unit_row(&self.unit_there(*unit)?));
        Ok(CaseRow {
            id: case.id.to_string(),
            patient: self.patient_row(case.patient)?,
            units: units.collect::<Result<_, _>>()?,
            opened_at: rfc3339(case.opened_at),
            suspected: case.suspected.iter().map(same).collect(),
            category: case.classification.map(|c| same(c.category)),
            severity: case.classification.map(|c| same(c.severity)),
            prevented: case.prevented.map(|prevented| care_code(prevented.rule)),
            missing: case.missing().iter().map(same).collect(),
            must_notify: case.must_notify_eu(),
            closed_at: case.closed_at.map(rfc3339),
        })
    }

    /// What was broken when the bags of a case went to its patient, and at the bedside after that.
    fn against_of(&self, case: &Case) -> Result<Vec<CaseAgainst>, Error> {
        let mut found = vec![];
        for unit in &case.units {
            for issue in self.store()?.care_of_unit::<Dispensation>(*unit)? {
                let at_bed = self.transfusion_of(issue.id)?;
                // On paper it may have gone to somebody else.
                let given_to = at_bed.as_ref().map_or(issue.patient, |one| one.patient);
                if given_to != case.patient && issue.patient != case.patient {
                    continue;
                }
                let mut rules = issue.against.clone();
                rules.extend(at_bed.iter().flat_map(|one| &one.against));
                rules.sort_unstable();
                rules.dedup();
                if rules.is_empty() {
                    continue;
                }
                found.push(CaseAgainst {
                    issue: issue.id.to_string(),
                    unit: self.unit_row(&self.unit_there(issue.unit)?)?,
                    at: rfc3339(issue.left_storage_at),
                    rules: rules.into_iter().map(care_code).collect(),
                    in_error: matches!(issue.status, Way::EnteredInError { .. }),
                });
            }
        }
        Ok(found)
    }

    pub(crate) fn case_view(&mut self, ask: ById) -> Result<CaseView, Error> {
        let actor = self.actor(Permission::SeeStock)?;
        let case = self.case_there(&ask.id)?;
        self.note_read(&actor, case.patient, "case")?;
        let (now, names) = (self.now()?, self.names()?);
        let transfusion: Option<Transfusion> = match case.transfusion {
            Some(id) => Some(self.care_there(CareKey::Transfusion(id))?),
            None => None,
        };
        let start = transfusion.as_ref().and_then(|one| one.started_at);
        // What a near miss did not do has no time after its start.
        let suggestions = match start {
            Some(start) => suggest(&case.findings, case.opened_at - start),
            None => vec![],
        };
        let running = transfusion
            .as_ref()
            .is_some_and(|one| matches!(one.status, bedside::Status::Running { .. }));
        let reason = format!("reaction-case {}", case.id);
        let held = self.sisters_of(&case)?.into_iter();
        let held = held.filter(|unit| unit.quarantines.iter().any(|q| q.reason == reason));
        Ok(CaseView {
            against: self.against_of(&case)?,
            row: self.case_row(&case)?,
            transfusion: match &transfusion {
                Some(one) => Some(self.row_of_transfusion(one, now)?),
                None => None,
            },
            found: match case.prevented.and_then(|prevented| prevented.found) {
                Some(patient) => Some(self.patient_row(patient)?),
                None => None,
            },
            findings: findings_row(&case.findings),
            suggestions: suggestions
                .into_iter()
                .map(|one| CaseSuggestion {
                    category: same(one.category),
                    met: one.met.into_iter().map(str::to_owned).collect(),
                    source: one.category.timing().map(|timing| timing.source.to_owned()),
                })
                .collect(),
            work: self
                .alerts_of(&case)?
                .into_iter()
                .chain(case.work())
                .map(|task| task_row(&task, case.is_done(&task, running)))
                .collect(),
            steps: case
                .steps
                .iter()
                .map(|done| CaseStepDone {
                    step: same(done.step),
                    result: done.result.clone(),
                    by: names.of(done.by),
                    at: rfc3339(done.at),
                })
                .collect(),
            judgement: case.classification.map(|c| CaseJudgement {
                category: same(c.category),
                severity: same(c.severity),
                grade: c.severity.grade(),
                imputability: same(c.imputability),
                eu: c.imputability.eu().to_owned(),
                cdc: c.imputability.cdc().to_owned(),
                by: names.of(c.by),
                at: rfc3339(c.at),
            }),
            held: held.map(|unit| self.unit_row(&unit)).collect::<Result<_, _>>()?,
        })
    }

    /// What a bag of the case was found incompatible for after it had left.
    pub(super) fn alerts_of(&self, case: &Case) -> Result<Vec<Task>, Error> {
        let mut found = vec![];
        for unit in &case.units {
            let done = self.store()?.care_of_unit::<Crossmatch>(*unit)?;
            let of_patient = done.iter().filter(|one| one.patient == case.patient);
            found.extend(of_patient.flat_map(Crossmatch::alerts));
        }
        // The case is there.
        found.retain(|task| task.what != TaskKind::OpenReactionCase);
        Ok(found)
    }

    fn case_there(&self, of: &str) -> Result<Case, Error> {
        self.care_there(CareKey::Case(id(of)?))
    }

    /// Who works at the bed sees a reaction first, and who judges it may learn of it later.
    fn may_open_case(&mut self) -> Result<Actor, Error> {
        match self.actor(Permission::Transfuse) {
            Err(Error::Say(said)) if said.code == Code::Forbidden => {
                self.actor(Permission::JudgeReactions)
            }
            other => other,
        }
    }

    pub(crate) fn case_open(&mut self, ask: CaseOpen) -> Result<Made, Error> {
        let actor = self.may_open_case()?;
        let now = self.now()?;
        let mut suspected: BTreeSet<Category> = ask.suspected.iter().map(same).collect();
        let findings = findings_of(&ask.findings);
        let new = CaseId(self.options.clock.new_uuid());
        let command = match &ask.transfusion {
            Some(of) => {
                let transfusion = self.transfusion_there(of)?;
                let open = self.case_of(transfusion.id, transfusion.patient)?;
                if let Some(open) = open.filter(|case| case.closed_at.is_none()) {
                    return Err(super::stop_with(CareRule::Known, "case", open.id));
                }
                Command::Open {
                    patient: transfusion.patient,
                    transfusion: Some(transfusion.id),
                    units: vec![transfusion.unit],
                    findings: findings.and(Findings::measured(&transfusion)),
                    suspected,
                    prevented: None,
                }
            }
            None => {
                let patient = ask.patient.as_deref().ok_or_else(|| no(Code::NotFound))?;
                if suspected.is_empty() {
                    suspected.insert(Category::Other);
                }
                Command::Open {
                    patient: patient_id(patient)?,
                    transfusion: None,
                    units: ask.units.iter().map(|unit| unit_id(unit)).collect::<Result<_, _>>()?,
                    findings,
                    suspected,
                    prevented: None,
                }
            }
        };
        let Command::Open { patient, .. } = &command else {
            return Err(no(Code::NotFound));
        };
        let facts = self.patient_care(*patient)?;
        let reacted = self.on_case(None, new, command, now)?;
        self.save_with_holds(&actor, reacted.parts, reacted.holds, facts, Passed::default())?;
        Ok(Made { id: new.to_string() })
    }

    pub(crate) fn case_find(&mut self, ask: CaseFind) -> Result<Nothing, Error> {
        let actor = self.may_open_case()?;
        let findings = findings_of(&ask.findings);
        self.with_case(&actor, &ask.case, Command::Find { findings })
    }

    pub(crate) fn case_suspect(&mut self, ask: CaseSuspect) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::JudgeReactions)?;
        self.with_case(&actor, &ask.case, Command::Suspect { category: same(ask.category) })
    }

    pub(crate) fn case_step(&mut self, ask: CaseStepRecord) -> Result<Nothing, Error> {
        let actor = self.may_open_case()?;
        let command =
            Command::RecordStep { step: same(ask.step), result: ask.result, by: actor.id };
        self.with_case(&actor, &ask.case, command)
    }

    pub(crate) fn case_classify(&mut self, ask: CaseClassify) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::JudgeReactions)?;
        let command = Command::Classify {
            category: same(ask.category),
            severity: same(ask.severity),
            imputability: same(ask.imputability),
            by: actor.id,
        };
        self.with_case(&actor, &ask.case, command)
    }

    pub(crate) fn case_close(&mut self, ask: ById) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::JudgeReactions)?;
        self.with_case(&actor, &ask.id, Command::Close)
    }

    pub(crate) fn case_reopen(&mut self, ask: CaseReason) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::JudgeReactions)?;
        self.with_case(&actor, &ask.case, Command::Reopen { reason: ask.reason })
    }

    fn with_case(&mut self, actor: &Actor, of: &str, command: Command) -> Result<Nothing, Error> {
        let case = self.case_there(of)?;
        let facts = self.patient_care(case.patient)?;
        let now = self.now()?;
        let reacted = self.on_case(Some(&case), case.id, command, now)?;
        self.save_with_holds(actor, reacted.parts, reacted.holds, facts, Passed::default())?;
        Ok(Nothing {})
    }
}

/// Whether a bag is in quarantine for this very reason.
fn held_so(unit: &Unit, command: &bloodbank::Command) -> bool {
    let bloodbank::Command::Quarantine { reason } = command else { return false };
    unit.quarantines.iter().any(|held| held.reason == *reason)
}

/// The rule behind a code of the wire; most codes are none.
fn rule_of(code: Code) -> Option<CareRule> {
    serde_json::from_value(serde_json::Value::String(word(code))).ok()
}
