//! The queue of analyses: what was asked for and is not done, in the order in which it is due. It
//! lies inside the encrypted store because names of files may name a patient, and outside the chain
//! because nothing has happened yet (docs/decisions/0014-queue.md).

use crate::{Store, StoreError};
use kernel::{AnalysisId, BatchId, ImageId, Instant, StudyId, micros, of_micros};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};
use uuid::Uuid;

/// Which goes first; within one class what was asked first goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobClass {
    /// Before everything else.
    Stat = 0,
    /// Somebody waits for it at the screen.
    Interactive = 1,
    /// One of many.
    Batch = 2,
}

/// Where a job stands. What runs is `Queued` until its result is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// A file that is not in the store yet.
    Untaken,
    Queued,
    Done,
    /// The same question was answered about the same picture before; nothing was run.
    Known,
    Abstained,
    Failed,
    /// The file was not taken in, or whoever asked may not ask any more.
    Refused,
    Cancelled,
}

const STATES: [(JobState, &str); 8] = [
    (JobState::Untaken, "untaken"),
    (JobState::Queued, "queued"),
    (JobState::Done, "done"),
    (JobState::Known, "known"),
    (JobState::Abstained, "abstained"),
    (JobState::Failed, "failed"),
    (JobState::Refused, "refused"),
    (JobState::Cancelled, "cancelled"),
];

impl JobState {
    fn word(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("failed", |(_, word)| word)
    }

    fn of(word: &str) -> Result<Self, StoreError> {
        let found = STATES.iter().find(|(_, own)| *own == word);
        found.map(|(state, _)| *state).ok_or(StoreError::Lacks("the state of a job"))
    }
}

/// One analysis that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    pub analysis: AnalysisId,
    /// The batch it belongs to; none when it was asked for by itself.
    pub batch: Option<BatchId>,
    /// Files with the same number are taken in together: the files of one study.
    pub part: u32,
    /// Once the picture is in the store.
    pub study: Option<StudyId>,
    pub image: Option<ImageId>,
    pub class: JobClass,
    pub state: JobState,
    /// What the caller knows of it, as JSON.
    pub body: String,
}

/// Pictures that were asked for together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    pub id: BatchId,
    pub at: Instant,
    /// Its jobs stand in the store; until then only where to look for them.
    pub listed: bool,
    pub paused: bool,
    pub cancelled: bool,
    /// What the caller knows of it, as JSON.
    pub body: String,
}

const JOB: &str = "SELECT analysis, batch, part, study, image, class, state, body FROM job";
const BATCH: &str = "SELECT id, at_us, listed, paused, cancelled, body FROM batch";

type Bytes = Option<[u8; 16]>;

fn job(row: &Row<'_>) -> rusqlite::Result<(JobRow, String)> {
    let id = |bytes: Bytes| bytes.map(Uuid::from_bytes);
    let found = JobRow {
        analysis: AnalysisId(Uuid::from_bytes(row.get(0)?)),
        batch: id(row.get(1)?).map(BatchId),
        part: row.get(2)?,
        study: id(row.get(3)?).map(StudyId),
        image: id(row.get(4)?).map(ImageId),
        class: match row.get::<_, u8>(5)? {
            0 => JobClass::Stat,
            1 => JobClass::Interactive,
            _ => JobClass::Batch,
        },
        state: JobState::Queued,
        body: row.get(7)?,
    };
    Ok((found, row.get(6)?))
}

fn batch(row: &Row<'_>) -> rusqlite::Result<BatchRow> {
    Ok(BatchRow {
        id: BatchId(Uuid::from_bytes(row.get(0)?)),
        at: of_micros(row.get(1)?),
        listed: row.get(2)?,
        paused: row.get(3)?,
        cancelled: row.get(4)?,
        body: row.get(5)?,
    })
}

fn jobs(
    db: &Connection,
    then: &str,
    params: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<Vec<JobRow>, StoreError> {
    let mut query = db.prepare_cached(&format!("{JOB} {then}"))?;
    let rows = query.query_map(params, job)?;
    rows.map(|row| {
        let (found, word) = row?;
        Ok(JobRow { state: JobState::of(&word)?, ..found })
    })
    .collect()
}

fn insert(db: &Connection, job: &JobRow) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO job (analysis, batch, part, study, image, class, state, body)
         VALUES (:analysis, :batch, :part, :study, :image, :class, :state, :body)",
    )?
    .execute(named_params! {
        ":analysis": job.analysis.0.as_bytes(), ":batch": job.batch.map(|b| *b.0.as_bytes()),
        ":part": job.part, ":study": job.study.map(|s| *s.0.as_bytes()),
        ":image": job.image.map(|i| *i.0.as_bytes()), ":class": job.class as u8,
        ":state": job.state.word(), ":body": job.body,
    })?;
    Ok(())
}

