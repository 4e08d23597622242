//! The scenarios of bloodbank.md 6 that need two sites: two workstations that exchange through an
//! authority, in memory. Each is run with both orders in which the sites may come online, where the order
//! could matter.

mod sites;

use acceptance::exchange::States;
use bloodbank::bedside::{BedsideCheck, Command as AtBed};
use bloodbank::care::{CareRule, Task, TaskKind};
use bloodbank::donation::{self, Command as OfDonation, HoldReason, NumberCommand, review};
use bloodbank::donor::{Command as OfDonor, Ends, Sign, Verdict as Judged};
use bloodbank::haemovigilance::{Category, Command as OfCase, Findings};
use bloodbank::issue::{Command as OfIssue, Return, Stamp, Status as Way};
use bloodbank::lab::{New, PartCommand, PartState, Product, Stage, Treatment, Work};
use bloodbank::lookback::{self, Found, Recall};
use bloodbank::profile::Marker;
use bloodbank::transfer::{self, Status as Box_};
use bloodbank::{Command as OfUnit, DiscardReason, Effective, Rule, Status};
use kernel::{CaseId, Component, DonorId, Millilitres, PatientId, RecallId, StaffId, UnitId};
use ledger::Verdict;
use records::{Body, Care, CareBody, CareKey, Dispense, Edges, Key, Later, Refused, State};
use sites::*;
use std::collections::{BTreeMap, BTreeSet};

/// Which site is heard first.
const ORDERS: [[usize; 2]; 2] = [[HOSPITAL, CLINIC], [CLINIC, HOSPITAL]];

fn quarantined(status: &Status) -> bool {
    matches!(status, Status::Quarantined { .. })
}
fn stopped(refused: &Refused) -> Option<CareRule> {
    why(refused).0
}
fn incident(verdict: &Verdict<Refused>) -> Option<CareRule> {
    match verdict {
        Verdict::Incident(refused) => stopped_or_warned(refused),
        _ => None,
    }
}
fn stopped_or_warned(refused: &Refused) -> Option<CareRule> {
    match refused {
        Refused::InPart { why, .. } => stopped_or_warned(why),
        Refused::Care(refusal) => {
            refusal.stopped_by().or_else(|| refusal.asks_for().first().copied())
        }
        other => stopped(other),
    }
}
/// A recall as a site sees it, with its bags as they are now.
fn seen(states: &States, recall: RecallId) -> Recall {
    let known = recalls(states).into_iter().find(|one| one.id == recall).expect("known here");
    let edges = Edges(states);
    known.as_it_is(|bag| Ok::<_, ()>(edges.target(bag))).expect("read")
}
fn tasks_of(recall: &Recall, house: &House) -> Vec<Task> {
    let opened = lookback::Event::Opened {
        reason: recall.reason.clone(),
        targets: recall.targets.clone(),
        at: recall.opened_at,
    };
    lookback::tasks(recall, &opened, &house.policy.care)
}
fn says(task: &Task, name: &str, value: impl ToString) -> bool {
    task.args.get(name) == Some(&value.to_string())
}
fn issue_of(
    states: &States,
    bag: UnitId,
    to: PatientId,
) -> Option<&bloodbank::issue::Dispensation> {
    Edges(states).issues().find(|one| one.unit == bag && one.patient == to)
}
/// Brought back in time, with nothing wrong with it.
fn brought_back(house: &mut House, site: usize, bag: UnitId, to: PatientId) {
    let issue = issue_of(house.at(site), bag, to).expect("it was issued");
    let (id, left) = (issue.id, Stamp::exact(issue.left_storage_at));
    let back = Return {
        left,
        back: Stamp::exact(house.now()),
        temperature: None,
        seal_intact: true,
        segment_attached: true,
        appearance_ok: true,
        excursions: 0,
    };
    let command = Box::new(Dispense { unit: bag, does: OfIssue::TakeBack { back } });
    house.must(site, Body::Care(CareBody::Dispensation { id, command }));
}

#[test]
fn s24_two_donations_that_did_not_know_of_each_other_are_both_kept_the_second_is_held_and_a_physician_is_asked()
 {
    for order in ORDERS {
        let mut house = House::new();
        let donor = house.register(HOSPITAL, "Odhiambo");
        house.sync(&[HOSPITAL, CLINIC]);
        // Both offline: the clinic first, the hospital ten days later, each as if it were the only one.
        let first = house.bleed(CLINIC, donor);
        house.wait(10 * 24 * 60);
        let (second, bags) = house.stocked(HOSPITAL, donor);
        assert_eq!(house.unit(HOSPITAL, bags[0]).status, Status::Available, "nothing speaks yet");
        house.sync(&order);
        for states in [house.at(HOSPITAL), house.at(CLINIC)] {
            let (one, two) = (donation(states, first), donation(states, second));
            let (one, two) = (one.expect("kept"), two.expect("kept"));
            assert!(one.ended.is_some() && two.ended.is_some(), "{order:?}");
            let known = sites::donor(states, donor).expect("known");
            let given: Vec<_> = known.donations.iter().map(|past| past.donation).collect();
            assert_eq!(given, [first, second], "nothing is deleted");
            let too_soon = |one: &donation::Donation| {
                one.holds.iter().any(|hold| hold.reason == HoldReason::IntervalViolation)
            };
            assert!(too_soon(two) && !too_soon(one), "{order:?} {:?} {:?}", one.holds, two.holds);
            // Heard after the other, it was screened without what the list says now: somebody looks.
            assert_eq!(one.is_held(), order == [HOSPITAL, CLINIC], "{order:?} {:?}", one.holds);
            for bag in bags {
                let bag = sites::unit(states, bag).expect("kept");
                assert!(quarantined(&bag.status), "{order:?} {:?}", bag.status);
            }
            assert_eq!(review(one), None);
            let task = review(two).expect("a physician looks at the donor");
            assert_eq!((task.what, task.due), (TaskKind::MedicalReview, None));
            assert!(says(&task, "donor", donor) && says(&task, "donation", second), "{task:?}");
        }
        // Nobody lifts it alone, and no bag of it is given meanwhile.
        let hold = donation(house.at(HOSPITAL), second).expect("kept").holds[0].cause;
        let command = OfDonation::LiftHold { hold, reason: "looks well".into() };
        let alone = Act { second: None, ..house.act(HOSPITAL) };
        let refused = house.give(HOSPITAL, alone, Body::Donation { id: second, command });
        assert!(matches!(refused, Err(Refused::Donation(_))), "{refused:?}");
        let refused = house.issues(HOSPITAL, bags[2], patient(1)).expect_err("on hold");
        assert_eq!(stopped(&refused), Some(CareRule::Unit(Rule::UnitQuarantined)));
    }
}

