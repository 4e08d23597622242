//! Things to print. The facility numbers A9990 to A9999 are for tests.

use chrono::{DateTime, NaiveDate};
use isbt128::{Abo, AboRhd, Din, DonationType, Expiry, Flag, Moment, ProductCode, Rhd};
use labels::{Job, Language, Media, Person, Printed, Printer, Product, Sex, UnitLabel};
use std::process::Command;

pub fn job(printer: Printer, media: Media) -> Job {
    Job {
        printer,
        media,
        language: Language::English,
        maker: "HealthSync 0.1.0".into(),
        made_at: DateTime::parse_from_rfc3339("2026-11-21T18:00:00+02:00").expect("a time"),
    }
}

pub const PRINTERS: [Printer; 3] = [Printer::Dots203, Printer::Dots300, Printer::Office];

pub fn group(abo: Abo, rhd: Rhd) -> AboRhd {
    AboRhd::for_group(abo, Some(rhd), DonationType::General).expect("a group")
}

pub fn unit() -> UnitLabel {
    let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).expect("a day");
    UnitLabel {
        din: Din::new("A999926345658").expect("a number"),
        flag: Flag::UNSPECIFIED,
        group: group(Abo::AB, Rhd::Negative),
        product: Product {
            code: ProductCode::new("D1001V00").expect("a code"),
            name: "Red cells in additive solution, leucocytes reduced".into(),
            table: None,
            volume_ml: Some(285),
            anticoagulant: Some("CPD, SAG-M".into()),
            storage: "Store at 2 to 6 °C".into(),
        },
        expires: Expiry::end_of(NaiveDate::from_ymd_opt(2027, 1, 2).expect("a day")).expect("in range"),
        collected: Moment::to_the_minute(day(21).and_hms_opt(10, 32, 0).expect("a time")),
        facility: "Blood Centre of Example Province, Example City".into(),
        registration: Some("Reg. no. 1234567".into()),
        donation: Some("Volunteer donor".into()),
        special: vec!["CMV negative".into(), "Irradiated 21-Nov-2026".into()],
        notice: Some("Identify the recipient at the bedside. May transmit infection. Do not use if the bag leaks or looks changed.".into()),
    }
}

pub fn person() -> Person {
    Person {
        name: "SMITH, John".into(),
        number: "LD 4H8P 2RVA 9".into(),
        born: "05-Mar-1958".into(),
        sex: Some(Sex::Male),
    }
}

/// Writes a file for looking at, where `HEALTHSYNC_LOOK` names a folder.
pub fn keep(name: &str, printed: &Printed) {
    if let Some(folder) = std::env::var_os("HEALTHSYNC_LOOK") {
        std::fs::write(std::path::Path::new(&folder).join(name), &printed.pdf).expect("written");
    }
}

/// What a person can select, or nothing where `pdftotext` is not installed.
pub fn words(printed: &Printed) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.pdf");
    std::fs::write(&path, &printed.pdf).expect("written");
    let Ok(out) = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output() else {
        eprintln!("SKIPPED 1 check: pdftotext (poppler-utils) is not installed");
        return None;
    };
    let complaints = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success() && complaints.is_empty(), "{complaints}");
    Some(String::from_utf8(out.stdout).expect("UTF-8"))
}
