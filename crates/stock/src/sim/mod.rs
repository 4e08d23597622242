//! A seeded simulation of several hospitals over years (bloodbank.md 4.4). It asks the rules of the
//! product what to do; it has none of its own but those of the baselines that they are compared
//! with.

mod chance;
mod counts;
mod pick;
mod rules;
mod run;
mod site;
mod world;

pub use counts::{Balance, Counts, Estimate, estimate, part, reduction};
pub use rules::{Ordering, Picking, Rules};
pub use run::{Contradiction, Outcome, run};
pub use world::{Place, World};
