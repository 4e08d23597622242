//! Reading a pack with many tasks: every hash, every tensor, the golden vectors.

use super::describe::{Description, Gate, Input, Task};
use crate::graph::{Graph, Reference};
use crate::networks::{self, WeightsError};
use crate::pack::{
    GOLDEN_TOLERANCE, MODEL, PackError, Reader, float_tensor, pack_hash, pinned, sha256, tensors,
};
use crate::prep;
use burn::tensor::Device;
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

/// What ordinary pictures of a task look like to the network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ordinary {
    pub mean: Vec<f32>,
    /// Row by row, `mean.len()` squared.
    pub whiten: Vec<f32>,
}

/// A network with what belongs to it; shared by all packs whose heads stand on it.
#[derive(Debug)]
pub(crate) struct Network {
    pub reference: Reference,
    pub features: usize,
    pub input: Input,
    pub gate: Gate,
    pub gate_head: Head,
    /// `[directions, features]`: the features are looked at in these directions only.
    pub project: Vec<f32>,
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
    /// Everything `model.toml` says.
    #[serde(flatten)]
    pub description: Description,
}

#[derive(Debug)]
pub(crate) struct Loaded {
    pub info: Info,
    pub network: Arc<Network>,
    pub heads: Vec<Head>,
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
    if description.format != 2 {
        let what = format!("format {} of model.toml", description.format);
        return Err(PackError::Unsupported { pack: reader.pack.clone(), what });
    }
    if description.id != reader.pack {
        let (id, folder) = (&description.id, &reader.pack);
        return Err(reader.field(format!("id is \"{id}\", the folder is \"{folder}\"")));
    }
    description.check().map_err(|cause| reader.field(cause))?;
    let mut files = BTreeMap::new();
    for (file, expected) in description.files.clone() {
        let bytes = reader.bytes(&file)?;
        if sha256(&bytes) != expected {
            return Err(mismatch(&file));
        }
        files.insert(file, bytes);
    }
    let take = |file: &str| files.get(file).map(Vec::as_slice).unwrap_or_default();
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
            if let Some(t) = description.tasks.iter().find(|t| !found.gate.kinds.contains(&t.kind))
            {
                return Err(reader.field(format!("task {} is of an unknown kind", t.name)));
            }
            found
        }
        (None, Some(gate)) => {
            let file = "weights.safetensors";
            let graph = graph(&reader, &description, file, take(file))?;
            Arc::new(own_network(
                &reader,
                &description,
                gate,
                &graph,
                take("heads.safetensors"),
                take("ood.safetensors"),
            )?)
        }
        (None, None) => return Err(reader.field("it has neither a network nor names one")),
    };
    let heads = heads(&reader, &description, network.features, take("heads.safetensors"))?;
    let ordinary = ordinary(&reader, &description, &network, take("ood.safetensors"))?;
    let info = Info { sha256: hash, built_in: pin.is_some(), description };
    let loaded = Loaded { info, network, heads, ordinary };
    golden(&reader, &loaded, take("golden.safetensors"))?;
    Ok(loaded)
}

fn graph(
    reader: &Reader<'_>,
    d: &Description,
    file: &str,
    bytes: &[u8],
) -> Result<Graph, PackError> {
    let weights = SafeTensors::deserialize(bytes).map_err(|e| reader.bad(file, e))?;
    networks::graph(d.architecture, &d.plan, &weights).map_err(|error| {
        let (pack, file) = (reader.pack.clone(), file.to_owned());
        match error {
            WeightsError::Missing(tensor) => PackError::MissingTensor { pack, file, tensor },
            WeightsError::Unused(tensor) => PackError::UnusedTensor { pack, file, tensor },
            WeightsError::Bad(cause) => PackError::BadTensor { pack, file, cause },
        }
    })
}

