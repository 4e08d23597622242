//! The numbers that a clinician may change, each with where it comes from, from when it holds and
//! whether a transfusion specialist has confirmed it (bloodbank.md, head and 4.3).

use crate::care_policy::CarePolicy;
use crate::donor::{BadQuestionnaire, Questionnaire};
use crate::profile::{BadProfile, Profile};
use chrono::NaiveDate;
use kernel::{Abo, BloodGroup, Component, Rhd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A value with its origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sourced<T> {
    pub value: T,
    /// The document and section, for a person to look up.
    pub source: String,
    pub effective_from: NaiveDate,
    pub status: Confirmation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    ToBeConfirmed,
    Confirmed,
}

/// One immutable version of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub profile: String,
    pub version: u32,
    /// Of the stored bytes, set by whoever stores or loads them; never part of those bytes.
    #[serde(skip)]
    pub hash: String,
    /// How long a reservation holds at most, in hours.
    pub hold_hours: Sourced<u32>,
    /// A girl or woman up to this age (inclusive, years) keeps RhD-negative red cells.
    pub childbearing_age_max: Sourced<u32>,
    /// A boy up to this age (inclusive, years) likewise; also who is a child for cryoprecipitate.
    pub male_child_max: Sourced<u32>,
    /// From how many hours before its end a unit is shown as expiring soon.
    pub expires_soon_hours: Sourced<u32>,
    /// Low-titre A or B plasma counts as compatible across groups.
    pub low_titre_plasma: Sourced<bool>,
    /// Missing pairs are not stocked.
    pub stock: Sourced<Vec<StockRow>>,
    /// Whose blood this house takes without a look (bloodbank.md 6, scenario 18).
    #[serde(default = "no_facilities", skip_serializing_if = "Facilities::none")]
    pub facilities: Sourced<Facilities>,
    /// Donors, components and tests: the rule book. A version adopted before it was part of the
    /// policy says nothing of it, and stands for the draft that came with the program.
    #[serde(default = "Profile::who")]
    pub rule_book: Profile,
    /// From the request to the bedside; likewise.
    #[serde(default = "CarePolicy::who")]
    pub care: CarePolicy,
    /// What a donor is asked; likewise.
    #[serde(default = "Questionnaire::basic")]
    pub questionnaire: Questionnaire,
}

/// Facilities by their identification numbers, the first five characters of a donation number. The
/// register of ICCBBA is the licensee's; here stand those that this house deals with. Empty: no
/// table was entered, so of no number can it be said that its facility is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facilities(BTreeSet<String>);

/// What stands in a list of facilities and is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no facility identification number")]
pub struct NoFacility(String);

impl Facilities {
    /// What [`crate::lab::unregistered`] looks in.
    pub fn table(&self) -> Option<&BTreeSet<String>> {
        (!self.0.is_empty()).then_some(&self.0)
    }

    fn none(of: &Sourced<Self>) -> bool {
        of.value.0.is_empty()
    }

    /// Letter or digit but O and 0, one more that is no O, a letter or digit, two digits: as the
    /// data structure of a donation number asks (bloodbank.md 3, structure 001).
    fn is_number(text: &str) -> bool {
        let at = |n: usize| text.as_bytes().get(n).copied().unwrap_or_default();
        let sign = |c: u8| (c.is_ascii_uppercase() && c != b'O') || c.is_ascii_digit();
        text.len() == 5
            && sign(at(0))
            && at(0) != b'0'
            && sign(at(1))
            && sign(at(2))
            && at(3).is_ascii_digit()
            && at(4).is_ascii_digit()
    }
}

impl std::str::FromStr for Facilities {
    type Err = NoFacility;

    /// Numbers with spaces, commas or lines between them.
    fn from_str(text: &str) -> Result<Self, NoFacility> {
        let between = |c: char| c.is_whitespace() || c == ',' || c == ';';
        let numbers = text.split(between).filter(|one| !one.is_empty()).map(str::to_uppercase);
        let checked = numbers.map(|one| match Self::is_number(&one) {
            true => Ok(one),
            false => Err(NoFacility(one)),
        });
        Ok(Self(checked.collect::<Result<_, _>>()?))
    }
}

