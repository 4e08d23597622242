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
    let din = Din::compose("A9997", 26, serial).expect("a number").as_str().to_owned();
    let command = bloodbank::Command::Receive {
        din,
        product_code: "D1003V00".to_owned(),
        component: kernel::Component::Plasma,
        group,
        phenotype: bloodbank::traits::Phenotype::Ordinary,
        expires_wall: "2027-06-01T23:59:00".parse().expect("a date"),
        zone: chrono_tz::Africa::Nairobi,
        collected_at: None,
        volume: None,
        place: "Freezer A".into(),
        supplier: None,
        low_titre: false,
    };
    received_by(desk, "here", command)
}

/// Puts a bag into the store that a site received, without the program of this desk.
pub(super) fn received_by(desk: &mut Desk, site: &str, command: bloodbank::Command) -> String {
    let bloodbank::Command::Receive { din, product_code, .. } = &command else {
        panic!("no receipt: {command:?}")
    };
    let id = kernel::UnitId::of_label(din, product_code);
    desk.stop();
    let home = desk.home.path();
    let dek = KeySlots::load(home).expect("slots").unlock_training().expect("public");
    let mut store = store_sqlite::Store::open(home, &dek).expect("opens");
    let mut facts = records::Facts::default();
    facts.unit.site = site.into();
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
fn a_time_with_seconds_is_no_time_of_a_label() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let mut label = desk.label(77, Abo::O, Rhd::Positive);
    label["expiresWall"] = json!("2026-12-20T23:59:30");
    desk.no("unit.receive", label.clone(), Code::Malformed);
    label["expiresWall"] = json!("2026-12-20T23:59:00");
    desk.ok("unit.receive", label);
}

