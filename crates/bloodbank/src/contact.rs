//! Who may be written to, when, and how often; the outbox of messages (bloodbank.md 5). It sends
//! nothing: the channels stand outside and take from the outbox what is due.

use crate::care::{CareRule, Refusal, changed};
use crate::care_policy::{CarePolicy, ContactPolicy};
use chrono::{NaiveTime, TimeDelta, TimeZone as _, Timelike as _};
use kernel::{BloodGroup, CampaignId, Component, DonorId, Instant, instant_of_wall};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Sms,
    Voice,
    Email,
    /// A person calls from a printed list.
    CallList,
}

/// What the outbox may know of a donor. No result, no reason of a deferral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub donor: DonorId,
    /// One and the same person registered at several sites has several donors and one of these.
    pub person: String,
    pub group: BloodGroup,
    /// Agreed to, channel by channel.
    pub agreed: BTreeSet<Channel>,
    pub stopped: bool,
    /// None: deferred for good or until somebody decides.
    pub eligible_from: Option<Instant>,
    pub deferred: bool,
    /// Told us that they cannot come now; eligible is not available.
    pub available: bool,
    pub last_appeal_at: Option<Instant>,
    /// From the middle of the donor's area to the site.
    pub metres: u32,
}

/// An appeal for a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    pub id: CampaignId,
    /// The only site that sends for it; two would send twice.
    pub owner: String,
    pub component: Component,
    /// Groups that help.
    pub groups: BTreeSet<BloodGroup>,
    pub channel: Channel,
    pub zone: chrono_tz::Tz,
    /// Void after this, also in a queue that was offline.
    pub void_at: Instant,
    /// Acceptances that are enough.
    pub wanted: u32,
    pub within_metres: u32,
}

/// Why a donor is not written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotNow {
    Stopped,
    NoAgreement,
    Deferred,
    NotYetEligible,
    NotAvailable,
    AskedRecently,
    OtherGroup,
    TooFar,
    /// The same person is in this campaign under another registration.
    SamePerson,
}

/// Whether this donor may be asked in this campaign now; every reason against, in order.
pub fn why_not(
    contact: &Contact,
    campaign: &Campaign,
    policy: &ContactPolicy,
    now: Instant,
) -> Vec<NotNow> {
    let pause = TimeDelta::days(i64::from(policy.days_between_appeals.value));
    [
        (NotNow::Stopped, contact.stopped),
        (NotNow::NoAgreement, !contact.agreed.contains(&campaign.channel)),
        (NotNow::Deferred, contact.deferred),
        (NotNow::NotYetEligible, contact.eligible_from.is_none_or(|from| from > now)),
        (NotNow::NotAvailable, !contact.available),
        (NotNow::AskedRecently, contact.last_appeal_at.is_some_and(|at| now - at < pause)),
        (NotNow::OtherGroup, !campaign.groups.contains(&contact.group)),
        (NotNow::TooFar, contact.metres > campaign.within_metres),
    ]
    .into_iter()
    .filter_map(|(why, holds)| holds.then_some(why))
    .collect()
}

/// Who is asked next, the nearest first, and who is not, with the reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub chosen: Vec<DonorId>,
    pub left_out: Vec<(DonorId, Vec<NotNow>)>,
}

/// Chooses at most `at_most` donors. `asked` are the persons that this campaign has reached
/// already. The same person, registered twice, gets one message; the later appeal of the two
/// registrations counts, and a stop or a deferral of one holds for both.
pub fn select(
    contacts: &[Contact],
    campaign: &Campaign,
    asked: &BTreeSet<String>,
    at_most: usize,
    policy: &ContactPolicy,
    now: Instant,
) -> Selection {
    let mut selection = Selection::default();
    let mut order: Vec<&Contact> = contacts.iter().collect();
    order.sort_by_key(|contact| (contact.metres, contact.donor));
    let mut taken = asked.clone();
    for contact in order {
        let mut why: Vec<NotNow> = contacts
            .iter()
            .filter(|other| other.person == contact.person)
            .flat_map(|other| {
                why_not(other, campaign, policy, now).into_iter().filter(move |why| {
                    other.donor == contact.donor
                        || matches!(
                            why,
                            NotNow::Stopped
                                | NotNow::Deferred
                                | NotNow::NotYetEligible
                                | NotNow::AskedRecently
                        )
                })
            })
            .collect();
        if taken.contains(&contact.person) {
            why.push(NotNow::SamePerson);
        }
        why.sort_unstable();
        why.dedup();
        if !why.is_empty() {
            selection.left_out.push((contact.donor, why));
        } else if selection.chosen.len() < at_most {
            taken.insert(contact.person.clone());
            selection.chosen.push(contact.donor);
        }
    }
    selection
}

