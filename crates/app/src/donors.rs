//! The donor desk: who gives, whether they may today, and the donation itself. What is decided is
//! decided by `bloodbank` under the rule book of the policy in force; here it is asked, told and
//! kept from those who may not know.

use crate::backend::{Inner, Passed};
use crate::blood::{SITE, YEARS, check_of};
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use crate::people::override_reason;
use bloodbank::donation::{self, NumberCommand, NumberProblem};
use bloodbank::donor::{
    Candidate, Command, Contact, Donor, Effect, Eligibility, Ends, Identity, Name, Paper, Past,
    Screening, Verdict, Visit, Vitals, next_dates, person,
};
use bloodbank::profile::{DonationKind as Kind, Profile, Standing};
use bloodbank::{KnownGroup, Policy};
use chrono::{Datelike as _, NaiveDate};
use hospital::names;
use hospital::patient::hospital_number;
use isbt128::Din;
use kernel::{
    Actor, DonationId, DonorId, Millilitres, Permission, StaffId, TimeDelta, instant_of_wall,
};
use records::{Body, Facts};
use std::collections::{BTreeMap, BTreeSet};
use wire::*;

/// The consent text that the page shows, by name and version: the words stand with the page.
const CONSENT: (&str, u32) = ("donation", 1);
/// The kind of paper that the desk asks for.
const PAPER: &str = "national";
/// Screenings and donations of one donor sent at once.
const HISTORY: usize = 50;
/// A downtime form is entered within a week, or somebody looks for it by hand.
const PAPER_DAYS: i64 = 7;
/// Digits from which a text is a telephone number.
const PHONE_DIGITS: usize = 6;
/// Namesakes whose records are compared with somebody new.
const NAMESAKES: usize = 200;
/// Others shown as possibly the same.
const SAME: usize = 5;

