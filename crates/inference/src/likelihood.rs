//! A probability in words.

use serde::{Deserialize, Serialize};

/// Five steps, so that a number is never shown without its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likelihood {
    /// Below 0.05.
    VeryUnlikely,
    /// From 0.05, below 0.25.
    Unlikely,
    /// From 0.25, below 0.65.
    Possible,
    /// From 0.65, below 0.90.
    Likely,
    /// From 0.90.
    VeryLikely,
}

/// The word for a calibrated probability. What is no number counts as `Possible`: it supports neither side.
pub fn likelihood_word(p: f32) -> Likelihood {
    match p {
        p if p < 0.05 => Likelihood::VeryUnlikely,
        p if p < 0.25 => Likelihood::Unlikely,
        p if p < 0.65 => Likelihood::Possible,
        p if p < 0.90 => Likelihood::Likely,
        p if p >= 0.90 => Likelihood::VeryLikely,
        _ => Likelihood::Possible,
    }
}
