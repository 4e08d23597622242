//! Telling donors that they may give again: once after each donation, when its day has come.

use super::{Around, count, reminded_by};
use crate::backend::Inner;
use crate::convert::same;
use crate::error::{Error, no};
use bloodbank::appeal::Reach;
use bloodbank::contact::{Channel, NotNow};
use bloodbank::donor::{Donor, next_dates};
use bloodbank::outbox::{About, Command, Turn, why_not_reminded};
use chrono::TimeDelta;
use kernel::{DonorId, Permission, instant_of_wall};
use records::{Body, CareBody};
use std::collections::{BTreeMap, BTreeSet};
use wire::*;

/// Days after a donation in which somebody is told. Whoever stays away for longer is asked by an appeal.
const LOOKED_BACK_DAYS: i64 = 365;
/// Donors whose records are opened at once, of those who were not told yet.
const LOOKED_AT: usize = 1_000;
/// Reminders made at once: as many as somebody can call about.
const AT_ONCE: usize = 100;

/// Who would be told, and why others are not.
#[derive(Default)]
struct Found {
    chosen: Vec<(DonorId, About, Channel)>,
    left_out: BTreeMap<NotNow, u32>,
    not_looked_at: usize,
}

impl Inner {
    /// Whose time has come. A look writes nothing.
    pub(crate) fn reminder_due(&mut self, _: Nothing) -> Result<RemindersDue, Error> {
        self.actor(Permission::RegisterDonors)?;
        let found = self.to_remind()?;
        Ok(RemindersDue {
            could: count(found.chosen.len()),
            batch: count(found.chosen.len().min(AT_ONCE)),
            left_out: found
                .left_out
                .into_iter()
                .map(|(why, count)| DonorsLeftOut { why: same(why), count })
                .collect(),
            not_looked_at: count(found.not_looked_at),
        })
    }

    /// Puts reminders into the outbox, for those first who gave first.
    pub(crate) fn reminder_make(&mut self, _: Nothing) -> Result<RemindersMade, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let mut chosen = self.to_remind()?.chosen;
        chosen.truncate(AT_ONCE);
        let donors: Vec<DonorId> = chosen.iter().map(|(donor, ..)| *donor).collect();
        let parts = chosen.into_iter().map(|(donor, about, channel)| {
            let command = Box::new(Command::Queue { donor, about, channel });
            Body::Care(CareBody::Message { id: about.message(donor, channel), command })
        });
        let parts: Vec<Body> = parts.collect();
        let made = count(parts.len());
        self.save_many(&actor, parts, &donors, None)?;
        Ok(RemindersMade { made })
    }

    fn to_remind(&self) -> Result<Found, Error> {
        let (now, policy) = (self.now()?, self.policy());
        let around = self.around(None)?;
        let gave = self.store()?.gave_since(now - TimeDelta::days(LOOKED_BACK_DAYS))?;
        let mut found = Found::default();
        let (mut looked_at, mut persons) = (0, BTreeSet::new());
        for id in gave {
            if looked_at == LOOKED_AT {
                found.not_looked_at += 1;
                continue;
            }
            // The same person under another registration is told once.
            if !persons.insert(*around.persons.get(&id).unwrap_or(&id)) {
                continue;
            }
            let donor = self.store()?.donor(id)?.ok_or_else(|| no(Code::NotFound))?;
            let turn = self.turn_of(&donor, &around)?;
            let Some(after) = turn.last.filter(|_| !turn.reminded) else { continue };
            looked_at += 1;
            let contact = self.contact_of(&donor, &Reach::default(), &around)?;
            let Some(channel) = reminded_by(&donor) else { continue };
            match why_not_reminded(&contact, &turn, channel, &policy.care.contact, now).first() {
                None => found.chosen.push((id, About::MayGive { after }, channel)),
                Some(why) => *found.left_out.entry(*why).or_default() += 1,
            }
        }
        Ok(found)
    }

    /// What the reminder that this donor may give again hangs on, of the person under all names.
    pub(super) fn turn_of(&self, record: &Donor, around: &Around) -> Result<Turn, Error> {
        let many = around.persons.contains_key(&record.id);
        let donor = &if many { self.person_of(record)? } else { record.clone() };
        let Some(last) = donor.donations.last() else { return Ok(Turn::default()) };
        let registrations = match many {
            true => self.store()?.registrations(record.id)?,
            false => BTreeSet::from([record.id]),
        };
        let about = About::MayGive { after: last.donation };
        let (from, _) = self.day_of(around.today)?;
        let mut turn = Turn { last: Some(last.donation), ..Turn::default() };
        for id in registrations {
            for channel in [Channel::Sms, Channel::Voice, Channel::Email, Channel::CallList] {
                turn.reminded |= self.store()?.message(about.message(id, channel))?.is_some();
            }
            turn.expected |= self.standing_of(id)?.iter().any(|one| one.at >= from);
            if id != record.id
                && let Some(other) = self.store()?.donor(id)?
            {
                turn.stopped |= self.contact_of(&other, &Reach::default(), around)?.stopped;
            }
        }
        let next = next_dates(donor, around.today, &self.policy().rule_book)
            .into_iter()
            .find(|next| next.kind == last.kind);
        let day = next.and_then(|next| next.on).and_then(|day| day.and_hms_opt(0, 0, 0));
        turn.from = day.map(|wall| instant_of_wall(wall, around.zone));
        Ok(turn)
    }
}
