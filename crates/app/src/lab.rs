//! The laboratory bench: a donation divided, typed, tested, and its components released to the shelf
//! or discarded. What stands against a release is said by `bloodbank::lab`; nothing comes to the stock
//! past it.

use crate::backend::{Asked, Inner, Passed};
use crate::blood::{SITE, check_of, code_of, unit_id};
use crate::care::recall_more;
use crate::convert::{rfc3339, same};
use crate::donors::{day, donation_id};
use crate::error::{Error, no, too_many};
use bloodbank::donation::{Donation, HoldReason};
use bloodbank::donor::{Command as OfDonor, Ends};
use bloodbank::lab::{
    self, Inspection, Interpretation, KitLot, Label, LabelFault, Made as MadePart,
    MarkerState as Stand, Part, PartCommand, PartState, Product, ReleaseView, Sheet, Tests,
    TypingState as Typed, interpret,
};
use bloodbank::profile::{Lasts, Marker as Mark, Profile};
use bloodbank::traits::Phenotype;
use chrono::TimeDelta;
use hospital::staff::user_name;
use kernel::{Actor, CommandId, DonationId, Millilitres, Permission, RunId, StaffId};
use records::{Body, Facts, MOST_WRITES, RunRecord, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire::*;

/// How long before and after a donation others were given whose samples may have lain beside its own.
const BESIDE: TimeDelta = TimeDelta::hours(24);
/// On bags of a donor whose later donation has another group.
const OTHER_GROUP: &str = "a later donation of the donor has another group";
/// The deferral of a donor whose test is not clear yet.
const UNDER_REVIEW: &str = "test_under_review";
/// Donations on one plate: the largest that is made has so many wells.
const MOST_ON_A_RUN: usize = 384;

/// A bag that two donations of one command share, such as a pool, is stopped once.
fn once_each(groups: &mut [Vec<Body>]) {
    let mut seen = BTreeSet::new();
    for group in groups {
        group.retain(|part| match part {
            Body::Unit { id, .. } => seen.insert(*id),
            _ => true,
        });
    }
}

impl Inner {
    pub(crate) fn lab_board(&mut self, _: Nothing) -> Result<LabBoard, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let profile = &self.policy().rule_book;
        let mut rows = vec![];
        let (donations, all) = self.store()?.donations_in_lab()?;
        let left_out = crate::care::left_out(all, donations.len());
        for donation in donations {
            let source = self.source(donation)?;
            rows.push(self.lab_row(&source, profile)?);
        }
        self.note_list(&actor, records::Key::Facility, "lab_board", rows.len())?;
        let markers = profile.testing.mandatory.iter().map(|row| same(row.value)).collect();
        Ok(LabBoard { rows, markers, left_out })
    }

    /// The donation of this number, wherever it stands: what is through the laboratory is opened again when a
    /// kit is recalled or a result was wrong.
    pub(crate) fn lab_find(&mut self, ask: LabAsk) -> Result<LabFound, Error> {
        self.actor(Permission::TestDonations)?;
        let id = DonationId::of_din(&ask.din.trim().to_uppercase());
        let found = self.store()?.donation(id)?.filter(|one| one.ended.is_some());
        Ok(LabFound { donation: found.map(|one| one.id.to_string()) })
    }

    pub(crate) fn lab_view(&mut self, ask: ById) -> Result<LabView, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let source = self.source_of(donation_id(&ask.id)?)?;
        self.note_seen(&actor, source.donation.id, "lab")?;
        let policy = self.policy();
        let profile = &policy.rule_book;
        let (names, ids) = (self.staff_names()?, self.staff_ids()?);
        let name = |id: &StaffId| {
            let user = ids.get(id).cloned().unwrap_or_default();
            names.get(&user).cloned().unwrap_or(user)
        };
        let bag = source.donation.bag.as_deref().and_then(|code| profile.bag(code));
        let mut kits: BTreeMap<RunId, KitLot> = BTreeMap::new();
        for result in &source.tests.results {
            if let Some(run) = self.store()?.run(result.run)? {
                kits.insert(result.run, run.kit);
            }
        }
        let standing = typed(&source, profile);
        let mut resolvable: Vec<kernel::BloodGroup> = match standing.is_discrepant() {
            true => source.tests.supported_groups(),
            false => vec![],
        };
        resolvable.sort_unstable();
        let mut parts = vec![];
        let now = self.now()?;
        for id in &source.donation.parts {
            let Some(part) = self.store()?.part(*id)? else { continue };
            let problems = match part.state {
                PartState::Quarantine => self.stands_against(&source, &part, &actor)?,
                _ => vec![],
            };
            parts.push(PartView {
                id: part.id.to_string(),
                product: same(part.product),
                product_code: part.product_code.clone(),
                component: part.product.component().map(same),
                volume_ml: part.volume.0,
                expires_at: rfc3339(part.expires.at),
                state: same(part.state),
                bag: match part.state {
                    PartState::Available => Some(self.bag_state(part.id, now)?),
                    _ => None,
                },
                problems: problems
                    .into_iter()
                    .map(|p| ReleaseProblem {
                        rule: same(p.rule),
                        marker: p.marker.map(same),
                        detail: p.detail,
                    })
                    .collect(),
            });
        }
        Ok(LabView {
            row: self.lab_row(&source, profile)?,
            sets: match bag {
                Some(row) => row
                    .value
                    .sets
                    .iter()
                    .map(|set| set.iter().map(|p| product_view(*p, profile)).collect())
                    .collect(),
                None => collected_sets(source.donation.kind, profile),
            },
            parts,
            typings: source
                .tests
                .typings
                .iter()
                .map(|t| TypingView {
                    entry: t.entry.to_string(),
                    group: match interpret(&t.sheet) {
                        Interpretation::Group(group) => Some(same(group)),
                        _ => None,
                    },
                    method: t.method.clone(),
                    lot: t.lot.clone(),
                    by: name(&t.by),
                    at: rfc3339(t.at),
                    verified_by: t.verified_by.as_ref().map(&name),
                    mine: t.by == actor.id,
                })
                .collect(),
            markers: source
                .tests
                .markers(profile)
                .into_iter()
                .map(|(marker, state)| MarkerRow { marker: same(marker), state: same(state) })
                .collect(),
            results: source
                .tests
                .results
                .iter()
                .filter_map(|r| {
                    let last = r.versions.last()?;
                    Some(ResultView {
                        entry: r.entry.to_string(),
                        marker: same(r.marker),
                        stage: same(r.stage),
                        outcome: same(last.outcome),
                        valid: r.run_valid,
                        by: name(&last.by),
                        at: rfc3339(last.at),
                        verified_by: r.verified_by.as_ref().map(&name),
                        mine: last.by == actor.id,
                        run: r.run.to_string(),
                        kit: kits.get(&r.run).map(|kit| kit.kit.clone()).unwrap_or_default(),
                        lot: kits.get(&r.run).map(|kit| kit.lot.clone()).unwrap_or_default(),
                        before: r.versions[..r.versions.len() - 1]
                            .iter()
                            .map(|v| ResultVersion {
                                outcome: same(v.outcome),
                                by: name(&v.by),
                                at: rfc3339(v.at),
                                reason: v.reason.clone(),
                            })
                            .collect(),
                        reason: last.reason.clone(),
                        correctable: !source.tests.unsafe_for.contains(&r.marker)
                            && r.versions.iter().all(|v| v.by != actor.id),
                    })
                })
                .collect(),
            holds: source
                .donation
                .holds
                .iter()
                .map(|h| HoldView {
                    cause: h.cause.to_string(),
                    reason: h.reason.word().to_owned(),
                    r#final: h.reason.is_final(),
                })
                .collect(),
            release_people: profile.testing.release_people.value,
            resolvable: resolvable.into_iter().map(same).collect(),
            resolution: source.tests.resolution.as_ref().map(|r| ResolutionView {
                group: same(r.group),
                reason: r.reason.clone(),
                by: name(&r.by),
                second: name(&r.second),
                at: rfc3339(r.at),
            }),
            neighbours: self.neighbours(&source, standing)?,
        })
    }

    /// What stands against the release of a component, were its bag and its label in order and did somebody
    /// else agree: these come with the release.
    fn stands_against(
        &self,
        source: &Source,
        part: &Part,
        actor: &Actor,
    ) -> Result<Vec<lab::Problem>, Error> {
        let view = ReleaseView {
            part,
            sources: &[(&source.donation, &source.tests, &source.donor)],
            inspection: Inspection { looks_right: true, weighs_right: true },
            actor: actor.id,
            second: Some(StaffId(source.donation.id.0)),
            today: self.today()?,
            label_verified: true,
        };
        Ok(lab::problems(&view, &self.policy().rule_book, self.now()?))
    }

    /// The group that the label of a component at the bench may carry: nothing but the label itself stands
    /// against its release. None: the label says quarantine.
    pub(crate) fn group_to_label(
        &self,
        part: &Part,
        actor: &Actor,
    ) -> Result<Option<kernel::BloodGroup>, Error> {
        let source = self.source_of(DonationId::of_din(&part.din))?;
        let free = part.state == PartState::Quarantine
            && self.stands_against(&source, part, actor)?.is_empty()
            && self.recall_naming(part.id, &part.din)?.is_none();
        Ok(typed(&source, &self.policy().rule_book).group().filter(|_| free))
    }

    /// Whose samples lay beside one whose group is in doubt (bloodbank.md 6, scenario 38).
    fn neighbours(&self, source: &Source, standing: Typed) -> Result<Vec<LabNeighbour>, Error> {
        if !standing.is_discrepant() {
            return Ok(vec![]);
        }
        // Whatever became of them since: of two tubes that were exchanged, the one that is through already is
        // the dangerous half.
        let given = source.donation.begun_at;
        let mut batch: Vec<Donation> = self.store()?.donations_since(given - BESIDE)?;
        batch.retain(|one| one.ended.is_some() && one.begun_at <= given + BESIDE);
        for waiting in self.store()?.donations_in_lab()?.0 {
            if !batch.iter().any(|one| one.id == waiting.id) {
                batch.push(waiting);
            }
        }
        batch.sort_by_key(|one| (one.begun_at, one.id));
        let ids: Vec<DonationId> = batch.iter().map(|one| one.id).collect();
        let (id, donor) = (source.donation.id, &source.donor);
        let mut found = vec![];
        for action in lab::discrepancy_actions(standing, id, donor, &[], &ids) {
            let lab::Action::CheckSample(beside) = action else { continue };
            found.extend(batch.iter().find(|d| d.id == beside).map(|d| LabNeighbour {
                donation: d.id.to_string(),
                din: d.din.clone(),
                check: check_of(&d.din).unwrap_or_default(),
            }));
        }
        Ok(found)
    }

    /// Earlier blood of a donor of which a donation of another group says that one of the two was somebody
    /// else's: bags here and in date with the pools they went into leave the shelf, and what still waits in
    /// the laboratory is held.
    fn flagged(&self, source: &Source, standing: Typed) -> Result<Vec<Body>, Error> {
        let now = self.now()?;
        let mut bags = BTreeSet::new();
        let mut held = vec![];
        for past in source.donor.donations.iter().filter(|p| p.donation != source.donation.id) {
            let Some(donation) = self.store()?.donation(past.donation)? else { continue };
            for body in self.quarantines_because(&donation.din, OTHER_GROUP)? {
                let Body::Unit { id, .. } = body else { continue };
                if self.store()?.unit(id)?.is_some_and(|unit| !unit.expires.is_past(now)) {
                    bags.insert(id);
                }
            }
            let mut waits = false;
            for part in &donation.parts {
                let part = self.store()?.part(*part)?;
                waits |= part.is_some_and(|part| part.state == PartState::Quarantine);
            }
            let reason = HoldReason::GroupDiscrepancy;
            if waits && !donation.holds.iter().any(|hold| hold.reason == reason) {
                let command = bloodbank::donation::Command::Hold { reason };
                held.push(Body::Donation { id: donation.id, command });
            }
        }
        let (id, donor) = (source.donation.id, &source.donor);
        let bags: Vec<kernel::UnitId> = bags.into_iter().collect();
        let actions = lab::discrepancy_actions(standing, id, donor, &bags, &[]);
        let mut stops: Vec<Body> = actions
            .into_iter()
            .filter_map(|action| match action {
                lab::Action::FlagUnit(id) => {
                    let reason = OTHER_GROUP.to_owned();
                    Some(Body::Unit { id, command: bloodbank::Command::Quarantine { reason } })
                }
                _ => None,
            })
            .collect();
        if lab::doubts_what_came_before(standing, donor) {
            stops.extend(held);
        }
        Ok(stops)
    }

    /// A result that somebody else entered wrong. It is a new claim that another person verifies.
    pub(crate) fn lab_correct(&mut self, ask: LabCorrect) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let source = self.source_of(donation_id(&ask.donation)?)?;
        let entry = ask.entry.parse().map_err(|_| no(Code::NotFound))?;
        let outcome = same(ask.outcome);
        let command = lab::Command::CorrectResult { entry, outcome, reason: ask.reason };
        self.save_tests(&actor, source, vec![command], Passed::default())
    }

    /// A discrepancy of the group explained by two people; the hold that it made ends with it.
    pub(crate) fn lab_resolve(&mut self, ask: LabResolve) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let source = self.source_of(donation_id(&ask.donation)?)?;
        let second = self.second_who(&actor, ask.second.as_ref(), Permission::TestDonations)?;
        let command = lab::Command::ResolveTyping { group: same(ask.group), reason: ask.reason };
        self.save_tests(
            &actor,
            source,
            vec![command],
            Passed { second: Some(second), ..Passed::default() },
        )
    }

    /// A run that turns out invalid: none of its results that are not reactive counts any more, and what
    /// rested on them goes back to testing, from the shelf too (bloodbank.md 6, scenario 37).
    pub(crate) fn lab_invalidate(&mut self, ask: LabInvalidate) -> Result<RunInvalidated, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let run: RunId = ask.run.parse().map_err(|_| no(Code::NotFound))?;
        let mut sources = vec![];
        for id in self.store()?.donations_of_run(run)? {
            sources.push(self.source_of(id)?);
        }
        let stands = |source: &Source| {
            source.tests.results.iter().any(|result| result.run == run && result.run_valid)
        };
        if sources.is_empty() {
            return Err(no(Code::NotFound));
        }
        if !sources.iter().any(stands) {
            return Err(no(Code::Changed));
        }
        let mut done = RunInvalidated {
            donations: u32::try_from(sources.len()).unwrap_or(u32::MAX),
            quarantined: 0,
            issued: vec![],
        };
        // Each donation with its bags, however many there are: the tests stop every bag from then on,
        // and the quarantine says so on its page.
        let mut groups = vec![];
        for source in &sources {
            let reason = ask.reason.clone();
            let event = lab::Event::RunInvalidated { run, reason: reason.clone() };
            let after = lab::apply(source.tests.clone(), &event);
            let command = lab::Command::InvalidateRun { run, reason };
            let mut group = vec![Body::Tests { id: source.donation.id, command }];
            if after.speaks_against() {
                let din = &source.donation.din;
                let stop = self.quarantines_because(din, "A test run turned out invalid")?;
                done.quarantined += u32::try_from(stop.len()).unwrap_or(u32::MAX);
                group.extend(stop);
                for unit in self.store()?.units_of_din(din)? {
                    let unit = self.store()?.unit(unit)?;
                    if unit.is_some_and(|u| matches!(u.status, bloodbank::Status::Issued { .. })) {
                        done.issued.push(din.clone());
                    }
                }
            }
            groups.push(group);
        }
        once_each(&mut groups);
        let facts = self.lab_facts(sources)?;
        self.save_groups(&actor, groups, facts, &Passed::default())?;
        Ok(done)
    }

    /// Divides a donation once, into all its components.
    pub(crate) fn lab_divide(&mut self, ask: LabDivide) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let source = self.source_of(donation_id(&ask.donation)?)?;
        let now = self.now()?;
        let mut made = vec![];
        for part in &ask.parts {
            let product = serde_json::from_value(serde_json::Value::from(part.product.clone()))
                .map_err(|e| CommandError::malformed(&e))?;
            let product_code = part.product_code.trim().to_uppercase();
            crate::blood::fits_code(&product_code, product)?;
            let volume = Millilitres(part.volume_ml);
            made.push(MadePart { product, product_code, volume, at: now });
        }
        let din = source.donation.din.clone();
        let ids: Vec<_> =
            made.iter().map(|m| kernel::UnitId::of_label(&din, &m.product_code)).collect();
        if ids.is_empty() {
            return Err(lab_refused(lab::Rule::SetNotAllowed));
        }
        let parts = ids.iter().map(|id| {
            let command = PartCommand::Make { made: made.clone() };
            Body::Part { id: *id, command }
        });
        let add = Body::Donation {
            id: source.donation.id,
            command: bloodbank::donation::Command::AddParts { parts: ids.clone() },
        };
        let body = Body::Together(parts.chain([add]).collect());
        let facts = self.lab_facts(vec![source])?;
        self.save(&actor, body, facts, Passed::default())?;
        Ok(Nothing {})
    }

    pub(crate) fn lab_type(&mut self, ask: LabType) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let source = self.source_of(donation_id(&ask.donation)?)?;
        let sheet = Sheet {
            anti_a: same(ask.anti_a),
            anti_b: same(ask.anti_b),
            anti_d: same(ask.anti_d),
            control: same(ask.control),
            a_cells: same(ask.a_cells),
            b_cells: same(ask.b_cells),
        };
        let command = lab::Command::EnterTyping { method: ask.method, lot: ask.lot, sheet };
        let passed = self.passed_late(ask.happened.as_ref())?;
        let (at, begun_at) = (passed.at(self.now()?), source.donation.begun_at);
        if at < begun_at {
            return Err(crate::care::not_before(begun_at));
        }
        self.save_tests(&actor, source, vec![command], passed)
    }

    /// What somebody else entered, looked at and found the same.
    pub(crate) fn lab_verify(&mut self, ask: LabVerify) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let source = self.source_of(donation_id(&ask.donation)?)?;
        let entry = |text: &String| -> Result<CommandId, Error> {
            text.parse().map_err(|_| no(Code::NotFound))
        };
        let mut commands = vec![];
        for text in &ask.typings {
            commands.push(lab::Command::VerifyTyping { entry: entry(text)? });
        }
        for text in &ask.results {
            commands.push(lab::Command::VerifyResult { entry: entry(text)? });
        }
        self.save_tests(&actor, source, commands, Passed::default())
    }

    /// One run with its controls, and its results of several donations, all or none.
    pub(crate) fn lab_run(&mut self, ask: LabRun) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let said = |text: &str, field: &str| -> Result<String, Error> {
            kernel::said(text).ok_or_else(|| {
                CommandError::refusal(Code::ReasonMissing).with("field", field).into()
            })
        };
        let marker: Mark = same(ask.marker);
        let id = RunId(self.options.clock.new_uuid());
        let record = RunRecord {
            marker,
            kit: KitLot {
                kit: said(&ask.kit, "kit")?,
                lot: said(&ask.lot, "lot")?,
                expires: day(&ask.lot_expires)?,
            },
            positive_control: ask.positive_control,
            negative_control: ask.negative_control,
        };
        if ask.results.len() > MOST_ON_A_RUN {
            return Err(too_many("run", ask.results.len(), MOST_ON_A_RUN));
        }
        let (mut reactive, mut other) = (vec![], vec![]);
        let mut sources = vec![];
        for result in &ask.results {
            let source = self.source_of(donation_id(&result.donation)?)?;
            let outcome = same(result.outcome);
            let command =
                lab::Command::EnterResult { marker, stage: same(result.stage), run: id, outcome };
            let mut group = vec![Body::Tests { id: source.donation.id, command }];
            // Reactive stops at once, entered or verified: the blood and the donor.
            if outcome == lab::Outcome::Reactive
                && !source.donor.deferrals.iter().any(|d| d.code == UNDER_REVIEW)
            {
                group.push(deferred(&source, UNDER_REVIEW, Ends::WhenLifted));
            }
            if outcome == lab::Outcome::Reactive {
                group.extend(self.quarantines_of(&source.donation.din)?);
                reactive.push(group);
            } else {
                other.push(group);
            }
            sources.push(source);
        }
        let mut facts = self.lab_facts(sources)?;
        let today = self.now()?.with_timezone(&facts.donor.zone.unwrap_or(chrono_tz::UTC));
        facts.lab.run = Some(record.clone().on(id, today.date_naive()));
        // The run first, because every result names it; then what stops, then the rest of the plate.
        let mut groups = vec![vec![Body::Run { id, record }]];
        groups.append(&mut reactive);
        groups.append(&mut other);
        once_each(&mut groups);
        self.save_groups(&actor, groups, facts, &Passed::default())?;
        Ok(Nothing {})
    }

    /// A component leaves quarantine and stands on the shelf: one command, all or none.
    pub(crate) fn lab_release(&mut self, ask: LabRelease) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let source = self.source_of(donation_id(&ask.donation)?)?;
        let id = unit_id(&ask.part)?;
        let part = self.store()?.part(id)?.ok_or_else(|| no(Code::NotFound))?;
        if let Some(component) = part.product.component() {
            let range = self.kept_as(id, &part.product_code, component)?;
            self.place_suits(&ask.place, component, range)?;
        }
        let policy = self.policy();
        let profile = &policy.rule_book;
        let second = match profile.testing.release_people.value {
            0 | 1 => None,
            _ => Some(self.second_who(&actor, ask.second.as_ref(), Permission::TestDonations)?),
        };
        let group = typed(&source, profile).group();
        let faults = group.map_or_else(Vec::new, |group| {
            read_back(&ask.label, &part, group, Phenotype::Ordinary)
        });
        let release = Body::Part {
            id,
            command: PartCommand::Release {
                inspection: Inspection {
                    looks_right: ask.looks_right,
                    weighs_right: ask.weighs_right,
                },
                label_verified: group.is_some() && faults.is_empty(),
            },
        };
        let mut parts = vec![release];
        if let Some(group) = group {
            let released = Part { state: PartState::Available, group: Some(group), ..part.clone() };
            let receive = lab::receipt(&released, &ask.place, false, Phenotype::Ordinary)
                .map_err(refused_lab)?;
            parts.push(Body::Unit { id, command: receive });
            if !source.donor.groups.iter().any(|g| g.donation == Some(source.donation.id)) {
                let command = OfDonor::RecordGroup { group, donation: Some(source.donation.id) };
                parts.push(Body::Donor { id: source.donor.id, command });
            }
        }
        let mut facts = self.lab_facts(vec![source])?;
        // Named by a recall while it waited here.
        if self.recall_naming(id, &part.din)?.is_some() {
            facts.lab.held.push(id);
        }
        facts.unit = self.unit_facts(None, None)?.unit;
        facts.unit.siblings = self.siblings(&part.din)?;
        facts.donor.second = self.staff_of(second.as_deref())?;
        let passed = Passed { second, ..Passed::default() };
        self.save(&actor, Body::Together(parts), facts, passed)
            .map_err(|error| naming_faults(error, &faults))?;
        Ok(Nothing {})
    }

    pub(crate) fn lab_discard(&mut self, ask: LabDiscard) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let id = unit_id(&ask.part)?;
        // As for a unit on the shelf (bloodbank.md 2.10 [S30]).
        let second =
            Some(self.second_who(&actor, ask.second.as_ref(), Permission::TestDonations)?);
        let source = self.source_of(donation_id(&ask.donation)?)?;
        let of_shelf =
            bloodbank::Command::Discard { reason: same(ask.reason), note: ask.note.clone() };
        let command = PartCommand::Discard { reason: same(ask.reason), note: ask.note };
        let facts = self.lab_facts(vec![source])?;
        let passed = Passed { second, ..Passed::default() };
        let mut parts = vec![Body::Part { id, command }];
        // Released before: it leaves the shelf with the same command.
        if self.store()?.unit(id)?.is_some_and(|unit| unit.is_live()) {
            parts.push(Body::Unit { id, command: of_shelf });
        }
        self.save_parts(&actor, parts, facts, passed)?;
        Ok(Nothing {})
    }

    pub(crate) fn donation_lift(&mut self, ask: HoldLift) -> Result<Nothing, Error> {
        // The bench lifts what it holds; at the desk a physician does.
        let lifts = |role: kernel::Role| match role.may(Permission::JudgeDonors) {
            true => Permission::JudgeDonors,
            false => Permission::TestDonations,
        };
        let role = self.anyone()?.role;
        let actor = self.actor(lifts(role))?;
        let id = donation_id(&ask.donation)?;
        let hold = ask.hold.parse().map_err(|_| no(Code::NotFound))?;
        let named = ask.second.as_ref().map(|second| user_name(&second.user)).unwrap_or_default();
        let other = self.staff_named(&named)?.map_or(role, |staff| staff.role);
        let second = Some(self.second_who(&actor, ask.second.as_ref(), lifts(other))?);
        let mut facts = self.donor_facts()?;
        facts.donor.second = self.staff_of(second.as_deref())?;
        let command = bloodbank::donation::Command::LiftHold { hold, reason: ask.reason };
        let passed = Passed { second, ..Passed::default() };
        self.save(&actor, Body::Donation { id, command }, facts, passed)?;
        Ok(Nothing {})
    }

    /// Saves commands on the tests of one donation with what follows from them: a typing that does
    /// not fit holds the donation, an infection that is confirmed holds it and defers the donor. `passed`
    /// names who agreed.
    fn save_tests(
        &mut self,
        actor: &Actor,
        source: Source,
        commands: Vec<lab::Command>,
        passed: Passed,
    ) -> Result<Nothing, Error> {
        let agreed = self.staff_of(passed.second.as_deref())?;
        let at = passed.at(self.now()?);
        let policy = self.policies.at(at);
        let profile = &policy.rule_book;
        let id = source.donation.id;
        let mut tests = source.tests.clone();
        let mut unsafe_for = vec![];
        let history = lab::history(&source.donor, &source.donation);
        let known = lab::Facts {
            actor: actor.id,
            second: agreed,
            run: None,
            history: &history,
            first_time: source.donation.first_time,
        };
        for command in &commands {
            let by = CommandId(self.options.clock.new_uuid());
            // What is refused is refused by the save, with everything.
            let Ok(events) = lab::decide(&tests, &known, command, profile, at, by) else {
                break;
            };
            for event in events {
                if let lab::Event::FoundUnsafe { marker } = &event {
                    unsafe_for.push(*marker);
                }
                tests = lab::apply(tests, &event);
            }
        }
        let reactive = commands.iter().any(|command| {
            matches!(command, lab::Command::CorrectResult { outcome: lab::Outcome::Reactive, .. })
        });
        let mut parts: Vec<Body> =
            commands.into_iter().map(|command| Body::Tests { id, command }).collect();
        if parts.is_empty() {
            return Err(no(Code::NotFound));
        }
        let hold = |reason: HoldReason| Body::Donation {
            id,
            command: bloodbank::donation::Command::Hold { reason },
        };
        let held = |reason: &HoldReason| source.donation.holds.iter().any(|h| h.reason == *reason);
        let standing = tests.typing(&history, source.donation.first_time, profile);
        let discrepant = standing.is_discrepant();
        let mut stops = vec![];
        if discrepant && !held(&HoldReason::GroupDiscrepancy) {
            parts.push(hold(HoldReason::GroupDiscrepancy));
            stops = self.flagged(&source, standing)?;
        }
        // Two people said how it came about: what it held is not held by it any more.
        for hold in source.donation.holds.iter().filter(|_| agreed.is_some() && !discrepant) {
            if hold.reason == HoldReason::GroupDiscrepancy {
                let reason = format!("resolved: {}", hold.reason.word());
                let lift = bloodbank::donation::Command::LiftHold { hold: hold.cause, reason };
                parts.push(Body::Donation { id, command: lift });
            }
        }
        if discrepant || reactive || !unsafe_for.is_empty() {
            stops.splice(0..0, self.quarantines_of(&source.donation.din)?);
        }
        once_each(std::slice::from_mut(&mut stops));
        // Put right to reactive stops as an entered one does.
        let reviewed = source.donor.deferrals.iter().any(|d| d.code == UNDER_REVIEW);
        if reactive && unsafe_for.is_empty() && !reviewed {
            parts.push(deferred(&source, UNDER_REVIEW, Ends::WhenLifted));
        }
        if !unsafe_for.is_empty() && !held(&HoldReason::Reactive) {
            parts.push(hold(HoldReason::Reactive));
        }
        let mut looked_back = vec![];
        for marker in unsafe_for {
            // Everybody who may have received of this donor is found in the same go (2.12).
            if let Some((recall, open, later)) = self.look_back_of(&source.donation, marker)? {
                parts.push(open);
                looked_back.push((recall, later));
            }
            let code = deferral_code(marker);
            let today = self.today()?;
            let lasts = profile.deferral(code, today).map(|row| row.value.lasts);
            let ends = match lasts {
                Some(Lasts::Permanent) => Ends::Never,
                _ => Ends::WhenLifted,
            };
            parts.push(deferred(&source, code, ends));
        }
        let mut facts = self.lab_facts(vec![source])?;
        facts.donor.second = agreed;
        // All or none; what is only quarantined comes first, and harms nobody there.
        let written: BTreeSet<_> = parts.iter().flat_map(Body::keys).collect();
        stops.retain(|part| !part.keys().iter().any(|key| written.contains(key)));
        let room = MOST_WRITES.saturating_sub(written.len());
        let rest = stops.split_off(room.min(stops.len()));
        parts.append(&mut stops);
        let mut commands = vec![];
        let of_stops = Arc::new(self.unit_facts(None, None)?);
        for some in rest.chunks(MOST_WRITES) {
            let (facts, parts) = (Arc::clone(&of_stops), some.to_vec());
            commands.push(Asked { parts, facts, passed: Passed::default() });
        }
        commands.push(Asked { parts, facts: Arc::new(facts), passed });
        for (recall, later) in looked_back {
            commands.extend(recall_more(recall, later));
        }
        self.save_commands(actor, commands)?;
        Ok(Nothing {})
    }

    fn source_of(&self, id: DonationId) -> Result<Source, Error> {
        let donation = self.store()?.donation(id)?.ok_or_else(|| no(Code::NotFound))?;
        self.source(donation)
    }

    /// A donation with its tests and its donor.
    fn source(&self, donation: Donation) -> Result<Source, Error> {
        let tests = self.store()?.tests(donation.id)?.unwrap_or(Tests::none(donation.id));
        let donor = self.store()?.donor(donation.donor)?;
        let donor = donor.ok_or_else(|| Error::Broken("a donation without its donor".into()))?;
        // Every record of the person counts: its determinations and what keeps it from giving.
        let donor = self.person_of(&donor)?;
        Ok(Source { donation, tests, donor })
    }

    fn lab_facts(&self, sources: Vec<Source>) -> Result<Facts, Error> {
        let mut facts = self.donor_facts()?;
        facts.lab.sources = sources;
        facts.lab.own_donation = true;
        facts.unit.site = SITE.to_owned();
        Ok(facts)
    }

    pub(crate) fn staff_of(&self, user: Option<&str>) -> Result<Option<StaffId>, Error> {
        Ok(match user {
            Some(user) => self.staff_ids()?.into_iter().find(|(_, u)| u == user).map(|s| s.0),
            None => None,
        })
    }

    fn lab_row(&self, source: &Source, profile: &Profile) -> Result<LabRow, Error> {
        let Source { donation, tests, .. } = source;
        let mut waiting = 0;
        for id in &donation.parts {
            let part = self.store()?.part(*id)?;
            waiting += u32::from(part.is_some_and(|p| p.state == PartState::Quarantine));
        }
        let mut open: Vec<(Mark, Stand)> = tests
            .markers(profile)
            .into_iter()
            .filter(|(_, state)| *state != Stand::NonReactive)
            .collect();
        open.sort_by_key(|(_, state)| std::cmp::Reverse(*state));
        Ok(LabRow {
            donation: donation.id.to_string(),
            din: donation.din.clone(),
            check: check_of(&donation.din).unwrap_or_default(),
            ended_at: donation.ended.map(|e| rfc3339(e.at)).unwrap_or_default(),
            volume_ml: donation.ended.map_or(0, |e| e.volume.0),
            bag: donation.bag.clone(),
            kind: same(donation.kind),
            parts: u32::try_from(donation.parts.len()).unwrap_or(u32::MAX),
            waiting,
            typing: match typed(source, profile) {
                Typed::NotDone => TypingState::NotDone,
                Typed::Ambiguous { needs } => TypingState::Ambiguous { needs },
                Typed::NoMatch => TypingState::NoMatch,
                Typed::Match(group) => TypingState::Match { group: same(group) },
                Typed::Resolved(group) => TypingState::Resolved { group: same(group) },
                Typed::NoTypeDetermined => TypingState::NoTypeDetermined,
                Typed::Indeterminate => TypingState::Indeterminate,
            },
            open: open
                .into_iter()
                .map(|(marker, state)| MarkerRow { marker: same(marker), state: same(state) })
                .collect(),
            held: donation.is_held(),
        })
    }
}

