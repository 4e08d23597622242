//! When a donor is expected, and whether they came.

use super::*;
use bloodbank::appointment::{Appointment, Command, Event, Facts, Status, apply, decide};
use bloodbank::profile::DonationKind;
use kernel::AppointmentId;

fn facts() -> Facts {
    let may_give_from = Some(noon().date_naive());
    Facts { zone: Some(NAIROBI), may_give_from, others: vec![] }
}
fn book(text: &str) -> Command {
    let (donor, donation) = (donor(1), DonationKind::WholeBlood);
    Command::Book { donor, donation, at: at(text), by: nurse(1) }
}
fn after(state: Option<Appointment>, event: &Event) -> Appointment {
    apply(state, AppointmentId(uuid(40, 1)), event).expect("it was made")
}
fn booked() -> Appointment {
    let events = decide(None, &facts(), &book("2026-11-23T07:00:00Z"), noon()).expect("booked");
    after(None, &events[0])
}
fn say(state: &Appointment, command: &Command, now: Instant) -> Result<Appointment, Refusal> {
    decide(Some(state), &facts(), command, now).map(|events| after(Some(state.clone()), &events[0]))
}

#[test]
fn a_donor_is_expected_ahead_within_a_year_and_not_before_they_may_give() {
    let ask = |facts: &Facts, text: &str| stop(decide(None, facts, &book(text), noon()));
    assert_eq!(ask(&facts(), "2026-11-19T12:00:00Z"), CareRule::TimeNotPossible, "now is gone");
    assert_eq!(ask(&facts(), "2027-12-01T12:00:00Z"), CareRule::TimeNotPossible);
    // 22:30 in UTC is the next day in Nairobi, on which the donor may give.
    let soon = Facts { may_give_from: "2026-11-24".parse().ok(), ..facts() };
    assert_eq!(ask(&soon, "2026-11-23T12:00:00Z"), CareRule::MayNotBeAsked);
    assert!(decide(None, &soon, &book("2026-11-23T22:30:00Z"), noon()).is_ok());
    let never = Facts { may_give_from: None, ..facts() };
    assert_eq!(ask(&never, "2026-11-30T12:00:00Z"), CareRule::MayNotBeAsked);
}

#[test]
fn nobody_is_expected_twice_on_one_local_day() {
    let other = Facts { others: vec![at("2026-11-23T22:30:00Z")], ..facts() };
    assert_eq!(
        stop(decide(None, &other, &book("2026-11-24T10:00:00Z"), noon())),
        CareRule::Known,
        "the same day in Nairobi"
    );
    assert!(decide(None, &other, &book("2026-11-23T10:00:00Z"), noon()).is_ok());
}

#[test]
fn who_came_was_there_on_the_day_and_who_stayed_away_is_known_only_afterwards() {
    let (one, hour) = (booked(), at("2026-11-23T07:00:00Z"));
    assert_eq!(stop(say(&one, &Command::NoteCame, noon())), CareRule::TimeNotPossible);
    let early = say(&one, &Command::NoteCame, hour - hours(3)).expect("early on the day");
    assert_eq!(early.status, Status::Came { at: hour - hours(3) });
    assert_eq!(
        stop(say(&one, &Command::NoteDidNotCome, hour - minutes(1))),
        CareRule::TimeNotPossible
    );
    let missed = say(&one, &Command::NoteDidNotCome, hour).expect("noted");
    assert_eq!(missed.status, Status::DidNotCome);
    let late = say(&missed, &Command::NoteCame, hour + hours(1)).expect("comes after all");
    assert_eq!(late.status, Status::Came { at: hour + hours(1) });
    let reason = "A journey".to_owned();
    assert_eq!(stop(say(&late, &Command::Cancel { reason }, hour + hours(2))), CareRule::Changed);
}

#[test]
fn a_moved_appointment_counts_its_moves_and_a_cancelled_one_says_why() {
    let moved = say(&booked(), &Command::Move { at: at("2026-11-25T07:00:00Z") }, noon());
    let moved = moved.expect("moved");
    assert_eq!((moved.moved, moved.at), (1, at("2026-11-25T07:00:00Z")));
    let blank = Command::Cancel { reason: " ".into() };
    assert_eq!(stop(say(&moved, &blank, noon())), CareRule::Blank);
    let off = say(&moved, &Command::Cancel { reason: " A journey ".into() }, noon());
    assert_eq!(off.expect("off").status, Status::Cancelled { reason: "A journey".into() });
}

#[test]
fn a_donor_without_an_appointment_has_come() {
    let command =
        Command::WalkIn { donor: donor(1), donation: DonationKind::WholeBlood, by: nurse(1) };
    // Whether they may give is what the screening says.
    let never = Facts { may_give_from: None, ..facts() };
    let events = decide(None, &never, &command, noon()).expect("noted");
    let state = after(None, &events[0]);
    assert_eq!((state.walk_in, state.status), (true, Status::Came { at: noon() }));
}
