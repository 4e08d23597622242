//! What the blood bank still has to do, of everything that is open: why a bag that was given out is a
//! matter for its ward, which task is of the highest priority, whose it is, and what comes first.
//!
//! A task is derived where its thing is (`donation::review`, `lookback::tasks`, `transfer::conflict_tasks`,
//! `storage::tasks`, `bedside::owed`, `haemovigilance::Case::left`, and here what the shelf asks for) and is
//! gone when that thing is done.

use crate::care::{Task, TaskKind};
use crate::donation::{Donation, HoldReason};
use crate::issue::Dispensation;
use crate::lab::{Doubt, Tests};
use crate::policy::{Level, Policy};
use crate::request::{Request, Urgency};
use crate::unit::{Status, Unit};
use kernel::{Abo, BloodGroup, Component, Instant, PatientId, StaffId, TimeDelta, UnitId};
use serde::{Deserialize, Serialize};

/// Why the blood of a donation may not be given now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFree {
    Tests(Doubt),
    Held(HoldReason),
}

impl NotFree {
    /// Whether whoever has the bag is called at once. What was given too soon, or weighs too much or too
    /// little, says something about the donor; and a result that waits for its second reader says nothing yet.
    pub fn alarms(&self) -> bool {
        match self {
            Self::Tests(doubt) => *doubt != Doubt::Unverified,
            Self::Held(reason) => !matches!(
                reason,
                HoldReason::IntervalViolation | HoldReason::VolumeLow | HoldReason::VolumeHigh
            ),
        }
    }
}

/// Everything that keeps the blood of a donation from everybody, the gravest first. Empty: it is free.
pub fn not_free(donation: &Donation, tests: Option<&Tests>) -> Vec<NotFree> {
    let tests = tests.and_then(Tests::doubt).map(NotFree::Tests);
    let holds = donation.holds.iter().map(|hold| NotFree::Held(hold.reason.clone()));
    let mut found: Vec<NotFree> = tests.into_iter().chain(holds).collect();
    found.sort_by_key(|why| !why.alarms());
    found
}

/// Somebody who has a bag, or was given it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder<'a> {
    pub patient: PatientId,
    pub since: Instant,
    /// None of a bag that left before issues had records of their own.
    pub issue: Option<&'a Dispensation>,
}

/// Everybody who has a bag or was given it; nobody of one that came back.
pub fn holders<'a>(unit: &Unit, issues: &'a [Dispensation]) -> Vec<Holder<'a>> {
    let of_unit = || issues.iter().filter(|one| one.unit == unit.id);
    let out = of_unit().filter(|one| one.stands());
    let mut found: Vec<Holder<'_>> = out
        .map(|one| Holder { patient: one.patient, since: one.left_storage_at, issue: Some(one) })
        .collect();
    if let Status::Issued { patient, at, .. } = unit.status
        && of_unit().next().is_none()
    {
        found.push(Holder { patient, since: at, issue: None });
    }
    found
}

/// Who is told of a bag that somebody has and of whose donations one is not free now (bloodbank.md 6,
/// scenario 34): the ward and whoever answers for the patient, at once. Nobody any more when all its
/// donations are free, or when a recall names it, which has tasks of its own (`lookback::tasks`).
pub fn of_holder(
    unit: UnitId,
    patient: PatientId,
    why: &[NotFree],
    recalled: bool,
    clinician: Option<StaffId>,
) -> Vec<Task> {
    if recalled || why.is_empty() {
        return vec![];
    }
    let whom: &[TaskKind] = match why.iter().any(NotFree::alarms) {
        true => &[TaskKind::AlertWard, TaskKind::AlertPhysician],
        false => &[TaskKind::ReviewGiven],
    };
    whom.iter()
        .map(|what| {
            let task = Task::now(*what).with("unit", unit).with("patient", patient);
            match clinician {
                Some(clinician) => task.with("clinician", clinician),
                None => task,
            }
        })
        .collect()
}

/// What a shelf under its floors asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderFloor {
    pub task: Task,
    pub groups: Vec<BloodGroup>,
    /// Nothing of the component is free, of any group.
    pub none_left: bool,
}

/// The groups of a component that the board calls critical ([`Policy::level`]), as one task. Urgent where
/// the next emergency would not be met: red cells of group O are what a patient of unknown group is
/// given (bloodbank.md 2.2), and nothing stands in for a component of which none is left, but for whole
/// blood, which its parts replace. Any other group under its floor has groups that stand in for it.
pub fn of_shelf(
    component: Component,
    free: impl Fn(BloodGroup) -> u32,
    policy: &Policy,
) -> Option<UnderFloor> {
    let under =
        |group: &BloodGroup| policy.level(component, *group, free(*group)) == Level::Critical;
    let groups: Vec<BloodGroup> = BloodGroup::ALL.into_iter().filter(under).collect();
    if groups.is_empty() {
        return None;
    }
    let none_left = BloodGroup::ALL.into_iter().all(|group| free(group) == 0);
    let everybodys =
        component == Component::RedCells && groups.iter().any(|group| group.abo == Abo::O);
    let what = match everybodys || (none_left && component != Component::WholeBlood) {
        true => TaskKind::StockCritical,
        false => TaskKind::StockUnderFloor,
    };
    Some(UnderFloor { task: Task::now(what), groups, none_left })
}

