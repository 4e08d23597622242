//! Putting a backup into an empty home. The store goes on as a new incarnation, so that no number
//! of the lost one is used twice.

use crate::attempts::{self, Attempts};
use crate::backup::packs_beside;
use crate::convert::rfc3339;
use crate::error::{Error, no};
use crate::home::{HomeLock, check_home, is_empty};
use crate::packs::keeping;
use hospital::staff::user_name;
use kernel::{Actor, Clock as _, CommandId, Role, SystemClock};
use ledger::Standing;
use records::{Audit, Body, Context, Facts};
use sqlite::keyslots::{KeySlots, TRAINING_PASSWORD};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store_sqlite::{STORE_FILE, Save, Store, Verdict};
use wire::{Code, CommandError};

/// What was put back, so that nobody takes another facility's copy for their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The new incarnation.
    pub epoch: u32,
    pub facility: String,
    pub training: bool,
    /// Versions of packs that were installed and whose files are not in the backup, or not whole:
    /// `ID VERSION`. They do not answer before they are imported again.
    pub packs_missing: Vec<String>,
    /// When the last command of the copy was recorded, RFC 3339 in UTC; none in an empty log.
    pub last_command: Option<String>,
}

/// Restores `file` (with `file.keyslots` beside it) into `home`. `user` is name and password of
/// somebody who works there; only a training facility needs nobody. Nothing is left in `home` when
/// it fails.
pub fn restore(
    home: &Path,
    file: &Path,
    user: Option<(&str, &str)>,
) -> Result<Restored, CommandError> {
    inner(home, file, user).map_err(Error::into_command_error)
}

fn inner(home: &Path, file: &Path, user: Option<(&str, &str)>) -> Result<Restored, Error> {
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
        let made = ["keyslots.a", "keyslots.b", "head", attempts::FILE];
        for name in [STORE_FILE, "store.db-wal", "store.db-shm"].into_iter().chain(made) {
            // Whatever of it was made is taken away again; the backup itself is untouched.
            let _ = std::fs::remove_file(home.join(name));
        }
        let _ = crate::packs::remove_all(home);
    }
    made
}

fn put_in_place(
    home: &Path,
    file: &Path,
    slots: &Path,
    user: Option<(&str, &str)>,
) -> Result<Restored, Error> {
    for (from, name) in [(slots, "keyslots.a"), (slots, "keyslots.b"), (file, STORE_FILE)] {
        sqlite::copy_new(from, &home.join(name))?;
    }
    let mut slots = KeySlots::load(home)?;
    let dek = match user {
        Some((_, password)) if slots.is_training() && password != TRAINING_PASSWORD => {
            return Err(no(Code::WrongPassword));
        }
        _ if slots.is_training() => slots.unlock_training()?,
        Some((user, password)) => slots.unlock_with_password(&user_name(user), password)?,
        None => return Err(no(Code::NotSignedIn)),
    };
    let mut store = Store::open_restored(home, &dek)?;
    let facility = store.facility()?.ok_or_else(|| no(Code::StoreDamaged))?;
    let last_command = store.last_time()?.map(rfc3339);
    let epoch = store.start_epoch();
    slots.bump_generation(&dek)?;
    // In the name of whoever restores; in a training facility without a name, of its administrator.
    let staff = store.staff()?;
    let who = staff.iter().filter(|s| s.active).find(|s| match user {
        Some((user, _)) => s.user == user_name(user),
        None => s.role == Role::Administrator,
    });
    let who = who.ok_or_else(|| no(Code::WrongPassword))?;
    let actor = Actor { id: who.id, user: who.user.clone(), role: who.role };
    let key_slots = Audit::KeySlots { serial: slots.serial(), sha256: slots.fingerprint() };
    for entry in [Audit::Restored, key_slots] {
        write_down(&mut store, &actor, entry)?;
    }
    Attempts::none(home).seal(None, &dek, store.log_head().0)?;
    let proof = store_sqlite::verify(&store, &crate::home::BESIDE)?;
    if proof.verdict != Verdict::Whole {
        return Err(CommandError::refusal(Code::StoreDamaged)
            .with("detail", "the backup is damaged")
            .into());
    }
    let packs_missing = bring_packs(&store, home, file)?;
    let records::Facility { name: facility, training, .. } = facility;
    Ok(Restored { epoch, facility, training, packs_missing, last_command })
}

/// The installed packs from beside the backup; a backup of an earlier release has none.
fn bring_packs(store: &Store, home: &Path, file: &Path) -> Result<Vec<String>, Error> {
    let book = keeping::book_of(store)?;
    let (from, to) = (packs_beside(file), home.join(crate::packs::FOLDER));
    let kept = keeping::copy_all(&book, &from, &to)?;
    Ok(kept.missing.into_iter().map(|p| format!("{} {}", p.id, p.version)).collect())
}

/// The policy in force in a store that no workstation has opened.
fn policy_of(store: &Store, now: kernel::Instant) -> Result<bloodbank::Policy, Error> {
    let book = match store.get(records::Key::Policies)? {
        Some(records::State::Policies(book)) => book,
        _ => bloodbank::Book::default(),
    };
    let version = book.in_force(now).and_then(bloodbank::PolicyVersion::policy);
    Ok(version.unwrap_or_else(|| records::first_policy().1))
}

/// One line of the audit stream, while no workstation runs.
fn write_down(store: &mut Store, actor: &Actor, entry: Audit) -> Result<(), Error> {
    let (now, _) = crate::clock::reckon(SystemClock.now(), store.last_time()?);
    let context = Context {
        now,
        later: None,
        by: CommandId(SystemClock.new_uuid()),
        actor: actor.clone(),
        overridden: vec![],
        duplicates_overridden: false,
        policy: Arc::new(policy_of(store, now)?),
    };
    let save = Save {
        body: &Body::Audit(entry),
        facts: &Facts::default(),
        context: &context,
        standing: Standing::Attested,
        second: None,
        reason: None,
        after: &[],
    };
    store.save(&save, &SystemClock)?;
    Ok(())
}
