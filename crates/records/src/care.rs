//! The transfusion side as the ledger sees it: what a patient's blood has shown, requests, samples,
//! crossmatches, issues, transfusions, cases of haemovigilance, recalls, massive transfusions, boxes
//! between sites. The rules are those of `bloodbank`, under the care policy that the command names.

use crate::{Context, Event, Facts, Key, Records, Refused, State};
use bloodbank::care::{CareRule, Refusal, StaffFact};
use bloodbank::history::History;
use bloodbank::sample::{PatientIdentity, Sample};
use bloodbank::traits::{self, UnitTraits};
use bloodbank::{
    Unit, appeal, appointment, bedside, crossmatch, haemovigilance, history, issue, lookback, mtp,
    outbox, request, sample, storage, transfer, validation,
};
use kernel::{
    AppointmentId, CampaignId, CaseId, CrossmatchId, DispensationId, MessageId, PatientId, PlaceId,
    ProtocolId, RecallId, RequestId, SampleId, SlipId, TransferId, TransfusionId, UnitId,
    ValidationId,
};
use ledger::{States, Subject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Declares the aggregates once: the variant, its number as a subject, its word in the stored form,
/// and the four shapes of its domain module.
macro_rules! aggregates {
    ($($name:ident($id:ident) = $kind:literal, $state:ty, $command:ty, $event:ty;)*) => {
        /// Which aggregate of the transfusion side.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CareKey { $($name($id)),* }

        impl CareKey {
            pub(crate) fn subject(self) -> Subject {
                match self { $(CareKey::$name(id) => Subject { kind: $kind, id: id.0 }),* }
            }
            pub(crate) fn from_subject(s: Subject) -> Option<Self> {
                match s.kind {
                    $($kind => Some(CareKey::$name($id(s.id))),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for CareKey {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $(CareKey::$name(id) => write!(f, "{}/{id}", stringify!($name))),* }
            }
        }

        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "of", content = "is", rename_all = "snake_case")]
        pub enum Care { $($name(Box<$state>)),* }

        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "of", content = "does", rename_all = "snake_case")]
        pub enum CareBody { $($name { id: $id, command: Box<$command> }),* }

        impl CareBody {
            pub fn key(&self) -> CareKey {
                match self { $(CareBody::$name { id, .. } => CareKey::$name(*id)),* }
            }
        }

        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "of", content = "was", rename_all = "snake_case")]
        pub enum CareEvent { $($name(Box<$event>)),* }

        $(impl From<$event> for CareEvent {
            fn from(event: $event) -> Self { CareEvent::$name(Box::new(event)) }
        })*
    };
}

aggregates! {
    History(PatientId) = 12, History, history::Command, history::Event;
    Request(RequestId) = 13, request::Request, request::Command, request::Event;
    Sample(SampleId) = 14, Sample, sample::Command, sample::Event;
    Crossmatch(CrossmatchId) = 15, crossmatch::Crossmatch, crossmatch::Command, crossmatch::Event;
    Dispensation(DispensationId) = 16, issue::Dispensation, Dispense, issue::Event;
    Transfusion(TransfusionId) = 17, bedside::Transfusion, bedside::Command, bedside::Event;
    Case(CaseId) = 18, haemovigilance::Case, haemovigilance::Command, haemovigilance::Event;
    Recall(RecallId) = 19, lookback::Recall, lookback::Command, lookback::Event;
    Protocol(ProtocolId) = 20, mtp::Protocol, mtp::Command, mtp::Event;
    Traits(UnitId) = 21, UnitTraits, traits::Command, traits::Event;
    Transfer(TransferId) = 22, transfer::Transfer, transfer::Command, transfer::Event;
    Place(PlaceId) = 23, storage::Place, storage::Command, storage::Event;
    Message(MessageId) = 24, outbox::Message, outbox::Command, outbox::Event;
    Campaign(CampaignId) = 25, appeal::Appeal, appeal::Command, appeal::Event;
    Appointment(AppointmentId) = 26, appointment::Appointment, appointment::Command, appointment::Event;
    Validation(ValidationId) = 27, validation::Validation, validation::Command, validation::Event;
}

