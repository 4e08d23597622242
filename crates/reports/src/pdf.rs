//! The report on one page, for a person: whom, which picture, what was computed by what, and that it
//! is no diagnosis. In English; names in any script the fonts have, from the right where they run so.

mod letters;
mod page;

use crate::{ASSISTS, Finding, Outcome, Report, Sex};
use page::{Facts, HEIGHT, Page, WIDTH};
use std::collections::VecDeque;

const MARGIN: f32 = 42.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// Lines are this many times the size of their letters apart.
const LEADING: f32 = 1.35;
/// More do not fit one page; the rest is counted.
const MOST_FINDINGS: usize = 16;
/// Of one piece of text; no page holds more, and each is shaped several times.
const MOST_LETTERS: usize = 2000;
const BLACK: f32 = 0.0;
const QUIET: f32 = 0.35;

/// The page as a PDF file, the same bytes for the same report.
#[must_use]
pub fn pdf(report: &Report) -> Vec<u8> {
    let mut sheet = Sheet { page: Page::new(), y: MARGIN };
    sheet.head(report);
    sheet.people(report);
    sheet.findings(report);
    sheet.model(report);
    sheet.foot(report);
    let facts = Facts {
        title: "Findings of a model, not a diagnosis",
        maker: &report.maker,
        made_at: report.made_at,
    };
    sheet.page.finish(&facts)
}

/// The page and how far down it is written.
struct Sheet {
    page: Page,
    y: f32,
}

impl Sheet {
    /// Words that break into at most `most` lines within `width`; returns the height they take. What
    /// does not fit ends in an ellipsis.
    fn words(&mut self, text: &str, x: f32, width: f32, face: Face, most: usize) -> f32 {
        let lines = self.lines(text, width, face, most);
        for (n, line) in (0_u16..).zip(&lines) {
            let shaped = self.page.letters.shape(line, face.bold);
            let base = self.y + face.size * (1.0 + f32::from(n) * LEADING);
            self.page.line(&shaped, x, base, face.size, face.grey);
        }
        lines.len() as f32 * face.size * LEADING
    }

    fn lines(&self, text: &str, width: f32, face: Face, most: usize) -> Vec<String> {
        let text: String = text.chars().take(MOST_LETTERS).collect();
        let mut words: VecDeque<String> = text.split_whitespace().map(str::to_owned).collect();
        let mut lines = vec![];
        while !words.is_empty() && lines.len() < most {
            let mut line = String::new();
            while let Some(word) = words.front() {
                let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
                if self.width(&longer, face) <= width {
                    line = longer;
                    words.pop_front();
                    continue;
                }
                if line.is_empty() {
                    // One word that is longer than a line, such as a hash: it is cut where it must.
                    let (head, tail) = self.cut(word, width, face);
                    words[0] = tail;
                    line = head;
                }
                break;
            }
            lines.push(line);
        }
        if let Some(last) = lines.last_mut().filter(|_| !words.is_empty()) {
            let room = width - self.width("…", face);
            *last = self.cut(last, room, face).0 + "…";
        }
        lines
    }

    fn width(&self, text: &str, face: Face) -> f32 {
        self.page.letters.shape(text, face.bold).width() * face.size / 1000.0
    }

    /// As much of a text as fits, at least one letter, and the rest.
    fn cut(&self, text: &str, width: f32, face: Face) -> (String, String) {
        let mut end = 0;
        if self.width(text, face) <= width {
            return (text.to_owned(), String::new());
        }
        for (place, letter) in text.char_indices() {
            let next = place + letter.len_utf8();
            if end > 0 && self.width(&text[..next], face) > width {
                break;
            }
            end = next;
        }
        (text[..end].trim_end().to_owned(), text[end..].to_owned())
    }

    /// Words over the whole width; the page goes on below them.
    fn say(&mut self, text: &str, face: Face, most: usize) {
        self.y += self.words(text, MARGIN, INNER, face, most);
    }

    /// A small label and a louder value below it; returns their height.
    fn field(&mut self, label: &str, value: &str, x: f32, width: f32) -> f32 {
        let top = self.y;
        self.y += self.words(label, x, width, Face::small(), 1);
        self.y += self.words(value, x, width, Face::value(), 2);
        let height = self.y - top;
        self.y = top;
        height
    }

    /// Fields side by side, each with its share of the width.
    fn row(&mut self, fields: &[(&str, String, f32)]) {
        let (mut x, mut height) = (MARGIN, 0_f32);
        for (label, value, share) in fields {
            height = height.max(self.field(label, value, x, INNER * share - 8.0));
            x += INNER * share;
        }
        self.y += height + 4.0;
    }

    fn boxed(&mut self, text: &str) {
        let top = self.y;
        self.y += 6.0;
        self.y += self.words(text, MARGIN + 8.0, INNER - 16.0, Face::strong(), 4);
        self.y += 4.0;
        self.page.frame(MARGIN, top, INNER, self.y - top);
        self.y += 10.0;
    }

    fn heading(&mut self, text: &str) {
        self.y += 6.0;
        self.page.bar(MARGIN, self.y, INNER, 0.6, QUIET);
        self.y += 6.0;
        self.say(text, Face::strong(), 1);
        self.y += 2.0;
    }

    fn head(&mut self, report: &Report) {
        self.say(&report.facility, Face::small(), 1);
        self.say("Findings of a model", Face { size: 17.0, bold: true, grey: BLACK }, 1);
        self.y += 4.0;
        self.boxed(ASSISTS);
    }

