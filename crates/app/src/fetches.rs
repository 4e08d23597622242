//! Studies on their way from archives: written down before the answer, fetched one after another on a
//! thread of its own, and taken up again after a restart.
//!
//! A study comes whole or not at all. Half a study on the worklist would look like a whole one to whoever
//! reads it next, so what came before a fetch broke off or was cancelled is forgotten.

use crate::archives::Kept;
use crate::backend::{Inner, Listeners, tell};
use crate::convert::rfc3339;
use crate::error::{Error, no};
use crate::import::Reception;
use crate::queue::{Asker, hold};
use dicom_web::{Failure, Query, Stop, Watch};
use kernel::{Instant, Permission};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant as Moment;
use wire::*;

/// The setting's name in the store.
const SETTING: &str = "fetches";
/// Studies that wait or come.
const OPEN: usize = 50;
/// Studies that came or failed and are still on the list.
const KEPT: usize = 10;
/// Instances after which a speed means something.
const PACED: u32 = 3;

/// What is kept of a study until it has come.
#[derive(Clone, Serialize, Deserialize)]
struct Asked {
    id: String,
    archive: String,
    archive_name: String,
    study_uid: String,
    analyse: bool,
    by: Asker,
    at: Instant,
}

struct Fetch {
    asked: Asked,
    state: FetchState,
    watch: Arc<Watch>,
    since: Option<Moment>,
    got: u32,
    total: Option<u32>,
    patient_name: Option<String>,
    came: Came,
    error: Option<CommandError>,
}

/// What became of the instances of a study.
#[derive(Default)]
struct Came {
    taken: u32,
    refused: u32,
    refused_why: Option<CommandError>,
    study: Option<String>,
}

impl Fetch {
    fn new(asked: Asked) -> Self {
        Self {
            asked,
            state: FetchState::Waiting,
            watch: Arc::default(),
            since: None,
            got: 0,
            total: None,
            patient_name: None,
            came: Came::default(),
            error: None,
        }
    }

    fn is_open(&self) -> bool {
        matches!(self.state, FetchState::Waiting | FetchState::Running | FetchState::Saving)
    }

    fn seconds_left(&self) -> Option<u32> {
        let (since, total) = (self.since?, self.total?);
        if self.state != FetchState::Running || self.got < PACED {
            return None;
        }
        let each = since.elapsed().as_secs_f64() / f64::from(self.got);
        let left = each * f64::from(total.saturating_sub(self.got));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        Some(left.ceil().clamp(0.0, 1e6) as u32)
    }

    fn view(&self, names: &BTreeMap<String, String>) -> FetchView {
        let asked = &self.asked;
        FetchView {
            id: asked.id.clone(),
            archive: asked.archive.clone(),
            archive_name: asked.archive_name.clone(),
            study_uid: asked.study_uid.clone(),
            patient_name: self.patient_name.clone(),
            asked_by: names.get(&asked.by.user).unwrap_or(&asked.by.user).clone(),
            asked_at: rfc3339(asked.at),
            analyse: asked.analyse,
            state: self.state,
            got: self.got,
            total: self.total,
            kilobytes: u32::try_from(self.watch.bytes() / 1_000).unwrap_or(u32::MAX),
            seconds_left: self.seconds_left(),
            taken: self.came.taken,
            refused: self.came.refused,
            refused_why: self.came.refused_why.clone(),
            study: self.came.study.clone(),
            error: self.error.clone(),
        }
    }
}

#[derive(Default)]
struct State {
    /// In the order in which they were asked for.
    list: Vec<Fetch>,
    /// What the last end of the program left is on the list.
    read: bool,
    /// A thread works on it.
    working: bool,
}

/// The list. Locked after the workstation or alone, and never before it.
#[derive(Clone, Default)]
pub(crate) struct Fetching(Arc<Mutex<State>>);

impl Fetching {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing of this store is wanted any more; what was open stands in it.
    pub(crate) fn forget_all(&self) {
        let mut state = self.state();
        state.list.iter().for_each(|fetch| fetch.watch.cancel());
        state.list.clear();
        state.read = false;
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Fetch)) {
        if let Some(fetch) = self.state().list.iter_mut().find(|fetch| fetch.asked.id == id) {
            change(fetch);
        }
    }

    /// The study that is due, now running.
    fn begin(&self) -> Option<(Asked, Arc<Watch>)> {
        let mut state = self.state();
        let due = state.list.iter_mut().find(|fetch| fetch.state == FetchState::Waiting)?;
        (due.state, due.since) = (FetchState::Running, Some(Moment::now()));
        Some((due.asked.clone(), Arc::clone(&due.watch)))
    }

    /// All of it came. False where it was cancelled before this moment; afterwards that is too late.
    fn saves(&self, id: &str) -> bool {
        let mut state = self.state();
        let wanted = |fetch: &&mut Fetch| fetch.asked.id == id && !fetch.watch.is_cancelled();
        let Some(fetch) = state.list.iter_mut().find(wanted) else { return false };
        fetch.state = FetchState::Saving;
        true
    }

    /// Makes room for what is over later.
    fn put_away(state: &mut State) {
        let mut over = state.list.iter().filter(|fetch| !fetch.is_open()).count();
        state.list.retain(|fetch| {
            let goes = !fetch.is_open() && over > KEPT;
            over -= usize::from(goes);
            !goes
        });
    }
}

