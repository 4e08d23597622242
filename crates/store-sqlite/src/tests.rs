//! The store through its own door: several aggregates at once, what follows by itself, versions.

use crate::{Outcome, Save, Store, Verdict, verify};
use bloodbank::{Command as U, Status};
use hospital::patient::{Command as P, Sex};
use kernel::{
    Abo, Actor, BloodGroup, Clock as _, CommandId, Component, ManualClock, PatientId, Rhd, Role,
    StaffId, TimeDelta, UnitId, of_micros,
};
use ledger::Standing;
use records::{Audit, Body, Context, Facts, Key, Refused, State};
use std::sync::Arc;

const O_POS: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Positive };
const A_POS: BloodGroup = BloodGroup { abo: Abo::A, rhd: Rhd::Positive };

struct Desk {
    _home: tempfile::TempDir,
    store: Store,
    clock: ManualClock,
    patient: PatientId,
}

fn label(n: u32) -> (String, UnitId) {
    let din = format!("A999826{n:06}");
    let id = UnitId::of_label(&din, "E0336V00");
    (din, id)
}

impl Desk {
    /// A store with one patient, O positive from two samples, and `units` bags of red cells.
    fn with(units: u32) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let store = Store::create(home.path(), &[7; 32]).expect("a store");
        let clock = ManualClock::at(of_micros(1_800_000_000_000_000));
        let patient = PatientId(clock.new_uuid());
        let mut desk = Self { _home: home, store, clock, patient };
        desk.does(Body::Policies(bloodbank::Adopt {
            text: records::first_policy().0,
            effective_at: None,
            reason: "the first".into(),
            urgent: false,
        }))
        .expect("adopted");
        desk.patient_does(P::Register {
            family: "Lovelace".into(),
            given: "Ada".into(),
            title: None,
            birth_date: "1960".parse().ok(),
            sex: Sex::Female,
            phone: None,
            national_id: None,
            hospital_number: "HS000001A".into(),
        });
        desk.group(O_POS, "one");
        desk.group(O_POS, "two");
        for n in 0..units {
            let (din, id) = label(n);
            let command = U::Receive {
                din,
                product_code: "E0336V00".into(),
                component: Component::RedCells,
                group: O_POS,
                phenotype: Default::default(),
                expires_wall: "2027-02-20T23:59:00".parse().expect("a date"),
                zone: chrono_tz::Africa::Nairobi,
                collected_at: None,
                volume: None,
                place: "Fridge".into(),
                supplier: None,
                low_titre: false,
            };
            desk.does(Body::Unit { id, command }).expect("received");
        }
        desk
    }

    fn context(&self) -> Context {
        Context {
            now: self.clock.now(),
            later: None,
            by: CommandId(self.clock.new_uuid()),
            actor: Actor {
                id: StaffId(uuid::Uuid::nil()),
                user: "amina".into(),
                role: Role::BloodBankScientist,
            },
            overridden: vec![],
            duplicates_overridden: false,
            policy: Arc::new(records::first_policy().1),
        }
    }

    fn does_after(&mut self, body: Body, after: &[CommandId]) -> Result<Vec<Key>, Refused> {
        self.clock.advance(TimeDelta::minutes(1));
        let context = self.context();
        let facts = self.facts();
        let save = Save {
            body: &body,
            facts: &facts,
            context: &context,
            standing: Standing::Requested,
            second: None,
            reason: None,
            after,
        };
        match self.store.save(&save, &self.clock).expect("the store works") {
            Outcome::Saved { moved, .. } => Ok(moved),
            Outcome::Refused(refused) => Err(refused),
        }
    }

    fn facts(&self) -> Facts {
        let today = self.clock.now().date_naive();
        let mut facts = Facts::default();
        facts.unit.site = "here".into();
        facts.patient.today = today;
        facts.patient.second = true;
        let patient = self.store.patient(self.patient).expect("reads");
        facts.unit.patient = patient.map(|patient| records::patient_facts(&patient, today));
        facts
    }

    /// Several commands in one transaction.
    fn does_all(&mut self, bodies: &[Body]) -> Result<Vec<Outcome>, crate::StoreError> {
        let (facts, contexts) = (self.facts(), bodies.iter().map(|_| self.context()));
        let contexts: Vec<Context> = contexts.collect();
        let save = |(body, context)| Save {
            body,
            facts: &facts,
            context,
            standing: Standing::Requested,
            second: None,
            reason: None,
            after: &[],
        };
        let saves: Vec<Save<'_>> = bodies.iter().zip(&contexts).map(save).collect();
        self.store.save_all(&saves, &self.clock)
    }

    fn does(&mut self, body: Body) -> Result<Vec<Key>, Refused> {
        self.does_after(body, &[])
    }

    fn patient_does(&mut self, command: P) -> Vec<Key> {
        let id = self.patient;
        self.does(Body::Patient { id, command }).expect("recorded")
    }

    fn group(&mut self, group: BloodGroup, sample: &str) -> Vec<Key> {
        self.patient_does(P::RecordGroup { group, sample: sample.into(), anti_d: false })
    }

    fn reserve(&self, n: u32) -> Body {
        let command = U::Reserve { patient: self.patient, until: None };
        Body::Unit { id: label(n).1, command }
    }

    fn status(&self, n: u32) -> Status {
        self.store.unit(label(n).1).expect("reads").expect("known").status
    }

    fn commands(&self) -> u64 {
        self.store.log_head().0
    }

    #[track_caller]
    fn is_whole(&self) {
        let proof = verify(&self.store, &[]).expect("verifies");
        assert_eq!(proof.verdict, Verdict::Whole, "{:?}", proof.findings);
    }
}

