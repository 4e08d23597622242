//! The proof, offline: chains, signatures, bodies, receipts, the log, every aggregate against the
//! log by replay, the read tables against the aggregates, files by their bytes, and every file of
//! the home. It changes nothing.

use crate::anchors::Anchors;
use crate::record::{self, RECEIPT, ReceiptBytes, events_hash, leaf, replay};
use crate::{Head, STORE_FILE, Store, StoreError, rows};
use bloodbank::Book;
use ledger::{ChainWalk, Hash, Header, MerkleFrontier, Subject, commit, hash_of, verify_signature};
use records::{Key, State, Stored, versions};
use rusqlite::{Connection, types::Value};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Whole,
    Tampered,
    /// One number was used twice with different contents.
    Fork,
    CannotDecide,
}

/// One thing that is not as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: String,
    pub detail: String,
}

#[derive(Clone, Debug)]
pub struct Proof {
    pub verdict: Verdict,
    pub commands: u32,
    pub receipts: u32,
    pub records: u32,
    pub files: u32,
    pub root: Hash,
    pub findings: Vec<Finding>,
    /// What the program noticed earlier, mended and wrote into the audit stream, and files of the
    /// operating system in the home (`system_file`). It stays for a person to judge and does not
    /// make the store tampered.
    pub noticed: Vec<Finding>,
}

/// Findings kept; the rest is counted in the last one.
const MOST: usize = 200;

struct Notes {
    findings: Vec<Finding>,
    /// Told, and no reason to call the store altered.
    noticed: Vec<Finding>,
    fork: bool,
    more: u32,
}

impl Notes {
    fn add(&mut self, what: impl Into<String>, detail: impl Into<String>) {
        if self.findings.len() < MOST {
            self.findings.push(Finding { what: what.into(), detail: detail.into() });
        } else {
            self.more += 1;
        }
    }
}

/// The store and what SQLite keeps beside it.
const STORE_FILES: [&str; 4] = [STORE_FILE, "store.db-wal", "store.db-shm", "store.db-journal"];

/// What operating systems and their file managers leave in any folder they show.
const OF_THE_SYSTEM: [&str; 9] = [
    ".ds_store",
    ".localized",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    ".directory",
    ".spotlight-v100",
    ".fseventsd",
    "lost+found",
];

/// Whether a file of this name is the operating system's: no part of the records, and no sign that
/// anybody altered them.
pub fn is_of_the_system(name: &str) -> bool {
    OF_THE_SYSTEM.contains(&name.to_lowercase().as_str())
}

/// Files of a home that are neither data nor secret and may be deleted at any time.
fn is_disposable(name: &str) -> bool {
    // A file that was being written when the power went never got its name.
    let half_written = ["head.new", "keyslots.a.new", "keyslots.b.new", "attempts.new"];
    name == "cache" || name == "lock" || half_written.contains(&name)
}

/// Proves the open store and its home. `known_files` are other files the caller has checked.
pub fn verify(store: &Store, known_files: &[&str]) -> Result<Proof, StoreError> {
    let mut notes = Notes { findings: vec![], noticed: vec![], fork: false, more: 0 };
    let db = &store.db;

    let pages = sqlite::integrity(db)?;
    for line in pages.cipher.iter().chain(&pages.structure).chain(&pages.references) {
        notes.add(STORE_FILE, line.clone());
    }
    let files = home_files(store, known_files, &mut notes)?;
    let mut anchors = Anchors::default();
    let headers = chains(store, &mut anchors, &mut notes)?;
    let (receipts, root, effects, book) = log(store, &headers, &mut notes)?;
    policies(&headers, &book, &mut notes);
    let records = aggregates(db, &effects, &mut notes)?;
    anchors.check(db, |what, detail| notes.add(what, detail))?;
    read_tables(db, &mut notes)?;
    blobs(db, &mut notes)?;

    if notes.more > 0 {
        let more = notes.more;
        notes.findings.push(Finding { what: "and more".into(), detail: format!("{more} more") });
    }
    let verdict = match (notes.fork, notes.findings.is_empty()) {
        (true, _) => Verdict::Fork,
        (false, true) => Verdict::Whole,
        (false, false) => Verdict::Tampered,
    };
    let commands = u32::try_from(headers.len()).unwrap_or(u32::MAX);
    let noticed = anchors.noticed.into_iter().map(|(at, user, what)| {
        let detail = format!("{} by {user}", kernel::of_micros(at).to_rfc3339());
        Finding { what, detail }
    });
    Ok(Proof {
        verdict,
        commands,
        receipts,
        records,
        files,
        root,
        findings: notes.findings,
        noticed: noticed.chain(notes.noticed).collect(),
    })
}

