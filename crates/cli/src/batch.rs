//! `healthsync batch`: whole folders, in a facility. What is not done when the command ends, by
//! Ctrl+C or by a power cut, is done by `batch go-on`, or by the desktop program after a sign-in.

use crate::facility::{Who, sign_in_else};
use crate::pictures::Progress;
use crate::{End, words};
use app::{Backend, Options};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use wire::{BatchState, BatchView, Batches, Code, CommandError};

#[derive(Subcommand)]
pub(crate) enum Batch {
    /// Takes in and analyses all pictures of folders, ZIP archives or files.
    Start(Start),
    /// Goes on with what was cut off; what was paused stays so.
    GoOn(Who),
    /// What was asked for, and how far it is.
    List(Who),
    /// What waits is not done any more. What was done stays.
    Cancel(Cancel),
}

#[derive(Args)]
pub(crate) struct Start {
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The task for all pictures; without it each picture's kind decides.
    #[arg(long)]
    task: Option<String>,
    /// The network for all pictures; without it the best measured one for the task.
    #[arg(long, value_parser = ["basic_cnn", "resnet50", "efficientnet_b0"])]
    network: Option<String>,
    #[command(flatten)]
    who: Who,
}

#[derive(Args)]
pub(crate) struct Cancel {
    /// As `batch list` prints it.
    id: String,
    #[command(flatten)]
    who: Who,
}

pub(crate) fn batch(home: &Path, ask: &Batch) -> End {
    let who = match ask {
        Batch::Start(Start { who, .. }) | Batch::Cancel(Cancel { who, .. }) => who,
        Batch::GoOn(who) | Batch::List(who) => who,
    };
    let backend = Backend::start(Options::at(home));
    // In a training facility the radiologist, who may take pictures in and analyse them.
    let end = sign_in_else(home, &backend, who, "khan").and_then(|()| {
        let done = match ask {
            Batch::Start(ask) => start(&backend, ask),
            Batch::GoOn(_) => follow(&backend, None),
            Batch::List(_) => list(&backend).map(|list| told(&list)),
            Batch::Cancel(ask) => backend
                .call("batch.cancel", json!({ "id": ask.id }))
                .map(|_| End::done(json!({}), "Cancelled. What was done stays.")),
        };
        done.map_err(|error| End::refused(home, &error))
    });
    backend.close();
    end.unwrap_or_else(|end| end)
}

fn start(backend: &Backend, ask: &Start) -> Result<End, CommandError> {
    if let Some(path) = ask.paths.iter().find(|path| !path.exists()) {
        return Ok(End::failed(format!("{}: there is no such file or folder.", path.display())));
    }
    let hold = |path: &PathBuf| backend.hold_path(crate::facility::absolute(path)).handle;
    let handles: Vec<String> = ask.paths.iter().map(hold).collect();
    let wish = json!({ "handles": handles, "task": ask.task, "network": ask.network });
    let made = backend.call("batch.start", wish)?;
    follow(backend, made["id"].as_str())
}

fn list(backend: &Backend) -> Result<Batches, CommandError> {
    let list = backend.call("batch.list", json!({}))?;
    serde_json::from_value(list).map_err(|error| CommandError::malformed(&error))
}

/// Says how far it is until nothing moves any more. `only`: one batch, else all.
fn follow(backend: &Backend, only: Option<&str>) -> Result<End, CommandError> {
    let mut progress: Option<Progress> = None;
    loop {
        let all = list(backend)?;
        if all.halted.is_some() {
            let batches = all.batches.into_iter().filter(|b| only.is_none_or(|id| b.id == id));
            let told = told(&Batches { batches: batches.collect(), halted: all.halted });
            return Ok(End { code: 1, ..told });
        }
        let ours = |b: &&BatchView| only.is_none_or(|id| b.id == id);
        let moves = |b: &&BatchView| matches!(b.state, BatchState::Listing | BatchState::Running);
        let (mut done, mut total) = (0, 0);
        for batch in all.batches.iter().filter(ours).filter(moves) {
            done += batch.total - batch.queued - batch.untaken;
            total += batch.total;
        }
        if !all.batches.iter().filter(ours).any(|b| moves(&b)) {
            let batches = all.batches.into_iter().filter(|b| ours(&b)).collect();
            return Ok(told(&Batches { batches, halted: None }));
        }
        if let (true, Ok(all), Ok(done)) = (total > 0, usize::try_from(total), done.try_into()) {
            progress.get_or_insert_with(|| Progress::new(all)).at(done);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn told(list: &Batches) -> End {
    let mut out = String::new();
    let mut missed = 0;
    let others: u32 = list.batches.iter().map(|b| b.others).sum();
    for b in &list.batches {
        let state = serde_json::to_value(b.state).unwrap_or_default();
        missed += b.failed + b.refused;
        out += &format!(
            "{}  {}  {}  {} of {}  {} answered  {} done before  {} not assessed  {} not opened  {} failed  {} cancelled\n",
            b.id,
            b.name,
            state.as_str().unwrap_or_default(),
            b.total - b.queued - b.untaken,
            b.total,
            b.done,
            b.known,
            b.abstained,
            b.refused,
            b.failed,
            b.cancelled,
        );
    }
    let words = match (list.batches.len(), missed) {
        (0, _) => "Nothing was asked for, or it was put away.".to_owned(),
        (_, 0) => "A help for reading, not a report and never a diagnosis.".to_owned(),
        (_, n) => format!("{n} pictures could not be opened or failed; the others were done."),
    };
    let words = match others {
        0 => words,
        n => format!("{n} other files are no pictures and were left alone.\n{words}"),
    };
    let halted = list.halted.as_ref().map(|why| match why.code {
        // Some of it was done, and what helps is not to try again from the beginning.
        Code::DiskFull => "The disk is full. What was done stays. Free some space, then `batch go-on` does the rest.".into(),
        _ => words::sentence(Path::new(""), why),
    });
    let json = serde_json::to_value(list).unwrap_or(Value::Null);
    // Halted, it is not over: nothing is said of its end.
    let words = halted.unwrap_or(words);
    End { out, ..End::done(json, words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_says_what_helps_and_not_that_nothing_was_done() {
        let halted = Some(CommandError::refusal(Code::DiskFull));
        let said = told(&Batches { batches: vec![], halted }).words;
        assert!(said.contains("What was done stays"), "{said}");
        assert!(said.contains("`batch go-on`") && !said.contains("Nothing"), "{said}");
    }
}
