//! What will be needed, what to order, what would happen if.

use super::*;

#[test]
fn a_forecast_has_an_interval_an_order_and_the_days_behind_it() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let view = desk.ok("stock.forecast", json!({ "component": "red_cells" }));
    let lines = view["lines"].as_array().expect("lines");
    assert_eq!(lines.len(), 8, "one for each group");
    for line in lines {
        let (low, high) = (line["week"]["low"].as_u64(), line["week"]["high"].as_u64());
        assert!(low <= high && high.is_some(), "{line}");
        let there = ["free", "held"].iter().map(|n| line[n].as_u64().unwrap_or(0)).sum::<u64>();
        let (to, order) = (line["orderTo"].as_u64().expect("S"), line["order"].as_u64());
        let ending = line["ending"].as_u64().expect("ending");
        assert_eq!(order, Some(to.saturating_sub(there - ending)), "{line}");
    }
    // Six bags of red cells were given in the two weeks of the training facility.
    let days = view["days"].as_array().expect("days");
    let used: u64 = days.iter().filter_map(|d| d["used"].as_u64()).sum();
    assert_eq!(used, 6, "{view}");
    assert_eq!(days.iter().filter(|d| d["expected"].is_object()).count(), 14);
    // Any group of platelets may be given: one line.
    let platelets = desk.ok("stock.forecast", json!({ "component": "platelets" }));
    assert_eq!(platelets["lines"].as_array().map(Vec::len), Some(1), "{platelets}");
    assert_eq!(platelets["lines"][0]["group"], Value::Null);
}

#[test]
fn a_question_that_nobody_can_have_meant_is_refused_by_name() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let ask = |changes: Value| json!({ "component": "red_cells", "changes": changes });
    let wrong = ask(json!([{ "kind": "need", "percent": 0 }]));
    let error = desk.no("stock.what_if", wrong, Code::OutOfBounds);
    assert_eq!(error.args["field"], "need");
    let answer = desk.ok("stock.what_if", ask(json!([{ "kind": "life", "least": 4, "most": 7 }])));
    let more = answer["difference"]["waste"]["mean"].as_f64().expect("a share");
    assert!(more > 0.0, "bags that come old are wasted more: {answer}");
}

const A_NEG: &str = "A negative";

fn red(desk: &Desk) -> Value {
    desk.ok("stock.forecast", json!({ "component": "red_cells" }))
}

/// Units on a mean day, in the order of the lines.
fn daily(view: &Value) -> Vec<f64> {
    let lines = view["lines"].as_array().expect("lines");
    lines.iter().map(|line| line["daily"].as_f64().expect("a number")).collect()
}

/// The line of A RhD negative.
fn a_negative(view: &Value) -> Value {
    let group = json!({ "abo": "A", "rhd": "negative" });
    let lines = view["lines"].as_array().expect("lines");
    lines.iter().find(|line| line["group"] == group).expect("a line").clone()
}

fn tomorrow(desk: &Desk) {
    desk.clock.advance(TimeDelta::days(1));
    desk.sign_in("amina");
}

/// A training house in which John Smith, who is A RhD negative, was given a bag of `abo` RhD negative
/// yesterday.
fn smith_was_given(abo: Abo) -> Desk {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unit = desk.receive(901, abo, Rhd::Negative);
    let smith = desk.patient("smith john");
    desk.sampled(&smith, A_NEG);
    desk.crossmatched(&unit, &smith);
    desk.ok("issue.give", desk.issue(&unit, &smith, Value::Null, Value::Null));
    tomorrow(&desk);
    desk
}

