//! What is done to a component after it was made: each treatment ends the parents and begins the
//! children, with links and a new end.

use super::part::labelled;
use super::{Attributes, Making, Part, PartState, Refused, Rule, Work, expiry};
use crate::profile::Profile;
use kernel::{BloodGroup, Instant, Millilitres, Rhd};
use serde::{Deserialize, Serialize};

/// A treatment as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Treatment {
    pub work: Work,
    /// The closed system is opened.
    pub open: bool,
    pub at: Instant,
    /// One, or several for split and aliquot.
    pub into: Vec<New>,
}

/// A new label and what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct New {
    /// The parent's own number, or of a pool its new one.
    pub din: String,
    pub product_code: String,
    pub volume: Millilitres,
}

/// Treats the parents. The children come back; the parents are [`PartState::Modified`] from now
/// on, which the caller stores. All or nothing.
///
/// # Errors
/// The first reason against it.
pub fn treat(
    parents: &[&Part],
    treatment: &Treatment,
    profile: &Profile,
    now: Instant,
) -> Result<Vec<Part>, Refused> {
    let Treatment { work, open, at, into } = treatment;
    let (work, open, at) = (*work, *open, *at);
    let first = *parents.first().ok_or_else(|| Refused::stop(Rule::PartCount))?;
    if (work == Work::Pool) != (parents.len() > 1) {
        return Err(Refused::stop(Rule::PartCount).with("count", parents.len()));
    }
    let several = matches!(work, Work::Split | Work::Aliquot);
    if into.is_empty() || (several != (into.len() > 1)) {
        return Err(Refused::stop(Rule::PartCount).with("count", into.len()));
    }
    for parent in parents {
        may_be_treated(parent, at, now)?;
    }
    let product = work.makes(first.product).ok_or_else(|| {
        Refused::stop(Rule::NotDoneToThis)
            .with("work", format!("{work:?}"))
            .with("product", format!("{:?}", first.product))
    })?;
    let group = if work == Work::Pool { pooled(parents, profile)? } else { first.group };
    not_too_old(first, work, at, profile)?;
    let total = parents.iter().fold(0u32, |sum, parent| sum.saturating_add(parent.volume.0));
    let given = into.iter().fold(0u32, |sum, new| sum.saturating_add(new.volume.0));
    // Additive solution is added to red cells when they are washed or thawed again.
    let added = if matches!(work, Work::Wash | Work::Deglycerolise | Work::Pool) { 350 } else { 0 };
    if given == 0 || given > total.saturating_add(added) {
        let refused = Refused::stop(Rule::VolumeExceeds);
        return Err(refused.with("volume", given).with("most", total));
    }
    let parent_ends: Vec<_> = parents.iter().map(|parent| parent.expires).collect();
    let frozen_until = if work == Work::Thaw { Some(first.expires) } else { first.frozen_until };
    let caps = match work {
        // Thawed plasma was only counted short; the frozen bag is what it may not outlive.
        Work::RelabelThawed => first.frozen_until.into_iter().collect(),
        _ if work.is_capped_by_parents() => parent_ends,
        _ => vec![],
    };
    // A relabelled plasma counts from the thaw, not from the new label.
    let made_at = if work == Work::RelabelThawed { first.made_at } else { at };
    let collected_at = parents.iter().map(|p| p.collected_at).min().unwrap_or(first.collected_at);
    let was_open = parents.iter().any(|parent| parent.attributes.open);
    let expires = expiry(
        &Making {
            product,
            collected_at,
            made_at,
            work: Some(work),
            open,
            caps: &caps,
            whole_blood: first.whole_blood,
            zone: first.zone,
        },
        profile,
    )?;
    if expires.is_past(at) {
        return Err(Refused::stop(Rule::Expired).with("expiresAt", expires.at.to_rfc3339()));
    }
    let mut donations: Vec<_> = parents.iter().flat_map(|p| p.donations.clone()).collect();
    donations.sort_unstable();
    donations.dedup();
    let state = parents.iter().map(|parent| parent.state).max().unwrap_or(PartState::Quarantine);
    let mut children: Vec<Part> = vec![];
    for new in into {
        if work != Work::Pool && new.din != first.din {
            return Err(Refused::stop(Rule::LabelBad).with("din", &new.din));
        }
        let id = labelled(&new.din, &new.product_code)?;
        let taken = parents.iter().any(|parent| parent.id == id);
        if taken || new.volume.0 == 0 || children.iter().any(|child| child.id == id) {
            return Err(Refused::stop(Rule::LabelTwice).with("productCode", &new.product_code));
        }
        children.push(Part {
            id,
            din: new.din.clone(),
            product_code: new.product_code.clone(),
            product,
            attributes: attributes(parents, work, open || was_open),
            group,
            volume: new.volume,
            collected_at,
            made_at,
            expires,
            frozen_until,
            zone: first.zone,
            donations: donations.clone(),
            parents: parents.iter().map(|parent| parent.id).collect(),
            whole_blood: first.whole_blood,
            state,
        });
    }
    Ok(children)
}

