//! The proof that nothing was altered, tried against one changed byte anywhere in the home, one
//! changed row in any table, and a program that is killed while it writes.

use app::{Backend, Cost, Options, Verdict};
use kernel::{Clock, SystemClock, TimeDelta};
use serde_json::{Value, json};
use sqlite::keyslots::KeySlots;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";
const CHANGES: usize = 2_000;
const CLEAN: usize = 100;
const KILLS: usize = 200;

/// xorshift64*, seeded: a failure is found again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let x = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(x % (n as u64)).expect("below a small number")
    }
}

fn seed() -> u64 {
    std::env::var("SEED").ok().map_or(20_261_120, |s| s.parse().expect("SEED is a number"))
}

fn start(home: &Path) -> Backend {
    Backend::start(Options {
        home: home.to_owned(),
        clock: Arc::new(SystemClock),
        cost: Some(Cost::minimum_for_tests()),
        packs: home.join("nowhere"),
        keyring: false,
        decoder: None,
        receives: false,
    })
}

#[track_caller]
fn ok(backend: &Backend, name: &str, payload: Value) -> Value {
    match backend.call(name, payload) {
        Ok(value) => value,
        Err(error) => panic!("{name}: {error:?}"),
    }
}

fn sign_in(backend: &Backend, user: &str) {
    ok(backend, "session.sign_in", json!({ "user": user, "password": PASSWORD }));
}

fn register(backend: &Backend, family: &str) -> String {
    let made = ok(
        backend,
        "patient.register",
        json!({
            "family": family, "given": "Ada", "sex": "female",
            "override": { "rules": ["possible_duplicate"], "reason": "A test writes many" },
        }),
    );
    made["id"].as_str().expect("an id").to_owned()
}

/// The smallest picture that is one: two by two pixels, uncompressed (BMP).
fn picture() -> Vec<u8> {
    let mut out = b"BM".to_vec();
    for word in [70u32, 0, 54, 40, 2, 2, 0x0018_0001, 0, 16, 2835, 2835, 0, 0] {
        out.extend(word.to_le_bytes());
    }
    out.extend([9, 9, 9, 200, 200, 200, 0, 0, 50, 50, 50, 120, 120, 120, 0, 0]);
    out
}

/// A facility with one of everything.
fn small_home(home: &Path) {
    let backend = start(home);
    let done = ok(
        &backend,
        "setup.facility",
        json!({
            "facility": "Small", "zone": "Africa/Nairobi", "profile": "who", "language": "en",
            "adminUser": "grace", "adminName": "Grace", "adminPassword": PASSWORD,
        }),
    );
    ok(&backend, "setup.confirm", json!({ "code": done["recoveryCode"] }));
    for (user, role) in [("rosa", "nurse"), ("amina", "blood_bank_scientist")] {
        let add = json!({ "user": user, "displayName": user, "role": role, "password": PASSWORD });
        ok(&backend, "staff.add", add);
    }
    sign_in(&backend, "rosa");
    let patient = register(&backend, "Lovelace");
    let handle = backend.hold_bytes("small.bmp", picture()).expect("held").handle;
    let import = json!({ "handles": [handle], "patient": patient, "analyse": false });
    let imported = ok(&backend, "study.import", import);
    assert!(imported["files"][0]["error"].is_null(), "{imported}");
    sign_in(&backend, "amina");
    let ends = (Clock::now(&SystemClock) + TimeDelta::days(30)).format("%Y-%m-%dT%H:%M");
    ok(
        &backend,
        "unit.receive",
        json!({
            "din": "A999726000001", "productCode": "D1001V00",
            "group": { "abo": "O", "rhd": "negative" },
            "expiresWall": ends.to_string(), "place": "Fridge",
        }),
    );
    sign_in(&backend, "grace");
    let usb = tempfile::tempdir().expect("a folder");
    let to = usb.path().join("small.hsb");
    ok(&backend, "backup.make", json!({ "path": to.to_string_lossy() }));
    backend.close();
}

type Files = Vec<(String, Vec<u8>)>;

