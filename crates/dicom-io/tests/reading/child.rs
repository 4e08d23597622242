//! Frames unpacked in a process of their own.

use dicom_io::ReadError;
use dicom_io::child::{Limits, decode_in_child};
use dicom_io::codec::{Codec, Expected, Samples, decode};
use std::path::Path;
use std::time::{Duration, Instant};

/// A program that serves frames when asked.
fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_fuzz-dicom"))
}

/// The one frame inside a file of ours: everything after the item that follows the offset table.
fn frame_of(name: &str, mark: &[u8]) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let bytes = std::fs::read(path).expect("our own file");
    let at = bytes.windows(mark.len()).position(|w| w == mark).expect("a stream begins here");
    bytes[at..].to_vec()
}

fn expected(rows: usize, cols: usize, bits_allocated: u32, signed: bool) -> Expected {
    Expected { rows, cols, samples: 1, bits_allocated, rgb: false, signed }
}

#[test]
fn a_child_unpacks_what_we_unpack() {
    let cases = [
        ("JPGExtended.dcm", &[0xFF, 0xD8, 0xFF][..], Codec::Jpeg, expected(1024, 256, 16, false)),
        (
            "MR_small_jpeg_ls_lossless.dcm",
            &[0xFF, 0xD8, 0xFF][..],
            Codec::JpegLs,
            expected(64, 64, 16, true),
        ),
        (
            "MR_small_jp2klossless.dcm",
            &[0xFF, 0x4F, 0xFF, 0x51][..],
            Codec::Jpeg2000,
            expected(64, 64, 16, true),
        ),
    ];
    for (name, mark, codec, expected) in cases {
        let data = frame_of(name, mark);
        let here = decode(codec, &data, &expected).expect(name);
        let limits = Limits { wall: Duration::from_secs(30), ..Limits::default() };
        let there = decode_in_child(program(), codec, &data, &expected, &limits).expect(name);
        assert_eq!(here, there, "{name}");
        assert!(matches!(here.samples, Samples::Narrow(samples) if samples.len() > 4000));
    }
}

#[test]
fn a_refusal_comes_back_with_its_reason() {
    let data = frame_of("JPGExtended.dcm", &[0xFF, 0xD8, 0xFF]);
    let ask = |data: &[u8], expected: &Expected| {
        let limits = Limits { wall: Duration::from_secs(30), ..Limits::default() };
        decode_in_child(program(), Codec::Jpeg, data, expected, &limits).expect_err("refused")
    };
    let other_size = expected(10, 256, 16, false);
    assert_eq!(ask(&data, &other_size).code(), "broken");
    let cut = &data[..data.len() / 2];
    assert_eq!(ask(cut, &expected(1024, 256, 16, false)), ReadError::Truncated);
}

#[test]
fn a_child_that_may_not_have_the_memory_ends_and_we_do_not() {
    let data = frame_of("JPGExtended.dcm", &[0xFF, 0xD8, 0xFF]);
    let limits = Limits { memory: 64 << 10, wall: Duration::from_secs(30) };
    let asked = expected(1024, 256, 16, false);
    let result = decode_in_child(program(), Codec::Jpeg, &data, &asked, &limits);
    if cfg!(target_os = "linux") {
        assert_eq!(result.expect_err("too little").code(), "broken");
    }
}

#[test]
fn a_child_that_does_not_answer_is_ended_in_time() {
    // This test program knows no frames: started so, it would run its tests. A program that reads
    // and never answers stands in for a decoder that loops.
    if cfg!(not(unix)) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let silent = folder.path().join("silent");
    std::fs::write(&silent, "#!/bin/sh\nexec sleep 60\n").expect("written");
    make_executable(&silent);
    let limits = Limits { wall: Duration::from_millis(300), ..Limits::default() };
    let started = Instant::now();
    let asked = expected(8, 8, 8, false);
    let error = decode_in_child(&silent, Codec::Jpeg, &[0; 1 << 20], &asked, &limits)
        .expect_err("nothing comes");
    assert_eq!(error, ReadError::TookTooLong { seconds: 1 });
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("allowed");
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) {}

#[test]
fn a_program_that_is_not_there_is_a_refusal() {
    let asked = expected(8, 8, 8, false);
    let gone = Path::new("/nowhere/at/all");
    let error = decode_in_child(gone, Codec::Jpeg, &[1, 2], &asked, &Limits::default())
        .expect_err("not there");
    assert_eq!(error.code(), "no_decoder");
}
