//! A network as plain data: what is computed, in which order, with weights whose batch
//! normalisation has already been folded in. Whatever computes it (burn, or an engine of our own)
//! reads the same description, so that the two can be held against each other.

use burn::tensor::activation::{relu, sigmoid, silu};
use burn::tensor::module::{adaptive_avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData};

/// What follows a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// max(0, x).
    Relu,
    /// x times the logistic function of x.
    Silu,
}

/// A convolution with a bias; square kernel, the same padding on all sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    /// `[out, in / groups, kernel, kernel]`, row by row.
    pub weight: Vec<f32>,
    /// `[out]`.
    pub bias: Vec<f32>,
    /// Channels in.
    pub input: usize,
    /// Channels out.
    pub output: usize,
    /// Side of the kernel.
    pub kernel: usize,
    /// Step.
    pub stride: usize,
    /// Zeroes around the picture.
    pub pad: usize,
    /// 1, or as many as channels (depthwise).
    pub groups: usize,
}

/// One step. A number is the index of an earlier step whose result is used; 0 is the picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// The picture, `[3, side, side]`, normalised. Always the first step and only that.
    Picture,
    /// A convolution, then the sum with another result, then the activation.
    Conv {
        /// What it looks at.
        of: usize,
        /// The weights.
        conv: Conv,
        /// What is added before the activation.
        plus: Option<usize>,
        /// What follows.
        then: Activation,
    },
    /// The largest of 3 x 3, step 2, one pixel around.
    MaxPool {
        /// What it looks at.
        of: usize,
    },
    /// Squeeze and excite: each channel is multiplied by a number between 0 and 1 that two 1 x 1
    /// convolutions make of the means of all channels.
    Squeeze {
        /// What it looks at.
        of: usize,
        /// To fewer channels, then SiLU.
        reduce: Conv,
        /// Back, then the logistic function.
        grow: Conv,
    },
    /// Several results, each averaged down to the rows and columns of the last of them, their
    /// channels one after another. Where sides divide evenly the mean over a map stays what it was.
    Join {
        /// At least one.
        of: Vec<usize>,
    },
}

/// The steps in order; the last one gives the features, `[channels, rows, columns]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// At least the picture and one more.
    pub ops: Vec<Op>,
    /// Channels of the last step.
    pub features: usize,
}

/// Burn's tensors for one convolution.
#[derive(Debug)]
struct Weights {
    weight: Tensor<4>,
    bias: Tensor<1>,
    options: ConvOptions<2>,
}

impl Weights {
    fn new(conv: &Conv, device: &Device) -> Self {
        let shape = [conv.output, conv.input / conv.groups, conv.kernel, conv.kernel];
        let (stride, pad) = (conv.stride, conv.pad);
        Self {
            weight: Tensor::from_data(TensorData::new(conv.weight.clone(), shape), device),
            bias: Tensor::from_data(TensorData::new(conv.bias.clone(), [conv.output]), device),
            options: ConvOptions::new([stride, stride], [pad, pad], [1, 1], conv.groups),
        }
    }
    fn apply(&self, x: Tensor<4>) -> Tensor<4> {
        conv2d(x, self.weight.clone(), Some(self.bias.clone()), self.options.clone())
    }
}

/// The graph on burn: the reference.
#[derive(Debug)]
pub(crate) struct Reference {
    steps: Vec<(Op, Vec<Weights>)>,
    device: Device,
}

impl Reference {
    pub fn new(graph: &Graph, device: &Device) -> Self {
        let bare = |conv: &Conv| Conv { weight: vec![], bias: vec![], ..conv.clone() };
        let step = |op: &Op| match op {
            Op::Conv { of, conv, plus, then } => (
                Op::Conv { of: *of, conv: bare(conv), plus: *plus, then: *then },
                vec![Weights::new(conv, device)],
            ),
            Op::Squeeze { of, reduce, grow } => (
                Op::Squeeze { of: *of, reduce: bare(reduce), grow: bare(grow) },
                vec![Weights::new(reduce, device), Weights::new(grow, device)],
            ),
            Op::Picture | Op::MaxPool { .. } | Op::Join { .. } => (op.clone(), vec![]),
        };
        Self { steps: graph.ops.iter().map(step).collect(), device: device.clone() }
    }

