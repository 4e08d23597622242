//! Units of blood: reading labels, stock, and everything that happens to a unit.

use crate::backend::{Inner, Passed};
use crate::convert::{care_code, rfc3339, same};
use crate::error::{Error, no};
use crate::people::{override_reason, patient_id};
use bloodbank::issue::{Dispensation, Event as OfIssue};
use bloodbank::lookback::{self, Lineage as _};
use bloodbank::traits::Phenotype;
use bloodbank::{Command, Effective, Event, Expiry, Status as Stored, Unit};
use chrono::{Datelike as _, NaiveDateTime, Timelike as _};
use isbt128::{Din, DonationType, GroupReading, ProductCode, Scan};
use kernel::{
    Actor, BloodGroup as Group, Component as C, DonationId, Instant, Millilitres, PatientId,
    Permission, TimeDelta, UnitId, instant_of_wall,
};
use records::{Body, Facts};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;
use store_sqlite::{EventRow, UnitFilter};
use wire::*;

/// Days that make the expiry list.
const SOON_DAYS: i64 = 7;
/// Rows of the expiry list.
const EXPIRING: u32 = 50;
/// Days over which the mean daily issue is taken.
const ISSUE_DAYS: u32 = 28;
/// The site of a facility that stands alone.
pub(crate) const SITE: &str = "here";

#[derive(Deserialize)]
struct Product {
    description: String,
    component: C,
    name: String,
    /// What the laboratory calls it, where it makes it.
    #[serde(default)]
    makes: Vec<bloodbank::lab::Product>,
    /// The work by which it comes about, and of which other code.
    #[serde(default)]
    made_by: Option<String>,
    #[serde(default)]
    of: Option<String>,
}

#[derive(Deserialize)]
struct Products {
    products: Vec<Product>,
}

/// The codes this house defines for itself; a licensee's own table comes on top.
static PRODUCTS: LazyLock<Products> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../assets/products.local.json"))
        .expect("the table is part of the program and a test reads it")
});

fn product_of(code: &str) -> Option<&'static Product> {
    PRODUCTS.products.iter().find(|p| code.starts_with(&p.description))
}

/// The code that this house gives to what its laboratory makes, of a volunteer and undivided.
pub(crate) fn code_of(product: bloodbank::lab::Product) -> Option<String> {
    let known = PRODUCTS.products.iter().find(|p| p.makes.contains(&product));
    known.map(|p| format!("{}V00", p.description))
}

/// The name that this house's table gives to a code.
pub(crate) fn product_name(code: &str) -> Option<String> {
    product_of(code).map(|product| product.name.clone())
}

/// What a bag of this code is to the laboratory, where it came from outside.
pub(crate) fn product_made(code: &str) -> Option<bloodbank::lab::Product> {
    product_of(code)?.makes.first().copied()
}

/// What is made here bears no code that this house's table knows as something else: its label would
/// say so.
pub(crate) fn fits_code(code: &str, product: bloodbank::lab::Product) -> Result<(), Error> {
    match (product_of(code), product.component()) {
        (Some(known), Some(component))
            if known.component != component
                || (!known.makes.is_empty() && !known.makes.contains(&product)) =>
        {
            Err(CommandError::refusal(Code::ProductIsOther)
                .with("productCode", code)
                .with("component", same::<_, String>(known.component))
                .with("chosen", same::<C, String>(component))
                .into())
        }
        _ => Ok(()),
    }
}

/// The code that this house gives to what comes of a bag. None for a division: its bags keep the
/// description and are told apart by the last two characters.
pub(crate) fn code_after(code: &str, work: &str) -> Option<String> {
    let known = product_of(code)?;
    let made = |p: &&Product| {
        p.made_by.as_deref() == Some(work) && p.of.as_deref() == Some(&known.description)
    };
    PRODUCTS.products.iter().find(made).map(|p| format!("{}V00", p.description))
}

impl Inner {
    pub(crate) fn scan_read(&mut self, scan: ScanText) -> Result<ScanRead, Error> {
        // Whoever may not see patients does not learn either whose number is in use here.
        let sees_patients = self.anyone()?.role.may(Permission::SeePatients);
        let text = scan.text.trim();
        if crate::care::is_slip(text) {
            let genuine = self.slip_of(text).is_ok();
            return Ok(ScanRead { parts: vec![ScanPart::Slip { genuine }] });
        }
        if bloodbank::parts::is_part(text) {
            let (code, name, raw) = (None, "part of a slip".to_owned(), text.to_owned());
            return Ok(ScanRead { parts: vec![ScanPart::Other { code, name, raw }] });
        }
        if scan.typed {
            return self.read_typed(text, sees_patients);
        }
        let scans = isbt128::read(text)
            .map_err(|error| CommandError::refusal(Code::ScanUnreadable).with("detail", error))?;
        let parts = scans.iter().map(|scan| self.scan_part(scan, sees_patients));
        let parts = parts.collect::<Result<_, _>>()?;
        Ok(ScanRead { parts })
    }

    /// What a person typed: a donation number with its check character, or a hospital number.
    fn read_typed(&self, text: &str, sees_patients: bool) -> Result<ScanRead, Error> {
        let number = text.split_whitespace().collect::<String>().to_uppercase();
        let patient = self.numbered(&number, sees_patients)?;
        if patient.is_some() {
            return Ok(ScanRead { parts: vec![ScanPart::Patient { number, patient }] });
        }
        let din = Din::parse_typed(text).map_err(|error| match error {
            isbt128::DinError::BadCheck => no(Code::CheckCharacterWrong),
            other => CommandError::refusal(Code::ScanUnreadable).with("detail", other).into(),
        })?;
        Ok(ScanRead { parts: vec![self.din_part(&din)?] })
    }

    /// The patient with this hospital number, for those who may know.
    fn numbered(&self, number: &str, sees_patients: bool) -> Result<Option<String>, Error> {
        if !sees_patients {
            return Ok(None);
        }
        Ok(self.store()?.patient_by_number(number)?.map(|id| id.to_string()))
    }

