use super::*;
use bloodbank::issue::{Command, Gate, Return, ReturnFault, Stamp, gates};
use bloodbank::traits::{Attribute, Need};
use kernel::Component::{Platelets, RedCells};

#[test]
fn s01_a_unit_of_this_minute_is_issued_with_a_notice_and_one_minute_later_not() {
    // `&>0260422359` at a UTC+3 clinic.
    let unit = bag_until(1, RedCells, O_POS, "2026-02-11T23:59:00");
    let last = at("2026-02-11T20:59:00Z");
    let mut facts = in_order(&unit, patient(O_POS));
    let sample = facts.sample.as_mut().expect("a sample");
    (sample.drawn_at, sample.valid_until) = (last - hours(5), unit.expires);
    facts.crossmatch.as_mut().expect("crossmatched").valid_until = unit.expires.at;
    let checks = gates(&unit, &facts, &asks(&unit), &policy(), &care(), last);
    let in_date = checks.iter().find(|check| check.gate == Gate::UnitInDate).expect("shown");
    assert_eq!(in_date.rule, Some(CareRule::Unit(Rule::ExpiresSoon)));
    assert!(give(&unit, &facts, &asks(&unit), &[], last).is_ok(), "shown, never in the way");
    let late = give(&unit, &facts, &asks(&unit), &[], at("2026-02-11T21:00:00Z"));
    let found = stop(late);
    assert!(
        matches!(found, CareRule::Unit(Rule::UnitExpired) | CareRule::SampleTooOld),
        "{found:?}"
    );
    assert_eq!(unit.effective_status(at("2026-02-11T21:00:00Z")), Effective::Expired);
}

#[test]
fn s02_at_a_site_of_another_zone_the_label_keeps_its_zone_and_the_instant_decides() {
    let unit = bag_until(1, RedCells, O_POS, "2026-02-11T23:59:00");
    // In Kolkata it is 02:29 of the next day, and the unit is still good.
    let kolkata = chrono_tz::Asia::Kolkata;
    let last = at("2026-02-11T20:59:00Z");
    assert_eq!(last.with_timezone(&kolkata).to_rfc3339(), "2026-02-12T02:29:00+05:30");
    let facts = in_order(&unit, patient(O_POS));
    let check = |now| {
        gates(&unit, &facts, &asks(&unit), &policy(), &care(), now)
            .into_iter()
            .find(|check| check.gate == Gate::UnitInDate)
            .expect("shown")
    };
    let shown = check(last);
    assert_eq!(shown.args.get("zone").map(String::as_str), Some("Africa/Nairobi"));
    assert_eq!(shown.args.get("expiresAt").map(String::as_str), Some("2026-02-11T20:59:59+00:00"));
    assert_ne!(shown.result, CheckResult::Stop);
    assert_eq!(check(last + minutes(1)).result, CheckResult::Stop);
}

#[test]
fn s03_a_clock_that_is_not_to_be_trusted_issues_nothing() {
    // Really expired; the clinic's clock, three days back, says it is not.
    let unit = bag_until(1, RedCells, O_POS, "2026-11-18T23:59:00");
    let mut facts = in_order(&unit, patient(O_POS));
    let set_back = noon() - TimeDelta::days(3);
    facts.sample.as_mut().expect("a sample").drawn_at = set_back - hours(1);
    facts.unit.clock_suspect = true;
    let answer = give(&unit, &facts, &asks(&unit), &[], set_back);
    assert_eq!(stop(answer), CareRule::Unit(Rule::UnitExpiryUnsure));
}

#[test]
fn s04_a_clock_a_year_ahead_discards_nothing_and_reads_check_expiry() {
    let unit = bag(1, RedCells, O_POS);
    let mut facts = in_order(&unit, patient(O_POS));
    facts.unit.clock_suspect = true;
    let ahead = noon() + TimeDelta::days(365);
    assert!(!matches!(unit.status, Status::Discarded { .. }), "only a person discards");
    let checks = gates(&unit, &facts, &asks(&unit), &policy(), &care(), ahead);
    let check = checks.iter().find(|check| check.gate == Gate::UnitInDate).expect("shown");
    assert_eq!(check.rule, Some(CareRule::Unit(Rule::UnitExpiryUnsure)), "not: expired");
}

