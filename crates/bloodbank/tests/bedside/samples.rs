use super::*;
use bloodbank::care::TaskKind;
use bloodbank::history::{Against, Command as H};
use bloodbank::sample::{
    Command, Event, Exposure, ExposureKind, Facts, Identifier, PatientIdentity, Reading,
    RhdReading, Typing, decide,
};
use bloodbank::traits::Antigen;

fn who() -> PatientIdentity {
    PatientIdentity {
        id: person(1),
        numbers: vec!["H-1001".into()],
        name: "Grace Achieng".into(),
        birth_date: "1984-03-02".parse().ok(),
    }
}
fn facts() -> Facts {
    Facts { patient: Some(who()), exposures: vec![], staff: staff() }
}
fn full_label() -> Vec<Identifier> {
    vec![
        Identifier::UniqueNumber("H-1001".into()),
        Identifier::Name("grace  ACHIENG".into()),
        Identifier::BirthDate("1984-03-02".parse().expect("a date")),
    ]
}
fn receive(command: &Command, facts: &Facts, now: Instant) -> Result<Vec<Event>, Refusal> {
    decide(None, facts, command, &care(), now)
}
/// Monday 16 November, 08:00 in Nairobi.
const MONDAY: &str = "2026-11-16T08:00:00";
fn monday_tube(facts: &Facts, transfused: Answer) -> Sample {
    let command = drawn(transfused, Answer::No, MONDAY, full_label());
    let events = receive(&command, facts, at("2026-11-16T06:00:00Z")).expect("received");
    events.iter().fold(None, |s, e| sample::apply(s, sample_id(1), e)).expect("known")
}

#[test]
fn s21_name_and_birth_date_alone_do_not_name_a_patient() {
    let shared = vec![
        Identifier::Name("Grace Achieng".into()),
        Identifier::BirthDate("1984-03-02".parse().expect("a date")),
    ];
    let command = drawn(Answer::No, Answer::No, MONDAY, shared);
    let now = at("2026-11-16T06:00:00Z");
    assert_eq!(stop(receive(&command, &facts(), now)), CareRule::UniqueNumberMissing);
    let command = drawn(Answer::No, Answer::No, MONDAY, full_label());
    assert!(receive(&command, &facts(), now).is_ok());
}

#[test]
fn a_label_that_contradicts_the_record_is_refused_though_its_number_fits() {
    let now = at("2026-11-16T06:00:00Z");
    for (wrong, field) in [
        (Identifier::Name("Grace Atieno".into()), "name"),
        (Identifier::BirthDate("1984-02-03".parse().expect("a date")), "birthDate"),
        (Identifier::UniqueNumber("H-1002".into()), "number"),
    ] {
        let mut label = full_label();
        label.push(wrong);
        let command = drawn(Answer::No, Answer::No, MONDAY, label);
        let refusal = receive(&command, &facts(), now).expect_err("refused");
        assert_eq!(refusal.stopped_by(), Some(CareRule::IdentityMismatch));
        assert_eq!(refusal.args().get("field").map(String::as_str), Some(field));
    }
}

#[test]
fn drawing_needs_two_different_active_people() {
    let now = at("2026-11-16T06:00:00Z");
    let by = |first, second| {
        let mut command = drawn(Answer::No, Answer::No, MONDAY, full_label());
        if let Command::Receive { drawn_by, identified_by, .. } = &mut command {
            (*drawn_by, *identified_by) = (first, second);
        }
        receive(&command, &facts(), now)
    };
    assert_eq!(stop(by(nurse(1), nurse(1))), CareRule::SamePersonTwice);
    assert_eq!(stop(by(nurse(1), locked())), CareRule::PersonNotActive);
    assert!(by(nurse(1), nurse(2)).is_ok());
}

