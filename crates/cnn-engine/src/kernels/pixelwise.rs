//! Everything that mixes no channels, and the small gate of squeeze-excite.

use super::tile::activate;
use super::{Activation, Affine, Aligned, Buf, Env, Work};
use crate::simd::{Isa, LANES};
use std::ops::Range;

/// The input into blocks; a task per block.
pub(crate) struct Load {
    pub dst: Buf,
}

impl Work for Load {
    fn tasks(&self) -> usize {
        self.dst.blocks()
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, _: usize) {
        let (pixels, dst) = (self.dst.pixels(), env.map(&self.dst));
        // SAFETY: the block's plane lies in the looked-up map, and no other task has it.
        let plane = unsafe {
            std::slice::from_raw_parts_mut(dst.add(task * self.dst.plane), pixels * LANES)
        };
        for lane in 0..LANES {
            let channel = task * LANES + lane;
            let to = plane.iter_mut().skip(lane).step_by(LANES);
            if channel < self.dst.channels {
                let from = &env.input[channel * pixels..][..pixels];
                to.zip(from).for_each(|(to, from)| *to = *from);
            } else {
                to.for_each(|to| *to = 0.0);
            }
        }
    }
}

/// The greatest of each window; what is outside of the map does not count, a NaN does. Two tasks per block.
pub(crate) struct MaxPool {
    pub src: Buf,
    pub dst: Buf,
    pub kernel: usize,
    pub stride: usize,
    pub pad: usize,
}

impl Work for MaxPool {
    fn tasks(&self) -> usize {
        self.dst.blocks() * 2
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, _: usize) {
        let (src, dst, block, half) = (&self.src, &self.dst, task / 2, task % 2);
        let (from, to) = (env.map(src).cast_const(), env.map(dst));
        // SAFETY: block and window are within the looked-up maps.
        unsafe {
            let (from, to) = (from.add(block * src.plane), to.add(block * dst.plane));
            for y in dst.h * half / 2..dst.h * (half + 1) / 2 {
                let top = y * self.stride;
                let rows = top.saturating_sub(self.pad)..(top + self.kernel - self.pad).min(src.h);
                for x in 0..dst.w {
                    let left = x * self.stride;
                    let mut v = I::splat(f32::NEG_INFINITY);
                    for iy in rows.clone() {
                        let end = (left + self.kernel - self.pad).min(src.w);
                        for ix in left.saturating_sub(self.pad)..end {
                            v = I::max_or_nan(v, I::load(from.add((iy * src.w + ix) * LANES)));
                        }
                    }
                    I::store(to.add((y * dst.w + x) * LANES), v);
                }
            }
        }
    }
}

/// The mean of each window of `relu(scale * x + shift)`, or of `x`; windows do not overlap. A task per block.
pub(crate) struct AvgPool {
    pub src: Buf,
    pub dst: Buf,
    pub pre: Option<Affine>,
    /// Side by side; without: as many as `dst` has pixels, over the whole map.
    pub window: Option<(usize, usize)>,
}

impl AvgPool {
    /// The rows and columns of a window.
    #[inline(always)]
    fn reach(&self, y: usize, x: usize) -> (Range<usize>, Range<usize>) {
        match self.window {
            Some((kh, kw)) => (y * kh..y * kh + kh, x * kw..x * kw + kw),
            None => {
                let part =
                    |i: usize, n: usize, side: usize| i * side / n..((i + 1) * side).div_ceil(n);
                (part(y, self.dst.h, self.src.h), part(x, self.dst.w, self.src.w))
            }
        }
    }
}

impl Work for AvgPool {
    fn tasks(&self) -> usize {
        self.dst.blocks()
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, _: usize) {
        let (src, dst) = (&self.src, &self.dst);
        let (from, to) = (env.map(src).cast_const(), env.map(dst));
        let lanes = task * LANES..(task + 1) * LANES;
        // SAFETY: block and windows are within the looked-up maps.
        unsafe {
            let (from, to) = (from.add(task * src.plane), to.add(task * dst.plane));
            let zero = I::splat(0.0);
            for i in 0..dst.pixels() {
                let (rows, columns) = self.reach(i / dst.w, i % dst.w);
                let inverse = I::splat(1.0 / (rows.len() * columns.len()) as f32);
                let mut sum = zero;
                for iy in rows {
                    // Row by row: one long chain of additions would lose digits.
                    let mut row = zero;
                    for ix in columns.clone() {
                        let mut v = I::load(from.add((iy * src.w + ix) * LANES));
                        if let Some((scale, shift)) = &self.pre {
                            let scale = I::load(scale[lanes.clone()].as_ptr());
                            let shift = I::load(shift[lanes.clone()].as_ptr());
                            v = I::at_least(zero, I::fma(scale, v, shift));
                        }
                        row = I::add(row, v);
                    }
                    sum = I::add(sum, row);
                }
                I::store(to.add(i * LANES), I::mul(sum, inverse));
            }
        }
    }
}

/// The gate of squeeze-excite, `sigmoid(w2 act(w1 mean + b1) + b2)`, from the sums of the strips. One task: both
/// matrices are small.
pub(crate) struct Gate {
    /// Offset of `[strip][block][16]` sums.
    pub sums: usize,
    pub strips: usize,
    pub channels: usize,
    /// Pixels that were summed.
    pub pixels: usize,
    pub squeeze: usize,
    pub act: Activation,
    /// `[squeeze][channels, to a multiple of 16]`, both.
    pub w1: Aligned,
    pub b1: Aligned,
    pub w2: Aligned,
    pub b2: Aligned,
    /// Offset of the result, one factor per channel.
    pub dst: usize,
}

