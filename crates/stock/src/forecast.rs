//! How many units will be needed, always with an interval (bloodbank.md 4.3.4).

use crate::demand::{Common, Series, Week, mean, weekday};
use crate::{Law, Settings};
use chrono::NaiveDate;
use kernel::{BloodGroup, Component};
use serde::{Deserialize, Serialize};

/// How the daily mean was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// No day of its own: the share of the group among patients x what the site needs.
    ColdStart,
    /// Smoothed level and plain mean, half and half, with the weekdays of the site.
    Smoothed,
    /// Level, trend and weekdays smoothed together; it was better on the last weeks.
    HoltWinters,
}

/// The need for one component, of one group or of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    pub component: Component,
    /// None: of all groups together.
    pub group: Option<BloodGroup>,
    pub method: Method,
    /// Units on a mean day.
    pub daily: f64,
    /// Factors of the weekdays, Monday first.
    pub week: Week,
    /// Variance / mean of a day.
    pub ratio: f64,
    /// From which ratio on the negative binomial is used.
    pub burst: f64,
    /// Days of history that were counted, a year at most.
    pub days: u32,
    /// The error of both methods, where they were compared.
    pub back_test: Option<BackTest>,
}

/// The sum of the absolute errors / the sum of the need, one day ahead over the last weeks. Days
/// without need have no percentage of their own, so the sums are compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackTest {
    pub smoothed: f64,
    pub holt_winters: f64,
}

/// What is expected over some days: the mean and the ends of the interval, in units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    pub mean: f64,
    pub low: u32,
    pub high: u32,
}

/// Under one unit a day most days have none, and a method that says "none" would look best.
const LEAST_FOR_SEASON: f64 = 1.0;
/// Smoothing of trend and weekdays; that of the level is in the settings.
const TREND: f64 = 0.01;
const SEASON: f64 = 0.1;

impl Forecast {
    /// The need of another site as somebody there said it: units over so many days, on every weekday the
    /// same, in bursts like those of `like`, which is the nearest that anybody knows.
    pub fn said(group: Option<BloodGroup>, units: u32, days: u32, like: &Forecast) -> Self {
        Self {
            component: like.component,
            group,
            method: Method::Smoothed,
            daily: f64::from(units) / f64::from(days.max(1)),
            week: [1.0; 7],
            ratio: like.ratio,
            burst: like.burst,
            days,
            back_test: None,
        }
    }

    /// The law of the need from the start of `from` over `days`; a part of a day counts as a part.
    pub fn over(&self, from: NaiveDate, days: f64) -> Law {
        Law::of(self.units(from, days), self.ratio, self.burst)
    }

    /// Mean and interval over `days`.
    pub fn expected(&self, from: NaiveDate, days: f64, settings: &Settings) -> Expected {
        let law = self.over(from, days);
        let tail = (1.0 - f64::from(settings.interval_percent.value) / 100.0) / 2.0;
        Expected { mean: law.mean(), low: law.quantile(tail), high: law.quantile(1.0 - tail) }
    }

    fn units(&self, from: NaiveDate, days: f64) -> f64 {
        let days = if days.is_finite() { days.clamp(0.0, 3_650.0) } else { 0.0 };
        let whole = days.floor();
        let first = weekday(from);
        let factor = |day: usize| self.week.get((first + day) % 7).copied().unwrap_or(1.0);
        let weeks = (whole / 7.0).floor();
        let (rest, part) = ((whole - weeks * 7.0) as usize, days - whole);
        let week = self.week.iter().sum::<f64>() * weeks;
        let rest_units: f64 = (0..rest).map(factor).sum();
        self.daily * (week + rest_units + part * factor(rest))
    }
}

/// The forecast of one group at one site, from its own days and from what the site's groups have in
/// common. The fewer units a group has had, the more the common share counts: the weight is that of
/// `prior_units` units already seen.
pub fn forecast(
    component: Component,
    group: BloodGroup,
    own: &Series,
    common: &Common,
    settings: &Settings,
) -> Forecast {
    let days = own.recent(settings);
    let share = settings.share(group) * common.daily;
    let smoothed = smoothed(&days, &common.week, settings);
    let counted = days.len().min(settings.mean_days.value as usize) as f64;
    let prior = f64::from(settings.prior_units.value);
    let weight = if share > 0.0 { counted / (counted + prior / share) } else { 1.0 };
    let mut found = Forecast {
        component,
        group: Some(group),
        method: if days.is_empty() { Method::ColdStart } else { Method::Smoothed },
        daily: weight * smoothed + (1.0 - weight) * share,
        week: common.week,
        ratio: common.ratio_of(&days),
        burst: f64::from(settings.burst_percent.value) / 100.0,
        days: u32::try_from(days.len()).unwrap_or(u32::MAX),
        back_test: None,
    };
    season(&mut found, &days, settings);
    found
}

