//! What an event changes. It has happened, so nothing here can say no.

use crate::unit::Event;
use crate::{Quarantine, Status, Transit, Unit};
use kernel::{Instant, UnitId};

/// The state after an event. Cannot refuse: an event has happened. `None` only for an event other
/// than [`Event::Received`] about a unit that is not known. A second `Received` means that the bag
/// came in somewhere before the news of it: it counts as a scan-in.
///
/// News of custody comes late and out of order. What is older than the last move, and a scan-out to
/// where the unit is already, says nothing about where it is now.
pub fn apply(state: Option<Unit>, id: UnitId, event: &Event) -> Option<Unit> {
    if let Event::Received {
        din,
        product_code,
        component,
        group,
        phenotype,
        expires,
        collected_at,
        volume,
        place,
        supplier,
        low_titre,
        site,
        at,
    } = event
    {
        return Some(match state {
            Some(mut unit) => {
                unit.version += 1;
                arrive(&mut unit, site, *at);
                unit
            }
            None => Unit {
                id,
                din: din.clone(),
                product_code: product_code.clone(),
                component: *component,
                group: *group,
                phenotype: *phenotype,
                expires: *expires,
                collected_at: *collected_at,
                received_at: *at,
                volume: *volume,
                place: place.clone(),
                supplier: supplier.clone(),
                low_titre: *low_titre,
                site: site.clone(),
                status: Status::Available,
                quarantines: vec![],
                transit: None,
                moved_at: *at,
                version: 1,
            },
        });
    }
    let mut unit = state?;
    unit.version += 1;
    match event {
        Event::Received { .. } => {} // answered above
        Event::Reserved { patient, until } => {
            if matches!(unit.status, Status::Available | Status::Reserved { .. }) {
                unit.status = Status::Reserved { patient: *patient, until: *until };
            }
        }
        Event::HoldLapsed { .. } | Event::Released { .. } => settle(&mut unit),
        Event::Issued { patient, at, collected_by } => {
            unit.status =
                Status::Issued { patient: *patient, at: *at, collected_by: collected_by.clone() };
        }
        Event::Quarantined { reason, at, cause } => {
            unit.quarantines.push(Quarantine { cause: *cause, reason: reason.clone(), at: *at });
            settle(&mut unit);
        }
        Event::QuarantineLifted { lifts, .. } => {
            unit.quarantines.retain(|q| q.cause != *lifts);
            settle(&mut unit);
        }
        Event::Discarded { reason, at, .. } => {
            unit.status = Status::Discarded { reason: *reason, at: *at };
        }
        Event::Sent { to, at } => {
            if *at >= unit.moved_at && *to != unit.site {
                unit.transit = Some(Transit { to: to.clone(), at: *at });
                unit.moved_at = *at;
                settle(&mut unit);
            }
        }
        Event::TakenBack { at, failed, cause, .. } => {
            if let Some(reason) = failed {
                let (cause, reason, at) = (*cause, reason.clone(), *at);
                unit.quarantines.push(Quarantine { cause, reason, at });
            }
            if matches!(unit.status, Status::Issued { .. }) {
                unit.status = Status::Available;
                settle(&mut unit);
            }
        }
        Event::TakenIn { site, at } => arrive(&mut unit, site, *at),
        Event::Moved { place, .. } => place.clone_into(&mut unit.place),
    }
    Some(unit)
}

fn arrive(unit: &mut Unit, site: &str, at: Instant) {
    if at >= unit.moved_at {
        site.clone_into(&mut unit.site);
        unit.transit = None;
        unit.moved_at = at;
        settle(unit);
    }
}

/// The status of a unit that nobody holds. The more restrictive wins, whatever the order of events
/// from two sites (bloodbank.md 0.2): finished, then quarantined, then on its way, then available.
fn settle(unit: &mut Unit) {
    if !unit.is_live() {
        return;
    }
    unit.status = match (unit.quarantines.last(), &unit.transit) {
        (Some(q), _) => Status::Quarantined { reason: q.reason.clone(), at: q.at, cause: q.cause },
        (None, Some(transit)) => Status::InTransit { to: transit.to.clone(), at: transit.at },
        (None, None) => Status::Available,
    };
}
