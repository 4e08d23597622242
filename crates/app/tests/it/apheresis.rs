//! Donations by a machine through the real store, from the questions to the components; and what was
//! given elsewhere. Scenario numbers are those of bloodbank.md 6.

use super::donors::{begin, screening};
use super::*;

const PASSWORD: &str = "correct horse battery";

/// A facility under the rule book of India, where somebody takes blood.
fn india() -> Desk {
    let desk = Desk::empty();
    let set_up = json!({
        "facility": "Lakeside", "zone": "Asia/Kolkata", "profile": "in", "language": "en",
        "adminUser": "grace", "adminName": "Grace", "adminPassword": PASSWORD,
    });
    let code = desk.ok("setup.facility", set_up)["recoveryCode"].clone();
    let sign_in = |user: &str| {
        desk.ok("session.sign_in", json!({ "user": user, "password": PASSWORD }));
    };
    desk.ok("setup.confirm", json!({ "code": code }));
    sign_in("grace");
    for (user, role) in [("amina", "blood_bank_scientist"), ("ana", "physician")] {
        let new = json!({ "user": user, "displayName": user, "role": role, "password": PASSWORD });
        desk.ok("staff.add", new);
    }
    sign_in("amina");
    desk.ok("numbers.hold", json!({ "fin": "A9998", "year": 26, "first": 1, "last": 99 }));
    desk
}

fn register(desk: &Desk) -> String {
    let new = json!({
        "family": "Sharma", "given": "Arjun", "birthDate": "1990-05-17", "sex": "male",
        "phone": null, "area": null, "paper": null, "consent": true, "guardian": null,
        "override": null,
    });
    text(&desk.ok("donor.register", new), "id")
}

fn for_machine(desk: &Desk, donor: &str, kind: &str) -> Value {
    let mut ask = screening(desk, donor);
    ask["kind"] = json!(kind);
    ask["bag"] = Value::Null;
    ask["platelets"] = json!(220);
    ask
}

fn view(desk: &Desk, donor: &str) -> Value {
    desk.ok("donor.view", json!({ "id": donor }))
}

/// The first day of whole blood.
fn whole_blood(desk: &Desk, donor: &str) -> Value {
    view(desk, donor)["row"]["next"]["on"].clone()
}

fn by_machine(desk: &Desk, donor: &str, kind: &str, volume: u32, returned: Value) -> String {
    desk.ok("donor.screen", for_machine(desk, donor, kind));
    let page = view(desk, donor);
    assert_eq!(page["screenings"][0]["verdict"], "accept", "{}", page["screenings"][0]);
    assert_eq!(page["screenedFor"], kind);
    let begun = json!({ "donor": donor, "din": null, "bag": null });
    let donation = text(&desk.ok("donation.begin", begun), "id");
    desk.clock.advance(TimeDelta::minutes(4));
    let end = json!({
        "donation": donation, "volumeMl": volume, "minutes": null, "redCellsReturned": returned,
    });
    desk.ok("donation.end", end);
    donation
}

#[test]
fn s25_platelets_by_machine_let_whole_blood_wait_by_the_red_cells_that_came_back() {
    for (returned, on) in [
        (json!(true), "2026-12-18"),
        (json!(false), "2027-02-18"),
        // Nobody knows: the longer wait.
        (Value::Null, "2027-02-18"),
    ] {
        let desk = india();
        let donor = register(&desk);
        by_machine(&desk, &donor, "platelets", 300, returned.clone());
        assert_eq!(whole_blood(&desk, &donor), on, "{returned}");
        let row = &view(&desk, &donor)["donations"][0];
        assert_eq!((&row["kind"], &row["redCellsReturned"]), (&json!("platelets"), &returned));
        assert_eq!(row["bag"], Value::Null);
    }
}

#[test]
fn a_machine_donation_is_asked_for_and_measured_as_such() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let donor = register(&desk);
    let mut few = for_machine(&desk, &donor, "platelets");
    few["platelets"] = json!(140);
    desk.ok("donor.screen", few);
    let why = |desk: &Desk| view(desk, &donor)["screenings"][0]["reasons"][0]["why"].clone();
    assert_eq!(why(&desk), "platelet_count");
    let mut light = for_machine(&desk, &donor, "double_red_cells");
    light["weight"] = json!(690);
    desk.ok("donor.screen", light);
    assert_eq!(why(&desk), "weight");
    // Screened for the machine, nobody fills a bag; screened for a bag, no machine.
    desk.ok("donor.screen", screening(&desk, &donor));
    desk.no("donation.begin", json!({ "donor": donor, "din": null, "bag": null }), Code::Malformed);
}

