//! A study: the images of one visit (or one picture added by hand), what was computed about them,
//! and what people thought of it. Integers only, because this is signed: probabilities are in
//! 1/10 000, map values in 1/1000.

use crate::report::{self, Addendum, Content, Report, Signature};
use kernel::{AnalysisId, ImageId, Instant, PatientId, Role, StudyId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One image file, known by its bytes. Everything a header says is read again from the bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    pub id: ImageId,
    pub file_name: String,
    /// The SOP instance UID that the file says; nothing in records from before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sop_uid: Option<String>,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    pub rows: u32,
    pub cols: u32,
    pub frames: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    pub id: String,
    pub version: String,
    pub sha256: String,
}

/// A class-activation map on a fixed 0 to 1000 scale, and where it lies on the image in pixels/100.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    pub cols: u32,
    pub rows: u32,
    pub values: Vec<u16>,
    /// x, y, width, height in hundredths of an image pixel.
    pub rect_centipixels: [i32; 4],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    pub agree: bool,
    /// The label of the task that is right instead; only where somebody does not agree and says
    /// what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct: Option<String>,
    pub by: String,
    /// What the judge was; nothing in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    pub at: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub label: String,
    pub condition: String,
    pub normal: bool,
    /// Calibrated probability in 1/10 000.
    pub p10000: u32,
    pub threshold10000: Option<u32>,
    pub sensitivity10000: Option<u32>,
    pub specificity10000: Option<u32>,
    pub map: Option<Map>,
    pub judged: Option<Judgement>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    Abstained,
    Failed,
    Cancelled,
}

/// One run of one model over one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    pub id: AnalysisId,
    pub image: ImageId,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub detail: Option<String>,
    /// The numbers behind `reason`, `detail` and `outside_intended_use` in 1/10 000, by name:
    /// `measured`, `limit`, `any`, `threshold`, `sensitivity`, `specificity`, `age_max`, `age`; and,
    /// of every run that named a task, what the gates measured: `kind` (probability that the picture
    /// is of the task's kind) and `distance` (from the ordinary, 1 is usual).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values10000: BTreeMap<String, i64>,
    pub findings: Vec<Finding>,
    /// What a person thinks of a refusal: `agree`, the gate was right; `correct`, the label that is
    /// right, whichever they think of the gate. Nothing where there is an answer: that is judged by
    /// its findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judgement>,
    /// Why the pack was not made for this patient, if so.
    pub outside_intended_use: Option<String>,
    pub pack: Option<Pack>,
    /// The question that was answered; nothing where the gate found none that fits, and in records
    /// from before there was more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The architecture of the pack's network; as `task`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    pub started_at: Instant,
    pub finished_at: Instant,
    /// Decode, preprocess, infer.
    pub timing_ms: [u32; 3],
    pub asked_by: String,
}

/// Bytes of the name of a label.
const LONGEST_LABEL: usize = 64;

