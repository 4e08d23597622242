//! A box of units between two sites: scanned out, packed with a thermometer, scanned in, with a
//! slip that passes custody where there is no network (bloodbank.md 0.1 and 7); and the counting of
//! a shelf against the book.

use crate::care::{CareRule, Refusal, Task, TaskKind, changed, not_after, text, unknown};
use crate::care_policy::CarePolicy;
use crate::haemovigilance::Case;
use crate::issue::Dispensation;
use crate::unit::Status as UnitStatus;
use crate::{Args, Command as UnitCommand, DiscardReason, Unit};
use kernel::{Component, Instant, PatientId, SlipId, StaffId, TransferId, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the slip in the box says. Its bytes are signed by the sending site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferSlip {
    pub id: SlipId,
    pub transfer: TransferId,
    pub from: String,
    pub to: String,
    pub component: Component,
    pub units: Vec<UnitId>,
    pub sent_at: Instant,
}

impl TransferSlip {
    /// The bytes that are signed: every field, in order, each with its length, so that no two slips
    /// have the same bytes.
    pub fn signing_bytes(&self) -> Vec<u8> {
        let mut out = b"HealthSync transfer slip 1\0".to_vec();
        let mut put = |bytes: &[u8]| {
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            out.extend(length.to_be_bytes());
            out.extend(bytes);
        };
        put(self.id.0.as_bytes());
        put(self.transfer.0.as_bytes());
        put(self.from.as_bytes());
        put(self.to.as_bytes());
        put(crate::crossmatch::snake(&self.component).as_bytes());
        put(&kernel::micros(self.sent_at).to_be_bytes());
        for unit in &self.units {
            put(unit.0.as_bytes());
        }
        out
    }
}

/// A reading of the thermometer in the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoxReading {
    pub at: Instant,
    /// 1/10 degree Celsius.
    pub tenths: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Packing,
    OnItsWay,
    /// Some units have not been scanned in.
    Arriving,
    Arrived,
}

/// The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub id: TransferId,
    pub from: String,
    pub to: String,
    pub component: Component,
    pub units: Vec<UnitId>,
    pub slip: Option<TransferSlip>,
    pub readings: Vec<BoxReading>,
    pub taken_in: Vec<UnitId>,
    pub missing: Vec<(UnitId, String)>,
    pub status: Status,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Begin {
        from: String,
        to: String,
        /// One box, one temperature, one component.
        component: Component,
    },
    Pack {
        unit: UnitId,
    },
    Unpack {
        unit: UnitId,
    },
    ScanOut {
        slip: SlipId,
        reading: BoxReading,
    },
    /// At the other end: one unit and the slip.
    ScanIn {
        unit: UnitId,
        slip: TransferSlip,
        reading: BoxReading,
    },
    /// In the slip and not in the box.
    ReportMissing {
        unit: UnitId,
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Begun { from: String, to: String, component: Component },
    Packed { unit: UnitId },
    Unpacked { unit: UnitId },
    ScannedOut { slip: TransferSlip, reading: BoxReading },
    ScannedIn { unit: UnitId, slip: TransferSlip, reading: BoxReading, too_warm_or_cold: bool },
    ReportedMissing { unit: UnitId, reason: String },
}

/// What a decision on a transfer may know.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub site: String,
    /// The unit that is packed or scanned in, if it is known here.
    pub unit: Option<Unit>,
    /// Whether the slip's signature is the sending site's.
    pub slip_genuine: bool,
    /// Slips of which this site has scanned units in: slip and unit.
    pub scanned: BTreeSet<(SlipId, UnitId)>,
}