impl Inner {
    pub(crate) fn donor_desk(&mut self, _: Nothing) -> Result<DonorDesk, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        let (now, zone, today) = (self.now()?, self.zone()?, self.today()?);
        let policy = self.policy();
        let numbers = self.store()?.numbers()?;
        let midnight = today.and_hms_opt(0, 0, 0).map(|wall| instant_of_wall(wall, zone));
        let since = midnight.unwrap_or(now - TimeDelta::hours(24));
        let donations = self.store()?.donations_since(since)?;
        let rows = donations.iter().map(|d| self.donation_row(d, &actor));
        Ok(DonorDesk {
            rules: rule_book(&policy),
            blocks: numbers
                .iter()
                .flat_map(|n| n.blocks())
                .map(|b| NumberBlock {
                    fin: b.fin.clone(),
                    year: u32::from(b.year),
                    first: b.first,
                    last: b.last,
                })
                .collect(),
            left: numbers.as_ref().map_or(0, |n| n.left(today)),
            next: self.next_number(today).ok().map(|din| NextNumber {
                din: din.as_str().to_owned(),
                check: din.check_char().to_string(),
            }),
            doubles: self.store()?.likely_pairs(0)?.1,
            donations: rows.collect::<Result<_, _>>()?,
            today: today.to_string(),
        })
    }

    /// Finds donors by number, name, donation number or telephone. A search by telephone or
    /// donation number leaves a trace.
    pub(crate) fn donor_search(&mut self, ask: DonorSearch) -> Result<DonorFound, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        let limit = usize::try_from(ask.limit.clamp(1, 200)).unwrap_or(200);
        let text = ask.text.trim();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let phone = digits >= PHONE_DIGITS
            && text.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
        let (ids, total) = if let Some(donor) = self.giver_of(text)? {
            // From a bag to the name behind it.
            let screen = "donor_search_by_number".to_owned();
            self.audit(&actor, records::Audit::DonorsSearched { screen })?;
            (vec![donor], 1)
        } else if phone {
            let found = self.store()?.donors_by_phone(text)?;
            let screen = "donor_search_by_phone".to_owned();
            self.audit(&actor, records::Audit::DonorsSearched { screen })?;
            let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
            (found, total)
        } else {
            self.store()?.search_donors(text, limit)?
        };
        let mut rows = vec![];
        for id in ids.into_iter().take(limit) {
            if let Some(donor) = self.store()?.donor(id)? {
                rows.push(self.donor_row(&donor, &actor)?);
            }
        }
        let people: Vec<_> = rows.iter().map(|r| (r.family.as_str(), r.given.as_str())).collect();
        let alike = names::alike_on_a_list(&people);
        rows.iter_mut().zip(alike).for_each(|(row, alike)| row.similar_name = alike);
        Ok(DonorFound { rows, total })
    }

    /// Who gave the donation with this number, scanned or typed.
    fn giver_of(&self, text: &str) -> Result<Option<DonorId>, Error> {
        let plain: String = text.split_whitespace().collect::<String>().to_uppercase();
        let din = match Din::new(&plain) {
            Ok(din) => din,
            Err(_) => match Din::parse_typed(text) {
                Ok(din) => din,
                Err(_) => return Ok(None),
            },
        };
        let id = DonationId::of_din(din.as_str());
        Ok(self.store()?.donation(id)?.map(|donation| donation.donor))
    }

    pub(crate) fn donor_register(&mut self, new: DonorRegister) -> Result<Made, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let born = match new.birth_date.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(text.parse().map_err(|_| no(Code::BirthDateImpossible))?),
        };
        let said = |text: &Option<String>| text.as_deref().and_then(kernel::said);
        let id = DonorId(self.options.clock.new_uuid());
        let identity = Identity {
            number: donor_number(self.store()?.donor_count()? + 1),
            name: Name { family: new.family.clone(), given: new.given.clone() },
            born,
            sex: same(new.sex),
            papers: said(&new.paper)
                .map(|number| Paper { scheme: PAPER.into(), number })
                .into_iter()
                .collect(),
            photo: None,
        };
        let (phone, area) = (said(&new.phone), said(&new.area));
        let contact = (phone.is_some() || area.is_some()).then_some(Contact {
            phone: phone.clone(),
            email: None,
            area,
            language: None,
        });
        let mut facts = self.donor_facts()?;
        facts.donor.similar = self.similar(&identity, phone.as_deref())?;
        let passed = Passed {
            duplicates: new
                .override_
                .as_ref()
                .is_some_and(|o| o.rules.contains(&Code::PossibleDuplicate)),
            reason: override_reason(new.override_.as_ref())?,
            ..Passed::default()
        };
        let register = Body::Donor { id, command: Command::Register { identity, contact } };
        let body = if new.consent {
            let consent = Body::Donor { id, command: consent(said(&new.guardian)) };
            Body::Together(vec![register, consent])
        } else {
            register
        };
        match self.save(&actor, body, facts, passed) {
            Ok(()) => Ok(Made { id: id.to_string() }),
            Err(Error::Say(mut said)) if said.code == Code::PossibleDuplicate => {
                // That the other one may never give is for those who may know why.
                if !actor.role.may(Permission::SeeDonorTests) {
                    said.args.remove("deferred");
                }
                Err(self.named_candidates(*said)?)
            }
            Err(other) => Err(other),
        }
    }

    /// The refusal with the likeliest of those who were met, as the page shows them.
    fn named_candidates(&self, mut said: CommandError) -> Result<Error, Error> {
        if let Some(id) = said.args.get("donor").and_then(|text| text.parse().ok())
            && let Some(donor) = self.store()?.donor(id)?
        {
            let born = donor.identity.born.map(|b| b.to_string()).unwrap_or_default();
            let who = format!("{} {born} {}", name_of(&donor), donor.identity.number);
            said.args.insert("candidates".into(), who);
        }
        Ok(said.into())
    }

    /// Who else this might be, with what speaks for it.
    fn similar(&self, new: &Identity, phone: Option<&str>) -> Result<Vec<Candidate>, Error> {
        let store = self.store()?;
        let text = format!("{} {}", new.name.family, new.name.given);
        let by_paper: BTreeSet<DonorId> = new
            .papers
            .iter()
            .map(|p| store.donors_by_paper(&p.scheme, &p.number))
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect();
        let by_phone: BTreeSet<DonorId> = match phone {
            Some(phone) => store.donors_by_phone(phone)?.into_iter().collect(),
            None => BTreeSet::new(),
        };
        // A slip of the finger is met among the first; who was born then, among all namesakes.
        let (by_name, _) = store.search_donors(&text, NAMESAKES)?;
        let by_birth = match new.born {
            Some(born) => store.donors_of_name_and_birth(&text, born, NAMESAKES)?,
            None => vec![],
        };
        let all: BTreeSet<DonorId> = by_name
            .into_iter()
            .chain(by_birth)
            .chain(by_paper.iter().copied())
            .chain(by_phone.iter().copied())
            .collect();
        let mut found = vec![];
        for id in all {
            let Some(donor) = store.donor(id)? else { continue };
            found.push(records::candidate(new, phone, &donor));
        }
        Ok(found)
    }

    pub(crate) fn donor_view(&mut self, ask: ById) -> Result<DonorView, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        self.note_donor(&actor, &ask.id, "donor")?;
        let id = donor_id(&ask.id)?;
        let record = self.store()?.donor(id)?.ok_or_else(|| no(Code::NotFound))?;
        let others = self.other_records(id)?;
        self.donor_page(&record, Some(&others), &actor)
    }

    /// The page of a record: alone, or with what the other records of the person say.
    pub(crate) fn donor_page(
        &self,
        record: &Donor,
        others: Option<&[Donor]>,
        actor: &Actor,
    ) -> Result<DonorView, Error> {
        let donor = others.map_or_else(|| record.clone(), |others| person(record, others));
        let may_know = actor.role.may(Permission::SeeDonorTests);
        let (today, policy, names) = (self.today()?, self.policy(), self.staff_names()?);
        let by_id = self.staff_ids()?;
        let name = |id: &StaffId| {
            let user = by_id.get(id).cloned().unwrap_or_default();
            names.get(&user).cloned().unwrap_or(user)
        };
        let asks = actor.role.may(Permission::ScreenDonors);
        let mut donations = vec![];
        for past in donor.donations.iter().rev().take(HISTORY) {
            if let Some(donation) = self.store()?.donation(past.donation)? {
                donations.push(self.donation_row(&donation, actor)?);
            }
        }
        // Either of the two may have been registered first.
        let mut doubts: Vec<DonorId> = donor.likely_same.iter().map(|like| like.donor).collect();
        doubts.extend(self.store()?.doubted_by(record.id)?);
        let mut likely_same = vec![];
        for id in doubts.into_iter().take(SAME) {
            if let Some(other) = self.store()?.donor(id)? {
                likely_same.push(self.donor_row(&other, actor)?);
            }
        }
        let mut same_person = vec![];
        for other in others.unwrap_or_default() {
            same_person.push(self.donor_row(other, actor)?);
        }
        let record_of = |deferral: &bloodbank::donor::Deferral| {
            let holds = |one: &&Donor| one.deferrals.contains(deferral);
            let elsewhere = others.unwrap_or_default().iter().find(holds);
            let own = record.deferrals.contains(deferral);
            elsewhere.filter(|_| !own).map_or(record.id, |other| other.id).to_string()
        };
        let sexes = |q: &bloodbank::donor::Question| {
            let known = matches!(donor.identity.sex, bloodbank::Sex::Female | bloodbank::Sex::Male);
            !known || q.sexes.is_empty() || q.sexes.contains(&donor.identity.sex)
        };
        let mut codes: Vec<String> =
            policy.rule_book.deferrals.iter().map(|row| row.value.code.clone()).collect();
        codes.sort_unstable();
        codes.dedup();
        Ok(DonorView {
            row: self.donor_row(record, actor)?,
            photo: record.photo.as_ref().map(|photo| PhotoView {
                sha256: photo.picture.sha256.clone(),
                at: rfc3339(photo.at),
                by: name(&photo.by),
                guardian: photo.consent.guardian.clone(),
            }),
            phone: donor.contact.as_ref().and_then(|c| c.phone.clone()),
            area: donor.contact.as_ref().and_then(|c| c.area.clone()),
            paper: donor.identity.papers.first().map(|p| p.number.clone()),
            consent: donor
                .consent()
                .map(|c| ConsentView { at: rfc3339(c.at), guardian: c.guardian.clone() }),
            deferrals: donor
                .deferrals
                .iter()
                .map(|d| DeferralView {
                    donor: record_of(d),
                    cause: d.cause.to_string(),
                    code: may_know.then(|| d.code.clone()),
                    happened: d.happened.to_string(),
                    ends: end_of(d.ends),
                    holds: d.ends.holds_on(today),
                    only: d.only.iter().map(|c| same(*c)).collect(),
                    // Which book a deferral stands in, or that it stands in none, tells what it is.
                    source: if may_know { d.source.clone() } else { String::new() },
                    note: d.note.clone().filter(|_| may_know),
                })
                .collect(),
            next: next_dates(&donor, today, &policy.rule_book)
                .into_iter()
                .map(|next| next_of(next, may_know))
                .collect(),
            donations,
            elsewhere: donor
                .donations
                .iter()
                .rev()
                .filter_map(|past| {
                    Some(ElsewhereRow {
                        kind: same(past.kind),
                        on: past.on.to_string(),
                        place: past.elsewhere.clone()?,
                        red_cells_returned: past.red_cells_returned,
                    })
                })
                .collect(),
            health: (asks || may_know).then_some(HealthView {
                after_menopause: donor.health.after_menopause,
                ever_pregnant: donor.health.ever_pregnant,
                hla_negative: donor.health.hla_negative.filter(|_| may_know),
            }),
            groups: self.groups_found(&donor)?,
            told: if asks || may_know { self.told_after(&donor)? } else { vec![] },
            screenings: donor
                .screenings
                .iter()
                .rev()
                .take(HISTORY)
                .map(|s| ScreeningView {
                    cause: s.cause.to_string(),
                    at: rfc3339(s.at),
                    verdict: verdict_of(&s.result.verdict),
                    until: match &s.result.verdict {
                        Verdict::Defer { until, .. } => Some(end_of(*until)),
                        _ => None,
                    },
                    pending: s.result.pending,
                    reasons: reasons_of(&s.result, may_know),
                    rules: s.profile.clone(),
                    by: name(&s.by),
                    cleared: s.cleared.as_ref().map(|(by, reason)| match may_know {
                        true => format!("{}: {reason}", name(by)),
                        false => name(by),
                    }),
                })
                .collect(),
            likely_same,
            same_person,
            questions: policy
                .questionnaire
                .questions
                .iter()
                .filter(|q| sexes(q))
                .map(|q| QuestionView { id: q.id.clone(), when: q.when, asks_when: q.asks_when })
                .collect(),
            may_give: may_give(&donor, today),
            screened_for: screened_on(&donor, today).map(|s| same(s.visit.kind)),
            paper_of: paper_of(&donor, today),
            deferral_codes: codes,
            rules: rule_book(&policy),
            today: today.to_string(),
        })
    }

    pub(crate) fn donor_consent(&mut self, ask: DonorConsent) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let guardian = ask.guardian.as_deref().and_then(kernel::said);
        self.about_donor(&actor, donor_id(&ask.donor)?, consent(guardian), None)
    }

    /// Records what was asked and measured, and what came of it, whatever it is.
    pub(crate) fn donor_screen(&mut self, ask: DonorScreen) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let passed = self.passed_late(ask.happened.as_ref())?;
        let kind: Kind = same(ask.kind);
        let bag = match (kind, &ask.bag) {
            (Kind::WholeBlood, Some(code)) => Some(self.bag_volume(code)?),
            // Without a bag a physician decides, and no needle goes in before one is chosen.
            _ => None,
        };
        let mut answers = bloodbank::donor::Answers::new();
        // Of the visit, which a form may have held for days.
        let today = match &passed.happened {
            Some(then) => then.at.with_timezone(&self.zone()?).date_naive(),
            None => self.today()?,
        };
        for given in ask.answers {
            let when = given.when.as_deref().map(day).transpose()?;
            if when.is_some_and(|when| when > today) {
                return Err(CommandError::refusal(Code::TimeNotPossible)
                    .with("field", "when")
                    .with("question", &given.question)
                    .into());
            }
            answers.insert(given.question, bloodbank::donor::Answer { yes: given.yes, when });
        }
        let visit = Visit {
            kind,
            bag,
            identity_shown: ask.identity_shown,
            vitals: Vitals {
                weight: ask.weight,
                height: ask.height,
                haemoglobin: ask.haemoglobin,
                systolic: ask.systolic,
                diastolic: ask.diastolic,
                pulse: ask.pulse,
                temperature: ask.temperature,
                platelets: ask.platelets,
            },
            answers,
        };
        let id = donor_id(&ask.donor)?;
        let mut facts = self.donor_facts()?;
        facts.donor.similar = self.barred_doubles(id)?;
        let body = Body::Donor { id, command: Command::Screen { visit } };
        self.save(&actor, body, facts, passed)?;
        Ok(Nothing {})
    }

    /// Records that may be of this donor and say that the person may not give: what is given under this
    /// one waits until somebody has looked, whichever of the two was registered first.
    fn barred_doubles(&self, id: DonorId) -> Result<Vec<Candidate>, Error> {
        let today = self.today()?;
        let mut found = vec![];
        for other in self.store()?.doubted_by(id)? {
            let Some(other) = self.store()?.donor(other)? else { continue };
            let barred = other.deferred_on(today).iter().any(|d| d.only.is_empty());
            let like = other.likely_same.iter().find(|like| like.donor == id && barred);
            found.extend(like.map(|like| Candidate {
                donor: other.id,
                signs: like.signs.clone(),
                permanently_deferred: other.deferrals.iter().any(|d| d.ends == Ends::Never),
            }));
        }
        Ok(found)
    }

    fn bag_volume(&self, code: &str) -> Result<Millilitres, Error> {
        let policy = self.policy();
        let bag = policy.rule_book.bag(code).map(|row| row.value.volume);
        bag.ok_or_else(|| {
            CommandError::refusal(Code::Malformed).with("detail", "no bag has this code").into()
        })
    }

    pub(crate) fn donor_clear(&mut self, ask: DonorClear) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::JudgeDonors)?;
        let screening = ask.screening.parse().map_err(|_| no(Code::NotFound))?;
        let command = Command::Clear { screening, reason: ask.reason };
        self.about_donor(&actor, donor_id(&ask.donor)?, command, None)
    }

    pub(crate) fn donor_defer(&mut self, ask: DonorDefer) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let happened = day(&ask.happened)?;
        let note = ask.note.as_deref().and_then(kernel::said);
        let command = Command::Defer { code: ask.code, happened, note };
        self.about_donor(&actor, donor_id(&ask.donor)?, command, None)
    }

    pub(crate) fn donor_lift(&mut self, ask: DonorLift) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::JudgeDonors)?;
        let cause = ask.cause.parse().map_err(|_| no(Code::NotFound))?;
        let second = match &ask.second {
            Some(_) => Some(self.second(&actor, ask.second.as_ref())?),
            None => None,
        };
        let command = Command::LiftDeferral { cause, code: ask.code, reason: ask.reason };
        self.about_donor(&actor, donor_id(&ask.donor)?, command, second)
    }

    /// The next number of this house's blocks.
    ///
    /// # Errors
    /// None is left; or the store was put back from a copy, and which numbers stand on bags since is
    /// forgotten (bloodbank.md 6, scenarios 70 and 76): none is given then of a block that was held before,
    /// until a label of it that is farther down the roll was read.
    pub(crate) fn next_number(&self, today: NaiveDate) -> Result<Din, Error> {
        let left = || no(Code::NoDonationNumbers);
        let numbers = self.store()?.numbers()?.ok_or_else(left)?;
        let Some(restored) = self.store()?.restored()? else {
            return numbers.next(today).map_err(|_| left());
        };
        numbers.next(today).map_err(|_| left())?;
        let since = self.store()?.donations_since(restored.at)?;
        let read: Vec<Din> = since
            .iter()
            .filter(|one| one.begun_at > restored.at)
            .filter_map(|one| Din::new(&one.din).ok())
            .collect();
        let last = |block: &donation::Block, next: u32| {
            read.iter().any(|din| block.holds(din) && serial(din) == next.checked_sub(1))
        };
        if let Ok(din) = numbers.of_blocks(last).next(today) {
            return Ok(din);
        }
        let mut fresh = vec![];
        for entry in self.store()?.history(records::Key::Numbers)?.into_iter().rev() {
            if entry.at <= restored.at {
                break;
            }
            if let records::Event::Numbers(donation::NumberEvent::Held { block }) = entry.event {
                fresh.push(block);
            }
        }
        let of_fresh = numbers.of_blocks(|block, _| fresh.contains(block));
        of_fresh.next(today).map_err(|_| no(Code::NumbersSinceRestore))
    }

    /// The needle goes in: the donation takes its number, and the donor's history knows of it.
    pub(crate) fn donation_begin(&mut self, ask: DonationBegin) -> Result<Made, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let donor = donor_id(&ask.donor)?;
        let passed = self.passed_late(ask.happened.as_ref())?;
        let at = passed.at(self.now()?);
        let today = at.with_timezone(&self.zone()?).date_naive();
        // What was asked and measured for is what is given.
        let giver = self.store()?.donor(donor)?;
        let late = passed.happened.is_some();
        let screened = giver
            .as_ref()
            .and_then(|one| donation::screening_for(one, at, self.zone().ok()?, late));
        if late && screened.is_none() {
            let asked = giver.iter().flat_map(|one| &one.screenings).map(|s| s.at);
            if let Some(first) = asked.filter(|asked| *asked > at).min() {
                return Err(crate::care::not_before(first));
            }
        }
        let kind = screened.map_or(Kind::WholeBlood, |screening| screening.visit.kind);
        let din = match ask.din.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => read_din(text)?,
            None => self.next_number(today)?,
        };
        let id = DonationId::of_din(din.as_str());
        let text = din.as_str().to_owned();
        let past = Past {
            donation: id,
            kind,
            on: today,
            red_cells_returned: None,
            volume: None,
            elsewhere: None,
        };
        let begin = donation::Command::Begin {
            din: text.clone(),
            donor,
            donation: kind,
            bag: ask.bag.filter(|_| kind == Kind::WholeBlood),
        };
        let body = Body::Together(vec![
            Body::Donation { id, command: begin },
            Body::Numbers(NumberCommand::Use { din: text }),
            Body::Donor { id: donor, command: Command::RecordDonation { past } },
        ]);
        let facts = self.donor_facts()?;
        self.save(&actor, body, facts, passed)?;
        Ok(Made { id: id.to_string() })
    }

    pub(crate) fn donation_end(&mut self, ask: DonationEnd) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let id = donation_id(&ask.donation)?;
        let passed = self.passed_late(ask.happened.as_ref())?;
        let donation = self.store()?.donation(id)?.ok_or_else(|| no(Code::NotFound))?;
        let at = match ask.minutes {
            Some(minutes) => donation.begun_at + TimeDelta::minutes(i64::from(minutes)),
            None => passed.at(self.now()?),
        };
        let command = donation::Command::End {
            at,
            volume: Millilitres(ask.volume_ml),
            red_cells_returned: ask.red_cells_returned,
        };
        let mut parts = vec![Body::Donation { id, command }];
        // The next day hangs on whether the red cells came back.
        let giver = self.store()?.donor(donation.donor)?;
        let past = giver.and_then(|giver| giver.donations.into_iter().find(|p| p.donation == id));
        parts.extend(past.map(|past| {
            let red_cells_returned = ask.red_cells_returned.filter(|_| past.kind.is_apheresis());
            let volume = Some(Millilitres(ask.volume_ml));
            let past = Past { red_cells_returned, volume, ..past };
            Body::Donor { id: donation.donor, command: Command::RecordDonation { past } }
        }));
        parts.extend(self.gave_after(donation.donor, self.now()?)?);
        let facts = self.donor_facts()?;
        self.save_parts(&actor, parts, facts, passed)?;
        Ok(Nothing {})
    }

    pub(crate) fn donation_react(&mut self, ask: DonationReact) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let grade = u8::try_from(ask.grade)
            .map_err(|error| error.to_string())
            .and_then(donation::Grade::try_from)
            .map_err(|detail| CommandError::refusal(Code::Malformed).with("detail", detail))?;
        let command = donation::Command::React {
            reaction: same(ask.reaction),
            grade,
            note: ask.note.as_deref().and_then(kernel::said),
        };
        self.about_donation(&actor, donation_id(&ask.donation)?, command)
    }

    pub(crate) fn donation_exclude(&mut self, ask: DonationExclude) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let id = donation_id(&ask.donation)?;
        let donation = self.store()?.donation(id)?.ok_or_else(|| no(Code::NotFound))?;
        let command = donation::Command::Exclude { excluded: ask.excluded };
        let mut groups = vec![vec![Body::Donation { id, command }]];
        if ask.excluded {
            let stop = self.quarantines_of(&donation.din)?;
            groups.extend(stop.into_iter().map(|part| vec![part]));
        }
        let facts = self.donor_facts()?;
        self.save_groups(&actor, groups, facts, &Passed::default())?;
        Ok(Nothing {})
    }

    /// Takes a block of donation numbers into use that this site was given.
    pub(crate) fn numbers_hold(&mut self, ask: NumberBlock) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::AdoptPolicy)?;
        let year = u8::try_from(ask.year).ok().filter(|year| *year < 100).ok_or_else(|| {
            CommandError::refusal(Code::NumberBlockUnfit).with("detail", "the year has two digits")
        })?;
        let block = donation::Block {
            fin: ask.fin.trim().to_uppercase(),
            year,
            first: ask.first,
            last: ask.last,
            site: SITE.to_owned(),
        };
        let body = Body::Numbers(NumberCommand::Hold { block });
        let facts = self.donor_facts()?;
        self.save(&actor, body, facts, Passed::default())?;
        Ok(Nothing {})
    }

    pub(crate) fn about_donor(
        &mut self,
        actor: &Actor,
        id: DonorId,
        command: Command,
        second: Option<String>,
    ) -> Result<Nothing, Error> {
        let mut facts = self.donor_facts()?;
        if let Some(user) = &second {
            facts.donor.second =
                self.staff_ids()?.into_iter().find(|(_, u)| u == user).map(|s| s.0);
        }
        let passed = Passed { second, ..Passed::default() };
        self.save(actor, Body::Donor { id, command }, facts, passed)?;
        Ok(Nothing {})
    }

    fn about_donation(
        &mut self,
        actor: &Actor,
        id: DonationId,
        command: donation::Command,
    ) -> Result<Nothing, Error> {
        let facts = self.donor_facts()?;
        self.save(actor, Body::Donation { id, command }, facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// All that a decision about donors may know beside its aggregates and the policy.
    pub(crate) fn donor_facts(&self) -> Result<Facts, Error> {
        let mut facts = Facts::default();
        facts.donor.zone = Some(self.zone()?);
        facts.donor.site = SITE.to_owned();
        facts.donor.clock_suspect = self.clock_suspect()?;
        Ok(facts)
    }

    pub(crate) fn staff_ids(&self) -> Result<BTreeMap<StaffId, String>, Error> {
        Ok(self.store()?.staff()?.into_iter().map(|s| (s.id, s.user)).collect())
    }

    pub(crate) fn donor_row(&self, donor: &Donor, actor: &Actor) -> Result<DonorRow, Error> {
        let (today, policy) = (self.today()?, self.policy());
        let may_know = actor.role.may(Permission::SeeDonorTests);
        let identity = &donor.identity;
        let donor = &self.person_of(donor)?;
        let next = next_dates(donor, today, &policy.rule_book)
            .into_iter()
            .find(|next| next.kind == Kind::WholeBlood)
            .ok_or_else(|| Error::Broken("no date for whole blood".into()))?;
        Ok(DonorRow {
            id: donor.id.to_string(),
            number: identity.number.clone(),
            family: identity.name.family.clone(),
            given: identity.name.given.clone(),
            birth_date: identity.born.map(|b| b.to_string()),
            age_years: identity.born.map(|b| bloodbank::donor::age_on(b, today)),
            sex: same(identity.sex),
            group: match donor.group() {
                KnownGroup::Unknown => GroupState::Unknown,
                KnownGroup::Once(g) => GroupState::Once { group: same(g) },
                KnownGroup::Confirmed(g) => GroupState::Confirmed { group: same(g) },
                KnownGroup::Conflict(gs) => {
                    GroupState::Conflict { groups: gs.into_iter().map(same).collect() }
                }
            },
            next: next_of(next, may_know),
            similar_name: false,
        })
    }

    pub(crate) fn donation_row(
        &self,
        donation: &donation::Donation,
        actor: &Actor,
    ) -> Result<DonationRow, Error> {
        let may_know = actor.role.may(Permission::SeeDonorTests);
        let donor = self.store()?.donor(donation.donor)?;
        let mut holds: Vec<String> = donation
            .holds
            .iter()
            .map(|h| bloodbank::donor::shown_hold(&h.reason, may_know).to_owned())
            .collect();
        holds.dedup();
        Ok(DonationRow {
            id: donation.id.to_string(),
            din: donation.din.clone(),
            check: check_of(&donation.din).unwrap_or_default(),
            donor: donation.donor.to_string(),
            donor_name: donor.as_ref().map(name_of).unwrap_or_default(),
            kind: same(donation.kind),
            begun_at: rfc3339(donation.begun_at),
            ended_at: donation.ended.map(|e| rfc3339(e.at)),
            volume_ml: donation.ended.map(|e| e.volume.0),
            bag: donation.bag.clone(),
            red_cells_returned: donation.ended.and_then(|e| e.red_cells_returned),
            holds,
            held: donation
                .holds
                .iter()
                .filter(|_| may_know)
                .map(|h| HoldView {
                    cause: h.cause.to_string(),
                    reason: h.reason.word().to_owned(),
                    r#final: h.reason.is_final(),
                })
                .collect(),
            asked: donation.excluded.is_some(),
            reactions: donation
                .reactions
                .iter()
                .map(|r| DonorReactionView {
                    kind: same(r.kind),
                    grade: u32::from(r.grade.get()),
                    at: rfc3339(r.at),
                    note: r.note.clone(),
                })
                .collect(),
        })
    }
}

fn donor_number(serial: u32) -> String {
    // The same check letter as a patient's number, under letters of its own.
    hospital_number(serial).replacen("HS", "DN", 1)
}

pub(crate) fn donor_id(text: &str) -> Result<DonorId, Error> {
    text.parse().map_err(|_| no(Code::NotFound))
}

pub(crate) fn donation_id(text: &str) -> Result<DonationId, Error> {
    text.parse().map_err(|_| no(Code::NotFound))
}

pub(crate) fn day(text: &str) -> Result<NaiveDate, Error> {
    let read: Option<NaiveDate> = text.trim().parse().ok();
    // A year beyond four digits reads, and then has no room for what is counted from it.
    read.filter(|day| YEARS.contains(&day.year())).ok_or_else(|| {
        CommandError::refusal(Code::Malformed).with("detail", "a day is needed").into()
    })
}

/// A donation number with its check character: one that was typed without it may name the bag beside it, so
/// a page adds the character to what it scanned (bloodbank.md 3, scenario 11).
fn read_din(text: &str) -> Result<Din, Error> {
    Din::parse_typed(text).map_err(|error| match error {
        isbt128::DinError::BadCheck => no(Code::CheckCharacterWrong),
        other => CommandError::refusal(Code::ScanUnreadable).with("detail", other).into(),
    })
}

/// The place of a number in its year.
fn serial(din: &Din) -> Option<u32> {
    din.serial().parse().ok()
}

/// As every list and paper says it: the family name in capitals (`hospital::patient::display_name`).
pub(crate) fn name_of(donor: &Donor) -> String {
    let name = &donor.identity.name;
    hospital::patient::display_name(&name.family, &name.given, None)
}

fn consent(guardian: Option<String>) -> Command {
    Command::Consent { text: CONSENT.0.into(), text_version: CONSENT.1, guardian }
}

/// The last screening of a day, whenever it was entered.
fn screened_on(donor: &Donor, day: NaiveDate) -> Option<&Screening> {
    donor.screenings.iter().filter(|s| s.on == day).max_by_key(|s| s.at)
}

fn lets_give(screening: &Screening) -> bool {
    match screening.result.verdict {
        Verdict::Accept | Verdict::AcceptLimited { .. } => true,
        Verdict::Refer => screening.cleared.is_some(),
        Verdict::Defer { .. } => false,
    }
}

/// Today's screening lets the donor give, and nothing was given since.
fn may_give(donor: &Donor, today: NaiveDate) -> bool {
    let accepted = screened_on(donor, today).is_some_and(lets_give);
    accepted && !donor.donations.iter().any(|past| past.on >= today)
}

/// An earlier screening, entered later, that lets the donor give: what was given on that day may still
/// lie there on paper.
fn paper_of(donor: &Donor, today: NaiveDate) -> Option<PaperOf> {
    let mut days: Vec<NaiveDate> =
        donor.screenings.iter().map(|s| s.on).filter(|on| *on < today).collect();
    days.sort_unstable();
    let given = |on: NaiveDate| donor.donations.iter().any(|past| past.on == on);
    let last = screened_on(donor, *days.last()?)?;
    (lets_give(last)
        && !given(last.on)
        && today.signed_duration_since(last.on).num_days() <= PAPER_DAYS)
        .then(|| PaperOf { day: last.on.to_string(), kind: same(last.visit.kind) })
}

fn rule_book(policy: &Policy) -> RuleBook {
    let book: &Profile = &policy.rule_book;
    RuleBook {
        name: book.name.clone(),
        version: book.version,
        signed: book.standing() == Standing::Signed,
        bags: book
            .bags
            .iter()
            .map(|row| BagView { code: row.value.code.clone(), volume_ml: row.value.volume.0 })
            .collect(),
    }
}

fn end_of(ends: Ends) -> DeferralEnd {
    match ends {
        Ends::On(day) => DeferralEnd::On { day: day.to_string() },
        Ends::WhenLifted => DeferralEnd::WhenLifted,
        Ends::Never => DeferralEnd::Never,
    }
}

fn verdict_of(verdict: &Verdict) -> DonorVerdict {
    match verdict {
        Verdict::Accept => DonorVerdict::Accept,
        Verdict::AcceptLimited { .. } => DonorVerdict::AcceptLimited,
        Verdict::Refer => DonorVerdict::Refer,
        Verdict::Defer { .. } => DonorVerdict::Defer,
    }
}

fn next_of(next: bloodbank::donor::Next, may_know: bool) -> DonorNext {
    DonorNext {
        kind: same(next.kind),
        on: next.on.map(|day| day.to_string()),
        why: next.why.map(same),
        code: next.code.filter(|_| may_know),
    }
}

/// The reasons in words of the wire; which deferral it is, only for those who may know.
fn reasons_of(result: &Eligibility, may_know: bool) -> Vec<DonorReason> {
    use bloodbank::donor::Why;
    let hidden = ["code", "happened", "question", "deferred"];
    result
        .reasons
        .iter()
        .map(|reason| DonorReason {
            why: same(reason.why),
            effect: match &reason.effect {
                Effect::Pending => DonorEffect::Pending,
                Effect::Limit(all) => {
                    DonorEffect::Limit { components: all.iter().map(|c| same(*c)).collect() }
                }
                Effect::Refer => DonorEffect::Refer,
                Effect::Defer(until) => DonorEffect::Defer { until: end_of(*until) },
            },
            args: reason
                .args
                .iter()
                .filter(|(name, _)| may_know || !hidden.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            source: match reason.why {
                Why::Deferred if !may_know => String::new(),
                _ => reason.source.clone(),
            },
        })
        .collect()
}

fn told(code: Code, args: bloodbank::Args) -> CommandError {
    let mut error = CommandError::refusal(code);
    error.args = args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    error
}

/// A refusal of the donor's rules in the words of the wire.
pub(crate) fn refused_donor(why: bloodbank::Refused<bloodbank::donor::Rule>) -> Error {
    use bloodbank::donor::Rule as D;
    match why {
        bloodbank::Refused::NeedsOverride { args, .. } => CommandError {
            kind: ErrorKind::NeedsOverride,
            rules: vec![Code::PossibleDuplicate],
            ..told(Code::PossibleDuplicate, args)
        },
        bloodbank::Refused::HardStop { rule, args } => {
            let code = match rule {
                D::NotFound | D::NoSuchDonation => Code::NotFound,
                D::GivenDay => Code::DonationDayImpossible,
                D::GivenKnown => Code::DonationToldAlready,
                D::NoPhotoConsent => Code::PhotoNoConsent,
                D::NoPhotoGuardian => Code::PhotoNoGuardian,
                D::PhotoUnfit => Code::Malformed,
                D::FieldMissing if args.get("field").is_some_and(|f| f == "family") => {
                    Code::NameMissing
                }
                D::FieldMissing => Code::ReasonMissing,
                D::BirthDate => Code::BirthDateImpossible,
                D::LikelySame => Code::PossibleDuplicate,
                D::UnknownCode => Code::Malformed,
                D::SecondPersonNeeded | D::SamePerson => Code::SecondPersonNeeded,
                D::ClockUnsure => Code::DonorClockUnsure,
                D::DonorKnown
                | D::NoSuchDeferral
                | D::NotReferred
                | D::NoSuchLikeness
                | D::NoSuchPhoto => Code::Changed,
            };
            told(code, args)
        }
    }
    .into()
}

/// A refusal of the donation's rules in the words of the wire.
pub(crate) fn refused_donation(why: bloodbank::Refused<donation::Rule>) -> Error {
    use donation::Rule as D;
    // No rule of a donation is a warning.
    let bloodbank::Refused::HardStop { rule, args } = why else {
        return no(Code::DonorNotAccepted);
    };
    let code = match rule {
        D::NotFound | D::DonorUnknown => Code::NotFound,
        D::DinKnown => Code::DonationNumberUsed,
        D::DinBad => Code::ScanUnreadable,
        D::DinNotOurs => Code::DonationNumberNotOurs,
        D::NotScreened => Code::DonorNotScreened,
        D::NotAccepted => Code::DonorNotAccepted,
        D::NoConsent => Code::DonorNoConsent,
        D::AlreadyGiven => Code::DonorAlreadyGave,
        D::UnknownBag => Code::Malformed,
        D::TooLightForBag => Code::DonorTooLight,
        D::TimesReversed => Code::DonationTimesReversed,
        D::VolumeImpossible => Code::DonationVolumeImpossible,
        D::FieldMissing => Code::ReasonMissing,
        D::SecondPersonNeeded | D::SamePerson => Code::SecondPersonNeeded,
        D::AlreadyEnded | D::NotEnded | D::NoSuchHold | D::HoldIsFinal => Code::Changed,
    };
    let mut told = told(code, args);
    // Which deferral it is stays with those who may know.
    told.args.remove("code");
    told.into()
}

/// A refusal of the number blocks in the words of the wire.
pub(crate) fn refused_numbers(why: &NumberProblem) -> Error {
    match why {
        NumberProblem::NoneLeft => no(Code::NoDonationNumbers),
        NumberProblem::OtherSite => no(Code::DonationNumberNotOurs),
        why => CommandError::refusal(Code::NumberBlockUnfit).with("detail", why).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_donor_number_cannot_be_taken_for_a_hospital_number() {
        assert_ne!(donor_number(1), hospital_number(1));
        assert!(donor_number(1).starts_with("DN000001"));
    }
}
