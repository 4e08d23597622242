//! What another prevalence does to a calibrated probability.

/// Probabilities as they would be where the classes are as frequent as `to` and not as `from`, the
/// shares among the pictures the probabilities were calibrated on: each is multiplied by the ratio
/// of its shares and all are divided by their sum (Bayes' rule; Saerens, Latinne and Decaestecker,
/// Neural Comput 2002;14:21, equation 2.4). It holds where the pictures of each class look alike in
/// both places, and for calibrated probabilities only. `None`: the lists differ in length, a share
/// is no number between 0 and 1, or a class that can be here was never seen there.
pub fn prior_shift(p: &[f64], from: &[f64], to: &[f64]) -> Option<Vec<f64>> {
    let unit = |v: &f64| (0.0..=1.0).contains(v);
    if p.len() != from.len()
        || p.len() != to.len()
        || ![p, from, to].iter().all(|l| l.iter().all(unit))
    {
        return None;
    }
    let weighed = |((p, from), to): ((&f64, &f64), &f64)| match (*from > 0.0, *to > 0.0) {
        (true, _) => Some(p * to / from),
        (false, false) => Some(0.0),
        (false, true) => None,
    };
    let all: Vec<f64> = p.iter().zip(from).zip(to).map(weighed).collect::<Option<_>>()?;
    let sum: f64 = all.iter().sum();
    (sum > 0.0).then(|| all.iter().map(|v| v / sum).collect())
}

/// The shares with one of them set and the others shrunk or grown alike; `None` where the class is
/// not there or the share is none.
pub fn with_share(from: &[f64], class: usize, share: f64) -> Option<Vec<f64>> {
    let own = *from.get(class).filter(|_| (0.0..=1.0).contains(&share))?;
    let rest = 1.0 - own;
    let others = from.len().saturating_sub(1).max(1) as f64;
    let of = |(c, v): (usize, &f64)| match (c == class, rest > 0.0) {
        (true, _) => share,
        (false, true) => v * (1.0 - share) / rest,
        (false, false) => (1.0 - share) / others,
    };
    Some(from.iter().enumerate().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_finding_that_is_rare_here_becomes_less_probable_by_the_rule_of_bayes() {
        // Sensitivity 0.9, specificity 0.9: among pictures of which half are ill a positive one has
        // 0.9; where 1 of 100 is ill it has 0.9 * 0.01 / (0.9 * 0.01 + 0.1 * 0.99).
        let to = with_share(&[0.5, 0.5], 1, 0.01).unwrap();
        let shifted = prior_shift(&[0.1, 0.9], &[0.5, 0.5], &to).unwrap();
        assert!((shifted[1] - 0.009 / 0.108).abs() < 1e-12, "{shifted:?}");
    }

    #[test]
    fn the_same_prevalence_changes_nothing_and_none_at_all_leaves_nothing() {
        let p = [0.2, 0.5, 0.3];
        let from = [0.6, 0.3, 0.1];
        let same = prior_shift(&p, &from, &from).unwrap();
        assert!(p.iter().zip(&same).all(|(a, b)| (a - b).abs() < 1e-12));
        let none = with_share(&from, 1, 0.0).unwrap();
        assert_eq!(prior_shift(&p, &from, &none).unwrap()[1], 0.0);
        assert_eq!(prior_shift(&p, &[0.6, 0.4], &from), None);
        assert_eq!(prior_shift(&[0.5, 0.5], &[1.0, 0.0], &[0.5, 0.5]), None, "never seen there");
        assert_eq!(prior_shift(&[f64::NAN, 0.5], &[0.5, 0.5], &[0.5, 0.5]), None);
        assert_eq!(with_share(&from, 3, 0.5), None);
        assert_eq!(with_share(&from, 0, 1.5), None);
    }

    proptest! {
        #[test]
        fn shifted_probabilities_sum_to_one_and_come_back(
            raw in prop::collection::vec(0.01f64..1.0, 2..8), share in 0.01f64..0.99, class in 0usize..2,
        ) {
            let sum: f64 = raw.iter().sum();
            let p: Vec<f64> = raw.iter().map(|v| v / sum).collect();
            let from = vec![1.0 / p.len() as f64; p.len()];
            let to = with_share(&from, class, share).unwrap();
            prop_assert!((to.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let there = prior_shift(&p, &from, &to).unwrap();
            prop_assert!((there.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let back = prior_shift(&there, &to, &from).unwrap();
            for (a, b) in p.iter().zip(&back) {
                prop_assert!((a - b).abs() < 1e-9);
            }
        }
    }
}
