//! A patient's death, and a death that was recorded by mistake, through the real store.

use super::bedside::Ward;
use super::*;

const NURSE: &str = "mbeki";

fn died(desk: &Desk, patient: &str, minutes_ago: i64) -> Value {
    json!({ "patient": patient, "wall": desk.on_paper(minutes_ago, NURSE)["wall"] })
}

fn view(desk: &Desk, patient: &str) -> Value {
    desk.ok("patient.view", json!({ "id": patient }))
}

fn withdraw(desk: &Desk, patient: &str, reason: &str, second: Value) -> Value {
    let at = view(desk, patient)["died"].clone();
    json!({ "patient": patient, "at": at, "reason": reason, "second": second })
}

fn physician() -> Value {
    json!({ "user": "ferreira", "password": "training" })
}

/// Uncrossmatched, by a physician who signs at once.
fn emergency(mut ask: Value) -> Value {
    ask["emergency"] =
        json!({ "physician": "ferreira", "justification": "Bleeding", "password": "training" });
    ask
}

#[test]
fn s68_nothing_is_issued_promised_or_begun_for_who_has_died_and_a_mistake_is_taken_back() {
    let ward = Ward::open();
    let (desk, smith) = (&ward.desk, ward.smith.clone());
    let checked = ward.out(681);
    let out = ward.out(682);
    let ready = desk.receive(683, Abo::A, Rhd::Negative);
    desk.crossmatched(&ready, &smith);
    let spare = desk.receive(684, Abo::O, Rhd::Negative);
    desk.retyped(&spare);
    let (held, free) =
        (desk.receive(685, Abo::A, Rhd::Negative), desk.receive(686, Abo::A, Rhd::Negative));
    desk.sign_in("ferreira");
    let request = desk.place(&smith, 2, "urgent");
    desk.sign_in("amina");
    let allocate = json!({ "request": request, "units": [held], "override": null, "second": null });
    desk.ok("request.allocate", allocate.clone());
    assert_eq!(desk.status_of(&held), "reserved");
    desk.sign_in(NURSE);
    desk.ok("bedside.check", ward.check(&checked, "ferreira"));

    desk.no("patient.died", died(desk, &smith, -1), Code::TimeNotPossible);
    let unborn = json!({ "patient": smith, "wall": "1958-03-04T12:00" });
    desk.no("patient.died", unborn, Code::TimeNotPossible);
    desk.no("patient.died", json!({ "patient": smith, "wall": "today" }), Code::Malformed);
    desk.ok("patient.died", died(desk, &smith, 5));
    desk.no("patient.died", died(desk, &smith, 4), Code::Changed);
    let seen = view(desk, &smith);
    assert!(text(&seen, "died").starts_with("2026-11-20T11:55:00"), "{}", seen["died"]);
    let found = desk.ok("patient.search", json!({ "text": "smith john", "limit": 5 }));
    assert_eq!(found["rows"][0]["deceased"], true);

    // What was held is free for somebody who lives; the request stays, without the bag.
    assert_eq!(desk.status_of(&held), "available");
    let row = desk.ok("request.view", json!({ "id": request }))["row"].clone();
    assert_eq!((&row["status"], &row["allocated"]), (&json!("open"), &json!(0)), "{row}");
    // Nothing is begun, not even what had been checked.
    desk.no("bedside.start", ward.start(&checked), Code::PatientDeceased);
    desk.no("bedside.check", ward.check(&out, "ferreira"), Code::PatientDeceased);
    desk.sign_in("ferreira");
    let order = json!({
        "patient": smith, "component": "red_cells", "count": 1, "urgency": "emergency",
        "indication": "anaemia", "measured": [], "needs": [], "freshDays": null,
        "neededBy": "2026-11-20T18:00:00Z", "consent": true,
    });
    desk.no("request.place", order.clone(), Code::PatientDeceased);
    let massive = json!({ "patient": smith, "reason": "Bleeding" });
    desk.no("protocol.activate", massive, Code::PatientDeceased);
    desk.sign_in("amina");
    let give = desk.issue(&ready, &smith, Value::Null, Value::Null);
    desk.no("issue.give", give.clone(), Code::PatientDeceased);
    let uncrossmatched = emergency(desk.issue(&spare, &smith, Value::Null, Value::Null));
    desk.no("issue.give", uncrossmatched.clone(), Code::PatientDeceased);
    desk.no("unit.reserve", json!({ "unit": free, "patient": smith }), Code::PatientDeceased);
    desk.no("request.allocate", allocate.clone(), Code::PatientDeceased);

    // A mistake is taken back by two of those who may record a death.
    desk.sign_in(NURSE);
    let why = "The record of another patient";
    let take = |reason: &str, second: Value| withdraw(desk, &smith, reason, second);
    desk.no("patient.died_withdraw", take(why, Value::Null), Code::SecondPersonNeeded);
    let scientist = json!({ "user": "amina", "password": "training" });
    desk.no("patient.died_withdraw", take(why, scientist), Code::SecondPersonRefused);
    desk.no("patient.died_withdraw", take("\u{200b}", physician()), Code::ReasonMissing);
    let mut stale = take(why, physician());
    stale["at"] = json!("2026-11-20T11:54:00Z");
    desk.no("patient.died_withdraw", stale, Code::Changed);
    let again = take(why, physician());
    desk.ok("patient.died_withdraw", again.clone());
    desk.no("patient.died_withdraw", again, Code::Changed);
    let seen = view(desk, &smith);
    assert_eq!(seen["died"], Value::Null);
    let told: Vec<&Value> =
        seen["timeline"].as_array().expect("lines").iter().map(|line| &line["what"]).collect();
    assert_eq!(told[0], "death_withdrawn", "{told:?}");
    assert!(told.contains(&&json!("death_recorded")), "both stand in the record: {told:?}");
    assert_eq!(seen["timeline"][0]["args"]["reason"], why);
    desk.ok("bedside.start", ward.start(&checked));
    desk.ok("bedside.check", ward.check(&out, "ferreira"));
    desk.sign_in("ferreira");
    desk.ok("request.place", order);
    desk.sign_in("amina");
    desk.ok("request.allocate", allocate);
    desk.ok("issue.give", give);
    desk.ok("issue.give", uncrossmatched);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_transfusion_that_runs_when_the_patient_dies_is_watched_stopped_and_its_outcome_said() {
    let ward = Ward::open();
    let desk = &ward.desk;
    let (stopped, ended) = (ward.running(691), {
        desk.sign_in("amina");
        ward.running(692)
    });
    ward.later(20);
    desk.ok("patient.died", died(desk, &ward.smith, 1));
    assert_eq!(ward.view(&stopped)["row"]["stand"], "running", "the record stays open");
    ward.observe(&stopped, 365);
    desk.ok(
        "bedside.stop",
        json!({ "issue": stopped.issue, "reason": "The patient has died", "vitals": null, "findings": null }),
    );
    let vitals = json!({ "temperature": 360, "pulse": 0, "systolic": 0, "diastolic": 0 });
    desk.ok("bedside.end", json!({ "issue": ended.issue, "vitals": vitals, "volumeMl": 120 }));
    desk.ok(
        "bedside.outcome",
        json!({ "issue": ended.issue, "outcome": "uneventful", "findings": null }),
    );
    let list = desk.ok("bedside.list", json!({}));
    assert_eq!(list["running"], json!([]), "{list}");
}

#[test]
fn what_was_given_before_a_death_and_is_entered_after_it_was_given_to_somebody_alive() {
    let ward = Ward::open();
    let (desk, smith) = (&ward.desk, &ward.smith);
    let unit = desk.receive(695, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, smith);
    ward.later(60);
    desk.ok("patient.died", died(desk, smith, 20));
    desk.sign_in("amina");
    let mut give = desk.issue(&unit, smith, Value::Null, Value::Null);
    give["happened"] = desk.on_paper(10, "luis");
    let error = desk.no("issue.give", give.clone(), Code::PatientDeceased);
    assert_eq!(error.kind, ErrorKind::NeedsOverride, "paper is kept with the rule it broke");
    give["happened"] = desk.on_paper(40, "luis");
    desk.ok("issue.give", give);
}
