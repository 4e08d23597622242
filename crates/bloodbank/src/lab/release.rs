//! When a component may leave quarantine.

use super::{MarkerState, Part, PartState, Refused, Rule, TestState, Tests, TypingState};
use crate::donation::Donation;
use crate::donor::Donor;
use crate::profile::{Marker, Profile};
use crate::traits::Phenotype;
use crate::unit::{Command, KnownGroup};
use chrono::NaiveDate;
use kernel::{BloodGroup, Component, Instant, StaffId};
use serde::{Deserialize, Serialize};

/// Looked at and weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    pub looks_right: bool,
    pub weighs_right: bool,
}

/// Everything that a release looks at.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseView<'a> {
    pub part: &'a Part,
    /// Every donation in it, with its tests and its donor: one, or of a pool all.
    pub sources: &'a [(&'a Donation, &'a Tests, &'a Donor)],
    pub inspection: Inspection,
    pub actor: StaffId,
    pub second: Option<StaffId>,
    /// The local day of the site.
    pub today: NaiveDate,
    /// The label was printed and read back without a fault.
    pub label_verified: bool,
}

/// One reason against a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub rule: Rule,
    /// The marker, where one it is.
    pub marker: Option<Marker>,
    /// The donation.
    pub din: String,
    pub detail: String,
}

/// The donor's group without this donation: what a typing of it is held against.
pub fn history(donor: &Donor, donation: &Donation) -> KnownGroup {
    let mut without = donor.clone();
    without.groups.retain(|found| found.donation != Some(donation.id));
    without.group()
}

/// Everything that stands against a release, the gravest first. Empty: it may go.
pub fn problems(view: &ReleaseView<'_>, profile: &Profile, now: Instant) -> Vec<Problem> {
    let mut found = vec![];
    let mut groups: Vec<BloodGroup> = vec![];
    for (donation, tests, donor) in view.sources {
        let mut push = |rule, marker: Option<Marker>, detail: String| {
            found.push(Problem { rule, marker, din: donation.din.clone(), detail });
        };
        if donation.donor != donor.id || tests.donation != donation.id {
            push(Rule::NotFound, None, "these do not belong together".into());
        }
        for (marker, state) in tests.markers(profile) {
            let rule = match state {
                MarkerState::NonReactive => continue,
                MarkerState::Missing => Rule::MarkerMissing,
                MarkerState::Unverified => Rule::MarkerUnverified,
                MarkerState::Indeterminate => Rule::Indeterminate,
                MarkerState::InitialReactive | MarkerState::Unsafe => Rule::Reactive,
            };
            push(rule, Some(marker), String::new());
        }
        // Two ways to the same answer; both must be open.
        if found.is_empty() && tests.state(profile) != TestState::NonReactive {
            found.push(Problem {
                rule: Rule::MarkerMissing,
                marker: None,
                din: donation.din.clone(),
                detail: String::new(),
            });
        }
        let mut push = |rule, detail: String| {
            found.push(Problem { rule, marker: None, din: donation.din.clone(), detail });
        };
        match tests.typing(&history(donor, donation), donation.first_time, profile) {
            TypingState::Match(group) | TypingState::Resolved(group) => groups.push(group),
            TypingState::NotDone | TypingState::NoTypeDetermined => {
                push(Rule::TypingMissing, String::new());
            }
            TypingState::Ambiguous { needs } => push(Rule::TypingUnverified, needs.to_string()),
            TypingState::NoMatch | TypingState::Indeterminate => {
                push(Rule::TypingDiscrepant, String::new());
            }
        }
        let component = view.part.product.component();
        for deferral in donor.deferred_on(view.today) {
            let touches = deferral.only.is_empty()
                || component.is_some_and(|component| deferral.only.contains(&component));
            // A haemoglobin that is low today says something about the donor, not the bag.
            if touches && deferral.code != "low_haemoglobin" {
                push(Rule::DonorDeferred, deferral.code.clone());
            }
        }
        for hold in &donation.holds {
            push(Rule::Held, hold.reason.word().into());
        }
        if donation.excluded == Some(true) && !donation.is_held() {
            push(Rule::Held, "excluded_by_donor".into());
        }
    }
    let part = view.part;
    let mut push = |rule, detail: &str| {
        let din = part.din.clone();
        found.push(Problem { rule, marker: None, din, detail: detail.into() });
    };
    let covered = part
        .donations
        .iter()
        .all(|id| view.sources.iter().any(|(donation, ..)| donation.id == *id));
    if part.donations.is_empty() || !covered {
        push(Rule::NotFound, "a donation in it is not known here");
    }
    // The label says what all sources say.
    if let Some(group) = part.group
        && groups.iter().any(|found| found.abo != group.abo)
    {
        push(Rule::TypingDiscrepant, "the label differs from the typing");
    }
    match part.state {
        PartState::Quarantine => {}
        state => push(Rule::NotAvailable, &format!("{state:?}")),
    }
    if part.expires.is_past(now) {
        push(Rule::Expired, "");
    }
    if !view.inspection.looks_right || !view.inspection.weighs_right {
        push(Rule::InspectionFailed, "");
    }
    if !view.label_verified {
        push(Rule::LabelNotVerified, "");
    }
    if profile.testing.release_people.value >= 2 {
        match view.second {
            None => push(Rule::SecondPersonNeeded, ""),
            Some(second) if second == view.actor => push(Rule::SamePerson, ""),
            Some(_) => {}
        }
    }
    let grave = |rule: Rule| match rule {
        Rule::Reactive => 0,
        Rule::Indeterminate => 1,
        Rule::MarkerMissing | Rule::MarkerUnverified => 2,
        Rule::TypingDiscrepant | Rule::TypingMissing | Rule::TypingUnverified => 3,
        _ => 4,
    };
    found.sort_by_key(|problem| grave(problem.rule));
    found
}

