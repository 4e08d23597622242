//! Files, in pieces, inside the encrypted store: no picture of a patient lies beside it.

use crate::{Store, StoreError};
use kernel::DonorId;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

const PIECE: usize = 1 << 20;

impl Store {
    /// Keeps a file and answers its SHA-256. The same bytes are kept once.
    pub fn put_blob(&mut self, bytes: &[u8]) -> Result<[u8; 32], StoreError> {
        let sha256: [u8; 32] = Sha256::digest(bytes).into();
        let tx = self.db.transaction()?;
        let known: bool = tx.query_row(
            "SELECT EXISTS (SELECT 1 FROM blob WHERE sha256 = ?1)",
            [&sha256[..]],
            |row| row.get(0),
        )?;
        if !known {
            for (n, piece) in (0u32..).zip(bytes.chunks(PIECE)) {
                tx.prepare_cached("INSERT INTO blob (sha256, n, bytes) VALUES (?1, ?2, ?3)")?
                    .execute((&sha256[..], n, piece))?;
            }
        }
        tx.commit()?;
        Ok(sha256)
    }

    /// Forgets a file that no study and no donor names. Whoever may still name it is asked by the
    /// caller. Whether it was forgotten.
    pub fn drop_blob(&mut self, sha256: &[u8; 32]) -> Result<bool, StoreError> {
        forget(&self.db, &hex::encode(sha256))
    }

    /// Whether anything but this donor's record names a file.
    pub fn is_named_beside(&self, donor: DonorId, sha256: &str) -> Result<bool, StoreError> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM study_image WHERE sha256 = ?1)
                     OR EXISTS (SELECT 1 FROM donor_photo WHERE sha256 = ?1 AND donor <> ?2)",
            )?
            .query_row((sha256, donor.0.as_bytes()), |row| row.get(0))?)
    }

    pub fn blob(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut pieces =
            self.db.prepare_cached("SELECT bytes FROM blob WHERE sha256 = ?1 ORDER BY n")?;
        let mut rows = pieces.query([&sha256[..]])?;
        let mut out: Option<Vec<u8>> = None;
        while let Some(row) = rows.next()? {
            let piece = row.get_ref(0)?.as_blob().map_err(crate::rusqlite_type)?;
            out.get_or_insert_default().extend_from_slice(piece);
        }
        Ok(out)
    }
}

/// Takes away the bytes of a file that nothing names, by its SHA-256 in hex. Whether they were there.
pub(crate) fn forget(db: &Connection, sha256: &str) -> Result<bool, StoreError> {
    let gone = db
        .prepare_cached(
            "DELETE FROM blob WHERE sha256 = unhex(?1)
              AND NOT EXISTS (SELECT 1 FROM study_image WHERE sha256 = ?1)
              AND NOT EXISTS (SELECT 1 FROM donor_photo WHERE sha256 = ?1)",
        )?
        .execute([sha256])?;
    Ok(gone > 0)
}
