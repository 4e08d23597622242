//! Packs that did not come with the program: who may sign them, which versions are here, which one
//! answers.
//!
//! A pack of the program is signed by the program itself: its hash is compiled in. Any other is
//! signed over its hash by a publisher this facility trusts, or by the facility
//! ([`signature`]). It is copied to `packs/ID/VERSION/` in the home and proven there before it is
//! given its place ([`arrival`]); what was installed is a signed line of the record. Nothing is ever
//! removed: a stored result names its pack by hash, and the version before is one command away.

pub(crate) mod arrival;
pub(crate) mod keeping;
pub(crate) mod signature;

use crate::backend::{Backend, Inner};
use crate::convert::rfc3339;
use crate::error::{Error, no};
use crate::files::Source;
use crate::models::{ENABLED, named_pack, pack_error};
use arrival::{Arrived, Bundle, Promised};
use inference::describe::LicenceClass;
use inference::{Placed, Shelf, pack};
use kernel::{Actor, Permission};
use records::Audit;
use serde::{Deserialize, Serialize};
use signature::Signature;
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError};
use wire::*;

/// The folder in the home.
pub(crate) const FOLDER: &str = "packs";
/// Where the book of installed versions and trusted keys stands.
const BOOK: &str = "packs.installed";

/// What is installed here and who may sign. Every change of it is a signed line of the record first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Book {
    /// Oldest first.
    pub versions: Vec<Installed>,
    /// Publishers this facility trusts, its own key apart.
    pub keys: Vec<Publisher>,
}

/// One installed version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Installed {
    pub id: String,
    pub version: String,
    pub sha256: String,
    /// Public key of the signature, hexadecimal.
    pub key: String,
    pub made_here: bool,
    /// RFC 3339.
    pub at: String,
    /// Sign-in name.
    pub by: String,
    pub current: bool,
}

/// A key whose packs may be used here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Publisher {
    pub key: String,
    pub name: String,
    pub at: String,
    pub by: String,
}

impl Book {
    /// Whether packs signed by this key may be used. `own`: the key of this facility.
    pub(crate) fn trusts(&self, key: &str, own: &str) -> bool {
        key == own || self.keys.iter().any(|k| k.key == key)
    }

    /// What stands on the shelf: what is signed by somebody who is trusted still.
    fn placed(&self, packs: &Path, own: &str) -> Vec<Placed> {
        let trusted = self.versions.iter().filter(|v| self.trusts(&v.key, own));
        let place = |v: &Installed| Placed {
            id: v.id.clone(),
            dir: packs.join(&v.id).join(&v.version),
            sha256: v.sha256.clone(),
            current: v.current,
        };
        trusted.map(place).collect()
    }

    fn current(&self, id: &str) -> Option<&Installed> {
        self.versions.iter().find(|v| v.id == id && v.current)
    }
}

/// Takes every installed pack away, with the facility they were installed in.
pub(crate) fn remove_all(home: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(home.join(FOLDER)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Commands that let go of the workstation while they copy and prove.
pub(crate) trait LetsGo {
    fn model_import(self, ask: ModelImport) -> Result<ModelImported, Error>;
}

impl LetsGo for MutexGuard<'_, Inner> {
    fn model_import(mut self, ask: ModelImport) -> Result<ModelImported, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let inner = self.me.upgrade().ok_or_else(|| no(Code::NotSignedIn))?;
        let held = self.files.clone();
        let held = || held.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, source) = held().take(&ask.handle).ok_or_else(|| no(Code::NotFound))?;
        let path = match &source {
            Source::Path(path) => Some(path.clone()),
            Source::Bytes(_) => None,
        };
        let (book, own, packs) = (self.book()?, self.own_key()?, self.installed_dir());
        let (shelf, name) = (self.shelf()?, self.options.clock.new_uuid().to_string());
        let programs = self.options.packs.clone();
        drop(self);
        let bundle = Bundle::open(source)?;
        let promised = Promised::of(&bundle)?;
        let signature = promised.signature(&bundle)?;
        if !book.trusts(&signature.key, &own) {
            let error = signature::unknown(&promised.pack, &signature.key);
            // Whoever comes to trust the publisher now need not choose the file again.
            let again = path.map(|path| held().hold_path(path).handle);
            return Err(again.map_or(error.clone(), |handle| error.with("handle", handle)).into());
        }
        free(&book, &programs, &promised.pack)?;
        let arrived = Arrived::copy(&bundle, promised, signature, (&packs, &name), &shelf)?;
        let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.install(&actor, &arrived)
    }
}

