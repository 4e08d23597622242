//! Slips, tags, certificates and blank forms.

use crate::sample::{job, keep, person, unit, words};
use chrono::{NaiveDate, NaiveDateTime};
use labels::{
    Blank, BoxSlip, Certificate, Content, Error, Job, Kind, Language, Media, Printed, Printer,
    Slip, SlipUnit, Tag, blank, blanks, box_slip, certificate, collection_slip, read_back,
    uncrossmatched_tags,
};

const SEALED: &str =
    "HS1.0192f3c4d5e67890abcdef0123456789.MEUCIQDk3f9pQmZ8R1yXb0c7n2VtLw5sHj6uGaE4oTiKqBvC9d";

fn at(day: u32, hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, day).and_then(|d| d.and_hms_opt(hour, 5, 0)).expect("a time")
}

fn in_language(language: Language) -> Job {
    Job { language, ..job(Printer::Office, Media::A4) }
}

fn slip_unit() -> SlipUnit {
    let label = unit();
    SlipUnit {
        din: label.din,
        product_code: label.product.code,
        product_name: label.product.name,
        group: label.group,
        expires: label.expires.at(),
    }
}

fn slip() -> Slip {
    Slip {
        facility: "Clinic of Example & Sons".into(),
        number: "7K2-4M9".into(),
        sealed: SEALED.into(),
        patient: person(),
        patient_group: Some(unit().group),
        ward: "Surgery 2, bed 14".into(),
        unit: slip_unit(),
        crossmatch: Some("Serological, compatible, sample S26000123".into()),
        special: vec!["Irradiated".into(), "CMV negative".into()],
        valid_until: Some(at(22, 9)),
        printed_at: at(21, 18),
        printed_by: "N. Haddad".into(),
    }
}

fn tag() -> Tag {
    Tag {
        patient: person(),
        unit: slip_unit(),
        ordered_by: "Dr. A. Okafor".into(),
        issued_at: at(21, 3),
    }
}

fn thanks() -> Certificate {
    Certificate {
        facility: "Blood Centre of Example Province".into(),
        donor: "Nour Haddad".into(),
        donated_on: at(21, 0).date(),
        gave: "whole blood".into(),
        count: Some(7),
        place: "Example City".into(),
        signed_by: Some("Dr. A. Okafor".into()),
    }
}

fn has(printed: &Printed, all: &[&str]) -> Option<String> {
    let text = words(printed)?;
    for word in all {
        assert!(text.contains(word), "{word} is not in:\n{text}");
    }
    Some(text)
}

#[test]
fn a_slip_names_one_patient_and_one_unit_and_its_seal_is_read_back() {
    for language in Language::ALL {
        let printed = collection_slip(&in_language(language), &slip()).expect("a slip");
        keep(&format!("slip-{language:?}.pdf"), &printed);
        assert_eq!((printed.pages, printed.missing), (1, false));
        assert_eq!(read_back(&printed), Ok(()));
        // The unit and the patient are scanned where they are, never from the slip.
        let [seal] = printed.symbols.as_slice() else { panic!("{:?}", printed.symbols) };
        assert_eq!((seal.kind, seal.text.as_str()), (Kind::DataMatrix, SEALED));
        let said = [
            "SMITH, John",
            "LD 4H8P 2RVA 9",
            "A9999 26 345658",
            "AB RhD NEGATIVE",
            "02-Jan-2027 23:59",
        ];
        let Some(text) = has(&printed, &said) else { return };
        assert!(!text.contains("UNCROSSMATCHED"), "{text}");
    }
}

#[test]
fn s58_a_slip_and_a_tag_without_a_crossmatch_say_so_in_large_letters() {
    for language in Language::ALL {
        let without = Slip { crossmatch: None, patient_group: None, special: vec![], ..slip() };
        let printed = collection_slip(&in_language(language), &without).expect("a slip");
        keep(&format!("slip-uncrossmatched-{language:?}.pdf"), &printed);
        let tags = uncrossmatched_tags(&in_language(language), &vec![tag(); 9]).expect("tags");
        keep(&format!("tags-{language:?}.pdf"), &tags);
        assert_eq!((tags.pages, tags.missing), (2, false), "eight to a sheet");
        assert!(tags.symbols.is_empty());
        has(&printed, &["UNCROSSMATCHED"]);
        if language == Language::English {
            has(&printed, &["not known"]);
        }
        has(
            &tags,
            &[
                "UNCROSSMATCHED",
                "A9999 26 345658",
                "SMITH, John",
                "Dr. A. Okafor",
                "21-Nov-2026 03:05",
            ],
        );
    }
}

