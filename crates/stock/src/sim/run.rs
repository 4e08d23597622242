//! One run: the days of a world under rules. What may be done with a unit is asked of
//! `bloodbank::decide`, which unit is proposed of `bloodbank::request::propose`, what is ordered and
//! sent of this crate. There is no second copy of any of them here.

use super::chance::Chance;
use super::counts::{Balance, Counts};
use super::pick::{self, O_NEGATIVE, Pick};
use super::rules::{Ordering, Picking, Rules};
use super::site::{Bag, Hospital};
use super::world::{Asked, World};
use crate::{Position, Shelf, Site, offers, suggest};
use bloodbank::kpi::{GivenTo, Supplied};
use bloodbank::{Command, DiscardReason, Effective, KnownGroup, PatientFacts, Rule, Sex};
use chrono::{NaiveDate, TimeDelta};
use kernel::{BloodGroup, Instant, PatientId, UnitId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What came out of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub counts: Counts,
    pub balance: Balance,
}

/// The rules of the product refused what the rules of the product had proposed. Never seen; it
/// would be a fault of one of them.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{what} was refused by {rule:?}")]
pub struct Contradiction {
    pub what: &'static str,
    pub rule: Option<Rule>,
}

/// Runs the world once. The same seed has the same patients and the same supply under all rules.
///
/// # Errors
/// A step that the product's own gate refuses.
pub fn run(world: &World, rules: &Rules, seed: u64) -> Result<Outcome, Contradiction> {
    let mut run = Run::new(world, rules, seed);
    for day in 0..world.days {
        run.morning(day)?;
        for place in 0..run.hospitals.len() {
            for asked in world.requests(seed, place, day) {
                run.serve(place, day, &asked)?;
            }
            if let Some(hospital) = run.hospitals.get_mut(place) {
                hospital.close_day();
            }
        }
    }
    Ok(run.end())
}

struct Run<'a> {
    world: &'a World,
    rules: &'a Rules,
    seed: u64,
    hospitals: Vec<Hospital>,
    counts: Counts,
    balance: Balance,
    next_id: u128,
    /// Every unit that was transfused; kept apart from the units themselves, to check on them.
    gone: BTreeSet<UnitId>,
    hand: Chance,
    day: u32,
}

/// The world begins on Monday, 5 January 2026; every day begins at eight.
fn morning_of(day: u32) -> Instant {
    let date = date_of(day);
    date.and_hms_opt(8, 0, 0).unwrap_or_default().and_utc()
}

fn date_of(day: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap_or_default();
    first + chrono::Days::new(u64::from(day))
}

impl<'a> Run<'a> {
    fn new(world: &'a World, rules: &'a Rules, seed: u64) -> Self {
        let hospital = |place| Hospital::new(place, world, rules, date_of(0));
        Self {
            world,
            rules,
            seed,
            hospitals: world.places.iter().map(hospital).collect(),
            counts: Counts { sites: vec![(0, 0); world.places.len()], ..Counts::default() },
            balance: Balance::default(),
            next_id: 0,
            gone: BTreeSet::new(),
            hand: Chance::new(seed, &[2]),
            day: 0,
        }
    }

    fn counted(&self) -> bool {
        self.day >= self.world.warm_up
    }

    fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    /// Deliveries, donations and boxes come in, what has ended goes out, then the day's order and
    /// the day's offers.
    fn morning(&mut self, day: u32) -> Result<(), Contradiction> {
        self.day = day;
        let now = morning_of(day);
        for place in 0..self.hospitals.len() {
            self.receive(place, now);
            self.arrive(place, now)?;
            self.discard(place, now)?;
            self.order(place, day, now);
        }
        if self.rules.exchange { self.exchange(day, now) } else { Ok(()) }
    }

    fn receive(&mut self, place: usize, now: Instant) {
        let Some(hospital) = self.hospitals.get_mut(place) else { return };
        let mut due: Vec<(BloodGroup, u32)> = vec![];
        hospital.ordered.retain(|(day, group, life)| {
            let here = *day <= self.day;
            if here {
                due.push((*group, *life));
            }
            !here
        });
        let mut chance = Chance::new(self.seed, &[3, place as u64, u64::from(self.day)]);
        let donated = self.world.places.get(place).map_or(0.0, |place| place.donated);
        for _ in 0..chance.count(donated) {
            due.push((BloodGroup::ALL[chance.choose(&self.world.mix)], self.world.life.1));
        }
        for (group, life) in due {
            let id = UnitId(self.id());
            let Some(hospital) = self.hospitals.get_mut(place) else { continue };
            hospital.put(id, group, date_of(self.day + life.saturating_sub(1)), now);
            self.balance.received += 1;
        }
    }

