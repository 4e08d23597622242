//! What the transfusion side shares: the names of its rules, the two ways of saying no, the people
//! who act, and what is to be done next.

use crate::{Args, Refused, Rule};
use kernel::{Instant, StaffId};
use serde::{Deserialize, Serialize};

/// The stable name of a rule between the request and the bedside. A rule of the unit itself keeps
/// the name it has there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CareRule {
    /// No thing of that name is known here (`what`).
    NotFound,
    /// A thing of that name exists already.
    Known,
    /// The thing is not in the state that this command needs (`status`).
    Changed,
    /// A text that must not be blank (`field`).
    Blank,
    /// A number that nobody can have meant (`field`, `least`, `most`).
    OutOfBounds,
    /// An instant after now, or before what it must follow (`field`).
    TimeNotPossible,

    /// Two steps that need two people were given one and the same.
    SamePersonTwice,
    /// The person is locked, has left, or is not known here (`staff`).
    PersonNotActive,
    /// Only the holder of another profession may sign this (`staff`).
    NotAPhysician,
    /// Somebody who draws no blood stands as the one who drew a tube (`staff`).
    MayNotDraw,

    /// Name and birth date name nobody for certain; a unique number is needed.
    UniqueNumberMissing,
    /// What the label says is not what the record says (`field`).
    IdentityMismatch,
    /// The wristband is another patient's. All input of the screen is to be cleared.
    WristbandOfAnother,

    SampleMissing,
    SampleRejected,
    SampleOfAnother,
    SampleTooOld,
    /// Forward and reverse, or two samples, disagree and nobody has resolved it.
    TypingDiscrepant,

    /// The method is weaker than the one that the patient's findings need (`least`).
    MethodTooWeak,
    /// One of the conditions of the electronic crossmatch does not hold (`conditions`).
    ElectronicNotAllowed,
    /// Until a second determination only group O red cells.
    OnlyGroupO,
    CrossmatchMissing,
    CrossmatchTooOld,
    CrossmatchIncompatible,

    RequestClosed,
    /// Not one of the components that were asked for.
    ProductNotOrdered,
    /// All that was asked for has been allocated.
    NothingLeftToAllocate,
    /// The unit lacks something that this patient needs (`requirements`).
    RequirementUnmet,
    /// The unit carries, or may carry, an antigen against which the patient has an antibody.
    AntigenPositive,
    /// The Bombay phenotype on one side only.
    PhenotypeIncompatible,
    /// More low-titre group O whole blood than policy allows one patient.
    LowTitreLimit,
    /// Low-titre whole blood for a patient, or in a situation, that policy does not name.
    LowTitreNotAllowed,

    /// What was scanned is not what the screen or the slip names (`field`).
    ScanDisagrees,
    /// The slip is of another unit or another patient.
    SlipOfAnother,
    SlipUsed,
    SlipNotGenuine,
    /// It came of a treatment, and nobody has read its new label back.
    LabelNotRead,
    /// Nobody has read the unit's group again on arrival.
    UnitGroupUnconfirmed,
    /// The label and the determination on arrival differ.
    UnitGroupMismatch,
    AppearanceNotAccepted,
    /// A release without crossmatch needs a physician's order and its justification.
    OrderMissing,
    ConsentMissing,

    /// Units of which nobody knows where they are (`units`).
    UnitsUnaccounted,
    PackNotNext,

    /// More than policy allows has passed since the unit left its storage.
    OutTooLong,
    AlreadyTransfused,
    StepMissing,

    /// The number of the bag stands in a recall, whatever the unit's own state says (`recall`).
    Recalled,
    /// The unit is in another site's custody.
    CustodyElsewhere,
    NotInThisBox,
    DifferenceUnexplained,
    SitesNotAcknowledged,
    /// A donor who is not to be written to now (`why`).
    MayNotBeAsked,

    /// The bag stands as given to this patient already (`at`): the same line of paper, entered twice.
    AlreadyEntered,
    /// Only an issue from paper, of a bag that another record names too, is taken back as entered in error.
    NoConflict,
    /// Another record of the same person goes on in the place of this one (`to`, `number`).
    RecordTakenOver,

    /// A rule of the unit itself.
    #[serde(untagged)]
    Unit(Rule),
}

