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

/// Puts a bag into the store as a release did that did not compare the bags of one donation.
fn received_long_ago(desk: &mut Desk, serial: u32, group: kernel::BloodGroup) -> String {
    desk.stop();
    let home = desk.home.path();
    let dek = KeySlots::load(home).expect("slots").unlock_training().expect("public");
    let mut store = store_sqlite::Store::open(home, &dek).expect("opens");
    let din = Din::compose("A9997", 26, serial).expect("a number").as_str().to_owned();
    let product_code = "D1003V00".to_owned();
    let id = kernel::UnitId::of_label(&din, &product_code);
    let command = bloodbank::Command::Receive {
        din,
        product_code,
        component: kernel::Component::Plasma,
        group,
        expires_wall: "2027-06-01T23:59:00".parse().expect("a date"),
        zone: chrono_tz::Africa::Nairobi,
        collected_at: None,
        volume: None,
        place: "Freezer A".into(),
        supplier: None,
        low_titre: false,
    };
    let mut facts = records::Facts::default();
    facts.unit.site = "here".into();
    let context = records::Context {
        now: store.last_time().expect("reads").expect("a command"),
        later: None,
        by: kernel::CommandId(desk.clock.new_uuid()),
        actor: kernel::Actor {
            id: kernel::StaffId(desk.clock.new_uuid()),
            user: "amina".into(),
            role: Role::BloodBankScientist,
        },
        overridden: vec![],
        duplicates_overridden: false,
        policy: Arc::new(records::first_policy().1),
    };
    let save = store_sqlite::Save {
        body: &records::Body::Unit { id, command },
        facts: &facts,
        context: &context,
        standing: ledger::Standing::Final,
        second: None,
        reason: None,
        after: &[],
    };
    let saved = store.save(&save, &*desk.clock).expect("the store works");
    assert!(matches!(saved, store_sqlite::Outcome::Saved { .. }), "{saved:?}");
    drop(store);
    desk.restart();
    id.to_string()
}

#[test]
fn bags_of_one_donation_at_odds_stop_at_the_counter_until_two_people_settle_which_is_wrong() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    let red = desk.receive(75, Abo::A, Rhd::Negative);
    let group = kernel::BloodGroup { abo: kernel::Abo::O, rhd: kernel::Rhd::Positive };
    let plasma = received_long_ago(&mut desk, 75, group);
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let view = desk.ok("counter.ask", json!({ "patient": smith, "unit": red }));
    assert_eq!(view["refused"]["code"], "donation_groups_differ");
    assert_eq!(view["refused"]["args"]["otherProductCode"], "D1003V00");
    let gate = desk.gate(&desk.issue(&red, &smith, Value::Null, Value::Null), "unit_group");
    assert_eq!(
        (&gate["result"], &gate["code"]),
        (&json!("stop"), &json!("donation_groups_differ"))
    );
    desk.sampled(&smith, "A negative");
    desk.crossmatched(&red, &smith);
    for name in ["issue.give", "unit.reserve"] {
        let ask = desk.issue(&red, &smith, Value::Null, Value::Null);
        desk.no(name, ask, Code::DonationGroupsDiffer);
    }
    let several = json!({ "units": [red], "patient": smith, "override": null, "second": null });
    desk.no("unit.reserve_many", several, Code::DonationGroupsDiffer);
    let others = desk.ok("counter.ask", json!({ "patient": smith, "unit": null }));
    let alternatives = others["alternatives"].as_array().expect("a list");
    assert!(alternatives.iter().all(|a| a["unit"]["id"] != json!(red)), "no alternative either");

    let second = json!({ "user": "luis", "password": "training" });
    let discard = json!({
        "unit": plasma, "reason": "other", "note": "Its group was mistyped; label says A", "second": second,
    });
    desk.ok("unit.discard", discard);
    desk.ok("issue.give", desk.issue(&red, &smith, Value::Null, Value::Null));
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
        ("expiresWall", json!("+262142-12-31T23:59"), Code::Malformed),
        ("collectedWall", json!("+262142-12-31T23:59"), Code::Malformed),
        ("collectedWall", json!("-262143-01-01T00:00"), Code::Malformed),
        ("collectedWall", json!("1900-01-01T00:00"), Code::ExpiryTooFar),
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
    desk.sampled(&smith, "A negative");
    for reason in ["\u{200b}", "\u{200b}\u{2060}\u{feff}", "..."] {
        let over = json!({ "rules": ["rhd_mismatch"], "reason": reason });
        desk.no("issue.give", desk.issue(&unit, &smith, over, second.clone()), Code::ReasonMissing);
    }
}

#[test]
fn s16_a_bombay_label_is_refused_by_name_and_leaves_no_group_to_be_taken_for_o() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let din = Din::compose("A9997", 26, 90).expect("a number").to_structure(Flag::UNSPECIFIED);
    for code in ["H600", "G600"] {
        let burst = format!("{din}=%{code}");
        desk.no("scan.read", json!({ "text": burst, "typed": false }), Code::GroupNotUsual);
    }
}