    /// `picture`: `[3, side, side]`, normalised, channel by channel. Answers channels, rows, columns
    /// and the features `[channels, rows, columns]`.
    pub fn features(&self, picture: &[f32], side: usize) -> (usize, usize, usize, Vec<f32>) {
        let picture = Tensor::<4>::from_data(
            TensorData::new(picture.to_vec(), [1, 3, side, side]),
            &self.device,
        );
        // A result is dropped after the step that uses it last.
        let mut last_use = vec![0usize; self.steps.len()];
        for (i, (op, _)) in self.steps.iter().enumerate() {
            for of in inputs(op) {
                last_use[of] = i;
            }
        }
        let pool = MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]);
        let mut results: Vec<Option<Tensor<4>>> = Vec::with_capacity(self.steps.len());
        for (i, (op, weights)) in self.steps.iter().enumerate() {
            let take = |results: &mut Vec<Option<Tensor<4>>>, of: usize| {
                let again = last_use[of] > i;
                if again { results[of].clone() } else { results[of].take() }
            };
            let made = match op {
                Op::Picture => Some(picture.clone()),
                Op::Conv { of, plus, then, .. } => take(&mut results, *of).map(|x| {
                    let y = weights[0].apply(x);
                    let y = match plus.and_then(|p| take(&mut results, p)) {
                        Some(other) => y + other,
                        None => y,
                    };
                    match then {
                        Activation::None => y,
                        Activation::Relu => relu(y),
                        Activation::Silu => silu(y),
                    }
                }),
                Op::MaxPool { of } => take(&mut results, *of).map(|x| max_pool2d(x, pool.clone())),
                Op::Squeeze { of, .. } => take(&mut results, *of).map(|x| {
                    let mean = x.clone().mean_dim(3).mean_dim(2);
                    x * sigmoid(weights[1].apply(silu(weights[0].apply(mean))))
                }),
                Op::Join { of } => {
                    let parts: Option<Vec<_>> =
                        of.iter().map(|of| take(&mut results, *of)).collect();
                    parts.and_then(join)
                }
            };
            results.push(made);
        }
        match results.pop().flatten() {
            Some(x) => {
                let [_, channels, rows, columns] = x.dims();
                (channels, rows, columns, floats(x.into_data()))
            }
            // A checked graph always has a last step with a result.
            None => (0, 0, 0, vec![]),
        }
    }
}

/// See [`Op::Join`].
fn join(parts: Vec<Tensor<4>>) -> Option<Tensor<4>> {
    let [_, _, rows, columns] = parts.last()?.dims();
    let small = |x: Tensor<4>| match x.dims() {
        [_, _, r, c] if (r, c) == (rows, columns) => x,
        _ => adaptive_avg_pool2d(x, [rows, columns]),
    };
    Some(Tensor::cat(parts.into_iter().map(small).collect(), 1))
}

/// The earlier steps that a step uses.
fn inputs(op: &Op) -> Vec<usize> {
    match op {
        Op::Picture => vec![],
        Op::Conv { of, plus, .. } => std::iter::once(*of).chain(*plus).collect(),
        Op::MaxPool { of } | Op::Squeeze { of, .. } => vec![*of],
        Op::Join { of } => of.clone(),
    }
}

/// The values of a tensor, as 32-bit numbers.
fn floats(data: TensorData) -> Vec<f32> {
    data.iter::<f32>().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_keeps_the_mean_of_every_map_and_the_order_of_its_parts() {
        let conv = |stride, kernel, output: usize| Conv {
            weight: (0..output * 3 * kernel * kernel).map(|i| (i % 7) as f32 - 3.0).collect(),
            bias: (0..output).map(|i| i as f32).collect(),
            input: 3,
            output,
            kernel,
            stride,
            pad: kernel / 2,
            groups: 1,
        };
        let op = |conv: Conv| Op::Conv { of: 0, conv, plus: None, then: Activation::Relu };
        let mut ops = vec![Op::Picture, op(conv(1, 1, 2)), op(conv(2, 3, 4))];
        let picture: Vec<f32> = (0..3 * 8 * 8).map(|i| (i * 37 % 11) as f32 / 11.0).collect();
        let means = |ops: &[Op], features| {
            let graph = Graph { ops: ops.to_vec(), features };
            let (channels, rows, columns, values) =
                Reference::new(&graph, &Device::flex()).features(&picture, 8);
            let places = rows * columns;
            let mean = |map: &[f32]| map.iter().sum::<f32>() / places as f32;
            (channels, places, values.chunks_exact(places).map(mean).collect::<Vec<_>>())
        };
        let (_, fine, mut expected) = means(&ops[..2], 2);
        let (_, coarse, last) = means(&ops, 4);
        assert_eq!((fine, coarse), (64, 16));
        expected.extend(last);
        ops.push(Op::Join { of: vec![1, 2] });
        let (channels, places, found) = means(&ops, 6);
        assert_eq!((channels, places), (6, 16));
        for (a, b) in found.iter().zip(&expected) {
            assert!((a - b).abs() < 1e-4, "{found:?} {expected:?}");
        }
    }
}
