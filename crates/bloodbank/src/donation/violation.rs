//! Donations that came too soon after one another. They have happened, so they are found, not
//! refused: two sites that did not see each other both took blood.

use super::{Command, Donation, HoldReason};
use crate::care::{Task, TaskKind};
use crate::donor::{Donor, Past, earliest_after, person};
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

/// The holds that follow when a donation becomes known, `news`: of itself, or of a later one that it makes
/// too soon. `records` are those of one person, the one that tells of it first; `donations` those of which
/// something is still here.
pub fn holds_of_intervals(
    records: &[Donor],
    donations: &[Donation],
    news: DonationId,
    profile: &Profile,
) -> Vec<(DonationId, Command)> {
    let Some((first, others)) = records.split_first() else { return vec![] };
    let reason = HoldReason::IntervalViolation;
    interval_violations(&person(first, others), profile)
        .into_iter()
        .filter(|found| found.donation == news || found.after == news)
        .filter_map(|found| donations.iter().find(|one| one.id == found.donation))
        .filter(|one| !one.holds.iter().any(|hold| hold.reason == reason))
        .map(|one| (one.id, Command::Hold { reason: reason.clone() }))
        .collect()
}

/// What a physician has to look at: whoever gave too soon may lack iron (bloodbank.md 6, scenario 24).
/// Derived from the donation as it is, until two people have lifted the hold.
pub fn review(donation: &Donation) -> Option<Task> {
    let hold = donation.holds.iter().find(|hold| hold.reason == HoldReason::IntervalViolation)?;
    Some(
        Task::now(TaskKind::MedicalReview)
            .with("donor", donation.donor)
            .with("donation", donation.id)
            .with("din", &donation.din)
            .with("why", hold.reason.word()),
    )
}
