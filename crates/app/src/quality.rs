//! How the packs do at this facility: the figures over what its people judged, evaluation sets of
//! those judgements, and what another prevalence would do to a result.

mod evaluation;
mod here;
mod refit;
mod zipped;

pub use refit::{NotRefitted, RefitAsk, RefitSide, Refitted};
pub use zipped::unpack_set;

use crate::backend::Inner;
use crate::backup;
use crate::convert::rfc3339;
use crate::error::{Error, no};
use imaging::quality as judged;
use imaging::study::{Analysis, Outcome, Study};
use inference::describe::{Description, Task};
use inference::site;
use kernel::{AnalysisId, Permission};
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};
use wire::*;

/// Days that the page calls recent.
pub(super) const RECENT_DAYS: i64 = 30;

/// Commands that let go of the workstation while they work.
pub(crate) trait LetsGoToo {
    fn quality_show(self, ask: Nothing) -> Result<Quality, Error>;
    fn quality_export(self, ask: EvaluationExport) -> Result<EvaluationDone, Error>;
    fn quality_fit(self, ask: FitAsk) -> Result<FitAnswer, Error>;
}

impl LetsGoToo for MutexGuard<'_, Inner> {
    fn quality_show(mut self, _: Nothing) -> Result<Quality, Error> {
        self.actor(Permission::JudgeFindings)?;
        let (studies, now) = (self.all_studies()?, self.now()?);
        let (shelf, fits) = (self.shelf()?, self.fits()?);
        // A thousand resamples of each area under the curve: nobody else has to wait for that.
        drop(self);
        let descriptions = shelf.usable(&|_| true);
        let rows = judged::rows(&studies);
        let named = |a: &&Analysis| a.task.is_none() && a.outcome == Outcome::Abstained;
        let no_task = studies.iter().flat_map(|s| &s.analyses).filter(named).count();
        Ok(Quality {
            as_of: rfc3339(now),
            no_task: count(no_task),
            judged_pictures: count(evaluation::lines(&rows).len()),
            rows: here::all(&rows, &descriptions, now),
            rules: QualityRules {
                least: count(site::LEAST),
                least_calibration: count(site::LEAST_CALIBRATION),
                first: count(site::REFERENCE),
                recent: count(site::RECENT_LEAST),
                recent_days: u32::try_from(RECENT_DAYS).unwrap_or(u32::MAX),
            },
            fits,
        })
    }

    fn quality_export(mut self, ask: EvaluationExport) -> Result<EvaluationDone, Error> {
        let actor = self.actor(Permission::JudgeFindings)?;
        let place = backup::place(self.home(), Path::new(ask.path.trim()))?;
        let (studies, key, now) = (self.all_studies()?, self.evaluation_key()?, self.now()?);
        let shelf = self.shelf()?;
        let inner = self.me.upgrade().ok_or_else(|| no(Code::NotSignedIn))?;
        drop(self);
        let rows = judged::rows(&studies);
        let hold = || inner.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = |image: &imaging::study::Image| hold().bytes_of(image);
        let set = evaluation::Set { key, pictures: ask.pictures, checked: ask.pixels_checked };
        let figures = here::all(&rows, &shelf.usable(&|_| true), now);
        let written = set.write(&rows, &figures, &place, &bytes)?;
        // Signed before the set has its name: what lies there was recorded.
        let entry = records::Audit::EvaluationExported {
            pictures: written.rows,
            with_pictures: ask.pictures,
            sha256: written.sha256.clone(),
        };
        let signed = hold().audit(&actor, entry);
        evaluation::finish(&place, signed)?;
        Ok(EvaluationDone { path: place.display().to_string(), ..written })
    }

    fn quality_fit(mut self, ask: FitAsk) -> Result<FitAnswer, Error> {
        self.actor(Permission::JudgeFindings)?;
        let inner = self.me.upgrade().ok_or_else(|| no(Code::NotSignedIn))?;
        drop(self);
        refit::fit_and_keep(&inner, &ask)
    }
}

impl Inner {
    fn all_studies(&self) -> Result<Vec<Study>, Error> {
        Ok(self.store()?.studies(None, None, u32::MAX)?.0)
    }

    /// The secret that names in evaluation sets come from: of this facility, so that a later set
    /// fits the first, and never leaving the store.
    fn evaluation_key(&mut self) -> Result<[u8; 32], Error> {
        const NAME: &str = "evaluation.key";
        if let Some(text) = self.store()?.setting(NAME)? {
            let mut key = [0; 32];
            hex::decode_to_slice(text.trim_matches('"'), &mut key)
                .map_err(|_| Error::Broken("the key of evaluation sets".into()))?;
            return Ok(key);
        }
        let random: Vec<[u8; 16]> =
            (0..4).map(|_| self.options.clock.new_uuid().into_bytes()).collect();
        let parts: Vec<&[u8]> = random.iter().map(<[u8; 16]>::as_slice).collect();
        let key = ledger::hash_of(&parts);
        self.store_mut()?.set_setting(NAME, &format!("\"{}\"", hex::encode(key)))?;
        Ok(key)
    }

