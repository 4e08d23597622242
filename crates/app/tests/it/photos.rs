//! A picture of a donor through the real store: what is kept of a file, what is refused, who sees it,
//! and what becomes of its bytes.

use super::shut::audits;
use super::*;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, Rgb, RgbImage};
use records::Audit;

fn desk() -> Desk {
    let desk = Desk::training();
    desk.sign_in("joseph");
    desk
}

fn registered(desk: &Desk, family: &str, born: &str) -> String {
    let new = json!({
        "family": family, "given": "Mary", "birthDate": born, "sex": "female", "phone": null,
        "area": null, "paper": null, "consent": true, "guardian": null, "override": null,
    });
    text(&desk.ok("donor.register", new), "id")
}

/// Red where the head is, blue below.
fn drawn(cols: u32, rows: u32) -> RgbImage {
    RgbImage::from_fn(cols, rows, |_, y| match y < rows / 2 {
        true => Rgb([200, 20, 20]),
        false => Rgb([20, 20, 200]),
    })
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut out = vec![];
    JpegEncoder::new_with_quality(&mut out, 90).encode_image(picture).expect("a picture");
    out
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut out = std::io::Cursor::new(vec![]);
    picture.write_to(&mut out, ImageFormat::Png).expect("a picture");
    out.into_inner()
}

/// As a telephone writes it: which way it was held, whose it is, and where it was.
fn with_exif(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()]
            .concat()
    };
    let mut tiff = b"II*\0\x08\0\0\0\x03\0".to_vec();
    tiff.extend(entry(0x010F, 2, 16, 50));
    tiff.extend(entry(0x0112, 3, 1, u32::from(orientation)));
    tiff.extend(entry(0x8825, 4, 1, 66));
    tiff.extend([0; 4]);
    tiff.extend(b"SECRET TELEPHONE");
    tiff.extend(1u16.to_le_bytes());
    tiff.extend(entry(0x001D, 2, 11, 84));
    tiff.extend([0; 4]);
    tiff.extend(b"2026:11:20\0WHERE SHE LIVES");
    let length = u16::try_from(tiff.len() + 8).expect("short");
    let mut out = vec![0xFF, 0xD8, 0xFF, 0xE1];
    out.extend(length.to_be_bytes());
    out.extend(b"Exif\0\0");
    out.extend(tiff);
    out.extend(&jpeg[2..]);
    out
}

fn asked(desk: &Desk, donor: &str, bytes: Vec<u8>) -> Value {
    let file = desk.backend().hold_bytes("me.jpg", bytes).expect("held").handle;
    let shown = desk.ok("donor.view", json!({ "id": donor }))["photo"]["sha256"].clone();
    json!({ "donor": donor, "file": file, "agreed": true, "guardian": null, "replaces": shown })
}

#[track_caller]
fn set(desk: &Desk, donor: &str, bytes: Vec<u8>) -> String {
    desk.ok("donor.photo_set", asked(desk, donor, bytes));
    text(&desk.ok("donor.view", json!({ "id": donor }))["photo"], "sha256")
}

fn shown(desk: &Desk, donor: &str, sha256: &str) -> Vec<u8> {
    let got = desk.ok("donor.photo", json!({ "donor": donor, "sha256": sha256 }));
    assert_eq!(got["mediaType"], "image/jpeg");
    unpacked(got["data"].as_str().expect("text"))
}

fn unpacked(base64: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut count) = (vec![], 0u32, 0);
    for letter in base64.bytes().filter(|b| *b != b'=') {
        let value = LETTERS.iter().position(|l| *l == letter).expect("base64");
        bits = bits << 6 | u32::try_from(value).expect("small");
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xFF).expect("a byte"));
        }
    }
    out
}

/// How many files of these bytes the store holds.
fn kept(desk: &mut Desk, sha256: &str) -> u32 {
    desk.stop();
    let home = desk.home.path();
    let dek = KeySlots::load(home).expect("slots").unlock_training().expect("public");
    let db = sqlite::open(&home.join("store.db"), &dek, sqlite::Role::Reader).expect("opens");
    let count = "SELECT count(*) FROM blob WHERE lower(hex(sha256)) = ?1";
    let kept = db.query_row(count, [sha256], |row| row.get(0)).expect("a number");
    drop(db);
    desk.restart();
    desk.sign_in("joseph");
    kept
}

