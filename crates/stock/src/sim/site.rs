//! One hospital of the simulation: its shelf of real units, what it has ordered, and what it has
//! learned of its need.

use super::pick::O_NEGATIVE;
use super::rules::{Ordering, Rules};
use super::run::Contradiction;
use super::world::{Asked, Place, World};
use crate::{
    Common, Forecast, Lying, ONegativeRule, Position, Series, Settings, Shelf, Site, Target,
    forecast, pooled, rows, target,
};
use bloodbank::kpi::{self, GivenTo};
use bloodbank::traits::UnitTraits;
use bloodbank::{Command, Effective, Expiry, Facts, PatientFacts, Policy, Refused, Rule, Unit};
use bloodbank::{Status, apply, decide};
use chrono::NaiveDate;
use kernel::{BloodGroup, CommandId, Component, Instant, UnitId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One bag in somebody's hand.
pub(super) struct Bag {
    pub unit: Unit,
    pub traits: UnitTraits,
}

pub(super) struct Hospital {
    pub name: String,
    pub emergency_care: bool,
    pub shelf: Vec<(Unit, UnitTraits)>,
    /// Day of delivery, group, days of life.
    pub ordered: Vec<(u32, BloodGroup, u32)>,
    /// Day of arrival and bag, on the way from another hospital.
    pub boxes: Vec<(u32, Bag)>,
    /// Of a baseline: how many units of which group; of none for all groups together.
    pub fixed: Vec<(Option<BloodGroup>, u32)>,
    pub policy: Policy,
    component: Component,
    forecasts: Vec<Forecast>,
    past: BTreeMap<BloodGroup, Series>,
    today: BTreeMap<BloodGroup, f64>,
    all: Series,
    supplied: f64,
    used: f64,
    /// Red cells of O RhD negative as they were given, with the day.
    o_negative: Vec<(u32, GivenTo)>,
}

/// Days after which the forecasts are made anew; daily while there are few.
const REFIT: u32 = 7;
/// Units as if already seen when the share of supplied units that are used is not yet known.
const FEW: f64 = 20.0;

impl Hospital {
    pub fn new(place: &Place, world: &World, rules: &Rules, first: NaiveDate) -> Self {
        let mut policy = Policy::who();
        policy.hold_hours.value = rules.hold_hours;
        let mut fixed = vec![];
        policy.stock.value.clear();
        if let Ordering::Days(days) = rules.ordering {
            for (group, share) in BloodGroup::ALL.into_iter().zip(world.mix) {
                let least = if world.component == Component::RedCells { 2 } else { 0 };
                let mean = f64::from(days) * place.daily * share;
                let target = (mean.ceil() as u32).max(least);
                fixed.push((Some(group), target));
                let (component, floor) = (world.component, 0);
                policy.stock.value.push(bloodbank::StockRow { component, group, floor, target });
            }
        }
        Self {
            name: place.name.clone(),
            emergency_care: place.emergency_care,
            shelf: vec![],
            ordered: vec![],
            boxes: vec![],
            fixed,
            policy,
            component: world.component,
            forecasts: vec![],
            past: BloodGroup::ALL.map(|group| (group, Series::new(first))).into(),
            today: BTreeMap::new(),
            all: Series::new(first),
            supplied: 0.0,
            used: 0.0,
            o_negative: vec![],
        }
    }

    /// Puts a new unit on the shelf; `last` is the last day of its life.
    pub fn put(&mut self, id: UnitId, group: BloodGroup, last: NaiveDate, now: Instant) {
        let wall = last.and_hms_opt(23, 59, 0).unwrap_or_default();
        let unit = Unit {
            id,
            din: String::new(),
            product_code: String::new(),
            component: self.component,
            group,
            phenotype: bloodbank::traits::Phenotype::Ordinary,
            expires: Expiry::of_label(wall, chrono_tz::UTC),
            collected_at: None,
            received_at: now,
            volume: None,
            place: String::new(),
            supplier: None,
            low_titre: false,
            site: self.name.clone(),
            status: Status::Available,
            quarantines: vec![],
            transit: None,
            moved_at: now,
            version: 1,
        };
        self.shelf.push((unit, UnitTraits::default()));
    }

    /// Takes the units for which `wanted` is true off the shelf.
    pub fn take(&mut self, wanted: impl Fn(&Unit) -> bool) -> Vec<Bag> {
        let (mut taken, mut index) = (vec![], 0);
        while let Some((unit, _)) = self.shelf.get(index) {
            if wanted(unit) {
                let (unit, traits) = self.shelf.swap_remove(index);
                taken.push(Bag { unit, traits });
            } else {
                index += 1;
            }
        }
        taken
    }

    pub fn boxes_due(&mut self, day: u32) -> Vec<Bag> {
        let (due, later) = std::mem::take(&mut self.boxes).into_iter().partition(|b| b.0 <= day);
        self.boxes = later;
        let due: Vec<(u32, Bag)> = due;
        due.into_iter().map(|(_, bag)| bag).collect()
    }

    /// Asks the product whether something may be done with a unit, and does it. Answers the unit when
    /// it is still somebody's to care for here: reserved or sent. One that was taken in lies on the
    /// shelf; one that was issued or discarded is gone.
    pub fn act(
        &mut self,
        bag: Bag,
        command: &Command,
        overridden: &[Rule],
        patient: Option<&PatientFacts>,
        now: Instant,
    ) -> Result<Option<Bag>, Contradiction> {
        let Bag { unit, traits } = bag;
        let facts =
            Facts { site: self.name.clone(), patient: patient.cloned(), ..Facts::default() };
        let by = CommandId(Uuid::nil());
        let id = unit.id;
        let events = decide(Some(&unit), &facts, command, overridden, &self.policy, now, by)
            .map_err(|refused| contradiction(command, &refused))?;
        let after = events.iter().try_fold(unit, |unit, event| apply(Some(unit), id, event));
        let Some(unit) = after.filter(Unit::is_live) else { return Ok(None) };
        if matches!(command, Command::TakeIn { .. }) {
            self.shelf.push((unit, traits));
            return Ok(None);
        }
        Ok(Some(Bag { unit, traits }))
    }

    /// The free units of a group, the earliest end first.
    pub fn free_of(&self, group: BloodGroup, now: Instant) -> Vec<UnitId> {
        let free = |unit: &&Unit| {
            unit.group == group && unit.effective_status(now) == Effective::Available
        };
        let mut found: Vec<&Unit> = self.shelf.iter().map(|(unit, _)| unit).filter(free).collect();
        found.sort_unstable_by_key(|unit| (unit.expires.at, unit.id));
        found.into_iter().map(|unit| unit.id).collect()
    }

    /// What is there of a group, or of all.
    pub fn position(&self, group: Option<BloodGroup>, now: Instant, next: Instant) -> Position {
        let of = |one: BloodGroup| group.is_none_or(|group| one == group);
        let mut found = Position::default();
        for (unit, _) in self.shelf.iter().filter(|(unit, _)| of(unit.group)) {
            match unit.effective_status(now) {
                Effective::Available => {
                    found.free += 1;
                    found.ending += u32::from(unit.expires.is_past(next));
                }
                Effective::Reserved { .. } => found.held += 1,
                _ => {}
            }
        }
        let ordered = self.ordered.iter().filter(|(_, one, _)| of(*one)).count();
        let boxes = self.boxes.iter().filter(|(_, bag)| of(bag.unit.group)).count();
        found.incoming = u32::try_from(ordered + boxes).unwrap_or(u32::MAX);
        found
    }

    /// The targets of the day, and the policy with their rows.
    pub fn targets(
        &mut self,
        day: u32,
        date: NaiveDate,
        site: Site,
        settings: &Settings,
    ) -> Vec<Target> {
        self.refit(day, settings);
        let all = settings.service_of(self.component).pooled;
        let wanted = self.forecasts.iter().filter(|forecast| forecast.group.is_none() == all);
        let found: Vec<Target> =
            wanted.map(|forecast| target(forecast, date, site, settings, &self.policy)).collect();
        self.policy.stock.value = rows(&found, site, settings);
        found
    }

    fn refit(&mut self, day: u32, settings: &Settings) {
        if !self.forecasts.is_empty() && day >= 56 && !day.is_multiple_of(REFIT) {
            return;
        }
        let common = Common::of(&self.all, settings);
        self.forecasts = if settings.service_of(self.component).pooled {
            vec![pooled(self.component, &self.all, &common, settings)]
        } else {
            let of = |(group, own): (&BloodGroup, &Series)| {
                forecast(self.component, *group, own, &common, settings)
            };
            self.past.iter().map(of).collect()
        };
    }

    pub fn shelf_seen(&mut self, now: Instant, settings: &Settings) -> Shelf {
        self.refit(u32::try_from(self.all.units.len()).unwrap_or(u32::MAX), settings);
        let free = self.shelf.iter().map(|(unit, _)| unit);
        let free = free.filter(|unit| unit.effective_status(now) == Effective::Available);
        let seen = |unit: &Unit| Lying {
            unit: unit.id,
            component: unit.component,
            group: unit.group,
            ends: unit.expires.at,
        };
        Shelf {
            site: self.name.clone(),
            free: free.map(seen).collect(),
            forecasts: self.forecasts.clone(),
        }
    }

    /// Remembers a unit that was transfused.
    pub fn remember(&mut self, day: u32, given: GivenTo) {
        if given.component == Component::RedCells && given.unit == O_NEGATIVE {
            self.o_negative.push((day, given));
        }
    }

    /// How much O RhD negative may still go to others by the hospital's own records.
    pub fn o_negative_spare(&self, day: u32, rule: ONegativeRule) -> u32 {
        let since = (day + 1).saturating_sub(rule.window_days);
        let recent = self.o_negative.iter().filter(|(day, _)| *day >= since);
        let recent: Vec<GivenTo> = recent.map(|(_, given)| *given).collect();
        rule.spare(kpi::o_negative_to_others(&recent))
    }

    /// What the hospital sees of a request: what was used, and of what it could not supply the part
    /// that is used otherwise.
    pub fn note(&mut self, asked: &Asked, supplied: usize, used: u32) {
        let missing = asked.used.len().saturating_sub(supplied) as f64;
        let share = (self.used + FEW / 2.0) / (self.supplied + FEW);
        let need = f64::from(used) + missing * if asked.critical { 1.0 } else { share };
        *self.today.entry(asked.group).or_default() += need;
        self.supplied += supplied as f64;
        self.used += f64::from(used);
    }

    pub fn close_day(&mut self) {
        self.all.push(self.today.values().sum());
        for (group, series) in &mut self.past {
            series.push(self.today.get(group).copied().unwrap_or(0.0));
        }
        self.today.clear();
    }
}

fn contradiction(command: &Command, refused: &Refused) -> Contradiction {
    let what = match command {
        Command::Issue { .. } => "an issue",
        Command::Reserve { .. } => "a reservation",
        Command::SendTo { .. } | Command::TakeIn { .. } => "a transfer",
        _ => "a discard",
    };
    let rule = match refused {
        Refused::HardStop { rule, .. } => Some(*rule),
        Refused::NeedsOverride { rules, .. } => rules.first().copied(),
    };
    Contradiction { what, rule }
}
