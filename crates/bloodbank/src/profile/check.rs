//! What a profile cannot mean. The bounds stand in code: they protect against a file.

use super::{Profile, Span};
use crate::lab::Product;
use crate::policy::{Confirmation, Sourced};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// A profile that nobody can have meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProfile {
    #[error("{name} is {value}, outside {least} to {most}")]
    OutOfBounds { name: String, value: u64, least: u64, most: u64 },
    /// Two rows of one day say the same thing.
    #[error("{name} stands twice")]
    Twice { name: String },
    #[error("{name} is blank")]
    Blank { name: String },
    /// A rule book without this cannot be worked with.
    #[error("{name} is missing")]
    Missing { name: String },
    /// A person of one country answers for the book of another.
    #[error("{country} is not the country of {name}")]
    OtherCountry { name: String, country: String },
}

/// The origin of one value.
pub(super) struct Row<'a> {
    pub name: String,
    pub source: &'a str,
    pub status: Confirmation,
    from: NaiveDate,
}

fn row<'a, T>(name: impl Into<String>, value: &'a Sourced<T>) -> Row<'a> {
    Row {
        name: name.into(),
        source: &value.source,
        status: value.status,
        from: value.effective_from,
    }
}

/// The longest life that any rule book read gives, in hours (bloodbank.md 2.3).
pub(crate) fn longest_life(product: Product) -> u64 {
    use Product as P;
    const DAY: u64 = 24;
    const YEAR: u64 = 366 * DAY;
    match product {
        P::WholeBloodFresh | P::Granulocytes => DAY,
        P::WholeBloodCpd
        | P::WholeBloodCpda1
        | P::RedCellsCpd
        | P::RedCellsCpda1
        | P::RedCellsAdditive => 49 * DAY,
        P::RedCellsFrozen => 30 * YEAR,
        P::RedCellsDeglycerolised => 14 * DAY,
        P::Platelets | P::PlateletsApheresis | P::PlateletsPooled => 7 * DAY,
        P::BuffyCoat => 2 * DAY,
        P::FreshFrozenPlasma | P::FrozenPlasma24 | P::Cryo | P::CryoPoorPlasma => 3 * YEAR,
        P::ConvertedPlasma => 5 * YEAR,
        P::LiquidPlasma => 40 * DAY,
        P::ThawedFreshFrozen | P::ThawedPlasma => 5 * DAY,
        P::CryoThawed => 6,
    }
}

