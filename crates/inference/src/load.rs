//! Reading a pack: every hash, every tensor, the golden vectors.

use crate::compute::{Compute, Computed, Recipe, Seen};
use crate::describe::{Description, Gate, Input, Task};
use crate::graphics::{self, Maps};
use crate::networks::WeightsError;
use crate::pack::{
    GOLDEN_TOLERANCE, MODEL, PackError, Reader, float_tensor, pack_hash, pinned, sha256, tensors,
};
use crate::prep;
use safetensors::SafeTensors;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A linear layer over the features.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    /// `[classes, features]`, row by row.
    pub weight: Vec<f32>,
    /// `[classes]`.
    pub bias: Vec<f32>,
}

impl Head {
    /// `features`: the mean of the last result of the network, per channel.
    pub fn logits(&self, features: &[f32]) -> Vec<f32> {
        let n = features.len().max(1);
        let dot = |row: &[f32]| row.iter().zip(features).map(|(w, f)| w * f).sum::<f32>();
        self.weight.chunks_exact(n).zip(&self.bias).map(|(row, b)| dot(row) + b).collect()
    }

    /// The map of one class: at each place the part of its logit that this place brings. Its mean
    /// plus the bias is the logit. `maps`: `[features, places]`.
    pub fn map(&self, class: usize, maps: &[f32], places: usize) -> Vec<f32> {
        let features = maps.len() / places.max(1);
        let row = self.weight.get(class * features..(class + 1) * features).unwrap_or(&[]);
        let mut out = vec![0f32; places];
        for (w, plane) in row.iter().zip(maps.chunks_exact(places.max(1))) {
            for (o, v) in out.iter_mut().zip(plane) {
                *o += w * v;
            }
        }
        out
    }
}

/// What ordinary pictures of a task look like to the network. It is measured on the square roots of
/// the features: they are means of what an activation lets through, so their spread grows with them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ordinary {
    /// `[features]`.
    pub mean: Vec<f32>,
    /// `[directions, features]`, each of length 1: where ordinary pictures differ most.
    pub basis: Vec<f32>,
    /// Variance along each direction.
    pub spread: Vec<f32>,
    /// Mean variance in all other directions.
    pub rest: f32,
}

impl Ordinary {
    /// 0.3 of the mean square inside the directions and 0.7 of that outside, each in units of the
    /// ordinary; 1 is usual. The same sum as `distance` in `models/training/heads.py`.
    pub fn distance(&self, features: &[f32]) -> f32 {
        let offset: Vec<f32> =
            features.iter().zip(&self.mean).map(|(f, m)| f.max(0.0).sqrt() - m).collect();
        let n = offset.len().max(1);
        let along: Vec<f32> = self
            .basis
            .chunks_exact(n)
            .map(|row| row.iter().zip(&offset).map(|(a, b)| a * b).sum())
            .collect();
        let k = along.len().max(1);
        let inside = along.iter().zip(&self.spread).map(|(a, s)| a * a / s).sum::<f32>() / k as f32;
        let length = |v: &[f32]| v.iter().map(|a| a * a).sum::<f32>();
        let outside = (length(&offset) - length(&along)).max(0.0)
            / (self.rest * n.saturating_sub(along.len()).max(1) as f32);
        0.3 * inside + 0.7 * outside
    }
}

/// A network with what belongs to it; shared by all packs whose heads stand on it.
#[derive(Debug)]
pub(crate) struct Network {
    pub compute: Compute,
    pub input: Input,
    pub gate: Gate,
    pub gate_head: Head,
    /// SHA-256 of the weights file.
    pub sha256: String,
}

/// A verified pack, in words.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Info {
    /// Hash of the whole pack; see [`crate::pack`].
    pub sha256: String,
    /// Whether the hash is one the program was built with.
    pub built_in: bool,
    /// How its network is computed here.
    pub computed: Computed,
    /// Everything `model.toml` says.
    #[serde(flatten)]
    pub description: Description,
}

#[derive(Debug)]
pub(crate) struct Loaded {
    pub info: Info,
    pub network: Arc<Network>,
    /// One per task, as the next two.
    pub heads: Vec<Head>,
    /// The row beside the gate's that knows the kind of a task the gate does not.
    pub rows: Vec<Option<Head>>,
    pub ordinary: Vec<Ordinary>,
}

