//! Reading the barcodes of a finished file back, before it is offered for printing.
//!
//! The bytes of the file are read, not the values it was made of: black boxes are taken out of the
//! pages, painted as dots of the printer, and the symbols are read out of the dots, with the white
//! around them. Letters that stand in a symbol are a fault too. The reader shares the table of
//! Code 128 with the writer; that the table is right is shown by readers of others
//! (`tests/scanner`).

mod bars;
mod content;
mod dots;
mod modules;

use crate::{Kind, Printed, Symbol};
use content::Ink;
use dots::Dots;
use thiserror::Error;

/// Why a file must not be printed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Misread {
    /// The file is not one of this program.
    #[error("the file cannot be read")]
    NotOurs,
    /// Black where the symbol needs white around it.
    #[error("the barcode of {text:?} has no white around it")]
    Crowded { text: String },
    #[error("the barcode of {text:?} cannot be read")]
    Unreadable { text: String },
    /// It was read, and says something else.
    #[error("the barcode of {text:?} says {found:?}")]
    Differs { text: String, found: String },
}

/// Reads every barcode of the file as its printer will print it, and compares.
///
/// # Errors
/// [`Misread`] of the first symbol that is not as it must be.
pub fn read_back(printed: &Printed) -> Result<(), Misread> {
    let pages = content::pages(&printed.pdf).ok_or(Misread::NotOurs)?;
    for symbol in &printed.symbols {
        let page = pages.get(symbol.page).ok_or(Misread::NotOurs)?;
        read(symbol, page, printed.printer.dot_mm())?;
    }
    Ok(())
}

fn read(symbol: &Symbol, page: &[Ink], dot: f64) -> Result<(), Misread> {
    let text = || symbol.text.clone();
    let dots = Dots::paint(page, symbol.area, dot).ok_or(Misread::Crowded { text: text() })?;
    let quiet = match symbol.kind {
        Kind::Code128 => crate::code128::QUIET,
        Kind::DataMatrix => crate::matrix::QUIET,
    };
    // A dot less, for the edge that lies between two dots.
    let white = (f64::from(quiet) * symbol.module_mm / dot).round() as usize;
    let edges = dots.white_edges();
    let enough = match symbol.kind {
        Kind::Code128 => edges.left >= white && edges.right >= white,
        Kind::DataMatrix => {
            [edges.left, edges.right, edges.top, edges.bottom].into_iter().all(|edge| edge >= white)
        }
    };
    if !enough {
        return Err(Misread::Crowded { text: text() });
    }
    let found = match symbol.kind {
        Kind::Code128 => bars::read(&dots),
        Kind::DataMatrix => modules::read(&dots),
    };
    match found {
        None => Err(Misread::Unreadable { text: text() }),
        Some(found) if found == symbol.text => Ok(()),
        Some(found) => Err(Misread::Differs { text: text(), found }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::{Align, Canvas, at};
    use crate::{Job, Language, Media, Printer};
    use paper::Face;

    /// A page with one symbol of each kind, and what `more` draws on it.
    fn printed(more: impl FnOnce(&mut Canvas)) -> Printed {
        let mut canvas = Canvas::new(Printer::Dots203, (80.0, 30.0));
        canvas.code128("=%5100", 5.0, 5.0, 10.0).expect("bars");
        canvas.matrix("=%5100", 50.0, 5.0, crate::Room::Ample).expect("a square");
        more(&mut canvas);
        let job = Job {
            printer: Printer::Dots203,
            media: Media::Roll,
            language: Language::English,
            maker: String::new(),
            made_at: chrono::DateTime::UNIX_EPOCH.fixed_offset(),
        };
        canvas.finish(&job, "")
    }

    fn crowded() -> Result<(), Misread> {
        Err(Misread::Crowded { text: "=%5100".into() })
    }

    #[test]
    fn clean_symbols_are_read() {
        assert_eq!(read_back(&printed(|_| {})), Ok(()));
    }

    #[test]
    fn a_letter_a_line_or_a_bar_in_the_white_is_found() {
        let letter = |x, y| {
            printed(move |c| {
                c.words("W", at(x, y, 9.0), Face::new(8.0), 1, Align::Left);
            })
        };
        assert_eq!(read_back(&letter(2.9, 8.0)), crowded(), "left of the bars");
        assert_eq!(read_back(&letter(50.0, 2.0)), crowded(), "above the square");
        assert_eq!(read_back(&letter(5.0, 20.0)), Ok(()), "far away");
        let line = printed(|c| c.rule((0.0, 10.0), (4.0, 10.0), 0.3, 0.0));
        assert_eq!(read_back(&line), crowded());
        let bar = printed(|c| c.fill(3.0, 5.0, 0.2, 10.0, 0.0));
        assert_eq!(read_back(&bar), crowded());
    }

    #[test]
    fn a_bar_too_many_a_scratch_and_another_text_are_found() {
        let unreadable = Err(Misread::Unreadable { text: "=%5100".into() });
        let bar = printed(|c| c.fill(9.0, 5.0, 2.0, 10.0, 0.0));
        assert_eq!(read_back(&bar), unreadable);
        let scratch = printed(|c| c.fill(4.0, 7.5, 24.0, 1.2, 1.0));
        assert_eq!(read_back(&scratch), unreadable, "one of the lines over the bars sees no bars");
        let mut other = printed(|_| {});
        other.symbols[1].text = "=%9500".into();
        let found = "=%5100".into();
        assert_eq!(read_back(&other), Err(Misread::Differs { text: "=%9500".into(), found }));
        other.symbols[0].page = 1;
        assert_eq!(read_back(&other), Err(Misread::NotOurs));
        other.symbols[0].page = 0;
        other.symbols[0].area.width = f64::NAN;
        assert!(read_back(&other).is_err());
    }

    #[test]
    fn a_symbol_for_one_printer_is_made_of_whole_dots() {
        let file = printed(|_| {});
        let pages = content::pages(&file.pdf).expect("ours");
        let dot = Printer::Dots203.dot_mm();
        let bars = pages[0].iter().filter(|ink| ink.what == content::What::Black);
        for bar in bars {
            for edge in [bar.x, bar.x + bar.width] {
                let off = edge / dot - (edge / dot).round();
                assert!(off.abs() < 0.03, "{bar:?}: {off} of a dot");
            }
        }
    }
}
