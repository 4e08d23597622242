//! What cannot be is refused with a reason, and never panics.

use crate::finished;
use crate::weights::Random;
use cnn_engine::models::{WeightSource, efficientnet_b0, resnet50};
use cnn_engine::{
    Activation, Conv, EngineError, Graph, NodeId, Plan, PlanError, PlanOptions, Pool, SqueezeExcite,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Small numbers, zero, and numbers that overflow when multiplied.
fn size() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0usize..20, 1 => Just(1 << 16), 1 => Just(usize::MAX), 1 => any::<usize>()]
}

fn values() -> impl Strategy<Value = Vec<f32>> {
    prop_oneof![
        proptest::collection::vec(any::<f32>(), 0..200),
        (0usize..400).prop_map(|n| vec![0.25; n])
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn sizes_and_values_of_any_kind_never_panic(
        (c, h, w, out) in (size(), size(), size(), size()),
        (kernel, stride, pad, groups) in (size(), size(), size(), size()),
        (weight, bias) in (values(), values()),
        fits in any::<bool>(),
    ) {
        let Ok(mut graph) = Graph::new(c, h, w) else { return Ok(()) };
        let input = graph.input();
        let needed = [out, c / groups.max(1), kernel, kernel]
            .iter()
            .try_fold(1usize, |n, size| n.checked_mul(*size))
            .filter(|n| fits && *n < 100_000 && out < 100_000);
        let conv = Conv {
            weight: needed.map_or(weight, |n| vec![f32::NAN; n]).into(),
            bias: needed.map_or(bias.clone(), |_| vec![1e30; out]).into(),
            out, kernel, stride, pad, groups,
            act: Activation::Silu,
        };
        let mut last = input;
        for next in [
            graph.conv(input, conv),
            graph.max_pool(input, kernel, stride, pad),
            graph.avg_pool(input, kernel),
            graph.linear(input, vec![0.5; bias.len()].into(), bias.into(), Activation::Relu),
            graph.gap(input),
        ] {
            last = next.unwrap_or(last);
        }
        let graph = finished(graph, last);
        let options = PlanOptions { max_floats: 1 << 22, ..PlanOptions::new() };
        if let Ok(plan) = Plan::new(&graph, &Pool::new(2).expect("a pool"), &options) {
            prop_assert!(plan.run(&plan.probe(), &[]).is_ok());
        }
    }
}

#[test]
fn each_mistake_has_its_own_error() {
    assert!(matches!(Graph::new(3, 0, 5), Err(PlanError::Shape(_))));
    assert!(matches!(Graph::new(1 << 16, 1 << 16, 1), Err(PlanError::Shape(_))));
    let mut graph = Graph::new(4, 6, 6).expect("a size");
    let input = graph.input();
    let conv = Conv {
        weight: vec![0.0; 4 * 8].into(),
        bias: vec![0.0; 8].into(),
        out: 8,
        kernel: 1,
        stride: 1,
        pad: 0,
        groups: 1,
        act: Activation::None,
    };
    let few = Conv { weight: vec![0.0; 31].into(), ..conv.clone() };
    assert!(matches!(graph.conv(input, few), Err(PlanError::Values { expected: 32, got: 31, .. })));
    let uneven = Conv { groups: 3, ..conv.clone() };
    assert!(matches!(graph.conv(input, uneven), Err(PlanError::Shape(_))));
    let large = Conv { kernel: 7, weight: vec![0.0; 4 * 8 * 49].into(), ..conv.clone() };
    assert!(matches!(graph.conv(input, large), Err(PlanError::Shape(_))));
    let wide = graph.conv(input, conv).expect("sizes fit");
    assert!(matches!(graph.add(input, wide, Activation::None), Err(PlanError::Shape(_))));
    assert!(matches!(graph.max_pool(input, 3, 2, 2), Err(PlanError::Shape(_))));
    assert!(matches!(graph.concat(&[]), Err(PlanError::Shape(_))));
    let linear = graph.linear(wide, vec![0.0; 8].into(), vec![0.0].into(), Activation::None);
    assert!(matches!(linear, Err(PlanError::Shape(_))), "a map is no vector");
    let se = SqueezeExcite {
        squeeze: 0,
        w1: vec![].into(),
        b1: vec![].into(),
        w2: vec![].into(),
        b2: vec![0.0; 8].into(),
        act: Activation::Silu,
    };
    assert!(matches!(graph.squeeze_excite(wide, se), Err(PlanError::Shape(_))));
    let foreign: NodeId = {
        let mut other = Graph::new(1, 1, 1).expect("a size");
        let mut node = other.input();
        for _ in 0..9 {
            node = other.gap(node).expect("a node");
        }
        node
    };
    assert!(matches!(graph.gap(foreign), Err(PlanError::Reference(_))));
    graph.tap("map", wide).expect("a node");
    assert!(matches!(graph.tap("map", input), Err(PlanError::Reference(_))));

    let pool = Pool::new(1).expect("a pool");
    let options = PlanOptions::new();
    assert!(matches!(Plan::new(&graph, &pool, &options), Err(PlanError::NoOutput)));
    graph.set_result(wide).expect("a node");
    let tight = PlanOptions { max_floats: 1000, ..options };
    assert!(matches!(Plan::new(&graph, &pool, &tight), Err(PlanError::TooLarge { .. })));
    let plan = Plan::new(&graph, &pool, &options).expect("a plan");
    let short = plan.run(&[0.0; 3], &[]);
    assert_eq!(short, Err(EngineError::InputLength { expected: 144, got: 3 }));
    let unknown = plan.run(&[0.0; 144], &["maps"]);
    assert_eq!(unknown, Err(EngineError::UnknownTap("maps".into())));
}

#[test]
fn a_source_without_a_tensor_or_with_another_shape_is_refused_by_name() {
    let mut source: BTreeMap<String, (Vec<f32>, Vec<usize>)> = BTreeMap::new();
    let error = resnet50(&source, 64, 64, &[]).expect_err("nothing there");
    assert_eq!(error, PlanError::MissingTensor("conv1.weight".into()));
    source.insert("conv1.weight".into(), (vec![0.0; 64 * 3 * 25], vec![64, 3, 5, 5]));
    let error = resnet50(&source, 64, 64, &[]).expect_err("another kernel");
    assert!(
        matches!(&error, PlanError::TensorShape { name, .. } if name == "conv1.weight"),
        "{error}"
    );
    source.insert("conv1.weight".into(), (vec![0.0; 7], vec![64, 3, 7, 7]));
    assert!(resnet50(&source, 64, 64, &[]).is_err(), "fewer values than the shape says");
    source.insert("features.0.0.weight".into(), (vec![], vec![1]));
    assert!(efficientnet_b0(&source, 64, 64, &[]).is_err(), "no convolution");
    assert!(source.shape("features.0.0.weight").is_some());
}

#[test]
fn plans_share_a_pool_and_callers_share_a_plan() {
    let pool = Pool::new(2).expect("a pool");
    let mut random = Random::new(5);
    let plans: Vec<Arc<Plan>> = (0..2)
        .map(|_| {
            let mut graph = Graph::new(8, 20, 20).expect("a size");
            let conv = Conv {
                weight: random.weights(40 * 8 * 9, 72).into(),
                bias: vec![0.0; 40].into(),
                out: 40,
                kernel: 3,
                stride: 1,
                pad: 1,
                groups: 1,
                act: Activation::Relu,
            };
            let x = graph.conv(graph.input(), conv).expect("sizes fit");
            graph.set_result(x).expect("a node");
            Arc::new(Plan::new(&graph, &pool, &PlanOptions::new()).expect("a plan"))
        })
        .collect();
    let pictures: Vec<Vec<f32>> = (0..3).map(|_| random.values(8 * 400, 1.0)).collect();
    let alone: Vec<_> = plans
        .iter()
        .flat_map(|plan| pictures.iter().map(|p| plan.run(p, &[]).expect("a result")))
        .collect();
    std::thread::scope(|scope| {
        for (i, want) in alone.iter().enumerate() {
            let (plan, picture) = (&plans[i / 3], &pictures[i % 3]);
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(&plan.run(picture, &[]).expect("a result"), want);
                }
            });
        }
    });
}
