//! The signed header and the chain. Signed bytes are CBOR made of arrays and integers only, stored
//! and verified verbatim: the order of an array is the order of the fields below, so there is one
//! encoding of one header.

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use kernel::CommandId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// SHA-256.
pub type Hash = [u8; 32];

/// What an aggregate is called on the outside: its kind and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    pub kind: u8,
    pub id: Uuid,
}

/// The policy a command was decided under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRef {
    pub profile: String,
    pub version: u32,
    pub hash: Hash,
}

/// A second person, checked inline by password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondRef {
    pub user: String,
    pub at_us: i64,
}

/// The signed part of a command. Everything the chain, the verdict and an auditor need; nothing a
/// patient could be recognised by, except through the erasable body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub version: u16,
    pub id: CommandId,
    /// First 16 bytes of SHA-256 of the device's public key.
    pub device: [u8; 16],
    /// Incarnation of the device; a restored backup starts a new one.
    pub epoch: u32,
    /// 0 urgent, 1 clinical, 2 audit: each has its own chain.
    pub stream: u8,
    /// Gap-free within (device, epoch, stream), from 1.
    pub dseq: u64,
    /// Hash of the previous command of this chain; zeroes for the first.
    pub prev: Hash,
    /// The command's time (kernel.md 2.3), microseconds.
    pub effective_at_us: i64,
    pub user: String,
    pub role: String,
    /// `unit.issue` and its version.
    pub kind: String,
    pub kind_version: u16,
    /// 0 requested, 1 final, 2 attested.
    pub standing: u8,
    /// The aggregate the user acted on first, then the others, at most 20.
    pub writes: Vec<Subject>,
    /// Versions that were read.
    pub seen: Vec<(Subject, u64)>,
    pub after: Vec<CommandId>,
    pub policy: Option<PolicyRef>,
    pub second: Option<SecondRef>,
    /// SHA-256(salt || body).
    pub body_commit: Hash,
}

#[derive(Serialize, Deserialize)]
struct Bytes16(#[serde(with = "serde_bytes")] [u8; 16]);
#[derive(Serialize, Deserialize)]
struct Bytes32(#[serde(with = "serde_bytes")] [u8; 32]);
#[derive(Serialize, Deserialize)]
struct WireSubject(u8, Bytes16);

/// Arrays only: a struct without names is encoded as a CBOR array in declaration order.
#[derive(Serialize, Deserialize)]
struct WireHeader(
    u16,
    Bytes16,
    Bytes16,
    u32,
    u8,
    u64,
    Bytes32,
    i64,
    String,
    String,
    String,
    u16,
    u8,
    Vec<WireSubject>,
    Vec<(WireSubject, u64)>,
    Vec<Bytes16>,
    Option<(String, u32, Bytes32)>,
    Option<(String, i64)>,
    Bytes32,
);

fn wire_subject(s: &Subject) -> WireSubject {
    WireSubject(s.kind, Bytes16(*s.id.as_bytes()))
}

fn subject(s: &WireSubject) -> Subject {
    Subject { kind: s.0, id: Uuid::from_bytes(s.1.0) }
}

impl Header {
    /// The bytes that are signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(&WireHeader(
            self.version,
            Bytes16(*self.id.0.as_bytes()),
            Bytes16(self.device),
            self.epoch,
            self.stream,
            self.dseq,
            Bytes32(self.prev),
            self.effective_at_us,
            self.user.clone(),
            self.role.clone(),
            self.kind.clone(),
            self.kind_version,
            self.standing,
            self.writes.iter().map(wire_subject).collect(),
            self.seen.iter().map(|(s, v)| (wire_subject(s), *v)).collect(),
            self.after.iter().map(|id| Bytes16(*id.0.as_bytes())).collect(),
            self.policy.as_ref().map(|p| (p.profile.clone(), p.version, Bytes32(p.hash))),
            self.second.as_ref().map(|s| (s.user.clone(), s.at_us)),
            Bytes32(self.body_commit),
        ))
    }

    /// Reads signed bytes back; `None` when they are not a header.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let w: WireHeader = ciborium::from_reader(bytes).ok()?;
        let header = Header {
            version: w.0,
            id: CommandId(Uuid::from_bytes(w.1.0)),
            device: w.2.0,
            epoch: w.3,
            stream: w.4,
            dseq: w.5,
            prev: w.6.0,
            effective_at_us: w.7,
            user: w.8,
            role: w.9,
            kind: w.10,
            kind_version: w.11,
            standing: w.12,
            writes: w.13.iter().map(subject).collect(),
            seen: w.14.iter().map(|(s, v)| (subject(s), *v)).collect(),
            after: w.15.iter().map(|id| CommandId(Uuid::from_bytes(id.0))).collect(),
            policy: w.16.map(|(profile, version, hash)| PolicyRef {
                profile,
                version,
                hash: hash.0,
            }),
            second: w.17.map(|(user, at_us)| SecondRef { user, at_us }),
            body_commit: w.18.0,
        };
        // One header, one encoding: bytes that say the same in another way are not ours.
        (header.to_bytes() == bytes).then_some(header)
    }
}

