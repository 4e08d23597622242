//! Which files of a folder, an archive or a disc belong to which study.
//!
//! What a file says about itself decides. A DICOMDIR is read too, to list a slow disc without
//! opening every file of it, and to find out which of the files it names are missing.

use crate::archive::{Archive, MAX_FILES};
use crate::error::{ReadError, Result};
use crate::{guarded, header, scan};
use chrono::NaiveDate;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 16;
/// Largest file of a folder or an archive that is looked into: a plain radiograph is under 50 MB.
pub const MAX_MEMBER_BYTES: u64 = 512 << 20;

/// Files by study, and what could not be listed with the reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// In the order of their dates, then of their UIDs.
    pub studies: Vec<StudyFiles>,
    /// Name and reason. Files that are no pictures at all, such as a viewer on a disc, are among
    /// them as `NotAnImage`.
    pub refused: Vec<(String, ReadError)>,
    /// A disc with a directory of its own: what is no DICOM on it belongs to its viewer.
    pub disc: bool,
}

/// A study and its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyFiles {
    /// `None` gathers the files that name no study.
    pub uid: Option<String>,
    pub date: Option<NaiveDate>,
    pub description: Option<String>,
    /// As written in the first file.
    pub patient_name: Option<String>,
    pub patient_id: Option<String>,
    /// By series, then by number within it.
    pub files: Vec<ListedFile>,
}

/// A file of a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Path below the folder or inside the archive, with `/` between folders.
    pub name: String,
    pub modality: Option<String>,
    pub series_uid: Option<String>,
    pub series_number: Option<i64>,
    pub instance_number: Option<i64>,
    pub sop_uid: Option<String>,
    /// False for reports, plans and presentation states.
    pub has_pixels: bool,
}

/// What of a header is needed to sort a file.
struct Head {
    study: StudyFiles,
    file: ListedFile,
}

fn head(bytes: &[u8], name: &str) -> Result<Head> {
    guarded(|| {
        if bytes.is_empty() {
            return Err(ReadError::Empty);
        }
        if !scan::looks_like_dicom(bytes) {
            return Err(ReadError::NotAnImage);
        }
        let whole = scan::unfolded(bytes)?;
        let bytes = whole.as_deref().unwrap_or(bytes);
        let layout = scan::scan(bytes)?;
        let object = header::parse(bytes, &layout)?;
        Ok(Head {
            study: study_of(&object),
            file: ListedFile {
                has_pixels: !matches!(layout.pixels, scan::Pixels::None),
                ..file_of(&object, name)
            },
        })
    })
}

fn study_of(object: &InMemDicomObject) -> StudyFiles {
    StudyFiles {
        uid: header::text(object, tags::STUDY_INSTANCE_UID),
        date: header::date(object, tags::STUDY_DATE),
        description: header::text(object, tags::STUDY_DESCRIPTION),
        patient_name: header::text(object, tags::PATIENT_NAME),
        patient_id: header::text(object, tags::PATIENT_ID),
        files: Vec::new(),
    }
}

fn file_of(object: &InMemDicomObject, name: &str) -> ListedFile {
    ListedFile {
        name: name.to_owned(),
        modality: header::text(object, tags::MODALITY),
        series_uid: header::text(object, tags::SERIES_INSTANCE_UID),
        series_number: header::whole(object, tags::SERIES_NUMBER),
        instance_number: header::whole(object, tags::INSTANCE_NUMBER),
        sop_uid: header::text(object, tags::SOP_INSTANCE_UID),
        has_pixels: true,
    }
}

/// Gathers files one by one.
#[derive(Default)]
struct Gathering {
    studies: BTreeMap<Option<String>, StudyFiles>,
    refused: Vec<(String, ReadError)>,
    disc: bool,
}

impl Gathering {
    fn take(&mut self, name: &str, head: Result<Head>) {
        match head {
            Ok(Head { study, file }) => {
                self.studies.entry(study.uid.clone()).or_insert(study).files.push(file);
            }
            Err(error) => self.refused.push((name.to_owned(), error)),
        }
    }

