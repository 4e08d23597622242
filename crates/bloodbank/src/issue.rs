//! The issue gate with every check of bloodbank.md 2.9, the emergency release, and the return.
//!
//! A dispensation is one unit on its way from the counter to a patient. Its decision also gives the
//! unit's own events: both are stored together or not at all (kernel.md 2.4).

use crate::care::{
    CareRule, Judging, Occurred, Refusal, StaffFact, Task, TaskKind, active, changed, not_after,
    text, two_people, unknown,
};
use crate::care_policy::CarePolicy;
use crate::compat::{abo_of_unknown, rhd_of_unknown};
use crate::counter::CheckResult;
use crate::crossmatch::{self, Crossmatch, Minimum, needed};
use crate::decide::{
    Ask, alive, here, in_date, known_since_restore, lapse, not_held_for_another, not_quarantined,
    one_group_of_donation, well_kept,
};
use crate::history::History;
use crate::request::{Request, Status as RequestStatus};
use crate::sample::Sample;
use crate::slip::CollectionSlip;
use crate::traits::{
    Antigen, Need, Phenotype, UnitTraits, carries_red_cells, phenotype_fit, phenotype_of, unmet,
};
use crate::unit::{Event as UnitEvent, Facts as UnitFacts, KnownGroup, Status as UnitStatus};
use crate::{Args, CheckName, Fit, PatientFacts, Policy, Rule, Unit, fit, is_protected};
use chrono::TimeDelta;
use kernel::{
    Abo, BloodGroup, CommandId, Component, CrossmatchId, DispensationId, Instant, PatientId,
    ProtocolId, RecallId, RequestId, Rhd, SlipId, StaffId, UnitId,
};
use serde::{Deserialize, Serialize};

/// The gates, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    PatientIdentity,
    PatientAlive,
    Specimen,
    PatientGroup,
    UnitHere,
    UnitStatus,
    UnitInDate,
    UnitGroup,
    Scan,
    Product,
    HeldForThisPatient,
    Abo,
    Rhd,
    AntibodyHistory,
    Phenotype,
    Crossmatch,
    Requirements,
    IdenticalGroup,
    Appearance,
    Slip,
    Collector,
    Order,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateCheck {
    pub gate: Gate,
    pub result: CheckResult,
    pub rule: Option<CareRule>,
    pub args: Args,
}

/// What the scanner read from the bag itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagScan {
    pub din: String,
    pub product_code: String,
    pub group: BloodGroup,
    #[serde(default, skip_serializing_if = "Phenotype::is_ordinary")]
    pub phenotype: Phenotype,
}

/// A physician's order to give blood without crossmatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyOrder {
    pub physician: StaffId,
    pub justification: String,
    /// None: given by voice, the signature is owed.
    pub signed_at: Option<Instant>,
}

/// What the counter asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueAsk {
    pub patient: PatientId,
    /// The patient of the wristband or of the paper that the collector brought.
    pub wristband: Option<PatientId>,
    pub bag: BagScan,
    pub slip: Option<CollectionSlip>,
    pub collected_by: String,
    pub appearance_ok: bool,
    pub emergency: Option<EmergencyOrder>,
    pub protocol: Option<ProtocolId>,
    /// Who signs the override, if there is one.
    pub authoriser: Option<StaffId>,
}

/// All that the gate may know.
#[derive(Clone, Debug)]
pub struct IssueFacts {
    pub unit: UnitFacts,
    pub traits: UnitTraits,
    pub crossmatching: crossmatch::Facts,
    pub sample: Option<Sample>,
    /// The newest for this unit and patient.
    pub crossmatch: Option<Crossmatch>,
    pub request: Option<Request>,
    /// Asked for beside the request that is filled: a pack of a massive transfusion fills none.
    pub also_needed: Vec<crate::traits::Need>,
    pub staff: Vec<StaffFact>,
    /// A recall that names this bag.
    pub recalled: Option<RecallId>,
    /// Slips that were used already.
    pub slips_used: Vec<SlipId>,
    /// Low-titre whole blood that this patient has had.
    pub low_titre_given: u32,
    /// Available units here of the component and the patient's own group.
    pub identical_left: u32,
    /// The donation of the bag is on hold.
    pub on_hold: bool,
    /// It happened on paper and is entered now; the gates are judged for the time it happened.
    pub later: Option<Occurred>,
    /// The rules of the day on which it is entered, beside those of the day it happened.
    pub care_of_entry: Option<CarePolicy>,
    /// Whoever hands it over.
    pub by: Option<StaffId>,
    /// How the bag left before, if it did.
    pub given: Option<Dispensation>,
    /// Every record by which it left.
    pub issues: Vec<Dispensation>,
    /// Whether a bedside record says that it ran; none: nobody has looked.
    pub begun: Option<bool>,
}

impl IssueFacts {
    pub fn history(&self) -> &History {
        &self.crossmatching.history
    }
}

/// What the rule for an unknown group asks of.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub patient: &'a PatientFacts,
    pub policy: &'a Policy,
    pub care: &'a CarePolicy,
    pub low_titre_given: u32,
}

/// Which unit may go to somebody whose group nobody knows, in an emergency (2.1, the rows
/// "unknown", and 2.2). Red cells: O only. RhD-positive ones are never withheld, but those whom
/// anti-D could harm are a warning; a known anti-D stops.
pub fn unknown_group_fit(unit: &Unit, asked: &Asked<'_>) -> Vec<(Gate, Fit<CareRule>)> {
    let Asked { patient, policy, .. } = *asked;
    let abo = match (unit.component, unit.group.abo) {
        (Component::WholeBlood, Abo::O) => low_titre_whole_blood(unit, asked),
        (component, abo) => {
            in_care(abo_of_unknown(component, abo, unit.low_titre, patient, policy))
        }
    };
    let rhd = in_care(rhd_of_unknown(unit.component, unit.group.rhd, patient, policy));
    let positive = carries_red_cells(unit.component) && unit.group.rhd == Rhd::Positive;
    let antibody = if positive && patient.anti_d_ever {
        Fit::Stop(CareRule::Unit(Rule::AntiDHistory))
    } else {
        Fit::Compatible
    };
    vec![(Gate::Abo, abo), (Gate::Rhd, rhd), (Gate::AntibodyHistory, antibody)]
}

