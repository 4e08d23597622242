//! AVX-512 (one register of 16 lanes) and AVX2 with FMA (two of 8).
//!
//! Every function here is `unsafe` for one reason, said at [`Isa`]: the processor must have the
//! instructions. Only `load` and `store` touch memory, at the caller's pointer.
#![allow(clippy::undocumented_unsafe_blocks)] // The text above is the comment of every block.

use super::{EXP, EXP_BOUND, Isa, TaskKernel, TileKernel, tiles};
use std::arch::x86_64::*;
use std::f32::consts::{LN_2, LOG2_E};

#[derive(Clone, Copy)]
pub(crate) struct Avx512;
#[derive(Clone, Copy)]
pub(crate) struct Avx2;

/// A trait function of one expression.
macro_rules! op {
    ($name:ident($($arg:ident: $t:ty),*) -> $out:ty = $body:expr) => {
        #[inline(always)]
        unsafe fn $name($($arg: $t),*) -> $out {
            unsafe { $body }
        }
    };
}

/// The two entry points, compiled for the features.
macro_rules! entry_points {
    ($isa:ident, $features:literal, $blocks:tt, $pixels:tt) => {
        #[inline(always)]
        unsafe fn tile<K: TileKernel>(blocks: usize, pixels: usize, kernel: K) {
            #[target_feature(enable = $features)]
            unsafe fn go<K: TileKernel, const NB: usize, const P: usize>(kernel: K) {
                unsafe { kernel.run::<$isa, NB, P>() }
            }
            tiles!(go, kernel, blocks, pixels, $blocks, $pixels)
        }
        #[inline(always)]
        unsafe fn row<K: TileKernel>(pixels: usize, kernel: K) {
            #[target_feature(enable = $features)]
            unsafe fn go<K: TileKernel, const NB: usize, const P: usize>(kernel: K) {
                unsafe { kernel.run::<$isa, NB, P>() }
            }
            tiles!(go, kernel, 1, pixels, [1], $pixels)
        }
        unsafe fn enter<K: TaskKernel>(kernel: K) {
            #[target_feature(enable = $features)]
            unsafe fn go<K: TaskKernel>(kernel: K) {
                unsafe { kernel.run::<$isa>() }
            }
            unsafe { go(kernel) }
        }
    };
}

impl Isa for Avx512 {
    type V = __m512;
    const BLOCKS: usize = 2;
    const PIXELS: usize = 14; // 2 x 14 accumulators and 2 weights: 30 of 32 registers
    const CYCLES: f64 = 0.55;

    op!(splat(x: f32) -> __m512 = _mm512_set1_ps(x));
    op!(load(p: *const f32) -> __m512 = _mm512_loadu_ps(p));
    op!(store(p: *mut f32, v: __m512) -> () = _mm512_storeu_ps(p, v));
    op!(fma(a: __m512, b: __m512, c: __m512) -> __m512 = _mm512_fmadd_ps(a, b, c));
    op!(add(a: __m512, b: __m512) -> __m512 = _mm512_add_ps(a, b));
    op!(sub(a: __m512, b: __m512) -> __m512 = _mm512_sub_ps(a, b));
    op!(mul(a: __m512, b: __m512) -> __m512 = _mm512_mul_ps(a, b));
    // The instruction returns its second operand when either is NaN.
    op!(at_least(bound: __m512, value: __m512) -> __m512 = _mm512_max_ps(bound, value));
    op!(max_or_nan(a: __m512, b: __m512) -> __m512 =
        _mm512_mask_mov_ps(_mm512_max_ps(a, b), _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(a, a), a));
    op!(sum(a: __m512) -> f32 = _mm512_reduce_add_ps(a));
    op!(prefetch(p: *const f32) -> () = _mm_prefetch::<_MM_HINT_T1>(p.cast()));

