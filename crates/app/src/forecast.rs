//! How much blood will be needed, what to order, and what would happen if: the rules are those of
//! `stock`, the days those of this store. Nothing is ordered and no target is set by it.

use crate::backend::Inner;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use chrono::{Days, NaiveDate};
use kernel::{BloodGroup as Group, Component as C, Instant, Permission, TimeDelta};
use std::collections::{BTreeMap, HashMap};
use std::sync::MutexGuard;
use stock::sim::{Estimate, Place, Rules, World};
use stock::{
    Change, Common, Expected, Figures, Forecast, Needs, NoAnswer, Position, Settings, Site, Target,
    cover, forecast, pooled, suggest, target, usually_given,
};
use wire::*;

/// Days of use that are looked at.
const HISTORY: i64 = 365;
/// Of the picture: back and ahead.
const BACK: u64 = 56;
const AHEAD: u64 = 14;
/// Simulated days of a question, the first of them not counted, and how many times.
const SIMULATED: (u32, u32) = (240, 60);
const RUNS: u32 = 6;
/// A site without any use is asked about with a small one.
const LEAST_DAILY: f64 = 0.5;

/// What was needed, and what follows from it.
pub(crate) struct Need {
    today: NaiveDate,
    /// The first day of which any need is known.
    first: Option<NaiveDate>,
    /// Units given on each day.
    used: BTreeMap<NaiveDate, u32>,
    counted: ForecastCounted,
    pub forecasts: Vec<Forecast>,
    pub whole: Forecast,
    pub settings: Settings,
}

impl Inner {
    pub(crate) fn stock_forecast(&mut self, ask: ForecastAsk) -> Result<ForecastView, Error> {
        self.actor(Permission::SeeStock)?;
        let component: C = same(ask.component);
        let (now, policy) = (self.now()?, self.policy());
        let need = self.need(component)?;
        let settings = &need.settings;
        let tomorrow = need.today + Days::new(1);
        let site = Site {
            emergency_care: true,
            life_days: life_days(component),
            hold_hours: policy.hold_hours.value,
        };
        let wait = f64::from(settings.review_days.value + settings.lead_days.value);
        let before = now + TimeDelta::days(i64::from(settings.lead_days.value));
        let mut lines = vec![];
        for found in &need.forecasts {
            let position = self.position(component, found.group, now, before)?;
            let goal: Target = target(found, tomorrow, site, settings, &policy);
            let line = suggest(goal, position);
            let lasts = cover(position.free, found, tomorrow, wait);
            lines.push(ForecastLine {
                group: found.group.map(same),
                method: same(found.method),
                daily: found.daily,
                week: expected(found.expected(tomorrow, 7.0, settings)),
                month: expected(found.expected(tomorrow, 28.0, settings)),
                free: position.free,
                ending: position.ending,
                held: position.held,
                cover_days: lasts.days,
                runs_out: lasts.runs_out,
                floor: goal.floor,
                order_to: goal.order_to,
                why: same(goal.why),
                order: line.order,
            });
        }
        Ok(ForecastView {
            as_of: rfc3339(now),
            days_known: need.whole.days,
            interval_percent: settings.interval_percent.value,
            days: picture(&need),
            counted: need.counted,
            lines,
            // The book's own numbers; no facility can sign others yet.
            unconfirmed: true,
        })
    }

    /// The need of the past days by group, and what is expected of it (docs/domain/bloodbank-stock.md).
    pub(crate) fn need(&self, component: C) -> Result<Need, Error> {
        let (now, zone) = (self.now()?, self.zone()?);
        let day_of = |at: Instant| at.with_timezone(&zone).date_naive();
        let today = day_of(now);
        let since = now - TimeDelta::days(HISTORY);
        let settings = Settings::of_the_book();
        let groups: HashMap<String, Group> =
            Group::ALL.into_iter().map(|group| (crate::blood::group_word(group), group)).collect();
        let mut needs = Needs::default();
        let mut counted = ForecastCounted::default();
        let mut used: BTreeMap<NaiveDate, u32> = BTreeMap::new();
        for given in self.store()?.given_since(self.site(), component, since)? {
            let day = day_of(given.at);
            // Today is not over.
            if let Some(group) = groups.get(&given.group).filter(|_| day < today) {
                needs.given(day, *group, 1.0);
                *used.entry(day).or_default() += 1;
                counted.given += 1;
                counted.by_bag += u32::from(given.of_bag);
            }
        }
        let (given, set_aside) = self.store()?.given_of_set_aside(component, since, now)?;
        let usually = usually_given(given, set_aside);
        for lacking in self.store()?.lacking(component, since, now)? {
            let day = day_of(lacking.due);
            if day < today {
                let group = lacking.group.as_ref().and_then(|group| groups.get(group)).copied();
                needs.lacked(day, group, lacking.units, lacking.critical, usually, &settings);
                counted.lacking += lacking.units;
                counted.lacking_counted +=
                    f64::from(lacking.units) * if lacking.critical { 1.0 } else { usually };
            }
        }
        let all = needs.series(None, today);
        let common = Common::of(&all, &settings);
        let of_group = |group: Group| {
            let own = needs.series(Some(group), today);
            forecast(component, group, &own, &common, &settings)
        };
        let together = settings.service.value.iter().any(|s| s.component == component && s.pooled);
        let whole = pooled(component, &all, &common, &settings);
        let forecasts = match together {
            true => vec![whole.clone()],
            false => Group::ALL.into_iter().map(of_group).collect(),
        };
        Ok(Need { today, first: needs.first(), used, counted, forecasts, whole, settings })
    }

