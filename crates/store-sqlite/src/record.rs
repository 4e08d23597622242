//! Saving a command: judged, applied, receipted and chained in one transaction with everything that
//! follows from it by itself, all or none.

use crate::{Head, Store, StoreError};
use crate::{facts, rows};
use kernel::{Clock, CommandId, micros};
use ledger::{
    Aggregates as _, Hash, Header, PolicyRef, SecondRef, Signed, Standing, States, Subject,
    Verdict, commit, device_id, encode, hash_of, judge, leaf_hash, within_limits,
};
use records::{
    Body, Context, Event, Facts, Key, Records, Refused, State, Stored, reactions, versions,
};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, named_params};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const RECEIPT: &[u8] = b"healthsync/receipt/v1\0";

/// What a use case hands over to be saved.
pub struct Save<'a> {
    pub body: &'a Body,
    pub facts: &'a Facts,
    pub context: &'a Context,
    pub standing: Standing,
    /// The user of a second person checked inline.
    pub second: Option<String>,
    /// An override's reason, kept in the body.
    pub reason: Option<String>,
    /// Commands whose effect it needs: it is refused when one of them was not accepted here.
    pub after: &'a [CommandId],
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// Saved; the number in the log, and every aggregate that it and its reactions moved.
    Saved { gseq: u64, moved: Vec<Key> },
    /// The domain says no: nothing was written to the clinical stream.
    Refused(Refused),
}

/// One aggregate as a receipt names it: kind, id, version, SHA-256 of its state.
#[derive(Serialize, Deserialize)]
pub(crate) struct Effect(
    pub u8,
    #[serde(with = "serde_bytes_16")] pub [u8; 16],
    pub u64,
    #[serde(with = "serde_bytes_32")] pub Hash,
);

/// The signed answer: gseq, hash of the command, status, time, hash of the events, effects.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReceiptBytes(
    pub u64,
    #[serde(with = "serde_bytes_32")] pub Hash,
    pub String,
    pub i64,
    #[serde(with = "serde_bytes_32")] pub Hash,
    pub Vec<Effect>,
);

macro_rules! fixed_bytes {
    ($module:ident, $n:literal) => {
        mod $module {
            use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
            pub fn serialize<S: Serializer>(bytes: &[u8; $n], s: S) -> Result<S::Ok, S::Error> {
                s.serialize_bytes(bytes)
            }
            pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; $n], D::Error> {
                let bytes = match ciborium::Value::deserialize(d)? {
                    ciborium::Value::Bytes(bytes) => bytes,
                    _ => return Err(D::Error::custom("bytes expected")),
                };
                bytes.try_into().map_err(|_| D::Error::custom("wrong length"))
            }
        }
    };
}
fixed_bytes!(serde_bytes_16, 16);
fixed_bytes!(serde_bytes_32, 32);

pub(crate) fn leaf(bytes: &[u8], sig: &[u8]) -> Hash {
    leaf_hash(&[bytes, sig].concat())
}

/// The hash a receipt holds of its events.
pub(crate) fn events_hash(events: &[(Subject, Option<uuid::Uuid>, String)]) -> Hash {
    let mut parts: Vec<Vec<u8>> = vec![];
    for (subject, patient, body) in events {
        parts.push(vec![subject.kind]);
        parts.push(subject.id.as_bytes().to_vec());
        parts.push(patient.map(|p| p.as_bytes().to_vec()).unwrap_or_default());
        parts.push(hash_of(&[body.as_bytes()]).to_vec());
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    hash_of(&parts)
}

/// Where a chain stands: the next number and the hash it has to name.
fn chain_end(db: &Connection, epoch: u32, stream: u8) -> rusqlite::Result<(u64, Hash)> {
    let last = db
        .prepare_cached(
            "SELECT dseq, header, sig FROM command
              WHERE epoch = :epoch AND stream = :stream ORDER BY dseq DESC LIMIT 1",
        )?
        .query_row(named_params! { ":epoch": epoch, ":stream": stream }, |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
        })
        .optional()?;
    Ok(match last {
        None => (1, [0; 32]),
        Some((dseq, header, sig)) => (dseq.unsigned_abs() + 1, hash_of(&[&header, &sig])),
    })
}

impl Store {
    /// Judges and saves one command. The workstation is its own authority, so the verdict is final
    /// and the receipt is written at once.
    pub fn save(&mut self, save: &Save<'_>, clock: &dyn Clock) -> Result<Outcome, StoreError> {
        let mut many = self.save_all(std::slice::from_ref(save), clock)?;
        many.pop().ok_or(StoreError::Lacks("an outcome"))
    }

