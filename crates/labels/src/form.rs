//! The parts that papers are put together of: headings, numbered boxes to write in, things to tick,
//! tables. Everything begins on the side the language is read from.

use crate::canvas::{Align, Canvas, Column, at};
use crate::{Job, Language, Printed, group};
use paper::flow::left;
use paper::{Face, Side};

/// Upright and lying A4, in millimetres.
pub(crate) const UPRIGHT: (f64, f64) = (210.0, 297.0);
pub(crate) const LYING: (f64, f64) = (297.0, 210.0);
const EDGE: f64 = 12.0;
/// Lines of boxes, in points.
const THIN: f32 = 0.6;
const LABEL: f32 = 7.0;

/// A paper in the making, written from above.
pub(crate) struct Form {
    pub canvas: Canvas,
    pub language: Language,
    page: (f64, f64),
    /// How far down it is written.
    pub y: f64,
    /// Of the box that was drawn last.
    number: u32,
}

/// What a box is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inside<'a> {
    /// To write in.
    Room,
    /// A date and a time to the minute.
    Moment,
    /// One or more of these to tick; names of words.
    Ticks(&'a [&'static str]),
    /// A donation number, with the box of its check character.
    Din,
    /// Filled in by the program.
    Text(&'a str),
    /// The same, for a number or a date.
    Figure(&'a str),
    /// The same, for what decides.
    Large(&'a str),
}

/// A box: the name of its words, its share of the width, what is in it.
pub(crate) type Field<'a> = (&'static str, f64, Inside<'a>);

impl Form {
    pub(crate) fn new(job: &Job, page: (f64, f64)) -> Self {
        let canvas = Canvas::new(job.printer, page);
        Self { canvas, language: job.language, page, y: EDGE, number: 0 }
    }

    pub(crate) fn next(&mut self, page: (f64, f64)) {
        self.canvas.next_page(page);
        (self.page, self.y, self.number) = (page, EDGE, 0);
    }

    pub(crate) fn finish(self, job: &Job, title: &str) -> Printed {
        self.canvas.finish(job, title)
    }

    pub(crate) fn word(&self, name: &'static str) -> &'static str {
        self.language.word(name)
    }

    /// Between the edges.
    pub(crate) fn inner(&self) -> f64 {
        self.page.0 - 2.0 * EDGE
    }

    /// The left edge of something so far from the side the language begins on.
    pub(crate) fn x(&self, from: f64, width: f64) -> f64 {
        match self.language.side() {
            Side::Left => EDGE + from,
            Side::Right => self.page.0 - EDGE - from - width,
        }
    }

    pub(crate) fn align(&self) -> Align {
        Align::start(self.language.side())
    }

    /// Letters for the words of the language.
    pub(crate) fn face(&self, size: f32) -> Face {
        Face::new(size).from(self.language.side())
    }

    /// A column so far from the side, at the height that is written on.
    pub(crate) fn column(&self, from: f64, width: f64) -> Column {
        at(self.x(from, width), self.y, width)
    }

    /// Words over the whole width; the form goes on below them.
    pub(crate) fn say(&mut self, text: &str, face: Face, most: usize) {
        let column = self.column(0.0, self.inner());
        self.y += self.canvas.words(text, column, face, most, self.align());
    }

    /// Whose paper and what it is.
    pub(crate) fn head(&mut self, facility: &str, title: &'static str) {
        self.say(facility, Face::new(9.0), 1);
        self.say(self.word(title), self.face(18.0).bold(), 1);
        self.y += 1.0;
        self.canvas.fill(EDGE, self.y, self.inner(), 0.8, 0.0);
        self.y += 2.2;
    }

    /// White words on black over the whole width.
    pub(crate) fn banner(&mut self, words: &str, high: f64) {
        let size = (self.inner(), high);
        group::reversed(&mut self.canvas, words, (EDGE, self.y), size);
        self.y += high + 2.0;
    }

    pub(crate) fn section(&mut self, name: &'static str) {
        self.y += 1.6;
        self.say(self.word(name), self.face(10.5).bold(), 1);
        self.y += 0.4;
    }

    /// Boxes side by side; shares that make less than one leave the rest of the line white.
    pub(crate) fn row(&mut self, high: f64, fields: &[Field<'_>]) {
        let mut from = 0.0;
        for (name, share, inside) in fields {
            let width = self.inner() * share;
            self.field(name, from, width, high, *inside);
            from += width;
        }
        self.y += high;
    }

    /// A small black square with the number of a box: later, on the screen or on the telephone, it
    /// says which one is meant.
    fn numbered(&mut self, from: f64, width: f64) -> f64 {
        self.number += 1;
        let (wide, high) = (if self.number > 9 { 4.8 } else { 3.6 }, 3.6);
        let x = self.x(from, width);
        let x = if self.language.side() == Side::Left { x } else { x + width - wide };
        group::reversed(&mut self.canvas, &self.number.to_string(), (x, self.y), (wide, high));
        wide
    }

    fn field(&mut self, name: &'static str, from: f64, width: f64, high: f64, inside: Inside<'_>) {
        let x = self.x(from, width);
        self.canvas.frame(x, self.y, width, high, THIN);
        let blank = !matches!(inside, Inside::Text(_) | Inside::Figure(_) | Inside::Large(_));
        let square = if blank { self.numbered(from, width) + 1.0 } else { 1.2 };
        let label = self.column(from + square, width - square - 1.0).down(0.2);
        let face = self.face(LABEL).grey(if blank { 0.0 } else { 0.3 });
        self.canvas.fit(self.word(name), label, face, 4.5, self.align());
        let room = self.column(from + 1.2, width - 2.4).down(4.0);
        let high = high - 4.0;
        match inside {
            Inside::Room => {}
            Inside::Text(text) => {
                let face = Face::new(13.0).bold();
                self.block(text, room, high, face);
            }
            Inside::Figure(text) => {
                self.canvas.fit(
                    text,
                    room,
                    Face::new(13.0).bold().from(Side::Left),
                    6.0,
                    self.align(),
                );
            }
            Inside::Large(text) => {
                let face = Face::new(20.0).bold();
                self.canvas.fit(text, room, face, 8.0, self.align());
            }
            Inside::Moment => self.moment(from, width, high),
            Inside::Ticks(names) => self.ticks(from + 1.2, width - 2.4, high, names),
            Inside::Din => self.din(from, width, high),
        }
    }

    /// Words in a box, on the side the language begins on whatever their own letters are.
    fn block(&mut self, text: &str, room: Column, high: f64, face: Face) {
        let lines = (high / 5.8).floor().max(1.0);
        if lines < 2.0 {
            self.canvas.fit(text, room, face, 6.0, self.align());
        } else {
            // A few lines at most.
            self.canvas.words(text, room, face, lines as usize, self.align());
        }
    }

    /// Boxes for letters, from the left in every language: numbers and dates run so.
    fn comb(&mut self, x: f64, y: f64, cells: usize, cell: (f64, f64)) -> f64 {
        for n in 0..cells {
            self.canvas.frame(x + n as f64 * cell.0, y, cell.0, cell.1, 0.4);
        }
        x + cells as f64 * cell.0
    }

    /// Day, month, year, hour, minute.
    fn moment(&mut self, from: f64, width: f64, high: f64) {
        let parts = [(2, "f.day"), (2, "f.month"), (4, "f.year"), (2, "f.hour"), (2, "f.minute")];
        let gap = 1.6;
        let cell = ((width - 3.0 - 4.0 * gap) / 12.0).min(5.0);
        let tall = (high - 3.2).clamp(3.0, 5.5);
        let wide = 12.0 * cell + 4.0 * gap;
        let mut x = self.x(from + 1.2, wide);
        let y = self.y + 3.9;
        for (cells, name) in parts {
            let end = self.comb(x, y, cells, (cell, tall));
            let below = at(x, y + tall - 0.1, end - x);
            let face = self.face(5.5);
            self.canvas.fit(self.word(name), below, face, 3.5, Align::Middle);
            x = end + gap;
        }
    }

    fn din(&mut self, from: f64, width: f64, high: f64) {
        let cell = ((width - 6.0) / 14.4).min(6.0);
        let tall = (high - 0.6).clamp(4.0, 7.0);
        let wide = 14.4 * cell + 2.0;
        let x = self.x(from + 1.2, wide);
        let y = self.y + 3.9;
        // Facility, year, number, as they are printed on the bag.
        let x = self.comb(x, y, 5, (cell, tall)) + 0.8;
        let x = self.comb(x, y, 2, (cell, tall)) + 0.8;
        let x = self.comb(x, y, 6, (cell, tall)) + 0.4 + cell * 0.4;
        self.canvas.frame(x, y, cell, tall, 1.4);
    }

    fn ticks(&mut self, from: f64, width: f64, high: f64, names: &[&'static str]) {
        let face = self.face(8.5);
        let square = 3.2;
        let (mut along, mut y) = (0.0, self.y + 4.2);
        let bottom = self.y + 4.0 + high;
        for name in names {
            let words = self.word(name);
            let long = square + 1.2 + self.canvas.width(words, face) + 0.5;
            if along > 0.0 && along + long > width && y + 9.0 <= bottom {
                (along, y) = (0.0, y + 4.6);
            }
            let x = self.x(from + along, square);
            self.canvas.frame(x, y, square, square, 0.8);
            let room = (width - along - square - 1.2).max(3.0);
            let text = at(self.x(from + along + square + 1.2, room), y - 0.75, room);
            self.canvas.fit(words, text, face, 4.5, self.align());
            along += long + 2.6;
        }
    }

    /// One thing to tick, over the whole width.
    pub(crate) fn step(&mut self, name: &'static str) {
        let square = 4.0;
        let x = self.x(0.0, square);
        self.canvas.frame(x, self.y + 0.6, square, square, 0.9);
        let column = self.column(square + 2.0, self.inner() - square - 2.0);
        let used = self.canvas.words(self.word(name), column, self.face(9.5), 2, self.align());
        self.y += used.max(square + 1.4) + 0.4;
    }

    /// Questions in two columns, down the first and then down the second, each numbered and with a yes
    /// and a no to tick at its end.
    pub(crate) fn asked(&mut self, names: &[&'static str], high: f64) {
        let rows = names.len().div_ceil(2);
        let (top, width) = (self.y, self.inner() / 2.0);
        let answers = ["f.yes", "f.no"];
        for (n, name) in names.iter().enumerate() {
            let (column, row) = (n / rows, n % rows);
            let from = width * column as f64;
            self.y = top + row as f64 * high;
            self.canvas.frame(self.x(from, width), self.y, width, high, THIN);
            let square = self.numbered(from, width) + 1.0;
            let (face, side) = (self.face(8.0), 3.0);
            let long = answers.map(|word| side + 2.6 + self.canvas.width(self.word(word), face));
            let mut along = width - long.iter().sum::<f64>();
            let label = self.column(from + square, along - square - 1.0).down((high - 3.9) / 2.0);
            self.canvas.fit(self.word(name), label, self.face(8.5), 5.5, self.align());
            for (word, long) in answers.into_iter().zip(long) {
                let y = self.y + (high - side) / 2.0;
                self.canvas.frame(self.x(from + along, side), y, side, side, 0.8);
                let room = long - side - 0.8;
                let text = at(self.x(from + along + side + 0.8, room), y - 0.6, room);
                self.canvas.fit(self.word(word), text, face, 4.5, self.align());
                along += long;
            }
        }
        self.y = top + rows as f64 * high;
    }

    /// A table to write in, its columns numbered on; `first` fills the first column.
    pub(crate) fn table(
        &mut self,
        columns: &[(&'static str, f64)],
        first: &[&'static str],
        rows: usize,
        high: f64,
    ) {
        let head = 9.0;
        let mut from = 0.0;
        for (name, share) in columns {
            let width = self.inner() * share;
            let x = self.x(from, width);
            self.canvas.fill(x, self.y, width, head, 0.9);
            self.canvas.frame(x, self.y, width, head, THIN);
            let square = self.numbered(from, width);
            let label = self.column(from + square + 0.6, width - square - 1.0).down(0.3);
            let face = self.face(7.0).bold();
            self.canvas.block(self.language.word(name), label, head - 0.8, face, 4.5);
            for row in 0..rows {
                let y = self.y + head + row as f64 * high;
                self.canvas.frame(x, y, width, high, THIN);
            }
            from += width;
        }
        let width = columns.first().map_or(0.0, |(_, share)| self.inner() * share);
        for (row, name) in first.iter().take(rows).enumerate() {
            let y = head + row as f64 * high + (high - 4.4) / 2.0;
            let label = self.column(1.2, width - 2.4).down(y);
            self.canvas.fit(self.word(name), label, self.face(9.0), 5.0, self.align());
        }
        self.y += head + rows as f64 * high;
    }

    /// What stands at the foot of every paper.
    pub(crate) fn foot(&mut self, words: &str) {
        self.y = self.page.1 - EDGE - 3.0;
        self.canvas.rule((EDGE, self.y), (self.page.0 - EDGE, self.y), 0.4, 0.4);
        self.y += 0.4;
        self.say(words, self.face(7.0).grey(0.3), 1);
    }
}

/// A moment in a line of any direction.
pub(crate) fn moment(at: chrono::NaiveDateTime) -> String {
    left(&at.format("%d-%b-%Y %H:%M").to_string())
}