/// Decides a command on a transfer. At the receiving site without a network the transfer itself is
/// not known: the genuine slip is then all the proof there is, and it is enough.
///
/// # Errors
/// A unit in another's custody, a slip of another box, a slip scanned before.
pub fn decide(
    state: Option<&Transfer>,
    id: TransferId,
    facts: &Facts,
    command: &Command,
    policy: &CarePolicy,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    match (state, command) {
        (None, Command::Begin { from, to, component }) => {
            let (from, to) = (text(from, "from")?, text(to, "to")?);
            if from == to || from != facts.site {
                return Err(Refusal::stop(CareRule::CustodyElsewhere).with("site", from));
            }
            Ok(vec![Event::Begun { from, to, component: *component }])
        }
        // The box came before the news of it: what its sender said of it adds nothing to the slip.
        (Some(state), Command::Begin { from, to, .. })
            if state.is_of_slip() && state.from == *from && state.to == *to =>
        {
            Ok(vec![])
        }
        (Some(_), Command::Begin { .. }) => Err(Refusal::stop(CareRule::Known)),
        (Some(state), Command::Pack { .. } | Command::Unpack { .. })
            if state.is_of_slip() && state.from == facts.site =>
        {
            Ok(vec![])
        }
        (Some(state), Command::ScanOut { slip, reading })
            if state.is_of_slip() && state.from == facts.site =>
        {
            let known = state.slip.as_ref().filter(|known| known.id == *slip);
            let known = known.ok_or_else(|| changed("sent"))?;
            Ok(vec![Event::ScannedOut { slip: known.clone(), reading: *reading }])
        }
        (state, Command::ScanIn { unit, slip, reading }) => {
            scan_in(state, id, facts, *unit, slip, *reading, policy, now)
        }
        (None, _) => Err(unknown("transfer")),
        (Some(state), Command::ReportMissing { unit, reason }) => {
            if !matches!(state.status, Status::OnItsWay | Status::Arriving) {
                return Err(changed("not_on_its_way"));
            }
            if !state.open().contains(unit) {
                return Err(Refusal::stop(CareRule::NotInThisBox).with("unit", unit));
            }
            Ok(vec![Event::ReportedMissing { unit: *unit, reason: text(reason, "reason")? }])
        }
        (Some(state), _) if state.status != Status::Packing => Err(changed("sent")),
        (Some(state), Command::Pack { unit }) => {
            let known = facts
                .unit
                .as_ref()
                .filter(|known| known.id == *unit)
                .ok_or_else(|| unknown("unit"))?;
            if known.site != facts.site || known.transit.is_some() {
                return Err(Refusal::stop(CareRule::CustodyElsewhere).with("site", &known.site));
            }
            if state.units.contains(unit) {
                return Err(Refusal::stop(CareRule::Known).with("unit", unit));
            }
            if known.component != state.component {
                return Err(Refusal::stop(CareRule::ProductNotOrdered));
            }
            Ok(vec![Event::Packed { unit: *unit }])
        }
        (Some(state), Command::Unpack { unit }) => {
            if !state.units.contains(unit) {
                return Err(Refusal::stop(CareRule::NotInThisBox).with("unit", unit));
            }
            Ok(vec![Event::Unpacked { unit: *unit }])
        }
        (Some(state), Command::ScanOut { slip, reading }) => {
            if state.from != facts.site {
                return Err(Refusal::stop(CareRule::CustodyElsewhere).with("site", &state.from));
            }
            if state.units.is_empty() {
                return Err(Refusal::stop(CareRule::Blank).with("field", "units"));
            }
            not_after("reading", reading.at, now)?;
            // The other house learns nothing of this reading but the slip: what left too warm would be
            // given there as if it had not (bloodbank.md 2.3, 2.9).
            if let Some(range) = policy.transport_of(state.component)
                && !(range.least..=range.most).contains(&reading.tenths)
            {
                return Err(Refusal::stop(CareRule::OutOfBounds)
                    .with("field", "box_temperature")
                    .with("value", reading.tenths)
                    .with("least", range.least)
                    .with("most", range.most));
            }
            let slip = TransferSlip {
                id: *slip,
                transfer: state.id,
                from: state.from.clone(),
                to: state.to.clone(),
                component: state.component,
                units: state.units.clone(),
                sent_at: now,
            };
            Ok(vec![Event::ScannedOut { slip, reading: *reading }])
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "what the slip, the box and the site say")]
fn scan_in(
    state: Option<&Transfer>,
    id: TransferId,
    facts: &Facts,
    unit: UnitId,
    slip: &TransferSlip,
    reading: BoxReading,
    policy: &CarePolicy,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    if !facts.slip_genuine {
        return Err(Refusal::stop(CareRule::SlipNotGenuine));
    }
    if slip.to != facts.site || slip.transfer != id {
        return Err(Refusal::stop(CareRule::SlipOfAnother).with("to", &slip.to));
    }
    if !slip.units.contains(&unit) {
        return Err(Refusal::stop(CareRule::NotInThisBox).with("unit", unit));
    }
    let before = facts.scanned.contains(&(slip.id, unit))
        || state.is_some_and(|state| state.taken_in.contains(&unit));
    if before {
        return Err(Refusal::stop(CareRule::SlipUsed).with("unit", unit));
    }
    not_after("reading", reading.at, now)?;
    let range = policy.transport_of(slip.component);
    let earlier = state.map(|state| state.readings.as_slice()).unwrap_or_default();
    let too_warm_or_cold = range.is_some_and(|range| {
        earlier
            .iter()
            .chain([&reading])
            .any(|one| one.tenths < range.least || one.tenths > range.most)
    });
    Ok(vec![Event::ScannedIn { unit, slip: slip.clone(), reading, too_warm_or_cold }])
}

/// The transfer after an event. A site that learns of it by the slip alone builds it from there.
pub fn apply(state: Option<Transfer>, id: TransferId, event: &Event) -> Option<Transfer> {
    let mut state = match (state, event) {
        (Some(state), _) => state,
        (None, Event::Begun { from, to, component }) => {
            return Some(Transfer {
                id,
                from: from.clone(),
                to: to.clone(),
                component: *component,
                units: vec![],
                slip: None,
                readings: vec![],
                taken_in: vec![],
                missing: vec![],
                status: Status::Packing,
                version: 1,
            });
        }
        (None, Event::ScannedIn { slip, .. }) => Transfer {
            id,
            from: slip.from.clone(),
            to: slip.to.clone(),
            component: slip.component,
            units: slip.units.clone(),
            slip: Some(slip.clone()),
            readings: vec![],
            taken_in: vec![],
            missing: vec![],
            status: Status::OnItsWay,
            version: 0,
        },
        (None, _) => return None,
    };
    state.version += 1;
    match event {
        Event::Begun { .. } => state.version -= 1,
        Event::Packed { unit } => state.units.push(*unit),
        Event::Unpacked { unit } => state.units.retain(|one| one != unit),
        Event::ScannedOut { slip, reading } => {
            state.slip = Some(slip.clone());
            state.readings.push(*reading);
            state.status = Status::OnItsWay;
            // The older news of a box that has come.
            if !state.taken_in.is_empty() {
                let open = !state.open().is_empty();
                state.status = if open { Status::Arriving } else { Status::Arrived };
            }
        }
        Event::ScannedIn { unit, reading, .. } => {
            state.taken_in.push(*unit);
            state.readings.push(*reading);
            // Reported as missing, and found after all.
            state.missing.retain(|(one, _)| one != unit);
        }
        Event::ReportedMissing { unit, reason } => state.missing.push((*unit, reason.clone())),
    }
    if matches!(event, Event::ScannedIn { .. } | Event::ReportedMissing { .. }) {
        state.status = if state.open().is_empty() { Status::Arrived } else { Status::Arriving };
    }
    Some(state)
}

impl Transfer {
    /// Known by its slip alone: its sender has not been heard of yet. Each bag that was taken in
    /// brought one reading, and the sender's is one more.
    fn is_of_slip(&self) -> bool {
        self.slip.is_some() && self.readings.len() == self.taken_in.len()
    }

    /// Units on the slip of which the other end has said nothing yet.
    pub fn open(&self) -> Vec<UnitId> {
        self.units
            .iter()
            .filter(|unit| {
                !self.taken_in.contains(unit) && !self.missing.iter().any(|(one, _)| one == *unit)
            })
            .copied()
            .collect()
    }
}

/// The commands on units that go with an event, in order: all in one transaction with it.
pub fn unit_commands(event: &Event) -> Vec<(UnitId, UnitCommand)> {
    match event {
        Event::ScannedOut { slip, .. } => slip
            .units
            .iter()
            .map(|unit| (*unit, UnitCommand::SendTo { site: slip.to.clone() }))
            .collect(),
        Event::ScannedIn { unit, slip, too_warm_or_cold, .. } => {
            let taken = (*unit, UnitCommand::TakeIn { site: slip.to.clone() });
            let hold = too_warm_or_cold.then(|| {
                let reason = "cold chain on the way".to_owned();
                (*unit, UnitCommand::Quarantine { reason })
            });
            std::iter::once(taken).chain(hold).collect()
        }
        // Where a unit is that never arrived, nobody knows: it is held until somebody finds it.
        Event::ReportedMissing { unit, reason } => {
            let reason = format!("missing on the way: {reason}");
            vec![(*unit, UnitCommand::Quarantine { reason })]
        }
        _ => vec![],
    }
}

/// Two sites gave, or tried to give, the same bag (scenario 56). A person has resolved nothing by
/// recording it: both records stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodyConflict {
    pub unit: UnitId,
    /// The site that holds the unit, or to which it is on its way.
    pub custodian: String,
    pub acted: String,
    /// The patient of the site without custody.
    pub patient: PatientId,
    /// The patient of the custodian, if it had issued the unit too.
    pub other_patient: Option<PatientId>,
    pub at: Instant,
}

