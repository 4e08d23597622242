//! What a shelf warns of (bloodbank.md 4.3.6). Nothing here ever discards a unit.

use crate::{Forecast, Law};
use chrono::NaiveDate;
use kernel::{Component, Instant, TimeDelta};
use serde::{Deserialize, Serialize};

/// How near the end of a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    Ended,
    /// One day or less.
    Critical,
    /// Five days or less; red cells seven.
    Short,
    Long,
}

/// The band of a unit (bloodbank.md 4.3.6).
pub fn band(component: Component, ends: Instant, now: Instant) -> Band {
    let short = match component {
        Component::RedCells | Component::WholeBlood => 7,
        Component::Platelets | Component::Plasma | Component::Cryoprecipitate => 5,
    };
    match ends - now {
        left if left <= TimeDelta::zero() => Band::Ended,
        left if left <= TimeDelta::days(1) => Band::Critical,
        left if left <= TimeDelta::days(short) => Band::Short,
        _ => Band::Long,
    }
}

/// How long the free units will last.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cover {
    /// Days until the mean need has used them; none when nothing is needed.
    pub days: Option<f64>,
    /// The probability that they run out before the next delivery can come.
    pub runs_out: f64,
}

/// The cover of `free` units against the need from `from` until a delivery ordered now, `wait_days`
/// later.
pub fn cover(free: u32, forecast: &Forecast, from: NaiveDate, wait_days: f64) -> Cover {
    let need: Law = forecast.over(from, wait_days);
    let days = (forecast.daily > 0.0).then(|| f64::from(free) / forecast.daily);
    Cover { days, runs_out: need.at_least(free.saturating_add(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Method, Settings};

    #[test]
    fn the_bands_end_where_the_book_says() {
        let now: Instant = "2026-03-02T12:00:00Z".parse().unwrap();
        let of = |component, hours| band(component, now + TimeDelta::hours(hours), now);
        assert_eq!(of(Component::RedCells, 0), Band::Ended);
        assert_eq!(of(Component::RedCells, 24), Band::Critical);
        assert_eq!(of(Component::RedCells, 25), Band::Short);
        assert_eq!(of(Component::RedCells, 7 * 24 + 1), Band::Long);
        assert_eq!(of(Component::Plasma, 5 * 24), Band::Short);
        assert_eq!(of(Component::Plasma, 5 * 24 + 1), Band::Long);
    }

    #[test]
    fn four_units_at_two_a_day_last_two_days_and_run_out_before_tomorrow_with_five_percent() {
        let forecast = Forecast {
            component: Component::RedCells,
            group: None,
            method: Method::Smoothed,
            daily: 2.0,
            week: [1.0; 7],
            ratio: 1.0,
            burst: f64::from(Settings::of_the_book().burst_percent.value) / 100.0,
            days: 56,
            back_test: None,
        };
        let from = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let found = cover(4, &forecast, from, 1.0);
        assert_eq!(found.days, Some(2.0));
        assert!((found.runs_out - 0.052_653).abs() < 1e-5, "{}", found.runs_out);
        assert_eq!(cover(4, &Forecast { daily: 0.0, ..forecast }, from, 1.0).days, None);
    }
}
