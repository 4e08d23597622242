//! The book of policies: every version ever adopted, word for word, and which of them was in force
//! when (kernel.md 2.7). Nothing is ever struck from it.

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

/// The book after an adoption. A version that stands in it already is not written twice.
pub fn adopted(book: Option<Book>, version: &PolicyVersion) -> Book {
    let mut book = book.unwrap_or_default();
    if !book.versions.contains(version) {
        book.versions.push(version.clone());
    }
    book
}
