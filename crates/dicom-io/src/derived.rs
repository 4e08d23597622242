//! What the program makes of a picture, as DICOM: a secondary capture ([`secondary_capture`], with
//! [`heat_over`] a heat-map over a radiograph) and a structured report ([`findings_report`], TID
//! 1500, Imaging Measurement Report) with the findings of a model. Bytes only; who asked and where
//! they go is the caller's.

mod capture;
mod heat;
mod report;

pub use capture::secondary_capture;
pub use heat::{Heat, heat_over};
pub use report::{FindingsReport, Model, Outcome, Verified, findings_report};

use crate::deidentify::{ExportError, file_head, unwritten};
use crate::syntax::Syntax;
use chrono::{NaiveDate, NaiveDateTime};
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;

const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// Whose picture it is, and what the new object is called.
#[derive(Debug, Clone)]
pub struct About {
    /// With `^` between its parts.
    pub patient_name: String,
    pub patient_id: String,
    pub birth_date: Option<NaiveDate>,
    /// `M`, `F`, `O` or empty.
    pub sex: String,
    pub study_uid: String,
    pub study_date: Option<NaiveDate>,
    pub accession_number: String,
    /// New UIDs, as `2.25.` and a UUID as a number.
    pub series_uid: String,
    pub sop_uid: String,
    pub made_at: NaiveDateTime,
    /// Product and version.
    pub maker: String,
}

/// A coded concept: value, scheme (`SCT`, `DCM`, `RADLEX` or `99...` for one's own), meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concept {
    pub value: String,
    pub scheme: String,
    pub meaning: String,
}

/// One class of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub concept: Concept,
    /// Calibrated probability, 0 to 1.
    pub probability: f64,
    /// Names this finding over time: a new UID, or that of the same finding in an earlier report.
    pub tracking_uid: String,
}

/// The picture that findings were seen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub study_uid: String,
    pub series_uid: String,
    pub sop_class_uid: String,
    pub sop_uid: String,
}

/// An element of text. Whatever a name may hold, the value keeps the form of its kind: no control
/// characters, no second value, and not longer than the standard allows.
fn text(tag: Tag, vr: VR, value: &str) -> InMemElement {
    let longest = match vr {
        VR::SH | VR::CS => 16,
        VR::LO | VR::PN | VR::UI => 64,
        VR::ST => 1024,
        _ => usize::MAX,
    };
    let several = matches!(vr, VR::UI | VR::CS);
    let lines = matches!(vr, VR::UT | VR::ST);
    let mut clean = String::new();
    let mut letters = 0;
    for letter in value.chars() {
        letters += 1;
        match letter {
            // Of several values each may have that length.
            '\\' if several => letters = 0,
            _ if letters > longest => continue,
            _ => {}
        }
        clean.push(match letter {
            '\n' if lines => '\n',
            letter if letter.is_control() => ' ',
            '\\' if !several && !lines => '/',
            letter => letter,
        });
    }
    DataElement::new(tag, vr, PrimitiveValue::from(clean.trim_end()))
}

fn number(tag: Tag, value: u16) -> InMemElement {
    DataElement::new(tag, VR::US, PrimitiveValue::from(value))
}

fn sequence(tag: Tag, items: Vec<InMemDicomObject>) -> InMemElement {
    DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
}

fn day(date: Option<NaiveDate>) -> String {
    date.map(|date| date.format("%Y%m%d").to_string()).unwrap_or_default()
}

/// The modules that every object has.
fn common(about: &About, class: &str, modality: &str, series: &str) -> Vec<InMemElement> {
    let (date, time) =
        (about.made_at.format("%Y%m%d").to_string(), about.made_at.format("%H%M%S").to_string());
    vec![
        text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
        text(tags::INSTANCE_CREATION_DATE, VR::DA, &date),
        text(tags::INSTANCE_CREATION_TIME, VR::TM, &time),
        text(tags::SOP_CLASS_UID, VR::UI, class),
        text(tags::SOP_INSTANCE_UID, VR::UI, &about.sop_uid),
        text(tags::STUDY_DATE, VR::DA, &day(about.study_date)),
        text(tags::STUDY_TIME, VR::TM, ""),
        text(tags::CONTENT_DATE, VR::DA, &date),
        text(tags::CONTENT_TIME, VR::TM, &time),
        text(tags::ACCESSION_NUMBER, VR::SH, &about.accession_number),
        text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, ""),
        text(tags::MODALITY, VR::CS, modality),
        text(tags::MANUFACTURER, VR::LO, &about.maker),
        text(tags::SERIES_DESCRIPTION, VR::LO, series),
        text(tags::PATIENT_NAME, VR::PN, &about.patient_name),
        text(tags::PATIENT_ID, VR::LO, &about.patient_id),
        text(tags::PATIENT_BIRTH_DATE, VR::DA, &day(about.birth_date)),
        text(tags::PATIENT_SEX, VR::CS, &about.sex),
        text(tags::STUDY_INSTANCE_UID, VR::UI, &about.study_uid),
        text(tags::SERIES_INSTANCE_UID, VR::UI, &about.series_uid),
        text(tags::STUDY_ID, VR::SH, ""),
        text(tags::SERIES_NUMBER, VR::IS, "9000"),
        text(tags::INSTANCE_NUMBER, VR::IS, "1"),
    ]
}

fn file(about: &About, class: &str, elements: Vec<InMemElement>) -> Result<Vec<u8>, ExportError> {
    let mut out = file_head(EXPLICIT, class, &about.sop_uid)?;
    InMemDicomObject::from_element_iter(elements)
        .write_dataset_with_ts(&mut out, &Syntax::of(EXPLICIT).library())
        .map_err(unwritten)?;
    Ok(out)
}

fn reference(evidence: &Evidence) -> InMemDicomObject {
    InMemDicomObject::from_element_iter([
        text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &evidence.sop_class_uid),
        text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &evidence.sop_uid),
    ])
}
