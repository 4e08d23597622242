//! A fit as a new version of its pack: the same network byte for byte, new heads or a new
//! temperature, and a card that says where and on what it was fitted.

use super::{Fitted, What};
use crate::describe::{Calibration, Description, Metric, Standing, Task};
use crate::engine::Engine;
use crate::load::Head;
use crate::pack::{self, PackError, Reader};
use crate::prep;
use crate::site::{Figure, Maybe};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::path::Path;

/// Pictures of each label among those held out that make a figure established.
const ESTABLISHED: usize = 30;
const HEADS: &str = "heads.safetensors";
const GOLDEN: &str = "golden.safetensors";
const CARD: &str = "README.md";

/// Who made the new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// Name of the facility.
    pub facility: String,
    /// Day, as `2026-11-21`.
    pub day: String,
    /// Of the new pack.
    pub version: String,
}

/// Writes the new pack into an empty folder of the pack's id and returns its hash. `from`: the
/// folder of the pack that `engine` was loaded from.
///
/// # Errors
/// A file cannot be read or written; the sentence names it.
pub fn write(
    engine: &Engine,
    from: &Path,
    to: &Path,
    fitted: &Fitted,
    maker: &Maker,
) -> Result<String, PackError> {
    let reader = Reader::new(from);
    let mut d = engine.info().description.clone();
    let position = d.tasks.iter().position(|t| t.name == fitted.task);
    let at = position.ok_or_else(|| reader.field("the task is not in the pack"))?;
    let failed = |file: &str, e: &std::io::Error| reader.unreadable(file, &e.to_string());
    for file in d.expected_files() {
        let bytes = match (file.as_str(), &fitted.head) {
            (HEADS, Some(head)) => heads(&reader, &fitted.task, head)?,
            (GOLDEN, Some(head)) => golden(&reader, engine, &d, at, head)?,
            (CARD, _) => card(&reader.text(CARD)?, fitted, maker).into_bytes(),
            (other, _) => reader.bytes(other)?,
        };
        std::fs::write(to.join(&file), bytes).map_err(|e| failed(&file, &e))?;
    }
    d.version.clone_from(&maker.version);
    if let Some(task) = d.tasks.get_mut(at) {
        describe(task, fitted, maker);
    }
    pack::seal(to, d)
}

/// One sentence for the card, the description and whoever asks.
fn said(fitted: &Fitted, maker: &Maker) -> String {
    let what = match fitted.what {
        What::Temperature => "temperature",
        What::Head => "head and temperature",
    };
    format!(
        "{what} re-fitted at {} on {} on {} pictures judged there, measured on {} of people held out",
        maker.facility, maker.day, fitted.fitted_n, fitted.held_out_n
    )
}

fn describe(task: &mut Task, fitted: &Fitted, maker: &Maker) {
    let after = &fitted.after.here;
    task.calibration =
        Calibration { temperature: fitted.temperature as f32, fitted_on: said(fitted, maker) };
    for ((label, cut), here) in task.labels.iter_mut().zip(&fitted.thresholds).zip(&after.labels) {
        let known = |m: Maybe| match m {
            Maybe::Known(f) => Some(f.value as f32),
            Maybe::Needs(_) => None,
        };
        label.threshold = *cut;
        label.sensitivity = cut.and(known(here.sensitivity));
        label.specificity = cut.and(known(here.specificity));
    }
    let enough = after.labels.iter().all(|l| l.n >= ESTABLISHED);
    task.standing = if enough { Standing::Measured } else { Standing::NotEstablished };
    task.confusion.clone_from(&after.confusion);
    task.metrics = metrics(fitted);
    task.caution = format!("{} The {}.", task.caution.trim_end(), said(fitted, maker));
}

fn metrics(fitted: &Fitted) -> Vec<Metric> {
    let (after, n) = (&fitted.after, fitted.held_out_n);
    let plain = |name: &str, value: f64| Metric {
        name: name.to_owned(),
        value: rounded(value),
        low: None,
        high: None,
        n,
    };
    let known = |name: &str, m: Maybe| match m {
        Maybe::Needs(_) => None,
        Maybe::Known(Figure { value, low, high, n }) => Some(Metric {
            name: name.to_owned(),
            value: rounded(value),
            low: Some(rounded(low)),
            high: Some(rounded(high)),
            n,
        }),
    };
    let mut all = vec![
        plain("Log loss, held out", after.log_loss),
        plain("Log loss before the re-fit, same pictures", fitted.before.log_loss),
        plain("Expected calibration error, held out", after.ece),
    ];
    // Under the same name as elsewhere: it is by this figure that the networks of a task compare.
    all.extend(known("Macro AUROC of the labels, gates off", after.here.macro_auroc));
    all.extend(known("Accuracy, gates off", after.here.accuracy));
    all
}

fn rounded(v: f64) -> f64 {
    (v * 1e4).round() / 1e4
}