impl Work for Gate {
    fn tasks(&self) -> usize {
        1
    }

    #[allow(clippy::needless_range_loop)] // Registers, see the micro-kernel.
    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, _: usize, _: usize) {
        let blocks = self.channels.div_ceil(LANES);
        let means = env.at(self.sums, self.strips * blocks * LANES);
        let gate = env.at(self.dst, blocks * LANES);
        // SAFETY: blocks and rows are within the two looked-up ranges and the two matrices.
        unsafe {
            let inverse = I::splat(1.0 / self.pixels as f32);
            for b in 0..blocks {
                let mut sum = I::splat(0.0);
                for strip in 0..self.strips {
                    sum = I::add(sum, I::load(means.add((strip * blocks + b) * LANES)));
                }
                I::store(means.add(b * LANES), I::mul(sum, inverse));
                I::store(gate.add(b * LANES), I::load(self.b2.as_ptr().add(b * LANES)));
            }
            for j in 0..self.squeeze {
                let w1 = self.w1.as_ptr().add(j * blocks * LANES);
                let mut sums = [I::splat(0.0); 4];
                let mut b = 0;
                while b < blocks {
                    for q in 0..4.min(blocks - b) {
                        let at = (b + q) * LANES;
                        sums[q] = I::fma(I::load(means.add(at)), I::load(w1.add(at)), sums[q]);
                    }
                    b += 4;
                }
                let sum = I::add(I::add(sums[0], sums[1]), I::add(sums[2], sums[3]));
                let hidden = I::splat(I::sum(sum) + self.b1[j]);
                let hidden = activate::<I>(self.act, hidden);
                let w2 = self.w2.as_ptr().add(j * blocks * LANES);
                for b in 0..blocks {
                    let v =
                        I::fma(hidden, I::load(w2.add(b * LANES)), I::load(gate.add(b * LANES)));
                    I::store(gate.add(b * LANES), v);
                }
            }
            for b in 0..blocks {
                I::store(gate.add(b * LANES), I::sigmoid(I::load(gate.add(b * LANES))));
            }
        }
    }
}

/// `act(a * scale + shift + b)`, each part optional: what no convolution could take over. A task per block.
pub(crate) struct Elementwise {
    pub a: Buf,
    pub b: Option<Buf>,
    /// Offset of one factor per channel (squeeze-excite).
    pub gate: Option<usize>,
    pub affine: Option<Affine>,
    pub act: Activation,
    pub dst: Buf,
}

impl Work for Elementwise {
    fn tasks(&self) -> usize {
        self.dst.blocks()
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, _: usize) {
        let (a, dst) = (env.map(&self.a).cast_const(), env.map(&self.dst));
        let b = self.b.as_ref().map(|b| (env.map(b).cast_const(), b.plane));
        let lanes = task * LANES..(task + 1) * LANES;
        // SAFETY: the block is within the looked-up maps, which are of one size.
        unsafe {
            let (mut scale, mut shift) = (I::splat(1.0), I::splat(0.0));
            if let Some(gate) = self.gate {
                scale = I::load(env.at(gate + task * LANES, LANES));
            }
            if let Some((s, t)) = &self.affine {
                scale = I::load(s[lanes.clone()].as_ptr());
                shift = I::load(t[lanes].as_ptr());
            }
            for i in 0..self.dst.pixels() {
                let mut v = I::load(a.add(task * self.a.plane + i * LANES));
                v = I::fma(v, scale, shift);
                if let Some((b, plane)) = b {
                    v = I::add(v, I::load(b.add(task * plane + i * LANES)));
                }
                I::store(dst.add(task * self.dst.plane + i * LANES), activate::<I>(self.act, v));
            }
        }
    }
}

/// A part of a concatenation that could not be written in place: its channels, to `first` and following. A task per
/// block of the source; the last task of the last part zeroes the lanes above.
pub(crate) struct CopyChannels {
    pub src: Buf,
    pub dst: Buf,
    pub first: usize,
}

impl Work for CopyChannels {
    fn tasks(&self) -> usize {
        self.src.blocks()
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, _: usize) {
        let (src, dst) = (env.map(&self.src).cast_const(), env.map(&self.dst));
        assert!(self.first + self.src.channels <= self.dst.channels, "beyond the concatenation");
        assert_eq!(self.src.pixels(), self.dst.pixels(), "a concatenation of two sizes");
        for channel in task * LANES..(task * LANES + LANES).min(self.src.channels) {
            let to = self.first + channel;
            let zeros = if to + 1 == self.dst.channels { LANES - 1 - to % LANES } else { 0 };
            for i in 0..self.src.pixels() {
                // SAFETY: both channels exist in their maps; the lanes above the last one are in its block. Tasks
                // write different lanes.
                unsafe {
                    let from = channel / LANES * self.src.plane + i * LANES + channel % LANES;
                    let to = dst.add(to / LANES * self.dst.plane + i * LANES + to % LANES);
                    *to = *src.add(from);
                    to.add(1).write_bytes(0, zeros);
                }
            }
        }
    }
}
