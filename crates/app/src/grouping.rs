//! Determinations of a patient's blood group: recording one, and taking one back.

use crate::backend::{Inner, Passed};
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use crate::people::patient_id;
use hospital::patient::{Command, Event as P, Patient};
use kernel::{Actor, PatientId, Permission};
use records::{Body, Event, Facts, Key};
use std::collections::BTreeMap;
use store_sqlite::EventRow;
use wire::*;

impl Inner {
    pub(crate) fn patient_group(&mut self, record: GroupRecord) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RecordBloodGroup)?;
        let id = patient_id(&record.patient)?;
        let second = match record.second {
            Some(second) => Some(self.second(&actor, Some(&second))?),
            None => None,
        };
        let command = Command::RecordGroup {
            group: same(record.group),
            sample: record.sample,
            anti_d: record.anti_d,
        };
        let facts = self.group_facts(id, &actor, second.is_some())?;
        let passed = Passed { second, ..Passed::default() };
        self.save(&actor, Body::Patient { id, command }, facts, passed)?;
        Ok(Nothing {})
    }

    /// Two people say that a determination was entered in error.
    pub(crate) fn patient_group_withdraw(&mut self, ask: GroupWithdraw) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RecordBloodGroup)?;
        let id = patient_id(&ask.patient)?;
        let second = Some(self.second(&actor, ask.second.as_ref())?);
        let at = ask.at.parse().map_err(|_| no(Code::Changed))?;
        let command = Command::WithdrawGroup { nth: ask.nth, at, reason: ask.reason };
        let facts = self.group_facts(id, &actor, true)?;
        let passed = Passed { second, ..Passed::default() };
        self.save(&actor, Body::Patient { id, command }, facts, passed)?;
        Ok(Nothing {})
    }

    pub(crate) fn group_facts(
        &self,
        id: PatientId,
        actor: &Actor,
        second: bool,
    ) -> Result<Facts, Error> {
        let mut facts = Facts::default();
        facts.patient.by.clone_from(&actor.user);
        facts.patient.recorded_by =
            self.recorded_groups(id)?.into_iter().map(|row| row.user).collect();
        facts.patient.second = second;
        Ok(facts)
    }

    /// The commands that recorded the determinations of a patient, in their order; those of a record
    /// that was taken over stand where it was.
    fn recorded_groups(&self, id: PatientId) -> Result<Vec<EventRow>, Error> {
        let mut all = vec![];
        for row in self.store()?.history(Key::Patient(id))? {
            match &row.event {
                Event::Patient(P::GroupRecorded { .. }) => all.push(row),
                // Nothing is recorded in the other one afterwards, and no record takes itself over.
                Event::Patient(P::TookOver { of, .. }) => all.extend(self.recorded_groups(*of)?),
                _ => {}
            }
        }
        Ok(all)
    }

    pub(crate) fn group_results(
        &self,
        patient: &Patient,
        names: &BTreeMap<String, String>,
    ) -> Result<Vec<GroupResult>, Error> {
        let name = |user: &str| names.get(user).map_or(user, String::as_str).to_owned();
        let history = self.store()?.history(Key::Patient(patient.id))?;
        let recorded = self.recorded_groups(patient.id)?;
        let taken_back = |n: u32| {
            history.iter().find(|row| {
                matches!(&row.event, Event::Patient(P::GroupWithdrawn { nth, .. }) if *nth == n)
            })
        };
        let results = (0..).zip(&patient.determinations).zip(0..);
        Ok(results
            .map(|((nth, d), n): ((u32, _), usize)| GroupResult {
                nth,
                group: same(d.group),
                sample: d.sample.clone(),
                at: rfc3339(d.at),
                by: recorded.get(n).map(|row| name(&row.user)).unwrap_or_default(),
                withdrawn: d.withdrawn.as_ref().map(|w| GroupWithdrawal {
                    reason: w.reason.clone(),
                    at: rfc3339(w.at),
                    by: taken_back(nth).map(|row| name(&row.user)).unwrap_or_default(),
                    second: taken_back(nth).and_then(|row| row.second.as_deref()).map(name),
                }),
            })
            .collect())
    }
}
