//! Every pair of the tables of bloodbank.md 2.1 and 2.2, written out by hand from the page.

use super::*;
use kernel::Component::*;

/// Y: given. R: needs an override of the RhD rule. P: of the plasma rule. X: nobody may. Of an unknown
/// group: E needs an override of that, F of RhD too, Q of plasma too, ? nobody may.
fn letter(
    component: Component,
    unit_group: BloodGroup,
    low_titre: bool,
    who: PatientFacts,
) -> char {
    let mut unit = unit(component, unit_group);
    unit.low_titre = low_titre;
    let facts = facts(who);
    let answers = [ask(&unit, &facts, &reserve()), ask(&unit, &facts, &issue())];
    let letters = answers.map(|answer| match &answer {
        Ok(_) => 'Y',
        Err(Refused::HardStop { rule: Rule::AboIncompatible, .. }) => 'X',
        Err(Refused::HardStop { rule: Rule::AntiDHistory, .. }) => 'D',
        Err(Refused::HardStop { rule: Rule::PatientGroupUnknown, .. }) => '?',
        Err(Refused::NeedsOverride { rules, .. }) if *rules == [Rule::PatientGroupUnknown] => 'E',
        Err(Refused::NeedsOverride { rules, .. })
            if *rules == [Rule::PatientGroupUnknown, Rule::RhdMismatch] =>
        {
            'F'
        }
        Err(Refused::NeedsOverride { rules, .. })
            if *rules == [Rule::PatientGroupUnknown, Rule::PlasmaMismatch] =>
        {
            'Q'
        }
        Err(Refused::NeedsOverride { rules, .. }) if *rules == [Rule::RhdMismatch] => 'R',
        Err(Refused::NeedsOverride { rules, .. }) if *rules == [Rule::PlasmaMismatch] => 'P',
        Err(Refused::NeedsOverride { rules, .. }) if *rules == [Rule::GroupNotConfirmed] => 'G',
        Err(Refused::NeedsOverride { rules, .. })
            if *rules == [Rule::RhdMismatch, Rule::PlasmaMismatch] =>
        {
            'B'
        }
        other => panic!("unexpected {other:?}"),
    });
    assert_eq!(letters[0], letters[1], "reserve and issue agree");
    letters[0]
}

/// Rows are patients, columns units, both in the order of the stock board.
fn table(component: Component, low_titre: bool, rows: [&str; 8]) {
    for (patient_group, row) in BloodGroup::ALL.into_iter().zip(rows) {
        let found: String = BloodGroup::ALL
            .into_iter()
            .map(|unit| letter(component, unit, low_titre, patient(patient_group)))
            .collect();
        assert_eq!(found, row, "{component:?} for {patient_group}");
    }
}

#[test]
fn red_cells_follow_all_sixty_four_cells_of_the_matrix() {
    let rows = [
        "YRXXXXXX", "YYXXXXXX", "YRYRXXXX", "YYYYXXXX", "YRXXYRXX", "YYXXYYXX", "YRYRYRYR",
        "YYYYYYYY",
    ];
    let all = rows.concat();
    let count = |letter| all.chars().filter(|found| *found == letter).count();
    assert_eq!((count('Y'), count('R'), count('X')), (27, 9, 28), "as the page counts them");
    table(RedCells, false, rows);
}

#[test]
fn a_patient_of_unknown_group_is_given_what_the_rows_unknown_allow_and_only_with_an_override() {
    let row = |component, low_titre, age| -> String {
        let who =
            PatientFacts { group: KnownGroup::Unknown, age_years: Some(age), ..patient(O_POS) };
        BloodGroup::ALL
            .iter()
            .map(|unit| letter(component, *unit, low_titre, who.clone()))
            .collect()
    };
    // A woman of 60, a woman of 25, a child.
    assert_eq!(row(RedCells, false, 60), "EE??????");
    assert_eq!(row(RedCells, false, 25), "EF??????", "never withheld, and a warning");
    assert_eq!(row(WholeBlood, true, 60), "????????");
    assert_eq!(row(Plasma, false, 60), "??????EE");
    assert_eq!(row(Plasma, true, 60), "??????EE", "low-titre A only where the site has chosen it");
    assert_eq!(row(Platelets, false, 60), "QQQQQQQQ");
    assert_eq!(row(Platelets, true, 60), "EEEEQQQQ");
    assert_eq!(row(Cryoprecipitate, false, 60), "EEEEEEEE");
    let child = PatientFacts {
        group: KnownGroup::Unknown,
        age_years: Some(6),
        sex: Sex::Male,
        ..patient(O_POS)
    };
    assert_eq!(letter(Cryoprecipitate, A_POS, false, child.clone()), 'Q');
    assert_eq!(letter(Cryoprecipitate, group(Abo::AB, Rhd::Positive), false, child), 'E');
}

