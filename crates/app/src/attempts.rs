//! Wrong passwords are counted here, in a file beside the store: before the first right password
//! nothing inside the store can be read or written.
//!
//! The file has a sealed part, made with the store's key at every sign-in, and an open part, the
//! counters, under a plain checksum, because whoever types a wrong password has no key.
//!
//! What this stops: a restart, a kill or a clock set back gains nobody a guess. A file that is
//! deleted or damaged counts as "everybody has failed often": a wait begins at once and every
//! further failure waits. The next sign-in writes into the audit stream that the file was missing,
//! damaged, made anew without the key, or older than the last sign-in, and `verify` reports it
//! until then.
//!
//! What this cannot stop: somebody who holds the disk can put back the file exactly as the last
//! sign-in left it, set the clock forward, or copy the whole home and guess elsewhere without this
//! program. Nothing that a program without a key writes can hinder that; what protects then is the
//! price of each guess, argon2id in the key slots.

use crate::error::Error;
use kernel::{Instant, TimeDelta, micros, of_micros};
use ledger::{Hash, hash_of};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) const FILE: &str = "attempts";

/// Failures before the door waits (sync-security 5.1).
const FREE_FAILURES: u32 = 5;
/// The first wait; it doubles with every further failure, ten times at most.
const FIRST_WAIT_S: i64 = 30;
const DOUBLINGS: u32 = 10;
/// More than this was not written here.
const LONGEST: u64 = 1 << 20;

/// Who may be tried. What was typed as a name and is nobody's is kept nowhere: it may have been a
/// password.
#[derive(Clone, Copy)]
pub(crate) enum Who<'a> {
    Known(&'a str),
    Unknown,
}

impl Who<'_> {
    fn key(self) -> String {
        match self {
            Self::Known(user) => format!("user {user}"),
            Self::Unknown => "nobody".into(),
        }
    }
}

const EVERYBODY: &str = "everybody";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    failures: u32,
    /// When the next guess is allowed, and how long that wait is in all.
    until_us: i64,
    wait_s: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    /// Failures that everybody is taken to have behind them.
    floor: u32,
    counts: BTreeMap<String, Count>,
}

/// The length of the log at the last sign-in, under a MAC of the store's key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seal {
    log: u64,
    mac: String,
}

impl Seal {
    fn new(log: u64, dek: &[u8; 32]) -> Self {
        Self { log, mac: hex::encode(Self::mac(log, dek)) }
    }
    /// Key, data of fixed length, key: there is nothing to extend.
    fn mac(log: u64, dek: &[u8; 32]) -> Hash {
        hash_of(&[b"healthsync/attempts/v1\0", dek, &log.to_be_bytes(), dek])
    }
}

/// What is wrong with the file, as the audit stream names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Missing,
    Damaged,
    /// Whole, and made by somebody without the key.
    Unsealed,
    /// Older than the last sign-in.
    Older,
}

impl Wrong {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing => "attempts_missing",
            Self::Damaged => "attempts_damaged",
            Self::Unsealed => "attempts_unsealed",
            Self::Older => "attempts_older",
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "it is missing",
            Self::Damaged => "its checksum does not fit",
            Self::Unsealed => "it was made anew by somebody without the store's key",
            Self::Older => "it is older than the last sign-in",
        })
    }
}

#[derive(Debug)]
pub(crate) struct Attempts {
    path: PathBuf,
    seal: Option<Seal>,
    open: Open,
    /// What was wrong when it was loaded, told at the next sign-in.
    found: Option<Wrong>,
}

impl Attempts {
    /// For a home without a facility.
    pub(crate) fn none(home: &Path) -> Self {
        Self { path: home.join(FILE), seal: None, open: Open::default(), found: None }
    }

    /// Reads the counters of a home in which a facility stands. A missing or damaged file is
    /// written anew at once, so that the wait it costs outlives a restart.
    pub(crate) fn load(home: &Path, now: Instant) -> Result<Self, Error> {
        let path = home.join(FILE);
        match read(&path)? {
            Ok((seal, open)) => Ok(Self { path, seal, open, found: None }),
            Err(wrong) => {
                let mut counts = BTreeMap::new();
                let wait = TimeDelta::seconds(FIRST_WAIT_S);
                let until_us = micros(now + wait);
                let all = Count { failures: 0, until_us, wait_s: FIRST_WAIT_S };
                counts.insert(EVERYBODY.to_owned(), all);
                let open = Open { floor: FREE_FAILURES - 1, counts };
                let made = Self { path, seal: None, open, found: Some(wrong) };
                made.write_if_possible();
                Ok(made)
            }
        }
    }

