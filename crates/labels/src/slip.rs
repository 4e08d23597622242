//! The slip with which a ward collects one unit for one patient, and the tag of a unit that leaves
//! without a crossmatch.
//!
//! Neither carries a barcode of the unit or of the patient: what is scanned must hang on the bag and
//! on the wrist, not on a paper beside them. The slip carries its own sealed text alone.

use crate::canvas::{Align, Canvas, at};
use crate::form::Inside::{Figure, Large, Moment, Room, Text};
use crate::form::{Form, UPRIGHT, moment};
use crate::{Error, Job, Language, Person, Printed, Room as Cells, group, sheet};
use chrono::NaiveDateTime;
use isbt128::{AboRhd, Din, ProductCode};
use paper::flow::{apart, left};
use paper::{Face, Side};

/// What a collection slip says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    pub facility: String,
    /// Short number of this print, for people.
    pub number: String,
    /// What proves the slip genuine: printable ASCII, at most 400 characters. Every print has its own.
    pub sealed: String,
    pub patient: Person,
    /// Where nothing is confirmed, nothing is printed.
    pub patient_group: Option<AboRhd>,
    pub ward: String,
    pub unit: SlipUnit,
    /// How it was shown that the unit fits; nothing for a unit without a crossmatch, which the slip
    /// says in large letters.
    pub crossmatch: Option<String>,
    /// What the patient needs: `Irradiated`.
    pub special: Vec<String>,
    /// After this moment the slip is not honoured.
    pub valid_until: Option<NaiveDateTime>,
    pub printed_at: NaiveDateTime,
    pub printed_by: String,
}

/// The unit as a slip or a tag names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlipUnit {
    pub din: Din,
    pub product_code: ProductCode,
    pub product_name: String,
    pub group: AboRhd,
    pub expires: NaiveDateTime,
}

/// What the tag of a unit without a crossmatch says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub patient: Person,
    pub unit: SlipUnit,
    /// Who answers for it.
    pub ordered_by: String,
    pub issued_at: NaiveDateTime,
}

/// The number of a unit with its check character.
pub(crate) fn din(unit: &SlipUnit) -> String {
    format!("{}  [{}]", unit.din.display(), unit.din.check_char())
}

/// A slip, on a page of A4.
///
/// # Errors
/// [`Error`] when the sealed text is empty, too long or not printable ASCII.
pub fn collection_slip(job: &Job, slip: &Slip) -> Result<Printed, Error> {
    let mut form = Form::new(job, UPRIGHT);
    form.head(&slip.facility, "slip.title");
    if slip.crossmatch.is_none() {
        // In English always, as on the tag: it is the word that the world puts on such a bag.
        let (english, own) = ("UNCROSSMATCHED", form.word("uncrossmatched"));
        match form.language {
            Language::English => form.banner(english, 16.0),
            _ => {
                form.banner(english, 8.0);
                form.banner(own, 6.0);
            }
        }
    }
    seal(&mut form, slip)?;
    let (patient, unit) = (&slip.patient, &slip.unit);
    let groups = (
        slip.patient_group.as_ref().map(group::in_words).unwrap_or_default(),
        group::in_words(&unit.group),
    );
    let patient_group = match groups.0.as_str() {
        "" => form.word("f.group_unknown"),
        words => words,
    };
    let language = form.language;
    form.section("slip.patient");
    form.row(
        14.0,
        &[("slip.name", 0.6, Text(&patient.name)), ("f.number", 0.4, Figure(&patient.number))],
    );
    let born = if patient.born.trim().is_empty() { form.word("not_known") } else { &patient.born };
    form.row(
        14.0,
        &[
            ("f.born", 0.3, Figure(born)),
            ("f.sex", 0.3, Text(patient.sex_words(language))),
            ("f.ward", 0.4, Text(&slip.ward)),
        ],
    );
    form.section("slip.unit");
    form.row(
        14.0,
        &[
            ("f.din_check", 0.6, Figure(&din(unit))),
            ("f.product_code", 0.4, Figure(unit.product_code.as_str())),
        ],
    );
    form.row(
        14.0,
        &[
            ("f.component", 0.6, Text(&unit.product_name)),
            ("f.expires", 0.4, Figure(&moment(unit.expires))),
        ],
    );
    // Side by side: two groups are compared, not remembered.
    form.section("slip.compare");
    form.row(
        16.0,
        &[("f.group_patient", 0.5, Large(patient_group)), ("f.group_unit", 0.5, Large(&groups.1))],
    );
    let crossmatch = slip.crossmatch.as_deref().unwrap_or(form.word("slip.no_crossmatch"));
    let special = match slip.special.is_empty() {
        true => form.word("slip.nothing_special").to_owned(),
        false => slip.special.join(" · "),
    };
    form.row(14.0, &[("slip.crossmatch", 0.5, Text(crossmatch)), ("f.needs", 0.5, Text(&special))]);
    form.y += 1.0;
    form.section("slip.collecting");
    for step in ["slip.step1", "slip.step2", "slip.step3"] {
        form.step(step);
    }
    form.y += 1.0;
    form.row(
        14.0,
        &[("f.collected_by", 0.34, Room), ("f.signature", 0.22, Room), ("f.when", 0.44, Moment)],
    );
    form.row(
        14.0,
        &[("f.issued_by", 0.34, Room), ("f.signature", 0.22, Room), ("f.looked", 0.44, Room)],
    );
    let by = format!(
        "{} {} {}",
        form.word("slip.printed"),
        moment(slip.printed_at),
        apart(&slip.printed_by)
    );
    form.foot(&by);
    Ok(form.finish(job, "Collection slip"))
}

