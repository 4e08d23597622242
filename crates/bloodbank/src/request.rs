//! What a ward asks for, and which units the shelf proposes for it, with the reason for each
//! (bloodbank.md 4.3).

use crate::care::{CareRule, Refusal, changed, not_after, text, unknown, within};
use crate::care_policy::{CarePolicy, Measure};
use crate::counter::{Why as RankWhy, rank};
use crate::crossmatch::snake;
use crate::history::History;
use crate::issue::{Asked, unknown_group_fit};
use crate::spare::{O_NEGATIVE, is_for_others, may_spare_o_negative, spared};
use crate::traits::{Need, UnitTraits, phenotype_fit, phenotype_of, unmet};
use crate::unit::{Effective, Facts, KnownGroup};
use crate::{Args, Fit, Policy, Rule, Unit, is_protected};
use chrono::TimeDelta;
use kernel::{Abo, BloodGroup, Component, Instant, PatientId, RequestId, Rhd, StaffId, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The least urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    Routine,
    Urgent,
    Emergency,
    Massive,
}

impl Urgency {
    /// May use the units under the floor of the shelf.
    pub fn is_critical(self) -> bool {
        self >= Urgency::Emergency
    }
}

/// A laboratory value that goes with the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    pub measure: Measure,
    pub value: u32,
}

/// The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub id: RequestId,
    pub patient: PatientId,
    pub component: Component,
    pub count: u32,
    pub urgency: Urgency,
    /// Code of the indication, as in the thresholds of policy.
    pub indication: String,
    pub measured: Vec<Measured>,
    /// Beside those of the patient's history.
    pub needs: Vec<Need>,
    /// No older than so many days since collection: newborns, exchange, intrauterine.
    pub fresh_days: Option<u32>,
    pub needed_by: Instant,
    pub requested_by: StaffId,
    pub consent: bool,
    pub placed_at: Instant,
    pub accepted_by: Option<StaffId>,
    pub allocated: Vec<UnitId>,
    pub issued: Vec<UnitId>,
    pub status: Status,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Status {
    Open,
    /// As much was issued as was asked for, or the ward needs no more.
    Closed,
    Cancelled {
        reason: String,
    },
}

/// What is asked when a request is placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub patient: PatientId,
    pub component: Component,
    pub count: u32,
    pub urgency: Urgency,
    pub indication: String,
    pub measured: Vec<Measured>,
    pub needs: Vec<Need>,
    pub fresh_days: Option<u32>,
    pub needed_by: Instant,
    pub requested_by: StaffId,
    pub consent: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Place {
        order: Order,
    },
    Accept {
        by: StaffId,
    },
    Allocate {
        unit: UnitId,
    },
    Unallocate {
        unit: UnitId,
        reason: String,
    },
    NoteIssued {
        unit: UnitId,
    },
    /// The patient got worse, or better.
    ChangeUrgency {
        urgency: Urgency,
        reason: String,
    },
    AddNeed {
        need: Need,
    },
    Cancel {
        reason: String,
    },
    Close,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Placed { order: Order, at: Instant },
    Accepted { by: StaffId },
    Allocated { unit: UnitId },
    Unallocated { unit: UnitId, reason: String },
    IssuedOf { unit: UnitId },
    UrgencyChanged { urgency: Urgency, reason: String },
    NeedAdded { need: Need },
    Cancelled { reason: String },
    Closed,
}

