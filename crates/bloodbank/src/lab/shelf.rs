//! What may be done with one component before it stands in the stock: made, released, discarded.

use super::{
    Attributes, Inspection, Made, Part, PartState, Product, Refused, ReleaseView, Rule, Tests,
    Treatment, Work, release, split, treat,
};
use crate::donation::Donation;
use crate::donor::Donor;
use crate::profile::Profile;
use crate::unit::{DiscardReason, Status, Unit};
use chrono::NaiveDate;
use kernel::{BloodGroup, DonationId, Instant, Millilitres, StaffId, UnitId};
use serde::{Deserialize, Serialize};

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PartCommand {
    /// The donation is divided into all of `made`; this is one of them.
    Make {
        made: Vec<Made>,
    },
    /// Leaves quarantine, when nothing stands against it.
    Release {
        inspection: Inspection,
        label_verified: bool,
    },
    Discard {
        reason: DiscardReason,
        note: Option<String>,
    },
    /// A bag from outside comes to the bench as this product.
    Take {
        product: Product,
    },
    /// This is one of the children of a treatment.
    Treat {
        treatment: Treatment,
    },
    /// Its children stand for it from now on.
    Modify {
        work: Work,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PartEvent {
    Made { part: Box<Part> },
    Released { group: BloodGroup },
    Discarded { reason: DiscardReason, note: Option<String>, at: Instant },
    Modified { work: Work, at: Instant },
}

/// All that a decision may know beside the component.
#[derive(Clone, Copy, Debug)]
pub struct PartFacts<'a> {
    pub actor: StaffId,
    pub second: Option<StaffId>,
    /// The local day of the site.
    pub today: NaiveDate,
    /// The donation that is divided.
    pub donation: Option<&'a Donation>,
    /// Every donation in it, with its tests and its donor.
    pub sources: &'a [(&'a Donation, &'a Tests, &'a Donor)],
    /// The bag of this label as it stands on the shelf.
    pub unit: Option<&'a Unit>,
    /// The other components of the command: of a treatment its parents.
    pub parents: &'a [&'a Part],
}

/// Decides a command on one component of this label.
///
/// # Errors
/// The gravest hard stop.
pub fn decide_part(
    state: Option<&Part>,
    id: UnitId,
    facts: &PartFacts<'_>,
    command: &PartCommand,
    profile: &Profile,
    now: Instant,
) -> Result<PartEvent, Refused> {
    let part = match (state, command) {
        (None, PartCommand::Make { made }) => {
            let donation = facts.donation.ok_or_else(|| Refused::stop(Rule::NotFound))?;
            // Divided once: a second set of the same blood does not exist.
            if !donation.parts.is_empty() {
                return Err(Refused::stop(Rule::LabelTwice).with("din", &donation.din));
            }
            let parts = split(donation, made, profile, now)?;
            let one = parts.into_iter().find(|part| part.id == id);
            let part = one.ok_or_else(|| Refused::stop(Rule::NotFound).with("what", "part"))?;
            return Ok(PartEvent::Made { part: Box::new(part) });
        }
        (None, PartCommand::Take { product }) => {
            let unit = facts.unit.filter(|unit| unit.id == id);
            let unit = unit.ok_or_else(|| Refused::stop(Rule::NotFound).with("what", "unit"))?;
            return Ok(PartEvent::Made { part: Box::new(taken(unit, *product)?) });
        }
        (None, PartCommand::Treat { treatment }) => {
            let children = treat(facts.parents, treatment, profile, now)?;
            let one = children.into_iter().find(|part| part.id == id);
            let part = one.ok_or_else(|| Refused::stop(Rule::NotFound).with("what", "part"))?;
            return Ok(PartEvent::Made { part: Box::new(part) });
        }
        (None, _) => return Err(Refused::stop(Rule::NotFound).with("what", "part")),
        (
            Some(part),
            PartCommand::Make { .. } | PartCommand::Take { .. } | PartCommand::Treat { .. },
        ) => {
            let refused = Refused::stop(Rule::LabelTwice).with("din", &part.din);
            return Err(refused.with("productCode", &part.product_code));
        }
        (Some(part), _) => part,
    };
    match command {
        // Answered above.
        PartCommand::Make { .. } | PartCommand::Take { .. } | PartCommand::Treat { .. } => {
            Err(Refused::stop(Rule::LabelTwice))
        }
        PartCommand::Modify { work } => {
            // Its children were made by the parts of this command before this one.
            let state = format!("{:?}", part.state);
            if !matches!(part.state, PartState::Available | PartState::Quarantine) {
                return Err(Refused::stop(Rule::NotAvailable).with("state", state));
            }
            if !facts.parents.iter().any(|child| child.parents.contains(&id)) {
                return Err(Refused::stop(Rule::PartCount).with("count", 0));
            }
            Ok(PartEvent::Modified { work: *work, at: now })
        }
        PartCommand::Release { inspection, label_verified } => {
            let view = ReleaseView {
                part,
                sources: facts.sources,
                inspection: *inspection,
                actor: facts.actor,
                second: facts.second,
                today: facts.today,
                label_verified: *label_verified,
            };
            let group = release(&view, profile, now)?.group;
            let group = group.ok_or_else(|| Refused::stop(Rule::TypingMissing))?;
            Ok(PartEvent::Released { group })
        }
        PartCommand::Discard { reason, note } => {
            if matches!(part.state, PartState::Discarded | PartState::Modified) {
                let state = format!("{:?}", part.state);
                return Err(Refused::stop(Rule::NotAvailable).with("state", state));
            }
            let said = note.as_deref().unwrap_or_default();
            let note = match reason {
                DiscardReason::Other => Some(
                    crate::words::text(said, "note")
                        .ok_or_else(|| Refused::stop(Rule::FieldMissing).with("field", "note"))?,
                ),
                _ => kernel::said(said),
            };
            Ok(PartEvent::Discarded { reason: *reason, note, at: now })
        }
    }
}

