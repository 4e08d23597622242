//! The two laws of demand (bloodbank.md 4.3.3): Poisson, and the negative binomial where demand
//! comes in bursts.

use serde::{Deserialize, Serialize};

/// How many units are asked for in some time. `mean` in units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Law {
    Poisson {
        mean: f64,
    },
    /// `ratio` = variance / mean, above 1.
    NegativeBinomial {
        mean: f64,
        ratio: f64,
    },
}

/// Above this mean the first probability would vanish from a double; the normal law is then right
/// to less than a unit.
const LARGE: f64 = 500.0;
/// Nobody holds more of one group; keeps every loop finite.
const MOST: u32 = 100_000;

impl Law {
    /// The law of a mean and a ratio of variance to mean: Poisson unless the ratio is above `burst`
    /// (1.2 by bloodbank.md 4.3.3). A mean that is no number or below zero counts as zero.
    pub fn of(mean: f64, ratio: f64, burst: f64) -> Self {
        let mean = if mean.is_finite() { mean.max(0.0) } else { 0.0 };
        if ratio.is_finite() && ratio > burst.max(1.0) {
            Law::NegativeBinomial { mean, ratio }
        } else {
            Law::Poisson { mean }
        }
    }

    pub fn mean(&self) -> f64 {
        match self {
            Law::Poisson { mean } | Law::NegativeBinomial { mean, .. } => *mean,
        }
    }

    pub fn variance(&self) -> f64 {
        match self {
            Law::Poisson { mean } => *mean,
            Law::NegativeBinomial { mean, ratio } => mean * ratio,
        }
    }

    /// The probability that at most `units` are asked for.
    pub fn at_most(&self, units: u32) -> f64 {
        if self.mean() > LARGE {
            let z = (f64::from(units) + 0.5 - self.mean()) / self.variance().sqrt();
            return normal(z);
        }
        let steps = usize::try_from(units).unwrap_or(usize::MAX).saturating_add(1);
        self.probabilities().take(steps).sum::<f64>().min(1.0)
    }

    /// The probability that at least `units` are asked for.
    pub fn at_least(&self, units: u32) -> f64 {
        match units.checked_sub(1) {
            None => 1.0,
            Some(below) => (1.0 - self.at_most(below)).max(0.0),
        }
    }

    /// The least number that is enough with the probability `q`; `q` of 1 or more is read as
    /// 0.999999, since no finite number is ever quite enough.
    pub fn quantile(&self, q: f64) -> u32 {
        let q = if q.is_finite() { q.clamp(0.0, 0.999_999) } else { 0.0 };
        if self.mean() > LARGE {
            let guess = self.mean() + normal_quantile(q) * self.variance().sqrt() - 0.5;
            return guess.ceil().clamp(0.0, f64::from(MOST)) as u32;
        }
        let mut sum = 0.0;
        for (units, probability) in (0..MOST).zip(self.probabilities()) {
            sum += probability;
            if sum >= q {
                return units;
            }
        }
        MOST
    }

    /// The probabilities of 0, 1, 2, ... units, each from the one before.
    fn probabilities(&self) -> impl Iterator<Item = f64> + use<> {
        let (first, step): (f64, Box<dyn Fn(f64) -> f64>) = match *self {
            Law::Poisson { mean } => ((-mean).exp(), Box::new(move |k| mean / k)),
            Law::NegativeBinomial { mean, ratio } => {
                let (size, miss) = (mean / (ratio - 1.0), 1.0 - 1.0 / ratio);
                let step = move |k: f64| (k - 1.0 + size) / k * miss;
                ((-size * ratio.ln()).exp(), Box::new(step))
            }
        };
        let next = move |(k, p): &(f64, f64)| Some((k + 1.0, p * step(k + 1.0)));
        std::iter::successors(Some((0.0, first)), next).map(|(_, p)| p)
    }
}

/// The normal distribution function, by Abramowitz and Stegun 26.2.17 (error below 1e-7).
fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = series.iter().rev().fold(0.0, |sum, c| (sum + c) * t);
    let tail = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * sum;
    if z >= 0.0 { 1.0 - tail } else { tail }
}

/// Its inverse, by halving.
fn normal_quantile(q: f64) -> f64 {
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if normal(middle) < q { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    #[test]
    fn a_poisson_of_two_is_as_in_the_table() {
        // e^-2 = 0.135335; P(X <= 4) = e^-2 (1 + 2 + 2 + 4/3 + 2/3) = 7 e^-2 = 0.947347
        let law = Law::Poisson { mean: 2.0 };
        assert!(near(law.at_most(0), 0.135_335_3), "{}", law.at_most(0));
        assert!(near(law.at_most(4), 0.947_347), "{}", law.at_most(4));
        assert!(near(law.at_least(5), 1.0 - 0.947_347));
        assert_eq!((law.quantile(0.947), law.quantile(0.948), law.quantile(0.99)), (4, 5, 6));
    }

    #[test]
    fn a_negative_binomial_of_mean_two_and_ratio_two_is_as_by_hand() {
        // size 2, p 1/2: P(k) = (k + 1) / 2^(k + 2): 1/4, 1/4, 3/16, 1/8, 5/64
        let law = Law::of(2.0, 2.0, 1.2);
        assert_eq!(law, Law::NegativeBinomial { mean: 2.0, ratio: 2.0 });
        assert!(near(law.at_most(0), 0.25) && near(law.at_most(4), 0.890_625));
        assert_eq!((law.quantile(0.89), law.quantile(0.9)), (4, 5));
    }

    #[test]
    fn little_more_variance_than_mean_stays_poisson_and_nonsense_is_no_demand() {
        assert_eq!(Law::of(3.0, 1.2, 1.2), Law::Poisson { mean: 3.0 });
        assert_eq!(Law::of(3.0, 0.0, 0.0), Law::Poisson { mean: 3.0 });
        assert_eq!(Law::of(f64::NAN, 1.0, 1.2).quantile(0.99), 0);
        assert_eq!(Law::of(-4.0, f64::INFINITY, 1.2).quantile(0.99), 0);
    }

    #[test]
    fn a_large_mean_goes_over_to_the_normal_law_without_a_step() {
        for ratio in [1.0, 2.5] {
            let (below, above) = (Law::of(499.9, ratio, 1.2), Law::of(500.1, ratio, 1.2));
            for q in [0.01, 0.5, 0.9, 0.99] {
                let (a, b) = (below.quantile(q), above.quantile(q));
                assert!(a.abs_diff(b) <= 3, "ratio {ratio}, q {q}: {a} and {b}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_quantile_is_the_least_number_that_is_enough(
            mean in 0.0..600.0f64, ratio in 0.5..5.0f64, q in 0.01..0.999f64,
        ) {
            let law = Law::of(mean, ratio, 1.2);
            let units = law.quantile(q);
            prop_assert!(law.at_most(units) >= q - 1e-4);
            prop_assert!(units == 0 || law.at_most(units - 1) < q + 1e-4);
        }

        #[test]
        fn more_is_never_less_likely_to_be_enough(
            mean in 0.0..80.0f64, ratio in 0.5..5.0f64, units in 0..200u32,
        ) {
            let law = Law::of(mean, ratio, 1.2);
            prop_assert!(law.at_most(units) <= law.at_most(units + 1) + 1e-12);
            prop_assert!((law.at_most(units) + law.at_least(units + 1) - 1.0).abs() < 1e-9);
        }
    }
}