    fn people(&mut self, report: &Report) {
        let known = |text: Option<&str>| match text.map(str::trim) {
            None | Some("") => "Not recorded".to_owned(),
            Some(text) => text.to_owned(),
        };
        let patient = &report.patient;
        let sex = match patient.sex {
            Sex::Female => "Female",
            Sex::Male => "Male",
            Sex::Other => "Other",
            Sex::Unknown => "Not known",
        };
        let whose = match patient.unconfirmed {
            true => "Patient as written in the file, not confirmed",
            false => "Patient",
        };
        self.row(&[
            (whose, patient.display(), 0.44),
            ("Born", patient.birth_date.map_or("Not known".into(), |date| date.words()), 0.18),
            ("Sex", sex.into(), 0.14),
            ("Number", known(patient.number.as_deref()), 0.24),
        ]);
        let study = &report.study;
        let kind = [study.modality.as_deref(), study.body_part.as_deref()];
        let kind: Vec<&str> = kind.into_iter().flatten().collect();
        self.row(&[
            (
                "Study of",
                study.date.map_or("Not known".into(), |day| day.format("%d-%b-%Y").to_string()),
                0.18,
            ),
            ("Kind", known(Some(&kind.join(", "))), 0.26),
            ("Accession number", known(study.accession_number.as_deref()), 0.2),
            ("Study UID", known(study.uid.as_deref()), 0.36),
        ]);
    }

    fn findings(&mut self, report: &Report) {
        if let Some(why) = &report.outside_intended_use {
            self.boxed(&format!("Outside the intended use of the pack: {why}."));
        }
        let findings = report.findings();
        match &report.outcome {
            Outcome::NotAssessed { why, .. } => {
                self.heading("Not assessed");
                self.say(why, Face::value(), 4);
                self.say("Nothing is known about this picture from the model.", Face::plain(), 1);
            }
            Outcome::Assessed(_) => {
                self.heading("Calibrated probability of each class that the model knows");
                for finding in findings.iter().take(MOST_FINDINGS) {
                    self.finding(finding);
                }
                if let Some(rest @ 1..) = findings.len().checked_sub(MOST_FINDINGS) {
                    self.say(&format!("and {rest} more, less probable"), Face::small(), 1);
                }
                let note = "What the model was not asked is not assessed.";
                self.say(note, Face::small(), 1);
            }
        }
    }

    /// Name, a bar of 100 points, per cent, word.
    fn finding(&mut self, finding: &Finding) {
        let bar = MARGIN + INNER * 0.52;
        let height = self.words(&finding.name, MARGIN, INNER * 0.5, Face::plain(), 2);
        self.page.bar(bar, self.y + 3.0, 100.0, 6.0, 0.88);
        let share = (finding.probability() * 100.0) as f32;
        if share > 0.0 {
            self.page.bar(bar, self.y + 3.0, share, 6.0, 0.3);
        }
        self.words(&format!("{} %", finding.percent()), bar + 110.0, 50.0, Face::plain(), 1);
        self.words(&finding.word, bar + 164.0, INNER * 0.48 - 164.0, Face::plain(), 1);
        self.y += height + 2.0;
    }

    fn model(&mut self, report: &Report) {
        let pack = &report.pack;
        self.heading("What computed it");
        self.row(&[
            ("Pack", format!("{} {}", pack.id, pack.version), 0.4),
            ("Task", pack.task.clone(), 0.35),
            ("Network", pack.network.clone(), 0.25),
        ]);
        self.say(&format!("SHA-256 {}", pack.sha256), Face::small(), 2);
        self.y += 4.0;
        self.say("Intended use", Face::small(), 1);
        self.say(&report.intended_use, Face::plain(), 5);
    }

    fn foot(&mut self, report: &Report) {
        let time = |at: &chrono::DateTime<chrono::FixedOffset>| at.format("%d-%b-%Y %H:%M %:z");
        self.heading("Read by");
        match &report.signed {
            Some(signed) => {
                let text = format!("{}, {}", signed.name, time(&signed.at));
                self.say(&text, Face::value(), 2);
                self.say("confirms having read these findings.", Face::small(), 1);
            }
            None => self.say("Not signed by anybody.", Face::value(), 1),
        }
        if self.page.missing {
            let note = "Letters shown as boxes are in none of the fonts of this program; the record has them.";
            self.say(note, Face::small(), 2);
        }
        self.y = HEIGHT - MARGIN - 2.0 * Face::small().size * LEADING;
        let made = format!(
            "Computed {} by {}. Analysis {}.",
            time(&report.made_at),
            report.maker,
            report.id
        );
        self.say(&made, Face::small(), 1);
        self.say("Page 1 of 1", Face::small(), 1);
    }
}

/// How words look.
#[derive(Clone, Copy)]
struct Face {
    /// In points.
    size: f32,
    bold: bool,
    /// 0 black, 1 white.
    grey: f32,
}

impl Face {
    const fn small() -> Self {
        Self { size: 8.0, bold: false, grey: QUIET }
    }
    const fn plain() -> Self {
        Self { size: 10.0, bold: false, grey: BLACK }
    }
    const fn strong() -> Self {
        Self { size: 10.0, bold: true, grey: BLACK }
    }
    const fn value() -> Self {
        Self { size: 11.0, bold: true, grey: BLACK }
    }
}