fn typed(source: &Source, profile: &Profile) -> Typed {
    let Source { donation, tests, donor } = source;
    tests.typing(&lab::history(donor, donation), donation.first_time, profile)
}

/// What is wrong with the label on the bag, as a scanner reads it; what cannot be read says nothing.
pub(crate) fn read_back(
    text: &str,
    part: &Part,
    group: kernel::BloodGroup,
    phenotype: Phenotype,
) -> Vec<&'static str> {
    let label = Label {
        din: part.din.clone(),
        product_code: part.product_code.clone(),
        group,
        phenotype,
        expires: part.expires,
    };
    let Ok(scans) = isbt128::read(text.trim()) else { return vec!["unreadable"] };
    lab::verify_label(&label, &scans).err().unwrap_or_default().iter().map(fault_word).collect()
}

fn fault_word(fault: &LabelFault) -> &'static str {
    match fault {
        LabelFault::DinMissing => "din_missing",
        LabelFault::DinDiffers => "din_differs",
        LabelFault::GroupMissing => "group_missing",
        LabelFault::GroupDiffers => "group_differs",
        LabelFault::ProductMissing => "product_missing",
        LabelFault::ProductDiffers => "product_differs",
        LabelFault::ExpiryMissing => "expiry_missing",
        LabelFault::ExpiryDiffers => "expiry_differs",
    }
}