    fn din_part(&self, din: &Din) -> Result<ScanPart, Error> {
        let units = self.store()?.units_of_din(din.as_str())?;
        let unit = match units[..] {
            [one] => Some(one.to_string()),
            _ => None,
        };
        Ok(ScanPart::DonationNumber {
            din: din.as_str().to_owned(),
            check: din.check_char().to_string(),
            unit,
        })
    }

    fn scan_part(&self, scan: &Scan, sees_patients: bool) -> Result<ScanPart, Error> {
        let other = || ScanPart::Other {
            code: Some(other_scan(scan.kind())),
            name: scan.name().to_owned(),
            raw: scan.to_text(),
        };
        Ok(match scan {
            Scan::Din { din, .. } => self.din_part(din)?,
            Scan::Product { code } => {
                let known = product_of(code.as_str());
                ScanPart::Product {
                    code: code.as_str().to_owned(),
                    component: known.map(|p| same(p.component)),
                    name: known.map(|p| p.name.clone()),
                }
            }
            Scan::AboRhd(group) => match group.reading() {
                GroupReading::Group { abo, rhd: Some(rhd), donation_type } => ScanPart::Group {
                    group: BloodGroup { abo: same(abo), rhd: same(rhd), phenotype: None },
                    donation_type: same(donation_type),
                },
                // A group of its own, never O (bloodbank.md 6, scenario 16).
                GroupReading::Bombay { rhd } => ScanPart::Group {
                    group: BloodGroup {
                        abo: wire::Abo::O,
                        rhd: same(rhd),
                        phenotype: Some(HPhenotype::Bombay),
                    },
                    donation_type: same(DonationType::General),
                },
                _ => other(),
            },
            Scan::Expiry(expiry) => ScanPart::Expiry { wall: expiry.at().format(WALL).to_string() },
            Scan::Collection(moment) => {
                let at = moment.at().or_else(|| moment.date().and_hms_opt(0, 0, 0));
                let wall = at.map(|at| at.format(WALL).to_string()).unwrap_or_default();
                ScanPart::Collected { wall }
            }
            Scan::PatientId { id, .. } => {
                let number = id.trim().to_uppercase();
                let patient = self.numbered(&number, sees_patients)?;
                ScanPart::Patient { number, patient }
            }
            Scan::Unknown { raw } => {
                // A hospital's own wristband carries the bare number.
                let number = raw.trim().to_uppercase();
                match self.numbered(&number, sees_patients)? {
                    None => other(),
                    patient => ScanPart::Patient { number, patient },
                }
            }
            Scan::Division { .. }
            | Scan::Production(_)
            | Scan::PatientBirthDate { .. }
            | Scan::Staff { .. }
            | Scan::Other { .. } => other(),
        })
    }

    pub(crate) fn unit_board(&mut self, _: Nothing) -> Result<StockBoard, Error> {
        self.actor(Permission::SeeStock)?;
        let now = self.now()?;
        let issued: HashMap<(String, String), u32> = self
            .store()?
            .issued_since(self.site(), now - TimeDelta::days(i64::from(ISSUE_DAYS)))?
            .into_iter()
            .map(|(component, group, n)| ((component, group), n))
            .collect();
        let policy = self.policy();
        let mut cells: BTreeMap<(C, Group), StockCell> = BTreeMap::new();
        let mut rare: Vec<CountedCell> = vec![];
        let mut totals = StockTotals {
            available: 0,
            reserved: 0,
            quarantined: 0,
            expired: 0,
            expiring: 0,
            below_target: 0,
        };
        for component in C::ALL {
            for group in Group::ALL {
                let (floor, target) = policy.floor_and_target(component, group);
                let cell = StockCell {
                    group: same(group),
                    available: 0,
                    reserved: 0,
                    quarantined: 0,
                    level: Level::Good,
                    floor,
                    target,
                    days_of_cover: None,
                    oldest_expiry: None,
                };
                cells.insert((component, group), cell);
            }
        }
        let (here, there): (Vec<_>, Vec<_>) =
            self.store()?.standing(now)?.into_iter().partition(|row| row.site == self.site());
        for standing in here {
            if standing.without_h {
                count_rare(&mut rare, &mut totals, &standing)?;
                continue;
            }
            let Some((_, cell)) = cells.iter_mut().find(|((component, group), _)| {
                same::<_, String>(*component) == standing.component
                    && group_word(*group) == standing.group
            }) else {
                continue;
            };
            let count = standing.count;
            match standing.stands.as_str() {
                "available" => {
                    cell.available += count;
                    totals.available += count;
                    cell.oldest_expiry.get_or_insert_with(|| rfc3339(standing.first_end));
                }
                "reserved" => {
                    cell.reserved += count;
                    totals.reserved += count;
                }
                "quarantined" => {
                    cell.quarantined += count;
                    totals.quarantined += count;
                }
                "expired" => totals.expired += count,
                _ => {}
            }
        }
        let soon = now + TimeDelta::days(SOON_DAYS);
        let (ending, expiring_total) = self.store()?.ending(self.site(), now, soon, EXPIRING)?;
        totals.expiring = expiring_total;
        let expiring = self.unit_rows(&ending)?;
        for ((component, group), cell) in &mut cells {
            cell.level = same(policy.level(*component, *group, cell.available));
            if matches!(cell.level, Level::Low | Level::Critical) {
                totals.below_target += 1;
            }
            let words = (same::<_, String>(*component), group_word(*group));
            cell.days_of_cover =
                issued.get(&words).map(|n| cell.available * ISSUE_DAYS / n.max(&1));
        }
        let rows = C::ALL
            .iter()
            .map(|component| {
                let cells: Vec<StockCell> =
                    Group::ALL.iter().filter_map(|g| cells.remove(&(*component, *g))).collect();
                StockLine {
                    component: same(*component),
                    storage: storage(storage_range(*component)),
                    storage_range: Some(storage_range(*component)),
                    available: cells.iter().map(|c| c.available).sum(),
                    cells,
                }
            })
            .collect();
        let elsewhere = self.elsewhere(&there)?;
        let as_of = rfc3339(now);
        Ok(StockBoard { as_of, rows, rare, totals, expiring, expiring_total, elsewhere })
    }

