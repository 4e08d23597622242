//! Tubes of patients' blood: received with the people who drew them, typed, screened, rejected.

use super::id;
use crate::backend::{Inner, Passed};
use crate::blood::wall;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use crate::people::patient_id;
use bloodbank::sample::{Command, Identifier, Sample, Typing};
use chrono::TimeDelta;
use hospital::patient::Command as OfPatient;
use kernel::{Instant, Permission, SampleId};
use records::{Body, CareBody, CareKey};
use wire::*;

/// Days of tubes on the list.
const RECENT_DAYS: i64 = 3;

pub(super) fn body(id: SampleId, command: Command) -> Body {
    Body::Care(CareBody::Sample { id, command: Box::new(command) })
}

/// What a tube is good for now.
pub(super) fn stand(sample: Option<&Sample>, now: Instant) -> SampleStand {
    let Some(sample) = sample else { return SampleStand::None };
    if sample.rejected.is_some() {
        SampleStand::Rejected
    } else if sample.usable(now).is_err() {
        SampleStand::TooOld
    } else if sample.typings.is_empty() || sample.screen.is_none() {
        SampleStand::Waiting
    } else {
        SampleStand::Ready
    }
}

impl Inner {
    pub(crate) fn sample_list(&mut self, _: Nothing) -> Result<Samples, Error> {
        self.actor(Permission::Crossmatch)?;
        let now = self.now()?;
        let (waiting, left_out): (Vec<Sample>, _) = self.open_ones()?;
        // Behind a tube that is too old there are only older ones.
        let left_out =
            left_out.filter(|_| waiting.first().is_some_and(|one| one.usable(now).is_ok()));
        let recent: Vec<Sample> = self.store()?.care_since(now - TimeDelta::days(RECENT_DAYS))?;
        let rows = |list: Vec<Sample>| -> Result<Vec<SampleRow>, Error> {
            list.iter().map(|one| self.sample_row(one, now)).collect()
        };
        Ok(Samples {
            // A tube that is too old waits for nobody.
            waiting: rows(waiting.into_iter().filter(|one| one.usable(now).is_ok()).collect())?,
            recent: rows(recent)?,
            left_out,
        })
    }

    pub(super) fn sample_row(&self, sample: &Sample, now: Instant) -> Result<SampleRow, Error> {
        let names = self.names()?;
        Ok(SampleRow {
            id: sample.id.to_string(),
            patient: sample.patient.to_string(),
            patient_name: self.patient_name(sample.patient)?,
            number: sample.number.clone(),
            drawn_at: rfc3339(sample.drawn_at),
            drawn_by: names.of(sample.drawn_by),
            identified_by: names.of(sample.identified_by),
            received_at: rfc3339(sample.received_at),
            valid_until: rfc3339(sample.valid_until.at),
            at_risk: sample.at_risk,
            stand: stand(Some(sample), now),
            rejected: sample.rejected.clone(),
            group: sample.group().map(same),
            discrepant: sample.discrepant(),
            typings: u32::try_from(sample.typings.len()).unwrap_or(u32::MAX),
            screen: sample.screen.map(same),
        })
    }

    pub(crate) fn sample_receive(&mut self, ask: SampleReceive) -> Result<Made, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let patient = patient_id(&ask.patient)?;
        let facts = self.patient_care(patient)?;
        let mut identifiers = vec![];
        if !ask.label_number.trim().is_empty() {
            identifiers.push(Identifier::UniqueNumber(ask.label_number.trim().to_uppercase()));
        }
        identifiers.extend(ask.label_name.map(Identifier::Name));
        if let Some(date) = ask.label_birth_date {
            identifiers.push(Identifier::BirthDate(day_of(&date)?));
        }
        let id = records::sample_id(&ask.number);
        let command = Command::Receive {
            patient,
            number: ask.number.trim().to_uppercase(),
            identifiers,
            drawn_wall: wall(&ask.drawn_wall)?,
            zone: self.zone()?,
            drawn_by: self.staff_id_of(&ask.drawn_by)?,
            identified_by: self.staff_id_of(&ask.identified_by)?,
            transfused: same(ask.transfused),
            pregnant: same(ask.pregnant),
        };
        self.save(&actor, body(id, command), facts, Passed::default())?;
        Ok(Made { id: id.to_string() })
    }

    /// One typing. A clear group enters the patient's record in the same command; what does not read
    /// clearly stays with the tube, and the gates stop on it.
    pub(crate) fn sample_type(&mut self, ask: SampleType) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let late = self.passed_late(ask.happened.as_ref())?;
        let sample: Sample = self.care_there(CareKey::Sample(id(&ask.sample)?))?;
        let typing = Typing {
            forward: same(ask.forward),
            reverse: same(ask.reverse),
            rhd: same(ask.rhd),
            by: late.by(&actor),
            at: late.at(self.now()?),
        };
        let second = match &ask.second {
            Some(second) => Some(self.second(&actor, Some(second))?),
            None => None,
        };
        let mut facts = self.patient_care(sample.patient)?;
        facts.patient = self.group_facts(sample.patient, &actor, second.is_some())?.patient;
        let mut parts = vec![body(sample.id, Command::Type { typing })];
        let known = sample.typings.iter().any(|one| one.group() == typing.group());
        if let Some(group) = typing.group().filter(|_| !known) {
            let sample_number = sample.number.clone();
            let command = OfPatient::RecordGroup { group, sample: sample_number, anti_d: false };
            parts.push(Body::Patient { id: sample.patient, command });
        }
        self.save_parts(&actor, parts, facts, Passed { second, ..late })?;
        Ok(Nothing {})
    }

    pub(crate) fn sample_screen(&mut self, ask: SampleScreen) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let sample: Sample = self.care_there(CareKey::Sample(id(&ask.sample)?))?;
        let facts = self.patient_care(sample.patient)?;
        let command = Command::RecordScreen { screen: same(ask.screen) };
        let passed = self.passed_late(ask.happened.as_ref())?;
        self.save(&actor, body(sample.id, command), facts, passed)?;
        Ok(Nothing {})
    }

    pub(crate) fn sample_reject(&mut self, ask: SampleReason) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let sample: Sample = self.care_there(CareKey::Sample(id(&ask.sample)?))?;
        let facts = self.patient_care(sample.patient)?;
        let command = Command::Reject { reason: ask.reason };
        self.save(&actor, body(sample.id, command), facts, Passed::default())?;
        Ok(Nothing {})
    }
}

/// A day of the page.
pub(super) fn day_of(text: &str) -> Result<chrono::NaiveDate, Error> {
    crate::donors::day(text).map_err(|_| no(Code::BirthDateImpossible))
}
