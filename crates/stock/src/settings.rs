//! The numbers of stock science that a hospital may want to change, each with its source
//! (bloodbank.md 4.3). None of them is confirmed by a transfusion specialist.

use crate::ONegativeRule;
use bloodbank::Sourced;
use chrono::NaiveDate;
use kernel::{Abo, BloodGroup, Component, Rhd};
use serde::{Deserialize, Serialize};

/// One version of the numbers, for one site or for a group of sites.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Weight of the last day in the smoothed level, in 1/1000.
    pub smoothing_permille: Sourced<u32>,
    /// Days of the plain mean that the smoothed level is mixed with, half and half.
    pub mean_days: Sourced<u32>,
    /// Days of history from which on Holt-Winters may be tried.
    pub seasonal_days: Sourced<u32>,
    /// Days at the end of the history on which the two methods are compared.
    pub back_test_days: Sourced<u32>,
    /// A day above this percentile of the days with demand is cut to it.
    pub winsor_percentile: Sourced<u32>,
    /// Variance / mean, in percent, above which the negative binomial takes the place of Poisson.
    pub burst_percent: Sourced<u32>,
    /// What the group mix weighs against a site's own days, in units of demand.
    pub prior_units: Sourced<u32>,
    /// Share of each group among the patients, in 1/10 000, for a site without a history.
    pub mix: Sourced<Vec<(BloodGroup, u32)>>,
    /// The interval that is shown with every forecast, in percent.
    pub interval_percent: Sourced<u32>,
    /// Days between two looks at the stock, and from the order to the shelf.
    pub review_days: Sourced<u32>,
    pub lead_days: Sourced<u32>,
    /// Probability that the target is enough until the next delivery, in 1/1000.
    pub service: Sourced<Vec<Service>>,
    /// The same, at least, for red cells of O RhD positive, which stand in for A, B and AB positive:
    /// much is used, so a little more of it is hardly ever wasted.
    pub o_positive_permille: Sourced<u32>,
    /// The last unit of a target is used before its end with at least this probability, in percent;
    /// a group for which not even the first is, is not stocked.
    pub keep_percent: Sourced<u32>,
    /// The same for a group whose patients may be given another that is more in use, O RhD negative
    /// apart.
    pub keep_substituted_percent: Sourced<u32>,
    /// Units kept for critical requests at a site with emergency care.
    pub floors: Sourced<Vec<Floor>>,
    /// A unit of a floor, O apart, is used before its end with at least this probability, in percent;
    /// else the floor is lower.
    pub keep_floor_percent: Sourced<u32>,
    pub exchange: Sourced<Vec<Exchange>>,
    /// A unit is offered to another site when its use here is less likely than this, in percent.
    pub offer_below_percent: Sourced<u32>,
    /// And likelier there than here by at least so many percentage points.
    pub offer_gain_percent: Sourced<u32>,
    /// Days from one site's shelf to another's.
    pub travel_days: Sourced<u32>,
    /// How much O RhD negative may go to others.
    pub o_negative: Sourced<ONegativeRule>,
}

/// How sure the stock of a component has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub component: Component,
    pub permille: u32,
    /// Ordered as one number for all groups, because any group may be given.
    pub pooled: bool,
}

/// Units of one group kept for critical requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    pub component: Component,
    pub group: BloodGroup,
    pub units: u32,
}

/// From how many days before its end a unit is looked at for another site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub component: Component,
    pub days: u32,
}

