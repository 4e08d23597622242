//! A network made ready for one size of picture: packed weights, one arena, a list of operations.

mod fuse;
mod lower;

use crate::graph::{Graph, Shape};
use crate::kernels::{Buf, Env, Op};
use crate::memory::Aligned;
use crate::pool::Pool;
use crate::simd::{InstructionSet, LANES};
use crate::{EngineError, PlanError};
use lower::{Lowered, Target, lower};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Two results agree if they differ by at most this, relative to the largest value.
pub const AGREEMENT: f32 = 1e-4;

/// Whether 3x3 convolutions may be computed by Winograd's algorithm, with fewer multiplications and other roundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WinogradUse {
    /// Never.
    Never,
    /// If a probe through the plan with and without it agrees within [`AGREEMENT`], result and taps. Needs the weights
    /// twice while the plan is made.
    WhereItAgrees,
    /// Always, for measuring.
    Always,
}

/// How a plan is made.
#[derive(Clone, Copy, Debug)]
pub struct PlanOptions {
    /// None: the fastest that the processor has.
    pub instruction_set: Option<InstructionSet>,
    /// See [`WinogradUse`].
    pub winograd: WinogradUse,
    /// Floats of weights, maps and scratch memory together that a plan may have.
    pub max_floats: usize,
}

impl PlanOptions {
    /// The fastest instruction set, Winograd where it agrees, 2 GiB.
    pub const fn new() -> Self {
        PlanOptions {
            instruction_set: None,
            winograd: WinogradUse::WhereItAgrees,
            max_floats: 1 << 29,
        }
    }
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// A map of a network, channel by channel, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Its size.
    pub shape: Shape,
    /// `shape.c * shape.h * shape.w` values.
    pub values: Vec<f32>,
}

/// What a run gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The result of the graph; for a classifier, one logit per class. A NaN in the input or the weights comes out as NaN.
    pub logits: Vec<f32>,
    /// The maps that were asked for, in that order.
    pub taps: Vec<Map>,
}

/// See the module's text. Runs of one plan wait for each other, and runs of plans on one pool do.
pub struct Plan {
    ops: Vec<Op>,
    tasks: Vec<usize>,
    input: Shape,
    result: Buf,
    taps: Vec<(String, Buf)>,
    instruction_set: InstructionSet,
    pool: Arc<Pool>,
    memory: Mutex<Memory>,
}

struct Memory {
    arena: Aligned,
    scratch: Vec<Aligned>,
}

impl Plan {
    /// Makes a plan. The graph and the weights it borrows are not needed afterwards.
    pub fn new(graph: &Graph, pool: &Arc<Pool>, options: &PlanOptions) -> Result<Self, PlanError> {
        if options.winograd != WinogradUse::WhereItAgrees {
            let winograd = options.winograd == WinogradUse::Always;
            return Self::lowered(graph, pool, options, winograd);
        }
        let fast = Self::lowered(graph, pool, options, true)?;
        if !fast.uses_winograd() {
            return Ok(fast);
        }
        let plain = Self::lowered(graph, pool, options, false)?;
        let agrees = fast.difference(&plain, &fast.probe()).map_err(PlanError::Probe)? <= AGREEMENT;
        Ok(if agrees { fast } else { plain })
    }

    fn lowered(
        graph: &Graph,
        pool: &Arc<Pool>,
        options: &PlanOptions,
        winograd: bool,
    ) -> Result<Self, PlanError> {
        let result = graph.result().ok_or(PlanError::NoOutput)?;
        let instruction_set = options.instruction_set.unwrap_or_else(InstructionSet::detect);
        if !instruction_set.is_supported() {
            return Err(PlanError::InstructionSet(instruction_set));
        }
        let (tiling, threads) = (instruction_set.tiling(), pool.threads());
        let target = Target { tiling, threads, winograd, max_floats: options.max_floats };
        let Lowered { ops, arena, scratch, result, taps } = lower(graph, result, target)?;
        let scratch = (0..threads).map(|_| Aligned::zeroed(scratch));
        let memory = Memory {
            arena: Aligned::zeroed(arena)?,
            scratch: scratch.collect::<Result<_, PlanError>>()?,
        };
        Ok(Plan {
            tasks: ops.iter().map(Op::tasks).collect(),
            ops,
            input: graph.shape(graph.input())?,
            result,
            taps,
            instruction_set,
            pool: Arc::clone(pool),
            memory: Mutex::new(memory),
        })
    }

