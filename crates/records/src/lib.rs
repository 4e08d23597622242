//! All aggregates of the house under one name, so that the ledger can judge a command without
//! knowing what it is about. It adds no rule: it asks the crate that owns the aggregate. Here stand
//! the tables that need all of them: which event calls for which reaction, and which version of
//! which shape is the newest.

pub mod care;
mod donors;
mod happened;
mod lab;
mod likeness;
mod lineage;
pub mod reactions;
pub mod versions;

pub use care::{Care, CareBody, CareEvent, CareFacts, CareKey, Dispense, history_of, sample_id};
pub use donors::DonorFacts;
pub use lab::{LabFacts, RunRecord, Source};
pub use likeness::{candidate, signs};
pub use lineage::Edges;
pub use reactions::{About, Due, Known, is_here, kin, names_bags};
pub use versions::{Happened, Stored, Unreadable};

use bloodbank::care::{CareRule, Refusal};
use kernel::{
    Actor, CommandId, DonationId, DonorId, Instant, PatientId, RunId, StaffId, StudyId, UnitId,
};
use ledger::{Aggregates, Reaction, States, Subject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Which aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Facility,
    Staff(StaffId),
    Patient(PatientId),
    Unit(UnitId),
    Study(StudyId),
    /// The book of policies.
    Policies,
    Donor(DonorId),
    Donation(DonationId),
    /// The donation numbers that this site holds.
    Numbers,
    /// The tests of one donation.
    Tests(DonationId),
    /// One component in the laboratory; on the shelf it is the unit of the same id.
    Part(UnitId),
    Run(RunId),
    /// Of the transfusion side.
    Care(CareKey),
}

impl Key {
    pub fn subject(self) -> Subject {
        match self {
            Key::Facility => Subject { kind: 0, id: Uuid::nil() },
            Key::Staff(id) => Subject { kind: 1, id: id.0 },
            Key::Patient(id) => Subject { kind: 2, id: id.0 },
            Key::Unit(id) => Subject { kind: 3, id: id.0 },
            Key::Study(id) => Subject { kind: 4, id: id.0 },
            Key::Policies => Subject { kind: 5, id: Uuid::nil() },
            Key::Donor(id) => Subject { kind: 6, id: id.0 },
            Key::Donation(id) => Subject { kind: 7, id: id.0 },
            Key::Numbers => Subject { kind: 8, id: Uuid::nil() },
            Key::Tests(id) => Subject { kind: 9, id: id.0 },
            Key::Part(id) => Subject { kind: 10, id: id.0 },
            Key::Run(id) => Subject { kind: 11, id: id.0 },
            Key::Care(key) => key.subject(),
        }
    }
    pub fn from_subject(s: Subject) -> Option<Self> {
        Some(match s.kind {
            0 => Key::Facility,
            1 => Key::Staff(StaffId(s.id)),
            2 => Key::Patient(PatientId(s.id)),
            3 => Key::Unit(UnitId(s.id)),
            4 => Key::Study(StudyId(s.id)),
            5 => Key::Policies,
            6 => Key::Donor(DonorId(s.id)),
            7 => Key::Donation(DonationId(s.id)),
            8 => Key::Numbers,
            9 => Key::Tests(DonationId(s.id)),
            10 => Key::Part(UnitId(s.id)),
            11 => Key::Run(RunId(s.id)),
            _ => Key::Care(CareKey::from_subject(s)?),
        })
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Facility => write!(f, "Facility"),
            Key::Staff(id) => write!(f, "Staff/{id}"),
            Key::Patient(id) => write!(f, "Patient/{id}"),
            Key::Unit(id) => write!(f, "Unit/{id}"),
            Key::Study(id) => write!(f, "Study/{id}"),
            Key::Policies => write!(f, "Policies"),
            Key::Donor(id) => write!(f, "Donor/{id}"),
            Key::Donation(id) => write!(f, "Donation/{id}"),
            Key::Numbers => write!(f, "Numbers"),
            Key::Tests(id) => write!(f, "Tests/{id}"),
            Key::Part(id) => write!(f, "Part/{id}"),
            Key::Run(id) => write!(f, "Run/{id}"),
            Key::Care(key) => key.fmt(f),
        }
    }
}

/// The house itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facility {
    pub name: String,
    pub zone: chrono_tz::Tz,
    pub profile: String,
    pub language: String,
    pub training: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", content = "is", rename_all = "snake_case")]
