//! The workstation's store: commands and their receipts, the present of every aggregate, the read
//! tables kept in the same transaction, and the proof that nothing was altered. It decides nothing.

mod anchors;
mod blobs;
mod care;
mod desk;
mod donors;
mod facts;
mod figures;
mod head;
mod lineage;
mod outreach;
mod queue;
mod read;
mod record;
mod rows;
mod stock;
mod tasks;
#[cfg(test)]
mod tests;
mod verify;

pub use care::OfCare;
pub use head::Head;
pub use lineage::Graph;
pub use outreach::Reachable;
pub use queue::{BatchRow, JobClass, JobRow, JobState};
pub use read::EventRow;
pub use record::{Outcome, Save};
pub use stock::{COUNTED, Given, Lacking, Standing, UnitFilter};
pub use tasks::Watched;
pub use verify::{Finding, Proof, Verdict, is_of_the_system, verify};

use ledger::{DeviceKey, MerkleFrontier};
use rusqlite::{Connection, OptionalExtension as _};
use sqlite::Migration;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The file of the store inside the home folder.
pub const STORE_FILE: &str = "store.db";

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "0001_first", sql: include_str!("../migrations/0001_first.sql") },
    Migration { version: 2, name: "0002_desk", sql: include_str!("../migrations/0002_desk.sql") },
    Migration {
        version: 3,
        name: "0003_analysis",
        sql: include_str!("../migrations/0003_analysis.sql"),
    },
    Migration { version: 4, name: "0004_queue", sql: include_str!("../migrations/0004_queue.sql") },
    Migration {
        version: 5,
        name: "0005_study_uid",
        sql: include_str!("../migrations/0005_study_uid.sql"),
    },
    Migration {
        version: 6,
        name: "0006_donors",
        sql: include_str!("../migrations/0006_donors.sql"),
    },
    Migration {
        version: 7,
        name: "0007_laboratory",
        sql: include_str!("../migrations/0007_laboratory.sql"),
    },
    Migration { version: 8, name: "0008_care", sql: include_str!("../migrations/0008_care.sql") },
    Migration {
        version: 9,
        name: "0009_lineage",
        sql: include_str!("../migrations/0009_lineage.sql"),
    },
    Migration {
        version: 10,
        name: "0010_outreach",
        sql: include_str!("../migrations/0010_outreach.sql"),
    },
    Migration {
        version: 11,
        name: "0011_doubles",
        sql: include_str!("../migrations/0011_doubles.sql"),
    },
    Migration {
        version: 12,
        name: "0012_photos",
        sql: include_str!("../migrations/0012_photos.sql"),
    },
    Migration {
        version: 13,
        name: "0013_tasks",
        sql: include_str!("../migrations/0013_tasks.sql"),
    },
    Migration { version: 14, name: "0014_need", sql: include_str!("../migrations/0014_need.sql") },
    Migration {
        version: 15,
        name: "0015_lab_open",
        sql: include_str!("../migrations/0015_lab_open.sql"),
    },
    Migration {
        version: 16,
        name: "0016_lab_waits",
        sql: include_str!("../migrations/0016_lab_waits.sql"),
    },
    Migration {
        version: 17,
        name: "0017_sites",
        sql: include_str!("../migrations/0017_sites.sql"),
    },
];

