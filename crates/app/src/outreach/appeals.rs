//! Appeals to donors: who would be asked and why others would not, the messages of a batch, and what
//! came of them, each share with its denominator.

use super::{Around, agreement, count, figure};
use crate::backend::{Inner, Passed};
use crate::blood::SITE;
use crate::care::id;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use bloodbank::appeal::{Appeal, Command, EndWhy, LONGEST_DAYS, Plan, Reach, area_key};
use bloodbank::contact::{Campaign, NotNow, Selection, batch_size, may_leave_at, select};
use bloodbank::is_protected;
use bloodbank::kpi::{self, Asked};
use bloodbank::outbox::{About, Command as OfMessage, Message, Status};
use bloodbank::request::{Request, Urgency};
use chrono::TimeDelta;
use kernel::{Actor, BloodGroup, CampaignId, DonorId, Instant, Permission};
use records::{Body, CareBody, CareKey, Key};
use std::collections::{BTreeMap, BTreeSet};
use wire::*;

/// Donors whose records are opened for one selection; the nearest of those whom a table already found
/// to have the group and to agree.
const LOOKED_AT: usize = 2_000;
/// Urgent requests for which the shelf is read at once, those needed first.
const MOST_UNFILLED: u32 = 20;
/// Days of appeals in the list.
const LISTED_DAYS: i64 = 90;

/// Who is asked in a batch.
struct Chosen {
    donors: Vec<DonorId>,
    preview: AppealPreview,
}

fn body(id: CampaignId, command: Command) -> Body {
    Body::Care(CareBody::Campaign { id, command: Box::new(command) })
}

fn queue(donor: DonorId, campaign: &Campaign) -> Body {
    let about = About::Appeal { campaign: campaign.id };
    let command = OfMessage::Queue { donor, about, channel: campaign.channel };
    let id = about.message(donor, campaign.channel);
    Body::Care(CareBody::Message { id, command: Box::new(command) })
}

/// Sound before donors are compared with it: every one of them is compared with every area.
fn reach_of(reach: wire::AppealReach) -> Result<Reach, Error> {
    let reach = Reach {
        within_metres: reach.within_metres,
        areas: reach.areas.into_iter().map(same).collect(),
        unknown_too: reach.unknown_too,
    };
    reach.sound().map_err(|why| crate::error::refused(why.into()))
}

