//! Measuring an engine on labelled pictures, by the path the program itself takes.
//!
//! Every figure is the same on every run: pictures are worked on by several threads, but counted in the order of the
//! manifest, and the bootstrap has a fixed seed.

use crate::engine::{Engine, Reason, Scores};
use crate::manifest::{ManifestError, Row, is_validation, read_manifest};
use crate::pack::Metric;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One picture that was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The line of the manifest.
    pub row: Row,
    /// The scores, or why the file could not be read.
    pub outcome: Result<Scores, String>,
}

/// Figures of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReport {
    /// Name of the task.
    pub task: String,
    /// Pictures in the manifest.
    pub n: usize,
    /// Files that could not be read; they count as not answered.
    pub failed: usize,
    /// Pictures with findings; the others abstained.
    pub answered: usize,
    /// Reasons of the abstentions.
    pub abstained: BTreeMap<String, usize>,
    /// Share of the answered whose most probable label is right. `None` where the pack does not do this task, or
    /// nothing was answered: so for the figures below.
    pub accuracy: Option<f64>,
    /// Mean of the share right per label, over the answered.
    pub balanced_accuracy: Option<f64>,
    /// Mean over the labels of the area under the curve of one label against the rest, over the answered.
    pub macro_auroc: Option<f64>,
    /// The same with all gates off, over every picture that could be read.
    pub macro_auroc_gates_off: Option<f64>,
    /// Accuracy with all gates off.
    pub accuracy_gates_off: Option<f64>,
    /// Expected calibration error of the most probable label, 15 bins of equal size, over the answered.
    pub ece: Option<f64>,
    /// Area under the curve of any finding against none, gates off.
    pub finding_auroc: Option<f64>,
}

/// How well the gates tell chest X-rays from everything else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// Pictures whose task or label is chest X-ray.
    pub chest: usize,
    /// Those of them with findings.
    pub chest_accepted: usize,
    /// All other pictures.
    pub other: usize,
    /// Those of them that abstained.
    pub other_refused: usize,
}

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Id, version and hash of the pack.
    pub pack: String,
    /// Hash of the pack.
    pub sha256: String,
    /// In the order of the tasks' names.
    pub tasks: Vec<TaskReport>,
    /// Over all tasks.
    pub gate: GateReport,
}

/// Which lines of a manifest to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// All.
    All,
    /// Only those of the validation split; the manifest needs the column `group`.
    Validation,
}

/// Measures `engine` on the pictures of a manifest; `root` is the folder the paths start from.
///
/// # Errors
/// [`ManifestError`] when the manifest cannot be read. A picture that cannot be read is counted as failed.
pub fn evaluate(
    root: &Path,
    manifest: &Path,
    engine: &Engine,
    split: Split,
) -> Result<Report, ManifestError> {
    let mut rows = read_manifest(manifest)?;
    rows.retain(|r| split == Split::All || is_validation(&r.group));
    Ok(report(engine, &measure(root, rows, engine)))
}

/// Scores every row, in order.
pub fn measure(root: &Path, rows: Vec<Row>, engine: &Engine) -> Vec<Measured> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 8);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(row) = rows.get(i) else { return mine };
            mine.push((i, score_file(root, &row.file, engine)));
        }
    };
    let mut outcomes: Vec<(usize, Result<Scores, String>)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|h| h.join().unwrap_or_default()).collect()
    });
    outcomes.sort_by_key(|(i, _)| *i);
    let mut by_index: BTreeMap<usize, Result<Scores, String>> = outcomes.into_iter().collect();
    rows.into_iter()
        .enumerate()
        .map(|(i, row)| Measured {
            row,
            outcome: by_index.remove(&i).unwrap_or_else(|| Err("the worker stopped".to_owned())),
        })
        .collect()
}

fn score_file(root: &Path, file: &str, engine: &Engine) -> Result<Scores, String> {
    let mut reader = image::ImageReader::open(root.join(file))
        .and_then(|r| r.with_guessed_format())
        .map_err(|e| e.to_string())?;
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(16_384), Some(16_384));
    reader.limits(limits);
    let gray = reader.decode().map_err(|e| e.to_string())?.to_luma8();
    Ok(engine.score(&gray))
}

/// Whether a row is a chest X-ray, by its task or its label.
pub fn is_chest_xray(row: &Row) -> bool {
    row.task.starts_with("chest_xray") || row.label == "chest_xray"
}

/// The figures of what was measured.
pub fn report(engine: &Engine, measured: &[Measured]) -> Report {
    let d = &engine.info().description;
    let mut tasks: BTreeMap<&str, Vec<&Measured>> = BTreeMap::new();
    let mut gate = GateReport { chest: 0, chest_accepted: 0, other: 0, other_refused: 0 };
    for m in measured {
        tasks.entry(&m.row.task).or_default().push(m);
        let answered = m.outcome.as_ref().is_ok_and(|s| s.refused.is_none());
        if is_chest_xray(&m.row) {
            gate.chest += 1;
            gate.chest_accepted += usize::from(answered);
        } else {
            gate.other += 1;
            gate.other_refused += usize::from(!answered);
        }
    }
    let tasks = tasks.into_iter().map(|(task, list)| task_report(engine, task, &list)).collect();
    Report {
        pack: format!("{} {}", d.id, d.version),
        sha256: engine.info().sha256.clone(),
        tasks,
        gate,
    }
}

