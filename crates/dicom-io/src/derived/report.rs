//! The findings of a model as a Comprehensive SR document, template TID 1500 with measurement groups
//! of TID 1501 and the algorithm named as TID 4019 asks.
//!
//! Each class is a group: what it is (121071, Finding) and how certain the model is of it (111012,
//! Certainty of Finding, in per cent). The document is preliminary, also when a person has verified
//! it: they put their name to having read what a program computed.

use super::{About, Concept, Evidence, Finding, common, file, reference, sequence, text};
use crate::deidentify::ExportError;
use chrono::NaiveDateTime;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;

const COMPREHENSIVE_SR: &str = "1.2.840.10008.5.1.4.1.1.88.33";
/// As a value of relationship.
const CONTEXT: &str = "HAS OBS CONTEXT";
const MODIFIER: &str = "HAS CONCEPT MOD";

/// What computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub name: String,
    pub version: String,
    /// Hash, task, network and whatever else says which bytes ran, one sentence each.
    pub parameters: Vec<String>,
    /// Of the installation.
    pub device_uid: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Assessed(Vec<Finding>),
    /// The model kept silent; why, in a sentence.
    NotAssessed(String),
}

/// A person who put their name to the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// With `^` between its parts.
    pub name: String,
    pub organisation: String,
    pub at: NaiveDateTime,
}

/// All that a report says.
#[derive(Debug, Clone)]
pub struct FindingsReport {
    pub about: About,
    /// The picture the findings were seen on.
    pub evidence: Evidence,
    pub model: Model,
    pub outcome: Outcome,
    /// What a reader has to know, such as what the model is for and that this is no diagnosis.
    pub remarks: Vec<String>,
    pub verified: Option<Verified>,
}

/// The report as a file.
///
/// # Errors
/// Only when the bytes cannot be written.
pub fn findings_report(report: &FindingsReport) -> Result<Vec<u8>, ExportError> {
    let FindingsReport { about, evidence, model, .. } = report;
    let mut elements = common(about, COMPREHENSIVE_SR, "SR", "Findings of a model");
    let flag = if report.verified.is_some() { "VERIFIED" } else { "UNVERIFIED" };
    elements.extend([
        text(tags::COMPLETION_FLAG, VR::CS, "COMPLETE"),
        text(tags::VERIFICATION_FLAG, VR::CS, flag),
        text(tags::PRELIMINARY_FLAG, VR::CS, "PRELIMINARY"),
        sequence(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, vec![]),
        sequence(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, vec![]),
        sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, vec![study(evidence)]),
        template("1500"),
    ]);
    if let Some(person) = &report.verified {
        elements.push(sequence(tags::VERIFYING_OBSERVER_SEQUENCE, vec![verifier(person)]));
    }
    let mut tree = vec![
        coded(
            MODIFIER,
            dcm("121049", "Language of Content Item and Descendants"),
            concept("en", "RFC5646", "English"),
        ),
        coded(CONTEXT, dcm("121005", "Observer Type"), dcm("121007", "Device")),
        uid(CONTEXT, dcm("121012", "Device Observer UID"), &model.device_uid),
        words(CONTEXT, dcm("121013", "Device Observer Name"), &model.name),
        words(CONTEXT, dcm("121014", "Device Observer Manufacturer"), &about.maker),
        coded(
            MODIFIER,
            dcm("121058", "Procedure reported"),
            concept("363679005", "SCT", "Imaging"),
        ),
        library(evidence),
    ];
    if let Outcome::Assessed(findings) = &report.outcome
        && !findings.is_empty()
    {
        let groups = (1..).zip(findings).map(|(n, finding)| group(n, finding, report)).collect();
        tree.push(container(dcm("126010", "Imaging Measurements"), groups, None));
    }
    let silence = match &report.outcome {
        Outcome::NotAssessed(why) => Some(format!("Not assessed: {why}")),
        Outcome::Assessed(_) => None,
    };
    let remarks: Vec<InMemDicomObject> = silence
        .iter()
        .chain(&report.remarks)
        .map(|remark| words("CONTAINS", dcm("121106", "Comment"), remark))
        .collect();
    if !remarks.is_empty() {
        let name = concept("C0034375", "UMLS", "Qualitative Evaluations");
        tree.push(container(name, remarks, None));
    }
    let title = dcm("126000", "Imaging Measurement Report");
    elements.extend(content("", "CONTAINER", Some(title), vec![], tree));
    file(about, COMPREHENSIVE_SR, elements)
}

/// One class with its probability: TID 1501.
fn group(n: usize, finding: &Finding, report: &FindingsReport) -> InMemDicomObject {
    let mut parts = vec![
        words(CONTEXT, dcm("112039", "Tracking Identifier"), &format!("Finding {n}")),
        uid(CONTEXT, dcm("112040", "Tracking Unique Identifier"), &finding.tracking_uid),
        coded("CONTAINS", dcm("121071", "Finding"), finding.concept.clone()),
    ];
    parts.extend(algorithm(&report.model));
    // What is no number has no certainty to be written.
    if finding.probability.is_finite() {
        parts.push(certainty(finding.probability, &report.evidence));
    }
    container(dcm("125007", "Measurement Group"), parts, Some("1501"))
}

