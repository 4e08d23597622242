//! The blood bank's rules beside others, in a simulation; and the networks beside PyTorch and ONNX
//! Runtime, which come from PyPI into a folder of their own below the target folder: nothing of the
//! program or its tests needs them.

use crate::shell;
use anyhow::{Context as _, Result};
use std::{env, fs, path::PathBuf, process::Command, process::ExitCode};

/// All measure with as many.
const THREADS: &str = "2";

pub fn imaging(json: bool) -> Result<ExitCode> {
    let programs = ["--bin", "healthsync", "--bin", "bench-imaging"];
    let mut build = shell::cargo();
    shell::run(build.args(["build", "--release", "--workspace"]).args(programs))?;
    let mut bench = shell::at_root(shell::binary("bench-imaging", true)?);
    bench.env("RAYON_NUM_THREADS", THREADS);
    if json {
        bench.arg("--json");
    }
    match python() {
        Ok(python) => _ = bench.arg("--python").arg(python),
        // Ours and burn are timed all the same; the table names what is missing.
        Err(error) => eprintln!("PyTorch and ONNX Runtime are missing: {error:#}"),
    }
    shell::run(&mut bench)?;
    Ok(ExitCode::SUCCESS)
}

/// Where the figures of the two benchmarks of the blood bank stand.
const FIGURES: &str = "docs/benchmarks.md";
const SCALE: (&str, &str) =
    ("<!-- bench bloodbank scale: begin -->", "<!-- bench bloodbank scale: end -->");

/// The rules of the blood bank in the seeded simulation, some minutes; then how long people wait at a
/// store of five years.
pub fn bloodbank(write: bool) -> Result<ExitCode> {
    let mut build = shell::cargo();
    shell::run(build.args(["build", "--release", "--package", "stock-bench"]))?;
    let mut bench = shell::at_root(shell::binary("bench-bloodbank", true)?);
    if write {
        bench.args(["--write", FIGURES]);
    }
    shell::run(&mut bench)?;
    scale(write)
}

/// A million bags and three hundred thousand donors, through the calls that the page makes.
pub fn scale(write: bool) -> Result<ExitCode> {
    let mut build = shell::cargo();
    shell::run(build.args(["build", "--release", "--bin", "bench-blood"]))?;
    let mut bench = shell::at_root(shell::binary("bench-blood", true)?);
    let (done, text) = shell::run_and_read(&mut bench)?;
    anyhow::ensure!(done, "the benchmark failed");
    if write {
        let path = shell::root().join(FIGURES);
        let page = fs::read_to_string(&path).context(FIGURES)?;
        fs::write(&path, between(&page, SCALE, &format!("```\n{}\n```", text.trim()))?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A page with other lines between two marks.
fn between(page: &str, (from, to): (&str, &str), text: &str) -> Result<String> {
    let (head, rest) = page.split_once(from).with_context(|| format!("no {from}"))?;
    let (_, tail) = rest.split_once(to).with_context(|| format!("no {to}"))?;
    Ok(format!("{head}{from}\n{text}\n{to}{tail}"))
}

/// A Python that has both: the one that is named by `HEALTHSYNC_SPEED_PYTHON`, else one made here.
fn python() -> Result<PathBuf> {
    if let Some(named) = env::var_os("HEALTHSYNC_SPEED_PYTHON") {
        return Ok(named.into());
    }
    let folder = shell::target_dir()?.join("speed-python");
    let program = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let list = shell::root().join("tests/speed/requirements.txt");
    let done = folder.join("installed");
    if fs::read(&done).ok() != fs::read(&list).ok() {
        eprintln!("Some gigabytes are fetched from PyPI once, into {}.", folder.display());
        shell::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        let mut pip = Command::new(&program);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        // What it says goes beside the figures, not between them.
        let out = pip.arg(&list).output().context("pip")?;
        anyhow::ensure!(out.status.success(), "{}", last(&out.stderr));
        fs::copy(&list, &done).context("the note of what is installed")?;
    }
    Ok(program)
}

fn last(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("pip said nothing").to_owned()
}
