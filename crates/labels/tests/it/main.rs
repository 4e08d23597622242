//! Labels and paper, read as their readers read them: barcodes by [`labels::read_back`] and, where
//! poppler's tools are installed, words by `pdftotext`. Readers written by others try the barcodes in
//! `tests/scanner`.

mod papers;
mod patient;
mod sample;
mod unit;
