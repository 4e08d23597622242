//! All seeds of one world under one set of rules, and what is read off them.

use anyhow::{Context as _, Result, ensure};
use std::{ops::RangeInclusive, sync::Mutex, thread};
use stock::sim::{Counts, Estimate, Rules, World, estimate, part, reduction, run};

/// The counts by seed.
pub struct Runs {
    pub name: String,
    counts: Vec<Counts>,
}

impl Runs {
    /// Runs every seed, on as many threads as there are cores.
    pub fn of(world: &World, rules: &Rules, seeds: &RangeInclusive<u64>) -> Result<Self> {
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        let (wanted, done) = (Mutex::new(seeds.clone()), Mutex::new(vec![]));
        let next = || wanted.lock().ok().and_then(|mut seeds| seeds.next());
        thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| {
                    while let Some(seed) = next() {
                        let outcome = run(world, rules, seed);
                        if let Ok(mut done) = done.lock() {
                            done.push((seed, outcome));
                        }
                    }
                });
            }
        });
        let mut done = done.into_inner().ok().context("a thread failed")?;
        done.sort_by_key(|(seed, _)| *seed);
        ensure!(done.len() == seeds.clone().count(), "{}: a seed is missing", rules.name);
        let counts = done.into_iter().map(|(seed, outcome)| {
            let outcome = outcome.with_context(|| format!("{}, seed {seed}", rules.name))?;
            let balance = outcome.balance;
            ensure!(balance.holds(), "{}, seed {seed}: {balance:?}", rules.name);
            Ok(outcome.counts)
        });
        Ok(Self { name: rules.name.clone(), counts: counts.collect::<Result<_>>()? })
    }

    pub fn each(&self, figure: impl Fn(&Counts) -> f64) -> Vec<f64> {
        self.counts.iter().map(figure).collect()
    }
    pub fn mean(&self, figure: impl Fn(&Counts) -> f64) -> Estimate {
        estimate(&self.each(figure))
    }
    pub fn waste(&self) -> Estimate {
        self.mean(|counts| part(counts.waste()))
    }
    pub fn critical(&self) -> Estimate {
        self.mean(|counts| part(counts.critical()))
    }
    pub fn fulfilment(&self) -> Estimate {
        self.mean(|counts| part(counts.fulfilment()))
    }
    pub fn o_negative(&self) -> Estimate {
        self.mean(|counts| part(counts.o_negative()))
    }
    /// The same of the worst seed.
    pub fn worst_o_negative(&self) -> f64 {
        self.each(|counts| part(counts.o_negative())).into_iter().fold(0.0, f64::max)
    }
    /// The worst of all spans of 365 days of all seeds.
    pub fn worst_year_o_negative(&self) -> f64 {
        self.each(|counts| part(counts.worst_o_negative(365))).into_iter().fold(0.0, f64::max)
    }
    /// O RhD negative to others whose group was known, of all O RhD negative.
    pub fn o_negative_known(&self) -> Estimate {
        self.mean(|counts| {
            let mut ratio = counts.o_negative();
            ratio.numerator -= ratio.numerator.min(counts.o_negative_unknown);
            part(ratio)
        })
    }
    pub fn sent(&self) -> Estimate {
        self.mean(|counts| part(counts.sent_share()))
    }
    pub fn other_group(&self) -> Estimate {
        self.mean(|counts| part(counts.other_group_share()))
    }
    /// How much less is wasted than under `other`, paired by seed.
    pub fn less_waste_than(&self, other: &Runs) -> Estimate {
        let waste = |runs: &Runs| runs.each(|counts| part(counts.waste()));
        reduction(&waste(self), &waste(other))
    }
}

/// Percent with so many decimals.
pub fn percent(value: f64, decimals: usize) -> String {
    format!("{:.decimals$}", value * 100.0)
}

/// Mean and interval in percent.
pub fn with_interval(estimate: Estimate, decimals: usize) -> String {
    let of = |value| percent(value, decimals);
    format!("{} ({} to {})", of(estimate.mean), of(estimate.low), of(estimate.high))
}
