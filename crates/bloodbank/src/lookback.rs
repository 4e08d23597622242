//! From a donor to everybody who received, and from a recipient to everybody who gave, through
//! splits and pools; and the recall that every site has to acknowledge (bloodbank.md 2.12).

use crate::care::{CareRule, Refusal, Task, TaskKind, changed, unknown};
use crate::care_policy::CarePolicy;
use crate::lab::{Part, PartState};
use crate::unit::Status;
use crate::{Command as UnitCommand, Unit};
use chrono::TimeDelta;
use kernel::{CommandId, DonationId, DonorId, Instant, PatientId, RecallId, StaffId, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What the edges of the store answer. A pool has many parents, a split many children.
pub trait Lineage {
    fn donations_of(&self, donor: DonorId) -> Vec<DonationId>;
    fn donor_of(&self, donation: DonationId) -> Option<DonorId>;
    /// The first units of a donation, before any splitting.
    fn units_of(&self, donation: DonationId) -> Vec<UnitId>;
    /// None for a unit made of other units. A bag from outside has the donation of its number, of
    /// which no donor is known here.
    fn donation_of(&self, unit: UnitId) -> Option<DonationId>;
    fn children(&self, unit: UnitId) -> Vec<UnitId>;
    fn parents(&self, unit: UnitId) -> Vec<UnitId>;
    /// Whoever was given some of it.
    fn recipients(&self, unit: UnitId) -> Vec<PatientId>;
    fn units_given_to(&self, patient: PatientId) -> Vec<UnitId>;
}

/// The units below these, themselves included, in the order in which they are reached.
pub fn descendants(lineage: &impl Lineage, from: &[UnitId]) -> Vec<UnitId> {
    walk(from, |unit| lineage.children(unit))
}

/// The units above these, themselves included.
pub fn ancestors(lineage: &impl Lineage, from: &[UnitId]) -> Vec<UnitId> {
    walk(from, |unit| lineage.parents(unit))
}

/// All that came of the donations that are in these units, through pools and splits: a reaction to a pool
/// may be the fault of any of its donors (bloodbank.md 2.11, sister components).
pub fn sisters(lineage: &impl Lineage, units: &[UnitId]) -> Vec<UnitId> {
    let of = ancestors(lineage, units).into_iter().filter_map(|unit| lineage.donation_of(unit));
    let donations: BTreeSet<DonationId> = of.collect();
    concerned(lineage, &donations.into_iter().collect::<Vec<_>>())
}

fn walk(from: &[UnitId], next: impl Fn(UnitId) -> Vec<UnitId>) -> Vec<UnitId> {
    let mut seen: BTreeSet<UnitId> = BTreeSet::new();
    let mut order = vec![];
    let mut queue: VecDeque<UnitId> = from.iter().copied().collect();
    while let Some(unit) = queue.pop_front() {
        // Damaged data might hold a circle; every unit is visited once.
        if seen.insert(unit) {
            order.push(unit);
            queue.extend(next(unit));
        }
    }
    order
}

/// The way from a donor down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FromDonor {
    pub donations: Vec<DonationId>,
    /// Every unit that holds some of this donor's blood.
    pub units: Vec<UnitId>,
    pub recipients: BTreeMap<PatientId, Vec<UnitId>>,
}

/// Everybody who received from these donations. `donations` is usually all of a donor's, or those
/// of a window.
pub fn from_donations(lineage: &impl Lineage, donations: &[DonationId]) -> FromDonor {
    let first: Vec<UnitId> =
        donations.iter().flat_map(|donation| lineage.units_of(*donation)).collect();
    let units = descendants(lineage, &first);
    let mut recipients: BTreeMap<PatientId, Vec<UnitId>> = BTreeMap::new();
    for unit in &units {
        for patient in lineage.recipients(*unit) {
            recipients.entry(patient).or_default().push(*unit);
        }
    }
    FromDonor { donations: donations.to_vec(), units, recipients }
}

/// What a recall of these donations names: every bag that holds some of them, and what went into
/// the same pools, because the pool is where somebody will look (bloodbank.md 6, scenario 42).
pub fn concerned(lineage: &impl Lineage, donations: &[DonationId]) -> Vec<UnitId> {
    let made = from_donations(lineage, donations).units;
    ancestors(lineage, &made)
}

/// The way from a recipient up, and down again to the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FromRecipient {
    pub units: Vec<UnitId>,
    pub donors: BTreeSet<DonorId>,
    /// Bags that no donation here explains: their supplier has to be asked.
    pub from_outside: Vec<UnitId>,
    pub other_recipients: BTreeSet<PatientId>,
}

