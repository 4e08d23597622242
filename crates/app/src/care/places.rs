//! The places where blood lies: their ranges, their thermometers, and which bags stood in an alarm. What
//! is done with those bags is a person's to say.

use super::transfers::read_at;
use crate::backend::{Inner, Passed};
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use bloodbank::storage::{self, Alarm, Command, Limits, Place, Reading};
use bloodbank::{Event as OfUnit, KeptWrong, Unit};
use kernel::{Instant, Permission, PlaceId};
use records::{Body, CareBody, CareKey, Event, Facts, Key};
use std::collections::BTreeSet;
use store_sqlite::UnitFilter;
use wire::*;

/// Readings of one place that are sent at once.
const SHOWN: usize = 300;
const ALARMS: usize = 30;

fn body(id: PlaceId, command: Command) -> Body {
    Body::Care(CareBody::Place { id, command: Box::new(command) })
}

impl Inner {
    fn bags_here(&self) -> Result<Vec<Unit>, Error> {
        let site = Some(self.site().to_owned());
        let filter = UnitFilter { live_only: true, site, ..UnitFilter::default() };
        let mut bags = self.store()?.units(&filter)?;
        bags.retain(|unit| unit.transit.is_none());
        Ok(bags)
    }

    /// The described place in use that holds what is said to lie at `name`.
    fn place_of(&self, name: &str) -> Result<Option<Place>, Error> {
        let all: Vec<Place> = self.store()?.care_since(Instant::UNIX_EPOCH)?;
        Ok(all.into_iter().find(|place| place.in_use && place.holds(name)))
    }

    /// Nothing is put where its place's own range would spoil it: platelets into a refrigerator
    /// (bloodbank.md 6, scenario 10). A place without a range says nothing.
    pub(crate) fn place_suits(
        &self,
        name: &str,
        component: kernel::Component,
        range: StorageRange,
    ) -> Result<(), Error> {
        let Some(place) = self.place_of(name)? else { return Ok(()) };
        if spoils(&place, range) {
            return Err(CommandError::refusal(Code::PlaceUnfit)
                .with("place", &place.name)
                .with("least", place.limits.least)
                .with("most", place.limits.most)
                .with("component", super::word(component))
                .into());
        }
        Ok(())
    }

    /// A bag that lies where its place spoils it; and platelets that stood too cold where they lie, once,
    /// which no good reading undoes (bloodbank.md 2.3, scenario 10). What was too warm is an alarm, and a
    /// person's to judge.
    pub(crate) fn kept_wrong(&self, unit: &Unit) -> Result<Option<KeptWrong>, Error> {
        if unit.site != self.site() || unit.transit.is_some() || !unit.is_live() {
            return Ok(None);
        }
        let Some(place) = self.place_of(&unit.place)? else { return Ok(None) };
        let range = self.kept_as(unit.id, &unit.product_code, unit.component)?;
        let of =
            |at, tenths| Some(KeptWrong { unit: unit.id, place: place.name.clone(), at, tenths });
        if spoils(&place, range) {
            return Ok(of(unit.moved_at, place.limits.most));
        }
        let Some(coldest) = range.from_c.filter(|_| range.agitated) else { return Ok(None) };
        let too_cold = |one: &&Reading| one.tenths < coldest * 10;
        let Some(_) = place.readings.iter().find(too_cold) else { return Ok(None) };
        let came = self.came_here(unit)?;
        let cold = place.readings.iter().filter(too_cold).find(|one| one.at >= came);
        Ok(cold.and_then(|one| of(one.at, one.tenths)))
    }

    fn place_there(&self, id: &str) -> Result<Place, Error> {
        self.care_there(CareKey::Place(super::id(id)?))
    }

    pub(crate) fn place_list(&mut self, _: Nothing) -> Result<Places, Error> {
        self.actor(Permission::SeeStock)?;
        let (now, bags) = (self.now()?, self.bags_here()?);
        let all: Vec<Place> = self.store()?.care_since(Instant::UNIX_EPOCH)?;
        let mut rows: Vec<PlaceRow> = all.iter().map(|one| place_row(one, &bags, now)).collect();
        rows.sort_by(|one, other| {
            (!one.in_use, one.alarm.is_none(), &one.name).cmp(&(
                !other.in_use,
                other.alarm.is_none(),
                &other.name,
            ))
        });
        let unnamed: BTreeSet<String> = bags
            .iter()
            .filter(|bag| !all.iter().any(|place| place.holds(&bag.place)))
            // The fridge, not each of its shelves.
            .map(|bag| bag.place.split(',').next().unwrap_or_default().trim().to_owned())
            .collect();
        Ok(Places { rows, unnamed: unnamed.into_iter().collect() })
    }

