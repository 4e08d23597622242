//! What a label may say when a bag comes in, and that one donation has one group.

use super::transitions::receipt;
use super::*;
use kernel::Millilitres;

fn label() -> Command {
    receipt("A999926123456", "2026-12-05T23:59:00")
}

/// The label with one thing changed.
fn with(change: impl FnOnce(&mut Bag)) -> Command {
    let Command::Receive { component, group, expires_wall, collected_at, volume, place, .. } =
        label()
    else {
        panic!("a receipt")
    };
    let mut bag = Bag { component, group, expires_wall, collected_at, volume, place };
    change(&mut bag);
    let Bag { component, group, expires_wall, collected_at, volume, place } = bag;
    Command::Receive {
        din: "A999926123456".into(),
        product_code: "E0336V00".into(),
        component,
        group,
        phenotype: bloodbank::traits::Phenotype::Ordinary,
        expires_wall,
        zone: chrono_tz::Africa::Nairobi,
        collected_at,
        volume,
        place,
        supplier: None,
        low_titre: false,
    }
}

struct Bag {
    component: Component,
    group: BloodGroup,
    expires_wall: kernel::NaiveDateTime,
    collected_at: Option<Instant>,
    volume: Option<Millilitres>,
    place: String,
}

fn received(command: &Command) -> Result<Vec<Event>, Refused> {
    let facts = facts(patient(O_NEG));
    decide(None, &facts, command, &[], &Policy::who(), noon(), cause(1))
}

fn wall(text: &str) -> kernel::NaiveDateTime {
    text.parse().expect("a date")
}

#[test]
fn a_unit_that_would_keep_longer_than_its_component_is_not_received() {
    // Forty-nine days from 20 November are 8 January.
    for (component, last, beyond) in [
        (Component::RedCells, "2027-01-08T23:59:00", "2027-01-09T00:00:00"),
        (Component::WholeBlood, "2027-01-08T23:59:00", "2027-01-09T23:59:00"),
        (Component::Platelets, "2026-11-27T23:59:00", "2026-11-28T00:00:00"),
        (Component::Plasma, "2029-11-20T23:59:00", "2029-11-21T23:59:00"),
        (Component::Cryoprecipitate, "2029-11-20T23:59:00", "9999-12-31T23:59:00"),
    ] {
        let ends = |text: &str| {
            with(|bag| {
                bag.component = component;
                bag.expires_wall = wall(text);
            })
        };
        assert!(received(&ends(last)).is_ok(), "{component:?} {last}");
        let answer = received(&ends(beyond));
        assert_eq!(stopped(&answer), Some(Rule::ExpiryTooFar), "{component:?} {beyond}");
        let Err(Refused::HardStop { args, .. }) = answer else { panic!("a stop") };
        assert_eq!(args["days"], bounds_of(component).days.to_string());
        assert_eq!(args["latest"], last.split('T').next().expect("a day"), "{args:?}");
    }
}

#[test]
fn a_known_collection_counts_and_not_the_day_of_receipt() {
    let collected = |text: &str| {
        with(|bag| {
            bag.collected_at = text.parse().ok();
            bag.expires_wall = wall("2026-12-05T23:59:00");
        })
    };
    assert!(received(&collected("2026-10-17T09:00:00Z")).is_ok(), "49 days");
    for long_ago in ["2026-10-16T09:00:00Z", "1970-01-01T00:00:00Z"] {
        assert_eq!(
            stopped(&received(&collected(long_ago))),
            Some(Rule::ExpiryTooFar),
            "{long_ago}"
        );
    }
}

#[test]
fn nothing_is_collected_in_the_future_or_after_its_own_end() {
    let collected = |at: Instant| with(|bag| bag.collected_at = Some(at));
    assert!(received(&collected(noon())).is_ok());
    for later in [noon() + TimeDelta::minutes(1), "2026-12-06T12:00:00Z".parse().expect("later")] {
        let answer = received(&collected(later));
        assert_eq!(stopped(&answer), Some(Rule::CollectionImpossible), "{later}");
    }
}

