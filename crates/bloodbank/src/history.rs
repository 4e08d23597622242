//! What a patient's blood has shown at any time: antibodies, needs, transfusions, pregnancies and
//! every determination of the group. It only grows (bloodbank.md 1.3: most harm comes from history
//! that was there and was not used). Two copies are joined by putting them together, in any order.

use crate::care::{CareRule, Refusal, StaffFact, not_after, text, two_people};
use crate::sample::{Exposure, ExposureKind};
use crate::traits::{
    Antigen, Need, Phenotype, Requirement, UnitTraits, phenotype_fit, phenotype_of, unmet,
};
use crate::unit::{Effective, KnownGroup};
use crate::{Fit, PatientFacts, Policy, Unit, fit};
use kernel::{BloodGroup, Instant, PatientId, SampleId, StaffId, UnitId};
use serde::{Deserialize, Serialize};

/// An antibody that was found, or that the patient's papers name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Antibody {
    pub against: Against,
    pub found_at: Instant,
    /// The site, card or letter that says so.
    pub told_by: String,
    pub recorded_by: StaffId,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    Antigen(Antigen),
    /// Not identified, or outside the list. Counts as significant: nobody has shown otherwise.
    Unidentified(String),
}

/// The group as one sample showed it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Determination {
    pub sample: SampleId,
    pub group: BloodGroup,
    pub at: Instant,
    /// Of another site or another time, not of a sample typed here in this admission.
    pub historic: bool,
}

/// Two people have found out which of several determinations is right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resolution {
    pub group: BloodGroup,
    pub reason: String,
    pub first: StaffId,
    pub second: StaffId,
    pub at: Instant,
}

