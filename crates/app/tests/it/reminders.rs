//! Donors are told that they may give again: once after each donation, on its day and not before, and
//! nobody who was deferred, took their agreement back, was just asked, or is expected.

use super::appeals::{ask, everywhere, left_out};
use super::*;

fn desk() -> Desk {
    let desk = Desk::training();
    desk.sign_in("amina");
    desk
}

fn donor(desk: &Desk, name: &str) -> String {
    let found = desk.ok("donor.search", json!({ "text": name, "limit": 5 }));
    text(&found["rows"][0], "id")
}

fn gives(desk: &Desk, donor: &str) {
    desk.ok("donor.screen", donors::screening(desk, donor));
    let donation = text(&desk.ok("donation.begin", donors::begin(donor)), "id");
    desk.ok("donation.end", json!({ "donation": donation, "volumeMl": 450, "minutes": 0 }));
}

/// Somebody works here every week; a clock that jumps over months would be doubted.
fn days_later(desk: &Desk, days: i64) {
    for _ in 0..days / 7 {
        desk.clock.advance(TimeDelta::days(7));
        desk.sign_in("amina");
    }
    desk.clock.advance(TimeDelta::days(days % 7));
    desk.sign_in("amina");
}

/// Donation numbers of the next year.
fn new_year(desk: &Desk) {
    desk.ok("numbers.hold", json!({ "fin": "A9997", "year": 27, "first": 1, "last": 9 }));
}

fn due(desk: &Desk) -> Value {
    desk.ok("reminder.due", json!({}))
}

fn could(desk: &Desk) -> u64 {
    due(desk)["could"].as_u64().expect("a number")
}

fn make(desk: &Desk) -> u64 {
    desk.ok("reminder.make", json!({}))["made"].as_u64().expect("a number")
}

fn waiting(desk: &Desk) -> Vec<Value> {
    desk.ok("message.list", json!({}))["rows"].as_array().expect("rows").clone()
}

/// What was written to a donor, the newest first.
fn written(desk: &Desk, donor: &str) -> Vec<Value> {
    let contact = desk.ok("donor.contact", json!({ "id": donor }));
    contact["messages"].as_array().expect("messages").clone()
}

#[test]
fn the_day_brings_one_reminder_and_no_day_before_it() {
    let mut desk = desk();
    let daniel = donor(&desk, "barasa");
    gives(&desk, &daniel);
    // 84 days after whole blood: 12 February.
    days_later(&desk, 83);
    let early = due(&desk);
    assert_eq!((&early["could"], left_out(&early, "not_yet_eligible")), (&json!(0), 1), "{early}");
    assert_eq!(make(&desk), 0);
    assert_eq!(waiting(&desk), Vec::<Value>::new());
    // 02:00 of the day in Nairobi: it is made, and leaves in the morning.
    desk.clock.advance(TimeDelta::hours(11));
    desk.sign_in("joseph");
    assert_eq!((could(&desk), waiting(&desk)), (1, vec![]), "a look writes nothing");
    assert_eq!(make(&desk), 1);
    let held = waiting(&desk);
    assert_eq!(held.len(), 1);
    assert_eq!((&held[0]["about"], &held[0]["channel"]), (&json!("may_give"), &json!("sms")));
    assert_eq!(
        (&held[0]["state"], &held[0]["notBefore"]),
        (&json!("held"), &json!("2027-02-12T05:00:00.000000Z"))
    );
    assert_eq!(written(&desk, &daniel), held, "on the donor's page as well");
    desk.clock.advance(TimeDelta::hours(7));
    desk.sign_in("joseph");
    assert_eq!(waiting(&desk)[0]["state"], "waits", "no channel is set up");
    // Once after each donation, also when its time is over.
    assert_eq!((could(&desk), make(&desk)), (0, 0));
    days_later(&desk, 15);
    assert_eq!((could(&desk), make(&desk)), (0, 0));
    assert_eq!(written(&desk, &daniel)[0]["state"], "over");
    desk.restart();
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s75_who_is_deferred_expected_or_took_it_back_is_not_told() {
    let desk = desk();
    let daniel = donor(&desk, "barasa");
    gives(&desk, &daniel);
    days_later(&desk, 84);
    assert_eq!(could(&desk), 1);
    let agree = |channel: &str, agreed: bool| {
        desk.ok("donor.agree", json!({ "donor": daniel, "channel": channel, "agreed": agreed }));
    };
    agree("sms", false);
    agree("call", false);
    assert_eq!((could(&desk), make(&desk)), (0, 0), "took it back");
    agree("call", true);
    assert_eq!(could(&desk), 1);
    let booked = json!({ "donor": daniel, "kind": "whole_blood", "wall": "2027-02-15T09:30" });
    let appointment = text(&desk.ok("appointment.book", booked), "id");
    let expected = due(&desk);
    assert_eq!((&expected["could"], left_out(&expected, "expected")), (&json!(0), 1), "{expected}");
    assert_eq!(make(&desk), 0);
    let off = json!({ "appointment": appointment, "reason": "A journey" });
    desk.ok("appointment.cancel", off);
    assert_eq!(could(&desk), 1);
    let defer =
        json!({ "donor": daniel, "code": "tattoo", "happened": "2027-02-12", "note": null });
    desk.ok("donor.defer", defer);
    let deferred = due(&desk);
    assert_eq!((&deferred["could"], left_out(&deferred, "deferred")), (&json!(0), 1), "{deferred}");
    assert_eq!(make(&desk), 0);
    let about = |message: &Value| message["about"] == "may_give";
    assert!(!written(&desk, &daniel).iter().any(about));
}

#[test]
fn s75_a_reminder_that_waits_is_taken_out_when_its_donor_gave_was_deferred_or_is_expected() {
    let desk = desk();
    let names = ["barasa", "lindgren", "achieng"];
    let [daniel, astrid, mercy] = names.map(|name| donor(&desk, name));
    for one in [&daniel, &astrid, &mercy] {
        gives(&desk, one);
    }
    // The women's interval, which is the longer one.
    days_later(&desk, 119);
    assert_eq!((could(&desk), make(&desk)), (3, 3));
    let state = |donor: &str| written(&desk, donor)[0]["state"].clone();
    assert_eq!((state(&daniel), state(&mercy)), (json!("waits"), json!("waits")));
    assert_eq!(state(&astrid), "to_call");
    new_year(&desk);
    gives(&desk, &daniel);
    assert_eq!(state(&daniel), "purged", "gave");
    let defer =
        json!({ "donor": astrid, "code": "tattoo", "happened": "2027-03-19", "note": null });
    desk.ok("donor.defer", defer);
    assert_eq!(state(&astrid), "purged", "was deferred");
    assert_eq!(state(&mercy), "waits", "of nobody else");
    let booked = json!({ "donor": mercy, "kind": "whole_blood", "wall": "2027-03-22T09:30" });
    let appointment = text(&desk.ok("appointment.book", booked), "id");
    let left: Vec<Value> = waiting(&desk).into_iter().filter(|m| m["donor"] == mercy).collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["about"], "appointment", "expected: of the appointment only");
    // It does not come back.
    desk.ok("appointment.cancel", json!({ "appointment": appointment, "reason": "A journey" }));
    assert_eq!((could(&desk), make(&desk)), (0, 0));
    assert_eq!(waiting(&desk), Vec::<Value>::new());
}

