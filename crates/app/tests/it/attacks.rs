//! What a hostile or careless person could send past the page. Each test is an attack that once
//! worked; the payloads are those of whoever found it.

use super::lab::{released, run};
use super::*;

fn status(desk: &Desk, unit: &str) -> String {
    text(&desk.ok("unit.view", json!({ "id": unit }))["row"], "status")
}

/// Somebody at the counter with a good tube, and a bag of their own group.
fn counter() -> (Desk, String, String) {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let unit = desk.receive(701, Abo::A, Rhd::Negative);
    (desk, smith, unit)
}

#[test]
fn an_incompatible_crossmatch_is_not_overruled_by_a_later_weaker_one() {
    let (desk, smith, unit) = counter();
    desk.sampled(&smith, "A negative");
    desk.retyped(&unit);
    let record = |method: &str, outcome: &str| {
        desk.ok("crossmatch.record", desk.crossmatch(&unit, &smith, method, outcome))
    };
    let against = text(&record("ahg", "incompatible"), "id");
    record("immediate_spin", "compatible");
    let issue = desk.issue(&unit, &smith, Value::Null, Value::Null);
    desk.no("issue.give", issue.clone(), Code::CrossmatchIncompatible);
    // Whoever found it does not take it back; a colleague may, with a reason.
    let withdraw = json!({ "crossmatch": against, "reason": "The wrong tube was on the bench" });
    desk.no("crossmatch.withdraw", withdraw.clone(), Code::SamePersonTwice);
    desk.sign_in("luis");
    desk.ok("crossmatch.withdraw", withdraw);
    desk.ok("issue.give", issue);
}

#[test]
fn without_a_screen_no_crossmatch_opens_the_ordinary_way() {
    let (desk, smith, unit) = counter();
    desk.tube(&smith, "T-0815");
    desk.retyped(&unit);
    let record =
        || desk.call("crossmatch.record", desk.crossmatch(&unit, &smith, "ahg", "compatible"));
    // The tube was not typed either: only group O, whatever the old tubes said.
    assert_eq!(record().map_err(|e| e.code).err(), Some(Code::OnlyGroupO));
    let issue = desk.issue(&unit, &smith, Value::Null, Value::Null);
    let gate = desk.gate(&issue, "crossmatch");
    assert_eq!(
        (&gate["result"], &gate["code"]),
        (&json!("stop"), &json!("step_missing")),
        "{gate}"
    );
    desk.no("issue.give", issue, Code::StepMissing);
}

#[test]
fn a_protocol_that_is_none_drops_nobodys_needs() {
    let (desk, smith, unit) = counter();
    desk.sampled(&smith, "A negative");
    desk.crossmatched(&unit, &smith);
    let mut issue = desk.issue(&unit, &smith, Value::Null, Value::Null);
    issue["protocol"] = json!("00000000-0000-7000-8000-000000000000");
    desk.no("issue.give", issue.clone(), Code::NotFound);
    desk.no("issue.gates", issue, Code::NotFound);
}

#[test]
fn a_first_reactive_after_the_bag_has_left_stops_it_at_the_bed() {
    let (desk, donation, unit) = released();
    let patient = super::recall::give_out(&desk, &unit);
    let issues = desk.ok("issue.list", json!({}));
    let issue = issues.to_string();
    let id = issues["out"]
        .as_array()
        .and_then(|all| all.iter().find(|row| row["unit"]["id"] == json!(unit)))
        .unwrap_or_else(|| panic!("{issue}"))["id"]
        .clone();
    desk.ok("lab.run", run("hiv", &donation, "initial", "reactive"));
    desk.sign_in("mbeki");
    let check = json!({
        "issue": id, "wristband": patient, "spokenAgrees": true, "bag": desk.bag(&unit),
        "slip": null, "appearanceOk": true, "consent": true,
        "second": { "user": "ferreira", "password": "training" },
    });
    let said = desk.no("bedside.check", check, Code::UnitQuarantined);
    assert!(!said.args["reason"].to_lowercase().contains("hiv"), "{said:?}");
}

#[test]
fn a_recalled_number_stops_its_next_bag_too() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let red = desk.label(702, Abo::O, Rhd::Positive);
    desk.ok("unit.receive", red.clone());
    desk.ok(
        "recall.open",
        json!({ "reason": "The supplier calls back", "units": [], "dins": [red["din"]] }),
    );
    let mut plasma = red;
    plasma["productCode"] = json!("D1003V00");
    plasma["component"] = json!("plasma");
    plasma["volumeMl"] = json!(220);
    plasma["place"] = json!("Freezer 1");
    let late = text(&desk.ok("unit.receive", plasma), "id");
    assert_eq!(status(&desk, &late), "quarantined");
}

