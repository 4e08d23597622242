//! `healthsync dicom` as a person types it: copies without their patient, and a receiver that
//! Debian's dcmtk sends to.

use app::{Backend, Cost, Options};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_healthsync"))
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dicom-io/tests/fixtures").join(name)
}

fn deidentify(more: &[&str], files: &[PathBuf], out: &Path) -> Output {
    let mut command = program();
    command.args(["--json", "dicom", "deidentify"]).args(more).args(files).arg("--out").arg(out);
    command.output().expect("starts")
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

fn holds(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

#[test]
fn copies_show_the_same_picture_and_no_name_and_the_rest_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, key) = (folder.path().join("out"), folder.path().join("key"));
    let named = fixture("MR_small_RLE.dcm");
    let original = std::fs::read(&named).expect("ours");
    let name = dicom_io::open(&named).expect("opens").meta.patient.name.expect("a name");
    assert!(holds(&original, &name));
    let letter = folder.path().join("letter.dcm");
    std::fs::write(&letter, b"Dear colleague, this is a letter.").expect("written");
    let files = [named.clone(), letter, fixture("6247.dcm"), fixture("MR_small_bigendian.dcm")];
    let more = ["--key", key.to_str().expect("a path")];
    let done = deidentify(&more, &files, &out);
    assert_eq!(done.status.code(), Some(1), "one was no picture");
    let said = answer(&done);
    assert_eq!(said["copied"].as_array().expect("copied").len(), 3, "{said}");
    assert!(said["refused"][0]["file"].as_str().expect("a name").ends_with("letter.dcm"));
    let copy = |n: usize| PathBuf::from(said["copied"][n]["out"].as_str().expect("a path"));
    let bytes = std::fs::read(copy(0)).expect("written");
    assert!(!holds(&bytes, &name));
    let (before, after) =
        (dicom_io::open(&named).expect("opens"), dicom_io::open(copy(0)).expect("opens"));
    assert_eq!(before.frame(0).expect("read"), after.frame(0).expect("read"));
    assert_eq!(copy(0).parent(), copy(2).parent(), "one patient, one folder");
    assert_ne!(copy(0).parent(), copy(1).parent());
    // The same key makes the same names and numbers; another key makes others.
    let again = folder.path().join("again");
    let said = answer(&deidentify(&more, &files[..1], &again));
    let copied = PathBuf::from(said["copied"][0]["out"].as_str().expect("a path"));
    assert_eq!(std::fs::read(copied).expect("written"), bytes);
    let other = folder.path().join("other");
    let said = answer(&deidentify(&[], &files[..1], &other));
    let copied = PathBuf::from(said["copied"][0]["out"].as_str().expect("a path"));
    assert_ne!(std::fs::read(copied).expect("written"), bytes);
    let full = deidentify(&more, &files[..1], &out);
    assert_eq!(full.status.code(), Some(1));
    assert!(answer(&full)["error"].as_str().expect("words").contains("empty folder"));
}

#[test]
fn a_screen_that_was_captured_waits_until_somebody_has_looked() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [fixture("SC_rgb_rle.dcm")];
    let refused = deidentify(&[], &files, &folder.path().join("a"));
    assert_eq!(refused.status.code(), Some(1));
    let words = answer(&refused)["refused"][0]["error"].as_str().expect("words").to_owned();
    assert!(words.contains("may show a name"), "{words}");
    let looked = deidentify(&["--pixels-checked"], &files, &folder.path().join("b"));
    assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stderr));
}

/// The receiver, running.
struct Receiver {
    child: Child,
    port: String,
}

impl Receiver {
    fn start(home: &Path) -> Self {
        let mut child = program()
            .args(["dicom", "receive", "--port", "0", "--allow", "SCANNER"])
            .args(["--user", "mbeki", "--password-stdin", "--home"])
            .arg(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        child.stdin.take().expect("a pipe").write_all(b"training\n").expect("sent");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let port = line.split([':', ' ']).nth(2).unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { child, port }
    }

    fn send(&self, more: &[&str], files: &[PathBuf]) -> Output {
        let mut command = Command::new("storescu");
        command.args(["-aet", "SCANNER", "-aec", "HEALTHSYNC"]).args(more);
        command.arg("127.0.0.1").arg(&self.port).args(files).output().expect("dcmtk starts")
    }

    /// As Ctrl+C does; answers what it said.
    fn stop(self) -> String {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-INT", &id]).status().expect("kill starts");
        assert!(told.success());
        let out = self.child.wait_with_output().expect("ends");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stderr).into_owned()
    }
}

#[test]
fn what_a_scanner_sends_stands_on_the_worklist() {
    if cfg!(not(unix)) || Command::new("storescu").arg("--version").output().is_err() {
        eprintln!("SKIPPED 1: dcmtk is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let options = || Options {
        cost: Some(Cost::minimum_for_tests()),
        keyring: false,
        packs: folder.path().join("nowhere"),
        ..Options::at(&home)
    };
    let backend = Backend::start(options());
    backend.call("setup.look_around", json!({})).expect("made");
    backend.close();
    drop(backend);

    let receiver = Receiver::start(&home);
    let two = [fixture("MR_small_bigendian.dcm"), fixture("JPGExtended.dcm")];
    let first = receiver.send(&["-xx"], &two[1..]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let second = receiver.send(&[], &two[..1]);
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    let again = receiver.send(&[], &two[..1]);
    assert!(again.status.success(), "what is known is a success");
    let said = receiver.stop();
    assert!(said.contains("SCANNER: 1 taken, 1 of them known already, 0 refused."), "{said}");
    assert!(said.contains("Stopped. 3 taken, 0 refused."), "{said}");

    let backend = Backend::start(options());
    let signed = json!({ "user": "mbeki", "password": "training" });
    backend.call("session.sign_in", signed).expect("signed in");
    let list = backend.call("study.worklist", json!({ "limit": 50 })).expect("a list");
    let names: Vec<_> =
        list["rows"].as_array().expect("rows").iter().map(|r| r["modality"].clone()).collect();
    assert!(names.iter().filter(|m| **m == "MR").count() >= 1, "{names:?}");
    backend.close();
}
