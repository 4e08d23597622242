//! A task fitted anew on what the people of this facility judged, written as a new version of its
//! pack. Nothing answers by it: it is signed and installed as any pack is, and the version before
//! stays.

use super::count;
use crate::backend::Backend;
use crate::error::{Error, no};
use crate::images::read_error;
use crate::{backup, models};
use imaging::quality::{self as judged, Row};
use inference::refit::{self, Fitted, Maker, Sample, Side, What};
use inference::site::Maybe;
use inference::{Engine, Shelf, best};
use kernel::Permission;
use records::Audit;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wire::{Code, CommandError};

/// What is to be fitted.
#[derive(Clone, Debug)]
pub struct RefitAsk {
    pub task: String,
    /// Id of the pack; without one, the one that answers the task best.
    pub pack: Option<String>,
    /// The linear head too, not only the temperature.
    pub head: bool,
    /// A new folder; the pack stands in it under its id.
    pub out: PathBuf,
}

/// A new version that does better than the one there was.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refitted {
    pub folder: PathBuf,
    pub pack: String,
    pub version: String,
    pub sha256: String,
    pub fitted_on: u32,
    pub measured_on: u32,
    pub before: RefitSide,
    pub after: RefitSide,
    /// Of 100 resamples by person, those in which it is better.
    pub better: f64,
}

/// Figures on the pictures held out.
#[derive(Clone, Copy, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefitSide {
    pub temperature: f64,
    pub log_loss: f64,
    pub ece: f64,
    pub macro_auroc: Option<f64>,
}

/// Why there is no new version.
#[derive(Debug, thiserror::Error)]
pub enum NotRefitted {
    #[error("{:?}", .0.code)]
    Command(Box<CommandError>),
    #[error(transparent)]
    Refused(#[from] refit::Refused),
}

impl From<Error> for NotRefitted {
    fn from(error: Error) -> Self {
        Self::Command(Box::new(error.into_command_error()))
    }
}

impl Backend {
    /// Fits a task of a pack on the judged pictures of this facility, and writes the new version
    /// where it does better on people it was not fitted on. It is a signed line of the record.
    ///
    /// # Errors
    /// Not signed in or not permitted, no such pack; too few judged pictures, or no better.
    pub fn refit(&self, ask: &RefitAsk) -> Result<Refitted, NotRefitted> {
        let (studies, place, shelf, maker, actor) = {
            let mut inner = self.lock();
            let actor = inner.actor(Permission::JudgeFindings)?;
            let place = backup::place(inner.home(), &ask.out).map_err(Error::from)?;
            let facility = inner.store()?.facility().map_err(Error::from)?;
            let facility = facility.ok_or_else(|| no(Code::NoFacility))?;
            let day = inner.now()?.with_timezone(&facility.zone).format("%Y-%m-%d").to_string();
            let maker = Maker { facility: facility.name, day, version: String::new() };
            let shelf = inner.shelf()?;
            (inner.all_studies()?, place, shelf, maker, actor)
        };
        let (engine, from) = engine(&shelf, ask)?;
        let rows = judged::rows(&studies);
        let samples = self.samples(&engine, &ask.task, &rows)?;
        let what = if ask.head { What::Head } else { What::Temperature };
        let fitted = refit::refit(&engine, &ask.task, what, &samples)?;
        let version = next(&engine.info().description.version);
        let maker = Maker { version, ..maker };
        let made = put(&shelf, &engine, &from, &place, &fitted, &maker)?;
        let entry = Audit::TaskRefitted {
            task: ask.task.clone(),
            pack: made.pack.clone(),
            version: made.version.clone(),
            sha256: made.sha256.clone(),
            fitted: made.fitted_on,
            held_out: made.measured_on,
        };
        let signed = self.lock().audit(&actor, entry);
        super::evaluation::finish(&place, signed)?;
        Ok(made)
    }

