use super::*;
use bloodbank::care_policy::Measure;
use bloodbank::history::Against;
use bloodbank::request::{
    Code, Command, Measured, Order, Proposal, Request, Status as Asked, Urgency, advice, apply,
    decide, propose,
};
use bloodbank::traits::{Antigen, Attribute, Need};
use bloodbank::transfer::{Explanation, close_count, count_place};
use kernel::Component::{Platelets, RedCells};
use std::collections::BTreeMap;

fn order(urgency: Urgency, count: u32) -> Order {
    Order {
        patient: person(1),
        component: RedCells,
        count,
        urgency,
        indication: "anaemia".into(),
        measured: vec![],
        needs: vec![],
        fresh_days: None,
        needed_by: noon() + hours(6),
        requested_by: doctor(),
        consent: true,
    }
}
fn placed(order: Order) -> Request {
    let events = decide(None, false, &Command::Place { order }, noon()).expect("placed");
    apply(None, request_id(), &events[0]).expect("known")
}
fn run(request: Request, command: Command) -> Result<Request, Refusal> {
    let events = decide(Some(&request), false, &command, noon())?;
    Ok(events.iter().try_fold(request, |r, e| apply(Some(r), request_id(), e)).expect("known"))
}
fn shelf(units: Vec<Unit>) -> Vec<(Unit, UnitTraits)> {
    units.into_iter().map(|unit| (unit.clone(), retyped(unit.group))).collect()
}
fn proposed(
    request: &Request,
    shelf: &[(Unit, UnitTraits)],
    who: BloodGroup,
    history: &History,
) -> Proposal {
    let facts = Facts { patient: Some(patient(who)), site: "hill".into(), ..Facts::default() };
    propose(request, shelf, &facts, history, &policy(), &care(), noon())
}
fn lines(proposal: &Proposal) -> Vec<UnitId> {
    proposal.lines.iter().map(|line| line.unit).collect()
}
fn why(proposal: &Proposal, unit: &Unit) -> Code {
    let (_, reason) =
        proposal.left_out.iter().find(|(id, _)| *id == unit.id).expect("left out with a reason");
    reason.code
}
fn many(from: u32, count: u32, group: BloodGroup, day: u32) -> Vec<Unit> {
    (from..from + count)
        .map(|n| bag_until(n, RedCells, group, &format!("2026-12-{day:02}T23:59:00")))
        .collect()
}

#[test]
fn the_oldest_of_the_own_group_comes_first_and_says_so() {
    let old = bag_until(1, RedCells, A_POS, "2026-11-25T23:59:00");
    let new = bag_until(2, RedCells, A_POS, "2026-12-25T23:59:00");
    let others = [many(10, 4, A_POS, 20), many(20, 8, O_POS, 1)].concat();
    let all = [vec![new, old.clone()], others].concat();
    let proposal =
        proposed(&placed(order(Urgency::Routine, 1)), &shelf(all), A_POS, &History::default());
    assert_eq!(lines(&proposal), [old.id]);
    let codes: Vec<Code> = proposal.lines[0].reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(codes, [Code::IdenticalGroup, Code::OldestFirst]);
    let oldest = &proposal.lines[0].reasons[1];
    assert_eq!(oldest.args.get("expiresAt").map(String::as_str), Some("2026-11-25T20:59:59+00:00"));
    assert_eq!(proposal.missing, 0);
}

#[test]
fn o_negative_comes_last_for_everybody_else_and_says_that_it_is_kept() {
    let rare = bag_until(1, RedCells, O_NEG, "2026-11-21T23:59:00");
    let shelf =
        shelf([vec![rare.clone()], many(10, 9, O_POS, 20), many(30, 5, O_NEG, 20)].concat());
    let proposal =
        proposed(&placed(order(Urgency::Emergency, 10)), &shelf, A_POS, &History::default());
    let place = lines(&proposal).iter().position(|unit| *unit == rare.id).expect("proposed");
    assert_eq!(place, 9, "after all nine O positive, though it ends first");
    let codes: Vec<Code> = proposal.lines[9].reasons.iter().map(|reason| reason.code).collect();
    assert!(codes.contains(&Code::ONegativeKept), "{codes:?}");
}

