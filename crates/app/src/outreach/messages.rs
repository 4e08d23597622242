//! The outbox and what donors say: entered by a person, for no channel is set up yet.

use super::{agreement, channels};
use crate::backend::Inner;
use crate::care::id;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use bloodbank::appeal::{Appeal, Reach};
use bloodbank::contact::Channel;
use bloodbank::donor::{Command as OfDonor, Donor};
use bloodbank::outbox::{About, Command, Message, Reply, Status, is_void, may_still_leave};
use chrono::TimeDelta;
use kernel::{Actor, DonorId, Instant, Permission};
use records::{Body, CareBody, CareKey, Key};
use std::collections::BTreeSet;
use wire::*;

fn body(message: &Message, command: Command) -> Body {
    Body::Care(CareBody::Message { id: message.id, command: Box::new(command) })
}

/// Takes what has not left out of the queue.
pub(super) fn purges(messages: &[Message]) -> Vec<Body> {
    let waiting = messages.iter().filter(|message| message.status == Status::Queued);
    waiting.map(|message| body(message, Command::Purge)).collect()
}

/// Whether a person of this facility carries this message out.
fn is_called(channel: Channel) -> bool {
    matches!(channel, Channel::CallList)
}

pub(super) fn state(message: &Message, now: Instant) -> MessageState {
    match message.status {
        Status::Queued if is_void(message, now) => MessageState::Over,
        Status::Queued if message.not_before > now => MessageState::Held,
        Status::Queued if is_called(message.channel) => MessageState::ToCall,
        Status::Queued => MessageState::Waits,
        Status::Sent => MessageState::Sent,
        Status::Delivered => MessageState::Delivered,
        Status::Failed => MessageState::Failed,
        Status::Replied => MessageState::Replied,
        Status::Donated => MessageState::Donated,
        Status::Purged => MessageState::Purged,
    }
}

