//! The bundle against the rules of FHIR R4 (4.0.1), asserted by hand.

use crate::sample::{bare, finding, keep, report, signed, silent};
use reports::{Outcome, PartialDate, Report, bundle};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Elements that a resource of R4 may have, of those that make sense here; a name outside is a slip.
const ELEMENTS: &[(&str, &[&str])] = &[
    (
        "DiagnosticReport",
        &[
            "resourceType",
            "text",
            "identifier",
            "status",
            "category",
            "code",
            "subject",
            "effectiveDateTime",
            "issued",
            "performer",
            "resultsInterpreter",
            "result",
            "imagingStudy",
            "conclusion",
        ],
    ),
    (
        "Observation",
        &[
            "resourceType",
            "status",
            "category",
            "code",
            "subject",
            "effectiveDateTime",
            "issued",
            "performer",
            "valueQuantity",
            "dataAbsentReason",
            "interpretation",
            "note",
            "method",
            "device",
        ],
    ),
    ("Patient", &["resourceType", "identifier", "name", "gender", "birthDate"]),
    (
        "Device",
        &[
            "resourceType",
            "identifier",
            "status",
            "manufacturer",
            "deviceName",
            "modelNumber",
            "type",
            "version",
            "note",
        ],
    ),
    ("Organization", &["resourceType", "name"]),
    ("Practitioner", &["resourceType", "name"]),
    ("ImagingStudy", &["resourceType", "identifier", "status", "modality", "subject", "started"]),
];

fn resources(bundle: &Value) -> BTreeMap<String, Value> {
    let entries = bundle["entry"].as_array().expect("entries");
    let pairs = entries.iter().map(|entry| {
        (entry["fullUrl"].as_str().expect("fullUrl").to_owned(), entry["resource"].clone())
    });
    let all: BTreeMap<String, Value> = pairs.collect();
    assert_eq!(all.len(), entries.len(), "bdl-7: a full URL is unique");
    all
}

fn of<'a>(all: &'a BTreeMap<String, Value>, kind: &str) -> Vec<&'a Value> {
    all.values().filter(|resource| resource["resourceType"] == kind).collect()
}

/// Calls `look` with every value, and the names that lead to it.
fn walk(value: &Value, path: &str, look: &mut impl FnMut(&str, &Value)) {
    look(path, value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, look)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| walk(field, &format!("{path}.{name}"), look));
        }
        _ => {}
    }
}

fn all_reports() -> Vec<(&'static str, Report)> {
    let outside = Report {
        outside_intended_use: Some("age 40; trained on children up to 15 years".into()),
        ..report()
    };
    let mut year = report();
    year.patient.birth_date = Some(PartialDate::Year(1958));
    let mut blank = report();
    blank.patient.family = Some("  ".into());
    blank.patient.given = Some(String::new());
    blank.patient.number = Some(String::new());
    blank.study.accession_number = Some(String::new());
    let none = Report { outcome: Outcome::Assessed(vec![]), ..report() };
    vec![
        ("findings", report()),
        ("signed", signed()),
        ("silent", silent()),
        ("bare", bare()),
        ("outside", outside),
        ("year", year),
        ("blank", blank),
        ("none", none),
    ]
}

#[test]
fn every_bundle_keeps_the_rules_of_r4() {
    for (name, report) in all_reports() {
        let bundle = bundle(&report);
        keep(&format!("{name}.fhir.json"), bundle.to_string().as_bytes());
        assert_eq!(
            (&bundle["resourceType"], &bundle["type"]),
            (&"Bundle".into(), &"collection".into())
        );
        let all = resources(&bundle);
        for url in all.keys() {
            let uuid = url.strip_prefix("urn:uuid:").expect("urn:uuid");
            assert!(uuid.len() == 36 && uuid == uuid.to_lowercase(), "{url}");
        }
        for resource in all.values() {
            let kind = resource["resourceType"].as_str().expect("a type");
            let known = ELEMENTS.iter().find(|known| known.0 == kind).expect(kind).1;
            for element in resource.as_object().expect("an object").keys() {
                assert!(known.contains(&element.as_str()), "{name}: {kind} has no {element} here");
            }
        }
        walk(&bundle, name, &mut |path, value| match value {
            Value::Null => panic!("{path} is null"),
            Value::String(text) => assert!(!text.trim().is_empty(), "{path} is empty"),
            Value::Array(items) => assert!(!items.is_empty(), "{path} is empty"),
            Value::Object(fields) => {
                assert!(!fields.is_empty(), "{path} is empty");
                if let Some(Value::String(to)) = fields.get("reference") {
                    assert!(all.contains_key(to), "{path} leads nowhere");
                }
            }
            _ => {}
        });
    }
}

#[test]
fn references_lead_to_the_kinds_that_r4_allows() {
    let all = resources(&bundle(&signed()));
    let kind = |reference: &Value| {
        all[reference["reference"].as_str().expect("a reference")]["resourceType"].clone()
    };
    let [report] = of(&all, "DiagnosticReport")[..] else { panic!("one report") };
    assert_eq!(kind(&report["subject"]), "Patient");
    assert_eq!(kind(&report["performer"][0]), "Organization", "a device may not perform a report");
    assert_eq!(kind(&report["resultsInterpreter"][0]), "Practitioner");
    assert_eq!(kind(&report["imagingStudy"][0]), "ImagingStudy");
    let results = report["result"].as_array().expect("results");
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(|result| kind(result) == "Observation"));
    for observation in of(&all, "Observation") {
        assert_eq!(kind(&observation["subject"]), "Patient");
        assert_eq!(kind(&observation["device"]), "Device");
        assert_eq!(kind(&observation["performer"][0]), "Organization");
    }
}

