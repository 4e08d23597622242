//! How much to hold and how much to order (bloodbank.md 4.3.2 and 4.3.3).

use crate::{Forecast, Law, Settings};
use bloodbank::{Fit, KnownGroup, PatientFacts, Policy, Sex, StockRow, fit};
use chrono::NaiveDate;
use kernel::{Abo, BloodGroup, Component, PatientId, Rhd};
use serde::{Deserialize, Serialize};

/// What is particular to a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Keeps units for critical requests.
    pub emergency_care: bool,
    /// Days from the arrival of a unit of this component to its end, as they usually come.
    pub life_days: u32,
    /// Hours that a reservation holds at most.
    pub hold_hours: u32,
}

/// Which of the rules set the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Enough until the next delivery, as sure as the settings ask.
    Service,
    /// More would more likely end than be used.
    WouldEnd,
    /// Not even one unit would be used in time: O or A RhD negative stand in.
    TooRare,
    /// Kept for critical requests.
    Floor,
}

/// How many units a site should have of one group, or of all groups together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub component: Component,
    /// None: any group.
    pub group: Option<BloodGroup>,
    /// Kept for critical requests; under it the level is critical.
    pub floor: u32,
    /// Ordered up to this, `S`, whenever less is there (`s` = `S` - 1). 0: not stocked.
    pub order_to: u32,
    pub why: Why,
    /// The days that the target covers: review, delivery and hold.
    pub cover_days: f64,
    /// The need over those days.
    pub need: Law,
}

/// The rows of the stock policy that follow from the targets of a site: what the board, the ranking
/// and the proposals of `bloodbank` go by. A target for all groups together has one row for every
/// group with a floor.
pub fn rows(targets: &[Target], site: Site, settings: &Settings) -> Vec<StockRow> {
    let mut found = vec![];
    for Target { component, group, floor, order_to, .. } in targets.iter().copied() {
        match group {
            Some(group) => found.push(StockRow { component, group, floor, target: order_to }),
            None if site.emergency_care => {
                let floors = settings.floors.value.iter();
                found.extend(floors.filter(|floor| floor.component == component).map(|floor| {
                    let (group, units) = (floor.group, floor.units);
                    StockRow { component, group, floor: units, target: units }
                }));
            }
            None => {}
        }
    }
    found
}

/// The target for the days from `from`.
///
/// `S` is the quantile of the need over review + delivery + hold, or less where the last unit would
/// be used before its end with a probability below `keep_percent` (`keep_substituted_percent` where
/// another group may stand in); never below the floor of a site with emergency care. A component that is ordered for all groups together has the weight of its
/// end in `q` already (newsvendor) and no second one.
pub fn target(
    forecast: &Forecast,
    from: NaiveDate,
    site: Site,
    settings: &Settings,
    policy: &Policy,
) -> Target {
    let hold = f64::from(site.hold_hours) / 24.0;
    let wait = f64::from(settings.review_days.value + settings.lead_days.value);
    let need = forecast.over(from, wait + hold);
    let life = forecast.over(from, f64::from(site.life_days));
    let part = |percent: u32| f64::from(percent) / 100.0;
    let wanted = match forecast.group {
        _ if !site.emergency_care => 0,
        Some(group) => settings.floor_of(forecast.component, group),
        None => BloodGroup::ALL.iter().map(|g| settings.floor_of(forecast.component, *g)).sum(),
    };
    // O is kept for whoever comes; of the others no more than their own patients will likely use.
    let for_all = forecast.group.is_none_or(|group| group.abo == Abo::O);
    let used = |units: &u32| life.at_least(*units) >= part(settings.keep_floor_percent.value);
    let floor = if for_all { wanted } else { (0..=wanted).rev().find(used).unwrap_or(0) };

    let service = settings.service_of(forecast.component);
    // Routine requests may not go under the floor, so their need comes on top of it.
    let permille = settings.permille_of(forecast.component, forecast.group);
    let enough = floor + need.quantile(f64::from(permille) / 1_000.0);
    let substituted = forecast
        .group
        .is_some_and(|group| has_substitute(forecast.component, group, settings, policy));
    let keep =
        if substituted { &settings.keep_substituted_percent } else { &settings.keep_percent };
    let likely = |units: &u32| service.pooled || life.at_least(*units) >= part(keep.value);
    let kept = (0..=enough).rev().find(likely).unwrap_or(0);
    let why = if kept.max(floor) > kept {
        Why::Floor
    } else if kept == enough {
        Why::Service
    } else if kept == 0 {
        Why::TooRare
    } else {
        Why::WouldEnd
    };
    Target {
        component: forecast.component,
        group: forecast.group,
        floor,
        order_to: kept.max(floor),
        why,
        cover_days: wait + hold,
        need,
    }
}

