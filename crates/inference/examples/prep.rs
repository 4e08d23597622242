//! Makes the training arrays with the program's own pre-processing.
//!
//! `cargo run -p inference --example prep -- ROOT MANIFEST OUT.npy OUT.csv [SIZE]`: `ROOT` holds the unzipped
//! pictures, `OUT.npy` becomes a u8 array of shape (n, SIZE, SIZE, 3), `OUT.csv` its index in the same order with the split.

use std::io::{BufWriter, Write};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [root, manifest, npy, index, rest @ ..] = args.as_slice() else {
        return Err("usage: prep ROOT MANIFEST OUT.npy OUT.csv [SIZE]".into());
    };
    let size: u32 = rest.first().map_or(Ok(128), |s| s.parse())?;
    let rows = inference::manifest::read_manifest(Path::new(manifest))?;
    let mut out = BufWriter::new(std::fs::File::create(npy)?);
    let mut header = format!(
        "{{'descr': '|u1', 'fortran_order': False, 'shape': ({}, {size}, {size}, 3), }}",
        rows.len()
    );
    // The header of an .npy file is padded so that the data starts at a multiple of 64 bytes.
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&u16::try_from(header.len())?.to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    let mut list = BufWriter::new(std::fs::File::create(index)?);
    writeln!(list, "file,task,label,validation,width,height")?;
    for row in &rows {
        let picture = image::open(Path::new(root).join(&row.file))?.to_rgb8();
        out.write_all(inference::prep::letterbox_rgb(&picture, size).as_raw())?;
        let validation = u8::from(inference::manifest::is_validation(&row.group));
        writeln!(
            list,
            "{},{},{},{validation},{},{}",
            row.file,
            row.task,
            row.label,
            picture.width(),
            picture.height()
        )?;
    }
    Ok(())
}
