//! A thread that looks at pictures for another one, which waits no longer than it wants to.

use crate::error::Error;
use std::sync::mpsc;
use std::time::Duration;

type Task = Box<dyn FnOnce() + Send>;

/// One thread at a time. One that is late is left to itself, and its answer is dropped.
#[derive(Default)]
pub(crate) struct Looker {
    tasks: Option<mpsc::Sender<Task>>,
}

impl Looker {
    /// The answer, or nothing when it was not there in time. A panic is an error.
    pub(crate) fn within<T: Send + 'static>(
        &mut self,
        limit: Duration,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Option<Result<T, Error>> {
        let (answer, asked) = mpsc::channel();
        let task: Task = Box::new(move || {
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            // Nobody waits for what is late.
            let _ = answer.send(done);
        });
        let tasks = self.tasks.get_or_insert_with(|| {
            let (sender, tasks) = mpsc::channel::<Task>();
            std::thread::spawn(move || tasks.into_iter().for_each(|task| task()));
            sender
        });
        // A thread that has gone drops the task, and the wait below ends at once.
        let _ = tasks.send(task);
        match asked.recv_timeout(limit) {
            Ok(Ok(done)) => Some(done),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                self.tasks = None;
                None
            }
            Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => {
                self.tasks = None;
                Some(Err(Error::Broken("panic while a picture was looked at".into())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_or_breaks_does_not_hold_up_what_comes_next() {
        let mut looker = Looker::default();
        let long = Duration::from_secs(20);
        assert_eq!(looker.within(long, || Ok(1)).expect("in time").expect("done"), 1);
        let (free, held) = mpsc::channel::<()>();
        let late = looker.within(Duration::from_millis(20), move || {
            let _ = held.recv();
            Ok(2)
        });
        assert!(late.is_none());
        assert_eq!(looker.within(long, || Ok(3)).expect("in time").expect("done"), 3);
        let broken = looker.within::<u8>(long, || panic!("on purpose"));
        assert!(matches!(broken, Some(Err(Error::Broken(_)))));
        assert_eq!(looker.within(long, || Ok(4)).expect("in time").expect("done"), 4);
        drop(free);
    }
}
