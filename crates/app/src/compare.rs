//! Asking again without recording: two packs on one image side by side, and a stored result computed
//! once more by the very pack that made it.

use crate::backend::Inner;
use crate::error::{Error, no};
use crate::images::{analyse, analysis_view, read_error};
use crate::models::{may_be_used, named_pack, shelf_error};
use dicom_io::Opened;
use imaging::kinds::Said;
use imaging::study::Analysis;
use inference::describe::LicenceClass;
use inference::{Engine, Film, Shelf, ShelfError, alone};
use kernel::{AnalysisId, ImageId, Instant, Permission};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, MutexGuard};
use wire::*;

/// Commands that let go of the workstation while they compute.
pub(crate) trait LetsGo {
    fn analysis_compare(self, ask: CompareAsk) -> Result<Compared, Error>;
    fn analysis_rerun(self, ask: ById) -> Result<Reran, Error>;
}

/// One image, and what is needed to ask about it without holding the workstation.
struct Asked {
    opened: Arc<Opened>,
    image: ImageId,
    age: Option<u32>,
    at: Instant,
    user: String,
    shelf: Arc<Shelf>,
    enabled: BTreeSet<String>,
    names: BTreeMap<String, String>,
}

impl Inner {
    /// Whoever may analyse may ask; that the image was looked at is noted with its patient.
    fn asked(&mut self, image: ImageId) -> Result<Asked, Error> {
        let actor = self.actor(Permission::AnalyseImages)?;
        let study = self.store()?.study_of_image(image)?.ok_or_else(|| no(Code::NotFound))?;
        let study = self.store()?.study(study)?.ok_or_else(|| no(Code::NotFound))?;
        let age = match study.patient {
            Some(patient) => {
                self.note_read(&actor, patient, "images")?;
                self.patient_facts(patient)?.and_then(|p| p.age_years)
            }
            None => study.file_age_years,
        };
        let found =
            study.images.iter().find(|i| i.id == image).ok_or_else(|| no(Code::NotFound))?;
        Ok(Asked {
            opened: self.opened(found)?,
            image,
            age,
            at: self.now()?,
            user: actor.user,
            shelf: self.shelf()?,
            enabled: self.enabled_packs()?,
            names: self.staff_names()?,
        })
    }

    fn recorded(&self, analysis: &str) -> Result<Analysis, Error> {
        let id: AnalysisId = analysis.parse().map_err(|_| no(Code::NotFound))?;
        let study = self.store()?.study_of_analysis(id)?.ok_or_else(|| no(Code::NotFound))?;
        let study = self.store()?.study(study)?.ok_or_else(|| no(Code::NotFound))?;
        study.analyses.into_iter().find(|a| a.id == id).ok_or_else(|| no(Code::NotFound))
    }
}

impl Asked {
    fn picture(&self) -> Result<image::RgbImage, Error> {
        dicom_io::rgb8_for_network(&self.opened, 0).map_err(|e| read_error(&e).into())
    }

    /// What one pack says, in the form of a record that nobody writes.
    fn answer(
        &self,
        engine: &Arc<Engine>,
        task: Option<&str>,
        picture: &image::RgbImage,
    ) -> Result<Analysis, Error> {
        let said = Said::of(&self.opened.meta);
        let may_be = |kind: &str| said.allows(kind);
        let looked =
            alone(engine, task, Film { picture, may_be: &may_be }).map_err(|e| shelf_error(&e))?;
        let id = AnalysisId(uuid::Uuid::nil());
        let mut analysis = Analysis::begun(id, self.image, self.at, self.user.clone());
        analyse(&mut analysis, &looked, picture.dimensions(), self.age);
        Ok(analysis)
    }

    /// A pack to look at: one that is used here, or one with open terms that waits for its yes.
    fn engine(&self, choice: &PackChoice) -> Result<Arc<Engine>, Error> {
        let engine = self.shelf.exact(&choice.id, &choice.sha256).map_err(|e| shelf_error(&e))?;
        let d = &engine.info().description;
        if d.licence_class != LicenceClass::Open && !may_be_used(d, &self.enabled) {
            return Err(shelf_error(&ShelfError::NotAllowed(d.id.clone())));
        }
        Ok(engine)
    }
}

impl LetsGo for MutexGuard<'_, Inner> {
    fn analysis_compare(mut self, ask: CompareAsk) -> Result<Compared, Error> {
        self.actor(Permission::AnalyseImages)?;
        let image = ask.image.parse().map_err(|_| no(Code::NotFound))?;
        let asked = self.asked(image)?;
        drop(self);
        let picture = asked.picture()?;
        let one = |choice: &PackChoice| -> Result<AnalysisView, Error> {
            let engine = asked.engine(choice)?;
            let answer = asked.answer(&engine, ask.task.as_deref(), &picture)?;
            Ok(analysis_view(&answer, &asked.names))
        };
        Ok(Compared { left: one(&ask.left)?, right: one(&ask.right)? })
    }

    fn analysis_rerun(mut self, ask: ById) -> Result<Reran, Error> {
        self.actor(Permission::AnalyseImages)?;
        let then = self.recorded(&ask.id)?;
        let pack = then.pack.clone().ok_or_else(|| no(Code::NotFound))?;
        let asked = self.asked(then.image)?;
        drop(self);
        let engine = asked.shelf.exact(&pack.id, &pack.sha256).map_err(|error| match error {
            ShelfError::Missing(_) => {
                let (id, version, sha256) = (pack.id, pack.version, pack.sha256);
                named_pack(Code::PackGone, &PackRef { id, version, sha256 }).into()
            }
            error => shelf_error(&error),
        })?;
        let now = asked.answer(&engine, then.task.as_deref(), &asked.picture()?)?;
        Ok(difference(&then, &now, analysis_view(&now, &asked.names)))
    }
}

/// What is different between the record and now. Probabilities are recorded in ten-thousandths, and
/// compared as they are recorded.
fn difference(then: &Analysis, now: &Analysis, analysis: AnalysisView) -> Reran {
    let by_label = |a: &Analysis| -> BTreeMap<String, u32> {
        a.findings.iter().map(|f| (f.label.clone(), f.p10000)).collect()
    };
    let (before, after) = (by_label(then), by_label(now));
    let labels: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let share = |p: &u32| f64::from(*p) / 10_000.0;
    let mut largest = 0;
    let mut differences = vec![];
    for label in labels {
        let (then, now) = (before.get(label), after.get(label));
        if then != now {
            largest = largest.max(then.map_or(10_000, |t| now.map_or(10_000, |n| t.abs_diff(*n))));
            let (then, now) = (then.map(share), now.map(share));
            differences.push(RerunDifference { label: label.clone(), then, now });
        }
    }
    let same = differences.is_empty() && (then.outcome, &then.reason) == (now.outcome, &now.reason);
    Reran { analysis, same, largest: share(&largest), differences }
}
