//! The label of a unit.

use crate::sample::{PRINTERS, group, job, keep, unit, words};
use isbt128::{Abo, AboRhd, Rhd, Scan, read};
use labels::{
    Error, Kind, Language, Media, Misread, Printer, UnitLabel, read_back, unit_label, unit_labels,
};

fn roll(label: &UnitLabel) -> labels::Printed {
    unit_label(&job(Printer::Dots203, Media::Roll), label).expect("a label")
}

#[test]
fn all_four_barcodes_and_the_square_are_read_back_for_every_printer() {
    for printer in PRINTERS {
        for media in [Media::Roll, Media::A4] {
            let printed = unit_label(&job(printer, media), &unit()).expect("a label");
            keep(&format!("unit-{printer:?}-{media:?}.pdf"), &printed);
            assert_eq!(printed.symbols.len(), 5);
            assert_eq!(read_back(&printed), Ok(()), "{printer:?} {media:?}");
        }
    }
}

#[test]
fn the_square_says_what_the_four_say() {
    let printed = roll(&unit());
    let texts =
        |kind| printed.symbols.iter().filter(move |s| s.kind == kind).map(|s| s.text.as_str());
    let lines: Vec<Scan> =
        texts(Kind::Code128).flat_map(|text| read(text).expect("ISBT 128")).collect();
    let square: Vec<Scan> =
        texts(Kind::DataMatrix).flat_map(|text| read(text).expect("ISBT 128")).collect();
    assert_eq!(lines, unit().scans());
    assert_eq!(square, unit().scans());
}

#[test]
fn every_group_and_every_status_is_said_in_words() {
    let mut labels = vec![];
    let mut expected = vec![];
    for (abo, letters) in [(Abo::O, "O"), (Abo::A, "A"), (Abo::B, "B"), (Abo::AB, "AB")] {
        for (rhd, word) in [(Rhd::Positive, "RhD POSITIVE"), (Rhd::Negative, "RhD NEGATIVE")] {
            labels.push(UnitLabel { group: group(abo, rhd), ..unit() });
            expected.push(vec![letters, word]);
        }
    }
    for (code, said) in [
        ("Mq00", vec!["QUARANTINE", "DO NOT USE"]),
        ("Md00", vec!["DISCARD", "DO NOT USE"]),
        ("Mx00", vec!["NOT FOR", "TRANSFUSION", "DO NOT USE"]),
        ("Mb00", vec!["BIOHAZARD", "DO NOT USE"]),
        ("Ma00", vec!["AUTOLOGOUS", "FOR THE DONOR ONLY"]),
        ("Mr00", vec!["RESEARCH", "NOT FOR TRANSFUSION"]),
        ("0000", vec!["GROUP NOT", "GIVEN", "DO NOT USE"]),
        ("Zz00", vec!["GROUP NOT", "GIVEN", "DO NOT USE"]),
        ("H600", vec!["Bombay", "RhD POSITIVE", "NOT GROUP O"]),
        ("9700", vec!["O", "RhD NEGATIVE", "FOR AUTOLOGOUS USE ONLY"]),
        ("6600", vec!["A", "RhD NOT GIVEN"]),
    ] {
        labels.push(UnitLabel { group: AboRhd::new(code).expect("a code"), ..unit() });
        expected.push(said);
    }
    for (label, said) in labels.iter().zip(&expected) {
        let printed = roll(label);
        assert_eq!(read_back(&printed), Ok(()), "{said:?}");
        let Some(text) = words(&printed) else { return };
        for word in said {
            assert!(text.contains(word), "{word} is not in:\n{text}");
        }
        let usable = !said.iter().any(|word| word.contains("DO NOT"));
        assert_eq!(text.contains("DO NOT USE"), !usable, "{said:?}");
    }
    assert_eq!(labels[0].group_in_words(), "O RhD POSITIVE");
    assert_eq!(labels[8].group_in_words(), "QUARANTINE: DO NOT USE");
    let sheet = unit_labels(&job(Printer::Office, Media::A4), &labels).expect("labels");
    keep("units-all.pdf", &sheet);
    assert_eq!(sheet.pages, 5);
    assert_eq!(read_back(&sheet), Ok(()));
}

#[test]
fn in_another_language_the_english_words_stay_and_the_others_stand_below() {
    let job = labels::Job { language: Language::Arabic, ..job(Printer::Dots203, Media::A4) };
    let codes = ["2800", "Mq00", "Mb00", "H600", "4800", "0000"];
    let all = codes.map(|code| UnitLabel { group: AboRhd::new(code).expect("a code"), ..unit() });
    let printed = unit_labels(&job, &all).expect("labels");
    keep("units-arabic.pdf", &printed);
    assert_eq!((read_back(&printed), printed.missing), (Ok(()), false));
    let Some(text) = words(&printed) else { return };
    for word in [
        "RhD NEGATIVE",
        "سالب",
        "QUARANTINE",
        "حجر",
        "BIOHAZARD",
        "بومباي",
        "للطوارئ",
        "02-Jan-2027",
    ] {
        assert!(text.contains(word), "{word} is not in:\n{text}");
    }
}

