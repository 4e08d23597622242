//! The outbox of messages to donors (bloodbank.md 5). It sends nothing: the channels stand outside and
//! take from it what is due; a person who calls from the list is such a channel.

use crate::care::{CareRule, Refusal, changed, unknown};
use crate::care_policy::{CarePolicy, ContactPolicy};
use crate::contact::{Campaign, Channel, Contact, NotNow, asked_recently, may_leave_at, why_not};
use crate::donor::{self, Donor};
use chrono::{NaiveDate, TimeDelta};
use kernel::{AppointmentId, CampaignId, DonationId, DonorId, Instant, MessageId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a message is about. Never a test result, a deferral or a diagnosis: telephones are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum About {
    /// Blood is needed.
    Appeal { campaign: CampaignId },
    /// An appointment comes near.
    Appointment { appointment: AppointmentId, at: Instant },
    /// The time that the body needs after a donation is over: said once after each donation.
    MayGive { after: DonationId },
}

impl About {
    /// The id of the message about this to this donor by this channel: made twice, it is one.
    pub fn message(&self, donor: DonorId, channel: Channel) -> MessageId {
        let about = match self {
            About::Appeal { campaign } => campaign.to_string(),
            About::Appointment { appointment, at } => {
                format!("{appointment} {}", kernel::micros(*at))
            }
            About::MayGive { after } => format!("may give after {after}"),
        };
        MessageId::of(donor, &about, &crate::crossmatch::snake(&channel))
    }

    pub fn campaign(&self) -> Option<CampaignId> {
        match self {
            About::Appeal { campaign } => Some(*campaign),
            About::Appointment { .. } | About::MayGive { .. } => None,
        }
    }

    /// The donation after which it says that its donor may give again.
    pub fn after(&self) -> Option<DonationId> {
        match self {
            About::MayGive { after } => Some(*after),
            About::Appeal { .. } | About::Appointment { .. } => None,
        }
    }
}

/// One message. The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub donor: DonorId,
    pub about: About,
    pub channel: Channel,
    pub queued_at: Instant,
    pub status: Status,
    pub not_before: Instant,
    pub void_at: Instant,
    pub tries: u32,
    pub said_yes_at: Option<Instant>,
    pub delivered_at: Option<Instant>,
    pub donated_at: Option<Instant>,
    pub reply: Option<Reply>,
    pub version: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    Sent,
    Delivered,
    Failed,
    Replied,
    Donated,
    /// Taken out before it left: a stop, enough acceptances, too late.
    Purged,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Yes,
    No,
    Later,
    Stop,
    NotUnderstood,
}

/// What a reply says. STOP is understood in the words that the site has set, whatever else stands
/// around it; a word for yes or no must stand alone.
pub fn read_reply(text: &str, stop_words: &[&str]) -> Reply {
    let plain = text.trim().to_lowercase();
    let words: Vec<&str> =
        plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_stop =
        |word: &&str| *word == "stop" || stop_words.iter().any(|s| s.to_lowercase() == **word);
    if words.iter().any(is_stop) {
        return Reply::Stop;
    }
    match words.as_slice() {
        ["yes"] => Reply::Yes,
        ["no"] => Reply::No,
        ["later"] => Reply::Later,
        _ => Reply::NotUnderstood,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// Puts a donor into the outbox.
    Queue {
        donor: DonorId,
        about: About,
        channel: Channel,
    },
    /// It has left, or the call was made.
    NoteSent,
    NoteDelivered,
    NoteFailed,
    NoteReply {
        reply: Reply,
    },
    NoteDonated,
    Purge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Queued {
        donor: DonorId,
        about: About,
        channel: Channel,
        not_before: Instant,
        void_at: Instant,
        at: Instant,
    },
    Sent,
    Delivered {
        at: Instant,
    },
    /// Not reached; tried again after a while unless it was the last time.
    Failed {
        again_at: Option<Instant>,
    },
    Replied {
        reply: Reply,
        at: Instant,
    },
    Donated {
        at: Instant,
    },
    Purged,
}

/// How often a message is tried.
pub const TRIES: u32 = 4;

/// All that a decision may know beside the message.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub contacts: BTreeMap<DonorId, Contact>,
    pub campaign: Option<Campaign>,
    /// Of the desk, for its reminders.
    pub zone: Option<chrono_tz::Tz>,
    /// Of those who may be told that they may give again.
    pub turns: BTreeMap<DonorId, Turn>,
    pub site: String,
}