/// Where the network of another pack is found, by its id: the caller keeps the loaded ones.
pub(crate) type FindNetwork<'a> = &'a dyn Fn(&str) -> Option<Arc<Network>>;

/// `pins`: whether a built-in id must have its pinned hash.
pub(crate) fn load(dir: &Path, pins: bool, find: FindNetwork<'_>) -> Result<Loaded, PackError> {
    let reader = Reader::new(dir);
    let mismatch =
        |file: &str| PackError::HashMismatch { pack: reader.pack.clone(), file: file.to_owned() };
    let model = reader.text(MODEL)?;
    let pin = pinned(&reader.pack).filter(|_| pins);
    let description: Description = match reader.description(&model) {
        Ok(description) => description,
        Err(_) if pin.is_some() => return Err(mismatch(MODEL)),
        Err(error) => return Err(error),
    };
    let hash = pack_hash(model.as_bytes(), &description.files);
    if pin.is_some_and(|pin| pin != hash) {
        return Err(mismatch(MODEL));
    }
    reader.check(&description)?;
    if description.id != reader.pack {
        let (id, folder) = (&description.id, &reader.pack);
        return Err(reader.field(format!("id is \"{id}\", the folder is \"{folder}\"")));
    }
    let mut files = BTreeMap::new();
    for file in description.files.keys() {
        files.insert(file.clone(), Arc::new(reader.bytes(file)?));
    }
    // What was read is put together while it is still being proven, and given to nobody before.
    let sealed = description.files.clone();
    let changed = || {
        let mut all = files.iter();
        let changed = all.find(|(file, bytes)| sealed.get(*file) != Some(&sha256(bytes)));
        changed.map(|(file, _)| file.as_str())
    };
    std::thread::scope(|scope| {
        let proving = std::thread::Builder::new().spawn_scoped(scope, changed);
        let info = (hash, pin.is_some(), description);
        let loaded = build(&reader, info, &files, find);
        let changed = match proving {
            // Not proven is not proven, whatever the reason.
            Ok(thread) => thread.join().unwrap_or(Some(MODEL)),
            Err(_) => changed(),
        };
        changed.map_or(loaded, |file| Err(mismatch(file)))
    })
}

type Files = BTreeMap<String, Arc<Vec<u8>>>;

/// Makes the network, the heads and what is ordinary of files that were read, and asks the golden
/// vectors.
fn build(
    reader: &Reader<'_>,
    (sha256, built_in, description): (String, bool, Description),
    files: &Files,
    find: FindNetwork<'_>,
) -> Result<Loaded, PackError> {
    let take = |file: &str| files.get(file).map(|bytes| bytes.as_slice()).unwrap_or_default();
    let golden = Golden::read(reader, &description, take("golden.safetensors"))?;
    let mut card = None;
    let network = match (&description.backbone, &description.gate) {
        (Some(wanted), _) => {
            let found = find(&wanted.pack).filter(|n| n.sha256 == wanted.sha256);
            let found = found.ok_or_else(|| PackError::Unsupported {
                pack: reader.pack.clone(),
                what: format!("the network of the pack {} it was made with", wanted.pack),
            })?;
            if found.input != description.input {
                return Err(reader.field("input is another than that of its network"));
            }
            found
        }
        (None, Some(gate)) => {
            let file = "weights.safetensors";
            let weights = files.get(file).cloned().unwrap_or_default();
            let mut compute = compute(reader, &description, file, weights, &golden)?;
            let sha256 = description.files.get(file).cloned().unwrap_or_default();
            card = Some(compute.may_use_card(reader.path(file), sha256));
            let heads = take("heads.safetensors");
            Arc::new(own_network(reader, &description, gate, compute, heads)?)
        }
        (None, None) => return Err(reader.field("it has neither a network nor names one")),
    };
    let (heads, rows) = heads(reader, &description, &network, take("heads.safetensors"))?;
    let ordinary = ordinary(reader, &description, &network, take("ood.safetensors"))?;
    let computed = network.compute.computed.clone();
    let info = Info { sha256, built_in, computed, description };
    let loaded = Loaded { info, network, heads, rows, ordinary };
    golden.check(reader, &loaded)?;
    if let Some(source) = card {
        let network = Arc::clone(&loaded.network);
        graphics::consider(source, move |picture| {
            let (Seen { rows, columns, maps, .. }, _) = network.compute.on_processor(picture);
            Maps { rows, columns, values: maps }
        });
    }
    Ok(loaded)
}

