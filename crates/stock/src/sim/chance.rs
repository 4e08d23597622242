//! Seeded chance. The same seed gives the same days on every machine and under every rule, so that
//! two rules are compared on the same patients.

/// SplitMix64 (Steele, Lea and Flood 2014): small, and good enough for counts.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// A stream of its own for each purpose: what one draws never moves another.
    pub fn new(seed: u64, purpose: &[u64]) -> Self {
        let mut state = Self(seed);
        for word in purpose {
            let mixed = state.next() ^ word.wrapping_mul(0xd6e8_feb8_6659_fd93);
            state = Self(mixed);
        }
        state
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn happens(&mut self, probability: f64) -> bool {
        self.part() < probability
    }

    /// Any of `least` to `most`, each as likely.
    pub fn between(&mut self, least: u32, most: u32) -> u32 {
        let count = f64::from(most.saturating_sub(least)) + 1.0;
        least.saturating_add((self.part() * count) as u32)
    }

    /// The wait for the next of `rate` in one unit of time; infinite at rate 0.
    pub fn wait(&mut self, rate: f64) -> f64 {
        if rate > 0.0 { -(1.0 - self.part()).ln() / rate } else { f64::INFINITY }
    }

    /// How many happen in one unit of time.
    pub fn count(&mut self, rate: f64) -> u32 {
        let (mut time, mut count) = (self.wait(rate), 0);
        while time < 1.0 && count < 100_000 {
            count += 1;
            time += self.wait(rate);
        }
        count
    }

    /// Gamma with mean 1 and the coefficient of variation 1 / sqrt(`shape`).
    pub fn around_one(&mut self, shape: u32) -> f64 {
        (0..shape).map(|_| self.wait(1.0)).sum::<f64>() / f64::from(shape.max(1))
    }

    /// An index, by the weights.
    pub fn choose(&mut self, weights: &[f64]) -> usize {
        let mut left = self.part() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        weights.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_purpose_draw_the_same_and_others_do_not() {
        let draw = |seed, purpose: &[u64]| Chance::new(seed, purpose).next();
        assert_eq!(draw(1, &[2, 3]), draw(1, &[2, 3]));
        let others = [draw(1, &[3, 2]), draw(1, &[2]), draw(2, &[2, 3]), draw(1, &[2, 4])];
        assert!(others.iter().all(|other| *other != draw(1, &[2, 3])), "{others:?}");
    }

    #[test]
    fn counts_and_sums_have_their_means() {
        let mut chance = Chance::new(7, &[]);
        let mean = |draw: &mut dyn FnMut() -> f64| (0..20_000).map(|_| draw()).sum::<f64>() / 2e4;
        assert!((mean(&mut || f64::from(chance.count(3.0))) - 3.0).abs() < 0.05);
        assert!((mean(&mut || chance.around_one(16)) - 1.0).abs() < 0.01);
        assert!((mean(&mut || f64::from(chance.between(20, 33))) - 26.5).abs() < 0.1);
        assert!((mean(&mut || chance.choose(&[1.0, 0.0, 3.0]) as f64) - 1.5).abs() < 0.03);
        assert_eq!(chance.count(0.0), 0);
    }
}
