//! Who may give (scenarios 23 to 32, 74).

use super::*;
use DonationKind::{DoubleRedCells, Platelets, WholeBlood};
use bloodbank::KnownGroup;
use bloodbank::lab::MarkerState;
use bloodbank::profile::{DeferralRule, Lasts, Marker, Span};
use kernel::{Abo, BloodGroup, Component, Rhd};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn s23_whole_blood_waits_as_long_as_profile_and_sex_say() {
    let after = |donor: Donor, days| gave(donor, WholeBlood, days);
    let fda = Profile::fda();
    let answer = verdict(&after(man(), 55), &fda);
    assert_eq!(until(&answer), Some(Ends::On(day("2026-11-21"))), "one more day");
    assert_eq!(because(&answer), Some(Why::Interval));
    assert_eq!(verdict(&after(man(), 56), &fda), Verdict::Accept);
    for (donor, profile, days) in [
        (man(), Profile::who(), 84),
        (woman(), Profile::who(), 112),
        (man(), Profile::india(), 90),
        (woman(), Profile::india(), 120),
    ] {
        let early = verdict(&after(donor.clone(), days - 1), &profile);
        assert_eq!(because(&early), Some(Why::Interval), "{} {days}", profile.name);
        assert_eq!(until(&early), Some(Ends::On(day("2026-11-21"))));
        assert_eq!(verdict(&after(donor, days), &profile), Verdict::Accept);
    }
}

#[test]
fn s25_whole_blood_after_platelets_depends_on_the_red_cells_given_back() {
    let after = |returned| {
        let mut donor = gave(man(), Platelets, 10);
        donor.donations[0].red_cells_returned = returned;
        until(&verdict(&donor, &Profile::india()))
    };
    let ten_days_ago = day("2026-11-10");
    let plus = |days| Some(Ends::On(ten_days_ago + kernel::TimeDelta::days(days)));
    assert_eq!(after(Some(false)), plus(90));
    assert_eq!(after(Some(true)), plus(28));
    assert_eq!(after(None), plus(90), "when nobody knows, the longer");
}

#[test]
fn s26_a_bag_for_which_the_donor_is_too_light_is_not_chosen() {
    let asked = |weight, bag, profile: &Profile| {
        let mut visit = visit(WholeBlood);
        visit.vitals.weight = Some(weight);
        visit.bag = Some(Millilitres(bag));
        judged(&man(), &visit, today(), profile).verdict
    };
    let india = Profile::india();
    assert_eq!(because(&asked(520, 450, &india)), Some(Why::Weight));
    assert_eq!(asked(520, 350, &india), Verdict::Accept);
    assert_eq!(because(&asked(550, 450, &india)), Some(Why::Weight), "more than 55, not 55");
    assert_eq!(asked(551, 450, &india), Verdict::Accept);
    assert_eq!(asked(500, 450, &Profile::who()), Verdict::Accept, "there 50 is enough");
}

#[test]
fn s27_haemoglobin_is_judged_by_sex_and_profile() {
    let asked = |donor: &Donor, profile: &Profile| {
        let mut visit = visit(WholeBlood);
        visit.vitals.haemoglobin = Some(124);
        judged(donor, &visit, today(), profile).verdict
    };
    assert_eq!(asked(&woman(), &Profile::who()), Verdict::Accept);
    for profile in [Profile::fda(), Profile::india(), Profile::eu()] {
        assert_eq!(because(&asked(&woman(), &profile)), Some(Why::Haemoglobin), "{}", profile.name);
    }
    for profile in Profile::built_in() {
        assert_eq!(because(&asked(&man(), &profile)), Some(Why::Haemoglobin), "{}", profile.name);
    }
    let unknown = donor(Sex::NotKnown, "1990-05-01");
    assert_eq!(because(&asked(&unknown, &Profile::who())), Some(Why::Haemoglobin), "the stricter");
}

/// A record at another site that says never.
fn elsewhere(signs: &[Sign]) -> Candidate {
    let donor = DonorId(Uuid::from_u128(0xE15E));
    Candidate { donor, signs: signs.to_vec(), permanently_deferred: true }
}

