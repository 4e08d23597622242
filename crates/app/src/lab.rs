//! The laboratory bench: a donation divided, typed, tested, and its components released to the shelf
//! or discarded. What stands against a release is said by `bloodbank::lab`; nothing comes to the stock
//! past it.

use crate::backend::{Inner, Passed};
use crate::blood::{SITE, check_of, code_of, unit_id};
use crate::convert::{rfc3339, same};
use crate::donors::{day, donation_id};
use crate::error::{Error, no};
use bloodbank::donation::{Donation, HoldReason};
use bloodbank::donor::{Command as OfDonor, Ends};
use bloodbank::lab::{
    self, Inspection, Interpretation, KitLot, Label, Made as MadePart, MarkerState as Stand, Part,
    PartCommand, PartState, Product, ReleaseView, Sheet, Tests, TypingState as Typed, interpret,
};
use bloodbank::profile::{Lasts, Marker as Mark, Profile};
use kernel::{Actor, CommandId, DonationId, Millilitres, Permission, RunId, StaffId};
use records::{Body, Facts, RunRecord, Source};
use std::collections::BTreeMap;
use wire::*;

/// The deferral of a donor whose test is not clear yet.
const UNDER_REVIEW: &str = "test_under_review";

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

    pub(crate) fn lab_view(&mut self, ask: ById) -> Result<LabView, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let source = self.source_of(donation_id(&ask.id)?)?;
        self.note_seen(&actor, source.donation.id, "lab")?;
        let policy = self.policy();
        let profile = &policy.rule_book;
        let (now, today) = (self.now()?, self.today()?);
        let (names, ids) = (self.staff_names()?, self.staff_ids()?);
        let name = |id: &StaffId| {
            let user = ids.get(id).cloned().unwrap_or_default();
            names.get(&user).cloned().unwrap_or(user)
        };
        let bag = source.donation.bag.as_deref().and_then(|code| profile.bag(code));
        let mut parts = vec![];
        for id in &source.donation.parts {
            let Some(part) = self.store()?.part(*id)? else { continue };
            let view = ReleaseView {
                part: &part,
                sources: &[(&source.donation, &source.tests, &source.donor)],
                inspection: Inspection { looks_right: true, weighs_right: true },
                actor: actor.id,
                // Who else agrees, how the bag looks and what its label says comes with the release.
                second: Some(StaffId(source.donation.id.0)),
                today,
                label_verified: true,
            };
            let problems = match part.state {
                PartState::Quarantine => lab::problems(&view, profile, now),
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
            sets: bag
                .map(|row| row.value.sets.clone())
                .unwrap_or_default()
                .into_iter()
                .map(|set| set.into_iter().map(|p| product_view(p, profile)).collect())
                .collect(),
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
        })
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
        self.save_tests(&actor, source, vec![command])
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
        self.save_tests(&actor, source, commands)
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
        let mut parts = vec![Body::Run { id, record }];
        let mut sources = vec![];
        for result in &ask.results {
            let source = self.source_of(donation_id(&result.donation)?)?;
            let outcome = same(result.outcome);
            let command =
                lab::Command::EnterResult { marker, stage: same(result.stage), run: id, outcome };
            parts.push(Body::Tests { id: source.donation.id, command });
            // Reactive stops at once, entered or verified: the blood and the donor.
            if outcome == lab::Outcome::Reactive
                && !source.donor.deferrals.iter().any(|d| d.code == UNDER_REVIEW)
            {
                parts.push(deferred(&source, UNDER_REVIEW, Ends::WhenLifted));
            }
            if outcome == lab::Outcome::Reactive {
                parts.extend(self.quarantines_of(&source.donation.din)?);
            }
            sources.push(source);
        }
        let facts = self.lab_facts(sources)?;
        self.save(&actor, Body::Together(parts), facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// A component leaves quarantine and stands on the shelf: one command, all or none.
    pub(crate) fn lab_release(&mut self, ask: LabRelease) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let source = self.source_of(donation_id(&ask.donation)?)?;
        let id = unit_id(&ask.part)?;
        let part = self.store()?.part(id)?.ok_or_else(|| no(Code::NotFound))?;
        let policy = self.policy();
        let profile = &policy.rule_book;
        let second = match profile.testing.release_people.value {
            0 | 1 => None,
            _ => Some(self.second_who(&actor, ask.second.as_ref(), Permission::TestDonations)?),
        };
        let group = typed(&source, profile).group();
        let release = Body::Part {
            id,
            command: PartCommand::Release {
                inspection: Inspection {
                    looks_right: ask.looks_right,
                    weighs_right: ask.weighs_right,
                },
                label_verified: group.is_some_and(|group| says(&ask.label, &part, group)),
            },
        };
        let mut parts = vec![release];
        if let Some(group) = group {
            let released = Part { state: PartState::Available, group: Some(group), ..part.clone() };
            let receive = lab::receipt(&released, &ask.place, false).map_err(refused_lab)?;
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
        self.save(&actor, Body::Together(parts), facts, passed)?;
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
        let actor = self.actor(Permission::TestDonations)?;
        let id = donation_id(&ask.donation)?;
        let hold = ask.hold.parse().map_err(|_| no(Code::NotFound))?;
        let second =
            Some(self.second_who(&actor, ask.second.as_ref(), Permission::TestDonations)?);
        let mut facts = self.donor_facts()?;
        facts.donor.second = self.staff_of(second.as_deref())?;
        let command = bloodbank::donation::Command::LiftHold { hold, reason: ask.reason };
        let passed = Passed { second, ..Passed::default() };
        self.save(&actor, Body::Donation { id, command }, facts, passed)?;
        Ok(Nothing {})
    }

    /// Saves commands on the tests of one donation with what follows from them: a typing that does
    /// not fit holds the donation, an infection that is confirmed holds it and defers the donor.
    fn save_tests(
        &mut self,
        actor: &Actor,
        source: Source,
        commands: Vec<lab::Command>,
    ) -> Result<Nothing, Error> {
        let policy = self.policy();
        let profile = &policy.rule_book;
        let id = source.donation.id;
        let mut tests = source.tests.clone();
        let mut unsafe_for = vec![];
        let history = lab::history(&source.donor, &source.donation);
        let known = lab::Facts {
            actor: actor.id,
            second: None,
            run: None,
            history: &history,
            first_time: source.donation.first_time,
        };
        for command in &commands {
            let by = CommandId(self.options.clock.new_uuid());
            // What is refused is refused by the save, with everything.
            let Ok(events) = lab::decide(&tests, &known, command, profile, self.now()?, by) else {
                break;
            };
            for event in events {
                if let lab::Event::FoundUnsafe { marker } = &event {
                    unsafe_for.push(*marker);
                }
                tests = lab::apply(tests, &event);
            }
        }
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
        let discrepant =
            tests.typing(&history, source.donation.first_time, profile).is_discrepant();
        if discrepant && !held(&HoldReason::GroupDiscrepancy) {
            parts.push(hold(HoldReason::GroupDiscrepancy));
        }
        if discrepant || !unsafe_for.is_empty() {
            parts.extend(self.quarantines_of(&source.donation.din)?);
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
        let facts = self.lab_facts(vec![source])?;
        self.save(actor, Body::Together(parts), facts, Passed::default())?;
        for (recall, later) in looked_back {
            self.recall_more(actor, recall, later)?;
        }
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

/// Whether the label on the bag, as a scanner reads it, says what it must.
fn says(text: &str, part: &Part, group: kernel::BloodGroup) -> bool {
    let label = Label {
        din: part.din.clone(),
        product_code: part.product_code.clone(),
        group,
        expires: part.expires,
    };
    isbt128::read(text.trim()).is_ok_and(|scans| lab::verify_label(&label, &scans).is_ok())
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

fn lab_refused(rule: lab::Rule) -> Error {
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
