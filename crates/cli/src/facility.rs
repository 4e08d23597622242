//! Commands about a facility: setting up, proving, backing up.

use crate::End;
use app::{Backend, Options, Verdict};
use clap::Args;
use serde_json::json;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use wire::CommandError;

#[derive(Args)]
pub(crate) struct Init {
    /// Name of the facility.
    #[arg(long)]
    facility: String,
    /// Sign-in name of the first administrator.
    #[arg(long)]
    admin: String,
    /// IANA time zone.
    #[arg(long, default_value = "UTC")]
    zone: String,
    /// Country profile: who, fda, eu, uk or in.
    #[arg(long, default_value = "who")]
    profile: String,
    /// Read the administrator's password from standard input.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args)]
pub(crate) struct Who {
    /// Sign-in name; a training facility needs neither it nor a password.
    #[arg(long)]
    user: Option<String>,
    /// Read the password from standard input (or name a file in HEALTHSYNC_PASSWORD_FILE).
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args)]
pub(crate) struct Backup {
    /// The file to write.
    file: PathBuf,
    #[command(flatten)]
    who: Who,
}

#[derive(Args)]
pub(crate) struct Restore {
    /// The backup; its key slots lie beside it as FILE.keyslots.
    file: PathBuf,
    #[command(flatten)]
    who: Who,
}

/// Secrets come from standard input or a file, never from an argument or a prompt.
fn password(from_stdin: bool) -> Result<Option<String>, String> {
    let text = if from_stdin {
        if std::io::stdin().is_terminal() {
            return Err("--password-stdin reads a pipe or a file, not a keyboard.".into());
        }
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|e| e.to_string())?;
        text
    } else if let Some(file) = std::env::var_os("HEALTHSYNC_PASSWORD_FILE") {
        std::fs::read_to_string(&file)
            .map_err(|e| format!("HEALTHSYNC_PASSWORD_FILE cannot be read: {e}."))?
    } else {
        return Ok(None);
    };
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A path in an answer.
fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Name and password for what can do without either; one alone is a mistake.
fn pair<'a>(
    home: &Path,
    who: &'a Who,
    password: Option<&'a str>,
) -> Result<Option<(&'a str, &'a str)>, End> {
    match (who.user.as_deref(), password) {
        (Some(_), None) => Err(End::refused(home, &CommandError::refusal(wire::Code::NotSignedIn))),
        (user, password) => Ok(user.zip(password)),
    }
}

pub(crate) fn init(home: &Path, init: &Init) -> End {
    let password = match password(init.password_stdin) {
        Ok(Some(password)) => password,
        Ok(None) => return End::failed("A password is needed: use --password-stdin."),
        Err(words) => return End::failed(words),
    };
    let backend = Backend::start(Options::at(home));
    let set_up = json!({
        "facility": init.facility, "zone": init.zone, "profile": init.profile, "language": "en",
        "adminUser": init.admin, "adminName": init.admin, "adminPassword": password,
    });
    let done = backend.call("setup.facility", set_up);
    backend.close();
    match done {
        Ok(done) => {
            let code = done["recoveryCode"].as_str().unwrap_or_default().to_owned();
            let words = "The facility is set up. Print the recovery code and keep it in a safe: it is shown only now.";
            End {
                out: code,
                ..End::done(
                    json!({ "home": text(home), "recoveryCode": done["recoveryCode"] }),
                    words,
                )
            }
        }
        Err(error) => End::refused(home, &error),
    }
}

pub(crate) fn seed(home: &Path) -> End {
    match app::make_training_facility(home) {
        Ok(()) => End::done(
            json!({ "home": text(home), "training": true, "password": "training" }),
            format!(
                "The training facility stands in {}. Everybody's password is: training",
                home.display()
            ),
        ),
        Err(error) => End::refused(home, &error),
    }
}

