//! The commands of this repository: `cargo xtask <command>`.
//!
//! Everything a person or a build machine does here goes through this program, on every platform,
//! without shell scripts. It knows tools and folders; it refuses to know what the product does.

mod desk;
mod setup;
mod shell;
mod speed;
mod stages;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask run [--home DIR] [--release] [--yes]   set up what is missing, build, open the window
cargo xtask dev [--home DIR] [--port N]            the same program in a browser, without a window
cargo xtask test [--yes]                           everything that is checked, from a clean clone
cargo xtask check                                  the quick part: formatting, lints, types
cargo xtask bench                                  the figures of docs/benchmarks.md, in release
cargo xtask bench imaging [--json]                 the networks beside PyTorch and ONNX Runtime, in release
cargo xtask bench bloodbank [--write]              stock science beside other rules, 30 seeds; a store of 1,000,000 bags; in release
cargo xtask bench bloodbank scale [--write]        the store of 1,000,000 bags alone
cargo xtask fuzz dicom                             1,000 kinds of damage to every DICOM file at hand
cargo xtask bindings                               write the page's types anew

--yes lets the missing system packages be installed with sudo.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<ExitCode> {
    let (command, rest) = words.split_first().map_or(("help", words), |(c, r)| (c.as_str(), r));
    if let ("fuzz", [what]) = (command, rest)
        && what == "dicom"
    {
        return stages::fuzz_dicom();
    }
    if let ("bench", [what, rest @ ..]) = (command, rest)
        && what == "imaging"
    {
        return match rest {
            [] => speed::imaging(false),
            [word] if word == "--json" => speed::imaging(true),
            _ => bail!("after \"bench imaging\" only --json may follow\n\n{HELP}"),
        };
    }
    if let ("bench", [what, rest @ ..]) = (command, rest)
        && what == "bloodbank"
    {
        return match rest {
            [] => speed::bloodbank(false),
            [word] if word == "--write" => speed::bloodbank(true),
            [word] if word == "scale" => speed::scale(false),
            [word, last] if word == "scale" && last == "--write" => speed::scale(true),
            _ => bail!("after \"bench bloodbank\" only scale and --write may follow\n\n{HELP}"),
        };
    }
    let options = Options::parse(rest)?;
    match command {
        "run" => desk::run(&options),
        "dev" => desk::dev(&options),
        "test" => stages::test(&options),
        "check" => stages::check(&options),
        "bench" => stages::bench(&options),
        "bindings" => stages::bindings(),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no command \"{other}\"\n\n{HELP}"),
    }
}

/// What may follow a command.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub home: Option<String>,
    pub port: Option<u16>,
    pub release: bool,
    pub yes: bool,
}

impl Options {
    fn parse(words: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--release" => options.release = true,
                "--yes" | "-y" => options.yes = true,
                "--home" => match words.next() {
                    Some(folder) => options.home = Some(folder.clone()),
                    None => bail!("--home needs a folder"),
                },
                "--port" => match words.next().and_then(|port| port.parse().ok()) {
                    Some(port) => options.port = Some(port),
                    None => bail!("--port needs a number up to 65535"),
                },
                other => bail!("\"{other}\" is not understood\n\n{HELP}"),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_in_any_order() {
        let options = parse("--yes --home /tmp/a --port 0 --release").unwrap();
        let expected =
            Options { home: Some("/tmp/a".into()), port: Some(0), release: true, yes: true };
        assert_eq!(options, expected);
    }

    #[test]
    fn a_wrong_option_is_refused_with_the_list() {
        for line in ["--hmoe x", "--home", "--port", "--port many", "--port 70000"] {
            assert!(parse(line).is_err(), "{line}");
        }
        assert!(parse("--wat").unwrap_err().to_string().contains("cargo xtask run"));
    }
}
