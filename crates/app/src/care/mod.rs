//! From the request to the bedside: what a decision may know, gathered in one place, and the words that
//! all of these desks share. Each desk has a module of its own; the rules are those of `bloodbank`.

mod bedside;
mod cases;
mod compact;
mod counts;
mod crossmatching;
pub(crate) mod history;
mod issuing;
mod later;
mod lookback;
mod places;
mod protocols;
mod recalls;
mod requests;
mod samples;
mod slips;
mod tasks;
mod timeline;
mod transfers;
mod validating;

pub(crate) use later::not_before;
pub(crate) use recalls::recall_more;
pub(crate) use requests::group_state;
pub(crate) use slips::is_slip;
pub(crate) use timeline::timeline;

use crate::backend::{Inner, Passed};
use crate::blood::SITE;
use crate::convert::same;
use crate::error::{Error, no};
use bloodbank::Unit;
use bloodbank::care::{CareRule, Refusal, StaffFact};
use bloodbank::crossmatch::{Crossmatch, Outcome};
use bloodbank::history::History;
use bloodbank::issue::{Dispensation, Status as Way};
use bloodbank::request::{Request, Status as Asked};
use bloodbank::sample::{Exposure, ExposureKind, PatientIdentity, Sample};
use bloodbank::traits::{Phenotype, Retype, UnitTraits};
use chrono::TimeDelta;
use kernel::{Actor, Component, Instant, PatientId, Permission, RecallId, Role, StaffId, UnitId};
use records::{Body, CareFacts, CareKey, Facts};
use std::collections::BTreeMap;
use wire::*;

/// The version of the program that runs here.
pub(crate) const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// The id in a command of the page; one that is none names nothing here.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| no(Code::NotFound))
}

