//! The needle, the bag, the number (scenarios 24, 26, 30, 76).

use super::*;
use DonationKind::{Platelets, WholeBlood};
use bloodbank::Refused;
use bloodbank::donation::{
    self, Block, BlockRegister, Command as C, Donation, Grade, HoldReason, NumberProblem,
    ReactionKind, Rule, SiteNumbers, interval_violations,
};
use kernel::Component;
use proptest::prelude::*;
use std::collections::BTreeSet;

pub const DIN: &str = "A999926000101";

pub fn numbers() -> SiteNumbers {
    let mut register = BlockRegister::default();
    let block = register.grant("A9999", 26, "hill", 1_000).expect("free");
    let mut numbers = SiteNumbers::new("hill");
    numbers.hold(block).expect("ours");
    numbers
}

pub fn now() -> Instant {
    at("2026-11-20T08:00:00Z")
}

type Answer = Result<Vec<donation::Event>, Refused<Rule>>;

pub fn ask(state: Option<&Donation>, donor: &Donor, command_: &C, profile: &Profile) -> Answer {
    let numbers = numbers();
    let facts = donation::Facts {
        actor: staff(1),
        second: Some(staff(2)),
        donor: Some(donor),
        numbers: &numbers,
        site: "hill",
        zone: chrono_tz::Africa::Nairobi,
        later: false,
    };
    donation::decide(state, &facts, command_, profile, now(), command(77))
}

pub fn after(state: Option<Donation>, events: &[donation::Event]) -> Donation {
    let id = DonationId::of_din(DIN);
    let state = events.iter().fold(state, |state, event| donation::apply(state, id, event));
    state.expect("begun")
}

/// A donor whom today's screening accepts for this visit.
pub fn screened(donor: Donor, visit: Visit, profile: &Profile) -> Donor {
    let questionnaire = Questionnaire::basic();
    let screen = Command::Screen { visit };
    let events =
        decide(Some(&donor), &facts(&questionnaire), &screen, &[], profile, now(), command(60));
    let id = donor.id;
    events
        .expect("screened")
        .iter()
        .fold(donor, |donor, event| apply(Some(donor), id, event).expect("known"))
}

pub fn begin(bag: &str) -> C {
    let donor = DonorId(Uuid::from_u128(0xD0));
    C::Begin { din: DIN.into(), donor, donation: WholeBlood, bag: Some(bag.into()) }
}

/// 450 mL into a triple bag, from 10:52 to 11:00 in Nairobi.
pub fn given(donor: &Donor, bag: &str, profile: &Profile) -> Donation {
    let mut donation = after(None, &ask(None, donor, &begin(bag), profile).expect("begun"));
    donation.begun_at = at("2026-11-20T07:52:00Z");
    let volume = profile.bag(bag).expect("a bag").value.volume;
    let end = C::End { at: now(), volume, red_cells_returned: None };
    let events = ask(Some(&donation), donor, &end, profile).expect("ended");
    after(Some(donation), &events)
}

fn rule(answer: &Answer) -> Option<Rule> {
    match answer {
        Err(Refused::HardStop { rule, .. }) => Some(*rule),
        _ => None,
    }
}

#[test]
fn s24_two_donations_that_did_not_know_of_each_other_are_both_kept_and_the_second_is_held() {
    let fda = Profile::fda();
    // Site A takes blood today; ten days ago site B did, and nobody here knows.
    let donor = screened(man(), visit(WholeBlood), &fda);
    let donation = given(&donor, "triple-450", &fda);
    let here = Past { donation: donation.id, ..past(1, WholeBlood, today()) };
    let mut donor = told(donor, &Command::RecordDonation { past: here.clone() }, 31);
    assert_eq!(interval_violations(&donor, &fda), []);
    // Now it is known; that it came later changes nothing about the order of the days.
    let there = past(2, WholeBlood, day("2026-11-10"));
    donor = told(donor, &Command::RecordDonation { past: there.clone() }, 32);
    assert_eq!(donor.donations.len(), 2, "nothing is deleted");
    let found = interval_violations(&donor, &fda);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].donation, found[0].after), (donation.id, there.donation));
    assert_eq!(found[0].earliest, day("2027-01-05"));
    let hold = C::Hold { reason: HoldReason::IntervalViolation };
    let events = ask(Some(&donation), &donor, &hold, &fda).expect("held");
    let held = after(Some(donation), &events);
    assert!(held.is_held());
    assert_eq!(held.holds[0].reason, HoldReason::IntervalViolation);
    // Told in the other order both sites see the same.
    let mut other = man();
    for (past, n) in [(there, 41), (here, 42)] {
        other = told(other, &Command::RecordDonation { past }, n);
    }
    assert_eq!(interval_violations(&other, &fda), found);
}

