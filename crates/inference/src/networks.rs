//! The architectures a pack may have, and how the tensors of its weights file become a network.
//!
//! What the layers are stands once, in [`cnn_engine::models`]; names of tensors are those of the
//! training script (`models/training/nets.py`). A tensor that is missing, of another shape or left
//! over is named.

use cnn_engine::models::{self, Block, WeightSource};
use cnn_engine::{Graph, PlanError, Values};
use half::slice::HalfFloatSliceExt as _;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Which network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// A chain of convolutions; its plan stands in the pack.
    BasicCnn,
    /// He et al. 2015, arXiv 1512.03385, with the stride in the 3 x 3 convolution.
    Resnet50,
    /// Tan and Le 2019, arXiv 1905.11946.
    EfficientnetB0,
}

impl Architecture {
    /// The word in `model.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Architecture::BasicCnn => "basic_cnn",
            Architecture::Resnet50 => "resnet50",
            Architecture::EfficientnetB0 => "efficientnet_b0",
        }
    }
}

/// One block of the basic network: channels in, channels out, kernel (1 or 3), stride, whether a
/// max-pool follows (0 or 1), and groups (2 where two towers stand side by side).
pub type Plan = Vec<[usize; 6]>;

/// What is wrong with a weights file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// A tensor the network needs is not there.
    #[error("there is no tensor {0}")]
    Missing(String),
    /// A tensor belongs to no layer.
    #[error("the tensor {0} belongs to no layer")]
    Unused(String),
    /// Wrong shape, wrong type, or not a number.
    #[error("{0}")]
    Bad(String),
}

impl From<PlanError> for WeightsError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::MissingTensor(name) => WeightsError::Missing(name),
            PlanError::TensorShape { name, expected, got } => {
                WeightsError::Bad(format!("{name} is {got:?} and should be {expected:?}"))
            }
            other => WeightsError::Bad(other.to_string()),
        }
    }
}

/// A weights file that remembers what was taken from it.
pub struct Weights<'a> {
    tensors: SafeTensors<'a>,
    taken: RefCell<BTreeSet<String>>,
    /// The first tensor whose values are of no use.
    bad: RefCell<Option<WeightsError>>,
}

impl<'a> Weights<'a> {
    /// Of an opened file.
    pub fn new(tensors: SafeTensors<'a>) -> Self {
        Self { tensors, taken: RefCell::default(), bad: RefCell::default() }
    }
}

/// Heads lie in a file of their own: in a weights file they belong to no layer.
fn is_head(name: &str) -> bool {
    ["fc.", "head.", "heads.", "classifier."].iter().any(|head| name.starts_with(head))
}

impl WeightSource for Weights<'_> {
    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        let view = (!is_head(name)).then(|| self.tensors.tensor(name).ok()).flatten()?;
        Some(view.shape().to_vec())
    }
    fn values(&self, name: &str) -> Option<Values<'_>> {
        let view = self.tensors.tensor(name).ok()?;
        self.taken.borrow_mut().insert(name.to_owned());
        match floats(name, &view) {
            Ok(values) => Some(values.into()),
            Err(error) => {
                self.bad.borrow_mut().get_or_insert(error);
                None
            }
        }
    }
}

/// The network of a weights file, for pictures of `side` x `side`, with every batch normalisation
/// folded in. `taps`: numbers of inner blocks (of stages in a ResNet) whose results are features too,
/// before those of the last.
///
/// # Errors
/// The first tensor that is missing, wrong or left over.
pub fn graph<'a>(
    architecture: Architecture,
    plan: &Plan,
    taps: &[usize],
    weights: &'a Weights<'_>,
    side: usize,
) -> Result<Graph<'a>, WeightsError> {
    let built = match architecture {
        Architecture::BasicCnn => basic_cnn(plan, taps, weights, side),
        Architecture::Resnet50 => models::resnet50(weights, side, side, taps).map_err(Into::into),
        Architecture::EfficientnetB0 => {
            models::efficientnet_b0(weights, side, side, taps).map_err(Into::into)
        }
    };
    // A tensor that is no good looks to the builder as if it were missing.
    if let Some(bad) = weights.bad.borrow_mut().take() {
        return Err(bad);
    }
    let graph = built?;
    let taken = weights.taken.borrow();
    let left = weights.tensors.names().into_iter().filter(|name| !taken.contains(*name));
    // PyTorch counts batches beside its statistics; the number is used in training only.
    match left.filter(|name| !name.ends_with(".num_batches_tracked")).min() {
        Some(name) => Err(WeightsError::Unused(name.to_owned())),
        None => Ok(graph),
    }
}

fn basic_cnn<'a>(
    plan: &Plan,
    taps: &[usize],
    weights: &'a Weights<'_>,
    side: usize,
) -> Result<Graph<'a>, WeightsError> {
    let mut blocks = Vec::with_capacity(plan.len());
    for (n, &[input, output, kernel, stride, pool, groups]) in plan.iter().enumerate() {
        let name = format!("blocks.{n}.conv.weight");
        let found = weights.shape(&name).ok_or_else(|| WeightsError::Missing(name.clone()))?;
        let planned = [output, input / groups.max(1), kernel, kernel];
        if found != planned {
            let what = format!("{name} is {found:?} and should be {planned:?}");
            return Err(WeightsError::Bad(what));
        }
        blocks.push(Block { stride, groups, pool: pool == 1 });
    }
    Ok(models::sequential(weights, side, side, &blocks, taps)?)
}

/// The values of a 16- or 32-bit tensor; one that is not a number is refused.
pub(crate) fn floats(name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, WeightsError> {
    let values: Vec<f32> = match view.dtype() {
        Dtype::F32 => {
            view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
        }
        Dtype::F16 => halves(view.data()),
        other => return Err(WeightsError::Bad(format!("{name} is {other:?}, not F16 or F32"))),
    };
    // Without an early end the processor looks at many at once.
    if values.iter().fold(true, |finite, v| finite & v.is_finite()) {
        Ok(values)
    } else {
        Err(WeightsError::Bad(format!("{name} holds a value that is no number")))
    }
}

/// 16-bit numbers, little end first, as 32-bit ones; in pieces that stay in the nearest memory.
fn halves(bytes: &[u8]) -> Vec<f32> {
    const PIECE: usize = 2048;
    let pairs = bytes.as_chunks::<2>().0;
    let mut values = vec![0f32; pairs.len()];
    let mut piece = [half::f16::ZERO; PIECE];
    for (to, from) in values.chunks_mut(PIECE).zip(pairs.chunks(PIECE)) {
        for (half, pair) in piece.iter_mut().zip(from) {
            *half = half::f16::from_le_bytes(*pair);
        }
        piece[..from.len()].convert_to_f32_slice(to);
    }
    values
}
