//! What the program makes of a picture, as DICOM: a secondary capture (a picture of a picture, such
//! as a heat-map over a radiograph) and a structured report (TID 1500, Imaging Measurement Report)
//! with the findings of a model. Bytes only; who asked and where they go is the caller's.
//!
//! A report of a model is `UNVERIFIED` and says that a device observed: nobody has signed it.

use crate::deidentify::{ExportError, code, file_head, unwritten};
use crate::syntax::Syntax;
use chrono::{NaiveDate, NaiveDateTime};
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use image::DynamicImage;

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";
const COMPREHENSIVE_SR: &str = "1.2.840.10008.5.1.4.1.1.88.33";

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

impl Concept {
    fn item(&self) -> InMemDicomObject {
        code(&self.value, &self.scheme, &self.meaning)
    }
}

/// One finding of a model.
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

fn text(tag: Tag, vr: VR, value: &str) -> InMemElement {
    DataElement::new(tag, vr, PrimitiveValue::from(value))
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

/// A picture as a Secondary Capture object: grey stays MONOCHROME2 of 8 bits, all else becomes RGB.
/// `source`: the picture it was made of, if it was.
///
/// # Errors
/// A side of more than 65,535 pixels.
pub fn secondary_capture(
    about: &About,
    picture: &DynamicImage,
    source: Option<&Evidence>,
) -> Result<Vec<u8>, ExportError> {
    let side = |n: u32| {
        u16::try_from(n).map_err(|_| ExportError::Write { what: "a side over 65,535".into() })
    };
    let (rows, cols) = (side(picture.height())?, side(picture.width())?);
    let (samples, photometric, mut pixels) = match picture {
        DynamicImage::ImageLuma8(grey) => (1, "MONOCHROME2", grey.as_raw().clone()),
        other => (3, "RGB", other.to_rgb8().into_raw()),
    };
    // Values have an even length.
    if pixels.len() % 2 == 1 {
        pixels.push(0);
    }
    let mut elements = common(about, SECONDARY_CAPTURE, "OT", "Secondary capture");
    elements.extend([
        text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\SECONDARY"),
        text(tags::CONVERSION_TYPE, VR::CS, "WSD"),
        // Made from values and not from a screen, but what was drawn on it is not known here.
        text(tags::PATIENT_ORIENTATION, VR::CS, ""),
        number(tags::SAMPLES_PER_PIXEL, samples),
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, photometric),
        number(tags::ROWS, rows),
        number(tags::COLUMNS, cols),
        number(tags::BITS_ALLOCATED, 8),
        number(tags::BITS_STORED, 8),
        number(tags::HIGH_BIT, 7),
        number(tags::PIXEL_REPRESENTATION, 0),
        DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(pixels.into())),
    ]);
    if samples == 3 {
        elements.push(number(tags::PLANAR_CONFIGURATION, 0));
    }
    if let Some(source) = source {
        elements.push(sequence(tags::SOURCE_IMAGE_SEQUENCE, vec![reference(source)]));
    }
    file(about, SECONDARY_CAPTURE, elements)
}

fn reference(evidence: &Evidence) -> InMemDicomObject {
    InMemDicomObject::from_element_iter([
        text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &evidence.sop_class_uid),
        text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &evidence.sop_uid),
    ])
}

/// One item of a report's tree.
fn content(
    relationship: &str,
    kind: &str,
    name: Option<InMemDicomObject>,
    value: Vec<InMemElement>,
    children: Vec<InMemDicomObject>,
) -> InMemDicomObject {
    let mut elements = vec![text(tags::VALUE_TYPE, VR::CS, kind)];
    if !relationship.is_empty() {
        elements.push(text(tags::RELATIONSHIP_TYPE, VR::CS, relationship));
    }
    if let Some(name) = name {
        elements.push(sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![name]));
    }
    if kind == "CONTAINER" {
        elements.push(text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE"));
    }
    elements.extend(value);
    if !children.is_empty() {
        elements.push(sequence(tags::CONTENT_SEQUENCE, children));
    }
    InMemDicomObject::from_element_iter(elements)
}

fn dcm(value: &str, meaning: &str) -> Option<InMemDicomObject> {
    Some(code(value, "DCM", meaning))
}

fn coded(
    relationship: &str,
    name: Option<InMemDicomObject>,
    value: InMemDicomObject,
) -> InMemDicomObject {
    content(
        relationship,
        "CODE",
        name,
        vec![sequence(tags::CONCEPT_CODE_SEQUENCE, vec![value])],
        vec![],
    )
}

fn container(name: Option<InMemDicomObject>, children: Vec<InMemDicomObject>) -> InMemDicomObject {
    content("CONTAINS", "CONTAINER", name, vec![], children)
}

