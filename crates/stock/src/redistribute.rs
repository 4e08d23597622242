//! Which short-dated units to send to a site that will use them (bloodbank.md 4.3.5). A list of
//! offers: a person sends, with a box and its thermometer (`bloodbank::transfer`).

use crate::{Forecast, Settings};
use chrono::NaiveDate;
use kernel::{BloodGroup, Component, Instant, UnitId};
use serde::{Deserialize, Serialize};

/// One free unit as the list sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lying {
    pub unit: UnitId,
    pub component: Component,
    pub group: BloodGroup,
    pub ends: Instant,
}

/// What lies at a site, and what it will need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shelf {
    pub site: String,
    /// Free units only: a held unit is promised, a quarantined one waits for a person.
    pub free: Vec<Lying>,
    /// By component and group; of components that are ordered for all groups together, by component.
    pub forecasts: Vec<Forecast>,
}

/// One unit that is likelier to be used elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub unit: UnitId,
    pub from: String,
    pub to: String,
    /// Whole days left.
    pub days_left: u32,
    /// The probability of its use before its end, where it lies and where it is offered.
    pub here: f64,
    pub there: f64,
}

/// The offers of the day, the earliest end first.
///
/// A unit is used in time when the need of its group until its end reaches past every unit that ends
/// no later. Only need for the very group counts: what others might take is a hope. A unit that
/// would clearly more likely be used at another site, after the journey and behind what lies there or was
/// offered before it, is offered to the one where that is likeliest; among equals to the busiest.
pub fn offers(shelves: &[Shelf], settings: &Settings, now: Instant) -> Vec<Offer> {
    let mut short: Vec<(usize, Lying)> = vec![];
    for (site, shelf) in shelves.iter().enumerate() {
        let near = |one: &&Lying| {
            let days = days_left(one.ends, now);
            let from = f64::from(settings.travel_days.value);
            settings
                .exchange_days(one.component, one.group)
                .is_some_and(|most| days > from && days <= f64::from(most))
        };
        short.extend(shelf.free.iter().filter(near).map(|one| (site, *one)));
    }
    short.sort_by_key(|(_, one)| (one.ends, one.unit));
    let mut lying: Vec<Vec<Lying>> = shelves.iter().map(|shelf| shelf.free.clone()).collect();
    let below = f64::from(settings.offer_below_percent.value) / 100.0;
    let gain = f64::from(settings.offer_gain_percent.value) / 100.0;
    let mut found = vec![];
    for (from, one) in short {
        let here = chance(shelves, &lying, from, &one, now, 0.0);
        if here >= below {
            continue;
        }
        let travel = f64::from(settings.travel_days.value);
        let best = (0..shelves.len())
            .filter(|site| *site != from)
            .map(|site| {
                let busy = forecast_of(shelves, site, &one).map_or(0.0, |f| f.daily);
                (chance(shelves, &lying, site, &one, now, travel), busy, site)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(b.2.cmp(&a.2)));
        let Some((there, _, to)) = best.filter(|(there, _, _)| *there >= here + gain) else {
            continue;
        };
        if let Some(list) = lying.get_mut(from) {
            list.retain(|other| other.unit != one.unit);
        }
        if let Some(list) = lying.get_mut(to) {
            list.push(one);
        }
        let name = |site: usize| shelves.get(site).map(|shelf| shelf.site.clone());
        if let (Some(from), Some(to)) = (name(from), name(to)) {
            let days_left = days_left(one.ends, now) as u32;
            found.push(Offer { unit: one.unit, from, to, days_left, here, there });
        }
    }
    found
}

/// A unit that will less likely than not be used where it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unlikely {
    pub lying: Lying,
    /// Whole days left.
    pub days_left: u32,
    /// The probability of its use before its end.
    pub here: f64,
}

