//! The findings of one analysis, as files for others: a FHIR bundle, a PDF page, and, of a DICOM
//! picture, a structured report and the heat-map. What they say is decided in `reports` and
//! `dicom_io::derived`; here the record becomes their [`Report`].

use crate::backend::{Backend, Inner};
use crate::error::{Error, no};
use crate::images::read_error;
use chrono::NaiveDateTime;
use dicom_io::derived::{self, About, Concept, Evidence, FindingsReport, Heat, Model};
use image::DynamicImage;
use imaging::catalogue::catalogue;
use imaging::pixels::{HeaderPatient, ImageMeta};
use imaging::study::{Analysis, Finding, Outcome, Study};
use inference::Shelf;
use kernel::Permission;
use records::{Audit, Facility};
use reports::{PartialDate, Report, Sex};
use std::collections::BTreeSet;
use uuid::Uuid;
use wire::{Code, CommandError, ResultKind};

/// Codes of conditions that nobody else has a confirmed code for.
const OWN_SCHEME: &str = "99HEALTHSYNC";

/// One file to hand on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultFile {
    pub kind: ResultKind,
    /// Without a folder and without the name of a patient.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Backend {
    /// The files of an analysis of a study: of the one asked for, else of the newest that ended.
    /// Who took them is recorded with the patient.
    ///
    /// # Errors
    /// Not signed in or not permitted; no such study or analysis, or none that ended with findings
    /// or with silence; the picture cannot be read.
    pub fn results(
        &self,
        study: &str,
        analysis: Option<&str>,
    ) -> Result<Vec<ResultFile>, CommandError> {
        self.lock().results(study, analysis).map_err(Error::into_command_error)
    }
}

impl Inner {
    fn results(&mut self, study: &str, analysis: Option<&str>) -> Result<Vec<ResultFile>, Error> {
        let actor = self.actor(Permission::SeeImages)?;
        let (study, files) = self.result_files(study, analysis)?;
        if let Some(patient) = study.patient {
            self.audit(&actor, Audit::Read { patient, screen: "report".to_owned() })?;
        }
        Ok(files)
    }

    /// The analysis that was asked for, else the newest, of those that ended.
    pub(crate) fn ended<'a>(
        study: &'a Study,
        analysis: Option<&str>,
    ) -> Result<&'a Analysis, Error> {
        let ended = |a: &&Analysis| match a.outcome {
            Outcome::Done | Outcome::Abstained => true,
            Outcome::Failed | Outcome::Cancelled => false,
        };
        let found = match analysis {
            Some(id) => study.analyses.iter().filter(ended).find(|a| a.id.to_string() == id),
            None => study.analyses.iter().rfind(ended),
        };
        found.ok_or_else(|| no(Code::NotFound))
    }

    /// The files, and whose they are. Whoever asks has made sure that they may be handed out, and
    /// writes down that they were.
    pub(crate) fn result_files(
        &self,
        study: &str,
        analysis: Option<&str>,
    ) -> Result<(Study, Vec<ResultFile>), Error> {
        let study = self.find_study(study)?;
        let analysis = Self::ended(&study, analysis)?;
        let image = study.images.iter().find(|image| image.id == analysis.image);
        let opened = self.opened(image.ok_or_else(|| no(Code::NotFound))?)?;
        let facility = self.store()?.facility()?.ok_or_else(|| no(Code::NoFacility))?;
        let patient = match study.patient {
            Some(id) => self.store()?.patient(id)?,
            None => None,
        };
        let whose = match &patient {
            Some(patient) => registered(patient),
            None => as_in_file(&opened.meta.patient),
        };
        // A record from before tasks were recorded is known by its classes.
        let task = analysis.task.as_deref().or_else(|| task_of(&analysis.findings));
        let shelf = self.shelf()?;
        let card = Card::of(&shelf, analysis, task);
        let report = compose(&facility, &study, analysis, whose, &opened.meta, card);
        let files = files(&report, &study, analysis, &opened)?;
        Ok((study, files))
    }
}

/// What a pack says of itself, as far as it is still installed in the version that computed.
struct Card {
    task: String,
    network: String,
    intended_use: String,
}

