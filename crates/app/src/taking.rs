//! Taking in the files of a batch: a thread of its own looks what a folder or an archive holds,
//! then keeps one study after another and queues its pictures. The workstation is held for a moment
//! at a time. What is not in the store yet is read again after a restart, from where it lies.

use crate::backend::{Inner, Listeners};
use crate::batches::{BatchBody, Source};
use crate::error::{Error, no};
use crate::images::{MOST_BYTES, read_error};
use crate::import::{self, Arriving, Plan, Reception};
use crate::jobs::{Hand, Jobs};
use crate::queue::{Asked, Pulse, hold};
use dicom_io::archive::{self, Archive};
use dicom_io::collection;
use inference::Wish;
use kernel::{AnalysisId, BatchId, Permission};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};
use store_sqlite::{BatchRow, JobClass, JobRow, JobState, Store};
use wire::{Code, CommandError};

/// A source that was opened.
enum Place {
    Folder(PathBuf),
    Archive(Archive),
    /// A folder by its table of contents.
    Disc(PathBuf, Vec<u8>),
    File(PathBuf),
    Sent(Arc<Vec<u8>>),
}

impl Place {
    fn open(source: &Source, sent: Option<Arc<Vec<u8>>>) -> Result<Self, Error> {
        let path = match source {
            Source::Path { path } => path,
            Source::Sent { .. } => {
                // What a page sent was in memory only.
                let bytes = sent.ok_or_else(|| import::why(Code::ImageBroken, "gone"))?;
                return Ok(if archive::is_zip(&bytes) {
                    Self::Archive(Archive::open(bytes.to_vec()).map_err(|e| read_error(&e))?)
                } else {
                    Self::Sent(bytes)
                });
            }
        };
        if path.is_dir() {
            return Ok(Self::Folder(path.clone()));
        }
        if import::starts_like_zip(path) {
            let archive = Archive::open(import::read_limited(path)?);
            return Ok(Self::Archive(archive.map_err(|e| read_error(&e))?));
        }
        let named = path.file_name().is_some_and(|n| n.eq_ignore_ascii_case("DICOMDIR"));
        if let (true, Some(folder)) = (named, path.parent()) {
            let bytes = import::read_limited(path)?;
            if collection::is_dicomdir(&bytes) {
                return Ok(Self::Disc(folder.to_owned(), bytes));
            }
        }
        Ok(Self::File(path.clone()))
    }