/// A command on the issue of a unit: it moves the unit too, so it names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispense {
    pub unit: UnitId,
    pub does: issue::Command,
}

/// What a decision of this side may know beside the aggregates that its command writes. Whatever
/// stands in the same command is taken from there.
#[derive(Clone, Debug, Default)]
pub struct CareFacts {
    /// The patient as the record knows them, for the label of a tube.
    pub identity: Option<PatientIdentity>,
    /// When the patient died, where the record says that they did.
    pub died: Option<kernel::Instant>,
    /// With the determinations of the patient's record: see [`history_of`].
    pub history: History,
    pub history_as_of: Option<kernel::Instant>,
    pub staff: Vec<StaffFact>,
    pub unit: Option<Unit>,
    pub traits: UnitTraits,
    /// The newest that can be used, or else the newest.
    pub sample: Option<Sample>,
    pub crossmatch: Option<crossmatch::Crossmatch>,
    pub request: Option<request::Request>,
    /// What the patient's requests of this component ask for, where none of them is filled by it.
    pub also_needed: Vec<bloodbank::traits::Need>,
    pub dispensation: Option<issue::Dispensation>,
    /// Every record by which the bag left.
    pub issues: Vec<issue::Dispensation>,
    /// Whether a bedside record says that the bag ran; none: nobody has looked.
    pub begun: Option<bool>,
    pub validation: Option<crossmatch::Validation>,
    pub program: String,
    pub record_intact: bool,
    pub stands_alone: bool,
    /// A recall that names this bag.
    pub recalled: Option<RecallId>,
    pub slips_used: Vec<SlipId>,
    pub low_titre_given: u32,
    pub identical_left: u32,
    pub transfer_slip_genuine: bool,
    pub transfer_scanned: BTreeSet<(SlipId, UnitId)>,
    pub outbox: outbox::Facts,
    pub appointment: appointment::Facts,
}

impl CareFacts {
    /// Whether the crossmatch of the bag for the patient that counts says no.
    pub fn incompatible(&self) -> bool {
        let against = |one: &crossmatch::Crossmatch| {
            one.outcome == crossmatch::Outcome::Incompatible && one.withdrawn.is_none()
        };
        self.crossmatch.as_ref().is_some_and(against)
    }

    pub fn crossmatching(&self, site: &str) -> crossmatch::Facts {
        crossmatch::Facts {
            history: self.history.clone(),
            history_as_of: self.history_as_of,
            validation: self.validation.clone(),
            site: site.to_owned(),
            program: self.program.clone(),
            record_intact: self.record_intact,
            stands_alone: self.stands_alone,
        }
    }

    /// What the issue gate may know, from these facts.
    pub fn of_issue(&self, unit: &bloodbank::Facts) -> issue::IssueFacts {
        issue::IssueFacts {
            unit: unit.clone(),
            traits: self.traits.clone(),
            crossmatching: self.crossmatching(&unit.site),
            sample: self.sample.clone(),
            crossmatch: self.crossmatch.clone(),
            request: self.request.clone(),
            also_needed: self.also_needed.clone(),
            staff: self.staff.clone(),
            recalled: self.recalled,
            slips_used: self.slips_used.clone(),
            low_titre_given: self.low_titre_given,
            identical_left: self.identical_left,
            on_hold: false,
            later: None,
            care_of_entry: None,
            by: None,
            given: self.dispensation.clone(),
            issues: self.issues.clone(),
            begun: self.begun,
        }
    }
}

/// A patient's blood history with the determinations of the patient's record. That record is the one
/// place where a group is written; a tube has the same id wherever its number is read.
pub fn history_of(
    stored: Option<&History>,
    patient: Option<&hospital::patient::Patient>,
) -> History {
    let mut history = stored.cloned().unwrap_or_default();
    let Some(patient) = patient else { return history };
    let of_record: Vec<history::Determination> = patient
        .determinations
        .iter()
        .filter(|d| d.withdrawn.is_none())
        .map(|d| history::Determination {
            sample: sample_id(&d.sample),
            group: d.group,
            at: d.at,
            historic: false,
        })
        .collect();
    let other = History { determinations: of_record, ..History::default() };
    history = history.joined(&other);
    history
}

