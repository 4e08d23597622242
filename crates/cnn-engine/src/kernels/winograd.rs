//! 3x3 convolutions with stride 1 by Winograd F(4x4, 3x3): a quarter of the multiplications.
//!
//! Lavin and Gray's points 0, 1, -1, 2, -2, infinity. The transforms work on vectors of 16 channels; the 36 products
//! are the micro-kernel's.

use super::tile::activate;
use super::{Activation, Buf, Env, Packed, Tile, Work, convolve_tile};
use crate::simd::{Isa, LANES};

const POINTS: usize = 36;

/// Tasks are chunks of 4x4 tiles times chunks of channel groups.
pub(crate) struct Winograd {
    pub src: Buf,
    pub dst: Buf,
    pub residual: Option<Buf>,
    /// Per group `[36][k][blocks * 16]`.
    pub weights: Packed,
    pub act: Activation,
    pub chunk: usize,
    pub group_chunk: usize,
}

/// Tiles and channel groups of a task: many tiles are split by tiles; few tiles by output channels, so that each
/// weight is streamed once. More than 64 tiles would leave the second-level cache.
pub(crate) fn chunk_for(dst: &Buf, groups: usize, threads: usize) -> (usize, usize) {
    let tiles = dst.h.div_ceil(4) * dst.w.div_ceil(4);
    if tiles >= 28 * threads {
        return (28, groups);
    }
    let chunk = tiles.min(64);
    (chunk, groups.div_ceil(threads.div_ceil(tiles.div_ceil(chunk))))
}

