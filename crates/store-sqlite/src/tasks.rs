//! Where somebody has to look: donations that are not free, bags of theirs that are with somebody, and
//! issues against the rule of custody. Found in tables that hold only these.

use crate::care::OfCare as _;
use crate::{Store, StoreError};
use bloodbank::donation::{Donation, HoldReason};
use bloodbank::issue::Dispensation;
use bloodbank::lab::Tests;
use bloodbank::lookback::Recall;
use kernel::{DonationId, Instant, UnitId, micros};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Rows of one list sent at once.
const MOST: u32 = 500;

pub(crate) fn write_donation(db: &Connection, donation: &Donation) -> Result<(), StoreError> {
    let too_soon = |reason: &HoldReason| *reason == HoldReason::IntervalViolation;
    let since = |soon: bool| {
        let holds = donation.holds.iter().filter(|hold| too_soon(&hold.reason) == soon);
        holds.map(|hold| hold.at).min()
    };
    write(db, donation.id, "too_soon", since(true))?;
    write(db, donation.id, "hold", since(false))
}

pub(crate) fn write_tests(db: &Connection, tests: &Tests) -> Result<(), StoreError> {
    let doubt = tests.doubt();
    let sql = match doubt.is_some() && tests.unsafe_for.is_empty() {
        true => "INSERT OR REPLACE INTO lab_open (donation) VALUES (?1)",
        false => "DELETE FROM lab_open WHERE donation = ?1",
    };
    db.prepare_cached(sql)?.execute([tests.donation.0.as_bytes()])?;
    let since = doubt.map(|_| tests.newest().unwrap_or(Instant::UNIX_EPOCH));
    write(db, tests.donation, "tests", since)
}

fn write(
    db: &Connection,
    donation: DonationId,
    why: &str,
    since: Option<Instant>,
) -> Result<(), StoreError> {
    let id = donation.0.as_bytes();
    match since {
        Some(at) => db
            .prepare_cached(
                "INSERT OR REPLACE INTO donation_doubt (donation, why, at_us) VALUES (?1, ?2, ?3)",
            )?
            .execute((id, why, micros(at)))?,
        None => db
            .prepare_cached("DELETE FROM donation_doubt WHERE donation = ?1 AND why = ?2")?
            .execute((id, why))?,
    };
    Ok(())
}

/// Issues with which more is to be done than with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Against the rule of custody, and not come back.
    Custody,
    /// Without a crossmatch, whether one was made since or not.
    Uncrossmatched,
    /// In an emergency whose order no physician has signed.
    Unsigned,
    /// RhD positive to somebody whom anti-D could harm, and no physician has decided on it.
    AntiD,
}

impl Watched {
    const ALL: [Watched; 4] =
        [Watched::Custody, Watched::Uncrossmatched, Watched::Unsigned, Watched::AntiD];

    fn word(self) -> &'static str {
        match self {
            Self::Custody => "custody",
            Self::Uncrossmatched => "uncrossmatched",
            Self::Unsigned => "unsigned",
            Self::AntiD => "anti_d",
        }
    }

    fn holds(self, issue: &Dispensation) -> bool {
        match self {
            Self::Custody => issue.stands() && issue.breaks_custody(),
            Self::Uncrossmatched => issue.basis.uncrossmatched() && !issue.was_error(),
            Self::Unsigned => issue.is_unsigned(),
            Self::AntiD => issue.asks_anti_d(),
        }
    }
}

pub(crate) fn write_issue(db: &Connection, issue: &Dispensation) -> Result<(), StoreError> {
    let id = issue.id.0.as_bytes();
    for watched in Watched::ALL {
        let why = watched.word();
        if watched.holds(issue) {
            db.prepare_cached(
                "INSERT OR REPLACE INTO issue_watch (issue, why, at_us) VALUES (?1, ?2, ?3)",
            )?
            .execute((id, why, micros(issue.left_storage_at)))?;
        } else {
            db.prepare_cached("DELETE FROM issue_watch WHERE issue = ?1 AND why = ?2")?
                .execute((id, why))?;
        }
    }
    Ok(())
}

