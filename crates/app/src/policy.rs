//! The policies of the facility: which version decides now, what it says, and adopting a new one.

use crate::backend::{Inner, Passed};
use crate::convert::{rfc3339, same};
use crate::error::Error;
use bloodbank::{Adopt, Book, Confirmation, PolicyVersion, Sourced};
use kernel::{Instant, Permission};
use records::{Body, Facts, Key, State};
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
        self.policies.at(self.options.clock.now())
    }

    pub(crate) fn policy_show(&mut self, _: Nothing) -> Result<PolicyBook, Error> {
        self.actor(Permission::SeeStock)
            .or_else(|_| self.actor(Permission::AdoptPolicy))
            .or_else(|_| self.actor(Permission::ReadAudit))?;
        let now = self.now()?;
        let policy = self.policies.at(now);
        let book = &self.policies.book;
        let text = book
            .named(&policy.profile, policy.version, &policy.hash)
            .map_or_else(|| records::first_policy().0, |v| v.text.clone());
        let stock = policy.stock.value.iter().map(|row| StockTarget {
            component: same(row.component),
            group: same(row.group),
            floor: row.floor,
            target: row.target,
        });
        let in_force = book.in_force(now);
        let versions = book
            .versions
            .iter()
            .rev()
            .map(|v| PolicyVersionRow { in_force: in_force == Some(v), ..row(v) });
        Ok(PolicyBook {
            profile: policy.profile.clone(),
            version: policy.version,
            hash: policy.hash.clone(),
            values: vec![
                value("hold_hours", &policy.hold_hours),
                value("childbearing_age_max", &policy.childbearing_age_max),
                value("male_child_max", &policy.male_child_max),
                value("expires_soon_hours", &policy.expires_soon_hours),
                value("low_titre_plasma", &policy.low_titre_plasma),
                PolicyValue { value: String::new(), ..value_of("stock", &policy.stock) },
            ],
            stock: stock.collect(),
            versions: versions.collect(),
            text,
        })
    }

    pub(crate) fn policy_adopt(&mut self, ask: PolicyAdopt) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::AdoptPolicy)?;
        let effective_at = ask
            .effective_at
            .as_deref()
            .map(|at| chrono::DateTime::parse_from_rfc3339(at).map(|at| at.to_utc()))
            .transpose()
            .map_err(|error| CommandError::refusal(Code::Malformed).with("detail", error))?;
        let adopt = Adopt { text: ask.text, effective_at, reason: ask.reason, urgent: ask.urgent };
        self.save(&actor, Body::Policies(adopt), Facts::default(), Passed::default())?;
        self.read_policies()?;
        Ok(Nothing {})
    }
}

fn row(v: &PolicyVersion) -> PolicyVersionRow {
    PolicyVersionRow {
        profile: v.profile.clone(),
        version: v.version,
        hash: v.hash.clone(),
        effective_at: rfc3339(v.effective_at),
        adopted_at: rfc3339(v.adopted_at),
        author: v.author.clone(),
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
        confirmed: of.status == Confirmation::Confirmed,
    }
}
