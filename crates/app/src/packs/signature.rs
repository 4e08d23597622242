//! The signature of a pack: Ed25519 over its hash, made as the commands of the record are signed
//! ([`ledger::DeviceKey::sign`]) and for a purpose of its own, so that neither can stand for the
//! other.

use crate::error::{Error, no};
use crate::models::named_pack;
use ledger::{device_id, public_key, verify_signature};
use serde::{Deserialize, Serialize};
use wire::{Code, CommandError};

/// The file beside `model.toml`. It is not among the files the hash of a pack is made of.
pub(crate) const FILE: &str = "signature.toml";
/// A signature file has two lines.
pub(crate) const MOST_BYTES: u64 = 4096;
const PURPOSE: &[u8] = b"healthsync/pack/v1\0";

/// `signature.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signature {
    /// The public key: 32 bytes, hexadecimal.
    pub key: String,
    /// 64 bytes, hexadecimal, over the 32 bytes of the hash of the pack.
    pub signature: String,
}

impl Signature {
    /// By the key of this store.
    pub(crate) fn by(store: &store_sqlite::Store, sha256: &str) -> Result<Self, Error> {
        let signature = store.sign(PURPOSE, &bytes::<32>(sha256)?);
        Ok(Self { key: hex::encode(store.device_key()), signature: hex::encode(signature) })
    }

    pub(crate) fn text(&self) -> Result<String, Error> {
        toml::to_string(self).map_err(|e| Error::Broken(e.to_string()))
    }

    /// Reads the file and checks it against the hash. Whether the key is trusted is another question.
    pub(crate) fn read(text: &[u8], pack: &wire::PackRef) -> Result<Self, Error> {
        let wrong = || Error::from(named_pack(Code::PackSignatureWrong, pack));
        let text = std::str::from_utf8(text).map_err(|_| wrong())?;
        let read: Self = toml::from_str(text).map_err(|_| wrong())?;
        let fits = || -> Result<bool, Error> {
            let key = public_key(&bytes(&read.key)?).ok_or_else(wrong)?;
            Ok(verify_signature(
                &key,
                PURPOSE,
                &bytes::<32>(&pack.sha256)?,
                &bytes(&read.signature)?,
            ))
        };
        match fits() {
            Ok(true) => Ok(Self { key: read.key.to_lowercase(), ..read }),
            Ok(false) | Err(_) => Err(wrong()),
        }
    }
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], Error> {
    let mut out = [0; N];
    hex::decode_to_slice(text, &mut out).map_err(|_| no(Code::PackSignatureWrong))?;
    Ok(out)
}

/// The fingerprint of a public key, as it is read out: that of a device in the record, in groups of
/// four. `None` for what is no key.
pub(crate) fn fingerprint(key: &str) -> Option<String> {
    let text = hex::encode(device_id(&public_key(&bytes(key).ok()?)?));
    let groups = text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group));
    Some(groups.collect::<Vec<_>>().join(" "))
}

/// Whether somebody typed this fingerprint, however they divided it.
pub(crate) fn same_fingerprint(typed: &str, fingerprint: &str) -> bool {
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-' && *c != ':');
        kept.flat_map(char::to_lowercase).collect()
    };
    plain(typed) == plain(fingerprint)
}

/// The refusal of a key nobody trusts yet, with what a person needs to change that.
pub(crate) fn unknown(pack: &wire::PackRef, key: &str) -> CommandError {
    named_pack(Code::PackKeyUnknown, pack)
        .with("key", key)
        .with("fingerprint", fingerprint(key).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::DeviceKey;

    fn pack() -> wire::PackRef {
        wire::PackRef { id: "wrist".into(), version: "1.0.0".into(), sha256: "ab".repeat(32) }
    }

    fn signed(purpose: &[u8]) -> Signature {
        let key = DeviceKey::from_seed(&[7; 32]);
        let signature = hex::encode(key.sign(purpose, &[0xab; 32]));
        Signature { key: hex::encode(key.public().to_bytes()), signature }
    }

    #[test]
    fn a_signature_counts_for_this_hash_this_key_and_this_purpose_only() {
        let good = signed(PURPOSE);
        let read = |s: &Signature, pack: &wire::PackRef| {
            Signature::read(s.text().expect("text").as_bytes(), pack)
        };
        assert_eq!(read(&good, &pack()).expect("whole"), good);
        let other = wire::PackRef { sha256: "ac".repeat(32), ..pack() };
        assert!(read(&good, &other).is_err());
        assert!(read(&signed(b"healthsync/cmd/v1\0"), &pack()).is_err(), "a command is no pack");
        let another = DeviceKey::from_seed(&[8; 32]).public().to_bytes();
        assert!(read(&Signature { key: hex::encode(another), ..good.clone() }, &pack()).is_err());
        // The point of order one: every text would fit a signature of zeroes.
        let weak = format!("01{}", "00".repeat(31));
        assert!(read(&Signature { key: weak, signature: "00".repeat(64) }, &pack()).is_err());
        for text in ["", "key = 3", "\u{fffd}", "key = \"zz\"\nsignature = \"\""] {
            assert!(Signature::read(text.as_bytes(), &pack()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_fingerprint_may_be_typed_in_any_grouping_and_no_digit_may_differ() {
        let shown = fingerprint(&signed(PURPOSE).key).expect("a key");
        assert_eq!(shown.len(), 39, "{shown}");
        assert!(same_fingerprint(&shown.to_uppercase().replace(' ', ""), &shown));
        assert!(same_fingerprint(&shown.replace(' ', "-"), &shown));
        assert!(!same_fingerprint(&shown[..38], &shown));
        assert!(!same_fingerprint("", &shown));
        assert_eq!(fingerprint("00"), None);
    }
}
