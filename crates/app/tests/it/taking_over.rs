//! One person under two patient records, through the real store (bloodbank.md 6, scenario 20).

use super::*;

fn view(desk: &Desk, patient: &str) -> Value {
    desk.ok("patient.view", json!({ "id": patient }))
}

fn register(desk: &Desk, family: &str, given: &str) -> String {
    let ask = json!({
        "family": family, "given": given, "sex": "male",
        "override": { "rules": ["possible_duplicate"], "reason": "Brought without papers" },
    });
    text(&desk.ok("patient.register", ask), "id")
}

fn take_over(patient: &str, of: &str, reason: &str, second: &str) -> Value {
    json!({
        "patient": patient, "of": of, "reason": reason,
        "second": { "user": second, "password": "training" },
    })
}

fn anti_k(desk: &Desk, patient: &str) {
    desk.ok(
        "history.antibody",
        json!({
            "patient": patient, "antigen": "K", "words": null, "foundOn": "2019-03-01",
            "toldBy": "Transfusion card of the regional hospital",
        }),
    );
}

/// Uncrossmatched group O, by a physician who signs at once.
fn emergency(desk: &Desk, unit: &str, patient: &str) -> Value {
    let mut ask = desk.issue(unit, patient, Value::Null, Value::Null);
    ask["emergency"] =
        json!({ "physician": "ferreira", "justification": "Bleeding", "password": "training" });
    ask
}

fn check(desk: &Desk, issue: &str, unit: &str, patient: &str) -> Value {
    json!({
        "issue": issue, "wristband": patient, "spokenAgrees": true, "bag": desk.bag(unit),
        "slip": null, "appearanceOk": true, "consent": true,
        "second": { "user": "ferreira", "password": "training" },
    })
}

/// Holds a bag, past the warnings that there are.
fn hold(desk: &Desk, unit: &str, patient: &str) {
    let ask = json!({ "unit": unit, "patient": patient, "override": null, "second": null });
    if desk.call("unit.reserve", ask.clone()).is_err() {
        desk.past("unit.reserve", ask, "luis");
    }
    assert_eq!(desk.status_of(unit), "reserved");
}

