//! What the issue counter shows: each gate by name, and which other units would fit better. Both
//! ask the same functions as [`crate::decide`].

use crate::compat::preference;
use crate::decide::{
    Ask, alive, here, in_date, not_held_for_another, not_quarantined, one_group_of_donation,
    with_groups,
};
use crate::unit::{Effective, Facts};
use crate::{Args, Fit, KnownGroup, Level, Policy, Refused, Rule, Unit, fit, is_protected};
use chrono::TimeDelta;
use kernel::{Abo, BloodGroup, Component, Instant, Rhd};
use serde::{Deserialize, Serialize};

/// The gates, in the order in which the counter shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    PatientKnown,
    GroupKnown,
    AntibodyHistory,
    UnitKnown,
    UnitAvailable,
    UnitInDate,
    AboCompatible,
    RhdRule,
    HeldForThisPatient,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    Pass,
    Caution,
    Stop,
    /// Cannot be judged before something else is known.
    NotYet,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub name: CheckName,
    pub result: CheckResult,
    /// Behind a stop or a caution.
    pub rule: Option<Rule>,
    pub args: Args,
}

impl Check {
    fn new(name: CheckName, result: CheckResult, rule: Option<Rule>) -> Self {
        Self { name, result, rule, args: Args::new() }
    }
    fn of(name: CheckName, answer: Result<(), Refused>) -> Self {
        match answer {
            Ok(()) => Self::new(name, CheckResult::Pass, None),
            Err(Refused::HardStop { rule, args }) => {
                Self { name, result: CheckResult::Stop, rule: Some(rule), args }
            }
            Err(Refused::NeedsOverride { rules, args }) => {
                Self { name, result: CheckResult::Caution, rule: rules.first().copied(), args }
            }
        }
    }
}

/// All nine gates, always in the order of [`CheckName`].
pub fn checks(unit: Option<&Unit>, facts: &Facts, policy: &Policy, now: Instant) -> Vec<Check> {
    use CheckName::*;
    let patient = facts.patient.as_ref();
    let judged = |name: CheckName| {
        let (Some(patient), Some(unit)) = (patient, unit) else {
            return without_both(name, facts);
        };
        let verdict = fit(unit.component, unit.group, unit.low_titre, patient, policy)
            .into_iter()
            .find(|verdict| verdict.about == name);
        let (result, rule) = match verdict.map(|verdict| verdict.fit) {
            None => (CheckResult::NotYet, None),
            Some(Fit::Identical | Fit::Compatible) => (CheckResult::Pass, None),
            Some(Fit::Caution(rule)) => (CheckResult::Caution, Some(rule)),
            Some(Fit::Stop(rule)) => (CheckResult::Stop, Some(rule)),
        };
        let mut check = Check::new(name, result, rule);
        let named =
            with_groups(Refused::stop(Rule::AboIncompatible), unit.component, unit.group, patient);
        if let Refused::HardStop { args, .. } = named {
            check.args = args;
        }
        if name == AboCompatible {
            check.args.insert("unitsLeft", facts.units_left_of_group.to_string());
        }
        if rule == Some(Rule::RhdMismatch) {
            check.args.insert("protected", is_protected(patient, policy).to_string());
        }
        check
    };
    let about_unit = |name, ask: &dyn Fn(&Unit) -> Result<(), Refused>| match unit {
        Some(unit) => Check::of(name, ask(unit)),
        None => Check::new(name, CheckResult::NotYet, None),
    };
    vec![
        patient.map_or(Check::new(PatientKnown, CheckResult::NotYet, None), |patient| {
            Check::of(PatientKnown, alive(patient))
        }),
        judged(GroupKnown),
        judged(AntibodyHistory),
        about_unit(UnitKnown, &|unit| one_group_of_donation(unit.id, &unit.din, unit.group, facts)),
        about_unit(UnitAvailable, &|unit| here(unit, facts).and_then(|()| not_quarantined(unit))),
        in_date_check(unit, facts, policy, now),
        judged(AboCompatible),
        judged(RhdRule),
        held(unit, facts, now),
    ]
}

/// What can be said about the patient alone, before a unit is scanned.
fn without_both(name: CheckName, facts: &Facts) -> Check {
    let (result, rule) = match (name, facts.patient.as_ref().map(|patient| &patient.group)) {
        (CheckName::GroupKnown, Some(KnownGroup::Unknown)) => {
            (CheckResult::Caution, Some(Rule::PatientGroupUnknown))
        }
        (CheckName::GroupKnown, Some(KnownGroup::Conflict(_))) => {
            (CheckResult::Caution, Some(Rule::PatientGroupConflict))
        }
        (CheckName::GroupKnown, Some(KnownGroup::Once(_))) => {
            (CheckResult::Caution, Some(Rule::GroupNotConfirmed))
        }
        (CheckName::GroupKnown, Some(KnownGroup::Confirmed(_))) => (CheckResult::Pass, None),
        _ => (CheckResult::NotYet, None),
    };
    Check::new(name, result, rule)
}

