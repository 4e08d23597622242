//! Two records of one person through the real store: compared, settled by two, and what follows.

use super::donors::{begin, screening};
use super::*;

fn person(family: &str, paper: Option<&str>) -> Value {
    json!({
        "family": family, "given": "Peter", "birthDate": "1990-05-17", "sex": "male",
        "phone": null, "area": "Lakeside", "paper": paper, "consent": true, "guardian": null,
        "override": { "rules": ["possible_duplicate"], "reason": "Brothers, both at the desk" },
    })
}

/// Somebody known, and somebody alike who was registered after them all the same.
pub(super) fn two(desk: &Desk) -> (String, String) {
    let known = text(&desk.ok("donor.register", person("Odhiambo", Some("A 12"))), "id");
    let new = text(&desk.ok("donor.register", person("Odiambo", Some("a12"))), "id");
    (known, new)
}

pub(super) fn settle(donor: &str, other: &str, same: bool) -> Value {
    json!({
        "donor": donor, "other": other, "same": same, "reason": "Both papers seen",
        "second": { "user": "luis", "password": "training" },
    })
}

pub(super) fn gives(desk: &Desk, donor: &str) -> String {
    desk.ok("donor.screen", screening(desk, donor));
    let donation = text(&desk.ok("donation.begin", begin(donor)), "id");
    desk.clock.advance(TimeDelta::minutes(4));
    desk.ok("donation.end", json!({ "donation": donation, "volumeMl": 450, "minutes": null }));
    donation
}

fn view(desk: &Desk, donor: &str) -> Value {
    desk.ok("donor.view", json!({ "id": donor }))
}

fn desk() -> Desk {
    let desk = Desk::training();
    desk.sign_in("amina");
    desk
}

#[test]
fn s28_two_people_let_the_waiting_donation_through_and_are_not_proposed_again() {
    let mut desk = desk();
    let (known, new) = two(&desk);
    let pairs = desk.ok("donor.doubles", json!({}));
    assert_eq!(pairs["total"], 1);
    assert_eq!(pairs["pairs"][0]["signs"], json!(["same_paper", "same_birth_date", "alike_name"]));
    assert_eq!(desk.ok("donor.desk", json!({}))["doubles"], 1);
    // The doubt shows from either side.
    assert_eq!(view(&desk, &known)["likelySame"][0]["id"], json!(new));
    gives(&desk, &new);
    assert_eq!(view(&desk, &new)["donations"][0]["holds"], json!(["identity_pending"]));
    let both = desk.ok("donor.double", json!({ "donor": new, "other": known }));
    assert_eq!((&both["standing"], &both["people"]), (&json!("open"), &json!(2)));
    assert_eq!(both["waiting"].as_array().map(Vec::len), Some(1));
    let mut alone = settle(&new, &known, false);
    alone["second"] = Value::Null;
    desk.no("donor.settle", alone, Code::SecondPersonNeeded);
    let mut mute = settle(&new, &known, false);
    mute["reason"] = json!("  ");
    desk.no("donor.settle", mute, Code::ReasonMissing);
    desk.ok("donor.settle", settle(&new, &known, false));
    assert_eq!(view(&desk, &new)["donations"][0]["holds"], json!([]));
    assert_eq!(view(&desk, &new)["likelySame"], json!([]));
    assert_eq!(desk.ok("donor.doubles", json!({}))["total"], 0);
    let both = desk.ok("donor.double", json!({ "donor": known, "other": new }));
    assert_eq!(both["standing"], "two_people");
    desk.no("donor.settle", settle(&known, &new, false), Code::Changed);
    desk.restart();
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s28_one_person_waits_and_is_deferred_under_both_names_and_the_blood_stays_held() {
    let desk = desk();
    let (known, new) = two(&desk);
    gives(&desk, &known);
    desk.clock.advance(TimeDelta::days(2));
    desk.sign_in("amina");
    let second = gives(&desk, &new);
    desk.ok("donor.settle", settle(&known, &new, true));
    // The longer wait counts under the other name, with both histories on the page.
    let page = view(&desk, &new);
    assert_eq!(page["samePerson"][0]["id"], json!(known));
    assert_eq!(page["donations"].as_array().map(Vec::len), Some(2));
    // The second came too soon: it stays, and now says why.
    let held = page["donations"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|d| d["id"] == json!(second))
        .expect("the second");
    assert_eq!(held["holds"], json!(["identity_pending", "interval_violation"]));
    // What becomes known under one name keeps the person from giving under the other.
    let defer = json!({ "donor": known, "code": "hiv", "happened": "2026-11-20", "note": null });
    desk.ok("donor.defer", defer);
    let page = view(&desk, &new);
    assert_eq!(
        (&page["row"]["next"]["on"], &page["deferrals"][0]["donor"]),
        (&Value::Null, &json!(known))
    );
    desk.ok("donor.screen", screening(&desk, &new));
    assert_eq!(view(&desk, &new)["screenings"][0]["until"], json!({ "kind": "never" }));
    desk.no("donation.begin", begin(&new), Code::DonorNotAccepted);
    // Nothing was taken from either record: side by side each has its own.
    let both = desk.ok("donor.double", json!({ "donor": known, "other": new }));
    assert_eq!(both["standing"], "same_person");
    assert_eq!(both["donor"]["donations"].as_array().map(Vec::len), Some(1));
    assert_eq!(both["other"]["deferrals"], json!([]));
    // Taken back by two people, each goes their own way again.
    desk.ok("donor.settle", settle(&known, &new, false));
    assert_eq!(view(&desk, &new)["samePerson"], json!([]));
    assert_eq!(view(&desk, &new)["deferrals"], json!([]));
}

#[test]
fn a_regular_donor_waits_when_a_later_record_that_may_be_theirs_is_deferred() {
    let desk = desk();
    let (known, new) = two(&desk);
    desk.ok("donor.screen", screening(&desk, &known));
    assert_eq!(view(&desk, &known)["screenings"][0]["pending"], false);
    let defer = json!({ "donor": new, "code": "hiv", "happened": "2026-11-20", "note": null });
    desk.ok("donor.defer", defer);
    desk.ok("donor.screen", screening(&desk, &known));
    assert_eq!(view(&desk, &known)["screenings"][0]["pending"], true);
}
