//! A thank you on paper, for the wall or for the employer. It says that somebody gave and when, and
//! nothing that a laboratory found: there is no place in it for a group or a result.

use crate::canvas::{Align, at};
use crate::form::{Form, UPRIGHT};
use crate::{Error, Job, Printed};
use chrono::NaiveDate;
use paper::flow::left;
use paper::{Face, Ink};
use std::f64::consts::TAU;

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub facility: String,
    /// Name of the donor as they want to read it.
    pub donor: String,
    pub donated_on: NaiveDate,
    /// What was given, in the language of the paper: `whole blood`.
    pub gave: String,
    /// How many donations that makes, if the donor wants it said.
    pub count: Option<u32>,
    pub place: String,
    pub signed_by: Option<String>,
}

/// A certificate, on a page of A4.
///
/// # Errors
/// [`Error::Empty`] without a name.
pub fn certificate(job: &Job, what: &Certificate) -> Result<Printed, Error> {
    if what.donor.trim().is_empty() {
        return Err(Error::Empty);
    }
    let mut form = Form::new(job, UPRIGHT);
    let (width, height) = UPRIGHT;
    form.canvas.frame(10.0, 10.0, width - 20.0, height - 20.0, 2.2);
    form.canvas.frame(12.2, 12.2, width - 24.4, height - 24.4, 0.6);
    drop_of_blood(&mut form, (width / 2.0, 58.0), 16.0);
    form.y = 92.0;
    let middle = |form: &mut Form, text: &str, face: Face, high: f64| {
        let column = at(24.0, form.y, width - 48.0);
        form.canvas.fit(text, column, face, 8.0, Align::Middle);
        form.y += high;
    };
    let words = |form: &Form, size: f32| form.face(size);
    let (title, large) = (form.word("certificate.title"), words(&form, 28.0).bold());
    middle(&mut form, title, large, 20.0);
    let (text, plain) = (form.word("certificate.to"), words(&form, 13.0));
    middle(&mut form, text, plain, 10.0);
    middle(&mut form, &what.donor, Face::new(26.0).bold(), 17.0);
    let (text, day) =
        (form.word("certificate.for"), what.donated_on.format("%d-%b-%Y").to_string());
    middle(&mut form, text, plain, 9.0);
    middle(&mut form, &what.gave, Face::new(16.0).bold(), 10.0);
    let on = format!("{} {}", form.word("certificate.on"), left(&day));
    middle(&mut form, &on, plain, 9.0);
    middle(&mut form, &what.place, Face::new(13.0), 14.0);
    if let Some(count) = what.count.filter(|count| *count > 0) {
        let text = format!("{} {}", form.word("certificate.count"), left(&count.to_string()));
        middle(&mut form, &text, plain.bold(), 12.0);
    }
    let thanks = form.word("certificate.thanks");
    let column = at(34.0, form.y, width - 68.0);
    form.canvas.words(thanks, column, words(&form, 12.0), 4, Align::Middle);
    signature(&mut form, what);
    Ok(form.finish(job, "Certificate of a donation"))
}

fn signature(form: &mut Form, what: &Certificate) {
    let y = 256.0;
    let half = 62.0;
    let align = form.align();
    for (from, label, value) in [
        (18.0, "certificate.facility", what.facility.as_str()),
        (form.inner() - 18.0 - half, "f.signature", what.signed_by.as_deref().unwrap_or_default()),
    ] {
        let x = form.x(from, half);
        form.canvas.rule((x, y), (x + half, y), 0.6, 0.3);
        form.canvas.fit(value, at(x, y - 6.0, half), Face::new(11.0).bold(), 5.5, align);
        let face = form.face(8.0).grey(0.3);
        form.canvas.fit(form.language.word(label), at(x, y + 0.6, half), face, 5.0, align);
    }
}

/// A drop: a circle drawn out to a point above.
fn drop_of_blood(form: &mut Form, middle: (f64, f64), radius: f64) {
    let outline = (0..90)
        .map(|n| TAU * f64::from(n) / 90.0)
        .map(|angle| {
            // Pressed together towards the top.
            let narrow = ((1.0 + angle.cos()) / 2.0).powi(2);
            let x = angle.sin() * (1.0 - narrow * 0.75);
            let y = -angle.cos() * if angle.cos() > 0.0 { 1.45 } else { 1.0 };
            (middle.0 + x * radius, middle.1 + y * radius)
        })
        .collect();
    form.canvas.polygons(&[outline], Ink::Fill(0.0));
}