fn home_files(store: &Store, known: &[&str], notes: &mut Notes) -> Result<u32, StoreError> {
    let mut files = 0;
    for entry in std::fs::read_dir(&store.home)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files += 1;
        let ours = STORE_FILES.contains(&&*name) || known.contains(&name.as_str());
        // What lies elsewhere is in nobody's keeping: a folder that is copied about, another disk.
        if entry.file_type()?.is_symlink() {
            notes.add(name, "this is a link; what it leads to does not lie in the home folder");
        } else if name == crate::head::FILE {
            let text = std::fs::read(store.home.join(&name))?;
            match Head::parse(&text, &store.dek) {
                None => notes.add("head", "its MAC does not fit: somebody else wrote it"),
                Some(head) => check_head(store, &head, notes)?,
            }
        } else if is_of_the_system(&name) {
            let detail = format!("{name} is the operating system's, no part of the records");
            notes.noticed.push(Finding { what: "system_file".into(), detail });
        } else if !ours && !is_disposable(&name) {
            notes.add(name, "this file does not belong into the home folder");
        }
    }
    let (size, _) = store.log_head();
    if size > 0 && !store.home.join(crate::head::FILE).exists() && !is_memory(&store.home) {
        notes.add("head", "it is missing");
    }
    Ok(files)
}

fn is_memory(home: &Path) -> bool {
    home.as_os_str().is_empty()
}

/// The head seen before has to be a prefix of the log.
fn check_head(store: &Store, head: &Head, notes: &mut Notes) -> Result<(), StoreError> {
    let mut frontier = MerkleFrontier::default();
    let mut query =
        store.db.prepare("SELECT bytes, sig FROM receipt WHERE gseq <= ?1 ORDER BY gseq")?;
    let mut rows = query.query([head.size.cast_signed()])?;
    while let Some(row) = rows.next()? {
        let (bytes, sig): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        frontier.push(leaf(&bytes, &sig));
    }
    if frontier.size() != head.size {
        notes.add("log", format!("{} entries were seen, {} are here", head.size, frontier.size()));
    } else if frontier.root() != head.root {
        notes.add("log", "its beginning is not the one that was seen on this computer");
    }
    Ok(())
}

