use super::*;
use bloodbank::bedside::{
    Alarm, BedsideCheck, Command, Event as Bedside, Facts as Room, Outcome, Status as Now,
    Transfusion, Vitals, decide, near_miss,
};
use bloodbank::care::TaskKind;
use kernel::{Component::RedCells, Millilitres};

/// A unit that has been issued, with its dispensation under slip 1.
fn on_the_way() -> (Unit, Dispensation) {
    let unit = bag(1, RedCells, O_POS);
    let facts = in_order(&unit, patient(O_POS));
    let decided = give(&unit, &facts, &asks(&unit), &[], noon()).expect("issued");
    let (dispensation, unit) = after(&unit, &decided);
    (unit, dispensation)
}
fn good_check(unit: &Unit) -> BedsideCheck {
    BedsideCheck {
        wristband: person(1),
        spoken_agrees: true,
        bag: scan(unit),
        slip: Some(slip(1, unit, person(1))),
        first: nurse(1),
        second: nurse(2),
        appearance_ok: true,
        consent: true,
    }
}
/// The bed of the first patient, with nothing in the way.
fn at_bed<'a>(unit: &'a Unit, dispensation: &'a Dispensation, staff: &'a [StaffFact]) -> Room<'a> {
    Room {
        unit,
        dispensation,
        open_for: person(1),
        deceased: false,
        recalled: None,
        held: false,
        incompatible: false,
        clock_suspect: false,
        staff,
        later: None,
    }
}
fn ask(
    check: &BedsideCheck,
    unit: &Unit,
    dispensation: &Dispensation,
) -> Result<Vec<Bedside>, Refusal> {
    let staff = staff();
    let room = at_bed(unit, dispensation, &staff);
    let command = Command::Check { check: Box::new(check.clone()) };
    decide(None, &room, &command, &[], &care(), noon() + minutes(10))
}
fn warm(tenths: i32) -> Vitals {
    Vitals { temperature: Some(tenths), pulse: Some(80), ..Vitals::default() }
}
fn step(
    state: Option<Transfusion>,
    command: &Command,
    now: Instant,
) -> Result<Transfusion, Refusal> {
    let (unit, dispensation) = on_the_way();
    let staff = staff();
    let room = at_bed(&unit, &dispensation, &staff);
    let events = decide(state.as_ref(), &room, command, &[], &care(), now)?;
    let state = events.iter().fold(state, |s, e| bedside::apply(s, transfusion_id(), e));
    Ok(state.expect("known"))
}
fn checked() -> Transfusion {
    let (unit, _) = on_the_way();
    let command = Command::Check { check: Box::new(good_check(&unit)) };
    step(None, &command, noon() + minutes(5)).expect("checked")
}
fn started(now: Instant) -> Transfusion {
    let start = Command::Start { vitals: warm(368), by: nurse(1) };
    step(Some(checked()), &start, now).expect("started")
}

#[test]
fn s51_with_two_units_and_swapped_slips_the_scan_at_the_bed_fails() {
    let (one, dispensation) = on_the_way();
    let two = bag(2, RedCells, O_POS);
    assert!(ask(&good_check(&one), &one, &dispensation).is_ok());
    let swapped = BedsideCheck { slip: Some(slip(2, &two, person(1))), ..good_check(&one) };
    assert_eq!(stop(ask(&swapped, &one, &dispensation)), CareRule::SlipOfAnother);
    // The right words under the wrong number: a later print is not the slip it left with.
    let reprint = BedsideCheck { slip: Some(slip(3, &one, person(1))), ..good_check(&one) };
    assert_eq!(stop(ask(&reprint, &one, &dispensation)), CareRule::SlipOfAnother);
    let other_bag = BedsideCheck { bag: scan(&two), ..good_check(&one) };
    assert_eq!(stop(ask(&other_bag, &one, &dispensation)), CareRule::ScanDisagrees);
}

#[test]
fn a_bag_without_a_slip_is_checked_without_one_and_a_bag_with_one_is_not() {
    let (one, left_with) = on_the_way();
    let without = BedsideCheck { slip: None, ..good_check(&one) };
    assert_eq!(stop(ask(&without, &one, &left_with)), CareRule::Blank);
    let bare = Dispensation { slip: None, ..left_with };
    assert!(ask(&without, &one, &bare).is_ok());
    let anothers = bag(2, RedCells, O_POS);
    let wrong = BedsideCheck { slip: Some(slip(2, &anothers, person(1))), ..good_check(&one) };
    assert_eq!(stop(ask(&wrong, &one, &bare)), CareRule::SlipOfAnother);
}