/// A verdict of the stock in the words of care.
fn in_care(fit: Fit) -> Fit<CareRule> {
    match fit {
        Fit::Identical => Fit::Identical,
        Fit::Compatible => Fit::Compatible,
        Fit::Caution(rule) => Fit::Caution(CareRule::Unit(rule)),
        Fit::Stop(rule) => Fit::Stop(CareRule::Unit(rule)),
    }
}

/// Low-titre group O whole blood: in an emergency, for an adult, up to the cap (2.1).
fn low_titre_whole_blood(unit: &Unit, asked: &Asked<'_>) -> Fit<CareRule> {
    let Asked { patient, policy, care, low_titre_given } = *asked;
    let cap = care.low_titre_whole_blood_max.value;
    if unit.group.abo != Abo::O || !unit.low_titre || cap == 0 {
        return Fit::Stop(CareRule::Unit(Rule::AboIncompatible));
    }
    if low_titre_given >= cap {
        return Fit::Stop(CareRule::LowTitreLimit);
    }
    match patient.age_years {
        Some(age) if age > policy.male_child_max.value => Fit::Compatible,
        Some(_) => Fit::Stop(CareRule::LowTitreNotAllowed),
        // Somebody without a name and a birth date: a person judges by the look.
        None => Fit::Caution(CareRule::LowTitreNotAllowed),
    }
}

/// Every gate of one issue, always all of them, in order.
pub fn gates(
    unit: &Unit,
    facts: &IssueFacts,
    ask: &IssueAsk,
    policy: &Policy,
    care: &CarePolicy,
    now: Instant,
) -> Vec<GateCheck> {
    let Some(patient) = facts.unit.patient.as_ref().filter(|p| p.id == ask.patient) else {
        return vec![GateCheck {
            gate: Gate::PatientIdentity,
            result: CheckResult::Stop,
            rule: Some(CareRule::NotFound),
            args: Args::from([("what", "patient".to_owned())]),
        }];
    };
    let emergency = ask.emergency.is_some();
    let mut found = vec![
        of(
            Gate::PatientIdentity,
            match ask.wristband {
                Some(scanned) if scanned != patient.id => {
                    Err(Refusal::stop(CareRule::WristbandOfAnother))
                }
                _ => Ok(()),
            },
        ),
        of(Gate::PatientAlive, alive(patient).map_err(Refusal::from)),
        specimen(unit, facts, patient, emergency, now),
    ];
    let verdicts = compatibility(unit, facts, patient, emergency, policy, care);
    let verdict = |gate: Gate| {
        let fit = verdicts.iter().find(|(about, _)| *about == gate).map(|(_, fit)| *fit);
        GateCheck { args: Args::from([("unitGroup", unit.group.to_string())]), ..of_fit(gate, fit) }
    };
    found.push(verdict(Gate::PatientGroup));
    found.push(match of(Gate::UnitHere, here(unit, &facts.unit).map_err(Refusal::from)) {
        GateCheck { result: CheckResult::Pass, .. } => {
            let known = known_since_restore(unit, &facts.unit).map_err(Refusal::from);
            let check = of(Gate::UnitHere, known);
            // Nobody bleeds to death while a refrigerator is counted; the bag is in the hand.
            if emergency && check.result == CheckResult::Stop {
                GateCheck { result: CheckResult::Caution, ..check }
            } else {
                check
            }
        }
        check => check,
    });
    let status = of(
        Gate::UnitStatus,
        match facts.recalled {
            Some(recall) => Err(Refusal::stop(CareRule::Recalled).with("recall", recall)),
            // Also what was set aside before it stood in the cold (scenario 10).
            None => not_quarantined(unit)
                .and_then(|()| well_kept(unit, &facts.unit))
                .map_err(Refusal::from),
        },
    );
    found.push(match facts.traits.label_unread && status.result == CheckResult::Pass {
        // Nobody bleeds to death beside a printer: number, code and group are scanned by whoever gives it out.
        true if emergency => caution(Gate::UnitStatus, CareRule::LabelNotRead),
        true => of_fit(Gate::UnitStatus, Some(Fit::Stop(CareRule::LabelNotRead))),
        false => status,
    });
    found.push(in_date_gate(unit, facts, policy, now));
    found.push(unit_group(unit, facts));
    found.push(of(Gate::Scan, scan_agrees(unit, &ask.bag)));
    found.push(match &facts.request {
        Some(request) => of(Gate::Product, product(unit, request, ask.patient)),
        None => not_yet(Gate::Product),
    });
    found.push(of(
        Gate::HeldForThisPatient,
        not_held_for_another(unit, patient.id, Ask::Issue, now).map_err(Refusal::from),
    ));
    found.push(verdict(Gate::Abo));
    let mut rhd = verdict(Gate::Rhd);
    if rhd.result == CheckResult::Caution {
        rhd.args.insert("protected", is_protected(patient, policy).to_string());
    }
    found.push(rhd);
    found.push(verdict(Gate::AntibodyHistory));
    found.push(of_fit(
        Gate::Phenotype,
        Some(phenotype_fit(
            unit.component,
            phenotype_of(unit, &facts.traits),
            facts.history().phenotype,
        )),
    ));
    found.push(crossmatch_gate(unit, facts, patient, emergency, care, now));
    found.push(requirements(unit, facts, emergency, now));
    found.push(identical(unit, facts, patient, care));
    found.push(of(
        Gate::Appearance,
        if ask.appearance_ok {
            Ok(())
        } else {
            Err(Refusal::stop(CareRule::AppearanceNotAccepted))
        },
    ));
    found.push(of(Gate::Slip, slip(unit, facts, ask)));
    found.push(of(Gate::Collector, text(&ask.collected_by, "collectedBy").map(|_| ())));
    found.push(order(facts, ask));
    found
}

fn of(gate: Gate, answer: Result<(), Refusal>) -> GateCheck {
    match answer {
        Ok(()) => GateCheck { gate, result: CheckResult::Pass, rule: None, args: Args::new() },
        Err(Refusal::HardStop { rule, args }) => {
            GateCheck { gate, result: CheckResult::Stop, rule: Some(rule), args }
        }
        Err(Refusal::NeedsOverride { rules, args }) => {
            GateCheck { gate, result: CheckResult::Caution, rule: rules.first().copied(), args }
        }
    }
}