#[test]
fn s26_the_counter_refuses_the_bag_too() {
    let india = Profile::india();
    let mut light = visit(WholeBlood);
    light.vitals.weight = Some(520);
    light.bag = Some(Millilitres(350));
    let donor = screened(man(), light, &india);
    let refused = ask(None, &donor, &begin("triple-450"), &india);
    assert_eq!(rule(&refused), Some(Rule::TooLightForBag));
    assert!(ask(None, &donor, &begin("triple-350"), &india).is_ok());
}

#[test]
fn s30_an_exclusion_in_confidence_holds_everything_and_its_reason_is_not_shown() {
    let who = Profile::who();
    let donor = screened(man(), visit(WholeBlood), &who);
    let donation = given(&donor, "triple-450", &who);
    assert!(!donation.is_held());
    let events = ask(Some(&donation), &donor, &C::Exclude { excluded: true }, &who).expect("said");
    let held = after(Some(donation), &events);
    assert!(held.is_held());
    let reason = &held.holds[0].reason;
    assert_eq!(*reason, HoldReason::ExcludedByDonor);
    assert_eq!(shown_hold(reason, false), "hold");
    assert_eq!(shown_hold(&HoldReason::Reactive, false), "hold", "as every other");
    assert_eq!(shown_hold(reason, true), "excluded_by_donor");
    // Nobody lifts it, and a later tick the other way does not either.
    let lift = C::LiftHold { hold: held.holds[0].cause, reason: "by mistake".into() };
    assert_eq!(rule(&ask(Some(&held), &donor, &lift, &who)), Some(Rule::HoldIsFinal));
    let events = ask(Some(&held), &donor, &C::Exclude { excluded: false }, &who).expect("said");
    let still = after(Some(held), &events);
    assert_eq!((still.is_held(), still.excluded), (true, Some(true)));
}

#[test]
fn blood_is_taken_only_from_a_donor_whom_todays_screening_accepts() {
    let who = Profile::who();
    let begin = begin("triple-450");
    let refused = |donor: &Donor| rule(&ask(None, donor, &begin, &who));
    assert_eq!(refused(&man()), Some(Rule::NotScreened));
    let mut faint = visit(WholeBlood);
    faint.vitals.haemoglobin = Some(90);
    assert_eq!(refused(&screened(man(), faint, &who)), Some(Rule::NotAccepted));
    let mut unmeasured = visit(WholeBlood);
    unmeasured.vitals.temperature = None;
    let referred = screened(man(), unmeasured, &who);
    assert_eq!(refused(&referred), Some(Rule::NotAccepted), "a physician first");
    let clear = Command::Clear { screening: command(60), reason: "36.8 by mouth".into() };
    assert_eq!(refused(&told(referred, &clear, 61)), None);
    let donor = screened(man(), visit(WholeBlood), &who);
    assert_eq!(refused(&donor), None);
    let late = Command::DeferUntil {
        code: "hiv".into(),
        ends: Ends::Never,
        only: vec![],
        reason: "came in a minute later".into(),
    };
    assert_eq!(refused(&told(donor.clone(), &late, 62)), Some(Rule::NotAccepted));
    let twice = told(donor, &Command::RecordDonation { past: past(1, WholeBlood, today()) }, 63);
    assert_eq!(refused(&twice), Some(Rule::AlreadyGiven));
}