impl Card {
    /// Read for words only: what was computed stands in the record with the hash of the pack.
    fn of(shelf: &Shelf, analysis: &Analysis, task: Option<&str>) -> Self {
        let installed = analysis.pack.as_ref().and_then(|pack| {
            let path = shelf.dir_of(&pack.id, &pack.sha256)?.join("model.toml");
            let text = std::fs::read_to_string(path).ok()?;
            let card: toml::Table = text.parse().ok()?;
            (card.get("version")?.as_str()? == pack.version).then_some(card)
        });
        let word = |table: Option<&toml::Table>, names: &[&str]| {
            let (last, path) = names.split_last()?;
            let table = path.iter().try_fold(table?, |t, name| t.get(*name)?.as_table())?;
            Some(table.get(*last)?.as_str()?.to_owned())
        };
        let installed = installed.as_ref();
        // A pack of many tasks has a card for each.
        let of_task = installed
            .and_then(|card| card.get("tasks")?.as_array())
            .and_then(|tasks| {
                let named = |t: &&toml::Table| t.get("name").and_then(|n| n.as_str()) == task;
                tasks.iter().filter_map(toml::Value::as_table).find(named)
            })
            .or(installed);
        let unknown = || "Not recorded".to_owned();
        Self {
            task: task
                .map(str::to_owned)
                .or_else(|| word(installed, &["task"]))
                .unwrap_or_else(unknown),
            network: analysis
                .network
                .clone()
                .or_else(|| word(installed, &["architecture"]))
                .unwrap_or_else(unknown),
            intended_use: word(of_task, &["intended_use", "text"])
                .unwrap_or_else(|| "The pack that computed this is not installed any more.".into()),
        }
    }
}

/// The task whose classes these are: no two tasks of the catalogue have the same findings.
fn task_of(findings: &[Finding]) -> Option<&'static str> {
    let labels: BTreeSet<&str> =
        findings.iter().filter(|f| !f.normal).map(|f| f.label.as_str()).collect();
    let tasks: BTreeSet<&str> = catalogue()
        .conditions()
        .iter()
        .flat_map(|c| c.labels().iter().map(|label| label.task.as_str()))
        .collect();
    tasks.into_iter().filter(|_| !labels.is_empty()).find(|task| {
        let of_task: BTreeSet<&str> = catalogue()
            .conditions()
            .iter()
            .flat_map(|c| c.labels())
            .filter(|label| label.task == *task)
            .map(|label| label.label.as_str())
            .collect();
        of_task == labels
    })
}

fn registered(patient: &hospital::patient::Patient) -> reports::Patient {
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    reports::Patient {
        family: filled(&patient.family),
        given: filled(&patient.given),
        number: filled(&patient.hospital_number),
        birth_date: patient.birth_date.and_then(|date| match (date.month, date.day) {
            (Some(month), Some(day)) => {
                chrono::NaiveDate::from_ymd_opt(date.year, month, day).map(PartialDate::Day)
            }
            (Some(month), None) => Some(PartialDate::Month(date.year, month)),
            (None, _) => Some(PartialDate::Year(date.year)),
        }),
        sex: match patient.sex {
            hospital::patient::Sex::Female => Sex::Female,
            hospital::patient::Sex::Male => Sex::Male,
            hospital::patient::Sex::Other => Sex::Other,
            hospital::patient::Sex::NotKnown => Sex::Unknown,
        },
        unconfirmed: false,
    }
}

fn as_in_file(header: &HeaderPatient) -> reports::Patient {
    let name = header.name.as_deref().unwrap_or_default();
    // The first of up to three ways of writing it.
    let mut parts = name.split('=').next().unwrap_or_default().split('^').map(str::trim);
    let mut part = || parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
    reports::Patient {
        family: part(),
        given: part(),
        number: header.id.clone(),
        birth_date: header.birth_date.map(PartialDate::Day),
        sex: match header.sex.as_deref() {
            Some("F") => Sex::Female,
            Some("M") => Sex::Male,
            Some("O") => Sex::Other,
            _ => Sex::Unknown,
        },
        unconfirmed: true,
    }
}