/// Walks every chain; answers the headers by command id with the hash a receipt names.
fn chains(
    store: &Store,
    anchors: &mut Anchors,
    notes: &mut Notes,
) -> Result<BTreeMap<[u8; 16], (Header, Hash)>, StoreError> {
    let mut out = BTreeMap::new();
    let mut walks: BTreeMap<(i64, i64), ChainWalk> = BTreeMap::new();
    let mut bodies = store.db.prepare("SELECT salt, body FROM body WHERE id = ?1")?;
    let mut query = store.db.prepare(
        "SELECT id, epoch, stream, dseq, header, sig FROM command ORDER BY epoch, stream, dseq",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let id: [u8; 16] = row.get(0)?;
        let (epoch, stream, dseq): (i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let bytes: Vec<u8> = row.get(4)?;
        let sig: [u8; 64] = row.get::<_, Vec<u8>>(5)?.try_into().unwrap_or([0; 64]);
        let name = format!("command {epoch}.{stream}.{dseq}");
        let walk =
            walks.entry((epoch, stream)).or_insert_with(|| ChainWalk::new(store.device.public()));
        match walk.step(&bytes, &sig) {
            Err(broken) => notes.add(name, broken.to_string()),
            Ok(header) => {
                let placed = i64::from(header.epoch) == epoch
                    && i64::from(header.stream) == stream
                    && header.dseq.cast_signed() == dseq
                    && *header.id.0.as_bytes() == id;
                if !placed {
                    notes.add(&name, "it stands in another's place");
                }
                let body = bodies
                    .query_map([&id[..]], |r| {
                        Ok((r.get::<_, Vec<u8>>(0)?, r.get::<_, Vec<u8>>(1)?))
                    })?
                    .next()
                    .transpose()?;
                match body {
                    None => notes.add(&name, "its body is gone and no erasure names it"),
                    Some((salt, body)) => {
                        let salt: Hash = salt.try_into().unwrap_or([0; 32]);
                        if commit(&salt, &body) != header.body_commit {
                            notes.add(&name, "its body is not the one that was signed");
                        } else {
                            match Stored::from_bytes(&header.kind, header.kind_version, &body) {
                                Ok(stored) => anchors.take(&header, &stored.does),
                                Err(_) => notes.add(&name, "its body does not read back"),
                            }
                        }
                    }
                }
                if out.insert(id, (header, hash_of(&[&bytes, &sig]))).is_some() {
                    notes.fork = true;
                }
            }
        }
    }
    Ok(out)
}

type Effects = BTreeMap<(u8, [u8; 16]), (u64, u64, Hash)>;

/// Checks receipts and events; answers the newest effect on every aggregate.
fn log(
    store: &Store,
    headers: &BTreeMap<[u8; 16], (Header, Hash)>,
    notes: &mut Notes,
) -> Result<(u32, Hash, Effects, Book), StoreError> {
    let mut frontier = MerkleFrontier::default();
    let mut effects = Effects::new();
    let mut answered = BTreeSet::new();
    let mut states: BTreeMap<Key, State> = BTreeMap::new();
    // Of the last command; in the order of the log it goes back only where two people said so.
    let mut time = i64::MIN;
    let mut events = store
        .db
        .prepare("SELECT kind, id, patient, body FROM event WHERE gseq = ?1 ORDER BY idx")?;
    let mut query = store.db.prepare("SELECT gseq, id, bytes, sig FROM receipt ORDER BY gseq")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let gseq = row.get::<_, i64>(0)?.unsigned_abs();
        let (id, bytes, sig): (Vec<u8>, Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let name = format!("receipt {gseq}");
        frontier.push(leaf(&bytes, &sig));
        if frontier.size() != gseq {
            notes.add(&name, format!("number {} is missing", frontier.size()));
        }
        let sig: [u8; 64] = sig.try_into().unwrap_or([0; 64]);
        if !verify_signature(&store.device.public(), RECEIPT, &bytes, &sig) {
            notes.add(&name, "the signature does not fit");
            continue;
        }
        let Ok(receipt) = ciborium::from_reader::<ReceiptBytes, _>(&bytes[..]) else {
            notes.add(&name, "it does not read back");
            continue;
        };
        let command = record::command_id(&id).map(|c| *c.0.as_bytes()).unwrap_or_default();
        match headers.get(&command) {
            None => notes.add(&name, "it answers a command that is not here"),
            Some((_, hash)) if receipt.0 != gseq || *hash != receipt.1 => {
                notes.add(&name, "it answers another command");
            }
            Some((header, _)) => {
                let at = header.effective_at_us;
                if at < time && header.kind != records::CLOCK_CONFIRM {
                    notes
                        .add(&name, "its time is before the last one's, and nobody confirmed that");
                }
                time = at;
            }
        }
        answered.insert(command);
        let mut stored = vec![];
        let mut read = events.query([gseq.cast_signed()])?;
        while let Some(event) = read.next()? {
            let id: [u8; 16] = event.get(1)?;
            let patient: Option<[u8; 16]> = event.get(2)?;
            let subject = Subject { kind: event.get(0)?, id: Uuid::from_bytes(id) };
            stored.push((subject, patient.map(Uuid::from_bytes), event.get::<_, String>(3)?));
        }
        if events_hash(&stored) != receipt.4 {
            notes.add(&name, "what happened is not what was signed");
        }
        for (subject, _, body) in &stored {
            let (Some(key), Ok(event)) = (Key::from_subject(*subject), versions::read_event(body))
            else {
                notes.add(&name, "an event does not read back");
                continue;
            };
            if let Some(after) = replay(states.remove(&key), key, &event) {
                states.insert(key, after);
            }
        }
        for effect in receipt.5 {
            effects.insert((effect.0, effect.1), (gseq, effect.2, effect.3));
        }
    }
    for (id, (header, _)) in headers {
        if !answered.contains(id) {
            let (epoch, dseq) = (header.epoch, header.dseq);
            notes.add(format!("command {epoch}.{}.{dseq}", header.stream), "it has no receipt");
        }
    }
    // Replayed from nothing, every aggregate has to be what the newest receipt says. One that an
    // earlier release wrote last is in another shape: its row is held against the receipt alone.
    for (key, state) in &states {
        let subject = key.subject();
        let hash = hash_of(&[versions::write_state(state)?.as_bytes()]);
        if effects.get(&(subject.kind, *subject.id.as_bytes())).map(|e| e.2) != Some(hash)
            && !record::is_of_an_earlier_shape(&store.db, *key)?
        {
            notes.add(key.to_string(), "the log does not lead to what its receipt says");
        }
    }
    let (size, root) = (frontier.size(), frontier.root());
    let head = crate::meta(&store.db, "log_head")?.unwrap_or_default();
    if size > 0 && head != [&size.to_be_bytes()[..], &root[..]].concat() {
        notes.add("log", "its head is not the one that was kept");
    }
    let book = match states.remove(&Key::Policies) {
        Some(State::Policies(book)) => book,
        _ => Book::default(),
    };
    Ok((u32::try_from(size).unwrap_or(u32::MAX), root, effects, book))
}

/// Every version has to be what its name says, and every command has to name one that was adopted
/// and in force. The book is the one that the log leads to.
fn policies(headers: &BTreeMap<[u8; 16], (Header, Hash)>, book: &Book, notes: &mut Notes) {
    for v in &book.versions {
        if records::policy_hash(&v.text) != v.hash || v.policy().is_none() {
            notes
                .add(format!("policy {} {}", v.profile, v.version), "it is not what its name says");
        }
    }
    for (header, _) in headers.values() {
        let name = format!("command {}.{}.{}", header.epoch, header.stream, header.dseq);
        let Some(policy) = &header.policy else {
            notes.add(name, "it names no policy");
            continue;
        };
        match book.named(&policy.profile, policy.version, &hex::encode(policy.hash)) {
            None => notes.add(name, "it names a policy that was never adopted"),
            Some(v) => {
                let first = book.versions.first() == Some(v);
                if !first && kernel::micros(v.effective_at) > header.effective_at_us {
                    notes.add(name, "it was decided under a policy that was not yet in force");
                }
            }
        }
    }
}

fn aggregates(db: &Connection, effects: &Effects, notes: &mut Notes) -> Result<u32, StoreError> {
    let mut seen = BTreeSet::new();
    let mut query = db.prepare("SELECT kind, id, version, gseq, state FROM entity")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, id): (u8, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let id: [u8; 16] = id.try_into().unwrap_or_default();
        let (version, gseq): (i64, i64) = (row.get(2)?, row.get(3)?);
        let text: String = row.get(4)?;
        let key = Key::from_subject(Subject { kind, id: Uuid::from_bytes(id) });
        let name = key.map_or_else(|| format!("record of kind {kind}"), |k| k.to_string());
        match effects.get(&(kind, id)) {
            None => notes.add(name, "no receipt speaks of it"),
            Some((at, signed, hash)) => {
                if hash_of(&[text.as_bytes()]) != *hash {
                    notes.add(name, format!("the row differs from receipt {at}"));
                } else if version.unsigned_abs() != *signed || gseq.unsigned_abs() != *at {
                    notes.add(name, format!("its version differs from receipt {at}"));
                }
            }
        }
        seen.insert((kind, id));
    }
    for (kind, id) in effects.keys().filter(|e| !seen.contains(*e)) {
        let key = Key::from_subject(Subject { kind: *kind, id: Uuid::from_bytes(*id) });
        notes.add(key.map_or_else(String::new, |k| k.to_string()), "the record is gone");
    }
    Ok(u32::try_from(seen.len()).unwrap_or(u32::MAX))
}