fn of_fit(gate: Gate, fit: Option<Fit<CareRule>>) -> GateCheck {
    let (result, rule) = match fit {
        None => (CheckResult::NotYet, None),
        Some(Fit::Identical | Fit::Compatible) => (CheckResult::Pass, None),
        Some(Fit::Caution(rule)) => (CheckResult::Caution, Some(rule)),
        Some(Fit::Stop(rule)) => (CheckResult::Stop, Some(rule)),
    };
    GateCheck { gate, result, rule, args: Args::new() }
}

fn caution(gate: Gate, rule: CareRule) -> GateCheck {
    of_fit(gate, Some(Fit::Caution(rule)))
}

fn not_yet(gate: Gate) -> GateCheck {
    of_fit(gate, None)
}

fn specimen(
    unit: &Unit,
    facts: &IssueFacts,
    patient: &PatientFacts,
    emergency: bool,
    now: Instant,
) -> GateCheck {
    if emergency || !carries_red_cells(unit.component) {
        return not_yet(Gate::Specimen);
    }
    of(
        Gate::Specimen,
        match &facts.sample {
            None => Err(Refusal::stop(CareRule::SampleMissing)),
            Some(sample) if sample.patient != patient.id => {
                Err(Refusal::stop(CareRule::SampleOfAnother))
            }
            // Drawn after the bag had left: at that time there was none.
            Some(sample) if facts.later.is_some() && sample.drawn_at > now => {
                Err(Refusal::stop(CareRule::SampleMissing))
            }
            Some(sample) => sample.usable(now),
        },
    )
}

/// The group's own rules: the ordinary table, or the rule for an unknown group in an emergency.
fn compatibility(
    unit: &Unit,
    facts: &IssueFacts,
    patient: &PatientFacts,
    emergency: bool,
    policy: &Policy,
    care: &CarePolicy,
) -> Vec<(Gate, Fit<CareRule>)> {
    let known = matches!(patient.group, KnownGroup::Once(_) | KnownGroup::Confirmed(_));
    let asked = Asked { patient, policy, care, low_titre_given: facts.low_titre_given };
    if !known && emergency {
        let mut all = vec![(Gate::PatientGroup, Fit::Compatible)];
        all.extend(unknown_group_fit(unit, &asked));
        return all;
    }
    fit(unit.component, unit.group, unit.low_titre, patient, policy)
        .into_iter()
        .map(|verdict| {
            let gate = match verdict.about {
                CheckName::GroupKnown => Gate::PatientGroup,
                CheckName::AboCompatible => Gate::Abo,
                CheckName::RhdRule => Gate::Rhd,
                _ => Gate::AntibodyHistory,
            };
            let fit = match verdict.fit {
                // Here an emergency has a way of its own, with a physician's order.
                Fit::Caution(rule @ (Rule::PatientGroupUnknown | Rule::PatientGroupConflict)) => {
                    Fit::Stop(CareRule::Unit(rule))
                }
                // The one exception to "whole blood identical only".
                Fit::Stop(Rule::AboIncompatible)
                    if emergency && unit.component == Component::WholeBlood =>
                {
                    low_titre_whole_blood(unit, &asked)
                }
                other => in_care(other),
            };
            (gate, fit)
        })
        .collect()
}

fn in_date_gate(unit: &Unit, facts: &IssueFacts, policy: &Policy, now: Instant) -> GateCheck {
    let mut check = of(Gate::UnitInDate, in_date(unit, &facts.unit, now).map_err(Refusal::from));
    let soon = TimeDelta::hours(i64::from(policy.expires_soon_hours.value));
    if check.result == CheckResult::Pass && unit.expires.at - now <= soon {
        check = caution(Gate::UnitInDate, CareRule::Unit(Rule::ExpiresSoon));
    }
    check.args.insert("expiresAt", unit.expires.at.to_rfc3339());
    check.args.insert("zone", unit.expires.zone.to_string());
    check
}

/// The group on the label against the other bags of its donation and the one determined on arrival.
fn unit_group(unit: &Unit, facts: &IssueFacts) -> GateCheck {
    let is = (unit.group, unit.phenotype);
    let one_group = one_group_of_donation(unit.id, &unit.din, is, &facts.unit);
    if let Err(refused) = one_group {
        return of(Gate::UnitGroup, Err(Refusal::from(refused)));
    }
    match facts.traits.confirmed {
        Some(retype) if (retype.group, retype.phenotype) != is => of(
            Gate::UnitGroup,
            Err(Refusal::stop(CareRule::UnitGroupMismatch)
                .with("label", unit.group)
                .with("confirmed", retype.group)),
        ),
        None if carries_red_cells(unit.component) => {
            caution(Gate::UnitGroup, CareRule::UnitGroupUnconfirmed)
        }
        _ => of(Gate::UnitGroup, Ok(())),
    }
}

/// What the scanner read must be the unit on the screen, in all three parts: that is what tells
/// two bags of one patient apart (bloodbank.md 1.3).
pub(crate) fn scan_agrees(unit: &Unit, bag: &BagScan) -> Result<(), Refusal> {
    let field = if bag.din != unit.din {
        "din"
    } else if bag.product_code != unit.product_code {
        "productCode"
    } else if (bag.group, bag.phenotype) != (unit.group, unit.phenotype) {
        "group"
    } else {
        return Ok(());
    };
    Err(Refusal::stop(CareRule::ScanDisagrees).with("field", field))
}

fn product(unit: &Unit, request: &Request, patient: PatientId) -> Result<(), Refusal> {
    if request.patient != patient {
        return Err(Refusal::stop(CareRule::IdentityMismatch).with("field", "request"));
    }
    if request.status != RequestStatus::Open {
        return Err(Refusal::stop(CareRule::RequestClosed));
    }
    if request.component != unit.component {
        return Err(Refusal::stop(CareRule::ProductNotOrdered)
            .with("ordered", crossmatch::snake(&request.component)));
    }
    Ok(())
}