pub fn from_recipient(lineage: &impl Lineage, patient: PatientId) -> FromRecipient {
    let given = lineage.units_given_to(patient);
    let above = ancestors(lineage, &given);
    let mut donors = BTreeSet::new();
    let mut from_outside = vec![];
    let mut donations: Vec<DonationId> = vec![];
    for unit in &above {
        let donation = lineage.donation_of(*unit);
        match donation.and_then(|donation| lineage.donor_of(donation)) {
            Some(donor) => {
                donors.insert(donor);
            }
            None if lineage.parents(*unit).is_empty() => {
                from_outside.push(*unit);
                // Other bags of the same number came from the same donor, whoever that is.
                donations.extend(donation);
            }
            None => {}
        }
    }
    donations.extend(donors.iter().flat_map(|donor| lineage.donations_of(*donor)));
    let mut others: BTreeSet<PatientId> =
        from_donations(lineage, &donations).recipients.into_keys().collect();
    // A bag from outside may have been divided here.
    for unit in descendants(lineage, &from_outside) {
        others.extend(lineage.recipients(unit));
    }
    others.remove(&patient);
    FromRecipient { units: given, donors, from_outside, other_recipients: others }
}

/// One donation with its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    pub donation: DonationId,
    pub at: Instant,
}

/// The donations that a reactive marker reaches back to: all after the last negative test, and
/// those in the window of the marker before it. Without any negative test, all (2.12).
pub fn in_window(
    given: &[Given],
    marker: &str,
    last_negative: Option<Instant>,
    policy: &CarePolicy,
) -> Vec<DonationId> {
    // A marker that policy does not name reaches back without end: the longer window is the safe one.
    let row = policy.look_back.value.iter().find(|row| row.marker == marker);
    let earliest = match (last_negative, row) {
        (Some(negative), Some(row)) => {
            negative.checked_sub_signed(TimeDelta::days(i64::from(row.days_before_negative)))
        }
        _ => None,
    };
    let mut kept: Vec<&Given> =
        given.iter().filter(|one| earliest.is_none_or(|earliest| one.at >= earliest)).collect();
    kept.sort_by_key(|one| (one.at, one.donation));
    kept.into_iter().map(|one| one.donation).collect()
}

/// What a unit of a recall is found as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// On a shelf, on its way, or held.
    InStock,
    /// With a ward, perhaps not begun.
    Issued,
    Discarded,
    /// Made into other bags, which are named beside it.
    UsedUp,
    /// A number of which no bag has come here yet: it is stopped when one does.
    NotHere,
}

/// One unit of a recall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub unit: UnitId,
    pub din: String,
    pub site: String,
    pub found: Found,
    pub patient: Option<PatientId>,
    /// Whoever asked for it and answers for the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clinician: Option<StaffId>,
}

impl Target {
    pub fn of(unit: &Unit) -> Self {
        let (found, patient) = match unit.status {
            Status::Issued { patient, .. } => (Found::Issued, Some(patient)),
            Status::Discarded { .. } => (Found::Discarded, None),
            _ => (Found::InStock, None),
        };
        let (din, site) = (unit.din.clone(), unit.site.clone());
        Self { unit: unit.id, din, site, found, patient, clinician: None }
    }

    /// A number that a supplier recalls before any bag of it is known here.
    pub fn of_number(din: &str, site: &str) -> Self {
        let (unit, din, site) = (Self::number(din), din.to_owned(), site.to_owned());
        Self { unit, din, site, found: Found::NotHere, patient: None, clinician: None }
    }

    /// What stands for a whole number among the bags that a recall names: no bag has this id.
    pub fn number(din: &str) -> UnitId {
        UnitId::of_label(din, "")
    }

    /// A component that has not left the laboratory of this site.
    pub fn of_part(part: &Part, site: &str) -> Self {
        let found = match part.state {
            PartState::Modified => Found::UsedUp,
            PartState::Discarded => Found::Discarded,
            _ => Found::InStock,
        };
        let (din, site) = (part.din.clone(), site.to_owned());
        Self { unit: part.id, din, site, found, patient: None, clinician: None }
    }
}