/// An issue on paper by a site that does not hold the unit, entered as having happened. None when
/// the site does hold it: then it is an ordinary late entry.
///
/// # Errors
/// A time to come.
pub fn attest_issue(
    unit: &Unit,
    site: &str,
    patient: PatientId,
    at: Instant,
    now: Instant,
) -> Result<Option<CustodyConflict>, Refusal> {
    not_after("occurredAt", at, now)?;
    let other_patient = match unit.status {
        UnitStatus::Issued { patient: other, .. } => Some(other),
        _ => None,
    };
    let held_here = unit.site == site && unit.transit.is_none();
    if held_here && other_patient.is_none_or(|other| other == patient) {
        return Ok(None);
    }
    Ok(Some(CustodyConflict {
        unit: unit.id,
        custodian: unit.site.clone(),
        acted: site.to_owned(),
        patient,
        other_patient,
        at,
    }))
}

/// The conflicts over one unit, from its record and all its issues, at whichever site it is asked: an
/// issue that did not come back, by a site that did not hold the unit, or of a unit that had gone to
/// somebody else by then. The sender of a box does not hold what is on its way to another.
pub fn conflicts(unit: &Unit, issues: &[Dispensation]) -> Vec<CustodyConflict> {
    let of_unit = || issues.iter().filter(|one| one.unit == unit.id && one.stands());
    of_unit()
        .filter(|one| one.breaks_custody())
        .filter_map(|one| {
            let acted = one.site.clone()?;
            let custodian = match &unit.transit {
                _ if acted != unit.site => unit.site.clone(),
                Some(transit) if transit.at <= one.left_storage_at => transit.to.clone(),
                _ => return None,
            };
            let other = of_unit().find(|other| other.patient != one.patient);
            Some(CustodyConflict {
                unit: unit.id,
                custodian,
                acted,
                patient: one.patient,
                other_patient: other.map(|other| other.patient),
                at: one.left_storage_at,
            })
        })
        .collect()
}

