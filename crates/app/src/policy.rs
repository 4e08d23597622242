//! The policies of the facility: which version decides now, what it says, and adopting a new one.

use crate::backend::{Inner, Passed};
use crate::blood::wall;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use crate::rule_book;
use bloodbank::care_policy::CarePolicy;
use bloodbank::profile::Profile;
use bloodbank::{Adopt, Book, Confirmation, Facilities, PolicyVersion, Sourced, StockRow};
use kernel::{Instant, Permission};
use records::{Body, Facts, Key, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire::*;

/// The versions ever adopted, read once, and what decides before any was.
pub(crate) struct Policies {
    book: Book,
    read: Vec<Arc<bloodbank::Policy>>,
    first: Arc<bloodbank::Policy>,
}

impl Policies {
    /// A facility that is being founded decides under the version it is about to adopt.
    pub fn none() -> Self {
        let first = Arc::new(records::first_policy().1);
        Self { book: Book::default(), read: vec![], first }
    }

    fn of(book: Book) -> Result<Self, Error> {
        let unread = || Error::Broken("a policy that does not read back".into());
        let read = book.versions.iter().map(|v| v.policy().map(Arc::new).ok_or_else(unread));
        let read = read.collect::<Result<_, _>>()?;
        Ok(Self { book, read, ..Self::none() })
    }

    /// The version adopted last, in force or not yet.
    fn newest(&self) -> Arc<bloodbank::Policy> {
        Arc::clone(self.read.last().unwrap_or(&self.first))
    }

    /// The version for a command of this time.
    pub fn at(&self, now: Instant) -> Arc<bloodbank::Policy> {
        let read = self.book.in_force(now).and_then(|version| {
            self.read.iter().find(|p| {
                (&p.profile, p.version, &p.hash)
                    == (&version.profile, version.version, &version.hash)
            })
        });
        Arc::clone(read.unwrap_or(&self.first))
    }
}

impl Inner {
    /// Reads the book anew: after opening a store, and after an adoption.
    pub(crate) fn read_policies(&mut self) -> Result<(), Error> {
        self.policies = match self.store()?.get(Key::Policies)? {
            Some(State::Policies(book)) => Policies::of(book)?,
            _ => Policies::none(),
        };
        Ok(())
    }

    /// What decides at this moment.
    pub(crate) fn policy(&self) -> Arc<bloodbank::Policy> {
        // The time that a command of this moment carries: under a doubted clock not the wall's.
        self.policies.at(self.now().unwrap_or_else(|_| self.options.clock.now()))
    }

    /// The version adopted last, which the next one changes.
    pub(crate) fn newest_policy(&self) -> Arc<bloodbank::Policy> {
        self.policies.newest()
    }

    /// A rule book with the version that it has in the book of policies.
    pub(crate) fn numbered_book(&self, rule_book: Profile) -> Profile {
        self.policies.book.numbered(rule_book)
    }

    pub(crate) fn policy_show(&mut self, _: Nothing) -> Result<PolicyBook, Error> {
        // Nothing in it is about a patient, and whoever works under rules may read them.
        self.anyone()?;
        let now = self.now()?;
        let policy = self.policies.at(now);
        let names = self.staff_names()?;
        let book = &self.policies.book;
        let in_force = book.in_force(now);
        let versions = book
            .versions
            .iter()
            .rev()
            .map(|v| PolicyVersionRow { in_force: in_force == Some(v), ..row(v, &names) });
        Ok(PolicyBook {
            profile: policy.profile.clone(),
            version: policy.version,
            hash: policy.hash.clone(),
            values: values(&policy),
            stock: stock(&policy),
            rule_book: rule_book::shown(&policy.rule_book),
            rule_books: Profile::built_in().into_iter().map(|book| book.name).collect(),
            versions: versions.collect(),
            electronic: self.electronic_view()?,
            newest: {
                let newest = self.policies.newest();
                PolicyNewest {
                    version: newest.version,
                    hash: newest.hash.clone(),
                    values: values(&newest),
                    stock: stock(&newest),
                    rule_book: rule_book::shown(&newest.rule_book),
                }
            },
        })
    }

    /// Writes the next version: the newest one with what was changed, each value with its source.
    pub(crate) fn policy_adopt(&mut self, ask: PolicyAdopt) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::AdoptPolicy)?;
        let newest = self.policies.newest();
        if ask.base != newest.hash {
            return Err(no(Code::Changed));
        }
        let zone = self.zone()?;
        let effective_at = match &ask.effective_wall {
            Some(text) => Some(kernel::instant_of_wall(wall(text)?, zone)),
            None => None,
        };
        let from = effective_at.unwrap_or(self.now()?).with_timezone(&zone).date_naive();
        let mut next = (*newest).clone();
        next.version = self.policies.book.next(&next.profile);
        for set in &ask.values {
            let said = Said { set, from };
            match set.name.as_str() {
                "hold_hours" => said.put(&mut next.hold_hours)?,
                "childbearing_age_max" => said.put(&mut next.childbearing_age_max)?,
                "male_child_max" => said.put(&mut next.male_child_max)?,
                "expires_soon_hours" => said.put(&mut next.expires_soon_hours)?,
                "low_titre_plasma" => said.put(&mut next.low_titre_plasma)?,
                "stock" => said.put_origin(&mut next.stock),
                "facilities" => said.put_facilities(&mut next.facilities)?,
                other => said.put_care(other, &mut next.care)?,
            }
        }
        if let Some(rows) = &ask.stock {
            next.stock.value = rows
                .iter()
                .map(|row| StockRow {
                    component: same(row.component),
                    group: same(row.group),
                    floor: row.floor,
                    target: row.target,
                })
                .collect();
        }
        next.rule_book = self.next_rule_book(&actor, &ask, &newest.rule_book, from)?;
        let text = serde_json::to_string(&next)?;
        let adopt = Adopt { text, effective_at, reason: ask.reason, urgent: ask.urgent };
        self.save(&actor, Body::Policies(adopt), Facts::default(), Passed::default())?;
        self.read_policies()?;
        self.tell(&["policy"]);
        Ok(Nothing {})
    }
}