    fn position(
        &self,
        component: C,
        group: Option<Group>,
        now: Instant,
        before: Instant,
    ) -> Result<Position, Error> {
        let component_word = crate::care::word(component);
        let wanted = group.map(crate::blood::group_word);
        let mut position = Position::default();
        for standing in self.store()?.standing(now)? {
            let ours = standing.site == self.site()
                && standing.component == component_word
                && !standing.without_h
                && wanted.as_ref().is_none_or(|group| *group == standing.group);
            match standing.stands.as_str() {
                "available" if ours => position.free += standing.count,
                "reserved" if ours => position.held += standing.count,
                _ => {}
            }
        }
        position.ending = self.store()?.free_ending(self.site(), component, group, now, before)?;
        Ok(position)
    }

    fn asked_world(&mut self, ask: &WhatIfAsk) -> Result<(World, Rules, f64), Error> {
        self.actor(Permission::SeeStock)?;
        let component: C = same(ask.component);
        let need = self.need(component)?;
        let daily = need.whole.daily.max(LEAST_DAILY);
        let mut world = match component {
            C::Platelets => World::platelets(),
            _ => World::red_cells(),
        };
        world.component = component;
        world.life = life_on_arrival(component).unwrap_or(world.life);
        world.week = need.whole.week;
        let name = self.store()?.facility()?.map(|f| f.name).unwrap_or_default();
        world.places = vec![Place { name, daily, emergency_care: true, donated: 0.0 }];
        let (days, warm_up) = SIMULATED;
        let mut rules = Rules::program(need.settings);
        // One site has nobody to exchange with.
        rules.exchange = false;
        rules.hold_hours = self.policy().hold_hours.value;
        Ok((world.short(days, warm_up), rules, daily))
    }
}

/// A question that lets go of the workstation while it is simulated.
pub(crate) trait Asks {
    fn stock_what_if(self, ask: WhatIfAsk) -> Result<WhatIfAnswer, Error>;
}

impl Asks for MutexGuard<'_, Inner> {
    fn stock_what_if(mut self, ask: WhatIfAsk) -> Result<WhatIfAnswer, Error> {
        let (world, rules, daily) = self.asked_world(&ask)?;
        drop(self);
        let changes: Vec<Change> = ask.changes.iter().map(change).collect();
        let answer = stock::what_if(&world, &rules, &changes, 1..=u64::from(RUNS));
        let answer = answer.map_err(|why| match why {
            NoAnswer::OutOfBounds { name, value, least, most } => {
                CommandError::refusal(Code::OutOfBounds)
                    .with("field", name)
                    .with("value", value)
                    .with("least", least)
                    .with("most", most)
                    .into()
            }
            NoAnswer::Contradiction(why) => Error::Broken(why.to_string()),
            // Sites are not asked about here.
            _ => no(Code::Malformed),
        })?;
        let (days, warm_up) = SIMULATED;
        Ok(WhatIfAnswer {
            now: figures(answer.now),
            then: figures(answer.then),
            difference: figures(answer.difference),
            daily,
            days: days - warm_up,
            runs: RUNS,
        })
    }
}

fn change(of: &WhatIfChange) -> Change {
    match *of {
        WhatIfChange::Need { percent } => Change::Need { site: None, percent },
        WhatIfChange::Service { permille } => Change::Service { permille },
        WhatIfChange::Floors { percent } => Change::Floors { percent },
        WhatIfChange::Life { least, most } => Change::Life { least, most },
        WhatIfChange::Hold { hours } => Change::Hold { hours },
        WhatIfChange::Delivery { days } => Change::Delivery { days },
    }
}

fn figures(of: Figures) -> WhatIfFigures {
    let share = |e: Estimate| ShareEstimate { mean: e.mean, low: e.low, high: e.high };
    WhatIfFigures {
        waste: share(of.waste),
        fulfilment: share(of.fulfilment),
        critical: share(of.critical),
        o_negative: share(of.o_negative),
    }
}

fn expected(of: Expected) -> ExpectedNeed {
    ExpectedNeed { mean: of.mean, low: of.low, high: of.high }
}

/// Eight weeks of use, and what is expected of the next two.
fn picture(need: &Need) -> Vec<ForecastDay> {
    let mut days = vec![];
    let first = need.today.checked_sub_days(Days::new(BACK)).unwrap_or(need.today);
    for n in 0..BACK {
        let day = first + Days::new(n);
        // Before the first need nothing is known.
        let known = need.first.is_some_and(|first| first <= day);
        days.push(ForecastDay {
            day: day.to_string(),
            used: known.then(|| need.used.get(&day).copied().unwrap_or(0)),
            expected: None,
        });
    }
    for n in 0..AHEAD {
        let day = need.today + Days::new(n);
        let one = need.whole.expected(day, 1.0, &need.settings);
        days.push(ForecastDay { day: day.to_string(), used: None, expected: Some(expected(one)) });
    }
    days
}

/// Days from the arrival of a unit to its end, as they usually come (bloodbank.md 4.4).
fn life_days(component: C) -> u32 {
    match component {
        C::RedCells => 27,
        C::WholeBlood => 21,
        C::Platelets => 3,
        C::Plasma | C::Cryoprecipitate => 350,
    }
}

fn life_on_arrival(component: C) -> Option<(u32, u32)> {
    match component {
        C::WholeBlood => Some((15, 27)),
        C::Plasma | C::Cryoprecipitate => Some((200, 365)),
        C::RedCells | C::Platelets => None,
    }
}
