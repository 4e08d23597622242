//! The labels of one donation number for everything that comes of one needle: bags, tubes, the
//! donor's record. 50 mm by 25 mm, one number, each with the flag that says what it is stuck on.

use crate::canvas::{Align, Canvas, at};
use crate::{Error, Job, Language, Printed, Room, group, sheet};
use isbt128::{Din, Flag, FlagMeaning};
use paper::{Face, Side};

/// Width and height, in millimetres.
const SIZE: (f64, f64) = (50.0, 25.0);
const EDGE: f64 = 2.2;
/// Ten modules of any printer.
const QUIET: f64 = 2.6;

/// One label of the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberLabel {
    pub din: Din,
    /// What it is stuck on; no part of the number.
    pub flag: Flag,
}

/// The labels of a donation, in this order; on A4 forty-four to a sheet.
///
/// # Errors
/// [`Error::Empty`], [`Error::TooMany`].
pub fn number_labels(job: &Job, labels: &[NumberLabel]) -> Result<Printed, Error> {
    let draw = |canvas: &mut Canvas, label: &NumberLabel| draw(canvas, label, job.language);
    sheet::labels(job, "Donation number labels", SIZE, labels, draw)
}

fn draw(canvas: &mut Canvas, label: &NumberLabel, language: Language) -> Result<(), Error> {
    let text = label.din.to_structure(label.flag);
    let (top, high) = (1.6, 9.0);
    canvas.code128(&text, QUIET + 0.6, top, high)?;
    let side = canvas.matrix_side(&text, Room::Short)?;
    canvas.matrix(&text, SIZE.0 - 2.2 - side, SIZE.1 - 2.2 - side, Room::Short)?;
    let room = SIZE.0 - 2.2 - side - 1.4 - EDGE;
    let below = top + high + 1.0;
    let (wide, tall) = (5.0, 5.4);
    let face = Face::new(13.0).bold().from(Side::Left);
    let number = label.din.display();
    canvas.fit(&number, at(EDGE, below + 0.3, room - wide - 1.0), face, 7.0, Align::Left);
    let corner = (EDGE + room - wide, below);
    canvas.frame(corner.0, corner.1, wide, tall, 0.9);
    let check = label.din.check_char().to_string();
    group::in_middle(canvas, &check, corner, (wide, tall), 0.0);
    let what = match label.flag.meaning() {
        FlagMeaning::Container(n) => format!("{} {n}", language.word("number.container")),
        FlagMeaning::PilotTube => language.word("number.pilot").to_owned(),
        FlagMeaning::TestTube => language.word("number.test").to_owned(),
        FlagMeaning::DonorRecord => language.word("number.record").to_owned(),
        FlagMeaning::NatTube => language.word("number.nat").to_owned(),
        FlagMeaning::BacterialTube => language.word("number.bacterial").to_owned(),
        _ => language.word("number.plain").to_owned(),
    };
    let face = Face::new(8.5).bold().from(language.side());
    canvas.fit(&what, at(EDGE, SIZE.1 - 5.6, room), face, 5.0, Align::start(language.side()));
    Ok(())
}