    /// What is known of the stock of other sites, also of those of which nothing is.
    fn elsewhere(&self, standing: &[store_sqlite::Standing]) -> Result<Vec<SiteStock>, Error> {
        let known = self.known_sites()?.into_keys().map(|site| (site, vec![]));
        let mut sites: BTreeMap<String, Vec<SiteLine>> = known.collect();
        for row in standing {
            let (component, group) = kind_of(row)?;
            let lines = sites.entry(row.site.clone()).or_default();
            let at = lines.iter().position(|line| line.component == component);
            let at = at.unwrap_or_else(|| {
                lines.push(SiteLine { component, available: 0, cells: vec![] });
                lines.len() - 1
            });
            let line = &mut lines[at];
            let cell = cell_of(&mut line.cells, component, group);
            match row.stands.as_str() {
                "available" => {
                    cell.available += row.count;
                    // As on our own lines: bags without H are for nobody else.
                    line.available += if row.without_h { 0 } else { row.count };
                }
                "reserved" => cell.reserved += row.count,
                "quarantined" => cell.quarantined += row.count,
                _ => {}
            }
        }
        for lines in sites.values_mut() {
            for line in &mut *lines {
                line.cells.retain(|cell| cell.available + cell.reserved + cell.quarantined > 0);
            }
            lines.retain(|line| !line.cells.is_empty());
            let place = |of| C::ALL.into_iter().position(|c| same::<_, Component>(c) == of);
            lines.sort_by_key(|line| place(line.component));
        }
        Ok(sites.into_iter().map(|(site, lines)| SiteStock { site, lines }).collect())
    }

    pub(crate) fn unit_list(&mut self, ask: UnitList) -> Result<UnitsFound, Error> {
        self.actor(Permission::SeeStock)?;
        let now = self.now()?;
        let filter = UnitFilter {
            component: ask.component.map(same),
            group: ask.group.filter(|g| g.phenotype.is_none()).map(same),
            without_h: ask.group.is_some_and(|g| g.phenotype.is_some()),
            text: ask
                .text
                .map(|t| t.split_whitespace().collect::<String>().to_uppercase())
                .filter(|t| !t.is_empty()),
            live_only: matches!(
                ask.status,
                Some(
                    UnitStatus::Available
                        | UnitStatus::Reserved
                        | UnitStatus::Quarantined
                        | UnitStatus::Expired
                )
            ),
            // What is over stands in the table as it is; the rest changes with the time.
            status: match ask.status {
                Some(UnitStatus::Issued) => Some("issued"),
                Some(UnitStatus::Discarded | UnitStatus::Modified) => Some("discarded"),
                _ => None,
            },
            made_into: match ask.status {
                Some(UnitStatus::Discarded) => Some(false),
                Some(UnitStatus::Modified) => Some(true),
                _ => None,
            },
            ..UnitFilter::default()
        };
        // A number may stand on a bag anywhere; a list without one is of one shelf.
        let filter = match (ask.site, &filter.text) {
            (None, Some(_)) => filter,
            (site, _) => {
                UnitFilter { site: site.or_else(|| Some(self.site().to_owned())), ..filter }
            }
        };
        let limit = if ask.limit == 0 { 200 } else { ask.limit.min(1_000) };
        let by_time = filter.live_only;
        let store = self.store()?;
        let (mut units, mut total) = match by_time {
            true => (store.units(&filter)?, 0),
            false => {
                let some = UnitFilter { limit: Some(limit), ..filter.clone() };
                (store.units(&some)?, store.count_units(&filter)?)
            }
        };
        if let (Some(status), true) = (ask.status, by_time) {
            units.retain(|u| status_of(u, now) == status);
            total = u32::try_from(units.len()).unwrap_or(u32::MAX);
        }
        units.truncate(usize::try_from(limit).unwrap_or(1_000));
        let more = !by_time && total == store_sqlite::COUNTED;
        Ok(UnitsFound { rows: self.unit_rows(&units)?, total, more })
    }