pub enum State {
    Facility(Facility),
    Staff(hospital::staff::Staff),
    Patient(Box<hospital::patient::Patient>),
    Unit(Box<bloodbank::Unit>),
    Study(Box<imaging::study::Study>),
    Policies(bloodbank::Book),
    Donor(Box<bloodbank::donor::Donor>),
    Donation(Box<bloodbank::donation::Donation>),
    Numbers(bloodbank::donation::SiteNumbers),
    Tests(bloodbank::lab::Tests),
    Part(Box<bloodbank::lab::Part>),
    Run(bloodbank::lab::Run),
    Care(Care),
}

impl State {
    /// Its name in the stored form.
    pub fn tag(&self) -> &'static str {
        match self {
            State::Facility(_) => "facility",
            State::Staff(_) => "staff",
            State::Patient(_) => "patient",
            State::Unit(_) => "unit",
            State::Study(_) => "study",
            State::Policies(_) => "policies",
            State::Donor(_) => "donor",
            State::Donation(_) => "donation",
            State::Numbers(_) => "numbers",
            State::Tests(_) => "tests",
            State::Part(_) => "part",
            State::Run(_) => "run",
            State::Care(_) => "care",
        }
    }
}

/// Aggregates that one command may write at most (kernel.md 2.4).
pub const MOST_WRITES: usize = 20;

