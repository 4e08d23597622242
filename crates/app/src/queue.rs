//! The queue of analyses: asked for at the screen or by the hundred, written down before the answer,
//! run one after another on a thread of its own, and taken up again after a restart
//! (docs/decisions/0014-queue.md).

use crate::backend::{Inner, Passed, tell};
use crate::error::{Error, no};
use crate::images::{Held, analyse, read_error};
use crate::jobs::{Hand, Jobs};
use crate::looker::Looker;
use crate::models;
use imaging::kinds::Said;
use imaging::study::{Analysis, Command, Image, Outcome, Study};
use inference::describe::Description;
use inference::{Film, Looked, Wish};
use kernel::{Actor, AnalysisId, ImageId, Permission, StaffId, StudyId};
use records::{Body, Facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use store_sqlite::{JobClass, JobRow, JobState};
use wire::*;

/// The longest one picture may take, its unpacking included; a usual one takes a tenth of a second.
const LONGEST: Duration = Duration::from_secs(120);
/// After so many in a row that took too long it is not the pictures.
const LATE: u32 = 3;
/// While a batch runs, lists on the screen are asked anew this often and no more.
const BREATH: Duration = Duration::from_secs(3);

/// Who asked. Their role is looked up again when their job is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asker {
    pub id: StaffId,
    pub user: String,
}

impl From<&Actor> for Asker {
    fn from(actor: &Actor) -> Self {
        Self { id: actor.id, user: actor.user.clone() }
    }
}

/// What the store keeps of a job as text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Of the file, for lists and for finding it in its folder.
    pub name: String,
    pub by: Asker,
    /// Number of the source among those of its batch.
    #[serde(default)]
    pub source: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Why nothing was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<CommandError>,
    /// Why it abstained or failed, as it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values10000: BTreeMap<String, i64>,
}

impl Asked {
    pub(crate) fn new(name: String, by: Asker, wish: Wish) -> Self {
        let Wish { pack, task, network } = wish;
        Self {
            name,
            by,
            source: 0,
            pack,
            task,
            network,
            error: None,
            reason: None,
            detail: None,
            values10000: BTreeMap::new(),
        }
    }

    pub(crate) fn of(row: &JobRow) -> Result<Self, Error> {
        Ok(serde_json::from_str(&row.body)?)
    }

    pub(crate) fn wish(&self) -> Wish {
        Wish { pack: self.pack.clone(), task: self.task.clone(), network: self.network.clone() }
    }
}

/// The words in which the page knows a state.
fn shown(state: JobState) -> AnalysisState {
    match state {
        JobState::Untaken | JobState::Queued => AnalysisState::Queued,
        JobState::Done | JobState::Known => AnalysisState::Done,
        JobState::Abstained => AnalysisState::Abstained,
        JobState::Failed | JobState::Refused => AnalysisState::Failed,
        JobState::Cancelled => AnalysisState::Cancelled,
    }
}

fn ended(outcome: Outcome) -> JobState {
    match outcome {
        Outcome::Done => JobState::Done,
        Outcome::Abstained => JobState::Abstained,
        Outcome::Failed => JobState::Failed,
        Outcome::Cancelled => JobState::Cancelled,
    }
}

impl Inner {
    /// Writes down an analysis that was asked for and makes sure that somebody works on the queue.
    /// The same question about the same picture that still waits is not asked twice.
    pub(crate) fn start(
        &mut self,
        actor: &Actor,
        image: (StudyId, ImageId),
        file_name: &str,
        wish: Wish,
        class: JobClass,
    ) -> Result<AnalysisId, Error> {
        let (study, image) = image;
        for row in self.store()?.jobs_of_study(study)? {
            if row.image == Some(image) && Asked::of(&row)?.wish() == wish {
                if row.class > class {
                    self.store_mut()?.set_class(row.analysis, class)?;
                }
                return Ok(row.analysis);
            }
        }
        let analysis = AnalysisId(self.options.clock.new_uuid());
        let asked = Asked::new(file_name.to_owned(), actor.into(), wish);
        let row = JobRow {
            analysis,
            batch: None,
            part: 0,
            study: Some(study),
            image: Some(image),
            class,
            state: JobState::Queued,
            body: serde_json::to_string(&asked)?,
        };
        self.store_mut()?.put_job(&row)?;
        self.wake();
        self.tell(&["analysis"]);
        Ok(analysis)
    }