/// The card there was, with what is new before it.
fn card(old: &str, fitted: &Fitted, maker: &Maker) -> String {
    let side = |s: &super::Side| {
        let auroc = match s.here.macro_auroc {
            Maybe::Known(f) => format!("{:.4} ({:.4} to {:.4})", f.value, f.low, f.high),
            Maybe::Needs(_) => "too few".to_owned(),
        };
        format!("{:.4} | {:.4} | {auroc}", s.log_loss, s.ece)
    };
    let (title, rest) = old.split_once('\n').unwrap_or((old, ""));
    let name = title.split_whitespace().nth(1).unwrap_or_default();
    format!(
        "# {name} {}\n\n## {}: re-fitted at {}\n\nThe {}. The network is the one there was, byte for byte. The pictures are those that people of the facility judged after they had seen the result: figures may look better than they are.\n\n| | Log loss | Calibration error | Macro AUROC |\n|---|---|---|---|\n| Before | {} |\n| After | {} |\n\nBetter in {:.0} of 100 resamples by person. Temperature {:.3}, before {:.3}.\n\nWhat follows is the card of the version it was made from; for {} the figures above count.\n{rest}",
        maker.version,
        fitted.task,
        maker.facility,
        said(fitted, maker),
        side(&fitted.before),
        side(&fitted.after),
        fitted.better,
        fitted.temperature,
        fitted.temperature_before,
        fitted.task,
    )
}

/// The tensors of a file, in the order of their names, with some of them put in anew.
fn replaced(
    reader: &Reader<'_>,
    file: &str,
    new: &[(String, Vec<usize>, Vec<f32>)],
) -> Result<Vec<u8>, PackError> {
    let bytes = reader.bytes(file)?;
    let st = SafeTensors::deserialize(&bytes).map_err(|e| reader.bad(file, e))?;
    let fresh: Vec<(String, Vec<usize>, Vec<u8>)> = new
        .iter()
        .map(|(n, s, v)| (n.clone(), s.clone(), v.iter().flat_map(|x| x.to_le_bytes()).collect()))
        .collect();
    let mut views = vec![];
    for (name, view) in st.tensors() {
        let found = fresh.iter().find(|(n, ..)| *n == name);
        let view = match found {
            Some((_, shape, data)) => {
                TensorView::new(Dtype::F32, shape.clone(), data).map_err(|e| reader.bad(file, e))?
            }
            None => view,
        };
        views.push((name, view));
    }
    views.sort_by(|a, b| a.0.cmp(&b.0));
    safetensors::serialize(views, None).map_err(|e| reader.bad(file, e))
}

fn heads(reader: &Reader<'_>, task: &str, head: &Head) -> Result<Vec<u8>, PackError> {
    let classes = head.bias.len();
    let width = head.weight.len() / classes.max(1);
    let weight = (format!("{task}.weight"), vec![classes, width], head.weight.clone());
    let bias = (format!("{task}.bias"), vec![classes], head.bias.clone());
    replaced(reader, HEADS, &[weight, bias])
}

/// The stored answers with those of the new head in their columns: the self-test of the new pack
/// then proves the new head too.
fn golden(
    reader: &Reader<'_>,
    engine: &Engine,
    d: &Description,
    at: usize,
    head: &Head,
) -> Result<Vec<u8>, PackError> {
    let bytes = reader.bytes(GOLDEN)?;
    let st = SafeTensors::deserialize(&bytes).map_err(|e| reader.bad(GOLDEN, e))?;
    let input = st.tensor("input").map_err(|e| reader.bad(GOLDEN, e))?;
    let answers = st.tensor("logits").map_err(|e| reader.bad(GOLDEN, e))?;
    let mut logits =
        crate::networks::floats("logits", &answers).map_err(|e| reader.bad(GOLDEN, e))?;
    let gate = d.gate.as_ref().map_or(0, |g| g.kinds.len());
    let before: usize = d.tasks.iter().take(at).map(|t| t.labels.len()).sum();
    let outputs = gate + d.tasks.iter().map(|t| t.labels.len()).sum::<usize>();
    let network = engine.network();
    let side = network.input.size;
    let pixels = (side * side * 3) as usize;
    for (n, picture) in input.data().chunks_exact(pixels.max(1)).enumerate() {
        let square = image::RgbImage::from_raw(side, side, picture.to_vec()).unwrap_or_default();
        let spec = &network.input;
        let prepared = prep::normalise_rgb(&square, &spec.mean, &spec.std);
        let (seen, _) = network.compute.see(&prepared);
        let row = n * outputs + gate + before;
        for (slot, z) in logits.iter_mut().skip(row).zip(head.logits(&seen.features)) {
            *slot = z;
        }
    }
    replaced(reader, GOLDEN, &[("logits".into(), answers.shape().to_vec(), logits)])
}
