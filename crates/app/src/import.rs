//! Taking pictures in: single files, folders, ZIP archives and discs with a DICOMDIR.
//!
//! Reading and unpacking can take minutes and happen while nobody holds the workstation: it is held
//! for a moment to keep the bytes of a file and, at the end, to save its studies. One file that is
//! broken, too large or no picture fails alone, with its reason.

use crate::backend::{Backend, Inner, Passed};
use crate::error::{Error, no};
use crate::files::{HeldFiles, Source};
use crate::images::{MOST_BYTES, plain_name, read_error};
use crate::people::patient_id;
use dicom_io::archive::{self, Archive};
use dicom_io::collection::{self, Listing};
use dicom_io::{Opened, ReadError};
use imaging::study::{Command, Image, Study};
use kernel::{Actor, ImageId, PatientId, Permission, Role, StudyId};
use records::{Body, Facts};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store_sqlite::JobClass;
use wire::{Code, CommandError, Imported, ImportedFile, StudyImport};

/// More pictures than this come in together only when nobody waits for each of them.
const MANY: usize = 20;

/// Commands that let go of the workstation while they work.
pub(crate) trait LetsGo {
    fn study_import(self, ask: StudyImport) -> Result<Imported, Error>;
}

impl LetsGo for MutexGuard<'_, Inner> {
    fn study_import(mut self, ask: StudyImport) -> Result<Imported, Error> {
        let actor = self.actor(Permission::ImportImages)?;
        let patient = ask.patient.as_deref().map(patient_id).transpose()?;
        let inner = self.me.upgrade().ok_or_else(|| no(Code::NotSignedIn))?;
        let held = self.files.clone();
        drop(self);
        let analyse = ask.analyse && actor.role.may(Permission::AnalyseImages);
        let mut import = Import::new(inner, actor, patient);
        for handle in &ask.handles {
            import.handle(&held, handle);
        }
        Ok(import.finish(analyse))
    }
}

/// Leave to take in what other machines send, given once to a person who may import. It holds for
/// as long as the store is open, whatever becomes of the screen.
#[derive(Clone)]
pub struct Reception {
    pub(crate) inner: Arc<Mutex<Inner>>,
    pub(crate) actor: Actor,
}

/// Pictures that arrive one by one and are saved together: files of one study become one study.
pub struct Arriving(Import);

impl Backend {
    /// Leave to take in pictures in the name of the person who is signed in.
    ///
    /// # Errors
    /// Nobody is signed in, the screen is locked, or the role may not import.
    pub fn reception(&self) -> Result<Reception, CommandError> {
        let actor = self.lock().actor(Permission::ImportImages);
        let actor = actor.map_err(Error::into_command_error)?;
        Ok(Reception { inner: self.inner.clone(), actor })
    }
}

impl Reception {
    /// In the name of somebody whose leave was looked up.
    pub(crate) fn of(inner: Arc<Mutex<Inner>>, actor: Actor) -> Self {
        Self { inner, actor }
    }

    /// Begins to gather.
    pub fn begin(&self) -> Arriving {
        let (inner, actor) = (self.inner.clone(), self.actor.clone());
        Arriving(Import::new(inner, actor, None))
    }
}

impl Arriving {
    /// Unpacks a file to see that it can be shown, and keeps its bytes in the store.
    ///
    /// # Errors
    /// Why this file was not kept; what came before is not affected.
    pub fn take(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), CommandError> {
        self.0.take(name, bytes);
        self.0.files.last().and_then(|file| file.error.clone()).map_or(Ok(()), Err)
    }

    /// Takes files of this one study and refuses those of others.
    pub(crate) fn only(mut self, study_uid: &str) -> Self {
        self.0.asked_for = Some(study_uid.to_owned());
        self
    }

    /// Saves the studies of what was kept, and says what became of each file. What is dropped before
    /// this leaves nothing behind.
    pub fn finish(self, analyse: bool) -> Imported {
        // The program itself was told to by a setting; a person by their role.
        let role = self.0.actor.role;
        let may = role == Role::System || role.may(Permission::AnalyseImages);
        self.0.finish(analyse && may)
    }
}