#[test]
fn a_command_decided_under_a_policy_that_nobody_adopted_is_told() {
    let mut desk = Desk::with(1);
    let mut context = desk.context();
    let lenient = bloodbank::Policy { version: 2, ..bloodbank::Policy::who() };
    let text = serde_json::to_string(&lenient).expect("encodes");
    context.policy = Arc::new(bloodbank::Policy { hash: records::policy_hash(&text), ..lenient });
    let body = Body::Audit(records::Audit::SignedOut);
    let save = Save {
        body: &body,
        facts: &Facts::default(),
        context: &context,
        standing: Standing::Attested,
        second: None,
        reason: None,
        after: &[],
    };
    desk.store.save(&save, &desk.clock).expect("saved");
    let proof = verify(&desk.store, &[]).expect("verifies");
    assert_eq!(proof.verdict, Verdict::Tampered);
    assert!(proof.findings.iter().any(|f| f.detail.contains("never adopted")));
}

#[test]
fn several_units_are_reserved_by_one_command_or_none_is() {
    let mut desk = Desk::with(3);
    let before = desk.commands();
    let all = Body::Together(vec![desk.reserve(2), desk.reserve(0), desk.reserve(1)]);
    let moved = desk.does(all).expect("reserved");
    assert_eq!(moved.len(), 3);
    assert_eq!(desk.commands(), before + 1, "one command, one receipt");
    for n in 0..3 {
        assert!(matches!(desk.status(n), Status::Reserved { .. }), "{n}");
    }
    let header: Vec<u8> = desk
        .store
        .db
        .query_row("SELECT header FROM command ORDER BY lseq DESC LIMIT 1", [], |r| r.get(0))
        .expect("a header");
    let header = ledger::Header::from_bytes(&header).expect("reads");
    assert_eq!(header.writes[0], Key::Unit(label(2).1).subject(), "the subject stands first");
    assert_eq!(header.seen.len(), 3);
    assert!(header.seen.iter().all(|(_, version)| *version == 1), "{:?}", header.seen);
    desk.is_whole();

    let mut desk = Desk::with(3);
    desk.does(desk.reserve(1)).expect("reserved");
    let before = desk.commands();
    let all = Body::Together(vec![desk.reserve(0), desk.reserve(1), desk.reserve(2)]);
    let Err(Refused::InPart { part, .. }) = desk.does(all) else { panic!("not refused") };
    assert_eq!(part, Key::Unit(label(1).1), "it says which one");
    assert_eq!(desk.commands(), before);
    assert_eq!(desk.status(0), Status::Available);
    assert_eq!(desk.status(2), Status::Available);
    desk.is_whole();
}