    /// Starts the threads of the queue where they rest: after something was added, and when
    /// somebody has come in, because what waited at the last end of the program goes on then. Before
    /// that nothing runs, also when a machine delivers something: see 0014, 4.
    pub(crate) fn wake(&mut self) {
        if self.store.is_none() || !self.visited {
            return;
        }
        self.wake_fetches();
        if self.jobs.halted().is_some() {
            return;
        }
        let (me, listeners) = (self.me.clone(), self.listeners.clone());
        if self.jobs.is_wanted(Hand::TakesIn) {
            let (me, listeners) = (me.clone(), listeners.clone());
            std::thread::spawn(move || crate::taking::take(&me, &listeners));
        }
        if self.jobs.is_wanted(Hand::Analyses) {
            let jobs = self.jobs.clone();
            std::thread::spawn(move || work(&me, &jobs, &listeners));
        }
    }

    /// Who asked, as they are now: somebody who left, or whose role changed, asks nothing any more.
    /// The receiver asks for as long as the facility wants that.
    pub(crate) fn asker(&self, by: &Asker, permission: Permission) -> Result<Actor, Error> {
        let receiver = crate::receiver::actor();
        if (by.id, &by.user) == (receiver.id, &receiver.user)
            && permission == Permission::AnalyseImages
            && self.receiver_analyses()?
        {
            return Ok(receiver);
        }
        let staff = self.store()?.staff()?;
        let found = staff.into_iter().find(|s| s.id == by.id && s.active);
        let may = found.filter(|s| s.role.may(permission));
        let staff = may.ok_or_else(|| {
            Error::from(CommandError::refusal(Code::Forbidden).with("user", &by.user))
        })?;
        Ok(Actor { id: staff.id, user: staff.user, role: staff.role })
    }

    /// Open analyses of one study, as rows with what was asked.
    pub(crate) fn open_jobs(
        &self,
        study: StudyId,
    ) -> Result<Vec<(JobRow, Asked, AnalysisState)>, Error> {
        let running = self.jobs.running().map(|(id, _)| id);
        let state = |id| match running == Some(id) {
            true => AnalysisState::Running,
            false => AnalysisState::Queued,
        };
        let rows = self.store()?.jobs_of_study(study)?;
        rows.into_iter()
            .map(|row| Ok((row.clone(), Asked::of(&row)?, state(row.analysis))))
            .collect()
    }

    /// Whether an analysis of this study waits or runs.
    pub(crate) fn open_for(&self, study: StudyId) -> Result<Option<AnalysisState>, Error> {
        let rows = self.store()?.jobs_of_study(study)?;
        let running = self.jobs.running().map(|(id, _)| id);
        Ok(match rows.iter().any(|row| Some(row.analysis) == running) {
            true => Some(AnalysisState::Running),
            false => (!rows.is_empty()).then_some(AnalysisState::Queued),
        })
    }

    pub(crate) fn analysis_queue(&mut self, _: Nothing) -> Result<Queue, Error> {
        // Asked every second by itself, it is no sign that somebody is there.
        self.seen(Permission::SeeImages)?;
        let running = self.jobs.running();
        let mut jobs = self.jobs.over();
        for row in self.store()?.single_jobs()? {
            let progress = running.filter(|(id, _)| *id == row.analysis).map(|(_, p)| p);
            let state = progress.map_or(AnalysisState::Queued, |_| AnalysisState::Running);
            jobs.push(told(&row, &Asked::of(&row)?, state, progress.unwrap_or(0)));
        }
        Ok(Queue { jobs })
    }

    pub(crate) fn analysis_cancel(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.actor(Permission::AnalyseImages)?;
        let row = self.waiting(&ask.id)?;
        let asked = Asked::of(&row)?;
        self.end_job(&row, JobState::Cancelled, asked)?;
        self.jobs.cancel(row.analysis);
        self.tell(&["analysis"]);
        Ok(Nothing {})
    }

