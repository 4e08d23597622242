//! The counts behind the figures of a period, from read tables alone.

use crate::{Store, StoreError};
use bloodbank::issue::{Dispensation, Status as Way};
use bloodbank::kpi::{Ratio, Supplied, UnitsOfPeriod};
use bloodbank::request::{Request, Status as Asked};
use kernel::{CommandId, Instant, PatientId, TimeDelta, UnitId, micros, of_micros};
use records::Audit;
use rusqlite::{Connection, OptionalExtension as _, named_params};
use uuid::Uuid;

pub(crate) fn write_request(db: &Connection, request: &Request) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO request_row (id, placed_us, critical, asked)
         VALUES (:id, :placed, :critical, :asked)",
    )?
    .execute(named_params! {
        ":id": request.id.0.as_bytes(), ":placed": micros(request.placed_at),
        ":critical": request.urgency.is_critical(), ":asked": request.count,
    })?;
    write_need(db, request)
}

/// What was cancelled was not needed.
fn write_need(db: &Connection, request: &Request) -> Result<(), StoreError> {
    let id = request.id.0.as_bytes();
    if matches!(request.status, Asked::Cancelled { .. }) {
        db.prepare_cached("DELETE FROM request_need WHERE request = ?1")?.execute([id])?;
        return Ok(());
    }
    db.prepare_cached(
        "INSERT OR REPLACE INTO request_need
             (request, component, patient, due_us, critical, asked, issued, lacking)
         VALUES (:id, :component, :patient, :due, :critical, :asked, :issued, :lacking)",
    )?
    .execute(named_params! {
        ":id": id, ":component": crate::rows::word(request.component),
        ":patient": request.patient.0.as_bytes(), ":due": micros(request.needed_by),
        ":critical": request.urgency.is_critical(), ":asked": request.count,
        ":issued": u32::try_from(request.issued.len()).unwrap_or(u32::MAX),
        ":lacking": request.left(),
    })?;
    Ok(())
}

pub(crate) fn write_issue(db: &Connection, issue: &Dispensation) -> Result<(), StoreError> {
    let status = match issue.status {
        Way::Out => "out",
        Way::Used => "used",
        // Either way the bag is not with that patient.
        Way::Returned { .. } | Way::EnteredInError { .. } => "returned",
    };
    db.prepare_cached(
        "INSERT OR REPLACE INTO issue_row (id, request, unit, patient, component, left_us, status)
         VALUES (:id, :request, :unit, :patient, :component, :left, :status)",
    )?
    .execute(named_params! {
        ":id": issue.id.0.as_bytes(),
        ":request": issue.request.as_ref().map(|request| request.0.as_bytes()),
        ":unit": issue.unit.0.as_bytes(), ":patient": issue.patient.0.as_bytes(),
        ":component": crate::rows::word(issue.component),
        ":left": micros(issue.left_storage_at), ":status": status,
    })?;
    Ok(())
}

pub(crate) fn write_gone(db: &Connection, unit: &bloodbank::Unit) -> Result<(), StoreError> {
    if let bloodbank::Status::Discarded { reason, at } = &unit.status {
        db.prepare_cached(
            "INSERT OR REPLACE INTO unit_gone (unit, reason, at_us) VALUES (?1, ?2, ?3)",
        )?
        .execute((unit.id.0.as_bytes(), crate::rows::word(*reason), micros(*at)))?;
    }
    Ok(())
}