#[test]
fn s28_somebody_deferred_for_ever_elsewhere_gives_at_an_offline_site_only_as_pending() {
    let mut house = House::new();
    let known = DonorId(house.new_id());
    let identity = House::identity("Wanjiru", "Stephen", "1990-05-17");
    let body = house.registration(known, identity, House::contact("+254 700 000 001"));
    house.must(HOSPITAL, body);
    let never = OfDonor::DeferUntil {
        code: "hiv".into(),
        ends: Ends::Never,
        only: vec![],
        reason: "confirmed".into(),
    };
    house.must(HOSPITAL, Body::Donor { id: known, command: never });
    house.sync(&[HOSPITAL, CLINIC]);

    // Offline, another telephone, another spelling: the list that the clinic has says who it may be.
    let new = DonorId(house.new_id());
    let identity = House::identity("Wanjiro", "Steven", "1990-05-17");
    let body = house.registration(new, identity, House::contact("+254 711 222 333"));
    let act = house.act(CLINIC);
    let refused = house.give(CLINIC, act, body.clone()).expect_err("a warning");
    let Refused::InPart { why: refused, .. } = refused else { panic!("{refused:?}") };
    let Refused::Donor(bloodbank::Refused::NeedsOverride { rules, args }) = *refused else {
        panic!("{refused:?}")
    };
    assert_eq!(rules, [bloodbank::donor::Rule::LikelySame]);
    assert_eq!(args["donor"], known.to_string());
    assert_eq!(args["deferred"], "true");
    let act = Act { duplicates: true, ..house.act(CLINIC) };
    house.give(CLINIC, act, body).expect("passed by name");
    let like = &sites::donor(house.at(CLINIC), new).expect("registered").likely_same[0];
    assert!(like.likely && like.signs.contains(&Sign::AlikeName), "{:?}", like.signs);

    let given = house.bleed(CLINIC, new);
    let screening = &sites::donor(house.at(CLINIC), new).expect("known").screenings[0];
    assert!(screening.result.pending && screening.result.verdict == Judged::Accept);
    let held = |states: &States| {
        let one = donation(states, given).expect("kept");
        one.holds.iter().any(|hold| hold.reason == HoldReason::IdentityPending)
    };
    assert!(held(house.at(CLINIC)), "offline it waits");
    let bags = house.divide(CLINIC, given);
    house.test(CLINIC, given);
    let refused = house.release(CLINIC, given, bags[0]).expect_err("held");
    let Refused::InPart { why: refused, .. } = refused else { panic!("{refused:?}") };
    let Refused::Lab(bloodbank::lab::Refused::HardStop { rule, .. }) = *refused else {
        panic!("{refused:?}")
    };
    assert_eq!(rule, bloodbank::lab::Rule::Held);

    house.sync(&[CLINIC, HOSPITAL]);
    assert!(held(house.at(HOSPITAL)) && held(house.at(CLINIC)), "the same at both sites");
    // At the hospital two people look: it is that person, so the blood is never freed.
    let settle = |of: DonorId, other: DonorId| {
        let (same, reason) = (true, "the same finger prints".to_owned());
        Body::Donor { id: of, command: OfDonor::SettleLikeness { other, same, reason } }
    };
    house.must(HOSPITAL, Body::Together(vec![settle(new, known), settle(known, new)]));
    let states = house.at(HOSPITAL);
    let records = [new, known].map(|id| sites::donor(states, id).expect("known").clone());
    let all = [donation(states, given).expect("kept").clone()];
    let follows = donation::after_looking(&records, &all, "looked", &house.policy.rule_book);
    let lifts = follows.iter().any(|(_, c)| matches!(c, OfDonation::LiftHold { .. }));
    assert!(!lifts, "{follows:?}");
    house.sync(&[HOSPITAL, CLINIC]);
    assert!(held(house.at(CLINIC)));
}