fn compose(
    facility: &Facility,
    study: &Study,
    analysis: &Analysis,
    patient: reports::Patient,
    meta: &ImageMeta,
    card: Card,
) -> Report {
    let finding = |f: &Finding| {
        let known = catalogue().by_label(&card.task, &f.label);
        // A pack from elsewhere has tasks of its own and the conditions of the catalogue.
        let named = known.map(|(condition, _)| condition);
        let condition = named.or_else(|| catalogue().by_id(&f.condition));
        let own = || condition.map_or_else(|| f.condition.replace('_', " "), |c| c.name.clone());
        reports::Finding {
            label: f.label.clone(),
            name: known.map_or_else(own, |(_, label)| label.name.clone()),
            condition: condition.map(|condition| condition.id.clone()),
            p10000: f.p10000,
            word: word(f.p10000),
        }
    };
    let outcome = match analysis.outcome {
        Outcome::Done => {
            reports::Outcome::Assessed(analysis.findings.iter().map(finding).collect())
        }
        Outcome::Abstained | Outcome::Failed | Outcome::Cancelled => {
            let reason = analysis.reason.clone().unwrap_or_else(|| "not_known".into());
            let why = match &analysis.detail {
                Some(detail) => format!("{} ({detail})", reason.replace('_', " ")),
                None => reason.replace('_', " "),
            };
            reports::Outcome::NotAssessed { reason, why }
        }
    };
    let unknown = || "Not recorded".to_owned();
    let pack = analysis.pack.as_ref();
    Report {
        id: analysis.id.0,
        facility: facility.name.clone(),
        maker: concat!("HealthSync ", env!("CARGO_PKG_VERSION")).to_owned(),
        patient,
        study: reports::Study {
            uid: meta.study_uid.clone(),
            accession_number: meta.accession_number.clone(),
            date: meta.study_date,
            modality: study.modality.clone(),
            body_part: study.body_part.clone(),
        },
        pack: reports::Pack {
            id: pack.map_or_else(unknown, |p| p.id.clone()),
            version: pack.map_or_else(unknown, |p| p.version.clone()),
            sha256: pack.map_or_else(unknown, |p| p.sha256.clone()),
            task: card.task.clone(),
            network: card.network,
        },
        outcome,
        made_at: analysis.finished_at.with_timezone(&facility.zone).fixed_offset(),
        intended_use: card.intended_use,
        outside_intended_use: analysis.outside_intended_use.clone(),
        // Signing comes with the reader's own report.
        signed: None,
    }
}

/// A probability in words.
fn word(p10000: u32) -> String {
    // At most 10 000, which is exact.
    let word = inference::likelihood_word(p10000 as f32 / 10_000.0);
    let name = serde_json::to_value(word).ok();
    name.as_ref().and_then(|name| name.as_str()).unwrap_or("possible").replace('_', " ")
}

fn files(
    report: &Report,
    study: &Study,
    analysis: &Analysis,
    opened: &dicom_io::Opened,
) -> Result<Vec<ResultFile>, Error> {
    let short = analysis.id.to_string();
    let file = |kind, bytes: Vec<u8>| {
        let ending = match kind {
            ResultKind::Pdf => "pdf",
            ResultKind::Fhir => "fhir.json",
            ResultKind::Sr => "sr.dcm",
            ResultKind::Capture => "heat.dcm",
        };
        ResultFile { kind, name: format!("{short}.{ending}"), bytes }
    };
    let mut files = vec![
        file(ResultKind::Fhir, serde_json::to_vec_pretty(&reports::bundle(report))?),
        file(ResultKind::Pdf, reports::pdf(report)),
    ];
    let failed = |error: dicom_io::deidentify::ExportError| Error::Broken(error.to_string());
    let evidence = evidence(&opened.meta);
    if let Some(evidence) = &evidence {
        let document = document(report, study, evidence.clone());
        files.push(file(ResultKind::Sr, derived::findings_report(&document).map_err(failed)?));
    }
    if let Some((finding, map)) = strongest(analysis) {
        let picture = dicom_io::render(opened, 0).map_err(|e| Error::from(read_error(&e)))?;
        let heat = Heat {
            cols: map.cols,
            rows: map.rows,
            values: &map.values,
            rect: map.rect_centipixels.map(|centi| centi as f32 / 100.0),
        };
        let name = report.findings().into_iter().find(|f| f.label == finding.label);
        let words = [
            name.map_or_else(String::new, |f| format!("{} {} %", f.name, f.percent())),
            format!("{} {}", report.pack.id, report.pack.version),
        ];
        let drawn = DynamicImage::ImageRgb8(derived::heat_over(&picture, &heat, &words));
        let about = about(report, study, "dicom/heat");
        let what = "Heat-map of a model, not for diagnosis";
        let bytes = derived::secondary_capture(&about, &drawn, what, evidence.as_ref());
        files.push(file(ResultKind::Capture, bytes.map_err(failed)?));
    }
    Ok(files)
}

