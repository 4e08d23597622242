//! `cargo xtask bench imaging`: our engine through its operation of burn, the module on burn, PyTorch eager and ONNX
//! Runtime, side by side with the same trained weights: one picture, blocks in turns. Then one large film from the
//! start of the program to its findings with map. Prints figures; asserts nothing.
//!
//! `bench-imaging [--json] [--python PROGRAM]`; the number of threads is that of `RAYON_NUM_THREADS`, which burn heeds.

use inference::trial::{InstructionSet, Trial, With};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

type Anything = Box<dyn std::error::Error>;

const SIDE: usize = 224;
const BLOCKS: usize = 6;
/// A block ends after this many runs or this long, whichever is first.
const RUNS: usize = 12;
const BLOCK: Duration = Duration::from_millis(700);
const NETWORKS: [(&str, &str); 3] = [
    ("resnet50", "resnet50-open"),
    ("efficientnet_b0", "efficientnet-b0-open"),
    ("basic_cnn", "basic-cnn-open"),
];

fn main() -> Result<(), Anything> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let json = args.iter().any(|a| a == "--json");
    let python = args.iter().position(|a| a == "--python").and_then(|i| args.get(i + 1));
    let threads: usize =
        std::env::var("RAYON_NUM_THREADS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    let folder = tempfile::tempdir()?;
    let picture = noise();
    let file = folder.path().join("picture.f32");
    std::fs::write(&file, picture.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>())?;
    let mut rows = vec![];
    for (network, pack) in NETWORKS {
        for narrow in [false, true] {
            let row = Row { network, pack: &models().join(pack), narrow, threads, python };
            let row = row.measure(&picture, &file)?;
            if !json {
                tell(&row);
            }
            rows.push(row);
        }
    }
    let film = film(folder.path())?;
    if json {
        let all = json!({ "threads": threads, "side": SIDE, "rows": rows, "film": film });
        print(&all.to_string());
    } else {
        print(&film.to_string());
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn print(line: &str) {
    println!("{line}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn models() -> PathBuf {
    root().join("models")
}

/// A normalised picture of noise, always the same.
fn noise() -> Vec<f32> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 22) as f32 - 2.0
    };
    (0..3 * SIDE * SIDE).map(|_| next()).collect()
}

/// One network with all instructions, or with AVX2 at most.
struct Row<'a> {
    network: &'a str,
    pack: &'a Path,
    narrow: bool,
    threads: usize,
    python: Option<&'a String>,
}

/// Runs a block and answers the milliseconds of each run.
type Block<'a> = Box<dyn FnMut(usize) -> Result<Vec<f64>, Anything> + 'a>;

impl Row<'_> {
    fn measure(&self, picture: &[f32], file: &Path) -> Result<Value, Anything> {
        let set = self.narrow.then_some(InstructionSet::Avx2);
        let ours = Trial::open(self.pack, SIDE, With::Engine(set), picture)?;
        let words = ours.words.clone();
        let mut features = BTreeMap::from([("ours".to_owned(), ours.features(picture)?)]);
        let mut engines: Vec<(String, Block<'_>)> = vec![("ours".into(), within(ours, picture))];
        let mut missing = Map::new();
        if !self.narrow {
            let burn = Trial::open(self.pack, SIDE, With::Module, picture)?;
            features.insert("burn".into(), burn.features(picture)?);
            engines.push(("burn".into(), within(burn, picture)));
        }
        let mut rivals = vec![];
        match self.python {
            None => {
                missing.insert("torch, onnxruntime".into(), "no Python with them".into());
            }
            Some(python) => {
                // oneDNN multiplies for PyTorch and asks the processor itself.
                let narrow: &[&[&str]] = match self.narrow {
                    true => {
                        &[&["ATEN_CPU_CAPABILITY"], &["ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA"]]
                    }
                    false => &[&[]],
                };
                for settings in narrow {
                    match Rival::start(python, self, file, settings) {
                        Ok(rival) => rivals.push(rival),
                        Err(error) => {
                            missing.insert("torch, onnxruntime".into(), error.to_string().into());
                        }
                    }
                }
            }
        }
        let mut versions = Map::new();
        for rival in &rivals {
            for (name, values) in rival.said["features"].as_object().into_iter().flatten() {
                let values: Vec<f32> = serde_json::from_value(values.clone())?;
                features.insert(rival.label(name), values);
                versions.insert(name.clone(), rival.said[name].clone());
            }
            missing.extend(rival.said["missing"].as_object().cloned().unwrap_or_default());
        }
        for rival in rivals {
            let names = rival.names();
            let rival = Rc::new(RefCell::new(rival));
            for name in names {
                let (label, rival) = (rival.borrow().label(&name), Rc::clone(&rival));
                engines.push((label, Box::new(move |runs| rival.borrow_mut().block(&name, runs))));
            }
        }
        let times = in_turns(&mut engines)?;
        let reference = features.get("ours").cloned().unwrap_or_default();
        let median = |name: &str| times.get(name).map(|t| quantile(t, 0.5));
        let engines: Map<String, Value> = times
            .iter()
            .map(|(name, t)| {
                let off = features.get(name).map(|f| difference(f, &reference));
                let ratio = median("ours").map(|ours| round(ours / quantile(t, 0.5)));
                let of = json!({
                    "median_ms": round(quantile(t, 0.5)), "min_ms": round(quantile(t, 0.0)),
                    "runs": t.len(), "ours_to_this": ratio, "differs_from_ours": off,
                });
                (name.clone(), of)
            })
            .collect();
        Ok(json!({
            "network": self.network, "instructions": if self.narrow { "avx2" } else { "all" },
            "threads": self.threads, "ours": words, "engines": engines, "versions": versions,
            "missing": missing,
        }))
    }
}

