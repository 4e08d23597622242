//! A blood bank of five years: how long its people wait. Run in release by `cargo xtask bench bloodbank`.
//!
//! The store is a real, encrypted one. Its aggregates come in by one bulk import: their states are
//! written as the program writes them and the read tables are made from them by the program at its next
//! opening, without a signed command for each, so `verify` would say of them that nobody wrote them.
//! What is measured is what a person waits for, through the same calls that the page makes.

use app::{Backend, Options};
use bloodbank::donation;
use bloodbank::donor::{self, Identity, Name};
use bloodbank::issue::{self, Basis};
use bloodbank::lab::{Attributes, Part, PartState, Product};
use bloodbank::profile::DonationKind;
use bloodbank::{DiscardReason, Expiry, Sex, Status, Unit};
use hospital::patient::Patient;
use kernel::{
    Abo, BloodGroup, Clock as _, Component, DispensationId, DonationId, DonorId, Instant,
    Millilitres, PatientId, Rhd, SystemClock, TimeDelta, UnitId,
};
use records::{Care, CareKey, Key, State, versions};
use serde_json::{Value, json};
use sqlite::keyslots::{Cost, KeySlots};
use std::path::Path;
use std::time::{Duration, Instant as Watch};
use uuid::Uuid;

const ZONE: chrono_tz::Tz = chrono_tz::Africa::Nairobi;
const YEARS: i64 = 5;
/// Bags in one pool of platelets.
const POOLED: usize = 5;
/// What one donation is divided into: label, component, product, days it lasts.
const SET: [(&str, Component, Product, i64); 3] = [
    ("D1001V00", Component::RedCells, Product::RedCellsAdditive, 42),
    ("D1003V00", Component::Plasma, Product::FreshFrozenPlasma, 365),
    ("D1002V00", Component::Platelets, Product::Platelets, 5),
];
/// Donations that came today and were not divided yet.
const UNDIVIDED: u32 = 60;
const FAMILY: [&str; 16] = [
    "Achieng", "Barasa", "Chege", "Diallo", "Eriksen", "Farah", "Gitau", "Haile", "Ibrahim",
    "Juma", "Kiprop", "Lindgren", "Mwangi", "Njoroge", "Otieno", "Rahman",
];
const GIVEN: [&str; 10] =
    ["Amina", "Brian", "Carol", "Daniel", "Esther", "Fatuma", "George", "Hana", "Ivy", "Joseph"];

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn say(what: &str, took: &str) {
    println!("{what:<64} {took}");
}

fn milliseconds(took: Duration) -> String {
    format!("{:>9.1} ms", took.as_secs_f64() * 1e3)
}

fn quantiles(what: &str, mut took: Vec<Duration>) {
    took.sort();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    let slowest = took.last().copied().unwrap_or_default();
    say(
        what,
        &format!(
            "median {} | p95 {} | slowest {}",
            milliseconds(at(50)),
            milliseconds(at(95)),
            milliseconds(slowest)
        ),
    );
}

fn number(at: usize) -> Option<u32> {
    std::env::args().nth(at).and_then(|n| n.parse().ok())
}

fn main() {
    let units = number(1).unwrap_or(1_000_000);
    let donors = number(2).unwrap_or(300_000);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let home = folder.path().join("home");
    app::make_training_facility(&home).expect("the training facility is made");
    let slots = KeySlots::load(&home).expect("the key slots are read");
    let dek = slots.unlock_training().expect("the training slot opens");
    let patient = first_patient(&home, &dek);

    let begun = Watch::now();
    let made = fill(&home, &dek, (units, donors), &patient);
    let bulk = format!("{units} bags, {donors} donors, {} pools: imported in", made.pools);
    say(&bulk, &milliseconds(begun.elapsed()));
    let begun = Watch::now();
    drop(store_sqlite::Store::open(&home, &dek).expect("the store opens"));
    say("read tables made from the states in", &milliseconds(begun.elapsed()));
    let size = std::fs::metadata(home.join(store_sqlite::STORE_FILE)).map_or(0, |m| m.len());
    say("encrypted store", &format!("{:>9.1} MB", size as f64 / 1e6));

    let backend = Backend::start(Options {
        keyring: false,
        cost: Some(Cost::minimum_for_tests()),
        ..Options::at(&home)
    });
    call(&backend, "session.sign_in", json!({ "user": "amina", "password": "training" }));
    measure(&backend, &made);
    backend.close();
}

