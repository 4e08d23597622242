//! The verdict. One function, run by a workstation that is its own authority and by a server.

use kernel::{CommandId, Instant};
use std::collections::{BTreeMap, VecDeque};
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

    /// What a person says happened, whatever the rules think of it, on the aggregates as they are.
    /// Empty when nothing physical happens (then a refused command changes nothing).
    fn happened(
        states: &States<Self>,
        body: &Self::Body,
        facts: &Self::Facts,
        context: &Self::Context,
    ) -> Vec<(Self::Key, Self::Event)>;

    /// Cannot refuse: the fact has already happened.
    fn apply(
        state: Option<Self::State>,
        key: Self::Key,
        event: &Self::Event,
    ) -> Option<Self::State>;

    /// The context under which a command that arrives now would have to be asked again, because a
    /// policy so urgent has come into force since that it also governs what is on its way
    /// (kernel.md 2.7); `None` when the version it names still stands for it.
    fn overtaken(
        states: &BTreeMap<Self::Key, Self::State>,
        body: &Self::Body,
        context: &Self::Context,
        received: Instant,
    ) -> Option<Self::Context> {
        let _ = (states, body, context, received);
        None
    }

    /// The commands that follow by themselves from what a command did (kernel.md 2.6). `context`
    /// is the cause's. Pure: the same cause gives the same commands with the same ids.
    fn react(
        context: &Self::Context,
        events: &[(Self::Key, Self::Event)],
        states: &BTreeMap<Self::Key, Self::State>,
    ) -> Vec<Reaction<Self>> {
        let _ = (context, events, states);
        vec![]
    }
}

/// A command that follows from an event by itself. Its id follows from its cause, its rule and its
/// target, so that making it twice, or on two machines, has one effect.
pub struct Reaction<A: Aggregates + ?Sized> {
    pub id: CommandId,
    pub keys: Vec<A::Key>,
    pub body: A::Body,
    pub facts: A::Facts,
    pub context: A::Context,
    /// It only takes away (a hold, a permission), so a workstation may run it at once.
    pub restricts: bool,
}

/// A reaction causes at most this many rounds of further reactions.
pub const MOST_ROUNDS: usize = 3;
/// What moves more targets than this is a job with progress, not a reaction.
pub const MOST_TARGETS: usize = 500;

/// Reactions that go further than one command may take them. Nothing of them is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooFar {
    #[error("{0} things would follow from one command; at most {MOST_TARGETS} may")]
    Targets(usize),
    #[error("reactions would follow reactions more than {MOST_ROUNDS} times")]
    Rounds,
}

/// Holds the number of commands of one round, and the number of the round, to the limits.
pub fn within_limits(round: usize, targets: usize) -> Result<(), TooFar> {
    match (round, targets) {
        (_, 0) => Ok(()),
        (round, _) if round > MOST_ROUNDS => Err(TooFar::Rounds),
        (_, targets) if targets > MOST_TARGETS => Err(TooFar::Targets(targets)),
        _ => Ok(()),
    }
}

/// What reactions did, in order: the id of each and its events.
pub(crate) type Followed<A> =
    Vec<(CommandId, Vec<(<A as Aggregates>::Key, <A as Aggregates>::Event)>)>;

/// Runs the reactions to `events` on `states`, all or none. A refused one does nothing: what it
/// wanted to stop has stopped already.
pub(crate) fn follow<A: Aggregates>(
    states: &mut BTreeMap<A::Key, A::State>,
    context: &A::Context,
    events: &[(A::Key, A::Event)],
    run: &dyn Fn(&Reaction<A>) -> bool,
) -> Result<Followed<A>, TooFar> {
    let mut done: Followed<A> = vec![];
    let due = A::react(context, events, states);
    if due.is_empty() {
        return Ok(done);
    }
    within_limits(1, due.len())?;
    let mut after = states.clone();
    let mut queue: VecDeque<(usize, Reaction<A>)> = due.into_iter().map(|r| (1, r)).collect();
    while let Some((round, reaction)) = queue.pop_front() {
        if !run(&reaction) || done.iter().any(|(id, _)| *id == reaction.id) {
            continue;
        }
        let read = reaction.keys.iter().map(|k| (*k, after.get(k).cloned())).collect();
        let Reaction { id, body, facts, context, .. } = reaction;
        let judged = judge::<A>(&read, &facts, &body, &context, Standing::Requested);
        if judged.verdict != Verdict::Applied {
            continue;
        }
        after.extend(judged.after);
        let next = A::react(&context, &judged.events, &after);
        within_limits(round + 1, next.len())?;
        queue.extend(next.into_iter().map(|r| (round + 1, r)));
        done.push((id, judged.events));
    }
    *states = after;
    Ok(done)
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
    /// An urgent policy came into force while it was on its way: it has to be asked again under
    /// that one.
    PolicyChanged,
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
                (Verdict::Incident(refused), A::happened(states, body, facts, context))
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
