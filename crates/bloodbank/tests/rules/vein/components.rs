//! What is made of a donation and how long it lives (scenarios 5 to 10, 31).

use super::donation::{DIN, given, now, screened};
use super::*;
use DonationKind::WholeBlood;
use bloodbank::lab::Rule;
use bloodbank::lab::*;
use bloodbank::{Expiry, Refused};
use chrono_tz::{Africa::Nairobi, Europe::Berlin, Tz};
use kernel::{Abo, BloodGroup, Component, Rhd, TimeDelta, UnitId};
use proptest::prelude::*;

pub const A_POS: BloodGroup = BloodGroup { abo: Abo::A, rhd: Rhd::Positive };

fn end_of(product: Product, collected: &str, zone: Tz) -> Expiry {
    let at_ = at(collected);
    let making = Making {
        product,
        collected_at: at_,
        made_at: at_,
        work: None,
        open: false,
        caps: &[],
        whole_blood: Product::WholeBloodCpda1,
        zone,
    };
    expiry(&making, &Profile::fda()).expect("a life")
}

/// A free component that was made at its collection.
pub fn part(product: Product, collected: &str, zone: Tz) -> Part {
    let product_code = "E0336V00".to_owned();
    Part {
        id: UnitId::of_label(DIN, &product_code),
        din: DIN.into(),
        product_code,
        product,
        attributes: Attributes::default(),
        group: Some(A_POS),
        volume: Millilitres(300),
        collected_at: at(collected),
        made_at: at(collected),
        expires: end_of(product, collected, zone),
        frozen_until: None,
        zone,
        donations: vec![donation_id(1)],
        parents: vec![],
        whole_blood: Product::WholeBloodCpd,
        state: PartState::Available,
    }
}

pub fn new(code: &str, volume: u32) -> New {
    New { din: DIN.into(), product_code: code.into(), volume: Millilitres(volume) }
}

pub fn treated(parent: &Part, work: Work, open: bool, when: &str) -> Result<Part, Refused<Rule>> {
    treated_under(&Profile::fda(), parent, work, open, when)
}

fn treated_under(
    profile: &Profile,
    parent: &Part,
    work: Work,
    open: bool,
    when: &str,
) -> Result<Part, Refused<Rule>> {
    let code = if parent.product_code == "E0001V00" { "E0002V00" } else { "E0001V00" };
    let into = vec![new(code, parent.volume.0)];
    let treatment = Treatment { work, open, at: at(when), into };
    treat(&[parent], &treatment, profile, at(when)).map(|mut children| children.remove(0))
}

pub fn rule<T: std::fmt::Debug>(answer: Result<T, Refused<Rule>>) -> Option<Rule> {
    match answer {
        Err(Refused::HardStop { rule, .. }) => Some(rule),
        _ => None,
    }
}

fn wall(expiry: &Expiry) -> String {
    expiry.wall.format("%Y-%m-%d %H:%M").to_string()
}

#[test]
fn s05_35_days_from_a_leap_day_end_on_the_fourth_of_april() {
    let ends = end_of(Product::WholeBloodCpda1, "2028-02-29T09:00:00Z", Nairobi);
    assert_eq!(wall(&ends), "2028-04-04 23:59");
    assert_eq!(ends.at, at("2028-04-04T20:59:59Z"));
    // Late in the evening the day of the site counts, not that of Greenwich.
    let evening = end_of(Product::WholeBloodCpda1, "2028-02-29T21:30:00Z", Nairobi);
    assert_eq!(wall(&evening), "2028-04-05 23:59");
    // Day 366 exists in 2028 and not in 2026.
    assert!(isbt128::read("=>028366").is_ok());
    assert!(isbt128::read("=>026366").is_err());
}

#[test]
fn s06_24_hours_over_a_change_of_the_clocks_are_24_hours() {
    for (made, label) in [
        ("2026-03-28T11:00:00Z", "2026-03-29 13:00"), // 12:00, summer time that night
        ("2026-10-24T10:00:00Z", "2026-10-25 11:00"), // 12:00, winter time that night
    ] {
        let cells = part(Product::RedCellsAdditive, made, Berlin);
        let washed = treated(&cells, Work::Wash, true, made).expect("washed");
        assert_eq!(wall(&washed.expires), label);
        let minute = washed.expires.at - TimeDelta::seconds(59);
        assert_eq!(minute - at(made), TimeDelta::hours(24), "elapsed, to the labelled minute");
        assert!(!washed.expires.is_past(at(made) + TimeDelta::hours(24)));
        assert!(washed.expires.is_past(at(made) + TimeDelta::hours(24) + TimeDelta::minutes(1)));
    }
}