/// What a command asks for. `Audit` touches no aggregate: it is a line of the audit stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", content = "does", rename_all = "snake_case")]
pub enum Body {
    Facility(Facility),
    Staff {
        id: StaffId,
        command: hospital::staff::Command,
    },
    Patient {
        id: PatientId,
        command: hospital::patient::Command,
    },
    Unit {
        id: UnitId,
        command: bloodbank::Command,
    },
    Study {
        id: StudyId,
        command: imaging::study::Command,
    },
    Policies(bloodbank::Adopt),
    Donor {
        id: DonorId,
        command: bloodbank::donor::Command,
    },
    Donation {
        id: DonationId,
        command: bloodbank::donation::Command,
    },
    Numbers(bloodbank::donation::NumberCommand),
    Tests {
        id: DonationId,
        command: bloodbank::lab::Command,
    },
    Part {
        id: UnitId,
        command: bloodbank::lab::PartCommand,
    },
    Run {
        id: RunId,
        record: RunRecord,
    },
    Care(CareBody),
    /// Several at once, all or none; the subject stands first. A later part sees what an earlier one
    /// did. Neither audit lines nor another `Together` may stand in it.
    Together(Vec<Body>),
    Audit(Audit),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Audit {
    SignedIn,
    SignedOut,
    Read {
        patient: PatientId,
        screen: String,
    },
    /// Test results of a donation were looked at.
    ResultsSeen {
        donation: DonationId,
        screen: String,
    },
    /// A donor's own record was looked at.
    DonorSeen {
        donor: DonorId,
        screen: String,
    },
    /// A list was looked at that shows what is sensitive of everybody on it; how many those were.
    ListSeen {
        screen: String,
        rows: u32,
    },
    /// Donors were looked for by what is theirs alone, such as a telephone number; never which.
    DonorsSearched {
        screen: String,
    },
    Refused {
        command: String,
        subject: String,
        rule: String,
    },
    BackedUp {
        bytes: u64,
    },
    Restored,
    Verified {
        verdict: String,
    },
    /// The key slots were changed: which writing of them, and the SHA-256 of its sealed bytes.
    KeySlots {
        serial: u64,
        sha256: String,
    },
    /// A password was set anew, by its owner or by whoever manages the staff.
    PasswordSet {
        user: String,
    },
    /// The facility said yes or no to a pack whose training pictures have stricter terms.
    PackUse {
        id: String,
        version: String,
        enabled: bool,
    },
    /// An evaluation set of judged pictures was written: how many, whether with the pictures
    /// themselves, and the SHA-256 of its list.
    EvaluationExported {
        pictures: u32,
        with_pictures: bool,
        sha256: String,
    },
    /// A task was fitted anew on judged pictures and written as a new version of its pack.
    TaskRefitted {
        task: String,
        pack: String,
        version: String,
        sha256: String,
        fitted: u32,
        held_out: u32,
    },
    /// The facility lets others send pictures here, or does not any more; from whom, where it
    /// listens, and whether what arrives is analysed.
    ReceiverSet {
        on: bool,
        title: String,
        allowed: Vec<String>,
        address: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        analyse: bool,
    },
    /// The facility exchanges pictures with this archive (`used`), or does not any more. `plain`: its
    /// patients may travel there unencrypted.
    ArchiveSet {
        id: String,
        name: String,
        address: String,
        plain: bool,
        used: bool,
    },
    /// A study was fetched from an archive.
    Fetched {
        archive: String,
        address: String,
        study_uid: String,
    },
    /// Files about a study were made for others; `to` is an archive or a folder.
    Exported {
        study: StudyId,
        patient: Option<PatientId>,
        what: Vec<String>,
        to: String,
    },
    /// Labels, slips or papers were made for a printer: which kind, of what, and where the file was put.
    Printed {
        what: String,
        of: Vec<String>,
        to: String,
    },
    /// A model pack was installed: proven whole, and signed by a key (32 bytes, hex) this facility trusts, or by its own.
    PackInstalled {
        id: String,
        version: String,
        sha256: String,
        key: String,
        made_here: bool,
    },
    /// An installed version answers from now on; without a version the one that came with the program.
    PackCurrent {
        id: String,
        version: Option<String>,
        sha256: Option<String>,
    },
    /// Packs signed by this key (32 bytes, hex) may be installed and used, or may not any more.
    PackKey {
        key: String,
        name: String,
        trusted: bool,
    },
    /// This facility signed a pack with its own key, for itself or for others.
    PackSigned {
        id: String,
        version: String,
        sha256: String,
    },
    /// A shelf was counted against the book, and every difference explained.
    Counted {
        place: String,
        booked: u32,
        counted: u32,
        missing: u32,
        elsewhere: u32,
        unexpected: u32,
    },
    /// The slips of another site, signed by this key (32 bytes, hex), are believed, or not any more.
    SiteKey {
        name: String,
        key: String,
        trusted: bool,
    },
    /// What another site uses of a component in so many days, as somebody there said it: the units of each
    /// group, or of all together.
    SiteUse {
        name: String,
        component: kernel::Component,
        days: u32,
        units: Vec<(Option<kernel::BloodGroup>, u32)>,
    },
    /// Something outside the store was not as this program left it; a stable name.
    Noticed {
        what: String,
    },
    /// Two people say that the computer's clock, whose time this command carries, is right, though
    /// it does not fit the time of the `last` record. Only here may the time of commands go back.
    ClockConfirmed {
        last: Instant,
        reason: String,
    },
}

/// The kind of a command that [`Audit::ClockConfirmed`] is.
pub const CLOCK_CONFIRM: &str = "clock.confirm";

impl Body {
    /// The name of the command in the header.
    pub fn kind(&self) -> &'static str {
        use bloodbank::Command as U;
        use hospital::{patient::Command as P, staff::Command as S};
        use imaging::study::Command as I;
        match self {
            Body::Facility(_) => "facility.found",
            Body::Staff { command: S::Add { .. }, .. } => "staff.add",
            Body::Staff { command: S::SetActive { .. }, .. } => "staff.set_active",
            Body::Patient { command, .. } => match command {
                P::Register { .. } => "patient.register",
                P::RecordAllergy { .. } => "patient.allergy",
                P::RecordNoAllergies => "patient.no_allergies",
                P::RecordGroup { .. } => "patient.group",
                P::WithdrawGroup { .. } => "patient.group_withdraw",
                P::RecordDeath { .. } => "patient.died",
                P::TakeOver { .. } => "patient.take_over",
                P::BelongTo { .. } => "patient.belong_to",
                P::WithdrawDeath { .. } => "patient.died_withdraw",
            },
            Body::Unit { command, .. } => match command {
                U::Receive { .. } => "unit.receive",
                U::Reserve { .. } => "unit.reserve",
                U::Release { .. } => "unit.release",
                U::Issue { .. } => "unit.issue",
                U::Quarantine { .. } => "unit.quarantine",
                U::LiftQuarantine { .. } => "unit.lift",
                U::Discard { .. } => "unit.discard",
                U::SendTo { .. } => "unit.send",
                U::TakeIn { .. } => "unit.take_in",
                U::Move { .. } => "unit.move",
            },
            Body::Study { command, .. } => match command {
                I::Add { .. } => "study.add",
                I::AddImages { .. } => "study.add_images",
                I::Assign { .. } => "study.assign",
                I::Record { .. } => "analysis.record",
                I::Judge { .. } => "analysis.judge",
                I::ReportDraft { .. } => "report.draft",
                I::ReportSign { .. } => "report.sign",
                I::ReportAddend { .. } => "report.addend",
            },
            Body::Policies(_) => "policy.adopt",
            Body::Donor { command, .. } => donors::donor_kind(command),
            Body::Donation { command, .. } => donors::donation_kind(command),
            Body::Numbers(command) => donors::number_kind(command),
            Body::Tests { command, .. } => lab::tests_kind(command),
            Body::Part { command, .. } => lab::part_kind(command),
            Body::Run { .. } => "run.record",
            Body::Care(body) => care::kind(body),
            Body::Together(_) => "together",
            Body::Audit(Audit::ClockConfirmed { .. }) => CLOCK_CONFIRM,
            Body::Audit(_) => "audit",
        }
    }

