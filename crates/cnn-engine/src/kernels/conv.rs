//! Dense convolutions as matrix products without the matrix.

use super::{Activation, Affine, Buf, Env, Packed, Tile, Work, convolve_tile};
use crate::simd::{Isa, LANES};

/// The input picture, interleaved with a zero border: a kernel row is then `kernel * channels` consecutive k values,
/// and three channels are not padded to 16.
pub(crate) struct Image {
    pub dst: usize,
    pub channels: usize,
    pub h: usize,
    pub w: usize,
    pub pad: usize,
}

impl Image {
    /// Floats of a row.
    pub fn row(&self) -> usize {
        (self.w + 2 * self.pad) * self.channels
    }
    /// Floats in all.
    pub fn len(&self) -> usize {
        (self.h + 2 * self.pad) * self.row()
    }
}

impl Work for Image {
    fn tasks(&self) -> usize {
        8
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, _: usize) {
        let (h, w, pad, channels) = (self.h, self.w, self.pad, self.channels);
        let (rows, row) = (h + 2 * pad, self.row());
        let (first, end) = (rows * task / 8, rows * (task + 1) / 8);
        let start = env.at(self.dst + first * row, (end - first) * row);
        // SAFETY: these rows lie in the arena, and no other task has them.
        let image = unsafe { std::slice::from_raw_parts_mut(start, (end - first) * row) };
        for (y, line) in (first..end).zip(image.chunks_exact_mut(row)) {
            line.fill(0.0);
            if (pad..h + pad).contains(&y) {
                for c in 0..channels {
                    let source = &env.input[(c * h + y - pad) * w..][..w];
                    let pixels = line[pad * channels + c..].iter_mut().step_by(channels);
                    pixels.zip(source).for_each(|(to, from)| *to = *from);
                }
            }
        }
    }
}

/// A convolution of the interleaved picture with stride 2; tasks are bands of rows.
pub(crate) struct Stem {
    pub image: Image,
    pub kernel: usize,
    pub dst: Buf,
    pub weights: Packed,
    pub act: Activation,
    /// Rows of a task.
    pub rows: usize,
}

impl Work for Stem {
    fn tasks(&self) -> usize {
        self.dst.h.div_ceil(self.rows)
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, _: usize) {
        let (dst, row, channels) = (&self.dst, self.image.row(), self.image.channels);
        let image = env.at(self.image.dst, self.image.len());
        let out = env.map(dst);
        let rows = task * self.rows..(task * self.rows + self.rows).min(dst.h);
        for y in rows {
            for group in &self.weights.groups {
                let mut x = 0;
                while x < dst.w {
                    let pixels = I::PIXELS.min(dst.w - x);
                    // SAFETY: row y and pixel x exist in `dst`, so the kernel's rows and columns exist in the image,
                    // whose border is part of it; both were looked up in whole.
                    unsafe {
                        let tile = Tile {
                            input: image.add((y * row + x * channels) * 2),
                            unit_stride: row,
                            units: self.kernel,
                            unit_len: channels * self.kernel,
                            weights: self.weights.values.as_ptr().add(group.offset),
                            out: out.add(group.first * dst.plane + (y * dst.w + x) * LANES),
                            out_plane: dst.plane,
                            bias: self.weights.bias.as_ptr().add(group.first * LANES),
                            residual: std::ptr::null(),
                            residual_plane: 0,
                            first: true,
                            last: true,
                            act: self.act,
                            prefetch: self.weights.values.as_ptr(),
                        };
                        match 2 * channels {
                            2 => convolve_tile::<I, 2>(group.blocks, pixels, &tile),
                            6 => convolve_tile::<I, 6>(group.blocks, pixels, &tile),
                            other => unreachable!("a stem with steps of {other}"),
                        }
                    }
                    x += pixels;
                }
            }
        }
    }
}

