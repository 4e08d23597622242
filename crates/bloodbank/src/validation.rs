//! A site's own validation of the electronic crossmatch (bloodbank.md 0.4 and 2.8 [S14][S15][S16]): what
//! was shown on its own machines, with which version of the program, by whom, and how it went. The
//! newest record of a site counts; one that failed, or was taken back, leaves the site without one.

use crate::care::{CareRule, Refusal, StaffFact, changed, text, two_people};
use crate::crossmatch;
use chrono::NaiveDate;
use kernel::{Instant, StaffId, ValidationId};
use serde::{Deserialize, Serialize};

/// One validation. The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    pub id: ValidationId,
    pub site: String,
    /// The version of the program that was looked at.
    pub program: String,
    pub carried_out_on: NaiveDate,
    /// Where the written protocol of the test cases lies.
    pub protocol: String,
    pub passed: bool,
    /// It was shown that the program gives no ABO-incompatible unit.
    pub abo_prevention_shown: bool,
    pub note: Option<String>,
    pub by: StaffId,
    pub second: StaffId,
    pub recorded_at: Instant,
    pub withdrawn: Option<Withdrawn>,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    pub reason: String,
    pub by: StaffId,
    pub at: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Record {
        program: String,
        carried_out_on: NaiveDate,
        protocol: String,
        passed: bool,
        abo_prevention_shown: bool,
        note: Option<String>,
        /// Who looked at it too.
        second: StaffId,
    },
    /// It is not to be relied upon any more. Takes one person: it only restricts.
    Withdraw { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Recorded { validation: Box<Validation> },
    Withdrawn { withdrawn: Withdrawn },
}

/// What a decision may know beside the record itself.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub actor: StaffId,
    pub staff: &'a [StaffFact],
    pub site: &'a str,
    /// The version that runs here.
    pub program: &'a str,
    /// The local day of the site.
    pub today: NaiveDate,
}

/// Decides a record of a validation or its withdrawal.
///
/// # Errors
/// One person alone, a day in the future, a protocol that names nothing, another version than the one that
/// runs here: nobody validates what is not there.
pub fn decide(
    state: Option<&Validation>,
    id: ValidationId,
    facts: &Facts<'_>,
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    match (state, command) {
        (Some(_), Command::Record { .. }) => Err(Refusal::stop(CareRule::Known)),
        (None, Command::Withdraw { .. }) => Err(crate::care::unknown("validation")),
        (Some(state), Command::Withdraw { reason }) => {
            if state.withdrawn.is_some() {
                return Err(changed("withdrawn"));
            }
            let withdrawn = Withdrawn { reason: text(reason, "reason")?, by: facts.actor, at: now };
            Ok(vec![Event::Withdrawn { withdrawn }])
        }
        (
            None,
            Command::Record {
                program,
                carried_out_on,
                protocol,
                passed,
                abo_prevention_shown,
                note,
                second,
            },
        ) => {
            two_people(facts.actor, *second, facts.staff)?;
            if program != facts.program {
                return Err(changed("another_program"));
            }
            if *carried_out_on > facts.today {
                return Err(Refusal::stop(CareRule::TimeNotPossible).with("field", "carriedOutOn"));
            }
            let validation = Validation {
                id,
                site: facts.site.to_owned(),
                program: program.clone(),
                carried_out_on: *carried_out_on,
                protocol: text(protocol, "protocol")?,
                passed: *passed,
                abo_prevention_shown: *abo_prevention_shown,
                note: note.as_deref().and_then(kernel::said),
                by: facts.actor,
                second: *second,
                recorded_at: now,
                withdrawn: None,
                version: 1,
            };
            Ok(vec![Event::Recorded { validation: Box::new(validation) }])
        }
    }
}

/// The record after an event.
pub fn apply(state: Option<Validation>, event: &Event) -> Option<Validation> {
    match (state, event) {
        (None, Event::Recorded { validation }) => Some((**validation).clone()),
        (None, Event::Withdrawn { .. }) => None,
        (Some(state), Event::Recorded { .. }) => Some(state),
        (Some(mut state), Event::Withdrawn { withdrawn }) => {
            state.version += 1;
            state.withdrawn.get_or_insert_with(|| withdrawn.clone());
            Some(state)
        }
    }
}

/// What the conditions of the electronic crossmatch may know of a site: its newest record, unless that
/// one failed. An older one that passed does not come back.
pub fn standing(site: &str, all: &[Validation]) -> Option<crossmatch::Validation> {
    let of_site = all.iter().filter(|one| one.site == site);
    let newest = of_site.max_by_key(|one| (one.recorded_at, one.id))?;
    newest.passed.then(|| crossmatch::Validation {
        site: newest.site.clone(),
        program: newest.program.clone(),
        at: newest.recorded_at,
        by: newest.by,
        abo_prevention_shown: newest.abo_prevention_shown,
        withdrawn: newest.withdrawn.is_some(),
    })
}
