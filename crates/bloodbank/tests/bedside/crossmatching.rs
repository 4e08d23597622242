use super::*;
use bloodbank::crossmatch::{Bench, Command, Condition, Minimum, Outcome, Why, decide, needed};
use bloodbank::history::Against;
use bloodbank::traits::Antigen;

fn unit() -> Unit {
    bag(1, Component::RedCells, A_POS)
}
fn minimum(sample: Option<&Sample>, facts: &crossmatch::Facts, care: &CarePolicy) -> Minimum {
    needed(&unit(), &retyped(A_POS), sample, facts, care, noon()).minimum.expect("red cells")
}
fn screened(screen: Option<Screen>) -> Sample {
    Sample { screen, ..tube(1, A_POS) }
}

#[test]
fn every_row_of_the_decision_table_gives_its_minimum() {
    use Method::{Ahg, Electronic, ImmediateSpin};
    let two = || validated(history_of(A_POS, &[1, 2]));
    let one = || validated(history_of(A_POS, &[1]));
    let antibody = |facts: crossmatch::Facts| crossmatch::Facts {
        history: with_antibody(facts.history, Against::Antigen(Antigen::BigE)),
        ..facts
    };
    let negative = screened(Some(Screen::Negative));
    let positive = screened(Some(Screen::Positive));
    let crossmatch = Minimum::Crossmatch;
    let rows: [(&str, Option<&Sample>, crossmatch::Facts, CarePolicy, Minimum); 9] = [
        ("all conditions", Some(&negative), two(), electronic(), crossmatch(Electronic)),
        ("not switched on", Some(&negative), two(), care(), crossmatch(ImmediateSpin)),
        ("one determination", Some(&negative), one(), electronic(), crossmatch(ImmediateSpin)),
        ("antibody once", Some(&negative), antibody(two()), electronic(), crossmatch(Ahg)),
        ("antibody, one group", Some(&negative), antibody(one()), electronic(), crossmatch(Ahg)),
        ("screen positive", Some(&positive), two(), electronic(), crossmatch(Ahg)),
        ("no sample", None, two(), electronic(), Minimum::NewSample),
        ("screen not done", Some(&screened(None)), two(), electronic(), Minimum::EmergencyOnly),
        (
            "transplant",
            Some(&negative),
            crossmatch::Facts {
                history: History { transplant: true, ..history_of(A_POS, &[1, 2]) },
                ..two()
            },
            electronic(),
            crossmatch(Ahg),
        ),
    ];
    for (name, sample, facts, care, wanted) in rows {
        assert_eq!(minimum(sample, &facts, &care), wanted, "{name}");
    }
}

#[test]
fn a_discrepancy_asks_for_group_o_a_tube_and_a_physician() {
    let conflict = history::apply(
        Some(history_of(A_POS, &[1])),
        &history::Event::Determined(history::Determination {
            sample: sample_id(2),
            group: O_POS,
            at: noon(),
            historic: true,
        }),
    );
    let sample = tube(1, A_POS);
    let answer = needed(
        &unit(),
        &retyped(A_POS),
        Some(&sample),
        &validated(conflict),
        &electronic(),
        noon(),
    );
    assert_eq!(answer.minimum, Some(Minimum::Crossmatch(Method::Ahg)));
    assert!(answer.group_o_only && answer.medical_review);
    assert!(answer.why.contains(&Why::Discrepancy));
}

#[test]
fn plasma_needs_no_crossmatch() {
    let plasma = bag(1, Component::Plasma, A_POS);
    let facts = validated(History::default());
    let answer = needed(&plasma, &retyped(A_POS), None, &facts, &care(), noon());
    assert_eq!(answer.minimum, None);
}

