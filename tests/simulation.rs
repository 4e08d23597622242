//! The first proof (kernel.md 2.11): two workstations and one authority, in memory, through
//! thousands of random histories in which answers get lost, pushes come twice, pages come late, the
//! laboratory tells the authority about patients what nobody knew, and reactions take holds away. One seed, one history:
//! `SEED=17 cargo test -p acceptance --test simulation`.

use acceptance::exchange::{Exchange, Given, States};
use bloodbank::{Adopt, Command, Event as U, Fit, Status, Unit, fit};
use hospital::patient::{Command as P, Sex};
use kernel::{
    Abo, Actor, BloodGroup, Clock, CommandId, Component, ManualClock, PatientId, Rhd, Role,
    StaffId, TimeDelta, UnitId, of_micros,
};
use ledger::{Answer, Push, Standing, Verdict};
use records::{Body, Context, Event, Facts, Key, Records, Refused, State};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const HISTORIES: u64 = 10_000;
const UNITS: usize = 4;
const PATIENTS: usize = 3;
const SITES: [&str; 2] = ["clinic", "hospital"];

/// xorshift64*: small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
    fn below(&mut self, n: usize) -> usize {
        usize::try_from((self.next() >> 33) % (n as u64)).expect("below a small number")
    }
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Where a bag really is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    NotYet,
    Shelf(usize),
    Truck(usize),
    Given,
}

/// What the simulation remembers of a command: its own time, whose shelf it is about, for whom.
#[derive(Clone)]
struct Meta {
    now: kernel::Instant,
    policy: Arc<bloodbank::Policy>,
    site: usize,
    patient: Option<usize>,
}

struct World {
    dice: Dice,
    clock: ManualClock,
    exchange: Exchange<Meta>,
    bags: [Place; UNITS],
    /// Under the lease of the site that has it; the others are only ever asked for.
    leased: [bool; UNITS],
    issued: [u32; UNITS],
    /// The laboratory's numbers: it speaks to the authority directly.
    laboratory: u64,
    /// Requested issues that wait for a yes before the bag is handed over.
    asked: BTreeMap<CommandId, (usize, usize)>,
    /// For the sentence at the end: what the histories really exercised.
    seen: BTreeMap<&'static str, u64>,
}

const O_POS: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Positive };
const A_POS: BloodGroup = BloodGroup { abo: Abo::A, rhd: Rhd::Positive };

