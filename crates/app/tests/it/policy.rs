//! The rules of the facility: versions, when each holds, and what a wrong one is told.

use super::*;

/// What has to be sent for the next version, with these values changed.
fn next(desk: &Desk, values: Value, reason: &str) -> Value {
    let book = desk.ok("policy.show", json!({}));
    json!({
        "base": book["newest"]["hash"], "values": values, "reason": reason, "urgent": false,
        "stock": null, "effectiveWall": null,
    })
}

fn hold_hours(value: &str) -> Value {
    json!([{
        "name": "hold_hours", "value": value, "source": "our committee", "confirmed": true,
    }])
}

fn value(desk: &Desk, name: &str) -> String {
    let book = desk.ok("policy.show", json!({}));
    let values = book["values"].as_array().expect("values").clone();
    let found = values.iter().find(|v| v["name"] == name).expect("a value of that name");
    text(found, "value")
}

fn whole(desk: &Desk) {
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_facility_begins_with_the_first_version_of_its_profile_and_all_of_it_to_be_confirmed() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let book = desk.ok("policy.show", json!({}));
    assert_eq!((&book["profile"], &book["version"]), (&json!("who"), &json!(1)));
    assert_eq!(book["versions"].as_array().map(Vec::len), Some(1));
    assert_eq!(book["versions"][0]["inForce"], true);
    let values = book["values"].as_array().expect("values");
    assert!(values.iter().all(|v| v["confirmed"] == false && v["source"] != ""));
    assert_eq!((&values[0]["least"], &values[0]["most"]), (&json!(1), &json!(72)));
    // Whoever works under rules may read them.
    desk.sign_in("joseph");
    desk.ok("policy.show", json!({}));
}

#[test]
fn a_new_version_decides_from_its_hour_on_and_not_before_also_after_a_restart() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    let mut ask = next(&desk, hold_hours("12"), "less waste");
    // 13:00 UTC, by the clock on the wall of the training facility.
    ask["effectiveWall"] = json!("2026-11-20T16:00");
    desk.ok("policy.adopt", ask.clone());
    // Somebody else who read the book before.
    desk.no("policy.adopt", ask, Code::Changed);
    let book = desk.ok("policy.show", json!({}));
    assert_eq!((&book["version"], &book["newest"]["version"]), (&json!(1), &json!(2)));
    assert_eq!(value(&desk, "hold_hours"), "24", "the hour has not come");
    desk.clock.advance(TimeDelta::minutes(61));
    desk.restart();
    desk.sign_in("amina");
    assert_eq!(value(&desk, "hold_hours"), "12");
    let book = desk.ok("policy.show", json!({}));
    assert_eq!(book["versions"].as_array().map(Vec::len), Some(2), "the old one is kept");
    let author = text(&book["versions"][0], "author");
    assert!(author.contains("Amina"), "{author}");
    assert_eq!(book["version"], 2);
    let hold = &book["values"][0];
    assert_eq!((&hold["source"], &hold["confirmed"]), (&json!("our committee"), &json!(true)));
    assert_eq!(hold["effectiveFrom"], "2026-11-20");
    desk.sign_in("audit");
    whole(&desk);
}

#[test]
fn a_version_that_no_hospital_can_have_meant_is_refused() {
    let desk = Desk::training();
    desk.sign_in("admin");
    let set = |name: &str, value: &str, source: &str| json!([{ "name": name, "value": value, "source": source, "confirmed": false }]);
    let refuse = |values: Value, reason: &str, code| {
        desk.no("policy.adopt", next(&desk, values, reason), code)
    };
    let told = refuse(hold_hours("420"), "r", Code::PolicyOutOfBounds);
    assert_eq!((&*told.args["name"], &*told.args["most"]), ("hold_hours", "72"));
    refuse(set("hold_hours", "12", " "), "r", Code::ReasonMissing);
    refuse(set("hold_hours", "a dozen", "s"), "r", Code::Malformed);
    refuse(set("low_titre_plasma", "maybe", "s"), "r", Code::Malformed);
    refuse(set("nobody", "12", "s"), "r", Code::Malformed);
    refuse(hold_hours("12"), "  ", Code::ReasonMissing);
    let at = |wall: &str, code| {
        let mut ask = next(&desk, hold_hours("12"), "r");
        ask["effectiveWall"] = json!(wall);
        desk.no("policy.adopt", ask, code);
    };
    at("2026-11-20T14:00", Code::PolicyInThePast);
    at("tomorrow", Code::Malformed);
    let o = json!({ "abo": "O", "rhd": "positive" });
    let stock = |floor: u32, target: u32| {
        let mut ask = next(&desk, json!([]), "Shelf of today");
        ask["stock"] = json!([
            { "component": "red_cells", "group": o, "floor": floor, "target": target },
        ]);
        ask
    };
    desk.no("policy.adopt", stock(5, 4), Code::FloorAboveTarget);
    desk.no("policy.adopt", stock(5, 4_000), Code::PolicyOutOfBounds);
    let book = desk.ok("policy.show", json!({}));
    assert_eq!(book["versions"].as_array().map(Vec::len), Some(1));
    desk.ok("policy.adopt", stock(3, 9));
    let book = desk.ok("policy.show", json!({}));
    assert_eq!(book["stock"].as_array().map(Vec::len), Some(1));
    assert_eq!(book["stock"][0]["target"], 9);
    desk.sign_in("audit");
    whole(&desk);
}

