//! What becomes of donations when somebody has looked at who gave them, or when a donation elsewhere
//! becomes known: what waited for the look goes on or stays, and what came too soon is held.

use super::{Command, Donation, HoldReason, interval_violations};
use crate::donor::{Donor, Ends, person};
use crate::profile::Profile;
use kernel::DonationId;

/// The commands that follow for these donations of one person. `records` are all records of that
/// person as they are after the look; none of them is another person's.
///
/// A donation that waited because its donor might be somebody else goes on only when no doubt is
/// left, nothing under another of the records kept the donor from giving that day, and it did not
/// come too soon. It is never freed of anything else here.
pub fn after_looking(
    records: &[Donor],
    donations: &[Donation],
    reason: &str,
    profile: &Profile,
) -> Vec<(DonationId, Command)> {
    let mut all = vec![];
    for donation in donations {
        let Some(giver) = records.iter().find(|record| record.id == donation.donor) else {
            continue;
        };
        let giver = person(giver, records);
        let doubt = giver.likely_same.iter().any(|like| like.likely);
        let too_soon =
            interval_violations(&giver, profile).iter().any(|v| v.donation == donation.id);
        let barred = barred(records, donation);
        let held = |reason: &HoldReason| donation.holds.iter().any(|h| h.reason == *reason);
        if too_soon && !held(&HoldReason::IntervalViolation) {
            all.push((donation.id, Command::Hold { reason: HoldReason::IntervalViolation }));
        }
        // Blood of somebody who may never give, taken under a name that did not say so.
        if barred && !donation.is_held() {
            all.push((donation.id, Command::Hold { reason: HoldReason::LookBack }));
        }
        if doubt || too_soon || barred {
            continue;
        }
        let waits = donation.holds.iter().filter(|h| h.reason == HoldReason::IdentityPending);
        all.extend(waits.map(|hold| {
            (donation.id, Command::LiftHold { hold: hold.cause, reason: reason.to_owned() })
        }));
    }
    all
}

/// Whether another record of the person says that this donation should not have been: for ever, or on
/// its day.
fn barred(records: &[Donor], donation: &Donation) -> bool {
    let day = super::decide::local_day(donation.begun_at, donation.zone);
    records
        .iter()
        .filter(|record| record.id != donation.donor)
        .flat_map(|record| &record.deferrals)
        .filter(|deferral| deferral.only.is_empty())
        .any(|d| d.ends == Ends::Never || (d.happened <= day && d.ends.holds_on(day)))
}
