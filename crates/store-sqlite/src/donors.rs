//! Donors and donations: their read tables and what the donor desk asks of them.

use crate::rows::{born_keys, name_keys};
use crate::{Store, StoreError};
use bloodbank::donation::{Donation, SiteNumbers};
use bloodbank::donor::Donor;
use bloodbank::lab::{Part, Run, Tests};
use kernel::{DonationId, DonorId, Instant, RunId, UnitId, micros};
use records::{Key, State};
use rusqlite::{Connection, OptionalExtension as _, named_params};
use uuid::Uuid;

/// Donations of one day sent at once.
const MOST_OF_A_DAY: u32 = 500;

/// The digits of a telephone number: how it was grouped says nothing.
fn digits(phone: &str) -> String {
    phone.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| char::from_digit(d, 10)).collect()
}

/// A paper as it is compared: without its spaces and in capitals.
fn paper(scheme: &str, number: &str) -> String {
    let plain = |text: &str| text.split_whitespace().collect::<String>().to_uppercase();
    format!("{}:{}", plain(scheme), plain(number))
}

pub(crate) fn write_donor(db: &Connection, donor: &Donor) -> Result<(), StoreError> {
    let id = donor.id.0.as_bytes();
    let name = &donor.identity.name;
    db.prepare_cached("INSERT OR REPLACE INTO donor_row (id, number, name) VALUES (?1, ?2, ?3)")?
        .execute((id, &donor.identity.number, format!("{} {}", name.family, name.given)))?;
    // What was erased or put right is not found by its old words any more.
    db.prepare_cached("DELETE FROM donor_key WHERE donor = ?1")?.execute([id])?;
    let mut keys = name_keys(&name.family, &name.given);
    if let Some(born) = donor.identity.born {
        keys.extend(born_keys(&name.family, &name.given, &born.to_string()));
    }
    let phone = donor.contact.as_ref().and_then(|contact| contact.phone.as_deref());
    keys.extend(phone.map(digits).filter(|d| !d.is_empty()).map(|d| ("p", d)));
    keys.extend(donor.identity.papers.iter().map(|p| ("i", paper(&p.scheme, &p.number))));
    let mut insert = db
        .prepare_cached("INSERT OR IGNORE INTO donor_key (form, key, donor) VALUES (?1, ?2, ?3)")?;
    for (form, key) in keys {
        insert.execute((form, key, id))?;
    }
    db.prepare_cached("DELETE FROM donor_likely WHERE donor = ?1")?.execute([id])?;
    let mut likely =
        db.prepare_cached("INSERT OR IGNORE INTO donor_likely (donor, other) VALUES (?1, ?2)")?;
    for like in donor.likely_same.iter().filter(|like| like.likely) {
        likely.execute((id, like.donor.0.as_bytes()))?;
    }
    write_photo(db, donor)?;
    crate::outreach::write_reach(db, donor)
}

/// The picture that a command replaced or took away goes with it: both or none. Where the rows are
/// made again there is none before, and nothing goes.
fn write_photo(db: &Connection, donor: &Donor) -> Result<(), StoreError> {
    let id = donor.id.0.as_bytes();
    let before: Option<String> = db
        .prepare_cached("SELECT sha256 FROM donor_photo WHERE donor = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let now = donor.photo.as_ref().map(|photo| &photo.picture.sha256);
    if before.as_ref() == now {
        return Ok(());
    }
    db.prepare_cached("DELETE FROM donor_photo WHERE donor = ?1")?.execute([id])?;
    if let Some(now) = now {
        db.prepare_cached("INSERT INTO donor_photo (donor, sha256) VALUES (?1, ?2)")?
            .execute((id, now))?;
    }
    if let Some(before) = before {
        crate::blobs::forget(db, &before)?;
    }
    Ok(())
}

pub(crate) fn write_donation(db: &Connection, donation: &Donation) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO donation_row (id, din, donor, begun_us, ended, divided)
         VALUES (:id, :din, :donor, :begun, :ended, :divided)",
    )?
    .execute(named_params! {
        ":id": donation.id.0.as_bytes(), ":din": donation.din,
        ":donor": donation.donor.0.as_bytes(), ":begun": micros(donation.begun_at),
        ":ended": donation.ended.is_some(), ":divided": !donation.parts.is_empty(),
    })?;
    crate::tasks::write_donation(db, donation)
}