    /// A job goes before everything else that waits.
    pub(crate) fn analysis_hurry(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.actor(Permission::AnalyseImages)?;
        let row = self.waiting(&ask.id)?;
        self.store_mut()?.set_class(row.analysis, JobClass::Stat)?;
        self.tell(&["analysis"]);
        Ok(Nothing {})
    }

    /// The queue goes on after it stood still.
    pub(crate) fn analysis_go_on(&mut self, _: Nothing) -> Result<Nothing, Error> {
        self.actor(Permission::AnalyseImages)?;
        self.jobs.go_on();
        self.wake();
        self.tell(&["analysis"]);
        Ok(Nothing {})
    }

    fn waiting(&self, id: &str) -> Result<JobRow, Error> {
        let id: AnalysisId = id.parse().map_err(|_| no(Code::NotFound))?;
        let row = self.store()?.job(id)?.filter(|row| row.state == JobState::Queued);
        row.ok_or_else(|| no(Code::AnalysisNotRunning))
    }

    /// A job is over: one of a batch keeps its line, another goes on the list of what was done.
    fn end_job(&mut self, row: &JobRow, state: JobState, asked: Asked) -> Result<(), Error> {
        match row.batch {
            Some(batch) => {
                let body = serde_json::to_string(&asked)?;
                self.store_mut()?.move_jobs(&[JobRow { state, body, ..row.clone() }])?;
                self.jobs.tick(batch);
            }
            None => {
                self.store_mut()?.drop_job(row.analysis)?;
                self.jobs.keep(told(row, &asked, shown(state), 100));
            }
        }
        Ok(())
    }
}

fn told(row: &JobRow, asked: &Asked, state: AnalysisState, progress: u32) -> AnalysisJob {
    AnalysisJob {
        analysis: row.analysis.to_string(),
        study: row.study.map(|s| s.to_string()).unwrap_or_default(),
        file_name: asked.name.clone(),
        state,
        progress,
        urgent: row.class == JobClass::Stat,
        error: asked.error.clone(),
    }
}

pub(crate) fn hold(inner: &Arc<Mutex<Inner>>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells the page that lists changed: at once, or once in a while when much changes.
pub(crate) struct Pulse<'a> {
    listeners: &'a crate::backend::Listeners,
    last: Instant,
}

impl<'a> Pulse<'a> {
    pub(crate) fn new(listeners: &'a crate::backend::Listeners) -> Self {
        Self { listeners, last: Instant::now() }
    }

    pub(crate) fn now(&mut self) {
        tell(self.listeners, &["analysis", "study"]);
        self.last = Instant::now();
    }

    pub(crate) fn soon(&mut self) {
        if self.last.elapsed() >= BREATH {
            self.now();
        }
    }
}

/// The thread that analyses: until nothing is due any more.
fn work(me: &Weak<Mutex<Inner>>, jobs: &Jobs, listeners: &crate::backend::Listeners) {
    let (mut looker, mut late, mut pulse) = (Looker::default(), 0, Pulse::new(listeners));
    while let Some(row) = due(me, jobs) {
        if row.batch.is_none() {
            tell(listeners, &["analysis"]);
        }
        let run = std::panic::AssertUnwindSafe(|| run(me, &row, &mut looker, jobs));
        let end = std::panic::catch_unwind(run)
            .unwrap_or_else(|_| Err(Error::Broken("panic in an analysis".into())));
        late = if matches!(end, Ok(End::Late)) { late + 1 } else { 0 };
        if late >= LATE {
            let seconds = LONGEST.as_secs();
            jobs.halt(CommandError::refusal(Code::AnalysisTooLong).with("seconds", seconds));
        }
        if let (Err(error), Some(inner)) = (end, me.upgrade()) {
            failed(&mut hold(&inner), &row, error);
        }
        jobs.end();
        if row.batch.is_some() { pulse.soon() } else { pulse.now() }
    }
    pulse.now();
}

