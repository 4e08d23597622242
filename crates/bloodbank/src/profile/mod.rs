//! The numbers of donors, components and tests: one profile per rule book, every value a row with
//! its source.
//!
//! Five profiles are built in ([`Profile::who`], [`Profile::fda`], [`Profile::eu`],
//! [`Profile::uk`], [`Profile::india`]). Each is a draft until a person of that country signs it:
//! [`Profile::standing`]. What nobody has confirmed is listed by [`Profile::open_values`]. A file
//! that a country brings passes [`Profile::checked`] first, which refuses what nobody can have
//! meant; the bounds themselves are code, because they protect against the file.
//!
//! Lengths are in days, months or years as the rule book says them; weights in tenths of a
//! kilogram, haemoglobin in g/L, temperatures in tenths of a degree: nothing here is a float.

mod built_in;
mod change;
mod check;

use crate::lab::{Product, Work};
use crate::policy::{Confirmation, Sourced};
use crate::unit::Sex;
use chrono::{Days, Months, NaiveDate};
use kernel::{Component, Millilitres};
use serde::{Deserialize, Serialize};

pub use change::{BookRow, NotChanged, RowSet};
pub use check::BadProfile;

/// How a donor gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DonationKind {
    WholeBlood,
    /// Platelets by apheresis.
    Platelets,
    /// Plasma by apheresis.
    Plasma,
    DoubleRedCells,
}

impl DonationKind {
    pub const ALL: [Self; 4] =
        [Self::WholeBlood, Self::Platelets, Self::Plasma, Self::DoubleRedCells];
    /// Taken by a machine that gives part of the blood back.
    pub fn is_apheresis(self) -> bool {
        self != Self::WholeBlood
    }
}

/// A length of time as rule books say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    Hours(u32),
    Days(u32),
    Months(u32),
    Years(u32),
}

impl Span {
    /// The day that lies this span after `day`. Hours count as begun days, months end with the
    /// month (31 August and six months is 28 February). `None` past the end of the calendar.
    pub fn after(self, day: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Hours(hours) => day.checked_add_days(Days::new(u64::from(hours.div_ceil(24)))),
            Self::Days(days) => day.checked_add_days(Days::new(u64::from(days))),
            Self::Months(months) => day.checked_add_months(Months::new(months)),
            Self::Years(years) => day.checked_add_months(Months::new(years.checked_mul(12)?)),
        }
    }
    /// The longest number of hours that it can mean; for bounds.
    pub fn hours_at_most(self) -> u64 {
        match self {
            Self::Hours(hours) => u64::from(hours),
            Self::Days(days) => u64::from(days) * 24,
            Self::Months(months) => u64::from(months) * 31 * 24,
            Self::Years(years) => u64::from(years) * 366 * 24,
        }
    }
}

/// The rules of one rule book, or of one country that follows it with changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// `who`, `fda`, `eu`, `uk`, `india`, or one of these with a country: `who/TZ`.
    pub name: String,
    pub version: u32,
    /// Of the stored bytes, set by whoever stores or loads them; never part of those bytes.
    #[serde(skip)]
    pub hash: String,
    /// Who answers for it. A profile without a signature is a draft.
    pub signed: Option<Signature>,
    pub donors: DonorRules,
    /// One row per code; several with different dates are versions of one rule.
    pub deferrals: Vec<Sourced<DeferralRule>>,
    pub lives: Vec<Sourced<Life>>,
    pub works: Vec<Sourced<WorkRule>>,
    pub bags: Vec<Sourced<Bag>>,
    pub volumes: Vec<Sourced<VolumeRange>>,
    pub splits: SplitRules,
    pub testing: TestingRules,
    pub look_back: Vec<Sourced<LookBack>>,
}

/// A person of the country who answers for a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub by: String,
    /// Two letters.
    pub country: String,
    pub on: NaiveDate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Draft,
    Signed,
}

