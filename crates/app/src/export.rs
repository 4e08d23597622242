//! Results and pictures on their way out: as files, and to an archive. Each way is signed for in the
//! audit stream before it is gone: who, of which study, what, and where to.

use crate::archives::Kept;
use crate::backend::Inner;
use crate::error::{Error, no};
use crate::home::folder_outside;
use crate::images::read_error;
use crate::results::{ResultFile, evidence, strongest};
use dicom_io::deidentify::{ExportError, Plan, deidentify, disguise};
use imaging::study::Study;
use kernel::{Actor, Permission};
use records::Audit;
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};
use wire::*;

/// The secret of this installation that the new names and UIDs come from.
const DISGUISE: &str = "deidentify.key";

/// Commands that let go of the workstation while files are written or sent.
pub(crate) trait Outward {
    fn results_send(self, ask: ResultsSend) -> Result<ResultsSent, Error>;
    fn copies_save(self, ask: CopiesSave) -> Result<SavedFiles, Error>;
}

impl Inner {
    pub(crate) fn results_offer(&mut self, ask: ResultsAsk) -> Result<ResultsOffer, Error> {
        self.actor(Permission::SeeImages)?;
        let study = self.find_study(&ask.study)?;
        let archives = self.archive_names()?;
        // Only DICOM files say them.
        let dicom = study.study_uid.is_some() || study.modality.is_some();
        let pictures =
            if dicom { u32::try_from(study.images.len()).unwrap_or(u32::MAX) } else { 0 };
        let mut offer = ResultsOffer { analysis: None, kinds: vec![], pictures, archives };
        // None has ended: pictures may still go.
        let Ok(analysis) = Self::ended(&study, ask.analysis.as_deref()) else { return Ok(offer) };
        offer.analysis = Some(analysis.id.to_string());
        offer.kinds = vec![ResultKind::Pdf, ResultKind::Fhir];
        if let Some(image) = study.images.iter().find(|image| image.id == analysis.image) {
            let opened = self.opened(image)?;
            offer.kinds.extend(evidence(&opened.meta).map(|_| ResultKind::Sr));
            offer.kinds.extend(strongest(analysis).map(|_| ResultKind::Capture));
        }
        Ok(offer)
    }

    pub(crate) fn results_save(&mut self, ask: ResultsSave) -> Result<SavedFiles, Error> {
        let actor = self.actor(Permission::SeeImages)?;
        let folder = place(self.home(), &ask.folder)?;
        let (study, mut files) = self.result_files(&ask.study, ask.analysis.as_deref())?;
        files.retain(|file| ask.kinds.contains(&file.kind));
        if files.is_empty() {
            return Err(no(Code::NotFound));
        }
        self.sign_out(&actor, &study, words(&files), folder.display().to_string())?;
        let mut saved = nothing_in(&folder);
        for file in files {
            let path = folder.join(&file.name);
            saved.wrote(
                &file.name,
                sqlite::write_new(&path, &file.bytes).map_err(|e| unwritten(&e)),
            );
        }
        Ok(saved)
    }

    /// Who takes what of a study out of the program, and where to.
    fn sign_out(
        &mut self,
        actor: &Actor,
        study: &Study,
        what: Vec<String>,
        to: String,
    ) -> Result<(), Error> {
        let (study, patient) = (study.id, study.patient);
        self.audit(actor, Audit::Exported { study, patient, what, to })
    }

    /// The key of this installation, made when it is first needed.
    fn disguise_key(&mut self) -> Result<[u8; 32], Error> {
        let mut key = [0; 32];
        if let Some(text) = self.store()?.setting(DISGUISE)? {
            let text: String = serde_json::from_str(&text)?;
            hex::decode_to_slice(&text, &mut key)
                .map_err(|_| Error::Broken("a key that does not read back".into()))?;
            return Ok(key);
        }
        key = rand::random();
        let text = serde_json::to_string(&hex::encode(key))?;
        self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?.set_setting(DISGUISE, &text)?;
        Ok(key)
    }
}

