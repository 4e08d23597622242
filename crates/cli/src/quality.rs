//! Evaluation sets of a facility, and fits on its judgements.

use crate::End;
use crate::facility::{Who, absolute, sign_in_else};
use app::{Backend, NotRefitted, Options, RefitAsk, RefitSide};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct Export {
    /// A new folder, or a new file whose name ends with .zip.
    #[arg(long)]
    out: PathBuf,
    /// With copies of the pictures, without their patients.
    #[arg(long)]
    pictures: bool,
    /// Somebody has looked at all these pictures and found no name in them.
    #[arg(long, requires = "pictures")]
    pixels_checked: bool,
    #[command(flatten)]
    who: Who,
}

pub(crate) fn export(home: &Path, ask: &Export) -> End {
    let backend = Backend::start(Options::at(home));
    // The radiologist of the training facility.
    let signed_in = sign_in_else(home, &backend, &ask.who, "khan");
    let end = signed_in.map_or_else(|end| end, |()| made(home, &backend, ask));
    backend.close();
    end
}

fn made(home: &Path, backend: &Backend, ask: &Export) -> End {
    let out = absolute(&ask.out);
    let Some(path) = out.to_str() else {
        return End::failed("The name of the folder cannot be read as text. Choose another.");
    };
    let payload = json!({
        "path": path, "pictures": ask.pictures, "pixelsChecked": ask.pixels_checked,
    });
    match backend.call("quality.export", payload) {
        Err(error) => End::refused(home, &error),
        Ok(done) => {
            let list = |name: &str| done[name].as_array().cloned().unwrap_or_default();
            let left = list("leftOut");
            let mut words = format!(
                "{} judged pictures in {path}, {} of them copied. Measure them: healthsync evaluate --set {path}",
                done["rows"], done["pictures"],
            );
            for one in &left {
                let text = |name: &str| one[name].as_str().unwrap_or_default().replace('_', " ");
                words += &format!("\nNot copied: {} ({})", text("name"), text("why"));
            }
            if left.iter().any(|one| one["why"] == "may_show_name") {
                words += "\nLook at those pictures; when there is no name in them, add --pixels-checked.";
            }
            End::done(done, words)
        }
    }
}

#[derive(Args)]
pub(crate) struct Refit {
    /// The task, for instance `knee_xray_oa`.
    #[arg(long)]
    task: String,
    /// A pack's id; without it the one that answers the task best.
    #[arg(long)]
    pack: Option<String>,
    /// The linear head too (30 judged pictures of each label), not only the temperature (10).
    #[arg(long)]
    head: bool,
    /// A new folder.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    who: Who,
}

pub(crate) fn refit(home: &Path, ask: &Refit) -> End {
    let backend = Backend::start(Options::at(home));
    let signed_in = sign_in_else(home, &backend, &ask.who, "khan");
    let end = signed_in.map_or_else(|end| end, |()| refitted(home, &backend, ask));
    backend.close();
    end
}

fn refitted(home: &Path, backend: &Backend, ask: &Refit) -> End {
    let (task, pack, out) = (ask.task.clone(), ask.pack.clone(), absolute(&ask.out));
    match backend.refit(&RefitAsk { task, pack, head: ask.head, out }) {
        Err(NotRefitted::Command(error)) => End::refused(home, &error),
        Err(NotRefitted::Refused(why)) => End::failed(why.to_string()),
        Ok(made) => {
            let line = |name: &str, s: &RefitSide| {
                let auroc = s.macro_auroc.map_or("-".to_owned(), |a| format!("{a:.4}"));
                format!(
                    "{name:7} temperature {:.3}  log loss {:.4}  ece {:.4}  auroc {auroc}\n",
                    s.temperature, s.log_loss, s.ece
                )
            };
            let out = line("before", &made.before) + &line("after", &made.after);
            let words = format!(
                "{} {} in {}: fitted on {} judged pictures, measured on {} of people held out, better in {:.0} of 100 resamples. It answers nothing before it is signed and installed; the version there is stays.",
                made.pack,
                made.version,
                made.folder.display(),
                made.fitted_on,
                made.measured_on,
                made.better
            );
            let json = serde_json::to_value(&made).unwrap_or_default();
            End { out, ..End::done(json, words) }
        }
    }
}