#[test]
fn everything_in_order_passes_every_gate() {
    let unit = bag(1, RedCells, A_POS);
    let facts = in_order(&unit, patient(A_POS));
    let checks = gates(&unit, &facts, &asks(&unit), &policy(), &care(), noon());
    assert_eq!(checks.len(), 22, "one line for every gate");
    for check in &checks {
        assert!(matches!(check.result, CheckResult::Pass | CheckResult::NotYet), "{check:?}");
    }
    let decided = give(&unit, &facts, &asks(&unit), &[], noon()).expect("issued");
    let (dispensation, unit) = after(&unit, &decided);
    assert_eq!(unit.effective_status(noon()), Effective::Issued { patient: person(1) });
    assert_eq!(issue::tag(&dispensation.basis), None);
}

#[test]
fn each_gate_stops_what_it_is_there_for() {
    type Break = fn(&mut IssueFacts, &mut IssueAsk);
    let rows: [(CareRule, Break); 20] = [
        (CareRule::Unit(Rule::DonationGroupsDiffer), |facts, _| {
            let other = bag(1, RedCells, O_NEG);
            let product_code = "E0701V00".to_owned();
            let id = kernel::UnitId::of_label(&other.din, &product_code);
            let speaks = Sibling::of(&other).expect("it speaks");
            facts.unit.siblings = vec![Sibling { id, product_code, ..speaks }];
        }),
        (CareRule::WristbandOfAnother, |_, ask| ask.wristband = Some(person(2))),
        (CareRule::Unit(Rule::PatientDeceased), |facts, _| {
            facts.unit.patient.as_mut().expect("known").deceased = true;
        }),
        (CareRule::SampleMissing, |facts, _| facts.sample = None),
        (CareRule::SampleOfAnother, |facts, _| {
            facts.sample.as_mut().expect("drawn").patient = person(2);
        }),
        (CareRule::SampleRejected, |facts, _| {
            facts.sample.as_mut().expect("drawn").rejected = Some("haemolysed".into());
        }),
        (CareRule::Unit(Rule::PatientGroupUnknown), |facts, _| {
            facts.unit.patient.as_mut().expect("known").group = KnownGroup::Unknown;
        }),
        (CareRule::Unit(Rule::UnitNotHere), |facts, _| facts.unit.site = "town".into()),
        (CareRule::Recalled, |facts, _| facts.recalled = Some(recall_id())),
        (CareRule::Unit(Rule::UnitExpiryUnsure), |facts, _| facts.unit.clock_suspect = true),
        (CareRule::UnitGroupMismatch, |facts, _| facts.traits = retyped(O_NEG)),
        (CareRule::ScanDisagrees, |_, ask| ask.bag.din = "A999926999999".into()),
        (CareRule::ScanDisagrees, |_, ask| ask.bag.product_code = "E0336VA0".into()),
        (CareRule::ScanDisagrees, |_, ask| ask.bag.group = O_NEG),
        (CareRule::CrossmatchMissing, |facts, _| facts.crossmatch = None),
        (CareRule::CrossmatchIncompatible, |facts, _| {
            facts.crossmatch.as_mut().expect("done").outcome = crossmatch::Outcome::Incompatible;
        }),
        (CareRule::CrossmatchTooOld, |facts, _| {
            facts.crossmatch.as_mut().expect("done").valid_until = noon();
        }),
        (CareRule::AppearanceNotAccepted, |_, ask| ask.appearance_ok = false),
        (CareRule::SlipUsed, |facts, _| facts.slips_used.push(slip_id(1))),
        (CareRule::Blank, |_, ask| ask.collected_by = "  ".into()),
    ];
    let unit = bag(1, RedCells, O_POS);
    for (rule, spoil) in rows {
        let (mut facts, mut ask) = (in_order(&unit, patient(O_POS)), asks(&unit));
        spoil(&mut facts, &mut ask);
        assert_eq!(stop(give(&unit, &facts, &ask, &[], noon())), rule);
    }
}

