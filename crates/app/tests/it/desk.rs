//! Drafts, the scanner's settings, the recovery code: what belongs to this desk.

use super::*;

const PASSWORD: &str = "correct horse battery";

/// A real facility, set up by grace; the recovery code is answered and not yet typed back.
fn set_up(desk: &Desk) -> String {
    let set_up = json!({
        "facility": "Lakeside", "zone": "Africa/Nairobi", "profile": "who", "language": "en",
        "adminUser": "grace", "adminName": "Grace", "adminPassword": PASSWORD,
    });
    text(&desk.ok("setup.facility", set_up), "recoveryCode")
}

fn grace(desk: &Desk) -> Value {
    desk.ok("session.sign_in", json!({ "user": "grace", "password": PASSWORD }))
}

#[test]
fn a_draft_survives_a_lock_and_a_restart_and_is_nobody_elses() {
    let mut desk = Desk::training();
    desk.sign_in("joseph");
    let form = r#"{"family":"Okonkwo","given":""}"#;
    desk.ok("draft.put", json!({ "screen": "patient.register", "body": form }));
    desk.ok("session.lock", json!({}));
    desk.no("draft.get", json!({ "screen": "patient.register" }), Code::ScreenLocked);
    desk.restart();
    desk.sign_in("amina");
    let other = desk.ok("draft.get", json!({ "screen": "patient.register" }));
    assert_eq!(other["body"], Value::Null, "another person sees nothing of it");
    desk.ok("draft.drop", json!({ "screen": "patient.register" }));
    desk.sign_in("joseph");
    let draft = desk.ok("draft.get", json!({ "screen": "patient.register" }));
    assert_eq!(draft["body"], form);
    assert_eq!(draft["at"], "2026-11-20T12:00:00.000000Z");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
    desk.ok("draft.drop", json!({ "screen": "patient.register" }));
    let gone = desk.ok("draft.get", json!({ "screen": "patient.register" }));
    assert_eq!(gone["body"], Value::Null);
}

#[test]
fn a_draft_is_dropped_after_seven_days() {
    let desk = Desk::training();
    desk.sign_in("joseph");
    desk.ok("draft.put", json!({ "screen": "a", "body": "[1]" }));
    desk.clock.advance(TimeDelta::days(7));
    desk.sign_in("joseph");
    assert_eq!(desk.ok("draft.get", json!({ "screen": "a" }))["body"], "[1]");
    desk.clock.advance(TimeDelta::minutes(1));
    assert_eq!(desk.ok("draft.get", json!({ "screen": "a" }))["body"], Value::Null);
}

#[test]
fn a_draft_has_bounds() {
    let desk = Desk::training();
    desk.sign_in("joseph");
    let no = |screen: &str, body: &str| {
        desk.no("draft.put", json!({ "screen": screen, "body": body }), Code::Malformed);
    };
    no("", "{}");
    no(&"x".repeat(65), "{}");
    no("a", "{");
    no("a", &format!("\"{}\"", "x".repeat(1 << 20)));
    // The longest report there can be, every character of it written as two.
    let section = json!({ "name": "findings", "text": "\n".repeat(16 * 1024) });
    let report = json!({ "template": "ct", "sections": vec![section; 12], "revision": 1 });
    desk.ok("draft.put", json!({ "screen": "a", "body": report.to_string() }));
    assert_eq!(desk.ok("draft.get", json!({ "screen": "a" }))["body"], report.to_string());
    for n in 0..60 {
        desk.clock.advance(TimeDelta::seconds(1));
        desk.ok("draft.put", json!({ "screen": format!("s{n}"), "body": "{}" }));
    }
    assert_eq!(desk.ok("draft.get", json!({ "screen": "s9" }))["body"], Value::Null);
    assert_eq!(desk.ok("draft.get", json!({ "screen": "s10" }))["body"], "{}");
}

#[test]
fn the_scanner_keeps_what_was_measured_here() {
    let mut desk = Desk::training();
    let first = desk.ok("scanner.get", json!({}));
    assert_eq!((&first["gapMs"], &first["silenceMs"]), (&json!(120), &json!(150)));
    assert_eq!(first["measuredAt"], Value::Null);
    let set = json!({ "prefix": "]C0", "suffix": "Enter", "gapMs": 30, "layout": "US" });
    desk.sign_in("amina");
    desk.no("scanner.set", set.clone(), Code::Forbidden);
    desk.sign_in("admin");
    for (name, bad) in [
        ("gapMs", json!(4)),
        ("gapMs", json!(501)),
        ("prefix", json!("123456789")),
        ("suffix", json!("\n")),
        ("layout", json!("x".repeat(65))),
    ] {
        let mut set = set.clone();
        set[name] = bad;
        desk.no("scanner.set", set, Code::Malformed);
    }
    desk.ok("scanner.set", set);
    desk.restart();
    let kept = desk.ok("scanner.get", json!({}));
    assert_eq!((&kept["prefix"], &kept["suffix"]), (&json!("]C0"), &json!("Enter")));
    assert_eq!((&kept["gapMs"], &kept["measuredAt"].is_string()), (&json!(30), &true));
}

#[test]
fn a_recovery_code_that_was_never_typed_back_is_asked_for_after_a_restart() {
    let mut desk = Desk::empty();
    let lost = set_up(&desk);
    desk.restart();
    assert_eq!(desk.door(), "sign_in");
    assert_eq!(grace(&desk)["door"], "confirm_recovery");
    let first = text(&desk.ok("recovery.renew", json!({})), "recoveryCode");
    let code = text(&desk.ok("recovery.renew", json!({})), "recoveryCode");
    for old in [lost, first] {
        desk.no("recovery.confirm", json!({ "code": old }), Code::RecoveryCodeWrong);
    }
    assert_eq!(desk.ok("recovery.confirm", json!({ "code": code }))["door"], "signed_in");
    desk.restart();
    assert_eq!(grace(&desk)["door"], "signed_in", "it is asked for once");
}