pub(crate) fn write_part(db: &Connection, part: &Part) -> Result<(), StoreError> {
    let donation = part.donations.first().map(|id| *id.0.as_bytes()).unwrap_or_default();
    db.prepare_cached("INSERT OR REPLACE INTO part_row (id, donation, state) VALUES (?1, ?2, ?3)")?
        .execute((part.id.0.as_bytes(), donation, crate::rows::word(part.state)))?;
    crate::lineage::write_part(db, part)
}

impl Store {
    pub fn part(&self, id: UnitId) -> Result<Option<Part>, StoreError> {
        Ok(match self.get(Key::Part(id))? {
            Some(State::Part(part)) => Some(*part),
            _ => None,
        })
    }

    pub fn tests(&self, id: DonationId) -> Result<Option<Tests>, StoreError> {
        Ok(match self.get(Key::Tests(id))? {
            Some(State::Tests(tests)) => Some(tests),
            _ => None,
        })
    }

    pub fn run(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        Ok(match self.get(Key::Run(id))? {
            Some(State::Run(run)) => Some(run),
            _ => None,
        })
    }

    /// Donations of which a run holds a result. A large plate is several commands, the first of which
    /// wrote the run: every result names it.
    pub fn donations_of_run(&self, id: RunId) -> Result<Vec<DonationId>, StoreError> {
        let run = Key::Run(id).subject();
        let tests = Key::Tests(DonationId(Uuid::nil())).subject().kind;
        let mut query = self.db.prepare_cached(
            "SELECT DISTINCT t.id FROM event r JOIN event t ON t.gseq >= r.gseq
              WHERE r.kind = ?1 AND r.id = ?2 AND t.kind = ?3 AND instr(t.body, ?4) > 0
              ORDER BY t.id",
        )?;
        let named = id.to_string();
        let rows = query.query_map((run.kind, run.id.as_bytes(), tests, named), |row| {
            row.get::<_, [u8; 16]>(0)
        })?;
        Ok(rows
            .map(|row| row.map(|id| DonationId(Uuid::from_bytes(id))))
            .collect::<Result<_, _>>()?)
    }

