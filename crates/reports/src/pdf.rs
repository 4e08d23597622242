//! The report on one page, for a person: whom, which picture, what was computed by what, and that it
//! is no diagnosis. In English; names in any script the fonts have, from the right where they run so.

use crate::{ASSISTS, Finding, Outcome, Report, Sex};
use paper::flow::{self, LEADING};
use paper::{Document, Face, Facts, Size};

const MARGIN: f32 = 42.0;
const INNER: f32 = Size::A4.width - 2.0 * MARGIN;
/// More do not fit one page; the rest is counted.
const MOST_FINDINGS: usize = 16;
const QUIET: f32 = 0.35;
const SMALL: Face = Face::new(8.0).grey(QUIET);
const PLAIN: Face = Face::new(10.0);
const STRONG: Face = PLAIN.bold();
const VALUE: Face = Face::new(11.0).bold();

/// The page as a PDF file, the same bytes for the same report.
#[must_use]
pub fn pdf(report: &Report) -> Vec<u8> {
    let mut sheet = Sheet { page: Document::new(Size::A4), y: MARGIN };
    sheet.head(report);
    sheet.people(report);
    sheet.findings(report);
    sheet.model(report);
    sheet.foot(report);
    let facts = Facts {
        title: "Findings of a model, not a diagnosis",
        maker: &report.maker,
        made_at: report.made_at,
        language: "en",
    };
    sheet.page.finish(&facts)
}

/// The page and how far down it is written.
struct Sheet {
    page: Document,
    y: f32,
}

impl Sheet {
    /// Words that break into at most `most` lines within `width`; returns the height they take. What
    /// does not fit ends in an ellipsis.
    fn words(&mut self, text: &str, x: f32, width: f32, face: Face, most: usize) -> f32 {
        let lines = flow::lines(&self.page.letters, text, width, face, most);
        for (n, line) in (0_u16..).zip(&lines) {
            let shaped = self.page.letters.shape(line, face.bold);
            let base = self.y + face.size * (1.0 + f32::from(n) * LEADING);
            self.page.line(&shaped, x, base, face.size, face.grey);
        }
        lines.len() as f32 * face.size * LEADING
    }

    /// Words over the whole width; the page goes on below them.
    fn say(&mut self, text: &str, face: Face, most: usize) {
        self.y += self.words(text, MARGIN, INNER, face, most);
    }

    /// A small label and a louder value below it; returns their height.
    fn field(&mut self, label: &str, value: &str, x: f32, width: f32) -> f32 {
        let top = self.y;
        self.y += self.words(label, x, width, SMALL, 1);
        self.y += self.words(value, x, width, VALUE, 2);
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
        self.y += self.words(text, MARGIN + 8.0, INNER - 16.0, STRONG, 4);
        self.y += 4.0;
        self.page.frame(MARGIN, top, INNER, self.y - top);
        self.y += 10.0;
    }

    fn heading(&mut self, text: &str) {
        self.y += 6.0;
        self.page.bar(MARGIN, self.y, INNER, 0.6, QUIET);
        self.y += 6.0;
        self.say(text, STRONG, 1);
        self.y += 2.0;
    }

    fn head(&mut self, report: &Report) {
        self.say(&report.facility, SMALL, 1);
        self.say("Findings of a model", Face::new(17.0).bold(), 1);
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
                self.say(why, VALUE, 4);
                self.say("Nothing is known about this picture from the model.", PLAIN, 1);
            }
            Outcome::Assessed(_) => {
                self.heading("Calibrated probability of each class that the model knows");
                for finding in findings.iter().take(MOST_FINDINGS) {
                    self.finding(finding);
                }
                if let Some(rest @ 1..) = findings.len().checked_sub(MOST_FINDINGS) {
                    self.say(&format!("and {rest} more, less probable"), SMALL, 1);
                }
                let note = "What the model was not asked is not assessed.";
                self.say(note, SMALL, 1);
            }
        }
    }

    /// Name, a bar of 100 points, per cent, word.
    fn finding(&mut self, finding: &Finding) {
        let bar = MARGIN + INNER * 0.52;
        let height = self.words(&finding.name, MARGIN, INNER * 0.5, PLAIN, 2);
        self.page.bar(bar, self.y + 3.0, 100.0, 6.0, 0.88);
        let share = (finding.probability() * 100.0) as f32;
        if share > 0.0 {
            self.page.bar(bar, self.y + 3.0, share, 6.0, 0.3);
        }
        self.words(&format!("{} %", finding.percent()), bar + 110.0, 50.0, PLAIN, 1);
        self.words(&finding.word, bar + 164.0, INNER * 0.48 - 164.0, PLAIN, 1);
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
        self.say(&format!("SHA-256 {}", pack.sha256), SMALL, 2);
        self.y += 4.0;
        self.say("Intended use", SMALL, 1);
        self.say(&report.intended_use, PLAIN, 5);
    }

    fn foot(&mut self, report: &Report) {
        let time = |at: &chrono::DateTime<chrono::FixedOffset>| at.format("%d-%b-%Y %H:%M %:z");
        self.heading("Read by");
        match &report.signed {
            Some(signed) => {
                let text = format!("{}, {}", signed.name, time(&signed.at));
                self.say(&text, VALUE, 2);
                self.say("confirms having read these findings.", SMALL, 1);
            }
            None => self.say("Not signed by anybody.", VALUE, 1),
        }
        if self.page.missing {
            let note = "Letters shown as boxes are in none of the fonts of this program; the record has them.";
            self.say(note, SMALL, 2);
        }
        self.y = Size::A4.height - MARGIN - 2.0 * SMALL.size * LEADING;
        let made = format!(
            "Computed {} by {}. Analysis {}.",
            time(&report.made_at),
            report.maker,
            report.id
        );
        self.say(&made, SMALL, 1);
        self.say("Page 1 of 1", SMALL, 1);
    }
}
