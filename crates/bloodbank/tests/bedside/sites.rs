use super::*;
use bloodbank::care::TaskKind;
use bloodbank::donation::HoldReason;
use bloodbank::haemovigilance;
use bloodbank::lab::Doubt;
use bloodbank::lookback::{
    self, Found, Given, Lineage, Target, from_donations, from_recipient, in_window,
};
use bloodbank::todo::{self, NotFree};
use bloodbank::transfer::{
    self, BoxReading, Command as T, Facts as Gate, Status as Way, Transfer, TransferSlip,
    attest_issue, conflict_tasks, unit_commands,
};
use kernel::Component::RedCells;
use std::collections::{BTreeMap, BTreeSet};

/// The edges of a store, in memory.
#[derive(Default)]
pub struct Edges {
    donations: BTreeMap<DonorId, Vec<DonationId>>,
    donors: BTreeMap<DonationId, DonorId>,
    first: BTreeMap<DonationId, Vec<UnitId>>,
    of: BTreeMap<UnitId, DonationId>,
    down: BTreeMap<UnitId, Vec<UnitId>>,
    up: BTreeMap<UnitId, Vec<UnitId>>,
    given: BTreeMap<UnitId, Vec<PatientId>>,
    got: BTreeMap<PatientId, Vec<UnitId>>,
}
impl Edges {
    pub fn gave(&mut self, donor: DonorId, donation: DonationId, unit: UnitId) {
        if self.donors.insert(donation, donor).is_none() {
            self.donations.entry(donor).or_default().push(donation);
        }
        self.first.entry(donation).or_default().push(unit);
        self.of.insert(unit, donation);
    }
    pub fn made(&mut self, parent: UnitId, child: UnitId) {
        self.down.entry(parent).or_default().push(child);
        self.up.entry(child).or_default().push(parent);
    }
    pub fn transfused(&mut self, unit: UnitId, patient: PatientId) {
        self.given.entry(unit).or_default().push(patient);
        self.got.entry(patient).or_default().push(unit);
    }
}
fn of<K: Ord, V: Clone>(map: &BTreeMap<K, Vec<V>>, key: &K) -> Vec<V> {
    map.get(key).cloned().unwrap_or_default()
}
impl Lineage for Edges {
    fn donations_of(&self, donor: DonorId) -> Vec<DonationId> {
        of(&self.donations, &donor)
    }
    fn donor_of(&self, donation: DonationId) -> Option<DonorId> {
        self.donors.get(&donation).copied()
    }
    fn units_of(&self, donation: DonationId) -> Vec<UnitId> {
        of(&self.first, &donation)
    }
    fn donation_of(&self, unit: UnitId) -> Option<DonationId> {
        self.of.get(&unit).copied()
    }
    fn children(&self, unit: UnitId) -> Vec<UnitId> {
        of(&self.down, &unit)
    }
    fn parents(&self, unit: UnitId) -> Vec<UnitId> {
        of(&self.up, &unit)
    }
    fn recipients(&self, unit: UnitId) -> Vec<PatientId> {
        of(&self.given, &unit)
    }
    fn units_given_to(&self, patient: PatientId) -> Vec<UnitId> {
        of(&self.got, &patient)
    }
}
fn u(n: u32) -> UnitId {
    UnitId::of_label(&format!("A999926{n:06}"), "E0336V00")
}

/// Donor 1 gave red cells (1) and platelets (2); donor 2 platelets (3). The platelets are pooled
/// (10); the red cells are split (11, 12).
fn pooled() -> Edges {
    let mut edges = Edges::default();
    edges.gave(donor(1), donation(1), u(1));
    edges.gave(donor(1), donation(1), u(2));
    edges.gave(donor(2), donation(2), u(3));
    edges.made(u(2), u(10));
    edges.made(u(3), u(10));
    edges.made(u(1), u(11));
    edges.made(u(1), u(12));
    edges.transfused(u(10), person(1));
    edges.transfused(u(11), person(2));
    edges
}

