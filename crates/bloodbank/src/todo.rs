//! What the blood bank still has to do, of everything that is open: why a bag that was given out is a
//! matter for its ward, which task is of the highest priority, whose it is, and what comes first.
//!
//! A task is derived where its thing is (`donation::review`, `lookback::tasks`, `transfer::conflict_tasks`,
//! `storage::tasks`, `bedside::owed`, `haemovigilance::Case::left`) and is gone when that thing is done.

use crate::care::{Task, TaskKind};
use crate::donation::{Donation, HoldReason};
use crate::issue::Dispensation;
use crate::lab::{Doubt, Tests};
use crate::unit::{Status, Unit};
use kernel::{Instant, PatientId, StaffId, UnitId};
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