#[test]
fn o_negative_for_a_patient_of_a_negative_is_need_of_a_negative() {
    let (own, other) = (smith_was_given(Abo::A), smith_was_given(Abo::O));
    let (own, other) = (red(&own), red(&other));
    assert_eq!(daily(&own), daily(&other), "the patient needed it, not the bag");
    assert_eq!(own["counted"], other["counted"]);
    let quiet = Desk::training();
    tomorrow(&quiet);
    let before = red(&quiet);
    let mean = |view: &Value| a_negative(view)["daily"].as_f64().expect("a number");
    assert!(mean(&other) > mean(&before), "{} {}", mean(&other), mean(&before));
    assert_eq!(before["counted"]["byBag"], 0, "{}", before["counted"]);
}

#[test]
fn a_bag_counts_under_its_own_group_only_while_nobody_knows_the_patients() {
    let desk = smith_was_given(Abo::O);
    let before = red(&desk)["counted"].clone();
    let smith = desk.patient("smith john");
    let wrong = json!({
        "patient": smith, "group": { "abo": "B", "rhd": "negative" }, "sample": "S99",
        "antiD": false, "second": null,
    });
    desk.ok("patient.group", wrong);
    let after = red(&desk)["counted"].clone();
    assert_eq!(after["given"], before["given"]);
    assert!(after["byBag"].as_u64() > before["byBag"].as_u64(), "{before} {after}");
}

#[test]
fn a_week_of_need_that_nobody_could_meet_does_not_lower_the_order() {
    let desk = Desk::training();
    tomorrow(&desk);
    let before = red(&desk);
    let smith = desk.patient("smith john");
    let mut last = String::new();
    for _ in 0..7 {
        desk.sign_in("ferreira");
        let due = desk.clock.now() + TimeDelta::hours(1);
        let ask = json!({
            "patient": smith, "component": "red_cells", "count": 2, "urgency": "emergency",
            "indication": "bleeding", "measured": [], "needs": [], "freshDays": null,
            "neededBy": due.to_rfc3339(), "consent": true,
        });
        last = text(&desk.ok("request.place", ask), "id");
        tomorrow(&desk);
    }
    let after = red(&desk);
    let lacking = |view: &Value| view["counted"]["lacking"].as_u64().expect("a number");
    // The training house has requests of its own that nobody met.
    let quiet = Desk::training();
    (0..8).for_each(|_| tomorrow(&quiet));
    let quiet = red(&quiet);
    assert_eq!(lacking(&after) - lacking(&quiet), 14, "{}", after["counted"]);
    assert_eq!(after["counted"]["given"], before["counted"]["given"]);
    let (old, new) = (a_negative(&before), a_negative(&after));
    assert!(new["orderTo"].as_u64() >= old["orderTo"].as_u64(), "{old} {new}");
    assert!(new["daily"].as_f64() > old["daily"].as_f64(), "{old} {new}");
    assert!(new["daily"].as_f64() > a_negative(&quiet)["daily"].as_f64(), "{new}");

    // Closed by a person it was still not met; taken back it was not needed.
    desk.ok("request.close", json!({ "id": last }));
    assert_eq!(lacking(&red(&desk)), lacking(&after));
    desk.sign_in("ferreira");
    let due = desk.clock.now() + TimeDelta::hours(1);
    let ask = json!({
        "patient": smith, "component": "red_cells", "count": 3, "urgency": "routine",
        "indication": "anaemia", "measured": [], "needs": [], "freshDays": null,
        "neededBy": due.to_rfc3339(), "consent": true,
    });
    let routine = text(&desk.ok("request.place", ask), "id");
    tomorrow(&desk);
    let short = red(&desk)["counted"].clone();
    let more = short["lacking"].as_u64().expect("a number") - lacking(&after);
    assert_eq!(more, 3, "{short}");
    let part = short["lackingCounted"].as_f64().unwrap_or(0.0)
        - after["counted"]["lackingCounted"].as_f64().unwrap_or(0.0);
    assert!(part > 0.0 && part <= 3.0, "of a routine request a part at most: {short}");
    desk.sign_in("ferreira");
    desk.ok("request.cancel", json!({ "request": routine, "reason": "Discharged" }));
    assert_eq!(lacking(&red(&desk)), lacking(&after));
}