fn call(backend: &Backend, name: &str, payload: Value) -> Value {
    backend.call(name, payload).unwrap_or_else(|e| panic!("{name} was refused: {e:?}"))
}

/// Somebody of the training facility: the one who is served, and the pattern of all the others.
fn first_patient(home: &Path, dek: &[u8; 32]) -> Patient {
    let backend = Backend::start(Options {
        keyring: false,
        cost: Some(Cost::minimum_for_tests()),
        ..Options::at(home)
    });
    call(&backend, "session.sign_in", json!({ "user": "amina", "password": "training" }));
    let found = call(&backend, "patient.search", json!({ "text": "oyelaran", "limit": 1 }));
    backend.close();
    let id = found["rows"][0]["id"].as_str().expect("a patient of the training facility");
    let store = store_sqlite::Store::open(home, dek).expect("the store opens");
    store.patient(id.parse().expect("an id")).expect("it reads").expect("is there")
}

/// What the measurements ask about.
struct Made {
    dins: Vec<String>,
    /// Free bags of red cells of group O, RhD positive.
    free: Vec<(UnitId, String)>,
    patient: PatientId,
    /// A donor of platelets that went into a pool, one bag of that pool, and how many pools there are.
    donor: DonorId,
    pooled: UnitId,
    pools: u32,
}

/// A seeded sequence: the same store every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea and Flood, 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }
    fn group(&mut self) -> BloodGroup {
        let abo = match self.below(100) {
            0..=47 => Abo::O,
            48..=74 => Abo::A,
            75..=95 => Abo::B,
            _ => Abo::AB,
        };
        let rhd = if self.below(100) < 6 { Rhd::Negative } else { Rhd::Positive };
        BloodGroup { abo, rhd }
    }
}

fn id(dice: &mut Dice) -> Uuid {
    Uuid::from_u64_pair(dice.roll(), dice.roll())
}

/// Writes the states. One donation gives red cells, plasma and platelets; platelets of five donations
/// become a pool.
fn fill(home: &Path, dek: &[u8; 32], (units, donors): (u32, u32), pattern: &Patient) -> Made {
    let path = home.join(store_sqlite::STORE_FILE);
    let mut db = sqlite::open(&path, dek, sqlite::Role::Writer).expect("the store opens");
    let (mut dice, now) = (Dice(2_026), SystemClock.now());
    let mut made = Made {
        dins: vec![],
        free: vec![],
        patient: pattern.id,
        donor: DonorId(Uuid::nil()),
        pooled: UnitId(Uuid::nil()),
        pools: 0,
    };
    let people: Vec<DonorId> = (0..donors).map(|_| DonorId(id(&mut dice))).collect();
    for (chunk, some) in people.chunks(5_000).enumerate() {
        let tx = db.transaction().expect("a transaction");
        for (n, who) in some.iter().enumerate() {
            put(&tx, Key::Donor(*who), &donor_state(*who, chunk * 5_000 + n, &mut dice));
        }
        tx.commit().expect("saved");
    }
    let tx = db.transaction().expect("a transaction");
    let patients: Vec<PatientId> = (0..(units / 10).max(1))
        .map(|n| {
            let who = PatientId(id(&mut dice));
            let person =
                Patient { id: who, hospital_number: format!("P{n:07}"), ..pattern.clone() };
            put(&tx, Key::Patient(who), &State::Patient(Box::new(person)));
            who
        })
        .collect();
    tx.commit().expect("saved");
    // Three bags and a fifth of a pool of each donation.
    let donations = units / 3;
    for n in 1..=UNDIVIDED {
        let given = now - TimeDelta::hours(3);
        let who = people[dice.below(u64::from(donors.max(1))) as usize];
        let today = Donation { serial: donations + n, who, given, group: dice.group() };
        begun(&db, &today, &[]);
    }
    let mut waiting: Vec<(Part, DonorId)> = vec![];
    let mut serial = 0u32;
    while serial < donations {
        let tx = db.transaction().expect("a transaction");
        for _ in 0..2_000.min(donations - serial) {
            serial += 1;
            let back = YEARS * 365 - i64::from(serial) * YEARS * 365 / i64::from(donations);
            let given = now - TimeDelta::days(back) - TimeDelta::hours(3);
            let who = people[dice.below(u64::from(donors.max(1))) as usize];
            let ours = Donation { serial, who, given, group: dice.group() };
            one_donation(&tx, &ours, now, &patients, &mut dice, &mut made, &mut waiting);
        }
        tx.commit().expect("saved");
    }
    db.execute("DELETE FROM meta WHERE key = 'rows_version'", [])
        .expect("the tables are made anew");
    made
}

