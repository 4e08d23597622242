use super::*;
use crate::backend::{Options, Passed};
use imaging::study::{Command, Map, Pack};
use kernel::{AnalysisId, ImageId, ManualClock, StudyId};
use records::{Body, Facts};
use serde_json::{Value, json};
use sqlite::keyslots::Cost;
use std::sync::Arc;

#[path = "../../../dicom-web/tests/support/orthanc.rs"]
mod orthanc;

const SLICE: &[u8] = include_bytes!("../../../dicom-io/tests/fixtures/MR_small_RLE.dcm");

struct Room {
    home: tempfile::TempDir,
    backend: Backend,
}

impl Room {
    /// A training facility with the radiologist at the desk.
    fn open() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at("2026-11-20T12:00:00Z".parse().expect("an instant")));
        let backend = Backend::start(Options {
            home: home.path().join("home"),
            clock,
            cost: Some(Cost::minimum_for_tests()),
            packs: home.path().join("packs"),
            keyring: false,
            decoder: None,
            receives: false,
        });
        let room = Self { home, backend };
        room.ok("setup.look_around", json!({}));
        room.ok("session.sign_in", json!({ "user": "khan", "password": "training" }));
        room
    }

    fn ok(&self, name: &str, payload: Value) -> Value {
        self.backend.call(name, payload).unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    /// Imports a file; its study and image.
    fn import(&self, name: &str, bytes: Vec<u8>) -> (StudyId, ImageId) {
        let handle = self.backend.hold_bytes(name, bytes).expect("held").handle;
        let ask = json!({ "handles": [handle], "patient": null, "analyse": false });
        let file = self.ok("study.import", ask)["files"][0].clone();
        let id = |name: &str| file[name].as_str().unwrap_or_else(|| panic!("{file}")).to_owned();
        (id("study").parse().expect("an id"), id("image").parse().expect("an id"))
    }

    /// Records what an engine would have found.
    fn record(&self, study: StudyId, image: ImageId, n: u128, outcome: Outcome) -> AnalysisId {
        let mut inner = self.backend.lock();
        let now = inner.now().expect("a time");
        let finding = |label: &str, condition: &str, normal, p10000| Finding {
            label: label.into(),
            condition: condition.into(),
            normal,
            p10000,
            threshold10000: None,
            sensitivity10000: None,
            specificity10000: None,
            map: (!normal).then(|| Map {
                cols: 2,
                rows: 2,
                values: vec![0, 1000, 0, 0],
                rect_centipixels: [0, 0, 6400, 6400],
            }),
            judged: None,
        };
        let findings = vec![
            finding("normal", "No pneumonia", true, 1000),
            finding("bacterial_pneumonia", "Bacterial pneumonia", false, 8125),
            finding("viral_pneumonia", "Viral pneumonia", false, 875),
        ];
        let analysis = Analysis {
            id: AnalysisId(Uuid::from_u128(n)),
            image,
            outcome,
            reason: (outcome != Outcome::Done).then(|| "not_a_chest_xray".into()),
            detail: None,
            values10000: Default::default(),
            judged: None,
            findings: if outcome == Outcome::Done { findings } else { vec![] },
            outside_intended_use: None,
            task: None,
            network: None,
            pack: Some(Pack { id: "old".into(), version: "1.0.0".into(), sha256: "ab".into() }),
            started_at: now,
            finished_at: now,
            timing_ms: [0; 3],
            asked_by: "khan".into(),
        };
        let id = analysis.id;
        let actor = inner.actor(Permission::AnalyseImages).expect("a radiologist");
        let command = Command::Record { analysis: Box::new(analysis) };
        let body = Body::Study { id: study, command };
        inner.save(&actor, body, Facts::default(), Passed::default()).expect("recorded");
        id
    }

    fn files(&self, study: StudyId) -> Vec<ResultFile> {
        self.backend.results(&study.to_string(), None).expect("files")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.backend.close();
    }
}

fn names(files: &[ResultFile]) -> Vec<&str> {
    files.iter().filter_map(|file| Some(file.name.split_once('.')?.1)).collect()
}

fn bytes<'a>(files: &'a [ResultFile], ending: &str) -> &'a [u8] {
    let file = files.iter().find(|file| file.name.ends_with(ending));
    &file.unwrap_or_else(|| panic!("{ending}")).bytes
}

fn fhir(files: &[ResultFile]) -> Value {
    serde_json::from_slice(bytes(files, "fhir.json")).expect("JSON")
}

