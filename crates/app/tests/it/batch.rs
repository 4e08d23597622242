//! A folder of pictures in the background: taken in and analysed behind the screen, paused,
//! cancelled, cut off by the end of the program and by a full disk, and never done twice.

use super::bad_input::SmallDisk;
use super::*;
use std::path::Path;
use std::time::{Duration, Instant};

/// `count` different pictures, and what lies beside them in any real folder.
fn folder(count: u8) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for n in 0..count {
        write(folder.path(), &format!("knee {n:03}.png"), &png(n));
    }
    write(folder.path(), "letter.txt", b"Dear colleague");
    folder
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).expect("written");
}

fn start(desk: &Desk, folder: &Path) -> String {
    let handle = desk.backend().hold_path(folder).handle;
    let ask = json!({ "handles": [handle], "task": null, "network": null });
    text(&desk.ok("batch.start", ask), "id")
}

#[test]
fn a_question_that_nothing_here_can_answer_is_refused_before_a_file_is_read() {
    let desk = Desk::imaging();
    desk.sign_in("khan");
    let folder = folder(1);
    for (task, network, code) in [
        ("nonsense", None, "model_missing"),
        ("nc_skin_lesion", None, "model_not_enabled"),
        ("knee_xray_oa", Some("vgg"), "model_missing"),
    ] {
        let handle = desk.backend().hold_path(folder.path()).handle;
        let ask = json!({ "handles": [handle], "task": task, "network": network });
        let refused = desk.backend().call("batch.start", ask).expect_err("refused");
        assert_eq!(json!(refused.code), json!(code), "{task}");
    }
    assert_eq!(desk.ok("batch.list", json!({}))["batches"], json!([]));
}

fn view(desk: &Desk, id: &str) -> Value {
    let list = desk.ok("batch.list", json!({}));
    let batches = list["batches"].as_array().expect("batches").clone();
    batches.into_iter().find(|b| b["id"] == id).unwrap_or_else(|| panic!("{id} in {list}"))
}

fn number(view: &Value, name: &str) -> u64 {
    view[name].as_u64().unwrap_or_else(|| panic!("{name} in {view}"))
}

/// Waits until `is` holds of a batch, and answers it.
fn until(desk: &Desk, id: &str, is: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let now = view(desk, id);
        if is(&now) {
            return now;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{now}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How many analyses of each study are recorded.
fn analyses(desk: &Desk) -> Vec<usize> {
    let list = desk.ok("study.worklist", json!({ "limit": 500 }));
    let rows = list["rows"].as_array().expect("rows").clone();
    let of = |row: &Value| {
        let study = desk.ok("study.view", json!({ "id": row["id"] }));
        study["analyses"].as_array().expect("a list").len()
    };
    rows.iter().map(of).collect()
}

#[test]
fn a_folder_is_taken_in_and_analysed_behind_the_screen_and_counts_add_up() {
    let mut desk = Desk::imaging();
    desk.sign_in("ferreira");
    let folder = folder(12);
    let cut = png(99);
    write(folder.path(), "cut.png", &cut[..cut.len() / 2]);
    let id = start(&desk, folder.path());
    desk.backend().wait_for_analyses();
    let over = view(&desk, &id);
    assert_eq!(over["state"], "over", "{over}");
    assert_eq!((number(&over, "total"), number(&over, "others")), (13, 1), "{over}");
    assert_eq!(number(&over, "refused"), 1);
    assert_eq!(number(&over, "done") + number(&over, "abstained"), 12, "{over}");
    let told = desk.ok("batch.items", json!({ "id": id, "all": false }));
    let items = told["items"].as_array().expect("items");
    let cut = items.iter().find(|i| i["name"] == "cut.png").expect("named");
    assert_eq!(
        (&cut["state"], &cut["error"]["code"]),
        (&json!("refused"), &json!("image_broken")),
        "{cut}"
    );
    let silent = items.iter().find(|i| i["state"] == "abstained").expect("stripes are no film");
    assert!(silent["reason"].is_string() && silent["study"].is_string(), "{silent}");
    assert_eq!(analyses(&desk), [1; 12]);

    // The same folder again: nothing is taken in twice and nothing is run twice.
    desk.restart();
    desk.sign_in("ferreira");
    let again = start(&desk, folder.path());
    desk.backend().wait_for_analyses();
    let over = view(&desk, &again);
    assert_eq!((number(&over, "known"), number(&over, "refused")), (12, 1), "{over}");
    assert_eq!(analyses(&desk), [1; 12]);
    // Asked by a person in front of one picture, it runs all the same.
    let study = text(silent, "study");
    let image = desk.ok("study.view", json!({ "id": study }))["images"][0]["id"].clone();
    desk.ok("analysis.start", json!({ "image": image, "pack": null }));
    desk.backend().wait_for_analyses();
    let seen = desk.ok("study.view", json!({ "id": study }));
    assert_eq!(seen["analyses"].as_array().map(Vec::len), Some(2));
    for id in [id, again] {
        desk.ok("batch.forget", json!({ "id": id }));
    }
    assert_eq!(desk.ok("batch.list", json!({}))["batches"], json!([]));
}

#[test]
fn what_was_not_done_when_the_program_ended_is_done_after_the_next_sign_in_and_only_once() {
    let mut desk = Desk::training();
    desk.sign_in("ferreira");
    let folder = folder(40);
    let id = start(&desk, folder.path());
    let mut ended = 0;
    // Cut off again and again, wherever it happens to be.
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(40));
        let now = view(&desk, &id);
        if now["state"] == "over" {
            break;
        }
        desk.restart();
        ended += 1;
        desk.sign_in("mbeki");
    }
    desk.backend().wait_for_analyses();
    let over = view(&desk, &id);
    assert!(ended > 1, "it was never cut off");
    assert_eq!((&over["state"], number(&over, "total")), (&json!("over"), 40), "{over}");
    // No pack is there, which is recorded as a failure of each.
    assert_eq!(number(&over, "failed"), 40, "{over}");
    assert_eq!(analyses(&desk), [1; 40], "each picture once, each analysis once");
    let list = desk.ok("study.worklist", json!({ "limit": 1 }));
    let study = desk.ok("study.view", json!({ "id": list["rows"][0]["id"] }));
    assert!(text(&study["analyses"][0], "askedBy").contains("Ferreira"), "{study}");
}