    fn finish(self) -> Listing {
        let mut studies: Vec<StudyFiles> = self.studies.into_values().collect();
        for study in &mut studies {
            study.files.sort_by(|a, b| {
                let key = |f: &ListedFile| {
                    (f.series_number, f.series_uid.clone(), f.instance_number, f.name.clone())
                };
                key(a).cmp(&key(b))
            });
        }
        studies.sort_by(|a, b| (a.date, &a.uid).cmp(&(b.date, &b.uid)));
        Listing { studies, refused: self.refused, disc: self.disc }
    }
}

/// Lists the DICOM files of a folder and of the folders in it. Links are not followed.
///
/// # Errors
/// The folder cannot be read, or holds more than [`MAX_FILES`].
pub fn list_folder(folder: &Path) -> Result<Listing> {
    let mut gathering = Gathering::default();
    let mut names = Vec::new();
    walk(folder, "", 0, &mut names)?;
    names.sort();
    for name in names {
        if is_directory_of_a_disc(&name) {
            gathering.disc = true;
            continue;
        }
        let mut head = head_of_file(&folder.join(&name), &name);
        // A name that is no text was made one by these signs, and nothing is found by it any more.
        if matches!(head, Err(ReadError::Io(_))) && name.contains(char::REPLACEMENT_CHARACTER) {
            head = Err(ReadError::Io("its name is not text (UTF-8): rename it".into()));
        }
        gathering.take(&name, head);
    }
    Ok(gathering.finish())
}

/// A disc's directory is no file of a study.
fn is_directory_of_a_disc(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|own| own.eq_ignore_ascii_case("DICOMDIR"))
}

/// Reads the whole file only where its beginning is DICOM: a folder may hold a film, too.
fn head_of_file(path: &Path, name: &str) -> Result<Head> {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut start));
    read.map_err(explain)?;
    if start.is_empty() {
        return Err(ReadError::Empty);
    }
    if !scan::looks_like_dicom(&start) {
        return Err(ReadError::NotAnImage);
    }
    head(&read_limited(path, MAX_MEMBER_BYTES)?, name)
}

/// The system's message may contain the path; its kind is enough.
fn explain(error: std::io::Error) -> ReadError {
    let words = match error.kind() {
        std::io::ErrorKind::NotFound => "there is nothing of this name",
        std::io::ErrorKind::PermissionDenied => "it may not be opened",
        kind => return ReadError::Io(kind.to_string()),
    };
    ReadError::Io(words.into())
}

/// The whole file, if it is one and has at most `most` bytes: asked before memory is taken.
///
/// # Errors
/// Not readable, no file, or too large.
pub fn read_limited(path: &Path, most: u64) -> Result<Vec<u8>> {
    let about = std::fs::metadata(path).map_err(explain)?;
    if !about.is_file() {
        return Err(ReadError::Io("not a file".into()));
    }
    let mut bytes = Vec::new();
    if about.len() <= most {
        // The file may grow while it is read.
        let file = File::open(path).map_err(explain)?;
        file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(explain)?;
    }
    if about.len().max(u64::try_from(bytes.len()).unwrap_or(u64::MAX)) > most {
        return Err(ReadError::TooLarge { what: format!("a file of more than {} MB", most >> 20) });
    }
    Ok(bytes)
}

/// Reads a file that a [`Listing`] of this folder, or of a DICOMDIR in it, names. Discs are written
/// in capitals and often mounted in small letters: both find it. Nothing outside the folder is
/// reached, by no name and through no link.
///
/// # Errors
/// Not there, not a file, too large.
pub fn read_below(folder: &Path, name: &str, most: u64) -> Result<Vec<u8>> {
    read_limited(&find_below(folder, name)?, most)
}

