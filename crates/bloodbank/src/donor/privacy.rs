//! Who sees what of a donor. Every look at what is confidential, and every search by phone, leaves
//! a trace, also when it was refused.

use super::{Contact, Donor};
use crate::lab::MarkerState;
use crate::profile::Marker;
use kernel::{DonorId, Instant, StaffId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why somebody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Desk,
    TestResults,
    SearchByPhone,
    /// The donor's own view at the desk.
    Kiosk,
}

/// One line for the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    pub by: StaffId,
    pub donor: Option<DonorId>,
    pub purpose: Purpose,
    pub at: Instant,
    pub refused: bool,
}

/// What may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// None: no right to see it, or erased.
    pub contact: Option<Contact>,
    /// None: no right to see them.
    pub results: Option<BTreeMap<Marker, MarkerState>>,
    /// Deferral codes; without the right only that there is one.
    pub deferrals: Vec<String>,
    /// To be written before anything is shown.
    pub trace: Option<Trace>,
}

/// What `by` sees of a donor. `may_see_tests` is the right to see infection test results.
pub fn see(
    donor: &Donor,
    results: &BTreeMap<Marker, MarkerState>,
    by: StaffId,
    may_see_tests: bool,
    purpose: Purpose,
    now: Instant,
) -> Seen {
    let asked = purpose == Purpose::TestResults;
    let refused = asked && !may_see_tests;
    let logged = asked || purpose == Purpose::SearchByPhone;
    let deferrals = donor
        .deferrals
        .iter()
        .map(|deferral| if may_see_tests { deferral.code.clone() } else { "deferred".into() })
        .collect();
    Seen {
        // The donor stands before the screen; somebody else may, too.
        contact: donor.contact.clone().filter(|_| purpose != Purpose::Kiosk),
        results: (asked && may_see_tests).then(|| results.clone()),
        deferrals: if purpose == Purpose::Kiosk { vec![] } else { deferrals },
        trace: logged.then_some(Trace { by, donor: Some(donor.id), purpose, at: now, refused }),
    }
}

/// The word for a hold: its own for those with the right, otherwise neutral. A donor who excluded
/// the blood in confidence is not given away by a screen.
pub fn shown_hold(reason: &crate::donation::HoldReason, may_see: bool) -> &'static str {
    if may_see { reason.word() } else { "hold" }
}