impl Store {
    /// Keeps a batch of which nothing but its sources is known.
    pub fn put_batch(&mut self, batch: &BatchRow) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "INSERT INTO batch (id, at_us, listed, paused, cancelled, body)
                 VALUES (:id, :at, :listed, :paused, :cancelled, :body)",
            )?
            .execute(named_params! {
                ":id": batch.id.0.as_bytes(), ":at": micros(batch.at), ":listed": batch.listed,
                ":paused": batch.paused, ":cancelled": batch.cancelled, ":body": batch.body,
            })?;
        Ok(())
    }

    /// Writes down what a batch holds, with its body, once. A second list of the same batch is
    /// not kept, so that a listing cut off by a power cut can be done again.
    pub fn list_batch(
        &mut self,
        id: BatchId,
        body: &str,
        jobs: &[JobRow],
    ) -> Result<(), StoreError> {
        let tx = self.db.transaction()?;
        let changed = tx
            .prepare_cached("UPDATE batch SET listed = 1, body = ?2 WHERE id = ?1 AND listed = 0")?
            .execute((id.0.as_bytes(), body))?;
        if changed > 0 {
            for job in jobs {
                insert(&tx, job)?;
            }
        }
        tx.commit()?;
        Ok(())
    }

    /// The newest first.
    pub fn batches(&self) -> Result<Vec<BatchRow>, StoreError> {
        let mut query = self.db.prepare_cached(&format!("{BATCH} ORDER BY at_us DESC, id DESC"))?;
        let rows = query.query_map([], batch)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub fn batch(&self, id: BatchId) -> Result<Option<BatchRow>, StoreError> {
        Ok(self
            .db
            .prepare_cached(&format!("{BATCH} WHERE id = ?1"))?
            .query_row([id.0.as_bytes()], batch)
            .optional()?)
    }

    pub fn pause_batch(&mut self, id: BatchId, paused: bool) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE batch SET paused = ?2 WHERE id = ?1")?
            .execute((id.0.as_bytes(), paused))?;
        Ok(())
    }

    /// What of a batch is not done is not done any more. What was done stays.
    pub fn cancel_batch(&mut self, id: BatchId) -> Result<(), StoreError> {
        let tx = self.db.transaction()?;
        tx.prepare_cached(
            "UPDATE job SET state = 'cancelled'
              WHERE batch = ?1 AND state IN ('untaken', 'queued')",
        )?
        .execute([id.0.as_bytes()])?;
        tx.prepare_cached("UPDATE batch SET cancelled = 1, listed = 1, paused = 0 WHERE id = ?1")?
            .execute([id.0.as_bytes()])?;
        tx.commit()?;
        Ok(())
    }

    /// Forgets a batch and its list; what it led to stays recorded.
    pub fn drop_batch(&mut self, id: BatchId) -> Result<(), StoreError> {
        let tx = self.db.transaction()?;
        tx.prepare_cached("DELETE FROM job WHERE batch = ?1")?.execute([id.0.as_bytes()])?;
        tx.prepare_cached("DELETE FROM batch WHERE id = ?1")?.execute([id.0.as_bytes()])?;
        tx.commit()?;
        Ok(())
    }

    /// How many jobs of a batch stand where.
    pub fn count_jobs(&self, id: BatchId) -> Result<Vec<(JobState, u32)>, StoreError> {
        let mut query = self
            .db
            .prepare_cached("SELECT state, count(*) FROM job WHERE batch = ?1 GROUP BY state")?;
        let rows = query.query_map([id.0.as_bytes()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))
        })?;
        rows.map(|row| {
            let (word, count) = row?;
            Ok((JobState::of(&word)?, count))
        })
        .collect()
    }

    /// Jobs of a batch in one of these states, in their order.
    pub fn jobs_of_batch(
        &self,
        id: BatchId,
        states: &[JobState],
        limit: u32,
    ) -> Result<Vec<JobRow>, StoreError> {
        let words: Vec<&str> = states.iter().map(|state| state.word()).collect();
        let words = serde_json::to_string(&words)?;
        jobs(
            &self.db,
            "WHERE batch = :batch AND state IN (SELECT value FROM json_each(:states))
             ORDER BY n LIMIT :limit",
            &[(":batch", id.0.as_bytes()), (":states", &words), (":limit", &limit)],
        )
    }

    /// The files that are taken in next, all of one part: of the oldest batch that is not paused.
    pub fn next_part(&self) -> Result<Vec<JobRow>, StoreError> {
        let first = jobs(
            &self.db,
            "WHERE n = (SELECT min(j.n) FROM job j JOIN batch b ON b.id = j.batch
                         WHERE j.state = 'untaken' AND b.paused = 0 AND b.cancelled = 0)",
            &[],
        )?;
        let Some((batch, part)) = first.first().and_then(|job| Some((job.batch?, job.part))) else {
            return Ok(vec![]);
        };
        jobs(
            &self.db,
            "WHERE batch = :batch AND part = :part AND state = 'untaken' ORDER BY n",
            &[(":batch", batch.0.as_bytes()), (":part", &part)],
        )
    }

    /// Keeps a job that was asked for by itself.
    pub fn put_job(&mut self, job: &JobRow) -> Result<(), StoreError> {
        Ok(insert(&self.db, job)?)
    }

    /// Writes down where jobs stand now, all or none. What was cancelled meanwhile stays so.
    pub fn move_jobs(&mut self, moved: &[JobRow]) -> Result<(), StoreError> {
        let tx = self.db.transaction()?;
        for job in moved {
            tx.prepare_cached(
                "UPDATE job SET study = :study, image = :image, state = :state, body = :body
                  WHERE analysis = :analysis AND state IN ('untaken', 'queued')",
            )?
            .execute(named_params! {
                ":analysis": job.analysis.0.as_bytes(),
                ":study": job.study.map(|s| *s.0.as_bytes()),
                ":image": job.image.map(|i| *i.0.as_bytes()),
                ":state": job.state.word(), ":body": job.body,
            })?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Forgets a job that is over and belongs to no batch.
    pub fn drop_job(&mut self, id: AnalysisId) -> Result<(), StoreError> {
        self.db
            .prepare_cached("DELETE FROM job WHERE analysis = ?1")?
            .execute([id.0.as_bytes()])?;
        Ok(())
    }

    /// Moves a job to another class: it goes behind what waits there.
    pub fn set_class(&mut self, id: AnalysisId, class: JobClass) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE job SET class = ?2 WHERE analysis = ?1")?
            .execute((id.0.as_bytes(), class as u8))?;
        Ok(())
    }

    pub fn job(&self, id: AnalysisId) -> Result<Option<JobRow>, StoreError> {
        Ok(jobs(&self.db, "WHERE analysis = :id", &[(":id", id.0.as_bytes())])?.pop())
    }

    /// The job that is due: the first of the first class, of no batch that is paused.
    pub fn next_job(&self) -> Result<Option<JobRow>, StoreError> {
        let found = jobs(
            &self.db,
            "WHERE state = 'queued' AND NOT EXISTS
                   (SELECT 1 FROM batch b WHERE b.id = job.batch AND (b.paused OR b.cancelled))
             ORDER BY class, n LIMIT 1",
            &[],
        )?;
        Ok(found.into_iter().next())
    }

    /// Queued jobs that belong to no batch, in the order in which they are due.
    pub fn single_jobs(&self) -> Result<Vec<JobRow>, StoreError> {
        jobs(&self.db, "WHERE state = 'queued' AND batch IS NULL ORDER BY class, n", &[])
    }

    /// Queued jobs about one study, in the order in which they are due.
    pub fn jobs_of_study(&self, study: StudyId) -> Result<Vec<JobRow>, StoreError> {
        jobs(
            &self.db,
            "WHERE state = 'queued' AND study = :study ORDER BY class, n",
            &[(":study", study.0.as_bytes())],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> Uuid {
        Uuid::from_bytes([n; 16])
    }

    fn row(n: u8, batch: Option<u8>, class: JobClass) -> JobRow {
        JobRow {
            analysis: AnalysisId(id(n)),
            batch: batch.map(|b| BatchId(id(b))),
            part: 0,
            study: Some(StudyId(id(100))),
            image: Some(ImageId(id(n))),
            class,
            state: JobState::Queued,
            body: "{}".into(),
        }
    }

    fn unlisted(n: u8) -> BatchRow {
        BatchRow {
            id: BatchId(id(n)),
            at: of_micros(i64::from(n)),
            listed: false,
            paused: false,
            cancelled: false,
            body: "{}".into(),
        }
    }

    fn store(home: &std::path::Path) -> Store {
        Store::create(home, &[7; 32]).expect("a store")
    }

    /// Runs the queue to its end and says in which order.
    fn order(store: &mut Store) -> Vec<u8> {
        let mut out = vec![];
        while let Some(mut job) = store.next_job().expect("read") {
            out.push(job.analysis.0.as_bytes()[0]);
            job.state = JobState::Done;
            store.move_jobs(&[job]).expect("moved");
        }
        out
    }

    #[test]
    fn what_is_asked_at_the_screen_overtakes_a_batch_and_what_is_urgent_overtakes_both() {
        let home = tempfile::tempdir().expect("a folder");
        let mut store = store(home.path());
        store.put_batch(&unlisted(50)).expect("kept");
        let many: Vec<_> = (1..=3).map(|n| row(n, Some(50), JobClass::Batch)).collect();
        store.list_batch(BatchId(id(50)), "{}", &many).expect("listed");
        store.put_job(&row(4, None, JobClass::Interactive)).expect("kept");
        store.put_job(&row(5, None, JobClass::Interactive)).expect("kept");
        store.put_job(&row(6, None, JobClass::Stat)).expect("kept");
        store.set_class(AnalysisId(id(3)), JobClass::Stat).expect("moved");
        assert_eq!(order(&mut store), [3, 6, 4, 5, 1, 2]);
    }

    #[test]
    fn the_queue_is_there_after_a_restart_and_a_paused_batch_is_still_paused() {
        let home = tempfile::tempdir().expect("a folder");
        let mut store = store(home.path());
        store.put_batch(&unlisted(50)).expect("kept");
        store.put_batch(&unlisted(51)).expect("kept");
        for (batch, n) in [(50, 1), (51, 2)] {
            let jobs = [row(n, Some(batch), JobClass::Batch)];
            store.list_batch(BatchId(id(batch)), "{}", &jobs).expect("listed");
        }
        store.pause_batch(BatchId(id(50)), true).expect("paused");
        store.put_job(&row(3, None, JobClass::Interactive)).expect("kept");
        drop(store);
        let mut store = Store::open(home.path(), &[7; 32]).expect("it opens");
        assert_eq!(order(&mut store), [3, 2]);
        assert!(store.batch(BatchId(id(50))).expect("read").expect("there").paused);
        store.pause_batch(BatchId(id(50)), false).expect("goes on");
        assert_eq!(order(&mut store), [1]);
    }

    #[test]
    fn a_batch_is_listed_once_and_cancelling_keeps_what_was_done() {
        let home = tempfile::tempdir().expect("a folder");
        let mut store = store(home.path());
        let batch = BatchId(id(50));
        store.put_batch(&unlisted(50)).expect("kept");
        let untaken = |n| JobRow {
            state: JobState::Untaken,
            part: u32::from(n / 2),
            study: None,
            image: None,
            ..row(n, Some(50), JobClass::Batch)
        };
        let many: Vec<_> = (1..=4).map(untaken).collect();
        store.list_batch(batch, "{}", &many).expect("listed");
        store.list_batch(batch, "{}", &[untaken(9)]).expect("again");
        let number = |store: &Store, state| {
            let counts = store.count_jobs(batch).expect("counted");
            counts.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n)
        };
        assert_eq!(number(&store, JobState::Untaken), 4);
        let part = |store: &Store| -> Vec<u8> {
            let part = store.next_part().expect("read");
            part.iter().map(|job| job.analysis.0.as_bytes()[0]).collect()
        };
        assert_eq!(part(&store), [1]);
        store.move_jobs(&[JobRow { state: JobState::Done, ..many[0].clone() }]).expect("moved");
        assert_eq!(part(&store), [2, 3], "files of one part come together");
        store.cancel_batch(batch).expect("cancelled");
        assert!(part(&store).is_empty());
        // Taken in while it was being cancelled: it stays cancelled.
        store
            .move_jobs(&[JobRow { state: JobState::Queued, ..row(2, Some(50), JobClass::Batch) }])
            .expect("no matter");
        assert_eq!((number(&store, JobState::Done), number(&store, JobState::Cancelled)), (1, 3));
        store.drop_batch(batch).expect("forgotten");
        assert!(store.batches().expect("read").is_empty());
        assert!(store.count_jobs(batch).expect("counted").is_empty());
    }
}
