use super::*;
use bloodbank::care::TaskKind;
use bloodbank::haemovigilance::{
    Case, Category, Command, Done, Event as H, Findings, Imputability, Severity, Step, apply,
    decide, hold_sisters, suggest, tasks,
};
use kernel::Component::{Plasma, Platelets, RedCells};
use std::collections::BTreeSet;

fn opened(findings: Findings, units: Vec<UnitId>) -> (Case, H) {
    let command = Command::Open {
        patient: person(1),
        transfusion: Some(transfusion_id()),
        units,
        findings,
        suspected: BTreeSet::new(),
        prevented: None,
    };
    let event = decide(None, &command, noon()).expect("opened").remove(0);
    (apply(None, case_id(), &event).expect("known"), event)
}
fn run(case: Case, command: Command) -> Result<Case, Refusal> {
    let events = decide(Some(&case), &command, noon())?;
    Ok(events.iter().try_fold(case, |c, e| apply(Some(c), case_id(), e)).expect("known"))
}
fn step(step: Step) -> Command {
    Command::RecordStep { step, result: "negative".into(), by: nurse(3) }
}
fn classify(imputability: Imputability) -> Command {
    Command::Classify {
        category: Category::FebrileNonHaemolytic,
        severity: Severity::NonSevere,
        imputability,
        by: doctor(),
    }
}

