//! Crossmatches, and what is known of a bag beside its label.

use super::id;
use crate::backend::{Inner, Passed};
use crate::blood::{group_of_bag, phenotype_of_bag, unit_id, wall};
use crate::convert::{rfc3339, same};
use crate::error::Error;
use crate::people::patient_id;
use bloodbank::care::Refusal;
use bloodbank::crossmatch::{self, Command, Crossmatch, Minimum, Outcome};
use bloodbank::haemovigilance::{Category, Command as OfCase, Findings};
use bloodbank::issue::Dispensation;
use bloodbank::traits::{Command as OfTraits, Phenotype, phenotype_fit, phenotype_of};
use bloodbank::{Fit, Unit};
use kernel::{BloodGroup as Group, CaseId, CrossmatchId, Instant, Permission, instant_of_wall};
use records::{Body, CareBody, CareKey, Facts};
use wire::*;

/// A reading as the reason of a quarantine names it.
fn in_words((group, phenotype): (Group, Phenotype)) -> String {
    match phenotype {
        Phenotype::Ordinary => group.to_string(),
        Phenotype::Bombay => group.to_string().replacen('O', "Bombay", 1),
        Phenotype::ParaBombay => format!("para-Bombay {group}"),
    }
}

impl Inner {
    pub(crate) fn crossmatch_ask(&mut self, ask: CrossmatchAsk) -> Result<NeededView, Error> {
        let actor = self.actor(Permission::SeePatients)?;
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let patient = patient_id(&ask.patient)?;
        let facts = self.unit_care(patient, &unit)?;
        // What has to be done tells of antibodies.
        self.note_read(&actor, patient, "crossmatch")?;
        Ok(self.needed(&facts, &unit, self.now()?))
    }

    /// What has to be done before this bag goes to this patient the ordinary way.
    pub(super) fn needed(&self, facts: &Facts, unit: &Unit, now: Instant) -> NeededView {
        let policy = self.policy();
        let of_bench = facts.care.crossmatching(self.site());
        let sample = facts.care.sample.as_ref();
        let needed =
            crossmatch::needed(unit, &facts.care.traits, sample, &of_bench, &policy.care, now);
        NeededView {
            need: match needed.minimum {
                None => CrossmatchNeed::Nothing,
                Some(Minimum::Crossmatch(method)) => {
                    CrossmatchNeed::Method { method: same(method) }
                }
                Some(Minimum::NewSample) => CrossmatchNeed::NewSample,
                Some(Minimum::EmergencyOnly) => CrossmatchNeed::EmergencyOnly,
            },
            group_o_only: needed.group_o_only,
            medical_review: needed.medical_review,
            antigen_negative: needed.antigen_negative.iter().map(same).collect(),
            failed: needed.failed.iter().map(super::word).collect(),
            why: needed.why.iter().map(super::word).collect(),
        }
    }

    /// Whether the crossmatch that there is does for the ordinary way.
    pub(super) fn crossmatch_suffices(&self, facts: &Facts, unit: &Unit, now: Instant) -> bool {
        let policy = self.policy();
        let care = &facts.care;
        let of_bench = care.crossmatching(self.site());
        let sample = care.sample.as_ref();
        let needed = crossmatch::needed(unit, &care.traits, sample, &of_bench, &policy.care, now);
        let least = match needed.minimum {
            None => return true,
            Some(Minimum::Crossmatch(least)) => least,
            Some(Minimum::EmergencyOnly | Minimum::NewSample) => return false,
        };
        let Some(patient) = facts.unit.patient.as_ref() else { return false };
        care.crossmatch.as_ref().is_some_and(|done| {
            done.method >= least
                && done.outcome == Outcome::Compatible
                && done.covers(unit.id, patient.id, sample, now).is_ok()
        })
    }

    pub(super) fn crossmatch_row(&self, done: &Crossmatch) -> Result<CrossmatchRow, Error> {
        let sample =
            self.store()?.care_of::<bloodbank::sample::Sample>(CareKey::Sample(done.sample))?;
        Ok(CrossmatchRow {
            id: done.id.to_string(),
            unit: self.unit_row(&self.unit_there(done.unit)?)?,
            sample: sample.map(|sample| sample.number).unwrap_or_default(),
            method: same(done.method),
            outcome: same(done.outcome),
            done_at: rfc3339(done.done_at),
            recorded_at: rfc3339(done.recorded_at),
            by: self.names()?.of(done.by),
            valid_until: rfc3339(done.valid_until),
            retrospective: done.retrospective,
            withdrawn: done.withdrawn.clone(),
        })
    }

