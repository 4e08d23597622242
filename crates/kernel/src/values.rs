//! Values of medicine that two domains share.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Abo {
    O,
    A,
    B,
    AB,
}

impl Abo {
    pub const ALL: [Abo; 4] = [Abo::O, Abo::A, Abo::B, Abo::AB];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhd {
    Negative,
    Positive,
}

/// An ABO and RhD group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BloodGroup {
    pub abo: Abo,
    pub rhd: Rhd,
}

impl BloodGroup {
    /// The eight groups in the order of the stock board.
    pub const ALL: [BloodGroup; 8] = {
        const fn g(abo: Abo, rhd: Rhd) -> BloodGroup {
            BloodGroup { abo, rhd }
        }
        use {Abo::*, Rhd::*};
        [
            g(O, Negative),
            g(O, Positive),
            g(A, Negative),
            g(A, Positive),
            g(B, Negative),
            g(B, Positive),
            g(AB, Negative),
            g(AB, Positive),
        ]
    };
}

impl std::fmt::Display for BloodGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rhd = if self.rhd == Rhd::Negative { "NEGATIVE" } else { "POSITIVE" };
        write!(f, "{:?} RhD {rhd}", self.abo)
    }
}

/// What is in the bag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    RedCells,
    Platelets,
    Plasma,
    Cryoprecipitate,
    WholeBlood,
}

impl Component {
    pub const ALL: [Component; 5] = [
        Component::RedCells,
        Component::Platelets,
        Component::Plasma,
        Component::Cryoprecipitate,
        Component::WholeBlood,
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millilitres(pub u32);
