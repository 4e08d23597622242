//! An evaluation set as one ZIP, and back from one. Nothing is packed smaller: pictures are already.
//! Out of a ZIP come only the files a set has, under names that cannot lead out of its folder.

use super::count;
use crate::backup::unwritten;
use crate::error::Error;
use dicom_io::archive::{self, Archive, crc32};
use dicom_io::{ReadError, collection};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use wire::{Code, CommandError};

/// Of 1980-01-01: a set says its day elsewhere.
const DAY: u16 = 0x21;
/// Most bytes of one file of a set that comes in, and of the ZIP itself.
const MOST_FILE: u64 = 512 << 20;
const MOST_ZIP: u64 = 2 << 30;

/// Packs a folder and those directly in it into a new file.
///
/// # Errors
/// It cannot be written, or is more than a ZIP may hold (4 GB, 65,535 files).
pub(super) fn zip(folder: &Path, to: &Path) -> Result<(), Error> {
    let mut out = io::BufWriter::new(fs::File::create_new(to).map_err(|e| unwritten(&e))?);
    let packed = files(folder, "").and_then(|names| pack(folder, &names, &mut out));
    let done = packed.and_then(|()| out.flush()).and_then(|()| out.get_ref().sync_all());
    done.map_err(|error| {
        let _ = fs::remove_file(to);
        unwritten(&error).into()
    })
}

/// The files of a folder and of those in it, with `/` between, in order.
fn files(folder: &Path, before: &str) -> io::Result<Vec<String>> {
    let mut names = vec![];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{before}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            names.extend(files(&entry.path(), &format!("{name}/"))?);
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "more than a ZIP may hold")
}