/// The refusal of a label that does not read back, with what is wrong with it.
pub(crate) fn naming_faults(error: Error, faults: &[&str]) -> Error {
    match error {
        Error::Say(said) if said.args.get("rule").is_some_and(|r| r == "label_not_verified") => {
            said.with("faults", faults.join(",")).into()
        }
        other => other,
    }
}

fn product_view(product: Product, profile: &Profile) -> ProductView {
    let range = profile.volumes.iter().find(|row| row.value.product == product);
    ProductView {
        product: same(product),
        code: code_of(product).unwrap_or_default(),
        least_ml: range.map(|row| row.value.least.0),
        most_ml: range.map(|row| row.value.most.0),
    }
}

/// What a machine collected, in one bag or several; bags of one donation and product are told apart by
/// the last two characters of their codes.
fn collected_sets(
    kind: bloodbank::profile::DonationKind,
    profile: &Profile,
) -> Vec<Vec<ProductView>> {
    let mut sets = vec![];
    for product in lab::collected(kind) {
        for bags in 1..=lab::MOST_COLLECTED {
            let one = product_view(*product, profile);
            let code = |n: usize| match bags {
                1 => one.code.clone(),
                _ => {
                    let letter = char::from(b'A' + u8::try_from(n).unwrap_or_default());
                    format!("{}{letter}0", one.code.get(..6).unwrap_or_default())
                }
            };
            sets.push((0..bags).map(|n| ProductView { code: code(n), ..one.clone() }).collect());
        }
    }
    sets
}

