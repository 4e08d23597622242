//! The written report of a study: a draft that changes until somebody signs it, a signed text that
//! never changes again, and addenda behind it. What a template says is the page's; here it is only
//! named, so that a report reads the same when its template has changed.

use crate::study::Refused;
use kernel::Instant;
use serde::{Deserialize, Serialize};

/// Bytes of one section or addendum: about four printed pages.
pub const MOST_TEXT: usize = 16 * 1024;
pub const MOST_SECTIONS: usize = 12;

/// One heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// `technique`, `comparison`, `findings`, `impression`, ...: lower-case letters, digits and `_`.
    pub name: String,
    /// As written. Line breaks are kept, nothing in it is markup.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The template it was begun with, by name.
    pub template: String,
    /// In the order in which they are read.
    pub sections: Vec<Section>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub by: String,
    pub at: Instant,
}

/// What somebody had to add after the signature. It never replaces what was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addendum {
    pub text: String,
    pub by: String,
    pub at: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub content: Content,
    /// Counts what was saved, drafts and signature alike; whoever saves names what they started from.
    pub revision: u32,
    /// Who wrote the last word of the draft, and when.
    pub by: String,
    pub at: Instant,
    pub signed: Option<Signature>,
    pub addenda: Vec<Addendum>,
}

