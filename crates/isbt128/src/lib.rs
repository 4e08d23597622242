//! ISBT 128: what a blood-bank barcode says, and how we write one.
//!
//! A barcode scanner delivers a string. [`read`] turns it into typed values ([`Scan`]), so that a
//! blood group can never land in the field of a donation number, and a misread is an error with a
//! reason instead of a guess. Printing is the same grammar backwards: [`Scan::to_text`],
//! [`compound`], [`Din::to_structure`].
//!
//! The rules followed everywhere:
//!
//! * **A code this crate does not know has no blood group.** Bombay is its own reading, never O.
//! * **All or nothing.** One bad structure refuses the whole read; a compound message with a
//!   missing structure is refused; two different donation numbers in one read are refused.
//! * **The check character is never told to the person who types.** Errors of
//!   [`Din::parse_typed`] carry no right answer.
//! * **No clock, no time zone.** Dates are wall time as the labelling facility printed it.
//!
//! What it refuses to know: product descriptions, registered facilities, special testing codes and
//! the other licensed tables (they come from the licensee's own file, outside this crate); the
//! rhythm of a scanner; what a unit may be used for; compatibility; storage; the screen.
//!
//! Structure facts: ICCBBA ST-001 v6.2.2, sections 2.4.1 to 2.4.32. ISBT 128 is licensed by
//! ICCBBA; a facility that labels with it must be registered there.

mod date;
mod din;
mod error;
mod group;
mod product;
mod scan;

pub use date::{Expiry, Moment};
pub use din::{Din, Flag, FlagMeaning};
pub use error::{DateProblem, DinError, PrintError, ReadError, WrongKind};
pub use group::{Abo, AboRhd, DonationType, GroupReading, Rhd, UnitStatus};
pub use product::ProductCode;
pub use scan::{Scan, ScanKind, compound, is_one_symbol_read, pick, read};