impl Inner {
    pub(crate) fn appeal_list(&mut self, _: Nothing) -> Result<Appeals, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        let now = self.now()?;
        let all: Vec<Appeal> = self.store()?.care_since(now - TimeDelta::days(LISTED_DAYS))?;
        let mut rows = vec![];
        for appeal in &all {
            let messages = self.store()?.messages_of(appeal.campaign.id)?;
            rows.push(self.appeal_row(appeal, &messages, now)?);
        }
        let due = if actor.role.may(Permission::AskDonors) { self.due(now)? } else { vec![] };
        Ok(Appeals { due, rows, areas: self.areas(&all)?, channels: vec![] })
    }

    /// The areas of donors, with the distances that the newest appeal to name them had.
    fn areas(&self, newest_first: &[Appeal]) -> Result<Vec<AreaRow>, Error> {
        let mut known: BTreeMap<String, (String, u32)> = BTreeMap::new();
        for area in newest_first.iter().flat_map(|appeal| &appeal.reach.areas) {
            known.entry(area_key(&area.area)).or_insert((area.area.clone(), area.metres));
        }
        let mut rows = vec![];
        for (area, donors, one) in self.store()?.donor_areas()? {
            let said = known.get(&area);
            let name = match said {
                Some((name, _)) => name.clone(),
                None => {
                    let donor = self.store()?.donor(one)?;
                    donor.and_then(|donor| donor.contact?.area).unwrap_or(area)
                }
            };
            rows.push(AreaRow { donors, metres: said.map(|(_, metres)| *metres), area: name });
        }
        Ok(rows)
    }

    /// Urgent orders that the shelf cannot fill and for which nobody has asked donors yet.
    fn due(&self, now: Instant) -> Result<Vec<AppealDue>, Error> {
        let mut due = vec![];
        for (request, missing) in self.unfilled(now)?.0 {
            let groups = self.groups_for(request.patient, request.component)?;
            due.push(AppealDue {
                request: request.id.to_string(),
                component: same(request.component),
                urgency: same(request.urgency),
                needed_by: rfc3339(request.needed_by),
                missing,
                groups: groups.into_iter().map(same).collect(),
            });
        }
        Ok(due)
    }

    /// The requests behind [`Self::due`], each with how many units the shelf lacks, and how many urgent
    /// requests were not looked at. The shelf is read for each, and the list of tasks asks every minute: so
    /// it is kept until something is written or the minute is over, in which a reservation may lapse.
    pub(crate) fn unfilled(&self, now: Instant) -> Result<(Vec<(Request, u32)>, u32), Error> {
        let at = (self.opened, self.store()?.log_head().0, now.timestamp() / 60);
        if let Some((when, found)) = &*self.unfilled.borrow()
            && *when == at
        {
            return Ok(found.clone());
        }
        let found = self.unfilled_now(now)?;
        *self.unfilled.borrow_mut() = Some((at, found.clone()));
        Ok(found)
    }

    fn unfilled_now(&self, now: Instant) -> Result<(Vec<(Request, u32)>, u32), Error> {
        let open: Vec<Request> = self.store()?.care_open()?;
        let (mut due, mut looked_at, mut unseen) = (vec![], 0, 0);
        for request in open {
            if !matches!(request.urgency, Urgency::Emergency | Urgency::Massive)
                || request.left() == 0
            {
                continue;
            }
            let appeals: Vec<Appeal> = self.store()?.care_by_word(&request.id.to_string())?;
            if appeals.iter().any(|appeal| appeal.runs(now)) {
                continue;
            }
            if looked_at == MOST_UNFILLED {
                unseen += 1;
                continue;
            }
            looked_at += 1;
            let facts = self.patient_care(request.patient)?;
            let policy = self.policy();
            let protected = facts.unit.patient.as_ref().is_some_and(|p| is_protected(p, &policy));
            let missing = self.proposal(&request, &facts)?.wanted(protected);
            if missing > 0 {
                due.push((request, missing));
            }
        }
        Ok((due, unseen))
    }

    pub(crate) fn appeal_preview(&mut self, ask: AppealAsk) -> Result<AppealPreview, Error> {
        self.actor(Permission::AskDonors)?;
        let (plan, campaign) = self.planned(ask)?;
        Ok(self.choose(&campaign, &plan.reach, &[])?.preview)
    }

    pub(crate) fn appeal_start(&mut self, ask: AppealAsk) -> Result<Made, Error> {
        let actor = self.actor(Permission::AskDonors)?;
        let (plan, campaign) = self.planned(ask)?;
        let id = campaign.id;
        let chosen = self.choose(&campaign, &plan.reach, &[])?;
        let start = Command::Start { plan: Box::new(plan.clone()), by: actor.id };
        let appeal = Appeal {
            campaign,
            request: plan.request,
            reason: plan.reason,
            reach: plan.reach,
            started_at: self.now()?,
            started_by: actor.id,
            ended: None,
            version: 0,
        };
        self.write_batch(&actor, vec![body(id, start)], &appeal, &chosen.donors)?;
        Ok(Made { id: id.to_string() })
    }

    /// Asks the next donors, farther ones too where the reach is wider.
    pub(crate) fn appeal_more(&mut self, ask: AppealMore) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::AskDonors)?;
        let mut appeal: Appeal = self.care_there(CareKey::Campaign(id(&ask.appeal)?))?;
        if !appeal.runs(self.now()?) {
            return Err(no(Code::Changed));
        }
        let reach = reach_of(ask.reach)?;
        let first = if reach == appeal.reach {
            vec![]
        } else {
            appeal.campaign.within_metres = reach.within_metres;
            appeal.campaign.unknown_too = reach.unknown_too;
            appeal.reach = reach.clone();
            vec![body(appeal.campaign.id, Command::Widen { reach })]
        };
        let before = self.store()?.messages_of(appeal.campaign.id)?;
        let chosen = self.choose(&appeal.campaign, &appeal.reach, &before)?;
        self.write_batch(&actor, first, &appeal, &chosen.donors)?;
        Ok(Nothing {})
    }

    /// Nobody further is asked: what has not left is taken out.
    pub(crate) fn appeal_end(&mut self, ask: AppealEnd) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::AskDonors)?;
        let appeal: Appeal = self.care_there(CareKey::Campaign(id(&ask.appeal)?))?;
        let why = if ask.enough { EndWhy::Enough } else { EndWhy::NoLongerNeeded };
        let messages = self.store()?.messages_of(appeal.campaign.id)?;
        let mut parts = vec![body(appeal.campaign.id, Command::End { why })];
        parts.extend(super::messages::purges(&messages));
        self.save_many(&actor, parts, &[], Some(&appeal))?;
        Ok(Nothing {})
    }

    /// Ends an appeal as soon as as many have said that they come as were wanted.
    pub(super) fn enough(&self, appeal: &Appeal, now_yes: bool) -> Result<Vec<Body>, Error> {
        if appeal.ended.is_some() {
            return Ok(vec![]);
        }
        let messages = self.store()?.messages_of(appeal.campaign.id)?;
        let yes = messages.iter().filter(|m| m.said_yes_at.is_some()).count();
        if count(yes) + u32::from(now_yes) < appeal.campaign.wanted {
            return Ok(vec![]);
        }
        let mut parts = vec![body(appeal.campaign.id, Command::End { why: EndWhy::Enough })];
        parts.extend(super::messages::purges(&messages));
        Ok(parts)
    }

    pub(crate) fn appeal_view(&mut self, ask: ById) -> Result<AppealView, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        let appeal: Appeal = self.care_there(CareKey::Campaign(id(&ask.id)?))?;
        let (now, policy) = (self.now()?, self.policy());
        let contact = &policy.care.contact;
        let messages = self.store()?.messages_of(appeal.campaign.id)?;
        let of = Key::Care(CareKey::Campaign(appeal.campaign.id));
        self.note_list(&actor, of, "appeal", messages.len())?;
        let asked: Vec<Asked> = messages
            .iter()
            .map(|m| Asked {
                delivered_at: m.delivered_at,
                said_yes_at: m.said_yes_at,
                donated_at: m.donated_at,
            })
            .collect();
        let (hours, days) = (contact.response_hours.value, contact.turnout_days.value);
        Ok(AppealView {
            row: self.appeal_row(&appeal, &messages, now)?,
            reach: wire::AppealReach {
                within_metres: appeal.reach.within_metres,
                areas: appeal.reach.areas.iter().map(same).collect(),
                unknown_too: appeal.reach.unknown_too,
            },
            response: figure(kpi::response(&asked, hours)),
            response_hours: hours,
            turn_out: figure(kpi::turn_out(&asked, days)),
            turn_out_days: days,
            messages: self.message_rows(&messages, &actor, now)?,
        })
    }

    fn appeal_row(
        &self,
        appeal: &Appeal,
        messages: &[Message],
        now: Instant,
    ) -> Result<AppealRow, Error> {
        let all = |which: &dyn Fn(&Message) -> bool| {
            count(messages.iter().filter(|message| which(message)).count())
        };
        Ok(AppealRow {
            id: appeal.campaign.id.to_string(),
            request: appeal.request.map(|request| request.to_string()),
            reason: appeal.reason.clone(),
            component: same(appeal.campaign.component),
            groups: appeal.campaign.groups.iter().map(same).collect(),
            channel: same(appeal.campaign.channel),
            wanted: appeal.campaign.wanted,
            started_at: rfc3339(appeal.started_at),
            started_by: self.names()?.of(appeal.started_by),
            void_at: rfc3339(appeal.campaign.void_at),
            state: match &appeal.ended {
                Some(ended) if ended.why == EndWhy::Enough => AppealState::Enough,
                Some(_) => AppealState::NoLongerNeeded,
                None if appeal.runs(now) => AppealState::Runs,
                None => AppealState::Over,
            },
            asked: all(&|m| m.status != Status::Purged),
            waiting: all(&|m| m.status == Status::Queued && now < m.void_at),
            yes: all(&|m| m.said_yes_at.is_some()),
            came: all(&|m| m.donated_at.is_some()),
        })
    }

    /// The plan of an appeal that is being written, and its campaign.
    fn planned(&self, ask: AppealAsk) -> Result<(Plan, Campaign), Error> {
        let (now, zone) = (self.now()?, self.zone()?);
        // Told before anything is counted from it: time itself does not go on for so many hours.
        if i64::from(ask.hours) > LONGEST_DAYS * 24 {
            return Err(CommandError::refusal(Code::TimeNotPossible)
                .with("field", "voidAt")
                .into());
        }
        let request = match &ask.request {
            None => None,
            Some(text) => {
                let request: Request = self.care_there(CareKey::Request(id(text)?))?;
                Some(request.id)
            }
        };
        let groups: BTreeSet<BloodGroup> = ask.groups.iter().map(same).collect();
        let plan = Plan {
            request,
            reason: ask.reason,
            component: same(ask.component),
            groups: groups.clone(),
            channel: same(ask.channel),
            zone,
            void_at: now + TimeDelta::hours(i64::from(ask.hours)),
            wanted: ask.wanted,
            reach: reach_of(ask.reach)?,
        };
        let campaign = Campaign {
            id: CampaignId(self.options.clock.new_uuid()),
            owner: SITE.to_owned(),
            component: plan.component,
            groups,
            channel: plan.channel,
            zone,
            void_at: plan.void_at,
            wanted: plan.wanted,
            within_metres: plan.reach.within_metres,
            unknown_too: plan.reach.unknown_too,
        };
        Ok((plan, campaign))
    }

    /// The next batch of an appeal: the nearest first, every person once, and all others counted under
    /// what speaks against asking them.
    fn choose(
        &self,
        campaign: &Campaign,
        reach: &Reach,
        before: &[Message],
    ) -> Result<Chosen, Error> {
        let (now, policy) = (self.now()?, self.policy());
        let around = self.around(Some(campaign.id))?;
        let found = self.store()?.reachable(&campaign.groups, agreement(campaign.channel))?;
        // Many donors live in few areas: each area is looked up once.
        let mut metres: BTreeMap<&str, Option<u32>> = BTreeMap::new();
        let mut near: Vec<(Option<u32>, DonorId)> = vec![];
        for (donor, area) in &found.donors {
            let far = *metres.entry(area).or_insert_with(|| reach.metres(Some(area)));
            near.push((far, *donor));
        }
        near.sort_by_key(|(metres, donor)| (metres.unwrap_or(u32::MAX), *donor));
        let not_looked_at = count(near.len().saturating_sub(LOOKED_AT));
        near.truncate(LOOKED_AT);
        let contacts = self.contacts(near.iter().map(|(_, donor)| *donor), reach, &around)?;
        let asked: BTreeSet<String> = before
            .iter()
            .map(|m| around.persons.get(&m.donor).unwrap_or(&m.donor).to_string())
            .collect();
        let contact = &policy.care.contact;
        let Selection { mut chosen, left_out } =
            select(&contacts, campaign, &asked, LOOKED_AT, contact, now);
        // Another registration, read only for what it says of the person.
        let listed: BTreeSet<DonorId> = near.iter().map(|(_, donor)| *donor).collect();
        chosen.retain(|donor| listed.contains(donor));
        let answers = self.yield_here()?;
        let yes = count(before.iter().filter(|m| m.said_yes_at.is_some()).count());
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let (said_yes, delivered) = (small(answers.numerator), small(answers.denominator));
        let wanted = campaign.wanted.saturating_sub(yes);
        let batch = batch_size(wanted, said_yes, delivered, contact).min(count(chosen.len()));
        let mut reasons: BTreeMap<NotNow, u32> = BTreeMap::from([
            (NotNow::OtherGroup, found.other_group),
            (NotNow::NoAgreement, found.no_agreement),
            (NotNow::Stopped, found.stopped),
            (NotNow::Deferred, found.for_good),
        ]);
        for why in left_out.iter().filter(|(d, _)| listed.contains(d)).flat_map(|(_, all)| all) {
            *reasons.entry(*why).or_default() += 1;
        }
        let leaves = may_leave_at(now, campaign.zone, contact);
        let preview = AppealPreview {
            all: found.all,
            could: count(chosen.len()),
            batch,
            answers: figure(answers),
            left_out: reasons
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(|(why, count)| DonorsLeftOut { why: same(why), count })
                .collect(),
            not_looked_at,
            leaves_at: (leaves > now).then(|| rfc3339(leaves)),
        };
        let donors = chosen.into_iter().take(usize::try_from(batch).unwrap_or(0)).collect();
        Ok(Chosen { donors, preview })
    }

    /// The donors, and with each every other registration of the same person.
    fn contacts(
        &self,
        donors: impl Iterator<Item = DonorId>,
        reach: &Reach,
        around: &Around,
    ) -> Result<Vec<bloodbank::contact::Contact>, Error> {
        let mut ids: BTreeSet<DonorId> = donors.collect();
        for id in ids.clone() {
            if around.persons.contains_key(&id) {
                ids.extend(self.store()?.registrations(id)?);
            }
        }
        let mut contacts = vec![];
        for id in ids {
            if let Some(donor) = self.store()?.donor(id)? {
                contacts.push(self.contact_of(&donor, reach, around)?);
            }
        }
        Ok(contacts)
    }

    /// Writes the messages of a batch, as many in one command as one command may write.
    fn write_batch(
        &mut self,
        actor: &Actor,
        first: Vec<Body>,
        appeal: &Appeal,
        donors: &[DonorId],
    ) -> Result<(), Error> {
        if donors.is_empty() {
            return Err(no(Code::NobodyToAsk));
        }
        let mut parts = first;
        parts.extend(donors.iter().map(|donor| queue(*donor, &appeal.campaign)));
        self.save_many(actor, parts, donors, Some(appeal))
    }

    /// Saves parts that stand by themselves, in as many commands as they need, all or none.
    pub(super) fn save_many(
        &mut self,
        actor: &Actor,
        parts: Vec<Body>,
        donors: &[DonorId],
        appeal: Option<&Appeal>,
    ) -> Result<(), Error> {
        let facts = self.outbox_facts(donors, appeal)?;
        let groups = parts.into_iter().map(|part| vec![part]).collect();
        self.save_groups(actor, groups, facts, &Passed::default())
    }
}
