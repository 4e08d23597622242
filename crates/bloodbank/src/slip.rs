//! The slip of paper that goes with a unit to the ward. Every print has its own number, so a slip
//! printed from a screen that was left open on another patient names that other patient
//! (bloodbank.md 1.3).

use kernel::{Instant, PatientId, SlipId, UnitId};
use serde::{Deserialize, Serialize};

/// With which a ward collects one unit for one patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionSlip {
    pub id: SlipId,
    pub patient: PatientId,
    pub unit: UnitId,
    pub printed_at: Instant,
}
