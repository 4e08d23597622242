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
    no("a", &format!("\"{}\"", "x".repeat(65_536)));
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
