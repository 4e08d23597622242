//! Short-dated bags that will not likely be used here, and the site that would rather use them: by the
//! rules of `stock`, from this shelf and from what people at the other sites said they use. Nothing is sent
//! by it: a person sends, in a box (`care::transfers`).

use crate::backend::Inner;
use crate::blood::check_of;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use bloodbank::transfer::{Status as Way, Transfer};
use kernel::{BloodGroup as Group, Component as C, Instant, Permission, TimeDelta, UnitId};
use records::Audit;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use stock::{Forecast, Lying, Offer, Shelf, Unlikely};
use wire::*;

/// The setting that holds what the sites said, by name and component.
const USES: &str = "site_use";
/// A site says what it uses in four weeks, and is asked again when they are over.
const USE_DAYS: u32 = 28;
const STALE_DAYS: u32 = 28;
/// More than a region uses of one group in that time is a slip of the finger.
const MOST_USED: u32 = 9_999;
/// Bags sent in one list.
const MOST: usize = 200;

/// What somebody at a site said that it uses of a component.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Said {
    at: Instant,
    by: kernel::StaffId,
    units: Vec<(Option<Group>, u32)>,
}

impl Said {
    fn is_stale(&self, now: Instant) -> bool {
        now - self.at > TimeDelta::days(i64::from(STALE_DAYS))
    }
}

/// By site, then by component.
type Uses = BTreeMap<String, BTreeMap<String, Said>>;

impl Inner {
    fn site_uses(&self) -> Result<Uses, Error> {
        Ok(match self.store()?.setting(USES)? {
            Some(text) => serde_json::from_str(&text)?,
            None => Uses::new(),
        })
    }