fn pack(folder: &Path, names: &[String], out: &mut impl io::Write) -> io::Result<()> {
    let (mut list, mut at) = (vec![], 0u64);
    for name in names {
        let bytes = fs::read(folder.join(name))?;
        let size = u32::try_from(bytes.len()).map_err(|_| too_large())?;
        let start = u32::try_from(at).map_err(|_| too_large())?;
        let length = u16::try_from(name.len()).map_err(|_| too_large())?;
        // Version 2.0, names in UTF-8, stored; time, day, checksum, sizes, length of the name.
        let mut about = vec![20, 0, 0, 8, 0, 0, 0, 0];
        about.extend(DAY.to_le_bytes());
        about.extend([crc32(&bytes), size, size].map(u32::to_le_bytes).concat());
        about.extend([length, 0].map(u16::to_le_bytes).concat());
        let header = [b"PK\x03\x04".as_slice(), &about, name.as_bytes()].concat();
        out.write_all(&header)?;
        out.write_all(&bytes)?;
        at += header.len() as u64 + u64::from(size);
        list.extend([b"PK\x01\x02\x14\0".as_slice(), &about].concat());
        list.extend([0; 10]);
        list.extend(start.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let number = u16::try_from(names.len()).map_err(|_| too_large())?;
    let start = u32::try_from(at).map_err(|_| too_large())?;
    let length = u32::try_from(list.len()).map_err(|_| too_large())?;
    out.write_all(&list)?;
    out.write_all(b"PK\x05\x06\0\0\0\0")?;
    out.write_all(&[number, number].map(u16::to_le_bytes).concat())?;
    out.write_all(&[length, start].map(u32::to_le_bytes).concat())?;
    out.write_all(&[0, 0])
}

/// Unpacks a set into an empty folder; answers how many files of the ZIP are none of a set's and were
/// left out.
///
/// # Errors
/// No ZIP, in disorder, a bomb, or larger than a set may be; or the folder cannot be written.
pub fn unpack_set(zip: &Path, into: &Path) -> Result<u32, CommandError> {
    let refused = |error: &ReadError| match error {
        ReadError::TooLarge { .. } => {
            CommandError::refusal(Code::ImageTooLarge).with("detail", error)
        }
        error => CommandError::refusal(Code::ImageBroken).with("detail", error),
    };
    let bytes = collection::read_limited(zip, MOST_ZIP).map_err(|e| refused(&e))?;
    if !archive::is_zip(&bytes) {
        return Err(CommandError::refusal(Code::ImageBroken).with("detail", "It is no ZIP."));
    }
    let archive = Archive::open(bytes).map_err(|e| refused(&e))?;
    for folder in ["pictures", "dicom"] {
        fs::create_dir_all(into.join(folder)).map_err(|e| unwritten(&e))?;
    }
    let mut others = 0usize;
    for entry in archive.entries() {
        if !is_of_a_set(&entry.name) {
            others += 1;
            continue;
        }
        let bytes = archive.read_named(&entry.name, MOST_FILE).map_err(|e| refused(&e))?;
        // A name that stands there twice is refused by the second.
        sqlite::write_new(&into.join(&entry.name), &bytes).map_err(|e| unwritten(&e))?;
    }
    Ok(count(others))
}

/// `list.csv`, `figures.csv`, `README.txt`, `pictures/NAME.png`, `dicom/NAME.dcm`, where NAME has
/// letters, digits and `-` only.
fn is_of_a_set(name: &str) -> bool {
    let plain = |stem: &str| {
        !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let below = |folder: &str, end: &str| {
        name.strip_prefix(folder).and_then(|rest| rest.strip_suffix(end)).is_some_and(plain)
    };
    ["list.csv", "figures.csv", "README.txt"].contains(&name)
        || below("pictures/", ".png")
        || below("dicom/", ".dcm")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(names: &[(&str, &[u8])]) -> (tempfile::TempDir, std::path::PathBuf) {
        let temp = tempfile::tempdir().expect("a folder");
        let from = temp.path().join("from");
        fs::create_dir_all(from.join("pictures")).expect("made");
        for (name, bytes) in names {
            fs::write(from.join(name), bytes).expect("written");
        }
        let to = temp.path().join("set.zip");
        zip(&from, &to).expect("packed");
        (temp, to)
    }

    #[test]
    fn a_set_comes_out_of_its_zip_as_it_went_in_and_nothing_else_does() {
        let big = vec![7u8; 100_000];
        let (temp, file) = packed(&[
            ("list.csv", b"file,task\n"),
            ("pictures/I-0a.png", &big),
            ("pictures/evil.sh", b"no"),
            ("other.txt", b"no"),
        ]);
        let into = temp.path().join("into");
        assert_eq!(unpack_set(&file, &into).expect("unpacked"), 2);
        assert_eq!(fs::read(into.join("list.csv")).expect("there"), b"file,task\n");
        assert_eq!(fs::read(into.join("pictures/I-0a.png")).expect("there"), big);
        assert!(!into.join("other.txt").exists() && !into.join("pictures/evil.sh").exists());
        assert!(unpack_set(&file, &into).is_err(), "what is there is not written over");
    }

    #[test]
    fn names_that_lead_elsewhere_are_no_names_of_a_set() {
        for name in [
            "../list.csv",
            "/list.csv",
            "pictures/../../x.png",
            "pictures/a/b.png",
            "pictures/.png",
            "pictures\\x.png",
            "dicom/C:x.dcm",
            "list.csv/",
        ] {
            assert!(!is_of_a_set(name), "{name}");
        }
        assert!(is_of_a_set("dicom/I-12ab.dcm"));
    }

    #[test]
    fn a_cut_zip_and_one_with_an_altered_byte_are_refused() {
        let (temp, file) = packed(&[("list.csv", b"file,task\n")]);
        let whole = fs::read(&file).expect("there");
        for n in [0, 10, whole.len() / 2, whole.len() - 12] {
            fs::write(&file, &whole[..n]).expect("written");
            assert!(unpack_set(&file, &temp.path().join(format!("cut {n}"))).is_err(), "{n}");
        }
        let mut altered = whole.clone();
        altered[40] ^= 1;
        fs::write(&file, &altered).expect("written");
        assert!(unpack_set(&file, &temp.path().join("altered")).is_err());
    }
}