#[test]
fn s33_fever_after_giving_recalls_the_bags_of_both_sites_also_one_that_a_ward_has_not_begun() {
    for order in ORDERS {
        let mut house = House::new();
        let donor = house.register(HOSPITAL, "Odhiambo");
        let (given, [red, platelets, plasma]) = house.stocked(HOSPITAL, donor);
        house.sync(&[HOSPITAL, CLINIC]);
        house.send_to_clinic(&[platelets, plasma]);
        // The clinic goes offline and issues the plasma, which the ward has not begun.
        house.request(CLINIC, patient(1), Component::Plasma);
        house.wait(60);
        house.issues(CLINIC, plasma, patient(1)).expect("nothing is known against it");
        // The next day the donor telephones the hospital.
        house.wait(20 * 60);
        let told = OfDonor::ReportAfter { donation: given, code: "fever".into(), note: None };
        let hold = OfDonation::Hold { reason: HoldReason::ReportedAfter };
        let targets = targets_of(house.at(HOSPITAL), &[given]);
        assert_eq!(targets.len(), 3, "all that the hospital knows of");
        let recall = RecallId(house.new_id());
        let reason = "the donor told something after giving".to_owned();
        let open = Box::new(lookback::Command::Open { reason, targets });
        house.must(
            HOSPITAL,
            Body::Together(vec![
                Body::Donor { id: donor, command: told },
                Body::Donation { id: given, command: hold },
                Body::Care(CareBody::Recall { id: recall, command: open }),
            ]),
        );
        assert!(quarantined(&house.unit(HOSPITAL, red).status), "at once, where it is known");
        let verdicts = house.sync(&order);
        // The clinic was right by what it knew; heard second, it is an incident that is kept.
        let broken: Vec<_> = verdicts.values().filter_map(incident).collect();
        assert_eq!(broken.is_empty(), order == [CLINIC, HOSPITAL], "{order:?} {broken:?}");
        for bag in [red, platelets] {
            assert!(house.everywhere(bag).into_iter().all(quarantined), "{order:?}");
        }
        for states in [house.at(HOSPITAL), house.at(CLINIC)] {
            let given_out = sites::unit(states, plasma).expect("known");
            assert!(
                matches!(given_out.status, Status::Issued { patient: p, .. } if p == patient(1)),
                "{order:?} {:?}",
                given_out.status
            );
            assert!(
                issue_of(states, plasma, patient(1)).is_some(),
                "{order:?}: its record is kept"
            );
            let recall = seen(states, recall);
            let found: BTreeMap<_, _> = recall.targets.iter().map(|t| (t.unit, t.found)).collect();
            assert_eq!(found[&red], Found::InStock);
            assert_eq!(found[&platelets], Found::InStock);
            assert_eq!(found[&plasma], Found::Issued, "{order:?}");
            assert_eq!(recall.pending(), SITES.into(), "both sites have to answer");
            let tasks = tasks_of(&recall, &house);
            let alerts = tasks.iter().filter(|t| t.what == TaskKind::AlertWard);
            let alerts: Vec<_> = alerts.collect();
            assert_eq!(alerts.len(), 1, "{tasks:?}");
            assert!(alerts[0].due.is_none() && says(alerts[0], "patient", patient(1)));
            assert!(says(alerts[0], "unit", plasma) && says(alerts[0], "site", SITES[CLINIC]));
            let asked: BTreeSet<_> = tasks
                .iter()
                .filter(|task| task.what == TaskKind::AcknowledgeRecall)
                .filter_map(|task| task.args.get("site").map(String::as_str))
                .collect();
            assert_eq!(asked, SITES.into(), "{tasks:?}");
        }
        // The ward that has it does not begin it.
        let issue = issue_of(house.at(CLINIC), plasma, patient(1)).expect("kept").id;
        let (first, second) = at_bench(CLINIC);
        let check = BedsideCheck {
            wristband: patient(1),
            spoken_agrees: true,
            bag: bloodbank::issue::BagScan {
                din: house.unit(CLINIC, plasma).din.clone(),
                product_code: PLASMA.into(),
                group: O_POS,
                phenotype: bloodbank::traits::Phenotype::Ordinary,
            },
            slip: None,
            first: staff(first as u128),
            second: staff(second as u128),
            appearance_ok: true,
            consent: true,
        };
        let id = kernel::TransfusionId(issue.0);
        let command = Box::new(AtBed::Check { check: Box::new(check) });
        let act = house.act(CLINIC);
        let refused = house.give(CLINIC, act, Body::Care(CareBody::Transfusion { id, command }));
        assert_eq!(stopped(&refused.expect_err("recalled")), Some(CareRule::Recalled));
    }
}