#[test]
fn somebody_who_draws_no_blood_drew_no_tube_and_may_still_have_named_the_patient() {
    let now = at("2026-11-16T06:00:00Z");
    let by = |first, second| {
        let mut command = drawn(Answer::No, Answer::No, MONDAY, full_label());
        if let Command::Receive { drawn_by, identified_by, .. } = &mut command {
            (*drawn_by, *identified_by) = (first, second);
        }
        receive(&command, &facts(), now)
    };
    assert_eq!(stop(by(clerk(), nurse(1))), CareRule::MayNotDraw);
    assert!(by(nurse(1), clerk()).is_ok());
}

#[test]
fn s47_after_a_transfusion_a_sample_of_monday_is_good_until_thursday_23_59() {
    let last_month = Exposure {
        kind: ExposureKind::Transfusion,
        at: at("2026-10-20T10:00:00Z"),
        recorded_at: at("2026-10-20T10:00:00Z"),
    };
    let sample = monday_tube(&Facts { exposures: vec![last_month], ..facts() }, Answer::No);
    // 23:59 in Nairobi is 20:59 in UTC.
    assert_eq!(sample.usable(at("2026-11-19T20:59:00Z")), Ok(()));
    assert_eq!(stop(sample.usable(at("2026-11-19T21:00:00Z"))), CareRule::SampleTooOld);

    // The whole gate at these two minutes.
    let unit = bag(1, Component::RedCells, O_POS);
    let mut gate = in_order(&unit, patient(O_POS));
    gate.sample = Some(Sample { screen: Some(Screen::Negative), ..sample });
    assert!(give(&unit, &gate, &asks(&unit), &[], at("2026-11-19T20:59:00Z")).is_ok());
    let friday = give(&unit, &gate, &asks(&unit), &[], at("2026-11-19T21:00:00Z"));
    assert_eq!(stop(friday), CareRule::SampleTooOld);

    let other = monday_tube(&facts(), Answer::No);
    assert_eq!(other.usable(at("2026-11-23T04:59:00Z")), Ok(()), "seven days");
    assert_eq!(stop(other.usable(at("2026-11-23T05:01:00Z"))), CareRule::SampleTooOld);
}

#[test]
fn what_nobody_knows_counts_as_a_transfusion() {
    assert!(monday_tube(&facts(), Answer::Unknown).at_risk);
    assert!(!monday_tube(&facts(), Answer::No).at_risk);
    let ninety_one_days = Exposure {
        kind: ExposureKind::Pregnancy,
        at: at("2026-08-16T05:00:00Z"),
        recorded_at: at("2026-08-16T05:00:00Z"),
    };
    let long_ago = Facts { exposures: vec![ninety_one_days], ..facts() };
    assert!(!monday_tube(&long_ago, Answer::No).at_risk);
}

#[test]
fn s48_a_transfusion_recorded_later_shortens_the_sample_and_calls_for_a_recheck() {
    let sample = monday_tube(&facts(), Answer::No);
    let exposure = Exposure {
        kind: ExposureKind::Transfusion,
        at: at("2026-11-01T10:00:00Z"),
        recorded_at: at("2026-11-17T10:00:00Z"),
    };
    let now = at("2026-11-17T10:00:00Z");
    let note = Command::NoteExposure { exposure };
    let events = decide(Some(&sample), &facts(), &note, &care(), now).expect("noted");
    let [event @ Event::ValidityShortened { valid_until, .. }] = events.as_slice() else {
        panic!("one event that shortens: {events:?}");
    };
    assert_eq!(valid_until.at, at("2026-11-19T20:59:59Z"));
    // Told at another desk, or of a bag whose end nobody wrote down: known is known.
    let told = sample.clone().in_light_of(&[exposure], &care(), now);
    assert_eq!((told.at_risk, told.valid_until), (true, *valid_until));
    let before = sample.clone().in_light_of(&[exposure], &care(), at("2026-10-31T10:00:00Z"));
    assert_eq!(before, sample, "what had not happened yet shortened nothing");
    let tasks = sample::tasks(sample.id, event);
    assert_eq!(tasks.iter().map(|task| task.what).collect::<Vec<_>>(), [TaskKind::RecheckUnits]);

    let shortened = sample::apply(Some(sample), sample_id(1), event).expect("known");
    assert_eq!(stop(shortened.usable(at("2026-11-20T12:00:00Z"))), CareRule::SampleTooOld);
    let again = decide(Some(&shortened), &facts(), &note, &care(), now).expect("noted");
    assert_eq!(again, [], "it cannot be shortened twice, and never lengthened");

    // Units crossmatched with it are blocked at the gate.
    let unit = bag(1, Component::RedCells, O_POS);
    let mut gate = in_order(&unit, patient(O_POS));
    gate.sample = Some(shortened);
    let answer = give(&unit, &gate, &asks(&unit), &[], at("2026-11-20T12:00:00Z"));
    assert_eq!(stop(answer), CareRule::SampleTooOld);
}