fn certainty(probability: f64, evidence: &Evidence) -> InMemDicomObject {
    let percent = (probability.clamp(0.0, 1.0) * 100.0 * 100.0).round() / 100.0;
    let measured = InMemDicomObject::from_element_iter([
        text(tags::NUMERIC_VALUE, VR::DS, &percent.to_string()),
        sequence(
            tags::MEASUREMENT_UNITS_CODE_SEQUENCE,
            vec![item(&concept("%", "UCUM", "Percent"))],
        ),
    ]);
    content(
        "CONTAINS",
        "NUM",
        Some(dcm("111012", "Certainty of Finding")),
        vec![sequence(tags::MEASURED_VALUE_SEQUENCE, vec![measured])],
        vec![image("INFERRED FROM", Some(dcm("121112", "Source of Measurement")), evidence)],
    )
}

/// TID 4019.
fn algorithm(model: &Model) -> Vec<InMemDicomObject> {
    let mut parts = vec![
        words(MODIFIER, dcm("111001", "Algorithm Name"), &model.name),
        words(MODIFIER, dcm("111003", "Algorithm Version"), &model.version),
    ];
    let parameter = |said| words(MODIFIER, dcm("111002", "Algorithm Parameters"), said);
    parts.extend(model.parameters.iter().map(|said| parameter(said)));
    parts
}

fn library(evidence: &Evidence) -> InMemDicomObject {
    let pictures = vec![image("CONTAINS", None, evidence)];
    let group = container(dcm("126200", "Image Library Group"), pictures, None);
    container(dcm("111028", "Image Library"), vec![group], None)
}

/// The study of a picture, as evidence refers to it.
fn study(evidence: &Evidence) -> InMemDicomObject {
    let series = InMemDicomObject::from_element_iter([
        text(tags::SERIES_INSTANCE_UID, VR::UI, &evidence.series_uid),
        sequence(tags::REFERENCED_SOP_SEQUENCE, vec![reference(evidence)]),
    ]);
    InMemDicomObject::from_element_iter([
        text(tags::STUDY_INSTANCE_UID, VR::UI, &evidence.study_uid),
        sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series]),
    ])
}

fn verifier(person: &Verified) -> InMemDicomObject {
    InMemDicomObject::from_element_iter([
        text(tags::VERIFYING_ORGANIZATION, VR::LO, &person.organisation),
        text(tags::VERIFICATION_DATE_TIME, VR::DT, &person.at.format("%Y%m%d%H%M%S").to_string()),
        text(tags::VERIFYING_OBSERVER_NAME, VR::PN, &person.name),
        sequence(tags::VERIFYING_OBSERVER_IDENTIFICATION_CODE_SEQUENCE, vec![]),
    ])
}

fn template(identifier: &str) -> InMemElement {
    let template = InMemDicomObject::from_element_iter([
        text(tags::MAPPING_RESOURCE, VR::CS, "DCMR"),
        text(tags::TEMPLATE_IDENTIFIER, VR::CS, identifier),
    ]);
    sequence(tags::CONTENT_TEMPLATE_SEQUENCE, vec![template])
}

fn concept(value: &str, scheme: &str, meaning: &str) -> Concept {
    Concept { value: value.into(), scheme: scheme.into(), meaning: meaning.into() }
}

fn dcm(value: &str, meaning: &str) -> Concept {
    concept(value, "DCM", meaning)
}

/// A concept as an item of a code sequence. A code of more than 16 letters is a long one.
fn item(concept: &Concept) -> InMemDicomObject {
    let value = match concept.value.chars().count() {
        ..=16 => text(tags::CODE_VALUE, VR::SH, &concept.value),
        _ => text(tags::LONG_CODE_VALUE, VR::UC, &concept.value),
    };
    InMemDicomObject::from_element_iter([
        value,
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, &concept.scheme),
        text(tags::CODE_MEANING, VR::LO, &concept.meaning),
    ])
}

/// One item of the tree.
fn content(
    relationship: &str,
    kind: &str,
    name: Option<Concept>,
    value: Vec<InMemElement>,
    children: Vec<InMemDicomObject>,
) -> InMemDicomObject {
    let mut elements = vec![text(tags::VALUE_TYPE, VR::CS, kind)];
    if !relationship.is_empty() {
        elements.push(text(tags::RELATIONSHIP_TYPE, VR::CS, relationship));
    }
    if let Some(name) = name {
        elements.push(sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![item(&name)]));
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

fn coded(relationship: &str, name: Concept, value: Concept) -> InMemDicomObject {
    let value = vec![sequence(tags::CONCEPT_CODE_SEQUENCE, vec![item(&value)])];
    content(relationship, "CODE", Some(name), value, vec![])
}

fn words(relationship: &str, name: Concept, value: &str) -> InMemDicomObject {
    // A text may not be empty.
    let value = if value.trim().is_empty() { "Not recorded" } else { value };
    let value = vec![text(tags::TEXT_VALUE, VR::UT, value)];
    content(relationship, "TEXT", Some(name), value, vec![])
}

fn uid(relationship: &str, name: Concept, value: &str) -> InMemDicomObject {
    content(relationship, "UIDREF", Some(name), vec![text(tags::UID, VR::UI, value)], vec![])
}

fn container(
    name: Concept,
    children: Vec<InMemDicomObject>,
    identifier: Option<&str>,
) -> InMemDicomObject {
    let value = identifier.map(template).into_iter().collect();
    content("CONTAINS", "CONTAINER", Some(name), value, children)
}

fn image(relationship: &str, name: Option<Concept>, evidence: &Evidence) -> InMemDicomObject {
    let value = vec![sequence(tags::REFERENCED_SOP_SEQUENCE, vec![reference(evidence)])];
    content(relationship, "IMAGE", name, value, vec![])
}
