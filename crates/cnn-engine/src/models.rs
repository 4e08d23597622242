//! The usual networks from named tensors, with torchvision's names or with those of `models/training/nets.py`.
//!
//! A batch norm is folded into the convolution before it, in double precision. A source that was folded already has
//! `<convolution>.bias` instead of the tensors of the norm. Without the tensors of the head, the result is the pooled
//! vector, for heads of another pack.
//!
//! `inner`: numbers of blocks (of stages of a ResNet), counted from 0, whose results are features too: averaged down to the
//! rows and columns of the last map, their channels stand before its own.
//!
//! Taps of every network: `features`, the last map before the mean, for class-activation maps; `pooled`, its mean.

use crate::PlanError;
use crate::graph::{Activation, Conv, Graph, NodeId, Shape, SqueezeExcite, Values};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

/// Name of the tap with the last map.
pub const FEATURES: &str = "features";
/// Name of the tap with its mean.
pub const POOLED: &str = "pooled";

/// What PyTorch adds to a variance, if nothing else is said.
const EPSILON: f64 = 1e-5;

/// Named tensors: values in row-major order and their shape.
pub trait WeightSource {
    /// The shape of the tensor of this name, if there is one.
    fn shape(&self, name: &str) -> Option<Vec<usize>>;
    /// Its values. A source that keeps them in another form makes them anew at each question.
    fn values(&self, name: &str) -> Option<Values<'_>>;
}

impl WeightSource for BTreeMap<String, (Vec<f32>, Vec<usize>)> {
    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.get(name).map(|(_, shape)| shape.clone())
    }
    fn values(&self, name: &str) -> Option<Values<'_>> {
        self.get(name).map(|(values, _)| Cow::Borrowed(&values[..]))
    }
}

impl<S: BuildHasher> WeightSource for HashMap<String, (Vec<f32>, Vec<usize>), S> {
    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.get(name).map(|(_, shape)| shape.clone())
    }
    fn values(&self, name: &str) -> Option<Values<'_>> {
        self.get(name).map(|(values, _)| Cow::Borrowed(&values[..]))
    }
}

/// ResNet-50 for pictures of `height` x `width`; the channels are those of `conv1.weight`.
pub fn resnet50<'a>(
    source: &'a dyn WeightSource,
    height: usize,
    width: usize,
    inner: &[usize],
) -> Result<Graph<'a>, PlanError> {
    let mut net = Builder::new(source, "conv1", height, width)?;
    let stem = Layer { out: 64, kernel: 7, stride: 2, ..Layer::relu() };
    let x = net.conv_norm(net.graph.input(), "conv1", "bn1", stem)?;
    let mut x = net.graph.max_pool(x, 3, 2, 1)?;
    let stages = [(3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)];
    for (stage, (blocks, wide, stride)) in stages.into_iter().enumerate() {
        for block in 0..blocks {
            let name = |part: &str| format!("layer{}.{block}.{part}", stage + 1);
            let stride = if block == 0 { stride } else { 1 };
            let reduce = Layer { out: wide, ..Layer::relu() };
            let spatial = Layer { out: wide, kernel: 3, stride, ..Layer::relu() };
            let expand = Layer { out: wide * 4, act: Activation::None, ..Layer::relu() };
            let y = net.conv_norm(x, &name("conv1"), &name("bn1"), reduce)?;
            let y = net.conv_norm(y, &name("conv2"), &name("bn2"), spatial)?;
            let skip = if block == 0 {
                let layer = Layer { stride, ..expand };
                net.conv_norm(x, &name("downsample.0"), &name("downsample.1"), layer)?
            } else {
                x
            };
            let y = net.conv_norm(y, &name("conv3"), &name("bn3"), expand)?;
            x = net.graph.add(y, skip, Activation::Relu)?;
        }
        net.blocks.push(x);
    }
    net.head(x, "fc", inner)
}

