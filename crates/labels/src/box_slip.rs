//! The paper in a box between two sites: what is in it, who sent it and how warm it was, and the signed
//! text of the slip in codes that the other end scans.
//!
//! The bags stand in it as words only: what is scanned when the box is opened must hang on the bag.

use crate::canvas::{Align, at};
use crate::form::Inside::{Figure, Moment, Room, Text};
use crate::form::{Form, UPRIGHT, moment};
use crate::slip::{SlipUnit, din};
use crate::{Error, Job, Printed, Room as Cells, group};
use chrono::NaiveDateTime;
use paper::Face;
use paper::flow::{apart, left};

/// What the paper of a box says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxSlip {
    pub facility: String,
    /// Short number of the slip, for people.
    pub number: String,
    pub from: String,
    pub to: String,
    pub content: Content,
    pub sent_at: NaiveDateTime,
    pub sent_by: String,
    /// In tenths of a degree, when the box was closed.
    pub tenths: Option<i32>,
    /// The signed text in its parts: printable ASCII, at most 400 characters each. All of them are
    /// scanned, in any order.
    pub codes: Vec<String>,
    pub bags: Vec<SlipUnit>,
    pub printed_at: NaiveDateTime,
    pub printed_by: String,
}

/// What a box holds: one component, because it has one temperature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    RedCells,
    Platelets,
    Plasma,
    Cryoprecipitate,
    WholeBlood,
}

impl Content {
    fn word(self) -> &'static str {
        match self {
            Self::RedCells => "f.red_cells",
            Self::Platelets => "f.platelets",
            Self::Plasma => "f.plasma",
            Self::Cryoprecipitate => "f.cryo",
            Self::WholeBlood => "f.whole_blood",
        }
    }
}

/// As many as a page has room for.
const MOST_CODES: usize = 32;
/// As many as one person counts.
const MOST_BAGS: usize = 255;
/// Between two codes, in millimetres: more than the white that each needs.
const APART: f64 = 8.0;
const LINE: f64 = 6.6;
/// What the signatures take, and the line at the foot.
const SIGNED: f64 = 44.0;
const FOOT: f64 = 16.0;
/// Shares of the width: the line's number, donation number, product, its name, group, end, tick.
const COLUMNS: [(&str, f64); 7] = [
    ("box.line", 0.05),
    ("box.din", 0.25),
    ("f.product_code", 0.12),
    ("f.component", 0.25),
    ("box.group", 0.12),
    ("f.expires", 0.15),
    ("box.taken", 0.06),
];

/// The paper of a box, on as many pages of A4 as it needs; the codes stand on the first.
///
/// # Errors
/// [`Error::Empty`] for no code and no bag; [`Error::TooMany`]; what a code cannot carry.
pub fn box_slip(job: &Job, slip: &BoxSlip) -> Result<Printed, Error> {
    if slip.codes.is_empty() || slip.bags.is_empty() {
        return Err(Error::Empty);
    }
    for (count, most) in [(slip.codes.len(), MOST_CODES), (slip.bags.len(), MOST_BAGS)] {
        if count > most {
            return Err(Error::TooMany { most });
        }
    }
    let mut form = Form::new(job, UPRIGHT);
    form.head(&slip.facility, "box.title");
    form.row(14.0, &[("box.from", 0.5, Text(&slip.from)), ("box.to", 0.5, Text(&slip.to))]);
    let degrees = match slip.tenths {
        Some(tenths) => in_degrees(tenths),
        None => form.word("not_known").to_owned(),
    };
    form.row(
        14.0,
        &[
            ("box.sent_at", 0.3, Figure(&moment(slip.sent_at))),
            ("box.sent_by", 0.4, Text(&slip.sent_by)),
            ("box.degrees", 0.3, Figure(&degrees)),
        ],
    );
    let content = form.word(slip.content.word());
    form.row(
        14.0,
        &[
            ("f.component", 0.4, Text(content)),
            ("f.units", 0.3, Figure(&slip.bags.len().to_string())),
            ("f.slip_number", 0.3, Figure(&slip.number)),
        ],
    );
    form.section("box.codes");
    let (words, face) = (form.word("box.how"), form.face(9.0));
    form.say(words, face, 3);
    form.y += 1.0;
    codes(&mut form, &slip.codes)?;
    form.section("box.bags");
    let mut page = 1;
    table_head(&mut form);
    for (n, bag) in slip.bags.iter().enumerate() {
        if form.y + LINE > UPRIGHT.1 - FOOT {
            page = next(&mut form, slip, page);
            table_head(&mut form);
        }
        line(&mut form, n + 1, bag);
    }
    if form.y + SIGNED > UPRIGHT.1 - FOOT {
        page = next(&mut form, slip, page);
    }
    form.section("box.signed");
    for (by, when) in [("box.packed_by", "f.when"), ("box.carried_by", "f.when")] {
        form.row(11.0, &[(by, 0.34, Room), ("f.signature", 0.22, Room), (when, 0.44, Moment)]);
    }
    form.row(
        11.0,
        &[
            ("f.received_by", 0.34, Room),
            ("f.signature", 0.12, Room),
            ("box.degrees_then", 0.1, Room),
            ("f.received_at", 0.44, Moment),
        ],
    );
    foot(&mut form, slip, page);
    Ok(form.finish(job, "Slip of a box"))
}

