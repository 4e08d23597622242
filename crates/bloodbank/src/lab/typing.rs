//! ABO and RhD of a donation: what one typing says, and what all say together.

use crate::donor::Donor;
use crate::profile::Profile;
use crate::unit::KnownGroup;
use kernel::{Abo, BloodGroup, CommandId, DonationId, Instant, Rhd, StaffId, UnitId};
use serde::{Deserialize, Serialize};

/// How one tube or column reacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    NotDone,
    Negative,
    /// Weaker than one plus.
    Weak,
    /// One plus to four plus.
    Positive,
    /// Two populations of cells.
    MixedField,
}

/// One sheet: forward with the donor's cells, reverse with the donor's plasma. A negative `anti_d`
/// includes the test for weak D (21 CFR 640.5(c)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub anti_a: Grade,
    pub anti_b: Grade,
    pub anti_d: Grade,
    pub control: Grade,
    pub a_cells: Grade,
    pub b_cells: Grade,
}

/// What one sheet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    Group(BloodGroup),
    /// Something was not done.
    Incomplete,
    /// Forward and reverse disagree, a mixed field, or a weak A or B.
    Discrepant,
    /// The control reacted; nothing counts.
    Invalid,
}

/// Reads a sheet. Weak D of a donor is RhD positive.
pub fn interpret(sheet: &Sheet) -> Reading {
    use Grade::{MixedField, Negative, NotDone, Positive, Weak};
    let Sheet { anti_a, anti_b, anti_d, control, a_cells, b_cells } = *sheet;
    if !matches!(control, Negative | NotDone) {
        return Reading::Invalid;
    }
    let all = [anti_a, anti_b, anti_d, control, a_cells, b_cells];
    if all.contains(&MixedField) || anti_a == Weak || anti_b == Weak {
        return Reading::Discrepant;
    }
    if all.contains(&NotDone) {
        return Reading::Incomplete;
    }
    let reacts = |grade| matches!(grade, Positive | Weak);
    let (abo, expected) = match (anti_a == Positive, anti_b == Positive) {
        (false, false) => (Abo::O, (true, true)),
        (true, false) => (Abo::A, (false, true)),
        (false, true) => (Abo::B, (true, false)),
        (true, true) => (Abo::AB, (false, false)),
    };
    if (reacts(a_cells), reacts(b_cells)) != expected {
        return Reading::Discrepant;
    }
    let rhd = if reacts(anti_d) { Rhd::Positive } else { Rhd::Negative };
    Reading::Group(BloodGroup { abo, rhd })
}

/// One typing as it was entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// The command that entered it; its name.
    pub entry: CommandId,
    pub method: String,
    /// Of the reagents.
    pub lot: String,
    pub sheet: Sheet,
    pub by: StaffId,
    pub at: Instant,
    /// Somebody else, who read the same.
    pub verified_by: Option<StaffId>,
}

/// A discrepancy that somebody has explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    pub group: BloodGroup,
    pub reason: String,
    pub by: StaffId,
    pub second: StaffId,
    pub at: Instant,
    /// How many typings it rests on; a later one opens it again when it disagrees.
    pub typings: usize,
}

/// Where the typing of a donation stands (bloodbank.md 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypingState {
    NotDone,
    /// Too few, or not verified: `needs` more verified readings.
    Ambiguous {
        needs: u32,
    },
    /// Two typings disagree, or one with the donor's history.
    NoMatch,
    Match(BloodGroup),
    Resolved(BloodGroup),
    /// Done, and no sheet gave a group.
    NoTypeDetermined,
    /// A sheet disagrees with itself.
    Indeterminate,
}

impl TypingState {
    /// The group that a label may carry.
    pub fn group(self) -> Option<BloodGroup> {
        match self {
            Self::Match(group) | Self::Resolved(group) => Some(group),
            _ => None,
        }
    }
    /// Held until it is worked out.
    pub fn is_discrepant(self) -> bool {
        matches!(self, Self::NoMatch | Self::Indeterminate)
    }
}

