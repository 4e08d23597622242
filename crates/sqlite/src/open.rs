//! Opening: every connection of the house is made here, so every one has the same settings.

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use std::{fs, io, path::Path, time::Duration};
use zeroize::Zeroizing;

/// What a connection may do. Only [`Role::Create`] ever makes a file: a store that is missing is
/// reported, never replaced by an empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Makes a new store; refuses a file that already holds something.
    Create,
    /// The one connection that writes to an existing store.
    Writer,
    /// Reads an existing store; any write is refused by SQLite.
    Reader,
}

/// Every way in which opening can end other than well. Nothing is changed on disk by any of them.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is there and has the shape of an encrypted store, but this key does not open it.
    /// A damaged first page looks the same; the backup decides.
    #[error("this key does not open the store, or its first page is damaged")]
    WrongKey,
    /// The file cannot be an encrypted store: plain SQLite, cut short, or something else.
    #[error("this file is not an encrypted store")]
    NotADatabase,
    /// The store was written by a newer version of the program. It is left alone.
    #[error(
        "the store has schema {found}, this program knows up to {known}: use the newer program"
    )]
    Newer { found: u32, known: u32 },
    /// A store was to be made where one already is.
    #[error("there is already a store in this place")]
    AlreadyThere,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The file is missing or the file system failed.
    #[error("the store's file cannot be used: {0}")]
    Io(#[from] io::Error),
    /// Anything else SQLite reports.
    #[error("the store cannot be opened: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::NotADatabase) => Self::WrongKey,
            _ => Self::Sqlite(error),
        }
    }
}

/// SQLCipher's page: a store that is not whole pages was cut short.
const PAGE: u64 = 4096;

/// Opens the store at `path` with the raw 32-byte key, with every setting the house relies on,
/// and proves the key by reading the schema.
pub fn open(path: &Path, key: &[u8; 32], role: Role) -> Result<Connection, OpenError> {
    look_at_the_file(path, role)?;
    if role == Role::Create {
        // SQLite takes an empty file as a new one, and gives what it keeps beside it the same
        // rights.
        crate::private_file().write(true).create(true).truncate(false).open(path)?;
    }
    let access = match role {
        Role::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Role::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE,
        // Not READ_ONLY: a reader of a WAL store must be able to make the shared-memory file.
        Role::Reader => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let db = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLCipher would otherwise write its own diagnostics to stderr for a wrong key.
    db.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    use_key(&db, key)?;
    // Locking every page of a 32 MB cache into memory exceeds what an ordinary account may lock.
    // The keys themselves are wiped by their owners.
    db.execute_batch("PRAGMA cipher_memory_security = OFF;")?;
    db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0))?;
    settings(&db)?;
    if role != Role::Reader {
        // WAL with FULL: an acknowledged commit has reached the disk when COMMIT returns.
        let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(io::Error::other(format!(
                "the file system offers no write-ahead log ({mode}); a network folder cannot hold the store"
            ))
            .into());
        }
    } else {
        db.execute_batch("PRAGMA query_only = ON;")?;
    }
    Ok(db)
}

/// A store in memory with the same settings, for tests. It is not encrypted: it has no file.
pub fn open_memory() -> Result<Connection, OpenError> {
    let db = Connection::open_in_memory()?;
    settings(&db)?;
    Ok(db)
}

fn look_at_the_file(path: &Path, role: Role) -> Result<(), OpenError> {
    let found = match fs::metadata(path) {
        Ok(found) => Some(found),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => None,
        Err(other) => return Err(other.into()),
    };
    let length = found.as_ref().map_or(0, fs::Metadata::len);
    if found.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(OpenError::NotADatabase);
    }
    match role {
        Role::Create if length > 0 => Err(OpenError::AlreadyThere),
        Role::Create => Ok(()),
        Role::Writer | Role::Reader if found.is_none() => {
            Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is missing", path.display()))
                .into())
        }
        Role::Writer | Role::Reader => {
            let mut start = [0u8; 16];
            let mut file = fs::File::open(path)?;
            let too_short = io::Read::read_exact(&mut file, &mut start).is_err();
            if too_short || !length.is_multiple_of(PAGE) || &start == b"SQLite format 3\0" {
                return Err(OpenError::NotADatabase);
            }
            Ok(())
        }
    }
}