    /// Until when a guess for this name has to wait.
    pub(crate) fn waits(&mut self, who: Who<'_>, now: Instant) -> Option<Instant> {
        let mut until = None;
        let mut mended = false;
        for key in [EVERYBODY.to_owned(), who.key()] {
            let Some(count) = self.open.counts.get_mut(&key) else { continue };
            let wait = TimeDelta::seconds(count.wait_s);
            // Farther away than the whole wait: the clock was set back. The wait begins again.
            if of_micros(count.until_us) - now > wait {
                count.until_us = micros(now + wait);
                mended = true;
            }
            let at = of_micros(count.until_us);
            if at > now {
                until = until.max(Some(at));
            }
        }
        if mended {
            self.write_if_possible();
        }
        until
    }

    /// One more wrong password.
    pub(crate) fn failed(&mut self, who: Who<'_>, now: Instant) {
        let floor = self.open.floor;
        let count = self.open.counts.entry(who.key()).or_default();
        count.failures = count.failures.max(floor).saturating_add(1);
        if count.failures >= FREE_FAILURES {
            count.wait_s = FIRST_WAIT_S << (count.failures - FREE_FAILURES).min(DOUBLINGS);
            count.until_us = micros(now + TimeDelta::seconds(count.wait_s));
        }
        self.write_if_possible();
    }

    /// A right password, without a sign-in: a screen unlocked, a second person.
    pub(crate) fn passed(&mut self, user: &str) {
        if self.open.counts.remove(&Who::Known(user).key()).is_some() {
            self.write_if_possible();
        }
    }

    /// What has to be told: `signed_in` is the number of the newest sign-in in the log.
    pub(crate) fn wrong(&self, dek: &[u8; 32], signed_in: u64) -> Option<Wrong> {
        self.found.or_else(|| judge(self.seal.as_ref(), dek, signed_in))
    }

    /// Seals the file at a sign-in; `log` is the number the sign-in gets in the log. Written before
    /// the log is, so that a power cut between the two leaves the file ahead and never behind.
    pub(crate) fn seal(
        &mut self,
        user: Option<&str>,
        dek: &[u8; 32],
        log: u64,
    ) -> Result<(), Error> {
        self.found = None;
        self.seal = Some(Seal::new(log, dek));
        self.open.floor = 0;
        self.open.counts.remove(EVERYBODY);
        if let Some(user) = user {
            self.open.counts.remove(&Who::Known(user).key());
        }
        Ok(sqlite::write_atomically(&self.path, self.text()?.as_bytes())?)
    }

    /// The file as it lies on the disk now.
    pub(crate) fn prove(
        home: &Path,
        dek: &[u8; 32],
        signed_in: u64,
    ) -> Result<Option<Wrong>, Error> {
        Ok(match read(&home.join(FILE))? {
            Ok((seal, _)) => judge(seal.as_ref(), dek, signed_in),
            Err(wrong) => Some(wrong),
        })
    }

    fn text(&self) -> Result<String, Error> {
        let seal = self.seal.as_ref().map_or("-".into(), |s| format!("{} {}", s.log, s.mac));
        let body = format!("{seal}\n{}\n", serde_json::to_string(&self.open)?);
        let sum = hex::encode(hash_of(&[body.as_bytes()]));
        Ok(format!("{body}{sum}\n"))
    }

    /// A disk that is full or read-only must not keep people out: the counters then stay in memory.
    fn write_if_possible(&self) {
        let written = self.text().and_then(|text| {
            sqlite::write_atomically(&self.path, text.as_bytes()).map_err(Error::from)
        });
        if let Err(error) = written {
            tracing::warn!("the counters of wrong passwords cannot be kept: {error}");
        }
    }
}

fn judge(seal: Option<&Seal>, dek: &[u8; 32], signed_in: u64) -> Option<Wrong> {
    match seal {
        None => Some(Wrong::Unsealed),
        Some(seal) if hex::encode(Seal::mac(seal.log, dek)) != seal.mac => Some(Wrong::Unsealed),
        Some(seal) if seal.log < signed_in => Some(Wrong::Older),
        Some(_) => None,
    }
}

type Parts = (Option<Seal>, Open);

/// Only the file system can fail; what the bytes say is an answer.
fn read(path: &Path) -> Result<Result<Parts, Wrong>, Error> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() || found.len() > LONGEST => return Ok(Err(Wrong::Damaged)),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Err(Wrong::Missing));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(parse(&std::fs::read(path)?).ok_or(Wrong::Damaged))
}

