//! The transfusion side: its read tables and what the desks ask of them.

use crate::{Store, StoreError};
use bloodbank::appeal::Appeal as Campaign;
use bloodbank::appointment::{Appointment, Status as Expected};
use bloodbank::bedside::{Status as AtBed, Transfusion};
use bloodbank::crossmatch::Crossmatch;
use bloodbank::haemovigilance::Case;
use bloodbank::history::History;
use bloodbank::issue::{Dispensation, Status as Way};
use bloodbank::lookback::Recall;
use bloodbank::mtp::{Protocol, Status as Course};
use bloodbank::outbox::Message;
use bloodbank::request::{Request, Status as Asked};
use bloodbank::sample::Sample;
use bloodbank::storage::Place;
use bloodbank::traits::UnitTraits;
use bloodbank::transfer::{Status as OfBox, Transfer};
use bloodbank::validation::Validation;
use kernel::{Instant, PatientId, UnitId, micros};
use records::{Care, CareKey, Key, State};
use rusqlite::{Connection, named_params};
use uuid::Uuid;

/// Rows of one list sent at once.
const MOST: u32 = 500;

/// What one row of `care_row` says.
#[derive(Default)]
struct Row {
    patient: Option<PatientId>,
    unit: Option<UnitId>,
    open: bool,
    at: Instant,
    word: Option<String>,
}

/// Writes the rows of one aggregate.
pub(crate) fn write(db: &Connection, care: &Care) -> Result<(), StoreError> {
    match care {
        Care::Request(x) => crate::figures::write_request(db, x)?,
        Care::Dispensation(x) => crate::figures::write_issue(db, x)?,
        _ => {}
    }
    let mut units: Vec<UnitId> = vec![];
    let (key, row) = match care {
        // Found by their own ids.
        Care::History(_) | Care::Traits(_) => return Ok(()),
        Care::Message(x) => return crate::outreach::write_message(db, x),
        Care::Request(x) => (
            CareKey::Request(x.id),
            Row {
                patient: Some(x.patient),
                open: x.status == Asked::Open,
                at: x.needed_by,
                ..Row::default()
            },
        ),
        Care::Sample(x) => (
            CareKey::Sample(x.id),
            Row {
                patient: Some(x.patient),
                open: x.rejected.is_none() && (x.typings.is_empty() || x.screen.is_none()),
                at: x.drawn_at,
                word: Some(x.number.clone()),
                ..Row::default()
            },
        ),
        Care::Crossmatch(x) => (
            CareKey::Crossmatch(x.id),
            Row {
                patient: Some(x.patient),
                unit: Some(x.unit),
                open: x.withdrawn.is_none(),
                at: x.done_at,
                ..Row::default()
            },
        ),
        Care::Dispensation(x) => {
            crate::lineage::write_given(db, x)?;
            crate::tasks::write_issue(db, x)?;
            (
                CareKey::Dispensation(x.id),
                Row {
                    patient: Some(x.patient),
                    unit: Some(x.unit),
                    open: x.is_unsigned() || x.status == Way::Out,
                    at: x.left_storage_at,
                    word: x.slip.map(|slip| slip.to_string()),
                },
            )
        }
        Care::Transfusion(x) => (
            CareKey::Transfusion(x.id),
            Row {
                patient: Some(x.patient),
                unit: Some(x.unit),
                open: x.outcome.is_none() || matches!(x.status, AtBed::Running { .. }),
                at: x.started_at.unwrap_or(x.left_storage_at),
                ..Row::default()
            },
        ),
        Care::Case(x) => {
            units.extend(&x.units);
            (
                CareKey::Case(x.id),
                Row {
                    patient: Some(x.patient),
                    open: x.closed_at.is_none(),
                    at: x.opened_at,
                    ..Row::default()
                },
            )
        }
        Care::Recall(x) => {
            units.extend(x.targets.iter().map(|target| target.unit));
            (
                CareKey::Recall(x.id),
                Row { open: x.closed_at.is_none(), at: x.opened_at, ..Row::default() },
            )
        }
        Care::Protocol(x) => {
            units.extend(x.units().map(|one| one.unit));
            (
                CareKey::Protocol(x.id),
                Row {
                    patient: Some(x.patient),
                    open: x.status != Course::Closed,
                    at: x.activated_at,
                    ..Row::default()
                },
            )
        }
        Care::Transfer(x) => {
            units.extend(&x.units);
            (
                CareKey::Transfer(x.id),
                Row {
                    open: x.status != OfBox::Arrived,
                    at: x.slip.as_ref().map_or(Instant::UNIX_EPOCH, |slip| slip.sent_at),
                    ..Row::default()
                },
            )
        }
        Care::Place(x) => (
            CareKey::Place(x.id),
            Row { open: x.in_use, word: Some(x.name.clone()), ..Row::default() },
        ),
        Care::Campaign(x) => (
            CareKey::Campaign(x.campaign.id),
            Row {
                open: x.ended.is_none(),
                at: x.started_at,
                word: x.request.map(|request| request.to_string()),
                ..Row::default()
            },
        ),
        Care::Validation(x) => (
            CareKey::Validation(x.id),
            Row {
                open: x.withdrawn.is_none(),
                at: x.recorded_at,
                word: Some(x.site.clone()),
                ..Row::default()
            },
        ),
        Care::Appointment(x) => (
            CareKey::Appointment(x.id),
            Row {
                open: x.status == Expected::Booked,
                at: x.at,
                word: Some(x.donor.to_string()),
                ..Row::default()
            },
        ),
    };
    let subject = Key::Care(key).subject();
    let id = subject.id.as_bytes();
    db.prepare_cached(
        "INSERT OR REPLACE INTO care_row (kind, id, patient, unit, open, at_us, word)
         VALUES (:kind, :id, :patient, :unit, :open, :at, :word)",
    )?
    .execute(named_params! {
        ":kind": subject.kind, ":id": id,
        ":patient": row.patient.as_ref().map(|p| p.0.as_bytes()),
        ":unit": row.unit.as_ref().map(|u| u.0.as_bytes()),
        ":open": row.open, ":at": micros(row.at), ":word": row.word,
    })?;
    // A bag that was taken out of a box is not in it any more.
    db.prepare_cached("DELETE FROM care_unit WHERE kind = ?1 AND id = ?2")?
        .execute((subject.kind, id))?;
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO care_unit (unit, kind, id) VALUES (?1, ?2, ?3)")?;
    for unit in units {
        insert.execute((unit.0.as_bytes(), subject.kind, id))?;
    }
    Ok(())
}

