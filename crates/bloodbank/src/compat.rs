//! Which unit fits which patient: the one table, used by the decision, the counter's checks and
//! the ranking of alternatives (bloodbank.md 2.1 and 2.2).

use crate::counter::CheckName;
use crate::{KnownGroup, PatientFacts, Policy, Rule, Sex};
use kernel::{Abo, BloodGroup, Component, Rhd};

/// How well one aspect fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit<R = Rule> {
    Identical,
    Compatible,
    /// Passes only with an override of this rule.
    Caution(R),
    /// Nobody may pass.
    Stop(R),
}

impl Fit {
    /// The rule by which a hold is taken away when what is known of the patient changes: every stop,
    /// and a group that is not, or no longer, known. What an emergency may pass is decided at the
    /// counter, not kept on the shelf.
    pub(crate) fn ends_hold(self) -> Option<Rule> {
        match self {
            Fit::Stop(rule)
            | Fit::Caution(rule @ (Rule::PatientGroupUnknown | Rule::PatientGroupConflict)) => {
                Some(rule)
            }
            Fit::Identical | Fit::Compatible | Fit::Caution(_) => None,
        }
    }
}

/// One aspect and its fit. An aspect that cannot be judged yet is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub about: CheckName,
    pub fit: Fit,
}

/// Judges a unit for a patient in up to four aspects: the patient's group, ABO, RhD and the
/// antibody history, in that order.
///
/// Without a known group, or with an open discrepancy, what the rows "unknown" of 2.1 allow passes
/// with an override, so that group O red cells are never withheld from somebody who bleeds; all
/// else stops and the answer tells to record the group.
pub fn fit(
    component: Component,
    unit: BloodGroup,
    low_titre: bool,
    patient: &PatientFacts,
    policy: &Policy,
) -> Vec<Verdict> {
    let mut found = Vec::with_capacity(4);
    let mut say = |about, fit| found.push(Verdict { about, fit });
    let red = carries_red_cells(component);

    let without = |rule| match abo_of_unknown(component, unit.abo, low_titre, patient, policy) {
        Fit::Stop(_) => Fit::Stop(rule),
        _ => Fit::Caution(rule),
    };
    let known = match &patient.group {
        KnownGroup::Unknown => {
            say(CheckName::GroupKnown, without(Rule::PatientGroupUnknown));
            None
        }
        KnownGroup::Conflict(_) => {
            say(CheckName::GroupKnown, without(Rule::PatientGroupConflict));
            None
        }
        KnownGroup::Once(group) => {
            say(
                CheckName::GroupKnown,
                if safe_if_group_is_wrong(component, unit.abo) {
                    Fit::Compatible
                } else {
                    Fit::Caution(Rule::GroupNotConfirmed)
                },
            );
            Some(*group)
        }
        KnownGroup::Confirmed(group) => {
            say(CheckName::GroupKnown, Fit::Identical);
            Some(*group)
        }
    };

    match known {
        Some(group) => {
            say(
                CheckName::AboCompatible,
                abo(component, unit.abo, low_titre, group, patient, policy),
            );
            say(CheckName::RhdRule, rhd(component, unit.rhd, group.rhd, patient.anti_d_ever));
        }
        None => {
            say(
                CheckName::AboCompatible,
                abo_of_unknown(component, unit.abo, low_titre, patient, policy),
            );
            say(CheckName::RhdRule, rhd_of_unknown(component, unit.rhd, patient, policy));
        }
    }

    let against_d = patient.anti_d_ever && red && unit.rhd == Rhd::Positive;
    say(
        CheckName::AntibodyHistory,
        if against_d { Fit::Stop(Rule::AntiDHistory) } else { Fit::Identical },
    );
    found
}

fn carries_red_cells(component: Component) -> bool {
    matches!(component, Component::RedCells | Component::WholeBlood)
}

/// Which ABO may go to somebody whose group nobody knows (2.1, the rows "unknown"). Red cells: O
/// only, whatever the group turns out to be. Plasma: AB, and low-titre A where the site has chosen
/// it. Whole blood: never by this rule.
pub(crate) fn abo_of_unknown(
    component: Component,
    unit: Abo,
    low_titre: bool,
    patient: &PatientFacts,
    policy: &Policy,
) -> Fit {
    let child = patient.age_years.is_none_or(|age| age <= policy.male_child_max.value);
    match (component, unit) {
        (Component::RedCells, Abo::O) => Fit::Compatible,
        (Component::Plasma | Component::Cryoprecipitate, Abo::AB) => Fit::Compatible,
        (Component::Plasma, Abo::A) if low_titre && policy.low_titre_plasma.value => {
            Fit::Compatible
        }
        (Component::RedCells | Component::WholeBlood | Component::Plasma, _) => {
            Fit::Stop(Rule::AboIncompatible)
        }
        (Component::Cryoprecipitate, _) if child => Fit::Caution(Rule::PlasmaMismatch),
        (Component::Cryoprecipitate, _) => Fit::Compatible,
        (Component::Platelets, Abo::A | Abo::O) if low_titre => Fit::Compatible,
        (Component::Platelets, _) => Fit::Caution(Rule::PlasmaMismatch),
    }
}

