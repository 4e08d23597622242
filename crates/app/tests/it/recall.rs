//! Look-back and recall through the real store: from a donor to everybody who received and back, and
//! what a recall stops. Scenario numbers are those of bloodbank.md 6.

use super::lab::{MARKERS, divide, give, label, release, released, run, test_all, verify, view};
use super::*;

fn rows<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// A bag that somebody of the training facility was given, and who it is.
fn issued(desk: &Desk) -> (Value, Value) {
    let record = desk.ok("blood.record", json!({ "id": desk.patient("oyelaran") }));
    let given = rows(&record, "issues").first().expect("bags were given");
    (given["unit"].clone(), given["patient"].clone())
}

fn status(desk: &Desk, unit: &str) -> String {
    text(&desk.ok("unit.view", json!({ "id": unit }))["row"], "status")
}

fn open(desk: &Desk, units: &[String], dins: &[String]) -> String {
    let ask = json!({ "reason": "The supplier calls them back", "units": units, "dins": dins });
    text(&desk.ok("recall.open", ask), "id")
}

/// Red cells that are free on the shelf.
fn free(desk: &Desk) -> Vec<String> {
    let list = json!({ "component": null, "group": null, "status": "available", "text": null, "limit": 0 });
    rows(&desk.ok("unit.list", list), "rows").iter().map(|row| text(row, "id")).collect()
}

/// A bag of red cells of the group of the patient whose tube is ready.
fn free_red_cells(desk: &Desk) -> String {
    let group = json!({ "abo": "O", "rhd": "positive" });
    let list =
        json!({ "component": "red_cells", "group": group, "status": "available", "limit": 5 });
    text(&rows(&desk.ok("unit.list", list), "rows")[0], "id")
}

/// The whole way from the shelf to the ward, for a patient of the training facility whose sample is
/// ready.
pub(super) fn give_out(desk: &Desk, unit: &str) -> String {
    let requests = desk.ok("request.list", json!({}));
    let ready = rows(&requests, "open").iter().find(|row| row["sample"] == "ready");
    let patient = text(&ready.unwrap_or_else(|| panic!("{requests}"))["patient"], "id");
    desk.ok(
        "crossmatch.record",
        json!({
            "patient": patient, "unit": unit, "method": "ahg", "outcome": "compatible",
            "doneWall": null,
        }),
    );
    let row = desk.ok("unit.view", json!({ "id": unit }))["row"].clone();
    let ask = |over: Value| {
        json!({
            "unit": unit, "patient": patient, "wristband": null,
            "bag": { "din": row["din"], "productCode": row["productCode"], "group": row["group"] },
            "slip": null, "collectedBy": "Ruth Mbeki, ward 3", "appearanceOk": true,
            "emergency": null, "protocol": null, "override": over,
            "second": { "user": "ferreira", "password": "training" },
        })
    };
    match desk.call("issue.give", ask(Value::Null)) {
        Ok(_) => {}
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::NeedsOverride, "{error:?}");
            desk.ok("issue.give", ask(json!({ "rules": error.rules, "reason": "For this test" })));
        }
    }
    patient
}

#[test]
fn s71_a_bag_leads_to_its_recipient_and_the_recipient_back_to_the_bag() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let (unit, patient) = issued(&desk);
    let map = desk.ok("lookback.unit", json!({ "id": unit["id"] }));
    assert_eq!(rows(&map, "recipients").len(), 1);
    assert_eq!(map["recipients"][0]["id"], patient["id"]);
    assert_eq!(map["bags"][0]["din"], unit["din"]);
    assert_eq!(map["bags"][0]["fromOutside"], true, "its supplier knows the donor");
    let edge = json!({ "from": unit["id"], "to": patient["id"] });
    assert!(rows(&map, "edges").contains(&edge), "{map}");
    let back = desk.ok("lookback.patient", json!({ "id": patient["id"] }));
    assert!(rows(&back, "bags").iter().any(|bag| bag["id"] == unit["id"]), "{back}");
}

