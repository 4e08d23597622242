//! The bytes on the disk: magic, version, length, CBOR, MAC, checksum; twice.

use super::{Dek, KeySlotError, Slot, random_bytes};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The shape of the file.
pub const VERSION: u16 = 1;
const MAGIC: &[u8; 8] = b"HSSLOTS\n";
const HEAD: usize = MAGIC.len() + 2 + 4;
const NONCE: usize = 24;
const TAG: usize = 16;
const SUM: usize = 32;
/// A thousand users take about 200 KB; more than this was not written here.
const LONGEST: u64 = 4 * 1024 * 1024;

/// What the file says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Body {
    /// Random, so that a slot of one home means nothing in another.
    pub id: [u8; 16],
    /// Counts the writes; the copy with the higher one is newer.
    pub serial: u64,
    /// Counts the restores.
    pub generation: u64,
    pub slots: Vec<Slot>,
}

impl Body {
    pub fn new() -> Self {
        Self { id: random_bytes(), serial: 1, generation: 1, slots: Vec::new() }
    }

    pub fn seal(&self, dek: &Dek) -> Sealed {
        let mut body = Vec::new();
        ciborium::into_writer(self, &mut body).expect("writing to memory cannot fail");
        let nonce: [u8; NONCE] = random_bytes();
        let tag = mac(dek)
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: &[], aad: &body })
            .expect("an empty message is within the cipher's limit");
        let mut seal = nonce.to_vec();
        seal.extend(tag);
        Sealed { body, seal }
    }
}

/// The exact bytes the MAC covers, and the MAC (nonce and tag of an empty message).
#[derive(Clone, Debug)]
pub struct Sealed {
    body: Vec<u8>,
    seal: Vec<u8>,
}

impl Sealed {
    /// Somebody who held this key wrote these bytes.
    pub fn is_by(&self, dek: &Dek) -> bool {
        let (nonce, tag) = self.seal.split_at(NONCE);
        let payload = Payload { msg: tag, aad: &self.body };
        mac(dek).decrypt(XNonce::from_slice(nonce), payload).is_ok()
    }

    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::new().chain_update(&self.body).chain_update(&self.seal).finalize())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_be_bytes());
        bytes.extend((self.body.len() as u32).to_be_bytes());
        bytes.extend(&self.body);
        bytes.extend(&self.seal);
        let sum = Sha256::digest(&bytes);
        bytes.extend(sum);
        bytes
    }
}

fn mac(dek: &Dek) -> XChaCha20Poly1305 {
    let mut hash = Sha256::new();
    hash.update(b"HealthSync key slots MAC 1");
    hash.update(dek.as_slice());
    let key = Zeroizing::new(<[u8; 32]>::from(hash.finalize()));
    XChaCha20Poly1305::new(key.as_slice().into())
}

/// The two copies.
pub fn paths(folder: &Path) -> [PathBuf; 2] {
    [folder.join("keyslots.a"), folder.join("keyslots.b")]
}

/// How one copy was found.
pub enum Read {
    Whole(Body, Sealed),
    Torn,
    Missing,
    Newer(u16),
}

impl Read {
    pub fn serial(&self) -> Option<u64> {
        match self {
            Self::Whole(body, _) => Some(body.serial),
            Self::Torn | Self::Missing | Self::Newer(_) => None,
        }
    }
}

/// Reads one copy. Only the file system can fail; what the bytes say is an answer.
pub fn read(path: &Path) -> Result<Read, KeySlotError> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() || found.len() > LONGEST => return Ok(Read::Torn),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Read::Missing),
        Err(error) => return Err(error.into()),
    }
    Ok(parse(&fs::read(path)?))
}

fn parse(bytes: &[u8]) -> Read {
    let Some((rest, sum)) = bytes.split_last_chunk::<SUM>() else { return Read::Torn };
    if Sha256::digest(rest).as_slice() != sum || !rest.starts_with(MAGIC) || rest.len() < HEAD {
        return Read::Torn;
    }
    let version = u16::from_be_bytes([rest[8], rest[9]]);
    if version != VERSION {
        return Read::Newer(version);
    }
    let length = u32::from_be_bytes([rest[10], rest[11], rest[12], rest[13]]) as usize;
    let rest = &rest[HEAD..];
    if rest.len() != length + NONCE + TAG {
        return Read::Torn;
    }
    let (body, seal) = rest.split_at(length);
    match ciborium::from_reader::<Body, _>(body) {
        Ok(read) => Read::Whole(read, Sealed { body: body.to_vec(), seal: seal.to_vec() }),
        Err(_) => Read::Torn,
    }
}

/// Writes one copy, flushed and named, and then the other.
pub fn write(folder: &Path, sealed: &Sealed) -> io::Result<()> {
    let bytes = sealed.to_bytes();
    for path in paths(folder) {
        crate::write_atomically(&path, &bytes)?;
    }
    Ok(())
}
