//! The figures of stock science: our rules beside the baselines of bloodbank.md 4.4, in the seeded
//! simulation of `stock::sim`, as tables for `docs/benchmarks.md`.
//!
//! `bench-bloodbank [--seeds FIRST-LAST] [--write FILE]`: without `--write` the section is printed
//! only; with it the part of the file between the two marks is replaced as well.

#![allow(clippy::print_stdout, reason = "tables are what this program is for")]

mod runs;
mod section;
mod worlds;

use anyhow::{Context as _, Result, bail};
use std::{fs, ops::RangeInclusive, path::PathBuf, process::ExitCode};

const BEGIN: &str = "<!-- bench bloodbank: begin -->";
const END: &str = "<!-- bench bloodbank: end -->";

struct Options {
    seeds: RangeInclusive<u64>,
    write: Option<PathBuf>,
}

fn options() -> Result<Options> {
    let mut options = Options { seeds: 1..=30, write: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => {
                let range = words.next().context("--seeds needs FIRST-LAST")?;
                let (first, last) = range.split_once('-').context("--seeds needs FIRST-LAST")?;
                options.seeds = first.parse()?..=last.parse()?;
                anyhow::ensure!(options.seeds.clone().count() >= 2, "two seeds at least");
            }
            "--write" => {
                options.write = Some(words.next().context("--write needs a file")?.into());
            }
            other => bail!("\"{other}\" is not understood: [--seeds FIRST-LAST] [--write FILE]"),
        }
    }
    Ok(options)
}

fn main() -> Result<ExitCode> {
    let options = options()?;
    let begun = std::time::Instant::now();
    let section = section::write(&options.seeds, |table| println!("{table}"))?;
    eprintln!("{} s", begun.elapsed().as_secs());
    if let Some(file) = options.write {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let text = replaced(&text, &section)?;
        fs::write(&file, text).with_context(|| file.display().to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The text with what stands between the marks replaced.
fn replaced(text: &str, section: &str) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).with_context(|| format!("no {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("no {END}"))?;
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", section.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let text = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let once = replaced(&text, "new\n").unwrap();
        assert_eq!(once, format!("a\n{BEGIN}\n\nnew\n\n{END}\nb\n"));
        assert_eq!(replaced(&once, "new").unwrap(), once);
        assert!(replaced("no marks", "new").is_err());
    }
}
