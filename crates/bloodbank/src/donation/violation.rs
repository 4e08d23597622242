//! Donations that came too soon after one another. They have happened, so they are found, not
//! refused: two sites that did not see each other both took blood.

use crate::donor::{Donor, Past, earliest_after};
use crate::profile::Profile;
use chrono::NaiveDate;
use kernel::DonationId;

/// A donation before its day. It goes to quarantine, and the donor to a physician (iron).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    pub donation: DonationId,
    /// The earlier one that made it too soon.
    pub after: DonationId,
    /// The first day on which it would have been right.
    pub earliest: NaiveDate,
}

/// Every donation of a donor that came too soon, oldest first. Of two on one day the one with the
/// greater id is the later, on every site alike.
pub fn interval_violations(donor: &Donor, profile: &Profile) -> Vec<Violation> {
    let mut all: Vec<&Past> = donor.donations.iter().collect();
    all.sort_by_key(|past| (past.on, past.donation));
    let too_soon = |(at, later): (usize, &&Past)| {
        all[..at]
            .iter()
            .filter_map(|earlier| {
                let (earliest, ..) = earliest_after(earlier, later.kind, donor, profile)?;
                (later.on < earliest).then_some(Violation {
                    donation: later.donation,
                    after: earlier.donation,
                    earliest,
                })
            })
            .max_by_key(|violation| violation.earliest)
    };
    all.iter().enumerate().filter_map(too_soon).collect()
}