fn find_below(folder: &Path, name: &str) -> Result<PathBuf> {
    let gone = || ReadError::Io("no such file".into());
    let mut at = folder.to_owned();
    for part in name.split('/') {
        let of_windows = cfg!(windows) && part.contains(['\\', ':']);
        if matches!(part, "" | "." | "..") || of_windows {
            return Err(gone());
        }
        let exact = at.join(part);
        let found = if exact.symlink_metadata().is_ok() {
            exact
        } else {
            // `;1` is the version of ISO 9660, which some systems show.
            let same = |own: &str| own.trim_end_matches(";1").eq_ignore_ascii_case(part);
            std::fs::read_dir(&at)
                .map_err(explain)?
                .flatten()
                .find(|entry| entry.file_name().to_str().is_some_and(same))
                .map(|entry| entry.path())
                .ok_or_else(gone)?
        };
        if found.symlink_metadata().is_ok_and(|about| about.is_symlink()) {
            return Err(gone());
        }
        at = found;
    }
    Ok(at)
}

/// Is it the table of contents of a disc? Its kind stands in the first elements.
#[must_use]
pub fn is_dicomdir(bytes: &[u8]) -> bool {
    const STORAGE_DIRECTORY: &[u8] = b"1.2.840.10008.1.3.10";
    let start = &bytes[..bytes.len().min(512)];
    scan::looks_like_dicom(bytes)
        && start.windows(STORAGE_DIRECTORY.len()).any(|window| window == STORAGE_DIRECTORY)
}

/// Files that a DICOMDIR in this folder names and that are not there; none where there is no
/// DICOMDIR or where it cannot be read.
#[must_use]
pub fn missing_from(folder: &Path) -> Vec<String> {
    let listing = read_below(folder, "DICOMDIR", MAX_MEMBER_BYTES)
        .and_then(|bytes| list_dicomdir(&bytes))
        .unwrap_or_default();
    let files = listing.studies.into_iter().flat_map(|study| study.files);
    files.map(|file| file.name).filter(|name| find_below(folder, name).is_err()).collect()
}

fn walk(folder: &Path, prefix: &str, depth: usize, names: &mut Vec<String>) -> Result<()> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder.join(prefix)).map_err(explain)? {
        let entry = entry.map_err(explain)?;
        let kind = entry.file_type().map_err(explain)?;
        let own = entry.file_name().to_string_lossy().into_owned();
        let name = if prefix.is_empty() { own } else { format!("{prefix}/{own}") };
        if kind.is_dir() {
            walk(folder, &name, depth + 1, names)?;
        } else if kind.is_file() {
            if names.len() >= MAX_FILES {
                return Err(ReadError::TooLarge { what: format!("more than {MAX_FILES} files") });
            }
            names.push(name);
        }
    }
    Ok(())
}

/// Lists the DICOM files of an archive.
#[must_use]
pub fn list_archive(archive: &Archive) -> Listing {
    let mut gathering = Gathering::default();
    let mut seen = BTreeSet::new();
    for entry in archive.entries() {
        if is_directory_of_a_disc(&entry.name) {
            gathering.disc = true;
            continue;
        }
        // Whoever asks for the name would get the first of them.
        let twice = !seen.insert(entry.name.as_str());
        let head = match twice {
            true => Err(ReadError::broken("a second file of the same name")),
            false => archive
                .read_named(&entry.name, MAX_MEMBER_BYTES)
                .and_then(|bytes| head(&bytes, &entry.name)),
        };
        gathering.take(&entry.name, head);
    }
    gathering.finish()
}

/// Lists what a DICOMDIR names, without opening any of it. Names are relative to the folder that
/// the DICOMDIR lies in; one that leads out of it is refused.
///
/// # Errors
/// No DICOM, damaged, or no directory.
pub fn list_dicomdir(bytes: &[u8]) -> Result<Listing> {
    guarded(|| {
        if !scan::looks_like_dicom(bytes) {
            return Err(ReadError::NotAnImage);
        }
        let layout = scan::scan(bytes)?;
        let object = header::parse(bytes, &layout)?;
        let records = object
            .get(tags::DIRECTORY_RECORD_SEQUENCE)
            .and_then(|element| element.items())
            .ok_or_else(|| ReadError::broken("it is no directory of a disc"))?;
        let first = header::whole(
            &object,
            tags::OFFSET_OF_THE_FIRST_DIRECTORY_RECORD_OF_THE_ROOT_DIRECTORY_ENTITY,
        );
        let mut directory = Directory {
            records,
            offsets: &layout.directory_items,
            seen: vec![false; records.len()],
            gathering: Gathering::default(),
        };
        directory.level(first.unwrap_or(0), 0, &mut Above::default());
        Ok(directory.gathering.finish())
    })
}

