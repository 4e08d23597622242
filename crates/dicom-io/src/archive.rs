//! ZIP files, as studies are sent in them. Read from memory, never unpacked to the disk, so that a
//! name like `../../x` is a name and nothing more.
//!
//! Against archives made to hurt: the number of files, the size of each and of all together, and
//! how many times its packed size a file may have are bounded before anything is unpacked; files
//! whose packed bytes overlap, as they do in the known bombs, are refused with their archive.

use crate::MAX_FILE_BYTES;
use crate::codec::inflate;
use crate::error::{ReadError, Result};
use std::ops::Range;

/// Most files of an archive or a folder.
pub const MAX_FILES: usize = 20_000;
/// Most bytes of all files of an archive together, unpacked.
pub const MAX_ARCHIVE_BYTES: u64 = 8 << 30;
/// Most times its packed size that a file may unfold to, from 16 MB on.
const MAX_RATIO: u64 = 200;

/// An archive whose list of files was found in order.
#[derive(Debug)]
pub struct Archive {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As written, with `/` between folders; not to be used as a path.
    pub name: String,
    /// Its size when unpacked.
    pub size: u64,
    packed: Range<usize>,
    deflated: bool,
    crc: u32,
}

/// Does the file begin like a ZIP?
#[must_use]
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

fn broken() -> ReadError {
    ReadError::broken("its list of files is in disorder")
}

fn u16_at(bytes: &[u8], at: usize) -> Result<usize> {
    let b = bytes.get(at..at + 2).ok_or(ReadError::Truncated)?;
    Ok(usize::from(u16::from_le_bytes([b[0], b[1]])))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    let b = bytes.get(at..at + 4).ok_or(ReadError::Truncated)?;
    Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn place(number: u32) -> Result<usize> {
    usize::try_from(number).map_err(|_| broken())
}

impl Archive {
    /// Reads the list of files. Folders are left out.
    ///
    /// # Errors
    /// No ZIP, cut, in disorder, over a limit, or a bomb.
    pub fn open(bytes: Vec<u8>) -> Result<Self> {
        if !is_zip(&bytes) {
            return Err(ReadError::NotAnImage);
        }
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
            return Err(ReadError::TooLarge { what: "an archive of more than 2 GB".into() });
        }
        // The list ends the file, but for a comment of up to 65,535 bytes.
        let from = bytes.len().saturating_sub(22 + 65_535);
        let end = bytes[from..]
            .windows(4)
            .rposition(|w| w == b"PK\x05\x06")
            .map(|at| at + from)
            .ok_or(ReadError::Truncated)?;
        let count = u16_at(&bytes, end + 10)?;
        let start = u32_at(&bytes, end + 16)?;
        if count == 0xFFFF || start == u32::MAX {
            return Err(ReadError::TooLarge { what: "an archive of the 64-bit kind".into() });
        }
        if count > MAX_FILES {
            return Err(ReadError::TooLarge { what: format!("{count} files") });
        }
        let mut entries = Vec::new();
        let mut at = place(start)?;
        let mut total = 0_u64;
        for _ in 0..count {
            let (entry, next) = entry(&bytes, at)?;
            at = next;
            let Some(entry) = entry else { continue };
            total = total.saturating_add(entry.size);
            if total > MAX_ARCHIVE_BYTES {
                return Err(ReadError::TooLarge { what: "more than 8 GB in one archive".into() });
            }
            entries.push(entry);
        }
        let mut ranges: Vec<&Range<usize>> = entries.iter().map(|e| &e.packed).collect();
        ranges.sort_by_key(|range| range.start);
        if ranges.windows(2).any(|pair| pair[0].end > pair[1].start) {
            return Err(ReadError::broken("files that share their packed bytes"));
        }
        Ok(Self { bytes, entries })
    }

    /// Its files, in the order of its list.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The bytes of one file.
    ///
    /// # Errors
    /// Unpacks to another size than promised, or to other bytes than were packed.
    pub fn read(&self, entry: &Entry) -> Result<Vec<u8>> {
        let packed = self.bytes.get(entry.packed.clone()).ok_or_else(broken)?;
        let size = usize::try_from(entry.size).map_err(|_| broken())?;
        let bytes = if entry.deflated { inflate(packed, size)? } else { packed.to_vec() };
        if bytes.len() != size || crc32(&bytes) != entry.crc {
            return Err(ReadError::broken("it does not unpack to what was packed"));
        }
        Ok(bytes)
    }
}

impl Archive {
    /// The bytes of the first file of this name, if it has at most `most` of them.
    ///
    /// # Errors
    /// No such file, too large, or as [`Archive::read`].
    pub fn read_named(&self, name: &str, most: u64) -> Result<Vec<u8>> {
        let entry = self.entries.iter().find(|entry| entry.name == name);
        let entry = entry.ok_or_else(|| ReadError::Io("no such file".into()))?;
        if entry.size > most {
            return Err(ReadError::TooLarge { what: format!("{} MB", entry.size / 1_000_000) });
        }
        self.read(entry)
    }
}

/// One entry of the list and the place of the next; no entry for a folder.
fn entry(bytes: &[u8], at: usize) -> Result<(Option<Entry>, usize)> {
    if bytes.get(at..at + 4) != Some(b"PK\x01\x02") {
        return Err(broken());
    }
    let name_length = u16_at(bytes, at + 28)?;
    let next = at + 46 + name_length + u16_at(bytes, at + 30)? + u16_at(bytes, at + 32)?;
    let name = bytes.get(at + 46..at + 46 + name_length).ok_or(ReadError::Truncated)?;
    let name = String::from_utf8_lossy(name).replace('\\', "/");
    if name.ends_with('/') {
        return Ok((None, next));
    }
    if u16_at(bytes, at + 8)? & 1 == 1 {
        return Err(ReadError::broken("its files are locked with a password"));
    }
    let deflated = match u16_at(bytes, at + 10)? {
        0 => false,
        8 => true,
        _ => return Err(ReadError::pixels("an archive packed in another way than ZIP's own")),
    };
    let (packed_size, size) = (u32_at(bytes, at + 20)?, u32_at(bytes, at + 24)?);
    if packed_size == u32::MAX || size == u32::MAX {
        return Err(ReadError::TooLarge { what: "an archive of the 64-bit kind".into() });
    }
    let bomb = u64::from(size) > (u64::from(packed_size) * MAX_RATIO).max(16 << 20);
    if bomb || u64::from(size) > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge { what: "a file that unfolds without end".into() });
    }
    let local = place(u32_at(bytes, at + 42)?)?;
    if bytes.get(local..local.saturating_add(4)) != Some(b"PK\x03\x04") {
        return Err(broken());
    }
    let start = local + 30 + u16_at(bytes, local + 26)? + u16_at(bytes, local + 28)?;
    let end = start + place(packed_size)?;
    if end > bytes.len() {
        return Err(ReadError::Truncated);
    }
    let crc = u32_at(bytes, at + 16)?;
    Ok((Some(Entry { name, size: size.into(), packed: start..end, deflated, crc }), next))
}

/// The checksum that ZIP files carry.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0_u32; 256];
    for (number, entry) in (0_u32..).zip(table.iter_mut()) {
        *entry = (0..8).fold(
            number,
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
            },
        );
    }
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        crc >> 8 ^ table[usize::from(low ^ byte)]
    })
}
