//! A component in the laboratory, and the first division of a donation.

use super::{Making, Product, Refused, Rule, expiry};
use crate::donation::Donation;
use crate::profile::{Anticoagulant, DonationKind, Profile};
use crate::unit::Expiry;
use chrono::TimeDelta;
use chrono_tz::Tz;
use kernel::{BloodGroup, Component, DonationId, Instant, Millilitres, UnitId};
use serde::{Deserialize, Serialize};

/// One component, before and after it is labelled. What stands in the stock is the [`crate::Unit`]
/// of the same id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub id: UnitId,
    pub din: String,
    pub product_code: String,
    pub product: Product,
    pub attributes: Attributes,
    /// None until the donation is typed.
    pub group: Option<BloodGroup>,
    pub volume: Millilitres,
    /// Of a pool the earliest.
    pub collected_at: Instant,
    pub made_at: Instant,
    pub expires: Expiry,
    /// The end that relabelling after a thaw may reach: that of the frozen bag.
    pub frozen_until: Option<Expiry>,
    pub zone: Tz,
    /// Every donation that is in it.
    pub donations: Vec<DonationId>,
    /// What it was made of; empty: of the donation.
    pub parents: Vec<UnitId>,
    pub whole_blood: Product,
    pub state: PartState,
}

/// What was done to it, for labels and requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attributes {
    pub irradiated: bool,
    pub leukoreduced: bool,
    pub washed: bool,
    pub volume_reduced: bool,
    /// The closed system was opened.
    pub open: bool,
}

/// Ordered by how much it restricts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    Available,
    Quarantine,
    Recalled,
    /// Its children stand for it.
    Modified,
    Discarded,
}

/// A component as it comes off the bench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub product: Product,
    pub product_code: String,
    pub volume: Millilitres,
    /// Separated; of frozen plasma and of what is made of it: in the freezer for the first time.
    pub at: Instant,
}

/// What a machine may collect; whole blood is divided by its bag instead.
pub fn collected(kind: DonationKind) -> &'static [Product] {
    match kind {
        DonationKind::WholeBlood => &[],
        DonationKind::Platelets => &[Product::PlateletsApheresis],
        DonationKind::Plasma => &[Product::FreshFrozenPlasma],
        DonationKind::DoubleRedCells => &[Product::RedCellsAdditive],
    }
}

/// Bags of one product that a machine fills at most.
pub const MOST_COLLECTED: usize = 4;

/// What the anticoagulant makes of whole blood.
fn whole_blood(donation: &Donation, profile: &Profile) -> Product {
    let bag = donation.bag.as_deref().and_then(|code| profile.bag(code));
    match bag.map(|row| row.value.anticoagulant) {
        Some(Anticoagulant::Cpd) => Product::WholeBloodCpd,
        Some(Anticoagulant::Cpda1) | None => Product::WholeBloodCpda1,
    }
}

