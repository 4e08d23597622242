//! Bags that are irradiated, thawed, pooled: their children stand for them.

use super::*;

/// A bag with the day of its collection, as the laboratory needs it.
fn bag(desk: &Desk, serial: u32, code: &str, component: &str, expires: &str) -> String {
    let mut label = desk.label(serial, Abo::A, Rhd::Negative);
    label["productCode"] = json!(code);
    label["component"] = json!(component);
    label["collectedWall"] = json!("2026-11-15T09:00");
    label["expiresWall"] = json!(expires);
    label["volumeMl"] = json!(if component == "cryoprecipitate" { 40 } else { 280 });
    text(&desk.ok("unit.receive", label), "id")
}

fn work(units: &[&str], work: &str, code: &str, volume: u32) -> Value {
    json!({
        "units": units, "work": work, "open": false,
        "into": [{ "productCode": code, "volumeMl": volume }], "place": "Fridge 2",
    })
}

fn row(desk: &Desk, unit: &str) -> Value {
    desk.ok("unit.view", json!({ "id": unit }))["row"].clone()
}

#[test]
fn an_irradiated_bag_ends_earlier_stays_held_and_carries_on_what_was_known() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let unit = bag(&desk, 501, "D1001V00", "red_cells", "2026-12-24T23:59");
    desk.retyped(&unit);
    desk.ok("unit.antigen", json!({ "unit": unit, "antigen": "K", "positive": false }));
    desk.ok("unit.reserve", json!({ "unit": unit, "patient": smith }));
    let choices = desk.ok("work.choices", json!({ "units": [unit] }));
    let irradiate = choices.as_array().expect("a list").iter().find(|c| c["work"] == "irradiate");
    let code = text(irradiate.expect("may be irradiated"), "code");
    assert_eq!(code, "D1101V00");
    let done = desk.ok("work.do", work(&[&unit], "irradiate", &code, 280));
    let child = done["units"][0].as_str().expect("one").to_owned();
    let (parent, child_row) = (row(&desk, &unit), row(&desk, &child));
    assert_eq!(parent["status"], "modified");
    assert_eq!((&child_row["status"], &child_row["patient"]), (&json!("reserved"), &json!(smith)));
    assert!(text(&child_row, "expiresAt") < text(&parent, "expiresAt"), "{child_row}");
    let traits = desk.ok("unit.traits", json!({ "id": child }));
    assert_eq!(traits["attributes"], json!(["irradiated"]), "{traits}");
    assert_eq!(traits["antigens"][0]["antigen"], "K");
    assert_eq!(traits["confirmed"], parent["group"]);
    // It goes to the patient like any other; its parent to nobody, and not to the bench again.
    desk.ok("crossmatch.record", desk.crossmatch(&child, &smith, "ahg", "compatible"));
    desk.ok("work.label", json!({ "unit": child, "label": label(&child_row, Abo::A) }));
    desk.ok("issue.give", desk.issue(&child, &smith, Value::Null, Value::Null));
    desk.no("work.do", work(&[&unit], "irradiate", &code, 280), Code::LabRefused);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

/// What a scanner reads off the new label of an RhD-negative bag, with this ABO group.
fn label(row: &Value, abo: Abo) -> String {
    let din = Din::new(&text(row, "din")).expect("a number");
    let group = AboRhd::for_group(abo, Some(Rhd::Negative), DonationType::General);
    let at: chrono::DateTime<chrono::Utc> = text(row, "expiresAt").parse().expect("an instant");
    let day = at.with_timezone(&chrono_tz::Africa::Nairobi).date_naive();
    let end = isbt128::Expiry::end_of(day).expect("a day");
    let code = text(row, "productCode");
    let group = group.expect("a group").to_structure();
    let din = din.to_structure(Flag::UNSPECIFIED);
    format!("{din}{group}=<{code}{}", end.to_structure())
}

