//! Expiry, holds and the clock.

use super::transitions::receipt;
use super::*;

fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn answer_at(unit: &Unit, facts: &Facts, command: &Command, now: Instant) -> Option<Rule> {
    stopped(&decide(Some(unit), facts, command, &[], &Policy::who(), now, cause(1)))
}

#[test]
fn a_label_of_23_59_is_good_at_23_59_and_not_at_midnight_of_its_own_zone() {
    let unit = unit(Component::RedCells, O_NEG); // 5 December in Nairobi, UTC+3
    let facts = facts(patient(O_NEG));
    assert_eq!(answer_at(&unit, &facts, &issue(), at("2026-12-05T20:59:00Z")), None);
    for moment in ["2026-12-05T20:59:59Z", "2026-12-05T21:00:00Z", "2026-12-06T00:00:00Z"] {
        for command in [issue(), reserve()] {
            let found = answer_at(&unit, &facts, &command, at(moment));
            assert_eq!(found, Some(Rule::UnitExpired), "{moment}");
        }
        assert_eq!(unit.effective_status(at(moment)), Effective::Expired);
    }
}

#[test]
fn the_end_counts_at_the_very_moment() {
    let unit = unit(Component::RedCells, O_NEG);
    let facts = facts(patient(O_NEG));
    let end = unit.expires.at;
    let before = end - TimeDelta::microseconds(1);
    assert_eq!(answer_at(&unit, &facts, &issue(), before), None);
    assert_eq!(answer_at(&unit, &facts, &issue(), end), Some(Rule::UnitExpired));
}

#[test]
fn a_label_keeps_its_zone_and_its_instant_across_clock_changes() {
    use chrono_tz::Europe::Berlin;
    let ends = |wall: &str| Expiry::of_label(wall.parse().expect("a date"), Berlin).at;
    assert_eq!(ends("2026-03-28T23:59:00"), at("2026-03-28T22:59:59Z"), "winter");
    assert_eq!(ends("2026-03-29T23:59:00"), at("2026-03-29T21:59:59Z"), "summer");
    assert_eq!(ends("2026-03-29T02:30:00"), at("2026-03-29T01:30:59Z"), "a minute that never was");
    assert_eq!(ends("2026-10-25T02:30:00"), at("2026-10-25T00:30:59Z"), "the first of two");
}

#[test]
fn a_year_that_no_label_has_reads_as_past_and_does_not_panic() {
    for wall in [kernel::NaiveDateTime::MAX, kernel::NaiveDateTime::MIN] {
        assert!(Expiry::of_label(wall, chrono_tz::Asia::Kolkata).is_past(noon()));
    }
}

#[test]
fn a_unit_past_its_end_is_not_received() {
    let facts = facts(patient(O_NEG));
    let receive = |wall: &str| {
        let command = receipt("A999926123456", wall);
        stopped(&decide(None, &facts, &command, &[], &Policy::who(), noon(), cause(1)))
    };
    assert_eq!(receive("2026-11-20T14:59:00"), Some(Rule::ExpiryInPast), "11:59 in UTC");
    assert_eq!(receive("2026-11-20T15:00:00"), None, "the minute that runs");
}

#[test]
fn a_doubtful_clock_neither_reserves_nor_issues_but_still_restricts() {
    let unit = unit(Component::RedCells, O_NEG);
    let facts = Facts { clock_suspect: true, ..facts(patient(O_NEG)) };
    assert_eq!(stopped(&ask(&unit, &facts, &reserve())), Some(Rule::UnitExpiryUnsure));
    assert_eq!(stopped(&ask(&unit, &facts, &issue())), Some(Rule::UnitExpiryUnsure));
    assert!(ask(&unit, &facts, &Command::Quarantine { reason: "leak".into() }).is_ok());
    assert!(ask(&unit, &facts, &Command::SendTo { site: "valley".into() }).is_ok());
    // A clock a year ahead proves nothing either.
    let later = noon() + TimeDelta::days(365);
    assert_eq!(answer_at(&unit, &facts, &issue(), later), Some(Rule::UnitExpiryUnsure));
    let command = receipt("A999926123456", "2026-12-05T23:59:00");
    let answer = decide(None, &facts, &command, &[], &Policy::who(), later, cause(1));
    assert_eq!(stopped(&answer), Some(Rule::UnitExpiryUnsure));
}

#[test]
fn an_expired_unit_is_not_sent_but_may_be_quarantined_released_and_discarded() {
    let facts = facts(patient(O_NEG));
    let held = done(&unit(Component::RedCells, O_NEG), &facts, &reserve());
    let mut ended = held.clone();
    ended.expires.at = noon();
    let send = Command::SendTo { site: "valley".into() };
    assert_eq!(stopped(&ask(&ended, &facts, &send)), Some(Rule::UnitExpired));
    for command in [
        Command::Quarantine { reason: "old".into() },
        Command::Release { reason: "old".into() },
        Command::Discard { reason: DiscardReason::Expired, note: None },
    ] {
        assert!(ask(&ended, &facts, &command).is_ok(), "{command:?}");
    }
}

#[test]
fn a_hold_never_outlasts_policy_or_the_unit() {
    let facts = facts(patient(O_NEG));
    let unit = unit(Component::RedCells, O_NEG);
    let held_until = |now: Instant, until| {
        let command = Command::Reserve { patient: person(1), until };
        match decide(Some(&unit), &facts, &command, &[], &Policy::who(), now, cause(1)) {
            Ok(events) => match events[0] {
                Event::Reserved { until, .. } => until,
                ref other => panic!("{other:?}"),
            },
            Err(refused) => panic!("{refused}"),
        }
    };
    let day = TimeDelta::hours(24);
    assert_eq!(held_until(noon(), None), noon() + day);
    assert_eq!(held_until(noon(), Some(noon() + TimeDelta::days(9))), noon() + day);
    let soon = noon() + TimeDelta::hours(2);
    assert_eq!(held_until(noon(), Some(soon)), soon);
    let late = unit.expires.at - TimeDelta::hours(3);
    assert_eq!(held_until(late, None), unit.expires.at);
    let past = Command::Reserve { patient: person(1), until: Some(noon()) };
    assert_eq!(stopped(&ask(&unit, &facts, &past)), Some(Rule::ExpiryInPast));
}

#[test]
fn a_hold_ends_at_the_very_moment() {
    let facts = facts(patient(O_NEG));
    let held = done(&unit(Component::RedCells, O_NEG), &facts, &reserve());
    let end = noon() + TimeDelta::hours(24);
    let before = end - TimeDelta::microseconds(1);
    assert!(matches!(held.effective_status(before), Effective::Reserved { .. }));
    assert_eq!(held.effective_status(end), Effective::Available);
    let other =
        Facts { patient: Some(PatientFacts { id: person(2), ..patient(O_NEG) }), ..facts.clone() };
    let theirs = Command::Reserve { patient: person(2), until: None };
    assert_eq!(answer_at(&held, &other, &theirs, before), Some(Rule::UnitReserved));
    assert_eq!(answer_at(&held, &other, &theirs, end), None);
}