    /// Each judged picture of the task once, as the network of the pack sees it; what the pack would
    /// refuse is left out.
    fn samples(
        &self,
        engine: &Engine,
        task: &str,
        rows: &[Row<'_>],
    ) -> Result<Vec<Sample>, NotRefitted> {
        let described = engine.info().description.task(task);
        let labels = &described.ok_or_else(|| no(Code::ModelMissing))?.labels;
        let mut pictures: BTreeMap<&str, (Row<'_>, usize)> = BTreeMap::new();
        for row in rows.iter().filter(|r| r.analysis.task.as_deref() == Some(task)) {
            let truth = row.truth.and_then(|t| labels.iter().position(|l| l.name == t.label));
            if let Some(truth) = truth {
                pictures.insert(&row.image.sha256, (*row, truth));
            }
        }
        let mut samples = vec![];
        for (row, truth) in pictures.into_values() {
            let bytes = self.lock().bytes_of(row.image)?;
            let opened = dicom_io::open_bytes(bytes, &row.image.file_name);
            let picture = opened.and_then(|opened| dicom_io::rgb8_for_network(&opened, 0));
            let picture = picture.map_err(|e| Error::from(read_error(&e)))?;
            let view = engine.view(&picture);
            let answered = engine.score(&view, task).is_some_and(|s| s.refused.is_none());
            let group = judged::group(row.study);
            samples.extend(Sample::new(engine, &view, group, truth).filter(|_| answered));
        }
        Ok(samples)
    }
}

/// The pack that is to be fitted, and the folder it was loaded from.
fn engine(shelf: &Shelf, ask: &RefitAsk) -> Result<(Arc<Engine>, PathBuf), Error> {
    let missing = || Error::from(CommandError::refusal(Code::ModelMissing).with("what", &ask.task));
    let usable = shelf.usable(&|_| true);
    let id = match &ask.pack {
        Some(id) => id.clone(),
        None => best(&usable, &ask.task).ok_or_else(missing)?.id.clone(),
    };
    let engine = shelf.engine(&id).map_err(|e| models::shelf_error(&e))?;
    let from = shelf.dir_of(&id, &engine.info().sha256).ok_or_else(missing)?;
    Ok((engine, from))
}

/// `0.1.0` becomes `0.1.0+site.1`, and that `0.1.0+site.2`.
fn next(version: &str) -> String {
    let (base, site) = version.split_once("+site.").unwrap_or((version, "0"));
    format!("{base}+site.{}", site.parse::<u32>().unwrap_or(0).saturating_add(1))
}

/// Writes the new version beside `place` and proves it there.
fn put(
    shelf: &Shelf,
    engine: &Arc<Engine>,
    from: &Path,
    place: &Path,
    fitted: &Fitted,
    maker: &Maker,
) -> Result<Refitted, Error> {
    let id = &engine.info().description.id;
    let part = super::evaluation::part(place);
    let to = part.join(id);
    let written = || -> Result<String, Error> {
        std::fs::create_dir_all(&to).map_err(|e| backup::unwritten(&e))?;
        let wrong = |e: &inference::PackError| Error::from(models::pack_error(e));
        let hash = refit::write(engine, from, &to, fitted, maker).map_err(|e| wrong(&e))?;
        let backbone = engine.info().description.backbone.as_ref();
        let other = backbone.map(|b| shelf.engine(&b.pack)).transpose();
        let others: Vec<_> = other.map_err(|e| models::shelf_error(&e))?.into_iter().collect();
        Engine::load_unpinned(&to, &others).map_err(|e| wrong(&e))?;
        Ok(hash)
    };
    let sha256 = written().inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&part);
    })?;
    let side = |side: &Side, temperature: f64| RefitSide {
        temperature,
        log_loss: side.log_loss,
        ece: side.ece,
        macro_auroc: match side.here.macro_auroc {
            Maybe::Known(f) => Some(f.value),
            Maybe::Needs(_) => None,
        },
    };
    Ok(Refitted {
        folder: place.join(id),
        pack: id.clone(),
        version: maker.version.clone(),
        sha256,
        fitted_on: count(fitted.fitted_n),
        measured_on: count(fitted.held_out_n),
        before: side(&fitted.before, fitted.temperature_before),
        after: side(&fitted.after, fitted.temperature),
        better: fitted.better,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fit_is_a_version_of_its_own() {
        assert_eq!(next("0.1.0"), "0.1.0+site.1");
        assert_eq!(next("0.1.0+site.1"), "0.1.0+site.2");
        assert_eq!(next("0.1.0+site.x"), "0.1.0+site.1");
    }
}
