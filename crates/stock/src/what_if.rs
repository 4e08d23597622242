//! What would happen if: the same hospitals, patients and rules with something changed, seed by
//! seed. The answer is what is expected, never a promise.

use crate::sim::{Contradiction, Counts, Estimate, Place, Rules, World};
use crate::sim::{estimate, part, run};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// One thing that is different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// The need of a site, or of all, in percent of today's.
    Need {
        site: Option<String>,
        percent: u32,
    },
    /// How sure the targets are, in 1/1000.
    Service {
        permille: u32,
    },
    /// Units kept for critical requests, in percent of today's floors.
    Floors {
        percent: u32,
    },
    /// Days that a delivered unit still has.
    Life {
        least: u32,
        most: u32,
    },
    /// Hours that a reservation holds.
    Hold {
        hours: u32,
    },
    /// Days from an order to the shelf.
    Delivery {
        days: u32,
    },
    /// The sites exchange short-dated units, or do not.
    Exchange {
        on: bool,
    },
    AddSite {
        name: String,
        daily: f64,
        emergency_care: bool,
    },
    /// A site closes; its patients go to another.
    CloseSite {
        name: String,
        into: String,
    },
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoAnswer {
    #[error("{name} is {value}, outside {least} to {most}")]
    OutOfBounds { name: &'static str, value: u32, least: u32, most: u32 },
    #[error("there is no site {name}")]
    NoSuchSite { name: String },
    #[error("there is a site {name} already")]
    SiteTwice { name: String },
    #[error("a site cannot be joined to itself")]
    SameSite,
    #[error("no seed was given")]
    NoSeed,
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
}

/// What is expected, each a share with its 95 % interval over the seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    pub waste: Estimate,
    pub fulfilment: Estimate,
    pub critical: Estimate,
    pub o_negative: Estimate,
    /// Units sent between sites for every unit transfused.
    pub sent: Estimate,
}

/// Before, after, and the difference seed by seed (after - before).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    pub now: Figures,
    pub then: Figures,
    pub difference: Figures,
}

type Figure = fn(&Counts) -> f64;
const FIGURES: [Figure; 5] = [
    |c| part(c.waste()),
    |c| part(c.fulfilment()),
    |c| part(c.critical()),
    |c| part(c.o_negative()),
    |c| part(c.sent_share()),
];

/// Compares today with the changes, both over the same seeds.
///
/// # Errors
/// A change that nobody can have meant, or a contradiction in the rules.
pub fn what_if(
    world: &World,
    rules: &Rules,
    changes: &[Change],
    seeds: RangeInclusive<u64>,
) -> Result<Answer, NoAnswer> {
    if seeds.is_empty() {
        return Err(NoAnswer::NoSeed);
    }
    let (mut other_world, mut other_rules) = (world.clone(), rules.clone());
    for change in changes {
        apply(change, &mut other_world, &mut other_rules)?;
    }
    let runs = |world: &World, rules: &Rules| -> Result<Vec<[f64; 5]>, NoAnswer> {
        let one = |seed| Ok(run(world, rules, seed)?.counts).map(|c| FIGURES.map(|f| f(&c)));
        seeds.clone().map(one).collect()
    };
    let (now, then) = (runs(world, rules)?, runs(&other_world, &other_rules)?);
    let change = |(before, after): (&[f64; 5], &[f64; 5])| {
        std::array::from_fn(|index| {
            let of = |all: &[f64; 5]| all.get(index).copied().unwrap_or(f64::NAN);
            of(after) - of(before)
        })
    };
    let difference: Vec<[f64; 5]> = now.iter().zip(&then).map(change).collect();
    Ok(Answer { now: figures(&now), then: figures(&then), difference: figures(&difference) })
}

fn figures(runs: &[[f64; 5]]) -> Figures {
    let [waste, fulfilment, critical, o_negative, sent] = std::array::from_fn(|index| {
        let values = runs.iter().filter_map(|run| run.get(index).copied());
        estimate(&values.collect::<Vec<_>>())
    });
    Figures { waste, fulfilment, critical, o_negative, sent }
}

