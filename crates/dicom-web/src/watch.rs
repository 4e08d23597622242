//! An exchange as it is looked at from another thread: how much came, and that it is not wanted any more.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How soon a wait for a silent archive hears that it is not wanted any more.
const GLANCE: Duration = Duration::from_millis(100);

/// Shared by whoever waits for an exchange and whoever looks at it.
#[derive(Debug, Default)]
pub struct Watch {
    bytes: AtomicU64,
    cancelled: AtomicBool,
}

impl Watch {
    /// Bytes of the study under way that have come.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Ends the exchange with [`Failure::Cancelled`](crate::Failure::Cancelled), also while the archive is
    /// silent. It stays so: nothing more is asked under this watch.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn begin(&self) {
        self.bytes.store(0, Ordering::Relaxed);
    }

    pub(crate) fn came(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Ready when it was cancelled.
    pub(crate) async fn cancelled(&self) {
        while !self.is_cancelled() {
            tokio::time::sleep(GLANCE).await;
        }
    }
}