#[test]
fn s71_a_donor_leads_to_all_recipients_through_pools_and_splits_and_back() {
    let edges = pooled();
    let down = from_donations(&edges, &[donation(1)]);
    assert_eq!(BTreeSet::from_iter(down.units), [u(1), u(2), u(10), u(11), u(12)].into());
    assert_eq!(
        down.recipients,
        BTreeMap::from([(person(1), vec![u(10)]), (person(2), vec![u(11)])])
    );
    let up = from_recipient(&edges, person(1));
    assert_eq!(up.donors, [donor(1), donor(2)].into(), "the pool has two");
    assert_eq!(up.other_recipients, [person(2)].into(), "of the same donor's red cells");
    assert_eq!(up.from_outside, []);
}

#[test]
fn s71_a_circle_in_damaged_data_does_not_hang_and_a_bag_from_outside_is_named() {
    let mut edges = pooled();
    edges.made(u(10), u(2));
    assert_eq!(from_donations(&edges, &[donation(1)]).units.len(), 5);
    edges.transfused(u(50), person(3));
    edges.made(u(50), u(51));
    edges.transfused(u(51), person(4));
    let up = from_recipient(&edges, person(3));
    assert_eq!(up.from_outside, [u(50)]);
    assert_eq!(up.other_recipients, [person(4)].into());
}

#[test]
fn s42_a_reactive_donation_recalls_the_pool_at_another_site_and_every_parent_of_the_pool() {
    let edges = pooled();
    let down = from_donations(&edges, &[donation(1)]);
    let pool = down.units.iter().find(|unit| **unit == u(10)).expect("reached");
    let above = lookback::ancestors(&edges, &[*pool]);
    assert_eq!(BTreeSet::from_iter(above), [u(10), u(2), u(3)].into());
}

#[test]
fn a_reaction_to_a_pool_reaches_the_red_cells_of_every_donation_in_it() {
    let edges = pooled();
    let sisters: BTreeSet<_> = lookback::sisters(&edges, &[u(10)]).into_iter().collect();
    assert_eq!(sisters, [u(1), u(2), u(3), u(10), u(11), u(12)].into());
    // One half of a split: the other half, the donation's other bags and their pool.
    let of_split: BTreeSet<_> = lookback::sisters(&edges, &[u(11)]).into_iter().collect();
    assert!([u(12), u(1), u(2), u(10)].iter().all(|one| of_split.contains(one)), "{of_split:?}");
}

#[test]
fn s43_the_window_reaches_twelve_months_before_the_last_negative() {
    let day = |n| noon() - TimeDelta::days(n);
    let given: Vec<Given> = [(1, 700), (2, 660), (3, 400), (4, 300), (5, 0)]
        .into_iter()
        .map(|(n, days)| Given { donation: donation(n), at: day(days) })
        .collect();
    let negative = day(300);
    assert_eq!(
        in_window(&given, "hiv", Some(negative), &care()),
        [donation(2), donation(3), donation(4), donation(5)]
    );
    assert_eq!(in_window(&given, "hiv", None, &care()).len(), 5, "never negative: all");
    assert_eq!(in_window(&given, "not in the table", Some(negative), &care()).len(), 5);
}

fn opened(targets: Vec<Target>) -> (lookback::Recall, lookback::Event) {
    let reason = "HBsAg reactive".to_owned();
    let command = lookback::Command::Open { reason, targets };
    let event = lookback::decide(None, &command, noon()).expect("opened").remove(0);
    (lookback::apply(None, recall_id(), &event).expect("known"), event)
}

#[test]
fn s34_a_reactive_result_after_an_offline_issue_alerts_the_ward_and_never_frees_the_unit() {
    let unit = bag(1, RedCells, O_POS);
    let issued = with(
        &unit,
        &[Event::Issued {
            patient: person(1),
            at: noon() - hours(1),
            collected_by: "Porter".into(),
        }],
    );
    let (recall, event) = opened(vec![Target::of(&issued)]);
    let tasks = lookback::tasks(&recall, &event, &care());
    let kinds: Vec<TaskKind> = tasks.iter().map(|task| task.what).collect();
    assert_eq!(kinds[..2], [TaskKind::AlertWard, TaskKind::AlertPhysician]);
    assert_eq!(tasks[0].due, None, "at once");
    for name in ["unit", "din", "patient", "site"] {
        assert!(tasks[0].args.contains_key(name), "{name}");
    }
    // Whatever order the events arrive in, it is not available again.
    let quarantined = Event::Quarantined { reason: "reactive".into(), at: noon(), cause: cause(1) };
    let given = Event::Issued { patient: person(1), at: noon(), collected_by: "Porter".into() };
    let back = Event::TakenBack { patient: person(1), at: noon(), failed: None, cause: cause(2) };
    for order in [
        [&quarantined, &given, &back],
        [&given, &quarantined, &back],
        [&given, &back, &quarantined],
    ] {
        let events: Vec<Event> = order.into_iter().cloned().collect();
        let end = with(&unit, &events);
        assert_eq!(end.effective_status(noon()), Effective::Quarantined, "{events:?}");
    }
}

