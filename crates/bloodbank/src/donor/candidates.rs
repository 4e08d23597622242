//! Who else might this be?

use chrono::NaiveDate;
use kernel::DonorId;
use serde::{Deserialize, Serialize};

/// What speaks for two records being one person. Whoever knows names, papers and fingers finds
/// the signs; this module only weighs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    SamePaper,
    SameFinger,
    SamePhone,
    SameBirthDate,
    /// Born within a year, or day and month exchanged.
    NearBirthDate,
    SameName,
    /// Sounds or is spelt much alike.
    AlikeName,
}

/// Another record as the search found it, also from a list of deferred donors of other sites.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub donor: DonorId,
    pub signs: Vec<Sign>,
    /// That record says never.
    pub permanently_deferred: bool,
}

/// A candidate that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    pub donor: DonorId,
    pub signs: Vec<Sign>,
    pub permanently_deferred: bool,
    /// So likely that nobody should register twice; otherwise only possible.
    pub likely: bool,
}

/// Whether a birth date could be another one misread: within a year, or day and month exchanged.
pub fn near(a: NaiveDate, b: NaiveDate) -> bool {
    use chrono::Datelike as _;
    let exchanged = NaiveDate::from_ymd_opt(a.year(), a.day(), a.month());
    (a - b).num_days().abs() <= 366 || exchanged == Some(b)
}

/// The candidates worth a look, the likeliest first. One paper or finger is enough; a name needs
/// company; a shared phone alone says nothing, because families share phones.
pub fn candidates(found: &[Candidate]) -> Vec<Likeness> {
    let weight = |sign: &Sign| match sign {
        Sign::SamePaper | Sign::SameFinger => 10,
        Sign::SameBirthDate | Sign::SameName => 4,
        Sign::AlikeName => 3,
        Sign::SamePhone => 3,
        Sign::NearBirthDate => 2,
    };
    let mut all: Vec<(u32, Likeness)> = found
        .iter()
        .filter_map(|candidate| {
            let mut signs = candidate.signs.clone();
            signs.sort_unstable();
            signs.dedup();
            let weight: u32 = signs.iter().map(weight).sum();
            let likely = weight >= 7;
            (weight >= 5).then(|| {
                let Candidate { donor, permanently_deferred, .. } = *candidate;
                (weight, Likeness { donor, signs, permanently_deferred, likely })
            })
        })
        .collect();
    all.sort_by(|(a, x), (b, y)| b.cmp(a).then(x.donor.cmp(&y.donor)));
    all.into_iter().map(|(_, likeness)| likeness).collect()
}