struct Donation {
    serial: u32,
    who: DonorId,
    given: Instant,
    group: BloodGroup,
}

fn put(db: &rusqlite::Connection, key: Key, state: &State) {
    let text = versions::write_state(state).expect("plain data always encodes");
    let subject = key.subject();
    db.prepare_cached(
        "INSERT OR REPLACE INTO entity (kind, id, version, gseq, state) VALUES (?1, ?2, 1, 1, ?3)",
    )
    .and_then(|mut s| s.execute((subject.kind, subject.id.as_bytes(), text)))
    .expect("written");
}

fn donor_state(who: DonorId, n: usize, dice: &mut Dice) -> State {
    let mut family = FAMILY[n % FAMILY.len()].to_owned();
    let mut rest = n / FAMILY.len();
    while rest > 0 {
        family += ["ba", "ko", "ri", "mu", "ten", "sal", "dor", "vin"][rest % 8];
        rest /= 8;
    }
    let born = chrono::NaiveDate::from_ymd_opt(1960 + (dice.below(45) as i32), 3, 12);
    let identity = Identity {
        number: format!("D{n:07}"),
        name: Name { family, given: GIVEN[n % GIVEN.len()].into() },
        born,
        sex: Sex::Female,
        papers: vec![],
        photo: None,
    };
    let event = donor::Event::Registered { identity, contact: None, likely_same: vec![] };
    State::Donor(Box::new(donor::apply(None, who, &event).expect("registered")))
}

/// The donation with its number, divided into these bags.
fn begun(db: &rusqlite::Connection, ours: &Donation, codes: &[&str]) -> (String, DonationId) {
    let din = format!("A8888{:02}{:06}", 20 + ours.serial / 1_000_000, ours.serial % 1_000_000);
    let of = DonationId::of_din(&din);
    let mut state = None;
    for event in [
        donation::Event::Begun {
            din: din.clone(),
            donor: ours.who,
            donation: DonationKind::WholeBlood,
            bag: None,
            site: "here".into(),
            zone: ZONE,
            first_time: false,
            not_for: vec![],
            at: ours.given,
        },
        donation::Event::Ended {
            ended: donation::Ended {
                at: ours.given + TimeDelta::minutes(8),
                volume: Millilitres(450),
                red_cells_returned: None,
            },
        },
        donation::Event::PartsAdded {
            parts: codes.iter().map(|code| UnitId::of_label(&din, code)).collect(),
        },
    ] {
        state = donation::apply(state, of, &event);
    }
    let state = state.expect("begun and ended");
    put(db, Key::Donation(of), &State::Donation(Box::new(state)));
    (din, of)
}