#[test]
fn s71_what_was_made_here_leads_from_the_donor_to_the_recipient_and_back_to_the_donor() {
    let (desk, donation, unit) = released();
    let patient = give_out(&desk, &unit);
    let donor = &desk.ok("donor.search", json!({ "text": "odhiambo", "limit": 5 }))["rows"][0];
    let map = desk.ok("lookback.donor", json!({ "id": donor["id"] }));
    assert_eq!(map["donations"][0]["id"], json!(donation));
    let bags: Vec<_> = rows(&map, "bags").iter().map(|bag| text(bag, "state")).collect();
    assert!(bags.contains(&"issued".into()) && bags.contains(&"in_laboratory".into()), "{map}");
    assert_eq!(map["recipients"][0]["id"], json!(patient));
    assert_eq!(map["donors"][0]["number"], donor["number"]);
    let up = desk.ok("lookback.patient", json!({ "id": patient }));
    assert_eq!(up["donors"][0]["id"], donor["id"]);
    for (from, to) in [
        (text(donor, "id"), donation.clone()),
        (donation.clone(), unit.clone()),
        (unit.clone(), patient.clone()),
    ] {
        assert!(rows(&up, "edges").contains(&json!({ "from": from, "to": to })), "{up}");
    }
    // Whoever looks at recipients leaves a trace, and the record stays whole.
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_returned_bag_was_given_to_nobody() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unit = free_red_cells(&desk);
    give_out(&desk, &unit);
    let out = desk.ok("issue.list", json!({}))["out"][0].clone();
    assert_eq!(out["unit"]["id"], json!(unit));
    desk.ok(
        "issue.return",
        json!({
            "issue": out["id"], "temperature": 60, "sealIntact": true, "segmentAttached": true,
            "appearanceOk": true,
        }),
    );
    let map = desk.ok("lookback.unit", json!({ "id": unit }));
    assert_eq!(map["recipients"], json!([]), "{map}");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_recall_stops_more_bags_than_one_command_may_write_and_nobody_reserves_one() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let units: Vec<String> = free(&desk).into_iter().take(45).collect();
    assert!(units.len() > 30, "{}", units.len());
    let recall = open(&desk, &units, &[]);
    for unit in &units {
        assert_eq!(status(&desk, unit), "quarantined", "{unit}");
    }
    let list = desk.ok("recall.list", json!({}));
    assert_eq!(list["open"][0]["id"], json!(recall));
    assert_eq!(list["open"][0]["pending"], json!(["here"]));
    let smythe = desk.patient("smythe");
    desk.no("unit.reserve", json!({ "unit": units[0], "patient": smythe }), Code::UnitQuarantined);
    // Not by lifting it either, also when the recall is over.
    let cause = desk.ok("unit.view", json!({ "id": units[0] }))["quarantines"][0]["cause"].clone();
    let lift = json!({ "unit": units[0], "cause": cause, "reason": "Looks fine" });
    desk.no("unit.lift", lift.clone(), Code::UnitQuarantined);
    desk.no("recall.close", json!({ "id": recall }), Code::SitesNotAcknowledged);
    desk.ok("recall.acknowledge", json!({ "recall": recall, "site": null }));
    desk.no("recall.acknowledge", json!({ "recall": recall, "site": null }), Code::Changed);
    desk.ok("recall.close", json!({ "id": recall }));
    desk.no("unit.lift", lift, Code::UnitQuarantined);
    assert_eq!(desk.ok("recall.list", json!({}))["closed"][0]["id"], json!(recall));
}

#[test]
fn a_recall_names_what_it_finds_and_grows_and_refuses_what_is_not_known() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let (unit, patient) = issued(&desk);
    desk.no(
        "recall.open",
        json!({ "reason": "r", "units": [], "dins": ["=%5100"] }),
        Code::ScanUnreadable,
    );
    desk.no("recall.open", json!({ "reason": "r", "units": [], "dins": [] }), Code::Blank);
    let recall = open(&desk, &[], &[text(&unit, "din")]);
    let view = desk.ok("recall.view", json!({ "id": recall }));
    let target = rows(&view, "targets").iter().find(|t| t["id"] == unit["id"]).expect("named");
    assert_eq!((&target["found"], &target["state"]), (&json!("issued"), &json!("transfused")));
    assert_eq!(target["patient"]["id"], patient["id"]);
    let kinds: Vec<String> = rows(&view, "tasks").iter().map(|t| text(t, "what")).collect();
    for what in ["alert_ward", "alert_physician", "trace_recipient", "acknowledge_recall"] {
        assert!(kinds.iter().any(|kind| kind == what), "{what} in {kinds:?}");
    }
    assert!(rows(&view, "tasks")[0]["due"].is_null(), "at once");
    desk.ok("recall.acknowledge", json!({ "recall": recall, "site": null }));
    let more = free(&desk).swap_remove(0);
    let wider = json!({ "recall": recall, "units": [more], "dins": [] });
    desk.ok("recall.extend", wider.clone());
    desk.no("recall.extend", wider, Code::Known);
    assert_eq!(status(&desk, &more), "quarantined");
    let view = desk.ok("recall.view", json!({ "id": recall }));
    assert_eq!(view["row"]["pending"], json!(["here"]), "it has to look again");
}

