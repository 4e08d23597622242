//! Evaluation sets of a facility.

use crate::End;
use crate::facility::{Who, absolute, sign_in_else};
use app::{Backend, Options};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct Export {
    /// A new folder.
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
                "{} judged pictures in {path}, {} of them copied. Measure them: healthsync evaluate --root {path} --manifest {path}/list.csv",
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
