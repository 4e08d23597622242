//! A pack: a folder with a trained network, its card and everything needed to prove it is the one that was measured.
//!
//! Files: `model.toml` (what it is, and the SHA-256 of every other file), `README.md` (the card),
//! `weights.safetensors` (16-bit), `ood.safetensors` (what ordinary pictures look like to the gate),
//! `golden.safetensors` (inputs with the answers of the training program).
//!
//! The hash of a pack is the SHA-256 of the sorted lines `<sha256>  <file name>\n` of `model.toml` and every listed
//! file: `sha256sum model.toml README.md ... | LC_ALL=C sort -k2 | sha256sum`. The hashes of built-in packs stand in
//! `models/PACKS.sha256`, which is compiled into the program, so that a change of `model.toml` is seen too.

use crate::net::{Networks, floats};
use crate::prep::InputSpec;
use burn::module::Module;
use burn::tensor::{DType, Device, Tensor, TensorData};
use burn_store::{
    FloatCastAdapter, ModuleAdapter, ModuleSnapshot, PyTorchToBurnAdapter, SafetensorsStore,
};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folder and id of the pack that comes with the program.
pub const BUILT_IN: &str = "chest-xray-basic";
/// `models/PACKS.sha256` as it was when the program was built: one line `<sha256>  <id>` per pack.
pub const PINS: &str = include_str!("../../../models/PACKS.sha256");
/// The card, the weights and the two files of check values; `model.toml` lists exactly these.
pub const FILES: [&str; 4] =
    ["README.md", "golden.safetensors", "ood.safetensors", "weights.safetensors"];
/// What describes the pack.
pub const MODEL: &str = "model.toml";
/// No file of a pack may be larger, in bytes: the built-in one has about one million.
const FILE_LIMIT: u64 = 64 << 20;
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

/// One class of the task, in the order of the network's outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Name in the manifest, for example `bacterial_pneumonia`.
    pub name: String,
    /// Name for people, in English.
    pub title: String,
    /// SNOMED CT id of the condition; `None` for the class without a finding.
    pub snomed_ct: Option<String>,
    /// The value of the raw map that is shown as 1.
    pub cam_scale: f32,
}

/// For whom the pack was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntendedUse {
    /// Oldest patient, in completed years. Older, or of unknown age: findings only under "outside intended use".
    pub age_max_years: u32,
    /// What it is for.
    pub text: String,
    /// What it is not for.
    pub out_of_scope: String,
}

/// How scores became probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Logits are divided by this before the softmax.
    pub temperature: f32,
    /// Which pictures it was fitted on.
    pub fitted_on: String,
}

/// An operating point of the probability of any pneumonia.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Name, for example `balanced`.
    pub name: String,
    /// Probability of pneumonia from which it counts as found.
    pub value: f32,
    /// Share of the films with pneumonia at or above `value`.
    pub sensitivity: f32,
    /// Share of the films without pneumonia below `value`.
    pub specificity: f32,
    /// Where the two were measured.
    pub measured_on: String,
}

/// When to keep silent, in the order of the tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gates {
    /// Shorter side of the picture, in pixels; smaller is refused.
    pub side_min: u32,
    /// Standard deviation of the grey values (0 to 255) below which the picture is blank.
    pub contrast_min: f32,
    /// Largest share of pixels that are exactly white.
    pub white_max: f32,
    /// Classes of the gate's network; the first is the kind of picture the pack is for.
    pub classes: Vec<String>,
    /// Probability of the first class below which the picture is of another kind.
    pub kind_min: f32,
    /// Distance of the gate's features from the ordinary, in standard deviations, above which the picture is unusual.
    pub distance_max: f32,
    /// The largest probability of any label must reach this.
    pub confidence_min: f32,
    /// How the limits were chosen.
    pub chosen: String,
}

/// The layers: in channels, out channels and stride of each block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Channels of the first block of the main network.
    pub width: usize,
    /// The main network.
    pub net: Vec<[usize; 3]>,
    /// The gate's network; it sees the picture at half the side.
    pub gate: Vec<[usize; 3]>,
}

/// One source of training pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is and where it was published.
    pub name: String,
    /// Licence of the pictures.
    pub licence: String,
    /// What the pictures were used for: `findings` or `gate`.
    pub used_for: String,
}

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// What was measured.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// Lower end of the 95 % interval, bootstrapped by group; absent for counts.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
    /// Number of pictures it rests on.
    pub n: usize,
}

