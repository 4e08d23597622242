//! The key of the store, wrapped once per way of opening it.
//!
//! A random 32-byte key (the DEK) opens the store. It is written nowhere in the clear: each slot
//! wraps it with XChaCha20-Poly1305 under a key of its own, which comes from a password (argon2id),
//! from the recovery code (argon2id), or from the keyring of the operating system.
//!
//! Two copies of the file are kept (`keyslots.a`, `keyslots.b`), written one after the other, so a
//! power cut tears at most one. A torn copy is told by its checksum and the other is used; a copy
//! changed on purpose is told by a MAC under the DEK as soon as a slot has been opened. When both
//! copies are torn the answer is an error with the next step, never a new empty store.

mod file;
pub mod keyring;
mod recovery;

pub use recovery::{RecoveryCode, RecoveryTypo};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use file::{Body, Read};
use rand::{RngCore as _, rngs::OsRng};
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// The key of the store. Wiped when dropped.
pub type Dek = Zeroizing<[u8; 32]>;

/// The password of the public training slot. A training facility holds no real patient, so that
/// anybody may open, verify and delete it.
pub const TRAINING_PASSWORD: &str = "training";

/// What one guess at a password costs. Kept in each slot, so it can be raised at the next sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Cost {
    /// The least that protects a stolen disk (64 MiB, three passes).
    pub const FLOOR: Self = Self { memory_kib: 64 * 1024, passes: 3 };

    /// Measures this machine and answers a cost of about half a second, never below the floor.
    /// Meant to be called once, at set-up; takes up to a second itself.
    pub fn calibrated() -> Self {
        let goal = Duration::from_millis(500);
        let begun = Instant::now();
        // The result is of no use; only the time is. The floor is always a valid cost.
        let _ = derive(b"calibration", &[0; 16], Self::FLOOR);
        let one_pass = (begun.elapsed() / Self::FLOOR.passes).max(Duration::from_millis(1));
        let passes = (goal.as_millis() / one_pass.as_millis().max(1)) as u32;
        Self { passes: passes.clamp(Self::FLOOR.passes, 24), ..Self::FLOOR }
    }

    /// As little as argon2 allows. For tests and for the public training slot only.
    pub fn minimum_for_tests() -> Self {
        Self { memory_kib: 8, passes: 1 }
    }

    /// A file that was not written here must not be able to ask for all memory.
    fn is_sane(self) -> bool {
        (8..=2 * 1024 * 1024).contains(&self.memory_kib) && (1..=64).contains(&self.passes)
    }
}

/// Every way in which the key slots can refuse or fail. The words carry the next step.
#[derive(Debug, thiserror::Error)]
pub enum KeySlotError {
    #[error("there are no key slots in {0}: choose the right home folder, or restore a backup")]
    Missing(PathBuf),
    #[error(
        "both copies of the key slots are damaged: put keyslots.a or keyslots.b back from a backup. \
         The store itself was not touched"
    )]
    BothTorn,
    #[error("the key slots were changed by somebody other than this program: restore a backup")]
    Altered,
    #[error("there are already key slots in this place; they are never overwritten")]
    AlreadyThere,
    #[error(
        "the key slots are of version {found}, this program knows {known}: use the newer program"
    )]
    Newer { found: u16, known: u16 },
    #[error("the password is wrong")]
    WrongPassword,
    #[error("nobody of that name may open this store")]
    NoSuchUser,
    #[error("somebody of that name may already open this store")]
    UserExists,
    #[error(transparent)]
    RecoveryTypo(#[from] RecoveryTypo),
    #[error("this recovery code belongs to another store")]
    WrongRecoveryCode,
    #[error(
        "the keyring of this computer account does not open this store: sign in with a password"
    )]
    NoKeyring,
    #[error("the last two ways to open the store cannot be taken away: add another first")]
    TooFewSlots,
    #[error("this key does not belong to these key slots")]
    WrongKey,
    #[error("the disk is full")]
    Full,
    #[error("the key slots cannot be read or written: {0}")]
    Io(io::Error),
    #[error("this machine cannot spare the memory to check a password")]
    Memory,
}

impl From<io::Error> for KeySlotError {
    fn from(error: io::Error) -> Self {
        if crate::is_disk_full_io(&error) { Self::Full } else { Self::Io(error) }
    }
}

