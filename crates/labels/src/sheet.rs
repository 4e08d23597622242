//! Labels on a roll, or on a sheet of A4 with marks for the knife.

use crate::canvas::{Align, Canvas, at};
use crate::{Error, Job, Media, Printed};
use paper::Face;

/// A4, in millimetres.
pub(crate) const A4: (f64, f64) = (210.0, 297.0);
/// More than a person checks at a time.
const MOST: usize = 200;
/// Hair lines of the knife marks, in points.
const HAIR: f32 = 0.35;
/// Half the length of a mark, in millimetres.
const MARK: f64 = 1.5;
/// The least white around the labels of a sheet; printers do not reach the edge.
const EDGE: f64 = 5.0;
/// The line by which a person sees whether the printer kept the size, in millimetres.
const MEASURE: f64 = 100.0;

/// Draws each label in its place.
///
/// # Errors
/// [`Error::Empty`], [`Error::TooMany`], and what `draw` refuses.
pub(crate) fn labels<T>(
    job: &Job,
    title: &str,
    size: (f64, f64),
    all: &[T],
    draw: impl Fn(&mut Canvas, &T) -> Result<(), Error>,
) -> Result<Printed, Error> {
    if all.is_empty() {
        return Err(Error::Empty);
    }
    if all.len() > MOST {
        return Err(Error::TooMany { most: MOST });
    }
    let page = match job.media {
        Media::Roll => size,
        Media::A4 => A4,
    };
    let mut canvas = Canvas::new(job.printer, page);
    let grid = Grid::of(size);
    let per_page = match job.media {
        Media::Roll => 1,
        Media::A4 => grid.columns * grid.rows,
    };
    for (n, labels) in all.chunks(per_page).enumerate() {
        if n > 0 {
            canvas.next_page(page);
        }
        for (place, label) in labels.iter().enumerate() {
            if job.media == Media::A4 {
                canvas.set_origin(grid.corner(place));
            }
            draw(&mut canvas, label)?;
        }
        if job.media == Media::A4 {
            canvas.set_origin((0.0, 0.0));
            grid.marks(&mut canvas, labels.len());
            measure(&mut canvas, job);
        }
    }
    Ok(canvas.finish(job, title))
}

/// Labels of one size, edge to edge, in the middle of a sheet.
struct Grid {
    size: (f64, f64),
    columns: usize,
    rows: usize,
    corner: (f64, f64),
}

impl Grid {
    fn of(size: (f64, f64)) -> Self {
        // Below, room for the line that is measured.
        let many = |room: f64, each: f64| ((room - 2.0 * EDGE) / each).floor().max(1.0);
        let (columns, rows) = (many(A4.0, size.0), many(A4.1 - 2.0 * EDGE, size.1));
        let corner = ((A4.0 - columns * size.0) / 2.0, (A4.1 - rows * size.1) / 2.0 - EDGE);
        // At least one, at most a few dozen.
        Self { size, columns: columns as usize, rows: rows as usize, corner }
    }

    fn corner(&self, place: usize) -> (f64, f64) {
        let (column, row) = (place % self.columns, place / self.columns);
        (self.corner.0 + column as f64 * self.size.0, self.corner.1 + row as f64 * self.size.1)
    }

    /// A small cross at every corner of a label: all cuts lie on lines between two crosses.
    fn marks(&self, canvas: &mut Canvas, used: usize) {
        let rows = used.div_ceil(self.columns);
        let columns = used.min(self.columns);
        for row in 0..=rows {
            for column in 0..=columns {
                let x = self.corner.0 + column as f64 * self.size.0;
                let y = self.corner.1 + row as f64 * self.size.1;
                canvas.rule((x - MARK, y), (x + MARK, y), HAIR, 0.0);
                canvas.rule((x, y - MARK), (x, y + MARK), HAIR, 0.0);
            }
        }
    }
}

/// The line a ruler is put to, and what to do when it is not as long as it says.
fn measure(canvas: &mut Canvas, job: &Job) {
    let (left, y) = ((A4.0 - MEASURE) / 2.0, A4.1 - EDGE - 4.0);
    canvas.rule((left, y), (left + MEASURE, y), 0.6, 0.0);
    for x in [left, left + MEASURE] {
        canvas.rule((x, y - 1.5), (x, y + 1.5), 0.6, 0.0);
    }
    let face = Face { side: Some(job.language.side()), ..Face::new(7.0) };
    canvas.words(
        job.language.word("sheet.measure"),
        at(EDGE, y + 0.8, A4.0 - 2.0 * EDGE),
        face,
        1,
        Align::Middle,
    );
}