    /// Donations that have ended and are not through the laboratory: not divided, with a component in
    /// quarantine, or through it and in doubt again (`lab_open`). The oldest first; of very many the
    /// newest. And how many there are.
    pub fn donations_in_lab(&self) -> Result<(Vec<Donation>, u32), StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT d.id, count(*) OVER ()
               FROM (SELECT id FROM donation_row INDEXED BY donation_undivided
                      WHERE ended = 1 AND divided = 0
                     UNION SELECT donation FROM part_row INDEXED BY part_in_quarantine
                            WHERE state = 'quarantine'
                     UNION SELECT donation FROM lab_open) w
              CROSS JOIN donation_row d ON d.id = w.id AND d.ended = 1
              ORDER BY d.begun_us DESC, d.id DESC LIMIT ?1",
        )?;
        let rows = query
            .query_map([MOST_OF_A_DAY], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(_, u32)>, _>>()?;
        let all = rows.first().map_or(0, |(_, all)| *all);
        let mut out = vec![];
        for (id, _) in rows.into_iter().rev() {
            out.extend(self.donation(DonationId(Uuid::from_bytes(id)))?);
        }
        Ok((out, all))
    }

    pub fn donor(&self, id: DonorId) -> Result<Option<Donor>, StoreError> {
        Ok(match self.get(Key::Donor(id))? {
            Some(State::Donor(donor)) => Some(*donor),
            _ => None,
        })
    }

    pub fn donation(&self, id: DonationId) -> Result<Option<Donation>, StoreError> {
        Ok(match self.get(Key::Donation(id))? {
            Some(State::Donation(donation)) => Some(*donation),
            _ => None,
        })
    }

    /// The donation numbers of this site; `None` before it was given any.
    pub fn numbers(&self) -> Result<Option<SiteNumbers>, StoreError> {
        Ok(match self.get(Key::Numbers)? {
            Some(State::Numbers(numbers)) => Some(numbers),
            _ => None,
        })
    }

    /// How many donors there are; the next donor number follows from it.
    pub fn donor_count(&self) -> Result<u32, StoreError> {
        Ok(self.db.query_row("SELECT count(*) FROM donor_row", [], |row| row.get(0))?)
    }

    pub fn donor_by_number(&self, number: &str) -> Result<Option<DonorId>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT id FROM donor_row WHERE number = ?1")?
            .query_row([number], |row| row.get::<_, [u8; 16]>(0))
            .optional()?
            .map(|id| DonorId(Uuid::from_bytes(id))))
    }

    /// Donors whose names meet the words, as patients are found; answers ids and the total.
    pub fn search_donors(
        &self,
        text: &str,
        limit: usize,
    ) -> Result<(Vec<DonorId>, u32), StoreError> {
        let number = text.split_whitespace().collect::<String>().to_uppercase();
        if let Some(id) = self.donor_by_number(&number)? {
            return Ok((vec![id], 1));
        }
        let (ids, total) = self.names_met("donor_key", "donor", text, limit)?;
        Ok((ids.into_iter().map(DonorId).collect(), total))
    }

    /// Donors whose names sound like this and who were born within a year of this day: those of the
    /// very day first. However many namesakes there are, none of these years is left out.
    pub fn donors_of_name_and_birth(
        &self,
        name: &str,
        born: chrono::NaiveDate,
        limit: usize,
    ) -> Result<Vec<DonorId>, StoreError> {
        let (day, year) = (born.to_string(), chrono::Datelike::year(&born));
        let ids = self.namesakes("donor_key", "donor", name, (&day, year))?;
        Ok(ids.into_iter().take(limit).map(DonorId).collect())
    }

    /// Pairs of records that may be of one person, each with the record that says so first, and how
    /// many there are.
    pub fn likely_pairs(&self, limit: u32) -> Result<(Vec<(DonorId, DonorId)>, u32), StoreError> {
        let total = self.db.query_row("SELECT count(*) FROM donor_likely", [], |row| row.get(0))?;
        let mut query = self
            .db
            .prepare_cached("SELECT donor, other FROM donor_likely ORDER BY donor DESC LIMIT ?1")?;
        let id = |bytes: [u8; 16]| DonorId(Uuid::from_bytes(bytes));
        let rows = query.query_map([limit], |row| Ok((id(row.get(0)?), id(row.get(1)?))))?;
        Ok((rows.collect::<Result<_, _>>()?, total))
    }

    /// Records that say they may be of the same person as this one.
    pub fn doubted_by(&self, donor: DonorId) -> Result<Vec<DonorId>, StoreError> {
        let mut query =
            self.db.prepare_cached("SELECT donor FROM donor_likely WHERE other = ?1 LIMIT 50")?;
        let rows = query.query_map([donor.0.as_bytes()], |row| row.get::<_, [u8; 16]>(0))?;
        Ok(rows.map(|r| r.map(|id| DonorId(Uuid::from_bytes(id)))).collect::<Result<_, _>>()?)
    }

    /// Donors with this telephone number, whatever its grouping.
    pub fn donors_by_phone(&self, phone: &str) -> Result<Vec<DonorId>, StoreError> {
        self.donors_of_key("p", &digits(phone))
    }

    /// Donors who showed this paper.
    pub fn donors_by_paper(&self, scheme: &str, number: &str) -> Result<Vec<DonorId>, StoreError> {
        self.donors_of_key("i", &paper(scheme, number))
    }

    fn donors_of_key(&self, form: &str, key: &str) -> Result<Vec<DonorId>, StoreError> {
        let mut query = self
            .db
            .prepare_cached("SELECT donor FROM donor_key WHERE form = ?1 AND key = ?2 LIMIT 500")?;
        let rows = query.query_map((form, key), |row| row.get::<_, [u8; 16]>(0))?;
        Ok(rows.map(|r| r.map(|id| DonorId(Uuid::from_bytes(id)))).collect::<Result<_, _>>()?)
    }

    /// Donations begun since an instant, and those that have not ended yet; the newest first.
    pub fn donations_since(&self, since: Instant) -> Result<Vec<Donation>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT id FROM
                 (SELECT id, begun_us FROM donation_row WHERE begun_us >= ?1
                  UNION SELECT id, begun_us FROM donation_row INDEXED BY donation_going_on
                         WHERE ended = 0)
              ORDER BY begun_us DESC, id LIMIT ?2",
        )?;
        let ids = query
            .query_map((micros(since), MOST_OF_A_DAY), |row| row.get::<_, [u8; 16]>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        let mut out = vec![];
        for id in ids {
            out.extend(self.donation(DonationId(Uuid::from_bytes(id)))?);
        }
        Ok(out)
    }
}