#[test]
fn a_pause_survives_a_restart_and_a_cancelled_batch_keeps_what_was_done() {
    let mut desk = Desk::training();
    desk.sign_in("ferreira");
    let folder = folder(60);
    let id = start(&desk, folder.path());
    until(&desk, &id, |b| number(b, "failed") > 2);
    desk.ok("batch.pause", json!({ "id": id }));
    desk.backend().wait_for_analyses();
    let paused = view(&desk, &id);
    assert_eq!(paused["state"], "paused", "{paused}");
    desk.restart();
    desk.sign_in("mbeki");
    desk.backend().wait_for_analyses();
    let still = view(&desk, &id);
    assert_eq!(still, paused, "nothing moved");
    desk.no("batch.forget", json!({ "id": id }), Code::BatchNotOver);
    // A picture that somebody asks for is not held up by it.
    let handle = desk.backend().hold_bytes("film.png", png(90)).expect("held").handle;
    desk.ok("study.import", json!({ "handles": [handle], "patient": null, "analyse": true }));
    desk.backend().wait_for_analyses();
    let queue = desk.ok("analysis.queue", json!({}));
    assert_eq!(
        (queue["jobs"].as_array().map(Vec::len), &queue["jobs"][0]["state"]),
        (Some(1), &json!("failed"))
    );

    desk.ok("batch.resume", json!({ "id": id }));
    let done = number(&paused, "failed");
    until(&desk, &id, |b| number(b, "failed") > done);
    desk.ok("batch.cancel", json!({ "id": id }));
    desk.backend().wait_for_analyses();
    let over = view(&desk, &id);
    assert_eq!(over["state"], "cancelled", "{over}");
    assert_eq!(number(&over, "failed") + number(&over, "cancelled"), 60, "{over}");
    let recorded: usize = analyses(&desk).iter().sum();
    assert_eq!(recorded as u64, number(&over, "failed") + 1, "the film beside it is one more");
    desk.no("batch.pause", json!({ "id": id }), Code::AnalysisNotRunning);
    desk.ok("batch.forget", json!({ "id": id }));
}