    /// Whether a command of this id was accepted here.
    pub fn was_saved(&self, id: CommandId) -> Result<bool, StoreError> {
        Ok(is_saved(&self.db, id)?)
    }

    /// What the decision would be, without recording.
    pub fn decide(
        &self,
        body: &Body,
        facts: &Facts,
        context: &Context,
    ) -> Result<Result<(), Refused>, StoreError> {
        let (states, _) = load_all(&self.db, &body.keys())?;
        Ok(Records::decide(&states, facts, body, context).map(|_| ()))
    }

    /// Saves several commands in one transaction, all or none: what is too much for one command is
    /// never left half-way, whatever happens in between. What follows from one by itself is saved
    /// behind it; if that goes too far, nothing of all is saved.
    ///
    /// The first refusal is the only outcome then, and it is the last one.
    pub fn save_all(
        &mut self,
        saves: &[Save<'_>],
        clock: &dyn Clock,
    ) -> Result<Vec<Outcome>, StoreError> {
        let mut frontier = self.frontier.clone();
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut outcomes = Vec::with_capacity(saves.len());
        for save in saves {
            let mut tail = Tail {
                tx: &tx,
                device: &self.device,
                epoch: self.epoch,
                frontier: &mut frontier,
                clock,
            };
            match tail.save(save)? {
                Outcome::Saved { gseq, moved } => outcomes.push(Outcome::Saved { gseq, moved }),
                // Dropped, the transaction takes back the commands before it.
                refused @ Outcome::Refused(_) => return Ok(vec![refused]),
            }
        }
        let head = frontier.root();
        tx.prepare_cached(
            "INSERT INTO meta (key, value) VALUES ('log_head', ?1)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute([[&frontier.size().to_be_bytes()[..], &head[..]].concat()])?;
        tx.commit()?;
        self.frontier = frontier;
        // The commands are saved, and a full disk must not call them refused: an older head only
        // makes the next check less strict.
        let _ = Head::of(self).write(&self.home, &self.dek);
        Ok(outcomes)
    }
}

/// The end of the log, within a transaction.
struct Tail<'a> {
    tx: &'a Connection,
    device: &'a ledger::DeviceKey,
    epoch: u32,
    frontier: &'a mut ledger::MerkleFrontier,
    clock: &'a dyn Clock,
}

/// What one command did, by aggregate.
type Events = Vec<(Key, Event)>;

impl Tail<'_> {
    /// Saves a command, then what follows from it, in rounds.
    fn save(&mut self, save: &Save<'_>) -> Result<Outcome, StoreError> {
        let (gseq, events) = match self.save_one(save)? {
            Ok(saved) => saved,
            Err(refused) => return Ok(Outcome::Refused(refused)),
        };
        let mut moved: Vec<Key> = events.iter().map(|(key, _)| *key).collect();
        let mut causes = vec![(save.context.clone(), events)];
        for round in 1.. {
            let due = self.due(&causes)?;
            within_limits(round, due.len())?;
            if due.is_empty() {
                break;
            }
            causes = vec![];
            for reaction in due {
                if let Some(events) = self.react(&reaction)? {
                    moved.extend(events.iter().map(|(key, _)| *key));
                    causes.push((reaction.context, events));
                }
            }
        }
        moved.sort_unstable();
        moved.dedup();
        Ok(Outcome::Saved { gseq, moved })
    }

    fn due(&self, causes: &[(Context, Events)]) -> Result<Vec<reactions::Due>, StoreError> {
        let mut out = vec![];
        for (cause, events) in causes {
            let known = |about| facts::known(self.tx, about, cause.recorded_at());
            out.extend(reactions::due(cause, events, &known)?);
        }
        Ok(out)
    }

    /// `None` when it was made before, or has nothing left to do.
    fn react(&mut self, due: &reactions::Due) -> Result<Option<Events>, StoreError> {
        if is_saved(self.tx, due.context.by)? {
            return Ok(None);
        }
        let save = Save {
            body: &due.body,
            facts: &due.facts,
            context: &due.context,
            standing: Standing::Requested,
            second: None,
            reason: None,
            after: &[],
        };
        Ok(self.save_one(&save)?.ok().map(|(_, events)| events))
    }

