//! Studies found in folders, archives and on discs.

use crate::fixtures::{EXPLICIT, Recipe, item, sequence, text};
use dicom_core::VR;
use dicom_core::value::PrimitiveValue;
use dicom_dictionary_std::tags;
use dicom_io::archive::Archive;
use dicom_io::collection::{Listing, list_archive, list_dicomdir, list_folder};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

fn file(study: &str, series: &str, number: &str) -> Vec<u8> {
    Recipe::mono(EXPLICIT, 8, 8, false)
        .with(tags::STUDY_INSTANCE_UID, VR::UI, study)
        .with(tags::SERIES_INSTANCE_UID, VR::UI, series)
        .with(tags::SERIES_NUMBER, VR::IS, "1")
        .with(tags::INSTANCE_NUMBER, VR::IS, number)
        .bytes()
}

/// Uncompressed entries, their list and its end.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let size = u32::try_from(bytes.len()).expect("small").to_le_bytes();
        let name_length = u16::try_from(name.len()).expect("short").to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc(bytes).to_le_bytes());
        common.extend([size, size].concat());
        common.extend(name_length);
        common.extend([0, 0]);
        let offset = u32::try_from(out.len()).expect("small").to_le_bytes();
        list.extend(b"PK\x01\x02\x14\0");
        list.extend(&common);
        list.extend([0; 10]);
        list.extend(offset);
        list.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(*bytes);
    }
    let start = u32::try_from(out.len()).expect("small").to_le_bytes();
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    let length = u32::try_from(list.len()).expect("small").to_le_bytes();
    out.extend(list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend(length);
    out.extend(start);
    out.extend([0, 0]);
    out
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
        crc
    })
}

fn names(listing: &Listing) -> Vec<Vec<&str>> {
    listing.studies.iter().map(|s| s.files.iter().map(|f| f.name.as_str()).collect()).collect()
}

#[test]
fn a_folder_is_sorted_into_studies_and_says_what_it_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("CD/A");
    std::fs::create_dir_all(&inner).expect("made");
    std::fs::write(inner.join("3"), file("1.2.5", "1.2.5.1", "2")).expect("written");
    std::fs::write(inner.join("1"), file("1.2.5", "1.2.5.1", "10")).expect("written");
    std::fs::write(folder.path().join("x.dcm"), file("1.2.4", "1.2.4.1", "1")).expect("written");
    std::fs::write(folder.path().join("viewer.exe"), b"MZ not for us").expect("written");
    let listing = list_folder(folder.path()).expect("readable");
    assert_eq!(names(&listing), [vec!["x.dcm"], vec!["CD/A/3", "CD/A/1"]], "2 comes before 10");
    assert_eq!(listing.studies[1].uid.as_deref(), Some("1.2.5"));
    assert_eq!(listing.studies[1].patient_name.as_deref(), Some("DOE^JANE"));
    let [(name, reason)] = &listing.refused[..] else { panic!("one is left out") };
    assert_eq!((name.as_str(), reason.code()), ("viewer.exe", "not_an_image"));
}

#[test]
fn an_archive_is_sorted_without_touching_the_disk() {
    let (one, two) = (file("1.2.5", "1.2.5.1", "1"), file("1.2.4", "1.2.4.1", "1"));
    let bytes = zip(&[("a/1", &one), ("..\\..\\2", &two), ("readme.txt", b"hello"), ("a/", b"")]);
    let archive = Archive::open(bytes).expect("in order");
    assert_eq!(archive.entries().len(), 3, "a folder is no file");
    assert_eq!(archive.read(&archive.entries()[0]).expect("unpacks"), one);
    let listing = list_archive(&archive);
    assert_eq!(names(&listing), [["../../2"], ["a/1"]]);
    assert_eq!(listing.refused.len(), 1);
}

#[test]
fn archives_made_to_hurt_are_refused_before_they_are_unpacked() {
    let code = |bytes: Vec<u8>| {
        Archive::open(bytes)
            .and_then(|archive| archive.read(&archive.entries()[0]).map(|_| ()))
            .map_or_else(|error| error.code(), |()| "read")
    };
    let good = zip(&[("a", b"0123456789"), ("b", b"0123456789")]);
    assert_eq!(code(good.clone()), "read");
    let list = good.windows(4).position(|w| w == b"PK\x01\x02").expect("a list");
    let second = list + 47;
    let patched = |at: usize, bytes: &[u8]| {
        let mut bad = good.clone();
        bad[at..at + bytes.len()].copy_from_slice(bytes);
        bad
    };
    assert_eq!(code(patched(list + 24, &0x4000_0000_u32.to_le_bytes())), "too_large", "a bomb");
    assert_eq!(code(patched(second + 42, &[0; 4])), "broken", "both share their bytes");
    assert_eq!(code(patched(list + 8, &[1])), "broken", "locked");
    assert_eq!(code(patched(list + 16, &[9, 9, 9, 9])), "broken", "another sum");
    assert_eq!(code(patched(list + 10, &[12])), "unsupported_pixels", "packed otherwise");
    assert_eq!(code(patched(list + 42, &[0xF0, 0xFF, 0xFF, 0x7F])), "broken", "lies elsewhere");
    assert_eq!(code(good[..good.len() - 8].to_vec()), "truncated");
    assert_eq!(code(b"PK\x05\x06".to_vec()), "truncated");
    assert_eq!(code(b"no archive".to_vec()), "not_an_image");
    for way in 0..3000 {
        let _ = code_of_any(&dicom_io::damage::damaged(&good, way));
    }
}

