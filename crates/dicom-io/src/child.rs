//! Decoding in a process of its own, with limits on memory and time that hold whatever happens
//! inside: a picture made to hurt costs its own child and nothing else.
//!
//! The program starts itself again with [`ARGUMENT`]. Its `main` therefore begins with
//!
//! ```no_run
//! if let Some(code) = dicom_io::child::serve_if_asked() {
//!     std::process::exit(code);
//! }
//! if let Some(program) = dicom_io::child::own_program() {
//!     dicom_io::child::install(program);
//! }
//! ```
//!
//! before threads, windows and settings. Until [`install`] is called, frames are unpacked in the
//! caller's process: tests and small tools need no child, and the codecs are safe Rust either way.
//!
//! A child answers one question and ends: what took it over cannot falsify the next picture.
//!
//! The wire: the parent writes a length, a question in JSON and the packed bytes; the child answers
//! with a length, an answer in JSON and the samples. Every length is checked before it is believed.

use crate::codec::{self, Codec, Expected, Samples, Unpacked};
use crate::error::{ReadError, Result};
use crate::picture::{self, Plain};
use crate::{MAX_PICTURE_PIXELS, guarded};
use imaging::pixels::SourceFormat;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// What the program is started with to serve one frame. Never typed by people.
pub const ARGUMENT: &str = "--decode-worker";
const MAX_JSON: usize = 4096;

/// What a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory beyond what the program has when it starts. Enforced on Unix; elsewhere only
    /// the checks before each allocation stand.
    pub memory: u64,
    /// From start to the last sample.
    pub wall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 1 << 30, wall: Duration::from_secs(5) }
    }
}

impl Limits {
    /// Five seconds, and for what is larger than eight megapixels more in proportion: measured, the
    /// slowest codec needs a twentieth of a second for a megapixel on an idle machine.
    #[must_use]
    pub fn fitting(expected: &Expected) -> Self {
        let samples = expected.rows * expected.cols * expected.samples;
        Self::for_samples(u64::try_from(samples).unwrap_or(0))
    }

    fn for_samples(samples: u64) -> Self {
        let seconds = (samples >> 23).max(1) * 5;
        Self { wall: Duration::from_secs(seconds), ..Self::default() }
    }
}

static PROGRAM: RwLock<Option<PathBuf>> = RwLock::new(None);

/// From now on compressed frames and pictures are unpacked by children of this program.
pub fn install(program: PathBuf) {
    *PROGRAM.write().unwrap_or_else(PoisonError::into_inner) = Some(program);
}

