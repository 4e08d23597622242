use super::*;
use bloodbank::bedside::{Command, Vitals};
use bloodbank::history::{Against, Antibody, Determination};
use bloodbank::issue::{Return, Stamp, return_faults};
use bloodbank::kpi::Ratio;
use bloodbank::lookback::{from_donations, from_recipient};
use bloodbank::traits::{Antigen, Attribute, Need, unmet};
use proptest::prelude::*;

fn antigen() -> impl Strategy<Value = Antigen> {
    prop::sample::select(vec![
        Antigen::D,
        Antigen::BigE,
        Antigen::SmallC,
        Antigen::BigK,
        Antigen::Fya,
        Antigen::Jka,
    ])
}
fn any_group() -> impl Strategy<Value = BloodGroup> {
    prop::sample::select(BloodGroup::ALL.to_vec())
}
fn some_history() -> impl Strategy<Value = History> {
    let antibodies = prop::collection::vec((antigen(), 0i64..50), 0..4);
    let determinations = prop::collection::vec((1u128..6, any_group()), 0..4);
    (antibodies, determinations, any::<bool>()).prop_map(|(antibodies, determined, transplant)| {
        let mut all = History { transplant, ..History::default() };
        for (antigen, days) in antibodies {
            let antibody = Antibody {
                against: Against::Antigen(antigen),
                found_at: noon() - TimeDelta::days(days),
                told_by: "a card".into(),
                recorded_by: nurse(1),
            };
            all = history::apply(Some(all), &history::Event::AntibodyRecorded(antibody));
        }
        for (n, group) in determined {
            let one = Determination { sample: sample_id(n), group, at: noon(), historic: true };
            all = history::apply(Some(all), &history::Event::Determined(one));
        }
        all.version = 0;
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn joined_histories_forget_nothing_in_whatever_order(
        a in some_history(), b in some_history(), c in some_history()
    ) {
        let ab = a.clone().joined(&b);
        prop_assert_eq!(&ab, &b.clone().joined(&a));
        prop_assert_eq!(ab.clone().joined(&c), a.clone().joined(&b.clone().joined(&c)));
        prop_assert_eq!(ab.clone().joined(&ab), ab.clone());
        for antibody in a.antibodies.iter().chain(&b.antibodies) {
            prop_assert!(ab.antibodies.contains(antibody));
        }
    }

    #[test]
    fn no_event_of_a_history_takes_an_antibody_away(start in some_history(), more in some_history()) {
        let take = history::Command::TakeOver { of: person(2), history: Box::new(more) };
        let resolve = history::Command::Resolve {
            group: O_POS, reason: "retested".into(), first: nurse(1), second: nurse(2),
        };
        let mut now = start.clone();
        for command in [resolve, take, history::Command::NoteTransplant] {
            if let Ok(events) = history::decide(Some(&now), &staff(), &command, noon()) {
                now = events.iter().fold(now, |h, e| history::apply(Some(h), e));
            }
        }
        for antibody in &start.antibodies {
            prop_assert!(now.antibodies.contains(antibody));
        }
    }

    #[test]
    fn the_computer_is_allowed_only_when_no_single_condition_fails(
        history in some_history(),
        on in any::<bool>(),
        intact in any::<bool>(),
        positive in any::<bool>(),
        age in 0i64..3_000,
        label in any_group(),
    ) {
        let unit = bag(1, Component::RedCells, O_POS);
        let mut facts = validated(history.clone());
        facts.record_intact = intact;
        facts.history_as_of = Some(noon() - minutes(age));
        let mut care = care();
        care.electronic_crossmatch.value = on;
        let screen = if positive { Screen::Positive } else { Screen::Negative };
        let sample = Sample { screen: Some(screen), ..tube(1, O_POS) };
        let needed = crossmatch::needed(
            &unit, &retyped(label), Some(&sample), &facts, &care, noon(),
        );
        let allowed = needed.minimum
            == Some(crossmatch::Minimum::Crossmatch(Method::Electronic));
        let expected = on
            && intact
            && !positive
            && age <= 24 * 60
            && label == O_POS
            && history.antibodies.is_empty()
            && !history.transplant
            && history.confirmed_with(sample.id);
        prop_assert_eq!(allowed, expected);
    }

    #[test]
    fn whatever_is_overridden_no_abo_incompatible_expired_or_held_red_cell_leaves(
        unit_group in any_group(),
        patient_group in any_group(),
        emergency in any::<bool>(),
        known in any::<bool>(),
        spoil in 0u8..4,
        age in prop::option::of(0u32..90),
    ) {
        let mut unit = bag(1, Component::RedCells, unit_group);
        match spoil {
            1 => unit = bag_until(1, Component::RedCells, unit_group, "2026-11-18T23:59:00"),
            2 => unit = reserved_for(&unit, person(2)),
            3 => unit = with(&unit, &[Event::Quarantined {
                reason: "reactive".into(), at: noon(), cause: cause(1),
            }]),
            _ => {}
        }
        let group = if known { KnownGroup::Confirmed(patient_group) } else { KnownGroup::Unknown };
        let who = PatientFacts { group, age_years: age, ..patient(patient_group) };
        let facts = in_order(&unit, who);
        let everything = [
            CareRule::Unit(Rule::RhdMismatch), CareRule::Unit(Rule::PlasmaMismatch),
            CareRule::Unit(Rule::GroupNotConfirmed), CareRule::Unit(Rule::AboIncompatible),
            CareRule::Unit(Rule::UnitExpired), CareRule::Unit(Rule::UnitQuarantined),
            CareRule::Unit(Rule::UnitReserved), CareRule::Unit(Rule::PatientGroupUnknown),
            CareRule::UnitGroupUnconfirmed, CareRule::CrossmatchMissing,
        ];
        let ask = IssueAsk {
            emergency: if emergency { bleeding() } else { None },
            authoriser: Some(doctor()),
            ..asks(&unit)
        };
        if give(&unit, &facts, &ask, &everything, noon()).is_ok() {
            prop_assert_eq!(spoil, 0);
            let carried = |abo: Abo| match abo {
                Abo::O => 0b00u8, Abo::A => 0b01, Abo::B => 0b10, Abo::AB => 0b11,
            };
            if known {
                let extra = carried(unit_group.abo) & !carried(patient_group.abo);
                prop_assert_eq!(extra & 0b11, 0);
            } else {
                prop_assert!(emergency);
                prop_assert_eq!(unit_group.abo, Abo::O);
            }
        }
    }

    #[test]
    fn longer_out_or_warmer_is_never_better(
        first in 0i64..60, second in 0i64..60, cold in 10i32..150, warm in 10i32..150,
    ) {
        let at = |out: i64, temperature| Return {
            left: Stamp::exact(noon()), back: Stamp::exact(noon() + minutes(out)),
            temperature: Some(temperature), seal_intact: true, segment_attached: true,
            appearance_ok: true, excursions: 0,
        };
        let faults = |back| return_faults(Component::RedCells, &back, &care()).len();
        let (short, long) = (first.min(second), first.max(second));
        let (low, high) = (cold.min(warm), cold.max(warm));
        prop_assert!(faults(at(short, low)) <= faults(at(long, low)));
        prop_assert!(faults(at(short, low)) <= faults(at(short, high)));
    }

    #[test]
    fn a_need_more_never_makes_a_unit_fit_that_did_not(
        antigens in prop::collection::vec(antigen(), 0..4), extra in antigen(), tested in any::<bool>()
    ) {
        let mut traits = UnitTraits::default();
        if tested {
            traits.antigens.insert(extra, false);
        }
        let needs: Vec<Need> = antigens.into_iter().map(Need::AntigenNegative).collect();
        let more = [needs.clone(), vec![
            Need::AntigenNegative(extra), Need::Attribute(Attribute::Washed),
        ]].concat();
        let before = unmet(Component::RedCells, &traits, &needs);
        let after = unmet(Component::RedCells, &traits, &more);
        prop_assert!(before.iter().all(|need| after.contains(need)));
    }

    #[test]
    fn whoever_is_found_from_the_donor_finds_the_donor_again(
        edges in prop::collection::vec((0u32..30, 0u32..30), 0..60),
        given in prop::collection::vec((0u32..30, 0u128..6), 1..20),
    ) {
        let mut graph = sites::Edges::default();
        for n in 0..30 {
            graph.gave(donor(u128::from(n % 5)), donation(u128::from(n)), unit_of(n));
        }
        for (parent, child) in edges.into_iter().filter(|(a, b)| a < b) {
            graph.made(unit_of(parent), unit_of(child));
        }
        for (unit, patient) in given {
            graph.transfused(unit_of(unit), person(patient));
        }
        for n in 0..30 {
            for patient in from_donations(&graph, &[donation(n)]).recipients.keys() {
                let back = from_recipient(&graph, *patient);
                prop_assert!(back.donors.contains(&donor(n % 5)));
            }
        }
    }

    #[test]
    fn the_interval_holds_the_share(n in 0u64..2_000, more in 1u64..2_000) {
        let ratio = Ratio::new(n, n + more);
        let (share, interval) = (ratio.share().expect("some"), ratio.wilson().expect("some"));
        prop_assert!(interval.low <= share && share <= interval.high, "{ratio:?} {interval:?}");
    }

    #[test]
    fn bad_vital_signs_are_refused_and_never_panic(
        temperature in any::<i32>(), pulse in any::<u32>(), oxygen in any::<u32>()
    ) {
        let vitals = Vitals {
            temperature: Some(temperature), pulse: Some(pulse), oxygen: Some(oxygen),
            ..Vitals::default()
        };
        let sane = (250..=450).contains(&temperature) && pulse <= 300 && oxygen <= 100;
        let answer = ward::start_with(&Command::Start { vitals, by: nurse(1) });
        prop_assert_eq!(answer.is_ok(), sane);
    }
}

fn unit_of(n: u32) -> UnitId {
    bag(n, Component::RedCells, O_POS).id
}