/// One import under way. Like an analysis, it goes on in the name of the person who began it.
struct Import {
    inner: Arc<Mutex<Inner>>,
    actor: Actor,
    patient: Option<PatientId>,
    /// The only study instance UID that is taken, where one was asked for.
    asked_for: Option<String>,
    /// The store that was open when it began; it is finished in no other.
    opened: u64,
    /// Files of one DICOM study and one patient that come together become one study.
    groups: Vec<Study>,
    files: Vec<ImportedFile>,
    /// SHA-256 of what was put into the store and is of no study yet.
    kept: Vec<[u8; 32]>,
    /// What lay beside the pictures.
    others: u32,
}

impl Drop for Import {
    /// What became of no study is forgotten, unless another import counts on the same bytes.
    fn drop(&mut self) {
        let kept = std::mem::take(&mut self.kept);
        let mut inner = self.hold();
        if inner.opened != self.opened {
            return;
        }
        for sha256 in kept {
            let others = inner.arriving.get(&sha256).map_or(0, |count| count - 1);
            if others > 0 {
                inner.arriving.insert(sha256, others);
                continue;
            }
            inner.arriving.remove(&sha256);
            // Room that is not given back is no reason to fail: the pictures that were saved are saved.
            if inner.store_mut().and_then(|store| Ok(store.drop_blob(&sha256)?)).is_err() {
                tracing::warn!("a file that belongs to no study could not be forgotten");
            }
        }
    }
}

fn nothing_yet(name: &str) -> ImportedFile {
    ImportedFile {
        name: name.to_owned(),
        study: None,
        image: None,
        analysis: None,
        error: None,
        known: false,
    }
}

impl Import {
    fn new(inner: Arc<Mutex<Inner>>, actor: Actor, patient: Option<PatientId>) -> Self {
        let opened = inner.lock().unwrap_or_else(PoisonError::into_inner).opened;
        let (groups, files, kept) = (vec![], vec![], vec![]);
        Self { inner, actor, patient, asked_for: None, opened, groups, files, kept, others: 0 }
    }

    fn hold(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&mut self, held: &Mutex<HeldFiles>, handle: &str) {
        let taken = held.lock().unwrap_or_else(PoisonError::into_inner).take(handle);
        let Some((name, source)) = taken else { return self.fail(handle, no(Code::NotFound)) };
        let whole = match source {
            Source::Path(path) if path.is_dir() => self.folder(&path),
            Source::Path(path) => match read_limited(&path) {
                Ok(bytes) => self.file(&name, bytes, path.parent()),
                Err(error) => Err(error),
            },
            Source::Bytes(bytes) => self.file(&name, bytes, None),
        };
        if let Err(error) = whole {
            self.fail(&name, error);
        }
    }

