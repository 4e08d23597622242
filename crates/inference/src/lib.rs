//! What a picture shows, as a trained network sees it, and when it must keep silent.
//!
//! A *pack* is a folder with a trained network or heads that stand on another pack's network, a card
//! and check values ([`pack`], [`describe`]). An [`Engine`] is a pack that has been verified byte by
//! byte and has answered its golden vectors. It runs its network once over a picture of any size
//! ([`Engine::view`]), proposes the tasks the picture may be for, and gives the [`Answer`] of a task:
//! calibrated probabilities with an exact class-activation map, or an abstention with a reason.
//! [`measure`] measures engines on labelled pictures, by the same path the program uses, and makes
//! the figures on the card. [`site`] makes those of one place over the pictures its people judged, and
//! [`refit`] fits a task anew on them.
//!
//! This crate refuses to know DICOM, patients, ages, queues and screens. It is handed pixels.
//! Whether a finding may be shown to this patient (intended use) is decided by whoever knows the
//! patient, with [`describe::IntendedUse`]. It never opens a network connection and never downloads.

mod cam;
mod compute;
pub mod describe;
mod engine;
pub mod figures;
pub mod graphics;
mod likelihood;
mod load;
pub mod manifest;
pub mod measure;
mod module;
pub mod networks;
pub mod pack;
pub mod prep;
pub mod recorded;
pub mod refit;
mod resample;
mod run_plan;
mod shelf;
pub mod site;
pub mod trial;

pub use cam::ClassMap;
pub use compute::{By, Computed};
pub use engine::{Answer, Engine, Finding, Limit, Proposal, Reason, Scores, Timing, View};
pub use likelihood::{Likelihood, likelihood_word};
pub use load::Info;
pub use pack::PackError;
pub use shelf::{Film, Looked, Placed, Shelf, ShelfError, Wish, alone, best, macro_auroc};

use std::path::{Path, PathBuf};

/// Where packs lie: `models/` beside the program or in a folder above it (a build of this repository), in
/// `../share/healthsync/models` or `../lib/healthsync/models` (Linux packages), in the macOS bundle's `../Resources/models`;
/// in a debug build also the repository's own `models/`. Where `HEALTHSYNC_MODELS` is set it alone counts: a build may
/// lie far from the sources. `None` when the built-in pack is in none of them.
pub fn default_packs_dir() -> Option<PathBuf> {
    if let Some(named) = named_packs_dir() {
        return Some(named).filter(|dir| dir.join(pack::BUILT_IN).is_dir());
    }
    let exe = std::env::current_exe().ok();
    let beside = exe.as_deref().and_then(Path::parent);
    let places =
        ["models", "../share/healthsync/models", "../lib/healthsync/models", "../Resources/models"];
    let installed = beside.into_iter().flat_map(|dir| places.map(|place| dir.join(place)));
    // target/release/healthsync lies two folders below the repository's own `models/`.
    let above = beside
        .into_iter()
        .flat_map(|dir| dir.ancestors().skip(1).take(3).map(|up| up.join("models")));
    let source = cfg!(debug_assertions)
        .then(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models")));
    installed.chain(above).chain(source).find(|dir| dir.join(pack::BUILT_IN).is_dir())
}

/// The folder that `HEALTHSYNC_MODELS` names. Set to nothing it names none.
fn named_packs_dir() -> Option<PathBuf> {
    std::env::var_os("HEALTHSYNC_MODELS").filter(|named| !named.is_empty()).map(PathBuf::from)
}

/// What to say where `HEALTHSYNC_MODELS` names a folder without the built-in pack: another folder in its place would
/// answer with packs that nobody chose.
pub fn wrong_packs_dir() -> Option<String> {
    let named = named_packs_dir().filter(|dir| !dir.join(pack::BUILT_IN).is_dir())?;
    Some(format!(
        "HEALTHSYNC_MODELS names {}, where the model pack {} is not. Correct it, or unset it to use the packs that came with the program.",
        named.display(),
        pack::BUILT_IN
    ))
}
