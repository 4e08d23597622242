//! What a unit has beyond its group, what a patient needs beyond it, and whether the two meet.

use crate::care::{CareRule, Refusal, changed};
use crate::{Fit, Unit};
use kernel::{BloodGroup, Component, Instant, StaffId, UnitId};
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

impl Phenotype {
    /// Also the value that a stored shape leaves out.
    pub fn is_ordinary(&self) -> bool {
        *self == Phenotype::Ordinary
    }

    /// Of two sayings the one that denies more: H that was once found absent stays absent.
    pub fn or(self, other: Self) -> Self {
        use Phenotype::{Bombay, Ordinary, ParaBombay};
        match (self, other) {
            (Bombay, _) | (_, Bombay) => Bombay,
            (ParaBombay, _) | (_, ParaBombay) => ParaBombay,
            (Ordinary, Ordinary) => Ordinary,
        }
    }
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
    /// Determined again by one person; another has yet to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered: Option<Entered>,
    /// Readings that differ, in their order: one of them is wrong, and a person who made none of them
    /// says which. Empty as soon as that is settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Entered>,
    /// Why the readings differed, as the person said who settled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<String>,
    /// It came of a treatment, and nobody has read its new label back yet (bloodbank.md 6, scenario 15).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub label_unread: bool,
}

impl UnitTraits {
    /// What stands between this unit and everybody: its group was read otherwise than its label says,
    /// or the readings differ (bloodbank.md 2.7).
    pub fn misread(&self, unit: &Unit) -> bool {
        let other = |group: BloodGroup, h: Phenotype| (group, h) != (unit.group, unit.phenotype);
        match (&self.confirmed, &self.entered) {
            (Some(confirmed), _) => other(confirmed.group, confirmed.phenotype),
            (None, Some(entered)) => other(entered.group, entered.phenotype),
            (None, None) => !self.readings.is_empty(),
        }
    }
}

/// One person's reading of a unit's group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    pub group: BloodGroup,
    /// Whether the bag's cells react with anti-H.
    #[serde(default, skip_serializing_if = "Phenotype::is_ordinary")]
    pub phenotype: Phenotype,
    pub by: StaffId,
}

impl Entered {
    fn same(&self, other: Self) -> bool {
        (self.group, self.phenotype) == (other.group, other.phenotype)
    }

