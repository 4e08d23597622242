//! Putting a backup into an empty home. The store goes on as a new incarnation, so that no number
//! of the lost one is used twice.

use crate::error::{Error, no};
use crate::home::{HomeLock, check_home, is_empty};
use sqlite::keyslots::KeySlots;
use std::path::{Path, PathBuf};
use store_sqlite::{STORE_FILE, Store, Verdict};
use wire::{Code, CommandError};

/// Restores `file` (with `file.keyslots` beside it) into `home` and answers the new incarnation.
/// Nothing is left in `home` when it fails.
pub fn restore(home: &Path, file: &Path, user: Option<(&str, &str)>) -> Result<u32, CommandError> {
    inner(home, file, user).map_err(Error::into_command_error)
}

fn inner(home: &Path, file: &Path, user: Option<(&str, &str)>) -> Result<u32, Error> {
    check_home(home)?;
    let _lock = HomeLock::take(home)?;
    if !is_empty(home)? {
        return Err(no(Code::FacilityExists));
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".keyslots");
    let beside = PathBuf::from(beside);
    if !file.is_file() || !beside.is_file() {
        let missing = if file.is_file() { &beside } else { file };
        return Err(CommandError::refusal(Code::NotFound)
            .with("detail", format!("{} is not there.", missing.display()))
            .into());
    }
    let made = put_in_place(home, file, &beside, user);
    if made.is_err() {
        for name in [STORE_FILE, "store.db-wal", "store.db-shm", "keyslots.a", "keyslots.b", "head"]
        {
            // Whatever of it was made is taken away again; the backup itself is untouched.
            let _ = std::fs::remove_file(home.join(name));
        }
    }
    made
}

fn put_in_place(
    home: &Path,
    file: &Path,
    slots: &Path,
    user: Option<(&str, &str)>,
) -> Result<u32, Error> {
    std::fs::copy(slots, home.join("keyslots.a"))?;
    std::fs::copy(slots, home.join("keyslots.b"))?;
    std::fs::copy(file, home.join(STORE_FILE))?;
    let mut slots = KeySlots::load(home)?;
    let dek = match user {
        _ if slots.is_training() => slots.unlock_training()?,
        Some((user, password)) => slots.unlock_with_password(user, password)?,
        None => return Err(no(Code::NotSignedIn)),
    };
    let mut store = Store::open_restored(home, &dek)?;
    let epoch = store.start_epoch()?;
    slots.bump_generation(&dek)?;
    let proof = store_sqlite::verify(&store, &["keyslots.a", "keyslots.b"])?;
    if proof.verdict != Verdict::Whole {
        return Err(CommandError::refusal(Code::StoreDamaged)
            .with("detail", "the backup is damaged")
            .into());
    }
    Ok(epoch)
}
