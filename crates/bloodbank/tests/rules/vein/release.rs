//! Out of quarantine (scenarios 35, 36, 39 and the guards of bloodbank.md 2.6).

use super::components::rule;
use super::donation::{given, screened};
use super::tests::Bench;
use super::*;
use bloodbank::donation::{Donation, Hold, HoldReason};
use bloodbank::donor::Command;
use bloodbank::lab::Rule;
use bloodbank::lab::*;
use bloodbank::profile::Marker;
use bloodbank::traits::Phenotype;
use kernel::{Abo, BloodGroup, Rhd};

const A_POS: BloodGroup = BloodGroup { abo: Abo::A, rhd: Rhd::Positive };

struct Case {
    donor: Donor,
    donation: Donation,
    bench: Bench,
    part: Part,
}

/// Everything in order: tested, typed twice, not held.
fn case() -> Case {
    let who = Profile::who();
    let donor = screened(man(), visit(DonationKind::WholeBlood), &who);
    let donation = given(&donor, "double-450", &who);
    let made = |product, code: &str, volume| Made {
        product,
        product_code: code.into(),
        volume: Millilitres(volume),
        at: at("2026-11-20T09:00:00Z"),
    };
    let list = [
        made(Product::RedCellsCpda1, "E0001V00", 260),
        made(Product::FreshFrozenPlasma, "E0002V00", 220),
    ];
    let part = split(&donation, &list, &who, now()).expect("split").remove(0);
    let mut bench = Bench::new(donation.id, who);
    bench.all_clear();
    bench.typed(A_POS, "lot 1");
    bench.typed(A_POS, "lot 2");
    Case { donor, donation, bench, part }
}

fn now() -> Instant {
    at("2026-11-20T12:00:00Z")
}

