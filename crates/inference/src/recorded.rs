//! Figures over the probabilities that stand in an evaluation set, without running anything: what
//! the packs of that day said, measured by what people made of it.

use crate::figures::{self, Scored};
use crate::manifest::{ManifestError, find_column};
use crate::measure::{Report, TaskReport};
use std::collections::BTreeMap;
use std::path::Path;

/// One line: the labels with their probabilities, and the label that is right.
type Line = (Vec<(String, f32)>, String);

/// A line that can be read, a picture that was refused, or a line that is broken.
enum Told {
    Answer(Line),
    Refused(String),
    Broken,
}

/// Measures the recorded probabilities of a list with the columns `task`, `label`, `pack`,
/// `pack_version`, `pack_sha256` and `probabilities` (`label=0.1234`, with spaces between). A line
/// whose probabilities cannot be read counts as failed, and one whose `outcome` is `refused:REASON` as
/// abstained; lists of the first release have no such column.
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
    let outcome = find_column(&headers, "outcome");
    let mut groups: BTreeMap<(String, String), Vec<Told>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let get = |n: usize| at.get(n).and_then(|i| record.get(*i)).unwrap_or("").trim();
        let pack = [2, 3, 4].map(get).join(" ");
        let outcome = outcome.and_then(|at| record.get(at)).unwrap_or("").trim();
        let line = match (outcome.strip_prefix("refused:"), probabilities(get(5))) {
            (Some(reason), _) => Told::Refused(reason.to_owned()),
            (None, Some(p)) => Told::Answer((p, get(1).to_owned())),
            (None, None) => Told::Broken,
        };
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

fn one(task: String, pack: String, told: &[Told]) -> TaskReport {
    let mut abstained = BTreeMap::new();
    let mut lines: Vec<&Line> = vec![];
    for one in told {
        match one {
            Told::Answer(line) => lines.push(line),
            Told::Refused(reason) => *abstained.entry(reason.clone()).or_insert(0) += 1,
            Told::Broken => {}
        }
    }
    let refused: usize = abstained.values().sum();
    // The labels of the first line that can be read; a line with others is of another task.
    let labels: Vec<String> =
        lines.first().map_or(vec![], |l| l.0.iter().map(|p| p.0.clone()).collect());
    let read = |(p, truth): &&Line| -> Option<(Vec<f32>, usize)> {
        let same = p.len() == labels.len() && p.iter().zip(&labels).all(|(p, l)| p.0 == *l);
        let truth = labels.iter().position(|l| l == truth)?;
        same.then(|| (p.iter().map(|p| p.1).collect(), truth))
    };
    let scored: Vec<(Vec<f32>, usize)> = lines.iter().filter_map(read).collect();
    let list: Vec<Scored<'_>> = scored.iter().map(|(p, t)| (p.as_slice(), *t)).collect();
    let classes = labels.len();
    TaskReport {
        task,
        pack: Some(pack),
        n: told.len(),
        failed: told.len() - refused - list.len(),
        answered: list.len(),
        abstained,
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
        let with =
            "a,t,ill,p,1,ff,well=0.2 ill=0.8,answered\nb,t,ill,p,1,ff,,refused:low_confidence";
        std::fs::write(&path, format!("{head},outcome\n{with}\n")).unwrap();
        let refused = &recorded(&path).unwrap().tasks[0];
        assert_eq!((refused.n, refused.failed, refused.answered), (2, 0, 1));
        assert_eq!(refused.abstained.get("low_confidence"), Some(&1));
        std::fs::write(&path, "file,task,label\na,t,ill\n").unwrap();
        let error = recorded(&path).unwrap_err().to_string();
        assert!(error.contains("\"pack\""), "{error}");
    }
}
