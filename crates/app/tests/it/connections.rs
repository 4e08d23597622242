//! Pictures between this program and others: the receiver, archives, files. The senders and the archive
//! are of another house, where they are installed.

use super::*;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

#[path = "../../../dicom-web/tests/support/orthanc.rs"]
mod orthanc;
use orthanc::Orthanc;

pub(super) fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dicom-io/tests/fixtures").join(name);
    std::fs::read(path).expect("a file of the repository")
}

/// The file with another value of the same length for a text in its header.
fn with(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let at = bytes.windows(old.len()).position(|w| w == old.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{old} is not in the file"));
    let mut out = bytes.to_vec();
    out[at..at + new.len()].copy_from_slice(new.as_bytes());
    out
}

/// Every occurrence.
fn with_all(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let mut out = bytes.to_vec();
    while out.windows(old.len()).any(|w| w == old.as_bytes()) {
        out = with(&out, old, new);
    }
    out
}

pub(super) const FILE: &str = "MR_small_RLE.dcm";

/// Study UID, instance UID, name and number of the fixture.
pub(super) fn said() -> [String; 4] {
    let meta = dicom_io::open_bytes(fixture(FILE), "x").expect("a picture").meta;
    let (name, id) = (meta.patient.name.expect("a name"), meta.patient.id.expect("a number"));
    [meta.study_uid.expect("a study"), meta.sop_uid.expect("an instance"), name, id]
}

/// The same study, another instance.
pub(super) fn second() -> Vec<u8> {
    let [_, sop, ..] = said();
    let (head, last) = sop.split_at(sop.len() - 1);
    let other = format!("{head}{}", if last == "1" { "2" } else { "1" });
    with_all(&fixture(FILE), &sop, &other)
}

/// The same study and instance, said of another patient.
fn of_another() -> Vec<u8> {
    let [_, _, name, _] = said();
    with(&fixture(FILE), &name, &"X".repeat(name.len()))
}

fn import(desk: &Desk, bytes: Vec<u8>) -> Value {
    let handle = desk.backend().hold_bytes("a.dcm", bytes).expect("held").handle;
    let ask = json!({ "handles": [handle], "patient": null, "analyse": false });
    desk.ok("study.import", ask)["files"][0].clone()
}

pub(super) fn rows(desk: &Desk) -> Vec<Value> {
    let list = desk.ok("study.worklist", json!({}));
    list["rows"].as_array().expect("rows").clone()
}

#[test]
fn what_comes_later_joins_the_study_that_is_here_and_each_instance_once() {
    let desk = Desk::training();
    desk.sign_in("khan");
    let before = rows(&desk).len();
    let first = import(&desk, fixture(FILE));
    let later = import(&desk, second());
    assert_eq!(text(&first, "study"), text(&later, "study"));
    assert_eq!(later["known"], false, "{later}");
    let list = rows(&desk);
    assert_eq!(list.len(), before + 1);
    let row = list.iter().find(|r| r["id"] == first["study"]).expect("the study");
    assert_eq!(row["images"], 2, "{row}");
    // The same instance in other bytes is the instance that is here.
    let [.., name, _] = said();
    let other_case = with(&second(), &name, &name.to_lowercase());
    let again = import(&desk, other_case);
    assert_eq!((&again["known"], &again["image"]), (&json!(true), &later["image"]), "{again}");
    assert_eq!(rows(&desk).iter().find(|r| r["id"] == first["study"]).expect("it")["images"], 2);
    let view = desk.ok("study.view", json!({ "id": first["study"] }));
    assert_eq!(view["images"].as_array().map(Vec::len), Some(2));
    let proof = desk.backend().verify_with(None).expect("it opens by itself");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn the_same_study_said_of_another_patient_is_shown_as_a_conflict_and_never_merged() {
    let desk = Desk::training();
    desk.sign_in("khan");
    let first = import(&desk, fixture(FILE));
    let other = import(&desk, of_another());
    assert_ne!(first["study"], other["study"]);
    let list = rows(&desk);
    let row = |id: &Value| list.iter().find(|r| r["id"] == *id).expect("a row").clone();
    assert_eq!(row(&other["study"])["conflict"], first["study"]);
    assert_eq!(row(&first["study"])["conflict"], Value::Null);
    // What follows goes to the patient it names.
    assert_eq!(import(&desk, second())["study"], first["study"]);
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    free.local_addr().expect("bound").port()
}

fn receiver(port: u16, on: bool, allowed: &[&str]) -> Value {
    json!({ "on": on, "title": "HEALTHSYNC", "allowed": allowed, "bind": "127.0.0.1", "port": port })
}

pub(super) fn wait_until(what: &str, done: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn state(desk: &Desk) -> Value {
    desk.ok("connections.show", json!({}))["receiver"].clone()
}

#[test]
fn the_receiver_is_off_until_an_administrator_switches_it_on_and_every_change_is_signed() {
    let mut desk = Desk::training();
    desk.receives = true;
    desk.restart();
    desk.sign_in("khan");
    desk.no("receiver.set", receiver(11_112, true, &["CT1"]), Code::Forbidden);
    desk.sign_in("admin");
    assert_eq!(state(&desk)["state"], "off");
    for (ask, field) in [
        (receiver(11_112, true, &[]), "allowed"),
        (receiver(11_112, true, &["A\\B"]), "allowed"),
        (receiver(0, true, &["CT1"]), "port"),
        (json!({ "on": true, "title": "", "allowed": ["CT1"], "bind": "::1", "port": 9 }), "title"),
        (json!({ "on": true, "title": "X", "allowed": ["CT1"], "bind": "x", "port": 9 }), "bind"),
    ] {
        let error = desk.no("receiver.set", ask, Code::ReceiverUnfit);
        assert_eq!(error.args["why"], field);
    }
    let port = free_port();
    desk.ok("receiver.set", receiver(port, true, &["CT1"]));
    wait_until("it listens", || state(&desk)["state"] == "listening");
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());

    // It comes back with the program, and a port that somebody else has is told.
    desk.restart();
    desk.sign_in("admin");
    wait_until("it listens again", || state(&desk)["state"] == "listening");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    desk.ok("receiver.set", receiver(port, true, &["CT1"]));
    wait_until("it says so", || state(&desk)["state"] == "failed");
    assert!(state(&desk)["problem"].is_string());
    desk.ok("receiver.set", receiver(port, false, &["CT1"]));
    assert_eq!(state(&desk)["state"], "off");
    let proof = desk.backend().verify_with(None).expect("it opens by itself");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

fn dcmtk_is_missing() -> bool {
    let missing = Command::new("storescu").arg("--version").output().is_err();
    if missing {
        eprintln!("SKIPPED 1: dcmtk is not installed");
    }
    missing
}

#[test]
fn what_senders_deliver_in_two_associations_is_one_study_of_the_worklist() {
    if dcmtk_is_missing() {
        return;
    }
    let mut desk = Desk::training();
    desk.receives = true;
    desk.restart();
    desk.sign_in("admin");
    let port = free_port();
    desk.ok("receiver.set", receiver(port, true, &["CT1"]));
    wait_until("it listens", || state(&desk)["state"] == "listening");
    let folder = tempfile::tempdir().expect("a folder");
    let send = |title: &str, name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        Command::new("storescu")
            .args(["-aet", title, "-aec", "HEALTHSYNC", "-xr", "127.0.0.1", &port.to_string()])
            .arg(path)
            .output()
            .expect("dcmtk starts")
            .status
            .success()
    };
    assert!(!send("STRANGER", "0.dcm", &fixture(FILE)));
    assert!(send("CT1", "1.dcm", &fixture(FILE)));
    assert!(send("CT1", "2.dcm", &second()));
    wait_until("both are counted", || state(&desk)["taken"] == 2);
    assert_eq!(state(&desk)["lastSender"], "CT1");
    // Nobody has to be at the screen.
    desk.ok("session.sign_out", json!({}));
    assert!(send("CT1", "3.dcm", &of_another()));
    desk.sign_in("khan");
    let [uid, ..] = said();
    wait_until("the third is there", || {
        rows(&desk).iter().filter(|r| r["modality"] == "MR").count() >= 2
    });
    let list = rows(&desk);
    let joined = list.iter().find(|r| r["images"] == 2).unwrap_or_else(|| panic!("{uid} {list:?}"));
    assert!(list.iter().any(|r| r["conflict"] == joined["id"]), "{list:?}");
    desk.backend().wait_for_analyses();
    let quiet = |r: &Value| r["modality"] != "MR" || r["state"] == "none";
    assert!(rows(&desk).iter().all(quiet), "nobody asked for an analysis");
}

#[test]
fn what_arrives_is_analysed_where_the_facility_decided_so_once_somebody_has_come_in() {
    if dcmtk_is_missing() {
        return;
    }
    let mut desk = Desk::imaging();
    desk.receives = true;
    desk.restart();
    desk.sign_in("admin");
    let port = free_port();
    let mut ask = receiver(port, true, &["CT1"]);
    assert_eq!(state(&desk)["analyse"], false, "off until somebody decides it");
    desk.ok("receiver.set", ask.clone());
    wait_until("it listens", || state(&desk)["state"] == "listening");
    ask["analyse"] = json!(true);
    desk.ok("receiver.set", ask.clone());
    assert_eq!(
        (&state(&desk)["analyse"], &state(&desk)["state"]),
        (&json!(true), &json!("listening"))
    );
    // Switched on by nobody, the computer signs no result, though it takes in what is sent.
    desk.restart();
    let folder = tempfile::tempdir().expect("a folder");
    let send = |desk: &Desk, name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        wait_until("it is taken", || {
            let sent = Command::new("storescu")
                .args(["-aet", "CT1", "-aec", "HEALTHSYNC", "-xr", "127.0.0.1", &port.to_string()])
                .arg(&path)
                .output()
                .expect("dcmtk starts");
            sent.status.success()
        });
        desk.backend().wait_for_analyses();
    };
    send(&desk, "1.dcm", &fixture(FILE));
    // Those that are recorded.
    let analyses = |desk: &Desk| -> Vec<Value> {
        let row = rows(desk).into_iter().find(|r| r["modality"] == "MR").expect("it came");
        let view = desk.ok("study.view", json!({ "id": row["id"] }));
        let list = view["analyses"].as_array().expect("a list").clone();
        list.into_iter().filter(|a| !a["finishedAt"].is_null()).collect()
    };
    desk.sign_in("khan");
    wait_until("the study is saved", || rows(&desk).iter().any(|r| r["modality"] == "MR"));
    wait_until("its analysis is recorded", || !analyses(&desk).is_empty());
    let first = &analyses(&desk)[0];
    assert_eq!(first["askedBy"], "system/receiver@1", "{first}");
    assert!(["done", "abstained"].contains(&text(first, "state").as_str()), "{first}");
    // Nobody has to stay for what comes after.
    desk.ok("session.sign_out", json!({}));
    send(&desk, "2.dcm", &second());
    desk.sign_in("khan");
    wait_until("the second is analysed", || analyses(&desk).len() == 2);
    desk.sign_in("admin");
    ask["analyse"] = json!(false);
    desk.ok("receiver.set", ask);
    send(&desk, "3.dcm", &of_another());
    desk.sign_in("khan");
    wait_until("the third is there", || {
        rows(&desk).iter().filter(|r| r["modality"] == "MR").count() == 2
    });
    desk.backend().wait_for_analyses();
    let third = rows(&desk).into_iter().find(|r| !r["conflict"].is_null()).expect("the third");
    assert_eq!(third["state"], "none", "{third}");
    let proof = desk.backend().verify_with(None).expect("it opens by itself");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

/// Sends for a study and waits for its end.
pub(super) fn fetched(desk: &Desk, archive: &str, uid: &str) -> Value {
    let ask = json!({ "archive": archive, "studyUid": uid, "analyse": false });
    let id = text(&desk.ok("archive.fetch", ask), "id");
    wait_until("it comes or fails", || {
        !["waiting", "running", "saving"].contains(&text(&on_its_way(desk, &id), "state").as_str())
    });
    on_its_way(desk, &id)
}

pub(super) fn on_its_way(desk: &Desk, id: &str) -> Value {
    let list = desk.ok("archive.fetches", json!({}));
    let found = list["fetches"].as_array().expect("a list").iter().find(|f| f["id"] == id);
    found.unwrap_or_else(|| panic!("{id} in {list}")).clone()
}

fn archive(options: &dicom_web::Options) -> Value {
    json!({
        "id": null, "name": "North", "address": options.address, "plain": false,
        "door": "password", "user": "desk", "secret": "secret", "authority": options.authority,
    })
}

#[test]
fn a_study_is_sent_for_from_an_archive_and_nothing_that_is_told_holds_its_password() {
    let Some(orthanc) = Orthanc::start() else { return };
    let stored = orthanc.archive().store(&[&fixture(FILE), &second()]).expect("stored");
    assert_eq!(stored.kept.len(), 2);
    let desk = Desk::training();
    desk.sign_in("admin");
    let mut wrong = archive(&orthanc.options());
    wrong["secret"] = json!("guess");
    let id = text(&desk.ok("archive.put", wrong), "id");
    let error = desk.no("archive.test", json!({ "id": id }), Code::ArchiveFailed);
    assert_eq!(error.args["why"], "not_let_in");
    let mut right = archive(&orthanc.options());
    right["id"] = json!(id);
    desk.ok("archive.put", right.clone());
    desk.ok("archive.test", json!({ "id": id }));
    right["id"] = Value::Null;
    desk.no("archive.put", right, Code::NameTaken);
    let shown = desk.ok("connections.show", json!({}));
    assert_eq!(shown["archives"][0]["user"], "desk");
    assert!(!shown.to_string().contains("secret"), "{shown}");

    desk.sign_in("khan");
    let [uid, _, name, _] = said();
    let ask = json!({
        "archive": id, "patientName": name[..3], "patientId": "", "accession": "",
        "modality": "MR", "from": null, "to": null,
    });
    let found = desk.ok("archive.search", ask.clone());
    let row = &found["rows"][0];
    assert_eq!((&row["studyUid"], &row["here"]), (&json!(uid), &Value::Null), "{found}");
    let open = json!({
        "archive": id, "patientName": " * ", "patientId": "", "accession": "",
        "modality": "", "from": null, "to": null,
    });
    let error = desk.no("archive.search", open, Code::ArchiveFailed);
    assert_eq!(error.args["why"], "no_criterion", "nobody lists a whole hospital by accident");
    let fetched = fetched(&desk, &id, &uid);
    assert_eq!((&fetched["got"], &fetched["total"]), (&json!(2), &json!(2)), "{fetched}");
    assert_eq!((&fetched["taken"], &fetched["refused"]), (&json!(2), &json!(0)), "{fetched}");
    assert_eq!(fetched["archiveName"], "North");
    assert!(fetched["kilobytes"].as_u64().expect("a number") > 5, "{fetched}");
    assert_eq!(desk.ok("archive.search", ask)["rows"][0]["here"], fetched["study"]);
    let row = rows(&desk).into_iter().find(|r| r["id"] == fetched["study"]).expect("a row");
    assert_eq!(row["images"], 2);
    // Again is no more.
    let count = rows(&desk).len();
    let again = self::fetched(&desk, &id, &uid);
    assert_eq!((&again["study"], rows(&desk).len()), (&fetched["study"], count));
    let none = self::fetched(&desk, &id, "1.2.3");
    assert_eq!(
        (&none["state"], &none["error"]["args"]["why"]),
        (&json!("failed"), &json!("not_found"))
    );
    desk.ok("archive.forget", json!({ "id": none["id"] }));
    let list = desk.ok("archive.fetches", json!({}));
    assert_eq!(list["fetches"].as_array().map(Vec::len), Some(2), "{list}");
    desk.sign_in("admin");
    desk.ok("archive.remove", json!({ "id": id }));
    desk.no("archive.test", json!({ "id": id }), Code::NotFound);
    let proof = desk.backend().verify_with(None).expect("it opens by itself");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn an_address_that_would_send_patients_in_the_clear_needs_a_decision() {
    let desk = Desk::training();
    desk.sign_in("admin");
    let put = |address: &str, plain: bool| json!({ "name": "South", "address": address, "plain": plain, "door": "open" });
    for (address, why) in [
        ("http://south.example/dicom-web", "plain_address"),
        ("https://a:b@south.example/", "credentials_in_address"),
        ("south", "no_address"),
    ] {
        let error = desk.no("archive.put", put(address, false), Code::ArchiveFailed);
        assert_eq!(error.args["why"], why);
    }
    desk.ok("archive.put", put("http://south.example/dicom-web", true));
    assert_eq!(desk.ok("connections.show", json!({}))["archives"][0]["plain"], true);
}

#[test]
fn copies_without_the_patient_are_written_to_a_folder_and_hold_nobodys_name() {
    let desk = Desk::training();
    desk.sign_in("khan");
    let file = import(&desk, fixture(FILE));
    import(&desk, second());
    let folder = tempfile::tempdir().expect("a folder");
    let offer = desk.ok("results.offer", json!({ "study": file["study"], "analysis": null }));
    assert_eq!((&offer["pictures"], &offer["kinds"]), (&json!(2), &json!([])), "{offer}");
    let ask = |folder: &str| {
        json!({
            "study": file["study"], "folder": folder, "pixelsChecked": true, "keepIntervals": true,
        })
    };
    for (bad, why) in [("", "not_a_path"), ("/gone/missing", "no_folder")] {
        let error = desk.no("copies.save", ask(bad), Code::FolderUnsuitable);
        assert_eq!(error.args["why"], why);
    }
    let home = desk.home.path().display().to_string();
    assert_eq!(desk.no("copies.save", ask(&home), Code::FolderUnsuitable).args["why"], "in_home");
    let place = folder.path().display().to_string();
    let saved = desk.ok("copies.save", ask(&place));
    let files = saved["files"].as_array().expect("files").clone();
    assert_eq!((files.len(), &saved["refused"]), (2, &json!([])), "{saved}");
    let [study, sop, name, _] = said();
    for file in &files {
        let bytes = std::fs::read(folder.path().join(file.as_str().expect("a name"))).expect("it");
        let meta = dicom_io::open_bytes(bytes.clone(), "x").expect("a picture").meta;
        assert_ne!(meta.study_uid.as_deref(), Some(study.as_str()));
        for word in [&name, &sop] {
            assert!(!bytes.windows(word.len()).any(|w| w == word.as_bytes()), "{word}");
        }
    }
    // Nothing is replaced, and the pseudonym is the same.
    let again = desk.ok("copies.save", ask(&place));
    assert_eq!(again["files"], json!([]));
    assert_eq!(again["refused"][0]["error"]["args"]["why"], "other_file");
}
