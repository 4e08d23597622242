//! What is compared: our rules, and the baselines of bloodbank.md 4.4.

use crate::Settings;
use serde::{Deserialize, Serialize};

/// The rules under which the hospitals of the simulation work.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    pub name: String,
    pub hold_hours: u32,
    pub picking: Picking,
    pub ordering: Ordering,
    /// The hospitals offer each other short-dated units.
    pub exchange: bool,
    /// Numbers of forecast, order and exchange; of a baseline those of the exchange only.
    pub settings: Settings,
}

/// Who chooses the unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picking {
    /// `bloodbank::request::propose`.
    Program,
    /// A person takes the identical group, for a critical request O RhD negative when there is none;
    /// of these the one that ends first, but in `not_oldest_percent` of the cases the one that ends
    /// last.
    ByHand { not_oldest_percent: u32 },
}

/// Who says how much to order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ordering {
    /// Forecast and target of this crate; what is held and what is coming count.
    Program,
    /// So many days of the true mean need, 2 units at least; what is held does not count, as it does
    /// not lie on the shelf. The baseline knows the true mean, which no hospital does.
    Days(u32),
}

impl Rules {
    /// A baseline: days of stock, hours of hold, percent of picks that are not the oldest.
    pub fn by_hand(days: u32, hold_hours: u32, not_oldest_percent: u32) -> Self {
        Self {
            name: format!("{days} d, {hold_hours} h, {not_oldest_percent} %"),
            hold_hours,
            picking: Picking::ByHand { not_oldest_percent },
            ordering: Ordering::Days(days),
            exchange: false,
            settings: Settings::of_the_book(),
        }
    }

    /// B0 of 4.4.
    pub fn b0() -> Self {
        Self {
            name: "B0: 7 days, 72 h hold, 30 % not the oldest".into(),
            ..Self::by_hand(7, 72, 30)
        }
    }

    /// The steps of 4.4 from the baseline to all of our rules.
    pub fn steps() -> Vec<Self> {
        let named = |name: &str, rules: Self| Self { name: name.into(), ..rules };
        let settings = Settings::of_the_book();
        let b3 = Self { picking: Picking::Program, ..Self::by_hand(7, 24, 0) };
        let b4 = Self { ordering: Ordering::Program, settings, ..b3.clone() };
        vec![
            Self::b0(),
            named("B1: and the oldest first", Self::by_hand(7, 72, 0)),
            named("B2: and 24 h hold", Self::by_hand(7, 24, 0)),
            named("B3: and the program proposes the unit", b3),
            named("B4: and the program says what to order", b4.clone()),
            Self::program(b4.settings),
        ]
    }

    /// All of our rules, with exchange.
    pub fn program(settings: Settings) -> Self {
        Self {
            name: "B5: and the sites exchange short-dated units".into(),
            hold_hours: 24,
            picking: Picking::Program,
            ordering: Ordering::Program,
            exchange: true,
            settings,
        }
    }

    /// The baselines of the sensitivity table.
    pub fn sensitivity() -> Vec<Self> {
        [(10, 72, 30), (7, 72, 30), (7, 48, 10), (7, 24, 0), (5, 24, 0)]
            .map(|(days, hold, not_oldest)| Self::by_hand(days, hold, not_oldest))
            .into()
    }
}