    /// A picture, an archive of pictures, or the table of contents of the disc it lies on.
    fn file(&mut self, name: &str, bytes: Vec<u8>, folder: Option<&Path>) -> Result<(), Error> {
        if archive::is_zip(&bytes) {
            let archive = Archive::open(bytes).map_err(|error| match error {
                ReadError::TooLarge { .. } => why(Code::ImageTooLarge, "archive_too_much"),
                error => read_error(&error).into(),
            })?;
            let listing = collection::list_archive(&archive);
            let before = (self.files.len(), self.others);
            self.listing(listing, |name, most| archive.read_named(name, most));
            if before == (self.files.len(), self.others) {
                return Err(why(Code::ImageNotAnImage, "archive_empty"));
            }
        } else if collection::is_dicomdir(&bytes) {
            // A file sent by a browser has no neighbours.
            let folder = folder.ok_or_else(|| why(Code::ImageNotAnImage, "directory_alone"))?;
            let listing = collection::list_dicomdir(&bytes).map_err(|e| read_error(&e))?;
            self.listing(listing, |name, most| collection::read_below(folder, name, most));
        } else {
            self.take(name, bytes);
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> Result<(), Error> {
        let listing = collection::list_folder(folder).map_err(|e| read_error(&e))?;
        self.listing(listing, |name, most| collection::read_below(folder, name, most));
        for name in collection::missing_from(folder) {
            self.fail(&name, why(Code::ImageBroken, "missing"));
        }
        Ok(())
    }

    fn listing(
        &mut self,
        listing: Listing,
        read: impl Fn(&str, u64) -> Result<Vec<u8>, ReadError>,
    ) {
        let plan = plan(listing, &read);
        for name in plan.parts.iter().flatten() {
            match read(name, MOST_BYTES) {
                Ok(bytes) => self.take(name, bytes),
                Err(error) => self.fail(name, read_error(&error).into()),
            }
        }
        for (name, error) in plan.refused {
            self.fail(&name, read_error(&error).into());
        }
        self.others += plan.others;
    }

    fn take(&mut self, name: &str, bytes: Vec<u8>) {
        let mut file = nothing_yet(name);
        if let Err(error) = self.take_in(&mut file, name, bytes) {
            file.error = Some(error.into_command_error());
        }
        self.files.push(file);
    }

    fn fail(&mut self, name: &str, error: Error) {
        let error = Some(error.into_command_error());
        self.files.push(ImportedFile { error, ..nothing_yet(name) });
    }

    /// Puts bytes into the store that this import began with; their SHA-256.
    fn keep(&self, bytes: &[u8]) -> Result<[u8; 32], Error> {
        let mut inner = self.hold();
        if inner.opened != self.opened {
            return Err(no(Code::NotSignedIn));
        }
        let digest = inner.store_mut()?.put_blob(bytes)?;
        *inner.arriving.entry(digest).or_default() += 1;
        Ok(digest)
    }

    fn take_in(
        &mut self,
        file: &mut ImportedFile,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<(), Error> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > MOST_BYTES {
            return Err(no(Code::ImageTooLarge));
        }
        // Opened before it is kept: what cannot be shown is not taken in.
        let opened = dicom_io::open_bytes(bytes.clone(), name).map_err(|e| read_error(&e))?;
        opened.frame(0).map_err(|e| read_error(&e))?;
        let uid = opened.meta.study_uid.clone();
        if self.asked_for.is_some() && self.asked_for != uid {
            return Err(why(Code::ImageBroken, "other_study"));
        }
        let digest = self.keep(&bytes)?;
        self.kept.push(digest);
        let sha256 = hex::encode(digest);
        let inner = self.hold();
        // The same instance twice in one import is one image.
        let sop_uid = opened.meta.sop_uid.clone();
        let twin = self.groups.iter().find_map(|study| {
            let same = |i: &&Image| {
                i.sha256 == sha256
                    || (sop_uid.is_some() && i.sop_uid == sop_uid && study.study_uid == uid)
            };
            Some((study.id, study.images.iter().find(same)?.id))
        });
        let known = match twin {
            Some(known) => Some(known),
            None => inner.store()?.image_of_bytes(&sha256)?,
        };
        if let Some((study, image)) = known {
            file.study = Some(study.to_string());
            file.image = Some(image.to_string());
            file.known = true;
            return Ok(());
        }
        let image = Image {
            id: ImageId(inner.options.clock.new_uuid()),
            // Folders of a disc say nothing of the picture, and sometimes name the patient.
            file_name: name.rsplit('/').next().unwrap_or(name).to_owned(),
            sop_uid,
            sha256,
            bytes: length,
            rows: opened.meta.rows,
            cols: opened.meta.cols,
            frames: opened.meta.frames,
        };
        file.image = Some(image.id.to_string());
        let started = new_study(&inner, &opened, self.patient)?;
        drop(inner);
        let place = self.groups.iter().position(|study| uid.is_some() && is_of(study, &started));
        let at = place.unwrap_or(self.groups.len());
        if place.is_none() {
            self.groups.push(started);
        }
        if let Some(study) = self.groups.get_mut(at) {
            file.study = Some(study.id.to_string());
            study.images.push(image);
        }
        Ok(())
    }

    /// Saves what was gathered, a study at a time, and queues the analyses.
    fn finish(mut self, analyse: bool) -> Imported {
        let images: usize = self.groups.iter().map(|study| study.images.len()).sum();
        // Nobody sits at the screen and waits for what machines send.
        let unasked = self.actor.role == Role::System;
        let class = if images > MANY || unasked { JobClass::Batch } else { JobClass::Interactive };
        for study in std::mem::take(&mut self.groups) {
            let gathered = study.id;
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            let saved = match inner.opened == self.opened {
                true => save(&mut inner, &self.actor, study),
                false => Err(no(Code::NotSignedIn)),
            };
            let mine = |f: &&mut ImportedFile| f.study == Some(gathered.to_string());
            let saved = match saved {
                Ok(saved) => saved,
                Err(error) => {
                    let error = error.into_command_error();
                    for file in self.files.iter_mut().filter(mine) {
                        (file.study, file.image) = (None, None);
                        file.error = Some(error.clone());
                    }
                    continue;
                }
            };
            for file in self.files.iter_mut().filter(mine) {
                file.study = Some(saved.study.to_string());
                let known = file.image.as_ref().and_then(|image| saved.known.get(image));
                if let Some(known) = known {
                    (file.image, file.known) = (Some(known.to_string()), true);
                }
            }
            for image in saved.images.iter().filter(|_| analyse) {
                let wish = inference::Wish::default();
                let asked = (saved.study, image.id);
                let asked = inner.start(&self.actor, asked, &image.file_name, wish, class);
                let asked = asked.map_err(Error::into_command_error);
                for file in self.files.iter_mut().filter(|f| f.image == Some(image.id.to_string()))
                {
                    match &asked {
                        Ok(analysis) => file.analysis = Some(analysis.to_string()),
                        // The picture is saved; only nobody looks at it yet.
                        Err(error) => file.error = Some(error.clone()),
                    }
                }
            }
        }
        Imported { files: std::mem::take(&mut self.files), others: self.others }
    }
}

/// What of a collection is taken in.
pub struct Plan {
    /// Names of files; those of one study stand together.
    pub parts: Vec<Vec<String>>,
    /// Names of files that cannot be shown, and why.
    pub refused: Vec<(String, ReadError)>,
    /// How many files are no pictures of a study.
    pub others: u32,
}

/// The pictures of a folder and of the folders in it; names are paths below it.
///
/// # Errors
/// The folder cannot be read, or holds too many files.
pub fn pictures_in(folder: &Path) -> Result<Plan, ReadError> {
    let listing = collection::list_folder(folder)?;
    Ok(plan(listing, |name, most| collection::read_below(folder, name, most)))
}

/// The DICOM pictures of a collection in their order, then its other pictures; those of a disc
/// with a DICOMDIR belong to the viewer that came along.
pub(crate) fn plan(
    listing: Listing,
    read: impl Fn(&str, u64) -> Result<Vec<u8>, ReadError>,
) -> Plan {
    let mut plan = Plan { parts: vec![], refused: vec![], others: 0 };
    for study in listing.studies {
        let (shown, other): (Vec<_>, Vec<_>) = study.files.into_iter().partition(|f| f.has_pixels);
        plan.refused.extend(other.into_iter().map(|file| (file.name, ReadError::NoPixels)));
        let names = shown.into_iter().map(|file| file.name);
        match study.uid {
            _ if names.len() == 0 => {}
            Some(_) => plan.parts.push(names.collect()),
            None => plan.parts.extend(names.map(|name| vec![name])),
        }
    }
    for (name, error) in listing.refused {
        match error {
            // Its name promises what its bytes are not: somebody will look for it.
            ReadError::NotAnImage | ReadError::Empty if is_named_as_dicom(&name) => {
                plan.refused.push((name, error));
            }
            ReadError::NotAnImage | ReadError::Empty if listing.disc => plan.others += 1,
            ReadError::NotAnImage => match read(&name, MOST_BYTES) {
                Ok(bytes) if dicom_io::is_picture(&bytes) => plan.parts.push(vec![name]),
                // Neither a picture nor a promise of one: too large, gone, or a letter.
                _ => plan.others += 1,
            },
            error => plan.refused.push((name, error)),
        }
    }
    plan
}

fn is_named_as_dicom(name: &str) -> bool {
    let ends = Path::new(name).extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    ends.is_some_and(|e| ["dcm", "dicom", "ima"].contains(&e.as_str()))
}

/// Files of the same study instance UID and the same patient. Where both are filed under a registered
/// patient, it is the same one.
fn is_of(study: &Study, other: &Study) -> bool {
    study.study_uid.is_some()
        && study.study_uid == other.study_uid
        && study.names_same_patient(
            other.file_patient_name.as_deref(),
            other.file_patient_id.as_deref(),
        )
        && (study.patient.is_none() || other.patient.is_none() || study.patient == other.patient)
}

/// What became of gathered files.
struct Saved {
    study: StudyId,
    /// Images that were not here before.
    images: Vec<Image>,
    /// Instances that were here, under the id that was meant for them.
    known: BTreeMap<String, ImageId>,
}

/// Joins the study that is here already, or adds a new one. The same UID said of another patient joins
/// nothing: the new study then names the one it is at odds with.
fn save(inner: &mut Inner, actor: &Actor, mut study: Study) -> Result<Saved, Error> {
    let here = match &study.study_uid {
        Some(uid) => inner.store()?.studies_of_uid(uid)?,
        None => vec![],
    };
    let mut put = |id, command| {
        inner.save(actor, Body::Study { id, command }, Facts::default(), Passed::default())
    };
    let Some(old) = here.iter().find(|old| is_of(old, &study)) else {
        study.conflicts_with = here.first().map(|old| old.id);
        let (id, images) = (study.id, study.images.clone());
        put(id, Command::Add { study: Box::new(study) })?;
        return Ok(Saved { study: id, images, known: BTreeMap::new() });
    };
    let found = |image: &Image| Some((image.id.to_string(), old.holds(image)?.id));
    let known: BTreeMap<_, _> = study.images.iter().filter_map(found).collect();
    let mut images = study.images;
    images.retain(|image| old.holds(image).is_none());
    if !images.is_empty() {
        put(old.id, Command::AddImages { images: images.clone() })?;
    }
    if let (None, Some(patient)) = (old.patient, study.patient) {
        put(old.id, Command::Assign { patient })?;
    }
    Ok(Saved { study: old.id, images, known })
}

fn new_study(inner: &Inner, opened: &Opened, patient: Option<PatientId>) -> Result<Study, Error> {
    let meta = &opened.meta;
    Ok(Study {
        id: StudyId(inner.options.clock.new_uuid()),
        patient,
        file_patient_name: meta.patient.name.as_deref().map(plain_name),
        file_patient_id: meta.patient.id.as_deref().map(kernel::in_reading_order),
        file_age_years: meta.patient.age_years(meta.study_date),
        modality: meta.modality.clone(),
        body_part: meta.body_part.clone(),
        taken_on: meta.study_date.map(|d| d.to_string()),
        study_uid: meta.study_uid.clone(),
        conflicts_with: None,
        added_at: inner.now()?,
        images: vec![],
        analyses: vec![],
        report: None,
    })
}

/// A refusal with a reason that the reader of files does not know.
pub(crate) fn why(code: Code, why: &str) -> Error {
    CommandError::refusal(code).with("why", why).into()
}

/// Reads a file whose size was asked before memory is promised to it.
pub(crate) fn read_limited(path: &Path) -> Result<Vec<u8>, Error> {
    collection::read_limited(path, MOST_BYTES).map_err(|error| match error {
        ReadError::TooLarge { .. } if starts_like_zip(path) => {
            why(Code::ImageTooLarge, "archive_too_large")
        }
        error => read_error(&error).into(),
    })
}

pub(crate) fn starts_like_zip(path: &Path) -> bool {
    use std::io::Read as _;
    let mut head = [0; 4];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && archive::is_zip(&head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Options;
    use kernel::ManualClock;
    use serde_json::json;
    use sqlite::keyslots::Cost;

    const SLICE: &[u8] = include_bytes!("../../dicom-io/tests/fixtures/MR_small_RLE.dcm");
    const OTHER: &[u8] = include_bytes!("../../dicom-io/tests/fixtures/liver_j2k.dcm");

    #[test]
    fn what_became_of_no_study_is_forgotten_unless_another_import_counts_on_it() {
        let home = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at("2026-11-20T12:00:00Z".parse().expect("an instant")));
        let cost = Some(Cost::minimum_for_tests());
        let options =
            Options { clock, cost, keyring: false, ..Options::at(home.path().join("home")) };
        let backend = Backend::start(options);
        for (name, ask) in [
            ("setup.look_around", json!({})),
            ("session.sign_in", json!({ "user": "khan", "password": "training" })),
        ] {
            backend.call(name, ask).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        }
        let reception = backend.reception().expect("may import");
        let begun = |bytes: &[u8]| {
            let mut arriving = reception.begin();
            arriving.take("a.dcm", bytes.to_vec()).expect("a picture");
            let kept = arriving.0.kept[0];
            (arriving, kept)
        };
        let is_there = |sha256: &[u8; 32]| {
            backend.lock().store().expect("open").blob(sha256).expect("read").is_some()
        };
        let (cancelled, slice) = begun(SLICE);
        let (other, same) = begun(SLICE);
        assert_eq!(slice, same);
        drop(cancelled);
        assert!(is_there(&slice), "another sender has brought the same picture");
        assert_eq!(other.finish(false).files.len(), 1);
        drop(begun(SLICE));
        assert!(is_there(&slice), "it is of a study now");
        let (cancelled, liver) = begun(OTHER);
        assert!(is_there(&liver));
        drop(cancelled);
        assert!(!is_there(&liver));
        assert!(backend.lock().arriving.is_empty());
        // What begins under one store is not cleared up in the next.
        let (late, _) = begun(OTHER);
        backend.close();
        drop(late);
    }
}
