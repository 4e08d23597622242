//! The names of the reasons for which the blood bank says no, and the two ways of saying it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Values that a sentence needs, in display form: instants as RFC 3339, groups as `O RhD NEGATIVE`.
pub type Args = BTreeMap<&'static str, String>;

/// The stable name of a rule; the same names stand in the table of the wire. Warnings are ordered
/// the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// No unit, or no patient (`what` says which), of that name is known here.
    NotFound,
    /// The thing is no longer in the state that this command needs (`status`).
    Changed,
    UnitKnown,
    UnitExpired,
    /// The clock is not to be trusted, so nobody can say whether the unit is in date.
    UnitExpiryUnsure,
    UnitReserved,
    UnitQuarantined,
    /// Issued or discarded.
    UnitGone,
    /// In another site's custody, or on its way.
    UnitNotHere,
    /// This store was put back from a copy after the bag came, and its place (`place`) has not been
    /// counted since (`restoredAt`): it may have been given, sent or stopped meanwhile.
    NotCountedSinceRestore,
    /// It lies, or stood, where it spoils (`place`, `at`, `tenths`): platelets in the cold.
    KeptWrong,
    /// Kept for the return of an issued unit, which is left for later.
    UnitNotIssued,
    AboIncompatible,
    AntiDHistory,
    PatientGroupUnknown,
    PatientGroupConflict,
    PatientDeceased,
    /// One of patient and bag lacks the H antigen and the other does not (Bombay, para-Bombay).
    PhenotypeIncompatible,
    /// A bag without H that is not written as Bombay with the letters O: no label says that.
    GroupNotUsual,
    /// Another bag of this donation number has another blood group (`otherProductCode`,
    /// `otherGroup`): one of the two labels is wrong, and nobody can say from here which.
    DonationGroupsDiffer,
    /// The label carries no ISBT 128 donation number or product code.
    LocalCodeNotIsbt,
    ExpiryInPast,
    /// Later than this component keeps at all (`expiresAt`, `latest`, `days`, `component`).
    ExpiryTooFar,
    /// Collected in the future (`collectedAt`).
    CollectionImpossible,
    /// No bag of this component holds so little or so much (`volume`, `least`, `most`,
    /// `component`).
    VolumeImpossible,
    /// Nobody would find it again.
    PlaceMissing,
    /// A reason of fewer than three letters or digits, or another text that says nothing (`field`).
    ReasonMissing,
    AppearanceNotAccepted,
    RhdMismatch,
    GroupNotConfirmed,
    PlasmaMismatch,
    /// Kept for a policy that asks for a reason when a compatible group stands in; today it passes.
    NotIdenticalGroup,
    /// Shown by the counter, never in the way.
    ExpiresSoon,
}

/// A refusal. `R` is the list of rules of the module that refuses; the stock's own is the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Refused<R = Rule> {
    /// Nobody may pass.
    #[error("stopped by {rule:?}")]
    HardStop { rule: R, args: Args },
    /// Passes when sent again with an override that names these rules too.
    #[error("needs an override of {rules:?}")]
    NeedsOverride { rules: Vec<R>, args: Args },
}

impl<R> Refused<R> {
    pub(crate) fn stop(rule: R) -> Self {
        Self::HardStop { rule, args: Args::new() }
    }
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        let (Self::HardStop { args, .. } | Self::NeedsOverride { args, .. }) = &mut self;
        args.insert(name, value.to_string());
        self
    }
}
