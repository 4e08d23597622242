//! What follows by itself for units when something else changes (kernel.md 2.6). Pure; which event
//! calls for which of these stands in one table in the crate that knows all domains.

use crate::{Command, PatientFacts, Policy, Rule, Status, Unit, fit};
use kernel::{Instant, UnitId};

/// A hold for a patient whom the unit must not be given to any more is taken away. It only
/// restricts. Any other warning takes nothing away: it is asked about again when the unit is issued.
pub fn release_unfit(
    held: &[Unit],
    patient: &PatientFacts,
    policy: &Policy,
    now: Instant,
) -> Vec<(UnitId, Command)> {
    let live = held.iter().filter(|unit| {
        matches!(unit.status, Status::Reserved { patient: p, until } if p == patient.id && until > now)
    });
    live.filter_map(|unit| {
        let verdicts = fit(unit.component, unit.group, unit.low_titre, patient, policy);
        let rule = verdicts.iter().find_map(|verdict| verdict.fit.ends_hold())?;
        let reason = format!("No longer fits this patient: {}", in_words(rule));
        Some((unit.id, Command::Release { reason }))
    })
    .collect()
}

/// The rules by which [`fit`] ends a hold, as the end of a sentence.
fn in_words(rule: Rule) -> &'static str {
    match rule {
        Rule::PatientGroupConflict => "the recorded blood groups disagree",
        Rule::PatientGroupUnknown => "the blood group is not known",
        Rule::AboIncompatible => "the ABO groups are not compatible",
        Rule::AntiDHistory => "anti-D has been found",
        _ => "a rule of compatibility stops it",
    }
}
