//! The stock: what is on the shelf, counted and listed from the read table alone where numbers are all
//! that is asked.

use crate::record::state_of;
use crate::rows::{WITHOUT_H, group_word, word};
use crate::{Store, StoreError};
use kernel::{BloodGroup, Component, Instant, PatientId, UnitId, micros, of_micros};
use records::State;
use rusqlite::{named_params, types::Value};
use uuid::Uuid;

/// Which units a list asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitFilter {
    pub component: Option<Component>,
    pub group: Option<BloodGroup>,
    /// Only bags without the H antigen, whatever their letters.
    pub without_h: bool,
    /// The beginning of a donation number, of its year and serial, or of its serial; upper case.
    pub text: Option<String>,
    pub live_only: bool,
    /// Only bags of this site. None: also those that are known of elsewhere.
    pub site: Option<String>,
    pub patient: Option<PatientId>,
    /// As it is stored; what has run out or lapsed since is the caller's to compute.
    pub status: Option<&'static str>,
    /// Of those that are over: only such as others were made of, or only the rest.
    pub made_into: Option<bool>,
    /// None: all.
    pub limit: Option<u32>,
}

/// How many live units of one site, component and group stand so, as of an instant.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Who has custody of them.
    pub site: String,
    pub component: String,
    /// Of a bag without H the letters of its label.
    pub group: String,
    /// Counted apart: for nobody but patients without H.
    pub without_h: bool,
    /// `available`, `reserved`, `quarantined`, `in_transit` or `expired`.
    pub stands: String,
    pub count: u32,
    pub first_end: Instant,
}

/// A unit that was given, under the group of its patient.
#[derive(Clone, Debug)]
pub struct Given {
    pub at: Instant,
    pub group: String,
    /// Nobody knows the patient's group: it is that of the bag.
    pub of_bag: bool,
}

/// Units that a request asked for and that nobody found.
#[derive(Clone, Debug)]
pub struct Lacking {
    pub due: Instant,
    /// None: nobody knows the patient's group.
    pub group: Option<String>,
    pub units: u32,
    pub critical: bool,
}

/// How a live unit stands at `:now`, in the words of the table: as [`bloodbank::Unit::effective_status`].
const STANDS: &str = "CASE
    WHEN status IN ('quarantined', 'in_transit') THEN status
    WHEN expires_at_us <= :now THEN 'expired'
    WHEN status = 'reserved' AND until_us <= :now THEN 'available'
    ELSE status END";

/// More than so many are not counted out: nobody reads the difference, and everybody waits for it.
pub const COUNTED: u32 = 20_000;

impl UnitFilter {
    fn conditions(&self) -> (String, Vec<(&'static str, Value)>) {
        let mut all = vec!["1 = 1".to_owned()];
        let mut values: Vec<(&'static str, Value)> = vec![];
        if self.live_only {
            all.push("u.live = 1".into());
        }
        if let Some(made) = self.made_into {
            let not = if made { "" } else { "NOT " };
            all.push(format!("{not}EXISTS (SELECT 1 FROM unit_parent p WHERE p.parent = u.id)"));
        }
        if self.without_h {
            all.push(format!("u.grp >= '{WITHOUT_H}' AND u.grp < '{WITHOUT_H}~'"));
        }
        let mut equal = |column: &str, name: &'static str, value: Option<Value>| {
            if let Some(value) = value {
                all.push(format!("u.{column} = {name}"));
                values.push((name, value));
            }
        };
        equal("component", ":component", self.component.map(|c| word(c).into()));
        equal("grp", ":grp", self.group.map(|g| group_word(g).into()));
        equal("patient", ":patient", self.patient.map(|p| p.0.as_bytes().to_vec().into()));
        equal("status", ":status", self.status.map(|s| s.to_owned().into()));
        if let Some(site) = &self.site {
            // Beside a number or a patient the site picks no index: nearly every bag is of one site.
            let plus = if self.is_pointed() { "+" } else { "" };
            all.push(format!("{plus}u.site = :site"));
            values.push((":site", site.clone().into()));
        }
        if let Some(text) = &self.text {
            all.push(format!("u.id IN (SELECT id FROM ({}))", of_number()));
            values.push((":text", text.clone().into()));
            values.push((":text_end", format!("{text}\u{10ffff}").into()));
        }
        (all.join(" AND "), values)
    }

    /// A few bags are meant, by their number or their patient.
    fn is_pointed(&self) -> bool {
        self.text.is_some() || self.patient.is_some()
    }

    /// The index that holds all that the shelf of a site is asked for. Named, because without statistics a
    /// planner takes a site for something rare.
    fn index(&self) -> &'static str {
        match (self.site.is_some() && !self.is_pointed(), self.live_only) {
            (false, _) => "",
            (true, true) if self.component.is_some() => "INDEXED BY unit_live",
            (true, true) => "INDEXED BY unit_ending",
            (true, false) if self.status.is_some() => "INDEXED BY unit_by_status",
            (true, false) => "INDEXED BY unit_by_site",
        }
    }

