//! The program's side of the worker.

use super::wire::{
    Hello, MAX_ANSWER, Opening, Reply, Request, hear, hear_numbers, tell, tell_numbers,
};
use super::{ARGUMENT, Maps, Source};
use std::collections::HashSet;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A driver that is asked for the first time may compile for a long while.
const OPENING: Duration = Duration::from_secs(60);
const LOADING: Duration = Duration::from_secs(60);
/// The first picture of a network compiles and measures its kernels.
const FIRST: Duration = Duration::from_secs(240);
const NEXT: Duration = Duration::from_secs(10);

/// Why there is no card.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoCard {
    /// Only a program that imitates one.
    #[error("{name} is a program, not a card")]
    Software {
        /// As it names itself.
        name: String,
    },
    /// None was found, or its driver failed.
    #[error("{detail}")]
    None {
        /// For people who mend computers.
        detail: String,
    },
}

/// The card stopped answering.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the graphics card {name} is not used any more: {detail}")]
pub struct Lost {
    /// As it named itself.
    pub name: String,
    /// Why.
    pub detail: String,
}

/// A card with its worker, which ends with it.
#[derive(Debug)]
pub struct Card {
    name: String,
    api: String,
    worker: Mutex<Option<Worker>>,
}

#[derive(Debug)]
struct Worker {
    child: Child,
    /// To a thread of its own: a worker that hangs does not read either.
    to: Sender<Vec<u8>>,
    heard: Receiver<(Reply, Vec<f32>)>,
    /// Networks it has looked through at least once.
    warm: HashSet<String>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Card {
    /// Starts a worker of `program` and opens the fastest card. `folder` is made if need be; it is
    /// where the worker stands. `software`: take a program that imitates a card, for tests of the
    /// numbers.
    ///
    /// # Errors
    /// [`NoCard`].
    pub fn open(program: &Path, folder: &Path, software: bool) -> Result<Self, NoCard> {
        let none = |detail: String| NoCard::None { detail };
        let failed = |error: std::io::Error| none(error.to_string());
        std::fs::create_dir_all(folder).map_err(failed)?;
        // The library reads its settings where it stands.
        let settings = "[environment]\npath = \"local\"\n[autotune]\nlevel = \"minimal\"\n";
        std::fs::write(folder.join("cubecl.toml"), settings).map_err(failed)?;
        let mut command = Command::new(program);
        command.arg(ARGUMENT).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt;
            const CREATE_NO_WINDOW: u32 = 0x0800_0000;
            command.creation_flags(CREATE_NO_WINDOW);
        }
        let mut child = command.spawn().map_err(failed)?;
        let (Some(mut to), Some(mut from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(none("no pipe".into()));
        };
        let (say_hello, hello) = channel();
        let (send, heard) = channel();
        let (questions, asked) = channel::<Vec<u8>>();
        std::thread::spawn(move || {
            while let Ok(bytes) = asked.recv() {
                if to.write_all(&bytes).and_then(|()| to.flush()).is_err() {
                    return;
                }
            }
        });
        let mut opening = vec![];
        let _ = tell(&mut opening, &Opening { software });
        let _ = questions.send(opening);
        std::thread::spawn(move || {
            if say_hello.send(hear::<Hello>(&mut from)).is_ok() {
                listen(&mut from, &send);
            }
        });
        let worker = Worker { child, to: questions, heard, warm: HashSet::new() };
        let (name, api) = match hello.recv_timeout(OPENING) {
            Ok(Some(Hello::Card { name, api })) => (name, api),
            Ok(Some(Hello::Software { name })) if software => (name, "software".into()),
            Ok(Some(Hello::Software { name })) => return Err(NoCard::Software { name }),
            Ok(Some(Hello::None { detail })) => return Err(none(detail)),
            Ok(None) | Err(RecvTimeoutError::Disconnected) => {
                return Err(none("the driver ended its process".into()));
            }
            Err(RecvTimeoutError::Timeout) => return Err(none("the driver did not answer".into())),
        };
        Ok(Self { name, api, worker: Mutex::new(Some(worker)) })
    }

    /// As it names itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Vulkan, Metal, DirectX 12.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// Brings a network onto the card.
    ///
    /// # Errors
    /// [`Lost`]; the worker has been ended.
    pub fn load(&self, source: &Source) -> Result<(), Lost> {
        // The worker may stand in another folder.
        let file = std::path::absolute(&source.file).unwrap_or_else(|_| source.file.clone());
        let source = Source { file, ..source.clone() };
        match self.ask(&Request::Load(source), &[], |_| LOADING)? {
            (Reply::Loaded, _) => Ok(()),
            (reply, _) => Err(self.end(words(reply))),
        }
    }

    /// The maps of a prepared picture, `[3, side, side]`, by a network that was brought.
    ///
    /// # Errors
    /// [`Lost`]; the worker has been ended.
    pub fn see(&self, sha256: &str, picture: &[f32], side: usize) -> Result<Maps, Lost> {
        let request = Request::See { sha256: sha256.to_owned(), side };
        let patience = |worker: &mut Worker| {
            if worker.warm.insert(sha256.to_owned()) { FIRST } else { NEXT }
        };
        match self.ask(&request, picture, patience)? {
            (Reply::Seen { rows, columns, .. }, maps) if maps.iter().all(|v| v.is_finite()) => {
                Ok(Maps { rows, columns, values: maps })
            }
            (Reply::Seen { .. }, _) => Err(self.end("its numbers are none".into())),
            (reply, _) => Err(self.end(words(reply))),
        }
    }

    fn ask(
        &self,
        request: &Request,
        numbers: &[f32],
        patience: impl FnOnce(&mut Worker) -> Duration,
    ) -> Result<(Reply, Vec<f32>), Lost> {
        // Held to the end of the answer: questions come one after another.
        let mut lock = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(worker) = lock.as_mut() else { return Err(self.lost("it was lost".into())) };
        let patience = patience(worker);
        let mut bytes = vec![];
        let told = tell(&mut bytes, request).and_then(|()| tell_numbers(&mut bytes, numbers));
        let heard = match told.and_then(|()| worker.to.send(bytes).ok()) {
            Some(()) => worker.heard.recv_timeout(patience),
            None => Err(RecvTimeoutError::Disconnected),
        };
        heard.map_err(|error| {
            *lock = None;
            self.lost(match error {
                RecvTimeoutError::Timeout => {
                    format!("it did not answer within {} s", patience.as_secs())
                }
                RecvTimeoutError::Disconnected => "its driver ended its process".into(),
            })
        })
    }

    fn end(&self, detail: String) -> Lost {
        *self.worker.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.lost(detail)
    }

    fn lost(&self, detail: String) -> Lost {
        Lost { name: self.name.clone(), detail }
    }
}

fn words(reply: Reply) -> String {
    match reply {
        Reply::Failed { detail } => detail,
        Reply::Loaded | Reply::Seen { .. } => "it answered another question".into(),
    }
}

/// Hands on what the worker says until the pipe closes or makes no sense.
fn listen(from: &mut impl Read, to: &Sender<(Reply, Vec<f32>)>) {
    while let Some(reply) = hear::<Reply>(from) {
        let count = match &reply {
            Reply::Seen { channels, rows, columns } => {
                channels.checked_mul(*rows).and_then(|n| n.checked_mul(*columns))
            }
            Reply::Loaded | Reply::Failed { .. } => Some(0),
        };
        let numbers = count.and_then(|count| hear_numbers(from, count, MAX_ANSWER));
        let Some(numbers) = numbers else { return };
        if to.send((reply, numbers)).is_err() {
            return;
        }
    }
}
