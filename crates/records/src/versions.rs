//! Stored bytes are never rewritten: what an earlier release wrote is read through `upcast`, one
//! pure step per kind and version; what decides and applies knows only the newest (kernel.md 2.8).
//! Golden files of every shape ever shipped stand in `tests/golden`.

use crate::{Body, Event, State};
use ciborium::Value as Cbor;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The body of a command as it is stored and committed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    pub does: Body,
    /// Warnings that were passed, and why.
    pub overrides: Vec<bloodbank::care::CareRule>,
    pub reason: Option<String>,
    /// Kind and version of each part of a [`Body::Together`], in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<(String, u16)>,
    /// It was written on paper and entered later; none: it happened at the time of the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<Happened>,
    /// By these rules of the day of the entry it would have been refused; the policy that the header names,
    /// that of the day it happened, judged it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against_today: Vec<String>,
}

/// When something happened that was entered later, and by whose hand. The header says who entered it,
/// and when; the reason says from where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    pub at: kernel::Instant,
    pub by: kernel::StaffId,
}

/// The newest version of every kind of command: THE table. A kind that changes shape gets its next
/// number here and a step in [`upcast_command`].
pub const COMMANDS: &[(&str, u16)] = &[
    ("facility.found", 1),
    ("staff.add", 1),
    ("staff.set_active", 1),
    ("patient.register", 1),
    ("patient.allergy", 1),
    ("patient.no_allergies", 1),
    ("patient.group", 1),
    ("patient.group_withdraw", 1),
    ("patient.died", 1),
    ("patient.take_over", 1),
    ("patient.belong_to", 1),
    ("patient.died_withdraw", 1),
    ("unit.receive", 1),
    ("unit.reserve", 1),
    ("unit.release", 1),
    ("unit.issue", 1),
    ("unit.quarantine", 1),
    ("unit.lift", 1),
    ("unit.discard", 1),
    ("unit.send", 1),
    ("unit.take_in", 1),
    ("unit.move", 1),
    ("study.add", 1),
    ("study.add_images", 1),
    ("study.assign", 1),
    ("analysis.record", 1),
    ("analysis.judge", 1),
    ("report.draft", 1),
    ("report.sign", 1),
    ("report.addend", 1),
    ("policy.adopt", 1),
    ("donor.register", 1),
    ("donor.amend", 1),
    ("donor.contact", 1),
    ("donor.contact_erase", 1),
    ("donor.agree", 1),
    ("donor.consent", 1),
    ("donor.consent_withdraw", 1),
    ("donor.health", 1),
    ("donor.group", 1),
    ("donor.defer", 1),
    ("donor.defer_until", 1),
    ("donor.lift", 1),
    ("donor.screen", 1),
    ("donor.clear", 1),
    ("donor.donation", 1),
    ("donor.report_after", 1),
    ("donor.settle", 1),
    ("donor.asked", 1),
    ("donor.photo", 1),
    ("donor.photo_remove", 1),
    ("donation.begin", 1),
    ("donation.end", 1),
    ("donation.react", 1),
    ("donation.exclude", 1),
    ("donation.hold", 1),
    ("donation.lift", 1),
    ("donation.parts", 1),
    ("numbers.hold", 1),
    ("numbers.use", 1),
    ("tests.type", 1),
    ("tests.type_verify", 1),
    ("tests.type_resolve", 1),
    ("tests.result", 1),
    ("tests.verify", 1),
    ("tests.correct", 1),
    ("tests.invalidate", 1),
    ("part.make", 1),
    ("part.release", 1),
    ("part.discard", 1),
    ("part.take", 1),
    ("part.treat", 1),
    ("part.modify", 1),
    ("run.record", 1),
    ("history.antibody", 1),
    ("history.require", 1),
    ("history.exposure", 1),
    ("history.group", 1),
    ("history.resolve", 1),
    ("history.transplant", 1),
    ("history.phenotype", 1),
    ("history.take_over", 1),
    ("request.place", 1),
    ("request.accept", 1),
    ("request.allocate", 1),
    ("request.unallocate", 1),
    ("request.issued", 1),
    ("request.urgency", 1),
    ("request.need", 1),
    ("request.cancel", 1),
    ("request.close", 1),
    ("sample.receive", 1),
    ("sample.reject", 1),
    ("sample.type", 1),
    ("sample.screen", 1),
    ("sample.exposure", 1),
    ("crossmatch.record", 1),
    ("crossmatch.withdraw", 1),
    ("issue.unit", 1),
    ("issue.sign", 1),
    ("issue.anti_d", 1),
    ("issue.take_back", 1),
    ("issue.used", 1),
    ("issue.not_used", 1),
    ("issue.in_error", 1),
    ("bedside.check", 1),
    ("bedside.start", 1),
    ("bedside.observe", 1),
    ("bedside.stop", 1),
    ("bedside.end", 1),
    ("bedside.outcome", 1),
    ("case.open", 1),
    ("case.find", 1),
    ("case.suspect", 1),
    ("case.step", 1),
    ("case.classify", 1),
    ("case.close", 1),
    ("case.reopen", 1),
    ("recall.open", 1),
    ("recall.extend", 1),
    ("recall.acknowledge", 1),
    ("recall.close", 1),
    ("protocol.activate", 1),
    ("protocol.pack", 1),
    ("protocol.issue", 1),
    ("protocol.group", 1),
    ("protocol.switch", 1),
    ("protocol.account", 1),
    ("protocol.withdraw", 1),
    ("protocol.end", 1),
    ("protocol.close", 1),
    ("traits.group", 1),
    ("traits.group_verify", 1),
    ("traits.group_settle", 1),
    ("traits.attribute", 1),
    ("traits.antigen", 1),
    ("traits.phenotype", 1),
    ("traits.inherit", 1),
    ("traits.label", 1),
    ("transfer.begin", 1),
    ("transfer.pack", 1),
    ("transfer.unpack", 1),
    ("transfer.scan_out", 1),
    ("transfer.scan_in", 1),
    ("transfer.missing", 1),
    ("place.put", 1),
    ("place.read", 1),
    ("place.note", 1),
    ("message.queue", 1),
    ("message.sent", 1),
    ("message.delivered", 1),
    ("message.failed", 1),
    ("message.reply", 1),
    ("message.donated", 1),
    ("message.purge", 1),
    ("appeal.start", 1),
    ("appeal.widen", 1),
    ("appeal.end", 1),
    ("appointment.book", 1),
    ("appointment.walk_in", 1),
    ("appointment.move", 1),
    ("appointment.cancel", 1),
    ("appointment.came", 1),
    ("appointment.missed", 1),
    ("validation.record", 1),
    ("validation.withdraw", 1),
    ("together", 1),
    ("audit", 1),
    ("clock.confirm", 1),
];

