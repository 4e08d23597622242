//! One appeal to donors: whom it is for, whom it may reach, and when it is over. The messages of it
//! stand in [`crate::outbox`], each by itself.

use crate::care::{CareRule, Refusal, changed, text, unknown, within};
use crate::contact::{Campaign, Channel};
use chrono::TimeDelta;
use kernel::{BloodGroup, CampaignId, Component, Instant, RequestId, StaffId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Acceptances that one appeal may wait for at most.
pub const MOST_WANTED: u32 = 200;
/// The farthest that anybody is asked to come, in metres.
pub const FARTHEST: u32 = 500_000;
/// Days after which an appeal is over at the latest.
pub const LONGEST_DAYS: i64 = 14;
/// Areas of which the distance may be given.
const MOST_AREAS: usize = 500;

/// How far the middle of an area is from the site, as somebody who knows the place said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaDistance {
    pub area: String,
    pub metres: u32,
}

/// Who is near enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    pub within_metres: u32,
    pub areas: Vec<AreaDistance>,
    /// Donors of areas that nobody named are asked, too, after all others.
    pub unknown_too: bool,
}

/// An area as it is compared: how it was spaced and written large says nothing.
pub fn area_key(area: &str) -> String {
    area.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Reach {
    /// How far a donor of this area has to come; none when nobody knows.
    pub fn metres(&self, area: Option<&str>) -> Option<u32> {
        let key = area.map(area_key).filter(|key| !key.is_empty())?;
        self.areas.iter().find(|known| area_key(&known.area) == key).map(|known| known.metres)
    }

    /// The same with its words trimmed.
    ///
    /// # Errors
    /// A distance or the number of areas is out of bounds, or an area has no name.
    pub fn sound(&self) -> Result<Self, Refusal> {
        within("withinMetres", self.within_metres, 0, FARTHEST)?;
        let count = u32::try_from(self.areas.len()).unwrap_or(u32::MAX);
        within("areas", count, 0, MOST_AREAS as u32)?;
        let mut areas = vec![];
        for known in &self.areas {
            within("metres", known.metres, 0, FARTHEST)?;
            areas.push(AreaDistance { area: text(&known.area, "area")?, metres: known.metres });
        }
        Ok(Self { areas, ..self.clone() })
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The order that the shelf cannot fill, if it is one.
    pub request: Option<RequestId>,
    /// Why donors are asked, in the words of whoever asks; never sent to anybody.
    pub reason: String,
    pub component: Component,
    pub groups: BTreeSet<BloodGroup>,
    pub channel: Channel,
    pub zone: chrono_tz::Tz,
    pub void_at: Instant,
    pub wanted: u32,
    pub reach: Reach,
}

/// The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    pub campaign: Campaign,
    pub request: Option<RequestId>,
    pub reason: String,
    pub reach: Reach,
    pub started_at: Instant,
    pub started_by: StaffId,
    pub ended: Option<Ended>,
    pub version: u64,
}

impl Appeal {
    /// Still writing to donors.
    pub fn runs(&self, now: Instant) -> bool {
        self.ended.is_none() && now < self.campaign.void_at
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub at: Instant,
    pub why: EndWhy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndWhy {
    /// As many have said that they come as were wanted.
    Enough,
    NoLongerNeeded,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Start {
        plan: Box<Plan>,
        by: StaffId,
    },
    /// Reaches farther, or knows more of the place.
    Widen {
        reach: Reach,
    },
    End {
        why: EndWhy,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Started { plan: Box<Plan>, owner: String, by: StaffId, at: Instant },
    Widened { reach: Reach },
    Ended { why: EndWhy, at: Instant },
}

/// Decides a command on an appeal. `site` is where it is decided: the only one that sends for it.
///
/// # Errors
/// A number that nobody can have meant; no group, no reason; another site's appeal; one that is over.
pub fn decide(
    state: Option<&Appeal>,
    command: &Command,
    site: &str,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    if let Command::Start { plan, by } = command {
        if state.is_some() {
            return Err(Refusal::stop(CareRule::Known));
        }
        return Ok(vec![start(plan, *by, site, now)?]);
    }
    let appeal = state.ok_or_else(|| unknown("campaign"))?;
    if appeal.campaign.owner != site {
        return Err(Refusal::stop(CareRule::CustodyElsewhere).with("site", &appeal.campaign.owner));
    }
    if appeal.ended.is_some() {
        return Err(changed("ended"));
    }
    Ok(vec![match command {
        Command::Start { .. } => return Ok(vec![]), // answered above
        Command::Widen { reach } => Event::Widened { reach: reach.sound()? },
        Command::End { why } => Event::Ended { why: *why, at: now },
    }])
}

fn start(plan: &Plan, by: StaffId, site: &str, now: Instant) -> Result<Event, Refusal> {
    let mut plan = plan.clone();
    plan.reason = text(&plan.reason, "reason")?;
    within("wanted", plan.wanted, 1, MOST_WANTED)?;
    if plan.groups.is_empty() {
        return Err(Refusal::stop(CareRule::Blank).with("field", "groups"));
    }
    if plan.void_at <= now || plan.void_at > now + TimeDelta::days(LONGEST_DAYS) {
        return Err(Refusal::stop(CareRule::TimeNotPossible).with("field", "voidAt"));
    }
    plan.reach = plan.reach.sound()?;
    Ok(Event::Started { plan: Box::new(plan), owner: site.to_owned(), by, at: now })
}

/// The appeal after an event; `None` only before it was started.
pub fn apply(state: Option<Appeal>, id: CampaignId, event: &Event) -> Option<Appeal> {
    if let Event::Started { plan, owner, by, at } = event {
        return state.or_else(|| {
            Some(Appeal {
                campaign: Campaign {
                    id,
                    owner: owner.clone(),
                    component: plan.component,
                    groups: plan.groups.clone(),
                    channel: plan.channel,
                    zone: plan.zone,
                    void_at: plan.void_at,
                    wanted: plan.wanted,
                    within_metres: plan.reach.within_metres,
                    unknown_too: plan.reach.unknown_too,
                },
                request: plan.request,
                reason: plan.reason.clone(),
                reach: plan.reach.clone(),
                started_at: *at,
                started_by: *by,
                ended: None,
                version: 1,
            })
        });
    }
    let mut appeal = state?;
    appeal.version += 1;
    match event {
        Event::Started { .. } => {}
        Event::Widened { reach } => {
            appeal.campaign.within_metres = reach.within_metres;
            appeal.campaign.unknown_too = reach.unknown_too;
            appeal.reach = reach.clone();
        }
        Event::Ended { why, at } => appeal.ended = Some(Ended { at: *at, why: *why }),
    }
    Some(appeal)
}