/// What all typings, the history and a resolution say together. A first donation needs
/// independent typings (other reagents or another method); later ones must equal the history.
pub fn typing_state(
    typings: &[Typing],
    resolution: Option<&Resolution>,
    history: &KnownGroup,
    first_time: bool,
    profile: &Profile,
) -> TypingState {
    if typings.is_empty() {
        return TypingState::NotDone;
    }
    let read: Vec<(&Typing, Reading)> =
        typings.iter().map(|typing| (typing, interpret(&typing.sheet))).collect();
    if let Some(resolution) = resolution {
        let later = read.iter().skip(resolution.typings);
        let disagrees = later.into_iter().any(|(_, reading)| match reading {
            Reading::Group(group) => *group != resolution.group,
            Reading::Discrepant => true,
            Reading::Incomplete | Reading::Invalid => false,
        });
        return if disagrees {
            TypingState::NoMatch
        } else {
            TypingState::Resolved(resolution.group)
        };
    }
    // What has not been verified can raise a doubt already, but proves nothing yet.
    let mut groups: Vec<BloodGroup> = read
        .iter()
        .filter_map(|(_, reading)| match reading {
            Reading::Group(group) => Some(*group),
            _ => None,
        })
        .collect();
    if read.iter().any(|(_, reading)| *reading == Reading::Discrepant) {
        return TypingState::Indeterminate;
    }
    groups.sort_unstable();
    groups.dedup();
    let group = match groups.as_slice() {
        [] => return TypingState::NoTypeDetermined,
        [group] => *group,
        _ => return TypingState::NoMatch,
    };
    let known = match history {
        KnownGroup::Unknown => None,
        KnownGroup::Once(known) | KnownGroup::Confirmed(known) => Some(*known),
        KnownGroup::Conflict(_) => return TypingState::NoMatch,
    };
    if known.is_some_and(|known| known != group) {
        return TypingState::NoMatch;
    }
    let mut independent: Vec<(&str, &str)> = read
        .iter()
        .filter(|(typing, reading)| {
            typing.verified_by.is_some() && matches!(reading, Reading::Group(_))
        })
        .map(|(typing, _)| (typing.method.as_str(), typing.lot.as_str()))
        .collect();
    independent.sort_unstable();
    independent.dedup();
    let have = u32::try_from(independent.len()).unwrap_or(u32::MAX);
    let needed =
        if first_time || known.is_none() { profile.testing.typings_first_time.value } else { 1 };
    match needed.checked_sub(have) {
        None | Some(0) => TypingState::Match(group),
        Some(needs) => TypingState::Ambiguous { needs },
    }
}

/// What a discrepancy asks of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Keep this donation in quarantine.
    HoldDonation(DonationId),
    /// A bag of this donor that was typed as the history says: it may be the wrong one.
    FlagUnit(UnitId),
    /// Samples that lay beside it in the batch; two may have been exchanged.
    CheckSample(DonationId),
}

/// Whether a typing says that one of the donor's donations, this or an earlier one, was somebody else's.
pub fn doubts_what_came_before(state: TypingState, donor: &Donor) -> bool {
    state == TypingState::NoMatch && donor.group() != KnownGroup::Unknown
}

/// What follows when a donation does not match its donor: it is held, the donor's earlier bags in
/// date are flagged, and the neighbours in the batch are looked at. The history stays as it is.
pub fn discrepancy_actions(
    state: TypingState,
    donation: DonationId,
    donor: &Donor,
    earlier_in_date: &[UnitId],
    batch: &[DonationId],
) -> Vec<Action> {
    if !state.is_discrepant() {
        return vec![];
    }
    let mut actions = vec![Action::HoldDonation(donation)];
    if doubts_what_came_before(state, donor) {
        actions.extend(earlier_in_date.iter().copied().map(Action::FlagUnit));
    }
    if let Some(at) = batch.iter().position(|other| *other == donation) {
        let before = at.checked_sub(1).and_then(|before| batch.get(before));
        let beside = before.into_iter().chain(batch.get(at + 1));
        actions.extend(beside.copied().map(Action::CheckSample));
    }
    actions
}
