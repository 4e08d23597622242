//! Evaluation sets: the judged pictures as a list that `healthsync evaluate` reads, with or without
//! copies of the pictures. Nothing in it names a patient: names are keyed hashes, pictures lose
//! their headers, and what may show a name in its pixels is left out until somebody has looked.

use super::count;
use crate::backup::unwritten;
use crate::error::Error;
use crate::images::read_error;
use crate::quality::zipped;
use dicom_io::deidentify::{ExportError, Plan, deidentify};
use imaging::quality::{Row, Said, called, group, newest_answers, newest_refusals, said};
use imaging::study::Image;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use wire::{EvaluationDone, LeftOut, MaybeFigure, TaskQuality};

/// The list inside a set.
const LIST: &str = "list.csv";
const WORDS: &str = "README.txt";
const FIGURES: &str = "figures.csv";

/// How a set is made.
pub(super) struct Set {
    /// Secret of the facility.
    pub key: [u8; 32],
    /// With copies.
    pub pictures: bool,
    /// Somebody has looked at the pixels.
    pub checked: bool,
}

/// The newest answer of each judged picture, or its refusal where there is no answer, of each task and
/// pack: one line each.
pub(super) fn lines<'a>(rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let mut groups: BTreeMap<(&str, &str), Vec<Row<'a>>> = BTreeMap::new();
    for row in rows {
        if let (Some(task), Some(pack)) = (&row.analysis.task, &row.analysis.pack) {
            groups.entry((task, &pack.sha256)).or_default().push(*row);
        }
    }
    let both = |rows: &Vec<Row<'a>>| [newest_answers(rows), newest_refusals(rows)].concat();
    let newest = groups.values().flat_map(both);
    newest.filter(|row| row.truth.is_some()).collect()
}