#[test]
fn a_seal_that_cannot_be_printed_is_refused() {
    let of = |sealed: String| {
        collection_slip(&in_language(Language::English), &Slip { sealed, ..slip() })
    };
    assert_eq!(of(String::new()), Err(Error::Empty));
    assert_eq!(of("ü".into()), Err(Error::NotInBarcode { found: 'ü' }));
    assert!(matches!(of("x".repeat(401)), Err(Error::TooLong { .. })));
    let longest = of("x".repeat(400)).expect("a slip");
    assert_eq!(read_back(&longest), Ok(()));
    keep("slip-longest.pdf", &longest);
}

/// As long as a signed slip of 40 bags is, in three parts and one that is shorter.
fn parts() -> Vec<String> {
    let code = |n: usize, long: usize| format!("HSP1{n:02}04ABCDEFG{}", "K7QZ".repeat(long));
    vec![code(1, 46), code(2, 46), code(3, 46), code(4, 20)]
}

fn box_of(bags: usize) -> BoxSlip {
    BoxSlip {
        facility: "Clinic of Example & Sons".into(),
        number: "7K24M9".into(),
        from: "Clinic of Example & Sons".into(),
        to: "مستوصف التل".into(),
        content: Content::RedCells,
        sent_at: at(21, 17),
        sent_by: "N. Haddad".into(),
        tenths: Some(-5),
        codes: parts(),
        bags: vec![slip_unit(); bags],
        printed_at: at(21, 18),
        printed_by: "N. Haddad".into(),
    }
}

#[test]
fn the_paper_of_a_box_carries_its_slip_in_numbered_codes_and_every_bag_in_words() {
    for language in Language::ALL {
        for (bags, pages) in [(1, 1), (12, 1), (40, 2), (255, 8)] {
            for printer in [Printer::Office, Printer::Dots203, Printer::Dots300] {
                let job = Job { printer, ..in_language(language) };
                let printed = box_slip(&job, &box_of(bags)).expect("a slip");
                keep(&format!("box-{bags}-{language:?}.pdf"), &printed);
                assert_eq!((printed.pages, printed.missing), (pages, false), "{bags} {language:?}");
                assert_eq!(read_back(&printed), Ok(()), "{printer:?}");
                let codes: Vec<_> = printed.symbols.iter().map(|one| one.text.clone()).collect();
                assert_eq!(codes, parts(), "in order, all on the first page");
                assert!(printed.symbols.iter().all(|one| one.page == 0));
                let widest = printed.symbols.iter().map(|one| one.area.width).fold(0.0, f64::max);
                assert!(widest < 26.0, "a hand scanner has it in view: {widest} mm");
            }
            let printed = box_slip(&in_language(language), &box_of(bags)).expect("a slip");
            let Some(ends) = ends(&printed) else { return };
            for (x, y) in ends {
                assert!(x < 565.0 && y < 817.0, "{bags} {language:?}: {x} {y}");
            }
            if language == Language::English {
                let said = [
                    "4/4",
                    "-0.5 °C",
                    "A9999 26 345658",
                    "AB RhD NEGATIVE",
                    "Red cells",
                    "Received by",
                ];
                has(&printed, &said);
                let text = words(&printed).expect("read before");
                assert_eq!(text.matches("A9999 26 345658").count(), bags, "one line for each bag");
            }
        }
    }
}

#[test]
fn the_paper_of_a_box_without_bags_or_codes_is_none() {
    let of = |slip: BoxSlip| box_slip(&in_language(Language::English), &slip);
    assert_eq!(of(BoxSlip { codes: vec![], ..box_of(3) }), Err(Error::Empty));
    assert_eq!(of(box_of(0)), Err(Error::Empty));
    assert_eq!(of(box_of(256)), Err(Error::TooMany { most: 255 }));
    let many = BoxSlip { codes: vec!["A".into(); 33], ..box_of(3) };
    assert_eq!(of(many), Err(Error::TooMany { most: 32 }));
    let bad = BoxSlip { codes: vec!["ü".into()], ..box_of(3) };
    assert_eq!(of(bad), Err(Error::NotInBarcode { found: 'ü' }));
}

#[test]
fn a_certificate_thanks_and_tells_nothing_of_the_laboratory() {
    for language in Language::ALL {
        let printed = certificate(&in_language(language), &thanks()).expect("a certificate");
        keep(&format!("certificate-{language:?}.pdf"), &printed);
        assert!(!printed.missing && printed.symbols.is_empty());
        let Some(text) = has(&printed, &["Nour Haddad", "21-Nov-2026", "7"]) else { return };
        assert!(!text.contains("RhD") && !text.contains("HIV"), "{text}");
    }
    let nobody = Certificate { donor: " ".into(), ..thanks() };
    assert_eq!(certificate(&in_language(Language::English), &nobody), Err(Error::Empty));
}

