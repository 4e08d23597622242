//! Writing to donors: appeals, the outbox, appointments and a donor's own view. The rules are those of
//! `bloodbank`; here is found out who a donor is to them. Nothing is sent: no channel is set up yet, and
//! the page says so; what a person does by telephone is noted.

mod appeals;
mod appointments;
mod messages;
mod own;
mod reminders;

use crate::backend::Inner;
use crate::blood::SITE;
use crate::error::{Error, no};
use bloodbank::appeal::{Appeal, Reach};
use bloodbank::contact::{Channel, Contact};
use bloodbank::donor::{Channel as Agreed, Donor, next_dates};
use bloodbank::kpi::Ratio;
use bloodbank::outbox;
use bloodbank::profile::DonationKind;
use chrono::{NaiveDate, TimeDelta};
use kernel::{BloodGroup, DonorId, Instant, PatientId, instant_of_wall};
use records::Facts;
use std::collections::{BTreeMap, BTreeSet};
use wire::*;

/// Days of appeals from which the yield is estimated.
const YIELD_DAYS: i64 = 365;

/// What a donor agreed to for messages of this channel.
pub(crate) fn agreement(channel: Channel) -> Agreed {
    match channel {
        Channel::Sms => Agreed::Sms,
        Channel::Voice | Channel::CallList => Agreed::Call,
        Channel::Email => Agreed::Email,
    }
}

/// All channels by which messages may leave under what a donor agreed to.
fn channels(agreed: Agreed) -> &'static [Channel] {
    match agreed {
        Agreed::Sms => &[Channel::Sms],
        Agreed::Call => &[Channel::Voice, Channel::CallList],
        Agreed::Email => &[Channel::Email],
        Agreed::Post => &[],
    }
}

/// By which channel a donor is reminded; none when they agreed to none of them.
fn reminded_by(donor: &Donor) -> Option<Channel> {
    let agreed = [
        (Agreed::Sms, Channel::Sms),
        (Agreed::Email, Channel::Email),
        (Agreed::Call, Channel::CallList),
    ];
    agreed.into_iter().find(|(agreed, _)| donor.agreed_to(*agreed)).map(|(_, channel)| channel)
}

/// A number of things on the wire.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A ratio as the page shows it.
pub(crate) fn figure(ratio: Ratio) -> Figure {
    let interval = ratio.wilson();
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Figure {
        numerator: small(ratio.numerator),
        denominator: small(ratio.denominator),
        share: ratio.share(),
        low: interval.map(|i| i.low),
        high: interval.map(|i| i.high),
    }
}

/// What all of one selection shares.
struct Around {
    today: NaiveDate,
    zone: chrono_tz::Tz,
    /// Persons who are registered more than once.
    persons: BTreeMap<DonorId, DonorId>,
    /// By appeals other than the one in hand.
    appeals: BTreeMap<DonorId, Instant>,
}

impl Inner {
    fn around(&self, but: Option<kernel::CampaignId>) -> Result<Around, Error> {
        let (policy, now) = (self.policy(), self.now()?);
        let days = i64::from(policy.care.contact.days_between_appeals.value);
        Ok(Around {
            today: self.today()?,
            zone: self.zone()?,
            persons: self.store()?.persons()?,
            appeals: self.store()?.last_appeals(now - TimeDelta::days(days + 1), but)?,
        })
    }

