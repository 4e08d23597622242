//! What the laboratory makes, and what it does to it.

use kernel::Component;
use serde::{Deserialize, Serialize};

/// A component with everything that its life and its storage depend on. The finer half of
/// [`kernel::Component`]; which licensed product code it carries is the label's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    WholeBloodCpd,
    WholeBloodCpda1,
    /// Never refrigerated.
    WholeBloodFresh,
    RedCellsCpd,
    RedCellsCpda1,
    /// SAGM, AS-1, AS-3, AS-5.
    RedCellsAdditive,
    RedCellsFrozen,
    RedCellsDeglycerolised,
    /// Of one whole blood donation.
    Platelets,
    PlateletsApheresis,
    PlateletsPooled,
    /// On the way to pooled platelets; never issued.
    BuffyCoat,
    Granulocytes,
    FreshFrozenPlasma,
    /// Frozen within 24 hours.
    FrozenPlasma24,
    /// Frozen plasma past its own life, kept for other uses.
    ConvertedPlasma,
    LiquidPlasma,
    CryoPoorPlasma,
    /// Fresh frozen plasma after thawing, before its first day has passed.
    ThawedFreshFrozen,
    /// Relabelled, for longer use.
    ThawedPlasma,
    Cryo,
    CryoThawed,
}

impl Product {
    pub const ALL: [Self; 22] = [
        Self::WholeBloodCpd,
        Self::WholeBloodCpda1,
        Self::WholeBloodFresh,
        Self::RedCellsCpd,
        Self::RedCellsCpda1,
        Self::RedCellsAdditive,
        Self::RedCellsFrozen,
        Self::RedCellsDeglycerolised,
        Self::Platelets,
        Self::PlateletsApheresis,
        Self::PlateletsPooled,
        Self::BuffyCoat,
        Self::Granulocytes,
        Self::FreshFrozenPlasma,
        Self::FrozenPlasma24,
        Self::ConvertedPlasma,
        Self::LiquidPlasma,
        Self::CryoPoorPlasma,
        Self::ThawedFreshFrozen,
        Self::ThawedPlasma,
        Self::Cryo,
        Self::CryoThawed,
    ];

    /// The line of the stock board. `None` for what never stands there: buffy coats are an
    /// intermediate, granulocytes have no board line in this house.
    pub fn component(self) -> Option<Component> {
        match self {
            Self::WholeBloodCpd | Self::WholeBloodCpda1 | Self::WholeBloodFresh => {
                Some(Component::WholeBlood)
            }
            Self::RedCellsCpd
            | Self::RedCellsCpda1
            | Self::RedCellsAdditive
            | Self::RedCellsFrozen
            | Self::RedCellsDeglycerolised => Some(Component::RedCells),
            Self::Platelets | Self::PlateletsApheresis | Self::PlateletsPooled => {
                Some(Component::Platelets)
            }
            Self::BuffyCoat | Self::Granulocytes => None,
            Self::FreshFrozenPlasma
            | Self::FrozenPlasma24
            | Self::ConvertedPlasma
            | Self::LiquidPlasma
            | Self::CryoPoorPlasma
            | Self::ThawedFreshFrozen
            | Self::ThawedPlasma => Some(Component::Plasma),
            Self::Cryo | Self::CryoThawed => Some(Component::Cryoprecipitate),
        }
    }

    /// Platelets go into it, so a donor who took aspirin gives none of it.
    pub fn holds_platelets(self) -> bool {
        self == Self::BuffyCoat || self.component() == Some(Component::Platelets)
    }

    /// Kept otherwise than its line of the board, and never frozen again (bloodbank.md 2.3).
    pub fn is_thawed(self) -> bool {
        matches!(self, Self::ThawedFreshFrozen | Self::ThawedPlasma | Self::CryoThawed)
    }

    /// Plasma that was frozen within hours of the collection.
    pub fn is_frozen_fresh(self) -> bool {
        matches!(self, Self::FreshFrozenPlasma | Self::Cryo | Self::CryoPoorPlasma)
    }
}

/// What is done to a component. Every one writes parent to child and a new end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Irradiate,
    Leukoreduce,
    Wash,
    Thaw,
    /// Thawed fresh frozen plasma becomes Thawed Plasma (a new product, longer life).
    RelabelThawed,
    Pool,
    /// Into equal parts.
    Split,
    VolumeReduce,
    Freeze,
    Deglycerolise,
    /// Small parts for a child, from time to time.
    Aliquot,
}

impl Work {
    pub const ALL: [Self; 11] = [
        Self::Irradiate,
        Self::Leukoreduce,
        Self::Wash,
        Self::Thaw,
        Self::RelabelThawed,
        Self::Pool,
        Self::Split,
        Self::VolumeReduce,
        Self::Freeze,
        Self::Deglycerolise,
        Self::Aliquot,
    ];

    /// What comes of a product. `None`: this is not done to it.
    pub fn makes(self, of: Product) -> Option<Product> {
        use Product as P;
        let red_cells = of.component() == Some(Component::RedCells) && of != P::RedCellsFrozen;
        let platelets = of.component() == Some(Component::Platelets);
        let cells = red_cells || platelets || of.component() == Some(Component::WholeBlood);
        let same = |may: bool| may.then_some(of);
        match self {
            Self::Irradiate => same(cells || of == P::Granulocytes),
            Self::Leukoreduce => same(cells),
            Self::Wash => same(red_cells || platelets),
            Self::Thaw => match of {
                P::FreshFrozenPlasma | P::FrozenPlasma24 => Some(P::ThawedFreshFrozen),
                P::Cryo => Some(P::CryoThawed),
                _ => None,
            },
            Self::RelabelThawed => (of == P::ThawedFreshFrozen).then_some(P::ThawedPlasma),
            Self::Pool => match of {
                P::Platelets | P::BuffyCoat => Some(P::PlateletsPooled),
                P::CryoThawed => Some(P::CryoThawed),
                P::ThawedPlasma => Some(P::ThawedPlasma),
                _ => None,
            },
            Self::Split | Self::Aliquot => same(
                cells || matches!(of, P::ThawedFreshFrozen | P::ThawedPlasma | P::LiquidPlasma),
            ),
            Self::VolumeReduce => same(platelets || red_cells),
            Self::Freeze => {
                let fresh = matches!(of, P::RedCellsCpd | P::RedCellsCpda1 | P::RedCellsAdditive);
                fresh.then_some(P::RedCellsFrozen)
            }
            Self::Deglycerolise => (of == P::RedCellsFrozen).then_some(P::RedCellsDeglycerolised),
        }
    }

    /// Freezing stops the clock and a relabelled plasma was only counted short before; in every
    /// other work the result never outlives its shortest parent (21 CFR 610.50(a)).
    pub fn is_capped_by_parents(self) -> bool {
        !matches!(self, Self::Freeze | Self::RelabelThawed)
    }
}