/// Who may give (bloodbank.md 2.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DonorRules {
    /// Completed years.
    pub age_min: Sourced<u32>,
    /// Under this age a guardian must agree too; not above `age_min` where nobody must.
    pub guardian_under: Sourced<u32>,
    pub age_max_first: Sourced<Option<AgeLimit>>,
    pub age_max_regular: Sourced<Option<AgeLimit>>,
    pub age_max_apheresis: Sourced<Option<AgeLimit>>,
    /// Over a limit a physician decides, instead of a deferral.
    pub age_refers: Sourced<bool>,
    /// One row per bag size.
    pub bag_weights: Vec<Sourced<BagWeight>>,
    /// Tenths of a kilogram.
    pub apheresis_weight: Sourced<u32>,
    pub double_red_cell_weight: Sourced<u32>,
    /// g/L.
    pub haemoglobin: Sourced<Haemoglobin>,
    pub double_red_cell_haemoglobin: Sourced<u32>,
    pub low_haemoglobin_days: Sourced<u32>,
    pub pressure: Sourced<Option<Pressure>>,
    /// Beats a minute, both ends allowed.
    pub pulse: Sourced<Option<(u32, u32)>>,
    /// Tenths of a degree Celsius, allowed up to and including.
    pub temperature_max: Sourced<u32>,
    /// 10⁹/L before platelets are taken by apheresis.
    pub platelets_min: Sourced<u32>,
    pub blood_volume: Sourced<Option<BloodVolume>>,
    pub intervals: Vec<Sourced<Interval>>,
    pub limits: Vec<Sourced<Limit>>,
    /// A donor who has ever been pregnant gives no plasma or platelets unless tested free of HLA
    /// antibodies (TRALI).
    pub pregnancy_limits_plasma: Sourced<bool>,
    /// Different people who must agree that two records are of one person, or of two: 1 or 2. A file
    /// written before it was a rule says nothing of it.
    #[serde(default = "settle_people")]
    pub settle_people: Sourced<u32>,
}

/// The stricter of the two.
fn settle_people() -> Sourced<u32> {
    crate::policy::unconfirmed(2, "none read; house default")
}

/// The last age at which somebody may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgeLimit {
    pub years: u32,
    /// True: through the whole year of that age, so `65` ends on the 66th birthday. False: up to
    /// that very birthday.
    pub whole_year: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagWeight {
    pub bag: Millilitres,
    /// Tenths of a kilogram.
    pub least: u32,
    /// The donor must weigh more than `least`, not as much.
    pub more_than: bool,
}

/// g/L.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Haemoglobin {
    pub female: u32,
    pub male: u32,
}

/// mmHg, both ends allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pressure {
    pub systolic: (u32, u32),
    pub diastolic: (u32, u32),
    /// Outside it a physician decides, instead of a deferral.
    pub refers: bool,
}

/// Women under an age need an estimated blood volume (Nadler).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BloodVolume {
    pub women_under: u32,
    pub least: Millilitres,
}

/// The days from one donation to the next. The row with the most conditions that hold counts; of
/// several with as many, and where a condition is not known, the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub from: DonationKind,
    pub to: DonationKind,
    pub sex: Option<Sex>,
    /// Only `true` is asked for: not known counts as not.
    pub after_menopause: Option<bool>,
    /// Whether the machine gave the red cells back.
    pub red_cells_returned: Option<bool>,
    pub days: u32,
}

/// At most so many donations of one kind within so many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    pub kind: DonationKind,
    pub sex: Option<Sex>,
    pub most: u32,
    pub within_days: u32,
}

/// How long something that happened keeps a donor from giving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeferralRule {
    /// Stable, such as `tattoo`; questionnaires name it.
    pub code: String,
    pub lasts: Lasts,
    /// Empty: everything. Otherwise only these components may not be made.
    pub only: Vec<Component>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lasts {
    /// Counted from the day it happened.
    For(Span),
    /// Until a person lifts it.
    UntilLifted,
    Permanent,
}