#[test]
fn s45_one_determination_refuses_the_computer_and_offers_a_spin_with_group_o() {
    let facts = validated(history_of(A_POS, &[1]));
    let sample = tube(1, A_POS);
    let ask = |unit: &Unit, method| {
        let traits = retyped(unit.group);
        let bench = Bench { unit, traits: &traits, sample: Some(&sample), facts: &facts };
        let command = Command::Record {
            patient: person(1),
            unit: unit.id,
            method,
            outcome: Outcome::Compatible,
            done_at: noon(),
            by: nurse(3),
            retrospective: false,
        };
        decide(None, Some(&bench), &command, &electronic(), noon())
    };
    let o = bag(2, Component::RedCells, O_POS);
    let refusal = ask(&o, Method::Electronic).expect_err("refused");
    assert_eq!(refusal.stopped_by(), Some(CareRule::ElectronicNotAllowed));
    assert_eq!(refusal.args().get("conditions").map(String::as_str), Some("two_determinations"));
    assert_eq!(refusal.args().get("offered").map(String::as_str), Some("immediate_spin_group_o"));
    assert!(ask(&o, Method::ImmediateSpin).is_ok());
    assert_eq!(stop(ask(&unit(), Method::ImmediateSpin)), CareRule::OnlyGroupO);
}

#[test]
fn each_condition_of_the_computer_alone_is_enough_to_refuse_it() {
    type Break = fn(&mut crossmatch::Facts, &mut UnitTraits, &mut CarePolicy, &mut Sample);
    let breaks: [(Condition, Break); 10] = [
        (Condition::SwitchedOn, |_, _, care, _| care.electronic_crossmatch.value = false),
        (Condition::AboPrevented, |facts, _, _, _| {
            facts.validation.as_mut().expect("validated").abo_prevention_shown = false;
        }),
        (Condition::NoAntibodyEver, |_, _, _, sample| sample.screen = Some(Screen::Positive)),
        (Condition::TwoDeterminations, |facts, _, _, _| facts.history = history_of(A_POS, &[1])),
        (Condition::ValidatedOnSite, |facts, _, _, _| facts.program = "0.2.0".into()),
        (Condition::UnitConfirmed, |_, traits, _, _| traits.confirmed = None),
        (Condition::EntryVerified, |_, traits, _, _| {
            let retype = traits.confirmed.as_mut().expect("retyped");
            retype.verified_by = retype.entered_by;
        }),
        (Condition::LabelAgrees, |_, traits, _, _| {
            traits.confirmed.as_mut().expect("retyped").group = O_POS;
        }),
        (Condition::HistoryFresh, |facts, _, _, _| facts.history_as_of = Some(noon() - hours(25))),
        (Condition::RecordIntact, |facts, _, _, _| facts.record_intact = false),
    ];
    for (condition, spoil) in breaks {
        let mut facts = validated(history_of(A_POS, &[1, 2]));
        let (mut traits, mut care, mut sample) = (retyped(A_POS), electronic(), tube(1, A_POS));
        let before = needed(&unit(), &traits, Some(&sample), &facts, &care, noon());
        assert_eq!(before.failed, [], "all conditions hold at first");
        spoil(&mut facts, &mut traits, &mut care, &mut sample);
        let answer = needed(&unit(), &traits, Some(&sample), &facts, &care, noon());
        assert!(answer.failed.contains(&condition), "{condition:?}: {:?}", answer.failed);
        assert_ne!(
            answer.minimum,
            Some(Minimum::Crossmatch(Method::Electronic)),
            "{condition:?} must refuse it"
        );
    }
}

#[test]
fn s72_a_record_that_does_not_verify_takes_the_computer_away() {
    let mut facts = validated(history_of(A_POS, &[1, 2]));
    let sample = tube(1, A_POS);
    assert_eq!(
        minimum(Some(&sample), &facts, &electronic()),
        Minimum::Crossmatch(Method::Electronic)
    );
    facts.record_intact = false;
    assert_eq!(
        minimum(Some(&sample), &facts, &electronic()),
        Minimum::Crossmatch(Method::ImmediateSpin)
    );
}