/// Names of the tensors of the heads file and of the file of what is ordinary.
fn names(d: &Description) -> (Vec<String>, Vec<String>) {
    let gate = d.gate.iter().map(|_| "gate".to_owned());
    let heads = gate.chain(d.tasks.iter().map(|t| t.name.clone()));
    let heads = heads.flat_map(|n| [format!("{n}.weight"), format!("{n}.bias")]).collect();
    let project = d.gate.iter().map(|_| "project".to_owned());
    let of = |t: &Task| [format!("{}.mean", t.name), format!("{}.whiten", t.name)];
    (heads, project.chain(d.tasks.iter().flat_map(of)).collect())
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
    graph: &Graph,
    heads: &[u8],
    ood: &[u8],
) -> Result<Network, PackError> {
    let (head_names, ood_names) = names(d);
    let st = open(reader, "heads.safetensors", heads, &head_names)?;
    let gate_head = head(reader, &st, "gate", gate.kinds.len(), graph.features)?;
    let file = "ood.safetensors";
    let st = open(reader, file, ood, &ood_names)?;
    let shape = st.tensor("project").map_err(|e| reader.bad(file, e))?.shape().to_vec();
    let directions = shape.first().copied().unwrap_or(0);
    if !(1..=256).contains(&directions) {
        return Err(reader.bad(file, "project should have 1 to 256 directions"));
    }
    let project = float_tensor(reader, file, &st, "project", &[directions, graph.features])?;
    Ok(Network {
        reference: Reference::new(graph, &Device::flex()),
        features: graph.features,
        input: d.input.clone(),
        gate: gate.clone(),
        gate_head,
        project,
        sha256: d.files.get("weights.safetensors").cloned().unwrap_or_default(),
    })
}

fn heads(
    reader: &Reader<'_>,
    d: &Description,
    features: usize,
    bytes: &[u8],
) -> Result<Vec<Head>, PackError> {
    let st = open(reader, "heads.safetensors", bytes, &names(d).0)?;
    d.tasks.iter().map(|t| head(reader, &st, &t.name, t.labels.len(), features)).collect()
}

fn ordinary(
    reader: &Reader<'_>,
    d: &Description,
    network: &Network,
    bytes: &[u8],
) -> Result<Vec<Ordinary>, PackError> {
    let file = "ood.safetensors";
    let st = open(reader, file, bytes, &names(d).1)?;
    let k = network.project.len() / network.features.max(1);
    d.tasks
        .iter()
        .map(|t| {
            Ok(Ordinary {
                mean: float_tensor(reader, file, &st, &format!("{}.mean", t.name), &[k])?,
                whiten: float_tensor(reader, file, &st, &format!("{}.whiten", t.name), &[k, k])?,
            })
        })
        .collect()
}

/// What the network makes of one prepared picture.
pub(crate) struct Seen {
    pub rows: usize,
    pub columns: usize,
    /// `[features, rows, columns]`.
    pub maps: Vec<f32>,
    /// `[features]`.
    pub features: Vec<f32>,
}

pub(crate) fn see(network: &Network, prepared: &[f32]) -> Seen {
    let side = network.input.size as usize;
    let (_, rows, columns, maps) = network.reference.features(prepared, side);
    let places = (rows * columns).max(1);
    let features =
        maps.chunks_exact(places).map(|p| p.iter().sum::<f32>() / places as f32).collect();
    Seen { rows, columns, maps, features }
}

/// Runs the stored inputs and compares with the stored answers: gate first (where the pack has one),
/// then the tasks in order.
fn golden(reader: &Reader<'_>, loaded: &Loaded, bytes: &[u8]) -> Result<(), PackError> {
    let file = "golden.safetensors";
    let st = tensors(reader, file, bytes, &["input", "logits"])?;
    let input = st.tensor("input").map_err(|e| reader.bad(file, e))?;
    let side = loaded.network.input.size as usize;
    let n = input.shape().first().copied().unwrap_or(0);
    if input.dtype() != safetensors::Dtype::U8
        || input.shape() != [n, side, side, 3]
        || !(1..=64).contains(&n)
    {
        return Err(reader.bad(file, format!("input should be U8 [1 to 64, {side}, {side}, 3]")));
    }
    let d = &loaded.info.description;
    let gate = d.gate.as_ref().map_or(0, |g| g.kinds.len());
    let outputs = gate + d.tasks.iter().map(|t| t.labels.len()).sum::<usize>();
    let expected = float_tensor(reader, file, &st, "logits", &[n, outputs])?;
    let mut difference = 0f32;
    for (i, picture) in input.data().chunks_exact(side * side * 3).enumerate() {
        let square = image::RgbImage::from_raw(
            loaded.network.input.size,
            loaded.network.input.size,
            picture.to_vec(),
        )
        .unwrap_or_default();
        let spec = &loaded.network.input;
        let seen = see(&loaded.network, &prep::normalise_rgb(&square, &spec.mean, &spec.std));
        let own = d.gate.iter().flat_map(|_| loaded.network.gate_head.logits(&seen.features));
        let tasks = loaded.heads.iter().flat_map(|h| h.logits(&seen.features));
        let wanted = &expected[i * outputs..(i + 1) * outputs];
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
