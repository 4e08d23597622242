//! `cargo xtask bench`: the figures of `docs/benchmarks.md`, measured on this machine through the
//! same use cases that the window calls. Prints one line per figure; asserts nothing.

use app::{Backend, Cost, Options};
use hospital::patient;
use kernel::{Actor, Clock as _, CommandId, PatientId, StaffId};
use ledger::Standing;
use records::{Body, Context, Facts};
use serde_json::{Value, json};
use sqlite::keyslots::KeySlots;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store_sqlite::{Outcome, Save, Store};

fn main() {
    let people: u32 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let home = folder.path().join("home");
    let begun = Instant::now();
    app::make_training_facility(&home).expect("the training facility is made");
    say("training facility made", begun.elapsed());

    let options = Options {
        keyring: false,
        cost: Some(Cost::minimum_for_tests()),
        packs: Path::new(env!("CARGO_MANIFEST_DIR")).join("../models"),
        ..Options::at(&home)
    };
    let begun = Instant::now();
    let backend = Backend::start(options.clone());
    sign_in(&backend, "khan");
    say("store opened and signed in", begun.elapsed());

    memory("before any analysis");
    image(&backend);
    memory("after the analyses");
    sign_in(&backend, "joseph");
    saves(&backend);
    backend.close();
    // One program per home: the next one takes its lock.
    drop(backend);

    populate(&home, people);
    rebuild(&home, people);
    let begun = Instant::now();
    let backend = Backend::start(options);
    sign_in(&backend, "joseph");
    say(&format!("store with {people} people opened and signed in"), begun.elapsed());
    search(&backend, people);
    sign_in(&backend, "audit");
    let begun = Instant::now();
    let proof = call(&backend, "proof.verify", json!({}));
    say(
        &format!("verify of {} commands ({})", proof["commands"], proof["verdict"]),
        begun.elapsed(),
    );
    backend.close();
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn say(what: &str, took: Duration) {
    println!("{what:<56} {:>10.2} ms", took.as_secs_f64() * 1e3);
}

fn call(backend: &Backend, name: &str, payload: Value) -> Value {
    backend.call(name, payload).unwrap_or_else(|e| panic!("{name} was refused: {e:?}"))
}

fn sign_in(backend: &Backend, user: &str) {
    call(backend, "session.sign_in", json!({ "user": user, "password": "training" }));
}

/// Median and 95th percentile.
fn quantiles(what: &str, mut took: Vec<Duration>) {
    took.sort();
    say(&format!("{what}, median of {}", took.len()), took[took.len() / 2]);
    say(&format!("{what}, p95"), took[took.len() * 95 / 100]);
}

/// A real film of the shared folder where it is, else a drawn one (which the gate may refuse).
fn film() -> (PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let zip = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/images/chest_xray_pneumonia.zip");
    let inside = "chest_xray_pneumonia/bacterial_pneumonia/0001.jpg";
    let path = folder.path().join("film.jpg");
    let unpacked = std::process::Command::new("unzip")
        .args(["-p", &zip.to_string_lossy(), inside])
        .output()
        .ok()
        .filter(|o| o.status.success() && !o.stdout.is_empty());
    match unpacked {
        Some(output) => std::fs::write(&path, output.stdout).expect("the film is written"),
        None => {
            let draw = |x: u32, y: u32| image::Luma([((x * 255 / 2000) ^ (y * 255 / 2000)) as u8]);
            image::GrayImage::from_fn(2000, 2000, draw).save(&path).expect("the film is drawn");
        }
    }
    (path, folder)
}

fn image(backend: &Backend) {
    let (path, _folder) = film();
    for round in ["first, the pack is loaded", "second"] {
        // Another name makes no other bytes; one more byte at the end does.
        let mut bytes = std::fs::read(&path).expect("the film is read");
        bytes.extend(round.as_bytes());
        let begun = Instant::now();
        let held = backend.hold_bytes("film.jpg", bytes).expect("somebody is signed in");
        let ask = json!({ "handles": [held.handle], "patient": null, "analyse": true });
        let imported = call(backend, "study.import", ask);
        backend.wait_for_analyses();
        let study = imported["files"][0]["study"].clone();
        let view = call(backend, "study.view", json!({ "id": study }));
        let state = view["analyses"][0]["state"].as_str().unwrap_or("?").to_owned();
        say(&format!("file dropped to findings with map ({round}: {state})"), begun.elapsed());
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn memory(when: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let rss = status.lines().find(|l| l.starts_with("VmRSS")).unwrap_or("VmRSS: not known here");
    println!("{:<56} {rss}", format!("memory of the Rust process {when}"));
}

const FAMILY: [&str; 20] = [
    "Adeyemi",
    "Baptiste",
    "Chowdhury",
    "Diallo",
    "Eriksen",
    "Ferreira",
    "Garcia",
    "Haile",
    "Ibrahim",
    "Johansson",
    "Kowalska",
    "Lindqvist",
    "Mbeki",
    "Nakamura",
    "Okello",
    "Pereira",
    "Quispe",
    "Rossi",
    "Smith",
    "Tran",
];
const GIVEN: [&str; 10] =
    ["Ana", "Bruno", "Chidi", "Dalia", "Emeka", "Fatima", "Grace", "Hana", "Ivan", "Joan"];

fn person(n: u32) -> Value {
    let mut family = FAMILY[(n % 20) as usize].to_owned();
    let mut rest = n / 20;
    while rest > 0 {
        let syllables = ["ba", "ko", "ri", "mu", "ten", "sal", "dor", "vin"];
        let _ = write!(family, "{}", syllables[(rest % 8) as usize]);
        rest /= 8;
    }
    json!({
        "family": family, "given": GIVEN[(n % 10) as usize], "title": null,
        "birthDate": format!("{}-{:02}", 1930 + n % 90, 1 + n % 12), "sex": "female",
        "phone": null, "nationalId": null,
        "override": { "rules": ["possible_duplicate"], "reason": "made for a measurement" },
    })
}

fn saves(backend: &Backend) {
    let took = (0..400)
        .map(|n| {
            let ask = person(1_000_000 + n);
            let begun = Instant::now();
            call(backend, "patient.register", ask);
            begun.elapsed()
        })
        .collect();
    quantiles("command saved (patient.register)", took);
}

/// People of a hospital that has run for years, brought in as an import does: signed commands
/// through the store, many in one transaction, without looking for duplicates of each.
fn populate(home: &Path, people: u32) {
    let slots = KeySlots::load(home).expect("the key slots are read");
    let dek = slots.unlock_training().expect("the training slot opens");
    let mut store = Store::open(home, &dek).expect("the store opens");
    let clock = kernel::SystemClock;
    let actor = Actor {
        id: StaffId(clock.new_uuid()),
        user: "joseph".into(),
        role: kernel::Role::Reception,
    };
    let policy = Arc::new(records::first_policy().1);
    let begun = Instant::now();
    for from in (0..people).step_by(2_000) {
        let made: Vec<(Body, Context)> = (from..(from + 2_000).min(people))
            .map(|n| {
                let p = person(n);
                let text = |field: &str| p[field].as_str().unwrap_or_default().to_owned();
                let command = patient::Command::Register {
                    family: text("family"),
                    given: text("given"),
                    title: None,
                    birth_date: serde_json::from_value(p["birthDate"].clone()).ok(),
                    sex: patient::Sex::Female,
                    phone: None,
                    national_id: None,
                    hospital_number: format!("B{n:07}"),
                };
                let id = PatientId(clock.new_uuid());
                let context = Context {
                    now: clock.now(),
                    later: None,
                    by: CommandId(clock.new_uuid()),
                    actor: actor.clone(),
                    overridden: vec![],
                    duplicates_overridden: true,
                    policy: policy.clone(),
                };
                (Body::Patient { id, command }, context)
            })
            .collect();
        let mut facts = Facts::default();
        facts.patient.today = clock.now().date_naive();
        let saves: Vec<Save<'_>> = made
            .iter()
            .map(|(body, context)| Save {
                body,
                facts: &facts,
                context,
                standing: Standing::Final,
                second: None,
                reason: None,
                after: &[],
            })
            .collect();
        let outcomes = store.save_all(&saves, &clock).expect("the import is saved");
        assert!(
            outcomes.iter().all(|o| matches!(o, Outcome::Saved { .. })),
            "everybody is registered"
        );
    }
    say(&format!("{people} people imported, one signed command each"), begun.elapsed());
}

/// What the first opening after an upgrade costs that keeps the read tables in another way.
fn rebuild(home: &Path, people: u32) {
    let slots = KeySlots::load(home).expect("the key slots are read");
    let dek = slots.unlock_training().expect("the training slot opens");
    let store = home.join(store_sqlite::STORE_FILE);
    let db = sqlite::open(&store, &dek, sqlite::Role::Writer).expect("the store opens");
    db.execute("DELETE FROM meta WHERE key = 'rows_version'", []).expect("as an older release");
    drop(db);
    let begun = Instant::now();
    drop(Store::open(home, &dek).expect("the store opens"));
    say(&format!("read tables over {people} people made again"), begun.elapsed());
}

fn search(backend: &Backend, people: u32) {
    let texts =
        ["smith", "smiht", "okello ana", "perera", "kowalsk", "ferreirabako", "tr", "haile g"];
    let took = (0..400)
        .map(|n| {
            let ask = json!({ "text": texts[n % texts.len()], "limit": 20 });
            let begun = Instant::now();
            call(backend, "patient.search", ask);
            begun.elapsed()
        })
        .collect();
    quantiles(&format!("patient search over {people} people"), took);
}
