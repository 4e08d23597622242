//! People: patients and their identity, and the staff who act. Pure decisions; it refuses to know
//! where anything is stored and what a unit of blood is.

pub mod group;
pub mod names;
pub mod patient;
pub mod staff;
