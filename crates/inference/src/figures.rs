//! Figures over scored pictures: pure sums, no files and no networks.

/// One picture: the probability of each class, and the index of its true class.
pub type Scored<'a> = (&'a [f32], usize);

/// The most probable class and its probability.
pub fn best(p: &[f32]) -> (usize, f32) {
    let first = (0, f32::NEG_INFINITY);
    p.iter().copied().enumerate().fold(first, |b, (i, v)| if v > b.1 { (i, v) } else { b })
}

/// Mean of what there is; `None` of nothing.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0usize, 0.0), |(n, s), v| (n + 1, s + v));
    (n > 0).then(|| sum / n as f64)
}

/// `[true class][called class]`.
pub fn confusion(list: &[Scored], classes: usize) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; classes]; classes];
    for (p, truth) in list {
        if let Some(cell) = table.get_mut(*truth).and_then(|row| row.get_mut(best(p).0)) {
            *cell += 1;
        }
    }
    table
}

/// Share whose most probable class is the true one.
pub fn accuracy(list: &[Scored]) -> Option<f64> {
    mean(list.iter().map(|(p, t)| f64::from(u8::from(best(p).0 == *t))))
}

/// Mean over the classes of what a class's row and column in the confusion matrix give; classes
/// without a value are left out.
fn over_classes(
    list: &[Scored],
    classes: usize,
    of: impl Fn(usize, usize, usize) -> Option<f64>,
) -> Option<f64> {
    let table = confusion(list, classes);
    mean((0..classes).filter_map(|c| {
        let hit = table[c][c];
        let truth: usize = table[c].iter().sum();
        let called: usize = table.iter().map(|row| row[c]).sum();
        of(hit, truth, called)
    }))
}

/// Mean over the classes of the share of its pictures that were called so (macro recall).
pub fn balanced_accuracy(list: &[Scored], classes: usize) -> Option<f64> {
    over_classes(list, classes, |hit, truth, _| (truth > 0).then(|| hit as f64 / truth as f64))
}

/// Mean over the classes of the share of pictures called so that are so; a class that was never
/// called counts 0, one that is not there is left out.
pub fn macro_precision(list: &[Scored], classes: usize) -> Option<f64> {
    over_classes(list, classes, |hit, truth, called| {
        (truth > 0).then(|| hit as f64 / called.max(1) as f64)
    })
}

/// Mean over the classes of 2 hits / (true + called).
pub fn macro_f1(list: &[Scored], classes: usize) -> Option<f64> {
    over_classes(list, classes, |hit, truth, called| {
        (truth > 0).then(|| 2.0 * hit as f64 / (truth + called) as f64)
    })
}

/// The score of one class with whether it is the true one.
pub fn against_rest(list: &[Scored], class: usize) -> Vec<(f32, bool)> {
    list.iter().map(|(p, t)| (p.get(class).copied().unwrap_or(0.0), *t == class)).collect()
}

/// Mean over the classes of the area under the curve of one class against the rest.
pub fn macro_auroc(list: &[Scored], classes: usize) -> Option<f64> {
    mean((0..classes).filter_map(|c| auroc(&against_rest(list, c))))
}

/// Mean over the classes of the average precision of one class against the rest.
pub fn macro_average_precision(list: &[Scored], classes: usize) -> Option<f64> {
    mean((0..classes).filter_map(|c| average_precision(&against_rest(list, c))))
}

/// Area under the curve by ranks, ties counted half; `None` without both kinds.
pub fn auroc(pairs: &[(f32, bool)]) -> Option<f64> {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank_sum, mut i) = (0.0, 0);
    while i < sorted.len() {
        let end =
            i + sorted[i..].iter().take_while(|p| p.0.total_cmp(&sorted[i].0).is_eq()).count();
        let rank = (i + 1 + end) as f64 / 2.0; // mean of the ranks i+1 ..= end
        rank_sum += rank * sorted[i..end].iter().filter(|p| p.1).count() as f64;
        i = end;
    }
    let p = sorted.iter().filter(|p| p.1).count() as f64;
    let n = sorted.len() as f64 - p;
    (p > 0.0 && n > 0.0).then(|| (rank_sum - p * (p + 1.0) / 2.0) / (p * n))
}

/// Sum over the thresholds of the gain in recall times the precision there; equal scores are one
/// threshold. `None` without both kinds.
pub fn average_precision(pairs: &[(f32, bool)]) -> Option<f64> {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all = sorted.iter().filter(|p| p.1).count();
    if all == 0 || all == sorted.len() {
        return None;
    }
    let (mut area, mut hits, mut i) = (0.0, 0usize, 0);
    while i < sorted.len() {
        let end =
            i + sorted[i..].iter().take_while(|p| p.0.total_cmp(&sorted[i].0).is_eq()).count();
        let new = sorted[i..end].iter().filter(|p| p.1).count();
        hits += new;
        area += new as f64 / all as f64 * (hits as f64 / end as f64);
        i = end;
    }
    Some(area)
}