/// `model.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Version of this file's layout: 1.
    pub format: u32,
    /// Id of the pack, equal to its folder.
    pub id: String,
    /// Version of the pack.
    pub version: String,
    /// Only `basic_cnn` exists.
    pub architecture: String,
    /// The task in the manifest.
    pub task: String,
    /// Licence of the pack itself.
    pub licence: String,
    /// The layers.
    pub network: Network,
    /// The pre-processing.
    pub input: InputSpec,
    /// The classes, in the order of the outputs.
    pub labels: Vec<Label>,
    /// For whom.
    pub intended_use: IntendedUse,
    /// The temperature.
    pub calibration: Calibration,
    /// The operating points.
    pub thresholds: Vec<Threshold>,
    /// When to keep silent.
    pub gates: Gates,
    /// How it was trained and what the validation pictures are.
    pub split: String,
    /// What it was trained on.
    pub training: Vec<Source>,
    /// What the Rust program measured.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// SHA-256 of every other file.
    pub files: BTreeMap<String, String>,
}

/// A verified pack, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PackInfo {
    /// Hash of the whole pack, in hexadecimal; see the module's text.
    pub sha256: String,
    /// Whether the hash is one the program was built with.
    pub built_in: bool,
    /// Everything `model.toml` says.
    #[serde(flatten)]
    pub description: Description,
}

/// A verified pack with its networks in memory.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub info: PackInfo,
    pub networks: Networks,
    pub device: Device,
    /// Mean of the gate's features over ordinary pictures.
    pub ood_mean: Vec<f32>,
    /// Whitening matrix, row by row, `ood_mean.len()` squared.
    pub ood_whiten: Vec<f32>,
}

/// The pinned hash of a pack of this id, if the program was built with one.
pub fn pinned(id: &str) -> Option<&'static str> {
    PINS.lines()
        .filter_map(|line| line.split_once("  "))
        .find(|(_, name)| name.trim() == id)
        .map(|(sha, _)| sha)
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

/// Checks a pack as [`crate::Engine::load`] does and returns what it is.
pub fn verify(dir: &Path) -> Result<PackInfo, PackError> {
    load(dir, true).map(|loaded| loaded.info)
}

