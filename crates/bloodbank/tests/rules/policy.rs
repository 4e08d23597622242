//! The policy: what it says, and what it refuses to be.

use super::*;

#[test]
fn the_default_profile_is_within_its_own_bounds_and_confirmed_by_nobody() {
    let policy = Policy::who().checked().expect("sane");
    assert_eq!(policy.hold_hours.value, 24);
    assert_eq!(policy.childbearing_age_max.value, 50);
    assert_eq!(policy.hold_hours.status, Confirmation::ToBeConfirmed);
    assert_eq!(policy.stock.status, Confirmation::ToBeConfirmed);
}

#[test]
fn a_policy_survives_json_and_its_hash_is_not_part_of_its_bytes() {
    let policy = Policy { hash: "f00d".into(), ..Policy::who() };
    let text = serde_json::to_string(&policy).expect("writes");
    assert!(!text.contains("f00d"));
    let read: Policy = serde_json::from_str(&text).expect("reads");
    assert_eq!(Policy { hash: "f00d".into(), ..read }, policy);
}

#[test]
fn a_value_that_nobody_can_have_meant_is_refused_by_name() {
    let refused = |change: &dyn Fn(&mut Policy)| {
        let mut policy = Policy::who();
        change(&mut policy);
        policy.checked().expect_err("nonsense").to_string()
    };
    assert!(refused(&|p| p.hold_hours.value = 0).starts_with("hold_hours is 0"));
    assert!(refused(&|p| p.hold_hours.value = u32::MAX).starts_with("hold_hours"));
    assert!(refused(&|p| p.childbearing_age_max.value = 5).starts_with("childbearing"));
    assert!(refused(&|p| p.male_child_max.value = 99).starts_with("male_child"));
    assert!(refused(&|p| p.expires_soon_hours.value = 0).starts_with("expires_soon"));
    assert!(refused(&|p| p.profile = " ".into()).contains("blank"));
    assert!(refused(&|p| p.stock.source.clear()).contains("stock.source"));
    assert!(refused(&|p| p.stock.value[0].floor = 9).contains("above the target"));
    assert!(refused(&|p| p.stock.value[0].target = 5_000).contains("stock_target"));
    assert!(refused(&|p| p.stock.value.push(p.stock.value[0])).contains("twice"));
}

#[test]
fn a_policy_nobody_checked_still_cannot_make_the_decision_panic() {
    let mut policy = Policy::who();
    policy.hold_hours.value = u32::MAX;
    let unit = unit(Component::RedCells, O_NEG);
    let end = "+262000-01-01T00:00:00Z".parse().unwrap_or(noon());
    for now in [noon(), end] {
        let _ =
            decide(Some(&unit), &facts(patient(O_NEG)), &reserve(), &[], &policy, now, cause(1));
    }
}

#[test]
fn the_level_follows_floor_and_target() {
    let policy = Policy::who();
    let level = |available| policy.level(Component::RedCells, O_NEG, available);
    assert_eq!(policy.floor_and_target(Component::RedCells, O_NEG), (2, 4));
    assert_eq!(
        [0, 1, 2, 3, 4, 9].map(level),
        [Level::Critical, Level::Critical, Level::Low, Level::Low, Level::Good, Level::Good]
    );
    let rare = group(Abo::AB, Rhd::Negative);
    assert_eq!(policy.level(Component::RedCells, rare, 0), Level::NotStocked);
    assert_eq!(policy.level(Component::RedCells, rare, 1), Level::Good);
}

#[test]
fn a_policy_text_that_was_adopted_once_reads_for_ever() {
    // As the first release wrote it; it stands word for word in the books of facilities.
    let text = include_str!("../golden/who@1.json");
    let policy: Policy = serde_json::from_str(text).expect("it reads");
    let checked = policy.checked().expect("it is within bounds");
    // A later release may name a source better; what was adopted keeps its own words.
    assert_eq!(values(&checked), values(&Policy::who()));
}

/// A policy without the words of its sources.
fn values(policy: &Policy) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                map.remove("source");
                map.values_mut().for_each(strip);
            }
            serde_json::Value::Array(list) => list.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(policy).expect("plain data");
    strip(&mut value);
    value
}