#[test]
fn s20_unknown_male_is_taken_over_by_his_own_record_and_its_antibody_stops_the_bag_he_had() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let real = desk.patient("smythe");
    desk.sampled(&real, "O positive");
    anti_k(&desk, &real);
    let unknown = register(&desk, "Unknown", "Male 7");
    let [running, waiting, spare] = [701, 702, 703].map(|n| {
        let unit = desk.receive(n, Abo::O, Rhd::Negative);
        desk.retyped(&unit);
        unit
    });
    let [of_running, of_waiting] = [&running, &waiting]
        .map(|unit| text(&desk.ok("issue.give", emergency(&desk, unit, &unknown)), "id"));
    desk.sampled(&unknown, "O positive");
    let held = desk.receive(704, Abo::O, Rhd::Positive);
    desk.crossmatched(&held, &unknown);
    desk.ok("unit.antigen", json!({ "unit": held, "antigen": "K", "positive": true }));
    hold(&desk, &held, &unknown);
    desk.sign_in("mbeki");
    desk.ok("bedside.check", check(&desk, &of_running, &running, &unknown));
    let vitals = json!({ "temperature": 367, "pulse": 120, "systolic": 90, "diastolic": 50 });
    desk.ok(
        "bedside.start",
        json!({ "issue": of_running, "vitals": vitals, "override": null, "second": null }),
    );

    desk.sign_in("amina");
    let before = desk.ok("blood.record", json!({ "id": real }));
    assert_eq!(before["samples"][0]["atRisk"], false, "nobody has transfused this record");
    let why = "His brother named him";
    let alone = json!({ "patient": real, "of": unknown, "reason": why, "second": null });
    desk.no("patient.take_over", alone, Code::SecondPersonNeeded);
    desk.no("patient.take_over", take_over(&real, &unknown, " ", "mbeki"), Code::ReasonMissing);
    desk.no("patient.take_over", take_over(&real, &real, why, "mbeki"), Code::NotFound);
    assert_eq!(desk.status_of(&held), "reserved", "what is refused changes nothing");
    desk.ok("patient.take_over", take_over(&real, &unknown, why, "mbeki"));
    desk.no("patient.take_over", take_over(&real, &unknown, why, "mbeki"), Code::RecordTakenOver);
    desk.no("patient.take_over", take_over(&unknown, &real, why, "mbeki"), Code::RecordTakenOver);

    // The bag is free, and the antibody that is known now stops it for the person under either name.
    assert_eq!(desk.status_of(&held), "available");
    desk.ok("crossmatch.record", desk.crossmatch(&held, &real, "ahg", "compatible"));
    let give = desk.issue(&held, &real, Value::Null, Value::Null);
    let error = desk.no("issue.give", give, Code::AntigenPositive);
    assert_eq!(error.kind, ErrorKind::Refusal);
    let record = desk.ok("blood.record", json!({ "id": real }));
    assert_eq!(record["antibodies"][0]["antigen"], "K");
    assert_eq!(record["samples"][0]["atRisk"], true, "it knows of the transfusion: {record}");
    let exposures = record["exposures"].as_array().expect("exposures");
    assert!(exposures.iter().any(|one| one["kind"] == "transfusion"), "{exposures:?}");
    let seen = view(&desk, &real);
    assert_eq!(seen["determinations"].as_array().map(Vec::len), Some(4), "{seen}");
    assert_eq!(seen["takenOver"][0]["name"], "UNKNOWN, Male 7");

    // The other one says where to go, and begins nothing.
    let number = seen["hospitalNumber"].clone();
    assert_eq!(view(&desk, &unknown)["belongsTo"]["hospitalNumber"], number);
    let found = desk.ok("patient.search", json!({ "text": "unknown male 7", "limit": 5 }));
    assert_eq!(found["rows"][0]["belongsTo"]["hospitalNumber"], number, "{found}");
    let refused = |name: &str, ask: Value| {
        let error = desk.no(name, ask, Code::RecordTakenOver);
        assert_eq!(error.kind, ErrorKind::Refusal, "{name}");
        assert_eq!(json!(error.args["number"]), number, "{name} names the record to use");
    };
    refused("issue.give", emergency(&desk, &spare, &unknown));
    refused("unit.reserve", json!({ "unit": spare, "patient": unknown }));
    let group = json!({ "abo": "O", "rhd": "positive" });
    refused(
        "patient.group",
        json!({ "patient": unknown, "group": group, "sample": "T-8", "antiD": false }),
    );
    let own = view(&desk, &unknown)["hospitalNumber"].clone();
    refused(
        "sample.receive",
        json!({
            "patient": unknown, "number": "T-99", "labelNumber": own, "labelName": null,
            "labelBirthDate": null, "drawnWall": "2026-11-20T14:30", "drawnBy": "mbeki",
            "identifiedBy": "ferreira", "transfused": "no", "pregnant": "no",
        }),
    );
    desk.sign_in("ferreira");
    refused(
        "request.place",
        json!({
            "patient": unknown, "component": "red_cells", "count": 1, "urgency": "emergency",
            "indication": "anaemia", "measured": [], "needs": [], "freshDays": null,
            "neededBy": "2026-11-20T18:00:00Z", "consent": true,
        }),
    );
    refused("protocol.activate", json!({ "patient": unknown, "reason": "Bleeding" }));
    desk.sign_in("mbeki");
    refused("bedside.check", check(&desk, &of_waiting, &waiting, &unknown));
    refused("patient.allergy", json!({ "patient": unknown, "entry": { "kind": "none_known" } }));

    // What runs is ended where it began.
    desk.ok(
        "bedside.stop",
        json!({ "issue": of_running, "reason": "Fever", "vitals": null, "findings": null }),
    );
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s20_what_the_other_record_knew_ends_a_hold_and_two_groups_are_a_conflict() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let held = desk.receive(711, Abo::A, Rhd::Negative);
    desk.crossmatched(&held, &smith);
    desk.ok("unit.antigen", json!({ "unit": held, "antigen": "K", "positive": true }));
    hold(&desk, &held, &smith);
    let twin = register(&desk, "Smith", "Jonny");
    anti_k(&desk, &twin);
    desk.sampled(&twin, "B negative");
    desk.sign_in("ferreira");
    let latex =
        json!({ "kind": "substance", "substance": "Latex", "reaction": null, "severe": true });
    desk.ok("patient.allergy", json!({ "patient": twin, "entry": latex }));
    desk.sign_in("amina");
    desk.ok("patient.take_over", take_over(&smith, &twin, "One person, two spellings", "luis"));
    assert_eq!(desk.status_of(&held), "available", "the hold has ended with the same command");
    let seen = view(&desk, &smith);
    assert_eq!(seen["group"]["state"], "conflict", "never silently one of the two");
    let told = seen["allergies"]["list"].as_array().expect("known");
    assert!(told.iter().any(|one| one["substance"] == "Latex"), "{told:?}");
    let record = desk.ok("blood.record", json!({ "id": smith }));
    assert_eq!(record["antibodies"][0]["antigen"], "K");
    let give = desk.issue(&held, &smith, Value::Null, Value::Null);
    desk.no("issue.give", give, Code::PatientGroupConflict);
    // Who recorded what stays told, and a group that was another's is taken back where it is shown.
    let wrong = seen["determinations"].as_array().expect("some").last().expect("B").clone();
    assert_eq!((&wrong["group"]["abo"], &wrong["by"]), (&json!("B"), &json!("Amina Okello")));
    desk.ok(
        "patient.group_withdraw",
        json!({
            "patient": smith, "nth": wrong["nth"], "at": wrong["at"], "reason": "Another's tube",
            "second": { "user": "luis", "password": "training" },
        }),
    );
    assert_eq!(view(&desk, &smith)["group"]["state"], "confirmed");
}

#[test]
fn s20_an_antibody_of_the_other_record_withdraws_what_the_computer_crossmatched() {
    let desk = Desk::training();
    super::care::electronic(&desk);
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let unit = desk.receive(721, Abo::A, Rhd::Negative);
    desk.retyped(&unit);
    desk.ok("crossmatch.record", desk.crossmatch(&unit, &smith, "electronic", "compatible"));
    let give = desk.issue(&unit, &smith, Value::Null, Value::Null);
    assert_eq!(desk.gate(&give, "crossmatch")["result"], "pass");
    let twin = register(&desk, "Smith", "Jonny");
    anti_k(&desk, &twin);
    desk.ok("patient.take_over", take_over(&smith, &twin, "One person, two spellings", "luis"));
    let done = desk.ok("blood.record", json!({ "id": smith }))["crossmatches"][0].clone();
    assert_eq!(done["method"], "electronic", "{done}");
    assert!(done["withdrawn"].is_string(), "{done}");
    desk.no("issue.give", give, Code::CrossmatchMissing);
}
