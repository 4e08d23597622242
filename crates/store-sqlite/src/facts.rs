//! The facts of reactions, from the tables: the one query module of this side.

use crate::StoreError;
use crate::lineage::Graph;
use crate::record::{load, state_of};
use bloodbank::Unit;
use bloodbank::donation::Donation;
use bloodbank::donor::Donor;
use bloodbank::lab::Part;
use bloodbank::lookback::{self, Lineage as _, Recall, Target};
use bloodbank::request::Request;
use kernel::{DonationId, DonorId, Instant, MessageId, PatientId, RecallId, RequestId, UnitId};
use records::{
    About, Care, CareKey, Key, Known, State, facts_of, history_of, is_here, kin, names_bags,
};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What a reaction looks at, as of `now`.
pub(crate) fn known(db: &Connection, about: About, now: Instant) -> Result<Known, StoreError> {
    match about {
        About::Patient(patient) => of_patient(db, patient, now),
        About::Recall(id) => Ok(Known { recall: recall(db, id)?, ..Known::default() }),
        About::Opened(id) => {
            let recall = recall(db, id)?;
            let named = recall.iter().flat_map(|recall| &recall.targets);
            let kin = all_kin(db, &named.map(|target| target.unit).collect::<Vec<_>>())?;
            Ok(Known { recall, kin, ..Known::default() })
        }
        About::Shelf(id) => {
            let Some(unit) = unit(db, id)? else { return Ok(Known::default()) };
            let recalls = naming(db, id, &unit.din)?.into_values().collect();
            Ok(Known { recalls, bags: vec![unit], ..Known::default() })
        }
        About::Made(id) => of_made(db, id),
        About::Donor(id) => of_donor(db, id),
        About::Donation(id) => Ok(Known { bags: bags_of(db, id)?, ..Known::default() }),
        About::Waiting(id) => of_waiting(db, id),
    }
}

fn recall(db: &Connection, id: RecallId) -> Result<Option<Recall>, StoreError> {
    Ok(match load(db, Key::Care(CareKey::Recall(id)))? {
        Some((State::Care(Care::Recall(recall)), _)) => Some(*recall),
        _ => None,
    })
}

fn unit(db: &Connection, id: UnitId) -> Result<Option<Unit>, StoreError> {
    Ok(match load(db, Key::Unit(id))? {
        Some((State::Unit(unit), _)) => Some(*unit),
        _ => None,
    })
}

fn part(db: &Connection, id: UnitId) -> Result<Option<Part>, StoreError> {
    Ok(match load(db, Key::Part(id))? {
        Some((State::Part(part), _)) => Some(*part),
        _ => None,
    })
}

fn donation(db: &Connection, id: DonationId) -> Result<Option<Donation>, StoreError> {
    Ok(match load(db, Key::Donation(id))? {
        Some((State::Donation(donation), _)) => Some(*donation),
        _ => None,
    })
}

fn donor(db: &Connection, id: DonorId) -> Result<Option<Donor>, StoreError> {
    Ok(match load(db, Key::Donor(id))? {
        Some((State::Donor(donor), _)) => Some(*donor),
        _ => None,
    })
}