/// The id of the tube with this number: one number is one tube.
pub fn sample_id(number: &str) -> SampleId {
    SampleId::of_number(&hospital::patient::sample_key(number))
}

fn of(states: &States<Records>, key: CareKey) -> Result<Option<&Care>, Refused> {
    match states.get(&Key::Care(key)).and_then(Option::as_ref) {
        Some(State::Care(care)) => Ok(Some(care)),
        None => Ok(None),
        Some(_) => Err(Refused::Mismatch),
    }
}

/// The state of one kind, if the command's aggregates hold it.
macro_rules! state {
    ($states:expr, $name:ident, $id:expr) => {
        match of($states, CareKey::$name($id))? {
            Some(Care::$name(state)) => Some(&**state),
            None => None,
            Some(_) => return Err(Refused::Mismatch),
        }
    };
}

fn pairs<E: Into<CareEvent>>(key: CareKey, events: Vec<E>) -> Vec<(Key, Event)> {
    events.into_iter().map(|e| (Key::Care(key), Event::Care(e.into()))).collect()
}

/// The unit as this very command has it, or else as it is.
fn unit_of<'a>(states: &'a States<Records>, facts: &'a Facts, id: UnitId) -> Option<&'a Unit> {
    match states.get(&Key::Unit(id)).and_then(Option::as_ref) {
        Some(State::Unit(unit)) => Some(unit),
        _ => facts.care.unit.as_ref().filter(|unit| unit.id == id),
    }
}

fn unknown(what: &str) -> Refused {
    let args = bloodbank::Args::from([("what", what.to_owned())]);
    Refused::Care(Refusal::HardStop { rule: CareRule::NotFound, args })
}