#[test]
fn s28_somebody_deferred_for_ever_elsewhere_is_seen_through_another_spelling() {
    let questionnaire = Questionnaire::basic();
    let found = [elsewhere(&[Sign::AlikeName, Sign::SameBirthDate])];
    let facts = donor::Facts { similar: &found, ..facts(&questionnaire) };
    let register = Command::Register { identity: identity(Sex::Male, "1990-05-01"), contact: None };
    let now = at("2026-11-20T08:00:00Z");
    let who = Profile::who();
    let asked =
        |overridden: &[Rule]| decide(None, &facts, &register, overridden, &who, now, command(1));
    let warned = asked(&[]).expect_err("a duplicate is not registered in passing");
    let bloodbank::Refused::NeedsOverride { rules, args } = warned else { panic!("{warned:?}") };
    assert_eq!((rules, args["deferred"].as_str()), (vec![Rule::LikelySame], "true"));
    // With a reason the donor is registered, and accepted only as pending.
    let events = asked(&[Rule::LikelySame]).expect("with a reason");
    let id = DonorId(Uuid::from_u128(1));
    let mut new = apply(None, id, &events[0]).expect("registered");
    new = told(new, &Command::Consent { text: "donor".into(), text_version: 1, guardian: None }, 2);
    let answer = judged(&new, &visit(WholeBlood), today(), &who);
    assert_eq!(answer.verdict, Verdict::Accept);
    assert!(answer.pending, "what is given waits in quarantine: {answer:?}");
    // After the look: the same person. Never means never under both names.
    let same =
        Command::SettleLikeness { other: found[0].donor, same: true, reason: "finger".into() };
    let known = told(new.clone(), &same, 3);
    assert_eq!(until(&verdict(&known, &who)), Some(Ends::Never));
    let differs =
        Command::SettleLikeness { other: found[0].donor, same: false, reason: "a cousin".into() };
    let free = judged(&told(new, &differs, 4), &visit(WholeBlood), today(), &who);
    assert_eq!((free.verdict, free.pending), (Verdict::Accept, false));
}

#[test]
fn a_shared_phone_alone_is_no_duplicate_and_a_paper_alone_is_one() {
    let likely = |signs: &[Sign]| candidates(&[elsewhere(signs)]).first().map(|l| l.likely);
    assert_eq!(likely(&[Sign::SamePhone]), None);
    assert_eq!(likely(&[Sign::AlikeName]), None);
    assert_eq!(likely(&[Sign::AlikeName, Sign::NearBirthDate]), Some(false));
    assert_eq!(likely(&[Sign::SameName, Sign::SameBirthDate]), Some(true));
    assert_eq!(likely(&[Sign::SamePaper]), Some(true));
    assert!(near(day("1990-05-01"), day("1990-01-05")), "day and month exchanged");
    assert!(!near(day("1990-05-01"), day("1994-05-01")));
}

fn with_tattoo(months_ago: &str) -> Visit {
    let mut visit = visit(WholeBlood);
    visit.answers.insert("tattoo".into(), Answer { yes: true, when: Some(day(months_ago)) });
    visit
}

#[test]
fn s29_a_tattoo_counts_as_long_as_the_profile_says_and_a_new_policy_changes_no_old_record() {
    let visit = with_tattoo("2026-07-20"); // four months ago
    assert_eq!(judged(&man(), &visit, today(), &Profile::fda()).verdict, Verdict::Accept);
    let who = judged(&man(), &visit, today(), &Profile::who()).verdict;
    assert_eq!(until(&who), Some(Ends::On(day("2027-07-20"))));
    assert!(matches!(who, Verdict::Defer { code: Some(code), .. } if code == "tattoo"));
    // From tomorrow the same profile says six months.
    let mut changed = Profile::fda();
    let mut row = changed.deferral("tattoo", today()).expect("a rule").clone();
    row.effective_from = day("2026-11-21");
    row.value = DeferralRule { lasts: Lasts::For(Span::Months(6)), ..row.value };
    changed.deferrals.push(row);
    let changed = changed.checked().expect("two versions of one rule");
    assert_eq!(judged(&man(), &visit, today(), &changed).verdict, Verdict::Accept, "today's");
    let tomorrow = judged(&man(), &visit, day("2026-11-21"), &changed).verdict;
    assert_eq!(until(&tomorrow), Some(Ends::On(day("2027-01-20"))));
    // What was recorded today still says accept, and under which version.
    let questionnaire = Questionnaire::basic();
    let now = at("2026-11-20T08:00:00Z");
    let screen = Command::Screen { visit };
    let events =
        decide(Some(&man()), &facts(&questionnaire), &screen, &[], &changed, now, command(9));
    let donor = events.expect("screened").iter().fold(man(), |donor, event| {
        let id = donor.id;
        apply(Some(donor), id, event).expect("known")
    });
    assert_eq!(donor.screenings[0].result.verdict, Verdict::Accept);
    assert_eq!(donor.screenings[0].profile, "fda 1");
}

