//! What came out of a run, in the definitions of the product (`bloodbank::kpi`).

use bloodbank::kpi::{self, GivenTo, Ratio, Supplied, UnitsOfPeriod};
use kernel::BloodGroup;
use std::collections::BTreeMap;

/// The counts of one run after its warm-up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    pub units: UnitsOfPeriod,
    pub requests: Vec<Supplied>,
    pub given: Vec<GivenTo>,
    /// Outdated and transfused by site.
    pub sites: Vec<(u64, u64)>,
    /// The same by the group of the unit.
    pub groups: BTreeMap<BloodGroup, (u64, u64)>,
    /// Units sent from one site to another.
    pub sent: u64,
    /// Units given of another group than the patient's.
    pub other_group: u64,
    /// Of the units of O RhD negative to others, those given before the group was known.
    pub o_negative_unknown: u64,
    /// Every red cell of O RhD negative given: the day, and whether it went to another group.
    pub o_negative: Vec<(u32, bool)>,
}

/// Every unit of the whole run, the warm-up included; each stands in exactly one column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    pub received: u64,
    pub transfused: u64,
    pub outdated: u64,
    pub on_shelves: u64,
    pub on_the_way: u64,
    /// Units transfused a second time, and units transfused after their end; counted apart from the
    /// rules that forbid both.
    pub given_twice: u64,
    pub given_late: u64,
}

impl Balance {
    /// Nothing appeared, vanished, or was given twice or late.
    pub fn holds(&self) -> bool {
        self.received == self.transfused + self.outdated + self.on_shelves + self.on_the_way
            && self.given_twice == 0
            && self.given_late == 0
    }
}

impl Counts {
    pub fn waste(&self) -> Ratio {
        kpi::waste(&self.units, false)
    }
    pub fn fulfilment(&self) -> Ratio {
        kpi::fulfilment(&self.requests)
    }
    pub fn critical(&self) -> Ratio {
        kpi::critical_fulfilment(&self.requests)
    }
    pub fn o_negative(&self) -> Ratio {
        kpi::o_negative_to_others(&self.given)
    }
    /// The worst of all spans of so many days, of those with a whole span behind them.
    pub fn worst_o_negative(&self, days: u32) -> Ratio {
        let Some((first, _)) = self.o_negative.first() else { return Ratio::default() };
        let ends =
            self.o_negative.iter().map(|(day, _)| *day).filter(|day| *day + 1 >= first + days);
        let of = |end: u32| {
            let span = self.o_negative.iter().filter(|(day, _)| *day <= end && day + days > end);
            let (others, given) =
                span.fold((0, 0), |(o, g), (_, other)| (o + u64::from(*other), g + 1));
            Ratio::new(others, given)
        };
        ends.map(of).max_by(|a, b| part(*a).total_cmp(&part(*b))).unwrap_or_default()
    }
    /// Outdated / (outdated + transfused) of one site.
    pub fn waste_of(&self, site: usize) -> Ratio {
        let (outdated, transfused) = self.sites.get(site).copied().unwrap_or_default();
        Ratio::new(outdated, outdated + transfused)
    }
    /// Units sent between sites for every unit transfused.
    pub fn sent_share(&self) -> Ratio {
        Ratio::new(self.sent, self.units.transfused)
    }
    pub fn other_group_share(&self) -> Ratio {
        Ratio::new(self.other_group, self.units.transfused)
    }
}

/// As a number between 0 and 1; 0 without a denominator.
pub fn part(ratio: Ratio) -> f64 {
    if ratio.denominator == 0 { 0.0 } else { ratio.numerator as f64 / ratio.denominator as f64 }
}

/// A mean over the seeds with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// Mean and Student's interval of one figure per seed; no interval below two seeds.
pub fn estimate(values: &[f64]) -> Estimate {
    let count = values.len();
    if count == 0 {
        return Estimate { mean: f64::NAN, low: f64::NAN, high: f64::NAN };
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    if count == 1 {
        return Estimate { mean, low: f64::NEG_INFINITY, high: f64::INFINITY };
    }
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let error = (squares / (count - 1) as f64 / count as f64).sqrt();
    let half = student(count - 1) * error;
    Estimate { mean, low: mean - half, high: mean + half }
}

/// By how much `ours` is below `theirs`, seed by seed, relative to theirs.
pub fn reduction(ours: &[f64], theirs: &[f64]) -> Estimate {
    let pairs = ours.iter().zip(theirs).filter(|(_, theirs)| **theirs > 0.0);
    estimate(&pairs.map(|(ours, theirs)| 1.0 - ours / theirs).collect::<Vec<_>>())
}

/// The 97.5 % point of Student's law, from the table up to 30 and by the first term of the
/// expansion of Cornish and Fisher above.
fn student(degrees: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042,
    ];
    let z: f64 = 1.959_964;
    let far = || z + (z.powi(3) + z) / (4.0 * degrees as f64);
    degrees.checked_sub(1).and_then(|index| TABLE.get(index)).copied().unwrap_or_else(far)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_pairs_are_as_by_hand() {
        // Reductions 0.5, 0.4, 0.6: mean 0.5, deviation 0.1, error 0.1 / sqrt 3, times 4.303
        let found = reduction(&[1.0, 3.0, 2.0], &[2.0, 5.0, 5.0]);
        assert!((found.mean - 0.5).abs() < 1e-12);
        assert!((found.high - 0.5 - 4.303 * 0.1 / 3f64.sqrt()).abs() < 1e-9, "{found:?}");
        assert!((found.low + found.high - 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_seed_says_nothing_of_its_spread_and_none_says_nothing() {
        assert_eq!(estimate(&[2.0]).high, f64::INFINITY);
        assert!(estimate(&[]).mean.is_nan());
        assert!((student(29) - 2.045).abs() < 1e-9 && (student(60) - 2.000).abs() < 2e-3);
    }
}
