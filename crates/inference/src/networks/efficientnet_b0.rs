//! EfficientNet-B0: `stem`, `blocks.N.{expand,depthwise,project}.{conv,bn}`,
//! `blocks.N.se.{reduce,grow}`, `top`; SiLU; batch normalisation with epsilon 1e-3; block 0 has no
//! expansion.

use super::{Activation, Builder, Layer, Op, WeightsError};

/// Expansion, channels out, blocks, stride of the first, kernel.
const STAGES: [(usize, usize, usize, usize, usize); 7] = [
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
];

pub(super) fn build(b: &mut Builder<'_>) -> Result<(), WeightsError> {
    b.eps = 1e-3;
    let mut x = block(b, 0, "stem", 3, 32, 3, 2, 1, None, Activation::Silu)?;
    let mut n = 0;
    for (ratio, output, blocks, first, kernel) in STAGES {
        for j in 0..blocks {
            let (input, stride) = (b.channels(x), if j == 0 { first } else { 1 });
            let (name, wide) = (format!("blocks.{n}"), input * ratio);
            let mut y = x;
            if ratio > 1 {
                let part = format!("{name}.expand");
                y = block(b, y, &part, input, wide, 1, 1, 1, None, Activation::Silu)?;
            }
            let part = format!("{name}.depthwise");
            y = block(b, y, &part, wide, wide, kernel, stride, wide, None, Activation::Silu)?;
            let few = (input / 4).max(1);
            let reduce = b.biased(&format!("{name}.se.reduce"), wide, few)?;
            let grow = b.biased(&format!("{name}.se.grow"), few, wide)?;
            y = b.push(Op::Squeeze { of: y, reduce, grow }, wide);
            let plus = (input == output && stride == 1).then_some(x);
            let part = format!("{name}.project");
            x = block(b, y, &part, wide, output, 1, 1, 1, plus, Activation::None)?;
            b.block();
            n += 1;
        }
    }
    block(b, x, "top", 320, 1280, 1, 1, 1, None, Activation::Silu)?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one line of the table of the paper")]
fn block(
    b: &mut Builder<'_>,
    of: usize,
    name: &str,
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    groups: usize,
    plus: Option<usize>,
    then: Activation,
) -> Result<usize, WeightsError> {
    let (conv, bn) = (format!("{name}.conv"), format!("{name}.bn"));
    let layer = Layer { conv: &conv, bn: &bn, input, output, kernel, stride, groups };
    b.conv(of, &layer, plus, then)
}
