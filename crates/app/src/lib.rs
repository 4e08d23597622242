//! The use cases of a workstation: permit, load, decide, record, answer. It holds the clock, the
//! session and the store; it decides nothing that a domain crate can decide, and it refuses to
//! know which host calls it.

mod archives;
mod attempts;
mod backend;
mod backup;
mod batches;
mod blood;
mod care;
mod clock;
mod compare;
mod convert;
mod counter;
mod desk;
mod donor_history;
mod donors;
mod door;
mod doubles;
mod error;
mod export;
mod fetches;
mod figures;
mod files;
mod forecast;
mod grouping;
mod home;
mod images;
mod import;
mod jobs;
mod lab;
mod looker;
mod models;
mod offers;
mod outreach;
mod packs;
mod people;
mod photos;
mod policy;
mod printing;
mod processing;
mod quality;
mod queue;
mod reading;
mod receiver;
mod restore;
mod results;
mod rule_book;
mod taking;
mod training;

pub use backend::{Backend, Options};
pub use dicom_io::child::own_program;
pub use error::Error;
pub use home::{check_home, default_home};
pub use import::{Arriving, Plan, Reception, pictures_in};
pub use inference::wrong_packs_dir;
pub use quality::{NotRefitted, RefitAsk, RefitSide, Refitted, unpack_set};
pub use receiver::{PictureDesk, Told, receiver_options};
pub use restore::{Restored, restore};
pub use results::ResultFile;
pub use sqlite::keyslots::Cost;
pub use store_sqlite::{Finding, Proof, Verdict};
pub use training::make_training_facility;

/// If the program was started again to unpack one picture or to serve the graphics card: does so and
/// returns the exit status. `None` for every other start. Before threads, windows and settings.
#[must_use]
pub fn serve_if_asked() -> Option<i32> {
    dicom_io::child::serve_if_asked().or_else(inference::graphics::serve_if_asked)
}
