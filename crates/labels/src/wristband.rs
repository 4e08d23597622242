//! The wristband of a patient: 150 mm by 25 mm to print on. The number as a square at both ends, so
//! that one is on top whichever way the hand lies, and as bars between.

use crate::canvas::{Align, Canvas, at};
use crate::{Error, Job, Language, Person, Printed, Room, sheet};
use isbt128::Scan;
use paper::{Face, Side};

/// Width and height of what is printed, in millimetres.
const SIZE: (f64, f64) = (150.0, 25.0);
/// Where this copy of a patient number stands, as ISBT 128 writes it: on the wristband.
const ON_WRIST: &str = "01";

/// What a wristband says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wristband {
    pub patient: Person,
    pub facility: String,
}

/// Wristbands; on A4 eleven to a sheet.
///
/// # Errors
/// [`Error::Empty`] for a patient without a number, [`Error::NotInBarcode`], [`Error::TooLong`],
/// [`Error::TooMany`].
pub fn wristbands(job: &Job, bands: &[Wristband]) -> Result<Printed, Error> {
    sheet::labels(job, "Wristbands", SIZE, bands, |canvas, band| draw(canvas, band, job.language))
}

/// The number as a patient number of ISBT 128, so that no scanner takes it for something else; bare
/// where that standard has no room for it.
pub(crate) fn square_text(number: &str) -> String {
    let text = Scan::PatientId { id: number.to_owned(), location: ON_WRIST.to_owned() }.to_text();
    let reads =
        |scans: Vec<Scan>| matches!(scans.as_slice(), [Scan::PatientId { id, .. }] if id == number);
    if isbt128::read(&text).is_ok_and(reads) { text } else { number.to_owned() }
}

fn draw(canvas: &mut Canvas, band: &Wristband, language: Language) -> Result<(), Error> {
    let patient = &band.patient;
    let text = square_text(&patient.number);
    let side = canvas.matrix_side(&text, Room::Ample)?;
    let top = (SIZE.1 - side) / 2.0;
    let edge = 4.0;
    canvas.matrix(&text, edge, top, Room::Ample)?;
    canvas.matrix(&text, SIZE.0 - edge - side, top, Room::Ample)?;
    let (left, right) = (edge + side + 3.0, SIZE.0 - edge - side - 3.0);
    let align = Align::start(language.side());
    let face = |size| Face::new(size).from(language.side());
    let room = right - left;
    let long = canvas.code128_width(&patient.number)?;
    // Bars between words and square, where the number is short enough to leave the words room.
    let bars = long + 6.0 <= room / 2.0;
    let words = if bars { room - long - 7.0 } else { room };
    if bars {
        canvas.code128(&patient.number, right - long - 2.8, 4.0, 11.0)?;
        let below = at(right - long - 2.8, 15.6, long);
        canvas.fit(&patient.number, below, Face::new(9.0).bold(), 5.0, Align::Middle);
    }
    let number = Face::new(12.0).bold().from(Side::Left);
    let mut column = at(left, 2.2, words);
    column = column.down(canvas.fit(&patient.name, column, Face::new(14.0).bold(), 7.0, align));
    column = column.down(canvas.fit(&patient.number, column, number, 6.0, align));
    let who = format!("{} · {}", patient.born_words(language), patient.sex_words(language));
    column = column.down(canvas.fit(&who, column, face(9.5), 6.0, align));
    canvas.fit(&band.facility, column, Face::new(6.5), 4.5, align);
    Ok(())
}