#[test]
fn what_a_machine_collected_is_one_product_in_one_bag_or_several() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let donor = register(&desk);
    let donation = by_machine(&desk, &donor, "platelets", 520, json!(true));
    let react = json!({ "donation": donation, "reaction": "citrate", "grade": 1, "note": null });
    desk.ok("donation.react", react);
    let lab = desk.ok("lab.view", json!({ "id": donation }));
    assert_eq!(lab["row"]["kind"], "platelets");
    let two = lab["sets"][1].as_array().expect("two bags");
    assert_eq!(two.iter().map(|p| text(p, "code")).collect::<Vec<_>>(), ["D1008VA0", "D1008VB0"]);
    let parts = |product: &str, codes: [&str; 2], volume: u32| {
        let part =
            |code: &str| json!({ "product": product, "productCode": code, "volumeMl": volume });
        json!({ "donation": donation, "parts": codes.map(part) })
    };
    // Not what the machine was for, not more than it collected, not two bags under one label.
    let no = |ask: Value, rule: &str| {
        let error = desk.no("lab.divide", ask, Code::LabRefused);
        assert_eq!(error.args["rule"], rule);
    };
    no(parts("fresh_frozen_plasma", ["D1003VA0", "D1003VB0"], 250), "set_not_allowed");
    no(parts("platelets_apheresis", ["D1008VA0", "D1008VB0"], 280), "volume_exceeds");
    no(parts("platelets_apheresis", ["D1008V00", "D1008V00"], 250), "label_twice");
    desk.ok("lab.divide", parts("platelets_apheresis", ["D1008VA0", "D1008VB0"], 260));
    let lab = desk.ok("lab.view", json!({ "id": donation }));
    assert_eq!(lab["parts"].as_array().map(Vec::len), Some(2));
    // Five days, the collection being day 0 (bloodbank.md 2.3), at the end of the day in Nairobi.
    assert_eq!(lab["parts"][0]["expiresAt"], "2026-11-25T20:59:59.000000Z");
    assert_eq!(lab["parts"][0]["component"], "platelets");
}

#[test]
fn double_red_cells_are_two_bags_and_keep_the_donor_away_for_half_a_year() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let donor = register(&desk);
    let donation = by_machine(&desk, &donor, "double_red_cells", 380, json!(false));
    // WHO: 183 days (bloodbank.md 2.5).
    assert_eq!(whole_blood(&desk, &donor), "2027-05-22");
    let part = |code: &str| json!({ "product": "red_cells_additive", "productCode": code, "volumeMl": 290 });
    let parts = ["D1001VA0", "D1001VB0"].map(part);
    desk.ok("lab.divide", json!({ "donation": donation, "parts": parts }));
}

#[test]
fn a_donation_elsewhere_counts_and_holds_what_was_given_here_too_soon_after_it() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let donor = register(&desk);
    let elsewhere = |on: &str, place: &str| {
        json!({
            "donor": donor, "kind": "whole_blood", "on": on, "place": place,
            "redCellsReturned": null,
        })
    };
    desk.no("donor.elsewhere", elsewhere("2026-11-21", "Kisumu"), Code::DonationDayImpossible);
    desk.no("donor.elsewhere", elsewhere("2026-10-01", " "), Code::PlaceMissing);
    desk.ok("donor.screen", screening(&desk, &donor));
    let donation = text(&desk.ok("donation.begin", begin(&donor)), "id");
    desk.ok("donation.end", json!({ "donation": donation, "volumeMl": 450, "minutes": 0 }));
    desk.ok("donor.elsewhere", elsewhere("2026-10-01", "Kisumu"));
    desk.no("donor.elsewhere", elsewhere("2026-10-01", "Kisii"), Code::DonationToldAlready);
    let page = view(&desk, &donor);
    assert_eq!(page["donations"][0]["holds"], json!(["interval_violation"]));
    assert_eq!(page["elsewhere"][0]["place"], "Kisumu");
    // A year ago nothing depends on it any more.
    desk.ok("donor.elsewhere", elsewhere("2025-10-01", "Kisumu"));
    assert_eq!(view(&desk, &donor)["elsewhere"].as_array().map(Vec::len), Some(2));
    // At the desk a physician lifts the hold with somebody else; nobody does alone.
    let cause = page["donations"][0]["held"][0]["cause"].clone();
    desk.sign_in("ferreira");
    let lift = |second: Value| {
        json!({
            "donation": donation, "hold": cause, "reason": "Ferritin seen, iron given",
            "second": second,
        })
    };
    desk.no("donation.lift", lift(Value::Null), Code::SecondPersonNeeded);
    let own = json!({ "user": "ferreira", "password": "training" });
    desk.no("donation.lift", lift(own), Code::SecondPersonRefused);
    desk.ok("donation.lift", lift(json!({ "user": "luis", "password": "training" })));
    assert_eq!(view(&desk, &donor)["donations"][0]["holds"], json!([]));
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}