/// Who or what a slot is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// One member of staff, by sign-in name.
    Password { user: String },
    /// The printed recovery code.
    Recovery,
    /// The keyring of one account of the operating system.
    Keyring { account: String },
    /// Anybody: a training facility.
    Training,
}

/// What can be known of a slot without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotInfo {
    pub holder: Holder,
    /// `None` for a keyring slot, whose key is random.
    pub cost: Option<Cost>,
}

/// How one of the two copies was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyState {
    /// Whole and newest.
    Whole,
    /// Whole, but the write before the last: the power went between the two.
    Behind,
    /// Its checksum does not fit.
    Torn,
    Missing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    holder: Holder,
    salt: [u8; 16],
    cost: Option<Cost>,
    nonce: [u8; 24],
    wrapped: Vec<u8>,
    /// A recovery code that nobody has typed back yet: perhaps it was never put on paper.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unconfirmed: bool,
}

/// The key slots of one home folder.
#[derive(Debug)]
pub struct KeySlots {
    folder: PathBuf,
    body: Body,
    /// The bytes the MAC was made over, as they were read.
    sealed: file::Sealed,
    copies: [CopyState; 2],
}

impl KeySlots {
    /// Makes the key slots of a new facility: a random key, one user, and the recovery code, which
    /// is answered once and kept nowhere.
    pub fn create(
        folder: &Path,
        user: &str,
        password: &str,
        cost: Cost,
    ) -> Result<(Self, Dek, RecoveryCode), KeySlotError> {
        let dek = random_key();
        let code = RecoveryCode::random();
        let mut body = Body::new();
        body.wrap(&dek, Holder::Password { user: user.into() }, password.as_bytes(), cost)?;
        body.wrap(&dek, Holder::Recovery, code.secret(), cost)?;
        let slots = Self::first(folder, body, &dek)?;
        Ok((slots, dek, code))
    }

    /// Makes the key slot of a training facility: one, public, cheap.
    pub fn create_training(folder: &Path) -> Result<(Self, Dek), KeySlotError> {
        let dek = random_key();
        let mut body = Body::new();
        let cost = Cost::minimum_for_tests();
        body.wrap(&dek, Holder::Training, TRAINING_PASSWORD.as_bytes(), cost)?;
        let slots = Self::first(folder, body, &dek)?;
        Ok((slots, dek))
    }

    fn first(folder: &Path, body: Body, dek: &Dek) -> Result<Self, KeySlotError> {
        for path in file::paths(folder) {
            if path.try_exists()? {
                return Err(KeySlotError::AlreadyThere);
            }
        }
        let sealed = body.seal(dek);
        file::write(folder, &sealed)?;
        Ok(Self { folder: folder.into(), body, sealed, copies: [CopyState::Whole; 2] })
    }

    /// Reads the newest whole copy.
    pub fn load(folder: &Path) -> Result<Self, KeySlotError> {
        let [a, b] = file::paths(folder).map(|path| file::read(&path));
        let (a, b) = (a?, b?);
        for copy in [&a, &b] {
            if let Read::Newer(found) = copy {
                return Err(KeySlotError::Newer { found: *found, known: file::VERSION });
            }
        }
        let newest = [&a, &b].into_iter().filter_map(Read::serial).max();
        let copies = [&a, &b].map(|copy| match copy {
            Read::Whole(body, _) if Some(body.serial) == newest => CopyState::Whole,
            Read::Whole(..) => CopyState::Behind,
            Read::Missing => CopyState::Missing,
            Read::Torn | Read::Newer(_) => CopyState::Torn,
        });
        let chosen = [a, b].into_iter().find_map(|copy| match copy {
            Read::Whole(body, sealed) if Some(body.serial) == newest => Some((body, sealed)),
            _ => None,
        });
        match chosen {
            Some((body, sealed)) => Ok(Self { folder: folder.into(), body, sealed, copies }),
            None if copies == [CopyState::Missing; 2] => Err(KeySlotError::Missing(folder.into())),
            None => Err(KeySlotError::BothTorn),
        }
    }