/// Decides a command on a request. `deceased` says that the patient's death is recorded.
///
/// # Errors
/// Numbers that nobody can have meant, a blank indication, a request that is not open.
pub fn decide(
    state: Option<&Request>,
    deceased: bool,
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let request = match (state, command) {
        (None, Command::Place { order }) => {
            within("count", order.count, 1, 50)?;
            if let Some(days) = order.fresh_days {
                within("freshDays", days, 1, 42)?;
            }
            text(&order.indication, "indication")?;
            if order.needed_by < now {
                not_after("neededBy", now, order.needed_by)?;
            }
            if deceased {
                return Err(Refusal::stop(CareRule::Unit(Rule::PatientDeceased)));
            }
            return Ok(vec![Event::Placed { order: order.clone(), at: now }]);
        }
        (None, _) => return Err(unknown("request")),
        (Some(_), Command::Place { .. }) => return Err(Refusal::stop(CareRule::Known)),
        (Some(request), _) => request,
    };
    // A unit that has left is noted whatever became of the request.
    if request.status != Status::Open && !matches!(command, Command::NoteIssued { .. }) {
        return Err(Refusal::stop(CareRule::RequestClosed));
    }
    let event = match command {
        Command::Place { .. } => return Ok(vec![]), // answered above
        Command::Accept { by } => {
            if request.accepted_by.is_some() {
                return Err(changed("accepted"));
            }
            Event::Accepted { by: *by }
        }
        Command::Allocate { unit } => {
            if request.allocated.contains(unit) || request.issued.contains(unit) {
                return Err(Refusal::stop(CareRule::Known).with("unit", unit));
            }
            if request.left() == 0 {
                return Err(
                    Refusal::stop(CareRule::NothingLeftToAllocate).with("count", request.count)
                );
            }
            Event::Allocated { unit: *unit }
        }
        Command::Unallocate { unit, reason } => {
            if !request.allocated.contains(unit) {
                return Err(unknown("unit"));
            }
            Event::Unallocated { unit: *unit, reason: text(reason, "reason")? }
        }
        Command::NoteIssued { unit } => {
            if request.issued.contains(unit) {
                return Ok(vec![]);
            }
            Event::IssuedOf { unit: *unit }
        }
        Command::ChangeUrgency { urgency, reason } => {
            Event::UrgencyChanged { urgency: *urgency, reason: text(reason, "reason")? }
        }
        Command::AddNeed { need } => Event::NeedAdded { need: *need },
        Command::Cancel { reason } => Event::Cancelled { reason: text(reason, "reason")? },
        Command::Close => Event::Closed,
    };
    let full = matches!(event, Event::IssuedOf { .. })
        && request.status == Status::Open
        && request.issued.len() + 1 >= count(request.count);
    Ok(std::iter::once(event).chain(full.then_some(Event::Closed)).collect())
}

fn count(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The request after an event.
pub fn apply(state: Option<Request>, id: RequestId, event: &Event) -> Option<Request> {
    if let (None, Event::Placed { order, at }) = (&state, event) {
        let order = order.clone();
        return Some(Request {
            id,
            patient: order.patient,
            component: order.component,
            count: order.count,
            urgency: order.urgency,
            indication: order.indication.trim().to_owned(),
            measured: order.measured,
            needs: order.needs,
            fresh_days: order.fresh_days,
            needed_by: order.needed_by,
            requested_by: order.requested_by,
            consent: order.consent,
            placed_at: *at,
            accepted_by: None,
            allocated: vec![],
            issued: vec![],
            status: Status::Open,
            version: 1,
        });
    }
    let mut request = state?;
    request.version += 1;
    match event {
        Event::Placed { .. } => request.version -= 1,
        Event::Accepted { by } => request.accepted_by = Some(*by),
        Event::Allocated { unit } => request.allocated.push(*unit),
        Event::Unallocated { unit, .. } => request.allocated.retain(|one| one != unit),
        Event::IssuedOf { unit } => {
            request.allocated.retain(|one| one != unit);
            request.issued.push(*unit);
        }
        Event::UrgencyChanged { urgency, .. } => request.urgency = *urgency,
        Event::NeedAdded { need } => {
            if !request.needs.contains(need) {
                request.needs.push(*need);
            }
        }
        Event::Cancelled { reason } => {
            request.status = Status::Cancelled { reason: reason.clone() };
            request.allocated.clear();
        }
        Event::Closed => request.status = Status::Closed,
    }
    Some(request)
}

impl Request {
    /// Units still to be allocated.
    pub fn left(&self) -> u32 {
        let taken = u32::try_from(self.allocated.len() + self.issued.len()).unwrap_or(u32::MAX);
        self.count.saturating_sub(taken)
    }
}

/// What a threshold of policy says about a request. Never in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    pub measure: Measure,
    pub value: u32,
    pub below: u32,
    /// The value is not under the threshold: is the transfusion needed?
    pub reconsider: bool,
    pub source: String,
}

