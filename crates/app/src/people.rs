//! Patients.

use crate::backend::{Inner, Passed};
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use bloodbank::PatientFacts;
use hospital::names;
use hospital::patient::{self as domain, Command, Patient, hospital_number};
use kernel::{PatientId, Permission};
use records::{Body, Event, Facts, GoesOn};
use std::collections::{BTreeMap, BTreeSet};
use store_sqlite::{EventRow, UnitFilter};
use wire::*;

/// Entries of a timeline sent at once.
const TIMELINE: u32 = 100;
/// Namesakes whose records are compared with somebody new.
const NAMESAKES: usize = 200;
/// Candidates shown when someone may be registered already.
const CANDIDATES: usize = 5;

impl Inner {
    pub(crate) fn today(&self) -> Result<chrono::NaiveDate, Error> {
        Ok(self.now()?.with_timezone(&self.zone()?).date_naive())
    }

    pub(crate) fn patient_search(&mut self, ask: PatientSearch) -> Result<PatientFound, Error> {
        self.actor(Permission::SeePatients)?;
        let limit = usize::try_from(ask.limit.clamp(1, 200)).unwrap_or(200);
        let (ids, total) = self.store()?.search_patients(&ask.text, limit)?;
        let mut rows = vec![];
        for id in ids {
            if self.store()?.patient(id)?.is_some() {
                rows.push(self.patient_row(id)?);
            }
        }
        let people: Vec<_> = rows.iter().map(|r| (r.family.as_str(), r.given.as_str())).collect();
        let alike = names::alike_on_a_list(&people);
        rows.iter_mut().zip(alike).for_each(|(row, alike)| row.similar_name = alike);
        Ok(PatientFound { rows, total })
    }

