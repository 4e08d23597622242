//! What the program makes of a picture, read back here and, where they are installed, by dcmtk's
//! `dsrdump` and `dcmdump` and by dicom3tools' `dciodvfy`.

use crate::export::{RADIOGRAPH, holds, value_of};
use chrono::{NaiveDate, NaiveDateTime};
use dicom_io::derived::{
    About, Concept, Evidence, Finding, FindingsReport, Heat, Model, Outcome, Verified,
    findings_report, heat_over, secondary_capture,
};
use dicom_io::open_bytes;
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};
use std::path::Path;
use std::process::Command;

fn moment() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 2, 5).and_then(|day| day.and_hms_opt(6, 7, 8)).expect("a moment")
}

fn about() -> About {
    About {
        patient_name: "محمد^علي".into(),
        patient_id: "P7".into(),
        birth_date: NaiveDate::from_ymd_opt(1970, 1, 2),
        sex: "M".into(),
        study_uid: "1.2.3".into(),
        study_date: NaiveDate::from_ymd_opt(2026, 2, 4),
        accession_number: "A1".into(),
        series_uid: "2.25.11".into(),
        sop_uid: "2.25.12".into(),
        made_at: moment(),
        maker: "HealthSync 0.1".into(),
    }
}

fn evidence() -> Evidence {
    Evidence {
        study_uid: "1.2.3".into(),
        series_uid: "1.2.3.4".into(),
        sop_class_uid: RADIOGRAPH.into(),
        sop_uid: "1.2.3.4.5".into(),
    }
}

fn finding(value: &str, scheme: &str, meaning: &str, probability: f64) -> Finding {
    let concept = Concept { value: value.into(), scheme: scheme.into(), meaning: meaning.into() };
    Finding { concept, probability, tracking_uid: "2.25.77".into() }
}

fn report() -> FindingsReport {
    FindingsReport {
        about: about(),
        evidence: evidence(),
        model: Model {
            name: "open-resnet50".into(),
            version: "0.2.0".into(),
            parameters: vec!["SHA-256 abab".into(), "Task chest_xray_pneumonia".into()],
            device_uid: "2.25.5".into(),
        },
        outcome: Outcome::Assessed(vec![
            finding("53084003", "SCT", "Bacterial pneumonia", 0.8125),
            finding("a_condition_without_a_code", "99HEALTHSYNC", "Something of ours", 0.1),
        ]),
        remarks: vec!["Computed by a program. Not a diagnosis.".into()],
        verified: None,
    }
}

fn silent() -> FindingsReport {
    FindingsReport { outcome: Outcome::NotAssessed("not a chest X-ray".into()), ..report() }
}

fn verified() -> FindingsReport {
    let verified =
        Verified { name: "Haddad^Nour".into(), organisation: "Clinic".into(), at: moment() };
    FindingsReport { verified: Some(verified), ..report() }
}

/// `KEEP_EXPORTS=folder` keeps what is made, for other programs to read.
fn keep(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("KEEP_EXPORTS") {
        std::fs::write(Path::new(&folder).join(name), bytes).expect("written");
    }
}