/// How many to ask for `wanted` acceptances: `wanted / p`, rounded up, where p is the site's own
/// yield with the prior of policy. In whole numbers.
pub fn batch_size(wanted: u32, said_yes: u32, delivered: u32, policy: &ContactPolicy) -> u32 {
    let (a, b) = policy.yield_prior.value;
    let failures = delivered.saturating_sub(said_yes);
    let yes = u64::from(a) + u64::from(said_yes);
    let all = yes + u64::from(b) + u64::from(failures);
    let batch = (u64::from(wanted) * all).div_ceil(yes.max(1));
    u32::try_from(batch).unwrap_or(u32::MAX)
}

/// The first instant from `now` on at which a message may leave.
pub fn may_leave_at(now: Instant, zone: chrono_tz::Tz, policy: &ContactPolicy) -> Instant {
    let (from, to) = (policy.from_hour.value, policy.to_hour.value);
    let local = zone.from_utc_datetime(&now.naive_utc()).naive_local();
    if (from..to).contains(&local.hour()) {
        return now;
    }
    let open = NaiveTime::from_hms_opt(from, 0, 0).unwrap_or_default();
    let day = if local.hour() < from {
        local.date()
    } else {
        local.date().checked_add_signed(TimeDelta::days(1)).unwrap_or(local.date())
    };
    instant_of_wall(day.and_time(open), zone)
}

/// One message. The state of the aggregate; its key is donor, campaign and channel, so making it
/// twice has one effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub donor: DonorId,
    pub campaign: CampaignId,
    pub channel: Channel,
    pub status: Status,
    pub not_before: Instant,
    pub void_at: Instant,
    pub tries: u32,
    pub said_yes_at: Option<Instant>,
    pub delivered_at: Option<Instant>,
    pub donated_at: Option<Instant>,
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
    NoteSent,
    NoteDelivered,
    NoteFailed,
    NoteReply { reply: Reply },
    NoteDonated,
    Purge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
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

/// Puts a donor into the outbox.
///
/// # Errors
/// Another site owns the campaign; the donor may not be asked; the campaign is over.
pub fn queue(
    contact: &Contact,
    campaign: &Campaign,
    site: &str,
    policy: &CarePolicy,
    now: Instant,
) -> Result<Message, Refusal> {
    if campaign.owner != site {
        return Err(Refusal::stop(CareRule::CustodyElsewhere).with("site", &campaign.owner));
    }
    if let Some(why) = why_not(contact, campaign, &policy.contact, now).first() {
        return Err(
            Refusal::stop(CareRule::MayNotBeAsked).with("why", crate::crossmatch::snake(why))
        );
    }
    let not_before = may_leave_at(now, campaign.zone, &policy.contact);
    if not_before >= campaign.void_at {
        return Err(Refusal::stop(CareRule::TimeNotPossible).with("field", "voidAt"));
    }
    Ok(Message {
        donor: contact.donor,
        campaign: campaign.id,
        channel: campaign.channel,
        status: Status::Queued,
        not_before,
        void_at: campaign.void_at,
        tries: 0,
        said_yes_at: None,
        delivered_at: None,
        donated_at: None,
    })
}

/// Whether a message may be handed to its channel now.
pub fn due(message: &Message, now: Instant) -> bool {
    message.status == Status::Queued && message.not_before <= now && now < message.void_at
}

/// Decides what happened to a message.
///
/// # Errors
/// A step that its state does not allow.
pub fn decide(message: &Message, command: Command, now: Instant) -> Result<Vec<Event>, Refusal> {
    use Status::{Delivered, Failed, Queued, Replied, Sent};
    let event = match (command, message.status) {
        (Command::NoteSent, Queued) if due(message, now) => Event::Sent,
        // Void: it leaves the queue instead of leaving the house.
        (Command::NoteSent, Queued) if now >= message.void_at => Event::Purged,
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

/// The message after an event.
#[must_use]
pub fn apply(mut message: Message, event: &Event) -> Message {
    match event {
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
    message
}

/// The messages in the queue that a STOP takes out: those of every registration of the person.
pub fn purged_by_stop(queue: &[Message], registrations: &BTreeSet<DonorId>) -> Vec<usize> {
    places(queue, |message| registrations.contains(&message.donor))
}

/// The messages that are no longer needed once enough have said yes.
pub fn purged_by_enough(queue: &[Message], campaign: &Campaign) -> Vec<usize> {
    let yes = queue
        .iter()
        .filter(|message| message.campaign == campaign.id && message.said_yes_at.is_some())
        .count();
    if u32::try_from(yes).unwrap_or(u32::MAX) < campaign.wanted {
        return vec![];
    }
    places(queue, |message| message.campaign == campaign.id)
}

fn places(queue: &[Message], which: impl Fn(&Message) -> bool) -> Vec<usize> {
    queue
        .iter()
        .enumerate()
        .filter(|(_, message)| message.status == Status::Queued && which(message))
        .map(|(index, _)| index)
        .collect()
}
