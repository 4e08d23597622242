//! What only this installation knows and the log can confirm: the epoch, the last backup, the key
//! slots, the last sign-in. Each is written in the transaction of the signed command that says it,
//! so that a row changed by somebody with the key is told from what was signed.

use crate::{Store, StoreError, meta};
use kernel::{Instant, micros};
use ledger::Header;
use records::{Audit, Body};
use rusqlite::Connection;
use std::collections::BTreeSet;

fn put(db: &Connection, key: &str, value: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute((key, value))?;
    Ok(())
}

/// Called for every saved command, inside its transaction.
pub(crate) fn write(
    db: &Connection,
    body: &Body,
    now: Instant,
    epoch: u32,
    gseq: u64,
) -> Result<(), StoreError> {
    match body {
        Body::Audit(Audit::SignedIn) => put(db, "signed_in", &gseq.to_be_bytes()),
        Body::Audit(Audit::BackedUp { .. }) => put(db, "last_backup", &micros(now).to_be_bytes()),
        Body::Audit(Audit::KeySlots { serial, sha256 }) => {
            put(db, "key_slots", &slots_value(*serial, sha256))
        }
        Body::Audit(Audit::Restored) => put(db, "epoch", &epoch.to_be_bytes()),
        _ => Ok(()),
    }
}

fn slots_value(serial: u64, sha256: &str) -> Vec<u8> {
    [&serial.to_be_bytes()[..], sha256.as_bytes()].concat()
}

/// What the signed commands say, gathered while the chains are walked.
#[derive(Default)]
pub(crate) struct Anchors {
    epochs: BTreeSet<u32>,
    restored: BTreeSet<u32>,
    last_backup: Option<i64>,
    key_slots: Option<(u64, String)>,
    signed_in: Option<[u8; 16]>,
    /// What the program noticed earlier and wrote down.
    pub noticed: Vec<(i64, String, String)>,
}

impl Anchors {
    /// Headers come in the order of their chain; what counts is the newest.
    pub(crate) fn take(&mut self, header: &Header, body: &Body) {
        self.epochs.insert(header.epoch);
        match body {
            Body::Audit(Audit::SignedIn) => self.signed_in = Some(*header.id.0.as_bytes()),
            Body::Audit(Audit::BackedUp { .. }) => self.last_backup = Some(header.effective_at_us),
            Body::Audit(Audit::KeySlots { serial, sha256 }) => {
                self.key_slots = Some((*serial, sha256.clone()));
            }
            Body::Audit(Audit::Restored) => {
                self.restored.insert(header.epoch);
            }
            Body::Audit(Audit::Noticed { what }) => {
                self.noticed.push((header.effective_at_us, header.user.clone(), what.clone()));
            }
            Body::Audit(Audit::ClockConfirmed { .. }) => {
                let what = "clock_confirmed".to_owned();
                self.noticed.push((header.effective_at_us, header.user.clone(), what));
            }
            _ => {}
        }
    }

    /// Compares with the rows; `note` is told what differs.
    pub(crate) fn check(
        &self,
        db: &Connection,
        mut note: impl FnMut(&str, String),
    ) -> Result<(), StoreError> {
        let newest = self.epochs.last().copied();
        if newest.is_some() && meta(db, "epoch")? != newest.map(|e| e.to_be_bytes().to_vec()) {
            note("epoch", "the row is not the one of the newest signed command".into());
        }
        for epoch in self.epochs.iter().skip(1).filter(|e| !self.restored.contains(e)) {
            note("epoch", format!("epoch {epoch} was begun without a restore"));
        }
        let backup = self.last_backup.map(|at| at.to_be_bytes().to_vec());
        if meta(db, "last_backup")? != backup {
            note("last backup", "the row is not what the newest signed backup says".into());
        }
        let slots = self.key_slots.as_ref().map(|(serial, sha256)| slots_value(*serial, sha256));
        if meta(db, "key_slots")? != slots {
            note("key slots", "the row is not what the newest signed change says".into());
        }
        let signed_in = match self.signed_in {
            Some(id) => db
                .prepare_cached("SELECT gseq FROM receipt WHERE id = ?1")?
                .query_map([&id[..]], |row| row.get::<_, i64>(0))?
                .next()
                .transpose()?
                .map(|gseq| gseq.to_be_bytes().to_vec()),
            None => None,
        };
        if meta(db, "signed_in")? != signed_in {
            note("last sign-in", "the row is not the newest signed sign-in".into());
        }
        Ok(())
    }
}

impl Store {
    /// The number in the log of the newest sign-in; 0 before the first.
    pub fn last_sign_in(&self) -> Result<u64, StoreError> {
        let value = meta(&self.db, "signed_in")?;
        Ok(value.and_then(|v| v.try_into().ok()).map_or(0, u64::from_be_bytes))
    }

    /// Serial and SHA-256 of the key slots as the newest signed change names them.
    pub fn key_slots_anchor(&self) -> Result<Option<(u64, String)>, StoreError> {
        let Some(value) = meta(&self.db, "key_slots")? else { return Ok(None) };
        let (serial, sha256) =
            value.split_first_chunk::<8>().ok_or(StoreError::Lacks("a whole row of key slots"))?;
        Ok(Some((u64::from_be_bytes(*serial), String::from_utf8_lossy(sha256).into_owned())))
    }
}
