//! What leaves the imaging desk, read as its receivers read it.

mod fhir;
mod pdf;
mod sample;