#[test]
fn s31_aspirin_yesterday_forbids_platelets_and_nothing_else() {
    let mut whole = visit(WholeBlood);
    let aspirin = Answer { yes: true, when: Some(day("2026-11-19")) };
    whole.answers.insert("aspirin".into(), aspirin);
    for profile in Profile::built_in() {
        let answer = judged(&man(), &whole, today(), &profile).verdict;
        let limited = Verdict::AcceptLimited { not_for: vec![Component::Platelets] };
        assert_eq!(answer, limited, "{}", profile.name);
        let apheresis = Visit { kind: Platelets, ..whole.clone() };
        let refused = judged(&man(), &apheresis, today(), &profile).verdict;
        assert_eq!(because(&refused), Some(Why::Deferred), "{}", profile.name);
    }
}

#[test]
fn s32_the_last_age_is_a_switch_and_a_first_donation_has_its_own() {
    let asked = |donor: &Donor, profile: &Profile| verdict(donor, profile);
    let mut india = Profile::india();
    let of_61 = donor(Sex::Male, "1965-11-20");
    assert_eq!(because(&asked(&of_61, &india)), Some(Why::TooOldFirstTime));
    let a_day_over_60 = donor(Sex::Male, "1966-11-19");
    assert_eq!(asked(&a_day_over_60, &india), Verdict::Accept, "through the year of 60");
    let mut limit = india.donors.age_max_first.value.expect("a limit");
    limit.whole_year = false;
    india.donors.age_max_first.value = Some(limit);
    assert_eq!(because(&asked(&a_day_over_60, &india)), Some(Why::TooOldFirstTime), "up to 60");
    let just_60 = donor(Sex::Male, "1966-11-20");
    assert_eq!(asked(&just_60, &india), Verdict::Accept, "that very birthday");
    let regular = |born| gave(donor(Sex::Male, born), WholeBlood, 200);
    assert_eq!(asked(&regular("1962-05-01"), &india), Verdict::Accept, "64, gave before");
    assert_eq!(asked(&regular("1960-11-21"), &india), Verdict::Accept, "the day before 66");
    let at_66 = asked(&regular("1960-11-20"), &india);
    assert_eq!((because(&at_66), until(&at_66)), (Some(Why::TooOld), Some(Ends::Never)));
    assert_eq!(asked(&of_61, &Profile::eu()), Verdict::Refer, "there a physician decides");
}

#[test]
fn s74_test_results_need_a_right_and_every_look_leaves_a_trace() {
    let results = BTreeMap::from([(Marker::Hiv, MarkerState::Unsafe)]);
    let now = at("2026-11-20T08:00:00Z");
    let donor = told(
        man(),
        &Command::DeferUntil {
            code: "hiv".into(),
            ends: Ends::Never,
            only: vec![],
            reason: "confirmed".into(),
        },
        7,
    );
    let look = |right, purpose| see(&donor, &results, staff(4), right, purpose, now);
    let denied = look(false, Purpose::TestResults);
    assert_eq!(denied.results, None);
    assert_eq!(denied.deferrals, ["deferred"], "not even the code");
    let trace = denied.trace.expect("a refused look is logged too");
    assert!(trace.refused);
    assert_eq!((trace.by, trace.donor, trace.at), (staff(4), Some(donor.id), now));
    let allowed = look(true, Purpose::TestResults);
    assert_eq!(allowed.results, Some(results.clone()));
    assert!(!allowed.trace.expect("logged").refused);
    let by_phone = look(false, Purpose::SearchByPhone);
    assert_eq!(by_phone.trace.map(|trace| trace.purpose), Some(Purpose::SearchByPhone));
    let kiosk = look(true, Purpose::Kiosk);
    assert_eq!((kiosk.contact, kiosk.results, kiosk.deferrals.len()), (None, None, 0));
}