    /// Opens with the password of one user.
    pub fn unlock_with_password(&self, user: &str, password: &str) -> Result<Dek, KeySlotError> {
        let slot = self.slot_of(user).ok_or(KeySlotError::NoSuchUser)?;
        let dek = self.unwrap(slot, password.as_bytes())?.ok_or(KeySlotError::WrongPassword)?;
        self.prove(dek)
    }

    /// Opens a training facility, which needs no secret.
    pub fn unlock_training(&self) -> Result<Dek, KeySlotError> {
        let slot = self.body.slots.iter().find(|slot| slot.holder == Holder::Training);
        let slot = slot.ok_or(KeySlotError::NoSuchUser)?;
        let dek = self.unwrap(slot, TRAINING_PASSWORD.as_bytes())?;
        self.prove(dek.ok_or(KeySlotError::Altered)?)
    }

    /// Opens with the printed code, as a person types it: spaces, hyphens and case do not matter.
    pub fn unlock_with_recovery(&self, typed: &str) -> Result<Dek, KeySlotError> {
        let code = RecoveryCode::parse(typed)?;
        for slot in self.body.slots.iter().filter(|slot| slot.holder == Holder::Recovery) {
            if let Some(dek) = self.unwrap(slot, code.secret())? {
                return self.prove(dek);
            }
        }
        Err(KeySlotError::WrongRecoveryCode)
    }

    /// Opens with the keyring of the operating system; takes at most three seconds per slot.
    pub fn unlock_with_keyring(&self) -> Result<Dek, KeySlotError> {
        for slot in &self.body.slots {
            let Holder::Keyring { account } = &slot.holder else { continue };
            let Ok(secret) = keyring::read(account) else { continue };
            if let Some(dek) = self.unwrap(slot, &secret)? {
                return self.prove(dek);
            }
        }
        Err(KeySlotError::NoKeyring)
    }

    /// Lets one more user open the store.
    pub fn add_password(
        &mut self,
        dek: &Dek,
        user: &str,
        password: &str,
        cost: Cost,
    ) -> Result<(), KeySlotError> {
        if self.slot_of(user).is_some() {
            return Err(KeySlotError::UserExists);
        }
        let holder = Holder::Password { user: user.into() };
        self.change(dek, |body| body.wrap(dek, holder, password.as_bytes(), cost))
    }

    /// Gives one user a new password (or the old one a higher cost).
    pub fn replace_password(
        &mut self,
        dek: &Dek,
        user: &str,
        password: &str,
        cost: Cost,
    ) -> Result<(), KeySlotError> {
        self.slot_of(user).ok_or(KeySlotError::NoSuchUser)?;
        let holder = Holder::Password { user: user.into() };
        self.change(dek, |body| {
            body.slots.retain(|slot| slot.holder != holder);
            body.wrap(dek, holder, password.as_bytes(), cost)
        })
    }

    /// Makes a new recovery code. A code that was confirmed before opens the store until the new
    /// one is confirmed, so that a lost sheet of paper never leaves a facility without any.
    pub fn renew_recovery(&mut self, dek: &Dek, cost: Cost) -> Result<RecoveryCode, KeySlotError> {
        let code = RecoveryCode::random();
        self.change(dek, |body| {
            body.slots.retain(|slot| slot.holder != Holder::Recovery || !slot.unconfirmed);
            body.wrap(dek, Holder::Recovery, code.secret(), cost)
        })?;
        Ok(code)
    }

    /// Notes that somebody has this code on paper: from now on no other recovery code opens.
    pub fn confirm_recovery(&mut self, typed: &str) -> Result<Dek, KeySlotError> {
        let code = RecoveryCode::parse(typed)?;
        let of_recovery = |slot: &&Slot| slot.holder == Holder::Recovery;
        for slot in self.body.slots.iter().filter(of_recovery) {
            let Some(dek) = self.unwrap(slot, code.secret())? else { continue };
            let dek = self.prove(dek)?;
            if slot.unconfirmed || self.body.slots.iter().filter(of_recovery).count() > 1 {
                let salt = slot.salt;
                self.change(&dek, |body| {
                    body.slots.retain(|s| s.holder != Holder::Recovery || s.salt == salt);
                    for slot in body.slots.iter_mut().filter(|s| s.holder == Holder::Recovery) {
                        slot.unconfirmed = false;
                    }
                    Ok(())
                })?;
            }
            return Ok(dek);
        }
        Err(KeySlotError::WrongRecoveryCode)
    }

