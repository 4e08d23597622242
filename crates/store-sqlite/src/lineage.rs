//! Who got what of whom: the edges between donors, donations, bags and recipients, in tables of
//! their own, so that a walk through pools and splits reads an index and never a state.

use crate::{Store, StoreError};
use bloodbank::Unit;
use bloodbank::issue::Dispensation;
use bloodbank::lab::Part;
use bloodbank::lookback::Lineage;
use kernel::{DonationId, DonorId, PatientId, UnitId};
use rusqlite::Connection;
use std::cell::RefCell;
use uuid::Uuid;

pub(crate) fn write_unit(db: &Connection, unit: &Unit) -> Result<(), StoreError> {
    source(db, unit.id, DonationId::of_din(&unit.din))
}

pub(crate) fn write_part(db: &Connection, part: &Part) -> Result<(), StoreError> {
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO unit_parent (child, parent) VALUES (?1, ?2)")?;
    for parent in &part.parents {
        insert.execute((part.id.0.as_bytes(), parent.0.as_bytes()))?;
    }
    // The same row as its unit will write.
    source(db, part.id, DonationId::of_din(&part.din))
}

fn source(db: &Connection, unit: UnitId, donation: DonationId) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO unit_source (unit, donation) VALUES (?1, ?2)")?
        .execute((unit.0.as_bytes(), donation.0.as_bytes()))?;
    Ok(())
}

pub(crate) fn write_given(db: &Connection, issue: &Dispensation) -> Result<(), StoreError> {
    let id = issue.id.0.as_bytes();
    if !issue.stands() {
        db.prepare_cached("DELETE FROM unit_given WHERE issue = ?1")?.execute([id])?;
        return Ok(());
    }
    db.prepare_cached(
        "INSERT OR REPLACE INTO unit_given (issue, unit, patient) VALUES (?1, ?2, ?3)",
    )?
    .execute((id, issue.unit.0.as_bytes(), issue.patient.0.as_bytes()))?;
    Ok(())
}

/// The edges of the store, as a walk asks for them. A walk cannot fail half-way: what went wrong is
/// said by [`Graph::finish`], and what was found until then is not to be used.
pub struct Graph<'a> {
    db: &'a Connection,
    failed: RefCell<Option<rusqlite::Error>>,
}

impl<'a> Graph<'a> {
    pub(crate) fn of(db: &'a Connection) -> Self {
        Self { db, failed: RefCell::new(None) }
    }

    /// Whether every answer was whole.
    ///
    /// # Errors
    /// The first edge that could not be read.
    pub fn finish(self) -> Result<(), StoreError> {
        match self.failed.into_inner() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    fn ids(&self, sql: &str, of: Uuid) -> Vec<Uuid> {
        let read = || -> Result<Vec<Uuid>, rusqlite::Error> {
            let mut query = self.db.prepare_cached(sql)?;
            let rows = query.query_map([of.as_bytes()], |row| row.get::<_, [u8; 16]>(0))?;
            rows.map(|row| row.map(Uuid::from_bytes)).collect()
        };
        read().unwrap_or_else(|error| {
            self.failed.borrow_mut().get_or_insert(error);
            vec![]
        })
    }
}

impl Lineage for Graph<'_> {
    fn donations_of(&self, donor: DonorId) -> Vec<DonationId> {
        let sql = "SELECT id FROM donation_row WHERE donor = ?1 ORDER BY begun_us, id";
        self.ids(sql, donor.0).into_iter().map(DonationId).collect()
    }
    fn donor_of(&self, donation: DonationId) -> Option<DonorId> {
        let sql = "SELECT donor FROM donation_row WHERE id = ?1";
        self.ids(sql, donation.0).into_iter().map(DonorId).next()
    }
    fn units_of(&self, donation: DonationId) -> Vec<UnitId> {
        let sql = "SELECT s.unit FROM unit_source s
                    WHERE s.donation = ?1
                      AND NOT EXISTS (SELECT 1 FROM unit_parent p WHERE p.child = s.unit)
                    ORDER BY s.unit";
        self.ids(sql, donation.0).into_iter().map(UnitId).collect()
    }
    fn donation_of(&self, unit: UnitId) -> Option<DonationId> {
        let sql = "SELECT s.donation FROM unit_source s
                    WHERE s.unit = ?1
                      AND NOT EXISTS (SELECT 1 FROM unit_parent p WHERE p.child = s.unit)";
        self.ids(sql, unit.0).into_iter().map(DonationId).next()
    }
    fn children(&self, unit: UnitId) -> Vec<UnitId> {
        let sql = "SELECT child FROM unit_parent WHERE parent = ?1 ORDER BY child";
        self.ids(sql, unit.0).into_iter().map(UnitId).collect()
    }
    fn parents(&self, unit: UnitId) -> Vec<UnitId> {
        let sql = "SELECT parent FROM unit_parent WHERE child = ?1 ORDER BY parent";
        self.ids(sql, unit.0).into_iter().map(UnitId).collect()
    }
    fn recipients(&self, unit: UnitId) -> Vec<PatientId> {
        // A unit that was issued before issues had records of their own says so itself.
        let sql = "SELECT patient FROM unit_given WHERE unit = ?1
                    UNION
                   SELECT patient FROM unit_row WHERE id = ?1 AND status = 'issued'";
        self.ids(sql, unit.0).into_iter().map(PatientId).collect()
    }
    fn units_given_to(&self, patient: PatientId) -> Vec<UnitId> {
        let sql = "SELECT unit FROM unit_given WHERE patient = ?1
                    UNION
                   SELECT id FROM unit_row WHERE patient = ?1 AND status = 'issued'";
        self.ids(sql, patient.0).into_iter().map(UnitId).collect()
    }
}

