//! The basic convolutional network: blocks of convolution, batch normalisation and ReLU, then the mean over the
//! picture and one linear layer. Field names equal those of the training script, so no tensor is renamed at load.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};

#[derive(Module, Debug)]
struct Block {
    conv: Conv2d,
    bn: BatchNorm,
}

/// See the module's text.
#[derive(Module, Debug)]
pub(crate) struct BasicCnn {
    blocks: Vec<Block>,
    head: Linear,
}

/// What one forward pass gives.
pub(crate) struct Output {
    /// `[batch, classes]`.
    pub logits: Tensor<2>,
    /// `[batch, classes, h, w]`: the mean of a map plus its bias is the logit.
    pub maps: Tensor<4>,
    /// `[batch, channels]`: the last activation, averaged over the picture.
    pub pooled: Tensor<2>,
}

impl BasicCnn {
    /// `plan`: in channels, out channels and stride of each block.
    pub fn new(plan: &[[usize; 3]], classes: usize, device: &Device) -> Self {
        let block = |&[i, o, s]: &[usize; 3]| Block {
            conv: Conv2dConfig::new([i, o], [3, 3])
                .with_stride([s, s])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .with_bias(false)
                .init(device),
            bn: BatchNormConfig::new(o).init(device),
        };
        let last = plan.last().map_or(1, |p| p[1]);
        BasicCnn {
            blocks: plan.iter().map(block).collect(),
            head: LinearConfig::new(last, classes).init(device),
        }
    }

    /// `x`: `[batch, channels, side, side]`, normalised.
    pub fn forward(&self, x: Tensor<4>) -> Output {
        let a = self.blocks.iter().fold(x, |x, b| relu(b.bn.forward(b.conv.forward(x))));
        let pooled = a.clone().mean_dim(3).mean_dim(2).flatten::<2>(1, 3);
        let w = self.head.weight.val().transpose(); // burn keeps [in, out]
        let [classes, channels] = w.dims();
        let maps = conv2d(
            a,
            w.reshape([classes, channels, 1, 1]),
            None,
            ConvOptions::new([1, 1], [0, 0], [1, 1], 1),
        );
        let mean = maps.clone().mean_dim(3).mean_dim(2).flatten::<2>(1, 3);
        let logits = match &self.head.bias {
            Some(bias) => mean + bias.val().unsqueeze::<2>(),
            None => mean,
        };
        Output { logits, maps, pooled }
    }

    /// The logits by the plain road, pooled features through the linear layer: what the maps are checked against.
    #[cfg(test)]
    pub fn plain_logits(&self, x: Tensor<4>) -> Vec<f32> {
        let pooled = self.forward(x).pooled;
        floats(self.head.forward(pooled).into_data())
    }

    /// The bias of each class.
    #[cfg(test)]
    pub fn bias(&self) -> Vec<f32> {
        self.head.bias.as_ref().map(|b| floats(b.val().into_data())).unwrap_or_default()
    }
}

/// The two networks of a pack, as they lie in `weights.safetensors`: `net.*` names the findings, `gate.*` tells
/// whether the picture is of the kind the pack was made for.
#[derive(Module, Debug)]
pub(crate) struct Networks {
    pub net: BasicCnn,
    pub gate: BasicCnn,
}

/// The values of a tensor of any rank; empty if they are no `f32`, which this crate never makes.
pub(crate) fn floats(data: burn::tensor::TensorData) -> Vec<f32> {
    data.try_to_vec::<f32>().unwrap_or_default()
}