/// What nothing could be recorded about. A full disk or a store that closed is not its fault: it
/// stays where it is.
fn failed(inner: &mut Inner, row: &JobRow, error: Error) {
    let error = error.into_command_error();
    match error.code {
        Code::NotSignedIn => return,
        Code::DiskFull => return inner.jobs.halt(error),
        _ => {}
    }
    let state = match error.code {
        Code::Forbidden => JobState::Refused,
        _ => JobState::Failed,
    };
    let ended = Asked::of(row)
        .and_then(|asked| inner.end_job(row, state, Asked { error: Some(error.clone()), ..asked }));
    // What cannot even be written down would come again and again.
    if let Err(error) = ended {
        let error = error.into_command_error();
        if error.code != Code::NotSignedIn {
            inner.jobs.halt(error);
        }
    }
}

/// The job that is due, now running; none ends the thread.
fn due(me: &Weak<Mutex<Inner>>, jobs: &Jobs) -> Option<JobRow> {
    let Some(inner) = me.upgrade() else {
        jobs.rests(Hand::Analyses);
        return None;
    };
    // Held until the thread is known to rest, so that nothing is added in between.
    let guard = hold(&inner);
    let row = match (&guard.store, jobs.halted()) {
        (Some(store), None) => store.next_job().unwrap_or_else(|error| {
            jobs.halt(Error::from(error).into_command_error());
            None
        }),
        _ => None,
    };
    match &row {
        Some(row) => jobs.begin(row.analysis, row.batch),
        None => jobs.rests(Hand::Analyses),
    }
    row
}

enum End {
    Over,
    /// It took longer than one picture may.
    Late,
}

/// What is known before a picture is looked at.
struct Begun {
    actor: Actor,
    study: Study,
    image: Image,
    held: Held,
    age: Option<u32>,
    analysis: Analysis,
}

/// One analysis, start to record. The store is held only to read the file and to write the result.
fn run(
    me: &Weak<Mutex<Inner>>,
    row: &JobRow,
    looker: &mut Looker,
    jobs: &Jobs,
) -> Result<End, Error> {
    let Some(inner) = me.upgrade() else { return Ok(End::Over) };
    let asked = Asked::of(row)?;
    let Some(begun) = begin(&mut hold(&inner), row, &asked)? else { return Ok(End::Over) };
    let Begun { actor, study, image, held, age, mut analysis } = begun;
    if jobs.is_cancelled(row.analysis) {
        return Ok(End::Over);
    }
    let (shelf, enabled) = {
        let guard = hold(&inner);
        (guard.shelf()?, guard.enabled_packs()?)
    };
    let (jobs_of_look, wish, id) = (jobs.clone(), asked.wish(), row.analysis);
    let clock = Instant::now();
    let looked = looker.within(LONGEST, move || {
        let opened = held.open(&image)?;
        let picture = dicom_io::rgb8_for_network(&opened, 0).map_err(|e| read_error(&e))?;
        let decode = u32::try_from(clock.elapsed().as_millis()).unwrap_or(u32::MAX);
        jobs_of_look.progress(id, 40);
        let allowed = |d: &_| models::may_be_used(d, &enabled);
        let said = Said::of(&opened.meta);
        let may_be = |kind: &str| said.allows(kind);
        let looked = shelf.look(&allowed, &wish, Film { picture: &picture, may_be: &may_be });
        let size = picture.dimensions();
        Ok::<_, Error>((looked.map_err(|e| models::shelf_error(&e))?, size, decode))
    });
    let late = looked.is_none();
    let looked: Result<(Looked, _, _), Error> = looked.unwrap_or_else(|| {
        let late = CommandError::refusal(Code::AnalysisTooLong);
        Err(late.with("seconds", LONGEST.as_secs()).into())
    });
    match looked {
        Err(error) => {
            let error = error.into_command_error();
            analysis.reason = serde_json::to_value(error.code)?.as_str().map(str::to_owned);
            analysis.detail = error.args.get("detail").cloned();
        }
        Ok((looked, size, decode)) => {
            analysis.timing_ms[0] = decode;
            analyse(&mut analysis, &looked, size, age);
        }
    }
    // Asked under the lock that a cancel holds too: what was told to be cancelled is never recorded.
    let mut guard = hold(&inner);
    if jobs.is_cancelled(row.analysis) {
        return Ok(End::Over);
    }
    analysis.finished_at = guard.now()?;
    let state = ended(analysis.outcome);
    let (reason, detail) = (analysis.reason.clone(), analysis.detail.clone());
    let values10000 = analysis.values10000.clone();
    let command = Command::Record { analysis: Box::new(analysis) };
    let body = Body::Study { id: study.id, command };
    guard.save_untold(&actor, body, Facts::default(), Passed::default())?;
    // Still under the lock: a cancel that comes now is told that it is too late.
    guard.end_job(row, state, Asked { reason, detail, values10000, ..asked })?;
    jobs.end();
    Ok(if late { End::Late } else { End::Over })
}

