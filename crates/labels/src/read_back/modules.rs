//! Data Matrix out of dots.

use super::dots::Dots;
use datamatrix::DataMatrix;

/// Finds the square by its edges, counts its modules along the dotted edges, and reads it.
pub(super) fn read(dots: &Dots) -> Option<String> {
    let edges = dots.white_edges();
    let (left, top) = (edges.left, edges.top);
    let width = dots.width.checked_sub(edges.left + edges.right)?;
    let height = dots.height.checked_sub(edges.top + edges.bottom)?;
    if width == 0 || height == 0 {
        return None;
    }
    // The upper edge and the right one change with every module.
    let upper: Vec<bool> = (0..width).map(|x| dots.black(left + x, top)).collect();
    let right: Vec<bool> = (0..height).map(|y| dots.black(left + width - 1, top + y)).collect();
    // The last module of the upper edge is white, so the width is that of the solid lower edge.
    let columns = upper.chunk_by(|a, b| a == b).count();
    let rows = right.chunk_by(|a, b| a == b).count();
    let middle =
        |n: usize, of: usize, long: usize| ((n as f64 + 0.5) * long as f64 / of as f64) as usize;
    let mut modules = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (middle(column, columns, width), middle(row, rows, height));
            modules.push(dots.black(left + x, top + y));
        }
    }
    let bytes = DataMatrix::decode(&modules, columns).ok()?;
    String::from_utf8(bytes).ok()
}
