//! A workstation's side of the protocol: trunk, unanswered commands, and the present derived from
//! both (kernel.md 2.1). No input, no output, no clock.

use crate::authority::{Answer, Logged, Push};
use crate::judge::{Aggregates, Standing, States, Verdict, follow, judge};
use kernel::CommandId;
use std::collections::{BTreeMap, BTreeSet};

/// A command that no authority has answered yet.
#[derive(Clone, Debug)]
pub struct Pending<A: Aggregates> {
    pub id: CommandId,
    pub dseq: u64,
    pub keys: Vec<A::Key>,
    pub body: A::Body,
    pub standing: Standing,
    pub after: Vec<CommandId>,
    /// A re-derivation refuses it: shown in the inbox until the answer comes.
    pub at_risk: bool,
    /// The log already says what came of it and only the answer is missing: it is sent again, and
    /// never decided a second time on top of its own effect.
    pub in_trunk: bool,
    /// What it did when it was last accepted; filled by [`Workstation::act`].
    pub events: Vec<(A::Key, A::Event)>,
}

/// Asked for the facts of each unanswered command, over the aggregates as they are by then.
pub type FactsFor<'a, A> = &'a dyn Fn(
    &Pending<A>,
    &BTreeMap<<A as Aggregates>::Key, <A as Aggregates>::State>,
) -> <A as Aggregates>::Facts;

pub struct Workstation<A: Aggregates> {
    trunk: BTreeMap<A::Key, A::State>,
    present: BTreeMap<A::Key, A::State>,
    pending: Vec<Pending<A>>,
    next_dseq: u64,
    cursor: u64,
}

impl<A: Aggregates> Default for Workstation<A> {
    fn default() -> Self {
        Self {
            trunk: BTreeMap::new(),
            present: BTreeMap::new(),
            pending: vec![],
            next_dseq: 1,
            cursor: 0,
        }
    }
}

impl<A: Aggregates> Workstation<A> {
    pub fn present(&self, key: &A::Key) -> Option<&A::State> {
        self.present.get(key)
    }
    pub fn presents(&self) -> &BTreeMap<A::Key, A::State> {
        &self.present
    }
    pub fn trunk(&self, key: &A::Key) -> Option<&A::State> {
        self.trunk.get(key)
    }
    pub fn pending(&self) -> &[Pending<A>] {
        &self.pending
    }
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    fn states(&self, keys: &[A::Key]) -> States<A> {
        keys.iter().map(|k| (*k, self.present.get(k).cloned())).collect()
    }

    /// Answers the user at once. A refusal here records nothing in the clinical stream; an
    /// attestation is never refused.
    pub fn act(
        &mut self,
        mut command: Pending<A>,
        facts: &A::Facts,
        context: &A::Context,
    ) -> Result<(), A::Refused> {
        let states = self.states(&command.keys);
        if command.standing != Standing::Attested {
            A::decide(&states, facts, &command.body, context)?;
        }
        let judged = judge::<A>(&states, facts, &command.body, context, command.standing);
        self.present.extend(judged.after);
        command.events = self.with_reactions(context, judged.events);
        command.dseq = self.next_dseq;
        self.next_dseq += 1;
        self.pending.push(command);
        Ok(())
    }

    /// The events and, at once, those of the reactions that only restrict. They are no commands of
    /// this device: the authority makes the same ones itself, under the same ids.
    fn with_reactions(
        &mut self,
        context: &A::Context,
        mut events: Vec<(A::Key, A::Event)>,
    ) -> Vec<(A::Key, A::Event)> {
        // What goes too far here is left to the authority.
        let follows = follow::<A>(&mut self.present, context, &events, &|r| r.restricts);
        events.extend(follows.unwrap_or_default().into_iter().flat_map(|(_, events)| events));
        events
    }

    /// Everything not yet answered, in order. Sending it twice does no harm.
    pub fn push(&self) -> Vec<Push<A>> {
        self.pending
            .iter()
            .map(|p| Push {
                id: p.id,
                dseq: p.dseq,
                keys: p.keys.clone(),
                body: p.body.clone(),
                standing: p.standing,
                after: p.after.clone(),
            })
            .collect()
    }

    /// Takes a page of the log (in `gseq` order, starting after the cursor) and the answers to own
    /// commands, moves the trunk, and derives the present again. Facts (from the present so far) and
    /// context are asked for each unanswered command: two of them may be about two patients.
    pub fn take(
        &mut self,
        page: &[Logged<A>],
        answers: &[Answer<A::Refused>],
        facts: FactsFor<'_, A>,
        context: &dyn Fn(&Pending<A>) -> A::Context,
    ) {
        for entry in page {
            if entry.gseq <= self.cursor {
                continue;
            }
            for (key, event) in &entry.events {
                if let Some(after) = A::apply(self.trunk.remove(key), *key, event) {
                    self.trunk.insert(*key, after);
                }
            }
            for own in self.pending.iter_mut().filter(|p| p.id == entry.cause) {
                own.in_trunk = true;
            }
            self.cursor = entry.gseq;
        }
        // An answered command leaves the queue only once its effect is in the trunk: otherwise a
        // present without it would be shown between two pages.
        let answered: BTreeMap<CommandId, u64> = answers.iter().map(|a| (a.id, a.gseq)).collect();
        let cursor = self.cursor;
        self.pending.retain(|p| answered.get(&p.id).is_none_or(|gseq| *gseq > cursor));
        self.rederive(facts, context);
    }

    /// Sets what unanswered commands wrote back to the trunk and decides them again, in order.
    fn rederive(&mut self, facts: FactsFor<'_, A>, context: &dyn Fn(&Pending<A>) -> A::Context) {
        self.present = self.trunk.clone();
        let mut pending = std::mem::take(&mut self.pending);
        let mut refused: BTreeSet<CommandId> = BTreeSet::new();
        for command in pending.iter_mut().filter(|p| !p.in_trunk) {
            let states = self.states(&command.keys);
            let (facts, ctx) = (facts(command, &self.present), context(command));
            let judged = judge::<A>(&states, &facts, &command.body, &ctx, command.standing);
            let depends = command.after.iter().any(|id| refused.contains(id));
            command.at_risk = depends || judged.verdict != Verdict::Applied;
            if command.at_risk && command.standing == Standing::Requested {
                refused.insert(command.id);
            } else if judged.verdict == Verdict::Applied {
                self.present.extend(judged.after);
                command.events = self.with_reactions(&ctx, judged.events);
            } else {
                // New knowledge that refuses it takes nothing back: the authority may have applied
                // it before it knew. What was promised stays promised until the answer comes, or
                // the same thing would be promised twice.
                for (key, event) in &command.events {
                    if let Some(after) = A::apply(self.present.remove(key), *key, event) {
                        self.present.insert(*key, after);
                    }
                }
            }
        }
        self.pending = pending;
    }
}
