//! Fitting a task anew on the pictures that a place has judged itself: the temperature alone, or the
//! linear head as well. What is fitted is kept only if it does better on pictures of people it was
//! not fitted on; the network underneath never changes.

mod fit;
mod write;

pub use write::{Maker, write};

use crate::engine::{Engine, View};
use crate::figures::{self, Scored};
use crate::manifest::group_bucket;
use crate::measure::resample;
use crate::site::{self, Here, Picture};
use fit::{head_of, log_loss, softmax, temperature_of};
use std::collections::BTreeMap;

/// Of 100 groups of one person's pictures so many are held out.
const HELD_OUT: u32 = 30;
/// Judged pictures of each label that a temperature needs, and that a head needs.
const LEAST: (usize, usize) = (10, 30);
/// Of them so many have to be among the pictures held out, and among those fitted on.
pub const LEAST_HELD_OUT: usize = 5;
/// Share of the resamples by person in which the new must beat the old.
const SURE: f64 = 0.9;

/// What is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// One number: how sure the task is of itself. The order of the pictures stays.
    Temperature,
    /// The linear layer over the network's features, and then the temperature.
    Head,
}

impl What {
    /// Judged pictures of each label that it needs.
    pub fn least(self) -> usize {
        match self {
            Self::Temperature => LEAST.0,
            Self::Head => LEAST.1,
        }
    }
}

/// Judged pictures of one label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub found: usize,
    /// Those of people held out.
    pub held_out: usize,
}

impl Count {
    /// Whether there are enough of this label.
    pub fn enough(self, what: What) -> bool {
        let out = self.held_out;
        self.found >= what.least()
            && out >= LEAST_HELD_OUT
            && self.found.saturating_sub(out) >= LEAST_HELD_OUT
    }
}

/// How many pictures there are of each of so many labels, from the group and the true label of each.
pub fn counts<'a>(labels: usize, pictures: impl Iterator<Item = (&'a str, usize)>) -> Vec<Count> {
    let mut all = vec![Count::default(); labels];
    for (group, truth) in pictures {
        if let Some(count) = all.get_mut(truth) {
            count.found += 1;
            count.held_out += usize::from(is_held_out(group));
        }
    }
    all
}

/// One judged picture as the network sees it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Pictures of one person share it.
    pub group: String,
    features: Vec<f32>,
    /// Index of the label that is right.
    pub truth: usize,
}

impl Sample {
    /// From a view of the picture by the pack that is to be fitted; `None` where the view is of
    /// another network.
    pub fn new(engine: &Engine, view: &View, group: String, truth: usize) -> Option<Self> {
        let features = engine.features_of(view)?.to_vec();
        Some(Self { group, features, truth })
    }
}

/// Why nothing is fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The pack does not know the task, or a sample is not of it.
    #[error("The pack does not do this task.")]
    NoTask,
    /// Too few pictures.
    #[error(
        "{label} has {found} judged pictures here; {least} are needed, {held_out} of them of people held out."
    )]
    TooFew {
        /// The label with the fewest.
        label: String,
        /// Judged pictures of it.
        found: usize,
        /// Needed.
        least: usize,
        /// Needed among those held out.
        held_out: usize,
    },
    /// It does no better on the pictures held out.
    #[error(
        "On the {n} pictures held out the fit is no better beyond chance: log loss {before:.4} before, {after:.4} after, better in {share:.0} of 100 resamples; 90 are needed."
    )]
    NotBetter {
        /// Pictures held out.
        n: usize,
        /// Mean log loss of the pack as it is.
        before: f64,
        /// And as fitted.
        after: f64,
        /// Resamples of 100 in which it is lower.
        share: f64,
    },
}

/// The figures of one side on the pictures held out.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// Mean negative logarithm of the probability of the right label.
    pub log_loss: f64,
    /// Expected calibration error.
    pub ece: f64,
    /// Everything else; thresholds of the side itself.
    pub here: Here,
}

/// A fit that did better.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The task.
    pub task: String,
    /// What was fitted.
    pub what: What,
    /// The new temperature.
    pub temperature: f64,
    /// The temperature there was.
    pub temperature_before: f64,
    /// `[labels, features]` and `[labels]`; `None` where only the temperature changed.
    pub(crate) head: Option<crate::load::Head>,
    /// Of each label, by the largest sensitivity plus specificity on the pictures fitted on.
    pub thresholds: Vec<Option<f32>>,
    /// Pictures fitted on.
    pub fitted_n: usize,
    /// Pictures held out.
    pub held_out_n: usize,
    /// The pack as it is, on those held out.
    pub before: Side,
    /// The fit on the same.
    pub after: Side,
    /// Resamples of 100 in which the log loss is lower.
    pub better: f64,
}

/// Whether a picture of this group is held out: SHA-256 of the group with a word before it, so that
/// it is another division than that of the training pictures.
pub fn is_held_out(group: &str) -> bool {
    group_bucket(&format!("held out {group}")) < HELD_OUT
}