/// `G g G^T`, in f64.
pub(crate) fn transform_filter(g: &[f32]) -> [f32; POINTS] {
    const G: [[f64; 3]; 6] = [
        [0.25, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    let half: [[f64; 3]; 6] = std::array::from_fn(|r| {
        std::array::from_fn(|c| (0..3).map(|q| G[r][q] * f64::from(g[q * 3 + c])).sum())
    });
    std::array::from_fn(|i| (0..3).map(|q| half[i / 6][q] * G[i % 6][q]).sum::<f64>() as f32)
}

/// One dimension of the input's transform, `B^T d`.
///
/// # Safety
/// The processor has `I`.
#[inline(always)]
unsafe fn transform_input<I: Isa>(d: [I::V; 6]) -> [I::V; 6] {
    // SAFETY: the caller's promise.
    unsafe {
        let (m4, m5, p4) = (I::splat(-4.0), I::splat(-5.0), I::splat(4.0));
        let a = I::fma(m4, d[2], d[4]);
        let b = I::fma(m4, d[1], d[3]);
        let c = I::sub(d[4], d[2]);
        let e = I::sub(d[3], d[1]);
        let e = I::add(e, e);
        [
            I::fma(p4, d[0], I::fma(m5, d[2], d[4])),
            I::add(a, b),
            I::sub(a, b),
            I::add(c, e),
            I::sub(c, e),
            I::fma(p4, d[1], I::fma(m5, d[3], d[5])),
        ]
    }
}

/// One dimension of the output's transform, `A^T m`.
///
/// # Safety
/// The processor has `I`.
#[inline(always)]
unsafe fn transform_output<I: Isa>(m: [I::V; 6]) -> [I::V; 4] {
    // SAFETY: the caller's promise.
    unsafe {
        let (s1, d1) = (I::add(m[1], m[2]), I::sub(m[1], m[2]));
        let (s2, d2) = (I::add(m[3], m[4]), I::sub(m[3], m[4]));
        [
            I::add(I::add(m[0], s1), s2),
            I::fma(I::splat(2.0), d2, d1),
            I::fma(I::splat(4.0), s2, s1),
            I::add(I::fma(I::splat(8.0), d2, d1), m[5]),
        ]
    }
}

impl Winograd {
    fn tiles(&self) -> usize {
        self.dst.h.div_ceil(4) * self.dst.w.div_ceil(4)
    }
    /// Floats between two points of the transformed input of `n` tiles; the 16 more spread the cache sets.
    fn input_plane(&self, n: usize) -> usize {
        self.src.blocks() * n * LANES + LANES
    }

    /// `v[36][block][tile][16]` = the transformed input of the tiles `t0..t0 + n`.
    ///
    /// # Safety
    /// `src` is the whole source, `v` has `36 * input_plane(n)` floats, the processor has `I`.
    #[allow(clippy::needless_range_loop)] // Registers, see the micro-kernel.
    #[inline(always)]
    unsafe fn read<I: Isa>(&self, src: *const f32, v: *mut f32, t0: usize, n: usize) {
        let (h, w) = (self.src.h as isize, self.src.w as isize);
        let across = self.dst.w.div_ceil(4);
        // SAFETY: a pixel is read only if it is in the map; block, tile and point are within `v`.
        unsafe {
            let zero = I::splat(0.0);
            for block in 0..self.src.blocks() {
                let plane = src.add(block * self.src.plane);
                for t in t0..t0 + n {
                    let y0 = (t / across * 4) as isize - 1;
                    let x0 = (t % across * 4) as isize - 1;
                    let inner = y0 >= 0 && x0 >= 0 && y0 + 6 <= h && x0 + 6 <= w;
                    let mut rows = [[zero; 6]; 6];
                    for i in 0..6 {
                        let y = y0 + i as isize;
                        let mut d = [zero; 6];
                        if inner {
                            let from = plane.offset((y * w + x0) * LANES as isize);
                            for j in 0..6 {
                                d[j] = I::load(from.add(j * LANES));
                            }
                        } else if (0..h).contains(&y) {
                            for j in 0..6 {
                                let x = x0 + j as isize;
                                if (0..w).contains(&x) {
                                    d[j] = I::load(plane.offset((y * w + x) * LANES as isize));
                                }
                            }
                        }
                        rows[i] = transform_input::<I>(d);
                    }
                    let to = v.add((block * n + t - t0) * LANES);
                    for j in 0..6 {
                        let column = [
                            rows[0][j], rows[1][j], rows[2][j], rows[3][j], rows[4][j], rows[5][j],
                        ];
                        let c = transform_input::<I>(column);
                        for i in 0..6 {
                            I::store(to.add((i * 6 + j) * self.input_plane(n)), c[i]);
                        }
                    }
                }
            }
        }
    }

    /// One block of the output from its products `m`, whose points are `plane` floats apart.
    ///
    /// # Safety
    /// `out` and `residual` are the block's plane in their maps, `m` has the products of the `n` tiles from `t0`, the
    /// processor has `I`.
    #[allow(clippy::needless_range_loop)] // Registers, see the micro-kernel.
    #[inline(always)]
    unsafe fn write<I: Isa>(
        &self,
        (m, plane): (*const f32, usize),
        bias: *const f32,
        residual: Option<*const f32>,
        out: *mut f32,
        (t0, n): (usize, usize),
    ) {
        let across = self.dst.w.div_ceil(4);
        // SAFETY: the loops stop where the map ends.
        unsafe {
            let zero = I::splat(0.0);
            let bias = I::load(bias);
            for t in t0..t0 + n {
                let from = m.add((t - t0) * LANES);
                let mut rows = [[zero; 4]; 6];
                for i in 0..6 {
                    let mut d = [zero; 6];
                    for j in 0..6 {
                        d[j] = I::load(from.add((i * 6 + j) * plane));
                    }
                    rows[i] = transform_output::<I>(d);
                }
                let (y0, x0) = (t / across * 4, t % across * 4);
                for j in 0..4.min(self.dst.w - x0) {
                    let r = transform_output::<I>([
                        rows[0][j], rows[1][j], rows[2][j], rows[3][j], rows[4][j], rows[5][j],
                    ]);
                    for i in 0..4.min(self.dst.h - y0) {
                        let at = ((y0 + i) * self.dst.w + x0 + j) * LANES;
                        let mut v = I::add(r[i], bias);
                        if let Some(residual) = residual {
                            v = I::add(v, I::load(residual.add(at)));
                        }
                        I::store(out.add(at), activate::<I>(self.act, v));
                    }
                }
            }
        }
    }
}

impl Work for Winograd {
    fn tasks(&self) -> usize {
        self.tiles().div_ceil(self.chunk) * self.weights.groups.len().div_ceil(self.group_chunk)
    }
    fn scratch(&self) -> usize {
        let products = crate::pack::MAX_GROUP * self.chunk * LANES + LANES;
        POINTS * (self.input_plane(self.chunk) + products)
    }

    #[inline(always)]
    unsafe fn run<I: Isa>(&self, env: &Env, task: usize, thread: usize) {
        let (src, dst) = (&self.src, &self.dst);
        let chunks = self.tiles().div_ceil(self.chunk);
        let (t0, g0) = (task % chunks * self.chunk, task / chunks * self.group_chunk);
        let n = self.chunk.min(self.tiles() - t0);
        let groups = &self.weights.groups;
        let groups = &groups[g0..(g0 + self.group_chunk).min(groups.len())];
        let input = env.map(src).cast_const();
        let out = env.map(dst);
        let residual = self.residual.as_ref().map(|buf| (env.map(buf).cast_const(), buf.plane));
        let scratch = env.scratch(thread, self.scratch());
        let (weights, bias) = (self.weights.values.as_ptr(), self.weights.bias.as_ptr());
        let zeros = [0f32; crate::pack::MAX_GROUP * LANES];

        // SAFETY: input, then products lie in the scratch memory, as `scratch` counts them; groups, tiles and units are
        // within the packed weights and the looked-up maps.
        unsafe {
            let input_plane = self.input_plane(n);
            let products = scratch.add(POINTS * input_plane);
            self.read::<I>(input, scratch, t0, n);
            // Tiles of equal width are faster than full ones and a narrow last one.
            let width = n.div_ceil(n.div_ceil(I::PIXELS));
            for group in groups {
                let plane = group.blocks * n * LANES + LANES;
                let panel = src.blocks() * LANES * group.blocks * LANES;
                for point in 0..POINTS {
                    let here = weights.add(group.offset + point * panel);
                    let mut t = 0;
                    while t < n {
                        let count = width.min(n - t);
                        let tile = Tile {
                            input: scratch.add(point * input_plane + t * LANES),
                            unit_stride: n * LANES,
                            units: src.blocks(),
                            unit_len: LANES,
                            weights: here,
                            out: products.add(point * plane + t * LANES),
                            out_plane: n * LANES,
                            bias: zeros.as_ptr(),
                            residual: std::ptr::null(),
                            residual_plane: 0,
                            first: true,
                            last: true,
                            act: Activation::None,
                            prefetch: match t / width {
                                0 => here.wrapping_add(panel),
                                1 if group.blocks == 2 => here.wrapping_add(panel + LANES),
                                _ => here,
                            },
                        };
                        convolve_tile::<I, LANES>(group.blocks, count, &tile);
                        t += count;
                    }
                }
                for b in 0..group.blocks {
                    let block = group.first + b;
                    self.write::<I>(
                        (products.add(b * n * LANES), plane),
                        bias.add(block * LANES),
                        residual.map(|(r, plane)| r.add(block * plane)),
                        out.add(block * dst.plane),
                        (t0, n),
                    );
                }
            }
        }
    }
}