/// While a set is being written.
pub(super) fn part(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Gives the set its name, or takes it back when it was not signed.
pub(super) fn finish(place: &Path, signed: Result<(), Error>) -> Result<(), Error> {
    let part = part(place);
    let done = signed.and_then(|()| fs::rename(&part, place).map_err(|e| unwritten(&e).into()));
    if done.is_err() {
        // What is left of it would look like a set.
        let _ = if part.is_dir() { fs::remove_dir_all(&part) } else { fs::remove_file(&part) };
    }
    done
}

type Bytes<'b> = &'b dyn Fn(&Image) -> Result<Vec<u8>, Error>;

impl Set {
    /// Writes everything beside `place`; [`finish`] gives it its name.
    pub(super) fn write(
        &self,
        rows: &[Row<'_>],
        figures: &[TaskQuality],
        place: &Path,
        bytes: Bytes<'_>,
    ) -> Result<EvaluationDone, Error> {
        let is_zip = place.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
        let folder = if is_zip { part(&part(place)) } else { part(place) };
        fs::create_dir(&folder).map_err(|e| unwritten(&e))?;
        let table = table(figures)?;
        let saved = fs::write(folder.join(FIGURES), table).map_err(|e| unwritten(&e).into());
        let written = saved.and_then(|()| self.fill(&lines(rows), &folder, bytes));
        let written = written.and_then(|done| {
            if is_zip {
                zipped::zip(&folder, &part(place))?;
            }
            Ok(done)
        });
        if is_zip || written.is_err() {
            // Packed, or not a whole set.
            let _ = fs::remove_dir_all(&folder);
        }
        written
    }

    fn fill(
        &self,
        rows: &[Row<'_>],
        folder: &Path,
        bytes: Bytes<'_>,
    ) -> Result<EvaluationDone, Error> {
        let save = |name: &str, bytes: &[u8]| -> Result<(), Error> {
            fs::write(folder.join(name), bytes).map_err(|e| unwritten(&e).into())
        };
        for name in ["pictures", "dicom"].iter().filter(|_| self.pictures) {
            fs::create_dir(folder.join(name)).map_err(|e| unwritten(&e))?;
        }
        // One picture may stand in several lines.
        let mut copied: BTreeMap<&str, Option<String>> = BTreeMap::new();
        let mut list = csv::Writer::from_writer(vec![]);
        list.write_record(COLUMNS).map_err(broken)?;
        for row in rows {
            let sha = row.image.sha256.as_str();
            let name = self.name("image", sha);
            if self.pictures && !copied.contains_key(sha) {
                let copy = bytes(row.image)
                    .map_err(|e| e.into_command_error().code)
                    .map_err(|code| format!("{code:?}"))
                    .and_then(|bytes| self.copy(&bytes, row, &name));
                let why = match copy {
                    Ok((png, dicom)) => {
                        save(&format!("pictures/{name}.png"), &png)?;
                        if let Some(dicom) = dicom {
                            save(&format!("dicom/{name}.dcm"), &dicom)?;
                        }
                        None
                    }
                    Err(why) => Some(why),
                };
                copied.insert(sha, why);
            }
            let there = copied.get(sha).is_some_and(Option::is_none);
            list.write_record(self.line(row, &name, there)).map_err(broken)?;
        }
        let list = list.into_inner().map_err(|e| broken(e.into_error()))?;
        save(LIST, &list)?;
        save(WORDS, ABOUT.as_bytes())?;
        let left_out = copied.iter().filter_map(|(sha, why)| {
            Some(LeftOut { name: self.name("image", sha), why: why.clone()? })
        });
        let left_out: Vec<LeftOut> = left_out.collect();
        Ok(EvaluationDone {
            path: String::new(),
            rows: count(rows.len()),
            pictures: count(copied.len() - left_out.len()),
            left_out,
            sha256: hex::encode(ledger::hash_of(&[&list])),
        })
    }

    /// What stands for a picture or a person: nobody without the key can tell which it was.
    fn name(&self, what: &str, whose: &str) -> String {
        let hash = ledger::hash_of(&[&self.key, what.as_bytes(), b"\0", whose.as_bytes()]);
        let letter = what.chars().next().unwrap_or('x').to_ascii_uppercase();
        format!("{letter}-{}", hex::encode(hash.get(..8).unwrap_or(&hash)))
    }

    /// The picture as a network is given it, and a DICOM file without its patient beside it.
    fn copy(
        &self,
        bytes: &[u8],
        row: &Row<'_>,
        name: &str,
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), String> {
        let unread = |e: &dicom_io::ReadError| read_error(e).args.remove("why").unwrap_or_default();
        let opened =
            dicom_io::open_bytes(bytes.to_vec(), &row.image.file_name).map_err(|e| unread(&e))?;
        let plan = Plan {
            pseudonym: self.name("person", &group(row.study)),
            key: self.key,
            shift_days: None,
            pixels_checked: self.checked,
        };
        let dicom = match deidentify(bytes, &plan) {
            Ok(copy) => Some(copy),
            // No DICOM file has no header that says whether a name may be in its pixels.
            Err(ExportError::Read(dicom_io::ReadError::NotAnImage)) if self.checked => None,
            Err(
                ExportError::Read(dicom_io::ReadError::NotAnImage)
                | ExportError::MayShowName { .. },
            ) => {
                return Err("may_show_name".to_owned());
            }
            Err(error) => return Err(error.to_string()),
        };
        let rgb = dicom_io::rgb8_for_network(&opened, 0).map_err(|e| unread(&e))?;
        let mut png = io::Cursor::new(vec![]);
        rgb.write_to(&mut png, image::ImageFormat::Png).map_err(|e| format!("{name}: {e}"))?;
        Ok((png.into_inner(), dicom))
    }

    fn line(&self, row: &Row<'_>, name: &str, there: bool) -> Vec<String> {
        let (a, truth) = (row.analysis, row.truth);
        let pack = |of: fn(&imaging::study::Pack) -> &String| {
            a.pack.as_ref().map(of).cloned().unwrap_or_default()
        };
        let value = |name: &str| {
            imaging::quality::measured(a, name).map(|v| format!("{v:.4}")).unwrap_or_default()
        };
        let p = |f: &imaging::study::Finding| {
            format!("{}={:.4}", f.label, f64::from(f.p10000) / 10_000.0)
        };
        let role = truth.and_then(|t| t.judgement.role).and_then(|r| serde_json::to_value(r).ok());
        let judgement = match (said(a), a.judged.as_ref().map(|j| j.agree)) {
            (Some(Said::Agreed), _) => "agreed",
            (Some(Said::Disagreed), _) => "disagreed",
            (Some(Said::Corrected), _) => "corrected",
            (None, Some(true)) => "refusal_right",
            (None, Some(false)) => "refusal_wrong",
            // Somebody judged another result of the same picture and task.
            (None, None) => "other_result",
        };
        let outcome = a.refusal().map_or("answered".to_owned(), |why| format!("refused:{why}"));
        vec![
            format!("pictures/{name}.png"),
            a.task.clone().unwrap_or_default(),
            truth.map(|t| t.label.to_owned()).unwrap_or_default(),
            self.name("person", &group(row.study)),
            if there { "yes" } else { "no" }.to_owned(),
            row.image.sha256.clone(),
            judgement.to_owned(),
            called(a).map(|f| f.label.clone()).unwrap_or_default(),
            role.as_ref().and_then(|r| r.as_str()).unwrap_or_default().to_owned(),
            truth.map(|t| t.judgement.at.format("%Y-%m-%d").to_string()).unwrap_or_default(),
            pack(|p| &p.id),
            pack(|p| &p.version),
            pack(|p| &p.sha256),
            a.network.clone().unwrap_or_default(),
            a.findings.iter().map(p).collect::<Vec<_>>().join(" "),
            value("kind"),
            value("distance"),
            outcome,
        ]
    }
}

/// The figures of the page, one line for each label and one for all labels together.
fn table(figures: &[TaskQuality]) -> Result<Vec<u8>, Error> {
    let mut out = csv::Writer::from_writer(vec![]);
    let head = [
        "task",
        "pack",
        "pack_version",
        "pack_sha256",
        "figure",
        "label",
        "value",
        "low",
        "high",
        "n",
    ];
    out.write_record(head).map_err(broken)?;
    for t in figures {
        let of = |figure: &str, label: &str| -> Vec<String> {
            let pack = [&t.task, &t.pack.id, &t.pack.version, &t.pack.sha256].map(String::clone);
            pack.into_iter().chain([figure.to_owned(), label.to_owned()]).collect()
        };
        let mut count = |figure: &str, label: &str, n: u32| {
            let rest = [n.to_string(), String::new(), String::new(), n.to_string()];
            out.write_record(of(figure, label).into_iter().chain(rest)).map_err(broken)
        };
        for (name, n) in [
            ("analysed", t.analysed),
            ("answered", t.answered),
            ("judged", t.judged),
            ("agreed", t.agreed),
            ("disagreed", t.disagreed),
            ("corrected", t.corrected),
            ("refusals_judged_right", t.refusals_right),
            ("refusals_judged_wrong", t.refusals_wrong),
            ("refused_with_finding", t.refused_findings),
        ] {
            count(name, "", n)?;
        }
        for (reason, n) in &t.refused {
            count("refused", reason, *n)?;
        }
        for (truth, row) in t.labels.iter().zip(&t.confusion) {
            for (called, n) in t.labels.iter().zip(row) {
                count("confusion", &format!("{} called {}", truth.label, called.label), *n)?;
            }
        }
        let mut figure = |name: &str, label: &str, f: &MaybeFigure| {
            let number = |v: Option<f64>| v.map(|v| format!("{v:.4}")).unwrap_or_default();
            let rest = [number(f.value), number(f.low), number(f.high), f.n.to_string()];
            out.write_record(of(name, label).into_iter().chain(rest)).map_err(broken)
        };
        figure("accuracy", "", &t.accuracy)?;
        figure("macro_auroc", "", &t.macro_auroc)?;
        figure("coverage", "", &t.coverage)?;
        for l in &t.labels {
            figure("sensitivity", &l.label, &l.sensitivity)?;
            figure("specificity", &l.label, &l.specificity)?;
            figure("auroc", &l.label, &l.auroc)?;
        }
    }
    out.into_inner().map_err(|e| broken(e.into_error()))
}

const COLUMNS: [&str; 18] = [
    "file",
    "task",
    "label",
    "group",
    "picture",
    "sha256",
    "judgement",
    "called",
    "judge_role",
    "judged_on",
    "pack",
    "pack_version",
    "pack_sha256",
    "network",
    "probabilities",
    "kind",
    "distance",
    "outcome",
];

const ABOUT: &str = "\
An evaluation set: pictures whose finding a person judged after seeing the result of a model pack.

list.csv has one line for each picture, task and pack.
  file          the picture below this folder, if it was exported
  task, label   the question, and what is right in the eyes of the judge
  group         stands for a person; the same in every set of the same facility
  picture       yes where the picture lies here
  sha256        of the file the facility keeps, so that it can be found there again
  judgement     agreed, disagreed, corrected; of a picture the gates refused refusal_right or
                refusal_wrong; or other_result (another result of the picture was judged)
  called        what the pack held to be most probable
  judge_role, judged_on, pack, pack_version, pack_sha256, network
  probabilities of every label, as the pack gave them
  kind, distance  what the gates measured
  outcome       answered, or refused: and the reason; a refused picture has no probabilities

figures.csv has the figures of the page Performance here, of that day, with 95 % intervals.

Figures:
  healthsync evaluate --root . --manifest list.csv              runs the installed packs on the pictures
  healthsync evaluate --recorded --root . --manifest list.csv   takes the probabilities of the list

The judges had seen the result before they judged, so agreement may look better than it is.
pictures/ holds what the network was given; dicom/ holds DICOM files without their patient.
";

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Broken(format!("the list of an evaluation set: {error}"))
}