#[test]
fn a_recall_waits_for_every_site_and_blocks_the_scanned_number_whatever_the_unit_says() {
    let mut far = bag(2, RedCells, O_POS);
    far.site = "town".into();
    let near = bag(1, RedCells, O_POS);
    let (recall, event) = opened(vec![Target::of(&near), Target::of(&far)]);
    assert_eq!(lookback::quarantines(&recall, &event, cause(1)).len(), 2);
    assert_eq!(recall.pending(), ["hill", "town"].into());
    assert!(recall.blocks(&near.din) && !recall.blocks("A999926000099"));
    let run = |recall: lookback::Recall, command| -> Result<lookback::Recall, Refusal> {
        let events = lookback::decide(Some(&recall), &command, noon())?;
        let end = events.iter().try_fold(recall, |r, e| lookback::apply(Some(r), recall_id(), e));
        Ok(end.expect("known"))
    };
    let answer = |site: &str| lookback::Command::Acknowledge { site: site.into(), by: nurse(1) };
    let recall = run(recall, answer("hill")).expect("acknowledged");
    let refusal = run(recall.clone(), lookback::Command::Close).expect_err("refused");
    assert_eq!(refusal.stopped_by(), Some(CareRule::SitesNotAcknowledged));
    assert_eq!(refusal.args().get("sites").map(String::as_str), Some("town"));
    let recall = run(recall, answer("town")).expect("acknowledged");
    // A new unit at a site that had answered opens it again.
    let mut more = Target::of(&bag(3, RedCells, O_POS));
    assert_eq!(more.found, Found::InStock);
    more.site = "hill".into();
    let wider = run(recall.clone(), lookback::Command::Extend { targets: vec![more] });
    assert_eq!(wider.expect("extended").pending(), ["hill"].into());
    let closed = run(recall, lookback::Command::Close).expect("closed");
    assert!(closed.blocks(&near.din), "also afterwards");
}

#[test]
fn s56_a_site_without_custody_is_refused_and_paper_makes_a_conflict_that_both_sites_are_told() {
    let unit = bag(1, RedCells, O_POS);
    let mut facts = in_order(&unit, patient(O_POS));
    facts.unit.site = "river".into();
    let refusal = give(&unit, &facts, &asks(&unit), &[], noon()).expect_err("refused");
    assert_eq!(refusal.stopped_by(), Some(CareRule::Unit(Rule::UnitNotHere)));
    assert_eq!(refusal.args().get("site").map(String::as_str), Some("hill"), "custody at hill");

    let conflict = attest_issue(&unit, "river", person(3), noon() - hours(1), noon())
        .expect("a thing of the past")
        .expect("a conflict");
    assert_eq!((conflict.custodian.as_str(), conflict.acted.as_str()), ("hill", "river"));
    let tasks = conflict_tasks(&conflict);
    let alerted: Vec<_> = tasks
        .iter()
        .filter(|task| task.what == TaskKind::AlertSite)
        .filter_map(|task| task.args.get("site"))
        .collect();
    assert_eq!(alerted, ["hill", "river"]);

    let issued = with(
        &unit,
        &[Event::Issued { patient: person(1), at: noon(), collected_by: "Porter".into() }],
    );
    let both = attest_issue(&issued, "river", person(3), noon(), noon()).expect("past");
    let both = both.expect("a conflict");
    assert_eq!((both.patient, both.other_patient), (person(3), Some(person(1))), "both are kept");
    let ordinary = attest_issue(&unit, "hill", person(3), noon(), noon()).expect("past");
    assert_eq!(ordinary, None, "the custodian's own paper is a late entry");
    assert_eq!(
        stop(attest_issue(&unit, "river", person(3), noon() + hours(1), noon())),
        CareRule::TimeNotPossible
    );
}

