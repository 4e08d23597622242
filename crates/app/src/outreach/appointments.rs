//! Who is expected at the donor desk, who came, and the reminders that wait in the outbox.

use super::messages::purges;
use crate::backend::{Inner, Passed};
use crate::care::id;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use bloodbank::appointment::{Appointment, Command, Facts as Known, Status};
use bloodbank::donor::{Donor, next_dates};
use bloodbank::outbox::{About, Command as OfMessage, Message, Status as Way, reminder_at};
use bloodbank::profile::DonationKind as Kind;
use chrono::NaiveDate;
use hospital::names;
use kernel::{Actor, AppointmentId, DonorId, Instant, Permission, TimeDelta, instant_of_wall};
use records::{Body, CareBody, CareKey};
use wire::*;

fn body(id: AppointmentId, command: Command) -> Body {
    Body::Care(CareBody::Appointment { id, command: Box::new(command) })
}

fn is_of(message: &Message, appointment: AppointmentId) -> bool {
    matches!(message.about, About::Appointment { appointment: of, .. } if of == appointment)
}

impl Inner {
    pub(crate) fn appointment_list(
        &mut self,
        ask: AppointmentDay,
    ) -> Result<AppointmentList, Error> {
        self.actor(Permission::SeeDonors)?;
        let (now, today) = (self.now()?, self.today()?);
        let day = match ask.day.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => crate::donors::day(text)?,
            None => today,
        };
        let (from, to) = self.day_of(day)?;
        let all: Vec<Appointment> = self.store()?.care_between(from, to)?;
        let mut rows = vec![];
        let mut people = vec![];
        for appointment in &all {
            let donor =
                self.store()?.donor(appointment.donor)?.ok_or_else(|| no(Code::NotFound))?;
            rows.push(self.appointment_row(appointment, &donor, now)?);
            people.push((donor.id, donor.identity.name));
        }
        // The same donor twice is nobody else.
        let mut each = people.clone();
        each.sort_by_key(|(id, _)| *id);
        each.dedup_by_key(|(id, _)| *id);
        let words: Vec<_> =
            each.iter().map(|(_, n)| (n.family.as_str(), n.given.as_str())).collect();
        let alike = names::alike_on_a_list(&words);
        for (row, (id, _)) in rows.iter_mut().zip(&people) {
            let place = each.iter().position(|(one, _)| one == id);
            row.similar_name = place.is_some_and(|place| alike[place]);
        }
        Ok(AppointmentList { day: day.to_string(), today: today.to_string(), rows })
    }

    /// The instants between which a local day lies.
    pub(crate) fn day_of(&self, day: NaiveDate) -> Result<(Instant, Instant), Error> {
        let zone = self.zone()?;
        let midnight = |day: NaiveDate| {
            let wall = day.and_hms_opt(0, 0, 0).ok_or_else(|| no(Code::Malformed))?;
            Ok::<_, Error>(instant_of_wall(wall, zone))
        };
        let next = day.succ_opt().ok_or_else(|| no(Code::Malformed))?;
        Ok((midnight(day)?, midnight(next)?))
    }

    pub(super) fn appointment_row(
        &self,
        appointment: &Appointment,
        donor: &Donor,
        now: Instant,
    ) -> Result<AppointmentRow, Error> {
        let reminders = self.store()?.messages_to(appointment.donor)?;
        // The newest of them; one of an earlier time was taken out when it was moved.
        let reminder = reminders.iter().find(|message| is_of(message, appointment.id));
        Ok(AppointmentRow {
            id: appointment.id.to_string(),
            donor: donor.id.to_string(),
            donor_name: crate::donors::name_of(donor),
            donor_number: donor.identity.number.clone(),
            kind: same(appointment.donation),
            at: rfc3339(appointment.at),
            state: match appointment.status {
                Status::Booked => AppointmentState::Booked,
                Status::Cancelled { .. } => AppointmentState::Cancelled,
                Status::Came { .. } => AppointmentState::Came,
                Status::DidNotCome => AppointmentState::DidNotCome,
            },
            cancel_reason: match &appointment.status {
                Status::Cancelled { reason } => Some(reason.clone()),
                _ => None,
            },
            walk_in: appointment.walk_in,
            moved: appointment.moved,
            came_at: match appointment.status {
                Status::Came { at } => Some(rfc3339(at)),
                _ => None,
            },
            reminder: reminder.map(|message| super::messages::state(message, now)),
            similar_name: false,
        })
    }

    /// Appointments of a donor that stand, the next first.
    pub(super) fn standing_of(&self, donor: DonorId) -> Result<Vec<Appointment>, Error> {
        let mut all: Vec<Appointment> = self.store()?.care_by_word(&donor.to_string())?;
        all.retain(|one| one.status == Status::Booked);
        all.sort_by_key(|one| one.at);
        Ok(all)
    }

    pub(crate) fn appointment_book(&mut self, ask: AppointmentBook) -> Result<Made, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let donor: DonorId = id(&ask.donor)?;
        let at = self.at_wall(&ask.wall)?;
        let made = AppointmentId(self.options.clock.new_uuid());
        let donation = same(ask.kind);
        let mut parts = vec![body(made, Command::Book { donor, donation, at, by: actor.id })];
        parts.extend(self.reminder(donor, made, at)?);
        self.on_appointment(&actor, donor, donation, None, parts)?;
        Ok(Made { id: made.to_string() })
    }

    /// A donor who comes without an appointment stands in the list of the day.
    pub(crate) fn appointment_walk_in(&mut self, ask: AppointmentWalkIn) -> Result<Made, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let donor: DonorId = id(&ask.donor)?;
        let made = AppointmentId(self.options.clock.new_uuid());
        let donation = same(ask.kind);
        let parts = vec![body(made, Command::WalkIn { donor, donation, by: actor.id })];
        self.on_appointment(&actor, donor, donation, None, parts)?;
        Ok(Made { id: made.to_string() })
    }

    pub(crate) fn appointment_move(&mut self, ask: AppointmentMove) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let known: Appointment = self.care_there(CareKey::Appointment(id(&ask.appointment)?))?;
        let at = self.at_wall(&ask.wall)?;
        let mut parts = vec![body(known.id, Command::Move { at })];
        parts.extend(self.no_reminder(&known)?);
        parts.extend(self.reminder(known.donor, known.id, at)?);
        self.on_appointment(&actor, known.donor, known.donation, Some(known.id), parts)
    }

    pub(crate) fn appointment_cancel(&mut self, ask: AppointmentCancel) -> Result<Nothing, Error> {
        self.end_appointment(&ask.appointment, Command::Cancel { reason: ask.reason })
    }

    pub(crate) fn appointment_came(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.end_appointment(&ask.id, Command::NoteCame)
    }

    pub(crate) fn appointment_missed(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.end_appointment(&ask.id, Command::NoteDidNotCome)
    }

    /// How an appointment ends; nobody is reminded of it any more.
    fn end_appointment(&mut self, of: &str, command: Command) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let of: AppointmentId = id(of)?;
        let known: Appointment = self.care_there(CareKey::Appointment(of))?;
        let mut parts = vec![body(of, command)];
        parts.extend(self.no_reminder(&known)?);
        self.on_appointment(&actor, known.donor, known.donation, Some(of), parts)
    }

    fn on_appointment(
        &mut self,
        actor: &Actor,
        donor: DonorId,
        donation: Kind,
        but: Option<AppointmentId>,
        parts: Vec<Body>,
    ) -> Result<Nothing, Error> {
        let mut facts = self.outbox_facts(&[donor], None)?;
        let known = self.store()?.donor(donor)?.ok_or_else(|| no(Code::NotFound))?;
        let (today, policy) = (self.today()?, self.policy());
        let known = self.person_of(&known)?;
        let next = next_dates(&known, today, &policy.rule_book)
            .into_iter()
            .find(|next| next.kind == donation);
        facts.care.appointment = Known {
            zone: Some(self.zone()?),
            may_give_from: next.and_then(|next| next.on),
            others: self
                .standing_of(donor)?
                .into_iter()
                .filter(|one| Some(one.id) != but)
                .map(|one| one.at)
                .collect(),
        };
        self.save_parts(actor, parts, facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// The reminder of an appointment, if the donor agreed to one and there is time for it.
    fn reminder(
        &self,
        donor: DonorId,
        appointment: AppointmentId,
        at: Instant,
    ) -> Result<Option<Body>, Error> {
        let known = self.store()?.donor(donor)?.ok_or_else(|| no(Code::NotFound))?;
        let (now, zone, policy) = (self.now()?, self.zone()?, self.policy());
        let Some(channel) = super::reminded_by(&known) else { return Ok(None) };
        // Booked for tomorrow while the donor stands here: they know.
        let soon = at - now < TimeDelta::hours(bloodbank::outbox::REMIND_HOURS);
        if soon || reminder_at(at, zone, &policy.care, now).is_none() {
            return Ok(None);
        }
        let about = About::Appointment { appointment, at };
        let command = Box::new(OfMessage::Queue { donor, about, channel });
        let id = about.message(donor, channel);
        Ok(Some(Body::Care(CareBody::Message { id, command })))
    }

    /// Takes the reminder that waits out of the queue.
    fn no_reminder(&self, of: &Appointment) -> Result<Vec<Body>, Error> {
        let mut messages = self.store()?.messages_to(of.donor)?;
        messages.retain(|message| is_of(message, of.id) && message.status == Way::Queued);
        Ok(purges(&messages))
    }

    /// A local time of the page.
    fn at_wall(&self, wall: &str) -> Result<Instant, Error> {
        Ok(instant_of_wall(crate::blood::wall(wall.trim())?, self.zone()?))
    }
}
