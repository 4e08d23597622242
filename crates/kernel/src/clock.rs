//! Time. `Clock` enters at `app` and `server` only; domain code receives an instant.

use crate::Instant;
use chrono::{LocalResult, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use std::sync::Mutex;
use uuid::Uuid;

/// The only source of "now" and of new identifiers.
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;
    fn new_uuid(&self) -> Uuid;
}

/// The computer's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Utc::now()
    }
    fn new_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A clock that a test, or the making of the training facility, moves by hand. Its ids are
/// counted, so the same steps give the same ids.
#[derive(Debug)]
pub struct ManualClock(Mutex<(Instant, u64)>);

impl ManualClock {
    pub fn at(start: Instant) -> Self {
        Self(Mutex::new((start, 0)))
    }
    pub fn set(&self, now: Instant) {
        self.lock().0 = now;
    }
    pub fn advance(&self, by: TimeDelta) {
        self.lock().0 += by;
    }
    fn lock(&self) -> std::sync::MutexGuard<'_, (Instant, u64)> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.lock().0
    }
    fn new_uuid(&self) -> Uuid {
        let mut state = self.lock();
        state.1 += 1;
        let ms = u128::try_from(state.0.timestamp_millis()).unwrap_or(0);
        // Version 7, variant 10, and a counter where the random bits would be.
        Uuid::from_u128((ms << 80) | (0x7 << 76) | (0b10 << 62) | u128::from(state.1))
    }
}

/// Whole microseconds since 1970: text of varying precision does not sort.
pub fn micros(at: Instant) -> i64 {
    at.timestamp_micros()
}

/// The instant of whole microseconds; far outside any calendar it is clamped to the epoch.
pub fn of_micros(us: i64) -> Instant {
    Utc.timestamp_micros(us).single().unwrap_or_default()
}

/// The instant at which a local clock of `zone` shows `wall`. A wall time that a spring-forward
/// skips counts from the moment after the gap; one that happens twice means the earlier, so a
/// promise such as an expiry never ends later than any reading of the label.
pub fn instant_of_wall(wall: NaiveDateTime, zone: Tz) -> Instant {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
        LocalResult::None => {
            let later = wall + TimeDelta::hours(1);
            match zone.from_local_datetime(&later) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
                LocalResult::None => Utc.from_utc_datetime(&wall),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_ends_in_a_skipped_hour_ends_after_the_gap() {
        let wall = "2026-03-29T02:30:00".parse().expect("a date");
        let at = instant_of_wall(wall, chrono_tz::Europe::Berlin);
        assert_eq!(at.to_rfc3339(), "2026-03-29T01:30:00+00:00");
    }

    #[test]
    fn a_label_that_ends_in_a_doubled_hour_ends_at_the_first() {
        let wall = "2026-10-25T02:30:00".parse().expect("a date");
        let at = instant_of_wall(wall, chrono_tz::Europe::Berlin);
        assert_eq!(at.to_rfc3339(), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn manual_ids_are_version_seven_and_differ() {
        let clock = ManualClock::at(of_micros(1_800_000_000_000_000));
        let (a, b) = (clock.new_uuid(), clock.new_uuid());
        assert_ne!(a, b);
        assert_eq!(a.get_version_num(), 7);
    }
}
