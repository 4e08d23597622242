//! What was needed day by day, and what the days of a site have in common.

use crate::Settings;
use chrono::{Datelike as _, Days, NaiveDate};
use kernel::BloodGroup;
use std::collections::BTreeMap;

/// Units needed on each day, oldest first, without a gap: what was transfused, and of what could not
/// be supplied the part that would have been. Fractions are allowed for that reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub first: NaiveDate,
    pub units: Vec<f64>,
}

/// A week has seven factors, Monday first, with the mean 1.
pub type Week = [f64; 7];

/// The last days that are looked at. Older ones are of another hospital.
pub(crate) const LONGEST: usize = 365;
/// A weekday counts as the mean day this many times before its own days are counted.
const WEEKDAY_PRIOR: f64 = 4.0;
/// Units that must have been needed before the bursts of a group are told from chance.
const BURST_PRIOR: f64 = 30.0;

impl Series {
    pub fn new(first: NaiveDate) -> Self {
        Self { first, units: vec![] }
    }

    /// Adds a day. What is no number or below zero counts as no demand.
    pub fn push(&mut self, units: f64) {
        self.units.push(if units.is_finite() { units.max(0.0) } else { 0.0 });
    }

    /// The day after the last.
    pub fn next_day(&self) -> NaiveDate {
        let days = chrono::Days::new(u64::try_from(self.units.len()).unwrap_or(u64::MAX));
        self.first.checked_add_days(days).unwrap_or(NaiveDate::MAX)
    }

    /// The last year as (weekday, units), with the days of massive transfusions cut (4.3.4): above
    /// the percentile of the days with demand, by nearest rank, so that nothing is cut of fewer than
    /// a hundred such days at the 99th.
    pub(crate) fn recent(&self, settings: &Settings) -> Vec<(usize, f64)> {
        let skip = self.units.len().saturating_sub(LONGEST);
        let start = weekday(self.first);
        let mut sorted: Vec<f64> = self.units.iter().skip(skip).copied().collect();
        sorted.retain(|units| *units > 0.0);
        sorted.sort_unstable_by(f64::total_cmp);
        let rank = (sorted.len() * settings.winsor_percentile.value as usize).div_ceil(100);
        let most = sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::INFINITY);
        let days = self.units.iter().enumerate().skip(skip);
        days.map(|(day, units)| ((start + day) % 7, units.min(most))).collect()
    }
}

/// What was needed day by day and group by group, as it is put together: what patients were given, and
/// what was asked for and not supplied. Need is the patient's, whichever bag it was met with: red cells
/// of O negative that went to a patient of A negative are need of A negative, and a group that was not on
/// the shelf for a week was needed all the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    days: BTreeMap<NaiveDate, [f64; 8]>,
}

impl Needs {
    /// Units that patients of a group were given on a day.
    pub fn given(&mut self, day: NaiveDate, group: BloodGroup, units: f64) {
        let Some(at) = BloodGroup::ALL.iter().position(|one| *one == group) else { return };
        if let Some(cell) = self.days.entry(day).or_default().get_mut(at) {
            *cell += units;
        }
    }

    /// Units that were asked for until a day and not supplied: all of them in an emergency, else the part
    /// that is `usually` given ([`usually_given`]). Of a patient whose group nobody knows, each group has
    /// its share among the patients.
    pub fn lacked(
        &mut self,
        day: NaiveDate,
        group: Option<BloodGroup>,
        units: u32,
        critical: bool,
        usually: f64,
        settings: &Settings,
    ) {
        let units = f64::from(units) * if critical { 1.0 } else { usually };
        match group {
            Some(group) => self.given(day, group, units),
            None => BloodGroup::ALL
                .into_iter()
                .for_each(|group| self.given(day, group, units * settings.share(group))),
        }
    }

    pub fn first(&self) -> Option<NaiveDate> {
        self.days.keys().next().copied()
    }

    /// The days from the first need of any group up to the day before `until`: of one group, or of all.
    pub fn series(&self, group: Option<BloodGroup>, until: NaiveDate) -> Series {
        let mut day = self.first().unwrap_or(until);
        let mut series = Series::new(day);
        let of = |groups: &[f64; 8]| match group {
            None => groups.iter().sum::<f64>(),
            Some(group) => {
                let mut pairs = BloodGroup::ALL.iter().zip(groups);
                pairs.find(|(one, _)| **one == group).map_or(0.0, |(_, units)| *units)
            }
        };
        while day < until {
            series.push(self.days.get(&day).map_or(0.0, of));
            let Some(next) = day.checked_add_days(Days::new(1)) else { break };
            day = next;
        }
        series
    }
}