    /// The stored file of an image.
    pub(crate) fn bytes_of(&self, image: &imaging::study::Image) -> Result<Vec<u8>, Error> {
        let mut sha256 = [0; 32];
        hex::decode_to_slice(&image.sha256, &mut sha256)
            .map_err(|_| Error::Broken("an image without a hash".into()))?;
        self.store()?.blob(&sha256)?.ok_or_else(|| no(Code::ImageBroken))
    }

    /// Whether what somebody says a refused picture shows is a label of the task that was asked.
    pub(crate) fn fits_refusal(
        &self,
        analysis: Option<&Analysis>,
        correct: Option<&str>,
    ) -> Result<(), Error> {
        let Some((analysis, label)) = analysis.zip(correct) else { return Ok(()) };
        if analysis.refusal().is_none() {
            return Ok(());
        }
        let usable = self.shelf()?.usable(&|_| true);
        let other = |task: &str| usable.iter().find_map(|d| d.task(task));
        let task = task_of(&usable, analysis).or_else(|| other(analysis.task.as_deref()?));
        let known = task.is_some_and(|t| t.labels.iter().any(|l| l.name == label));
        if known { Ok(()) } else { Err(no(Code::Malformed)) }
    }

    pub(crate) fn quality_prevalence(
        &mut self,
        ask: PrevalenceAsk,
    ) -> Result<PrevalenceView, Error> {
        self.actor(Permission::SeeImages)?;
        let id: AnalysisId = ask.analysis.parse().map_err(|_| no(Code::NotFound))?;
        let study = self.store()?.study_of_analysis(id)?.ok_or_else(|| no(Code::NotFound))?;
        let study = self.store()?.study(study)?.ok_or_else(|| no(Code::NotFound))?;
        let analysis = study.analyses.iter().find(|a| a.id == id);
        let analysis = analysis.ok_or_else(|| no(Code::NotFound))?;
        let usable = self.shelf()?.usable(&|_| true);
        let unknown = || PrevalenceView { measured: None, n: 0, rows: vec![] };
        let Some(task) = task_of(&usable, analysis) else { return Ok(unknown()) };
        let Some((from, n)) = prevalence(task, analysis) else { return Ok(unknown()) };
        let at = analysis.findings.iter().position(|f| f.label == ask.label);
        let at = at.ok_or_else(|| no(Code::NotFound))?;
        let before: Vec<f64> =
            analysis.findings.iter().map(|f| f64::from(f.p10000) / 10_000.0).collect();
        let share = ask.share.or_else(|| from.get(at).copied()).unwrap_or(0.0);
        let to = site::with_share(&from, at, share);
        let after = to.and_then(|to| site::prior_shift(&before, &from, &to));
        // No number between 0 and 1, or probabilities that are all none where the share is.
        let after = after.ok_or_else(|| no(Code::Malformed))?;
        let row = |((f, before), after): ((&imaging::study::Finding, f64), f64)| PrevalenceRow {
            label: f.label.clone(),
            condition: f.condition.clone(),
            before,
            after,
        };
        Ok(PrevalenceView {
            measured: from.get(at).copied(),
            n,
            rows: analysis.findings.iter().zip(before).zip(after).map(row).collect(),
        })
    }
}

/// The task of the very pack and version that made a result, if it is still installed.
fn task_of<'d>(usable: &'d [Description], analysis: &Analysis) -> Option<&'d Task> {
    let pack = analysis.pack.as_ref()?;
    let same = |d: &&Description| d.id == pack.id && d.version == pack.version;
    usable.iter().find(same)?.task(analysis.task.as_deref()?)
}

/// How frequent each label of a result was among the pictures its pack was measured on, and how
/// many those were: the sums of the rows of the card's table. `None` where it has none, or where a
/// label never occurred.
fn prevalence(task: &Task, analysis: &Analysis) -> Option<(Vec<f64>, u32)> {
    let row = |label: &str| -> Option<usize> {
        let at = task.labels.iter().position(|l| l.name == label)?;
        Some(task.confusion.get(at)?.iter().sum())
    };
    let counts: Vec<usize> =
        analysis.findings.iter().map(|f| row(&f.label)).collect::<Option<_>>()?;
    let all: usize = counts.iter().sum();
    let seen = all > 0 && counts.iter().all(|c| *c > 0);
    seen.then(|| (counts.iter().map(|c| *c as f64 / all as f64).collect(), count(all)))
}

pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
