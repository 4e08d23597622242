//! Appeals to donors through the real store: who is asked and why others are not, the outbox from
//! which nothing leaves by itself, what a person notes, and the share of those who came.

use super::*;

const O_NEG: &str = r#"{ "abo": "O", "rhd": "negative" }"#;

fn o_negative() -> Value {
    serde_json::from_str(O_NEG).expect("a group")
}

fn reach(metres: u32, areas: &[(&str, u32)], unknown_too: bool) -> Value {
    let areas: Vec<Value> =
        areas.iter().map(|(area, metres)| json!({ "area": area, "metres": metres })).collect();
    json!({ "withinMetres": metres, "areas": areas, "unknownToo": unknown_too })
}

/// For red cells of O RhD negative, by telephone, from whoever lives near enough.
pub(super) fn ask(wanted: u32, reach: Value) -> Value {
    json!({
        "request": null, "reason": "Two O negative on the shelf", "component": "red_cells",
        "groups": [o_negative()], "channel": "call_list", "wanted": wanted, "hours": 12,
        "reach": reach,
    })
}

pub(super) fn everywhere() -> Value {
    reach(20_000, &[], true)
}

pub(super) fn left_out(preview: &Value, why: &str) -> u64 {
    let rows = preview["leftOut"].as_array().expect("rows");
    rows.iter().find(|row| row["why"] == why).and_then(|row| row["count"].as_u64()).unwrap_or(0)
}

fn messages(desk: &Desk, appeal: &str) -> Vec<Value> {
    let view = desk.ok("appeal.view", json!({ "id": appeal }));
    view["messages"].as_array().expect("messages").clone()
}

fn start(desk: &Desk, ask: Value) -> String {
    text(&desk.ok("appeal.start", ask), "id")
}

fn answer(desk: &Desk, message: &Value, answer: &str) {
    desk.ok("message.answer", json!({ "message": message["id"], "answer": answer }));
}

/// An appeal for a request.
pub(super) fn for_request(desk: &Desk, request: &str, groups: &Value) -> String {
    let mut for_it = ask(1, everywhere());
    for_it["request"] = json!(request);
    for_it["groups"] = groups.clone();
    start(desk, for_it)
}

fn desk() -> Desk {
    let desk = Desk::training();
    desk.sign_in("amina");
    desk
}

#[test]
fn a_preview_says_how_many_are_asked_and_why_the_others_are_not() {
    let desk = desk();
    let all = desk.ok("appeal.preview", ask(1, everywhere()));
    assert_eq!((&all["all"], &all["could"], &all["batch"]), (&json!(6), &json!(2), &json!(2)));
    assert_eq!((left_out(&all, "other_group"), left_out(&all, "no_agreement")), (3, 1), "{all}");
    assert_eq!(all["answers"]["denominator"], 0, "nobody was asked before: {all}");
    // Only those of whose area somebody said that it is near.
    let near = reach(5_000, &[("Lakeside", 2_000), ("Hill Road", 9_000)], false);
    let near = desk.ok("appeal.preview", ask(1, near));
    assert_eq!((&near["could"], left_out(&near, "too_far")), (&json!(1), 1), "{near}");
    let nowhere = desk.ok("appeal.preview", ask(1, reach(5_000, &[], false)));
    assert_eq!((&nowhere["could"], left_out(&nowhere, "distance_unknown")), (&json!(0), 2));
    desk.no("appeal.start", ask(1, reach(5_000, &[], false)), Code::NobodyToAsk);
    desk.no("appeal.start", ask(500, everywhere()), Code::OutOfBounds);
    // A look writes nothing.
    assert_eq!(desk.ok("message.list", json!({}))["rows"], json!([]));
}

#[test]
fn an_urgent_order_that_the_shelf_cannot_fill_asks_for_donors_once() {
    let desk = desk();
    desk.sign_in("ferreira");
    let patient = desk.patient("haile");
    let due = |desk: &Desk| desk.ok("appeal.list", json!({}))["due"].clone();
    desk.place(&patient, 20, "urgent");
    assert_eq!(due(&desk), json!([]), "not urgent enough");
    let request = desk.place(&patient, 20, "massive");
    let rows = due(&desk);
    assert_eq!(rows[0]["request"], json!(request), "{rows}");
    assert!(rows[0]["missing"].as_u64().is_some_and(|n| n > 0), "{rows}");
    assert!(!rows[0]["groups"].as_array().expect("groups").is_empty(), "{rows}");
    let appeal = for_request(&desk, &request, &rows[0]["groups"]);
    assert_eq!(due(&desk), json!([]), "somebody has asked");
    let row = desk.ok("appeal.view", json!({ "id": appeal }))["row"].clone();
    assert_eq!((&row["request"], &row["state"]), (&json!(request), &json!("runs")));
}

