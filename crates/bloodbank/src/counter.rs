//! Which units would fit a patient best, by the same functions as [`crate::decide`], and what a
//! check of the counter can say.

use crate::compat::preference;
use crate::decide::Ask;
use crate::unit::{Effective, Facts};
use crate::{Fit, KnownGroup, Level, Policy, Rule, Unit, fit};
use kernel::{Abo, BloodGroup, Component, Instant, Rhd};
use serde::{Deserialize, Serialize};

/// What a verdict of [`crate::fit`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    GroupKnown,
    AntibodyHistory,
    AboCompatible,
    RhdRule,
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
