//! Makes packs of what the training wrote: measures them by the program's own path, writes the
//! figures into `model.toml` and the card, and seals them.
//!
//! `cargo run -p inference --example seal -- MODELS IMAGES MANIFEST DRAFT..`: a `DRAFT` is a folder
//! that `models/training/heads.py` wrote; the pack that brings a network comes before those that
//! stand on it. `IMAGES` holds the unzipped pictures. The lines in `MODELS/PACKS.sha256` are
//! replaced; the program must then be built again.

use inference::describe::{Description, LicenceClass, Standing, Task};
use inference::measure::{Measured, TaskReport, card, measure, report};
use inference::{Engine, manifest, pack};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Anything = Box<dyn std::error::Error>;

fn main() -> Result<(), Anything> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [models, images, list, drafts @ ..] = args.as_slice() else {
        return Err("usage: seal MODELS IMAGES MANIFEST DRAFT..".into());
    };
    let models = Path::new(models);
    let mut packs: Vec<(PathBuf, Description)> = Vec::new();
    let mut engines: Vec<Arc<Engine>> = Vec::new();
    for draft in drafts {
        let (dir, description) = take(models, Path::new(draft))?;
        engines.push(Arc::new(Engine::load_unpinned(&dir, &engines)?));
        packs.push((dir, description));
    }
    let mut rows = manifest::read_manifest(Path::new(list))?;
    rows.retain(|r| manifest::is_validation(&r.group));
    let measured = measure(Path::new(images), rows, &engines);
    let whole = report(&engines, &measured);
    // A network that others name by hash is sealed before them and does not change by it.
    for (dir, description) in &mut packs {
        for task in &mut description.tasks {
            fill(task, &measured);
        }
        std::fs::write(dir.join("README.md"), readme(description, &whole.tasks)?)?;
        let sha = pack::seal(dir, description.clone())?;
        pin(models, &description.id, &sha)?;
        eprintln!("{sha}  {}", description.id);
    }
    Ok(())
}

/// Copies the files of a draft into the folder of its pack.
fn take(models: &Path, draft: &Path) -> Result<(PathBuf, Description), Anything> {
    let text = std::fs::read_to_string(draft.join("draft.json"))?;
    let mut json: serde_json::Value = serde_json::from_str(&text)?;
    json["files"] = serde_json::json!({});
    let description: Description = serde_json::from_value(json)?;
    let dir = models.join(&description.id);
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("README.md"), "The card is written after measuring.\n")?;
    for file in description.expected_files() {
        if file.ends_with(".safetensors") {
            std::fs::copy(draft.join(&file), dir.join(&file))?;
        }
    }
    pack::seal(&dir, description.clone())?;
    Ok((dir, description))
}

fn fill(task: &mut Task, measured: &[Measured]) {
    let card = card(task, measured);
    for (label, at) in task.labels.iter_mut().zip(&card.at_threshold) {
        let short = |v: f32| (v * 1e4).round() / 1e4;
        label.sensitivity = at.map(|a| short(a.0));
        label.specificity = at.map(|a| short(a.1));
    }
    task.metrics = card.metrics;
    task.confusion = card.confusion;
}

fn pin(models: &Path, id: &str, sha: &str) -> Result<(), Anything> {
    let pins = models.join("PACKS.sha256");
    let mut lines: Vec<String> = std::fs::read_to_string(&pins)?
        .lines()
        .filter(|l| !l.ends_with(&format!("  {id}")))
        .map(str::to_owned)
        .collect();
    lines.push(format!("{sha}  {id}"));
    lines.sort_by_key(|l| l.split_once("  ").map(|(_, n)| n.to_owned()));
    Ok(std::fs::write(pins, lines.join("\n") + "\n")?)
}