/// The release of one component: its group, which the label must carry.
///
/// # Errors
/// A hard stop with the gravest problem; `all` counts them.
pub fn release(view: &ReleaseView<'_>, profile: &Profile, now: Instant) -> Result<Part, Refused> {
    let problems = problems(view, profile, now);
    if let Some(first) = problems.first() {
        let mut refused = Refused::stop(first.rule).with("din", &first.din);
        if let Some(marker) = first.marker {
            refused = refused.with("marker", format!("{marker:?}"));
        }
        return Err(refused.with("detail", &first.detail).with("all", problems.len()));
    }
    let group = group_of(view, profile);
    Ok(Part { state: PartState::Available, group, ..view.part.clone() })
}

/// Of one donation its own group; of a pool what the pool was labelled.
fn group_of(view: &ReleaseView<'_>, profile: &Profile) -> Option<BloodGroup> {
    view.part.group.or_else(|| {
        let (donation, tests, donor) = view.sources.first()?;
        tests.typing(&history(donor, donation), donation.first_time, profile).group()
    })
}

/// The command that puts a released component on the shelf.
///
/// # Errors
/// When it is not released, or not kept on the shelf.
pub fn receipt(
    part: &Part,
    place: &str,
    low_titre: bool,
    phenotype: Phenotype,
) -> Result<Command, Refused> {
    let component: Option<Component> = part.product.component();
    let not_stocked =
        || Refused::stop(Rule::NotStocked).with("product", format!("{:?}", part.product));
    if part.state != PartState::Available {
        let state = format!("{:?}", part.state);
        return Err(Refused::stop(Rule::NotAvailable).with("state", state));
    }
    Ok(Command::Receive {
        din: part.din.clone(),
        product_code: part.product_code.clone(),
        component: component.ok_or_else(not_stocked)?,
        group: part.group.ok_or_else(|| Refused::stop(Rule::TypingMissing))?,
        phenotype,
        expires_wall: part.expires.wall,
        zone: part.zone,
        collected_at: Some(part.collected_at),
        volume: Some(part.volume),
        place: place.to_owned(),
        supplier: None,
        low_titre,
    })
}
