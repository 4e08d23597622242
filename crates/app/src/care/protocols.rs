//! Massive transfusion: packs proposed by policy and the shelf, given out through the gate of an
//! emergency, and every bag accounted for at the end (bloodbank.md 2.9).

use super::id;
use crate::backend::{Inner, Passed};
use crate::blood::unit_id;
use crate::convert::{care_code, rfc3339, same};
use crate::error::{Error, no};
use crate::people::patient_id;
use bloodbank::care::CareRule;
use bloodbank::issue::{Command as OfIssue, Dispensation, Status as Way};
use bloodbank::mtp::{self, Command, Fate, PackUnit, Protocol, Status};
use bloodbank::request::{self, Request, Urgency as Haste};
use bloodbank::traits::UnitTraits;
use bloodbank::{Effective, Fit, KnownGroup, Status as OfUnit, Unit};
use chrono::TimeDelta;
use kernel::{
    Abo, Actor, Component as Part, Instant, Permission, ProtocolId, RequestId, Rhd, UnitId,
};
use records::{Body, CareBody, CareKey, Dispense, Facts};
use store_sqlite::UnitFilter;
use wire::*;

fn body(id: ProtocolId, command: Command) -> Body {
    Body::Care(CareBody::Protocol { id, command: Box::new(command) })
}

/// One line of the next pack.
struct Proposed {
    component: Part,
    count: u32,
    lines: Vec<request::Line>,
    missing: u32,
}

impl Inner {
    pub(crate) fn protocol_list(&mut self, _: Nothing) -> Result<Protocols, Error> {
        self.actor(Permission::SeeStock)?;
        let since = self.now()? - TimeDelta::days(30);
        let (open, left_out) = self.open_ones::<Protocol>()?;
        let lately = self.store()?.care_since::<Protocol>(since)?;
        let rows = |list: &[Protocol], closed: bool| -> Result<Vec<ProtocolRow>, Error> {
            let kept = list.iter().filter(|one| (one.status == Status::Closed) == closed);
            kept.map(|one| self.protocol_row(one)).collect()
        };
        Ok(Protocols { open: rows(&open, false)?, closed: rows(&lately, true)?, left_out })
    }

    fn protocol_row(&self, protocol: &Protocol) -> Result<ProtocolRow, Error> {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(ProtocolRow {
            id: protocol.id.to_string(),
            patient: self.patient_row(protocol.patient)?,
            activated_by: self.names()?.of(protocol.activated_by),
            activated_at: rfc3339(protocol.activated_at),
            reason: protocol.reason.clone(),
            packs: count(protocol.packs.len()),
            units: count(protocol.units().count()),
            unaccounted: count(protocol.unaccounted().len()),
            status: same(protocol.status),
        })
    }

    pub(crate) fn protocol_view(&mut self, ask: ById) -> Result<ProtocolView, Error> {
        let actor = self.actor(Permission::SeeStock)?;
        let protocol = self.protocol_there(&ask.id)?;
        self.note_read(&actor, protocol.patient, "protocol")?;
        let (now, policy) = (self.now()?, self.policy());
        let facts = self.patient_care(protocol.patient)?;
        let patient = facts.unit.patient.clone().ok_or_else(|| no(Code::NotFound))?;
        let shelf = self.shelf_for(&protocol)?;
        let mut packs = vec![];
        for pack in &protocol.packs {
            let mut bags = vec![];
            for one in &pack.units {
                let said = protocol.fates.iter().find(|(unit, _)| *unit == one.unit);
                let known = match said {
                    Some(_) => None,
                    None => self.fate_of(&protocol, one.unit)?,
                };
                bags.push(PackBag {
                    unit: self.unit_row(&self.unit_there(one.unit)?)?,
                    fate: said.map(|(_, fate)| same(fate)),
                    known: known.map(same),
                });
            }
            packs.push(BloodPackView {
                number: pack.number,
                prepared_at: rfc3339(pack.prepared_at),
                issued_at: pack.issued_at.map(rfc3339),
                bags,
            });
        }
        let negative_left = negative_left(&protocol, &facts, &shelf, &policy, now);
        let prompts = mtp::prompts(&protocol, &patient, negative_left, &policy, &policy.care, now);
        let mut next = vec![];
        if protocol.status == Status::Active {
            for line in self.proposed(&protocol, &facts, &shelf)? {
                let mut bags = vec![];
                for one in &line.lines {
                    let row = self.proposal_line(one.unit, &one.reasons, &one.cautions)?;
                    bags.push(PackProposal { unit: row.unit, reasons: row.reasons });
                }
                next.push(PackLineView {
                    component: same(line.component),
                    count: line.count,
                    bags,
                    missing: line.missing,
                });
            }
        }
        Ok(ProtocolView {
            row: self.protocol_row(&protocol)?,
            group: super::group_state(&patient.group, patient.phenotype),
            current_group: protocol.current_group.map(same),
            rhd_switched_at: protocol.rhd_switched.map(rfc3339),
            red_cells_in_a_day: protocol.red_cells_in_a_day(now),
            packs,
            prompts: prompts
                .into_iter()
                .map(|(prompt, args)| PromptRow {
                    prompt: same(prompt),
                    args: args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
                })
                .collect(),
            next,
            next_number: next_number(&protocol),
        })
    }

