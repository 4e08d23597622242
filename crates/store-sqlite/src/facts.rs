//! The facts of reactions, from the tables: the one query module of this side.

use crate::StoreError;
use crate::record::{load, state_of};
use kernel::{Instant, PatientId};
use records::{Key, Known, State, patient_facts};
use rusqlite::Connection;

/// A patient as of `now`, and every unit that is held for them.
pub(crate) fn known(
    db: &Connection,
    patient: PatientId,
    now: Instant,
) -> Result<Known, StoreError> {
    let zone = match load(db, Key::Facility)? {
        Some((State::Facility(facility), _)) => facility.zone,
        _ => chrono_tz::UTC,
    };
    let facts = match load(db, Key::Patient(patient))? {
        Some((State::Patient(p), _)) => {
            Some(patient_facts(&p, now.with_timezone(&zone).date_naive()))
        }
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
            held.push(*unit);
        }
    }
    Ok(Known { patient: facts, held })
}
