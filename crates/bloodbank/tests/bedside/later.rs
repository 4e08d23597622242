//! What was written on paper and is entered later (scenario 61).

use super::*;
use bloodbank::bedside::Occurred;
use bloodbank::care::Refusal;
use bloodbank::issue::{Basis, Command, Event as Issue, Return, ReturnFault, Stamp};
use kernel::Component::RedCells;

fn on_paper(unit: &Unit, at: Instant) -> IssueFacts {
    let later = Some(Occurred { at, recorded_at: noon() });
    IssueFacts { later, ..in_order(unit, patient(O_POS)) }
}

#[test]
fn s61_a_bag_that_ended_since_was_in_date_when_it_left_and_one_that_had_ended_is_kept_with_the_rule()
 {
    let mut unit = bag(1, RedCells, O_POS);
    unit.expires.at = noon() - minutes(30);
    let ask = asks(&unit);
    assert_eq!(
        stop(give(&unit, &in_order(&unit, patient(O_POS)), &ask, &[], noon())),
        CareRule::Unit(Rule::UnitExpired),
        "now it is refused"
    );
    let then = noon() - minutes(45);
    let decided = give(&unit, &on_paper(&unit, then), &ask, &[], then).expect("in date then");
    let Issue::Issued { at, recorded_at, against, .. } = &decided.events[0] else {
        panic!("{decided:?}")
    };
    assert_eq!((*at, *recorded_at), (then, Some(noon())));
    assert!(against.is_empty(), "{against:?}");

    let after_end = noon() - minutes(10);
    let facts = on_paper(&unit, after_end);
    let refusal = give(&unit, &facts, &ask, &[], after_end).expect_err("named first");
    let expired = CareRule::Unit(Rule::UnitExpired);
    assert_eq!(refusal.asks_for(), [expired]);
    let decided = give(&unit, &facts, &ask, &[expired], after_end).expect("kept as it was");
    let (dispensation, after) = after(&unit, &decided);
    assert_eq!(dispensation.against, [expired]);
    assert!(!after.is_live(), "it is with the patient");
}

#[test]
fn s61_a_bag_given_twice_keeps_both_records_and_the_second_of_one_patient_is_a_line_entered_twice()
{
    let unit = bag(1, RedCells, O_POS);
    let first = give(&unit, &in_order(&unit, patient(O_POS)), &asks(&unit), &[], noon());
    let (_, out) = after(&unit, &first.expect("issued"));
    let then = noon() - minutes(20);
    let again = give(&out, &on_paper(&out, then), &asks(&out), &[], then);
    assert_eq!(stop(again), CareRule::AlreadyEntered);

    let other = PatientFacts { id: person(2), ..patient(O_POS) };
    let mut facts = on_paper(&out, then);
    facts.unit.patient = Some(other);
    let ask = IssueAsk { patient: person(2), slip: None, ..asks(&out) };
    let refusal = give(&out, &facts, &ask, &[], then).expect_err("named first");
    let rules = refusal.asks_for().to_vec();
    assert!(rules.contains(&CareRule::Unit(Rule::UnitGone)), "{rules:?}");
    let decided = give(&out, &facts, &ask, &rules, then).expect("kept");
    assert!(decided.unit.is_empty(), "the bag's own record stays: {decided:?}");
    assert_eq!(after(&out, &decided).0.patient, person(2));
}

#[test]
fn s61_what_the_entry_itself_got_wrong_is_refused_also_from_paper() {
    let unit = bag(1, RedCells, O_POS);
    let then = noon() - minutes(20);
    let facts = on_paper(&unit, then);
    let other = IssueAsk { bag: scan(&bag(2, RedCells, O_POS)), ..asks(&unit) };
    assert_eq!(stop(give(&unit, &facts, &other, &[], then)), CareRule::ScanDisagrees);
    let nobody = IssueAsk { collected_by: " ".into(), ..asks(&unit) };
    assert_eq!(stop(give(&unit, &facts, &nobody, &[], then)), CareRule::Blank);
    // Without tube, crossmatch and order it left all the same: kept as that, with a crossmatch owed.
    let bare = IssueFacts { sample: None, crossmatch: None, ..facts };
    let refusal: Refusal = give(&unit, &bare, &asks(&unit), &[], then).expect_err("named first");
    let rules = refusal.asks_for().to_vec();
    let decided = give(&unit, &bare, &asks(&unit), &rules, then).expect("kept");
    let (dispensation, _) = after(&unit, &decided);
    assert_eq!(dispensation.basis, Basis::NoCrossmatch);
    assert!(dispensation.basis.uncrossmatched());
}

#[test]
fn s61_a_return_from_paper_goes_on_the_shelf_only_by_the_rules_of_both_days() {
    let unit = bag(1, RedCells, O_POS);
    let first = give(&unit, &in_order(&unit, patient(O_POS)), &asks(&unit), &[], noon());
    let (dispensation, out) = after(&unit, &first.expect("issued"));
    let rules = |most: u32| {
        let mut rules = care();
        rules.return_minutes.value = most;
        rules
    };
    let back = |of_the_day: u32, of_the_entry: u32| {
        let back = Return {
            left: Stamp::exact(noon()),
            back: Stamp::exact(noon() + minutes(25)),
            temperature: None,
            seal_intact: true,
            segment_attached: true,
            appearance_ok: true,
            excursions: 0,
        };
        let facts =
            IssueFacts { care_of_entry: Some(rules(of_the_entry)), ..on_paper(&out, noon()) };
        let command = Command::TakeBack { back };
        let (day, at) = (rules(of_the_day), noon() + minutes(25));
        let state = Some(&dispensation);
        let decided =
            issue::decide(state, &out, &facts, &command, &[], &policy(), &day, at, cause(5));
        let decided = decided.expect("taken back");
        let Issue::TakenBack { failed, .. } = &decided.events[0] else { panic!("{decided:?}") };
        failed.clone()
    };
    assert_eq!(back(30, 30), []);
    assert_eq!(back(20, 30), [ReturnFault::TooLong], "by the rules of the day it came back");
    assert_eq!(back(30, 20), [ReturnFault::TooLong], "nobody is given it under today's");
    assert_eq!(back(20, 20), [ReturnFault::TooLong], "said once");
}

