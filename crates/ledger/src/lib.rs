//! Commands, the chain they form, the judgement they get, and the order in which a workstation
//! derives its present. Generic over the aggregates: it refuses to know what a unit of blood is.
//!
//! * [`Header`] is what a workstation signs; it holds a commitment to the body, so that a body can
//!   be erased and the chain still verifies.
//! * [`judge`] is the one function that gives a verdict, on a workstation that is its own
//!   authority and on a server alike.
//! * [`Reaction`]s are the commands that follow from an event by themselves, with ids that make a
//!   second run of them harmless.
//! * [`Workstation`] and [`Authority`] are the protocol without input and output: the simulation
//!   runs them, and adapters persist what they name.

mod authority;
mod chain;
mod judge;
mod merkle;
#[cfg(test)]
mod tests;
mod workstation;

pub use authority::{Answer, Authority, Logged, Push};
pub use chain::{
    ChainBroken, ChainWalk, DeviceKey, Hash, Header, PolicyRef, SecondRef, Signed, Subject, commit,
    device_id, encode, hash_of, public_key, verify_signature,
};
pub use judge::{
    Aggregates, Judged, MOST_ROUNDS, MOST_TARGETS, Reaction, Standing, States, TooFar, Verdict,
    judge, within_limits,
};
pub use merkle::{MerkleFrontier, leaf_hash};
pub use workstation::{FactsFor, Pending, Workstation};
