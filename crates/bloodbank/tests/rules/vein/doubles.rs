//! One person under two records, or two people whom one name brought together.

use super::*;
use bloodbank::donation::{
    Command as Bag, Donation, Event as BagEvent, Hold, HoldReason, after_looking,
};
use bloodbank::profile::DonationKind::WholeBlood;

fn record(n: u128, family: &str) -> Donor {
    let mut record = man();
    record.id = DonorId(Uuid::from_u128(n));
    record.identity.name.family = family.into();
    record
}

fn settle(
    of: &Donor,
    with: &Donor,
    same: bool,
    second: Option<StaffId>,
) -> Result<Vec<Event>, Rule> {
    let questionnaire = Questionnaire::basic();
    let others = [with.clone()];
    let facts = donor::Facts { second, others: &others, ..facts(&questionnaire) };
    let settle = Command::SettleLikeness { other: with.id, same, reason: "both came".into() };
    let now = at("2026-11-20T08:00:00Z");
    decide(Some(of), &facts, &settle, &[], &Profile::who(), now, command(9)).map_err(|refused| {
        let bloodbank::Refused::HardStop { rule, .. } = refused else { panic!("{refused:?}") };
        rule
    })
}

fn settled(of: Donor, with: &Donor, same: bool) -> Donor {
    let events = settle(&of, with, same, Some(staff(2))).expect("by two people");
    let id = of.id;
    events.iter().fold(of, |of, event| apply(Some(of), id, event).expect("known"))
}

fn deferred(record: Donor, ends: Ends) -> Donor {
    let n = 30 + record.deferrals.len() as u128;
    let command =
        Command::DeferUntil { code: "hiv".into(), ends, only: vec![], reason: "test".into() };
    told(record, &command, n)
}

/// Given on a day, under a record, and held for the look.
fn donation(n: u128, of: &Donor, day: &str) -> Donation {
    let held = at(&format!("{day}T09:00:00Z"));
    let begun = BagEvent::Begun {
        din: format!("A99972600{n:04}"),
        donor: of.id,
        donation: WholeBlood,
        bag: Some("triple-450".into()),
        site: "hill".into(),
        zone: chrono_tz::Africa::Nairobi,
        first_time: true,
        not_for: vec![],
        at: held,
    };
    let hold = Hold { cause: command(n), reason: HoldReason::IdentityPending, at: held };
    [begun, BagEvent::Held { hold }]
        .iter()
        .fold(None, |bag, event| bloodbank::donation::apply(bag, donation_id(n), event))
        .expect("begun")
}

#[test]
fn of_one_person_the_stricter_deferral_and_the_longer_wait_count_under_both_names() {
    let a = gave(record(1, "Otieno"), WholeBlood, 10);
    let b = deferred(record(2, "Otiyeno"), Ends::On(day("2027-01-15")));
    let (a, b) = (settled(a.clone(), &b, true), settled(b, &a, true));
    let who = Profile::who();
    for (one, other) in [(&a, &b), (&b, &a)] {
        let all = person(one, std::slice::from_ref(other));
        assert_eq!(all.id, one.id);
        // The donation of ten days ago holds until 2 February; the deferral ends before that.
        assert_eq!(until(&verdict(&all, &who)), Some(Ends::On(day("2027-02-02"))));
        assert_eq!((all.donations.len(), all.deferrals.len()), (1, 1));
    }
    // Nothing moved and nothing went.
    assert_eq!((a.donations.len(), a.deferrals.len()), (1, 0));
    assert_eq!((b.donations.len(), b.deferrals.len()), (0, 1));
    // What comes later under one name counts under the other, too.
    let never = deferred(b, Ends::Never);
    assert_eq!(until(&verdict(&person(&a, &[never]), &who)), Some(Ends::Never));
}

#[test]
fn a_third_record_is_of_the_person_through_the_second() {
    let (a, b, c) = (record(1, "A"), record(2, "B"), deferred(record(3, "C"), Ends::Never));
    let a = settled(a, &b, true);
    let b = settled(b, &c, true);
    let others = [c, b];
    assert_eq!(records_of(&a, &others).len(), 2);
    assert_eq!(until(&verdict(&person(&a, &others), &Profile::who())), Some(Ends::Never));
    assert_eq!(until(&verdict(&person(&a, &others[..1]), &Profile::who())), None, "not linked");
}

