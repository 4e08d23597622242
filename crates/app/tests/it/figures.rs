//! The figures of a period, counted from what was done: each moves by exactly what is done, and no
//! more.

use super::*;

fn show(desk: &Desk, from: &str, to: &str) -> Value {
    desk.ok("figures.show", json!({ "from": from, "to": to }))
}

fn today(desk: &Desk) -> Value {
    show(desk, "2026-11-20", "2026-11-20")
}

/// Numerator and denominator of one figure.
#[track_caller]
fn of(figures: &Value, name: &str) -> (i64, i64) {
    let rows = figures["rows"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name}"));
    let number = |part: &str| row["figure"][part].as_i64().expect("a number");
    (number("numerator"), number("denominator"))
}

/// By how much a figure grew.
fn grew(before: &Value, after: &Value, name: &str) -> (i64, i64) {
    let (a, b) = (of(before, name), of(after, name));
    (b.0 - a.0, b.1 - a.1)
}

#[test]
fn a_critical_request_counts_as_filled_in_time_within_a_quarter_of_an_hour_only() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let bags = [401, 402].map(|serial| {
        let unit = desk.receive(serial, Abo::A, Rhd::Negative);
        desk.crossmatched(&unit, &smith);
        unit
    });
    let before = today(&desk);
    desk.place(&smith, 3, "emergency");
    for (unit, minutes) in bags.iter().zip([10, 20]) {
        desk.clock.advance(TimeDelta::minutes(minutes));
        desk.sign_in("amina");
        desk.ok("issue.give", desk.issue(unit, &smith, Value::Null, Value::Null));
    }
    let after = today(&desk);
    assert_eq!(grew(&before, &after, "fulfilment"), (2, 3));
    // The second left after half an hour.
    assert_eq!(grew(&before, &after, "critical_fulfilment"), (1, 3));
    assert_eq!(grew(&before, &after, "waste_of_issues"), (0, 2));
    assert_eq!(after["requests"].as_i64(), before["requests"].as_i64().map(|n| n + 1));
    let row = after["rows"].as_array().expect("rows").iter().find(|r| r["name"] == "fulfilment");
    let figure = &row.expect("fulfilment")["figure"];
    assert!(figure["low"].as_u64() < figure["share"].as_u64(), "{figure}");
    // The day before knows nothing of it, and a day to come has nothing at all.
    let (was, is) =
        (show(&desk, "2026-11-19", "2026-11-19"), show(&desk, "2027-01-01", "2027-01-02"));
    assert_eq!(was["requests"], before_requests(&desk, "2026-11-19"));
    assert_eq!(of(&is, "fulfilment"), (0, 0));
    assert_eq!(is["requestMinutes"], json!(null));
}

fn before_requests(desk: &Desk, day: &str) -> Value {
    show(desk, day, day)["requests"].clone()
}

#[test]
fn waste_tells_outdate_from_breakage_and_o_negative_given_to_others_is_counted() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let before = today(&desk);
    let leak = desk.receive(411, Abo::A, Rhd::Negative);
    let warm = desk.receive(412, Abo::A, Rhd::Negative);
    for (unit, reason) in [(&leak, "leak"), (&warm, "cold_chain")] {
        let second = json!({ "user": "luis", "password": "training" });
        let ask = json!({ "unit": unit, "reason": reason, "note": null, "second": second });
        desk.ok("unit.discard", ask);
    }
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let o_negative = desk.receive(413, Abo::O, Rhd::Negative);
    desk.crossmatched(&o_negative, &smith);
    desk.ok("issue.give", desk.issue(&o_negative, &smith, Value::Null, Value::Null));
    let after = today(&desk);
    assert_eq!(grew(&before, &after, "waste"), (0, 2), "neither was over its time");
    assert_eq!(grew(&before, &after, "waste_with_cold_chain"), (1, 2));
    assert_eq!(grew(&before, &after, "waste_of_issues"), (1, 1));
    assert_eq!(grew(&before, &after, "o_negative_to_others"), (1, 1));
    let units = |figures: &Value, reason: &str| {
        let rows = figures["wastage"].as_array().expect("rows").clone();
        rows.iter().find(|r| r["reason"] == reason).and_then(|r| r["units"].as_i64()).unwrap_or(0)
    };
    assert_eq!(units(&after, "leak") - units(&before, "leak"), 1);
    // Brought back, it was not given.
    let out = desk.ok("issue.list", json!({}))["out"].clone();
    let ours = out.as_array().expect("rows").iter().find(|r| r["unit"]["id"] == o_negative);
    let issue = ours.expect("it is out")["id"].clone();
    let back = json!({
        "issue": issue, "temperature": 50, "sealIntact": true, "segmentAttached": true,
        "appearanceOk": true,
    });
    desk.ok("issue.return", back);
    assert_eq!(grew(&before, &today(&desk), "o_negative_to_others"), (0, 0));
}

#[test]
fn a_period_that_ends_before_it_begins_is_refused() {
    let desk = Desk::training();
    desk.sign_in("amina");
    for (from, to) in [("2026-11-20", "2026-11-19"), ("1990-01-01", "2026-11-20"), ("x", "y")] {
        desk.no("figures.show", json!({ "from": from, "to": to }), Code::Malformed);
    }
    desk.sign_in("joseph");
    desk.no("figures.show", json!({ "from": "2026-11-20", "to": "2026-11-20" }), Code::Forbidden);
}

#[test]
fn the_figures_are_the_same_after_a_restart() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    let all = |desk: &Desk| show(desk, "2026-01-01", "2026-12-31");
    let before = all(&desk);
    assert!(of(&before, "fulfilment").1 > 0, "{before}");
    desk.restart();
    desk.sign_in("amina");
    assert_eq!(all(&desk), before);
}

#[test]
fn inventory_accuracy_is_what_a_count_found_of_what_the_book_had_there() {
    let desk = Desk::training();
    desk.sign_in("amina");
    assert_eq!(of(&today(&desk), "inventory_accuracy"), (0, 0), "nobody has counted");
    let mut labels = vec![];
    for serial in [421, 422, 423] {
        let mut label = desk.label(serial, Abo::A, Rhd::Positive);
        label["place"] = json!("Figure shelf");
        desk.ok("unit.receive", label.clone());
        labels.push(json!({ "din": label["din"], "productCode": label["productCode"] }));
    }
    let ask = json!({ "place": "Figure shelf", "scanned": labels[..2] });
    let found = desk.ok("count.place", ask.clone());
    let mut close = ask;
    close["second"] = Value::Null;
    close["explained"] =
        json!([{ "unit": found["differences"][0]["unit"], "why": { "kind": "lost" } }]);
    desk.ok("count.close", close);
    assert_eq!(of(&today(&desk), "inventory_accuracy"), (2, 3));
}
