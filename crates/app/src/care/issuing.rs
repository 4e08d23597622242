//! The counter: every gate of an issue, the issue itself, what came back, and the signatures that are
//! owed (bloodbank.md 2.9).

use super::{id, word};
use crate::backend::{Inner, Passed};
use crate::blood::{phenotype_of_bag, unit_id};
use crate::convert::{care_code, rfc3339, same};
use crate::error::{Error, refused};
use crate::people::patient_id;
use bloodbank::Unit;
use bloodbank::care::CareRule;
use bloodbank::issue::{
    self, BagScan as Scanned, Basis, Command, Dispensation, EmergencyOrder as Order, Return,
    ReturnFault, Stamp, Status as Way,
};
use chrono::TimeDelta;
use kernel::{Actor, DispensationId, Permission, StaffId};
use records::{Body, CareBody, CareKey, Dispense, Facts};
use store_sqlite::Watched;
use wire::*;

fn body(id: DispensationId, unit: &Unit, does: Command) -> Body {
    let command = Box::new(Dispense { unit: unit.id, does });
    Body::Care(CareBody::Dispensation { id, command })
}

impl Inner {
    /// Every gate as it stands now, always all of them. The scan, the collector and the look of the bag
    /// count as in order until they are given.
    pub(crate) fn issue_gates(&mut self, ask: IssueAsk) -> Result<IssueGates, Error> {
        let actor = self.actor(Permission::SeeStock)?;
        let passed = self.passed_late(ask.happened.as_ref().filter(|of| !of.reason.is_empty()))?;
        let (unit, mut facts) = self.counter_facts(&ask, &passed)?;
        self.note_read(&actor, patient_id(&ask.patient)?, "counter")?;
        let (given, scanned) = (!ask.collected_by.trim().is_empty(), ask.bag.is_some());
        let mut asked = self.as_asked(&actor, &ask, &unit, None)?;
        if !given {
            asked.collected_by = "counter".into();
        }
        let now = self.now()?;
        let context = self.context(&actor, &passed, now);
        let policy = std::sync::Arc::clone(&context.policy);
        self.with_slip(&mut facts, &asked)?;
        let mut known = facts.care.of_issue(&facts.unit);
        known.later = context.occurred();
        let gates = issue::gates(&unit, &known, &asked, &policy, &policy.care, context.now);
        let open = |gate: issue::Gate| match gate {
            issue::Gate::Collector => !given,
            issue::Gate::Scan => !scanned,
            _ => false,
        };
        let rows = gates
            .into_iter()
            .map(|check| GateRow {
                result: if open(check.gate) { CheckResult::NotYet } else { same(check.result) },
                gate: same(check.gate),
                code: check.rule.map(care_code),
                args: check.args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            })
            .collect();
        let request = facts.care.request.clone();
        let command = Command::Issue { ask: Box::new(asked) };
        let new = DispensationId(self.options.clock.new_uuid());
        let decided = self.store()?.decide(&body(new, &unit, command), &facts, &context)?;
        Ok(IssueGates {
            return_minutes: self.policy().care.return_minutes.value,
            gates: rows,
            refused: decided.err().map(|why| refused(why).into_command_error()),
            request: match &request {
                Some(request) => Some(self.request_row(request, now)?),
                None => None,
            },
            protocol: self.protocol_open(&ask, &unit)?,
        })
    }

