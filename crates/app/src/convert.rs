//! Between the words of the domain and the words of the wire. Both sides use the same names, so
//! one function serves; a test walks through every variant.

use serde::{Serialize, de::DeserializeOwned};
use wire::Code;

/// The value of the same name on the other side.
pub(crate) fn same<A: Serialize, B: DeserializeOwned>(value: A) -> B {
    let json = serde_json::to_value(value).expect("plain enums always encode");
    serde_json::from_value(json).expect("both sides use the same names; a test walks all of them")
}

/// The name of a blood bank rule on the wire.
pub(crate) fn code(rule: bloodbank::Rule) -> Code {
    same(rule)
}

/// The name of a rule between the request and the bedside on the wire.
pub(crate) fn care_code(rule: bloodbank::care::CareRule) -> Code {
    same(rule)
}

pub(crate) fn rfc3339(at: kernel::Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bloodbank::{CheckResult, DiscardReason, Level, Rule, Why};

    #[test]
    fn every_shared_name_exists_on_both_sides() {
        for c in kernel::Component::ALL {
            let _: wire::Component = same(c);
        }
        for g in kernel::BloodGroup::ALL {
            let there: wire::BloodGroup = same(g);
            assert_eq!(same::<_, kernel::BloodGroup>(there), g);
        }
        for r in kernel::Role::ALL {
            let _: wire::Role = same(r);
        }
        for p in kernel::Permission::ALL {
            let _: wire::Permission = same(p);
        }
        use Rule::*;
        for rule in [
            NotFound,
            Changed,
            UnitKnown,
            UnitExpired,
            UnitExpiryUnsure,
            UnitReserved,
            UnitQuarantined,
            UnitGone,
            UnitNotHere,
            NotCountedSinceRestore,
            KeptWrong,
            UnitNotIssued,
            AboIncompatible,
            AntiDHistory,
            PatientGroupUnknown,
            PatientGroupConflict,
            PatientDeceased,
            PhenotypeIncompatible,
            GroupNotUsual,
            DonationGroupsDiffer,
            LocalCodeNotIsbt,
            ExpiryInPast,
            ExpiryTooFar,
            CollectionImpossible,
            VolumeImpossible,
            PlaceMissing,
            ReasonMissing,
            AppearanceNotAccepted,
            RhdMismatch,
            GroupNotConfirmed,
            PlasmaMismatch,
            NotIdenticalGroup,
            ExpiresSoon,
        ] {
            let _ = code(rule);
        }
        for level in [Level::Good, Level::Low, Level::Critical, Level::NotStocked] {
            let _: wire::Level = same(level);
        }
        for r in [CheckResult::Pass, CheckResult::Caution, CheckResult::Stop, CheckResult::NotYet] {
            let _: wire::CheckResult = same(r);
        }
        for why in [
            Why::HeldForThisPatient,
            Why::IdenticalOldest,
            Why::Identical,
            Why::Compatible,
            Why::CompatibleScarce,
        ] {
            let _: wire::AlternativeWhy = same(why);
        }
        use DiscardReason as D;
        for reason in [
            D::Expired,
            D::Leak,
            D::Clot,
            D::Haemolysis,
            D::ColdChain,
            D::Volume,
            D::Recalled,
            D::Reactive,
            D::Lipaemic,
            D::NotSufficient,
            D::ReturnedLate,
            D::ReturnedWarm,
            D::GroupDiscrepancy,
            D::BrokenOnThaw,
            D::NotUsed,
            D::SupplierRecall,
            D::Other,
        ] {
            let there: wire::DiscardReason = same(reason);
            assert_eq!(same::<_, D>(there), reason);
        }
        for sex in [wire::Sex::Female, wire::Sex::Male, wire::Sex::Other, wire::Sex::NotKnown] {
            let _: hospital::patient::Sex = same(sex);
            let _: bloodbank::Sex = same(sex);
        }
    }
}