/// Whether patients of the group may be given another group that more people have; O RhD negative
/// is no substitute, for it is kept. Asked of the rules of the product.
fn has_substitute(
    component: Component,
    group: BloodGroup,
    settings: &Settings,
    policy: &Policy,
) -> bool {
    let patient = PatientFacts {
        id: PatientId(uuid::Uuid::nil()),
        group: KnownGroup::Confirmed(group),
        anti_d_ever: false,
        phenotype: bloodbank::traits::Phenotype::Ordinary,
        sex: Sex::NotKnown,
        age_years: None,
        deceased: false,
    };
    BloodGroup::ALL.into_iter().any(|other| {
        let fits = |fit: &bloodbank::Verdict| matches!(fit.fit, Fit::Identical | Fit::Compatible);
        other != group
            && (other.abo, other.rhd) != (Abo::O, Rhd::Negative)
            && settings.share(other) > settings.share(group)
            && fit(component, other, false, &patient, policy).iter().all(fits)
    })
}

/// What a site has of one group, or of all groups together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Free on the shelf.
    pub free: u32,
    /// Of these, ending before the next delivery: no use to whoever comes after it.
    pub ending: u32,
    /// Held for a patient. Counted, for most come back; who leaves them out orders twice.
    pub held: u32,
    /// Ordered, or on the way from another site.
    pub incoming: u32,
}

/// One line of a suggested order. The person who orders may change every number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderLine {
    pub target: Target,
    pub position: Position,
    /// Units to order; 0 when there is enough.
    pub order: u32,
}