#[test]
fn a_tube_without_a_clear_reading_has_no_group_and_weak_d_counts_as_negative() {
    let typing = |forward, reverse, rhd| Typing { forward, reverse, rhd, by: nurse(3), at: noon() };
    let a = Reading::Group(Abo::A);
    assert_eq!(typing(a, a, RhdReading::Weak).group(), Some(A_NEG));
    assert_eq!(typing(a, Reading::Group(Abo::O), RhdReading::Positive).group(), None);
    assert_eq!(typing(Reading::MixedField, a, RhdReading::Positive).group(), None);
    let unclear = typing(a, Reading::NotReadable, RhdReading::Positive);
    let sample =
        sample::apply(Some(tube(1, A_POS)), sample_id(1), &Event::Typed { typing: unclear })
            .expect("known");
    assert!(sample.discrepant());
    assert_eq!(sample.group(), None);
}

#[test]
fn two_samples_confirm_a_group_and_one_tube_never_confirms_itself() {
    let once = history_of(A_POS, &[1]);
    assert_eq!(once.group(), KnownGroup::Once(A_POS));
    let again = H::Determine { sample: sample_id(1), group: A_POS, at: noon(), historic: false };
    assert_eq!(stop(history::decide(Some(&once), &staff(), &again, noon())), CareRule::Known);
    assert_eq!(history_of(A_POS, &[1, 2]).group(), KnownGroup::Confirmed(A_POS));
}

#[test]
fn a_disagreement_is_resolved_by_two_people_and_the_wrong_sample_stays_on_record() {
    let second = history::Determination {
        sample: sample_id(2),
        group: O_POS,
        at: noon() - hours(1),
        historic: false,
    };
    let conflict =
        history::apply(Some(history_of(A_POS, &[1])), &history::Event::Determined(second));
    assert_eq!(conflict.group(), KnownGroup::Conflict(vec![O_POS, A_POS]));
    let resolve = |first, second| H::Resolve {
        group: A_POS,
        reason: "second tube was of the next bed".into(),
        first,
        second,
    };
    let alone = history::decide(Some(&conflict), &staff(), &resolve(nurse(1), nurse(1)), noon());
    assert_eq!(stop(alone), CareRule::SamePersonTwice);
    let events = history::decide(Some(&conflict), &staff(), &resolve(nurse(1), nurse(2)), noon())
        .expect("ok");
    let resolved = history::apply(Some(conflict), &events[0]);
    assert_eq!(resolved.group(), KnownGroup::Once(A_POS), "one good sample, to be confirmed");
    assert_eq!(resolved.determinations.len(), 2);
}

