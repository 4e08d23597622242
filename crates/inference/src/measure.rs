//! Measuring packs on labelled pictures, by the path the program itself takes.
//!
//! Every figure is the same on every run: pictures are worked on by several threads, but counted in
//! the order of the manifest, and the bootstrap has a fixed seed.

use crate::describe::{Metric, Standing, Task};
use crate::engine::{Engine, Reason, Scores, any_finding};
use crate::figures::{self, Scored};
use crate::manifest::{ManifestError, Row, is_validation, read_manifest};
use image::RgbImage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Which lines of a manifest to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// All.
    All,
    /// Only those of the validation split; the manifest needs the column `group`.
    Validation,
}

/// One picture that was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The line of the manifest.
    pub row: Row,
    /// What the engines made of it, or why the file could not be read.
    pub outcome: Result<Seen, String>,
}

/// What every task of the engines made of one picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// The scores of the picture's own task, where an engine knows it.
    pub own: Option<Scores>,
    /// Tasks that would have answered.
    pub answered_by: Vec<String>,
}

/// Figures of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReport {
    /// Name of the task.
    pub task: String,
    /// The pack that was asked: the first that knows the task. `None`: none does.
    pub pack: Option<String>,
    /// Pictures in the manifest.
    pub n: usize,
    /// Files that could not be read; they count as not answered.
    pub failed: usize,
    /// Pictures with findings; the others abstained.
    pub answered: usize,
    /// Reasons of the abstentions.
    pub abstained: BTreeMap<String, usize>,
    /// Share of the answered whose most probable label is right. `None` where no pack does this
    /// task, or nothing was answered: so for the figures below.
    pub accuracy: Option<f64>,
    /// Mean of the share right per label, over the answered.
    pub balanced_accuracy: Option<f64>,
    /// Mean over the labels of the area under the curve of one label against the rest, over the
    /// answered.
    pub macro_auroc: Option<f64>,
    /// The same with all gates off, over every picture that could be read.
    pub macro_auroc_gates_off: Option<f64>,
    /// Accuracy with all gates off.
    pub accuracy_gates_off: Option<f64>,
    /// Expected calibration error of the most probable label, max(5, n / 50) bins of equal size,
    /// over the answered.
    pub ece: Option<f64>,
    /// Area under the curve of any finding against none, gates off.
    pub finding_auroc: Option<f64>,
    /// Pictures of other kinds in the manifest.
    pub others: usize,
    /// Those of them that this task refused.
    pub others_refused: usize,
}

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Id, version and hash of each pack.
    pub packs: Vec<String>,
    /// In the order of the tasks' names.
    pub tasks: Vec<TaskReport>,
}

/// Measures packs on the pictures of a manifest; `root` is the folder the paths start from. Where
/// several packs know a task, the first is asked.
///
/// # Errors
/// [`ManifestError`] when the manifest cannot be read. A picture that cannot be read is counted as
/// failed.
pub fn evaluate(
    root: &Path,
    manifest: &Path,
    engines: &[Arc<Engine>],
    split: Split,
) -> Result<Report, ManifestError> {
    let mut rows = read_manifest(manifest)?;
    rows.retain(|r| split == Split::All || is_validation(&r.group));
    Ok(report(engines, &measure(root, rows, engines)))
}

/// Scores every row, in order.
pub fn measure(root: &Path, rows: Vec<Row>, engines: &[Arc<Engine>]) -> Vec<Measured> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 8);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(row) = rows.get(i) else { return mine };
            mine.push((i, see(root, row, engines)));
        }
    };
    let mut by_index: BTreeMap<usize, Result<Seen, String>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|h| h.join().unwrap_or_default()).collect()
    });
    let stopped = || Err("the worker stopped".to_owned());
    let mut outcome = |i| by_index.remove(&i).unwrap_or_else(stopped);
    rows.into_iter().enumerate().map(|(i, row)| Measured { row, outcome: outcome(i) }).collect()
}