#[test]
fn s75_a_reminder_and_an_appeal_are_not_heard_in_the_same_week() {
    let desk = desk();
    let [astrid, mercy] = ["lindgren", "achieng"].map(|name| donor(&desk, name));
    for one in [&astrid, &mercy] {
        gives(&desk, one);
    }
    days_later(&desk, 119);
    // Both are asked by an appeal: nobody is told besides that they may give.
    let appeal = text(&desk.ok("appeal.start", ask(2, everywhere())), "id");
    let asked = due(&desk);
    assert_eq!((&asked["could"], left_out(&asked, "asked_recently")), (&json!(0), 2), "{asked}");
    assert_eq!(make(&desk), 0);
    desk.ok("appeal.end", json!({ "appeal": appeal, "enough": false }));
    assert_eq!(make(&desk), 2, "nobody was reached by it");
    // Both stand there since the same moment.
    let told = || {
        let mut all = written(&desk, &astrid).into_iter();
        all.find(|one| one["about"] == "may_give").expect("it stands")
    };
    let reminder = told();
    assert_eq!(reminder["state"], "to_call");
    assert!(reminder["phone"].is_string(), "{reminder}");
    // An appeal while it waits comes first: the call would be the second in a week.
    let appeal = text(&desk.ok("appeal.start", ask(2, everywhere())), "id");
    assert_eq!((&told()["state"], &told()["phone"]), (&json!("over"), &Value::Null));
    let yes = json!({ "message": reminder["id"], "answer": "yes" });
    desk.no("message.answer", yes.clone(), Code::MayNotBeAsked);
    desk.ok("appeal.end", json!({ "appeal": appeal, "enough": false }));
    desk.ok("message.answer", yes);
    assert_eq!(told()["state"], "replied");
    // Being told counts as being asked.
    let preview = desk.ok("appeal.preview", ask(2, everywhere()));
    assert_eq!(left_out(&preview, "asked_recently"), 1, "{preview}");
}

#[test]
fn s75_a_stop_that_answers_a_reminder_ends_all_messages() {
    let desk = desk();
    let astrid = donor(&desk, "lindgren");
    gives(&desk, &astrid);
    days_later(&desk, 119);
    assert_eq!(make(&desk), 1);
    let reminder = written(&desk, &astrid)[0].clone();
    desk.ok("message.answer", json!({ "message": reminder["id"], "answer": "stop" }));
    assert_eq!(written(&desk, &astrid)[0]["reply"], "stop");
    new_year(&desk);
    gives(&desk, &astrid);
    days_later(&desk, 119);
    assert_eq!((could(&desk), make(&desk)), (0, 0));
}
