//! What the people of a facility made of results: which judgement counts, what it says the picture
//! truly shows, and the results one by one, as figures and evaluation sets need them.

use crate::study::{Analysis, Finding, Image, Judgement, Outcome, Study};
use kernel::Instant;

/// What a judgement says of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The label is right.
    Agreed,
    /// It is not, and nobody said what is.
    Disagreed,
    /// It is not, and another one is.
    Corrected,
}

/// The label that is right in the eyes of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth<'a> {
    pub label: &'a str,
    /// The judgement that settles it.
    pub judgement: &'a Judgement,
    /// The label that was judged.
    pub judged: &'a str,
}

/// The newest judgement of a result: of several labels the one judged last.
pub fn newest(analysis: &Analysis) -> Option<(&Finding, &Judgement)> {
    let judged = analysis.findings.iter().filter_map(|f| Some((f, f.judged.as_ref()?)));
    judged.max_by_key(|(_, j)| j.at)
}

/// What the newest judgement says.
pub fn said(analysis: &Analysis) -> Option<Said> {
    newest(analysis).map(|(_, j)| match (j.agree, &j.correct) {
        (true, _) => Said::Agreed,
        (false, None) => Said::Disagreed,
        (false, Some(_)) => Said::Corrected,
    })
}

/// The most probable label of a result.
pub fn called(analysis: &Analysis) -> Option<&Finding> {
    // Of equals the first, as everywhere.
    analysis.findings.iter().rev().max_by_key(|f| f.p10000)
}

/// What a picture truly shows, as far as somebody said so: the newest judgement that settles it.
/// Labels of a task exclude each other, so agreeing with one says it, and disagreeing with one of
/// two says the other. Of three or more, a disagreement alone settles nothing, and takes back what
/// was said before about that label.
/// Of a refused picture it is what somebody said that it shows.
pub fn truth(analysis: &Analysis) -> Option<Truth<'_>> {
    if let (Some(judged), Some(judgement)) = (analysis.refusal(), &analysis.judged) {
        let label = judgement.correct.as_deref()?;
        return Some(Truth { label, judgement, judged });
    }
    let settles = |f: &'_ Finding, j: &Judgement| -> Option<usize> {
        let at = |label: &str| analysis.findings.iter().position(|f| f.label == label);
        match (j.agree, &j.correct) {
            (true, _) => at(&f.label),
            (false, Some(right)) => at(right),
            (false, None) if analysis.findings.len() == 2 => {
                at(&f.label).map(|wrong| 1usize.saturating_sub(wrong))
            }
            (false, None) => None,
        }
    };
    let judged = || analysis.findings.iter().filter_map(|f| Some((f, f.judged.as_ref()?)));
    let (finding, judgement, at) =
        judged().filter_map(|(f, j)| Some((f, j, settles(f, j)?))).max_by_key(|(_, j, _)| j.at)?;
    let label = analysis.findings.get(at)?.label.as_str();
    let taken_back = judged().any(|(f, j)| !j.agree && f.label == label && j.at > judgement.at);
    (!taken_back).then_some(Truth { label, judgement, judged: &finding.label })
}

/// One result with what is known of its picture.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub study: &'a Study,
    pub image: &'a Image,
    pub analysis: &'a Analysis,
    /// Of the picture and the task, whichever result was judged: a picture shows what it shows.
    pub truth: Option<Truth<'a>>,
}

/// Every result that named its task and pack, oldest first.
pub fn rows(studies: &[Study]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = studies
        .iter()
        .flat_map(|study| study.analyses.iter().map(move |analysis| (study, analysis)))
        .filter(|(_, a)| a.task.is_some() && a.pack.is_some())
        .filter_map(|(study, analysis)| {
            let image = study.images.iter().find(|i| i.id == analysis.image)?;
            Some(Row { study, image, analysis, truth: truth_of(study, analysis) })
        })
        .collect();
    rows.sort_by_key(|r| (r.analysis.finished_at, r.analysis.id.0));
    rows
}

fn truth_of<'a>(study: &'a Study, of: &Analysis) -> Option<Truth<'a>> {
    let same = |a: &&'a Analysis| a.image == of.image && a.task == of.task;
    study.analyses.iter().filter(same).filter_map(truth).max_by_key(|t| t.judgement.at)
}