/// Units that must have been set aside before it is believed how many of them are given.
const USUAL_PRIOR: u64 = 20;

/// The part of what is set aside for requests that is given in the end (bloodbank.md 4.1, the other way
/// round than C:T). All of it while little is known: who is not sure keeps blood.
pub fn usually_given(given: u64, set_aside: u64) -> f64 {
    if set_aside < USUAL_PRIOR {
        return 1.0;
    }
    (given as f64 / set_aside as f64).min(1.0)
}

/// 0 is Monday.
pub(crate) fn weekday(day: NaiveDate) -> usize {
    day.weekday().num_days_from_monday() as usize
}

/// What the groups of one component at one site have in common. Counted over all of them, because
/// one rare group says nothing of its weekdays.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    /// Units of all groups on a mean day.
    pub daily: f64,
    pub week: Week,
    /// Variance / mean of all groups together.
    pub ratio: f64,
    /// Days that were counted, a year at most.
    pub days: u32,
}

impl Common {
    /// Counts the series of all groups together.
    pub fn of(all: &Series, settings: &Settings) -> Self {
        let days = all.recent(settings);
        let daily = mean(&days);
        let week = week(&days, daily);
        let ratio = ratio(&days, daily, &week).unwrap_or(1.0);
        Self { daily, week, ratio, days: u32::try_from(days.len()).unwrap_or(u32::MAX) }
    }

    /// The ratio of one group: its own, as far as it has had demand to show one, else the common one.
    pub(crate) fn ratio_of(&self, own: &[(usize, f64)]) -> f64 {
        let total: f64 = own.iter().map(|(_, units)| units).sum();
        let found = ratio(own, mean(own), &self.week).unwrap_or(self.ratio);
        (found * total + self.ratio * BURST_PRIOR) / (total + BURST_PRIOR)
    }
}

pub(crate) fn mean(days: &[(usize, f64)]) -> f64 {
    if days.is_empty() {
        return 0.0;
    }
    days.iter().map(|(_, units)| units).sum::<f64>() / days.len() as f64
}

/// The factors of the weekdays, drawn to 1 while few weeks are known.
fn week(days: &[(usize, f64)], daily: f64) -> Week {
    let mut week = [1.0; 7];
    if daily <= 0.0 {
        return week;
    }
    for (number, factor) in week.iter_mut().enumerate() {
        let own = || days.iter().filter(|(weekday, _)| *weekday == number);
        let total: f64 = own().map(|(_, units)| units).sum();
        let count = own().count() as f64;
        *factor = (total + WEEKDAY_PRIOR * daily) / ((count + WEEKDAY_PRIOR) * daily);
    }
    let middle = week.iter().sum::<f64>() / 7.0;
    week.map(|factor| factor / middle)
}