pub(crate) fn verify(home: &Path, who: &Who) -> End {
    let password = match password(who.password_stdin) {
        Ok(password) => password,
        Err(words) => return End::failed(words),
    };
    let user = match pair(home, who, password.as_deref()) {
        Ok(user) => user,
        Err(end) => return end,
    };
    let backend = Backend::start(Options::at(home));
    let begun = std::time::Instant::now();
    let proof = backend.verify_with(user);
    backend.close();
    let proof = match proof {
        Ok(proof) => proof,
        Err(error) => {
            use wire::Code as C;
            // A home that was damaged so far that it does not open has been altered all the same.
            let (code, word) = match error.code {
                C::StoreDamaged | C::KeySlotsDamaged | C::RestoredCopy => (3, "tampered"),
                C::StoreNewer => (5, "cannot_decide"),
                C::Internal => (5, "cannot_decide"),
                _ => return End::refused(home, &error),
            };
            let end = End::refused(home, &error);
            return End { code, json: json!({ "verdict": word, "error": error }), ..end };
        }
    };
    let (code, word) = match proof.verdict {
        Verdict::Whole => (0, "whole"),
        Verdict::Tampered => (3, "tampered"),
        Verdict::Fork => (4, "fork"),
        Verdict::CannotDecide => (5, "cannot_decide"),
    };
    let list = |findings: &[app::Finding]| -> Vec<_> {
        findings.iter().map(|f| json!({ "what": f.what, "detail": f.detail })).collect()
    };
    let mut out = format!(
        "commands   {}\nreceipts   {}\nrecords    {}\nfiles      {}\nroot       {}\n",
        proof.commands,
        proof.receipts,
        proof.records,
        proof.files,
        hex::encode(proof.root)
    );
    for finding in &proof.findings {
        out += &format!("FAIL  {}: {}\n", finding.what, finding.detail);
    }
    for noticed in &proof.noticed {
        out += &format!("noticed  {}: {}\n", noticed.what, noticed.detail);
    }
    out += &format!(
        "result     {} ({} ms, offline)",
        word.to_uppercase(),
        begun.elapsed().as_millis()
    );
    let words = match proof.verdict {
        Verdict::Whole => "Nobody altered a byte.".to_owned(),
        Verdict::Tampered => format!(
            "{} finding(s). Stop using this store, keep it as it is, and restore the last backup elsewhere.",
            proof.findings.len()
        ),
        Verdict::Fork => "One number was used twice. Keep this store and ask for help.".to_owned(),
        Verdict::CannotDecide => "It cannot be decided.".to_owned(),
    };
    let json = json!({
        "verdict": word, "commands": proof.commands, "receipts": proof.receipts,
        "records": proof.records, "files": proof.files, "root": hex::encode(proof.root),
        "findings": list(&proof.findings), "noticed": list(&proof.noticed),
    });
    End { code, json, words, out }
}

/// Signs in for a command: with the password given, or as the training facility's administrator.
pub(crate) fn sign_in(home: &Path, backend: &Backend, who: &Who) -> Result<(), End> {
    sign_in_else(home, backend, who, "admin")
}

/// The same, in the training facility as somebody who may do it.
pub(crate) fn sign_in_else(
    home: &Path,
    backend: &Backend,
    who: &Who,
    trainee: &str,
) -> Result<(), End> {
    let password = password(who.password_stdin).map_err(End::failed)?;
    let (user, password) = match (&who.user, password) {
        (Some(user), Some(password)) => (user.clone(), password),
        (None, None) => (trainee.to_owned(), "training".to_owned()),
        _ => return Err(End::refused(home, &CommandError::refusal(wire::Code::NotSignedIn))),
    };
    backend
        .call("session.sign_in", json!({ "user": user, "password": password }))
        .map(|_| ())
        .map_err(|error| End::refused(home, &error))
}

pub(crate) fn backup(home: &Path, backup: &Backup) -> End {
    let backend = Backend::start(Options::at(home));
    let done = sign_in(home, &backend, &backup.who).map(|()| {
        let path = absolute(&backup.file);
        let Some(name) = path.to_str() else {
            let error = CommandError::refusal(wire::Code::HomeUnsuitable);
            return End::refused(home, &error.with("why", "backup_not_a_path"));
        };
        match backend.call("backup.make", json!({ "path": name })) {
            Ok(done) => {
                let mut words =
                    format!("Backed up and verified: {name}. Its key slots lie beside it.");
                if done["packs"].is_array() {
                    words +=
                        &format!(" The installed packs lie in {name}.packs: keep it with them.");
                }
                for pack in done["packsMissing"].as_array().into_iter().flatten() {
                    let part = |name: &str| pack[name].as_str().unwrap_or_default();
                    words += &format!(
                        "\nNot in it, because its files here are missing or altered: {} {}.",
                        part("id"),
                        part("version")
                    );
                }
                End::done(done, words)
            }
            Err(error) => End::refused(home, &error),
        }
    });
    backend.close();
    done.unwrap_or_else(|end| end)
}

pub(crate) fn restore(home: &Path, restore: &Restore) -> End {
    let password = match password(restore.who.password_stdin) {
        Ok(password) => password,
        Err(words) => return End::failed(words),
    };
    let user = match pair(home, &restore.who, password.as_deref()) {
        Ok(user) => user,
        Err(end) => return end,
    };
    let file = absolute(&restore.file);
    match app::restore(home, &file, user) {
        Ok(made) => {
            let kind = if made.training { "TRAINING facility" } else { "real facility" };
            let last = made.last_command.as_deref().unwrap_or("never");
            let out = format!(
                "facility      {}\nkind          {kind}\nlast command  {last}\nincarnation   {}\n",
                made.facility, made.epoch
            );
            let json = json!({
                "home": text(home), "epoch": made.epoch, "facility": made.facility,
                "training": made.training, "lastCommand": made.last_command,
                "packsMissing": made.packs_missing,
            });
            let mut words = format!(
                "Restored into {}: {}, {kind}, as it was at {last}. Make sure that this is the one you meant. What was done after that is forgotten: count every storage place before blood that came earlier is given out.",
                home.display(),
                made.facility
            );
            for pack in &made.packs_missing {
                words += &format!(
                    "\nThe files of {pack} are not in the backup: import that pack again, or it does not answer."
                );
            }
            End { out, ..End::done(json, words) }
        }
        Err(error) => End::refused(home, &error),
    }
}
