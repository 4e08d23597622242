use super::*;
use bloodbank::traits::{Phenotype, phenotype_fit};
use kernel::Component::*;

/// Y: given. R: RhD warning. P: plasma warning. B: both. X: hard stop.
fn letter(component: Component, unit: BloodGroup, who: &PatientFacts) -> char {
    let verdicts = fit(component, unit, false, who, &policy());
    let has = |wanted: Fit| verdicts.iter().any(|verdict| verdict.fit == wanted);
    let rhd = has(Fit::Caution(Rule::RhdMismatch));
    let plasma = has(Fit::Caution(Rule::PlasmaMismatch));
    match () {
        () if has(Fit::Stop(Rule::AboIncompatible)) => 'X',
        () if rhd && plasma => 'B',
        () if rhd => 'R',
        () if plasma => 'P',
        () => 'Y',
    }
}

/// Rows are patients, columns units, both O-, O+, A-, A+, B-, B+, AB-, AB+.
const GOLDEN: [(Component, [&str; 8]); 5] = [
    (
        RedCells,
        [
            "YRXXXXXX", "YYXXXXXX", "YRYRXXXX", "YYYYXXXX", "YRXXYRXX", "YYXXYYXX", "YRYRYRYR",
            "YYYYYYYY",
        ],
    ),
    (
        WholeBlood,
        [
            "YRXXXXXX", "YYXXXXXX", "XXYRXXXX", "XXYYXXXX", "XXXXYRXX", "XXXXYYXX", "XXXXXXYR",
            "XXXXXXYY",
        ],
    ),
    (
        Plasma,
        [
            "YYYYYYYY", "YYYYYYYY", "XXYYXXYY", "XXYYXXYY", "XXXXYYYY", "XXXXYYYY", "XXXXXXYY",
            "XXXXXXYY",
        ],
    ),
    (
        Platelets,
        [
            "YRYRYRYR", "YYYYYYYY", "PBYRPBYR", "PPYYPPYY", "PBPBYRYR", "PPPPYYYY", "PBPBPBYR",
            "PPPPPPYY",
        ],
    ),
    (Cryoprecipitate, ["YYYYYYYY"; 8]),
];

#[test]
fn s44_all_sixty_four_pairs_of_five_components_equal_the_golden_table() {
    for (component, rows) in GOLDEN {
        for (row, who) in rows.into_iter().zip(BloodGroup::ALL) {
            let found: String = BloodGroup::ALL
                .into_iter()
                .map(|unit| letter(component, unit, &patient(who)))
                .collect();
            assert_eq!(found, row, "{component:?} for {who}");
        }
    }
}

#[test]
fn s44_cryoprecipitate_for_a_child_is_judged_as_plasma() {
    let [_, _, (_, plasma), ..] = GOLDEN;
    for (row, who) in plasma.into_iter().zip(BloodGroup::ALL) {
        let child = PatientFacts { age_years: Some(6), ..patient(who) };
        let found: String =
            BloodGroup::ALL.into_iter().map(|unit| letter(Cryoprecipitate, unit, &child)).collect();
        assert_eq!(found, row, "a child of {who}");
    }
}

#[test]
fn s44_the_order_of_plasma_and_platelets_is_that_of_the_page() {
    use Abo::{A, AB, B, O};
    let order = |component, patient| {
        let mut all = [O, A, B, AB];
        all.sort_by_key(|unit| preference(component, *unit, patient));
        all
    };
    assert_eq!(order(Plasma, O), [O, A, B, AB]);
    assert_eq!(order(Plasma, A)[..2], [A, AB]);
    assert_eq!(order(Plasma, B)[..2], [B, AB]);
    assert_eq!(order(Plasma, AB)[0], AB);
    assert_eq!(order(Platelets, O), [O, A, B, AB]);
    assert_eq!(order(Platelets, A), [A, B, O, AB]);
    assert_eq!(order(Platelets, B), [B, A, O, AB]);
    assert_eq!(order(Platelets, AB), [AB, A, B, O]);
}