impl Backend {
    /// The packs as they stand in this facility: those of the program, and above them what is
    /// installed. It stays as it is when the facility is closed.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub fn shelf(&self) -> Result<Arc<Shelf>, CommandError> {
        let mut inner = self.lock();
        let shelf = inner.anyone().and_then(|_| inner.shelf());
        shelf.map_err(Error::into_command_error)
    }

    /// Signs the sealed pack in a folder with this facility's key, so that this one and those that
    /// trust it may install it. Whoever manages the facility may; it is a line of the record.
    ///
    /// # Errors
    /// Not signed in or not permitted; no pack in the folder, or one that is not whole.
    pub fn sign_pack(&self, dir: &Path) -> Result<PackRef, CommandError> {
        let mut inner = self.lock();
        let actor = inner.actor(Permission::ManageFacility);
        let signed = actor.and_then(|actor| inner.sign_pack(&actor, dir));
        signed.map_err(Error::into_command_error)
    }

    /// The same, and installs it: for a pack that was made here.
    ///
    /// # Errors
    /// As [`Self::sign_pack`]; it is not whole; its version is taken by other contents.
    pub fn install_made_here(&self, dir: &Path) -> Result<ModelImported, CommandError> {
        let mut inner = self.lock();
        let actor = inner.actor(Permission::ManageFacility);
        let done = actor.and_then(|actor| inner.install_made_here(&actor, dir));
        done.map_err(Error::into_command_error)
    }
}

/// A version is one pack for ever: the same number with other contents is refused. `own`: the folder
/// of the program's packs, whose versions count too.
fn free(book: &Book, own: &Path, pack: &PackRef) -> Result<(), Error> {
    let same = |version: &str, sha256: &str| version == pack.version && sha256 != pack.sha256;
    let installed = book.versions.iter().any(|v| v.id == pack.id && same(&v.version, &v.sha256));
    let built_in = pack::pinned(&pack.id).is_some_and(|sha256| {
        pack::describe(&own.join(&pack.id)).is_ok_and(|d| same(&d.version, sha256))
    });
    if installed || built_in {
        return Err(named_pack(Code::PackVersionTaken, pack).into());
    }
    Ok(())
}

impl Inner {
    pub(crate) fn book(&self) -> Result<Book, Error> {
        keeping::book_of(self.store()?)
    }

    /// The public key of this facility, hexadecimal.
    pub(crate) fn own_key(&self) -> Result<String, Error> {
        Ok(hex::encode(self.store()?.device_key()))
    }

    /// The folder of installed packs.
    pub(crate) fn installed_dir(&self) -> PathBuf {
        self.options.home.join(FOLDER)
    }

    /// The packs as they stand now: those of the program, and above them what is installed.
    pub(crate) fn shelf(&self) -> Result<Arc<Shelf>, Error> {
        let packs = self.installed_dir();
        let placed = self.book()?.placed(&packs, &self.own_key()?);
        let shelf = crate::models::shelf_at(&self.options.packs, &packs);
        if shelf.placed() != placed {
            shelf.place(placed);
        }
        Ok(shelf)
    }

    fn write_book(&mut self, book: &Book) -> Result<(), Error> {
        let text = serde_json::to_string(book)?;
        self.store_mut()?.set_setting(BOOK, &text)?;
        // What is queued finds the new version; what runs keeps the one it has.
        self.shelf()?;
        self.tell(&["models"]);
        Ok(())
    }