/// The most probable finding that has a map.
pub(crate) fn strongest(analysis: &Analysis) -> Option<(&Finding, &imaging::study::Map)> {
    let mapped = analysis.findings.iter().filter(|f| !f.normal);
    mapped.filter_map(|f| Some((f, f.map.as_ref()?))).max_by_key(|(f, _)| f.p10000)
}

/// A UUID as a DICOM UID (PS3.5 B.2).
fn uid(uuid: Uuid) -> String {
    format!("2.25.{}", uuid.as_u128())
}

/// `None` for a picture that is not DICOM, or that lacks what a reference needs.
pub(crate) fn evidence(meta: &ImageMeta) -> Option<Evidence> {
    Some(Evidence {
        study_uid: meta.study_uid.clone()?,
        series_uid: meta.series_uid.clone()?,
        sop_class_uid: meta.sop_class_uid.clone()?,
        sop_uid: meta.sop_uid.clone()?,
    })
}

fn about(report: &Report, study: &Study, part: &str) -> About {
    let patient = &report.patient;
    let name = [&patient.family, &patient.given].map(|n| n.clone().unwrap_or_default());
    About {
        // Separators within a part would make others of it.
        patient_name: name.map(|part| part.replace(['^', '='], " ")).join("^"),
        patient_id: patient.number.clone().unwrap_or_default(),
        birth_date: match patient.birth_date {
            Some(PartialDate::Day(day)) => Some(day),
            Some(PartialDate::Month(..) | PartialDate::Year(_)) | None => None,
        },
        sex: match patient.sex {
            Sex::Female => "F",
            Sex::Male => "M",
            Sex::Other => "O",
            Sex::Unknown => "",
        }
        .into(),
        study_uid: report.study.uid.clone().unwrap_or_else(|| uid(study.id.0)),
        study_date: report.study.date,
        accession_number: report.study.accession_number.clone().unwrap_or_default(),
        series_uid: uid(report.part_id(&format!("{part}/series"))),
        sop_uid: uid(report.part_id(&format!("{part}/instance"))),
        made_at: local(report),
        maker: report.maker.clone(),
    }
}

fn local(report: &Report) -> NaiveDateTime {
    report.made_at.naive_local()
}

fn document(report: &Report, study: &Study, evidence: Evidence) -> FindingsReport {
    let pack = &report.pack;
    let mut remarks = vec![report.conclusion(), format!("Intended use: {}", report.intended_use)];
    if let Some(why) = &report.outside_intended_use {
        remarks.push(format!("Outside the intended use of the pack: {why}"));
    }
    let outcome = match &report.outcome {
        reports::Outcome::Assessed(_) => derived::Outcome::Assessed(
            report.findings().into_iter().map(|finding| coded(report, finding)).collect(),
        ),
        reports::Outcome::NotAssessed { why, .. } => derived::Outcome::NotAssessed(why.clone()),
    };
    FindingsReport {
        about: about(report, study, "dicom/report"),
        evidence,
        model: Model {
            name: pack.id.clone(),
            version: pack.version.clone(),
            parameters: vec![
                format!("Task {}", pack.task),
                format!("Network {}", pack.network),
                format!("SHA-256 {}", pack.sha256),
            ],
            device_uid: uid(Uuid::new_v5(&Uuid::NAMESPACE_OID, pack.sha256.as_bytes())),
        },
        outcome,
        remarks,
        verified: report.signed.as_ref().map(|signed| derived::Verified {
            name: signed.name.clone(),
            organisation: report.facility.clone(),
            at: signed.at.naive_local(),
        }),
    }
}

/// A finding with the first of its confirmed codes, else under its own name.
fn coded(report: &Report, finding: &reports::Finding) -> derived::Finding {
    let (value, scheme) = match reports::codings(finding).into_iter().next() {
        Some(coding) => (coding.code, coding.system.designator()),
        None => {
            let own = finding.condition.as_ref().unwrap_or(&finding.label);
            (own.clone(), OWN_SCHEME)
        }
    };
    derived::Finding {
        concept: Concept { value, scheme: scheme.to_owned(), meaning: finding.name.clone() },
        probability: finding.probability(),
        tracking_uid: uid(report.part_id(&format!("tracking/{}", finding.label))),
    }
}

#[cfg(test)]
mod tests;