/// The short-dated units of one shelf that are not likely to be used there, the earliest end first: those
/// that [`offers`] looks at, and also those whose journey would take longer than they last.
pub fn unlikely(shelf: &Shelf, settings: &Settings, now: Instant) -> Vec<Unlikely> {
    let shelves = std::slice::from_ref(shelf);
    let good = || shelf.free.iter().filter(|one| one.ends > now);
    let lying = [good().copied().collect::<Vec<Lying>>()];
    let below = f64::from(settings.offer_below_percent.value) / 100.0;
    let mut short: Vec<Lying> = good()
        .filter(|one| {
            let most = settings.exchange_days(one.component, one.group);
            most.is_some_and(|most| days_left(one.ends, now) <= f64::from(most))
        })
        .copied()
        .collect();
    short.sort_by_key(|one| (one.ends, one.unit));
    let found = short.into_iter().map(|one| Unlikely {
        lying: one,
        days_left: days_left(one.ends, now) as u32,
        here: chance(shelves, &lying, 0, &one, now, 0.0),
    });
    found.filter(|one| one.here < below).collect()
}

fn days_left(ends: Instant, now: Instant) -> f64 {
    ((ends - now).num_hours() as f64 / 24.0).max(0.0)
}

fn forecast_of<'a>(shelves: &'a [Shelf], site: usize, one: &Lying) -> Option<&'a Forecast> {
    let of = |forecast: &&Forecast| {
        forecast.component == one.component && forecast.group.is_none_or(|g| g == one.group)
    };
    shelves.get(site)?.forecasts.iter().find(of)
}