/// A count of a place stands in the audit stream, which has no aggregate: its row is written with it.
pub(crate) fn write_count(
    db: &Connection,
    command: CommandId,
    at: Instant,
    entry: &Audit,
) -> Result<(), StoreError> {
    if let Audit::Counted { place, booked, missing, .. } = entry {
        db.prepare_cached(
            "INSERT INTO count_row (command, at_us, place, booked, missing)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((command.0.as_bytes(), micros(at), place, booked, missing))?;
    }
    Ok(())
}

impl Store {
    /// Units that the counts of [from, to) found in their place, of those that the book had there.
    pub fn counted(&self, from: Instant, to: Instant) -> Result<Ratio, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT coalesce(sum(booked), 0), coalesce(sum(missing), 0) FROM count_row
              WHERE at_us >= ?1 AND at_us < ?2",
        )?;
        let (booked, missing) = query.query_row((micros(from), micros(to)), |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(bloodbank::kpi::inventory_accuracy(booked.saturating_sub(missing), booked))
    }

    /// Since when this store goes on from a copy, and the places counted since; none when it never was
    /// put back. Every restore begins a new epoch (kernel.md 2.12).
    pub fn restored(&self) -> Result<Option<bloodbank::Restored>, StoreError> {
        if self.epoch <= 1 {
            return Ok(None);
        }
        let header: Option<Vec<u8>> = self
            .db
            // Its first line of the audit stream is the restore itself; by the index of the chain, because
            // every decision on a bag asks for it.
            .prepare_cached(
                "SELECT header FROM command WHERE epoch = ?1 AND stream = 2 ORDER BY dseq LIMIT 1",
            )?
            .query_row([self.epoch], |row| row.get(0))
            .optional()?;
        let Some(header) = header.and_then(|bytes| ledger::Header::from_bytes(&bytes)) else {
            return Ok(None);
        };
        let at = of_micros(header.effective_at_us);
        let mut query =
            self.db.prepare_cached("SELECT DISTINCT place FROM count_row WHERE at_us >= ?1")?;
        let places = query.query_map([micros(at)], |row| row.get(0))?;
        Ok(Some(bloodbank::Restored { at, counted: places.collect::<Result<_, _>>()? }))
    }

    /// The requests placed in [from, to), each with the units that were issued for it and not brought
    /// back. A unit counts as in time within `minutes` of the placing.
    pub fn supplied(
        &self,
        from: Instant,
        to: Instant,
        minutes: i64,
    ) -> Result<Vec<Supplied>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT r.placed_us, r.critical, r.asked, min(i.left_us), count(i.id),
                    coalesce(sum(i.left_us <= r.placed_us + :in_time), 0)
               FROM request_row r
               LEFT JOIN issue_row i ON i.request = r.id AND i.status <> 'returned'
              WHERE r.placed_us >= :from AND r.placed_us < :to
              GROUP BY r.id",
        )?;
        let in_time = TimeDelta::minutes(minutes).num_microseconds().unwrap_or(i64::MAX);
        let rows = query.query_map(
            named_params! { ":from": micros(from), ":to": micros(to), ":in_time": in_time },
            |row| {
                Ok(Supplied {
                    placed_at: of_micros(row.get(0)?),
                    critical: row.get(1)?,
                    asked: row.get(2)?,
                    first_issued_at: row.get::<_, Option<i64>>(3)?.map(of_micros),
                    issued: row.get(4)?,
                    issued_in_time: row.get(5)?,
                })
            },
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Units discarded in [from, to) by reason, without those that were made into others.
    pub fn discarded(&self, from: Instant, to: Instant) -> Result<Vec<(String, u32)>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT reason, count(*) FROM unit_gone
              WHERE at_us >= ?1 AND at_us < ?2 AND reason <> 'processed'
              GROUP BY reason ORDER BY 2 DESC, 1",
        )?;
        let rows =
            query.query_map((micros(from), micros(to)), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What became of the units of [from, to). A bag that has been out for longer than `presumed` counts
    /// as given.
    pub fn units_of(
        &self,
        from: Instant,
        to: Instant,
        presumed: Instant,
    ) -> Result<UnitsOfPeriod, StoreError> {
        let number = |n: i64| n.unsigned_abs();
        let (issued, transfused) = self
            .db
            .prepare_cached(
                "SELECT count(*), coalesce(sum(status = 'used'
                                          OR (status = 'out' AND left_us < :presumed)), 0)
                   FROM issue_row WHERE left_us >= :from AND left_us < :to",
            )?
            .query_row(
                named_params! {
                    ":from": micros(from), ":to": micros(to), ":presumed": micros(presumed),
                },
                |row| Ok((number(row.get(0)?), number(row.get(1)?))),
            )?;
        let crossmatched = self
            .db
            .prepare_cached(
                "SELECT count(DISTINCT unit) FROM care_row
                  WHERE kind = 15 AND at_us >= ?1 AND at_us < ?2",
            )?
            .query_row((micros(from), micros(to)), |row| Ok(number(row.get(0)?)))?;
        let mut units = UnitsOfPeriod { issued, transfused, crossmatched, ..Default::default() };
        for (reason, count) in self.discarded(from, to)? {
            let place = match reason.as_str() {
                "expired" => &mut units.outdated,
                // A bag that came back too warm or too late left its cold chain on the ward.
                "cold_chain" | "returned_late" | "returned_warm" => &mut units.cold_chain,
                _ => &mut units.other_discards,
            };
            *place += u64::from(count);
        }
        Ok(units)
    }

    /// Red cells of O RhD negative that were given in [from, to), and to whom; without those brought
    /// back.
    pub fn o_negative_given(
        &self,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<(UnitId, PatientId)>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT i.unit, i.patient FROM issue_row i JOIN unit_row u ON u.id = i.unit
              WHERE i.left_us >= ?1 AND i.left_us < ?2 AND i.status <> 'returned'
                AND i.component = 'red_cells' AND u.grp = 'O_negative'",
        )?;
        let rows = query.query_map((micros(from), micros(to)), |row| {
            Ok((UnitId(Uuid::from_bytes(row.get(0)?)), PatientId(Uuid::from_bytes(row.get(1)?))))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