#[test]
fn a_photo_is_drawn_again_small_and_upright_and_nothing_of_the_camera_is_kept() {
    let mut desk = desk();
    let donor = registered(&desk, "Wanjiru", "1990-05-17");
    assert_eq!(desk.ok("donor.view", json!({ "id": donor }))["photo"], Value::Null);
    // Held sideways: 90 degrees clockwise make it upright.
    let sideways = image::imageops::rotate270(&drawn(1200, 1600));
    let file = with_exif(&jpeg(&sideways), 6);
    let secret = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
    assert!(secret(&file, b"WHERE SHE LIVES") && secret(&file, b"SECRET TELEPHONE"));
    let sha256 = set(&desk, &donor, file);
    let bytes = shown(&desk, &donor, &sha256);
    for what in [&b"WHERE SHE LIVES"[..], b"SECRET TELEPHONE", b"Exif", b"2026:11:20", b"II*\0"] {
        assert!(!secret(&bytes, what), "{}", String::from_utf8_lossy(what));
    }
    // No mark but those that the pixels need: JFIF, tables, frame, scan.
    let mut at = 2;
    while bytes[at + 1] != 0xDA {
        assert!([0xE0, 0xDB, 0xC0, 0xC4].contains(&bytes[at + 1]), "{:x}", bytes[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
    }
    let picture = image::load_from_memory(&bytes).expect("a picture").into_rgb8();
    assert_eq!(picture.dimensions(), (480, 640));
    let (head, feet) = (picture.get_pixel(240, 40), picture.get_pixel(240, 600));
    assert!(head[0] > 150 && head[2] < 80, "{head:?}");
    assert!(feet[2] > 150 && feet[0] < 80, "{feet:?}");
    let said = &desk.ok("donor.view", json!({ "id": donor }))["photo"];
    assert_eq!(said["at"], "2026-11-20T12:00:00.000000Z");
    assert_eq!(said["guardian"], Value::Null);
    // In the chain, and there after a restart.
    assert_eq!(kept(&mut desk, &sha256), 1);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
    assert_eq!(shown(&desk, &donor, &sha256), bytes);
}

#[test]
fn a_png_and_a_picture_that_lies_down_fit_too_and_none_is_made_larger() {
    let desk = desk();
    let donor = registered(&desk, "Wanjiru", "1990-05-17");
    let size = |desk: &Desk, bytes: Vec<u8>| {
        let sha256 = set(desk, &donor, bytes);
        let kept = shown(desk, &donor, &sha256);
        image::load_from_memory(&kept).expect("a picture").into_rgb8().dimensions()
    };
    assert_eq!(size(&desk, png(&drawn(2000, 1000))), (480, 240));
    assert_eq!(size(&desk, png(&drawn(96, 128))), (96, 128));
}

#[test]
fn what_is_no_whole_picture_of_a_sane_size_is_refused_in_words_and_leaves_nothing() {
    let mut desk = desk();
    let donor = registered(&desk, "Wanjiru", "1990-05-17");
    let good = jpeg(&drawn(480, 640));
    let vast = |mut jpeg: Vec<u8>| {
        let frame = jpeg.windows(2).position(|mark| mark == [0xFF, 0xC0]).expect("a frame");
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0xC3, 0x50, 0xC3, 0x50]);
        jpeg
    };
    let vast_png = |mut png: Vec<u8>| {
        png[16..20].copy_from_slice(&50_000u32.to_be_bytes());
        png[20..24].copy_from_slice(&50_000u32.to_be_bytes());
        let sum = crc(&png[12..29]);
        png[29..33].copy_from_slice(&sum.to_be_bytes());
        png
    };
    // A preview inside ends where the picture does not.
    let mut preview = vec![0xFF, 0xD8, 0xFF, 0xE2, 0x00, 0x06, 0xFF, 0xD9, 0xFF, 0xD9];
    preview.extend(&good[2..good.len() / 2]);
    let mut heavy = good.clone();
    heavy.resize((32 << 20) + 1, 0);
    let dicom = include_bytes!("../../../dicom-io/tests/fixtures/MR_small_RLE.dcm").to_vec();
    // What begins like a PNG and is read as a film.
    let mut disguised = dicom.clone();
    disguised[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n");
    let whole = png(&drawn(480, 640));
    let attacks: Vec<(&str, Vec<u8>, Code)> = vec![
        ("nothing", vec![], Code::PhotoNotAPicture),
        ("a letter", b"Dear donor".to_vec(), Code::PhotoNotAPicture),
        ("a drawing", b"<svg onload='x'/>".to_vec(), Code::PhotoNotAPicture),
        ("a film", dicom, Code::PhotoNotAPicture),
        ("a film that begins like a PNG", disguised, Code::PhotoNotAPicture),
        ("a TIFF", b"II*\0\x08\0\0\0\0\0\0\0\0\0".to_vec(), Code::PhotoNotAPicture),
        ("a telephone's own form", b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), Code::ImageHeic),
        ("50,000 by 50,000 JPEG", vast(good.clone()), Code::ImageTooLarge),
        ("50,000 by 50,000 PNG", vast_png(whole.clone()), Code::ImageTooLarge),
        ("more bytes than are read", heavy, Code::ImageTooLarge),
        ("half a JPEG", good[..good.len() / 2].to_vec(), Code::PhotoBroken),
        ("half a JPEG with a preview", preview, Code::PhotoBroken),
        ("half a PNG", whole[..whole.len() / 2].to_vec(), Code::PhotoBroken),
        ("only the beginning", vec![0xFF, 0xD8, 0xFF], Code::PhotoBroken),
        ("a thumbnail", jpeg(&drawn(80, 80)), Code::PhotoTooSmall),
        ("a stripe", jpeg(&drawn(6000, 600)), Code::PhotoTooSmall),
    ];
    for (what, bytes, code) in attacks {
        let ask = asked(&desk, &donor, bytes);
        let said = desk.call("donor.photo_set", ask).expect_err(what);
        assert_eq!(said.code, code, "{what}: {said:?}");
    }
    assert_eq!(desk.ok("donor.view", json!({ "id": donor }))["photo"], Value::Null);
    // A file is used once, and one that is on the disk is measured before it is read.
    let ask = asked(&desk, &donor, good);
    desk.ok("donor.photo_set", ask.clone());
    desk.no("donor.photo_set", ask, Code::NotFound);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sparse.jpg");
    let file = std::fs::File::create(&path).expect("made");
    file.set_len(1 << 40).expect("sparse");
    let mut ask = asked(&desk, &donor, vec![]);
    ask["file"] = json!(desk.backend().hold_path(&path).handle);
    desk.no("donor.photo_set", ask.clone(), Code::ImageTooLarge);
    ask["file"] = json!(desk.backend().hold_path(folder.path()).handle);
    desk.no("donor.photo_set", ask, Code::PhotoBroken);
    // Of all these, the store holds one.
    let sha256 = text(&desk.ok("donor.view", json!({ "id": donor }))["photo"], "sha256");
    assert_eq!(kept(&mut desk, &sha256), 1);
    assert_eq!(blobs(&mut desk), 1);
}

