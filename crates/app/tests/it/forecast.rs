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