/// Where words end on a page, in points.
fn ends(printed: &Printed) -> Option<Vec<(f32, f32)>> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.pdf");
    std::fs::write(&path, &printed.pdf).expect("written");
    let out =
        std::process::Command::new("pdftotext").arg("-bbox").arg(&path).arg("-").output().ok()?;
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    let number = |line: &str, name: &str| -> f32 {
        let rest = line.split(name).nth(1).expect(name);
        rest.split('"').next().and_then(|n| n.parse().ok()).expect("a number")
    };
    let words = text.lines().filter(|line| line.contains("<word"));
    Some(words.map(|line| (number(line, "xMax=\""), number(line, "yMax=\""))).collect())
}

#[test]
fn every_blank_form_fits_its_page_and_begins_with_the_time_it_happened() {
    for language in Language::ALL {
        for form in Blank::ALL {
            let printed =
                blank(&in_language(language), form, "Clinic of Example & Sons", 1).expect("a form");
            keep(&format!("form-{form:?}-{language:?}.pdf"), &printed);
            assert_eq!((printed.pages, printed.missing), (1, false), "{form:?} {language:?}");
            let lying = matches!(form, Blank::IssueLog | Blank::Stock);
            let (width, height) = if lying { (842.0, 595.0) } else { (595.0, 842.0) };
            let Some(ends) = ends(&printed) else { return };
            assert!(ends.len() > 40, "{form:?}");
            for (x, y) in ends {
                assert!(x < width - 30.0 && y < height - 25.0, "{form:?} {language:?}: {x} {y}");
            }
            if language == Language::English {
                has(&printed, &["Time it happened"]);
            }
        }
    }
    let all = blanks(&in_language(Language::Arabic), &Blank::ALL, "مستشفى المدينة").expect("forms");
    assert_eq!(all.pages, 7);
    keep("forms-arabic.pdf", &all);
    assert_eq!(blanks(&in_language(Language::English), &[], ""), Err(Error::Empty));
    let many = blank(&in_language(Language::English), Blank::Stock, "", 101);
    assert_eq!(many, Err(Error::TooMany { most: 100 }));
}

#[test]
fn the_forms_of_the_donor_desk_and_the_bench_have_a_place_for_all_that_is_entered_later() {
    let desk = blank(&in_language(Language::English), Blank::Donation, "Clinic", 1).expect("one");
    has(
        &desk,
        &[
            "Identity paper",
            "Do you feel well today?",
            "Women: birth or miscarriage",
            "Haemoglobin",
            "Blood pressure",
            "may not give now",
            "Signature of the donor",
            "Donation number and check character",
            "Started at",
            "Ended at",
            "Volume taken",
            "Reaction of the donor",
            "Entered in the program at",
        ],
    );
    let bench = blank(&in_language(Language::English), Blank::Bench, "Clinic", 1).expect("one");
    has(
        &bench,
        &[
            "Donation number and check character",
            "Red cells",
            "Volume (mL)",
            "Anti-A",
            "B cells",
            "Second person",
            "HIV 1 and 2",
            "Hepatitis B",
            "Hepatitis C",
            "Syphilis",
            "First test: kit",
            "Second test: kit",
            "Controls",
            "kept in quarantine",
            "Release by two people",
            "Entered in the program at",
        ],
    );
}

#[test]
fn any_text_makes_a_paper() {
    let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(6);
    for text in ["", &long, "\u{202e}123\u{2066}\u{0}", "山田", "الحداد، نور ٣"] {
        for language in Language::ALL {
            let mut slip = slip();
            slip.facility = text.to_owned();
            slip.number = text.to_owned();
            slip.ward = text.to_owned();
            slip.patient.name = text.to_owned();
            slip.patient.number = text.to_owned();
            slip.patient.born = text.to_owned();
            slip.crossmatch = Some(text.to_owned());
            slip.special = vec![text.to_owned(); 5];
            slip.unit.product_name = text.to_owned();
            slip.printed_by = text.to_owned();
            let printed = collection_slip(&in_language(language), &slip).expect("a slip");
            assert_eq!(read_back(&printed), Ok(()));
            let tag =
                Tag { patient: slip.patient, unit: slip.unit, ordered_by: text.into(), ..tag() };
            assert!(uncrossmatched_tags(&in_language(language), &[tag]).is_ok());
            let blanks = blanks(&in_language(language), &Blank::ALL, text).expect("forms");
            assert_eq!(blanks.pages, 7);
        }
    }
}