/// A number that no hospital can have meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    #[error("{name} is {value}, outside {least} to {most}")]
    OutOfBounds { name: &'static str, value: u32, least: u32, most: u32 },
    #[error("{name} names something twice")]
    Twice { name: &'static str },
    #[error("{name} has no source")]
    NoSource { name: &'static str },
}

impl Settings {
    /// The numbers of bloodbank.md 4.3.
    pub fn of_the_book() -> Self {
        use Component::{Cryoprecipitate, Plasma, Platelets, RedCells, WholeBlood};
        let service = |component, permille, pooled| Service { component, permille, pooled };
        let exchange = |component, days| Exchange { component, days };
        Self {
            smoothing_permille: open(100, "bloodbank.md 4.3.4: EWMA, alpha 0.1"),
            mean_days: open(56, "bloodbank.md 4.3.4: mixed with the mean of 8 weeks"),
            seasonal_days: open(56, "bloodbank.md 4.3.4: Holt-Winters from 8 weeks"),
            back_test_days: open(28, "assumed: four weeks, each weekday four times"),
            winsor_percentile: open(99, "bloodbank.md 4.3.4: massive transfusions cut at the 99th"),
            burst_percent: open(120, "bloodbank.md 4.3.3: variance / mean above 1.2"),
            prior_units: open(4, "assumed; the simulation of 4.4 moves little between 2 and 10"),
            mix: open(mix(), "bloodbank.md 4.4 [S77]"),
            interval_percent: open(95, "bloodbank.md 4.3.4: an interval, never one number"),
            review_days: open(1, "bloodbank.md 4.3.3: daily review"),
            lead_days: open(1, "bloodbank.md 4.4: the supplier delivers on the next day"),
            service: open(
                vec![
                    service(RedCells, 985, false),
                    service(Platelets, 580, true),
                    service(Plasma, 990, false),
                    service(Cryoprecipitate, 990, false),
                    service(WholeBlood, 990, false),
                ],
                "bloodbank.md 4.3.3: 0.99, platelets Cu / (Cu + Co); both chosen on the frontier of 4.4",
            ),
            o_positive_permille: open(
                998,
                "the frontier of 4.4; bloodbank.md 4.3.3 has 0.99 for all",
            ),
            keep_percent: open(50, "bloodbank.md 4.3.4 and 4.3.5: rare groups, P(use) below 0.5"),
            keep_substituted_percent: open(
                98,
                "bloodbank.md 4.3.4, substitute the rare groups; the number by the simulation of 4.4",
            ),
            floors: open(
                floors(),
                "bloodbank.md 4.3.2: 2 O negative, 4 O positive; the others by the simulation of 4.4",
            ),
            keep_floor_percent: open(20, "the simulation of 4.4, with other hospitals"),
            exchange: open(
                vec![exchange(RedCells, 10), exchange(WholeBlood, 10), exchange(Platelets, 2)],
                "bloodbank.md 4.3.5: 10 days, platelets 2",
            ),
            offer_below_percent: open(50, "bloodbank.md 4.3.5: P(use before expiry) below 0.5"),
            offer_gain_percent: open(20, "assumed: less is not worth a box"),
            travel_days: open(1, "bloodbank.md 4.4: on the other shelf the next day"),
            o_negative: open(
                ONegativeRule { line_permille: 10, window_days: 365, exchange_days: 10 },
                "bloodbank.md 2.2 [S11]: RhD positive for men above 18 and women above 50 in bleeding \
                 or shortage, by the policy of the medical director. The line is half of the goal of \
                 2 %, the other half is for those whom it never binds; 10 days as for the others: \
                 earlier gained nothing in the simulation of 4.4",
            ),
        }
    }

    /// Checks the sanity bounds. Settings from a file must pass here before anything is computed.
    ///
    /// # Errors
    /// The first number that cannot have been meant.
    pub fn checked(self) -> Result<Self, BadSettings> {
        let numbers = [
            ("smoothing_permille", &self.smoothing_permille, 1, 1_000),
            ("mean_days", &self.mean_days, 7, 365),
            ("seasonal_days", &self.seasonal_days, 21, 365),
            ("back_test_days", &self.back_test_days, 7, 180),
            ("winsor_percentile", &self.winsor_percentile, 50, 100),
            ("burst_percent", &self.burst_percent, 100, 1_000),
            ("prior_units", &self.prior_units, 0, 1_000),
            ("interval_percent", &self.interval_percent, 50, 99),
            ("review_days", &self.review_days, 1, 31),
            ("lead_days", &self.lead_days, 0, 31),
            ("o_positive_permille", &self.o_positive_permille, 500, 999),
            ("keep_percent", &self.keep_percent, 0, 99),
            ("keep_substituted_percent", &self.keep_substituted_percent, 0, 99),
            ("keep_floor_percent", &self.keep_floor_percent, 0, 99),
            ("offer_below_percent", &self.offer_below_percent, 0, 100),
            ("offer_gain_percent", &self.offer_gain_percent, 0, 100),
            ("travel_days", &self.travel_days, 0, 7),
        ];
        for (name, number, least, most) in numbers {
            within(name, number.value, least, most)?;
            sourced(name, number)?;
        }
        sourced("mix", &self.mix)?;
        sourced("service", &self.service)?;
        sourced("floors", &self.floors)?;
        sourced("exchange", &self.exchange)?;
        sourced("o_negative", &self.o_negative)?;
        let rule = self.o_negative.value;
        within("o_negative.line_permille", rule.line_permille, 0, 200)?;
        within("o_negative.window_days", rule.window_days, 28, 1_096)?;
        within("o_negative.exchange_days", rule.exchange_days, 0, 42)?;
        within("mix", self.mix.value.iter().map(|(_, share)| *share).sum(), 9_900, 10_100)?;
        for row in &self.service.value {
            within("service", row.permille, 500, 999)?;
        }
        for floor in &self.floors.value {
            within("floors", floor.units, 0, 100)?;
        }
        for row in &self.exchange.value {
            within("exchange", row.days, 0, 42)?;
        }
        once("mix", self.mix.value.iter().map(|(group, _)| group))?;
        once("floors", self.floors.value.iter().map(|floor| (floor.component, floor.group)))?;
        once("service", self.service.value.iter().map(|row| row.component))?;
        once("exchange", self.exchange.value.iter().map(|row| row.component))?;
        Ok(self)
    }

    /// The share of a group among the patients, 0 to 1.
    pub fn share(&self, group: BloodGroup) -> f64 {
        let row = self.mix.value.iter().find(|(one, _)| *one == group);
        row.map_or(0.0, |(_, share)| f64::from(*share) / 10_000.0)
    }

    /// How sure the stock of a component has to be; 0.99 where nothing is named.
    pub fn service_of(&self, component: Component) -> Service {
        let named = self.service.value.iter().find(|row| row.component == component);
        named.copied().unwrap_or(Service { component, permille: 990, pooled: false })
    }

    /// How sure the stock of one group has to be, in 1/1000; of all groups together without one.
    pub fn permille_of(&self, component: Component, group: Option<BloodGroup>) -> u32 {
        let permille = self.service_of(component).permille;
        if component == Component::RedCells && group == Some(O_POSITIVE) {
            permille.max(self.o_positive_permille.value)
        } else {
            permille
        }
    }

    /// Units kept for critical requests at a site with emergency care.
    pub fn floor_of(&self, component: Component, group: BloodGroup) -> u32 {
        let of = |floor: &&Floor| floor.component == component && floor.group == group;
        self.floors.value.iter().find(of).map_or(0, |floor| floor.units)
    }

    /// From how many days before its end a unit is looked at for another site; none: never.
    pub fn exchange_days(&self, component: Component, group: BloodGroup) -> Option<u32> {
        let row = self.exchange.value.iter().find(|row| row.component == component)?;
        let earlier = component == Component::RedCells && group == O_NEGATIVE;
        Some(row.days.max(if earlier { self.o_negative.value.exchange_days } else { 0 }))
    }
}

fn floors() -> Vec<Floor> {
    use Component::{Platelets, RedCells};
    let of = |component, units: [u32; 8]| {
        let rows = BloodGroup::ALL.into_iter().zip(units).filter(|(_, units)| *units > 0);
        rows.map(move |(group, units)| Floor { component, group, units })
    };
    of(RedCells, [2, 4, 3, 2, 3, 1, 0, 0]).chain(of(Platelets, [0, 2, 0, 2, 0, 0, 0, 0])).collect()
}

const O_NEGATIVE: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Negative };
const O_POSITIVE: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Positive };