/// Decides a part of a command that is about the transfusion side.
pub(crate) fn decide(
    states: &States<Records>,
    facts: &Facts,
    body: &CareBody,
    cx: &Context,
) -> Result<Vec<(Key, Event)>, Refused> {
    let key = body.key();
    let (known, policy, now) = (&facts.care, &cx.policy.care, cx.now);
    let deceased = facts.deceased_at(now);
    Ok(match body {
        CareBody::History { id, command } => {
            let state = state!(states, History, *id);
            // What it tells of carries its own time; when it became known is the time of the entry.
            pairs(key, history::decide(state, &known.staff, command, cx.recorded_at())?)
        }
        CareBody::Request { id, command } => {
            pairs(key, request::decide(state!(states, Request, *id), deceased, command, now)?)
        }
        CareBody::Sample { id, command } => {
            let of_sample = sample::Facts {
                patient: known.identity.clone(),
                exposures: known.history.exposures.clone(),
                staff: known.staff.clone(),
            };
            let state = state!(states, Sample, *id);
            pairs(key, sample::decide(state, &of_sample, command, policy, now)?)
        }
        CareBody::Crossmatch { id, command } => {
            let on_bench = known.crossmatching(&facts.unit.site);
            let unit = match &**command {
                crossmatch::Command::Record { unit, .. } => unit_of(states, facts, *unit),
                crossmatch::Command::Withdraw { .. } => None,
            };
            let bench = unit.map(|unit| crossmatch::Bench {
                unit,
                traits: &known.traits,
                sample: known.sample.as_ref(),
                facts: &on_bench,
            });
            let state = state!(states, Crossmatch, *id);
            if let (Some(state), crossmatch::Command::Withdraw { .. }) = (state, &**command) {
                crossmatch::may_withdraw(state, cx.actor.id)?;
            }
            pairs(key, crossmatch::decide(state, bench.as_ref(), command, policy, now)?)
        }
        CareBody::Dispensation { id, command } => dispense(states, facts, *id, command, cx)?,
        CareBody::Transfusion { id, command } => {
            let state = state!(states, Transfusion, *id);
            let about = known.dispensation.as_ref().ok_or_else(|| unknown("dispensation"))?;
            let unit = unit_of(states, facts, about.unit).ok_or_else(|| unknown("unit"))?;
            let at_bed = bedside::Facts {
                unit,
                dispensation: about,
                open_for: facts.unit.patient.as_ref().map_or(about.patient, |p| p.id),
                deceased,
                recalled: known.recalled,
                held: facts.lab.held.contains(&unit.id),
                incompatible: known.incompatible(),
                clock_suspect: facts.unit.clock_suspect,
                staff: &known.staff,
                later: cx.occurred(),
            };
            pairs(key, bedside::decide(state, &at_bed, command, &cx.overridden, policy, now)?)
        }
        CareBody::Case { id, command } => {
            pairs(key, haemovigilance::decide(state!(states, Case, *id), command, now)?)
        }
        CareBody::Recall { id, command } => {
            pairs(key, lookback::decide(state!(states, Recall, *id), command, now)?)
        }
        CareBody::Protocol { id, command } => {
            let state = state!(states, Protocol, *id);
            if deceased && matches!(**command, mtp::Command::Activate { .. }) {
                let rule = CareRule::Unit(bloodbank::Rule::PatientDeceased);
                return Err(Refusal::HardStop { rule, args: bloodbank::Args::new() }.into());
            }
            pairs(key, mtp::decide(state, &known.staff, command, now)?)
        }
        CareBody::Traits { id, command } => {
            let state = state!(states, Traits, *id);
            let unit = unit_of(states, facts, *id).ok_or_else(|| unknown("unit"))?;
            pairs(key, traits::decide(state, unit, cx.actor.id, command)?)
        }
        CareBody::Transfer { id, command } => {
            let of_box = transfer::Facts {
                site: facts.unit.site.clone(),
                unit: known.unit.clone(),
                slip_genuine: known.transfer_slip_genuine,
                scanned: known.transfer_scanned.clone(),
            };
            let state = state!(states, Transfer, *id);
            pairs(key, transfer::decide(state, *id, &of_box, command, policy, now)?)
        }
        CareBody::Place { id, command } => {
            pairs(key, storage::decide(state!(states, Place, *id), command, now)?)
        }
        CareBody::Message { id, command } => {
            let mut known = known.outbox.clone();
            // An appeal that starts in the same command counts.
            if let outbox::Command::Queue { about: outbox::About::Appeal { campaign }, .. } =
                **command
                && let Some(appeal) = state!(states, Campaign, campaign)
            {
                known.campaign = Some(appeal.campaign.clone());
            }
            let state = state!(states, Message, *id);
            pairs(key, outbox::decide(state, &known, **command, policy, now)?)
        }
        CareBody::Campaign { id, command } => {
            let state = state!(states, Campaign, *id);
            pairs(key, appeal::decide(state, command, &facts.unit.site, now)?)
        }
        CareBody::Appointment { id, command } => {
            let state = state!(states, Appointment, *id);
            pairs(key, appointment::decide(state, &known.appointment, command, now)?)
        }
        CareBody::Validation { id, command } => {
            let zone = facts.donor.zone.unwrap_or(chrono_tz::UTC);
            let of_site = validation::Facts {
                actor: cx.actor.id,
                staff: &known.staff,
                site: &facts.unit.site,
                program: &known.program,
                today: now.with_timezone(&zone).date_naive(),
            };
            let state = state!(states, Validation, *id);
            pairs(key, validation::decide(state, *id, &of_site, command, now)?)
        }
    })
}