#[test]
fn a_unit_that_nobody_has_typed_again_asks_for_a_reason() {
    let unit = bag(1, RedCells, O_POS);
    let mut facts = in_order(&unit, patient(O_POS));
    facts.traits.confirmed = None;
    let rule = CareRule::UnitGroupUnconfirmed;
    assert_eq!(warnings(give(&unit, &facts, &asks(&unit), &[], noon())), [rule]);
    assert!(give(&unit, &facts, &asks(&unit), &[rule], noon()).is_ok());
}

#[test]
fn a_stand_in_group_asks_for_a_reason_where_policy_says_so_and_the_own_group_is_there() {
    let unit = bag(1, RedCells, O_POS);
    let mut facts = in_order(&unit, patient(A_POS));
    facts.identical_left = 3;
    let mut strict = care();
    let decide = |care: &CarePolicy, facts: &IssueFacts| {
        let command = Command::Issue { ask: Box::new(asks(&unit)) };
        issue::decide(None, &unit, facts, &command, &[], &policy(), care, noon(), cause(1))
    };
    assert!(decide(&strict, &facts).is_ok(), "off by default");
    strict.reason_for_other_group.value = true;
    assert_eq!(warnings(decide(&strict, &facts)), [CareRule::Unit(Rule::NotIdenticalGroup)]);
    facts.identical_left = 0;
    assert!(decide(&strict, &facts).is_ok(), "nothing better is on the shelf");
}

#[test]
fn s52_a_hold_that_ran_out_while_the_program_was_closed_is_free_and_says_when_it_was_due() {
    let until = noon() - hours(3);
    let unit = with(&bag(1, RedCells, O_POS), &[Event::Reserved { patient: person(9), until }]);
    assert_eq!(unit.effective_status(noon()), Effective::Available);
    let facts = in_order(&unit, patient(O_POS));
    let decided = give(&unit, &facts, &asks(&unit), &[], noon()).expect("free");
    assert_eq!(decided.unit[0], Event::HoldLapsed { due: until }, "its due time, not now");
}

#[test]
fn s53_a_unit_held_for_another_patient_is_never_issued_to_this_one() {
    let unit = reserved_for(&bag(1, RedCells, O_POS), person(2));
    let facts = in_order(&unit, patient(O_POS));
    let answer = give(&unit, &facts, &asks(&unit), &[], noon());
    assert_eq!(stop(answer), CareRule::Unit(Rule::UnitReserved));
    // Released, it still needs its own crossmatch: the other patient's does not count.
    let freed = with(&unit, &[Event::Released { patient: person(2), reason: "not needed".into() }]);
    let mut facts = in_order(&freed, patient(O_POS));
    facts.crossmatch.as_mut().expect("done").patient = person(2);
    let answer = give(&freed, &facts, &asks(&freed), &[], noon());
    assert_eq!(stop(answer), CareRule::CrossmatchMissing);
}

#[test]
fn s54_irradiation_asked_for_after_the_hold_blocks_the_bag_that_is_not_irradiated() {
    let unit = reserved_for(&bag(1, RedCells, O_POS), person(1));
    let mut facts = in_order(&unit, patient(O_POS));
    assert!(give(&unit, &facts, &asks(&unit), &[], noon()).is_ok(), "before");
    let need = history::Command::Require {
        need: Need::Attribute(Attribute::Irradiated),
        until: None,
        reason: "purine analogue".into(),
        recorded_by: doctor(),
    };
    let history = facts.history().clone();
    let events = history::decide(Some(&history), &staff(), &need, noon()).expect("recorded");
    let history = history::apply(Some(history), &events[0]);
    let held = [(unit.clone(), facts.traits.clone())];
    let blocked = history::recheck(&held, &patient(O_POS), &history, &policy(), noon());
    assert_eq!(blocked[0].rules, [CareRule::RequirementUnmet], "said at once");
    facts.crossmatching.history = history;
    assert_eq!(stop(give(&unit, &facts, &asks(&unit), &[], noon())), CareRule::RequirementUnmet);
    facts.traits.attributes.insert(Attribute::Irradiated);
    assert!(give(&unit, &facts, &asks(&unit), &[], noon()).is_ok());
}