fn crossmatch_gate(
    unit: &Unit,
    facts: &IssueFacts,
    patient: &PatientFacts,
    emergency: bool,
    care: &CarePolicy,
    now: Instant,
) -> GateCheck {
    let gate = Gate::Crossmatch;
    let done = facts.crossmatch.as_ref();
    // One found incompatible stops even the emergency: it is known, not merely absent.
    if let Some(done) = done.filter(|c| {
        c.unit == unit.id
            && c.patient == patient.id
            && c.withdrawn.is_none()
            && c.outcome == crossmatch::Outcome::Incompatible
    }) {
        let refusal = Refusal::stop(CareRule::CrossmatchIncompatible);
        return of(gate, Err(refusal.with("doneAt", done.done_at.to_rfc3339())));
    }
    let sample = facts.sample.as_ref();
    // Asked again with what is known at this moment: an antibody that came with the last
    // synchronisation makes yesterday's method too weak (scenario 46).
    let needed = needed(unit, &facts.traits, sample, &facts.crossmatching, care, now);
    let Some(minimum) = needed.minimum else { return of(gate, Ok(())) };
    if emergency {
        return not_yet(gate);
    }
    let least = match minimum {
        Minimum::NewSample if sample.is_none() => {
            return of(gate, Err(Refusal::stop(CareRule::CrossmatchMissing)));
        }
        Minimum::NewSample => return of(gate, Err(Refusal::stop(CareRule::SampleTooOld))),
        // Blood without a screen leaves on a physician's order only (bloodbank.md 2.8).
        Minimum::EmergencyOnly => {
            return of(gate, Err(Refusal::stop(CareRule::StepMissing).with("field", "screen")));
        }
        Minimum::Crossmatch(least) => least,
    };
    // Mixed after the bag had left: at that time there was none.
    let done = done.filter(|done| facts.later.is_none() || done.done_at <= now);
    let Some(done) = done else {
        let refusal = Refusal::stop(CareRule::CrossmatchMissing);
        return of(gate, Err(refusal.with("least", crossmatch::snake(&least))));
    };
    of(
        gate,
        done.covers(unit.id, patient.id, sample, now).and_then(|()| {
            if done.method < least {
                return Err(Refusal::stop(CareRule::MethodTooWeak)
                    .with("least", crossmatch::snake(&least))
                    .with("method", crossmatch::snake(&done.method)));
            }
            if needed.group_o_only && unit.group.abo != Abo::O {
                return Err(Refusal::stop(CareRule::OnlyGroupO));
            }
            Ok(())
        }),
    )
}

/// Special requirements. A tested antigen against which the patient has an antibody stops; one that
/// was not tested is a warning. In an emergency all of them are warnings.
fn requirements(unit: &Unit, facts: &IssueFacts, emergency: bool, now: Instant) -> GateCheck {
    let mut needs = facts.history().needs(now);
    needs.extend(facts.request.iter().flat_map(|request| &request.needs));
    needs.extend(&facts.also_needed);
    let missing = unmet(unit.component, &facts.traits, &needs);
    if missing.is_empty() {
        return of(Gate::Requirements, Ok(()));
    }
    let positive = |antigen: &Antigen| facts.traits.antigens.get(antigen) == Some(&true);
    let antigen = missing.iter().any(|need| matches!(need, Need::AntigenNegative(_)));
    let stops = missing.iter().any(|need| match need {
        Need::Attribute(_) => true,
        Need::AntigenNegative(antigen) => positive(antigen),
    });
    let rule = if antigen { CareRule::AntigenPositive } else { CareRule::RequirementUnmet };
    let named: Vec<String> = missing
        .iter()
        .map(|need| match need {
            Need::Attribute(attribute) => crossmatch::snake(attribute),
            Need::AntigenNegative(antigen) => format!("{}-", antigen.sign()),
        })
        .collect();
    let fit = if stops && !emergency { Fit::Stop(rule) } else { Fit::Caution(rule) };
    let mut check = of_fit(Gate::Requirements, Some(fit));
    check.args.insert("requirements", named.join(","));
    check
}

/// A compatible group while the patient's own is on the shelf, where policy asks for a reason.
fn identical(
    unit: &Unit,
    facts: &IssueFacts,
    patient: &PatientFacts,
    care: &CarePolicy,
) -> GateCheck {
    let own = match &patient.group {
        KnownGroup::Once(group) | KnownGroup::Confirmed(group) => *group,
        _ => return not_yet(Gate::IdenticalGroup),
    };
    if own == unit.group || facts.identical_left == 0 || !care.reason_for_other_group.value {
        return of(Gate::IdenticalGroup, Ok(()));
    }
    let mut check = caution(Gate::IdenticalGroup, CareRule::Unit(Rule::NotIdenticalGroup));
    check.args.insert("identicalLeft", facts.identical_left.to_string());
    check
}

fn slip(unit: &Unit, facts: &IssueFacts, ask: &IssueAsk) -> Result<(), Refusal> {
    let Some(slip) = &ask.slip else { return Ok(()) };
    if slip.unit != unit.id || slip.patient != ask.patient {
        let field = if slip.unit == unit.id { "patient" } else { "unit" };
        return Err(Refusal::stop(CareRule::SlipOfAnother).with("field", field));
    }
    if facts.slips_used.contains(&slip.id) {
        return Err(Refusal::stop(CareRule::SlipUsed));
    }
    Ok(())
}

fn order(facts: &IssueFacts, ask: &IssueAsk) -> GateCheck {
    let Some(order) = &ask.emergency else { return not_yet(Gate::Order) };
    of(
        Gate::Order,
        active(order.physician, &facts.staff).and_then(|who| {
            if !who.physician {
                return Err(Refusal::stop(CareRule::NotAPhysician).with("staff", who.id));
            }
            if crate::words::text(&order.justification, "justification").is_none() {
                return Err(Refusal::stop(CareRule::OrderMissing));
            }
            Ok(())
        }),
    )
}

/// On what ground the unit left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Basis {
    /// No red cells in it.
    NoCrossmatchNeeded,
    Crossmatched {
        crossmatch: CrossmatchId,
    },
    /// The bag carries the tag UNCROSSMATCHED.
    Uncrossmatched {
        order: EmergencyOrder,
    },
    /// Given on paper without a crossmatch, and without a physician's order.
    NoCrossmatch,
}

