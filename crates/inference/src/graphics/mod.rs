//! The graphics card, through burn's `wgpu`, in a process of its own.
//!
//! Drivers crash, hang and lose their device. The program therefore starts itself again with
//! [`ARGUMENT`]; that worker alone opens the card. Every question has a time limit, and a worker
//! that does not answer is ended: the picture is then computed by the processor, and whoever asked
//! is told so.
//!
//! The card is used for a network only when it is a real one (never a program that imitates a card),
//! gives the processor's numbers within [`AGREEMENT`], and is faster. All three are tried once
//! for each network, in the background, while the processor already answers. Kernels and measured
//! choices of the driver are kept in a folder of the program's data.

mod card;
mod wire;
mod worker;

pub use card::{Card, Lost, NoCard};

use crate::networks::{Architecture, Plan};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the program is started with to serve the card. Never typed by people.
pub const ARGUMENT: &str = "--graphics-worker";

/// Largest difference from the processor, of the largest number of the result: cards round
/// differently and may use shorter numbers inside.
pub const AGREEMENT: f32 = 1e-2;

/// Times each side is timed; the middle one counts.
const TRIALS: usize = 3;

/// What a network makes of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Maps {
    /// Rows of each map.
    pub rows: usize,
    /// Columns of each map.
    pub columns: usize,
    /// `[channels, rows, columns]`.
    pub values: Vec<f32>,
}

/// What is known of the card.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Nobody has asked for one.
    Off,
    /// Not found out yet.
    Unknown,
    /// There is none, with the reason.
    None {
        /// For people who mend computers.
        detail: String,
    },
    /// Only a program that imitates one, which is slower than the processor.
    Software {
        /// As it names itself.
        name: String,
    },
    /// There is one.
    Card {
        /// As it names itself.
        name: String,
        /// Vulkan, Metal, DirectX 12.
        api: String,
        /// Networks that it computes here.
        networks: usize,
    },
    /// It was there and is not used any more until the program is started again.
    Lost {
        /// As it named itself.
        name: String,
        /// Why.
        detail: String,
    },
}

/// What came of trying the card for one network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It is being tried.
    Trying,
    /// It is used: milliseconds a picture on the card and on the processor.
    Used {
        /// On the card.
        card: f32,
        /// On the processor.
        processor: f32,
    },
    /// The processor is as fast or faster.
    Slower {
        /// On the card.
        card: f32,
        /// On the processor.
        processor: f32,
    },
    /// The card computes something else.
    Wrong {
        /// Of the largest number of the result.
        difference: f32,
    },
    /// It could not be tried.
    Failed,
}

/// A network as the worker finds it, and as it is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The weights file.
    pub file: PathBuf,
    /// Its SHA-256, proven again by the worker.
    pub sha256: String,
    /// Which network it is.
    pub architecture: Architecture,
    /// The blocks of the basic network; empty for the others.
    pub plan: Plan,
    /// Inner blocks whose results are features too.
    pub taps: Vec<usize>,
    /// Side of the picture it looks at.
    pub side: usize,
}

#[derive(Default)]
struct State {
    /// The program to start, and where the driver may keep what it has compiled.
    start: Option<(PathBuf, PathBuf)>,
    /// Found out by the first network that asks.
    card: Option<Result<Arc<Card>, NoCard>>,
    lost: Option<Lost>,
    verdicts: HashMap<String, Verdict>,
}

static STATE: Mutex<Option<State>> = Mutex::new(None);

fn with<T>(use_it: impl FnOnce(&mut State) -> T) -> T {
    let mut lock: MutexGuard<'_, Option<State>> =
        STATE.lock().unwrap_or_else(PoisonError::into_inner);
    use_it(lock.get_or_insert_with(State::default))
}

/// From now on the card may be tried. `program` has to call [`serve_if_asked`] when it starts;
/// `folder` is where the driver's compiled kernels are kept.
pub fn install(program: &Path, folder: &Path) {
    with(|state| state.start = Some((program.to_owned(), folder.to_owned())));
}

/// If the program was started with [`ARGUMENT`]: serves the card and returns the exit status. `None`
/// for every other start.
#[must_use]
pub fn serve_if_asked() -> Option<i32> {
    if std::env::args_os().nth(1)? != ARGUMENT {
        return None;
    }
    // The pipe that closes is how the other side says that it is done.
    let _ = worker::serve(std::io::stdin().lock(), std::io::stdout().lock());
    Some(0)
}

/// What is known of the card now.
pub fn standing() -> Standing {
    with(|state| match (&state.start, &state.card, &state.lost) {
        (None, ..) => Standing::Off,
        (_, _, Some(lost)) => {
            Standing::Lost { name: lost.name.clone(), detail: lost.detail.clone() }
        }
        (_, None, _) => Standing::Unknown,
        (_, Some(Err(NoCard::Software { name })), _) => Standing::Software { name: name.clone() },
        (_, Some(Err(NoCard::None { detail })), _) => Standing::None { detail: detail.clone() },
        (_, Some(Ok(card)), _) => Standing::Card {
            name: card.name().to_owned(),
            api: card.api().to_owned(),
            networks: state.verdicts.values().filter(|v| matches!(v, Verdict::Used { .. })).count(),
        },
    })
}

