//! Who may be written to, when, and how often (bloodbank.md 5). What is written stands in
//! [`crate::outbox`].

use crate::care_policy::ContactPolicy;
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
    /// None: not determined, or determinations at odds.
    pub group: Option<BloodGroup>,
    /// Agreed to, channel by channel.
    pub agreed: BTreeSet<Channel>,
    pub stopped: bool,
    /// None: deferred for good or until somebody decides.
    pub eligible_from: Option<Instant>,
    pub deferred: bool,
    /// Told us that they cannot come now; eligible is not available.
    pub available: bool,
    pub last_appeal_at: Option<Instant>,
    /// From the middle of the donor's area to the site; none when nobody has said how far it is.
    pub metres: Option<u32>,
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
    /// Donors of whose area nobody knows how far it is are asked, too, after all others.
    pub unknown_too: bool,
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
    DistanceUnknown,
    /// The same person is in this campaign under another registration.
    SamePerson,
    /// They have an appointment.
    Expected,
    /// Told before, after the same donation.
    Reminded,
}

/// Whether the pause of policy since they were asked last is not over.
pub(crate) fn asked_recently(contact: &Contact, policy: &ContactPolicy, now: Instant) -> bool {
    let pause = TimeDelta::days(i64::from(policy.days_between_appeals.value));
    contact.last_appeal_at.is_some_and(|at| now - at < pause)
}

/// Whether this donor may be asked in this campaign now; every reason against, in order.
pub fn why_not(
    contact: &Contact,
    campaign: &Campaign,
    policy: &ContactPolicy,
    now: Instant,
) -> Vec<NotNow> {
    [
        (NotNow::Stopped, contact.stopped),
        (NotNow::NoAgreement, !contact.agreed.contains(&campaign.channel)),
        (NotNow::Deferred, contact.deferred),
        (NotNow::NotYetEligible, contact.eligible_from.is_none_or(|from| from > now)),
        (NotNow::NotAvailable, !contact.available),
        (NotNow::AskedRecently, asked_recently(contact, policy, now)),
        (NotNow::OtherGroup, contact.group.is_none_or(|group| !campaign.groups.contains(&group))),
        (NotNow::TooFar, contact.metres.is_some_and(|metres| metres > campaign.within_metres)),
        (NotNow::DistanceUnknown, contact.metres.is_none() && !campaign.unknown_too),
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
    order.sort_by_key(|contact| (contact.metres.unwrap_or(u32::MAX), contact.donor));
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
