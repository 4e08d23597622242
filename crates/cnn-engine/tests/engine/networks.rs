//! Whole networks with random weights, against the definition.

use crate::weights::{self, Random};
use crate::{TOLERANCE, check, reference};
use cnn_engine::models::{
    Block, FEATURES, POOLED, basic_cnn, densenet121, efficientnet_b0, resnet50, sequential,
};
use cnn_engine::{Graph, Plan, PlanOptions, Pool};

/// The blocks of `weights::sequential`.
const BLOCKS: [Block; 3] = [
    Block { stride: 2, groups: 1, pool: false },
    Block { stride: 1, groups: 1, pool: true },
    Block { stride: 2, groups: 1, pool: false },
];

fn picture(graph: &Graph) -> Vec<f32> {
    let shape = graph.shape(graph.input()).expect("a node");
    Random::new(9).values(shape.len(), 2.0)
}

/// The kinds of operations of a plan, with their number.
fn count(graph: &Graph, kind: &str) -> usize {
    let pool = Pool::new(2).expect("a pool");
    let plan = Plan::new(graph, &pool, &PlanOptions::new()).expect("a plan");
    plan.operations().iter().filter(|op| op.starts_with(kind)).count()
}

#[test]
fn resnet50_equals_its_definition() {
    let tensors = weights::resnet50(51);
    let graph = resnet50(&tensors, 64, 64, &[]).expect("all tensors are there");
    assert_eq!(count(&graph, "element-wise"), 0, "every sum is fused");
    check(&graph, &picture(&graph));
}

#[test]
fn efficientnet_b0_equals_its_definition() {
    let tensors = weights::efficientnet_b0(51);
    let graph = efficientnet_b0(&tensors, 64, 64, &[]).expect("all tensors are there");
    assert_eq!(count(&graph, "expanding depthwise"), 15, "every expansion is fused");
    assert_eq!(count(&graph, "element-wise"), 0, "every sum and gate is fused");
    check(&graph, &picture(&graph));
}

#[test]
fn densenet121_equals_its_definition() {
    let tensors = weights::densenet121(51);
    let graph = densenet121(&tensors, 64, 64).expect("all tensors are there");
    assert_eq!(count(&graph, "copy"), 0, "every concatenation is in place");
    check(&graph, &picture(&graph));
}

#[test]
fn a_sequence_of_blocks_equals_its_definition_on_odd_sides() {
    let tensors = weights::sequential(4);
    let graph = sequential(&tensors, 61, 47, &BLOCKS, &[]).expect("all tensors are there");
    check(&graph, &picture(&graph));
}

#[test]
fn the_basic_network_equals_its_definition() {
    let tensors = weights::basic_cnn(51);
    let graph = basic_cnn(&tensors, 64, 64, &[]).expect("all tensors are there");
    let features = graph.shape(graph.taps()[0].1).expect("a node");
    assert_eq!((features.c, features.h, features.w), (512, 4, 4));
    check(&graph, &picture(&graph));
}

/// Means of inner maps beside those of the last, as heads of a pack may want them.
#[test]
fn inner_blocks_are_joined_before_the_last_map() {
    // The heads of a pack lie in a file of their own.
    let headless = |mut tensors: weights::Tensors| {
        tensors.retain(|name, _| !name.starts_with("head.") && !name.starts_with("classifier."));
        tensors
    };
    let tensors = headless(weights::sequential(4));
    // Sides that divide and such that do not.
    for (h, w) in [(64, 64), (61, 47)] {
        let alone = sequential(&tensors, h, w, &BLOCKS, &[]).expect("all tensors are there");
        let graph = sequential(&tensors, h, w, &BLOCKS, &[0, 1]).expect("all tensors are there");
        let shape = |graph: &Graph| graph.shape(graph.taps()[0].1).expect("a node");
        let (one, all) = (shape(&alone), shape(&graph));
        assert_eq!((one.h, one.w), (all.h, all.w));
        assert!(all.c > one.c);
        check(&graph, &picture(&graph));
        for inner in [&[2][..], &[3], &[0, 9]] {
            let error = sequential(&tensors, h, w, &BLOCKS, inner).expect_err("no inner block");
            assert!(error.to_string().contains("no inner block"), "{error}");
        }
    }
    let tensors = headless(weights::efficientnet_b0(5));
    let graph = efficientnet_b0(&tensors, 64, 64, &[2, 10, 15]).expect("all tensors are there");
    check(&graph, &picture(&graph));
}

