//! Folders, archives and discs through `study.import`: every picture is taken in by itself, and
//! what is broken, dangerous or no picture is told by its name.

use super::*;
use std::io::Write as _;
use std::path::Path;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dicom-io/tests/fixtures").join(name);
    std::fs::read(path).expect("a file of the repository")
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("below a folder")).expect("made");
    std::fs::write(path, bytes).expect("written");
}

/// An archive whose entries are not packed; `promised` is the size that the list claims.
pub(super) fn zip(files: &[(&str, &[u8], Option<u32>)]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    let number = |n: usize| u32::try_from(n).expect("small").to_le_bytes();
    for (name, bytes, promised) in files {
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc(bytes).to_le_bytes());
        common.extend(number(bytes.len()));
        common.extend(promised.map_or(number(bytes.len()), u32::to_le_bytes));
        common.extend(&number(name.len())[..2]);
        common.extend([0, 0]);
        list.extend(b"PK\x01\x02\x14\0");
        list.extend(&common);
        list.extend([0; 10]);
        list.extend(number(out.len()));
        list.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(*bytes);
    }
    let (start, length) = (number(out.len()), number(list.len()));
    out.extend(list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([&number(files.len())[..2], &number(files.len())[..2]].concat());
    out.extend([length, start].concat());
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

fn importer() -> Desk {
    let desk = Desk::training();
    desk.sign_in("mbeki");
    desk
}

fn import(desk: &Desk, handle: &str) -> Value {
    desk.ok("study.import", json!({ "handles": [handle], "patient": null, "analyse": false }))
}

fn import_path(desk: &Desk, path: &Path) -> Value {
    import(desk, &desk.backend().hold_path(path).handle)
}

/// Name and what became of it: `opened` or the reason.
fn became(imported: &Value) -> Vec<(String, String)> {
    let files = imported["files"].as_array().expect("files");
    let mut all: Vec<_> = files
        .iter()
        .map(|file| {
            let error = &file["error"];
            let why = error["args"]["why"].as_str().or(error["code"].as_str());
            (text(file, "name"), why.unwrap_or("opened").to_owned())
        })
        .collect();
    all.sort();
    all
}

fn said(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, what)| ((*name).to_owned(), (*what).to_owned())).collect()
}

#[test]
fn a_folder_becomes_its_studies_and_says_what_it_left_out() {
    let (desk, folder) = (importer(), tempfile::tempdir().expect("a folder"));
    let mr = fixture("MR_small_RLE.dcm");
    write(folder.path(), "A/1", &mr);
    write(folder.path(), "A/2", &connections::second());
    write(folder.path(), "B/cut", &mr[..mr.len() / 2]);
    write(folder.path(), "B/other.dcm", &fixture("JPGExtended.dcm"));
    write(folder.path(), "report", &fixture("reportsi.dcm"));
    write(folder.path(), "viewer/viewer.exe", b"MZ not for us");
    write(folder.path(), "photos/fundus.png", &png(3));
    write(folder.path(), "photos/lost.dcm", b"");
    let imported = import_path(&desk, folder.path());
    let expected = [
        ("A/1", "opened"),
        ("A/2", "opened"),
        ("B/cut", "truncated"),
        ("B/other.dcm", "opened"),
        ("photos/fundus.png", "opened"),
        ("photos/lost.dcm", "empty"),
        ("report", "no_pixels"),
    ];
    assert_eq!(became(&imported), said(&expected));
    assert_eq!(imported["others"], 1, "the viewer");
    let of = |name: &str| {
        let files = imported["files"].as_array().expect("files");
        files.iter().find(|f| f["name"] == name).expect("listed")["study"].clone()
    };
    assert_eq!(of("A/1"), of("A/2"), "one study");
    assert_ne!(of("A/1"), of("B/other.dcm"));
    let view = desk.ok("study.view", json!({ "id": of("A/1") }));
    assert_eq!(view["images"].as_array().expect("images").len(), 2);
    assert_eq!(view["images"][0]["fileName"], "1");
    let again = import_path(&desk, folder.path());
    assert!(
        again["files"]
            .as_array()
            .expect("files")
            .iter()
            .all(|f| f["error"].is_object() || f["known"] == true)
    );
}

#[test]
fn the_pictures_of_a_viewer_on_a_disc_are_left_alone() {
    let (desk, folder) = (importer(), tempfile::tempdir().expect("a folder"));
    write(folder.path(), "DICOMDIR", &fixture("DICOMDIR"));
    write(folder.path(), "IM1", &fixture("JPGExtended.dcm"));
    write(folder.path(), "viewer/logo.png", &png(3));
    let imported = import_path(&desk, folder.path());
    let names: Vec<String> = became(&imported).into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"IM1".to_owned()) && !names.iter().any(|n| n.contains("logo")));
    assert_eq!(imported["others"], 1, "the logo");
}

