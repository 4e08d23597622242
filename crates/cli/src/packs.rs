//! The packs a facility installed: bringing them in, choosing the version that answers, and whose
//! signature counts.

use crate::End;
use crate::facility::{Who, absolute, sign_in};
use app::{Backend, Options};
use clap::Subcommand;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use wire::CommandError;

#[derive(Subcommand)]
pub(crate) enum PackAct {
    /// Installs a signed pack, a folder or a ZIP, in this home's facility.
    Import {
        pack: PathBuf,
        #[command(flatten)]
        who: Who,
    },
    /// The versions that are installed in this home's facility, and whose signatures count there.
    Installed {
        #[command(flatten)]
        who: Who,
    },
    /// Says yes to a pack that asks for it: stricter terms, or not of the program.
    Enable {
        id: String,
        /// Takes the yes back.
        #[arg(long)]
        off: bool,
        #[command(flatten)]
        who: Who,
    },
    /// Lets another installed version answer.
    Use {
        id: String,
        /// The version; without one the pack that came with the program.
        version: Option<String>,
        #[command(flatten)]
        who: Who,
    },
    /// Trusts a publisher, whose packs may then be installed.
    Trust {
        /// The public key, as the refusal of the pack or its `signature.toml` says it.
        key: String,
        /// Who it is.
        #[arg(long)]
        name: String,
        /// The fingerprint, from the publisher's letter or call and not from the pack.
        #[arg(long)]
        fingerprint: String,
        #[command(flatten)]
        who: Who,
    },
    /// Takes the trust in a publisher back.
    Distrust {
        key: String,
        #[command(flatten)]
        who: Who,
    },
    /// Signs a sealed pack with the facility's own key, for itself or for others.
    Sign {
        folder: PathBuf,
        /// Installs it here as well.
        #[arg(long)]
        install: bool,
        #[command(flatten)]
        who: Who,
    },
}

impl PackAct {
    fn who(&self) -> &Who {
        match self {
            Self::Import { who, .. }
            | Self::Installed { who }
            | Self::Enable { who, .. }
            | Self::Use { who, .. }
            | Self::Trust { who, .. }
            | Self::Distrust { who, .. }
            | Self::Sign { who, .. } => who,
        }
    }
}

pub(crate) fn installed(home: &Path, ask: &PackAct) -> End {
    let backend = Backend::start(Options::at(home));
    let done = sign_in(home, &backend, ask.who()).map(|()| {
        act(&backend, ask).unwrap_or_else(|error| {
            // What a person needs to go on stands in the answer for machines too.
            End::refused(home, &error)
        })
    });
    backend.close();
    done.unwrap_or_else(|end| end)
}