/// The newest answer of each picture, in the order of their first answers: a picture that was
/// analysed twice counts once.
pub fn newest_answers<'a>(rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let mut out: Vec<Row<'a>> = vec![];
    for row in rows.iter().filter(|r| r.analysis.outcome == Outcome::Done) {
        match out.iter_mut().find(|o| o.image.sha256 == row.image.sha256) {
            Some(known) => *known = *row,
            None => out.push(*row),
        }
    }
    out
}

/// The newest result of each picture that the gates refused and that has no answer among these rows.
pub fn newest_refusals<'a>(rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let answered = newest_answers(rows);
    let mut out: Vec<Row<'a>> = vec![];
    for row in rows.iter().filter(|r| r.analysis.refusal().is_some()) {
        let same = |o: &Row<'_>| o.image.sha256 == row.image.sha256;
        if answered.iter().any(same) {
            continue;
        }
        match out.iter_mut().find(|o| same(o)) {
            Some(known) => *known = *row,
            None => out.push(*row),
        }
    }
    out
}

/// Pictures of one person: the registered patient, else the number in the file, else the study by
/// itself. Never leaves the program as it is.
pub fn group(study: &Study) -> String {
    let filled = |t: &&String| !t.trim().is_empty();
    match (&study.patient, study.file_patient_id.as_ref().filter(filled)) {
        (Some(patient), _) => format!("patient {patient}"),
        (None, Some(number)) => format!("file {number}"),
        (None, None) => format!("study {}", study.id),
    }
}

/// A measurement of a gate in a stored result; `None` in results from before it was kept.
pub fn measured(analysis: &Analysis, name: &str) -> Option<f64> {
    // Far below 2^53, so exact.
    analysis.values10000.get(name).map(|v| *v as f64 / 10_000.0)
}