fn blobs(desk: &mut Desk) -> u32 {
    desk.stop();
    let home = desk.home.path();
    let dek = KeySlots::load(home).expect("slots").unlock_training().expect("public");
    let db = sqlite::open(&home.join("store.db"), &dek, sqlite::Role::Reader).expect("opens");
    // The training facility comes with films; they are of studies.
    let count = "SELECT count(DISTINCT sha256) FROM blob
                  WHERE lower(hex(sha256)) NOT IN (SELECT sha256 FROM study_image)";
    let kept = db.query_row(count, [], |row| row.get(0)).expect("a number");
    drop(db);
    desk.restart();
    desk.sign_in("joseph");
    kept
}

/// The sum behind each part of a PNG.
fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
    let sum = bytes
        .iter()
        .fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)));
    !sum
}

#[test]
fn without_a_yes_of_its_own_no_photo_is_looked_at_and_the_no_is_written_down() {
    let mut desk = desk();
    let donor = registered(&desk, "Wanjiru", "1990-05-17");
    let mut ask = asked(&desk, &donor, jpeg(&drawn(480, 640)));
    ask["agreed"] = json!(false);
    desk.no("donor.photo_set", ask.clone(), Code::PhotoNoConsent);
    // Nothing was taken from the file: with a yes it is still there.
    ask["agreed"] = json!(true);
    desk.ok("donor.photo_set", ask);
    // Seventeen: somebody else says yes beside her.
    let young = registered(&desk, "Akinyi", "2008-11-21");
    let mut ask = asked(&desk, &young, jpeg(&drawn(480, 640)));
    let said = desk.no("donor.photo_set", ask.clone(), Code::PhotoNoGuardian);
    assert_eq!(said.args["years"], "18");
    ask["guardian"] = json!("Her mother");
    desk.ok("donor.photo_set", ask);
    let view = desk.ok("donor.view", json!({ "id": young }));
    assert_eq!(view["photo"]["guardian"], "Her mother");
    let refused: Vec<String> = audits(&mut desk)
        .into_iter()
        .filter_map(|(user, line)| match line {
            Audit::Refused { command, rule, .. } if command == "donor.photo" => {
                Some(format!("{user} {rule}"))
            }
            _ => None,
        })
        .collect();
    assert_eq!(refused, ["joseph photo_no_consent", "joseph photo_no_guardian"]);
}