/// The newest version of every aggregate's state, by its tag.
pub const STATES: &[(&str, u16)] = &[
    ("facility", 1),
    ("staff", 1),
    ("patient", 3),
    ("unit", 2),
    ("study", 1),
    ("policies", 1),
    ("donor", 1),
    ("donation", 1),
    ("numbers", 1),
    ("tests", 1),
    ("part", 1),
    ("run", 1),
    ("care", 1),
];

/// The newest version of every aggregate's events, by its tag.
pub const EVENTS: &[(&str, u16)] = &[
    ("facility", 1),
    ("staff", 1),
    ("patient", 1),
    ("unit", 1),
    ("study", 1),
    ("policies", 1),
    ("donor", 1),
    ("donation", 1),
    ("numbers", 1),
    ("tests", 1),
    ("part", 1),
    ("run", 1),
    ("care", 1),
];

fn newest(table: &[(&str, u16)], name: &str) -> u16 {
    table.iter().find(|(n, _)| *n == name).map_or(1, |(_, v)| *v)
}

/// The version under which a command of this kind is written today.
pub fn kind_version(kind: &str) -> u16 {
    newest(COMMANDS, kind)
}

/// Why stored bytes do not become what this program knows.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("{name} has version {found}, this program knows up to {known}")]
    Newer { name: String, found: u16, known: u16 },
    #[error("{0}")]
    Shape(String),
}

fn shape(error: impl std::fmt::Display) -> Unreadable {
    Unreadable::Shape(error.to_string())
}

/// One step of one kind of command, from `version` to the next, on the value of `does`.
fn upcast_command(kind: &str, version: u16, does: Cbor) -> Cbor {
    // No command has changed its shape yet.
    let _ = (kind, version);
    does
}

/// One step of one state.
fn upcast_state(tag: &str, version: u16, mut state: Json) -> Json {
    // A unit's 2: `moved_at`. Version 1 was only written by facilities that stand alone, which send nothing:
    // the last move is the receipt, or the scan-out if there was one.
    //
    // A patient's 2: a determination may be withdrawn. None was before, so nothing is to be done;
    // the number keeps an older program from reading a withdrawn one as if it stood.
    // Its 3: a record may belong to another of the same person. None did before; the number keeps an
    // older program from going on in the one that was taken over.
    if (tag, version) == ("unit", 1) {
        let last = state.pointer("/is/transit/at").or(state.pointer("/is/received_at")).cloned();
        if let (Some(last), Some(unit)) = (last, state.get_mut("is").and_then(Json::as_object_mut))
        {
            unit.insert("moved_at".into(), last);
        }
    }
    state
}