#[test]
fn s55_of_two_issues_of_one_bag_the_second_meets_the_first() {
    // The two terminals are listed in docs/domain; this is what the second decision is given.
    let unit = bag(1, RedCells, O_POS);
    let facts = in_order(&unit, patient(O_POS));
    let first = give(&unit, &facts, &asks(&unit), &[], noon()).expect("the first");
    let (_, issued) = after(&unit, &first);
    let refusal = give(&issued, &facts, &asks(&unit), &[], noon()).expect_err("the second");
    assert_eq!(refusal.stopped_by(), Some(CareRule::Unit(Rule::UnitGone)));
    assert_eq!(refusal.args().get("status").map(String::as_str), Some("issued"));
    assert!(refusal.args().contains_key("at") && refusal.args().contains_key("patient"));
}

#[test]
fn s68_nothing_is_issued_to_somebody_who_has_died() {
    let unit = bag(1, RedCells, O_POS);
    let dead = PatientFacts { deceased: true, ..patient(O_POS) };
    let facts = in_order(&unit, dead);
    for ask in [asks(&unit), IssueAsk { emergency: bleeding(), ..asks(&unit) }] {
        let answer = give(&unit, &facts, &ask, &[], noon());
        assert_eq!(stop(answer), CareRule::Unit(Rule::PatientDeceased));
    }
}

fn out(minutes_out: i64) -> Return {
    Return {
        left: Stamp::exact(noon()),
        back: Stamp::exact(noon() + minutes(minutes_out)),
        temperature: None,
        seal_intact: true,
        segment_attached: true,
        appearance_ok: true,
        excursions: 0,
    }
}

/// Issues a unit and brings it back.
fn returned(back: Return) -> (issue::Status, Unit) {
    let unit = bag(1, RedCells, O_POS);
    let facts = in_order(&unit, patient(O_POS));
    let decided = give(&unit, &facts, &asks(&unit), &[], noon()).expect("issued");
    let (dispensation, unit) = after(&unit, &decided);
    let now = noon() + hours(1);
    let decided = issue::decide(
        Some(&dispensation),
        &unit,
        &facts,
        &Command::TakeBack { back },
        &[],
        &policy(),
        &care(),
        now,
        cause(5),
    )
    .expect("taken back");
    let dispensation =
        issue::apply(Some(dispensation), DispensationId(uuid(7, 1)), &decided.events[0]);
    (dispensation.expect("known").status, with(&unit, &decided.unit))
}

#[test]
fn s63_after_30_minutes_a_unit_goes_back_after_31_or_at_11_degrees_into_quarantine() {
    let later = noon() + hours(1);
    let (_, unit) = returned(out(30));
    assert_eq!(unit.effective_status(later), Effective::Available);

    let (status, unit) = returned(out(31));
    assert_eq!(unit.effective_status(later), Effective::Quarantined);
    let Status::Quarantined { reason, .. } = &unit.status else { panic!("{unit:?}") };
    assert!(reason.starts_with("return-failed"), "{reason}");
    assert!(matches!(status, issue::Status::Returned { failed, .. }
        if failed == [ReturnFault::TooLong]));

    let (status, unit) = returned(Return { temperature: Some(110), ..out(12) });
    assert_eq!(unit.effective_status(later), Effective::Quarantined);
    assert!(matches!(status, issue::Status::Returned { failed, .. }
        if failed == [ReturnFault::TooWarm]));
    let (_, unit) = returned(Return { temperature: Some(100), ..out(12) });
    assert_eq!(unit.effective_status(later), Effective::Available, "exactly 10 degrees");
}