/// The advice for a request. In an emergency nobody is asked to reconsider.
pub fn advice(order: &Order, policy: &CarePolicy) -> Vec<Advice> {
    if order.urgency.is_critical() {
        return vec![];
    }
    policy
        .thresholds
        .value
        .iter()
        .filter(|row| row.component == order.component && row.indication == order.indication)
        .filter_map(|row| {
            let found = order.measured.iter().find(|one| one.measure == row.measure)?;
            Some(Advice {
                measure: row.measure,
                value: found.value,
                below: row.below,
                reconsider: found.value >= row.below,
                source: row.source.clone(),
            })
        })
        .collect()
}

/// Why a unit is proposed, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    HeldForThisPatient,
    IdenticalGroup,
    CompatibleGroup,
    /// Compatible, but few are left (`left`, `target`).
    CompatibleScarce,
    /// The earliest end of its group (`expiresAt`).
    OldestFirst,
    /// O RhD negative goes to those who need it (`left`): last for the others in an emergency, and not
    /// at all before one. On a unit of RhD positive: it stands before O RhD negative for that.
    ONegativeKept,
    MeetsNeeds,
    GroupUnknown,
    /// Below the floor of the shelf, for a critical request (`floor`, `left`).
    FromTheFloor,

    /// A rule stops it (`rule`).
    Stopped,
    NeedNotMet,
    /// Under the floor, kept for critical requests (`floor`, `left`).
    KeptForCritical,
    /// Collected too long ago for this patient (`days`, `limit`).
    NotFresh,
    AllocatedAlready,
    /// Enough others stand before it.
    NotNeeded,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub code: Code,
    pub args: Args,
}

impl Reason {
    fn new(code: Code) -> Self {
        Self { code, args: Args::new() }
    }
    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.insert(name, value.to_string());
        self
    }
}

/// One proposed unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub unit: UnitId,
    pub reasons: Vec<Reason>,
    /// What an override would have to name.
    pub cautions: Vec<CareRule>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The best first, no more than the request still needs.
    pub lines: Vec<Line>,
    /// Every other unit of the component, each with its reason.
    pub left_out: Vec<(UnitId, Reason)>,
    /// Units that the shelf cannot supply.
    pub missing: u32,
}

impl Proposal {
    /// Units for which donors are asked: what the shelf lacks, and, for a patient whom anti-D could harm,
    /// what it has only as RhD positive, to save a life (bloodbank.md 2.2).
    pub fn wanted(&self, protected: bool) -> u32 {
        let mismatch = CareRule::Unit(Rule::RhdMismatch);
        let saving =
            self.lines.iter().filter(|line| protected && line.cautions.contains(&mismatch));
        self.missing.saturating_add(u32::try_from(saving.count()).unwrap_or(u32::MAX))
    }
}