fn see(root: &Path, row: &Row, engines: &[Arc<Engine>]) -> Result<Seen, String> {
    let picture = open(&root.join(&row.file))?;
    let (mut seen, mut views) = (Seen::default(), Vec::new());
    for engine in engines {
        // Packs on one network share the view.
        let known = views.iter().position(|(e, _): &(&Arc<Engine>, _)| e.shares_network(engine));
        let at = known.unwrap_or_else(|| {
            views.push((engine, engine.view(&picture)));
            views.len() - 1
        });
        let view = &views[at].1;
        for task in &engine.info().description.tasks {
            let Some(scores) = engine.score(view, &task.name) else { continue };
            if scores.refused.is_none() {
                seen.answered_by.push(task.name.clone());
            }
            if task.name == row.task && seen.own.is_none() {
                seen.own = Some(scores);
            }
        }
    }
    Ok(seen)
}

/// A picture file in three channels; sides of at most 16,384 pixels.
fn open(path: &Path) -> Result<RgbImage, String> {
    let mut reader = image::ImageReader::open(path)
        .and_then(|r| r.with_guessed_format())
        .map_err(|e| e.to_string())?;
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(16_384), Some(16_384));
    reader.limits(limits);
    Ok(reader.decode().map_err(|e| e.to_string())?.to_rgb8())
}

/// The figures of what was measured.
pub fn report(engines: &[Arc<Engine>], measured: &[Measured]) -> Report {
    let mut tasks: BTreeMap<&str, Vec<&Measured>> = BTreeMap::new();
    for m in measured {
        tasks.entry(&m.row.task).or_default().push(m);
    }
    let find = |name: &str| {
        engines.iter().find_map(|e| {
            let d = &e.info().description;
            Some((d.id.as_str(), d.task(name)?))
        })
    };
    let kind = |name: &str, label: &str| {
        find(name).map_or_else(|| label.to_owned(), |(_, t)| t.kind.clone())
    };
    let tasks = tasks.into_iter().map(|(name, list)| match find(name) {
        Some((pack, task)) => {
            let others: Vec<&Measured> =
                measured.iter().filter(|m| kind(&m.row.task, &m.row.label) != task.kind).collect();
            let answered = |m: &&&Measured| {
                m.outcome.as_ref().is_ok_and(|s| s.answered_by.iter().any(|a| a == name))
            };
            TaskReport {
                pack: Some(pack.to_owned()),
                others: others.len(),
                others_refused: others.len() - others.iter().filter(answered).count(),
                ..task_report(task, &list)
            }
        }
        None => unknown_task(name, &list),
    });
    let packs = engines.iter().map(|e| {
        let i = e.info();
        format!("{} {} {}", i.description.id, i.description.version, i.sha256)
    });
    Report { packs: packs.collect(), tasks: tasks.collect() }
}

/// A task no pack does: whatever was answered, was answered by a task it is not for.
fn unknown_task(name: &str, list: &[&Measured]) -> TaskReport {
    let failed = list.iter().filter(|m| m.outcome.is_err()).count();
    let any = |m: &&&Measured| m.outcome.as_ref().is_ok_and(|s| !s.answered_by.is_empty());
    TaskReport {
        task: name.to_owned(),
        pack: None,
        n: list.len(),
        failed,
        answered: list.iter().filter(any).count(),
        abstained: BTreeMap::new(),
        accuracy: None,
        balanced_accuracy: None,
        macro_auroc: None,
        macro_auroc_gates_off: None,
        accuracy_gates_off: None,
        ece: None,
        finding_auroc: None,
        others: 0,
        others_refused: 0,
    }
}

/// The scored pictures of a task with the index of their true label; only those with findings where
/// `answered`.
fn scored<'a>(task: &Task, list: &[&'a Measured], answered: bool) -> Vec<Scored<'a>> {
    list.iter()
        .filter_map(|m| {
            let scores = m.outcome.as_ref().ok()?.own.as_ref()?;
            let truth = task.labels.iter().position(|l| l.name == m.row.label)?;
            (!answered || scores.refused.is_none())
                .then_some((scores.probabilities.as_slice(), truth))
        })
        .collect()
}

