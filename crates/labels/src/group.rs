//! The blood group as a person reads it across a room: letters large, RhD as a word (negative
//! reversed, Red Book 23.5.1), never a lone sign, never colour; or, in its place, what must not be
//! done with the unit.

use crate::Language;
use crate::canvas::{Align, Canvas, at};
use isbt128::{Abo, AboRhd, DonationType, GroupReading, Rhd, UnitStatus};
use paper::{Face, Ink};
use std::f64::consts::TAU;

/// What stands in the quadrant of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// Large letters, RhD or that it is not given, for whom.
    Group { letters: &'static str, rhd: Option<Rhd>, only: Option<&'static str> },
    /// May be used by few, or by none.
    Notice { word: &'static str, below: &'static str, biohazard: bool },
}

/// What a code says. A code that gives no group says that the unit is not to be used.
pub(crate) fn says(group: &AboRhd) -> Says {
    let notice = |word, below| Says::Notice { word, below, biohazard: false };
    match group.reading() {
        GroupReading::Group { abo, rhd, donation_type } => Says::Group {
            letters: match abo {
                Abo::O => "O",
                Abo::A => "A",
                Abo::B => "B",
                Abo::AB => "AB",
            },
            rhd,
            only: match donation_type {
                DonationType::General => None,
                DonationType::EmergencyOnly => Some("FOR EMERGENCY USE ONLY"),
                DonationType::AutologousOnly => Some("FOR AUTOLOGOUS USE ONLY"),
                DonationType::DirectedOnly => Some("FOR THE NAMED PATIENT ONLY"),
            },
        },
        GroupReading::Bombay { rhd } => {
            Says::Group { letters: "Bombay", rhd: Some(rhd), only: Some("NOT GROUP O") }
        }
        GroupReading::Status { status } => match status {
            UnitStatus::Quarantine => notice("QUARANTINE", "DO NOT USE"),
            UnitStatus::Discard => notice("DISCARD", "DO NOT USE"),
            UnitStatus::NotForTransfusion => notice("NOT FOR TRANSFUSION", "DO NOT USE"),
            UnitStatus::Biohazard => {
                Says::Notice { word: "BIOHAZARD", below: "DO NOT USE", biohazard: true }
            }
            UnitStatus::Autologous => notice("AUTOLOGOUS", "FOR THE DONOR ONLY"),
            UnitStatus::Research => notice("RESEARCH ONLY", "NOT FOR TRANSFUSION"),
        },
        GroupReading::NotGiven | GroupReading::Unlisted => notice("GROUP NOT GIVEN", "DO NOT USE"),
    }
}

/// Whether the unit is for nobody as it stands: the label gets a pattern around it.
pub(crate) fn barred(group: &AboRhd) -> bool {
    match says(group) {
        Says::Group { .. } => false,
        Says::Notice { below, .. } => below != "FOR THE DONOR ONLY",
    }
}

/// The words as text, for lists and small labels: `AB RhD NEGATIVE`.
pub(crate) fn in_words(group: &AboRhd) -> String {
    match says(group) {
        Says::Group { letters, rhd, .. } => format!("{letters} {}", rhd_words(rhd)),
        Says::Notice { word, below, .. } => format!("{word}: {below}"),
    }
}

fn rhd_words(rhd: Option<Rhd>) -> &'static str {
    match rhd {
        Some(Rhd::Positive) => "RhD POSITIVE",
        Some(Rhd::Negative) => "RhD NEGATIVE",
        None => "RhD NOT GIVEN",
    }
}

/// What the code says in the language of the ward, for a line below the English words that the
/// whole world puts on bags.
pub(crate) fn translated(group: &AboRhd, language: Language) -> String {
    let rhd_name = |rhd| match rhd {
        Some(Rhd::Positive) => "unit.positive",
        Some(Rhd::Negative) => "unit.negative",
        None => "unit.rhd_not_given",
    };
    let names: [Option<&'static str>; 2] = match group.reading() {
        GroupReading::Group { rhd, donation_type, .. } => {
            let only = match donation_type {
                DonationType::General => None,
                DonationType::EmergencyOnly => Some("unit.emergency_only"),
                DonationType::AutologousOnly => Some("unit.autologous_only"),
                DonationType::DirectedOnly => Some("unit.directed_only"),
            };
            [Some(rhd_name(rhd)), only]
        }
        GroupReading::Bombay { rhd } => [Some(rhd_name(Some(rhd))), Some("unit.bombay")],
        GroupReading::Status { status } => [
            Some(match status {
                UnitStatus::Quarantine => "unit.quarantine",
                UnitStatus::Discard => "unit.discard",
                UnitStatus::NotForTransfusion => "unit.not_for_transfusion",
                UnitStatus::Biohazard => "unit.biohazard",
                UnitStatus::Autologous => "unit.autologous_only",
                UnitStatus::Research => "unit.research",
            }),
            None,
        ],
        GroupReading::NotGiven | GroupReading::Unlisted => [Some("unit.not_given"), None],
    };
    let words: Vec<&str> = names.into_iter().flatten().map(|name| language.word(name)).collect();
    words.join(" · ")
}

