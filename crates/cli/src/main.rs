//! `healthsync`: the workstation without a window. With `--json` the answer is one JSON document on
//! standard output; words for people go to standard error.
//!
//! Exit: 0 done or whole, 1 refused or failed, 2 usage, 3 tampered, 4 fork, 5 cannot decide.

mod batch;
mod dicom;
mod facility;
mod isbt;
mod packs;
mod pictures;
mod quality;
mod receive;
mod report;
mod words;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use serde_json::Value;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// HealthSync on the command line.
#[derive(Parser)]
#[command(name = "healthsync", version, about)]
struct Arguments {
    /// The home folder of the facility (also HEALTHSYNC_HOME).
    #[arg(long, global = true)]
    home: Option<PathBuf>,
    /// Answer with one JSON document on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sets up a facility in an empty home; prints the recovery code once.
    Init(facility::Init),
    /// Makes the training facility in an empty home.
    Seed,
    /// Proves that nobody altered a byte.
    Verify(facility::Who),
    /// Copies the store into one verified file.
    Backup(facility::Backup),
    /// Puts a backup into an empty home, as a new incarnation.
    Restore(facility::Restore),
    /// Analyses pictures on this machine. Needs no facility; with --home its installed packs answer too.
    Analyze(pictures::Analyze),
    /// Whole folders in the background of a facility; they outlive the end of the program.
    #[command(subcommand)]
    Batch(batch::Batch),
    /// Writes the findings on a study for others: FHIR, PDF, DICOM.
    Report(report::Ask),
    /// Measures a pack on labelled pictures.
    Evaluate(pictures::Evaluate),
    /// Model packs.
    #[command(subcommand)]
    Models(pictures::Models),
    /// DICOM files and pictures.
    #[command(subcommand)]
    Dicom(dicom::Dicom),
    /// ISBT 128 barcodes.
    #[command(subcommand)]
    Isbt(isbt::Isbt),
}

/// How a command ended.
struct End {
    code: u8,
    /// For machines.
    json: Value,
    /// For people, on standard error.
    words: String,
    /// For people, on standard output where there is no `--json`.
    out: String,
}

impl End {
    fn done(json: Value, words: impl Into<String>) -> Self {
        Self { code: 0, json, words: words.into(), out: String::new() }
    }
    fn refused(home: &Path, error: &wire::CommandError) -> Self {
        Self {
            code: 1,
            json: serde_json::json!({ "error": error }),
            words: words::sentence(home, error),
            out: String::new(),
        }
    }
    fn failed(words: impl Into<String>) -> Self {
        let words = words.into();
        Self { code: 1, json: serde_json::json!({ "error": words }), words, out: String::new() }
    }
}

/// The arguments; `--help` says which home it would be.
fn arguments() -> Arguments {
    let said = format!(
        "The home folder of the facility (also HEALTHSYNC_HOME) [default here: {}]",
        app::default_home().display()
    );
    let command = Arguments::command().mut_arg("home", |arg| arg.help(said));
    Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
}

fn main() -> ExitCode {
    // Started again to unpack one picture: before anything else.
    if let Some(code) = app::serve_if_asked() {
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    if let Some(program) = dicom_io::child::own_program() {
        dicom_io::child::install(program);
    }
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let arguments = arguments();
    let home = || {
        let home = arguments.home.clone().unwrap_or_else(app::default_home);
        std::path::absolute(&home).unwrap_or(home)
    };
    // Some commands need no facility: they look into a home only where somebody named it.
    let named = arguments.home.as_ref().map(|_| home());
    // Other packs in place of those that were named would answer without anybody knowing.
    let asks_packs = matches!(
        arguments.command,
        Command::Analyze(_) | Command::Batch(_) | Command::Evaluate(_) | Command::Models(_)
    );
    let wrong = inference::wrong_packs_dir().filter(|_| asks_packs).map(End::failed);
    let end = wrong.unwrap_or_else(|| match &arguments.command {
        Command::Init(init) => facility::init(&home(), init),
        Command::Seed => facility::seed(&home()),
        Command::Verify(who) => facility::verify(&home(), who),
        Command::Backup(backup) => facility::backup(&home(), backup),
        Command::Restore(restore) => facility::restore(&home(), restore),
        Command::Analyze(analyze) => pictures::analyze(named.as_deref(), analyze),
        Command::Batch(ask) => batch::batch(&home(), ask),
        Command::Report(ask) => report::report(&home(), ask),
        Command::Evaluate(evaluate) => pictures::evaluate(named.as_deref(), evaluate),
        Command::Models(models) => pictures::models(&home(), named.as_deref(), models),
        Command::Dicom(ask) => dicom::dicom(&home(), ask),
        Command::Isbt(isbt) => isbt::isbt(isbt),
    });
    if !end.words.is_empty() {
        eprintln!("{}", end.words);
    }
    let answer = if arguments.json { end.json.to_string() } else { end.out.trim_end().to_owned() };
    if !answer.is_empty() {
        // Whoever reads it may stop reading: `| head` is no fault.
        let _ = writeln!(std::io::stdout(), "{answer}");
    }
    ExitCode::from(end.code)
}
