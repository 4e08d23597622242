//! Files that are not what they say. Every one ends in a typed refusal; none ends the program.

use crate::fixtures::{
    BIG, EXPLICIT, IMPLICIT, JPEG, RLE, Recipe, encode, grey_jpeg, png_header,
    with_exif_orientation,
};
use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_io::damage::{damaged, everything};
use dicom_io::{grey8_for_network, open_bytes};
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn code(bytes: Vec<u8>) -> &'static str {
    match open_bytes(bytes, "x.dcm") {
        Err(error) => error.code(),
        Ok(opened) => match grey8_for_network(&opened, 0) {
            Err(error) => error.code(),
            Ok(_) => "opened",
        },
    }
}

#[test]
fn a_text_file_renamed_dcm_is_no_image() {
    assert_eq!(code(b"Dear colleague, please find enclosed the picture.".to_vec()), "not_an_image");
    assert_eq!(code(b"BM is how a bitmap begins, and this letter.".to_vec()), "not_an_image");
    assert_eq!(code(b"x".to_vec()), "not_an_image");
    assert_eq!(code(Vec::new()), "empty");
    assert_eq!(code(vec![0; 4096]), "not_an_image");
}

#[test]
fn a_heic_photo_gets_a_hint() {
    let error = open_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), "x").expect_err("HEIC");
    assert_eq!(error.code(), "heic");
    assert!(error.to_string().contains("JPEG"));
}

#[test]
fn a_picture_of_40_000_by_40_000_is_refused_before_memory_is_taken() {
    let before = Instant::now();
    assert_eq!(code(png_header(40_000, 40_000)), "too_large");
    assert_eq!(code(png_header(16_000, 16_000)), "too_large", "more than 64 megapixels");
    assert_eq!(code(png_header(16_385, 1)), "too_large");
    assert_eq!(code(png_header(u32::MAX / 2, 1)), "too_large");
    assert!(before.elapsed() < Duration::from_secs(2));
}

#[test]
fn dicom_limits_hold_before_decoding() {
    let mut wide = Recipe::mono(EXPLICIT, 16, 16, false);
    (wide.rows, wide.cols) = (40_000, 40_000);
    assert_eq!(code(wide.bytes()), "too_large");
    let mut product = Recipe::mono(EXPLICIT, 16, 16, false);
    (product.rows, product.cols, product.frames) = (16_000, 16_000, 3);
    assert_eq!(code(product.bytes()), "too_large");
    let mut frames = Recipe::mono(EXPLICIT, 8, 8, false);
    frames.frames = 10_001;
    assert_eq!(code(frames.bytes()), "too_large");
    let mut short = Recipe::mono(EXPLICIT, 16, 16, false);
    short.rows = 1000;
    assert_eq!(code(short.bytes()), "truncated");
    let mut bomb = Recipe::mono(RLE, 8, 8, false);
    (bomb.rows, bomb.cols) = (8_000, 8_000);
    assert_eq!(code(bomb.bytes()), "truncated");
    (bomb.rows, bomb.cols) = (16_000, 16_000);
    assert_eq!(code(bomb.bytes()), "too_large", "more than 64 megapixels");
    let mut none = Recipe::mono(EXPLICIT, 16, 16, false);
    none.rows = 0;
    assert_eq!(code(none.bytes()), "broken");
}

#[test]
fn a_length_beyond_the_end_is_caught_before_the_library_sees_it() {
    let mut bytes = Recipe::mono(EXPLICIT, 16, 16, false).bytes();
    let at = bytes.windows(4).position(|w| w == [0xE0, 0x7F, 0x10, 0x00]).expect("pixel data");
    bytes[at + 8..at + 12].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
    assert_eq!(code(bytes), "truncated");
}

#[test]
fn sequences_without_bottom_are_refused() {
    let mut bytes = Recipe::mono(EXPLICIT, 16, 16, false).bytes()[..132].to_vec();
    let mut meta = b"\x02\0\x10\0UI\x14\0".to_vec();
    meta.extend(b"1.2.840.10008.1.2.1\0");
    bytes.extend(meta);
    for _ in 0..5000 {
        bytes.extend(b"\x08\0\x15\x11SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF");
    }
    assert_eq!(code(bytes), "broken");
}