    fn arrive(&mut self, place: usize, now: Instant) -> Result<(), Contradiction> {
        let Some(hospital) = self.hospitals.get_mut(place) else { return Ok(()) };
        for bag in hospital.boxes_due(self.day) {
            let site = hospital.name.clone();
            hospital.act(bag, &Command::TakeIn { site }, &[], None, now)?;
        }
        Ok(())
    }

    fn discard(&mut self, place: usize, now: Instant) -> Result<(), Contradiction> {
        let counted = self.counted();
        let Some(hospital) = self.hospitals.get_mut(place) else { return Ok(()) };
        for bag in hospital.take(|unit| unit.effective_status(now) == Effective::Expired) {
            let group = bag.unit.group;
            let discard = Command::Discard { reason: DiscardReason::Expired, note: None };
            hospital.act(bag, &discard, &[], None, now)?;
            self.balance.outdated += 1;
            if counted {
                self.counts.units.outdated += 1;
                self.counts.groups.entry(group).or_default().0 += 1;
                if let Some((outdated, _)) = self.counts.sites.get_mut(place) {
                    *outdated += 1;
                }
            }
        }
        Ok(())
    }

    fn order(&mut self, place: usize, day: u32, now: Instant) {
        let Some(hospital) = self.hospitals.get_mut(place) else { return };
        let next = now + TimeDelta::days(i64::from(self.world.lead));
        let mut wanted: Vec<Option<BloodGroup>> = vec![];
        match self.rules.ordering {
            Ordering::Program => {
                let site = Site {
                    emergency_care: hospital.emergency_care,
                    life_days: (self.world.life.0 + self.world.life.1) / 2,
                    hold_hours: self.rules.hold_hours,
                };
                for target in hospital.targets(day, date_of(day), site, &self.rules.settings) {
                    let line = suggest(target, hospital.position(target.group, now, next));
                    wanted.extend((0..line.order).map(|_| line.target.group));
                }
            }
            Ordering::Days(_) => {
                for (group, target) in hospital.fixed.clone() {
                    let Position { free, incoming, .. } = hospital.position(group, now, next);
                    wanted.extend((free + incoming..target).map(|_| group));
                }
            }
        }
        let mut chance = Chance::new(self.seed, &[4, place as u64, u64::from(day)]);
        for group in wanted {
            let (least, most) = self.world.life;
            let life = chance.between(least, most);
            let sent = !chance.happens(self.world.not_sent);
            let any = BloodGroup::ALL[chance.choose(&self.world.mix)];
            let group = group.filter(|_| !self.world.any_group).unwrap_or(any);
            if let Some(hospital) = self.hospitals.get_mut(place).filter(|_| sent) {
                hospital.ordered.push((day + self.world.lead, group, life));
            }
        }
    }

    fn exchange(&mut self, day: u32, now: Instant) -> Result<(), Contradiction> {
        let settings = &self.rules.settings;
        let seen = self.hospitals.iter_mut().map(|hospital| hospital.shelf_seen(now, settings));
        let shelves: Vec<Shelf> = seen.collect();
        for offer in offers(&shelves, settings, now) {
            let send = Command::SendTo { site: offer.to.clone() };
            let mut sent = vec![];
            for sender in self.hospitals.iter_mut().filter(|one| one.name == offer.from) {
                for bag in sender.take(|unit| unit.id == offer.unit) {
                    sent.extend(sender.act(bag, &send, &[], None, now)?);
                }
            }
            let arrives = day + self.world.travel;
            if let Some(to) = self.hospitals.iter_mut().find(|one| one.name == offer.to) {
                self.counts.sent += if day >= self.world.warm_up { sent.len() as u64 } else { 0 };
                to.boxes.extend(sent.into_iter().map(|bag| (arrives, bag)));
            }
        }
        Ok(())
    }