    #[inline(always)]
    unsafe fn sigmoid(x: __m512) -> __m512 {
        unsafe {
            let x = _mm512_max_ps(_mm512_set1_ps(-EXP_BOUND), x);
            let x = _mm512_min_ps(_mm512_set1_ps(EXP_BOUND), x);
            // Rounds to the nearest integer: below 2^22 the sum has no fractional bits.
            let magic = _mm512_set1_ps(12_582_912.0);
            let n = _mm512_sub_ps(_mm512_fmadd_ps(x, _mm512_set1_ps(-LOG2_E), magic), magic);
            let f = _mm512_fnmsub_ps(n, _mm512_set1_ps(LN_2), x);
            let mut p = _mm512_set1_ps(EXP[0]);
            for c in &EXP[1..] {
                p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(*c));
            }
            let d = _mm512_add_ps(_mm512_scalef_ps(p, n), _mm512_set1_ps(1.0));
            // 14 good bits of 1/d, and one step of Newton.
            let r = _mm512_rcp14_ps(d);
            _mm512_mul_ps(r, _mm512_fnmadd_ps(d, r, _mm512_set1_ps(2.0)))
        }
    }

    entry_points!(
        Avx512,
        "avx512f,avx512vl,avx512dq,avx512bw,fma",
        [1 2],
        [1 2 3 4 5 6 7 8 9 10 11 12 13 14]
    );
}

type Pair = [__m256; 2];

impl Isa for Avx2 {
    type V = Pair;
    const BLOCKS: usize = 1;
    const PIXELS: usize = 6; // 12 accumulators, 2 weights, 1 pixel: 15 of 16 registers
    const CYCLES: f64 = 1.15;

    op!(splat(x: f32) -> Pair = [_mm256_set1_ps(x); 2]);
    op!(load(p: *const f32) -> Pair = [_mm256_loadu_ps(p), _mm256_loadu_ps(p.add(8))]);
    op!(store(p: *mut f32, v: Pair) -> () = {
        _mm256_storeu_ps(p, v[0]);
        _mm256_storeu_ps(p.add(8), v[1])
    });
    op!(fma(a: Pair, b: Pair, c: Pair) -> Pair =
        [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])]);
    op!(add(a: Pair, b: Pair) -> Pair = [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])]);
    op!(sub(a: Pair, b: Pair) -> Pair = [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])]);
    op!(mul(a: Pair, b: Pair) -> Pair = [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])]);
    // The instruction returns its second operand when either is NaN.
    op!(at_least(bound: Pair, value: Pair) -> Pair =
        [_mm256_max_ps(bound[0], value[0]), _mm256_max_ps(bound[1], value[1])]);
    op!(max_or_nan(a: Pair, b: Pair) -> Pair = [max8(a[0], b[0]), max8(a[1], b[1])]);
    op!(sum(a: Pair) -> f32 = {
        let v = _mm256_add_ps(a[0], a[1]);
        let v = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
        let v = _mm_add_ps(v, _mm_movehl_ps(v, v));
        _mm_cvtss_f32(_mm_add_ss(v, _mm_movehdup_ps(v)))
    });
    op!(sigmoid(x: Pair) -> Pair = [sigmoid8(x[0]), sigmoid8(x[1])]);
    op!(prefetch(p: *const f32) -> () = _mm_prefetch::<_MM_HINT_T1>(p.cast()));

    entry_points!(Avx2, "avx2,fma", [1], [1 2 3 4 5 6]);
}

#[inline(always)]
unsafe fn max8(a: __m256, b: __m256) -> __m256 {
    unsafe { _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a)) }
}

#[inline(always)]
unsafe fn sigmoid8(x: __m256) -> __m256 {
    unsafe {
        let x = _mm256_max_ps(_mm256_set1_ps(-EXP_BOUND), x);
        let x = _mm256_min_ps(_mm256_set1_ps(EXP_BOUND), x);
        let n = _mm256_round_ps::<8>(_mm256_mul_ps(x, _mm256_set1_ps(-LOG2_E)));
        let f = _mm256_fnmsub_ps(n, _mm256_set1_ps(LN_2), x);
        let mut p = _mm256_set1_ps(EXP[0]);
        for c in &EXP[1..] {
            p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(*c));
        }
        let e = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
        let power = _mm256_castsi256_ps(_mm256_slli_epi32::<23>(e));
        let d = _mm256_add_ps(_mm256_mul_ps(p, power), _mm256_set1_ps(1.0));
        _mm256_div_ps(_mm256_set1_ps(1.0), d)
    }
}
