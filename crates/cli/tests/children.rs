//! Pictures unpacked in children of the real program, seen through the use cases: what happens to
//! a child happens to its file and to nothing else.

use app::{Backend, Cost, Options};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The program that unpacks is one for the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_healthsync").into()
}

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dicom-io/tests/fixtures").join(name);
    std::fs::read(path).expect("a file of the repository")
}

fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_fn(40, 30, |x, y| image::Luma([u8::try_from(x + y).expect("small")]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("written");
    bytes.into_inner()
}

struct Desk {
    backend: Backend,
    folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Desk {
    fn with(decoder: impl FnOnce(&Path) -> PathBuf) -> Self {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().expect("a folder");
        let decoder = decoder(folder.path());
        let backend = Backend::start(Options {
            cost: Some(Cost::minimum_for_tests()),
            packs: folder.path().join("nowhere"),
            keyring: false,
            decoder: Some(decoder),
            ..Options::at(folder.path().join("home"))
        });
        let desk = Self { backend, folder, _alone: alone };
        desk.ok("setup.look_around", json!({}));
        desk.ok("session.sign_in", json!({ "user": "mbeki", "password": "training" }));
        desk
    }

    #[track_caller]
    fn ok(&self, name: &str, payload: Value) -> Value {
        self.backend.call(name, payload).unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    fn import(&self, files: &[(&str, Vec<u8>)]) -> Vec<Value> {
        let hold = |(name, bytes): &(&str, Vec<u8>)| {
            self.backend.hold_bytes(name, bytes.clone()).expect("held").handle
        };
        let handles: Vec<String> = files.iter().map(hold).collect();
        let ask = json!({ "handles": handles, "patient": null, "analyse": false });
        self.ok("study.import", ask)["files"].as_array().expect("files").clone()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.backend.close();
        assert!(self.folder.path().is_dir());
    }
}

#[test]
fn what_the_real_program_unpacks_in_a_child_is_taken_in_and_shown() {
    let desk = Desk::with(|_| program());
    let mut cut = fixture("JPGExtended.dcm");
    cut.truncate(cut.len() / 2);
    let files = desk.import(&[
        ("jpeg2000.dcm", fixture("MR_small_jp2klossless.dcm")),
        ("cut.dcm", cut),
        ("jpeg-ls.dcm", fixture("MR_small_jpeg_ls_lossless.dcm")),
        ("picture.png", png()),
    ]);
    assert_eq!(files[1]["error"]["args"]["why"], "truncated", "{}", files[1]);
    for n in [0, 2, 3] {
        assert!(files[n]["error"].is_null(), "{}", files[n]);
    }
    let image = files[3]["image"].as_str().expect("an image");
    let frame = desk.backend.frame(image, 0).expect("shown");
    let expected: Vec<u8> =
        (0..30_u8).flat_map(|y| (0..40_u8).flat_map(move |x| [x + y, 0])).collect();
    assert_eq!(frame, expected, "the child's samples are the picture's");
}

#[test]
fn a_child_that_crashes_costs_its_own_file_only() {
    if cfg!(not(unix)) {
        eprintln!("SKIPPED 1: the stand-in for a crashing child is a shell script");
        return;
    }
    // Crashes on JPEG 2000, as a decoder with a fault would; hands everything else to the program.
    let desk = Desk::with(|folder| {
        script(
            folder,
            &format!(
                "head=$(dd bs=1 count=300 2>/dev/null | tee {0}/head | tr -d '\\0')\n\
             case \"$head\" in *jpeg2000*) kill -SEGV $$ ;; esac\n\
             cat {0}/head - | {1} \"$1\"\n",
                folder.display(),
                program().display()
            ),
        )
    });
    let files = desk.import(&[
        ("bad.dcm", fixture("MR_small_jp2klossless.dcm")),
        ("good.dcm", fixture("MR_small_jpeg_ls_lossless.dcm")),
    ]);
    assert_eq!(files[0]["error"]["code"], "image_broken", "{}", files[0]);
    assert_eq!(files[0]["error"]["kind"], "refusal");
    assert_eq!(files[0]["error"]["args"]["why"], "broken");
    assert!(files[1]["error"].is_null(), "{}", files[1]);
    assert!(files[0]["study"].is_null());
}

#[test]
fn a_child_that_never_answers_is_given_up_and_the_sentence_says_so() {
    if cfg!(not(unix)) {
        eprintln!("SKIPPED 1: the stand-in for a hanging child is a shell script");
        return;
    }
    let desk = Desk::with(|folder| script(folder, "exec sleep 60\n"));
    let begun = std::time::Instant::now();
    let files = desk.import(&[
        ("slow.dcm", fixture("MR_small_jp2klossless.dcm")),
        ("plain.dcm", fixture("MR_small_RLE.dcm")),
    ]);
    assert_eq!(files[0]["error"]["args"]["why"], "took_too_long", "{}", files[0]);
    assert!(files[1]["error"].is_null(), "run lengths need no child: {}", files[1]);
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn a_program_that_cannot_be_started_is_not_blamed_on_the_file() {
    let desk = Desk::with(|folder| folder.join("gone"));
    let files = desk.import(&[("fine.dcm", fixture("MR_small_jp2klossless.dcm"))]);
    assert_eq!(files[0]["error"]["args"]["why"], "no_decoder", "{}", files[0]);
}

#[test]
fn the_command_line_draws_a_compressed_picture_with_its_own_children() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, out) = (folder.path().join("x.dcm"), folder.path().join("x.png"));
    std::fs::write(&file, fixture("MR_small_jp2klossless.dcm")).expect("written");
    let mut command = Command::new(program());
    command.args(["dicom", "render"]).arg(&file).arg("--out").arg(&out);
    let done = command.output().expect("starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(image::image_dimensions(&out).expect("a picture"), (64, 64));
}

#[cfg(unix)]
fn script(folder: &Path, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("stand-in");
    std::fs::write(&path, format!("#!/bin/sh\n{text}")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("allowed");
    path
}

#[cfg(not(unix))]
fn script(folder: &Path, _text: &str) -> PathBuf {
    folder.join("none")
}
