//! Every label that we print, drawn by others and read by others, byte for byte.

use chrono::{DateTime, NaiveDate};
use isbt128::{AboRhd, Din, Expiry, Flag, Moment, ProductCode};
use labels::{
    BoxSlip, Content, Job, Kind, Language, Media, NumberLabel, Person, Printed, Printer, Product, Slip, SlipUnit,
    TubeLabel, UnitLabel, Wristband, box_slip, collection_slip, number_labels, read_back, tube_labels,
    unit_labels, wristbands,
};
use scanner::Renderer;

fn job(printer: Printer, media: Media) -> Job {
    let made_at = DateTime::parse_from_rfc3339("2026-11-21T18:00:00+02:00").expect("a time");
    Job { printer, media, language: Language::English, maker: "test".into(), made_at }
}

fn unit(din: &str, group: &str, product: &str, day: u32) -> UnitLabel {
    let day = NaiveDate::from_ymd_opt(2026, 12, day).expect("a day");
    UnitLabel {
        din: Din::new(din).expect("a number"),
        flag: Flag::UNSPECIFIED,
        group: AboRhd::new(group).expect("a code"),
        product: Product {
            code: ProductCode::new(product).expect("a code"),
            name: "Red cells in additive solution".into(),
            table: Some("test".into()),
            volume_ml: Some(280),
            anticoagulant: Some("CPD, SAG-M".into()),
            storage: "Store at 2 to 6 °C".into(),
        },
        expires: Expiry::to_the_minute(day.and_hms_opt(23, 59, 0).expect("a time"))
            .expect("in range"),
        collected: Moment::to_the_minute(day.and_hms_opt(8, 0, 0).expect("a time")),
        facility: "Blood Centre of Example Province".into(),
        registration: None,
        donation: Some("Volunteer donor".into()),
        special: vec!["Irradiated".into()],
        notice: Some("Identify the recipient at the bedside.".into()),
    }
}

fn units() -> Vec<UnitLabel> {
    vec![
        unit("A999926345658", "2800", "E0336V00", 5),
        unit("A999818123456", "5100", "D1001V00", 31),
        unit("W483626000289", "0600", "E0869VA0", 1),
        unit("G123498654321", "Mq00", "E2555V00", 9),
    ]
}

/// Reads every symbol of every page and compares; answers how many were read.
fn read_all(printed: &Printed, renderer: Renderer, dots_per_inch: f64) -> Option<usize> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.pdf");
    std::fs::write(&path, &printed.pdf).expect("written");
    let mut read = 0;
    for page in 0..printed.pages {
        let picture = renderer.draw(&path, page, dots_per_inch)?;
        for symbol in printed.symbols.iter().filter(|symbol| symbol.page == page) {
            let dots = |mm: f64| (mm / 25.4 * dots_per_inch).round();
            let area = symbol.area;
            let part = picture.part(
                dots(area.x) as i64,
                dots(area.y) as i64,
                dots(area.width) as usize,
                dots(area.height) as usize,
            );
            let text = match symbol.kind {
                Kind::Code128 => part.code128(),
                Kind::DataMatrix => part.data_matrix(),
            };
            let what = format!("{renderer:?} at {dots_per_inch}: {symbol:?}");
            assert_eq!(text.as_deref(), Ok(symbol.text.as_str()), "{what}");
            // Nothing in the white before and after the bars.
            let quiet = dots(10.0 * symbol.module_mm) as usize - 1;
            if symbol.kind == Kind::Code128 {
                assert_eq!(part.black_in_columns(0..quiet), 0, "{what}");
                assert_eq!(part.black_in_columns(part.width - quiet..part.width), 0, "{what}");
            }
            read += 1;
        }
    }
    Some(read)
}

fn everywhere(make: impl Fn(Job) -> Printed) {
    for printer in [Printer::Dots203, Printer::Dots300, Printer::Office] {
        for media in [Media::Roll, Media::A4] {
            let printed = make(job(printer, media));
            assert_eq!(read_back(&printed), Ok(()), "our own reader");
            for renderer in Renderer::ALL {
                // The printer's own dots; and finer ones, as a person may print it elsewhere.
                let finer = (renderer == Renderer::Poppler).then_some(600.0);
                for dots in [Some(printer.dots_per_inch()), finer].into_iter().flatten() {
                    match read_all(&printed, renderer, dots) {
                        Some(read) => assert_eq!(read, printed.symbols.len()),
                        None => eprintln!("SKIPPED 1 check: {renderer:?} is not installed"),
                    }
                }
            }
        }
    }
}

#[test]
fn labels_of_units_are_read_by_others() {
    everywhere(|job| unit_labels(&job, &units()).expect("labels"));
}

