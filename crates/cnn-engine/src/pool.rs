//! Threads that walk a list of steps together.
//!
//! Each step has independent tasks, numbered from 0; all threads draw the numbers from one counter, and
//! one barrier follows each step. A run wakes the threads once; between runs they are parked.
//!
//! **One run at a time.** A second caller waits for the first (two runs at once would only halve the speed
//! of both; who wants that makes a second pool).
//!
//! **A panic cannot hang the barrier.** It is caught where the tasks are drawn; the thread then marks the run as
//! failed and still arrives at every barrier, and the others stop drawing tasks. The pool stays usable.

use crate::PlanError;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// More threads than this are refused: a mistake, not a machine that a single picture can fill.
pub const MAX_THREADS: usize = 256;

/// Worker threads for plans. Cheap to share (`Arc`); dropping the last handle joins them.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    turn: Mutex<()>,
}

/// A task of a run panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Panicked {
    pub step: usize,
    pub message: String,
}

struct Job<'a> {
    /// Tasks of each step.
    steps: &'a [usize],
    /// The next task of each step.
    next: Vec<AtomicUsize>,
    task: &'a (dyn Fn(usize, usize, usize) + Sync),
    failed: AtomicBool,
    panic: Mutex<Option<Panicked>>,
}

#[derive(Debug)]
struct Shared {
    threads: usize,
    /// Goes up with each run; a worker that has seen it waits for the next.
    epoch: AtomicUsize,
    /// Valid from the moment the epoch went up until every thread has passed the last barrier.
    job: AtomicPtr<Job<'static>>,
    quit: AtomicBool,
    arrived: AtomicUsize,
    phase: AtomicUsize,
    /// Turns of a waiting loop before the core is yielded.
    patience: u32,
}

impl Pool {
    /// `threads` in all: the caller of a run is one of them, so one thread starts none.
    pub fn new(threads: usize) -> Result<Arc<Self>, PlanError> {
        if !(1..=MAX_THREADS).contains(&threads) {
            return Err(PlanError::Threads(format!("{threads} threads, not 1 to {MAX_THREADS}")));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let shared = Arc::new(Shared {
            threads,
            // Some milliseconds, or some microseconds.
            patience: if threads <= cores { 300_000 } else { 1_000 },
            epoch: AtomicUsize::new(0),
            job: AtomicPtr::new(std::ptr::null_mut()),
            quit: AtomicBool::new(false),
            arrived: AtomicUsize::new(0),
            phase: AtomicUsize::new(0),
        });
        // Made before the threads, so that `drop` ends those that were started when a later one fails.
        let mut pool =
            Pool { shared: Arc::clone(&shared), workers: Vec::new(), turn: Mutex::new(()) };
        for thread in 1..threads {
            let shared = Arc::clone(&shared);
            let worker = std::thread::Builder::new()
                .name(format!("cnn-{thread}"))
                .spawn(move || shared.work(thread))
                .map_err(|error| PlanError::Threads(format!("no thread: {error}")))?;
            pool.workers.push(worker);
        }
        Ok(Arc::new(pool))
    }

    /// As many as the machine offers, at most 8: a single picture gains nothing from more.
    pub fn for_this_machine() -> Result<Arc<Self>, PlanError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new(cores.min(8))
    }

    /// Threads of a run, the caller included.
    pub fn threads(&self) -> usize {
        self.shared.threads
    }

