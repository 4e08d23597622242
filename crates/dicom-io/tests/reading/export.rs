//! Copies that go out without their patient.

use crate::fixtures::{BIG, EXPLICIT, IMPLICIT, RLE, Recipe, item, sequence, text, words};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_io::deidentify::{ExportError, Plan, deidentify};
use dicom_io::{inspect_bytes, open_bytes, render};
use std::path::Path;

pub const RADIOGRAPH: &str = "1.2.840.10008.5.1.4.1.1.1.1";

fn plan() -> Plan {
    Plan { pseudonym: "STUDY^٧".into(), key: [7; 32], shift_days: None, pixels_checked: false }
}

/// A file full of a patient.
fn revealing(syntax: &'static str) -> Recipe {
    let secret = "Kilimanjaro";
    Recipe::mono(syntax, 16, 12, false)
        .with(tags::SOP_CLASS_UID, VR::UI, RADIOGRAPH)
        .with(tags::PATIENT_NAME, VR::PN, secret)
        .with(tags::PATIENT_ID, VR::LO, secret)
        .with(tags::PATIENT_COMMENTS, VR::LT, secret)
        .with(tags::INSTITUTION_NAME, VR::LO, secret)
        .with(tags::STUDY_DESCRIPTION, VR::LO, secret)
        .with(tags::PROTOCOL_NAME, VR::LO, secret)
        .with(tags::STATION_NAME, VR::SH, secret)
        .with(tags::IMAGE_COMMENTS, VR::LT, secret)
        .with(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.3.4.5")
        .with(tags::BODY_PART_EXAMINED, VR::CS, "CHEST")
        .with(tags::PIXEL_SPACING, VR::DS, "0.5\\0.5")
        .with(tags::WINDOW_CENTER, VR::DS, "2000")
        .with(tags::WINDOW_WIDTH, VR::DS, "4000")
        .with(Tag(0x0009, 0x0010), VR::LO, secret)
        .with(Tag(0x0009, 0x1001), VR::LO, secret)
        .with_element(words(Tag(0x6000, 0x3000), VR::OW, &[0x6C69, 0x694B]))
        .with_element(sequence(
            tags::SOURCE_IMAGE_SEQUENCE,
            vec![item(vec![
                text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, "1.2.3.4"),
                text(tags::INSTITUTION_NAME, VR::LO, secret),
            ])],
        ))
}

pub fn value_of(bytes: &[u8], tag: &str) -> Option<String> {
    let table = inspect_bytes(bytes).expect("a copy is readable");
    let rows = table["elements"].as_array().expect("a table");
    let row = rows.iter().find(|row| row["tag"] == tag)?;
    row["value"].as_str().map(str::to_owned)
}

pub fn holds(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

#[test]
fn a_copy_has_the_picture_and_nothing_of_the_patient() {
    for syntax in [EXPLICIT, IMPLICIT, BIG, RLE] {
        let original = revealing(syntax).bytes();
        assert!(holds(&original, "Kilimanjaro") && holds(&original, "20260204"));
        let copy = deidentify(&original, &plan()).expect("copied");
        for secret in ["Kilimanjaro", "20260204", "20100203", "1.2.3.4.5", "DOE"] {
            assert!(!holds(&copy, secret), "{syntax}: {secret} is still there");
        }
        let (before, after) = (
            open_bytes(original, "x").expect("opens"),
            open_bytes(copy.clone(), "x").expect("opens"),
        );
        assert_eq!(before.frame(0).expect("read"), after.frame(0).expect("read"), "{syntax}");
        assert_eq!(render(&before, 0).expect("drawn"), render(&after, 0).expect("drawn"));
        assert_eq!(after.meta.body_part.as_deref(), Some("CHEST"));
        assert!(after.meta.pixel_spacing.is_some() && after.overlays().is_empty());
        assert_eq!(after.meta.patient.name.as_deref(), Some("STUDY^٧"), "{syntax}");
        assert_eq!(value_of(&copy, "(0012,0062)").as_deref(), Some("YES"));
        assert_eq!(value_of(&copy, "(0028,0303)").as_deref(), Some("REMOVED"));
        assert_eq!(value_of(&copy, "(0010,0030)").as_deref(), Some(""), "present and empty");
    }
}

#[test]
fn uids_are_mapped_the_same_way_everywhere_and_the_standards_own_stay() {
    let copy = deidentify(&revealing(EXPLICIT).bytes(), &plan()).expect("copied");
    let opened = open_bytes(copy.clone(), "x").expect("opens");
    let instance = opened.meta.sop_uid.clone().expect("there is one");
    assert!(instance.starts_with("2.25.") && instance.len() <= 64, "{instance}");
    assert_eq!(value_of(&copy, "(0008,1155)").as_deref(), Some(&*instance), "the same object");
    assert_eq!(value_of(&copy, "(0002,0003)").as_deref(), Some(&*instance));
    assert_eq!(opened.meta.sop_class_uid.as_deref(), Some(RADIOGRAPH));
    let other = Plan { key: [8; 32], ..plan() };
    let other = deidentify(&revealing(EXPLICIT).bytes(), &other).expect("copied");
    assert_ne!(value_of(&other, "(0002,0003)").as_deref(), Some(&*instance));
}

#[test]
fn dates_can_be_moved_so_that_intervals_stay() {
    let plan = Plan { shift_days: Some(-40), ..plan() };
    let copy = deidentify(&revealing(EXPLICIT).bytes(), &plan).expect("copied");
    assert_eq!(value_of(&copy, "(0008,0020)").as_deref(), Some("20251226"));
    assert_eq!(value_of(&copy, "(0028,0303)").as_deref(), Some("MODIFIED"));
    assert!(!holds(&copy, "20100203"), "the birth date is not moved but gone");
}

#[test]
fn pictures_that_may_show_a_name_wait_for_a_person() {
    let mut recipe = revealing(EXPLICIT).with(tags::BURNED_IN_ANNOTATION, VR::CS, "YES");
    let refused = |recipe: &Recipe| deidentify(&recipe.bytes(), &plan());
    assert!(matches!(refused(&recipe), Err(ExportError::MayShowName { .. })));
    let checked = Plan { pixels_checked: true, ..plan() };
    assert!(deidentify(&recipe.bytes(), &checked).is_ok());
    recipe = revealing(EXPLICIT).with(tags::MODALITY, VR::CS, "US");
    assert!(matches!(refused(&recipe), Err(ExportError::MayShowName { .. })));
    recipe = recipe.with(tags::BURNED_IN_ANNOTATION, VR::CS, "NO");
    assert!(refused(&recipe).is_ok(), "its header says that there is none");
}

#[test]
fn real_files_of_every_codec_keep_their_pixels_in_a_copy() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut copied = 0;
    for entry in std::fs::read_dir(folder).expect("our own folder").flatten() {
        let bytes = std::fs::read(entry.path()).expect("readable");
        let Ok(before) = open_bytes(bytes.clone(), "x") else { continue };
        let name = entry.file_name();
        let checked = Plan { pixels_checked: true, ..plan() };
        let copy = deidentify(&bytes, &checked).expect("copied");
        let after = open_bytes(copy, "x").unwrap_or_else(|error| panic!("{name:?}: {error}"));
        for frame in 0..before.meta.frames {
            let (a, b) = (before.native(frame), after.native(frame));
            assert_eq!(a.expect("read"), b.expect("read"), "{name:?}");
        }
        copied += 1;
    }
    assert!(copied >= 20, "{copied}");
}