#[test]
fn nothing_leaves_by_itself_and_a_text_message_waits_for_a_channel() {
    let desk = desk();
    let mut by_text = ask(1, everywhere());
    by_text["channel"] = json!("sms");
    let appeal = start(&desk, by_text);
    let sent = messages(&desk, &appeal);
    assert_eq!(sent.len(), 1, "one donor of the group agreed to text messages");
    assert_eq!((&sent[0]["state"], &sent[0]["phone"]), (&json!("waits"), &json!(null)));
    assert_eq!(desk.ok("message.list", json!({}))["channels"], json!([]));
    // What has not left has no answer.
    let yes = json!({ "message": sent[0]["id"], "answer": "yes" });
    desk.no("message.answer", yes, Code::Changed);
    desk.clock.advance(TimeDelta::hours(13));
    desk.sign_in("amina");
    assert_eq!(messages(&desk, &appeal)[0]["state"], "over");
    assert_eq!(desk.ok("appeal.view", json!({ "id": appeal }))["row"]["state"], "over");
}

#[test]
fn at_night_nobody_is_called() {
    let desk = desk();
    // 23:00 in Nairobi.
    desk.clock.advance(TimeDelta::hours(8));
    desk.sign_in("amina");
    let preview = desk.ok("appeal.preview", ask(1, everywhere()));
    assert_eq!(preview["leavesAt"], "2026-11-21T05:00:00.000000Z", "{preview}");
    let appeal = start(&desk, ask(1, everywhere()));
    let held = messages(&desk, &appeal);
    assert_eq!((&held[0]["state"], &held[0]["phone"]), (&json!("held"), &json!(null)));
    let yes = json!({ "message": held[0]["id"], "answer": "yes" });
    desk.no("message.answer", yes, Code::Changed);
    desk.clock.advance(TimeDelta::hours(9));
    desk.sign_in("amina");
    let now = messages(&desk, &appeal);
    assert_eq!(now[0]["state"], "to_call");
    assert!(now[0]["phone"].as_str().is_some_and(|n| n.starts_with("0700")), "{now:?}");
}

#[test]
fn s75_a_stop_empties_the_queue_of_that_donor_and_ends_what_they_agreed_to() {
    let desk = desk();
    let by_call = start(&desk, ask(1, everywhere()));
    let called = messages(&desk, &by_call);
    // Asked a minute ago by one appeal, nobody is asked by the next.
    let mut by_text = ask(1, everywhere());
    by_text["channel"] = json!("sms");
    let preview = desk.ok("appeal.preview", by_text.clone());
    assert_eq!((&preview["could"], left_out(&preview, "asked_recently")), (&json!(0), 1));
    let mercy = called.iter().find(|m| m["donorName"] == "ACHIENG, Mercy").expect("Mercy");
    answer(&desk, mercy, "stop");
    let after = messages(&desk, &by_call);
    let state = |name: &str| {
        after.iter().find(|m| m["donorName"] == name).expect("a message")["state"].clone()
    };
    assert_eq!(state("ACHIENG, Mercy"), "replied");
    assert_eq!(state("LINDGREN, Astrid"), "to_call", "of nobody else");
    let contact = desk.ok("donor.contact", json!({ "id": mercy["donor"] }));
    for channel in contact["channels"].as_array().expect("channels") {
        assert_ne!(channel["agreed"], true, "{contact}");
    }
    // Never asked again, a year later either.
    for _ in 0..2 {
        desk.clock.advance(TimeDelta::days(7));
        desk.sign_in("amina");
    }
    let preview = desk.ok("appeal.preview", ask(1, everywhere()));
    assert_eq!((&preview["could"], left_out(&preview, "stopped")), (&json!(1), 1), "{preview}");
}

#[test]
fn s75_a_channel_that_is_taken_back_empties_the_queue_for_that_channel() {
    let desk = desk();
    let appeal = start(&desk, ask(1, everywhere()));
    let first = messages(&desk, &appeal)[0].clone();
    let agree = |channel: &str, agreed: bool| {
        let ask = json!({ "donor": first["donor"], "channel": channel, "agreed": agreed });
        desk.ok("donor.agree", ask);
    };
    agree("email", false);
    assert_eq!(messages(&desk, &appeal)[0]["state"], "to_call", "another channel");
    agree("call", false);
    assert_eq!(messages(&desk, &appeal)[0]["state"], "purged");
    agree("call", true);
    assert_eq!(messages(&desk, &appeal)[0]["state"], "purged", "it does not come back");
}

#[test]
fn s75_donors_who_were_deferred_are_neither_chosen_nor_called() {
    let desk = desk();
    let appeal = start(&desk, ask(1, everywhere()));
    let first = messages(&desk, &appeal)[0].clone();
    let defer = json!({
        "donor": first["donor"], "code": "tattoo", "happened": "2026-11-20", "note": null,
    });
    desk.ok("donor.defer", defer);
    let yes = json!({ "message": first["id"], "answer": "yes" });
    desk.no("message.answer", yes, Code::MayNotBeAsked);
    let asked = messages(&desk, &appeal)[0].clone();
    assert_eq!((&asked["state"], &asked["phone"]), (&json!("over"), &Value::Null), "{asked}");
    // A STOP is heard all the same, and stops.
    answer(&desk, &first, "stop");
    assert_eq!(messages(&desk, &appeal)[0]["state"], "purged");
    let contact = desk.ok("donor.contact", json!({ "id": first["donor"] }));
    let agreed = contact["channels"].as_array().expect("channels").iter();
    assert!(agreed.into_iter().all(|one| one["agreed"] != json!(true)), "{contact}");
}