    /// The zone is the same for every bag, and looked up once.
    pub(crate) fn unit_rows<'a>(
        &self,
        units: impl IntoIterator<Item = &'a Unit>,
    ) -> Result<Vec<UnitRow>, Error> {
        let zone = self.zone()?;
        units.into_iter().map(|unit| self.unit_row_in(unit, zone)).collect()
    }

    pub(crate) fn unit_row(&self, unit: &Unit) -> Result<UnitRow, Error> {
        self.unit_row_in(unit, self.zone()?)
    }

    fn unit_row_in(&self, unit: &Unit, zone: chrono_tz::Tz) -> Result<UnitRow, Error> {
        let now = self.now()?;
        let (patient, until) = match unit.effective_status(now) {
            Effective::Reserved { patient, until } => (Some(patient), Some(until)),
            Effective::Issued { patient } => (Some(patient), None),
            _ => (None, None),
        };
        let name = match patient {
            Some(id) => self.store()?.patient_name(id)?,
            None => None,
        };
        let check = check_of(&unit.din).unwrap_or_default();
        let days = (unit.expires.at.with_timezone(&unit.expires.zone).date_naive()
            - now.with_timezone(&unit.expires.zone).date_naive())
        .num_days();
        Ok(UnitRow {
            id: unit.id.to_string(),
            din: unit.din.clone(),
            check,
            product_code: unit.product_code.clone(),
            component: same(unit.component),
            group: group_of_bag(unit.group, unit.phenotype),
            status: status_of(unit, now),
            expires_at: rfc3339(unit.expires.at),
            label_time: label_time(&unit.expires, zone),
            days_left: i32::try_from(days).unwrap_or(i32::MAX),
            place: unit.place.clone(),
            site: (unit.site != self.site()).then(|| unit.site.clone()),
            patient: patient.map(|p| p.to_string()),
            patient_name: name,
            until: until.map(rfc3339),
            became: match processed(unit) {
                true => Some(self.links(&self.lineage_of(|graph| graph.children(unit.id))?)?),
                false => None,
            },
        })
    }

    /// A walk of one step in the lineage.
    fn lineage_of(
        &self,
        step: impl FnOnce(&store_sqlite::Graph<'_>) -> Vec<UnitId>,
    ) -> Result<Vec<UnitId>, Error> {
        let graph = self.store()?.lineage();
        let found = step(&graph);
        graph.finish()?;
        Ok(found)
    }

    /// Bags by their labels, on the shelf or still in the laboratory.
    fn links(&self, ids: &[UnitId]) -> Result<Vec<UnitLink>, Error> {
        let mut found = vec![];
        for id in ids {
            let (unit, part) = (self.store()?.unit(*id)?, self.store()?.part(*id)?);
            let on_shelf = unit.is_some();
            let label = unit
                .map(|unit| (unit.din, unit.product_code))
                .or(part.map(|part| (part.din, part.product_code)));
            let Some((din, product_code)) = label else { continue };
            let check = check_of(&din).unwrap_or_default();
            found.push(UnitLink { id: id.to_string(), din, check, product_code, on_shelf });
        }
        Ok(found)
    }

    pub(crate) fn unit_view(&mut self, ask: ById) -> Result<UnitView, Error> {
        self.actor(Permission::SeeStock)?;
        let id = unit_id(&ask.id)?;
        let unit = self.store()?.unit(id)?.ok_or_else(|| no(Code::NotFound))?;
        let mut history = vec![];
        let names = self.staff_names()?;
        let mut entries = self.store()?.history(records::Key::Unit(id))?;
        for issue in self.store()?.care_of_unit::<Dispensation>(id)? {
            let key = records::Key::Care(records::CareKey::Dispensation(issue.id));
            entries.extend(self.store()?.history(key)?);
        }
        entries.sort_by_key(|entry| entry.gseq);
        for entry in entries {
            let event = match &entry.event {
                records::Event::Unit(event) => event,
                records::Event::Care(records::CareEvent::Dispensation(event)) => {
                    history.extend(self.given_act(&entry, event, &names)?);
                    continue;
                }
                _ => continue,
            };
            let (what, patient) = match event {
                Event::Received { .. } | Event::TakenIn { .. } => (UnitAct::Received, None),
                Event::Reserved { patient, .. } => (UnitAct::Reserved, Some(*patient)),
                Event::Released { patient, .. } => (UnitAct::Released, Some(*patient)),
                Event::HoldLapsed { .. } => (UnitAct::HoldLapsed, None),
                Event::Issued { patient, .. } => (UnitAct::Issued, Some(*patient)),
                Event::Quarantined { .. } => (UnitAct::Quarantined, None),
                Event::QuarantineLifted { .. } => (UnitAct::QuarantineLifted, None),
                Event::Discarded { .. } => (UnitAct::Discarded, None),
                Event::Sent { .. } => (UnitAct::Sent, None),
                Event::Moved { .. } => (UnitAct::Moved, None),
                // Back from the ward: on the shelf, or with a fault in quarantine.
                Event::TakenBack { patient, failed: None, .. } => {
                    (UnitAct::Received, Some(*patient))
                }
                Event::TakenBack { patient, failed: Some(_), .. } => {
                    (UnitAct::Quarantined, Some(*patient))
                }
            };
            let patient_name = match patient {
                Some(id) => self.store()?.patient(id)?.map(|p| p.display_name()),
                None => None,
            };
            let reason = match event {
                Event::Released { reason, .. }
                | Event::Quarantined { reason, .. }
                | Event::QuarantineLifted { reason, .. } => Some(reason.clone()),
                Event::TakenBack { failed: Some(reason), .. } => Some(reason.clone()),
                Event::Sent { to: place, .. } | Event::Moved { place, .. } => Some(place.clone()),
                Event::Discarded { reason, note, .. } => {
                    Some(note.clone().unwrap_or_else(|| same::<_, String>(*reason)))
                }
                _ => entry.reason.clone(),
            };
            let happened = self.happened_row(&entry)?;
            // A hold ends by itself, when its time is over: whoever came to the bag after it did not end it
            // (bloodbank.md 6, scenario 52).
            let lapsed = match event {
                Event::HoldLapsed { due } => Some(*due),
                _ => None,
            };
            history.push(UnitHistory {
                at: rfc3339(lapsed.unwrap_or(entry.at)),
                what,
                by: match lapsed {
                    Some(_) => String::new(),
                    None => names.get(&entry.user).unwrap_or(&entry.user).clone(),
                },
                second: entry.second.map(|user| names.get(&user).unwrap_or(&user).clone()),
                reason,
                patient_name,
                happened,
                overrides: entry.overrides.into_iter().map(care_code).collect(),
            });
        }
        if let Stored::Reserved { until, .. } = unit.status
            && until <= self.now()?
        {
            history.push(UnitHistory {
                at: rfc3339(until),
                what: UnitAct::HoldLapsed,
                by: String::new(),
                second: None,
                reason: None,
                patient_name: None,
                happened: None,
                overrides: vec![],
            });
        }
        history.reverse();
        Ok(UnitView {
            row: self.unit_row(&unit)?,
            volume_ml: unit.volume.map(|v| v.0),
            collected_at: unit.collected_at.map(rfc3339),
            received_at: rfc3339(unit.received_at),
            supplier: unit.supplier.clone(),
            low_titre: unit.low_titre,
            quarantines: unit
                .quarantines
                .iter()
                .map(|q| QuarantineRow {
                    cause: q.cause.to_string(),
                    reason: q.reason.clone(),
                    at: rfc3339(q.at),
                })
                .collect(),
            quarantine_reason: match &unit.status {
                Stored::Quarantined { reason, .. } => Some(reason.clone()),
                _ => None,
            },
            discard_reason: match &unit.status {
                Stored::Discarded { reason, .. } => Some(same::<_, String>(*reason)),
                _ => None,
            },
            given: self.was_given(id)?,
            label_unread: self.store()?.traits(id)?.label_unread,
            made_of: Some(self.links(&self.lineage_of(|graph| graph.parents(id))?)?)
                .filter(|links| !links.is_empty()),
            history,
        })
    }

    /// That a bag ran, or did not, in its history: said at the bed or by the team of a massive transfusion.
    fn given_act(
        &self,
        entry: &EventRow,
        event: &OfIssue,
        names: &BTreeMap<String, String>,
    ) -> Result<Option<UnitHistory>, Error> {
        let (what, reason) = match event {
            OfIssue::NotedUsed => (UnitAct::Given, None),
            OfIssue::UseWithdrawn { reason, .. } => (UnitAct::NotGiven, Some(reason.clone())),
            _ => return Ok(None),
        };
        Ok(Some(UnitHistory {
            at: rfc3339(entry.at),
            what,
            by: names.get(&entry.user).unwrap_or(&entry.user).clone(),
            second: None,
            reason,
            patient_name: None,
            overrides: vec![],
            happened: self.happened_row(entry)?,
        }))
    }

    pub(crate) fn unit_receive(&mut self, label: UnitReceive) -> Result<Made, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let din = label.din.trim().to_owned();
        let (id, command, facts) = self.receipt_of(label)?;
        if let Command::Receive { place, component, product_code, .. } = &command {
            self.place_suits(place, *component, self.kept_as(id, product_code, *component)?)?;
        }
        let mut parts = vec![Body::Unit { id, command }];
        parts.extend(self.stop_of_recall(id, &din)?);
        parts.extend(self.stop_of_stranger(id, &din));
        self.save_parts(&actor, parts, facts, Passed::default())?;
        Ok(Made { id: id.to_string() })
    }

    /// The quarantine of a bag from a facility that is not in this house's table: it is here, nothing
    /// of it is lost, and nobody gives it before somebody has looked (bloodbank.md 6, scenario 18).
    pub(crate) fn stop_of_stranger(&self, id: UnitId, din: &str) -> Option<Body> {
        let policy = self.policy();
        bloodbank::lab::unregistered(din, policy.facilities.value.table())?;
        let fin = din.get(..5).unwrap_or_default();
        let command = Command::Quarantine { reason: format!("unregistered facility {fin}") };
        Some(Body::Unit { id, command })
    }

    /// The receipt of a bag by its label, with what its decision may know.
    pub(crate) fn receipt_of(&self, label: UnitReceive) -> Result<(UnitId, Command, Facts), Error> {
        let unreadable = |error: &dyn std::fmt::Display| -> Error {
            CommandError::refusal(Code::ScanUnreadable).with("detail", error).into()
        };
        let din = Din::new(label.din.trim()).map_err(|e| unreadable(&e))?;
        let product = ProductCode::new(label.product_code.trim()).map_err(|e| unreadable(&e))?;
        // A code that the house defines says what is in the bag, whatever was chosen beside it.
        let component = match (label.component.map(same), product_of(product.as_str())) {
            (Some(chosen), Some(known)) if chosen != known.component => {
                return Err(CommandError::refusal(Code::ProductIsOther)
                    .with("productCode", product.as_str())
                    .with("component", same::<_, String>(known.component))
                    .with("chosen", same::<C, String>(chosen))
                    .into());
            }
            (_, Some(known)) => known.component,
            (Some(chosen), None) => chosen,
            (None, None) => {
                return Err(CommandError::refusal(Code::ReasonMissing)
                    .with("field", "component")
                    .into());
            }
        };
        // A label says its times where it was written, and keeps them wherever the bag is carried.
        let zone = match label.zone.as_deref().and_then(kernel::said) {
            Some(name) => name.parse().map_err(|_| {
                CommandError::refusal(Code::Malformed).with("detail", "this time zone is not known")
            })?,
            None => self.zone()?,
        };
        let expires_wall = wall(&label.expires_wall)?;
        let collected_at = match &label.collected_wall {
            Some(text) => Some(instant_of_wall(wall(text)?, zone)),
            None => None,
        };
        let id = UnitId::of_label(din.as_str(), product.as_str());
        let command = Command::Receive {
            din: din.as_str().to_owned(),
            product_code: product.as_str().to_owned(),
            component,
            group: same(label.group),
            phenotype: phenotype_of_bag(label.group),
            expires_wall,
            zone,
            collected_at,
            volume: label.volume_ml.map(Millilitres),
            place: label.place,
            supplier: label.supplier,
            low_titre: false,
        };
        let mut facts = self.unit_facts(None, None)?;
        facts.unit.siblings = self.siblings(din.as_str())?;
        // Also a number that is still to be given to a donor, or that a pool took.
        let donation = DonationId::of_din(din.as_str());
        facts.lab.own_donation = self.store()?.donation(donation)?.is_some()
            || self.store()?.numbers()?.is_some_and(|numbers| numbers.owns(&din));
        Ok((id, command, facts))
    }

    pub(crate) fn unit_reserve(&mut self, ask: UnitReserve) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReserveBlood)?;
        let (unit, patient) = (unit_id(&ask.unit)?, patient_id(&ask.patient)?);
        let passed = self.passed(&actor, ask.override_.as_ref(), ask.second.as_ref())?;
        let command = Command::Reserve { patient, until: None };
        self.act(&actor, unit, command, Some(patient), passed)?;
        Ok(Nothing {})
    }

    /// Several units for one patient, all or none.
    pub(crate) fn unit_reserve_many(&mut self, ask: UnitReserveMany) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReserveBlood)?;
        let patient = patient_id(&ask.patient)?;
        let units: Vec<UnitId> = ask.units.iter().map(|u| unit_id(u)).collect::<Result<_, _>>()?;
        if units.is_empty() {
            return Err(no(Code::NotFound));
        }
        let passed = self.passed(&actor, ask.override_.as_ref(), ask.second.as_ref())?;
        let mut facts = self.unit_facts(Some(patient), None)?;
        for id in &units {
            facts.unit.siblings.extend(self.siblings_of(*id)?);
            self.note_bag(&mut facts, *id)?;
            facts.lab.misread.extend(self.bag_misread(*id)?);
        }
        let parts = units.into_iter().map(|id| {
            let command = Command::Reserve { patient, until: None };
            vec![Body::Unit { id, command }]
        });
        self.save_groups(&actor, parts.collect(), facts, &passed)?;
        Ok(Nothing {})
    }

    pub(crate) fn unit_release(&mut self, ask: UnitReason) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReserveBlood)?;
        let command = Command::Release { reason: ask.reason };
        self.act(&actor, unit_id(&ask.unit)?, command, None, Passed::default())?;
        Ok(Nothing {})
    }

    pub(crate) fn unit_quarantine(&mut self, ask: UnitReason) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let command = Command::Quarantine { reason: ask.reason };
        self.act(&actor, unit_id(&ask.unit)?, command, None, Passed::default())?;
        Ok(Nothing {})
    }

    /// Lifts the quarantine that the person has before them, and no other that has come since.
    pub(crate) fn unit_lift(&mut self, ask: UnitLift) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::DiscardBlood)?;
        let id = unit_id(&ask.unit)?;
        let lifts = ask.cause.parse().map_err(|_| no(Code::Changed))?;
        let command = Command::LiftQuarantine { reason: ask.reason, lifts };
        // The decision would only say that its donation is not free: what is missing is done at the bench. Who may
        // not know of tests hears no more than that.
        let unit = self.store()?.unit(id)?.ok_or_else(|| no(Code::NotFound))?;
        let told = actor.role.may(Permission::TestDonations);
        let mut doubts = vec![];
        for donation in self.donations_in(&unit)?.into_iter().filter(|_| told) {
            doubts.extend(self.store()?.tests(donation)?.map(|tests| tests.doubts()));
        }
        // The gravest of all its donations.
        if let Some((marker, doubt)) = doubts.into_iter().flatten().min_by_key(|(_, doubt)| *doubt)
        {
            return Err(crate::lab::refused_test(marker, doubt));
        }
        // A bag whose test was corrected, or done anew since its run was taken back, comes back by two
        // people only: it is released a second time (bloodbank.md 6, scenarios 35 and 37).
        let second = match self.tests_were_corrected(id)? {
            true => {
                let may = Permission::TestDonations;
                Some(self.second_who(&actor, ask.second.as_ref(), may)?)
            }
            false => None,
        };
        self.act(&actor, id, command, None, Passed { second, ..Passed::default() })?;
        Ok(Nothing {})
    }

    pub(crate) fn unit_discard(&mut self, ask: UnitDiscard) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::DiscardBlood)?;
        let id = unit_id(&ask.unit)?;
        // A discard needs a second person (bloodbank.md 2.10 [S30]).
        let second = Some(self.second(&actor, ask.second.as_ref())?);
        let command = Command::Discard { reason: same(ask.reason), note: ask.note };
        self.act(&actor, id, command, None, Passed { second, ..Passed::default() })?;
        Ok(Nothing {})
    }

    /// An override names its rules, gives a reason, comes from someone who may, and has a second
    /// person beside it.
    pub(crate) fn passed(
        &mut self,
        actor: &Actor,
        over: Option<&Override>,
        second: Option<&SecondPerson>,
    ) -> Result<Passed, Error> {
        let Some(over) = over else { return Ok(Passed::default()) };
        if !actor.role.may(Permission::OverrideBloodWarning) {
            return Err(CommandError::refusal(Code::Forbidden)
                .with("permission", "override_blood_warning")
                .into());
        }
        let reason = override_reason(Some(over))?;
        let second = Some(self.second(actor, second)?);
        let mut rules = vec![];
        for rule in &over.rules {
            // A name that is no warning covers nothing.
            let name = serde_json::to_value(rule)?;
            rules.extend(serde_json::from_value::<bloodbank::care::CareRule>(name).ok());
        }
        Ok(Passed { rules, reason, second, ..Passed::default() })
    }

    fn act(
        &mut self,
        actor: &Actor,
        id: UnitId,
        command: Command,
        patient: Option<PatientId>,
        passed: Passed,
    ) -> Result<(), Error> {
        let mut facts = self.unit_facts(patient, None)?;
        facts.unit.siblings = self.siblings_of(id)?;
        self.note_bag(&mut facts, id)?;
        facts.lab.misread.extend(self.bag_misread(id)?);
        self.save(actor, Body::Unit { id, command }, facts, passed)
    }

    /// All that a decision on a unit may know.
    pub(crate) fn unit_facts(
        &self,
        patient: Option<PatientId>,
        left: Option<u32>,
    ) -> Result<Facts, Error> {
        let mut facts = Facts::default();
        facts.unit.patient = match patient {
            Some(id) => self.patient_facts(id)?,
            None => None,
        };
        if let Some(id) = patient {
            facts.goes_on_in = self.goes_on_in(id)?;
        }
        facts.unit.clock_suspect = self.clock_suspect()?;
        facts.unit.site = SITE.to_owned();
        facts.unit.units_left_of_group = left.unwrap_or(0);
        facts.unit.restored = self.store()?.restored()?;
        Ok(facts)
    }

    /// How this bag is kept, whether it was made here or bears a code of this house's table.
    pub(crate) fn kept_as(&self, id: UnitId, code: &str, of: C) -> Result<StorageRange, Error> {
        let part = self.store()?.part(id)?.map(|part| part.product);
        let product = part.or_else(|| product_made(code));
        Ok(kept(product, of, &self.policy().rule_book, self.today()?))
    }

    /// What a decision about giving this bag has to know of it: a hold, and a place that spoils it.
    pub(crate) fn note_bag(&self, facts: &mut Facts, id: UnitId) -> Result<(), Error> {
        facts.lab.held.extend(self.bag_on_hold(id)?);
        if let Some(unit) = self.store()?.unit(id)? {
            facts.unit.kept_wrong.extend(self.kept_wrong(&unit)?);
        }
        Ok(())
    }

    /// The bag, when a recall names it, or its donation was made here and is on hold or not clear any
    /// more.
    pub(crate) fn bag_on_hold(&self, id: UnitId) -> Result<Option<UnitId>, Error> {
        let Some(unit) = self.store()?.unit(id)? else { return Ok(None) };
        // A recall stops it for everybody, whatever its own tests say (bloodbank.md 2.12).
        if self.recall_of(&unit)?.is_some() {
            return Ok(Some(id));
        }
        for donation in self.donations_in(&unit)? {
            if self.not_clear(donation)? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// The donations of a bag. A pool has a number of its own and is of every donation that went into it.
    fn donations_in(&self, unit: &Unit) -> Result<BTreeSet<DonationId>, Error> {
        let graph = self.store()?.lineage();
        let above = lookback::ancestors(&graph, &[unit.id]);
        let mut of: BTreeSet<DonationId> =
            above.into_iter().filter_map(|bag| graph.donation_of(bag)).collect();
        graph.finish()?;
        of.insert(DonationId::of_din(&unit.din));
        Ok(of)
    }

    /// A donation made here that is on hold, or whose tests do not let its blood be used.
    fn not_clear(&self, donation: DonationId) -> Result<bool, Error> {
        let Some(donation) = self.store()?.donation(donation)? else { return Ok(false) };
        let tests = self.store()?.tests(donation.id)?;
        Ok(!bloodbank::todo::not_free(&donation, tests.as_ref()).is_empty())
    }

    /// Whether a result of one of this bag's donations was ever put right afterwards.
    fn tests_were_corrected(&self, id: UnitId) -> Result<bool, Error> {
        let Some(unit) = self.store()?.unit(id)? else { return Ok(false) };
        for donation in self.donations_in(&unit)? {
            let tests = self.store()?.tests(donation)?;
            let again = |r: &bloodbank::lab::MarkerResult| r.versions.len() > 1 || !r.run_valid;
            if tests.is_some_and(|tests| tests.results.iter().any(again)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Quarantines for the bags of a donation that are still here, and for what they went into: what
    /// holds it holds them.
    pub(crate) fn quarantines_of(&self, din: &str) -> Result<Vec<Body>, Error> {
        self.quarantines_because(din, "The donation is on hold")
    }

    /// The same for this reason.
    pub(crate) fn quarantines_because(&self, din: &str, why: &str) -> Result<Vec<Body>, Error> {
        let mut found = vec![];
        let graph = self.store()?.lineage();
        let made = lookback::descendants(&graph, &graph.units_of(DonationId::of_din(din)));
        graph.finish()?;
        let mut ids: BTreeSet<UnitId> = made.into_iter().collect();
        ids.extend(self.store()?.units_of_din(din)?);
        for id in ids {
            let Some(unit) = self.store()?.unit(id)? else { continue };
            if unit.is_live() && !matches!(unit.status, Stored::Quarantined { .. }) {
                let command = Command::Quarantine { reason: why.to_owned() };
                found.push(Body::Unit { id, command });
            }
        }
        Ok(found)
    }

    /// What is known of the donation of one bag.
    fn siblings_of(&self, id: UnitId) -> Result<Vec<bloodbank::Sibling>, Error> {
        match self.store()?.unit(id)? {
            Some(unit) => self.siblings(&unit.din),
            None => Ok(vec![]),
        }
    }

    /// What is known of one donation, whatever became of its bags.
    pub(crate) fn siblings(&self, din: &str) -> Result<Vec<bloodbank::Sibling>, Error> {
        let store = self.store()?;
        let mut found = vec![];
        for id in store.units_of_din(din)? {
            found.extend(store.unit(id)?.as_ref().and_then(bloodbank::Sibling::of));
        }
        Ok(found)
    }
}

const WALL: &str = "%Y-%m-%dT%H:%M";
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 1900..=9999;

pub(crate) fn wall(text: &str) -> Result<NaiveDateTime, Error> {
    let read = NaiveDateTime::parse_from_str(text, WALL)
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"));
    // A year beyond four digits reads, and then has no room for a zone. Labels and forms have no seconds:
    // a time that has could never be read back from one.
    read.ok().filter(|wall| YEARS.contains(&wall.year()) && wall.second() == 0).ok_or_else(|| {
        CommandError::refusal(Code::Malformed).with("detail", "a date and time is needed").into()
    })
}

pub(crate) fn unit_id(text: &str) -> Result<UnitId, Error> {
    text.parse().map_err(|_| no(Code::NotFound))
}

/// The group of a bag as a page shows it.
pub(crate) fn group_of_bag(group: Group, phenotype: Phenotype) -> BloodGroup {
    let of = (!phenotype.is_ordinary()).then(|| same(phenotype));
    BloodGroup { phenotype: of, ..same(group) }
}

/// What a group that was read from a bag says of the H antigen.
pub(crate) fn phenotype_of_bag(group: BloodGroup) -> Phenotype {
    group.phenotype.map(same).unwrap_or_default()
}

/// What the label says, where a clock here shows another time at that instant.
fn label_time(expires: &Expiry, zone: chrono_tz::Tz) -> Option<LabelTime> {
    let here = expires.at.with_timezone(&zone).naive_local();
    let there = expires.at.with_timezone(&expires.zone).naive_local();
    (here != there).then(|| LabelTime {
        wall: expires.wall.format("%Y-%m-%dT%H:%M").to_string(),
        zone: expires.zone.name().to_owned(),
    })
}

/// The component and the group, with the missing H, that a line of the stock counts.
fn kind_of(standing: &store_sqlite::Standing) -> Result<(Component, BloodGroup), Error> {
    let Some(group) = Group::ALL.into_iter().find(|g| group_word(*g) == standing.group) else {
        return Err(Error::Broken(format!("a group called {}", standing.group)));
    };
    let Some(component) = C::ALL.into_iter().find(|c| same::<_, String>(*c) == standing.component)
    else {
        return Err(Error::Broken(format!("a component called {}", standing.component)));
    };
    let phenotype = if standing.without_h { Phenotype::Bombay } else { Phenotype::default() };
    Ok((same(component), group_of_bag(group, phenotype)))
}

fn cell_of(
    cells: &mut Vec<CountedCell>,
    component: Component,
    group: BloodGroup,
) -> &mut CountedCell {
    let place = cells.iter().position(|cell| cell.component == component && cell.group == group);
    let place = place.unwrap_or_else(|| {
        cells.push(CountedCell { component, group, available: 0, reserved: 0, quarantined: 0 });
        cells.len() - 1
    });
    &mut cells[place]
}

/// One more kind of bag without H on the board.
fn count_rare(
    rare: &mut Vec<CountedCell>,
    totals: &mut StockTotals,
    standing: &store_sqlite::Standing,
) -> Result<(), Error> {
    let (component, group) = kind_of(standing)?;
    let cell = cell_of(rare, component, group);
    let (here, all) = match standing.stands.as_str() {
        "available" => (Some(&mut cell.available), &mut totals.available),
        "reserved" => (Some(&mut cell.reserved), &mut totals.reserved),
        "quarantined" => (Some(&mut cell.quarantined), &mut totals.quarantined),
        "expired" => (None, &mut totals.expired),
        _ => return Ok(()),
    };
    *all += standing.count;
    here.into_iter().for_each(|count| *count += standing.count);
    Ok(())
}

pub(crate) fn group_word(group: Group) -> String {
    format!("{}_{}", same::<_, String>(group.abo), same::<_, String>(group.rhd))
}

/// Its children stand for it: nothing was thrown away.
fn processed(unit: &Unit) -> bool {
    let reason = bloodbank::DiscardReason::Processed;
    matches!(unit.status, Stored::Discarded { reason: why, .. } if why == reason)
}

pub(crate) fn status_of(unit: &Unit, now: Instant) -> UnitStatus {
    match unit.effective_status(now) {
        Effective::Available => UnitStatus::Available,
        Effective::Reserved { .. } => UnitStatus::Reserved,
        // On its way counts as held back: nobody here may use it.
        Effective::Quarantined | Effective::InTransit => UnitStatus::Quarantined,
        Effective::Issued { .. } => UnitStatus::Issued,
        Effective::Discarded if processed(unit) => UnitStatus::Modified,
        Effective::Discarded => UnitStatus::Discarded,
        Effective::Expired => UnitStatus::Expired,
    }
}

/// The check character of a donation number; a unit without a worldwide label has none.
pub(crate) fn check_of(din: &str) -> Option<String> {
    Din::new(din).ok().map(|din| din.check_char().to_string())
}

/// Storage ranges (bloodbank.md 2.3; EU 2004/33 Annex IV for red cells and whole blood).
pub(crate) fn storage_range(component: C) -> StorageRange {
    let (from_c, to_c, agitated) = match component {
        C::RedCells | C::WholeBlood => (Some(2), 6, false),
        C::Platelets => (Some(20), 24, true),
        C::Plasma | C::Cryoprecipitate => (None, -25, false),
    };
    StorageRange { from_c, to_c, agitated }
}

/// How a bag is kept: what was thawed otherwise than the rest of its line, as the rule book says (bloodbank.md
/// 2.3, scenario 10).
pub(crate) fn kept(
    product: Option<bloodbank::lab::Product>,
    component: C,
    book: &bloodbank::profile::Profile,
    today: chrono::NaiveDate,
) -> StorageRange {
    let thawed = product.filter(|product| product.is_thawed());
    match thawed.and_then(|product| book.life(product, today)) {
        None => storage_range(component),
        Some(life) => StorageRange {
            from_c: life.value.store.coldest.map(|tenths| tenths / 10),
            to_c: life.value.store.warmest / 10,
            agitated: life.value.store.agitated,
        },
    }
}

/// The range in English, for a page that does not say it itself.
pub(crate) fn storage(range: StorageRange) -> String {
    let StorageRange { from_c, to_c, agitated } = range;
    let to = to_c.to_string().replace('-', "−");
    match from_c {
        Some(from) if agitated => format!("{from} to {to} °C, agitated"),
        Some(from) => format!("{from} to {to} °C"),
        None => format!("{to} °C or colder"),
    }
}

fn other_scan(kind: isbt128::ScanKind) -> OtherScan {
    use isbt128::ScanKind as K;
    match kind {
        K::AboRhd => OtherScan::BloodGroup,
        K::Division => OtherScan::ProductDivision,
        K::Production => OtherScan::ProductionDate,
        K::PatientBirthDate => OtherScan::PatientBirthDate,
        K::Staff => OtherScan::StaffBadge,
        K::Unknown => OtherScan::Unknown,
        K::Other | K::Din | K::Product | K::Expiry | K::Collection | K::PatientId => {
            OtherScan::OtherLabel
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_product_table_reads_and_names_every_component() {
        for component in C::ALL {
            assert!(PRODUCTS.products.iter().any(|p| p.component == component));
        }
        assert!(product_of("D1001V00").is_some());
        assert!(product_of("E0336V00").is_none(), "the licensee's codes are not ours to name");
    }
}
