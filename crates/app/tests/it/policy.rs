//! The rules of the facility: versions, when each holds, and what a wrong one is told.

use super::*;

/// The text of the version in force, changed.
fn changed(desk: &Desk, change: impl FnOnce(&mut Value)) -> String {
    let book = desk.ok("policy.show", json!({}));
    let mut policy: Value =
        serde_json::from_str(&text(&book, "text")).expect("the policy in force is JSON");
    policy["version"] = json!(policy["version"].as_u64().expect("a number") + 1);
    change(&mut policy);
    policy.to_string()
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
    desk.sign_in("joseph");
    desk.no("policy.show", json!({}), Code::Forbidden);
}

#[test]
fn a_new_version_decides_from_its_hour_on_and_not_before_also_after_a_restart() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    let text = changed(&desk, |p| p["hold_hours"]["value"] = json!(12));
    let ask = json!({
        "text": text, "effectiveAt": "2026-11-20T13:00:00Z", "reason": "less waste", "urgent": false,
    });
    desk.ok("policy.adopt", ask);
    assert_eq!(value(&desk, "hold_hours"), "24", "the hour has not come");
    desk.clock.advance(TimeDelta::minutes(61));
    desk.restart();
    desk.sign_in("amina");
    assert_eq!(value(&desk, "hold_hours"), "12");
    let book = desk.ok("policy.show", json!({}));
    assert_eq!(book["versions"].as_array().map(Vec::len), Some(2), "the old one is kept");
    assert_eq!((&book["versions"][0]["author"], &book["version"]), (&json!("amina"), &json!(2)));
    desk.sign_in("audit");
    whole(&desk);
}

#[test]
fn a_version_that_no_hospital_can_have_meant_is_refused() {
    let desk = Desk::training();
    desk.sign_in("admin");
    let refuse = |text: String, reason: &str, effective: Option<&str>, code| {
        let ask = json!({
            "text": text, "reason": reason, "effectiveAt": effective, "urgent": false,
        });
        desk.no("policy.adopt", ask, code);
    };
    let fair = |p: &mut Value| p["hold_hours"]["value"] = json!(12);
    refuse(changed(&desk, |p| p["hold_hours"]["value"] = json!(420)), "r", None, Code::Malformed);
    refuse(changed(&desk, |p| p["hold_hours"]["source"] = json!(" ")), "r", None, Code::Malformed);
    refuse(changed(&desk, |p| p["version"] = json!(7)), "r", None, Code::Changed);
    refuse("{".into(), "r", None, Code::Malformed);
    refuse(changed(&desk, fair), "  ", None, Code::ReasonMissing);
    refuse(changed(&desk, fair), "r", Some("2026-11-20T11:00:00Z"), Code::Malformed);
    refuse(changed(&desk, fair), "r", Some("tomorrow"), Code::Malformed);
    let book = desk.ok("policy.show", json!({}));
    assert_eq!(book["versions"].as_array().map(Vec::len), Some(1));
    desk.sign_in("audit");
    whole(&desk);
}
