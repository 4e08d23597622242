//! Zeroed floats at 64 bytes.

use crate::PlanError;
use std::alloc::Layout;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

const HUGE_PAGE: usize = 2 << 20;

/// Zeroed `f32` storage, 64-byte aligned; from 1 MB on aligned to, and asking for, huge pages, because
/// streaming weights through 4 KB pages costs a tenth of the time in translation misses.
#[derive(Debug)]
pub(crate) struct Aligned {
    start: NonNull<f32>,
    layout: Layout,
    len: usize,
}

// SAFETY: it owns its memory like a `Vec<f32>` does.
unsafe impl Send for Aligned {}
// SAFETY: shared access gives `&[f32]` only.
unsafe impl Sync for Aligned {}

#[cfg(target_os = "linux")]
unsafe extern "C" {
    fn madvise(addr: *mut u8, len: usize, advice: i32) -> i32;
}

impl Aligned {
    /// `len` zeros.
    pub fn zeroed(len: usize) -> Result<Self, PlanError> {
        let too_large = || PlanError::OutOfMemory { floats: len };
        let bytes = len.max(16).checked_mul(4).ok_or_else(too_large)?;
        let align = if bytes >= HUGE_PAGE / 2 { HUGE_PAGE } else { 64 };
        let bytes = bytes.checked_next_multiple_of(align).ok_or_else(too_large)?;
        let layout = Layout::from_size_align(bytes, align).map_err(|_| too_large())?;
        // SAFETY: the size is not zero.
        let start = unsafe { std::alloc::alloc(layout) };
        let start = NonNull::new(start).ok_or_else(too_large)?;
        #[cfg(target_os = "linux")]
        if align == HUGE_PAGE {
            const MADV_HUGEPAGE: i32 = 14;
            // SAFETY: the range was just allocated. A hint: the answer does not matter.
            unsafe { madvise(start.as_ptr(), bytes, MADV_HUGEPAGE) };
        }
        // SAFETY: `bytes` were allocated; zeros are floats.
        unsafe { start.as_ptr().write_bytes(0, bytes) };
        Ok(Aligned { start: start.cast(), layout, len })
    }

    /// A copy, continued with zeros up to `len`.
    pub fn copy_of(values: &[f32], len: usize) -> Result<Self, PlanError> {
        let mut copy = Self::zeroed(len.max(values.len()))?;
        copy[..values.len()].copy_from_slice(values);
        Ok(copy)
    }
}

impl Deref for Aligned {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: `len` floats were allocated and written, and live as long as `self`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Aligned {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and nobody else frees it.
        unsafe { std::alloc::dealloc(self.start.as_ptr().cast(), self.layout) }
    }
}
