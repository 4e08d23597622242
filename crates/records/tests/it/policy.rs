//! A policy so urgent that it governs what is on its way (kernel.md 2.7).

use bloodbank::{Adopt, Command, Policy};
use kernel::{
    Abo, Actor, BloodGroup, CommandId, Component, Instant, PatientId, Rhd, Role, StaffId, UnitId,
    of_micros,
};
use ledger::{Answer, Authority, Push, Standing, Verdict};
use records::{Body, Context, Facts, Key, Later, Records, Refused, State};
use std::sync::Arc;
use uuid::Uuid;

const PATIENT: PatientId = PatientId(Uuid::from_u128(9));

fn at(minutes: i64) -> Instant {
    of_micros(1_790_000_000_000_000 + minutes * 60_000_000)
}

fn unit() -> UnitId {
    UnitId::of_label("A999826000001", "E0336V00")
}

fn policy(version: u32, hold_hours: u32) -> Policy {
    let mut policy = Policy { version, ..Policy::who() };
    policy.hold_hours.value = hold_hours;
    policy
}

fn late(recorded_at: Instant, of_entry: Policy) -> Later {
    let by = StaffId(Uuid::from_u128(2));
    Later { recorded_at, by, policy: Arc::new(of_entry), against_today: vec![] }
}

struct House {
    authority: Authority<Records>,
    sent: u64,
    /// What it tells of happened at its `now`, and is entered at this time.
    entered: Option<Instant>,
}

impl House {
    /// Version 1 is in force and one unit stands on the shelf.
    fn new() -> Self {
        let mut house = Self { authority: Authority::default(), sent: 0, entered: None };
        house.adopt(&policy(1, 72), false, None);
        let receive = Command::Receive {
            din: "A999826000001".into(),
            product_code: "E0336V00".into(),
            component: Component::RedCells,
            group: BloodGroup { abo: Abo::O, rhd: Rhd::Positive },
            phenotype: bloodbank::traits::Phenotype::Ordinary,
            expires_wall: "2026-11-01T23:59:00".parse().expect("a date"),
            zone: chrono_tz::UTC,
            collected_at: None,
            volume: None,
            place: "Fridge".into(),
            supplier: None,
            low_titre: false,
        };
        let body = Body::Unit { id: unit(), command: receive };
        assert_eq!(house.send(body, Standing::Final, 1, at(0), at(0)).verdict, Verdict::Applied);
        house
    }

    fn adopt(&mut self, policy: &Policy, urgent: bool, effective_at: Option<Instant>) {
        let text = serde_json::to_string(policy).expect("plain data");
        let ask = Adopt { text, effective_at, reason: "the committee".into(), urgent };
        let answer = self.send(Body::Policies(ask), Standing::Attested, 1, at(1), at(1));
        assert_eq!(answer.verdict, Verdict::Applied);
    }

    /// A command made at `now` under version `named`, which comes in at `received`.
    fn send(
        &mut self,
        body: Body,
        standing: Standing,
        named: u32,
        now: Instant,
        received: Instant,
    ) -> Answer<Refused> {
        self.sent += 1;
        let id = CommandId(Uuid::from_u128(u128::from(self.sent)));
        let nobody = StaffId(Uuid::from_u128(1));
        let context = Context {
            now,
            later: self.entered.map(|at| late(at, policy(named, 72))),
            by: id,
            actor: Actor { id: nobody, user: "amina".into(), role: Role::BloodBankScientist },
            overridden: vec![],
            duplicates_overridden: false,
            policy: Arc::new(policy(named, 72)),
        };
        let o_pos = BloodGroup { abo: Abo::O, rhd: Rhd::Positive };
        let mut facts = Facts::default();
        facts.unit.site = "here".into();
        facts.unit.patient = Some(bloodbank::PatientFacts {
            id: PATIENT,
            group: bloodbank::KnownGroup::Confirmed(o_pos),
            anti_d_ever: false,
            phenotype: bloodbank::traits::Phenotype::Ordinary,
            sex: bloodbank::Sex::Male,
            age_years: Some(40),
            deceased: false,
        });
        let (keys, after) = (body.keys(), vec![]);
        let push = Push { id, dseq: self.sent, keys, body, standing, after };
        self.authority.receive(1, &push, &facts, &context, received).expect("the next number")
    }

    fn reserve(&mut self, standing: Standing, received: Instant) -> Answer<Refused> {
        let command = Command::Reserve { patient: PATIENT, until: None };
        self.send(Body::Unit { id: unit(), command }, standing, 1, at(0), received)
    }

