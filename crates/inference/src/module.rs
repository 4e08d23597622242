//! The network on burn: the reference that every other way of computing is held against, and what
//! computes where no other way may.

use crate::compute::Seen;
use burn::tensor::activation::{relu, sigmoid, silu};
use burn::tensor::module::{adaptive_avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData};
use cnn_engine::models::FEATURES;
use cnn_engine::{Activation, Conv, Graph, Node, NodeId, PlanError, Shape, SqueezeExcite, Values};

/// Burn's tensors for one convolution.
#[derive(Debug)]
struct Weights {
    weight: Tensor<4>,
    bias: Tensor<1>,
    options: ConvOptions<2>,
}

impl Weights {
    fn new(
        weight: Values<'_>,
        bias: Values<'_>,
        shape: [usize; 4],
        options: ConvOptions<2>,
        device: &Device,
    ) -> Self {
        let tensor = |values: Values<'_>, shape: &[usize]| {
            TensorData::new(values.into_owned(), shape.to_vec())
        };
        Self {
            weight: Tensor::from_data(tensor(weight, &shape), device),
            bias: Tensor::from_data(tensor(bias, &shape[..1]), device),
            options,
        }
    }

    fn convolution(conv: Conv<'_>, inputs: usize, device: &Device) -> Self {
        let Conv { weight, bias, out, kernel, stride, pad, groups, .. } = conv;
        let shape = [out, inputs / groups.max(1), kernel, kernel];
        let options = ConvOptions::new([stride, stride], [pad, pad], [1, 1], groups);
        Self::new(weight, bias, shape, options, device)
    }

    fn apply(&self, x: Tensor<4>) -> Tensor<4> {
        conv2d(x, self.weight.clone(), Some(self.bias.clone()), self.options.clone())
    }
}

/// One step. A number is the index of an earlier step whose result is used; 0 is the picture.
#[derive(Debug)]
enum Step {
    Picture,
    Conv { x: usize, weights: Box<Weights>, act: Activation },
    Add { a: usize, b: usize, act: Activation },
    MaxPool { x: usize, options: MaxPoolOptions<2> },
    Squeeze { x: usize, weights: Box<[Weights; 2]>, act: Activation },
    Shrink { x: usize, to: [usize; 2] },
    Concat { parts: Vec<usize> },
}

impl Step {
    fn reads(&self) -> Vec<usize> {
        match self {
            Step::Picture => vec![],
            Step::Add { a, b, .. } => vec![*a, *b],
            Step::Concat { parts } => parts.clone(),
            Step::Conv { x, .. }
            | Step::MaxPool { x, .. }
            | Step::Squeeze { x, .. }
            | Step::Shrink { x, .. } => vec![*x],
        }
    }
}

/// A network as burn computes it, up to the last map.
#[derive(Debug)]
pub(crate) struct Module {
    steps: Vec<Step>,
    /// By step: the last one that reads its result.
    last_use: Vec<usize>,
    channels: usize,
    input: Shape,
    device: Device,
}

impl Module {
    /// Takes the weights out of the graph.
    ///
    /// # Errors
    /// A graph without the tap of the last map, or with an operation that no pack has.
    pub fn new(graph: Graph<'_>, device: &Device) -> Result<Self, PlanError> {
        let tap = graph.taps().iter().find(|(name, _)| name == FEATURES);
        let last = tap.map(|(_, node)| *node).ok_or(PlanError::NoOutput)?;
        let input = graph.shape(graph.input())?;
        let (shapes, channels) = (graph.shapes().to_vec(), graph.shape(last)?.c);
        let count = |x: NodeId| shapes.get(x.index()).map_or(0, |shape| shape.c);
        let mut steps = Vec::new();
        for node in graph.into_nodes().into_iter().take(last.index() + 1) {
            steps.push(match node {
                Node::Input => Step::Picture,
                Node::Conv { x, conv } => {
                    let act = conv.act;
                    let weights = Box::new(Weights::convolution(conv, count(x), device));
                    Step::Conv { x: x.index(), weights, act }
                }
                Node::Add { a, b, act } => Step::Add { a: a.index(), b: b.index(), act },
                Node::MaxPool { x, kernel, stride, pad } => {
                    let options = MaxPoolOptions::new([kernel, kernel])
                        .with_stride([stride, stride])
                        .with_padding([pad, pad]);
                    Step::MaxPool { x: x.index(), options }
                }
                Node::SqueezeExcite { x, se } => {
                    let SqueezeExcite { squeeze, w1, b1, w2, b2, act } = se;
                    let plain = || ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
                    let wide = count(x);
                    let reduce = Weights::new(w1, b1, [squeeze, wide, 1, 1], plain(), device);
                    let grow = Weights::new(w2, b2, [wide, squeeze, 1, 1], plain(), device);
                    Step::Squeeze { x: x.index(), weights: Box::new([reduce, grow]), act }
                }
                Node::Shrink { x, height, width } => {
                    Step::Shrink { x: x.index(), to: [height, width] }
                }
                Node::Concat { parts } => {
                    Step::Concat { parts: parts.iter().map(|part| part.index()).collect() }
                }
                other => {
                    let reads = other.reads().len();
                    let what = format!("the module has no such operation, of {reads} inputs");
                    return Err(PlanError::Reference(what));
                }
            });
        }
        // A result is dropped after the step that uses it last.
        let mut last_use = vec![0usize; steps.len()];
        for (i, step) in steps.iter().enumerate() {
            step.reads().into_iter().for_each(|read| last_use[read] = i);
        }
        Ok(Self { steps, last_use, channels, input, device: device.clone() })
    }