/// How long a product lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    pub product: Product,
    pub anchor: Anchor,
    pub span: Span,
    pub store: Store,
}

/// From when a life counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The end of the collection; its day is day 0.
    Collection,
    /// The moment at which this product was made.
    Making,
    /// The end of whole blood from that collection; its day is day 0.
    WholeBloodEnd,
}

/// Where a product is kept. Tenths of a degree Celsius.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// None: as cold as one likes.
    pub coldest: Option<i32>,
    pub warmest: i32,
    /// Kept in gentle movement.
    pub agitated: bool,
}

/// What a treatment does to a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkRule {
    pub work: Work,
    /// Only for this component.
    pub component: Option<Component>,
    /// Only when the system was opened (true) or stayed closed (false).
    pub open: Option<bool>,
    /// From the treatment on, if that is shorter than what is left.
    pub life: Option<Span>,
    /// Not after so many days from collection (day 0).
    pub latest_day: Option<u32>,
}

/// A bag set (bloodbank.md 2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bag {
    /// The site's own code, such as `triple-450`.
    pub code: String,
    pub volume: Millilitres,
    /// Allowed below and above, in percent.
    pub tolerance_percent: u32,
    pub anticoagulant: Anticoagulant,
    pub anticoagulant_volume: Millilitres,
    /// What may be made of it; one inner list per allowed set.
    pub sets: Vec<Vec<Product>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anticoagulant {
    Cpd,
    Cpda1,
}

/// What a component usually holds. Outside it the component is not labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeRange {
    pub product: Product,
    pub least: Millilitres,
    pub most: Millilitres,
    /// Weight of 1000 mL in grams.
    pub grams_per_litre: u32,
}

/// When a donation is divided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitRules {
    /// Bled for longer: no platelets and no plasma for freezing.
    pub bleed_minutes_max: Sourced<u32>,
    /// Platelets are made within so many hours.
    pub platelets_within_hours: Sourced<u32>,
    /// Fresh frozen plasma is in the freezer within so many hours.
    pub freeze_within_hours: Sourced<u32>,
    /// Pooled platelets may mix RhD; the pool is then RhD positive.
    pub pool_mixes_rhd: Sourced<bool>,
}

/// An infection looked for in every donation, or where it is at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    Hiv,
    Hbv,
    Hcv,
    Syphilis,
    HbCore,
    Htlv,
    Malaria,
    Chagas,
    WestNile,
    Babesia,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestingRules {
    /// One row per marker.
    pub mandatory: Vec<Sourced<Marker>>,
    /// Reactive once is enough to discard; otherwise two repeats decide.
    pub discard_on_initial_reactive: Sourced<bool>,
    /// Different people who must agree to a release: 1 or 2.
    pub release_people: Sourced<u32>,
    /// Independent typings of a donor who gives for the first time.
    pub typings_first_time: Sourced<u32>,
}

/// What is looked at when a donor turns out positive (bloodbank.md 2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookBack {
    pub marker: Marker,
    /// Donations of so many months before the last negative test.
    pub months: u32,
    /// Calendar days until everything in date is quarantined and the receivers know.
    pub due_days: u32,
}

/// A value that nobody has confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenValue {
    /// Which, in words of this file: `donors.age_min`, `deferrals.tattoo`.
    pub name: String,
    pub source: String,
}

/// One value that a country sets otherwise than the rule book it follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "row", rename_all = "snake_case")]
pub enum Change {
    AgeMin(Sourced<u32>),
    AgeMaxFirst(Sourced<Option<AgeLimit>>),
    AgeMaxRegular(Sourced<Option<AgeLimit>>),
    BagWeight(Sourced<BagWeight>),
    Haemoglobin(Sourced<Haemoglobin>),
    Interval(Sourced<Interval>),
    Deferral(Sourced<DeferralRule>),
    Life(Sourced<Life>),
    Mandatory(Sourced<Marker>),
    DiscardOnInitialReactive(Sourced<bool>),
}

