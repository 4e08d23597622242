//! What every other crate may rely on: identity, time, the person acting and what that person
//! may do, and the few values of medicine that two domains share. No I/O, and the only clock of
//! the house.

mod clock;
mod ids;
mod people;
mod values;
mod words;

pub use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
pub use clock::{Clock, ManualClock, SystemClock, instant_of_wall, micros, of_micros};
pub use ids::*;
pub use people::{Actor, Permission, Role};
pub use values::{Abo, BloodGroup, Component, Millilitres, Rhd};
pub use words::{REASON_LEAST, in_reading_order, reason, said};

/// An instant.
pub type Instant = DateTime<Utc>;