    /// The bags that are asked for, as rows of `id`, `expires_at_us` and `din`. Where only a number is, the
    /// indexes alone say it, and no bag is read for it.
    pub(crate) fn found(&self) -> (String, Vec<(&'static str, Value)>) {
        let (conditions, values) = self.conditions();
        let by_number =
            UnitFilter { text: self.text.clone(), limit: self.limit, ..UnitFilter::default() };
        let sql = match self.text.is_some() && *self == by_number {
            true => of_number(),
            false => {
                let index = self.index();
                format!(
                    "SELECT u.id, u.expires_at_us, u.din FROM unit_row u {index} WHERE {conditions}"
                )
            }
        };
        (sql, values)
    }
}

/// The bags whose number has `:text` at its beginning, after its facility or as its serial: ranges, so that
/// each is a search in an index, which also holds what they are sorted by.
fn of_number() -> String {
    ["din", "substr(din, 6)", "substr(din, 8)"]
        .map(|of| {
            format!(
                "SELECT id, expires_at_us, din FROM unit_row WHERE {of} >= :text AND {of} < :text_end"
            )
        })
        .join(" UNION ")
}

fn bound<'a>(values: &'a [(&'static str, Value)]) -> Vec<(&'a str, &'a dyn rusqlite::ToSql)> {
    values.iter().map(|(name, value)| (*name, value as &dyn rusqlite::ToSql)).collect()
}

impl Store {
    /// Units, earliest expiry first. Status by time is the caller's to compute.
    pub fn units(&self, filter: &UnitFilter) -> Result<Vec<bloodbank::Unit>, StoreError> {
        let (found, mut values) = filter.found();
        values.push((":limit", i64::from(filter.limit.unwrap_or(u32::MAX)).into()));
        let mut query = self.db.prepare_cached(&format!(
            "SELECT e.state
               FROM (SELECT id, expires_at_us, din FROM ({found})
                      ORDER BY expires_at_us, din LIMIT :limit) u
               JOIN entity e ON e.kind = 3 AND e.id = u.id
              ORDER BY u.expires_at_us, u.din",
        ))?;
        let rows = query.query_map(&bound(&values)[..], |row| row.get::<_, String>(0))?;
        let mut out = vec![];
        for text in rows {
            if let State::Unit(unit) = state_of(&text?)? {
                out.push(*unit);
            }
        }
        Ok(out)
    }

    /// How many there are of them, up to a number that no page counts out.
    pub fn count_units(&self, filter: &UnitFilter) -> Result<u32, StoreError> {
        let (found, values) = filter.found();
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM ({found}) LIMIT {COUNTED})");
        let mut query = self.db.prepare_cached(&sql)?;
        Ok(query.query_row(&bound(&values)[..], |row| row.get(0))?)
    }

    /// The live units by site, component, group and how they stand now.
    pub fn standing(&self, now: Instant) -> Result<Vec<Standing>, StoreError> {
        let mut query = self.db.prepare_cached(&format!(
            "SELECT site, component, grp, {STANDS} AS stands, count(*), min(expires_at_us)
               FROM unit_row WHERE live = 1 GROUP BY site, component, grp, stands",
        ))?;
        let rows = query.query_map(named_params! { ":now": micros(now) }, |row| {
            let word: String = row.get(2)?;
            let rare = word.strip_prefix(WITHOUT_H);
            Ok(Standing {
                site: row.get(0)?,
                component: row.get(1)?,
                without_h: rare.is_some(),
                group: rare.unwrap_or(&word).to_owned(),
                stands: row.get(3)?,
                count: row.get(4)?,
                first_end: of_micros(row.get(5)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Free units of one component and group at a site.
    pub fn free_units(
        &self,
        site: &str,
        component: Component,
        group: BloodGroup,
        now: Instant,
    ) -> Result<u32, StoreError> {
        let mut query = self.db.prepare_cached(&format!(
            "SELECT count(*) FROM unit_row
              WHERE live = 1 AND site = :site AND component = :component AND grp = :grp
                AND {STANDS} = 'available'",
        ))?;
        Ok(query.query_row(
            named_params! {
                ":site": site, ":component": word(component), ":grp": group_word(group), ":now": micros(now),
            },
            |row| row.get(0),
        )?)
    }

    /// Units on the shelf of a site or held there that end before an instant, the earliest first, and how
    /// many.
    pub fn ending(
        &self,
        site: &str,
        now: Instant,
        before: Instant,
        limit: u32,
    ) -> Result<(Vec<bloodbank::Unit>, u32), StoreError> {
        let of = "FROM unit_row u INDEXED BY unit_ending
                   WHERE u.live = 1 AND u.site = :site AND u.expires_at_us > :now
                     AND u.expires_at_us < :before AND u.status IN ('available', 'reserved')";
        let times = named_params! { ":site": site, ":now": micros(now), ":before": micros(before) };
        let total = self
            .db
            .prepare_cached(&format!("SELECT count(*) {of}"))?
            .query_row(times, |row| row.get(0))?;
        let mut query = self.db.prepare_cached(&format!(
            "SELECT e.state FROM (SELECT u.id, u.expires_at_us, u.din {of}
                ORDER BY u.expires_at_us, u.din LIMIT {limit}) u
               JOIN entity e ON e.kind = 3 AND e.id = u.id ORDER BY u.expires_at_us, u.din",
        ))?;
        let mut out = vec![];
        for text in query.query_map(times, |row| row.get::<_, String>(0))? {
            if let State::Unit(unit) = state_of(&text?)? {
                out.push(*unit);
            }
        }
        Ok((out, total))
    }

    /// How many free units of a component end at a site before an instant, and when the first of them does;
    /// none where none ends. By the index of what ends next, which reads no others.
    pub fn first_free_end(
        &self,
        site: &str,
        component: Component,
        now: Instant,
        before: Instant,
    ) -> Result<Option<(u32, Instant)>, StoreError> {
        let mut query = self.db.prepare_cached(&format!(
            "SELECT count(*), min(expires_at_us) FROM unit_row INDEXED BY unit_ending
              WHERE live = 1 AND site = :site AND component = :component AND grp < '{WITHOUT_H}'
                AND expires_at_us > :now AND expires_at_us < :before AND {STANDS} = 'available'",
        ))?;
        Ok(query.query_row(
            named_params! {
                ":site": site, ":component": word(component), ":now": micros(now),
                ":before": micros(before),
            },
            |row| {
                let first: Option<i64> = row.get(1)?;
                Ok(first.map(of_micros).zip(row.get(0).ok()).map(|(first, count)| (count, first)))
            },
        )?)
    }

    /// Free units of a component that end at a site before an instant, with their groups, the earliest end
    /// first. Not those without H, which no forecast counts on.
    pub fn free_until(
        &self,
        site: &str,
        component: Component,
        now: Instant,
        before: Instant,
    ) -> Result<Vec<(UnitId, String, Instant)>, StoreError> {
        let mut query = self.db.prepare_cached(&format!(
            "SELECT id, grp, expires_at_us FROM unit_row INDEXED BY unit_ending
              WHERE live = 1 AND site = :site AND component = :component AND grp < '{WITHOUT_H}'
                AND expires_at_us > :now AND expires_at_us < :before AND {STANDS} = 'available'
              ORDER BY expires_at_us, id",
        ))?;
        let rows = query.query_map(
            named_params! {
                ":site": site, ":component": word(component), ":now": micros(now),
                ":before": micros(before),
            },
            |row| Ok((UnitId(Uuid::from_bytes(row.get(0)?)), row.get(1)?, of_micros(row.get(2)?))),
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Free units that end at a site before an instant: of one group, or of all. Not those without H, which
    /// no forecast counts on; the words of the groups begin with a capital and come before theirs.
    pub fn free_ending(
        &self,
        site: &str,
        component: Component,
        group: Option<BloodGroup>,
        now: Instant,
        before: Instant,
    ) -> Result<u32, StoreError> {
        let mut query = self.db.prepare_cached(&format!(
            "SELECT count(*) FROM unit_row
              WHERE live = 1 AND site = :site AND component = :component
                AND (:grp IS NULL OR grp = :grp)
                AND grp < '{WITHOUT_H}'
                AND expires_at_us < :before AND {STANDS} = 'available'",
        ))?;
        Ok(query.query_row(
            named_params! {
                ":site": site, ":component": word(component), ":grp": group.map(group_word),
                ":now": micros(now), ":before": micros(before),
            },
            |row| row.get(0),
        )?)
    }

    /// Units of a component that a site issued since an instant and that did not come back, each under the
    /// group of its patient where it is known. Not bags without H, which no forecast counts on.
    pub fn given_since(
        &self,
        site: &str,
        component: Component,
        since: Instant,
    ) -> Result<Vec<Given>, StoreError> {
        let mut query = self.db.prepare_cached(&format!(
            "SELECT issued_us, coalesce(need, grp), need IS NULL FROM unit_row
              WHERE issued_us IS NOT NULL AND site = ?1 AND component = ?2 AND issued_us >= ?3
                AND grp < '{WITHOUT_H}'",
        ))?;
        let rows = query.query_map((site, word(component), micros(since)), |row| {
            Ok(Given { at: of_micros(row.get(0)?), group: row.get(1)?, of_bag: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Requests of a component that were due in [from, to) and for which not as much was found as was asked
    /// for.
    pub fn lacking(
        &self,
        component: Component,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Lacking>, StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT r.due_us, p.grp, r.lacking, r.critical
               FROM request_need r LEFT JOIN patient_group p ON p.patient = r.patient
              WHERE r.lacking > 0 AND r.component = ?1 AND r.due_us >= ?2 AND r.due_us < ?3",
        )?;
        let rows = query.query_map((word(component), micros(from), micros(to)), |row| {
            Ok(Lacking {
                due: of_micros(row.get(0)?),
                group: row.get(1)?,
                units: row.get(2)?,
                critical: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Units that were issued, and that were issued or set aside, for the requests of a component that were
    /// due in [from, to).
    pub fn given_of_set_aside(
        &self,
        component: Component,
        from: Instant,
        to: Instant,
    ) -> Result<(u64, u64), StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT coalesce(sum(issued), 0), coalesce(sum(asked - lacking), 0) FROM request_need
              WHERE component = ?1 AND due_us >= ?2 AND due_us < ?3",
        )?;
        let number = |n: i64| n.unsigned_abs();
        Ok(query.query_row((word(component), micros(from), micros(to)), |row| {
            Ok((number(row.get(0)?), number(row.get(1)?)))
        })?)
    }

    /// Units that a site issued since an instant, per component and group, for the mean daily issue.
    pub fn issued_since(
        &self,
        site: &str,
        since: Instant,
    ) -> Result<Vec<(String, String, u32)>, StoreError> {
        let mut query = self.db.prepare_cached(
            // By time: the index by component would spare the sorting and walk through all that ever left.
            "SELECT component, grp, count(*) FROM unit_row INDEXED BY unit_issued
              WHERE issued_us IS NOT NULL AND issued_us >= ?1 AND site = ?2 GROUP BY component, grp",
        )?;
        let rows = query
            .query_map((micros(since), site), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How the database would answer, step by step.
    fn plan(filter: &UnitFilter) -> String {
        let db = rusqlite::Connection::open_in_memory().expect("opens");
        for migration in crate::MIGRATIONS {
            db.execute_batch(migration.sql).expect("migrates");
        }
        let (found, values) = filter.found();
        let sql = format!("EXPLAIN QUERY PLAN {found} ORDER BY 2, 3 LIMIT 50");
        let mut query = db.prepare(&sql).expect("plans");
        let steps = query
            .query_map(&bound(&values)[..], |row| row.get::<_, String>(3))
            .expect("plans")
            .collect::<Result<Vec<_>, _>>()
            .expect("plans");
        steps.join("\n")
    }

    #[test]
    fn what_lies_at_a_site_is_listed_from_an_index_that_holds_all_of_it() {
        let here = || UnitFilter { site: Some("here".into()), ..UnitFilter::default() };
        let component = Some(Component::RedCells);
        let group = Some(BloodGroup::ALL[0]);
        for (index, filter) in [
            ("unit_by_site", here()),
            ("unit_by_site", UnitFilter { component, group, ..here() }),
            ("unit_by_status", UnitFilter { status: Some("issued"), component, ..here() }),
            ("unit_ending", UnitFilter { live_only: true, group, ..here() }),
            ("unit_live", UnitFilter { live_only: true, component, group, ..here() }),
        ] {
            let steps = plan(&filter);
            let wanted = format!("SEARCH u USING COVERING INDEX {index} (site=?");
            assert!(steps.contains(&wanted), "{filter:?}: {steps}");
        }
    }

    #[test]
    fn a_number_and_a_patient_lead_to_their_few_bags_whatever_else_is_asked() {
        let text = Some("A9998".to_owned());
        let alone = plan(&UnitFilter { text: text.clone(), ..UnitFilter::default() });
        for index in ["unit_by_din", "unit_by_year", "unit_by_serial"] {
            assert!(alone.contains(&format!("USING COVERING INDEX {index} ")), "{alone}");
        }
        let site = Some("here".to_owned());
        let among = plan(&UnitFilter { text, site: site.clone(), ..UnitFilter::default() });
        assert!(among.contains("SEARCH u USING PRIMARY KEY (id=?)"), "{among}");
        let patient = Some(PatientId(Uuid::from_u128(1)));
        let theirs = plan(&UnitFilter { patient, site, ..UnitFilter::default() });
        assert!(theirs.contains("USING INDEX unit_by_patient (patient=?)"), "{theirs}");
    }
}
