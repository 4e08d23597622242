//! Writes `ui/src/wire/index.ts`, or with `--check` says whether it is up to date.

use std::{fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/wire/index.ts");
    let text = wire::typescript();
    if std::env::args().any(|a| a == "--check") {
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return ExitCode::SUCCESS;
        }
        eprintln!("ui/src/wire/index.ts is out of date: run `cargo xtask bindings`");
        return ExitCode::FAILURE;
    }
    let written = fs::create_dir_all(path.parent().expect("the path has a parent"))
        .and_then(|()| fs::write(&path, text));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} cannot be written: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
