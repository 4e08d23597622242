//! Everything that is checked, one stage after the other. A stage that fails hides none that
//! follows; the last line says how many tests passed and failed in all.

use crate::{
    Options,
    setup::{self, For},
    shell,
};
use anyhow::{Context as _, Result};
use std::{
    fmt, fs,
    ops::AddAssign,
    process::{Command, ExitCode},
    time::Instant,
};

/// What a stage, or all of them, came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Count {
    /// A tool that either finds fault or does not counts as one test.
    const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// How the output of a tool is counted.
#[derive(Clone, Copy)]
enum Counting {
    /// The tool is one test.
    Tool,
    /// The tool runs tests and says how many.
    Tests,
}

#[derive(Default)]
struct Stages {
    done: Vec<(&'static str, Count, u64)>,
    /// The lines that say what failed; said again at the end, where they are looked for.
    failures: Vec<String>,
}

impl Stages {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<Count>) {
        println!("\n== {name}");
        let begun = Instant::now();
        let count = work().unwrap_or_else(|error| {
            println!("{error:#}");
            self.failures.push(format!("{name}: {error:#}"));
            Count::FAILED
        });
        self.done.push((name, count, begun.elapsed().as_secs()));
    }

    fn command(&mut self, name: &'static str, counting: Counting, command: &mut Command) {
        let mut failures = Vec::new();
        self.step(name, || {
            command.env("NO_COLOR", "1").env("CARGO_TERM_COLOR", "never").env("FORCE_COLOR", "0");
            println!("{}", shell::words(command));
            let (success, text) = shell::run_and_read(command)?;
            let count = match counting {
                Counting::Tool if success => Count::PASSED,
                Counting::Tool => Count::FAILED,
                Counting::Tests => counted(success, &text),
            };
            if count.failed > 0 {
                failures = telling(&text).map(|line| format!("{name}: {line}")).collect();
            }
            Ok(count)
        });
        self.failures.append(&mut failures);
    }

