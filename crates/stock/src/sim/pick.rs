//! Which units a request is given: what the program proposes and a person accepts, or what a person
//! takes without it.

use super::chance::Chance;
use super::site::Hospital;
use super::world::{Asked, World};
use bloodbank::care::CareRule;
use bloodbank::history::History;
use bloodbank::request::{Request, Status, Urgency, propose};
use bloodbank::{Facts, PatientFacts, Rule, is_protected, may_spare_o_negative};
use kernel::{Abo, BloodGroup, Component, Instant, RequestId, Rhd, StaffId, UnitId};
use uuid::Uuid;

pub(super) const O_NEGATIVE: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Negative };
const O_POSITIVE: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Positive };

/// A unit, and the warnings that are accepted with it.
pub(super) struct Pick {
    pub unit: UnitId,
    pub accepted: Vec<Rule>,
}

/// The units that the program proposes and a person at the counter accepts. Without a known group
/// everything that is proposed is accepted (2.2: O is never withheld); for platelets another ABO
/// group, and RhD positive for those whom it cannot harm, for all when it is critical (2.1); of red
/// cells RhD positive for a bleeding man above 18 or woman above 50 (2.2); else nothing that asks for
/// an override.
pub(super) fn proposed(
    world: &World,
    hospital: &Hospital,
    asked: &Asked,
    patient: &PatientFacts,
    o_negative_spare: u32,
    now: Instant,
) -> Vec<Pick> {
    let request = request(world.component, asked, patient, now);
    let (site, patient_facts) = (hospital.name.clone(), Some(patient.clone()));
    let o_negative_spare = Some(o_negative_spare);
    let facts = Facts { patient: patient_facts, site, o_negative_spare, ..Facts::default() };
    let (policy, care) = (&hospital.policy, &hospital.policy.care);
    let none = History::default();
    let proposal = propose(&request, &hospital.shelf, &facts, &none, policy, care, now);
    let platelets = world.component == Component::Platelets;
    let harmless = asked.critical || !is_protected(patient, policy);
    let may_spare = may_spare_o_negative(&request, patient, policy);
    let accepted = |rule: CareRule| match rule {
        CareRule::Unit(Rule::PlasmaMismatch) if platelets => Some(Rule::PlasmaMismatch),
        CareRule::Unit(Rule::RhdMismatch) if !asked.known || platelets && harmless || may_spare => {
            Some(Rule::RhdMismatch)
        }
        CareRule::Unit(Rule::PatientGroupUnknown) => Some(Rule::PatientGroupUnknown),
        _ => None,
    };
    let picks = proposal.lines.into_iter().filter_map(|line| {
        let rules: Option<Vec<Rule>> = line.cautions.into_iter().map(accepted).collect();
        // The gate of a single unit asks for the emergency's override by name.
        let also = [Rule::PatientGroupUnknown, Rule::RhdMismatch].into_iter();
        let also = also.filter(|_| !asked.known);
        rules.map(|rules| Pick {
            unit: line.unit,
            accepted: rules.into_iter().chain(also).collect(),
        })
    });
    picks.collect()
}

fn request(component: Component, asked: &Asked, patient: &PatientFacts, now: Instant) -> Request {
    Request {
        id: RequestId(patient.id.0),
        patient: patient.id,
        component,
        count: u32::try_from(asked.used.len()).unwrap_or(u32::MAX),
        urgency: if asked.critical { Urgency::Emergency } else { Urgency::Routine },
        indication: "simulated".into(),
        measured: vec![],
        needs: vec![],
        fresh_days: None,
        needed_by: now,
        requested_by: StaffId(Uuid::nil()),
        consent: true,
        placed_at: now,
        accepted_by: None,
        allocated: vec![],
        issued: vec![],
        status: Status::Open,
        version: 1,
    }
}

/// The units that a person takes: the identical group; in an emergency O RhD negative when there is
/// none, and O of either kind for an unknown group; platelets of the same ABO group whatever the RhD.
/// The one that ends first, but with the probability `slip` the one that ends last.
pub(super) fn by_hand(
    world: &World,
    hospital: &Hospital,
    asked: &Asked,
    slip: f64,
    hand: &mut Chance,
    now: Instant,
) -> Vec<Pick> {
    let BloodGroup { abo, rhd } = asked.group;
    let groups = if world.any_group {
        let other = if rhd == Rhd::Positive { Rhd::Negative } else { Rhd::Positive };
        vec![asked.group, BloodGroup { abo, rhd: other }]
    } else if !asked.known {
        vec![O_NEGATIVE, O_POSITIVE]
    } else if asked.critical && asked.group != O_NEGATIVE {
        vec![asked.group, O_NEGATIVE]
    } else {
        vec![asked.group]
    };
    let mut picks = vec![];
    for group in groups {
        let mut free = hospital.free_of(group, now);
        while picks.len() < asked.used.len() && !free.is_empty() {
            let last = free.len() - 1;
            let unit = free.remove(if hand.happens(slip) { last } else { 0 });
            picks.push(Pick { unit, accepted: vec![Rule::PatientGroupUnknown, Rule::RhdMismatch] });
        }
    }
    picks
}