#[test]
fn s34_a_reactive_result_at_the_server_after_an_offline_issue_alerts_with_patient_and_clinician_and_the_bag_never_comes_back()
 {
    for early in [true, false] {
        let mut house = House::new();
        let donor = house.register(HOSPITAL, "Odhiambo");
        let (given, [_, platelets, plasma]) = house.stocked(HOSPITAL, donor);
        house.sync(&[HOSPITAL, CLINIC]);
        house.send_to_clinic(&[platelets, plasma]);
        // The clinic is offline from 09:00 to 11:00 and issues at half past nine, or half past ten.
        house.request(CLINIC, patient(1), Component::Plasma);
        house.wait(30);
        if early {
            house.issues(CLINIC, plasma, patient(1)).expect("nothing is known against it");
        }
        house.wait(30);
        let first = house.reactive(given, Marker::Hbv, Stage::Initial);
        house.wait(10);
        let repeat = house.reactive(given, Marker::Hbv, Stage::Repeat);
        let recall = house.confirm(given, &[first, repeat], "hepatitis_b");
        assert!(sites::unit(house.states(), plasma).is_some_and(|u| quarantined(&u.status)));
        house.wait(20);
        if !early {
            house.issues(CLINIC, plasma, patient(1)).expect("nothing is known against it here");
        }
        house.wait(30);
        let verdicts = house.sync(&[CLINIC, HOSPITAL]);
        let broken: BTreeSet<_> = verdicts.values().filter_map(incident).collect();
        assert!(!broken.is_empty(), "the offline issue is an incident: {verdicts:?}");
        for states in [house.at(HOSPITAL), house.at(CLINIC)] {
            let bag = sites::unit(states, plasma).expect("known");
            let to = match bag.status {
                Status::Issued { patient, .. } => Some(patient),
                _ => None,
            };
            assert_eq!(to, Some(patient(1)), "it left, whatever was known: {:?}", bag.status);
            let issue = issue_of(states, plasma, patient(1)).expect("the patient's record is kept");
            assert_eq!(issue.status, Way::Out);
            assert!(!issue.against.is_empty(), "and says what it broke");
            assert_eq!(issue.recorded_at, None, "it was recorded when it happened");
            let alerts = tasks_of(&seen(states, recall), &house);
            for what in [TaskKind::AlertWard, TaskKind::AlertPhysician] {
                let alert = alerts.iter().find(|task| task.what == what).expect("an alert");
                assert_eq!(alert.due, None, "of the highest priority");
                assert!(says(alert, "patient", patient(1)), "{alert:?}");
                assert!(says(alert, "clinician", staff(PHYSICIAN as u128)), "{alert:?}");
                assert!(says(alert, "unit", plasma) && says(alert, "site", SITES[CLINIC]));
            }
            assert!(quarantined(&sites::unit(states, platelets).expect("known").status));
        }
        // Brought back unopened and in time it is still no bag that anybody may have.
        house.wait(1);
        brought_back(&mut house, CLINIC, plasma, patient(1));
        assert!(quarantined(&house.unit(CLINIC, plasma).status), "early {early}");
        house.sync(&[CLINIC, HOSPITAL]);
        assert!(house.everywhere(plasma).into_iter().all(quarantined));
        for cause in
            house.unit(CLINIC, plasma).quarantines.iter().map(|q| q.cause).collect::<Vec<_>>()
        {
            let command = OfUnit::LiftQuarantine { reason: "looks fine".into(), lifts: cause };
            let act = house.act(CLINIC);
            let refused = house.give(CLINIC, act, Body::Unit { id: plasma, command });
            assert_eq!(
                stopped(&refused.expect_err("recalled")),
                Some(CareRule::Unit(Rule::UnitQuarantined))
            );
        }
        let refused = house.issues(CLINIC, plasma, patient(2)).expect_err("stopped");
        assert_eq!(stopped(&refused), Some(CareRule::Unit(Rule::UnitQuarantined)));
    }
}

#[test]
fn a_bag_that_was_issued_before_the_recall_came_goes_back_into_quarantine_and_not_on_the_shelf() {
    let mut house = House::new();
    let donor = house.register(HOSPITAL, "Odhiambo");
    let (given, [_, _, plasma]) = house.stocked(HOSPITAL, donor);
    house.sync(&[HOSPITAL, CLINIC]);
    house.send_to_clinic(&[plasma]);
    house.issues(CLINIC, plasma, patient(1)).expect("nothing is known against it");
    house.sync(&[CLINIC, HOSPITAL]);
    let first = house.reactive(given, Marker::Hbv, Stage::Initial);
    let repeat = house.reactive(given, Marker::Hbv, Stage::Repeat);
    house.confirm(given, &[first, repeat], "hepatitis_b");
    house.sync(&[CLINIC, HOSPITAL]);
    assert_eq!(house.unit(CLINIC, plasma).quarantines, [], "an issued bag is with the ward");
    house.wait(5);
    brought_back(&mut house, CLINIC, plasma, patient(1));
    assert!(quarantined(&house.unit(CLINIC, plasma).status), "at once, offline");
    house.sync(&[CLINIC, HOSPITAL]);
    assert!(house.everywhere(plasma).into_iter().all(quarantined));
}

