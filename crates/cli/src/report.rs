//! The findings on a study as files for other programs and for paper.

use crate::End;
use crate::facility::{Who, absolute, sign_in};
use app::{Backend, Options, ResultFile};
use clap::Args;
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct Ask {
    /// The study's id.
    #[arg(long)]
    study: String,
    /// One of its analyses; the newest that ended, if none is named.
    #[arg(long)]
    analysis: Option<String>,
    /// The folder to write into; it has to exist.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    who: Who,
}

pub(crate) fn report(home: &Path, ask: &Ask) -> End {
    let out = absolute(&ask.out);
    if !out.is_dir() {
        return End::failed(format!("{} is not a folder.", out.display()));
    }
    let backend = Backend::start(Options::at(home));
    let done = sign_in(home, &backend, &ask.who).map(|()| {
        match backend.results(&ask.study, ask.analysis.as_deref()) {
            Ok(files) => write(&out, &files),
            Err(error) => End::refused(home, &error),
        }
    });
    backend.close();
    done.unwrap_or_else(|end| end)
}

/// A file that is there already stays: it may have been sent.
fn write(out: &Path, files: &[ResultFile]) -> End {
    let mut written = vec![];
    for file in files {
        let path = out.join(&file.name);
        let made = std::fs::File::options().write(true).create_new(true).open(&path);
        if let Err(error) = made.and_then(|mut made| made.write_all(&file.bytes)) {
            let words = format!("{} could not be written: {error}.", path.display());
            return End { json: json!({ "files": written, "error": words }), ..End::failed(words) };
        }
        written.push(path.display().to_string());
    }
    let list: String = written.iter().map(|path| format!("{path}\n")).collect();
    let words =
        "Written unencrypted, with the patient's name: mind where they go. Not a diagnosis.";
    End { out: list, ..End::done(json!({ "files": written }), words) }
}
