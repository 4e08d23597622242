//! Deflate (RFC 1951): whole data sets and single frames, never more than was promised.

use super::{Expected, Samples, from_bytes};
use crate::error::{ReadError, Result};
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

/// Unpacks at most `limit` bytes.
pub(crate) fn inflate(data: &[u8], limit: usize) -> Result<Vec<u8>> {
    decompress_to_vec_with_limit(data, limit).map_err(|error| match error.status {
        TINFLStatus::HasMoreOutput => {
            ReadError::TooLarge { what: "deflated data that unfolds without end".into() }
        }
        TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => ReadError::Truncated,
        _ => ReadError::broken("its deflated data is in disorder"),
    })
}

/// One frame of Deflated Image Frame Compression. Single bits begin on a byte of their own.
pub(super) fn frame(data: &[u8], expected: &Expected) -> Result<Samples> {
    let bits = expected.values() * usize::try_from(expected.bits_allocated).unwrap_or(32);
    let bytes = bits.div_ceil(8);
    // One byte of padding to an even length is allowed.
    let unpacked = inflate(data, bytes + 1)?;
    from_bytes(&unpacked, expected.bits_allocated, 0, expected.values(), false)
        .ok_or(ReadError::Truncated)
}
