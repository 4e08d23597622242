//! Two sites of one service: who works there, what each of them does with blood, and what a decision may
//! know. The commands are those of the use cases of `app`, part for part; the facts are gathered from the
//! aggregates that a side has, as the program gathers them from its tables.

use acceptance::exchange::{Exchange, Given, States};
use bloodbank::care::{CareRule, Refusal, StaffFact};
use bloodbank::donation::{Block, Command as OfDonation, Donation, NumberCommand, SiteNumbers};
use bloodbank::donor::{
    Answer as Said, Answers, Command as OfDonor, Contact, Donor, Ends, Identity, Name, Past, Visit,
    Vitals, person, records_of,
};
use bloodbank::issue::{BagScan, Command as OfIssue, IssueAsk, Status as Way};
use bloodbank::lab::{
    self, Command as OfTests, Grade, Inspection, KitLot, Made, Outcome, Part, PartCommand,
    PartState, Product, Sheet, Stage, Tests,
};
use bloodbank::lookback::{self, Lineage as _, Recall, Target};
use bloodbank::profile::{DonationKind, Marker};
use bloodbank::request::{Command as OfRequest, Order, Urgency};
use bloodbank::transfer::{BoxReading, Command as OfBox, TransferSlip};
use bloodbank::{Args, Command as OfUnit, Policy, Sex, Status, Unit};
use hospital::patient::{Command as OfPatient, Sex as PatientSex};
use hospital::staff::Command as OfStaff;
use kernel::{
    Abo, Actor, BloodGroup, Clock as _, CommandId, Component, DispensationId, DonationId, DonorId,
    Instant, ManualClock, Millilitres, PatientId, RecallId, RequestId, Rhd, Role, RunId, SlipId,
    StaffId, TimeDelta, TransferId, UnitId,
};
use ledger::{Aggregates as _, DeviceKey, Push, Standing, Verdict, verify_signature};
use records::{
    Body, Care, CareBody, CareKey, Context, Dispense, Edges, Event, Facts, Key, Later, Records,
    Refused, RunRecord, Source, State,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// The hospital with the laboratory, and a clinic that is often offline.
pub const SITES: [&str; 2] = ["Lakeside", "Hill clinic"];
pub const HOSPITAL: usize = 0;
pub const CLINIC: usize = 1;
/// The device that speaks to the authority directly.
const SERVER: u32 = 2;
const PURPOSE: &[u8] = b"healthsync/transfer-slip/v1\0";
pub const RED_CELLS: &str = "D1001V00";
pub const PLASMA: &str = "D1003V00";
pub const PLATELETS: &str = "D1002V00";
pub const O_POS: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Positive };

pub fn zone() -> chrono_tz::Tz {
    chrono_tz::Africa::Nairobi
}
pub fn staff(n: u128) -> StaffId {
    StaffId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_5AFF_0000 + n))
}
pub fn patient(n: u128) -> PatientId {
    PatientId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0A11_0000 + n))
}
/// Two scientists at each site, and a physician.
const PEOPLE: [(&str, &str, Role); 5] = [
    ("amina", "Amina Otieno", Role::BloodBankScientist),
    ("luis", "Luis Marques", Role::BloodBankScientist),
    ("grace", "Grace Wafula", Role::BloodBankScientist),
    ("omar", "Omar Said", Role::BloodBankScientist),
    ("ferreira", "Dr Ferreira", Role::Physician),
];
pub const PHYSICIAN: usize = 4;

pub fn actor(n: usize) -> Actor {
    let (user, _, role) = PEOPLE[n];
    Actor { id: staff(n as u128), user: user.into(), role }
}
/// Whoever works at the bench of a site, and whoever works beside them.
pub fn at_bench(site: usize) -> (usize, usize) {
    (site * 2, site * 2 + 1)
}
fn key_of(site: usize) -> DeviceKey {
    DeviceKey::from_seed(&[u8::try_from(site).expect("two sites") + 1; 32])
}

/// What a command is given with.
#[derive(Clone)]
pub struct Act {
    pub now: Instant,
    pub later: Option<Later>,
    pub actor: Actor,
    pub second: Option<StaffId>,
    pub site: usize,
    pub over: Vec<CareRule>,
    pub duplicates: bool,
    /// The slip that was scanned, with its signature.
    pub slip: Option<(TransferSlip, [u8; 64])>,
    pub policy: Arc<Policy>,
}

impl Given for Act {
    fn facts(&self, body: &Body, states: &States) -> Facts {
        Knows { act: self, states }.of(body)
    }
    fn context(&self, id: CommandId) -> Context {
        Context {
            now: self.now,
            later: self.later.clone(),
            by: id,
            actor: self.actor.clone(),
            overridden: self.over.clone(),
            duplicates_overridden: self.duplicates,
            policy: self.policy.clone(),
        }
    }
}