fn refused(why: &str) -> Error {
    CommandError::refusal(Code::ArchiveFailed).with("why", why).into()
}

impl Inner {
    /// Asks for a study. The answer comes at once; the study comes behind it.
    pub(crate) fn archive_fetch(&mut self, ask: ArchiveFetch) -> Result<Made, Error> {
        let actor = self.actor(Permission::ImportImages)?;
        let kept = self.archive(&ask.archive)?;
        if !dicom_web::is_uid(&ask.study_uid) {
            let error = CommandError::refusal(Code::Malformed);
            return Err(error.with("detail", "no study has this UID").into());
        }
        {
            let state = self.fetches.state();
            let mut open = state.list.iter().filter(|fetch| fetch.is_open());
            let count = open.clone().count();
            let same = open.find(|fetch| {
                let asked = &fetch.asked;
                (&asked.archive, &asked.study_uid) == (&ask.archive, &ask.study_uid)
                    && !fetch.watch.is_cancelled()
            });
            // Pressed twice, it comes once.
            if let Some(same) = same {
                return Ok(Made { id: same.asked.id.clone() });
            }
            if count >= OPEN {
                return Err(refused("too_many"));
            }
        }
        // What cannot even be tried is refused at once.
        kept.open()?;
        // Signed before anything is asked.
        let asked = Asked {
            id: self.options.clock.new_uuid().to_string(),
            archive: ask.archive,
            archive_name: kept.name.clone(),
            study_uid: ask.study_uid,
            analyse: ask.analyse,
            by: (&actor).into(),
            at: self.now()?,
        };
        self.audit(&actor, kept.audit_of_fetch(&asked.study_uid))?;
        let made = Made { id: asked.id.clone() };
        self.fetches.state().list.push(Fetch::new(asked));
        self.keep_fetches()?;
        self.wake();
        self.tell(&["fetch"]);
        Ok(made)
    }

    pub(crate) fn archive_fetches(&mut self, _: Nothing) -> Result<Fetches, Error> {
        // Asked every second by itself, it is no sign that somebody is there.
        self.seen(Permission::SeeImages)?;
        let names = self.staff_names()?;
        let state = self.fetches.state();
        let fetches = state.list.iter().rev().map(|fetch| fetch.view(&names)).collect();
        Ok(Fetches { fetches })
    }

    pub(crate) fn archive_cancel(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.actor(Permission::ImportImages)?;
        {
            let mut state = self.fetches.state();
            let found = state.list.iter_mut().find(|fetch| fetch.asked.id == ask.id);
            let fetch = found.ok_or_else(|| no(Code::NotFound))?;
            match fetch.state {
                FetchState::Waiting => fetch.state = FetchState::Cancelled,
                FetchState::Running => fetch.watch.cancel(),
                _ => return Err(refused("too_late")),
            }
        }
        self.keep_fetches()?;
        self.tell(&["fetch"]);
        Ok(Nothing {})
    }

    /// Takes a study that came or failed from the list. What came stays.
    pub(crate) fn archive_forget(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.actor(Permission::ImportImages)?;
        {
            let mut state = self.fetches.state();
            let at = state.list.iter().position(|fetch| fetch.asked.id == ask.id);
            let at = at.ok_or_else(|| no(Code::NotFound))?;
            if state.list[at].is_open() {
                return Err(refused("under_way"));
            }
            state.list.remove(at);
        }
        self.tell(&["fetch"]);
        Ok(Nothing {})
    }

    /// Writes down what has not come yet. What was cancelled is not taken up again.
    fn keep_fetches(&mut self) -> Result<(), Error> {
        let text = {
            let state = self.fetches.state();
            let wanted = |fetch: &&Fetch| fetch.is_open() && !fetch.watch.is_cancelled();
            let open: Vec<&Asked> = state.list.iter().filter(wanted).map(|f| &f.asked).collect();
            serde_json::to_string(&open)?
        };
        Ok(self.store_mut()?.set_setting(SETTING, &text)?)
    }

    /// Starts the thread that fetches where it rests and something is due.
    pub(crate) fn wake_fetches(&mut self) {
        let left = || {
            let text = self.store.as_ref()?.setting(SETTING).ok()??;
            serde_json::from_str::<Vec<Asked>>(&text).ok()
        };
        let mut state = self.fetches.state();
        if !std::mem::replace(&mut state.read, true) {
            state.list.extend(left().unwrap_or_default().into_iter().map(Fetch::new));
        }
        let due = state.list.iter().any(|fetch| fetch.state == FetchState::Waiting);
        if !due || std::mem::replace(&mut state.working, true) {
            return;
        }
        let (me, fetches) = (self.me.clone(), self.fetches.clone());
        let listeners = self.listeners.clone();
        std::thread::spawn(move || work(&me, &fetches, &listeners));
    }
}