fn in_date_check(unit: Option<&Unit>, facts: &Facts, policy: &Policy, now: Instant) -> Check {
    let name = CheckName::UnitInDate;
    let Some(unit) = unit else {
        return Check::new(name, CheckResult::NotYet, None);
    };
    let mut check = Check::of(name, in_date(unit, facts, now));
    let soon = TimeDelta::hours(i64::from(policy.expires_soon_hours.value));
    // Shown, never in the way: using the oldest first is what we want (4.3).
    if check.result == CheckResult::Pass && unit.expires.at - now <= soon {
        check = Check::new(name, CheckResult::Caution, Some(Rule::ExpiresSoon));
    }
    check.args.insert("expiresAt", unit.expires.at.to_rfc3339());
    check.args.insert("zone", unit.expires.zone.to_string());
    check
}

/// A hold for another stops; no hold at all is no obstacle to an issue.
fn held(unit: Option<&Unit>, facts: &Facts, now: Instant) -> Check {
    let name = CheckName::HeldForThisPatient;
    let (Some(unit), Some(patient)) = (unit, facts.patient.as_ref()) else {
        return Check::new(name, CheckResult::NotYet, None);
    };
    let check = Check::of(name, not_held_for_another(unit, patient.id, Ask::Issue, now));
    match unit.effective_status(now) {
        Effective::Reserved { .. } => check,
        _ => Check::new(name, CheckResult::NotYet, None),
    }
}

/// Why a unit stands where it does among the alternatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    HeldForThisPatient,
    IdenticalOldest,
    Identical,
    Compatible,
    CompatibleScarce,
}

/// One alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Into the slice that was ranked.
    pub index: usize,
    pub why: Why,
    /// Units of that group left here, when it is scarce.
    pub scarce_left: Option<u32>,
    /// Warnings an issue would need to override; units with any come last.
    pub cautions: Vec<Rule>,
}

/// The units that this patient could be given now, the best first: held for this patient, then
/// identical, then compatible by how well the shelf stands, and inside each the one that ends
/// first. O RhD negative comes last for everybody else (bloodbank.md 4.3.1). Units under a hard
/// stop are left out. `left` answers how many available units of a group the site has.
pub fn rank(
    units: &[Unit],
    facts: &Facts,
    policy: &Policy,
    now: Instant,
    left: impl Fn(Component, BloodGroup) -> u32,
) -> Vec<Ranked> {
    let Some(patient) = facts.patient.as_ref() else {
        return vec![];
    };
    let (KnownGroup::Once(group) | KnownGroup::Confirmed(group)) = patient.group else {
        return vec![];
    };
    let mut found: Vec<_> = units
        .iter()
        .enumerate()
        .filter_map(|(index, unit)| {
            crate::decide::may_go_to(unit, facts, patient, Ask::Issue, now).ok()?;
            let mut cautions = vec![];
            for verdict in fit(unit.component, unit.group, unit.low_titre, patient, policy) {
                match verdict.fit {
                    Fit::Stop(_) => return None,
                    Fit::Caution(rule) => cautions.push(rule),
                    Fit::Identical | Fit::Compatible => {}
                }
            }
            cautions.sort_unstable();
            let here = left(unit.component, unit.group);
            let scarce = policy.level(unit.component, unit.group, here) != Level::Good;
            let protected = unit.group == O_NEGATIVE && group != O_NEGATIVE;
            let why = if matches!(unit.effective_status(now), Effective::Reserved { .. }) {
                Why::HeldForThisPatient
            } else if unit.group == group {
                Why::Identical
            } else if scarce || protected {
                Why::CompatibleScarce
            } else {
                Why::Compatible
            };
            let (_, target) = policy.floor_and_target(unit.component, unit.group);
            let key = (
                !cautions.is_empty(),
                why,
                protected,
                preference(unit.component, unit.group.abo, group.abo),
                // RhD-negative units are kept for those who need them.
                unit.group.rhd == Rhd::Negative && group.rhd == Rhd::Positive,
                i64::from(target) - i64::from(here),
                unit.expires.at,
                unit.id,
            );
            let scarce_left = (scarce || protected).then_some(here);
            Some((key, Ranked { index, why, scarce_left, cautions }))
        })
        .collect();
    found.sort_by_key(|(key, _)| *key);
    let mut ranked: Vec<Ranked> = found.into_iter().map(|(_, ranked)| ranked).collect();
    // "Oldest" is said once for each component among the units that fit without a warning.
    let mut said = std::collections::BTreeSet::new();
    for one in &mut ranked {
        let component = units.get(one.index).map(|unit| unit.component);
        if one.why == Why::Identical && said.insert(component) {
            one.why = Why::IdenticalOldest;
        }
    }
    ranked
}

const O_NEGATIVE: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Negative };
