//! One unit of blood: what it is, what may be done with it, and for whom it is fit.
//!
//! Everything here is a pure function of what it is given. The crate refuses to know about
//! storage, screens, the wire, the clock, staff and their permissions, signatures and whether a
//! command is final or only asked for: those belong to the ledger and to the use cases.
//!
//! Sources of the clinical rules are the numbered sections of
//! `../shared/domain/bloodbank.md`; every number that a clinician may want to change stands in
//! [`Policy`] with its source and is to be confirmed by a transfusion specialist.

mod apply;
pub mod care;
pub mod care_policy;
mod compat;
mod counter;
pub mod crossmatch;
mod decide;
pub mod history;
pub mod issue;
mod policy;
pub mod request;
mod rule;
pub mod sample;
pub mod slip;
pub mod traits;
mod unit;

pub use apply::apply;
pub use compat::{Fit, Verdict, fit, is_protected, plasma_reacts, preference};
pub use counter::{Check, CheckName, CheckResult, Ranked, Why, checks, rank};
pub use decide::decide;
pub use policy::{BadPolicy, Confirmation, Level, Policy, Sourced, StockRow};
pub use rule::{Args, Refused, Rule};
pub use unit::{
    Command, DiscardReason, Effective, Event, Expiry, Facts, KnownGroup, PatientFacts, Quarantine,
    Sex, Status, Transit, Unit,
};