/// Reads what a job is about, or ends it when there is nothing left to do.
fn begin(inner: &mut Inner, row: &JobRow, asked: &Asked) -> Result<Option<Begun>, Error> {
    let (Some(study), Some(image)) = (row.study, row.image) else { return Err(no(Code::NotFound)) };
    let study = inner.store()?.study(study)?.ok_or_else(|| no(Code::NotFound))?;
    // Recorded a moment before the power went: its line in the queue is all that is left.
    if let Some(a) = study.analyses.iter().find(|a| a.id == row.analysis) {
        let asked = Asked {
            reason: a.reason.clone(),
            detail: a.detail.clone(),
            values10000: a.values10000.clone(),
            ..asked.clone()
        };
        inner.end_job(row, ended(a.outcome), asked)?;
        return Ok(None);
    }
    let actor = inner.asker(&asked.by, Permission::AnalyseImages)?;
    if row.batch.is_some() && inner.is_answered(&study, image, &asked.wish())? {
        inner.end_job(row, JobState::Known, asked.clone())?;
        return Ok(None);
    }
    let found = study.images.iter().find(|i| i.id == image).cloned();
    let image = found.ok_or_else(|| no(Code::NotFound))?;
    let age = match study.patient {
        Some(id) => inner.patient_facts(id)?.and_then(|p| p.age_years),
        None => study.file_age_years,
    };
    // The last few films that somebody looked at stay in memory; five hundred others do not push
    // them out.
    let held = inner.held(&image, row.batch.is_none())?;
    let started_at = inner.now()?;
    let analysis = Analysis::begun(row.analysis, image.id, started_at, actor.user.clone());
    Ok(Some(Begun { actor, study, image, held, age, analysis }))
}

impl Inner {
    /// Whether the pack that would answer has answered this question about this picture before.
    fn is_answered(&self, study: &Study, image: ImageId, wish: &Wish) -> Result<bool, Error> {
        let of_image = |a: &&Analysis| {
            a.image == image && matches!(a.outcome, Outcome::Done | Outcome::Abstained)
        };
        let mut before = study.analyses.iter().filter(of_image).peekable();
        if before.peek().is_none() {
            return Ok(false);
        }
        let enabled = self.enabled_packs()?;
        let shelf = self.shelf()?;
        let usable = shelf.usable(&|d| models::may_be_used(d, &enabled));
        let sha256 = |id: &str| shelf.engine(id).ok().map(|e| e.info().sha256.clone());
        Ok(before.any(|a| is_answer(a, wish, &usable, &sha256)))
    }
}

/// Whether an analysis is what this wish would lead to again. `sha256`: of an installed pack.
fn is_answer(
    a: &Analysis,
    wish: &Wish,
    usable: &[Description],
    sha256: &dyn Fn(&str) -> Option<String>,
) -> bool {
    let Some(pack) = &a.pack else { return false };
    let same =
        |wished: &Option<String>, was: Option<&String>| wished.is_none() || wished.as_ref() == was;
    let asked = same(&wish.pack, Some(&pack.id))
        && same(&wish.task, a.task.as_ref())
        && same(&wish.network, a.network.as_ref());
    // Left to the program, the best measured pack answers: it may be another one by now.
    let left_open = wish.pack.is_none() && wish.network.is_none();
    let best = |task: &String| inference::best(usable, task).is_some_and(|d| d.id == pack.id);
    let chosen =
        usable.iter().any(|d| d.id == pack.id) && (!left_open || a.task.as_ref().is_none_or(best));
    asked && chosen && sha256(&pack.id).as_ref() == Some(&pack.sha256)
}
