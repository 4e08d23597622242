//! Stock-taking: a scanned shelf against the book, and every difference with its reason.

use crate::backend::{Inner, Passed};
use crate::blood::unit_id;
use crate::convert::same;
use crate::error::{Error, no};
use bloodbank::transfer::{Differences, Explanation, close_count, count_place};
use bloodbank::{Command, Unit};
use kernel::{Permission, UnitId};
use records::{Audit, Body};
use std::collections::{BTreeMap, BTreeSet};
use store_sqlite::UnitFilter;
use wire::*;

/// A bag as its label names it, known here or not.
#[derive(Clone, Debug)]
pub(crate) struct Labelled {
    pub id: UnitId,
    pub din: String,
    pub product_code: String,
}

/// A shelf as it was scanned, beside the book.
struct Counted {
    book: Vec<Unit>,
    labels: BTreeMap<UnitId, Labelled>,
    differences: Differences,
    booked: usize,
}

impl Inner {
    fn counted(&self, place: &str, scanned: &[BagLabel]) -> Result<Counted, Error> {
        let filter = UnitFilter { live_only: true, ..UnitFilter::default() };
        let mut book = self.store()?.units(&filter)?;
        let mut booked: BTreeSet<UnitId> = book.iter().map(|unit| unit.id).collect();
        let (mut ids, mut labels) = (vec![], BTreeMap::new());
        for label in scanned {
            let bag = self.labelled(label)?;
            ids.push(bag.id);
            if booked.insert(bag.id) {
                book.extend(self.store()?.unit(bag.id)?);
            }
            labels.insert(bag.id, bag);
        }
        let site = self.site();
        let booked = book
            .iter()
            .filter(|u| u.place == place && u.site == site && u.transit.is_none() && u.is_live())
            .count();
        let differences = count_place(&book, site, place, &ids);
        Ok(Counted { book, labels, differences, booked })
    }

    /// What a count of one place finds. Nothing is written by looking.
    pub(crate) fn count_place(&mut self, ask: CountAsk) -> Result<CountView, Error> {
        self.actor(Permission::ReceiveBlood)?;
        let place = ask.place.trim();
        let found = self.counted(place, &ask.scanned)?;
        let mut places: BTreeSet<String> = BTreeSet::new();
        let here = found.book.iter().filter(|unit| unit.is_live() && unit.site == self.site());
        places.extend(here.map(|unit| unit.place.clone()));
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(CountView {
            place: place.to_owned(),
            booked: count(found.booked),
            counted: count(found.labels.len()),
            differences: self.differences(&found)?,
            places: places.into_iter().collect(),
        })
    }

    fn differences(&self, found: &Counted) -> Result<Vec<CountDifference>, Error> {
        let all = &found.differences;
        let of = |ids: &[UnitId], kind| ids.iter().map(move |id| (*id, kind)).collect::<Vec<_>>();
        let elsewhere: Vec<UnitId> = all.elsewhere.keys().copied().collect();
        let mut rows = vec![];
        for (id, kind) in [
            of(&all.missing, CountKind::Missing),
            of(&elsewhere, CountKind::Elsewhere),
            of(&all.unexpected, CountKind::Unexpected),
            of(&all.unknown, CountKind::Unknown),
            of(&all.twice, CountKind::Twice),
        ]
        .concat()
        {
            let unit = found.book.iter().find(|unit| unit.id == id);
            let label = found.labels.get(&id);
            let din = unit.map(|unit| unit.din.clone()).or(label.map(|l| l.din.clone()));
            let code = unit
                .map(|unit| unit.product_code.clone())
                .or(label.map(|l| l.product_code.clone()));
            rows.push(CountDifference {
                unit: id.to_string(),
                din: din.unwrap_or_default(),
                product_code: code.unwrap_or_default(),
                kind,
                book_place: unit.map(|unit| unit.place.clone()),
                row: unit.map(|unit| self.unit_row(unit)).transpose()?,
            });
        }
        Ok(rows)
    }

    /// The count is closed: every difference has a reason, and what follows from it is done.
    pub(crate) fn count_close(&mut self, ask: CountClose) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let place = ask.place.trim().to_owned();
        let found = self.counted(&place, &ask.scanned)?;
        let mut explained = BTreeMap::new();
        let mut parts: Vec<Body> = vec![];
        let mut discards = false;
        for one in ask.explained {
            let id = unit_id(&one.unit)?;
            let elsewhere = found.differences.elsewhere.contains_key(&id);
            let unit = found.book.iter().find(|unit| unit.id == id);
            let why = match one.why {
                // Only what was scanned here can be said to lie here.
                CountWhy::Moved if !elsewhere => continue,
                CountWhy::Moved => {
                    if let Some(unit) = unit {
                        let kept = self.kept_as(id, &unit.product_code, unit.component)?;
                        self.place_suits(&place, unit.component, kept)?;
                    }
                    let command = Command::Move { place: place.clone() };
                    parts.push(Body::Unit { id, command });
                    Explanation::Moved
                }
                CountWhy::IssuedOnPaper => Explanation::IssuedOnPaper,
                CountWhy::Discarded { reason, note } => {
                    if unit.is_some_and(Unit::is_live) {
                        discards = true;
                        let command = Command::Discard { reason: same(reason), note };
                        parts.push(Body::Unit { id, command });
                    }
                    Explanation::Discarded { reason: same(reason) }
                }
                CountWhy::Lost => Explanation::Lost,
                CountWhy::NotOurs { words } => match kernel::said(&words) {
                    Some(words) => Explanation::NotOurs { words },
                    None => continue,
                },
            };
            explained.insert(id, why);
        }
        let lost = close_count(&found.differences, &explained, actor.id)
            .map_err(|why| crate::error::refused(why.into()))?;
        parts.extend(lost.into_iter().map(|(id, command)| Body::Unit { id, command }));
        let second = match discards {
            true if !actor.role.may(Permission::DiscardBlood) => return Err(no(Code::Forbidden)),
            true => Some(self.second(&actor, ask.second.as_ref())?),
            false => None,
        };
        let facts = self.unit_facts(None, None)?;
        let groups = parts.into_iter().map(|part| vec![part]).collect();
        self.save_groups(&actor, groups, facts, &Passed { second, ..Passed::default() })?;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let all = &found.differences;
        let entry = Audit::Counted {
            place,
            booked: count(found.booked),
            counted: count(found.labels.len()),
            missing: count(all.missing.len()),
            elsewhere: count(all.elsewhere.len()),
            unexpected: count(all.unexpected.len() + all.unknown.len()),
        };
        self.audit(&actor, entry)?;
        Ok(Nothing {})
    }
}