fn task_report(task: &Task, list: &[&Measured]) -> TaskReport {
    let mut abstained = BTreeMap::new();
    let own = |m: &&Measured| m.outcome.as_ref().ok()?.own.as_ref()?.refused;
    for reason in list.iter().filter_map(own) {
        *abstained.entry(Reason::code(reason).to_owned()).or_insert(0) += 1;
    }
    let failed = list.iter().filter(|m| m.outcome.is_err()).count();
    let (all, open) = (scored(task, list, false), scored(task, list, true));
    let classes = task.labels.len();
    TaskReport {
        n: list.len(),
        failed,
        answered: list.len() - failed - abstained.values().sum::<usize>(),
        abstained,
        accuracy: figures::accuracy(&open),
        balanced_accuracy: figures::balanced_accuracy(&open, classes),
        macro_auroc: figures::macro_auroc(&open, classes),
        macro_auroc_gates_off: figures::macro_auroc(&all, classes),
        accuracy_gates_off: figures::accuracy(&all),
        ece: figures::ece(&open),
        finding_auroc: finding_auroc(task, &all),
        ..unknown_task(&task.name, list)
    }
}

/// Any finding against none; `None` where every class is one, or none is.
fn finding_auroc(task: &Task, list: &[Scored]) -> Option<f64> {
    let pair = |(p, t): &Scored| (any_finding(task, p), task.labels[*t].condition.is_some());
    figures::auroc(&list.iter().map(pair).collect::<Vec<_>>())
}

/// What the sealing example writes on the card of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Each with a 95 % interval from 1,000 resamples by group.
    pub metrics: Vec<Metric>,
    /// `[true label][called label]`, gates off.
    pub confusion: Vec<Vec<usize>>,
    /// Sensitivity and specificity of each label at its threshold, gates off.
    pub at_threshold: Vec<Option<(f32, f32)>>,
}

type Figure<'f> = (String, bool, Box<dyn Fn(&[Scored]) -> Option<f64> + 'f>);

/// The figures of one task; its own metrics stay where they are not established by this split.
pub fn card(task: &Task, measured: &[Measured]) -> Card {
    let list: Vec<&Measured> = measured.iter().filter(|m| m.row.task == task.name).collect();
    let all = scored(task, &list, false);
    let classes = task.labels.len();
    let at = |(c, l): (usize, &crate::describe::Label)| {
        let cut = l.threshold?;
        let pairs = figures::against_rest(&all, c);
        let share = |truth: bool| {
            let of: Vec<bool> =
                pairs.iter().filter(|p| p.1 == truth).map(|p| (p.0 >= cut) == truth).collect();
            (!of.is_empty()).then(|| of.iter().filter(|v| **v).count() as f32 / of.len() as f32)
        };
        Some((share(true)?, share(false)?))
    };
    let measured_here = task.standing == Standing::Measured;
    Card {
        metrics: if measured_here { intervals(task, &list) } else { task.metrics.clone() },
        confusion: if measured_here { figures::confusion(&all, classes) } else { vec![] },
        at_threshold: if measured_here {
            task.labels.iter().enumerate().map(at).collect()
        } else {
            vec![None; classes]
        },
    }
}