    /// The parts of which it consists; mostly just itself.
    pub fn parts(&self) -> &[Body] {
        match self {
            Body::Together(parts) => parts,
            one => std::slice::from_ref(one),
        }
    }

    /// The aggregates it writes, each once: the one the user acted on first. The audit stream
    /// writes none.
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = vec![];
        for key in self.parts().iter().flat_map(Body::own_keys) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// Those of one part: an issue moves its unit too.
    fn own_keys(&self) -> Vec<Key> {
        match self {
            Body::Care(body) => care::keys(body),
            one => one.key().into_iter().collect(),
        }
    }

    fn key(&self) -> Option<Key> {
        Some(match self {
            Body::Facility(_) => Key::Facility,
            Body::Staff { id, .. } => Key::Staff(*id),
            Body::Patient { id, .. } => Key::Patient(*id),
            Body::Unit { id, .. } => Key::Unit(*id),
            Body::Study { id, .. } => Key::Study(*id),
            Body::Policies(_) => Key::Policies,
            Body::Donor { id, .. } => Key::Donor(*id),
            Body::Donation { id, .. } => Key::Donation(*id),
            Body::Numbers(_) => Key::Numbers,
            Body::Tests { id, .. } => Key::Tests(*id),
            Body::Part { id, .. } => Key::Part(*id),
            Body::Run { id, .. } => Key::Run(*id),
            Body::Care(body) => Key::Care(body.key()),
            Body::Together(_) | Body::Audit(_) => return None,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", content = "was", rename_all = "snake_case")]
pub enum Event {
    Facility(Facility),
    Staff(hospital::staff::Event),
    Patient(hospital::patient::Event),
    Unit(bloodbank::Event),
    Study(imaging::study::Event),
    Policies(Box<bloodbank::PolicyVersion>),
    Donor(bloodbank::donor::Event),
    Donation(bloodbank::donation::Event),
    Numbers(bloodbank::donation::NumberEvent),
    Tests(bloodbank::lab::Event),
    Part(bloodbank::lab::PartEvent),
    Run(bloodbank::lab::Run),
    Care(CareEvent),
}

impl Event {
    /// Its name in the stored form.
    pub fn tag(&self) -> &'static str {
        match self {
            Event::Facility(_) => "facility",
            Event::Staff(_) => "staff",
            Event::Patient(_) => "patient",
            Event::Unit(_) => "unit",
            Event::Study(_) => "study",
            Event::Policies(_) => "policies",
            Event::Donor(_) => "donor",
            Event::Donation(_) => "donation",
            Event::Numbers(_) => "numbers",
            Event::Tests(_) => "tests",
            Event::Part(_) => "part",
            Event::Run(_) => "run",
            Event::Care(_) => "care",
        }
    }

    /// The patient whose timeline shows it.
    pub fn patient(&self, key: Key, after: Option<&State>) -> Option<PatientId> {
        use bloodbank::Event as U;
        match (self, key, after) {
            (Event::Patient(_), Key::Patient(id), _) => Some(id),
            (
                Event::Unit(
                    U::Reserved { patient, .. }
                    | U::Released { patient, .. }
                    | U::Issued { patient, .. },
                ),
                _,
                _,
            ) => Some(*patient),
            (Event::Study(_), _, Some(State::Study(study))) => study.patient,
            (Event::Care(_), Key::Care(key), after) => care::patient(key, after),
            _ => None,
        }
    }
}

/// Facts of every kind; a command uses those of its own.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub unit: bloodbank::Facts,
    pub patient: hospital::patient::Facts,
    pub staff: hospital::staff::Facts,
    pub donor: DonorFacts,
    pub lab: LabFacts,
    pub care: CareFacts,
    /// The record of the same person that goes on in the place of the patient's: here nothing begins.
    pub goes_on_in: Option<GoesOn>,
}

/// The record to use, as a refusal names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoesOn {
    pub patient: PatientId,
    pub number: String,
}

impl Facts {
    /// Whether the patient had died by then. What was done before a death and is entered after it was
    /// done to somebody alive.
    pub fn deceased_at(&self, at: Instant) -> bool {
        self.unit.patient.as_ref().is_some_and(|patient| patient.deceased)
            && self.care.died.is_none_or(|died| died <= at)
    }
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Unit(bloodbank::Refused),
    #[error(transparent)]
    Patient(hospital::patient::Refused),
    #[error(transparent)]
    Staff(hospital::staff::Refused),
    #[error(transparent)]
    Study(imaging::study::Refused),
    #[error(transparent)]
    Policy(bloodbank::NotAdopted),
    #[error(transparent)]
    Donor(bloodbank::Refused<bloodbank::donor::Rule>),
    #[error(transparent)]
    Donation(bloodbank::Refused<bloodbank::donation::Rule>),
    #[error(transparent)]
    Lab(bloodbank::lab::Refused),
    #[error(transparent)]
    Numbers(bloodbank::donation::NumberProblem),
    #[error(transparent)]
    Care(#[from] bloodbank::care::Refusal),
    /// One part of several is refused, and with it all of them.
    #[error("{part}: {why}")]
    InPart { part: Key, why: Box<Refused> },
    #[error("{0} records in one command; at most {MOST_WRITES} may be written together")]
    TooManyWrites(usize),
    /// A command it has to come after was never accepted.
    #[error("it depends on a command that was not accepted")]
    DependsOnRejected,
    #[error("this facility exists already")]
    FacilityKnown,
    #[error("the command names no such record")]
    Mismatch,
}

/// Who, when, under which policy, past which warnings.
#[derive(Clone, Debug)]
pub struct Context {
    /// When it happens: for this time it is judged.
    pub now: Instant,
    /// It was written on paper, happened at `now`, and is entered later.
    pub later: Option<Later>,
    pub by: CommandId,
    pub actor: Actor,
    /// Warnings an override covers; exactly those.
    pub overridden: Vec<CareRule>,
    pub duplicates_overridden: bool,
    /// In force at `now`: what is entered later is judged by the rules of its day.
    pub policy: Arc<bloodbank::Policy>,
}

/// The entry of something that happened earlier.
#[derive(Clone, Debug)]
pub struct Later {
    pub recorded_at: Instant,
    /// Whoever did it, as the paper says.
    pub by: StaffId,
    /// In force at the time of the entry: for what begins with it.
    pub policy: Arc<bloodbank::Policy>,
    /// Names of the rules by which it would have been refused under that policy: told, never in the way.
    pub against_today: Vec<String>,
}

impl Context {
    /// When the command was given: what the header carries.
    pub fn recorded_at(&self) -> Instant {
        self.later.as_ref().map_or(self.now, |later| later.recorded_at)
    }
    /// The policy for what begins now, also where the command tells of something earlier.
    pub fn policy_of_entry(&self) -> &Arc<bloodbank::Policy> {
        self.later.as_ref().map_or(&self.policy, |later| &later.policy)
    }
    /// The command as it would stand if the rules of the day of its entry judged it too; `None` where
    /// they are those that judge it.
    pub fn by_the_entry(&self) -> Option<Context> {
        let later = self.later.as_ref().filter(|later| later.policy.hash != self.policy.hash)?;
        Some(Context { policy: Arc::clone(&later.policy), ..self.clone() })
    }
    /// Both times of something that was entered later.
    pub fn occurred(&self) -> Option<bloodbank::bedside::Occurred> {
        let later = self.later.as_ref()?;
        Some(bloodbank::bedside::Occurred { at: self.now, recorded_at: later.recorded_at })
    }
    /// What the body keeps of it.
    pub fn happened(&self) -> Option<Happened> {
        self.later.as_ref().map(|later| Happened { at: self.now, by: later.by })
    }
    /// The warnings about the unit itself that an override covers.
    fn of_unit(&self) -> Vec<bloodbank::Rule> {
        let of_unit = |rule: &CareRule| match rule {
            CareRule::Unit(rule) => Some(*rule),
            _ => None,
        };
        self.overridden.iter().filter_map(of_unit).collect()
    }
}

/// The sum of the aggregates.
#[derive(Clone, Copy, Debug)]
pub enum Records {}

impl Aggregates for Records {
    type Key = Key;
    type State = State;
    type Body = Body;
    type Event = Event;
    type Facts = Facts;
    type Refused = Refused;
    type Context = Context;

