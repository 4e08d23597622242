//! PDF files from lines of text, bars and boxes: what reports, labels and forms are drawn with.
//!
//! [`Letters`] turns text of several scripts into glyphs, [`flow`] breaks it into lines, and
//! [`Document`] puts lines, boxes and paths on pages and writes the file. Lengths are points
//! (1/72 inch) from the upper left corner of the page. The same calls give the same bytes.
//!
//! It refuses to know what is printed: reports are in `reports`, labels and forms in `labels`.

mod document;
pub mod flow;
mod letters;

pub use document::{Document, Facts, Ink, POINTS_PER_MM, Size};
pub use flow::Face;
pub use letters::{Letters, Shaped, Side};