#[test]
fn a_later_part_sees_what_an_earlier_one_did() {
    let mut desk = Desk::with(1);
    let issue =
        U::Issue { patient: desk.patient, collected_by: "ward".into(), appearance_ok: true };
    let id = label(0).1;
    let both = vec![desk.reserve(0), Body::Unit { id, command: issue }];
    desk.does(Body::Together(both)).expect("reserved, then issued");
    assert!(matches!(desk.status(0), Status::Issued { .. }));
    assert_eq!(desk.store.unit(id).expect("reads").expect("known").version, 3);
    desk.is_whole();
    let mut desk = Desk::with(1);
    let twice = Body::Together(vec![desk.reserve(0), desk.reserve(0)]);
    assert!(desk.does(twice).is_err(), "the second finds it reserved");
}

#[test]
fn more_than_twenty_together_and_one_inside_another_are_refused() {
    let mut desk = Desk::with(21);
    let all = Body::Together((0..21).map(|n| desk.reserve(n)).collect());
    assert_eq!(desk.does(all), Err(Refused::TooManyWrites(21)));
    let inner = Body::Together(vec![Body::Together(vec![desk.reserve(0)])]);
    assert_eq!(desk.does(inner), Err(Refused::Mismatch));
    assert_eq!(desk.does(Body::Together(vec![])), Err(Refused::Mismatch));
    let twenty = Body::Together((0..20).map(|n| desk.reserve(n)).collect());
    assert_eq!(desk.does(twenty).map(|moved| moved.len()), Ok(20));
}

#[test]
fn several_commands_are_kept_all_or_none_also_when_the_power_fails_between_two_of_them() {
    let mut desk = Desk::with(25);
    let before = desk.commands();
    let group = |desk: &Desk, from: u32| {
        Body::Together((from..from + 5).map(|n| desk.reserve(n)).collect())
    };
    let all: Vec<Body> = (0..5).map(|n| group(&desk, n * 5)).collect();
    let free = |desk: &Desk| (0..25).all(|n| desk.status(n) == Status::Available);
    // Cut off before the third of five is written.
    let cut = format!(
        "CREATE TEMP TRIGGER power BEFORE INSERT ON command
          WHEN (SELECT count(*) FROM command) >= {} BEGIN SELECT RAISE(ABORT, 'cut'); END",
        before + 2
    );
    desk.store.db.execute_batch(&cut).expect("a trigger");
    assert!(desk.does_all(&all).is_err(), "the power failed");
    assert_eq!(desk.commands(), before);
    assert!(free(&desk), "nothing is half done");
    desk.is_whole();
    desk.store.db.execute_batch("DROP TRIGGER power").expect("gone");
    // A refusal of the fourth takes back the three before it.
    let mut torn = all.clone();
    torn[3] = desk.reserve(0);
    let outcomes = desk.does_all(&torn).expect("decided");
    assert!(matches!(outcomes[..], [Outcome::Refused(_)]), "{outcomes:?}");
    assert_eq!(desk.commands(), before);
    assert!(free(&desk));
    // The same again goes through.
    let outcomes = desk.does_all(&all).expect("saved");
    assert_eq!(outcomes.len(), 5);
    assert_eq!(desk.commands(), before + 5);
    assert!((0..25).all(|n| matches!(desk.status(n), Status::Reserved { .. })));
    desk.is_whole();
}

#[test]
fn what_depends_on_a_refused_command_is_refused_with_it() {
    let mut desk = Desk::with(2);
    let never = CommandId(desk.clock.new_uuid());
    assert_eq!(desk.does_after(desk.reserve(0), &[never]), Err(Refused::DependsOnRejected));
    let saved: [u8; 16] = desk
        .store
        .db
        .query_row("SELECT id FROM command ORDER BY lseq DESC LIMIT 1", [], |r| r.get(0))
        .expect("an id");
    let saved = CommandId(uuid::Uuid::from_bytes(saved));
    desk.does_after(desk.reserve(0), &[saved]).expect("what it needs is there");
    desk.is_whole();
}