/// `take_back` of an enum that is written so.
pub(crate) fn word<T: serde::Serialize>(value: T) -> String {
    let value = serde_json::to_value(value).ok();
    value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A refusal of this side without values.
pub(crate) fn stop(rule: CareRule) -> Error {
    let args = bloodbank::Args::new();
    crate::error::refused(Refusal::HardStop { rule, args }.into())
}

/// The same with one value.
pub(crate) fn stop_with(rule: CareRule, name: &'static str, value: impl ToString) -> Error {
    let args = bloodbank::Args::from([(name, value.to_string())]);
    crate::error::refused(Refusal::HardStop { rule, args }.into())
}

/// A birth date of which the day is known.
fn whole_day(born: hospital::patient::BirthDate) -> Option<chrono::NaiveDate> {
    chrono::NaiveDate::from_ymd_opt(born.year, born.month?, born.day?)
}

/// The names of the staff as the page shows them.
pub(crate) struct Names(BTreeMap<StaffId, String>);

impl Names {
    pub(crate) fn of(&self, id: StaffId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

impl Inner {
    pub(crate) fn names(&self) -> Result<Names, Error> {
        let staff = self.store()?.staff()?;
        Ok(Names(staff.into_iter().map(|s| (s.id, s.display_name)).collect()))
    }

    /// The active member of staff with this sign-in name.
    pub(crate) fn staff_id_of(&self, user: &str) -> Result<StaffId, Error> {
        let user = user.trim().to_lowercase();
        let staff = self.staff_named(&user)?;
        staff
            .map(|s| s.id)
            .ok_or_else(|| CommandError::refusal(Code::PersonNotActive).with("staff", user).into())
    }

    /// Who works here, for the lists of a form: nobody who has left.
    pub(crate) fn staff_names_list(&mut self, _: Nothing) -> Result<Vec<StaffName>, Error> {
        let me = self.actor(Permission::SeePatients)?;
        let staff = self.store()?.staff()?;
        Ok(staff
            .into_iter()
            .filter(|s| s.active && s.role.may(Permission::SeePatients))
            .map(|s| StaffName {
                me: s.id == me.id,
                draws: s.role.may(Permission::DrawSamples),
                user: s.user,
                name: s.display_name,
                role: same(s.role),
            })
            .collect())
    }

    fn staff_facts(&self) -> Result<Vec<StaffFact>, Error> {
        let staff = self.store()?.staff()?;
        Ok(staff
            .into_iter()
            .map(|s| StaffFact {
                id: s.id,
                active: s.active,
                physician: s.role == Role::Physician,
                draws: s.role.may(Permission::DrawSamples),
            })
            .collect())
    }

    /// What a patient's blood has shown at any time, with the groups of the patient's record.
    pub(crate) fn blood_history_of(&self, id: PatientId) -> Result<History, Error> {
        let (stored, patient) = (self.store()?.blood_history(id)?, self.store()?.patient(id)?);
        let mut history = records::history_of(stored.as_ref(), patient.as_ref());
        // Blood that left for this patient and did not come back counts as given, also where nobody
        // wrote down its end (bloodbank.md 2.8 and 2.9, "presumed transfused").
        let out = TimeDelta::minutes(i64::from(self.policy().care.return_minutes.value));
        let now = self.now()?;
        for one in self.issues_of_person(id)? {
            let given = match one.status {
                Way::Used => true,
                Way::Out => now - one.left_storage_at > out,
                Way::Returned { .. } | Way::EnteredInError { .. } => false,
            };
            let at = one.left_storage_at;
            let known = history
                .exposures
                .iter()
                .any(|e| e.kind == ExposureKind::Transfusion && (e.at - at).num_hours().abs() < 24);
            if given && !known {
                let kind = ExposureKind::Transfusion;
                history.exposures.push(Exposure { kind, at, recorded_at: now });
            }
        }
        Ok(history)
    }

    /// What left for a person, also under the records that this one has taken over.
    fn issues_of_person(&self, id: PatientId) -> Result<Vec<Dispensation>, Error> {
        let store = self.store()?;
        let others = store.patient(id)?.map(|patient| patient.taken_over).unwrap_or_default();
        let mut all = vec![];
        for record in std::iter::once(id).chain(others) {
            all.extend(store.care_of_patient::<Dispensation>(record)?);
        }
        Ok(all)
    }

    /// What is known of a bag. One that was made here has been typed here, twice and by two people.
    pub(crate) fn traits_of(&self, unit: &Unit) -> Result<UnitTraits, Error> {
        let mut traits = self.store()?.traits(unit.id)?;
        if traits.confirmed.is_none() {
            traits.confirmed = self.typed_here(unit)?;
        }
        Ok(traits)
    }

    fn typed_here(&self, unit: &Unit) -> Result<Option<Retype>, Error> {
        let donation = kernel::DonationId::of_din(&unit.din);
        let Some(tests) = self.store()?.tests(donation)? else { return Ok(None) };
        // Of readings that differed, one that two people settled for.
        let settled = tests.resolution.as_ref().map(|resolution| resolution.group);
        Ok(tests.typings.iter().find_map(|typing| {
            let verified_by = typing.verified_by?;
            match bloodbank::lab::interpret(&typing.sheet) {
                bloodbank::lab::Interpretation::Group(group)
                    if settled.is_none_or(|settled| settled == group) =>
                {
                    let phenotype = Phenotype::Ordinary;
                    Some(Retype { group, phenotype, entered_by: typing.by, verified_by })
                }
                _ => None,
            }
        }))
    }

    /// The tubes of a patient, each good for as long as what is known of the patient leaves it.
    pub(crate) fn tubes_of(
        &self,
        patient: PatientId,
        exposures: &[Exposure],
        now: Instant,
    ) -> Result<Vec<Sample>, Error> {
        let care = &self.policy().care;
        let all = self.store()?.care_of_patient::<Sample>(patient)?;
        Ok(all.into_iter().map(|tube| tube.in_light_of(exposures, care, now)).collect())
    }

    /// The newest sample that can be used, or else the newest. One that was drawn under a clock that was
    /// wrong, after now, is none that can.
    pub(crate) fn sample_of(
        &self,
        patient: PatientId,
        exposures: &[Exposure],
        now: Instant,
    ) -> Result<Option<Sample>, Error> {
        let mut all = self.tubes_of(patient, exposures, now)?;
        let good = |sample: &Sample| sample.drawn_at <= now && sample.usable(now).is_ok();
        let place = all.iter().position(good).unwrap_or(0);
        Ok((!all.is_empty()).then(|| all.swap_remove(place)))
    }

    /// The crossmatch of this bag for this patient that counts: one found incompatible whatever was done
    /// after it, else the newest; none that was withdrawn.
    pub(crate) fn crossmatch_of(
        &self,
        unit: UnitId,
        patient: PatientId,
    ) -> Result<Option<Crossmatch>, Error> {
        let mut all = self.store()?.care_of_unit::<Crossmatch>(unit)?;
        all.retain(|one| one.patient == patient && one.withdrawn.is_none());
        let against = all.iter().position(|one| one.outcome == Outcome::Incompatible);
        Ok((!all.is_empty()).then(|| all.swap_remove(against.unwrap_or(0))))
    }

    /// A recall that names this bag, closed ones too: it may still lie in a fridge.
    pub(crate) fn recall_of(&self, unit: &Unit) -> Result<Option<RecallId>, Error> {
        self.recall_naming(unit.id, &unit.din)
    }

    /// The open issue of a bag, or else its last one.
    pub(crate) fn dispensation_of(&self, unit: UnitId) -> Result<Option<Dispensation>, Error> {
        let mut all = self.store()?.care_of_unit::<Dispensation>(unit)?;
        let out = all.iter().position(|one| one.status == Way::Out);
        let place = out.or_else(|| all.iter().position(|one| !one.was_error())).unwrap_or(0);
        Ok((!all.is_empty()).then(|| all.swap_remove(place)))
    }

    /// The open request of a patient for this component, the one that names the bag first.
    pub(crate) fn request_for(
        &self,
        patient: PatientId,
        unit: Option<UnitId>,
        component: Component,
    ) -> Result<Option<Request>, Error> {
        let mut all: Vec<Request> = self.store()?.care_of_patient::<Request>(patient)?;
        all.retain(|one| one.status == Asked::Open && one.component == component);
        all.sort_by_key(|one| {
            (!unit.is_some_and(|unit| one.allocated.contains(&unit)), one.needed_by)
        });
        Ok(all.into_iter().next())
    }

    /// All that a decision about this patient may know.
    pub(crate) fn patient_care(&self, id: PatientId) -> Result<Facts, Error> {
        self.patient_care_at(id, self.now()?)
    }

    /// The same for a decision on something that happened at another time.
    pub(crate) fn patient_care_at(&self, id: PatientId, now: Instant) -> Result<Facts, Error> {
        let mut facts = self.unit_facts(Some(id), None)?;
        let patient = self.store()?.patient(id)?.ok_or_else(|| no(Code::NotFound))?;
        let history = self.blood_history_of(id)?;
        let validation = self.validation_here()?;
        // A store that was put back has forgotten what its people found between the copy and then: nobody
        // relies on its history alone before the site has looked again (bloodbank.md 2.8, scenario 70).
        let looked_again = facts
            .unit
            .restored
            .as_ref()
            .is_none_or(|restored| validation.as_ref().is_some_and(|one| one.at > restored.at));
        facts.care = CareFacts {
            identity: Some(PatientIdentity {
                id,
                numbers: [Some(patient.hospital_number.clone()), patient.national_id.clone()]
                    .into_iter()
                    .flatten()
                    .collect(),
                name: format!("{} {}", patient.given, patient.family),
                birth_date: patient.birth_date.and_then(whole_day),
            }),
            died: patient.died,
            sample: self.sample_of(id, &history.exposures, now)?,
            history,
            staff: self.staff_facts()?,
            validation,
            program: PROGRAM.to_owned(),
            record_intact: self.proven,
            stands_alone: looked_again,
            ..CareFacts::default()
        };
        let deceased = facts.deceased_at(now);
        if let Some(patient) = &mut facts.unit.patient {
            patient.deceased = deceased;
        }
        Ok(facts)
    }

    /// The same with one bag.
    pub(crate) fn unit_care(&self, patient: PatientId, unit: &Unit) -> Result<Facts, Error> {
        self.unit_care_at(patient, unit, self.now()?)
    }

    pub(crate) fn unit_care_at(
        &self,
        patient: PatientId,
        unit: &Unit,
        now: Instant,
    ) -> Result<Facts, Error> {
        let mut facts = self.patient_care_at(patient, now)?;
        facts.unit.siblings = self.siblings(&unit.din)?;
        self.note_bag(&mut facts, unit.id)?;
        facts.care.traits = self.traits_of(unit)?;
        facts.care.crossmatch = self.crossmatch_of(unit.id, patient)?;
        facts.care.request = self.request_for(patient, Some(unit.id), unit.component)?;
        facts.care.dispensation = self.dispensation_of(unit.id)?;
        facts.care.recalled = self.recall_of(unit)?;
        facts.care.identical_left = self.identical_left(&facts, unit, now)?;
        facts.care.low_titre_given = self.low_titre_given(patient)?;
        facts.care.unit = Some(unit.clone());
        Ok(facts)
    }

    /// Free bags here of the component and of the patient's own group.
    fn identical_left(&self, facts: &Facts, unit: &Unit, now: Instant) -> Result<u32, Error> {
        use bloodbank::KnownGroup as K;
        let own = match facts.unit.patient.as_ref().map(|p| &p.group) {
            Some(K::Once(group) | K::Confirmed(group)) => *group,
            _ => return Ok(0),
        };
        Ok(self.store()?.free_units(self.site(), unit.component, own, now)?)
    }

    fn low_titre_given(&self, patient: PatientId) -> Result<u32, Error> {
        let mut given = 0;
        for one in self.issues_of_person(patient)? {
            if one.component != Component::WholeBlood || !one.stands() {
                continue;
            }
            let unit = self.store()?.unit(one.unit)?;
            given += u32::from(unit.is_some_and(|unit| unit.low_titre));
        }
        Ok(given)
    }

    /// What is open of one kind, and how many older ones of very many are not in it.
    pub(crate) fn open_ones<T: store_sqlite::OfCare>(
        &self,
    ) -> Result<(Vec<T>, Option<u32>), Error> {
        let open = self.store()?.care_open::<T>()?;
        let all = self.store()?.care_open_count::<T>()?;
        let left_out = left_out(all, open.len());
        Ok((open, left_out))
    }

    /// One aggregate that must be there.
    pub(crate) fn care_there<T: store_sqlite::OfCare>(&self, key: CareKey) -> Result<T, Error> {
        self.store()?.care_of::<T>(key)?.ok_or_else(|| no(Code::NotFound))
    }

    pub(crate) fn unit_there(&self, id: UnitId) -> Result<Unit, Error> {
        self.store()?.unit(id)?.ok_or_else(|| no(Code::NotFound))
    }

    /// Saves several parts, all or none; one alone goes without the bracket.
    pub(crate) fn save_parts(
        &mut self,
        actor: &Actor,
        mut parts: Vec<Body>,
        facts: Facts,
        passed: Passed,
    ) -> Result<(), Error> {
        let body = match parts.len() {
            0 => return Ok(()),
            1 => parts.remove(0),
            _ => Body::Together(parts),
        };
        self.save(actor, body, facts, passed)
    }

    /// The site of a facility that stands alone.
    pub(crate) fn site(&self) -> &'static str {
        SITE
    }
}

/// How many of all are not in a list of so many rows; `None` where none is missing.
pub(crate) fn left_out(all: u32, rows: usize) -> Option<u32> {
    let left = all.saturating_sub(u32::try_from(rows).unwrap_or(u32::MAX));
    (left > 0).then_some(left)
}