fn readme(d: &Description, reports: &[TaskReport]) -> Result<String, Anything> {
    let mut out = String::new();
    let licence = match d.licence_class {
        LicenceClass::Open => "open",
        LicenceClass::ResearchOnly => "research only",
        LicenceClass::NonCommercial => "non-commercial",
    };
    writeln!(out, "# {} {}\n", d.id, d.version)?;
    writeln!(
        out,
        "**Not a medical device. A second look for teaching and research, never a diagnosis.**\n"
    )?;
    writeln!(
        out,
        "Network: {}, input {} x {} pixels. Licence class: **{licence}**. {}\n",
        d.architecture.name(),
        d.input.size,
        d.input.size,
        d.licence
    )?;
    if let Some(b) = &d.backbone {
        writeln!(
            out,
            "The heads stand on the network of the pack `{}` (SHA-256 of its weights {}), which never saw their pictures.\n",
            b.pack, b.sha256
        )?;
    }
    writeln!(out, "Split: {}\n", d.split)?;
    writeln!(
        out,
        "The figures below are made by the Rust program on the validation split: `cargo run --release -p inference --example seal -- models IMAGES MANIFEST DRAFT..`. Intervals: 1,000 resamples by group. Sex, age and site of the pictures are unknown unless a task says otherwise, so there is no table of subgroups.\n"
    )?;
    for t in &d.tasks {
        section(&mut out, t, reports.iter().find(|r| r.task == t.name))?;
    }
    Ok(out)
}

fn section(out: &mut String, t: &Task, report: Option<&TaskReport>) -> Result<(), Anything> {
    writeln!(out, "## {}\n", t.name)?;
    writeln!(out, "For: {} Not for: {}\n", t.intended_use.text, t.intended_use.out_of_scope)?;
    writeln!(out, "Caution: {}\n", t.caution)?;
    if t.standing == Standing::NotEstablished {
        writeln!(out, "**Not established**: too few groups per label for a validation split.\n")?;
    }
    for s in &t.training {
        writeln!(out, "Pictures: {}; licence: {}.\n", s.name, s.licence)?;
    }
    writeln!(
        out,
        "Temperature {:.3}, fitted on {}.\n",
        t.calibration.temperature, t.calibration.fitted_on
    )?;
    writeln!(out, "| Figure | Value | 95 % interval | n |\n|---|---|---|---|")?;
    for m in &t.metrics {
        let interval =
            m.low.zip(m.high).map_or(String::new(), |(l, h)| format!("{l:.4} to {h:.4}"));
        writeln!(out, "| {} | {:.4} | {interval} | {} |", m.name, m.value, m.n)?;
    }
    if let Some(r) = report {
        let reasons: Vec<String> = r.abstained.iter().map(|(k, n)| format!("{k} {n}")).collect();
        writeln!(
            out,
            "\nGates: {} of {} pictures of the task answered ({}); {} of {} pictures of other kinds refused.\n",
            r.answered,
            r.n,
            if reasons.is_empty() { "none refused".to_owned() } else { reasons.join(", ") },
            r.others_refused,
            r.others
        )?;
    }
    writeln!(
        out,
        "| Label | Condition | Threshold | Sensitivity | Specificity |\n|---|---|---|---|---|"
    )?;
    let number = |v: Option<f32>| v.map_or("-".to_owned(), |v| format!("{v:.4}"));
    for l in &t.labels {
        let condition = l.condition.as_deref().unwrap_or("no finding");
        writeln!(
            out,
            "| {} | {condition} | {} | {} | {} |",
            l.name,
            number(l.threshold),
            number(l.sensitivity),
            number(l.specificity)
        )?;
    }
    if !t.confusion.is_empty() {
        writeln!(out, "\nCalled (columns) of each true label (rows), gates off:\n")?;
        let names: Vec<&str> = t.labels.iter().map(|l| l.name.as_str()).collect();
        writeln!(out, "| | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()))?;
        for (name, row) in names.iter().zip(&t.confusion) {
            let cells: Vec<String> = row.iter().map(usize::to_string).collect();
            writeln!(out, "| {name} | {} |", cells.join(" | "))?;
        }
    }
    out.push('\n');
    Ok(())
}
