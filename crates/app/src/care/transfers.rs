//! Boxes between sites: packed, scanned out with a thermometer and a signed slip, scanned in at the
//! other end, where the slip is all the proof there is without a network (bloodbank.md 6, 57).

use super::counts::Labelled;
use super::{compact, id};
use crate::backend::{Inner, Passed};
use crate::blood::unit_id;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no, refused, too_many};
use bloodbank::care::CareRule;
use bloodbank::parts::{self, Unfit};
use bloodbank::traits::Phenotype;
use bloodbank::transfer::{
    self, BoxReading, Command, Event, Status as Way, Transfer, TransferSlip, unit_commands,
};
use bloodbank::{Command as OfUnit, Unit};
use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use kernel::{CommandId, Instant, Permission, SlipId, TransferId, UnitId, micros, of_micros};
use records::{Audit, Body, CareBody, CareKey, Facts, MOST_WRITES};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wire::*;

const PURPOSE: &[u8] = b"healthsync/transfer-slip/v1\0";
/// Of a slip that says of each bag what its label says.
const PURPOSE_2: &[u8] = b"healthsync/transfer-slip/v2\0";
/// What the text of a box's slip begins with: of the first release, hexadecimal, and the shorter ones that
/// every scanner types alike, of which the last says the labels too. All are read.
const SLIP_MARK_1: &str = "HST1";
const SLIP_MARK_2: &str = "HST2";
const SLIP_MARK: &str = "HST3";
/// And that of a site's code.
const SITE_MARK: &str = "HSS1";
const SIGNATURE: usize = 64;
/// The setting that holds the sites whose slips are believed: name and key.
const SITES: &str = "sites";
/// What a person carries, and a few codes on one page say.
pub(crate) const MOST_BAGS: usize = 40;
const SHOWN_DAYS: i64 = 30;

/// What the barcode of a slip says beside the signature. The sites by their names, because "here" is
/// another place for whoever reads it; the bags by their labels, from which their ids follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    pub slip: SlipId,
    pub of: TransferId,
    pub from: String,
    pub to: String,
    pub component: kernel::Component,
    pub sent_us: i64,
    pub bags: Vec<(String, String)>,
    /// What the label of each bag says, in their order; none on slips of earlier releases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<OnLabel>,
}

/// What a label says beside its number and its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OnLabel {
    pub group: kernel::BloodGroup,
    pub phenotype: Phenotype,
    /// The end as it is printed, and where that was written.
    pub wall: NaiveDateTime,
    pub zone: Tz,
}

impl Said {
    /// The bytes that are signed, and what for.
    fn signed(&self) -> (&'static [u8], Vec<u8>) {
        let mut bytes = self.slip().signing_bytes();
        if self.labels.is_empty() {
            return (PURPOSE, bytes);
        }
        for one in &self.labels {
            let text = format!(
                "{}/{}/{}/{}",
                one.group,
                super::word(one.phenotype),
                one.wall.format("%Y-%m-%dT%H:%M"),
                one.zone
            );
            bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        (PURPOSE_2, bytes)
    }

    /// What the slip says of the label of this bag.
    fn label_of(&self, bag: UnitId) -> Option<OnLabel> {
        let at = self.bags.iter().position(|(din, code)| UnitId::of_label(din, code) == bag)?;
        self.labels.get(at).copied()
    }

    fn slip(&self) -> TransferSlip {
        TransferSlip {
            id: self.slip,
            transfer: self.of,
            from: self.from.clone(),
            to: self.to.clone(),
            component: self.component,
            units: self.bags.iter().map(|(din, code)| UnitId::of_label(din, code)).collect(),
            sent_at: of_micros(self.sent_us),
        }
    }
}

fn body(id: TransferId, command: Command) -> Body {
    Body::Care(CareBody::Transfer { id, command: Box::new(command) })
}

/// What two people compare by telephone.
fn fingerprint(key: &[u8; 32]) -> String {
    let hash = ledger::hash_of(&[key]);
    let words: Vec<String> = hash.chunks(2).take(4).map(hex::encode_upper).collect();
    words.join(" ")
}

impl Inner {
    /// The name under which others know this site.
    fn site_name(&self) -> Result<String, Error> {
        let facility = self.store()?.facility()?.ok_or_else(|| no(Code::NoFacility))?;
        Ok(facility.name.trim().to_owned())
    }

