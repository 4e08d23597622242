//! The operations of a plan, as tasks over one arena of floats.
//!
//! **Layout NCHWc16.** A map is `ceil(C / 16)` planes ("blocks") of H x W pixels of 16 channels. Lanes above C are zero,
//! and stay so: their weights and bias are zero, and ReLU and SiLU map 0 to 0. Planes are some cache lines longer than
//! H x W, so that the same pixel of successive planes does not fall into the same set of the first-level cache.
//!
//! **Safety.** A plan is made of sizes only; where they lead in memory is looked up by [`Env`], which checks the
//! whole buffer against the arena once per task. Tasks of one operation write disjoint floats, and the pool's barrier
//! orders the operations. Inside its buffers a kernel's arithmetic is its own duty, which the property tests hold it to.

mod conv;
mod depthwise;
mod pixelwise;
mod tile;
mod winograd;

pub(crate) use conv::{Conv, Image, Stem};
pub(crate) use depthwise::{Depthwise, MAX_KERNEL};
pub(crate) use pixelwise::{AvgPool, CopyChannels, Elementwise, Gate, Load, MaxPool};
pub(crate) use winograd::{Winograd, chunk_for, transform_filter};

use crate::graph::Activation;
use crate::memory::Aligned;
use crate::pack::Packed;
#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};
use crate::simd::{InstructionSet, Isa, LANES, Portable, TaskKernel};
use std::fmt;
use tile::{Tile, convolve_tile};

/// A blocked map in the arena. Lengths in floats.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buf {
    pub off: usize,
    pub channels: usize,
    pub h: usize,
    pub w: usize,
    /// From one block to the next.
    pub plane: usize,
}

impl Buf {
    pub fn blocks(&self) -> usize {
        self.channels.div_ceil(LANES)
    }
    pub fn pixels(&self) -> usize {
        self.h * self.w
    }
}

/// Scale and shift of each channel.
pub(crate) type Affine = (Aligned, Aligned);

/// What the tasks of a run may touch.
pub(crate) struct Env<'a> {
    arena: *mut f32,
    arena_len: usize,
    /// One picture, channel by channel.
    pub input: &'a [f32],
    /// Of each thread.
    scratch: Vec<(*mut f32, usize)>,
}

// SAFETY: the pointers belong to memory that the maker of the `Env` has borrowed mutably, and tasks write disjoint parts.
unsafe impl Sync for Env<'_> {}

impl<'a> Env<'a> {
    pub fn new(arena: &'a mut [f32], input: &'a [f32], scratch: &'a mut [Aligned]) -> Self {
        Env {
            arena: arena.as_mut_ptr(),
            arena_len: arena.len(),
            input,
            scratch: scratch.iter_mut().map(|s| (s.as_mut_ptr(), s.len())).collect(),
        }
    }

    /// `len` floats of the arena.
    ///
    /// # Panics
    /// Where the arena ends before.
    #[inline(always)]
    fn at(&self, off: usize, len: usize) -> *mut f32 {
        assert!(off <= self.arena_len && len <= self.arena_len - off, "beyond the arena");
        self.arena.wrapping_add(off)
    }

    /// A whole map.
    #[inline(always)]
    fn map(&self, buf: &Buf) -> *mut f32 {
        assert!(buf.pixels() * LANES <= buf.plane, "planes overlap");
        // The padding behind the last plane is nobody's.
        self.at(buf.off, (buf.blocks() - 1) * buf.plane + buf.pixels() * LANES)
    }

    /// The scratch memory of a thread, at least `len` floats.
    #[inline(always)]
    fn scratch(&self, thread: usize, len: usize) -> *mut f32 {
        let (start, there) = self.scratch[thread];
        assert!(len <= there, "too little scratch memory");
        start
    }
}

/// One operation.
pub(crate) trait Work {
    /// Independent pieces.
    fn tasks(&self) -> usize;
    /// Floats of scratch memory for a thread.
    fn scratch(&self) -> usize {
        0
    }
    /// # Safety
    /// The processor has `I`; `task` is below `tasks()` and runs once; `thread` is nobody else's at this time.
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, thread: usize);
}

/// The operations.
pub(crate) enum Op {
    Load(Load),
    Image(Image),
    Stem(Stem),
    Conv(Conv),
    Winograd(Winograd),
    Depthwise(Depthwise),
    Gate(Gate),
    MaxPool(MaxPool),
    AvgPool(AvgPool),
    Elementwise(Elementwise),
    CopyChannels(CopyChannels),
}

macro_rules! each_op {
    ($op:expr, $work:ident => $body:expr) => {
        match $op {
            Op::Load($work) => $body,
            Op::Image($work) => $body,
            Op::Stem($work) => $body,
            Op::Conv($work) => $body,
            Op::Winograd($work) => $body,
            Op::Depthwise($work) => $body,
            Op::Gate($work) => $body,
            Op::MaxPool($work) => $body,
            Op::AvgPool($work) => $body,
            Op::Elementwise($work) => $body,
            Op::CopyChannels($work) => $body,
        }
    };
}

impl Op {
    pub fn tasks(&self) -> usize {
        each_op!(self, work => work.tasks())
    }
    pub fn scratch(&self) -> usize {
        each_op!(self, work => work.scratch())
    }

    /// Runs one task.
    ///
    /// # Safety
    /// The processor has `set`; each task runs once between two barriers; no two tasks at the same time have the same
    /// `thread`.
    pub unsafe fn run(&self, set: InstructionSet, env: &Env, task: usize, thread: usize) {
        let kernel = OpTask { op: self, env, task, thread };
        // SAFETY: the caller's promises are handed on.
        unsafe {
            match set {
                #[cfg(target_arch = "x86_64")]
                InstructionSet::Avx512 => Avx512::enter(kernel),
                #[cfg(target_arch = "x86_64")]
                InstructionSet::Avx2 => Avx2::enter(kernel),
                _ => Portable::enter(kernel),
            }
        }
    }
}

#[derive(Clone, Copy)]
struct OpTask<'a> {
    op: &'a Op,
    env: &'a Env<'a>,
    task: usize,
    thread: usize,
}

impl TaskKernel for OpTask<'_> {
    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        // SAFETY: the promises of `Op::run`.
        each_op!(self.op, work => unsafe { work.run::<I>(self.env, self.task, self.thread) })
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |b: &Buf| format!("{}@{}x{}", b.channels, b.h, b.w);
        match self {
            Op::Load(o) => write!(f, "load {}", size(&o.dst)),
            Op::Image(o) => write!(f, "image {}@{}x{}", o.channels, o.h, o.w),
            Op::Stem(o) => write!(f, "stem {0}x{0} -> {1}", o.kernel, size(&o.dst)),
            Op::Conv(o) => {
                write!(f, "conv {0}x{0} {1} -> {2}", o.kernel, size(&o.src), size(&o.dst))
            }
            Op::Winograd(o) => write!(f, "winograd {} -> {}", size(&o.src), size(&o.dst)),
            Op::Depthwise(o) => {
                let expanded = if o.expand.is_some() { "expanding " } else { "" };
                write!(f, "{expanded}depthwise {0}x{0} -> {1}", o.kernel, size(&o.dst))
            }
            Op::Gate(o) => write!(f, "gate {}", o.channels),
            Op::MaxPool(o) => write!(f, "max pool -> {}", size(&o.dst)),
            Op::AvgPool(o) => write!(f, "average pool -> {}", size(&o.dst)),
            Op::Elementwise(o) => write!(f, "element-wise {}", size(&o.dst)),
            Op::CopyChannels(o) => write!(f, "copy {}", size(&o.src)),
        }
    }
}
