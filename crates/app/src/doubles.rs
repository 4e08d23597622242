//! Records that may be of one person: the list, both side by side, and what somebody decided. Nothing
//! of a record moves or goes; what is decided about the person afterwards is decided on all of them.

use crate::backend::{Inner, Passed};
use crate::convert::same;
use crate::donors::donor_id;
use crate::error::{Error, no};
use bloodbank::donation::{Command as OfDonation, Donation, HoldReason, after_looking};
use bloodbank::donor::{Command, Donor, Ends, Event, apply, person, records_of};
use bloodbank::lab::PartState;
use kernel::{Actor, DonorId, Permission};
use records::{Body, MOST_WRITES, signs};
use wire::*;

/// Pairs sent at once.
const LISTED: u32 = 200;

fn for_good(donor: &Donor) -> bool {
    donor.deferrals.iter().any(|d| !matches!(d.ends, Ends::On(_)) && d.only.is_empty())
}

fn waits(donation: &Donation) -> bool {
    donation.holds.iter().any(|hold| hold.reason == HoldReason::IdentityPending)
}

impl Inner {
    /// The other records of the person behind one.
    pub(crate) fn other_records(&self, donor: DonorId) -> Result<Vec<Donor>, Error> {
        let mut others = vec![];
        for id in self.store()?.registrations(donor)? {
            if id != donor {
                others.extend(self.store()?.donor(id)?);
            }
        }
        Ok(others)
    }

    /// A donor with what all records of the person say.
    pub(crate) fn person_of(&self, donor: &Donor) -> Result<Donor, Error> {
        Ok(person(donor, &self.other_records(donor.id)?))
    }