#[test]
fn an_old_recovery_code_opens_until_the_new_one_is_typed_back() {
    let mut desk = Desk::empty();
    let old = set_up(&desk);
    desk.ok("setup.confirm", json!({ "code": old }));
    let new = text(&desk.ok("recovery.renew", json!({})), "recoveryCode");
    desk.restart();
    assert_eq!(grace(&desk)["door"], "signed_in", "the old sheet of paper still stands");
    desk.ok("recovery.confirm", json!({ "code": new }));
    desk.ok("session.sign_out", json!({}));
    let recover = |code: &str| json!({ "code": code, "user": "grace", "newPassword": PASSWORD });
    desk.no("session.recover", recover(&old), Code::RecoveryCodeWrong);
    desk.ok("session.recover", recover(&new));
}

#[test]
fn a_training_facility_needs_no_recovery_code() {
    let desk = Desk::training();
    desk.sign_in("admin");
    desk.no("recovery.renew", json!({}), Code::NotInTraining);
    desk.sign_in("amina");
    desk.no("recovery.renew", json!({}), Code::Forbidden);
}

#[test]
fn a_preference_is_one_persons_and_stays() {
    let mut desk = Desk::training();
    desk.sign_in("khan");
    let get = || json!({ "name": "viewer_keys" });
    let put = |body: &str| json!({ "name": "viewer_keys", "body": body });
    assert_eq!(desk.ok("preference.get", get())["body"], Value::Null);
    desk.ok("preference.put", put("{\"fit\":\"G\"}"));
    desk.sign_in("ferreira");
    assert_eq!(desk.ok("preference.get", get())["body"], Value::Null);
    desk.restart();
    desk.clock.advance(TimeDelta::days(400));
    desk.sign_in("khan");
    assert_eq!(desk.ok("preference.get", get())["body"], "{\"fit\":\"G\"}");
    desk.no("preference.put", put("{"), Code::Malformed);
    desk.no("preference.put", put(&format!("\"{}\"", "x".repeat(8 << 10))), Code::Malformed);
    desk.no("preference.put", json!({ "name": "else", "body": "1" }), Code::Malformed);
}

#[test]
fn a_forgotten_password_is_set_anew_and_ones_own_is_changed() {
    let mut desk = Desk::empty();
    let code = set_up(&desk);
    desk.ok("setup.confirm", json!({ "code": code }));
    let add = json!({
        "user": "luis", "displayName": "Luis", "role": "nurse", "password": "the first one",
    });
    let luis = text(&desk.ok("staff.add", add), "id");
    let enter = |password: &str| json!({ "user": "luis", "password": password });
    let set = |id: &str, password: &str| json!({ "id": id, "password": password });

    // He guesses until the door waits; whoever manages the staff lets him in again.
    desk.ok("session.sign_out", json!({}));
    for _ in 0..5 {
        desk.no("session.sign_in", enter("a guess of mine"), Code::WrongPassword);
    }
    desk.no("session.sign_in", enter("the first one"), Code::LockedOut);
    grace(&desk);
    desk.no("staff.set_password", set(&luis, "short"), Code::PasswordTooShort);
    desk.no("staff.set_password", set("x", "the second one"), Code::NotFound);
    desk.ok("staff.set_password", set(&luis, "the second one"));
    desk.ok("session.sign_out", json!({}));
    desk.no("session.sign_in", enter("the first one"), Code::WrongPassword);
    desk.ok("session.sign_in", enter("the second one"));
    desk.no("staff.set_password", set(&luis, "the third one!"), Code::Forbidden);

    // His own, with the old one.
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    let own = "session.change_password";
    desk.no(own, change("the first one", "mine alone now"), Code::WrongPassword);
    desk.no(own, change("the second one", "short"), Code::PasswordTooShort);
    desk.ok(own, change("the second one", "mine alone now"));
    desk.restart();
    desk.no("session.sign_in", enter("the second one"), Code::WrongPassword);
    desk.ok("session.sign_in", enter("mine alone now"));

    // Somebody who left opens nothing, is given nothing, and starts anew when back.
    grace(&desk);
    let active = |active: bool| json!({ "id": luis, "active": active });
    desk.ok("staff.set_active", active(false));
    desk.no("staff.set_password", set(&luis, "the third one!"), Code::NotFound);
    desk.ok("staff.set_active", active(true));
    desk.no("session.sign_in", enter("mine alone now"), Code::WrongPassword);
    desk.ok("staff.set_password", set(&luis, "the third one!"));
    desk.ok("session.sign_in", enter("the third one!"));
    assert_eq!(
        desk.backend().verify_with(Some(("grace", PASSWORD))).expect("opens").verdict,
        app::Verdict::Whole
    );
}

#[test]
fn nobody_changes_the_printed_password_of_a_training_facility() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let change = json!({ "old": "training", "new": "mine alone now" });
    desk.no("session.change_password", change, Code::NotInTraining);
    desk.sign_in("admin");
    let staff = desk.ok("staff.list", json!({}));
    let set = json!({ "id": staff[0]["id"], "password": "mine alone now" });
    desk.no("staff.set_password", set, Code::NotInTraining);
}