fn one_donation(
    db: &rusqlite::Connection,
    ours: &Donation,
    now: Instant,
    patients: &[PatientId],
    dice: &mut Dice,
    made: &mut Made,
    waiting: &mut Vec<(Part, DonorId)>,
) {
    let (din, of) = begun(db, ours, &SET.map(|(code, ..)| code));
    made.dins.push(din.clone());
    for (code, component, product, days) in SET {
        let bag = Bag { din: din.clone(), code, component, days, of: vec![of], parents: vec![] };
        let (unit, part) = bag.states(ours, now, patients, dice, product);
        let free = matches!(unit.status, Status::Available);
        let o = BloodGroup { abo: Abo::O, rhd: Rhd::Positive };
        if free && component == Component::RedCells && unit.group == o && !unit.expires.is_past(now)
        {
            made.free.push((unit.id, din.clone()));
        }
        if let Status::Issued { patient, at, .. } = &unit.status {
            given(db, &unit, *patient, *at, dice);
        }
        put(db, Key::Unit(unit.id), &State::Unit(Box::new(unit)));
        put(db, Key::Part(part.id), &State::Part(Box::new(part.clone())));
        if component == Component::Platelets {
            waiting.push((part, ours.who));
        }
    }
    if waiting.len() == POOLED {
        pool(db, ours, now, patients, dice, made, waiting);
    }
}

fn pool(
    db: &rusqlite::Connection,
    ours: &Donation,
    now: Instant,
    patients: &[PatientId],
    dice: &mut Dice,
    made: &mut Made,
    waiting: &mut Vec<(Part, DonorId)>,
) {
    let din = format!("A8889{:02}{:06}", 20 + ours.serial / 1_000_000, ours.serial % 1_000_000);
    let bag = Bag {
        din,
        code: "D1502V00",
        component: Component::Platelets,
        days: 5,
        of: waiting.iter().flat_map(|(part, _)| part.donations.clone()).collect(),
        parents: waiting.iter().map(|(part, _)| part.id).collect(),
    };
    let (unit, part) = bag.states(ours, now, patients, dice, Product::PlateletsPooled);
    made.pools += 1;
    made.pooled = unit.id;
    made.donor = waiting.first().map_or(made.donor, |(_, who)| *who);
    if let Status::Issued { patient, at, .. } = &unit.status {
        given(db, &unit, *patient, *at, dice);
    }
    put(db, Key::Unit(unit.id), &State::Unit(Box::new(unit)));
    put(db, Key::Part(part.id), &State::Part(Box::new(part)));
    for (part, _) in waiting.drain(..) {
        let parent = Part { state: PartState::Modified, ..part };
        put(db, Key::Part(parent.id), &State::Part(Box::new(parent)));
    }
}

struct Bag {
    din: String,
    code: &'static str,
    component: Component,
    days: i64,
    of: Vec<DonationId>,
    parents: Vec<UnitId>,
}

impl Bag {
    fn states(
        self,
        ours: &Donation,
        now: Instant,
        patients: &[PatientId],
        dice: &mut Dice,
        product: Product,
    ) -> (Unit, Part) {
        let id = UnitId::of_label(&self.din, self.code);
        let last = (ours.given.with_timezone(&ZONE) + TimeDelta::days(self.days)).date_naive();
        let wall = last.and_hms_opt(23, 59, 0).expect("a time");
        let expires = Expiry::of_label(wall, ZONE);
        let released = ours.given + TimeDelta::hours(30);
        // Whatever is out of date was given or thrown away; nearly all was given, some days later.
        let out = released + TimeDelta::days(dice.below(self.days.unsigned_abs()) as i64);
        let patient = patients[dice.below(patients.len() as u64) as usize];
        let status = if out.min(expires.at) > now {
            Status::Available
        } else if dice.below(100) < 94 {
            Status::Issued { patient, at: out.min(expires.at), collected_by: "ward".into() }
        } else {
            Status::Discarded { reason: DiscardReason::Expired, at: expires.at }
        };
        let unit = Unit {
            id,
            din: self.din.clone(),
            product_code: self.code.into(),
            component: self.component,
            group: ours.group,
            phenotype: bloodbank::traits::Phenotype::Ordinary,
            expires,
            collected_at: Some(ours.given),
            received_at: released,
            volume: Some(Millilitres(280)),
            place: "Fridge 1, shelf B".into(),
            supplier: None,
            low_titre: false,
            site: "here".into(),
            status,
            quarantines: vec![],
            transit: None,
            moved_at: released,
            version: 2,
        };
        let part = Part {
            id,
            din: self.din,
            product_code: self.code.into(),
            product,
            attributes: Attributes::default(),
            group: Some(ours.group),
            volume: Millilitres(280),
            collected_at: ours.given,
            made_at: ours.given + TimeDelta::hours(4),
            expires,
            frozen_until: None,
            zone: ZONE,
            donations: self.of,
            parents: self.parents,
            whole_blood: Product::WholeBloodCpda1,
            state: PartState::Available,
        };
        (unit, part)
    }
}

