//! Everything that is read, everything that is refused, and nothing that crashes.

mod dicom;
mod fixtures;
mod hostile;
mod pictures;
