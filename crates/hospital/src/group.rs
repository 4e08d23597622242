//! What determinations of a patient's blood group say together (bloodbank.md 2.7: two
//! determinations, the second sample from a separate venepuncture).

use kernel::{BloodGroup, Instant};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// One determination of the group, on one sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Determination {
    pub group: BloodGroup,
    /// The sample's number as it was written; compared by [`sample_key`].
    pub sample: String,
    pub at: Instant,
    /// Entered in error: it stays in the record and speaks no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
}

/// Why and when two people said that a determination is not this patient's, or not this group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    pub reason: String,
    pub at: Instant,
}

/// What is known about the group; two different samples that agree confirm it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownGroup {
    Unknown,
    Once(BloodGroup),
    Confirmed(BloodGroup),
    Conflict(Vec<BloodGroup>),
}

/// What the determinations that stand say.
pub fn known(determinations: &[Determination]) -> KnownGroup {
    let standing = || determinations.iter().filter(|d| d.withdrawn.is_none());
    let mut groups: Vec<BloodGroup> = standing().map(|d| d.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut samples: Vec<String> = standing().map(|d| sample_key(&d.sample)).collect();
    samples.sort_unstable();
    samples.dedup();
    match groups[..] {
        [] => KnownGroup::Unknown,
        [group] if samples.len() >= 2 => KnownGroup::Confirmed(group),
        [group] => KnownGroup::Once(group),
        _ => KnownGroup::Conflict(groups),
    }
}

/// Whether one more determination would confirm what was known once: then it is the second sample,
/// and somebody other than who recorded the first has to stand for it.
pub fn would_confirm(determinations: &[Determination], next: &Determination) -> bool {
    let mut all = determinations.to_vec();
    all.push(next.clone());
    !matches!(known(determinations), KnownGroup::Confirmed(_))
        && matches!(known(&all), KnownGroup::Confirmed(_))
}

/// The letters and digits of a sample's number, in one case and one script of digits: `S-1`, `s 1`,
/// `Ｓ‑1` with a hyphen that does not break, and `S١` are one sample. Empty when it has none.
pub fn sample_key(sample: &str) -> String {
    sample
        .nfkc()
        .map(|c| match c {
            '\u{660}'..='\u{669}' => ascii_digit(c, '\u{660}'),
            '\u{6f0}'..='\u{6f9}' => ascii_digit(c, '\u{6f0}'),
            other => other,
        })
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// An Arabic-Indic digit as the digit that every scanner types.
fn ascii_digit(digit: char, zero: char) -> char {
    let value = u32::from(digit).saturating_sub(u32::from(zero));
    char::from_digit(value, 10).unwrap_or(digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Abo, Rhd};

    const A: BloodGroup = BloodGroup { abo: Abo::A, rhd: Rhd::Negative };
    const B: BloodGroup = BloodGroup { abo: Abo::B, rhd: Rhd::Negative };

    fn on(sample: &str, group: BloodGroup) -> Determination {
        let at = "2026-11-20T12:00:00Z".parse().expect("an instant");
        Determination { group, sample: sample.into(), at, withdrawn: None }
    }
    fn withdrawn(of: Determination) -> Determination {
        let withdrawn = Some(Withdrawn { reason: "another patient's tube".into(), at: of.at });
        Determination { withdrawn, ..of }
    }

    #[test]
    fn one_sample_written_in_many_ways_is_one_sample() {
        for other in ["s-1", "S 1", "S\u{2011}1", "\u{200b}S1", "Ｓ１", "S١", "S۱", "S/1."] {
            assert_eq!(sample_key(other), "S1", "{other:?}");
            assert_eq!(known(&[on("S-1", A), on(other, A)]), KnownGroup::Once(A), "{other:?}");
        }
        assert_eq!(sample_key(" \u{200b}-"), "");
        assert_ne!(sample_key("S1"), sample_key("S11"));
    }

    #[test]
    fn a_withdrawn_determination_speaks_no_more() {
        assert!(matches!(known(&[on("1", A), on("2", B)]), KnownGroup::Conflict(_)));
        assert_eq!(known(&[on("1", A), withdrawn(on("2", B))]), KnownGroup::Once(A));
        assert_eq!(known(&[withdrawn(on("1", A))]), KnownGroup::Unknown);
        let three = [on("1", A), on("2", A), withdrawn(on("3", B))];
        assert_eq!(known(&three), KnownGroup::Confirmed(A));
    }

    #[test]
    fn only_the_second_sample_confirms() {
        assert!(!would_confirm(&[], &on("1", A)));
        assert!(!would_confirm(&[on("1", A)], &on("1", A)), "the same sample again");
        assert!(!would_confirm(&[on("1", A)], &on("2", B)), "that is a conflict");
        assert!(would_confirm(&[on("1", A)], &on("2", A)));
        assert!(!would_confirm(&[on("1", A), on("2", A)], &on("3", A)), "it was before");
    }
}
