//! The home folder: where it is, whether it can hold a store, and that one program uses it.

use crate::error::{Error, no};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use store_sqlite::{STORE_FILE, is_of_the_system};
use wire::{Code, CommandError};

const LOCK: &str = "lock";

/// Where the records lie when nobody says: `HEALTHSYNC_HOME`; `healthsync` in `XDG_DATA_HOME`; the
/// machine's own folder, where a facility stands in it that this account may write (on Windows, in
/// any case); `.healthsync` in the account's folder. Nothing is made by asking.
pub fn default_home() -> PathBuf {
    default_home_of(&|name| std::env::var_os(name).filter(|value| !value.is_empty()))
}

fn default_home_of(var: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    if let Some(home) = var("HEALTHSYNC_HOME") {
        return home.into();
    }
    if cfg!(target_os = "windows") {
        let data = var("ProgramData").map_or_else(|| "C:/ProgramData".into(), PathBuf::from);
        return data.join("healthsync");
    }
    // The standard says that a path which is not absolute is to be ignored.
    if let Some(data) = var("XDG_DATA_HOME").map(PathBuf::from).filter(|p| p.is_absolute()) {
        return data.join("healthsync");
    }
    let machine = match cfg!(target_os = "macos") {
        true => "/Library/Application Support/healthsync",
        false => "/var/lib/healthsync",
    };
    if File::options().append(true).open(Path::new(machine).join(STORE_FILE)).is_ok() {
        return machine.into();
    }
    var("HOME").map_or_else(|| "healthsync-home".into(), |h| PathBuf::from(h).join(".healthsync"))
}

/// Whether a facility stands in this folder, or its keys.
pub(crate) fn is_a_home(folder: &Path) -> bool {
    [STORE_FILE, "keyslots.a", "keyslots.b"].iter().any(|name| folder.join(name).exists())
}

/// A folder that is there and part of no home, neither this one nor another: links and `..` followed.
/// Else a stable name of what is wrong with it.
pub(crate) fn folder_outside(home: &Path, wanted: &Path) -> Result<PathBuf, &'static str> {
    if !wanted.is_absolute() || wanted.to_str().is_none() {
        return Err("not_a_path");
    }
    let folder = std::fs::canonicalize(wanted).map_err(|_| "no_folder")?;
    if !folder.is_dir() {
        return Err("no_folder");
    }
    let home = std::fs::canonicalize(home).unwrap_or_else(|_| home.to_path_buf());
    if folder.starts_with(home) || folder.ancestors().any(is_a_home) {
        return Err("in_home");
    }
    Ok(folder)
}

fn unsuitable(why: &str) -> CommandError {
    CommandError::refusal(Code::HomeUnsuitable).with("why", why)
}

/// Folders that another program copies about behind our back cannot hold a store, and a name that
/// is no text cannot be told to anybody.
pub fn check_home(home: &Path) -> Result<(), Error> {
    if home.to_str().is_none() {
        return Err(unsuitable("not_text").into());
    }
    let shared = ["onedrive", "dropbox", "google drive", "icloud", "nextcloud"];
    let found = home.components().find_map(|part| {
        let name = part.as_os_str().to_string_lossy().to_lowercase();
        shared.iter().find(|s| name.contains(*s)).map(|s| (*s).to_owned())
    });
    match found {
        Some(by) => Err(unsuitable("synced_folder").with("by", by).into()),
        None => Ok(()),
    }
}

/// What stands in the way of using this folder, in words a person can act on.
fn why_not(home: &Path, error: &io::Error) -> CommandError {
    use io::ErrorKind as K;
    let leads_nowhere = |p: &Path| fs::symlink_metadata(p).is_ok() && fs::metadata(p).is_err();
    let why = match error.kind() {
        _ if sqlite::is_disk_full_io(error) => return CommandError::refusal(Code::DiskFull),
        K::InvalidFilename => "name_too_long",
        K::AlreadyExists | K::NotADirectory | K::NotFound
            if home.ancestors().any(leads_nowhere) =>
        {
            "link_to_nowhere"
        }
        K::AlreadyExists | K::NotADirectory => "not_a_folder",
        _ => "not_writable",
    };
    unsuitable(why).with("detail", error)
}

/// One program per home: held until dropped. What was made for it is taken away again: a question
/// that is refused leaves nothing behind.
pub(crate) struct HomeLock {
    path: PathBuf,
    /// Folders that were not there before, the innermost first.
    made: Vec<PathBuf>,
    made_file: bool,
    file: Option<File>,
}

