//! The profiles themselves (scenario 73).

use super::*;
use bloodbank::lab::Product;
use bloodbank::profile::{BadProfile, Change, Marker, Signature, Span, Standing};
use bloodbank::{Confirmation, Sourced};

#[test]
fn s73_red_cells_that_live_420_days_are_refused() {
    let who = Profile::who();
    let file = serde_json::to_string(&who).expect("writes");
    let file = file.replace(
        r#""product":"red_cells_additive","anchor":"collection","span":{"days":42}"#,
        r#""product":"red_cells_additive","anchor":"collection","span":{"days":420}"#,
    );
    let read: Profile = serde_json::from_str(&file).expect("reads");
    assert_ne!(read, who, "the file was changed");
    let refused = read.checked().expect_err("nonsense");
    assert!(refused.to_string().starts_with("lives.RedCellsAdditive"), "{refused}");
    assert!(matches!(refused, BadProfile::OutOfBounds { value: 10_080, most: 1_176, .. }));
}

#[test]
fn every_built_in_profile_is_sane_a_draft_and_open_about_it() {
    for profile in Profile::built_in() {
        let profile = profile.checked().expect("within its own bounds");
        assert_eq!(profile.standing(), Standing::Draft, "{}", profile.name);
        assert!(profile.open_values().len() > 100, "{}: everything is open", profile.name);
        assert!(Questionnaire::basic().checked(&profile).is_ok() || profile.name != "who");
        let text = serde_json::to_string(&profile).expect("writes");
        assert_eq!(serde_json::from_str::<Profile>(&text).expect("reads"), profile);
    }
    assert_eq!(Profile::default(), Profile::who());
}

#[test]
fn a_signature_ends_the_draft_and_a_change_of_country_begins_another() {
    let mut profile = Profile::who();
    let by = "Dr A. Mushi".to_owned();
    profile.signed = Some(Signature { by, country: "TZ".into(), on: today() });
    assert_eq!(profile.standing(), Standing::Signed);
    let haemoglobin = Sourced {
        value: bloodbank::profile::Haemoglobin { female: 125, male: 125 },
        source: "bloodbank.md 2.5 [S20b]".into(),
        effective_from: day("2026-01-01"),
        status: Confirmation::ToBeConfirmed,
    };
    let tanzania = profile.for_country("TZ", vec![Change::Haemoglobin(haemoglobin)]).expect("sane");
    assert_eq!((tanzania.name.as_str(), tanzania.standing()), ("who/TZ", Standing::Draft));
    assert_eq!(tanzania.donors.haemoglobin.value.female, 125);
}

#[test]
fn what_nobody_can_have_meant_is_refused_by_name() {
    let refused = |change: &dyn Fn(&mut Profile)| {
        let mut profile = Profile::who();
        change(&mut profile);
        profile.checked().expect_err("nonsense").to_string()
    };
    assert!(refused(&|p| p.donors.age_min.value = 12).starts_with("donors.age_min is 12"));
    assert!(refused(&|p| p.donors.haemoglobin.value.female = 12).contains("haemoglobin"));
    let light = refused(&|p| p.donors.bag_weights[0].value.least = 45);
    let bag = Profile::who().donors.bag_weights[0].value.bag.0;
    assert!(light.starts_with(&format!("bag_weights.{bag}.least is 45")), "{light}");
    let limit = |p: &mut Profile| {
        let often = bloodbank::profile::Limit {
            kind: DonationKind::Plasma,
            sex: Some(bloodbank::Sex::Female),
            most: 90,
            within_days: 365,
        };
        let like = p.donors.age_min.clone();
        p.donors.limits = vec![Sourced {
            value: often,
            source: like.source,
            effective_from: like.effective_from,
            status: like.status,
        }];
    };
    assert!(refused(&limit).starts_with("limits.Plasma, Female.most is 90"), "{}", refused(&limit));
    assert!(refused(&|p| p.donors.bag_weights.clear()).contains("missing"));
    assert!(refused(&|p| p.donors.intervals[0].value.days = 8).starts_with("intervals.Whole"));
    assert!(refused(&|p| p.donors.intervals.clear()).contains("missing"));
    assert!(refused(&|p| p.testing.release_people.value = 0).contains("release_people"));
    assert!(refused(&|p| p.testing.mandatory.retain(|m| m.value != Marker::Hiv)).contains("Hiv"));
    assert!(refused(&|p| p.testing.typings_first_time.value = 1).contains("typings"));
    assert!(refused(&|p| p.look_back.clear()).contains("look_back"));
    assert!(refused(&|p| p.lives.retain(|l| l.value.product != Product::Cryo)).contains("Cryo"));
    assert!(refused(&|p| p.lives.push(p.lives[0].clone())).contains("twice"));
    assert!(refused(&|p| p.name = " ".into()).contains("name is blank"));
    assert!(refused(&|p| p.lives[0].source.clear()).contains("source is blank"));
    let rise = |p: &mut Profile| {
        for row in &mut p.lives {
            if row.value.product == Product::CryoThawed {
                row.value.span = Span::Days(1);
            }
        }
    };
    assert!(refused(&rise).starts_with("lives.CryoThawed"));
    let warm = |p: &mut Profile| p.lives[0].value.store.warmest = 999;
    assert!(refused(&warm).contains("store"));
}

#[test]
fn a_profile_that_nobody_checked_still_cannot_make_a_decision_panic() {
    let mut wild = Profile::who();
    wild.donors.age_min.value = u32::MAX;
    wild.donors.low_haemoglobin_days.value = u32::MAX;
    for row in &mut wild.donors.intervals {
        row.value.days = u32::MAX;
    }
    for row in &mut wild.deferrals {
        row.value.lasts = bloodbank::profile::Lasts::For(Span::Years(u32::MAX));
    }
    let mut visit = visit(DonationKind::WholeBlood);
    visit.vitals.haemoglobin = Some(1);
    visit.vitals.weight = Some(u32::MAX);
    visit.vitals.height = Some(u32::MAX);
    visit.answers.insert("tattoo".into(), Answer { yes: true, when: Some(NaiveDate::MAX) });
    let donor = gave(man(), DonationKind::WholeBlood, 10);
    for on in [today(), NaiveDate::MIN, NaiveDate::MAX] {
        let _ = judged(&donor, &visit, on, &wild);
    }
}
