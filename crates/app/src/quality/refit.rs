//! A task fitted anew on what the people of this facility judged, written as a new version of its
//! pack. Nothing answers by it: it is signed and installed as any pack is, and the version before
//! stays.

use super::count;
use crate::backend::{Backend, Inner};
use crate::convert::rfc3339;
use crate::error::{Error, no};
use crate::images::read_error;
use crate::packs::arrival::FIT;
use crate::{backup, models};
use imaging::quality::{self as judged, Row};
use inference::describe::Task;
use inference::refit::{self, Fitted, Maker, Sample, Side, What};
use inference::site::Maybe;
use inference::{Engine, Shelf, best};
use kernel::{Actor, Permission};
use records::Audit;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wire::{
    Code, CommandError, FitAnswer, FitAsk, FitNotBetter, FitOf, FitSide, FitTooFew, FitView,
    ModelImported, Nothing, PackRef,
};

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

/// Where the fits that wait stand.
pub(crate) const FITTED: &str = "packs.fitted";

/// A fit that waits for somebody who may install it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// Its folder among the installed packs; the pack stands in it under its id.
    pub dir: String,
    /// `by`: the sign-in name.
    pub view: FitView,
}

impl Backend {
    /// Fits a task of a pack on the judged pictures of this facility, and writes the new version
    /// where it does better on people it was not fitted on. It is a signed line of the record.
    ///
    /// # Errors
    /// Not signed in or not permitted, no such pack; too few judged pictures, or no better.
    pub fn refit(&self, ask: &RefitAsk) -> Result<Refitted, NotRefitted> {
        let wanted = Wanted { task: &ask.task, pack: ask.pack.as_deref(), head: ask.head };
        fit(&self.inner, wanted, Some(&ask.out)).map(|(made, ..)| made)
    }
}

/// What is to be fitted.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    task: &'a str,
    pack: Option<&'a str>,
    head: bool,
}