#[test]
fn a_life_that_ends_in_the_hour_that_the_clocks_repeat_is_not_an_hour_shorter() {
    // 24 hours before the second 02:30 of the 25th of October.
    let made = "2026-10-24T01:30:00Z";
    let cells = part(Product::RedCellsAdditive, made, Berlin);
    let washed = treated(&cells, Work::Wash, true, made).expect("washed");
    assert_eq!(washed.expires.at, at("2026-10-25T01:30:59Z"));
    assert_eq!(wall(&washed.expires), "2026-10-25 02:30");
}

#[test]
fn s07_irradiation_shortens_a_life_and_never_lengthens_it() {
    let cells = part(Product::RedCellsAdditive, "2026-10-01T08:00:00Z", Nairobi);
    assert_eq!(wall(&cells.expires), "2026-11-12 23:59", "day 42");
    let late = treated(&cells, Work::Irradiate, false, "2026-10-31T08:00:00Z").expect("day 30");
    assert_eq!(late.expires, cells.expires, "still day 42");
    let early = treated(&cells, Work::Irradiate, false, "2026-10-06T08:00:00Z").expect("day 5");
    assert_eq!(wall(&early.expires), "2026-11-03 23:59", "day 33");
    assert!(early.attributes.irradiated && early.parents == [cells.id]);
    let uk = Profile::uk();
    let on = |when| treated_under(&uk, &cells, Work::Irradiate, false, when);
    assert_eq!(rule(on("2026-10-31T08:00:00Z")), Some(Rule::TooOldForThis));
    assert_eq!(rule(on("2026-10-16T08:00:00Z")), Some(Rule::TooOldForThis), "day 15");
    assert_eq!(wall(&on("2026-10-15T08:00:00Z").expect("day 14").expires), "2026-10-29 23:59");
}

#[test]
fn s08_thawed_plasma_lives_five_days_only_when_relabelled_within_the_first() {
    let frozen = part(Product::FreshFrozenPlasma, "2026-06-01T08:00:00Z", Nairobi);
    let thawed = treated(&frozen, Work::Thaw, false, "2026-11-20T07:00:00Z").expect("thawed");
    assert_eq!(thawed.product, Product::ThawedFreshFrozen);
    assert_eq!(wall(&thawed.expires), "2026-11-21 10:00", "24 hours after ten in Nairobi");
    let profile = Profile::fda();
    assert!(usable(&thawed, &[], &profile, at("2026-11-21T07:00:00Z")).is_ok());
    assert_eq!(
        rule(usable(&thawed, &[], &profile, at("2026-11-21T07:01:00Z"))),
        Some(Rule::Expired)
    );
    let kept =
        treated(&thawed, Work::RelabelThawed, false, "2026-11-21T06:00:00Z").expect("in time");
    assert_eq!(kept.product, Product::ThawedPlasma);
    assert_eq!(wall(&kept.expires), "2026-11-25 10:00", "five days from the thaw");
    let late = treated(&thawed, Work::RelabelThawed, false, "2026-11-21T07:01:00Z");
    assert_eq!(rule(late), Some(Rule::Expired));
    // The frozen bag's own end still bounds it.
    let old = part(Product::FreshFrozenPlasma, "2025-11-22T08:00:00Z", Nairobi);
    let thawed = treated(&old, Work::Thaw, false, "2026-11-20T07:00:00Z").expect("thawed");
    let kept = treated(&thawed, Work::RelabelThawed, false, "2026-11-20T08:00:00Z").expect("kept");
    assert_eq!(kept.expires, old.expires, "22 November, not 25");
}