/// The values from request to bedside that are numbers or yes and no, by their names on the wire.
macro_rules! care_values {
    ($then:ident) => {
        $then! {
            "care.sample_risk_days" => sample_risk_days,
            "care.sample_hours" => sample_hours,
            "care.risk_look_back_days" => risk_look_back_days,
            "care.electronic_sync_minutes" => electronic_sync_minutes,
            "care.crossmatch_hours" => crossmatch_hours,
            "care.retrospective_hours" => retrospective_hours,
            "care.anti_d_hours" => anti_d_hours,
            "care.return_minutes" => return_minutes,
            "care.return_excursions_max" => return_excursions_max,
            "care.start_minutes" => start_minutes,
            "care.transfusion_minutes" => transfusion_minutes,
            "care.observe_minutes" => observe_minutes,
            "care.presumed_hours" => presumed_hours,
            "care.low_titre_whole_blood_max" => low_titre_whole_blood_max,
            "care.protocol_rhd_switch" => protocol_rhd_switch,
            "care.abbreviated_units" => abbreviated_units,
            "care.look_back_task_days" => look_back_task_days,
            "care.contact.from_hour" => contact.from_hour,
            "care.contact.to_hour" => contact.to_hour,
            "care.contact.days_between_appeals" => contact.days_between_appeals,
            "care.contact.response_hours" => contact.response_hours,
            "care.contact.turnout_days" => contact.turnout_days,
            "care.electronic_crossmatch" => electronic_crossmatch,
            "care.reason_for_other_group" => reason_for_other_group,
            "care.return_tenths_max" => return_tenths_max,
            "care.fever_rise_tenths" => fever_rise_tenths,
        }
    };
}

fn malformed(detail: &str) -> Error {
    CommandError::refusal(Code::Malformed).with("detail", detail).into()
}

/// What a person said about one value.
struct Said<'a> {
    set: &'a PolicyValueSet,
    from: chrono::NaiveDate,
}

