//! Batches as the page sees them: a folder at once, with progress, pause and cancel.

use crate::backend::Inner;
use crate::convert::rfc3339;
use crate::error::{Error, no};
use crate::files;
use crate::models;
use crate::queue::{Asked, Asker};
use inference::Wish;
use kernel::{BatchId, Permission};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::PoisonError;
use store_sqlite::{BatchRow, JobRow, JobState};
use wire::*;

/// Batches that are over and still on the list; older ones are put away when a new one begins.
const KEPT: usize = 10;
/// Lines of a batch that are shown at once.
const LINES: u32 = 1_000;

/// Where files lie.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum Source {
    /// A file, a folder or an archive on this computer.
    Path { path: PathBuf },
    /// Sent by a page and held in memory until it is in the store.
    Sent { name: String },
}

impl Source {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Path { path } => {
                path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
            }
            Self::Sent { name } => name.clone(),
        }
    }
}

/// What the store keeps of a batch as text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BatchBody {
    pub by: Asker,
    pub task: Option<String>,
    pub network: Option<String>,
    pub sources: Vec<Source>,
    #[serde(default)]
    pub others: u32,
}

impl BatchBody {
    pub(crate) fn of(row: &BatchRow) -> Result<Self, Error> {
        Ok(serde_json::from_str(&row.body)?)
    }
}

/// How many jobs of a batch stand where.
#[derive(Clone, Copy, Default)]
struct Counts {
    untaken: u32,
    queued: u32,
    done: u32,
    known: u32,
    abstained: u32,
    failed: u32,
    refused: u32,
    cancelled: u32,
}

impl Counts {
    fn of(counted: &[(JobState, u32)]) -> Self {
        let mut out = Self::default();
        for (state, n) in counted {
            *match state {
                JobState::Untaken => &mut out.untaken,
                JobState::Queued => &mut out.queued,
                JobState::Done => &mut out.done,
                JobState::Known => &mut out.known,
                JobState::Abstained => &mut out.abstained,
                JobState::Failed => &mut out.failed,
                JobState::Refused => &mut out.refused,
                JobState::Cancelled => &mut out.cancelled,
            } += *n;
        }
        out
    }

    fn left(self) -> u32 {
        self.untaken + self.queued
    }
}

impl Inner {
    /// Asks for all pictures of files, folders and archives. The answer comes at once; what they
    /// hold is found out behind it.
    pub(crate) fn batch_start(&mut self, ask: BatchStart) -> Result<Made, Error> {
        let actor = self.actor(Permission::AnalyseImages)?;
        self.actor(Permission::ImportImages)?;
        if ask.handles.is_empty() {
            return Err(no(Code::NotFound));
        }
        // Five hundred failures would say it later, one by one.
        let enabled = self.enabled_packs()?;
        let wish = Wish { pack: None, task: ask.task.clone(), network: ask.network.clone() };
        let allowed = |d: &_| models::may_be_used(d, &enabled);
        self.shelf()?.can_answer(&allowed, &wish).map_err(|e| models::shelf_error(&e))?;
        self.put_away()?;
        let id = BatchId(self.options.clock.new_uuid());
        let (mut sources, mut sent) = (vec![], vec![]);
        {
            let mut held = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            for (n, handle) in ask.handles.into_iter().enumerate() {
                sources.push(match held.take(&handle) {
                    Some((_, files::Source::Path(path))) => Source::Path { path },
                    Some((name, files::Source::Bytes(bytes))) => {
                        sent.push((n, bytes));
                        Source::Sent { name }
                    }
                    // Forgotten: its line will say so.
                    None => Source::Sent { name: handle },
                });
            }
        }
        let body = BatchBody {
            by: (&actor).into(),
            task: ask.task,
            network: ask.network,
            sources,
            others: 0,
        };
        let row = BatchRow {
            id,
            at: self.now()?,
            listed: false,
            paused: false,
            cancelled: false,
            body: serde_json::to_string(&body)?,
        };
        self.store_mut()?.put_batch(&row)?;
        for (n, bytes) in sent {
            self.jobs.hold_sent(id, n, bytes);
        }
        self.wake();
        self.tell(&["analysis"]);
        Ok(Made { id: id.to_string() })
    }

    /// Forgets the lists of old batches that are over.
    fn put_away(&mut self) -> Result<(), Error> {
        let mut over = vec![];
        for batch in self.store()?.batches()? {
            if batch.listed && self.counts(batch.id)?.left() == 0 {
                over.push(batch.id);
            }
        }
        for id in over.into_iter().skip(KEPT - 1) {
            self.store_mut()?.drop_batch(id)?;
        }
        Ok(())
    }

    fn counts(&self, id: BatchId) -> Result<Counts, Error> {
        Ok(Counts::of(&self.store()?.count_jobs(id)?))
    }

    pub(crate) fn batch_list(&mut self, _: Nothing) -> Result<Batches, Error> {
        // Asked every second by itself, it is no sign that somebody is there.
        self.seen(Permission::SeeImages)?;
        let names = self.staff_names()?;
        let rows = self.store()?.batches()?;
        let batches = rows.iter().map(|row| self.batch_view(row, &names));
        let batches = batches.collect::<Result<_, Error>>()?;
        Ok(Batches { batches, halted: self.jobs.halted() })
    }