fn thawed_cryo(n: u32, when: &str) -> Part {
    let mut cryo = part(Product::Cryo, "2026-06-01T08:00:00Z", Nairobi);
    cryo.din = format!("A9999260009{n:02}");
    cryo.id = UnitId::of_label(&cryo.din, "E0336V00");
    cryo.donations = vec![donation_id(u128::from(n))];
    let treatment = Treatment {
        work: Work::Thaw,
        open: false,
        at: at(when),
        into: vec![New { din: cryo.din.clone(), ..new("E0001V00", 15) }],
    };
    cryo.volume = Millilitres(15);
    treat(&[&cryo], &treatment, &Profile::fda(), at(when)).expect("thawed").remove(0)
}

fn pooled(parents: &[Part], open: bool, when: &str) -> Result<Part, Refused<Rule>> {
    let volume = parents.iter().map(|parent| parent.volume.0).sum();
    let into = vec![New { din: "A999926000999".into(), ..new("E0003V00", volume) }];
    let treatment = Treatment { work: Work::Pool, open, at: at(when), into };
    let list: Vec<&Part> = parents.iter().collect();
    treat(&list, &treatment, &Profile::fda(), at(when)).map(|mut children| children.remove(0))
}

#[test]
fn s09_cryo_pooled_open_lives_four_hours_and_a_single_closed_one_six() {
    let nine = "2026-11-20T06:00:00Z"; // 09:00 in Nairobi
    let five: Vec<Part> = (1..=5).map(|n| thawed_cryo(n, nine)).collect();
    let pool = pooled(&five, true, nine).expect("pooled");
    assert_eq!(wall(&pool.expires), "2026-11-20 13:00");
    assert_eq!((pool.parents.len(), pool.donations.len()), (5, 5));
    assert!(pool.attributes.open);
    let profile = Profile::fda();
    assert!(usable(&pool, &[], &profile, at("2026-11-20T10:00:00Z")).is_ok());
    let late = usable(&pool, &[], &profile, at("2026-11-20T10:01:00Z"));
    assert_eq!(rule(late), Some(Rule::Expired));
    assert_eq!(wall(&five[0].expires), "2026-11-20 15:00");
    assert!(usable(&five[0], &[], &profile, at("2026-11-20T12:00:00Z")).is_ok());
    assert_eq!(
        rule(usable(&five[0], &[], &profile, at("2026-11-20T12:01:00Z"))),
        Some(Rule::Expired)
    );
}

#[test]
fn s10_platelets_and_thawed_cryo_from_the_fridge_are_never_chosen() {
    let profile = Profile::fda();
    let read = |when: &str, temperature| Reading { at: at(when), temperature };
    let platelets = part(Product::Platelets, "2026-11-19T08:00:00Z", Nairobi);
    let fridge = [read("2026-11-19T10:00:00Z", 220), read("2026-11-19T12:00:00Z", 40)];
    let now = at("2026-11-20T08:00:00Z");
    assert_eq!(rule(usable(&platelets, &fridge, &profile, now)), Some(Rule::ColdChain));
    let warm_again = [fridge[0], fridge[1], read("2026-11-19T14:00:00Z", 220)];
    assert_eq!(
        rule(usable(&platelets, &warm_again, &profile, now)),
        Some(Rule::ColdChain),
        "a good reading mends nothing"
    );
    assert!(usable(&platelets, &fridge[..1], &profile, now).is_ok());
    // Frozen it was below zero, and that is right; what counts is after the thaw.
    let cryo = thawed_cryo(1, "2026-11-20T06:00:00Z");
    let frozen = read("2026-11-20T05:00:00Z", -300);
    assert!(usable(&cryo, &[frozen], &profile, now).is_ok());
    let chilled = [frozen, read("2026-11-20T07:00:00Z", 40)];
    assert_eq!(rule(usable(&cryo, &chilled, &profile, now)), Some(Rule::ColdChain));
    let cells = part(Product::RedCellsAdditive, "2026-11-19T08:00:00Z", Nairobi);
    assert!(usable(&cells, &[read("2026-11-19T12:00:00Z", 40)], &profile, now).is_ok());
}

fn made(product: Product, code: &str, volume: u32, when: &str) -> Made {
    Made { product, product_code: code.into(), volume: Millilitres(volume), at: at(when) }
}

