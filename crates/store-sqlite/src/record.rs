//! Saving one command: judged, applied, receipted and chained in one transaction, all or none.

use crate::rows;
use crate::{Head, Store, StoreError};
use kernel::{Clock, CommandId, micros};
use ledger::{
    Aggregates as _, Hash, Header, PolicyRef, SecondRef, Signed, Standing, States, Subject,
    Verdict, commit, device_id, encode, hash_of, judge, leaf_hash,
};
use records::{Body, Context, Event, Facts, Key, Records, Refused, State};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, named_params};
use serde::{Deserialize, Serialize};

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
}

/// The body as it is stored and committed to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub does: Body,
    /// Warnings that were passed, and why.
    pub overrides: Vec<bloodbank::Rule>,
    pub reason: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// Saved; the number in the log.
    Saved { gseq: u64 },
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

    /// What the decision would be, without recording.
    pub fn decide(
        &self,
        body: &Body,
        facts: &Facts,
        context: &Context,
    ) -> Result<Result<(), Refused>, StoreError> {
        let key = body.key();
        let state = match key {
            Some(key) => load(&self.db, key)?.map(|(state, _)| state),
            None => None,
        };
        let states: States<Records> = key.into_iter().map(|k| (k, state.clone())).collect();
        Ok(Records::decide(&states, facts, body, context).map(|_| ()))
    }

    /// Saves several commands in one transaction (an import, the making of a training facility).
    /// A refused one is skipped; the others stand.
    pub fn save_all(
        &mut self,
        saves: &[Save<'_>],
        clock: &dyn Clock,
    ) -> Result<Vec<Outcome>, StoreError> {
        let mut frontier = self.frontier.clone();
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut outcomes = Vec::with_capacity(saves.len());
        for save in saves {
            outcomes.push(save_one(&tx, &self.device, self.epoch, &mut frontier, save, clock)?);
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

fn save_one(
    tx: &Connection,
    device: &ledger::DeviceKey,
    epoch: u32,
    frontier: &mut ledger::MerkleFrontier,
    save: &Save<'_>,
    clock: &dyn Clock,
) -> Result<Outcome, StoreError> {
    let key = save.body.key();
    let (state, version) = match key {
        Some(key) => load(tx, key)?.map_or((None, 0), |(state, version)| (Some(state), version)),
        None => (None, 0),
    };
    let states: States<Records> = key.into_iter().map(|k| (k, state.clone())).collect();
    let judged = judge::<Records>(&states, save.facts, save.body, save.context, save.standing);
    let status = match &judged.verdict {
        Verdict::Applied => "applied",
        Verdict::Incident(_) => "incident",
        Verdict::Rejected(refused) => return Ok(Outcome::Refused(refused.clone())),
        Verdict::DependsOnRejected => return Err(StoreError::Lacks("a command it depends on")),
        // A facility that stands alone holds every lease.
        Verdict::LeasedElsewhere => return Err(StoreError::Lacks("the lease")),
    };

    let stream: u8 = if matches!(save.body, Body::Audit(_)) { 2 } else { 1 };
    let (dseq, prev) = chain_end(tx, epoch, stream)?;
    let stored = Stored {
        does: save.body.clone(),
        overrides: save.context.overridden.clone(),
        reason: save.reason.clone(),
    };
    let body = encode(&stored);
    let salt: Hash = rand::random();
    let signed = device.seal(Header {
        version: 1,
        id: save.context.by,
        device: device_id(&device.public()),
        epoch,
        stream,
        dseq,
        prev,
        effective_at_us: micros(save.context.now),
        user: save.context.actor.user.clone(),
        role: serde_json::to_value(save.context.actor.role)?.as_str().unwrap_or("").to_owned(),
        kind: save.body.kind().to_owned(),
        kind_version: 1,
        standing: save.standing.as_u8(),
        writes: key.into_iter().map(Key::subject).collect(),
        seen: key.into_iter().map(|k| (k.subject(), version)).collect(),
        after: vec![],
        policy: Some(PolicyRef {
            profile: save.context.policy.profile.clone(),
            version: save.context.policy.version,
            hash: hash_of(&[save.context.policy.hash.as_bytes()]),
        }),
        second: save
            .second
            .as_ref()
            .map(|user| SecondRef { user: user.clone(), at_us: micros(save.context.now) }),
        body_commit: commit(&salt, &body),
    });
    insert_command(tx, &signed, &salt, &body)?;

    let gseq = frontier.size() + 1;
    let mut effects = vec![];
    for (key, after) in &judged.after {
        let text = serde_json::to_string(after)?;
        let subject = key.subject();
        let version = version + judged.events.iter().filter(|(k, _)| k == key).count() as u64;
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
        events.push((key.subject(), patient, serde_json::to_string(event)?));
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
    crate::anchors::write(tx, save.body, save.context.now, epoch, gseq)?;
    frontier.push(leaf(&receipt, &sig));
    Ok(Outcome::Saved { gseq })
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

/// An aggregate and its version.
pub(crate) fn load(db: &Connection, key: Key) -> Result<Option<(State, u64)>, StoreError> {
    let subject = key.subject();
    let found = db
        .prepare_cached("SELECT state, version FROM entity WHERE kind = ?1 AND id = ?2")?
        .query_row((subject.kind, subject.id.as_bytes()), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        })
        .optional()?;
    found
        .map(|(text, version)| Ok((serde_json::from_str(&text)?, version.unsigned_abs())))
        .transpose()
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