    fn decide(
        states: &States<Self>,
        facts: &Facts,
        body: &Body,
        cx: &Context,
    ) -> Result<Vec<(Key, Event)>, Refused> {
        if let Some(later) = &cx.later {
            // Whatever it is: what has not happened yet is not entered as having happened.
            bloodbank::bedside::Occurred::late_entry(cx.now, later.recorded_at)?;
        }
        match body {
            Body::Together(parts) => decide_together(states, facts, parts, cx),
            one => decide_one(states, facts, one, cx),
        }
    }

    fn happened(
        states: &States<Self>,
        body: &Body,
        facts: &Facts,
        cx: &Context,
    ) -> Vec<(Key, Event)> {
        happened::events(states, body, facts, cx)
    }

    fn apply(state: Option<State>, key: Key, event: &Event) -> Option<State> {
        match (event, key, state) {
            (Event::Facility(f), _, _) => Some(State::Facility(f.clone())),
            (Event::Policies(v), _, None) => Some(State::Policies(bloodbank::adopted(None, v))),
            (Event::Policies(v), _, Some(State::Policies(book))) => {
                Some(State::Policies(bloodbank::adopted(Some(book), v)))
            }
            (Event::Staff(e), _, None) => hospital::staff::apply(None, e).map(State::Staff),
            (Event::Staff(e), _, Some(State::Staff(s))) => {
                hospital::staff::apply(Some(s), e).map(State::Staff)
            }
            (Event::Patient(e), _, None) => {
                hospital::patient::apply(None, e).map(|p| State::Patient(Box::new(p)))
            }
            (Event::Patient(e), _, Some(State::Patient(p))) => {
                hospital::patient::apply(Some(*p), e).map(|p| State::Patient(Box::new(p)))
            }
            (Event::Unit(e), Key::Unit(id), None) => {
                bloodbank::apply(None, id, e).map(|u| State::Unit(Box::new(u)))
            }
            (Event::Unit(e), Key::Unit(id), Some(State::Unit(u))) => {
                bloodbank::apply(Some(*u), id, e).map(|u| State::Unit(Box::new(u)))
            }
            (Event::Study(e), _, None) => {
                imaging::study::apply(None, e).map(|s| State::Study(Box::new(s)))
            }
            (Event::Study(e), _, Some(State::Study(s))) => {
                imaging::study::apply(Some(*s), e).map(|s| State::Study(Box::new(s)))
            }
            (Event::Donor(_) | Event::Donation(_) | Event::Numbers(_), key, state) => {
                donors::apply(state, key, event)
            }
            (Event::Tests(_) | Event::Part(_) | Event::Run(_), key, state) => {
                lab::apply(state, key, event)
            }
            (Event::Care(event), Key::Care(key), state) => care::apply(state, key, event),
            // An event never meets a state of another kind: both carry the same key.
            (_, _, other) => other,
        }
    }

