//! Against an archive of another house: Debian's `orthanc` with `orthanc-dicomweb`.

use dicom_web::{Archive, Credentials, Failure, Options, Query};
use std::path::Path;
use support::Orthanc;

#[path = "support/orthanc.rs"]
mod support;

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dicom-io/tests/fixtures");
    std::fs::read(folder.join(name)).expect("a fixture")
}

/// The study, patient and instance that a file says it is of.
fn said(bytes: &[u8]) -> (String, String) {
    let meta = dicom_io::open_bytes(bytes.to_vec(), "x").expect("a picture").meta;
    (meta.study_uid.expect("a study"), meta.sop_uid.expect("an instance"))
}

#[test]
fn what_is_sent_is_found_and_comes_back_byte_for_byte_in_its_pixels() {
    let Some(orthanc) = Orthanc::start() else { return };
    let archive = orthanc.archive();
    assert_eq!(archive.search(&Query::default()).expect("empty").rows, []);

    let files = [fixture("MR_small_RLE.dcm"), fixture("JPGExtended.dcm"), fixture("liver_j2k.dcm")];
    let sent: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let stored = archive.store(&sent).expect("answered");
    assert_eq!((stored.kept.len(), stored.refused.len()), (3, 0), "{stored:?}");
    // Once more is no more.
    assert_eq!(archive.store(&sent[..1]).expect("answered").kept.len(), 1);

    let all = archive.search(&Query::default()).expect("found");
    assert_eq!((all.more, all.unusable), (false, 0));
    for file in &files {
        let (study, instance) = said(file);
        assert!(all.rows.iter().any(|row| row.study_uid == study), "{all:?}");
        let mut came = vec![];
        let count = archive.fetch(&study, |file| {
            came.push(file);
            Ok(())
        });
        assert_eq!(count, Ok(u32::try_from(came.len()).expect("few")));
        let back = came.iter().find(|bytes| said(bytes).1 == instance).expect("it came back");
        let frame = |bytes: &[u8]| {
            let opened = dicom_io::open_bytes(bytes.to_vec(), "x").expect("a picture");
            opened.frame(0).expect("a frame").stored
        };
        assert_eq!(frame(back), frame(file));
    }
    let (study, _) = said(&files[0]);
    let one = Query { study_uid: study.clone(), ..Query::default() };
    let found = archive.search(&one).expect("found").rows;
    assert_eq!(found.len(), 1);
    let name = found[0].patient_name.clone().expect("a name");
    assert!(found[0].modalities.contains(&"MR".to_owned()), "{found:?}");
    let by_name = Query { patient_name: name[..4].to_lowercase(), ..Query::default() };
    let found = archive.search(&by_name).expect("found").rows;
    assert!(found.iter().any(|row| row.study_uid == study), "{found:?}");
    // One thing that is known is enough: what is empty, or a star, matches anything.
    let (id, accession) = (row_of(&archive, &study).patient_id, row_of(&archive, &study).accession);
    let date = row_of(&archive, &study).study_date.expect("a day");
    let any = |query: Query| Query { patient_name: "*".into(), ..query };
    for query in [
        Query { patient_id: id.expect("a number"), ..Query::default() },
        Query { modality: "MR".into(), ..Query::default() },
        Query { from: date.clone(), ..Query::default() },
        Query { to: date.clone(), ..Query::default() },
        Query { from: date.clone(), to: date, ..Query::default() },
        Query {
            accession: accession.unwrap_or_default(),
            modality: "MR".into(),
            ..Query::default()
        },
    ] {
        for query in [query.clone(), any(query)] {
            let found = archive.search(&query).expect("found").rows;
            assert!(found.iter().any(|row| row.study_uid == study), "{found:?}");
        }
    }
    let nobody = Query { patient_name: "NOBODY^IS^CALLED^SO".into(), ..Query::default() };
    assert_eq!(archive.search(&nobody).expect("an answer").rows, []);
}

fn row_of(archive: &Archive, study: &str) -> dicom_web::Row {
    let one = Query { study_uid: study.to_owned(), ..Query::default() };
    archive.search(&one).expect("found").rows.remove(0)
}

#[test]
fn what_the_archive_refuses_or_does_not_have_is_told() {
    let Some(orthanc) = Orthanc::start() else { return };
    let archive = orthanc.archive();
    match archive.store(&[b"this is no DICOM file"]) {
        Ok(stored) => assert!(stored.kept.is_empty() && stored.refused.len() == 1, "{stored:?}"),
        Err(failure) => assert_eq!(failure.code(), "status", "{failure}"),
    }
    assert_eq!(archive.fetch("1.2.3.4", |_| Ok(())), Err(Failure::NotFound));
    let wrong = Credentials::Password { user: "desk".into(), password: "guess".into() };
    for credentials in [wrong, Credentials::None] {
        let options = Options { credentials, ..orthanc.options() };
        let end = Archive::new(&options).expect("good").echo();
        assert_eq!(end, Err(Failure::NotLetIn(401)));
    }
    let root = orthanc.options().address.replace("/dicom-web", "/app");
    let page = Archive::new(&Options { address: root, ..orthanc.options() }).expect("good").echo();
    assert!(page.is_err(), "{page:?}");
}
