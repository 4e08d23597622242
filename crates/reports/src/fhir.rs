//! FHIR R4 (4.0.1): a `collection` bundle of one `DiagnosticReport` with its `Observation`s and all
//! that they refer to. Everything is `preliminary`, also when signed: a person confirms having read
//! what a program computed, and a final report is another document.

use crate::{ASSISTS, Finding, Outcome, Report, Sex, codings};
use serde_json::{Map, Value, json};

/// Identifiers of conditions and packs of this program: a namespace of our own, as FHIR wants one.
const CONDITIONS: &str = "urn:uuid:6b2f3c1e-6d1b-5a7e-9a55-0c8f6c1b7d10";
const PACKS: &str = "urn:uuid:6b2f3c1e-6d1b-5a7e-9a55-0c8f6c1b7d11";

const OTHER: &str = "OTH";

/// The bundle, ready to be written as JSON.
#[must_use]
pub fn bundle(report: &Report) -> Value {
    let refs = Refs::of(report);
    let mut resources = vec![
        (refs.report.clone(), diagnostic_report(report, &refs)),
        (refs.patient.clone(), patient(report)),
        (refs.device.clone(), device(report)),
        (refs.facility.clone(), json!({ "resourceType": "Organization", "name": report.facility })),
    ];
    if let (Some(at), Some(study)) = (&refs.study, imaging_study(report, &refs)) {
        resources.push((at.clone(), study));
    }
    if let (Some(at), Some(signed)) = (&refs.signer, &report.signed) {
        let person = json!({ "resourceType": "Practitioner", "name": [{ "text": signed.name }] });
        resources.push((at.clone(), person));
    }
    match &report.outcome {
        Outcome::Assessed(_) => {
            for (at, finding) in refs.observations.iter().zip(report.findings()) {
                resources.push((at.clone(), observation(report, &refs, finding)));
            }
        }
        Outcome::NotAssessed { reason, why } => {
            for at in &refs.observations {
                resources.push((at.clone(), silence(report, &refs, reason, why)));
            }
        }
    }
    let entries: Vec<Value> = resources
        .into_iter()
        .map(|(at, resource)| json!({ "fullUrl": at, "resource": resource }))
        .collect();
    json!({
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": uuid_identifier(&refs.bundle),
        "timestamp": instant(report),
        "entry": entries,
    })
}

/// Where each resource of the bundle is found, as `urn:uuid:`.
struct Refs {
    bundle: String,
    report: String,
    patient: String,
    device: String,
    facility: String,
    study: Option<String>,
    signer: Option<String>,
    /// One per finding, in the order of [`Report::findings`]; one if the pack kept silent.
    observations: Vec<String>,
}

impl Refs {
    fn of(report: &Report) -> Self {
        let urn = |part: &str| report.part_id(&format!("fhir/{part}")).urn().to_string();
        let count = match &report.outcome {
            Outcome::Assessed(findings) => findings.len(),
            Outcome::NotAssessed { .. } => 1,
        };
        Self {
            bundle: urn("bundle"),
            report: urn("report"),
            patient: urn("patient"),
            device: urn("device"),
            facility: urn("facility"),
            study: report.study.uid.as_ref().map(|_| urn("study")),
            signer: report.signed.as_ref().map(|_| urn("signer")),
            observations: (0..count).map(|n| urn(&format!("observation/{n}"))).collect(),
        }
    }
}

fn refer(at: &str) -> Value {
    json!({ "reference": at })
}

fn uuid_identifier(urn: &str) -> Value {
    json!({ "system": "urn:ietf:rfc:3986", "value": urn })
}