/// Divides a donation into a set that its bag allows. All or nothing.
///
/// # Errors
/// The first reason against it: the set, a volume, a time, or the donor.
pub fn split(
    donation: &Donation,
    made: &[Made],
    profile: &Profile,
    now: Instant,
) -> Result<Vec<Part>, Refused> {
    let ended = donation.ended.ok_or_else(|| Refused::stop(Rule::NotEnded))?;
    let bag = match &donation.bag {
        Some(code) => Some(
            &profile
                .bag(code)
                .ok_or_else(|| Refused::stop(Rule::UnknownBag).with("bag", code))?
                .value,
        ),
        None => None,
    };
    let mut products: Vec<Product> = made.iter().map(|part| part.product).collect();
    products.sort_unstable();
    let allowed = match bag {
        Some(bag) => bag.sets.iter().any(|set| {
            let mut set = set.clone();
            set.sort_unstable();
            // A component that the donor may not give is left out, and discarded unlabelled.
            set.retain(|product| products.contains(product) || !not_for(donation, *product));
            set == products
        }),
        // A machine collects one product, in one bag or several.
        None => products.first().is_some_and(|first| {
            collected(donation.kind).contains(first) && products.iter().all(|p| p == first)
        }),
    };
    if let Some(forbidden) = made.iter().find(|part| not_for(donation, part.product)) {
        let product = format!("{:?}", forbidden.product);
        return Err(Refused::stop(Rule::DonorNotFor).with("product", product));
    }
    if !allowed {
        return Err(Refused::stop(Rule::SetNotAllowed));
    }
    // Each bag of red cells has an additive solution of its own.
    let additive: u32 =
        products.iter().map(|p| if *p == Product::RedCellsAdditive { 110 } else { 0 }).sum();
    let most = ended.volume.0 + bag.map_or(0, |bag| bag.anticoagulant_volume.0) + additive;
    let total = made.iter().fold(0u32, |sum, part| sum.saturating_add(part.volume.0));
    if total > most {
        let refused = Refused::stop(Rule::VolumeExceeds);
        return Err(refused.with("volume", total).with("most", most));
    }
    let minutes = donation.bleed_minutes().unwrap_or(u32::MAX);
    let mut parts: Vec<Part> = vec![];
    for one in made {
        in_time(one, ended.at, minutes, bag.is_some(), profile, now)?;
        volume_in_range(one.product, one.volume, profile)?;
        let id = labelled(&donation.din, &one.product_code)?;
        if parts.iter().any(|known| known.id == id) {
            return Err(Refused::stop(Rule::LabelTwice).with("productCode", &one.product_code));
        }
        let whole_blood = whole_blood(donation, profile);
        let expires = expiry(
            &Making {
                product: one.product,
                collected_at: ended.at,
                made_at: one.at,
                work: None,
                open: false,
                caps: &[],
                whole_blood,
                zone: donation.zone,
            },
            profile,
        )?;
        parts.push(Part {
            id,
            din: donation.din.clone(),
            product_code: one.product_code.clone(),
            product: one.product,
            attributes: Attributes::default(),
            group: None,
            volume: one.volume,
            collected_at: ended.at,
            made_at: one.at,
            expires,
            frozen_until: None,
            zone: donation.zone,
            donations: vec![donation.id],
            parents: vec![],
            whole_blood,
            // Nothing leaves quarantine before its tests.
            state: PartState::Quarantine,
        });
    }
    Ok(parts)
}

/// Whether the screening forbids it. What forbids platelets forbids the buffy coat; what forbids
/// plasma forbids everything that is mainly plasma.
fn not_for(donation: &Donation, product: Product) -> bool {
    let plasma = matches!(product, Product::Cryo);
    donation.not_for.iter().any(|forbidden| {
        product.component() == Some(*forbidden)
            || (*forbidden == Component::Platelets && product.holds_platelets())
            || (*forbidden == Component::Plasma && plasma)
    })
}

fn in_time(
    made: &Made,
    ended: Instant,
    minutes: u32,
    from_bag: bool,
    profile: &Profile,
    now: Instant,
) -> Result<(), Refused> {
    let product = format!("{:?}", made.product);
    if made.at < ended || made.at > now {
        return Err(Refused::stop(Rule::TimesReversed).with("product", product));
    }
    let rules = &profile.splits;
    let fragile = made.product.holds_platelets() || made.product.is_frozen_fresh();
    if from_bag && fragile && minutes > rules.bleed_minutes_max.value {
        return Err(Refused::stop(Rule::BledTooLong)
            .with("product", product)
            .with("minutes", minutes)
            .with("most", rules.bleed_minutes_max.value));
    }
    let within = if made.product.is_frozen_fresh() {
        rules.freeze_within_hours.value
    } else if made.product.holds_platelets() && from_bag {
        rules.platelets_within_hours.value
    } else if made.product == Product::FrozenPlasma24 {
        24
    } else {
        return Ok(());
    };
    if made.at - ended > TimeDelta::hours(i64::from(within)) {
        let refused = Refused::stop(Rule::TooLate).with("product", product);
        return Err(refused.with("hours", within));
    }
    Ok(())
}

fn volume_in_range(
    product: Product,
    volume: Millilitres,
    profile: &Profile,
) -> Result<(), Refused> {
    let Some(row) = profile.volumes.iter().find(|row| row.value.product == product) else {
        return Ok(());
    };
    if (row.value.least..=row.value.most).contains(&volume) {
        return Ok(());
    }
    Err(Refused::stop(Rule::VolumeOutside)
        .with("product", format!("{product:?}"))
        .with("volume", volume.0)
        .with("least", row.value.least.0)
        .with("most", row.value.most.0))
}

/// The id of a label; structure only, meanings come from the licensee's table.
pub(super) fn labelled(din: &str, product_code: &str) -> Result<UnitId, Refused> {
    let plain = |c: u8| c.is_ascii_alphanumeric();
    if isbt128::Din::new(din).is_err()
        || product_code.len() != 8
        || !product_code.bytes().all(plain)
    {
        let refused = Refused::stop(Rule::LabelBad).with("din", din);
        return Err(refused.with("productCode", product_code));
    }
    Ok(UnitId::of_label(din, product_code))
}