fn din(u: usize) -> String {
    format!("A9998261000{u:02}")
}
fn unit_id(u: usize) -> UnitId {
    UnitId::of_label(&din(u), "E0336V00")
}
fn key(u: usize) -> Key {
    Key::Unit(unit_id(u))
}
fn patient(p: usize) -> PatientId {
    format!("00000000-0000-7000-8000-00000000000{p}").parse().expect("an id")
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut world = Self {
            leased: std::array::from_fn(|u| u == 0 || !dice.one_in(3)),
            dice,
            clock: ManualClock::at(of_micros(1_800_000_000_000_000)),
            exchange: Exchange::default(),
            bags: [Place::NotYet; UNITS],
            issued: [0; UNITS],
            asked: BTreeMap::new(),
            laboratory: 0,
            seen: BTreeMap::new(),
        };
        world.adopt();
        for p in 0..PATIENTS {
            world.register(p);
        }
        world
    }

    /// A man of 40 of whom two samples say O positive; everybody knows him.
    fn register(&mut self, p: usize) {
        let new = P::Register {
            family: format!("Patient {p}"),
            given: String::new(),
            title: None,
            birth_date: "1986".parse().ok(),
            sex: Sex::Male,
            phone: None,
            national_id: None,
            hospital_number: format!("HS{p}"),
        };
        let group =
            |sample: &str| P::RecordGroup { group: O_POS, sample: sample.into(), anti_d: false };
        for command in [new, group("one"), group("two")] {
            self.tell_authority(p, command);
        }
        for s in 0..2 {
            self.pull(s, usize::MAX).expect("nothing is on its way yet");
        }
    }

    /// The laboratory records something about a patient, at the authority.
    fn tell_authority(&mut self, p: usize, command: P) {
        self.tell_it(Body::Patient { id: patient(p), command });
    }

    fn tell_it(&mut self, body: Body) {
        let id = CommandId(self.clock.new_uuid());
        let policy = law(self.exchange.authority.states(), self.clock.now());
        self.exchange
            .given
            .insert(id, Meta { now: self.clock.now(), policy, site: 0, patient: None });
        self.laboratory += 1;
        let push = Push {
            id,
            dseq: self.laboratory,
            keys: body.keys(),
            body,
            standing: Standing::Attested,
            after: vec![],
        };
        let answer = self.judge(2, &push).expect("a laboratory's word is never refused");
        assert!(answer.is_some_and(|a| a.verdict == Verdict::Applied));
    }

    /// The next version of the rules: half of them so urgent that they govern what is on its way.
    fn adopt(&mut self) {
        let versions = match self.exchange.authority.states().get(&Key::Policies) {
            Some(State::Policies(book)) => book.versions.len(),
            _ => 0,
        };
        let version = u32::try_from(versions).expect("few versions") + 1;
        let mut policy = bloodbank::Policy { version, ..bloodbank::Policy::who() };
        policy.hold_hours.value = 72 - version.min(71);
        let mut text = serde_json::to_value(&policy).expect("plain data");
        // Most of its size, and nothing that a unit is decided by.
        for part in ["rule_book", "care", "questionnaire"] {
            text.as_object_mut().expect("a policy").remove(part);
        }
        let text = text.to_string();
        let urgent = version > 1 && self.dice.one_in(2);
        let reason = "the committee".to_owned();
        self.tell_it(Body::Policies(Adopt { text, effective_at: None, reason, urgent }));
    }

    fn count(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn present(&self, s: usize, u: usize) -> Option<&Unit> {
        match self.exchange.stations[s].presents().get(&key(u)) {
            Some(State::Unit(unit)) => Some(unit),
            _ => None,
        }
    }

    /// On its own shelf, as far as this workstation knows.
    fn believes_here(&self, s: usize, u: usize) -> bool {
        self.present(s, u).is_some_and(|unit| unit.site == SITES[s] && unit.transit.is_none())
    }

    /// One command of one workstation; the answer the person gets at once.
    fn act(
        &mut self,
        s: usize,
        u: usize,
        command: Command,
        standing: Standing,
    ) -> Option<CommandId> {
        let about = match &command {
            Command::Reserve { patient: p, .. } | Command::Issue { patient: p, .. } => {
                (0..PATIENTS).find(|n| patient(*n) == *p)
            }
            _ => None,
        };
        // A request for the other's unit is about the other's shelf.
        let site = match (standing, self.present(s, u)) {
            (Standing::Requested, Some(unit)) => {
                SITES.iter().position(|site| *site == unit.site).unwrap_or(s)
            }
            _ => s,
        };
        self.act_on(s, site, about, Body::Unit { id: unit_id(u), command }, standing)
    }

    fn act_on(
        &mut self,
        s: usize,
        site: usize,
        about: Option<usize>,
        body: Body,
        standing: Standing,
    ) -> Option<CommandId> {
        let keys = body.keys();
        let id = CommandId(self.clock.new_uuid());
        let now = self.clock.now();
        let meta = Meta {
            now,
            policy: law(self.exchange.stations[s].presents(), now),
            site,
            patient: about,
        };
        // An issue waits for the reservation it was asked after.
        let after = self.exchange.stations[s]
            .pending()
            .iter()
            .filter(|p| standing == Standing::Requested && p.keys.iter().any(|k| keys.contains(k)))
            .map(|p| p.id)
            .collect();
        let told = self.exchange.act(s, id, body, standing, after, meta);
        told.is_ok().then_some(id)
    }

    fn step(&mut self) -> Result<(), String> {
        let (s, u, p) = (self.dice.below(2), self.dice.below(UNITS), self.dice.below(PATIENTS));
        self.clock.advance(TimeDelta::seconds(1 + self.dice.below(900) as i64));
        let leased = self.leased[u];
        let own = if leased { Standing::Final } else { Standing::Requested };
        match self.dice.below(17) {
            0 | 1 => {
                if let Some(u) = self.bags.iter().position(|b| *b == Place::NotYet) {
                    self.bags[u] = Place::Shelf(s);
                    self.receive(s, u);
                }
            }
            2..=4 if self.present(s, u).is_some() => {
                let here = self.believes_here(s, u);
                let standing = if here { own } else { Standing::Requested };
                let until = None;
                let command = Command::Reserve { patient: patient(p), until };
                if self.act(s, u, command, standing).is_some() {
                    self.count(if standing == Standing::Final { "reserved" } else { "asked for" });
                }
            }
            5 | 6 if self.believes_here(s, u) => {
                let reserved = match self.present(s, u).map(|unit| &unit.status) {
                    Some(Status::Reserved { patient: p, .. }) => Some(*p),
                    _ => None,
                };
                let to = reserved.filter(|_| !self.dice.one_in(4)).unwrap_or(patient(p));
                let command = Command::Issue {
                    patient: to,
                    collected_by: "ward".into(),
                    appearance_ok: true,
                };
                if let Some(id) = self.act(s, u, command, own) {
                    if leased {
                        self.hand_over(s, u)?;
                    } else {
                        self.asked.insert(id, (s, u));
                    }
                }
            }
            7 | 8 if leased && self.bags[u] == Place::Shelf(s) && self.believes_here(s, u) => {
                let site = SITES[1 - s].to_owned();
                if self.act(s, u, Command::SendTo { site }, Standing::Final).is_some() {
                    self.bags[u] = Place::Truck(1 - s);
                    self.count("sent");
                }
            }
            7..=10 => {
                if let Place::Truck(to) = self.bags[u] {
                    self.bags[u] = Place::Shelf(to);
                    if self.present(to, u).is_some() {
                        let site = SITES[to].to_owned();
                        self.act(to, u, Command::TakeIn { site }, Standing::Attested);
                        self.count("taken in");
                    } else {
                        // The bag overtook the news of it: its label names the same aggregate.
                        self.receive(to, u);
                        self.count("received at two sites");
                    }
                }
            }
            11 if self.present(s, u).is_some() => {
                let reason = "warm".to_owned();
                self.act(s, u, Command::Quarantine { reason }, Standing::Attested);
                self.count("quarantined");
            }
            12 => {
                let lifts = self.present(s, u).and_then(|unit| unit.quarantines.last());
                if let Some(lifts) = lifts.map(|q| q.cause) {
                    if self.believes_here(s, u) {
                        let reason = "looked at".to_owned();
                        self.act(s, u, Command::LiftQuarantine { reason, lifts }, own);
                    }
                } else if self.believes_here(s, u) {
                    self.act(s, u, Command::Release { reason: "not needed".into() }, own);
                }
            }
            13 if self.dice.one_in(3) => {
                let anti_d = self.dice.one_in(2);
                let group = if anti_d { O_POS } else { A_POS };
                let command = P::RecordGroup { group, sample: "late".into(), anti_d };
                // The laboratory tells the authority, or a person at a site writes it down.
                if self.dice.one_in(2) {
                    self.tell_authority(p, command);
                } else {
                    let body = Body::Patient { id: patient(p), command };
                    self.act_on(s, s, None, body, Standing::Attested);
                }
                self.count("late facts");
            }
            13 if self.dice.one_in(4) => self.clock.advance(TimeDelta::hours(25)),
            15 => {
                let other = (u + 1 + self.dice.below(UNITS - 1)) % UNITS;
                if self.believes_here(s, u) && self.believes_here(s, other) {
                    let parts = [u, other].map(|u| Body::Unit {
                        id: unit_id(u),
                        command: Command::Reserve { patient: patient(p), until: None },
                    });
                    let both = leased && self.leased[other];
                    let standing = if both { Standing::Final } else { Standing::Requested };
                    let body = Body::Together(parts.to_vec());
                    if self.act_on(s, s, Some(p), body, standing).is_some() {
                        self.count("two reserved together");
                    }
                }
            }
            16 if self.dice.one_in(4) => self.adopt(),
            13 | 14 => {
                let some = self.dice.below(6);
                self.push(s, some, true)?;
            }
            _ => {
                let some = self.dice.below(8);
                self.pull(s, some)?;
            }
        }
        Ok(())
    }

    fn receive(&mut self, s: usize, u: usize) {
        let command = Command::Receive {
            din: din(u),
            product_code: "E0336V00".into(),
            component: Component::RedCells,
            group: O_POS,
            phenotype: bloodbank::traits::Phenotype::Ordinary,
            expires_wall: "2027-03-01T23:59:00".parse().expect("a date"),
            zone: "Africa/Nairobi".parse().expect("a zone"),
            collected_at: None,
            volume: None,
            place: "Fridge".into(),
            supplier: None,
            low_titre: false,
        };
        self.act(s, u, command, Standing::Final);
    }

    /// The bag leaves the building.
    fn hand_over(&mut self, s: usize, u: usize) -> Result<(), String> {
        self.issued[u] += 1;
        if self.bags[u] != Place::Shelf(s) {
            return Err(format!("{} was issued at {} but is {:?}", din(u), SITES[s], self.bags[u]));
        }
        self.bags[u] = Place::Given;
        self.count("issued");
        (self.issued[u] == 1).then_some(()).ok_or_else(|| format!("{} was issued twice", din(u)))
    }

    /// Sends the first `some` unanswered commands, perhaps twice; answers may get lost.
    fn push(&mut self, s: usize, some: usize, lossy: bool) -> Result<(), String> {
        let commands = self.exchange.stations[s].push();
        let times = if lossy && self.dice.one_in(4) { 2 } else { 1 };
        for _ in 0..times {
            for push in commands.iter().take(some) {
                let Some(answer) = self.judge(s, push)? else { break };
                if lossy && self.dice.one_in(3) {
                    self.count("answers lost");
                } else {
                    self.exchange.inbox[s].push(answer);
                }
            }
        }
        Ok(())
    }

    fn judge(&mut self, s: usize, push: &Push<Records>) -> Result<Option<Answer<Refused>>, String> {
        let meta = self.exchange.given[&push.id].clone();
        let before = self.exchange.authority.log().len();
        let device = u32::try_from(s).expect("two devices");
        let Some(answer) = self.exchange.judge(device, push, self.clock.now()) else {
            return Ok(None);
        };
        if push.standing != Standing::Requested && !answer.verdict.took_effect() {
            return Err(format!("a {:?} command got {:?}", push.standing, answer.verdict));
        }
        if self.exchange.authority.log().len() == before {
            self.count("pushed again");
            return Ok(Some(answer));
        }
        if answer.verdict == Verdict::PolicyChanged {
            self.count("to be asked again under an urgent policy");
        } else if answer.verdict == Verdict::Applied
            && push.standing == Standing::Requested
            && matches!(push.body, Body::Unit { .. } | Body::Together(_))
            && let Some(State::Policies(book)) =
                self.exchange.authority.states().get(&Key::Policies)
            && let mut later = book.versions.iter().filter(|v| v.version > meta.policy.version)
            && later.any(|v| v.urgent)
        {
            return Err(format!(
                "{:?} was granted under a policy overtaken by an urgent one",
                push.id
            ));
        }
        for _ in &self.exchange.authority.log()[before + 1..] {
            *self.seen.entry("holds taken away").or_default() += 1;
        }
        let done = &self.exchange.authority.log()[before].events;
        if matches!(push.body, Body::Together(_)) && done.len() == 1 {
            return Err(format!("{:?} did only the half: {done:?}", push.id));
        }
        self.count(match answer.verdict {
            Verdict::Applied => "applied",
            Verdict::Incident(_) => "incidents",
            _ => "said no",
        });
        // Custody moves the lease with it.
        if let Body::Unit { command: Command::Receive { .. } | Command::TakeIn { .. }, .. } =
            push.body
        {
            let u = (0..UNITS).find(|u| push.keys == [key(*u)]).expect("one of ours");
            // Late news of a move that others have followed since moves nothing, nor the lease.
            let moved = match self.exchange.authority.states().get(&key(u)) {
                Some(State::Unit(unit)) => unit.arrived(SITES[s], meta.now),
                _ => false,
            };
            if self.leased[u] && moved {
                self.exchange.authority.grant(key(u), device);
            }
        }
        Ok(Some(answer))
    }

    /// Takes a page of the log, cut anywhere, and the answers that came.
    fn pull(&mut self, s: usize, some: usize) -> Result<(), String> {
        let answers = self.exchange.pull(s, some);
        for answer in &answers {
            if let Some((s, u)) = self.asked.remove(&answer.id)
                && answer.verdict == Verdict::Applied
            {
                self.hand_over(s, u)?;
            }
        }
        for u in 0..UNITS {
            let quarantines = self.present(s, u).map(|unit| &unit.quarantines[..]).unwrap_or(&[]);
            let causes: BTreeSet<_> = quarantines.iter().map(|q| q.cause).collect();
            if causes.len() != quarantines.len() {
                return Err(format!("{} shows one command's effect twice", din(u)));
            }
        }
        Ok(())
    }

    fn heal(&mut self) -> Result<(), String> {
        for _ in 0..3 {
            for s in 0..2 {
                self.push(s, usize::MAX, false)?;
            }
            for s in 0..2 {
                self.pull(s, usize::MAX)?;
            }
        }
        self.exchange.agrees()
    }

    /// Walks the whole log: at no number may one unit be promised or given to two.
    fn allocations(&self) -> Result<(), String> {
        for u in 0..UNITS {
            let mut held: Option<(PatientId, kernel::Instant)> = None;
            let mut given: Option<PatientId> = None;
            for entry in self.exchange.authority.log() {
                let now = self.exchange.given[&entry.cause].now;
                for (k, event) in &entry.events {
                    let (true, Event::Unit(event)) = (*k == key(u), event) else { continue };
                    let at = |what: &str| Err(format!("{} {what} at gseq {}", din(u), entry.gseq));
                    match event {
                        U::Reserved { patient, until } => {
                            if given.is_some()
                                || held.is_some_and(|(p, t)| p != *patient && t > now)
                            {
                                return at("has two live allocations");
                            }
                            held = Some((*patient, *until));
                        }
                        U::Issued { patient, .. } => {
                            if given.is_some() {
                                return at("is issued a second time");
                            }
                            if held.is_some_and(|(p, t)| p != *patient && t > now) {
                                return at("is issued while promised to another");
                            }
                            (held, given) = (None, Some(*patient));
                        }
                        // Each of these ends a hold.
                        U::Released { .. }
                        | U::HoldLapsed { .. }
                        | U::Quarantined { .. }
                        | U::Discarded { .. }
                        | U::Sent { .. }
                        | U::TakenIn { .. } => held = None,
                        U::TakenBack { .. } => (held, given) = (None, None),
                        U::Received { .. } | U::QuarantineLifted { .. } | U::Moved { .. } => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// The whole log, for the search of a broken promise.
    fn tell(&self) {
        for entry in self.exchange.authority.log() {
            let now = self.exchange.given[&entry.cause].now;
            eprintln!("{} {now} {:?}", entry.gseq, entry.events);
        }
    }

    /// Nobody is kept waiting for a unit that they may not be given.
    fn holds_fit(&self) -> Result<(), String> {
        let now = self.clock.now();
        for u in 0..UNITS {
            let Some(State::Unit(unit)) = self.exchange.authority.states().get(&key(u)) else {
                continue;
            };
            let Status::Reserved { patient, until } = unit.status else { continue };
            let p = (0..PATIENTS).find(|p| self::patient(*p) == patient).expect("one of ours");
            let policy = law(self.exchange.authority.states(), now);
            let meta = Meta { now, policy: policy.clone(), site: 0, patient: Some(p) };
            let facts =
                facts_of(self.exchange.authority.states(), &meta).unit.patient.expect("known");
            let stopped = fit(unit.component, unit.group, unit.low_titre, &facts, &policy)
                .iter()
                .any(|verdict| matches!(verdict.fit, Fit::Stop(_)));
            if until > now && stopped {
                return Err(format!("{} is held for somebody it does not fit", din(u)));
            }
        }
        Ok(())
    }

    /// The record says where the bag is.
    fn custody(&self) -> Result<(), String> {
        for u in 0..UNITS {
            let Some(State::Unit(unit)) = self.exchange.authority.states().get(&key(u)) else {
                continue;
            };
            let said = match (&unit.transit, unit.is_live()) {
                (_, false) => Place::Given,
                (Some(transit), _) => Place::Truck(usize::from(transit.to == SITES[1])),
                (None, _) => Place::Shelf(usize::from(unit.site == SITES[1])),
            };
            if said != self.bags[u] {
                return Err(format!("{} is {:?} and recorded {said:?}", din(u), self.bags[u]));
            }
        }
        Ok(())
    }
}

impl Given for Meta {
    fn facts(&self, _: &Body, states: &States) -> Facts {
        facts_of(states, self)
    }
    fn context(&self, id: CommandId) -> Context {
        context_of(id, self)
    }
}

fn facts_of(states: &BTreeMap<Key, State>, meta: &Meta) -> Facts {
    let mut facts = Facts::default();
    facts.unit.site = SITES[meta.site].to_owned();
    facts.patient.today = meta.now.date_naive();
    // The laboratory's two people are not what is tried here.
    facts.patient.second = true;
    facts.unit.patient = meta.patient.and_then(|p| match states.get(&Key::Patient(patient(p))) {
        Some(State::Patient(p)) => Some(records::patient_facts(p, meta.now.date_naive())),
        _ => None,
    });
    facts
}

/// The policy in force by what these aggregates say.
fn law(states: &BTreeMap<Key, State>, now: kernel::Instant) -> Arc<bloodbank::Policy> {
    let version = match states.get(&Key::Policies) {
        Some(State::Policies(book)) => book.in_force(now),
        _ => None,
    };
    // Read once, as the program does.
    thread_local! {
        static READ: RefCell<BTreeMap<Option<String>, Arc<bloodbank::Policy>>> = RefCell::default();
    }
    let read = || version.and_then(bloodbank::PolicyVersion::policy);
    let name = version.map(|v| v.hash.clone());
    READ.with_borrow_mut(|policies| {
        let policy = || Arc::new(read().unwrap_or_else(bloodbank::Policy::who));
        policies.entry(name).or_insert_with(policy).clone()
    })
}

fn context_of(id: CommandId, meta: &Meta) -> Context {
    let nobody = "00000000-0000-7000-8000-0000000000ff".parse::<StaffId>().expect("an id");
    Context {
        now: meta.now,
        later: None,
        by: id,
        actor: Actor { id: nobody, user: "amina".into(), role: Role::BloodBankScientist },
        overridden: vec![],
        duplicates_overridden: false,
        policy: meta.policy.clone(),
    }
}

fn history(seed: u64, seen: &mut BTreeMap<&'static str, u64>) -> Result<(), String> {
    let mut world = World::new(seed);
    let steps = 30 + world.dice.below(50);
    for _ in 0..steps {
        world.step()?;
    }
    world.heal()?;
    if std::env::var("SEED").is_ok() {
        world.tell();
    }
    world.allocations()?;
    world.custody()?;
    world.holds_fit()?;
    if !world.exchange.authority.jobs().is_empty() {
        return Err("a reaction went too far".into());
    }
    for (what, n) in world.seen {
        *seen.entry(what).or_default() += n;
    }
    Ok(())
}

#[test]
fn ten_thousand_histories_with_delays_losses_and_late_facts_break_no_promise() {
    let one = std::env::var("SEED").ok().map(|s| s.parse::<u64>().expect("SEED is a number"));
    let seeds = one.map_or(0..HISTORIES, |seed| seed..seed + 1);
    let mut seen = BTreeMap::new();
    let mut broken: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for seed in seeds {
        if let Err(what) = history(seed, &mut seen) {
            let kind = what.split_whitespace().skip(1).take(5).collect::<Vec<_>>().join(" ");
            eprintln!("SEED={seed}: {what}");
            broken.entry(kind).or_insert((seed, 0)).1 += 1;
        }
        if broken.values().map(|b| b.1).sum::<u64>() >= 50 {
            break;
        }
    }
    eprintln!("exercised: {seen:?}");
    assert!(broken.is_empty(), "first seed and number of each: {broken:?}");
    if one.is_none() {
        for (what, least) in [
            ("applied", 1_000),
            ("incidents", 1_000),
            ("said no", 1_000),
            ("pushed again", 1_000),
            ("answers lost", 1_000),
            ("issued", 1_000),
            ("received at two sites", 1_000),
            ("holds taken away", 500),
            ("two reserved together", 500),
            ("to be asked again under an urgent policy", 500),
        ] {
            assert!(seen.get(what).is_some_and(|n| *n > least), "{what} was hardly exercised");
        }
    }
}