impl Case {
    fn release_by(
        &self,
        second: Option<StaffId>,
        change: &dyn Fn(&mut ReleaseView<'_>),
    ) -> Result<Part, Refused> {
        let sources = [(&self.donation, &self.bench.tests, &self.donor)];
        let mut view = ReleaseView {
            part: &self.part,
            sources: &sources,
            inspection: Inspection { looks_right: true, weighs_right: true },
            actor: staff(1),
            second,
            today: today(),
            label_verified: true,
        };
        change(&mut view);
        release(&view, &Profile::who(), now())
    }
    fn released(&self) -> Result<Part, Refused> {
        self.release_by(Some(staff(2)), &|_| ())
    }
    fn stopped(&self) -> Option<Rule> {
        rule(self.released())
    }
}

#[test]
fn what_is_in_order_is_released_by_two_and_goes_on_the_shelf() {
    let case = case();
    let part = case.released().expect("in order");
    assert_eq!((part.state, part.group), (PartState::Available, Some(A_POS)));
    let receive = receipt(&part, "Fridge 1", false, Phenotype::Ordinary).expect("for the shelf");
    let facts = bloodbank::Facts { site: "hill".into(), ..Default::default() };
    let policy = bloodbank::Policy::who();
    let events = bloodbank::decide(None, &facts, &receive, &[], &policy, now(), command(1));
    let unit = bloodbank::apply(None, part.id, &events.expect("received")[0]).expect("known");
    assert_eq!((unit.group, unit.expires, unit.din), (A_POS, part.expires, part.din));
    assert_eq!(rule(case.release_by(None, &|_| ())), Some(Rule::SecondPersonNeeded));
    assert_eq!(rule(case.release_by(Some(staff(1)), &|_| ())), Some(Rule::SamePerson));
    assert_eq!(
        rule(receipt(&case.part, "Fridge 1", false, Phenotype::Ordinary)),
        Some(Rule::NotAvailable)
    );
}

#[test]
fn s36_a_marker_that_is_missing_is_named() {
    let mut case = case();
    case.bench.tests.results.retain(|result| result.marker != Marker::Hcv);
    let Err(bloodbank::Refused::HardStop { rule, args }) = case.released() else {
        panic!("released without a test")
    };
    assert_eq!((rule, args["marker"].as_str()), (Rule::MarkerMissing, "Hcv"));
    assert_eq!(args["all"], "1", "nothing else is wrong");
}

#[test]
fn s39_no_label_before_the_second_typing_of_a_first_donation() {
    let mut case = case();
    case.bench.tests.typings.truncate(1);
    assert_eq!(case.stopped(), Some(Rule::TypingUnverified));
    case.bench.tests.typings.clear();
    assert_eq!(case.stopped(), Some(Rule::TypingMissing));
}

#[test]
fn s35_a_corrected_result_waits_for_its_verification_and_then_for_two_people() {
    use bloodbank::lab::{Command as C, Outcome, Stage};
    let mut case = case();
    let entry = case.bench.result(1, Marker::Hbv, Stage::Initial, Outcome::Reactive);
    assert_eq!(case.stopped(), Some(Rule::Reactive), "entered is enough to stop");
    let reason = "tube read again".to_owned();
    case.bench.tell(3, None, &C::CorrectResult { entry, outcome: Outcome::NonReactive, reason });
    assert_eq!(case.stopped(), Some(Rule::MarkerUnverified));
    case.bench.verify(2, entry);
    assert_eq!(case.part.state, PartState::Quarantine, "nothing left by itself");
    assert_eq!(rule(case.release_by(None, &|_| ())), Some(Rule::SecondPersonNeeded));
    assert!(case.released().is_ok());
}

#[test]
fn every_guard_stops_alone() {
    assert_eq!(case().stopped(), None);
    let donor = |change: &dyn Fn(Donor) -> Donor| {
        let mut case = case();
        case.donor = change(case.donor);
        case.stopped()
    };
    let ends = Ends::Never;
    let hiv =
        Command::DeferUntil { code: "hiv".into(), ends, only: vec![], reason: "told us".into() };
    assert_eq!(donor(&|d| told(d, &hiv, 7)), Some(Rule::DonorDeferred));
    let a_neg = BloodGroup { rhd: Rhd::Negative, ..A_POS };
    let typed = Command::RecordGroup { group: a_neg, donation: None };
    assert_eq!(donor(&|d| told(d, &typed, 8)), Some(Rule::TypingDiscrepant));
    let held = |reason: HoldReason| {
        let mut case = case();
        case.donation.holds.push(Hold { cause: command(1), reason, at: now() });
        case.stopped()
    };
    for reason in [HoldReason::ExcludedByDonor, HoldReason::VolumeLow, HoldReason::LookBack] {
        assert_eq!(held(reason), Some(Rule::Held));
    }
    let mut excluded = case();
    excluded.donation.excluded = Some(true);
    assert_eq!(excluded.stopped(), Some(Rule::Held));
    let part = |change: &dyn Fn(&mut Part)| {
        let mut case = case();
        change(&mut case.part);
        case.stopped()
    };
    assert_eq!(part(&|p| p.expires.at = now()), Some(Rule::Expired));
    assert_eq!(part(&|p| p.state = PartState::Recalled), Some(Rule::NotAvailable));
    assert_eq!(part(&|p| p.state = PartState::Available), Some(Rule::NotAvailable));
    assert_eq!(part(&|p| p.donations.push(donation_id(9))), Some(Rule::NotFound));
    assert_eq!(part(&|p| p.donations.clear()), Some(Rule::NotFound));
    let other = BloodGroup { abo: Abo::B, ..A_POS };
    assert_eq!(part(&|p| p.group = Some(other)), Some(Rule::TypingDiscrepant));
    let view =
        |change: &dyn Fn(&mut ReleaseView<'_>)| rule(case().release_by(Some(staff(2)), change));
    assert_eq!(view(&|v| v.inspection.looks_right = false), Some(Rule::InspectionFailed));
    assert_eq!(view(&|v| v.inspection.weighs_right = false), Some(Rule::InspectionFailed));
    assert_eq!(view(&|v| v.label_verified = false), Some(Rule::LabelNotVerified));
    assert_eq!(view(&|v| v.sources = &[]), Some(Rule::NotFound));
    let mut swapped = case();
    swapped.donation.donor = DonorId(Uuid::from_u128(9));
    assert_eq!(swapped.stopped(), Some(Rule::NotFound), "another donor's papers");
}