/// A kind of `care_row` with the state it leads to.
pub trait OfCare: Sized {
    const KIND: u8;
    fn of(care: Care) -> Option<Self>;
}

macro_rules! of_care {
    ($($name:ident = $kind:literal),* $(,)?) => {
        $(impl OfCare for $name {
            const KIND: u8 = $kind;
            fn of(care: Care) -> Option<Self> {
                match care { Care::$name(state) => Some(*state), _ => None }
            }
        })*
    };
}
of_care!(
    Request = 13,
    Sample = 14,
    Crossmatch = 15,
    Dispensation = 16,
    Transfusion = 17,
    Case = 18,
    Recall = 19,
    Protocol = 20,
    Transfer = 22,
    Place = 23,
    Message = 24,
    Campaign = 25,
    Appointment = 26,
    Validation = 27,
);

impl Store {
    /// One aggregate of the transfusion side.
    pub fn care(&self, key: CareKey) -> Result<Option<Care>, StoreError> {
        Ok(match self.get(Key::Care(key))? {
            Some(State::Care(care)) => Some(care),
            _ => None,
        })
    }

    /// The same, as the shape that this kind has.
    pub fn care_of<T: OfCare>(&self, key: CareKey) -> Result<Option<T>, StoreError> {
        Ok(self.care(key)?.and_then(T::of))
    }