fn installed() -> Option<PathBuf> {
    PROGRAM.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The running program, to be started again. On Linux by the name that still means the same
/// program after an update has replaced its file.
#[must_use]
pub fn own_program() -> Option<PathBuf> {
    let own = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && own.exists() {
        return Some(own.into());
    }
    std::env::current_exe().ok()
}

/// Unpacks a frame where the program wants it done. RLE and deflate, a page of code each whose
/// output is bounded beforehand, are not worth a process.
pub(crate) fn decode(codec: Codec, data: &[u8], expected: &Expected) -> Result<Unpacked> {
    match (installed(), codec) {
        (None, _) | (_, Codec::Rle | Codec::Deflate) => codec::decode(codec, data, expected),
        (Some(program), _) => {
            decode_in_child(&program, codec, data, expected, &Limits::fitting(expected))
        }
    }
}

/// Unpacks a PNG, JPEG, TIFF, BMP or WebP where the program wants it done; `pixels` as its head
/// says, which has been held against the limits.
pub(crate) fn picture(format: SourceFormat, bytes: &[u8], pixels: u64) -> Result<Plain> {
    let Some(program) = installed() else { return picture::unpack(bytes, format) };
    let limits = Limits::for_samples(pixels * 3);
    ask(&program, Task::Picture { format }, bytes, &limits, plain)
}

/// What a child is asked to unpack.
#[derive(Serialize, Deserialize)]
enum Task {
    Frame { codec: Codec, expected: Expected },
    Picture { format: SourceFormat },
}

#[derive(Serialize, Deserialize)]
struct Question {
    task: Task,
    memory: u64,
    bytes: u64,
}

/// The shape of a picture that is not DICOM; its samples follow.
#[derive(Serialize, Deserialize)]
struct PlainAnswer {
    rows: u32,
    cols: u32,
    grey: bool,
    deep: bool,
}

#[derive(Serialize, Deserialize)]
struct Answer {
    wide: bool,
    precision: Option<u32>,
    is_rgb: Option<bool>,
    as_written: bool,
    count: u64,
}

/// Unpacks one frame in a child of `program`, which has to call [`serve_if_asked`].
///
/// # Errors
/// As [`codec::decode`]; [`ReadError::TookTooLong`]; `Broken` if the child ended without an answer,
/// as it does when it asks for more memory than it may have; `NoDecoder` if it could not be started.
pub fn decode_in_child(
    program: &Path,
    codec: Codec,
    data: &[u8],
    expected: &Expected,
    limits: &Limits,
) -> Result<Unpacked> {
    let task = Task::Frame { codec, expected: *expected };
    ask(program, task, data, limits, |from| answer(from, expected))
}

/// Starts a child, asks, reads, and ends it in every case.
fn ask<T: Send>(
    program: &Path,
    task: Task,
    data: &[u8],
    limits: &Limits,
    read: impl FnOnce(ChildStdout) -> Result<T> + Send,
) -> Result<T> {
    let mut command = Command::new(program);
    command.arg(ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
    let bytes = u64::try_from(data.len()).unwrap_or(u64::MAX);
    let question = message(&Question { task, memory: limits.memory, bytes })?;
    let mut child =
        command.spawn().map_err(|error| ReadError::NoDecoder(error.kind().to_string()))?;
    let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(ReadError::NoDecoder("no pipe".into()));
    };
    let result = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A child that has heard enough closes the pipe; its answer is what counts.
            let _ = to.write_all(&question).and_then(|()| to.write_all(data));
        });
        let (send, receive) = channel();
        scope.spawn(move || {
            let _ = send.send(read(from));
        });
        let result = match receive.recv_timeout(limits.wall) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                Err(ReadError::TookTooLong { seconds: limits.wall.as_secs().max(1) })
            }
            Err(RecvTimeoutError::Disconnected) => Err(gave_up()),
        };
        // Ends the child in every case, so that both threads end as well.
        let _ = child.kill();
        result
    });
    // It has been ended: this only clears it away.
    let _ = child.wait();
    result
}

fn gave_up() -> ReadError {
    ReadError::broken("its decoder gave up")
}

fn message(json: &impl Serialize) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(json).map_err(|_| gave_up())?;
    let length = u32::try_from(json.len()).map_err(|_| gave_up())?;
    Ok([&length.to_le_bytes()[..], &json].concat())
}

