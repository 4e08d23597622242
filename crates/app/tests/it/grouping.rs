//! The group of a patient: two people for what confirms it, and a way back from a slip.

use super::*;

struct Sample<'a>(&'a str, &'a str);

fn record(desk: &Desk, patient: &str, Sample(abo, sample): Sample<'_>, second: Value) -> Value {
    let _ = desk;
    json!({
        "patient": patient, "group": { "abo": abo, "rhd": "negative" }, "sample": sample,
        "antiD": false, "second": second,
    })
}

fn view(desk: &Desk, patient: &str) -> Value {
    desk.ok("patient.view", json!({ "id": patient }))
}

fn nurse() -> Value {
    json!({ "user": "mbeki", "password": "training" })
}

fn somebody(desk: &Desk) -> String {
    let new = json!({ "family": "Zwickl", "given": "Ottilie", "birthDate": "1956-01-01", "sex": "female" });
    text(&desk.ok("patient.register", new), "id")
}

#[test]
fn one_person_with_two_numbers_confirms_no_group() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let patient = somebody(&desk);
    let ask = |sample, second| record(&desk, &patient, Sample("A", sample), second);
    desk.ok("patient.group", ask("S-1", Value::Null));
    // The same sample in other letters is the same sample.
    for same in ["S-1", "s 1", "S\u{2011}1", "S1\u{200b}"] {
        desk.ok("patient.group", ask(same, Value::Null));
        assert_eq!(view(&desk, &patient)["group"]["state"], "once", "{same:?}");
    }
    desk.no("patient.group", ask("\u{200b}-", Value::Null), Code::ReasonMissing);
    desk.no("patient.group", ask("2", Value::Null), Code::SecondPersonNeeded);
    desk.no(
        "patient.group",
        ask("2", json!({ "user": "amina", "password": "training" })),
        Code::SecondPersonRefused,
    );
    desk.ok("patient.group", ask("2", nurse()));
    assert_eq!(view(&desk, &patient)["group"]["state"], "confirmed");
}

#[test]
fn another_person_confirms_without_a_third() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let patient = somebody(&desk);
    desk.ok("patient.group", record(&desk, &patient, Sample("A", "S1"), Value::Null));
    desk.sign_in("luis");
    desk.ok("patient.group", record(&desk, &patient, Sample("A", "S2"), Value::Null));
    let seen = view(&desk, &patient);
    assert_eq!(seen["group"]["state"], "confirmed");
    let by: Vec<_> =
        seen["determinations"].as_array().expect("two").iter().map(|d| &d["by"]).collect();
    assert_eq!(by, ["Amina Okello", "Luis Santos"]);
}

#[test]
fn a_mistyped_group_is_taken_back_by_two_people_and_stays_in_the_record() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    assert_eq!(view(&desk, &smith)["group"]["state"], "confirmed");
    desk.ok("patient.group", record(&desk, &smith, Sample("B", "S99"), Value::Null));
    let seen = view(&desk, &smith);
    assert_eq!(seen["group"]["state"], "conflict");
    let wrong = &seen["determinations"][3];
    let ask = |reason: &str, second: Value| json!({ "patient": smith, "nth": wrong["nth"], "at": wrong["at"], "reason": reason, "second": second });
    desk.no(
        "patient.group_withdraw",
        ask("The tube was another's", Value::Null),
        Code::SecondPersonNeeded,
    );
    desk.no("patient.group_withdraw", ask("\u{200b}", nurse()), Code::ReasonMissing);
    let mut stale = ask("The tube was another's", nurse());
    stale["nth"] = json!(0);
    desk.no("patient.group_withdraw", stale, Code::Changed);
    desk.ok("patient.group_withdraw", ask("The tube was another's", nurse()));
    desk.no("patient.group_withdraw", ask("The tube was another's", nurse()), Code::Changed);
    let seen = view(&desk, &smith);
    assert_eq!(seen["group"]["state"], "confirmed", "{}", seen["group"]);
    let kept = &seen["determinations"][3];
    assert_eq!(kept["withdrawn"]["reason"], "The tube was another's");
    assert_eq!(
        (&kept["withdrawn"]["by"], &kept["withdrawn"]["second"]),
        (&json!("Amina Okello"), &json!("Ruth Mbeki"))
    );
    assert_eq!(seen["timeline"][0]["what"], "group_withdrawn");
    let unit = desk.receive(90, Abo::A, Rhd::Negative);
    desk.sampled(&smith, "A negative");
    desk.crossmatched(&unit, &smith);
    desk.ok("issue.give", desk.issue(&unit, &smith, Value::Null, Value::Null));
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn group_o_red_cells_are_not_withheld_from_somebody_whose_groups_disagree() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.ok("patient.group", record(&desk, &smith, Sample("B", "S98"), Value::Null));
    let unit = desk.receive(91, Abo::O, Rhd::Negative);
    desk.retyped(&unit);
    let plain = desk.issue(&unit, &smith, Value::Null, Value::Null);
    desk.tube(&smith, "T-98");
    let error = desk.no("issue.give", plain.clone(), Code::PatientGroupConflict);
    assert_eq!(error.kind, ErrorKind::Refusal, "not the ordinary way");
    // In an emergency, by a physician's order.
    let order = |unit: &str| {
        let mut ask = desk.issue(unit, &smith, Value::Null, Value::Null);
        ask["emergency"] =
            json!({ "physician": "ferreira", "justification": "Bleeding", "password": "training" });
        ask
    };
    desk.ok("issue.give", order(&unit));
    let other = desk.receive(92, Abo::A, Rhd::Negative);
    desk.retyped(&other);
    let error = desk.no("issue.give", order(&other), Code::AboIncompatible);
    assert_eq!(error.kind, ErrorKind::Refusal, "nobody may, of another group");
}