    /// There is a recovery code, and nobody has ever shown that they have it on paper.
    pub fn lacks_confirmed_recovery(&self) -> bool {
        let mut codes = self.body.slots.iter().filter(|s| s.holder == Holder::Recovery).peekable();
        codes.peek().is_some() && codes.all(|slot| slot.unconfirmed)
    }

    /// Lets this account of the operating system open the store without a password. Where there is
    /// no keyring (the normal case on a minimal desktop) nothing is written.
    pub fn add_keyring(&mut self, dek: &Dek) -> Result<(), KeySlotError> {
        let secret = random_key();
        let account = hex::encode(random_bytes::<16>());
        keyring::probe().map_err(|_| KeySlotError::NoKeyring)?;
        keyring::store(&account, &secret).map_err(|_| KeySlotError::NoKeyring)?;
        let holder = Holder::Keyring { account };
        self.change(dek, |body| body.wrap_with_key(dek, holder, &secret, [0; 16], None))
    }

    /// Takes one way of opening away. At least two stay; a training facility keeps its public one.
    pub fn remove(&mut self, dek: &Dek, holder: &Holder) -> Result<(), KeySlotError> {
        if !self.body.slots.iter().any(|slot| &slot.holder == holder) {
            return Err(KeySlotError::NoSuchUser);
        }
        if self.body.slots.len() <= 2 {
            return Err(KeySlotError::TooFewSlots);
        }
        self.change(dek, |body| {
            body.slots.retain(|slot| &slot.holder != holder);
            Ok(())
        })?;
        if let Holder::Keyring { account } = holder {
            // Without its slot the secret opens nothing; an absent keyring may keep it.
            let _ = keyring::delete(account);
        }
        Ok(())
    }

    /// Counts the restores of this home. It stands outside the store, so that a store copied or
    /// restored behind the program's back is told from the one that went on.
    pub fn generation(&self) -> u64 {
        self.body.generation
    }

    /// Begins the next generation and answers it. Called by every restore.
    pub fn bump_generation(&mut self, dek: &Dek) -> Result<u64, KeySlotError> {
        self.change(dek, |body| {
            body.generation += 1;
            Ok(())
        })?;
        Ok(self.body.generation)
    }

    /// Counts the writes of these slots; with [`Self::fingerprint`] it is kept in the store, so
    /// that an older pair of whole files put back is noticed.
    pub fn serial(&self) -> u64 {
        self.body.serial
    }