fn apply(change: &Change, world: &mut World, rules: &mut Rules) -> Result<(), NoAnswer> {
    match change {
        Change::Need { site, percent } => {
            let factor = f64::from(within("need", *percent, 1, 1_000)?) / 100.0;
            let of = |place: &&mut Place| site.as_ref().is_none_or(|name| *name == place.name);
            let mut found = false;
            for place in world.places.iter_mut().filter(of) {
                place.daily *= factor;
                found = true;
            }
            if let (false, Some(name)) = (found, site) {
                return Err(NoAnswer::NoSuchSite { name: name.clone() });
            }
        }
        Change::Service { permille } => {
            let permille = within("service", *permille, 500, 999)?;
            rules.settings.service.value.iter_mut().for_each(|row| row.permille = permille);
        }
        Change::Floors { percent } => {
            let percent = within("floors", *percent, 0, 1_000)?;
            for floor in &mut rules.settings.floors.value {
                floor.units = (floor.units * percent).div_ceil(100);
            }
        }
        Change::Life { least, most } => {
            let most = within("life", *most, 1, 365)?;
            world.life = (within("life", *least, 1, most)?, most);
        }
        Change::Hold { hours } => rules.hold_hours = within("hold", *hours, 1, 72)?,
        Change::Delivery { days } => {
            world.lead = within("delivery", *days, 1, 31)?;
            rules.settings.lead_days.value = world.lead;
        }
        Change::Exchange { on } => rules.exchange = *on,
        Change::AddSite { name, daily, emergency_care } => {
            if place_of(world, name).is_ok() {
                return Err(NoAnswer::SiteTwice { name: name.clone() });
            }
            // A mean that is no number is the slip of whoever asks, not of who computes.
            let value = if daily.is_finite() { daily.max(0.0).ceil() as u32 } else { u32::MAX };
            within("daily", value, 1, 1_000)?;
            let (name, daily, emergency_care) = (name.clone(), *daily, *emergency_care);
            world.places.push(Place { name, daily, emergency_care, donated: 0.0 });
        }
        Change::CloseSite { name, into } => {
            if name == into {
                return Err(NoAnswer::SameSite);
            }
            place_of(world, into)?;
            let closed = world.places.remove(place_of(world, name)?);
            let into = place_of(world, into)?;
            if let Some(place) = world.places.get_mut(into) {
                place.daily += closed.daily;
                place.donated += closed.donated;
            }
        }
    }
    Ok(())
}

fn place_of(world: &World, name: &str) -> Result<usize, NoAnswer> {
    let found = world.places.iter().position(|place| place.name == name);
    found.ok_or_else(|| NoAnswer::NoSuchSite { name: name.to_owned() })
}

fn within(name: &'static str, value: u32, least: u32, most: u32) -> Result<u32, NoAnswer> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(NoAnswer::OutOfBounds { name, value, least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    fn ask(changes: &[Change]) -> Result<Answer, NoAnswer> {
        let world = World::red_cells().short(60, 25);
        what_if(&world, &Rules::program(Settings::of_the_book()), changes, 1..=2)
    }

    #[test]
    fn no_change_makes_no_difference() {
        let answer = ask(&[]).unwrap();
        assert_eq!(answer.now, answer.then);
        assert_eq!((answer.difference.waste.low, answer.difference.waste.high), (0.0, 0.0));
    }

    #[test]
    fn units_that_come_with_a_week_to_live_are_wasted_more() {
        let answer = ask(&[Change::Life { least: 5, most: 8 }]).unwrap();
        assert!(answer.difference.waste.mean > 0.02, "{answer:?}");
    }

    #[test]
    fn less_sure_targets_leave_more_requests_unmet() {
        let answer = ask(&[Change::Service { permille: 700 }]).unwrap();
        assert!(answer.difference.fulfilment.mean < -0.01, "{answer:?}");
    }

    #[test]
    fn a_site_that_closes_takes_its_patients_along_and_no_exchange_sends_nothing() {
        let mut world = World::red_cells();
        let mut rules = Rules::program(Settings::of_the_book());
        let close = Change::CloseSite { name: "valley".into(), into: "hill".into() };
        apply(&close, &mut world, &mut rules).unwrap();
        assert_eq!(world.places.len(), 2);
        assert!((world.places[1].daily - 5.2).abs() < 1e-9);
        let answer = ask(&[Change::Exchange { on: false }]).unwrap();
        assert_eq!(answer.then.sent.mean, 0.0);
        assert!(answer.now.sent.mean > 0.0);
    }

    #[test]
    fn a_question_that_nobody_can_have_meant_is_refused_by_name() {
        let site = |name: &str| Some(name.to_owned());
        for (change, refused) in [
            (
                Change::Need { site: site("moon"), percent: 90 },
                NoAnswer::NoSuchSite { name: "moon".into() },
            ),
            (
                Change::Need { site: None, percent: 0 },
                NoAnswer::OutOfBounds { name: "need", value: 0, least: 1, most: 1_000 },
            ),
            (
                Change::Life { least: 9, most: 3 },
                NoAnswer::OutOfBounds { name: "life", value: 9, least: 1, most: 3 },
            ),
            (Change::CloseSite { name: "hill".into(), into: "hill".into() }, NoAnswer::SameSite),
            (
                Change::AddSite { name: "hill".into(), daily: 2.0, emergency_care: true },
                NoAnswer::SiteTwice { name: "hill".into() },
            ),
            (
                Change::AddSite { name: "bay".into(), daily: f64::NAN, emergency_care: true },
                NoAnswer::OutOfBounds { name: "daily", value: u32::MAX, least: 1, most: 1_000 },
            ),
        ] {
            assert_eq!(ask(&[change]), Err(refused));
        }
    }
}