fn use_key(db: &Connection, key: &[u8; 32]) -> rusqlite::Result<()> {
    let digits = Zeroizing::new(hex::encode(key));
    let pragma = Zeroizing::new(format!("PRAGMA key = \"x'{}'\";", digits.as_str()));
    db.execute_batch(&pragma)
}

fn settings(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::from_secs(10))?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA synchronous = FULL;
         PRAGMA cache_size = -32768;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn store() -> (tempfile::TempDir, std::path::PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("store.db");
        let db = open(&path, &KEY, Role::Create).unwrap();
        db.execute_batch("CREATE TABLE t (x TEXT) STRICT; INSERT INTO t VALUES ('Ngozi');")
            .unwrap();
        (home, path)
    }

    #[test]
    fn what_was_written_is_read_again_and_stands_nowhere_in_plain_text() {
        let (home, path) = store();
        let db = open(&path, &KEY, Role::Writer).unwrap();
        let name: String = db.query_row("SELECT x FROM t", [], |r| r.get(0)).unwrap();
        assert_eq!(name, "Ngozi");
        for file in fs::read_dir(home.path()).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(5).any(|w| w == b"Ngozi"), "plain text on the disk");
        }
    }

    #[test]
    fn the_settings_are_those_the_house_relies_on() {
        let (_home, path) = store();
        let db = open(&path, &KEY, Role::Writer).unwrap();
        let number = |p: &str| -> i64 { db.pragma_query_value(None, p, |r| r.get(0)).unwrap() };
        assert_eq!(number("foreign_keys"), 1);
        assert_eq!(number("synchronous"), 2, "FULL");
        assert_eq!(number("cache_size"), -32768);
        assert_eq!(number("temp_store"), 2, "MEMORY");
        assert_eq!(number("trusted_schema"), 0);
        let mode: String = db.pragma_query_value(None, "journal_mode", |r| r.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }

    #[test]
    fn a_wrong_key_is_named_and_leaves_the_store_whole() {
        let (_home, path) = store();
        assert!(matches!(open(&path, &[8; 32], Role::Writer), Err(OpenError::WrongKey)));
        assert!(open(&path, &KEY, Role::Reader).is_ok());
    }

    #[test]
    fn a_missing_store_is_reported_and_never_made() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("store.db");
        assert!(matches!(open(&path, &KEY, Role::Writer), Err(OpenError::Io(_))));
        assert!(!path.exists());
    }

    #[test]
    fn an_existing_store_is_never_made_anew() {
        let (_home, path) = store();
        assert!(matches!(open(&path, &KEY, Role::Create), Err(OpenError::AlreadyThere)));
    }

    #[test]
    fn something_else_is_not_a_database() {
        let home = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("empty", vec![]),
            ("short", vec![1; 100]),
            ("cut", vec![1; 4096 + 17]),
            ("plain", [b"SQLite format 3\0".to_vec(), vec![0; 4080]].concat()),
        ] {
            let path = home.path().join(name);
            fs::write(&path, bytes).unwrap();
            let answer = open(&path, &KEY, Role::Writer);
            assert!(matches!(answer, Err(OpenError::NotADatabase)), "{name}: {answer:?}");
        }
        assert!(matches!(open(home.path(), &KEY, Role::Writer), Err(OpenError::NotADatabase)));
    }

    #[test]
    fn a_reader_cannot_write() {
        let (_home, path) = store();
        let db = open(&path, &KEY, Role::Reader).unwrap();
        assert!(db.execute("INSERT INTO t VALUES ('x')", []).is_err());
    }

    #[test]
    fn a_full_disk_is_told_from_other_errors() {
        let (_home, path) = store();
        let db = open(&path, &KEY, Role::Writer).unwrap();
        // SQLite reports its page limit with the same code as ENOSPC.
        let _: i64 = db.query_row("PRAGMA max_page_count = 3", [], |r| r.get(0)).unwrap();
        let big = "x".repeat(100_000);
        let error = db.execute("INSERT INTO t VALUES (?1)", [&big]).unwrap_err();
        assert!(crate::is_disk_full(&error));
        let other = db.execute("INSERT INTO nothing VALUES (1)", []).unwrap_err();
        assert!(!crate::is_disk_full(&other));
        let rows: i64 = db.query_row("SELECT count(*) FROM t", [], |r| r.get(0)).unwrap();
        assert_eq!(rows, 1, "what was there before is still there");
    }
}