#[test]
fn group_o_red_cells_go_to_somebody_nobody_could_type_once_two_people_sign() {
    let who = PatientFacts { group: KnownGroup::Conflict(vec![A_POS, O_POS]), ..patient(O_POS) };
    let unit = unit(RedCells, O_NEG);
    let facts = facts(who);
    let give = |over: &[Rule]| {
        decide(Some(&unit), &facts, &issue(), over, &Policy::who(), noon(), cause(1))
    };
    assert_eq!(warned(&give(&[])), [Rule::PatientGroupConflict]);
    assert_eq!(warned(&give(&[Rule::RhdMismatch])), [Rule::PatientGroupConflict]);
    assert!(give(&[Rule::PatientGroupConflict]).is_ok());
}

#[test]
fn a_group_that_is_no_longer_known_ends_a_hold_though_an_emergency_could_pass() {
    let facts_ = facts(patient(O_POS));
    let held = done(&unit(RedCells, O_POS), &facts_, &reserve());
    let who = PatientFacts { group: KnownGroup::Conflict(vec![A_POS, O_POS]), ..patient(O_POS) };
    let due = release_unfit(std::slice::from_ref(&held), &who, &Policy::who(), noon());
    assert_eq!(due.len(), 1, "{due:?}");
    assert!(release_unfit(&[held], &patient(O_POS), &Policy::who(), noon()).is_empty());
}

#[test]
fn the_unknown_row_of_red_cells_also_says_that_only_o_could_fit() {
    let who = PatientFacts { group: KnownGroup::Unknown, ..patient(O_POS) };
    for unit in BloodGroup::ALL {
        let stops = fit(RedCells, unit, false, &who, &Policy::who())
            .iter()
            .any(|verdict| verdict.fit == Fit::Stop(Rule::AboIncompatible));
        assert_eq!(stops, unit.abo != Abo::O, "{unit}");
    }
}

#[test]
fn plasma_follows_its_table_and_ignores_rhd() {
    table(
        Plasma,
        false,
        [
            "YYYYYYYY", "YYYYYYYY", "XXYYXXYY", "XXYYXXYY", "XXXXYYYY", "XXXXYYYY", "XXXXXXYY",
            "XXXXXXYY",
        ],
    );
}

#[test]
fn low_titre_plasma_crosses_groups_only_where_the_policy_says_so_and_never_from_o() {
    let unit = |abo| fit(Plasma, group(abo, Rhd::Positive), true, &patient(B_POS), &Policy::who());
    let stop = |verdicts: Vec<Verdict>| {
        verdicts.iter().any(|verdict| verdict.fit == Fit::Stop(Rule::AboIncompatible))
    };
    assert!(stop(unit(Abo::A)));
    let mut policy = Policy::who();
    policy.low_titre_plasma.value = true;
    let with = |abo| fit(Plasma, group(abo, Rhd::Positive), true, &patient(B_POS), &policy);
    assert!(!stop(with(Abo::A)));
    assert!(stop(with(Abo::O)));
    assert!(stop(fit(Plasma, A_POS, false, &patient(B_POS), &policy)), "not tested for titre");
}

#[test]
fn platelets_warn_about_plasma_and_rhd_but_never_stop_for_abo() {
    table(
        Platelets,
        false,
        [
            "YRYRYRYR", "YYYYYYYY", "PBYRPBYR", "PPYYPPYY", "PBPBYRYR", "PPPPYYYY", "PBPBPBYR",
            "PPPPPPYY",
        ],
    );
}

#[test]
fn low_titre_platelets_warn_about_rhd_only() {
    table(
        Platelets,
        true,
        [
            "YRYRYRYR", "YYYYYYYY", "YRYRYRYR", "YYYYYYYY", "YRYRYRYR", "YYYYYYYY", "YRYRYRYR",
            "YYYYYYYY",
        ],
    );
}

#[test]
fn an_adult_may_have_any_cryoprecipitate() {
    table(Cryoprecipitate, false, ["YYYYYYYY"; 8]);
}