/// EfficientNet-B0 for pictures of `height` x `width`; the channels are those of the first convolution.
///
/// Sources with `stem.conv.weight` have the names of `models/training/nets.py` and its epsilon of 1e-3; others those of
/// torchvision and 1e-5.
pub fn efficientnet_b0<'a>(
    source: &'a dyn WeightSource,
    height: usize,
    width: usize,
    inner: &[usize],
) -> Result<Graph<'a>, PlanError> {
    let ours = source.shape("stem.conv.weight").is_some();
    let silu = Layer { act: Activation::Silu, ..Layer::relu() };
    let pair = |name: &str| match ours {
        true => (format!("{name}.conv"), format!("{name}.bn")),
        false => (format!("{name}.0"), format!("{name}.1")),
    };
    let first = pair(if ours { "stem" } else { "features.0" });
    let mut net = Builder::new(source, &first.0, height, width)?;
    if ours {
        net.epsilon = 1e-3;
    }
    let stem = Layer { out: 32, kernel: 3, stride: 2, ..silu };
    let mut x = net.conv_norm(net.graph.input(), &first.0, &first.1, stem)?;
    let (mut inputs, mut number) = (32, 0);
    // Expansion, output channels, blocks, stride of the first one, kernel.
    let stages = [
        (1, 16, 1, 1, 3),
        (6, 24, 2, 2, 3),
        (6, 40, 2, 2, 5),
        (6, 80, 3, 2, 3),
        (6, 112, 3, 1, 5),
        (6, 192, 4, 2, 5),
        (6, 320, 1, 1, 3),
    ];
    for (stage, (expansion, out, blocks, stride, kernel)) in stages.into_iter().enumerate() {
        for block in 0..blocks {
            let mut step = 0;
            // torchvision counts the parts of a block, and leaves out what is not there.
            let mut part = |name: &str| {
                step += 1;
                match ours {
                    true => format!("blocks.{number}.{name}"),
                    false => format!("features.{}.{block}.block.{}", stage + 1, step - 1),
                }
            };
            let stride = if block == 0 { stride } else { 1 };
            let wide = inputs * expansion;
            let mut y = x;
            if expansion > 1 {
                let (conv, norm) = pair(&part("expand"));
                y = net.conv_norm(y, &conv, &norm, Layer { out: wide, ..silu })?;
            }
            let (conv, norm) = pair(&part("depthwise"));
            let layer = Layer { out: wide, kernel, stride, groups: wide, ..silu };
            y = net.conv_norm(y, &conv, &norm, layer)?;
            let se = part("se");
            let layers = if ours { ["reduce", "grow"] } else { ["fc1", "fc2"] };
            let layers = layers.map(|layer| format!("{se}.{layer}"));
            y = net.squeeze_excite(y, &layers, wide, (inputs / 4).max(1))?;
            let (conv, norm) = pair(&part("project"));
            let layer = Layer { out, act: Activation::None, ..silu };
            y = net.conv_norm(y, &conv, &norm, layer)?;
            if stride == 1 && inputs == out {
                y = net.graph.add(y, x, Activation::None)?;
            }
            (x, inputs, number) = (y, out, number + 1);
            net.blocks.push(x);
        }
    }
    let (conv, norm) = pair(if ours { "top" } else { "features.8" });
    let x = net.conv_norm(x, &conv, &norm, Layer { out: 1280, ..silu })?;
    net.head(x, "classifier.1", inner)
}