fn within<'a>(trial: Trial, picture: &'a [f32]) -> Block<'a> {
    Box::new(move |runs| {
        let one = || -> Result<f64, Anything> {
            let begun = Instant::now();
            std::hint::black_box(trial.features(picture)?);
            Ok(begun.elapsed().as_secs_f64() * 1e3)
        };
        (0..runs).map(|_| one()).collect()
    })
}

/// Block after block in turns, so that what else the machine does falls on all.
fn in_turns(engines: &mut [(String, Block<'_>)]) -> Result<BTreeMap<String, Vec<f64>>, Anything> {
    let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut runs = BTreeMap::new();
    for (name, block) in engines.iter_mut() {
        block(3)?;
        let one = quantile(&block(3)?, 0.5).max(0.1);
        let fit = (BLOCK.as_secs_f64() * 1e3 / one) as usize;
        runs.insert(name.clone(), fit.clamp(3, RUNS));
    }
    for _ in 0..BLOCKS {
        for (name, block) in engines.iter_mut() {
            // The threads of the one before may still spin.
            std::thread::sleep(Duration::from_millis(200));
            block(2)?;
            times.entry(name.clone()).or_default().extend(block(runs[name])?);
        }
    }
    Ok(times)
}

/// PyTorch and ONNX Runtime in a program of their own.
struct Rival {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    said: Value,
    settings: usize,
}

impl Rival {
    fn start(python: &str, row: &Row<'_>, picture: &Path, avx2: &[&str]) -> Result<Self, Anything> {
        let mut command = Command::new(python);
        command
            .arg(root().join("tests/speed/rivals.py"))
            .arg(row.pack.join("weights.safetensors"))
            .args([row.network, &SIDE.to_string(), &row.threads.to_string()])
            .arg(picture)
            .args(inference::pack::describe(row.pack)?.taps.iter().map(usize::to_string))
            .env("OMP_NUM_THREADS", row.threads.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in avx2 {
            command.env(name, if name.starts_with("ATEN") { "avx2" } else { "AVX2" });
        }
        let mut child = command.spawn()?;
        let ask = child.stdin.take().ok_or("no input")?;
        let mut answers = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        if line.is_empty() {
            let said = child.wait_with_output()?.stderr;
            let said = String::from_utf8_lossy(&said).trim().to_owned();
            return Err(said.lines().last().unwrap_or("it ended without a word").into());
        }
        let said = serde_json::from_str(&line)?;
        Ok(Self { child, ask, answers, said, settings: avx2.len() })
    }

    fn names(&self) -> Vec<String> {
        self.said["features"].as_object().map(|f| f.keys().cloned().collect()).unwrap_or_default()
    }

    fn label(&self, name: &str) -> String {
        let how = ["", ", ATen on AVX2", ", ATen and oneDNN on AVX2"];
        format!("{name}{}", how[self.settings.min(2)])
    }

    fn block(&mut self, name: &str, runs: usize) -> Result<Vec<f64>, Anything> {
        writeln!(self.ask, "{name} {runs}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn quantile(times: &[f64], at: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get((sorted.len() as f64 * at) as usize).copied().unwrap_or(f64::NAN)
}

fn round(v: f64) -> f64 {
    (v * 1000.0).round() / 1000.0
}

/// The largest difference, relative to the largest value.
fn difference(one: &[f32], other: &[f32]) -> f32 {
    let largest = other.iter().fold(0f32, |m, v| m.max(v.abs()));
    one.iter().zip(other).fold(0f32, |m, (a, b)| m.max((a - b).abs())) / largest
}

fn tell(row: &Value) {
    let of = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    print(&format!(
        "\n{}, instructions: {} (ours: {})",
        of("network"),
        of("instructions"),
        of("ours")
    ));
    for (name, e) in row["engines"].as_object().into_iter().flatten() {
        let number = |key: &str| e[key].as_f64().unwrap_or(f64::NAN);
        print(&format!(
            "{name:<36} median {:>8.2} ms   min {:>8.2} ms   ours/this {:>6.3}   differs {:.1e}",
            number("median_ms"),
            number("min_ms"),
            number("ours_to_this"),
            number("differs_from_ours"),
        ));
    }
    for (name, why) in row["missing"].as_object().into_iter().flatten() {
        print(&format!("{name} is missing: {}", why.as_str().unwrap_or_default()));
    }
}

/// A film of 2000 x 2000 pixels through the command line program: a real one enlarged where the shared data is at
/// hand, else drawn, which the gate may refuse.
fn film(folder: &Path) -> Result<Value, Anything> {
    let zip = root().join("../shared/data/images/chest_xray_pneumonia.zip");
    let inside = "chest_xray_pneumonia/bacterial_pneumonia/0001.jpg";
    let small = Command::new("unzip").arg("-p").arg(zip).arg(inside).output();
    let real = small.ok().and_then(|o| image::load_from_memory(&o.stdout).ok());
    let drawn = || image::GrayImage::from_fn(2000, 2000, |x, y| image::Luma([(x ^ y) as u8]));
    let large = match &real {
        Some(film) => {
            film.resize_exact(2000, 2000, image::imageops::FilterType::CatmullRom).into_luma8()
        }
        None => drawn(),
    };
    let mut rows = Map::new();
    let name = format!("healthsync{}", std::env::consts::EXE_SUFFIX);
    let program = std::env::current_exe()?.with_file_name(name);
    if !program.is_file() {
        return Ok(json!({ "missing": "healthsync is not built beside this program" }));
    }
    for name in ["film.jpg", "film.png"] {
        let path = folder.join(name);
        large.save(&path)?;
        let (mut times, mut most, mut status) = (vec![], 0u64, String::new());
        for _ in 0..9 {
            let begun = Instant::now();
            let mut command = Command::new(&program);
            command.args(["analyze", "--json", "--heatmap"]).arg(folder.join("map.png")).arg(&path);
            command.env("HEALTHSYNC_MODELS", models()).stdout(Stdio::piped()).stderr(Stdio::null());
            let mut child = command.spawn().map_err(|e| format!("{}: {e}", program.display()))?;
            let seen = format!("/proc/{}/status", child.id());
            while child.try_wait()?.is_none() {
                let text = std::fs::read_to_string(&seen).unwrap_or_default();
                let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
                let kb = line.and_then(|l| l.split_whitespace().next()?.parse().ok());
                most = most.max(kb.unwrap_or(0));
                std::thread::sleep(Duration::from_millis(2));
            }
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            let output: Value = serde_json::from_slice(&child.wait_with_output()?.stdout)?;
            status = output[0]["status"].as_str().unwrap_or("?").to_owned();
        }
        rows.insert(
            name.into(),
            json!({
                "median_ms": round(quantile(&times, 0.5)), "min_ms": round(quantile(&times, 0.0)),
                "most_memory_mb": most / 1000, "status": status, "real": real.is_some(),
            }),
        );
    }
    Ok(rows.into())
}
