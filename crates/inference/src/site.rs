//! How a pack does at one place: figures over the pictures its people judged, whether what comes
//! in has changed, and what another prevalence does to a probability. Pure sums, no files.

mod drift;
mod prior;

pub use drift::{Drift, RECENT_LEAST, REFERENCE, Trend, drift};
pub use prior::{prior_shift, with_share};

use crate::figures::{self, Bin, Scored};
use crate::measure::{middle, resample};
use std::collections::BTreeMap;

/// Pictures of a kind that a share or an area under the curve needs before it is shown.
pub const LEAST: usize = 10;
/// Judged pictures that a calibration plot needs: under three in a bin it shows only chance.
pub const LEAST_CALIBRATION: usize = 30;

/// One judged picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Pictures of one person share it.
    pub group: String,
    /// Of each label, in their order.
    pub probabilities: Vec<f32>,
    /// Index of the label that is right.
    pub truth: usize,
}

impl Picture {
    fn scored(&self) -> Scored<'_> {
        (&self.probabilities, self.truth)
    }
}

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// 0 to 1.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Pictures it rests on.
    pub n: usize,
}

/// A figure, or how many more pictures it needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Maybe {
    /// There are enough.
    Known(Figure),
    /// So many more of the kind that there are fewest of.
    Needs(usize),
}

/// How a label does against the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelHere {
    /// Pictures that truly show it.
    pub n: usize,
    /// Share of those at or above the threshold.
    pub sensitivity: Maybe,
    /// Share of the others below it.
    pub specificity: Maybe,
    /// Area under the curve against the rest.
    pub auroc: Maybe,
}

/// The figures of a task over judged pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Here {
    /// Judged pictures.
    pub n: usize,
    /// Share whose most probable label is right.
    pub accuracy: Maybe,
    /// `[true label][called label]`.
    pub confusion: Vec<Vec<usize>>,
    /// In the order of the labels.
    pub labels: Vec<LabelHere>,
    /// Mean over the labels; needs enough of each.
    pub macro_auroc: Maybe,
    /// The calibration plot; empty while there are too few.
    pub bins: Vec<Bin>,
    /// Expected calibration error; `None` while there are too few.
    pub ece: Option<f64>,
}

/// The interval of a share by Wilson (J Am Stat Assoc 1927;22:209), 95 %: never outside 0 to 1 and
/// right for few pictures too. It takes pictures for independent; those of one person are not
/// quite. `None` of nothing.
pub fn wilson(hits: usize, n: usize) -> Option<Figure> {
    if n == 0 || hits > n {
        return None;
    }
    let (z, count) = (1.959_964_f64, n as f64);
    let value = hits as f64 / count;
    let (square, whole) = (z * z / count, 1.0 + z * z / count);
    let middle = (value + square / 2.0) / whole;
    let half = z * (value * (1.0 - value) / count + square / (4.0 * count)).sqrt() / whole;
    let (low, high) = ((middle - half).max(0.0), (middle + half).min(1.0));
    Some(Figure { value, low, high, n })
}

/// The same where there are [`LEAST`] or more.
pub fn share(hits: usize, n: usize) -> Maybe {
    match wilson(hits, n).filter(|_| n >= LEAST) {
        Some(figure) => Maybe::Known(figure),
        None => Maybe::Needs(LEAST - n.min(LEAST)),
    }
}

/// The figures over judged pictures. `thresholds`: of each label, where one was measured; without
/// one a half decides.
pub fn here(pictures: &[Picture], thresholds: &[Option<f32>]) -> Here {
    let list: Vec<Scored<'_>> = pictures.iter().map(Picture::scored).collect();
    let classes = thresholds.len();
    let enough = list.len() >= LEAST_CALIBRATION;
    let right = list.iter().filter(|(p, t)| figures::best(p).0 == *t).count();
    let labels: Vec<LabelHere> =
        thresholds.iter().enumerate().map(|(c, cut)| label(pictures, &list, c, *cut)).collect();
    let rarest = labels.iter().map(|l| l.n).min().unwrap_or(0);
    Here {
        n: list.len(),
        accuracy: share(right, list.len()),
        confusion: figures::confusion(&list, classes),
        macro_auroc: area(pictures, rarest, |l| figures::macro_auroc(l, classes)),
        labels,
        bins: if enough { figures::reliability(&list) } else { vec![] },
        ece: figures::ece(&list).filter(|_| enough),
    }
}