fn hold(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fits and writes into a new folder: `out`, or one among the installed packs that nothing refers to.
/// The workstation is held for the beginning and the end only.
fn fit(
    inner: &Mutex<Inner>,
    ask: Wanted<'_>,
    out: Option<&Path>,
) -> Result<(Refitted, Actor, PathBuf, String), NotRefitted> {
    let (studies, place, shelf, maker, actor, taken) = {
        let mut inner = hold(inner);
        let actor = inner.actor(Permission::JudgeFindings)?;
        let place = match out {
            Some(out) => backup::place(inner.home(), out).map_err(Error::from)?,
            None => inner.new_fit_dir()?,
        };
        let facility = inner.store()?.facility().map_err(Error::from)?;
        let facility = facility.ok_or_else(|| no(Code::NoFacility))?;
        let day = inner.now()?.with_timezone(&facility.zone).format("%Y-%m-%d").to_string();
        let maker = Maker { facility: facility.name, day, version: String::new() };
        let (shelf, taken) = (inner.shelf()?, inner.versions_taken()?);
        (inner.all_studies()?, place, shelf, maker, actor, taken)
    };
    let (engine, from) = engine(&shelf, ask)?;
    let rows = judged::rows(&studies);
    let samples = samples(inner, &engine, ask.task, &rows)?;
    let what = if ask.head { What::Head } else { What::Temperature };
    let fitted = refit::refit(&engine, ask.task, what, &samples)?;
    let before = engine.info().description.version.clone();
    let id = &engine.info().description.id;
    let free = |version: &String| !taken.contains(&(id.clone(), version.clone()));
    let version = versions_after(&before).find(free).unwrap_or_default();
    let made = put(&shelf, &engine, &from, &place, &fitted, &Maker { version, ..maker })?;
    let entry = Audit::TaskRefitted {
        task: ask.task.to_owned(),
        pack: made.pack.clone(),
        version: made.version.clone(),
        sha256: made.sha256.clone(),
        fitted: made.fitted_on,
        held_out: made.measured_on,
    };
    let signed = hold(inner).audit(&actor, entry);
    super::evaluation::finish(&place, signed)?;
    Ok((made, actor, place, before))
}

/// Fits, and keeps what came of it until somebody installs or drops it.
pub(super) fn fit_and_keep(inner: &Mutex<Inner>, ask: &FitAsk) -> Result<FitAnswer, Error> {
    let wanted = Wanted { task: &ask.task, pack: Some(&ask.pack), head: ask.head };
    let (made, actor, place, from) = match fit(inner, wanted, None) {
        Ok(done) => done,
        Err(NotRefitted::Command(error)) => return Err((*error).into()),
        Err(NotRefitted::Refused(refused)) => return answered(refused),
    };
    let mut inner = hold(inner);
    let side = |s: RefitSide| FitSide {
        temperature: s.temperature,
        log_loss: s.log_loss,
        ece: s.ece,
        macro_auroc: s.macro_auroc,
    };
    let view = FitView {
        task: ask.task.clone(),
        pack: PackRef { id: made.pack, version: made.version, sha256: made.sha256 },
        from,
        head: ask.head,
        fitted_on: made.fitted_on,
        measured_on: made.measured_on,
        before: side(made.before),
        after: side(made.after),
        better: made.better,
        at: rfc3339(inner.now()?),
        by: actor.user,
    };
    let dir = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut waiting = inner.fits_waiting()?;
    waiting.push(Waiting { dir, view: view.clone() });
    inner.write_waiting(&waiting)?;
    let by = inner.staff_names()?.get(&view.by).cloned().unwrap_or_else(|| view.by.clone());
    Ok(FitAnswer { made: Some(FitView { by, ..view }), ..FitAnswer::default() })
}

/// A refusal with its numbers is an answer, not a fault.
fn answered(refused: refit::Refused) -> Result<FitAnswer, Error> {
    match refused {
        refit::Refused::NoTask => Err(no(Code::ModelMissing)),
        refit::Refused::TooFew { label, found, least, held_out } => {
            let (found, least, held_out) = (count(found), count(least), count(held_out));
            let few = FitTooFew { label, found, least, held_out };
            Ok(FitAnswer { too_few: Some(few), ..FitAnswer::default() })
        }
        refit::Refused::NotBetter { n, before, after, share } => {
            let not_better = FitNotBetter { n: count(n), before, after, share };
            Ok(FitAnswer { not_better: Some(not_better), ..FitAnswer::default() })
        }
    }
}

impl Inner {
    fn new_fit_dir(&self) -> Result<PathBuf, Error> {
        let packs = self.installed_dir();
        sqlite::private_folder(&packs)?;
        Ok(packs.join(format!("{FIT}{}", self.options.clock.new_uuid())))
    }

    /// Id and version of everything that is installed or waits: a version is one pack for ever.
    fn versions_taken(&self) -> Result<BTreeSet<(String, String)>, Error> {
        let installed = self.book()?.versions.into_iter().map(|v| (v.id, v.version));
        let waiting =
            self.fits_waiting()?.into_iter().map(|w| (w.view.pack.id, w.view.pack.version));
        Ok(installed.chain(waiting).collect())
    }

    fn fits_waiting(&self) -> Result<Vec<Waiting>, Error> {
        let text = self.store()?.setting(FITTED)?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
    }

    fn write_waiting(&mut self, waiting: &[Waiting]) -> Result<(), Error> {
        let text = serde_json::to_string(waiting)?;
        self.store_mut()?.set_setting(FITTED, &text)?;
        self.tell(&["models", "quality"]);
        Ok(())
    }

    /// The fits that wait and whose files are here: a backup does not hold them.
    pub(crate) fn fits(&self) -> Result<Vec<FitView>, Error> {
        let (packs, names) = (self.installed_dir(), self.staff_names()?);
        let here = |w: &Waiting| packs.join(&w.dir).is_dir();
        let named = |w: Waiting| {
            let by = names.get(&w.view.by).unwrap_or(&w.view.by).clone();
            FitView { by, ..w.view }
        };
        Ok(self.fits_waiting()?.into_iter().filter(here).map(named).collect())
    }

    fn waiting_one(&self, ask: &FitOf) -> Result<Waiting, Error> {
        let found = self.fits_waiting()?.into_iter().find(|w| w.view.pack.sha256 == ask.sha256);
        found.ok_or_else(|| no(Code::NotFound))
    }

    /// Signs and installs a fit that waits, as any pack that was made here.
    pub(crate) fn quality_fit_install(&mut self, ask: FitOf) -> Result<ModelImported, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let waiting = self.waiting_one(&ask)?;
        let dir = self.installed_dir().join(&waiting.dir).join(&waiting.view.pack.id);
        let done = self.install_made_here(&actor, &dir)?;
        self.forget_fit(&waiting)?;
        Ok(done)
    }

    /// Drops a fit that waits. That it was made stays in the record.
    pub(crate) fn quality_fit_drop(&mut self, ask: FitOf) -> Result<Nothing, Error> {
        let actor = self.anyone()?;
        if !actor.role.may(Permission::JudgeFindings) {
            self.actor(Permission::ManageFacility)?;
        }
        let waiting = self.waiting_one(&ask)?;
        self.forget_fit(&waiting)?;
        Ok(Nothing {})
    }

    fn forget_fit(&mut self, gone: &Waiting) -> Result<(), Error> {
        let mut waiting = self.fits_waiting()?;
        waiting.retain(|w| w.dir != gone.dir);
        self.write_waiting(&waiting)?;
        // Nothing refers to it any more.
        let _ = std::fs::remove_dir_all(self.installed_dir().join(&gone.dir));
        Ok(())
    }
}