#[test]
fn a_history_of_exactly_the_limit_is_fresh_and_one_from_the_future_is_not() {
    let sample = tube(1, A_POS);
    let aged = |as_of| {
        let facts =
            crossmatch::Facts { history_as_of: as_of, ..validated(history_of(A_POS, &[1, 2])) };
        minimum(Some(&sample), &facts, &electronic())
    };
    let computer = Minimum::Crossmatch(Method::Electronic);
    assert_eq!(aged(Some(noon() - hours(24))), computer);
    for bad in [Some(noon() - hours(24) - minutes(1)), Some(noon() + minutes(1)), None] {
        assert_ne!(aged(bad), computer, "{bad:?}");
    }
}

#[test]
fn a_crossmatch_lives_no_longer_than_its_sample_and_its_unit() {
    let unit = bag_until(1, Component::RedCells, A_POS, "2026-11-20T23:59:00");
    let sample = tube(1, A_POS);
    let facts = validated(history_of(A_POS, &[1, 2]));
    let traits = retyped(A_POS);
    let record = |unit: &Unit| {
        let bench = Bench { unit, traits: &traits, sample: Some(&sample), facts: &facts };
        let command = Command::Record {
            patient: person(1),
            unit: unit.id,
            method: Method::Ahg,
            outcome: Outcome::Compatible,
            done_at: noon(),
            by: nurse(3),
            retrospective: false,
        };
        match decide(None, Some(&bench), &command, &care(), noon()).expect("recorded").remove(0) {
            crossmatch::Event::Recorded { valid_until, .. } => valid_until,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(record(&unit), unit.expires.at, "the unit ends first");
    let long = bag(2, Component::RedCells, A_POS);
    assert_eq!(record(&long), noon() + hours(72), "the method's own life");
    assert!(record(&long) <= sample.valid_until.at);
}

#[test]
fn s61_an_entry_after_downtime_keeps_both_times_and_an_old_sample_stays_too_old() {
    // Done on paper at 10:00 today, typed in at 12:00.
    let facts = validated(history_of(A_POS, &[1, 2]));
    let traits = retyped(A_POS);
    let unit = unit();
    let record = |sample: &Sample, done_at| {
        let bench = Bench { unit: &unit, traits: &traits, sample: Some(sample), facts: &facts };
        let command = Command::Record {
            patient: person(1),
            unit: unit.id,
            method: Method::Ahg,
            outcome: Outcome::Compatible,
            done_at,
            by: nurse(3),
            retrospective: false,
        };
        decide(None, Some(&bench), &command, &care(), noon())
    };
    let events = record(&tube(1, A_POS), noon() - hours(2)).expect("entered late");
    let crossmatch::Event::Recorded { done_at, at, .. } = &events[0] else { panic!("{events:?}") };
    assert_eq!((*done_at, *at), (noon() - hours(2), noon()));

    // A sample that had run out when the tube was mixed is not accepted because it is entered now.
    let mut old = tube(1, A_POS);
    old.valid_until.at = noon() - hours(3);
    assert_eq!(stop(record(&old, noon() - hours(2))), CareRule::SampleTooOld);
    // Nor the other way: mixed before it was drawn, or in the future.
    assert_eq!(stop(record(&tube(1, A_POS), noon() - hours(12))), CareRule::TimeNotPossible);
    assert_eq!(stop(record(&tube(1, A_POS), noon() + hours(1))), CareRule::TimeNotPossible);

    let late = bedside::Occurred::late_entry(noon() - hours(5), noon()).expect("a late entry");
    assert_ne!(late.at, late.recorded_at);
    assert_eq!(
        stop(bedside::Occurred::late_entry(noon() + minutes(1), noon())),
        CareRule::TimeNotPossible
    );
    let bag = |din: &str| (din.to_owned(), "E0336V00".to_owned());
    let form = [bag("A999926000001"), bag("A999926000002"), bag("A999926000001")];
    let known = [bag("A999926000002")];
    assert_eq!(bedside::duplicates(&form, &known), [1, 2], "issued before, and twice on the form");
}