/// What to order to reach the target.
pub fn suggest(target: Target, position: Position) -> OrderLine {
    let Position { free, ending, held, incoming } = position;
    let there = u64::from(free.saturating_sub(ending)) + u64::from(held) + u64::from(incoming);
    let there = u32::try_from(there).unwrap_or(u32::MAX);
    OrderLine { target, position, order: target.order_to.saturating_sub(there) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::{Common, Series};
    use proptest::prelude::*;

    const SITE: Site = Site { emergency_care: false, life_days: 27, hold_hours: 24 };
    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
    }
    fn group(abo: Abo, rhd: Rhd) -> BloodGroup {
        BloodGroup { abo, rhd }
    }
    /// A forecast of so many units every day.
    fn steady(group: BloodGroup, daily: f64) -> Forecast {
        let settings = Settings::of_the_book();
        let none = Series::new(day());
        let common = Common::of(&none, &settings);
        let found = crate::forecast(Component::RedCells, group, &none, &common, &settings);
        Forecast { daily, ..found }
    }

    #[test]
    fn three_days_of_one_unit_are_covered_by_seven_and_of_o_positive_by_nine() {
        // Poisson of 3: P(X <= 6) = 0.96649, P(X <= 7) = 0.98810, P(X <= 8) = 0.99620, P(X <= 9) =
        // 0.99890; 0.985 is reached at 7, 0.998 at 9.
        let forecast = steady(group(Abo::A, Rhd::Positive), 1.0);
        let found = target(&forecast, day(), SITE, &Settings::of_the_book(), &Policy::who());
        assert_eq!((found.order_to, found.floor, found.why), (7, 0, Why::Service));
        assert_eq!(found.cover_days, 3.0);
        let row = rows(&[found], SITE, &Settings::of_the_book())[0];
        assert_eq!((row.floor, row.target), (0, 7));
        let o_positive = steady(group(Abo::O, Rhd::Positive), 1.0);
        let found = target(&o_positive, day(), SITE, &Settings::of_the_book(), &Policy::who());
        assert_eq!(found.order_to, 9);
    }

    #[test]
    fn a_group_used_every_fifty_days_is_not_stocked_and_one_of_thirty_keeps_one() {
        // P(one within 27 days) = 1 - e^-0.54 = 0.417; 1 - e^-0.9 = 0.593, two: 0.227
        let rare = steady(group(Abo::B, Rhd::Negative), 0.02);
        let found = target(&rare, day(), SITE, &Settings::of_the_book(), &Policy::who());
        assert_eq!((found.order_to, found.why), (0, Why::TooRare));
        let less_rare = steady(group(Abo::B, Rhd::Negative), 1.0 / 30.0);
        let found = target(&less_rare, day(), SITE, &Settings::of_the_book(), &Policy::who());
        assert_eq!((found.order_to, found.why), (1, Why::Service));
        // AB RhD negative may be given A RhD negative, so one that is likely wasted is not kept.
        let substituted = steady(group(Abo::AB, Rhd::Negative), 1.0 / 30.0);
        let found = target(&substituted, day(), SITE, &Settings::of_the_book(), &Policy::who());
        assert_eq!((found.order_to, found.why), (0, Why::TooRare));
    }

    #[test]
    fn only_a_group_that_others_may_stand_in_for_has_a_substitute_and_o_negative_never_is_one() {
        let settings = Settings::of_the_book();
        let found: Vec<String> = BloodGroup::ALL
            .into_iter()
            .filter(|g| has_substitute(Component::RedCells, *g, &settings, &Policy::who()))
            .map(|group| group.to_string())
            .collect();
        let expected = ["A RhD POSITIVE", "B RhD POSITIVE", "AB RhD NEGATIVE", "AB RhD POSITIVE"];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_floor_holds_where_there_is_emergency_care_only() {
        let forecast = steady(group(Abo::O, Rhd::Negative), 0.02);
        let settings = Settings::of_the_book();
        let with = target(
            &forecast,
            day(),
            Site { emergency_care: true, ..SITE },
            &settings,
            &Policy::who(),
        );
        assert_eq!((with.floor, with.order_to, with.why), (2, 2, Why::Floor));
        let without = target(&forecast, day(), SITE, &settings, &Policy::who());
        assert_eq!((without.floor, without.order_to, without.why), (0, 0, Why::TooRare));
    }

    #[test]
    fn the_floor_of_another_group_than_o_shrinks_to_what_its_patients_will_likely_use() {
        // In 27 days of 0.02: P(one) = 1 - e^-0.54 = 0.417, P(two) = 0.103, against 0.20.
        let settings = Settings::of_the_book();
        let site = Site { emergency_care: true, ..SITE };
        let floor = |abo, daily| {
            let forecast = steady(group(abo, Rhd::Negative), daily);
            target(&forecast, day(), site, &settings, &Policy::who()).floor
        };
        assert_eq!((floor(Abo::A, 0.2), floor(Abo::A, 0.02), floor(Abo::A, 0.002)), (3, 1, 0));
        assert_eq!((floor(Abo::O, 0.02), floor(Abo::O, 0.0)), (2, 2));
    }

    #[test]
    fn platelets_have_one_target_for_all_groups_and_a_row_for_each_floor() {
        // Poisson of 6: P(X <= 5) = 0.446, P(X <= 6) = 0.606; 0.58 is reached at 6, and the four
        // units that are kept come on top.
        let settings = Settings::of_the_book();
        let site = Site { emergency_care: true, life_days: 3, hold_hours: 24 };
        let of_o = steady(group(Abo::O, Rhd::Positive), 2.0);
        let forecast = Forecast { component: Component::Platelets, group: None, ..of_o };
        let found = target(&forecast, day(), site, &settings, &Policy::who());
        assert_eq!((found.floor, found.order_to, found.why), (4, 10, Why::Service));
        let rows = rows(&[found], site, &settings);
        assert_eq!(rows.iter().map(|row| (row.floor, row.target)).collect::<Vec<_>>(), [(2, 2); 2]);
    }

    #[test]
    fn an_order_counts_what_is_held_and_coming_but_not_what_ends_before_it_comes() {
        let forecast = steady(group(Abo::A, Rhd::Positive), 1.0);
        let found = target(&forecast, day(), SITE, &Settings::of_the_book(), &Policy::who());
        let order = |free, ending, held, incoming| {
            suggest(found, Position { free, ending, held, incoming })
        };
        assert_eq!(order(3, 0, 2, 1).order, 1);
        assert_eq!(order(3, 2, 2, 1).order, 3);
        assert_eq!(order(20, 0, 0, 0).order, 0);
        assert_eq!(order(1, 5, 0, 0).order, 7, "more ending than free is a slip, not a surplus");
    }

    proptest! {
        #[test]
        fn a_target_never_falls_when_more_is_needed_or_asked_for(
            daily in 0.0..20.0f64, more in 0.0..5.0f64, permille in 500..999u32, hold in 1..72u32,
        ) {
            let mut settings = Settings::of_the_book();
            settings.service.value.iter_mut().for_each(|row| row.permille = permille);
            let site = Site { hold_hours: hold, ..SITE };
            let of = |daily| {
                let forecast = steady(group(Abo::O, Rhd::Positive), daily);
                target(&forecast, day(), site, &settings, &Policy::who())
            };
            let (low, high) = (of(daily), of(daily + more));
            prop_assert!(low.order_to <= high.order_to);
            settings.service.value.iter_mut().for_each(|row| row.permille = 999);
            let forecast = steady(group(Abo::O, Rhd::Positive), daily);
            prop_assert!(low.order_to <= target(&forecast, day(), site, &settings, &Policy::who()).order_to);
            prop_assert!(low.floor <= low.order_to);
        }
    }
}