#[test]
fn who_may_see_the_record_sees_the_photo_and_every_look_and_every_denial_is_written_down() {
    let mut desk = desk();
    let donor = registered(&desk, "Wanjiru", "1990-05-17");
    let sha256 = set(&desk, &donor, jpeg(&drawn(480, 640)));
    let look = json!({ "donor": donor, "sha256": sha256 });
    for user in ["amina", "khan", "audit", "admin"] {
        desk.sign_in(user);
        for _ in 0..3 {
            match user {
                "amina" => drop(desk.ok("donor.photo", look.clone())),
                _ => drop(desk.no("donor.photo", look.clone(), Code::Forbidden)),
            }
        }
        if user != "amina" {
            let remove = json!({ "donor": donor, "sha256": sha256, "reason": "no" });
            desk.no("donor.photo_remove", remove, Code::Forbidden);
            let set = json!({ "donor": donor, "file": "x", "agreed": true, "guardian": null, "replaces": sha256 });
            desk.no("donor.photo_set", set, Code::Forbidden);
        }
    }
    desk.no("donor.photo", look.clone(), Code::Forbidden);
    desk.ok("session.sign_out", json!({}));
    desk.no("donor.photo", look, Code::NotSignedIn);
    let lines = audits(&mut desk);
    let seen = lines.iter().filter(|(user, line)| {
        matches!(line, Audit::DonorSeen { donor: of, screen }
            if of.to_string() == donor && screen == "photo" && user == "amina")
    });
    assert_eq!(seen.count(), 1);
    for name in ["donor.photo", "donor.photo_set", "donor.photo_remove"] {
        let denied = lines
            .iter()
            .filter(|(_, line)| matches!(line, Audit::Refused { command, .. } if command == name));
        assert_eq!(denied.count(), 3, "{name}");
    }
}

#[test]
fn no_list_no_kiosk_and_no_search_speaks_of_a_photo() {
    let desk = desk();
    let donor = registered(&desk, "Wanjiru", "1990-05-17");
    let sha256 = set(&desk, &donor, jpeg(&drawn(480, 640)));
    let told = [
        desk.ok("donor.search", json!({ "text": "wanjiru", "limit": 5 })),
        desk.ok("donor.desk", json!({})),
        desk.ok("donor.own", json!({ "id": donor })),
        desk.ok("donor.doubles", json!({})),
        desk.ok("donor.contact", json!({ "id": donor })),
        desk.ok("appointment.list", json!({ "day": null })),
    ];
    assert_eq!(told[0]["rows"][0]["id"], json!(donor));
    for answer in told {
        assert!(!answer.to_string().contains(&sha256), "{answer}");
        assert!(!answer.to_string().contains("photo"), "{answer}");
    }
}