#[test]
fn a_folder_without_dicom_gives_its_other_pictures() {
    let (desk, folder) = (importer(), tempfile::tempdir().expect("a folder"));
    write(folder.path(), "one.png", &png(1));
    write(folder.path(), "two.png", &png(2));
    write(folder.path(), "letter.txt", b"Dear colleague");
    let imported = import_path(&desk, folder.path());
    assert_eq!(became(&imported), said(&[("one.png", "opened"), ("two.png", "opened")]));
    assert_eq!(imported["others"], 1);
}

#[test]
fn an_archive_is_taken_in_file_by_file_and_a_bomb_is_not() {
    let desk = importer();
    let (good, report) = (fixture("MR_small_RLE.dcm"), fixture("reportsi.dcm"));
    let hold = |bytes| desk.backend().hold_bytes("study.zip", bytes).expect("held").handle;
    let bytes = zip(&[
        ("../../IM1", &good, None),
        ("cut", &good[..good.len() - 400], None),
        ("report", &report, None),
        ("autorun.inf", b"[autorun]", None),
    ]);
    let imported = import(&desk, &hold(bytes));
    let expected = [("../../IM1", "opened"), ("cut", "truncated"), ("report", "no_pixels")];
    assert_eq!(became(&imported), said(&expected), "a name is a name and not a path");
    assert_eq!(imported["others"], 1);
    let bomb = zip(&[("IM1", &good, None), ("bomb", &good, Some(0x7000_0000))]);
    assert_eq!(became(&import(&desk, &hold(bomb))), said(&[("study.zip", "archive_too_much")]));
    let twins = zip(&[("IM1", &fixture("JPGExtended.dcm"), None), ("IM1", &good, None)]);
    assert_eq!(became(&import(&desk, &hold(twins))), said(&[("IM1", "broken"), ("IM1", "opened")]));
    let cut = zip(&[("IM1", &good, None)]);
    assert_eq!(
        became(&import(&desk, &hold(cut[..300].to_vec()))),
        said(&[("study.zip", "truncated")])
    );
}

#[test]
fn a_disc_is_opened_by_its_table_of_contents_and_misses_are_named() {
    let (desk, folder) = (importer(), tempfile::tempdir().expect("a folder"));
    let contents = fixture("DICOMDIR");
    // Mounted in small letters, as some systems do.
    write(folder.path(), "dicomdir", &contents);
    write(folder.path(), "images/im1", &fixture("MR_small_bigendian.dcm"));
    write(folder.path(), "images/not_listed", &fixture("JPGExtended.dcm"));
    let imported = import_path(&desk, &folder.path().join("dicomdir"));
    let expected = [("IMAGES/IM1", "opened"), ("IMAGES/IM2", "io")];
    assert_eq!(became(&imported), said(&expected));
    let whole = import_path(&desk, folder.path());
    let expected =
        [("IMAGES/IM2", "missing"), ("images/im1", "opened"), ("images/not_listed", "opened")];
    assert_eq!(became(&whole), said(&expected));
    let alone =
        import(&desk, &desk.backend().hold_bytes("DICOMDIR", contents).expect("held").handle);
    assert_eq!(became(&alone), said(&[("DICOMDIR", "directory_alone")]));
}

#[test]
#[cfg(unix)]
fn a_link_on_a_disc_leads_nowhere() {
    let (desk, folder) = (importer(), tempfile::tempdir().expect("a folder"));
    let outside = tempfile::tempdir().expect("a folder");
    write(outside.path(), "IM1", &fixture("MR_small_RLE.dcm"));
    write(folder.path(), "DICOMDIR", &fixture("DICOMDIR"));
    std::os::unix::fs::symlink(outside.path(), folder.path().join("IMAGES")).expect("linked");
    let imported = import_path(&desk, &folder.path().join("DICOMDIR"));
    assert_eq!(became(&imported), said(&[("IMAGES/IM1", "io"), ("IMAGES/IM2", "io")]));
}

#[test]
fn a_film_in_a_folder_and_an_archive_without_end_are_not_read_into_memory() {
    let (desk, folder) = (importer(), tempfile::tempdir().expect("a folder"));
    write(folder.path(), "IM1", &fixture("MR_small_RLE.dcm"));
    // Sparse: gigabytes that take no room on the disk.
    let mut film = std::fs::File::create(folder.path().join("film.mpg")).expect("made");
    film.write_all(b"\0\0\x01\xBA").expect("written");
    film.set_len(1 << 31).expect("grown");
    let imported = import_path(&desk, folder.path());
    assert_eq!(became(&imported), said(&[("IM1", "opened")]));
    assert_eq!(imported["others"], 1);
    let archive = folder.path().join("all.zip");
    let mut file = std::fs::File::create(&archive).expect("made");
    file.write_all(b"PK\x03\x04").expect("written");
    file.set_len(1 << 31).expect("grown");
    assert_eq!(became(&import_path(&desk, &archive)), said(&[("all.zip", "archive_too_large")]));
}