    fn protocol_there(&self, of: &str) -> Result<Protocol, Error> {
        self.care_there(CareKey::Protocol(id(of)?))
    }

    /// A massive transfusion that runs for this very patient.
    pub(super) fn runs_for(&self, of: &str, patient: kernel::PatientId) -> Result<(), Error> {
        let protocol = self.protocol_there(of)?;
        if protocol.patient != patient || protocol.status == Status::Closed {
            return Err(super::stop_with(CareRule::Changed, "status", "protocol"));
        }
        Ok(())
    }

    /// What lies on the shelf and in no cooler.
    fn shelf_for(&self, protocol: &Protocol) -> Result<Vec<(Unit, UnitTraits)>, Error> {
        let mut packed: Vec<UnitId> = protocol.units().map(|one| one.unit).collect();
        for other in self.store()?.care_open::<Protocol>()? {
            packed.extend(other.unaccounted());
        }
        let site = Some(self.site().to_owned());
        let filter = UnitFilter { live_only: true, site, ..UnitFilter::default() };
        let mut shelf = vec![];
        for unit in self.store()?.units(&filter)? {
            if unit.transit.is_none() && !packed.contains(&unit.id) {
                let traits = self.traits_of(&unit)?;
                shelf.push((unit, traits));
            }
        }
        Ok(shelf)
    }

    /// The next pack: what policy wants of each component, chosen as any other order is, in the haste of
    /// this one.
    fn proposed(
        &self,
        protocol: &Protocol,
        facts: &Facts,
        shelf: &[(Unit, UnitTraits)],
    ) -> Result<Vec<Proposed>, Error> {
        let (policy, now) = (self.policy(), self.now()?);
        let Some(pack) = mtp::pack(&policy.care, next_number(protocol)) else { return Ok(vec![]) };
        let mut of_unit = facts.unit.clone();
        let at_odds = self.store()?.donations_at_odds()?;
        of_unit.siblings = at_odds.iter().filter_map(bloodbank::Sibling::of).collect();
        let recorded = of_unit.patient.clone();
        if let Some(patient) = of_unit.patient.as_mut() {
            patient.group = current_group(protocol, &patient.group);
        }
        // What the record's group forbids is not carried to the bed either.
        let may = |unit: &Unit| match &recorded {
            Some(patient) if known(&patient.group) => {
                bloodbank::fit(unit.component, unit.group, unit.low_titre, patient, &policy)
                    .iter()
                    .all(|verdict| !matches!(verdict.fit, Fit::Stop(_)))
            }
            _ => true,
        };
        let history = &facts.care.history;
        let mut found = vec![];
        for line in &pack.lines {
            let of_line: Vec<(Unit, UnitTraits)> = shelf
                .iter()
                .filter(|(unit, _)| unit.component == line.component && may(unit))
                .cloned()
                .collect();
            let (positive, negative): (Vec<_>, Vec<_>) =
                of_line.into_iter().partition(|(unit, _)| unit.group.rhd == Rhd::Positive);
            // Once the team has switched, what is left of RhD negative is kept for others.
            let shelves = if protocol.rhd_switched.is_some() {
                vec![positive, negative]
            } else {
                vec![positive.into_iter().chain(negative).collect()]
            };
            let mut proposed = Proposed {
                component: line.component,
                count: line.count,
                lines: vec![],
                missing: line.count,
            };
            // What the history asks for first; in this haste its absence is a warning of the gate.
            let none = bloodbank::history::History::default();
            for history in [history, &none] {
                for shelf in &shelves {
                    let free: Vec<_> = shelf
                        .iter()
                        .filter(|(unit, _)| !proposed.lines.iter().any(|l| l.unit == unit.id))
                        .cloned()
                        .collect();
                    if proposed.missing == 0 {
                        continue;
                    }
                    let order = order_of(protocol, line.component, proposed.missing, now);
                    let more = request::propose(
                        &order,
                        &free,
                        &of_unit,
                        history,
                        &policy,
                        &policy.care,
                        now,
                    );
                    proposed.missing = more.missing;
                    proposed.lines.extend(more.lines);
                }
            }
            found.push(proposed);
        }
        Ok(found)
    }

