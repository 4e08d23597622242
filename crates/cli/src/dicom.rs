//! DICOM files: a look at them, copies without their patient, and what other machines send.

use crate::{End, receive};
use clap::{Args, Subcommand};
use dicom_io::collection;
use dicom_io::deidentify::{Disguise, Plan, deidentify, disguise};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum Dicom {
    /// The header as a table, without pixels.
    Inspect { file: PathBuf },
    /// One frame as it first stands on the screen.
    Render {
        file: PathBuf,
        /// Counted from 0.
        #[arg(long, default_value_t = 0)]
        frame: u32,
        #[arg(long)]
        out: PathBuf,
    },
    /// Copies without their patient (Basic Profile of PS3.15, and stricter).
    Deidentify(Deidentify),
    /// Takes in what scanners and archives send (C-STORE, C-ECHO) until Ctrl+C.
    Receive(receive::Receive),
}

#[derive(Args)]
pub(crate) struct Deidentify {
    /// DICOM files, or folders of them.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// An empty or new folder; each patient gets a folder of its own in it.
    #[arg(long)]
    out: PathBuf,
    /// The secret that the new names and UIDs come from; made if it is not there. With the same
    /// key a later copy of the same patient fits the first. Without it, a key of this run is used
    /// and forgotten.
    #[arg(long)]
    key: Option<PathBuf>,
    /// Move all dates of a patient by the same secret number of days instead of removing them.
    #[arg(long)]
    keep_intervals: bool,
    /// Somebody has looked at all these pictures and found no name in them.
    #[arg(long)]
    pixels_checked: bool,
}

pub(crate) fn dicom(home: &Path, ask: &Dicom) -> End {
    match ask {
        Dicom::Inspect { file } => inspect(file),
        Dicom::Render { file, frame, out } => {
            let drawn = dicom_io::open(file)
                .and_then(|opened| dicom_io::render(&opened, *frame))
                .map_err(|e| e.to_string());
            match drawn.and_then(|picture| written(&picture, out)) {
                Ok(()) => {
                    let name = out.display().to_string();
                    End::done(json!({ "out": name }), format!("Wrote {name}."))
                }
                Err(words) => End::failed(words),
            }
        }
        Dicom::Deidentify(ask) => copies(ask).unwrap_or_else(End::failed),
        Dicom::Receive(ask) => receive::receive(home, ask),
    }
}

/// Says in words why a picture could not be written.
fn written(picture: &image::DynamicImage, out: &Path) -> Result<(), String> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(format!("There is no folder {}. Nothing was written.", folder.display()));
    }
    picture.save(out).map_err(|error| match error {
        image::ImageError::Unsupported(_) => {
            format!("{}: name a file that ends in .png, .jpg or .tif.", out.display())
        }
        error => format!("{} cannot be written ({error}).", out.display()),
    })
}

fn inspect(file: &Path) -> End {
    let header = match dicom_io::inspect(file) {
        Err(error) => return End::failed(error.to_string()),
        Ok(header) => header,
    };
    let mut out = String::new();
    for e in header["elements"].as_array().into_iter().flatten() {
        let text = |name: &str| e[name].as_str().unwrap_or_default().to_owned();
        let indent = "  ".repeat(e["depth"].as_u64().unwrap_or(0).min(16) as usize);
        out += &format!(
            "{indent}{} {:2} {:36} {}\n",
            text("tag"),
            text("vr"),
            text("name"),
            text("value")
        );
    }
    if out.is_empty() {
        out = header.to_string();
    }
    End { out, ..End::done(header, "") }
}

/// Every file by itself: one that cannot be copied is named with its reason, and nothing of it is
/// left in the folder.
fn copies(ask: &Deidentify) -> Result<End, String> {
    let key = key(ask.key.as_deref())?;
    let out = &ask.out;
    std::fs::create_dir_all(out).map_err(|e| format!("{}: {e}.", out.display()))?;
    let mut inside = std::fs::read_dir(out).map_err(|e| format!("{}: {e}.", out.display()))?;
    if inside.next().is_some() {
        return Err(format!("{} holds files already. Choose an empty folder.", out.display()));
    }
    let (mut done, mut failed) = (vec![], vec![]);
    for file in listed(&ask.files)? {
        let number = done.len() + 1;
        let made = copy(&file, ask, &key, number);
        // A name that is no text is told as well as it can be.
        let file = file.display().to_string();
        match made {
            Ok(made) => {
                done.push(json!({ "file": file, "out": made.display().to_string() }));
            }
            Err(words) => failed.push(json!({ "file": file, "error": words })),
        }
    }
    let lines: String = failed
        .iter()
        .map(|f| {
            format!(
                "{}: {}\n",
                f["file"].as_str().unwrap_or_default(),
                f["error"].as_str().unwrap_or_default()
            )
        })
        .collect();
    let words = match failed.len() {
        0 => format!(
            "{} copies in {}. Pixels are as they were: look at them.",
            done.len(),
            out.display()
        ),
        n => format!("{n} of {} files were not copied:\n{}", n + done.len(), lines.trim_end()),
    };
    let code = u8::from(!failed.is_empty());
    let json = json!({ "copied": Value::Array(done), "refused": Value::Array(failed) });
    Ok(End { code, ..End::done(json, words) })
}

/// Files as named, and the DICOM files of folders in the order of their studies.
fn listed(named: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = vec![];
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let listing = collection::list_folder(path).map_err(|e| e.to_string())?;
        let inside = listing.studies.into_iter().flat_map(|study| study.files);
        files.extend(inside.map(|file| path.join(file.name)));
    }
    Ok(files)
}

fn copy(file: &Path, ask: &Deidentify, key: &[u8; 32], number: usize) -> Result<PathBuf, String> {
    let bytes =
        collection::read_limited(file, dicom_io::MAX_FILE_BYTES).map_err(|e| e.to_string())?;
    let Disguise { pseudonym, days } = disguise(&bytes, key).map_err(|e| e.to_string())?;
    let plan = Plan {
        key: *key,
        shift_days: ask.keep_intervals.then_some(days),
        pixels_checked: ask.pixels_checked,
        pseudonym: pseudonym.clone(),
    };
    let copy = deidentify(&bytes, &plan).map_err(|e| e.to_string())?;
    let folder = ask.out.join(pseudonym);
    // Names of files and UIDs say too much: copies are counted.
    let made = folder.join(format!("{number:06}.dcm"));
    std::fs::create_dir_all(&folder)
        .and_then(|()| write_new(&made, &copy))
        .map_err(|e| format!("{}: {e}.", made.display()))?;
    Ok(made)
}

/// Whole or not at all.
fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    let written = std::fs::File::create_new(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let moved = written.and_then(|()| std::fs::rename(&part, path));
    if moved.is_err() {
        // What is left of it would look like a copy.
        let _ = std::fs::remove_file(&part);
    }
    moved
}

/// The key of this file, of a new file, or of this run.
fn key(file: Option<&Path>) -> Result<[u8; 32], String> {
    let new: [u8; 32] = rand::random();
    let Some(file) = file else { return Ok(new) };
    let words = |e: std::io::Error| format!("{}: {e}.", file.display());
    if file.exists() {
        let text = std::fs::read_to_string(file).map_err(words)?;
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key)
            .map_err(|_| format!("{} holds no key of 64 hexadecimal digits.", file.display()))?;
        return Ok(key);
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Whoever has it can tell who is who.
        options.mode(0o600);
    }
    let mut made = options.open(file).map_err(words)?;
    made.write_all(hex::encode(new).as_bytes()).and_then(|()| made.sync_all()).map_err(words)?;
    Ok(new)
}