impl CustodyConflict {
    /// Whether people have worked it out: a case about this bag and this patient was closed after it. A
    /// mix-up that was prevented is no such case, and one that is opened again brings the conflict back.
    pub fn settled_by(&self, cases: &[Case]) -> bool {
        cases.iter().any(|case| {
            case.patient == self.patient
                && case.units.contains(&self.unit)
                && case.prevented.is_none()
                && case.closed_at.is_some_and(|closed| closed > self.at)
        })
    }
}

/// Both sites are called at once.
pub fn conflict_tasks(conflict: &CustodyConflict) -> Vec<Task> {
    let mut sites = vec![&conflict.custodian];
    if conflict.acted != conflict.custodian {
        sites.push(&conflict.acted);
    }
    sites
        .into_iter()
        .map(|site| Task::now(TaskKind::AlertSite).with("site", site))
        .chain([Task::now(TaskKind::ResolveCustody)])
        .map(|task| task.with("unit", conflict.unit).with("patient", conflict.patient))
        .collect()
}

/// What a count of one storage place found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differences {
    /// In the book for this place and not scanned.
    pub missing: Vec<UnitId>,
    /// Scanned, and in the book for another place: the place that the book names.
    pub elsewhere: BTreeMap<UnitId, String>,
    /// Scanned, and by the book not in this site at all, or finished.
    pub unexpected: Vec<UnitId>,
    /// Scanned and not known to the program.
    pub unknown: Vec<UnitId>,
    /// Scanned twice; counted once.
    pub twice: Vec<UnitId>,
}