    /// Signs the sealed pack in a folder with this facility's key, as a line of the record, and
    /// writes `signature.toml` beside its `model.toml`. It is proven first: a signature says that
    /// this facility stands for every byte.
    pub(crate) fn sign_pack(&mut self, actor: &Actor, dir: &Path) -> Result<PackRef, Error> {
        Ok(self.signed(actor, dir)?.pack)
    }

    /// Copies, proves and only then signs; what is answered waits for its place.
    fn signed(&mut self, actor: &Actor, dir: &Path) -> Result<Arrived, Error> {
        let bundle = Bundle::open(Source::Path(dir.to_owned()))?;
        // A ZIP has no folder to write into.
        let folder = bundle.place().ok_or_else(|| no(Code::PackNotFound))?.to_owned();
        let promised = Promised::of(&bundle)?;
        let signature = Signature::by(self.store()?, &promised.pack.sha256)?;
        let (packs, shelf) = (self.installed_dir(), self.shelf()?);
        let name = self.options.clock.new_uuid().to_string();
        let arrived = Arrived::copy(&bundle, promised, signature, (&packs, &name), &shelf)?;
        let PackRef { id, version, sha256 } = arrived.pack.clone();
        self.audit(actor, Audit::PackSigned { id, version, sha256 })?;
        let text = arrived.signature.text()?;
        sqlite::write_atomically(&folder.join(signature::FILE), text.as_bytes())?;
        Ok(arrived)
    }

    /// Signs and installs a sealed pack that this facility made of its own readings, and lets it
    /// answer. `dir` is left as it is but for the signature. Proving takes a second or two while the
    /// workstation is held.
    ///
    /// # Errors
    /// What is wrong with the pack; its version is installed already with other contents.
    pub(crate) fn install_made_here(
        &mut self,
        actor: &Actor,
        dir: &Path,
    ) -> Result<ModelImported, Error> {
        let arrived = self.signed(actor, dir)?;
        self.install(actor, &arrived)
    }

    /// Gives a proven pack its place and lets it answer for its id. A pack of an id nobody said yes
    /// to does not answer before somebody does.
    pub(crate) fn install(
        &mut self,
        actor: &Actor,
        arrived: &Arrived,
    ) -> Result<ModelImported, Error> {
        let mut book = self.book()?;
        let (pack, key) = (&arrived.pack, &arrived.signature.key);
        // Asked again: while it was copied somebody may have installed or distrusted.
        free(&book, &self.options.packs, pack)?;
        let own = self.own_key()?;
        if !book.trusts(key, &own) {
            return Err(signature::unknown(pack, key).into());
        }
        let before = self.class_of(&pack.id);
        let replaced = book.current(&pack.id).filter(|v| v.sha256 != pack.sha256);
        // The very pack of the program under another signature stands for nothing else.
        let built_in = pack::pinned(&pack.id).is_some_and(|own| own != pack.sha256)
            && book.current(&pack.id).is_none();
        let replaced = replaced
            .map(|v| v.version.clone())
            .or_else(|| built_in.then(|| self.built_in_version(&pack.id)).flatten());
        let known = book.versions.iter().any(|v| v.sha256 == pack.sha256);
        let to = arrived.settle(&self.installed_dir())?;
        let PackRef { id, version, sha256 } = pack.clone();
        let made_here = *key == own;
        if !known {
            let noted = Audit::PackInstalled { id, version, sha256, key: key.clone(), made_here };
            if let Err(error) = self.audit(actor, noted) {
                // Nobody knows of it: it goes again.
                let _ = std::fs::remove_dir_all(&to);
                return Err(error);
            }
            book.versions.push(Installed {
                id: pack.id.clone(),
                version: pack.version.clone(),
                sha256: pack.sha256.clone(),
                key: key.clone(),
                made_here,
                at: rfc3339(self.now()?),
                by: actor.user.clone(),
                current: false,
            });
        } else if book.current(&pack.id).is_none_or(|v| v.sha256 != pack.sha256) {
            let (version, sha256) = (Some(version), Some(sha256));
            self.audit(actor, Audit::PackCurrent { id, version, sha256 })?;
        }
        for v in book.versions.iter_mut().filter(|v| v.id == pack.id) {
            v.current = v.sha256 == pack.sha256;
        }
        self.write_book(&book)?;
        self.ask_again_after(actor, &pack.id, before, arrived.description.licence_class)?;
        let enabled = crate::models::may_be_used(&arrived.description, &self.enabled_packs()?);
        let others = arrived.others;
        Ok(ModelImported { pack: pack.clone(), replaced, enabled, known, others })
    }