#[test]
fn a_routine_request_of_another_group_waits_and_leaves_o_negative_on_the_shelf() {
    let units = many(1, 9, O_NEG, 20);
    let shelf = shelf(units.clone());
    for (urgency, group, given) in [
        (Urgency::Routine, A_POS, 0),
        (Urgency::Urgent, A_POS, 0),
        (Urgency::Emergency, A_POS, 1),
        (Urgency::Routine, O_NEG, 1),
    ] {
        let proposal = proposed(&placed(order(urgency, 1)), &shelf, group, &History::default());
        assert_eq!(proposal.lines.len(), given, "{urgency:?} {group}");
        if given == 0 {
            assert_eq!((proposal.missing, why(&proposal, &units[0])), (1, Code::ONegativeKept));
        }
    }
    // What is already held for the patient stays theirs.
    let held = reserved_for(&bag(50, RedCells, O_NEG), person(1));
    let proposal = proposed(
        &placed(order(Urgency::Routine, 1)),
        &[(held.clone(), retyped(O_NEG))],
        A_POS,
        &History::default(),
    );
    assert_eq!(lines(&proposal), [held.id]);
}

/// What a bleeding A negative patient is proposed, of three A negative, four O negative and nine O
/// positive units, when so many O negative may still go to others: how many of each, in their order.
fn bleeding(
    who: PatientFacts,
    count: u32,
    spare: Option<u32>,
) -> (Vec<(BloodGroup, usize)>, Proposal) {
    let units = [many(1, 3, A_NEG, 20), many(20, 4, O_NEG, 10), many(40, 9, O_POS, 15)].concat();
    let of_unit = Facts {
        patient: Some(who),
        site: "hill".into(),
        o_negative_spare: spare,
        ..Facts::default()
    };
    let request = placed(order(Urgency::Emergency, count));
    let (history, shelf) = (History::default(), shelf(units.clone()));
    let proposal = propose(&request, &shelf, &of_unit, &history, &policy(), &care(), noon());
    let mut found: Vec<(BloodGroup, usize)> = vec![];
    for unit in lines(&proposal) {
        let group = units.iter().find(|one| one.id == unit).expect("of the shelf").group;
        match found.last_mut() {
            Some((last, number)) if *last == group => *number += 1,
            _ => found.push((group, 1)),
        }
    }
    (found, proposal)
}

#[test]
fn when_too_much_o_negative_went_to_others_a_bleeding_man_is_proposed_o_positive_first() {
    let man = || PatientFacts { sex: Sex::Male, age_years: Some(60), ..patient(A_NEG) };
    assert_eq!(bleeding(man(), 6, None).0, [(A_NEG, 3), (O_NEG, 3)]);
    assert_eq!(bleeding(man(), 6, Some(9)).0, [(A_NEG, 3), (O_NEG, 3)]);
    let (some, proposal) = bleeding(man(), 6, Some(1));
    assert_eq!(some, [(A_NEG, 3), (O_NEG, 1), (O_POS, 2)]);
    let last = &proposal.lines[5];
    assert_eq!(last.cautions, [CareRule::Unit(Rule::RhdMismatch)], "a person has to accept it");
    assert!(last.reasons.iter().any(|reason| reason.code == Code::ONegativeKept));
    // Nobody is left to bleed for it: when all else is gone, O negative is proposed.
    assert_eq!(bleeding(man(), 16, Some(0)).0, [(A_NEG, 3), (O_POS, 9), (O_NEG, 4)]);
}

