//! The rules of the blood bank as sentences.

mod compatibility;
mod counter;
mod policy;
mod receipt;
mod refusals;
mod sequences;
mod time;
mod transitions;
mod vein;

use bloodbank::*;
use kernel::{Abo, BloodGroup, CommandId, Component, Instant, PatientId, Rhd, TimeDelta, UnitId};
use uuid::Uuid;

pub const O_NEG: BloodGroup = group(Abo::O, Rhd::Negative);
pub const O_POS: BloodGroup = group(Abo::O, Rhd::Positive);
pub const A_NEG: BloodGroup = group(Abo::A, Rhd::Negative);
pub const A_POS: BloodGroup = group(Abo::A, Rhd::Positive);
pub const B_POS: BloodGroup = group(Abo::B, Rhd::Positive);

pub const fn group(abo: Abo, rhd: Rhd) -> BloodGroup {
    BloodGroup { abo, rhd }
}

pub fn noon() -> Instant {
    "2026-11-20T12:00:00Z".parse().expect("an instant")
}

pub fn cause(n: u128) -> CommandId {
    CommandId(Uuid::from_u128(n))
}

pub fn person(n: u128) -> PatientId {
    PatientId(Uuid::from_u128(0xA000 + n))
}

/// A woman of 60 whose group two samples confirm.
pub fn patient(group: BloodGroup) -> PatientFacts {
    PatientFacts {
        id: person(1),
        group: KnownGroup::Confirmed(group),
        anti_d_ever: false,
        phenotype: bloodbank::traits::Phenotype::Ordinary,
        sex: Sex::Female,
        age_years: Some(60),
        deceased: false,
    }
}

pub fn facts(patient: PatientFacts) -> Facts {
    Facts {
        patient: Some(patient),
        clock_suspect: false,
        site: "hill".into(),
        units_left_of_group: 3,
        siblings: vec![],
        ..Facts::default()
    }
}

/// An available unit at the hill clinic that ends in fifteen days.
pub fn unit(component: Component, group: BloodGroup) -> Unit {
    let din = "A999926123456".to_owned();
    let product_code = "E0336V00".to_owned();
    let wall = "2026-12-05T23:59:00".parse().expect("a date");
    let id = UnitId::of_label(&din, &product_code);
    let received = Event::Received {
        din,
        product_code,
        component,
        group,
        phenotype: bloodbank::traits::Phenotype::Ordinary,
        expires: Expiry::of_label(wall, chrono_tz::Africa::Nairobi),
        collected_at: None,
        volume: None,
        place: "Fridge 1".into(),
        supplier: None,
        low_titre: false,
        site: "hill".into(),
        at: noon() - TimeDelta::days(2),
    };
    apply(None, id, &received).expect("a received unit is known")
}

pub fn reserve() -> Command {
    Command::Reserve { patient: person(1), until: None }
}

pub fn issue() -> Command {
    Command::Issue { patient: person(1), collected_by: "Nurse Auma".into(), appearance_ok: true }
}

pub fn ask(unit: &Unit, facts: &Facts, command: &Command) -> Result<Vec<Event>, Refused> {
    decide(Some(unit), facts, command, &[], &Policy::who(), noon(), cause(7))
}

/// Does it and gives the new state.
pub fn done(unit: &Unit, facts: &Facts, command: &Command) -> Unit {
    let events = ask(unit, facts, command).expect("accepted");
    after(unit, &events)
}

pub fn after(unit: &Unit, events: &[Event]) -> Unit {
    events.iter().fold(unit.clone(), |unit, event| {
        let id = unit.id;
        apply(Some(unit), id, event).expect("a known unit stays known")
    })
}

/// The rule of a hard stop, or `None`.
pub fn stopped(answer: &Result<Vec<Event>, Refused>) -> Option<Rule> {
    match answer {
        Err(Refused::HardStop { rule, .. }) => Some(*rule),
        _ => None,
    }
}

/// The rules to override, or none.
pub fn warned(answer: &Result<Vec<Event>, Refused>) -> Vec<Rule> {
    match answer {
        Err(Refused::NeedsOverride { rules, .. }) => rules.clone(),
        _ => vec![],
    }
}