/// `act(conv(prepared input) + bias + residual)`; tasks are chunks of pixels times chunks of channel groups.
///
/// 1x1 with stride 1 reads the planes where they are. Everything else copies whole vectors of 16 channels into a panel
/// `[unit][pixel][16]` (a unit is one input block at one place of the kernel), a block of units at a time; the zero
/// border costs nothing in the inner loop.
pub(crate) struct Conv {
    pub src: Buf,
    pub dst: Buf,
    pub residual: Option<Buf>,
    /// Offset of 16-lane factors of the input (squeeze-excite); 1x1 stride 1 only.
    pub gate: Option<usize>,
    /// Scale, shift and ReLU of the input (a batch norm that cannot be folded); 1x1 stride 1 only.
    pub pre: Option<Affine>,
    pub kernel: usize,
    pub stride: usize,
    pub pad: usize,
    pub weights: Packed,
    pub act: Activation,
    /// Pixels of a task.
    pub chunk: usize,
    /// Channel groups of a task.
    pub group_chunk: usize,
    /// Units whose weights fit the first-level cache.
    pub k_block: usize,
}

impl Conv {
    fn units(&self) -> usize {
        self.src.blocks() * self.kernel * self.kernel
    }
    /// Whether the input is read where it is.
    fn direct(&self) -> bool {
        self.kernel == 1
            && self.stride == 1
            && self.pad == 0
            && self.gate.is_none()
            && self.pre.is_none()
    }

    /// Fills the panel of the units `u0..u1` for the pixels from `p0`.
    ///
    /// # Safety
    /// `src` is the whole source, `panel` has `(u1 - u0) * pixels * 16` floats, and the processor has `I`.
    #[inline(always)]
    unsafe fn fill_panel<I: Isa>(
        &self,
        env: &Env,
        src: *const f32,
        panel: *mut f32,
        (u0, u1): (usize, usize),
        (p0, pixels): (usize, usize),
    ) {
        for unit in u0..u1 {
            let places = self.kernel * self.kernel;
            let (block, place) = (unit / places, unit % places);
            let (ky, kx) = (place / self.kernel, place % self.kernel);
            // SAFETY: block, rows and columns below are within `src`; the panel has room for the unit's pixels.
            unsafe {
                let plane = src.add(block * self.src.plane);
                let to = panel.add((unit - u0) * pixels * LANES);
                if let Some(gate) = self.gate {
                    let factor = I::load(env.at(gate + block * LANES, LANES));
                    for j in 0..pixels {
                        let v = I::load(plane.add((p0 + j) * LANES));
                        I::store(to.add(j * LANES), I::mul(factor, v));
                    }
                } else if let Some((scale, shift)) = &self.pre {
                    let scale = I::load(scale[block * LANES..][..LANES].as_ptr());
                    let shift = I::load(shift[block * LANES..][..LANES].as_ptr());
                    for j in 0..pixels {
                        let v = I::fma(scale, I::load(plane.add((p0 + j) * LANES)), shift);
                        I::store(to.add(j * LANES), I::at_least(I::splat(0.0), v));
                    }
                } else {
                    self.gather::<I>(plane, to, (ky, kx), (p0, pixels));
                }
            }
        }
    }

    /// The input pixels under place (ky, kx) of the kernel, zero outside of the map.
    ///
    /// # Safety
    /// `plane` is a plane of `src`, `to` has `pixels` vectors, and the processor has `I`.
    #[inline(always)]
    unsafe fn gather<I: Isa>(
        &self,
        plane: *const f32,
        to: *mut f32,
        (ky, kx): (usize, usize),
        (p0, pixels): (usize, usize),
    ) {
        let (h, w, stride, pad) = (self.src.h, self.src.w, self.stride, self.pad);
        let (mut done, mut y, mut x) = (0, p0 / self.dst.w, p0 % self.dst.w);
        while done < pixels {
            let len = (self.dst.w - x).min(pixels - done);
            let row = y * stride + ky;
            // Columns q with 0 <= q * stride + kx - pad < w.
            let inside = (pad..h + pad).contains(&row);
            let low = pad.saturating_sub(kx).div_ceil(stride).clamp(x, x + len);
            let high = (w + pad).saturating_sub(kx).div_ceil(stride).clamp(low, x + len);
            let high = if inside { high } else { low };
            // SAFETY: by the bounds just computed; `len` vectors from `done` are within `to`.
            unsafe {
                let zero = I::splat(0.0);
                let to = to.add(done * LANES);
                for q in x..low {
                    I::store(to.add((q - x) * LANES), zero);
                }
                for q in low..high {
                    let from = plane.add(((row - pad) * w + q * stride + kx - pad) * LANES);
                    I::store(to.add((q - x) * LANES), I::load(from));
                }
                for q in high..x + len {
                    I::store(to.add((q - x) * LANES), zero);
                }
            }
            done += len;
            (x, y) = (0, y + 1);
        }
    }
}