#[test]
fn s66_fever_opens_a_case_lists_the_work_holds_the_sisters_and_closes_only_when_it_is_done() {
    let given = with(
        &bag(1, RedCells, O_POS),
        &[Event::Issued { patient: person(1), at: noon(), collected_by: "Porter".into() }],
    );
    let platelets = bag(2, Platelets, O_POS);
    let plasma = bag(3, Plasma, O_POS);
    let gone = with(
        &bag(4, Plasma, O_POS),
        &[Event::Issued { patient: person(5), at: noon(), collected_by: "Porter".into() }],
    );
    let hot = Findings { rise_tenths: Some(20), highest_tenths: Some(390), ..Findings::default() };
    let (case, event) = opened(hot, vec![given.id]);

    let work: Vec<_> = tasks(&case, &event).into_iter().map(|task| task.what).collect();
    assert_eq!(work[0], TaskKind::StopTransfusion);
    for needed in [
        TaskKind::ClericalCheck,
        TaskKind::VisualCheck,
        TaskKind::DirectAntiglobulinTest,
        TaskKind::RepeatGroups,
        TaskKind::Culture,
        TaskKind::ReturnBagAndSet,
    ] {
        assert!(work.contains(&needed), "{needed:?}");
    }

    let sisters = [given, platelets.clone(), plasma.clone(), gone];
    let held = hold_sisters(&case, &event, cause(1), &sisters);
    let units: Vec<UnitId> = held.iter().map(|(_, unit, _)| *unit).collect();
    assert_eq!(units, [platelets.id, plasma.id], "neither the bag itself nor what has left");
    for (unit, (_, _, command)) in [&platelets, &plasma].into_iter().zip(&held) {
        let facts = Facts { site: "hill".into(), ..Facts::default() };
        let by = CommandId::of_reaction(cause(1), "hold_sisters", unit.id.0);
        let events = bloodbank::decide(Some(unit), &facts, command, &[], &policy(), noon(), by)
            .expect("held");
        assert_eq!(with(unit, &events).effective_status(noon()), Effective::Quarantined);
    }
    assert_eq!(
        hold_sisters(&case, &event, cause(1), &sisters),
        held,
        "twice is once: the same ids"
    );

    let missing = |case: &Case| {
        decide(Some(case), &Command::Close, noon())
            .expect_err("refused")
            .args()
            .get("steps")
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(missing(&case), "clerical,visual,direct_antiglobulin");
    let case = run(case, step(Step::Clerical)).expect("done");
    let case = run(case, step(Step::DirectAntiglobulin)).expect("done");
    assert_eq!(missing(&case), "visual");
    let case = run(case, step(Step::Visual)).expect("done");
    assert_eq!(missing(&case), "classification");
    let case = run(case, classify(Imputability::Possible)).expect("classified");
    assert!(run(case, Command::Close).expect("closed").closed_at.is_some());
}

#[test]
fn a_mild_fever_holds_no_sisters_until_somebody_suspects_more() {
    let mild = Findings { rise_tenths: Some(12), ..Findings::default() };
    let (case, event) = opened(mild, vec![bag(1, RedCells, O_POS).id]);
    let sisters = [bag(2, Platelets, O_POS)];
    assert_eq!(hold_sisters(&case, &event, cause(1), &sisters), []);
    let event = H::Suspected { category: Category::Trali };
    let case = apply(Some(case), case_id(), &event).expect("known");
    assert_eq!(hold_sisters(&case, &event, cause(2), &sisters).len(), 1);
}

#[test]
fn s67_probable_is_2_in_the_european_export_and_must_be_notified() {
    let (case, _) = opened(Findings::default(), vec![bag(1, RedCells, O_POS).id]);
    let event = decide(Some(&case), &classify(Imputability::Probable), noon())
        .expect("classified")
        .remove(0);
    let case = apply(Some(case), case_id(), &event).expect("known");
    assert_eq!(case.classification.expect("one").imputability.eu(), "2");
    assert!(case.must_notify_eu());
    assert_eq!(tasks(&case, &event)[0].what, TaskKind::NotifyAuthority);
    // It is not closed before somebody was told.
    assert!(case.missing().contains(&Step::Reported));
    let told = H::StepRecorded {
        done: Done {
            step: Step::Reported,
            result: "National office, number 12".into(),
            by: nurse(1),
            at: noon(),
        },
    };
    let case = apply(Some(case), case_id(), &told).expect("known");
    assert!(!case.missing().contains(&Step::Reported));
    assert_eq!(Step::of_task(TaskKind::NotifyAuthority), Some(Step::Reported));
}

#[test]
fn every_imputability_has_its_european_and_american_name() {
    let rows = Imputability::ALL.map(|one| (one.eu(), one.cdc(), one.must_notify_eu()));
    assert_eq!(
        rows,
        [
            ("NA", "not_determined", false),
            ("0", "ruled_out", false),
            ("0", "doubtful", false),
            ("1", "possible", false),
            ("2", "probable", true),
            ("3", "definite", true),
        ]
    );
}

#[test]
fn findings_and_time_propose_the_category() {
    let categories = |findings: Findings, after| -> Vec<Category> {
        suggest(&findings, after).into_iter().map(|one| one.category).collect()
    };
    let f = Findings::default;
    let fever = Findings { rise_tenths: Some(20), ..f() };
    assert_eq!(categories(fever, minutes(20)), [Category::FebrileNonHaemolytic]);
    assert_eq!(categories(fever, hours(30)), [], "too late for a fever of the bag");
    let mild = Findings { rise_tenths: Some(11), highest_tenths: Some(379), ..f() };
    assert_eq!(categories(mild, hours(1)), [Category::MildFebrile]);
    let haemolysis = Findings { haemoglobinuria: true, ..f() };
    assert_eq!(
        categories(haemolysis, hours(24)),
        [Category::AcuteHaemolytic, Category::DelayedHaemolytic]
    );
    assert_eq!(categories(haemolysis, hours(25)), [Category::DelayedHaemolytic]);
    let lungs = Findings { dyspnoea: true, hypoxia: true, ..f() };
    let trali = Findings { bilateral_infiltrates: true, ..lungs };
    assert_eq!(categories(trali, hours(6)), [Category::Trali]);
    assert_eq!(categories(trali, hours(7)), []);
    let taco = Findings { overload_signs: 2, ..trali };
    assert_eq!(categories(taco, hours(7)), [Category::Taco]);
    assert_eq!(categories(lungs, hours(2)), [Category::Dyspnoea]);
    let allergy = Findings { urticaria: true, ..f() };
    assert_eq!(categories(allergy, hours(1)), [Category::Allergic]);
    let shock = Findings { systolic_drop: Some(30), ..allergy };
    assert_eq!(categories(shock, hours(1)), [Category::Anaphylactic]);
    let bacteria = Findings { rise_tenths: Some(25), rigors: true, ..f() };
    assert_eq!(
        categories(bacteria, hours(1)),
        [Category::InfectionBacterial, Category::FebrileNonHaemolytic]
    );
}

#[test]
fn a_near_miss_is_a_case_without_blood_and_needs_the_clerical_check_only() {
    let command = Command::Open {
        patient: person(1),
        transfusion: None,
        units: vec![],
        findings: Findings::default(),
        suspected: BTreeSet::from([Category::NearMiss]),
        prevented: None,
    };
    let event = decide(None, &command, noon()).expect("opened").remove(0);
    let case = apply(None, case_id(), &event).expect("known");
    assert_eq!(case.missing(), [Step::Clerical]);
    let case = run(case, step(Step::Clerical)).expect("done");
    let case = run(
        case,
        Command::Classify {
            category: Category::NearMiss,
            severity: Severity::NonSevere,
            imputability: Imputability::Definite,
            by: doctor(),
        },
    )
    .expect("classified");
    assert!(!case.must_notify_eu(), "no blood did any harm");
    assert!(run(case, Command::Close).is_ok());
}

#[test]
fn an_open_case_asks_for_its_steps_in_one_line_and_for_what_cannot_wait_by_itself() {
    let (case, _) = opened(Findings::default(), vec![bag(1, RedCells, O_POS).id]);
    let kinds = |case: &Case, alerts: &[TaskKind], running| -> Vec<(TaskKind, Option<String>)> {
        let alert = |what: &TaskKind| bloodbank::care::Task {
            what: *what,
            due: None,
            args: bloodbank::Args::new(),
        };
        let left = case.left(alerts.iter().map(alert).collect(), running);
        left.into_iter().map(|task| (task.what, task.args.get("steps").cloned())).collect()
    };
    let work_up = |steps: &str| (TaskKind::WorkUpCase, Some(steps.to_owned()));
    let alert = [TaskKind::AlertWard];
    assert_eq!(
        kinds(&case, &alert, true),
        [(TaskKind::AlertWard, None), (TaskKind::StopTransfusion, None), work_up("6")]
    );
    let case = run(case, step(Step::Clerical)).expect("recorded");
    assert_eq!(kinds(&case, &[], false), [work_up("5")]);
    let done = [Step::Visual, Step::DirectAntiglobulin, Step::RepeatGroups, Step::Culture]
        .into_iter()
        .chain([Step::BagReturned])
        .fold(case, |case, one| run(case, step(one)).expect("recorded"));
    assert_eq!(kinds(&done, &alert, false).len(), 2, "nobody has judged it");
    let judged = run(done, classify(Imputability::Possible)).expect("judged");
    assert_eq!(kinds(&judged, &alert, false), [work_up("0")], "it has to be closed");
    let closed = run(judged, Command::Close).expect("closed");
    assert_eq!(kinds(&closed, &alert, false), []);
}
