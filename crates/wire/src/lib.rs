//! What crosses a process boundary: the one table of commands, the values they carry and the
//! error a page may receive. It refuses to know any rule, any store and any host.
//!
//! TypeScript is printed from this crate (`cargo xtask bindings`), so page and program cannot
//! disagree. No 64-bit number crosses: counts are `u32`, ids and instants are text.

mod bedside;
mod blood;
mod care;
mod commands;
mod connections;
mod desk;
mod donor_history;
mod donors;
mod doubles;
mod error;
mod figures;
mod forecast;
mod haemovigilance;
mod imaging;
mod lab;
mod outreach;
mod packs;
mod patient;
mod photos;
mod policy;
mod printing;
mod processing;
mod protocol;
mod quality;
mod queue;
mod recall;
mod session;
mod stock;
mod todo;
mod typescript;

pub use bedside::*;
pub use blood::*;
pub use care::*;
pub use commands::COMMANDS;
pub use connections::*;
pub use desk::*;
pub use donor_history::*;
pub use donors::*;
pub use doubles::*;
pub use error::*;
pub use figures::*;
pub use forecast::*;
pub use haemovigilance::*;
pub use imaging::*;
pub use lab::*;
pub use outreach::*;
pub use packs::*;
pub use patient::*;
pub use photos::*;
pub use policy::*;
pub use printing::*;
pub use processing::*;
pub use protocol::*;
pub use quality::*;
pub use queue::*;
pub use recall::*;
pub use session::*;
pub use stock::*;
pub use todo::*;
pub use typescript::typescript;

/// An answer or a request without content.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct Nothing {}

/// The id of the thing a command made.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct Made {
    pub id: String,
}

/// A request about one thing.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct ById {
    pub id: String,
}