/// What came of trying a network, by the SHA-256 of its weights.
pub fn verdict(sha256: &str) -> Option<Verdict> {
    with(|state| state.verdicts.get(sha256).copied())
}

/// Tries the card for a network in the background, once. `processor` computes a prepared picture;
/// it is held until the trial ends.
pub fn consider(source: Source, processor: impl Fn(&[f32]) -> Maps + Send + 'static) {
    let wanted = with(|state| {
        let open = state.start.is_some() && !matches!(state.card, Some(Err(_)));
        let new = open && !state.verdicts.contains_key(&source.sha256);
        if new {
            state.verdicts.insert(source.sha256.clone(), Verdict::Trying);
        }
        new
    });
    if !wanted {
        return;
    }
    let sha256 = source.sha256.clone();
    let work = move || {
        let verdict =
            opened().and_then(|card| weigh(&card, &source, &processor)).unwrap_or(Verdict::Failed);
        with(|state| state.verdicts.insert(source.sha256, verdict));
    };
    // Without a thread there is no trial, and the processor goes on.
    if std::thread::Builder::new().name("graphics".into()).spawn(work).is_err() {
        with(|state| state.verdicts.insert(sha256, Verdict::Failed));
    }
}

/// The card, opened by the first who needs it; the others wait.
fn opened() -> Option<Arc<Card>> {
    static OPENING: Mutex<()> = Mutex::new(());
    let _one = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    let (known, start) = with(|state| (state.card.clone(), state.start.clone()));
    let card = match known {
        Some(card) => card,
        None => {
            let (program, folder) = start?;
            let card = Card::open(&program, &folder, false).map(Arc::new);
            with(|state| state.card = Some(card.clone()));
            card
        }
    };
    card.ok()
}

/// Compares and times the card with the processor.
pub(crate) fn weigh(
    card: &Card,
    source: &Source,
    processor: &dyn Fn(&[f32]) -> Maps,
) -> Option<Verdict> {
    let picture = probe(source.side);
    let own = processor(&picture);
    card.load(source).ok()?;
    let theirs = card.see(&source.sha256, &picture, source.side).ok()?;
    let difference = difference(&own, &theirs);
    if !agree(difference) {
        return Some(Verdict::Wrong { difference });
    }
    let mut times = (vec![], vec![]);
    for _ in 0..TRIALS {
        let start = Instant::now();
        card.see(&source.sha256, &picture, source.side).ok()?;
        times.0.push(start.elapsed());
        let start = Instant::now();
        processor(&picture);
        times.1.push(start.elapsed());
    }
    let (card, processor) = (middle(&mut times.0), middle(&mut times.1));
    Some(if card < processor {
        Verdict::Used { card, processor }
    } else {
        Verdict::Slower { card, processor }
    })
}

/// What a network makes of a prepared picture, by the card. `None`: the card is not used for this
/// network. An error is told once: from then on the card is not used.
pub(crate) fn see(sha256: &str, picture: &[f32], side: usize) -> Option<Result<Maps, Lost>> {
    let card = with(|state| {
        let used = matches!(state.verdicts.get(sha256), Some(Verdict::Used { .. }));
        match &state.card {
            Some(Ok(card)) if used && state.lost.is_none() => Some(card.clone()),
            _ => None,
        }
    })?;
    let seen = card.see(sha256, picture, side);
    if let Err(lost) = &seen {
        with(|state| state.lost = Some(lost.clone()));
    }
    Some(seen)
}

/// A picture of noise that is the same everywhere: every channel and place takes part.
fn probe(side: usize) -> Vec<f32> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..3 * side * side).map(|_| next() * 2.0).collect()
}

/// The largest difference, of the largest number; infinite where the shapes differ.
fn difference(own: &Maps, theirs: &Maps) -> f32 {
    if (own.rows, own.columns) != (theirs.rows, theirs.columns) {
        return f32::INFINITY;
    }
    cnn_engine::relative_difference(&theirs.values, &own.values)
}

/// What is no number is no agreement.
fn agree(difference: f32) -> bool {
    difference <= AGREEMENT
}

fn middle(times: &mut [Duration]) -> f32 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f32::INFINITY, |t| t.as_secs_f32() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_program_to_start_no_card_is_tried() {
        let source = Source {
            file: "weights".into(),
            sha256: "00".into(),
            architecture: Architecture::BasicCnn,
            plan: vec![],
            taps: vec![],
            side: 8,
        };
        consider(source, |_| panic!("nobody asked for a card"));
        assert_eq!(standing(), Standing::Off);
        assert_eq!(verdict("00"), None);
        assert!(see("00", &[], 8).is_none());
    }

    #[test]
    fn another_shape_and_what_is_no_number_are_no_agreement() {
        let maps = |rows, columns, values: &[f32]| Maps { rows, columns, values: values.to_vec() };
        let own = maps(1, 2, &[1.0, 2.0]);
        assert_eq!(difference(&own, &maps(2, 1, &[1.0, 2.0])), f32::INFINITY);
        assert!(agree(difference(&own, &own)));
        for theirs in [&[1.0, f32::NAN][..], &[1.0], &[1.0, 2.1]] {
            assert!(!agree(difference(&own, &maps(1, 2, theirs))), "{theirs:?}");
        }
    }
}
