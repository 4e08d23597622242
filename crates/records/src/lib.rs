//! All aggregates of the house under one name, so that the ledger can judge a command without
//! knowing what it is about. It adds no rule: it asks the crate that owns the aggregate.

use kernel::{Actor, CommandId, Instant, PatientId, StaffId, StudyId, UnitId};
use ledger::{Aggregates, States, Subject};
use serde::{Deserialize, Serialize};
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
}

impl Key {
    pub fn subject(self) -> Subject {
        match self {
            Key::Facility => Subject { kind: 0, id: Uuid::nil() },
            Key::Staff(id) => Subject { kind: 1, id: id.0 },
            Key::Patient(id) => Subject { kind: 2, id: id.0 },
            Key::Unit(id) => Subject { kind: 3, id: id.0 },
            Key::Study(id) => Subject { kind: 4, id: id.0 },
        }
    }
    pub fn from_subject(s: Subject) -> Option<Self> {
        Some(match s.kind {
            0 => Key::Facility,
            1 => Key::Staff(StaffId(s.id)),
            2 => Key::Patient(PatientId(s.id)),
            3 => Key::Unit(UnitId(s.id)),
            4 => Key::Study(StudyId(s.id)),
            _ => return None,
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
}

/// What a command asks for. `Audit` touches no aggregate: it is a line of the audit stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", content = "does", rename_all = "snake_case")]
pub enum Body {
    Facility(Facility),
    Staff { id: StaffId, command: hospital::staff::Command },
    Patient { id: PatientId, command: hospital::patient::Command },
    Unit { id: UnitId, command: bloodbank::Command },
    Study { id: StudyId, command: imaging::study::Command },
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
    /// Something outside the store was not as this program left it; a stable name.
    Noticed {
        what: String,
    },
}

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
            },
            Body::Study { command, .. } => match command {
                I::Add { .. } => "study.add",
                I::Assign { .. } => "study.assign",
                I::Record { .. } => "analysis.record",
                I::Judge { .. } => "analysis.judge",
            },
            Body::Audit(_) => "audit",
        }
    }

    /// The aggregate it writes; the audit stream writes none.
    pub fn key(&self) -> Option<Key> {
        Some(match self {
            Body::Facility(_) => Key::Facility,
            Body::Staff { id, .. } => Key::Staff(*id),
            Body::Patient { id, .. } => Key::Patient(*id),
            Body::Unit { id, .. } => Key::Unit(*id),
            Body::Study { id, .. } => Key::Study(*id),
            Body::Audit(_) => return None,
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
}

impl Event {
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
    #[error("this facility exists already")]
    FacilityKnown,
    #[error("the command names no such record")]
    Mismatch,
}

/// Who, when, under which policy, past which warnings.
#[derive(Clone, Debug)]
pub struct Context {
    pub now: Instant,
    pub by: CommandId,
    pub actor: Actor,
    /// Warnings an override covers; exactly those.
    pub overridden: Vec<bloodbank::Rule>,
    pub duplicates_overridden: bool,
    pub policy: Arc<bloodbank::Policy>,
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
        let Some(key) = body.key() else { return Ok(vec![]) };
        let state = states.get(&key).and_then(Option::as_ref);
        let events = match (body, state) {
            (Body::Audit(_), _) => vec![],
            (Body::Facility(_), Some(_)) => return Err(Refused::FacilityKnown),
            (Body::Facility(facility), None) => vec![Event::Facility(facility.clone())],
            (Body::Staff { id, command }, None | Some(State::Staff(_))) => {
                let state =
                    state.and_then(|s| if let State::Staff(s) = s { Some(s) } else { None });
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
            (Body::Unit { command, .. }, None | Some(State::Unit(_))) => {
                let state =
                    state.and_then(|s| if let State::Unit(u) = s { Some(&**u) } else { None });
                let (over, policy) = (&cx.overridden, &cx.policy);
                bloodbank::decide(state, &facts.unit, command, over, policy, cx.now, cx.by)
                    .map_err(Refused::Unit)?
                    .into_iter()
                    .map(Event::Unit)
                    .collect()
            }
            (Body::Study { command, .. }, None | Some(State::Study(_))) => {
                let state =
                    state.and_then(|s| if let State::Study(u) = s { Some(&**u) } else { None });
                imaging::study::decide(state, command, &cx.actor.user, cx.now)
                    .map_err(Refused::Study)?
                    .into_iter()
                    .map(Event::Study)
                    .collect()
            }
            (_, Some(_)) => return Err(Refused::Mismatch),
        };
        Ok(events.into_iter().map(|e| (key, e)).collect())
    }

    fn happened(body: &Body, cx: &Context) -> Vec<(Key, Event)> {
        use bloodbank::{Command as U, Event as E};
        let Some(key) = body.key() else { return vec![] };
        let event = match body {
            Body::Unit { command: U::Issue { patient, collected_by, .. }, .. } => {
                E::Issued { patient: *patient, at: cx.now, collected_by: collected_by.clone() }
            }
            Body::Unit { command: U::Discard { reason, note }, .. } => {
                E::Discarded { reason: *reason, note: note.clone(), at: cx.now }
            }
            Body::Unit { command: U::SendTo { site }, .. } => {
                E::Sent { to: site.clone(), at: cx.now }
            }
            Body::Unit { command: U::TakeIn { site }, .. } => {
                E::TakenIn { site: site.clone(), at: cx.now }
            }
            Body::Unit { command: U::Quarantine { reason }, .. } => {
                E::Quarantined { reason: reason.clone(), at: cx.now, cause: cx.by }
            }
            _ => return vec![],
        };
        vec![(key, Event::Unit(event))]
    }

    fn apply(state: Option<State>, key: Key, event: &Event) -> Option<State> {
        match (event, key, state) {
            (Event::Facility(f), _, _) => Some(State::Facility(f.clone())),
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
            // An event never meets a state of another kind: both carry the same key.
            (_, _, other) => other,
        }
    }
}
