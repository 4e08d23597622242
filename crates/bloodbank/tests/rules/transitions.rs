//! Every state against every verb.

use super::*;

const STATES: [&str; 9] = [
    "available",
    "held",
    "held for another",
    "lapsed",
    "quarantined",
    "issued",
    "in transit",
    "discarded",
    "elsewhere",
];

fn in_state(name: &str) -> Unit {
    let start = unit(Component::RedCells, O_NEG);
    let facts = facts(patient(O_NEG));
    let hold = |who: u128, until| {
        let event = Event::Reserved { patient: person(who), until };
        after(&start, &[event])
    };
    match name {
        "available" => start.clone(),
        "held" => hold(1, noon() + TimeDelta::hours(1)),
        "held for another" => hold(2, noon() + TimeDelta::hours(1)),
        "lapsed" => hold(2, noon()),
        "quarantined" => done(&start, &facts, &Command::Quarantine { reason: "leak?".into() }),
        "issued" => done(&start, &facts, &issue()),
        "in transit" => done(&start, &facts, &Command::SendTo { site: "valley".into() }),
        "discarded" => {
            let reason = DiscardReason::Leak;
            done(&start, &facts, &Command::Discard { reason, note: None })
        }
        "elsewhere" => Unit { site: "valley".into(), ..start.clone() },
        other => panic!("no state {other}"),
    }
}

fn verb(name: &str) -> Command {
    let reason = || "asked by the ward".to_owned();
    match name {
        "receive" => receipt("A999926123456", "2026-12-05T23:59:00"),
        "reserve" => reserve(),
        "release" => Command::Release { reason: reason() },
        "issue" => issue(),
        "quarantine" => Command::Quarantine { reason: reason() },
        "lift" => Command::LiftQuarantine { reason: reason(), lifts: cause(7) },
        "discard" => Command::Discard { reason: DiscardReason::Leak, note: None },
        "send" => Command::SendTo { site: "valley".into() },
        "take in" => Command::TakeIn { site: "hill".into() },
        other => panic!("no verb {other}"),
    }
}

pub fn receipt(din: &str, expires_wall: &str) -> Command {
    Command::Receive {
        din: din.into(),
        product_code: "E0336V00".into(),
        component: Component::RedCells,
        group: O_NEG,
        phenotype: bloodbank::traits::Phenotype::Ordinary,
        expires_wall: expires_wall.parse().expect("a date"),
        zone: chrono_tz::Africa::Nairobi,
        collected_at: None,
        volume: None,
        place: "Fridge 1".into(),
        supplier: None,
        low_titre: false,
    }
}

#[test]
fn every_state_answers_every_verb_as_the_table_says() {
    use Rule::*;
    let yes = None;
    let table: [(&str, [Option<Rule>; 9]); 9] = [
        ("receive", [Some(UnitKnown); 9]),
        (
            "reserve",
            [
                yes,
                Some(UnitReserved),
                Some(UnitReserved),
                yes,
                Some(UnitQuarantined),
                Some(UnitGone),
                Some(UnitNotHere),
                Some(UnitGone),
                Some(UnitNotHere),
            ],
        ),
        (
            "release",
            [
                Some(Changed),
                yes,
                yes,
                yes,
                Some(Changed),
                Some(UnitGone),
                Some(UnitNotHere),
                Some(UnitGone),
                Some(UnitNotHere),
            ],
        ),
        (
            "issue",
            [
                yes,
                yes,
                Some(UnitReserved),
                yes,
                Some(UnitQuarantined),
                Some(UnitGone),
                Some(UnitNotHere),
                Some(UnitGone),
                Some(UnitNotHere),
            ],
        ),
        ("quarantine", [yes, yes, yes, yes, yes, Some(UnitGone), yes, Some(UnitGone), yes]),
        (
            "lift",
            [
                Some(Changed),
                Some(Changed),
                Some(Changed),
                Some(Changed),
                yes,
                Some(UnitGone),
                Some(UnitNotHere),
                Some(UnitGone),
                Some(UnitNotHere),
            ],
        ),
        (
            "discard",
            [
                yes,
                yes,
                yes,
                yes,
                yes,
                Some(UnitGone),
                Some(UnitNotHere),
                Some(UnitGone),
                Some(UnitNotHere),
            ],
        ),
        (
            "send",
            [
                yes,
                Some(UnitReserved),
                Some(UnitReserved),
                yes,
                Some(UnitQuarantined),
                Some(UnitGone),
                Some(UnitNotHere),
                Some(UnitGone),
                Some(UnitNotHere),
            ],
        ),
        (
            "take in",
            [
                Some(UnitNotHere),
                Some(UnitNotHere),
                Some(UnitNotHere),
                Some(UnitNotHere),
                Some(UnitNotHere),
                Some(UnitGone),
                Some(UnitNotHere),
                Some(UnitGone),
                Some(UnitNotHere),
            ],
        ),
    ];
    let facts = facts(patient(O_NEG));
    for (name, row) in table {
        for (state, expected) in STATES.into_iter().zip(row) {
            let answer = ask(&in_state(state), &facts, &verb(name));
            assert_eq!(stopped(&answer), expected, "{name} when {state}: {answer:?}");
            assert_eq!(answer.is_ok(), expected.is_none(), "{name} when {state}: {answer:?}");
        }
    }
}