fn given(db: &rusqlite::Connection, unit: &Unit, patient: PatientId, at: Instant, dice: &mut Dice) {
    let of = DispensationId(id(dice));
    let event = issue::Event::Issued {
        unit: unit.id,
        component: unit.component,
        patient,
        request: None,
        protocol: None,
        basis: Basis::NoCrossmatchNeeded,
        slip: None,
        collected_by: "ward".into(),
        anti_d_risk: false,
        at,
        recorded_at: None,
        against: vec![],
        by: None,
        site: None,
    };
    let state = issue::apply(None, of, &event)
        .and_then(|s| issue::apply(Some(s), of, &issue::Event::NotedUsed));
    let state = Care::Dispensation(Box::new(state.expect("issued")));
    put(db, Key::Care(CareKey::Dispensation(of)), &State::Care(state));
}

fn measure(backend: &Backend, made: &Made) {
    let timed = |name: &str, ask: &dyn Fn(usize) -> Value, times: usize| -> Vec<Duration> {
        (0..times)
            .map(|n| {
                let payload = ask(n);
                let begun = Watch::now();
                call(backend, name, payload);
                begun.elapsed()
            })
            .collect()
    };
    quantiles("stock board", timed("unit.board", &|_| json!({}), 50));
    let din = |n: usize| made.dins[n * 7_919 % made.dins.len()].clone();
    quantiles(
        "a bag by its whole number",
        timed("unit.list", &|n| json!({ "text": din(n), "limit": 50 }), 200),
    );
    quantiles(
        "bags by the end of their number (six digits)",
        timed("unit.list", &|n| json!({ "text": din(n)[7..], "limit": 50 }), 200),
    );
    quantiles(
        "bags by the beginning of their number",
        timed("unit.list", &|n| json!({ "text": din(n)[..11], "limit": 50 }), 200),
    );
    quantiles(
        "bags of one component, whatever became of them",
        timed("unit.list", &|_| json!({ "component": "plasma", "limit": 50 }), 50),
    );
    quantiles(
        "the last bags that were issued",
        timed("unit.list", &|_| json!({ "status": "issued", "limit": 50 }), 50),
    );
    let texts = ["achieng", "acheing", "kiprop iv", "mwangiko", "juma d", "ot", "lindgrenba h"];
    quantiles(
        "donor search",
        timed("donor.search", &|n| json!({ "text": texts[n % texts.len()], "limit": 20 }), 200),
    );
    let scanned: Vec<Duration> = made
        .free
        .iter()
        .take(200)
        .map(|(unit, din)| {
            let begun = Watch::now();
            call(backend, "scan.read", json!({ "text": format!("={din}00"), "typed": false }));
            let bag = json!({ "din": din, "productCode": "D1001V00", "group": { "abo": "O", "rhd": "positive" } });
            call(
                backend,
                "issue.gates",
                json!({
                    "unit": unit, "patient": made.patient, "bag": bag, "collectedBy": "ward 3",
                    "appearanceOk": true,
                }),
            );
            begun.elapsed()
        })
        .collect();
    quantiles("issue: from the scan of a bag to every gate's verdict", scanned);
    quantiles(
        "how much there is to do (asked by every page)",
        timed("tasks.count", &|_| json!({}), 50),
    );
    quantiles("the list of what is to do", timed("tasks.list", &|_| json!({}), 20));
    quantiles("what waits in the laboratory", timed("lab.board", &|_| json!({}), 20));
    quantiles(
        "look-back from a donor through a pool",
        timed("lookback.donor", &|_| json!({ "id": made.donor }), 10),
    );
    quantiles(
        "look-back from a pool to its donors and recipients",
        timed("lookback.unit", &|_| json!({ "id": made.pooled }), 10),
    );
}
