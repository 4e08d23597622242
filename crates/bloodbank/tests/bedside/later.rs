//! What was written on paper and is entered later (scenario 61).

use super::*;
use bloodbank::bedside::Occurred;
use bloodbank::care::Refusal;
use bloodbank::issue::{Basis, Event as Issue};
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
