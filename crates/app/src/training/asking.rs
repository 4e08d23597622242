//! What is known of the donors of the training facility from the years before it: their group, where
//! they live, and how they agreed to be reached.

use crate::backend::{Inner, Passed};
use crate::error::Error;
use bloodbank::donor::{Channel, Command};
use kernel::{Abo, BloodGroup, DonorId, Permission, Rhd};
use records::Body;

/// Group, telephone number (of a block that is given to nobody), area, agreed to.
pub(super) type Known = (Abo, Rhd, Option<&'static str>, &'static str, &'static [Channel]);

/// In the order of the donors.
pub(super) const KNOWN: [Known; 6] = [
    (Abo::O, Rhd::Negative, Some("0700 000 101"), "Lakeside", &[Channel::Sms, Channel::Call]),
    (Abo::O, Rhd::Positive, Some("0700 000 102"), "Lakeside", &[Channel::Sms, Channel::Call]),
    (Abo::O, Rhd::Negative, Some("0700 000 103"), "Hill Road", &[Channel::Call]),
    (Abo::A, Rhd::Positive, Some("0700 000 104"), "Market", &[Channel::Sms]),
    (Abo::O, Rhd::Negative, Some("0700 000 105"), "Hill Road", &[]),
    (Abo::B, Rhd::Positive, None, "Lakeside", &[]),
];

/// Two determinations of other years and the agreements.
pub(super) fn remember(inner: &mut Inner, donor: &str, known: &Known) -> Result<(), Error> {
    let actor = inner.actor(Permission::RegisterDonors)?;
    let id: DonorId = crate::care::id(donor)?;
    let group = BloodGroup { abo: known.0, rhd: known.1 };
    let found = Command::RecordGroup { group, donation: None };
    let agreed = known.4.iter().map(|channel| Command::Agree { channel: *channel, agreed: true });
    let commands = [found.clone(), found].into_iter().chain(agreed);
    let parts = commands.map(|command| Body::Donor { id, command }).collect();
    let facts = inner.donor_facts()?;
    inner.save_parts(&actor, parts, facts, Passed::default())
}
