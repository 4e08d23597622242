//! The acceptance scenarios of bloodbank.md 6 from the request to the bedside, and the sentences
//! around them. `fn sNN_` is scenario NN.

mod compatibility;
mod counter;
mod crossmatching;
mod donors;
mod emergency;
mod expected;
mod figures;
mod later;
mod properties;
mod reactions;
mod retyping;
mod samples;
mod shelf;
mod sites;
mod validating;
mod ward;

use bloodbank::care::{CareRule, Refusal, StaffFact};
use bloodbank::care_policy::CarePolicy;
use bloodbank::crossmatch::{self, Crossmatch, Method};
use bloodbank::history::{self, History};
use bloodbank::issue::{self, BagScan, Decided, Dispensation, IssueAsk, IssueFacts};
use bloodbank::sample::{self, Answer, Sample, Screen};
use bloodbank::slip::CollectionSlip;
use bloodbank::traits::{Phenotype, Retype, UnitTraits};
use bloodbank::*;
use kernel::{
    Abo, BloodGroup, CaseId, CommandId, Component, CrossmatchId, DispensationId, DonationId,
    DonorId, Instant, PatientId, RecallId, RequestId, Rhd, SampleId, SlipId, StaffId, TimeDelta,
    TransferId, TransfusionId, UnitId,
};
use uuid::Uuid;

pub const O_NEG: BloodGroup = group(Abo::O, Rhd::Negative);
pub const O_POS: BloodGroup = group(Abo::O, Rhd::Positive);
pub const A_NEG: BloodGroup = group(Abo::A, Rhd::Negative);
pub const A_POS: BloodGroup = group(Abo::A, Rhd::Positive);
pub const B_POS: BloodGroup = group(Abo::B, Rhd::Positive);
pub const AB_POS: BloodGroup = group(Abo::AB, Rhd::Positive);
pub const NAIROBI: chrono_tz::Tz = chrono_tz::Africa::Nairobi;

pub const fn group(abo: Abo, rhd: Rhd) -> BloodGroup {
    BloodGroup { abo, rhd }
}
pub fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}
/// Thursday.
pub fn noon() -> Instant {
    at("2026-11-19T12:00:00Z")
}
pub fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
}
pub fn hours(n: i64) -> TimeDelta {
    TimeDelta::hours(n)
}
fn uuid(kind: u128, n: u128) -> Uuid {
    Uuid::from_u128(kind << 64 | n)
}
pub fn person(n: u128) -> PatientId {
    PatientId(uuid(1, n))
}
pub fn nurse(n: u128) -> StaffId {
    StaffId(uuid(2, n))
}
/// The only physician.
pub fn doctor() -> StaffId {
    nurse(90)
}
/// A member of staff whose account is locked.
pub fn locked() -> StaffId {
    nurse(91)
}
/// Somebody of the desk, who draws no blood.
pub fn clerk() -> StaffId {
    nurse(92)
}
pub fn staff() -> Vec<StaffFact> {
    let fact = |id, active, physician| StaffFact { id, active, physician, draws: true };
    let mut all: Vec<StaffFact> = (1..=5).map(|n| fact(nurse(n), true, false)).collect();
    all.push(fact(doctor(), true, true));
    all.push(fact(locked(), false, false));
    all.push(StaffFact { draws: false, ..fact(clerk(), true, false) });
    all
}
pub fn cause(n: u128) -> CommandId {
    CommandId(uuid(3, n))
}
pub fn slip_id(n: u128) -> SlipId {
    SlipId(uuid(4, n))
}
pub fn sample_id(n: u128) -> SampleId {
    SampleId(uuid(5, n))
}
pub fn care() -> CarePolicy {
    CarePolicy::who()
}
pub fn policy() -> Policy {
    Policy::who()
}

/// A woman of 60 whose group two samples confirm.
pub fn patient(group: BloodGroup) -> PatientFacts {
    PatientFacts {
        id: person(1),
        group: KnownGroup::Confirmed(group),
        anti_d_ever: false,
        phenotype: Phenotype::Ordinary,
        sex: Sex::Female,
        age_years: Some(60),
        deceased: false,
    }
}

