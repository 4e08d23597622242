//! Drafts and settings of this workstation. They lie inside the encrypted store because a draft
//! may name a patient, and outside the chain because nobody has said them yet.

use crate::{Store, StoreError};
use kernel::{Instant, micros, of_micros};
use rusqlite::{OptionalExtension as _, named_params};

/// Drafts kept per user; the oldest give way.
const DRAFTS: u32 = 50;

impl Store {
    /// Keeps the newest state of a form. `body` is JSON.
    pub fn put_draft(
        &mut self,
        user: &str,
        screen: &str,
        body: &str,
        at: Instant,
    ) -> Result<(), StoreError> {
        let tx = self.db.transaction()?;
        tx.prepare_cached(
            "INSERT INTO draft (user, screen, body, at_us) VALUES (:user, :screen, :body, :at)
             ON CONFLICT (user, screen) DO UPDATE
             SET body = excluded.body, at_us = excluded.at_us",
        )?
        .execute(named_params! {
            ":user": user, ":screen": screen, ":body": body, ":at": micros(at),
        })?;
        tx.prepare_cached(
            "DELETE FROM draft
              WHERE user = :user AND screen NOT IN
                    (SELECT screen FROM draft WHERE user = :user
                      ORDER BY at_us DESC, screen = :screen DESC LIMIT :most)",
        )?
        .execute(named_params! { ":user": user, ":screen": screen, ":most": DRAFTS })?;
        tx.commit()?;
        Ok(())
    }

    /// The form as it was left, and when.
    pub fn draft(&self, user: &str, screen: &str) -> Result<Option<(String, Instant)>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT body, at_us FROM draft WHERE user = ?1 AND screen = ?2")?
            .query_row((user, screen), |row| Ok((row.get(0)?, of_micros(row.get(1)?))))
            .optional()?)
    }

    /// Who last wrote in a form of this name; never what.
    pub fn drafting(&self, screen: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT user FROM draft WHERE screen = ?1 ORDER BY at_us DESC LIMIT 1")?
            .query_row([screen], |row| row.get(0))
            .optional()?)
    }

    pub fn drop_draft(&mut self, user: &str, screen: &str) -> Result<(), StoreError> {
        self.db
            .prepare_cached("DELETE FROM draft WHERE user = ?1 AND screen = ?2")?
            .execute((user, screen))?;
        Ok(())
    }

    /// Drops every draft, of anybody, last put before `then`.
    pub fn drop_drafts_before(&mut self, then: Instant) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM draft WHERE at_us < ?1")?.execute([micros(then)])?;
        Ok(())
    }

    /// A setting of this workstation, as JSON.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT value FROM setting WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }

    pub fn set_setting(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "INSERT INTO setting (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute((key, value))?;
        Ok(())
    }
}
