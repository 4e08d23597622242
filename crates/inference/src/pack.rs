//! A pack: a folder with a trained network, its card and everything needed to prove it is the one that was measured.
//!
//! Files: `model.toml` (what it is, and the SHA-256 of every other file), `README.md` (the card),
//! `weights.safetensors` (the network, 16-bit; absent where the heads stand on another pack's
//! network), `heads.safetensors`, `ood.safetensors` (what ordinary pictures look like),
//! `golden.safetensors` (inputs with the answers of the training program).
//!
//! The hash of a pack is the SHA-256 of the sorted lines `<sha256>  <file name>\n` of `model.toml` and every listed
//! file: `sha256sum model.toml README.md ... | LC_ALL=C sort -k2 | sha256sum`. The hashes of built-in packs stand in
//! `models/PACKS.sha256`, which is compiled into the program, so that a change of `model.toml` is seen too: that list is
//! the program's signature over them. A pack from elsewhere is signed over its hash by whoever made it; who may sign
//! is decided by the facility, above this crate.

use crate::describe::Description;
use safetensors::SafeTensors;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Id of the pack that looks first: its gate says what kind of picture it is.
pub const BUILT_IN: &str = "basic-cnn-open";
/// `models/PACKS.sha256` as it was when the program was built: one line `<sha256>  <id>` per pack.
pub const PINS: &str = include_str!("../../../models/PACKS.sha256");
/// What describes the pack.
pub const MODEL: &str = "model.toml";
/// No file of a pack may be larger, in bytes: the largest built-in one has 47 million.
pub const FILE_LIMIT: u64 = 64 << 20;
/// Largest difference between our logits and those of the training program.
pub(crate) const GOLDEN_TOLERANCE: f32 = 1e-3;

/// Why a pack was refused. Every sentence names the file or the field.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// A file is not there or cannot be read.
    #[error(
        "The model pack {pack} cannot be used: {file} cannot be read ({cause}). Install the pack again."
    )]
    Unreadable {
        /// Folder name of the pack.
        pack: String,
        /// File inside the pack.
        file: String,
        /// What the system says.
        cause: String,
    },
    /// A file is not the one the pack was sealed with.
    #[error(
        "The model pack {pack} was refused: {file} is not the file it was sealed with. Install the pack again."
    )]
    HashMismatch {
        /// Folder name of the pack.
        pack: String,
        /// The changed file.
        file: String,
    },
    /// `model.toml` is no valid description.
    #[error("The model pack {pack} was refused: model.toml is not valid ({cause}).")]
    Description {
        /// Folder name of the pack.
        pack: String,
        /// Which field, and what is wrong.
        cause: String,
    },
    /// The pack needs something this program does not have.
    #[error("The model pack {pack} needs {what}, which this version of the program does not have.")]
    Unsupported {
        /// Folder name of the pack.
        pack: String,
        /// What it asks for.
        what: String,
    },
    /// A tensor the network needs is not in the file.
    #[error("The model pack {pack} was refused: {file} has no tensor {tensor}.")]
    MissingTensor {
        /// Folder name of the pack.
        pack: String,
        /// File inside the pack.
        file: String,
        /// Name of the tensor.
        tensor: String,
    },
    /// A tensor that belongs to nothing.
    #[error(
        "The model pack {pack} was refused: {file} has a tensor {tensor} that belongs to no layer."
    )]
    UnusedTensor {
        /// Folder name of the pack.
        pack: String,
        /// File inside the pack.
        file: String,
        /// Name of the tensor.
        tensor: String,
    },
    /// A tensor of the wrong shape or type, or a file that is no safetensors file.
    #[error("The model pack {pack} was refused: {file} is not valid ({cause}).")]
    BadTensor {
        /// Folder name of the pack.
        pack: String,
        /// File inside the pack.
        file: String,
        /// What is wrong.
        cause: String,
    },
    /// The loaded network answers otherwise than the trained one.
    #[error(
        "The model pack {pack} was refused: its self-test differs by {difference} from the stored answers; at most 0.001 is allowed."
    )]
    GoldenMismatch {
        /// Folder name of the pack.
        pack: String,
        /// Largest difference of a logit.
        difference: f32,
    },
}

/// The pinned hash of a pack of this id, if the program was built with one.
pub fn pinned(id: &str) -> Option<&'static str> {
    PINS.lines()
        .filter_map(|line| line.split_once("  "))
        .find(|(_, name)| name.trim() == id)
        .map(|(sha, _)| sha)
}

/// Whether a text may be the id of a pack: small letters, digits and `-`, beginning with a letter. It becomes the name
/// of a folder on every system.
pub fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=60).contains(&text.len())
        && text.bytes().all(plain)
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
}

/// Whether a text may be the version of a pack: `1.4.0`, `0.1.0+site.2`. It becomes the name of a folder too, and is
/// never taken for an id.
pub fn is_version(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".+-".contains(&b);
    (1..=40).contains(&text.len())
        && text.bytes().all(plain)
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !text.contains("..")
}

/// What a pack says of itself and the hash it promises to have, from the bytes of its `model.toml` alone: they name
/// every other file by its hash. Nothing is proven by it. `name`: of the pack, for the sentence of a refusal.
///
/// # Errors
/// [`PackError`], whose sentence names the field.
pub fn promised(model: &[u8], name: &str) -> Result<(Description, String), PackError> {
    let reader = Reader { dir: Path::new(""), pack: name.to_owned() };
    let text = std::str::from_utf8(model).map_err(|_| reader.field("it is not UTF-8 text"))?;
    let description: Description = reader.description(text)?;
    reader.check(&description)?;
    let hash = pack_hash(model, &description.files);
    Ok((description, hash))
}