/// Bag number `n` at the hill clinic, in date for a fortnight.
pub fn bag(n: u32, component: Component, group: BloodGroup) -> Unit {
    bag_until(n, component, group, "2026-12-05T23:59:00")
}
pub fn bag_until(n: u32, component: Component, group: BloodGroup, wall: &str) -> Unit {
    let din = format!("A999926{n:06}");
    let product_code = "E0336V00".to_owned();
    let id = UnitId::of_label(&din, &product_code);
    let received = Event::Received {
        din,
        product_code,
        component,
        group,
        phenotype: Phenotype::Ordinary,
        expires: Expiry::of_label(wall.parse().expect("a date"), NAIROBI),
        collected_at: Some(noon() - TimeDelta::days(10)),
        volume: None,
        place: "Fridge 1".into(),
        supplier: None,
        low_titre: false,
        site: "hill".into(),
        at: noon() - TimeDelta::days(2),
    };
    apply(None, id, &received).expect("a received unit is known")
}
pub fn with(unit: &Unit, events: &[Event]) -> Unit {
    events
        .iter()
        .fold(unit.clone(), |u, event| apply(Some(u.clone()), u.id, event).expect("stays known"))
}
pub fn reserved_for(unit: &Unit, patient: PatientId) -> Unit {
    with(unit, &[Event::Reserved { patient, until: noon() + hours(20) }])
}
/// A unit whose group was read again on arrival by two people.
pub fn retyped(group: BloodGroup) -> UnitTraits {
    let phenotype = Phenotype::Ordinary;
    let confirmed = Some(Retype { group, phenotype, entered_by: nurse(1), verified_by: nurse(2) });
    UnitTraits { confirmed, ..UnitTraits::default() }
}

/// A tube of patient 1 drawn this morning, screened negative.
pub fn tube(n: u128, group: BloodGroup) -> Sample {
    let wall = "2026-11-19T08:00:00".parse().expect("a date");
    let received = sample::Event::Received {
        patient: person(1),
        number: format!("T{n}"),
        drawn_wall: wall,
        zone: NAIROBI,
        drawn_at: kernel::instant_of_wall(wall, NAIROBI),
        drawn_by: nurse(1),
        identified_by: nurse(2),
        at_risk: true,
        valid_until: sample::valid_until(wall, NAIROBI, true, &care()),
        at: noon() - hours(3),
    };
    let typing = sample::Typing {
        forward: sample::Reading::Group(group.abo),
        reverse: sample::Reading::Group(group.abo),
        rhd: if group.rhd == Rhd::Positive {
            sample::RhdReading::Positive
        } else {
            sample::RhdReading::Negative
        },
        by: nurse(3),
        at: noon() - hours(2),
    };
    [
        received,
        sample::Event::Typed { typing },
        sample::Event::Screened { screen: Screen::Negative },
    ]
    .iter()
    .fold(None, |state, event| sample::apply(state, sample_id(n), event))
    .expect("a received sample is known")
}

/// A history in which the samples of these numbers all showed this group.
pub fn history_of(group: BloodGroup, samples: &[u128]) -> History {
    samples.iter().fold(History::default(), |state, n| {
        let determination = history::Determination {
            sample: sample_id(*n),
            group,
            at: noon() - hours(2),
            historic: false,
        };
        history::apply(Some(state), &history::Event::Determined(determination))
    })
}
pub fn with_antibody(history: History, against: history::Against) -> History {
    let antibody = history::Antibody {
        against,
        found_at: noon() - TimeDelta::days(3_000),
        told_by: "the old book".into(),
        recorded_by: nurse(3),
    };
    history::apply(Some(history), &history::Event::AntibodyRecorded(antibody))
}

/// A site that may use the computer: everything validated, the history just brought up to date.
pub fn validated(history: History) -> crossmatch::Facts {
    crossmatch::Facts {
        history,
        history_as_of: Some(noon() - hours(1)),
        validation: Some(crossmatch::Validation {
            site: "hill".into(),
            program: "0.1.0".into(),
            at: noon() - TimeDelta::days(30),
            by: doctor(),
            abo_prevention_shown: true,
            withdrawn: false,
        }),
        site: "hill".into(),
        program: "0.1.0".into(),
        record_intact: true,
        stands_alone: false,
    }
}
/// The default policy with the electronic crossmatch switched on.
pub fn electronic() -> CarePolicy {
    let mut policy = care();
    policy.electronic_crossmatch.value = true;
    policy
}

/// A compatible crossmatch of this unit with tube 1, done an hour ago.
pub fn crossmatched(unit: &Unit, method: Method) -> Crossmatch {
    let done_at = noon() - hours(1);
    crossmatch::apply(
        None,
        CrossmatchId(uuid(6, 1)),
        &crossmatch::Event::Recorded {
            patient: person(1),
            unit: unit.id,
            sample: sample_id(1),
            method,
            outcome: crossmatch::Outcome::Compatible,
            done_at,
            at: done_at,
            by: nurse(3),
            valid_until: done_at + hours(72),
            retrospective: false,
        },
    )
    .expect("recorded")
}

