//! Why blood is not free, and in which order what is to be done stands in the list.

use super::donation::{given, screened};
use super::tests::{Bench, run};
use super::*;
use bloodbank::care::{Task, TaskKind};
use bloodbank::donation::{Hold, HoldReason};
use bloodbank::lab::{Command as C, Doubt, MarkerState, Outcome, Stage};
use bloodbank::profile::Marker;
use bloodbank::todo::{NotFree, not_free, order};
use kernel::TimeDelta;

fn clear(profile: Profile) -> Bench {
    let mut bench = Bench::new(donation_id(1), profile);
    bench.all_clear();
    bench
}

#[test]
fn tests_speak_against_a_bag_by_the_gravest_of_their_doubts_under_every_profile() {
    for profile in [Profile::who(), Profile::fda(), Profile::uk()] {
        let bench = clear(profile.clone());
        assert_eq!(bench.tests.doubt(), None, "{}", profile.name);
        // Nothing was looked for yet: the release stops that, not this.
        assert_eq!(Bench::new(donation_id(1), profile).tests.doubt(), None);

        let mut reactive = bench.clone();
        reactive.result(1, Marker::Hcv, Stage::Initial, Outcome::Reactive);
        assert_eq!(reactive.tests.doubt(), Some(Doubt::Reactive), "entered is enough");
        let mut grey = bench.clone();
        grey.verified(Marker::Hcv, Stage::Initial, Outcome::GreyZone);
        assert_eq!(grey.tests.doubt(), Some(Doubt::NotClear));
        let mut unread = bench.clone();
        unread.result(1, Marker::Malaria, Stage::Initial, Outcome::NonReactive);
        assert_eq!(unread.tests.doubt(), Some(Doubt::Unverified));
        let mut invalid = bench.clone();
        let taken_back = C::InvalidateRun { run: run(Marker::Hiv).id, reason: "lot".into() };
        invalid.tell(3, None, &taken_back);
        assert_eq!(invalid.tests.doubt(), Some(Doubt::RunInvalid));
        let mut both = invalid.clone();
        both.result(1, Marker::Malaria, Stage::Initial, Outcome::NonReactive);
        assert_eq!(both.tests.doubt(), Some(Doubt::RunInvalid), "the graver of the two");
        invalid.verified(Marker::Hiv, Stage::Initial, Outcome::NonReactive);
        assert_eq!(invalid.tests.doubt(), None, "tested again, and read by another");

        // What the bench shows says the same, marker by marker.
        for one in [&bench, &reactive, &grey, &unread, &both, &invalid] {
            let looked = |marker| one.tests.results.iter().any(|r| r.marker == marker);
            let open = one
                .tests
                .markers(&one.profile)
                .into_iter()
                .any(|(marker, state)| looked(marker) && state != MarkerState::NonReactive);
            assert_eq!(one.tests.speaks_against(), open, "{:?}", one.tests.results);
        }
    }
}

#[test]
fn a_donation_is_free_when_neither_its_tests_nor_a_hold_say_no_and_the_gravest_stands_first() {
    let profile = Profile::who();
    let donor = screened(man(), visit(DonationKind::WholeBlood), &profile);
    let mut donation = given(&donor, "triple-450", &profile);
    let bench = clear(profile);
    assert_eq!(not_free(&donation, Some(&bench.tests)), []);
    assert_eq!(not_free(&donation, None), []);
    let hold = |reason| Hold { cause: command(9), reason, at: at("2026-11-20T10:00:00Z") };
    donation.holds.push(hold(HoldReason::IntervalViolation));
    let soon = NotFree::Held(HoldReason::IntervalViolation);
    assert_eq!(not_free(&donation, Some(&bench.tests)), std::slice::from_ref(&soon));
    assert!(!soon.alarms(), "it says something of the donor");
    donation.holds.push(hold(HoldReason::ReportedAfter));
    let fever = NotFree::Held(HoldReason::ReportedAfter);
    assert!(fever.alarms());
    assert_eq!(not_free(&donation, Some(&bench.tests)), [fever.clone(), soon.clone()]);
    let mut unread = bench;
    unread.result(1, Marker::Malaria, Stage::Initial, Outcome::NonReactive);
    let waits = NotFree::Tests(Doubt::Unverified);
    assert_eq!(not_free(&donation, Some(&unread.tests)), [fever, waits, soon]);
}

#[test]
fn the_highest_priority_stands_first_then_what_is_due_first() {
    let hour = |n| at("2026-11-20T00:00:00Z") + TimeDelta::hours(n);
    let task = |what, due| Task { what, due, args: bloodbank::Args::new() };
    let mut all = [
        (task(TaskKind::TraceRecipient, Some(hour(72))), hour(0)),
        (task(TaskKind::MedicalReview, None), hour(5)),
        (task(TaskKind::RetrospectiveCrossmatch, Some(hour(4))), hour(3)),
        (task(TaskKind::AlertWard, None), hour(9)),
        (task(TaskKind::StopTransfusion, None), hour(8)),
    ];
    all.sort_by_cached_key(|(task, since)| order(task, *since));
    let kinds: Vec<TaskKind> = all.iter().map(|(task, _)| task.what).collect();
    assert_eq!(
        kinds,
        [
            TaskKind::StopTransfusion,
            TaskKind::AlertWard,
            TaskKind::RetrospectiveCrossmatch,
            TaskKind::MedicalReview,
            TaskKind::TraceRecipient,
        ]
    );
}
