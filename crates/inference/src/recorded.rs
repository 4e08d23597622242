//! Figures over the probabilities that stand in an evaluation set, without running anything: what
//! the packs of that day said, measured by what people made of it.

use crate::figures::{self, Scored};
use crate::manifest::{ManifestError, find_column};
use crate::measure::{Report, TaskReport};
use std::collections::BTreeMap;
use std::path::Path;

/// One line: the labels with their probabilities, and the label that is right.
type Line = (Vec<(String, f32)>, String);

/// Measures the recorded probabilities of a list with the columns `task`, `label`, `pack`,
/// `pack_version`, `pack_sha256` and `probabilities` (`label=0.1234`, with spaces between). A line
/// whose probabilities cannot be read counts as failed.
///
/// # Errors
/// The list cannot be read or lacks a column.
pub fn recorded(path: &Path) -> Result<Report, ManifestError> {
    let unreadable =
        |e: csv::Error| ManifestError::Unreadable { path: path.to_owned(), cause: e.to_string() };
    let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
    let headers = reader.headers().map_err(unreadable)?.clone();
    let names = ["task", "label", "pack", "pack_version", "pack_sha256", "probabilities"];
    let mut at = vec![];
    for name in names {
        let missing = ManifestError::MissingColumn { path: path.to_owned(), column: name };
        at.push(find_column(&headers, name).ok_or(missing)?);
    }
    let mut groups: BTreeMap<(String, String), Vec<Option<Line>>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let get = |n: usize| at.get(n).and_then(|i| record.get(*i)).unwrap_or("").trim();
        let pack = [2, 3, 4].map(get).join(" ");
        let line = probabilities(get(5)).map(|p| (p, get(1).to_owned()));
        groups.entry((get(0).to_owned(), pack)).or_default().push(line);
    }
    let mut packs: Vec<String> = groups.keys().map(|(_, pack)| pack.clone()).collect();
    packs.sort();
    packs.dedup();
    let tasks = groups.into_iter().map(|((task, pack), lines)| one(task, pack, &lines)).collect();
    Ok(Report { packs, tasks })
}

fn probabilities(text: &str) -> Option<Vec<(String, f32)>> {
    let one = |part: &str| {
        let (label, p) = part.split_once('=')?;
        let p: f32 = p.parse().ok()?;
        (0.0..=1.0).contains(&p).then(|| (label.to_owned(), p))
    };
    let all: Vec<(String, f32)> = text.split_whitespace().map(one).collect::<Option<_>>()?;
    (all.len() >= 2).then_some(all)
}

fn one(task: String, pack: String, lines: &[Option<Line>]) -> TaskReport {
    // The labels of the first line that can be read; a line with others is of another task.
    let labels: Vec<String> =
        lines.iter().flatten().next().map_or(vec![], |l| l.0.iter().map(|p| p.0.clone()).collect());
    let read = |(p, truth): &Line| -> Option<(Vec<f32>, usize)> {
        let same = p.len() == labels.len() && p.iter().zip(&labels).all(|(p, l)| p.0 == *l);
        let truth = labels.iter().position(|l| l == truth)?;
        same.then(|| (p.iter().map(|p| p.1).collect(), truth))
    };
    let scored: Vec<(Vec<f32>, usize)> = lines.iter().flatten().filter_map(read).collect();
    let list: Vec<Scored<'_>> = scored.iter().map(|(p, t)| (p.as_slice(), *t)).collect();
    let classes = labels.len();
    TaskReport {
        task,
        pack: Some(pack),
        n: lines.len(),
        failed: lines.len() - list.len(),
        answered: list.len(),
        abstained: BTreeMap::new(),
        accuracy: figures::accuracy(&list),
        balanced_accuracy: figures::balanced_accuracy(&list, classes),
        macro_auroc: figures::macro_auroc(&list, classes),
        // Refused pictures have no probabilities in the list.
        macro_auroc_gates_off: None,
        accuracy_gates_off: None,
        ece: figures::ece(&list),
        finding_auroc: None,
        others: 0,
        others_refused: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gives_the_figures_of_what_was_said_then() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("list.csv");
        let rows = [
            "a,t,ill,p,1,ff,well=0.2000 ill=0.8000",
            "b,t,well,p,1,ff,well=0.9000 ill=0.1000",
            "c,t,well,p,1,ff,well=0.4000 ill=0.6000",
            "d,t,well,p,1,ff,broken",
            "e,t,ill,p,2,00,well=0.5000 ill=0.5000",
        ];
        let head = "file,task,label,pack,pack_version,pack_sha256,probabilities";
        std::fs::write(&path, format!("{head}\n{}\n", rows.join("\n"))).unwrap();
        let report = recorded(&path).unwrap();
        assert_eq!(report.packs, ["p 1 ff", "p 2 00"]);
        let first = &report.tasks[0];
        assert_eq!((first.n, first.failed, first.answered), (4, 1, 3));
        assert!((first.accuracy.unwrap() - 2.0 / 3.0).abs() < 1e-6);
        assert_eq!(first.macro_auroc, Some(1.0));
        std::fs::write(&path, "file,task,label\na,t,ill\n").unwrap();
        let error = recorded(&path).unwrap_err().to_string();
        assert!(error.contains("\"pack\""), "{error}");
    }
}
