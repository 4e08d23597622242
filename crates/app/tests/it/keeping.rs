//! What lies on the disk: who may read it, what a backup may touch, what a restore says, and what
//! the operating system leaves about.

use super::*;
use std::fs;
use std::path::Path;

const PASSWORD: &str = "correct horse battery";

fn set_up(change: impl Fn(&mut Value)) -> Value {
    let mut set_up = json!({
        "facility": "Hill Clinic", "zone": "Africa/Nairobi", "profile": "who", "language": "en",
        "adminUser": "grace", "adminName": "Grace Lindqvist", "adminPassword": PASSWORD,
    });
    change(&mut set_up);
    set_up
}

/// A training facility and a copy of it.
fn backed_up(usb: &Path) -> Desk {
    let desk = Desk::training();
    desk.sign_in("admin");
    desk.ok("backup.make", json!({ "path": usb.join("copy") }));
    desk
}

#[test]
fn a_facility_has_a_profile_that_exists_and_an_administrator_who_can_type_their_name() {
    let desk = Desk::empty();
    let no = |name: &str, value: &str, code| {
        let asked = set_up(|s| s[name] = json!(value));
        desk.no("setup.facility", asked, code)
    };
    let said = no("profile", "xx", Code::Malformed);
    assert!(said.args["detail"].contains("who, fda, eu, uk, in"), "{said:?}");
    no("zone", "Nowhere/Land", Code::Malformed);
    for name in ["../grace", "grace\u{200b}", "a b", "g\u{7}race"] {
        no("adminUser", name, Code::UserNameUnfit);
    }
    assert_eq!(desk.door(), "empty", "nothing was begun");
    desk.ok("setup.facility", set_up(|_| {}));
}

#[test]
fn a_colleague_has_a_name_that_can_be_seen_and_typed() {
    let desk = Desk::training();
    desk.sign_in("admin");
    let add = |user: &str| json!({ "user": user, "displayName": "X", "role": "nurse", "password": PASSWORD });
    desk.no("staff.add", add("ro\u{ad}sa"), Code::UserNameUnfit);
    desk.no("staff.add", add("rosa/x"), Code::UserNameUnfit);
    desk.ok("staff.add", add("Rosa.N-2"));
}

#[test]
fn a_backup_touches_no_file_that_is_there_and_no_other_home() {
    let usb = tempfile::tempdir().expect("a folder");
    let desk = backed_up(usb.path());
    let read = |name: &str| fs::read(usb.path().join(name)).expect("a file");
    let before = (read("copy"), read("copy.keyslots"));
    let to = |path: &Path| json!({ "path": path });
    let other = Desk::training();
    other.sign_in("admin");
    let again = other.no("backup.make", to(&usb.path().join("copy")), Code::HomeUnsuitable);
    assert_eq!(again.args["why"], "backup_other_file");
    assert_eq!((read("copy"), read("copy.keyslots")), before);
    let into = other.no("backup.make", to(&desk.home.path().join("x")), Code::HomeUnsuitable);
    assert_eq!(into.args["why"], "backup_in_home");
    assert!(!desk.home.path().join("x").exists());
    assert_eq!(fs::read_dir(usb.path()).expect("a folder").count(), 2);
}

#[test]
fn a_restore_says_whose_copy_it_was_and_knows_who_asks() {
    let usb = tempfile::tempdir().expect("a folder");
    drop(backed_up(usb.path()));
    let copy = usb.path().join("copy");
    let root = tempfile::tempdir().expect("a folder");
    let home = root.path().join("home");
    for who in [("nobody", "training"), ("admin", "wrong password")] {
        let refused = app::restore(&home, &copy, Some(who)).expect_err("nobody here");
        assert_eq!(refused.code, Code::WrongPassword);
        assert!(!home.exists(), "nothing is left");
    }
    let made = app::restore(&home, &copy, Some(("amina", "training"))).expect("restored");
    assert_eq!(made.facility, "Lakeside Training Hospital");
    assert!(made.training);
    assert_eq!(made.epoch, 2);
    assert!(made.last_command.is_some_and(|at| at.starts_with("2026-11-20T12:00:00")));
}

#[test]
fn what_the_operating_system_leaves_is_noticed_and_is_no_sign_of_tampering() {
    let desk = Desk::empty();
    let put = |name: &str| fs::write(desk.home.path().join(name), "x").expect("written");
    for name in [".DS_Store", "Thumbs.db", "desktop.ini"] {
        put(name);
    }
    desk.ok("setup.look_around", json!({}));
    let proof = || desk.backend().verify_with(None).expect("a proof");
    let whole = proof();
    assert_eq!((whole.verdict, whole.findings), (app::Verdict::Whole, vec![]));
    assert_eq!(whole.noticed.len(), 3);
    assert!(whole.noticed.iter().all(|n| n.what == "system_file"));
    put("letter.txt");
    assert_eq!(proof().verdict, app::Verdict::Tampered);
}