fn is_name(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

impl Content {
    fn check(&self) -> Result<(), Refused> {
        let twice = |i: usize, s: &Section| self.sections.iter().take(i).any(|o| o.name == s.name);
        let fits = is_name(&self.template)
            && self.sections.len() <= MOST_SECTIONS
            && self
                .sections
                .iter()
                .enumerate()
                .all(|(i, s)| is_name(&s.name) && s.text.len() <= MOST_TEXT && !twice(i, s));
        if fits { Ok(()) } else { Err(Refused::ReportUnfit) }
    }

    fn is_empty(&self) -> bool {
        self.sections.iter().all(|s| s.text.trim().is_empty())
    }
}

/// May this become the text of the report? `revision` is what the writer started from; 0 for none.
fn writable(report: Option<&Report>, content: &Content, revision: u32) -> Result<(), Refused> {
    content.check()?;
    if report.is_some_and(|r| r.signed.is_some()) {
        return Err(Refused::ReportSigned);
    }
    // Two people write at once: the second one is told instead of wiping out the first.
    if report.map_or(0, |r| r.revision) != revision {
        return Err(Refused::ReportChanged);
    }
    Ok(())
}

pub(crate) fn draft(
    report: Option<&Report>,
    content: &Content,
    revision: u32,
) -> Result<(), Refused> {
    writable(report, content, revision)
}

/// The text that is signed travels with the signature: nobody signs what they did not see.
pub(crate) fn sign(
    report: Option<&Report>,
    content: &Content,
    revision: u32,
) -> Result<(), Refused> {
    writable(report, content, revision)?;
    if content.is_empty() { Err(Refused::ReportEmpty) } else { Ok(()) }
}

pub(crate) fn addend(report: Option<&Report>, text: &str) -> Result<(), Refused> {
    if report.is_none_or(|r| r.signed.is_none()) {
        return Err(Refused::ReportNotSigned);
    }
    match text.trim() {
        "" => Err(Refused::ReportEmpty),
        _ if text.len() > MOST_TEXT => Err(Refused::ReportUnfit),
        _ => Ok(()),
    }
}

pub(crate) fn written(old: Option<Report>, content: &Content, mark: &Signature) -> Report {
    Report {
        content: content.clone(),
        revision: old.map_or(0, |r| r.revision).saturating_add(1),
        by: mark.by.clone(),
        at: mark.at,
        signed: None,
        addenda: vec![],
    }
}

#[cfg(test)]
mod tests {
    use crate::study::{Command, Event, Refused, Study, apply, decide};

    use super::*;

    fn at(minute: i64) -> Instant {
        kernel::of_micros(1_700_000_000_000_000 + minute * 60_000_000)
    }

    fn study() -> Study {
        serde_json::from_value(serde_json::json!({
            "id": uuid::Uuid::from_u128(4), "patient": null, "file_patient_name": null,
            "file_patient_id": null, "file_age_years": null, "modality": "DX",
            "body_part": "CHEST", "taken_on": null, "added_at": at(0),
            "images": [], "analyses": []
        }))
        .expect("a study")
    }

    fn content(text: &str) -> Content {
        let section = |name: &str, text: &str| Section { name: name.into(), text: text.into() };
        Content {
            template: "chest".into(),
            sections: vec![section("findings", text), section("impression", "")],
        }
    }

    fn draft(text: &str, revision: u32) -> Command {
        Command::ReportDraft { content: content(text), revision }
    }
    fn sign(text: &str, revision: u32) -> Command {
        Command::ReportSign { content: content(text), revision }
    }
    fn addend(text: &str) -> Command {
        Command::ReportAddend { text: text.into() }
    }

    /// What the study is after these commands of one person, each a minute after the other.
    fn after(commands: &[Command]) -> Result<Study, Refused> {
        let mut study = study();
        for (minute, command) in (1..).zip(commands) {
            for event in decide(Some(&study), command, "khan", at(minute))? {
                study = apply(Some(study), &event).expect("still a study");
            }
        }
        Ok(study)
    }

    #[test]
    fn a_draft_changes_until_it_is_signed_and_then_never_again() {
        let signed = after(&[draft("one", 0), draft("two", 1), sign("three", 2)]).expect("signs");
        let report = signed.report.clone().expect("a report");
        assert_eq!(report.content, content("three"));
        assert_eq!(report.signed, Some(Signature { by: "khan".into(), at: at(3) }));
        for late in [draft("four", 3), sign("four", 3), draft("four", 0)] {
            assert_eq!(
                decide(Some(&signed), &late, "ferreira", at(9)),
                Err(Refused::ReportSigned),
                "{late:?}"
            );
        }
        let added = after(&[sign("three", 0), addend("one more thing"), addend("and another")])
            .expect("adds")
            .report
            .expect("a report");
        assert_eq!(added.content, content("three"), "an addendum leaves the signed text alone");
        let said: Vec<_> = added.addenda.iter().map(|a| a.text.as_str()).collect();
        assert_eq!(said, ["one more thing", "and another"]);
    }

    #[test]
    fn whoever_writes_from_an_older_draft_is_told_and_wipes_out_nothing() {
        let once = after(&[draft("hers", 0)]).expect("saves");
        for stale in [draft("his", 0), sign("his", 0), draft("his", 7)] {
            assert_eq!(
                decide(Some(&once), &stale, "ferreira", at(9)),
                Err(Refused::ReportChanged),
                "{stale:?}"
            );
        }
    }

    #[test]
    fn nothing_is_signed_empty_and_nothing_added_to_what_is_not_signed() {
        assert_eq!(after(&[sign(" \n\t", 0)]), Err(Refused::ReportEmpty));
        assert_eq!(after(&[addend("late")]), Err(Refused::ReportNotSigned));
        assert_eq!(after(&[draft("one", 0), addend("late")]), Err(Refused::ReportNotSigned));
        assert_eq!(after(&[sign("one", 0), addend("  ")]), Err(Refused::ReportEmpty));
        assert!(after(&[draft("", 0)]).is_ok(), "a draft may still be empty");
    }

    #[test]
    fn names_lengths_and_headings_have_limits() {
        let one = |name: &str, text: String| Content {
            template: "chest".into(),
            sections: vec![Section { name: name.into(), text }],
        };
        let long = "x".repeat(MOST_TEXT + 1);
        let mut twice = content("a");
        twice.sections[1].name = "findings".into();
        let many = Content {
            template: "chest".into(),
            sections: (0..=MOST_SECTIONS)
                .map(|n| Section { name: format!("s{n}"), text: String::new() })
                .collect(),
        };
        let nameless = Content { template: String::new(), sections: vec![] };
        for bad in [one("Findings", "a".into()), one("", "a".into()), one("findings", long.clone())]
            .into_iter()
            .chain([twice, many, nameless])
        {
            let command = Command::ReportDraft { content: bad, revision: 0 };
            assert_eq!(after(std::slice::from_ref(&command)), Err(Refused::ReportUnfit));
        }
        assert_eq!(after(&[sign("one", 0), addend(&long)]), Err(Refused::ReportUnfit));
        assert!(
            after(&[Command::ReportDraft {
                content: one("findings", "x".repeat(MOST_TEXT)),
                revision: 0
            }])
            .is_ok()
        );
    }

    #[test]
    fn a_study_without_a_report_is_stored_as_it_always_was() {
        let text = serde_json::to_string(&study()).expect("writes");
        assert!(!text.contains("report"), "{text}");
        assert!(matches!(
            decide(Some(&study()), &draft("one", 0), "khan", at(1)).as_deref(),
            Ok([Event::ReportDrafted { .. }])
        ));
    }
}
