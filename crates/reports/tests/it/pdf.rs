//! The page: its form by hand, its text through poppler's `pdftotext` where that is installed.

use crate::sample::{bare, finding, keep, report, signed, silent};
use reports::{Outcome, Report, pdf};
use std::process::Command;

/// Where the cross-reference table says that objects begin.
fn offsets(bytes: &[u8]) -> Vec<usize> {
    let text = String::from_utf8_lossy(bytes);
    let start: usize = text
        .rsplit("startxref\n")
        .next()
        .and_then(|rest| rest.lines().next()?.parse().ok())
        .expect("startxref");
    let table = String::from_utf8_lossy(&bytes[start..]).into_owned();
    assert!(table.starts_with("xref"));
    table
        .lines()
        .filter(|line| line.trim_end().ends_with(" n"))
        .map(|line| line[..10].parse().expect("an offset"))
        .collect()
}

#[test]
fn the_file_is_one_page_whose_table_of_objects_is_right() {
    for (name, report) in
        [("findings", report()), ("signed", signed()), ("silent", silent()), ("bare", bare())]
    {
        let bytes = pdf(&report);
        keep(&format!("{name}.pdf"), &bytes);
        assert!(bytes.starts_with(b"%PDF-1.7") && bytes.trim_ascii_end().ends_with(b"%%EOF"));
        let offsets = offsets(&bytes);
        assert!(offsets.len() >= 10, "{}", offsets.len());
        for offset in offsets {
            let head = String::from_utf8_lossy(&bytes[offset..(offset + 20).min(bytes.len())]);
            assert!(head.contains(" 0 obj"), "{name}: {head}");
        }
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(text.matches("/Type /Page\n").count(), 1, "one page");
        assert!(!text.contains("Haddad") && !text.contains("HADDAD"), "no name in the clear parts");
        assert!(bytes.len() < 300_000, "{}", bytes.len());
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert_eq!(pdf(&report()), pdf(&report()));
    assert_ne!(pdf(&report()), pdf(&signed()));
}

/// What a person can select on the page, or nothing where `pdftotext` is not installed.
fn read(report: &Report) -> Option<String> {
    pdftotext(report, "-layout")
}

fn pdftotext(report: &Report, how: &str) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, pdf(report)).expect("written");
    let Ok(out) = Command::new("pdftotext").arg(how).arg(&path).arg("-").output() else {
        eprintln!("SKIPPED 1 check: pdftotext (poppler-utils) is not installed");
        return None;
    };
    let complaints = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success() && complaints.is_empty(), "{complaints}");
    Some(String::from_utf8(out.stdout).expect("UTF-8"))
}

#[test]
fn everything_that_matters_can_be_selected() {
    let Some(text) = read(&signed()) else { return };
    for words in [
        "HADDAD, Nour",
        "05-Mar-2019",
        "Female",
        "H-000123",
        "04-Feb-2026",
        "Bacterial pneumonia",
        "81.25 %",
        "likely",
        "open-resnet50 0.2.0",
        "chest_xray_pneumonia",
        "Not a diagnosis",
        "Dr. Amal <Senior>",
        "05-Feb-2026 09:00 +02:00",
        "Clinic of Example & Sons",
    ] {
        assert!(text.contains(words), "{words} is not in:\n{text}");
    }
    let unsigned = read(&report()).expect("installed a moment ago");
    assert!(unsigned.contains("Not signed by anybody"), "{unsigned}");
}

#[test]
fn a_name_from_right_to_left_is_selected_in_its_own_order() {
    let mut arabic = report();
    arabic.patient.family = Some("الحداد".into());
    arabic.patient.given = Some("نور".into());
    keep("arabic.pdf", &pdf(&arabic));
    let Some(text) = read(&arabic) else { return };
    for name in ["الحداد", "نور"] {
        assert!(text.contains(name), "{name} is not in:\n{text}");
    }
}

#[test]
fn silence_does_not_read_as_nothing_found() {
    let Some(text) = read(&silent()) else { return };
    assert!(text.contains("Not assessed") && text.contains("This is not a chest X-ray"), "{text}");
    assert!(!text.contains('%'), "no number where nothing was computed:\n{text}");
}

#[test]
fn too_much_text_is_shortened_and_never_leaves_the_page_or_panics() {
    let mut long = report();
    let many = |n: usize| finding("x", &format!("Condition number {n} with a long name"), None, 10);
    long.outcome = Outcome::Assessed((0..40).map(many).collect());
    long.intended_use = "very long ".repeat(500);
    long.patient.family = Some("Wolfeschlegelsteinhausenbergerdorff".repeat(20));
    long.patient.number = Some("\u{0}\n\u{202e}9".into());
    long.facility = String::new();
    long.outside_intended_use = Some("x".repeat(5000));
    keep("long.pdf", &pdf(&long));
    let Some(text) = read(&long) else { return };
    assert!(text.contains("and 24 more") && text.contains('…'), "{text}");
    assert!(text.contains("Page 1 of 1"), "{text}");
    let boxes = pdftotext(&long, "-bbox").expect("installed a moment ago");
    let ends: Vec<f32> = boxes
        .split("xMax=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().and_then(|n| n.parse().ok()).expect("a number"))
        .collect();
    assert!(ends.len() > 100);
    assert!(ends.iter().all(|end| *end < 554.0), "beyond the margin: {ends:?}");
}
