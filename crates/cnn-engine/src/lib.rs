//! Convolutional networks for one picture on the processor, faster than the general runtimes.
//!
//! A [`Graph`] says what a network computes, with plain weights; [`models`] builds the usual ones from named tensors. A
//! [`Plan`] is a graph made ready for one size of picture, one instruction set and one [`Pool`] of threads: operations
//! fused, weights packed in the order in which they are read, all maps in one piece of memory. [`Plan::run`] takes a
//! picture and gives logits and, for heat-maps, inner maps.
//!
//! ```
//! use cnn_engine::{Activation, Conv, Graph, Plan, PlanOptions, Pool};
//! # fn main() -> Result<(), cnn_engine::PlanError> {
//! let mut graph = Graph::new(1, 8, 8)?;
//! let edges = Conv {
//!     weight: vec![-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0].into(),
//!     bias: vec![0.0].into(),
//!     out: 1,
//!     kernel: 3,
//!     stride: 1,
//!     pad: 1,
//!     groups: 1,
//!     act: Activation::Relu,
//! };
//! let edges = graph.conv(graph.input(), edges)?;
//! graph.tap("edges", edges)?;
//! let mean = graph.gap(edges)?;
//! graph.set_result(mean)?;
//! let plan = Plan::new(&graph, &Pool::new(2)?, &PlanOptions::new())?;
//! let output = plan.run(&[1.0; 64], &["edges"]).expect("64 values");
//! assert_eq!(output.logits, [30.0 / 64.0]); // the left edge: 4 in each of 6 rows, 3 in the two outer ones
//! # Ok(())
//! # }
//! ```
//!
//! # Why it is fast
//! Maps are blocked by 16 channels, so that every inner loop works on whole vectors of any picture size (`kernels`). One
//! micro-kernel keeps a tile of results in registers while k runs (`kernels/tile.rs`); convolutions other than 1x1 copy
//! vectors into a panel first (`kernels/conv.rs`); 3x3 ones may need a quarter of the multiplications
//! (`kernels/winograd.rs`); an inverted bottleneck never writes its wide inner map (`kernels/depthwise.rs`). Sums,
//! activations, squeeze-excite and concatenations cost no pass of their own (`plan/fuse.rs`). A small cost model splits
//! the work among threads (`plan/lower.rs`), which are parked between runs (`pool`).
//!
//! # What it refuses to know
//! Files, formats, packs, findings, training, and every crate but `std`. It knows no batch: pictures of a batch run one
//! after the other. It has no opinion on NaN: what goes in as NaN comes out as NaN.
//!
//! # Promises
//! Sizes and weights of any kind lead to a result or to an error, never to a panic or a hang: shapes are checked when a
//! graph is made, memory when a plan is made, and a panic in a task (a mistake in this crate) becomes an
//! [`EngineError`]. Every fused operation equals a plain reference in double precision within 1e-4 of its largest value,
//! on every instruction set (`tests/engine`).
//!
//! This is the one crate of the house with `unsafe` code: vector instructions, and tasks that write disjoint parts of
//! one memory.

mod error;
mod graph;
mod kernels;
mod memory;
pub mod models;
mod pack;
mod plan;
mod pool;
mod simd;

pub use error::{EngineError, PlanError};
pub use graph::{
    Activation, Conv, Graph, MAX_FLOATS, MAX_SIDE, Node, NodeId, Shape, SqueezeExcite, Values,
};
pub use plan::{AGREEMENT, Map, Output, Plan, PlanOptions, WinogradUse, relative_difference};
pub use pool::{MAX_THREADS, Pool};
pub use simd::InstructionSet;