/// Red cells, platelets and plasma of a triple bag, in time and in measure.
fn three() -> Vec<Made> {
    vec![
        made(Product::RedCellsAdditive, "E0001V00", 300, "2026-11-20T09:00:00Z"),
        made(Product::Platelets, "E0002V00", 55, "2026-11-20T09:00:00Z"),
        made(Product::FreshFrozenPlasma, "E0003V00", 220, "2026-11-20T10:00:00Z"),
    ]
}

fn later() -> Instant {
    at("2026-11-20T18:00:00Z")
}

#[test]
fn a_donation_becomes_the_components_of_its_bag_all_in_quarantine() {
    let who = Profile::who();
    let donation = given(&screened(man(), visit(WholeBlood), &who), "triple-450", &who);
    let parts = split(&donation, &three(), &who, later()).expect("in order");
    let ends: Vec<String> = parts.iter().map(|part| wall(&part.expires)).collect();
    assert_eq!(ends, ["2027-01-01 23:59", "2026-11-25 23:59", "2027-11-20 23:59"]);
    for part in &parts {
        assert_eq!(part.state, PartState::Quarantine);
        assert_eq!((part.donations.as_slice(), part.group), ([donation.id].as_slice(), None));
    }
    // The same instants under a profile whose red cells live shorter.
    let uk = Profile::uk();
    let parts = split(&donation, &three(), &uk, later()).expect("in order");
    assert_eq!(wall(&parts[0].expires), "2026-12-25 23:59", "35 days");
}

#[test]
fn s31_platelets_of_a_donor_who_took_aspirin_are_not_made() {
    let who = Profile::who();
    let mut aspirin = visit(WholeBlood);
    let yesterday = donor::Answer { yes: true, when: Some(day("2026-11-19")) };
    aspirin.answers.insert("aspirin".into(), yesterday);
    let donation = given(&screened(man(), aspirin, &who), "triple-450", &who);
    assert_eq!(rule(split(&donation, &three(), &who, later())), Some(Rule::DonorNotFor));
    let two = [three().remove(0), three().remove(2)];
    assert_eq!(split(&donation, &two, &who, later()).expect("the rest").len(), 2);
    let mut plasma = donation.clone();
    plasma.not_for = vec![Component::Plasma];
    let without = [three().remove(0), three().remove(1)];
    assert!(split(&plasma, &without, &who, later()).is_ok());
}

#[test]
fn sets_volumes_and_times_that_the_bag_does_not_allow_are_refused() {
    let who = Profile::who();
    let donation = given(&screened(man(), visit(WholeBlood), &who), "triple-450", &who);
    let refused = |change: &dyn Fn(&mut Vec<Made>)| {
        let mut list = three();
        change(&mut list);
        rule(split(&donation, &list, &who, later()))
    };
    assert_eq!(refused(&|_| ()), None);
    assert_eq!(refused(&|l| l.clear()), Some(Rule::SetNotAllowed));
    assert_eq!(refused(&|l| l[1].product = Product::BuffyCoat), Some(Rule::SetNotAllowed));
    assert_eq!(
        refused(&|l| {
            l.remove(2);
        }),
        Some(Rule::SetNotAllowed),
        "where is the plasma"
    );
    assert_eq!(refused(&|l| l[0].volume = Millilitres(500)), Some(Rule::VolumeExceeds));
    assert_eq!(refused(&|l| l[1].volume = Millilitres(20)), Some(Rule::VolumeOutside));
    assert_eq!(refused(&|l| l[1].product_code = "E0001V00".into()), Some(Rule::LabelTwice));
    assert_eq!(refused(&|l| l[1].product_code = "E0".into()), Some(Rule::LabelBad));
    assert_eq!(
        refused(&|l| l[1].at = at("2026-11-20T12:00:01Z")),
        Some(Rule::TooLate),
        "platelets within four hours"
    );
    assert_eq!(
        refused(&|l| l[2].at = at("2026-11-20T16:00:01Z")),
        Some(Rule::TooLate),
        "in the freezer within eight"
    );
    assert_eq!(refused(&|l| l[2].at = at("2026-11-20T16:00:00Z")), None);
    assert_eq!(refused(&|l| l[0].at = at("2026-11-20T07:59:00Z")), Some(Rule::TimesReversed));
    assert_eq!(refused(&|l| l[0].at = at("2026-11-21T07:59:00Z")), Some(Rule::TimesReversed));
    // Sixteen minutes of bleeding.
    let mut slow = donation.clone();
    slow.begun_at = now() - TimeDelta::minutes(16);
    assert_eq!(rule(split(&slow, &three(), &who, later())), Some(Rule::BledTooLong));
    let mut open = donation;
    open.ended = None;
    assert_eq!(rule(split(&open, &three(), &who, later())), Some(Rule::NotEnded));
}