/// The recalls that name this bag, or its whole number, closed ones too.
fn naming(
    db: &Connection,
    id: UnitId,
    din: &str,
) -> Result<BTreeMap<RecallId, Recall>, StoreError> {
    let kind = Key::Care(CareKey::Recall(RecallId(Uuid::nil()))).subject().kind;
    let mut query = db.prepare_cached("SELECT id FROM care_unit WHERE unit = ?1 AND kind = ?2")?;
    let mut found = BTreeMap::new();
    for unit in [id, Target::number(din)] {
        let ids = query
            .query_map((unit.0.as_bytes(), kind), |row| row.get::<_, [u8; 16]>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        for id in ids.into_iter().map(|id| RecallId(Uuid::from_bytes(id))) {
            if let Some(recall) = recall(db, id)? {
                found.insert(id, recall);
            }
        }
    }
    Ok(found)
}

/// A bag as a recall names it.
fn target(db: &Connection, id: UnitId) -> Result<Option<Target>, StoreError> {
    if let Some(unit) = unit(db, id)? {
        return Ok(Some(Target::of(&unit)));
    }
    let Some(part) = part(db, id)? else { return Ok(None) };
    let of = match part.donations.first() {
        Some(id) => donation(db, *id)?,
        None => None,
    };
    let site = of.map(|donation| donation.site).unwrap_or_default();
    Ok(Some(Target::of_part(&part, &site)))
}

fn of_made(db: &Connection, id: UnitId) -> Result<Known, StoreError> {
    let graph = Graph::of(db);
    let above = lookback::ancestors(&graph, &[id]);
    let (mut recalls, mut from) = (BTreeMap::new(), vec![]);
    for bag in above.into_iter().filter(|bag| *bag != id) {
        let Some(target) = target(db, bag)? else { continue };
        let naming = naming(db, bag, &target.din)?;
        if !naming.is_empty() {
            from.push(bag);
            recalls.extend(naming);
        }
    }
    graph.finish()?;
    let kin = all_kin(db, &from)?;
    Ok(Known { recalls: recalls.into_values().collect(), kin, ..Known::default() })
}

/// All bags that hold some of these, and what went into the same pools.
fn all_kin(db: &Connection, of: &[UnitId]) -> Result<Vec<Target>, StoreError> {
    let graph = Graph::of(db);
    let bags = kin(&graph, of);
    graph.finish()?;
    let mut found = vec![];
    for bag in bags {
        found.extend(target(db, bag)?);
    }
    Ok(found)
}

/// A person under all their records, and of their donations those of which something is still here.
/// All records of a person who gives, the one that is asked about first.
fn records_of(db: &Connection, id: DonorId) -> Result<Vec<Donor>, StoreError> {
    let mut query = db.prepare_cached("SELECT other FROM donor_same WHERE donor = ?1")?;
    let (mut records, mut seen, mut next) = (vec![], BTreeSet::from([id]), vec![id]);
    while let Some(one) = next.pop() {
        records.extend(donor(db, one)?);
        let others = query
            .query_map([one.0.as_bytes()], |row| row.get::<_, [u8; 16]>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        next.extend(
            others.into_iter().map(|id| DonorId(Uuid::from_bytes(id))).filter(|o| seen.insert(*o)),
        );
    }
    Ok(records)
}

fn of_waiting(db: &Connection, id: DonorId) -> Result<Known, StoreError> {
    let records = records_of(db, id)?;
    let mut query = db.prepare_cached(
        "SELECT id FROM message_row WHERE donor = ?1 AND status = 'queued' ORDER BY id",
    )?;
    let mut waiting = vec![];
    for record in &records {
        let ids = query
            .query_map([record.id.0.as_bytes()], |row| row.get::<_, [u8; 16]>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        for id in ids {
            let key = Key::Care(CareKey::Message(MessageId(Uuid::from_bytes(id))));
            if let Some((State::Care(Care::Message(message)), _)) = load(db, key)? {
                waiting.push(*message);
            }
        }
    }
    Ok(Known { waiting, records, ..Known::default() })
}

fn of_donor(db: &Connection, id: DonorId) -> Result<Known, StoreError> {
    let records = records_of(db, id)?;
    // Whoever has given once has nothing that could be too soon.
    let mut donations = vec![];
    if records.iter().map(|record| record.donations.len()).sum::<usize>() > 1 {
        for past in records.iter().flat_map(|record| &record.donations) {
            let Some(one) = donation(db, past.donation)? else { continue };
            let (mut parts, bags) = (vec![], bags_of(db, one.id)?);
            for id in &one.parts {
                parts.extend(part(db, *id)?);
            }
            if is_here(&one, &parts, &bags) {
                donations.push(one);
            }
        }
    }
    Ok(Known { records, donations, ..Known::default() })
}

/// The bags of a donation on shelves, and what was made of them.
fn bags_of(db: &Connection, id: DonationId) -> Result<Vec<Unit>, StoreError> {
    let graph = Graph::of(db);
    let all = lookback::descendants(&graph, &graph.units_of(id));
    graph.finish()?;
    let mut found = vec![];
    for bag in all {
        found.extend(unit(db, bag)?);
    }
    Ok(found)
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
        requests: requests(db, patient)?,
        ..Known::default()
    })
}

/// The requests of a patient that name bags.
fn requests(db: &Connection, patient: PatientId) -> Result<Vec<Request>, StoreError> {
    let kind = Key::Care(CareKey::Request(RequestId(Uuid::nil()))).subject().kind;
    let mut query = db.prepare_cached(
        "SELECT id FROM care_row WHERE patient = ?1 AND kind = ?2 AND open = 1 ORDER BY id",
    )?;
    let ids = query
        .query_map((patient.0.as_bytes(), kind), |row| row.get::<_, [u8; 16]>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    let mut found = vec![];
    for id in ids.into_iter().map(|id| RequestId(Uuid::from_bytes(id))) {
        if let Some((State::Care(Care::Request(one)), _)) =
            load(db, Key::Care(CareKey::Request(id)))?
        {
            found.extend(Some(*one).filter(names_bags));
        }
    }
    Ok(found)
}
