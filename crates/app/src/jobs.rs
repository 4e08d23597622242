//! What the queue is doing right now. What waits lies in the store (`store_sqlite::JobRow`): this
//! is only what a restart may forget.

use kernel::{AnalysisId, BatchId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use wire::{AnalysisJob, CommandError};

/// Finished analyses that stay on the list.
const KEPT: usize = 50;
/// Pictures after which a speed means something.
const PACED: u32 = 5;

struct Running {
    analysis: AnalysisId,
    batch: Option<BatchId>,
    progress: u32,
    cancelled: bool,
}

/// How fast a batch moves since it last began to.
struct Pace {
    since: Instant,
    over: u32,
}

#[derive(Default)]
struct State {
    /// A thread works on the queue.
    working: bool,
    /// A thread takes files in.
    taking: bool,
    running: Option<Running>,
    over: VecDeque<AnalysisJob>,
    halted: Option<CommandError>,
    pace: HashMap<BatchId, Pace>,
    /// Bytes of files that a page sent: source by number. There is no path to read them again.
    sent: HashMap<(BatchId, usize), Arc<Vec<u8>>>,
}

/// The two threads of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    Analyses,
    TakesIn,
}

#[derive(Clone, Default)]
pub(crate) struct Jobs(Arc<(Mutex<State>, Condvar)>);

impl Jobs {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when this thread does not work yet, so that the caller has to start it.
    pub(crate) fn is_wanted(&self, hand: Hand) -> bool {
        let mut state = self.state();
        let works = match hand {
            Hand::Analyses => &mut state.working,
            Hand::TakesIn => &mut state.taking,
        };
        !std::mem::replace(works, true)
    }

    /// The thread ends. Said while the workstation is held, so that no job comes in between.
    pub(crate) fn rests(&self, hand: Hand) {
        let mut state = self.state();
        match hand {
            Hand::Analyses => state.working = false,
            Hand::TakesIn => state.taking = false,
        }
        self.0.1.notify_all();
    }

    pub(crate) fn begin(&self, analysis: AnalysisId, batch: Option<BatchId>) {
        let mut state = self.state();
        state.running = Some(Running { analysis, batch, progress: 10, cancelled: false });
        if let Some(batch) = batch {
            let now = || Pace { since: Instant::now(), over: 0 };
            state.pace.entry(batch).or_insert_with(now);
        }
    }

    pub(crate) fn end(&self) {
        self.state().running = None;
    }

    /// How far the running analysis is, 0 to 100.
    pub(crate) fn progress(&self, id: AnalysisId, progress: u32) {
        if let Some(running) = self.state().running.as_mut().filter(|r| r.analysis == id) {
            running.progress = progress;
        }
    }

    /// The running analysis and how far it is.
    pub(crate) fn running(&self) -> Option<(AnalysisId, u32)> {
        let state = self.state();
        state.running.as_ref().filter(|r| !r.cancelled).map(|r| (r.analysis, r.progress))
    }

    /// Not wanted any more? A running job asks between its steps.
    pub(crate) fn is_cancelled(&self, id: AnalysisId) -> bool {
        let state = self.state();
        state.running.as_ref().is_none_or(|r| r.analysis != id || r.cancelled)
    }

    pub(crate) fn cancel(&self, id: AnalysisId) {
        self.cancel_if(|running| running.analysis == id);
    }

    pub(crate) fn cancel_batch(&self, id: BatchId) {
        self.cancel_if(|running| running.batch == Some(id));
        self.state().sent.retain(|(batch, _), _| *batch != id);
    }

    fn cancel_if(&self, which: impl Fn(&Running) -> bool) {
        if let Some(running) = self.state().running.as_mut().filter(|r| which(r)) {
            running.cancelled = true;
        }
    }

    /// Nothing of this store is wanted any more.
    pub(crate) fn forget_all(&self) {
        self.cancel_if(|_| true);
        let mut state = self.state();
        state.over.clear();
        state.halted = None;
        state.pace.clear();
        state.sent.clear();
    }

    /// Keeps an analysis that is over on the list of those asked one by one.
    pub(crate) fn keep(&self, job: AnalysisJob) {
        let mut state = self.state();
        state.over.push_back(job);
        if state.over.len() > KEPT {
            state.over.pop_front();
        }
    }

    /// What was asked one by one and is over, the oldest first.
    pub(crate) fn over(&self) -> Vec<AnalysisJob> {
        self.state().over.iter().cloned().collect()
    }

    /// Stops the queue until somebody says "go on". What runs goes back to where it was.
    pub(crate) fn halt(&self, why: CommandError) {
        let mut state = self.state();
        state.halted.get_or_insert(why);
        state.pace.clear();
    }

    pub(crate) fn halted(&self) -> Option<CommandError> {
        self.state().halted.clone()
    }

    pub(crate) fn go_on(&self) {
        self.state().halted = None;
    }

    /// One picture of a batch is over.
    pub(crate) fn tick(&self, batch: BatchId) {
        if let Some(pace) = self.state().pace.get_mut(&batch) {
            pace.over += 1;
        }
    }

    /// The speed of before says nothing about what comes now.
    pub(crate) fn lose_pace(&self, batch: BatchId) {
        self.state().pace.remove(&batch);
    }

    /// Seconds until so many pictures of a batch are over, by its speed so far.
    pub(crate) fn seconds_for(&self, batch: BatchId, left: u32) -> Option<u32> {
        let state = self.state();
        let pace = state.pace.get(&batch).filter(|pace| pace.over >= PACED)?;
        let seconds = pace.since.elapsed().as_secs_f64() / f64::from(pace.over) * f64::from(left);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        Some(seconds.ceil().clamp(0.0, 1e6) as u32)
    }

    pub(crate) fn hold_sent(&self, batch: BatchId, source: usize, bytes: Vec<u8>) {
        self.state().sent.insert((batch, source), Arc::new(bytes));
    }

    pub(crate) fn sent(&self, batch: BatchId, source: usize) -> Option<Arc<Vec<u8>>> {
        self.state().sent.get(&(batch, source)).cloned()
    }

    /// Batches of which sent files are still held.
    pub(crate) fn senders(&self) -> Vec<BatchId> {
        self.state().sent.keys().map(|(batch, _)| *batch).collect()
    }

    pub(crate) fn forget_sent(&self, batch: BatchId) {
        self.state().sent.retain(|(own, _), _| *own != batch);
    }

    pub(crate) fn wait_until_idle(&self) {
        let mut state = self.state();
        while state.working || state.taking {
            state = self.0.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