    /// What was written of a patient's blood, without the determinations of the patient's record.
    pub fn blood_history(&self, patient: PatientId) -> Result<Option<History>, StoreError> {
        Ok(match self.care(CareKey::History(patient))? {
            Some(Care::History(history)) => Some(*history),
            _ => None,
        })
    }

    /// What is known of a bag beside its state.
    pub fn traits(&self, unit: UnitId) -> Result<UnitTraits, StoreError> {
        Ok(match self.care(CareKey::Traits(unit))? {
            Some(Care::Traits(traits)) => *traits,
            _ => UnitTraits::default(),
        })
    }

    /// All of one kind that a patient has, the newest first.
    pub fn care_of_patient<T: OfCare>(&self, patient: PatientId) -> Result<Vec<T>, StoreError> {
        let sql = "SELECT id FROM care_row WHERE patient = ?1 AND kind = ?2
                    ORDER BY at_us DESC, id DESC LIMIT ?3";
        self.care_rows(sql, (patient.0.as_bytes(), T::KIND, MOST))
    }

    /// All of one kind about one bag, the newest first.
    pub fn care_of_unit<T: OfCare>(&self, unit: UnitId) -> Result<Vec<T>, StoreError> {
        let sql = "SELECT id FROM care_row WHERE unit = ?1 AND kind = ?2
                    ORDER BY at_us DESC, id DESC LIMIT ?3";
        self.care_rows(sql, (unit.0.as_bytes(), T::KIND, MOST))
    }

    /// All of one kind with which somebody still has to do something, the earliest first. Of very many
    /// the newest: what nobody ever settles must not hide what is to be done today.
    pub fn care_open<T: OfCare>(&self) -> Result<Vec<T>, StoreError> {
        let sql = "SELECT id FROM care_row WHERE kind = ?1 AND open = 1
                    ORDER BY at_us DESC, id DESC LIMIT ?2";
        let mut open = self.care_rows(sql, (T::KIND, MOST))?;
        open.reverse();
        Ok(open)
    }

    /// How many of them there are in all.
    pub fn care_open_count<T: OfCare>(&self) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM care_row WHERE kind = ?1 AND open = 1";
        Ok(self.db.prepare_cached(sql)?.query_row([T::KIND], |row| row.get(0))?)
    }

    /// All of one kind since an instant, the newest first.
    pub fn care_since<T: OfCare>(&self, since: Instant) -> Result<Vec<T>, StoreError> {
        let sql = "SELECT id FROM care_row WHERE kind = ?1 AND at_us >= ?2
                    ORDER BY at_us DESC, id DESC LIMIT ?3";
        self.care_rows(sql, (T::KIND, micros(since), MOST))
    }

    /// All of one kind that name this bag: recalls, cases, massive transfusions, boxes.
    pub fn care_naming<T: OfCare>(&self, unit: UnitId) -> Result<Vec<T>, StoreError> {
        let sql = "SELECT id FROM care_unit WHERE unit = ?1 AND kind = ?2 ORDER BY id LIMIT ?3";
        self.care_rows(sql, (unit.0.as_bytes(), T::KIND, MOST))
    }

    /// All of one kind under a word: the number of a tube, the id of a slip.
    pub fn care_by_word<T: OfCare>(&self, word: &str) -> Result<Vec<T>, StoreError> {
        let sql = "SELECT id FROM care_row WHERE kind = ?1 AND word = ?2 ORDER BY id LIMIT ?3";
        self.care_rows(sql, (T::KIND, word, MOST))
    }

    pub(crate) fn care_rows<T: OfCare>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<Vec<T>, StoreError> {
        let mut query = self.db.prepare_cached(sql)?;
        let ids = query
            .query_map(params, |row| row.get::<_, [u8; 16]>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        let mut out = vec![];
        for id in ids {
            let subject = ledger::Subject { kind: T::KIND, id: Uuid::from_bytes(id) };
            let Some(Key::Care(key)) = Key::from_subject(subject) else { continue };
            out.extend(self.care_of::<T>(key)?);
        }
        Ok(out)
    }
}