/// What the reminder that somebody may give again hangs on; of the person, under all their
/// registrations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Their last donation.
    pub last: Option<DonationId>,
    /// From when on they may give again what they gave then. None: nobody can say.
    pub from: Option<Instant>,
    /// An appointment stands.
    pub expected: bool,
    /// A reminder after that donation was made before, by whichever channel and whatever came of it.
    pub reminded: bool,
    /// Another registration of theirs wants no messages.
    pub stopped: bool,
}

/// Days in which somebody is told that they may give again; later it is no news.
pub const MAY_GIVE_DAYS: i64 = 14;

/// Whether this donor may be told now, by this channel, that they may give again; every reason against,
/// in order. Neither their group nor how far they live matters.
pub fn why_not_reminded(
    contact: &Contact,
    turn: &Turn,
    channel: Channel,
    policy: &ContactPolicy,
    now: Instant,
) -> Vec<NotNow> {
    [
        (NotNow::Stopped, contact.stopped || turn.stopped),
        (NotNow::NoAgreement, !contact.agreed.contains(&channel)),
        (NotNow::Deferred, contact.deferred),
        (NotNow::NotYetEligible, turn.from.is_none_or(|from| from > now)),
        (NotNow::NotAvailable, !contact.available),
        (NotNow::AskedRecently, asked_recently(contact, policy, now)),
        (NotNow::Expected, turn.expected),
        (NotNow::Reminded, turn.reminded),
    ]
    .into_iter()
    .filter_map(|(why, holds)| holds.then_some(why))
    .collect()
}

/// That one donor may give again.
fn may_give(
    facts: &Facts,
    contact: &Contact,
    after: DonationId,
    channel: Channel,
    policy: &CarePolicy,
    now: Instant,
) -> Result<(Instant, Instant), Refusal> {
    let turn = facts.turns.get(&contact.donor).ok_or_else(|| unknown("donor"))?;
    if turn.last != Some(after) {
        return Err(changed("gave"));
    }
    if let Some(why) = why_not_reminded(contact, turn, channel, &policy.contact, now).first() {
        return Err(not_to_be_asked(*why));
    }
    let zone = facts.zone.unwrap_or(chrono_tz::UTC);
    Ok((may_leave_at(now, zone, &policy.contact), now + TimeDelta::days(MAY_GIVE_DAYS)))
}

fn not_to_be_asked(why: NotNow) -> Refusal {
    Refusal::stop(CareRule::MayNotBeAsked).with("why", crate::crossmatch::snake(&why))
}

/// An appeal to one donor.
fn appeal(
    facts: &Facts,
    contact: &Contact,
    id: CampaignId,
    channel: Channel,
    policy: &CarePolicy,
    now: Instant,
) -> Result<(Instant, Instant), Refusal> {
    let campaign = facts.campaign.as_ref().filter(|campaign| campaign.id == id);
    let campaign = campaign.ok_or_else(|| unknown("campaign"))?;
    if campaign.owner != facts.site {
        return Err(Refusal::stop(CareRule::CustodyElsewhere).with("site", &campaign.owner));
    }
    if campaign.channel != channel {
        return Err(not_to_be_asked(NotNow::NoAgreement));
    }
    if let Some(why) = why_not(contact, campaign, &policy.contact, now).first() {
        return Err(not_to_be_asked(*why));
    }
    Ok((may_leave_at(now, campaign.zone, &policy.contact), campaign.void_at))
}

/// Hours before an appointment at which its reminder leaves.
pub const REMIND_HOURS: i64 = 24;

/// When the reminder of an appointment leaves; none when that would be after it.
pub fn reminder_at(
    at: Instant,
    zone: chrono_tz::Tz,
    policy: &CarePolicy,
    now: Instant,
) -> Option<Instant> {
    let wished = (at - TimeDelta::hours(REMIND_HOURS)).max(now);
    Some(may_leave_at(wished, zone, &policy.contact)).filter(|leaves| *leaves < at)
}