#[test]
fn somebody_who_may_not_ask_any_more_gets_nothing_done_in_their_name() {
    let mut desk = Desk::training();
    desk.sign_in("ferreira");
    let folder = folder(20);
    let id = start(&desk, folder.path());
    until(&desk, &id, |b| number(b, "failed") > 0);
    desk.ok("batch.pause", json!({ "id": id }));
    desk.backend().wait_for_analyses();
    let done = number(&view(&desk, &id), "failed");
    desk.restart();
    desk.sign_in("admin");
    let staff = desk.ok("staff.list", json!({}));
    let one = staff.as_array().expect("staff").iter().find(|s| s["user"] == "ferreira");
    let leaves = json!({ "id": one.expect("there")["id"], "active": false });
    desk.ok("staff.set_active", leaves);
    desk.sign_in("mbeki");
    desk.ok("batch.resume", json!({ "id": id }));
    desk.backend().wait_for_analyses();
    let over = view(&desk, &id);
    assert_eq!((number(&over, "failed"), number(&over, "refused")), (done, 20 - done), "{over}");
    let told = desk.ok("batch.items", json!({ "id": id, "all": false }));
    let refused =
        told["items"].as_array().expect("items").iter().filter(|i| i["state"] == "refused");
    assert!(refused.clone().count() > 0);
    for item in refused {
        assert_eq!(item["error"]["code"], "forbidden", "{item}");
    }
    assert_eq!(analyses(&desk).iter().sum::<usize>() as u64, done);
}

#[test]
fn what_a_page_sent_and_is_not_held_any_more_says_so() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    let sent = desk.backend().hold_bytes("sent.png", png(50)).expect("held").handle;
    let ask = json!({ "handles": [sent, "file-nobody-has"], "task": null, "network": null });
    let id = text(&desk.ok("batch.start", ask), "id");
    desk.backend().wait_for_analyses();
    let over = view(&desk, &id);
    assert_eq!((number(&over, "failed"), number(&over, "refused")), (1, 1), "{over}");
    let told = desk.ok("batch.items", json!({ "id": id, "all": true }));
    let gone = told["items"].as_array().expect("items").iter().find(|i| i["state"] == "refused");
    assert_eq!(gone.expect("told")["error"]["args"]["why"], "gone");
}

#[test]
fn a_disk_that_fills_in_mid_queue_stops_it_with_its_reason_and_nothing_is_lost() {
    let place = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(place.path(), "14m") else {
        eprintln!("SKIPPED 1: a small disk cannot be mounted here (it needs root on Linux)");
        return;
    };
    let home = disk.path().join("home");
    let options = || Options {
        home: home.clone(),
        clock: Arc::new(ManualClock::at("2026-11-20T12:00:00Z".parse().expect("an instant"))),
        cost: Some(Cost::minimum_for_tests()),
        packs: place.path().join("no packs"),
        keyring: false,
        decoder: None,
        receives: false,
    };
    let mut desk = Desk::training();
    desk.stop();
    let backend = Backend::start(options());
    backend.call("setup.look_around", json!({})).expect("a facility");
    desk.backend = Some(backend);
    desk.sign_in("ferreira");
    let ballast = disk.path().join("ballast");
    let fill = |spare: u64| {
        let mut file = std::fs::File::create(&ballast).expect("made");
        while std::io::Write::write(&mut file, &[7; 4096]).is_ok_and(|n| n > 0) {}
        let length = file.metadata().expect("there").len();
        file.set_len(length.saturating_sub(spare)).expect("shorter");
    };
    let folder = folder(90);
    fill(400_000);
    let id = start(&desk, folder.path());
    let halted = |desk: &Desk| desk.ok("batch.list", json!({}))["halted"].clone();
    let mut stops = 0;
    for spare in [300_000, 500_000, 0] {
        desk.backend().wait_for_analyses();
        let why = halted(&desk);
        if why.is_null() {
            break;
        }
        stops += 1;
        assert_eq!((&why["code"], &why["kind"]), (&json!("disk_full"), &json!("refusal")));
        let now = view(&desk, &id);
        assert!(number(&now, "refused") == 0, "a full disk is not the file's fault: {now}");
        // Going on without room says the same and loses nothing.
        desk.ok("analysis.go_on", json!({}));
        desk.backend().wait_for_analyses();
        assert_eq!(halted(&desk)["code"], "disk_full");
        std::fs::remove_file(&ballast).expect("removed");
        if spare > 0 {
            fill(spare);
        }
        desk.ok("analysis.go_on", json!({}));
    }
    desk.backend().wait_for_analyses();
    assert!(stops > 0, "the disk never filled");
    let over = view(&desk, &id);
    assert_eq!((&over["state"], number(&over, "failed")), (&json!("over"), 90), "{over}");
    assert_eq!(analyses(&desk), [1; 90]);
    desk.stop();
    desk.backend = Some(Backend::start(options()));
    let proof = desk.backend().verify_with(None).expect("it opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
    desk.stop();
}
