//! What the temperature log says about a component.

use super::{Part, PartState, Product, Refused, Rule};
use crate::profile::{Profile, Store};
use kernel::Instant;
use serde::{Deserialize, Serialize};

/// One reading of the place where the component lay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub at: Instant,
    /// Tenths of a degree Celsius.
    pub temperature: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoilt {
    pub at: Instant,
    pub temperature: i32,
    pub allowed: Store,
}

/// The first reading that spoils a product. None of them is undone by a good one afterwards.
pub fn spoilt(
    product: Product,
    made_at: Instant,
    log: &[Reading],
    profile: &Profile,
) -> Option<Spoilt> {
    let day = made_at.date_naive();
    let store = profile.life(product, day)?.value.store;
    log.iter()
        // What was logged before belongs to what it was made of.
        .filter(|reading| reading.at >= made_at)
        .find(|reading| {
            reading.temperature > store.warmest
                || store.coldest.is_some_and(|coldest| reading.temperature < coldest)
        })
        .map(|reading| Spoilt { at: reading.at, temperature: reading.temperature, allowed: store })
}

/// Whether a component may be chosen: free, in date, and kept as it must be.
///
/// # Errors
/// A hard stop that nobody overrides.
pub fn usable(
    part: &Part,
    log: &[Reading],
    profile: &Profile,
    now: Instant,
) -> Result<(), Refused> {
    if part.state != PartState::Available {
        let state = format!("{:?}", part.state);
        return Err(Refused::stop(Rule::NotAvailable).with("state", state));
    }
    if part.expires.is_past(now) {
        let refused = Refused::stop(Rule::Expired);
        return Err(refused.with("expiresAt", part.expires.at.to_rfc3339()));
    }
    match spoilt(part.product, part.made_at, log, profile) {
        None => Ok(()),
        Some(spoilt) => Err(Refused::stop(Rule::ColdChain)
            .with("product", format!("{:?}", part.product))
            .with("at", spoilt.at.to_rfc3339())
            .with("temperature", spoilt.temperature)),
    }
}