/// A scored picture with the index of its true label.
type Scored<'a> = (&'a Scores, usize);

fn scored<'a>(engine: &Engine, list: &[&'a Measured]) -> Vec<Scored<'a>> {
    let labels = &engine.info().description.labels;
    list.iter()
        .filter_map(|m| {
            Some((m.outcome.as_ref().ok()?, labels.iter().position(|l| l.name == m.row.label)?))
        })
        .collect()
}

fn task_report(engine: &Engine, task: &str, list: &[&Measured]) -> TaskReport {
    let mut abstained = BTreeMap::new();
    for reason in list.iter().filter_map(|m| m.outcome.as_ref().ok()?.refused) {
        *abstained.entry(Reason::code(reason).to_owned()).or_insert(0) += 1;
    }
    let failed = list.iter().filter(|m| m.outcome.is_err()).count();
    let answered = list.len() - failed - abstained.values().sum::<usize>();
    let mine = task == engine.info().description.task;
    let all = if mine { scored(engine, list) } else { Vec::new() };
    let open: Vec<Scored> = all.iter().copied().filter(|(s, _)| s.refused.is_none()).collect();
    let classes = engine.info().description.labels.len();
    TaskReport {
        task: task.to_owned(),
        n: list.len(),
        failed,
        answered,
        abstained,
        accuracy: accuracy(&open),
        balanced_accuracy: balanced_accuracy(&open, classes),
        macro_auroc: macro_auroc(&open, classes),
        macro_auroc_gates_off: macro_auroc(&all, classes),
        accuracy_gates_off: accuracy(&all),
        ece: ece(&open),
        finding_auroc: finding_auroc(engine, &all),
    }
}

/// The figures of the card for the pack's own task, each with a 95 % interval from 1,000 resamples by group.
pub fn card_metrics(engine: &Engine, measured: &[Measured]) -> Vec<Metric> {
    let d = &engine.info().description;
    let list: Vec<&Measured> = measured.iter().filter(|m| m.row.task == d.task).collect();
    let classes = d.labels.len();
    let answered = |all: &[Scored]| {
        all.iter().filter(|(s, _)| s.refused.is_none()).count() as f64 / all.len().max(1) as f64
    };
    type Figure<'f> = (String, Box<dyn Fn(&[Scored]) -> Option<f64> + 'f>);
    let over_answered = |f: fn(&[Scored], usize) -> Option<f64>| {
        move |all: &[Scored]| {
            f(
                &all.iter().copied().filter(|(s, _)| s.refused.is_none()).collect::<Vec<_>>(),
                classes,
            )
        }
    };
    let mut figures: Vec<Figure> = vec![
        (
            "AUROC, pneumonia against normal, gates off".to_owned(),
            Box::new(|all| finding_auroc(engine, all)),
        ),
        (
            "Macro AUROC of the labels, gates off".to_owned(),
            Box::new(move |all| macro_auroc(all, classes)),
        ),
        ("Macro AUROC of the labels, answered".to_owned(), Box::new(over_answered(macro_auroc))),
        (
            "Accuracy over the labels, answered".to_owned(),
            Box::new(over_answered(|a, _| accuracy(a))),
        ),
        ("Balanced accuracy, answered".to_owned(), Box::new(over_answered(balanced_accuracy))),
        ("Expected calibration error, answered".to_owned(), Box::new(over_answered(|a, _| ece(a)))),
        ("Share of the task's films answered".to_owned(), Box::new(move |all| Some(answered(all)))),
    ];
    for (index, label) in d.labels.iter().enumerate() {
        figures.push((
            format!("AUROC, {} against the rest, gates off", label.name),
            Box::new(move |all| {
                auroc(
                    &all.iter()
                        .map(|(s, t)| {
                            (s.probabilities.get(index).copied().unwrap_or(0.0), *t == index)
                        })
                        .collect::<Vec<_>>(),
                )
            }),
        ));
    }
    for t in &d.thresholds {
        let (value, name) = (t.value, &t.name);
        figures.push((
            format!("Sensitivity for pneumonia at {value} ({name}), gates off"),
            Box::new(move |all| share_found(engine, all, value, true)),
        ));
        figures.push((
            format!("Specificity for pneumonia at {value} ({name}), gates off"),
            Box::new(move |all| share_found(engine, all, value, false)),
        ));
    }

    let mut groups: BTreeMap<&str, Vec<&Measured>> = BTreeMap::new();
    for m in &list {
        groups
            .entry(if m.row.group.is_empty() { &m.row.file } else { &m.row.group })
            .or_default()
            .push(m);
    }
    let groups: Vec<Vec<&Measured>> = groups.into_values().collect();
    let mut samples: Vec<Vec<f64>> = vec![Vec::new(); figures.len()];
    let mut seed = 20_261_120u64;
    for _ in 0..1_000 {
        let drawn: Vec<&Measured> = (0..groups.len())
            .flat_map(|_| {
                groups[(split_mix(&mut seed) % groups.len().max(1) as u64) as usize].iter().copied()
            })
            .collect();
        let drawn = scored(engine, &drawn);
        for ((_, figure), sample) in figures.iter().zip(&mut samples) {
            sample.extend(figure(&drawn));
        }
    }
    let all = scored(engine, &list);
    figures
        .iter()
        .zip(samples)
        .filter_map(|((name, figure), mut sample)| {
            sample.sort_by(f64::total_cmp);
            let at = |q: f64| {
                sample
                    .get(((sample.len().saturating_sub(1)) as f64 * q).round() as usize)
                    .copied()
                    .map(round)
            };
            Some(Metric {
                name: name.clone(),
                value: round(figure(&all)?),
                low: at(0.025),
                high: at(0.975),
                n: all.len(),
            })
        })
        .collect()
}