/// One side's aggregates, as the use cases of the program read them.
struct Knows<'a> {
    act: &'a Act,
    states: &'a States,
}

pub fn unit(states: &States, id: UnitId) -> Option<&Unit> {
    Edges(states).unit(id)
}
pub fn donation(states: &States, id: DonationId) -> Option<&Donation> {
    match states.get(&Key::Donation(id)) {
        Some(State::Donation(donation)) => Some(donation),
        _ => None,
    }
}
pub fn donor(states: &States, id: DonorId) -> Option<&Donor> {
    match states.get(&Key::Donor(id)) {
        Some(State::Donor(donor)) => Some(donor),
        _ => None,
    }
}
pub fn recalls(states: &States) -> Vec<&Recall> {
    let of = |state| match state {
        &State::Care(Care::Recall(ref recall)) => Some(&**recall),
        _ => None,
    };
    states.values().filter_map(of).collect()
}
fn donors(states: &States) -> Vec<Donor> {
    let of = |state: &State| match state {
        State::Donor(donor) => Some((**donor).clone()),
        _ => None,
    };
    states.values().filter_map(of).collect()
}

impl Knows<'_> {
    fn of(&self, body: &Body) -> Facts {
        let mut facts = Facts::default();
        let site = SITES[self.act.site];
        site.clone_into(&mut facts.unit.site);
        site.clone_into(&mut facts.donor.site);
        facts.donor.zone = Some(zone());
        facts.donor.second = self.act.second;
        facts.patient.today = self.act.now.with_timezone(&zone()).date_naive();
        facts.patient.second = true;
        facts.lab.own_donation = true;
        facts.care.staff = self.staff();
        facts.care.record_intact = true;
        for part in body.parts() {
            self.part(part, &mut facts);
        }
        facts
    }

    fn staff(&self) -> Vec<StaffFact> {
        let of = |state: &State| match state {
            State::Staff(one) => {
                let physician = one.role == Role::Physician;
                let draws = one.role.may(kernel::Permission::DrawSamples);
                Some(StaffFact { id: one.id, active: one.active, physician, draws })
            }
            _ => None,
        };
        self.states.values().filter_map(of).collect()
    }

    fn part(&self, part: &Body, facts: &mut Facts) {
        match part {
            Body::Unit { id, command } => {
                self.bag(*id, facts);
                if let OfUnit::Reserve { patient, .. } | OfUnit::Issue { patient, .. } = command {
                    self.patient(*patient, facts);
                }
                if let OfUnit::Receive { din, .. } = command {
                    facts.lab.own_donation = self.states.contains_key(&Key::Part(*id))
                        || donation(self.states, DonationId::of_din(din)).is_some();
                }
            }
            Body::Donor { id, command } => {
                let all = donors(self.states);
                if let Some(donor) = donor(self.states, *id) {
                    facts.donor.others = records_of(donor, &all).into_iter().cloned().collect();
                }
                if let OfDonor::Register { identity, contact } = command {
                    let phone = contact.as_ref().and_then(|contact| contact.phone.as_deref());
                    facts.donor.similar = all
                        .iter()
                        .map(|known| records::candidate(identity, phone, known))
                        .collect();
                }
                if let OfDonor::SettleLikeness { other, .. } = command {
                    facts.donor.others.extend(donor(self.states, *other).cloned());
                }
            }
            Body::Tests { id, .. } => facts.lab.sources.extend(self.source(*id)),
            Body::Part { id, command } => {
                let part = Edges(self.states).part(*id);
                let of = part.map(|part| part.donations.clone()).unwrap_or_default();
                facts.lab.sources.extend(of.into_iter().filter_map(|id| self.source(id)));
                if matches!(command, PartCommand::Modify { .. }) {
                    facts.lab.treated.push(*id);
                }
                if matches!(command, PartCommand::Release { .. })
                    && let Some(part) = part
                    && self.recalled(*id, &part.din).is_some()
                {
                    facts.lab.held.push(*id);
                }
            }
            Body::Care(CareBody::Dispensation { command, .. }) => {
                let to = match &command.does {
                    OfIssue::Issue { ask } => Some(ask.patient),
                    _ => Edges(self.states)
                        .issues()
                        .find(|one| one.unit == command.unit)
                        .map(|one| one.patient),
                };
                self.counter(command.unit, to, facts);
            }
            Body::Care(CareBody::Transfusion { id, .. }) => {
                let of = Edges(self.states).issues().find(|one| one.id.0 == id.0);
                if let Some(issue) = of.cloned() {
                    self.counter(issue.unit, Some(issue.patient), facts);
                    facts.care.dispensation = Some(issue);
                }
            }
            Body::Care(CareBody::Transfer { command, .. }) => match &**command {
                OfBox::Pack { unit: id } => facts.care.unit = unit(self.states, *id).cloned(),
                OfBox::ScanIn { unit: id, slip, .. } => {
                    let genuine = self.act.slip.as_ref().is_some_and(|(known, signature)| {
                        let from = SITES.iter().position(|site| *site == known.from);
                        let bytes = known.signing_bytes();
                        known == slip
                            && from.is_some_and(|from| {
                                verify_signature(&key_of(from).public(), PURPOSE, &bytes, signature)
                            })
                    });
                    facts.care.unit = unit(self.states, *id).cloned();
                    facts.care.transfer_slip_genuine = genuine;
                    facts.unit.by_slip = genuine && slip.units.contains(id);
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// What `unit_facts` and the hold of a bag say.
    fn bag(&self, id: UnitId, facts: &mut Facts) {
        let Some(bag) = unit(self.states, id) else { return };
        let of_number = self.states.values().filter_map(|state| match state {
            State::Unit(other) if other.din == bag.din => bloodbank::Sibling::of(other),
            _ => None,
        });
        facts.unit.siblings.extend(of_number);
        if self.held(bag) {
            facts.lab.held.push(id);
        }
    }

    fn recalled(&self, id: UnitId, din: &str) -> Option<RecallId> {
        recalls(self.states).into_iter().find(|recall| recall.names(id, din)).map(|one| one.id)
    }

    /// A recall names it, or a donation in it is on hold or not clear any more.
    fn held(&self, bag: &Unit) -> bool {
        let edges = Edges(self.states);
        let mut of: Vec<DonationId> = lookback::ancestors(&edges, &[bag.id])
            .into_iter()
            .filter_map(|one| edges.donation_of(one))
            .collect();
        of.push(DonationId::of_din(&bag.din));
        self.recalled(bag.id, &bag.din).is_some()
            || of.into_iter().any(|id| {
                let unclear = match self.states.get(&Key::Tests(id)) {
                    Some(State::Tests(tests)) => tests.speaks_against(),
                    _ => false,
                };
                donation(self.states, id).is_some_and(|one| one.is_held() || unclear)
            })
    }

    fn patient(&self, id: PatientId, facts: &mut Facts) {
        if let Some(State::Patient(patient)) = self.states.get(&Key::Patient(id)) {
            facts.unit.patient = Some(records::patient_facts(patient, facts.patient.today));
        }
    }

    /// What `unit_care` gathers for the counter and the bedside.
    fn counter(&self, id: UnitId, to: Option<PatientId>, facts: &mut Facts) {
        self.bag(id, facts);
        let (Some(bag), Some(to)) = (unit(self.states, id), to) else { return };
        self.patient(to, facts);
        if let Some(State::Patient(patient)) = self.states.get(&Key::Patient(to)) {
            let stored = match self.states.get(&Key::Care(CareKey::History(to))) {
                Some(State::Care(Care::History(history))) => Some(&**history),
                _ => None,
            };
            facts.care.history = records::history_of(stored, Some(patient));
        }
        facts.care.recalled = self.recalled(bag.id, &bag.din);
        facts.care.unit = Some(bag.clone());
        let mut of_unit = Edges(self.states).issues().filter(|one| one.unit == id).cloned();
        let all: Vec<_> = of_unit.by_ref().collect();
        let out = all.iter().find(|one| one.status == Way::Out).or(all.first());
        facts.care.dispensation = out.cloned();
        facts.care.issues = all.clone();
        facts.care.request = self.states.values().find_map(|state| match state {
            State::Care(Care::Request(request))
                if request.patient == to
                    && request.component == bag.component
                    && request.status == bloodbank::request::Status::Open =>
            {
                Some((**request).clone())
            }
            _ => None,
        });
    }

    /// A donation with its tests and the person who gave it.
    fn source(&self, id: DonationId) -> Option<Source> {
        let donation = donation(self.states, id)?.clone();
        let tests = match self.states.get(&Key::Tests(id)) {
            Some(State::Tests(tests)) => tests.clone(),
            _ => Tests::none(id),
        };
        let donor = person(donor(self.states, donation.donor)?, &donors(self.states));
        Some(Source { donation, tests, donor })
    }
}

/// The rule and the values of a refusal, whichever part of a command it stopped.
pub fn why(refused: &Refused) -> (Option<CareRule>, Args) {
    match refused {
        Refused::InPart { why: inner, .. } => why(inner),
        Refused::Care(Refusal::HardStop { rule, args }) => (Some(*rule), args.clone()),
        Refused::Unit(bloodbank::Refused::HardStop { rule, args }) => {
            (Some(CareRule::Unit(*rule)), args.clone())
        }
        _ => (None, Args::new()),
    }
}

pub struct House {
    pub exchange: Exchange<Act>,
    pub clock: ManualClock,
    pub policy: Arc<Policy>,
    /// The lease of a bag goes with its custody; without, every bag is asked for at the server.
    pub leases: bool,
    server: u64,
}

impl House {
    /// Everybody works, both sites hold their numbers, and each of three patients is O positive by two
    /// samples. All of it is known everywhere.
    pub fn new() -> Self {
        let mut house = Self {
            exchange: Exchange::default(),
            clock: ManualClock::at("2026-11-20T05:00:00Z".parse().expect("a time")),
            policy: Arc::new(records::first_policy().1),
            leases: true,
            server: 0,
        };
        for (n, (user, name, role)) in PEOPLE.into_iter().enumerate() {
            let command = OfStaff::Add { user: user.into(), display_name: name.into(), role };
            house.server(HOSPITAL, Body::Staff { id: staff(n as u128), command });
        }
        for n in 1..=3 {
            let register = OfPatient::Register {
                family: format!("Patient {n}"),
                given: String::new(),
                title: None,
                birth_date: "1986".parse().ok(),
                sex: PatientSex::Male,
                phone: None,
                national_id: None,
                hospital_number: format!("HS{n}"),
            };
            let group = |sample: &str| OfPatient::RecordGroup {
                group: O_POS,
                sample: format!("{sample}{n}"),
                anti_d: false,
            };
            for command in [register, group("one"), group("two")] {
                house.server(HOSPITAL, Body::Patient { id: patient(n), command });
            }
        }
        house.pull();
        for (site, first) in [(HOSPITAL, 1), (CLINIC, 500)] {
            let fin = "A9998".to_owned();
            let (year, last, name) = (26, first + 400, SITES[site].to_owned());
            let block = Block { fin, year, first, last, site: name };
            house.must(site, Body::Numbers(NumberCommand::Hold { block }));
        }
        house.sync(&[HOSPITAL, CLINIC]);
        house
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }
    pub fn wait(&self, minutes: i64) {
        self.clock.advance(TimeDelta::minutes(minutes));
    }
    pub fn new_id(&self) -> Uuid {
        self.clock.new_uuid()
    }
    /// What a workstation shows.
    pub fn at(&self, site: usize) -> &States {
        self.exchange.stations[site].presents()
    }
    pub fn states(&self) -> &States {
        self.exchange.authority.states()
    }
    pub fn unit(&self, site: usize, id: UnitId) -> &Unit {
        unit(self.at(site), id).expect("known here")
    }

    /// By the first of a site's bench, with the second beside them.
    pub fn act(&self, site: usize) -> Act {
        let (first, second) = at_bench(site);
        Act {
            now: self.now(),
            later: None,
            actor: actor(first),
            second: Some(staff(second as u128)),
            site,
            over: vec![],
            duplicates: false,
            slip: None,
            policy: self.policy.clone(),
        }
    }
    /// The same by the second, with the first beside them.
    pub fn other(&self, site: usize) -> Act {
        let (first, second) = at_bench(site);
        Act { actor: actor(second), second: Some(staff(first as u128)), ..self.act(site) }
    }

    /// Final where the site holds every bag that it writes; what restricts, or happened by a slip, is said;
    /// everything else is asked for.
    fn standing(&self, station: usize, body: &Body, act: &Act) -> Standing {
        if act.later.is_some() {
            return Standing::Attested;
        }
        let custody = |key: &Key| match key {
            Key::Unit(id) => unit(self.at(station), *id).is_none_or(|bag| {
                bag.site == SITES[act.site] && bag.transit.is_none() && self.leases
            }),
            _ => true,
        };
        let said = |part: &Body| match part {
            Body::Unit { command, .. } => {
                matches!(command, OfUnit::Quarantine { .. } | OfUnit::TakeIn { .. })
            }
            _ => true,
        };
        if body.keys().iter().all(custody) {
            Standing::Final
        } else if body.parts().iter().all(said)
            && !body.parts().iter().any(|p| matches!(p, Body::Care(CareBody::Dispensation { .. })))
        {
            Standing::Attested
        } else {
            Standing::Requested
        }
    }

    /// One command at a workstation.
    pub fn give(&mut self, station: usize, act: Act, body: Body) -> Result<CommandId, Refused> {
        let (id, standing) = (CommandId(self.new_id()), self.standing(station, &body, &act));
        // The program asks before it saves, also what a person only says.
        let (facts, states) = (act.facts(&body, self.at(station)), self.at(station));
        let read = body.keys().into_iter().map(|key| (key, states.get(&key).cloned())).collect();
        Records::decide(&read, &facts, &body, &act.context(id))?;
        self.exchange.act(station, id, body, standing, vec![], act)?;
        Ok(id)
    }
    /// One that nothing stands against.
    pub fn must(&mut self, site: usize, body: Body) -> CommandId {
        let act = self.act(site);
        self.give(site, act, body).expect("nothing stands against it")
    }

    /// One command that is entered at the server.
    pub fn server(&mut self, site: usize, body: Body) -> CommandId {
        let act = self.act(site);
        self.server_by(act, body)
    }
    pub fn server_by(&mut self, act: Act, body: Body) -> CommandId {
        let id = CommandId(self.new_id());
        self.exchange.given.insert(id, act);
        self.server += 1;
        let push = Push {
            id,
            dseq: self.server,
            keys: body.keys(),
            body,
            standing: Standing::Attested,
            after: vec![],
        };
        let answer = self.exchange.judge(SERVER, &push, self.now()).expect("in order");
        assert_eq!(answer.verdict, Verdict::Applied, "{:?}", push.body);
        id
    }

    /// Sends what a workstation has not sent; the verdicts, in order.
    pub fn push(&mut self, station: usize) -> Vec<(CommandId, Verdict<Refused>)> {
        let mut verdicts = vec![];
        for push in self.exchange.stations[station].push() {
            let before = self.exchange.authority.log().len();
            let device = u32::try_from(station).expect("two workstations");
            let answer = self.exchange.judge(device, &push, self.now()).expect("in order");
            verdicts.push((push.id, answer.verdict.clone()));
            self.exchange.inbox[station].push(answer);
            if self.leases {
                self.move_leases(before);
            }
        }
        verdicts
    }
    /// Custody moves the lease with it.
    fn move_leases(&mut self, before: usize) {
        use bloodbank::Event as E;
        let mut arrived = vec![];
        for (key, event) in self.exchange.authority.log()[before..].iter().flat_map(|l| &l.events) {
            if let (
                Key::Unit(id),
                Event::Unit(E::Received { site, at, .. } | E::TakenIn { site, at }),
            ) = (key, event)
                && unit(self.states(), *id).is_some_and(|bag| bag.arrived(site, *at))
            {
                let device = SITES.iter().position(|one| one == site).expect("one of ours");
                arrived.push((*key, u32::try_from(device).expect("two")));
            }
        }
        for (key, device) in arrived {
            self.exchange.authority.grant(key, device);
        }
    }
    pub fn pull(&mut self) {
        for station in [HOSPITAL, CLINIC] {
            self.exchange.pull(station, usize::MAX);
        }
    }
    /// Both sites come online, in this order, and hear of each other; the verdicts on what they had done.
    pub fn sync(&mut self, order: &[usize]) -> BTreeMap<CommandId, Verdict<Refused>> {
        let mut verdicts = BTreeMap::new();
        for station in order {
            verdicts.extend(self.push(*station));
        }
        self.pull();
        assert_eq!(self.exchange.agrees(), Ok(()));
        assert!(self.exchange.authority.jobs().is_empty(), "a reaction went too far");
        verdicts
    }
}

// The donor's side.
impl House {
    pub fn identity(family: &str, given: &str, born: &str) -> Identity {
        Identity {
            number: format!("DN-{family}"),
            name: Name { family: family.into(), given: given.into() },
            born: Some(born.parse().expect("a day")),
            sex: Sex::Male,
            papers: vec![],
            photo: None,
        }
    }
    pub fn contact(phone: &str) -> Contact {
        Contact { phone: Some(phone.into()), email: None, area: None, language: None }
    }
    pub fn registration(&self, id: DonorId, identity: Identity, contact: Contact) -> Body {
        let consent = OfDonor::Consent { text: "donation".into(), text_version: 1, guardian: None };
        Body::Together(vec![
            Body::Donor { id, command: OfDonor::Register { identity, contact: Some(contact) } },
            Body::Donor { id, command: consent },
        ])
    }
    pub fn register(&mut self, site: usize, family: &str) -> DonorId {
        let id = DonorId(self.new_id());
        let identity = Self::identity(family, "Peter", "1990-05-17");
        let body = self.registration(id, identity, Self::contact(family));
        self.must(site, body);
        id
    }

    /// Asked, measured, bled. The number comes from the site's own block.
    pub fn bleed(&mut self, site: usize, donor: DonorId) -> DonationId {
        let well =
            |q: &bloodbank::donor::Question| (q.id.clone(), Said { yes: !q.when, when: None });
        let answers: Answers = self.policy.questionnaire.questions.iter().map(well).collect();
        let visit = Visit {
            kind: DonationKind::WholeBlood,
            bag: Some(Millilitres(450)),
            identity_shown: true,
            vitals: Vitals {
                weight: Some(720),
                height: Some(175),
                haemoglobin: Some(148),
                systolic: Some(120),
                diastolic: Some(76),
                pulse: Some(70),
                temperature: Some(367),
                platelets: Some(220),
            },
            answers,
        };
        self.must(site, Body::Donor { id: donor, command: OfDonor::Screen { visit } });
        let today = self.now().with_timezone(&zone()).date_naive();
        let numbers: SiteNumbers = match self.at(site).get(&Key::Numbers) {
            Some(State::Numbers(numbers)) => numbers.of(SITES[site]),
            _ => panic!("no numbers"),
        };
        let din = numbers.next(today).expect("numbers are left").as_str().to_owned();
        let id = DonationId::of_din(&din);
        let kind = DonationKind::WholeBlood;
        let past = Past {
            donation: id,
            kind,
            on: today,
            red_cells_returned: None,
            volume: None,
            elsewhere: None,
        };
        let bag = Some("triple-450".to_owned());
        let begin = OfDonation::Begin { din: din.clone(), donor, donation: kind, bag };
        self.must(
            site,
            Body::Together(vec![
                Body::Donation { id, command: begin },
                Body::Numbers(NumberCommand::Use { din }),
                Body::Donor { id: donor, command: OfDonor::RecordDonation { past: past.clone() } },
            ]),
        );
        self.wait(8);
        let end =
            OfDonation::End { at: self.now(), volume: Millilitres(450), red_cells_returned: None };
        let past = Past { volume: Some(Millilitres(450)), ..past };
        self.must(
            site,
            Body::Together(vec![
                Body::Donation { id, command: end },
                Body::Donor { id: donor, command: OfDonor::RecordDonation { past } },
            ]),
        );
        id
    }

    /// Divided into red cells, platelets and plasma: the three, in this order.
    pub fn divide(&mut self, site: usize, of: DonationId) -> [UnitId; 3] {
        self.wait(30);
        let din = donation(self.at(site), of).expect("known").din.clone();
        let at = self.now();
        let set = [
            (Product::RedCellsAdditive, RED_CELLS, 290),
            (Product::Platelets, PLATELETS, 60),
            (Product::FreshFrozenPlasma, PLASMA, 200),
        ];
        let made: Vec<Made> = set
            .into_iter()
            .map(|(product, code, volume)| Made {
                product,
                product_code: code.into(),
                volume: Millilitres(volume),
                at,
            })
            .collect();
        let ids = set.map(|(_, code, _)| UnitId::of_label(&din, code));
        let parts = ids.iter().map(|id| {
            let command = PartCommand::Make { made: made.clone() };
            Body::Part { id: *id, command }
        });
        let add = OfDonation::AddParts { parts: ids.to_vec() };
        let body = parts.chain([Body::Donation { id: of, command: add }]).collect();
        self.must(site, Body::Together(body));
        ids
    }

    /// One run with one result; the entry's name.
    pub fn run_of(
        &self,
        of: DonationId,
        marker: Marker,
        stage: Stage,
        outcome: Outcome,
    ) -> Vec<Body> {
        let id = RunId(self.new_id());
        let kit = KitLot {
            kit: "Elisa".into(),
            lot: "L1".into(),
            expires: "2027-06-30".parse().expect("a day"),
        };
        let record = RunRecord { marker, kit, positive_control: true, negative_control: true };
        let command = OfTests::EnterResult { marker, stage, run: id, outcome };
        vec![Body::Run { id, record }, Body::Tests { id: of, command }]
    }

    /// Typed twice and tested for everything by one, verified by the other.
    pub fn test(&mut self, site: usize, of: DonationId) {
        let mut entries = vec![];
        for lot in ["A1", "B2"] {
            let sheet = Sheet {
                anti_a: Grade::Negative,
                anti_b: Grade::Negative,
                anti_d: Grade::Positive,
                control: Grade::Negative,
                a_cells: Grade::Positive,
                b_cells: Grade::Positive,
            };
            let command = OfTests::EnterTyping { method: "tube".into(), lot: lot.into(), sheet };
            let entry = self.must(site, Body::Tests { id: of, command });
            entries.push(OfTests::VerifyTyping { entry });
        }
        for marker in [Marker::Hiv, Marker::Hbv, Marker::Hcv, Marker::Syphilis] {
            let run = self.run_of(of, marker, Stage::Initial, Outcome::NonReactive);
            let entry = self.must(site, Body::Together(run));
            entries.push(OfTests::VerifyResult { entry });
        }
        let parts = entries.into_iter().map(|command| Body::Tests { id: of, command }).collect();
        let by_other = self.other(site);
        self.give(site, by_other, Body::Together(parts)).expect("verified");
    }

    /// Released by two, onto the shelf.
    pub fn release(
        &mut self,
        site: usize,
        of: DonationId,
        id: UnitId,
    ) -> Result<CommandId, Refused> {
        let part = Edges(self.at(site)).part(id).expect("made").clone();
        let released = Part { state: PartState::Available, group: Some(O_POS), ..part };
        let receive = lab::receipt(&released, "Fridge", false, Default::default())
            .expect("a bag of the stock");
        let inspection = Inspection { looks_right: true, weighs_right: true };
        let release = PartCommand::Release { inspection, label_verified: true };
        let giver = donation(self.at(site), of).expect("known").donor;
        let known = donor(self.at(site), giver).expect("known");
        let mut parts =
            vec![Body::Part { id, command: release }, Body::Unit { id, command: receive }];
        if !known.groups.iter().any(|found| found.donation == Some(of)) {
            let command = OfDonor::RecordGroup { group: O_POS, donation: Some(of) };
            parts.push(Body::Donor { id: giver, command });
        }
        let act = self.act(site);
        self.give(site, act, Body::Together(parts))
    }

    /// A donation with its three bags on the shelf of the site.
    pub fn stocked(&mut self, site: usize, donor: DonorId) -> (DonationId, [UnitId; 3]) {
        let of = self.bleed(site, donor);
        let bags = self.divide(site, of);
        self.test(site, of);
        for bag in bags {
            self.release(site, of, bag).expect("nothing stands against it");
        }
        (of, bags)
    }

    /// A reactive result is entered at the server: the donor is deferred, and what lies on shelves is held.
    pub fn reactive(&mut self, of: DonationId, marker: Marker, stage: Stage) -> CommandId {
        let mut parts = self.run_of(of, marker, stage, Outcome::Reactive);
        let giver = donation(self.states(), of).expect("known").donor;
        let known = donor(self.states(), giver).expect("known");
        if !known.deferrals.iter().any(|one| one.code == "test_under_review") {
            parts.push(deferred(giver, "test_under_review", Ends::WhenLifted));
        }
        let edges = Edges(self.states());
        for bag in lookback::descendants(&edges, &edges.units_of(of)) {
            if unit(self.states(), bag).is_some_and(|u| u.is_live() && u.quarantines.is_empty()) {
                let reason = "The donation is on hold".to_owned();
                parts.push(Body::Unit { id: bag, command: OfUnit::Quarantine { reason } });
            }
        }
        self.server(HOSPITAL, Body::Together(parts))
    }
    /// Somebody else verifies both, at the server: it is confirmed, and everything that came of the
    /// donation is recalled.
    pub fn confirm(&mut self, of: DonationId, entries: &[CommandId], code: &str) -> RecallId {
        let (recall, giver) =
            (RecallId(self.new_id()), donation(self.states(), of).expect("known").donor);
        let verify = |entry: &CommandId| {
            let command = OfTests::VerifyResult { entry: *entry };
            Body::Tests { id: of, command }
        };
        let mut parts: Vec<Body> = entries.iter().map(verify).collect();
        let reason = bloodbank::donation::HoldReason::Reactive;
        parts.push(Body::Donation { id: of, command: OfDonation::Hold { reason } });
        let reason =
            format!("look-back of donation {}", donation(self.states(), of).expect("known").din);
        let targets = targets_of(self.states(), &[of]);
        let open = lookback::Command::Open { reason, targets };
        parts.push(Body::Care(CareBody::Recall { id: recall, command: Box::new(open) }));
        parts.push(deferred(giver, code, Ends::Never));
        let act = self.other(HOSPITAL);
        self.server_by(act, Body::Together(parts));
        recall
    }
}

fn deferred(donor: DonorId, code: &str, ends: Ends) -> Body {
    let (code, reason) = (code.to_owned(), "after a test".to_owned());
    let command = OfDonor::DeferUntil { code, ends, only: vec![], reason };
    Body::Donor { id: donor, command }
}

/// The bags of these donations and of their pools, as one side knows them.
pub fn targets_of(states: &States, donations: &[DonationId]) -> Vec<Target> {
    let edges = Edges(states);
    let all = lookback::concerned(&edges, donations);
    all.into_iter().filter_map(|bag| edges.target(bag)).collect()
}

// Boxes, requests and the counter.
impl House {
    /// A box leaves; its slip, signed by the site.
    pub fn send(&mut self, from: usize, to: usize, bags: &[UnitId]) -> (TransferSlip, [u8; 64]) {
        let id = TransferId(self.new_id());
        let body =
            |command: OfBox| Body::Care(CareBody::Transfer { id, command: Box::new(command) });
        let component = self.unit(from, bags[0]).component;
        let (from_name, to_name) = (SITES[from].to_owned(), SITES[to].to_owned());
        self.must(from, body(OfBox::Begin { from: from_name, to: to_name.clone(), component }));
        for bag in bags {
            self.must(from, body(OfBox::Pack { unit: *bag }));
        }
        let (slip, reading) = (SlipId(self.new_id()), self.cool(component));
        let mut parts = vec![body(OfBox::ScanOut { slip, reading })];
        parts.extend(bags.iter().map(|bag| {
            let command = OfUnit::SendTo { site: to_name.clone() };
            Body::Unit { id: *bag, command }
        }));
        self.must(from, Body::Together(parts));
        let slip = match self.at(from).get(&Key::Care(CareKey::Transfer(id))) {
            Some(State::Care(Care::Transfer(one))) => one.slip.clone().expect("it has left"),
            _ => panic!("no box"),
        };
        let signature = key_of(from).sign(PURPOSE, &slip.signing_bytes());
        (slip, signature)
    }
    fn cool(&self, component: Component) -> BoxReading {
        let tenths = match component {
            Component::Platelets => 220,
            Component::Plasma | Component::Cryoprecipitate => -250,
            Component::RedCells | Component::WholeBlood => 40,
        };
        BoxReading { at: self.now(), tenths }
    }
    /// One bag is taken out of the box by its slip. `label` is what stands on a bag of which this site has
    /// never heard.
    pub fn scan_in(
        &mut self,
        site: usize,
        bag: UnitId,
        (slip, signature): &(TransferSlip, [u8; 64]),
        label: Option<&Unit>,
    ) -> Result<CommandId, Refused> {
        let reading = self.cool(slip.component);
        let command = OfBox::ScanIn { unit: bag, slip: slip.clone(), reading };
        let id = slip.transfer;
        let mut parts = vec![Body::Care(CareBody::Transfer { id, command: Box::new(command) })];
        let moved = match (unit(self.at(site), bag), label) {
            (None, Some(label)) => OfUnit::Receive {
                din: label.din.clone(),
                product_code: label.product_code.clone(),
                component: label.component,
                group: label.group,
                phenotype: bloodbank::traits::Phenotype::Ordinary,
                expires_wall: label.expires.wall,
                zone: label.expires.zone,
                collected_at: None,
                volume: label.volume,
                place: "Fridge".into(),
                supplier: Some(slip.from.clone()),
                low_titre: false,
            },
            _ => OfUnit::TakeIn { site: slip.to.clone() },
        };
        parts.push(Body::Unit { id: bag, command: moved });
        let act = Act { slip: Some((slip.clone(), *signature)), ..self.act(site) };
        self.give(site, act, Body::Together(parts))
    }
    /// Bags go from the hospital to the clinic, and everybody knows.
    pub fn send_to_clinic(&mut self, bags: &[UnitId]) {
        for bag in bags {
            let slip = self.send(HOSPITAL, CLINIC, &[*bag]);
            self.sync(&[HOSPITAL, CLINIC]);
            self.wait(30);
            self.scan_in(CLINIC, *bag, &slip, None).expect("taken in");
            self.sync(&[CLINIC, HOSPITAL]);
        }
    }

    /// The physician asks for one bag.
    pub fn request(&mut self, site: usize, of: PatientId, component: Component) -> RequestId {
        let id = RequestId(self.new_id());
        let order = Order {
            patient: of,
            component,
            count: 1,
            urgency: Urgency::Routine,
            indication: "bleeding".into(),
            measured: vec![],
            needs: vec![],
            fresh_days: None,
            needed_by: self.now() + TimeDelta::hours(48),
            requested_by: staff(PHYSICIAN as u128),
            consent: true,
        };
        let command = Box::new(OfRequest::Place { order });
        self.must(site, Body::Care(CareBody::Request { id, command }));
        id
    }

    /// What the counter sends when a bag is handed over. `states` is what the terminal shows.
    pub fn issue(
        &self,
        station: usize,
        bag: UnitId,
        to: PatientId,
        by: &Act,
    ) -> (DispensationId, Vec<Body>) {
        let known = self.unit(station, bag);
        let ask = IssueAsk {
            patient: to,
            wristband: Some(to),
            bag: BagScan {
                din: known.din.clone(),
                product_code: known.product_code.clone(),
                group: known.group,
                phenotype: known.phenotype,
            },
            slip: None,
            collected_by: "Porter".into(),
            appearance_ok: true,
            emergency: None,
            protocol: None,
            authoriser: Some(by.actor.id),
        };
        let id = DispensationId(self.new_id());
        let does = OfIssue::Issue { ask: Box::new(ask) };
        let command = Box::new(Dispense { unit: bag, does });
        let mut parts = vec![Body::Care(CareBody::Dispensation { id, command })];
        let asked = self.at(station).values().find_map(|state| match state {
            State::Care(Care::Request(request))
                if request.patient == to
                    && request.component == known.component
                    && request.status == bloodbank::request::Status::Open =>
            {
                Some(request.id)
            }
            _ => None,
        });
        if let Some(id) = asked {
            let command = Box::new(OfRequest::NoteIssued { unit: bag });
            parts.push(Body::Care(CareBody::Request { id, command }));
        }
        (id, parts)
    }
    pub fn issues(
        &mut self,
        site: usize,
        bag: UnitId,
        to: PatientId,
    ) -> Result<CommandId, Refused> {
        let act = self.act(site);
        let (_, parts) = self.issue(site, bag, to, &act);
        self.give(site, act, Body::Together(parts))
    }
    /// Where a bag stands, at both sites and at the authority.
    pub fn everywhere(&self, id: UnitId) -> [&Status; 3] {
        let of = |states| &unit(states, id).expect("known").status;
        [of(self.at(HOSPITAL)), of(self.at(CLINIC)), of(self.states())]
    }
}