    pub(crate) fn known_sites(&self) -> Result<BTreeMap<String, String>, Error> {
        Ok(match self.store()?.setting(SITES)? {
            Some(text) => serde_json::from_str(&text)?,
            None => BTreeMap::new(),
        })
    }

    pub(crate) fn site_list(&mut self, _: Nothing) -> Result<Sites, Error> {
        // Whoever rules over the facility sees no stock.
        if !self.anyone()?.role.may(Permission::ManageFacility) {
            self.actor(Permission::SeeStock)?;
        }
        let (name, key) = (self.site_name()?, self.store()?.device_key());
        let mut known = vec![];
        for (name, key) in self.known_sites()? {
            let key = key_of(&key).ok_or_else(|| Error::Broken("a site's key".into()))?;
            known.push(SiteRow { name, fingerprint: fingerprint(&key) });
        }
        let code = format!("{SITE_MARK}{}{name}", hex::encode_upper(key));
        Ok(Sites { here: SiteRow { name, fingerprint: fingerprint(&key) }, code, known })
    }

    /// From now on the slips of another site are believed. Whoever says so has compared the
    /// fingerprint with that site.
    pub(crate) fn site_know(&mut self, ask: SiteKnow) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let unread = || -> Error { no(Code::ScanUnreadable) };
        let said = ask.code.trim().strip_prefix(SITE_MARK).ok_or_else(unread)?;
        let (key, name) = said.split_at_checked(64).ok_or_else(unread)?;
        let bytes = key_of(key).ok_or_else(unread)?;
        let name = kernel::said(name).ok_or_else(unread)?;
        let plain = |text: &str| text.split_whitespace().collect::<String>().to_uppercase();
        if plain(&ask.fingerprint) != plain(&fingerprint(&bytes)) {
            return Err(CommandError::refusal(Code::IdentityMismatch)
                .with("field", "fingerprint")
                .into());
        }
        // Also not the word by which this site calls itself in its records.
        if name == self.site_name()? || name == self.site() {
            return Err(CommandError::refusal(Code::NameTaken).with("name", name).into());
        }
        let mut sites = self.known_sites()?;
        sites.insert(name.clone(), hex::encode(bytes));
        self.keep_sites(&sites)?;
        let entry = Audit::SiteKey { name, key: hex::encode(bytes), trusted: true };
        self.audit(&actor, entry)?;
        self.tell(&["transfer"]);
        Ok(Nothing {})
    }