/// Whether a result was finished at or after this time.
pub fn since(row: &Row<'_>, then: Instant) -> bool {
    row.analysis.finished_at >= then
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{Command, Event, Pack, Refused, apply, decide};
    use chrono::TimeZone as _;
    use kernel::{AnalysisId, ImageId, StudyId};

    fn at(minute: i64) -> Instant {
        chrono::Utc.timestamp_opt(1_800_000_000 + minute * 60, 0).unwrap()
    }

    fn pack(version: &str) -> Pack {
        Pack { id: "p".into(), version: version.into(), sha256: "00".into() }
    }

    fn study(labels: &[&str]) -> Study {
        let finding = |(n, label): (usize, &&str)| {
            serde_json::json!({
                "label": label, "condition": label, "normal": n == 0,
                "p10000": if n == 1 { 8000 } else { 1000 }, "threshold10000": null,
                "sensitivity10000": null, "specificity10000": null, "map": null, "judged": null,
            })
        };
        let id = uuid::Uuid::from_u128(7);
        let analysis = serde_json::json!({
            "id": AnalysisId(id), "image": ImageId(id), "outcome": "done", "reason": null,
            "detail": null, "outside_intended_use": null, "pack": pack("1"), "task": "chest",
            "findings": labels.iter().enumerate().map(finding).collect::<Vec<_>>(),
            "started_at": at(0), "finished_at": at(1), "timing_ms": [1, 2, 3], "asked_by": "k",
        });
        let study = serde_json::json!({
            "id": StudyId(id), "patient": null, "file_patient_name": null,
            "file_patient_id": " ", "file_age_years": null, "modality": null, "body_part": null,
            "taken_on": null, "added_at": at(0), "analyses": [analysis],
            "images": [{ "id": ImageId(id), "file_name": "a.png", "sha256": "aa", "bytes": 1,
                "rows": 2, "cols": 2, "frames": 1 }],
        });
        serde_json::from_value(study).unwrap()
    }

    fn judge(label: &str, agree: bool, correct: Option<&str>) -> Command {
        Command::Judge {
            analysis: AnalysisId(uuid::Uuid::from_u128(7)),
            label: label.into(),
            agree,
            correct: correct.map(Into::into),
            pack: Some(pack("1")),
            role: Some(kernel::Role::Radiologist),
        }
    }

    fn after(labels: &[&str], judgements: &[Command]) -> Study {
        let mut now = study(labels);
        for (minute, command) in (2..).zip(judgements) {
            let events = decide(Some(&now), command, "khan", at(minute)).expect("judged");
            for event in &events {
                now = apply(Some(now), event).unwrap();
            }
        }
        now
    }

    fn says(labels: &[&str], judgements: &[Command]) -> Option<String> {
        let study = after(labels, judgements);
        truth(&study.analyses[0]).map(|t| t.label.to_owned())
    }

    #[test]
    fn of_two_labels_a_disagreement_says_the_other_and_of_three_nothing() {
        let two = ["normal", "bleed"];
        assert_eq!(says(&two, &[]), None);
        assert_eq!(says(&two, &[judge("bleed", true, None)]).as_deref(), Some("bleed"));
        assert_eq!(says(&two, &[judge("bleed", false, None)]).as_deref(), Some("normal"));
        let three = ["normal", "viral", "bacterial"];
        assert_eq!(says(&three, &[judge("viral", false, None)]), None);
        let corrected = judge("viral", false, Some("bacterial"));
        assert_eq!(says(&three, &[corrected]).as_deref(), Some("bacterial"));
    }

    #[test]
    fn a_later_judgement_replaces_an_earlier_one_whichever_label_it_is_about() {
        let three = ["normal", "viral", "bacterial"];
        let [a, b] = [judge("viral", true, None), judge("bacterial", true, None)];
        assert_eq!(says(&three, &[a.clone(), b.clone()]).as_deref(), Some("bacterial"));
        assert_eq!(says(&three, &[b.clone(), a.clone()]).as_deref(), Some("viral"));
        let back = judge("viral", false, None);
        assert_eq!(says(&three, &[a.clone(), back.clone()]), None, "the same label");
        assert_eq!(says(&three, &[b, back]).as_deref(), Some("bacterial"), "another label");
        let taken_back =
            [judge("viral", false, Some("bacterial")), judge("bacterial", false, None)];
        assert_eq!(says(&three, &taken_back), None);
        let study = after(&three, &[a]);
        assert_eq!(said(&study.analyses[0]), Some(Said::Agreed));
        let kept = study.analyses[0].findings[1].judged.clone().unwrap();
        assert_eq!((kept.by.as_str(), kept.role), ("khan", Some(kernel::Role::Radiologist)));
    }

    #[test]
    fn a_judgement_names_the_pack_it_judged_and_a_label_that_the_result_has() {
        let study = study(&["normal", "viral"]);
        let refused = |command: &Command| decide(Some(&study), command, "khan", at(3)).unwrap_err();
        let Command::Judge { analysis, label, agree, correct, role, .. } =
            judge("viral", true, None)
        else {
            unreachable!()
        };
        let other = Some(pack("2"));
        let another = Command::Judge { analysis, label, agree, correct, pack: other, role };
        assert_eq!(refused(&another), Refused::JudgedAnother);
        assert_eq!(refused(&judge("viral", false, Some("cold"))), Refused::CorrectUnfit);
        assert_eq!(refused(&judge("viral", false, Some("viral"))), Refused::CorrectUnfit);
        assert_eq!(refused(&judge("viral", true, Some("normal"))), Refused::CorrectUnfit);
        assert_eq!(refused(&judge("cold", true, None)), Refused::NotFound);
    }

    #[test]
    fn judgements_of_the_first_release_are_written_as_they_were() {
        let old = r#"{"agree":true,"by":"amina","at":"2026-11-20T08:00:00Z"}"#;
        let read: Judgement = serde_json::from_str(old).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
        let body = r#"{"kind":"judge","analysis":"00000000-0000-0000-0000-000000000007","label":"x","agree":false}"#;
        let read: Command = serde_json::from_str(body).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), body);
        let event = Event::Judged {
            analysis: AnalysisId(uuid::Uuid::from_u128(7)),
            label: "x".into(),
            judgement: Judgement {
                agree: true,
                correct: None,
                by: "a".into(),
                role: None,
                at: at(0),
            },
        };
        assert!(!serde_json::to_string(&event).unwrap().contains("correct"));
    }

    #[test]
    fn a_picture_analysed_twice_counts_once_and_its_truth_belongs_to_both_results() {
        let mut one = after(&["normal", "viral"], &[judge("viral", true, None)]);
        let mut again = one.analyses[0].clone();
        again.id = AnalysisId(uuid::Uuid::from_u128(8));
        again.finished_at = at(9);
        again.findings.iter_mut().for_each(|f| f.judged = None);
        one.analyses.push(again);
        let studies = [one];
        let rows = rows(&studies);
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|r| r.truth.is_some_and(|t| t.label == "viral")));
        let newest = newest_answers(&rows);
        assert_eq!(newest.len(), 1);
        assert_eq!(newest[0].analysis.id, AnalysisId(uuid::Uuid::from_u128(8)));
        assert_eq!(called(newest[0].analysis).map(|f| f.label.as_str()), Some("viral"));
        assert!(group(newest[0].study).starts_with("study "), "a blank number is no number");
    }
}
