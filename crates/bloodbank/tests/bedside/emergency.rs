use super::*;
use bloodbank::care::TaskKind;
use bloodbank::crossmatch::{Outcome, Uncrossmatched, owed};
use bloodbank::issue::{Basis, Command};
use bloodbank::mtp::{self, Command as M, Fate, PackUnit, Prompt};
use bloodbank::request::{self, Code, Order, Request, Urgency};
use kernel::Component::{Plasma, Platelets, RedCells};
use kernel::ProtocolId;

fn unknown_woman() -> PatientFacts {
    PatientFacts { group: KnownGroup::Unknown, age_years: Some(25), ..patient(O_POS) }
}
fn asked(component: Component, count: u32, urgency: Urgency) -> Request {
    let order = Order {
        patient: person(1),
        component,
        count,
        urgency,
        indication: "bleeding".into(),
        measured: vec![],
        needs: vec![],
        fresh_days: None,
        needed_by: noon() + hours(1),
        requested_by: doctor(),
        consent: true,
    };
    let placed = request::Event::Placed { order, at: noon() };
    request::apply(None, request_id(), &placed).expect("placed")
}
fn propose(
    request: &Request,
    shelf: &[(Unit, UnitTraits)],
    who: PatientFacts,
) -> request::Proposal {
    let facts = Facts { patient: Some(who), site: "hill".into(), ..Facts::default() };
    let history = History::default();
    request::propose(request, shelf, &facts, &history, &policy(), &care(), noon())
}

#[test]
fn s58_an_unknown_young_woman_is_proposed_o_negative_then_o_positive_and_it_is_owed_a_crossmatch() {
    let negative = bag(1, RedCells, O_NEG);
    let positive = bag(2, RedCells, O_POS);
    let a = bag(3, RedCells, A_POS);
    let shelf: Vec<_> = [positive.clone(), a.clone(), negative.clone()]
        .into_iter()
        .map(|unit| (unit.clone(), retyped(unit.group)))
        .collect();
    let emergency = asked(RedCells, 2, Urgency::Emergency);
    let proposal = propose(&emergency, &shelf, unknown_woman());
    let order: Vec<UnitId> = proposal.lines.iter().map(|line| line.unit).collect();
    assert_eq!(order, [negative.id, positive.id]);
    assert_eq!(proposal.lines[0].cautions, []);
    assert_eq!(proposal.lines[1].cautions, [CareRule::Unit(Rule::RhdMismatch)]);
    assert!(
        proposal
            .left_out
            .iter()
            .any(|(unit, reason)| { *unit == a.id && reason.code == Code::Stopped })
    );
    // Without any O negative, O positive is not withheld.
    let proposal = propose(&emergency, &shelf[..2], unknown_woman());
    assert_eq!(proposal.lines[0].unit, positive.id);
    // A routine request waits for the group.
    let routine = propose(&asked(RedCells, 2, Urgency::Routine), &shelf, unknown_woman());
    assert_eq!(routine.lines, []);

    // Given: no sample, no group, no crossmatch.
    let mut facts = in_order(&negative, unknown_woman());
    (facts.sample, facts.crossmatch) = (None, None);
    facts.crossmatching.history = History::default();
    let ask = IssueAsk { emergency: bleeding(), ..asks(&negative) };
    assert_eq!(
        stop(give(&negative, &facts, &asks(&negative), &[], noon())),
        CareRule::SampleMissing
    );
    let decided = give(&negative, &facts, &ask, &[], noon()).expect("released");
    let (dispensation, _) = after(&negative, &decided);
    assert_eq!(issue::tag(&dispensation.basis), Some("UNCROSSMATCHED"));
    assert_eq!(issue::unsigned(std::slice::from_ref(&dispensation)).len(), 1);
    let tasks = dispensation.owed(false, &care());
    assert_eq!(tasks[0].what, TaskKind::SignEmergencyOrder);
    assert_eq!(tasks[1].what, TaskKind::RetrospectiveCrossmatch);
    assert_eq!(tasks[1].due, Some(noon() + hours(24)));

    let released = Uncrossmatched { unit: negative.id, patient: person(1), issued_at: noon() };
    let list = owed(&[released], &[], &care(), noon() + hours(23));
    assert!(!list[0].overdue);
    assert!(owed(&[released], &[], &care(), noon() + hours(24))[0].overdue);
    let done = crossmatched(&negative, Method::Ahg);
    assert_eq!(owed(&[released], &[done], &care(), noon() + hours(24)), []);
}

#[test]
fn for_an_unknown_man_o_positive_comes_first_and_o_negative_stays_on_the_shelf() {
    let shelf: Vec<_> = [bag(1, RedCells, O_NEG), bag(2, RedCells, O_POS)]
        .into_iter()
        .map(|unit| (unit.clone(), retyped(unit.group)))
        .collect();
    let man = PatientFacts { sex: Sex::Male, age_years: Some(40), ..unknown_woman() };
    let proposal = propose(&asked(RedCells, 1, Urgency::Emergency), &shelf, man);
    assert_eq!(proposal.lines[0].unit, shelf[1].0.id);
}

