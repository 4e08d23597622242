//! Sixteen `f32` lanes on every processor: AVX-512, AVX2 with FMA, and plain Rust.
//!
//! A kernel is written once, generic over [`Isa`], and is `inline(always)`; the entry points of each
//! implementation carry the `target_feature`, so that what is inlined into them is compiled for it.
//! Closures must not hold vectors: a closure would be compiled without the features.

mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use portable::Portable;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

/// Lanes of a vector, and channels of a block.
pub(crate) const LANES: usize = 16;

/// What the kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstructionSet {
    /// Plain Rust: right on every processor, and vectorised by the compiler for its least common one.
    Portable,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F, VL, DQ and BW.
    Avx512,
}

impl InstructionSet {
    /// All, slowest first.
    pub const ALL: [InstructionSet; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The fastest that this processor has.
    pub fn detect() -> Self {
        Self::ALL.into_iter().rev().find(|set| set.is_supported()).unwrap_or(Self::Portable)
    }

    /// Whether this processor has it.
    pub fn is_supported(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("fma")
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// `portable`, `avx2`, `avx512`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The size of a register tile, and what one multiplication costs.
    pub(crate) fn tiling(self) -> Tiling {
        fn of<I: Isa>() -> Tiling {
            Tiling { blocks: I::BLOCKS, pixels: I::PIXELS, cycles: I::CYCLES }
        }
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => of::<Avx512>(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => of::<Avx2>(),
            _ => of::<Portable>(),
        }
    }
}

/// See [`Isa::BLOCKS`], [`Isa::PIXELS`] and [`Isa::CYCLES`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiling {
    pub blocks: usize,
    pub pixels: usize,
    pub cycles: f64,
}

/// A register tile's work, generic over its size.
pub(crate) trait TileKernel: Copy {
    /// # Safety
    /// The processor has `I`, and the pointers inside the kernel are valid for a tile of this size.
    unsafe fn run<I: Isa, const NB: usize, const P: usize>(self);
}

/// A whole task's work.
pub(crate) trait TaskKernel: Copy {
    /// # Safety
    /// The processor has `I`; what else must hold says the kernel.
    unsafe fn run<I: Isa>(self);
}

/// Sixteen lanes and what the kernels do with them.
///
/// # Safety
/// Every function may be called only on a processor that has the instruction set; `load` and `store`
/// want 16 floats at the pointer, of any alignment.
#[allow(clippy::missing_safety_doc)] // Said once, for all of them, above.
pub(crate) trait Isa: Copy + 'static {
    /// Sixteen floats.
    type V: Copy;
    /// Channel blocks of a register tile.
    const BLOCKS: usize;
    /// Pixels of a register tile.
    const PIXELS: usize;
    /// Measured cycles of one multiply-add of a pixel with a block: for the task split only.
    const CYCLES: f64;

    unsafe fn splat(x: f32) -> Self::V;
    unsafe fn load(p: *const f32) -> Self::V;
    unsafe fn store(p: *mut f32, v: Self::V);
    /// `a * b + c`
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    /// The greater; `value` where it is NaN, so that a bound never hides one.
    unsafe fn at_least(bound: Self::V, value: Self::V) -> Self::V;
    /// The greater; NaN where either is.
    unsafe fn max_or_nan(a: Self::V, b: Self::V) -> Self::V;
    /// Sum of the lanes.
    unsafe fn sum(a: Self::V) -> f32;
    /// `1 / (1 + exp(-x))`, relative error below 1e-6 for |x| <= 10 and below 1e-5 up to 87; bounded beyond.
    unsafe fn sigmoid(x: Self::V) -> Self::V;
    /// A hint that this line will be read; any address is allowed.
    unsafe fn prefetch(p: *const f32);
    /// Runs a tile of `blocks` <= `BLOCKS` and `pixels` <= `PIXELS`, both at least 1.
    unsafe fn tile<K: TileKernel>(blocks: usize, pixels: usize, kernel: K);
    /// Runs a tile of one block and `pixels` <= `PIXELS`.
    unsafe fn row<K: TileKernel>(pixels: usize, kernel: K);
    /// Runs a task with the instruction set switched on.
    unsafe fn enter<K: TaskKernel>(kernel: K);
}