/// Every folder below `packs_dir` that has a `model.toml`, sorted.
pub fn list(packs_dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(packs_dir)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join(MODEL).is_file())
        .collect();
    found.sort();
    Ok(found)
}

/// What a pack says of itself, read without proving it: to know which other pack it stands on.
///
/// # Errors
/// [`PackError`], whose sentence names the file.
pub fn describe(dir: &Path) -> Result<Description, PackError> {
    let reader = Reader::new(dir);
    reader.description(&reader.text(MODEL)?)
}

/// Writes `model.toml` with the hashes of the files as they are and returns the hash of the pack.
/// For making packs, not for using them.
///
/// # Errors
/// [`PackError`] when a file cannot be read or written.
pub fn seal(dir: &Path, mut description: Description) -> Result<String, PackError> {
    let reader = Reader::new(dir);
    for file in description.expected_files() {
        let hash = sha256(&reader.bytes(&file)?);
        description.files.insert(file, hash);
    }
    let body = toml::to_string(&description).map_err(|e| reader.field(e))?;
    let text = format!(
        "# Written by `cargo run -p inference --example seal`. The program refuses a field it does not know.\n{body}"
    );
    std::fs::write(dir.join(MODEL), &text).map_err(|e| reader.unreadable(MODEL, &e.to_string()))?;
    Ok(pack_hash(text.as_bytes(), &description.files))
}

/// As it stands in `model.toml` and in `models/PACKS.sha256`.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(crate) fn pack_hash(model: &[u8], files: &BTreeMap<String, String>) -> String {
    let mut all = files.clone();
    all.insert(MODEL.to_owned(), sha256(model));
    let lines: String = all.iter().map(|(name, sha)| format!("{sha}  {name}\n")).collect();
    sha256(lines.as_bytes())
}

/// Reads the files of one pack and names them when something is wrong.
pub(crate) struct Reader<'a> {
    dir: &'a Path,
    /// Folder name of the pack.
    pub pack: String,
}

impl<'a> Reader<'a> {
    /// The name of a pack is that of its folder, or, where that is a version (`ID/VERSION/`), of the folder above.
    pub fn new(dir: &'a Path) -> Self {
        let name = |dir: &Path| dir.file_name().map(|n| n.to_string_lossy().into_owned());
        let own = name(dir).unwrap_or_else(|| dir.display().to_string());
        let above = dir.parent().and_then(name).filter(|_| is_version(&own));
        Reader { dir, pack: above.unwrap_or(own) }
    }

    /// What the types cannot say, and the version of the format.
    pub fn check(&self, description: &Description) -> Result<(), PackError> {
        if description.format != 2 {
            let what = format!("format {} of model.toml", description.format);
            return Err(PackError::Unsupported { pack: self.pack.clone(), what });
        }
        description.check().map_err(|cause| self.field(cause))
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.join(file)
    }

    pub fn unreadable(&self, file: &str, cause: &str) -> PackError {
        PackError::Unreadable {
            pack: self.pack.clone(),
            file: file.to_owned(),
            cause: cause.to_owned(),
        }
    }

    pub fn bad(&self, file: &str, cause: impl ToString) -> PackError {
        PackError::BadTensor {
            pack: self.pack.clone(),
            file: file.to_owned(),
            cause: cause.to_string(),
        }
    }

    pub fn field(&self, cause: impl ToString) -> PackError {
        PackError::Description { pack: self.pack.clone(), cause: cause.to_string() }
    }

    pub fn bytes(&self, file: &str) -> Result<Vec<u8>, PackError> {
        let path = self.dir.join(file);
        let size =
            std::fs::metadata(&path).map_err(|e| self.unreadable(file, &e.to_string()))?.len();
        if size > FILE_LIMIT {
            return Err(self.unreadable(file, "it is larger than 64 MiB"));
        }
        std::fs::read(&path).map_err(|e| self.unreadable(file, &e.to_string()))
    }

    pub fn text(&self, file: &str) -> Result<String, PackError> {
        String::from_utf8(self.bytes(file)?)
            .map_err(|_| self.field(format!("{file} is not UTF-8 text")))
    }

    pub fn description<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T, PackError> {
        toml::from_str(text).map_err(|e| {
            self.field(e.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" "))
        })
    }
}

pub(crate) fn tensors<'a>(
    reader: &Reader,
    file: &str,
    bytes: &'a [u8],
    names: &[&str],
) -> Result<SafeTensors<'a>, PackError> {
    let st = SafeTensors::deserialize(bytes).map_err(|e| reader.bad(file, e))?;
    let there: BTreeSet<String> = st.names().iter().map(ToString::to_string).collect();
    if let Some(tensor) = names.iter().find(|n| !there.contains(**n)) {
        return Err(PackError::MissingTensor {
            pack: reader.pack.clone(),
            file: file.to_owned(),
            tensor: (*tensor).to_owned(),
        });
    }
    if let Some(tensor) = there.iter().find(|t| !names.contains(&t.as_str())) {
        return Err(PackError::UnusedTensor {
            pack: reader.pack.clone(),
            file: file.to_owned(),
            tensor: tensor.clone(),
        });
    }
    Ok(st)
}

/// A tensor of numbers, 16- or 32-bit, of exactly this shape.
pub(crate) fn float_tensor(
    reader: &Reader,
    file: &str,
    st: &SafeTensors,
    name: &str,
    shape: &[usize],
) -> Result<Vec<f32>, PackError> {
    let view = st.tensor(name).map_err(|e| reader.bad(file, e))?;
    if view.shape() != shape {
        let found = view.shape();
        return Err(reader.bad(file, format!("{name} is {found:?} and should be {shape:?}")));
    }
    crate::networks::floats(name, &view).map_err(|e| reader.bad(file, e))
}