fn image(
    relationship: &str,
    name: Option<InMemDicomObject>,
    evidence: &Evidence,
) -> InMemDicomObject {
    let value = vec![sequence(tags::REFERENCED_SOP_SEQUENCE, vec![reference(evidence)])];
    content(relationship, "IMAGE", name, value, vec![])
}

/// The findings of a model on one picture as an Imaging Measurement Report (TID 1500). Each finding
/// is a measurement group with its code and the model's probability; `model` names pack and version,
/// `device_uid` the installation.
///
/// # Errors
/// Only when the bytes cannot be written.
pub fn findings_report(
    about: &About,
    evidence: &Evidence,
    model: &str,
    device_uid: &str,
    findings: &[Finding],
) -> Result<Vec<u8>, ExportError> {
    let words = |relationship: &str, name, value: &str| {
        content(relationship, "TEXT", name, vec![text(tags::TEXT_VALUE, VR::UT, value)], vec![])
    };
    let uid = |relationship: &str, name, value: &str| {
        content(relationship, "UIDREF", name, vec![text(tags::UID, VR::UI, value)], vec![])
    };
    let context = "HAS OBS CONTEXT";
    let groups = findings
        .iter()
        .enumerate()
        .map(|(index, finding)| {
            let measured = InMemDicomObject::from_element_iter([
                text(tags::NUMERIC_VALUE, VR::DS, &format!("{:.4}", finding.probability)),
                sequence(
                    tags::MEASUREMENT_UNITS_CODE_SEQUENCE,
                    vec![code("1", "UCUM", "no units")],
                ),
            ]);
            let probability = content(
                "CONTAINS",
                "NUM",
                Some(code("PROBABILITY", "99HEALTHSYNC", "Probability given by a model")),
                vec![sequence(tags::MEASURED_VALUE_SEQUENCE, vec![measured])],
                vec![image("INFERRED FROM", dcm("121112", "Source of Measurement"), evidence)],
            );
            container(
                dcm("125007", "Measurement Group"),
                vec![
                    words(
                        context,
                        dcm("112039", "Tracking Identifier"),
                        &format!("Finding {}", index + 1),
                    ),
                    uid(
                        context,
                        dcm("112040", "Tracking Unique Identifier"),
                        &finding.tracking_uid,
                    ),
                    coded("CONTAINS", dcm("121071", "Finding"), finding.concept.item()),
                    probability,
                ],
            )
        })
        .collect();
    let library = container(
        dcm("111028", "Image Library"),
        vec![container(
            dcm("126200", "Image Library Group"),
            vec![image("CONTAINS", None, evidence)],
        )],
    );
    let tree = vec![
        coded(
            "HAS CONCEPT MOD",
            dcm("121049", "Language of Content Item and Descendants"),
            code("en", "RFC5646", "English"),
        ),
        coded(context, dcm("121005", "Observer Type"), code("121007", "DCM", "Device")),
        uid(context, dcm("121012", "Device Observer UID"), device_uid),
        words(context, dcm("121013", "Device Observer Name"), model),
        coded(
            "HAS CONCEPT MOD",
            dcm("121058", "Procedure reported"),
            code("363679005", "SCT", "Imaging"),
        ),
        library,
        container(dcm("126010", "Imaging Measurements"), groups),
    ];
    let series = InMemDicomObject::from_element_iter([
        text(tags::SERIES_INSTANCE_UID, VR::UI, &evidence.series_uid),
        sequence(tags::REFERENCED_SOP_SEQUENCE, vec![reference(evidence)]),
    ]);
    let study = InMemDicomObject::from_element_iter([
        text(tags::STUDY_INSTANCE_UID, VR::UI, &evidence.study_uid),
        sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series]),
    ]);
    let template = InMemDicomObject::from_element_iter([
        text(tags::MAPPING_RESOURCE, VR::CS, "DCMR"),
        text(tags::TEMPLATE_IDENTIFIER, VR::CS, "1500"),
    ]);
    let mut elements = common(about, COMPREHENSIVE_SR, "SR", "Findings of a model, not verified");
    elements.extend([
        text(tags::COMPLETION_FLAG, VR::CS, "COMPLETE"),
        text(tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED"),
        sequence(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, vec![]),
        sequence(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, vec![]),
        sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, vec![study]),
        sequence(tags::CONTENT_TEMPLATE_SEQUENCE, vec![template]),
    ]);
    let root = content("", "CONTAINER", dcm("126000", "Imaging Measurement Report"), vec![], tree);
    elements.extend(root);
    file(about, COMPREHENSIVE_SR, elements)
}
