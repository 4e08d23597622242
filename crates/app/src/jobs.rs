//! Analyses wait here and run one after another on a thread of their own. What is queued can be
//! cancelled; what was recorded stays recorded.

use kernel::{Actor, AnalysisId, ImageId, StudyId};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use wire::{AnalysisJob, AnalysisState};

/// Finished jobs that stay on the list.
const KEPT: usize = 50;

#[derive(Clone)]
pub(crate) struct Job {
    pub analysis: AnalysisId,
    pub study: StudyId,
    pub image: ImageId,
    pub file_name: String,
    pub actor: Actor,
    pub wish: inference::Wish,
}

struct Shown {
    job: Job,
    state: AnalysisState,
    progress: u32,
}

#[derive(Default)]
struct State {
    queue: VecDeque<AnalysisId>,
    shown: VecDeque<Shown>,
    working: bool,
}

#[derive(Clone, Default)]
pub(crate) struct Jobs(Arc<(Mutex<State>, Condvar)>);

impl Jobs {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a job; true when no thread is working, so the caller has to start one.
    pub(crate) fn add(&self, job: Job) -> bool {
        let mut state = self.state();
        state.queue.push_back(job.analysis);
        state.shown.push_back(Shown { job, state: AnalysisState::Queued, progress: 0 });
        while state.shown.len() > KEPT && state.shown.front().is_some_and(|s| is_over(s.state)) {
            state.shown.pop_front();
        }
        !std::mem::replace(&mut state.working, true)
    }

    /// The next job, now running; none ends the worker.
    pub(crate) fn next(&self) -> Option<Job> {
        let mut state = self.state();
        while let Some(id) = state.queue.pop_front() {
            let waiting = |s: &&mut Shown| s.job.analysis == id && s.state == AnalysisState::Queued;
            if let Some(shown) = state.shown.iter_mut().find(waiting) {
                shown.state = AnalysisState::Running;
                shown.progress = 10;
                return Some(shown.job.clone());
            }
        }
        state.working = false;
        self.0.1.notify_all();
        None
    }

    /// Moves a job that is not over yet: what was cancelled stays cancelled.
    pub(crate) fn set(&self, id: AnalysisId, to: AnalysisState, progress: u32) {
        let mut state = self.state();
        let open = |s: &&mut Shown| s.job.analysis == id && !is_over(s.state);
        if let Some(shown) = state.shown.iter_mut().find(open) {
            shown.state = to;
            shown.progress = progress;
        }
    }

    /// Still wanted? A running job asks between its steps.
    pub(crate) fn is_cancelled(&self, id: AnalysisId) -> bool {
        self.state()
            .shown
            .iter()
            .any(|s| s.job.analysis == id && s.state == AnalysisState::Cancelled)
    }

    /// Cancels what is queued or running; false when there is no such job any more.
    pub(crate) fn cancel(&self, id: AnalysisId) -> bool {
        let mut state = self.state();
        let open = |s: &&mut Shown| s.job.analysis == id && !is_over(s.state);
        let Some(shown) = state.shown.iter_mut().find(open) else { return false };
        shown.state = AnalysisState::Cancelled;
        true
    }

    pub(crate) fn cancel_all(&self) {
        for shown in &mut self.state().shown {
            if !is_over(shown.state) {
                shown.state = AnalysisState::Cancelled;
            }
        }
        self.wait_until_idle();
    }

    /// The state of the newest job for a study, if it is still open.
    pub(crate) fn open_for(&self, study: StudyId) -> Option<AnalysisState> {
        self.state()
            .shown
            .iter()
            .rev()
            .find(|s| s.job.study == study && !is_over(s.state))
            .map(|s| s.state)
    }

    pub(crate) fn list(&self) -> Vec<AnalysisJob> {
        self.state()
            .shown
            .iter()
            .map(|s| AnalysisJob {
                analysis: s.job.analysis.to_string(),
                study: s.job.study.to_string(),
                file_name: s.job.file_name.clone(),
                state: s.state,
                progress: s.progress,
            })
            .collect()
    }

    /// Open jobs for one image list, to show them before they are recorded.
    pub(crate) fn open_jobs(&self, study: StudyId) -> Vec<(Job, AnalysisState)> {
        self.state()
            .shown
            .iter()
            .filter(|s| s.job.study == study && !is_over(s.state))
            .map(|s| (s.job.clone(), s.state))
            .collect()
    }

    pub(crate) fn wait_until_idle(&self) {
        let mut state = self.state();
        while state.working {
            state = self.0.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn is_over(state: AnalysisState) -> bool {
    match state {
        AnalysisState::Queued | AnalysisState::Running => false,
        AnalysisState::None
        | AnalysisState::Done
        | AnalysisState::Abstained
        | AnalysisState::Failed
        | AnalysisState::Cancelled => true,
    }
}