fn label(pictures: &[Picture], list: &[Scored<'_>], class: usize, cut: Option<f32>) -> LabelHere {
    let pairs = figures::against_rest(list, class);
    let cut = cut.unwrap_or(0.5);
    let of = |truth: bool| pairs.iter().filter(move |p| p.1 == truth);
    let (n, others) = (of(true).count(), of(false).count());
    LabelHere {
        n,
        sensitivity: share(of(true).filter(|p| p.0 >= cut).count(), n),
        specificity: share(of(false).filter(|p| p.0 < cut).count(), others),
        auroc: area(pictures, n.min(others), |l| figures::auroc(&figures::against_rest(l, class))),
    }
}

/// An area under the curve with an interval from resampling by person; `fewest`: pictures of the
/// kind that there are fewest of.
fn area(pictures: &[Picture], fewest: usize, of: impl Fn(&[Scored<'_>]) -> Option<f64>) -> Maybe {
    let list: Vec<Scored<'_>> = pictures.iter().map(Picture::scored).collect();
    let Some(value) = of(&list).filter(|_| fewest >= LEAST) else {
        return Maybe::Needs(LEAST.saturating_sub(fewest).max(1));
    };
    let mut groups: BTreeMap<&str, Vec<Scored<'_>>> = BTreeMap::new();
    for picture in pictures {
        groups.entry(&picture.group).or_default().push(picture.scored());
    }
    let groups: Vec<Vec<Scored<'_>>> = groups.into_values().collect();
    let mut sample = vec![];
    resample(&groups, |drawn| sample.extend(of(drawn)));
    let (low, high) = middle(&mut sample).unwrap_or((0.0, 1.0));
    Maybe::Known(Figure { value, low, high, n: list.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 5e-4, "{a} is not {b}");
    }

    #[test]
    fn the_interval_of_a_share_is_that_of_the_worked_examples() {
        // Newcombe, Stat Med 1998;17:857, table I, method 3.
        for (hits, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = wilson(hits, n).unwrap();
            near(found.low, low);
            near(found.high, high);
        }
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(3, 2), None);
    }

    fn picture(group: usize, p: f32, truth: usize) -> Picture {
        Picture { group: format!("g{group}"), probabilities: vec![1.0 - p, p], truth }
    }

    #[test]
    fn ten_of_each_kind_are_enough_for_an_area_and_nine_say_that_one_is_missing() {
        let made = |sick: usize| -> Vec<Picture> {
            let well = (0..12).map(|i| picture(i, 0.1 + i as f32 / 50.0, 0));
            well.chain((0..sick).map(|i| picture(100 + i, 0.3 + i as f32 / 30.0, 1))).collect()
        };
        let few = here(&made(9), &[None, Some(0.4)]);
        assert_eq!(few.macro_auroc, Maybe::Needs(1));
        assert_eq!(few.labels[1].sensitivity, Maybe::Needs(1));
        assert!(
            matches!(few.labels[1].specificity, Maybe::Known(f) if f.value == 1.0 && f.n == 12)
        );
        assert!(few.bins.is_empty() && few.ece.is_none(), "21 pictures make no plot");
        let enough = here(&made(20), &[None, Some(0.4)]);
        let Maybe::Known(area) = enough.macro_auroc else { panic!("enough of both") };
        assert!(area.low <= area.value && area.value <= area.high && area.low > 0.9);
        assert!(area.low < area.high, "twenty pictures are not certain");
        assert_eq!(enough.confusion.iter().flatten().sum::<usize>(), 32);
        assert_eq!(enough.bins.iter().map(|b| b.n).sum::<usize>(), 32);
        let Maybe::Known(found) = enough.labels[1].sensitivity else { panic!("enough") };
        near(found.value, 17.0 / 20.0);
    }

    #[test]
    fn pictures_of_one_person_widen_the_interval() {
        let made = |people: usize| -> Vec<Picture> {
            let p = |i: usize| 0.2 + ((i * 37) % 100) as f32 / 200.0;
            (0..80).map(|i| picture(i % people, p(i) + 0.1 * (i % 2) as f32, i % 2)).collect()
        };
        let wide = |people| match here(&made(people), &[None, None]).macro_auroc {
            Maybe::Known(f) => f.high - f.low,
            Maybe::Needs(_) => panic!("40 of each"),
        };
        assert!(wide(80) > 0.0 && wide(8) > 0.0);
        assert_eq!(here(&[], &[None, None]).accuracy, Maybe::Needs(10));
    }
}