/// Proposes units for a request: held for this patient, identical, then compatible by how well the
/// shelf stands; inside each the one that ends first; O RhD negative last for everybody else, and
/// its red cells only when the request is critical (bloodbank.md 4.3.1 and the substitution of 4.4):
/// a routine request waits for the next delivery. When too many of them have gone to others lately
/// (`facts.o_negative_spare`), an emergency that [`may_spare_o_negative`] is proposed RhD positive
/// before it, each unit with the caution that a person has to accept.
///
/// Only a critical request is given units under the floor. A patient without a known group is
/// proposed something in an emergency only, by the rule of bloodbank.md 2.2: O RhD negative first
/// for those whom anti-D could harm, O RhD positive first for the others.
pub fn propose(
    request: &Request,
    shelf: &[(Unit, UnitTraits)],
    facts: &Facts,
    history: &History,
    policy: &Policy,
    care: &CarePolicy,
    now: Instant,
) -> Proposal {
    let mut proposal = Proposal { missing: request.left(), ..Proposal::default() };
    let Some(patient) = facts.patient.as_ref().filter(|p| p.id == request.patient) else {
        return proposal;
    };
    let mut left: BTreeMap<BloodGroup, u32> = BTreeMap::new();
    for (unit, _) in shelf {
        let free = unit.component == request.component
            && unit.site == facts.site
            && unit.phenotype.is_ordinary()
            && matches!(unit.effective_status(now), Effective::Available);
        if free {
            *left.entry(unit.group).or_default() += 1;
        }
    }
    let mut needs = history.needs(now);
    needs.extend(&request.needs);

    // Units that cannot be proposed at all are told apart first, each with its reason.
    let mut candidates: Vec<(Unit, &UnitTraits)> = vec![];
    for (unit, traits) in shelf.iter().filter(|(unit, _)| unit.component == request.component) {
        match excluded(request, unit, traits, facts, history, &needs, policy, care, now) {
            Some(reason) => proposal.left_out.push((unit.id, reason)),
            None => candidates.push((unit.clone(), traits)),
        }
    }
    let units: Vec<Unit> = candidates.iter().map(|(unit, _)| unit.clone()).collect();
    let known = matches!(patient.group, KnownGroup::Once(_) | KnownGroup::Confirmed(_));
    let count_left = |_: Component, group: BloodGroup| left.get(&group).copied().unwrap_or(0);
    let ordered: Vec<Ordered> = if known {
        rank(&units, facts, policy, now, count_left)
            .into_iter()
            .filter_map(|ranked| {
                let unit = units.get(ranked.index)?;
                let reasons =
                    reasons(unit, patient_group(&patient.group), ranked.why, &left, policy);
                let cautions = ranked.cautions.into_iter().map(CareRule::Unit).collect();
                Some((ranked.index, reasons, cautions))
            })
            .collect()
    } else {
        unknown_order(&units, patient, policy, care)
    };

    let spare = facts.o_negative_spare.filter(|_| may_spare_o_negative(request, patient, policy));
    let (ordered, spares) = match spare {
        Some(spare) => o_negative_last(ordered, &units, spare, now),
        None => (ordered, false),
    };

    let mut taken: BTreeMap<BloodGroup, u32> = BTreeMap::new();
    for (index, mut reasons, cautions) in ordered {
        let Some(unit) = units.get(index) else { continue };
        let held = matches!(unit.effective_status(now), Effective::Reserved { .. });
        if proposal.missing == 0 {
            proposal.left_out.push((unit.id, Reason::new(Code::NotNeeded)));
            continue;
        }
        let (floor, _) = policy.floor_and_target(unit.component, unit.group);
        let here = left.get(&unit.group).copied().unwrap_or(0);
        let for_others = is_for_others(unit, patient_group(&patient.group));
        if !held && !request.urgency.is_critical() && for_others {
            let reason = Reason::new(Code::ONegativeKept).with("left", here);
            proposal.left_out.push((unit.id, reason));
            continue;
        }
        let after = here.saturating_sub(taken.get(&unit.group).copied().unwrap_or(0) + 1);
        if !held && after < floor {
            let told = |code| Reason::new(code).with("floor", floor).with("left", here);
            if !request.urgency.is_critical() {
                proposal.left_out.push((unit.id, told(Code::KeptForCritical)));
                continue;
            }
            reasons.push(told(Code::FromTheFloor));
        }
        if !held {
            *taken.entry(unit.group).or_default() += 1;
        }
        if spares && cautions.contains(&CareRule::Unit(Rule::RhdMismatch)) {
            reasons.push(
                Reason::new(Code::ONegativeKept)
                    .with("left", count_left(unit.component, O_NEGATIVE)),
            );
        }
        if !needs.is_empty() {
            reasons.push(Reason::new(Code::MeetsNeeds).with("needs", needs.len()));
        }
        proposal.missing -= 1;
        proposal.lines.push(Line { unit: unit.id, reasons, cautions });
    }
    proposal
}