/// Writes the hashes of the files into `model.toml` (everything below the line `[files]` is replaced) and returns the
/// hash of the pack. For making packs, not for using them.
pub fn seal(dir: &Path) -> Result<String, PackError> {
    let reader = Reader::new(dir);
    let model = reader.text(MODEL)?;
    let head = model.split("\n[files]").next().unwrap_or(&model).trim_end();
    let mut sealed = format!("{head}\n\n[files]\n");
    for file in FILES {
        sealed.push_str(&format!("\"{file}\" = \"{}\"\n", sha256(&reader.bytes(file)?)));
    }
    std::fs::write(dir.join(MODEL), &sealed)
        .map_err(|e| reader.unreadable(MODEL, &e.to_string()))?;
    let description: Description = reader.description(&sealed)?;
    Ok(pack_hash(sealed.as_bytes(), &description.files))
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
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
    pub fn new(dir: &'a Path) -> Self {
        let pack = dir
            .file_name()
            .map_or_else(|| dir.display().to_string(), |n| n.to_string_lossy().into_owned());
        Reader { dir, pack }
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

/// `pins`: whether a built-in id must have its pinned hash. Only the sealing example says no.
pub(crate) fn load(dir: &Path, pins: bool) -> Result<Loaded, PackError> {
    let reader = Reader::new(dir);
    let mismatch =
        |file: &str| PackError::HashMismatch { pack: reader.pack.clone(), file: file.to_owned() };
    let model = reader.bytes(MODEL)?;
    let pin = pinned(&reader.pack).filter(|_| pins);
    let parsed = String::from_utf8(model.clone())
        .map_err(|_| reader.field("it is not UTF-8 text"))
        .and_then(|text| reader.description(&text));
    let description: Description = match parsed {
        Ok(description) => description,
        // A built-in pack's description was valid when it was sealed: what does not parse was changed.
        Err(_) if pin.is_some() => return Err(mismatch(MODEL)),
        Err(error) => return Err(error),
    };
    let hash = pack_hash(&model, &description.files);
    if pin.is_some_and(|pin| pin != hash) {
        return Err(mismatch(MODEL));
    }
    check(&reader, &description)?;
    let mut files = BTreeMap::new();
    for (file, expected) in &description.files {
        let bytes = reader.bytes(file)?;
        if sha256(&bytes) != *expected {
            return Err(mismatch(file));
        }
        files.insert(file.as_str(), bytes);
    }
    let mut take = |file: &str| files.remove(file).unwrap_or_default();
    let (weights, ood, golden) =
        (take("weights.safetensors"), take("ood.safetensors"), take("golden.safetensors"));

    let device = Device::flex();
    let networks = networks(&reader, &description, weights, &device)?;
    let features = description.network.gate.last().map_or(0, |p| p[1]);
    let ood_tensors = tensors(&reader, "ood.safetensors", &ood, &["mean", "whiten"])?;
    let ood_mean = float_tensor(&reader, "ood.safetensors", &ood_tensors, "mean", &[features])?;
    let ood_whiten =
        float_tensor(&reader, "ood.safetensors", &ood_tensors, "whiten", &[features, features])?;
    let info = PackInfo { sha256: hash, built_in: pin.is_some(), description };
    let loaded = Loaded { info, networks, device, ood_mean, ood_whiten };
    golden_test(&reader, &loaded, &golden)?;
    Ok(loaded)
}

/// What the types cannot say.
fn check(reader: &Reader, d: &Description) -> Result<(), PackError> {
    let unsupported =
        |what: String| Err(PackError::Unsupported { pack: reader.pack.clone(), what });
    if d.format != 1 {
        return unsupported(format!("format {} of model.toml", d.format));
    }
    if d.architecture != "basic_cnn" {
        return unsupported(format!("the architecture \"{}\"", d.architecture));
    }
    if d.input.filter != "triangle" || d.input.fit != "letterbox-black" {
        return unsupported(format!(
            "the pre-processing \"{}\" with \"{}\"",
            d.input.fit, d.input.filter
        ));
    }
    if d.id != reader.pack {
        return Err(reader.field(format!("id is \"{}\", the folder is \"{}\"", d.id, reader.pack)));
    }
    let wrong = |field: &str| Err(reader.field(format!("{field} is out of range")));
    if !(16..=1024).contains(&d.input.size)
        || !d.input.size.is_multiple_of(2)
        || !d.input.mean.is_finite()
        || d.input.std.is_nan()
        || d.input.std <= 0.0
    {
        return wrong("input");
    }
    if d.labels.len() < 2
        || d.labels.len() > 200
        || d.labels.iter().any(|l| l.name.is_empty() || l.cam_scale.is_nan() || l.cam_scale <= 0.0)
    {
        return wrong("labels");
    }
    for plan in [&d.network.net, &d.network.gate] {
        let chained = plan.windows(2).all(|w| w[0][1] == w[1][0]);
        let sane = plan.iter().all(|&[i, o, s]| {
            (1..=2048).contains(&i) && (1..=2048).contains(&o) && (1..=2).contains(&s)
        });
        if plan.is_empty() || plan.len() > 64 || plan[0][0] != 1 || !chained || !sane {
            return wrong("network");
        }
    }
    if d.network.width != d.network.net[0][1] {
        return wrong("network.width");
    }
    if !(d.calibration.temperature.is_finite() && d.calibration.temperature > 0.0) {
        return wrong("calibration.temperature");
    }
    let unit = |v: f32| (0.0..=1.0).contains(&v);
    let g = &d.gates;
    if !(unit(g.kind_min) && unit(g.confidence_min) && unit(g.white_max))
        || g.distance_max.is_nan()
        || g.contrast_min.is_nan()
        || g.classes.len() < 2
    {
        return wrong("gates");
    }
    if d.thresholds.iter().any(|t| !(unit(t.value) && unit(t.sensitivity) && unit(t.specificity))) {
        return wrong("thresholds");
    }
    let listed: BTreeSet<&str> = d.files.keys().map(String::as_str).collect();
    if listed != BTreeSet::from(FILES) {
        return Err(reader.field(format!("files must list exactly {}", FILES.join(", "))));
    }
    Ok(())
}

fn networks(
    reader: &Reader,
    d: &Description,
    weights: Vec<u8>,
    device: &Device,
) -> Result<Networks, PackError> {
    let file = "weights.safetensors";
    let mut networks = Networks {
        net: crate::net::BasicCnn::new(&d.network.net, d.labels.len(), device),
        gate: crate::net::BasicCnn::new(&d.network.gate, d.gates.classes.len(), device),
    };
    let mut store = SafetensorsStore::from_bytes(Some(weights))
        .with_from_adapter(PyTorchToBurnAdapter.chain(FloatCastAdapter::to(DType::F32)))
        .allow_partial(true) // so that the missing tensor can be named below
        .validate(true);
    let result = networks.load_from(&mut store).map_err(|e| reader.bad(file, e))?;
    if let Some(error) = result.errors.first() {
        return Err(reader.bad(file, format!("{error:?}")));
    }
    if let Some((tensor, _)) = result.missing.first() {
        return Err(PackError::MissingTensor {
            pack: reader.pack.clone(),
            file: file.to_owned(),
            tensor: tensor.clone(),
        });
    }
    if let Some(tensor) = result.unused.first() {
        return Err(PackError::UnusedTensor {
            pack: reader.pack.clone(),
            file: file.to_owned(),
            tensor: tensor.clone(),
        });
    }
    Ok(networks.no_grad())
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

pub(crate) fn float_tensor(
    reader: &Reader,
    file: &str,
    st: &SafeTensors,
    name: &str,
    shape: &[usize],
) -> Result<Vec<f32>, PackError> {
    let view = st.tensor(name).map_err(|e| reader.bad(file, e))?;
    if view.dtype() != safetensors::Dtype::F32 || view.shape() != shape {
        return Err(reader.bad(
            file,
            format!("{name} is {:?} {:?} and should be F32 {shape:?}", view.dtype(), view.shape()),
        ));
    }
    let (values, _) = view.data().as_chunks::<4>();
    Ok(values.iter().map(|b| f32::from_le_bytes(*b)).collect())
}

/// Runs the stored inputs and compares with the stored answers.
fn golden_test(reader: &Reader, loaded: &Loaded, bytes: &[u8]) -> Result<(), PackError> {
    let file = "golden.safetensors";
    let d = &loaded.info.description;
    let st = tensors(reader, file, bytes, &["input", "net_logits", "gate_logits"])?;
    let input = st.tensor("input").map_err(|e| reader.bad(file, e))?;
    let side = d.input.size as usize;
    let n = input.shape().first().copied().unwrap_or(0);
    if input.dtype() != safetensors::Dtype::U8
        || input.shape() != [n, side, side]
        || !(1..=64).contains(&n)
    {
        return Err(reader.bad(file, format!("input should be U8 [1 to 64, {side}, {side}]")));
    }
    let net = float_tensor(reader, file, &st, "net_logits", &[n, d.labels.len()])?;
    let gate = float_tensor(reader, file, &st, "gate_logits", &[n, d.gates.classes.len()])?;
    let mut difference = 0f32;
    for (i, picture) in input.data().chunks_exact(side * side).enumerate() {
        let square = image::GrayImage::from_raw(d.input.size, d.input.size, picture.to_vec())
            .unwrap_or_default();
        let raw = forward(loaded, &crate::prep::normalise(&square, &d.input));
        let pairs = raw
            .logits
            .iter()
            .zip(&net[i * d.labels.len()..])
            .chain(raw.gate_logits.iter().zip(&gate[i * d.gates.classes.len()..]));
        // A NaN must not pass: it is made the worst difference.
        difference = pairs
            .map(|(a, b)| (a - b).abs())
            .fold(difference, |m, v| if v.is_nan() { f32::INFINITY } else { m.max(v) });
    }
    if difference > GOLDEN_TOLERANCE {
        return Err(PackError::GoldenMismatch { pack: reader.pack.clone(), difference });
    }
    Ok(())
}

/// Both networks on one prepared picture.
pub(crate) struct Raw {
    pub logits: Vec<f32>,
    /// Rows, columns and values `[classes, rows, columns]` of the raw maps.
    pub maps: (usize, usize, Vec<f32>),
    pub gate_logits: Vec<f32>,
    pub gate_features: Vec<f32>,
}

/// `prepared`: the output of [`crate::prep::prepare`] for this pack.
pub(crate) fn forward(loaded: &Loaded, prepared: &[f32]) -> Raw {
    let side = loaded.info.description.input.size as usize;
    let input = Tensor::<4>::from_data(
        TensorData::new(prepared.to_vec(), [1, 1, side, side]),
        &loaded.device,
    );
    let half = Tensor::<4>::from_data(
        TensorData::new(half(prepared, side), [1, 1, side / 2, side / 2]),
        &loaded.device,
    );
    let (main, gate) = (loaded.networks.net.forward(input), loaded.networks.gate.forward(half));
    let [_, _, rows, columns] = main.maps.dims();
    Raw {
        logits: floats(main.logits.into_data()),
        maps: (rows, columns, floats(main.maps.into_data())),
        gate_logits: floats(gate.logits.into_data()),
        gate_features: floats(gate.pooled.into_data()),
    }
}

/// Means of 2 x 2 pixels: the gate looks at half the side. `side` is even (checked at load).
fn half(values: &[f32], side: usize) -> Vec<f32> {
    let h = side / 2;
    let at = |x: usize, y: usize| values.get(y * side + x).copied().unwrap_or(0.0);
    (0..h * h)
        .map(|i| {
            let (x, y) = (i % h * 2, i / h * 2);
            (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4.0
        })
        .collect()
}