fn json_from<T: for<'a> Deserialize<'a>>(from: &mut impl Read) -> Option<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
    if length > MAX_JSON {
        return None;
    }
    let mut json = vec![0; length];
    from.read_exact(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

fn answer(mut from: impl Read, expected: &Expected) -> Result<Unpacked> {
    let answer: std::result::Result<Answer, ReadError> =
        json_from(&mut from).ok_or_else(gave_up)?;
    let answer = answer?;
    let count = usize::try_from(answer.count).map_err(|_| gave_up())?;
    // A child that was taken over must not make its parent allocate either.
    if count > expected.rows * expected.cols * expected.samples {
        return Err(gave_up());
    }
    let mut bytes = vec![0; count * if answer.wide { 4 } else { 2 }];
    from.read_exact(&mut bytes).map_err(|_| gave_up())?;
    let samples = if answer.wide {
        let word = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        Samples::Wide(bytes.chunks_exact(4).map(word).collect())
    } else {
        let word = |b: &[u8]| u16::from_le_bytes([b[0], b[1]]);
        Samples::Narrow(bytes.chunks_exact(2).map(word).collect())
    };
    let precision = answer.precision.filter(|bits| (1..=32).contains(bits));
    Ok(Unpacked { samples, precision, is_rgb: answer.is_rgb, as_written: answer.as_written })
}

fn plain(mut from: impl Read) -> Result<Plain> {
    let answer: std::result::Result<PlainAnswer, ReadError> =
        json_from(&mut from).ok_or_else(gave_up)?;
    let PlainAnswer { rows, cols, grey, deep } = answer?;
    let pixels = u64::from(rows) * u64::from(cols);
    if pixels > MAX_PICTURE_PIXELS {
        return Err(gave_up());
    }
    let length = usize::try_from(pixels).map_err(|_| gave_up())? * if grey { 2 } else { 3 };
    let mut stored = vec![0; length];
    from.read_exact(&mut stored).map_err(|_| gave_up())?;
    Ok(Plain { rows, cols, grey, deep, stored })
}

/// If the program was started with [`ARGUMENT`]: answers one question and returns the exit status.
/// `None` for every other start.
#[must_use]
pub fn serve_if_asked() -> Option<i32> {
    if std::env::args_os().nth(1)? != ARGUMENT {
        return None;
    }
    let served = serve(std::io::stdin().lock(), std::io::stdout().lock());
    Some(i32::from(served.is_none()))
}

fn serve(mut from: impl Read, mut to: impl Write) -> Option<()> {
    let question: Question = json_from(&mut from)?;
    limit_memory(question.memory);
    let mut data = Vec::new();
    from.take(question.bytes).read_to_end(&mut data).ok()?;
    match question.task {
        Task::Frame { codec, expected } => {
            let result = guarded(|| codec::decode(codec, &data, &expected));
            drop(data);
            tell_frame(&result, &mut to)?;
        }
        Task::Picture { format } => {
            let result = guarded(|| picture::unpack(&data, format));
            drop(data);
            let head = result.as_ref().map(|plain| PlainAnswer {
                rows: plain.rows,
                cols: plain.cols,
                grey: plain.grey,
                deep: plain.deep,
            });
            to.write_all(&message(&head).ok()?).ok()?;
            if let Ok(plain) = &result {
                to.write_all(&plain.stored).ok()?;
            }
        }
    }
    to.flush().ok()
}

fn tell_frame(result: &Result<Unpacked>, to: &mut impl Write) -> Option<()> {
    let head = result.as_ref().map(|unpacked| Answer {
        wide: matches!(unpacked.samples, Samples::Wide(_)),
        precision: unpacked.precision,
        is_rgb: unpacked.is_rgb,
        as_written: unpacked.as_written,
        count: match &unpacked.samples {
            Samples::Narrow(samples) => samples.len() as u64,
            Samples::Wide(samples) => samples.len() as u64,
        },
    });
    to.write_all(&message(&head).ok()?).ok()?;
    let mut to = std::io::BufWriter::with_capacity(1 << 16, to);
    match result.as_ref().ok().map(|unpacked| &unpacked.samples) {
        Some(Samples::Narrow(samples)) => {
            samples.iter().try_for_each(|sample| to.write_all(&sample.to_le_bytes())).ok()?;
        }
        Some(Samples::Wide(samples)) => {
            samples.iter().try_for_each(|sample| to.write_all(&sample.to_le_bytes())).ok()?;
        }
        None => {}
    }
    to.flush().ok()
}

/// From here on this process may take at most so many bytes more than it has; asking for more ends
/// it. Does nothing where the system has no such limit.
pub fn limit_memory(bytes: u64) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = own_size().saturating_add(bytes);
        let hard = getrlimit(Resource::As).maximum;
        let limit = hard.map_or(limit, |hard| limit.min(hard));
        // A limit that cannot be set leaves the checks before each allocation, as elsewhere.
        let _ = setrlimit(Resource::As, Rlimit { current: Some(limit), maximum: Some(limit) });
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(not(unix))]
    let _ = bytes;
}

/// Bytes of address space in use now, where the system says so.
#[cfg(unix)]
fn own_size() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    pages.unwrap_or(0).saturating_mul(page)
}
