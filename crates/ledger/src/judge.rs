//! The verdict. One function, run by a workstation that is its own authority and by a server.

use std::collections::BTreeMap;
use std::fmt::Debug;

/// What the ledger needs of the aggregates, and nothing more.
pub trait Aggregates {
    type Key: Copy + Ord + Debug;
    type State: Clone + PartialEq + Debug;
    type Body: Clone + Debug;
    type Event: Clone + PartialEq + Debug;
    type Facts;
    type Refused: Clone + PartialEq + Debug;
    /// Who, when, under which policy: what a decision may look at beside states and facts.
    type Context;

    /// The pure decision over everything the command names. It may look at nothing else.
    fn decide(
        states: &States<Self>,
        facts: &Self::Facts,
        body: &Self::Body,
        context: &Self::Context,
    ) -> Decision<Self>;

    /// What a person says happened, whatever the rules think of it. Empty when nothing physical
    /// happens (then a refused command changes nothing).
    fn happened(body: &Self::Body, context: &Self::Context) -> Vec<(Self::Key, Self::Event)>;

    /// Cannot refuse: the fact has already happened.
    fn apply(
        state: Option<Self::State>,
        key: Self::Key,
        event: &Self::Event,
    ) -> Option<Self::State>;
}

/// What happened, each fact with the aggregate it moves, or why not.
pub type Decision<A> =
    Result<Vec<(<A as Aggregates>::Key, <A as Aggregates>::Event)>, <A as Aggregates>::Refused>;

/// The aggregates a command names, loaded in key order; `None` is one that does not exist yet.
pub type States<A> = BTreeMap<<A as Aggregates>::Key, Option<<A as Aggregates>::State>>;

/// Fixed when a command is saved (kernel.md 2.2). The screen's words follow it: "asked",
/// "issued", "recorded".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// May be rejected.
    Requested,
    /// Carries the lease for every scarce thing it writes: applied or incident, never rejected.
    Final,
    /// A person says it happened: applied or incident, never rejected.
    Attested,
}

impl Standing {
    pub fn as_u8(self) -> u8 {
        match self {
            Standing::Requested => 0,
            Standing::Final => 1,
            Standing::Attested => 2,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<R> {
    Applied,
    Rejected(R),
    /// Stored and visible, and a rule was broken: a person has to look.
    Incident(R),
    DependsOnRejected,
    /// Another device holds the lease of a thing it writes: only that device decides about it.
    LeasedElsewhere,
}

impl<R> Verdict<R> {
    /// Whether the command left a mark on the aggregates.
    pub fn took_effect(&self) -> bool {
        matches!(self, Verdict::Applied | Verdict::Incident(_))
    }
}

/// A verdict with what it leads to. `after` holds only the aggregates that changed.
pub struct Judged<A: Aggregates + ?Sized> {
    pub verdict: Verdict<A::Refused>,
    pub events: Vec<(A::Key, A::Event)>,
    pub after: BTreeMap<A::Key, A::State>,
}

/// Decides and applies, all or none. `decide` never sees a wall clock: the time is in `context`.
pub fn judge<A: Aggregates>(
    states: &States<A>,
    facts: &A::Facts,
    body: &A::Body,
    context: &A::Context,
    standing: Standing,
) -> Judged<A> {
    let (verdict, events) = match A::decide(states, facts, body, context) {
        Ok(events) => (Verdict::Applied, events),
        Err(refused) => match standing {
            Standing::Requested => (Verdict::Rejected(refused), vec![]),
            Standing::Final | Standing::Attested => {
                (Verdict::Incident(refused), A::happened(body, context))
            }
        },
    };
    let mut after: States<A> = BTreeMap::new();
    for (key, event) in &events {
        let before = after.remove(key).or_else(|| states.get(key).cloned()).flatten();
        after.insert(*key, A::apply(before, *key, event));
    }
    let after = after.into_iter().filter_map(|(k, s)| s.map(|s| (k, s))).collect();
    Judged { verdict, events, after }
}
