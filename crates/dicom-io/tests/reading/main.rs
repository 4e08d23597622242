//! Everything that is read, everything that is refused, and nothing that crashes.

mod dicom;
mod fixtures;
mod golden;
mod hostile;
mod pictures;