#[test]
fn a_photo_that_is_replaced_or_removed_goes_with_its_bytes_and_the_history_says_why() {
    let mut desk = desk();
    let donor = registered(&desk, "Wanjiru", "1990-05-17");
    let first = set(&desk, &donor, jpeg(&drawn(480, 640)));
    // Somebody at another screen has not seen the first one.
    let mut late = asked(&desk, &donor, jpeg(&drawn(300, 400)));
    late["replaces"] = Value::Null;
    desk.no("donor.photo_set", late, Code::Changed);
    // Nor is the one that stands taken away with a refused copy of it.
    let mut copy = asked(&desk, &donor, jpeg(&drawn(480, 640)));
    copy["replaces"] = json!("0".repeat(64));
    desk.no("donor.photo_set", copy, Code::Changed);
    assert_eq!(kept(&mut desk, &first), 1);
    let second = set(&desk, &donor, jpeg(&drawn(400, 500)));
    assert_ne!(first, second);
    assert_eq!(kept(&mut desk, &first), 0, "replaced");
    assert_eq!(blobs(&mut desk), 1, "and nothing stays of the one that came late");
    desk.no("donor.photo", json!({ "donor": donor, "sha256": first }), Code::Changed);
    let remove =
        |sha256: &str, reason: &str| json!({ "donor": donor, "sha256": sha256, "reason": reason });
    desk.no("donor.photo_remove", remove(&second, "  "), Code::ReasonMissing);
    desk.no("donor.photo_remove", remove(&first, "asked for"), Code::Changed);
    assert_eq!(kept(&mut desk, &second), 1, "refused");
    let gone = desk.ok("donor.photo_remove", remove(&second, "She asked for it"));
    assert_eq!(gone, json!({ "erased": true }));
    assert_eq!(blobs(&mut desk), 0);
    assert_eq!(desk.ok("donor.view", json!({ "id": donor }))["photo"], Value::Null);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
    desk.sign_in("amina");
    let lines = desk.ok("donor.history", json!({ "id": donor }));
    let told: Vec<_> = lines["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .take(3)
        .map(|line| (line["what"].clone(), line["args"].clone()))
        .collect();
    let why = json!({ "reason": "She asked for it", "erased": "true" });
    assert_eq!(told[0], (json!("photo_removed"), why));
    assert_eq!(told[1], (json!("photo_set"), json!({})));
    assert_eq!(told[2], (json!("photo_set"), json!({})));
}

#[test]
fn two_records_stand_side_by_side_with_both_photos_and_one_picture_goes_with_the_last_record() {
    let mut desk = desk();
    let donor = registered(&desk, "Wanjiru", "1990-05-17");
    let other = registered(&desk, "Chebet", "1971-01-02");
    // The same file under both: one picture in the store.
    let file = jpeg(&drawn(480, 640));
    let sha256 = set(&desk, &donor, file.clone());
    assert_eq!(set(&desk, &other, file), sha256);
    assert_eq!(blobs(&mut desk), 1);
    let both = desk.ok("donor.double", json!({ "donor": donor, "other": other }));
    assert_eq!(both["donor"]["photo"]["sha256"], json!(sha256));
    assert_eq!(both["other"]["photo"]["sha256"], json!(sha256));
    let remove = |id: &str| json!({ "donor": id, "sha256": sha256, "reason": "Another person" });
    assert_eq!(desk.ok("donor.photo_remove", remove(&other))["erased"], false);
    assert_eq!(blobs(&mut desk), 1, "the other record still names it");
    assert!(!shown(&desk, &donor, &sha256).is_empty());
    assert_eq!(desk.ok("donor.photo_remove", remove(&donor))["erased"], true);
    assert_eq!(blobs(&mut desk), 0);
}

#[test]
fn a_photo_whose_bytes_are_gone_is_told_by_the_proof_and_at_the_desk() {
    let mut desk = desk();
    let donor = registered(&desk, "Wanjiru", "1990-05-17");
    let sha256 = set(&desk, &donor, jpeg(&drawn(480, 640)));
    desk.stop();
    let home = desk.home.path();
    let dek = KeySlots::load(home).expect("slots").unlock_training().expect("public");
    let db = sqlite::open(&home.join("store.db"), &dek, sqlite::Role::Writer).expect("opens");
    let gone = db.execute("DELETE FROM blob WHERE lower(hex(sha256)) = ?1", [&sha256]);
    assert_eq!(gone.expect("deleted"), 1);
    drop(db);
    desk.restart();
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_ne!(proof.verdict, app::Verdict::Whole);
    let named = format!("file {}", &sha256[..8]);
    assert!(
        proof.findings.iter().any(|f| format!("{f:?}").contains(&named)),
        "{:?}",
        proof.findings
    );
    desk.sign_in("joseph");
    let look = json!({ "donor": donor, "sha256": sha256 });
    desk.no("donor.photo", look, Code::PhotoBroken);
    // The record still opens, and another photo takes its place.
    set(&desk, &donor, jpeg(&drawn(300, 400)));
}