    /// Runs the network on one picture, channel by channel (NCHW with N = 1), and copies out the taps of these names.
    ///
    /// Waits until the plan and its pool are free. Equal inputs give equal bits.
    pub fn run(&self, input: &[f32], taps: &[&str]) -> Result<Output, EngineError> {
        if input.len() != self.input.len() {
            return Err(EngineError::InputLength { expected: self.input.len(), got: input.len() });
        }
        let find = |name: &&str| {
            let tap = self.taps.iter().find(|(tap, _)| tap == name);
            tap.map(|(_, buf)| buf).ok_or_else(|| EngineError::UnknownTap((*name).into()))
        };
        let taps = taps.iter().map(find).collect::<Result<Vec<_>, EngineError>>()?;
        // A panic never leaves a lock poisoned here, and a later run overwrites everything it reads.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let Memory { arena, scratch } = &mut *memory;
        let env = Env::new(arena, input, scratch);
        self.pool
            .run(&self.tasks, |step, task, thread| {
                // SAFETY: the instruction set was checked when the plan was made; the pool runs each task once, puts a
                // barrier between steps, and gives each thread its own number.
                unsafe { self.ops[step].run(self.instruction_set, &env, task, thread) }
            })
            .map_err(|panicked| EngineError::Task {
                op: self.ops[panicked.step].to_string(),
                message: panicked.message,
            })?;
        drop(env);
        Ok(Output {
            logits: unpack(&self.result, arena).values,
            taps: taps.into_iter().map(|buf| unpack(buf, arena)).collect(),
        })
    }

    /// The largest difference between the results, and between the taps, of two plans, each relative to the largest value
    /// of `other`. Infinite if a value is not finite, or if the plans are of different networks.
    pub fn difference(&self, other: &Plan, input: &[f32]) -> Result<f32, EngineError> {
        let taps: Vec<&str> = self.taps.iter().map(|(name, _)| name.as_str()).collect();
        let (ours, theirs) = (self.run(input, &taps)?, other.run(input, &taps)?);
        let mut worst = relative_difference(&ours.logits, &theirs.logits);
        for (one, other) in ours.taps.iter().zip(&theirs.taps) {
            worst = worst.max(relative_difference(&one.values, &other.values));
        }
        Ok(worst)
    }

    /// A picture of even noise between -2 and 2, always the same: the range of normalised pictures.
    pub fn probe(&self) -> Vec<f32> {
        let mut state = 0x2545_f491_4f6c_dd1du64;
        (0..self.input.len())
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as f32 / (1u64 << 22) as f32 - 2.0
            })
            .collect()
    }

    /// The size of the picture.
    pub fn input(&self) -> Shape {
        self.input
    }
    /// What it was made for.
    pub fn instruction_set(&self) -> InstructionSet {
        self.instruction_set
    }
    /// Whether any convolution is computed by Winograd's algorithm.
    pub fn uses_winograd(&self) -> bool {
        self.ops.iter().any(|op| matches!(op, Op::Winograd(_)))
    }
    /// The operations in words, for people and tests.
    pub fn operations(&self) -> Vec<String> {
        self.ops.iter().map(Op::to_string).collect()
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("input", &self.input)
            .field("instruction_set", &self.instruction_set)
            .field("operations", &self.ops.len())
            .finish_non_exhaustive()
    }
}

/// From blocks to one channel after the other.
fn unpack(buf: &Buf, arena: &[f32]) -> Map {
    let shape = Shape { c: buf.channels, h: buf.h, w: buf.w };
    let mut values = Vec::with_capacity(shape.len());
    for c in 0..buf.channels {
        let plane = &arena[buf.off + c / LANES * buf.plane..][..buf.pixels() * LANES];
        values.extend(plane.iter().skip(c % LANES).step_by(LANES));
    }
    Map { shape, values }
}

/// The largest difference, relative to the largest value of `right`; infinite if something is not finite.
pub fn relative_difference(left: &[f32], right: &[f32]) -> f32 {
    let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
    if left.len() != right.len() || !finite(left) || !finite(right) {
        return f32::INFINITY;
    }
    let largest = right.iter().fold(0f32, |m, v| m.max(v.abs()));
    let worst = left.iter().zip(right).fold(0f32, |m, (a, b)| m.max((a - b).abs()));
    if worst == 0.0 { 0.0 } else { worst / largest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Activation, Conv};

    #[test]
    fn a_panic_inside_an_operation_is_an_error_and_the_plan_runs_again() {
        let mut graph = Graph::new(20, 9, 9).expect("a size");
        let conv = Conv {
            weight: vec![0.1; 20 * 20].into(),
            bias: vec![0.0; 20].into(),
            out: 20,
            kernel: 1,
            stride: 1,
            pad: 0,
            groups: 1,
            act: Activation::Relu,
        };
        let x = graph.conv(graph.input(), conv).expect("sizes fit");
        graph.set_result(x).expect("a node");
        let pool = Pool::new(3).expect("a pool");
        let mut plan = Plan::new(&graph, &pool, &PlanOptions::new()).expect("a plan");
        let input = plan.probe();
        let good = plan.run(&input, &[]).expect("a result");
        // A plan that leads out of its memory: what the checks of `Env` are for.
        let Some(Op::Conv(conv)) = plan.ops.last_mut() else { panic!("a convolution is last") };
        let off = std::mem::replace(&mut conv.dst.off, usize::MAX - 4);
        let error = plan.run(&input, &[]).expect_err("beyond the arena");
        assert!(matches!(error, EngineError::Task { .. }), "{error}");
        let Some(Op::Conv(conv)) = plan.ops.last_mut() else { panic!("a convolution is last") };
        conv.dst.off = off;
        assert_eq!(plan.run(&input, &[]).expect("a result"), good);
    }
}