fn holds(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

#[test]
fn findings_of_a_dicom_picture_leave_in_four_forms_that_agree() {
    let room = Room::open();
    let (study, image) = room.import("slice.dcm", SLICE.to_vec());
    room.record(study, image, 7, Outcome::Done);
    let files = room.files(study);
    assert_eq!(names(&files), ["fhir.json", "pdf", "sr.dcm", "heat.dcm"]);
    let text = fhir(&files).to_string();
    assert!(text.contains("53084003") && text.contains("0.8125"), "{text}");
    assert!(text.contains("chest_xray_pneumonia"), "the task follows from the classes: {text}");
    assert!(text.contains("nobody has confirmed"), "filed under nobody: {text}");
    let sr = bytes(&files, "sr.dcm");
    assert!(holds(sr, "53084003") && holds(sr, "81.25") && holds(sr, "UNVERIFIED"));
    let heat = dicom_io::open_bytes(bytes(&files, "heat.dcm").to_vec(), "x").expect("opens");
    let original = dicom_io::open_bytes(SLICE.to_vec(), "x").expect("opens");
    assert_eq!(heat.meta.study_uid, original.meta.study_uid, "it belongs into the same study");
    assert_ne!(heat.meta.series_uid, original.meta.series_uid);
    assert_eq!(heat.meta.patient.id, original.meta.patient.id);
    assert!(bytes(&files, "pdf").starts_with(b"%PDF"));
    for file in &files {
        assert!(!file.name.contains('/') && file.name.is_ascii(), "{}", file.name);
    }
    assert_eq!(room.files(study), files, "taken twice, it is the same");
}

#[test]
fn a_confirmed_patient_stands_on_the_files_and_the_taking_in_the_audit() {
    let room = Room::open();
    let (study, image) = room.import("slice.dcm", SLICE.to_vec());
    room.record(study, image, 7, Outcome::Done);
    let found = room.ok("patient.search", json!({ "text": "Smith", "limit": 1 }));
    let row = &found["rows"][0];
    let id = row["id"].as_str().expect("a patient").to_owned();
    room.ok("study.assign", json!({ "study": study.to_string(), "patient": id }));
    let recorded = || room.backend.lock().store().expect("open").log_head().0;
    let before = recorded();
    let text = fhir(&room.files(study)).to_string();
    assert_eq!(recorded(), before + 1, "that the files were taken is on record");
    assert!(!text.contains("nobody has confirmed"));
    let patient = room.backend.lock().store().expect("open").patient(id.parse().expect("an id"));
    let patient = patient.expect("read").expect("there");
    assert!(text.contains(&patient.hospital_number) && text.contains(&patient.family), "{text}");
}

#[test]
fn a_picture_that_is_not_dicom_has_no_structured_report() {
    let room = Room::open();
    let mut png = std::io::Cursor::new(vec![]);
    image::GrayImage::from_pixel(64, 64, image::Luma([90]))
        .write_to(&mut png, image::ImageFormat::Png)
        .expect("a picture");
    let (study, image) = room.import("film.png", png.into_inner());
    room.record(study, image, 7, Outcome::Done);
    let files = room.files(study);
    assert_eq!(names(&files), ["fhir.json", "pdf", "heat.dcm"]);
    let heat = dicom_io::open_bytes(bytes(&files, "heat.dcm").to_vec(), "x").expect("opens");
    assert_eq!(heat.meta.study_uid, Some(format!("2.25.{}", study.0.as_u128())));
}

#[test]
fn silence_leaves_as_not_assessed_and_without_a_map() {
    let room = Room::open();
    let (study, image) = room.import("slice.dcm", SLICE.to_vec());
    room.record(study, image, 7, Outcome::Abstained);
    let files = room.files(study);
    assert_eq!(names(&files), ["fhir.json", "pdf", "sr.dcm"]);
    let text = fhir(&files).to_string();
    assert!(text.contains("Not assessed: not a chest xray") && !text.contains("valueQuantity"));
}

#[test]
fn what_did_not_end_has_no_files_and_the_newest_that_did_is_taken() {
    let room = Room::open();
    let (study, image) = room.import("slice.dcm", SLICE.to_vec());
    let refused = |analysis: Option<&str>| {
        let study = study.to_string();
        room.backend.results(&study, analysis).map(|files| files.len()).expect_err("nothing").code
    };
    assert_eq!(refused(None), Code::NotFound);
    let failed = room.record(study, image, 1, Outcome::Failed).to_string();
    assert_eq!((refused(None), refused(Some(&failed))), (Code::NotFound, Code::NotFound));
    let first = room.record(study, image, 2, Outcome::Abstained);
    let second = room.record(study, image, 3, Outcome::Done);
    room.record(study, image, 4, Outcome::Cancelled);
    assert!(room.files(study)[0].name.starts_with(&second.to_string()));
    let named = room.backend.results(&study.to_string(), Some(&first.to_string()));
    assert!(named.expect("files")[0].name.starts_with(&first.to_string()));
    assert_eq!(refused(Some("x")), Code::NotFound);
    assert_eq!(room.backend.results("x", None).expect_err("no study").code, Code::NotFound);
    room.ok("session.sign_in", json!({ "user": "admin", "password": "training" }));
    assert_eq!(refused(None), Code::Forbidden, "who manages the staff sees no pictures");
}

#[test]
fn the_card_speaks_only_for_the_version_that_computed() {
    let room = Room::open();
    let (study, image) = room.import("slice.dcm", SLICE.to_vec());
    room.record(study, image, 7, Outcome::Done);
    let text = || fhir(&room.files(study)).to_string();
    assert!(text().contains("not installed any more"));
    let folder = room.home.path().join("packs/old");
    std::fs::create_dir_all(&folder).expect("made");
    let card = |version: &str| {
        let card = format!(
            "version = \"{version}\"\narchitecture = \"resnet50\"\n[[tasks]]\nname = \"other\"\n\
             [tasks.intended_use]\ntext = \"For others\"\n[[tasks]]\nname = \"chest_xray_pneumonia\"\n\
             [tasks.intended_use]\ntext = \"For chests\"\n"
        );
        std::fs::write(folder.join("model.toml"), card).expect("written");
    };
    card("2.0.0");
    assert!(text().contains("not installed any more"));
    card("1.0.0");
    assert!(text().contains("For chests") && text().contains("resnet50"));
    std::fs::write(folder.join("model.toml"), "version = ").expect("written");
    assert!(text().contains("not installed any more"), "a broken card is none");
}

#[test]
fn the_task_follows_from_all_of_its_classes_and_from_no_part_of_them() {
    let finding = |label: &str, normal| Finding {
        label: label.into(),
        condition: String::new(),
        normal,
        p10000: 0,
        threshold10000: None,
        sensitivity10000: None,
        specificity10000: None,
        map: None,
        judged: None,
    };
    let of = |labels: &[&str]| {
        let mut findings: Vec<Finding> = labels.iter().map(|l| finding(l, false)).collect();
        findings.push(finding("normal", true));
        task_of(&findings)
    };
    assert_eq!(of(&["covid_19", "viral_pneumonia"]), Some("chest_xray_covid"));
    assert_eq!(of(&["viral_pneumonia", "bacterial_pneumonia"]), Some("chest_xray_pneumonia"));
    assert_eq!(of(&["viral_pneumonia"]), None);
    assert_eq!(of(&[]), None);
}

#[test]
fn results_that_are_sent_stand_in_the_archive_and_the_sending_in_the_audit() {
    let Some(orthanc) = orthanc::Orthanc::start() else { return };
    let options = orthanc.options();
    let room = Room::open();
    room.ok("session.sign_in", json!({ "user": "admin", "password": "training" }));
    let archive = json!({
        "id": null, "name": "North", "address": options.address, "plain": false,
        "door": "password", "user": "desk", "secret": "secret", "authority": null,
    });
    let archive = room.ok("archive.put", archive)["id"].clone();
    room.ok("session.sign_in", json!({ "user": "khan", "password": "training" }));
    let (study, image) = room.import("slice.dcm", SLICE.to_vec());
    room.record(study, image, 7, Outcome::Done);
    let offer = room.ok("results.offer", json!({ "study": study.to_string(), "analysis": null }));
    assert_eq!(offer["kinds"], json!(["pdf", "fhir", "sr", "capture"]));
    let send = |kinds: &[&str]| {
        let ask = json!({
            "archive": archive, "study": study.to_string(), "analysis": offer["analysis"],
            "kinds": kinds,
        });
        room.backend.call("results.send", ask)
    };
    let recorded = || room.backend.lock().store().expect("open").log_head().0;
    let before = recorded();
    assert_eq!(send(&["pdf", "sr", "capture"]).expect("sent"), json!({ "kept": 2, "refused": 0 }));
    assert_eq!(recorded(), before + 1, "that they were sent is on record");
    assert_eq!(send(&["pdf"]).expect_err("no archive takes a page").code, Code::NotFound);

    // Found there by a search, under the study and the patient of the picture.
    let original = dicom_io::open_bytes(SLICE.to_vec(), "x").expect("opens").meta;
    let uid = original.study_uid.expect("a study");
    let north = orthanc.archive();
    let query = dicom_web::Query { study_uid: uid.clone(), ..dicom_web::Query::default() };
    let found = north.search(&query).expect("an answer").rows;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].instances, &found[0].patient_id), (Some(2), &original.patient.id));
    assert!(found[0].modalities.contains(&"SR".to_owned()), "{found:?}");
    let mut there = vec![];
    let count = north.fetch(&uid, |bytes| {
        there.push(bytes);
        Ok(())
    });
    assert_eq!(count, Ok(2));
    assert!(there.iter().any(|file| holds(file, "53084003") && holds(file, "81.25")));

    // Sent twice, it stands there once.
    send(&["sr", "capture"]).expect("sent again");
    assert_eq!(north.search(&query).expect("an answer").rows[0].instances, Some(2));
    drop(orthanc);
    let error = send(&["sr"]).expect_err("nobody is there");
    assert_eq!((error.code, error.args["why"].as_str()), (Code::ArchiveFailed, "unreachable"));
}
