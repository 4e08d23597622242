//! The authority's side: gap-free numbers per device, one verdict per command, answers kept for
//! ever so that a repeated question gets the same answer.

use crate::judge::{Aggregates, Standing, States, TooFar, Verdict, follow, judge};
use kernel::{CommandId, Instant};
use std::collections::{BTreeMap, BTreeSet};

/// One command on the wire (without its envelope).
#[derive(Clone, Debug)]
pub struct Push<A: Aggregates> {
    pub id: CommandId,
    pub dseq: u64,
    pub keys: Vec<A::Key>,
    pub body: A::Body,
    pub standing: Standing,
    pub after: Vec<CommandId>,
}

/// The answer to one command, kept by both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<R> {
    pub id: CommandId,
    pub dseq: u64,
    /// Number in commit order.
    pub gseq: u64,
    pub verdict: Verdict<R>,
}

/// One entry of the log, as it is pulled.
#[derive(Clone, Debug)]
pub struct Logged<A: Aggregates> {
    pub gseq: u64,
    pub cause: CommandId,
    pub events: Vec<(A::Key, A::Event)>,
}

pub struct Authority<A: Aggregates> {
    states: BTreeMap<A::Key, A::State>,
    answers: BTreeMap<(u32, u64), Answer<A::Refused>>,
    last: BTreeMap<u32, u64>,
    rejected: BTreeSet<CommandId>,
    /// Which device may decide about a thing without asking (sync-security 2.6).
    leases: BTreeMap<A::Key, u32>,
    log: Vec<Logged<A>>,
    /// Commands whose reactions go too far for one command and wait for a job.
    jobs: Vec<(CommandId, TooFar)>,
    reacted: BTreeSet<CommandId>,
}

impl<A: Aggregates> Default for Authority<A> {
    fn default() -> Self {
        Self {
            states: BTreeMap::new(),
            answers: BTreeMap::new(),
            last: BTreeMap::new(),
            rejected: BTreeSet::new(),
            leases: BTreeMap::new(),
            log: vec![],
            jobs: vec![],
            reacted: BTreeSet::new(),
        }
    }
}

impl<A: Aggregates> Authority<A> {
    pub fn states(&self) -> &BTreeMap<A::Key, A::State> {
        &self.states
    }
    pub fn log(&self) -> &[Logged<A>] {
        &self.log
    }
    /// Gives the lease of a thing to a device; the one before loses it. Called when custody arrives
    /// (received or taken in), never on a request.
    pub fn grant(&mut self, key: A::Key, device: u32) {
        self.leases.insert(key, device);
    }
    pub fn jobs(&self) -> &[(CommandId, TooFar)] {
        &self.jobs
    }
    /// The log after a cursor.
    pub fn pull(&self, cursor: u64) -> &[Logged<A>] {
        let from = usize::try_from(cursor).unwrap_or(usize::MAX).min(self.log.len());
        &self.log[from..]
    }

    /// Judges one command of `device` that has come in at `received`. `Err` is the number expected
    /// next: the device resends from there. A command seen before gets its stored answer and has no
    /// second effect.
    pub fn receive(
        &mut self,
        device: u32,
        command: &Push<A>,
        facts: &A::Facts,
        context: &A::Context,
        received: Instant,
    ) -> Result<Answer<A::Refused>, u64> {
        let last = self.last.get(&device).copied().unwrap_or(0);
        if command.dseq <= last {
            return self.answers.get(&(device, command.dseq)).cloned().ok_or(last + 1);
        }
        if command.dseq != last + 1 {
            return Err(last + 1);
        }
        let depends = command.after.iter().any(|id| self.rejected.contains(id));
        // What the holder decided offline is final, so nothing may be promised behind its back: a
        // request for a leased thing has to be asked of the holder.
        let elsewhere =
            command.keys.iter().any(|k| self.leases.get(k).is_some_and(|holder| *holder != device));
        let urgent = A::overtaken(&self.states, &command.body, context, received);
        let states: States<A> =
            command.keys.iter().map(|k| (*k, self.states.get(k).cloned())).collect();
        let (verdict, events) = if depends && command.standing == Standing::Requested {
            (Verdict::DependsOnRejected, vec![])
        } else if elsewhere && command.standing == Standing::Requested {
            (Verdict::LeasedElsewhere, vec![])
        } else if urgent.is_some() && command.standing == Standing::Requested {
            (Verdict::PolicyChanged, vec![])
        } else {
            let judged = judge::<A>(&states, facts, &command.body, context, command.standing);
            self.states.extend(judged.after);
            // What was final stands as it was decided; if the urgent policy would have refused it, a
            // person has to look.
            let refused = urgent
                .filter(|_| judged.verdict == Verdict::Applied)
                .and_then(|urgent| A::decide(&states, facts, &command.body, &urgent).err());
            (refused.map_or(judged.verdict, Verdict::Incident), judged.events)
        };
        if !verdict.took_effect() {
            self.rejected.insert(command.id);
        }
        let gseq = self.log.len() as u64 + 1;
        let follows = {
            let reacted = &self.reacted;
            follow::<A>(&mut self.states, context, &events, &|r| !reacted.contains(&r.id))
        };
        self.log.push(Logged { gseq, cause: command.id, events });
        // Each reaction is a command of its own, in the log behind its cause.
        match follows {
            Ok(follows) => {
                for (id, events) in follows {
                    self.reacted.insert(id);
                    let gseq = self.log.len() as u64 + 1;
                    self.log.push(Logged { gseq, cause: id, events });
                }
            }
            Err(too_far) => self.jobs.push((command.id, too_far)),
        }
        let answer = Answer { id: command.id, dseq: command.dseq, gseq, verdict };
        self.last.insert(device, command.dseq);
        self.answers.insert((device, command.dseq), answer.clone());
        Ok(answer)
    }
}
