//! A computer whose clock cannot be right, and the way back (docs/decisions/0010-clock.md).

use super::*;

const YEARS: TimeDelta = TimeDelta::days(3_650);

fn status(desk: &Desk) -> Value {
    desk.ok("app.status", json!({}))
}

fn confirm(desk: &Desk, reason: &str) -> Value {
    json!({
        "wall": status(desk)["clock"]["wall"],
        "reason": reason,
        "second": { "user": "mbeki", "password": "training" },
    })
}

#[track_caller]
fn is_whole(desk: &Desk) {
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_start_with_a_clock_ten_years_ahead_leaves_no_trace() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    let unit = desk.receive(80, Abo::O, Rhd::Positive);
    let before = desk.ok("unit.board", json!({}))["totals"].clone();
    desk.clock.advance(YEARS);
    desk.restart();
    desk.sign_in("amina");
    let doubted = status(&desk);
    assert_eq!(
        (&doubted["clockSuspect"], &doubted["clock"]["ahead"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(doubted["now"], "2026-11-20T12:00:00.000000Z", "the last record's time stands");
    let smith = desk.patient("smith john");
    let reserve = json!({ "unit": unit, "patient": smith });
    desk.no("unit.reserve", reserve, Code::UnitExpiryUnsure);
    assert_eq!(desk.ok("unit.board", json!({}))["totals"], before, "nothing has expired");
    desk.ok("unit.quarantine", json!({ "unit": unit, "reason": "Restricting waits for no clock" }));

    // Somebody sets the clock right: no confirmation is needed, nothing was written in 2036.
    desk.clock.advance(TimeDelta::hours(1) - YEARS);
    desk.restart();
    desk.sign_in("amina");
    let sound = status(&desk);
    assert_eq!((&sound["clockSuspect"], &sound["clock"]), (&json!(false), &Value::Null));
    assert_eq!(sound["now"], "2026-11-20T13:00:00.000000Z");
    is_whole(&desk);
}

#[test]
fn a_facility_that_wrote_under_a_wrong_year_finds_its_way_back() {
    let mut desk = Desk::empty();
    desk.clock.advance(YEARS);
    desk.ok("setup.look_around", json!({}));
    desk.sign_in("amina");
    desk.clock.advance(-YEARS);
    desk.restart();
    desk.sign_in("admin");
    let doubted = status(&desk);
    assert_eq!(
        (&doubted["clockSuspect"], &doubted["clock"]["ahead"]),
        (&json!(true), &json!(false))
    );
    desk.ok("clock.confirm", confirm(&desk, "The battery of the computer was empty"));
    let sound = status(&desk);
    assert_eq!(
        (&sound["clockSuspect"], &sound["now"]),
        (&json!(false), &json!("2026-11-20T12:00:00.000000Z"))
    );

    // It stays right after a restart, and a bag is received and issued as of today.
    desk.restart();
    desk.sign_in("amina");
    assert_eq!(status(&desk)["clockSuspect"], false);
    let unit = desk.receive(81, Abo::A, Rhd::Negative);
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    desk.crossmatched(&unit, &smith);
    desk.ok("issue.give", desk.issue(&unit, &smith, Value::Null, Value::Null));
    let view = desk.ok("unit.view", json!({ "id": unit }));
    assert_eq!(view["history"][0]["at"], "2026-11-20T12:00:00.000000Z");
    is_whole(&desk);
    desk.sign_in("audit");
    let proof = desk.ok("proof.verify", json!({}));
    assert_eq!(proof["verdict"], "whole", "{proof}");
    assert_eq!(proof["noticed"][0]["what"], "clock_confirmed", "{proof}");
}

#[test]
fn a_long_pause_is_confirmed_and_then_time_goes_on() {
    let desk = Desk::training();
    desk.clock.advance(TimeDelta::days(30));
    desk.sign_in("admin");
    assert_eq!(status(&desk)["clock"]["ahead"], true);
    desk.ok("clock.confirm", confirm(&desk, "We were closed for a month"));
    assert_eq!(status(&desk)["now"], "2026-12-20T12:00:00.000000Z");
    desk.sign_in("amina");
    let board = desk.ok("unit.board", json!({}));
    assert!(board["totals"]["expired"].as_u64().is_some_and(|n| n > 0), "{board}");
    is_whole(&desk);
}

#[test]
fn a_clock_is_confirmed_by_two_who_may_with_a_reason_and_only_when_it_is_doubted() {
    let desk = Desk::training();
    desk.sign_in("admin");
    let sound = json!({ "wall": "2026-11-20T12:00:00Z", "reason": "because", "second": null });
    desk.no("clock.confirm", sound, Code::Changed);
    desk.clock.advance(YEARS);
    desk.sign_in("admin");
    let ask = confirm(&desk, "Compared with the radio");
    let with = |name: &str, value: Value| {
        let mut ask = ask.clone();
        ask[name] = value;
        ask
    };
    desk.no("clock.confirm", with("reason", json!("\u{200b}")), Code::ReasonMissing);
    desk.no("clock.confirm", with("second", Value::Null), Code::SecondPersonNeeded);
    let wrong = json!({ "user": "mbeki", "password": "guess" });
    desk.no("clock.confirm", with("second", wrong), Code::SecondPersonRefused);
    desk.no("clock.confirm", with("wall", json!("2026-11-20T12:00:00Z")), Code::Changed);
    desk.no("clock.confirm", with("wall", json!("soon")), Code::Malformed);
    desk.sign_in("mbeki");
    desk.no("clock.confirm", ask.clone(), Code::Forbidden);
    // Who gives out blood may, with somebody else: a bag is waited for.
    desk.sign_in("amina");
    desk.no("clock.confirm", with("second", Value::Null), Code::SecondPersonNeeded);
    desk.ok("clock.confirm", with("second", json!({ "user": "luis", "password": "training" })));
    is_whole(&desk);
}