/// Index of the unit, why it stands there, and what would have to be accepted with it.
type Ordered = (usize, Vec<Reason>, Vec<CareRule>);

/// O RhD negative beyond the first `spare` free units after all others, and whether there was any.
fn o_negative_last(
    ordered: Vec<Ordered>,
    units: &[Unit],
    spare: u32,
    now: Instant,
) -> (Vec<Ordered>, bool) {
    let is_free_o_negative = |(index, _, _): &Ordered| {
        units.get(*index).is_some_and(|unit| {
            unit.group == O_NEGATIVE && matches!(unit.effective_status(now), Effective::Available)
        })
    };
    let (ordered, last) = spared(ordered, spare, is_free_o_negative);
    let any = last < ordered.len();
    (ordered, any)
}

#[expect(clippy::too_many_arguments, reason = "all that a reason may depend on, nothing hidden")]
fn excluded(
    request: &Request,
    unit: &Unit,
    traits: &UnitTraits,
    facts: &Facts,
    history: &History,
    needs: &[Need],
    policy: &Policy,
    care: &CarePolicy,
    now: Instant,
) -> Option<Reason> {
    let patient = facts.patient.as_ref()?;
    if request.allocated.contains(&unit.id) || request.issued.contains(&unit.id) {
        return Some(Reason::new(Code::AllocatedAlready));
    }
    let stopped = |rule: CareRule| {
        let name = match rule {
            CareRule::Unit(rule) => snake(&rule),
            rule => snake(&rule),
        };
        Some(Reason::new(Code::Stopped).with("rule", name))
    };
    let ask = crate::decide::Ask::Issue;
    if let Err(refused) = crate::decide::may_go_to(unit, facts, patient, ask, now) {
        return stopped(Refusal::from(refused).stopped_by()?);
    }
    // The counter would stop it: four codes are read first.
    if traits.label_unread {
        return stopped(CareRule::LabelNotRead);
    }
    let phenotype = phenotype_of(unit, traits);
    if let Fit::Stop(rule) = phenotype_fit(unit.component, phenotype, history.phenotype) {
        return stopped(rule);
    }
    let known = matches!(patient.group, KnownGroup::Once(_) | KnownGroup::Confirmed(_));
    let verdicts: Vec<Fit<CareRule>> = if known {
        crate::fit(unit.component, unit.group, unit.low_titre, patient, policy)
            .into_iter()
            .filter_map(|verdict| match verdict.fit {
                Fit::Stop(rule) => Some(Fit::Stop(CareRule::Unit(rule))),
                _ => None,
            })
            .collect()
    } else if request.urgency.is_critical() {
        let asked = Asked { patient, policy, care, low_titre_given: 0 };
        unknown_group_fit(unit, &asked).into_iter().map(|(_, fit)| fit).collect()
    } else {
        vec![Fit::Stop(CareRule::Unit(Rule::PatientGroupUnknown))]
    };
    if let Some(Fit::Stop(rule)) = verdicts.into_iter().find(|fit| matches!(fit, Fit::Stop(_))) {
        return stopped(rule);
    }
    let missing = unmet(unit.component, traits, needs);
    if let Some(first) = missing.first() {
        let need = match first {
            Need::Attribute(attribute) => snake(attribute),
            Need::AntigenNegative(antigen) => antigen.sign().to_owned(),
        };
        return Some(Reason::new(Code::NeedNotMet).with("need", need));
    }
    if let Some(limit) = request.fresh_days {
        let age = unit.collected_at.map(|at| (now - at).num_days());
        if age.is_none_or(|days| days > i64::from(limit)) {
            let days = age.map_or_else(|| "unknown".to_owned(), |days| days.to_string());
            return Some(Reason::new(Code::NotFresh).with("days", days).with("limit", limit));
        }
    }
    None
}

