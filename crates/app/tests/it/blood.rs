//! Units of blood as the page handles them, where a slip of the finger must not reach a patient.

use super::*;

/// A bag of plasma of the same donation as [`Desk::label`] of this serial.
fn plasma(desk: &Desk, serial: u32, abo: Abo, rhd: Rhd) -> Value {
    let mut label = desk.label(serial, abo, rhd);
    label["productCode"] = json!("D1003V00");
    label["component"] = json!("plasma");
    label
}

#[test]
fn one_donation_number_with_two_groups_is_refused_and_the_other_bag_is_named() {
    let desk = Desk::training();
    desk.sign_in("amina");
    desk.receive(70, Abo::O, Rhd::Negative);
    let error = desk.no(
        "unit.receive",
        plasma(&desk, 70, Abo::A, Rhd::Positive),
        Code::DonationGroupsDiffer,
    );
    assert_eq!(error.kind, ErrorKind::Refusal);
    assert_eq!(error.args["otherProductCode"], "D1001V00");
    assert_eq!(error.args["otherGroup"], "O RhD NEGATIVE");
    desk.ok("unit.receive", plasma(&desk, 70, Abo::O, Rhd::Negative));
}

#[test]
fn a_label_with_an_absurd_value_is_refused_by_name() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let with = |name: &str, value: Value| {
        let mut label = desk.label(71, Abo::O, Rhd::Positive);
        label[name] = value;
        label
    };
    for (name, value, code) in [
        ("expiresWall", json!("9999-12-31T23:59"), Code::ExpiryTooFar),
        ("expiresWall", json!("2027-01-20T23:59"), Code::ExpiryTooFar),
        ("collectedWall", json!("2027-01-01T10:00"), Code::CollectionImpossible),
        ("collectedWall", json!("1970-01-01T00:00"), Code::ExpiryTooFar),
        ("volumeMl", json!(0), Code::VolumeImpossible),
        ("volumeMl", json!(4_294_967_295_u32), Code::VolumeImpossible),
        ("place", json!("  "), Code::PlaceMissing),
        ("place", json!("\u{200b}"), Code::PlaceMissing),
        ("component", json!("plasma"), Code::ProductIsOther),
    ] {
        let error = desk.no("unit.receive", with(name, value.clone()), code);
        assert_eq!(error.kind, ErrorKind::Refusal, "{name} {value}");
    }
    // A code of the house is bound however it is written.
    let mut small = with("component", json!("platelets"));
    small["productCode"] = json!("d1001v00");
    let error = desk.no("unit.receive", small, Code::ProductIsOther);
    assert_eq!(error.args["component"], "red_cells");
    desk.ok("unit.receive", with("component", Value::Null));
}

#[test]
fn a_stale_view_lifts_no_quarantine_that_it_does_not_show() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unit = desk.receive(72, Abo::O, Rhd::Positive);
    let stop = |reason: &str| json!({ "unit": unit, "reason": reason });
    let open = || desk.ok("unit.view", json!({ "id": unit }))["quarantines"].clone();
    desk.ok("unit.quarantine", stop("Label to be read again"));
    let shown = open();
    let lift = json!({ "unit": unit, "cause": shown[0]["cause"], "reason": "Label is right" });
    desk.ok("unit.quarantine", stop("HIV recall"));
    desk.ok("unit.lift", lift.clone());
    let left = open();
    assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
    assert_eq!(left[0]["reason"], "HIV recall");
    // The page that still shows the first one.
    desk.no("unit.lift", lift, Code::Changed);
    desk.no("unit.lift", json!({ "unit": unit, "cause": "", "reason": "tested" }), Code::Changed);
    let view = desk.ok("unit.view", json!({ "id": unit }));
    assert_eq!(view["row"]["status"], "quarantined");
    assert_eq!(view["quarantineReason"], "HIV recall");
}

#[test]
fn a_quarantine_tells_the_patient_record_that_the_hold_has_ended() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let unit = desk.receive(73, Abo::A, Rhd::Negative);
    desk.ok("unit.reserve", json!({ "unit": unit, "patient": smith }));
    desk.ok("unit.quarantine", json!({ "unit": unit, "reason": "Fridge too warm" }));
    let view = desk.ok("patient.view", json!({ "id": smith }));
    assert_eq!(view["timeline"][0]["what"], "reservation_released", "{}", view["timeline"][0]);
    assert_eq!(view["timeline"][0]["args"]["reason"], "Fridge too warm");
    let history = desk.ok("unit.view", json!({ "id": unit }))["history"].clone();
    let acts: Vec<_> = history.as_array().expect("a list").iter().map(|h| &h["what"]).collect();
    assert_eq!(acts[..2], [&json!("quarantined"), &json!("released")], "{history}");
}

#[test]
fn what_nobody_can_see_is_no_reason_for_an_override() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let unit = desk.receive(74, Abo::A, Rhd::Positive);
    let second = json!({ "user": "luis", "password": "training" });
    for reason in ["\u{200b}", "\u{200b}\u{2060}\u{feff}", "..."] {
        let over = json!({ "rules": ["rhd_mismatch"], "reason": reason });
        desk.no("unit.issue", desk.issue(&unit, &smith, over, second.clone()), Code::ReasonMissing);
    }
}
