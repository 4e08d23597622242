//! Damages every file of a folder in many ways and does with each what the program would do.
//!
//! `fuzz-dicom FOLDER [--ways 1000] [--jobs 2] [--seconds-per-file S]`. Each job is
//! a child that may take 1 GB more than it starts with; a file on which it works for more than 5 seconds counts as a hang, and
//! one on which it ends as a crash. Exit status 0: neither occurred, and no panic was caught.
//!
//! The program is also what the tests of [`dicom_io::child`] start: it serves frames when asked.

use dicom_io::damage::{damaged, everything};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const WORKER: &str = "--worker";
const PATIENCE: Duration = Duration::from_secs(5);
const MEMORY: u64 = 1 << 30;

fn main() -> ExitCode {
    if let Some(code) = dicom_io::child::serve_if_asked() {
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let [WORKER, file, first, ways] = words[..] {
        return worker(Path::new(file), first, ways);
    }
    match Options::parse(&words).and_then(|options| fuzz(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(words) => {
            let _ = writeln!(std::io::stderr(), "{words}");
            ExitCode::from(2)
        }
    }
}

struct Options {
    folder: PathBuf,
    ways: u64,
    jobs: usize,
    per_file: Option<Duration>,
}

impl Options {
    fn parse(words: &[&str]) -> Result<Self, String> {
        let help = "fuzz-dicom FOLDER [--ways N] [--jobs N] [--seconds-per-file N]";
        let (folder, rest) = words.split_first().ok_or(help)?;
        let mut options = Self { folder: folder.into(), ways: 1000, jobs: 2, per_file: None };
        for pair in rest.chunks(2) {
            let [name, number] = *pair else { return Err(help.into()) };
            let number: u64 = number.parse().map_err(|_| help)?;
            match name {
                "--ways" => options.ways = number,
                "--jobs" => options.jobs = usize::try_from(number.clamp(1, 64)).unwrap_or(1),
                "--seconds-per-file" => options.per_file = Some(Duration::from_secs(number)),
                _ => return Err(help.into()),
            }
        }
        Ok(options)
    }
}

/// Tries the ways from `first` on, a line before and a line after each.
fn worker(file: &Path, first: &str, ways: &str) -> ExitCode {
    let (Ok(bytes), Ok(first), Ok(ways)) =
        (std::fs::read(file), first.parse::<u64>(), ways.parse::<u64>())
    else {
        return ExitCode::from(2);
    };
    // A caught panic is counted; its words would only fill the screen.
    std::panic::set_hook(Box::new(|_| {}));
    dicom_io::child::limit_memory(MEMORY);
    let mut out = std::io::stdout().lock();
    for way in first..ways {
        let _ = writeln!(out, "begin {way}").and_then(|()| out.flush());
        let started = Instant::now();
        let code = everything(damaged(&bytes, way));
        let micros = started.elapsed().as_micros();
        let peak = peak_kilobytes();
        if writeln!(out, "end {code} {micros} {peak}").and_then(|()| out.flush()).is_err() {
            return ExitCode::FAILURE;
        }
    }
    let _ = writeln!(out, "done");
    ExitCode::SUCCESS
}

/// Largest resident size of this process, where the system tells; else 0.
fn peak_kilobytes() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("VmHWM"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        })
        .unwrap_or(0)
}

#[derive(Default)]
struct Figures {
    tried: u64,
    outcomes: BTreeMap<String, u64>,
    slowest_micros: u64,
    slowest: String,
    peak_kilobytes: u64,
    /// Files and ways that ended badly, for a look.
    bad: Vec<String>,
    cut_short: Vec<String>,
}

fn fuzz(options: &Options) -> Result<bool, String> {
    let listing = std::fs::read_dir(&options.folder).map_err(|error| error.to_string())?;
    let mut files: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "dcm"));
    files.sort();
    if files.is_empty() {
        return Err("no .dcm file in this folder".into());
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let figures = Mutex::new(Figures::default());
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    one_file(&program, file, options, &figures);
                }
            });
        }
    });
    let figures = figures.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut out = std::io::stdout().lock();
    let count = |name: &str| figures.outcomes.get(name).copied().unwrap_or(0);
    let _ = writeln!(
        out,
        "{} damaged files of {} originals in {:.0} s\n{} panics caught, {} crashes, {} hangs\n\
         slowest {:.2} s ({}), most memory {} MB",
        figures.tried,
        files.len(),
        started.elapsed().as_secs_f64(),
        count("gave_up"),
        count("crash"),
        count("hang"),
        figures.slowest_micros as f64 / 1e6,
        figures.slowest,
        figures.peak_kilobytes / 1024,
    );
    for (code, number) in &figures.outcomes {
        let _ = writeln!(out, "  {number:8} {code}");
    }
    for bad in figures.bad.iter().take(50) {
        let _ = writeln!(out, "  {bad}");
    }
    if !figures.cut_short.is_empty() {
        let _ = writeln!(out, "cut short: {}", figures.cut_short.join(", "));
    }
    Ok(figures.bad.is_empty())
}

/// A running worker and the lines it writes.
struct Worker {
    child: Child,
    lines: Receiver<String>,
}

impl Worker {
    fn start(program: &Path, file: &Path, first: u64, ways: u64) -> Option<Self> {
        let mut child = Command::new(program)
            .arg(WORKER)
            .arg(file)
            .args([first.to_string(), ways.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let from = BufReader::new(child.stdout.take()?);
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in from.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Some(Self { child, lines })
    }

    fn end(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn one_file(program: &Path, file: &Path, options: &Options, figures: &Mutex<Figures>) {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let note = |change: &mut dyn FnMut(&mut Figures)| {
        change(&mut figures.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
    };
    let started = Instant::now();
    let mut way = 0;
    while way < options.ways {
        let Some(worker) = Worker::start(program, file, way, options.ways) else {
            note(&mut |f| f.bad.push(format!("{name}: no worker could be started")));
            return;
        };
        let mut finished = false;
        loop {
            if options.per_file.is_some_and(|most| started.elapsed() > most) {
                note(&mut |f| f.cut_short.push(format!("{name} at {way}")));
                worker.end();
                return;
            }
            let bad = match worker.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let words: Vec<&str> = line.split(' ').collect();
                    match words[..] {
                        ["begin", number] => way = number.parse().unwrap_or(way),
                        ["end", code, micros, kilobytes] => {
                            let micros = micros.parse().unwrap_or(0);
                            let kilobytes = kilobytes.parse().unwrap_or(0);
                            note(&mut |f| {
                                f.tried += 1;
                                f.peak_kilobytes = f.peak_kilobytes.max(kilobytes);
                                *f.outcomes.entry(code.into()).or_default() += 1;
                                if micros > f.slowest_micros {
                                    f.slowest_micros = micros;
                                    f.slowest = format!("{name}, way {way}");
                                }
                                if code == "gave_up" {
                                    f.bad.push(format!("gave_up: {name}, way {way}"));
                                }
                            });
                            way += 1;
                        }
                        ["done"] => finished = true,
                        _ => {}
                    }
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => "hang",
                Err(RecvTimeoutError::Disconnected) if finished => break,
                Err(RecvTimeoutError::Disconnected) => "crash",
            };
            note(&mut |f| {
                f.tried += 1;
                *f.outcomes.entry(bad.into()).or_default() += 1;
                f.bad.push(format!("{bad}: {name}, way {way}"));
            });
            way += 1;
            break;
        }
        worker.end();
    }
}
