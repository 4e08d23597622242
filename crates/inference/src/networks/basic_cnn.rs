//! The basic network: a chain of convolution, batch normalisation and ReLU, with max-pools between
//! some; `blocks.N.{conv,bn}`. The plan stands in the pack, so a wider or deeper one needs no code.

use super::{Activation, Builder, Layer, Op, Plan, WeightsError};

pub(super) fn build(b: &mut Builder<'_>, plan: &Plan) -> Result<(), WeightsError> {
    for (n, &[input, output, kernel, stride, pool, groups]) in plan.iter().enumerate() {
        let of = b.last();
        if b.channels(of) != input {
            return Err(WeightsError::Bad(format!(
                "block {n} of the plan expects {input} channels and gets {}",
                b.channels(of)
            )));
        }
        let (conv, bn) = (format!("blocks.{n}.conv"), format!("blocks.{n}.bn"));
        let layer = Layer { conv: &conv, bn: &bn, input, output, kernel, stride, groups };
        let made = b.conv(of, &layer, None, Activation::Relu)?;
        if pool == 1 {
            b.push(Op::MaxPool { of: made }, output);
        }
        b.block();
    }
    Ok(())
}