/// An issue and what it does to its unit: stored together or not at all.
fn dispense(
    states: &States<Records>,
    facts: &Facts,
    id: DispensationId,
    command: &Dispense,
    cx: &Context,
) -> Result<Vec<(Key, Event)>, Refused> {
    let unit = unit_of(states, facts, command.unit).ok_or_else(|| unknown("unit"))?;
    let hold = crate::lab::not_on_hold(facts, unit.id);
    if matches!(command.does, issue::Command::Issue { .. }) && cx.later.is_none() {
        hold.clone()?;
    }
    let mut gate = facts.care.of_issue(&facts.unit);
    if let Some(patient) = &mut gate.unit.patient {
        patient.deceased = facts.deceased_at(cx.now);
    }
    gate.on_hold = hold.is_err();
    gate.later = cx.occurred();
    gate.by = Some(cx.later.as_ref().map_or(cx.actor.id, |later| later.by));
    gate.care_of_entry = cx.later.as_ref().map(|later| later.policy.care.clone());
    // A crossmatch of the same command counts.
    let here = states.values().flatten().find_map(|state| match state {
        State::Care(Care::Crossmatch(done)) if done.unit == unit.id => Some((**done).clone()),
        _ => None,
    });
    gate.crossmatch = here.or(gate.crossmatch);
    let policy = &cx.policy;
    let decided = issue::decide(
        state!(states, Dispensation, id),
        unit,
        &gate,
        &command.does,
        &cx.overridden,
        policy,
        &policy.care,
        cx.now,
        cx.by,
    )?;
    let mut events = pairs(CareKey::Dispensation(id), decided.events);
    let of_unit = decided.unit.into_iter().map(|e| (Key::Unit(unit.id), Event::Unit(e)));
    events.extend(of_unit);
    Ok(events)
}

/// The aggregates that a part writes: its own, and the unit where it moves one.
pub(crate) fn keys(body: &CareBody) -> Vec<Key> {
    let mut keys = vec![Key::Care(body.key())];
    if let CareBody::Dispensation { command, .. } = body {
        keys.push(Key::Unit(command.unit));
    }
    keys
}

/// The state after an event of this side.
pub(crate) fn apply(state: Option<State>, key: CareKey, event: &CareEvent) -> Option<State> {
    let before = match state {
        Some(State::Care(care)) => Some(care),
        None => None,
        // An event never meets a state of another kind: both carry the same key.
        other => return other,
    };
    macro_rules! after {
        ($name:ident, $apply:expr) => {{
            let before = match before {
                Some(Care::$name(state)) => Some(*state),
                _ => None,
            };
            #[allow(clippy::redundant_closure_call, reason = "one line for each kind")]
            let after = ($apply)(before);
            after.map(|state| State::Care(Care::$name(Box::new(state))))
        }};
    }
    match (event, key) {
        (CareEvent::History(e), _) => after!(History, |s| Some(history::apply(s, e))),
        (CareEvent::Request(e), CareKey::Request(id)) => {
            after!(Request, |s| request::apply(s, id, e))
        }
        (CareEvent::Sample(e), CareKey::Sample(id)) => after!(Sample, |s| sample::apply(s, id, e)),
        (CareEvent::Crossmatch(e), CareKey::Crossmatch(id)) => {
            after!(Crossmatch, |s| crossmatch::apply(s, id, e))
        }
        (CareEvent::Dispensation(e), CareKey::Dispensation(id)) => {
            after!(Dispensation, |s| issue::apply(s, id, e))
        }
        (CareEvent::Transfusion(e), CareKey::Transfusion(id)) => {
            after!(Transfusion, |s| bedside::apply(s, id, e))
        }
        (CareEvent::Case(e), CareKey::Case(id)) => {
            after!(Case, |s| haemovigilance::apply(s, id, e))
        }
        (CareEvent::Recall(e), CareKey::Recall(id)) => {
            after!(Recall, |s| lookback::apply(s, id, e))
        }
        (CareEvent::Protocol(e), CareKey::Protocol(id)) => {
            after!(Protocol, |s| mtp::apply(s, id, e))
        }
        (CareEvent::Traits(e), _) => after!(Traits, |s| Some(traits::apply(s, e))),
        (CareEvent::Transfer(e), CareKey::Transfer(id)) => {
            after!(Transfer, |s| transfer::apply(s, id, e))
        }
        (CareEvent::Place(e), CareKey::Place(id)) => {
            after!(Place, |s| storage::apply(s, id, e))
        }
        (CareEvent::Message(e), CareKey::Message(id)) => {
            after!(Message, |s| outbox::apply(s, id, e))
        }
        (CareEvent::Campaign(e), CareKey::Campaign(id)) => {
            after!(Campaign, |s| appeal::apply(s, id, e))
        }
        (CareEvent::Appointment(e), CareKey::Appointment(id)) => {
            after!(Appointment, |s| appointment::apply(s, id, e))
        }
        (CareEvent::Validation(e), _) => after!(Validation, |s| validation::apply(s, e)),
        _ => before.map(State::Care),
    }
}