#[test]
fn contact_is_erased_and_the_donation_stays() {
    let donor = gave(man(), WholeBlood, 100);
    let donor = told(donor, &Command::Agree { channel: Channel::Sms, agreed: true }, 5);
    assert!(donor.agreed_to(Channel::Sms) && !donor.agreed_to(Channel::Email));
    let erased = told(donor, &Command::EraseContact { reason: "asked for it".into() }, 6);
    assert_eq!((erased.contact.clone(), erased.agreed_to(Channel::Sms)), (None, false));
    assert_eq!(erased.donations.len(), 1);
}

#[test]
fn what_is_missing_sends_the_donor_to_a_physician_and_half_a_questionnaire_accepts_nobody() {
    let who = Profile::who();
    let mut bare = visit(WholeBlood);
    bare.vitals = Vitals::default();
    let answer = judged(&man(), &bare, today(), &who);
    assert_eq!(answer.verdict, Verdict::Refer);
    let missing: Vec<_> = answer.reasons.iter().filter_map(|r| r.args.get("what")).collect();
    assert_eq!(missing, ["weight", "haemoglobin", "temperature"]);
    let mut half = visit(WholeBlood);
    half.answers.remove("malaria");
    assert_eq!(because(&judged(&man(), &half, today(), &who).verdict), Some(Why::Unanswered));
    let mut undated = visit(WholeBlood);
    undated.answers.insert("malaria".into(), Answer { yes: true, when: None });
    assert_eq!(because(&judged(&man(), &undated, today(), &who).verdict), Some(Why::Unanswered));
    let mut unshown = visit(WholeBlood);
    unshown.identity_shown = false;
    let refused = judged(&man(), &unshown, today(), &who).verdict;
    assert_eq!(because(&refused), Some(Why::IdentityNotShown));
    let mut unconsenting = man();
    unconsenting = told(unconsenting, &Command::WithdrawConsent, 8);
    assert_eq!(because(&verdict(&unconsenting, &who)), Some(Why::NoConsent));
}

#[test]
fn a_pressure_outside_the_rule_is_the_physicians_in_one_book_and_a_deferral_in_another() {
    let mut high = visit(WholeBlood);
    high.vitals.systolic = Some(185);
    assert_eq!(judged(&man(), &high, today(), &Profile::fda()).verdict, Verdict::Refer);
    let india = judged(&man(), &high, today(), &Profile::india()).verdict;
    assert_eq!(
        (because(&india), until(&india)),
        (Some(Why::Pressure), Some(Ends::On(day("2026-11-21"))))
    );
    assert_eq!(judged(&man(), &high, today(), &Profile::who()).verdict, Verdict::Accept);
}

#[test]
fn limits_of_a_year_and_of_a_week_free_themselves_one_donation_at_a_time() {
    // Uk: a woman gives whole blood three times in a year.
    let uk = Profile::uk();
    let mut often = woman();
    for days in [300, 200, 100] {
        often = gave(often, WholeBlood, days);
    }
    let answer = verdict(&often, &uk);
    assert_eq!(because(&answer), Some(Why::TooOften));
    assert_eq!(
        until(&answer),
        Some(Ends::On(day("2027-01-24"))),
        "a year after the oldest of three"
    );
    assert_eq!(
        verdict(&gave(gave(woman(), WholeBlood, 200), WholeBlood, 100), &uk),
        Verdict::Accept
    );
    let mut weekly = visit(Platelets);
    weekly.bag = None;
    let twice = gave(gave(man(), Platelets, 6), Platelets, 3);
    let answer = judged(&twice, &weekly, today(), &Profile::fda()).verdict;
    assert_eq!(
        (because(&answer), until(&answer)),
        (Some(Why::TooOften), Some(Ends::On(day("2026-11-21"))))
    );
}