#[test]
fn s16_bombay_is_compatible_with_bombay_only_and_never_stands_for_o() {
    use Phenotype::{Bombay, Ordinary, ParaBombay};
    let never = Fit::Stop(CareRule::PhenotypeIncompatible);
    for component in Component::ALL {
        assert_eq!(phenotype_fit(component, Bombay, Ordinary), never, "{component:?} to O");
        assert_eq!(phenotype_fit(component, Bombay, Bombay), Fit::Identical);
    }
    assert_eq!(phenotype_fit(RedCells, Ordinary, Bombay), never, "O cells carry H");
    assert_eq!(phenotype_fit(WholeBlood, Ordinary, ParaBombay), never);
    assert_eq!(phenotype_fit(RedCells, Bombay, ParaBombay), Fit::Compatible);

    // The gate says so too, though both labels read O.
    let unit = bag(1, RedCells, O_POS);
    let mut facts = in_order(&unit, patient(O_POS));
    facts.traits.phenotype = Bombay;
    assert_eq!(
        stop_of(&unit, &facts),
        CareRule::PhenotypeIncompatible,
        "a Bombay bag for an O patient"
    );
    facts.crossmatching.history.phenotype = Bombay;
    facts.crossmatch = Some(crossmatched(&unit, Method::Ahg));
    assert!(give(&unit, &facts, &asks(&unit), &[], noon()).is_ok(), "Bombay to Bombay");
    facts.traits.phenotype = Ordinary;
    assert_eq!(stop_of(&unit, &facts), CareRule::PhenotypeIncompatible);

    // A bag that came in as Bombay: the label that was read at the counter has to say so as well.
    let came = Unit { phenotype: Bombay, ..unit.clone() };
    let mut facts = in_order(&came, PatientFacts { phenotype: Bombay, ..patient(O_POS) });
    facts.crossmatching.history.phenotype = Bombay;
    facts.traits.confirmed = facts.traits.confirmed.map(|r| Retype { phenotype: Bombay, ..r });
    facts.crossmatch = Some(crossmatched(&came, Method::Ahg));
    assert!(give(&came, &facts, &asks(&came), &[], noon()).is_ok(), "Bombay to Bombay");
    let read_as_o = IssueAsk { bag: scan(&unit), ..asks(&came) };
    let answer = give(&came, &facts, &read_as_o, &[], noon());
    assert_eq!(stop(answer), CareRule::ScanDisagrees);
    facts.crossmatching.history.phenotype = Ordinary;
    assert_eq!(stop_of(&came, &facts), CareRule::PhenotypeIncompatible);
}

#[test]
fn s16_blood_without_h_is_mixed_by_the_full_method_and_never_by_the_computer() {
    let unit = bag(1, RedCells, O_POS);
    let mut facts = in_order(&unit, patient(O_POS));
    let care = electronic();
    let method = |facts: &IssueFacts, unit: &Unit| {
        let (sample, of) = (facts.sample.as_ref(), &facts.crossmatching);
        let needed = crossmatch::needed(unit, &facts.traits, sample, of, &care, noon());
        (needed.minimum, needed.why.contains(&crossmatch::Why::WithoutH))
    };
    let ahg = Some(crossmatch::Minimum::Crossmatch(Method::Ahg));
    assert_ne!(method(&facts, &unit), (ahg, true), "nothing asks for it yet");
    let bombay = Unit { phenotype: Phenotype::Bombay, ..unit.clone() };
    assert_eq!(method(&facts, &bombay), (ahg, true));
    facts.crossmatching.history.phenotype = Phenotype::ParaBombay;
    assert_eq!(method(&facts, &unit), (ahg, true));
}

#[test]
fn s16_a_patient_who_turns_out_to_lack_h_loses_the_o_bag_that_was_held() {
    let who = patient(O_POS);
    let held = reserved_for(&bag(1, RedCells, O_POS), who.id);
    let mut history = History::default();
    let again = |history: &History| {
        let held = [(held.clone(), UnitTraits::default())];
        history::recheck(&held, &who, history, &Policy::who(), noon())
    };
    assert!(again(&history).is_empty());
    history.phenotype = Phenotype::Bombay;
    let blocked = again(&history);
    assert_eq!(blocked[0].rules, [CareRule::PhenotypeIncompatible]);
}

fn stop_of(unit: &Unit, facts: &IssueFacts) -> CareRule {
    stop(give(unit, facts, &asks(unit), &[], noon()))
}