/// Draws the group in a box of this width and height. Looks best from 30 mm on.
pub(crate) fn draw(canvas: &mut Canvas, group: &AboRhd, corner: (f64, f64), size: (f64, f64)) {
    match says(group) {
        Says::Group { letters, rhd, only } => {
            letters_large(canvas, letters, rhd, only, corner, size)
        }
        Says::Notice { word, below, biohazard } => {
            let high = 9.5;
            let room = size.1 - high - 1.0;
            if biohazard {
                let radius = (room - 7.0) / 2.0;
                trefoil(canvas, (corner.0 + size.0 / 2.0, corner.1 + radius), radius);
                let below = (corner.0, corner.1 + room - 6.5);
                in_middle(canvas, word, below, (size.0, 6.5), 0.0);
            } else if let Some((first, rest)) = word.rsplit_once(' ') {
                let (half, width) = (room / 2.0, size.0);
                in_middle(canvas, first, corner, (width, half), 0.0);
                in_middle(canvas, rest, (corner.0, corner.1 + half), (width, half), 0.0);
            } else {
                in_middle(canvas, word, corner, (size.0, room), 0.0);
            }
            reversed(canvas, below, (corner.0, corner.1 + room + 1.0), (size.0, high));
        }
    }
}

fn letters_large(
    canvas: &mut Canvas,
    letters: &str,
    rhd: Option<Rhd>,
    only: Option<&str>,
    corner: (f64, f64),
    size: (f64, f64),
) {
    let word_high = 7.5;
    let only_high = if only.is_some() { 4.2 } else { 0.0 };
    let room = size.1 - word_high - only_high - 1.0;
    // Capitals are 0.73 of their size high, and stand 0.27 below the upper edge of the line.
    let full = (room / 0.76 / crate::canvas::POINT) as f32;
    let face = Face::new(full).bold();
    let wide = canvas.width(letters, face);
    let face =
        if wide > size.0 { Face { size: full * (size.0 / wide) as f32, ..face } } else { face };
    let high = f64::from(face.size) * crate::canvas::POINT;
    let top = corner.1 - high * 0.27 + (room - high * 0.73) / 2.0;
    canvas.words(letters, at(corner.0, top, size.0 + 1.0), face, 1, Align::Middle);
    let below = corner.1 + room + 1.0;
    match rhd {
        Some(Rhd::Negative) => {
            reversed(canvas, rhd_words(rhd), (corner.0, below), (size.0, word_high));
        }
        _ => {
            canvas.frame(corner.0 + 0.2, below + 0.2, size.0 - 0.4, word_high - 0.4, 1.1);
            in_middle(canvas, rhd_words(rhd), (corner.0, below), (size.0, word_high), 0.0);
        }
    }
    if let Some(only) = only {
        let face = Face::new(9.0).bold();
        canvas.fit(only, at(corner.0, below + word_high + 0.3, size.0), face, 5.0, Align::Middle);
    }
}

/// White words on black.
pub(crate) fn reversed(canvas: &mut Canvas, words: &str, corner: (f64, f64), size: (f64, f64)) {
    canvas.fill(corner.0, corner.1, size.0, size.1, 0.0);
    in_middle(canvas, words, corner, size, 1.0);
}

/// One line in the middle of a box.
pub(crate) fn in_middle(
    canvas: &mut Canvas,
    words: &str,
    corner: (f64, f64),
    size: (f64, f64),
    grey: f32,
) {
    let point = crate::canvas::POINT;
    let most = (size.1 * 0.72 / point) as f32;
    let face = Face::new(most).bold().grey(grey);
    let wide = canvas.width(words, face);
    // A margin of a millimetre, less in a small box.
    let room = size.0 - (size.0 * 0.16).min(2.0);
    let face =
        if wide > room { Face { size: most * (room / wide) as f32 * 0.995, ..face } } else { face };
    let high = f64::from(face.size) * point;
    // The middle of the capitals is 0.365 above the base line, which is one size below the top.
    let top = corner.1 + size.1 / 2.0 - high * (1.0 - 0.365);
    let left = corner.0 + (size.0 - room) / 2.0;
    canvas.words(words, at(left, top, room), face, 1, Align::Middle);
}