    fn end(self) -> ExitCode {
        let mut sum = Count::default();
        println!();
        for line in &self.failures {
            println!("{line}");
        }
        for (name, count, seconds) in self.done {
            println!("{name:<28} {seconds:>5} s   {count}");
            sum += count;
        }
        println!("{sum}");
        if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Everything, from a clean clone.
pub fn test(options: &Options) -> Result<ExitCode> {
    use Counting::{Tests, Tool};
    let mut stages = Stages::default();
    stages.step("system packages", || {
        setup::system_packages(For::Testing, options.yes).map(|()| Count::PASSED)
    });
    stages.step("page packages", || setup::page_packages().map(|()| Count::PASSED));
    // The desktop program carries the page inside itself, so the page comes before any Rust.
    stages.command("page", Tool, shell::node_tool("npm").args(["run", "build"]));

    stages.command("formatting", Tool, shell::cargo().args(["fmt", "--all", "--check"]));
    stages.command("lints", Tool, &mut clippy());
    let mut programs = shell::cargo();
    // The same targets as the tests need: another choice would resolve other features and build the
    // large crates a second time.
    programs.args(["build", "--workspace", "--all-targets"]);
    stages.command("programs", Tool, &mut programs);
    stages.command("rust tests", Tests, &mut rust_tests());
    // A workspace of its own: a reader of barcodes brings features that would build ours anew.
    let scanner = ["test", "--manifest-path", "tests/scanner/Cargo.toml"];
    stages.command("labels read by others", Tests, shell::cargo().args(scanner));
    let bindings = shell::binary("bindings", false)?;
    stages.command("bindings unchanged", Tool, shell::at_root(bindings).arg("--check"));

    stages.command("page types", Tool, shell::node_tool("npm").args(["run", "check"]));
    stages.command("page tests", Tests, shell::node_tool("npm").args(["run", "test"]));
    stages.command("browser", Tests, &mut browser_tests()?);
    if cfg!(target_os = "linux") {
        stages.command("desktop window", Tests, &mut desktop_tests()?);
    } else {
        println!("\n== desktop window\nSKIPPED 5: WebKitWebDriver exists on Linux only");
        stages.done.push(("desktop window", Count { skipped: 3, ..Count::default() }, 0));
    }
    Ok(stages.end())
}

/// The quick part: formatting, lints, types.
pub fn check(options: &Options) -> Result<ExitCode> {
    setup::system_packages(For::Building, options.yes)?;
    setup::page_packages()?;
    if !shell::root().join("ui/dist/index.html").is_file() {
        setup::page()?;
    }
    let mut stages = Stages::default();
    stages.command("formatting", Counting::Tool, shell::cargo().args(["fmt", "--all", "--check"]));
    stages.command("lints", Counting::Tool, &mut clippy());
    stages.command("page types", Counting::Tool, shell::node_tool("npm").args(["run", "check"]));
    Ok(stages.end())
}

/// Measures through the use cases of the program, and its window, in release. Never part of the
/// tests.
pub fn bench(options: &Options) -> Result<ExitCode> {
    setup::system_packages(For::Testing, options.yes)?;
    setup::page_packages()?;
    setup::page()?;
    shell::run(shell::cargo().args(["build", "--release", "--workspace", "--bins"]))?;
    shell::run(&mut shell::at_root(shell::binary("bench", true)?))?;

    if !cfg!(target_os = "linux") {
        println!("The window is timed on Linux only: its driver is WebKit's.");
        return Ok(ExitCode::SUCCESS);
    }
    let home = shell::target_dir()?.join("bench-home");
    if home.exists() {
        fs::remove_dir_all(&home).context("the home of the last measurement")?;
    }
    let mut seed = shell::at_root(shell::binary("healthsync", true)?);
    shell::run(seed.arg("--home").arg(&home).arg("seed"))?;
    let mut window = in_memory_display("tests/desktop/window.mjs", true)?;
    shell::run(window.env("HEALTHSYNC_HOME", &home))?;
    Ok(ExitCode::SUCCESS)
}

/// Damages every DICOM file at hand in a thousand ways: the shared collection, else the files that
/// came with the reader.
pub fn fuzz_dicom() -> Result<ExitCode> {
    shell::run(shell::cargo().args([
        "build",
        "--release",
        "--package",
        "dicom-io",
        "--bin",
        "fuzz-dicom",
    ]))?;
    let shared = shell::root().join("../shared/data/dicom");
    let own = shell::root().join("crates/dicom-io/tests/fixtures");
    let folder = if shared.is_dir() { shared } else { own };
    shell::run(shell::at_root(shell::binary("fuzz-dicom", true)?).arg(folder))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the page's types anew from the wire table.
pub fn bindings() -> Result<ExitCode> {
    shell::run(shell::cargo().args(["run", "--quiet", "--package", "wire", "--bin", "bindings"]))?;
    Ok(ExitCode::SUCCESS)
}

fn clippy() -> Command {
    let mut command = shell::cargo();
    command.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    command
}

/// nextest, fetched once where it is missing; without it, cargo's own runner.
fn rust_tests() -> Command {
    let has_nextest = || {
        let version = shell::cargo().args(["nextest", "--version"]).output();
        version.is_ok_and(|out| out.status.success())
    };
    if !has_nextest() {
        println!("cargo-nextest is missing; it is installed once, which takes some minutes.");
        let fetch = shell::run(shell::cargo().args(["install", "--locked", "cargo-nextest"]));
        if let Err(error) = fetch {
            println!("{error:#}");
        }
    }
    let mut command = shell::cargo();
    if has_nextest() {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        command.args(["test", "--workspace", "--no-fail-fast"]);
    }
    command
}

fn browser_tests() -> Result<Command> {
    let root = shell::root();
    let mut command = shell::node_tool("npx");
    command
        .args(["playwright", "test", "--config"])
        .arg(root.join("tests/browser/playwright.config.ts"))
        // The tests lie outside ui/, their packages inside.
        .env("NODE_PATH", root.join("ui/node_modules"))
        .env("HEALTHSYNC_DEV_HOST", shell::binary("dev-host", false)?)
        .env("HEALTHSYNC_TEST_OUTPUT", shell::target_dir()?.join("browser"));
    Ok(command)
}

fn desktop_tests() -> Result<Command> {
    let mut command = in_memory_display("tests/desktop/run.mjs", false)?;
    command.env("HEALTHSYNC_TEST_OUTPUT", shell::target_dir()?.join("desktop"));
    Ok(command)
}

/// A script that drives the desktop program on a display in memory.
fn in_memory_display(script: &str, release: bool) -> Result<Command> {
    let mut command = shell::at_root("xvfb-run");
    command
        .args(["--auto-servernum", "--server-args", "-screen 0 1280x800x24"])
        .args(["dbus-run-session", "--", "node", script])
        .env("HEALTHSYNC_DESKTOP", shell::binary("healthsync-desktop", release)?)
        .env("HEALTHSYNC_MODELS", shell::models());
    Ok(command)
}

/// Reads how many tests passed from what nextest, cargo test, Vitest, Playwright and the desktop
/// tests print. A run that says nothing, or fails without a failed test, is one failure.
fn counted(success: bool, text: &str) -> Count {
    let mut count = Count::default();
    // nextest repeats what each test printed, the little summary of its own process included.
    let by_nextest = text.lines().any(|line| line.trim().starts_with("Summary ["));
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("SKIPPED ") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            count.skipped += digits.parse().unwrap_or(1);
        } else if is_summary(line) && (!by_nextest || line.starts_with("Summary [")) {
            count.passed += before(line, "passed");
            count.failed += before(line, "failed") + before(line, "timed out");
            count.skipped += before(line, "skipped") + before(line, "ignored");
        }
    }
    if (success && count.passed == 0) || (!success && count.failed == 0) {
        count.failed += 1;
    }
    count
}

/// The lines in which a tool names what failed and why; at most 60, the first of them.
fn telling(text: &str) -> impl Iterator<Item = &str> {
    let marks =
        ["error", "Error:", "FAIL ", "FAIL\t", "TIMEOUT ", "✘", "not ok", "× ", "panicked at"];
    let tells = move |line: &&str| marks.iter().any(|mark| line.trim_start().starts_with(mark));
    text.lines().filter(tells).take(60)
}

fn is_summary(line: &str) -> bool {
    let nextest = line.starts_with("Summary [");
    let cargo = line.starts_with("test result:");
    let vitest = line.starts_with("Tests ");
    // Playwright gives each number a line of its own: "12 passed (8.1s)". Ours is "3 passed, 0 failed".
    let mut words = line.split([' ', ',']);
    let number = words.next().is_some_and(|word| word.parse::<u32>().is_ok());
    let kind = words.next().is_some_and(|word| matches!(word, "passed" | "failed" | "skipped"));
    nextest || cargo || vitest || (number && kind)
}

/// The number that stands before a word: `before("3 passed, 1 failed", "failed")` is 1.
fn before(line: &str, word: &str) -> u32 {
    let Some(at) = line.find(&format!(" {word}")) else { return 0 };
    let digits = line[..at].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: u32, failed: u32, skipped: u32) -> Count {
        Count { passed, failed, skipped }
    }