/// In date and on the bench. What waits for its tests may be treated too: the child waits with it.
fn may_be_treated(parent: &Part, at: Instant, now: Instant) -> Result<(), Refused> {
    if !matches!(parent.state, PartState::Available | PartState::Quarantine) {
        let state = format!("{:?}", parent.state);
        return Err(Refused::stop(Rule::NotAvailable).with("state", state));
    }
    if at < parent.made_at || at > now {
        return Err(Refused::stop(Rule::TimesReversed));
    }
    if parent.expires.is_past(at) || parent.expires.is_past(now) {
        let expired = Refused::stop(Rule::Expired);
        return Err(expired.with("expiresAt", parent.expires.at.to_rfc3339()));
    }
    Ok(())
}

/// The group of a pool: one product, one ABO group; RhD mixed only where policy says so, and then
/// positive.
fn pooled(parents: &[&Part], profile: &Profile) -> Result<Option<BloodGroup>, Refused> {
    let first = parents[0];
    if parents.iter().any(|parent| parent.product != first.product) {
        return Err(Refused::stop(Rule::PoolProducts));
    }
    for (at, parent) in parents.iter().enumerate() {
        if parents[..at].iter().any(|known| known.id == parent.id) {
            return Err(Refused::stop(Rule::LabelTwice).with("din", &parent.din));
        }
    }
    let groups: Option<Vec<BloodGroup>> = parents.iter().map(|parent| parent.group).collect();
    let Some(groups) = groups else { return Err(Refused::stop(Rule::PoolGroups)) };
    if groups.iter().any(|group| group.abo != groups[0].abo) {
        return Err(Refused::stop(Rule::PoolGroups));
    }
    let mixed = groups.iter().any(|group| group.rhd != groups[0].rhd);
    // RhD is of no account in cryoprecipitate and plasma: there are no red cells in them.
    let platelets = first.product.holds_platelets();
    if mixed && platelets && !profile.splits.pool_mixes_rhd.value {
        return Err(Refused::stop(Rule::PoolRhd));
    }
    let rhd = if mixed { Rhd::Positive } else { groups[0].rhd };
    Ok(Some(BloodGroup { abo: groups[0].abo, rhd }))
}

fn not_too_old(part: &Part, work: Work, at: Instant, profile: &Profile) -> Result<(), Refused> {
    let latest = profile
        .works
        .iter()
        .map(|row| row.value)
        .filter(|rule| rule.work == work)
        .filter(|rule| rule.component.is_none() || rule.component == part.product.component())
        .filter_map(|rule| rule.latest_day)
        .min();
    let Some(latest) = latest else { return Ok(()) };
    let local = |at: Instant| at.with_timezone(&part.zone).date_naive();
    let day = (local(at) - local(part.collected_at)).num_days();
    if day > i64::from(latest) {
        let refused = Refused::stop(Rule::TooOldForThis);
        return Err(refused.with("day", day).with("latest", latest));
    }
    Ok(())
}

fn attributes(parents: &[&Part], work: Work, open: bool) -> Attributes {
    // A pool has only what all its parents have.
    let all = |of: fn(&Attributes) -> bool| parents.iter().all(|parent| of(&parent.attributes));
    Attributes {
        irradiated: work == Work::Irradiate || all(|a| a.irradiated),
        leukoreduced: work == Work::Leukoreduce || all(|a| a.leukoreduced),
        washed: work == Work::Wash || all(|a| a.washed),
        volume_reduced: work == Work::VolumeReduce || all(|a| a.volume_reduced),
        open,
    }
}
