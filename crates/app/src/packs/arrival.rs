//! A pack on its way in: found in a folder or a ZIP, checked before it is copied, copied beside the
//! installed ones, and proven there wholly. Until [`super`] gives it its place nothing refers to it,
//! and what goes wrong takes its copy away again.

use super::signature::{self, Signature};
use crate::error::{Error, no};
use crate::files::Source;
use crate::models::{named_pack, shelf_error};
use dicom_io::archive::{self, Archive};
use dicom_io::{ReadError, collection};
use imaging::catalogue::catalogue;
use inference::describe::Description;
use inference::{PackError, Shelf, ShelfError, pack};
use std::path::{Path, PathBuf};
use wire::{Code, CommandError, PackRef};

/// The largest ZIP, in bytes: the largest pack of the program has 48 million.
const MOST_ZIP: u64 = 256 << 20;
/// A description has some tens of thousands of bytes.
const MOST_MODEL: u64 = 1 << 20;
/// Folders that are being filled begin with this.
const UNFINISHED: &str = ".new-";

/// Folders with a fit that waits to be installed.
pub(crate) const FIT: &str = ".fit-";

/// Where the files of one pack are read from.
pub(crate) enum Bundle {
    Folder(PathBuf),
    /// And the folder inside it, with its `/`.
    Zip(Box<Archive>, String),
}

fn not_found() -> Error {
    no(Code::PackNotFound)
}

fn too_large(file: &str) -> Error {
    CommandError::refusal(Code::PackTooLarge).with("file", file).into()
}

impl Bundle {
    /// Finds the one pack in what somebody chose: at the top, or in one folder of it.
    pub(crate) fn open(source: Source) -> Result<Self, Error> {
        match source {
            Source::Path(path) if path.is_dir() => Self::folder(&path),
            Source::Path(path) => match collection::read_limited(&path, MOST_ZIP) {
                Ok(bytes) => Self::zip(bytes),
                Err(ReadError::TooLarge { .. }) => Err(too_large("ZIP")),
                Err(error) => Err(unreadable("ZIP", &error)),
            },
            Source::Bytes(bytes) => Self::zip(bytes),
        }
    }

    fn folder(path: &Path) -> Result<Self, Error> {
        if path.join(pack::MODEL).is_file() {
            return Ok(Self::Folder(path.to_owned()));
        }
        match &pack::list(path)?[..] {
            [one] => Ok(Self::Folder(one.clone())),
            _ => Err(not_found()),
        }
    }

    /// The folder its files lie in.
    pub(crate) fn place(&self) -> Option<&Path> {
        match self {
            Self::Folder(dir) => Some(dir),
            Self::Zip(..) => None,
        }
    }

    fn zip(bytes: Vec<u8>) -> Result<Self, Error> {
        if !archive::is_zip(&bytes) {
            return Err(not_found());
        }
        let archive = Archive::open(bytes).map_err(|error| match error {
            ReadError::TooLarge { .. } => too_large("ZIP"),
            error => unreadable("ZIP", &error),
        })?;
        let models: Vec<&str> = archive
            .entries()
            .iter()
            .filter_map(|entry| entry.name.strip_suffix(pack::MODEL))
            .filter(|folder| folder.is_empty() || folder.matches('/').count() == 1)
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
            .collect();
        let [folder] = models[..] else { return Err(not_found()) };
        let folder = folder.to_owned();
        Ok(Self::Zip(Box::new(archive), folder))
    }