fn code_of_any(bytes: &[u8]) -> Option<usize> {
    let archive = Archive::open(bytes.to_vec()).ok()?;
    Some(archive.entries().iter().filter(|entry| archive.read(entry).is_ok()).count())
}

/// A directory of one patient, one study, one series and two images, linked by offsets.
fn dicomdir(file_id: &str) -> Vec<u8> {
    let number =
        |tag, value: u32| dicom_core::DataElement::new(tag, VR::UL, PrimitiveValue::from(value));
    let record = |next: u32, lower: u32, kind: &str, mut more: Vec<_>| {
        let mut elements = vec![
            number(tags::OFFSET_OF_THE_NEXT_DIRECTORY_RECORD, next),
            number(tags::OFFSET_OF_REFERENCED_LOWER_LEVEL_DIRECTORY_ENTITY, lower),
            text(tags::DIRECTORY_RECORD_TYPE, VR::CS, kind),
        ];
        elements.append(&mut more);
        item(elements)
    };
    let make = |at: &[u32]| -> Vec<u8> {
        let image = |next, id: &str, number: &str| {
            record(
                next,
                0,
                "IMAGE",
                vec![
                    text(tags::REFERENCED_FILE_ID, VR::CS, id),
                    text(tags::INSTANCE_NUMBER, VR::IS, number),
                ],
            )
        };
        let study = vec![
            text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.9"),
            text(tags::STUDY_DATE, VR::DA, "20260203"),
        ];
        let object = item(vec![
            number(tags::OFFSET_OF_THE_FIRST_DIRECTORY_RECORD_OF_THE_ROOT_DIRECTORY_ENTITY, at[0]),
            sequence(
                tags::DIRECTORY_RECORD_SEQUENCE,
                vec![
                    record(0, at[1], "PATIENT", vec![text(tags::PATIENT_ID, VR::LO, "P7")]),
                    record(0, at[2], "STUDY", study),
                    // The images stand in the file in another order than the links say.
                    record(0, at[4], "SERIES", vec![text(tags::MODALITY, VR::CS, "CT")]),
                    image(0, "IM\\TWO", "2"),
                    image(at[3], file_id, "1"),
                ],
            ),
        ]);
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(EXPLICIT)
            .media_storage_sop_class_uid("1.2.840.10008.1.3.10")
            .media_storage_sop_instance_uid("1.2.3");
        let mut bytes = Vec::new();
        let object: InMemDicomObject = object;
        object.with_meta(meta).expect("complete").write_all(&mut bytes).expect("memory");
        bytes
    };
    // Offsets are known once it has been written.
    let draft = make(&[0; 5]);
    let records: Vec<u32> = draft
        .windows(16)
        .enumerate()
        .filter(|(_, w)| w[..4] == [0xFE, 0xFF, 0, 0xE0] && w[8..12] == [4, 0, 0, 0x14])
        .map(|(at, _)| u32::try_from(at).expect("small"))
        .collect();
    make(&records)
}

#[test]
fn a_disc_is_listed_from_its_directory() {
    let listing = list_dicomdir(&dicomdir("IM\\ONE")).expect("in order");
    assert_eq!(names(&listing), [["IM/ONE", "IM/TWO"]]);
    let study = &listing.studies[0];
    assert_eq!((study.uid.as_deref(), study.patient_id.as_deref()), (Some("1.2.9"), Some("P7")));
    assert!(study.files.iter().all(|file| file.modality.as_deref() == Some("CT")));
}

#[test]
fn a_directory_may_neither_lead_out_of_its_disc_nor_run_in_circles() {
    let listing = list_dicomdir(&dicomdir("..\\..\\PASSWD")).expect("in order");
    assert_eq!(names(&listing), [["IM/TWO"]]);
    assert_eq!(listing.refused.len(), 1);
    let good = dicomdir("IM\\ONE");
    for way in 0..3000 {
        let _ = list_dicomdir(&dicom_io::damage::damaged(&good, way));
    }
    assert_eq!(list_dicomdir(&file("1.2", "1.3", "1")).expect_err("an image").code(), "broken");
}
