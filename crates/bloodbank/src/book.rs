//! The book of policies: every version ever adopted, word for word, and which of them was in force
//! when (kernel.md 2.7). Nothing is ever struck from it.

use crate::profile::Profile;
use crate::{BadPolicy, Policy};
use kernel::Instant;
use serde::{Deserialize, Serialize};

/// One version as it was adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub profile: String,
    pub version: u32,
    /// SHA-256 of `text`, lower-case hexadecimal: with profile and version it is the name.
    pub hash: String,
    /// The policy as JSON, kept as it was signed: a later release may write the same differently.
    pub text: String,
    /// Commands from this instant on are decided under it.
    pub effective_at: Instant,
    pub adopted_at: Instant,
    pub author: String,
    pub reason: String,
    /// Also meant for what has been asked for and not yet answered.
    pub urgent: bool,
}

impl PolicyVersion {
    /// The policy itself; `None` when the text is not one.
    pub fn policy(&self) -> Option<Policy> {
        let policy: Policy = serde_json::from_str(&self.text).ok()?;
        Some(Policy { hash: self.hash.clone(), ..policy })
    }
}

/// All versions in the order in which they were adopted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    pub versions: Vec<PolicyVersion>,
}

impl Book {
    /// The version for a command of this time: the last adopted one that had taken effect. Before
    /// the first had, the first.
    pub fn in_force(&self, at: Instant) -> Option<&PolicyVersion> {
        let newest = self.versions.iter().rev().find(|v| v.effective_at <= at);
        newest.or(self.versions.first())
    }
    /// The version that governs a command which names `profile` and `version` and was still on its
    /// way at `received`: the last urgent one adopted after it and in force by then, and whatever
    /// followed that. `None` when the named one still stands for it.
    pub fn overtaking(
        &self,
        profile: &str,
        version: u32,
        received: Instant,
    ) -> Option<&PolicyVersion> {
        let named = self.versions.iter().position(|v| v.profile == profile && v.version == version);
        let since = &self.versions[named? + 1..];
        let mut in_force = since.iter().filter(|v| v.effective_at <= received);
        in_force.clone().any(|v| v.urgent).then(|| in_force.next_back())?
    }
    pub fn named(&self, profile: &str, version: u32, hash: &str) -> Option<&PolicyVersion> {
        self.versions
            .iter()
            .find(|v| v.profile == profile && v.version == version && v.hash == hash)
    }
    /// A rule book with its version: that of the book which says the same under this name already,
    /// or one that no book of this name ever had.
    pub fn numbered(&self, rule_book: Profile) -> Profile {
        let known: Vec<Profile> =
            self.rule_books().filter(|old| old.name == rule_book.name).collect();
        let version = match known.iter().find(|old| old.says_the_same(&rule_book)) {
            Some(same) => same.version,
            None => match known.iter().map(|old| old.version).max() {
                Some(last) => rule_book.version.max(last.saturating_add(1)),
                None => rule_book.version.max(1),
            },
        };
        Profile { version, ..rule_book }
    }
    fn rule_books(&self) -> impl Iterator<Item = Profile> {
        self.versions.iter().filter_map(PolicyVersion::policy).map(|policy| policy.rule_book)
    }
    /// The number that the next version of a profile has to carry.
    pub fn next(&self, profile: &str) -> u32 {
        let used = self.versions.iter().filter(|v| v.profile == profile).map(|v| v.version);
        used.max().unwrap_or(0) + 1
    }
}

/// What is asked for: a policy, from when on, why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopt {
    /// The policy as JSON.
    pub text: String,
    /// None: at once.
    pub effective_at: Option<Instant>,
    pub reason: String,
    pub urgent: bool,
}

/// Why a policy is not adopted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdopted {
    #[error("this is not a policy: {0}")]
    Unreadable(String),
    #[error(transparent)]
    Bad(#[from] BadPolicy),
    #[error("the next version of this profile is {expected}")]
    NotNext { expected: u32 },
    /// It would have governed commands that were decided without it.
    #[error("a policy cannot take effect before it is adopted")]
    InThePast,
    #[error("a reason is needed")]
    ReasonMissing,
    /// Two books of one name and version would say different things.
    #[error("the rule book {name} {version} says something else already")]
    RuleBookKnown { name: String, version: u32 },
    /// It was signed together with a change: for what nobody can have read as it stands.
    #[error("a rule book is signed by itself, after it was adopted")]
    SignedUnread,
}

/// Decides whether a policy enters the book. `hash` is the SHA-256 of its text.
///
/// # Errors
/// The first thing that no version may be.
pub fn adopt(
    book: Option<&Book>,
    ask: &Adopt,
    hash: String,
    author: &str,
    now: Instant,
) -> Result<PolicyVersion, NotAdopted> {
    let policy: Policy = serde_json::from_str(&ask.text)
        .map_err(|error| NotAdopted::Unreadable(error.to_string()))?;
    let policy = policy.checked()?;
    let expected = book.map_or(1, |book| book.next(&policy.profile));
    if policy.version != expected {
        return Err(NotAdopted::NotNext { expected });
    }
    let effective_at = ask.effective_at.unwrap_or(now);
    if effective_at < now {
        return Err(NotAdopted::InThePast);
    }
    let reason = kernel::reason(&ask.reason).ok_or(NotAdopted::ReasonMissing)?;
    rule_book_fits(book, &policy.rule_book)?;
    Ok(PolicyVersion {
        profile: policy.profile,
        version: policy.version,
        hash,
        text: ask.text.clone(),
        effective_at,
        adopted_at: now,
        author: author.to_owned(),
        reason,
        urgent: ask.urgent,
    })
}

/// A rule book is named by its name and version in every record decided under it, so that these say
/// one thing only; and whoever signs it signs what stands already.
fn rule_book_fits(book: Option<&Book>, next: &Profile) -> Result<(), NotAdopted> {
    let before: Vec<Profile> = book.map_or_else(Vec::new, |book| book.rule_books().collect());
    let named = |old: &&Profile| (&old.name, old.version) == (&next.name, next.version);
    if before.iter().filter(named).any(|old| !old.says_the_same(next)) {
        let (name, version) = (next.name.clone(), next.version);
        return Err(NotAdopted::RuleBookKnown { name, version });
    }
    let carried = |old: &Profile| {
        old.says_the_same(next) && (old.signed.is_none() || old.signed == next.signed)
    };
    match next.signed.is_none() || before.last().is_some_and(carried) {
        true => Ok(()),
        false => Err(NotAdopted::SignedUnread),
    }
}

/// The book after an adoption. A version that stands in it already is not written twice.
pub fn adopted(book: Option<Book>, version: &PolicyVersion) -> Book {
    let mut book = book.unwrap_or_default();
    if !book.versions.contains(version) {
        book.versions.push(version.clone());
    }
    book
}