    fn confirming(self, first: StaffId) -> Retype {
        let Self { group, phenotype, by } = self;
        Retype { group, phenotype, entered_by: first, verified_by: by }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// The group as the bag's own segment shows it.
    EnterGroup {
        group: BloodGroup,
        #[serde(default, skip_serializing_if = "Phenotype::is_ordinary")]
        phenotype: Phenotype,
    },
    /// Somebody else looked at the same tubes.
    VerifyGroup {
        group: BloodGroup,
        #[serde(default, skip_serializing_if = "Phenotype::is_ordinary")]
        phenotype: Phenotype,
    },
    /// A third person looked again, after two readings that differ, and says why they did.
    SettleGroup {
        group: BloodGroup,
        #[serde(default, skip_serializing_if = "Phenotype::is_ordinary")]
        phenotype: Phenotype,
        reason: String,
    },
    /// The label, or what was done here, gives it this property.
    SetAttribute {
        attribute: Attribute,
    },
    RecordAntigen {
        antigen: Antigen,
        positive: bool,
    },
    /// Of a label that says that the H antigen is absent.
    NotePhenotype {
        phenotype: Phenotype,
    },
    /// What is known of the bag that it was made of.
    Inherit {
        from: UnitId,
        traits: Box<UnitTraits>,
    },
    /// A scanner read the label that was put on it. `verified`: every code says what it must.
    ReadLabel {
        verified: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    GroupEntered {
        entered: Entered,
    },
    GroupVerified {
        retype: Retype,
    },
    /// A reading that differs from those before it.
    GroupDiffers {
        read: Entered,
    },
    GroupSettled {
        retype: Retype,
        reason: String,
    },
    AttributeSet {
        attribute: Attribute,
    },
    AntigenRecorded {
        antigen: Antigen,
        positive: bool,
    },
    PhenotypeNoted {
        phenotype: Phenotype,
    },
    Inherited {
        from: UnitId,
        traits: Box<UnitTraits>,
    },
    LabelRead {
        by: StaffId,
    },
}

/// Decides what becomes known of a unit. `by` is who says it.
///
/// # Errors
/// The second reading by the person of the first, or the settling one by somebody who made one of those
/// that differ. An antigen that is known otherwise already.
pub fn decide(
    state: Option<&UnitTraits>,
    unit: &Unit,
    by: StaffId,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    let none = UnitTraits::default();
    let known = state.unwrap_or(&none);
    if !unit.is_live() {
        return Err(changed("gone"));
    }
    Ok(vec![match command {
        Command::EnterGroup { group, phenotype } => {
            if known.confirmed.is_some() {
                return Err(changed("confirmed"));
            }
            if !known.readings.is_empty() {
                return Err(changed("differs"));
            }
            let entered = Entered { group: *group, phenotype: *phenotype, by };
            Event::GroupEntered { entered }
        }
        Command::VerifyGroup { group, phenotype } => {
            let entered = known.entered.ok_or_else(|| changed("not_entered"))?;
            if entered.by == by {
                return Err(Refusal::stop(CareRule::SamePersonTwice).with("staff", by));
            }
            let read = Entered { group: *group, phenotype: *phenotype, by };
            if entered.same(read) {
                let retype = read.confirming(entered.by);
                Event::GroupVerified { retype }
            } else {
                // One of the two is wrong, and neither of them may say which.
                Event::GroupDiffers { read }
            }
        }
        Command::SettleGroup { group, phenotype, reason } => {
            if known.readings.is_empty() {
                return Err(changed("not_differing"));
            }
            if known.readings.iter().any(|read| read.by == by) {
                return Err(Refusal::stop(CareRule::SamePersonTwice).with("staff", by));
            }
            let reason = crate::care::text(reason, "reason")?;
            let again = Entered { group: *group, phenotype: *phenotype, by };
            match known.readings.iter().find(|read| read.same(again)) {
                Some(read) => Event::GroupSettled { retype: again.confirming(read.by), reason },
                // A group that nobody read before settles nothing: it is one reading more.
                None => Event::GroupDiffers { read: again },
            }
        }
        Command::SetAttribute { attribute } => Event::AttributeSet { attribute: *attribute },
        Command::RecordAntigen { antigen, positive } => {
            if known.antigens.get(antigen).is_some_and(|was| was != positive) {
                return Err(Refusal::stop(CareRule::Known).with("antigen", antigen.sign()));
            }
            Event::AntigenRecorded { antigen: *antigen, positive: *positive }
        }
        Command::NotePhenotype { phenotype } => Event::PhenotypeNoted { phenotype: *phenotype },
        Command::Inherit { from, traits } => {
            if state.is_some() {
                return Err(Refusal::stop(CareRule::Known).with("unit", unit.id));
            }
            Event::Inherited { from: *from, traits: traits.clone() }
        }
        Command::ReadLabel { verified } => {
            if !known.label_unread {
                return Err(changed("label_read"));
            }
            if !verified {
                return Err(Refusal::stop(CareRule::LabelNotRead).with("unit", unit.id));
            }
            Event::LabelRead { by }
        }
    }])
}

/// What is known of a unit after an event.
pub fn apply(state: Option<UnitTraits>, event: &Event) -> UnitTraits {
    let mut known = state.unwrap_or_default();
    match event {
        Event::GroupEntered { entered } => known.entered = Some(*entered),
        Event::GroupVerified { retype } => {
            known.entered = None;
            known.confirmed = Some(*retype);
        }
        Event::GroupDiffers { read } => {
            known.readings.extend(known.entered.take());
            known.readings.push(*read);
        }
        Event::GroupSettled { retype, reason } => {
            known.entered = None;
            known.readings.clear();
            known.confirmed = Some(*retype);
            known.settled = Some(reason.clone());
        }
        Event::AttributeSet { attribute } => {
            known.attributes.insert(*attribute);
        }
        Event::AntigenRecorded { antigen, positive } => {
            known.antigens.insert(*antigen, *positive);
        }
        Event::PhenotypeNoted { phenotype } => known.phenotype = *phenotype,
        Event::Inherited { traits, .. } => known = (**traits).clone(),
        Event::LabelRead { .. } => known.label_unread = false,
    }
    known
}

/// A unit's group, read again by one person and verified by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retype {
    pub group: BloodGroup,
    #[serde(default, skip_serializing_if = "Phenotype::is_ordinary")]
    pub phenotype: Phenotype,
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

/// The phenotype of a bag: what its label said, and what was noted of it since.
pub fn phenotype_of(unit: &Unit, traits: &UnitTraits) -> Phenotype {
    unit.phenotype.or(traits.phenotype)
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
