//! Labels printed and labels that come in (scenarios 15 to 19, 41).

use super::components::{A_POS, rule};
use super::*;
use bloodbank::lab::Rule;
use bloodbank::lab::*;
use bloodbank::{Expiry, Policy, Refused, Rule as Stock, Status};
use kernel::{Abo, BloodGroup, Component, Rhd, UnitId};
use std::collections::BTreeSet;

fn label() -> Label {
    let wall = "2026-12-05T23:59:00".parse().expect("a date");
    Label {
        din: "A999926123456".into(),
        product_code: "E0336V00".into(),
        group: A_POS,
        phenotype: bloodbank::traits::Phenotype::Ordinary,
        expires: Expiry::of_label(wall, chrono_tz::Africa::Nairobi),
    }
}

fn printed(group: &str) -> Vec<isbt128::Scan> {
    let texts = ["=A99992612345600", group, "=<E0336V00", "&>0263392359"];
    texts.iter().flat_map(|text| isbt128::read(text).expect(text)).collect()
}

/// The barcode of a group, so that no table of codes stands in these tests.
fn code_of(group: BloodGroup) -> String {
    let abo = match group.abo {
        Abo::O => isbt128::Abo::O,
        Abo::A => isbt128::Abo::A,
        Abo::B => isbt128::Abo::B,
        Abo::AB => isbt128::Abo::AB,
    };
    let rhd = match group.rhd {
        Rhd::Negative => isbt128::Rhd::Negative,
        Rhd::Positive => isbt128::Rhd::Positive,
    };
    let any = isbt128::DonationType::General;
    isbt128::AboRhd::for_group(abo, Some(rhd), any).expect("a code").to_structure()
}

#[test]
fn s15_a_label_whose_bars_say_another_group_than_its_words_is_void() {
    let o_pos = BloodGroup { abo: Abo::O, rhd: Rhd::Positive };
    assert_eq!(verify_label(&label(), &printed(&code_of(A_POS))), Ok(()));
    let fault = verify_label(&label(), &printed(&code_of(o_pos)));
    assert_eq!(fault, Err(vec![LabelFault::GroupDiffers]));
    // Every field must be read, and every reading of it must agree.
    assert_eq!(
        verify_label(&label(), &[]),
        Err(vec![
            LabelFault::DinMissing,
            LabelFault::GroupMissing,
            LabelFault::ProductMissing,
            LabelFault::ExpiryMissing
        ])
    );
    let mut twice = printed(&code_of(A_POS));
    twice.extend(isbt128::read("=A99992612345700").expect("a number"));
    assert_eq!(verify_label(&label(), &twice), Err(vec![LabelFault::DinDiffers]));
    let other = Label { product_code: "E0382V00".into(), ..label() };
    assert_eq!(
        verify_label(&other, &printed(&code_of(A_POS))),
        Err(vec![LabelFault::ProductDiffers])
    );
    // Cells without H have a code of their own, and no other bag has it.
    let o = Label { group: o_pos, ..label() };
    let bombay = Label { phenotype: bloodbank::traits::Phenotype::Bombay, ..o.clone() };
    assert_eq!(verify_label(&bombay, &printed("=%H600")), Ok(()));
    for (says, code) in [(&o, "=%H600".to_owned()), (&bombay, code_of(o_pos))] {
        assert_eq!(verify_label(says, &printed(&code)), Err(vec![LabelFault::GroupDiffers]));
    }
    // A unit whose label did not pass is not released: release.rs, `label_verified`.
}

#[test]
fn s16_bombay_is_not_o_and_fits_only_bombay() {
    let isbt128::Scan::AboRhd(code) = isbt128::read("=%H600").expect("a group").remove(0) else {
        panic!("a group code")
    };
    let bombay = read_group(&code).expect("a reading");
    assert!(matches!(bombay, Marked::Bombay(_)));
    for group in BloodGroup::ALL {
        assert!(!red_cells_fit(bombay, Marked::Group(group)), "{group} to Bombay");
        assert!(!red_cells_fit(Marked::Group(group), bombay), "Bombay to {group}");
    }
    assert!(red_cells_fit(bombay, Marked::Bombay(Rhd::Negative)));
    let fits = BloodGroup::ALL
        .iter()
        .flat_map(|patient| BloodGroup::ALL.iter().map(move |unit| (*patient, *unit)))
        .filter(|(patient, unit)| red_cells_fit(Marked::Group(*patient), Marked::Group(*unit)));
    assert_eq!(fits.count(), 36, "27 and the 9 that the RhD rule decides");
}