/// Of the public platelet environment, in the order of the stock board.
fn mix() -> Vec<(BloodGroup, u32)> {
    BloodGroup::ALL.into_iter().zip([700, 3_800, 600, 3_400, 200, 900, 100, 300]).collect()
}

fn open<T>(value: T, source: &str) -> Sourced<T> {
    Sourced {
        value,
        source: source.to_owned(),
        effective_from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default(),
        status: bloodbank::Confirmation::ToBeConfirmed,
    }
}

fn within(name: &'static str, value: u32, least: u32, most: u32) -> Result<(), BadSettings> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(BadSettings::OutOfBounds { name, value, least, most })
    }
}

fn sourced<T>(name: &'static str, value: &Sourced<T>) -> Result<(), BadSettings> {
    kernel::said(&value.source).map(|_| ()).ok_or(BadSettings::NoSource { name })
}

fn once<T: Ord>(name: &'static str, all: impl Iterator<Item = T>) -> Result<(), BadSettings> {
    let mut seen = std::collections::BTreeSet::new();
    for one in all {
        if !seen.insert(one) {
            return Err(BadSettings::Twice { name });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_book_pass_their_own_bounds_and_the_mix_is_whole() {
        let settings = Settings::of_the_book().checked().unwrap();
        let whole: f64 = BloodGroup::ALL.iter().map(|group| settings.share(*group)).sum();
        assert!((whole - 1.0).abs() < 1e-9);
        assert_eq!(settings.floor_of(Component::Plasma, O_NEGATIVE), 0);
    }

    #[test]
    fn a_slip_of_the_finger_is_refused_by_name() {
        let change = |act: fn(&mut Settings)| {
            let mut settings = Settings::of_the_book();
            act(&mut settings);
            settings.checked().unwrap_err()
        };
        assert_eq!(
            change(|s| s.lead_days.value = 300),
            BadSettings::OutOfBounds { name: "lead_days", value: 300, least: 0, most: 31 }
        );
        assert_eq!(
            change(|s| s.service.value[0].permille = 99),
            BadSettings::OutOfBounds { name: "service", value: 99, least: 500, most: 999 }
        );
        assert_eq!(
            change(|s| s.floors.value.push(s.floors.value[0])),
            BadSettings::Twice { name: "floors" }
        );
        assert_eq!(
            change(|s| s.review_days.source = "  ".into()),
            BadSettings::NoSource { name: "review_days" }
        );
    }
}