/// Fits and measures.
///
/// # Errors
/// [`Refused`], whose sentence gives the numbers.
pub fn refit(
    engine: &Engine,
    task: &str,
    what: What,
    samples: &[Sample],
) -> Result<Fitted, Refused> {
    let described = engine.info().description.task(task).ok_or(Refused::NoTask)?;
    let old = engine.head_of(task).ok_or(Refused::NoTask)?;
    let classes = described.labels.len();
    let fits = |s: &Sample| s.truth < classes && s.features.len() * classes == old.weight.len();
    if !samples.iter().all(fits) {
        return Err(Refused::NoTask);
    }
    let (held, used): (Vec<&Sample>, Vec<&Sample>) =
        samples.iter().partition(|s| is_held_out(&s.group));
    enough(described, what, samples)?;

    let before = f64::from(described.calibration.temperature);
    let head = match what {
        What::Temperature => None,
        What::Head => Some(head_of(old, &used, classes)),
    };
    let new = head.as_ref().unwrap_or(old);
    let temperature = temperature_of(&logits(new, &used));
    let thresholds = thresholds(&pictures(new, temperature, &used), classes);
    let shipped: Vec<Option<f32>> = described.labels.iter().map(|l| l.threshold).collect();
    let (was, is) = (pictures(old, before, &held), pictures(new, temperature, &held));
    let better = better(&was, &is);
    let fitted = Fitted {
        task: task.to_owned(),
        what,
        temperature,
        temperature_before: before,
        fitted_n: used.len(),
        held_out_n: held.len(),
        before: side(&was, &shipped),
        after: side(&is, &thresholds),
        thresholds,
        head,
        better,
    };
    if better < SURE * 100.0 || fitted.after.log_loss >= fitted.before.log_loss {
        let (before, after) = (fitted.before.log_loss, fitted.after.log_loss);
        return Err(Refused::NotBetter { n: held.len(), before, after, share: better });
    }
    Ok(fitted)
}

/// Enough of every label, also among those held out.
fn enough(task: &crate::describe::Task, what: What, all: &[Sample]) -> Result<(), Refused> {
    let counts = counts(task.labels.len(), all.iter().map(|s| (s.group.as_str(), s.truth)));
    let lacking = task.labels.iter().zip(counts).find(|(_, count)| !count.enough(what));
    lacking.map_or(Ok(()), |(label, Count { found, .. })| {
        let (label, held_out) = (label.name.clone(), LEAST_HELD_OUT);
        Err(Refused::TooFew { label, found, least: what.least(), held_out })
    })
}

fn logits(head: &crate::load::Head, samples: &[&Sample]) -> Vec<(Vec<f64>, usize)> {
    let of = |s: &&Sample| (head.logits(&s.features).into_iter().map(f64::from).collect(), s.truth);
    samples.iter().map(of).collect()
}

fn pictures(head: &crate::load::Head, temperature: f64, samples: &[&Sample]) -> Vec<Picture> {
    let of = |(s, (z, truth)): (&&Sample, (Vec<f64>, usize))| Picture {
        group: s.group.clone(),
        probabilities: softmax(&z, temperature).into_iter().map(|p| p as f32).collect(),
        truth,
    };
    samples.iter().zip(logits(head, samples)).map(of).collect()
}

fn side(pictures: &[Picture], thresholds: &[Option<f32>]) -> Side {
    let list: Vec<Scored<'_>> =
        pictures.iter().map(|p| (p.probabilities.as_slice(), p.truth)).collect();
    Side {
        log_loss: log_loss(pictures.iter()),
        ece: figures::ece(&list).unwrap_or(0.0),
        here: site::here(pictures, thresholds),
    }
}

/// Of 100 resamples by person, those in which the second list has the lower log loss.
fn better(was: &[Picture], is: &[Picture]) -> f64 {
    let mut groups: BTreeMap<&str, Vec<(&Picture, &Picture)>> = BTreeMap::new();
    for (a, b) in was.iter().zip(is) {
        groups.entry(&a.group).or_default().push((a, b));
    }
    let groups: Vec<Vec<(&Picture, &Picture)>> = groups.into_values().collect();
    let (mut wins, mut all) = (0usize, 0usize);
    resample(&groups, |drawn| {
        all += 1;
        let (before, after) = (drawn.iter().map(|d| d.0), drawn.iter().map(|d| d.1));
        wins += usize::from(log_loss(after) < log_loss(before));
    });
    100.0 * wins as f64 / all.max(1) as f64
}

/// Of each label the probability at which sensitivity plus specificity is largest; `None` where
/// there are too few of it or of the others.
fn thresholds(pictures: &[Picture], classes: usize) -> Vec<Option<f32>> {
    let list: Vec<Scored<'_>> =
        pictures.iter().map(|p| (p.probabilities.as_slice(), p.truth)).collect();
    let of = |c: usize| {
        let mut pairs = figures::against_rest(&list, c);
        let all = pairs.iter().filter(|p| p.1).count();
        let others = pairs.len() - all;
        if all < site::LEAST || others < site::LEAST {
            return None;
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut hits, mut false_ones, mut best) = (0usize, 0usize, (f64::NEG_INFINITY, 0.5f32));
        for (i, (p, is)) in pairs.iter().enumerate() {
            hits += usize::from(*is);
            false_ones += usize::from(!*is);
            // Equal scores are one threshold.
            if pairs.get(i + 1).is_some_and(|next| next.0 == *p) {
                continue;
            }
            let gain = hits as f64 / all as f64 - false_ones as f64 / others as f64;
            if gain > best.0 {
                best = (gain, *p);
            }
        }
        Some(best.1)
    };
    (0..classes).map(of).collect()
}

#[cfg(test)]
mod tests;
