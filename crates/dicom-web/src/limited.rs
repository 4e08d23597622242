//! A body that ends: after so many bytes, or at a time.

use crate::Failure;
use std::io::{self, Read};
use std::time::Instant;

pub(crate) struct Limited<R> {
    inner: R,
    left: u64,
    limit: u64,
    until: Instant,
}

impl<R: Read> Limited<R> {
    pub(crate) fn new(inner: R, limit: u64, until: Instant) -> Self {
        Self { inner, left: limit, limit, until }
    }

    /// Some bytes; none at the end.
    pub(crate) fn some(&mut self, into: &mut [u8]) -> Result<usize, Failure> {
        loop {
            if Instant::now() >= self.until {
                return Err(Failure::TimedOut);
            }
            match self.inner.read(into) {
                Ok(read) => {
                    let over = || Failure::TooLarge { unit: "bytes", limit: self.limit };
                    self.left = self.left.checked_sub(read as u64).ok_or_else(over)?;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(of_io(&error)),
            }
        }
    }

    /// All of it.
    pub(crate) fn whole(mut self) -> Result<Vec<u8>, Failure> {
        let (mut all, mut piece) = (vec![], vec![0; 16 << 10]);
        loop {
            match self.some(&mut piece)? {
                0 => return Ok(all),
                read => all.extend_from_slice(&piece[..read]),
            }
        }
    }
}

/// A body under HTTP says itself what went wrong.
fn of_io(error: &io::Error) -> Failure {
    let said = error.get_ref().and_then(|inner| inner.downcast_ref::<Failure>());
    said.cloned().unwrap_or(Failure::CutShort)
}