/// The probability that the unit is used at a site before its end, when it gets there after `travel`
/// days.
fn chance(
    shelves: &[Shelf],
    lying: &[Vec<Lying>],
    site: usize,
    one: &Lying,
    now: Instant,
    travel: f64,
) -> f64 {
    let Some(forecast) = forecast_of(shelves, site, one) else { return 0.0 };
    let ahead = lying.get(site).into_iter().flatten().filter(|other| {
        other.unit != one.unit
            && other.component == one.component
            && forecast.group.is_none_or(|group| other.group == group)
            && (other.ends, other.unit) < (one.ends, one.unit)
    });
    let ahead = u32::try_from(ahead.count()).unwrap_or(u32::MAX);
    let days = (days_left(one.ends, now) - travel).max(0.0);
    let today: NaiveDate = now.date_naive();
    forecast.over(today, days).at_least(ahead.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::{Common, Series};
    use kernel::{Abo, Rhd};
    use proptest::prelude::*;

    const GROUP: BloodGroup = BloodGroup { abo: Abo::B, rhd: Rhd::Negative };

    fn now() -> Instant {
        "2026-03-02T12:00:00Z".parse().unwrap()
    }
    fn lying(number: u128, days: i64) -> Lying {
        let ends = now() + chrono::TimeDelta::days(days);
        let unit = UnitId(uuid::Uuid::from_u128(number));
        Lying { unit, component: Component::RedCells, group: GROUP, ends }
    }
    fn shelf(site: &str, daily: f64, free: Vec<Lying>) -> Shelf {
        let settings = Settings::of_the_book();
        let none = Series::new(now().date_naive());
        let common = Common::of(&none, &settings);
        let found = crate::forecast(Component::RedCells, GROUP, &none, &common, &settings);
        Shelf { site: site.into(), free, forecasts: vec![Forecast { daily, ..found }] }
    }
    fn offered(shelves: &[Shelf]) -> Vec<Offer> {
        offers(shelves, &Settings::of_the_book(), now())
    }

    #[test]
    fn a_unit_of_five_days_goes_from_where_one_in_ten_days_is_used_to_where_one_a_day_is() {
        // Here 1 - e^-0.5 = 0.393; there 4 days are left on arrival: 1 - e^-4 = 0.982
        let found = offered(&[shelf("hill", 0.1, vec![lying(1, 5)]), shelf("town", 1.0, vec![])]);
        assert_eq!(found.len(), 1);
        let offer = &found[0];
        assert_eq!((offer.from.as_str(), offer.to.as_str(), offer.days_left), ("hill", "town", 5));
        assert!((offer.here - 0.393).abs() < 1e-3 && (offer.there - 0.982).abs() < 1e-3);
    }

    #[test]
    fn a_unit_that_will_likely_be_used_stays_and_so_do_long_and_all_too_short_ones() {
        // 1 - e^-0.75 = 0.528
        let stays = [shelf("hill", 0.15, vec![lying(1, 5)]), shelf("town", 3.0, vec![])];
        assert_eq!(offered(&stays), []);
        let long = [shelf("hill", 0.01, vec![lying(1, 11)]), shelf("town", 3.0, vec![])];
        assert_eq!(offered(&long), []);
        let arrives_dead = [shelf("hill", 0.01, vec![lying(1, 1)]), shelf("town", 3.0, vec![])];
        assert_eq!(offered(&arrives_dead), []);
    }

    #[test]
    fn what_lies_there_and_what_was_offered_before_stands_in_front() {
        // Ten units of two days lie in town, where one a day is used: 1 - P(X <= 10 | 4) = 0.003.
        // In port 1 - e^-2 = 0.865.
        let town = |free| shelf("town", 1.0, free);
        let full = town((10..20).map(|n| lying(n, 2)).collect());
        let other = shelf("port", 0.5, vec![]);
        let hill = shelf("hill", 0.01, vec![lying(1, 5)]);
        let found = offered(&[hill, full, other]);
        let first = found.iter().find(|offer| offer.from == "hill").expect("offered");
        assert_eq!(first.to, "port");
        // Two sites alike: the first unit goes to one, the second, behind it there, to the other.
        let hill = shelf("hill", 0.0, vec![lying(1, 5), lying(2, 5)]);
        let found = offered(&[hill, shelf("a", 0.5, vec![]), shelf("b", 0.5, vec![])]);
        assert_eq!(found.iter().map(|o| o.to.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn what_is_not_likely_to_be_used_here_is_told_also_where_nobody_could_take_it() {
        // Here 1 - e^-0.1 = 0.095 and, behind it, P(X >= 2 | 0.5) = 0.090; the third keeps for long.
        let hill = shelf("hill", 0.1, vec![lying(1, 1), lying(2, 5), lying(3, 11), lying(4, 0)]);
        let found = unlikely(&hill, &Settings::of_the_book(), now());
        let told: Vec<(u128, u32)> =
            found.iter().map(|one| (one.lying.unit.0.as_u128(), one.days_left)).collect();
        assert_eq!(told, [(1, 1), (2, 5)], "what has ended is for nobody");
        assert!((found[0].here - 0.095).abs() < 1e-3 && (found[1].here - 0.090).abs() < 1e-3);
        assert_eq!(
            unlikely(&shelf("hill", 3.0, vec![lying(2, 5)]), &Settings::of_the_book(), now()),
            []
        );
    }

    #[test]
    fn what_a_site_said_of_four_weeks_is_its_need_of_a_day() {
        let here = shelf("hill", 0.1, vec![lying(1, 5)]);
        let like = &here.forecasts[0];
        // 28 units in 28 days: one a day, as in the first test.
        let said = Forecast::said(Some(GROUP), 28, 28, like);
        assert_eq!((said.daily, said.week), (1.0, [1.0; 7]));
        let there = Shelf { site: "town".into(), free: vec![], forecasts: vec![said] };
        assert_eq!(offered(&[here, there]).len(), 1);
    }

    proptest! {
        #[test]
        fn every_offer_is_of_a_unit_that_lies_there_once_and_is_likelier_used_elsewhere(
            sites in prop::collection::vec((0.0..2.0f64, prop::collection::vec(0..20i64, 0..8)), 1..5),
        ) {
            let mut number = 0;
            let shelves: Vec<Shelf> = sites.iter().enumerate().map(|(site, (daily, days))| {
                let free = days.iter().map(|days| { number += 1; lying(number, *days) }).collect();
                shelf(&site.to_string(), *daily, free)
            }).collect();
            let found = offered(&shelves);
            let mut seen = std::collections::BTreeSet::new();
            for offer in &found {
                prop_assert!(seen.insert(offer.unit), "offered twice");
                prop_assert!(offer.from != offer.to && offer.there >= offer.here + 0.2 && offer.here < 0.5);
                let from = shelves.iter().find(|shelf| shelf.site == offer.from).unwrap();
                prop_assert!(from.free.iter().any(|one| one.unit == offer.unit));
                prop_assert!((2..=10).contains(&offer.days_left));
            }
        }
    }
}
