//! Data Matrix ECC 200 (ISO/IEC 16022): from text to a square of modules.

use crate::Error;
use datamatrix::{DataMatrix, SymbolList};

/// White on every side, in modules: the standard asks for one, a reader is glad of more.
pub(crate) const QUIET: u32 = 2;
/// Longer texts are refused: at a module that a label printer can draw, no reader has so wide a view.
const MOST: usize = 400;

/// A square of modules, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub side: usize,
    pub dark: Vec<bool>,
}

impl Grid {
    /// Runs of dark modules: row, first column, length.
    pub(crate) fn runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs = vec![];
        for (row, modules) in self.dark.chunks(self.side.max(1)).enumerate() {
            let mut column = 0;
            for part in modules.chunk_by(|a, b| a == b) {
                if part.first() == Some(&true) {
                    runs.push((row, column, part.len()));
                }
                column += part.len();
            }
        }
        runs
    }
}

/// The smallest square that holds the text.
///
/// # Errors
/// [`Error::NotInBarcode`] for what is not printable ASCII: readers disagree about anything else.
/// [`Error::Empty`], [`Error::TooLong`].
pub(crate) fn grid(text: &str) -> Result<Grid, Error> {
    if let Some(found) = text.chars().find(|c| !(' '..='~').contains(c)) {
        return Err(Error::NotInBarcode { found });
    }
    if text.is_empty() {
        return Err(Error::Empty);
    }
    if text.len() > MOST {
        return Err(Error::TooLong { most: MOST });
    }
    let code = DataMatrix::encode(text.as_bytes(), SymbolList::default().enforce_square())
        .map_err(|_| Error::TooLong { most: MOST })?;
    let bitmap = code.bitmap();
    let side = bitmap.width();
    let mut dark = vec![false; side * side];
    for (column, row) in bitmap.pixels() {
        if let Some(module) = dark.get_mut(row * side + column) {
            *module = true;
        }
    }
    Ok(Grid { side, dark })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_structures_are_twenty_four_modules_wide_and_begin_at_a_solid_corner() {
        let text = "=+04000=A99991712345600=%5100=<E0336V00&>0260422359";
        let grid = grid(text).expect("text");
        assert_eq!(grid.side, 24);
        assert!((0..24).all(|row| grid.dark[row * 24]), "left edge");
        assert!((0..24).all(|column| grid.dark[23 * 24 + column]), "lower edge");
        let dark: usize = grid.runs().iter().map(|run| run.2).sum();
        assert_eq!(dark, grid.dark.iter().filter(|dark| **dark).count());
    }

    #[test]
    fn what_readers_disagree_about_is_refused() {
        assert_eq!(grid("né"), Err(Error::NotInBarcode { found: 'é' }));
        assert_eq!(grid(""), Err(Error::Empty));
        assert_eq!(grid(&"7".repeat(401)), Err(Error::TooLong { most: 400 }));
        assert!(grid(&"7".repeat(400)).is_ok());
    }
}
