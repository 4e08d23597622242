//! Orders for blood: placed by a ward, accepted and filled by the blood bank.

use super::{id, word};
use crate::backend::{Inner, Passed};
use crate::blood::{group_of_bag, unit_id};
use crate::convert::{care_code, rfc3339, same};
use crate::error::{Error, no};
use crate::people::patient_id;
use bloodbank::Command as OfUnit;
use bloodbank::care::{CareRule, Refusal};
use bloodbank::crossmatch::{Crossmatch, Outcome};
use bloodbank::may_spare_o_negative;
use bloodbank::request::{self, Command, Order, Request, Status, advice, propose};
use bloodbank::traits::{Need, Phenotype};
use chrono::TimeDelta;
use kernel::{Actor, Instant, PatientId, Permission, RequestId, UnitId};
use records::{Body, CareBody, CareKey};
use std::collections::BTreeSet;
use store_sqlite::UnitFilter;
use wire::*;

/// Units left out of a proposal that are sent with their reasons.
const LEFT_OUT: usize = 40;

pub(super) fn body(id: RequestId, command: Command) -> Body {
    Body::Care(CareBody::Request { id, command: Box::new(command) })
}

impl Inner {
    pub(crate) fn request_choices(&mut self, _: Nothing) -> Result<RequestChoices, Error> {
        self.actor(Permission::SeePatients)?;
        let policy = self.policy();
        let thresholds = policy.care.thresholds.value.iter().map(|row| ThresholdRow {
            indication: row.indication.clone(),
            component: same(row.component),
            measure: same(row.measure),
            below: row.below,
            source: row.source.clone(),
        });
        Ok(RequestChoices { thresholds: thresholds.collect() })
    }