/// DenseNet-121 for pictures of `height` x `width`; the channels are those of `features.conv0.weight`.
///
/// A transition takes its mean before its 1x1 convolution instead of after it: both are linear, and it is a quarter of the
/// work.
pub fn densenet121<'a>(
    source: &'a dyn WeightSource,
    height: usize,
    width: usize,
) -> Result<Graph<'a>, PlanError> {
    let mut net = Builder::new(source, "features.conv0", height, width)?;
    let stem = Layer { out: 64, kernel: 7, stride: 2, ..Layer::relu() };
    let x = net.conv_norm(net.graph.input(), "features.conv0", "features.norm0", stem)?;
    let mut x = net.graph.max_pool(x, 3, 2, 1)?;
    let mut channels = 64;
    for (block, layers) in [6, 12, 24, 16].into_iter().enumerate() {
        for layer in 0..layers {
            let name = |part: &str| {
                format!("features.denseblock{}.denselayer{}.{part}", block + 1, layer + 1)
            };
            let y = net.norm_relu(x, &name("norm1"), channels)?;
            let wide = Layer { out: 128, ..Layer::relu() };
            let y = net.conv_norm(y, &name("conv1"), &name("norm2"), wide)?;
            let grown = Layer { out: 32, kernel: 3, act: Activation::None, ..Layer::relu() };
            let y = net.conv(y, &name("conv2"), grown)?;
            x = net.graph.concat(&[x, y])?;
            channels += 32;
        }
        if block < 3 {
            let name = |part: &str| format!("features.transition{}.{part}", block + 1);
            x = net.norm_relu(x, &name("norm"), channels)?;
            x = net.graph.avg_pool(x, 2)?;
            channels /= 2;
            let halved = Layer { out: channels, act: Activation::None, ..Layer::relu() };
            x = net.conv(x, &name("conv"), halved)?;
        }
    }
    let x = net.norm_relu(x, "features.norm5", channels)?;
    net.head(x, "classifier", &[])
}

/// A block of [`sequential`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Of the convolution.
    pub stride: usize,
    /// Of the convolution.
    pub groups: usize,
    /// Whether a 3x3 maximum with stride 2, padded by 1, follows.
    pub pool: bool,
}

/// A plain sequence of `blocks.<i>.conv`, `blocks.<i>.bn` and ReLU, each perhaps followed by a maximum, then the mean
/// and `head`. Channels and kernels (odd, padded by half) are those of the tensors.
pub fn sequential<'a>(
    source: &'a dyn WeightSource,
    height: usize,
    width: usize,
    blocks: &[Block],
    inner: &[usize],
) -> Result<Graph<'a>, PlanError> {
    let mut net = Builder::new(source, "blocks.0.conv", height, width)?;
    let mut x = net.graph.input();
    for (i, block) in blocks.iter().enumerate() {
        let name = format!("blocks.{i}.conv");
        let [out, _, kernel, _] = net.any_shape(&name)?[..] else {
            return Err(PlanError::Shape(format!("{name}.weight is not a convolution's")));
        };
        let Block { stride, groups, .. } = *block;
        let layer = Layer { out, kernel, stride, groups, ..Layer::relu() };
        x = net.conv_norm(x, &name, &format!("blocks.{i}.bn"), layer)?;
        if block.pool {
            x = net.graph.max_pool(x, 3, 2, 1)?;
        }
        net.blocks.push(x);
    }
    net.head(x, "head", inner)
}

/// The house's basic network: SqueezeNet's layers as one chain, as in `models/training/nets.py`.
pub fn basic_cnn<'a>(
    source: &'a dyn WeightSource,
    height: usize,
    width: usize,
    inner: &[usize],
) -> Result<Graph<'a>, PlanError> {
    let stride = |i| if i == 0 { 2 } else { 1 };
    let block = |i| Block { stride: stride(i), groups: 1, pool: matches!(i, 0 | 4 | 8) };
    let blocks: Vec<Block> = (0..17).map(block).collect();
    sequential(source, height, width, &blocks, inner)
}

/// A convolution of a network, padded by half of its kernel.
#[derive(Clone, Copy)]
struct Layer {
    out: usize,
    kernel: usize,
    stride: usize,
    groups: usize,
    act: Activation,
}

impl Layer {
    /// 1x1, and ReLU.
    fn relu() -> Self {
        Layer { out: 0, kernel: 1, stride: 1, groups: 1, act: Activation::Relu }
    }
}

struct Builder<'a> {
    source: &'a dyn WeightSource,
    graph: Graph<'a>,
    /// The result of each block (of each stage of a ResNet) so far.
    blocks: Vec<NodeId>,
    /// What is added to a variance.
    epsilon: f64,
}