    fn save_one(&mut self, save: &Save<'_>) -> Result<Result<(u64, Events), Refused>, StoreError> {
        let Self { tx, device, epoch, clock, .. } = *self;
        // Refused with finality before anything is written; what a person says has happened is
        // decided without it (kernel.md 2.4).
        if save.standing != Standing::Attested {
            for id in save.after {
                if !is_saved(tx, *id)? {
                    return Ok(Err(Refused::DependsOnRejected));
                }
            }
        }
        let keys = save.body.keys();
        let (states, seen) = load_all(tx, &keys)?;
        let judged = judge::<Records>(&states, save.facts, save.body, save.context, save.standing);
        let status = match &judged.verdict {
            Verdict::Applied => "applied",
            Verdict::Incident(_) => "incident",
            Verdict::Rejected(refused) => return Ok(Err(refused.clone())),
            Verdict::DependsOnRejected => return Ok(Err(Refused::DependsOnRejected)),
            // A facility that stands alone holds every lease.
            Verdict::LeasedElsewhere => return Err(StoreError::Lacks("the lease")),
            // Nothing is ever on its way: it decides at once, under what is in force.
            Verdict::PolicyChanged => return Err(StoreError::Lacks("the policy in force")),
        };

        let stream: u8 = if matches!(save.body, Body::Audit(_)) { 2 } else { 1 };
        let (dseq, prev) = chain_end(tx, epoch, stream)?;
        let overrides = save.context.overridden.clone();
        let stored = Stored::new(save.body.clone(), overrides, save.reason.clone());
        let today = save.context.later.as_ref().map(|later| later.against_today.clone());
        let stored = stored.happened(save.context.happened());
        let body = stored.against_today(today.unwrap_or_default()).to_bytes();
        let recorded_at = save.context.recorded_at();
        let salt: Hash = rand::random();
        let signed = device.seal(Header {
            version: 1,
            id: save.context.by,
            device: device_id(&device.public()),
            epoch,
            stream,
            dseq,
            prev,
            effective_at_us: micros(recorded_at),
            user: save.context.actor.user.clone(),
            role: serde_json::to_value(save.context.actor.role)?.as_str().unwrap_or("").to_owned(),
            kind: save.body.kind().to_owned(),
            kind_version: versions::kind_version(save.body.kind()),
            standing: save.standing.as_u8(),
            writes: keys.iter().map(|k| k.subject()).collect(),
            seen: seen.iter().map(|(k, version)| (k.subject(), *version)).collect(),
            after: save.after.to_vec(),
            policy: Some(PolicyRef {
                profile: save.context.policy.profile.clone(),
                version: save.context.policy.version,
                hash: policy_name(&save.context.policy)?,
            }),
            second: save
                .second
                .as_ref()
                .map(|user| SecondRef { user: user.clone(), at_us: micros(recorded_at) }),
            body_commit: commit(&salt, &body),
        });
        insert_command(tx, &signed, &salt, &body)?;
        if let Body::Audit(entry) = save.body {
            crate::figures::write_count(tx, save.context.by, recorded_at, entry)?;
        }

        let gseq = self.frontier.size() + 1;
        let mut effects = vec![];
        for (key, after) in &judged.after {
            let text = versions::write_state(after)?;
            let subject = key.subject();
            let before = seen.get(key).copied().unwrap_or(0);
            let version = before + judged.events.iter().filter(|(k, _)| k == key).count() as u64;
            effects.push(Effect(
                subject.kind,
                *subject.id.as_bytes(),
                version,
                hash_of(&[text.as_bytes()]),
            ));
            tx.prepare_cached(
                "INSERT INTO entity (kind, id, version, gseq, state)
                 VALUES (:kind, :id, :version, :gseq, :state)
                 ON CONFLICT (kind, id) DO UPDATE
                 SET version = excluded.version, gseq = excluded.gseq, state = excluded.state",
            )?
            .execute(named_params! {
                ":kind": subject.kind, ":id": subject.id.as_bytes(), ":version": version.cast_signed(),
                ":gseq": gseq.cast_signed(), ":state": text,
            })?;
            rows::write(tx, after)?;
        }
        let mut events = vec![];
        for (key, event) in &judged.events {
            let patient = event.patient(*key, judged.after.get(key)).map(|p| p.0);
            events.push((key.subject(), patient, versions::write_event(event)?));
        }
        let receipt = encode(&ReceiptBytes(
            gseq,
            signed.hash,
            status.to_owned(),
            micros(clock.now()),
            events_hash(&events),
            effects,
        ));
        let sig = device.sign(RECEIPT, &receipt);
        tx.prepare_cached("INSERT INTO receipt (gseq, id, bytes, sig) VALUES (?1, ?2, ?3, ?4)")?
            .execute((gseq.cast_signed(), signed.header.id.0.as_bytes(), &receipt, &sig[..]))?;
        for (idx, (subject, patient, body)) in (0u32..).zip(&events) {
            tx.prepare_cached(
                "INSERT INTO event (gseq, idx, kind, id, patient, body)
                 VALUES (:gseq, :idx, :kind, :id, :patient, :body)",
            )?
            .execute(named_params! {
                ":gseq": gseq.cast_signed(), ":idx": idx, ":kind": subject.kind,
                ":id": subject.id.as_bytes(), ":patient": patient.as_ref().map(uuid::Uuid::as_bytes),
                ":body": body,
            })?;
        }
        crate::anchors::write(tx, save.body, recorded_at, epoch, gseq)?;
        self.frontier.push(leaf(&receipt, &sig));
        Ok(Ok((gseq, judged.events)))
    }
}