#[test]
fn s41_a_bag_that_was_quarantined_elsewhere_is_not_reserved_by_an_offline_device() {
    let stop = |reason: &str| OfUnit::Quarantine { reason: reason.into() };
    let hold = |patient| OfUnit::Reserve { patient, until: None };
    // From a list that is out of date: it is only ever asked for, and refused.
    let mut house = House::new();
    house.leases = false;
    let donor = house.register(HOSPITAL, "Odhiambo");
    let of = house.bleed(HOSPITAL, donor);
    let [_, listed, _] = house.divide(HOSPITAL, of);
    house.test(HOSPITAL, of);
    house.release(HOSPITAL, of, listed).expect("nothing stands against it");
    house.sync(&[HOSPITAL, CLINIC]);
    house.must(HOSPITAL, Body::Unit { id: listed, command: stop("clot") });
    let offline = Act { site: HOSPITAL, ..house.act(CLINIC) };
    let body = Body::Unit { id: listed, command: hold(patient(1)) };
    let asked = house.give(CLINIC, offline, body).expect("the list says that it is free");
    let verdicts = house.sync(&[HOSPITAL, CLINIC]);
    let Verdict::Rejected(refused) = &verdicts[&asked] else { panic!("{verdicts:?}") };
    assert_eq!(stopped(refused), Some(CareRule::Unit(Rule::UnitQuarantined)));
    assert!(house.everywhere(listed).into_iter().all(quarantined));

    let mut house = House::new();
    let donor = house.register(HOSPITAL, "Odhiambo");
    let (_, [red, _, plasma]) = house.stocked(HOSPITAL, donor);
    house.sync(&[HOSPITAL, CLINIC]);
    house.send_to_clinic(&[plasma]);
    // Of its own shelf, under its own lease, while somebody else has stopped the bag.
    house.must(HOSPITAL, Body::Unit { id: plasma, command: stop("supplier warns") });
    let own = house.must(CLINIC, Body::Unit { id: plasma, command: hold(patient(1)) });
    // And where the device knows, there and then.
    house.must(HOSPITAL, Body::Unit { id: red, command: stop("leak") });
    let act = house.act(HOSPITAL);
    let at_once = house.give(HOSPITAL, act, Body::Unit { id: red, command: hold(patient(1)) });
    assert_eq!(
        stopped(&at_once.expect_err("known here")),
        Some(CareRule::Unit(Rule::UnitQuarantined))
    );
    let verdicts = house.sync(&[HOSPITAL, CLINIC]);
    assert_eq!(incident(&verdicts[&own]), Some(CareRule::Unit(Rule::UnitQuarantined)));
    for bag in [red, plasma] {
        assert!(house.everywhere(bag).into_iter().all(quarantined), "no promise is left of it");
    }
    let refused = house.issues(CLINIC, plasma, patient(1)).expect_err("stopped");
    assert_eq!(stopped(&refused), Some(CareRule::Unit(Rule::UnitQuarantined)));
    // The other way round: the promise is known first, and the quarantine ends it.
    let (_, [red, ..]) = {
        let donor = house.register(HOSPITAL, "Barasa");
        house.stocked(HOSPITAL, donor)
    };
    house.sync(&[HOSPITAL, CLINIC]);
    house.must(HOSPITAL, Body::Unit { id: red, command: hold(patient(2)) });
    house.must(CLINIC, Body::Unit { id: red, command: stop("supplier warns") });
    house.sync(&[HOSPITAL, CLINIC]);
    assert!(house.everywhere(red).into_iter().all(quarantined));
}

#[test]
fn s42_a_pool_made_at_the_other_site_is_recalled_with_all_that_went_into_it() {
    for order in ORDERS {
        let mut house = House::new();
        let (one, two) = (house.register(HOSPITAL, "Odhiambo"), house.register(CLINIC, "Barasa"));
        house.sync(&[HOSPITAL, CLINIC]);
        let (given, [red, platelets, plasma]) = house.stocked(HOSPITAL, one);
        let (_, [others_red, others, _]) = house.stocked(CLINIC, two);
        house.sync(&[HOSPITAL, CLINIC]);
        house.send_to_clinic(&[platelets]);
        // Offline the clinic pools it with platelets of its own.
        house.wait(30);
        let today = house.now().with_timezone(&zone()).date_naive();
        let din = match house.at(CLINIC).get(&Key::Numbers) {
            Some(State::Numbers(all)) => {
                all.of(SITES[CLINIC]).next(today).expect("left").as_str().to_owned()
            }
            _ => panic!("no numbers"),
        };
        let code = "D1010V00";
        let (pool, volume) = (UnitId::of_label(&din, code), Millilitres(120));
        let treatment = Treatment {
            work: Work::Pool,
            open: false,
            at: house.now(),
            into: vec![New { din: din.clone(), product_code: code.into(), volume }],
        };
        let part = |id: UnitId| Edges(house.at(CLINIC)).part(id).expect("made").clone();
        let (a, b) = (part(platelets), part(others));
        let made =
            bloodbank::lab::treat(&[&a, &b], &treatment, &house.policy.rule_book, house.now());
        let made = made.expect("they go together").remove(0);
        assert_eq!((made.product, made.state), (Product::PlateletsPooled, PartState::Available));
        let receive =
            bloodbank::lab::receipt(&made, "Agitator", false, Default::default()).expect("stocked");
        let mut parts = vec![
            Body::Numbers(NumberCommand::Use { din }),
            Body::Part { id: pool, command: PartCommand::Treat { treatment } },
        ];
        for id in [platelets, others] {
            parts.push(Body::Part { id, command: PartCommand::Modify { work: Work::Pool } });
            let (reason, note) = (DiscardReason::Processed, Some("pool".to_owned()));
            parts.push(Body::Unit { id, command: OfUnit::Discard { reason, note } });
        }
        parts.push(Body::Unit { id: pool, command: receive });
        house.must(CLINIC, Body::Together(parts));
        assert_eq!(house.unit(CLINIC, pool).status, Status::Available);
        // Meanwhile the donation turns reactive at the server, which knows of no pool.
        if order == [CLINIC, HOSPITAL] {
            house.push(CLINIC);
        }
        let first = house.reactive(given, Marker::Hcv, Stage::Initial);
        let repeat = house.reactive(given, Marker::Hcv, Stage::Repeat);
        // Whoever confirms it sees what the hospital has heard of.
        let recall = if order == [CLINIC, HOSPITAL] {
            let known = targets_of(house.at(HOSPITAL), &[given]);
            assert!(!known.iter().any(|target| target.unit == pool), "the hospital has not pulled");
            confirm_with(&mut house, given, &[first, repeat], known)
        } else {
            house.confirm(given, &[first, repeat], "hepatitis_c")
        };
        house.sync(&[CLINIC, HOSPITAL]);
        for states in [house.at(HOSPITAL), house.at(CLINIC)] {
            let recall = seen(states, recall);
            let named: BTreeSet<_> = recall.targets.iter().map(|target| target.unit).collect();
            let all = BTreeSet::from([red, platelets, plasma, pool, others]);
            assert_eq!(named, all, "{order:?}: the pool and every parent of it");
            for bag in [red, plasma, pool] {
                let bag = sites::unit(states, bag).expect("known");
                assert!(quarantined(&bag.status), "{order:?} {:?}", bag.status);
            }
            for parent in [platelets, others] {
                let found = recall.targets.iter().find(|t| t.unit == parent).map(|t| t.found);
                assert_eq!(found, Some(Found::Discarded), "it lives on in the pool");
                let part = Edges(states).part(parent).expect("kept");
                assert_eq!(part.state, PartState::Modified);
            }
            assert_eq!(recall.pending(), SITES.into(), "both sites look into their fridges");
            // The other donor's red cells never met this blood.
            let free = sites::unit(states, others_red).expect("known");
            assert_eq!(free.status, Status::Available);
        }
        let refused = house.issues(CLINIC, pool, patient(1)).expect_err("recalled");
        assert_eq!(stopped(&refused), Some(CareRule::Unit(Rule::UnitQuarantined)));
    }
}

