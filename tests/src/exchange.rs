//! Two workstations and one authority, in memory, that exchange commands, answers and pages of the log.
//! Nothing here decides: the ledger and the records of the product do.

use kernel::{CommandId, Instant};
use ledger::{Answer, Authority, Logged, Pending, Push, Standing, Workstation};
use records::{Body, Context, Facts, Key, Records, Refused, State};
use std::collections::BTreeMap;

pub type States = BTreeMap<Key, State>;

/// What a command was given with: from it its facts and its context follow, on whichever side it is
/// decided, and however often.
pub trait Given: Clone {
    fn facts(&self, body: &Body, states: &States) -> Facts;
    fn context(&self, id: CommandId) -> Context;
}

pub struct Exchange<G> {
    pub stations: [Workstation<Records>; 2],
    pub authority: Authority<Records>,
    pub given: BTreeMap<CommandId, G>,
    /// Answers on their way back.
    pub inbox: [Vec<Answer<Refused>>; 2],
}

impl<G> Default for Exchange<G> {
    fn default() -> Self {
        Self {
            stations: Default::default(),
            authority: Authority::default(),
            given: BTreeMap::new(),
            inbox: Default::default(),
        }
    }
}

impl<G: Given> Exchange<G> {
    /// One command of one workstation; what the person is told at once.
    ///
    /// # Errors
    /// The refusal, on what this workstation knows.
    pub fn act(
        &mut self,
        station: usize,
        id: CommandId,
        body: Body,
        standing: Standing,
        after: Vec<CommandId>,
        given: G,
    ) -> Result<(), Refused> {
        let facts = given.facts(&body, self.stations[station].presents());
        let context = given.context(id);
        self.given.insert(id, given);
        let pending = Pending {
            id,
            dseq: 0,
            keys: body.keys(),
            body,
            standing,
            after,
            at_risk: false,
            in_trunk: false,
            events: vec![],
        };
        self.stations[station].act(pending, &facts, &context)
    }

    /// The authority judges one command of a device. None for one that came too early: it is sent again.
    pub fn judge(
        &mut self,
        device: u32,
        push: &Push<Records>,
        received: Instant,
    ) -> Option<Answer<Refused>> {
        let given = self.given[&push.id].clone();
        let facts = given.facts(&push.body, self.authority.states());
        let context = given.context(push.id);
        let before = self.authority.log().len();
        let answer = self.authority.receive(device, push, &facts, &context, received).ok()?;
        // What follows by itself has the time of its cause.
        let follows: Vec<CommandId> =
            self.authority.log()[before..].iter().map(|logged| logged.cause).collect();
        for cause in follows {
            self.given.entry(cause).or_insert_with(|| given.clone());
        }
        Some(answer)
    }

    /// Takes at most `some` entries of the log, and the answers that came, which are given back.
    pub fn pull(&mut self, station: usize, some: usize) -> Vec<Answer<Refused>> {
        let cursor = self.stations[station].cursor();
        let page: Vec<Logged<Records>> =
            self.authority.pull(cursor).iter().take(some).cloned().collect();
        let answers = std::mem::take(&mut self.inbox[station]);
        let given = &self.given;
        let facts = |p: &Pending<Records>, present: &States| given[&p.id].facts(&p.body, present);
        let context = |p: &Pending<Records>| given[&p.id].context(p.id);
        self.stations[station].take(&page, &answers, &facts, &context);
        answers
    }

    /// Where a workstation differs from the authority once everything was exchanged.
    ///
    /// # Errors
    /// The workstation, and what is left of its queue or differs.
    pub fn agrees(&self) -> Result<(), String> {
        for (s, station) in self.stations.iter().enumerate() {
            if !station.pending().is_empty() {
                return Err(format!("the queue of workstation {s} does not empty"));
            }
            if station.presents() != self.authority.states() {
                return Err(format!("workstation {s} differs from the authority after healing"));
            }
        }
        Ok(())
    }
}