/// The SHA-256 by which a policy is named in a header.
fn policy_name(policy: &bloodbank::Policy) -> Result<Hash, StoreError> {
    let mut name = [0; 32];
    hex::decode_to_slice(&policy.hash, &mut name)
        .map_err(|_| StoreError::Lacks("the name of the policy it was decided under"))?;
    Ok(name)
}

fn insert_command(
    tx: &Connection,
    signed: &Signed,
    salt: &Hash,
    body: &[u8],
) -> rusqlite::Result<()> {
    let header = &signed.header;
    tx.prepare_cached(
        "INSERT INTO command (id, stream, epoch, dseq, header, sig)
         VALUES (:id, :stream, :epoch, :dseq, :header, :sig)",
    )?
    .execute(named_params! {
        ":id": header.id.0.as_bytes(), ":stream": header.stream, ":epoch": header.epoch,
        ":dseq": header.dseq.cast_signed(), ":header": signed.bytes, ":sig": &signed.signature[..],
    })?;
    tx.prepare_cached("INSERT INTO body (id, salt, body) VALUES (?1, ?2, ?3)")?.execute((
        header.id.0.as_bytes(),
        &salt[..],
        body,
    ))?;
    Ok(())
}

/// A stored state, whatever release wrote it.
pub(crate) fn state_of(text: &str) -> Result<State, StoreError> {
    Ok(versions::read_state(text)?)
}

/// Whether a command of this id was accepted: what is refused is not written at all.
fn is_saved(db: &Connection, id: CommandId) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM command WHERE id = ?1)")?
        .query_row([id.0.as_bytes()], |row| row.get(0))
}

/// The aggregates a command names, in id order, and the versions that were read.
fn load_all(
    db: &Connection,
    keys: &[Key],
) -> Result<(States<Records>, BTreeMap<Key, u64>), StoreError> {
    let (mut states, mut seen): (States<Records>, _) = (BTreeMap::new(), BTreeMap::new());
    for key in keys.iter().copied().collect::<BTreeSet<_>>() {
        let (state, version) = match load(db, key)? {
            Some((state, version)) => (Some(state), version),
            None => (None, 0),
        };
        states.insert(key, state);
        seen.insert(key, version);
    }
    Ok((states, seen))
}

/// An aggregate and its version.
pub(crate) fn load(db: &Connection, key: Key) -> Result<Option<(State, u64)>, StoreError> {
    let subject = key.subject();
    let found = db
        .prepare_cached("SELECT state, version FROM entity WHERE kind = ?1 AND id = ?2")?
        .query_row((subject.kind, subject.id.as_bytes()), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        })
        .optional()?;
    found.map(|(text, version)| Ok((state_of(&text)?, version.unsigned_abs()))).transpose()
}

/// Whether the row of an aggregate was written in a shape of before.
pub(crate) fn is_of_an_earlier_shape(db: &Connection, key: Key) -> Result<bool, StoreError> {
    let subject = key.subject();
    let text: Option<String> = db
        .prepare_cached("SELECT state FROM entity WHERE kind = ?1 AND id = ?2")?
        .query_row((subject.kind, subject.id.as_bytes()), |row| row.get(0))
        .optional()?;
    Ok(match text.map(|text| (versions::read_state(&text), text)) {
        Some((Ok(state), text)) => !versions::is_newest_state(&text, &state),
        _ => false,
    })
}

/// Replays one event onto a state: for `verify`.
pub(crate) fn replay(state: Option<State>, key: Key, event: &Event) -> Option<State> {
    Records::apply(state, key, event)
}

/// The id of the command that holds a body naming `CommandId`, kept here so that the audit can
/// name it.
pub(crate) fn command_id(bytes: &[u8]) -> Option<CommandId> {
    uuid::Uuid::from_slice(bytes).ok().map(CommandId)
}