    /// What a site uses, until a server brings it: said by telephone and typed here.
    pub(crate) fn site_use(&mut self, ask: SiteUseSay) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let component: C = same(ask.component);
        if !self.known_sites()?.contains_key(&ask.site) {
            return Err(no(Code::NotFound));
        }
        let together = stock::Settings::of_the_book().service_of(component).pooled;
        let mut units: Vec<(Option<Group>, u32)> = vec![];
        for one in &ask.uses {
            let ordinary = one.group.is_none_or(|group| group.phenotype.is_none());
            let group = one.group.map(same);
            let twice = units.iter().any(|(said, _)| *said == group);
            if !ordinary || group.is_none() != together || twice {
                return Err(no(Code::Malformed));
            }
            if one.units > MOST_USED {
                return Err(CommandError::refusal(Code::OutOfBounds)
                    .with("field", "units")
                    .with("value", one.units)
                    .with("least", 0)
                    .with("most", MOST_USED)
                    .into());
            }
            units.push((group, one.units));
        }
        // Of a group that is left out nobody would know whether it is used there.
        let all = if together { 1 } else { Group::ALL.len() };
        if units.len() != all {
            return Err(no(Code::Malformed));
        }
        let entry = Audit::SiteUse {
            name: ask.site.clone(),
            component,
            days: USE_DAYS,
            units: units.clone(),
        };
        let said = Said { at: self.now()?, by: actor.id, units };
        let mut uses = self.site_uses()?;
        uses.entry(ask.site).or_default().insert(crate::care::word(component), said);
        let text = serde_json::to_string(&uses)?;
        let store = self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        store.set_setting(USES, &text)?;
        self.audit(&actor, entry)?;
        self.tell(&["transfer"]);
        Ok(Nothing {})
    }

    pub(crate) fn stock_offers(&mut self, ask: ForecastAsk) -> Result<Offers, Error> {
        self.actor(Permission::SeeStock)?;
        let component: C = same(ask.component);
        let now = self.now()?;
        let need = self.need(component)?;
        let settings = &need.settings;
        let within = settings.exchange.value.iter().find(|row| row.component == component);
        let named = crate::care::word(component);
        let (names, uses) = (self.names()?, self.site_uses()?);
        let (mut sites, mut shelves) = (vec![], vec![]);
        let packed = self.boxes_of(component)?;
        let here: Vec<Lying> = match within {
            Some(row) => self.short_dated(component, now, row.days)?,
            None => vec![],
        };
        let free = here.iter().filter(|one| !packed.contains_key(&one.unit));
        let here_name = self.site().to_owned();
        shelves.push(Shelf {
            site: here_name.clone(),
            free: free.copied().collect(),
            forecasts: need.forecasts.clone(),
        });
        for name in self.known_sites()?.into_keys() {
            let said = uses.get(&name).and_then(|of| of.get(&named));
            let each = |said: &Said| -> Vec<SiteUse> {
                let of = |(group, units): &(Option<Group>, u32)| SiteUse {
                    group: group.map(same),
                    units: *units,
                };
                said.units.iter().map(of).collect()
            };
            if let Some(said) = said {
                let of = |(group, units): &(Option<Group>, u32)| {
                    Forecast::said(*group, *units, USE_DAYS, &need.whole)
                };
                // What else lies there nobody here knows; what is packed for it will.
                let coming = here.iter().filter(|one| packed.get(&one.unit) == Some(&name));
                shelves.push(Shelf {
                    site: name.clone(),
                    free: coming.copied().collect(),
                    forecasts: said.units.iter().map(of).collect(),
                });
            }
            sites.push(SiteNeed {
                uses: said.map(each).unwrap_or_default(),
                said_at: said.map(|said| rfc3339(said.at)),
                said_by: said.map(|said| names.of(said.by)),
                stale: said.is_some_and(|said| said.is_stale(now)),
                name,
            });
        }
        // Boxes go from here: what other sites hold is not ours to send.
        let mut found = stock::offers(&shelves, settings, now);
        found.retain(|offer| offer.from == here_name);
        let sent: BTreeSet<UnitId> = found.iter().map(|offer| offer.unit).collect();
        let mut nowhere: Vec<Unlikely> = vec![];
        if let Some(shelf) = shelves.first_mut() {
            shelf.free.retain(|one| !sent.contains(&one.unit));
            nowhere = stock::unlikely(shelf, settings, now);
        }
        let left_out = (found.len() + nowhere.len()).saturating_sub(MOST);
        found.truncate(MOST);
        nowhere.truncate(MOST - found.len());
        let mut offers: Vec<SiteOffer> = vec![];
        for offer in &found {
            let Some(bag) = self.offered(offer)? else { continue };
            match offers.iter_mut().find(|of| of.to == offer.to) {
                Some(of) => of.bags.push(bag),
                None => {
                    let stale = sites.iter().any(|site| site.name == offer.to && site.stale);
                    offers.push(SiteOffer { to: offer.to.clone(), stale, bags: vec![bag] });
                }
            }
        }
        let mut left = vec![];
        for one in &nowhere {
            left.extend(self.offer_bag(one.lying.unit, one.days_left, one.here, None)?);
        }
        Ok(Offers {
            as_of: rfc3339(now),
            within_days: within.map(|row| row.days),
            together: settings.service_of(component).pooled,
            below: settings.offer_below_percent.value,
            use_days: USE_DAYS,
            stale_days: STALE_DAYS,
            sites,
            offers,
            nowhere: left,
            left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
        })
    }

    /// The free bags that end in so many days or less. No later one stands before any of them, so no
    /// other has to be known.
    fn short_dated(&self, component: C, now: Instant, days: u32) -> Result<Vec<Lying>, Error> {
        let groups: HashMap<String, Group> =
            Group::ALL.into_iter().map(|group| (crate::blood::group_word(group), group)).collect();
        // A day more: the hours of the last one count as a part of it.
        let before = now + TimeDelta::days(i64::from(days) + 1);
        let rows = self.store()?.free_until(self.site(), component, now, before)?;
        let lying = |(unit, group, ends): (UnitId, String, Instant)| {
            Some(Lying { unit, component, group: *groups.get(&group)?, ends })
        };
        Ok(rows.into_iter().filter_map(lying).collect())
    }

    /// Bags that are being packed, each with where its box goes: they are still on the shelf of the book.
    fn boxes_of(&self, component: C) -> Result<BTreeMap<UnitId, String>, Error> {
        let open: Vec<Transfer> = self.store()?.care_open()?;
        let packing = open.into_iter().filter(|one| {
            one.component == component && one.status == Way::Packing && one.from == self.site()
        });
        Ok(packing
            .flat_map(|one| one.units.into_iter().map(move |unit| (unit, one.to.clone())))
            .collect())
    }

    fn offered(&self, offer: &Offer) -> Result<Option<OfferBag>, Error> {
        self.offer_bag(offer.unit, offer.days_left, offer.here, Some(offer.there))
    }

    fn offer_bag(
        &self,
        id: UnitId,
        days_left: u32,
        here: f64,
        there: Option<f64>,
    ) -> Result<Option<OfferBag>, Error> {
        let Some(unit) = self.store()?.unit(id)? else { return Ok(None) };
        Ok(Some(OfferBag {
            id: unit.id.to_string(),
            check: check_of(&unit.din).unwrap_or_default(),
            din: unit.din,
            group: same(unit.group),
            ends_at: rfc3339(unit.expires.at),
            days_left,
            here,
            there,
        }))
    }
}