    #[test]
    fn the_lines_that_name_a_failure_are_said_again() {
        let text = "ok one\n  FAIL [ 0.2s] app::it two\nerror[E0308]: mismatched types\nfine\n  ✘ 3 desk.spec.ts\n";
        let lines: Vec<&str> = telling(text).map(str::trim).collect();
        let told =
            ["FAIL [ 0.2s] app::it two", "error[E0308]: mismatched types", "✘ 3 desk.spec.ts"];
        assert_eq!(lines, told);
    }

    #[test]
    fn the_summary_of_nextest_is_read() {
        let text = "     Summary [   1.204s] 21 tests run: 18 passed (1 slow), 2 failed, 1 timed out, 4 skipped\n";
        assert_eq!(counted(false, text), count(18, 3, 4));
    }

    #[test]
    fn what_nextest_repeats_of_each_test_is_not_counted_twice() {
        let text =
            "test result: ok. 1 passed; 0 failed\nSummary [ 1s] 1 test run: 1 passed, 0 skipped";
        assert_eq!(counted(true, text), count(1, 0, 0));
    }

    #[test]
    fn the_summaries_of_cargo_test_are_added() {
        let text = "test result: ok. 18 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured";
        assert_eq!(counted(false, text), count(21, 2, 1));
    }

    #[test]
    fn the_summary_of_vitest_counts_tests_and_not_files() {
        let text = " Test Files  2 passed (2)\n      Tests  1 failed | 11 passed (12)\n";
        assert_eq!(counted(false, text), count(11, 1, 0));
    }

    #[test]
    fn the_summary_of_playwright_is_read_line_by_line() {
        let text =
            "  1 failed\n    [chromium] › a.spec.ts:3:1 › x\n  2 skipped\n  12 passed (8.1s)\n";
        assert_eq!(counted(false, text), count(12, 1, 2));
    }

    #[test]
    fn the_summary_of_the_desktop_tests_is_read() {
        assert_eq!(counted(true, "3 passed, 0 failed\n"), count(3, 0, 0));
    }

    #[test]
    fn tests_skipped_for_lack_of_shared_data_are_counted() {
        let text = "SKIPPED 4: shared data absent\nSummary [ 1s] 2 tests run: 2 passed, 0 skipped";
        assert_eq!(counted(true, text), count(2, 0, 4));
    }

    #[test]
    fn a_run_that_fails_or_tests_nothing_is_a_failure() {
        assert_eq!(counted(false, "error: could not compile"), count(0, 1, 0));
        assert_eq!(counted(true, ""), count(0, 1, 0));
        assert_eq!(counted(false, "3 passed, 0 failed"), count(3, 1, 0));
    }

    #[test]
    fn the_last_line_names_skipped_tests_only_when_there_are_some() {
        assert_eq!(count(2, 0, 0).to_string(), "2 passed, 0 failed");
        assert_eq!(count(2, 1, 3).to_string(), "2 passed, 1 failed, 3 skipped");
    }
}