#[test]
fn what_the_laboratory_discards_leaves_the_shelf() {
    let (desk, donation, part) = released();
    let second = json!({ "user": "luis", "password": "training" });
    let who = desk.ok("app.status", json!({}))["session"]["user"].clone();
    let second =
        if who == "luis" { json!({ "user": "amina", "password": "training" }) } else { second };
    desk.ok(
        "lab.discard",
        json!({
            "donation": donation, "part": part, "reason": "leak", "note": null, "second": second,
        }),
    );
    assert_eq!(status(&desk, &part), "discarded");
}

#[test]
fn a_clock_in_doubt_returns_no_bag_to_the_shelf() {
    let (desk, smith, unit) = counter();
    desk.sampled(&smith, "A negative");
    desk.crossmatched(&unit, &smith);
    let issue = desk.issue(&unit, &smith, Value::Null, Value::Null);
    let issue = text(&desk.ok("issue.give", issue), "id");
    desk.clock.advance(TimeDelta::days(-3));
    desk.sign_in("amina");
    let back = desk.ok(
        "issue.return",
        json!({
            "issue": issue, "temperature": null, "sealIntact": true, "segmentAttached": true,
            "appearanceOk": true,
        }),
    );
    assert_eq!(back["back"], false, "{back}");
    assert_eq!(back["faults"], json!(["time_uncertain"]));
    assert_eq!(status(&desk, &unit), "quarantined");
}

#[test]
fn a_number_of_this_house_is_received_by_hand_from_nobody() {
    let (desk, donation, _) = released();
    let given = desk.ok("lab.view", json!({ "id": donation }))["row"].clone();
    let din = isbt128::Din::new(&text(&given, "din")).expect("a number");
    let serial: u32 = din.serial().parse().expect("digits");
    let next = format!("{}{:06}", &din.as_str()[..7], serial + 1);
    let mut label = desk.label(703, Abo::O, Rhd::Positive);
    label["din"] = json!(next);
    let refused = desk.call("unit.receive", label).expect_err("a number of the own block");
    assert_eq!(refused.kind, ErrorKind::Refusal, "{refused:?}");
}

#[test]
fn s10_platelets_are_not_put_into_the_refrigerator() {
    let desk = Desk::training();
    desk.sign_in("amina");
    desk.ok(
        "place.put",
        json!({
            "id": null, "name": "Fridge 77", "least": 20, "most": 60, "delayMinutes": 10,
            "gapMinutes": 60, "inUse": true,
        }),
    );
    let mut label = desk.label(704, Abo::O, Rhd::Positive);
    label["place"] = json!("Fridge 77, shelf 2");
    let mut platelets = label.clone();
    platelets["productCode"] = json!("D1002V00");
    platelets["component"] = json!("platelets");
    platelets["expiresWall"] = json!("2026-11-23T23:59");
    platelets["volumeMl"] = json!(60);
    let said = desk.no("unit.receive", platelets, Code::PlaceUnfit);
    assert_eq!(said.args["place"], "Fridge 77");
    desk.ok("unit.receive", label);
}

#[test]
fn a_bag_that_is_held_for_somebody_is_not_divided_or_pooled_away() {
    let (desk, smith, _) = counter();
    let mut label = desk.label(705, Abo::A, Rhd::Negative);
    label["collectedWall"] = json!("2026-11-15T09:00");
    label["volumeMl"] = json!(280);
    let unit = text(&desk.ok("unit.receive", label), "id");
    desk.ok("unit.reserve", json!({ "unit": unit, "patient": smith }));
    let halves = json!([
        { "productCode": "D1001VA0", "volumeMl": 140 }, { "productCode": "D1001VB0", "volumeMl": 140 },
    ]);
    let work = json!({
        "units": [unit], "work": "split", "open": false, "into": halves, "place": "Fridge 2",
    });
    desk.no("work.do", work, Code::UnitReserved);
    assert_eq!(status(&desk, &unit), "reserved");
}

#[test]
fn who_reads_no_results_is_no_second_person_for_a_release() {
    let (desk, donation, part) = released();
    let second = json!({ "user": "mbeki", "password": "training" });
    let ask = json!({
        "donation": donation, "part": part, "reason": "leak", "note": null, "second": second,
    });
    let said = desk.no("lab.discard", ask, Code::SecondPersonRefused);
    assert_eq!(said.args["why"], "role");
}
