//! What an event changes. It has happened, so nothing here can say no.

use super::{AfterReport, Agreement, Consent, Donor, Event, GroupFinding, Health};
use kernel::DonorId;
use std::collections::BTreeMap;

/// The state after an event. `None` only for an event other than [`Event::Registered`] about a
/// donor who is not known; a second registration changes nothing.
pub fn apply(state: Option<Donor>, id: DonorId, event: &Event) -> Option<Donor> {
    if let Event::Registered { identity, contact, likely_same } = event {
        return state.or_else(|| {
            Some(Donor {
                id,
                identity: identity.clone(),
                contact: contact.clone(),
                channels: BTreeMap::new(),
                consents: vec![],
                health: Health::default(),
                groups: vec![],
                deferrals: vec![],
                donations: vec![],
                screenings: vec![],
                reports: vec![],
                likely_same: likely_same.clone(),
                same_as: vec![],
                not_same: vec![],
                last_asked: None,
                photo: None,
                version: 1,
            })
        });
    }
    let mut donor = state?;
    donor.version += 1;
    match event {
        Event::Registered { .. } => {}
        Event::Amended { identity, .. } => donor.identity = identity.clone(),
        Event::ContactSet { contact } => donor.contact = Some(contact.clone()),
        Event::ContactErased { .. } => {
            donor.contact = None;
            donor.channels.clear();
        }
        Event::Agreed { channel, agreed, at } => {
            donor.channels.insert(*channel, Agreement { agreed: *agreed, at: *at });
        }
        Event::Consented { text, text_version, guardian, at } => donor.consents.push(Consent {
            text: text.clone(),
            text_version: *text_version,
            guardian: guardian.clone(),
            at: *at,
            withdrawn: false,
        }),
        Event::ConsentWithdrawn { .. } => {
            for consent in &mut donor.consents {
                consent.withdrawn = true;
            }
        }
        Event::HealthSet { health } => donor.health = *health,
        Event::GroupRecorded { group, donation, at } => {
            donor.groups.push(GroupFinding { group: *group, donation: *donation, at: *at });
        }
        Event::Deferred { deferral } => {
            let known = |d: &super::Deferral| d.cause == deferral.cause && d.code == deferral.code;
            if !donor.deferrals.iter().any(known) {
                donor.deferrals.push(deferral.clone());
            }
        }
        Event::DeferralLifted { cause, code, .. } => {
            donor.deferrals.retain(|d| d.cause != *cause || d.code != *code);
        }
        Event::Screened { screening } => donor.screenings.push((**screening).clone()),
        Event::Cleared { screening, by, reason } => {
            for known in &mut donor.screenings {
                if known.cause == *screening {
                    known.cleared = Some((*by, reason.clone()));
                }
            }
        }
        Event::DonationRecorded { past } => {
            // Told again with what its end brought to light.
            donor.donations.retain(|known| known.donation != past.donation);
            donor.donations.push(past.clone());
            // Late news of an earlier day take their place.
            donor.donations.sort_by_key(|past| past.on);
        }
        Event::ReportedAfter { cause, donation, code, note, at } => {
            donor.reports.push(AfterReport {
                cause: *cause,
                donation: *donation,
                code: code.clone(),
                note: note.clone(),
                at: *at,
            });
        }
        Event::LikenessSettled { other, same, .. } => {
            // The last decision counts; the one before stays in the chain.
            donor.same_as.retain(|known| known != other);
            donor.not_same.retain(|known| known != other);
            let decided = if *same { &mut donor.same_as } else { &mut donor.not_same };
            decided.push(*other);
            donor.likely_same.retain(|like| like.donor != *other);
        }
        Event::Asked { at, .. } => donor.last_asked = Some(*at),
        Event::PhotoSet { photo } => donor.photo = Some(photo.clone()),
        Event::PhotoRemoved { .. } => donor.photo = None,
    }
    Some(donor)
}
