//! `cargo run -p inference --example evaluate -- PACK IMAGES MANIFEST [validation]`: the report as JSON.

use inference::Engine;
use inference::evaluate::{Split, evaluate};
use std::io::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [pack, root, manifest, rest @ ..] = args.as_slice() else {
        return Err("usage: evaluate PACK IMAGES MANIFEST [validation]".into());
    };
    let split = if rest.first().is_some_and(|w| w == "validation") {
        Split::Validation
    } else {
        Split::All
    };
    let engine = Engine::load_unpinned(Path::new(pack))?;
    let report = evaluate(Path::new(root), Path::new(manifest), &engine, split)?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&report)?)?;
    Ok(())
}