/// The same as [`House::confirm`] with the bags that the confirming workstation knows.
fn confirm_with(
    house: &mut House,
    of: kernel::DonationId,
    entries: &[kernel::CommandId],
    targets: Vec<lookback::Target>,
) -> RecallId {
    let recall = RecallId(house.new_id());
    let verify = |entry: &kernel::CommandId| Body::Tests {
        id: of,
        command: bloodbank::lab::Command::VerifyResult { entry: *entry },
    };
    let mut parts: Vec<Body> = entries.iter().map(verify).collect();
    let hold = OfDonation::Hold { reason: HoldReason::Reactive };
    parts.push(Body::Donation { id: of, command: hold });
    let open = lookback::Command::Open { reason: "look-back".into(), targets };
    parts.push(Body::Care(CareBody::Recall { id: recall, command: Box::new(open) }));
    let act = house.other(HOSPITAL);
    house.server_by(act, Body::Together(parts));
    recall
}

#[test]
fn s55_of_two_terminals_that_issue_one_bag_in_the_same_second_one_commits_and_the_other_reads_who()
{
    // One site, one server that holds every lease, two terminals of it.
    let mut house = House::new();
    house.leases = false;
    let donor = house.register(HOSPITAL, "Odhiambo");
    let of = house.bleed(HOSPITAL, donor);
    let [_, _, plasma] = house.divide(HOSPITAL, of);
    house.test(HOSPITAL, of);
    house.release(HOSPITAL, of, plasma).expect("nothing stands against it");
    house.sync(&[HOSPITAL, CLINIC]);
    let amina = Act { site: HOSPITAL, ..house.act(HOSPITAL) };
    let luis = Act { site: HOSPITAL, ..house.other(HOSPITAL) };
    let (first, parts) = house.issue(HOSPITAL, plasma, patient(1), &amina);
    let one = house.give(HOSPITAL, amina, Body::Together(parts)).expect("free, as it seems");
    let (second, parts) = house.issue(CLINIC, plasma, patient(2), &luis);
    let two = house.give(CLINIC, luis, Body::Together(parts)).expect("free, as it seems");
    // The server hears them in the same second; the second terminal's comes first.
    let verdicts = house.sync(&[CLINIC, HOSPITAL]);
    assert_eq!(verdicts[&two], Verdict::Applied);
    let Verdict::Rejected(refused) = &verdicts[&one] else { panic!("{verdicts:?}") };
    let (rule, args) = why(refused);
    assert_eq!(rule, Some(CareRule::Unit(Rule::UnitGone)));
    assert_eq!(args["patient"], patient(2).to_string());
    let by: StaffId = args["by"].parse().expect("whoever was first");
    let name = match house.at(HOSPITAL).get(&Key::Staff(by)) {
        Some(State::Staff(one)) => one.display_name.clone(),
        _ => panic!("nobody"),
    };
    assert_eq!(name, "Luis Marques");
    for states in [house.at(HOSPITAL), house.at(CLINIC)] {
        let issues: Vec<_> = Edges(states).issues().map(|one| one.id).collect();
        assert_eq!(issues, [second], "exactly one commit, and not {first}");
        let bag = sites::unit(states, plasma).expect("known");
        assert_eq!(bag.effective_status(house.now()), Effective::Issued { patient: patient(2) });
    }
}