#[test]
fn a_number_that_is_recalled_before_its_bag_has_come_stops_the_bag_at_the_door() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let label = desk.label(77, Abo::O, Rhd::Positive);
    let recall = open(&desk, &[], &[text(&label, "din")]);
    let view = desk.ok("recall.view", json!({ "id": recall }));
    let target = &view["targets"][0];
    assert_eq!((&target["found"], &target["state"]), (&json!("not_here"), &json!("not_known")));
    let unit = text(&desk.ok("unit.receive", label), "id");
    assert_eq!(status(&desk, &unit), "quarantined");
    let cause = desk.ok("unit.view", json!({ "id": unit }))["quarantines"][0]["cause"].clone();
    let lift = json!({ "unit": unit, "cause": cause, "reason": "Looks fine" });
    desk.no("unit.lift", lift, Code::UnitQuarantined);
}

/// Reactive, repeated reactive, read by somebody else.
fn confirm(desk: &Desk, marker: &str, donation: &str, lot_expires: &str) {
    for stage in ["initial", "repeat"] {
        let mut ask = run(marker, donation, stage, "reactive");
        ask["lotExpires"] = json!(lot_expires);
        desk.ok("lab.run", ask);
    }
    let ask = verify(desk, donation);
    let other = match desk.ok("app.status", json!({}))["session"]["user"].as_str() {
        Some("luis") => "amina",
        _ => "luis",
    };
    desk.sign_in(other);
    desk.ok("lab.verify", ask);
}

#[test]
fn s34_a_reactive_result_after_the_issue_alerts_for_the_recipient_and_the_bag_stays_stopped() {
    let (desk, donation, unit) = released();
    let patient = give_out(&desk, &unit);
    confirm(&desk, "hbv", &donation, "2027-06-30");
    let list = desk.ok("recall.list", json!({}));
    let row = &list["open"][0];
    // Everybody who sees the stock reads the reason: which marker it was, only who may.
    assert!(!text(row, "reason").contains("hbv"), "{row}");
    let recall = text(row, "id");
    let view = desk.ok("recall.view", json!({ "id": recall }));
    let target = rows(&view, "targets").iter().find(|t| t["id"] == json!(unit)).expect("named");
    assert_eq!(target["patient"]["id"], json!(patient));
    let alert = &rows(&view, "tasks")[0];
    assert_eq!((&alert["what"], &alert["due"]), (&json!("alert_ward"), &Value::Null));
    assert!(alert["patient"].is_string() && alert["din"].is_string(), "{alert}");
    // It comes back from the ward in perfect order and goes into quarantine all the same.
    let out = desk.ok("issue.list", json!({}))["out"].clone();
    let out =
        out.as_array().expect("rows").iter().find(|o| o["unit"]["id"] == json!(unit)).cloned();
    let back = desk.ok(
        "issue.return",
        json!({
            "issue": out.expect("out")["id"], "temperature": 60, "sealIntact": true,
            "segmentAttached": true, "appearanceOk": true,
        }),
    );
    assert_eq!(back["back"], false, "{back}");
    assert_eq!(status(&desk, &unit), "quarantined");
}

/// Days go by in steps that the clock of the facility believes.
fn days(desk: &Desk, days: i64) {
    for step in 0..=(days / 6) {
        let left = days - step * 6;
        desk.clock.advance(TimeDelta::days(left.min(6)));
        desk.sign_in("amina");
    }
}

/// A known donor gives again; the donation is divided.
fn again(desk: &Desk, donor: &Value) -> String {
    let view_of = desk.ok("donor.view", json!({ "id": donor }));
    let answers: Vec<Value> = rows(&view_of, "questions")
        .iter()
        .map(|q| json!({ "question": q["id"], "yes": q["when"] == json!(false), "when": null }))
        .collect();
    desk.ok(
        "donor.screen",
        json!({
            "donor": donor, "bag": "triple-450", "identityShown": true, "weight": 720,
            "height": 175, "haemoglobin": 148, "systolic": 120, "diastolic": 76, "pulse": 70,
            "temperature": 367, "answers": answers,
        }),
    );
    let begun = json!({ "donor": donor, "din": null, "bag": "triple-450" });
    let donation = text(&desk.ok("donation.begin", begun), "id");
    desk.clock.advance(TimeDelta::minutes(4));
    desk.ok("donation.end", json!({ "donation": donation, "volumeMl": 450, "minutes": null }));
    divide(desk, &donation);
    donation
}

