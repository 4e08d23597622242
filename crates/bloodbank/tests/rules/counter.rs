//! The alternatives of the counter.

use super::*;

/// Units of red cells with these groups, ending in these days.
fn shelf(units: &[(BloodGroup, i64)]) -> Vec<Unit> {
    units
        .iter()
        .enumerate()
        .map(|(n, (group, days))| {
            let mut unit = unit(Component::RedCells, *group);
            unit.din = format!("A99992600{n:04}");
            unit.id = UnitId::of_label(&unit.din, &unit.product_code);
            unit.expires.at = noon() + TimeDelta::days(*days);
            unit
        })
        .collect()
}

fn order(units: &[Unit], who: PatientFacts, left: u32) -> Vec<(usize, Why)> {
    rank(units, &facts(who), &Policy::who(), noon(), |_, _| left)
        .into_iter()
        .map(|one| (one.index, one.why))
        .collect()
}

#[test]
fn alternatives_are_identical_by_age_then_compatible_and_o_negative_last() {
    let units = shelf(&[
        (O_NEG, 1),
        (A_POS, 20),
        (B_POS, 3),
        (O_POS, 2),
        (A_POS, 5),
        (A_NEG, 4),
        (A_POS, 0),
    ]);
    assert_eq!(
        order(&units, patient(A_POS), 50),
        [
            (4, Why::IdenticalOldest),
            (1, Why::Identical),
            // O positive before A negative: RhD-negative units are kept for those who need them.
            (3, Why::Compatible),
            (5, Why::Compatible),
            (0, Why::CompatibleScarce),
        ]
    );
}

#[test]
fn a_unit_held_for_the_patient_comes_first_and_one_held_for_another_not_at_all() {
    let mut units = shelf(&[(A_POS, 5), (O_POS, 9), (A_POS, 2)]);
    let until = noon() + TimeDelta::hours(1);
    units[1].status = Status::Reserved { patient: person(1), until };
    units[2].status = Status::Reserved { patient: person(2), until };
    assert_eq!(
        order(&units, patient(A_POS), 50),
        [(1, Why::HeldForThisPatient), (0, Why::IdenticalOldest)]
    );
}

#[test]
fn units_that_need_an_override_come_last_and_say_which() {
    let units = shelf(&[(O_POS, 1), (O_NEG, 9)]);
    let found = rank(&units, &facts(patient(O_NEG)), &Policy::who(), noon(), |_, _| 1);
    assert_eq!(found[0].index, 1);
    assert_eq!((found[0].why, found[0].scarce_left), (Why::IdenticalOldest, Some(1)));
    assert_eq!((found[1].index, &found[1].cautions[..]), (0, &[Rule::RhdMismatch][..]));
}

#[test]
fn an_unknown_group_or_no_patient_has_no_alternatives() {
    let units = shelf(&[(O_NEG, 5)]);
    let who = PatientFacts { group: KnownGroup::Unknown, ..patient(O_NEG) };
    assert!(order(&units, who, 9).is_empty());
    let nobody = Facts { site: "hill".into(), ..Facts::default() };
    assert!(rank(&units, &nobody, &Policy::who(), noon(), |_, _| 9).is_empty());
}

#[test]
fn among_compatible_red_cells_the_fuller_shelf_gives_first() {
    // AB RhD positive: everything fits; A is well stocked, B is short.
    let units = shelf(&[(B_POS, 1), (O_POS, 2), (A_POS, 9)]);
    let who = patient(group(Abo::AB, Rhd::Positive));
    let left = |_: Component, group: BloodGroup| match group.abo {
        Abo::A => 20,
        Abo::O => 9,
        _ => 1,
    };
    let found = rank(&units, &facts(who), &Policy::who(), noon(), left);
    let order: Vec<_> = found.iter().map(|one| (one.index, one.why, one.scarce_left)).collect();
    assert_eq!(
        order,
        [
            (2, Why::Compatible, None),
            (1, Why::Compatible, None),
            (0, Why::CompatibleScarce, Some(1))
        ]
    );
}

#[test]
fn plasma_and_platelets_are_offered_in_the_order_of_their_tables() {
    let order = |component, who: Abo| {
        let units: Vec<Unit> = Abo::ALL
            .into_iter()
            .map(|abo| {
                let mut unit = unit(component, group(abo, Rhd::Positive));
                unit.low_titre = true;
                unit
            })
            .collect();
        let who = patient(group(who, Rhd::Positive));
        let found = rank(&units, &facts(who), &Policy::who(), noon(), |_, _| 50);
        found.iter().map(|one| format!("{:?} ", units[one.index].group.abo)).collect::<String>()
    };
    assert_eq!(order(Component::Plasma, Abo::O), "O A B AB ");
    assert_eq!(order(Component::Plasma, Abo::A), "A AB ");
    assert_eq!(order(Component::Plasma, Abo::AB), "AB ");
    assert_eq!(order(Component::Platelets, Abo::A), "A B O AB ");
    assert_eq!(order(Component::Platelets, Abo::AB), "AB A B O ");
}