#[test]
fn every_sentence_says_what_to_do_next() {
    use dicom_io::ReadError as E;
    let text = || "x".to_owned();
    let all = [
        E::Io(text()),
        E::Empty,
        E::NotAnImage,
        E::Heic,
        E::UnsupportedSyntax { name: text(), uid: text() },
        E::UnsupportedPixels { what: text() },
        E::TooLarge { what: text() },
        E::TookTooLong { seconds: 5 },
        E::NoDecoder(text()),
        E::Truncated,
        E::Broken { what: text() },
        E::NoPixels,
        E::ForProcessing,
        E::NoSuchFrame { frame: 9, frames: 2 },
    ];
    let mut codes: Vec<_> = all.iter().map(E::code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all.len(), "codes are distinct");
    for error in all {
        let sentence = error.to_string();
        assert!(sentence.ends_with('.') && !sentence.contains('!'), "{sentence}");
        assert!(sentence.contains("; ") || sentence.contains(". "), "no next step: {sentence}");
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for syntax in [IMPLICIT, EXPLICIT, BIG, RLE] {
        for (allocated, stored) in [(8, 8), (16, 12)] {
            let recipe = Recipe::mono(syntax, allocated, stored, true)
                .with(tags::WINDOW_CENTER, VR::DS, "40")
                .with(tags::WINDOW_WIDTH, VR::DS, "400");
            seeds.push(recipe.bytes());
        }
        let mut palette = Recipe::mono(syntax, 8, 8, false);
        palette.photometric = "PALETTE COLOR";
        seeds.push(palette.bytes());
        let mut colour = Recipe::mono(syntax, 8, 8, false);
        colour.photometric = "RGB";
        colour.samples = (0..105).collect();
        seeds.push(colour.bytes());
    }
    let mut jpeg = Recipe::mono(JPEG, 8, 8, false);
    (jpeg.rows, jpeg.cols) = (16, 24);
    jpeg.fragments = vec![grey_jpeg(16, 24)];
    seeds.push(jpeg.bytes());
    let picture = image::load_from_memory(&grey_jpeg(16, 24)).expect("valid");
    for format in [
        image::ImageFormat::Png,
        image::ImageFormat::Tiff,
        image::ImageFormat::Bmp,
        image::ImageFormat::WebP,
    ] {
        seeds.push(encode(&picture.to_rgb8().into(), format));
    }
    seeds.push(with_exif_orientation(&grey_jpeg(16, 24), 6));
    seeds
}

/// What came of a number of damaged files.
#[derive(Default)]
struct Outcomes {
    codes: BTreeMap<&'static str, usize>,
    slowest: Duration,
    slowest_name: String,
}

impl Outcomes {
    fn try_one(&mut self, name: &str, bytes: &[u8], way: u64) {
        let started = Instant::now();
        let code = everything(damaged(bytes, way));
        let took = started.elapsed();
        *self.codes.entry(code).or_default() += 1;
        assert_ne!(code, "gave_up", "{name} damaged in way {way}: a decoder panicked");
        if took > self.slowest {
            (self.slowest, self.slowest_name) = (took, format!("{name}, way {way}"));
        }
    }

    fn report(&self) -> usize {
        let done = self.codes.values().sum();
        eprintln!(
            "{done} damaged files: {:?}, slowest {:?} ({})",
            self.codes, self.slowest, self.slowest_name
        );
        // Wall-clock time on a machine that does other things as well; `fuzz-dicom` holds every file
        // to five seconds.
        assert!(self.slowest < Duration::from_secs(30), "{} was slow", self.slowest_name);
        done
    }
}

#[test]
fn thousands_of_damaged_files_never_panic() {
    let seeds = seeds();
    let mut outcomes = Outcomes::default();
    let end = Instant::now() + Duration::from_secs(10);
    let mut way = 0;
    while way < 6000 && Instant::now() < end {
        for (number, seed) in seeds.iter().enumerate() {
            outcomes.try_one(&format!("made file {number}"), seed, way);
            way += 1;
        }
    }
    let done = outcomes.report();
    assert!(done >= 1000, "the machine was too slow for a meaningful run: {done}");
}

/// Twenty ways for every real file. `fuzz-dicom` does a thousand, with limits on memory.
#[test]
fn every_real_file_survives_twenty_kinds_of_damage() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = crate_folder.join("../../../shared/data/dicom");
    let folder = if shared.is_dir() {
        shared
    } else {
        eprintln!("SKIPPED 93: shared data absent, 24 files of our own are damaged");
        crate_folder.join("tests/fixtures")
    };
    let listing = std::fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<_> = listing.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "dcm"));
    files.sort();
    assert!(files.len() >= 24);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut outcomes = Outcomes::default();
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    let bytes = std::fs::read(path).expect("readable");
                    for way in 0..20 {
                        outcomes.try_one(&name, &bytes, way);
                    }
                }
                outcomes.report();
            });
        }
    });
}

#[test]
fn every_cut_of_a_file_is_refused_or_opened_without_a_panic() {
    for bytes in seeds() {
        for end in (0..bytes.len()).step_by(7) {
            let _ = code(bytes[..end].to_vec());
        }
    }
}

#[test]
fn the_shared_collection_opens_or_is_refused_by_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/dicom");
    let Ok(listing) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED 117: shared data absent");
        return;
    };
    let mut outcomes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut files = 0;
    for entry in listing.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "dcm") {
            continue;
        }
        files += 1;
        let name = entry.file_name().to_string_lossy().into_owned();
        let result = catch_unwind(|| {
            let opened = dicom_io::open(&path)?;
            for frame in 0..opened.meta.frames {
                grey8_for_network(&opened, frame)?;
            }
            Ok::<_, dicom_io::ReadError>(())
        });
        let result = result.unwrap_or_else(|_| panic!("{name} ended in a panic"));
        let (code, note) = match result {
            Ok(()) => ("opened", name),
            Err(error) => (error.code(), format!("{name}: {error}")),
        };
        outcomes.entry(code).or_default().push(note);
        let _ = dicom_io::inspect(&path);
    }
    let counts: BTreeMap<_, _> = outcomes.iter().map(|(code, names)| (code, names.len())).collect();
    eprintln!("{files} shared DICOM files: {counts:?}");
    for (code, notes) in outcomes.iter().filter(|(code, _)| **code != "opened") {
        for note in notes {
            eprintln!("  {code}: {note}");
        }
    }
    assert!(
        outcomes.get("opened").map_or(0, Vec::len) >= 107,
        "fewer open than before: {counts:?}"
    );
}