    /// What of it is taken in. `name`: of the file, where it is one.
    fn plan(&self, name: &str) -> Result<Plan, Error> {
        let listing = match self {
            Self::Folder(folder) => collection::list_folder(folder),
            Self::Archive(archive) => Ok(collection::list_archive(archive)),
            Self::Disc(_, bytes) => collection::list_dicomdir(bytes),
            Self::File(_) | Self::Sent(_) => {
                let parts = vec![vec![name.to_owned()]];
                return Ok(Plan { parts, refused: vec![], others: 0 });
            }
        };
        let listing = listing.map_err(|e| read_error(&e))?;
        Ok(import::plan(listing, |name, most| match self {
            Self::Archive(archive) => archive.read_named(name, most),
            Self::Folder(folder) | Self::Disc(folder, _) => {
                collection::read_below(folder, name, most)
            }
            Self::File(_) | Self::Sent(_) => Err(dicom_io::ReadError::NotAnImage),
        }))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, Error> {
        let read = match self {
            Self::Folder(folder) | Self::Disc(folder, _) => {
                collection::read_below(folder, name, MOST_BYTES)
            }
            Self::Archive(archive) => archive.read_named(name, MOST_BYTES),
            Self::File(path) => return import::read_limited(path),
            Self::Sent(bytes) => return Ok(bytes.to_vec()),
        };
        Ok(read.map_err(|e| read_error(&e))?)
    }
}

/// What the thread does next.
enum Next {
    List(BatchRow),
    Part(BatchRow, Vec<JobRow>),
    Nothing,
}

/// The thread that takes in: until every batch that is not paused is in the store.
pub(crate) fn take(me: &Weak<Mutex<Inner>>, listeners: &Listeners) {
    let mut pulse = Pulse::new(listeners);
    let mut open: Option<(BatchId, usize, Place)> = None;
    while let Some(inner) = me.upgrade() {
        let (next, jobs) = {
            let guard = hold(&inner);
            let jobs = guard.jobs.clone();
            let next = match (&guard.store, jobs.halted()) {
                (Some(store), None) => due(store).unwrap_or_else(|error| {
                    jobs.halt(error.into_command_error());
                    Next::Nothing
                }),
                _ => Next::Nothing,
            };
            if matches!(next, Next::Nothing) {
                if let Some(store) = &guard.store {
                    forget_sent(store, &jobs);
                }
                // Said while it is held, so that no batch comes in between.
                jobs.rests(Hand::TakesIn);
                drop(guard);
                pulse.now();
                return;
            }
            (next, jobs)
        };
        let step = std::panic::AssertUnwindSafe(|| match &next {
            Next::List(batch) => list(&inner, batch, &jobs),
            Next::Part(batch, rows) => part(&inner, batch, rows, &mut open, &jobs),
            Next::Nothing => Ok(()),
        });
        let done = std::panic::catch_unwind(step)
            .unwrap_or_else(|_| Err(Error::Broken("panic while files were taken in".into())));
        if let Err(error) = done {
            let error = error.into_command_error();
            // A store that closed is opened again; everything else would come again at once.
            if error.code != Code::NotSignedIn {
                jobs.halt(error);
            }
        }
        if matches!(next, Next::List(_)) { pulse.now() } else { pulse.soon() }
    }
}

fn due(store: &Store) -> Result<Next, Error> {
    let batches = store.batches()?;
    let unlisted = |b: &&BatchRow| !b.listed && !b.paused && !b.cancelled;
    if let Some(batch) = batches.iter().rev().find(unlisted) {
        return Ok(Next::List(batch.clone()));
    }
    let rows = store.next_part()?;
    let of = rows.first().and_then(|row| row.batch);
    let batch = batches.into_iter().find(|b| Some(b.id) == of);
    Ok(batch.map_or(Next::Nothing, |batch| Next::Part(batch, rows)))
}

/// Bytes of files that are all in the store by now.
fn forget_sent(store: &Store, jobs: &Jobs) {
    for batch in jobs.senders() {
        let waits = store.jobs_of_batch(batch, &[JobState::Untaken], 1);
        if waits.is_ok_and(|rows| rows.is_empty()) {
            jobs.forget_sent(batch);
        }
    }
}

/// Finds out what a batch holds and writes it down, in one go.
fn list(inner: &Arc<Mutex<Inner>>, batch: &BatchRow, jobs: &Jobs) -> Result<(), Error> {
    let mut body = BatchBody::of(batch)?;
    let clock = hold(inner).options.clock.clone();
    let (mut rows, mut parts) = (vec![], 0);
    for (n, source) in body.sources.iter().enumerate() {
        let name = source.name();
        let plan = Place::open(source, jobs.sent(batch.id, n)).and_then(|p| p.plan(&name));
        let mut row = |name: String, part, error: Option<CommandError>| -> Result<(), Error> {
            let wish = Wish { pack: None, task: body.task.clone(), network: body.network.clone() };
            let state = if error.is_some() { JobState::Refused } else { JobState::Untaken };
            let asked = Asked { source: n, error, ..Asked::new(name, body.by.clone(), wish) };
            rows.push(JobRow {
                analysis: AnalysisId(clock.new_uuid()),
                batch: Some(batch.id),
                part,
                study: None,
                image: None,
                class: JobClass::Batch,
                state,
                body: serde_json::to_string(&asked)?,
            });
            Ok(())
        };
        match plan {
            Err(error) => row(name, parts, Some(error.into_command_error()))?,
            Ok(plan) => {
                for part in plan.parts {
                    for name in part {
                        row(name, parts, None)?;
                    }
                    parts += 1;
                }
                for (name, error) in plan.refused {
                    row(name, parts, Some(read_error(&error)))?;
                }
                body.others += plan.others;
            }
        }
        parts += 1;
    }
    let text = serde_json::to_string(&body)?;
    hold(inner).store_mut()?.list_batch(batch.id, &text, &rows)?;
    Ok(())
}

/// Takes in the files of one study and queues its pictures.
fn part(
    inner: &Arc<Mutex<Inner>>,
    batch: &BatchRow,
    rows: &[JobRow],
    open: &mut Option<(BatchId, usize, Place)>,
    jobs: &Jobs,
) -> Result<(), Error> {
    let body = BatchBody::of(batch)?;
    let leave = hold(inner).asker(&body.by, Permission::ImportImages);
    let mut files = vec![];
    match leave {
        Err(error) => {
            let error = error.into_command_error();
            if error.code != Code::Forbidden {
                return Err(error.into());
            }
            for row in rows {
                files.push((row, Asked::of(row)?, Some(error.clone())));
            }
            moved(inner, &files, &[])
        }
        Ok(actor) => {
            let mut arriving = Reception::of(inner.clone(), actor).begin();
            for row in rows {
                let asked = Asked::of(row)?;
                let error = one(&mut arriving, batch.id, &body, &asked, open, jobs)?;
                files.push((row, asked, error));
            }
            let imported = arriving.finish(false).files;
            // It could not be saved: none of it is here, and all of it comes again.
            let full = |file: &&wire::ImportedFile| stops(file.error.as_ref());
            if let Some(error) = imported.iter().find(full).and_then(|file| file.error.clone()) {
                return Err(error.into());
            }
            moved(inner, &files, &imported)
        }
    }
}

/// Errors that are not about the file: they stop the queue, and the file stays where it is.
fn stops(error: Option<&CommandError>) -> bool {
    error.is_some_and(|e| matches!(e.code, Code::DiskFull | Code::NotSignedIn))
}

/// Reads one file and hands it over. Answers why it was not taken.
fn one(
    arriving: &mut Arriving,
    batch: BatchId,
    body: &BatchBody,
    asked: &Asked,
    open: &mut Option<(BatchId, usize, Place)>,
    jobs: &Jobs,
) -> Result<Option<CommandError>, Error> {
    let source = body.sources.get(asked.source).ok_or_else(|| no(Code::NotFound))?;
    if !matches!(open, Some((b, n, _)) if (*b, *n) == (batch, asked.source)) {
        match Place::open(source, jobs.sent(batch, asked.source)) {
            Ok(place) => *open = Some((batch, asked.source, place)),
            Err(error) => return Ok(Some(error.into_command_error())),
        }
    }
    let Some((_, _, place)) = open else { return Err(no(Code::NotFound)) };
    match place.read(&asked.name) {
        Err(error) => Ok(Some(error.into_command_error())),
        Ok(bytes) => match arriving.take(&asked.name, bytes) {
            Err(error) if stops(Some(&error)) => Err(error.into()),
            // `finish` says the same of it.
            Ok(()) | Err(_) => Ok(None),
        },
    }
}

/// Writes down what became of the files of a part. `imported`: those that were handed over, in
/// their order.
fn moved(
    inner: &Arc<Mutex<Inner>>,
    files: &[(&JobRow, Asked, Option<CommandError>)],
    imported: &[wire::ImportedFile],
) -> Result<(), Error> {
    let mut imported = imported.iter();
    let mut rows = vec![];
    for (row, asked, error) in files {
        let file = if error.is_some() { None } else { imported.next() };
        let error = error.clone().or_else(|| file.and_then(|file| file.error.clone()));
        let study = file.and_then(|file| file.study.as_deref()?.parse().ok());
        let image = file.and_then(|file| file.image.as_deref()?.parse().ok());
        let (state, error) = match (study, image, error) {
            (Some(_), Some(_), _) => (JobState::Queued, None),
            (_, _, error) => {
                let gone = || CommandError::refusal(Code::ImageBroken);
                (JobState::Refused, Some(error.unwrap_or_else(gone)))
            }
        };
        let body = serde_json::to_string(&Asked { error, ..asked.clone() })?;
        rows.push(JobRow { study, image, state, body, ..(*row).clone() });
    }
    let mut guard = hold(inner);
    guard.store_mut()?.move_jobs(&rows)?;
    guard.wake();
    Ok(())
}
