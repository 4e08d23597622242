//! The donor desk's day: who is expected, who came, and the reminders that wait in the outbox.

use super::*;

fn desk() -> Desk {
    let desk = Desk::training();
    desk.sign_in("joseph");
    desk
}

fn donor(desk: &Desk, name: &str) -> String {
    let found = desk.ok("donor.search", json!({ "text": name, "limit": 5 }));
    text(&found["rows"][0], "id")
}

fn booked(donor: &str, wall: &str) -> Value {
    json!({ "donor": donor, "kind": "whole_blood", "wall": wall })
}

fn day(desk: &Desk, day: &str) -> Vec<Value> {
    let list = desk.ok("appointment.list", json!({ "day": day }));
    list["rows"].as_array().expect("rows").clone()
}

fn waiting(desk: &Desk) -> Vec<Value> {
    desk.ok("message.list", json!({}))["rows"].as_array().expect("rows").clone()
}

#[test]
fn an_appointment_is_booked_moved_and_kept_with_its_reminder() {
    let desk = desk();
    let mercy = donor(&desk, "achieng");
    let made = text(&desk.ok("appointment.book", booked(&mercy, "2026-11-26T09:30")), "id");
    let rows = day(&desk, "2026-11-26");
    assert_eq!(rows[0]["at"], "2026-11-26T06:30:00.000000Z", "09:30 in Nairobi");
    assert_eq!((&rows[0]["state"], &rows[0]["reminder"]), (&json!("booked"), &json!("held")));
    let reminder = &waiting(&desk)[0];
    assert_eq!((&reminder["about"], &reminder["channel"]), (&json!("appointment"), &json!("sms")));
    assert_eq!(reminder["notBefore"], "2026-11-25T06:30:00.000000Z", "a day before");

    let to = json!({ "appointment": made, "wall": "2026-11-27T10:00" });
    desk.ok("appointment.move", to);
    assert_eq!(day(&desk, "2026-11-26"), Vec::<Value>::new());
    let moved = day(&desk, "2026-11-27");
    assert_eq!((&moved[0]["moved"], &moved[0]["reminder"]), (&json!(1), &json!("held")));
    let reminders = waiting(&desk);
    assert_eq!(reminders.len(), 1, "the earlier one is taken out: {reminders:?}");
    assert_eq!(reminders[0]["appointmentAt"], "2026-11-27T07:00:00.000000Z");

    desk.no("appointment.came", json!({ "id": made }), Code::TimeNotPossible);
    desk.clock.advance(TimeDelta::days(7) - TimeDelta::hours(5));
    desk.sign_in("joseph");
    desk.ok("appointment.came", json!({ "id": made }));
    let kept = day(&desk, "2026-11-27");
    assert_eq!((&kept[0]["state"], &kept[0]["walkIn"]), (&json!("came"), &json!(false)));
    assert_eq!(waiting(&desk), Vec::<Value>::new(), "nobody is reminded of what is over");
    desk.no("appointment.missed", json!({ "id": made }), Code::Changed);
}

#[test]
fn a_donor_who_agreed_to_no_channel_is_expected_and_not_reminded() {
    let desk = desk();
    let tariq = donor(&desk, "rahman");
    desk.ok("appointment.book", booked(&tariq, "2026-11-26T09:30"));
    assert_eq!(day(&desk, "2026-11-26")[0]["reminder"], json!(null));
    assert_eq!(waiting(&desk), Vec::<Value>::new());
    // Who agreed to calls stands on the list of whoever calls, on the day before.
    let astrid = donor(&desk, "lindgren");
    desk.ok("appointment.book", booked(&astrid, "2026-11-26T10:00"));
    assert_eq!(waiting(&desk)[0]["channel"], "call_list");
    assert_eq!(waiting(&desk)[0]["phone"], json!(null), "not before it is time to call");
}