fn instant(report: &Report) -> String {
    report.made_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// FHIR has no empty texts: what is blank is left out.
fn said(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// A resource of the parts that are there.
fn object(parts: Vec<(&str, Option<Value>)>) -> Value {
    let parts = parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(parts.collect::<Map<String, Value>>())
}

fn diagnostic_report(report: &Report, refs: &Refs) -> Value {
    let results: Vec<Value> = refs.observations.iter().map(|at| refer(at)).collect();
    object(vec![
        ("resourceType", Some(json!("DiagnosticReport"))),
        ("text", Some(narrative(report))),
        ("identifier", Some(json!([uuid_identifier(&report.id.urn().to_string())]))),
        ("status", Some(json!("preliminary"))),
        ("category", Some(json!([category(report)]))),
        ("code", Some(code(report))),
        ("subject", Some(refer(&refs.patient))),
        (
            "effectiveDateTime",
            report.study.date.map(|day| json!(day.format("%Y-%m-%d").to_string())),
        ),
        ("issued", Some(json!(instant(report)))),
        ("performer", Some(json!([refer(&refs.facility)]))),
        ("resultsInterpreter", refs.signer.as_ref().map(|at| json!([refer(at)]))),
        ("result", (!results.is_empty()).then_some(Value::Array(results))),
        ("imagingStudy", refs.study.as_ref().map(|at| json!([refer(at)]))),
        ("conclusion", Some(json!(report.conclusion()))),
    ])
}

/// What kind of document this is: LOINC's "Diagnostic imaging study" where it comes from radiology.
fn code(report: &Report) -> Value {
    let coding = (branch(report) != OTHER && branch(report) != "SP")
        .then(|| json!([{ "system": "http://loinc.org", "code": "18748-4" }]));
    object(vec![
        ("coding", coding),
        ("text", Some(json!(format!("Findings of a model: {}", report.pack.task)))),
    ])
}

/// The branch of the service, by the modality of the study (HL7 v2 table 0074).
fn branch(report: &Report) -> &'static str {
    match report.study.modality.as_deref() {
        Some("CT") => "CT",
        Some("MR") => "NMR",
        Some("US") => "RUS",
        Some("CR" | "DX" | "RG" | "MG") => "RAD",
        Some("SM" | "GM") => "SP",
        _ => OTHER,
    }
}

fn category(report: &Report) -> Value {
    json!({ "coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": branch(report),
    }] })
}

fn patient(report: &Report) -> Value {
    let patient = &report.patient;
    let name = object(vec![
        ("family", said(patient.family.as_ref()).map(|text| json!(text))),
        ("given", said(patient.given.as_ref()).map(|text| json!([text]))),
    ]);
    let named = name.as_object().is_some_and(|name| !name.is_empty());
    let gender = match patient.sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other => "other",
        Sex::Unknown => "unknown",
    };
    object(vec![
        ("resourceType", Some(json!("Patient"))),
        (
            "identifier",
            said(patient.number.as_ref()).map(|n| {
                json!([{
                    "type": { "coding": [{
                        "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR",
                    }] },
                    "value": n,
                    "assigner": { "display": report.facility },
                }])
            }),
        ),
        ("name", named.then(|| json!([name]))),
        ("gender", Some(json!(gender))),
        ("birthDate", patient.birth_date.map(|date| json!(date.iso()))),
    ])
}

/// The pack: a program with a version and a hash that says which bytes it was.
fn device(report: &Report) -> Value {
    let pack = &report.pack;
    json!({
        "resourceType": "Device",
        "identifier": [{ "system": PACKS, "value": pack.id }],
        "status": "active",
        "manufacturer": report.maker,
        "deviceName": [{ "name": pack.id, "type": "model-name" }],
        "modelNumber": pack.network,
        "type": { "text": "Program: neural network with many classes, on still pictures" },
        "version": [{ "value": pack.version }],
        "note": [
            { "text": format!("Task {}, network {}, SHA-256 {}", pack.task, pack.network, pack.sha256) },
            { "text": format!("Intended use: {}", report.intended_use) },
            { "text": ASSISTS },
        ],
    })
}

fn imaging_study(report: &Report, refs: &Refs) -> Option<Value> {
    let study = &report.study;
    let mut identifiers = vec![json!({
        "system": "urn:dicom:uid", "value": format!("urn:oid:{}", study.uid.as_ref()?),
    })];
    if let Some(number) = said(study.accession_number.as_ref()) {
        identifiers.push(json!({
            "type": { "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN",
            }] },
            "value": number,
        }));
    }
    Some(object(vec![
        ("resourceType", Some(json!("ImagingStudy"))),
        ("identifier", Some(Value::Array(identifiers))),
        ("status", Some(json!("available"))),
        (
            "modality",
            said(study.modality.as_ref()).map(|code| {
                json!([{ "system": "http://dicom.nema.org/resources/ontology/DCM", "code": code }])
            }),
        ),
        ("subject", Some(refer(&refs.patient))),
        ("started", study.date.map(|day| json!(day.format("%Y-%m-%d").to_string()))),
    ]))
}