    pub(crate) fn patient_register(&mut self, new: PatientRegister) -> Result<Made, Error> {
        let actor = self.actor(Permission::RegisterPatients)?;
        let birth_date = match new.birth_date.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(text.parse().map_err(|_| no(Code::BirthDateImpossible))?),
        };
        let id = PatientId(self.options.clock.new_uuid());
        let number = hospital_number(self.store()?.patient_count()? + 1);
        let mut facts = Facts::default();
        facts.patient.today = self.today()?;
        facts.patient.possible_duplicates = self.look_alikes(&new, birth_date)?;
        let passed = Passed {
            duplicates: new
                .override_
                .as_ref()
                .is_some_and(|o| o.rules.contains(&Code::PossibleDuplicate)),
            reason: override_reason(new.override_.as_ref())?,
            ..Passed::default()
        };
        let command = Command::Register {
            family: new.family,
            given: new.given,
            title: new.title,
            birth_date,
            sex: same(new.sex),
            phone: new.phone,
            national_id: new.national_id,
            hospital_number: number,
        };
        self.save(&actor, Body::Patient { id, command }, facts, passed)?;
        Ok(Made { id: id.to_string() })
    }

    /// People with a name that sounds the same whose birth date does not speak against it.
    fn look_alikes(
        &self,
        new: &PatientRegister,
        birth_date: Option<domain::BirthDate>,
    ) -> Result<Vec<String>, Error> {
        let text = format!("{} {}", new.family, new.given);
        let mut ids = match birth_date {
            Some(born) => self.store()?.patients_of_name_and_birth(&text, born, NAMESAKES)?,
            None => vec![],
        };
        // A slip of the finger is met among the first; who was born then, among all namesakes.
        ids.extend(self.store()?.search_patients(&text, NAMESAKES)?.0);
        let mut seen = BTreeSet::new();
        let mut found = vec![];
        for id in ids.into_iter().filter(|id| seen.insert(*id)) {
            if found.len() == CANDIDATES {
                break;
            }
            let Some(patient) = self.store()?.patient(id)? else { continue };
            let differ = match (patient.birth_date, birth_date) {
                (Some(a), Some(b)) => a.year.abs_diff(b.year) > 1,
                _ => false,
            };
            if !differ {
                let born = patient.birth_date.map(|b| b.to_string()).unwrap_or_default();
                found.push(format!(
                    "{} {born} {}",
                    patient.display_name(),
                    patient.hospital_number
                ));
            }
        }
        Ok(found)
    }

    pub(crate) fn patient_allergy(&mut self, record: AllergyRecord) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RecordAllergies)?;
        let id = patient_id(&record.patient)?;
        let command = match record.entry {
            AllergyEntry::NoneKnown => Command::RecordNoAllergies,
            AllergyEntry::Substance { substance, reaction, severe } => {
                Command::RecordAllergy { substance, reaction, severe }
            }
        };
        self.save(&actor, Body::Patient { id, command }, Facts::default(), Passed::default())?;
        Ok(Nothing {})
    }

    /// Who is at the bed says that a patient has died, physician or nurse: the permission to transfuse
    /// is theirs and nobody else's. Reception and the counter hear of it and state nothing.
    pub(crate) fn patient_died(&mut self, ask: DeathRecord) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Transfuse)?;
        let (id, zone) = (patient_id(&ask.patient)?, self.zone()?);
        let at = kernel::instant_of_wall(crate::blood::wall(&ask.wall)?, zone);
        let mut facts = Facts::default();
        facts.patient.died_on = Some(at.with_timezone(&zone).date_naive());
        let body = Body::Patient { id, command: Command::RecordDeath { at } };
        self.save(&actor, body, facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// Two of those who may record a death say that this one is none. What had been held stays free.
    pub(crate) fn patient_died_withdraw(&mut self, ask: DeathWithdraw) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Transfuse)?;
        let id = patient_id(&ask.patient)?;
        let at = ask.at.parse().map_err(|_| no(Code::Changed))?;
        let second = self.second_who(&actor, ask.second.as_ref(), Permission::Transfuse)?;
        let mut facts = Facts::default();
        facts.patient.second = true;
        let command = Command::WithdrawDeath { at, reason: ask.reason };
        let passed = Passed { second: Some(second), ..Passed::default() };
        self.save(&actor, Body::Patient { id, command }, facts, passed)?;
        Ok(Nothing {})
    }

    /// The record that goes on in the place of this one, at the end of the line.
    pub(crate) fn goes_on_in(&self, id: PatientId) -> Result<Option<GoesOn>, Error> {
        let store = self.store()?;
        let mut line = vec![id];
        let mut number = String::new();
        while let Some(patient) = line.last().map(|id| store.patient(*id)).transpose()?.flatten() {
            number = patient.hospital_number;
            match patient.belongs_to {
                // Records that two sites took over at once do not lead in a circle.
                Some(to) if !line.contains(&to) => line.push(to),
                _ => break,
            }
        }
        Ok(line.last().filter(|to| **to != id).map(|to| GoesOn { patient: *to, number }))
    }

    fn record_link(&self, id: PatientId) -> Result<RecordLink, Error> {
        let patient = self.store()?.patient(id)?.ok_or_else(|| no(Code::NotFound))?;
        Ok(RecordLink {
            id: id.to_string(),
            name: patient.display_name(),
            hospital_number: patient.hospital_number,
        })
    }

    /// One person under two records (bloodbank.md 6, scenario 20): the one that goes on knows what both
    /// knew, and nothing is taken out of the other. What it brings are groups and antibodies, so whoever
    /// may record a group may do it, and never alone.
    pub(crate) fn patient_take_over(&mut self, ask: RecordTakeOver) -> Result<Nothing, Error> {
        use bloodbank::crossmatch::{self, Command as X, Crossmatch};
        use bloodbank::history::Command as H;
        use records::CareBody;
        let actor = self.actor(Permission::RecordBloodGroup)?;
        let (id, of) = (patient_id(&ask.patient)?, patient_id(&ask.of)?);
        let store = self.store()?;
        let patient = store.patient(id)?.ok_or_else(|| no(Code::NotFound))?;
        let other = store.patient(of)?.ok_or_else(|| no(Code::NotFound))?;
        let stored = store.blood_history(of)?.unwrap_or_default();
        let second = Some(self.second(&actor, ask.second.as_ref())?);
        // What left for the other and did not come back counts as given, also where nobody wrote it down.
        let exposures = self.blood_history_of(of)?.exposures;
        let brought = bloodbank::history::History { exposures, ..stored };
        let joined = self.blood_history_of(id)?.joined(&brought);
        let mut facts = self.patient_care(id)?;
        facts.patient.by.clone_from(&actor.user);
        facts.patient.second = true;

        let of_patient = |id, command| Body::Patient { id, command };
        let reason = ask.reason;
        let take = Command::TakeOver { of, known: Box::new(other.known()), reason: reason.clone() };
        let history = Box::new(brought.clone());
        let mut together = vec![
            of_patient(id, take),
            of_patient(of, Command::BelongTo { to: id, reason }),
            crate::care::history::body(id, H::TakeOver { of, history }),
        ];
        if let (Some(at), None) = (other.died, patient.died) {
            together.push(of_patient(id, Command::RecordDeath { at }));
        }
        let mut groups = vec![together];
        // The tubes of the one that goes on know of the other's transfusions, and no computer has
        // crossmatched for somebody with an antibody.
        if let Some(last) = brought.exposures.iter().max_by_key(|one| one.at) {
            groups.extend(self.shortened(id, *last)?.into_iter().map(|part| vec![part]));
        }
        // What has left is people's to look at; its crossmatch stays what it was.
        let mut done = vec![];
        for one in self.store()?.care_of_patient::<Crossmatch>(id)? {
            if self.store()?.unit(one.unit)?.is_some_and(|unit| unit.is_live()) {
                done.push(one);
            }
        }
        groups.extend(crossmatch::withdrawn_by(&joined, &done).into_iter().map(|id| {
            let reason = "an antibody of the same person became known".to_owned();
            let command = Box::new(X::Withdraw { reason });
            vec![Body::Care(CareBody::Crossmatch { id, command })]
        }));
        let passed = Passed { second, ..Passed::default() };
        self.save_groups(&actor, groups, facts, &passed)?;
        Ok(Nothing {})
    }

    pub(crate) fn patient_view(&mut self, ask: ById) -> Result<PatientView, Error> {
        let actor = self.actor(Permission::SeePatients)?;
        let id = patient_id(&ask.id)?;
        let patient = self.store()?.patient(id)?.ok_or_else(|| no(Code::NotFound))?;
        self.note_read(&actor, id, "patient")?;
        let today = self.today()?;
        let store = self.store()?;
        let timeline = store.timeline(id, TIMELINE)?;
        let total = store.timeline_length(id)?;
        let hidden = total.saturating_sub(u32::try_from(timeline.len()).unwrap_or(u32::MAX));
        let filter = UnitFilter { patient: Some(id), ..UnitFilter::default() };
        let units = store.units(&filter)?;
        let (studies, _) = store.studies(None, Some(id), 50)?;
        let units = self.unit_rows(&units)?;
        let studies = studies.iter().map(|s| self.study_row(s)).collect::<Result<_, _>>()?;
        let mut entries = vec![];
        let names = self.staff_names()?;
        for entry in &timeline {
            entries.extend(self.timeline_entry(entry, &names)?);
        }
        let base = self.patient_row(id)?;
        let stored = self.store()?.blood_history(id)?;
        let known = records::facts_of(&patient, stored.as_ref(), today);
        Ok(PatientView {
            id: base.id,
            family: base.family,
            given: base.given,
            title: base.title,
            birth_date: base.birth_date,
            age_years: base.age_years,
            sex: base.sex,
            hospital_number: base.hospital_number,
            phone: patient.phone.clone(),
            national_id: patient.national_id.clone(),
            allergies: match &patient.allergies {
                domain::Allergies::NotRecorded => Allergies::NotRecorded,
                domain::Allergies::NoneKnown => Allergies::NoneKnown,
                domain::Allergies::Known { list } => Allergies::Known {
                    list: list
                        .iter()
                        .map(|a| Allergy {
                            substance: a.substance.clone(),
                            reaction: a.reaction.clone(),
                            severe: a.severe,
                            recorded_at: rfc3339(a.recorded_at),
                        })
                        .collect(),
                },
            },
            determinations: self.group_results(&patient, &names)?,
            group: crate::care::group_state(&known.group, known.phenotype),
            anti_d_ever: known.anti_d_ever,
            died: patient.died.map(rfc3339),
            belongs_to: base.belongs_to,
            taken_over: patient
                .taken_over
                .iter()
                .map(|id| self.record_link(*id))
                .collect::<Result<_, _>>()?,
            timeline: entries,
            timeline_hidden: hidden,
            units,
            studies,
            as_of: rfc3339(self.now()?),
        })
    }

    /// Display names by sign-in name, of everybody who ever worked here.
    pub(crate) fn staff_names(&self) -> Result<BTreeMap<String, String>, Error> {
        let staff = self.store()?.staff()?;
        Ok(staff.into_iter().map(|s| (s.user, s.display_name)).collect())
    }

    fn timeline_entry(
        &self,
        entry: &EventRow,
        names: &BTreeMap<String, String>,
    ) -> Result<Option<TimelineEntry>, Error> {
        let happened = self.happened_row(entry)?;
        use bloodbank::Event as U;
        use domain::Event as P;
        use imaging::study::Event as S;
        let mut args = BTreeMap::new();
        let mut put = |name: &str, value: String| {
            args.insert(name.to_owned(), value);
        };
        let what = match &entry.event {
            Event::Patient(P::Registered { patient }) => {
                put("number", patient.hospital_number.clone());
                TimelineKind::Registered
            }
            Event::Patient(P::AllergyRecorded { allergy }) => {
                put("substance", allergy.substance.clone());
                TimelineKind::AllergyRecorded
            }
            Event::Patient(P::NoAllergiesRecorded) => TimelineKind::NoAllergiesRecorded,
            Event::Patient(P::GroupRecorded { determination, .. }) => {
                put("group", determination.group.to_string());
                put("sample", determination.sample.clone());
                TimelineKind::GroupRecorded
            }
            Event::Patient(P::GroupWithdrawn { nth, withdrawn }) => {
                if let records::Key::Patient(id) = entry.subject
                    && let Some(patient) = self.store()?.patient(id)?
                    && let Some(of) =
                        usize::try_from(*nth).ok().and_then(|n| patient.determinations.get(n))
                {
                    put("group", of.group.to_string());
                    put("sample", of.sample.clone());
                }
                put("reason", withdrawn.reason.clone());
                TimelineKind::GroupWithdrawn
            }
            Event::Patient(P::TookOver { of, reason, .. }) => {
                let link = self.record_link(*of)?;
                put("record", format!("{} {}", link.name, link.hospital_number));
                put("reason", reason.clone());
                TimelineKind::RecordTakenOver
            }
            Event::Patient(P::BelongsTo { to, reason }) => {
                let link = self.record_link(*to)?;
                put("record", format!("{} {}", link.name, link.hospital_number));
                put("reason", reason.clone());
                TimelineKind::RecordGaveWay
            }
            Event::Patient(P::Died { at }) => {
                put("died", rfc3339(*at));
                TimelineKind::DeathRecorded
            }
            Event::Patient(P::DeathWithdrawn { withdrawn }) => {
                put("reason", withdrawn.reason.clone());
                TimelineKind::DeathWithdrawn
            }
            Event::Unit(event) => {
                if let records::Key::Unit(id) = entry.subject
                    && let Some(unit) = self.store()?.unit(id)?
                {
                    put("din", unit.din.clone());
                    if let Some(check) = crate::blood::check_of(&unit.din) {
                        put("check", check);
                    }
                    put("component", same::<_, String>(unit.component));
                    put("group", unit.group.to_string());
                }
                match event {
                    U::Reserved { .. } => TimelineKind::UnitReserved,
                    U::Released { reason, .. } => {
                        put("reason", reason.clone());
                        TimelineKind::ReservationReleased
                    }
                    U::Issued { collected_by, .. } => {
                        put("collectedBy", collected_by.clone());
                        TimelineKind::UnitIssued
                    }
                    _ => return Ok(None),
                }
            }
            Event::Study(S::Added { .. } | S::ImagesAdded { .. } | S::Assigned { .. }) => {
                TimelineKind::ImageAdded
            }
            Event::Study(S::Analysed { analysis }) => {
                if let Some(top) =
                    analysis.findings.iter().filter(|f| !f.normal).max_by_key(|f| f.p10000)
                {
                    put("label", top.label.clone());
                    put("probability", format!("{:.2}", f64::from(top.p10000) / 10_000.0));
                }
                put("outcome", same::<_, String>(analysis.outcome));
                TimelineKind::ImageAnalysed
            }
            Event::Study(S::Judged { label, judgement, .. }) => {
                put("label", label.clone());
                put("agree", judgement.agree.to_string());
                TimelineKind::FindingJudged
            }
            Event::Study(S::ReportSigned { .. }) => TimelineKind::ReportSigned,
            Event::Study(S::ReportAddended { .. }) => TimelineKind::ReportAddended,
            // What is not signed yet is nobody's report.
            Event::Study(S::ReportDrafted { .. }) => return Ok(None),
            Event::Care(event) => {
                return Ok(crate::care::timeline(event).map(|(what, more)| {
                    args.extend(more);
                    let by = names.get(&entry.user).unwrap_or(&entry.user).clone();
                    TimelineEntry { at: rfc3339(entry.at), what, args, by, happened }
                }));
            }
            // A donor's record is no patient's.
            Event::Facility(_)
            | Event::Staff(_)
            | Event::Policies(_)
            | Event::Donor(_)
            | Event::Donation(_)
            | Event::Numbers(_)
            | Event::Tests(_)
            | Event::Part(_)
            | Event::Run(_) => return Ok(None),
        };
        let by = names.get(&entry.user).unwrap_or(&entry.user).clone();
        Ok(Some(TimelineEntry { at: rfc3339(entry.at), what, args, by, happened }))
    }

    pub(crate) fn patient_row(&self, id: PatientId) -> Result<PatientRow, Error> {
        let patient = self.store()?.patient(id)?.ok_or_else(|| no(Code::NotFound))?;
        let to = patient.belongs_to.map(|_| self.goes_on_in(id)).transpose()?.flatten();
        let belongs_to = to.map(|to| self.record_link(to.patient)).transpose()?;
        Ok(PatientRow { belongs_to, ..row(&patient, self.today()?) })
    }

    pub(crate) fn patient_name(&self, id: PatientId) -> Result<String, Error> {
        Ok(self.store()?.patient(id)?.map(|p| p.display_name()).unwrap_or_default())
    }

    /// What the blood bank may know about a patient.
    pub(crate) fn patient_facts(&self, id: PatientId) -> Result<Option<PatientFacts>, Error> {
        let today = self.today()?;
        let Some(patient) = self.store()?.patient(id)? else { return Ok(None) };
        let stored = self.store()?.blood_history(id)?;
        Ok(Some(records::facts_of(&patient, stored.as_ref(), today)))
    }
}

pub(crate) fn patient_id(text: &str) -> Result<PatientId, Error> {
    text.parse().map_err(|_| no(Code::NotFound))
}

/// An override without a reason is no override.
pub(crate) fn override_reason(over: Option<&Override>) -> Result<Option<String>, Error> {
    match over {
        None => Ok(None),
        Some(over) => kernel::reason(&over.reason).map(Some).ok_or_else(|| no(Code::ReasonMissing)),
    }
}

fn row(patient: &Patient, today: chrono::NaiveDate) -> PatientRow {
    PatientRow {
        id: patient.id.to_string(),
        family: patient.family.clone(),
        given: patient.given.clone(),
        title: patient.title.clone(),
        birth_date: patient.birth_date.map(|b| b.to_string()),
        age_years: patient.birth_date.and_then(|b| b.age_on(today)),
        sex: same(patient.sex),
        hospital_number: patient.hospital_number.clone(),
        similar_name: false,
        deceased: patient.died.is_some(),
        belongs_to: None,
    }
}
