//! Single operations and the groups that are fused, over random shapes.

use crate::weights::Random;
use crate::{check, finished, instruction_sets};
use cnn_engine::{
    Activation, Conv, Graph, NodeId, Plan, PlanOptions, Pool, SqueezeExcite, WinogradUse,
};
use proptest::prelude::*;

fn activation() -> impl Strategy<Value = Activation> {
    prop_oneof![Just(Activation::None), Just(Activation::Relu), Just(Activation::Silu)]
}

/// Sides: one pixel, fewer than a tile, odd, and wider than any tile.
fn side() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(1usize), 4 => 2usize..10, 4 => 10usize..34]
}

/// Channels: around the blocks of 16, and any.
fn channels() -> impl Strategy<Value = usize> {
    prop_oneof![
        Just(1usize),
        Just(3),
        Just(15),
        Just(16),
        Just(17),
        Just(32),
        Just(33),
        Just(48),
        1usize..70
    ]
}

/// A convolution of `x` with random weights.
#[derive(Clone, Copy)]
struct Layer {
    out: usize,
    kernel: usize,
    stride: usize,
    pad: usize,
    groups: usize,
    act: Activation,
}

impl Layer {
    fn pointwise(out: usize, act: Activation) -> Self {
        Layer { out, kernel: 1, stride: 1, pad: 0, groups: 1, act }
    }
    fn depthwise(channels: usize, kernel: usize, stride: usize, act: Activation) -> Self {
        Layer { out: channels, kernel, stride, pad: kernel / 2, groups: channels, act }
    }
    fn add(self, graph: &mut Graph, random: &mut Random, x: NodeId) -> NodeId {
        let inputs = graph.shape(x).expect("a node").c / self.groups;
        let places = self.kernel * self.kernel;
        let Layer { out, kernel, stride, pad, groups, act } = self;
        let weight = random.weights(out * inputs * places, inputs * places).into();
        let bias = random.values(out, 0.5).into();
        let conv = Conv { weight, bias, out, kernel, stride, pad, groups, act };
        graph.conv(x, conv).expect("sizes fit")
    }
}

/// A first 1x1 convolution, so that what is tested does not read the picture itself.
fn blocked(graph: &mut Graph, random: &mut Random, channels: usize) -> NodeId {
    let input = graph.input();
    // Five channels are read as a map; one and three would be a stem.
    Layer::pointwise(channels, Activation::None).add(graph, random, input)
}

fn picture(random: &mut Random, graph: &Graph) -> Vec<f32> {
    let len = graph.shape(graph.input()).expect("a node").len();
    random.values(len, 1.0)
}