/// A refusal on the transfusion side; the same two ways as [`Refused`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Refusal {
    /// Nobody may pass.
    #[error("stopped by {rule:?}")]
    HardStop { rule: CareRule, args: Args },
    /// Passes when sent again with an override that names these rules too.
    #[error("needs an override of {rules:?}")]
    NeedsOverride { rules: Vec<CareRule>, args: Args },
}

impl Refusal {
    pub(crate) fn stop(rule: CareRule) -> Self {
        Self::HardStop { rule, args: Args::new() }
    }
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        let (Self::HardStop { args, .. } | Self::NeedsOverride { args, .. }) = &mut self;
        args.insert(name, value.to_string());
        self
    }
    /// The rule of a hard stop.
    pub fn stopped_by(&self) -> Option<CareRule> {
        match self {
            Self::HardStop { rule, .. } => Some(*rule),
            Self::NeedsOverride { .. } => None,
        }
    }
    /// The rules that an override would have to name.
    pub fn asks_for(&self) -> &[CareRule] {
        match self {
            Self::HardStop { .. } => &[],
            Self::NeedsOverride { rules, .. } => rules,
        }
    }
    pub fn args(&self) -> &Args {
        let (Self::HardStop { args, .. } | Self::NeedsOverride { args, .. }) = self;
        args
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            // One name for one thing, whoever found it.
            Refused::HardStop { rule: Rule::PhenotypeIncompatible, args } => {
                Self::HardStop { rule: CareRule::PhenotypeIncompatible, args }
            }
            Refused::HardStop { rule, args } => Self::HardStop { rule: CareRule::Unit(rule), args },
            Refused::NeedsOverride { rules, args } => {
                Self::NeedsOverride { rules: rules.into_iter().map(CareRule::Unit).collect(), args }
            }
        }
    }
}

/// What a decision may know about a member of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffFact {
    pub id: StaffId,
    /// Neither locked nor gone.
    pub active: bool,
    pub physician: bool,
    /// May stand as the one who drew a patient's tube.
    pub draws: bool,
}

pub(crate) fn active(who: StaffId, staff: &[StaffFact]) -> Result<&StaffFact, Refusal> {
    staff
        .iter()
        .find(|one| one.id == who && one.active)
        .ok_or_else(|| Refusal::stop(CareRule::PersonNotActive).with("staff", who))
}

/// Two different people, both active (bloodbank.md 2.9 and 7).
pub(crate) fn two_people(
    first: StaffId,
    second: StaffId,
    staff: &[StaffFact],
) -> Result<(), Refusal> {
    active(first, staff)?;
    active(second, staff)?;
    if first == second {
        return Err(Refusal::stop(CareRule::SamePersonTwice).with("staff", first));
    }
    Ok(())
}

pub(crate) fn text(given: &str, field: &'static str) -> Result<String, Refusal> {
    crate::words::text(given, field)
        .ok_or_else(|| Refusal::stop(CareRule::Blank).with("field", field))
}

pub(crate) fn within(
    field: &'static str,
    value: u32,
    least: u32,
    most: u32,
) -> Result<(), Refusal> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Refusal::stop(CareRule::OutOfBounds)
        .with("field", field)
        .with("value", value)
        .with("least", least)
        .with("most", most))
}

pub(crate) fn not_after(field: &'static str, at: Instant, latest: Instant) -> Result<(), Refusal> {
    if at <= latest {
        return Ok(());
    }
    Err(Refusal::stop(CareRule::TimeNotPossible)
        .with("field", field)
        .with("at", at.to_rfc3339())
        .with("latest", latest.to_rfc3339()))
}

/// The other way round: what follows another act was not before it.
pub(crate) fn not_before(
    field: &'static str,
    at: Instant,
    earliest: Instant,
) -> Result<(), Refusal> {
    if at >= earliest {
        return Ok(());
    }
    Err(Refusal::stop(CareRule::TimeNotPossible)
        .with("field", field)
        .with("at", at.to_rfc3339())
        .with("earliest", earliest.to_rfc3339()))
}

/// A line that was written on paper while the program was down, entered later. It carries the time
/// at which it happened; the command carries the time at which it was typed (scenario 61).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurred {
    pub at: Instant,
    pub recorded_at: Instant,
}