fn read_home(home: &Path) -> Files {
    let mut files = vec![];
    for entry in std::fs::read_dir(home).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        files.push((name, std::fs::read(entry.path()).expect("a file")));
    }
    files.sort();
    files
}

fn write_home(home: &Path, files: &Files) {
    for entry in std::fs::read_dir(home).expect("a folder") {
        std::fs::remove_file(entry.expect("an entry").path()).expect("removed");
    }
    for (name, bytes) in files {
        std::fs::write(home.join(name), bytes).expect("written");
    }
}

/// What a verification says: whole, or what is wrong.
fn verify(home: &Path) -> Result<(), String> {
    let backend = start(home);
    let proof = backend.verify_with(Some(("grace", PASSWORD)));
    backend.close();
    match proof {
        Ok(proof) if proof.verdict == Verdict::Whole => Ok(()),
        Ok(proof) => Err(format!("{:?} {:?}", proof.verdict, proof.findings.first())),
        Err(error) => Err(format!("{:?}", error.code)),
    }
}

#[test]
fn every_changed_byte_is_reported() {
    let home = tempfile::tempdir().expect("a folder");
    small_home(home.path());
    let files = read_home(home.path());
    let total: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    assert_eq!(verify(home.path()), Ok(()));
    let mut dice = Dice(seed());
    let mut missed = vec![];
    for n in 0..CHANGES {
        // Every second change hits a small file: most of the bytes are the store's.
        let (f, at) = if n % 2 == 0 {
            let mut at = dice.below(total);
            let mut f = 0;
            while at >= files[f].1.len() {
                at -= files[f].1.len();
                f += 1;
            }
            (f, at)
        } else {
            let full: Vec<usize> = (0..files.len()).filter(|f| !files[*f].1.is_empty()).collect();
            let f = full[dice.below(full.len())];
            (f, dice.below(files[f].1.len()))
        };
        let bit = 1u8 << dice.below(8);
        let mut changed = files.clone();
        changed[f].1[at] ^= bit;
        write_home(home.path(), &changed);
        if verify(home.path()).is_ok() {
            missed.push(format!("{} at {at} bit {bit:#x}", files[f].0));
        }
    }
    write_home(home.path(), &files);
    assert_eq!(verify(home.path()), Ok(()), "the untouched home is whole to the end");
    assert!(missed.is_empty(), "{} of {CHANGES} were not seen: {missed:?}", missed.len());
}

#[test]
fn a_hundred_clean_stores_are_whole() {
    let home = tempfile::tempdir().expect("a folder");
    small_home(home.path());
    for n in 0..CLEAN {
        let backend = start(home.path());
        sign_in(&backend, "rosa");
        register(&backend, &format!("Clean{n}"));
        backend.close();
        drop(backend);
        assert_eq!(verify(home.path()), Ok(()), "store {n}");
    }
}

