//! Drawing in millimetres: words that fit their room, and barcodes on the dots of the printer.

use crate::{Area, Error, Job, Kind, Printed, Printer, Room, Symbol, code128, matrix};
use paper::flow::{self, LEADING, composed};
use paper::{Document, Face, Facts, Ink, POINTS_PER_MM, Side, Size};

/// A point is so many millimetres.
pub(crate) const POINT: f64 = 25.4 / 72.0;
/// A bar is narrower by this share of a dot on each side: a renderer that paints every dot a shape
/// touches would otherwise, by the last digit of a sum, paint one too many.
const SHAVE: f64 = 0.02;

/// To points.
fn pt(mm: f64) -> f32 {
    (mm * f64::from(POINTS_PER_MM)) as f32
}

/// A file in the making, seen from the upper left corner of one label.
pub(crate) struct Canvas {
    doc: Document,
    symbols: Vec<Symbol>,
    printer: Printer,
    /// Of the label on the page.
    origin: (f64, f64),
}

/// Where words stand in their room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Middle,
    Right,
}

/// A column that words are put in: left edge, upper edge, width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Column {
    pub x: f64,
    pub y: f64,
    pub width: f64,
}

/// A column.
pub(crate) const fn at(x: f64, y: f64, width: f64) -> Column {
    Column { x, y, width }
}

impl Canvas {
    /// A file whose first page has this width and height.
    pub(crate) fn new(printer: Printer, page: (f64, f64)) -> Self {
        let size = page_size(printer, page);
        Self { doc: Document::new(size), symbols: vec![], printer, origin: (0.0, 0.0) }
    }

    pub(crate) fn next_page(&mut self, page: (f64, f64)) {
        self.doc.next_page(page_size(self.printer, page));
        self.origin = (0.0, 0.0);
    }

    /// From now on, everything is measured from here.
    pub(crate) fn set_origin(&mut self, origin: (f64, f64)) {
        self.origin = origin;
    }

    fn place(&self, x: f64, y: f64) -> (f32, f32) {
        (pt(self.origin.0 + x), pt(self.origin.1 + y))
    }

    /// Words in at most `most` lines; returns the height they take. What does not fit ends in an
    /// ellipsis.
    pub(crate) fn words(
        &mut self,
        text: &str,
        room: Column,
        face: Face,
        most: usize,
        align: Align,
    ) -> f64 {
        let lines = flow::lines(&self.doc.letters, &composed(text), pt(room.width), face, most);
        for (n, line) in (0_u16..).zip(&lines) {
            let shaped = self.doc.letters.shape_in(line, face.bold, face.side);
            let free = pt(room.width) - shaped.width() * face.size / 1000.0;
            let (left, top) = self.place(room.x, room.y);
            let left = match align {
                Align::Left => left,
                Align::Middle => left + free / 2.0,
                Align::Right => left + free,
            };
            let base = top + face.size * (1.0 + f32::from(n) * LEADING);
            self.doc.line(&shaped, left, base, face.size, face.grey);
        }
        f64::from(face.size * LEADING) * POINT * lines.len() as f64
    }

    /// One line, as large as fits between `least` and the size of the face; returns its height.
    pub(crate) fn fit(
        &mut self,
        text: &str,
        room: Column,
        face: Face,
        least: f32,
        align: Align,
    ) -> f64 {
        let text = composed(text);
        let wide = flow::width(&self.doc.letters, &text, face);
        let size =
            if wide > pt(room.width) { face.size * pt(room.width) / wide } else { face.size };
        // A hair smaller, so that the line is not cut for the last digit of a sum.
        let size = if size < face.size { (size * 0.995).max(least) } else { size };
        self.words(&text, room, Face { size, ..face }, 1, align)
    }

    /// Words in a box of this height: as large as fits between `least` and the size of the face, and
    /// at the least size shortened. Returns the height they take.
    pub(crate) fn block(
        &mut self,
        text: &str,
        room: Column,
        high: f64,
        face: Face,
        least: f32,
    ) -> f64 {
        let text = composed(text);
        let mut face = face;
        loop {
            let each = f64::from(face.size * LEADING) * POINT;
            // A handful.
            let most = ((high + 0.05) / each).floor().max(1.0) as usize;
            let lines = flow::lines(&self.doc.letters, &text, pt(room.width), face, most);
            let shortened = lines.last().is_some_and(|line| line.ends_with('…'));
            if !shortened || face.size - 0.5 < least {
                return self.words(
                    &text,
                    room,
                    face,
                    most,
                    Align::start(face.side.unwrap_or_default()),
                );
            }
            face.size -= 0.5;
        }
    }

    /// The width of a line, in millimetres.
    pub(crate) fn width(&self, text: &str, face: Face) -> f64 {
        f64::from(flow::width(&self.doc.letters, &composed(text), face)) * POINT
    }

    /// A filled box.
    pub(crate) fn fill(&mut self, x: f64, y: f64, width: f64, height: f64, grey: f32) {
        let (left, top) = self.place(x, y);
        self.doc.bar(left, top, pt(width), pt(height), grey);
    }

    /// The outline of a box, its line this wide in points.
    pub(crate) fn frame(&mut self, x: f64, y: f64, width: f64, height: f64, line: f32) {
        let (left, top) = self.place(x, y);
        self.doc.frame_with(left, top, pt(width), pt(height), line, 0.0);
    }

    /// A straight line, this wide in points.
    pub(crate) fn rule(&mut self, from: (f64, f64), to: (f64, f64), line: f32, grey: f32) {
        let (from, to) = (self.place(from.0, from.1), self.place(to.0, to.1));
        self.doc.rule(from, to, line, grey);
    }