impl Occurred {
    /// # Errors
    /// What has not happened yet cannot be entered as having happened.
    pub fn late_entry(at: Instant, recorded_at: Instant) -> Result<Self, Refusal> {
        not_after("occurredAt", at, recorded_at)?;
        Ok(Self { at, recorded_at })
    }
}

/// How the stops of one act are taken. At the time of the act each of them refuses. What has
/// happened on paper cannot be refused any more: the rule it broke is named, has to be passed like a
/// warning, and is kept with the act.
pub(crate) struct Judging<'a> {
    later: Option<Occurred>,
    overridden: &'a [CareRule],
    against: Vec<CareRule>,
    args: Args,
}

impl<'a> Judging<'a> {
    pub(crate) fn new(later: Option<Occurred>, overridden: &'a [CareRule]) -> Self {
        Self { later, overridden, against: vec![], args: Args::new() }
    }

    /// A stop of something that paper cannot change: refused at once unless it was written on paper.
    pub(crate) fn take(&mut self, answer: Result<(), Refusal>) -> Result<(), Refusal> {
        match answer {
            Err(Refusal::HardStop { rule, args }) if self.later.is_some() => {
                self.against.push(rule);
                self.args.extend(args);
                Ok(())
            }
            other => other,
        }
    }

    /// The rules that the act broke, once somebody has passed each of them by name.
    pub(crate) fn done(mut self) -> Result<Vec<CareRule>, Refusal> {
        self.against.sort_unstable();
        self.against.dedup();
        let open: Vec<CareRule> =
            self.against.iter().filter(|rule| !self.overridden.contains(rule)).copied().collect();
        if open.is_empty() {
            return Ok(self.against);
        }
        Err(Refusal::NeedsOverride { rules: open, args: self.args })
    }
}

pub(crate) fn unknown(what: &'static str) -> Refusal {
    Refusal::stop(CareRule::NotFound).with("what", what)
}

pub(crate) fn changed(status: &'static str) -> Refusal {
    Refusal::stop(CareRule::Changed).with("status", status)
}

/// What a person has to do next. Derived from an event, never stored with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    pub what: TaskKind,
    /// None: at once.
    pub due: Option<Instant>,
    pub args: Args,
}

impl Task {
    pub(crate) fn now(what: TaskKind) -> Self {
        Self { what, due: None, args: Args::new() }
    }
    pub(crate) fn by(what: TaskKind, due: Instant) -> Self {
        Self { what, due: Some(due), args: Args::new() }
    }
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.insert(name, value.to_string());
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A physician signs the order of an emergency release.
    SignEmergencyOrder,
    RetrospectiveCrossmatch,
    /// RhD-positive cells were given to somebody whom anti-D could harm: anti-D immunoglobulin.
    AntiDConsult,
    /// Of the highest priority: the ward is called.
    AlertWard,
    AlertPhysician,
    /// Of the highest priority: the other site is called.
    AlertSite,
    OpenReactionCase,
    /// Units held on a sample, or for a patient, are looked at again.
    RecheckUnits,
    NewSample,
    MedicalReview,
    StopTransfusion,
    ClericalCheck,
    VisualCheck,
    DirectAntiglobulinTest,
    RepeatGroups,
    Culture,
    ReturnBagAndSet,
    NotifyAuthority,
    /// The conflict of two sites over one unit is worked out by people.
    ResolveCustody,
    /// The recall is acknowledged, the unit found and put aside.
    AcknowledgeRecall,
    TraceRecipient,
    /// Nobody would release the donation of a bag that was given out: a physician looks at what that
    /// means for the patient.
    ReviewGiven,
    /// A storage place is out of its range now: the bags are brought away. Of the highest priority.
    PlaceOutOfRange,
    /// An alarm of a place to which nobody has said anything, or a thermometer that nobody reads.
    AnswerAlarm,
    /// The work-up of a reaction or of a near miss; without a step left, its classification and its end.
    WorkUpCase,
    /// Nobody has said how a transfusion ended, or what it did.
    RecordOutcome,
    /// The shelf cannot meet the next emergency. Of the highest priority.
    StockCritical,
    /// A group is under its floor, and others stand in for it.
    StockUnderFloor,
    /// Free bags end soon: they are used, or offered to another site. Nothing is discarded by itself.
    UnitsEnding,
    /// An emergency that the shelf cannot fill, and nobody has asked donors. Of the highest priority.
    AskDonors,
}
