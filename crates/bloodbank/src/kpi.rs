//! The figures of a blood bank, each defined once (bloodbank.md 4.1), always with numerator,
//! denominator and an interval.

use kernel::{BloodGroup, Component, Instant, TimeDelta};
use serde::{Deserialize, Serialize};

/// A share of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    pub numerator: u64,
    pub denominator: u64,
}

/// The ends of an interval in 1/10 000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub low: u32,
    pub high: u32,
}

impl Ratio {
    pub fn new(numerator: u64, denominator: u64) -> Self {
        Self { numerator, denominator }
    }

    /// In 1/10 000, rounded to the nearest; none without a denominator.
    pub fn share(&self) -> Option<u32> {
        let scaled = u128::from(self.numerator) * 20_000 + u128::from(self.denominator);
        let share = scaled.checked_div(u128::from(self.denominator) * 2)?;
        u32::try_from(share).ok()
    }

    /// The 95 % interval of Wilson (1927). None without a denominator, and where the numerator is
    /// larger: then it is a rate and no share.
    pub fn wilson(&self) -> Option<Interval> {
        if self.denominator == 0 || self.numerator > self.denominator {
            return None;
        }
        const Z: f64 = 1.959_963_984_540_054;
        let n = self.denominator as f64;
        let p = self.numerator as f64 / n;
        let z2 = Z * Z;
        let middle = p + z2 / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z2 / n;
        let parts = |value: f64| (value.clamp(0.0, 1.0) * 10_000.0).round() as u32;
        Some(Interval { low: parts((middle - half) / scale), high: parts((middle + half) / scale) })
    }
}

/// What became of the units of a period. Counts of units; outdate and discard are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitsOfPeriod {
    /// Begun at a bedside, or presumed.
    pub transfused: u64,
    pub issued: u64,
    /// Discarded after release because their time was over.
    pub outdated: u64,
    /// Discarded after release because the cold chain broke.
    pub cold_chain: u64,
    /// Leak, clot, reactive, quality control: never part of waste.
    pub other_discards: u64,
    pub crossmatched: u64,
}

/// waste = outdated / (transfused + outdated + other discards), with the cold chain if asked.
pub fn waste(units: &UnitsOfPeriod, with_cold_chain: bool) -> Ratio {
    let wasted = units.outdated + if with_cold_chain { units.cold_chain } else { 0 };
    let discarded = units.outdated + units.cold_chain + units.other_discards;
    Ratio::new(wasted, units.transfused + discarded)
}

/// WAPI: wastage as a share of issues. May be above one, then it has no interval.
pub fn waste_of_issues(units: &UnitsOfPeriod) -> Ratio {
    Ratio::new(units.outdated + units.cold_chain, units.issued)
}

/// C:T, crossmatched to transfused; the target is 2 or less.
pub fn crossmatched_to_transfused(units: &UnitsOfPeriod) -> Ratio {
    Ratio::new(units.crossmatched, units.transfused)
}

/// One request as the figures see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supplied {
    pub asked: u32,
    pub critical: bool,
    pub placed_at: Instant,
    /// Units and when each left.
    pub first_issued_at: Option<Instant>,
    pub issued: u32,
    /// Of these, within the clinically required time.
    pub issued_in_time: u32,
}

/// fulfilment = units issued / units asked for.
pub fn fulfilment(requests: &[Supplied]) -> Ratio {
    ratio(requests.iter().map(|one| (u64::from(one.issued.min(one.asked)), u64::from(one.asked))))
}

/// Minutes within which a critical unit is supplied in time (bloodbank.md 4.1).
pub const CRITICAL_MINUTES: i64 = 15;

/// critical fulfilment = critical units supplied in the clinically required time / critical units
/// asked for. The time is stated by whoever counts `issued_in_time`, e.g. 15 minutes.
pub fn critical_fulfilment(requests: &[Supplied]) -> Ratio {
    ratio(
        requests
            .iter()
            .filter(|one| one.critical)
            .map(|one| (u64::from(one.issued_in_time.min(one.asked)), u64::from(one.asked))),
    )
}

/// The median time from placing to the first unit, of the requests that were given any; the lower
/// of the two middles. The count says how many.
pub fn request_time(requests: &[Supplied]) -> (Option<TimeDelta>, usize) {
    let mut times: Vec<TimeDelta> = requests
        .iter()
        .filter_map(|one| one.first_issued_at.map(|at| at - one.placed_at))
        .filter(|time| *time >= TimeDelta::zero())
        .collect();
    times.sort_unstable();
    let middle = times.len().saturating_sub(1) / 2;
    (times.get(middle).copied(), times.len())
}

fn ratio(pairs: impl Iterator<Item = (u64, u64)>) -> Ratio {
    let (numerator, denominator) = pairs.fold((0, 0), |(a, b), (n, d)| (a + n, b + d));
    Ratio { numerator, denominator }
}

/// One red-cell unit as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenTo {
    pub component: Component,
    pub unit: BloodGroup,
    /// None: never became known.
    pub patient: Option<BloodGroup>,
}

/// O negative to non-O-negative = red cells of O RhD negative given to patients of another known
/// group / all red cells of O RhD negative given.
pub fn o_negative_to_others(given: &[GivenTo]) -> Ratio {
    let o_negative = BloodGroup { abo: kernel::Abo::O, rhd: kernel::Rhd::Negative };
    ratio(
        given
            .iter()
            .filter(|one| one.component == Component::RedCells && one.unit == o_negative)
            .map(|one| (u64::from(one.patient.is_some_and(|group| group != o_negative)), 1)),
    )
}

/// Days of cover = stock / mean daily issue, in tenths of a day, rounded down. None when nothing
/// was issued in the period: then nobody can say.
pub fn days_of_cover(stock: u64, issued: u64, days: u32) -> Option<u64> {
    (stock.checked_mul(10)?.checked_mul(u64::from(days))?).checked_div(issued)
}

/// Inventory accuracy = units of the book that a count found in their place / units in the book.
pub fn inventory_accuracy(found: u64, in_book: u64) -> Ratio {
    Ratio::new(found, in_book)
}

/// One message as the figures see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub delivered_at: Option<Instant>,
    pub said_yes_at: Option<Instant>,
    pub donated_at: Option<Instant>,
}

/// response = replies YES within so many hours of delivery / delivered.
pub fn response(messages: &[Asked], hours: u32) -> Ratio {
    answered(messages, TimeDelta::hours(i64::from(hours)), |one| one.said_yes_at)
}

/// turn-out = donated within so many days of delivery / delivered.
pub fn turn_out(messages: &[Asked], days: u32) -> Ratio {
    answered(messages, TimeDelta::days(i64::from(days)), |one| one.donated_at)
}

fn answered(
    messages: &[Asked],
    within: TimeDelta,
    when: impl Fn(&Asked) -> Option<Instant>,
) -> Ratio {
    ratio(messages.iter().filter_map(|one| one.delivered_at.map(|at| (one, at))).map(
        |(one, delivered)| {
            let yes = when(one).is_some_and(|at| at >= delivered && at - delivered <= within);
            (u64::from(yes), 1)
        },
    ))
}