    /// Filled outlines.
    pub(crate) fn polygons(&mut self, outlines: &[Vec<(f64, f64)>], ink: Ink) {
        let outlines: Vec<Vec<(f32, f32)>> = outlines
            .iter()
            .map(|outline| outline.iter().map(|&(x, y)| self.place(x, y)).collect())
            .collect();
        self.doc.polygons(&outlines, ink);
    }

    /// Dots from the page's edge to the nearest whole dot.
    fn dots(&self, mm: f64) -> f64 {
        (mm / self.printer.dot_mm()).round()
    }

    /// Bars whose first begins at `x`; returns their width. The quiet zones lie outside of it.
    ///
    /// # Errors
    /// [`Error`] for a text that Code 128 cannot carry.
    pub(crate) fn code128(
        &mut self,
        text: &str,
        x: f64,
        y: f64,
        height: f64,
    ) -> Result<f64, Error> {
        let widths = code128::widths(text)?;
        let (dot, module) = (self.printer.dot_mm(), f64::from(self.printer.bar_dots()));
        let (left, top) = (self.dots(self.origin.0 + x), self.dots(self.origin.1 + y));
        let height = self.dots(height);
        let (mut boxes, mut column) = (vec![], 0_u32);
        for (n, width) in widths.iter().enumerate() {
            if n % 2 == 0 {
                let from = left + f64::from(column) * module;
                boxes.push(shaved(dot, [from, top, f64::from(*width) * module, height]));
            }
            column += width;
        }
        self.doc.boxes(&boxes, 0.0);
        let module = module * dot;
        let quiet = f64::from(code128::QUIET) * module;
        let width = f64::from(column) * module;
        self.symbols.push(Symbol {
            kind: Kind::Code128,
            text: text.to_owned(),
            page: self.doc.page(),
            area: Area {
                x: left * dot - quiet,
                y: top * dot,
                width: width + 2.0 * quiet,
                height: height * dot,
            },
            module_mm: module,
        });
        Ok(width)
    }

    /// The width that [`Canvas::code128`] will take.
    ///
    /// # Errors
    /// [`Error`] for a text that Code 128 cannot carry.
    pub(crate) fn code128_width(&self, text: &str) -> Result<f64, Error> {
        let modules: u32 = code128::widths(text)?.iter().sum();
        Ok(f64::from(modules * self.printer.bar_dots()) * self.printer.dot_mm())
    }

    /// A Data Matrix whose upper left module lies at the place; returns its side. The quiet zone
    /// lies outside of it.
    ///
    /// # Errors
    /// [`Error`] for a text that no reader is sure of, or that is too long.
    pub(crate) fn matrix(&mut self, text: &str, x: f64, y: f64, room: Room) -> Result<f64, Error> {
        let grid = matrix::grid(text)?;
        let (dot, module) = (self.printer.dot_mm(), f64::from(self.printer.matrix_dots(room)));
        let (left, top) = (self.dots(self.origin.0 + x), self.dots(self.origin.1 + y));
        let boxes: Vec<[f32; 4]> = grid
            .runs()
            .into_iter()
            .map(|(row, column, length)| {
                let (row, column, length) = (row as f64, column as f64, length as f64);
                shaved(dot, [left + column * module, top + row * module, length * module, module])
            })
            .collect();
        self.doc.boxes(&boxes, 0.0);
        let module = module * dot;
        let quiet = f64::from(matrix::QUIET) * module;
        let side = grid.side as f64 * module;
        self.symbols.push(Symbol {
            kind: Kind::DataMatrix,
            text: text.to_owned(),
            page: self.doc.page(),
            area: Area {
                x: left * dot - quiet,
                y: top * dot - quiet,
                width: side + 2.0 * quiet,
                height: side + 2.0 * quiet,
            },
            module_mm: module,
        });
        Ok(side)
    }

    /// The side that [`Canvas::matrix`] will take.
    ///
    /// # Errors
    /// [`Error`] for a text that no reader is sure of, or that is too long.
    pub(crate) fn matrix_side(&self, text: &str, room: Room) -> Result<f64, Error> {
        let dots = f64::from(self.printer.matrix_dots(room));
        Ok(matrix::grid(text)?.side as f64 * dots * self.printer.dot_mm())
    }

    /// The file. Its title names no person: titles are shown by file browsers.
    pub(crate) fn finish(self, job: &Job, title: &str) -> Printed {
        let pages = self.doc.page() + 1;
        let missing = self.doc.missing;
        let pdf = self.doc.finish(&Facts {
            title,
            maker: &job.maker,
            made_at: job.made_at,
            language: job.language.tag(),
        });
        Printed { pdf, symbols: self.symbols, pages, missing, printer: self.printer }
    }
}

/// A box of dots in points, a hair smaller than its dots.
fn shaved(dot: f64, [x, y, width, height]: [f64; 4]) -> [f32; 4] {
    let length = |dots: f64| pt((dots - 2.0 * SHAVE) * dot);
    [pt((x + SHAVE) * dot), pt((y + SHAVE) * dot), length(width), length(height)]
}

/// A page of whole dots, at most as large as wanted: where a renderer begins at the lower edge, the
/// dots of the upper still fall on dots.
fn page_size(printer: Printer, (width, height): (f64, f64)) -> Size {
    let whole = |mm: f64| (mm / printer.dot_mm() + 1e-6).floor() * printer.dot_mm();
    Size::mm(whole(width) as f32, whole(height) as f32)
}

impl Column {
    /// The same column, further down.
    pub(crate) fn down(self, by: f64) -> Self {
        Self { y: self.y + by, ..self }
    }
}

impl Align {
    /// Where a line begins for a reader of this side.
    pub(crate) fn start(side: Side) -> Self {
        match side {
            Side::Left => Self::Left,
            Side::Right => Self::Right,
        }
    }
}