#[test]
fn s22_another_wristband_stops_empties_the_screen_and_writes_the_near_miss_itself() {
    let (unit, dispensation) = on_the_way();
    let other = BedsideCheck { wristband: person(2), ..good_check(&unit) };
    let refusal = ask(&other, &unit, &dispensation).expect_err("refused");
    assert_eq!(refusal.stopped_by(), Some(CareRule::WristbandOfAnother));
    let miss = near_miss(&refusal, person(1), person(2)).expect("a near miss");
    assert!(miss.clears_input);
    assert_eq!(miss.found, Some(person(2)));
    // The same at the counter.
    let at_counter = IssueAsk { wristband: Some(person(2)), ..asks(&bag(1, RedCells, O_POS)) };
    let unit = bag(1, RedCells, O_POS);
    let refusal = give(&unit, &in_order(&unit, patient(O_POS)), &at_counter, &[], noon())
        .expect_err("refused");
    assert!(near_miss(&refusal, person(1), person(2)).expect("a near miss").clears_input);
    // What is merely forbidden is no mix-up.
    let expired = Refusal::HardStop { rule: CareRule::Unit(Rule::UnitExpired), args: Args::new() };
    assert_eq!(near_miss(&expired, person(1), person(1)), None);
}

#[test]
fn s62_the_same_person_twice_or_a_locked_one_does_not_check() {
    let (unit, dispensation) = on_the_way();
    let by = |first, second| {
        let check = BedsideCheck { first, second, ..good_check(&unit) };
        ask(&check, &unit, &dispensation)
    };
    assert_eq!(stop(by(nurse(1), nurse(1))), CareRule::SamePersonTwice);
    assert_eq!(stop(by(nurse(1), locked())), CareRule::PersonNotActive);
    assert_eq!(stop(by(locked(), nurse(1))), CareRule::PersonNotActive);
    assert_eq!(stop(by(nurse(1), nurse(77))), CareRule::PersonNotActive, "nobody of that name");
}

#[test]
fn the_check_also_asks_for_the_look_the_consent_the_words_and_the_recall() {
    let (unit, dispensation) = on_the_way();
    let good = good_check(&unit);
    for (check, rule) in [
        (BedsideCheck { appearance_ok: false, ..good.clone() }, CareRule::AppearanceNotAccepted),
        (BedsideCheck { consent: false, ..good.clone() }, CareRule::ConsentMissing),
        (BedsideCheck { spoken_agrees: false, ..good.clone() }, CareRule::IdentityMismatch),
    ] {
        assert_eq!(stop(ask(&check, &unit, &dispensation)), rule);
    }
    let staff = staff();
    let room = Room { recalled: Some(recall_id()), ..at_bed(&unit, &dispensation, &staff) };
    let command = Command::Check { check: Box::new(good) };
    assert_eq!(stop(decide(None, &room, &command, &[], &care(), noon())), CareRule::Recalled);
}

#[test]
fn s33_what_becomes_known_between_the_check_and_the_start_stops_the_start() {
    let (unit, dispensation) = on_the_way();
    let staff = staff();
    let room = at_bed(&unit, &dispensation, &staff);
    let state = checked();
    let start = Command::Start { vitals: warm(368), by: nurse(1) };
    let at = noon() + minutes(5);
    let ask = |room: &Room<'_>| decide(Some(&state), room, &start, &[], &care(), at);
    assert!(ask(&room).is_ok());
    let recalled = Room { recalled: Some(recall_id()), ..room };
    assert_eq!(stop(ask(&recalled)), CareRule::Recalled);
    let held = Room { held: true, ..room };
    assert_eq!(stop(ask(&held)), CareRule::Unit(Rule::UnitQuarantined));
    // A clock in doubt proves neither the end nor how long the bag was out.
    let doubtful = Room { clock_suspect: true, ..room };
    assert_eq!(stop(ask(&doubtful)), CareRule::Unit(Rule::UnitExpiryUnsure));
}