#[test]
fn an_unknown_unit_can_only_be_received() {
    let facts = facts(patient(O_NEG));
    let verbs = ["reserve", "release", "issue", "quarantine", "lift", "discard", "send", "take in"];
    for name in verbs {
        let answer = decide(None, &facts, &verb(name), &[], &Policy::who(), noon(), cause(1));
        assert_eq!(stopped(&answer), Some(Rule::NotFound), "{name}");
    }
    let answer = decide(None, &facts, &verb("receive"), &[], &Policy::who(), noon(), cause(1));
    assert!(answer.is_ok(), "{answer:?}");
}

#[test]
fn the_state_after_each_verb_is_the_one_it_names() {
    let facts = facts(patient(O_NEG));
    let status = |state: &str, name: &str| {
        done(&in_state(state), &facts, &verb(name)).effective_status(noon())
    };
    let until = noon() + TimeDelta::hours(24);
    assert_eq!(status("available", "reserve"), Effective::Reserved { patient: person(1), until });
    assert_eq!(status("held", "release"), Effective::Available);
    assert_eq!(status("held", "issue"), Effective::Issued { patient: person(1) });
    assert_eq!(status("held", "quarantine"), Effective::Quarantined);
    assert_eq!(status("quarantined", "lift"), Effective::Available);
    assert_eq!(status("available", "discard"), Effective::Discarded);
    assert_eq!(status("available", "send"), Effective::InTransit);
    assert_eq!(status("in transit", "quarantine"), Effective::Quarantined);
}

#[test]
fn a_lapsed_hold_is_said_first_and_then_the_next_act() {
    let facts = facts(patient(O_NEG));
    let lapsed = in_state("lapsed");
    assert_eq!(lapsed.effective_status(noon()), Effective::Available);
    let events = ask(&lapsed, &facts, &issue()).expect("the hold has lapsed");
    assert_eq!(events[0], Event::HoldLapsed { due: noon() });
    assert!(matches!(&events[1], Event::Issued { patient, .. } if *patient == person(1)));
    let only = ask(&lapsed, &facts, &verb("release")).expect("nothing left to release");
    assert_eq!(only, [Event::HoldLapsed { due: noon() }]);
    assert_eq!(after(&lapsed, &only).status, Status::Available);
}