/// The forecast of all groups together, for a component of which any group may be given.
pub fn pooled(
    component: Component,
    all: &Series,
    common: &Common,
    settings: &Settings,
) -> Forecast {
    let days = all.recent(settings);
    let mut found = Forecast {
        component,
        group: None,
        method: if days.is_empty() { Method::ColdStart } else { Method::Smoothed },
        daily: smoothed(&days, &common.week, settings),
        week: common.week,
        ratio: common.ratio,
        burst: f64::from(settings.burst_percent.value) / 100.0,
        days: common.days,
        back_test: None,
    };
    season(&mut found, &days, settings);
    found
}

/// The level after the last day: smoothed by weekday and mixed with the plain mean.
fn smoothed(days: &[(usize, f64)], week: &Week, settings: &Settings) -> f64 {
    let alpha = f64::from(settings.smoothing_permille.value) / 1_000.0;
    let last = days.len().saturating_sub(settings.mean_days.value as usize);
    let plain = mean(days.get(last..).unwrap_or_default());
    let start = mean(days.get(..days.len().min(28)).unwrap_or_default());
    let level = days.iter().fold(start, |level, (weekday, units)| {
        let factor = week.get(*weekday).copied().unwrap_or(1.0).max(0.05);
        alpha * (units / factor) + (1.0 - alpha) * level
    });
    (level + plain) / 2.0
}

/// Takes Holt-Winters where there is enough history and it was the better one.
fn season(found: &mut Forecast, days: &[(usize, f64)], settings: &Settings) {
    let test = settings.back_test_days.value as usize;
    let enough = days.len() >= (settings.seasonal_days.value as usize).max(test + 14);
    if !enough || mean(days) < LEAST_FOR_SEASON {
        return;
    }
    let split = days.len() - test;
    let Some((before, after)) = days.split_at_checked(split) else { return };
    let need: f64 = after.iter().map(|(_, units)| units).sum();
    if need <= 0.0 {
        return;
    }
    let Some(mut state) = HoltWinters::start(before, settings) else { return };
    let (mut error, mut error_hw) = (0.0, 0.0);
    for (past, (weekday, units)) in (split..).zip(after) {
        let factor = found.week.get(*weekday).copied().unwrap_or(1.0);
        let known = days.get(..past).unwrap_or_default();
        error += (units - smoothed(known, &found.week, settings) * factor).abs();
        error_hw += (units - state.next(*weekday)).abs();
        state.learn(*weekday, *units);
    }
    let test = BackTest { smoothed: error / need, holt_winters: error_hw / need };
    found.back_test = Some(test);
    if test.holt_winters < test.smoothed {
        let (daily, week) = state.as_week();
        if daily > 0.0 {
            (found.method, found.daily, found.week) = (Method::HoltWinters, daily, week);
        }
    }
}

/// Holt (1957) and Winters (1960), additive, period 7.
struct HoltWinters {
    alpha: f64,
    level: f64,
    trend: f64,
    season: Week,
}

impl HoltWinters {
    /// From the first two weeks, then over the rest of `days`.
    fn start(days: &[(usize, f64)], settings: &Settings) -> Option<Self> {
        let (first, rest) = days.split_at_checked(14)?;
        let level = mean(first);
        let mut season = [0.0; 7];
        for (weekday, units) in first {
            *season.get_mut(*weekday)? += (units - level) / 2.0;
        }
        let alpha = f64::from(settings.smoothing_permille.value) / 1_000.0;
        let mut state = Self { alpha, level, trend: 0.0, season };
        rest.iter().for_each(|(weekday, units)| state.learn(*weekday, *units));
        Some(state)
    }

    fn next(&self, weekday: usize) -> f64 {
        (self.level + self.trend + self.season.get(weekday).copied().unwrap_or(0.0)).max(0.0)
    }

    fn learn(&mut self, weekday: usize, units: f64) {
        let Some(season) = self.season.get_mut(weekday) else { return };
        let before = self.level;
        self.level = self.alpha * (units - *season) + (1.0 - self.alpha) * (before + self.trend);
        self.trend = TREND * (self.level - before) + (1.0 - TREND) * self.trend;
        *season = SEASON * (units - self.level) + (1.0 - SEASON) * *season;
    }

