//! Reading a manifest of labelled pictures, and the one rule that divides training from validation.

use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// One labelled picture. `group` is empty where the manifest has no such column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Path below the root folder, with forward slashes.
    pub file: String,
    /// Name of the task, for example `chest_xray_pneumonia`.
    pub task: String,
    /// Name of the class.
    pub label: String,
    /// Pictures of one patient or near-duplicates share a group; empty when unknown.
    pub group: String,
}

/// Why a manifest could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be opened or is no CSV.
    #[error("The manifest {path} cannot be read: {cause}.")]
    Unreadable {
        /// The file asked for.
        path: PathBuf,
        /// What the CSV reader says.
        cause: String,
    },
    /// A required column is missing.
    #[error("The manifest {path} has no column \"{column}\"; which it needs.")]
    MissingColumn {
        /// The file asked for.
        path: PathBuf,
        /// The missing column.
        column: &'static str,
    },
}

/// Reads the columns `file,task,label` and, if there, `group`; other columns are ignored.
pub fn read_manifest(path: &Path) -> Result<Vec<Row>, ManifestError> {
    let unreadable =
        |e: csv::Error| ManifestError::Unreadable { path: path.to_owned(), cause: e.to_string() };
    let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
    let headers = reader.headers().map_err(unreadable)?.clone();
    let find = |name: &str| find_column(&headers, name);
    let need = |name: &'static str| {
        find(name).ok_or(ManifestError::MissingColumn { path: path.to_owned(), column: name })
    };
    let (file, task, label, group) = (need("file")?, need("task")?, need("label")?, find("group"));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let get = |i: usize| record.get(i).unwrap_or("").trim().to_owned();
        rows.push(Row {
            file: get(file),
            task: get(task),
            label: get(label),
            group: group.map(get).unwrap_or_default(),
        });
    }
    Ok(rows)
}

/// The place of a column, whatever stands around its name.
pub(crate) fn find_column(headers: &csv::StringRecord, name: &str) -> Option<usize> {
    headers.iter().position(|h| h.trim().trim_start_matches('\u{feff}') == name)
}

/// SHA-256 of the group's UTF-8 text, read as one big-endian integer, modulo 100.
pub fn group_bucket(group: &str) -> u32 {
    Sha256::digest(group.as_bytes())
        .iter()
        .fold(0u32, |rest, &byte| (rest * 256 + u32::from(byte)) % 100)
}

/// The validation split: bucket below 15. Everything else may be trained on.
pub fn is_validation(group: &str) -> bool {
    group_bucket(group) < 15
}