#[test]
fn a_split_gives_no_more_than_there_was_and_each_child_its_own_label() {
    let cells = part(Product::RedCellsAdditive, "2026-11-10T08:00:00Z", Nairobi);
    let into = |volumes: &[(u32, &str)]| {
        let into = volumes.iter().map(|(volume, code)| new(code, *volume)).collect();
        let treatment = Treatment { work: Work::Split, open: false, at: now(), into };
        treat(&[&cells], &treatment, &Profile::fda(), now())
    };
    let two = into(&[(150, "E0336VA0"), (150, "E0336VB0")]).expect("split");
    assert_eq!(two.len(), 2);
    assert!(two.iter().all(|child| child.expires == cells.expires && child.parents == [cells.id]));
    assert_ne!(two[0].id, two[1].id);
    assert_eq!(rule(into(&[(200, "E0336VA0"), (150, "E0336VB0")])), Some(Rule::VolumeExceeds));
    assert_eq!(rule(into(&[(150, "E0336VA0"), (150, "E0336VA0")])), Some(Rule::LabelTwice));
    assert_eq!(rule(into(&[(150, "E0336V00"), (150, "E0336VB0")])), Some(Rule::LabelTwice));
    assert_eq!(rule(into(&[(150, "E0336VA0")])), Some(Rule::PartCount));
    let open = Treatment {
        work: Work::Split,
        open: true,
        at: now(),
        into: vec![new("E0336VA0", 150), new("E0336VB0", 150)],
    };
    let opened = treat(&[&cells], &open, &Profile::fda(), now()).expect("split");
    assert_eq!(opened[0].expires.at, now() + TimeDelta::hours(24) + TimeDelta::seconds(59));
    assert!(opened[0].attributes.open);
}

#[test]
fn a_pool_is_of_one_product_and_one_group_and_as_short_as_its_shortest() {
    let platelets = |n: u32, collected: &str| {
        let mut one = part(Product::Platelets, collected, Nairobi);
        one.din = format!("A9999260008{n:02}");
        one.id = UnitId::of_label(&one.din, &one.product_code);
        one
    };
    let now = "2026-11-20T08:00:00Z";
    let four: Vec<Part> =
        (1..=4).map(|n| platelets(n, &format!("2026-11-1{}T08:00:00Z", 5 + n))).collect();
    let closed = pooled(&four, false, now).expect("pooled");
    assert_eq!(closed.expires, four[0].expires, "as the oldest");
    assert_eq!(closed.product, Product::PlateletsPooled);
    let opened = pooled(&four, true, now).expect("pooled");
    assert_eq!(opened.expires.at, at(now) + TimeDelta::hours(4) + TimeDelta::seconds(59));
    assert_eq!(rule(pooled(&four[..1], false, now)), Some(Rule::PartCount));
    let with = |change: &dyn Fn(&mut Part)| {
        let mut list = four.clone();
        change(&mut list[1]);
        rule(pooled(&list, false, now))
    };
    let group = |abo, rhd| Some(BloodGroup { abo, rhd });
    assert_eq!(with(&|p| p.group = group(Abo::B, Rhd::Positive)), Some(Rule::PoolGroups));
    assert_eq!(with(&|p| p.group = group(Abo::A, Rhd::Negative)), Some(Rule::PoolRhd));
    assert_eq!(with(&|p| p.group = None), Some(Rule::PoolGroups));
    assert_eq!(with(&|p| p.product = Product::PlateletsApheresis), Some(Rule::PoolProducts));
    assert_eq!(with(&|p| p.state = PartState::Recalled), Some(Rule::NotAvailable));
    assert_eq!(with(&|p| p.id = four[0].id), Some(Rule::LabelTwice));
    let mut policy = Profile::fda();
    policy.splits.pool_mixes_rhd.value = true;
    let mut mixed = four.clone();
    mixed[1].group = group(Abo::A, Rhd::Negative);
    mixed[2].state = PartState::Quarantine;
    let list: Vec<&Part> = mixed.iter().collect();
    let treatment = Treatment {
        work: Work::Pool,
        open: false,
        at: at(now),
        into: vec![New { din: "A999926000999".into(), ..new("E0003V00", 900) }],
    };
    let pool = treat(&list, &treatment, &policy, at(now)).expect("mixed").remove(0);
    assert_eq!(pool.group, Some(A_POS), "mixed is positive");
    assert_eq!(pool.state, PartState::Quarantine, "as free as its least free parent");
}