fn compute(
    reader: &Reader<'_>,
    d: &Description,
    file: &str,
    weights: Arc<Vec<u8>>,
    golden: &Golden,
) -> Result<Compute, PackError> {
    let (architecture, plan, side) = (d.architecture, d.plan.clone(), d.input.size as usize);
    let recipe = Recipe { architecture, plan, taps: d.taps.clone(), weights, side };
    let picture = golden.pictures.first().map(Vec::as_slice).unwrap_or_default();
    Compute::new(recipe, picture).map_err(|error| {
        let (pack, file) = (reader.pack.clone(), file.to_owned());
        match error {
            WeightsError::Missing(tensor) => PackError::MissingTensor { pack, file, tensor },
            WeightsError::Unused(tensor) => PackError::UnusedTensor { pack, file, tensor },
            WeightsError::Bad(cause) => PackError::BadTensor { pack, file, cause },
        }
    })
}

/// Names of the tensors of the heads file and of the file of what is ordinary. `gate`: the kinds a
/// gate knows; a task of another kind brings a row of its own.
fn names(d: &Description, gate: &Gate) -> (Vec<String>, Vec<String>) {
    let own = d.gate.iter().map(|_| "gate".to_owned());
    let tasks = d.tasks.iter().flat_map(|t| {
        let row = (!gate.kinds.contains(&t.kind)).then(|| format!("{}.kind", t.name));
        std::iter::once(t.name.clone()).chain(row)
    });
    let heads = own.chain(tasks).flat_map(|n| [format!("{n}.weight"), format!("{n}.bias")]);
    let parts =
        |t: &Task| ["mean", "basis", "spread", "rest"].map(|part| format!("{}.{part}", t.name));
    (heads.collect(), d.tasks.iter().flat_map(parts).collect())
}

fn open<'a>(
    reader: &Reader<'_>,
    file: &str,
    bytes: &'a [u8],
    names: &[String],
) -> Result<SafeTensors<'a>, PackError> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    tensors(reader, file, bytes, &names)
}

fn head(
    reader: &Reader<'_>,
    st: &SafeTensors<'_>,
    name: &str,
    classes: usize,
    features: usize,
) -> Result<Head, PackError> {
    let file = "heads.safetensors";
    let take = |part: &str, shape: &[usize]| {
        float_tensor(reader, file, st, &format!("{name}.{part}"), shape)
    };
    let head =
        Head { weight: take("weight", &[classes, features])?, bias: take("bias", &[classes])? };
    if head.weight.iter().chain(&head.bias).all(|v| v.is_finite()) {
        Ok(head)
    } else {
        Err(reader.bad(file, format!("{name} holds a value that is no number")))
    }
}

fn own_network(
    reader: &Reader<'_>,
    d: &Description,
    gate: &Gate,
    compute: Compute,
    heads: &[u8],
) -> Result<Network, PackError> {
    let st = open(reader, "heads.safetensors", heads, &names(d, gate).0)?;
    let gate_head = head(reader, &st, "gate", gate.kinds.len(), compute.features)?;
    Ok(Network {
        compute,
        input: d.input.clone(),
        gate: gate.clone(),
        gate_head,
        sha256: d.files.get("weights.safetensors").cloned().unwrap_or_default(),
    })
}

type Heads = (Vec<Head>, Vec<Option<Head>>);

fn heads(
    reader: &Reader<'_>,
    d: &Description,
    network: &Network,
    bytes: &[u8],
) -> Result<Heads, PackError> {
    let st = open(reader, "heads.safetensors", bytes, &names(d, &network.gate).0)?;
    let features = network.compute.features;
    let mut heads = (Vec::new(), Vec::new());
    for t in &d.tasks {
        heads.0.push(head(reader, &st, &t.name, t.labels.len(), features)?);
        let known = network.gate.kinds.contains(&t.kind);
        let row = |_| head(reader, &st, &format!("{}.kind", t.name), 1, features);
        heads.1.push((!known).then_some(()).map(row).transpose()?);
    }
    Ok(heads)
}