struct Directory<'a> {
    records: &'a [InMemDicomObject],
    /// Where in the file each record begins: records point at each other so.
    offsets: &'a [usize],
    seen: Vec<bool>,
    gathering: Gathering,
}

/// The records above the one being read.
#[derive(Default, Clone)]
struct Above {
    patient: Option<InMemDicomObject>,
    study: Option<InMemDicomObject>,
    series: Option<InMemDicomObject>,
}

impl Directory<'_> {
    /// A record and those beside it.
    fn level(&mut self, first: i64, depth: usize, above: &mut Above) {
        let mut offset = first;
        while let Some(index) =
            usize::try_from(offset).ok().and_then(|o| self.offsets.iter().position(|at| *at == o))
        {
            // Records that point in a circle are read once.
            let Some(seen) = self.seen.get_mut(index) else { return };
            if std::mem::replace(seen, true) || depth > MAX_DEPTH {
                return;
            }
            let record = &self.records[index];
            let mut above = above.clone();
            match header::text(record, tags::DIRECTORY_RECORD_TYPE).as_deref() {
                Some("PATIENT") => above.patient = Some(record.clone()),
                Some("STUDY") => above.study = Some(record.clone()),
                Some("SERIES") => above.series = Some(record.clone()),
                Some(kind) => self.file(record, kind, &above),
                None => {}
            }
            let number = |tag: Tag| header::whole(record, tag).unwrap_or(0);
            let lower = number(tags::OFFSET_OF_REFERENCED_LOWER_LEVEL_DIRECTORY_ENTITY);
            offset = number(tags::OFFSET_OF_THE_NEXT_DIRECTORY_RECORD);
            self.level(lower, depth + 1, &mut above);
        }
    }

    fn file(&mut self, record: &InMemDicomObject, kind: &str, above: &Above) {
        let Some(written) = header::text(record, tags::REFERENCED_FILE_ID) else { return };
        let parts: Vec<&str> = written.split('\\').map(str::trim).collect();
        let name = parts.join("/");
        let harmless = |part: &&str| {
            !part.is_empty() && *part != "." && *part != ".." && !part.contains(['/', ':', '\0'])
        };
        if !parts.iter().all(harmless) {
            let error = ReadError::broken("a file name that leads out of the disc");
            self.gathering.take(&name, Err(error));
            return;
        }
        let text = |from: &Option<InMemDicomObject>, tag: Tag| {
            from.as_ref().and_then(|record| header::text(record, tag))
        };
        let number = |from: &Option<InMemDicomObject>, tag: Tag| {
            from.as_ref().and_then(|record| header::whole(record, tag))
        };
        let study = StudyFiles {
            uid: text(&above.study, tags::STUDY_INSTANCE_UID),
            date: above.study.as_ref().and_then(|r| header::date(r, tags::STUDY_DATE)),
            description: text(&above.study, tags::STUDY_DESCRIPTION),
            patient_name: text(&above.patient, tags::PATIENT_NAME),
            patient_id: text(&above.patient, tags::PATIENT_ID),
            files: Vec::new(),
        };
        let file = ListedFile {
            name: name.clone(),
            modality: text(&above.series, tags::MODALITY),
            series_uid: text(&above.series, tags::SERIES_INSTANCE_UID),
            series_number: number(&above.series, tags::SERIES_NUMBER),
            instance_number: header::whole(record, tags::INSTANCE_NUMBER),
            sop_uid: header::text(record, tags::REFERENCED_SOP_INSTANCE_UID_IN_FILE),
            has_pixels: kind == "IMAGE" || kind == "RT DOSE",
        };
        self.gathering.take(&name, Ok(Head { study, file }));
    }
}