#[test]
fn s56_a_site_without_custody_is_refused_offline_and_its_paper_is_a_conflict_that_both_sites_are_told()
 {
    for order in ORDERS {
        let mut house = House::new();
        let donor = house.register(HOSPITAL, "Odhiambo");
        let (_, [_, _, plasma]) = house.stocked(HOSPITAL, donor);
        // Both know of the bag; then both are offline.
        house.sync(&[HOSPITAL, CLINIC]);
        assert_eq!(house.unit(CLINIC, plasma).site, SITES[HOSPITAL]);
        let refused = house.issues(CLINIC, plasma, patient(2)).expect_err("not its custodian");
        let (rule, args) = why(&refused);
        assert_eq!(rule, Some(CareRule::Unit(Rule::UnitNotHere)));
        assert_eq!(args["site"], SITES[HOSPITAL], "custody at the hospital");
        assert_eq!(issue_of(house.at(CLINIC), plasma, patient(2)), None);
        house.wait(10);
        house.issues(HOSPITAL, plasma, patient(1)).expect("its custodian");
        house.wait(20);
        // On paper the clinic gave that bag all the same, and enters it: passed by name, by two people.
        let act = house.act(CLINIC);
        let later = Later {
            recorded_at: house.now(),
            by: act.actor.id,
            policy: act.policy.clone(),
            against_today: vec![],
        };
        let act = Act {
            now: house.now() - kernel::TimeDelta::minutes(15),
            later: Some(later.clone()),
            over: vec![CareRule::Unit(Rule::UnitNotHere)],
            ..house.act(CLINIC)
        };
        let (paper, mut parts) = house.issue(CLINIC, plasma, patient(2), &act);
        let case = CaseId(house.new_id());
        let open = OfCase::Open {
            patient: patient(2),
            transfusion: None,
            units: vec![plasma],
            findings: Findings::default(),
            suspected: [Category::HandlingError].into(),
            prevented: None,
        };
        parts.push(Body::Care(CareBody::Case { id: case, command: Box::new(open) }));
        house.give(CLINIC, act, Body::Together(parts)).expect("what happened is not refused");
        assert!(issue_of(house.at(CLINIC), plasma, patient(2)).is_some(), "kept at once");
        house.sync(&order);
        for states in [house.at(HOSPITAL), house.at(CLINIC)] {
            let own = issue_of(states, plasma, patient(1)).expect("the custodian's record");
            let other = issue_of(states, plasma, patient(2)).expect("the record of the paper");
            assert_eq!((own.status.clone(), other.status.clone()), (Way::Out, Way::Out));
            assert_eq!(other.id, paper);
            assert_eq!(other.recorded_at, Some(later.recorded_at), "both times of the paper");
            assert!(other.left_storage_at < later.recorded_at);
            let bag = sites::unit(states, plasma).expect("known");
            let issues: Vec<_> = Edges(states).issues().cloned().collect();
            let conflicts = transfer::conflicts(bag, &issues);
            assert_eq!(conflicts.len(), 1, "{order:?} {issues:?}");
            let conflict = &conflicts[0];
            assert_eq!((&*conflict.custodian, &*conflict.acted), (SITES[HOSPITAL], SITES[CLINIC]));
            assert_eq!((conflict.patient, conflict.other_patient), (patient(2), Some(patient(1))));
            let tasks = transfer::conflict_tasks(conflict);
            let alerted: BTreeSet<_> = tasks
                .iter()
                .filter(|task| task.what == TaskKind::AlertSite && task.due.is_none())
                .filter_map(|task| task.args.get("site").map(String::as_str))
                .collect();
            assert_eq!(alerted, SITES.into(), "of the highest priority, both");
            assert!(tasks.iter().any(|task| task.what == TaskKind::ResolveCustody));
            assert!(
                states.contains_key(&Key::Care(CareKey::Case(case))),
                "and somebody works it out"
            );
            assert!(!bag.is_live(), "it is nobody's any more");
        }
        // Two people find that the clinic's form named the wrong bag: it is kept, and the conflict is over.
        let wrong = |second: u128| {
            let reason = "The number on the form was read wrong".to_owned();
            let does = OfIssue::EnterInError { reason, second: staff(second) };
            let command = Box::new(Dispense { unit: plasma, does });
            Body::Care(CareBody::Dispensation { id: paper, command })
        };
        // The bag is the hospital's: what the clinic says of it alone is asked, and has to be asked there.
        let asked = house.give(CLINIC, house.act(CLINIC), wrong(at_bench(CLINIC).1 as u128));
        let asked = asked.expect("asked");
        assert_eq!(house.sync(&order)[&asked], Verdict::LeasedElsewhere, "{order:?}");
        let (first, second) = at_bench(HOSPITAL);
        let act = house.act(HOSPITAL);
        let alone = house.give(HOSPITAL, act.clone(), wrong(first as u128));
        let alone = alone.expect_err("one person");
        assert_eq!(why(&alone).0, Some(CareRule::SamePersonTwice));
        house.give(HOSPITAL, act.clone(), wrong(second as u128)).expect("taken back");
        let again = house.give(HOSPITAL, act, wrong(second as u128)).expect_err("once");
        assert_eq!(why(&again).0, Some(CareRule::Changed));
        house.sync(&order);
        for states in [house.at(HOSPITAL), house.at(CLINIC)] {
            let issues: Vec<_> = Edges(states).issues().cloned().collect();
            let bag = sites::unit(states, plasma).expect("known");
            assert_eq!(transfer::conflicts(bag, &issues), [], "{order:?}");
            let kept = issues.iter().find(|one| one.id == paper).expect("nothing is struck out");
            assert!(matches!(&kept.status, Way::EnteredInError { by, second: with, .. }
                if *by == staff(first as u128) && *with == staff(second as u128)));
            assert_eq!(kept.recorded_at, Some(later.recorded_at), "as it was entered");
            assert_eq!(
                bag.effective_status(house.now()),
                Effective::Issued { patient: patient(1) },
                "with the patient whose record stands"
            );
            let own = issue_of(states, plasma, patient(1)).expect("the custodian's record");
            assert_eq!(own.status, Way::Out);
        }
    }
}