/// Stripes all around a label: what must not be used is seen before it is read.
pub(crate) fn stripes(canvas: &mut Canvas, size: (f64, f64), deep: f64) {
    const PITCH: f64 = 4.0;
    let along = |length: f64| {
        let many = ((length - deep) / PITCH).floor();
        // A few dozen.
        (0..many as usize).map(|n| n as f64 * PITCH + deep).collect::<Vec<_>>()
    };
    let (width, height) = size;
    let half = PITCH / 2.0;
    for k in along(width) {
        for (outer, inner) in [(0.0, deep), (height, height - deep)] {
            let (a, b) = if outer == 0.0 { (k, k - deep) } else { (k - deep, k) };
            canvas.polygons(
                &[vec![(a, outer), (a + half, outer), (b + half, inner), (b, inner)]],
                Ink::Fill(0.0),
            );
        }
    }
    for k in along(height) {
        for (outer, inner) in [(0.0, deep), (width, width - deep)] {
            let (a, b) = if outer == 0.0 { (k, k - deep) } else { (k - deep, k) };
            canvas.polygons(
                &[vec![(outer, a), (outer, a + half), (inner, b + half), (inner, b)]],
                Ink::Fill(0.0),
            );
        }
    }
    canvas.frame(deep, deep, width - 2.0 * deep, height - 2.0 * deep, 0.8);
}

/// The sign for biohazard, in the proportions of 29 CFR 1910.145(f)(8)(ii).
fn trefoil(canvas: &mut Canvas, middle: (f64, f64), radius: f64) {
    // Of 26 units from the middle to the outermost black.
    let unit = radius / 26.0;
    let turn = |n: u32| TAU * (f64::from(n) / 3.0 - 0.25);
    let point = |angle: f64, far: f64| {
        (middle.0 + angle.cos() * far * unit, middle.1 + angle.sin() * far * unit)
    };
    let circle = |angle: f64, far: f64, r: f64| -> Vec<(f64, f64)> {
        let from = point(angle, far);
        (0..72)
            .map(|n| TAU * f64::from(n) / 72.0)
            .map(|a| (from.0 + a.cos() * r * unit, from.1 + a.sin() * r * unit))
            .collect()
    };
    let strip = |angle: f64, from: f64, to: f64, wide: f64| -> Vec<(f64, f64)> {
        let side = |far: f64, half: f64| {
            let (x, y) = point(angle, far);
            (x - angle.sin() * half * unit, y + angle.cos() * half * unit)
        };
        let half = wide / 2.0;
        vec![side(from, -half), side(to, -half), side(to, half), side(from, half)]
    };
    for n in 0..3 {
        canvas.polygons(&[circle(turn(n), 11.0, 15.0)], Ink::Fill(0.0));
    }
    for n in 0..3 {
        canvas.polygons(&[circle(turn(n), 15.0, 10.5)], Ink::Fill(1.0));
        canvas.polygons(&[strip(turn(n), 0.0, 6.0, 1.0)], Ink::Fill(1.0));
        canvas.polygons(&[strip(turn(n), 20.0, 28.0, 4.0)], Ink::Fill(1.0));
    }
    canvas.polygons(&[circle(0.0, 0.0, 3.0)], Ink::Fill(1.0));
    // The ring, where it runs through the open circles, a unit away from their edge.
    let reach = |far: f64| {
        let cosine = (far * far + 15.0 * 15.0 - 9.5 * 9.5) / (2.0 * far * 15.0);
        cosine.clamp(-1.0, 1.0).acos()
    };
    for n in 0..3 {
        let arc = |far: f64| {
            let wide = reach(far);
            (0..=24).map(move |k| (f64::from(k) / 12.0 - 1.0) * wide).map(move |a| (far, a))
        };
        let outline = arc(14.5).chain(arc(11.0).collect::<Vec<_>>().into_iter().rev());
        let corners = outline.map(|(far, angle)| point(turn(n) + angle, far)).collect();
        canvas.polygons(&[corners], Ink::Fill(0.0));
    }
}