impl Basis {
    /// It left without a crossmatch, so one is owed.
    pub fn uncrossmatched(&self) -> bool {
        matches!(self, Basis::Uncrossmatched { .. } | Basis::NoCrossmatch)
    }
}

/// One unit on its way. The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispensation {
    pub id: DispensationId,
    pub unit: UnitId,
    pub component: Component,
    pub patient: PatientId,
    pub request: Option<RequestId>,
    pub protocol: Option<ProtocolId>,
    pub basis: Basis,
    pub slip: Option<SlipId>,
    pub collected_by: String,
    pub left_storage_at: Instant,
    pub status: Status,
    /// Entered later than it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<Instant>,
    /// The rules that it broke on paper, or by what was known only elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<CareRule>,
    /// Whoever handed it over, and where; not known of the oldest records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StaffId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// RhD positive to somebody whom anti-D could harm: what a physician decided on anti-D immunoglobulin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anti_d: Option<AntiD>,
    pub version: u64,
}

/// The question that an RhD-positive bag leaves for a physician (bloodbank.md 2.2, scenario 49).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AntiD {
    Open,
    Answered { words: String, by: StaffId, at: Instant },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Status {
    Out,
    /// Its transfusion was begun.
    Used,
    Returned {
        at: Instant,
        failed: Vec<ReturnFault>,
    },
    /// Two people found that the form was wrong: this bag did not go to this patient.
    EnteredInError {
        at: Instant,
        reason: String,
        by: StaffId,
        second: StaffId,
    },
}

/// An instant as a device saw it, corrected by what is known of that device's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Corrected.
    pub at: Instant,
    /// How far it may still be off, in seconds.
    pub uncertain_s: u32,
}

impl Stamp {
    pub fn exact(at: Instant) -> Self {
        Self { at, uncertain_s: 0 }
    }
    /// `behind_s`: by how much that device's clock is behind, negative when it is ahead.
    pub fn corrected(wall: Instant, behind_s: i64, uncertain_s: u32) -> Self {
        let behind = TimeDelta::try_seconds(behind_s).unwrap_or_default();
        Self { at: wall.checked_add_signed(behind).unwrap_or(wall), uncertain_s }
    }
}

/// What a unit comes back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    pub left: Stamp,
    pub back: Stamp,
    /// 1/10 degree Celsius.
    pub temperature: Option<i32>,
    pub seal_intact: bool,
    pub segment_attached: bool,
    pub appearance_ok: bool,
    /// Earlier returns of the same unit.
    pub excursions: u32,
}

/// Why a returned unit does not go back on the shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnFault {
    TooLong,
    /// It was in time only if both clocks were right.
    TimeUncertain,
    TooWarm,
    TooCold,
    /// Of a component that is judged by its temperature.
    TemperatureNotMeasured,
    SealBroken,
    SegmentMissing,
    Appearance,
    TooManyExcursions,
}

/// The return rule (2.9): time and temperature and seal and segment and look; temperature beats
/// time. Empty: back on the shelf.
pub fn return_faults(component: Component, back: &Return, care: &CarePolicy) -> Vec<ReturnFault> {
    let mut faults = vec![];
    let out = back.back.at - back.left.at;
    let doubt =
        TimeDelta::seconds(i64::from(back.left.uncertain_s) + i64::from(back.back.uncertain_s));
    let limit = TimeDelta::minutes(i64::from(care.return_minutes.value));
    if out > limit {
        faults.push(ReturnFault::TooLong);
    } else if out + doubt > limit {
        faults.push(ReturnFault::TimeUncertain);
    }
    let (least, most) = match component {
        Component::RedCells | Component::WholeBlood | Component::Plasma => {
            (10, care.return_tenths_max.value)
        }
        Component::Platelets | Component::Cryoprecipitate => {
            if back.temperature.is_none() {
                faults.push(ReturnFault::TemperatureNotMeasured);
            }
            let row = care.transport_of(Component::Platelets);
            row.map_or((200, 240), |row| (row.least, row.most))
        }
    };
    match back.temperature {
        Some(measured) if measured > most => faults.push(ReturnFault::TooWarm),
        Some(measured) if measured < least => faults.push(ReturnFault::TooCold),
        _ => {}
    }
    if !back.seal_intact {
        faults.push(ReturnFault::SealBroken);
    }
    if !back.segment_attached && carries_red_cells(component) {
        faults.push(ReturnFault::SegmentMissing);
    }
    if !back.appearance_ok {
        faults.push(ReturnFault::Appearance);
    }
    if back.excursions.saturating_add(1) > care.return_excursions_max.value {
        faults.push(ReturnFault::TooManyExcursions);
    }
    faults
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Issue {
        ask: Box<IssueAsk>,
    },
    SignOrder {
        physician: StaffId,
    },
    /// What a physician decided on anti-D immunoglobulin.
    AnswerAntiD {
        words: String,
        physician: StaffId,
    },
    TakeBack {
        back: Return,
    },
    NoteUsed,
    /// It was said to be given, and no bedside record says so: it was not.
    WithdrawUse {
        reason: String,
    },
    /// The paper issue of a bag that two records name was not so.
    EnterInError {
        reason: String,
        second: StaffId,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Issued {
        unit: UnitId,
        component: Component,
        patient: PatientId,
        request: Option<RequestId>,
        protocol: Option<ProtocolId>,
        basis: Basis,
        slip: Option<SlipId>,
        collected_by: String,
        /// RhD-positive to somebody whom anti-D could harm.
        anti_d_risk: bool,
        at: Instant,
        /// Entered later than it happened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recorded_at: Option<Instant>,
        /// The rules that it broke on paper, or by what was known only elsewhere.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        against: Vec<CareRule>,
        /// Whoever handed it over, and where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<StaffId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        site: Option<String>,
    },
    OrderSigned {
        physician: StaffId,
        at: Instant,
    },
    /// Anti-D immunoglobulin is for a physician to decide.
    AntiDOpened,
    AntiDAnswered {
        words: String,
        physician: StaffId,
        at: Instant,
    },
    TakenBack {
        at: Instant,
        failed: Vec<ReturnFault>,
    },
    NotedUsed,
    /// It was said to be given and was not: it is out again.
    UseWithdrawn {
        at: Instant,
        reason: String,
        by: StaffId,
    },
    EnteredInError {
        at: Instant,
        reason: String,
        by: StaffId,
        second: StaffId,
    },
}

/// The events of the dispensation and, with them, those of the unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    pub events: Vec<Event>,
    pub unit: Vec<UnitEvent>,
}