fn parse(bytes: &[u8]) -> Option<Parts> {
    let text = std::str::from_utf8(bytes).ok()?;
    let [seal, open, sum, ""] = text.split('\n').collect::<Vec<_>>()[..] else { return None };
    let body = format!("{seal}\n{open}\n");
    if hex::encode(hash_of(&[body.as_bytes()])) != sum {
        return None;
    }
    let seal = match seal.split_once(' ') {
        None if seal == "-" => None,
        None => return None,
        Some((log, mac)) => Some(Seal { log: log.parse().ok()?, mac: mac.to_owned() }),
    };
    Some((seal, serde_json::from_str(open).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEK: [u8; 32] = [7; 32];

    fn at(seconds: i64) -> Instant {
        of_micros((1_700_000_000 + seconds) * 1_000_000)
    }

    fn sealed(home: &Path) -> Attempts {
        let mut attempts = Attempts::none(home);
        attempts.seal(None, &DEK, 3).unwrap();
        attempts
    }

    #[test]
    fn the_count_outlives_a_restart_and_a_clock_set_back() {
        let home = tempfile::tempdir().unwrap();
        let mut attempts = sealed(home.path());
        let rosa = Who::Known("rosa");
        for n in 0..5 {
            assert_eq!(attempts.waits(rosa, at(n)), None, "guess {n} is free");
            attempts.failed(rosa, at(n));
        }
        let mut again = Attempts::load(home.path(), at(5)).unwrap();
        assert_eq!(again.waits(rosa, at(5)), Some(at(34)));
        assert_eq!(again.waits(Who::Known("amina"), at(5)), None, "others come in");
        // An hour back: the whole wait is served from there.
        assert_eq!(again.waits(rosa, at(-3600)), Some(at(-3570)));
        assert_eq!(again.waits(rosa, at(-3571)), Some(at(-3570)));
        assert_eq!(again.waits(rosa, at(-3570)), None);
        again.failed(rosa, at(-3570));
        assert_eq!(again.waits(rosa, at(-3570)), Some(at(-3510)), "and it doubles");
        assert_eq!(again.wrong(&DEK, 3), None);
    }

    #[test]
    fn a_deleted_file_gives_no_free_guess_and_is_told() {
        let home = tempfile::tempdir().unwrap();
        sealed(home.path());
        for restart in 0..3 {
            std::fs::remove_file(home.path().join(FILE)).unwrap();
            let mut attempts = Attempts::load(home.path(), at(restart)).unwrap();
            assert_eq!(attempts.waits(Who::Known("rosa"), at(restart)), Some(at(restart + 30)));
            assert_eq!(attempts.wrong(&DEK, 3), Some(Wrong::Missing));
        }
        // The wait stands in the new file too, and so does that nobody with a key made it.
        let mut again = Attempts::load(home.path(), at(20)).unwrap();
        let rosa = Who::Known("rosa");
        assert_eq!(again.waits(rosa, at(20)), Some(at(32)));
        assert_eq!(again.wrong(&DEK, 3), Some(Wrong::Unsealed));
        again.failed(rosa, at(40));
        assert_eq!(again.waits(rosa, at(40)), Some(at(70)), "the first failure waits already");
        again.seal(Some("rosa"), &DEK, 4).unwrap();
        let mut after = Attempts::load(home.path(), at(41)).unwrap();
        assert_eq!((after.waits(rosa, at(41)), after.wrong(&DEK, 4)), (None, None));
    }

    #[test]
    fn an_older_file_is_told_and_so_is_every_changed_byte() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(FILE);
        let mut attempts = sealed(home.path());
        let old = std::fs::read(&path).unwrap();
        attempts.seal(None, &DEK, 9).unwrap();
        let new = std::fs::read(&path).unwrap();
        assert_eq!(Attempts::prove(home.path(), &DEK, 9).unwrap(), None);
        std::fs::write(&path, &old).unwrap();
        assert_eq!(Attempts::prove(home.path(), &DEK, 9).unwrap(), Some(Wrong::Older));
        for n in 0..new.len() {
            for bit in 0..8 {
                let mut changed = new.clone();
                changed[n] ^= 1 << bit;
                std::fs::write(&path, &changed).unwrap();
                let found = Attempts::prove(home.path(), &DEK, 9).unwrap();
                assert!(found.is_some(), "byte {n} bit {bit}");
            }
        }
        assert_eq!(judge(Some(&Seal::new(9, &[8; 32])), &DEK, 9), Some(Wrong::Unsealed));
    }

    #[test]
    fn a_name_that_is_nobodys_is_not_written_down() {
        let home = tempfile::tempdir().unwrap();
        let mut attempts = sealed(home.path());
        attempts.failed(Who::Unknown, at(0));
        let text = std::fs::read_to_string(home.path().join(FILE)).unwrap();
        assert!(text.contains("nobody"), "{text}");
    }
}
