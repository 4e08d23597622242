//! The facts of reactions, from the tables: the one query module of this side.

use crate::StoreError;
use crate::record::{load, state_of};
use kernel::{Instant, PatientId};
use records::{About, Care, CareKey, Key, Known, State, facts_of, history_of};
use rusqlite::Connection;

/// What a reaction looks at, as of `now`.
pub(crate) fn known(db: &Connection, about: About, now: Instant) -> Result<Known, StoreError> {
    match about {
        About::Patient(patient) => of_patient(db, patient, now),
        About::Recall(id) => {
            let recall = match load(db, Key::Care(CareKey::Recall(id)))? {
                Some((State::Care(Care::Recall(recall)), _)) => Some(*recall),
                _ => None,
            };
            Ok(Known { recall, ..Known::default() })
        }
    }
}

/// A patient, and every unit that is held for them.
fn of_patient(db: &Connection, patient: PatientId, now: Instant) -> Result<Known, StoreError> {
    let zone = match load(db, Key::Facility)? {
        Some((State::Facility(facility), _)) => facility.zone,
        _ => chrono_tz::UTC,
    };
    let person = match load(db, Key::Patient(patient))? {
        Some((State::Patient(person), _)) => Some(person),
        _ => None,
    };
    let stored = match load(db, Key::Care(CareKey::History(patient)))? {
        Some((State::Care(Care::History(history)), _)) => Some(history),
        _ => None,
    };
    let mut query = db.prepare_cached(
        "SELECT e.state
           FROM unit_row u JOIN entity e ON e.kind = 3 AND e.id = u.id
          WHERE u.patient = ?1 AND u.status = 'reserved'
          ORDER BY u.id",
    )?;
    let mut held = vec![];
    for text in query.query_map([patient.0.as_bytes()], |row| row.get::<_, String>(0))? {
        if let State::Unit(unit) = state_of(&text?)? {
            let traits = match load(db, Key::Care(CareKey::Traits(unit.id)))? {
                Some((State::Care(Care::Traits(traits)), _)) => *traits,
                _ => Default::default(),
            };
            held.push((*unit, traits));
        }
    }
    Ok(Known {
        patient: person
            .as_deref()
            .map(|p| facts_of(p, stored.as_deref(), now.with_timezone(&zone).date_naive())),
        held,
        history: history_of(stored.as_deref(), person.as_deref()),
        recall: None,
    })
}