#[test]
fn s57_the_slip_passes_custody_offline_and_the_sender_does_not_issue_what_it_has_sent() {
    for order in ORDERS {
        for cached in [true, false] {
            let mut house = House::new();
            let donor = house.register(HOSPITAL, "Odhiambo");
            let (_, [_, platelets, plasma]) = house.stocked(HOSPITAL, donor);
            if cached {
                house.sync(&[HOSPITAL, CLINIC]);
            }
            // The network is gone: the box leaves with its slip, and the clinic has that and the bag.
            house.wait(10);
            let label = house.unit(HOSPITAL, plasma).clone();
            let slip = house.send(HOSPITAL, CLINIC, &[plasma]);
            house.wait(60);
            let mut forged = slip.clone();
            forged.0.units.push(platelets);
            let refused = house.scan_in(CLINIC, plasma, &forged, Some(&label));
            assert_eq!(stopped(&refused.expect_err("forged")), Some(CareRule::SlipNotGenuine));
            house.scan_in(CLINIC, plasma, &slip, Some(&label)).expect("the slip is enough");
            let here = house.unit(CLINIC, plasma);
            assert_eq!((&*here.site, &here.transit), (SITES[CLINIC], &None), "cached {cached}");
            let refused = house.scan_in(CLINIC, plasma, &slip, Some(&label));
            assert_eq!(stopped(&refused.expect_err("twice")), Some(CareRule::SlipUsed));
            let refused = house.issues(HOSPITAL, plasma, patient(1)).expect_err("it has left");
            assert_eq!(stopped(&refused), Some(CareRule::Unit(Rule::UnitNotHere)));

            let verdicts = house.sync(&order);
            let not_applied: Vec<_> =
                verdicts.values().filter(|verdict| **verdict != Verdict::Applied).collect();
            if cached {
                assert!(not_applied.is_empty(), "{order:?}: nothing went wrong: {not_applied:?}");
            }
            for states in [house.at(HOSPITAL), house.at(CLINIC)] {
                let bag = sites::unit(states, plasma).expect("known");
                assert_eq!(
                    (&*bag.site, &bag.transit),
                    (SITES[CLINIC], &None),
                    "{order:?} {cached}"
                );
                assert_eq!(bag.status, Status::Available);
                let sent = match &states[&Key::Care(CareKey::Transfer(slip.0.transfer))] {
                    State::Care(Care::Transfer(sent)) => sent,
                    other => panic!("{other:?}"),
                };
                assert_eq!((sent.status, &sent.taken_in), (Box_::Arrived, &vec![plasma]));
                assert_eq!(sent.readings.len(), 2, "both thermometers");
            }
            let refused = house.issues(HOSPITAL, plasma, patient(1)).expect_err("still");
            let (rule, args) = why(&refused);
            assert_eq!(rule, Some(CareRule::Unit(Rule::UnitNotHere)));
            assert_eq!(args["site"], SITES[CLINIC]);
            for site in [HOSPITAL, CLINIC] {
                let refused = house.scan_in(site, plasma, &slip, None).expect_err("used");
                let rule = stopped(&refused);
                let known = [CareRule::SlipUsed, CareRule::SlipOfAnother].map(Some);
                assert!(known.contains(&rule), "{rule:?}");
            }
            house.issues(CLINIC, plasma, patient(1)).expect("its custodian now");
            house.sync(&[CLINIC, HOSPITAL]);
        }
    }
}

#[test]
fn s69_an_older_quarantine_wins_over_a_newer_release_unless_that_release_names_it() {
    for order in ORDERS {
        let mut house = House::new();
        let donor = house.register(HOSPITAL, "Odhiambo");
        let (_, [red, platelets, plasma]) = house.stocked(HOSPITAL, donor);
        let hold = OfUnit::Reserve { patient: patient(1), until: None };
        house.must(HOSPITAL, Body::Unit { id: red, command: hold });
        let warm = OfUnit::Quarantine { reason: "warm".into() };
        let known = house.must(HOSPITAL, Body::Unit { id: platelets, command: warm });
        house.sync(&[HOSPITAL, CLINIC]);
        // Offline the clinic hears of something against all three, at nine.
        let mut stops = vec![];
        for bag in [red, platelets, plasma] {
            let command = OfUnit::Quarantine { reason: "the supplier warns".into() };
            stops.push(house.must(CLINIC, Body::Unit { id: bag, command }));
        }
        // At ten the hospital, offline too, frees one of its hold, one of the quarantine that it knows.
        house.wait(60);
        let release = OfUnit::Release { reason: "not needed".into() };
        house.must(HOSPITAL, Body::Unit { id: red, command: release });
        let lift = OfUnit::LiftQuarantine { reason: "measured again".into(), lifts: known };
        house.must(HOSPITAL, Body::Unit { id: platelets, command: lift });
        assert_eq!(house.unit(HOSPITAL, red).status, Status::Available, "as it seems there");
        assert_eq!(house.unit(HOSPITAL, platelets).status, Status::Available);
        house.sync(&order);
        for (bag, cause) in [red, platelets, plasma].into_iter().zip(&stops) {
            for states in [house.at(HOSPITAL), house.at(CLINIC), house.states()] {
                let bag = sites::unit(states, bag).expect("known");
                let causes: Vec<_> = bag.quarantines.iter().map(|q| q.cause).collect();
                assert_eq!(causes, [*cause], "{order:?}: the one that nobody has lifted");
                assert!(quarantined(&bag.status), "{order:?}");
            }
        }
        // A release that names it frees the bag, at both sites, and only that bag.
        house.wait(60);
        let lift = OfUnit::LiftQuarantine { reason: "asked the supplier".into(), lifts: stops[0] };
        house.must(HOSPITAL, Body::Unit { id: red, command: lift });
        house.sync(&[CLINIC, HOSPITAL]);
        assert!(house.everywhere(red).into_iter().all(|status| *status == Status::Available));
        assert!(house.everywhere(plasma).into_iter().all(quarantined));
    }
}