#[test]
fn a_changed_row_in_any_table_is_reported_even_when_written_with_the_key() {
    let changes = [
        "UPDATE command SET sig = zeroblob(64) WHERE lseq = 2",
        "UPDATE command SET header = (SELECT header FROM command WHERE lseq = 3) WHERE lseq = 2",
        "UPDATE body SET body = x'00' WHERE id = (SELECT id FROM command WHERE lseq = 2)",
        "UPDATE body SET salt = zeroblob(32) WHERE id = (SELECT id FROM command WHERE lseq = 2)",
        "DELETE FROM body WHERE id = (SELECT id FROM command WHERE lseq = 2)",
        "UPDATE receipt SET bytes = x'00' WHERE gseq = 2",
        "UPDATE receipt SET sig = zeroblob(64) WHERE gseq = 2",
        "UPDATE event SET body = replace(body, 'Lovelace', 'Byron') WHERE kind = 2",
        "DELETE FROM event WHERE kind = 3",
        "UPDATE entity SET state = replace(state, 'Lovelace', 'Byron') WHERE kind = 2",
        "UPDATE entity SET version = version + 1 WHERE kind = 3",
        "DELETE FROM entity WHERE kind = 3",
        "INSERT INTO entity SELECT kind, zeroblob(16), version, gseq, state FROM entity WHERE kind = 3",
        "UPDATE meta SET value = zeroblob(40) WHERE key = 'log_head'",
        "UPDATE meta SET value = zeroblob(32) WHERE key = 'device_seed'",
        "UPDATE meta SET value = x'00000002' WHERE key = 'epoch'",
        "UPDATE meta SET value = x'0006400000000000' WHERE key = 'last_backup'",
        "DELETE FROM meta WHERE key = 'last_backup'",
        "UPDATE meta SET value = zeroblob(72) WHERE key = 'key_slots'",
        "DELETE FROM meta WHERE key = 'key_slots'",
        "UPDATE meta SET value = zeroblob(8) WHERE key = 'signed_in'",
        "UPDATE blob SET bytes = x'00'",
        "DELETE FROM blob",
        "UPDATE unit_row SET grp = 'A_negative'",
        "DELETE FROM patient_row",
        "DELETE FROM patient_key WHERE form = 's'",
        "UPDATE study_row SET words = 'x'",
        "DELETE FROM study_image",
    ];
    let home = tempfile::tempdir().expect("a folder");
    small_home(home.path());
    let files = read_home(home.path());
    let slots = KeySlots::load(home.path()).expect("slots");
    let dek = slots.unlock_with_password("grace", PASSWORD).expect("opens");
    for sql in changes {
        write_home(home.path(), &files);
        let store = home.path().join("store.db");
        let db = sqlite::open(&store, &dek, sqlite::Role::Writer).expect("opens");
        db.execute_batch("PRAGMA foreign_keys = OFF").expect("off");
        let rows = db.execute(sql, []).expect(sql);
        assert!(rows > 0, "{sql} changed nothing");
        drop(db);
        assert!(verify(home.path()).is_err(), "not seen: {sql}");
    }
}

#[test]
fn an_older_pair_of_key_slots_opens_nothing_for_who_left_and_is_reported() {
    let home = tempfile::tempdir().expect("a folder");
    small_home(home.path());
    let pair = ["keyslots.a", "keyslots.b"].map(|name| home.path().join(name));
    let old = pair.each_ref().map(|path| std::fs::read(path).expect("there"));
    let backend = start(home.path());
    sign_in(&backend, "grace");
    let staff = ok(&backend, "staff.list", json!({}));
    let rosa = staff.as_array().and_then(|s| s.iter().find(|s| s["user"] == "rosa"));
    let id = rosa.expect("rosa works here")["id"].clone();
    ok(&backend, "staff.set_active", json!({ "id": id, "active": false }));
    backend.close();
    drop(backend);
    assert_eq!(verify(home.path()), Ok(()));

    for (path, bytes) in pair.iter().zip(&old) {
        std::fs::write(path, bytes).expect("written");
    }
    let said = verify(home.path()).expect_err("an older pair is no whole home");
    assert!(said.contains("an older pair was put back"), "{said}");

    let backend = start(home.path());
    let rosa = json!({ "user": "rosa", "password": PASSWORD });
    assert!(backend.call("session.sign_in", rosa).is_err(), "she left");
    sign_in(&backend, "grace");
    backend.close();
    drop(backend);
    // Mended at the sign-in: her slot is gone again, and what happened stays written down.
    let slots = KeySlots::load(home.path()).expect("slots");
    assert!(slots.unlock_with_password("rosa", PASSWORD).is_err());
    let backend = start(home.path());
    let proof = backend.verify_with(Some(("grace", PASSWORD))).expect("opens");
    assert_eq!(proof.verdict, Verdict::Whole, "{:?}", proof.findings);
    assert!(proof.noticed.iter().any(|n| n.what == "key_slots_older"), "{:?}", proof.noticed);
}