/// The history of one patient. The state of the aggregate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    pub antibodies: Vec<Antibody>,
    pub requirements: Vec<Requirement>,
    pub exposures: Vec<Exposure>,
    pub determinations: Vec<Determination>,
    pub resolutions: Vec<Resolution>,
    /// Stem cells of another person: the group may change, no computer decides.
    pub transplant: bool,
    pub phenotype: Phenotype,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    RecordAntibody {
        against: Against,
        found_at: Instant,
        told_by: String,
        recorded_by: StaffId,
    },
    Require {
        need: Need,
        until: Option<Instant>,
        reason: String,
        recorded_by: StaffId,
    },
    NoteExposure {
        exposure: ExposureKind,
        at: Instant,
    },
    Determine {
        sample: SampleId,
        group: BloodGroup,
        at: Instant,
        historic: bool,
    },
    Resolve {
        group: BloodGroup,
        reason: String,
        first: StaffId,
        second: StaffId,
    },
    NoteTransplant,
    NotePhenotype {
        phenotype: Phenotype,
    },
    /// The record of the same person, found under another name or number.
    TakeOver {
        of: PatientId,
        history: Box<History>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Event {
    AntibodyRecorded(Antibody),
    Required(Requirement),
    Exposed(Exposure),
    Determined(Determination),
    Resolved(Resolution),
    Transplanted,
    PhenotypeNoted(Phenotype),
    TakenOver { of: PatientId, history: Box<History> },
}

/// Decides what enters a history. No command takes anything away.
///
/// # Errors
/// A blank text, an instant to come, a resolution by one person.
pub fn decide(
    state: Option<&History>,
    staff: &[StaffFact],
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let event = match command {
        Command::RecordAntibody { against, found_at, told_by, recorded_by } => {
            not_after("foundAt", *found_at, now)?;
            if let Against::Unidentified(words) = against {
                text(words, "against")?;
            }
            Event::AntibodyRecorded(Antibody {
                against: against.clone(),
                found_at: *found_at,
                told_by: text(told_by, "toldBy")?,
                recorded_by: *recorded_by,
            })
        }
        Command::Require { need, until, reason, recorded_by } => Event::Required(Requirement {
            need: *need,
            from: now,
            until: *until,
            reason: text(reason, "reason")?,
            recorded_by: *recorded_by,
        }),
        Command::NoteExposure { exposure, at } => {
            not_after("at", *at, now)?;
            Event::Exposed(Exposure { kind: *exposure, at: *at, recorded_at: now })
        }
        Command::Determine { sample, group, at, historic } => {
            not_after("at", *at, now)?;
            let again = state
                .is_some_and(|history| history.determinations.iter().any(|d| d.sample == *sample));
            if again {
                // One tube can never confirm itself.
                return Err(Refusal::stop(CareRule::Known).with("sample", sample));
            }
            Event::Determined(Determination {
                sample: *sample,
                group: *group,
                at: *at,
                historic: *historic,
            })
        }
        Command::Resolve { group, reason, first, second } => {
            two_people(*first, *second, staff)?;
            if !state.is_some_and(|history| matches!(history.group(), KnownGroup::Conflict(_))) {
                return Err(crate::care::changed("no_conflict"));
            }
            Event::Resolved(Resolution {
                group: *group,
                reason: text(reason, "reason")?,
                first: *first,
                second: *second,
                at: now,
            })
        }
        Command::NoteTransplant => Event::Transplanted,
        Command::NotePhenotype { phenotype } => Event::PhenotypeNoted(*phenotype),
        Command::TakeOver { of, history } => Event::TakenOver { of: *of, history: history.clone() },
    };
    Ok(vec![event])
}

/// The history after an event.
pub fn apply(state: Option<History>, event: &Event) -> History {
    let mut history = state.unwrap_or_default();
    let version = history.version + 1;
    match event {
        Event::AntibodyRecorded(antibody) => put(&mut history.antibodies, antibody),
        Event::Required(requirement) => put(&mut history.requirements, requirement),
        Event::Exposed(exposure) => put(&mut history.exposures, exposure),
        Event::Determined(determination) => put(&mut history.determinations, determination),
        Event::Resolved(resolution) => put(&mut history.resolutions, resolution),
        Event::Transplanted => history.transplant = true,
        Event::PhenotypeNoted(phenotype) => {
            history.phenotype = history.phenotype.or(*phenotype);
        }
        Event::TakenOver { history: other, .. } => history = history.joined(other),
    }
    history.version = version;
    history
}

fn put<T: Ord + Clone>(list: &mut Vec<T>, item: &T) {
    if let Err(place) = list.binary_search(item) {
        list.insert(place, item.clone());
    }
}

impl History {
    /// Both together: nothing of either is lost.
    #[must_use]
    pub fn joined(mut self, other: &History) -> Self {
        other.antibodies.iter().for_each(|one| put(&mut self.antibodies, one));
        other.requirements.iter().for_each(|one| put(&mut self.requirements, one));
        other.exposures.iter().for_each(|one| put(&mut self.exposures, one));
        other.determinations.iter().for_each(|one| put(&mut self.determinations, one));
        other.resolutions.iter().for_each(|one| put(&mut self.resolutions, one));
        self.transplant |= other.transplant;
        self.phenotype = self.phenotype.or(other.phenotype);
        self.version = self.version.max(other.version);
        self
    }

    /// The antigens that the patient must never meet again, however long ago the antibody was seen.
    pub fn antigens_to_avoid(&self) -> Vec<Antigen> {
        let mut all: Vec<Antigen> = self
            .antibodies
            .iter()
            .filter_map(|antibody| match antibody.against {
                Against::Antigen(antigen) => Some(antigen),
                Against::Unidentified(_) => None,
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub fn anti_d_ever(&self) -> bool {
        self.antigens_to_avoid().contains(&Antigen::D)
    }

    /// What a unit for this patient must have now. D stands in the blood group and has its own
    /// rule there.
    pub fn needs(&self, now: Instant) -> Vec<Need> {
        let asked = self.requirements.iter().filter(|need| need.holds(now)).map(|need| need.need);
        let avoid = self.antigens_to_avoid();
        let negative = avoid.into_iter().filter(|a| *a != Antigen::D).map(Need::AntigenNegative);
        let mut needs: Vec<Need> = asked.chain(negative).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// What the determinations say together. A resolution takes the place of the determinations
    /// before it: those that agree with it still count, those that do not are set aside.
    pub fn group(&self) -> KnownGroup {
        let resolved = self.resolutions.iter().max_by_key(|resolution| resolution.at);
        let counted: Vec<&Determination> = self
            .determinations
            .iter()
            .filter(|d| resolved.is_none_or(|r| d.at > r.at || d.group == r.group))
            .collect();
        let mut groups: Vec<BloodGroup> = counted.iter().map(|d| d.group).collect();
        groups.sort_unstable();
        groups.dedup();
        match (groups.as_slice(), counted.len()) {
            ([], _) => resolved.map_or(KnownGroup::Unknown, |r| KnownGroup::Once(r.group)),
            ([group], 1) => KnownGroup::Once(*group),
            ([group], _) => KnownGroup::Confirmed(*group),
            _ => KnownGroup::Conflict(groups),
        }
    }

    /// Two agreeing determinations of which one is of this sample (bloodbank.md 2.7).
    pub fn confirmed_with(&self, sample: SampleId) -> bool {
        matches!(self.group(), KnownGroup::Confirmed(group)
            if self.determinations.iter().any(|d| d.sample == sample && d.group == group))
    }
}

/// A unit held for the patient that may no longer go to them, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    pub unit: UnitId,
    pub rules: Vec<CareRule>,
    pub missing: Vec<Need>,
}

/// Looks again at every unit that is held for a patient, after anything new is known of them: a
/// record taken over, an antibody, a requirement (scenarios 20, 48 and 54).
pub fn recheck(
    held: &[(Unit, UnitTraits)],
    patient: &PatientFacts,
    history: &History,
    policy: &Policy,
    now: Instant,
) -> Vec<Blocked> {
    let needs = history.needs(now);
    held.iter()
        .filter(|(unit, _)| {
            matches!(unit.effective_status(now), Effective::Reserved { patient: p, .. }
                if p == patient.id)
        })
        .filter_map(|(unit, traits)| {
            let mut rules: Vec<CareRule> =
                fit(unit.component, unit.group, unit.low_titre, patient, policy)
                    .into_iter()
                    .filter_map(|verdict| verdict.fit.ends_hold().map(CareRule::Unit))
                    .collect();
            let without_h = phenotype_of(unit, traits);
            if let Fit::Stop(rule) = phenotype_fit(unit.component, without_h, history.phenotype) {
                rules.push(rule);
            }
            let missing = unmet(unit.component, traits, &needs);
            if missing.iter().any(|need| matches!(need, Need::AntigenNegative(_))) {
                rules.push(CareRule::AntigenPositive);
            }
            if missing.iter().any(|need| matches!(need, Need::Attribute(_))) {
                rules.push(CareRule::RequirementUnmet);
            }
            (!rules.is_empty()).then_some(Blocked { unit: unit.id, rules, missing })
        })
        .collect()
}