fn negative(desk: &Desk, donation: &str, lot_expires: &str) {
    for marker in MARKERS {
        let mut ask = run(marker, donation, "initial", "non_reactive");
        ask["lotExpires"] = json!(lot_expires);
        desk.ok("lab.run", ask);
    }
    let ask = verify(desk, donation);
    desk.sign_in("luis");
    desk.ok("lab.verify", ask);
    desk.sign_in("amina");
}

#[test]
fn s43_the_look_back_lists_a_year_before_the_last_negative_with_every_component_and_its_place() {
    let desk = Desk::training();
    desk.sign_in("amina");
    for year in [27, 28] {
        let block = json!({ "fin": "A9997", "year": year, "first": 700, "last": 799 });
        let _ = desk.call("numbers.hold", block);
    }
    let old = give(&desk, "Odhiambo");
    divide(&desk, &old);
    negative(&desk, &old, "2030-01-01");
    let donor =
        desk.ok("donor.search", json!({ "text": "odhiambo", "limit": 5 }))["rows"][0]["id"].clone();
    days(&desk, 400);
    let last = again(&desk, &donor);
    negative(&desk, &last, "2030-01-01");
    days(&desk, 300);
    let now = again(&desk, &donor);
    confirm(&desk, "hcv", &now, "2030-01-01");
    let row = desk.ok("recall.list", json!({}))["open"][0].clone();
    let view_of = desk.ok("recall.view", json!({ "id": row["id"] }));
    let named: std::collections::BTreeSet<String> =
        rows(&view_of, "targets").iter().map(|t| text(t, "din")).collect();
    let din = |donation: &str| text(&view(&desk, donation)["row"], "din");
    assert!(named.contains(&din(&last)) && named.contains(&din(&now)), "{named:?}");
    assert!(!named.contains(&din(&old)), "more than a year before the last negative");
    assert_eq!(rows(&view_of, "targets").len(), 4, "two components of each");
    assert!(rows(&view_of, "targets").iter().all(|t| t["state"] == "in_laboratory"), "{view_of}");
    let due = text(rows(&view_of, "tasks").last().expect("a task"), "due");
    let due: kernel::Instant = due.parse().expect("an instant");
    let opened: kernel::Instant = text(&row, "openedAt").parse().expect("an instant");
    assert_eq!(due - opened, TimeDelta::days(3));
}

#[test]
fn s42_what_waits_in_the_laboratory_and_was_recalled_is_not_released() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let donation = give(&desk, "Odhiambo");
    let part = divide(&desk, &donation);
    test_all(&desk, &donation, &MARKERS);
    let din = text(&view(&desk, &donation)["row"], "din");
    open(&desk, &[], &[din]);
    let label = label(&desk, &donation, Abo::O);
    desk.no("lab.release", release(&desk, &donation, &part, &label), Code::UnitQuarantined);
    desk.no("unit.view", json!({ "id": part }), Code::NotFound);
}

#[test]
fn s69_a_quarantine_stands_until_the_very_one_is_lifted() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unit = desk.receive(71, Abo::O, Rhd::Positive);
    for reason in ["The seal", "The freezer"] {
        desk.ok("unit.quarantine", json!({ "unit": unit, "reason": reason }));
    }
    let causes: Vec<Value> = rows(&desk.ok("unit.view", json!({ "id": unit })), "quarantines")
        .iter()
        .map(|q| q["cause"].clone())
        .collect();
    let lift = |cause: &Value| json!({ "unit": unit, "cause": cause, "reason": "Looked at it" });
    desk.no("unit.lift", lift(&json!("01900000-0000-7000-8000-000000000001")), Code::Changed);
    desk.ok("unit.lift", lift(&causes[0]));
    assert_eq!(status(&desk, &unit), "quarantined", "the other reason stands");
    desk.ok("unit.lift", lift(&causes[1]));
    assert_eq!(status(&desk, &unit), "available");
}

#[test]
fn who_may_not_recall_sees_the_recall_and_not_the_donor() {
    let (desk, _, unit) = released();
    let recall = open(&desk, std::slice::from_ref(&unit), &[]);
    desk.sign_in("mbeki");
    let view = desk.ok("recall.view", json!({ "id": recall }));
    assert!(rows(&view, "targets").iter().any(|t| t["id"] == json!(unit)));
    desk.no("lookback.unit", json!({ "id": unit }), Code::Forbidden);
    desk.no("recall.close", json!({ "id": recall }), Code::Forbidden);
}