#[test]
fn nobody_is_expected_before_they_may_give_or_twice_on_a_day() {
    let desk = desk();
    let mercy = donor(&desk, "achieng");
    desk.no("appointment.book", booked(&mercy, "2026-11-20T09:00"), Code::TimeNotPossible);
    desk.no("appointment.book", booked(&mercy, "next week"), Code::Malformed);
    desk.ok("appointment.book", booked(&mercy, "2026-11-26T09:00"));
    desk.no("appointment.book", booked(&mercy, "2026-11-26T15:00"), Code::Known);
    // Given today: from the day on that the interval allows.
    let daniel = donor(&desk, "barasa");
    desk.sign_in("mbeki");
    desk.ok("donor.screen", donors::screening(&desk, &daniel));
    let donation = text(&desk.ok("donation.begin", donors::begin(&daniel)), "id");
    desk.ok("donation.end", json!({ "donation": donation, "volumeMl": 450, "minutes": 0 }));
    let early =
        desk.no("appointment.book", booked(&daniel, "2027-02-11T09:00"), Code::MayNotBeAsked);
    assert_eq!(early.args["from"], "2027-02-12", "{early:?}");
    desk.ok("appointment.book", booked(&daniel, "2027-02-12T09:00"));
}

#[test]
fn a_donor_without_an_appointment_stands_in_the_list_of_the_day() {
    let desk = desk();
    let naomi = donor(&desk, "wekesa");
    let walk_in = json!({ "donor": naomi, "kind": "whole_blood" });
    desk.ok("appointment.walk_in", walk_in);
    let rows = day(&desk, "2026-11-20");
    assert_eq!((&rows[0]["walkIn"], &rows[0]["state"]), (&json!(true), &json!("came")));
}

#[test]
fn who_stayed_away_is_noted_after_the_hour_and_a_cancelled_one_says_why() {
    let desk = desk();
    let (mercy, daniel) = (donor(&desk, "achieng"), donor(&desk, "barasa"));
    let late = text(&desk.ok("appointment.book", booked(&mercy, "2026-11-20T16:00")), "id");
    let off = text(&desk.ok("appointment.book", booked(&daniel, "2026-11-23T16:00")), "id");
    desk.no("appointment.missed", json!({ "id": late }), Code::TimeNotPossible);
    desk.clock.advance(TimeDelta::hours(3));
    desk.sign_in("joseph");
    desk.ok("appointment.missed", json!({ "id": late }));
    // Comes after all.
    desk.ok("appointment.came", json!({ "id": late }));
    desk.no("appointment.cancel", json!({ "appointment": off, "reason": " " }), Code::Blank);
    desk.ok("appointment.cancel", json!({ "appointment": off, "reason": "A journey" }));
    let row = &day(&desk, "2026-11-23")[0];
    assert_eq!((&row["state"], &row["cancelReason"]), (&json!("cancelled"), &json!("A journey")));
    assert_eq!(waiting(&desk), Vec::<Value>::new());
}

#[test]
fn s75_a_stop_takes_the_reminder_out_and_the_appointment_stands() {
    let desk = desk();
    let mercy = donor(&desk, "achieng");
    desk.ok("appointment.book", booked(&mercy, "2026-11-26T09:30"));
    let reminder = waiting(&desk)[0].clone();
    desk.ok("message.answer", json!({ "message": reminder["id"], "answer": "stop" }));
    assert_eq!(waiting(&desk), Vec::<Value>::new());
    let row = &day(&desk, "2026-11-26")[0];
    assert_eq!((&row["state"], &row["reminder"]), (&json!("booked"), &json!("purged")));
}