#[test]
fn a_child_has_cryoprecipitate_as_plasma_and_an_unknown_age_asks_a_person() {
    let who = |age_years| PatientFacts { age_years, ..patient(A_POS) };
    assert_eq!(letter(Cryoprecipitate, O_POS, false, who(Some(4))), 'X');
    assert_eq!(letter(Cryoprecipitate, O_POS, false, who(Some(18))), 'X');
    assert_eq!(letter(Cryoprecipitate, O_POS, false, who(Some(19))), 'Y');
    assert_eq!(letter(Cryoprecipitate, O_POS, false, who(None)), 'P');
    assert_eq!(letter(Cryoprecipitate, A_NEG, false, who(Some(4))), 'Y');
}

#[test]
fn whole_blood_is_abo_identical_or_nothing() {
    table(
        WholeBlood,
        false,
        [
            "YRXXXXXX", "YYXXXXXX", "XXYRXXXX", "XXYYXXXX", "XXXXYRXX", "XXXXYYXX", "XXXXXXYR",
            "XXXXXXYY",
        ],
    );
}

#[test]
fn anti_d_at_any_time_stops_rhd_positive_red_cells_for_everybody() {
    for component in [RedCells, WholeBlood] {
        for who in [O_NEG, O_POS] {
            let who = PatientFacts { anti_d_ever: true, ..patient(who) };
            assert_eq!(letter(component, O_POS, false, who.clone()), 'D');
            assert_eq!(letter(component, O_NEG, false, who), 'Y');
        }
    }
    let who = PatientFacts { anti_d_ever: true, ..patient(O_POS) };
    assert_eq!(letter(Platelets, O_POS, false, who), 'R', "platelets carry traces of red cells");
}

#[test]
fn no_override_passes_a_hard_stop() {
    let who = PatientFacts { anti_d_ever: true, ..patient(O_NEG) };
    let every = [Rule::AboIncompatible, Rule::AntiDHistory, Rule::RhdMismatch];
    for unit_group in [O_POS, A_NEG] {
        let unit = unit(RedCells, unit_group);
        let policy = Policy::who();
        let answer =
            decide(Some(&unit), &facts(who.clone()), &issue(), &every, &policy, noon(), cause(1));
        assert!(stopped(&answer).is_some(), "{unit_group}");
    }
}

#[test]
fn one_determination_is_enough_for_what_is_safe_for_anybody() {
    let who = PatientFacts { group: KnownGroup::Once(A_POS), ..patient(A_POS) };
    let answer = |component, unit| letter(component, unit, false, who.clone());
    assert_eq!(answer(RedCells, O_POS), 'Y');
    assert_eq!(answer(RedCells, O_NEG), 'Y');
    assert_eq!(answer(RedCells, A_POS), 'G');
    assert_eq!(answer(RedCells, B_POS), 'X');
    assert_eq!(answer(Plasma, group(Abo::AB, Rhd::Positive)), 'Y');
    assert_eq!(answer(Plasma, A_POS), 'G');
    assert_eq!(answer(WholeBlood, A_POS), 'G');
    assert_eq!(answer(Platelets, A_POS), 'Y');
    assert_eq!(answer(Cryoprecipitate, O_POS), 'Y');
}

#[test]
fn determinations_that_disagree_stop_what_no_emergency_allows() {
    let who = PatientFacts { group: KnownGroup::Conflict(vec![A_POS, O_POS]), ..patient(O_POS) };
    for (component, group) in [(WholeBlood, O_NEG), (Plasma, O_NEG), (RedCells, A_NEG)] {
        let answer = ask(&unit(component, group), &facts(who.clone()), &issue());
        let Err(Refused::HardStop { rule: Rule::PatientGroupConflict, args }) = answer else {
            panic!("{component:?}: {answer:?}");
        };
        assert_eq!(args["patientGroup"], "A RhD POSITIVE, O RhD POSITIVE");
    }
}

#[test]
fn the_rhd_warning_says_whom_it_could_harm_in_later_life() {
    let cases = [
        (Sex::Female, Some(50), "true"),
        (Sex::Female, Some(51), "false"),
        (Sex::Male, Some(18), "true"),
        (Sex::Male, Some(19), "false"),
        (Sex::NotKnown, Some(30), "true"),
        (Sex::Male, None, "true"),
    ];
    for (sex, age_years, expected) in cases {
        let who = PatientFacts { sex, age_years, ..patient(O_NEG) };
        let answer = ask(&unit(RedCells, O_POS), &facts(who), &issue());
        let Err(Refused::NeedsOverride { args, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(args["protected"], expected, "{sex:?} {age_years:?}");
    }
}