fn patient_group(known: &KnownGroup) -> Option<BloodGroup> {
    match known {
        KnownGroup::Once(group) | KnownGroup::Confirmed(group) => Some(*group),
        _ => None,
    }
}

fn reasons(
    unit: &Unit,
    patient: Option<BloodGroup>,
    why: RankWhy,
    left: &BTreeMap<BloodGroup, u32>,
    policy: &Policy,
) -> Vec<Reason> {
    let here = left.get(&unit.group).copied().unwrap_or(0);
    let (_, target) = policy.floor_and_target(unit.component, unit.group);
    let shelf = |code| {
        Reason::new(code).with("group", unit.group).with("left", here).with("target", target)
    };
    let oldest = || Reason::new(Code::OldestFirst).with("expiresAt", unit.expires.at.to_rfc3339());
    let mut found = match why {
        RankWhy::HeldForThisPatient => vec![Reason::new(Code::HeldForThisPatient)],
        RankWhy::IdenticalOldest => vec![shelf(Code::IdenticalGroup), oldest()],
        RankWhy::Identical => vec![shelf(Code::IdenticalGroup)],
        RankWhy::Compatible => vec![shelf(Code::CompatibleGroup), oldest()],
        RankWhy::CompatibleScarce => vec![shelf(Code::CompatibleScarce)],
    };
    if unit.group == O_NEGATIVE && patient != Some(O_NEGATIVE) {
        found.push(Reason::new(Code::ONegativeKept).with("left", here));
    }
    found
}

/// The order for a patient whose group nobody knows (2.1, rows "unknown", and 2.2).
fn unknown_order(
    units: &[Unit],
    patient: &crate::PatientFacts,
    policy: &Policy,
    care: &CarePolicy,
) -> Vec<(usize, Vec<Reason>, Vec<CareRule>)> {
    let protected = is_protected(patient, policy) || patient.anti_d_ever;
    let asked = Asked { patient, policy, care, low_titre_given: 0 };
    let mut order: Vec<_> = units
        .iter()
        .enumerate()
        .map(|(index, unit)| {
            let abo = match (unit.component, unit.group.abo) {
                (Component::RedCells | Component::WholeBlood, _) => 0,
                (Component::Plasma | Component::Cryoprecipitate, Abo::AB) => 0,
                (Component::Platelets, Abo::A) => 0,
                (Component::Platelets, Abo::O) | (_, Abo::A) => 1,
                _ => 2,
            };
            // For the protected the negative ones first; the others leave them on the shelf.
            let rhd = (unit.group.rhd == Rhd::Positive) == protected;
            let cautions: Vec<CareRule> = unknown_group_fit(unit, &asked)
                .into_iter()
                .filter_map(|(_, fit)| if let Fit::Caution(rule) = fit { Some(rule) } else { None })
                .collect();
            let reasons = vec![
                Reason::new(Code::GroupUnknown)
                    .with("group", unit.group)
                    .with("protected", protected),
            ];
            ((abo, rhd, unit.expires.at, unit.id), (index, reasons, cautions))
        })
        .collect();
    order.sort_by_key(|(key, _)| *key);
    order.into_iter().map(|(_, line)| line).collect()
}

/// How long a request has been waiting against when it is needed.
pub fn late_by(request: &Request, now: Instant) -> Option<TimeDelta> {
    (request.status == Status::Open && request.left() > 0 && now > request.needed_by)
        .then(|| now - request.needed_by)
}
