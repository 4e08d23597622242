//! The label of a sample tube: 50 mm by 25 mm, along the tube. The patient as a person reads them,
//! the number of the sample as a scanner does.

use crate::canvas::{Align, Canvas, at};
use crate::{Error, Job, Language, Person, Printed, Room, sheet};
use chrono::NaiveDateTime;
use paper::flow::{apart, left};
use paper::{Face, Side};

/// Width and height, in millimetres.
const SIZE: (f64, f64) = (50.0, 25.0);
const EDGE: f64 = 1.8;
/// Ten modules of any printer.
const QUIET: f64 = 2.6;
/// About so many letters make the largest square that the label has room for.
const MOST: usize = 120;

/// What a tube's label says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TubeLabel {
    pub patient: Person,
    /// Number of the sample; printable ASCII.
    pub sample: String,
    /// When and by whom the blood was drawn. Left open, lines are printed to write on: a label is
    /// stuck on at the bedside, after drawing, and signed there.
    pub drawn: Option<(NaiveDateTime, String)>,
}

/// Labels of tubes; on A4 forty-four to a sheet.
///
/// # Errors
/// [`Error::NotInBarcode`], [`Error::TooLong`] for the number of a sample; [`Error::Empty`],
/// [`Error::TooMany`].
pub fn tube_labels(job: &Job, labels: &[TubeLabel]) -> Result<Printed, Error> {
    sheet::labels(job, "Sample tube labels", SIZE, labels, |canvas, label| {
        draw(canvas, label, job.language)
    })
}

fn draw(canvas: &mut Canvas, label: &TubeLabel, language: Language) -> Result<(), Error> {
    let (side, sample) = (language.side(), label.sample.as_str());
    // The square in any case: a tube is round, and a small square is read where long bars run over
    // the edge. The words keep to the left of it.
    let ample = canvas.matrix_side(sample, Room::Ample)? <= 9.0;
    let cells = if ample { Room::Ample } else { Room::Short };
    let square = canvas.matrix_side(sample, cells)?;
    if square > SIZE.1 - 4.0 {
        return Err(Error::TooLong { most: MOST });
    }
    let (x, y) = (SIZE.0 - 2.2 - square, (SIZE.1 - square) / 2.0);
    canvas.matrix(sample, x, y, cells)?;
    let inner = x - 1.4 - EDGE;
    let align = Align::start(side);
    let small = Face::new(6.5).from(side);
    let mut column = at(EDGE, 0.6, inner);
    let patient = &label.patient;
    let name = Face::new(10.0).bold();
    column = column.down(canvas.fit(&patient.name, column, name, 6.0, align));
    // The number before the rest: names and dates are shared by strangers.
    let number = Face::new(8.0).bold().from(Side::Left);
    column = column.down(canvas.fit(&patient.number, column, number, 5.0, align));
    let who = format!("{} · {}", patient.born_words(language), patient.sex_words(language));
    canvas.fit(&who, column, small, 4.5, align);
    let (top, high) = (13.4, 5.4);
    let room = inner + EDGE - 2.0 * QUIET;
    if canvas.code128_width(sample)? <= room {
        canvas.code128(sample, QUIET, top, high)?;
    }
    let below = at(QUIET, top + high - 0.2, room);
    canvas.fit(sample, below, Face::new(6.5).bold(), 4.5, Align::Left);
    let drawn = match &label.drawn {
        Some((when, who)) => {
            let when = left(&when.format("%d-%b-%Y %H:%M").to_string());
            format!("{} {when} {}", language.word("drawn"), apart(who))
        }
        None => language.word("drawn_open").to_owned(),
    };
    canvas.fit(&drawn, at(EDGE, SIZE.1 - 3.5, inner), small, 4.5, align);
    Ok(())
}