    pub(crate) fn site_forget(&mut self, ask: SiteForget) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let mut sites = self.known_sites()?;
        let key = sites.remove(&ask.name).ok_or_else(|| no(Code::NotFound))?;
        self.keep_sites(&sites)?;
        self.audit(&actor, Audit::SiteKey { name: ask.name, key, trusted: false })?;
        self.tell(&["transfer"]);
        Ok(Nothing {})
    }

    fn keep_sites(&mut self, sites: &BTreeMap<String, String>) -> Result<(), Error> {
        let text = serde_json::to_string(sites)?;
        let store = self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        Ok(store.set_setting(SITES, &text)?)
    }

    pub(crate) fn transfer_list(&mut self, _: Nothing) -> Result<Transfers, Error> {
        self.actor(Permission::SeeStock)?;
        let (open, left_out): (Vec<Transfer>, _) = self.open_ones()?;
        let since = self.now()? - TimeDelta::days(SHOWN_DAYS);
        let mut ended: Vec<Transfer> = self.store()?.care_since(since)?;
        ended.retain(|one| one.status == Way::Arrived);
        let rows = |all: &[Transfer]| -> Result<Vec<TransferRow>, Error> {
            all.iter().map(|one| self.transfer_row(one)).collect()
        };
        Ok(Transfers { open: rows(&open)?, ended: rows(&ended)?, left_out })
    }

    pub(crate) fn named(&self, site: &str) -> Result<String, Error> {
        if site == self.site() { self.site_name() } else { Ok(site.to_owned()) }
    }

    fn transfer_row(&self, one: &Transfer) -> Result<TransferRow, Error> {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(TransferRow {
            id: one.id.to_string(),
            from: self.named(&one.from)?,
            to: self.named(&one.to)?,
            ours: one.from == self.site(),
            component: same(one.component),
            bags: count(one.units.len()),
            open: count(one.open().len()),
            missing: count(one.missing.len()),
            status: same(one.status),
            sent_at: one.slip.as_ref().map(|slip| rfc3339(slip.sent_at)),
        })
    }

    pub(crate) fn transfer_view(&mut self, ask: ById) -> Result<TransferView, Error> {
        self.actor(Permission::SeeStock)?;
        let one: Transfer = self.care_there(CareKey::Transfer(id(&ask.id)?))?;
        let range = self.policy().care.transport_of(one.component);
        let most_bags = u32::try_from(MOST_BAGS).unwrap_or(u32::MAX);
        let slip = match &one.slip {
            Some(slip) if one.from == self.site() => Some(self.slip_text(slip)?),
            _ => None,
        };
        Ok(TransferView {
            row: self.transfer_row(&one)?,
            bags: self.transfer_bags(&one, None)?,
            readings: one
                .readings
                .iter()
                .map(|r| TemperatureRow { at: rfc3339(r.at), tenths: r.tenths })
                .collect(),
            least: range.map(|range| range.least),
            most: range.map(|range| range.most),
            most_bags,
            slip,
        })
    }

    /// The bags of a box; `labels` are those that its slip names.
    fn transfer_bags(
        &self,
        one: &Transfer,
        said: Option<&Said>,
    ) -> Result<Vec<TransferBag>, Error> {
        let mut bags = vec![];
        for id in &one.units {
            let unit = self.store()?.unit(*id)?;
            let missing = one.missing.iter().find(|(unit, _)| unit == id);
            let of_slip = said.and_then(|said| {
                said.bags.iter().find(|(din, code)| UnitId::of_label(din, code) == *id)
            });
            let (din, product_code) = match (&unit, of_slip) {
                (Some(unit), _) => (unit.din.clone(), unit.product_code.clone()),
                (None, Some((din, code))) => (din.clone(), code.clone()),
                (None, None) => (String::new(), String::new()),
            };
            let label = said.and_then(|said| said.label_of(*id));
            bags.push(TransferBag {
                id: id.to_string(),
                din,
                product_code,
                state: match (one.status, missing) {
                    (Way::Packing, _) => TransferBagState::Packed,
                    (_, Some(_)) => TransferBagState::Missing,
                    _ if one.taken_in.contains(id) => TransferBagState::TakenIn,
                    _ => TransferBagState::OnItsWay,
                },
                reason: missing.map(|(_, reason)| reason.clone()),
                unit: unit.map(|unit| self.unit_row(&unit)).transpose()?,
                label: label.map(|one| BagOnSlip {
                    group: crate::blood::group_of_bag(one.group, one.phenotype),
                    expires_at: rfc3339(kernel::instant_of_wall(one.wall, one.zone)),
                }),
            });
        }
        Ok(bags)
    }

    pub(crate) fn transfer_begin(&mut self, ask: TransferBegin) -> Result<Made, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let new = TransferId(self.options.clock.new_uuid());
        let to = ask.to.trim().to_owned();
        // Our own name is this site.
        let to = if to == self.site_name()? { self.site().to_owned() } else { to };
        let from = self.site().to_owned();
        let command = Command::Begin { from, to, component: same(ask.component) };
        let facts = self.unit_facts(None, None)?;
        self.save(&actor, body(new, command), facts, Passed::default())?;
        Ok(Made { id: new.to_string() })
    }

    pub(crate) fn transfer_pack(&mut self, ask: TransferPack) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let one: Transfer = self.care_there(CareKey::Transfer(id(&ask.transfer)?))?;
        let unit = self.unit_there(self.labelled(&ask.bag)?.id)?;
        if one.units.len() >= MOST_BAGS {
            return Err(too_many("box", one.units.len() + 1, MOST_BAGS));
        }
        let others = self.store()?.care_naming::<Transfer>(unit.id)?;
        if let Some(other) = others.iter().find(|other| {
            other.id != one.id && other.status == Way::Packing && other.units.contains(&unit.id)
        }) {
            return Err(CommandError::refusal(Code::Known).with("transfer", other.id).into());
        }
        let mut facts = self.unit_facts(None, None)?;
        // Said now and not when the box is closed: a bag that may not leave is not packed.
        let send = OfUnit::SendTo { site: one.to.clone() };
        let (now, by) = (self.now()?, CommandId(self.options.clock.new_uuid()));
        if one.status == Way::Packing && unit.component == one.component {
            bloodbank::decide(Some(&unit), &facts.unit, &send, &[], &self.policy(), now, by)
                .map_err(|why| refused(records::Refused::Unit(why)))?;
        }
        let command = Command::Pack { unit: unit.id };
        facts.care.unit = Some(unit);
        self.save(&actor, body(one.id, command), facts, Passed::default())?;
        Ok(Nothing {})
    }

    pub(crate) fn transfer_unpack(&mut self, ask: TransferUnpack) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let command = Command::Unpack { unit: unit_id(&ask.unit)? };
        let facts = self.unit_facts(None, None)?;
        self.save(&actor, body(id(&ask.transfer)?, command), facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// The box leaves: every bag in it is on its way with it, and the slip is made. Of a large box the
    /// bags come first: one that is on its way without a slip is given to nobody.
    pub(crate) fn transfer_scan_out(&mut self, ask: TransferOut) -> Result<SlipText, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let one: Transfer = self.care_there(CareKey::Transfer(id(&ask.transfer)?))?;
        let reading = BoxReading { at: self.now()?, tenths: ask.tenths };
        let slip = SlipId(self.options.clock.new_uuid());
        let out = vec![body(one.id, Command::ScanOut { slip, reading })];
        let mut sent: Vec<Vec<Body>> = vec![];
        if one.status == Way::Packing {
            sent.extend(one.units.iter().map(|id| {
                let command = OfUnit::SendTo { site: one.to.clone() };
                vec![Body::Unit { id: *id, command }]
            }));
        }
        match sent.len() < MOST_WRITES {
            true => sent.insert(0, out),
            false => sent.push(out),
        }
        let facts = self.unit_facts(None, None)?;
        self.save_groups(&actor, sent, facts, &Passed::default())?;
        let sent: Transfer = self.care_there(CareKey::Transfer(one.id))?;
        let slip = sent.slip.ok_or_else(|| Error::Broken("a box without its slip".into()))?;
        Ok(SlipText { text: self.slip_text(&slip)? })
    }

    /// The slip of a box that left here, as text.
    pub(crate) fn slip_text(&self, slip: &TransferSlip) -> Result<String, Error> {
        let (mut bags, mut labels) = (vec![], vec![]);
        for id in &slip.units {
            let unit = self.unit_there(*id)?;
            labels.push(OnLabel {
                group: unit.group,
                phenotype: unit.phenotype,
                wall: unit.expires.wall,
                zone: unit.expires.zone,
            });
            bags.push((unit.din, unit.product_code));
        }
        let said = Said {
            slip: slip.id,
            of: slip.transfer,
            from: self.named(&slip.from)?,
            to: slip.to.clone(),
            component: slip.component,
            sent_us: micros(slip.sent_at),
            bags,
            labels,
        };
        let (purpose, bytes) = said.signed();
        let signature = self.store()?.sign(purpose, &bytes);
        // Names as long as no byte can count stay with the longer text.
        let Some(mut bytes) = compact::packed(&said) else {
            let mut bytes = serde_json::to_vec(&said)?;
            bytes.extend(signature);
            return Ok(format!("{SLIP_MARK_1}{}", hex::encode_upper(bytes)));
        };
        bytes.extend(signature);
        Ok(format!("{SLIP_MARK}{}", parts::to_letters(&bytes)))
    }

    /// What a slip says, and whether the site that it names as its sender signed it.
    fn read_slip(&self, text: &str) -> Result<(Said, bool), Error> {
        let none = || super::stop(CareRule::SlipNotGenuine);
        let (said, signature) = signed(text.trim()).ok_or_else(none)?;
        let key = match self.known_sites()?.get(&said.from) {
            Some(key) => key_of(key).and_then(|key| ledger::public_key(&key)),
            None if said.from == self.site_name()? => {
                ledger::public_key(&self.store()?.device_key())
            }
            None => None,
        };
        let (purpose, bytes) = said.signed();
        let genuine =
            key.is_some_and(|key| ledger::verify_signature(&key, purpose, &bytes, &signature));
        Ok((said, genuine))
    }

    /// The slip as this site sees it: its own name is "here".
    fn local(&self, said: &Said) -> Result<TransferSlip, Error> {
        let (name, mut slip) = (self.site_name()?, said.slip());
        for site in [&mut slip.from, &mut slip.to] {
            if *site == name {
                self.site().clone_into(site);
            }
        }
        Ok(slip)
    }

    /// Codes of a printed slip, scanned in any order, put together as far as they are there.
    pub(crate) fn transfer_gather(&mut self, ask: SlipParts) -> Result<SlipGathered, Error> {
        self.actor(Permission::ReceiveBlood)?;
        let gathered = parts::gather(ask.parts.iter().map(String::as_str));
        let gathered = gathered.map_err(|why| match why {
            Unfit::OfAnother => no(Code::SlipPartOfAnother),
            Unfit::NoPart | Unfit::Misread => {
                CommandError::refusal(Code::ScanUnreadable).with("detail", why).into()
            }
        })?;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(SlipGathered {
            of: count(gathered.of),
            missing: gathered.missing.into_iter().map(count).collect(),
            text: gathered.text,
        })
    }

    /// What stands on the slip of a box that has come, before anything is taken in.
    pub(crate) fn transfer_read(&mut self, ask: SlipText) -> Result<BoxView, Error> {
        self.actor(Permission::ReceiveBlood)?;
        let (said, genuine) = self.read_slip(&ask.text)?;
        if !genuine {
            return Err(super::stop(CareRule::SlipNotGenuine));
        }
        let slip = self.local(&said)?;
        if slip.to != self.site() {
            return Err(CommandError::refusal(Code::SlipOfAnother).with("to", slip.to).into());
        }
        let known = self.store()?.care_of::<Transfer>(CareKey::Transfer(slip.transfer))?;
        let state = known.unwrap_or_else(|| Transfer {
            id: slip.transfer,
            from: slip.from.clone(),
            to: slip.to.clone(),
            component: slip.component,
            units: slip.units.clone(),
            slip: None,
            readings: vec![],
            taken_in: vec![],
            missing: vec![],
            status: Way::OnItsWay,
            version: 0,
        });
        Ok(BoxView {
            transfer: slip.transfer.to_string(),
            from: self.named(&slip.from)?,
            component: same(slip.component),
            sent_at: rfc3339(slip.sent_at),
            bags: self.transfer_bags(&state, Some(&said))?,
        })
    }

    /// One bag is taken out of the box: custody passes by the slip. A bag that was never here is
    /// received by its own label in the same command.
    pub(crate) fn transfer_scan_in(&mut self, ask: TransferIn) -> Result<TakenIn, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let (said, genuine) = self.read_slip(&ask.slip)?;
        let slip = self.local(&said)?;
        let bag = self.of_slip(&ask.bag, &said)?;
        let reading = BoxReading { at: self.now()?, tenths: ask.tenths };
        let known = self.store()?.unit(bag)?;
        let mut facts = self.unit_facts(None, None)?;
        facts.care.unit.clone_from(&known);
        facts.care.transfer_slip_genuine = genuine;
        facts.unit.by_slip = genuine && slip.units.contains(&bag);
        let code =
            match (&known, said.bags.iter().find(|(din, code)| UnitId::of_label(din, code) == bag))
            {
                (Some(unit), _) => unit.product_code.clone(),
                (None, Some((_, code))) => code.clone(),
                (None, None) => String::new(),
            };
        let kept = self.kept_as(bag, &code, slip.component)?;
        self.place_suits(ask.place.trim(), slip.component, kept)?;
        let transfer = slip.transfer;
        let command = Command::ScanIn { unit: bag, slip: slip.clone(), reading };
        let mut parts = vec![body(transfer, command.clone())];
        if let Some(event) = self.would(transfer, &facts, &command)? {
            let moved = unit_commands(&event).into_iter();
            match &known {
                Some(unit) => {
                    // What this site has in its record is not what left in the box.
                    if let Some(one) = said.label_of(bag) {
                        agrees(&one, unit.group, unit.phenotype, unit.expires.wall)?;
                    }
                    parts.extend(moved.map(|(id, command)| Body::Unit { id, command }));
                    if unit.place != ask.place.trim() {
                        let command = OfUnit::Move { place: ask.place };
                        parts.push(Body::Unit { id: bag, command });
                    }
                }
                None => {
                    let (receive, more) = self.first_receipt(bag, ask.label, &ask.place, &said)?;
                    parts.push(receive);
                    let din =
                        said.bags.iter().find(|(din, code)| UnitId::of_label(din, code) == bag);
                    if let Some((din, _)) = din {
                        parts.extend(self.stop_of_recall(bag, din)?);
                        parts.extend(self.stop_of_stranger(bag, din));
                    }
                    facts.unit.siblings = more.unit.siblings;
                    facts.lab.own_donation = more.lab.own_donation;
                    // It was taken in by being received.
                    parts.extend(
                        moved
                            .filter(|(_, command)| !matches!(command, OfUnit::TakeIn { .. }))
                            .map(|(id, command)| Body::Unit { id, command }),
                    );
                }
            }
        }
        self.save_parts(&actor, parts, facts, Passed::default())?;
        let unit = self.unit_there(bag)?;
        let state: Transfer = self.care_there(CareKey::Transfer(transfer))?;
        Ok(TakenIn {
            held: matches!(unit.status, bloodbank::Status::Quarantined { .. }),
            unit: self.unit_row(&unit)?,
            open: u32::try_from(state.open().len()).unwrap_or(u32::MAX),
        })
    }

    /// What the box would do now; none where it would refuse, which the save then says.
    fn would(
        &self,
        id: TransferId,
        facts: &Facts,
        command: &Command,
    ) -> Result<Option<Event>, Error> {
        let state = self.store()?.care_of::<Transfer>(CareKey::Transfer(id))?;
        let of_box = transfer::Facts {
            site: facts.unit.site.clone(),
            unit: facts.care.unit.clone(),
            slip_genuine: facts.care.transfer_slip_genuine,
            scanned: facts.care.transfer_scanned.clone(),
        };
        let policy = self.policy();
        let decided =
            transfer::decide(state.as_ref(), id, &of_box, command, &policy.care, self.now()?);
        Ok(decided.ok().and_then(|events| events.into_iter().next()))
    }

    /// The bag by its label; a number alone is enough where the slip has it once.
    fn of_slip(&self, label: &BagLabel, said: &Said) -> Result<UnitId, Error> {
        let din = label.din.trim().to_uppercase();
        let of_number: Vec<_> = said.bags.iter().filter(|(number, _)| *number == din).collect();
        match (&label.product_code, &of_number[..]) {
            (None, [(din, code)]) => Ok(UnitId::of_label(din, code)),
            _ => Ok(self.labelled(label)?.id),
        }
    }

    fn first_receipt(
        &self,
        bag: UnitId,
        label: Option<UnitReceive>,
        place: &str,
        said: &Said,
    ) -> Result<(Body, Facts), Error> {
        let Some(mut label) = label else {
            return Err(CommandError::refusal(Code::Blank).with("field", "label").into());
        };
        label.place = place.to_owned();
        label.supplier = Some(said.from.clone());
        let sent = said.label_of(bag);
        // Its times were written where the slip says.
        label.zone = sent.map(|one| one.zone.name().to_owned()).or(label.zone);
        let (id, command, facts) = self.receipt_of(label)?;
        if id != bag {
            return Err(differs("label"));
        }
        // What the sender's record says of the bag; a label of another group or day is a neighbour's, or was
        // put on the wrong bag (bloodbank.md 6, scenario 57).
        if let (Some(one), OfUnit::Receive { group, phenotype, expires_wall, .. }) =
            (sent, &command)
        {
            agrees(&one, *group, *phenotype, *expires_wall)?;
        }
        if let OfUnit::Receive { component, .. } = &command
            && *component != said.component
        {
            return Err(no(Code::ProductNotOrdered));
        }
        Ok((Body::Unit { id, command }, facts))
    }

    /// A bag of the slip is not in the box.
    pub(crate) fn transfer_missing(&mut self, ask: TransferMissing) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let (of, unit) = (id(&ask.transfer)?, unit_id(&ask.unit)?);
        let command = Command::ReportMissing { unit, reason: ask.reason };
        let facts = self.unit_facts(None, None)?;
        let mut parts = vec![body(of, command.clone())];
        // A bag that was never here has no record here to hold.
        let held = self.store()?.unit(unit)?.as_ref().is_some_and(Unit::is_live);
        if let Some(event) = self.would(of, &facts, &command)?.filter(|_| held) {
            let moved = unit_commands(&event).into_iter();
            parts.extend(moved.map(|(id, command)| Body::Unit { id, command }));
        }
        self.save_parts(&actor, parts, facts, Passed::default())?;
        Ok(Nothing {})
    }

    /// A bag by what was scanned of it.
    pub(crate) fn labelled(&self, label: &BagLabel) -> Result<Labelled, Error> {
        let unread = |error: isbt128::DinError| -> Error {
            CommandError::refusal(Code::ScanUnreadable).with("detail", error).into()
        };
        let din = isbt128::Din::new(&label.din.trim().to_uppercase()).map_err(unread)?;
        let din = din.as_str().to_owned();
        if let Some(code) = &label.product_code {
            let product_code = code.trim().to_uppercase();
            return Ok(Labelled { id: UnitId::of_label(&din, &product_code), din, product_code });
        }
        let of_number = self.store()?.units_of_din(&din)?;
        match of_number[..] {
            [id] => {
                let unit = self.unit_there(id)?;
                Ok(Labelled { id, din, product_code: unit.product_code })
            }
            [] => Ok(Labelled { id: UnitId::of_label(&din, ""), din, product_code: String::new() }),
            _ => Err(CommandError::refusal(Code::ScanDisagrees)
                .with("field", "productCode")
                .with("din", din)
                .into()),
        }
    }
}

