//! What an event changes. It has happened, so nothing here can say no.

use super::{Donation, Event};
use kernel::DonationId;

/// The state after an event. `None` only for an event other than [`Event::Begun`] about a donation
/// that is not known; a second beginning changes nothing.
pub fn apply(state: Option<Donation>, id: DonationId, event: &Event) -> Option<Donation> {
    if let Event::Begun { din, donor, donation, bag, site, zone, first_time, not_for, at } = event {
        return state.or_else(|| {
            Some(Donation {
                id,
                din: din.clone(),
                donor: *donor,
                kind: *donation,
                bag: bag.clone(),
                site: site.clone(),
                zone: *zone,
                begun_at: *at,
                ended: None,
                first_time: *first_time,
                not_for: not_for.clone(),
                holds: vec![],
                reactions: vec![],
                excluded: None,
                parts: vec![],
                version: 1,
            })
        });
    }
    let mut donation = state?;
    donation.version += 1;
    match event {
        Event::Begun { .. } => {}
        Event::Ended { ended } => donation.ended = Some(*ended),
        Event::Reacted { reaction } => donation.reactions.push(reaction.clone()),
        // Once excluded it stays so, whatever is said later.
        Event::Excluded { excluded } => {
            donation.excluded = Some(donation.excluded == Some(true) || *excluded);
        }
        Event::Held { hold } => {
            let known =
                donation.holds.iter().any(|h| h.cause == hold.cause && h.reason == hold.reason);
            if !known {
                donation.holds.push(hold.clone());
            }
        }
        // A final hold outlives any lift, in whatever order the two arrive.
        Event::HoldLifted { hold, .. } => {
            donation.holds.retain(|known| known.cause != *hold || known.reason.is_final());
        }
        Event::PartsAdded { parts } => {
            for part in parts {
                if !donation.parts.contains(part) {
                    donation.parts.push(*part);
                }
            }
        }
    }
    Some(donation)
}