#[test]
fn the_rule_book_is_the_one_of_the_profile_and_values_of_care_are_changed_within_their_bounds() {
    for (profile, name) in [("who", "who"), ("uk", "uk"), ("in", "india")] {
        assert_eq!(records::first_policy_of(profile).1.rule_book.name, name);
    }
    let desk = Desk::training();
    desk.sign_in("amina");
    let book = desk.ok("policy.show", json!({}));
    assert_eq!(
        book["ruleBook"]["signed"],
        Value::Null,
        "a draft until somebody of the country signs it"
    );
    let rows = book["ruleBook"]["rows"].as_array().expect("rows");
    assert!(rows.len() > 50, "{}", rows.len());
    assert!(rows.iter().all(|row| row["source"] != ""), "every value has its source");
    let back = |minutes: &str| {
        json!([{
            "name": "care.return_minutes", "value": minutes, "source": "our committee",
            "confirmed": true,
        }])
    };
    let error = desk.no("policy.adopt", next(&desk, back("90"), "more"), Code::PolicyOutOfBounds);
    assert_eq!(error.args["name"], "return_minutes");
    desk.ok("policy.adopt", next(&desk, back("20"), "our fridges are far away"));
    assert_eq!(value(&desk, "care.return_minutes"), "20");
    whole(&desk);
}

#[test]
fn s18_a_bag_of_a_facility_that_is_not_in_the_table_comes_into_quarantine() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let stand = |unit: &str| {
        let view = desk.ok("unit.view", json!({ "id": unit }));
        (view["row"]["status"].clone(), view["quarantineReason"].clone())
    };
    let before = desk.receive(810, Abo::O, Rhd::Positive);
    assert_eq!(stand(&before), (json!("available"), Value::Null), "without a table nobody can say");

    desk.sign_in("admin");
    let set = |value: &str| {
        let one = json!({
            "name": "facilities", "value": value, "source": "register of 2026", "confirmed": true,
        });
        next(&desk, json!([one]), "The facilities that we deal with")
    };
    for wrong in ["A9998 hospital", "0A998", "AO998", "A99980", "A99A8"] {
        let error = desk.no("policy.adopt", set(wrong), Code::FacilityUnreadable);
        assert_ne!(error.args["detail"], "");
    }
    desk.ok("policy.adopt", set("a9998,\n A9998; w1234"));
    assert_eq!(value(&desk, "facilities"), "A9998 W1234");

    desk.sign_in("amina");
    let unit = desk.receive(811, Abo::O, Rhd::Positive);
    let held = (json!("quarantined"), json!("unregistered facility A9997"));
    assert_eq!(stand(&unit), held, "it is here, and nobody gives it");
    let smith = desk.patient("smith john");
    let reserve = json!({ "unit": unit, "patient": smith });
    desk.no("unit.reserve", reserve, Code::UnitQuarantined);
    assert_eq!(stand(&before).0, "available", "what came under the old rules stays");

    desk.sign_in("admin");
    desk.ok("policy.adopt", set("A9997 A9998"));
    desk.sign_in("amina");
    let known = desk.receive(812, Abo::O, Rhd::Positive);
    assert_eq!(stand(&known).0, "available");
    desk.sign_in("audit");
    whole(&desk);
}