/// A recall. The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    pub id: RecallId,
    pub reason: String,
    pub targets: Vec<Target>,
    pub opened_at: Instant,
    pub acknowledged: Vec<Acknowledged>,
    pub closed_at: Option<Instant>,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    pub site: String,
    pub by: StaffId,
    pub at: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Open {
        reason: String,
        targets: Vec<Target>,
    },
    /// More of the same blood became known.
    Extend {
        targets: Vec<Target>,
    },
    Acknowledge {
        site: String,
        by: StaffId,
    },
    Close,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Opened { reason: String, targets: Vec<Target>, at: Instant },
    Extended { targets: Vec<Target> },
    Acknowledged { acknowledged: Acknowledged },
    Closed { at: Instant },
}

/// Decides a command on a recall.
///
/// # Errors
/// Closing before every site has answered.
pub fn decide(
    state: Option<&Recall>,
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let recall = match (state, command) {
        (None, Command::Open { reason, targets }) => {
            let reason = crate::care::text(reason, "reason")?;
            if targets.is_empty() {
                return Err(Refusal::stop(CareRule::Blank).with("field", "targets"));
            }
            return Ok(vec![Event::Opened { reason, targets: targets.clone(), at: now }]);
        }
        (None, _) => return Err(unknown("recall")),
        (Some(_), Command::Open { .. }) => return Err(Refusal::stop(CareRule::Known)),
        (Some(recall), _) => recall,
    };
    if recall.closed_at.is_some() {
        return Err(changed("closed"));
    }
    let event = match command {
        Command::Open { .. } => return Ok(vec![]), // answered above
        Command::Extend { targets } => {
            let new: Vec<Target> = targets
                .iter()
                .filter(|target| !recall.targets.iter().any(|one| one.unit == target.unit))
                .cloned()
                .collect();
            if new.is_empty() {
                return Ok(vec![]);
            }
            Event::Extended { targets: new }
        }
        Command::Acknowledge { site, by } => {
            if !recall.pending().contains(site.as_str()) {
                return Err(changed("acknowledged"));
            }
            let acknowledged = Acknowledged { site: site.clone(), by: *by, at: now };
            Event::Acknowledged { acknowledged }
        }
        Command::Close => {
            let open: Vec<&str> = recall.pending().into_iter().collect();
            if !open.is_empty() {
                return Err(
                    Refusal::stop(CareRule::SitesNotAcknowledged).with("sites", open.join(","))
                );
            }
            Event::Closed { at: now }
        }
    };
    Ok(vec![event])
}

/// The recall after an event.
pub fn apply(state: Option<Recall>, id: RecallId, event: &Event) -> Option<Recall> {
    if let (None, Event::Opened { reason, targets, at }) = (&state, event) {
        return Some(Recall {
            id,
            reason: reason.clone(),
            targets: targets.clone(),
            opened_at: *at,
            acknowledged: vec![],
            closed_at: None,
            version: 1,
        });
    }
    let mut state = state?;
    state.version += 1;
    match event {
        Event::Opened { .. } => state.version -= 1,
        Event::Extended { targets } => {
            // A site that has answered for its old units has to look again for the new ones.
            state
                .acknowledged
                .retain(|done| !targets.iter().any(|target| target.site == done.site));
            state.targets.extend(targets.iter().cloned());
        }
        Event::Acknowledged { acknowledged } => state.acknowledged.push(acknowledged.clone()),
        Event::Closed { at } => state.closed_at = Some(*at),
    }
    Some(state)
}

impl Recall {
    /// The recall with its bags as they are now: one that was on a shelf when it was opened may have gone
    /// to somebody, at a site that had not heard of it (bloodbank.md 6, scenario 34). `now` answers with a
    /// bag as it is; the site stays the one that has to answer.
    pub fn as_it_is<E>(
        &self,
        now: impl Fn(UnitId) -> Result<Option<Target>, E>,
    ) -> Result<Self, E> {
        let mut recall = self.clone();
        for target in &mut recall.targets {
            if let Some(is) = now(target.unit)? {
                let Target { found, patient, clinician, .. } = is;
                *target = Target { found, patient, clinician, ..target.clone() };
            }
        }
        Ok(recall)
    }

    /// Whether a task of it is behind us. A site that has answered has called its wards; whoever received
    /// is traced until the recall is closed, not until a fridge was looked into.
    pub fn is_done(&self, task: &Task) -> bool {
        let of_unit =
            || self.targets.iter().find(|one| task.args.get("unit") == Some(&one.unit.to_string()));
        let site = task.args.get("site").cloned().or_else(|| of_unit().map(|one| one.site.clone()));
        let answered = site.is_some_and(|site| !self.pending().contains(site.as_str()));
        self.closed_at.is_some() || (answered && task.what != TaskKind::TraceRecipient)
    }