impl Analysis {
    /// Why the gates refused the picture, where they did.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        let refused = self.outcome == Outcome::Abstained && self.findings.is_empty();
        refused.then(|| self.reason.as_deref().unwrap_or("not_known"))
    }

    /// One that has just begun: failed, until something else is known.
    #[must_use]
    pub fn begun(id: AnalysisId, image: ImageId, at: Instant, asked_by: String) -> Self {
        Self {
            id,
            image,
            outcome: Outcome::Failed,
            reason: None,
            detail: None,
            values10000: BTreeMap::new(),
            findings: vec![],
            judged: None,
            outside_intended_use: None,
            pack: None,
            task: None,
            network: None,
            started_at: at,
            finished_at: at,
            timing_ms: [0; 3],
            asked_by,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    pub id: StudyId,
    pub patient: Option<PatientId>,
    /// As written in the file; a person confirms a match before it is filed under a patient.
    pub file_patient_name: Option<String>,
    pub file_patient_id: Option<String>,
    /// Completed years on the day of the study, if the file says.
    pub file_age_years: Option<u32>,
    pub modality: Option<String>,
    pub body_part: Option<String>,
    pub taken_on: Option<String>,
    /// The study instance UID that the files say; nothing in records from before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study_uid: Option<String>,
    /// A study that was here before and says the same UID of another patient: one of the two is wrong,
    /// and a person has to see which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicts_with: Option<StudyId>,
    pub added_at: Instant,
    pub images: Vec<Image>,
    pub analyses: Vec<Analysis>,
    /// What a person wrote about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Add {
        study: Box<Study>,
    },
    /// Images of this study that came later.
    AddImages {
        images: Vec<Image>,
    },
    Assign {
        patient: PatientId,
    },
    Record {
        analysis: Box<Analysis>,
    },
    /// What a person thinks of one label of a result, or, where the gates refused the picture, of the
    /// refusal: then `label` is its reason. A later one about the same label replaces it; what was
    /// said before stays in the record.
    Judge {
        analysis: AnalysisId,
        label: String,
        agree: bool,
        /// As [`Judgement::correct`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correct: Option<String>,
        /// The pack whose result was judged, so that what was signed says it by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pack: Option<Pack>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
    },
    /// Saves the text so far; `revision` is the one it was begun from, 0 for none.
    ReportDraft {
        content: Content,
        revision: u32,
    },
    /// Signs this very text.
    ReportSign {
        content: Content,
        revision: u32,
    },
    ReportAddend {
        text: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Added { study: Box<Study> },
    ImagesAdded { images: Vec<Image> },
    Assigned { patient: PatientId },
    Analysed { analysis: Box<Analysis> },
    Judged { analysis: AnalysisId, label: String, judgement: Judgement },
    ReportDrafted { content: Content, mark: Signature },
    ReportSigned { content: Content, mark: Signature },
    ReportAddended { addendum: Addendum },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Refused {
    #[error("this study is not known here")]
    NotFound,
    #[error("this study is already here")]
    Known,
    #[error("a study has at least one image")]
    Empty,
    #[error("this report is signed and does not change")]
    ReportSigned,
    #[error("this report is not signed")]
    ReportNotSigned,
    #[error("somebody saved another text of this report meanwhile")]
    ReportChanged,
    #[error("a signed text says something")]
    ReportEmpty,
    #[error("the result was computed by another pack than the judgement says")]
    JudgedAnother,
    #[error("the right label is another one of the same result, and only where one disagrees")]
    CorrectUnfit,
    #[error("a report has at most 12 sections of 16 KiB, each with a name of its own")]
    ReportUnfit,
}

impl Study {
    /// The image that an instance already is here, by its UID or its bytes.
    #[must_use]
    pub fn holds(&self, image: &Image) -> Option<&Image> {
        self.images.iter().find(|known| {
            known.id == image.id
                || known.sha256 == image.sha256
                || (known.sop_uid.is_some() && known.sop_uid == image.sop_uid)
        })
    }

    /// Those images that are not here yet, each instance once.
    fn lacks(&self, images: &[Image]) -> Vec<Image> {
        let mut all = self.clone();
        for image in images {
            if all.holds(image).is_none() {
                all.images.push(image.clone());
            }
        }
        all.images.split_off(self.images.len())
    }

    /// Whether files name the same patient: the number and the name as written, apart from capitals and
    /// blanks. What one names and the other does not is a difference.
    #[must_use]
    pub fn names_same_patient(&self, name: Option<&str>, number: Option<&str>) -> bool {
        let plain = |text: Option<&str>| {
            let words = text.unwrap_or_default().split_whitespace();
            words.collect::<Vec<_>>().join(" ").to_lowercase()
        };
        plain(self.file_patient_name.as_deref()) == plain(name)
            && plain(self.file_patient_id.as_deref()) == plain(number)
    }
}

pub fn decide(
    state: Option<&Study>,
    command: &Command,
    user: &str,
    now: Instant,
) -> Result<Vec<Event>, Refused> {
    match (state, command) {
        (Some(_), Command::Add { .. }) => Err(Refused::Known),
        (None, Command::Add { study }) if study.images.is_empty() => Err(Refused::Empty),
        (None, Command::Add { study }) => {
            let study =
                Study { added_at: now, analyses: vec![], report: None, ..(**study).clone() };
            Ok(vec![Event::Added { study: Box::new(study) }])
        }
        (None, _) => Err(Refused::NotFound),
        (Some(study), Command::AddImages { images }) => {
            let images = study.lacks(images);
            if images.is_empty() {
                return Err(Refused::Known);
            }
            Ok(vec![Event::ImagesAdded { images }])
        }
        (Some(_), Command::Assign { patient }) => Ok(vec![Event::Assigned { patient: *patient }]),
        (Some(study), Command::Record { analysis }) => {
            if !study.images.iter().any(|i| i.id == analysis.image) {
                return Err(Refused::NotFound);
            }
            Ok(vec![Event::Analysed { analysis: analysis.clone() }])
        }
        (Some(study), Command::Judge { analysis, label, agree, correct, pack, role }) => {
            let has = |a: &Analysis, label: &str| a.findings.iter().any(|f| f.label == label);
            let judged = study.analyses.iter().find(|a| a.id == *analysis);
            let refusal = |a: &Analysis| a.refusal() == Some(label.as_str());
            let judged = judged.filter(|a| has(a, label) || refusal(a)).ok_or(Refused::NotFound)?;
            if pack.is_some() && *pack != judged.pack {
                return Err(Refused::JudgedAnother);
            }
            let unfit = |right: &String| match refusal(judged) {
                // Which labels the task has is known to the pack, not here.
                true => right.is_empty() || right.len() > LONGEST_LABEL,
                false => *agree || right == label || !has(judged, right),
            };
            if correct.as_ref().is_some_and(unfit) {
                return Err(Refused::CorrectUnfit);
            }
            let (correct, role) = (correct.clone(), *role);
            let judgement =
                Judgement { agree: *agree, correct, by: user.to_owned(), role, at: now };
            Ok(vec![Event::Judged { analysis: *analysis, label: label.clone(), judgement }])
        }
        (Some(study), Command::ReportDraft { content, revision }) => {
            report::draft(study.report.as_ref(), content, *revision)?;
            let mark = Signature { by: user.to_owned(), at: now };
            Ok(vec![Event::ReportDrafted { content: content.clone(), mark }])
        }
        (Some(study), Command::ReportSign { content, revision }) => {
            report::sign(study.report.as_ref(), content, *revision)?;
            let mark = Signature { by: user.to_owned(), at: now };
            Ok(vec![Event::ReportSigned { content: content.clone(), mark }])
        }
        (Some(study), Command::ReportAddend { text }) => {
            report::addend(study.report.as_ref(), text)?;
            let addendum = Addendum { text: text.clone(), by: user.to_owned(), at: now };
            Ok(vec![Event::ReportAddended { addendum }])
        }
    }
}

pub fn apply(state: Option<Study>, event: &Event) -> Option<Study> {
    if let Event::Added { study } = event {
        return Some((**study).clone());
    }
    let mut study = state?;
    match event {
        Event::Added { .. } => {}
        Event::ImagesAdded { images } => study.images.extend(images.iter().cloned()),
        Event::Assigned { patient } => study.patient = Some(*patient),
        Event::Analysed { analysis } => study.analyses.push((**analysis).clone()),
        Event::Judged { analysis, label, judgement } => {
            let refused = |a: &&mut Analysis| a.id == *analysis && a.refusal() == Some(label);
            for refused in study.analyses.iter_mut().filter(refused) {
                refused.judged = Some(judgement.clone());
            }
            for finding in study
                .analyses
                .iter_mut()
                .filter(|a| a.id == *analysis)
                .flat_map(|a| a.findings.iter_mut())
                .filter(|f| f.label == *label)
            {
                finding.judged = Some(judgement.clone());
            }
        }
        Event::ReportDrafted { content, mark } => {
            study.report = Some(report::written(study.report.take(), content, mark));
        }
        Event::ReportSigned { content, mark } => {
            let written = report::written(study.report.take(), content, mark);
            study.report = Some(Report { signed: Some(mark.clone()), ..written });
        }
        Event::ReportAddended { addendum } => {
            if let Some(report) = &mut study.report {
                report.addenda.push(addendum.clone());
            }
        }
    }
    Some(study)
}

/// Why a pack made for patients up to `age_max` years is outside its intended use here: an age
/// that is not known counts as outside.
pub fn outside_intended_use(age_max: Option<u32>, age: Option<u32>) -> Option<String> {
    let max = age_max?;
    match age {
        None => Some(format!("age not known; trained on children up to {max} years")),
        Some(age) if age > max => Some(format!("age {age}; trained on children up to {max} years")),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(n: u128, sop_uid: Option<&str>, sha256: &str) -> Image {
        Image {
            id: ImageId(uuid::Uuid::from_u128(n)),
            file_name: format!("{n}.dcm"),
            sop_uid: sop_uid.map(str::to_owned),
            sha256: sha256.into(),
            bytes: 1,
            rows: 1,
            cols: 1,
            frames: 1,
        }
    }

    fn study(images: Vec<Image>) -> Study {
        Study {
            id: StudyId(uuid::Uuid::from_u128(1)),
            patient: None,
            file_patient_name: Some("Roe, Jane".into()),
            file_patient_id: Some("A 1".into()),
            file_age_years: None,
            modality: None,
            body_part: None,
            taken_on: None,
            study_uid: Some("1.2".into()),
            conflicts_with: None,
            added_at: "2026-11-20T12:00:00Z".parse().expect("an instant"),
            images,
            analyses: vec![],
            report: None,
        }
    }

    #[test]
    fn an_instance_joins_a_study_once_however_often_and_under_whatever_bytes_it_comes() {
        let here = study(vec![image(1, Some("1.2.1"), "a"), image(2, None, "b")]);
        let come = vec![
            image(3, Some("1.2.1"), "other bytes of the first"),
            image(4, None, "b"),
            image(5, Some("1.2.5"), "c"),
            image(6, Some("1.2.5"), "d"),
            image(7, None, "e"),
        ];
        let add = Command::AddImages { images: come };
        let events = decide(Some(&here), &add, "khan", here.added_at).expect("two are new");
        let [Event::ImagesAdded { images }] = &events[..] else { panic!("{events:?}") };
        assert_eq!(images.iter().map(|i| i.id.0.as_u128()).collect::<Vec<_>>(), [5, 7]);
        let joined = apply(Some(here), &events[0]).expect("a study");
        assert_eq!(joined.images.len(), 4);
        let again = decide(Some(&joined), &add, "khan", joined.added_at);
        assert_eq!(again, Err(Refused::Known));
        assert_eq!(decide(None, &add, "khan", joined.added_at), Err(Refused::NotFound));
    }

    #[test]
    fn another_name_or_number_is_another_patient() {
        let here = study(vec![]);
        assert!(here.names_same_patient(Some("ROE,  Jane "), Some("a 1")));
        assert!(!here.names_same_patient(Some("Roe, John"), Some("A 1")));
        assert!(!here.names_same_patient(Some("Roe, Jane"), Some("A 2")));
        assert!(!here.names_same_patient(Some("Roe, Jane"), None));
    }

    #[test]
    fn sixteen_or_unknown_is_outside_what_was_trained_on_children() {
        assert!(outside_intended_use(Some(15), Some(16)).is_some());
        assert!(outside_intended_use(Some(15), None).is_some());
        assert!(outside_intended_use(Some(15), Some(15)).is_none());
        assert!(outside_intended_use(None, None).is_none());
    }
}