    fn batch_view(
        &self,
        row: &BatchRow,
        names: &BTreeMap<String, String>,
    ) -> Result<BatchView, Error> {
        let body = BatchBody::of(row)?;
        let counts = self.counts(row.id)?;
        let state = match row {
            BatchRow { cancelled: true, .. } => BatchState::Cancelled,
            BatchRow { listed: true, .. } if counts.left() == 0 => BatchState::Over,
            BatchRow { paused: true, .. } => BatchState::Paused,
            BatchRow { listed: false, .. } => BatchState::Listing,
            _ => BatchState::Running,
        };
        let moves = state == BatchState::Running && self.jobs.halted().is_none();
        let seconds = || self.jobs.seconds_for(row.id, counts.left());
        let Counts { untaken, queued, done, known, abstained, failed, refused, cancelled } = counts;
        Ok(BatchView {
            id: row.id.to_string(),
            name: body.sources.first().map(Source::name).unwrap_or_default(),
            sources: u32::try_from(body.sources.len()).unwrap_or(u32::MAX),
            asked_by: names.get(&body.by.user).cloned().unwrap_or(body.by.user),
            asked_at: rfc3339(row.at),
            task: body.task,
            network: body.network,
            state,
            total: counts.left() + done + known + abstained + failed + refused + cancelled,
            untaken,
            queued,
            done,
            known,
            abstained,
            failed,
            refused,
            cancelled,
            others: body.others,
            seconds_left: moves.then(seconds).flatten(),
        })
    }

    pub(crate) fn batch_items(&mut self, ask: BatchItemsAsk) -> Result<BatchItems, Error> {
        self.seen(Permission::SeeImages)?;
        let batch = self.find_batch(&ask.id)?;
        let told = [JobState::Abstained, JobState::Failed, JobState::Refused];
        let rest = [
            JobState::Untaken,
            JobState::Queued,
            JobState::Done,
            JobState::Known,
            JobState::Cancelled,
        ];
        let mut states = told.to_vec();
        states.extend(rest.into_iter().filter(|_| ask.all));
        let rows = self.store()?.jobs_of_batch(batch.id, &states, LINES)?;
        let counted = self.store()?.count_jobs(batch.id)?;
        let total = counted.iter().filter(|(s, _)| states.contains(s)).map(|(_, n)| n).sum();
        Ok(BatchItems { items: rows.iter().map(item).collect::<Result<_, _>>()?, total })
    }

    pub(crate) fn batch_pause(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.pause_batch(&ask.id, true)
    }

    pub(crate) fn batch_resume(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.pause_batch(&ask.id, false)
    }

    fn pause_batch(&mut self, id: &str, paused: bool) -> Result<Nothing, Error> {
        let batch = self.open_batch(id)?;
        self.store_mut()?.pause_batch(batch.id, paused)?;
        self.jobs.lose_pace(batch.id);
        self.wake();
        self.tell(&["analysis"]);
        Ok(Nothing {})
    }

    pub(crate) fn batch_cancel(&mut self, ask: ById) -> Result<Nothing, Error> {
        let batch = self.open_batch(&ask.id)?;
        self.store_mut()?.cancel_batch(batch.id)?;
        self.jobs.cancel_batch(batch.id);
        self.tell(&["analysis", "study"]);
        Ok(Nothing {})
    }

    /// Takes a batch that is over from the list. What it led to stays recorded.
    pub(crate) fn batch_forget(&mut self, ask: ById) -> Result<Nothing, Error> {
        self.actor(Permission::AnalyseImages)?;
        let batch = self.find_batch(&ask.id)?;
        if !batch.listed || self.counts(batch.id)?.left() > 0 {
            return Err(no(Code::BatchNotOver));
        }
        self.store_mut()?.drop_batch(batch.id)?;
        self.tell(&["analysis"]);
        Ok(Nothing {})
    }

    fn find_batch(&self, id: &str) -> Result<BatchRow, Error> {
        let id: BatchId = id.parse().map_err(|_| no(Code::NotFound))?;
        self.store()?.batch(id)?.ok_or_else(|| no(Code::NotFound))
    }

    /// A batch of which something waits or runs, for somebody who may ask for analyses.
    fn open_batch(&mut self, id: &str) -> Result<BatchRow, Error> {
        self.actor(Permission::AnalyseImages)?;
        let batch = self.find_batch(id)?;
        if batch.listed && self.counts(batch.id)?.left() == 0 {
            return Err(no(Code::AnalysisNotRunning));
        }
        Ok(batch)
    }
}

fn item(row: &JobRow) -> Result<BatchItem, Error> {
    let asked = Asked::of(row)?;
    #[expect(clippy::cast_precision_loss, reason = "shown, and far below 2^53")]
    let value = |(name, x): (&String, &i64)| (name.clone(), *x as f64 / 10_000.0);
    let values: BTreeMap<String, f64> = asked.values10000.iter().map(value).collect();
    Ok(BatchItem {
        name: asked.name,
        state: match row.state {
            JobState::Untaken => ItemState::Untaken,
            JobState::Queued => ItemState::Queued,
            JobState::Done => ItemState::Done,
            JobState::Known => ItemState::Known,
            JobState::Abstained => ItemState::Abstained,
            JobState::Failed => ItemState::Failed,
            JobState::Refused => ItemState::Refused,
            JobState::Cancelled => ItemState::Cancelled,
        },
        study: row.study.map(|s| s.to_string()),
        error: asked.error,
        reason: asked.reason,
        detail: asked.detail,
        values: (!values.is_empty()).then_some(values),
    })
}