impl Said<'_> {
    fn put<T: std::str::FromStr>(&self, of: &mut Sourced<T>) -> Result<(), Error> {
        of.value =
            self.set.value.trim().parse().map_err(|_| malformed("a value is no such number"))?;
        self.put_origin(of);
        Ok(())
    }
    fn put_facilities(&self, of: &mut Sourced<Facilities>) -> Result<(), Error> {
        of.value = self.set.value.parse().map_err(|wrong: bloodbank::NoFacility| {
            Error::from(CommandError::refusal(Code::FacilityUnreadable).with("detail", wrong))
        })?;
        self.put_origin(of);
        Ok(())
    }
    fn put_care(&self, name: &str, care: &mut CarePolicy) -> Result<(), Error> {
        macro_rules! put {
            ($($name:literal => $($field:ident).+,)*) => {
                match name {
                    $($name => self.put(&mut care.$($field).+),)*
                    _ => Err(malformed("no rule has this name")),
                }
            };
        }
        care_values!(put)
    }
    fn put_origin<T>(&self, of: &mut Sourced<T>) {
        of.source = self.set.source.trim().to_owned();
        of.effective_from = self.from;
        of.status = match self.set.confirmed {
            true => Confirmation::Confirmed,
            false => Confirmation::ToBeConfirmed,
        };
    }
}

/// Every value that is not the same in both, with how it was and how it is.
pub(crate) fn changed(then: &bloodbank::Policy, now: &bloodbank::Policy) -> Vec<RuleChanged> {
    let mut all: Vec<RuleChanged> = vec![];
    for (was, is) in values(then).into_iter().zip(values(now)) {
        if was.value != is.value {
            all.push(RuleChanged { name: is.name, then: was.value, now: is.value });
        }
    }
    let rows = |policy: &bloodbank::Policy| -> BTreeMap<String, String> {
        let rows = rule_book::shown(&policy.rule_book).rows.into_iter();
        rows.map(|row| (row.name, row.value)).collect()
    };
    let (old, new) = (rows(then), rows(now));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let [was, is] = [&old, &new].map(|rows| rows.get(name).cloned().unwrap_or_default());
        if was != is {
            all.push(RuleChanged { name: name.clone(), then: was, now: is });
        }
    }
    all
}

fn values(policy: &bloodbank::Policy) -> Vec<PolicyValue> {
    let care = &policy.care;
    macro_rules! shown {
        ($($name:literal => $($field:ident).+,)*) => { vec![$(value($name, &care.$($field).+)),*] };
    }
    let mut all = vec![
        value("hold_hours", &policy.hold_hours),
        value("childbearing_age_max", &policy.childbearing_age_max),
        value("male_child_max", &policy.male_child_max),
        value("expires_soon_hours", &policy.expires_soon_hours),
        value("low_titre_plasma", &policy.low_titre_plasma),
        value_of("stock", &policy.stock),
        value("facilities", &policy.facilities),
    ];
    all.extend(care_values!(shown));
    all
}

fn stock(policy: &bloodbank::Policy) -> Vec<StockTarget> {
    let rows = policy.stock.value.iter();
    rows.map(|row| StockTarget {
        component: same(row.component),
        group: same(row.group),
        floor: row.floor,
        target: row.target,
    })
    .collect()
}

fn row(v: &PolicyVersion, names: &BTreeMap<String, String>) -> PolicyVersionRow {
    PolicyVersionRow {
        profile: v.profile.clone(),
        version: v.version,
        hash: v.hash.clone(),
        effective_at: rfc3339(v.effective_at),
        adopted_at: rfc3339(v.adopted_at),
        author: names.get(&v.author).unwrap_or(&v.author).clone(),
        reason: v.reason.clone(),
        urgent: v.urgent,
        in_force: false,
    }
}

fn value<T: std::fmt::Display>(name: &str, of: &Sourced<T>) -> PolicyValue {
    PolicyValue { value: of.value.to_string(), ..value_of(name, of) }
}

fn value_of<T>(name: &str, of: &Sourced<T>) -> PolicyValue {
    PolicyValue {
        name: name.to_owned(),
        value: String::new(),
        source: of.source.clone(),
        effective_from: of.effective_from.to_string(),
        least: bloodbank::bounds(name).map(|(least, _)| least),
        most: bloodbank::bounds(name).map(|(_, most)| most),
        confirmed: of.status == Confirmation::Confirmed,
    }
}