#[test]
fn a_group_that_becomes_discrepant_takes_the_holds_away_in_the_same_transaction() {
    let mut desk = Desk::with(3);
    desk.does(Body::Together(vec![desk.reserve(0), desk.reserve(1)])).expect("reserved");
    let before = desk.commands();
    let moved = desk.group(A_POS, "three");
    assert_eq!(moved.len(), 3, "the patient and two units: {moved:?}");
    assert_eq!(desk.commands(), before + 3, "each hold goes by a command of its own");
    for n in 0..2 {
        assert_eq!(desk.status(n), Status::Available, "{n}");
    }
    let history = desk.store.history(Key::Unit(label(0).1)).expect("reads");
    let last = history.last().expect("an entry");
    assert_eq!(last.user, "system/release_unfit@1");
    let records::Event::Unit(bloodbank::Event::Released { reason, .. }) = &last.event else {
        panic!("{last:?}")
    };
    assert!(reason.contains("the recorded blood groups disagree"), "{reason}");
    desk.is_whole();
    // A second discrepancy finds nothing left to take away.
    let before = desk.commands();
    desk.group(A_POS, "four");
    assert_eq!(desk.commands(), before + 1);
}

#[test]
fn a_confirmation_that_changes_nothing_leaves_the_holds() {
    let mut desk = Desk::with(1);
    desk.does(desk.reserve(0)).expect("reserved");
    desk.group(O_POS, "three");
    assert!(matches!(desk.status(0), Status::Reserved { .. }));
}

#[test]
fn a_reaction_that_runs_twice_has_one_effect() {
    let mut desk = Desk::with(1);
    desk.does(desk.reserve(0)).expect("reserved");
    desk.group(A_POS, "three");
    let after = desk.commands();
    // The same cause again, as after a crash between two machines: same ids, nothing written.
    let history = desk.store.history(Key::Patient(desk.patient)).expect("reads");
    let cause = history.last().expect("the group");
    let held = match desk.store.get(Key::Unit(label(0).1)).expect("reads") {
        Some(State::Unit(unit)) => bloodbank::Unit {
            status: Status::Reserved { patient: desk.patient, until: of_micros(i64::MAX / 4) },
            ..*unit
        },
        other => panic!("{other:?}"),
    };
    let context = Context { by: cause.command, ..desk.context() };
    let patient = desk.store.patient(desk.patient).expect("reads").expect("known");
    let facts = records::patient_facts(&patient, context.now.date_naive());
    let known = |_| {
        Ok::<_, std::convert::Infallible>(records::Known {
            patient: Some(facts.clone()),
            held: vec![(held.clone(), bloodbank::traits::UnitTraits::default())],
            history: records::history_of(None, Some(&patient)),
            requests: vec![],
            recall: None,
            recalls: vec![],
            kin: vec![],
            records: vec![],
            donations: vec![],
            bags: vec![],
            waiting: vec![],
        })
    };
    let events = [(Key::Patient(desk.patient), cause.event.clone())];
    let Ok(due) = records::reactions::due(&context, &events, &known);
    assert_eq!(due.len(), 1, "it would be due again");
    assert!(desk.store.was_saved(due[0].context.by).expect("reads"), "and is known by its id");
    assert_eq!(desk.commands(), after);
}

#[test]
fn a_reaction_over_more_than_five_hundred_targets_is_refused_whole() {
    let mut desk = Desk::with(501);
    for from in (0..501).step_by(20) {
        let all = (from..(from + 20).min(501)).map(|n| desk.reserve(n)).collect();
        desk.does(Body::Together(all)).expect("reserved");
    }
    let before = desk.commands();
    let context = desk.context();
    let id = desk.patient;
    let command = P::RecordGroup { group: A_POS, sample: "three".into(), anti_d: false };
    let save = Save {
        body: &Body::Patient { id, command },
        facts: &Facts::default(),
        context: &context,
        standing: Standing::Requested,
        second: None,
        reason: None,
        after: &[],
    };
    let error = desk.store.save(&save, &desk.clock).expect_err("too far");
    assert!(matches!(error, crate::StoreError::TooFar(ledger::TooFar::Targets(501))), "{error}");
    assert_eq!(desk.commands(), before, "nothing was saved");
    assert!(matches!(desk.status(0), Status::Reserved { .. }));
    desk.is_whole();
}