/// A reminder to one donor: of what was agreed with them, so neither group nor distance matters.
fn reminder(
    facts: &Facts,
    contact: &Contact,
    at: Instant,
    channel: Channel,
    policy: &CarePolicy,
    now: Instant,
) -> Result<(Instant, Instant), Refusal> {
    let against = [
        (NotNow::Stopped, contact.stopped),
        (NotNow::NoAgreement, !contact.agreed.contains(&channel)),
        (NotNow::Deferred, contact.deferred),
        (NotNow::NotYetEligible, contact.eligible_from.is_none_or(|from| from > at)),
    ];
    if let Some((why, _)) = against.into_iter().find(|(_, holds)| *holds) {
        return Err(not_to_be_asked(why));
    }
    let zone = facts.zone.unwrap_or(chrono_tz::UTC);
    let leaves = reminder_at(at, zone, policy, now);
    let leaves = leaves
        .ok_or_else(|| Refusal::stop(CareRule::TimeNotPossible).with("field", "notBefore"))?;
    Ok((leaves, at))
}

/// Whether a message may be handed to its channel now.
pub fn due(message: &Message, now: Instant) -> bool {
    message.status == Status::Queued && message.not_before <= now && now < message.void_at
}

/// Whether somebody who was called and not reached may call back: nothing leaves the house for that.
pub fn calls_back(message: &Message, now: Instant) -> bool {
    message.status == Status::Queued
        && message.channel == Channel::CallList
        && message.tries > 0
        && now < message.void_at
}

/// Whether it stands in the queue though its time is over.
pub fn is_void(message: &Message, now: Instant) -> bool {
    message.status == Status::Queued && now >= message.void_at
}

/// Decides a command on a message.
///
/// # Errors
/// Another site owns the campaign; the donor may not be asked; the campaign is over; a step that its
/// state does not allow.
pub fn decide(
    state: Option<&Message>,
    facts: &Facts,
    command: Command,
    policy: &CarePolicy,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    use Status::{Delivered, Failed, Queued, Replied, Sent};
    if let Command::Queue { donor, about, channel } = command {
        if state.is_some() {
            return Ok(vec![]); // made twice
        }
        let contact = facts.contacts.get(&donor).ok_or_else(|| unknown("donor"))?;
        let (not_before, void_at) = match about {
            About::Appeal { campaign } => appeal(facts, contact, campaign, channel, policy, now)?,
            About::Appointment { at, .. } => reminder(facts, contact, at, channel, policy, now)?,
            About::MayGive { after } => may_give(facts, contact, after, channel, policy, now)?,
        };
        if not_before >= void_at {
            return Err(Refusal::stop(CareRule::TimeNotPossible).with("field", "voidAt"));
        }
        return Ok(vec![Event::Queued { donor, about, channel, not_before, void_at, at: now }]);
    }
    let message = state.ok_or_else(|| unknown("message"))?;
    let event = match (command, message.status) {
        (Command::NoteSent, Queued) if due(message, now) || calls_back(message, now) => {
            still_to_be_asked(message, facts, policy, now)?;
            Event::Sent
        }
        // Void: it leaves the queue instead of leaving the house.
        (Command::NoteSent, Queued) if is_void(message, now) => Event::Purged,
        (Command::NoteDelivered, Sent) => Event::Delivered { at: now },
        (Command::NoteFailed, Sent | Queued) => {
            let tries = message.tries.saturating_add(1);
            let wait = TimeDelta::minutes(5 << tries.min(6));
            let again_at = now.checked_add_signed(wait);
            Event::Failed { again_at: again_at.filter(|at| tries < TRIES && *at < message.void_at) }
        }
        (Command::NoteReply { reply }, Sent | Delivered | Replied | Failed) => {
            Event::Replied { reply, at: now }
        }
        (Command::NoteDonated, Sent | Delivered | Replied) => Event::Donated { at: now },
        (Command::Purge, Queued) => Event::Purged,
        // What has left cannot be taken back.
        (Command::Purge, _) => return Ok(vec![]),
        _ => return Err(changed("other")),
    };
    Ok(vec![event])
}

/// What came between the queue and the door: a stop, a deferral, or that they gave meanwhile.
fn still_to_be_asked(
    message: &Message,
    facts: &Facts,
    policy: &CarePolicy,
    now: Instant,
) -> Result<(), Refusal> {
    let Some(contact) = facts.contacts.get(&message.donor) else { return Ok(()) };
    match may_still_leave(message, contact, facts.turns.get(&message.donor), policy, now) {
        Some(why) => Err(not_to_be_asked(why)),
        None => Ok(()),
    }
}