#[test]
fn a_number_is_one_of_the_sites_own_and_used_once() {
    let who = Profile::who();
    let donor = screened(man(), visit(WholeBlood), &who);
    let with = |din: &str| {
        let mut command_ = begin("triple-450");
        if let C::Begin { din: given, .. } = &mut command_ {
            *given = din.into();
        }
        rule(&ask(None, &donor, &command_, &who))
    };
    assert_eq!(with("A9999"), Some(Rule::DinBad));
    assert_eq!(with("A999926002000"), Some(Rule::DinNotOurs), "beyond the block");
    assert_eq!(with("A999826000101"), Some(Rule::DinNotOurs), "another facility");
    assert_eq!(with(DIN), None);
    let begun = given(&donor, "triple-450", &who);
    let again = ask(Some(&begun), &donor, &begin("triple-450"), &who);
    assert_eq!(rule(&again), Some(Rule::DinKnown));
    assert_eq!(rule(&ask(None, &donor, &begin("bucket"), &who)), Some(Rule::UnknownBag));
}

#[test]
fn times_and_volumes_that_cannot_be_are_refused_and_odd_ones_hold_the_bag() {
    let who = Profile::who();
    let donor = screened(man(), visit(WholeBlood), &who);
    let begun = after(None, &ask(None, &donor, &begin("triple-450"), &who).expect("begun"));
    let end = |at, volume| {
        let volume = Millilitres(volume);
        ask(Some(&begun), &donor, &C::End { at, volume, red_cells_returned: None }, &who)
    };
    let minute = kernel::TimeDelta::minutes(1);
    assert_eq!(rule(&end(now() - minute, 450)), Some(Rule::TimesReversed), "before it began");
    assert_eq!(rule(&end(now() + minute, 450)), Some(Rule::TimesReversed), "after now");
    assert_eq!(rule(&end(now(), 0)), Some(Rule::VolumeImpossible));
    assert_eq!(rule(&end(now(), 5_000)), Some(Rule::VolumeImpossible));
    let holds = |volume| after(Some(begun.clone()), &end(now(), volume).expect("ended")).holds;
    assert_eq!(holds(404)[0].reason, HoldReason::VolumeLow);
    assert_eq!(holds(405), []);
    assert_eq!(holds(495), []);
    assert_eq!(holds(496)[0].reason, HoldReason::VolumeHigh);
}

#[test]
fn limits_and_doubts_of_the_screening_go_with_the_donation() {
    let who = Profile::who();
    let mut aspirin = visit(WholeBlood);
    let yesterday = donor::Answer { yes: true, when: Some(day("2026-11-19")) };
    aspirin.answers.insert("aspirin".into(), yesterday);
    let donation = given(&screened(man(), aspirin, &who), "triple-450", &who);
    assert_eq!(donation.not_for, [Component::Platelets]);
    assert!(donation.first_time);
    let mut doubtful = man();
    doubtful.likely_same = vec![Likeness {
        donor: DonorId(Uuid::from_u128(5)),
        signs: vec![Sign::SamePaper],
        permanently_deferred: true,
        likely: true,
    }];
    let pending = given(&screened(doubtful, visit(WholeBlood), &who), "triple-450", &who);
    assert_eq!(pending.holds[0].reason, HoldReason::IdentityPending);
}

#[test]
fn what_the_donor_felt_is_kept_with_its_grade() {
    let who = Profile::who();
    let donor = screened(man(), visit(WholeBlood), &who);
    let donation = given(&donor, "triple-450", &who);
    let grade = Grade::try_from(3).expect("a grade");
    let react = C::React { reaction: ReactionKind::Vasovagal, grade, note: None };
    let donation =
        after(Some(donation.clone()), &ask(Some(&donation), &donor, &react, &who).expect("kept"));
    assert!(donation.reactions[0].grade.is_serious());
    assert!(!Grade::try_from(2).expect("a grade").is_serious());
    assert!(Grade::try_from(0).is_err() && Grade::try_from(6).is_err());
    assert!(serde_json::from_str::<Grade>("9").is_err());
}