/// What every observation has.
fn observed(report: &Report, refs: &Refs, code: Value, rest: Vec<(&str, Option<Value>)>) -> Value {
    let mut parts = vec![
        ("resourceType", Some(json!("Observation"))),
        ("status", Some(json!("preliminary"))),
        (
            "category",
            Some(json!([{ "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                "code": "imaging",
            }] }])),
        ),
        ("code", Some(code)),
        ("subject", Some(refer(&refs.patient))),
        (
            "effectiveDateTime",
            report.study.date.map(|day| json!(day.format("%Y-%m-%d").to_string())),
        ),
        ("issued", Some(json!(instant(report)))),
        ("performer", Some(json!([refer(&refs.facility)]))),
        ("device", Some(refer(&refs.device))),
        ("method", Some(json!({ "text": "Calibrated probability given by a neural network" }))),
    ];
    parts.extend(rest);
    object(parts)
}

fn observation(report: &Report, refs: &Refs, finding: &Finding) -> Value {
    let mut coding: Vec<Value> = codings(finding)
        .into_iter()
        .map(|c| json!({ "system": c.system.uri(), "code": c.code }))
        .collect();
    if let Some(id) = &finding.condition {
        coding.push(json!({ "system": CONDITIONS, "code": id, "display": finding.name }));
    }
    let code = object(vec![
        ("coding", (!coding.is_empty()).then_some(Value::Array(coding))),
        ("text", Some(json!(finding.name))),
    ]);
    let mut notes = vec![json!({ "text": ASSISTS })];
    if let Some(why) = &report.outside_intended_use {
        notes.push(json!({ "text": format!("Outside the intended use of the pack: {why}") }));
    }
    let rest = vec![
        (
            "valueQuantity",
            Some(json!({
                "value": finding.probability(),
                "unit": "probability",
                "system": "http://unitsofmeasure.org",
                "code": "1",
            })),
        ),
        ("interpretation", Some(json!([{ "text": finding.word }]))),
        ("note", Some(Value::Array(notes))),
    ];
    observed(report, refs, code, rest)
}

/// The pack kept silent: an observation without a value that says so.
fn silence(report: &Report, refs: &Refs, reason: &str, why: &str) -> Value {
    let rest = vec![
        (
            "dataAbsentReason",
            Some(json!({
                "coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                    "code": "not-performed",
                }],
                "text": why,
            })),
        ),
        ("note", Some(json!([{ "text": format!("Not assessed ({reason}). {ASSISTS}") }]))),
    ];
    observed(
        report,
        refs,
        json!({ "text": format!("Findings of task {}", report.pack.task) }),
        rest,
    )
}

/// The same for people.
fn narrative(report: &Report) -> Value {
    let mut rows = String::new();
    for finding in report.findings() {
        rows += &format!(
            "<tr><td>{}</td><td>{} %</td><td>{}</td></tr>",
            escaped(&finding.name),
            finding.percent(),
            escaped(&finding.word)
        );
    }
    let table = match rows.is_empty() {
        true => String::new(),
        false => format!("<table><tbody>{rows}</tbody></table>"),
    };
    let signed = match &report.signed {
        Some(signed) => format!("Read by {} at {}.", escaped(&signed.name), signed.at.to_rfc3339()),
        None => "Not signed by anybody.".to_owned(),
    };
    let div = format!(
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{}</p>{table}<p>{} {} (task {}). {signed}</p></div>",
        escaped(&report.conclusion()),
        escaped(&report.pack.id),
        escaped(&report.pack.version),
        escaped(&report.pack.task),
    );
    json!({ "status": "generated", "div": div })
}

/// For XML: its own characters named, what it cannot hold left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\u{0}'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{fffe}'
            | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
    out
}
