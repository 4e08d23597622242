use super::*;
use bloodbank::kpi::*;

#[test]
fn wilsons_interval_equals_published_values() {
    // Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29.
    for (numerator, denominator, low, high) in
        [(81, 263, 2_553, 3_662), (15, 148, 624, 1_605), (0, 20, 0, 1_611), (1, 29, 61, 1_718)]
    {
        let found = Ratio::new(numerator, denominator).wilson().expect("a share");
        assert_eq!((found.low, found.high), (low, high), "{numerator}/{denominator}");
    }
    assert_eq!(Ratio::new(1, 0).wilson(), None);
    assert_eq!(Ratio::new(3, 2).wilson(), None, "a rate, no share");
    assert_eq!(Ratio::new(1, 0).share(), None);
    assert_eq!(Ratio::new(1, 3).share(), Some(3_333));
    assert_eq!(Ratio::new(2, 3).share(), Some(6_667));
}

#[test]
fn a_broken_bag_is_no_waste_and_an_outdated_one_is() {
    let units = UnitsOfPeriod {
        transfused: 90,
        issued: 95,
        outdated: 4,
        cold_chain: 1,
        other_discards: 5,
        crossmatched: 180,
    };
    assert_eq!(waste(&units, false), Ratio::new(4, 100));
    assert_eq!(waste(&units, true), Ratio::new(5, 100));
    assert_eq!(waste_of_issues(&units), Ratio::new(5, 95));
    assert_eq!(crossmatched_to_transfused(&units), Ratio::new(180, 90));
}

#[test]
fn fulfilment_counts_units_and_the_critical_one_only_those_in_time() {
    let one = |asked, critical, issued, issued_in_time| Supplied {
        asked,
        critical,
        placed_at: noon(),
        first_issued_at: (issued > 0).then(|| noon() + minutes(i64::from(issued))),
        issued,
        issued_in_time,
    };
    let all = [one(2, false, 2, 2), one(4, true, 4, 3), one(1, false, 0, 0), one(2, false, 3, 3)];
    assert_eq!(fulfilment(&all), Ratio::new(8, 9), "more than asked counts as asked");
    assert_eq!(critical_fulfilment(&all), Ratio::new(3, 4));
    assert_eq!(request_time(&all), (Some(minutes(3)), 3));
    assert_eq!(request_time(&[]), (None, 0));
}

#[test]
fn o_negative_to_others_counts_known_groups_only() {
    let given = |unit, patient| GivenTo { component: Component::RedCells, unit, patient };
    let all = [
        given(O_NEG, Some(O_NEG)),
        given(O_NEG, Some(A_POS)),
        given(O_NEG, None),
        given(O_POS, Some(A_POS)),
    ];
    assert_eq!(o_negative_to_others(&all), Ratio::new(1, 3));
}

#[test]
fn answers_count_from_the_delivery_and_only_in_their_time() {
    let one = |delivered: Option<i64>, yes: Option<i64>, days: Option<i64>| Asked {
        delivered_at: delivered.map(|m| noon() + minutes(m)),
        said_yes_at: yes.map(|m| noon() + minutes(m)),
        donated_at: days.map(|d| noon() + TimeDelta::days(d)),
    };
    let all = [
        one(Some(0), Some(24 * 60), Some(14)),
        one(Some(0), Some(24 * 60 + 1), Some(15)),
        one(Some(10), Some(5), None),
        one(None, Some(5), Some(1)),
    ];
    assert_eq!(response(&all, 24), Ratio::new(1, 3));
    assert_eq!(turn_out(&all, 14), Ratio::new(1, 3));
}

#[test]
fn days_of_cover_need_some_use_to_be_told() {
    assert_eq!(days_of_cover(30, 60, 30), Some(150), "15.0 days");
    assert_eq!(days_of_cover(30, 0, 30), None);
    assert_eq!(inventory_accuracy(99, 100).share(), Some(9_900));
}

#[test]
fn the_built_in_profile_passes_its_own_bounds_and_says_what_is_open() {
    let policy = CarePolicy::who().checked().expect("sane");
    assert_eq!(policy.open_values().len(), 31, "nothing is confirmed yet");
    let text = serde_json::to_string(&policy).expect("json");
    assert_eq!(serde_json::from_str::<CarePolicy>(&text).expect("the same"), policy);
}

#[test]
fn a_profile_that_nobody_can_have_meant_is_refused() {
    type Break = fn(&mut CarePolicy);
    let breaks: [Break; 9] = [
        |p| p.return_minutes.value = 300,
        |p| p.transfusion_minutes.value = 24 * 60,
        |p| p.sample_risk_days.value = 30,
        |p| p.return_tenths_max.value = 370,
        |p| p.electronic_sync_minutes.value = 0,
        |p| p.packs.value.clear(),
        |p| p.contact.from_hour.value = 22,
        |p| p.contact.yield_prior.value = (0, 0),
        |p| p.sample_hours.source = " ".into(),
    ];
    for (index, spoil) in breaks.into_iter().enumerate() {
        let mut policy = CarePolicy::who();
        spoil(&mut policy);
        assert!(policy.checked().is_err(), "{index}");
    }
}