impl Outward for MutexGuard<'_, Inner> {
    fn results_send(mut self, ask: ResultsSend) -> Result<ResultsSent, Error> {
        let actor = self.actor(Permission::SeeImages)?;
        let kept = self.archive(&ask.archive)?;
        let archive = kept.open()?;
        let (study, mut files) = self.result_files(&ask.study, ask.analysis.as_deref())?;
        let dicom = [ResultKind::Sr, ResultKind::Capture];
        files.retain(|file| ask.kinds.contains(&file.kind) && dicom.contains(&file.kind));
        if files.is_empty() {
            return Err(no(Code::NotFound));
        }
        self.sign_out(&actor, &study, words(&files), kept.named())?;
        drop(self);
        send(&kept, &archive, &files)
    }

    fn copies_save(mut self, ask: CopiesSave) -> Result<SavedFiles, Error> {
        let actor = self.actor(Permission::SeeImages)?;
        let folder = place(self.home(), &ask.folder)?;
        let study = self.find_study(&ask.study)?;
        let key = self.disguise_key()?;
        let what = vec!["pictures_without_patient".to_owned()];
        self.sign_out(&actor, &study, what, folder.display().to_string())?;
        let me = self.me.upgrade().ok_or_else(|| no(Code::NotSignedIn))?;
        drop(self);
        let mut saved = nothing_in(&folder);
        for (index, image) in study.images.iter().enumerate() {
            let mut sha256 = [0; 32];
            let whole = hex::decode_to_slice(&image.sha256, &mut sha256);
            whole.map_err(|_| Error::Broken("an image without a hash".into()))?;
            let bytes = {
                let inner = me.lock().unwrap_or_else(PoisonError::into_inner);
                inner.store()?.blob(&sha256)?
            };
            let made = match bytes {
                Some(bytes) => copy(&bytes, &ask, key, &folder, index + 1),
                None => Err(CommandError::refusal(Code::ImageBroken)),
            };
            match made {
                Ok(name) => saved.wrote(&name, Ok(())),
                Err(error) => saved.wrote(&image.file_name, Err(error)),
            }
        }
        Ok(saved)
    }
}

fn send(
    kept: &Kept,
    archive: &dicom_web::Archive,
    files: &[ResultFile],
) -> Result<ResultsSent, Error> {
    let bytes: Vec<&[u8]> = files.iter().map(|file| file.bytes.as_slice()).collect();
    let stored = archive.store(&bytes).map_err(|failure| kept.failed(&failure))?;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(ResultsSent { kept: count(stored.kept.len()), refused: count(stored.refused.len()) })
}

/// One copy without its patient; its name below the folder.
fn copy(
    bytes: &[u8],
    ask: &CopiesSave,
    key: [u8; 32],
    folder: &Path,
    number: usize,
) -> Result<String, CommandError> {
    let disguise = disguise(bytes, &key).map_err(|error| read_error(&error))?;
    let plan = Plan {
        key,
        shift_days: ask.keep_intervals.then_some(disguise.days),
        pixels_checked: ask.pixels_checked,
        pseudonym: disguise.pseudonym.clone(),
    };
    let copy = deidentify(bytes, &plan).map_err(|error| match error {
        ExportError::Read(error) => read_error(&error),
        ExportError::MayShowName { .. } => CommandError::refusal(Code::Malformed)
            .with("why", "may_show_name")
            .with("detail", error),
        ExportError::Write { .. } => crate::error::fault(&error),
    })?;
    // Names of files and UIDs say too much: copies are counted.
    let below = folder.join(&disguise.pseudonym);
    let name = format!("{number:06}.dcm");
    std::fs::create_dir_all(&below)
        .and_then(|()| sqlite::write_new(&below.join(&name), &copy))
        .map_err(|error| unwritten(&error))?;
    Ok(format!("{}/{name}", disguise.pseudonym))
}

fn words(files: &[ResultFile]) -> Vec<String> {
    files.iter().map(|file| crate::convert::same::<_, String>(file.kind)).collect()
}

fn unsuitable(why: &str) -> CommandError {
    CommandError::refusal(Code::FolderUnsuitable).with("why", why)
}

/// The folder a person named: it is there, and no part of a facility's home.
pub(crate) fn place(home: &Path, wanted: &str) -> Result<PathBuf, CommandError> {
    folder_outside(home, Path::new(wanted.trim())).map_err(unsuitable)
}

pub(crate) fn unwritten(error: &std::io::Error) -> CommandError {
    match error.kind() {
        _ if sqlite::is_disk_full_io(error) => CommandError::refusal(Code::DiskFull),
        std::io::ErrorKind::AlreadyExists => unsuitable("other_file"),
        _ => unsuitable("not_writable").with("detail", error),
    }
}

pub(crate) fn nothing_in(folder: &Path) -> SavedFiles {
    SavedFiles { folder: folder.display().to_string(), files: vec![], refused: vec![] }
}

pub(crate) trait Wrote {
    fn wrote(&mut self, name: &str, done: Result<(), CommandError>);
}

impl Wrote for SavedFiles {
    fn wrote(&mut self, name: &str, done: Result<(), CommandError>) {
        let name = name.to_owned();
        match done {
            Ok(()) => self.files.push(name),
            Err(error) => self.refused.push(NotSaved { name, error }),
        }
    }
}
