//! One donation, from the needle to the end of the bag: its number, its bag, its volume, what the
//! donor felt, and what holds its components back.
//!
//! Numbers come from blocks that a site was given beforehand, so two sites that do not see each
//! other never give the same one ([`Block`], [`SiteNumbers`]). A hold is never lost: each is
//! lifted by naming it, and the donor's own confidential exclusion by nobody.

mod apply;
mod decide;
mod doubt;
mod numbers;
mod state;
mod violation;

pub use apply::apply;
pub use decide::{Command, Event, Facts, Rule, begun_all_the_same, decide, screening_for};
pub use doubt::after_looking;
pub use numbers::{
    Block, BlockRegister, NumberCommand, NumberEvent, NumberProblem, SiteNumbers, apply_numbers,
    decide_numbers,
};
pub use state::{Donation, Ended, Grade, Hold, HoldReason, Reaction, ReactionKind};
pub use violation::{Violation, holds_of_intervals, interval_violations, review};