fn act(backend: &Backend, ask: &PackAct) -> Result<End, CommandError> {
    match ask {
        PackAct::Import { pack, .. } => {
            let handle = backend.hold_path(absolute(pack)).handle;
            let done = backend.call("model.import", json!({ "handle": handle }))?;
            let words = imported(&done);
            Ok(End::done(done, words))
        }
        PackAct::Installed { .. } => {
            let list = backend.call("model.list", json!({}))?;
            Ok(End { out: listed(&list), ..End::done(list, "") })
        }
        PackAct::Enable { id, off, .. } => {
            let done = backend.call("model.enable", json!({ "id": id, "enabled": !off }));
            let done = done.map_err(|error| about(error, id))?;
            let words = if *off { "does not answer here any more" } else { "may answer here" };
            Ok(End::done(done, format!("{id} {words}.")))
        }
        PackAct::Use { id, version, .. } => {
            let sha256 = version.as_deref().map(|version| hash_of(backend, id, version));
            let sha256 = sha256.transpose()?.flatten();
            let done = backend.call("model.use", json!({ "id": id, "sha256": sha256 }));
            let done = done.map_err(|error| about(error, id))?;
            let which = version.as_deref().unwrap_or("the version of the program");
            Ok(End::done(done, format!("{id}: {which} answers from now on.")))
        }
        PackAct::Trust { key, name, fingerprint, .. } => {
            let ask = json!({ "key": key, "name": name, "fingerprint": fingerprint });
            let done = backend.call("model.trust", ask)?;
            Ok(End::done(done, format!("Packs signed by {name} may be installed.")))
        }
        PackAct::Distrust { key, .. } => {
            let done = backend.call("model.distrust", json!({ "key": key }))?;
            Ok(End::done(done, "Packs of this key answer no more. Their files stay."))
        }
        PackAct::Sign { folder, install: true, .. } => {
            let done = backend.install_made_here(&absolute(folder)).map_err(signing)?;
            let done = serde_json::to_value(done).unwrap_or_default();
            let words = imported(&done);
            Ok(End::done(done, words))
        }
        PackAct::Sign { folder, .. } => {
            let pack = backend.sign_pack(&absolute(folder)).map_err(signing)?;
            let words = format!("{} {} is signed: signature.toml.", pack.id, pack.version);
            Ok(End::done(serde_json::to_value(pack).unwrap_or_default(), words))
        }
    }
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn imported(done: &Value) -> String {
    let pack = &done["pack"];
    let mut words =
        format!("{} {} is installed and proven.", word(pack, "id"), word(pack, "version"));
    if let Some(before) = done["replaced"].as_str() {
        words += &format!(" {before} is kept: `models use {} {before}`.", word(pack, "id"));
    }
    if done["enabled"] == false {
        words +=
            " It does not answer before somebody has read its card and said yes: `models enable`.";
    }
    words
}

/// Names what was asked for where the refusal does not.
fn about(error: CommandError, id: &str) -> CommandError {
    match error.code {
        wire::Code::ModelMissing if !error.args.contains_key("what") => error.with("what", id),
        _ => error,
    }
}

/// A refusal of a pack that was to be signed: its user is its publisher.
fn signing(error: CommandError) -> CommandError {
    error.with("doing", "sign")
}

/// The hash of an installed version; `None` for the one that came with the program.
fn hash_of(backend: &Backend, id: &str, version: &str) -> Result<Option<String>, CommandError> {
    let list = backend.call("model.list", json!({}))?;
    let packs = list["packs"].as_array().into_iter().flatten();
    let versions = packs.filter(|p| p["id"] == id).filter_map(|p| p["versions"].as_array());
    let found: Vec<&Value> = versions.flatten().filter(|v| v["version"] == version).collect();
    // The same number may be the program's and, under this facility's signature, an installed one.
    let installed = found.iter().find(|v| v["origin"] != "built_in");
    match installed.and_then(|v| v["sha256"].as_str()) {
        Some(sha256) => Ok(Some(sha256.to_owned())),
        None if !found.is_empty() => Ok(None),
        None => {
            let what = format!("{id} {version}");
            Err(CommandError::refusal(wire::Code::ModelMissing).with("what", what))
        }
    }
}

fn listed(list: &Value) -> String {
    let mut out = String::new();
    for pack in list["packs"].as_array().into_iter().flatten() {
        for v in pack["versions"].as_array().into_iter().flatten() {
            let here = match (v["current"] == true, pack["enabled"] == true) {
                (false, _) => "kept",
                (true, true) => "answers",
                (true, false) => "waits for `models enable`",
            };
            out += &format!(
                "{} {}  {here}  {}  {}\n",
                word(pack, "id"),
                word(v, "version"),
                word(v, "origin"),
                word(v, "sha256")
            );
        }
    }
    for key in list["keys"].as_array().into_iter().flatten() {
        let whose = if key["own"] == true { "own key" } else { "trusted" };
        out += &format!(
            "{whose}  {}  {}\n  {}\n",
            word(key, "fingerprint"),
            word(key, "name"),
            word(key, "key")
        );
    }
    out
}
