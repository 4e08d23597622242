//! The label of a unit: 100 mm by 100 mm, four quadrants (bloodbank.md 3.6). Upper left the donation
//! number, upper right the group, lower left the product, lower right the end of its life; bars of
//! neighbours on one line, so that a scanner reads two at once and proves that they are of one bag.

use crate::canvas::{Align, Canvas, at};
use crate::{Error, Job, Language, Printed, Room, group, sheet};
use chrono::NaiveDateTime;
use isbt128::{AboRhd, Din, Expiry, Flag, Moment, ProductCode, Scan, compound};
use paper::Face;
use paper::flow;

/// The side of the label, in millimetres.
const SIDE: f64 = 100.0;
/// White at the edges; stripes go there.
const EDGE: f64 = 4.5;
/// Upper edges of the two lines of bars, and how high they are.
const BARS: [f64; 2] = [4.5, 53.5];
const HIGH: f64 = 10.0;
/// Where the bars of the left quadrants end and of the right begin: quiet zones of 2.5 mm between.
const LEFT_ENDS: f64 = 47.2;
const RIGHT_BEGINS: f64 = 52.8;
const SMALL: Face = Face::new(7.5);
const TEXT: Face = Face::new(8.5);

/// What a unit's label says. The group stands in English in every language, with a line in the
/// language of the job below. All texts as a person of the blood bank wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitLabel {
    pub din: Din,
    /// Which label of the set; no part of the number.
    pub flag: Flag,
    /// The group, or what must not be done with the unit: `Mq00` makes a label of quarantine.
    pub group: AboRhd,
    pub product: Product,
    /// Wall time at the facility that labels.
    pub expires: Expiry,
    pub collected: Option<Moment>,
    /// Name and place of the facility that collected.
    pub facility: String,
    /// Its number with the authority, where it has one.
    pub registration: Option<String>,
    /// `Volunteer donor` or what the law wants said.
    pub donation: Option<String>,
    /// `Irradiated`, `CMV negative`: what a ward asks for, shortest first.
    pub special: Vec<String>,
    /// What the law wants said at the foot of the label.
    pub notice: Option<String>,
}

/// What is in the bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    pub code: ProductCode,
    /// In words, from the table that gives the code its meaning.
    pub name: String,
    /// The version of the licensee's table of product codes; without one the code must be local
    /// and the label says that it is not ISBT 128.
    pub table: Option<String>,
    pub volume_ml: Option<u32>,
    /// `CPD, SAG-M`.
    pub anticoagulant: Option<String>,
    /// `Store at 2 to 6 °C`.
    pub storage: String,
}

impl UnitLabel {
    /// What its barcodes say: number, group, product, end.
    #[must_use]
    pub fn scans(&self) -> [Scan; 4] {
        [
            Scan::Din { din: self.din, flag: self.flag },
            Scan::AboRhd(self.group.clone()),
            Scan::Product { code: self.product.code },
            Scan::Expiry(self.expires),
        ]
    }

    /// The group as the label says it in words: `AB RhD NEGATIVE`, `QUARANTINE: DO NOT USE`.
    #[must_use]
    pub fn group_in_words(&self) -> String {
        group::in_words(&self.group)
    }

    fn check(&self) -> Result<(), Error> {
        let code = self.product.code.to_string();
        if self.product.code.needs_division() {
            return Err(Error::NeedsDivision { code });
        }
        if self.product.table.is_none() && !self.product.code.is_local() {
            return Err(Error::NeedsTable { code });
        }
        Ok(())
    }
}

/// One label.
///
/// # Errors
/// [`Error::NeedsTable`], [`Error::NeedsDivision`].
pub fn unit_label(job: &Job, label: &UnitLabel) -> Result<Printed, Error> {
    unit_labels(job, std::slice::from_ref(label))
}

/// Several labels; on A4 four to a sheet.
///
/// # Errors
/// As [`unit_label`]; [`Error::Empty`] and [`Error::TooMany`] for none and for more than 200.
pub fn unit_labels(job: &Job, labels: &[UnitLabel]) -> Result<Printed, Error> {
    for label in labels {
        label.check()?;
    }
    let draw = |canvas: &mut Canvas, label: &UnitLabel| draw(canvas, label, job.language);
    sheet::labels(job, "Blood component labels", (SIDE, SIDE), labels, draw)
}

fn draw(canvas: &mut Canvas, label: &UnitLabel, language: Language) -> Result<(), Error> {
    if group::barred(&label.group) {
        group::stripes(canvas, (SIDE, SIDE), 3.0);
    }
    number(canvas, label, language)?;
    blood_group(canvas, label, language)?;
    product(canvas, label)?;
    end(canvas, label, language)?;
    // Lines between the quadrants, where no scanner passes on its way from bars to bars.
    // Black: a label printer has no grey.
    canvas.rule((EDGE, 51.0), (SIDE - EDGE, 51.0), 0.4, 0.0);
    for (from, to) in [(17.0, 49.5), (66.0, SIDE - EDGE)] {
        canvas.rule((50.0, from), (50.0, to), 0.4, 0.0);
    }
    Ok(())
}

/// Bars that end at a place.
fn bars_until(canvas: &mut Canvas, text: &str, right: f64, top: f64) -> Result<f64, Error> {
    let left = right - canvas.code128_width(text)?;
    canvas.code128(text, left, top, HIGH)?;
    Ok(left)
}

