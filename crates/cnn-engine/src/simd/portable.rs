//! Plain Rust over `[f32; 16]`. The compiler turns the loops into whatever vectors the target has.

use super::{EXP, EXP_BOUND, Isa, LANES, TaskKernel, TileKernel, tiles};

#[derive(Clone, Copy)]
pub(crate) struct Portable;

#[inline(always)]
fn each(f: impl Fn(usize) -> f32) -> [f32; LANES] {
    std::array::from_fn(f)
}

/// One rounding where the target has the instruction; the library function would be far slower.
#[inline(always)]
fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
        a.mul_add(b, c)
    } else {
        a * b + c
    }
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    let x = x.clamp(-EXP_BOUND, EXP_BOUND); // A NaN stays one.
    // Rounds to the nearest integer: below 2^22 the sum has no fractional bits.
    const MAGIC: f32 = 12_582_912.0;
    let n = (x * -std::f32::consts::LOG2_E + MAGIC) - MAGIC;
    let f = -(n * std::f32::consts::LN_2) - x;
    let p = EXP[1..].iter().fold(EXP[0], |p, c| p * f + c);
    // |n| <= 126; a NaN becomes 0 and stays a NaN through `p`.
    let power = f32::from_bits(((n as i32 + 127) as u32) << 23);
    1.0 / (1.0 + p * power)
}

// Nothing here is unsafe but `load` and `store`, whose pointers are the caller's promise.
impl Isa for Portable {
    type V = [f32; LANES];
    const BLOCKS: usize = 1;
    // Four registers of four lanes per pixel: 32 registers on ARM, 16 on the oldest x86-64.
    const PIXELS: usize = if cfg!(target_arch = "aarch64") { 6 } else { 2 };
    const CYCLES: f64 = 4.0;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        [x; LANES]
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self::V {
        // SAFETY: the caller promises 16 floats.
        unsafe { p.cast::<Self::V>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: Self::V) {
        // SAFETY: the caller promises 16 floats.
        unsafe { p.cast::<Self::V>().write_unaligned(v) }
    }
    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        each(|i| multiply_add(a[i], b[i], c[i]))
    }
    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] + b[i])
    }
    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] - b[i])
    }
    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] * b[i])
    }
    #[inline(always)]
    unsafe fn at_least(bound: Self::V, value: Self::V) -> Self::V {
        each(|i| if bound[i] > value[i] { bound[i] } else { value[i] })
    }
    #[inline(always)]
    unsafe fn max_or_nan(a: Self::V, b: Self::V) -> Self::V {
        each(|i| if a[i] > b[i] || a[i].is_nan() { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn sum(a: Self::V) -> f32 {
        a.iter().sum()
    }
    #[inline(always)]
    unsafe fn sigmoid(x: Self::V) -> Self::V {
        each(|i| sigmoid(x[i]))
    }
    #[inline(always)]
    unsafe fn prefetch(_: *const f32) {}

    #[inline(always)]
    unsafe fn tile<K: TileKernel>(blocks: usize, pixels: usize, kernel: K) {
        debug_assert_eq!(blocks, 1);
        // SAFETY: the caller's promise is handed on.
        unsafe { Self::row(pixels, kernel) }
    }
    #[inline(always)]
    unsafe fn row<K: TileKernel>(pixels: usize, kernel: K) {
        #[inline(never)]
        unsafe fn go<K: TileKernel, const NB: usize, const P: usize>(kernel: K) {
            // SAFETY: the caller's promise is handed on.
            unsafe { kernel.run::<Portable, NB, P>() }
        }
        #[cfg(target_arch = "aarch64")]
        tiles!(go, kernel, 1, pixels, [1], [1 2 3 4 5 6]);
        #[cfg(not(target_arch = "aarch64"))]
        tiles!(go, kernel, 1, pixels, [1], [1 2]);
    }
    #[inline(always)]
    unsafe fn enter<K: TaskKernel>(kernel: K) {
        // SAFETY: the caller's promise is handed on.
        unsafe { kernel.run::<Portable>() }
    }
}