/// The donor of a donation is deferred because of its test.
fn deferred(source: &Source, code: &str, ends: Ends) -> Body {
    let command = OfDonor::DeferUntil {
        code: code.to_owned(),
        ends,
        only: vec![],
        reason: format!("test of {}", source.donation.din),
    };
    Body::Donor { id: source.donor.id, command }
}

/// The deferral that an infection means; the rule book says whether it is for ever.
fn deferral_code(marker: Mark) -> &'static str {
    match marker {
        Mark::Hiv => "hiv",
        Mark::Hbv | Mark::HbCore => "hepatitis_b",
        Mark::Hcv => "hepatitis_c",
        Mark::Malaria => "malaria",
        Mark::Syphilis | Mark::Htlv | Mark::Chagas | Mark::WestNile | Mark::Babesia => UNDER_REVIEW,
    }
}

/// What a test says against a bag that was released, as the rule of a release that it breaks.
pub(crate) fn refused_test(marker: Mark, doubt: lab::Doubt) -> Error {
    let rule = match doubt {
        lab::Doubt::Reactive => lab::Rule::Reactive,
        lab::Doubt::NotClear => lab::Rule::Indeterminate,
        lab::Doubt::RunInvalid => lab::Rule::MarkerMissing,
        lab::Doubt::Unverified => lab::Rule::MarkerUnverified,
    };
    let marker = same::<_, String>(marker);
    refused_lab(lab::Refused::HardStop { rule, args: [("marker", marker)].into() })
}

pub(crate) fn lab_refused(rule: lab::Rule) -> Error {
    refused_lab(lab::Refused::HardStop { rule, args: bloodbank::Args::new() })
}

/// A refusal of the laboratory in the words of the wire: the rule by its name.
pub(crate) fn refused_lab(why: lab::Refused) -> Error {
    use lab::Rule as L;
    // No rule of the laboratory is a warning.
    let lab::Refused::HardStop { rule, args } = why else { return no(Code::LabRefused) };
    let code = match rule {
        L::NotFound => Code::NotFound,
        L::NoSuchEntry | L::AlreadyVerified => Code::Changed,
        L::SecondPersonNeeded => Code::SecondPersonNeeded,
        L::FieldMissing => Code::ReasonMissing,
        _ => Code::LabRefused,
    };
    let args: BTreeMap<String, String> =
        args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut error = CommandError::refusal(code).with("rule", same::<_, String>(rule));
    error.args.extend(args);
    error.into()
}