/// The same weights under torchvision's names and under those of the training script, which has another epsilon.
#[test]
fn the_names_of_the_training_script_are_known() {
    let tensors = weights::efficientnet_b0(7);
    let picture = Random::new(9).values(3 * 64 * 64, 2.0);
    let result = |tensors: &weights::Tensors| {
        let graph = efficientnet_b0(tensors, 64, 64, &[]).expect("all tensors are there");
        let pool = Pool::new(1).expect("a pool");
        let plan = Plan::new(&graph, &pool, &PlanOptions::new()).expect("a plan");
        plan.run(&picture, &[]).expect("a result").logits
    };
    let theirs = result(&tensors);
    let ours = result(&weights::as_in_training(&tensors));
    let largest = theirs.iter().fold(0f32, |m, v| m.max(v.abs()));
    for (a, b) in theirs.iter().zip(&ours) {
        assert!((a - b).abs() <= TOLERANCE as f32 * largest, "{theirs:?} {ours:?}");
    }
}

/// What heat-maps stand on: the mean of a class's map over the features, plus its bias, is its logit.
#[test]
fn the_features_explain_the_logits() {
    let classes = 5;
    let tensors = weights::efficientnet_b0(classes);
    let graph = efficientnet_b0(&tensors, 96, 64, &[]).expect("all tensors are there");
    let plan =
        Plan::new(&graph, &Pool::new(2).expect("a pool"), &PlanOptions::new()).expect("a plan");
    let output = plan.run(&picture(&graph), &[FEATURES, POOLED]).expect("a result");
    let [features, pooled] = &output.taps[..] else { panic!("two taps") };
    assert_eq!((features.shape.c, features.shape.h, features.shape.w), (1280, 3, 2));
    let (head, bias) = (&tensors["classifier.1.weight"].0, &tensors["classifier.1.bias"].0);
    let largest = output.logits.iter().fold(0f64, |m, v| m.max(f64::from(v.abs())));
    for class in 0..classes {
        let mut logit = f64::from(bias[class]);
        for c in 0..1280 {
            let plane = &features.values[c * 6..][..6];
            let mean = plane.iter().map(|v| f64::from(*v)).sum::<f64>() / 6.0;
            assert!((mean - f64::from(pooled.values[c])).abs() < 1e-4 * mean.abs().max(0.2));
            logit += mean * f64::from(head[class * 1280 + c]);
        }
        let off = (logit - f64::from(output.logits[class])).abs();
        assert!(off <= TOLERANCE * largest, "class {class} is off by {off}");
    }
}

/// A backbone for heads of other packs, and weights that were folded before.
#[test]
fn without_a_head_the_result_is_the_pooled_vector_and_folded_weights_are_taken_as_they_are() {
    let mut tensors = weights::sequential(4);
    let picture = Random::new(9).values(32 * 32, 2.0);
    let pooled = |tensors: &weights::Tensors| {
        let graph = sequential(tensors, 32, 32, &BLOCKS, &[]).expect("all tensors are there");
        let values = reference::evaluate(&graph, &picture);
        let pool = Pool::new(1).expect("a pool");
        let plan = Plan::new(&graph, &pool, &PlanOptions::new()).expect("a plan");
        let output = plan.run(&picture, &[POOLED]).expect("a result");
        (output, values[graph.taps()[1].1.index()].clone())
    };
    let (with_head, _) = pooled(&tensors);
    tensors.retain(|name, _| !name.starts_with("head."));
    let (without, _) = pooled(&tensors);
    assert_eq!(without.logits, with_head.taps[0].values);
    for i in 0..3 {
        tensors.retain(|name, _| !name.starts_with(&format!("blocks.{i}.bn")));
        let out = tensors[&format!("blocks.{i}.conv.weight")].1[0];
        tensors.insert(format!("blocks.{i}.conv.bias"), (vec![0.1; out], vec![out]));
    }
    let (folded, want) = pooled(&tensors);
    let largest = want.iter().fold(0f64, |m, v| m.max(*v));
    for (got, want) in folded.logits.iter().zip(&want) {
        assert!((f64::from(*got) - want).abs() <= TOLERANCE * largest);
    }
}
