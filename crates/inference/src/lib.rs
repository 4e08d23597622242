//! What a picture shows, as a small trained network sees it, and when it must keep silent.
//!
//! A *pack* is a folder with a trained network, its card and its check values ([`pack`]). An
//! [`Engine`] is a pack that has been verified byte by byte and has answered its golden vectors; it
//! takes a grey picture of any size and returns an [`Analysis`]: calibrated probabilities with an
//! exact class-activation map, or an abstention with a reason. [`evaluate`] measures an engine on
//! labelled pictures, by the same path the program uses, and makes the figures on the card.
//!
//! This crate refuses to know DICOM, patients, ages, queues and screens. It is handed grey pixels.
//! Whether a finding may be shown to this patient (intended use) is decided by whoever knows the
//! patient, with [`pack::IntendedUse`]. It never opens a network connection and never downloads.

mod cam;
mod engine;
pub mod evaluate;
mod likelihood;
pub mod manifest;
mod net;
pub mod pack;
pub mod prep;

pub use cam::ClassMap;
pub use engine::{Analysis, Engine, Finding, Reason, Scores, Status, Timing};
pub use likelihood::{Likelihood, likelihood_word};
pub use pack::{PackError, PackInfo};

use std::path::PathBuf;

/// Where packs lie: `models/` beside the program, in `../share/healthsync/models`, in the macOS bundle's
/// `../Resources/models`; in a build of this repository also its own `models/`. `None` when none of them is there.
pub fn default_packs_dir() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(PathBuf::from));
    let installed = beside.into_iter().flat_map(|dir| {
        [
            dir.join("models"),
            dir.join("../share/healthsync/models"),
            dir.join("../lib/healthsync/models"),
            dir.join("../Resources/models"),
        ]
    });
    let source = cfg!(debug_assertions)
        .then(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models")));
    installed.chain(source).find(|dir| dir.join(pack::BUILT_IN).is_dir())
}