    /// Only what the policy of the blood bank decides can be overtaken by it.
    fn overtaken(
        states: &BTreeMap<Key, State>,
        body: &Body,
        cx: &Context,
        received: Instant,
    ) -> Option<Context> {
        let Some(State::Policies(book)) = states.get(&Key::Policies) else { return None };
        let of_blood = |part: &Body| {
            matches!(
                part,
                Body::Unit { .. }
                    | Body::Donor { .. }
                    | Body::Donation { .. }
                    | Body::Tests { .. }
                    | Body::Part { .. }
                    | Body::Care(_)
            )
        };
        if !body.parts().iter().any(of_blood) {
            return None;
        }
        // What happened before a version was in force is not overtaken by it, however late it is entered.
        let governed = if cx.later.is_some() { cx.now.min(received) } else { received };
        let urgent = book.overtaking(&cx.policy.profile, cx.policy.version, governed)?;
        Some(Context { policy: Arc::new(urgent.policy()?), ..cx.clone() })
    }

    fn react(
        cx: &Context,
        events: &[(Key, Event)],
        states: &BTreeMap<Key, State>,
    ) -> Vec<Reaction<Self>> {
        let known =
            |about| Ok::<_, std::convert::Infallible>(reactions::known_of(states, about, cx));
        let Ok(due) = reactions::due(cx, events, &known);
        due.into_iter()
            .map(|due| Reaction {
                id: due.context.by,
                keys: due.body.keys(),
                body: due.body,
                facts: due.facts,
                context: due.context,
                restricts: due.restricts,
            })
            .collect()
    }
}

/// Each part is decided on what the parts before it left behind. A hard stop of one stops all;
/// warnings of all are told together, so that one override can cover them.
fn decide_together(
    states: &States<Records>,
    facts: &Facts,
    parts: &[Body],
    cx: &Context,
) -> Result<Vec<(Key, Event)>, Refused> {
    let mut states = states.clone();
    let mut all = vec![];
    let mut warned: Option<(Key, Vec<CareRule>, bloodbank::Args)> = None;
    for part in parts {
        let part_key = part.key().ok_or(Refused::Mismatch)?;
        match decide_one(&states, facts, part, cx) {
            Ok(events) => {
                for (key, event) in events {
                    let before = states.remove(&key).flatten();
                    states.insert(key, Records::apply(before, key, &event));
                    all.push((key, event));
                }
            }
            Err(Refused::Unit(bloodbank::Refused::NeedsOverride { rules, args })) => {
                let (_, known, _) = warned.get_or_insert((part_key, vec![], args));
                known.extend(rules.into_iter().map(CareRule::Unit));
            }
            Err(Refused::Care(Refusal::NeedsOverride { rules, args })) => {
                let (_, known, _) = warned.get_or_insert((part_key, vec![], args));
                known.extend(rules);
            }
            Err(why) => return Err(Refused::InPart { part: part_key, why: Box::new(why) }),
        }
    }
    match warned {
        Some((part, mut rules, args)) => {
            rules.sort_unstable();
            rules.dedup();
            let why = Refused::Care(Refusal::NeedsOverride { rules, args });
            Err(Refused::InPart { part, why: Box::new(why) })
        }
        None if all.is_empty() => Err(Refused::Mismatch),
        None if states.len() > MOST_WRITES => Err(Refused::TooManyWrites(states.len())),
        None => Ok(all),
    }
}

fn decide_one(
    states: &States<Records>,
    facts: &Facts,
    body: &Body,
    cx: &Context,
) -> Result<Vec<(Key, Event)>, Refused> {
    let Some(key) = body.key() else { return Ok(vec![]) };
    if let Some(to) = facts.goes_on_in.as_ref().filter(|_| cx.later.is_none() && begins(body)) {
        let rule = CareRule::RecordTakenOver;
        let args =
            bloodbank::Args::from([("to", to.patient.to_string()), ("number", to.number.clone())]);
        return Err(Refusal::HardStop { rule, args }.into());
    }
    let state = states.get(&key).and_then(Option::as_ref);
    let events = match (body, state) {
        (Body::Audit(_), _) => vec![],
        (Body::Facility(_), Some(_)) => return Err(Refused::FacilityKnown),
        (Body::Facility(facility), None) => vec![Event::Facility(facility.clone())],
        (Body::Staff { id, command }, None | Some(State::Staff(_))) => {
            let state = state.and_then(|s| if let State::Staff(s) = s { Some(s) } else { None });
            hospital::staff::decide(state, *id, &facts.staff, command, cx.now)
                .map_err(Refused::Staff)?
                .into_iter()
                .map(Event::Staff)
                .collect()
        }
        (Body::Patient { id, command }, None | Some(State::Patient(_))) => {
            let state =
                state.and_then(|s| if let State::Patient(p) = s { Some(&**p) } else { None });
            let over = cx.duplicates_overridden;
            hospital::patient::decide(state, *id, &facts.patient, command, over, cx.now)
                .map_err(Refused::Patient)?
                .into_iter()
                .map(Event::Patient)
                .collect()
        }
        (Body::Unit { id, command }, None | Some(State::Unit(_))) => {
            if let bloodbank::Command::Receive { .. } = command {
                lab::may_be_received(states, facts, *id)?;
            }
            lab::may_be_used(facts, *id, command)?;
            lab::may_be_discarded(states, *id, command)?;
            let state = state.and_then(|s| if let State::Unit(u) = s { Some(&**u) } else { None });
            let (over, policy) = (cx.of_unit(), &cx.policy);
            bloodbank::decide(state, &facts.unit, command, &over, policy, cx.now, cx.by)
                .map_err(Refused::Unit)?
                .into_iter()
                .map(Event::Unit)
                .collect()
        }
        (Body::Policies(ask), None | Some(State::Policies(_))) => {
            let book = state.and_then(|s| if let State::Policies(b) = s { Some(b) } else { None });
            let hash = policy_hash(&ask.text);
            let version = bloodbank::adopt(book, ask, hash, &cx.actor.user, cx.now)
                .map_err(Refused::Policy)?;
            vec![Event::Policies(Box::new(version))]
        }
        (Body::Study { command, .. }, None | Some(State::Study(_))) => {
            let state = state.and_then(|s| if let State::Study(u) = s { Some(&**u) } else { None });
            imaging::study::decide(state, command, &cx.actor.user, cx.now)
                .map_err(Refused::Study)?
                .into_iter()
                .map(Event::Study)
                .collect()
        }
        (Body::Donor { .. } | Body::Donation { .. } | Body::Numbers(_), _) => {
            donors::decide(states, facts, body, cx)?
        }
        (Body::Tests { .. } | Body::Part { .. } | Body::Run { .. }, _) => {
            lab::decide(states, facts, body, cx)?
        }
        (Body::Care(body), _) => return care::decide(states, facts, body, cx),
        (Body::Together(_), _) | (_, Some(_)) => return Err(Refused::Mismatch),
    };
    Ok(events.into_iter().map(|e| (key, e)).collect())
}

/// What begins something for a patient, or becomes known of them: it belongs into the record that goes
/// on. What runs already is ended where it began, and what is owed for blood that left is done there.
fn begins(body: &Body) -> bool {
    use bloodbank::Command as U;
    use bloodbank::bedside::Command as B;
    use bloodbank::history::Command as H;
    use bloodbank::issue::Command as I;
    use bloodbank::mtp::Command as M;
    use bloodbank::request::Command as R;
    use bloodbank::sample::Command as S;
    match body {
        Body::Patient { .. } => true,
        Body::Unit { command, .. } => matches!(command, U::Reserve { .. } | U::Issue { .. }),
        Body::Care(CareBody::History { command, .. }) => {
            !matches!(**command, H::NoteExposure { .. } | H::TakeOver { .. })
        }
        Body::Care(CareBody::Request { command, .. }) => {
            matches!(**command, R::Place { .. } | R::Accept { .. } | R::Allocate { .. })
        }
        Body::Care(CareBody::Sample { command, .. }) => matches!(**command, S::Receive { .. }),
        Body::Care(CareBody::Dispensation { command, .. }) => {
            matches!(command.does, I::Issue { .. })
        }
        Body::Care(CareBody::Transfusion { command, .. }) => {
            matches!(**command, B::Check { .. } | B::Start { .. })
        }
        Body::Care(CareBody::Protocol { command, .. }) => {
            matches!(**command, M::Activate { .. } | M::PreparePack { .. } | M::IssuePack { .. })
        }
        _ => false,
    }
}

/// What the blood bank may know about a patient: the one translation between the two domains.
pub fn patient_facts(
    patient: &hospital::patient::Patient,
    today: chrono::NaiveDate,
) -> bloodbank::PatientFacts {
    use bloodbank::KnownGroup as To;
    use hospital::patient::{KnownGroup as From, Sex};
    bloodbank::PatientFacts {
        id: patient.id,
        group: match patient.group() {
            From::Unknown => To::Unknown,
            From::Once(group) => To::Once(group),
            From::Confirmed(group) => To::Confirmed(group),
            From::Conflict(groups) => To::Conflict(groups),
        },
        anti_d_ever: patient.anti_d_ever,
        // Stands in the blood history: see `facts_of`.
        phenotype: bloodbank::traits::Phenotype::Ordinary,
        sex: match patient.sex {
            Sex::Female => bloodbank::Sex::Female,
            Sex::Male => bloodbank::Sex::Male,
            Sex::Other => bloodbank::Sex::Other,
            Sex::NotKnown => bloodbank::Sex::NotKnown,
        },
        age_years: patient.birth_date.and_then(|born| born.age_on(today)),
        deceased: patient.died.is_some(),
    }
}

/// The same with the anti-D and the phenotype that the blood history knows of.
pub fn facts_of(
    patient: &hospital::patient::Patient,
    history: Option<&bloodbank::history::History>,
    today: chrono::NaiveDate,
) -> bloodbank::PatientFacts {
    let mut facts = patient_facts(patient, today);
    facts.anti_d_ever |= history.is_some_and(bloodbank::history::History::anti_d_ever);
    facts.phenotype = history.map(|history| history.phenotype).unwrap_or_default();
    facts
}

/// The name of a policy by what it says: SHA-256 of its text, lower-case hexadecimal.
pub fn policy_hash(text: &str) -> String {
    hex::encode(ledger::hash_of(&[text.as_bytes()]))
}

/// The first version that a facility adopts, and what decides before it has adopted any.
pub fn first_policy() -> (String, bloodbank::Policy) {
    first_policy_of("who")
}

/// The same under the rule book of a built-in profile: `who`, `fda`, `eu`, `uk`, `india` (`in`). Another
/// name stands for `who`.
pub fn first_policy_of(profile: &str) -> (String, bloodbank::Policy) {
    let mut policy = bloodbank::Policy::who();
    let wanted = if profile == "in" { "india" } else { profile };
    let built_in = bloodbank::profile::Profile::built_in();
    if let Some(rule_book) = built_in.into_iter().find(|book| book.name == wanted) {
        profile.clone_into(&mut policy.profile);
        policy.rule_book = rule_book;
    }
    let text = serde_json::to_string(&policy).expect("plain data always encodes");
    let hash = policy_hash(&text);
    (text, bloodbank::Policy { hash, ..policy })
}
