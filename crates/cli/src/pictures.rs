//! Commands about pictures and packs. They need no facility.

use crate::End;
use clap::{Args, Subcommand};
use inference::evaluate::Split;
use inference::{Engine, Status};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub(crate) struct Analyze {
    /// DICOM, PNG, JPEG or TIFF files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The task; the pack has to do it.
    #[arg(long)]
    task: Option<String>,
    /// A pack's id (a folder of the packs folder) or its path.
    #[arg(long)]
    pack: Option<String>,
    /// Writes the map of the strongest finding over the picture (of the first file).
    #[arg(long)]
    heatmap: Option<PathBuf>,
    /// Where to compute. This version computes on the CPU.
    #[arg(long, default_value = "auto", value_parser = ["auto", "cpu", "gpu"])]
    device: String,
}

#[derive(Args)]
pub(crate) struct Evaluate {
    /// The folder the manifest's paths start from.
    #[arg(long)]
    root: PathBuf,
    /// CSV with the columns file, task, label (and group, for the split).
    #[arg(long)]
    manifest: PathBuf,
    #[arg(long)]
    pack: Option<String>,
    /// Only the validation split (the manifest needs the column group).
    #[arg(long)]
    validation: bool,
}

#[derive(Subcommand)]
pub(crate) enum Models {
    /// All packs.
    List,
    /// One pack in full.
    Show { id: String },
    /// Checks every byte of all packs, or of one.
    Verify { id: Option<String> },
}

fn packs() -> Result<PathBuf, End> {
    inference::default_packs_dir()
        .ok_or_else(|| End::failed("No model packs are installed beside the program."))
}

/// By path, by id, or the built-in one.
fn pack_dir(pack: Option<&str>) -> Result<PathBuf, End> {
    match pack {
        Some(path) if Path::new(path).join("model.toml").is_file() => Ok(path.into()),
        Some(id) if id.contains(['/', '\\']) => {
            Err(End::failed(format!("There is no pack in {id}.")))
        }
        Some(id) => Ok(packs()?.join(id)),
        None => Ok(packs()?.join(inference::pack::BUILT_IN)),
    }
}

fn load(pack: Option<&str>) -> Result<Engine, End> {
    let dir = pack_dir(pack)?;
    Engine::load(&dir).map_err(|error| End::failed(error.to_string()))
}

pub(crate) fn analyze(ask: &Analyze) -> End {
    if ask.device == "gpu" {
        return End::failed("This version computes on the CPU: use --device auto or cpu.");
    }
    let engine = match load(ask.pack.as_deref()) {
        Ok(engine) => engine,
        Err(end) => return end,
    };
    let info = engine.info();
    let task = info.description.task.clone();
    if let Some(wanted) = ask.task.as_ref().filter(|wanted| **wanted != task) {
        return End::failed(format!("The pack {} does {task}, not {wanted}.", info.description.id));
    }
    let pack = json!({
        "id": info.description.id, "version": info.description.version, "sha256": info.sha256,
    });
    let mut answers = vec![];
    let (mut out, mut failed) = (String::new(), 0);
    for (n, file) in ask.files.iter().enumerate() {
        let heatmap = ask.heatmap.as_deref().filter(|_| n == 0);
        let answer = one(&engine, file, &task, &pack, heatmap);
        if answer["status"] == "failed" {
            failed += 1;
        }
        out += &line(&answer);
        answers.push(answer);
    }
    let mut words = match (failed, ask.files.len()) {
        (0, _) => "A help for reading, not a report and never a diagnosis.".to_owned(),
        (1, 1) => "The file could not be read.".to_owned(),
        (n, all) if n == all => format!("None of the {all} files could be read."),
        (n, all) => format!("{n} of {all} files could not be read; the others were."),
    };
    // The map that was asked for is of the first file.
    if let Some(why) = answers.first().and_then(|answer| answer["heatmap_error"].as_str()) {
        failed += 1;
        words += &format!("\nNo heatmap was written: {why}.");
    }
    End { code: u8::from(failed > 0), json: Value::Array(answers), words, out }
}

fn line(answer: &Value) -> String {
    let file = answer["file"].as_str().unwrap_or_default();
    match answer["status"].as_str() {
        Some("ok") => {
            let findings: Vec<String> = answer["findings"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|f| {
                    let p = f["probability"].as_f64().unwrap_or_default();
                    format!("{} {p:.2}", f["label"].as_str().unwrap_or_default())
                })
                .collect();
            format!("{file}: {}\n", findings.join(" · "))
        }
        Some(status) => {
            format!("{file}: {status}: {}\n", answer["detail"].as_str().unwrap_or_default())
        }
        None => String::new(),
    }
}