fn round(v: f64) -> f64 {
    (v * 1e4).round() / 1e4
}

/// SplitMix64: a small generator whose numbers are the same everywhere.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn best(p: &[f32]) -> (usize, f32) {
    p.iter()
        .copied()
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |b, (i, v)| if v > b.1 { (i, v) } else { b })
}

fn accuracy(list: &[Scored]) -> Option<f64> {
    let right = list.iter().filter(|(s, t)| best(&s.probabilities).0 == *t).count();
    (!list.is_empty()).then(|| right as f64 / list.len() as f64)
}

fn balanced_accuracy(list: &[Scored], classes: usize) -> Option<f64> {
    mean((0..classes).filter_map(|c| {
        accuracy(&list.iter().copied().filter(|(_, t)| *t == c).collect::<Vec<_>>())
    }))
}

fn macro_auroc(list: &[Scored], classes: usize) -> Option<f64> {
    mean((0..classes).filter_map(|c| {
        auroc(
            &list
                .iter()
                .map(|(s, t)| (s.probabilities.get(c).copied().unwrap_or(0.0), *t == c))
                .collect::<Vec<_>>(),
        )
    }))
}

fn finding_auroc(engine: &Engine, list: &[Scored]) -> Option<f64> {
    let labels = &engine.info().description.labels;
    auroc(
        &list
            .iter()
            .map(|(s, t)| (engine.any_finding(&s.probabilities), labels[*t].snomed_ct.is_some()))
            .collect::<Vec<_>>(),
    )
}

fn share_found(engine: &Engine, list: &[Scored], threshold: f32, with: bool) -> Option<f64> {
    let labels = &engine.info().description.labels;
    let hits: Vec<bool> = list
        .iter()
        .filter(|(_, t)| labels[*t].snomed_ct.is_some() == with)
        .map(|(s, _)| (engine.any_finding(&s.probabilities) >= threshold) == with)
        .collect();
    mean(hits.iter().map(|h| f64::from(u8::from(*h))))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0usize, 0.0), |(n, s), v| (n + 1, s + v));
    (n > 0).then(|| sum / n as f64)
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

/// Expected calibration error of the most probable label over 15 bins of equal size.
fn ece(list: &[Scored]) -> Option<f64> {
    let mut points: Vec<(f32, bool)> = list
        .iter()
        .map(|(s, t)| (best(&s.probabilities), t))
        .map(|((i, p), t)| (p, i == *t))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = points.len();
    (n > 0).then(|| {
        (0..15)
            .map(|b| &points[n * b / 15..n * (b + 1) / 15])
            .map(|bin| {
                (bin.iter().map(|p| f64::from(p.0)).sum::<f64>()
                    - bin.iter().filter(|p| p.1).count() as f64)
                    .abs()
            })
            .sum::<f64>()
            / n as f64
    })
}

#[cfg(test)]
mod tests {
    use super::auroc;

    #[test]
    fn a_perfect_a_reversed_and_a_constant_score_have_areas_one_zero_and_a_half() {
        let pairs =
            |s: [f32; 4]| auroc(&[(s[0], false), (s[1], false), (s[2], true), (s[3], true)]);
        assert_eq!(pairs([0.1, 0.2, 0.3, 0.4]), Some(1.0));
        assert_eq!(pairs([0.4, 0.3, 0.2, 0.1]), Some(0.0));
        assert_eq!(pairs([0.5; 4]), Some(0.5));
        assert_eq!(auroc(&[(0.5, true)]), None, "one kind alone has no area");
    }
}
