//! The architectures: each is one file that turns the tensors of a weights file into a [`Graph`],
//! and one arm of [`Architecture`]. Names of tensors are those of the training script
//! (`models/training/nets.py`). A tensor that is missing, of another shape or left over is named.

mod basic_cnn;
mod efficientnet_b0;
mod resnet50;

use crate::graph::{Activation, Conv, Graph, Op};
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// Reads a weights file into the network it belongs to. `taps`: numbers of inner blocks (of stages in
/// a ResNet) whose results are features too, before those of the last.
///
/// # Errors
/// The first tensor that is missing, wrong or left over.
pub fn graph(
    architecture: Architecture,
    plan: &Plan,
    taps: &[usize],
    weights: &SafeTensors<'_>,
) -> Result<Graph, WeightsError> {
    let mut builder = Builder::new(weights);
    match architecture {
        Architecture::BasicCnn => basic_cnn::build(&mut builder, plan)?,
        Architecture::Resnet50 => resnet50::build(&mut builder)?,
        Architecture::EfficientnetB0 => efficientnet_b0::build(&mut builder)?,
    }
    builder.finish(taps)
}

/// A convolution of a file: the names of its tensors and its shape.
struct Layer<'a> {
    conv: &'a str,
    bn: &'a str,
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    groups: usize,
}

/// Takes tensors out of a file and adds steps to a graph.
struct Builder<'a> {
    weights: &'a SafeTensors<'a>,
    taken: BTreeMap<String, ()>,
    ops: Vec<Op>,
    channels: Vec<usize>,
    /// The last step of each block so far.
    blocks: Vec<usize>,
    eps: f32,
}

impl<'a> Builder<'a> {
    fn new(weights: &'a SafeTensors<'a>) -> Self {
        let eps = 1e-5;
        let (ops, channels, blocks) = (vec![Op::Picture], vec![3], vec![]);
        Self { weights, taken: BTreeMap::new(), ops, channels, blocks, eps }
    }

    /// The last step so far.
    fn last(&self) -> usize {
        self.ops.len() - 1
    }

    fn channels(&self, of: usize) -> usize {
        self.channels.get(of).copied().unwrap_or(0)
    }

    fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let view = self.weights.tensor(name).map_err(|_| WeightsError::Missing(name.to_owned()))?;
        if view.shape() != shape {
            let found = view.shape();
            return Err(WeightsError::Bad(format!("{name} is {found:?} and should be {shape:?}")));
        }
        self.taken.insert(name.to_owned(), ());
        floats(name, &view)
    }

    /// A convolution without a bias and the batch normalisation behind it, folded into one.
    fn folded(&mut self, layer: &Layer<'_>) -> Result<Conv, WeightsError> {
        let &Layer { conv, bn, input, output, kernel, stride, groups } = layer;
        let shape = [output, input / groups.max(1), kernel, kernel];
        let mut weight = self.take(&format!("{conv}.weight"), &shape)?;
        let mut of_bn = |part: &str| self.take(&format!("{bn}.{part}"), &[output]);
        let (gamma, beta) = (of_bn("weight")?, of_bn("bias")?);
        let (mean, var) = (of_bn("running_mean")?, of_bn("running_var")?);
        let mut bias = Vec::with_capacity(output);
        let each = (weight.len() / output.max(1)).max(1);
        for (o, row) in weight.chunks_exact_mut(each).enumerate() {
            // In 64 bits: a small variance makes a large factor.
            let factor = f64::from(gamma[o]) / (f64::from(var[o]) + f64::from(self.eps)).sqrt();
            if !factor.is_finite() {
                return Err(WeightsError::Bad(format!("{bn}: channel {o} has no finite scale")));
            }
            for w in row {
                *w = (f64::from(*w) * factor) as f32;
            }
            bias.push((f64::from(beta[o]) - f64::from(mean[o]) * factor) as f32);
        }
        Ok(Conv { weight, bias, input, output, kernel, stride, pad: kernel / 2, groups })
    }

    /// A 1 x 1 convolution with its own bias.
    fn biased(&mut self, name: &str, input: usize, output: usize) -> Result<Conv, WeightsError> {
        let weight = self.take(&format!("{name}.weight"), &[output, input, 1, 1])?;
        let bias = self.take(&format!("{name}.bias"), &[output])?;
        Ok(Conv { weight, bias, input, output, kernel: 1, stride: 1, pad: 0, groups: 1 })
    }

    fn conv(
        &mut self,
        of: usize,
        layer: &Layer<'_>,
        plus: Option<usize>,
        then: Activation,
    ) -> Result<usize, WeightsError> {
        let conv = self.folded(layer)?;
        Ok(self.push(Op::Conv { of, conv, plus, then }, layer.output))
    }

    fn push(&mut self, op: Op, channels: usize) -> usize {
        self.ops.push(op);
        self.channels.push(channels);
        self.last()
    }

    /// The step before is the last of a block.
    fn block(&mut self) {
        self.blocks.push(self.last());
    }

    fn join(&mut self, taps: &[usize]) -> Result<(), WeightsError> {
        let last = self.last();
        let tap = |n: &usize| {
            let step = self.blocks.get(*n).copied().filter(|step| *step < last);
            step.ok_or_else(|| WeightsError::Bad(format!("there is no inner block {n} to tap")))
        };
        let mut of = taps.iter().map(tap).collect::<Result<Vec<_>, _>>()?;
        if !of.is_empty() {
            of.push(last);
            let channels = of.iter().map(|of| self.channels(*of)).sum();
            self.push(Op::Join { of }, channels);
        }
        Ok(())
    }

    fn finish(mut self, taps: &[usize]) -> Result<Graph, WeightsError> {
        self.join(taps)?;
        let names = self.weights.names();
        let mut left: Vec<&str> =
            names.into_iter().filter(|name| !self.taken.contains_key(*name)).collect();
        left.sort_unstable();
        // PyTorch counts batches beside its statistics; the number is used in training only.
        match left.into_iter().find(|name| !name.ends_with(".num_batches_tracked")) {
            Some(name) => Err(WeightsError::Unused(name.to_owned())),
            None => {
                let features = self.channels(self.last());
                Ok(Graph { ops: self.ops, features })
            }
        }
    }
}

/// The values of a 16- or 32-bit tensor; one that is not a number is refused.
pub(crate) fn floats(
    name: &str,
    view: &safetensors::tensor::TensorView<'_>,
) -> Result<Vec<f32>, WeightsError> {
    let values: Vec<f32> = match view.dtype() {
        Dtype::F32 => {
            view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
        }
        Dtype::F16 => {
            let halves = view.data().as_chunks::<2>().0.iter();
            halves.map(|b| half::f16::from_le_bytes(*b).to_f32()).collect()
        }
        other => return Err(WeightsError::Bad(format!("{name} is {other:?}, not F16 or F32"))),
    };
    if values.iter().all(|v| v.is_finite()) {
        Ok(values)
    } else {
        Err(WeightsError::Bad(format!("{name} holds a value that is no number")))
    }
}