#[cfg(unix)]
#[test]
fn nobody_else_on_the_computer_may_read_a_home_or_a_backup() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().expect("a folder");
    let home = root.path().join("made/home");
    app::make_training_facility(&home).expect("a facility");
    let usb = root.path().join("usb");
    fs::create_dir(&usb).expect("a folder");
    let backend = Backend::start(Options { keyring: false, ..Options::at(&home) });
    let sign_in = json!({ "user": "admin", "password": "training" });
    backend.call("session.sign_in", sign_in).expect("signed in");
    backend.call("backup.make", json!({ "path": usb.join("copy") })).expect("copied");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    for folder in [&home, &root.path().join("made")] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    let mut seen = 0;
    for folder in [&home, &usb] {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            seen += 1;
        }
    }
    assert!(
        seen >= 8,
        "store, log, key slots, head, attempts, lock, copy and its key slots: {seen}"
    );
    backend.close();
    let again = root.path().join("again");
    app::restore(&again, &usb.join("copy"), None).expect("restored");
    for entry in fs::read_dir(&again).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_file_is_held_for_somebody_at_the_keyboard_only() {
    let desk = Desk::training();
    let hold = || desk.backend().hold_bytes("a.png", vec![1; 10]).map_err(|e| e.code);
    assert_eq!(hold().err(), Some(Code::NotSignedIn));
    desk.sign_in("khan");
    assert!(hold().is_ok());
    desk.ok("session.lock", json!({}));
    assert_eq!(hold().err(), Some(Code::ScreenLocked));
}

#[test]
fn whoever_sees_no_patients_learns_of_no_hospital_number() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let found = desk.ok("patient.search", json!({ "text": "Ramirez", "limit": 5 }));
    let (id, number) = (text(&found["rows"][0], "id"), text(&found["rows"][0], "hospitalNumber"));
    let read = |text: &str, typed: bool| {
        desk.call("scan.read", json!({ "text": text, "typed": typed })).map_err(|e| e.code)
    };
    let wristband = format!("&#01{:02}{number}", number.chars().count());
    let known = |answer: &Result<Value, Code>| {
        answer.as_ref().is_ok_and(|a| a["parts"][0]["patient"] == json!(id))
    };
    for (said, typed) in [(&number, true), (&number, false), (&wristband, false)] {
        assert!(known(&read(said, typed)), "{said}");
    }
    // A number of the same shape that nobody has.
    let last = number.chars().next_back().expect("a number");
    let next = if last == '9' { '8' } else { '9' };
    let other = format!("{}{next}", &number[..number.len() - 1]);
    for user in ["admin", "audit"] {
        desk.sign_in(user);
        let same = |a: Result<Value, Code>, b: Result<Value, Code>| match (a, b) {
            (Ok(a), Ok(b)) => {
                let (a, b) = (a.to_string(), b.to_string());
                a.replace(&number, &other) == b
            }
            (a, b) => a == b,
        };
        for typed in [true, false] {
            assert!(same(read(&number, typed), read(&other, typed)), "{user} {typed}");
        }
        let band = |n: &str| format!("&#01{:02}{n}", n.chars().count());
        assert!(same(read(&band(&number), false), read(&band(&other), false)), "{user}");
    }
}

#[test]
fn set_up_enables_only_the_packs_whose_terms_were_agreed_to() {
    let enabled = |allow: Value| {
        let mut desk = Desk::empty();
        desk.packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
        desk.restart();
        let asked = set_up(|s| s["allow"] = allow.clone());
        let code = text(&desk.ok("setup.facility", asked), "recoveryCode");
        desk.ok("setup.confirm", json!({ "code": code }));
        let list = desk.ok("model.list", json!({}));
        let packs = list["packs"].as_array().expect("packs").clone();
        let classes = packs.iter().filter(|p| p["enabled"] == true);
        let mut classes: Vec<String> = classes.map(|p| text(p, "licenceClass")).collect();
        classes.sort();
        classes.dedup();
        let signed = desk.ok("proof.verify", json!({}));
        (classes, text(&signed, "verdict"))
    };
    assert_eq!(enabled(json!([])).0, ["open"]);
    let (classes, verdict) = enabled(json!(["research_only"]));
    assert_eq!(classes, ["open", "research_only"]);
    assert_eq!(verdict, "whole");
    assert_eq!(enabled(json!(["research_only", "non_commercial"])).0.len(), 3);
}
