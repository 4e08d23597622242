//! `healthsync`: the workstation without a window. With `--json` the answer is one JSON document on
//! standard output; words for people go to standard error.
//!
//! Exit: 0 done or whole, 1 refused or failed, 2 usage, 3 tampered, 4 fork, 5 cannot decide.

mod dicom;
mod facility;
mod pictures;
mod receive;
mod report;

use clap::{Parser, Subcommand};
use serde_json::Value;
use std::path::PathBuf;
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
    /// Analyses pictures on this machine. Needs no facility.
    Analyze(pictures::Analyze),
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
    Isbt(pictures::Isbt),
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
    fn refused(error: &wire::CommandError) -> Self {
        Self {
            code: 1,
            json: serde_json::json!({ "error": error }),
            words: sentence(error),
            out: String::new(),
        }
    }
    fn failed(words: impl Into<String>) -> Self {
        let words = words.into();
        Self { code: 1, json: serde_json::json!({ "error": words }), words, out: String::new() }
    }
}

fn main() -> ExitCode {
    // Started again to unpack one picture: before anything else.
    if let Some(code) = dicom_io::child::serve_if_asked() {
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    if let Some(program) = dicom_io::child::own_program() {
        dicom_io::child::install(program);
    }
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let home = || arguments.home.clone().unwrap_or_else(app::default_home);
    let end = match &arguments.command {
        Command::Init(init) => facility::init(&home(), init),
        Command::Seed => facility::seed(&home()),
        Command::Verify(who) => facility::verify(&home(), who),
        Command::Backup(backup) => facility::backup(&home(), backup),
        Command::Restore(restore) => facility::restore(&home(), restore),
        Command::Analyze(analyze) => pictures::analyze(analyze),
        Command::Report(ask) => report::report(&home(), ask),
        Command::Evaluate(evaluate) => pictures::evaluate(evaluate),
        Command::Models(models) => pictures::models(models),
        Command::Dicom(ask) => dicom::dicom(&home(), ask),
        Command::Isbt(isbt) => pictures::isbt(isbt),
    };
    if !end.words.is_empty() {
        eprintln!("{}", end.words);
    }
    #[expect(clippy::print_stdout, reason = "the answer of a command line program")]
    if arguments.json {
        println!("{}", end.json);
    } else if !end.out.is_empty() {
        println!("{}", end.out.trim_end());
    }
    ExitCode::from(end.code)
}

/// A refusal in one calm sentence.
fn sentence(error: &wire::CommandError) -> String {
    use wire::Code as C;
    let detail = error.args.get("detail").cloned().unwrap_or_default();
    let by = error.args.get("by").cloned().unwrap_or_default();
    match error.code {
        C::WrongPassword => "The user name or the password is wrong. Nothing was opened.".into(),
        C::NotSignedIn => "A user and a password are needed: --user NAME --password-stdin.".into(),
        C::LockedOut => format!(
            "Too many wrong passwords: wait {} seconds.",
            error.args.get("seconds").map_or("some", String::as_str)
        ),
        C::NoFacility => "There is no facility in this home. Set one up with `init`, or make the training facility with `seed`.".into(),
        C::FacilityExists => "There is a facility in this home already. Choose another --home.".into(),
        C::HomeNotEmpty => "This folder holds other files. Choose an empty one with --home.".into(),
        C::HomeUnsuitable => format!("This folder cannot be used ({by}). Choose another with --home."),
        C::StoreNewer => "This store was written by a newer version. Use that version; nothing was changed.".into(),
        C::StoreDamaged => "The store does not open: its file is damaged or missing. Restore the last backup.".into(),
        C::KeySlotsDamaged => format!("The key slots do not open: {detail}."),
        C::RestoredCopy => "This store is older than what this computer has seen. Use `restore` for a backup.".into(),
        C::RecoveryCodeWrong => format!("The recovery code does not fit: {detail}."),
        C::PasswordTooShort => "The password needs at least 10 characters.".into(),
        C::DiskFull => "The disk is full. Nothing was changed; free some space and try again.".into(),
        C::Internal => format!(
            "Something is broken in the program. Nothing was changed. Incident {}.",
            error.incident.as_deref().unwrap_or("unknown")
        ),
        other if detail.is_empty() => format!("Refused: {other:?}."),
        _ => detail,
    }
}