#[test]
fn enough_acceptances_end_the_appeal_and_the_turn_out_is_measured() {
    let desk = desk();
    let appeal = start(&desk, ask(1, everywhere()));
    let asked = messages(&desk, &appeal);
    assert_eq!(asked.len(), 2);
    answer(&desk, &asked[0], "yes");
    let view = desk.ok("appeal.view", json!({ "id": appeal }));
    assert_eq!((&view["row"]["state"], &view["row"]["yes"]), (&json!("enough"), &json!(1)));
    assert_eq!(view["messages"][1]["state"], "purged");
    let figure = |view: &Value, name: &str| {
        (view[name]["numerator"].clone(), view[name]["denominator"].clone())
    };
    // One of one: what was taken out was never delivered.
    assert_eq!(figure(&view, "response"), (json!(1), json!(1)));
    assert_eq!(figure(&view, "turnOut"), (json!(0), json!(1)));
    assert!(view["response"]["low"].as_u64().is_some_and(|low| low < 5_000), "{view}");
    desk.no("appeal.more", json!({ "appeal": appeal, "reach": everywhere() }), Code::Changed);

    let donor = text(&asked[0], "donor");
    desk.ok("donor.screen", donors::screening(&desk, &donor));
    let donation = text(&desk.ok("donation.begin", donors::begin(&donor)), "id");
    desk.ok("donation.end", json!({ "donation": donation, "volumeMl": 450, "minutes": 0 }));
    let view = desk.ok("appeal.view", json!({ "id": appeal }));
    assert_eq!(figure(&view, "turnOut"), (json!(1), json!(1)), "{view}");
    assert_eq!(
        (&view["row"]["came"], &view["messages"][0]["state"]),
        (&json!(1), &json!("donated"))
    );
    // What came of it decides how many are asked the next time.
    desk.clock.advance(TimeDelta::minutes(1));
    let preview = desk.ok("appeal.preview", ask(1, everywhere()));
    assert_eq!(preview["answers"]["denominator"], 1);
}

#[test]
fn a_donor_who_is_not_reached_is_tried_again_later_and_the_next_are_asked() {
    let mut desk = desk();
    let near = reach(5_000, &[("Lakeside", 2_000)], false);
    let appeal = start(&desk, ask(1, near));
    let first = messages(&desk, &appeal);
    assert_eq!(first.len(), 1);
    answer(&desk, &first[0], "not_reached");
    let again = messages(&desk, &appeal);
    assert_eq!((&again[0]["state"], &again[0]["tries"]), (&json!("held"), &json!(1)));
    desk.clock.advance(TimeDelta::minutes(11));
    desk.sign_in("amina");
    assert_eq!(messages(&desk, &appeal)[0]["state"], "to_call");
    let farther = reach(20_000, &[("Lakeside", 2_000), ("Hill Road", 9_000)], false);
    desk.ok("appeal.more", json!({ "appeal": appeal, "reach": farther }));
    let both = messages(&desk, &appeal);
    assert_eq!(both.len(), 2, "the first is not asked twice: {both:?}");
    let areas = desk.ok("appeal.list", json!({}))["areas"].clone();
    let hill = areas.as_array().expect("areas").iter().find(|a| a["area"] == "Hill Road");
    assert_eq!(hill.map(|a| a["metres"].clone()), Some(json!(9_000)), "remembered: {areas}");
    desk.ok("appeal.end", json!({ "appeal": appeal, "enough": false }));
    assert!(messages(&desk, &appeal).iter().all(|m| m["state"] == "purged"));
    // Who was not reached calls back before it is their turn again.
    let next = start(&desk, ask(1, reach(20_000, &[("Hill Road", 9_000)], false)));
    let called = messages(&desk, &next)[0].clone();
    answer(&desk, &called, "not_reached");
    answer(&desk, &called, "yes");
    let said = messages(&desk, &next)[0].clone();
    assert_eq!((&said["state"], &said["reply"]), (&json!("replied"), &json!("yes")));
    desk.restart();
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s74_a_telephone_number_is_for_whoever_calls_and_a_look_by_others_shows_none() {
    let desk = desk();
    start(&desk, ask(1, everywhere()));
    desk.sign_in("joseph");
    let rows = desk.ok("message.list", json!({}))["rows"].clone();
    assert!(rows[0]["phone"].is_string(), "the desk calls: {rows}");
    desk.sign_in("khan");
    desk.no("message.list", json!({}), Code::Forbidden);
    desk.sign_in("joseph");
    desk.no("appeal.start", ask(1, everywhere()), Code::Forbidden);
}