/// CBOR of plain data.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).expect("plain data always encodes into memory");
    out
}

pub fn hash_of(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The commitment to a body: the salt stops guessing of low-entropy medical values.
pub fn commit(salt: &Hash, body: &[u8]) -> Hash {
    hash_of(&[salt, body])
}

pub fn device_id(key: &VerifyingKey) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&hash_of(&[key.as_bytes()])[..16]);
    id
}

const DOMAIN: &[u8] = b"healthsync/cmd/v1\0";

/// The device's signing key (Ed25519).
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }
    pub fn public(&self) -> VerifyingKey {
        self.0.verifying_key()
    }
    /// Signs `bytes` for `purpose`; one purpose's signature is never valid for another.
    pub fn sign(&self, purpose: &[u8], bytes: &[u8]) -> [u8; 64] {
        self.0.sign(&[purpose, bytes].concat()).to_bytes()
    }
    pub fn seal(&self, header: Header) -> Signed {
        let bytes = header.to_bytes();
        let signature = self.sign(DOMAIN, &bytes);
        let hash = hash_of(&[&bytes, &signature]);
        Signed { header, bytes, signature, hash }
    }
}

pub fn verify_signature(key: &VerifyingKey, purpose: &[u8], bytes: &[u8], sig: &[u8; 64]) -> bool {
    key.verify(&[purpose, bytes].concat(), &Signature::from_bytes(sig)).is_ok()
}

/// A public key from elsewhere. `None` for bytes that are none, and for the few weak ones under which a signature fits
/// more than one text.
pub fn public_key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak())
}

/// A header, its verbatim bytes, the signature, and the hash the next one points to.
#[derive(Clone, Debug)]
pub struct Signed {
    pub header: Header,
    pub bytes: Vec<u8>,
    pub signature: [u8; 64],
    pub hash: Hash,
}

/// What is wrong with a chain, and at which number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainBroken {
    #[error("command {at}: the bytes are not a header")]
    Unreadable { at: u64 },
    #[error("command {at}: the signature does not fit")]
    Signature { at: u64 },
    #[error("command {at}: the number should be {expected}")]
    Number { at: u64, expected: u64 },
    #[error("command {at}: it does not follow the one before")]
    Link { at: u64 },
    #[error("command {at}: another device or another incarnation")]
    Stranger { at: u64 },
}

/// Walks one chain from its first command.
pub struct ChainWalk {
    key: VerifyingKey,
    device: [u8; 16],
    next: u64,
    last: Hash,
}

impl ChainWalk {
    pub fn new(key: VerifyingKey) -> Self {
        Self { device: device_id(&key), key, next: 1, last: [0; 32] }
    }