impl Differences {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Every unit that needs a reason before the count is closed.
    pub fn to_explain(&self) -> BTreeSet<UnitId> {
        self.missing
            .iter()
            .chain(self.elsewhere.keys())
            .chain(&self.unexpected)
            .chain(&self.unknown)
            .copied()
            .collect()
    }
}

/// Compares a scanned shelf with the book. Quarantined units count: they lie there too.
pub fn count_place(book: &[Unit], site: &str, place: &str, scanned: &[UnitId]) -> Differences {
    let mut differences = Differences::default();
    let mut seen = BTreeSet::new();
    for unit in scanned {
        if !seen.insert(*unit) {
            if !differences.twice.contains(unit) {
                differences.twice.push(*unit);
            }
            continue;
        }
        match book.iter().find(|one| one.id == *unit) {
            None => differences.unknown.push(*unit),
            Some(one) if one.site != site || one.transit.is_some() || !one.is_live() => {
                differences.unexpected.push(*unit);
            }
            Some(one) if one.place != place => {
                differences.elsewhere.insert(*unit, one.place.clone());
            }
            Some(_) => {}
        }
    }
    differences.missing = book
        .iter()
        .filter(|one| {
            one.site == site && one.place == place && one.transit.is_none() && one.is_live()
        })
        .filter(|one| !seen.contains(&one.id))
        .map(|one| one.id)
        .collect();
    differences
}

/// Why the shelf and the book differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Explanation {
    /// The book is set to the place where it lies.
    Moved,
    /// Given out during downtime, entered by its own command.
    IssuedOnPaper,
    Discarded {
        reason: DiscardReason,
    },
    /// Nobody knows. It is held; found again it goes into quarantine, never straight to the shelf.
    Lost,
    NotOurs {
        words: String,
    },
}

/// Closes a count. Gives the quarantine of everything that nobody can find.
///
/// # Errors
/// A difference without a reason.
pub fn close_count(
    differences: &Differences,
    explained: &BTreeMap<UnitId, Explanation>,
    by: StaffId,
) -> Result<Vec<(UnitId, UnitCommand)>, Refusal> {
    let open: Vec<String> = differences
        .to_explain()
        .into_iter()
        .filter(|unit| !explained.contains_key(unit))
        .map(|unit| unit.to_string())
        .collect();
    if !open.is_empty() {
        let args = Args::from([("count", open.len().to_string()), ("units", open.join(","))]);
        return Err(Refusal::HardStop { rule: CareRule::DifferenceUnexplained, args });
    }
    Ok(differences
        .missing
        .iter()
        // What is not there is free for nobody, whatever is said of it; a discard ends it already.
        .filter(|unit| !matches!(explained.get(unit), Some(Explanation::Discarded { .. })))
        .map(|unit| {
            let reason = match explained.get(unit) {
                Some(Explanation::IssuedOnPaper) => format!("given out on paper, said {by}"),
                _ => format!("missing at stock-taking by {by}"),
            };
            (*unit, UnitCommand::Quarantine { reason })
        })
        .collect())
}