#[test]
fn a_donor_sees_what_they_gave_and_when_again_and_no_reason_that_others_should_not_read() {
    let desk = desk();
    desk.sign_in("amina");
    let daniel = donor(&desk, "barasa");
    desk.ok("donor.screen", donors::screening(&desk, &daniel));
    let donation = text(&desk.ok("donation.begin", donors::begin(&daniel)), "id");
    desk.ok("donation.end", json!({ "donation": donation, "volumeMl": 452, "minutes": 0 }));
    let own = desk.ok("donor.own", json!({ "id": daniel }));
    assert_eq!(
        (&own["gifts"][0]["volumeMl"], &own["gifts"][0]["on"]),
        (&json!(452), &json!("2026-11-20"))
    );
    assert_eq!(own["next"][0]["on"], "2027-02-12");
    assert_eq!(own["next"][0]["why"], "interval");
    // A deferral has no name here, and no day by which it could be guessed.
    let view = desk.ok("donor.view", json!({ "id": daniel }));
    let codes = view["deferralCodes"].as_array().expect("codes").clone();
    for code in &codes {
        let defer =
            json!({ "donor": daniel, "code": code, "happened": "2026-11-20", "note": "private" });
        desk.ok("donor.defer", defer);
    }
    let own = desk.ok("donor.own", json!({ "id": daniel }));
    assert_eq!((&own["next"][0]["on"], &own["next"][0]["why"]), (&json!(null), &json!("ask_us")));
    let said = own.to_string();
    assert!(!said.contains("private"), "{said}");
    for code in codes {
        let code = code.as_str().expect("a code");
        assert!(!said.contains(&format!("\"{code}\"")), "{code} in {said}");
    }
}

#[test]
fn a_screen_that_is_turned_to_the_donor_answers_nobody_until_the_password() {
    let desk = desk();
    let mercy = donor(&desk, "achieng");
    desk.ok("appointment.book", booked(&mercy, "2026-11-26T09:30"));
    let own = desk.ok("kiosk.open", json!({ "id": mercy }));
    assert_eq!(
        (&own["given"], &own["appointments"][0]["kind"]),
        (&json!("Mercy"), &json!("whole_blood"))
    );
    assert_eq!(desk.door(), "locked");
    for (name, payload) in [
        ("donor.view", json!({ "id": mercy })),
        ("donor.own", json!({ "id": mercy })),
        ("donor.search", json!({ "text": "a", "limit": 5 })),
        ("patient.search", json!({ "text": "a", "limit": 5 })),
    ] {
        desk.no(name, payload, Code::ScreenLocked);
    }
    desk.no("session.unlock", json!({ "password": "guess" }), Code::WrongPassword);
    desk.ok("session.unlock", json!({ "password": "training" }));
    desk.ok("donor.view", json!({ "id": mercy }));
}

#[test]
fn a_certificate_says_that_somebody_gave_and_nothing_that_was_found() {
    let desk = desk();
    desk.sign_in("amina");
    let mercy = donor(&desk, "achieng");
    desk.ok("donor.screen", donors::screening(&desk, &mercy));
    let donation = text(&desk.ok("donation.begin", donors::begin(&mercy)), "id");
    let folder = tempfile::tempdir().expect("a folder");
    let save = |folder: &std::path::Path| json!({ "donation": donation, "folder": folder, "language": "en" });
    desk.no("certificate.save", save(folder.path()), Code::Changed);
    desk.ok("donation.end", json!({ "donation": donation, "volumeMl": 450, "minutes": 0 }));
    desk.no("certificate.save", save(desk.home.path()), Code::FolderUnsuitable);
    let saved = desk.ok("certificate.save", save(folder.path()));
    let name = saved["files"][0].as_str().unwrap_or_else(|| panic!("{saved}"));
    assert_eq!(name, "certificate-A999826000500.pdf");
    let bytes = std::fs::read(folder.path().join(name)).expect("it is there");
    assert!(bytes.starts_with(b"%PDF-"));
    // A file of that name is never written over.
    let again = desk.ok("certificate.save", save(folder.path()));
    assert_eq!((&again["files"], &again["refused"][0]["name"]), (&json!([]), &json!(name)));
}