/// On paper, against these rules, at this site.
fn on_paper(unit: &Unit, site: &str, patient: PatientId, rule: Rule) -> Dispensation {
    let facts = in_order(unit, patient_of(unit));
    let decided = give(unit, &facts, &asks(unit), &[], noon()).expect("issued");
    let (issue, _) = after(unit, &decided);
    let against = vec![CareRule::Unit(rule)];
    Dispensation { patient, against, site: Some(site.into()), ..issue }
}
fn patient_of(unit: &Unit) -> bloodbank::PatientFacts {
    patient(unit.group)
}

#[test]
fn s56_the_sender_does_not_hold_what_is_on_its_way_and_a_closed_case_settles_the_conflict() {
    let unit = bag(1, RedCells, O_POS);
    let paper = on_paper(&unit, "hill", person(3), Rule::UnitNotHere);
    assert!(paper.breaks_custody());
    assert_eq!(transfer::conflicts(&unit, std::slice::from_ref(&paper)), [], "it lay at hill");
    let sent = with(&unit, &[Event::Sent { to: "town".into(), at: noon() - hours(1) }]);
    let found = transfer::conflicts(&sent, std::slice::from_ref(&paper));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&*found[0].custodian, &*found[0].acted), ("town", "hill"));
    let later = with(&unit, &[Event::Sent { to: "town".into(), at: noon() + hours(1) }]);
    assert_eq!(transfer::conflicts(&later, std::slice::from_ref(&paper)), [], "it left afterwards");
    let status = issue::Status::Returned { at: noon(), failed: vec![] };
    let back = Dispensation { status, ..paper.clone() };
    assert_eq!(transfer::conflicts(&sent, &[back]), [], "it came back");

    let open = haemovigilance::Command::Open {
        patient: person(3),
        transfusion: None,
        units: vec![unit.id],
        findings: haemovigilance::Findings::default(),
        suspected: [haemovigilance::Category::HandlingError].into(),
        prevented: None,
    };
    let event = haemovigilance::decide(None, &open, noon()).expect("opened").remove(0);
    let case = haemovigilance::apply(None, case_id(), &event).expect("known");
    assert!(!found[0].settled_by(std::slice::from_ref(&case)), "it is open");
    let closed = haemovigilance::Case { closed_at: Some(noon() + hours(2)), ..case };
    assert!(found[0].settled_by(std::slice::from_ref(&closed)));
    for other in [
        haemovigilance::Case { patient: person(4), ..closed.clone() },
        haemovigilance::Case { units: vec![], ..closed.clone() },
        haemovigilance::Case { closed_at: Some(noon() - hours(2)), ..closed.clone() },
        haemovigilance::Case {
            prevented: Some(haemovigilance::Prevented {
                rule: CareRule::SlipOfAnother,
                found: None,
            }),
            ..closed.clone()
        },
    ] {
        assert!(!found[0].settled_by(std::slice::from_ref(&other)), "{other:?}");
    }
}