    /// Channels of the last map.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// `picture`: `[3, side, side]`, normalised, channel by channel.
    pub fn see(&self, picture: &[f32]) -> Seen {
        let Shape { c, h, w } = self.input;
        let data = TensorData::new(picture.to_vec(), [1, c, h, w]);
        let picture = Tensor::<4>::from_data(data, &self.device);
        let mut results: Vec<Option<Tensor<4>>> = Vec::with_capacity(self.steps.len());
        for (i, step) in self.steps.iter().enumerate() {
            let mut take = |of: usize| {
                let again = self.last_use[of] > i;
                if again { results[of].clone() } else { results[of].take() }
            };
            let made = match step {
                Step::Picture => Some(picture.clone()),
                Step::Conv { x, weights, act } => {
                    take(*x).map(|x| activate(weights.apply(x), *act))
                }
                Step::Add { a, b, act } => {
                    take(*a).zip(take(*b)).map(|(a, b)| activate(a + b, *act))
                }
                Step::MaxPool { x, options } => take(*x).map(|x| max_pool2d(x, options.clone())),
                Step::Squeeze { x, weights, act } => take(*x).map(|x| {
                    let [reduce, grow] = &**weights;
                    let mean = x.clone().mean_dim(3).mean_dim(2);
                    x * sigmoid(grow.apply(activate(reduce.apply(mean), *act)))
                }),
                Step::Shrink { x, to } => take(*x).map(|x| adaptive_avg_pool2d(x, *to)),
                Step::Concat { parts } => {
                    let parts: Option<Vec<_>> = parts.iter().map(|part| take(*part)).collect();
                    parts.map(|parts| Tensor::cat(parts, 1))
                }
            };
            results.push(made);
        }
        match results.pop().flatten() {
            Some(x) => {
                let [_, _, rows, columns] = x.dims();
                Seen::of_maps(rows, columns, floats(x.into_data()))
            }
            // A graph always has a last step with a result.
            None => Seen::default(),
        }
    }
}

fn activate(x: Tensor<4>, act: Activation) -> Tensor<4> {
    match act {
        Activation::None => x,
        Activation::Relu => relu(x),
        Activation::Silu => silu(x),
    }
}

/// The values of a tensor, as 32-bit numbers.
pub(crate) fn floats(data: TensorData) -> Vec<f32> {
    match data.as_slice::<f32>() {
        Ok(values) => values.to_vec(),
        Err(_) => data.iter::<f32>().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_blocks_keep_the_mean_of_every_map_and_their_order() -> Result<(), PlanError> {
        let picture: Vec<f32> = (0..3 * 8 * 8).map(|i| (i * 37 % 11) as f32 / 11.0).collect();
        let conv = |stride, kernel, out: usize| Conv {
            weight: (0..out * 3 * kernel * kernel).map(|i| (i % 7) as f32 - 3.0).collect(),
            bias: (0..out).map(|i| i as f32).collect(),
            out,
            kernel,
            stride,
            pad: kernel / 2,
            groups: 1,
            act: Activation::Relu,
        };
        let see = |join: &[usize]| -> Result<Seen, PlanError> {
            let mut graph = Graph::new(3, 8, 8)?;
            let input = graph.input();
            let maps = [graph.conv(input, conv(1, 1, 2))?, graph.conv(input, conv(2, 3, 4))?];
            let small = graph.shrink(maps[0], 4, 4)?;
            let parts = [small, maps[1], maps[0]];
            let x = match join {
                [one] => parts[*one],
                many => graph.concat(&many.iter().map(|n| parts[*n]).collect::<Vec<_>>())?,
            };
            graph.tap(FEATURES, x)?;
            Ok(Module::new(graph, &Device::flex())?.see(&picture))
        };
        let (fine, coarse, both) = (see(&[2])?, see(&[1])?, see(&[0, 1])?);
        assert_eq!((fine.rows, coarse.rows, both.rows, both.features.len()), (8, 4, 4, 6));
        let expected = fine.features.iter().chain(&coarse.features);
        for (a, b) in both.features.iter().zip(expected) {
            assert!((a - b).abs() < 1e-4, "{both:?}");
        }
        Ok(())
    }
}