#[test]
fn a_bag_holds_what_such_a_bag_can_hold() {
    let holds = |component, volume| {
        let command = with(|bag| {
            bag.component = component;
            bag.volume = Some(Millilitres(volume));
            bag.expires_wall = wall("2026-11-25T23:59:00");
        });
        stopped(&received(&command))
    };
    for (component, usual) in [
        (Component::RedCells, 284),
        (Component::WholeBlood, 470),
        (Component::Platelets, 55),
        (Component::Plasma, 230),
        (Component::Cryoprecipitate, 15),
    ] {
        assert_eq!(holds(component, usual), None, "{component:?}");
        for impossible in [0, 1, 1_000, u32::MAX] {
            let found = holds(component, impossible);
            assert_eq!(found, Some(Rule::VolumeImpossible), "{component:?} {impossible}");
        }
    }
}

#[test]
fn a_place_that_nobody_can_read_is_no_place() {
    for place in ["", "  ", "\u{200b}", "--"] {
        let command = with(|bag| bag.place = place.into());
        assert_eq!(stopped(&received(&command)), Some(Rule::PlaceMissing), "{place:?}");
    }
}

#[test]
fn a_doubtful_clock_does_not_judge_dates_without_a_collection() {
    let facts = Facts { clock_suspect: true, ..facts(patient(O_NEG)) };
    let command = with(|bag| bag.expires_wall = wall("2027-03-01T23:59:00"));
    let answer = decide(None, &facts, &command, &[], &Policy::who(), noon(), cause(1));
    assert_eq!(stopped(&answer), Some(Rule::UnitExpiryUnsure));
}

fn sibling(product_code: &str, group: BloodGroup) -> Sibling {
    let din = "A999926123456".to_owned();
    let id = UnitId::of_label(&din, product_code);
    let phenotype = bloodbank::traits::Phenotype::Ordinary;
    Sibling { id, din, product_code: product_code.into(), group, phenotype }
}

#[test]
fn one_donation_has_one_group() {
    let plasma =
        |group| Facts { siblings: vec![sibling("E0701V00", group)], ..facts(patient(O_NEG)) };
    let receive =
        |facts: &Facts| decide(None, facts, &label(), &[], &Policy::who(), noon(), cause(1));
    assert!(receive(&plasma(O_NEG)).is_ok());
    for other in [O_POS, A_NEG] {
        let answer = receive(&plasma(other));
        assert_eq!(stopped(&answer), Some(Rule::DonationGroupsDiffer), "{other}");
        let Err(Refused::HardStop { args, .. }) = answer else { panic!("a stop") };
        assert_eq!(args["otherProductCode"], "E0701V00");
        assert_eq!(args["otherGroup"], other.to_string());
    }
    let another = Sibling { din: "A999926000000".into(), ..sibling("E0701V00", A_NEG) };
    let facts = Facts { siblings: vec![another], ..facts(patient(O_NEG)) };
    assert!(receive(&facts).is_ok(), "another donation says nothing");
}

#[test]
fn a_unit_whose_sibling_has_another_group_is_given_to_nobody() {
    let red = unit(Component::RedCells, O_NEG);
    let at_odds = Facts { siblings: vec![sibling("E0701V00", A_NEG)], ..facts(patient(O_NEG)) };
    for command in [issue(), reserve()] {
        assert_eq!(stopped(&ask(&red, &at_odds, &command)), Some(Rule::DonationGroupsDiffer));
    }
    let ranked = rank(std::slice::from_ref(&red), &at_odds, &Policy::who(), noon(), |_, _| 3);
    assert!(ranked.is_empty(), "no alternative either");
    // It may still be kept from use.
    assert!(ask(&red, &at_odds, &Command::Quarantine { reason: "two groups".into() }).is_ok());
    let itself = Facts { siblings: vec![sibling("E0336V00", A_NEG)], ..at_odds };
    assert!(ask(&red, &itself, &issue()).is_ok(), "a unit is no sibling of its own");
}

#[test]
fn a_record_that_two_people_threw_out_as_mistyped_speaks_no_more() {
    let facts = facts(patient(O_NEG));
    let wrong = unit(Component::RedCells, A_NEG);
    let discard = |reason| Command::Discard { reason, note: Some("group mistyped".into()) };
    assert!(Sibling::of(&done(&wrong, &facts, &discard(DiscardReason::Other))).is_none());
    let leaked = Sibling::of(&done(&wrong, &facts, &discard(DiscardReason::Leak)));
    assert_eq!(
        leaked.map(|s| s.group),
        Some(A_NEG),
        "a bag that leaked had its group all the same"
    );
}

