//! A site's own validation of the electronic crossmatch (bloodbank.md 0.4, 2.8).

use super::*;
use bloodbank::validation::{Command as V, Facts, Validation, apply, decide, standing};
use kernel::ValidationId;

fn id(n: u128) -> ValidationId {
    ValidationId(Uuid::from_u128(n))
}

fn record(passed: bool) -> V {
    V::Record {
        program: "0.1.0".into(),
        carried_out_on: "2026-11-19".parse().expect("a day"),
        protocol: "QM 12/2026".into(),
        passed,
        abo_prevention_shown: true,
        note: None,
        second: nurse(2),
    }
}

fn ask(
    state: Option<Validation>,
    n: u128,
    command: &V,
    now: Instant,
) -> Result<Validation, Refusal> {
    let staff = staff();
    let facts = Facts {
        actor: nurse(1),
        staff: &staff,
        site: "hill",
        program: "0.1.0",
        today: "2026-11-20".parse().expect("a day"),
    };
    let events = decide(state.as_ref(), id(n), &facts, command, now)?;
    Ok(events.iter().fold(state, apply).expect("a record"))
}

#[test]
fn a_validation_is_recorded_by_two_people_for_the_version_that_runs_here() {
    let done = ask(None, 1, &record(true), noon()).expect("recorded");
    let known = standing("hill", std::slice::from_ref(&done)).expect("stands");
    assert_eq!((known.program.as_str(), known.abo_prevention_shown), ("0.1.0", true));
    assert_eq!(standing("clinic", &[done]), None, "of this site only");

    let spoil = |change: fn(&mut V)| {
        let mut command = record(true);
        change(&mut command);
        stop(ask(None, 1, &command, noon()))
    };
    type Change = fn(&mut V);
    let cases: [(Change, CareRule); 4] = [
        (
            |c| {
                if let V::Record { second, .. } = c {
                    *second = nurse(1)
                }
            },
            CareRule::SamePersonTwice,
        ),
        (
            |c| {
                if let V::Record { program, .. } = c {
                    *program = "9".into()
                }
            },
            CareRule::Changed,
        ),
        (
            |c| {
                if let V::Record { protocol, .. } = c {
                    *protocol = " ".into()
                }
            },
            CareRule::Blank,
        ),
        (
            |c| {
                if let V::Record { carried_out_on, .. } = c {
                    *carried_out_on = "2026-11-21".parse().expect("a day");
                }
            },
            CareRule::TimeNotPossible,
        ),
    ];
    for (change, rule) in cases {
        assert_eq!(spoil(change), rule);
    }
}

#[test]
fn the_newest_record_counts_and_a_failed_or_withdrawn_one_leaves_nothing() {
    let good = ask(None, 1, &record(true), noon()).expect("recorded");
    let failed = ask(None, 2, &record(false), noon() + hours(1)).expect("recorded");
    assert_eq!(standing("hill", &[good.clone(), failed]), None, "the older one does not come back");
    let withdraw = V::Withdraw { reason: "a fault of the scanner was found".into() };
    let taken = ask(Some(good), 1, &withdraw, noon() + hours(1)).expect("withdrawn");
    assert!(standing("hill", std::slice::from_ref(&taken)).expect("there").withdrawn);
    assert_eq!(stop(ask(Some(taken), 1, &withdraw, noon() + hours(2))), CareRule::Changed);
}
