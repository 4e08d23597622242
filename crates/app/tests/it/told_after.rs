//! What a donor tells after giving, and what is kept of them over the years, through the real store.

use super::lab::{divide, give, released};
use super::recall::give_out;
use super::*;

fn report(donation: &str, what: &str) -> Value {
    json!({ "donation": donation, "what": what, "note": null, "defer": null, "happened": null })
}

fn donor(desk: &Desk) -> String {
    let found = desk.ok("donor.search", json!({ "text": "odhiambo", "limit": 5 }));
    text(&found["rows"][0], "id")
}

#[test]
fn s33_fever_the_day_after_recalls_everything_also_what_the_ward_has_not_begun() {
    let (mut desk, donation, unit) = released();
    give_out(&desk, &unit);
    desk.clock.advance(TimeDelta::days(1));
    desk.sign_in("mbeki");
    let mut fever = report(&donation, "fever");
    fever["note"] = json!("38.6 since the night");
    fever["defer"] = json!("unwell");
    fever["happened"] = json!("2026-11-21");
    let taken = desk.ok("donation.report", fever);
    // The red cells on the ward and the plasma that is still in the laboratory.
    assert_eq!((&taken["bags"], &taken["issued"]), (&json!(2), &json!(1)));
    let recall = desk.ok("recall.view", json!({ "id": taken["recall"] }));
    let found: Vec<_> =
        recall["targets"].as_array().expect("bags").iter().map(|t| text(t, "found")).collect();
    assert!(found.contains(&"issued".into()) && found.contains(&"in_stock".into()), "{recall}");
    let tasks = recall["tasks"].as_array().expect("tasks");
    assert!(tasks.iter().any(|task| task["what"] == "alert_ward"), "{recall}");
    assert!(tasks.iter().any(|task| task["what"] == "acknowledge_recall"), "{recall}");
    // Nothing of it goes anywhere from now on, and the donor waits.
    desk.sign_in("amina");
    let lab = desk.ok("lab.view", json!({ "id": donation }));
    assert_eq!(lab["holds"][0]["reason"], "reported_after");
    let page = desk.ok("donor.view", json!({ "id": donor(&desk) }));
    assert_eq!(page["deferrals"][0]["code"], "unwell");
    assert_eq!(page["told"][0]["what"], "fever");
    // Told twice, it is written twice and recalled once.
    let again = desk.ok("donation.report", report(&donation, "fever"));
    assert_eq!((&again["recall"], &again["bags"]), (&Value::Null, &json!(0)));
    desk.restart();
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_report_before_the_division_holds_the_donation_and_another_reason_needs_words() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let donation = give(&desk, "Odhiambo");
    desk.no("donation.report", report(&donation, "other"), Code::ReasonMissing);
    let mut bare = report(&donation, "travel");
    bare["defer"] = json!("malaria_travel");
    desk.no("donation.report", bare, Code::Malformed);
    let taken = desk.ok("donation.report", report(&donation, "travel"));
    assert_eq!(taken["recall"], Value::Null, "nothing is made of it yet");
    divide(&desk, &donation);
    let lab = desk.ok("lab.view", json!({ "id": donation }));
    assert_eq!(lab["row"]["held"], true);
}

#[test]
fn health_and_determinations_are_kept_and_shown_to_those_who_may_know() {
    let (desk, donation, _) = released();
    let id = donor(&desk);
    let health = json!({ "afterMenopause": null, "everPregnant": true, "hlaNegative": false });
    desk.ok("donor.health", json!({ "donor": id, "health": health }));
    let page = desk.ok("donor.view", json!({ "id": id }));
    assert_eq!(page["health"], health);
    assert_eq!(page["groups"][0]["group"], json!({ "abo": "O", "rhd": "positive" }));
    assert!(page["groups"][0]["din"].as_str().is_some_and(|din| din.starts_with("A9998")));
    // Deferred and lifted: gone from the page, and still in the history with who it was.
    let defer = json!({ "donor": id, "code": "unwell", "happened": "2026-11-20", "note": null });
    desk.ok("donor.defer", defer);
    let cause = desk.ok("donor.view", json!({ "id": id }))["deferrals"][0]["cause"].clone();
    desk.sign_in("ferreira");
    let lift = json!({
        "donor": id, "cause": cause, "code": "unwell", "reason": "Seen and well", "second": null,
    });
    desk.ok("donor.lift", lift);
    desk.ok("donation.report", report(&donation, "vaccine"));
    let history = desk.ok("donor.history", json!({ "id": id }));
    let lines = history["lines"].as_array().expect("lines");
    let what: Vec<_> = lines.iter().map(|line| text(line, "what")).collect();
    let expected = [
        "told_after",
        "deferral_lifted",
        "deferred",
        "health_said",
        "group_found",
        "gave",
        "screened",
        "consented",
        "registered",
    ];
    assert_eq!(what, expected);
    assert_eq!(lines[1]["args"]["reason"], "Seen and well");
    assert_eq!(lines[1]["by"], "Dr Ana Ferreira");
    // The nurse sees that there was a deferral and not which, and no test.
    desk.sign_in("mbeki");
    let history = desk.ok("donor.history", json!({ "id": id }));
    assert_eq!(history["lines"][2]["args"].get("code"), None);
    assert_eq!(history["lines"][3]["args"].get("hlaNegative"), None);
    let page = desk.ok("donor.view", json!({ "id": id }));
    assert_eq!(page["health"]["hlaNegative"], Value::Null);
    // The reception sees none of it.
    desk.sign_in("joseph");
    desk.no("donor.history", json!({ "id": id }), Code::Forbidden);
    let page = desk.ok("donor.view", json!({ "id": id }));
    assert_eq!((&page["health"], &page["told"]), (&Value::Null, &json!([])));
}