#[test]
fn s76_the_year_rolls_over_and_no_number_is_given_twice() {
    let mut register = BlockRegister::default();
    let mut sites: Vec<SiteNumbers> = ["hill", "valley"].map(SiteNumbers::new).into();
    for (site, numbers) in ["hill", "valley"].iter().zip(&mut sites) {
        for year in [26, 27] {
            let block = register.grant("A9999", year, site, 50).expect("free");
            numbers.hold(block).expect("ours");
        }
    }
    // Both sites work through New Year, each with clocks that jump back and forth over midnight
    // and over a change of zone.
    let mut seen = BTreeSet::new();
    let days = ["2026-12-31", "2027-01-01", "2026-12-31", "2027-01-01", "2027-01-02"];
    for numbers in &mut sites {
        for text in days {
            let din = numbers.take(day(text)).expect("left");
            assert_eq!(din.year(), if text.starts_with("2026") { 26 } else { 27 });
            assert!(seen.insert(din.as_str().to_owned()), "{} twice", din.as_str());
        }
    }
    assert_eq!(seen.len(), 10);
}

#[test]
fn a_site_without_a_block_of_the_new_year_uses_the_old_one_in_january_and_then_stops() {
    let mut numbers = numbers();
    assert_eq!(numbers.take(day("2027-01-31")).expect("still").year(), 26);
    assert_eq!(numbers.take(day("2027-02-01")), Err(NumberProblem::NoneLeft));
    let mut small = SiteNumbers::new("hill");
    let block = |first, last, site: &str| Block {
        fin: "A9999".into(),
        year: 26,
        first,
        last,
        site: site.into(),
    };
    small.hold(block(7, 8, "hill")).expect("ours");
    assert_eq!(small.take(today()).expect("left").serial(), "000007");
    assert_eq!(small.take(today()).expect("left").serial(), "000008");
    assert_eq!(small.take(today()), Err(NumberProblem::NoneLeft));
    assert_eq!(small.hold(block(9, 9, "valley")), Err(NumberProblem::OtherSite));
    let mut register = BlockRegister::default();
    register.add(block(1, 10, "hill")).expect("free");
    let meets = register.add(block(10, 20, "valley"));
    assert_eq!(meets, Err(NumberProblem::Overlaps { site: "hill".into() }));
    assert!(register.add(block(0, 5, "valley")).is_err());
    assert!(register.add(block(30, 20, "valley")).is_err());
    assert!(register.add(Block { fin: "O9999".into(), ..block(30, 40, "valley") }).is_err());
    assert!(register.grant("A9999", 26, "valley", u32::MAX).is_err());
}

#[test]
fn platelets_by_apheresis_need_no_bag_and_remember_the_red_cells() {
    let fda = Profile::fda();
    let donor = screened(man(), visit(Platelets), &fda);
    let donor_id = donor.id;
    let begin = C::Begin { din: DIN.into(), donor: donor_id, donation: Platelets, bag: None };
    let begun = after(None, &ask(None, &donor, &begin, &fda).expect("begun"));
    let end = C::End { at: now(), volume: Millilitres(250), red_cells_returned: Some(false) };
    let ended = after(Some(begun.clone()), &ask(Some(&begun), &donor, &end, &fda).expect("ended"));
    assert_eq!(ended.ended.and_then(|ended| ended.red_cells_returned), Some(false));
}

proptest! {
    #[test]
    fn blocks_never_meet_and_no_two_sites_ever_give_one_number(
        grants in proptest::collection::vec((0usize..3, 25u8..29, 1u32..40), 1..20),
        takes in proptest::collection::vec((0usize..3, 0i64..1_200), 0..200),
    ) {
        let names = ["hill", "valley", "shore"];
        let mut register = BlockRegister::default();
        let mut sites: Vec<SiteNumbers> = names.iter().map(|name| SiteNumbers::new(name)).collect();
        for (site, year, size) in grants {
            let block = register.grant("A9999", year, names[site], size).expect("far from full");
            sites[site].hold(block).expect("ours");
        }
        let mut seen = BTreeSet::new();
        for (site, days) in takes {
            let on = day("2025-06-01") + kernel::TimeDelta::days(days);
            if let Ok(din) = sites[site].take(on) {
                prop_assert!(sites[site].owns(&din));
                prop_assert!(seen.insert(din), "{:?} twice", din);
            }
        }
    }
}