#[test]
fn nothing_is_ever_more_than_preliminary_and_everything_says_that_it_is_no_diagnosis() {
    for (name, report) in all_reports() {
        let all = resources(&bundle(&report));
        for resource in of(&all, "DiagnosticReport").into_iter().chain(of(&all, "Observation")) {
            assert_eq!(resource["status"], "preliminary", "{name}");
            let text = resource.to_string();
            assert!(text.contains("Not a diagnosis"), "{name}: {text}");
        }
        let [report] = of(&all, "DiagnosticReport")[..] else { panic!("one report") };
        assert!(report.get("conclusionCode").is_none(), "a code there would be a diagnosis");
    }
    let unsigned = bundle(&report()).to_string();
    assert!(unsigned.contains("Not signed by anybody") && !unsigned.contains("Practitioner"));
}

#[test]
fn a_finding_has_its_codes_its_probability_and_its_word() {
    let all = resources(&bundle(&report()));
    let observation = of(&all, "Observation")
        .into_iter()
        .find(|o| o["code"]["text"] == "Bacterial pneumonia")
        .expect("reported");
    let codes: BTreeSet<(&str, &str)> = observation["code"]["coding"]
        .as_array()
        .expect("codes")
        .iter()
        .filter_map(|c| Some((c["system"].as_str()?, c["code"].as_str()?)))
        .collect();
    assert!(codes.contains(&("http://snomed.info/sct", "53084003")));
    assert!(codes.contains(&("http://hl7.org/fhir/sid/icd-10-cm", "J15.9")));
    assert!(!codes.iter().any(|code| code.0.contains("radlex")), "only nearby, so not sent");
    let value = &observation["valueQuantity"];
    assert_eq!(value["value"].to_string(), "0.8125", "exact, as it was calibrated");
    assert_eq!(value["system"], "http://unitsofmeasure.org");
    assert_eq!(observation["interpretation"][0]["text"], "likely");
    let normal = of(&all, "Observation")
        .into_iter()
        .find(|o| o["code"]["text"] == "No pneumonia")
        .expect("reported");
    assert!(normal["code"].get("coding").is_none(), "the class without a finding has no code");
}

#[test]
fn codes_that_nobody_confirmed_are_not_sent() {
    let benign = finding("benign_lesion", "Breast mass, benign", Some("breast_mass_benign"), 9000);
    let aneurysm = finding("x", "Intracranial aneurysm", Some("intracranial_aneurysm"), 9000);
    let mut report = report();
    report.outcome = Outcome::Assessed(vec![benign, aneurysm]);
    let text = bundle(&report).to_string();
    assert!(!text.contains("254847007"), "the nearest class is not the condition");
    assert!(!text.contains("128609009"), "an id from memory");
    assert!(text.contains("D24.9") && text.contains("I67.1"));
}

#[test]
fn silence_is_an_absent_value_with_its_reason_and_never_a_zero() {
    let all = resources(&bundle(&silent()));
    let [observation] = of(&all, "Observation")[..] else { panic!("one observation") };
    assert!(observation.get("valueQuantity").is_none(), "obs-6");
    let reason = &observation["dataAbsentReason"];
    assert_eq!(reason["coding"][0]["code"], "not-performed");
    assert_eq!(reason["text"], "This is not a chest X-ray.");
    let [report] = of(&all, "DiagnosticReport")[..] else { panic!("one report") };
    assert!(report["conclusion"].as_str().is_some_and(|c| c.starts_with("Not assessed")));
    for observation in of(&resources(&bundle(&crate::sample::report())), "Observation") {
        assert!(observation.get("dataAbsentReason").is_none(), "obs-6");
    }
}

#[test]
fn the_text_for_people_is_xhtml_and_cannot_be_broken_by_a_name() {
    let all = resources(&bundle(&signed()));
    let [report] = of(&all, "DiagnosticReport")[..] else { panic!("one report") };
    assert_eq!(report["text"]["status"], "generated");
    let div = report["text"]["div"].as_str().expect("text");
    assert!(div.starts_with("<div xmlns=\"http://www.w3.org/1999/xhtml\">"), "{div}");
    assert!(div.contains("Dr. Amal &lt;Senior&gt;") && !div.contains("<Senior>"));
    let mut open = vec![];
    for tag in div.split('<').skip(1) {
        let tag = tag.split('>').next().expect("closed");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name.to_owned())),
            None => open.push(tag.split(' ').next().expect("a name").to_owned()),
        }
    }
    assert!(open.is_empty());
}

#[test]
fn a_patient_whom_nobody_confirmed_is_said_to_be_that() {
    let mut report = report();
    assert!(!bundle(&report).to_string().contains("nobody has confirmed"));
    report.patient.unconfirmed = true;
    assert!(bundle(&report).to_string().contains("nobody has confirmed"));
}

#[test]
fn the_same_report_has_the_same_ids_and_another_has_others() {
    assert_eq!(bundle(&report()), bundle(&report()));
    let ids = |report: &Report| resources(&bundle(report)).into_keys().collect::<BTreeSet<_>>();
    assert!(ids(&report()).is_disjoint(&ids(&signed())), "what differs must not overwrite");
}

#[test]
fn dates_and_moments_have_the_form_of_the_standard() {
    let all = resources(&bundle(&report()));
    let [patient] = of(&all, "Patient")[..] else { panic!("one patient") };
    assert_eq!(patient["birthDate"], "2019-03-05");
    let [report] = of(&all, "DiagnosticReport")[..] else { panic!("one report") };
    assert_eq!(report["issued"], "2026-02-05T06:07:08+02:00");
    assert_eq!(report["effectiveDateTime"], "2026-02-04");
    assert_eq!(PartialDate::Year(987).iso(), "0987");
    assert_eq!(PartialDate::Month(1958, 3).iso(), "1958-03");
}