#[test]
fn every_other_condition_of_a_return_is_asked_too() {
    let faults = |back: Return| issue::return_faults(RedCells, &back, &care());
    assert_eq!(faults(out(5)), []);
    assert_eq!(faults(Return { seal_intact: false, ..out(5) }), [ReturnFault::SealBroken]);
    assert_eq!(faults(Return { segment_attached: false, ..out(5) }), [ReturnFault::SegmentMissing]);
    assert_eq!(faults(Return { appearance_ok: false, ..out(5) }), [ReturnFault::Appearance]);
    assert_eq!(faults(Return { temperature: Some(5), ..out(5) }), [ReturnFault::TooCold]);
    assert_eq!(faults(Return { excursions: 2, ..out(5) }), []);
    assert_eq!(faults(Return { excursions: 3, ..out(5) }), [ReturnFault::TooManyExcursions]);
    let platelets = |back: Return| issue::return_faults(Platelets, &back, &care());
    assert_eq!(platelets(out(5)), [ReturnFault::TemperatureNotMeasured]);
    assert_eq!(platelets(Return { temperature: Some(220), ..out(5) }), []);
    assert_eq!(
        platelets(Return { temperature: Some(40), ..out(5) }),
        [ReturnFault::TooCold],
        "platelets from a refrigerator never go back"
    );
}

#[test]
fn s64_a_ward_clock_20_minutes_behind_does_not_turn_31_minutes_into_11() {
    // Left the laboratory at 12:00; the ward's clock says 12:11 when it is 12:31.
    let ward = noon() + minutes(11);
    let raw = Return { back: Stamp::exact(ward), ..out(0) };
    assert_eq!(issue::return_faults(RedCells, &raw, &care()), [], "what the false clock would say");
    let corrected = Return { back: Stamp::corrected(ward, 20 * 60, 30), ..out(0) };
    assert_eq!(issue::return_faults(RedCells, &corrected, &care()), [ReturnFault::TooLong]);
    // Just in time, but only if the correction were exact: said, and not put back.
    let close = Return { back: Stamp::corrected(noon() + minutes(9), 20 * 60, 90), ..out(0) };
    assert_eq!(issue::return_faults(RedCells, &close, &care()), [ReturnFault::TimeUncertain]);
}

#[test]
fn what_was_never_given_out_is_not_taken_back_and_what_was_used_neither() {
    let unit = bag(1, RedCells, O_POS);
    let facts = in_order(&unit, patient(O_POS));
    let back = Command::TakeBack { back: out(5) };
    let ask = |state: Option<&Dispensation>, unit: &Unit| {
        issue::decide(state, unit, &facts, &back, &[], &policy(), &care(), noon(), cause(5))
    };
    assert_eq!(stop(ask(None, &unit)), CareRule::Unit(Rule::UnitNotIssued));
    let decided = give(&unit, &facts, &asks(&unit), &[], noon()).expect("issued");
    let (dispensation, issued) = after(&unit, &decided);
    assert_eq!(
        stop(ask(Some(&dispensation), &unit)),
        CareRule::Unit(Rule::UnitNotIssued),
        "the unit says otherwise"
    );
    let used =
        issue::apply(Some(dispensation), DispensationId(uuid(7, 1)), &issue::Event::NotedUsed);
    assert_eq!(stop(ask(used.as_ref(), &issued)), CareRule::AlreadyTransfused);
}

#[test]
fn a_unit_that_was_recalled_while_it_was_out_comes_back_into_quarantine() {
    let unit = bag(1, RedCells, O_POS);
    let issued = with(
        &unit,
        &[
            Event::Issued { patient: person(1), at: noon(), collected_by: "Porter".into() },
            Event::Quarantined { reason: "recall".into(), at: noon(), cause: cause(8) },
            Event::TakenBack { patient: person(1), at: noon(), failed: None, cause: cause(9) },
        ],
    );
    assert_eq!(issued.effective_status(noon()), Effective::Quarantined);
}