/// The square with the sealed text, and beside it the number and how long it holds.
fn seal(form: &mut Form, slip: &Slip) -> Result<(), Error> {
    let cells = match form.canvas.matrix_side(&slip.sealed, Cells::Ample)? > 40.0 {
        true => Cells::Short,
        false => Cells::Ample,
    };
    let side = form.canvas.matrix_side(&slip.sealed, cells)?;
    let top = form.y;
    let x = form.x(form.inner() - side - 1.0, side);
    form.canvas.matrix(&slip.sealed, x, top + 1.2, cells)?;
    let width = form.inner() - side - 6.0;
    let align = form.align();
    let mut column = form.column(0.0, width);
    let number = format!("{} {}", form.word("f.slip_number"), left(&slip.number));
    let face = form.face(13.0).bold();
    column = column.down(form.canvas.fit(&number, column, face, 7.0, align) + 1.0);
    if let Some(until) = slip.valid_until {
        let words = format!("{} {}", form.word("slip.until"), moment(until));
        let face = form.face(11.0).bold();
        column = column.down(form.canvas.fit(&words, column, face, 7.0, align) + 1.0);
    }
    let face = form.face(9.5);
    let used = form.canvas.words(form.language.word("slip.rule"), column, face, 3, align);
    form.y = (column.y + used).max(top + side + 2.4) + 1.0;
    Ok(())
}

/// Width and height of a tag, in millimetres.
const TAG: (f64, f64) = (100.0, 65.0);

/// Tags to tie to units that leave without a crossmatch; on A4 eight to a sheet.
///
/// # Errors
/// [`Error::Empty`], [`Error::TooMany`].
pub fn uncrossmatched_tags(job: &Job, tags: &[Tag]) -> Result<Printed, Error> {
    sheet::labels(job, "Tags of uncrossmatched units", TAG, tags, |canvas, tag| {
        draw_tag(canvas, tag, job.language);
        Ok(())
    })
}

fn draw_tag(canvas: &mut Canvas, tag: &Tag, language: Language) {
    group::stripes(canvas, TAG, 3.0);
    let (edge, inner) = (5.0, TAG.0 - 10.0);
    // In English always: it is the word that the world puts on such a bag.
    group::reversed(canvas, "UNCROSSMATCHED", (edge, 4.6), (inner, 11.0));
    let mut column = at(edge, 15.8, inner);
    let align = Align::start(language.side());
    let face = |size: f32| Face::new(size).from(language.side());
    if language != Language::English {
        let face = face(12.0).bold();
        column = column.down(canvas.fit(
            language.word("uncrossmatched"),
            column,
            face,
            7.0,
            Align::Middle,
        ));
    }
    let numbers = Face::new(13.0).bold().from(Side::Left);
    column = column.down(canvas.fit(&din(&tag.unit), column, numbers, 7.0, align));
    let group = group::in_words(&tag.unit.group);
    column = column.down(canvas.fit(&group, column, numbers, 7.0, align));
    let product = Face::new(9.0);
    column = column.down(canvas.fit(&tag.unit.product_name, column, product, 5.5, align) + 0.4);
    canvas.rule((edge, column.y), (TAG.0 - edge, column.y), 0.5, 0.0);
    column = column.down(0.4);
    column = column.down(canvas.fit(&tag.patient.name, column, Face::new(13.0).bold(), 7.0, align));
    let who = format!("{} · {}", left(&tag.patient.number), tag.patient.born_words(language));
    column = column.down(canvas.fit(&who, column, face(10.0), 5.5, align) + 0.6);
    let order = format!(
        "{} {} · {}",
        language.word("tag.ordered_by"),
        apart(&tag.ordered_by),
        moment(tag.issued_at)
    );
    column = column.down(canvas.fit(&order, column, face(8.5), 5.0, align));
    let room = TAG.1 - 4.2 - column.y;
    canvas.block(language.word("tag.warning"), column, room, face(8.5).bold(), 5.0);
}