fn late(state: &Donor, time: Instant) -> Answer {
    let numbers = numbers();
    let facts = donation::Facts {
        actor: staff(1),
        second: None,
        donor: Some(state),
        numbers: &numbers,
        site: "hill",
        zone: chrono_tz::Africa::Nairobi,
        later: true,
    };
    donation::decide(None, &facts, &begin("triple-450"), &Profile::who(), time, command(77))
}

#[test]
fn s61_a_donation_from_paper_rests_on_the_screening_before_it_in_whatever_order_they_were_entered()
{
    let minutes = kernel::TimeDelta::minutes;
    let asked = screened(man(), visit(WholeBlood), &Profile::who());
    assert_eq!(rule(&late(&asked, now() - minutes(1))), Some(Rule::NotScreened), "before it");
    assert!(late(&asked, now()).is_ok());
    assert!(late(&asked, now() + minutes(30)).is_ok());
    assert_eq!(rule(&late(&asked, now() + minutes(24 * 60))), Some(Rule::NotScreened), "next day");

    // The paper of 10:00 is entered after the screening of 12:00 that deferred: 11:00 rests on the first.
    let mut twice = asked.clone();
    let mut deferred = twice.screenings[0].clone();
    deferred.at = now() + minutes(120);
    deferred.result.verdict =
        Verdict::Defer { until: Ends::On(day("2026-12-01")), why: Why::Interval, code: None };
    twice.screenings.insert(0, deferred);
    assert!(late(&twice, now() + minutes(60)).is_ok());
    let answer = late(&twice, now() + minutes(150));
    assert_eq!(rule(&answer), Some(Rule::NotAccepted), "the later one counts from its time on");

    // What was given on a later day stands in the record already, and does not stand in the way.
    let since = told(
        asked.clone(),
        &Command::RecordDonation { past: past(9, WholeBlood, day("2026-11-21")) },
        90,
    );
    assert!(late(&since, now() + minutes(30)).is_ok());
    let same = told(asked, &Command::RecordDonation { past: past(9, WholeBlood, today()) }, 90);
    assert_eq!(rule(&late(&same, now() + minutes(30))), Some(Rule::AlreadyGiven));
}

#[test]
fn s61_a_screening_from_paper_is_judged_by_the_age_and_the_interval_of_its_day() {
    let questionnaire = Questionnaire::basic();
    let screen = Command::Screen { visit: visit(WholeBlood) };
    let verdict = |state: &Donor, later: bool, on: &str| {
        let facts = donor::Facts { later, today: day(on), ..facts(&questionnaire) };
        let events = decide(Some(state), &facts, &screen, &[], &Profile::who(), now(), command(60));
        match &events.expect("asked")[0] {
            donor::Event::Screened { screening } => screening.result.verdict.clone(),
            other => panic!("{other:?}"),
        }
    };
    // Given in the program on the 20th; the form is of the 10th.
    let gave = told(man(), &Command::RecordDonation { past: past(9, WholeBlood, today()) }, 90);
    assert_eq!(verdict(&gave, true, "2026-11-10"), Verdict::Accept);
    assert!(
        matches!(verdict(&gave, true, "2026-11-21"), Verdict::Defer { .. }),
        "ten days too soon"
    );
    // Not yet of age on that day, and so today.
    let young = donor(Sex::Male, "2008-11-15");
    assert!(matches!(verdict(&young, true, "2026-11-14"), Verdict::Defer { .. }));
    assert_eq!(verdict(&young, false, "2026-11-20"), Verdict::Accept);
}
