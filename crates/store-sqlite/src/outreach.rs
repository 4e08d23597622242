//! Writing to donors: who can be asked, what was written to whom, and who is expected.

use crate::care::OfCare;
use crate::rows::{group_word, word};
use crate::{Store, StoreError};
use bloodbank::KnownGroup;
use bloodbank::appeal::area_key;
use bloodbank::donor::{Channel, Donor, Ends};
use bloodbank::kpi::Asked;
use bloodbank::outbox::Message;
use kernel::{BloodGroup, CampaignId, DonorId, Instant, MessageId, micros, of_micros};
use records::CareKey;
use rusqlite::{Connection, named_params};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Messages sent at once.
const MOST: u32 = 2_000;

/// The bit of a channel in `donor_reach`.
fn bit(channel: Channel) -> u32 {
    match channel {
        Channel::Sms => 1,
        Channel::Call => 2,
        Channel::Email => 4,
        Channel::Post => 8,
    }
}

pub(crate) fn write_reach(db: &Connection, donor: &Donor) -> Result<(), StoreError> {
    let id = donor.id.0.as_bytes();
    let group = match donor.group() {
        KnownGroup::Once(group) | KnownGroup::Confirmed(group) => group_word(group),
        KnownGroup::Unknown | KnownGroup::Conflict(_) => String::new(),
    };
    let area = donor.contact.as_ref().and_then(|contact| contact.area.as_deref());
    let bits = |agreed: bool| -> u32 {
        let of = donor.channels.iter().filter(|(_, said)| said.agreed == agreed);
        of.map(|(channel, _)| bit(*channel)).sum()
    };
    let for_good = |d: &bloodbank::donor::Deferral| !matches!(d.ends, Ends::On(_));
    db.prepare_cached(
        "INSERT OR REPLACE INTO donor_reach (donor, grp, area, agreed, withdrawn, for_good)
         VALUES (:donor, :grp, :area, :agreed, :withdrawn, :for_good)",
    )?
    .execute(named_params! {
        ":donor": id, ":grp": group, ":area": area.map(area_key).unwrap_or_default(),
        ":agreed": if donor.contact.is_some() { bits(true) } else { 0 },
        ":withdrawn": bits(false),
        ":for_good": donor.deferrals.iter().any(|d| for_good(d) && d.only.is_empty()),
    })?;
    // A decision that was taken back joins nobody any more.
    let mut two = db.prepare_cached(
        "DELETE FROM donor_same WHERE donor = ?1 AND other = ?2 OR donor = ?2 AND other = ?1",
    )?;
    for other in &donor.not_same {
        two.execute((id, other.0.as_bytes()))?;
    }
    let mut same =
        db.prepare_cached("INSERT OR IGNORE INTO donor_same (donor, other) VALUES (?1, ?2)")?;
    for other in &donor.same_as {
        same.execute((id, other.0.as_bytes()))?;
        same.execute((other.0.as_bytes(), id))?;
    }
    Ok(())
}

pub(crate) fn write_message(db: &Connection, message: &Message) -> Result<(), StoreError> {
    let campaign = message.about.campaign();
    db.prepare_cached(
        "INSERT OR REPLACE INTO message_row
             (id, donor, campaign, status, queued_us, delivered_us, yes_us, donated_us)
         VALUES (:id, :donor, :campaign, :status, :queued, :delivered, :yes, :donated)",
    )?
    .execute(named_params! {
        ":id": message.id.0.as_bytes(), ":donor": message.donor.0.as_bytes(),
        ":campaign": campaign.as_ref().map(|id| id.0.as_bytes()),
        ":status": word(message.status), ":queued": micros(message.queued_at),
        ":delivered": message.delivered_at.map(micros), ":yes": message.said_yes_at.map(micros),
        ":donated": message.donated_at.map(micros),
    })?;
    Ok(())
}