    /// Calls `task(step, number, thread)` for each number below `steps[step]`; a step begins when the one before has
    /// ended. `thread` is below `threads()`, and no two calls at the same time have the same. Waits for its turn.
    ///
    /// Must not be called from a task of the same pool.
    pub(crate) fn run<F>(&self, steps: &[usize], task: F) -> Result<(), Panicked>
    where
        F: Fn(usize, usize, usize) + Sync,
    {
        if steps.is_empty() {
            return Ok(());
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let job = Job {
            steps,
            next: steps.iter().map(|_| AtomicUsize::new(0)).collect(),
            task: &task,
            failed: AtomicBool::new(false),
            panic: Mutex::new(None),
        };
        let shared = &self.shared;
        shared.job.store((&raw const job).cast_mut().cast(), Ordering::Relaxed);
        shared.epoch.fetch_add(1, Ordering::Release);
        for worker in &self.workers {
            worker.thread().unpark();
        }
        shared.walk(&job, 0);
        // Every thread has passed the last barrier of `walk` and touches the job no more.
        match job.panic.into_inner().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(panicked) => Err(panicked),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.quit.store(true, Ordering::Release);
        for worker in self.workers.drain(..) {
            worker.thread().unpark();
            // An error would be a panic outside of a task; there is nothing left to do about it.
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn work(&self, thread: usize) {
        let mut seen = 0;
        loop {
            while self.epoch.load(Ordering::Acquire) == seen {
                if self.quit.load(Ordering::Acquire) {
                    return;
                }
                std::thread::park();
            }
            seen = seen.wrapping_add(1);
            // SAFETY: the epoch went up, so the job is stored, and `Pool::run` keeps it alive until this thread, too,
            // has passed the last barrier.
            let job = unsafe { &*self.job.load(Ordering::Relaxed) };
            self.walk(job, thread);
        }
    }

    fn walk(&self, job: &Job<'_>, thread: usize) {
        let steps = job.steps.len();
        for step in 0..steps {
            let drawn = catch_unwind(AssertUnwindSafe(|| {
                while !job.failed.load(Ordering::Relaxed) {
                    let number = job.next[step].fetch_add(1, Ordering::Relaxed);
                    if number >= job.steps[step] {
                        break;
                    }
                    (job.task)(step, number, thread);
                }
            }));
            if let Err(payload) = drawn {
                job.failed.store(true, Ordering::Relaxed);
                let mut first = job.panic.lock().unwrap_or_else(PoisonError::into_inner);
                first.get_or_insert(Panicked { step, message: message(&*payload) });
            }
            self.barrier();
        }
    }

    /// Spins, then yields. Where every thread has a core, a partner is back sooner than a core that was yielded: on a busy
    /// machine whoever gets it keeps it for milliseconds. Where there are more threads than cores, it is the partner who
    /// needs the core.
    fn barrier(&self) {
        let phase = self.phase.load(Ordering::Relaxed);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.phase.store(phase.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut spins = 0u32;
        while self.phase.load(Ordering::Acquire) == phase {
            if spins < self.patience {
                spins += 1;
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    /// Fails the test instead of hanging it.
    fn within_a_minute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || sender.send(work()));
        receiver.recv_timeout(Duration::from_secs(60)).expect("the pool hangs")
    }

    #[test]
    fn every_task_runs_once_and_steps_follow_each_other() {
        within_a_minute(|| {
            for threads in [1, 2, 3, 7] {
                let pool = Pool::new(threads).expect("a pool");
                let steps = [5usize, 0, 100, 1];
                for _ in 0..50 {
                    let done: Vec<AtomicUsize> =
                        steps.iter().map(|_| AtomicUsize::new(0)).collect();
                    pool.run(&steps, |step, number, thread| {
                        assert!(number < steps[step] && thread < threads);
                        for before in 0..step {
                            assert_eq!(done[before].load(Ordering::SeqCst), steps[before]);
                        }
                        done[step].fetch_add(1, Ordering::SeqCst);
                    })
                    .expect("no panic");
                    for (done, steps) in done.iter().zip(steps) {
                        assert_eq!(done.load(Ordering::SeqCst), steps);
                    }
                }
            }
        });
    }

    #[test]
    fn a_panicking_task_ends_the_run_and_not_the_pool() {
        within_a_minute(|| {
            let pool = Pool::new(4).expect("a pool");
            for round in 0..20 {
                let after = AtomicUsize::new(0);
                let panicked = pool
                    .run(&[8, 8, 8], |step, number, _| {
                        assert!(step != 1 || number != round % 8, "round {round}");
                        if step == 2 {
                            after.fetch_add(1, Ordering::SeqCst);
                        }
                    })
                    .expect_err("a task panics");
                assert_eq!(panicked, Panicked { step: 1, message: format!("round {round}") });
                assert_eq!(after.load(Ordering::SeqCst), 0, "nothing runs on a failed step");
                pool.run(&[8], |_, _, _| {}).expect("the pool works again");
            }
            // All threads at once.
            assert!(pool.run(&[64], |_, _, _| panic!("all")).is_err());
        });
    }

    #[test]
    fn callers_wait_for_each_other() {
        within_a_minute(|| {
            let pool = Pool::new(2).expect("a pool");
            let busy = Arc::new(AtomicBool::new(false));
            let callers: Vec<_> = (0..4)
                .map(|_| {
                    let (pool, busy) = (Arc::clone(&pool), Arc::clone(&busy));
                    std::thread::spawn(move || {
                        for _ in 0..50 {
                            pool.run(&[1, 1], |step, _, _| {
                                assert_eq!(busy.swap(step == 0, Ordering::SeqCst), step == 1);
                            })
                            .expect("no two runs at once");
                        }
                    })
                })
                .collect();
            callers.into_iter().for_each(|caller| caller.join().expect("no panic"));
        });
    }

    #[test]
    fn a_number_of_threads_that_makes_no_sense_is_refused() {
        assert!(Pool::new(0).is_err());
        assert!(Pool::new(MAX_THREADS + 1).is_err());
    }
}
