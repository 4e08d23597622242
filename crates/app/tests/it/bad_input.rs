//! Bad input and a bad disk, end to end: each ends in a clear sentence, and nothing is lost.

use super::*;
use std::path::{Path, PathBuf};

const PASSWORD: &str = "correct horse battery";

fn start(home: &Path, packs: &Path) -> Backend {
    Backend::start(Options {
        home: home.to_owned(),
        clock: Arc::new(kernel::SystemClock),
        cost: Some(Cost::minimum_for_tests()),
        packs: packs.to_owned(),
        keyring: false,
        decoder: None,
        receives: false,
    })
}

#[track_caller]
fn ok(backend: &Backend, name: &str, payload: Value) -> Value {
    backend.call(name, payload).unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

fn sign_in(backend: &Backend, user: &str) -> Result<Value, CommandError> {
    backend.call("session.sign_in", json!({ "user": user, "password": PASSWORD }))
}

fn register(backend: &Backend, n: u32) -> Result<Value, CommandError> {
    // Names apart, so that nobody is a possible duplicate; a long one, so that the disk fills.
    let family: String = format!("{n:05}")
        .chars()
        .map(|c| "bdfgklmprs".as_bytes()[c as usize - 48] as char)
        .collect();
    backend.call(
        "patient.register",
        json!({
            "family": format!("{family} {}", "x".repeat(400)), "given": family, "sex": "female",
            "override": { "rules": ["possible_duplicate"], "reason": "A test writes many" },
        }),
    )
}

/// A file system of a few megabytes, mounted for one test.
pub(super) struct SmallDisk(PathBuf);

impl SmallDisk {
    pub(super) fn mount(at: &Path, size: &str) -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let done = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at)
            .stderr(std::process::Stdio::null())
            .status();
        done.is_ok_and(|status| status.success()).then(|| Self(at.to_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_fills_in_mid_write_loses_nothing_and_work_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(folder.path(), "6m") else {
        eprintln!("SKIPPED 1: a small disk cannot be mounted here (it needs root on Linux)");
        return;
    };
    let home = disk.0.join("home");
    let backend = start(&home, Path::new("nowhere"));
    let set_up = json!({
        "facility": "Small", "zone": "Africa/Nairobi", "profile": "who", "language": "en",
        "adminUser": "grace", "adminName": "Grace", "adminPassword": PASSWORD,
    });
    let code = ok(&backend, "setup.facility", set_up)["recoveryCode"].clone();
    ok(&backend, "setup.confirm", json!({ "code": code }));
    let add =
        json!({ "user": "rosa", "displayName": "Rosa", "role": "nurse", "password": PASSWORD });
    ok(&backend, "staff.add", add);
    sign_in(&backend, "rosa").expect("comes in");

    let ballast = disk.0.join("ballast");
    let mut acknowledged: Vec<String> = vec![];
    let mut n = 0;
    for round in 0..3 {
        // Somebody else's file takes all but a little of the disk, to the last byte.
        let mut file = std::fs::File::create(&ballast).expect("made");
        let mut left = (round + 1) * 40_000;
        while std::io::Write::write(&mut file, &[7; 4096]).is_ok_and(|n| n > 0) {}
        let length = file.metadata().expect("there").len();
        left = left.min(length);
        file.set_len(length - left).expect("shorter");
        drop(file);
        let refused = loop {
            n += 1;
            assert!(n < 5_000, "the disk never filled");
            match register(&backend, n) {
                Ok(made) => acknowledged.push(text(&made, "id")),
                Err(error) => break error,
            }
        };
        assert_eq!(refused.code, Code::DiskFull, "{refused:?}");
        assert_eq!(refused.kind, ErrorKind::Refusal, "{refused:?}");
        // Other writes say the same, reads still answer.
        let draft = json!({ "screen": "a", "body": format!("\"{}\"", "x".repeat(60_000)) });
        let again = backend.call("draft.put", draft).expect_err("no room for it");
        assert_eq!(again.code, Code::DiskFull, "{again:?}");
        let found = ok(&backend, "patient.search", json!({ "text": "x", "limit": 5 }));
        assert!(found["rows"].is_array());

        std::fs::remove_file(&ballast).expect("removed");
        n += 1;
        let made = register(&backend, n).expect("work goes on");
        acknowledged.push(text(&made, "id"));
    }
    backend.close();
    drop(backend);
    let backend = start(&home, Path::new("nowhere"));
    let proof = backend.verify_with(Some(("grace", PASSWORD))).expect("it opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
    sign_in(&backend, "rosa").expect("comes in");
    assert!(acknowledged.len() > 3, "{}", acknowledged.len());
    for id in &acknowledged {
        let view = backend.call("patient.view", json!({ "id": id }));
        assert!(view.is_ok(), "{id} was acknowledged and is gone: {view:?}");
    }
    let number = proof.records;
    let people = u32::try_from(acknowledged.len()).expect("few");
    assert_eq!(number, people + 4, "only facility, rules, two staff and these patients are there");
    backend.close();
}

fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

/// A copy of the built-in pack in a folder of its own.
fn copy_of_the_pack(to: &Path) -> PathBuf {
    let pack = to.join("basic-cnn-open");
    std::fs::create_dir_all(&pack).expect("a folder");
    for entry in std::fs::read_dir(packs().join("basic-cnn-open")).expect("the pack") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), pack.join(entry.file_name())).expect("copied");
    }
    pack
}