/// Builds the read tables again beside the stored ones and compares row by row.
fn read_tables(db: &Connection, notes: &mut Notes) -> Result<(), StoreError> {
    let fresh = sqlite::open_memory()?;
    for table in rows::TABLES {
        let sql: String =
            db.query_row("SELECT sql FROM sqlite_master WHERE name = ?1", [table], |r| r.get(0))?;
        fresh.execute_batch(&sql)?;
    }
    {
        let mut query = db.prepare("SELECT state FROM entity")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            if let Ok(state) = versions::read_state(&row.get::<_, String>(0)?) {
                rows::write(&fresh, &state)?;
            }
        }
    }
    for table in rows::TABLES {
        let (stored, rebuilt) = (all_rows(db, table)?, all_rows(&fresh, table)?);
        for row in stored.symmetric_difference(&rebuilt).take(3) {
            let id = row.split('|').next().unwrap_or_default();
            notes.add(format!("{table} {id}"), "the list does not say what the record says");
        }
    }
    Ok(())
}

fn all_rows(db: &Connection, table: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut query = db.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = query.column_count();
    let mut rows = query.query([])?;
    let mut out = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let mut line = String::new();
        for column in 0..columns {
            let value = match row.get::<_, Value>(column)? {
                Value::Blob(bytes) => hex::encode(bytes),
                Value::Text(text) => text,
                Value::Integer(n) => n.to_string(),
                Value::Real(x) => x.to_string(),
                Value::Null => "null".into(),
            };
            line += &value;
            line.push('|');
        }
        out.insert(line);
    }
    Ok(out)
}

fn blobs(db: &Connection, notes: &mut Notes) -> Result<(), StoreError> {
    let mut sums: BTreeMap<Vec<u8>, Sha256> = BTreeMap::new();
    let mut query = db.prepare("SELECT sha256, bytes FROM blob ORDER BY sha256, n")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(1)?.as_blob().map_err(crate::rusqlite_type)?;
        sums.entry(row.get(0)?).or_default().update(bytes);
    }
    let mut whole = BTreeSet::new();
    for (name, sum) in sums {
        if sum.finalize()[..] == name[..] {
            whole.insert(hex::encode(name));
        } else {
            notes.add(format!("file {}", hex::encode(&name[..4])), "its bytes were changed");
        }
    }
    let named = "SELECT sha256 FROM study_image UNION SELECT sha256 FROM donor_photo";
    let mut query = db.prepare(named)?;
    for name in query.query_map([], |row| row.get::<_, String>(0))? {
        let name = name?;
        if !whole.contains(&name) {
            notes.add(format!("file {}", &name[..name.len().min(8)]), "it is gone or changed");
        }
    }
    Ok(())
}
