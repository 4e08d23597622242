//! Installed packs beside a backup, and back from it. What is installed stands in the store, so a copy
//! of the store knows it; the files travel in a folder beside it, `NAME.packs/ID/VERSION/`. On both
//! ways a version is copied only if its hash is the one that was signed for, and every file the one
//! that was promised; what is used is proven once more when it is loaded.

use super::arrival::{Bundle, Promised, copy_files};
use super::{BOOK, Book, Installed};
use crate::error::{Error, no};
use std::path::Path;
use store_sqlite::Store;
use wire::{Code, PackRef};

/// What was copied, and what could not be: missing, altered, or signed by another key.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub copied: Vec<PackRef>,
    pub missing: Vec<PackRef>,
}

/// Copies every installed version from one folder of packs to another that does not have it.
///
/// # Errors
/// The disk is full or cannot be written. A pack that is not whole is no error here.
pub(crate) fn copy_all(book: &Book, from: &Path, to: &Path) -> Result<Kept, Error> {
    let mut kept = Kept::default();
    for version in &book.versions {
        let Installed { id, version: number, sha256, .. } = version;
        let pack = PackRef { id: id.clone(), version: number.clone(), sha256: sha256.clone() };
        let place = to.join(id).join(number);
        match copy(version, &from.join(id).join(number), &place) {
            Ok(()) => kept.copied.push(pack),
            Err(Error::Say(_)) => {
                // Half a pack would only be refused later.
                let _ = std::fs::remove_dir_all(&place);
                kept.missing.push(pack);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(kept)
}

fn copy(version: &Installed, from: &Path, to: &Path) -> Result<(), Error> {
    if !from.join(inference::pack::MODEL).is_file() {
        return Err(no(Code::PackGone));
    }
    let bundle = Bundle::Folder(from.to_owned());
    let promised = Promised::of(&bundle)?;
    let signature = promised.signature(&bundle)?;
    if promised.pack.sha256 != version.sha256 || signature.key != version.key {
        return Err(no(Code::PackSignatureWrong));
    }
    copy_files(&bundle, (&promised.description, &promised.model), &signature, to)
}

/// What is installed, as a store says it that no workstation has opened.
pub(crate) fn book_of(store: &Store) -> Result<Book, Error> {
    let text = store.setting(BOOK)?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
}