impl Store {
    /// The edges between donors, bags and recipients.
    pub fn lineage(&self) -> Graph<'_> {
        Graph::of(&self.db)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bloodbank::lookback::{concerned, from_donations, from_recipient};
    use std::time::{Duration, Instant as Moment};

    fn din(n: u32) -> String {
        format!("A999826{n:06}")
    }
    fn bag(n: u32) -> UnitId {
        UnitId::of_label(&din(n), "E0336V00")
    }
    fn donation(n: u32) -> DonationId {
        DonationId::of_din(&din(n))
    }
    fn id(kind: u128, n: u32) -> Uuid {
        Uuid::from_u128((kind << 64) | u128::from(n))
    }
    fn patient(n: u32) -> PatientId {
        PatientId(id(2, n))
    }

    struct Edges<'a>(&'a Connection);
    impl Edges<'_> {
        fn put(&self, sql: &str, values: impl rusqlite::Params) {
            self.0.prepare_cached(sql).expect("sql").execute(values).expect("written");
        }
        fn gave(&self, donor: u32, n: u32) {
            self.put(
                "INSERT OR IGNORE INTO donation_row (id, din, donor, begun_us, ended, divided)
                 VALUES (?1, ?2, ?3, ?4, 1, 1)",
                (donation(n).0.as_bytes(), din(n), id(1, donor).as_bytes(), n),
            );
            source(self.0, bag(n), donation(n)).expect("written");
        }
        fn made(&self, parent: u32, child: u32) {
            self.put(
                "INSERT INTO unit_parent (child, parent) VALUES (?1, ?2)",
                (bag(child).0.as_bytes(), bag(parent).0.as_bytes()),
            );
            source(self.0, bag(child), donation(child)).expect("written");
        }
        fn given(&self, n: u32, to: u32) {
            self.put(
                "INSERT INTO unit_given (issue, unit, patient) VALUES (?1, ?2, ?3)",
                (id(3, n).as_bytes(), bag(n).0.as_bytes(), patient(to).0.as_bytes()),
            );
        }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let home = tempfile::tempdir().expect("a folder");
        let store = Store::create(home.path(), &[7; 32]).expect("a store");
        (home, store)
    }

    #[test]
    fn s42_a_pool_and_everything_that_went_into_it_is_found_from_one_donation() {
        let (_home, store) = store();
        let edges = Edges(&store.db);
        for n in 1..=3 {
            edges.gave(n, n);
            edges.made(n, 10);
        }
        edges.gave(4, 4);
        edges.given(10, 1);
        edges.given(4, 2);
        let graph = store.lineage();
        let mut found = concerned(&graph, &[donation(2)]);
        found.sort();
        let mut all = vec![bag(1), bag(2), bag(3), bag(10)];
        all.sort();
        assert_eq!(found, all, "the pool, and every parent of the pool");
        let down = from_donations(&graph, &[donation(2)]);
        assert_eq!(down.recipients.into_keys().collect::<Vec<_>>(), [patient(1)]);
        let up = from_recipient(&graph, patient(1));
        assert_eq!(up.donors.len(), 3);
        assert_eq!(up.from_outside, [], "the pool's own number is no bag from outside");
        graph.finish().expect("read");
    }

    #[test]
    fn another_bag_of_an_outside_number_leads_to_its_recipient() {
        let (_home, store) = store();
        let edges = Edges(&store.db);
        let plasma = UnitId::of_label(&din(1), "E0701V00");
        source(&store.db, bag(1), donation(1)).expect("written");
        source(&store.db, plasma, donation(1)).expect("written");
        edges.given(1, 1);
        edges.put(
            "INSERT INTO unit_given (issue, unit, patient) VALUES (?1, ?2, ?3)",
            (id(3, 99).as_bytes(), plasma.0.as_bytes(), patient(2).0.as_bytes()),
        );
        let graph = store.lineage();
        let up = from_recipient(&graph, patient(1));
        assert_eq!(up.from_outside, [bag(1)]);
        assert_eq!(up.other_recipients.into_iter().collect::<Vec<_>>(), [patient(2)]);
        graph.finish().expect("read");
    }

    /// A twentieth of the million of the issue, in a build without optimisation; the benchmark of the
    /// product runs the whole. A walk reads the index of what it meets and nothing else, so the size
    /// of the store hardly enters.
    #[test]
    fn s71_a_look_back_through_pools_and_splits_takes_less_than_two_seconds() {
        let (_home, store) = store();
        let edges = Edges(&store.db);
        store.db.execute_batch("BEGIN").expect("begun");
        const BAGS: u32 = 50_000;
        for n in 0..BAGS {
            edges.gave(n % 15_000, n);
            edges.given(n, n % 10_000);
        }
        // Every fifth bag went into a pool of five, which was divided into three.
        for pool in 0..2_000 {
            for part in 0..5 {
                edges.made(pool * 25 + part * 5, BAGS + pool);
            }
            for piece in 0..3 {
                let child = BAGS + 2_000 + pool * 3 + piece;
                edges.made(BAGS + pool, child);
                edges.given(child, (pool * 3 + piece) % 10_000);
            }
        }
        store.db.execute_batch("COMMIT").expect("kept");
        let started = Moment::now();
        let graph = store.lineage();
        let down = from_donations(&graph, &graph.donations_of(DonorId(id(1, 0))));
        assert!(down.recipients.len() >= 4, "{}", down.recipients.len());
        let up = from_recipient(&graph, patient(0));
        assert!(up.donors.len() >= 5 && !up.other_recipients.is_empty());
        graph.finish().expect("read");
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
}