fn in_degrees(tenths: i32) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{} °C", tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10)
}

/// The codes side by side, each with its number below: `2/3`.
fn codes(form: &mut Form, codes: &[String]) -> Result<(), Error> {
    let mut side: f64 = 0.0;
    for code in codes {
        side = side.max(form.canvas.matrix_side(code, Cells::Ample)?);
    }
    // At least one, at most a dozen.
    let in_line = ((form.inner() + APART - 2.0) / (side + APART)).floor().max(1.0) as usize;
    let below = 5.6;
    for (row, some) in codes.chunks(in_line).enumerate() {
        let top = form.y + 1.4;
        for (column, code) in some.iter().enumerate() {
            let x = form.x(1.0 + column as f64 * (side + APART), side);
            form.canvas.matrix(code, x, top, Cells::Ample)?;
            let number = format!("{}/{}", row * in_line + column + 1, codes.len());
            let face = Face::new(11.0).bold();
            let under = at(x, top + side + 1.2, side);
            form.canvas.fit(&left(&number), under, face, 7.0, Align::Middle);
        }
        form.y = top + side + 1.2 + below;
    }
    Ok(())
}

fn table_head(form: &mut Form) {
    let (high, mut from) = (8.0, 0.0);
    for (name, share) in COLUMNS {
        let width = form.inner() * share;
        let x = form.x(from, width);
        form.canvas.fill(x, form.y, width, high, 0.9);
        form.canvas.frame(x, form.y, width, high, 0.6);
        let room = form.column(from + 0.8, width - 1.4).down(0.4);
        let face = form.face(7.0).bold();
        form.canvas.block(form.language.word(name), room, high - 0.9, face, 4.5);
        from += width;
    }
    form.y += high;
}

fn line(form: &mut Form, number: usize, bag: &SlipUnit) {
    let words = [
        number.to_string(),
        din(bag),
        bag.product_code.as_str().to_owned(),
        bag.product_name.clone(),
        group::in_words(&bag.group),
        moment(bag.expires),
        String::new(),
    ];
    let mut from = 0.0;
    for ((name, share), words) in COLUMNS.into_iter().zip(&words) {
        let width = form.inner() * share;
        form.canvas.frame(form.x(from, width), form.y, width, LINE, 0.4);
        let room = form.column(from + 0.9, width - 1.8).down(1.2);
        let face = Face::new(9.0).bold();
        match name {
            // Its own letters decide from which side it is read.
            "f.component" => form.canvas.fit(words, room, Face::new(8.5), 5.0, form.align()),
            _ => form.canvas.fit(&left(words), room, face, 5.0, form.align()),
        };
        from += width;
    }
    form.y += LINE;
}

fn foot(form: &mut Form, slip: &BoxSlip, page: u32) {
    let words = format!(
        "{} {} · {} {} {} · {} {}",
        form.word("f.slip_number"),
        left(&slip.number),
        form.word("slip.printed"),
        moment(slip.printed_at),
        apart(&slip.printed_by),
        form.word("box.page"),
        page,
    );
    form.foot(&words);
}

/// The next page; its number.
fn next(form: &mut Form, slip: &BoxSlip, page: u32) -> u32 {
    foot(form, slip, page);
    form.next(UPRIGHT);
    page + 1
}