    fn serve(&mut self, place: usize, day: u32, asked: &Asked) -> Result<(), Contradiction> {
        let seconds = (asked.time * 86_400.0) as i64;
        let now = morning_of(day) + TimeDelta::seconds(seconds);
        let patient = PatientFacts {
            id: PatientId(self.id()),
            group: if asked.known {
                KnownGroup::Confirmed(asked.group)
            } else {
                KnownGroup::Unknown
            },
            anti_d_ever: false,
            phenotype: bloodbank::traits::Phenotype::Ordinary,
            sex: if asked.female { Sex::Female } else { Sex::Male },
            age_years: Some(asked.age),
            deceased: false,
        };
        let Some(hospital) = self.hospitals.get(place) else { return Ok(()) };
        let picks = match self.rules.picking {
            Picking::Program => {
                let spare = hospital.o_negative_spare(day, self.rules.settings.o_negative.value);
                pick::proposed(self.world, hospital, asked, &patient, spare, now)
            }
            Picking::ByHand { not_oldest_percent } => {
                let slip = f64::from(not_oldest_percent) / 100.0;
                pick::by_hand(self.world, hospital, asked, slip, &mut self.hand, now)
            }
        };
        self.hand_out(place, asked, &patient, &picks, now)
    }

    /// Issues the units that are transfused and reserves those that come back.
    fn hand_out(
        &mut self,
        place: usize,
        asked: &Asked,
        patient: &PatientFacts,
        picks: &[Pick],
        now: Instant,
    ) -> Result<(), Contradiction> {
        let counted = self.counted();
        let Some(hospital) = self.hospitals.get_mut(place) else { return Ok(()) };
        let mut used = 0;
        for (Pick { unit, accepted }, transfused) in picks.iter().zip(&asked.used) {
            let command = if *transfused {
                Command::Issue {
                    patient: patient.id,
                    collected_by: "porter".into(),
                    appearance_ok: true,
                }
            } else {
                Command::Reserve { patient: patient.id, until: None }
            };
            let Some(bag) = hospital.take(|one| one.id == *unit).pop() else {
                return Err(Contradiction { what: "a unit that is not there", rule: None });
            };
            let group = bag.unit.group;
            if *transfused {
                self.balance.given_twice += u64::from(!self.gone.insert(*unit));
                self.balance.given_late += u64::from(now >= bag.unit.expires.at);
            }
            let bag = hospital.act(bag, &command, accepted, Some(patient), now)?;
            if let Some(Bag { unit, traits }) = bag {
                hospital.shelf.push((unit, traits));
                continue;
            }
            used += 1;
            self.balance.transfused += 1;
            let (component, to) = (self.world.component, Some(asked.group));
            let given = GivenTo { component, unit: group, patient: to };
            hospital.remember(self.day, given);
            if counted {
                self.counts.given.push(given);
                if group == O_NEGATIVE {
                    self.counts.o_negative.push((self.day, asked.group != O_NEGATIVE));
                }
                self.counts.units.transfused += 1;
                self.counts.units.issued += 1;
                self.counts.groups.entry(group).or_default().1 += 1;
                self.counts.other_group += u64::from(group != asked.group);
                let unknown = group == O_NEGATIVE && asked.group != O_NEGATIVE && !asked.known;
                self.counts.o_negative_unknown += u64::from(unknown);
                if let Some((_, transfused)) = self.counts.sites.get_mut(place) {
                    *transfused += 1;
                }
            }
        }
        hospital.note(asked, picks.len(), used);
        if counted {
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            self.counts.units.crossmatched += picks.len() as u64;
            self.counts.requests.push(Supplied {
                asked: count(asked.used.len()),
                critical: asked.critical,
                placed_at: now,
                first_issued_at: (used > 0).then_some(now),
                // A reserved unit is there for the patient: supplied, though it may come back.
                issued: count(picks.len()),
                issued_in_time: count(picks.len()),
            });
        }
        Ok(())
    }

    fn end(mut self) -> Outcome {
        for hospital in &self.hospitals {
            self.balance.on_shelves += hospital.shelf.len() as u64;
            self.balance.on_the_way += hospital.boxes.len() as u64;
        }
        Outcome { counts: self.counts, balance: self.balance }
    }
}
