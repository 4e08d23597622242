//! What a unit has beyond its group, what a patient needs beyond it, and whether the two meet.

use crate::Fit;
use crate::care::CareRule;
use kernel::{BloodGroup, Component, Instant, StaffId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A red-cell antigen with an antibody of clinical weight. D is part of the blood group and stands
/// here for the antibody only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Antigen {
    D,
    #[serde(rename = "C")]
    BigC,
    #[serde(rename = "c")]
    SmallC,
    #[serde(rename = "E")]
    BigE,
    #[serde(rename = "e")]
    SmallE,
    #[serde(rename = "K")]
    BigK,
    #[serde(rename = "k")]
    SmallK,
    Fya,
    Fyb,
    Jka,
    Jkb,
    #[serde(rename = "S")]
    BigS,
    #[serde(rename = "s")]
    SmallS,
    M,
    N,
    Lea,
    Leb,
    P1,
    Lua,
    Cw,
}

impl Antigen {
    /// As it is written on a label and in a sentence.
    pub fn sign(self) -> &'static str {
        match self {
            Antigen::D => "D",
            Antigen::BigC => "C",
            Antigen::SmallC => "c",
            Antigen::BigE => "E",
            Antigen::SmallE => "e",
            Antigen::BigK => "K",
            Antigen::SmallK => "k",
            Antigen::Fya => "Fy(a)",
            Antigen::Fyb => "Fy(b)",
            Antigen::Jka => "Jk(a)",
            Antigen::Jkb => "Jk(b)",
            Antigen::BigS => "S",
            Antigen::SmallS => "s",
            Antigen::M => "M",
            Antigen::N => "N",
            Antigen::Lea => "Le(a)",
            Antigen::Leb => "Le(b)",
            Antigen::P1 => "P1",
            Antigen::Lua => "Lu(a)",
            Antigen::Cw => "C(w)",
        }
    }
}

/// The H antigen. Its absence is no blood group of the ABO table and is never read as O.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phenotype {
    #[default]
    Ordinary,
    Bombay,
    ParaBombay,
}

/// A property of one unit that a patient may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    Irradiated,
    CmvNegative,
    Leukoreduced,
    Washed,
    HbsNegative,
}

/// What is known of one unit beside its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitTraits {
    pub attributes: BTreeSet<Attribute>,
    /// Tested antigens: true is positive. An antigen that is absent here was not tested.
    pub antigens: BTreeMap<Antigen, bool>,
    pub phenotype: Phenotype,
    /// The group as determined again on arrival (bloodbank.md 2.7).
    pub confirmed: Option<Retype>,
}

/// A unit's group, read again by one person and verified by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retype {
    pub group: BloodGroup,
    pub entered_by: StaffId,
    pub verified_by: StaffId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    Attribute(Attribute),
    AntigenNegative(Antigen),
}

/// What a patient needs, for as long as it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Requirement {
    pub need: Need,
    pub from: Instant,
    /// None: for life.
    pub until: Option<Instant>,
    pub reason: String,
    pub recorded_by: StaffId,
}

impl Requirement {
    pub fn holds(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

pub(crate) fn carries_red_cells(component: Component) -> bool {
    matches!(component, Component::RedCells | Component::WholeBlood)
}

/// The needs that the unit does not meet. Plasma and cryoprecipitate hold no living cells, so only
/// red cells, whole blood and platelets are asked for attributes, and only what carries red cells
/// for antigens. Not tested counts as not met.
pub fn unmet(component: Component, traits: &UnitTraits, needs: &[Need]) -> Vec<Need> {
    let cells = !matches!(component, Component::Plasma | Component::Cryoprecipitate);
    let mut missing: Vec<Need> = needs
        .iter()
        .filter(|need| match need {
            Need::Attribute(attribute) => cells && !traits.attributes.contains(attribute),
            Need::AntigenNegative(antigen) => {
                carries_red_cells(component) && traits.antigens.get(antigen) != Some(&false)
            }
        })
        .copied()
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// Whether the H antigens fit (bloodbank.md 2.1, scenario 16). A patient without H is given cells
/// without H only; a unit without H goes to nobody else.
pub fn phenotype_fit(component: Component, unit: Phenotype, patient: Phenotype) -> Fit<CareRule> {
    use Phenotype::Ordinary;
    match (unit, patient) {
        (Ordinary, Ordinary) => Fit::Identical,
        (unit, patient) if unit == patient => Fit::Identical,
        // Bombay cells lack H altogether, para-Bombay patients lack only some of it.
        (Phenotype::Bombay, Phenotype::ParaBombay) => Fit::Compatible,
        (Ordinary, _) if !carries_red_cells(component) => {
            Fit::Caution(CareRule::PhenotypeIncompatible)
        }
        _ => Fit::Stop(CareRule::PhenotypeIncompatible),
    }
}
