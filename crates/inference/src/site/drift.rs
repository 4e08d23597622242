//! Whether what comes in now is still what came in at first.

/// The first results of a task and pack: what is usual here.
pub const REFERENCE: usize = 100;
/// Fewer recent results say nothing.
pub const RECENT_LEAST: usize = 30;
/// Bins of a comparison with at least [`FINE`] results on both sides, and of one with fewer.
const BINS: (usize, usize) = (10, 5);
const FINE: usize = 100;
/// Above the first something has changed, above the second much has (Siddiqi, Credit Risk
/// Scorecards, 2006, chapter 10).
const LIMITS: (f64, f64) = (0.1, 0.25);
/// The 99th percentile of chi-squared with 1 to 9 degrees of freedom.
const CHI_SQUARED: [f64; 9] =
    [6.635, 9.210, 11.345, 13.277, 15.086, 16.812, 18.475, 20.090, 21.666];

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// So many more results are needed: of the first, and after that of the recent ones.
    TooFew(usize),
    /// No difference beyond chance.
    Steady,
    /// Something has changed.
    Changed,
    /// Much has changed: look at the pictures before the findings are trusted.
    Much,
}

/// The population stability index of recent values against the first ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// In a word.
    pub trend: Trend,
    /// Sum over the bins of the difference of shares times the logarithm of their ratio.
    pub index: f64,
    /// What chance alone stays under 99 times of 100.
    pub chance: f64,
    /// First results.
    pub first_n: usize,
    /// Recent results.
    pub recent_n: usize,
    /// Upper edges of all bins but the last.
    pub edges: Vec<f64>,
    /// Share of the first results in each bin.
    pub first: Vec<f64>,
    /// Share of the recent ones.
    pub recent: Vec<f64>,
}

/// Compares by the population stability index over bins of equal size among the first results. An
/// index over 0.1 is a change and one over 0.25 much, but only where it is also larger than chance
/// makes it: with equal distributions it is about chi-squared with one degree of freedom less than
/// bins, times 1/n + 1/m (Yurdakul and Naranjo, J Risk Model Validation 2020;14(4):89). Without that
/// a small hospital would be alarmed every month. A bin that is empty counts as half a result.
pub fn drift(first: &[f64], recent: &[f64]) -> Drift {
    let clean =
        |list: &[f64]| -> Vec<f64> { list.iter().copied().filter(|v| v.is_finite()).collect() };
    let (mut first, recent) = (clean(first), clean(recent));
    first.sort_by(f64::total_cmp);
    let (n, m) = (first.len(), recent.len());
    let wanted = if n.min(m) >= FINE { BINS.0 } else { BINS.1 };
    let mut edges: Vec<f64> = (1..wanted)
        .filter_map(|i| first.get((n * i / wanted).saturating_sub(1)).copied())
        .collect();
    edges.dedup();
    let shares = |list: &[f64]| -> Vec<f64> {
        let mut counts = vec![0usize; edges.len() + 1];
        for v in list {
            let bin = edges.iter().position(|edge| v <= edge).unwrap_or(edges.len());
            counts[bin] += 1;
        }
        counts.iter().map(|c| *c as f64 / list.len().max(1) as f64).collect()
    };
    let (before, now) = (shares(&first), shares(&recent));
    let least = |share: f64, n: usize| share.max(0.5 / n.max(1) as f64);
    let term = |(a, b): (&f64, &f64)| {
        let (a, b) = (least(*a, n), least(*b, m));
        (b - a) * (b / a).ln()
    };
    let index: f64 = if n == 0 || m == 0 { 0.0 } else { before.iter().zip(&now).map(term).sum() };
    let freedom = edges.len().clamp(1, CHI_SQUARED.len());
    let chance = CHI_SQUARED[freedom - 1] * (1.0 / n.max(1) as f64 + 1.0 / m.max(1) as f64);
    let trend = if n < REFERENCE {
        Trend::TooFew(REFERENCE - n)
    } else if m < RECENT_LEAST {
        Trend::TooFew(RECENT_LEAST - m)
    } else if index <= chance || index < LIMITS.0 {
        Trend::Steady
    } else if index < LIMITS.1 {
        Trend::Changed
    } else {
        Trend::Much
    };
    Drift { trend, index, chance, first_n: n, recent_n: m, edges, first: before, recent: now }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::split_mix;

    /// About normal: the mean of twelve even numbers.
    fn values(n: usize, centre: f64, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let mut even = || (split_mix(&mut state) >> 11) as f64 / (1u64 << 53) as f64;
        (0..n).map(|_| centre + (0..12).map(|_| even()).sum::<f64>() - 6.0).collect()
    }

    #[test]
    fn the_same_source_is_steady_also_in_small_samples() {
        let alarms = |m: usize| {
            let again = |seed| drift(&values(100, 1.0, seed), &values(m, 1.0, seed + 5_000)).trend;
            (0..200).filter(|seed| again(*seed) != Trend::Steady).count()
        };
        assert!(alarms(30) <= 6, "{} of 200 false alarms with 30", alarms(30));
        assert!(alarms(300) <= 6, "{} of 200 false alarms with 300", alarms(300));
    }

    #[test]
    fn another_machine_that_moves_the_distance_by_a_spread_and_a_half_is_told() {
        let told = |seed| drift(&values(100, 1.0, seed), &values(60, 2.5, seed + 9_000)).trend;
        assert!((0..50).all(|seed| told(seed) == Trend::Much));
        let more = drift(&values(400, 1.0, 1), &values(1_000, 1.35, 2));
        assert_eq!(more.trend, Trend::Changed, "index {} chance {}", more.index, more.chance);
        assert_eq!(more.edges.len(), 9);
    }

    #[test]
    fn too_few_results_say_how_many_are_missing() {
        assert_eq!(drift(&values(60, 0.0, 1), &values(90, 0.0, 2)).trend, Trend::TooFew(40));
        assert_eq!(drift(&values(100, 0.0, 1), &values(12, 0.0, 2)).trend, Trend::TooFew(18));
        let nothing = drift(&[], &[]);
        assert_eq!((nothing.trend, nothing.index), (Trend::TooFew(100), 0.0));
    }

    #[test]
    fn values_that_are_all_alike_or_no_numbers_stop_nothing() {
        let alike = drift(&vec![1.0; 120], &vec![1.0; 50]);
        assert_eq!(alike.trend, Trend::Steady);
        let moved = drift(&vec![1.0; 120], &vec![2.0; 50]);
        assert_eq!(moved.trend, Trend::Much);
        let mut broken = vec![1.0; 100];
        broken.push(f64::NAN);
        assert_eq!(drift(&broken, &broken).first_n, 100);
    }
}