impl Inner {
    pub(crate) fn message_list(&mut self, _: Nothing) -> Result<Outbox, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        let now = self.now()?;
        let (waiting, all) = self.store()?.messages_waiting()?;
        let left_out = crate::care::left_out(all, waiting.len());
        self.note_list(&actor, Key::Facility, "call_list", waiting.len())?;
        let rows = self.message_rows(&waiting, &actor, now)?;
        Ok(Outbox { rows, channels: vec![], left_out })
    }

    /// Messages as the page shows them. A telephone number stands only where a call is to be made, for
    /// those who work with donors.
    pub(super) fn message_rows(
        &self,
        messages: &[Message],
        actor: &Actor,
        now: Instant,
    ) -> Result<Vec<MessageRow>, Error> {
        let may_call = actor.role.may(Permission::RegisterDonors);
        let (mut around, policy) = (None, self.policy());
        let mut rows = vec![];
        for message in messages {
            let Some(donor) = self.store()?.donor(message.donor)? else { continue };
            let mut state = state(message, now);
            // Whoever was deferred since is called by nobody, and no number is shown for it.
            let waits =
                matches!(state, MessageState::ToCall | MessageState::Held | MessageState::Waits);
            if waits && self.deferred_now(&donor)? {
                state = MessageState::Over;
            }
            // What it would say must still be so.
            if waits && message.about.after().is_some() {
                let around = match &mut around {
                    Some(around) => around,
                    None => around.insert(self.around(None)?),
                };
                let contact = self.contact_of(&donor, &Reach::default(), around)?;
                let turn = self.turn_of(&donor, around)?;
                let why = may_still_leave(message, &contact, Some(&turn), &policy.care, now);
                if why.is_some() {
                    state = MessageState::Over;
                }
            }
            let phone = donor.contact.as_ref().and_then(|contact| contact.phone.clone());
            rows.push(MessageRow {
                id: message.id.to_string(),
                donor: donor.id.to_string(),
                donor_name: crate::donors::name_of(&donor),
                donor_number: donor.identity.number.clone(),
                phone: phone.filter(|_| may_call && state == MessageState::ToCall),
                about: match message.about {
                    About::Appeal { .. } => MessageAbout::Appeal,
                    About::Appointment { .. } => MessageAbout::Appointment,
                    About::MayGive { .. } => MessageAbout::MayGive,
                },
                appeal: message.about.campaign().map(|id| id.to_string()),
                appointment_at: match message.about {
                    About::Appointment { at, .. } => Some(rfc3339(at)),
                    About::Appeal { .. } | About::MayGive { .. } => None,
                },
                channel: same(message.channel),
                state,
                reply: message.reply.map(same),
                queued_at: rfc3339(message.queued_at),
                not_before: rfc3339(message.not_before),
                void_at: rfc3339(message.void_at),
                tries: message.tries,
            });
        }
        Ok(rows)
    }

    /// What a donor said, or what came of a call.
    pub(crate) fn message_answer(&mut self, ask: MessageAnswered) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let message: Message = self.care_there(CareKey::Message(id(&ask.message)?))?;
        let appeal = match message.about.campaign() {
            Some(campaign) => self.store()?.care_of::<Appeal>(CareKey::Campaign(campaign))?,
            None => None,
        };
        let registrations = self.store()?.registrations(message.donor)?;
        let reply = match ask.answer {
            MessageAnswer::NotReached => {
                if !is_called(message.channel) {
                    return Err(no(Code::Changed));
                }
                let parts = vec![body(&message, Command::NoteFailed)];
                self.save_many(&actor, parts, &[message.donor], appeal.as_ref())?;
                return Ok(Nothing {});
            }
            MessageAnswer::Yes => Reply::Yes,
            MessageAnswer::No => Reply::No,
            MessageAnswer::Later => Reply::Later,
            MessageAnswer::Stop => Reply::Stop,
        };
        let mut parts = vec![];
        // A STOP is heard whatever it answers, also where nothing has left, or may leave now.
        let donor = self.store()?.donor(message.donor)?.ok_or_else(|| no(Code::NotFound))?;
        let silent = reply == Reply::Stop
            && (state(&message, self.now()?) != MessageState::ToCall
                || self.deferred_now(&donor)?);
        let called = message.status == Status::Queued && is_called(message.channel) && !silent;
        let unheard = message.status == Status::Queued && !called;
        if called {
            parts.extend([Command::NoteSent, Command::NoteDelivered].map(|c| body(&message, c)));
            let channel = agreement(message.channel);
            let command = OfDonor::NoteAsked { channel };
            parts.push(Body::Donor { id: message.donor, command });
        }
        if !(unheard && reply == Reply::Stop) {
            parts.push(body(&message, Command::NoteReply { reply }));
        }
        if reply == Reply::Stop {
            parts.extend(self.stopped(&registrations, None, called.then_some(&message))?);
        }
        if reply == Reply::Yes
            && let Some(appeal) = &appeal
        {
            let rest = self.enough(appeal, message.said_yes_at.is_none())?;
            // Its own message has left by now.
            parts.extend(
                rest.into_iter()
                    .filter(|part| part.keys() != [Key::Care(CareKey::Message(message.id))]),
            );
        }
        self.save_many(&actor, parts, &[message.donor], appeal.as_ref())?;
        Ok(Nothing {})
    }

    /// Whether a person may not be asked today, under whichever name they are registered.
    fn deferred_now(&self, donor: &Donor) -> Result<bool, Error> {
        let today = self.today()?;
        let person = self.person_of(donor)?;
        Ok(person.deferred_on(today).iter().any(|one| one.only.is_empty()))
    }

    /// What a STOP does: no registration of the person agrees any more, to this channel or to any, and
    /// nothing that waits for them leaves.
    fn stopped(
        &self,
        registrations: &BTreeSet<DonorId>,
        only: Option<bloodbank::donor::Channel>,
        but: Option<&Message>,
    ) -> Result<Vec<Body>, Error> {
        let mut parts = vec![];
        for id in registrations {
            let Some(donor) = self.store()?.donor(*id)? else { continue };
            for (channel, said) in &donor.channels {
                if said.agreed && only.is_none_or(|only| only == *channel) {
                    let command = OfDonor::Agree { channel: *channel, agreed: false };
                    parts.push(Body::Donor { id: *id, command });
                }
            }
            let concerned = |message: &Message| {
                only.is_none_or(|only| channels(only).contains(&message.channel))
                    && but.is_none_or(|but| but.id != message.id)
            };
            let waiting = self.store()?.messages_to(*id)?;
            parts.extend(purges(&waiting.into_iter().filter(concerned).collect::<Vec<_>>()));
        }
        Ok(parts)
    }

    /// A donor agrees to a channel, or takes it back; what waits on it does not leave then.
    pub(crate) fn donor_agree(&mut self, ask: DonorAgree) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let donor: DonorId = id(&ask.donor)?;
        let channel = same(ask.channel);
        let parts = if ask.agreed {
            let command = OfDonor::Agree { channel, agreed: true };
            vec![Body::Donor { id: donor, command }]
        } else {
            let known = self.store()?.donor(donor)?.ok_or_else(|| no(Code::NotFound))?;
            let mut parts =
                self.stopped(&self.store()?.registrations(donor)?, Some(channel), None)?;
            if !known.channels.get(&channel).is_some_and(|said| said.agreed) {
                // Never agreed: what was said is kept all the same.
                let command = OfDonor::Agree { channel, agreed: false };
                parts.insert(0, Body::Donor { id: donor, command });
            }
            parts
        };
        self.save_many(&actor, parts, &[], None)?;
        Ok(Nothing {})
    }

    /// How a donor may be reached, and what was written to them.
    pub(crate) fn donor_contact(&mut self, ask: ById) -> Result<ContactView, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        let donor: Donor = self.store()?.donor(id(&ask.id)?)?.ok_or_else(|| no(Code::NotFound))?;
        self.note_donor(&actor, &ask.id, "contact")?;
        let now = self.now()?;
        use bloodbank::donor::Channel as C;
        let channels = [C::Sms, C::Call, C::Email, C::Post].map(|channel| {
            let said = donor.channels.get(&channel);
            ChannelRow {
                channel: same(channel),
                agreed: said.map(|said| said.agreed),
                at: said.map(|said| rfc3339(said.at)),
            }
        });
        let messages = self.store()?.messages_to(donor.id)?;
        let mut appointments = vec![];
        for one in self.standing_of(donor.id)? {
            appointments.push(self.appointment_row(&one, &donor, now)?);
        }
        Ok(ContactView {
            channels: channels.to_vec(),
            reachable: donor.contact.is_some(),
            messages: self.message_rows(&messages, &actor, now)?,
            appointments,
        })
    }

    /// Notes on what was written to a donor that they have given: the turn-out of an appeal.
    pub(crate) fn gave_after(&self, donor: DonorId, now: Instant) -> Result<Vec<Body>, Error> {
        let days = i64::from(self.policy().care.contact.turnout_days.value);
        let since = now - TimeDelta::days(days);
        let mut parts = vec![];
        for registration in self.store()?.registrations(donor)? {
            for message in self.store()?.messages_to(registration)? {
                let reached =
                    matches!(message.status, Status::Sent | Status::Delivered | Status::Replied);
                let of_appeal = message.about.campaign().is_some();
                if reached && of_appeal && message.delivered_at.is_some_and(|at| at >= since) {
                    parts.push(body(&message, Command::NoteDonated));
                }
            }
        }
        parts.truncate(records::MOST_WRITES - 4);
        Ok(parts)
    }
}