    /// A donor as the rules of contact see them: no result, no reason of a deferral.
    fn contact_of(&self, record: &Donor, reach: &Reach, around: &Around) -> Result<Contact, Error> {
        use bloodbank::KnownGroup as K;
        let policy = self.policy();
        // Whoever is registered more than once is deferred, and waits, under every name.
        let donor = &match around.persons.contains_key(&record.id) {
            true => self.person_of(record)?,
            false => record.clone(),
        };
        let area = donor.contact.as_ref().and_then(|contact| contact.area.as_deref());
        let whole_blood = next_dates(donor, around.today, &policy.rule_book)
            .into_iter()
            .find(|next| next.kind == DonationKind::WholeBlood);
        let midnight = |day: NaiveDate| {
            let wall = day.and_hms_opt(0, 0, 0)?;
            Some(instant_of_wall(wall, around.zone))
        };
        let said = |agreed: bool| {
            let of = donor.channels.iter().filter(move |(_, said)| said.agreed == agreed);
            of.flat_map(|(channel, _)| channels(*channel)).copied().collect::<BTreeSet<_>>()
        };
        let last = [donor.last_asked, around.appeals.get(&donor.id).copied()];
        Ok(Contact {
            donor: donor.id,
            person: around.persons.get(&donor.id).unwrap_or(&donor.id).to_string(),
            group: match donor.group() {
                K::Once(group) | K::Confirmed(group) => Some(group),
                K::Unknown | K::Conflict(_) => None,
            },
            agreed: if donor.contact.is_some() { said(true) } else { BTreeSet::new() },
            stopped: !said(false).is_empty() && said(true).is_empty(),
            eligible_from: whole_blood.and_then(|next| next.on).and_then(midnight),
            deferred: donor.deferred_on(around.today).iter().any(|d| d.only.is_empty()),
            available: true,
            last_appeal_at: last.into_iter().flatten().max(),
            metres: reach.metres(area),
        })
    }

    /// What the outbox may know for messages to these donors.
    fn outbox_facts(&self, donors: &[DonorId], appeal: Option<&Appeal>) -> Result<Facts, Error> {
        let around = self.around(appeal.map(|appeal| appeal.campaign.id))?;
        let nowhere = Reach::default();
        let reach = appeal.map_or(&nowhere, |appeal| &appeal.reach);
        let (mut contacts, mut turns) = (BTreeMap::new(), BTreeMap::new());
        for id in donors {
            if let Some(donor) = self.store()?.donor(*id)? {
                contacts.insert(*id, self.contact_of(&donor, reach, &around)?);
                // Nobody is told by an appeal that they may give again.
                if appeal.is_none() {
                    turns.insert(*id, self.turn_of(&donor, &around)?);
                }
            }
        }
        let mut facts = self.donor_facts()?;
        facts.unit.site = SITE.to_owned();
        facts.care.outbox = outbox::Facts {
            contacts,
            campaign: appeal.map(|appeal| appeal.campaign.clone()),
            zone: Some(around.zone),
            turns,
            site: SITE.to_owned(),
        };
        Ok(facts)
    }

    /// What came of the appeals of a year: said YES in time / delivered.
    fn yield_here(&self) -> Result<Ratio, Error> {
        let (now, policy) = (self.now()?, self.policy());
        let asked = self.store()?.appeals_delivered(now - TimeDelta::days(YIELD_DAYS), now)?;
        Ok(bloodbank::kpi::response(&asked, policy.care.contact.response_hours.value))
    }

    /// The groups whose blood fits a patient in this component without a caution, or else with one.
    pub(crate) fn groups_for(
        &self,
        patient: PatientId,
        component: kernel::Component,
    ) -> Result<BTreeSet<BloodGroup>, Error> {
        use bloodbank::{CheckName, Fit, fit};
        let policy = self.policy();
        let facts = self.patient_facts(patient)?.ok_or_else(|| no(Code::NotFound))?;
        let fits = |strict: bool| -> BTreeSet<BloodGroup> {
            let good = |group: &BloodGroup| {
                fit(component, *group, false, &facts, &policy).iter().all(|verdict| {
                    let of_unit =
                        matches!(verdict.about, CheckName::AboCompatible | CheckName::RhdRule);
                    match verdict.fit {
                        Fit::Stop(_) => false,
                        Fit::Caution(_) => !(strict && of_unit),
                        _ => true,
                    }
                })
            };
            BloodGroup::ALL.iter().copied().filter(good).collect()
        };
        let strict = fits(true);
        Ok(if strict.is_empty() { fits(false) } else { strict })
    }
}
