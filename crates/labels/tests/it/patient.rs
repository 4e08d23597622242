//! Labels of tubes and wristbands.

use crate::sample::{PRINTERS, job, keep, person, words};
use chrono::NaiveDate;
use isbt128::{Din, Flag, Scan, read};
use labels::{
    Error, Job, Kind, Language, Media, NumberLabel, Person, Printer, TubeLabel, Wristband,
    number_labels, read_back, tube_labels, wristbands,
};
use proptest::prelude::*;

fn tube() -> TubeLabel {
    let at = NaiveDate::from_ymd_opt(2026, 11, 21).and_then(|d| d.and_hms_opt(14, 5, 0));
    TubeLabel {
        patient: person(),
        sample: "S26000123".into(),
        drawn: at.map(|at| (at, "N. Haddad".into())),
    }
}

fn band() -> Wristband {
    Wristband { patient: person(), facility: "Clinic of Example & Sons".into() }
}

fn arabic(job: Job) -> Job {
    Job { language: Language::Arabic, ..job }
}

#[test]
fn a_tube_says_who_and_which_sample_for_every_printer() {
    for printer in PRINTERS {
        let open = TubeLabel { drawn: None, ..tube() };
        let printed = tube_labels(&job(printer, Media::Roll), &[tube(), open]).expect("labels");
        keep(&format!("tube-{printer:?}.pdf"), &printed);
        assert_eq!((printed.pages, printed.symbols.len()), (2, 4));
        assert!(printed.symbols.iter().all(|symbol| symbol.text == "S26000123"));
        assert_eq!(read_back(&printed), Ok(()), "{printer:?}");
    }
    let sheet = tube_labels(&job(Printer::Office, Media::A4), &vec![tube(); 45]).expect("labels");
    keep("tube-A4.pdf", &sheet);
    assert_eq!(sheet.pages, 2, "forty-four to a sheet");
    assert_eq!(read_back(&sheet), Ok(()));
    let Some(text) = words(&sheet) else { return };
    for word in
        ["SMITH, John", "LD 4H8P", "Born 05-Mar-1958", "male", "21-Nov-2026 14:05 N. Haddad"]
    {
        assert!(text.contains(word), "{word} is not in:\n{text}");
    }
}

#[test]
fn a_long_number_keeps_its_square_and_an_impossible_one_is_refused() {
    let long = TubeLabel { sample: "sample-of-another-house/0123456789".into(), ..tube() };
    let printed = tube_labels(&job(Printer::Dots203, Media::Roll), &[long]).expect("a label");
    keep("tube-long.pdf", &printed);
    assert_eq!(printed.symbols.len(), 1);
    assert_eq!(printed.symbols[0].kind, Kind::DataMatrix);
    assert_eq!(read_back(&printed), Ok(()));
    let of = |sample: &str| {
        tube_labels(
            &job(Printer::Dots203, Media::Roll),
            &[TubeLabel { sample: sample.into(), ..tube() }],
        )
    };
    assert_eq!(of("عينة"), Err(Error::NotInBarcode { found: 'ع' }));
    assert_eq!(of(""), Err(Error::Empty));
    assert!(matches!(of(&"x".repeat(90)), Err(Error::TooLong { .. })));
}

#[test]
fn a_wristband_is_read_from_both_ends_and_its_square_names_a_patient_number() {
    for printer in PRINTERS {
        let printed = wristbands(&job(printer, Media::Roll), &[band()]).expect("a band");
        keep(&format!("band-{printer:?}.pdf"), &printed);
        assert_eq!(read_back(&printed), Ok(()), "{printer:?}");
    }
    let plain = Wristband { patient: Person { number: "H000123".into(), ..person() }, ..band() };
    let printed = wristbands(&job(Printer::Dots203, Media::Roll), &[plain]).expect("a band");
    let squares: Vec<_> = printed.symbols.iter().filter(|s| s.kind == Kind::DataMatrix).collect();
    assert_eq!(squares.len(), 2);
    let scans = read(&squares[0].text).expect("ISBT 128");
    assert_eq!(scans, [Scan::PatientId { id: "H000123".into(), location: "01".into() }]);
    let bars = printed.symbols.iter().find(|s| s.kind == Kind::Code128).expect("bars");
    assert_eq!(bars.text, "H000123");
    let nobody = Wristband { patient: Person { number: String::new(), ..person() }, ..band() };
    let refused = wristbands(&job(Printer::Dots203, Media::Roll), &[nobody]);
    assert_eq!(refused, Err(Error::Empty));
}

#[test]
fn names_of_any_length_and_script_leave_the_barcodes_readable() {
    let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(6);
    for name in ["", &long, "\u{202e}hcuM\u{202c}", "الحداد، نور", "山田 太郎", "\u{0}\n\r"]
    {
        let patient = Person { name: name.into(), born: name.into(), sex: None, ..person() };
        let tube = TubeLabel { patient: patient.clone(), ..tube() };
        let band = Wristband { patient, facility: name.into() };
        let job = arabic(job(Printer::Dots203, Media::A4));
        let tubes = tube_labels(&job, &[tube]).expect("a label");
        let bands = wristbands(&job, &[band]).expect("a band");
        assert_eq!((read_back(&tubes), read_back(&bands)), (Ok(()), Ok(())), "{name:?}");
        if name.starts_with('ا') {
            keep("tube-ar.pdf", &tubes);
            keep("band-ar.pdf", &bands);
        }
    }
}

#[test]
fn every_label_of_a_donation_has_one_number_and_says_what_it_is_stuck_on() {
    let din = Din::new("A999926345658").expect("a number");
    let flags = ["01", "02", "03", "06", "07", "08", "09", "10", "00"];
    let set: Vec<NumberLabel> = flags
        .into_iter()
        .map(|flag| NumberLabel { din, flag: Flag::new(flag).expect("a flag") })
        .collect();
    for printer in PRINTERS {
        let printed = number_labels(&job(printer, Media::A4), &set).expect("labels");
        keep(&format!("numbers-{printer:?}.pdf"), &printed);
        assert_eq!(read_back(&printed), Ok(()));
        for (symbols, flag) in printed.symbols.chunks(2).zip(flags) {
            for symbol in symbols {
                assert_eq!(symbol.text, format!("=A999926345658{flag}"));
            }
        }
        let Some(text) = words(&printed) else { return };
        for word in ["A9999 26 345658", "Bag 1", "Bag 3", "Pilot tube", "Test tube", "Donor record"]
        {
            assert!(text.contains(word), "{word} is not in:\n{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_breaks_a_label_and_what_is_printed_is_read(
        name in "\\PC{0,220}", number in "[ -~]{1,40}", sample in "[ -~]{1,60}", facility in any::<String>(),
    ) {
        let patient = Person { name, number: number.clone(), ..person() };
        let tube = TubeLabel { patient: patient.clone(), sample: sample.clone(), drawn: None };
        let printed = tube_labels(&job(Printer::Dots203, Media::Roll), &[tube]).expect("a label");
        prop_assert_eq!(read_back(&printed), Ok(()));
        prop_assert!(printed.symbols.iter().all(|symbol| symbol.text == sample));
        let band = Wristband { patient, facility };
        let printed = wristbands(&job(Printer::Dots300, Media::Roll), &[band]).expect("a band");
        prop_assert_eq!(read_back(&printed), Ok(()));
    }
}