fn number(canvas: &mut Canvas, label: &UnitLabel, language: Language) -> Result<(), Error> {
    let text = label.din.to_structure(label.flag);
    bars_until(canvas, &text, LEFT_ENDS, BARS[0])?;
    let below = BARS[0] + HIGH + 1.0;
    let box_side = 5.6;
    let room = LEFT_ENDS - EDGE - box_side - 1.5;
    let face = Face::new(14.5).bold();
    canvas.fit(&label.din.display(), at(EDGE, below, room), face, 8.0, Align::Left);
    // The check character for whoever types the number, in a box: it is no part of it.
    let left = LEFT_ENDS - box_side;
    canvas.frame(left, below + 0.2, box_side, box_side, 0.9);
    let check = label.din.check_char().to_string();
    canvas.words(
        &check,
        at(left, below + 0.05, box_side),
        Face::new(12.5).bold(),
        1,
        Align::Middle,
    );
    let mut column = at(EDGE, below + 7.4, LEFT_ENDS - EDGE);
    let most = Face::new(9.5).bold();
    column = column.down(canvas.words(&label.facility, column, most, 2, Align::Left) + 0.4);
    if let Some(registration) = &label.registration {
        column = column.down(canvas.words(registration, column, SMALL, 1, Align::Left));
    }
    if let Some(collected) = &label.collected {
        let text =
            format!("{} {}", language.word("unit.collected"), flow::left(&moment(collected)));
        let face = TEXT.from(language.side());
        column = column.down(canvas.fit(&text, column, face, 5.5, start(language)));
    }
    if let Some(donation) = &label.donation {
        canvas.words(donation, column, TEXT.bold(), 1, Align::Left);
    }
    Ok(())
}

fn blood_group(canvas: &mut Canvas, label: &UnitLabel, language: Language) -> Result<(), Error> {
    let width = canvas.code128(&label.group.to_structure(), RIGHT_BEGINS, BARS[0], HIGH)?;
    // The code beside its bars, out of the quiet zone.
    let beside = at(RIGHT_BEGINS + width + 3.0, BARS[0] + 3.0, 14.0);
    canvas.words(label.group.code(), beside, TEXT, 1, Align::Left);
    let right = SIDE - EDGE;
    let (top, width, high) = (BARS[0] + HIGH + 1.8, right - 52.0, 32.7);
    if language == Language::English {
        group::draw(canvas, &label.group, (52.0, top), (width, high));
    } else {
        let line = 5.0;
        group::draw(canvas, &label.group, (52.0, top), (width, high - line));
        let words = group::translated(&label.group, language);
        let face = Face::new(10.0).bold().from(language.side());
        let below = at(52.0, top + high - line + 0.3, width);
        canvas.fit(&words, below, face, 5.0, Align::Middle);
    }
    Ok(())
}

fn product(canvas: &mut Canvas, label: &UnitLabel) -> Result<(), Error> {
    let product = &label.product;
    bars_until(canvas, &product.code.to_structure(), LEFT_ENDS, BARS[1])?;
    let mut column = at(EDGE, BARS[1] + HIGH + 0.8, LEFT_ENDS - EDGE);
    let local = product.code.is_local();
    let code = match local {
        true => format!("{} · LOCAL CODE", product.code),
        false => product.code.to_string(),
    };
    column = column.down(canvas.words(&code, column, TEXT.bold(), 1, Align::Left) + 0.4);
    let high = 5.6;
    // The name takes what the other lines and the notice below leave.
    let room = SIDE - EDGE - high - 0.8 - column.y - 8.6;
    let face = Face::new(13.0).bold();
    column = column.down(canvas.block(&product.name, column, room, face, 8.0) + 0.4);
    let volume = product.volume_ml.map(|ml| format!("{ml} mL"));
    let parts = [volume.as_deref(), product.anticoagulant.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    column = column.down(canvas.words(&parts.join(" · "), column, TEXT, 1, Align::Left));
    canvas.fit(&product.storage, column, TEXT.bold(), 5.5, Align::Left);
    if product.table.is_none() {
        let corner = (EDGE, SIDE - EDGE - high);
        group::reversed(canvas, "NOT ISBT 128", corner, (LEFT_ENDS - EDGE, high));
    }
    Ok(())
}

fn end(canvas: &mut Canvas, label: &UnitLabel, language: Language) -> Result<(), Error> {
    let right = SIDE - EDGE;
    canvas.code128(&label.expires.to_structure(), RIGHT_BEGINS, BARS[1], HIGH)?;
    let mut column = at(52.0, BARS[1] + HIGH + 0.8, right - 52.0);
    column =
        column.down(canvas.words(language.word("unit.expires"), column, SMALL, 1, start(language)));
    let face = Face::new(17.0).bold();
    column =
        column.down(canvas.fit(&wall(label.expires.at()), column, face, 9.0, Align::Left) + 0.6);
    let all = compound(&label.scans()).map_err(|_| Error::Empty)?;
    let side = canvas.matrix_side(&all, Room::Ample)?;
    let (x, y) = (right - side, SIDE - EDGE - side);
    canvas.matrix(&all, x, y, Room::Ample)?;
    // Beside the symbol, out of its quiet zone.
    let beside = at(52.0, column.y, x - 2.0 - 52.0);
    let special = label.special.join(" · ");
    let used =
        canvas.words(&special, at(52.0, column.y, right - 52.0), TEXT.bold(), 2, Align::Left);
    if let Some(notice) = &label.notice {
        let room = SIDE - EDGE - column.y - used - 0.5;
        canvas.block(notice, beside.down(used + 0.5), room, Face::new(7.0), 5.0);
    }
    Ok(())
}

/// Where lines begin in this language.
fn start(language: Language) -> Align {
    Align::start(language.side())
}

/// `05-Dec-2026 23:59`.
fn wall(at: NaiveDateTime) -> String {
    at.format("%d-%b-%Y %H:%M").to_string()
}

/// With the minute where it is known.
fn moment(of: &Moment) -> String {
    of.at().map_or_else(|| of.date().format("%d-%b-%Y").to_string(), wall)
}