impl Profile {
    /// Every value with its origin, in the order of the file.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let d = &self.donors;
        let mut rows = vec![
            row("donors.age_min", &d.age_min),
            row("donors.guardian_under", &d.guardian_under),
            row("donors.age_max_first", &d.age_max_first),
            row("donors.age_max_regular", &d.age_max_regular),
            row("donors.age_max_apheresis", &d.age_max_apheresis),
            row("donors.age_refers", &d.age_refers),
            row("donors.apheresis_weight", &d.apheresis_weight),
            row("donors.double_red_cell_weight", &d.double_red_cell_weight),
            row("donors.haemoglobin", &d.haemoglobin),
            row("donors.double_red_cell_haemoglobin", &d.double_red_cell_haemoglobin),
            row("donors.low_haemoglobin_days", &d.low_haemoglobin_days),
            row("donors.pressure", &d.pressure),
            row("donors.pulse", &d.pulse),
            row("donors.temperature_max", &d.temperature_max),
            row("donors.platelets_min", &d.platelets_min),
            row("donors.blood_volume", &d.blood_volume),
            row("donors.pregnancy_limits_plasma", &d.pregnancy_limits_plasma),
            row("donors.settle_people", &d.settle_people),
        ];
        let each = |list: &str, what: String| format!("{list}.{what}");
        rows.extend(
            d.bag_weights.iter().map(|r| row(each("bag_weights", format!("{}", r.value.bag.0)), r)),
        );
        rows.extend(d.intervals.iter().map(|r| row(each("intervals", r.value.name()), r)));
        rows.extend(d.limits.iter().map(|r| {
            let what =
                format!("{:?} in {} days {:?}", r.value.kind, r.value.within_days, r.value.sex);
            row(each("limits", what), r)
        }));
        rows.extend(self.deferrals.iter().map(|r| row(each("deferrals", r.value.code.clone()), r)));
        rows.extend(
            self.lives.iter().map(|r| row(each("lives", format!("{:?}", r.value.product)), r)),
        );
        rows.extend(self.works.iter().map(|r| {
            let what =
                format!("{:?} {:?} open {:?}", r.value.work, r.value.component, r.value.open);
            row(each("works", what), r)
        }));
        rows.extend(self.bags.iter().map(|r| row(each("bags", r.value.code.clone()), r)));
        rows.extend(
            self.volumes.iter().map(|r| row(each("volumes", format!("{:?}", r.value.product)), r)),
        );
        let s = &self.splits;
        rows.push(row("splits.bleed_minutes_max", &s.bleed_minutes_max));
        rows.push(row("splits.platelets_within_hours", &s.platelets_within_hours));
        rows.push(row("splits.freeze_within_hours", &s.freeze_within_hours));
        rows.push(row("splits.pool_mixes_rhd", &s.pool_mixes_rhd));
        let t = &self.testing;
        rows.extend(
            t.mandatory.iter().map(|r| row(each("mandatory", format!("{:?}", r.value)), r)),
        );
        rows.push(row("testing.discard_on_initial_reactive", &t.discard_on_initial_reactive));
        rows.push(row("testing.release_people", &t.release_people));
        rows.push(row("testing.typings_first_time", &t.typings_first_time));
        rows.extend(
            self.look_back
                .iter()
                .map(|r| row(each("look_back", format!("{:?}", r.value.marker)), r)),
        );
        rows
    }

    /// Checks the sanity bounds. A profile read from a file must pass here before anything is
    /// decided under it.
    ///
    /// # Errors
    /// The first value that cannot have been meant.
    pub fn checked(self) -> Result<Self, BadProfile> {
        if self.name.trim().is_empty() {
            return Err(BadProfile::Blank { name: "name".into() });
        }
        // Both stand on a page: a name is a name, an origin a line.
        within("name in characters", self.name.chars().count() as u64, 1, 40)?;
        self.signature_in_bounds()?;
        let mut seen = BTreeSet::new();
        for row in self.rows() {
            if row.source.trim().is_empty() {
                return Err(BadProfile::Blank { name: format!("{}.source", row.name) });
            }
            let source = row.source.chars().count() as u64;
            within(format!("{}.source in characters", row.name), source, 1, 500)?;
            if !seen.insert((row.name.clone(), row.from)) {
                return Err(BadProfile::Twice { name: row.name });
            }
        }
        self.donors_in_bounds()?;
        self.deferrals_in_bounds()?;
        self.components_in_bounds()?;
        self.tests_in_bounds()?;
        Ok(self)
    }

    /// A name, and two letters that fit the country of the book where it names one.
    fn signature_in_bounds(&self) -> Result<(), BadProfile> {
        let Some(signed) = &self.signed else { return Ok(()) };
        if signed.by.trim().is_empty() {
            return Err(BadProfile::Blank { name: "signed.by".into() });
        }
        let letters = signed.country.len() == 2
            && signed.country.bytes().all(|letter| letter.is_ascii_uppercase());
        let of = self.name.split_once('/').map(|(_, country)| country);
        if !letters || of.is_some_and(|of| of != signed.country) {
            return Err(BadProfile::OtherCountry {
                name: self.name.clone(),
                country: signed.country.clone(),
            });
        }
        Ok(())
    }

    fn donors_in_bounds(&self) -> Result<(), BadProfile> {
        let d = &self.donors;
        within("donors.age_min", d.age_min.value, 16, 21)?;
        within("donors.guardian_under", d.guardian_under.value, 16, 21)?;
        for (name, limit) in [
            ("donors.age_max_first", d.age_max_first.value),
            ("donors.age_max_regular", d.age_max_regular.value),
            ("donors.age_max_apheresis", d.age_max_apheresis.value),
        ] {
            if let Some(limit) = limit {
                within(name, limit.years, 50, 90)?;
            }
        }
        if d.bag_weights.is_empty() {
            return Err(BadProfile::Missing { name: "donors.bag_weights".into() });
        }
        for row in &d.bag_weights {
            let name = |what| format!("bag_weights.{}.{what}", row.value.bag.0);
            within(name("bag"), row.value.bag.0, 200, 550)?;
            within(name("least"), row.value.least, 400, 700)?;
        }
        within("donors.apheresis_weight", d.apheresis_weight.value, 450, 700)?;
        within("donors.double_red_cell_weight", d.double_red_cell_weight.value, 500, 900)?;
        within("donors.haemoglobin.female", d.haemoglobin.value.female, 110, 150)?;
        within("donors.haemoglobin.male", d.haemoglobin.value.male, 115, 160)?;
        let double = d.double_red_cell_haemoglobin.value;
        within("donors.double_red_cell_haemoglobin", double, 120, 160)?;
        within("donors.low_haemoglobin_days", d.low_haemoglobin_days.value, 1, 366)?;
        if let Some(pressure) = d.pressure.value {
            range("donors.pressure.systolic", pressure.systolic, 80, 200)?;
            range("donors.pressure.diastolic", pressure.diastolic, 40, 120)?;
        }
        if let Some(pulse) = d.pulse.value {
            range("donors.pulse", pulse, 40, 120)?;
        }
        within("donors.temperature_max", d.temperature_max.value, 365, 380)?;
        within("donors.platelets_min", d.platelets_min.value, 100, 250)?;
        within("donors.settle_people", d.settle_people.value, 1, 2)?;
        for row in &d.intervals {
            let most = 400;
            // Whole blood taken again within a month has no rule book.
            let whole = row.value.from == row.value.to && !row.value.from.is_apheresis();
            let least = if whole { 42 } else { 1 };
            within(format!("intervals.{}", row.value.name()), row.value.days, least, most)?;
        }
        let again = |i: &super::Interval| i.from == i.to && !i.from.is_apheresis();
        if !d.intervals.iter().any(|row| again(&row.value)) {
            return Err(BadProfile::Missing { name: "intervals.WholeBlood to WholeBlood".into() });
        }
        for row in &d.limits {
            let sex = row.value.sex.map(|sex| format!(", {sex:?}")).unwrap_or_default();
            let name = |what| format!("limits.{:?}{sex}.{what}", row.value.kind);
            within(name("most"), row.value.most, 1, 60)?;
            within(name("within_days"), row.value.within_days, 2, 366)?;
        }
        Ok(())
    }

    fn deferrals_in_bounds(&self) -> Result<(), BadProfile> {
        for row in &self.deferrals {
            let code = &row.value.code;
            if code.trim().is_empty() {
                return Err(BadProfile::Blank { name: "deferrals.code".into() });
            }
            if let super::Lasts::For(span) = row.value.lasts {
                let name = format!("deferrals.{code}");
                within_hours(name, span, 0, 10 * 366 * 24)?;
            }
        }
        Ok(())
    }

    fn components_in_bounds(&self) -> Result<(), BadProfile> {
        for row in &self.lives {
            let Sourced { value: life, .. } = row;
            let name = format!("lives.{:?}", life.product);
            within_hours(name.clone(), life.span, 1, longest_life(life.product))?;
            let warmest = u64::from(life.store.warmest.unsigned_abs());
            if life.store.warmest > 250
                || life.store.coldest.is_some_and(|c| c > life.store.warmest)
            {
                return Err(BadProfile::OutOfBounds {
                    name: format!("{name}.store"),
                    value: warmest,
                    least: 0,
                    most: 250,
                });
            }
        }
        for product in Product::ALL {
            if !self.lives.iter().any(|row| row.value.product == product) {
                return Err(BadProfile::Missing { name: format!("lives.{product:?}") });
            }
        }
        for row in &self.works {
            let name = format!("works.{:?}", row.value.work);
            if let Some(life) = row.value.life {
                // A treatment never gives more than six weeks.
                within_hours(name.clone(), life, 1, 42 * 24)?;
            }
            if let Some(day) = row.value.latest_day {
                within(name, day, 1, 42)?;
            }
        }
        for row in &self.bags {
            let bag = &row.value;
            if bag.code.trim().is_empty() {
                return Err(BadProfile::Blank { name: "bags.code".into() });
            }
            let name = |what| format!("bags.{}.{what}", bag.code);
            within(name("volume"), bag.volume.0, 200, 550)?;
            within(name("tolerance_percent"), bag.tolerance_percent, 1, 20)?;
            within(name("anticoagulant_volume"), bag.anticoagulant_volume.0, 20, 100)?;
            if bag.sets.is_empty() || bag.sets.iter().any(Vec::is_empty) {
                return Err(BadProfile::Missing { name: name("sets") });
            }
        }
        for row in &self.volumes {
            let name = format!("volumes.{:?}", row.value.product);
            range(name.clone(), (row.value.least.0, row.value.most.0), 5, 1000)?;
            within(format!("{name}.grams_per_litre"), row.value.grams_per_litre, 1000, 1150)?;
        }
        let s = &self.splits;
        within("splits.bleed_minutes_max", s.bleed_minutes_max.value, 5, 30)?;
        within("splits.platelets_within_hours", s.platelets_within_hours.value, 1, 24)?;
        within("splits.freeze_within_hours", s.freeze_within_hours.value, 1, 24)
    }

    fn tests_in_bounds(&self) -> Result<(), BadProfile> {
        use super::Marker::{Hbv, Hcv, Hiv, Syphilis};
        let t = &self.testing;
        // What WHO asks for in every donation of the world (bloodbank.md 2.6 [S13]).
        for marker in [Hiv, Hbv, Hcv, Syphilis] {
            if !t.mandatory.iter().any(|row| row.value == marker) {
                return Err(BadProfile::Missing { name: format!("mandatory.{marker:?}") });
            }
            if !self.look_back.iter().any(|row| row.value.marker == marker) {
                return Err(BadProfile::Missing { name: format!("look_back.{marker:?}") });
            }
        }
        within("testing.release_people", t.release_people.value, 1, 2)?;
        within("testing.typings_first_time", t.typings_first_time.value, 2, 4)?;
        for row in &self.look_back {
            let name = format!("look_back.{:?}", row.value.marker);
            within(name.clone(), row.value.months, 1, 240)?;
            within(name, row.value.due_days, 1, 45)?;
        }
        Ok(())
    }
}

impl super::Interval {
    /// Every condition of the row, so that no two rows share a name.
    fn name(&self) -> String {
        let mut name = format!("{:?} to {:?}", self.from, self.to);
        for condition in [
            self.sex.map(|sex| format!("{sex:?}")),
            self.after_menopause.map(|after| format!("after menopause {after}")),
            self.red_cells_returned.map(|back| format!("red cells returned {back}")),
        ]
        .into_iter()
        .flatten()
        {
            name = format!("{name}, {condition}");
        }
        name
    }
}

fn within(
    name: impl Into<String>,
    value: impl Into<u64>,
    least: u64,
    most: u64,
) -> Result<(), BadProfile> {
    let value = value.into();
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(BadProfile::OutOfBounds { name: name.into(), value, least, most })
    }
}

fn range(
    name: impl Into<String>,
    (low, high): (u32, u32),
    least: u64,
    most: u64,
) -> Result<(), BadProfile> {
    let name = name.into();
    within(format!("{name} from"), low, least, most)?;
    within(format!("{name} to"), high, u64::from(low), most)
}

fn within_hours(name: String, span: Span, least: u64, most: u64) -> Result<(), BadProfile> {
    within(format!("{name} in hours"), span.hours_at_most(), least, most)
}
