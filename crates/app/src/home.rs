//! The home folder: where it is, whether it can hold a store, and that one program uses it.

use crate::error::{Error, no};
use std::fs::File;
use std::path::{Path, PathBuf};
use wire::{Code, CommandError};

/// `HEALTHSYNC_HOME`, or the machine-wide folder where it may be written (shifts use different
/// accounts), or the account's own.
pub fn default_home() -> PathBuf {
    if let Some(home) = std::env::var_os("HEALTHSYNC_HOME").filter(|h| !h.is_empty()) {
        return home.into();
    }
    let machine: PathBuf = if cfg!(target_os = "windows") {
        std::env::var_os("ProgramData").map_or_else(|| "C:/ProgramData".into(), PathBuf::from)
    } else if cfg!(target_os = "macos") {
        "/Library/Application Support".into()
    } else {
        "/var/lib".into()
    }
    .join("healthsync");
    if std::fs::create_dir_all(&machine).is_ok() && is_writable(&machine) {
        return machine;
    }
    let account = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    account.map_or_else(|| "healthsync-home".into(), |a| PathBuf::from(a).join(".healthsync"))
}

fn is_writable(folder: &Path) -> bool {
    let probe = folder.join(".probe");
    let ok = std::fs::write(&probe, b"").is_ok();
    let _ = std::fs::remove_file(probe);
    ok
}

/// Folders that another program copies about behind our back cannot hold a store.
pub fn check_home(home: &Path) -> Result<(), Error> {
    let shared = ["onedrive", "dropbox", "google drive", "icloud", "nextcloud"];
    let found = home.components().find_map(|part| {
        let name = part.as_os_str().to_string_lossy().to_lowercase();
        shared.iter().find(|s| name.contains(*s)).map(|s| (*s).to_owned())
    });
    match found {
        Some(by) => Err(CommandError::refusal(Code::HomeUnsuitable)
            .with("why", "synced_folder")
            .with("by", by)
            .into()),
        None => Ok(()),
    }
}

/// One program per home: held until dropped.
pub(crate) struct HomeLock {
    _file: File,
}

impl HomeLock {
    pub(crate) fn take(home: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(home)?;
        let file =
            File::options().create(true).truncate(false).write(true).open(home.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(CommandError::refusal(Code::HomeUnsuitable)
                    .with("why", "in_use")
                    .with("by", "another window of this program")
                    .into())
            }
            Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

/// Whether a facility stands in this home.
pub(crate) fn is_empty(home: &Path) -> Result<bool, Error> {
    let names = match std::fs::read_dir(home) {
        Ok(names) => names,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error.into()),
    };
    for entry in names {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        // Cut off while it was being written: it never got its name and holds nothing.
        if name.ends_with(".new") {
            continue;
        }
        if name.starts_with("keyslots") || name.starts_with(store_sqlite::STORE_FILE) {
            return Ok(false);
        }
        if !["lock", "cache", "head", crate::attempts::FILE].contains(&&*name) {
            return Err(no(Code::HomeNotEmpty));
        }
    }
    Ok(true)
}