/// One file, from its bytes to its findings.
fn one(engine: &Engine, file: &Path, task: &str, pack: &Value, heatmap: Option<&Path>) -> Value {
    let begun = Instant::now();
    let opened = dicom_io::open(file).and_then(|opened| dicom_io::grey8_for_network(&opened, 0));
    let decode = begun.elapsed().as_secs_f64() * 1e3;
    let name = file.display().to_string();
    let unmapped = |why: &str| heatmap.map(|_| why.to_owned());
    let grey = match opened {
        Ok(grey) => grey,
        Err(error) => {
            return json!({
                "file": name, "task": task, "status": "failed", "reason": error.code(),
                "detail": error.to_string(), "pack": pack, "findings": [],
                "timing_ms": { "decode": decode, "preprocess": 0.0, "infer": 0.0 },
                "heatmap_error": unmapped("the file could not be read"),
            });
        }
    };
    let result = engine.analyze(&grey);
    let timing = json!({
        "decode": decode, "preprocess": result.timing_ms.preprocess,
        "infer": result.timing_ms.infer,
    });
    match &result.status {
        Status::Abstained { reason, detail, .. } => json!({
            "file": name, "task": task, "status": "abstained", "reason": reason.code(),
            "detail": format!("{} ({detail})", reason.sentence()), "pack": pack, "findings": [],
            "timing_ms": timing,
            "heatmap_error": unmapped("the program abstained, so there is no finding to show"),
        }),
        Status::Ok => {
            let mut note = Value::Null;
            if let Some(path) = heatmap
                && let Err(error) = draw(&result, &grey, path)
            {
                note = json!(error);
            }
            json!({
                "file": name, "task": task, "status": "ok", "reason": null, "pack": pack,
                "findings": result.findings.iter().map(|f| json!({
                    "condition": f.condition, "label": f.label, "probability": f.probability,
                })).collect::<Vec<_>>(),
                "timing_ms": timing, "heatmap_error": note,
            })
        }
    }
}

/// The map of the most probable class that is a finding, in red over the grey picture.
fn draw(result: &inference::Analysis, grey: &image::GrayImage, path: &Path) -> Result<(), String> {
    let top = result
        .findings
        .iter()
        .filter(|f| f.snomed_ct.is_some())
        .max_by(|a, b| a.probability.total_cmp(&b.probability));
    let map = top.and_then(|t| result.cam.iter().find(|m| m.label == t.condition));
    let map = map.ok_or("there is no map")?.over(grey.width(), grey.height());
    let blend = image::RgbImage::from_fn(grey.width(), grey.height(), |x, y| {
        let g = u32::from(grey.get_pixel(x, y).0[0]);
        let heat = u32::from(map.get_pixel(x.min(map.width() - 1), y.min(map.height() - 1)).0[0]);
        let fade = g * (255 - heat * 45 / 100) / 255;
        let red = (fade + heat * 45 / 100).min(255);
        image::Rgb([red, fade, fade].map(|c| u8::try_from(c).unwrap_or(u8::MAX)))
    });
    blend.save(path).map_err(|e| e.to_string())
}

pub(crate) fn evaluate(ask: &Evaluate) -> End {
    let engine = match load(ask.pack.as_deref()) {
        Ok(engine) => engine,
        Err(end) => return end,
    };
    let split = if ask.validation { Split::Validation } else { Split::All };
    match inference::evaluate::evaluate(&ask.root, &ask.manifest, &engine, split) {
        Err(error) => End::failed(error.to_string()),
        Ok(report) => {
            let mut out = String::new();
            for t in &report.tasks {
                let show = |x: Option<f64>| x.map_or("      -".to_owned(), |x| format!("{x:7.4}"));
                out += &format!(
                    "{:24} n {:6}  answered {:6}  acc {}  bal {}  auroc {}  (gates off {})  ece {}\n",
                    t.task,
                    t.n,
                    t.answered,
                    show(t.accuracy),
                    show(t.balanced_accuracy),
                    show(t.macro_auroc),
                    show(t.macro_auroc_gates_off),
                    show(t.ece),
                );
            }
            let json = serde_json::to_value(&report).unwrap_or_default();
            End { out, ..End::done(json, "") }
        }
    }
}

pub(crate) fn models(ask: &Models) -> End {
    let packs = match packs() {
        Ok(packs) => packs,
        Err(end) => return end,
    };
    let one = |dir: &Path| -> (Value, String, bool) {
        let id = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        match inference::pack::verify(dir) {
            Ok(info) => {
                let d = &info.description;
                let line = format!("{} {}  {}  {}\n", d.id, d.version, d.task, info.sha256);
                (serde_json::to_value(&info).unwrap_or_default(), line, true)
            }
            Err(error) => {
                (json!({ "id": id, "problem": error.to_string() }), format!("{error}\n"), false)
            }
        }
    };
    match ask {
        Models::List => {
            let dirs = inference::pack::list(&packs).unwrap_or_default();
            let (mut all, mut out) = (vec![], String::new());
            for dir in dirs {
                let (json, line, _) = one(&dir);
                all.push(json);
                out += &line;
            }
            End { out, ..End::done(Value::Array(all), "") }
        }
        Models::Show { id } => match pack_dir(Some(id)) {
            Err(end) => end,
            Ok(dir) => {
                let (json, line, good) = one(&dir);
                let card = std::fs::read_to_string(dir.join("README.md")).unwrap_or_default();
                if good {
                    End { out: format!("{line}\n{card}"), ..End::done(json, "") }
                } else {
                    End { json, ..End::failed(line.trim_end()) }
                }
            }
        },
        Models::Verify { id } => {
            let dirs = match id {
                Some(id) => match pack_dir(Some(id)) {
                    Ok(dir) => vec![dir],
                    Err(end) => return end,
                },
                None => inference::pack::list(&packs).unwrap_or_default(),
            };
            let results: Vec<_> = dirs.iter().map(|dir| one(dir)).collect();
            let whole = !results.is_empty() && results.iter().all(|r| r.2);
            let out: String = results.iter().map(|r| r.1.as_str()).collect();
            let json = Value::Array(results.into_iter().map(|r| r.0).collect());
            if whole {
                End { out, ..End::done(json, "Every byte of every pack is as it was sealed.") }
            } else {
                End { json, ..End::failed(out.trim_end()) }
            }
        }
    }
}