    fn held(&self) -> bool {
        let Some(State::Unit(unit)) = self.authority.states().get(&Key::Unit(unit())) else {
            return false;
        };
        matches!(unit.status, bloodbank::Status::Reserved { .. })
    }
}

#[test]
fn a_request_on_its_way_is_to_be_asked_again_under_an_urgent_policy() {
    let mut house = House::new();
    house.adopt(&policy(2, 24), true, None);
    assert_eq!(house.reserve(Standing::Requested, at(5)).verdict, Verdict::PolicyChanged);
    assert!(!house.held());
}

#[test]
fn a_policy_that_is_not_urgent_leaves_what_is_on_its_way_alone() {
    let mut house = House::new();
    house.adopt(&policy(2, 24), false, None);
    assert_eq!(house.reserve(Standing::Requested, at(5)).verdict, Verdict::Applied);
    assert!(house.held());
}

#[test]
fn an_urgent_policy_governs_nothing_before_its_hour() {
    let mut house = House::new();
    house.adopt(&policy(2, 24), true, Some(at(60)));
    assert_eq!(house.reserve(Standing::Requested, at(59)).verdict, Verdict::Applied);
    let mut house = House::new();
    house.adopt(&policy(2, 24), true, Some(at(60)));
    assert_eq!(house.reserve(Standing::Requested, at(60)).verdict, Verdict::PolicyChanged);
}

#[test]
fn a_later_version_that_is_not_urgent_does_not_hide_an_urgent_one() {
    let mut house = House::new();
    house.adopt(&policy(2, 24), true, None);
    house.adopt(&policy(3, 36), false, None);
    assert_eq!(house.reserve(Standing::Requested, at(5)).verdict, Verdict::PolicyChanged);
}

#[test]
fn what_no_policy_of_the_blood_bank_decides_is_not_overtaken() {
    let mut house = House::new();
    house.adopt(&policy(2, 24), true, None);
    let add = hospital::staff::Command::Add {
        user: "luis".into(),
        display_name: "Luis".into(),
        role: Role::Nurse,
    };
    let body = Body::Staff { id: StaffId(Uuid::from_u128(5)), command: add };
    assert_eq!(house.send(body, Standing::Requested, 1, at(0), at(5)).verdict, Verdict::Applied);
}

#[test]
fn what_happened_before_an_urgent_policy_was_in_force_is_not_overtaken_by_it_however_late_it_is_entered()
 {
    let mut house = House::new();
    house.adopt(&policy(2, 24), true, Some(at(60)));
    house.entered = Some(at(90));
    // It happened at 0 under version 1, and is asked again under that very version for ever.
    assert_eq!(house.reserve(Standing::Requested, at(95)).verdict, Verdict::Applied);
    // In force when it happened, and not known where it was entered.
    let mut house = House::new();
    house.adopt(&policy(2, 24), true, None);
    house.entered = Some(at(90));
    let command = Command::Reserve { patient: PATIENT, until: None };
    let body = Body::Unit { id: unit(), command };
    let answer = house.send(body, Standing::Requested, 1, at(5), at(95));
    assert_eq!(answer.verdict, Verdict::PolicyChanged);
}

#[test]
fn a_late_entry_is_judged_by_the_rules_of_its_day_and_can_be_asked_of_those_of_its_entry() {
    let nobody = StaffId(Uuid::from_u128(1));
    let named = |mut policy: Policy, hash: &str| {
        policy.hash = hash.to_owned();
        policy
    };
    let mut context = Context {
        now: at(0),
        later: Some(late(at(90), named(policy(2, 24), "b"))),
        by: CommandId(Uuid::from_u128(1)),
        actor: Actor { id: nobody, user: "amina".into(), role: Role::BloodBankScientist },
        overridden: vec![],
        duplicates_overridden: false,
        policy: Arc::new(named(policy(1, 72), "a")),
    };
    let today = context.by_the_entry().expect("another version");
    assert_eq!((context.policy.version, today.policy.version), (1, 2));
    assert_eq!((today.now, today.recorded_at()), (at(0), at(90)), "only the rules are others");
    assert_eq!(context.policy_of_entry().version, 2, "what begins with it is of today");
    context.later = Some(late(at(90), named(policy(1, 72), "a")));
    assert!(context.by_the_entry().is_none(), "nothing to compare");
    context.later = None;
    assert_eq!(context.policy_of_entry().version, 1);
}