/// Decides a command on a dispensation. `unit` is its unit, `by` the command's id.
///
/// # Errors
/// The first gate that stops, or else every warning that the override does not cover; a return of
/// what is not out.
#[expect(clippy::too_many_arguments, reason = "the signature of every decide, plus the unit")]
pub fn decide(
    state: Option<&Dispensation>,
    unit: &Unit,
    facts: &IssueFacts,
    command: &Command,
    overridden: &[CareRule],
    policy: &Policy,
    care: &CarePolicy,
    now: Instant,
    by: CommandId,
) -> Result<Decided, Refusal> {
    match (state, command) {
        (None, Command::Issue { ask }) => issue(unit, facts, ask, overridden, policy, care, now),
        (Some(_), Command::Issue { .. }) => Err(Refusal::stop(CareRule::Known)),
        // The rule for what was never given out at all.
        (None, Command::TakeBack { .. }) => Err(Refusal::stop(CareRule::Unit(Rule::UnitNotIssued))),
        (None, _) => Err(unknown("dispensation")),
        (Some(state), Command::SignOrder { physician }) => {
            let Basis::Uncrossmatched { order } = &state.basis else {
                return Err(changed("crossmatched"));
            };
            if order.signed_at.is_some() {
                return Err(changed("signed"));
            }
            let who = active(*physician, &facts.staff)?;
            // The order was this physician's: nobody signs for another.
            if !who.physician || order.physician != *physician {
                return Err(Refusal::stop(CareRule::NotAPhysician).with("staff", physician));
            }
            Ok(Decided {
                events: vec![Event::OrderSigned { physician: *physician, at: now }],
                unit: vec![],
            })
        }
        (Some(state), Command::AnswerAntiD { words, physician }) => {
            match &state.anti_d {
                Some(AntiD::Open) => {}
                Some(AntiD::Answered { .. }) => return Err(changed("answered")),
                None => return Err(changed("notAsked")),
            }
            if !active(*physician, &facts.staff)?.physician {
                return Err(Refusal::stop(CareRule::NotAPhysician).with("staff", physician));
            }
            let words = text(words, "words")?;
            let answered = Event::AntiDAnswered { words, physician: *physician, at: now };
            Ok(Decided { events: vec![answered], unit: vec![] })
        }
        (Some(state), Command::NoteUsed) => match state.status {
            Status::Out => Ok(Decided { events: vec![Event::NotedUsed], unit: vec![] }),
            Status::Used => Ok(Decided::default()),
            Status::Returned { .. } => Err(changed("returned")),
            Status::EnteredInError { .. } => Err(changed("enteredInError")),
        },
        (Some(state), Command::WithdrawUse { reason }) => {
            match state.status {
                // Blood that ran is not undone by a word.
                Status::Used if facts.begun != Some(false) => {
                    return Err(Refusal::stop(CareRule::AlreadyTransfused));
                }
                Status::Used => {}
                _ => return Err(changed("notUsed")),
            }
            let by = facts.by.ok_or_else(|| unknown("staff"))?;
            let reason = text(reason, "reason")?;
            let withdrawn = Event::UseWithdrawn { at: now, reason, by };
            Ok(Decided { events: vec![withdrawn], unit: vec![] })
        }
        (Some(state), Command::EnterInError { reason, second }) => {
            in_error(state, unit, facts, reason, *second, now, by)
        }
        (Some(state), Command::TakeBack { back }) => {
            if state.unit != unit.id {
                return Err(unknown("unit"));
            }
            still_out(state)?;
            if !matches!(unit.status, UnitStatus::Issued { patient, .. } if patient == state.patient)
            {
                return Err(Refusal::stop(CareRule::Unit(Rule::UnitNotIssued)));
            }
            not_after("left", back.left.at, back.back.at)?;
            let mut failed = return_faults(unit.component, back, care);
            // Back on the shelf is within reach of the next patient, who is given blood by today's rules.
            if let Some(today) = &facts.care_of_entry {
                failed.extend(return_faults(unit.component, back, today));
                failed.sort_unstable();
                failed.dedup();
            }
            let reason = (!failed.is_empty()).then(|| {
                let names: Vec<String> = failed.iter().map(crossmatch::snake).collect();
                format!("return-failed: {}", names.join(", "))
            });
            let taken =
                UnitEvent::TakenBack { patient: state.patient, at: now, failed: reason, cause: by };
            Ok(Decided { events: vec![Event::TakenBack { at: now, failed }], unit: vec![taken] })
        }
    }
}

/// Blood that ran is not undone by a word: its case works it out.
fn still_out(state: &Dispensation) -> Result<(), Refusal> {
    match state.status {
        Status::Used => Err(Refusal::stop(CareRule::AlreadyTransfused)),
        Status::Returned { .. } => Err(changed("returned")),
        Status::EnteredInError { .. } => Err(changed("enteredInError")),
        Status::Out => Ok(()),
    }
}

/// Of two records of one bag one was not so. It stays in the history with who said so; the bag stands as given
/// to the patient of the other one, or, where there is none, waits in quarantine for somebody to look at it.
fn in_error(
    state: &Dispensation,
    unit: &Unit,
    facts: &IssueFacts,
    reason: &str,
    second: StaffId,
    now: Instant,
    by: CommandId,
) -> Result<Decided, Refusal> {
    if state.unit != unit.id {
        return Err(unknown("unit"));
    }
    still_out(state)?;
    if !state.in_conflict(unit, &facts.issues) {
        return Err(Refusal::stop(CareRule::NoConflict));
    }
    let first = facts.by.ok_or_else(|| unknown("staff"))?;
    two_people(first, second, &facts.staff)?;
    let reason = kernel::reason(reason)
        .ok_or_else(|| Refusal::stop(CareRule::Blank).with("field", "reason"))?;
    let was_theirs =
        matches!(unit.status, UnitStatus::Issued { patient, .. } if patient == state.patient);
    let other = state.others(&facts.issues).max_by_key(|other| other.left_storage_at);
    let moved = match other {
        _ if !was_theirs => None,
        // The same patient stands on both: the bag is still theirs.
        Some(other) if other.patient == state.patient => None,
        Some(other) => Some(UnitEvent::Issued {
            patient: other.patient,
            at: other.left_storage_at,
            collected_by: other.collected_by.clone(),
        }),
        None => Some(UnitEvent::TakenBack {
            patient: state.patient,
            at: now,
            failed: Some(format!("entered in error: {reason}")),
            cause: by,
        }),
    };
    Ok(Decided {
        events: vec![Event::EnteredInError { at: now, reason, by: first, second }],
        unit: moved.into_iter().collect(),
    })
}