#[test]
fn whoever_anti_d_could_harm_is_proposed_o_negative_whatever_went_to_others() {
    let first = [(A_NEG, 3), (O_NEG, 3)];
    let of = |sex, age| PatientFacts { sex, age_years: age, ..patient(A_NEG) };
    for who in [
        of(Sex::Female, Some(30)),
        of(Sex::Male, Some(12)),
        of(Sex::NotKnown, None),
        PatientFacts { anti_d_ever: true, ..of(Sex::Male, Some(60)) },
    ] {
        assert_eq!(bleeding(who.clone(), 6, Some(0)).0, first, "{who:?}");
    }
    // O negative is nobody's spare for those of its own group.
    let own = PatientFacts { sex: Sex::Male, age_years: Some(60), ..patient(O_NEG) };
    assert_eq!(bleeding(own, 4, Some(0)).0, [(O_NEG, 4)]);
}

#[test]
fn the_floor_is_kept_for_critical_requests() {
    // The floor of O positive is four.
    let units = many(1, 5, O_POS, 20);
    let shelf = shelf(units.clone());
    let routine = proposed(&placed(order(Urgency::Routine, 3)), &shelf, O_POS, &History::default());
    assert_eq!(routine.lines.len(), 1);
    assert_eq!(routine.missing, 2);
    assert_eq!(why(&routine, &units[4]), Code::KeptForCritical);
    let emergency =
        proposed(&placed(order(Urgency::Emergency, 3)), &shelf, O_POS, &History::default());
    assert_eq!(emergency.lines.len(), 3);
    let codes: Vec<Code> = emergency.lines[2].reasons.iter().map(|reason| reason.code).collect();
    assert!(codes.contains(&Code::FromTheFloor), "{codes:?}");
}

#[test]
fn each_unit_that_is_left_out_says_why() {
    let antibody = with_antibody(History::default(), Against::Antigen(Antigen::BigK));
    let good = bag(1, RedCells, A_POS);
    let untested = bag(2, RedCells, A_POS);
    let wrong = bag(3, RedCells, B_POS);
    let held = reserved_for(&bag(4, RedCells, A_POS), person(2));
    let stale = bag(5, RedCells, A_POS);
    // Irradiated, and its new label was not read back yet.
    let unread = bag(6, RedCells, A_POS);
    let mut shelf = shelf(
        [
            vec![good.clone(), untested.clone(), wrong.clone(), held.clone(), stale.clone()],
            vec![unread.clone()],
            many(10, 4, A_POS, 20),
        ]
        .concat(),
    );
    for (unit, traits) in &mut shelf {
        if unit.id != untested.id {
            traits.antigens.insert(Antigen::BigK, false);
        }
        traits.label_unread = unit.id == unread.id;
        unit.collected_at =
            Some(noon() - TimeDelta::days(if unit.id == stale.id { 20 } else { 5 }));
    }
    let request = placed(Order { fresh_days: Some(7), ..order(Urgency::Emergency, 1) });
    let proposal = proposed(&request, &shelf, A_POS, &antibody);
    assert_eq!(proposal.lines.len(), 1);
    assert_eq!(why(&proposal, &untested), Code::NeedNotMet);
    assert_eq!(why(&proposal, &wrong), Code::Stopped);
    assert_eq!(why(&proposal, &held), Code::Stopped);
    assert_eq!(why(&proposal, &stale), Code::NotFresh);
    assert_eq!(why(&proposal, &unread), Code::Stopped);
    assert_eq!(
        proposal.left_out.len() + proposal.lines.len(),
        shelf.len(),
        "no unit disappears without a word"
    );
}

#[test]
fn a_need_of_the_request_itself_counts_too() {
    let irradiated = Need::Attribute(Attribute::Irradiated);
    let units = many(1, 6, A_POS, 20);
    let mut shelf = shelf(units.clone());
    shelf[5].1.attributes.insert(Attribute::Irradiated);
    let request = placed(Order { needs: vec![irradiated], ..order(Urgency::Routine, 1) });
    let proposal = proposed(&request, &shelf, A_POS, &History::default());
    assert_eq!(lines(&proposal), [units[5].id]);
}