/// The row in force on a day: the latest that has begun. Rows are versions of one value.
pub fn in_force<'a, T>(
    rows: impl IntoIterator<Item = &'a Sourced<T>>,
    day: NaiveDate,
) -> Option<&'a Sourced<T>> {
    rows.into_iter().filter(|row| row.effective_from <= day).max_by_key(|row| row.effective_from)
}

impl Profile {
    /// The five built-in profiles, the default first.
    pub fn built_in() -> Vec<Self> {
        vec![Self::who(), Self::fda(), Self::eu(), Self::uk(), Self::india()]
    }

    /// A draft until a person of that country has signed it.
    pub fn standing(&self) -> Standing {
        if self.signed.is_some() { Standing::Signed } else { Standing::Draft }
    }

    /// The rule of a code on a day, or none: then a person has to decide.
    pub fn deferral(&self, code: &str, day: NaiveDate) -> Option<&Sourced<DeferralRule>> {
        in_force(self.deferrals.iter().filter(|row| row.value.code == code), day)
    }

    /// The life of a product made on a day. What was made before the first row began, and is
    /// entered late, lives as that row says: without a life nothing would ever expire.
    pub fn life(&self, product: Product, day: NaiveDate) -> Option<&Sourced<Life>> {
        let rows = || self.lives.iter().filter(|row| row.value.product == product);
        in_force(rows(), day).or_else(|| rows().min_by_key(|row| row.effective_from))
    }

    /// The bag set of a code.
    pub fn bag(&self, code: &str) -> Option<&Sourced<Bag>> {
        self.bags.iter().find(|row| row.value.code == code)
    }

    /// Everything that waits for a specialist, in the order of the file.
    pub fn open_values(&self) -> Vec<OpenValue> {
        self.rows()
            .into_iter()
            .filter(|row| row.status == Confirmation::ToBeConfirmed)
            .map(|row| OpenValue { name: row.name, source: row.source.to_owned() })
            .collect()
    }

    /// The same profile for a country that sets some values otherwise. It is a new draft: what was
    /// signed was something else.
    ///
    /// # Errors
    /// When the result is nothing that anybody can have meant.
    pub fn for_country(mut self, country: &str, changes: Vec<Change>) -> Result<Self, BadProfile> {
        /// Takes the place of the rows that say the same, or is added.
        fn put<T>(rows: &mut Vec<Sourced<T>>, row: Sourced<T>, same: impl Fn(&T, &T) -> bool) {
            rows.retain(|old| !same(&old.value, &row.value));
            rows.push(row);
        }
        self.name = format!("{}/{}", self.name, country.trim());
        self.signed = None;
        self.hash.clear();
        let donors = &mut self.donors;
        for change in changes {
            match change {
                Change::AgeMin(row) => donors.age_min = row,
                Change::AgeMaxFirst(row) => donors.age_max_first = row,
                Change::AgeMaxRegular(row) => donors.age_max_regular = row,
                Change::BagWeight(row) => {
                    put(&mut donors.bag_weights, row, |a, b| a.bag == b.bag);
                }
                Change::Haemoglobin(row) => donors.haemoglobin = row,
                Change::Interval(row) => put(&mut donors.intervals, row, |a, b| {
                    (a.from, a.to, a.sex, a.after_menopause, a.red_cells_returned)
                        == (b.from, b.to, b.sex, b.after_menopause, b.red_cells_returned)
                }),
                Change::Deferral(row) => {
                    put(&mut self.deferrals, row, |a, b| a.code == b.code);
                }
                Change::Life(row) => put(&mut self.lives, row, |a, b| a.product == b.product),
                Change::Mandatory(row) => put(&mut self.testing.mandatory, row, |a, b| a == b),
                Change::DiscardOnInitialReactive(row) => {
                    self.testing.discard_on_initial_reactive = row;
                }
            }
        }
        self.checked()
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::who()
    }
}