fn issue(
    unit: &Unit,
    facts: &IssueFacts,
    ask: &IssueAsk,
    overridden: &[CareRule],
    policy: &Policy,
    care: &CarePolicy,
    now: Instant,
) -> Result<Decided, Refusal> {
    let checks = gates(unit, facts, ask, policy, care, now);
    let mut judging = Judging::new(facts.later, overridden);
    if let (Some(_), UnitStatus::Issued { patient, at, .. }) = (facts.later, &unit.status)
        && *patient == ask.patient
    {
        return Err(Refusal::stop(CareRule::AlreadyEntered).with("at", at.to_rfc3339()));
    }
    for stop in checks.iter().filter(|check| check.result == CheckResult::Stop) {
        let rule = stop.rule.unwrap_or(CareRule::Changed);
        let refusal = Refusal::HardStop { rule, args: stop.args.clone() }
            .with("gate", crossmatch::snake(&stop.gate));
        // Somebody else was quicker, at another counter: who it was is the first question (scenario 55).
        let first = facts.given.as_ref().filter(|first| first.unit == unit.id).and_then(|f| f.by);
        let refusal = match (rule, first) {
            (CareRule::Unit(Rule::UnitGone), Some(by)) => refusal.with("by", by),
            _ => refusal,
        };
        if of_the_entry(stop.gate) {
            return Err(refusal);
        }
        judging.take(Err(refusal))?;
    }
    // Its donation is on hold by now: no gate of its own here, refused where the bag is still here.
    if facts.later.is_some() && facts.on_hold && facts.recalled.is_none() {
        judging.take(Err(Refusal::stop(CareRule::Unit(Rule::UnitQuarantined))))?;
    }
    let cautions: Vec<&GateCheck> = checks
        .iter()
        .filter(|check| check.result == CheckResult::Caution)
        // Shown, never in the way.
        .filter(|check| check.rule != Some(CareRule::Unit(Rule::ExpiresSoon)))
        .collect();
    let mut open: Vec<CareRule> = cautions
        .iter()
        .filter_map(|check| check.rule)
        .filter(|rule| !overridden.contains(rule))
        .collect();
    let (against, mut args) = match judging.done() {
        Ok(against) => (against, Args::new()),
        Err(Refusal::NeedsOverride { rules, args }) => {
            open.extend(rules);
            (vec![], args)
        }
        Err(other) => return Err(other),
    };
    open.sort_unstable();
    open.dedup();
    if !open.is_empty() {
        for check in &cautions {
            args.extend(check.args.clone());
        }
        return Err(Refusal::NeedsOverride { rules: open, args });
    }
    let patient = facts.unit.patient.as_ref().ok_or_else(|| unknown("patient"))?;
    // A strong warning: only a physician may pass it (2.2, scenario 49).
    let mismatch =
        cautions.iter().any(|check| check.rule == Some(CareRule::Unit(Rule::RhdMismatch)));
    let anti_d_risk = mismatch && is_protected(patient, policy);
    if anti_d_risk && facts.later.is_none() {
        let signer = ask
            .authoriser
            .ok_or_else(|| Refusal::stop(CareRule::NotAPhysician).with("protected", true))?;
        if !active(signer, &facts.staff)?.physician {
            return Err(Refusal::stop(CareRule::NotAPhysician).with("staff", signer));
        }
    }
    let collected_by = text(&ask.collected_by, "collectedBy")?;
    let basis = match (&ask.emergency, &facts.crossmatch) {
        _ if !carries_red_cells(unit.component) => Basis::NoCrossmatchNeeded,
        (Some(order), _) => Basis::Uncrossmatched { order: order.clone() },
        (None, _) if against.contains(&CareRule::CrossmatchMissing) => Basis::NoCrossmatch,
        (None, Some(done)) => Basis::Crossmatched { crossmatch: done.id },
        (None, None) if facts.later.is_some() => Basis::NoCrossmatch,
        // The gate has stopped this already; said again so that no path is left open.
        (None, None) => return Err(Refusal::stop(CareRule::CrossmatchMissing)),
    };
    let issued =
        UnitEvent::Issued { patient: patient.id, at: now, collected_by: collected_by.clone() };
    Ok(Decided {
        events: vec![Event::Issued {
            unit: unit.id,
            component: unit.component,
            patient: patient.id,
            request: facts.request.as_ref().map(|request| request.id),
            protocol: ask.protocol,
            basis,
            slip: ask.slip.map(|slip| slip.id),
            collected_by,
            anti_d_risk,
            at: now,
            recorded_at: facts.later.map(|later| later.recorded_at),
            against,
            by: facts.by,
            site: kernel::said(&facts.unit.site),
        }]
        .into_iter()
        .chain(anti_d_risk.then_some(Event::AntiDOpened))
        .collect(),
        unit: match unit.status {
            // Given to somebody else by the program: both records stay, and people work it out.
            UnitStatus::Issued { .. } => vec![],
            _ => lapse(unit, now).into_iter().chain([issued]).collect(),
        },
    })
}

/// The gates that ask whether the entry itself was read right. Nothing that happened on paper passes
/// them: the line is looked up again.
fn of_the_entry(gate: Gate) -> bool {
    matches!(gate, Gate::PatientIdentity | Gate::Scan | Gate::Slip | Gate::Collector | Gate::Order)
}