/// Each judged picture of a task once, with its true label, whichever pack answered.
pub(super) fn pictures<'a>(task: &Task, rows: &[Row<'a>]) -> Vec<(Row<'a>, usize)> {
    let mut pictures: BTreeMap<&str, (Row<'a>, usize)> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.analysis.task.as_deref() == Some(&task.name)) {
        let truth = row.truth.and_then(|t| task.labels.iter().position(|l| l.name == t.label));
        if let Some(truth) = truth {
            pictures.insert(&row.image.sha256, (*row, truth));
        }
    }
    pictures.into_values().collect()
}

/// Each judged picture of the task once, as the network of the pack sees it; what the pack would
/// refuse is left out.
fn samples(
    inner: &Mutex<Inner>,
    engine: &Engine,
    task: &str,
    rows: &[Row<'_>],
) -> Result<Vec<Sample>, NotRefitted> {
    let described = engine.info().description.task(task).ok_or_else(|| no(Code::ModelMissing))?;
    let mut samples = vec![];
    for (row, truth) in pictures(described, rows) {
        let bytes = hold(inner).bytes_of(row.image)?;
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

/// The pack that is to be fitted, and the folder it was loaded from.
fn engine(shelf: &Shelf, ask: Wanted<'_>) -> Result<(Arc<Engine>, PathBuf), Error> {
    let missing = || Error::from(CommandError::refusal(Code::ModelMissing).with("what", ask.task));
    let usable = shelf.usable(&|_| true);
    let id = match ask.pack {
        Some(id) => id.to_owned(),
        None => best(&usable, ask.task).ok_or_else(missing)?.id.clone(),
    };
    let engine = shelf.engine(&id).map_err(|e| models::shelf_error(&e))?;
    let from = shelf.dir_of(&id, &engine.info().sha256).ok_or_else(missing)?;
    Ok((engine, from))
}

/// `0.1.0+site.1`, `0.1.0+site.2` and so on after `0.1.0`; `0.1.0+site.3` and so on after
/// `0.1.0+site.2`.
fn versions_after(version: &str) -> impl Iterator<Item = String> {
    let (base, site) = version.split_once("+site.").unwrap_or((version, "0"));
    let (base, first) = (base.to_owned(), site.parse::<u32>().unwrap_or(0).saturating_add(1));
    (first..).map(move |n| format!("{base}+site.{n}"))
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
        let next = |version: &str| versions_after(version).next().expect("there is always one");
        assert_eq!(next("0.1.0"), "0.1.0+site.1");
        assert_eq!(next("0.1.0+site.1"), "0.1.0+site.2");
        assert_eq!(next("0.1.0+site.x"), "0.1.0+site.1");
        // After a roll-back to 0.1.0 the first number is another pack's already.
        let free = versions_after("0.1.0").find(|v| v != "0.1.0+site.1");
        assert_eq!(free.as_deref(), Some("0.1.0+site.2"));
    }
}
