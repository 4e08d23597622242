//! What may be done with one component before it stands in the stock: made, released, discarded.

use super::{Inspection, Made, Part, PartState, Refused, ReleaseView, Rule, Tests, release, split};
use crate::donation::Donation;
use crate::donor::Donor;
use crate::profile::Profile;
use crate::unit::DiscardReason;
use chrono::NaiveDate;
use kernel::{BloodGroup, Instant, StaffId, UnitId};
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
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PartEvent {
    Made { part: Box<Part> },
    Released { group: BloodGroup },
    Discarded { reason: DiscardReason, note: Option<String>, at: Instant },
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
        (None, _) => return Err(Refused::stop(Rule::NotFound).with("what", "part")),
        (Some(part), PartCommand::Make { .. }) => {
            let refused = Refused::stop(Rule::LabelTwice).with("din", &part.din);
            return Err(refused.with("productCode", &part.product_code));
        }
        (Some(part), _) => part,
    };
    match command {
        // Answered above.
        PartCommand::Make { .. } => Err(Refused::stop(Rule::LabelTwice)),
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
    }
}