/// Why a message that waits must not leave any more, if so.
pub fn may_still_leave(
    message: &Message,
    contact: &Contact,
    turn: Option<&Turn>,
    policy: &CarePolicy,
    now: Instant,
) -> Option<NotNow> {
    let against = [
        (NotNow::Stopped, contact.stopped),
        (NotNow::NoAgreement, !contact.agreed.contains(&message.channel)),
        (NotNow::Deferred, contact.deferred),
    ];
    if let Some((why, _)) = against.into_iter().find(|(_, holds)| *holds) {
        return Some(why);
    }
    let (after, turn) = message.about.after().zip(turn)?;
    if turn.last != Some(after) {
        return Some(NotNow::NotYetEligible);
    }
    // Made already: this is the one.
    why_not_reminded(contact, turn, message.channel, &policy.contact, now)
        .into_iter()
        .find(|why| *why != NotNow::Reminded)
}

/// The reminders in the queue that have nothing to say any more: their donor gave again, was deferred,
/// cannot be reached or is expected. `records` are all registrations of the person.
pub fn purged_by_turn(
    queue: &[Message],
    records: &[Donor],
    expected: bool,
    today: NaiveDate,
) -> Vec<usize> {
    places(queue, |message| {
        let Some(after) = message.about.after() else { return false };
        let Some(own) = records.iter().find(|record| record.id == message.donor) else {
            return false;
        };
        let person = donor::person(own, records);
        expected
            || person.contact.is_none()
            || person.deferred_on(today).iter().any(|one| one.only.is_empty())
            || person.donations.last().is_some_and(|last| last.donation != after)
    })
}

/// The message after an event. `None` only for an event other than [`Event::Queued`] about a message
/// that is not known.
pub fn apply(state: Option<Message>, id: MessageId, event: &Event) -> Option<Message> {
    if let Event::Queued { donor, about, channel, not_before, void_at, at } = *event {
        return state.or(Some(Message {
            id,
            donor,
            about,
            channel,
            queued_at: at,
            status: Status::Queued,
            not_before,
            void_at,
            tries: 0,
            said_yes_at: None,
            delivered_at: None,
            donated_at: None,
            reply: None,
            version: 1,
        }));
    }
    let mut message = state?;
    message.version += 1;
    match event {
        Event::Queued { .. } => {}
        Event::Sent => message.status = Status::Sent,
        Event::Delivered { at } => {
            message.status = Status::Delivered;
            message.delivered_at = Some(*at);
        }
        Event::Failed { again_at } => {
            message.tries = message.tries.saturating_add(1);
            match again_at {
                Some(at) => {
                    message.status = Status::Queued;
                    message.not_before = *at;
                }
                None => message.status = Status::Failed,
            }
        }
        Event::Replied { reply, at } => {
            message.status = Status::Replied;
            message.reply = Some(*reply);
            // A reply proves the delivery, also where the channel gave no receipt.
            message.delivered_at.get_or_insert(*at);
            if *reply == Reply::Yes {
                message.said_yes_at.get_or_insert(*at);
            }
        }
        Event::Donated { at } => {
            message.status = Status::Donated;
            message.donated_at = Some(*at);
        }
        Event::Purged => message.status = Status::Purged,
    }
    Some(message)
}

/// The messages in the queue that a STOP takes out: those of every registration of the person.
pub fn purged_by_stop(queue: &[Message], registrations: &BTreeSet<DonorId>) -> Vec<usize> {
    places(queue, |message| registrations.contains(&message.donor))
}

/// The messages that are no longer needed once enough have said yes.
pub fn purged_by_enough(queue: &[Message], campaign: &Campaign) -> Vec<usize> {
    let yes = queue
        .iter()
        .filter(|message| {
            message.about.campaign() == Some(campaign.id) && message.said_yes_at.is_some()
        })
        .count();
    if u32::try_from(yes).unwrap_or(u32::MAX) < campaign.wanted {
        return vec![];
    }
    places(queue, |message| message.about.campaign() == Some(campaign.id))
}

fn places(queue: &[Message], which: impl Fn(&Message) -> bool) -> Vec<usize> {
    queue
        .iter()
        .enumerate()
        .filter(|(_, message)| message.status == Status::Queued && which(message))
        .map(|(index, _)| index)
        .collect()
}
