//! The names of the reasons for which the laboratory says no.

use serde::{Deserialize, Serialize};

/// The stable name of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A time before the collection, before the parent was made, or after now.
    TimesReversed,
    /// The profile gives no life for this (`product`).
    NoLife,
    Expired,
    /// Kept outside its range (`product`).
    ColdChain,
    // Dividing a donation.
    NotEnded,
    UnknownBag,
    /// Not one of the sets of this bag.
    SetNotAllowed,
    /// Outside what this product may hold (`volume`, `least`, `most`).
    VolumeOutside,
    /// More than there was (`volume`, `most`).
    VolumeExceeds,
    /// Bled too long for this product (`minutes`).
    BledTooLong,
    /// Made too late after the collection (`hours`).
    TooLate,
    /// The donor may not give this component today.
    DonorNotFor,
    /// The same label twice.
    LabelTwice,
    /// Structure of number or code.
    LabelBad,
    // Treating a component.
    NotDoneToThis,
    /// The part is not on the shelf of the laboratory any more (`state`).
    NotAvailable,
    /// A pool of fewer than two, or another work on several.
    PartCount,
    /// Different products in a pool.
    PoolProducts,
    PoolGroups,
    PoolRhd,
    /// Not this long after the collection (`day`, `latest`).
    TooOldForThis,
    // Typing and tests.
    NotFound,
    NoSuchEntry,
    /// The same person entered it.
    SamePerson,
    SecondPersonNeeded,
    /// A blank text (`field`).
    FieldMissing,
    /// The donation is unsafe for ever (`marker`).
    UnsafeIsFinal,
    /// Not reactive before, so there is nothing to repeat; or a first test again.
    StageWrong,
    AlreadyVerified,
    NotDiscrepant,
    /// No typing supports this group.
    NotSupported,
    // Release.
    MarkerMissing,
    MarkerUnverified,
    Reactive,
    Indeterminate,
    TypingMissing,
    TypingUnverified,
    TypingDiscrepant,
    DonorDeferred,
    /// Held (`reason` for those who may see it).
    Held,
    InspectionFailed,
    LabelNotVerified,
    /// Not kept on the shelf of the stock (`product`).
    NotStocked,
    /// Bombay, para-Bombay or a group that this program does not handle.
    GroupNotUsual,
}

/// A refusal of the laboratory.
pub type Refused = crate::rule::Refused<Rule>;