impl std::fmt::Display for Facilities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all: Vec<&str> = self.0.iter().map(String::as_str).collect();
        f.write_str(&all.join(" "))
    }
}

fn no_facilities() -> Sourced<Facilities> {
    unconfirmed(Facilities::default(), "no table of facilities was entered")
}

/// What one site should have on the shelf, in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    pub component: Component,
    pub group: BloodGroup,
    /// Under it the level is critical.
    pub floor: u32,
    /// Under it the level is low; 0 means not stocked here.
    pub target: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Good,
    Low,
    Critical,
    /// Not stocked here by policy and none present.
    NotStocked,
}

/// Units of one cell of the stock table at most.
pub const MOST_STOCK: u32 = 1_000;

/// The least and the most that a hospital can have meant by a number of this name (the sanity bounds
/// of bloodbank.md 4.3; a value outside is a slip of the finger).
pub fn bounds(name: &str) -> Option<(u32, u32)> {
    Some(match name {
        "hold_hours" => (1, 72),
        "childbearing_age_max" => (45, 60),
        "male_child_max" => (12, 21),
        "expires_soon_hours" => (1, 240),
        other => return crate::care_policy::care_bounds(other.strip_prefix("care.")?),
    })
}

/// A policy that no hospital can have meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    #[error("{name} is {value}, outside {least} to {most}")]
    OutOfBounds { name: &'static str, value: u32, least: u32, most: u32 },
    #[error("{component:?} {group}: the floor {floor} is above the target {target}")]
    FloorAboveTarget { component: Component, group: BloodGroup, floor: u32, target: u32 },
    #[error("{component:?} {group} stands twice in the stock table")]
    StockTwice { component: Component, group: BloodGroup },
    #[error("{name} is blank")]
    Blank { name: &'static str },
    #[error(transparent)]
    NoFacility(#[from] NoFacility),
    #[error(transparent)]
    RuleBook(#[from] BadProfile),
    #[error(transparent)]
    Questionnaire(#[from] BadQuestionnaire),
}

impl Policy {
    /// The default profile. Nothing in it has been confirmed yet.
    pub fn who() -> Self {
        Self {
            profile: "who".into(),
            version: 1,
            hash: String::new(),
            hold_hours: unconfirmed(
                24,
                "Chapman, Transfusion Medicine 2009: 24 h holds waste less than 48 h",
            ),
            childbearing_age_max: unconfirmed(
                50,
                "Lifeblood, component compatibility; AABB Association Bulletin 19-02",
            ),
            male_child_max: unconfirmed(
                18,
                "Lifeblood, component compatibility; AABB Association Bulletin 19-02",
            ),
            expires_soon_hours: unconfirmed(24, "our own rule: near-expiry band critical"),
            low_titre_plasma: unconfirmed(
                false,
                "Lifeblood, component compatibility: off unless a site tests",
            ),
            stock: unconfirmed(small_site(), "our own rule for a small site"),
            facilities: no_facilities(),
            rule_book: Profile::who(),
            care: CarePolicy::who(),
            questionnaire: Questionnaire::basic(),
        }
    }

    /// Checks the sanity bounds.
    ///
    /// # Errors
    /// The first value that cannot have been meant. A policy read from a file must pass here
    /// before anything is decided under it.
    pub fn checked(self) -> Result<Self, BadPolicy> {
        let within = |name, value: &Sourced<u32>| {
            let value = value.value;
            let (least, most) = bounds(name).unwrap_or((0, u32::MAX));
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(BadPolicy::OutOfBounds { name, value, least, most })
            }
        };
        within("hold_hours", &self.hold_hours)?;
        within("childbearing_age_max", &self.childbearing_age_max)?;
        within("male_child_max", &self.male_child_max)?;
        within("expires_soon_hours", &self.expires_soon_hours)?;
        let sources = [
            ("profile", &self.profile),
            ("hold_hours.source", &self.hold_hours.source),
            ("childbearing_age_max.source", &self.childbearing_age_max.source),
            ("male_child_max.source", &self.male_child_max.source),
            ("expires_soon_hours.source", &self.expires_soon_hours.source),
            ("low_titre_plasma.source", &self.low_titre_plasma.source),
            ("stock.source", &self.stock.source),
            ("facilities.source", &self.facilities.source),
        ];
        if let Some((name, _)) = sources.into_iter().find(|(_, text)| kernel::said(text).is_none())
        {
            return Err(BadPolicy::Blank { name });
        }
        let mut seen = std::collections::BTreeSet::new();
        for &StockRow { component, group, floor, target } in &self.stock.value {
            if !seen.insert((component, group)) {
                return Err(BadPolicy::StockTwice { component, group });
            }
            if floor > target {
                return Err(BadPolicy::FloorAboveTarget { component, group, floor, target });
            }
            let (name, least, most) = ("stock_target", 0, MOST_STOCK);
            if target > most {
                return Err(BadPolicy::OutOfBounds { name, value: target, least, most });
            }
        }
        if let Some(other) = self.facilities.value.0.iter().find(|one| !Facilities::is_number(one))
        {
            return Err(BadPolicy::NoFacility(NoFacility(other.clone())));
        }
        let rule_book = self.rule_book.checked()?;
        let care = self.care.checked()?;
        let questionnaire = self.questionnaire.checked(&rule_book)?;
        Ok(Self { rule_book, care, questionnaire, ..self })
    }

    /// Floor and target of one cell of the stock board; `(0, 0)` when not stocked.
    pub fn floor_and_target(&self, component: Component, group: BloodGroup) -> (u32, u32) {
        self.stock
            .value
            .iter()
            .find(|row| row.component == component && row.group == group)
            .map_or((0, 0), |row| (row.floor, row.target))
    }

    /// How the shelf stands with `available` units of one cell.
    pub fn level(&self, component: Component, group: BloodGroup, available: u32) -> Level {
        let (floor, target) = self.floor_and_target(component, group);
        if target == 0 && available == 0 {
            Level::NotStocked
        } else if available < floor {
            Level::Critical
        } else if available < target {
            Level::Low
        } else {
            Level::Good
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::who()
    }
}

pub(crate) fn unconfirmed<T>(value: T, source: &str) -> Sourced<T> {
    Sourced {
        value,
        source: source.to_owned(),
        effective_from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default(),
        status: Confirmation::ToBeConfirmed,
    }
}

/// Floors and targets of a small site with emergency care. Rare groups are not stocked: O and A
/// RhD negative stand in for them.
fn small_site() -> Vec<StockRow> {
    use Abo::{A, AB, B, O};
    use Component::{Cryoprecipitate, Plasma, Platelets, RedCells, WholeBlood};
    use Rhd::{Negative, Positive};
    [
        (RedCells, O, Negative, 2, 4),
        (RedCells, O, Positive, 4, 8),
        (RedCells, A, Negative, 1, 2),
        (RedCells, A, Positive, 2, 6),
        (RedCells, B, Positive, 1, 3),
        (RedCells, AB, Positive, 1, 2),
        (Platelets, O, Positive, 1, 2),
        (Platelets, A, Negative, 1, 1),
        (Platelets, A, Positive, 1, 2),
        (Plasma, O, Positive, 1, 4),
        (Plasma, A, Positive, 2, 4),
        (Plasma, B, Positive, 1, 2),
        (Plasma, AB, Positive, 2, 4),
        (Cryoprecipitate, O, Positive, 1, 2),
        (Cryoprecipitate, A, Positive, 1, 2),
        (WholeBlood, O, Positive, 1, 2),
    ]
    .into_iter()
    .map(|(component, abo, rhd, floor, target)| StockRow {
        component,
        group: BloodGroup { abo, rhd },
        floor,
        target,
    })
    .collect()
}
