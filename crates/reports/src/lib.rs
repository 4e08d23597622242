//! What a model found on a picture, written for others: a FHIR R4 bundle for other programs and one
//! PDF page for people. Pure: it takes a [`Report`] and gives text or bytes, and refuses to know
//! stores, screens, files and networks. The DICOM forms are in `dicom-io`.
//!
//! Every form says the same three things: a program computed this, it is a help for reading and no
//! diagnosis, and whether a person has signed it. "Not assessed" is never written as "nothing found".

mod codes;
mod fhir;
mod pdf;

pub use codes::{Coding, System, codings};
pub use fhir::bundle;
pub use pdf::pdf;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;
use uuid::Uuid;

/// Stands on every form of a report.
pub const ASSISTS: &str = "Computed by a program as a help for reading. Not a diagnosis, not a \
    report of a physician; not a medical device.";

/// One run of one model over one picture, with whom and what it is about.
///
/// Serialised, it is the same text for the same content: the ids of what is made of it follow from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Id of the analysis.
    pub id: Uuid,
    /// Name of the hospital or clinic.
    pub facility: String,
    /// Product and version.
    pub maker: String,
    pub patient: Patient,
    pub study: Study,
    pub pack: Pack,
    pub outcome: Outcome,
    /// When the analysis ended.
    pub made_at: DateTime<FixedOffset>,
    /// What the pack is for, from its card.
    pub intended_use: String,
    /// Why the pack was not made for this patient, if so.
    pub outside_intended_use: Option<String>,
    /// Who read it and put their name to it; nobody, if nobody did.
    pub signed: Option<Signature>,
}

/// As registered, or as written in the file; what is not known is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Patient {
    pub family: Option<String>,
    pub given: Option<String>,
    /// Number in the hospital.
    pub number: Option<String>,
    pub birth_date: Option<PartialDate>,
    pub sex: Sex,
    /// Only as written in the file: nobody has filed the study under a patient.
    pub unconfirmed: bool,
}

/// A date of which the day, or day and month, may not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PartialDate {
    Year(i32),
    Month(i32, u32),
    Day(NaiveDate),
}

impl PartialDate {
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as FHIR writes a date.
    #[must_use]
    pub fn iso(&self) -> String {
        match self {
            Self::Year(year) => format!("{year:04}"),
            Self::Month(year, month) => format!("{year:04}-{month:02}"),
            Self::Day(day) => day.format("%Y-%m-%d").to_string(),
        }
    }

    /// For people: `05-Mar-2026`, `Mar-2026` or `2026`.
    #[must_use]
    pub fn words(&self) -> String {
        let month = |year, month| {
            NaiveDate::from_ymd_opt(year, month, 1).map(|d| d.format("%b-%Y").to_string())
        };
        match *self {
            Self::Year(year) => format!("{year:04}"),
            Self::Month(year, m) => month(year, m).unwrap_or_else(|| format!("{year:04}")),
            Self::Day(day) => day.format("%d-%b-%Y").to_string(),
        }
    }
}

/// Administrative sex.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Sex {
    Female,
    Male,
    Other,
    #[default]
    Unknown,
}

/// The study the picture belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Study {
    /// DICOM Study Instance UID; absent for a picture that is not DICOM.
    pub uid: Option<String>,
    pub accession_number: Option<String>,
    pub date: Option<NaiveDate>,
    /// As DICOM writes it (`DX`, `CT`).
    pub modality: Option<String>,
    pub body_part: Option<String>,
}

/// The pack that computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pack {
    pub id: String,
    pub version: String,
    /// Hash of the whole pack, lower-case hexadecimal.
    pub sha256: String,
    pub task: String,
    pub network: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// All classes of the task, the one without a finding included.
    Assessed(Vec<Finding>),
    /// The pack kept silent: nothing at all is known about the picture.
    NotAssessed {
        /// Stable name.
        reason: String,
        /// In a sentence.
        why: String,
    },
}

/// One class and its probability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Of the task.
    pub label: String,
    /// What a reader is told.
    pub name: String,
    /// Id in the catalogue of conditions; `None` for the class without a finding.
    pub condition: Option<String>,
    /// Calibrated probability in 1/10 000, at most 10 000.
    pub p10000: u32,
    /// The same in words (`likely`).
    pub word: String,
}

impl Finding {
    /// Calibrated probability, 0 to 1.
    #[must_use]
    pub fn probability(&self) -> f64 {
        f64::from(self.p10000.min(10_000)) / 10_000.0
    }

    /// In per cent with two decimals at most, as text and exact: `81.25`.
    #[must_use]
    pub fn percent(&self) -> String {
        let p = self.p10000.min(10_000);
        let text = format!("{}.{:02}", p / 100, p % 100);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// A person who read the findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    pub name: String,
    pub at: DateTime<FixedOffset>,
}

impl Report {
    /// A new id for a part of what is made of this report (`"fhir/patient"`): the same for the same
    /// content, so that sending twice does not double, and another as soon as anything differs.
    #[must_use]
    pub fn part_id(&self, part: &str) -> Uuid {
        // Fails only for maps with keys that are no text, of which there are none.
        let content = serde_json::to_string(self).unwrap_or_default();
        Uuid::new_v5(&self.id, format!("{part}\n{content}").as_bytes())
    }

    /// The findings, the most probable first; none if the pack kept silent.
    #[must_use]
    pub fn findings(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = match &self.outcome {
            Outcome::Assessed(findings) => findings.iter().collect(),
            Outcome::NotAssessed { .. } => vec![],
        };
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.p10000));
        findings
    }

    /// The outcome in one sentence. Never that nothing was found: a probability is not an absence.
    #[must_use]
    pub fn conclusion(&self) -> String {
        let outside = match &self.outside_intended_use {
            Some(why) => format!(" Outside the intended use of the pack: {why}."),
            None => String::new(),
        };
        let first = match (&self.outcome, self.findings().first()) {
            (Outcome::NotAssessed { why, .. }, _) => {
                format!("Not assessed: {}.", why.trim_end_matches('.'))
            }
            (Outcome::Assessed(_), None) => "Not assessed: the pack gave no finding.".to_owned(),
            (Outcome::Assessed(_), Some(top)) => format!(
                "Most probable of what was asked: {}, {} % ({}).",
                top.name,
                top.percent(),
                top.word
            ),
        };
        let whose = match self.patient.unconfirmed {
            true => " The patient is as written in the file; nobody has confirmed it.",
            false => "",
        };
        format!("{first}{outside}{whose} {ASSISTS}")
    }
}

impl Patient {
    /// `SMITH, John`; what is not recorded is said in words.
    #[must_use]
    pub fn display(&self) -> String {
        match (self.family.as_deref(), self.given.as_deref()) {
            (None, None) => "Name not recorded".to_owned(),
            (Some(family), None) => family.to_uppercase(),
            (None, Some(given)) => given.to_owned(),
            (Some(family), Some(given)) => format!("{}, {given}", family.to_uppercase()),
        }
    }
}