#[test]
fn labels_of_patients_are_read_by_others() {
    let person = |number: &str| Person {
        name: "SMITH, John".into(),
        number: number.into(),
        ..Person::default()
    };
    let numbers = ["H000123", "LD 4H8P 2RVA 9", "0000042", "x-1/2_3"];
    everywhere(|job| {
        let band = |number: &&str| Wristband { patient: person(number), facility: "Clinic".into() };
        wristbands(&job, &numbers.iter().map(band).collect::<Vec<_>>()).expect("bands")
    });
    everywhere(|job| {
        let tube = |number: &&str| TubeLabel {
            patient: person("1"),
            sample: (*number).into(),
            drawn: None,
        };
        tube_labels(&job, &numbers.iter().map(tube).collect::<Vec<_>>()).expect("labels")
    });
}

#[test]
fn labels_of_donations_and_seals_of_slips_are_read_by_others() {
    let set: Vec<NumberLabel> = ["01", "07", "08"]
        .into_iter()
        .flat_map(|flag| units().into_iter().map(move |unit| (unit.din, flag)))
        .map(|(din, flag)| NumberLabel { din, flag: Flag::new(flag).expect("a flag") })
        .collect();
    everywhere(|job| number_labels(&job, &set).expect("labels"));
    let unit = &units()[0];
    let at = NaiveDate::from_ymd_opt(2026, 12, 1).and_then(|day| day.and_hms_opt(8, 0, 0));
    for sealed in [90, 400].map(|long| "Hs1.aZ0-9_".repeat(long / 10)) {
        let slip = Slip {
            facility: "Clinic".into(),
            number: "1".into(),
            sealed,
            patient: Person::default(),
            patient_group: None,
            ward: "Ward".into(),
            unit: SlipUnit {
                din: unit.din,
                product_code: unit.product.code,
                product_name: unit.product.name.clone(),
                group: unit.group.clone(),
                expires: unit.expires.at(),
            },
            crossmatch: None,
            special: vec![],
            valid_until: None,
            printed_at: at.expect("a time"),
            printed_by: "N. Haddad".into(),
        };
        everywhere(|job| collection_slip(&job, &slip).expect("a slip"));
    }
}

/// The codes of a box as long as those of 40 bags are, drawn and read one by one.
#[test]
fn the_codes_of_a_box_are_read_by_others() {
    let unit = &units()[0];
    let day = NaiveDate::from_ymd_opt(2026, 12, 1).and_then(|day| day.and_hms_opt(8, 0, 0));
    let day = day.expect("a time");
    let bag = SlipUnit {
        din: unit.din,
        product_code: unit.product.code,
        product_name: unit.product.name.clone(),
        group: unit.group.clone(),
        expires: unit.expires.at(),
    };
    let code = |n: usize| format!("HSP1{n:02}05ABCDEFG{}", "K7QZ3M".repeat(31));
    let slip = BoxSlip {
        facility: "Clinic".into(),
        number: "1".into(),
        from: "Clinic".into(),
        to: "Hospital".into(),
        content: Content::RedCells,
        sent_at: day,
        sent_by: "N. Haddad".into(),
        tenths: Some(41),
        codes: (1..=5).map(code).collect(),
        bags: vec![bag; 40],
        printed_at: day,
        printed_by: "N. Haddad".into(),
    };
    everywhere(|job| box_slip(&job, &slip).expect("a slip"));
}

/// Numbers of samples of every length and every printable letter, from a fixed seed.
#[test]
fn any_printable_text_is_written_as_others_read_it() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let tubes: Vec<TubeLabel> = (0..200)
        .map(|n| {
            let long = 1 + next(if n % 4 == 0 { 40 } else { 12 });
            let digits = next(3);
            let letter = |pick: u64, any: u64| {
                let letter =
                    if pick < digits { b'0' + (any % 10) as u8 } else { b' ' + (any % 95) as u8 };
                char::from(letter)
            };
            let mut sample: String = (0..long).map(|_| letter(next(3), next(1 << 30))).collect();
            sample.insert(0, 'S');
            sample.push('E');
            TubeLabel { patient: Person::default(), sample, drawn: None }
        })
        .collect();
    let printed = tube_labels(&job(Printer::Dots300, Media::A4), &tubes).expect("labels");
    assert_eq!(read_back(&printed), Ok(()));
    let bars = printed.symbols.iter().filter(|symbol| symbol.kind == Kind::Code128).count();
    assert!(bars > 50, "{bars} of {} have bars", tubes.len());
    for renderer in [Renderer::PopplerMono, Renderer::Ghostscript] {
        match read_all(&printed, renderer, 300.0) {
            Some(read) => assert_eq!(read, printed.symbols.len()),
            None => eprintln!("SKIPPED 1 check: {renderer:?} is not installed"),
        }
    }
}
