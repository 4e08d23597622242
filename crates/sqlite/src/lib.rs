//! An encrypted SQLite file that tells the truth: opened with the right settings or not at all,
//! moved forward by checked migrations, copied by verified backups, and locked by key slots.
//!
//! This crate knows files, pages and keys. It refuses to know what is stored: no table of the
//! hospital is named here, no rule is decided here, and no clock is read here.

mod backup;
mod files;
pub mod keyslots;
mod migrate;
mod open;

pub use backup::{BackupError, BackupReport, Integrity, backup_to, integrity};
pub use files::{
    copy_new, private_file, private_folder, sync_folder_of, write_atomically, write_new,
};
pub use migrate::{MigrateError, Migration, migrate};
pub use open::{OpenError, Role, open, open_memory};

/// Says whether an error means that the disk (or the quota) is full.
///
/// SQLite turns ENOSPC of a page write into `SQLITE_FULL`, and rolls the transaction back.
pub fn is_disk_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
}

/// The same question for an error of the file system.
pub fn is_disk_full_io(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}
