//! Taking a bag in: what a label may say at all. A value outside is a slip of the finger or of the
//! scanner, and nobody would look at it again once the bag lies in the fridge.

use crate::decide::{Decision, name, one_group_of_donation};
use crate::traits::Phenotype;
use crate::unit::{Command, Event, Expiry, Facts};
use crate::{Refused, Rule};
use chrono::{Days, NaiveDate};
use kernel::{Abo, Component, Instant, Millilitres, UnitId};

/// What a bag of one component can be.
///
/// Not the shelf life of a product, which the labelling facility decides under its own profile
/// ([`crate::profile`]), but the longest that any profile allows, so that no right label is refused
/// (bloodbank.md 2.3 and 2.4; to be confirmed by a transfusion specialist).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Days from the collection (day 0) to the last day of use.
    pub days: u64,
    /// Millilitres in one bag.
    pub least: Millilitres,
    pub most: Millilitres,
}

/// The bounds of a component.
///
/// Days: EU 2004/33 Annex IV [S6] for red cells and whole blood (49), platelets with bacterial
/// detection (7), plasma and cryoprecipitate (36 months). Frozen red cells (up to 30 years) are
/// labelled anew when they are thawed and are received as that. Plasma converted under 21 CFR
/// 610.53 (5 years) is made into other things and is not transfused.
///
/// Volumes: the ranges of 2.4 (whole blood 450 or 500 mL and 10 %, with its anticoagulant; red
/// cells to 400; plasma to 300, from apheresis about twice that; platelets 40 to 500; cryoprecipitate
/// 10 to 20, ten in a pool), the lower end widened for a paediatric part of a bag.
pub fn bounds_of(component: Component) -> Bounds {
    let (days, least, most) = match component {
        Component::RedCells => (49, 15, 500),
        Component::WholeBlood => (49, 40, 650),
        Component::Platelets => (7, 15, 700),
        Component::Plasma => (1_096, 20, 900),
        Component::Cryoprecipitate => (1_096, 5, 400),
    };
    Bounds { days, least: Millilitres(least), most: Millilitres(most) }
}

/// Decides the receipt of a bag that is not known.
pub(crate) fn receive(facts: &Facts, command: &Command, now: Instant) -> Decision {
    let Command::Receive {
        din,
        product_code,
        component,
        group,
        phenotype,
        expires_wall,
        zone,
        collected_at,
        volume,
        place,
        ..
    } = command
    else {
        return Ok(vec![]);
    };
    // Structure only; check characters and tables are the barcode crate's.
    let plain = |text: &str, length| {
        text.len() == length && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    if !plain(din, 13) || !plain(product_code, 8) {
        return Err(Refused::stop(Rule::LocalCodeNotIsbt)
            .with("din", din)
            .with("productCode", product_code));
    }
    let usual = match phenotype {
        Phenotype::Ordinary => true,
        Phenotype::Bombay => group.abo == Abo::O,
        Phenotype::ParaBombay => false,
    };
    if !usual {
        return Err(Refused::stop(Rule::GroupNotUsual).with("unitGroup", group));
    }
    let id = UnitId::of_label(din, product_code);
    one_group_of_donation(id, din, (*group, *phenotype), facts)?;
    let expires = Expiry::of_label(*expires_wall, *zone);
    times(*component, &expires, *collected_at, facts.clock_suspect, now)?;
    volume.map_or(Ok(()), |volume| holds(*component, volume))?;
    kernel::said(place).ok_or_else(|| Refused::stop(Rule::PlaceMissing))?;
    Ok(came(command, &facts.site, now).into_iter().collect())
}

/// The event of a bag that came in as a receipt says, accepted or not; none for another command.
pub fn came(command: &Command, site: &str, at: Instant) -> Option<Event> {
    let Command::Receive {
        din,
        product_code,
        component,
        group,
        phenotype,
        expires_wall,
        zone,
        collected_at,
        volume,
        place,
        supplier,
        low_titre,
    } = command
    else {
        return None;
    };
    Some(Event::Received {
        din: din.clone(),
        product_code: product_code.clone(),
        component: *component,
        group: *group,
        phenotype: *phenotype,
        expires: Expiry::of_label(*expires_wall, *zone),
        collected_at: *collected_at,
        volume: *volume,
        place: kernel::said(place).unwrap_or_default(),
        supplier: supplier.as_deref().and_then(kernel::said),
        low_titre: *low_titre,
        site: site.to_owned(),
        at,
    })
}

/// The two dates of a label against each other, the component and the clock.
fn times(
    component: Component,
    expires: &Expiry,
    collected_at: Option<Instant>,
    clock_suspect: bool,
    now: Instant,
) -> Result<(), Refused> {
    // A doubtful clock can no more prove a date wrong than right.
    let stop = |rule| Refused::stop(if clock_suspect { Rule::UnitExpiryUnsure } else { rule });
    let ends = |refused: Refused| refused.with("expiresAt", expires.at.to_rfc3339());
    if expires.is_past(now) {
        return Err(ends(stop(Rule::ExpiryInPast)));
    }
    if let Some(collected) = collected_at.filter(|collected| *collected > now) {
        return Err(ends(
            stop(Rule::CollectionImpossible).with("collectedAt", collected.to_rfc3339()),
        ));
    }
    // Not collected later than now, so without a date of collection it cannot keep longer than if
    // it had been collected now.
    let from = collected_at.unwrap_or(now).with_timezone(&expires.zone).date_naive();
    let days = bounds_of(component).days;
    let latest = from.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
    if expires.wall.date() > latest {
        // The date of collection stands on the label; only without it does the clock decide.
        let refused = match collected_at {
            Some(_) => Refused::stop(Rule::ExpiryTooFar),
            None => stop(Rule::ExpiryTooFar),
        };
        return Err(ends(refused)
            .with("component", name(component))
            .with("days", days)
            .with("latest", latest));
    }
    Ok(())
}

fn holds(component: Component, volume: Millilitres) -> Result<(), Refused> {
    let Bounds { least, most, .. } = bounds_of(component);
    if (least..=most).contains(&volume) {
        return Ok(());
    }
    Err(Refused::stop(Rule::VolumeImpossible)
        .with("component", name(component))
        .with("volume", volume.0)
        .with("least", least.0)
        .with("most", most.0))
}