/// From tile sizes at run time to const generics: one arm per size that the registers hold.
macro_rules! tiles {
    ($go:ident, $kernel:ident, $nb:expr, $p:expr, [$($n:literal)*], $ps:tt) => {
        match $nb {
            $($n => tiles!(@row $go, $kernel, $n, $p, $ps),)*
            other => unreachable!("a tile of {other} blocks"),
        }
    };
    (@row $go:ident, $kernel:ident, $n:literal, $p:expr, [$($q:literal)*]) => {
        match $p {
            // SAFETY: the caller of `Isa::tile` answers for the processor and the pointers.
            $($q => unsafe { $go::<K, $n, $q>($kernel) },)*
            other => unreachable!("a tile of {other} pixels"),
        }
    };
}
pub(crate) use tiles;

/// exp(t) = 2^n p(f), |f| <= ln 2 / 2: minimax polynomial of degree 5, highest coefficient first.
pub(crate) const EXP: [f32; 6] =
    [8.289_289e-3, 4.189_784_4e-2, 1.666_765_2e-1, 4.999_915e-1, 9.999_997e-1, 1.0];
/// Beyond it exp leaves the normal floats.
pub(crate) const EXP_BOUND: f32 = 87.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    struct Check;
    impl TaskKernel for Check {
        #[inline(always)]
        unsafe fn run<I: Isa>(self) {
            let mut x = -100.0f32;
            while x < 100.0 {
                let mut y = [0f32; 16];
                // SAFETY: the test entered through `enter` after `is_supported`; `y` has 16 floats.
                unsafe { I::store(y.as_mut_ptr(), I::sigmoid(I::splat(x))) };
                let want = 1.0 / (1.0 + (-f64::from(x.clamp(-87.0, 87.0))).exp());
                let error = if x.abs() <= 10.0 { 1e-6 } else { 1e-5 };
                assert!(
                    (f64::from(y[3]) - want).abs() <= error * want,
                    "sigmoid({x}) = {}, not {want}",
                    y[3]
                );
                x += 0.037;
            }
            for (x, low, high) in
                [(f32::INFINITY, 1.0, 1.0), (f32::NEG_INFINITY, 0.0, 1e-30), (1e30, 1.0, 1.0)]
            {
                let mut y = [0f32; 16];
                // SAFETY: as above.
                unsafe { I::store(y.as_mut_ptr(), I::sigmoid(I::splat(x))) };
                assert!((low..=high).contains(&y[0]), "sigmoid({x}) = {}", y[0]);
            }
            let mut y = [0f32; 16];
            let lanes: [f32; 16] = std::array::from_fn(|i| i as f32 - 3.0);
            // SAFETY: as above.
            unsafe {
                assert_eq!(I::sum(I::load(lanes.as_ptr())), 72.0);
                let nan = I::splat(f32::NAN);
                for v in [
                    I::sigmoid(nan),
                    I::at_least(I::splat(0.0), nan),
                    I::max_or_nan(nan, I::splat(1.0)),
                    I::max_or_nan(I::splat(1.0), nan),
                ] {
                    I::store(y.as_mut_ptr(), v);
                    assert!(y[15].is_nan(), "a NaN was hidden");
                }
            }
        }
    }

    #[test]
    fn every_instruction_set_knows_the_sigmoid_and_hides_no_nan() {
        // SAFETY: each is entered only where the processor has it.
        unsafe {
            Portable::enter(Check);
            #[cfg(target_arch = "x86_64")]
            if InstructionSet::Avx2.is_supported() {
                Avx2::enter(Check);
            }
            #[cfg(target_arch = "x86_64")]
            if InstructionSet::Avx512.is_supported() {
                Avx512::enter(Check);
            }
        }
    }
}