/// One bin of a calibration plot: pictures that were called about equally surely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Mean probability of the most probable class.
    pub sure: f64,
    /// Share that was called right.
    pub right: f64,
    /// Pictures.
    pub n: usize,
}

/// Max(5, n / 50) bins of equal size by the probability of the most probable class, from the least
/// sure to the surest; a bin without a picture is left out.
pub fn reliability(list: &[Scored]) -> Vec<Bin> {
    let mut points: Vec<(f32, bool)> =
        list.iter().map(|(p, t)| (best(p), t)).map(|((i, p), t)| (p, i == *t)).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = points.len();
    let bins = (n / 50).max(5);
    let bin = |b: usize| {
        let of = &points[n * b / bins..n * (b + 1) / bins];
        Some(Bin {
            sure: mean(of.iter().map(|p| f64::from(p.0)))?,
            right: mean(of.iter().map(|p| f64::from(u8::from(p.1))))?,
            n: of.len(),
        })
    };
    (0..bins).filter_map(bin).collect()
}

/// Expected calibration error of the most probable class over the bins of [`reliability`].
pub fn ece(list: &[Scored]) -> Option<f64> {
    let off = |b: Bin| (b.sure - b.right).abs() * b.n as f64;
    let n = list.len();
    (n > 0).then(|| reliability(list).into_iter().map(off).sum::<f64>() / n as f64)
}

/// Mean over the pictures of the squared distance between the probabilities and the truth, over all
/// classes: 0 is perfect.
pub fn brier(list: &[Scored]) -> Option<f64> {
    mean(list.iter().map(|(p, t)| {
        let term = |(i, v): (usize, &f32)| (f64::from(*v) - f64::from(u8::from(i == *t))).powi(2);
        p.iter().enumerate().map(term).sum()
    }))
}

/// The Brier score of always saying how frequent each class is.
pub fn brier_of_base_rate(list: &[Scored], classes: usize) -> Option<f64> {
    let n = list.len() as f64;
    let share = |c: usize| list.iter().filter(|(_, t)| *t == c).count() as f64 / n;
    (!list.is_empty()).then(|| 1.0 - (0..classes).map(|c| share(c).powi(2)).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_a_reversed_and_a_constant_score_have_areas_one_zero_and_a_half() {
        let pairs =
            |s: [f32; 4]| auroc(&[(s[0], false), (s[1], false), (s[2], true), (s[3], true)]);
        assert_eq!(pairs([0.1, 0.2, 0.3, 0.4]), Some(1.0));
        assert_eq!(pairs([0.4, 0.3, 0.2, 0.1]), Some(0.0));
        assert_eq!(pairs([0.5; 4]), Some(0.5));
        assert_eq!(auroc(&[(0.5, true)]), None, "one kind alone has no area");
    }

    #[test]
    fn average_precision_is_that_of_the_worked_example() {
        // scikit-learn's documentation: scores .1 .4 .35 .8, the second pair positive: 0.83.
        let pairs = [(0.1, false), (0.4, false), (0.35, true), (0.8, true)];
        assert!((average_precision(&pairs).unwrap() - 0.8333).abs() < 1e-3);
        assert_eq!(average_precision(&[(0.5, false); 3]), None);
        let tied = [(0.5, true), (0.5, false)];
        assert_eq!(average_precision(&tied), Some(0.5), "a tie is one threshold");
    }

    #[test]
    fn three_pictures_of_two_classes_give_the_figures_made_by_hand() {
        let p = [[0.8f32, 0.2], [0.6, 0.4], [0.3, 0.7]];
        let list: Vec<Scored> = vec![(&p[0], 0), (&p[1], 1), (&p[2], 1)];
        assert_eq!(confusion(&list, 2), [[1, 0], [1, 1]]);
        let near = |a: Option<f64>, b: f64| assert!((a.unwrap() - b).abs() < 1e-6, "{a:?} {b}");
        near(accuracy(&list), 2.0 / 3.0);
        near(balanced_accuracy(&list, 2), 0.75);
        near(macro_precision(&list, 2), 0.75);
        near(macro_f1(&list, 2), 2.0 / 3.0);
        near(brier(&list), (0.08 + 0.72 + 0.18) / 3.0);
        near(brier_of_base_rate(&list, 2), 1.0 - 1.0 / 9.0 - 4.0 / 9.0);
        near(macro_auroc(&list, 2), 1.0);
        assert_eq!(accuracy(&[]), None);
    }

    #[test]
    fn calibration_is_perfect_when_confidence_is_the_share_that_is_right() {
        let sure = [1.0f32, 0.0];
        let list: Vec<Scored> = (0..10).map(|i| (&sure[..], usize::from(i < 5))).collect();
        assert_eq!(ece(&list), Some(0.5), "sure of all, right in half");
        let right: Vec<Scored> = (0..10).map(|_| (&sure[..], 0)).collect();
        assert_eq!(ece(&right), Some(0.0));
    }
}