/// A bag that came from outside, as a component on the bench. Its own end stays the end that nothing
/// made of it may outlive.
///
/// # Errors
/// A bag that is not on the shelf, not of this component, or whose day of collection nobody knows.
pub fn taken(unit: &Unit, product: Product) -> Result<Part, Refused> {
    if product.component() != Some(unit.component) {
        let product = format!("{product:?}");
        return Err(Refused::stop(Rule::NotDoneToThis).with("product", product));
    }
    if !matches!(unit.status, Status::Available | Status::Reserved { .. }) {
        return Err(Refused::stop(Rule::NotAvailable).with("state", "not on the shelf"));
    }
    let collected_at = unit
        .collected_at
        .ok_or_else(|| Refused::stop(Rule::FieldMissing).with("field", "collectedAt"))?;
    Ok(Part {
        id: unit.id,
        din: unit.din.clone(),
        product_code: unit.product_code.clone(),
        product,
        attributes: Attributes::default(),
        group: Some(unit.group),
        volume: unit.volume.unwrap_or(Millilitres(0)),
        collected_at,
        made_at: collected_at,
        expires: unit.expires,
        frozen_until: None,
        zone: unit.expires.zone,
        donations: vec![DonationId::of_din(&unit.din)],
        parents: vec![],
        whole_blood: Product::WholeBloodCpda1,
        state: PartState::Available,
    })
}

/// The component after an event. What is discarded stays so, whatever comes later.
pub fn apply_part(state: Option<Part>, event: &PartEvent) -> Option<Part> {
    match event {
        PartEvent::Made { part } => state.or_else(|| Some((**part).clone())),
        PartEvent::Released { group } => state.map(|part| match part.state {
            PartState::Quarantine => {
                Part { state: PartState::Available, group: Some(*group), ..part }
            }
            _ => part,
        }),
        PartEvent::Discarded { .. } => {
            state.map(|part| Part { state: PartState::Discarded, ..part })
        }
        PartEvent::Modified { .. } => state.map(|part| match part.state {
            PartState::Discarded => part,
            _ => Part { state: PartState::Modified, ..part },
        }),
    }
}
