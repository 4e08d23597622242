//! Any history at all: nothing is issued twice, and the counter says what the decision says.

use super::*;
use proptest::prelude::*;

fn any_group() -> impl Strategy<Value = BloodGroup> {
    (0usize..8).prop_map(|n| BloodGroup::ALL[n])
}

fn any_patient() -> impl Strategy<Value = PatientFacts> {
    let known = prop_oneof![
        6 => any_group().prop_map(KnownGroup::Confirmed),
        2 => any_group().prop_map(KnownGroup::Once),
        1 => Just(KnownGroup::Unknown),
        1 => any_group().prop_map(|group| KnownGroup::Conflict(vec![group])),
    ];
    let sex = prop_oneof![Just(Sex::Female), Just(Sex::Male), Just(Sex::NotKnown)];
    let age = proptest::option::of(0u32..100);
    (1u128..4, known, proptest::bool::weighted(0.1), sex, age, proptest::bool::weighted(0.05))
        .prop_map(|(n, group, anti_d_ever, sex, age_years, deceased)| PatientFacts {
            id: person(n),
            group,
            anti_d_ever,
            phenotype: bloodbank::traits::Phenotype::Ordinary,
            sex,
            age_years,
            deceased,
        })
}

fn any_command() -> impl Strategy<Value = Command> {
    let site = || prop_oneof![Just("hill".to_owned()), Just("valley".to_owned())];
    prop_oneof![
        4 => (1u128..4, proptest::option::of(0i64..90)).prop_map(|(n, hours)| Command::Reserve {
            patient: person(n),
            until: hours.map(|hours| noon() + TimeDelta::hours(hours)),
        }),
        4 => (1u128..4, any::<bool>()).prop_map(|(n, appearance_ok)| Command::Issue {
            patient: person(n),
            collected_by: "porter".into(),
            appearance_ok,
        }),
        2 => Just(Command::Release { reason: "ward".into() }),
        2 => Just(Command::Quarantine { reason: "leak?".into() }),
        3 => (0u128..40).prop_map(|n| Command::LiftQuarantine {
            reason: "fine".into(),
            lifts: cause(n),
        }),
        1 => Just(Command::Discard { reason: DiscardReason::Leak, note: None }),
        2 => site().prop_map(|site| Command::SendTo { site }),
        3 => site().prop_map(|site| Command::TakeIn { site }),
        1 => Just(super::transitions::receipt("A999926123456", "2026-12-05T23:59:00")),
    ]
}

fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    let rule = prop_oneof![
        Just(Rule::RhdMismatch),
        Just(Rule::PlasmaMismatch),
        Just(Rule::GroupNotConfirmed),
        Just(Rule::AboIncompatible),
        Just(Rule::UnitQuarantined),
    ];
    proptest::collection::vec(rule, 0..4)
}

fn any_component() -> impl Strategy<Value = Component> {
    (0usize..5).prop_map(|n| Component::ALL[n])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_history_issues_a_unit_twice_or_while_it_was_unfit(
        component in any_component(),
        group in any_group(),
        steps in proptest::collection::vec(
            (any_command(), any_patient(), any_rules(), 0i64..20, any::<bool>()), 1..40),
    ) {
        let mut state = unit(component, group);
        let mut now = noon();
        let mut issues = 0;
        for (n, (command, who, rules, hours, hill)) in steps.into_iter().enumerate() {
            now += TimeDelta::hours(hours);
            let site = if hill { "hill" } else { "valley" };
            let facts = Facts { site: site.into(), ..facts(who.clone()) };
            let policy = Policy::who();
            let by = cause(n as u128);
            let before = state.effective_status(now);
            let Ok(events) =
                decide(Some(&state), &facts, &command, &rules, &policy, now, by) else { continue };
            let given = events.iter().find_map(|event| match event {
                Event::Issued { patient, .. } | Event::Reserved { patient, .. } => Some(*patient),
                _ => None,
            });
            if let Some(patient) = given {
                prop_assert_eq!(patient, who.id);
                let free = match before {
                    Effective::Available => true,
                    Effective::Reserved { patient: held, .. } => held == patient,
                    _ => false,
                };
                prop_assert!(free, "given while {:?}", before);
                prop_assert_eq!(&state.site, site);
                prop_assert!(state.quarantines.is_empty() && state.transit.is_none());
                prop_assert!(!who.deceased && !state.expires.is_past(now));
            }
            issues += events.iter().filter(|e| matches!(e, Event::Issued { .. })).count();
            let next = after(&state, &events);
            prop_assert_eq!(next.version, state.version + events.len() as u64);
            state = next;
        }
        prop_assert!(issues <= 1);
    }

    #[test]
    fn the_counter_and_the_decision_never_disagree(
        component in any_component(),
        group in any_group(),
        who in any_patient(),
        holder in proptest::option::of(1u128..4),
        hours in 0i64..500,
        suspect in proptest::bool::weighted(0.1),
        quarantined in proptest::bool::weighted(0.1),
    ) {
        let mut state = unit(component, group);
        if let Some(n) = holder {
            let until = noon() + TimeDelta::hours(24);
            state = after(&state, &[Event::Reserved { patient: person(n), until }]);
        }
        if quarantined {
            let stop = Event::Quarantined { reason: "x".into(), at: noon(), cause: cause(1) };
            state = after(&state, &[stop]);
        }
        let now = noon() + TimeDelta::hours(hours);
        let facts = Facts { clock_suspect: suspect, ..facts(who.clone()) };
        let policy = Policy::who();
        let command =
            Command::Issue { patient: who.id, collected_by: "porter".into(), appearance_ok: true };
        let answer = decide(Some(&state), &facts, &command, &[], &policy, now, cause(2));
        let ranked = rank(std::slice::from_ref(&state), &facts, &policy, now, |_, _| 5);
        // Nobody is ranked for whom no group is known: what an emergency allows is scanned.
        let known = matches!(who.group, KnownGroup::Once(_) | KnownGroup::Confirmed(_));
        prop_assert_eq!(ranked.is_empty(), stopped(&answer).is_some() || !known);
        if let Some(first) = ranked.first() {
            prop_assert_eq!(&first.cautions, &warned(&answer));
        }
    }
}