impl Store {
    /// Donations that came too soon and are held for it, those held last, and how many there are.
    pub fn given_too_soon(&self) -> Result<(Vec<Donation>, u32), StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT donation, count(*) OVER () FROM donation_doubt WHERE why = 'too_soon'
              ORDER BY at_us DESC, donation LIMIT ?1",
        )?;
        let rows = query
            .query_map([MOST], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(_, u32)>, _>>()?;
        let all = rows.first().map_or(0, |(_, all)| *all);
        let mut out = vec![];
        for (id, _) in rows {
            out.extend(self.donation(DonationId(Uuid::from_bytes(id)))?);
        }
        Ok((out, all))
    }

    /// Bags that are with somebody although a donation in them, also through pools and splits, is not free,
    /// each with these donations; and how many bags there are. Not those that a recall names.
    pub fn given_in_doubt(&self) -> Result<(BTreeMap<UnitId, Vec<DonationId>>, u32), StoreError> {
        let mut query = self.db.prepare_cached(
            "WITH RECURSIVE made (donation, unit) AS (
                 SELECT d.donation, s.unit
                   FROM (SELECT DISTINCT donation FROM donation_doubt) d
                   JOIN unit_source s ON s.donation = d.donation
                  UNION
                 SELECT m.donation, p.child FROM made m JOIN unit_parent p ON p.parent = m.unit)
             SELECT m.unit, m.donation FROM made m
              WHERE (EXISTS (SELECT 1 FROM unit_given g WHERE g.unit = m.unit)
                     OR EXISTS (SELECT 1 FROM unit_row u
                                 WHERE u.id = m.unit AND u.status = 'issued'))
                AND NOT EXISTS (SELECT 1 FROM care_unit c WHERE c.unit = m.unit AND c.kind = ?1)
              ORDER BY (SELECT max(at_us) FROM donation_doubt t WHERE t.donation = m.donation) DESC,
                       m.unit",
        )?;
        let mut found: BTreeMap<UnitId, Vec<DonationId>> = BTreeMap::new();
        let mut left_out: BTreeSet<UnitId> = BTreeSet::new();
        let rows = query.query_map([Recall::KIND], |row| {
            Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?))
        })?;
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        for row in rows {
            let (unit, donation) = row?;
            let unit = UnitId(Uuid::from_bytes(unit));
            if found.len() < most || found.contains_key(&unit) {
                found.entry(unit).or_default().push(DonationId(Uuid::from_bytes(donation)));
            } else {
                left_out.insert(unit);
            }
        }
        let all = u32::try_from(found.len() + left_out.len()).unwrap_or(u32::MAX);
        Ok((found, all))
    }

    /// The latest issues of such a kind, the earliest of them first, and how many there are.
    pub fn issues_watched(&self, why: Watched) -> Result<(Vec<Dispensation>, u32), StoreError> {
        let sql = "SELECT issue FROM issue_watch WHERE why = ?1
                    ORDER BY at_us DESC, issue DESC LIMIT ?2";
        let mut found = self.care_rows(sql, (why.word(), MOST))?;
        found.reverse();
        let count = "SELECT count(*) FROM issue_watch WHERE why = ?1";
        let all = self.db.prepare_cached(count)?.query_row([why.word()], |row| row.get(0))?;
        Ok((found, all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    struct Edges<'a>(&'a Connection);
    impl Edges<'_> {
        fn put(&self, sql: &str, values: impl rusqlite::Params) {
            self.0.prepare_cached(sql).expect("sql").execute(values).expect("written");
        }
        fn gave(&self, n: u32) {
            self.put(
                "INSERT INTO unit_source (unit, donation) VALUES (?1, ?2)",
                (bag(n).0.as_bytes(), donation(n).0.as_bytes()),
            );
        }
        fn made(&self, parent: u32, child: u32) {
            self.put(
                "INSERT INTO unit_parent (child, parent) VALUES (?1, ?2)",
                (bag(child).0.as_bytes(), bag(parent).0.as_bytes()),
            );
        }
        fn given(&self, n: u32) {
            self.put(
                "INSERT INTO unit_given (issue, unit, patient) VALUES (?1, ?2, ?3)",
                (id(3, n).as_bytes(), bag(n).0.as_bytes(), id(2, n).as_bytes()),
            );
        }
        fn doubt(&self, n: u32, at: i64) {
            let at = kernel::of_micros(at);
            write(self.0, donation(n), "tests", Some(at)).expect("written");
        }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let home = tempfile::tempdir().expect("a folder");
        let store = Store::create(home.path(), &[7; 32]).expect("a store");
        (home, store)
    }

    #[test]
    fn s34_what_was_given_is_found_through_pools_and_splits_until_a_recall_names_it() {
        let (_home, store) = store();
        let edges = Edges(&store.db);
        // 1 and 2 in the pool 10, which was divided into 11 and 12; 3 by itself; 4 is not doubted.
        for n in 1..=4 {
            edges.gave(n);
        }
        for parent in 1..=2 {
            edges.made(parent, 10);
        }
        for child in 11..=12 {
            edges.made(10, child);
        }
        // Damaged data may hold a circle.
        edges.made(12, 10);
        for n in [3, 4, 11] {
            edges.given(n);
        }
        let found = || store.given_in_doubt().expect("reads");
        assert_eq!(found(), (BTreeMap::new(), 0), "nobody doubts anything");
        for n in 1..=3 {
            edges.doubt(n, 1);
        }
        let (rows, all) = found();
        assert_eq!((rows.len(), all), (2, 2), "what is on a shelf is nobody's alarm");
        let mut of_pool = rows[&bag(11)].clone();
        of_pool.sort();
        let mut both = vec![donation(1), donation(2)];
        both.sort();
        assert_eq!(of_pool, both);
        assert_eq!(rows[&bag(3)], [donation(3)]);
        edges.put(
            "INSERT INTO care_unit (unit, kind, id) VALUES (?1, ?2, ?3)",
            (bag(11).0.as_bytes(), Recall::KIND, id(9, 1).as_bytes()),
        );
        assert_eq!(found().0.into_keys().collect::<Vec<_>>(), [bag(3)]);
        write(&store.db, donation(3), "tests", None).expect("written");
        assert_eq!(found().1, 0, "free again");
    }

    #[test]
    fn of_very_many_the_latest_are_listed_and_all_are_counted() {
        let (_home, store) = store();
        let edges = Edges(&store.db);
        store.db.execute_batch("BEGIN").expect("begun");
        for n in 0..510 {
            edges.gave(n);
            edges.given(n);
            edges.doubt(n, i64::from(n));
        }
        store.db.execute_batch("COMMIT").expect("kept");
        let (rows, all) = store.given_in_doubt().expect("reads");
        assert_eq!((rows.len(), all), (500, 510));
        assert!(rows.contains_key(&bag(509)) && !rows.contains_key(&bag(9)));
    }

    /// Years of donations, of which a hundredth was reactive and went to nobody: only these are looked at.
    #[test]
    fn what_nobody_doubts_is_not_walked_over() {
        let (_home, store) = store();
        let edges = Edges(&store.db);
        store.db.execute_batch("BEGIN").expect("begun");
        for n in 0..50_000 {
            edges.gave(n);
            match n % 100 {
                0 => edges.doubt(n, i64::from(n)),
                _ => edges.given(n),
            }
        }
        store.db.execute_batch("COMMIT").expect("kept");
        let started = Moment::now();
        assert_eq!(store.given_in_doubt().expect("reads").1, 0);
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    }
}