    pub(crate) fn protocol_activate(&mut self, ask: ProtocolActivate) -> Result<Made, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let patient = patient_id(&ask.patient)?;
        let open = self.store()?.care_of_patient::<Protocol>(patient)?;
        if let Some(open) = open.iter().find(|one| one.status == Status::Active) {
            return Err(super::stop_with(CareRule::Known, "protocol", open.id));
        }
        let facts = self.patient_care(patient)?;
        let new = ProtocolId(self.options.clock.new_uuid());
        let command = Command::Activate { patient, by: actor.id, reason: ask.reason };
        self.save(&actor, body(new, command), facts, Passed::default())?;
        Ok(Made { id: new.to_string() })
    }

    /// A pack is made up, and its bags are held for the patient with the same command wherever nothing
    /// speaks against that.
    pub(crate) fn protocol_pack(&mut self, ask: ProtocolPack) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        let protocol = self.protocol_there(&ask.protocol)?;
        let mut facts = self.patient_care(protocol.patient)?;
        let shelf = self.shelf_for(&protocol)?;
        let chosen: Vec<UnitId> = match &ask.units {
            Some(units) => units.iter().map(|unit| unit_id(unit)).collect::<Result<_, _>>()?,
            None => {
                let lines = self.proposed(&protocol, &facts, &shelf)?;
                lines.iter().flat_map(|line| &line.lines).map(|line| line.unit).collect()
            }
        };
        let mut units = vec![];
        let mut holds = vec![];
        for unit in chosen {
            let unit = self.unit_there(unit)?;
            let free = shelf.iter().any(|(one, _)| one.id == unit.id);
            if unit.site != self.site() || unit.transit.is_some() {
                return Err(no(Code::UnitNotHere));
            }
            if !free && !protocol.units().any(|one| one.unit == unit.id) {
                return Err(super::stop_with(CareRule::Known, "unit", unit.id));
            }
            facts.unit.siblings.extend(self.siblings(&unit.din)?);
            self.note_bag(&mut facts, unit.id)?;
            units.push(PackUnit { unit: unit.id, component: unit.component, group: unit.group });
            holds.push(Body::Unit {
                id: unit.id,
                command: bloodbank::Command::Reserve { patient: protocol.patient, until: None },
            });
        }
        let context = records::Context {
            now: self.now()?,
            later: None,
            by: kernel::CommandId(self.options.clock.new_uuid()),
            actor: actor.clone(),
            overridden: vec![],
            duplicates_overridden: false,
            policy: self.policy(),
        };
        let mut parts = vec![body(protocol.id, Command::PreparePack { number: ask.number, units })];
        for hold in holds {
            // An emergency may take what cannot be set aside the ordinary way: a group nobody knows.
            if self.store()?.decide(&hold, &facts, &context)?.is_ok() {
                parts.push(hold);
            }
        }
        self.save_parts(&actor, parts, facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// Every bag of a pack leaves by a command of its own: all are judged first, so that nothing leaves
    /// when one of them may not. Broken off between two, the same call goes on where it stopped.
    pub(crate) fn protocol_issue(&mut self, ask: ProtocolIssue) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        let protocol = self.protocol_there(&ask.protocol)?;
        let pack = protocol.packs.iter().find(|pack| pack.number == ask.number);
        let pack = pack.ok_or_else(|| no(Code::NotFound))?;
        // Broken off between two bags it goes on; a pack that left, or whose protocol is over, does not.
        if protocol.status != Status::Active || pack.issued_at.is_some() {
            return Err(super::stop_with(CareRule::Changed, "status", "issued"));
        }
        let passed = self.passed(&actor, ask.override_.as_ref(), ask.second.as_ref())?;
        let signed = match &ask.password {
            Some(password) => {
                let user = ask.physician.clone();
                self.second(&actor, Some(&SecondPerson { user, password: password.clone() }))?;
                Some(self.now()?)
            }
            None => None,
        };
        let mut asks = vec![];
        for one in &pack.units {
            // What was accounted for is in no cooler any more.
            let known = protocol.fates.iter().any(|(unit, _)| *unit == one.unit);
            if !known && !self.left_with(&protocol, one.unit)? {
                asks.push(self.pack_ask(&protocol, &ask, one.unit)?);
            }
        }
        let mut warned: Option<CommandError> = None;
        for one in &asks {
            let Err(said) = self.would_give(&actor, one, signed, &passed)? else { continue };
            let said = said.with("unit", &one.unit);
            match warned.as_mut() {
                _ if said.kind != ErrorKind::NeedsOverride => return Err(said.into()),
                None => warned = Some(said),
                Some(first) => {
                    let more: Vec<Code> = said
                        .rules
                        .iter()
                        .filter(|rule| !first.rules.contains(rule))
                        .copied()
                        .collect();
                    first.rules.extend(more);
                }
            }
        }
        if let Some(warned) = warned {
            return Err(warned.into());
        }
        for one in &asks {
            // What was passed for the pack stands at the bags that asked for it, and at no other.
            let own = match self.would_give(&actor, one, signed, &Passed::default())? {
                Err(said) if said.kind == ErrorKind::NeedsOverride => said.rules,
                _ => vec![],
            };
            let mut rules = passed.rules.clone();
            rules.retain(|rule| own.contains(&care_code(*rule)));
            let passed = match rules.is_empty() {
                true => Passed::default(),
                false => Passed {
                    rules,
                    duplicates: false,
                    reason: passed.reason.clone(),
                    second: passed.second.clone(),
                    happened: None,
                },
            };
            self.give_out(&actor, one, signed, passed, vec![])?;
        }
        self.on_protocol(&actor, &protocol, vec![Command::IssuePack { number: ask.number }])
    }

    /// The open massive transfusion of the patient at the counter, and the pack in which the bag lies.
    pub(super) fn protocol_open(
        &self,
        ask: &IssueAsk,
        unit: &Unit,
    ) -> Result<Option<CounterProtocol>, Error> {
        let all = self.store()?.care_of_patient::<Protocol>(patient_id(&ask.patient)?)?;
        let open = all.into_iter().find(|one| one.status == Status::Active);
        Ok(open.map(|one| CounterProtocol {
            id: one.id.to_string(),
            pack: pack_of(&one, unit.id).map(|pack| pack.number),
        }))
    }

    /// What an issue at the counter under a massive transfusion does to it: its bag is in a pack, so that
    /// it is accounted for in the end, and the last bag of a pack issues the pack.
    pub(super) fn under_protocol(&self, ask: &IssueAsk) -> Result<Vec<Body>, Error> {
        let Some(of) = &ask.protocol else { return Ok(vec![]) };
        let protocol = self.protocol_there(of)?;
        self.runs_for(of, patient_id(&ask.patient)?)?;
        if protocol.status != Status::Active {
            return Err(super::stop_with(
                CareRule::Changed,
                "status",
                super::word(protocol.status),
            ));
        }
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let commands = match pack_of(&protocol, unit.id) {
            None => {
                let number = next_number(&protocol);
                let (unit, component, group) = (unit.id, unit.component, unit.group);
                let units = vec![PackUnit { unit, component, group }];
                vec![Command::PreparePack { number, units }, Command::IssuePack { number }]
            }
            Some(pack) if pack.issued_at.is_none() => {
                let mut all_left = true;
                for other in pack.units.iter().filter(|one| one.unit != unit.id) {
                    all_left &= self.left_with(&protocol, other.unit)?;
                }
                let number = pack.number;
                all_left.then_some(Command::IssuePack { number }).into_iter().collect()
            }
            Some(_) => vec![],
        };
        Ok(commands.into_iter().map(|command| body(protocol.id, command)).collect())
    }

    /// Whether a bag of this protocol is out or used already.
    fn left_with(&self, protocol: &Protocol, unit: UnitId) -> Result<bool, Error> {
        let all = self.store()?.care_of_unit::<Dispensation>(unit)?;
        Ok(all.iter().any(|one| one.protocol == Some(protocol.id) && one.stands()))
    }

    /// The issue of one bag of a pack; it must be among those that were scanned.
    fn pack_ask(
        &self,
        protocol: &Protocol,
        ask: &ProtocolIssue,
        unit: UnitId,
    ) -> Result<IssueAsk, Error> {
        let unit = self.unit_there(unit)?;
        let read = ask.bags.iter().find(|bag| {
            bag.din.trim().eq_ignore_ascii_case(&unit.din)
                && bag.product_code.trim().eq_ignore_ascii_case(&unit.product_code)
        });
        let Some(bag) = read else {
            let said = CommandError::refusal(Code::ScanDisagrees).with("field", "missing");
            return Err(said.with("din", &unit.din).with("unit", unit.id).into());
        };
        Ok(IssueAsk {
            unit: unit.id.to_string(),
            patient: protocol.patient.to_string(),
            wristband: None,
            bag: Some(bag.clone()),
            slip: None,
            collected_by: ask.collected_by.clone(),
            appearance_ok: ask.appearance_ok,
            emergency: Some(EmergencyOrder {
                physician: ask.physician.clone(),
                justification: protocol.reason.clone(),
                password: None,
            }),
            protocol: Some(protocol.id.to_string()),
            override_: None,
            second: ask.second.clone(),
            happened: None,
        })
    }

    /// The group that a sample of this admission shows: what an old record says does not count.
    pub(crate) fn protocol_group(&mut self, ask: ProtocolGroup) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        let protocol = self.protocol_there(&ask.protocol)?;
        let group = same(ask.group);
        let now = self.now()?;
        let exposures = self.blood_history_of(protocol.patient)?.exposures;
        let sample = self.sample_of(protocol.patient, &exposures, now)?;
        let sample = sample.filter(|sample| sample.usable(now).is_ok());
        match sample.map(|sample| sample.group()) {
            None => return Err(super::stop(CareRule::SampleMissing)),
            Some(typed) if typed != Some(group) => {
                return Err(super::stop(CareRule::TypingDiscrepant));
            }
            Some(_) => {}
        }
        self.on_protocol(&actor, &protocol, vec![Command::NoteCurrentGroup { group }])
    }

    pub(crate) fn protocol_switch(&mut self, ask: ProtocolReason) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let protocol = self.protocol_there(&ask.protocol)?;
        let command = Command::SwitchRhd { by: actor.id, reason: ask.reason };
        self.on_protocol(&actor, &protocol, vec![command])
    }

    /// What became of a bag by the records; none where they show nothing.
    fn fate_of(&self, protocol: &Protocol, unit: UnitId) -> Result<Option<Fate>, Error> {
        let unit = self.unit_there(unit)?;
        let mut issues = self.store()?.care_of_unit::<Dispensation>(unit.id)?;
        issues.retain(|one| one.patient == protocol.patient && under(one, protocol));
        for issue in &issues {
            let transfusion = self.transfusion_of(issue.id)?;
            if transfusion.is_some_and(|one| one.started_at.is_some()) {
                return Ok(Some(Fate::Transfused));
            }
        }
        if matches!(unit.status, OfUnit::Discarded { .. }) {
            return Ok(Some(Fate::Discarded));
        }
        let back = issues.first().is_some_and(|one| matches!(one.status, Way::Returned { .. }));
        Ok(back.then_some(Fate::Returned))
    }

    /// The fates that the records show and nobody has said yet.
    fn known_fates(&self, protocol: &Protocol) -> Result<Vec<Command>, Error> {
        let mut found = vec![];
        for unit in protocol.unaccounted() {
            if let Some(fate) = self.fate_of(protocol, unit)? {
                found.push(Command::Account { unit, fate });
            }
        }
        Ok(found)
    }

    pub(crate) fn protocol_account(&mut self, ask: ProtocolAccount) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        let protocol = self.protocol_there(&ask.protocol)?;
        let (Some(unit), Some(fate)) = (&ask.unit, ask.fate) else {
            let known = self.known_fates(&protocol)?;
            return self.on_protocol(&actor, &protocol, known);
        };
        let unit = self.unit_there(unit_id(unit)?)?;
        let fate: Fate = same(fate);
        // A word does not stand against the records: a bag that is out has not come back.
        // Nor is what another protocol of this patient gave out this one's to speak of.
        let issue = self.dispensation_of(unit.id)?;
        let ours = issue.as_ref().is_none_or(|one| under(one, &protocol));
        let agrees = match (fate, &unit.status) {
            (fate, _) if !ours => self.fate_of(&protocol, unit.id)? == Some(fate),
            (Fate::Transfused, OfUnit::Issued { patient, .. }) => *patient == protocol.patient,
            (Fate::Returned, status) => {
                !matches!(status, OfUnit::Issued { .. } | OfUnit::Discarded { .. })
            }
            (Fate::Discarded, status) => matches!(status, OfUnit::Discarded { .. }),
            (Fate::Transfused, _) => false,
        };
        if !agrees {
            let status = super::word(same::<_, UnitStatus>(self.unit_row(&unit)?.status));
            return Err(super::stop_with(CareRule::StepMissing, "status", status));
        }
        let mut parts = vec![body(protocol.id, Command::Account { unit: unit.id, fate })];
        let held = matches!(unit.effective_status(self.now()?),
            Effective::Reserved { patient, .. } if patient == protocol.patient);
        if fate == Fate::Returned && held {
            let command =
                bloodbank::Command::Release { reason: "back from a massive transfusion".into() };
            parts.push(Body::Unit { id: unit.id, command });
        }
        let mut facts = self.patient_care(protocol.patient)?;
        if fate == Fate::Transfused {
            // Said of a bag that nobody checked at a bed: it is with the ward no longer.
            if let Some(issue) = issue.filter(|one| ours && one.status == Way::Out) {
                facts.care.unit = Some(unit.clone());
                let used = Dispense { unit: unit.id, does: OfIssue::NoteUsed };
                let command = Box::new(used);
                parts.push(Body::Care(CareBody::Dispensation { id: issue.id, command }));
            }
        }
        self.save_parts(&actor, parts, facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// What was said of a bag was not so. One that was said to be given is with the ward again; blood that ran
    /// by a bedside record is not undone by a word.
    pub(crate) fn protocol_withdraw(&mut self, ask: ProtocolWithdraw) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        let protocol = self.protocol_there(&ask.protocol)?;
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let said = protocol.fates.iter().find(|(one, _)| *one == unit.id).map(|(_, fate)| *fate);
        let back = Command::Withdraw { unit: unit.id, reason: ask.reason.clone(), by: actor.id };
        let mut parts = vec![body(protocol.id, back)];
        let mut facts = self.patient_care(protocol.patient)?;
        if said == Some(Fate::Transfused)
            && let Some(issue) = self
                .dispensation_of(unit.id)?
                .filter(|one| one.status == Way::Used && under(one, &protocol))
        {
            let ran = self.transfusion_of(issue.id)?.is_some_and(|one| one.started_at.is_some());
            facts.care.unit = Some(unit.clone());
            facts.care.begun = Some(ran);
            let does = OfIssue::WithdrawUse { reason: ask.reason };
            let command = Box::new(Dispense { unit: unit.id, does });
            parts.push(Body::Care(CareBody::Dispensation { id: issue.id, command }));
        }
        self.save_parts(&actor, parts, facts, Passed::default())?;
        Ok(Nothing {})
    }

    pub(crate) fn protocol_end(&mut self, ask: ById) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RequestBlood)?;
        let protocol = self.protocol_there(&ask.id)?;
        self.on_protocol(&actor, &protocol, vec![Command::End { by: actor.id }])
    }

    /// What the records show of its bags is said with the same command.
    pub(crate) fn protocol_close(&mut self, ask: ById) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::IssueBlood)?;
        let protocol = self.protocol_there(&ask.id)?;
        let mut commands = match protocol.status {
            Status::Ended => self.known_fates(&protocol)?,
            _ => vec![],
        };
        commands.push(Command::Close);
        self.on_protocol(&actor, &protocol, commands)
    }

    fn on_protocol(
        &mut self,
        actor: &Actor,
        protocol: &Protocol,
        commands: Vec<Command>,
    ) -> Result<Nothing, Error> {
        let facts = self.patient_care(protocol.patient)?;
        let parts = commands.into_iter().map(|command| body(protocol.id, command)).collect();
        self.save_parts(actor, parts, facts, Passed::default())?;
        Ok(Nothing {})
    }
}