    /// The bytes of a file, whose size was asked before memory is promised to it. `None`: not there.
    fn read(&self, file: &str, most: u64) -> Result<Option<Vec<u8>>, Error> {
        let read = match self {
            Self::Folder(dir) => {
                if dir.join(file).symlink_metadata().is_err() {
                    return Ok(None);
                }
                collection::read_below(dir, file, most)
            }
            Self::Zip(archive, folder) => {
                let name = format!("{folder}{file}");
                if !archive.entries().iter().any(|entry| entry.name == name) {
                    return Ok(None);
                }
                archive.read_named(&name, most)
            }
        };
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ReadError::TooLarge { .. }) => Err(too_large(file)),
            Err(error) => Err(unreadable(file, &error)),
        }
    }

    fn needed(&self, file: &str, most: u64) -> Result<Vec<u8>, Error> {
        let missing = || CommandError::refusal(Code::PackIncomplete).with("file", file);
        self.read(file, most)?.ok_or_else(|| missing().into())
    }

    /// How many files lie beside those of the pack.
    fn others(&self, description: &Description) -> u32 {
        let ours = |name: &str| {
            [pack::MODEL, signature::FILE].contains(&name) || description.files.contains_key(name)
        };
        let count = match self {
            Self::Folder(dir) => std::fs::read_dir(dir).map_or(0, |entries| {
                entries.flatten().filter(|e| !ours(&e.file_name().to_string_lossy())).count()
            }),
            Self::Zip(archive, folder) => archive
                .entries()
                .iter()
                .filter(|e| !e.name.strip_prefix(folder.as_str()).is_some_and(ours))
                .count(),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

fn unreadable(file: &str, error: &ReadError) -> Error {
    let refusal = CommandError::refusal(Code::PackIncomplete);
    refusal.with("file", file).with("detail", error).into()
}

/// Why a pack is not taken in, in the words of the wire.
fn refused(error: &PackError) -> Error {
    let refusal = CommandError::refusal;
    match error {
        PackError::HashMismatch { file, .. } => refusal(Code::PackFileChanged).with("file", file),
        PackError::Description { cause, .. } => refusal(Code::PackCardWrong).with("detail", cause),
        PackError::Unsupported { what, .. } => refusal(Code::ModelUnsupported).with("what", what),
        PackError::GoldenMismatch { difference, .. } => {
            refusal(Code::PackSelfTest).with("difference", difference)
        }
        PackError::Unreadable { file, .. }
        | PackError::MissingTensor { file, .. }
        | PackError::UnusedTensor { file, .. }
        | PackError::BadTensor { file, .. } => {
            refusal(Code::PackIncomplete).with("file", file).with("detail", error)
        }
        error => refusal(Code::ModelChanged).with("detail", error),
    }
    .into()
}

/// A folder that is being filled; taken away again unless its pack was given a place.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What stays behind has no meaning to anyone and is cleared at the next start.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a power cut left half-written.
pub(crate) fn clear(packs: &Path) {
    let Ok(entries) = std::fs::read_dir(packs) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let half_fitted = name.starts_with(FIT) && name.ends_with(".part");
        if name.starts_with(UNFINISHED) || half_fitted {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// What a pack promises, read from its description alone.
pub(crate) struct Promised {
    pub description: Description,
    pub pack: PackRef,
    pub model: Vec<u8>,
}

impl Promised {
    pub(crate) fn of(bundle: &Bundle) -> Result<Self, Error> {
        let model = bundle.needed(pack::MODEL, MOST_MODEL)?;
        let (description, sha256) = pack::promised(&model, "").map_err(|error| refused(&error))?;
        known_conditions(&description)?;
        let (id, version) = (description.id.clone(), description.version.clone());
        Ok(Self { description, pack: PackRef { id, version, sha256 }, model })
    }

    /// The signature that lies beside, if it fits.
    pub(crate) fn signature(&self, bundle: &Bundle) -> Result<Signature, Error> {
        let text = bundle.read(signature::FILE, signature::MOST_BYTES)?;
        let unsigned = || named_pack(Code::PackUnsigned, &self.pack);
        Signature::read(&text.ok_or_else(unsigned)?, &self.pack)
    }
}

/// Every finding has to have a name and codes here.
fn known_conditions(description: &Description) -> Result<(), Error> {
    let labels = description.tasks.iter().flat_map(|task| &task.labels);
    let unknown =
        labels.filter_map(|l| l.condition.as_ref()).find(|c| catalogue().by_id(c).is_none());
    unknown.map_or(Ok(()), |condition| {
        let detail = format!("the condition \"{condition}\" is not in the catalogue");
        Err(CommandError::refusal(Code::PackCardWrong).with("detail", detail).into())
    })
}

/// Copies the files of a pack into a new folder, each as it was promised.
pub(crate) fn copy_files(
    bundle: &Bundle,
    (description, model): (&Description, &[u8]),
    signature: &Signature,
    to: &Path,
) -> Result<(), Error> {
    sqlite::private_folder(to)?;
    sqlite::write_new(&to.join(pack::MODEL), model)?;
    sqlite::write_new(&to.join(signature::FILE), signature.text()?.as_bytes())?;
    for (file, promised) in &description.files {
        let bytes = bundle.needed(file, pack::FILE_LIMIT)?;
        if pack::sha256(&bytes) != *promised {
            let changed = CommandError::refusal(Code::PackFileChanged);
            return Err(changed.with("file", file).into());
        }
        sqlite::write_new(&to.join(file), &bytes)?;
    }
    Ok(())
}

/// A pack that lies whole and proven in the folder of packs, without its place yet.
pub(crate) struct Arrived {
    pub description: Description,
    pub pack: PackRef,
    pub signature: Signature,
    /// Files that lay beside it and were left alone.
    pub others: u32,
    files: PathBuf,
    unfinished: Unfinished,
}

impl Arrived {
    /// Copies and proves. `packs`: the folder of installed packs; `name`: of the folder to fill.
    pub(crate) fn copy(
        bundle: &Bundle,
        promised: Promised,
        signature: Signature,
        (packs, name): (&Path, &str),
        shelf: &Shelf,
    ) -> Result<Self, Error> {
        let Promised { description, pack, model } = promised;
        let unfinished = Unfinished(packs.join(format!("{UNFINISHED}{name}")));
        let files = unfinished.0.join(&pack.id).join(&pack.version);
        copy_files(bundle, (&description, &model), &signature, &files)?;
        // From the disk, as every later start will read it.
        let engine = shelf.newcomer(&files).map_err(|error| match error {
            ShelfError::Pack(error) => refused(&error),
            error => shelf_error(&error),
        })?;
        if engine.info().sha256 != pack.sha256 {
            return Err(Error::Broken("a pack has another hash than it promised".into()));
        }
        let others = bundle.others(&description);
        Ok(Self { description, pack, signature, others, files, unfinished })
    }

    /// Gives it its place, for good: `packs/ID/VERSION/`. What lay there without being known to
    /// anyone goes. Answers the folder.
    pub(crate) fn settle(&self, packs: &Path) -> Result<PathBuf, Error> {
        let to = packs.join(&self.pack.id).join(&self.pack.version);
        sqlite::private_folder(&packs.join(&self.pack.id))?;
        let before = self.unfinished.0.join("before");
        let there = to.symlink_metadata().is_ok();
        if there {
            std::fs::rename(&to, &before)?;
        }
        if let Err(error) = std::fs::rename(&self.files, &to) {
            if there {
                std::fs::rename(&before, &to)?;
            }
            return Err(error.into());
        }
        sqlite::sync_folder_of(&to)?;
        Ok(to)
    }
}