    /// What the thresholds say of an order that is being written.
    pub(crate) fn request_advise(&mut self, ask: RequestPlace) -> Result<Vec<AdviceRow>, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let order = self.order(&actor, ask)?;
        Ok(advice(&order, &self.policy().care).iter().map(advice_row).collect())
    }

    pub(crate) fn request_place(&mut self, ask: RequestPlace) -> Result<Made, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let order = self.order(&actor, ask)?;
        let facts = self.patient_care(order.patient)?;
        let id = RequestId(self.options.clock.new_uuid());
        self.save(&actor, body(id, Command::Place { order }), facts, Passed::default())?;
        Ok(Made { id: id.to_string() })
    }

    fn order(&self, actor: &Actor, ask: RequestPlace) -> Result<Order, Error> {
        Ok(Order {
            patient: patient_id(&ask.patient)?,
            component: same(ask.component),
            count: ask.count,
            urgency: same(ask.urgency),
            indication: ask.indication,
            measured: ask.measured.into_iter().map(same).collect(),
            needs: ask.needs.into_iter().map(same).collect(),
            fresh_days: ask.fresh_days,
            needed_by: instant(&ask.needed_by)?,
            requested_by: actor.id,
            consent: ask.consent,
        })
    }

    pub(crate) fn request_list(&mut self, _: Nothing) -> Result<Requests, Error> {
        self.actor(Permission::SeePatients)?;
        let now = self.now()?;
        let (mut open, left_out): (Vec<Request>, _) = self.open_ones()?;
        open.sort_by_key(|one| (std::cmp::Reverse(one.urgency), one.needed_by, one.id));
        let ended: Vec<Request> = self.store()?.care_since(now - TimeDelta::days(1))?;
        let rows = |list: Vec<Request>| -> Result<Vec<RequestRow>, Error> {
            list.iter().map(|one| self.request_row(one, now)).collect()
        };
        Ok(Requests {
            open: rows(open)?,
            ended: rows(ended.into_iter().filter(|one| one.status != Status::Open).collect())?,
            left_out,
        })
    }

    pub(crate) fn request_view(&mut self, ask: ById) -> Result<RequestView, Error> {
        let actor = self.actor(Permission::SeePatients)?;
        let request: Request = self.care_there(CareKey::Request(id(&ask.id)?))?;
        self.note_read(&actor, request.patient, "request")?;
        let (now, policy) = (self.now()?, self.policy());
        let facts = self.patient_care(request.patient)?;
        let mut needs: Vec<Need> = facts.care.history.needs(now);
        needs.extend(&request.needs);
        needs.sort_unstable();
        needs.dedup();
        let mut allocated = vec![];
        for unit in &request.allocated {
            allocated.push(self.allocated_unit(*unit, request.patient, now)?);
        }
        let mut issued = vec![];
        for unit in &request.issued {
            issued.push(self.unit_row(&self.unit_there(*unit)?)?);
        }
        let proposal = self.proposal(&request, &facts)?;
        let patient = facts.unit.patient.as_ref().ok_or_else(|| no(Code::NotFound))?;
        Ok(RequestView {
            row: self.request_row(&request, now)?,
            group: group_state(&patient.group, patient.phenotype),
            anti_d_ever: patient.anti_d_ever,
            measured: request.measured.iter().map(same).collect(),
            needs: needs.into_iter().map(same).collect(),
            fresh_days: request.fresh_days,
            cancel_reason: match &request.status {
                Status::Cancelled { reason } => Some(reason.clone()),
                _ => None,
            },
            advice: advice(&order_of(&request), &policy.care).iter().map(advice_row).collect(),
            sample: match &facts.care.sample {
                Some(sample) => Some(self.sample_row(sample, now)?),
                None => None,
            },
            allocated,
            issued,
            missing: proposal.missing,
            left_out_total: u32::try_from(proposal.left_out.len()).unwrap_or(u32::MAX),
            left_out: {
                let mut rows = vec![];
                for (unit, reason) in proposal.left_out.iter().take(LEFT_OUT) {
                    let (unit, reasons) = (*unit, std::slice::from_ref(reason));
                    rows.push(self.proposal_line(unit, reasons, &[])?);
                }
                rows
            },
            proposal: {
                let mut rows = vec![];
                for line in &proposal.lines {
                    rows.push(self.proposal_line(line.unit, &line.reasons, &line.cautions)?);
                }
                rows
            },
        })
    }

    /// What the shelf has for a request, by the rules of policy.
    pub(crate) fn proposal(
        &self,
        request: &Request,
        facts: &records::Facts,
    ) -> Result<request::Proposal, Error> {
        if request.status != Status::Open {
            return Ok(request::Proposal::default());
        }
        let filter = UnitFilter {
            live_only: true,
            site: Some(self.site().to_owned()),
            component: Some(request.component),
            ..UnitFilter::default()
        };
        // What was found incompatible with this patient is not offered again.
        let done = self.store()?.care_of_patient::<Crossmatch>(request.patient)?;
        let unfit: BTreeSet<UnitId> = done
            .iter()
            .filter(|one| one.withdrawn.is_none() && one.outcome == Outcome::Incompatible)
            .map(|one| one.unit)
            .collect();
        let (mut shelf, mut left_out) = (vec![], vec![]);
        for unit in self.store()?.units(&filter)? {
            if unfit.contains(&unit.id) {
                let rule = word(CareRule::CrossmatchIncompatible);
                let args = [("rule", rule)].into();
                left_out.push((unit.id, request::Reason { code: request::Code::Stopped, args }));
                continue;
            }
            let traits = self.traits_of(&unit)?;
            shelf.push((unit, traits));
        }
        let (policy, now) = (self.policy(), self.now()?);
        let mut of_unit = facts.unit.clone();
        let at_odds = self.store()?.donations_at_odds()?;
        of_unit.siblings = at_odds.iter().filter_map(bloodbank::Sibling::of).collect();
        // Counted only where the answer changes something: it reads a year.
        let asks = |who: &bloodbank::PatientFacts| may_spare_o_negative(request, who, &policy);
        if of_unit.patient.as_ref().is_some_and(asks) {
            of_unit.o_negative_spare = Some(self.o_negative_spare(now)?);
        }
        let history = &facts.care.history;
        let mut proposal = propose(request, &shelf, &of_unit, history, &policy, &policy.care, now);
        proposal.left_out.splice(0..0, left_out);
        Ok(proposal)
    }

    pub(super) fn proposal_line(
        &self,
        unit: UnitId,
        reasons: &[request::Reason],
        cautions: &[CareRule],
    ) -> Result<ProposalLine, Error> {
        Ok(ProposalLine {
            unit: self.unit_row(&self.unit_there(unit)?)?,
            reasons: reasons
                .iter()
                .map(|reason| ProposalReason {
                    why: same(reason.code),
                    args: reason.args.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
                })
                .collect(),
            cautions: cautions.iter().map(|rule| care_code(*rule)).collect(),
        })
    }

    pub(super) fn allocated_unit(
        &self,
        id: UnitId,
        patient: PatientId,
        now: Instant,
    ) -> Result<AllocatedUnit, Error> {
        let unit = self.unit_there(id)?;
        let facts = self.unit_care(patient, &unit)?;
        let needed = self.needed(&facts, &unit, now);
        let crossmatch = match self.crossmatch_of(id, patient)? {
            Some(done) => Some(self.crossmatch_row(&done)?),
            None => None,
        };
        let ready = self.crossmatch_suffices(&facts, &unit, now);
        Ok(AllocatedUnit { unit: self.unit_row(&unit)?, needed, crossmatch, ready })
    }

    pub(super) fn request_row(&self, request: &Request, now: Instant) -> Result<RequestRow, Error> {
        let patient = self.patient_row(request.patient)?;
        let names = self.names()?;
        let count = |list: &[UnitId]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let history = self.blood_history_of(request.patient)?;
        let sample = self.sample_of(request.patient, &history.exposures, now)?;
        Ok(RequestRow {
            id: request.id.to_string(),
            patient,
            component: same(request.component),
            count: request.count,
            urgency: same(request.urgency),
            indication: request.indication.clone(),
            needed_by: rfc3339(request.needed_by),
            placed_at: rfc3339(request.placed_at),
            requested_by: names.of(request.requested_by),
            accepted_by: request.accepted_by.map(|who| names.of(who)),
            allocated: count(&request.allocated),
            issued: count(&request.issued),
            status: match request.status {
                Status::Open => RequestStatus::Open,
                Status::Closed => RequestStatus::Closed,
                Status::Cancelled { .. } => RequestStatus::Cancelled,
            },
            sample: super::samples::stand(sample.as_ref(), now),
            overdue: request.status == Status::Open && request.needed_by < now,
            consent: request.consent,
            group: group_state(&history.group(), history.phenotype),
        })
    }

    pub(crate) fn request_accept(&mut self, ask: ById) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReserveBlood)?;
        let command = Command::Accept { by: actor.id };
        self.on_request(&actor, &ask.id, command)
    }

    pub(crate) fn request_urgency(&mut self, ask: RequestUrgency) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let command = Command::ChangeUrgency { urgency: same(ask.urgency), reason: ask.reason };
        self.on_request(&actor, &ask.request, command)
    }

    /// A need that came after the order. Bags that do not have it are set free in the same command.
    pub(crate) fn request_need(&mut self, ask: RequestNeed) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let request: Request = self.care_there(CareKey::Request(id(&ask.request)?))?;
        let need: Need = same(ask.need);
        let facts = self.patient_care(request.patient)?;
        // The need first: from then on the gates stop what lacks it, freed or not.
        let mut groups = vec![vec![body(request.id, Command::AddNeed { need })]];
        for unit in &request.allocated {
            let bag = self.unit_there(*unit)?;
            let traits = self.traits_of(&bag)?;
            if bloodbank::traits::unmet(bag.component, &traits, &[need]).is_empty() {
                continue;
            }
            groups.push(self.set_free(&request, *unit, "no longer fits: requirement_unmet")?);
        }
        self.save_groups(&actor, groups, facts, &Passed::default())?;
        Ok(Nothing {})
    }

    /// What ends with its request: bags that were set aside are free again.
    pub(crate) fn request_cancel(&mut self, ask: RequestReason) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let request: Request = self.care_there(CareKey::Request(id(&ask.request)?))?;
        let command = Command::Cancel { reason: ask.reason };
        self.end_request(&actor, &request, command)
    }

    pub(crate) fn request_close(&mut self, ask: ById) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReserveBlood)?;
        let request: Request = self.care_there(CareKey::Request(id(&ask.id)?))?;
        self.end_request(&actor, &request, Command::Close)
    }

    fn end_request(
        &mut self,
        actor: &Actor,
        request: &Request,
        command: Command,
    ) -> Result<Nothing, Error> {
        let facts = self.patient_care(request.patient)?;
        // However many are held: a bag that is free again harms nobody, so the end comes last.
        let mut groups = vec![];
        for unit in &request.allocated {
            groups.push(self.set_free(request, *unit, "the request ended")?);
        }
        groups.push(vec![body(request.id, command)]);
        self.save_groups(actor, groups, facts, &Passed::default())?;
        Ok(Nothing {})
    }

    /// The parts that take a bag from a request; one that is held no longer is only struck out.
    fn set_free(&self, request: &Request, unit: UnitId, reason: &str) -> Result<Vec<Body>, Error> {
        let held = self.unit_there(unit)?;
        let now = self.now()?;
        let ours = matches!(held.effective_status(now),
            bloodbank::Effective::Reserved { patient, .. } if patient == request.patient);
        let free = ours.then(|| Body::Unit {
            id: unit,
            command: OfUnit::Release { reason: reason.to_owned() },
        });
        let strike = body(request.id, Command::Unallocate { unit, reason: reason.to_owned() });
        Ok(free.into_iter().chain([strike]).collect())
    }

    /// The request that counted a bag counts what was made of it.
    pub(crate) fn in_its_place(
        &self,
        patient: PatientId,
        old: &bloodbank::Unit,
        new: UnitId,
    ) -> Result<Vec<Body>, Error> {
        let request = self.request_for(patient, Some(old.id), old.component)?;
        let Some(request) = request.filter(|one| one.allocated.contains(&old.id)) else {
            return Ok(vec![]);
        };
        let strike = Command::Unallocate { unit: old.id, reason: "processed".to_owned() };
        let put = Command::Allocate { unit: new };
        Ok([strike, put].map(|command| body(request.id, command)).into())
    }

    /// Sets bags aside for a request: held for the patient, all or none.
    pub(crate) fn request_allocate(&mut self, ask: RequestUnits) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReserveBlood)?;
        let request: Request = self.care_there(CareKey::Request(id(&ask.request)?))?;
        let passed = self.passed(&actor, ask.override_.as_ref(), ask.second.as_ref())?;
        let (patient, now) = (request.patient, self.now()?);
        let mut facts = self.patient_care(patient)?;
        let mut groups = vec![];
        for unit in &ask.units {
            let unit = self.unit_there(unit_id(unit)?)?;
            if unit.component != request.component {
                let refusal = Refusal::HardStop {
                    rule: CareRule::ProductNotOrdered,
                    args: [("ordered", word(request.component))].into(),
                };
                return Err(crate::error::refused(records::Refused::Care(refusal)));
            }
            self.phenotypes_meet(&facts, &unit)?;
            facts.unit.siblings.extend(self.siblings(&unit.din)?);
            self.note_bag(&mut facts, unit.id)?;
            let held = matches!(unit.effective_status(now),
                bloodbank::Effective::Reserved { patient: p, .. } if p == patient);
            let command = OfUnit::Reserve { patient, until: None };
            let hold = (!held).then_some(Body::Unit { id: unit.id, command });
            let put = body(request.id, Command::Allocate { unit: unit.id });
            groups.push(hold.into_iter().chain([put]).collect());
        }
        if groups.is_empty() {
            return Err(no(Code::NotFound));
        }
        self.save_groups(&actor, groups, facts, &passed)?;
        Ok(Nothing {})
    }

    pub(crate) fn request_unallocate(&mut self, ask: RequestUnit) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReserveBlood)?;
        let request: Request = self.care_there(CareKey::Request(id(&ask.request)?))?;
        let facts = self.patient_care(request.patient)?;
        let parts = self.set_free(&request, unit_id(&ask.unit)?, &ask.reason)?;
        self.save_parts(&actor, parts, facts, Passed::default())?;
        Ok(Nothing {})
    }

    fn on_request(&mut self, actor: &Actor, of: &str, command: Command) -> Result<Nothing, Error> {
        let request: Request = self.care_there(CareKey::Request(id(of)?))?;
        let facts = self.patient_care(request.patient)?;
        self.save(actor, body(request.id, command), facts, Passed::default())?;
        Ok(Nothing {})
    }
}

