//! Recall, look-back and trace-back (scenarios 33, 34, 42, 43).

use super::*;
use bloodbank::donor::{Command as DonorCommand, Event as DonorEvent, decide};
use bloodbank::lab::*;
use bloodbank::profile::Marker;
use kernel::{PatientId, UnitId};
use proptest::prelude::*;

fn unit(n: u128) -> UnitId {
    UnitId(Uuid::from_u128(0x0B_0000 + n))
}

fn patient(n: u128) -> PatientId {
    PatientId(Uuid::from_u128(0x0A_0000 + n))
}

fn node(n: u128, donation: Option<u128>, state: State, site: &str) -> Node {
    Node {
        unit: unit(n),
        donation: donation.map(donation_id),
        state,
        site: site.into(),
        ends_at: at("2026-12-20T20:59:59Z"),
        recipient: None,
        clinician: None,
    }
}

fn to(n: u128, node: Node) -> Node {
    Node { recipient: Some(patient(n)), clinician: Some("Dr Wanjiru".into()), ..node }
}

fn edge(parent: u128, child: u128) -> Edge {
    Edge { parent: unit(parent), child: unit(child) }
}

fn handled(recall: &Recall) -> Vec<(UnitId, Via, Handling)> {
    recall.lines.iter().map(|line| (line.node.unit, line.via, line.handling)).collect()
}

#[test]
fn s33_fever_the_day_after_recalls_everything_also_what_lies_on_a_ward() {
    let donor = gave(man(), DonationKind::WholeBlood, 1);
    let report = DonorCommand::ReportAfter {
        donation: donation_id(1),
        code: "fever".into(),
        note: Some("39.2 in the night".into()),
    };
    let questionnaire = Questionnaire::basic();
    let now = at("2026-11-20T08:00:00Z");
    let who = Profile::who();
    let events = decide(Some(&donor), &facts(&questionnaire), &report, &[], &who, now, command(4))
        .expect("kept");
    let DonorEvent::ReportedAfter { donation, code, .. } = &events[0] else { panic!("{events:?}") };
    assert_eq!(code, "fever");
    let lineage = Lineage::new(
        [
            node(1, Some(1), State::Here, "hill"),
            to(7, node(2, Some(1), State::Issued, "valley")),
            node(3, Some(1), State::Discarded, "hill"),
            node(4, Some(2), State::Here, "hill"),
        ],
        [],
    );
    let recall = recall(&lineage, &[*donation]);
    assert_eq!(
        handled(&recall),
        [
            (unit(2), Via::Direct, Handling::AlertNow),
            (unit(1), Via::Direct, Handling::Quarantine),
            (unit(3), Via::Direct, Handling::Trace),
        ]
    );
    let sites = recall_by_site(&recall);
    assert_eq!(sites.keys().copied().collect::<Vec<_>>(), ["hill", "valley"], "both are told");
    let stranger =
        DonorCommand::ReportAfter { donation: donation_id(99), code: "fever".into(), note: None };
    let answer =
        decide(Some(&donor), &facts(&questionnaire), &stranger, &[], &who, now, command(5));
    assert!(answer.is_err(), "a donation of somebody else");
}

#[test]
fn s34_a_late_reactive_alerts_for_the_patient_and_lets_nothing_back() {
    // The unit was issued at the clinic at nine, and the result came at ten.
    let lineage = Lineage::new([to(7, node(1, Some(1), State::Issued, "hill"))], []);
    let recall = recall(&lineage, &[donation_id(1)]);
    assert_eq!(recall.lines[0].handling, Handling::AlertNow);
    assert_eq!(recall.lines[0].node.recipient, Some(patient(7)));
    assert_eq!(recall.lines[0].node.clinician.as_deref(), Some("Dr Wanjiru"));
    // On the unit itself the quarantine stands against every later wish to have it available.
    let group = kernel::BloodGroup::ALL[0];
    let facts = crate::facts(crate::patient(group));
    let free = crate::unit(kernel::Component::RedCells, group);
    let reactive = bloodbank::Command::Quarantine { reason: "reactive".into() };
    let held = crate::done(&free, &facts, &reactive);
    assert!(crate::ask(&held, &facts, &crate::reserve()).is_err());
    let wrong = bloodbank::Command::LiftQuarantine { reason: "fine".into(), lifts: command(1) };
    assert!(crate::ask(&held, &facts, &wrong).is_err(), "a lift names the quarantine it lifts");
    // Merging two sites (the exchange) is T1's: tests/simulation.rs.
}

/// Donation 1 gave platelets (1) and red cells (2); the platelets went with those of donations 2
/// and 3 into a pool (10) at another site, of which one half (11) was issued and one (12) given.
fn pooled() -> Lineage {
    Lineage::new(
        [
            node(1, Some(1), State::Modified, "valley"),
            node(2, Some(1), State::Here, "hill"),
            node(3, Some(2), State::Modified, "valley"),
            node(4, Some(3), State::Modified, "valley"),
            node(5, Some(2), State::Here, "hill"), // red cells of donation 2
            node(10, None, State::Modified, "valley"),
            to(7, node(11, None, State::Issued, "valley")),
            to(8, node(12, None, State::Transfused, "shore")),
            node(20, Some(4), State::Here, "hill"),
        ],
        [edge(1, 10), edge(3, 10), edge(4, 10), edge(10, 11), edge(10, 12)],
    )
}

