//! Writes what this crate reads from every DICOM file of a folder, so that another program can
//! compare it: `cargo run -p dicom-io --example dump -- FOLDER OUT`.
//!
//! `OUT/index.csv` has a line for every frame and one for every refusal; beside it lie the stored
//! values (`FILE.FRAME.native`) and the light (`FILE.FRAME.light`, one or three bytes to a pixel).

use std::io::Write;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(out)) = (words.next(), words.next()) else {
        return Err("dump FOLDER OUT".into());
    };
    std::fs::create_dir_all(&out)?;
    let mut index = std::fs::File::create(out.join("index.csv"))?;
    writeln!(index, "file,frame,rows,cols,samples,bytes,signed,min,max,milliseconds,reason")?;
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "dcm")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Err(error) = one(path, &name, &out, &mut index) {
            writeln!(index, "{name},,,,,,,,,,\"{}: {error}\"", error.code())?;
        }
    }
    Ok(())
}

fn one(
    path: &std::path::Path,
    name: &str,
    out: &std::path::Path,
    index: &mut std::fs::File,
) -> Result<(), dicom_io::ReadError> {
    let wrong = |error: std::io::Error| dicom_io::ReadError::Io(error.to_string());
    let opened = dicom_io::open(path)?;
    for frame in 0..opened.meta.frames {
        let started = std::time::Instant::now();
        let native = opened.native(frame)?;
        let took = started.elapsed().as_millis();
        let light = dicom_io::render(&opened, frame)?;
        std::fs::write(out.join(format!("{name}.{frame}.native")), &native.data).map_err(wrong)?;
        std::fs::write(out.join(format!("{name}.{frame}.light")), light.as_bytes())
            .map_err(wrong)?;
        let (low, high) = native.range;
        writeln!(
            index,
            "{name},{frame},{},{},{},{},{},{low},{high},{took},",
            native.rows, native.cols, native.samples, native.bytes_per_sample, native.signed,
        )
        .map_err(wrong)?;
    }
    Ok(())
}