    /// SHA-256 of the sealed bytes, in hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.sealed.fingerprint()
    }

    /// After an older pair of files was put back: takes the slots of everybody away who is not in
    /// `stays`, and goes on counting after `serial`.
    pub fn go_on_after(
        &mut self,
        dek: &Dek,
        serial: u64,
        stays: &dyn Fn(&str) -> bool,
    ) -> Result<(), KeySlotError> {
        self.change(dek, |body| {
            body.serial = body.serial.max(serial);
            body.slots.retain(|slot| match &slot.holder {
                Holder::Password { user } => stays(user),
                Holder::Recovery | Holder::Keyring { .. } | Holder::Training => true,
            });
            Ok(())
        })
    }

    /// The slots, without their secrets.
    pub fn slots(&self) -> impl Iterator<Item = SlotInfo> + '_ {
        self.body.slots.iter().map(|s| SlotInfo { holder: s.holder.clone(), cost: s.cost })
    }

    /// This home is a training facility.
    pub fn is_training(&self) -> bool {
        self.body.slots.iter().any(|slot| slot.holder == Holder::Training)
    }

    /// How `keyslots.a` and `keyslots.b` were found when they were loaded.
    pub fn copies(&self) -> [CopyState; 2] {
        self.copies
    }

    /// Writes both copies anew from what is known to be right. Does nothing when both are whole.
    pub fn heal(&mut self, dek: &Dek) -> Result<(), KeySlotError> {
        if self.copies == [CopyState::Whole; 2] {
            return Ok(());
        }
        self.change(dek, |_| Ok(()))
    }

    /// Proves that nobody but a holder of the key wrote what was loaded.
    pub fn verify(&self, dek: &Dek) -> Result<(), KeySlotError> {
        if self.sealed.is_by(dek) { Ok(()) } else { Err(KeySlotError::Altered) }
    }

    fn slot_of(&self, user: &str) -> Option<&Slot> {
        self.body.slots.iter().find(
            |slot| matches!(&slot.holder, Holder::Password { user: holder } if holder == user),
        )
    }

    fn unwrap(&self, slot: &Slot, secret: &[u8]) -> Result<Option<Dek>, KeySlotError> {
        let key = match slot.cost {
            Some(cost) => derive(secret, &slot.salt, cost)?,
            None => match <[u8; 32]>::try_from(secret) {
                Ok(key) => Zeroizing::new(key),
                Err(_) => return Ok(None),
            },
        };
        let cipher = XChaCha20Poly1305::new(key.as_slice().into());
        let payload = Payload { msg: &slot.wrapped, aad: &self.body.context(slot) };
        let Ok(opened) = cipher.decrypt(XNonce::from_slice(&slot.nonce), payload) else {
            return Ok(None);
        };
        let opened = Zeroizing::new(opened);
        Ok(<[u8; 32]>::try_from(opened.as_slice()).ok().map(Zeroizing::new))
    }

    fn prove(&self, dek: Dek) -> Result<Dek, KeySlotError> {
        self.verify(&dek)?;
        Ok(dek)
    }

    /// Changes a copy of the slots, writes it, and only then takes it as the truth.
    fn change(
        &mut self,
        dek: &Dek,
        with: impl FnOnce(&mut Body) -> Result<(), KeySlotError>,
    ) -> Result<(), KeySlotError> {
        if !self.sealed.is_by(dek) {
            return Err(KeySlotError::WrongKey);
        }
        let mut body = self.body.clone();
        with(&mut body)?;
        body.serial += 1;
        let sealed = body.seal(dek);
        file::write(&self.folder, &sealed)?;
        (self.body, self.sealed, self.copies) = (body, sealed, [CopyState::Whole; 2]);
        Ok(())
    }
}

impl Body {
    fn wrap(
        &mut self,
        dek: &Dek,
        holder: Holder,
        secret: &[u8],
        cost: Cost,
    ) -> Result<(), KeySlotError> {
        let salt = random_bytes();
        let key = derive(secret, &salt, cost)?;
        self.wrap_with_key(dek, holder, &key, salt, Some(cost))
    }

    fn wrap_with_key(
        &mut self,
        dek: &Dek,
        holder: Holder,
        key: &Zeroizing<[u8; 32]>,
        salt: [u8; 16],
        cost: Option<Cost>,
    ) -> Result<(), KeySlotError> {
        let unconfirmed = holder == Holder::Recovery;
        let mut slot =
            Slot { holder, salt, cost, nonce: random_bytes(), wrapped: Vec::new(), unconfirmed };
        let cipher = XChaCha20Poly1305::new(key.as_slice().into());
        let payload = Payload { msg: dek.as_slice(), aad: &self.context(&slot) };
        slot.wrapped = cipher
            .encrypt(XNonce::from_slice(&slot.nonce), payload)
            .expect("32 bytes are within the cipher's limit");
        self.slots.push(slot);
        Ok(())
    }

    /// What a wrapped key is bound to, so that a slot cannot be moved to another file or holder.
    fn context(&self, slot: &Slot) -> Vec<u8> {
        let mut bytes = b"HealthSync key slot 1".to_vec();
        bytes.extend(self.id);
        ciborium::into_writer(&(&slot.holder, slot.salt, slot.cost), &mut bytes)
            .expect("writing to memory cannot fail");
        bytes
    }
}

fn derive(secret: &[u8], salt: &[u8; 16], cost: Cost) -> Result<Zeroizing<[u8; 32]>, KeySlotError> {
    if !cost.is_sane() {
        return Err(KeySlotError::Altered);
    }
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32))
        .map_err(|_| KeySlotError::Altered)?;
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret, salt, key.as_mut_slice())
        .map_err(|_| KeySlotError::Memory)?;
    Ok(key)
}

fn random_key() -> Dek {
    let mut key = Zeroizing::new([0u8; 32]);
    OsRng.fill_bytes(key.as_mut_slice());
    key
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests;