    pub(crate) fn place_view(&mut self, ask: ById) -> Result<PlaceView, Error> {
        self.actor(Permission::SeeStock)?;
        let place = self.place_there(&ask.id)?;
        let (now, bags, names) = (self.now()?, self.bags_here()?, self.names()?);
        // When each bag came is read once, however many alarms there were.
        let rung = storage::alarms(&place, now);
        let mut lying = vec![];
        for bag in bags.iter().filter(|bag| !rung.is_empty() && place.holds(&bag.place)) {
            lying.push((bag, self.came_here(bag)?));
        }
        let mut alarms = vec![];
        for alarm in rung.into_iter().rev().take(ALARMS) {
            let noted = place.note(&alarm);
            alarms.push(PlaceAlarm {
                kind: same(alarm.kind),
                from: rfc3339(alarm.from),
                until: alarm.until.map(rfc3339),
                extreme: alarm.extreme,
                noted: noted.map(|noted| noted.words.clone()),
                noted_by: noted.map(|noted| names.of(noted.by)),
                bags: self.stood_in(&alarm, &lying)?,
            });
        }
        let skip = place.readings.len().saturating_sub(SHOWN);
        Ok(PlaceView {
            row: place_row(&place, &bags, now),
            readings: place.readings.iter().skip(skip).map(temperature).collect(),
            alarms,
        })
    }

    /// Bags of those that lie in the place that had come before the alarm was over.
    fn stood_in(&self, alarm: &Alarm, lying: &[(&Unit, Instant)]) -> Result<Vec<UnitRow>, Error> {
        let stood = lying.iter().filter(|(_, came)| alarm.until.is_none_or(|until| *came < until));
        self.unit_rows(stood.map(|(bag, _)| *bag))
    }

    /// When a bag came to the place where it lies.
    fn came_here(&self, bag: &Unit) -> Result<Instant, Error> {
        let history = self.store()?.history(Key::Unit(bag.id))?;
        let came = history.iter().rev().find_map(|entry| match &entry.event {
            Event::Unit(
                OfUnit::Moved { at, .. }
                | OfUnit::TakenIn { at, .. }
                | OfUnit::TakenBack { at, .. }
                | OfUnit::Received { at, .. },
            ) => Some(*at),
            _ => None,
        });
        Ok(came.unwrap_or(bag.received_at))
    }

    /// A place is described, or described anew. Its name is its identity: bags name it so.
    pub(crate) fn place_put(&mut self, ask: PlacePut) -> Result<Made, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let name = ask.name.trim().to_owned();
        let site = self.site().to_owned();
        let id = PlaceId::of_name(&site, &name);
        let limits = Limits {
            least: ask.least,
            most: ask.most,
            delay_minutes: ask.delay_minutes,
            gap_minutes: ask.gap_minutes,
        };
        let command = Command::Put { name, site, limits, in_use: ask.in_use };
        self.save(&actor, body(id, command), Facts::default(), Passed::default())?;
        Ok(Made { id: id.to_string() })
    }

    pub(crate) fn place_reading(&mut self, ask: PlaceReading) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let place = self.place_there(&ask.place)?;
        let at = read_at(self, ask.wall.as_deref())?;
        let reading = Reading { at, tenths: ask.tenths, by: actor.id };
        let body = body(place.id, Command::Read { reading });
        self.save(&actor, body, Facts::default(), Passed::default())?;
        Ok(Nothing {})
    }

    /// What was found and done about an alarm.
    pub(crate) fn place_note(&mut self, ask: PlaceNote) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let place = self.place_there(&ask.place)?;
        let from: Instant = ask.from.parse().map_err(|_| no(Code::NotFound))?;
        let command = Command::Note { from, words: ask.words, by: actor.id };
        self.save(&actor, body(place.id, command), Facts::default(), Passed::default())?;
        Ok(Nothing {})
    }
}

/// Whether the range of a place lies outside of what is kept there.
fn spoils(place: &Place, range: StorageRange) -> bool {
    let too_cold = range.from_c.is_some_and(|from| place.limits.most < from * 10);
    too_cold || place.limits.least > range.to_c * 10
}

fn temperature(reading: &Reading) -> TemperatureRow {
    TemperatureRow { at: rfc3339(reading.at), tenths: reading.tenths }
}

fn place_row(place: &Place, bags: &[Unit], now: Instant) -> PlaceRow {
    let here = bags.iter().filter(|bag| place.holds(&bag.place)).count();
    PlaceRow {
        id: place.id.to_string(),
        name: place.name.clone(),
        least: place.limits.least,
        most: place.limits.most,
        delay_minutes: place.limits.delay_minutes,
        gap_minutes: place.limits.gap_minutes,
        in_use: place.in_use,
        last: place.readings.last().map(temperature),
        bags: u32::try_from(here).unwrap_or(u32::MAX),
        alarm: place.ringing(now).map(|alarm| same(alarm.kind)),
    }
}