#[test]
fn counters_of_wrong_passwords_that_were_put_back_are_reported() {
    let home = tempfile::tempdir().expect("a folder");
    small_home(home.path());
    let file = home.path().join("attempts");
    let old = std::fs::read(&file).expect("there");
    let backend = start(home.path());
    sign_in(&backend, "grace");
    backend.close();
    drop(backend);
    assert_eq!(verify(home.path()), Ok(()));
    std::fs::write(&file, old).expect("written");
    let said = verify(home.path()).expect_err("older than the last sign-in");
    assert!(said.contains("older than the last sign-in"), "{said}");
}

#[test]
fn a_restored_home_is_whole_and_a_new_incarnation() {
    let model = tempfile::tempdir().expect("a folder");
    small_home(model.path());
    let usb = tempfile::tempdir().expect("a folder");
    let file = usb.path().join("copy.hsb");
    let backend = start(model.path());
    sign_in(&backend, "grace");
    ok(&backend, "backup.make", json!({ "path": file.to_string_lossy() }));
    backend.close();
    drop(backend);
    let home = tempfile::tempdir().expect("a folder");
    let made = app::restore(home.path(), &file, Some(("grace", PASSWORD))).expect("restored");
    assert_eq!((made.epoch, made.training), (2, false));
    assert_eq!(verify(home.path()), Ok(()));
    let backend = start(home.path());
    sign_in(&backend, "rosa");
    register(&backend, "After");
    backend.close();
    drop(backend);
    assert_eq!(verify(home.path()), Ok(()));
}

const KILL_HOME: &str = "HEALTHSYNC_TEST_KILL_HOME";

/// Runs only as the child of the test below: writes until it is killed, and says what was
/// acknowledged.
#[test]
fn writes_until_it_is_killed() {
    let Some(home) = std::env::var_os(KILL_HOME) else { return };
    let backend = start(Path::new(&home));
    sign_in(&backend, "rosa");
    let mut out = std::io::stdout();
    loop {
        let stamp = SystemClock.new_uuid().simple().to_string();
        let id = register(&backend, &stamp);
        writeln!(out, "\nACK {id}").and_then(|()| out.flush()).expect("the parent listens");
    }
}

fn writer(home: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "writes_until_it_is_killed", "--nocapture"])
        .env(KILL_HOME, home)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child")
}

#[test]
fn nothing_that_was_acknowledged_is_lost_when_the_program_is_killed() {
    let model = tempfile::tempdir().expect("a folder");
    small_home(model.path());
    let files = read_home(model.path());
    let home = tempfile::tempdir().expect("a folder");
    let mut dice = Dice(seed());
    let mut acknowledged = 0;
    for n in 0..KILLS {
        // A fresh home now and then: a verification walks the whole log.
        if n % 10 == 0 {
            write_home(home.path(), &files);
        }
        let mut child = writer(home.path());
        let mut lines = BufReader::new(child.stdout.take().expect("piped"));
        let mut said = String::new();
        // Mostly in the middle of the writing, sometimes while it still starts.
        if dice.below(5) > 0 {
            while !said.contains("ACK ") {
                assert!(lines.read_line(&mut said).expect("text") > 0, "the child died: {said}");
            }
        }
        std::thread::sleep(Duration::from_micros(dice.below(40_000) as u64));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let mut rest = vec![];
        lines.read_to_end(&mut rest).expect("text");
        said.push_str(&String::from_utf8_lossy(&rest));
        // A line without its end was cut by the kill.
        let whole = said.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let ids: Vec<&str> = whole.lines().filter_map(|l| l.strip_prefix("ACK ")).collect();
        acknowledged += ids.len();

        let backend = start(home.path());
        let proof = backend.verify_with(Some(("grace", PASSWORD))).expect("it opens");
        assert_eq!(proof.verdict, Verdict::Whole, "kill {n}: {:?}", proof.findings);
        sign_in(&backend, "rosa");
        for id in ids {
            let view = backend.call("patient.view", json!({ "id": id }));
            assert!(view.is_ok(), "kill {n}: {id} was acknowledged and is gone");
        }
        backend.close();
    }
    assert!(acknowledged > KILLS, "the load was too light: {acknowledged}");
    eprintln!("{acknowledged} acknowledged in {KILLS} kills, none lost");
}