#[test]
fn an_emergency_needs_a_physicians_order_with_its_reason_and_that_physicians_signature() {
    let unit = bag(1, RedCells, O_NEG);
    let facts = in_order(&unit, unknown_woman());
    let with_order = |physician, justification: &str| IssueAsk {
        emergency: Some(issue::EmergencyOrder {
            physician,
            justification: justification.into(),
            signed_at: None,
        }),
        ..asks(&unit)
    };
    let ask = |order: &IssueAsk| give(&unit, &facts, order, &[], noon());
    assert_eq!(stop(ask(&with_order(nurse(1), "bleeding"))), CareRule::NotAPhysician);
    assert_eq!(stop(ask(&with_order(doctor(), " "))), CareRule::OrderMissing);
    let decided = ask(&with_order(doctor(), "bleeding")).expect("released");
    let (dispensation, unit) = after(&unit, &decided);
    let sign = |state: &Dispensation, physician| {
        let command = Command::SignOrder { physician };
        issue::decide(
            Some(state),
            &unit,
            &facts,
            &command,
            &[],
            &policy(),
            &care(),
            noon(),
            cause(2),
        )
    };
    assert_eq!(stop(sign(&dispensation, nurse(1))), CareRule::NotAPhysician);
    let signed = sign(&dispensation, doctor()).expect("signed");
    let dispensation =
        issue::apply(Some(dispensation), DispensationId(uuid(7, 1)), &signed.events[0])
            .expect("known");
    assert_eq!(issue::unsigned(std::slice::from_ref(&dispensation)), Vec::<&Dispensation>::new());
    assert_eq!(stop(sign(&dispensation, doctor())), CareRule::Changed, "once");
    assert!(matches!(dispensation.basis, Basis::Uncrossmatched { .. }), "the tag stays");
}

#[test]
fn an_emergency_does_not_open_the_hard_stops_of_the_unit() {
    let good = bag(1, RedCells, O_NEG);
    let facts = in_order(&good, unknown_woman());
    let emergency = |unit: &Unit| IssueAsk { emergency: bleeding(), ..asks(unit) };
    let expired = bag_until(2, RedCells, O_NEG, "2026-11-18T23:59:00");
    let quarantined = with(
        &good,
        &[Event::Quarantined { reason: "reactive".into(), at: noon(), cause: cause(3) }],
    );
    let a = bag(3, RedCells, A_POS);
    for (unit, rule) in [
        (&expired, Rule::UnitExpired),
        (&quarantined, Rule::UnitQuarantined),
        (&a, Rule::AboIncompatible),
    ] {
        let facts = IssueFacts { traits: retyped(unit.group), ..facts.clone() };
        let answer = give(unit, &facts, &emergency(unit), &[], noon());
        assert_eq!(stop(answer), CareRule::Unit(rule));
    }
    let mut incompatible = facts.clone();
    let done = incompatible.crossmatch.as_mut().expect("done");
    done.outcome = Outcome::Incompatible;
    assert_eq!(
        stop(give(&good, &incompatible, &emergency(&good), &[], noon())),
        CareRule::CrossmatchIncompatible,
        "what is known to be incompatible is not an absent crossmatch"
    );
}

#[test]
fn s59_an_incompatible_crossmatch_afterwards_calls_the_ward_and_the_physician_and_opens_a_case() {
    let unit = bag(1, RedCells, O_NEG);
    let traits = retyped(O_NEG);
    let sample = tube(1, A_POS);
    let facts = validated(history_of(A_POS, &[1]));
    let bench =
        crossmatch::Bench { unit: &unit, traits: &traits, sample: Some(&sample), facts: &facts };
    let record = |outcome| {
        let command = crossmatch::Command::Record {
            patient: person(1),
            unit: unit.id,
            method: Method::Ahg,
            outcome,
            done_at: noon(),
            by: nurse(3),
            retrospective: true,
        };
        let events =
            crossmatch::decide(None, Some(&bench), &command, &care(), noon()).expect("recorded");
        crossmatch::tasks(&events[0]).into_iter().map(|task| task.what).collect::<Vec<_>>()
    };
    assert_eq!(
        record(Outcome::Incompatible),
        [TaskKind::AlertWard, TaskKind::AlertPhysician, TaskKind::OpenReactionCase]
    );
    assert_eq!(record(Outcome::Compatible), []);
}

fn protocol_id() -> ProtocolId {
    ProtocolId(uuid(20, 1))
}
fn run(state: Option<mtp::Protocol>, command: M) -> mtp::Protocol {
    let events = mtp::decide(state.as_ref(), &staff(), &command, noon()).expect("accepted");
    events.iter().fold(state, |s, e| mtp::apply(s, protocol_id(), e)).expect("known")
}
fn refused(state: &mtp::Protocol, command: M) -> Refusal {
    mtp::decide(Some(state), &staff(), &command, noon()).expect_err("refused")
}
fn pack_unit(n: u32, component: Component, group: BloodGroup) -> PackUnit {
    PackUnit { unit: bag(n, component, group).id, component, group }
}
fn activated() -> mtp::Protocol {
    let reason = "rupture of the uterus".into();
    run(None, M::Activate { patient: person(1), by: doctor(), reason })
}