#[test]
fn s15_what_comes_of_a_treatment_goes_to_nobody_before_its_label_was_read_back() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let unit = bag(&desk, 505, "D1001V00", "red_cells", "2026-12-24T23:59");
    desk.retyped(&unit);
    let done = desk.ok("work.do", work(&[&unit], "irradiate", "D1101V00", 280));
    let child = done["units"][0].as_str().expect("one").to_owned();
    let unread = || desk.ok("unit.view", json!({ "id": child }))["labelUnread"].clone();
    assert_eq!(unread(), true);
    desk.ok("unit.reserve", json!({ "unit": child, "patient": smith }));
    desk.ok("crossmatch.record", desk.crossmatch(&child, &smith, "ahg", "compatible"));
    let give = || desk.issue(&child, &smith, Value::Null, Value::Null);
    desk.no("issue.give", give(), Code::LabelNotRead);
    // Its bars say another group than its record: void, and read again they still are.
    let read = |text: &str| json!({ "unit": child, "label": text });
    let wrong = desk.no("work.label", read(&label(&row(&desk, &child), Abo::O)), Code::LabRefused);
    assert_eq!(
        (&*wrong.args["rule"], &*wrong.args["faults"]),
        ("label_not_verified", "group_differs")
    );
    let parent = desk.no("work.label", read(&label(&row(&desk, &unit), Abo::A)), Code::LabRefused);
    assert_eq!(parent.args["faults"], "product_differs,expiry_differs");
    desk.no("work.label", read(""), Code::LabRefused);
    desk.no("issue.give", give(), Code::LabelNotRead);
    desk.ok("work.label", read(&label(&row(&desk, &child), Abo::A)));
    desk.no("work.label", read(&label(&row(&desk, &child), Abo::A)), Code::Changed);
    assert_eq!(unread(), false);
    desk.ok("issue.give", give());
    // A spare print is not read in the place of the label of a bag that has left.
    let other = bag(&desk, 506, "D1001V00", "red_cells", "2026-12-24T23:59");
    let done = desk.ok("work.do", work(&[&other], "irradiate", "D1101V00", 280));
    let away = row(&desk, done["units"][0].as_str().expect("one"));
    let begun = json!({ "to": "Hill Clinic", "component": "red_cells" });
    let transfer = desk.ok("transfer.begin", begun)["id"].clone();
    let scanned = json!({ "din": away["din"], "productCode": away["productCode"] });
    desk.ok("transfer.pack", json!({ "transfer": transfer, "bag": scanned }));
    desk.ok("transfer.scan_out", json!({ "transfer": transfer, "tenths": 40 }));
    let spare = json!({ "unit": away["id"], "label": label(&away, Abo::A) });
    desk.no("work.label", spare, Code::UnitNotHere);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_pool_has_a_number_of_its_own_and_every_donation_in_it() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let mut thawed = vec![];
    for serial in [511, 512] {
        let unit = bag(&desk, serial, "D1004V00", "cryoprecipitate", "2027-11-01T23:59");
        let done = desk.ok("work.do", work(&[&unit], "thaw", "D1404V00", 40));
        thawed.push(done["units"][0].as_str().expect("one").to_owned());
    }
    let both: Vec<&str> = thawed.iter().map(String::as_str).collect();
    desk.no("work.do", work(&both[..1], "pool", "D1504V00", 80), Code::LabRefused);
    let pool = desk.ok("work.do", work(&both, "pool", "D1504V00", 80));
    let pool = row(&desk, pool["units"][0].as_str().expect("one"));
    assert_eq!(pool["status"], "available", "{pool}");
    assert_ne!(pool["din"], row(&desk, both[0])["din"]);
    assert!(text(&pool, "din").starts_with("A9998"), "of this site's block: {pool}");
    for parent in both {
        assert_eq!(row(&desk, parent)["status"], "modified");
    }
}

#[test]
fn what_nobody_may_do_is_refused_and_changes_nothing() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let no_day = desk.receive(520, Abo::A, Rhd::Negative);
    desk.no("work.do", work(&[&no_day], "irradiate", "D1101V00", 280), Code::ReasonMissing);
    let unit = bag(&desk, 521, "D1001V00", "red_cells", "2026-12-24T23:59");
    for (what, code, volume) in
        [("thaw", "D1403V00", 280), ("irradiate", "D1101V00", 900), ("irradiate", "D1001V00", 280)]
    {
        desk.no("work.do", work(&[&unit], what, code, volume), Code::LabRefused);
    }
    let second = json!({ "user": "luis", "password": "training" });
    let thrown = json!({ "unit": unit, "reason": "processed", "note": null, "second": second });
    desk.no("unit.discard", thrown, Code::Changed);
    assert_eq!(row(&desk, &unit)["status"], "available");
    desk.ok("unit.quarantine", json!({ "unit": unit, "reason": "Label torn" }));
    desk.no("work.do", work(&[&unit], "irradiate", "D1101V00", 280), Code::LabRefused);
}

#[test]
fn s08_the_life_of_what_was_thawed_runs_from_the_act_and_not_from_its_entry() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unit = bag(&desk, 531, "D1004V00", "cryoprecipitate", "2027-11-01T23:59");
    desk.power_back(60, "amina");
    let mut late = work(&[&unit], "thaw", "D1404V00", 40);
    // Before the bag was here nobody can have thawed it.
    late["happened"] = desk.on_paper(90, "luis");
    desk.no("work.do", late.clone(), Code::TimeNotPossible);
    late["happened"] = desk.on_paper(40, "luis");
    let done = desk.ok("work.do", late);
    let child = row(&desk, done["units"][0].as_str().expect("one"));
    let other = bag(&desk, 532, "D1004V00", "cryoprecipitate", "2027-11-01T23:59");
    let now = desk.ok("work.do", work(&[&other], "thaw", "D1404V00", 40));
    let fresh = row(&desk, now["units"][0].as_str().expect("one"));
    let end = |row: &Value| {
        let text = text(row, "expiresAt");
        text.parse::<chrono::DateTime<chrono::Utc>>().expect("an instant")
    };
    assert_eq!((end(&fresh) - end(&child)).num_minutes(), 40, "{child} {fresh}");
}