fn ordinary(
    reader: &Reader<'_>,
    d: &Description,
    network: &Network,
    bytes: &[u8],
) -> Result<Vec<Ordinary>, PackError> {
    let file = "ood.safetensors";
    let st = open(reader, file, bytes, &names(d, &network.gate).1)?;
    let one = |t: &Task| {
        let name = |part: &str| format!("{}.{part}", t.name);
        let shape = st.tensor(&name("spread")).map_err(|e| reader.bad(file, e))?.shape().to_vec();
        let k = shape.first().copied().unwrap_or(0);
        if !(1..=256).contains(&k) {
            let cause = format!("{} should have 1 to 256 directions", name("spread"));
            return Err(reader.bad(file, cause));
        }
        let take =
            |part: &str, shape: &[usize]| float_tensor(reader, file, &st, &name(part), shape);
        let found = Ordinary {
            mean: take("mean", &[network.compute.features])?,
            basis: take("basis", &[k, network.compute.features])?,
            spread: take("spread", &[k])?,
            rest: take("rest", &[1])?.first().copied().unwrap_or(0.0),
        };
        if found.spread.iter().chain([&found.rest]).any(|v| *v <= 0.0) {
            return Err(reader.bad(file, format!("{} has a spread that is not positive", t.name)));
        }
        Ok(found)
    };
    d.tasks.iter().map(one).collect()
}

/// Stored inputs with the answers of the training program: gate first (where the pack has one), then
/// the tasks in order.
struct Golden {
    /// Prepared, at least one.
    pictures: Vec<Vec<f32>>,
    /// Answers of each picture.
    outputs: usize,
    /// `[pictures, outputs]`.
    expected: Vec<f32>,
}

impl Golden {
    fn read(reader: &Reader<'_>, d: &Description, bytes: &[u8]) -> Result<Self, PackError> {
        let file = "golden.safetensors";
        let st = tensors(reader, file, bytes, &["input", "logits"])?;
        let input = st.tensor("input").map_err(|e| reader.bad(file, e))?;
        let side = d.input.size as usize;
        let n = input.shape().first().copied().unwrap_or(0);
        if input.dtype() != safetensors::Dtype::U8
            || input.shape() != [n, side, side, 3]
            || !(1..=64).contains(&n)
        {
            return Err(
                reader.bad(file, format!("input should be U8 [1 to 64, {side}, {side}, 3]"))
            );
        }
        let gate = d.gate.as_ref().map_or(0, |g| g.kinds.len());
        let outputs = gate + d.tasks.iter().map(|t| t.labels.len()).sum::<usize>();
        let expected = float_tensor(reader, file, &st, "logits", &[n, outputs])?;
        let prepared = |picture: &[u8]| {
            let square = image::RgbImage::from_raw(d.input.size, d.input.size, picture.to_vec());
            prep::normalise_rgb(&square.unwrap_or_default(), &d.input.mean, &d.input.std)
        };
        let pictures = input.data().chunks_exact(side * side * 3).map(prepared).collect();
        Ok(Self { pictures, outputs, expected })
    }

    /// Runs the pictures and compares with the stored answers.
    fn check(&self, reader: &Reader<'_>, loaded: &Loaded) -> Result<(), PackError> {
        let d = &loaded.info.description;
        let mut difference = 0f32;
        for (picture, wanted) in self.pictures.iter().zip(self.expected.chunks(self.outputs.max(1)))
        {
            let (seen, _) = loaded.network.compute.on_processor(picture);
            let own = d.gate.iter().flat_map(|_| loaded.network.gate_head.logits(&seen.features));
            let tasks = loaded.heads.iter().flat_map(|h| h.logits(&seen.features));
            // A NaN must not pass: it is made the worst difference. Large logits may differ by more.
            difference = own
                .chain(tasks)
                .zip(wanted)
                .map(|(a, b)| (a - b).abs() / b.abs().max(1.0))
                .fold(difference, |m, v| if v.is_nan() { f32::INFINITY } else { m.max(v) });
        }
        if difference > GOLDEN_TOLERANCE {
            return Err(PackError::GoldenMismatch { pack: reader.pack.clone(), difference });
        }
        Ok(())
    }
}