#[test]
fn s46_an_old_anti_e_forbids_the_computer_also_when_it_came_one_second_earlier() {
    let unit = bag(1, Component::RedCells, O_POS);
    let facts = validated(history_of(O_POS, &[1, 2]));
    let sample = tube(1, O_POS);
    let traits = retyped(O_POS);
    let record = |method| crossmatch::Command::Record {
        patient: person(1),
        unit: unit.id,
        method,
        outcome: crossmatch::Outcome::Compatible,
        done_at: noon(),
        by: nurse(3),
        retrospective: false,
    };
    let ask = |facts: &crossmatch::Facts, method| {
        let bench =
            crossmatch::Bench { unit: &unit, traits: &traits, sample: Some(&sample), facts };
        crossmatch::decide(None, Some(&bench), &record(method), &electronic(), noon())
    };
    assert!(ask(&facts, Method::Electronic).is_ok(), "before the synchronisation");
    // The same command, decided on what is known inside the transaction.
    let mut newer = facts;
    newer.history = with_antibody(newer.history, Against::Antigen(Antigen::BigE));
    newer.history_as_of = Some(noon() - TimeDelta::seconds(1));
    assert_eq!(stop(ask(&newer, Method::Electronic)), CareRule::ElectronicNotAllowed);
    assert_eq!(stop(ask(&newer, Method::ImmediateSpin)), CareRule::MethodTooWeak);
    assert!(ask(&newer, Method::Ahg).is_ok());
    let needed = crossmatch::needed(&unit, &traits, Some(&sample), &newer, &electronic(), noon());
    assert_eq!(needed.antigen_negative, [Antigen::BigE]);

    // A computer crossmatch from before does not pass the gate any more, and E-positive never does.
    let mut gate = in_order(&unit, patient(O_POS));
    gate.crossmatching = newer;
    gate.crossmatch = Some(crossmatched(&unit, Method::Electronic));
    assert_eq!(stop(give(&unit, &gate, &asks(&unit), &[], noon())), CareRule::MethodTooWeak);
    gate.crossmatch = Some(crossmatched(&unit, Method::Ahg));
    gate.traits.antigens.insert(Antigen::BigE, true);
    assert_eq!(stop(give(&unit, &gate, &asks(&unit), &[], noon())), CareRule::AntigenPositive);
    gate.traits.antigens.insert(Antigen::BigE, false);
    assert!(give(&unit, &gate, &asks(&unit), &[], noon()).is_ok());
}

#[test]
fn s20_taking_over_a_record_with_anti_k_blocks_held_units_and_takes_the_computer_away() {
    let unknown_male = history_of(O_POS, &[1, 2]);
    let other = with_antibody(History::default(), Against::Antigen(Antigen::BigK));
    let take = H::TakeOver { of: person(7), history: Box::new(other) };
    let events = history::decide(Some(&unknown_male), &staff(), &take, noon()).expect("taken over");
    let joined = history::apply(Some(unknown_male), &events[0]);

    let positive = reserved_for(&bag(1, Component::RedCells, O_POS), person(1));
    let negative = reserved_for(&bag(2, Component::RedCells, O_POS), person(1));
    let of_another = reserved_for(&bag(3, Component::RedCells, O_POS), person(2));
    let typed = |k| {
        let mut traits = retyped(O_POS);
        traits.antigens.insert(Antigen::BigK, k);
        traits
    };
    let held =
        [(positive.clone(), typed(true)), (negative, typed(false)), (of_another, typed(true))];
    let blocked = history::recheck(&held, &patient(O_POS), &joined, &policy(), noon());
    assert_eq!(blocked.len(), 1, "only the K-positive one of this patient: {blocked:?}");
    assert_eq!(blocked[0].unit, positive.id);
    assert_eq!(blocked[0].rules, [CareRule::AntigenPositive]);

    let done = [crossmatched(&positive, Method::Electronic), crossmatched(&positive, Method::Ahg)];
    assert_eq!(crossmatch::withdrawn_by(&joined, &done).len(), 1, "the computer's, not the tube's");
    let needed = crossmatch::needed(
        &positive,
        &typed(false),
        Some(&tube(1, O_POS)),
        &validated(joined),
        &electronic(),
        noon(),
    );
    assert_eq!(needed.minimum, Some(crossmatch::Minimum::Crossmatch(Method::Ahg)));
}