/// Who could be asked by their group and agreement, and how many could not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reachable {
    /// With the area as it is compared; empty when it is not known.
    pub donors: Vec<(DonorId, String)>,
    pub all: u32,
    pub other_group: u32,
    pub no_agreement: u32,
    pub stopped: u32,
    /// Deferred with no end by itself.
    pub for_good: u32,
}

impl Store {
    /// Donors of these groups who agreed to this channel and are not deferred for good, with counts of
    /// all others, each under the first reason that holds.
    pub fn reachable(
        &self,
        groups: &BTreeSet<BloodGroup>,
        channel: Channel,
    ) -> Result<Reachable, StoreError> {
        let words: BTreeSet<String> = groups.iter().map(|group| group_word(*group)).collect();
        let mut found = Reachable::default();
        let bit = bit(channel);
        let mut counts = self.db.prepare_cached(
            "SELECT grp, agreed & ?1 <> 0, withdrawn & ?1 <> 0, for_good, count(*)
               FROM donor_reach GROUP BY 1, 2, 3, 4",
        )?;
        let mut rows = counts.query([bit])?;
        while let Some(row) = rows.next()? {
            let (group, count): (String, u32) = (row.get(0)?, row.get(4)?);
            let (agreed, withdrawn, for_good): (bool, bool, bool) =
                (row.get(1)?, row.get(2)?, row.get(3)?);
            found.all += count;
            let place = match () {
                () if !words.contains(&group) => &mut found.other_group,
                () if for_good => &mut found.for_good,
                () if withdrawn => &mut found.stopped,
                () if !agreed => &mut found.no_agreement,
                () => continue,
            };
            *place += count;
        }
        let mut query = self.db.prepare_cached(
            "SELECT donor, area FROM donor_reach
              WHERE grp = ?1 AND for_good = 0 AND agreed & ?2 <> 0 ORDER BY donor",
        )?;
        for group in words {
            let rows = query.query_map((group, bit), |row| {
                Ok((DonorId(Uuid::from_bytes(row.get(0)?)), row.get(1)?))
            })?;
            for row in rows {
                found.donors.push(row?);
            }
        }
        Ok(found)
    }