fn differs(field: &str) -> Error {
    CommandError::refusal(Code::ScanDisagrees).with("field", field).into()
}

/// Whether a bag is as its slip says.
fn agrees(
    said: &OnLabel,
    group: kernel::BloodGroup,
    phenotype: Phenotype,
    wall: NaiveDateTime,
) -> Result<(), Error> {
    if (said.group, said.phenotype) != (group, phenotype) {
        return Err(differs("group"));
    }
    if said.wall != wall {
        return Err(differs("expiry"));
    }
    Ok(())
}

/// What a text says and its signature, whichever release wrote it.
fn signed(text: &str) -> Option<(Said, [u8; SIGNATURE])> {
    let apart = |bytes: Vec<u8>| -> Option<(Vec<u8>, [u8; SIGNATURE])> {
        let split = bytes.len().checked_sub(SIGNATURE)?;
        let (said, signature) = bytes.split_at_checked(split)?;
        Some((said.to_vec(), signature.try_into().ok()?))
    };
    for (mark, labelled) in [(SLIP_MARK, true), (SLIP_MARK_2, false)] {
        if let Some(coded) = text.strip_prefix(mark) {
            let (said, signature) = apart(parts::of_letters(coded)?)?;
            return Some((compact::unpacked(&said, labelled)?, signature));
        }
    }
    let (said, signature) = apart(hex::decode(text.strip_prefix(SLIP_MARK_1)?).ok()?)?;
    let said: Said = serde_json::from_slice(&said).ok()?;
    // Of each bag or of none.
    let whole = said.labels.is_empty() || said.labels.len() == said.bags.len();
    whole.then_some((said, signature))
}

fn key_of(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key).ok()?;
    ledger::public_key(&key).map(|_| key)
}

/// When something was read, from the wall of the facility.
pub(super) fn read_at(inner: &Inner, wall: Option<&str>) -> Result<Instant, Error> {
    Ok(match wall {
        Some(text) => kernel::instant_of_wall(crate::blood::wall(text)?, inner.zone()?),
        None => inner.now()?,
    })
}