impl HomeLock {
    pub(crate) fn take(home: &Path) -> Result<Self, Error> {
        let is_missing = |p: &&Path| {
            let found = fs::symlink_metadata(p);
            found.is_err_and(|e| e.kind() == io::ErrorKind::NotFound)
        };
        let made = home.ancestors().take_while(is_missing).map(Path::to_owned).collect();
        let path = home.join(LOCK);
        let mut lock = Self { path, made, made_file: false, file: None };
        sqlite::private_folder(home).map_err(|e| why_not(home, &e))?;
        // Again, when whoever held it before took the file away between our opening and locking it.
        while lock.file.is_none() {
            let file = lock.open().map_err(|e| why_not(home, &e))?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &lock.path) => lock.file = Some(file),
                Ok(()) => {}
                Err(fs::TryLockError::WouldBlock) => {
                    lock.made_file = false;
                    return Err(unsuitable("in_use")
                        .with("by", "another window of this program")
                        .into());
                }
                Err(fs::TryLockError::Error(error)) => return Err(why_not(home, &error).into()),
            }
        }
        Ok(lock)
    }

    fn open(&mut self) -> io::Result<File> {
        match sqlite::private_file().write(true).create_new(true).open(&self.path) {
            Ok(file) => {
                self.made_file = true;
                Ok(file)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                sqlite::private_file().write(true).create(true).truncate(false).open(&self.path)
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for HomeLock {
    fn drop(&mut self) {
        let home = self.path.parent().unwrap_or(Path::new(""));
        // Where nobody can tell the file that was locked from its successor, it stays.
        if self.made_file && (cfg!(unix) || !is_a_home(home)) {
            let _ = fs::remove_file(&self.path);
        }
        self.file = None;
        for folder in &self.made {
            // A folder that holds something by now stays, and so do those around it.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// Whether the file that was opened is the one that has this name now.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let of = |found: fs::Metadata| (found.dev(), found.ino());
    file.metadata().map(of).ok() == fs::metadata(path).map(of).ok()
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Whether a facility could be set up here: `false` where one stands, or was begun.
pub(crate) fn is_empty(home: &Path) -> Result<bool, Error> {
    let names = match fs::read_dir(home) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(why_not(home, &error).into()),
    };
    for entry in names {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        // Cut off while it was being written: it never got its name and holds nothing.
        if name.ends_with(".new") || is_of_the_system(&name) {
            continue;
        }
        if name.starts_with("keyslots") || name.starts_with(STORE_FILE) {
            return Ok(false);
        }
        if ![LOCK, crate::backend::CACHE, "head", crate::packs::FOLDER, crate::attempts::FILE]
            .contains(&&*name)
        {
            return Err(no(Code::HomeNotEmpty));
        }
    }
    Ok(true)
}

/// What may lie in a home beside its store.
pub(crate) const BESIDE: [&str; 5] = [
    "keyslots.a",
    "keyslots.b",
    crate::attempts::FILE,
    crate::packs::FOLDER,
    crate::backend::CACHE,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn why(taken: Result<HomeLock, Error>) -> String {
        match taken {
            Ok(_) => "fine".into(),
            Err(Error::Say(said)) => said.args["why"].clone(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_home_that_cannot_be_used_says_why() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::write(at("file"), "mine").unwrap();
        assert_eq!(why(HomeLock::take(&at("file"))), "not_a_folder");
        assert_eq!(why(HomeLock::take(&at("file/sub"))), "not_a_folder");
        assert_eq!(why(HomeLock::take(&at(&"n".repeat(300)))), "name_too_long");
        #[cfg(unix)]
        {
            assert_eq!(why(HomeLock::take(Path::new("/dev/null"))), "not_a_folder");
            std::os::unix::fs::symlink(at("nowhere"), at("link")).unwrap();
            assert_eq!(why(HomeLock::take(&at("link"))), "link_to_nowhere");
            assert_eq!(why(HomeLock::take(&at("link/sub"))), "link_to_nowhere");
        }
        assert_eq!(fs::read(at("file")).unwrap(), b"mine");
        let lock = HomeLock::take(&at("home")).unwrap();
        assert_eq!(why(HomeLock::take(&at("home"))), "in_use");
        drop(lock);
        assert_eq!(why(HomeLock::take(&at("home"))), "fine");
    }

    #[test]
    fn a_lock_takes_away_what_it_made_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("a/b/home");
        drop(HomeLock::take(&home).unwrap());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        let lock = HomeLock::take(&home).unwrap();
        fs::write(home.join(STORE_FILE), "a store").unwrap();
        drop(lock);
        let left: Vec<_> = fs::read_dir(&home).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.iter().filter(|name| *name != LOCK).count(), 1);
        assert!(!cfg!(unix) || left.len() == 1, "{left:?}");
    }

    #[cfg(unix)]
    #[test]
    fn the_default_home_is_where_the_account_says() {
        let of = |set: &[(&str, &str)]| {
            let var = |name: &str| {
                set.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value))
            };
            default_home_of(&var)
        };
        let home = ("HOME", "/home/rosa");
        assert_eq!(of(&[("HEALTHSYNC_HOME", "/x"), home]), Path::new("/x"));
        assert_eq!(of(&[("XDG_DATA_HOME", "/data"), home]), Path::new("/data/healthsync"));
        if !Path::new("/var/lib/healthsync").join(STORE_FILE).exists() {
            assert_eq!(of(&[("XDG_DATA_HOME", "data"), home]), Path::new("/home/rosa/.healthsync"));
        }
    }
}
