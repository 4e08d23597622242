//! The site's own validation of the electronic crossmatch, and what the rules page says about it.

use super::{PROGRAM, id};
use crate::backend::{Inner, Passed};
use crate::convert::rfc3339;
use crate::donors::day;
use crate::error::Error;
use bloodbank::crossmatch;
use bloodbank::validation::{Command, Validation, standing};
use kernel::{Instant, Permission, ValidationId};
use records::{Body, CareBody, CareFacts, CareKey, Facts};
use wire::*;

impl Inner {
    /// Every validation that was recorded here, the newest first.
    fn validations(&self) -> Result<Vec<Validation>, Error> {
        Ok(self.store()?.care_since::<Validation>(Instant::UNIX_EPOCH)?)
    }

    /// What the conditions of the electronic crossmatch may know of this site.
    pub(super) fn validation_here(&self) -> Result<Option<crossmatch::Validation>, Error> {
        Ok(standing(self.site(), &self.validations()?))
    }

    /// Where the electronic crossmatch stands: off, or which of the site's own conditions is missing.
    pub(crate) fn electronic_view(&self) -> Result<ElectronicView, Error> {
        let names = self.names()?;
        let here = self.validation_here()?;
        let stands = match &here {
            None => ElectronicStand::NotValidated,
            Some(one) if one.withdrawn => ElectronicStand::Withdrawn,
            Some(one) if one.program != PROGRAM => ElectronicStand::OtherProgram,
            Some(one) if !one.abo_prevention_shown => ElectronicStand::NotValidated,
            Some(_) if !self.proven => ElectronicStand::RecordNotProven,
            Some(_) if !self.policy().care.electronic_crossmatch.value => {
                ElectronicStand::SwitchedOff
            }
            Some(_) => ElectronicStand::On,
        };
        let row = |one: Validation| ValidationRow {
            id: one.id.to_string(),
            program: one.program,
            carried_out_on: one.carried_out_on.to_string(),
            protocol: one.protocol,
            passed: one.passed,
            abo_prevention_shown: one.abo_prevention_shown,
            note: one.note,
            by: names.of(one.by),
            second: names.of(one.second),
            recorded_at: rfc3339(one.recorded_at),
            withdrawn: one.withdrawn.map(|gone| ValidationEnd {
                reason: gone.reason,
                by: names.of(gone.by),
                at: rfc3339(gone.at),
            }),
        };
        Ok(ElectronicView {
            stands,
            program: PROGRAM.to_owned(),
            record_proven: self.proven,
            validations: self.validations()?.into_iter().map(row).collect(),
        })
    }

    /// What was shown on the machines of this site, by two people.
    pub(crate) fn validation_record(&mut self, ask: ValidationAsk) -> Result<Made, Error> {
        let actor = self.actor(Permission::AdoptPolicy)?;
        let second = self.second_who(&actor, ask.second.as_ref(), Permission::AdoptPolicy)?;
        let command = Command::Record {
            program: ask.program,
            carried_out_on: day(&ask.carried_out_on)?,
            protocol: ask.protocol,
            passed: ask.passed,
            abo_prevention_shown: ask.abo_prevention_shown,
            note: ask.note,
            second: self.staff_id_of(&second)?,
        };
        let new = ValidationId(self.options.clock.new_uuid());
        let body = Body::Care(CareBody::Validation { id: new, command: Box::new(command) });
        let passed = Passed { second: Some(second), ..Passed::default() };
        self.save(&actor, body, self.validation_facts()?, passed)?;
        self.tell(&["policy"]);
        Ok(Made { id: new.to_string() })
    }

    pub(crate) fn validation_withdraw(
        &mut self,
        ask: ValidationWithdraw,
    ) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::AdoptPolicy)?;
        let known: Validation = self.care_there(CareKey::Validation(id(&ask.validation)?))?;
        let command = Box::new(Command::Withdraw { reason: ask.reason });
        let body = Body::Care(CareBody::Validation { id: known.id, command });
        self.save(&actor, body, self.validation_facts()?, Passed::default())?;
        self.tell(&["policy"]);
        Ok(Nothing {})
    }

    fn validation_facts(&self) -> Result<Facts, Error> {
        let mut facts = self.unit_facts(None, None)?;
        facts.donor.zone = Some(self.zone()?);
        facts.care = CareFacts {
            staff: self.staff_facts()?,
            program: PROGRAM.to_owned(),
            ..CareFacts::default()
        };
        Ok(facts)
    }
}