    /// Accepts the next stored command or says what is wrong with it.
    pub fn step(&mut self, bytes: &[u8], signature: &[u8; 64]) -> Result<Header, ChainBroken> {
        let at = self.next;
        let header = Header::from_bytes(bytes).ok_or(ChainBroken::Unreadable { at })?;
        if !verify_signature(&self.key, DOMAIN, bytes, signature) {
            return Err(ChainBroken::Signature { at });
        }
        if header.device != self.device {
            return Err(ChainBroken::Stranger { at });
        }
        if header.dseq != at {
            return Err(ChainBroken::Number { at: header.dseq, expected: at });
        }
        if header.prev != self.last {
            return Err(ChainBroken::Link { at });
        }
        self.next += 1;
        self.last = hash_of(&[bytes, signature]);
        Ok(header)
    }

    pub fn last(&self) -> Hash {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn header(dseq: u64, prev: Hash, key: &DeviceKey) -> Header {
        Header {
            version: 1,
            id: CommandId(Uuid::from_u128(u128::from(dseq))),
            device: device_id(&key.public()),
            epoch: 1,
            stream: 1,
            dseq,
            prev,
            effective_at_us: 1_800_000_000_000_000,
            user: "amina".into(),
            role: "blood_bank_scientist".into(),
            kind: "unit.issue".into(),
            kind_version: 1,
            standing: 1,
            writes: vec![Subject { kind: 1, id: Uuid::from_u128(7) }],
            seen: vec![(Subject { kind: 2, id: Uuid::from_u128(8) }, 3)],
            after: vec![],
            policy: Some(PolicyRef { profile: "who".into(), version: 1, hash: [9; 32] }),
            second: Some(SecondRef { user: "luis".into(), at_us: 5 }),
            body_commit: commit(&[1; 32], b"body"),
        }
    }

    #[test]
    fn a_chain_of_three_is_whole_and_any_changed_byte_is_reported() {
        let key = DeviceKey::from_seed(&[3; 32]);
        let mut prev = [0; 32];
        let mut chain = vec![];
        for n in 1..=3 {
            let signed = key.seal(header(n, prev, &key));
            prev = signed.hash;
            chain.push(signed);
        }
        let mut walk = ChainWalk::new(key.public());
        for signed in &chain {
            walk.step(&signed.bytes, &signed.signature).expect("an untouched chain is whole");
        }
        for (n, signed) in chain.iter().enumerate() {
            for i in 0..signed.bytes.len() + 64 {
                let (mut bytes, mut sig) = (signed.bytes.clone(), signed.signature);
                if i < bytes.len() {
                    bytes[i] ^= 1
                } else {
                    sig[i - bytes.len()] ^= 1
                }
                let mut walk = ChainWalk::new(key.public());
                for earlier in &chain[..n] {
                    walk.step(&earlier.bytes, &earlier.signature).expect("earlier ones are whole");
                }
                assert!(walk.step(&bytes, &sig).is_err(), "byte {i} of command {n} was changed");
            }
        }
    }

    #[test]
    fn a_command_is_signed_byte_for_byte_as_the_first_release_did() {
        let shipped = include_bytes!("../golden/header@1");
        let (bytes, signature) = shipped.split_last_chunk::<64>().expect("header and signature");
        let key = DeviceKey::from_seed(&[3; 32]);
        let today = key.seal(header(1, [0; 32], &key));
        assert_eq!(today.bytes, bytes);
        assert_eq!(&today.signature, signature);
        let mut walk = ChainWalk::new(key.public());
        assert_eq!(walk.step(bytes, signature).expect("it verifies"), today.header);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Header::from_bytes(&bytes);
        }
        #[test]
        fn a_header_reads_back(dseq in 1u64.., user in ".{0,20}") {
            let key = DeviceKey::from_seed(&[3; 32]);
            let mut h = header(dseq, [0; 32], &key);
            h.user = user;
            prop_assert_eq!(Header::from_bytes(&h.to_bytes()), Some(h));
        }
    }
}