#[test]
fn two_people_agree_and_the_same_decision_is_not_made_twice() {
    let (a, b) = (record(1, "A"), record(2, "B"));
    assert_eq!(settle(&a, &b, true, None), Err(Rule::SecondPersonNeeded));
    assert_eq!(settle(&a, &b, true, Some(staff(1))), Err(Rule::SamePerson));
    assert_eq!(settle(&a, &a, true, Some(staff(2))), Err(Rule::NoSuchLikeness));
    let joined = settled(a, &b, true);
    assert_eq!(settle(&joined, &b, true, Some(staff(2))), Err(Rule::NoSuchLikeness));
    // A join that was a mistake is taken back, and stays taken back.
    let apart = settled(joined, &b, false);
    assert_eq!((apart.same_as.as_slice(), apart.not_same.as_slice()), (&[][..], &[b.id][..]));
    // Found alike again, it is not asked again.
    let found =
        [Candidate { donor: b.id, signs: vec![Sign::SamePaper], permanently_deferred: true }];
    let questionnaire = Questionnaire::basic();
    let visit = visit(WholeBlood);
    let ask = Ask { visit: &visit, today: today(), questionnaire: &questionnaire, similar: &found };
    assert!(!eligibility(&apart, &ask, &Profile::who()).pending);
}

#[test]
fn s28_the_donation_that_waited_goes_on_for_two_people_and_stays_for_one_who_is_deferred() {
    let who = Profile::who();
    let mut new = record(1, "Otiyeno");
    let old = deferred(record(2, "Otieno"), Ends::Never);
    let bag = donation(5, &new, "2026-11-20");
    new.donations = vec![Past { donation: bag.id, ..past(5, WholeBlood, today()) }];
    new.likely_same = vec![Likeness {
        donor: old.id,
        signs: vec![Sign::SamePaper],
        permanently_deferred: true,
        likely: true,
    }];
    let bags = [bag.clone()];
    let after = |records: &[Donor]| after_looking(records, &bags, "looked", &who);
    assert_eq!(after(&[new.clone()]), [], "nobody has looked");
    let one = [settled(new.clone(), &old, true), settled(old.clone(), &new, true)];
    assert_eq!(after(&one), [], "it stays as it is held");
    let two = settled(new, &old, false);
    let lifted = Bag::LiftHold { hold: command(5), reason: "looked".into() };
    assert_eq!(after(&[two]), [(bag.id, lifted)]);
}

#[test]
fn of_one_person_the_donation_that_came_too_soon_is_held() {
    let who = Profile::who();
    let (mut a, mut b) = (record(1, "A"), record(2, "B"));
    let early = donation(5, &a, "2026-11-01");
    let late = donation(6, &b, "2026-11-20");
    a.donations = vec![Past { donation: early.id, ..past(5, WholeBlood, day("2026-11-01")) }];
    b.donations = vec![Past { donation: late.id, ..past(6, WholeBlood, today()) }];
    let records = [settled(a.clone(), &b, true), settled(b, &a, true)];
    let found = after_looking(&records, &[early.clone(), late.clone()], "looked", &who);
    let lifted = Bag::LiftHold { hold: command(5), reason: "looked".into() };
    let held = Bag::Hold { reason: HoldReason::IntervalViolation };
    assert_eq!(found, [(early.id, lifted), (late.id, held)]);
}

#[test]
fn a_donation_elsewhere_counts_and_one_that_cannot_have_been_does_not() {
    let questionnaire = Questionnaire::basic();
    let elsewhere =
        |on: &str| Past { elsewhere: Some("Kisumu".into()), ..past(77, WholeBlood, day(on)) };
    let tell = |of: &Donor, past: Past| {
        let now = at("2026-11-20T08:00:00Z");
        let told = Command::RecordDonation { past };
        decide(Some(of), &facts(&questionnaire), &told, &[], &Profile::who(), now, command(9))
            .map_err(|refused| {
                let bloodbank::Refused::HardStop { rule, .. } = refused else {
                    panic!("{refused:?}")
                };
                rule
            })
    };
    assert_eq!(tell(&man(), elsewhere("2026-11-21")), Err(Rule::GivenDay));
    assert_eq!(tell(&man(), elsewhere("1980-01-01")), Err(Rule::GivenDay), "before the birth");
    let known = told(man(), &Command::RecordDonation { past: elsewhere("2026-11-10") }, 8);
    let mut again = elsewhere("2026-11-10");
    again.donation = donation_id(78);
    assert_eq!(tell(&known, again), Err(Rule::GivenKnown));
    assert_eq!(until(&verdict(&known, &Profile::who())), Some(Ends::On(day("2027-02-02"))));
}