#[test]
fn two_quarantines_need_two_lifts_each_naming_its_own() {
    let facts = facts(patient(O_NEG));
    let policy = Policy::who();
    let start = in_state("available");
    let act = |unit: &Unit, command: &Command, by: u128| {
        decide(Some(unit), &facts, command, &[], &policy, noon(), cause(by))
    };
    let stop = |reason: &str| Command::Quarantine { reason: reason.into() };
    let lift = |n| Command::LiftQuarantine { reason: "tested".into(), lifts: cause(n) };
    let one = after(&start, &act(&start, &stop("reactive"), 11).expect("accepted"));
    let two = after(&one, &act(&one, &stop("leak?"), 12).expect("accepted"));
    assert_eq!(stopped(&act(&two, &lift(99), 13)), Some(Rule::Changed));
    let still = after(&two, &act(&two, &lift(12), 13).expect("accepted"));
    assert!(matches!(&still.status, Status::Quarantined { reason, .. } if reason == "reactive"));
    assert_eq!(stopped(&act(&still, &issue(), 14)), Some(Rule::UnitQuarantined));
    let free = after(&still, &act(&still, &lift(11), 15).expect("accepted"));
    assert_eq!(free.status, Status::Available);
}

#[test]
fn a_unit_changes_custody_only_by_scan_out_and_scan_in() {
    let hill = facts(patient(O_NEG));
    let valley = Facts { site: "valley".into(), ..hill.clone() };
    let sent = in_state("in transit");
    assert_eq!(sent.site, "hill", "the sender's until it arrives");
    let elsewhere = Command::TakeIn { site: "valley".into() };
    assert_eq!(stopped(&ask(&sent, &hill, &elsewhere)), Some(Rule::UnitNotHere));
    let there = done(&sent, &valley, &elsewhere);
    assert_eq!((there.site.as_str(), &there.status), ("valley", &Status::Available));
    assert!(ask(&there, &valley, &issue()).is_ok());
    assert_eq!(stopped(&ask(&there, &hill, &issue())), Some(Rule::UnitNotHere));
}

#[test]
fn a_unit_quarantined_on_the_way_arrives_quarantined_and_is_lifted_there() {
    let hill = facts(patient(O_NEG));
    let valley = Facts { site: "valley".into(), ..hill.clone() };
    let stopped_unit = done(&in_state("in transit"), &hill, &verb("quarantine"));
    assert_eq!(stopped(&ask(&stopped_unit, &hill, &verb("lift"))), Some(Rule::UnitNotHere));
    let there = done(&stopped_unit, &valley, &Command::TakeIn { site: "valley".into() });
    assert!(matches!(there.status, Status::Quarantined { .. }));
    assert_eq!(done(&there, &valley, &verb("lift")).status, Status::Available);
}

#[test]
fn events_of_two_sites_in_any_order_leave_the_more_restrictive_state() {
    let start = in_state("available");
    let stop = Event::Quarantined { reason: "recall".into(), at: noon(), cause: cause(1) };
    let hold = Event::Reserved { patient: person(1), until: noon() + TimeDelta::hours(2) };
    for order in [[stop.clone(), hold.clone()], [hold, stop]] {
        assert_eq!(after(&start, &order).effective_status(noon()), Effective::Quarantined);
    }
}

#[test]
fn an_event_about_an_unknown_unit_makes_no_unit() {
    let id = in_state("available").id;
    assert_eq!(apply(None, id, &Event::HoldLapsed { due: noon() }), None);
}

#[test]
fn states_commands_and_events_survive_json() {
    let facts = facts(patient(O_NEG));
    for state in STATES {
        let unit = in_state(state);
        let text = serde_json::to_string(&unit).expect("writes");
        assert_eq!(serde_json::from_str::<Unit>(&text).expect("reads"), unit);
        let events = ask(&unit, &facts, &verb("quarantine")).unwrap_or_default();
        let text = serde_json::to_string(&events).expect("writes");
        assert_eq!(serde_json::from_str::<Vec<Event>>(&text).expect("reads"), events);
    }
    let text = serde_json::to_value(verb("take in")).expect("writes");
    assert_eq!(text, serde_json::json!({"kind": "take_in", "site": "hill"}));
    let again: Command =
        serde_json::from_value(serde_json::to_value(verb("receive")).expect("writes"))
            .expect("reads");
    assert_eq!(again, verb("receive"));
}