/// Variance / mean about the weekday's own mean, never below 1; none without two days of demand.
fn ratio(days: &[(usize, f64)], daily: f64, week: &Week) -> Option<f64> {
    if daily <= 0.0 || days.len() < 2 {
        return None;
    }
    let sum: f64 = days
        .iter()
        .map(|(weekday, units)| {
            let expected = daily * week.get(*weekday).copied().unwrap_or(1.0);
            (units - expected).powi(2) / expected
        })
        .sum();
    Some((sum / (days.len() - 1) as f64).max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 March 2026 is a Monday.
    fn series(units: &[f64]) -> Series {
        let mut series = Series::new(NaiveDate::from_ymd_opt(2026, 3, 2).unwrap());
        units.iter().for_each(|units| series.push(*units));
        series
    }
    fn common(units: &[f64]) -> Common {
        Common::of(&series(units), &Settings::of_the_book())
    }

    #[test]
    fn four_weeks_of_full_mondays_are_half_believed() {
        // Mondays 7, else 0: the daily mean is 1. Monday (28 + 4) / (8 * 1) = 4; others 4 / 8 = 0.5;
        // their mean is (4 + 6 * 0.5) / 7 = 1.
        let week: Vec<f64> = (0..28).map(|day| if day % 7 == 0 { 7.0 } else { 0.0 }).collect();
        let found = common(&week);
        assert_eq!((found.daily, found.days), (1.0, 28));
        assert_eq!(found.week, [4.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    }

    #[test]
    fn the_ratio_of_two_days_is_as_by_hand() {
        // 0 and 4, mean 2: factors stay 1 within the prior; (4 + 4) / 2 / (2 - 1) = 4 with factors 1.
        let days = [(0, 0.0), (1, 4.0)];
        assert_eq!(ratio(&days, 2.0, &[1.0; 7]), Some(4.0));
        assert_eq!(ratio(&days[..1], 2.0, &[1.0; 7]), None);
        assert_eq!(ratio(&[(0, 2.0), (1, 2.0)], 2.0, &[1.0; 7]), Some(1.0), "never below Poisson");
    }

    #[test]
    fn one_massive_transfusion_among_two_hundred_days_is_cut() {
        let mut units = vec![2.0; 200];
        units[100] = 60.0;
        assert_eq!(series(&units).recent(&Settings::of_the_book())[100].1, 2.0);
        // Of two days with demand nobody can tell which is the exception.
        let mut rare = vec![0.0; 200];
        (rare[3], rare[100]) = (1.0, 6.0);
        assert_eq!(series(&rare).recent(&Settings::of_the_book())[100].1, 6.0);
    }

    #[test]
    fn no_day_and_no_demand_make_no_factor_that_is_no_number() {
        for found in [common(&[]), common(&[0.0; 30]), common(&[f64::NAN, -3.0])] {
            assert_eq!((found.daily, found.week, found.ratio), (0.0, [1.0; 7], 1.0));
        }
    }

    #[test]
    fn need_is_of_the_patient_and_what_was_lacking_counts_by_its_urgency() {
        use kernel::{Abo, Rhd};
        let day = |n| NaiveDate::from_ymd_opt(2026, 3, n).unwrap();
        let a_negative = BloodGroup { abo: Abo::A, rhd: Rhd::Negative };
        let settings = Settings::of_the_book();
        let mut needs = Needs::default();
        assert_eq!(needs.series(None, day(9)).units, [0.0; 0], "nothing is known of any day");
        needs.given(day(2), a_negative, 2.0);
        needs.lacked(day(4), Some(a_negative), 3, false, 0.5, &settings);
        needs.lacked(day(4), Some(a_negative), 3, true, 0.5, &settings);
        assert_eq!(needs.series(Some(a_negative), day(5)).units, [2.0, 0.0, 4.5]);
        assert_eq!(needs.series(None, day(5)).units, [2.0, 0.0, 4.5]);
        // Of nobody's group: 6 % of the patients are A negative.
        needs.lacked(day(3), None, 10, true, 0.5, &settings);
        let of_a = needs.series(Some(a_negative), day(5)).units;
        assert!((of_a[1] - 0.6).abs() < 1e-9, "{of_a:?}");
        assert!((needs.series(None, day(5)).units[1] - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_week_without_the_group_on_the_shelf_does_not_lower_its_forecast() {
        use kernel::{Abo, Component, Rhd};
        let group = BloodGroup { abo: Abo::A, rhd: Rhd::Negative };
        let settings = Settings::of_the_book();
        let day = |n: u64| NaiveDate::from_ymd_opt(2026, 1, 5).unwrap() + Days::new(n);
        let until = day(63);
        let daily = |last_week: &dyn Fn(&mut Needs, NaiveDate)| {
            let mut needs = Needs::default();
            (0..56).for_each(|n| needs.given(day(n), group, 2.0));
            (56..63).for_each(|n| last_week(&mut needs, day(n)));
            let common = Common::of(&needs.series(None, until), &settings);
            let own = needs.series(Some(group), until);
            crate::forecast(Component::RedCells, group, &own, &common, &settings).daily
        };
        let given = daily(&|needs, day| needs.given(day, group, 2.0));
        let lacked = daily(&|needs, day| needs.lacked(day, Some(group), 2, true, 0.5, &settings));
        let only_what_left = daily(&|_, _| {});
        assert!((given - lacked).abs() < 1e-9, "{given} {lacked}");
        assert!(only_what_left < 0.8 * given, "what left alone would order less: {only_what_left}");
    }

    #[test]
    fn how_much_is_usually_given_is_believed_after_twenty_units() {
        assert_eq!(usually_given(2, 19), 1.0);
        assert_eq!(usually_given(10, 20), 0.5);
        assert_eq!(usually_given(30, 20), 1.0, "more was given than was set aside");
        assert_eq!(usually_given(0, 0), 1.0);
    }

    #[test]
    fn the_next_day_follows_the_last() {
        assert_eq!(series(&[1.0; 30]).next_day(), NaiveDate::from_ymd_opt(2026, 4, 1).unwrap());
    }
}