/// Everything in order for giving this unit to this patient.
pub fn in_order(unit: &Unit, who: PatientFacts) -> IssueFacts {
    let group = match who.group {
        KnownGroup::Once(group) | KnownGroup::Confirmed(group) => group,
        _ => O_POS,
    };
    IssueFacts {
        unit: Facts {
            by_slip: false,
            restored: None,
            patient: Some(who),
            clock_suspect: false,
            site: "hill".into(),
            units_left_of_group: 5,
            siblings: vec![],
            o_negative_spare: None,
            kept_wrong: vec![],
        },
        traits: retyped(unit.group),
        crossmatching: validated(history_of(group, &[1, 2])),
        sample: Some(tube(1, group)),
        crossmatch: Some(crossmatched(unit, Method::ImmediateSpin)),
        request: None,
        also_needed: vec![],
        staff: staff(),
        recalled: None,
        slips_used: vec![],
        low_titre_given: 0,
        on_hold: false,
        later: None,
        care_of_entry: None,
        by: None,
        given: None,
        issues: vec![],
        begun: None,
        identical_left: 0,
    }
}
pub fn scan(unit: &Unit) -> BagScan {
    BagScan {
        din: unit.din.clone(),
        product_code: unit.product_code.clone(),
        group: unit.group,
        phenotype: unit.phenotype,
    }
}
pub fn slip(n: u128, unit: &Unit, patient: PatientId) -> CollectionSlip {
    CollectionSlip { id: slip_id(n), patient, unit: unit.id, printed_at: noon() }
}
pub fn asks(unit: &Unit) -> IssueAsk {
    IssueAsk {
        patient: person(1),
        wristband: None,
        bag: scan(unit),
        slip: Some(slip(1, unit, person(1))),
        collected_by: "Porter Otieno".into(),
        appearance_ok: true,
        emergency: None,
        protocol: None,
        authoriser: None,
    }
}
pub fn bleeding() -> Option<issue::EmergencyOrder> {
    Some(issue::EmergencyOrder {
        physician: doctor(),
        justification: "bleeding after birth".into(),
        signed_at: None,
    })
}
pub fn give(
    unit: &Unit,
    facts: &IssueFacts,
    ask: &IssueAsk,
    overridden: &[CareRule],
    now: Instant,
) -> Result<Decided, Refusal> {
    let command = issue::Command::Issue { ask: Box::new(ask.clone()) };
    issue::decide(None, unit, facts, &command, overridden, &policy(), &care(), now, cause(1))
}
/// The dispensation and the unit after a decision.
pub fn after(unit: &Unit, decided: &Decided) -> (Dispensation, Unit) {
    let dispensation = decided
        .events
        .iter()
        .fold(None, |state, event| issue::apply(state, DispensationId(uuid(7, 1)), event))
        .expect("issued");
    (dispensation, with(unit, &decided.unit))
}
/// The rule of a hard stop; anything else fails the test.
pub fn stop<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> CareRule {
    match answer {
        Err(Refusal::HardStop { rule, .. }) => rule,
        other => panic!("a hard stop was expected, not {other:?}"),
    }
}
pub fn warnings<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> Vec<CareRule> {
    match answer {
        Err(Refusal::NeedsOverride { rules, .. }) => rules,
        other => panic!("a warning was expected, not {other:?}"),
    }
}
pub fn case_id() -> CaseId {
    CaseId(uuid(8, 1))
}
pub fn recall_id() -> RecallId {
    RecallId(uuid(9, 1))
}
pub fn request_id() -> RequestId {
    RequestId(uuid(10, 1))
}
pub fn transfer_id() -> TransferId {
    TransferId(uuid(11, 1))
}
pub fn transfusion_id() -> TransfusionId {
    TransfusionId(uuid(12, 1))
}
pub fn donor(n: u128) -> DonorId {
    DonorId(uuid(13, n))
}
pub fn donation(n: u128) -> DonationId {
    DonationId(uuid(14, n))
}
pub fn drawn(
    transfused: Answer,
    pregnant: Answer,
    wall: &str,
    identifiers: Vec<sample::Identifier>,
) -> sample::Command {
    sample::Command::Receive {
        patient: person(1),
        number: "T1".into(),
        identifiers,
        drawn_wall: wall.parse().expect("a date"),
        zone: NAIROBI,
        drawn_by: nurse(1),
        identified_by: nurse(2),
        transfused,
        pregnant,
    }
}
