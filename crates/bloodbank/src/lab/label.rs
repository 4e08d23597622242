//! What stands on a bag: read back after printing, and read when a bag comes in.

use super::{Refused, Rule};
use crate::donation::HoldReason;
use crate::traits::Phenotype;
use crate::unit::Expiry;
use isbt128::{AboRhd, GroupReading, Scan};
use kernel::{Abo, BloodGroup, Rhd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a label must say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub din: String,
    pub product_code: String,
    pub group: BloodGroup,
    /// Cells without H have a group code of their own.
    pub phenotype: Phenotype,
    pub expires: Expiry,
}

/// What is wrong with a printed label. One is enough to void it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelFault {
    /// This field was not read.
    DinMissing,
    DinDiffers,
    GroupMissing,
    GroupDiffers,
    ProductMissing,
    ProductDiffers,
    ExpiryMissing,
    ExpiryDiffers,
}

/// Compares what a scanner reads off the printed label with what it must say. A label with a fault
/// is void; the unit stays in quarantine.
///
/// # Errors
/// Every fault, in the order of the fields.
pub fn verify_label(label: &Label, scans: &[Scan]) -> Result<(), Vec<LabelFault>> {
    use LabelFault as F;
    /// Every reading of the field must say the same.
    fn check(read: impl Iterator<Item = bool>, missing: F, differs: F, faults: &mut Vec<F>) {
        let all: Vec<bool> = read.collect();
        if all.is_empty() {
            faults.push(missing);
        } else if all.contains(&false) {
            faults.push(differs);
        }
    }
    let mut faults = vec![];
    let dins = scans.iter().filter_map(|scan| match scan {
        Scan::Din { din, .. } => Some(din.as_str() == label.din),
        _ => None,
    });
    check(dins, F::DinMissing, F::DinDiffers, &mut faults);
    let groups = scans.iter().filter_map(|scan| match scan {
        Scan::AboRhd(read) => Some(match read_group(read) {
            Ok(Marked::Group(group)) => group == label.group && label.phenotype.is_ordinary(),
            Ok(Marked::Bombay(rhd)) => {
                rhd == label.group.rhd && label.phenotype == Phenotype::Bombay
            }
            Err(_) => false,
        }),
        _ => None,
    });
    check(groups, F::GroupMissing, F::GroupDiffers, &mut faults);
    let products = scans.iter().filter_map(|scan| match scan {
        Scan::Product { code } => Some(code.as_str() == label.product_code),
        _ => None,
    });
    check(products, F::ProductMissing, F::ProductDiffers, &mut faults);
    let ends = scans.iter().filter_map(|scan| match scan {
        Scan::Expiry(expiry) => Some(expiry.at() == label.expires.wall),
        _ => None,
    });
    check(ends, F::ExpiryMissing, F::ExpiryDiffers, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The group that a label gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marked {
    Group(BloodGroup),
    /// No A, no B, no H: never O.
    Bombay(Rhd),
}

/// The group of a label code.
///
/// # Errors
/// [`Rule::GroupNotUsual`] when it gives none, or not all of it: nothing is guessed.
pub fn read_group(code: &AboRhd) -> Result<Marked, Refused> {
    let rhd = |rhd| match rhd {
        isbt128::Rhd::Negative => Rhd::Negative,
        isbt128::Rhd::Positive => Rhd::Positive,
    };
    match code.reading() {
        GroupReading::Group { abo, rhd: Some(d), .. } => {
            let abo = match abo {
                isbt128::Abo::O => Abo::O,
                isbt128::Abo::A => Abo::A,
                isbt128::Abo::B => Abo::B,
                isbt128::Abo::AB => Abo::AB,
            };
            Ok(Marked::Group(BloodGroup { abo, rhd: rhd(d) }))
        }
        GroupReading::Bombay { rhd: d } => Ok(Marked::Bombay(rhd(d))),
        _ => Err(Refused::stop(Rule::GroupNotUsual).with("code", code.code())),
    }
}

/// Whether red cells can be given at all, before RhD is looked at. Bombay only among themselves:
/// their anti-H destroys even O.
pub fn red_cells_fit(patient: Marked, unit: Marked) -> bool {
    let antigens = |group: BloodGroup| match group.abo {
        Abo::O => (false, false),
        Abo::A => (true, false),
        Abo::B => (false, true),
        Abo::AB => (true, true),
    };
    match (patient, unit) {
        (Marked::Bombay(_), Marked::Bombay(_)) => true,
        (Marked::Group(patient), Marked::Group(unit)) => {
            let ((a, b), (has_a, has_b)) = (antigens(patient), antigens(unit));
            (a || !has_a) && (b || !has_b)
        }
        _ => false,
    }
}

/// The hold of a bag whose facility is not in the licensee's table. Without a table nothing can be
/// said, and nothing is.
pub fn unregistered(din: &str, facilities: Option<&BTreeSet<String>>) -> Option<HoldReason> {
    let fin = din.get(..5)?;
    let known = facilities?.contains(fin);
    (!known).then_some(HoldReason::UnregisteredFacility)
}
