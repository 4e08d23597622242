//! The group of a bag, read again on arrival (bloodbank.md 2.7).

use super::*;
use bloodbank::traits::Phenotype::{Bombay, Ordinary};
use bloodbank::traits::{Command as T, apply, decide};

fn label() -> bloodbank::Unit {
    bag(1, Component::RedCells, A_POS)
}

fn read(known: Option<UnitTraits>, who: u128, command: &T) -> Result<UnitTraits, Refusal> {
    let events = decide(known.as_ref(), &label(), nurse(who), command)?;
    Ok(events.iter().fold(known, |known, event| Some(apply(known, event))).expect("an event"))
}

/// One person read A positive, another one O positive.
fn differing() -> UnitTraits {
    let first =
        read(None, 1, &T::EnterGroup { group: A_POS, phenotype: Ordinary }).expect("entered");
    assert!(!first.misread(&label()), "one reading that agrees with the label is no doubt");
    read(Some(first), 2, &T::VerifyGroup { group: O_POS, phenotype: Ordinary }).expect("recorded")
}

fn settle(group: BloodGroup) -> T {
    T::SettleGroup { group, phenotype: Ordinary, reason: "the tubes were exchanged".into() }
}

#[test]
fn a_second_reading_that_differs_is_kept_and_confirms_nothing() {
    let known = differing();
    assert!(known.confirmed.is_none() && known.entered.is_none());
    assert_eq!(known.readings.len(), 2, "both stand");
    assert!(known.misread(&label()), "it goes to nobody, whatever the label says");
    // Nobody begins anew over it.
    assert_eq!(
        stop(read(Some(known.clone()), 3, &T::EnterGroup { group: A_POS, phenotype: Ordinary })),
        CareRule::Changed
    );
    assert_eq!(
        stop(read(Some(known), 3, &T::VerifyGroup { group: A_POS, phenotype: Ordinary })),
        CareRule::Changed
    );
}

#[test]
fn a_third_person_settles_it_with_a_reason_and_neither_of_the_first_two_may() {
    let known = differing();
    for who in [1, 2] {
        let answer = read(Some(known.clone()), who, &settle(A_POS));
        assert_eq!(stop(answer), CareRule::SamePersonTwice);
    }
    let blank = T::SettleGroup { group: A_POS, phenotype: Ordinary, reason: " ".into() };
    assert_eq!(stop(read(Some(known.clone()), 3, &blank)), CareRule::Blank);
    let right = read(Some(known.clone()), 3, &settle(A_POS)).expect("settled");
    let retype = right.confirmed.expect("confirmed");
    assert_eq!((retype.group, retype.entered_by, retype.verified_by), (A_POS, nurse(1), nurse(3)));
    assert!(!right.misread(&label()) && right.settled.is_some());
    // Settled against the label it stays what it is.
    let wrong = read(Some(known), 3, &settle(O_POS)).expect("settled");
    assert!(wrong.misread(&label()));
}

#[test]
fn a_third_group_settles_nothing_and_asks_for_one_more_person() {
    let three = read(Some(differing()), 3, &settle(B_POS)).expect("recorded");
    assert_eq!(three.readings.len(), 3);
    assert!(three.confirmed.is_none() && three.misread(&label()));
    let settled = read(Some(three), 4, &settle(B_POS)).expect("settled");
    assert_eq!(settled.confirmed.map(|retype| retype.entered_by), Some(nurse(3)));
}

#[test]
fn nothing_is_settled_that_does_not_differ() {
    assert_eq!(stop(read(None, 3, &settle(A_POS))), CareRule::Changed);
}

#[test]
fn s16_cells_without_h_in_a_bag_that_says_o_are_a_misread_and_so_is_the_reverse() {
    let o = bag(1, Component::RedCells, O_POS);
    let bombay = bloodbank::Unit { phenotype: Bombay, ..o.clone() };
    for (phenotype, right, wrong) in [(Ordinary, &o, &bombay), (Bombay, &bombay, &o)] {
        let known = read(None, 1, &T::EnterGroup { group: O_POS, phenotype }).expect("entered");
        assert!(!known.misread(right) && known.misread(wrong), "{phenotype:?}");
        let same = T::VerifyGroup { group: O_POS, phenotype };
        let known = read(Some(known), 2, &same).expect("verified");
        assert_eq!(known.confirmed.map(|retype| retype.phenotype), Some(phenotype));
        assert!(!known.misread(right) && known.misread(wrong), "{phenotype:?}");
    }
    let one = read(None, 1, &T::EnterGroup { group: O_POS, phenotype: Ordinary }).expect("entered");
    let two = read(Some(one), 2, &T::VerifyGroup { group: O_POS, phenotype: Bombay });
    let two = two.expect("recorded");
    assert!(two.confirmed.is_none() && two.readings.len() == 2, "one of them saw no H");
}