/// Why the store could not do what was asked. A refusal of the domain is not among them: it is an
/// [`Outcome`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Open(#[from] sqlite::OpenError),
    #[error("the store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the file system failed: {0}")]
    Io(#[from] std::io::Error),
    #[error("a stored value does not read back: {0}")]
    Json(#[from] serde_json::Error),
    #[error("a stored value does not read back: {0}")]
    Unreadable(#[from] records::Unreadable),
    /// More would follow from one command than one command may do; nothing was saved.
    #[error("this needs a job of its own: {0}")]
    TooFar(#[from] ledger::TooFar),
    #[error("this copy of the store is older than what was seen on this computer")]
    Older,
    #[error("the store lacks {0}")]
    Lacks(&'static str),
}

impl StoreError {
    /// The file itself is damaged: a page's HMAC does not fit, or the structure is broken.
    pub fn is_damaged(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let damaged = |error: &rusqlite::Error| {
            matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
        };
        match self {
            Self::Open(sqlite::OpenError::WrongKey | sqlite::OpenError::NotADatabase) => true,
            Self::Open(sqlite::OpenError::Sqlite(error)) | Self::Sqlite(error) => damaged(error),
            Self::Lacks(_) | Self::Json(_) | Self::Unreadable(_) => true,
            _ => false,
        }
    }

    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Open(sqlite::OpenError::Full) => true,
            Self::Sqlite(error) => sqlite::is_disk_full(error),
            Self::Io(error) => sqlite::is_disk_full_io(error),
            _ => false,
        }
    }
}

/// One open store. It is the only writer of its file.
pub struct Store {
    pub(crate) db: Connection,
    pub(crate) home: PathBuf,
    pub(crate) dek: Zeroizing<[u8; 32]>,
    pub(crate) device: DeviceKey,
    pub(crate) epoch: u32,
    pub(crate) frontier: MerkleFrontier,
}

impl Store {
    /// Makes the store of a new facility in `home`, with a fresh device key.
    pub fn create(home: &Path, dek: &[u8; 32]) -> Result<Self, StoreError> {
        let mut db = sqlite::open(&home.join(STORE_FILE), dek, sqlite::Role::Create)?;
        sqlite::migrate(&mut db, MIGRATIONS).map_err(sqlite::OpenError::from)?;
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
        let put = "INSERT INTO meta (key, value) VALUES (?1, ?2)";
        db.execute(put, ("device_seed", &seed[..]))?;
        db.execute(put, ("epoch", &1u32.to_be_bytes()[..]))?;
        rows::bring_up_to_date(&mut db)?;
        Self::from_connection(db, home, dek)
    }

    /// Opens an existing store and brings its schema up to date.
    pub fn open(home: &Path, dek: &[u8; 32]) -> Result<Self, StoreError> {
        let mut db = sqlite::open(&home.join(STORE_FILE), dek, sqlite::Role::Writer)?;
        sqlite::migrate(&mut db, MIGRATIONS).map_err(sqlite::OpenError::from)?;
        rows::bring_up_to_date(&mut db)?;
        let store = Self::from_connection(db, home, dek)?;
        // A store that knows less than this computer has seen is a restored or rolled back copy.
        if Head::read(home, dek)?.is_some_and(|head| store.frontier.size() < head.size) {
            return Err(StoreError::Older);
        }
        Ok(store)
    }

    fn from_connection(db: Connection, home: &Path, dek: &[u8; 32]) -> Result<Self, StoreError> {
        let seed: Vec<u8> = meta(&db, "device_seed")?.ok_or(StoreError::Lacks("its device key"))?;
        let seed = Zeroizing::new(
            <[u8; 32]>::try_from(seed).map_err(|_| StoreError::Lacks("a whole device key"))?,
        );
        let epoch: Vec<u8> = meta(&db, "epoch")?.ok_or(StoreError::Lacks("its epoch"))?;
        let epoch =
            <[u8; 4]>::try_from(epoch).map_err(|_| StoreError::Lacks("a whole epoch number"))?;
        let mut frontier = MerkleFrontier::default();
        {
            let mut leaves = db.prepare("SELECT bytes, sig FROM receipt ORDER BY gseq")?;
            let mut rows = leaves.query([])?;
            while let Some(row) = rows.next()? {
                frontier.push(record::leaf(
                    row.get_ref(0)?.as_blob().map_err(rusqlite_type)?,
                    row.get_ref(1)?.as_blob().map_err(rusqlite_type)?,
                ));
            }
        }
        Ok(Self {
            db,
            home: home.to_owned(),
            dek: Zeroizing::new(*dek),
            device: DeviceKey::from_seed(&seed),
            epoch: u32::from_be_bytes(epoch),
            frontier,
        })
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The public key of this store's device: what others trust who take things signed here.
    pub fn device_key(&self) -> [u8; 32] {
        self.device.public().to_bytes()
    }

    /// Signs with the device key for a purpose of the caller's; see [`DeviceKey::sign`].
    pub fn sign(&self, purpose: &[u8], bytes: &[u8]) -> [u8; 64] {
        self.device.sign(purpose, bytes)
    }

    /// The number of receipts and the root of the log over them.
    pub fn log_head(&self) -> (u64, [u8; 32]) {
        (self.frontier.size(), self.frontier.root())
    }

    /// Copies the store into one verified file.
    pub fn backup(&self, to: &Path) -> Result<sqlite::BackupReport, sqlite::BackupError> {
        sqlite::backup_to(&self.db, &self.dek, to)
    }

    /// Starts a new incarnation after a restore (kernel.md 2.12): numbers of the old one are never
    /// used again. It takes effect with the next command, which has to be `Audit::Restored`.
    pub fn start_epoch(&mut self) -> u32 {
        self.epoch += 1;
        self.epoch
    }

    /// Opens without comparing with what was seen before: only for a restore.
    pub fn open_restored(home: &Path, dek: &[u8; 32]) -> Result<Self, StoreError> {
        let mut db = sqlite::open(&home.join(STORE_FILE), dek, sqlite::Role::Writer)?;
        sqlite::migrate(&mut db, MIGRATIONS).map_err(sqlite::OpenError::from)?;
        rows::bring_up_to_date(&mut db)?;
        Self::from_connection(db, home, dek)
    }
}

fn rusqlite_type(error: rusqlite::types::FromSqlError) -> rusqlite::Error {
    error.into()
}

pub(crate) fn meta(db: &Connection, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    db.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()
}