#[test]
fn s60_a_protocol_with_three_of_ten_units_unaccounted_cannot_be_closed() {
    let mut state = activated();
    let units: Vec<PackUnit> = (1..=10).map(|n| pack_unit(n, RedCells, O_POS)).collect();
    state = run(Some(state), M::PreparePack { number: 1, units: units[..5].to_vec() });
    state = run(Some(state), M::IssuePack { number: 1 });
    state = run(Some(state), M::PreparePack { number: 2, units: units[5..].to_vec() });
    state = run(Some(state), M::IssuePack { number: 2 });
    for one in &units[..7] {
        state = run(Some(state), M::Account { unit: one.unit, fate: Fate::Transfused });
    }
    assert_eq!(refused(&state, M::Close).stopped_by(), Some(CareRule::Changed), "not ended yet");
    state = run(Some(state), M::End { by: doctor() });
    let refusal = refused(&state, M::Close);
    assert_eq!(refusal.stopped_by(), Some(CareRule::UnitsUnaccounted));
    assert_eq!(refusal.args().get("count").map(String::as_str), Some("3"));
    assert_eq!(refusal.args().get("of").map(String::as_str), Some("10"));
    for one in &units[7..] {
        state = run(Some(state), M::Account { unit: one.unit, fate: Fate::Returned });
    }
    assert_eq!(run(Some(state), M::Close).status, mtp::Status::Closed);
}

#[test]
fn packs_come_in_order_hold_no_bag_twice_and_a_fate_is_said_once() {
    let mut state = activated();
    let one = pack_unit(1, RedCells, O_POS);
    let prepare = |number, units| M::PreparePack { number, units };
    assert_eq!(refused(&state, prepare(2, vec![one])).stopped_by(), Some(CareRule::PackNotNext));
    assert_eq!(refused(&state, prepare(1, vec![one, one])).stopped_by(), Some(CareRule::Known));
    state = run(Some(state), prepare(1, vec![one]));
    assert_eq!(refused(&state, prepare(2, vec![one])).stopped_by(), Some(CareRule::Known));
    state = run(Some(state), M::Account { unit: one.unit, fate: Fate::Transfused });
    let other = M::Account { unit: one.unit, fate: Fate::Returned };
    assert_eq!(refused(&state, other).stopped_by(), Some(CareRule::Known));
}

#[test]
fn the_pack_is_data_and_the_last_row_repeats() {
    let care = care();
    let first = mtp::pack(&care, 1).expect("a row");
    let counts: Vec<_> = first.lines.iter().map(|line| (line.component, line.count)).collect();
    assert_eq!(counts, [(RedCells, 4), (Plasma, 4), (Platelets, 1)]);
    assert_eq!(mtp::pack(&care, 7), Some(first));
    assert_eq!(mtp::pack(&care, 0), None);
}

#[test]
fn the_switch_to_rhd_positive_is_proposed_to_no_one_whom_anti_d_could_harm() {
    let mut state = activated();
    let units: Vec<PackUnit> = (1..=4).map(|n| pack_unit(n, RedCells, O_NEG)).collect();
    let prompts = |state: &mtp::Protocol, who: &PatientFacts, left| -> Vec<Prompt> {
        mtp::prompts(state, who, left, &policy(), &care(), noon())
            .into_iter()
            .map(|(prompt, _)| prompt)
            .collect()
    };
    let man = PatientFacts { sex: Sex::Male, age_years: Some(40), ..unknown_woman() };
    assert_eq!(prompts(&state, &man, 9), [], "plenty on the shelf, none given");
    assert_eq!(prompts(&state, &man, 1), [Prompt::SwitchRhdPositive], "under the floor");
    state = run(Some(state), M::PreparePack { number: 1, units });
    assert_eq!(prompts(&state, &man, 9), [], "prepared is not given");
    state = run(Some(state), M::IssuePack { number: 1 });
    assert_eq!(prompts(&state, &man, 9), [Prompt::SwitchRhdPositive], "four given");
    assert_eq!(prompts(&state, &unknown_woman(), 0), [], "she is protected");
    let with_anti_d = PatientFacts { anti_d_ever: true, ..man.clone() };
    assert_eq!(prompts(&state, &with_anti_d, 0), []);
    let by_nurse = M::SwitchRhd { by: nurse(1), reason: "few left".into() };
    assert_eq!(refused(&state, by_nurse).stopped_by(), Some(CareRule::NotAPhysician));
    state = run(Some(state), M::SwitchRhd { by: doctor(), reason: "few left".into() });
    assert_eq!(prompts(&state, &man, 0), [], "done");
    state = run(Some(state), M::NoteCurrentGroup { group: A_POS });
    assert_eq!(prompts(&state, &man, 0), [Prompt::SwitchToOwnGroup]);
}