#[test]
fn s34_whoever_has_a_bag_of_a_donation_that_is_not_free_is_called_until_a_recall_takes_it_over() {
    let unit = bag(1, RedCells, O_POS);
    let decided =
        give(&unit, &in_order(&unit, patient(O_POS)), &asks(&unit), &[], noon()).expect("issued");
    let (issue, gone) = after(&unit, &decided);
    let issues = [issue.clone()];
    let who = todo::holders(&gone, &issues);
    assert_eq!(who.len(), 1);
    assert_eq!((who[0].patient, who[0].since), (issue.patient, noon()));
    let reactive = [NotFree::Tests(Doubt::Reactive)];
    let kinds = |why: &[NotFree], recalled| -> Vec<TaskKind> {
        let all = todo::of_holder(unit.id, issue.patient, why, recalled, Some(doctor()));
        assert!(all.iter().all(|task| task.due.is_none()), "at once");
        assert!(all.iter().all(|task| task.args["clinician"] == doctor().to_string()), "{all:?}");
        all.into_iter().map(|task| task.what).collect()
    };
    assert_eq!(kinds(&reactive, false), [TaskKind::AlertWard, TaskKind::AlertPhysician]);
    assert!(kinds(&reactive, false).iter().all(|what| what.is_urgent()));
    assert_eq!(kinds(&reactive, true), [], "the recall has tasks of its own");
    assert_eq!(kinds(&[], false), [], "free again");
    let soon = [NotFree::Held(HoldReason::IntervalViolation)];
    assert_eq!(kinds(&soon, false), [TaskKind::ReviewGiven]);
    assert!(!TaskKind::ReviewGiven.is_urgent());
    // It came back; and one that left before issues had records of their own.
    let status = issue::Status::Returned { at: noon(), failed: vec![] };
    let back = [Dispensation { status, ..issue }];
    assert_eq!(todo::holders(&gone, &back), []);
    assert_eq!(todo::holders(&gone, &[]).len(), 1);
    assert_eq!(todo::holders(&unit, &[]), []);
}

fn cool(tenths: i32) -> BoxReading {
    BoxReading { at: noon(), tenths }
}
fn at_gate(site: &str, unit: Option<&Unit>) -> Gate {
    Gate { site: site.into(), unit: unit.cloned(), slip_genuine: true, scanned: BTreeSet::new() }
}
fn run(
    state: Option<Transfer>,
    gate: &Gate,
    command: &T,
) -> Result<(Transfer, transfer::Event), Refusal> {
    let mut events =
        transfer::decide(state.as_ref(), transfer_id(), gate, command, &care(), noon())?;
    let event = events.remove(0);
    Ok((transfer::apply(state, transfer_id(), &event).expect("known"), event))
}
fn sent(unit: &Unit) -> (Transfer, transfer::Event, TransferSlip) {
    let gate = at_gate("hill", Some(unit));
    let begin = T::Begin { from: "hill".into(), to: "town".into(), component: RedCells };
    let (state, _) = run(None, &gate, &begin).expect("begun");
    let (state, _) = run(Some(state), &gate, &T::Pack { unit: unit.id }).expect("packed");
    let out = T::ScanOut { slip: slip_id(1), reading: cool(40) };
    let (state, event) = run(Some(state), &gate, &out).expect("out");
    let slip = state.slip.clone().expect("a slip");
    (state, event, slip)
}
fn do_commands(unit: &Unit, site: &str, event: &transfer::Event) -> Unit {
    unit_commands(event).into_iter().fold(unit.clone(), |unit, (id, command)| {
        assert_eq!(id, unit.id);
        let facts = Facts { site: site.into(), ..Facts::default() };
        let events =
            bloodbank::decide(Some(&unit), &facts, &command, &[], &policy(), noon(), cause(4));
        with(&unit, &events.expect("accepted"))
    })
}

#[test]
fn s57_the_slip_passes_custody_without_a_network_and_a_second_scan_of_it_is_refused() {
    let unit = bag(1, RedCells, O_POS);
    let (_, out, slip) = sent(&unit);
    let unit = do_commands(&unit, "hill", &out);
    let mut facts = in_order(&unit, patient(O_POS));
    assert_eq!(
        stop(give(&unit, &facts, &asks(&unit), &[], noon())),
        CareRule::Unit(Rule::UnitNotHere),
        "the sender cannot issue what it has scanned out"
    );
    // The other end has never heard of the transfer: it has the bag and the slip.
    let take = T::ScanIn { unit: unit.id, slip: slip.clone(), reading: cool(60) };
    let mut gate = at_gate("town", Some(&unit));
    let (state, event) = run(None, &gate, &take).expect("taken in");
    assert_eq!(state.status, Way::Arrived);
    let unit = do_commands(&unit, "town", &event);
    assert_eq!((unit.site.as_str(), unit.transit.is_none()), ("town", true));
    facts.unit.site = "town".into();
    assert!(give(&unit, &facts, &asks(&unit), &[], noon()).is_ok(), "its custodian now");

    assert_eq!(stop(run(Some(state), &gate, &take)), CareRule::SlipUsed);
    gate.scanned.insert((slip.id, unit.id));
    assert_eq!(stop(run(None, &gate, &take)), CareRule::SlipUsed, "also on another terminal");
}