#[test]
fn the_next_dates_say_what_they_hang_on() {
    let donor = gave(man(), WholeBlood, 10);
    let fda = Profile::fda();
    let next = next_dates(&donor, today(), &fda);
    let whole = next.iter().find(|next| next.kind == WholeBlood).expect("each kind");
    assert_eq!((whole.on, whole.why), (Some(day("2027-01-05")), Some(Why::Interval)));
    // The answer given at the desk and the date in the reminder are one rule.
    let on_that_day = judged(&donor, &visit(WholeBlood), day("2027-01-05"), &fda).verdict;
    assert_eq!(on_that_day, Verdict::Accept);
    let double = next.iter().find(|next| next.kind == DoubleRedCells).expect("each kind");
    assert_eq!(double.on, Some(day("2027-01-05")));
    let never = told(
        donor,
        &Command::DeferUntil {
            code: "hiv".into(),
            ends: Ends::Never,
            only: vec![],
            reason: "confirmed".into(),
        },
        3,
    );
    for next in next_dates(&never, today(), &fda) {
        assert_eq!((next.on, next.code.as_deref()), (None, Some("hiv")), "{:?}", next.kind);
    }
    let young = super::donor(Sex::Female, "2010-03-01");
    let next = next_dates(&young, today(), &Profile::who());
    assert_eq!(next[0].on, Some(day("2028-03-01")), "her eighteenth birthday");
}

#[test]
fn a_deferral_is_lifted_by_name_only_and_a_lasting_one_by_two() {
    let never = Command::DeferUntil {
        code: "hepatitis_b".into(),
        ends: Ends::Never,
        only: vec![],
        reason: "confirmed".into(),
    };
    let donor = told(man(), &never, 5);
    let questionnaire = Questionnaire::basic();
    let lift = |cause, second| {
        let command_ = Command::LiftDeferral {
            cause,
            code: "hepatitis_b".into(),
            reason: "wrong person".into(),
        };
        let facts = donor::Facts { second, ..facts(&questionnaire) };
        let now = at("2026-11-20T08:00:00Z");
        decide(Some(&donor), &facts, &command_, &[], &Profile::who(), now, command(6))
    };
    let rule = |answer: Result<Vec<Event>, bloodbank::Refused<Rule>>| match answer {
        Err(bloodbank::Refused::HardStop { rule, .. }) => Some(rule),
        _ => None,
    };
    assert_eq!(rule(lift(command(99), Some(staff(2)))), Some(Rule::NoSuchDeferral));
    assert_eq!(rule(lift(command(5), None)), Some(Rule::SecondPersonNeeded));
    assert_eq!(rule(lift(command(5), Some(staff(1)))), Some(Rule::SamePerson));
    assert!(lift(command(5), Some(staff(2))).is_ok());
}

#[test]
fn a_group_is_never_overwritten() {
    let group = |abo| BloodGroup { abo, rhd: Rhd::Positive };
    let record =
        |donor, abo, n| told(donor, &Command::RecordGroup { group: group(abo), donation: None }, n);
    let once = record(man(), Abo::A, 1);
    assert_eq!(once.group(), KnownGroup::Once(group(Abo::A)));
    let twice = record(once, Abo::A, 2);
    assert_eq!(twice.group(), KnownGroup::Confirmed(group(Abo::A)));
    let other = record(twice, Abo::O, 3);
    assert_eq!(other.group(), KnownGroup::Conflict(vec![group(Abo::O), group(Abo::A)]));
}

#[test]
fn a_code_that_the_profile_does_not_know_goes_to_a_physician() {
    let mut uk = Profile::uk();
    uk.deferrals.retain(|row| row.value.code != "tattoo");
    let answer = judged(&man(), &with_tattoo("2026-11-01"), today(), &uk);
    assert_eq!(answer.verdict, Verdict::Refer);
}