    /// Whether it names this bag, or its whole number.
    pub fn names(&self, unit: UnitId, din: &str) -> bool {
        let number = Target::number(din);
        self.targets.iter().any(|target| target.unit == unit || target.unit == number)
    }

    /// The sites that have not answered yet: the list that is printed and called.
    pub fn pending(&self) -> BTreeSet<&str> {
        let answered = |site: &str| self.acknowledged.iter().any(|done| done.site == site);
        self.targets.iter().map(|target| target.site.as_str()).filter(|s| !answered(s)).collect()
    }

    /// A scanned number of this recall is blocked, whatever the local state of the unit says, also
    /// when the recall is closed: the bag may still lie in a fridge that nobody looked into.
    pub fn blocks(&self, din: &str) -> bool {
        self.targets.iter().any(|target| target.din == din)
    }
}

/// What was made of a recalled bag is recalled like it, also where whoever made it had not heard of the
/// recall (bloodbank.md 6, scenario 42). `kin` are the bags that hold some of the same blood and what went
/// into the same pools. An open recall names them from now on; under a closed one they are held.
pub fn grown(recall: &Recall, kin: &[Target]) -> (Option<Command>, Vec<(UnitId, UnitCommand)>) {
    let new: Vec<Target> =
        kin.iter().filter(|one| !recall.names(one.unit, &one.din)).cloned().collect();
    if new.is_empty() {
        return (None, vec![]);
    }
    if recall.closed_at.is_none() {
        return (Some(Command::Extend { targets: new }), vec![]);
    }
    let here = new.iter().filter(|one| one.found == Found::InStock);
    (None, here.map(|one| (one.unit, hold_of(recall))).collect())
}

/// The quarantine of a bag that comes to a shelf although a recall names it.
pub fn met<'a>(recalls: impl IntoIterator<Item = &'a Recall>, unit: &Unit) -> Option<UnitCommand> {
    if !unit.is_live() || !unit.quarantines.is_empty() {
        return None;
    }
    recalls.into_iter().find(|recall| recall.names(unit.id, &unit.din)).map(hold_of)
}

fn hold_of(recall: &Recall) -> UnitCommand {
    UnitCommand::Quarantine { reason: format!("recall: {}", recall.reason) }
}

/// The quarantine of every unit that is still in stock, as commands of a reaction.
pub fn quarantines(
    recall: &Recall,
    event: &Event,
    cause: CommandId,
) -> Vec<(CommandId, UnitId, UnitCommand)> {
    let (Event::Opened { targets, .. } | Event::Extended { targets }) = event else {
        return vec![];
    };
    targets
        .iter()
        .filter(|target| target.found == Found::InStock)
        .map(|target| {
            let id = CommandId::of_reaction(cause, "recall", target.unit.0);
            (id, target.unit, hold_of(recall))
        })
        .collect()
}

/// Who has to be told and asked: for a unit that had been issued, the ward and the physician, of
/// the highest priority (scenario 34); for every site, its acknowledgement.
pub fn tasks(recall: &Recall, event: &Event, policy: &CarePolicy) -> Vec<Task> {
    let (Event::Opened { targets, .. } | Event::Extended { targets }) = event else {
        return vec![];
    };
    let days = TimeDelta::days(i64::from(policy.look_back_task_days.value));
    let due = recall.opened_at.checked_add_signed(days).unwrap_or(recall.opened_at);
    let mut tasks = vec![];
    for target in targets {
        if let (Found::Issued, Some(patient)) = (target.found, target.patient) {
            for what in [TaskKind::AlertWard, TaskKind::AlertPhysician] {
                let task = Task::now(what)
                    .with("unit", target.unit)
                    .with("din", &target.din)
                    .with("patient", patient)
                    .with("site", &target.site);
                tasks.push(match target.clinician {
                    Some(clinician) => task.with("clinician", clinician),
                    None => task,
                });
            }
            tasks.push(
                Task::by(TaskKind::TraceRecipient, due)
                    .with("unit", target.unit)
                    .with("patient", patient),
            );
        }
    }
    let sites: BTreeSet<&str> = targets.iter().map(|target| target.site.as_str()).collect();
    tasks.extend(
        sites.into_iter().map(|site| Task::by(TaskKind::AcknowledgeRecall, due).with("site", site)),
    );
    tasks
}