#[test]
fn a_pack_with_one_changed_byte_is_not_used_and_the_rest_of_the_program_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let packs = folder.path().join("packs");
    let pack = copy_of_the_pack(&packs);
    let home = folder.path().join("home");
    let backend = start(&home, &packs);
    ok(&backend, "setup.look_around", json!({}));
    ok(&backend, "session.sign_in", json!({ "user": "khan", "password": "training" }));
    let list = |backend: &Backend| ok(backend, "model.list", json!({}))["packs"][0].clone();
    assert!(list(&backend)["problem"].is_null(), "{}", list(&backend)["problem"]);

    let weights = pack.join("weights.safetensors");
    let whole = std::fs::read(&weights).expect("read");
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&weights, &changed).expect("written");

    let problem = list(&backend)["problem"].clone();
    assert_eq!(problem["code"], "model_changed", "{problem}");
    let sentence = text(&problem["args"], "detail");
    assert!(sentence.contains("weights.safetensors"), "{sentence}");
    assert!(sentence.contains("Install the pack again"), "{sentence}");

    let handle = backend.hold_bytes("film.png", png(3)).expect("held").handle;
    let ask = json!({ "handles": [handle], "patient": null, "analyse": true });
    let file = ok(&backend, "study.import", ask)["files"][0].clone();
    assert!(file["error"].is_null(), "the film itself is taken in: {file}");
    backend.wait_for_analyses();
    let study = ok(&backend, "study.view", json!({ "id": file["study"] }));
    let analysis = &study["analyses"][0];
    assert_eq!(
        (&analysis["state"], &analysis["reason"]),
        (&json!("failed"), &json!("model_changed"))
    );
    assert!(text(analysis, "detail").contains("Install the pack again"), "{analysis}");
    assert_eq!(analysis["findings"], json!([]), "no finding comes from a changed pack");

    // The pack put back is used at once, and everything else worked all along.
    std::fs::write(&weights, &whole).expect("written");
    assert!(list(&backend)["problem"].is_null());
    let again = ok(&backend, "analysis.start", json!({ "image": file["image"], "pack": null }));
    backend.wait_for_analyses();
    let study = ok(&backend, "study.view", json!({ "id": file["study"] }));
    let newest = &study["analyses"][0];
    assert_eq!(newest["id"], again["id"]);
    assert_eq!(newest["state"], "abstained", "a pattern of stripes is no film: {newest}");
    assert_eq!(newest["reason"], "other_kind", "{newest}");
    let number = |name: &str| newest["values"][name].as_f64();
    assert!(
        number("measured") < number("limit"),
        "the numbers come apart from the words: {newest}"
    );
    assert!(newest["task"].is_null(), "no question fits it: {newest}");
    assert_eq!(newest["network"], "basic_cnn", "{newest}");
    backend.close();
}

#[test]
fn a_picture_of_40_000_by_40_000_is_refused_with_the_limit() {
    let desk = Desk::training();
    desk.sign_in("mbeki");
    let mut bmp = b"BM".to_vec();
    for word in [70u32, 0, 54, 40, 40_000, 40_000, 0x0018_0001, 0, 16, 2835, 2835, 0, 0] {
        bmp.extend(word.to_le_bytes());
    }
    bmp.extend([0; 64]);
    let handle = desk.backend().hold_bytes("vast.bmp", bmp).expect("held").handle;
    let ask = json!({ "handles": [handle], "patient": null, "analyse": true });
    let file = desk.ok("study.import", ask)["files"][0].clone();
    assert_eq!(file["error"]["code"], "image_too_large", "{file}");
    assert_eq!(file["error"]["kind"], "refusal", "{file}");
    assert!(text(&file["error"]["args"], "detail").contains("16384 pixels to a side"), "{file}");
    let list = desk.ok("study.worklist", json!({}));
    assert_eq!(list["total"], 0, "nothing of it was kept");
}

#[test]
fn a_judgement_finds_its_study_and_a_unit_in_a_timeline_has_its_check_character() {
    let desk = Desk::training();
    desk.sign_in("khan");
    let none = "0190b5a0-0000-7000-8000-000000000000";
    desk.no(
        "analysis.judge",
        json!({ "analysis": none, "label": "x", "agree": true }),
        Code::NotFound,
    );
    desk.sign_in("amina");
    let patient = desk.patient("Oyelaran");
    let view = desk.ok("patient.view", json!({ "id": patient }));
    let timeline = view["timeline"].as_array().expect("entries");
    let issued = timeline.iter().find(|e| e["what"] == "unit_issued").expect("an issue");
    assert_eq!(issued["by"], "Amina Okello", "a person is called by their name");
    let din = Din::new(&text(&issued["args"], "din")).expect("a number");
    assert_eq!(text(&issued["args"], "check"), din.check_char().to_string());
}
