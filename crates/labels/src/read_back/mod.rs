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
