//! ResNet-50 with torchvision's names: `conv1`, `bn1`, `layerS.B.{convN,bnN,downsample.0,downsample.1}`.

use super::{Activation, Builder, Layer, Op, WeightsError};

/// Middle channels and blocks of each stage.
const STAGES: [(usize, usize); 4] = [(64, 3), (128, 4), (256, 6), (512, 3)];

pub(super) fn build(b: &mut Builder<'_>) -> Result<(), WeightsError> {
    let stem =
        Layer { conv: "conv1", bn: "bn1", input: 3, output: 64, kernel: 7, stride: 2, groups: 1 };
    let of = b.conv(0, &stem, None, Activation::Relu)?;
    let mut x = b.push(Op::MaxPool { of }, 64);
    for (s, (middle, blocks)) in (1usize..).zip(STAGES) {
        for n in 0..blocks {
            let (input, output) = (b.channels(x), middle * 4);
            let stride = if n == 0 && s > 1 { 2 } else { 1 };
            let name = format!("layer{s}.{n}");
            let short = if n == 0 {
                let (conv, bn) = (format!("{name}.downsample.0"), format!("{name}.downsample.1"));
                let layer =
                    Layer { conv: &conv, bn: &bn, input, output, kernel: 1, stride, groups: 1 };
                b.conv(x, &layer, None, Activation::None)?
            } else {
                x
            };
            let mut y = x;
            let parts =
                [(input, middle, 1, 1), (middle, middle, 3, stride), (middle, output, 1, 1)];
            for (k, (input, output, kernel, stride)) in (1usize..).zip(parts) {
                let (conv, bn) = (format!("{name}.conv{k}"), format!("{name}.bn{k}"));
                let layer =
                    Layer { conv: &conv, bn: &bn, input, output, kernel, stride, groups: 1 };
                let plus = (k == 3).then_some(short);
                y = b.conv(y, &layer, plus, Activation::Relu)?;
            }
            x = y;
        }
        b.block();
    }
    Ok(())
}