#[test]
fn s65_a_transfusion_of_10_00_without_a_stop_raises_the_alarm_at_14_00() {
    let ten = noon() + minutes(20);
    let state = started(ten);
    let state =
        step(Some(state), &Command::Observe { vitals: warm(369), by: nurse(1) }, ten + minutes(15))
            .expect("observed");
    let alarms = |now| -> Vec<Alarm> {
        state.alarms(&care(), now).into_iter().map(|due| due.alarm).collect()
    };
    assert_eq!(alarms(ten + hours(4) - TimeDelta::seconds(1)), []);
    assert_eq!(alarms(ten + hours(4)), [Alarm::RunningTooLong]);
    assert_eq!(state.alarms(&care(), ten + hours(9))[0].since, ten + hours(4), "since it was due");
    assert!(!state.presumed_transfused(&care(), ten + hours(23)));
    assert!(state.presumed_transfused(&care(), ten + hours(24)), "shown as presumed");
    assert_eq!(state.status, Now::Running { since: ten }, "and not stored");
}

#[test]
fn a_start_after_30_minutes_alarms_and_asks_for_a_reason() {
    let state = checked();
    let alarms = |now| state.alarms(&care(), now).len();
    assert_eq!((alarms(noon() + minutes(29)), alarms(noon() + minutes(30))), (0, 1));
    let start = Command::Start { vitals: warm(368), by: nurse(1) };
    assert!(step(Some(state.clone()), &start, noon() + minutes(30)).is_ok());
    let late = step(Some(state), &start, noon() + minutes(31));
    assert_eq!(warnings(late), [CareRule::OutTooLong]);
}

#[test]
fn a_start_without_a_temperature_is_refused_because_no_rise_could_be_told() {
    let start = Command::Start { vitals: Vitals::default(), by: nurse(1) };
    assert_eq!(stop(step(Some(checked()), &start, noon() + minutes(10))), CareRule::StepMissing);
    let typo = Command::Start { vitals: warm(3_680), by: nurse(1) };
    assert_eq!(stop(step(Some(checked()), &typo, noon() + minutes(10))), CareRule::OutOfBounds);
}

#[test]
fn the_first_observation_is_due_after_15_minutes() {
    let ten = noon() + minutes(10);
    let state = started(ten);
    let due = state.alarms(&care(), ten + minutes(15));
    assert_eq!(due.iter().map(|one| one.alarm).collect::<Vec<_>>(), [Alarm::ObservationDue]);
}

#[test]
fn a_rise_of_two_degrees_asks_to_stop_and_one_of_19_tenths_does_not() {
    let ten = noon() + minutes(10);
    let observe = |tenths| {
        let command = Command::Observe { vitals: warm(tenths), by: nurse(1) };
        let after = step(Some(started(ten)), &command, ten + minutes(20)).expect("observed");
        let observation = *after.observations.last().expect("one");
        bedside::tasks(&after, &Bedside::Observed { observation }, &care())
            .into_iter()
            .map(|task| task.what)
            .collect::<Vec<_>>()
    };
    assert_eq!(observe(387), []);
    assert_eq!(
        observe(388),
        [TaskKind::StopTransfusion, TaskKind::AlertPhysician, TaskKind::OpenReactionCase]
    );
}

#[test]
fn a_reaction_is_not_talked_away_and_an_end_without_an_outcome_is_asked_for() {
    let ten = noon() + minutes(10);
    let end = Command::End { vitals: warm(369), volume: Some(Millilitres(280)), by: nurse(1) };
    let ended = step(Some(started(ten)), &end, ten + hours(2)).expect("ended");
    assert_eq!(ended.alarms(&care(), ten + hours(2))[0].alarm, Alarm::OutcomeMissing);
    let outcome = |state: Transfusion, outcome| {
        step(Some(state), &Command::RecordOutcome { outcome }, ten + hours(3))
    };
    let reaction = outcome(ended, Outcome::Reaction).expect("recorded");
    assert_eq!(stop(outcome(reaction, Outcome::Uneventful)), CareRule::Changed);
    assert_eq!(
        stop(outcome(started(ten), Outcome::Uneventful)),
        CareRule::Changed,
        "still running"
    );
    assert!(outcome(checked(), Outcome::NotTransfused).is_ok());
}

/// For the properties: a start with any vital signs.
pub fn start_with(command: &Command) -> Result<Transfusion, Refusal> {
    step(Some(checked()), command, noon() + minutes(10))
}