#[test]
fn a_menopause_rule_of_a_country_shortens_only_for_those_who_are_known_to_be_past_it() {
    use bloodbank::Sourced;
    use bloodbank::profile::{Change, Interval};
    let row = Sourced {
        value: Interval {
            from: WholeBlood,
            to: WholeBlood,
            sex: Some(Sex::Female),
            after_menopause: Some(true),
            red_cells_returned: None,
            days: 84,
        },
        source: "bloodbank.md 2.5 [S20e]".into(),
        effective_from: day("2026-01-01"),
        status: bloodbank::Confirmation::ToBeConfirmed,
    };
    let zimbabwe = Profile::who().for_country("ZW", vec![Change::Interval(row)]).expect("sane");
    let donor = gave(woman(), WholeBlood, 90);
    assert_eq!(because(&verdict(&donor, &zimbabwe)), Some(Why::Interval), "not known: 112 days");
    let health = Health { after_menopause: Some(true), ..Health::default() };
    let past_it = told(donor, &Command::SetHealth { health }, 4);
    assert_eq!(verdict(&past_it, &zimbabwe), Verdict::Accept);
    assert_eq!(because(&verdict(&past_it, &Profile::who())), Some(Why::Interval));
}

fn rank(verdict: &Verdict) -> (u8, Ends) {
    let first = Ends::On(NaiveDate::MIN);
    match verdict {
        Verdict::Accept => (0, first),
        Verdict::AcceptLimited { .. } => (1, first),
        Verdict::Refer => (2, first),
        Verdict::Defer { until, .. } => (3, *until),
    }
}

proptest! {
    #[test]
    fn one_more_deferral_or_donation_never_makes_anybody_more_eligible(
        earlier in proptest::collection::vec((0u64..400, 0usize..4), 0..4),
        ends in prop_oneof![
            (-30i64..400).prop_map(|days| Ends::On(today() + kernel::TimeDelta::days(days))),
            Just(Ends::WhenLifted),
            Just(Ends::Never),
        ],
        only in prop_oneof![Just(vec![]), Just(vec![Component::Platelets]), Just(vec![Component::Plasma])],
        more in (0u64..400, 0usize..4),
        profile in 0usize..5,
        kind in 0usize..4,
        woman_ in any::<bool>(),
    ) {
        let profile = &Profile::built_in()[profile];
        let kind = DonationKind::ALL[kind];
        let mut donor = if woman_ { woman() } else { man() };
        for (days, kind) in earlier {
            donor = gave(donor, DonationKind::ALL[kind], days);
        }
        let visit = visit(kind);
        let before = judged(&donor, &visit, today(), profile).verdict;
        let deferral = Command::DeferUntil { code: "x".into(), ends, only, reason: "told us".into() };
        let deferred = judged(&told(donor.clone(), &deferral, 50), &visit, today(), profile).verdict;
        prop_assert!(rank(&deferred) >= rank(&before), "{before:?} became {deferred:?}");
        let gave_more = gave(donor.clone(), DonationKind::ALL[more.1], more.0);
        let given = judged(&gave_more, &visit, today(), profile).verdict;
        // Having given makes a first-time donor a regular one, whose age limit may be another.
        if !donor.donations.is_empty() {
            prop_assert!(rank(&given) >= rank(&before), "{before:?} became {given:?}");
        }
    }

    #[test]
    fn on_the_next_date_the_history_says_yes_and_the_day_before_no(
        earlier in proptest::collection::vec((0u64..400, 0usize..4), 1..5),
        profile in 0usize..5,
    ) {
        let profile = &Profile::built_in()[profile];
        let mut donor = man();
        for (days, kind) in earlier {
            donor = gave(donor, DonationKind::ALL[kind], days);
        }
        for next in next_dates(&donor, today(), profile) {
            let on = next.on.expect("nothing is for ever here");
            let mut visit = visit(next.kind);
            visit.vitals.weight = Some(800);
            let yes = judged(&donor, &visit, on, profile).verdict;
            prop_assert_eq!(&yes, &Verdict::Accept, "{:?} {:?}", next, profile.name);
            if on > today() {
                let no = judged(&donor, &visit, on.pred_opt().expect("a day"), profile).verdict;
                prop_assert!(matches!(no, Verdict::Defer { .. }), "{:?} {:?}", next, no);
            }
        }
    }
}