#[test]
fn s02_a_bag_from_another_zone_keeps_the_time_of_its_label_and_ends_at_that_instant() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let row = |desk: &Desk, id: &str| desk.ok("unit.view", json!({ "id": id }))["row"].clone();
    let mut label = desk.label(731, Abo::O, Rhd::Positive);
    label["expiresWall"] = json!("2026-11-20T23:59");
    label["zone"] = json!("Asia/Kolkata");
    let id = text(&desk.ok("unit.receive", label.clone()), "id");
    // 23:59 in Kolkata is 21:29 in Nairobi.
    let said = row(&desk, &id);
    assert_eq!(said["expiresAt"], "2026-11-20T18:29:59.000000Z");
    assert_eq!(said["labelTime"], json!({ "wall": "2026-11-20T23:59", "zone": "Asia/Kolkata" }));
    let mut ours = desk.label(732, Abo::O, Rhd::Positive);
    ours["expiresWall"] = json!("2026-11-20T23:59");
    let own = text(&desk.ok("unit.receive", ours), "id");
    assert_eq!(row(&desk, &own).get("labelTime"), None, "a label of here says the time of here");
    label["zone"] = json!("Asia/Atlantis");
    label["din"] = json!("A999926000733");
    desk.no("unit.receive", label, Code::Malformed);
    // At 22:00 here the one is over and the other is not.
    desk.clock.advance(TimeDelta::hours(7));
    desk.sign_in("amina");
    assert_eq!(row(&desk, &id)["status"], "expired");
    assert_eq!(row(&desk, &own)["status"], "available");
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
fn s16_a_bombay_bag_is_registered_counted_labelled_and_given_as_bombay_and_never_as_o() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let new = json!({
        "family": "Rare", "given": "Asha", "birthDate": "1990-05-01", "sex": "male",
    });
    let rare = text(&desk.ok("patient.register", new), "id");
    let other = desk.patient("smith john");
    let din = Din::compose("A9997", 26, 90).expect("a number").to_structure(Flag::UNSPECIFIED);
    let read = desk.ok("scan.read", json!({ "text": format!("{din}=%G600"), "typed": false }));
    let group = json!({ "abo": "O", "rhd": "negative", "phenotype": "bombay" });
    assert_eq!(read["parts"][1]["group"], group, "{read}");

    let o_cell = |board: &Value| {
        let red =
            board["rows"].as_array().expect("rows").iter().find(|r| r["component"] == "red_cells");
        let cells = red.expect("red cells")["cells"].as_array().expect("cells").clone();
        let o = json!({ "abo": "O", "rhd": "negative" });
        cells.into_iter().find(|c| c["group"] == o).expect("a cell")["available"].clone()
    };
    let before = desk.ok("unit.board", json!({}));
    let mut label = desk.label(90, Abo::O, Rhd::Negative);
    label["group"] = group.clone();
    let impossible = json!({ "abo": "A", "rhd": "negative", "phenotype": "bombay" });
    let with = |group: Value| {
        let mut label = label.clone();
        label["group"] = group;
        label
    };
    desk.no("unit.receive", with(impossible), Code::GroupNotUsual);
    let unit = text(&desk.ok("unit.receive", label.clone()), "id");
    let row = |unit: &str| desk.ok("unit.view", json!({ "id": unit }))["row"].clone();
    assert_eq!(row(&unit)["group"], group);

    // On the board it stands beside the table, and no list of O has it.
    let after = desk.ok("unit.board", json!({}));
    assert_eq!(o_cell(&after), o_cell(&before), "no bag of O came");
    assert_eq!(after["rare"][0]["available"], 1, "{}", after["rare"]);
    assert_eq!(after["rare"][0]["group"], group);
    let list = |group: &Value| {
        let ask = json!({ "component": null, "group": group, "status": null, "text": null, "limit": 200 });
        let found = desk.ok("unit.list", ask);
        let rows = found["rows"].as_array().expect("rows").clone();
        rows.iter().any(|row| row["id"] == unit.as_str())
    };
    assert!(list(&group) && !list(&json!({ "abo": "O", "rhd": "negative" })));

    // Its label says so, and is read back so.
    let folder = tempfile::tempdir().expect("a folder");
    let saved = desk.ok(
        "print.save",
        json!({
            "what": { "kind": "unit_labels", "units": [unit] }, "printer": "office", "media": "a4",
            "language": "en", "folder": folder.path(),
        }),
    );
    assert_eq!(saved["refused"], json!([]), "{saved}");

    // Nobody with H is given it, by any way; a patient without H is given nothing else.
    let reserve = |unit: &str, patient: &str| json!({ "unit": unit, "patient": patient });
    desk.no("unit.reserve", reserve(&unit, &other), Code::PhenotypeIncompatible);
    let o = desk.receive(91, Abo::O, Rhd::Negative);
    desk.sampled(&rare, "O negative");
    desk.ok("unit.reserve", reserve(&o, &rare));
    desk.ok("history.phenotype", json!({ "patient": rare, "phenotype": "bombay" }));
    assert_eq!(row(&o)["status"], "available", "the bag of group O is free again");
    desk.no("unit.reserve", reserve(&o, &rare), Code::PhenotypeIncompatible);
    let known = desk.ok("patient.view", json!({ "id": rare }))["group"].clone();
    assert_eq!(known["group"]["phenotype"], "bombay", "{known}");
    desk.ok("unit.reserve", reserve(&unit, &rare));

    // Two people read it again with anti-H; the antibody screen alone is not enough.
    desk.crossmatched(&unit, &rare);
    let why = desk.ok("crossmatch.ask", json!({ "unit": unit, "patient": rare }));
    assert_eq!(
        (&why["need"]["method"], why["why"].as_array().expect("why").contains(&json!("without_h"))),
        (&json!("ahg"), true),
        "{why}"
    );
    let ask = desk.issue(&unit, &rare, Value::Null, Value::Null);
    let mut as_o = ask.clone();
    as_o["bag"]["group"] = json!({ "abo": "O", "rhd": "negative" });
    assert_eq!(desk.gate(&as_o, "scan")["code"], "scan_disagrees");
    assert_eq!(desk.gate(&ask, "phenotype")["result"], "pass");
    desk.ok("issue.give", ask);
}

#[test]
fn s16_cells_that_do_not_react_with_anti_h_take_a_bag_that_says_o_off_the_shelf() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unit = desk.receive(92, Abo::O, Rhd::Positive);
    let read = json!({ "abo": "O", "rhd": "positive", "phenotype": "bombay" });
    desk.ok("unit.retype", json!({ "unit": unit, "group": read }));
    let view = desk.ok("unit.view", json!({ "id": unit }));
    assert_eq!(view["row"]["status"], "quarantined");
    assert_eq!(
        view["quarantineReason"],
        "the segment shows Bombay RhD POSITIVE, the label O RhD POSITIVE"
    );
}