    pub(crate) fn donor_doubles(&mut self, _: Nothing) -> Result<Doubles, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        let (ids, total) = self.store()?.likely_pairs(LISTED)?;
        let mut pairs = vec![];
        for (donor, other) in ids {
            let (donor, other) = (self.store()?.donor(donor)?, self.store()?.donor(other)?);
            let (Some(donor), Some(other)) = (donor, other) else { continue };
            let waiting = self.held_for_look(&[donor.clone(), other.clone()])?.len();
            pairs.push(DoublePair {
                signs: between(&donor, &other),
                deferred: for_good(&donor) || for_good(&other),
                waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
                donor: self.donor_row(&donor, &actor)?,
                other: self.donor_row(&other, &actor)?,
            });
        }
        Ok(Doubles { pairs, total })
    }

    pub(crate) fn donor_double(&mut self, ask: DoubleAsk) -> Result<DoubleView, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        let (donor, other) = self.both(&ask.donor, &ask.other)?;
        self.note_donor(&actor, &ask.donor, "double")?;
        self.note_donor(&actor, &ask.other, "double")?;
        let proposed = |a: &Donor, b: &Donor| a.likely_same.iter().any(|l| l.donor == b.id);
        let said = |a: &Donor, b: &Donor| {
            (a.same_as.contains(&b.id), a.not_same.contains(&b.id), proposed(a, b))
        };
        let (one, two) = (said(&donor, &other), said(&other, &donor));
        let standing = match (one.0 || two.0, one.1 || two.1, one.2 || two.2) {
            (true, ..) => DoubleStanding::SamePerson,
            (_, true, _) => DoubleStanding::TwoPeople,
            (.., true) => DoubleStanding::Open,
            _ => DoubleStanding::NotProposed,
        };
        let mut waiting = vec![];
        for donation in self.held_for_look(&[donor.clone(), other.clone()])? {
            waiting.push(self.donation_row(&donation, &actor)?);
        }
        Ok(DoubleView {
            signs: between(&donor, &other),
            standing,
            people: self.policy().rule_book.donors.settle_people.value,
            waiting,
            donor: self.donor_page(&donor, None, &actor)?,
            other: self.donor_page(&other, None, &actor)?,
        })
    }

    fn both(&self, donor: &str, other: &str) -> Result<(Donor, Donor), Error> {
        let read = |text: &str| -> Result<Donor, Error> {
            self.store()?.donor(donor_id(text)?)?.ok_or_else(|| no(Code::NotFound))
        };
        let (donor, other) = (read(donor)?, read(other)?);
        if donor.id == other.id {
            return Err(CommandError::refusal(Code::Malformed).with("detail", "one record").into());
        }
        Ok((donor, other))
    }

    /// Donations of these records that wait for somebody to look at who the donor is.
    fn held_for_look(&self, records: &[Donor]) -> Result<Vec<Donation>, Error> {
        Ok(self.given_by(records)?.into_iter().filter(waits).collect())
    }

    /// Every donation that was made here under these records.
    pub(crate) fn given_by(&self, records: &[Donor]) -> Result<Vec<Donation>, Error> {
        let mut all = vec![];
        for past in records.iter().flat_map(|record| &record.donations) {
            all.extend(self.store()?.donation(past.donation)?);
        }
        Ok(all)
    }

    /// The same person or two, by one or two people as policy says, in one command with what follows
    /// for the donations that are still here.
    pub(crate) fn donor_settle(&mut self, ask: DoubleSettle) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let (donor, other) = self.both(&ask.donor, &ask.other)?;
        let settle = |of: &Donor, other: DonorId| {
            let decided = if ask.same { &of.same_as } else { &of.not_same };
            let command =
                Command::SettleLikeness { other, same: ask.same, reason: ask.reason.clone() };
            (!decided.contains(&other)).then_some(Body::Donor { id: of.id, command })
        };
        let settled: Vec<Body> =
            [settle(&donor, other.id), settle(&other, donor.id)].into_iter().flatten().collect();
        if settled.is_empty() {
            return Err(no(Code::Changed));
        }
        if kernel::reason(&ask.reason).is_none() {
            return Err(no(Code::ReasonMissing));
        }
        let (stop, free) = self.after_settling(&donor, &other, &ask)?;
        let people = self.policy().rule_book.donors.settle_people.value;
        let second = match people >= 2 || !free.is_empty() || ask.second.is_some() {
            true => Some(self.second_who(&actor, ask.second.as_ref(), Permission::ScreenDonors)?),
            false => None,
        };
        self.save_settled(&actor, (settled, stop, free), vec![donor, other], second)
    }

    /// What holds, in groups that belong together, and what goes on, after the look.
    fn after_settling(
        &self,
        donor: &Donor,
        other: &Donor,
        ask: &DoubleSettle,
    ) -> Result<(Vec<Vec<Body>>, Vec<Body>), Error> {
        let looked = |of: &Donor, other: DonorId| {
            let event =
                Event::LikenessSettled { other, same: ask.same, reason: ask.reason.clone() };
            apply(Some(of.clone()), of.id, &event).unwrap_or_else(|| of.clone())
        };
        let (donor, other) = (looked(donor, other.id), looked(other, donor.id));
        let mut all = vec![donor.clone(), other.clone()];
        for record in self.other_records(donor.id)?.into_iter().chain(self.other_records(other.id)?)
        {
            if !all.iter().any(|known| known.id == record.id) {
                all.push(record);
            }
        }
        let group = |of: &Donor| -> Vec<Donor> {
            [of].into_iter().chain(records_of(of, &all)).cloned().collect()
        };
        let persons = match ask.same {
            true => vec![group(&donor)],
            false => vec![group(&donor), group(&other)],
        };
        let (mut stop, mut free) = (vec![], vec![]);
        for records in persons {
            let found = self.follow_up(&records, &ask.reason)?;
            stop.extend(found.0);
            free.extend(found.1);
        }
        Ok((stop, free))
    }

    /// What follows for the donations of one person: holds with the bags they stop, and holds that are
    /// lifted.
    pub(crate) fn follow_up(
        &self,
        records: &[Donor],
        reason: &str,
    ) -> Result<(Vec<Vec<Body>>, Vec<Body>), Error> {
        let donations = self.given_by(records)?;
        let policy = self.policy();
        let (mut stop, mut free) = (vec![], vec![]);
        for (id, command) in after_looking(records, &donations, reason, &policy.rule_book) {
            let Some(donation) = donations.iter().find(|one| one.id == id) else { continue };
            let body = Body::Donation { id, command: command.clone() };
            match command {
                OfDonation::LiftHold { .. } => free.push(body),
                _ if self.is_here(donation)? => {
                    stop.push([vec![body], self.quarantines_of(&donation.din)?].concat());
                }
                // Nothing of it is left that a hold could stop.
                _ => {}
            }
        }
        Ok((stop, free))
    }

    /// Whether something of a donation is still here: not divided yet, in the laboratory, or in stock.
    fn is_here(&self, donation: &Donation) -> Result<bool, Error> {
        if donation.parts.is_empty() {
            return Ok(true);
        }
        for id in &donation.parts {
            let part = self.store()?.part(*id)?;
            if part.is_some_and(|part| part.state == PartState::Quarantine) {
                return Ok(true);
            }
        }
        for id in self.store()?.units_of_din(&donation.din)? {
            if self.store()?.unit(id)?.is_some_and(|unit| unit.is_live()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where one command cannot hold it, what takes away comes before the decision, and what frees after
    /// it: whatever a server makes of one of several commands, blood waits too long and is never given
    /// too early.
    fn save_settled(
        &mut self,
        actor: &Actor,
        (settled, stop, free): (Vec<Body>, Vec<Vec<Body>>, Vec<Body>),
        others: Vec<Donor>,
        second: Option<String>,
    ) -> Result<Nothing, Error> {
        let mut facts = self.donor_facts()?;
        facts.donor.others = others;
        facts.donor.second = self.staff_of(second.as_deref())?;
        let passed = Passed { second, ..Passed::default() };
        let writes = settled.len() + free.len() + stop.iter().map(Vec::len).sum::<usize>();
        let free = free.into_iter().map(|part| vec![part]);
        let groups: Vec<Vec<Body>> = match writes > MOST_WRITES {
            true => stop.into_iter().chain([settled]).chain(free).collect(),
            false => std::iter::once(settled).chain(stop).chain(free).collect(),
        };
        self.save_groups(actor, groups, facts, &passed)?;
        Ok(Nothing {})
    }
}

/// What speaks for two records being of one person, as they are now.
fn between(donor: &Donor, other: &Donor) -> Vec<DoubleSign> {
    let phone = donor.contact.as_ref().and_then(|contact| contact.phone.as_deref());
    let mut found = signs(&donor.identity, phone, other);
    // What the register saw then and a later change hides.
    for (a, b) in [(donor, other), (other, donor)] {
        let known = a.likely_same.iter().filter(|like| like.donor == b.id);
        found.extend(known.flat_map(|like| like.signs.iter().copied()));
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(same).collect()
}