    /// One crossmatch. For a bag that left without one it is the one that was owed; found incompatible
    /// then, a case is opened with the same command (bloodbank.md 6, scenario 59).
    pub(crate) fn crossmatch_record(&mut self, ask: CrossmatchRecord) -> Result<Made, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let patient = patient_id(&ask.patient)?;
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let facts = self.unit_care(patient, &unit)?;
        let done_at = match &ask.done_wall {
            Some(text) => instant_of_wall(wall(text)?, self.zone()?),
            None => self.now()?,
        };
        let owed = facts
            .care
            .dispensation
            .as_ref()
            .is_some_and(|d| d.patient == patient && d.basis.uncrossmatched());
        let outcome: Outcome = same(ask.outcome);
        let id = CrossmatchId(self.options.clock.new_uuid());
        let command = Command::Record {
            patient,
            unit: unit.id,
            method: same(ask.method),
            outcome,
            done_at,
            by: actor.id,
            retrospective: owed,
        };
        let mut parts = vec![Body::Care(CareBody::Crossmatch { id, command: Box::new(command) })];
        if owed && outcome == Outcome::Incompatible {
            let case = CaseId(self.options.clock.new_uuid());
            // Where its blood has flowed already, the work-up is that of a transfusion.
            let given = match &facts.care.dispensation {
                Some(issue) => self.transfusion_of(issue.id)?,
                None => None,
            };
            let open = OfCase::Open {
                patient,
                transfusion: given.filter(|one| one.started_at.is_some()).map(|one| one.id),
                units: vec![unit.id],
                findings: Findings::default(),
                suspected: [Category::AcuteHaemolytic].into(),
                prevented: None,
            };
            parts.push(Body::Care(CareBody::Case { id: case, command: Box::new(open) }));
        }
        self.save_parts(&actor, parts, facts, Passed::default())?;
        Ok(Made { id: id.to_string() })
    }

    pub(crate) fn crossmatch_withdraw(
        &mut self,
        ask: CrossmatchWithdraw,
    ) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let done: Crossmatch = self.care_there(CareKey::Crossmatch(id(&ask.crossmatch)?))?;
        let facts = self.patient_care(done.patient)?;
        let command = Box::new(Command::Withdraw { reason: ask.reason });
        let body = Body::Care(CareBody::Crossmatch { id: done.id, command });
        self.save(&actor, body, facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// Bags that left without a crossmatch and still have none.
    pub(super) fn owed(&self, issue: &Dispensation) -> Result<bool, Error> {
        if !issue.basis.uncrossmatched() || issue.was_error() {
            return Ok(false);
        }
        let done = self.store()?.care_of_unit::<Crossmatch>(issue.unit)?;
        Ok(!done.iter().any(|one| {
            one.patient == issue.patient
                && one.retrospective
                && one.withdrawn.is_none()
                && one.recorded_at >= issue.left_storage_at
        }))
    }

    pub(crate) fn unit_traits(&mut self, ask: ById) -> Result<UnitTraitsView, Error> {
        let actor = self.actor(Permission::SeeStock)?;
        let unit = self.unit_there(unit_id(&ask.id)?)?;
        let (traits, names) = (self.traits_of(&unit)?, self.names()?);
        Ok(UnitTraitsView {
            attributes: traits.attributes.iter().map(same).collect(),
            antigens: traits
                .antigens
                .iter()
                .map(|(antigen, positive)| AntigenRow {
                    antigen: same(antigen),
                    positive: *positive,
                })
                .collect(),
            phenotype: same(phenotype_of(&unit, &traits)),
            confirmed: traits.confirmed.map(|read| group_of_bag(read.group, read.phenotype)),
            entered: traits.entered.map(|read| group_of_bag(read.group, read.phenotype)),
            entered_by_me: traits.entered.is_some_and(|entered| entered.by == actor.id),
            readings: traits
                .readings
                .iter()
                .map(|read| GroupRead {
                    group: group_of_bag(read.group, read.phenotype),
                    by: names.of(read.by),
                })
                .collect(),
            read_by_me: traits.readings.iter().any(|read| read.by == actor.id),
            settled: traits.settled,
        })
    }

    /// The group of a bag as its own segment shows it: the first person enters, another one verifies; where
    /// the two differ, a third one settles it. A reading that differs from the label or from the one
    /// before takes the bag off the shelf with the same command.
    pub(crate) fn unit_retype(&mut self, ask: UnitRetype) -> Result<Nothing, Error> {
        self.actor(Permission::Crossmatch)?;
        let (group, phenotype) = (same(ask.group), phenotype_of_bag(ask.group));
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let known = self.store()?.traits(unit.id)?;
        let command = match known.entered {
            _ if !known.readings.is_empty() => {
                let reason = ask.reason.unwrap_or_default();
                OfTraits::SettleGroup { group, phenotype, reason }
            }
            Some(_) => OfTraits::VerifyGroup { group, phenotype },
            None => OfTraits::EnterGroup { group, phenotype },
        };
        let mut parts = vec![];
        let quarantined = matches!(unit.status, bloodbank::Status::Quarantined { .. });
        let (read, label) = ((group, phenotype), (unit.group, unit.phenotype));
        let before = known.entered.map(|entered| (entered.group, entered.phenotype));
        let reason = match before.filter(|was| *was != read) {
            Some(was) => {
                Some(format!("one person read {}, another one {}", in_words(was), in_words(read)))
            }
            None if read != label => {
                Some(format!("the segment shows {}, the label {}", in_words(read), in_words(label)))
            }
            None => None,
        };
        if let Some(reason) = reason.filter(|_| unit.is_live() && !quarantined) {
            let command = bloodbank::Command::Quarantine { reason };
            parts.push(Body::Unit { id: unit.id, command });
        }
        self.on_traits(&unit, command, parts, Passed::default())
    }

    /// What the label of a bag says of it. Two people read it: who needs irradiated blood is given this
    /// bag because of that word alone.
    pub(crate) fn unit_attribute(&mut self, ask: UnitAttributeSet) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let second = Some(self.second_who(&actor, ask.second.as_ref(), Permission::Crossmatch)?);
        let command = OfTraits::SetAttribute { attribute: same(ask.attribute) };
        self.on_traits(&unit, command, vec![], Passed { second, ..Passed::default() })
    }

    pub(crate) fn unit_antigen(&mut self, ask: UnitAntigenRecord) -> Result<Nothing, Error> {
        self.actor(Permission::Crossmatch)?;
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let command =
            OfTraits::RecordAntigen { antigen: same(ask.antigen), positive: ask.positive };
        self.on_traits(&unit, command, vec![], Passed::default())
    }

    fn on_traits(
        &mut self,
        unit: &Unit,
        command: OfTraits,
        more: Vec<Body>,
        passed: Passed,
    ) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::Crossmatch)?;
        let mut facts = self.unit_facts(None, None)?;
        facts.care.unit = Some(unit.clone());
        let body = Body::Care(CareBody::Traits { id: unit.id, command: Box::new(command) });
        let parts = std::iter::once(body).chain(more).collect();
        self.save_parts(&actor, parts, facts, passed)?;
        Ok(Nothing {})
    }

    /// The bag, while its group is read otherwise than its label says or differently by two people.
    pub(crate) fn bag_misread(&self, id: kernel::UnitId) -> Result<Option<kernel::UnitId>, Error> {
        let Some(unit) = self.store()?.unit(id)? else { return Ok(None) };
        Ok(self.store()?.traits(id)?.misread(&unit).then_some(id))
    }

    /// Whether bag and patient meet in the H antigen: nobody sets aside what the gate would stop.
    pub(super) fn phenotypes_meet(&self, facts: &Facts, unit: &Unit) -> Result<(), Error> {
        let traits = self.traits_of(unit)?;
        let patient = facts.care.history.phenotype;
        match phenotype_fit(unit.component, phenotype_of(unit, &traits), patient) {
            Fit::Stop(rule) => {
                let args = bloodbank::Args::new();
                Err(crate::error::refused(Refusal::HardStop { rule, args }.into()))
            }
            _ => Ok(()),
        }
    }
}