#[test]
fn a_slip_that_is_forged_or_of_another_site_or_another_box_is_refused() {
    let unit = bag(1, RedCells, O_POS);
    let (state, _, slip) = sent(&unit);
    let take = |unit, slip| T::ScanIn { unit, slip, reading: cool(60) };
    let forged = Gate { slip_genuine: false, ..at_gate("town", Some(&unit)) };
    let answer = run(Some(state.clone()), &forged, &take(unit.id, slip.clone()));
    assert_eq!(stop(answer), CareRule::SlipNotGenuine);
    let answer = run(Some(state.clone()), &at_gate("river", None), &take(unit.id, slip.clone()));
    assert_eq!(stop(answer), CareRule::SlipOfAnother);
    let other = bag(2, RedCells, O_POS).id;
    let answer = run(Some(state), &at_gate("town", None), &take(other, slip));
    assert_eq!(stop(answer), CareRule::NotInThisBox);
}

#[test]
fn no_two_slips_have_the_same_bytes_to_sign() {
    let (_, _, slip) = sent(&bag(1, RedCells, O_POS));
    let mut seen = BTreeSet::from([slip.signing_bytes()]);
    let other = [
        TransferSlip { id: slip_id(2), ..slip.clone() },
        TransferSlip { to: "tow".into(), from: "nhill".into(), ..slip.clone() },
        TransferSlip { to: "nhilltow".into(), from: String::new(), ..slip.clone() },
        TransferSlip { units: vec![], ..slip.clone() },
        TransferSlip { sent_at: slip.sent_at + TimeDelta::microseconds(1), ..slip.clone() },
        TransferSlip { component: Component::Plasma, ..slip },
    ];
    for one in other {
        assert!(seen.insert(one.signing_bytes()), "{one:?}");
    }
}

#[test]
fn a_box_that_got_warm_puts_its_units_into_quarantine_and_what_did_not_arrive_is_held() {
    let unit = bag(1, RedCells, O_POS);
    let (state, out, slip) = sent(&unit);
    let unit = do_commands(&unit, "hill", &out);
    let take = T::ScanIn { unit: unit.id, slip, reading: cool(101) };
    let (_, event) = run(Some(state.clone()), &at_gate("town", Some(&unit)), &take).expect("in");
    let warm = do_commands(&unit, "town", &event);
    assert_eq!(warm.effective_status(noon()), Effective::Quarantined);
    assert_eq!(warm.site, "town", "its custody has passed all the same");

    let missing = T::ReportMissing { unit: unit.id, reason: "not in the box".into() };
    let (state, event) = run(Some(state), &at_gate("town", None), &missing).expect("reported");
    assert_eq!(state.status, Way::Arrived);
    let lost = do_commands(&unit, "town", &event);
    assert_eq!(lost.effective_status(noon()), Effective::Quarantined);
}

#[test]
fn s69_an_older_quarantine_wins_over_a_newer_release_unless_that_release_names_it() {
    let unit = bag(1, RedCells, O_POS);
    let hold = Event::Quarantined { reason: "reactive".into(), at: noon(), cause: cause(1) };
    let freed = Event::Released { patient: person(1), reason: "not needed".into() };
    let other = Event::QuarantineLifted { reason: "another".into(), lifts: cause(2) };
    let named = Event::QuarantineLifted { reason: "retested".into(), lifts: cause(1) };
    for later in [vec![freed.clone()], vec![other.clone()], vec![other, freed]] {
        for events in [
            [vec![hold.clone()], later.clone()].concat(),
            [later.clone(), vec![hold.clone()]].concat(),
        ] {
            let end = with(&unit, &events);
            assert_eq!(end.effective_status(noon()), Effective::Quarantined, "{events:?}");
        }
    }
    assert_eq!(with(&unit, &[hold, named]).effective_status(noon()), Effective::Available);
}