    /// The next week as a daily mean and factors.
    fn as_week(&self) -> (f64, Week) {
        let units = self.season.map(|season| (self.level + 4.0 * self.trend + season).max(0.0));
        let daily = units.iter().sum::<f64>() / 7.0;
        (daily, if daily > 0.0 { units.map(|units| units / daily) } else { [1.0; 7] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use kernel::{Abo, Rhd};
    use proptest::prelude::*;

    const A_POSITIVE: BloodGroup = BloodGroup { abo: Abo::A, rhd: Rhd::Positive };

    /// 2 March 2026 is a Monday.
    fn monday() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
    }
    fn series(units: impl IntoIterator<Item = f64>) -> Series {
        let mut series = Series::new(monday());
        units.into_iter().for_each(|units| series.push(units));
        series
    }
    fn of(own: &Series, all: &Series) -> Forecast {
        let settings = Settings::of_the_book();
        forecast(Component::RedCells, A_POSITIVE, own, &Common::of(all, &settings), &settings)
    }

    #[test]
    fn a_group_without_a_day_of_its_own_is_its_share_of_the_site() {
        // 10 units a day x 0.34
        let found = of(&series([]), &series([10.0; 28]));
        assert_eq!(found.method, Method::ColdStart);
        assert!((found.daily - 3.4).abs() < 1e-9, "{}", found.daily);
    }

    #[test]
    fn a_steady_group_counts_as_fifty_six_days_against_the_four_units_of_its_share() {
        // Own 2.0; share 3.4; four units of prior are 4 / 3.4 days: (56 * 2 + 4) / (56 + 4 / 3.4)
        let found = of(&series([2.0; 50]), &series([10.0; 50]));
        let expected = (50.0 * 2.0 + 4.0) / (50.0 + 4.0 / 3.4);
        assert!((found.daily - expected).abs() < 1e-9, "{} {expected}", found.daily);
        assert_eq!((found.method, found.days, found.ratio), (Method::Smoothed, 50, 1.0));
    }

    #[test]
    fn one_more_day_moves_the_level_by_a_tenth_and_the_mean_by_a_fiftieth() {
        // 49 days of 2 and one of 12: level 2 + 0.1 * 10 = 3, mean 2.2, half and half 2.6; the
        // start, the mean of the first 28, is 2.
        let settings = Settings::of_the_book();
        let days: Vec<(usize, f64)> =
            (0..50).map(|day| (day % 7, if day == 49 { 12.0 } else { 2.0 })).collect();
        assert!((smoothed(&days, &[1.0; 7], &settings) - 2.6).abs() < 1e-9);
    }

    #[test]
    fn the_days_ahead_follow_the_weekdays_and_a_part_of_a_day_is_a_part() {
        let mut found = of(&series([]), &series([10.0; 28]));
        (found.daily, found.week) = (2.0, [2.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5]);
        let mean = |from: NaiveDate, days| found.over(from, days).mean();
        assert_eq!((mean(monday(), 1.0), mean(monday(), 7.0)), (4.0, 14.0));
        assert_eq!(mean(monday() + Days::new(4), 2.5), 2.0 * (1.0 + 0.5 + 0.25));
        assert_eq!((mean(monday(), 0.0), mean(monday(), f64::NAN)), (0.0, 0.0));
        // Poisson of 4: P(X <= 0) = 0.018, P(X <= 1) = 0.092; P(X <= 7) = 0.949, P(X <= 8) = 0.979
        let expected = found.expected(monday(), 1.0, &Settings::of_the_book());
        assert_eq!(expected, Expected { mean: 4.0, low: 1, high: 8 });
    }

    #[test]
    fn a_rising_week_is_taken_over_by_holt_winters_and_a_flat_one_is_not() {
        let week = [8.0, 9.0, 8.0, 9.0, 10.0, 2.0, 1.0];
        let rising = series((0..120).map(|day| week[day % 7] * (1.0 + day as f64 / 60.0)));
        let found = of(&rising, &rising);
        let test = found.back_test.expect("compared");
        assert!(test.holt_winters < test.smoothed, "{test:?}");
        assert_eq!(found.method, Method::HoltWinters);
        assert!(found.daily > 15.0, "the next week is near 6.7 * 3, not 6.7: {}", found.daily);
        let flat = of(&series([4.0; 120]), &series([4.0; 120]));
        assert_eq!(flat.method, Method::Smoothed);
        let short = of(&series([4.0; 55]), &series([4.0; 55]));
        assert_eq!(short.back_test, None, "eight weeks are needed");
        let rare = of(&series([0.2; 120]), &series([4.0; 120]));
        assert_eq!(rare.back_test, None, "most of its days have none");
    }

    proptest! {
        #[test]
        fn whatever_was_needed_the_forecast_is_a_number_with_its_mean_near_the_interval(
            own in prop::collection::vec(0.0..30.0f64, 0..150),
            more in prop::collection::vec(0.0..30.0f64, 0..150),
        ) {
            let length = own.len().max(more.len());
            let at = |units: &[f64], day: usize| units.get(day).copied().unwrap_or(0.0);
            let all = series((0..length).map(|day| at(&own, day) + at(&more, day)));
            let found = of(&series(own.iter().copied()), &all);
            prop_assert!(found.daily.is_finite() && found.daily >= 0.0);
            prop_assert!(found.ratio >= 1.0 && found.week.iter().all(|f| f.is_finite() && *f >= 0.0));
            let expected = found.expected(monday(), 3.0, &Settings::of_the_book());
            prop_assert!(expected.low <= expected.high);
            prop_assert!(expected.mean <= f64::from(expected.high) + 1.0);
            prop_assert!(f64::from(expected.low) <= expected.mean + 1.0);
        }
    }
}
