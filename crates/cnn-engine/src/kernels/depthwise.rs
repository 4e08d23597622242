//! Depthwise convolution, alone or behind the 1x1 expansion of an inverted bottleneck.

use super::tile::activate;
use super::{Activation, Aligned, Buf, Env, Packed, Tile, Work, convolve_tile};
use crate::simd::{Isa, LANES, TileKernel};

/// Rows of the largest kernel.
pub(crate) const MAX_KERNEL: usize = 7;

/// `[expansion, its activation,] depthwise, its activation, sums over the map`, in one pass over a ring of `kernel` rows
/// that stays in the first-level cache: the wide map between the two is never written to memory.
///
/// Tasks are channel groups times strips of rows.
pub(crate) struct Depthwise {
    pub src: Buf,
    pub dst: Buf,
    /// The 1x1 expansion, in the same groups.
    pub expand: Option<(Packed, Activation)>,
    /// `[block][ky][kx][16]`.
    pub weights: Aligned,
    pub bias: Aligned,
    pub kernel: usize,
    /// 1 or 2.
    pub stride: usize,
    pub pad: usize,
    pub act: Activation,
    /// Offset of the sums, `[strip][block][16]`, for squeeze-excite.
    pub sums: usize,
    pub strips: usize,
    /// First block and number of blocks.
    pub groups: Vec<(usize, usize)>,
}

/// One tile of one output row of one block.
struct RowTile {
    /// The rows under the kernel, borders included.
    rows: [*const f32; MAX_KERNEL],
    kernel: usize,
    weights: *const f32,
    bias: *const f32,
    out: *mut f32,
    act: Activation,
    sums: *mut f32,
}

#[derive(Clone, Copy)]
struct RowKernel<'a, const STRIDE: usize>(&'a RowTile);

#[allow(clippy::needless_range_loop)] // Registers, see the micro-kernel.
impl<const STRIDE: usize> TileKernel for RowKernel<'_, STRIDE> {
    #[inline(always)]
    unsafe fn run<I: Isa, const NB: usize, const P: usize>(self) {
        let t = self.0;
        // SAFETY: the caller promises rows, weights and output for P pixels.
        unsafe {
            let mut acc = [I::load(t.bias); P];
            let mut w = t.weights;
            for ky in 0..t.kernel {
                for kx in 0..t.kernel {
                    let wv = I::load(w);
                    w = w.add(LANES);
                    let x = t.rows[ky].add(kx * LANES);
                    for p in 0..P {
                        acc[p] = I::fma(I::load(x.add(p * STRIDE * LANES)), wv, acc[p]);
                    }
                }
            }
            let mut sum = I::splat(0.0);
            for p in 0..P {
                let v = activate::<I>(t.act, acc[p]);
                I::store(t.out.add(p * LANES), v);
                sum = I::add(sum, v);
            }
            I::store(t.sums, I::add(I::load(t.sums), sum));
        }
    }
}

impl Depthwise {
    /// Floats of a row with its borders.
    fn row(&self) -> usize {
        (self.src.w + 2 * self.pad) * LANES
    }
}

impl Work for Depthwise {
    fn tasks(&self) -> usize {
        self.groups.len() * self.strips
    }
    fn scratch(&self) -> usize {
        self.kernel * self.row() * crate::pack::MAX_GROUP
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, thread: usize) {
        let (src, dst, k, stride, pad) = (&self.src, &self.dst, self.kernel, self.stride, self.pad);
        let (strip, (first, blocks)) = (task % self.strips, self.groups[task / self.strips]);
        let (y0, y1) = (dst.h * strip / self.strips, dst.h * (strip + 1) / self.strips);
        let row = self.row();
        let ring_len = k * row;
        let input = env.map(src).cast_const();
        let out = env.map(dst);
        let sums = env.at(self.sums + (strip * dst.blocks() + first) * LANES, blocks * LANES);
        let ring = env.scratch(thread, self.scratch());
        // SAFETY: `scratch` holds a ring per block of the group; rows and columns are within the looked-up maps, as the
        // comments say.
        unsafe {
            sums.write_bytes(0, blocks * LANES);
            // The borders, once; later only what is between them is written.
            ring.write_bytes(0, blocks * ring_len);
            // Row r of the strip is row y0 * stride + r - pad of the map and lies in slot r % k.
            for r in 0..(y1 - y0 - 1) * stride + k {
                let slot = ring.add(r % k * row + pad * LANES);
                let y = y0 * stride + r;
                if !(pad..src.h + pad).contains(&y) {
                    for b in 0..blocks {
                        slot.add(b * ring_len).write_bytes(0, src.w * LANES);
                    }
                } else {
                    let line = input.add((y - pad) * src.w * LANES);
                    match &self.expand {
                        Some((weights, act)) => {
                            let group = &weights.groups[task / self.strips];
                            let here = weights.values.as_ptr().add(group.offset);
                            let next = here.wrapping_add(src.blocks() * LANES * blocks * LANES);
                            let mut x = 0;
                            while x < src.w {
                                let pixels = I::PIXELS.min(src.w - x);
                                let tile = Tile {
                                    input: line.add(x * LANES),
                                    unit_stride: src.plane,
                                    units: src.blocks(),
                                    unit_len: LANES,
                                    weights: here,
                                    out: slot.add(x * LANES),
                                    out_plane: ring_len,
                                    bias: weights.bias.as_ptr().add(first * LANES),
                                    residual: std::ptr::null(),
                                    residual_plane: 0,
                                    first: true,
                                    last: true,
                                    act: *act,
                                    prefetch: if r == pad { next } else { here },
                                };
                                convolve_tile::<I, LANES>(blocks, pixels, &tile);
                                x += pixels;
                            }
                        }
                        None => {
                            for b in 0..blocks {
                                let from = line.add((first + b) * src.plane);
                                let to = slot.add(b * ring_len);
                                from.copy_to_nonoverlapping(to, src.w * LANES);
                            }
                        }
                    }
                }
                // An output row is made as soon as its k rows are there.
                if r + 1 < k || !(r + 1 - k).is_multiple_of(stride) {
                    continue;
                }
                let top = r + 1 - k;
                let y = y0 + top / stride;
                for b in 0..blocks {
                    let block = first + b;
                    let mut x = 0;
                    while x < dst.w {
                        let pixels = I::PIXELS.min(dst.w - x);
                        let mut rows = [std::ptr::null_mut::<f32>(); MAX_KERNEL];
                        for (ky, start) in rows.iter_mut().enumerate().take(k) {
                            let slot = (top + ky) % k;
                            *start = ring.add(b * ring_len + slot * row + x * stride * LANES);
                        }
                        let rows = rows.map(<*mut f32>::cast_const);
                        let tile = RowTile {
                            rows,
                            kernel: k,
                            weights: self.weights.as_ptr().add(block * k * k * LANES),
                            bias: self.bias.as_ptr().add(block * LANES),
                            out: out.add(block * dst.plane + (y * dst.w + x) * LANES),
                            act: self.act,
                            sums: sums.add(b * LANES),
                        };
                        match stride {
                            1 => I::row(pixels, RowKernel::<1>(&tile)),
                            2 => I::row(pixels, RowKernel::<2>(&tile)),
                            other => unreachable!("a depthwise stride of {other}"),
                        }
                        x += pixels;
                    }
                }
            }
        }
    }
}
