//! What a refusal says, and what an override covers.

use super::transitions::receipt;
use super::*;

#[test]
fn an_override_covers_exactly_the_rules_it_lists() {
    // A+ platelets carry anti-B: two warnings for a B RhD-negative patient.
    let unit = unit(Component::Platelets, A_POS);
    let who = patient(group(Abo::B, Rhd::Negative));
    let facts = facts(who);
    let with = |rules: &[Rule]| {
        decide(Some(&unit), &facts, &issue(), rules, &Policy::who(), noon(), cause(1))
    };
    assert_eq!(warned(&with(&[])), [Rule::RhdMismatch, Rule::PlasmaMismatch], "the worst first");
    assert_eq!(warned(&with(&[Rule::RhdMismatch])), [Rule::PlasmaMismatch]);
    assert_eq!(warned(&with(&[Rule::PlasmaMismatch])), [Rule::RhdMismatch]);
    assert_eq!(warned(&with(&[Rule::ExpiresSoon])).len(), 2, "another rule covers nothing");
    assert!(with(&[Rule::PlasmaMismatch, Rule::RhdMismatch]).is_ok());
}

#[test]
fn a_refusal_names_both_groups() {
    let answer = ask(&unit(Component::RedCells, A_POS), &facts(patient(O_NEG)), &issue());
    let Err(Refused::HardStop { rule, args }) = answer else { panic!("{answer:?}") };
    assert_eq!(rule, Rule::AboIncompatible);
    assert_eq!(args["unitGroup"], "A RhD POSITIVE");
    assert_eq!(args["patientGroup"], "O RhD NEGATIVE");
    assert_eq!(args["component"], "red_cells");
}

#[test]
fn nothing_is_given_to_the_dead_or_to_somebody_else() {
    let dead = PatientFacts { deceased: true, ..patient(O_NEG) };
    let unit = unit(Component::RedCells, O_NEG);
    assert_eq!(stopped(&ask(&unit, &facts(dead), &issue())), Some(Rule::PatientDeceased));
    let other = PatientFacts { id: person(2), ..patient(O_NEG) };
    assert_eq!(stopped(&ask(&unit, &facts(other), &issue())), Some(Rule::NotFound));
    let nobody = Facts { patient: None, ..facts(patient(O_NEG)) };
    assert_eq!(stopped(&ask(&unit, &nobody, &reserve())), Some(Rule::NotFound));
}

#[test]
fn a_blank_reason_is_no_reason() {
    let facts = facts(patient(O_NEG));
    let free = unit(Component::RedCells, O_NEG);
    let held = done(&free, &facts, &reserve());
    let kept = done(&free, &facts, &Command::Quarantine { reason: "leak?".into() });
    let blank = || " \t".to_owned();
    let cases = [
        (&free, Command::Quarantine { reason: blank() }),
        (&held, Command::Release { reason: blank() }),
        (&kept, Command::LiftQuarantine { reason: blank(), lifts: cause(7) }),
        (&free, Command::Discard { reason: DiscardReason::Other, note: Some(blank()) }),
        (&free, Command::Discard { reason: DiscardReason::Other, note: None }),
        (&free, Command::SendTo { site: blank() }),
        (&free, Command::Issue { patient: person(1), collected_by: blank(), appearance_ok: true }),
    ];
    for (unit, command) in cases {
        let answer = ask(unit, &facts, &command);
        assert_eq!(stopped(&answer), Some(Rule::ReasonMissing), "{command:?}");
    }
}

#[test]
fn a_unit_that_looks_wrong_is_not_issued() {
    let command =
        Command::Issue { patient: person(1), collected_by: "Auma".into(), appearance_ok: false };
    let answer = ask(&unit(Component::RedCells, O_NEG), &facts(patient(O_NEG)), &command);
    assert_eq!(stopped(&answer), Some(Rule::AppearanceNotAccepted));
}

#[test]
fn a_label_without_isbt_codes_is_refused_at_receipt() {
    let facts = facts(patient(O_NEG));
    let try_ = |din: &str| {
        let command = receipt(din, "2026-12-05T23:59:00");
        stopped(&decide(None, &facts, &command, &[], &Policy::who(), noon(), cause(1)))
    };
    assert_eq!(try_("A999926123456"), None);
    for din in ["", "BAG 17", "a999926123456", "A99992612345", "Ä99992612345", "A9999261234567"] {
        assert_eq!(try_(din), Some(Rule::LocalCodeNotIsbt), "{din}");
    }
}

#[test]
fn the_names_of_rules_are_those_of_the_wire() {
    let name = |rule: Rule| serde_json::to_value(rule).expect("writes");
    assert_eq!(name(Rule::AntiDHistory), "anti_d_history");
    assert_eq!(name(Rule::LocalCodeNotIsbt), "local_code_not_isbt");
    assert_eq!(name(Rule::RhdMismatch), "rhd_mismatch");
}
