//! What a patient's blood has shown at any time. It only grows.

use super::requests::group_state;
use super::samples::day_of;
use crate::backend::{Inner, Passed};
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use crate::people::patient_id;
use bloodbank::crossmatch::Crossmatch;
use bloodbank::history::{Against, Command};
use bloodbank::issue::Dispensation;
use bloodbank::request::Request;
use bloodbank::sample::{Command as OfSample, Exposure, Sample};
use kernel::{Instant, PatientId, Permission, instant_of_wall};
use records::{Body, CareBody};
use wire::*;

/// Rows of each list of a patient's record.
const SHOWN: usize = 30;

pub(crate) fn body(id: PatientId, command: Command) -> Body {
    Body::Care(CareBody::History { id, command: Box::new(command) })
}

impl Inner {
    pub(crate) fn blood_record(&mut self, ask: ById) -> Result<BloodRecord, Error> {
        let actor = self.actor(Permission::SeePatients)?;
        let id = patient_id(&ask.id)?;
        self.note_read(&actor, id, "blood_record")?;
        let now = self.now()?;
        let facts = self.patient_care(id)?;
        let patient = facts.unit.patient.as_ref().ok_or_else(|| no(Code::NotFound))?;
        let (history, names) = (&facts.care.history, self.names()?);
        let store = self.store()?;
        let samples = self.tubes_of(id, &history.exposures, now)?;
        let requests = store.care_of_patient::<Request>(id)?;
        let crossmatches = store.care_of_patient::<Crossmatch>(id)?;
        let issues = store.care_of_patient::<Dispensation>(id)?;
        Ok(BloodRecord {
            patient: self.patient_row(id)?,
            group: group_state(&patient.group, patient.phenotype),
            anti_d_ever: patient.anti_d_ever,
            phenotype: same(history.phenotype),
            transplant: history.transplant,
            antibodies: history
                .antibodies
                .iter()
                .map(|one| AntibodyRow {
                    antigen: match &one.against {
                        Against::Antigen(antigen) => Some(same(antigen)),
                        Against::Unidentified(_) => None,
                    },
                    words: match &one.against {
                        Against::Antigen(_) => None,
                        Against::Unidentified(words) => Some(words.clone()),
                    },
                    found_at: rfc3339(one.found_at),
                    told_by: one.told_by.clone(),
                    recorded_by: names.of(one.recorded_by),
                })
                .collect(),
            requirements: history
                .requirements
                .iter()
                .map(|one| RequirementRow {
                    need: same(one.need),
                    from: rfc3339(one.from),
                    until: one.until.map(rfc3339),
                    holds: one.holds(now),
                    reason: one.reason.clone(),
                    recorded_by: names.of(one.recorded_by),
                })
                .collect(),
            exposures: history
                .exposures
                .iter()
                .rev()
                .map(|one| ExposureRow {
                    kind: same(one.kind),
                    at: rfc3339(one.at),
                    recorded_at: rfc3339(one.recorded_at),
                })
                .collect(),
            samples: samples
                .iter()
                .take(SHOWN)
                .map(|one| self.sample_row(one, now))
                .collect::<Result<_, _>>()?,
            requests: requests
                .iter()
                .take(SHOWN)
                .map(|one| self.request_row(one, now))
                .collect::<Result<_, _>>()?,
            crossmatches: crossmatches
                .iter()
                .take(SHOWN)
                .map(|one| self.crossmatch_row(one))
                .collect::<Result<_, _>>()?,
            issues: issues
                .iter()
                .take(SHOWN)
                .map(|one| self.issue_row(one))
                .collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn history_antibody(&mut self, ask: AntibodyRecord) -> Result<Nothing, Error> {
        self.actor(Permission::Crossmatch)?;
        let against = match (ask.antigen, ask.words) {
            (Some(antigen), _) => Against::Antigen(same(antigen)),
            (None, words) => Against::Unidentified(words.unwrap_or_default()),
        };
        let found_at = self.morning_of(&ask.found_on)?;
        self.on_history(&ask.patient, |by| Command::RecordAntibody {
            against,
            found_at,
            told_by: ask.told_by,
            recorded_by: by,
        })
    }

    pub(crate) fn history_need(&mut self, ask: NeedRecord) -> Result<Nothing, Error> {
        self.actor(Permission::Crossmatch)?;
        let until = ask.until.as_deref().map(super::requests::instant).transpose()?;
        self.on_history(&ask.patient, |by| Command::Require {
            need: same(ask.need),
            until,
            reason: ask.reason,
            recorded_by: by,
        })
    }

    pub(crate) fn history_transplant(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.on_history(&ask.id, |_| Command::NoteTransplant)
    }

    pub(crate) fn history_phenotype(&mut self, ask: PhenotypeRecord) -> Result<Nothing, Error> {
        self.on_history(&ask.patient, |_| Command::NotePhenotype { phenotype: same(ask.phenotype) })
    }

    /// A transfusion or pregnancy elsewhere. The tubes that are still good are good for a shorter time
    /// from this very command on (bloodbank.md 6, scenario 48).
    pub(crate) fn history_exposure(&mut self, ask: ExposureRecord) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let patient = patient_id(&ask.patient)?;
        let at = self.morning_of(&ask.on)?;
        let facts = self.patient_care(patient)?;
        let parts = self.exposure_parts(patient, same(ask.kind), at)?;
        let groups = parts.into_iter().map(|part| vec![part]).collect();
        self.save_groups(&actor, groups, facts, &Passed::default())?;
        Ok(Nothing {})
    }

    /// The parts by which an exposure becomes known.
    pub(crate) fn exposure_parts(
        &self,
        patient: PatientId,
        kind: bloodbank::sample::ExposureKind,
        at: Instant,
    ) -> Result<Vec<Body>, Error> {
        let now = self.now()?;
        let exposure = Exposure { kind, at, recorded_at: now };
        let mut parts = vec![body(patient, Command::NoteExposure { exposure: kind, at })];
        parts.extend(self.shortened(patient, exposure)?);
        // Blood that flows in a record that was taken over flows into the same person.
        if let Some(to) = self.goes_on_in(patient)? {
            parts.push(body(to.patient, Command::NoteExposure { exposure: kind, at }));
            parts.extend(self.shortened(to.patient, exposure)?);
        }
        Ok(parts)
    }

    /// The tubes that an exposure makes good for a shorter time.
    pub(crate) fn shortened(
        &self,
        patient: PatientId,
        exposure: Exposure,
    ) -> Result<Vec<Body>, Error> {
        let (now, mut parts) = (self.now()?, vec![]);
        for sample in self.store()?.care_of_patient::<Sample>(patient)? {
            if sample.usable(now).is_ok() && !sample.at_risk {
                let command = OfSample::NoteExposure { exposure };
                parts.push(super::samples::body(sample.id, command));
            }
        }
        Ok(parts)
    }

    /// The beginning of a day at this place; of today, now.
    fn morning_of(&self, day: &str) -> Result<Instant, Error> {
        let (day, zone) = (day_of(day)?, self.zone()?);
        let morning = instant_of_wall(day.and_time(chrono::NaiveTime::MIN), zone);
        Ok(morning)
    }

    fn on_history(
        &mut self,
        patient: &str,
        command: impl FnOnce(kernel::StaffId) -> Command,
    ) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let id = patient_id(patient)?;
        let facts = self.patient_care(id)?;
        let command = command(actor.id);
        self.save(&actor, body(id, command), facts, Passed::default())?;
        Ok(Nothing {})
    }
}
