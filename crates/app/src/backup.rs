//! Making a backup: where it may go, and what travels beside it.

use crate::backend::Inner;
use crate::convert::rfc3339;
use crate::error::Error;
use kernel::Permission;
use records::Audit;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use wire::{BackupDone, BackupTo, Code, CommandError};

impl Inner {
    pub(crate) fn backup_make(&mut self, to: BackupTo) -> Result<BackupDone, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let path = place(self.home(), Path::new(to.path.trim()))?;
        let report = self.store()?.backup(&path)?;
        // The key slots travel beside it: without them the copy cannot be opened.
        let slots = fs::read(self.home().join("keyslots.a"))?;
        sqlite::write_atomically(&beside(&path, ".keyslots"), &slots)?;
        self.audit(&actor, Audit::BackedUp { bytes: report.bytes })?;
        let now = self.store()?.last_backup()?.unwrap_or(self.now()?);
        let (size, _) = self.store()?.log_head();
        Ok(BackupDone {
            path: path.display().to_string(),
            at: rfc3339(now),
            bytes: report.bytes.to_string(),
            commands: u32::try_from(size).unwrap_or(u32::MAX),
        })
    }
}

/// The file a backup may be written to, or a refusal that says what is wrong with it. An earlier
/// backup (its key slots stand beside it) may be replaced; any other file of the user may not.
fn place(home: &Path, wanted: &Path) -> Result<PathBuf, CommandError> {
    let no = |why: &str| CommandError::refusal(Code::HomeUnsuitable).with("why", why);
    let (Some(folder), Some(name)) = (wanted.parent(), wanted.file_name()) else {
        return Err(no("backup_not_a_path"));
    };
    if !wanted.is_absolute() || wanted.to_str().is_none() {
        return Err(no("backup_not_a_path"));
    }
    // Links and `..` are followed before the folder is compared with the home.
    let folder = fs::canonicalize(folder).map_err(|_| no("backup_no_folder"))?;
    let home = fs::canonicalize(home).unwrap_or_else(|_| home.to_path_buf());
    if folder.starts_with(home) {
        return Err(no("backup_in_home"));
    }
    let path = folder.join(name);
    let replaces_a_backup = path.is_file() && beside(&path, ".keyslots").is_file();
    if fs::symlink_metadata(&path).is_ok() && !replaces_a_backup {
        return Err(no("backup_other_file"));
    }
    // Asked by doing: permissions, read-only disks and names too long all answer here.
    let trial = beside(&path, ".new");
    let tried = fs::write(&trial, b"").and_then(|()| fs::remove_file(&trial));
    match tried {
        Err(error) if sqlite::is_disk_full_io(&error) => Err(CommandError::refusal(Code::DiskFull)),
        Err(_) => Err(no("backup_not_writable")),
        Ok(()) => Ok(path),
    }
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
    fn a_backup_replaces_a_backup_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let home = at("home");
        fs::create_dir_all(home.join("inner")).unwrap();
        fs::create_dir(at("usb")).unwrap();
        fs::write(at("usb/letter.odt"), "mine").unwrap();
        fs::write(at("usb/old"), "copy").unwrap();
        fs::write(at("usb/old.keyslots"), "slots").unwrap();
        let why = |path: &Path| match place(&home, path) {
            Ok(_) => "fine".to_owned(),
            Err(error) => error.args["why"].clone(),
        };
        assert_eq!(why(&at("usb/new")), "fine");
        assert_eq!(why(&at("usb/old")), "fine");
        assert!(!at("usb/new.new").exists(), "the trial leaves nothing");
        assert_eq!(why(&at("usb/letter.odt")), "backup_other_file");
        assert_eq!(why(&at("usb")), "backup_other_file");
        assert_eq!(why(&at("gone/new")), "backup_no_folder");
        assert_eq!(why(Path::new("new")), "backup_not_a_path");
        assert_eq!(why(Path::new("")), "backup_not_a_path");
        assert_eq!(why(Path::new("/")), "backup_not_a_path");
        assert_eq!(why(&home.join("inner/new")), "backup_in_home");
        assert_eq!(why(&at("usb/../home/new")), "backup_in_home");
        assert_eq!(why(&at(&format!("usb/{}", "n".repeat(300)))), "backup_not_writable");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&home, at("usb/link")).unwrap();
            assert_eq!(why(&at("usb/link/new")), "backup_in_home");
        }
    }
}
