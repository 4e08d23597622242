//! Starting other programs, and where things lie.

use anyhow::{Context as _, Result, bail};
use std::{
    env,
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

/// The folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").into()
}

/// The packs of the repository. A release build does not know where its sources lie, and the target
/// folder may be anywhere.
pub fn models() -> PathBuf {
    root().join("models")
}

/// The same cargo that started this program.
pub fn cargo() -> Command {
    at_root(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A command that starts in the root of the repository.
pub fn at_root(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// npm or npx, in the folder of the page. On Windows they are `.cmd` files.
pub fn node_tool(name: &str) -> Command {
    let name = if cfg!(windows) { format!("{name}.cmd") } else { name.into() };
    let mut command = Command::new(name);
    command.current_dir(root().join("ui"));
    command
}

/// Where cargo puts what it builds; `CARGO_TARGET_DIR` and the configuration are respected.
pub fn target_dir() -> Result<PathBuf> {
    let out = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    if !out.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&out.stderr));
    }
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout)?;
    let folder = metadata["target_directory"].as_str().context("cargo names no target folder")?;
    Ok(folder.into())
}

/// A built program.
pub fn binary(name: &str, release: bool) -> Result<PathBuf> {
    let profile = if release { "release" } else { "debug" };
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    Ok(target_dir()?.join(profile).join(file))
}

/// Runs to the end with its output shown; fails with the command's own words.
pub fn run(command: &mut Command) -> Result<()> {
    let line = words(command);
    let status = command.status().with_context(|| format!("cannot start: {line}"))?;
    if !status.success() {
        bail!("failed ({status}): {line}");
    }
    Ok(())
}

/// Runs to the end, shows the output as it comes and answers it with the success. What nextest
/// repeats of tests that passed is answered and not shown: a failure would be lost among it.
pub fn run_and_read(command: &mut Command) -> Result<(bool, String)> {
    let line = words(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start: {line}"))?;
    let text = Arc::new(Mutex::new(String::new()));
    let out = tee(child.stdout.take().context("no stdout")?, &text);
    let err = tee(child.stderr.take().context("no stderr")?, &text);
    let status = child.wait()?;
    // A program left behind by the child may hold the pipe; its output is complete all the same.
    for reader in [out, err] {
        let _ = reader.join();
    }
    let text = text.lock().map(|text| text.clone()).unwrap_or_default();
    Ok((status.success(), text))
}

fn tee(pipe: impl Read + Send + 'static, text: &Arc<Mutex<String>>) -> thread::JoinHandle<()> {
    let text = Arc::clone(text);
    thread::spawn(move || {
        let mut shown = Shown::default();
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            if shown.is(line.trim()) {
                println!("{line}");
            }
            if let Ok(mut text) = text.lock() {
                text.push_str(&line);
                text.push('\n');
            }
        }
    })
}

/// Which lines of nextest are worth showing.
#[derive(Default)]
struct Shown {
    passed: bool,
    hidden: bool,
}

impl Shown {
    /// Asked line by line, in order.
    fn is(&mut self, line: &str) -> bool {
        let state = line.split_once(" [").map_or("", |(word, _)| word);
        let capital =
            !state.is_empty() && state.chars().all(|c| c.is_ascii_uppercase() || c == '-');
        if capital || state == "Summary" || line.starts_with("────") {
            (self.passed, self.hidden) = (state == "PASS", false);
        } else if self.passed && (line.starts_with("stdout ───") || line.starts_with("stderr ───"))
        {
            self.hidden = true;
        }
        !self.hidden || line.starts_with("SKIPPED ")
    }
}

/// The command as one would type it.
pub fn words(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for word in command.get_args() {
        line.push(' ');
        line.push_str(&word.to_string_lossy());
    }
    line
}

/// The first line a program answers, or `None` if it is not there.
pub fn first_line(program: &str, argument: &str) -> Option<String> {
    let name = if cfg!(windows) && matches!(program, "npm" | "npx") {
        format!("{program}.cmd")
    } else {
        program.into()
    };
    let out = Command::new(name).arg(argument).stderr(Stdio::null()).output().ok()?;
    if !out.status.success() {
        return None;
    }
    Some(String::from_utf8_lossy(&out.stdout).lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_passing_test_said_is_not_shown_and_what_a_failing_one_said_is() {
        let lines = [
            "PASS [   0.1s] (1/2) a b",
            "stdout ───",
            "thread panicked on purpose",
            "SKIPPED 3: no pictures at hand",
            "FAIL [   0.2s] (2/2) a c",
            "stdout ───",
            "assertion failed",
            "Summary [   0.3s] 2 tests run",
        ];
        let mut shown = Shown::default();
        let seen: Vec<&str> = lines.into_iter().filter(|line| shown.is(line)).collect();
        assert_eq!(seen, [lines[0], lines[3], lines[4], lines[5], lines[6], lines[7]]);
    }
}
