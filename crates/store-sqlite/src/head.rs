//! What this computer has seen of its own log, kept outside the database: a store that was rolled
//! back, or whose write-ahead log lost its end, then no longer looks whole.

use crate::{Store, StoreError};
use ledger::{Hash, hash_of};
use std::io::Write as _;
use std::path::Path;

pub(crate) const FILE: &str = "head";

/// Size and root of the log, under a MAC of the store's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub size: u64,
    pub root: Hash,
}

impl Head {
    pub(crate) fn of(store: &Store) -> Self {
        let (size, root) = store.log_head();
        Self { size, root }
    }

    /// SHA-256 over a key of fixed length, then data of fixed length, then the key again: there is
    /// nothing to extend.
    fn mac(&self, dek: &[u8; 32]) -> Hash {
        hash_of(&[b"healthsync/head/v1\0", dek, &self.size.to_be_bytes(), &self.root, dek])
    }

    pub(crate) fn write(&self, home: &Path, dek: &[u8; 32]) -> Result<(), StoreError> {
        let text =
            format!("{} {} {}\n", self.size, hex::encode(self.root), hex::encode(self.mac(dek)));
        // Renamed, not synced: losing the newest head only makes the next check less strict.
        let beside = home.join("head.new");
        let mut file =
            sqlite::private_file().write(true).create(true).truncate(true).open(&beside)?;
        file.write_all(text.as_bytes())?;
        drop(file);
        std::fs::rename(beside, home.join(FILE))?;
        Ok(())
    }

    /// `None` when there is none, or when its MAC does not fit (which `verify` reports).
    pub fn read(home: &Path, dek: &[u8; 32]) -> Result<Option<Self>, StoreError> {
        let text = match std::fs::read(home.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Self::parse(&text, dek))
    }

    pub(crate) fn parse(text: &[u8], dek: &[u8; 32]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let [size, root, mac] = text.strip_suffix('\n')?.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        let mut head = Self { size: size.parse().ok()?, root: [0; 32] };
        hex::decode_to_slice(root, &mut head.root).ok()?;
        // Compared as text: another spelling of the same number is a changed byte too.
        let same = format!("{} {}", head.size, hex::encode(head.root)) == format!("{size} {root}");
        (same && hex::encode(head.mac(dek)) == mac).then_some(head)
    }
}
