//! Real files against the golden table, which `tests/oracle/golden.py` made by comparing this crate
//! with pydicom, its plug-ins and dcmtk. Its notes say how close they were.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const TABLE: &str = include_str!("golden.csv");

/// The lines of each file: frame, digest of the values, smallest, largest, digest of the light.
fn table() -> BTreeMap<&'static str, Vec<Vec<&'static str>>> {
    let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in TABLE.lines().skip(1) {
        // Only the last field may hold commas, and then stands in quotes.
        let fields: Vec<&str> = line.splitn(7, ',').map(|field| field.trim_matches('"')).collect();
        files.entry(fields[0]).or_default().push(fields);
    }
    files
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Compares one file; returns what is wrong with it.
fn compare(path: &Path, lines: &[Vec<&str>]) -> Result<(), String> {
    let opened = match (dicom_io::open(path), lines[0][6].strip_prefix("refused ")) {
        (Err(error), Some(reason)) => {
            let said = format!("{}: {error}", error.code());
            return if said == reason { Ok(()) } else { Err(format!("refused: {said}")) };
        }
        (Err(error), None) => return Err(format!("refused: {error}")),
        (Ok(_), Some(_)) => return Err("opened although it was refused before".into()),
        (Ok(opened), None) => opened,
    };
    if usize::try_from(opened.meta.frames).ok() != Some(lines.len()) {
        return Err(format!("{} frames", opened.meta.frames));
    }
    for line in lines {
        let frame = line[1].parse().map_err(|_| "not a frame number")?;
        let native = opened.native(frame).map_err(|error| error.to_string())?;
        let range = (native.range.0.to_string(), native.range.1.to_string());
        if (range.0.as_str(), range.1.as_str()) != (line[3], line[4]) {
            return Err(format!("frame {frame}: values from {} to {}", range.0, range.1));
        }
        if digest(&native.data) != line[2] {
            return Err(format!("frame {frame}: other values"));
        }
        let light = dicom_io::render(&opened, frame).map_err(|error| error.to_string())?;
        if digest(light.as_bytes()) != line[5] {
            return Err(format!("frame {frame}: other light"));
        }
    }
    Ok(())
}

fn compare_all(folder: &Path, only_present: bool) -> usize {
    let table = table();
    let work: Vec<(PathBuf, Vec<Vec<&str>>)> = table
        .into_iter()
        .map(|(name, lines)| (folder.join(name), lines))
        .filter(|(path, _)| !only_present || path.is_file())
        .collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((path, lines)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(what) = compare(path, lines) {
                        let name = path.file_name().unwrap_or_default().to_string_lossy();
                        wrong.lock().expect("not poisoned").push(format!("{name}: {what}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("not poisoned");
    assert!(wrong.is_empty(), "{} files differ:\n{}", wrong.len(), wrong.join("\n"));
    work.len()
}

#[test]
fn every_shared_file_has_the_values_and_the_light_of_the_golden_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/dicom");
    if !folder.is_dir() {
        eprintln!("SKIPPED {}: shared data absent", table().len());
        return;
    }
    let compared = compare_all(&folder, false);
    eprintln!("{compared} files compared");
    assert!(compared >= 117, "the table was lost");
}

#[test]
fn the_files_that_came_with_the_crate_have_the_values_of_the_golden_table() {
    let compared = compare_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"), true);
    assert!(compared >= 12, "fixtures were lost: {compared}");
}