/// The patient whose timeline shows an event of this side.
pub(crate) fn patient(key: CareKey, after: Option<&State>) -> Option<PatientId> {
    if let CareKey::History(id) = key {
        return Some(id);
    }
    let Some(State::Care(care)) = after else { return None };
    match care {
        Care::Request(x) => Some(x.patient),
        Care::Sample(x) => Some(x.patient),
        Care::Crossmatch(x) => Some(x.patient),
        Care::Dispensation(x) => Some(x.patient),
        Care::Transfusion(x) => Some(x.patient),
        Care::Case(x) => Some(x.patient),
        Care::Protocol(x) => Some(x.patient),
        Care::History(_)
        | Care::Recall(_)
        | Care::Traits(_)
        | Care::Transfer(_)
        | Care::Place(_) => None,
        // About donors, who have no timeline of a patient.
        Care::Message(_) | Care::Campaign(_) | Care::Appointment(_) => None,
        Care::Validation(_) => None,
    }
}

/// The name of a command of this side in the header.
pub(crate) fn kind(body: &CareBody) -> &'static str {
    use appeal::Command as C;
    use appointment::Command as A;
    use bedside::Command as B;
    use crossmatch::Command as X;
    use haemovigilance::Command as V;
    use history::Command as H;
    use issue::Command as I;
    use lookback::Command as L;
    use mtp::Command as M;
    use outbox::Command as O;
    use request::Command as R;
    use sample::Command as S;
    use storage::Command as P;
    use traits::Command as T;
    use transfer::Command as W;
    use validation::Command as Y;
    match body {
        CareBody::History { command, .. } => match **command {
            H::RecordAntibody { .. } => "history.antibody",
            H::Require { .. } => "history.require",
            H::NoteExposure { .. } => "history.exposure",
            H::Determine { .. } => "history.group",
            H::Resolve { .. } => "history.resolve",
            H::NoteTransplant => "history.transplant",
            H::NotePhenotype { .. } => "history.phenotype",
            H::TakeOver { .. } => "history.take_over",
        },
        CareBody::Request { command, .. } => match **command {
            R::Place { .. } => "request.place",
            R::Accept { .. } => "request.accept",
            R::Allocate { .. } => "request.allocate",
            R::Unallocate { .. } => "request.unallocate",
            R::NoteIssued { .. } => "request.issued",
            R::ChangeUrgency { .. } => "request.urgency",
            R::AddNeed { .. } => "request.need",
            R::Cancel { .. } => "request.cancel",
            R::Close => "request.close",
        },
        CareBody::Sample { command, .. } => match **command {
            S::Receive { .. } => "sample.receive",
            S::Reject { .. } => "sample.reject",
            S::Type { .. } => "sample.type",
            S::RecordScreen { .. } => "sample.screen",
            S::NoteExposure { .. } => "sample.exposure",
        },
        CareBody::Crossmatch { command, .. } => match **command {
            X::Record { .. } => "crossmatch.record",
            X::Withdraw { .. } => "crossmatch.withdraw",
        },
        CareBody::Dispensation { command, .. } => match command.does {
            I::Issue { .. } => "issue.unit",
            I::SignOrder { .. } => "issue.sign",
            I::AnswerAntiD { .. } => "issue.anti_d",
            I::TakeBack { .. } => "issue.take_back",
            I::NoteUsed => "issue.used",
            I::WithdrawUse { .. } => "issue.not_used",
            I::EnterInError { .. } => "issue.in_error",
        },
        CareBody::Transfusion { command, .. } => match **command {
            B::Check { .. } => "bedside.check",
            B::Start { .. } => "bedside.start",
            B::Observe { .. } => "bedside.observe",
            B::Stop { .. } => "bedside.stop",
            B::End { .. } => "bedside.end",
            B::RecordOutcome { .. } => "bedside.outcome",
        },
        CareBody::Case { command, .. } => match **command {
            V::Open { .. } => "case.open",
            V::Find { .. } => "case.find",
            V::Suspect { .. } => "case.suspect",
            V::RecordStep { .. } => "case.step",
            V::Classify { .. } => "case.classify",
            V::Close => "case.close",
            V::Reopen { .. } => "case.reopen",
        },
        CareBody::Recall { command, .. } => match **command {
            L::Open { .. } => "recall.open",
            L::Extend { .. } => "recall.extend",
            L::Acknowledge { .. } => "recall.acknowledge",
            L::Close => "recall.close",
        },
        CareBody::Protocol { command, .. } => match **command {
            M::Activate { .. } => "protocol.activate",
            M::PreparePack { .. } => "protocol.pack",
            M::IssuePack { .. } => "protocol.issue",
            M::NoteCurrentGroup { .. } => "protocol.group",
            M::SwitchRhd { .. } => "protocol.switch",
            M::Account { .. } => "protocol.account",
            M::Withdraw { .. } => "protocol.withdraw",
            M::End { .. } => "protocol.end",
            M::Close => "protocol.close",
        },
        CareBody::Traits { command, .. } => match **command {
            T::EnterGroup { .. } => "traits.group",
            T::VerifyGroup { .. } => "traits.group_verify",
            T::SettleGroup { .. } => "traits.group_settle",
            T::SetAttribute { .. } => "traits.attribute",
            T::RecordAntigen { .. } => "traits.antigen",
            T::NotePhenotype { .. } => "traits.phenotype",
            T::Inherit { .. } => "traits.inherit",
            T::ReadLabel { .. } => "traits.label",
        },
        CareBody::Transfer { command, .. } => match **command {
            W::Begin { .. } => "transfer.begin",
            W::Pack { .. } => "transfer.pack",
            W::Unpack { .. } => "transfer.unpack",
            W::ScanOut { .. } => "transfer.scan_out",
            W::ScanIn { .. } => "transfer.scan_in",
            W::ReportMissing { .. } => "transfer.missing",
        },
        CareBody::Place { command, .. } => match **command {
            P::Put { .. } => "place.put",
            P::Read { .. } => "place.read",
            P::Note { .. } => "place.note",
        },
        CareBody::Message { command, .. } => match **command {
            O::Queue { .. } => "message.queue",
            O::NoteSent => "message.sent",
            O::NoteDelivered => "message.delivered",
            O::NoteFailed => "message.failed",
            O::NoteReply { .. } => "message.reply",
            O::NoteDonated => "message.donated",
            O::Purge => "message.purge",
        },
        CareBody::Campaign { command, .. } => match **command {
            C::Start { .. } => "appeal.start",
            C::Widen { .. } => "appeal.widen",
            C::End { .. } => "appeal.end",
        },
        CareBody::Appointment { command, .. } => match **command {
            A::Book { .. } => "appointment.book",
            A::WalkIn { .. } => "appointment.walk_in",
            A::Move { .. } => "appointment.move",
            A::Cancel { .. } => "appointment.cancel",
            A::NoteCame => "appointment.came",
            A::NoteDidNotCome => "appointment.missed",
        },
        CareBody::Validation { command, .. } => match **command {
            Y::Record { .. } => "validation.record",
            Y::Withdraw { .. } => "validation.withdraw",
        },
    }
}
