//! Everything the engine computes, against the definition in double precision.
//!
//! Each check runs on every instruction set that this processor has, the plain one always, with one and three threads,
//! with and without Winograd; result and taps are compared.

mod networks;
mod operations;
mod reference;
mod refusals;
mod weights;

use cnn_engine::{Graph, InstructionSet, NodeId, Plan, PlanOptions, Pool, WinogradUse};
use std::sync::{Arc, LazyLock};

/// Relative to the largest value of the map.
pub const TOLERANCE: f64 = 1e-4;

static POOLS: LazyLock<[Arc<Pool>; 2]> =
    LazyLock::new(|| [1, 3].map(|threads| Pool::new(threads).expect("threads")));

pub fn instruction_sets() -> impl Iterator<Item = InstructionSet> {
    InstructionSet::ALL.into_iter().filter(|set| set.is_supported())
}

/// Runs the graph in every way and compares result and taps with the definition.
pub fn check(graph: &Graph, input: &[f32]) {
    let values = reference::evaluate(graph, input);
    let names: Vec<&str> = graph.taps().iter().map(|(name, _)| name.as_str()).collect();
    for set in instruction_sets() {
        for pool in &*POOLS {
            for winograd in [WinogradUse::Never, WinogradUse::Always] {
                let options =
                    PlanOptions { instruction_set: Some(set), winograd, ..PlanOptions::new() };
                let plan = Plan::new(graph, pool, &options).expect("a plan");
                let what = || {
                    let threads = pool.threads();
                    format!("{} {threads} threads {winograd:?} {:?}", set.name(), plan.operations())
                };
                let output = plan.run(input, &names).expect("a result");
                let again = plan.run(input, &names).expect("a result");
                assert_eq!(output, again, "a second run differs: {}", what());
                let result = graph.result().expect("a result");
                compare(&output.logits, &values[result.index()], &what);
                for (map, (name, node)) in output.taps.iter().zip(graph.taps()) {
                    assert_eq!(map.shape, graph.shape(*node).expect("a node"));
                    compare(&map.values, &values[node.index()], &|| {
                        format!("{name} of {}", what())
                    });
                }
            }
        }
    }
}

fn compare(got: &[f32], want: &[f64], what: &dyn Fn() -> String) {
    assert_eq!(got.len(), want.len(), "{}", what());
    // Values near zero come from cancellation: their digits are measured against what was summed, which is near 1.
    let largest = want.iter().fold(0.2f64, |m, v| m.max(v.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let off = (f64::from(*got) - want).abs();
        let close = off <= TOLERANCE * largest;
        assert!(close, "value {i} is {got}, not {want} (largest {largest}): {}", what());
    }
}

/// The graph with its last node as the result.
pub fn finished(mut graph: Graph, last: NodeId) -> Graph {
    graph.set_result(last).expect("a node");
    graph
}