fn se(random: &mut Random, c: usize, squeeze: usize, act: Activation) -> SqueezeExcite<'static> {
    SqueezeExcite {
        squeeze,
        w1: random.weights(squeeze * c, c).into(),
        b1: random.values(squeeze, 0.5).into(),
        w2: random.weights(squeeze * c, squeeze).into(),
        b2: random.values(c, 1.0).into(),
        act,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_dense_convolution_equals_its_definition(
        (inputs, out, h, w) in (channels(), channels(), side(), side()),
        (kernel, stride, act) in (1usize..6, 1usize..4, activation()),
        (pad, seed) in (0usize..5, any::<u64>()),
    ) {
        let pad = pad.min(kernel - 1);
        prop_assume!(h + 2 * pad >= kernel && w + 2 * pad >= kernel);
        let mut random = Random::new(seed);
        let mut graph = Graph::new(inputs, h, w).expect("a size");
        let layer = Layer { out, kernel, stride, pad, groups: 1, act };
        let input = graph.input();
        let x = layer.add(&mut graph, &mut random, input);
        let picture = picture(&mut random, &graph);
        check(&finished(graph, x), &picture);
    }

    #[test]
    fn a_grouped_convolution_equals_its_definition(
        (groups, inputs, out, h, w) in (1usize..5, channels(), channels(), side(), side()),
        (kernel, stride, act, after) in (1usize..4, 1usize..3, activation(), activation()),
        (whole, gated, residual, seed) in (any::<bool>(), any::<bool>(), any::<bool>(), any::<u64>()),
    ) {
        // Groups of whole blocks are computed one by one, others as one dense convolution.
        let size = |c: usize| if whole { c.next_multiple_of(16) } else { c };
        let (inputs, out) = (size(inputs.min(40)) * groups, size(out.min(40)) * groups);
        let mut random = Random::new(seed);
        let mut graph = Graph::new(5, h, w).expect("a size");
        let mut x = blocked(&mut graph, &mut random, inputs);
        if gated {
            x = graph.squeeze_excite(x, se(&mut random, inputs, 3, act)).expect("sizes fit");
        }
        let pad = kernel / 2;
        prop_assume!(h + 2 * pad >= kernel && w + 2 * pad >= kernel);
        let layer = Layer { out, kernel, stride, pad, groups, act: Activation::None };
        let mut y = layer.add(&mut graph, &mut random, x);
        if residual {
            let skip = Layer { kernel: 1, pad: 0, groups: 1, ..layer };
            let other = skip.add(&mut graph, &mut random, x);
            let same = graph.shape(other).expect("a node") == graph.shape(y).expect("a node");
            prop_assume!(same);
            y = graph.add(y, other, after).expect("equal shapes");
        }
        let picture = picture(&mut random, &graph);
        check(&finished(graph, y), &picture);
    }

    #[test]
    fn a_3x3_convolution_with_a_residual_equals_its_definition(
        (c, h, w) in (channels(), 10usize..31, 10usize..31),
        (act, after, seed) in (activation(), activation(), any::<u64>()),
        swap in any::<bool>(),
    ) {
        let mut random = Random::new(seed);
        let mut graph = Graph::new(5, h, w).expect("a size");
        let x = blocked(&mut graph, &mut random, c);
        let layer = Layer { out: c, kernel: 3, stride: 1, pad: 1, groups: 1, act };
        let y = layer.add(&mut graph, &mut random, x);
        let z = Layer { act: Activation::None, ..layer }.add(&mut graph, &mut random, y);
        let (a, b) = if swap { (x, z) } else { (z, x) };
        let sum = graph.add(a, b, after).expect("equal shapes");
        graph.tap("inner", y).expect("a node");
        let picture = picture(&mut random, &graph);
        let graph = finished(graph, sum);
        let plan = Plan::new(&graph, &Pool::new(1).expect("a pool"), &PlanOptions::new());
        let operations = plan.expect("a plan").operations();
        prop_assert!(operations.iter().all(|op| !op.starts_with("element-wise")), "{operations:?}");
        check(&graph, &picture);
    }

    #[test]
    fn an_inverted_bottleneck_equals_its_definition(
        (inputs, wide, out) in (channels(), channels(), channels()),
        (h, w, squeeze) in (side(), side(), 1usize..10),
        (kernel, stride, skip) in (1usize..8, 1usize..3, any::<bool>()),
        (act, other, seed) in (activation(), activation(), any::<u64>()),
        expanded in any::<bool>(),
    ) {
        let pad = kernel / 2;
        prop_assume!(h + 2 * pad >= kernel && w + 2 * pad >= kernel);
        let mut random = Random::new(seed);
        let mut graph = Graph::new(5, h, w).expect("a size");
        let x = blocked(&mut graph, &mut random, inputs);
        let wide = if expanded { wide } else { inputs };
        let mut y = x;
        if expanded {
            y = Layer::pointwise(wide, other).add(&mut graph, &mut random, y);
        }
        y = Layer::depthwise(wide, kernel, stride, act).add(&mut graph, &mut random, y);
        y = graph.squeeze_excite(y, se(&mut random, wide, squeeze, act)).expect("sizes fit");
        let skip = skip && graph.shape(y).expect("a node").h == h && graph.shape(y).expect("a node").w == w;
        let out = if skip { inputs } else { out };
        y = Layer::pointwise(out, Activation::None).add(&mut graph, &mut random, y);
        if skip {
            y = graph.add(y, x, other).expect("equal shapes");
        }
        let picture = picture(&mut random, &graph);
        check(&finished(graph, y), &picture);
    }

    #[test]
    fn a_stem_with_pooling_equals_its_definition(
        (colours, h, w, out) in (prop_oneof![Just(1usize), Just(3)], 7usize..40, 7usize..40, channels()),
        (kernel, stride, act) in (1usize..8, 1usize..3, activation()),
        (window, step, pad, seed) in (1usize..4, 1usize..4, 0usize..4, any::<u64>()),
    ) {
        let mut random = Random::new(seed);
        let mut graph = Graph::new(colours, h, w).expect("a size");
        let layer = Layer { out, kernel, stride, pad: pad.min(kernel - 1), groups: 1, act };
        let input = graph.input();
        let x = layer.add(&mut graph, &mut random, input);
        let x = graph.max_pool(x, window, step, pad.min(window / 2));
        prop_assume!(x.is_ok());
        let x = x.expect("just asked");
        graph.tap("pooled", x).expect("a node");
        let mean = graph.gap(x).expect("a node");
        let picture = picture(&mut random, &graph);
        check(&finished(graph, mean), &picture);
    }

    #[test]
    fn a_dense_block_equals_its_definition(
        (first, grown, h, w) in (channels(), channels(), 2usize..20, 2usize..20),
        (layers, aligned, seed) in (1usize..4, any::<bool>(), any::<u64>()),
    ) {
        // Whole blocks are concatenated in place, others are copied.
        let whole = |c: usize| if aligned { c.next_multiple_of(16) } else { c };
        let mut random = Random::new(seed);
        let mut graph = Graph::new(5, h, w).expect("a size");
        let mut x = blocked(&mut graph, &mut random, whole(first));
        for _ in 0..layers {
            let c = graph.shape(x).expect("a node").c;
            let (scale, shift) = (random.values(c, 1.0), random.values(c, 0.5));
            let y = graph.scale_shift(x, scale.into(), shift.into(), Activation::Relu).expect("sizes fit");
            let y = Layer::pointwise(24, Activation::Relu).add(&mut graph, &mut random, y);
            let layer = Layer { out: whole(grown), kernel: 3, stride: 1, pad: 1, groups: 1, act: Activation::None };
            let y = layer.add(&mut graph, &mut random, y);
            x = graph.concat(&[x, y]).expect("equal sides");
        }
        let c = graph.shape(x).expect("a node").c;
        let (scale, shift) = (random.values(c, 1.0), random.values(c, 0.5));
        let y = graph.scale_shift(x, scale.into(), shift.into(), Activation::Relu).expect("sizes fit");
        let y = graph.avg_pool(y, 2).expect("two pixels");
        let y = Layer::pointwise(20, Activation::None).add(&mut graph, &mut random, y);
        let picture = picture(&mut random, &graph);
        check(&finished(graph, y), &picture);
    }

    #[test]
    fn groups_and_a_linear_head_equal_their_definition(
        (groups, per_group, more, h, w) in (1usize..6, 1usize..8, 1usize..4, side(), side()),
        (kernel, act, classes, seed) in (prop_oneof![Just(1usize), Just(3)], activation(), 1usize..60, any::<u64>()),
    ) {
        let mut random = Random::new(seed);
        let mut graph = Graph::new(groups * per_group, h, w).expect("a size");
        let layer = Layer { out: groups * more, kernel, stride: 1, pad: kernel / 2, groups, act };
        let input = graph.input();
        let x = layer.add(&mut graph, &mut random, input);
        let x = graph.gap(x).expect("a node");
        let c = graph.shape(x).expect("a node").c;
        let (weight, bias) = (random.weights(classes * c, c), random.values(classes, 1.0));
        let x = graph.linear(x, weight.into(), bias.into(), act).expect("a vector");
        let picture = picture(&mut random, &graph);
        check(&finished(graph, x), &picture);
    }

    /// What cannot be fused, because somebody else looks at it, is still right.
    #[test]
    fn values_with_two_readers_equal_their_definition(
        (c, h, w, act) in (channels(), side(), side(), activation()),
        (tap, seed) in (0usize..5, any::<u64>()),
    ) {
        let mut random = Random::new(seed);
        let mut graph = Graph::new(5, h, w).expect("a size");
        let x = blocked(&mut graph, &mut random, c);
        let expanded = Layer::pointwise(c + 7, act).add(&mut graph, &mut random, x);
        let depthwise = Layer::depthwise(c + 7, 3, 1, act).add(&mut graph, &mut random, expanded);
        let gated = graph.squeeze_excite(depthwise, se(&mut random, c + 7, 3, act)).expect("sizes fit");
        let again = graph.squeeze_excite(depthwise, se(&mut random, c + 7, 2, act)).expect("sizes fit");
        let both = graph.add(gated, again, act).expect("equal shapes");
        let projected = Layer::pointwise(c, Activation::None).add(&mut graph, &mut random, gated);
        let sum = graph.add(projected, x, act).expect("equal shapes");
        let doubled = graph.add(sum, sum, Activation::None).expect("equal shapes");
        let parts = [doubled, both, graph.input(), doubled, sum];
        let all = graph.concat(&parts).expect("equal sides");
        for (name, node) in [("expanded", expanded), ("gated", gated), ("projected", projected), ("sum", sum), ("depthwise", depthwise)]
            .into_iter()
            .take(tap)
        {
            graph.tap(name, node).expect("a node");
        }
        let picture = picture(&mut random, &graph);
        check(&finished(graph, all), &picture);
    }
}

#[test]
fn a_nan_is_not_hidden() {
    for set in instruction_sets() {
        for act in [Activation::None, Activation::Relu, Activation::Silu] {
            for winograd in [WinogradUse::Never, WinogradUse::Always] {
                let mut random = Random::new(3);
                let mut graph = Graph::new(32, 14, 14).expect("a size");
                let layer = Layer { out: 32, kernel: 3, stride: 1, pad: 1, groups: 1, act };
                let input = graph.input();
                let x = layer.add(&mut graph, &mut random, input);
                let x = graph.max_pool(x, 3, 2, 1).expect("a window");
                let x = graph.gap(x).expect("a node");
                let graph = finished(graph, x);
                let options =
                    PlanOptions { instruction_set: Some(set), winograd, ..PlanOptions::new() };
                let plan =
                    Plan::new(&graph, &Pool::new(1).expect("a pool"), &options).expect("a plan");
                let mut picture = picture(&mut random, &graph);
                picture[100] = f32::NAN;
                let output = plan.run(&picture, &[]).expect("a result");
                assert!(output.logits.iter().all(|v| v.is_nan()), "{} {act:?}", set.name());
            }
        }
    }
}