#[test]
fn thresholds_advise_and_never_in_an_emergency() {
    let with_hb = |urgency, value| Order {
        measured: vec![Measured { measure: Measure::Haemoglobin, value }],
        ..order(urgency, 1)
    };
    let above = advice(&with_hb(Urgency::Routine, 92), &care());
    assert!(above[0].reconsider && above[0].below == 70 && !above[0].source.is_empty());
    assert!(!advice(&with_hb(Urgency::Routine, 65), &care())[0].reconsider);
    assert_eq!(advice(&with_hb(Urgency::Emergency, 92), &care()), []);
    assert!(
        decide(None, false, &Command::Place { order: with_hb(Urgency::Routine, 130) }, noon())
            .is_ok(),
        "advice is no gate"
    );
}

#[test]
fn a_request_gives_no_more_than_was_asked_and_closes_with_the_last_unit() {
    let (one, two) = (bag(1, RedCells, A_POS).id, bag(2, RedCells, A_POS).id);
    let request = run(placed(order(Urgency::Urgent, 1)), Command::Allocate { unit: one });
    let request = request.expect("allocated");
    assert_eq!(
        stop(run(request.clone(), Command::Allocate { unit: two })),
        CareRule::NothingLeftToAllocate
    );
    let done = run(request, Command::NoteIssued { unit: one }).expect("issued");
    assert_eq!(done.status, Asked::Closed);
    assert_eq!(stop(run(done, Command::Cancel { reason: "late".into() })), CareRule::RequestClosed);
}

#[test]
fn a_request_of_nothing_of_yesterday_or_for_the_dead_is_refused() {
    let place = |order, dead| decide(None, dead, &Command::Place { order }, noon());
    assert_eq!(stop(place(order(Urgency::Routine, 0), false)), CareRule::OutOfBounds);
    assert_eq!(stop(place(order(Urgency::Routine, 51), false)), CareRule::OutOfBounds);
    let yesterday = Order { needed_by: noon() - hours(1), ..order(Urgency::Routine, 1) };
    assert_eq!(stop(place(yesterday, false)), CareRule::TimeNotPossible);
    assert_eq!(
        stop(place(order(Urgency::Routine, 1), true)),
        CareRule::Unit(Rule::PatientDeceased)
    );
}

#[test]
fn a_count_of_the_shelf_finds_what_is_missing_and_what_is_too_much() {
    let here: Vec<Unit> = (1..=3).map(|n| bag(n, RedCells, A_POS)).collect();
    let mut elsewhere = bag(4, RedCells, A_POS);
    elsewhere.place = "Fridge 2".into();
    let mut of_town = bag(5, RedCells, A_POS);
    of_town.site = "town".into();
    let strange = bag(6, Platelets, A_POS).id;
    let book = [here.clone(), vec![elsewhere.clone(), of_town.clone()]].concat();
    let scanned = [here[0].id, here[1].id, here[1].id, elsewhere.id, of_town.id, strange];
    let found = count_place(&book, "hill", "Fridge 1", &scanned);
    assert_eq!(found.missing, [here[2].id]);
    assert_eq!(found.elsewhere.get(&elsewhere.id).map(String::as_str), Some("Fridge 2"));
    assert_eq!(found.unexpected, [of_town.id]);
    assert_eq!(found.unknown, [strange]);
    assert_eq!(found.twice, [here[1].id]);

    let mut reasons = BTreeMap::from([
        (here[2].id, Explanation::Lost),
        (elsewhere.id, Explanation::Moved),
        (of_town.id, Explanation::NotOurs { words: "left by the courier".into() }),
    ]);
    assert_eq!(stop(close_count(&found, &reasons, nurse(1))), CareRule::DifferenceUnexplained);
    reasons.insert(strange, Explanation::NotOurs { words: "no label known here".into() });
    let commands = close_count(&found, &reasons, nurse(1)).expect("closed");
    assert_eq!(commands.len(), 1, "what nobody finds is held");
    assert_eq!(commands[0].0, here[2].id);
    let all = [here[0].id, here[1].id, here[2].id];
    assert!(count_place(&here, "hill", "Fridge 1", &all).is_empty());
}
