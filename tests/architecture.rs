//! The layer rule of `docs/architecture.md`, read from `cargo metadata` and from the sources.
//!
//! Imports point down the layers only; domains do not know each other; nothing under `crates/`
//! knows Tauri; only the kernel's `SystemClock` looks at the time.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Every crate of ours and its layer. A new crate is added here, with thought.
const LAYERS: &[(&str, u8)] = &[
    ("kernel", 0),
    ("isbt128", 0),
    ("ledger", 0),
    // Arithmetic on `std` alone: it imports nothing, not even a neighbour.
    ("cnn-engine", 0),
    // Letters and boxes on pages of PDF.
    ("paper", 0),
    ("bloodbank", 1),
    ("imaging", 1),
    ("hospital", 1),
    ("wire", 2),
    // The aggregates of all domains as one, for the ledger to judge and the store to keep.
    ("records", 2),
    // How much blood to hold, where, and what would happen if: arithmetic over the rules of blood.
    ("stock", 2),
    // What a model found, as FHIR and PDF.
    ("reports", 2),
    // Labels, slips and blank forms, as PDF.
    ("labels", 2),
    ("sqlite", 3),
    ("store-sqlite", 3),
    ("dicom-io", 3),
    ("dicom-net", 3),
    ("dicom-web", 3),
    ("inference", 3),
    ("app", 4),
    ("cli", 5),
    ("dev-host", 5),
    ("healthsync-desktop", 5),
    ("xtask", 5),
    // The tables of `cargo xtask bench bloodbank`.
    ("stock-bench", 5),
];

/// Used by tests only.
const TEST_ONLY: &[&str] = &["acceptance"];

/// Within one layer nobody imports a neighbour, except these.
const NEIGHBOURS: &[(&str, &str)] = &[
    // The judge works with ids, time and quantities.
    ("ledger", "kernel"),
    // The repositories stand on the encrypted file.
    ("store-sqlite", "sqlite"),
];

/// What the pure crates may never see: I/O, an async runtime, a database, a window, a network.
const FORBIDDEN_BELOW_3: &[&str] = &[
    "tokio", "rusqlite", "axum", "tauri", "reqwest", "burn", "keyring", "rfd", "image", "rand",
    "tempfile",
];

struct Package {
    name: String,
    folder: PathBuf,
    imports: BTreeSet<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").into()
}

fn packages() -> Vec<Package> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| Package {
            name: package["name"].as_str().expect("name").into(),
            folder: Path::new(package["manifest_path"].as_str().expect("path"))
                .parent()
                .expect("a manifest lies in a folder")
                .into(),
            imports: package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                // Tests may import what they like; so may a build script.
                .filter(|dependency| dependency["kind"].is_null())
                .map(|dependency| dependency["name"].as_str().expect("name").into())
                .collect(),
        })
        .collect()
}

#[test]
fn imports_point_down_the_layers_only() {
    let layers: BTreeMap<&str, u8> = LAYERS.iter().copied().collect();
    let packages = packages();
    let mut wrong = Vec::new();
    for package in &packages {
        let name = package.name.as_str();
        let Some(layer) = layers.get(name) else {
            if !TEST_ONLY.contains(&name) {
                wrong.push(format!("{name} has no layer in tests/architecture.rs"));
            }
            continue;
        };
        for import in &package.imports {
            if TEST_ONLY.contains(&import.as_str()) {
                wrong.push(format!("{name} imports {import}, which is for tests only"));
            }
            let Some(below) = layers.get(import.as_str()) else { continue };
            let neighbours = NEIGHBOURS.contains(&(name, import.as_str()));
            if below > layer || (below == layer && !neighbours) {
                wrong.push(format!("{name} (layer {layer}) imports {import} (layer {below})"));
            }
        }
    }
    for (name, _) in LAYERS {
        if !packages.iter().any(|package| &package.name == name) {
            wrong.push(format!("{name} has a layer but does not exist"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_decides_does_no_input_and_no_output() {
    let layers: BTreeMap<&str, u8> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in packages() {
        if layers.get(package.name.as_str()).is_none_or(|layer| *layer >= 3) {
            continue;
        }
        for import in package.imports.iter().filter(|i| FORBIDDEN_BELOW_3.contains(&i.as_str())) {
            wrong.push(format!("{} imports {import}", package.name));
        }
        for (path, text) in sources(&package.folder.join("src")) {
            // A program of the crate (the printer of the page's types) may write its file.
            if path.components().any(|part| part.as_os_str() == "bin") {
                continue;
            }
            for word in ["std::fs", "std::net", "std::process"] {
                if product(&text).contains(word) {
                    wrong.push(format!("{}: {word}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_under_crates_knows_tauri() {
    let folder = root().join("crates");
    let wrong: Vec<String> = packages()
        .into_iter()
        .filter(|package| package.folder.starts_with(&folder))
        .filter(|package| package.imports.iter().any(|import| import.starts_with("tauri")))
        .map(|package| package.name)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn only_the_system_clock_looks_at_the_time() {
    let clock = root().join("crates/kernel/src/clock.rs");
    let mut wrong = Vec::new();
    for (path, text) in sources(&root().join("crates")) {
        if path == clock {
            continue;
        }
        for word in
            ["Utc::now(", "Local::now(", "SystemTime::now(", "Uuid::now_v7(", "Uuid::new_v4("]
        {
            if product(&text).contains(word) {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "take a `Clock` instead:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_backend_folder_of_the_page_knows_tauri() {
    let ui = root().join("ui/src");
    let wrong: Vec<String> = files(&ui, &["ts", "tsx"])
        .into_iter()
        .filter(|path| !path.starts_with(ui.join("backend")))
        .filter(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("@tauri-apps/")))
        .map(|path| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_says_what_it_is_for() {
    let mut wrong = Vec::new();
    for package in packages() {
        for name in ["src/lib.rs", "src/main.rs"] {
            let path = package.folder.join(name);
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let words: usize = text
                .lines()
                .take_while(|line| line.starts_with("//!"))
                .map(|line| line.split_whitespace().count() - 1)
                .sum();
            if words < 8 {
                wrong.push(format!("{} opens with {words} words", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text before the first test module, without comments: what the program does.
fn product(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    files(folder, &["rs"])
        .into_iter()
        .filter(|path| {
            // Test files and examples may look at the time and write files.
            !path
                .components()
                .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "examples")
                && path.file_name().is_none_or(|name| name != "tests.rs")
        })
        .filter_map(|path| fs::read_to_string(&path).ok().map(|text| (path, text)))
        .collect()
}

fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "node_modules" {
                found.extend(files(&path, endings));
            }
        } else if path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending)) {
            found.push(path);
        }
    }
    found
}