    /// A wristband that was read beside a pair: another patient's is a mix-up that was prevented, written
    /// down before anybody has typed a word (bloodbank.md 6, scenario 22).
    pub(crate) fn issue_scan(&mut self, ask: IssueScan) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        let (expected, found) = (patient_id(&ask.patient)?, patient_id(&ask.wristband)?);
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        self.patient_row(expected)?;
        self.patient_row(found)?;
        let answer = match expected == found {
            true => Ok(()),
            false => Err(super::stop(CareRule::WristbandOfAnother)),
        };
        self.noting_near_miss(&actor, answer, expected, found, unit.id)?;
        Ok(Nothing {})
    }

    /// The unit and all that the gate may know.
    fn counter_facts(&self, ask: &IssueAsk, passed: &Passed) -> Result<(Unit, Facts), Error> {
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let at = passed.at(self.now()?);
        let mut facts = self.unit_care_at(patient_id(&ask.patient)?, &unit, at)?;
        if passed.happened.is_some() {
            // The time is a person's, not the clock's; and nobody knows any more what lay on the shelf.
            facts.unit.clock_suspect = false;
            facts.care.identical_left = 0;
        }
        if let Some(protocol) = &ask.protocol {
            self.runs_for(protocol, patient_id(&ask.patient)?)?;
            // The packs of a massive transfusion fill no other request, and what those ask for of the
            // blood is the patient's need all the same.
            facts.care.also_needed =
                facts.care.request.take().map(|request| request.needs).unwrap_or_default();
        }
        Ok((unit, facts))
    }

    fn with_slip(&self, facts: &mut Facts, asked: &issue::IssueAsk) -> Result<(), Error> {
        if let Some(slip) = &asked.slip {
            let used = self.store()?.care_by_word::<Dispensation>(&slip.id.to_string())?;
            facts.care.slips_used = used.iter().filter_map(|one| one.slip).collect();
        }
        Ok(())
    }

    /// The page's words as the gate reads them. A bag that was not scanned yet reads as its record.
    fn as_asked(
        &self,
        actor: &Actor,
        ask: &IssueAsk,
        unit: &Unit,
        signed: Option<kernel::Instant>,
    ) -> Result<issue::IssueAsk, Error> {
        let bag = match &ask.bag {
            Some(bag) => Scanned {
                din: bag.din.trim().to_uppercase(),
                product_code: bag.product_code.trim().to_uppercase(),
                group: same(bag.group),
                phenotype: phenotype_of_bag(bag.group),
            },
            None => Scanned {
                din: unit.din.clone(),
                product_code: unit.product_code.clone(),
                group: unit.group,
                phenotype: unit.phenotype,
            },
        };
        let emergency = match &ask.emergency {
            Some(order) => Some(Order {
                physician: self.staff_id_of(&order.physician)?,
                justification: order.justification.clone(),
                signed_at: signed,
            }),
            None => None,
        };
        let signs = |user: &str| self.staff_id_of(user).ok();
        let authoriser: Option<StaffId> = match &ask.second {
            Some(second) => signs(&second.user),
            None => None,
        };
        Ok(issue::IssueAsk {
            patient: patient_id(&ask.patient)?,
            wristband: ask.wristband.as_deref().map(patient_id).transpose()?,
            bag,
            slip: ask.slip.as_deref().map(|text| self.slip_of(text)).transpose()?,
            collected_by: ask.collected_by.clone(),
            appearance_ok: ask.appearance_ok,
            emergency,
            protocol: ask.protocol.as_deref().map(id).transpose()?,
            // Only a physician passes the strongest warning: the second person, or who acts.
            authoriser: authoriser.or(Some(actor.id)),
        })
    }

    /// Gives a bag out. Its request counts it in the same command.
    pub(crate) fn issue_give(&mut self, ask: IssueAsk) -> Result<Made, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        if ask.bag.is_none() {
            return Err(CommandError::refusal(Code::ScanDisagrees).with("field", "missing").into());
        }
        let (over, second) = (ask.override_.as_ref(), ask.second.as_ref());
        let passed = self.passed_with_late(&actor, over, second, ask.happened.as_ref())?;
        let signed = self.signed_order(&actor, &ask)?;
        let of_protocol = self.under_protocol(&ask)?;
        self.give_out(&actor, &ask, signed, passed, of_protocol)
    }

    /// What would stand in the way of an issue, without recording anything.
    pub(super) fn would_give(
        &self,
        actor: &Actor,
        ask: &IssueAsk,
        signed: Option<kernel::Instant>,
        passed: &Passed,
    ) -> Result<Result<(), CommandError>, Error> {
        let (unit, mut facts) = self.counter_facts(ask, passed)?;
        let asked = self.as_asked(actor, ask, &unit, signed)?;
        self.with_slip(&mut facts, &asked)?;
        let context = self.context(actor, passed, self.now()?);
        let new = DispensationId(self.options.clock.new_uuid());
        let command = Command::Issue { ask: Box::new(asked) };
        let decided = self.store()?.decide(&body(new, &unit, command), &facts, &context)?;
        Ok(decided.map_err(|why| refused(why).into_command_error()))
    }

    /// Gives a bag out, once whoever signs and passes has been checked.
    pub(super) fn give_out(
        &mut self,
        actor: &Actor,
        ask: &IssueAsk,
        signed: Option<kernel::Instant>,
        passed: Passed,
        more: Vec<Body>,
    ) -> Result<Made, Error> {
        let (unit, mut facts) = self.counter_facts(ask, &passed)?;
        let asked = self.as_asked(actor, ask, &unit, signed)?;
        self.with_slip(&mut facts, &asked)?;
        let broken = self.broken(&unit, &facts, &asked, &passed)?;
        let (patient, wristband) = (asked.patient, asked.wristband);
        let request = facts.care.request.clone();
        let new = DispensationId(self.options.clock.new_uuid());
        let mut parts = vec![body(new, &unit, Command::Issue { ask: Box::new(asked) })];
        if let Some(request) = request {
            let noted = bloodbank::request::Command::NoteIssued { unit: unit.id };
            parts.push(super::requests::body(request.id, noted));
        }
        // What went out on paper against a rule is somebody's to work out.
        parts.extend(self.incident(patient, unit.id, &broken)?);
        parts.extend(more);
        let (expected, found) = (patient, wristband.unwrap_or(patient));
        let answer = self.save_parts(actor, parts, facts, passed);
        let answer = answer.map_err(|why| self.with_who_was_first(why));
        self.noting_near_miss(actor, answer, expected, found, unit.id)?;
        Ok(Made { id: new.to_string() })
    }

    /// A bag that somebody else has just given out says who it was, by name (bloodbank.md 6, 55).
    fn with_who_was_first(&self, why: Error) -> Error {
        let Error::Say(mut said) = why else { return why };
        if let Some(by) = said.args.get("by").and_then(|id| id.parse::<StaffId>().ok())
            && let Ok(names) = self.names()
        {
            said.args.insert("by".to_owned(), names.of(by));
        }
        Error::Say(said)
    }

    /// The rules that an issue on paper broke, of those that somebody has passed by name.
    fn broken(
        &self,
        unit: &Unit,
        facts: &Facts,
        asked: &issue::IssueAsk,
        passed: &Passed,
    ) -> Result<Vec<CareRule>, Error> {
        if passed.happened.is_none() {
            return Ok(vec![]);
        }
        let now = self.now()?;
        let policy = self.policies.at(passed.at(now));
        let mut known = facts.care.of_issue(&facts.unit);
        known.later = passed.occurred(now);
        let at = passed.at(now);
        let gates = issue::gates(unit, &known, asked, &policy, &policy.care, at);
        let stops = gates.iter().filter(|check| check.result == bloodbank::CheckResult::Stop);
        let mut broken: Vec<CareRule> = stops.filter_map(|check| check.rule).collect();
        if facts.lab.held.contains(&unit.id) {
            broken.push(CareRule::Unit(bloodbank::Rule::UnitQuarantined));
        }
        broken.retain(|rule| passed.rules.contains(rule));
        Ok(broken)
    }

    /// When the physician of an emergency order signed it here, with the password.
    fn signed_order(
        &mut self,
        actor: &Actor,
        ask: &IssueAsk,
    ) -> Result<Option<kernel::Instant>, Error> {
        let Some(order) = &ask.emergency else { return Ok(None) };
        let Some(password) = &order.password else { return Ok(None) };
        let physician = SecondPerson { user: order.physician.clone(), password: password.clone() };
        self.second(actor, Some(&physician))?;
        Ok(Some(self.now()?))
    }

    pub(crate) fn issue_list(&mut self, _: Nothing) -> Result<Issues, Error> {
        self.actor(Permission::SeeStock)?;
        let (open, left_out): (Vec<Dispensation>, _) = self.open_ones()?;
        let since = self.now()? - TimeDelta::days(30);
        let lately: Vec<Dispensation> = self.store()?.care_since(since)?;
        let mut owed = vec![];
        for one in &self.store()?.issues_watched(Watched::Uncrossmatched)?.0 {
            if self.owed(one)? {
                owed.push(self.issue_row(one)?);
            }
        }
        let unsigned = self.store()?.issues_watched(Watched::Unsigned)?.0;
        let anti_d = self.store()?.issues_watched(Watched::AntiD)?.0;
        let rows = |keep: &dyn Fn(&Dispensation) -> bool| -> Result<Vec<IssueRow>, Error> {
            open.iter().filter(|one| keep(one)).map(|one| self.issue_row(one)).collect()
        };
        Ok(Issues {
            return_minutes: self.policy().care.return_minutes.value,
            out: rows(&|one| one.status == Way::Out)?,
            unsigned: issue::unsigned(&unsigned)
                .into_iter()
                .map(|one| self.issue_row(one))
                .collect::<Result<_, _>>()?,
            anti_d: anti_d.iter().map(|one| self.issue_row(one)).collect::<Result<_, _>>()?,
            owed,
            left_out,
            against: lately
                .iter()
                .filter(|one| !one.against.is_empty())
                .map(|one| self.issue_row(one))
                .collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn issue_row(&self, issue: &Dispensation) -> Result<IssueRow, Error> {
        let (names, unit) = (self.names()?, self.unit_there(issue.unit)?);
        let unsigned = match &issue.basis {
            Basis::Uncrossmatched { order } if order.signed_at.is_none() => Some(order.physician),
            _ => None,
        };
        let unsigned = unsigned.filter(|_| !issue.was_error());
        let hours = i64::from(self.policy().care.retrospective_hours.value);
        let due = self.owed(issue)?.then(|| issue.left_storage_at + TimeDelta::hours(hours));
        let faults = match &issue.status {
            Way::Returned { failed, .. } => failed.iter().map(word).collect(),
            _ => vec![],
        };
        Ok(IssueRow {
            id: issue.id.to_string(),
            unit: self.unit_row(&unit)?,
            patient: self.patient_row(issue.patient)?,
            at: rfc3339(issue.left_storage_at),
            collected_by: issue.collected_by.clone(),
            status: match issue.status {
                Way::Out => IssueStatus::Out,
                Way::Used => IssueStatus::Used,
                Way::Returned { .. } => IssueStatus::Returned,
                Way::EnteredInError { .. } => IssueStatus::EnteredInError,
            },
            uncrossmatched: issue.basis.uncrossmatched(),
            unsigned_by: unsigned.map(|who| names.of(who)),
            crossmatch_due: due.map(rfc3339),
            return_faults: faults,
            recorded_at: issue.recorded_at.map(rfc3339),
            against: issue.against.iter().copied().map(care_code).collect(),
            in_conflict: issue.in_conflict(&unit, &self.store()?.care_of_unit(issue.unit)?),
            in_error: match &issue.status {
                Way::EnteredInError { at, reason, by, second } => Some(InError {
                    at: rfc3339(*at),
                    by: names.of(*by),
                    second: names.of(*second),
                    reason: reason.clone(),
                }),
                _ => None,
            },
        })
    }

    /// The physician of an emergency order signs it later: nobody signs for another.
    pub(crate) fn issue_sign(&mut self, ask: IssueSign) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let (issue, unit, facts) = self.issued(&ask.issue)?;
        let command = Command::SignOrder { physician: actor.id };
        self.save(&actor, body(issue.id, &unit, command), facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// What a physician decided on anti-D immunoglobulin (bloodbank.md 6, scenario 49).
    pub(crate) fn issue_anti_d(&mut self, ask: IssueAntiD) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let (issue, unit, facts) = self.issued(&ask.issue)?;
        let command = Command::AnswerAntiD { words: ask.words, physician: actor.id };
        self.save(&actor, body(issue.id, &unit, command), facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// A bag comes back: on the shelf when everything holds, else into quarantine with what did not.
    pub(crate) fn issue_return(&mut self, ask: IssueReturn) -> Result<Returned, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        let passed = self.passed_late(ask.happened.as_ref())?;
        let (issue, unit, facts) = self.issued(&ask.issue)?;
        let earlier = self.store()?.care_of_unit::<Dispensation>(unit.id)?;
        let excursions =
            earlier.iter().filter(|one| matches!(one.status, Way::Returned { .. })).count();
        let back = Return {
            left: Stamp::exact(issue.left_storage_at),
            // A clock in doubt says nothing about how long the bag was out; a form does.
            back: Stamp {
                at: passed.at(self.now()?),
                uncertain_s: match passed.happened {
                    None if facts.unit.clock_suspect => u32::MAX,
                    _ => 0,
                },
            },
            temperature: ask.temperature,
            seal_intact: ask.seal_intact,
            segment_attached: ask.segment_attached,
            appearance_ok: ask.appearance_ok,
            excursions: u32::try_from(excursions).unwrap_or(u32::MAX),
        };
        let now = self.now()?;
        // On the shelf it has to hold by the rules of both days, as the decision has it.
        let rules = [self.policies.at(passed.at(now)), self.policies.at(now)];
        let faults =
            rules.iter().flat_map(|of| issue::return_faults(unit.component, &back, &of.care));
        let faults: std::collections::BTreeSet<ReturnFault> = faults.collect();
        let mut parts = vec![body(issue.id, &unit, Command::TakeBack { back })];
        // Recalled or held while it was with the ward: nobody puts it on the shelf (bloodbank.md 6, 34).
        if facts.care.recalled.is_some() || facts.lab.held.contains(&unit.id) {
            let reason = "recalled while it was with the ward".to_owned();
            let command = bloodbank::Command::Quarantine { reason };
            parts.push(Body::Unit { id: unit.id, command });
        }
        self.save_parts(&actor, parts, facts, passed)?;
        let held = self.unit_there(unit.id)?;
        let back = matches!(held.status, bloodbank::Status::Available);
        Ok(Returned { back, faults: faults.iter().map(word).collect() })
    }

    /// Two people found that a form was wrong: the bag that two records name did not go to this patient.
    pub(crate) fn issue_in_error(&mut self, ask: IssueInError) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        let user = self.second(&actor, ask.second.as_ref())?;
        let (issue, unit, mut facts) = self.issued(&ask.issue)?;
        facts.care.issues = self.store()?.care_of_unit(unit.id)?;
        let second = self.staff_id_of(&user)?;
        let command = Command::EnterInError { reason: ask.reason.clone(), second };
        let passed =
            Passed { second: Some(user), reason: kernel::reason(&ask.reason), ..Passed::default() };
        self.save(&actor, body(issue.id, &unit, command), facts, passed)?;
        self.tell(&["unit", "issue", "case"]);
        Ok(Nothing {})
    }

    /// An issue with its unit and the facts of its patient.
    pub(crate) fn issued(&self, of: &str) -> Result<(Dispensation, Unit, Facts), Error> {
        let issue: Dispensation = self.care_there(CareKey::Dispensation(id(of)?))?;
        let unit = self.unit_there(issue.unit)?;
        let mut facts = self.unit_care(issue.patient, &unit)?;
        facts.care.dispensation = Some(issue.clone());
        Ok((issue, unit, facts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gate_and_every_rule_has_its_name_on_the_wire() {
        for rule in [
            CareRule::NotFound,
            CareRule::Known,
            CareRule::Changed,
            CareRule::WristbandOfAnother,
            CareRule::CrossmatchIncompatible,
            CareRule::MayNotBeAsked,
            CareRule::Unit(bloodbank::Rule::AboIncompatible),
        ] {
            let _ = care_code(rule);
        }
        for gate in [issue::Gate::PatientIdentity, issue::Gate::Crossmatch, issue::Gate::Order] {
            let _: IssueGate = same(gate);
        }
    }
}