#[test]
fn a_quarantine_says_that_it_ends_the_hold() {
    let facts = facts(patient(O_NEG));
    let held = done(&unit(Component::RedCells, O_NEG), &facts, &reserve());
    let stop = Command::Quarantine { reason: "fridge too warm".into() };
    let events = ask(&held, &facts, &stop).expect("accepted");
    let Event::Released { patient, reason } = &events[0] else { panic!("{events:?}") };
    assert_eq!((*patient, reason.as_str()), (person(1), "fridge too warm"));
    let kept = after(&held, &events);
    let lift = Command::LiftQuarantine { reason: "thermometer broken".into(), lifts: cause(7) };
    let lifted = done(&kept, &facts, &lift);
    assert_eq!(lifted.effective_status(noon()), Effective::Available, "promised to nobody");
}

#[test]
fn what_nobody_can_see_is_no_reason_anywhere() {
    let facts = facts(patient(O_NEG));
    let free = unit(Component::RedCells, O_NEG);
    let held = done(&free, &facts, &reserve());
    for reason in ["\u{200b}", "\u{200b}\u{200b}\u{200b}", "..", "ok"] {
        let reason = || reason.to_owned();
        for (unit, command) in [
            (&free, Command::Quarantine { reason: reason() }),
            (&held, Command::Release { reason: reason() }),
            (&free, Command::Discard { reason: DiscardReason::Other, note: Some(reason()) }),
        ] {
            assert_eq!(stopped(&ask(unit, &facts, &command)), Some(Rule::ReasonMissing));
        }
    }
    let nobody =
        Command::Issue { patient: person(1), collected_by: "\u{200b}".into(), appearance_ok: true };
    assert_eq!(stopped(&ask(&free, &facts, &nobody)), Some(Rule::ReasonMissing));
}

#[test]
fn s16_a_bombay_bag_comes_in_as_bombay_and_goes_to_nobody_with_h() {
    use bloodbank::traits::Phenotype::{Bombay, Ordinary, ParaBombay};
    let as_bag = |phenotype, group| {
        let mut command = super::transitions::receipt("A999926123456", "2026-12-01T23:59:00");
        let Command::Receive { phenotype: p, group: g, .. } = &mut command else {
            panic!("a receipt")
        };
        (*p, *g) = (phenotype, group);
        command
    };
    let say = |command: &Command, facts: &Facts| {
        let policy = Policy::who();
        decide(None, facts, command, &[], &policy, noon(), cause(1))
    };
    let nobody = facts(patient(O_NEG));
    for (phenotype, group) in [(Bombay, A_POS), (ParaBombay, O_NEG)] {
        let refused = say(&as_bag(phenotype, group), &nobody).expect_err("no label says that");
        assert_eq!(stopped(&Err(refused)), Some(Rule::GroupNotUsual), "{phenotype:?} {group}");
    }
    let command = as_bag(Bombay, O_NEG);
    let events = say(&command, &nobody).expect("received");
    let id = UnitId::of_label("A999926123456", "E0336V00");
    let unit = apply(None, id, &events[0]).expect("known");
    assert_eq!((unit.group, unit.phenotype), (O_NEG, Bombay));

    // One number is one donor: O under one product code and Bombay under another is one mistake.
    let mut beside = nobody.clone();
    beside.siblings = vec![Sibling { phenotype: Ordinary, ..Sibling::of(&unit).expect("speaks") }];
    beside.siblings[0].id = UnitId::of_label("A999926123456", "E0701V00");
    let refused = say(&command, &beside).expect_err("two groups");
    assert_eq!(stopped(&Err(refused)), Some(Rule::DonationGroupsDiffer));

    let reserve = Command::Reserve { patient: person(1), until: None };
    let policy = Policy::who();
    let for_whom = |phenotype, unit: &Unit| {
        let who = PatientFacts { phenotype, ..patient(O_NEG) };
        decide(Some(unit), &facts(who), &reserve, &[], &policy, noon(), cause(2))
    };
    assert!(for_whom(Bombay, &unit).is_ok());
    let ordinary = Unit { phenotype: Ordinary, ..unit.clone() };
    for (phenotype, unit) in [(Ordinary, &unit), (Bombay, &ordinary)] {
        let refused = for_whom(phenotype, unit).expect_err("the H antigens do not meet");
        assert_eq!(stopped(&Err(refused)), Some(Rule::PhenotypeIncompatible));
    }
}
