//! Migrations: numbered SQL files, applied once, in order, and never changed afterwards.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, named_params};
use sha2::{Digest as _, Sha256};

/// One step of the schema. Versions count 1, 2, 3 … without gaps.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    pub version: u32,
    pub name: &'static str,
    pub sql: &'static str,
}

impl Migration {
    fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.sql.as_bytes()).into()
    }
}

/// Why the schema was not moved. The store is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The store was written by a newer program; going back is never tried.
    #[error(
        "the store has schema {found}, this program knows up to {known}: use the newer program"
    )]
    Newer { found: u32, known: u32 },
    /// A migration that was already applied to this store reads differently in this program.
    #[error("migration {version} ({name}) is not the one this store was made with")]
    MigrationChanged { version: u32, name: String },
    /// The list compiled into the program is not 1, 2, 3 …: a mistake of the program.
    #[error("migration {version} stands at place {place}")]
    OutOfOrder { version: u32, place: u32 },
    /// One migration failed; all of this run were rolled back.
    #[error("migration {version} ({name}) failed: {source}")]
    Failed { version: u32, name: &'static str, source: rusqlite::Error },
    #[error("the store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

impl From<MigrateError> for crate::OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Newer { found, known } => Self::Newer { found, known },
            MigrateError::Sqlite(source) | MigrateError::Failed { source, .. } => source.into(),
            MigrateError::MigrationChanged { .. } | MigrateError::OutOfOrder { .. } => {
                Self::Io(std::io::Error::other(error))
            }
        }
    }
}

/// Brings the store to the newest schema of `migrations` in one transaction and answers the
/// version it has now. What was applied earlier is compared by its SHA-256 first.
pub fn migrate(db: &mut Connection, migrations: &[Migration]) -> Result<u32, MigrateError> {
    for (place, migration) in (1u32..).zip(migrations) {
        if migration.version != place {
            return Err(MigrateError::OutOfOrder { version: migration.version, place });
        }
    }
    let known = migrations.len() as u32;

    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(MigrateError::Newer { found, known });
    }
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS migration (
             version INTEGER PRIMARY KEY,
             name    TEXT NOT NULL,
             sha256  BLOB NOT NULL CHECK (length(sha256) = 32)
         ) STRICT;",
    )?;
    for migration in migrations {
        if migration.version <= found {
            let kept: Option<Vec<u8>> = tx
                .query_row(
                    "SELECT sha256 FROM migration WHERE version = :version",
                    named_params! { ":version": migration.version },
                    |row| row.get(0),
                )
                .optional()?;
            if kept.as_deref() != Some(&migration.sha256()) {
                return Err(MigrateError::MigrationChanged {
                    version: migration.version,
                    name: migration.name.into(),
                });
            }
            continue;
        }
        tx.execute_batch(migration.sql).map_err(|source| MigrateError::Failed {
            version: migration.version,
            name: migration.name,
            source,
        })?;
        tx.execute(
            "INSERT INTO migration (version, name, sha256) VALUES (:version, :name, :sha256)",
            named_params! {
                ":version": migration.version,
                ":name": migration.name,
                ":sha256": migration.sha256(),
            },
        )?;
    }
    if found < known {
        tx.pragma_update(None, "user_version", known)?;
    }
    tx.commit()?;
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Migration =
        Migration { version: 1, name: "one", sql: "CREATE TABLE a (x INTEGER) STRICT;" };
    const TWO: Migration =
        Migration { version: 2, name: "two", sql: "CREATE TABLE b (y INTEGER) STRICT;" };

    fn memory() -> Connection {
        crate::open_memory().unwrap()
    }

    #[test]
    fn migrations_are_applied_once_and_in_order() {
        let mut db = memory();
        assert_eq!(migrate(&mut db, &[ONE]).unwrap(), 1);
        db.execute("INSERT INTO a VALUES (5)", []).unwrap();
        assert_eq!(migrate(&mut db, &[ONE, TWO]).unwrap(), 2);
        assert_eq!(migrate(&mut db, &[ONE, TWO]).unwrap(), 2);
        let kept: i64 = db.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 5, "a migration keeps the rows");
    }

    #[test]
    fn a_newer_store_is_left_alone() {
        let mut db = memory();
        migrate(&mut db, &[ONE, TWO]).unwrap();
        let answer = migrate(&mut db, &[ONE]);
        assert!(matches!(answer, Err(MigrateError::Newer { found: 2, known: 1 })));
    }

    #[test]
    fn a_migration_changed_after_it_was_applied_is_noticed() {
        let mut db = memory();
        migrate(&mut db, &[ONE]).unwrap();
        let changed = Migration { sql: "CREATE TABLE a (x TEXT) STRICT;", ..ONE };
        let answer = migrate(&mut db, &[changed]);
        assert!(matches!(answer, Err(MigrateError::MigrationChanged { version: 1, .. })));
    }

    #[test]
    fn a_failing_migration_changes_nothing() {
        let mut db = memory();
        let broken = Migration {
            version: 2,
            name: "broken",
            sql: "CREATE TABLE c (z INTEGER) STRICT; nonsense;",
        };
        assert!(matches!(
            migrate(&mut db, &[ONE, broken]),
            Err(MigrateError::Failed { version: 2, .. })
        ));
        let tables: i64 =
            db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn a_list_with_a_gap_is_a_mistake_of_the_program() {
        assert!(matches!(migrate(&mut memory(), &[TWO]), Err(MigrateError::OutOfOrder { .. })));
    }
}