/// An instant of the page.
pub(crate) fn instant(text: &str) -> Result<Instant, Error> {
    let read = chrono::DateTime::parse_from_rfc3339(text);
    read.map(|at| at.to_utc()).map_err(|_| {
        CommandError::refusal(Code::Malformed).with("detail", "a time is needed").into()
    })
}

/// The group of a patient as every screen shows it: who lacks H is never written as O.
pub(crate) fn group_state(group: &bloodbank::KnownGroup, phenotype: Phenotype) -> GroupState {
    use bloodbank::KnownGroup as K;
    let shown = |group: &kernel::BloodGroup| group_of_bag(*group, phenotype);
    match group {
        K::Unknown => GroupState::Unknown,
        K::Once(group) => GroupState::Once { group: shown(group) },
        K::Confirmed(group) => GroupState::Confirmed { group: shown(group) },
        // As they were read: what is wrong in them is what has to be found out.
        K::Conflict(groups) => GroupState::Conflict { groups: groups.iter().map(same).collect() },
    }
}

fn order_of(request: &Request) -> Order {
    Order {
        patient: request.patient,
        component: request.component,
        count: request.count,
        urgency: request.urgency,
        indication: request.indication.clone(),
        measured: request.measured.clone(),
        needs: request.needs.clone(),
        fresh_days: request.fresh_days,
        needed_by: request.needed_by,
        requested_by: request.requested_by,
        consent: request.consent,
    }
}

fn advice_row(advice: &request::Advice) -> AdviceRow {
    AdviceRow {
        measure: same(advice.measure),
        value: advice.value,
        below: advice.below,
        reconsider: advice.reconsider,
        source: advice.source.clone(),
    }
}