fn figures_of(task: &Task) -> Vec<Figure<'_>> {
    let classes = task.labels.len();
    type Sum = fn(&[Scored], usize) -> Option<f64>;
    // Name, over the answered only, how.
    let sums: [(&str, bool, Sum); 11] = [
        ("Macro AUROC of the labels, gates off", false, figures::macro_auroc),
        ("Macro AUROC of the labels, answered", true, figures::macro_auroc),
        ("Macro average precision, gates off", false, figures::macro_average_precision),
        ("Accuracy, gates off", false, |l, _| figures::accuracy(l)),
        ("Accuracy, answered", true, |l, _| figures::accuracy(l)),
        ("Balanced accuracy (macro recall), answered", true, figures::balanced_accuracy),
        ("Macro precision, answered", true, figures::macro_precision),
        ("Macro F1, answered", true, figures::macro_f1),
        ("Expected calibration error, answered", true, |l, _| figures::ece(l)),
        ("Brier score, answered", true, |l, _| figures::brier(l)),
        ("Brier score of the base rate, answered", true, figures::brier_of_base_rate),
    ];
    let mut out: Vec<Figure> = sums
        .into_iter()
        .map(|(name, open, sum)| -> Figure {
            (name.to_owned(), open, Box::new(move |l| sum(l, classes)))
        })
        .collect();
    out.push((
        "AUROC, any finding against none, gates off".to_owned(),
        false,
        Box::new(|l| finding_auroc(task, l)),
    ));
    for (c, label) in task.labels.iter().enumerate() {
        out.push((
            format!("AUROC, {} against the rest, gates off", label.name),
            false,
            Box::new(move |l| figures::auroc(&figures::against_rest(l, c))),
        ));
    }
    out
}

fn intervals(task: &Task, list: &[&Measured]) -> Vec<Metric> {
    let figures = figures_of(task);
    let mut groups: BTreeMap<&str, Vec<&Measured>> = BTreeMap::new();
    for m in list {
        let group = if m.row.group.is_empty() { &m.row.file } else { &m.row.group };
        groups.entry(group).or_default().push(m);
    }
    let groups: Vec<Vec<&Measured>> = groups.into_values().collect();
    let mut samples: Vec<Vec<f64>> = vec![Vec::new(); figures.len() + 1];
    let coverage = |l: &[&Measured]| {
        let all = scored(task, l, false).len();
        (all > 0).then(|| scored(task, l, true).len() as f64 / all as f64)
    };
    resample(&groups, |drawn| {
        let (all, open) = (scored(task, drawn, false), scored(task, drawn, true));
        for ((_, answered, figure), sample) in figures.iter().zip(&mut samples) {
            sample.extend(figure(if *answered { &open } else { &all }));
        }
        samples[figures.len()].extend(coverage(drawn));
    });
    let (all, open) = (scored(task, list, false), scored(task, list, true));
    let values = figures
        .iter()
        .map(|(name, answered, figure)| {
            let over = if *answered { &open } else { &all };
            (name.clone(), figure(over), over.len())
        })
        .chain([("Share of the task's pictures answered".to_owned(), coverage(list), all.len())]);
    values
        .zip(samples)
        .filter_map(|((name, value, n), mut sample)| {
            let (low, high) = middle(&mut sample).unzip();
            Some(Metric {
                name,
                value: round(value?),
                low: low.map(round),
                high: high.map(round),
                n,
            })
        })
        .collect()
}

/// Draws as many groups as there are, with replacement, a thousand times; the same ones on every
/// run.
pub(crate) fn resample<T: Copy>(groups: &[Vec<T>], mut with: impl FnMut(&[T])) {
    let mut seed = 20_261_120u64;
    for _ in 0..1_000 {
        let pick = |_| {
            let at = (split_mix(&mut seed) % groups.len().max(1) as u64) as usize;
            groups.get(at).into_iter().flatten().copied()
        };
        with(&(0..groups.len()).flat_map(pick).collect::<Vec<T>>());
    }
}

/// The middle 95 of 100 of a sample; `None` of nothing.
pub(crate) fn middle(sample: &mut [f64]) -> Option<(f64, f64)> {
    sample.sort_by(f64::total_cmp);
    let at = |q: f64| {
        let index = (sample.len().saturating_sub(1) as f64 * q).round() as usize;
        sample.get(index).copied()
    };
    Some((at(0.025)?, at(0.975)?))
}

fn round(v: f64) -> f64 {
    (v * 1e4).round() / 1e4
}

/// SplitMix64: a small generator whose numbers are the same everywhere.
pub(crate) fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