    /// The areas that donors named, as they are compared, with how many live there and one of them, who
    /// knows how it is written; the most first.
    pub fn donor_areas(&self) -> Result<Vec<(String, u32, DonorId)>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT area, count(*), min(donor) FROM donor_reach WHERE area <> ''
              GROUP BY area ORDER BY 2 DESC, 1 LIMIT 500",
        )?;
        let rows = query.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, DonorId(Uuid::from_bytes(row.get(2)?))))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All registrations of the person behind one, itself among them.
    pub fn registrations(&self, donor: DonorId) -> Result<BTreeSet<DonorId>, StoreError> {
        let mut query = self.db.prepare_cached("SELECT other FROM donor_same WHERE donor = ?1")?;
        let mut found = BTreeSet::from([donor]);
        let mut next = vec![donor];
        while let Some(one) = next.pop() {
            let others = query
                .query_map([one.0.as_bytes()], |row| row.get::<_, [u8; 16]>(0))?
                .collect::<Result<Vec<_>, _>>()?;
            for other in others {
                let other = DonorId(Uuid::from_bytes(other));
                if found.insert(other) {
                    next.push(other);
                }
            }
        }
        Ok(found)
    }

    /// Persons who are registered more than once, by registration.
    pub fn persons(&self) -> Result<BTreeMap<DonorId, DonorId>, StoreError> {
        let mut query = self.db.prepare_cached("SELECT DISTINCT donor FROM donor_same")?;
        let all =
            query.query_map([], |row| row.get::<_, [u8; 16]>(0))?.collect::<Result<Vec<_>, _>>()?;
        let mut persons = BTreeMap::new();
        for donor in all.into_iter().map(|id| DonorId(Uuid::from_bytes(id))) {
            if persons.contains_key(&donor) {
                continue;
            }
            let together = self.registrations(donor)?;
            let person = together.first().copied().unwrap_or(donor);
            persons.extend(together.into_iter().map(|one| (one, person)));
        }
        Ok(persons)
    }

    /// When each donor was last written to by an appeal that was not taken back, but for those of one.
    pub fn last_appeals(
        &self,
        since: Instant,
        but: Option<CampaignId>,
    ) -> Result<BTreeMap<DonorId, Instant>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT donor, max(queued_us) FROM message_row
              WHERE campaign IS NOT NULL AND status <> 'purged' AND queued_us >= ?1
                AND campaign <> ?2 GROUP BY donor",
        )?;
        let but = but.map(|id| *id.0.as_bytes()).unwrap_or_default();
        let rows = query.query_map((micros(since), but), |row| {
            Ok((DonorId(Uuid::from_bytes(row.get(0)?)), of_micros(row.get(1)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Who gave here since then, can be reached, and is not deferred for good; whoever gave first is
    /// first. Of each the last donation counts.
    pub fn gave_since(&self, since: Instant) -> Result<Vec<DonorId>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT d.donor, max(d.begun_us) FROM donation_row d
               JOIN donor_reach r ON r.donor = d.donor
              WHERE d.begun_us >= ?1 AND d.ended = 1 AND r.agreed & ?2 <> 0 AND r.for_good = 0
              GROUP BY d.donor ORDER BY 2, 1",
        )?;
        let any = bit(Channel::Sms) | bit(Channel::Call) | bit(Channel::Email);
        let rows = query
            .query_map((micros(since), any), |row| Ok(DonorId(Uuid::from_bytes(row.get(0)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.care_of::<Message>(CareKey::Message(id))
    }

    /// The messages of one appeal, the first queued first.
    pub fn messages_of(&self, campaign: CampaignId) -> Result<Vec<Message>, StoreError> {
        let sql = "SELECT id FROM message_row WHERE campaign = ?1 ORDER BY queued_us, id LIMIT ?2";
        self.care_rows(sql, (campaign.0.as_bytes(), MOST))
    }

    /// What was written to a donor, the newest first.
    pub fn messages_to(&self, donor: DonorId) -> Result<Vec<Message>, StoreError> {
        let sql =
            "SELECT id FROM message_row WHERE donor = ?1 ORDER BY queued_us DESC, id LIMIT ?2";
        self.care_rows(sql, (donor.0.as_bytes(), MOST))
    }

    /// Everything that waits to leave, the first queued first; of very many the newest. And how many
    /// there are.
    pub fn messages_waiting(&self) -> Result<(Vec<Message>, u32), StoreError> {
        let sql = "SELECT id FROM message_row WHERE status = 'queued'
                    ORDER BY queued_us DESC, id DESC LIMIT ?1";
        let mut waiting = self.care_rows(sql, [MOST])?;
        waiting.reverse();
        let sql = "SELECT count(*) FROM message_row WHERE status = 'queued'";
        Ok((waiting, self.db.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
    }

    /// What came of the appeals delivered in [from, to).
    pub fn appeals_delivered(&self, from: Instant, to: Instant) -> Result<Vec<Asked>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT delivered_us, yes_us, donated_us FROM message_row
              WHERE delivered_us >= ?1 AND delivered_us < ?2 AND campaign IS NOT NULL",
        )?;
        let rows = query.query_map((micros(from), micros(to)), |row| {
            let at =
                |place| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(place)?.map(of_micros));
            Ok(Asked { delivered_at: at(0)?, said_yes_at: at(1)?, donated_at: at(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All of one kind within [from, to), the earliest first.
    pub fn care_between<T: OfCare>(
        &self,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<T>, StoreError> {
        let sql = "SELECT id FROM care_row WHERE kind = ?1 AND at_us >= ?2 AND at_us < ?3
                    ORDER BY at_us, id LIMIT ?4";
        self.care_rows(sql, (T::KIND, micros(from), micros(to), MOST))
    }
}