/// The thread that fetches: until nothing is due any more.
fn work(me: &Weak<Mutex<Inner>>, fetches: &Fetching, listeners: &Listeners) {
    loop {
        let due = {
            let inner = me.upgrade();
            let guard = inner.as_ref().map(hold);
            let open = guard.as_ref().is_some_and(|guard| guard.store.is_some());
            let due = if open { fetches.begin() } else { None };
            if due.is_none() {
                // Said while the workstation is held, so that nothing is asked for in between.
                fetches.state().working = false;
            }
            due
        };
        let Some((asked, watch)) = due else { return };
        tell(listeners, &["fetch"]);
        let run = std::panic::AssertUnwindSafe(|| fetch(me, fetches, &asked, &watch));
        let end = std::panic::catch_unwind(run)
            .unwrap_or_else(|_| Err(Error::Broken("panic while a study was fetched".into())));
        if let Some(inner) = me.upgrade() {
            ended(&mut hold(&inner), &asked.id, &watch, end);
        }
        tell(listeners, &["fetch", "study"]);
    }
}

fn ended(inner: &mut Inner, id: &str, watch: &Watch, end: Result<Came, Error>) {
    {
        let mut state = inner.fetches.state();
        let Some(fetch) = state.list.iter_mut().find(|fetch| fetch.asked.id == id) else { return };
        match end {
            Ok(came) => (fetch.state, fetch.came) = (FetchState::Over, came),
            Err(_) if watch.is_cancelled() => fetch.state = FetchState::Cancelled,
            Err(error) => {
                fetch.error = Some(error.into_command_error());
                fetch.state = FetchState::Failed;
            }
        }
        Fetching::put_away(&mut state);
    }
    if inner.store.is_some() && inner.keep_fetches().is_err() {
        // It would come once more after the next start, and would be known then.
        tracing::warn!("the list of studies on their way could not be kept");
    }
}

/// One study, from the question to the worklist.
fn fetch(
    me: &Weak<Mutex<Inner>>,
    fetches: &Fetching,
    asked: &Asked,
    watch: &Arc<Watch>,
) -> Result<Came, Error> {
    let inner = me.upgrade().ok_or_else(|| no(Code::NotSignedIn))?;
    let (kept, actor) = {
        let guard = hold(&inner);
        (guard.archive(&asked.archive)?, guard.asker(&asked.by, Permission::ImportImages)?)
    };
    let archive = kept.open()?.watched(Arc::clone(watch));
    announce(&archive, &kept, fetches, asked)?;
    let mut arriving = Reception::of(inner, actor).begin().only(&asked.study_uid);
    let (mut number, mut stopped) = (0, None);
    let end = archive.fetch(&asked.study_uid, |bytes| {
        number += 1;
        if let Err(error) = arriving.take(&format!("{number:04}.dcm"), bytes)
            // One picture that cannot be read is no reason to leave the others.
            && matches!(error.code, Code::DiskFull | Code::NotSignedIn)
        {
            stopped = Some(error);
            return Err(Stop);
        }
        fetches.change(&asked.id, |fetch| fetch.got = number);
        Ok(())
    });
    match (end, stopped) {
        (_, Some(error)) => return Err(error.into()),
        (Err(failure), None) => return Err(kept.failed(&failure)),
        (Ok(0), None) => return Err(kept.failed(&Failure::NotFound)),
        (Ok(_), None) if !fetches.saves(&asked.id) => {
            return Err(kept.failed(&Failure::Cancelled));
        }
        (Ok(_), None) => {}
    }
    saved(arriving.finish(asked.analyse))
}

/// Asks how many there are and whose they are. An archive that does not say still sends.
fn announce(
    archive: &dicom_web::Archive,
    kept: &Kept,
    fetches: &Fetching,
    asked: &Asked,
) -> Result<(), Error> {
    let query = Query { study_uid: asked.study_uid.clone(), ..Query::default() };
    match archive.search(&query) {
        Ok(found) => {
            let row = found.rows.into_iter().find(|row| row.study_uid == asked.study_uid);
            fetches.change(&asked.id, |fetch| {
                let Some(row) = row else { return };
                fetch.total = row.instances.filter(|count| *count > 0);
                let name = row.patient_name.as_deref().map(crate::images::plain_name);
                fetch.patient_name = name.filter(|name| !name.is_empty());
            });
            Ok(())
        }
        Err(Failure::Status(_) | Failure::NotFound | Failure::Malformed(_)) => Ok(()),
        Err(failure) => Err(kept.failed(&failure)),
    }
}

/// What became of each instance, in numbers.
fn saved(imported: Imported) -> Result<Came, Error> {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let errors: Vec<&CommandError> =
        imported.files.iter().filter_map(|f| f.error.as_ref()).collect();
    let full = errors.iter().find(|e| matches!(e.code, Code::DiskFull | Code::NotSignedIn));
    if let Some(full) = full {
        return Err((*full).clone().into());
    }
    Ok(Came {
        taken: count(imported.files.len() - errors.len()),
        refused: count(errors.len()),
        refused_why: errors.first().map(|error| (*error).clone()),
        study: imported.files.iter().find_map(|file| file.study.clone()),
    })
}