#[test]
fn s42_a_pool_is_recalled_with_all_its_parents() {
    let recall = recall(&pooled(), &[donation_id(1)]);
    assert_eq!(
        handled(&recall),
        [
            (unit(11), Via::Made, Handling::AlertNow),
            (unit(2), Via::Direct, Handling::Quarantine),
            (unit(12), Via::Made, Handling::TellClinician),
            (unit(1), Via::Direct, Handling::Trace),
            (unit(10), Via::Made, Handling::Trace),
            (unit(3), Via::SamePool, Handling::Trace),
            (unit(4), Via::SamePool, Handling::Trace),
        ]
    );
    let units: Vec<UnitId> = recall.lines.iter().map(|line| line.node.unit).collect();
    assert!(!units.contains(&unit(5)), "the red cells of the other donors are not suspect");
    assert!(!units.contains(&unit(20)));
    let sites = recall_by_site(&recall);
    assert_eq!(sites.keys().copied().collect::<Vec<_>>(), ["hill", "shore", "valley"]);
}

#[test]
fn a_unit_at_a_site_that_is_silent_stands_on_its_list() {
    let lineage = Lineage::new([node(1, Some(1), State::NotKnown, "far")], []);
    let recall = recall(&lineage, &[donation_id(1)]);
    assert_eq!(recall.lines[0].handling, Handling::AskSite);
    assert_eq!(recall_by_site(&recall)["far"].len(), 1);
}

#[test]
fn s43_a_look_back_lists_a_year_before_the_last_negative_with_what_became_of_it() {
    // Reactive today; the last negative ten months ago.
    let mut donor = man();
    for (n, on) in [
        (1, "2024-12-01"), // before the window
        (2, "2025-01-20"), // its first day
        (3, "2025-06-10"),
        (4, "2026-01-20"), // the last negative
        (5, "2026-11-20"), // today
    ] {
        let past = past(n, DonationKind::WholeBlood, day(on));
        donor = told(donor, &DonorCommand::RecordDonation { past }, 200 + n);
    }
    let lineage = Lineage::new(
        [
            node(1, Some(1), State::Transfused, "hill"),
            to(5, node(2, Some(2), State::Transfused, "hill")),
            node(3, Some(3), State::Here, "valley"),
            node(4, Some(4), State::Modified, "hill"),
            to(6, node(9, None, State::Transfused, "shore")),
            node(5, Some(5), State::Quarantined, "hill"),
        ],
        [edge(4, 9)],
    );
    let last = Some(day("2026-01-20"));
    let who = Profile::who();
    let list = look_back(Marker::Hiv, &donor, last, today(), &lineage, &who);
    assert_eq!(list.from, Some(day("2025-01-20")));
    assert_eq!(list.due, day("2026-11-23"), "three days");
    let found: Vec<_> = list.donations.iter().map(|(id, on, _)| (*id, *on)).collect();
    let expected = [(2, "2025-01-20"), (3, "2025-06-10"), (4, "2026-01-20"), (5, "2026-11-20")];
    assert_eq!(found, expected.map(|(n, on)| (donation_id(n), day(on))));
    let receivers: Vec<_> = list
        .donations
        .iter()
        .flat_map(|(_, _, recall)| &recall.lines)
        .filter_map(|line| line.node.recipient)
        .collect();
    assert_eq!(receivers, [patient(5), patient(6)]);
    assert_eq!(list.donations[1].2.lines[0].handling, Handling::Quarantine);
    let never = look_back(Marker::Hiv, &donor, None, today(), &lineage, &who);
    assert_eq!((never.from, never.donations.len()), (None, 5), "never negative: everything");
    let mut gap = who;
    gap.look_back.clear();
    let all = look_back(Marker::Hiv, &donor, last, today(), &lineage, &gap);
    assert_eq!(all.donations.len(), 5, "a gap in the profile narrows nothing");
}

#[test]
fn a_receiver_is_traced_to_every_donor_and_to_everybody_else_they_served() {
    let (donations, others) = trace_recipient(&pooled(), patient(7));
    assert_eq!(donations, [1, 2, 3].map(donation_id).into());
    assert_eq!(others, [patient(8)].into());
    assert_eq!(trace_recipient(&pooled(), patient(99)), Default::default());
}

#[test]
fn a_ring_in_a_damaged_record_ends() {
    let ring = Lineage::new(
        [node(1, Some(1), State::Here, "hill"), node(2, None, State::Here, "hill")],
        [edge(1, 2), edge(2, 1)],
    );
    assert_eq!(recall(&ring, &[donation_id(1)]).lines.len(), 2);
}

proptest! {
    #[test]
    fn whoever_got_anything_of_a_donation_is_on_its_list(
        edges in proptest::collection::vec((0u128..12, 12u128..40), 0..40),
        deeper in proptest::collection::vec((12u128..26, 26u128..40), 0..40),
        donation in 0u128..12,
    ) {
        let nodes = (0..40).map(|n| {
            let of = (n < 12).then_some(n);
            to(n, node(n, of, State::Transfused, "hill"))
        });
        let all = edges.iter().chain(&deeper).map(|(parent, child)| edge(*parent, *child));
        let lineage = Lineage::new(nodes, all);
        let listed = recall(&lineage, &[donation_id(donation)]);
        for n in 0..40 {
            let (of, _) = trace_recipient(&lineage, patient(n));
            let on_list = listed.lines.iter().any(|line| line.node.recipient == Some(patient(n)));
            // Both ways through the same graph.
            prop_assert!(!of.contains(&donation_id(donation)) || on_list, "{n}");
        }
    }
}