#[test]
fn a_status_or_an_unknown_code_has_no_group() {
    for text in ["=%Mq00", "=%0000"] {
        let isbt128::Scan::AboRhd(code) = isbt128::read(text).expect(text).remove(0) else {
            panic!("a group code")
        };
        assert_eq!(rule(read_group(&code)), Some(Rule::GroupNotUsual), "{text}");
    }
}

fn receive(product_code: &str) -> bloodbank::Command {
    crate::transitions::receipt("A999926123456", "2026-12-05T23:59:00").with_code(product_code)
}

trait WithCode {
    fn with_code(self, code: &str) -> Self;
}

impl WithCode for bloodbank::Command {
    fn with_code(mut self, code: &str) -> Self {
        if let Self::Receive { product_code, .. } = &mut self {
            *product_code = code.into();
        }
        self
    }
}

#[test]
fn s17_the_same_label_twice_is_refused_and_divisions_are_not() {
    let facts = bloodbank::Facts { site: "hill".into(), ..Default::default() };
    let whole = crate::unit(Component::RedCells, A_POS);
    // The id is the label, so whoever scans it finds the bag that is here.
    assert_eq!(whole.id, UnitId::of_label("A999926123456", "E0336V00"));
    let again = bloodbank::decide(
        Some(&whole),
        &facts,
        &receive("E0336V00"),
        &[],
        &Policy::who(),
        crate::noon(),
        command(1),
    );
    assert!(matches!(again, Err(Refused::HardStop { rule: Stock::UnitKnown, .. })));
    for code in ["E0336VA0", "E0336VB0"] {
        assert_ne!(UnitId::of_label("A999926123456", code), whole.id);
        let events = bloodbank::decide(
            None,
            &facts,
            &receive(code),
            &[],
            &Policy::who(),
            crate::noon(),
            command(2),
        );
        assert!(events.is_ok(), "{code}");
    }
}

#[test]
fn s18_a_bag_of_an_unregistered_facility_comes_into_quarantine() {
    let table: BTreeSet<String> = ["A9998".to_owned()].into();
    assert_eq!(unregistered("A999826123456", Some(&table)), None);
    assert_eq!(unregistered("A999926123456", None), None, "without a table nobody can say");
    let hold = unregistered("A999926123456", Some(&table)).expect("not in the table");
    let command_ = bloodbank::Command::Quarantine { reason: hold.word().into() };
    let facts = bloodbank::Facts { site: "hill".into(), ..Default::default() };
    let unit = crate::unit(Component::RedCells, A_POS);
    let held = crate::done(&unit, &facts, &command_);
    let Status::Quarantined { reason, .. } = &held.status else { panic!("{:?}", held.status) };
    assert_eq!(reason, "unregistered_facility");
}

#[test]
fn s19_a_compound_message_with_a_structure_missing_is_refused_whole() {
    let whole = "=+04000=A99992612345600=%H600=<E0336V00&>0263392359";
    assert_eq!(isbt128::read(whole).expect("four").len(), 4);
    let short = "=+04000=A99992612345600=%H600=<E0336V00";
    assert!(isbt128::read(short).is_err());
}

#[test]
fn s41_a_quarantined_unit_is_reserved_in_no_way() {
    // Typed, by another program, from a stale list, and on a device that was offline: each ends in
    // this decision. The stale list shows a version from before; the command names the bag only,
    // so what the record says now is what counts. The offline device is T1's (tests/simulation.rs).
    let facts = crate::facts(crate::patient(A_POS));
    let free = crate::unit(Component::RedCells, A_POS);
    assert!(crate::ask(&free, &facts, &crate::reserve()).is_ok());
    let held =
        crate::done(&free, &facts, &bloodbank::Command::Quarantine { reason: "reactive".into() });
    assert_eq!(
        crate::stopped(&crate::ask(&held, &facts, &crate::reserve())),
        Some(Stock::UnitQuarantined)
    );
    assert_eq!(
        crate::stopped(&crate::ask(&held, &facts, &crate::issue())),
        Some(Stock::UnitQuarantined)
    );
    let all = [Stock::UnitQuarantined];
    let forced = bloodbank::decide(
        Some(&held),
        &facts,
        &crate::reserve(),
        &all,
        &Policy::who(),
        crate::noon(),
        command(3),
    );
    assert_eq!(crate::stopped(&forced), Some(Stock::UnitQuarantined), "no override passes");
}