/// RhD for somebody whose group nobody knows (2.2): positive is never withheld, but for those whom
/// anti-D could harm it is a warning.
pub(crate) fn rhd_of_unknown(
    component: Component,
    unit: Rhd,
    patient: &PatientFacts,
    policy: &Policy,
) -> Fit {
    let matters = carries_red_cells(component) || component == Component::Platelets;
    if matters && unit == Rhd::Positive && is_protected(patient, policy) {
        Fit::Caution(Rule::RhdMismatch)
    } else {
        Fit::Compatible
    }
}

/// Would this unit's ABO be safe for any patient? Then one determination of the group is enough.
/// Whole blood never is. Platelets and cryoprecipitate are ranked by ABO, not stopped by it.
fn safe_if_group_is_wrong(component: Component, unit: Abo) -> bool {
    match component {
        Component::RedCells => unit == Abo::O,
        Component::Plasma => unit == Abo::AB,
        Component::WholeBlood => false,
        Component::Platelets | Component::Cryoprecipitate => true,
    }
}

fn abo(
    component: Component,
    unit: Abo,
    low_titre: bool,
    group: BloodGroup,
    patient: &PatientFacts,
    policy: &Policy,
) -> Fit {
    let patient_abo = group.abo;
    if unit == patient_abo {
        return Fit::Identical;
    }
    let plasma_reacts = plasma_reacts(unit, patient_abo);
    match component {
        Component::WholeBlood => Fit::Stop(Rule::AboIncompatible),
        Component::RedCells if red_cells_react(unit, patient_abo) => {
            Fit::Stop(Rule::AboIncompatible)
        }
        Component::RedCells => Fit::Compatible,
        Component::Plasma if plasma_reacts => {
            // Lifeblood's exception: low-titre A or B, never O, where the site has chosen it.
            if low_titre && unit != Abo::O && policy.low_titre_plasma.value {
                Fit::Compatible
            } else {
                Fit::Stop(Rule::AboIncompatible)
            }
        }
        Component::Platelets if plasma_reacts && !low_titre => Fit::Caution(Rule::PlasmaMismatch),
        // Adults: any. Children: as plasma. Age not known: a person has to decide.
        Component::Cryoprecipitate if plasma_reacts => match patient.age_years {
            Some(age) if age > policy.male_child_max.value => Fit::Compatible,
            Some(_) => Fit::Stop(Rule::AboIncompatible),
            None => Fit::Caution(Rule::PlasmaMismatch),
        },
        Component::Plasma | Component::Platelets | Component::Cryoprecipitate => Fit::Compatible,
    }
}

fn rhd(component: Component, unit: Rhd, patient: Rhd, anti_d_ever: bool) -> Fit {
    match component {
        Component::Plasma | Component::Cryoprecipitate => Fit::Compatible,
        Component::RedCells | Component::WholeBlood | Component::Platelets => {
            if unit == Rhd::Positive && (patient == Rhd::Negative || anti_d_ever) {
                Fit::Caution(Rule::RhdMismatch)
            } else if unit == patient {
                Fit::Identical
            } else {
                Fit::Compatible
            }
        }
    }
}

/// The A and B antigens of a group, as bits.
fn antigens(abo: Abo) -> u8 {
    match abo {
        Abo::O => 0b00,
        Abo::A => 0b01,
        Abo::B => 0b10,
        Abo::AB => 0b11,
    }
}

/// The patient's natural antibodies meet an antigen of the unit.
fn red_cells_react(unit: Abo, patient: Abo) -> bool {
    antigens(unit) & !antigens(patient) & 0b11 != 0
}

/// The unit's natural antibodies meet an antigen of the patient.
pub fn plasma_reacts(unit: Abo, patient: Abo) -> bool {
    red_cells_react(patient, unit)
}

/// Whom an RhD-positive red cell could harm in a later pregnancy or long life (2.2). Age or sex not
/// known counts as protected.
pub fn is_protected(patient: &PatientFacts, policy: &Policy) -> bool {
    let limit = match patient.sex {
        Sex::Male => policy.male_child_max.value,
        Sex::Female | Sex::Other | Sex::NotKnown => policy.childbearing_age_max.value,
    };
    patient.age_years.is_none_or(|age| age <= limit)
}

/// The place of a unit's ABO group in the rows of 2.1, 0 the best. Meaningful among units that
/// [`fit`] does not stop.
pub fn preference(component: Component, unit: Abo, patient: Abo) -> u8 {
    match component {
        _ if unit == patient => 0,
        // Scarcity decides among compatible red cells, see `rank`.
        Component::RedCells | Component::WholeBlood => 0,
        Component::Plasma | Component::Cryoprecipitate | Component::Platelets => {
            let order: [Abo; 3] = match patient {
                Abo::O => [Abo::A, Abo::B, Abo::AB],
                Abo::A if component == Component::Platelets => [Abo::B, Abo::O, Abo::AB],
                Abo::B if component == Component::Platelets => [Abo::A, Abo::O, Abo::AB],
                Abo::A => [Abo::AB, Abo::B, Abo::O],
                Abo::B => [Abo::AB, Abo::A, Abo::O],
                Abo::AB => [Abo::A, Abo::B, Abo::O],
            };
            (1u8..).zip(order).find(|(_, abo)| *abo == unit).map_or(4, |(place, _)| place)
        }
    }
}
