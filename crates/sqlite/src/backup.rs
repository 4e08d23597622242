//! Backups that are proven before they get their name, and the check of a store's pages.

use crate::files::{self, remove_if_there};
use crate::{OpenError, Role};
use rusqlite::{Connection, named_params};
use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

/// What the pages of a store say about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integrity {
    /// Pages whose HMAC does not fit, in SQLCipher's words. Empty when whole.
    pub cipher: Vec<String>,
    /// What `quick_check` found. Empty when whole.
    pub structure: Vec<String>,
    /// Rows pointing at nothing, as "table: parent". Empty when whole.
    pub references: Vec<String>,
}

impl Integrity {
    /// Nothing was found.
    pub fn is_whole(&self) -> bool {
        self.cipher.is_empty() && self.structure.is_empty() && self.references.is_empty()
    }
}

/// A backup that was written, opened again and found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupReport {
    pub path: PathBuf,
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    pub schema: u32,
}

/// Why there is no new backup. Whatever had that name is untouched.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file, a folder or a link has this name already.
    #[error("something has this name already")]
    NameTaken,
    #[error("the disk is full")]
    Full,
    #[error("the backup cannot be written: {0}")]
    Io(io::Error),
    #[error("the store failed while it was copied: {0}")]
    Sqlite(rusqlite::Error),
    #[error("the copy does not open: {0}")]
    Unreadable(OpenError),
    #[error("the copy is damaged: {0:?}")]
    Damaged(Integrity),
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        if crate::is_disk_full_io(&error) { Self::Full } else { Self::Io(error) }
    }
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        if crate::is_disk_full(&error) { Self::Full } else { Self::Sqlite(error) }
    }
}

/// Checks every page's HMAC, the structure, and the references.
///
/// The HMAC check reads the main file; pages still in the write-ahead log are moved there first
/// where no reader holds them back.
pub fn integrity(db: &Connection) -> rusqlite::Result<Integrity> {
    // A reader may not checkpoint, and a busy one need not: the check is then of what is there.
    let _ = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    let structure = lines(db, "PRAGMA quick_check")?;
    Ok(Integrity {
        cipher: lines(db, "PRAGMA cipher_integrity_check")?,
        structure: structure.into_iter().filter(|line| line != "ok").collect(),
        references: db
            .prepare("PRAGMA foreign_key_check")?
            .query_map([], |row| {
                Ok(format!("{}: {}", row.get::<_, String>(0)?, row.get::<_, String>(2)?))
            })?
            .collect::<Result<_, _>>()?,
    })
}

fn lines(db: &Connection, pragma: &str) -> rusqlite::Result<Vec<String>> {
    db.prepare(pragma)?.query_map([], |row| row.get(0))?.collect()
}

/// Copies the store into one new file that opens with the same key, proves it, and only then gives
/// it its name. Nothing that has this name already is replaced.
pub fn backup_to(
    db: &Connection,
    key: &[u8; 32],
    path: &Path,
) -> Result<BackupReport, BackupError> {
    must_be_free(path)?;
    // A name that nobody else has given a file of theirs.
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{:08x}.new", rand::random::<u32>()));
    let beside = path.with_file_name(name);
    files::private_file().write(true).create_new(true).open(&beside)?;
    let made = copy_and_prove(db, key, &beside);
    // What opening the copy left beside it holds nothing that the copy does not.
    for suffix in ["-wal", "-shm"] {
        let mut name = beside.as_os_str().to_os_string();
        name.push(suffix);
        remove_if_there(Path::new(&name))?;
    }
    let named = made.and_then(|made| {
        must_be_free(path)?;
        fs::rename(&beside, path)?;
        Ok(made)
    });
    match named {
        Ok((bytes, sha256, schema)) => {
            files::sync_folder_of(path)?;
            Ok(BackupReport { path: path.to_path_buf(), bytes, sha256, schema })
        }
        Err(error) => {
            remove_if_there(&beside)?;
            Err(error)
        }
    }
}