/// How long before its end a free bag is looked at: seven days, as on the board. Platelets live for five,
/// so only those of their last day.
pub fn ends_soon(component: Component) -> TimeDelta {
    match component {
        Component::Platelets => TimeDelta::days(1),
        _ => TimeDelta::days(7),
    }
}

/// So many free bags of a component end soon, the first of them at `first`.
pub fn ending(count: u32, first: Instant) -> Task {
    Task::by(TaskKind::UnitsEnding, first).with("bags", count)
}

/// An urgent order of which the shelf lacks `missing` and for which no appeal to donors runs.
pub fn ask_donors(request: &Request, missing: u32) -> Option<Task> {
    let urgent = matches!(request.urgency, Urgency::Emergency | Urgency::Massive);
    (urgent && missing > 0).then(|| {
        Task::by(TaskKind::AskDonors, request.needed_by)
            .with("request", request.id)
            .with("patient", request.patient)
            .with("bags", missing)
    })
}

/// Whose a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    Ward,
    Physician,
    BloodBank,
}

impl TaskKind {
    /// Of the highest priority: somebody may come to harm while nobody acts.
    pub fn is_urgent(self) -> bool {
        use TaskKind as K;
        matches!(
            self,
            K::AlertWard
                | K::AlertPhysician
                | K::AlertSite
                | K::StopTransfusion
                | K::PlaceOutOfRange
                | K::StockCritical
                | K::AskDonors
        )
    }

    pub fn whose(self) -> Whose {
        use TaskKind as K;
        match self {
            K::AlertWard | K::StopTransfusion | K::ReturnBagAndSet | K::RecordOutcome => {
                Whose::Ward
            }
            K::SignEmergencyOrder
            | K::AntiDConsult
            | K::AlertPhysician
            | K::MedicalReview
            | K::ReviewGiven => Whose::Physician,
            _ => Whose::BloodBank,
        }
    }
}

/// What comes first: the highest priority, then what should have been done first. A task that is due at once
/// was due when its reason came up.
pub fn order(task: &Task, since: Instant) -> impl Ord + use<> {
    (!task.what.is_urgent(), task.due.unwrap_or(since), since, task.what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Rhd;

    const O_NEGATIVE: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Negative };
    const AB_POSITIVE: BloodGroup = BloodGroup { abo: Abo::AB, rhd: Rhd::Positive };

    fn shelf(component: Component, lacks: &[BloodGroup], each: u32) -> Option<UnderFloor> {
        let free = |group| if lacks.contains(&group) { 0 } else { each };
        of_shelf(component, free, &Policy::who())
    }

    #[test]
    fn a_full_shelf_asks_for_nothing() {
        for component in Component::ALL {
            assert_eq!(shelf(component, &[], 9), None, "{component:?}");
        }
    }

    #[test]
    fn red_cells_of_o_are_urgent_and_a_group_that_others_stand_in_for_is_not() {
        let o = shelf(Component::RedCells, &[O_NEGATIVE, AB_POSITIVE], 9).unwrap();
        assert_eq!((o.task.what, o.none_left), (TaskKind::StockCritical, false));
        assert_eq!(o.groups, [O_NEGATIVE, AB_POSITIVE]);
        let ab = shelf(Component::RedCells, &[AB_POSITIVE], 9).unwrap();
        assert_eq!(ab.task.what, TaskKind::StockUnderFloor);
        assert!(!ab.task.what.is_urgent());
    }

    #[test]
    fn nothing_left_is_urgent_but_of_whole_blood() {
        let what = |component| shelf(component, &[], 0).unwrap();
        assert!(what(Component::Plasma).task.what.is_urgent());
        assert!(what(Component::Platelets).none_left);
        assert_eq!(what(Component::WholeBlood).task.what, TaskKind::StockUnderFloor);
    }

    #[test]
    fn the_last_o_negative_under_its_floor_of_two_is_urgent_and_the_second_ends_it() {
        let free = |one: u32| move |group| if group == O_NEGATIVE { one } else { 9 };
        let found = of_shelf(Component::RedCells, free(1), &Policy::who()).unwrap();
        assert_eq!(found.task.what, TaskKind::StockCritical);
        assert_eq!(of_shelf(Component::RedCells, free(2), &Policy::who()), None);
    }
}
