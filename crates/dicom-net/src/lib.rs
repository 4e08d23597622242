//! Pictures that scanners and archives send: a receiver for C-STORE and C-ECHO.
//!
//! It is off until somebody starts it, listens where it is told to, and lets in only the application
//! titles on its list. A title is a name and no secret: the list keeps mistakes out, not attackers;
//! those are kept out by the network and by the limits here, which hold before memory is taken.
//!
//! This crate knows associations and commands. It refuses to know what a picture is: a data set is
//! handed on as it came, as a file of PS3.10, and whoever takes it says whether it was kept. The
//! sender hears "success" only after that.

mod association;
mod classes;
mod command;

pub use command::Refused;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// How a receiver behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its own application title; a sender has to call it so.
    pub title: String,
    /// Titles of senders that may deliver. Nobody is let in by an empty list.
    pub allowed: BTreeSet<String>,
    /// UIDs of the transfer syntaxes that whoever takes the files can read.
    pub syntaxes: Vec<String>,
    pub limits: Limits,
}

/// What a sender may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one protocol unit; a longer one ends the association before it is read.
    pub pdu: u32,
    /// Associations at a time; one more is told to come again.
    pub associations: usize,
    /// Longest silence of a sender.
    pub idle: Duration,
    /// Bytes of one instance; a longer one is refused, and the next may follow.
    pub instance: usize,
    /// Instances of one association.
    pub instances: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pdu: 1 << 16,
            associations: 4,
            idle: Duration::from_secs(30),
            instance: 512 << 20,
            instances: 20_000,
        }
    }
}

/// Why a title cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no application title: 1 to 16 letters, digits, spaces and signs, no backslash."
)]
pub struct NoTitle(pub String);

/// Checks an application title (PS3.5, value representation AE); spaces around it do not count.
///
/// # Errors
/// Empty, longer than 16 characters, or with characters outside the basic set.
pub fn title(text: &str) -> Result<String, NoTitle> {
    let title = text.trim_matches(' ');
    let fits = |c: char| (' '..='~').contains(&c) && c != '\\';
    if title.is_empty() || title.len() > 16 || !title.chars().all(fits) {
        return Err(NoTitle(text.to_owned()));
    }
    Ok(title.to_owned())
}

/// One instance as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    pub sop_class: String,
    pub sop_instance: String,
    pub syntax: String,
    /// A whole file of PS3.10: preamble, meta group, and the data set untouched.
    pub file: Vec<u8>,
}

/// How an association ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The sender said that it was done.
    Released,
    /// Cut, silent for too long, against the rules, or given up by the sender.
    BrokenOff,
}

/// What one association delivers. Called one after the other, on threads that may wait.
pub trait Delivery: Send + 'static {
    /// Keeps an instance for good, or says why not.
    ///
    /// # Errors
    /// The reason that the sender is told.
    fn take(&mut self, arrived: Arrived) -> Result<(), Refused>;

    /// Nothing more will come. What was taken stays taken, however it ended.
    fn end(self: Box<Self>, end: End);
}

/// Begins a delivery for the sender with this title; `None` turns it away.
pub trait Desk: Send + Sync + 'static {
    fn begin(&self, sender: &str) -> Option<Box<dyn Delivery>>;
}

/// Receives until `stop` is ready; then takes no new association and ends those under way, between
/// two pieces and not within one: every delivery hears its end.
///
/// # Errors
/// The listener fails for good. A single association never ends the receiver.
pub async fn serve(
    listener: TcpListener,
    options: Options,
    desk: Arc<dyn Desk>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(options.limits.associations));
    let options = Arc::new(options);
    let mut under_way = JoinSet::new();
    let (closing, closes) = watch::channel(false);
    tokio::pin!(stop);
    loop {
        let (socket, _) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // A sender that is gone before it was let in, or too many open files for a moment.
                Err(error) => {
                    tracing::warn!(kind = %error.kind(), "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            under_way.spawn(turn_away(socket));
            continue;
        };
        let (options, desk, closes) = (Arc::clone(&options), Arc::clone(&desk), closes.clone());
        under_way.spawn(async move {
            association::run(socket, &options, desk, closes).await;
            drop(place);
        });
        // Those that have ended, also by a panic inside the protocol's library, are cleared away.
        while under_way.try_join_next().is_some() {}
    }
    // All hear it, those under way and nobody else.
    let _ = closing.send(true);
    while under_way.join_next().await.is_some() {}
    Ok(())
}

/// A-ASSOCIATE-RJ: for a while, by the presentation layer, local limit exceeded (PS3.8 9.3.4).
async fn turn_away(mut socket: TcpStream) {
    let rejected = [3, 0, 0, 0, 0, 4, 0, 2, 3, 2];
    // Nobody to tell if it is gone already.
    let _ = socket.write_all(&rejected).await;
    let _ = socket.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_what_the_standard_calls_titles() {
        assert_eq!(title(" CT 1 ").as_deref(), Ok("CT 1"));
        for bad in ["", "   ", "SEVENTEEN LETTERS", "A\\B", "Röntgen", "A\nB"] {
            assert!(title(bad).is_err(), "{bad}");
        }
    }
}
