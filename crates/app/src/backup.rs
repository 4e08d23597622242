//! Making a backup: where it may go, and what travels beside it.

use crate::backend::Inner;
use crate::convert::rfc3339;
use crate::error::Error;
use crate::home::folder_outside;
use crate::packs::keeping::{self, Kept};
use kernel::Permission;
use records::Audit;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use wire::{BackupDone, BackupTo, Code, CommandError};

impl Inner {
    pub(crate) fn backup_make(&mut self, to: BackupTo) -> Result<BackupDone, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let path = place(self.home(), Path::new(to.path.trim()))?;
        // The key slots travel beside it: without them the copy cannot be opened. They go first, so
        // that a copy that has its name is always a whole one.
        let slots = fs::read(self.home().join("keyslots.a"))?;
        let beside = beside(&path, ".keyslots");
        sqlite::write_new(&beside, &slots).map_err(|error| unwritten(&error))?;
        let take_back = || {
            // Keys and packs without a copy are of no use; the first error is the one to tell.
            let _ = fs::remove_file(&beside);
            let _ = fs::remove_dir_all(packs_beside(&path));
        };
        let Kept { copied, missing } = self.copy_packs(&path).inspect_err(|_| take_back())?;
        let report = self.store()?.backup(&path).inspect_err(|_| take_back())?;
        self.audit(&actor, Audit::BackedUp { bytes: report.bytes })?;
        let now = self.store()?.last_backup()?.unwrap_or(self.now()?);
        let (size, _) = self.store()?.log_head();
        Ok(BackupDone {
            path: path.display().to_string(),
            at: rfc3339(now),
            bytes: report.bytes.to_string(),
            commands: u32::try_from(size).unwrap_or(u32::MAX),
            packs: copied,
            packs_missing: missing,
        })
    }

    /// The installed packs, in a folder beside the copy; none where none is installed.
    fn copy_packs(&self, path: &Path) -> Result<Kept, Error> {
        let book = self.book()?;
        if book.versions.is_empty() {
            return Ok(Kept::default());
        }
        let to = packs_beside(path);
        fs::create_dir(&to).map_err(|error| unwritten(&error))?;
        keeping::copy_all(&book, &self.installed_dir(), &to)
    }
}

/// The folder of packs that belongs to a backup.
pub(crate) fn packs_beside(path: &Path) -> PathBuf {
    beside(path, ".packs")
}

fn no(why: &str) -> CommandError {
    CommandError::refusal(Code::HomeUnsuitable).with("why", why)
}

/// Permissions, read-only disks, disks that were pulled out and names too long all end here.
pub(crate) fn unwritten(error: &io::Error) -> CommandError {
    match error.kind() {
        _ if sqlite::is_disk_full_io(error) => CommandError::refusal(Code::DiskFull),
        io::ErrorKind::AlreadyExists => no("backup_other_file"),
        _ => no("backup_not_writable").with("detail", error),
    }
}

/// The file a backup may be written to, or a refusal that says what is wrong with it. A backup
/// replaces nothing: what looks like an older one may be another facility's only one. And it lies
/// in no home, neither this one nor another.
pub(crate) fn place(home: &Path, wanted: &Path) -> Result<PathBuf, CommandError> {
    let (Some(folder), Some(name)) = (wanted.parent(), wanted.file_name()) else {
        return Err(no("backup_not_a_path"));
    };
    if !wanted.is_absolute() || wanted.to_str().is_none() {
        return Err(no("backup_not_a_path"));
    }
    let folder = folder_outside(home, folder).map_err(|why| no(&format!("backup_{why}")))?;
    let path = folder.join(name);
    for new in [&path, &beside(&path, ".keyslots"), &packs_beside(&path)] {
        match fs::symlink_metadata(new) {
            Ok(_) => return Err(no("backup_other_file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unwritten(&error)),
        }
    }
    Ok(path)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_replaces_nothing_and_lies_in_no_home() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let home = at("home");
        fs::create_dir_all(home.join("inner")).unwrap();
        for (other, file) in [("one", "store.db"), ("two", "keyslots.a")] {
            fs::create_dir_all(at(other).join("inner")).unwrap();
            fs::write(at(other).join(file), "another facility").unwrap();
        }
        fs::create_dir(at("usb")).unwrap();
        fs::write(at("usb/letter.odt"), "mine").unwrap();
        fs::write(at("usb/old"), "copy").unwrap();
        fs::write(at("usb/old.keyslots"), "slots").unwrap();
        fs::write(at("usb/lone.keyslots"), "slots").unwrap();
        let why = |path: &Path| match place(&home, path) {
            Ok(_) => "fine".to_owned(),
            Err(error) => error.args["why"].clone(),
        };
        assert_eq!(why(&at("usb/new")), "fine");
        assert_eq!(why(&at("usb/old")), "backup_other_file");
        assert_eq!(why(&at("usb/lone")), "backup_other_file");
        assert_eq!(why(&at("usb/letter.odt")), "backup_other_file");
        assert_eq!(why(&at("usb")), "backup_other_file");
        assert_eq!(why(&at("gone/new")), "backup_no_folder");
        assert_eq!(why(&at("usb/letter.odt/new")), "backup_no_folder");
        assert_eq!(why(Path::new("new")), "backup_not_a_path");
        assert_eq!(why(Path::new("")), "backup_not_a_path");
        assert_eq!(why(Path::new("/")), "backup_not_a_path");
        assert_eq!(why(&home.join("inner/new")), "backup_in_home");
        assert_eq!(why(&at("usb/../home/new")), "backup_in_home");
        assert_eq!(why(&at("one/new")), "backup_in_home");
        assert_eq!(why(&at("two/inner/new")), "backup_in_home");
        assert_eq!(why(&at(&format!("usb/{}", "n".repeat(300)))), "backup_not_writable");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&home, at("usb/link")).unwrap();
            std::os::unix::fs::symlink(at("one"), at("usb/one")).unwrap();
            std::os::unix::fs::symlink(at("nowhere"), at("usb/dangling")).unwrap();
            assert_eq!(why(&at("usb/link/new")), "backup_in_home");
            assert_eq!(why(&at("usb/one/new")), "backup_in_home");
            assert_eq!(why(&at("usb/dangling")), "backup_other_file");
        }
    }
}