/// A link that leads nowhere has the name too.
fn must_be_free(path: &Path) -> Result<(), BackupError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(BackupError::NameTaken),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn copy_and_prove(
    db: &Connection,
    key: &[u8; 32],
    path: &Path,
) -> Result<(u64, String, u32), BackupError> {
    let text = path.to_str().ok_or_else(|| {
        BackupError::Io(io::Error::new(io::ErrorKind::InvalidInput, "the path is not Unicode"))
    })?;
    db.execute("VACUUM INTO :path", named_params! { ":path": text })?;
    fs::OpenOptions::new().write(true).open(path)?.sync_all()?;

    let copy = crate::open(path, key, Role::Reader).map_err(BackupError::Unreadable)?;
    let found = integrity(&copy)?;
    if !found.is_whole() {
        return Err(BackupError::Damaged(found));
    }
    let schema = copy.pragma_query_value(None, "user_version", |row| row.get(0))?;
    drop(copy);
    let (bytes, sha256) = fingerprint(path)?;
    Ok((bytes, sha256, schema))
}

fn fingerprint(path: &Path) -> io::Result<(u64, String)> {
    let mut file = fs::File::open(path)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0u64, vec![0u8; 1 << 16]);
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok((bytes, hex::encode(hash.finalize())));
        }
        hash.update(&buffer[..n]);
        bytes += n as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [9; 32];

    fn store(folder: &Path) -> Connection {
        let mut db = crate::open(&folder.join("store.db"), &KEY, Role::Create).unwrap();
        crate::migrate(
            &mut db,
            &[crate::Migration {
                version: 1,
                name: "t",
                sql: "CREATE TABLE t (x TEXT NOT NULL) STRICT;",
            }],
        )
        .unwrap();
        for n in 0..400 {
            db.execute("INSERT INTO t VALUES (?1)", [format!("Amara {n} {}", "x".repeat(200))])
                .unwrap();
        }
        db
    }

    #[test]
    fn a_backup_opens_with_the_same_key_and_holds_every_row() {
        let home = tempfile::tempdir().unwrap();
        let db = store(home.path());
        let path = home.path().join("copy.hsb");
        let report = backup_to(&db, &KEY, &path).unwrap();
        assert_eq!(report.schema, 1);
        assert_eq!(report.bytes, fs::metadata(&path).unwrap().len());
        assert_eq!(report.sha256, hex::encode(Sha256::digest(fs::read(&path).unwrap())));
        let copy = crate::open(&path, &KEY, Role::Writer).unwrap();
        let rows: i64 = copy.query_row("SELECT count(*) FROM t", [], |r| r.get(0)).unwrap();
        assert_eq!(rows, 400);
        assert!(!fs::read(&path).unwrap().windows(5).any(|w| w == b"Amara"));
        #[cfg(unix)]
        for private in [&path, &home.path().join("store.db")] {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(private).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(matches!(crate::open(&path, &[1; 32], Role::Writer), Err(OpenError::WrongKey)));
    }

    #[test]
    fn a_backup_replaces_nothing_that_has_its_name() {
        let home = tempfile::tempdir().unwrap();
        let db = store(home.path());
        let folder = home.path().join("usb");
        fs::create_dir(&folder).unwrap();
        let path = folder.join("copy.hsb");
        fs::write(folder.join("copy.hsb.new"), "mine").unwrap();
        backup_to(&db, &KEY, &path).unwrap();
        let first = fs::read(&path).unwrap();
        assert!(matches!(backup_to(&db, &KEY, &path), Err(BackupError::NameTaken)));
        assert_eq!(fs::read(&path).unwrap(), first);
        assert_eq!(fs::read(folder.join("copy.hsb.new")).unwrap(), b"mine");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing is left beside it");
    }

    #[test]
    fn a_backup_into_a_missing_folder_fails_and_says_so() {
        let home = tempfile::tempdir().unwrap();
        let db = store(home.path());
        assert!(backup_to(&db, &KEY, &home.path().join("gone/copy.hsb")).is_err());
    }

    #[test]
    fn one_changed_byte_in_the_file_is_found() {
        let home = tempfile::tempdir().unwrap();
        let db = store(home.path());
        let path = home.path().join("copy.hsb");
        backup_to(&db, &KEY, &path).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in [4096 * 3 + 5, 4096 * 7 + 4000, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, bytes).unwrap();
            let found = crate::open(&path, &KEY, Role::Reader)
                .map_err(|_| ())
                .and_then(|copy| integrity(&copy).map_err(|_| ()));
            assert!(!found.is_ok_and(|i| i.is_whole()), "byte {at} went unnoticed");
        }
    }

    #[test]
    fn a_whole_store_raises_no_alarm() {
        let home = tempfile::tempdir().unwrap();
        assert!(integrity(&store(home.path())).unwrap().is_whole());
    }
}