/// One step of one event.
fn upcast_event(tag: &str, version: u16, event: Json) -> Json {
    // No event has changed its shape yet.
    let _ = (tag, version);
    event
}

impl Stored {
    pub fn new(
        does: Body,
        overrides: Vec<bloodbank::care::CareRule>,
        reason: Option<String>,
    ) -> Self {
        let parts = match &does {
            Body::Together(parts) => {
                parts.iter().map(|p| (p.kind().to_owned(), kind_version(p.kind()))).collect()
            }
            _ => vec![],
        };
        Self { does, overrides, reason, parts, happened: None, against_today: vec![] }
    }

    /// The same, as something that happened earlier.
    pub fn happened(self, happened: Option<Happened>) -> Self {
        Self { happened, ..self }
    }

    /// The same, with the rules of the day of its entry that it would not have passed.
    pub fn against_today(self, against_today: Vec<String>) -> Self {
        Self { against_today, ..self }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        ledger::encode(self)
    }

    /// Reads a body that was written as this version of this kind.
    pub fn from_bytes(kind: &str, version: u16, bytes: &[u8]) -> Result<Self, Unreadable> {
        let known = kind_version(kind);
        if version > known {
            return Err(Unreadable::Newer { name: kind.into(), found: version, known });
        }
        if version == known && kind != "together" {
            return ciborium::from_reader(bytes).map_err(shape);
        }
        let mut whole: Cbor = ciborium::from_reader(bytes).map_err(shape)?;
        let parts: Vec<(String, u16)> = match field(&mut whole, "parts") {
            Some(parts) => parts.deserialized().map_err(shape)?,
            None => vec![],
        };
        if let Some(does) = field(&mut whole, "does") {
            steps(kind, version, does);
            if let Some(Cbor::Array(bodies)) = field(does, "does").filter(|_| kind == "together") {
                for (body, (kind, version)) in bodies.iter_mut().zip(parts) {
                    steps(&kind, version, body);
                }
            }
        }
        let stored: Self = whole.deserialized().map_err(shape)?;
        let (happened, against_today) = (stored.happened, stored.against_today);
        let new = Self::new(stored.does, stored.overrides, stored.reason);
        Ok(new.happened(happened).against_today(against_today))
    }
}

/// Takes the value of one command through every step to the newest shape.
fn steps(kind: &str, from: u16, does: &mut Cbor) {
    for version in from..kind_version(kind) {
        let before = std::mem::replace(does, Cbor::Null);
        *does = upcast_command(kind, version, before);
    }
}

fn field<'a>(map: &'a mut Cbor, name: &str) -> Option<&'a mut Cbor> {
    let Cbor::Map(entries) = map else { return None };
    entries.iter_mut().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// A state as it is kept today. Version 1 stands without its number, as it always did.
pub fn write_state(state: &State) -> Result<String, serde_json::Error> {
    Ok(numbered(newest(STATES, state.tag()), serde_json::to_string(state)?))
}

pub fn write_event(event: &Event) -> Result<String, serde_json::Error> {
    Ok(numbered(newest(EVENTS, event.tag()), serde_json::to_string(event)?))
}

pub fn read_state(text: &str) -> Result<State, Unreadable> {
    read(text, STATES, upcast_state)
}

pub fn read_event(text: &str) -> Result<Event, Unreadable> {
    read(text, EVENTS, upcast_event)
}

/// Whether a stored state has today's shape.
pub fn is_newest_state(text: &str, state: &State) -> bool {
    number_of(text) == newest(STATES, state.tag())
}

fn numbered(version: u16, text: String) -> String {
    match (version, text.strip_prefix('{')) {
        (1, _) | (_, None) => text,
        (version, Some(rest)) => format!("{{\"v\":{version},{rest}"),
    }
}

/// The number stands first in the text, or the version is 1.
fn number_of(text: &str) -> u16 {
    let number = text.strip_prefix("{\"v\":").and_then(|rest| rest.split(',').next());
    number.and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// The tag of an aggregate stands at the beginning of both forms.
fn tag_of(text: &str) -> &str {
    text.split_once("\"of\":\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default()
}

fn read<T: serde::de::DeserializeOwned>(
    text: &str,
    table: &[(&str, u16)],
    upcast: fn(&str, u16, Json) -> Json,
) -> Result<T, Unreadable> {
    let (tag, found) = (tag_of(text), number_of(text));
    let known = newest(table, tag);
    if found > known {
        return Err(Unreadable::Newer { name: tag.into(), found, known });
    }
    if found == known {
        return serde_json::from_str(text).map_err(shape);
    }
    let old = serde_json::from_str(text).map_err(shape)?;
    let new = (found..known).fold(old, |value, version| upcast(tag, version, value));
    serde_json::from_value(new).map_err(shape)
}