impl Work for Conv {
    fn tasks(&self) -> usize {
        self.dst.pixels().div_ceil(self.chunk)
            * self.weights.groups.len().div_ceil(self.group_chunk)
    }
    fn scratch(&self) -> usize {
        if self.direct() { 0 } else { self.chunk.min(self.dst.pixels()) * self.k_block * LANES }
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, thread: usize) {
        let (src, dst) = (&self.src, &self.dst);
        let chunks = dst.pixels().div_ceil(self.chunk);
        let (p0, g0) = (task % chunks * self.chunk, task / chunks * self.group_chunk);
        let pixels = self.chunk.min(dst.pixels() - p0);
        let groups = &self.weights.groups;
        let groups = &groups[g0..(g0 + self.group_chunk).min(groups.len())];
        let input = env.map(src).cast_const();
        let out = env.map(dst);
        let residual = self.residual.as_ref().map(|buf| (env.map(buf).cast_const(), buf.plane));
        let panel = env.scratch(thread, self.scratch());
        let (units, weights) = (self.units(), self.weights.values.as_ptr());

        let mut u0 = 0;
        while u0 < units {
            let u1 = (u0 + self.k_block).min(units);
            // SAFETY: pixels and blocks are within the looked-up maps; the panel has the size that `scratch` asked for.
            let (input, unit_stride) = unsafe {
                if self.direct() {
                    (input.add(u0 * src.plane + p0 * LANES), src.plane)
                } else {
                    self.fill_panel::<I>(env, input, panel, (u0, u1), (p0, pixels));
                    (panel.cast_const(), pixels * LANES)
                }
            };
            for (i, group) in groups.iter().enumerate() {
                let panel_of = |group: &crate::pack::Group, unit: usize| {
                    weights.wrapping_add(group.offset + unit * LANES * group.blocks * LANES)
                };
                let here = panel_of(group, u0);
                let next = match groups.get(i + 1) {
                    Some(following) => panel_of(following, u0),
                    None => panel_of(&groups[0], u1),
                };
                let mut p = 0;
                while p < pixels {
                    let count = I::PIXELS.min(pixels - p);
                    // SAFETY: group, pixel and unit are within the maps and the packed weights.
                    unsafe {
                        let at = (p0 + p) * LANES;
                        let tile = Tile {
                            input: input.add(p * LANES),
                            unit_stride,
                            units: u1 - u0,
                            unit_len: LANES,
                            weights: here,
                            out: out.add(group.first * dst.plane + at),
                            out_plane: dst.plane,
                            bias: self.weights.bias.as_ptr().add(group.first * LANES),
                            residual: residual.map_or(std::ptr::null(), |(r, plane)| {
                                r.add(group.first * plane + at)
                            }),
                            residual_plane: residual.map_or(0, |(_, plane)| plane),
                            first: u0 == 0,
                            last: u1 == units,
                            act: self.act,
                            // The next panel, one line per k: its even lines during the first tile, its odd ones
                            // during the second.
                            prefetch: match p / I::PIXELS {
                                0 => next,
                                1 if group.blocks == 2 => next.wrapping_add(LANES),
                                _ => here,
                            },
                        };
                        convolve_tile::<I, LANES>(group.blocks, count, &tile);
                    }
                    p += count;
                }
            }
            u0 = u1;
        }
    }
}
