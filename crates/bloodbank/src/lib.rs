//! Blood from the donor's arm to the patient: what a unit is, what may be done with it, for whom it
//! is fit; who may give, what was given, and what the laboratory found.
//!
//! The unit on the shelf stands at the top of the crate. What comes before it stands in modules of
//! its own: [`donor`] (a person who gives), [`donation`] (one needle), [`lab`] (components, typing,
//! infection markers, release, recall), all decided under a [`profile`] of a country.
//!
//! What comes after it, from the request to the bedside: [`request`], [`sample`], [`history`],
//! [`crossmatch`], [`issue`], [`mtp`], [`bedside`], [`haemovigilance`]; [`lookback`] in both
//! directions, [`transfer`] between sites, [`contact`] with donors ([`appeal`], [`outbox`],
//! [`appointment`]) and the figures of [`kpi`]. Their
//! rules are named in [`care`] and their numbers stand in [`care_policy`]; what is still to be done of all
//! that is put in order by [`todo`].
//!
//! Everything here is a pure function of what it is given. The crate refuses to know about
//! storage, screens, the wire, the clock, staff beyond their ids, permissions, signatures and whether a
//! command is final or only asked for: those belong to the ledger and to the use cases.
//!
//! Sources of the clinical rules are the numbered sections of
//! `../shared/domain/bloodbank.md`; every number that a clinician may want to change stands in
//! [`Policy`] with its source and is to be confirmed by a transfusion specialist.

pub mod appeal;
mod apply;
pub mod appointment;
pub mod bedside;
mod book;
pub mod care;
pub mod care_policy;
mod compat;
pub mod contact;
mod counter;
pub mod crossmatch;
mod decide;
pub mod donation;
pub mod donor;
pub mod haemovigilance;
pub mod history;
pub mod issue;
pub mod kpi;
pub mod lab;
pub mod lookback;
pub mod mtp;
pub mod outbox;
pub mod parts;
mod policy;
pub mod profile;
mod reaction;
mod receipt;
pub mod request;
mod rule;
pub mod sample;
pub mod slip;
mod spare;
pub mod storage;
pub mod todo;
pub mod traits;
pub mod transfer;
mod unit;
pub mod validation;
mod words;

pub use apply::apply;
pub use book::{Adopt, Book, NotAdopted, PolicyVersion, adopt, adopted};
pub use compat::{Fit, Verdict, fit, is_protected, plasma_reacts, preference};
pub use counter::{CheckName, CheckResult, Ranked, Why, rank};
pub use decide::decide;
pub use policy::{
    BadPolicy, Confirmation, Facilities, Level, NoFacility, Policy, Sourced, StockRow, bounds,
};
pub use reaction::release_unfit;
pub use receipt::{Bounds, bounds_of, came};
pub use rule::{Args, Refused, Rule};
pub use spare::may_spare_o_negative;
pub use unit::{
    Command, DiscardReason, Effective, Event, Expiry, Facts, KeptWrong, KnownGroup, PatientFacts,
    Quarantine, Restored, Sex, Sibling, Status, Transit, Unit,
};
