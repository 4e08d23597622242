//! One report, to be changed by each test.

use chrono::{DateTime, FixedOffset, NaiveDate};
use reports::{Finding, Outcome, Pack, PartialDate, Patient, Report, Sex, Signature, Study};
use std::path::Path;
use uuid::Uuid;

pub fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a moment")
}

pub fn finding(label: &str, name: &str, condition: Option<&str>, p10000: u32) -> Finding {
    let word = if p10000 > 6500 { "likely" } else { "unlikely" };
    Finding {
        label: label.into(),
        name: name.into(),
        condition: condition.map(str::to_owned),
        p10000,
        word: word.into(),
    }
}

pub fn report() -> Report {
    Report {
        id: Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0007),
        facility: "Clinic of Example & Sons".into(),
        maker: "HealthSync 0.1.0".into(),
        patient: Patient {
            family: Some("Haddad".into()),
            given: Some("Nour".into()),
            number: Some("H-000123".into()),
            birth_date: NaiveDate::from_ymd_opt(2019, 3, 5).map(PartialDate::Day),
            sex: Sex::Female,
            unconfirmed: false,
        },
        study: Study {
            uid: Some("1.2.840.99.1".into()),
            accession_number: Some("A-17".into()),
            date: NaiveDate::from_ymd_opt(2026, 2, 4),
            modality: Some("DX".into()),
            body_part: Some("CHEST".into()),
        },
        pack: Pack {
            id: "open-resnet50".into(),
            version: "0.2.0".into(),
            sha256: "ab".repeat(32),
            task: "chest_xray_pneumonia".into(),
            network: "resnet50".into(),
        },
        outcome: Outcome::Assessed(vec![
            finding("normal", "No pneumonia", None, 1250),
            finding(
                "bacterial_pneumonia",
                "Bacterial pneumonia",
                Some("bacterial_pneumonia"),
                8125,
            ),
            finding("viral_pneumonia", "Viral pneumonia", Some("viral_pneumonia"), 625),
        ]),
        made_at: at("2026-02-05T06:07:08+02:00"),
        intended_use: "Teaching and research: a second look at a frontal chest X-ray of a child."
            .into(),
        outside_intended_use: None,
        signed: None,
    }
}

pub fn signed() -> Report {
    let signed =
        Some(Signature { name: "Dr. Amal <Senior>".into(), at: at("2026-02-05T09:00:00+02:00") });
    Report { signed, ..report() }
}

pub fn silent() -> Report {
    let outcome = Outcome::NotAssessed {
        reason: "wrong_modality".into(),
        why: "This is not a chest X-ray.".into(),
    };
    Report { outcome, ..report() }
}

/// As little as can be known.
pub fn bare() -> Report {
    Report { patient: Patient::default(), study: Study::default(), ..report() }
}

/// `KEEP_REPORTS=folder` keeps what is made, for other programs to read.
pub fn keep(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("KEEP_REPORTS") {
        std::fs::write(Path::new(&folder).join(name), bytes).expect("written");
    }
}