/// The dispensation after an event.
pub fn apply(
    state: Option<Dispensation>,
    id: DispensationId,
    event: &Event,
) -> Option<Dispensation> {
    if let (
        None,
        Event::Issued {
            unit,
            component,
            patient,
            request,
            protocol,
            basis,
            slip,
            collected_by,
            at,
            recorded_at,
            against,
            by,
            site,
            ..
        },
    ) = (&state, event)
    {
        return Some(Dispensation {
            id,
            unit: *unit,
            component: *component,
            patient: *patient,
            request: *request,
            protocol: *protocol,
            basis: basis.clone(),
            slip: *slip,
            collected_by: collected_by.clone(),
            left_storage_at: *at,
            status: Status::Out,
            recorded_at: *recorded_at,
            against: against.clone(),
            by: *by,
            site: site.clone(),
            anti_d: None,
            version: 1,
        });
    }
    let mut state = state?;
    state.version += 1;
    match event {
        Event::Issued { .. } => state.version -= 1,
        Event::OrderSigned { at, .. } => {
            if let Basis::Uncrossmatched { order } = &mut state.basis {
                order.signed_at = Some(*at);
            }
        }
        Event::AntiDOpened => state.anti_d = state.anti_d.or(Some(AntiD::Open)),
        Event::AntiDAnswered { words, physician, at } => {
            let (words, by, at) = (words.clone(), *physician, *at);
            state.anti_d = Some(AntiD::Answered { words, by, at });
        }
        Event::TakenBack { at, failed } => {
            state.status = Status::Returned { at: *at, failed: failed.clone() };
        }
        Event::NotedUsed => state.status = Status::Used,
        Event::UseWithdrawn { .. } if state.status == Status::Used => state.status = Status::Out,
        Event::UseWithdrawn { .. } => {}
        Event::EnteredInError { at, reason, by, second } => {
            let reason = reason.clone();
            state.status = Status::EnteredInError { at: *at, reason, by: *by, second: *second };
        }
    }
    Some(state)
}

impl Dispensation {
    /// The bag left with it and neither came back nor turned out to be another.
    pub fn stands(&self) -> bool {
        matches!(self.status, Status::Out | Status::Used)
    }
    /// Two people found that it was not so: nothing is owed for it any more.
    pub fn was_error(&self) -> bool {
        matches!(self.status, Status::EnteredInError { .. })
    }
    /// It was written on paper, or its site decided about a bag that it did not hold.
    fn of_paper(&self) -> bool {
        self.recorded_at.is_some() || self.breaks_custody()
    }
    /// By a site that did not hold the bag, or of a bag that had gone to somebody else by then.
    pub fn breaks_custody(&self) -> bool {
        let of_custody = [Rule::UnitNotHere, Rule::UnitGone].map(CareRule::Unit);
        self.against.iter().any(|rule| of_custody.contains(rule))
    }
    /// The other records of its bag that stand.
    fn others<'a>(&'a self, all: &'a [Dispensation]) -> impl Iterator<Item = &'a Dispensation> {
        all.iter().filter(|other| other.unit == self.unit && other.id != self.id && other.stands())
    }
    /// Whether it is one of two that cannot both be so, and came from paper.
    pub fn in_conflict(&self, unit: &Unit, all: &[Dispensation]) -> bool {
        let elsewhere = || self.site.as_ref().is_some_and(|site| *site != unit.site);
        self.status == Status::Out
            && self.of_paper()
            && (self.others(all).next().is_some() || (self.breaks_custody() && elsewhere()))
    }
    /// Whoever answers for the patient: who asked for the bag, or who ordered it in an emergency.
    pub fn answers(&self, request: Option<&Request>) -> Option<StaffId> {
        match (&self.basis, request) {
            (_, Some(request)) => Some(request.requested_by),
            (Basis::Uncrossmatched { order }, None) => Some(order.physician),
            _ => None,
        }
    }

    /// An emergency release whose order no physician has signed yet.
    pub fn is_unsigned(&self) -> bool {
        matches!(&self.basis, Basis::Uncrossmatched { order } if order.signed_at.is_none())
            && !self.was_error()
    }

    /// Whether a physician has still to decide on anti-D immunoglobulin. Nobody was exposed by a bag that came
    /// back, or never left.
    pub fn asks_anti_d(&self) -> bool {
        self.anti_d == Some(AntiD::Open) && self.stands()
    }

    /// What it still asks for: the signature of its order, a crossmatch where `crossmatched` says that
    /// none was made since, and a decision on anti-D.
    pub fn owed(&self, crossmatched: bool, care: &CarePolicy) -> Vec<Task> {
        let mut tasks = of_basis(&self.basis, self.left_storage_at, care);
        tasks.retain(|task| !crossmatched || task.what != TaskKind::RetrospectiveCrossmatch);
        if self.asks_anti_d() {
            let hours = TimeDelta::hours(i64::from(care.anti_d_hours.value));
            let due = self.left_storage_at.checked_add_signed(hours);
            tasks.push(Task::by(TaskKind::AntiDConsult, due.unwrap_or(self.left_storage_at)));
        }
        tasks
            .into_iter()
            .map(|task| task.with("unit", self.unit).with("patient", self.patient))
            .collect()
    }
}

/// What an issue without a crossmatch asks for.
fn of_basis(basis: &Basis, at: Instant, care: &CarePolicy) -> Vec<Task> {
    let mut tasks = vec![];
    if let Basis::Uncrossmatched { order } = basis
        && order.signed_at.is_none()
    {
        tasks.push(Task::now(TaskKind::SignEmergencyOrder).with("staff", order.physician));
    }
    if basis.uncrossmatched() {
        let hours = TimeDelta::hours(i64::from(care.retrospective_hours.value));
        let due = at.checked_add_signed(hours).unwrap_or(at);
        tasks.push(Task::by(TaskKind::RetrospectiveCrossmatch, due));
    }
    tasks
}

/// The emergency releases that no physician has signed yet, the oldest first.
pub fn unsigned(all: &[Dispensation]) -> Vec<&Dispensation> {
    let mut open: Vec<&Dispensation> = all.iter().filter(|one| one.is_unsigned()).collect();
    open.sort_by_key(|one| one.left_storage_at);
    open
}

/// The tag on a bag of this issue.
pub fn tag(basis: &Basis) -> Option<&'static str> {
    basis.uncrossmatched().then_some("UNCROSSMATCHED")
}