#[test]
fn read_tables_of_another_release_are_made_again_from_the_states() {
    let mut desk = Desk::with(3);
    desk.does(desk.reserve(0)).expect("reserved");
    let listed = |store: &Store| {
        let units = store.units(&crate::UnitFilter { live_only: true, ..Default::default() });
        let found = store.search_patients("lovelase", 10).expect("reads");
        (units.expect("reads"), found)
    };
    let before = listed(&desk.store);
    assert_eq!((before.0.len(), before.1.1), (3, 1));
    // As a release that kept them in another way left them behind.
    let db = &desk.store.db;
    for table in crate::rows::TABLES {
        db.execute(&format!("DELETE FROM {table}"), []).expect("emptied");
    }
    let stale = "INSERT INTO patient_row (id, hospital_number, name) VALUES (x'00', 'X', 'Nobody')";
    db.execute(stale, []).expect("a row of nobody");
    db.execute("UPDATE meta SET value = x'00000000' WHERE key = 'rows_version'", []).expect("old");
    let home = desk._home.path().to_owned();
    desk.store = Store::open(&home, &[7; 32]).expect("opens");
    assert_eq!(listed(&desk.store), before);
    assert_eq!(desk.store.patient_count().expect("reads"), 1);
    desk.is_whole();
}

#[test]
fn a_file_or_a_link_that_does_not_belong_into_the_home_is_told() {
    let desk = Desk::with(1);
    let home = desk._home.path();
    let told = |name: &str| {
        let proof = crate::verify(&desk.store, &[]).expect("reads");
        assert_eq!(proof.verdict, crate::Verdict::Tampered, "{name}");
        assert!(proof.findings.iter().any(|f| f.what == name), "{name}: {:?}", proof.findings);
        std::fs::remove_file(home.join(name)).expect("removed");
        desk.is_whole();
    };
    // The name of the store in front does not make a file the store's.
    for name in ["notes.txt", "store.db.old", "store.db-copy", "head.old"] {
        std::fs::write(home.join(name), b"x").expect("written");
        told(name);
    }
    #[cfg(unix)]
    for name in ["link", "store.db-journal"] {
        std::os::unix::fs::symlink("/etc/hostname", home.join(name)).expect("linked");
        told(name);
    }
}

#[test]
fn time_goes_back_only_where_the_clock_was_confirmed() {
    let mut desk = Desk::with(1);
    let back = |desk: &mut Desk, by: TimeDelta, entry: Audit| {
        desk.clock.advance(-by);
        desk.does(Body::Audit(entry)).expect("written");
        desk.clock.advance(TimeDelta::minutes(1));
        desk.does(Body::Audit(Audit::SignedOut)).expect("written");
    };
    let last = desk.clock.now();
    let confirmed = || Audit::ClockConfirmed { last, reason: "battery replaced".into() };
    back(&mut desk, TimeDelta::days(3_650), confirmed());
    desk.is_whole();
    assert_eq!(
        desk.store.last_time().expect("reads"),
        Some(desk.clock.now()),
        "it goes on from there"
    );
    let proof = crate::verify(&desk.store, &[]).expect("reads");
    assert_eq!(proof.noticed[0].what, "clock_confirmed");

    back(&mut desk, TimeDelta::hours(1), Audit::SignedOut);
    let proof = crate::verify(&desk.store, &[]).expect("reads");
    assert_eq!(proof.verdict, crate::Verdict::Tampered);
    assert!(proof.findings[0].detail.contains("nobody confirmed"), "{:?}", proof.findings);
    assert_eq!(proof.findings.len(), 1, "{:?}", proof.findings);
}