/// A bag left under this protocol, or under none.
fn under(issue: &Dispensation, protocol: &Protocol) -> bool {
    issue.protocol.is_none_or(|of| of == protocol.id)
}

fn pack_of(protocol: &Protocol, unit: UnitId) -> Option<&bloodbank::mtp::Filled> {
    protocol.packs.iter().find(|pack| pack.units.iter().any(|one| one.unit == unit))
}

fn next_number(protocol: &Protocol) -> u32 {
    u32::try_from(protocol.packs.len()).unwrap_or(u32::MAX).saturating_add(1)
}

fn known(group: &KnownGroup) -> bool {
    matches!(group, KnownGroup::Once(_) | KnownGroup::Confirmed(_))
}

/// The group that packs are chosen by: that of this admission, and nobody's before it is known.
fn current_group(protocol: &Protocol, recorded: &KnownGroup) -> KnownGroup {
    match (protocol.current_group, recorded) {
        (Some(now), KnownGroup::Confirmed(group)) if *group == now => KnownGroup::Confirmed(now),
        (Some(_), KnownGroup::Conflict(groups)) => KnownGroup::Conflict(groups.clone()),
        (Some(now), _) => KnownGroup::Once(now),
        (None, _) => KnownGroup::Unknown,
    }
}

/// Free RhD-negative red cells that this patient may be given.
fn negative_left(
    protocol: &Protocol,
    facts: &Facts,
    shelf: &[(Unit, UnitTraits)],
    policy: &bloodbank::Policy,
    now: Instant,
) -> u32 {
    let mut patient = facts.unit.patient.clone();
    if let Some(patient) = patient.as_mut() {
        patient.group = current_group(protocol, &patient.group);
    }
    let fits = |unit: &Unit| match &patient {
        Some(patient) if known(&patient.group) => {
            bloodbank::fit(unit.component, unit.group, unit.low_titre, patient, policy)
                .iter()
                .all(|verdict| !matches!(verdict.fit, Fit::Stop(_)))
        }
        _ => unit.group.abo == Abo::O,
    };
    let left = shelf.iter().filter(|(unit, _)| {
        unit.component == Part::RedCells
            && unit.group.rhd == Rhd::Negative
            && matches!(unit.effective_status(now), Effective::Available)
            && unit.phenotype.is_ordinary()
            && fits(unit)
    });
    u32::try_from(left.count()).unwrap_or(u32::MAX)
}

/// One line of a pack as an order; it is never stored.
fn order_of(protocol: &Protocol, component: Part, count: u32, now: Instant) -> Request {
    Request {
        id: RequestId(protocol.id.0),
        patient: protocol.patient,
        component,
        count,
        urgency: Haste::Massive,
        indication: "massive_transfusion".into(),
        measured: vec![],
        needs: vec![],
        fresh_days: None,
        needed_by: now,
        requested_by: protocol.activated_by,
        consent: true,
        placed_at: now,
        accepted_by: None,
        allocated: vec![],
        issued: vec![],
        status: request::Status::Open,
        version: 1,
    }
}