    /// A yes was given to the terms of one version: other terms need another yes.
    fn ask_again_after(
        &mut self,
        actor: &Actor,
        id: &str,
        before: Option<LicenceClass>,
        now: LicenceClass,
    ) -> Result<(), Error> {
        let mut enabled = self.enabled_packs()?;
        if before.is_none_or(|before| before == now) || !enabled.remove(id) {
            return Ok(());
        }
        let version = self.book()?.current(id).map_or_else(String::new, |v| v.version.clone());
        self.audit(actor, Audit::PackUse { id: id.to_owned(), version, enabled: false })?;
        let text = serde_json::to_string(&enabled)?;
        Ok(self.store_mut()?.set_setting(ENABLED, &text)?)
    }

    /// The terms of the version that answers now.
    fn class_of(&self, id: &str) -> Option<LicenceClass> {
        let usable = self.shelf().ok()?.usable(&|d| d.id == id);
        usable.first().map(|d| d.licence_class)
    }

    fn built_in_version(&self, id: &str) -> Option<String> {
        pack::describe(&self.options.packs.join(id)).ok().map(|d| d.version)
    }

    /// Lets another installed version answer, or the one that came with the program.
    pub(crate) fn model_use(&mut self, ask: ModelUse) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let (mut book, shelf, own) = (self.book()?, self.shelf()?, self.own_key()?);
        let before = self.class_of(&ask.id);
        let chosen = match &ask.sha256 {
            None => None,
            Some(sha256) => {
                let found = book.versions.iter().find(|v| v.id == ask.id && v.sha256 == *sha256);
                Some(found.ok_or_else(|| no(Code::ModelMissing))?.clone())
            }
        };
        match &chosen {
            None if !self.options.packs.join(&ask.id).join(pack::MODEL).is_file() => {
                return Err(no(Code::ModelMissing));
            }
            Some(v) if !book.trusts(&v.key, &own) => {
                let (id, version, sha256) = (v.id.clone(), v.version.clone(), v.sha256.clone());
                return Err(signature::unknown(&PackRef { id, version, sha256 }, &v.key).into());
            }
            // Proven before it answers: its files may be gone.
            Some(v) => {
                shelf.exact(&v.id, &v.sha256).map_err(|e| crate::models::shelf_error(&e))?;
            }
            None => {}
        }
        if book.current(&ask.id).map(|v| &v.sha256) == chosen.as_ref().map(|v| &v.sha256) {
            return Ok(Nothing {});
        }
        let version = chosen.as_ref().map(|v| v.version.clone());
        let sha256 = chosen.as_ref().map(|v| v.sha256.clone());
        let id = ask.id.clone();
        self.audit(&actor, Audit::PackCurrent { id, version, sha256: sha256.clone() })?;
        for v in book.versions.iter_mut().filter(|v| v.id == ask.id) {
            v.current = Some(&v.sha256) == sha256.as_ref();
        }
        self.write_book(&book)?;
        if let Some(now) = self.class_of(&ask.id) {
            self.ask_again_after(&actor, &ask.id, before, now)?;
        }
        Ok(Nothing {})
    }

    /// Trusts a publisher, whose fingerprint was typed.
    pub(crate) fn model_trust(&mut self, ask: ModelTrust) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let key = ask.key.trim().to_lowercase();
        let fingerprint = signature::fingerprint(&key);
        let fingerprint = fingerprint.ok_or_else(|| no(Code::PackSignatureWrong))?;
        let name = kernel::reason(&ask.name).ok_or_else(|| no(Code::NameMissing))?;
        if !signature::same_fingerprint(&ask.fingerprint, &fingerprint) {
            return Err(no(Code::PackFingerprintWrong));
        }
        let mut book = self.book()?;
        if book.trusts(&key, &self.own_key()?) {
            return Ok(Nothing {});
        }
        let noted = Audit::PackKey { key: key.clone(), name: name.clone(), trusted: true };
        self.audit(&actor, noted)?;
        let (at, by) = (rfc3339(self.now()?), actor.user.clone());
        book.keys.push(Publisher { key, name, at, by });
        self.write_book(&book)?;
        Ok(Nothing {})
    }

    /// Takes the trust back. Its packs answer no more; their files stay, for whoever reads old
    /// results.
    pub(crate) fn model_distrust(&mut self, ask: ModelDistrust) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let mut book = self.book()?;
        let known = book.keys.iter().position(|k| k.key == ask.key);
        let Publisher { key, name, .. } =
            book.keys.remove(known.ok_or_else(|| no(Code::NotFound))?);
        self.audit(&actor, Audit::PackKey { key, name, trusted: false })?;
        self.write_book(&book)?;
        Ok(Nothing {})
    }

    /// Who may sign, this facility first.
    pub(crate) fn pack_keys(&self) -> Result<Vec<PackKey>, Error> {
        let name = self.store()?.facility()?.map_or_else(String::new, |f| f.name);
        let row = |key: &str, name: &str| PackKey {
            key: key.to_owned(),
            fingerprint: signature::fingerprint(key).unwrap_or_default(),
            name: name.to_owned(),
            own: false,
            at: None,
            by: None,
        };
        let own = PackKey { own: true, ..row(&self.own_key()?, &name) };
        let names = self.staff_names()?;
        let publishers = self.book()?.keys.into_iter().map(|k| PackKey {
            by: Some(names.get(&k.by).unwrap_or(&k.by).clone()),
            at: Some(k.at.clone()),
            ..row(&k.key, &k.name)
        });
        Ok(std::iter::once(own).chain(publishers).collect())
    }

    /// Every version of a pack that is here, the newest installed first, the program's own last.
    pub(crate) fn pack_versions(&self, id: &str) -> Result<Vec<PackVersion>, Error> {
        let (book, own) = (self.book()?, self.own_key()?);
        let (names, packs) = (self.staff_names()?, self.installed_dir());
        let mut versions = vec![];
        for v in book.versions.iter().rev().filter(|v| v.id == id) {
            let publisher = book.keys.iter().find(|k| k.key == v.key).map(|k| k.name.clone());
            let pack =
                PackRef { id: v.id.clone(), version: v.version.clone(), sha256: v.sha256.clone() };
            let dir = packs.join(&v.id).join(&v.version);
            let problem = if !book.trusts(&v.key, &own) {
                Some(signature::unknown(&pack, &v.key))
            } else {
                // Only whether it is there; what is used is proven when it is loaded.
                match dir.join(pack::MODEL).is_file() {
                    true => pack::describe(&dir).err().map(|e| pack_error(&e)),
                    false => Some(named_pack(Code::PackGone, &pack)),
                }
            };
            versions.push(PackVersion {
                version: v.version.clone(),
                sha256: v.sha256.clone(),
                origin: if v.made_here { PackOrigin::MadeHere } else { PackOrigin::Imported },
                current: v.current && book.trusts(&v.key, &own),
                signed_by: publisher,
                at: Some(v.at.clone()),
                by: Some(names.get(&v.by).unwrap_or(&v.by).clone()),
                problem,
            });
        }
        let current = versions.iter().any(|v| v.current);
        if let (Some(version), Some(sha256)) = (self.built_in_version(id), pack::pinned(id)) {
            versions.push(PackVersion {
                version,
                sha256: sha256.to_owned(),
                origin: PackOrigin::BuiltIn,
                current: !current,
                signed_by: None,
                at: None,
                by: None,
                problem: None,
            });
        }
        Ok(versions)
    }
}