#[test]
fn without_a_table_a_label_is_not_isbt_128_and_says_so() {
    let Some(text) = words(&roll(&unit())) else { return };
    assert!(text.contains("NOT ISBT 128") && text.contains("D1001V00 · LOCAL CODE"), "{text}");
    let mut licensed = unit();
    licensed.product.code = "E0336V00".parse().expect("a code");
    let refused = unit_label(&job(Printer::Dots203, Media::Roll), &licensed);
    assert_eq!(refused, Err(Error::NeedsTable { code: "E0336V00".into() }));
    licensed.product.table = Some("2026.1".into());
    let text = words(&roll(&licensed)).expect("installed a moment ago");
    assert!(!text.contains("NOT ISBT") && !text.contains("LOCAL"), "{text}");
    licensed.product.code = "E0336V99".parse().expect("a code");
    let refused = unit_label(&job(Printer::Dots203, Media::Roll), &licensed);
    assert_eq!(refused, Err(Error::NeedsDivision { code: "E0336V99".into() }));
}

#[test]
fn a_person_reads_what_the_scanner_reads() {
    let Some(text) = words(&roll(&unit())) else { return };
    for word in [
        "A9999 26 345658",
        "AB",
        "RhD NEGATIVE",
        "Expires",
        "02-Jan-2027 23:59",
        "Red cells in additive solution",
        "285 mL",
        "Collected 21-Nov-2026 10:32",
        "Volunteer donor",
        "CMV negative",
    ] {
        assert!(text.contains(word), "{word} is not in:\n{text}");
    }
}

#[test]
fn s15_a_label_whose_bars_say_another_group_is_a_misread() {
    let mut printed = roll(&unit());
    let symbol = printed.symbols.iter_mut().find(|s| s.text.starts_with("=%")).expect("a group");
    symbol.text = "=%6200".into();
    let found = "=%2800".into();
    assert_eq!(read_back(&printed), Err(Misread::Differs { text: "=%6200".into(), found }));
}

#[test]
fn a_file_that_was_cut_or_is_of_others_is_not_printed() {
    let mut printed = roll(&unit());
    printed.pdf.truncate(400);
    assert_eq!(read_back(&printed), Err(Misread::NotOurs));
    printed.pdf = b"%PDF-1.7 something else".to_vec();
    assert_eq!(read_back(&printed), Err(Misread::NotOurs));
}

#[test]
fn any_text_makes_a_label_whose_barcodes_are_read() {
    let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(6);
    for text in [
        "",
        " ",
        &long,
        &"x".repeat(600),
        "\u{202e}123\u{0}\n",
        "مركز الدم في المدينة",
        "山田",
        "🩸",
    ] {
        let mut label = unit();
        label.facility = text.to_owned();
        label.registration = Some(text.to_owned());
        label.donation = Some(text.to_owned());
        label.special = vec![text.to_owned(); 3];
        label.notice = Some(text.to_owned());
        label.product.name = text.to_owned();
        label.product.storage = text.to_owned();
        label.product.anticoagulant = Some(text.to_owned());
        let printed = roll(&label);
        assert_eq!(read_back(&printed), Ok(()), "{text:?}");
        assert!(printed.pdf.len() < 400_000);
    }
    let mut worst = unit();
    worst.facility = long.clone();
    worst.product.name = long.clone();
    worst.special = vec![long.clone(); 9];
    worst.notice = Some(long);
    keep("unit-long.pdf", &roll(&worst));
}

#[test]
fn the_same_label_gives_the_same_bytes_and_no_number_stands_in_the_clear() {
    let printed = roll(&unit());
    assert_eq!(printed, roll(&unit()));
    let text = String::from_utf8_lossy(&printed.pdf).into_owned();
    assert!(!text.contains("A9999") && !text.contains("345658"));
    assert!(text.contains("/PrintScaling /None"), "true size");
}

#[test]
fn the_label_is_a_hundred_millimetres_and_its_neighbours_can_be_read_in_one_go() {
    for printer in PRINTERS {
        let printed = unit_label(&job(printer, Media::Roll), &unit()).expect("a label");
        let of = |start: &str| {
            printed.symbols.iter().find(|s| s.text.starts_with(start)).expect("a symbol").area
        };
        for (left, right) in [(of("=A"), of("=%")), (of("=<"), of("=>"))] {
            assert_eq!((left.y, left.height), (right.y, right.height), "on one line");
            assert!(left.height >= 9.9, "five millimetres or 15 % of the length");
            assert!(left.x + left.width <= right.x, "quiet zones do not overlap");
            assert!(right.x - left.x - left.width < 2.0, "near enough for one read");
        }
        for symbol in &printed.symbols {
            let area = symbol.area;
            assert!(area.x >= 0.0 && area.x + area.width <= 100.0 && area.y + area.height <= 100.0);
            let least = if symbol.kind == Kind::Code128 { 0.17 } else { 0.25 };
            assert!(symbol.module_mm >= least && symbol.module_mm <= 1.0);
        }
        let text = String::from_utf8_lossy(&printed.pdf).into_owned();
        let side: f64 = text
            .split("/MediaBox [0 0 ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next()?.parse().ok())
            .expect("a size");
        assert!((side * 25.4 / 72.0 - 100.0).abs() < 0.1, "{side}");
    }
}

#[test]
fn no_label_and_too_many_labels_are_refused() {
    let job = job(Printer::Office, Media::A4);
    assert_eq!(unit_labels(&job, &[]), Err(Error::Empty));
    assert_eq!(unit_labels(&job, &vec![unit(); 201]), Err(Error::TooMany { most: 200 }));
}
