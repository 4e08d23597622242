//! Everything that is read, everything that is refused, and nothing that crashes.

mod child;
mod collection;
mod derived;
mod dicom;
mod export;
mod fixtures;
mod golden;
mod hostile;
mod pictures;
mod semantics;