/// The bag as the program gave it to the first patient, and the form that names it for the second.
fn given_twice() -> (Unit, Dispensation, Dispensation) {
    let unit = bag(1, RedCells, O_POS);
    let first = give(&unit, &in_order(&unit, patient(O_POS)), &asks(&unit), &[], noon());
    let (program, out) = after(&unit, &first.expect("issued"));
    let then = noon() - minutes(20);
    let mut facts = on_paper(&out, then);
    facts.unit.patient = Some(PatientFacts { id: person(2), ..patient(O_POS) });
    let ask = IssueAsk { patient: person(2), slip: None, ..asks(&out) };
    let rules = give(&out, &facts, &ask, &[], then).expect_err("named").asks_for().to_vec();
    let decided = give(&out, &facts, &ask, &rules, then).expect("kept");
    let paper = Dispensation { id: DispensationId(uuid(7, 2)), ..after(&out, &decided).0 };
    (out, program, paper)
}

fn in_error(
    one: &Dispensation,
    unit: &Unit,
    issues: &[Dispensation],
    second: StaffId,
    reason: &str,
) -> Result<Decided, Refusal> {
    let facts = IssueFacts {
        issues: issues.to_vec(),
        by: Some(nurse(1)),
        ..in_order(unit, patient(O_POS))
    };
    let command = Command::EnterInError { reason: reason.into(), second };
    issue::decide(Some(one), unit, &facts, &command, &[], &policy(), &care(), noon(), cause(6))
}

#[test]
fn s56_one_of_two_records_of_a_bag_is_taken_back_by_two_people_with_a_reason_and_is_kept() {
    let (unit, program, paper) = given_twice();
    let both = [program.clone(), paper.clone()];
    let why = "The number was read wrong";
    assert_eq!(stop(in_error(&paper, &unit, &both, nurse(1), why)), CareRule::SamePersonTwice);
    assert_eq!(stop(in_error(&paper, &unit, &both, locked(), why)), CareRule::PersonNotActive);
    assert_eq!(stop(in_error(&paper, &unit, &both, nurse(2), " ")), CareRule::Blank);
    // What the program gave out with a scan was so; and one form alone contradicts nobody.
    assert_eq!(stop(in_error(&program, &unit, &both, nurse(2), why)), CareRule::NoConflict);
    let alone = std::slice::from_ref(&paper);
    let here = Unit { site: paper.site.clone().expect("said"), ..unit.clone() };
    assert_eq!(stop(in_error(&paper, &here, alone, nurse(2), why)), CareRule::NoConflict);
    let used = Dispensation { status: issue::Status::Used, ..paper.clone() };
    assert_eq!(stop(in_error(&used, &unit, &both, nurse(2), why)), CareRule::AlreadyTransfused);

    let decided = in_error(&paper, &unit, &both, nurse(2), why).expect("taken back");
    assert_eq!(decided.unit, [], "the bag is where the other record says");
    let done = issue::apply(Some(paper.clone()), paper.id, &decided.events[0]).expect("kept");
    assert!(matches!(&done.status, issue::Status::EnteredInError { reason, by, second, .. }
        if reason == why && (*by, *second) == (nurse(1), nurse(2))));
    assert_eq!((done.patient, &done.against), (paper.patient, &paper.against), "as it was entered");
    assert!(!done.stands());
    let rest = [program, done.clone()];
    assert_eq!(stop(in_error(&done, &unit, &rest, nurse(2), why)), CareRule::Changed);
}

#[test]
fn s56_of_two_forms_the_first_may_be_the_wrong_one_and_the_bag_is_with_the_other_patient() {
    let (unit, program, paper) = given_twice();
    let first = Dispensation { recorded_at: Some(noon()), ..program };
    let both = [first.clone(), paper.clone()];
    let decided = in_error(&first, &unit, &both, nurse(2), "Sheet 3 names another bag");
    let moved = with(&unit, &decided.expect("taken back").unit);
    assert_eq!(moved.effective_status(noon()), Effective::Issued { patient: person(2) });
    // Only the form of a site that did not hold the bag: whoever holds it looks at it first.
    let alone = Dispensation { site: Some("valley".into()), ..paper.clone() };
    let issued =
        bloodbank::Event::Issued { patient: person(2), at: noon(), collected_by: "Ward".into() };
    let unit = with(&bag(1, RedCells, O_POS), &[issued]);
    let decided = in_error(&alone, &unit, std::slice::from_ref(&alone), nurse(2), "Another bag");
    let back = with(&unit, &decided.expect("taken back").unit);
    assert_eq!(back.effective_status(noon()), Effective::Quarantined, "seen before it is given");
}
