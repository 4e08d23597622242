//! The micro-kernel: a tile of accumulators that stays in registers while k runs.

use super::Activation;
use crate::simd::{Isa, LANES, TileKernel};

/// What a register tile reads and writes: `out[b][p] = act(bias[b] + residual[b][p] + sum over k of input[p][k] * weights[k][b])`.
pub(super) struct Tile {
    /// `units` pieces of `unit_len` consecutive k values, `unit_stride` floats apart.
    pub input: *const f32,
    pub unit_stride: usize,
    pub units: usize,
    pub unit_len: usize,
    /// `[k][blocks * 16]`.
    pub weights: *const f32,
    pub out: *mut f32,
    pub out_plane: usize,
    pub bias: *const f32,
    /// Null where there is none.
    pub residual: *const f32,
    pub residual_plane: usize,
    /// The first part of k: starts from bias and residual. Else what is in `out` is added at the end: parts of k are
    /// summed on their own, because one long chain over k would lose digits.
    pub first: bool,
    /// The last part of k: the activation follows.
    pub last: bool,
    pub act: Activation,
    /// What will be read next: one line is fetched into the second-level cache per k.
    pub prefetch: *const f32,
}

/// A tile whose pixels are `STEP` floats apart: 16 in blocked maps; stride x channels in an interleaved image.
struct MicroKernel<'a, const STEP: usize>(&'a Tile);

impl<const STEP: usize> Clone for MicroKernel<'_, STEP> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<const STEP: usize> Copy for MicroKernel<'_, STEP> {}

/// Runs a tile of run-time size.
///
/// # Safety
/// The processor has `I`, and the pointers of the tile are valid for its size.
#[inline(always)]
pub(super) unsafe fn convolve_tile<I: Isa, const STEP: usize>(
    blocks: usize,
    pixels: usize,
    tile: &Tile,
) {
    // SAFETY: handed on.
    unsafe { I::tile(blocks, pixels, MicroKernel::<STEP>(tile)) }
}

// Indices instead of iterators: the loops over registers must unroll, and closures must not hold vectors.
#[allow(clippy::needless_range_loop)]
impl<const STEP: usize> TileKernel for MicroKernel<'_, STEP> {
    #[inline(always)]
    unsafe fn run<I: Isa, const NB: usize, const P: usize>(self) {
        let t = self.0;
        // SAFETY: the caller promises that the tile's pointers are valid for NB blocks and P pixels.
        unsafe {
            let mut acc = [[I::splat(0.0); P]; NB];
            if t.first {
                for b in 0..NB {
                    acc[b] = [I::load(t.bias.add(b * LANES)); P];
                }
                if !t.residual.is_null() {
                    for b in 0..NB {
                        for p in 0..P {
                            let r = I::load(t.residual.add(b * t.residual_plane + p * LANES));
                            acc[b][p] = I::add(acc[b][p], r);
                        }
                    }
                }
            }
            let (mut unit, mut w, mut prefetch) = (t.input, t.weights, t.prefetch);
            for _ in 0..t.units {
                let mut x = unit;
                for _ in 0..t.unit_len {
                    let mut wv = [I::splat(0.0); NB];
                    for b in 0..NB {
                        wv[b] = I::load(w.add(b * LANES));
                    }
                    for p in 0..P {
                        let v = I::splat(*x.add(p * STEP));
                        for b in 0..NB {
                            acc[b][p] = I::fma(v, wv[b], acc[b][p]);
                        }
                    }
                    I::prefetch(prefetch);
                    x = x.add(1);
                    w = w.add(NB * LANES);
                    prefetch = prefetch.wrapping_add(NB * LANES);
                }
                unit = unit.wrapping_add(t.unit_stride);
            }
            if !t.first {
                for b in 0..NB {
                    for p in 0..P {
                        let before = I::load(t.out.add(b * t.out_plane + p * LANES));
                        acc[b][p] = I::add(acc[b][p], before);
                    }
                }
            }
            if t.last && t.act == Activation::Relu {
                let zero = I::splat(0.0);
                for b in 0..NB {
                    for p in 0..P {
                        acc[b][p] = I::at_least(zero, acc[b][p]);
                    }
                }
            }
            for b in 0..NB {
                for p in 0..P {
                    I::store(t.out.add(b * t.out_plane + p * LANES), acc[b][p]);
                }
            }
            // From memory, which is the first-level cache now: the sigmoid needs the registers.
            if t.last && t.act == Activation::Silu {
                for b in 0..NB {
                    let out = t.out.add(b * t.out_plane);
                    for p in 0..P {
                        let v = I::load(out.add(p * LANES));
                        I::store(out.add(p * LANES), I::mul(v, I::sigmoid(v)));
                    }
                }
            }
        }
    }
}

/// The activation of one vector.
///
/// # Safety
/// The processor has `I`.
#[inline(always)]
pub(super) unsafe fn activate<I: Isa>(act: Activation, v: I::V) -> I::V {
    // SAFETY: the caller's promise.
    unsafe {
        match act {
            Activation::None => v,
            Activation::Relu => I::at_least(I::splat(0.0), v),
            Activation::Silu => I::mul(v, I::sigmoid(v)),
        }
    }
}