#[test]
fn what_is_not_done_to_a_product_is_refused() {
    let plasma = part(Product::FreshFrozenPlasma, "2026-11-10T08:00:00Z", Nairobi);
    let when = "2026-11-20T08:00:00Z";
    for work in
        [Work::Irradiate, Work::Wash, Work::Deglycerolise, Work::RelabelThawed, Work::Freeze]
    {
        assert_eq!(
            rule(treated(&plasma, work, false, when)),
            Some(Rule::NotDoneToThis),
            "{work:?}"
        );
    }
    let thawed = treated(&plasma, Work::Thaw, false, when).expect("thawed");
    assert_eq!(rule(treated(&thawed, Work::Freeze, false, when)), Some(Rule::NotDoneToThis));
    assert_eq!(
        rule(treated(&thawed, Work::Thaw, false, "2026-11-20T07:00:00Z")),
        Some(Rule::TimesReversed),
        "before it was made"
    );
    let cells = part(Product::RedCellsAdditive, "2026-11-10T08:00:00Z", Nairobi);
    let frozen = treated(&cells, Work::Freeze, false, when).expect("frozen");
    assert_eq!(wall(&frozen.expires), "2036-11-10 23:59", "freezing stops the clock");
    let thawed =
        treated(&frozen, Work::Deglycerolise, false, "2030-01-10T08:00:00Z").expect("again");
    assert_eq!(wall(&thawed.expires), "2030-01-24 23:59");
    let open = treated(&frozen, Work::Deglycerolise, true, "2030-01-10T08:00:00Z").expect("again");
    assert_eq!(wall(&open.expires), "2030-01-11 11:00");
}

proptest! {
    #[test]
    fn a_result_never_outlives_its_shortest_parent(
        product in 0usize..Product::ALL.len(),
        work in 0usize..Work::ALL.len(),
        open in any::<bool>(),
        minutes in 0i64..70_000,
        profile in 0usize..5,
    ) {
        let profile = &Profile::built_in()[profile];
        let (product, work) = (Product::ALL[product], Work::ALL[work]);
        let mut parent = part(product, "2026-10-01T08:00:00Z", Berlin);
        let when = parent.made_at + TimeDelta::minutes(minutes);
        if work == Work::RelabelThawed {
            parent.frozen_until = Some(Expiry::of_label(
                "2026-10-05T23:59:00".parse().expect("a date"), Berlin));
        }
        let into = match work {
            Work::Split | Work::Aliquot => vec![new("E0336VA0", 100), new("E0336VB0", 100)],
            _ => vec![new("E0009V00", 200)],
        };
        let treatment = Treatment { work, open, at: when, into };
        let mut second = parent.clone();
        second.din = "A999926000777".into();
        second.id = UnitId::of_label(&second.din, &second.product_code);
        second.expires.at -= TimeDelta::hours(2);
        let parents: Vec<&Part> =
            if work == Work::Pool { vec![&parent, &second] } else { vec![&parent] };
        let Ok(children) = treat(&parents, &treatment, profile, when) else { return Ok(()) };
        for child in children {
            let shortest = parents.iter().map(|p| p.expires.at).min().expect("one");
            match work {
                Work::Freeze => {}
                Work::RelabelThawed => {
                    prop_assert!(child.expires.at <= parent.frozen_until.expect("set").at);
                }
                _ => prop_assert!(child.expires.at <= shortest, "{:?} {:?}", work, product),
            }
            prop_assert!(child.expires.at > when, "born dead");
            prop_assert!(child.state >= parent.state);
        }
    }
}