#[test]
fn s49_o_positive_for_a_young_rhd_negative_woman_needs_a_physician_and_for_a_man_of_60_a_reason() {
    let unit = bag(1, RedCells, O_POS);
    let mismatch = CareRule::Unit(Rule::RhdMismatch);
    let woman = PatientFacts { age_years: Some(30), ..patient(O_NEG) };
    let facts = in_order(&unit, woman);
    let refusal = give(&unit, &facts, &asks(&unit), &[], noon()).expect_err("a warning");
    assert_eq!(refusal.asks_for(), [mismatch]);
    assert_eq!(refusal.args().get("protected").map(String::as_str), Some("true"));
    let by_nurse = IssueAsk { authoriser: Some(nurse(1)), ..asks(&unit) };
    assert_eq!(stop(give(&unit, &facts, &by_nurse, &[mismatch], noon())), CareRule::NotAPhysician);
    assert_eq!(
        stop(give(&unit, &facts, &asks(&unit), &[mismatch], noon())),
        CareRule::NotAPhysician,
        "nobody has signed"
    );
    let by_doctor = IssueAsk { authoriser: Some(doctor()), ..asks(&unit) };
    let decided = give(&unit, &facts, &by_doctor, &[mismatch], noon()).expect("signed");
    let given = left(&decided.events);
    let owed: Vec<_> = given.owed(true, &care()).into_iter().map(|task| task.what).collect();
    assert_eq!(owed, [care::TaskKind::AntiDConsult]);
    // Only a physician decides, and says what.
    let mut room = facts.clone();
    room.unit.patient = Some(patient(O_NEG));
    let answer = |words: &str, physician| {
        let command = issue::Command::AnswerAntiD { words: words.into(), physician };
        issue::decide(
            Some(&given),
            &unit,
            &room,
            &command,
            &[],
            &Policy::who(),
            &care(),
            noon(),
            cause(9),
        )
    };
    assert_eq!(stop(answer("Anti-D 1500 IU given", nurse(1))), CareRule::NotAPhysician);
    assert_eq!(stop(answer(" ", doctor())), CareRule::Blank);
    let answered = answer("Anti-D 1500 IU given", doctor()).expect("decided");
    let after = issue::apply(Some(given), DispensationId(uuid(9, 9)), &answered.events[0]);
    assert_eq!(after.expect("known").owed(true, &care()), []);

    let man = PatientFacts { sex: Sex::Male, ..patient(O_NEG) };
    let facts = in_order(&unit, man);
    assert_eq!(warnings(give(&unit, &facts, &asks(&unit), &[], noon())), [mismatch]);
    let decided = give(&unit, &facts, &asks(&unit), &[mismatch], noon()).expect("a simple reason");
    assert_eq!(left(&decided.events).owed(true, &care()), [], "no anti-D for him");
}

/// The issue after its events.
fn left(events: &[issue::Event]) -> issue::Dispensation {
    let id = DispensationId(uuid(9, 9));
    events.iter().fold(None, |state, event| issue::apply(state, id, event)).expect("issued")
}

#[test]
fn s50_an_rhd_negative_man_with_anti_d_is_never_given_rhd_positive_cells() {
    let unit = bag(1, RedCells, O_POS);
    let man = PatientFacts { sex: Sex::Male, anti_d_ever: true, ..patient(O_NEG) };
    let mut facts = in_order(&unit, man.clone());
    facts.crossmatch = Some(crossmatched(&unit, Method::Ahg));
    let all = [CareRule::Unit(Rule::RhdMismatch), CareRule::Unit(Rule::AntiDHistory)];
    let doctors = IssueAsk { authoriser: Some(doctor()), ..asks(&unit) };
    let rule = stop(give(&unit, &facts, &doctors, &all, noon()));
    assert_eq!(rule, CareRule::Unit(Rule::AntiDHistory));
    // Nor in an emergency, nor when nobody knows his group.
    let emergency = IssueAsk { emergency: bleeding(), ..doctors };
    assert_eq!(
        stop(give(&unit, &facts, &emergency, &all, noon())),
        CareRule::Unit(Rule::AntiDHistory)
    );
    facts.unit.patient = Some(PatientFacts { group: KnownGroup::Unknown, ..man });
    assert_eq!(
        stop(give(&unit, &facts, &emergency, &all, noon())),
        CareRule::Unit(Rule::AntiDHistory)
    );
}

#[test]
fn low_titre_whole_blood_is_for_adults_in_an_emergency_up_to_the_cap() {
    let mut unit = bag(1, WholeBlood, O_POS);
    let emergency = IssueAsk { emergency: bleeding(), ..asks(&unit) };
    let mut facts = in_order(&unit, patient(A_POS));
    let abo = CareRule::Unit(Rule::AboIncompatible);
    assert_eq!(stop(give(&unit, &facts, &emergency, &[], noon())), abo, "not low titre");
    unit.low_titre = true;
    assert!(give(&unit, &facts, &emergency, &[], noon()).is_ok());
    assert_eq!(stop(give(&unit, &facts, &asks(&unit), &[], noon())), abo, "no emergency");
    facts.low_titre_given = 4;
    assert_eq!(stop(give(&unit, &facts, &emergency, &[], noon())), CareRule::LowTitreLimit);
    facts.low_titre_given = 0;
    facts.unit.patient = Some(PatientFacts { age_years: Some(9), ..patient(A_POS) });
    assert_eq!(stop(give(&unit, &facts, &emergency, &[], noon())), CareRule::LowTitreNotAllowed);
}