/// What another program says about a file; `None` where it is not installed.
fn ask(program: &str, arguments: &[&str], bytes: &[u8]) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.dcm");
    std::fs::write(&path, bytes).expect("written");
    let Ok(out) = Command::new(program).args(arguments).arg(&path).output() else {
        eprintln!("SKIPPED 1 check: {program} is not installed");
        return None;
    };
    let said = [out.stdout, out.stderr].concat();
    Some((out.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

fn complaints(bytes: &[u8]) -> Vec<String> {
    let Some((_, said)) = ask("dciodvfy", &[], bytes) else { return vec![] };
    said.lines().filter(|line| line.starts_with("Error")).map(str::to_owned).collect()
}

fn radiograph(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageLuma8(GrayImage::from_fn(width, height, |x, y| {
        Luma([u8::try_from((x + 2 * y) % 200).expect("a byte")])
    }))
}

const WHOLE: [f32; 4] = [0.0, 0.0, 400.0, 400.0];

#[test]
fn a_capture_shows_what_was_captured() {
    let grey = DynamicImage::ImageLuma8(GrayImage::from_fn(7, 5, |x, y| {
        Luma([u8::try_from(x * 30 + y).expect("a byte")])
    }));
    let colour = DynamicImage::ImageRgb8(RgbImage::from_fn(5, 3, |x, y| {
        Rgb([u8::try_from(x * 50).expect("a byte"), u8::try_from(y).expect("a byte"), 9])
    }));
    for (name, picture) in [("grey.dcm", grey), ("colour.dcm", colour)] {
        let bytes = secondary_capture(&about(), &picture, "A picture", Some(&evidence()));
        let bytes = bytes.expect("made");
        keep(name, &bytes);
        let opened = open_bytes(bytes.clone(), name).expect("opens");
        let native = opened.native(0).expect("read");
        assert_eq!(native.data, picture.as_bytes(), "{name}");
        assert_eq!(opened.meta.patient.name.as_deref(), Some("محمد^علي"));
        assert_eq!(opened.meta.study_uid.as_deref(), Some("1.2.3"));
        assert_eq!(value_of(&bytes, "(0008,1155)").as_deref(), Some("1.2.3.4.5"));
        assert_eq!(complaints(&bytes), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_heat_map_goes_out_with_the_warning_in_its_pixels() {
    let map = Heat { cols: 2, rows: 1, values: &[0, 1000], rect: WHOLE };
    let words = ["Bacterial pneumonia 81.25 %".to_owned(), "open-resnet50 0.2.0".to_owned()];
    let drawn = heat_over(&radiograph(400, 400), &map, &words);
    assert_eq!(drawn.width(), 400);
    assert!(drawn.height() > 400, "words stand below the picture");
    // On the left the map is 0 and the picture as it was; on the right it is orange.
    assert_eq!(drawn.get_pixel(10, 10).0, [30, 30, 30]);
    let [red, green, blue] = drawn.get_pixel(390, 10).0;
    assert!(red > green && green > blue, "{red} {green} {blue}");
    // The strip at the lower edge of the picture itself: black, with the white dots of 17 letters.
    let strip: Vec<[u8; 3]> = (378..400)
        .flat_map(|y| (0..400).map(move |x| (x, y)))
        .map(|(x, y)| drawn.get_pixel(x, y).0)
        .collect();
    let white = strip.iter().filter(|p| **p == [255; 3]).count();
    let black = strip.iter().filter(|p| **p == [0; 3]).count();
    assert_eq!(white, 229 * 4, "the dots of NOT FOR DIAGNOSIS");
    assert_eq!(white + black, strip.len());
    let bytes = secondary_capture(
        &about(),
        &DynamicImage::ImageRgb8(drawn.clone()),
        "Heat-map of a model, not for diagnosis",
        Some(&evidence()),
    );
    let bytes = bytes.expect("made");
    keep("heat.dcm", &bytes);
    let opened = open_bytes(bytes.clone(), "x").expect("opens");
    assert_eq!(opened.native(0).expect("read").data, drawn.into_raw());
    assert!(holds(&bytes, "not for diagnosis"));
    assert_eq!(complaints(&bytes), Vec::<String>::new());
    if let Some((well, said)) = ask("dcmdump", &["-q"], &bytes) {
        assert!(well && said.contains("DERIVED\\SECONDARY"), "{said}");
    }
}

#[test]
fn pictures_of_every_shape_get_their_map_and_their_warning() {
    let words = vec!["é €\n".to_owned(); 20];
    for (width, height) in [(1, 1), (64, 64), (3000, 90), (90, 3000), (5000, 5000)] {
        for values in [&[500_u16, 2000][..], &[]] {
            let map = Heat { cols: 2, rows: 1, values, rect: [0.0, 0.0, 0.0, f32::NAN] };
            let drawn = heat_over(&radiograph(width, height), &map, &words);
            assert!(drawn.width() <= 2048 && drawn.height() <= 2048 + 600, "{width} x {height}");
            let white = drawn.pixels().filter(|pixel| pixel.0 == [255; 3]).count();
            assert!(white > 50, "{width} x {height}: {white}");
        }
    }
}

#[test]
fn a_report_names_its_findings_its_picture_its_model_and_that_nobody_verified_it() {
    let bytes = findings_report(&report()).expect("made");
    keep("report.dcm", &bytes);
    assert_eq!(open_bytes(bytes.clone(), "x").expect_err("no picture").code(), "no_pixels");
    assert_eq!(value_of(&bytes, "(0040,A493)").as_deref(), Some("UNVERIFIED"));
    assert_eq!(value_of(&bytes, "(0040,A496)").as_deref(), Some("PRELIMINARY"));
    assert_eq!(value_of(&bytes, "(0008,1155)").as_deref(), Some("1.2.3.4.5"));
    for word in [
        "Imaging Measurement Report",
        "Bacterial pneumonia",
        "81.25",
        "Certainty of Finding",
        "open-resnet50",
        "SHA-256 abab",
        "a_condition_without_a_code",
        "Not a diagnosis",
    ] {
        assert!(holds(&bytes, word), "{word}");
    }
}

#[test]
fn other_programs_find_nothing_wrong_with_a_report() {
    for (name, report) in [("report", report()), ("silent", silent()), ("verified", verified())] {
        let bytes = findings_report(&report).expect("made");
        keep(&format!("{name}.sr.dcm"), &bytes);
        assert_eq!(complaints(&bytes), Vec::<String>::new(), "{name}");
        let Some((well, said)) = ask("dsrdump", &["+Pc"], &bytes) else { continue };
        // dcmtk 3.6.7 cannot check names in UTF-8 and says so.
        let said = said.replace("W: The VR checker does not support this Specific", "");
        let faults = ["E: ", "W: ", "error", "invalid"];
        assert!(well && !faults.iter().any(|fault| said.contains(fault)), "{name}: {said}");
        let finding = said.contains("Bacterial pneumonia") && said.contains("\"81.25\"");
        assert_eq!(finding, name != "silent", "{said}");
        assert!(
            said.contains("Algorithm Name") == finding && said.contains("Computed by a program")
        );
    }
}

#[test]
fn silence_is_said_and_has_no_number() {
    let bytes = findings_report(&silent()).expect("made");
    assert!(holds(&bytes, "Not assessed: not a chest X-ray"));
    assert!(!holds(&bytes, "Certainty of Finding") && !holds(&bytes, "Imaging Measurements"));
}

#[test]
fn a_verified_report_names_who_and_stays_preliminary() {
    let bytes = findings_report(&verified()).expect("made");
    assert_eq!(value_of(&bytes, "(0040,A493)").as_deref(), Some("VERIFIED"));
    assert_eq!(value_of(&bytes, "(0040,A496)").as_deref(), Some("PRELIMINARY"));
    assert_eq!(value_of(&bytes, "(0040,A075)").as_deref(), Some("Haddad^Nour"));
    assert_eq!(value_of(&bytes, "(0040,A030)").as_deref(), Some("20260205060708"));
}

#[test]
fn names_that_would_break_a_file_are_brought_into_form() {
    let mut odd = report();
    odd.about.patient_name = format!("A\\B\n\u{0}{}", "x".repeat(200));
    odd.about.accession_number = "0123456789ABCDEFGHIJ".into();
    odd.model.name = "  ".into();
    odd.outcome = Outcome::Assessed(vec![finding("1", "SCT", &"y".repeat(100), f64::NAN)]);
    let bytes = findings_report(&odd).expect("made");
    assert!(
        value_of(&bytes, "(0010,0010)").is_some_and(|n| n.starts_with("A/B  x") && n.len() == 64)
    );
    assert_eq!(value_of(&bytes, "(0008,0050)").as_deref(), Some("0123456789ABCDEF"));
    assert!(!holds(&bytes, "NaN"), "what is no number is none");
}