impl<'a> Builder<'a> {
    fn new(
        source: &'a dyn WeightSource,
        first: &str,
        height: usize,
        width: usize,
    ) -> Result<Self, PlanError> {
        let name = format!("{first}.weight");
        let shape = source.shape(&name).ok_or_else(|| PlanError::MissingTensor(name.clone()))?;
        let [_, channels, _, _] = shape[..] else {
            return Err(PlanError::TensorShape { name, expected: vec![0; 4], got: shape });
        };
        let graph = Graph::new(channels, height, width)?;
        Ok(Builder { source, graph, blocks: Vec::new(), epsilon: EPSILON })
    }

    fn has(&self, name: &str) -> bool {
        self.source.shape(name).is_some()
    }

    fn tensor(&self, name: &str, expected: &[usize]) -> Result<Values<'a>, PlanError> {
        let missing = || PlanError::MissingTensor(name.into());
        let got = self.source.shape(name).ok_or_else(missing)?;
        let len = expected.iter().try_fold(1usize, |n, size| n.checked_mul(*size));
        if got != expected {
            let (name, expected) = (name.into(), expected.to_vec());
            return Err(PlanError::TensorShape { name, expected, got });
        }
        let values = self.source.values(name).ok_or_else(missing)?;
        if len != Some(values.len()) {
            let (what, got) = (name.into(), values.len());
            return Err(PlanError::Values { what, expected: len.unwrap_or(usize::MAX), got });
        }
        Ok(values)
    }

    /// The shape of a weight, whatever it is.
    fn any_shape(&self, name: &str) -> Result<Vec<usize>, PlanError> {
        let name = format!("{name}.weight");
        self.source.shape(&name).ok_or(PlanError::MissingTensor(name))
    }

    /// Scale and shift of a batch norm; `None` if the source has none of this name.
    fn norm(&self, name: &str, channels: usize) -> Result<Option<Vec<(f64, f64)>>, PlanError> {
        if !self.has(&format!("{name}.running_var")) {
            return Ok(None);
        }
        let part = |part: &str| self.tensor(&format!("{name}.{part}"), &[channels]);
        let (gain, bias) = (part("weight")?, part("bias")?);
        let (mean, variance) = (part("running_mean")?, part("running_var")?);
        let fold = |c: usize| {
            let scale = f64::from(gain[c]) / (f64::from(variance[c]) + self.epsilon).sqrt();
            // A variance below zero has no root: what it would make of a picture is no number.
            match scale.is_finite() {
                true => Ok((scale, f64::from(bias[c]) - f64::from(mean[c]) * scale)),
                false => Err(PlanError::NotFinite(format!("the scale of channel {c} of {name}"))),
            }
        };
        Ok(Some((0..channels).map(fold).collect::<Result<_, PlanError>>()?))
    }

    fn weight(&self, x: NodeId, name: &str, layer: Layer) -> Result<Values<'a>, PlanError> {
        let inputs = self.graph.shape(x)?.c / layer.groups.max(1);
        let shape = [layer.out, inputs, layer.kernel, layer.kernel];
        self.tensor(&format!("{name}.weight"), &shape)
    }

    fn push(
        &mut self,
        x: NodeId,
        layer: Layer,
        weight: Values<'a>,
        bias: Values<'a>,
    ) -> Result<NodeId, PlanError> {
        let Layer { out, kernel, stride, groups, act } = layer;
        let conv = Conv { weight, bias, out, kernel, stride, pad: kernel / 2, groups, act };
        self.graph.conv(x, conv)
    }

    /// A convolution and the batch norm behind it, as one.
    fn conv_norm(
        &mut self,
        x: NodeId,
        conv: &str,
        norm: &str,
        layer: Layer,
    ) -> Result<NodeId, PlanError> {
        let weight = self.weight(x, conv, layer)?;
        let bias_name = format!("{conv}.bias");
        let Some(norm) = self.norm(norm, layer.out)? else {
            let bias = self.tensor(&bias_name, &[layer.out])?;
            return self.push(x, layer, weight, bias);
        };
        let before = match self.has(&bias_name) {
            true => self.tensor(&bias_name, &[layer.out])?,
            false => vec![0.0; layer.out].into(),
        };
        // In place where the source made the values for us.
        let mut folded = weight.into_owned();
        let per_output = (folded.len() / layer.out.max(1)).max(1);
        for (filter, (scale, _)) in folded.chunks_exact_mut(per_output).zip(&norm) {
            filter.iter_mut().for_each(|w| *w = (f64::from(*w) * scale) as f32);
        }
        let bias = before.iter().zip(&norm).map(|(b, (s, t))| (f64::from(*b) * s + t) as f32);
        let bias: Vec<f32> = bias.collect();
        self.push(x, layer, folded.into(), bias.into())
    }

    /// A convolution with its own bias or none.
    fn conv(&mut self, x: NodeId, name: &str, layer: Layer) -> Result<NodeId, PlanError> {
        let weight = self.weight(x, name, layer)?;
        let bias_name = format!("{name}.bias");
        let bias: Values = match self.has(&bias_name) {
            true => self.tensor(&bias_name, &[layer.out])?,
            false => vec![0.0; layer.out].into(),
        };
        self.push(x, layer, weight, bias)
    }

    /// A batch norm with no convolution before it, and ReLU.
    fn norm_relu(&mut self, x: NodeId, name: &str, channels: usize) -> Result<NodeId, PlanError> {
        let norm = self.norm(name, channels)?;
        let norm = norm.ok_or_else(|| PlanError::MissingTensor(format!("{name}.running_var")))?;
        let (scale, shift): (Vec<f32>, Vec<f32>) =
            norm.into_iter().map(|(scale, shift)| (scale as f32, shift as f32)).unzip();
        self.graph.scale_shift(x, scale.into(), shift.into(), Activation::Relu)
    }

    fn squeeze_excite(
        &mut self,
        x: NodeId,
        [first, second]: &[String; 2],
        channels: usize,
        squeeze: usize,
    ) -> Result<NodeId, PlanError> {
        let se = SqueezeExcite {
            squeeze,
            w1: self.tensor(&format!("{first}.weight"), &[squeeze, channels, 1, 1])?,
            b1: self.tensor(&format!("{first}.bias"), &[squeeze])?,
            w2: self.tensor(&format!("{second}.weight"), &[channels, squeeze, 1, 1])?,
            b2: self.tensor(&format!("{second}.bias"), &[channels])?,
            act: Activation::Silu,
        };
        self.graph.squeeze_excite(x, se)
    }

    /// The last map with those of inner blocks before it.
    fn joined(&mut self, last: NodeId, inner: &[usize]) -> Result<NodeId, PlanError> {
        let Shape { h, w, .. } = self.graph.shape(last)?;
        let mut parts = Vec::with_capacity(inner.len() + 1);
        for number in inner {
            let block = self.blocks.get(*number).copied().filter(|block| *block < last);
            let none = || PlanError::Reference(format!("there is no inner block {number} to tap"));
            let block = block.ok_or_else(none)?;
            let Shape { h: rows, w: columns, .. } = self.graph.shape(block)?;
            let same = (rows, columns) == (h, w);
            parts.push(if same { block } else { self.graph.shrink(block, h, w)? });
        }
        parts.push(last);
        if inner.is_empty() { Ok(last) } else { self.graph.concat(&parts) }
    }

    /// Mean, taps, and the linear layer, if the source has it under this name or as `heads`.
    fn head(mut self, x: NodeId, name: &str, inner: &[usize]) -> Result<Graph<'a>, PlanError> {
        let x = self.joined(x, inner)?;
        let channels = self.graph.shape(x)?.c;
        let mut result = self.graph.gap(x)?;
        self.graph.tap(FEATURES, x)?;
        self.graph.tap(POOLED, result)?;
        let there = |name: &&str| self.has(&format!("{name}.weight"));
        if let Some(name) = [name, "heads"].into_iter().find(there) {
            let classes = self.any_shape(name)?.first().copied().unwrap_or(0);
            let weight = self.tensor(&format!("{name}.weight"), &[classes, channels])?;
            let bias = self.tensor(&format!("{name}.bias"), &[classes])?;
            result = self.graph.linear(result, weight, bias, Activation::None)?;
        }
        self.graph.set_result(result)?;
        Ok(self.graph)
    }
}
