//! The program as somebody types it: what it answers, how it exits, and what it leaves behind.

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

struct Said {
    code: Option<i32>,
    out: String,
    words: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

struct Room(tempfile::TempDir);

impl Room {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_healthsync"));
        for name in ["HEALTHSYNC_HOME", "HEALTHSYNC_PASSWORD_FILE", "XDG_DATA_HOME"] {
            command.env_remove(name);
        }
        command.env("HOME", self.at("account")).current_dir(self.0.path());
        command
    }

    /// Runs it with this on its standard input.
    fn says<A: AsRef<OsStr>>(&self, arguments: &[A], input: &str) -> Said {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        // A command that reads nothing has gone before this is written.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        let out = child.wait_with_output().expect("it ends");
        let words = String::from_utf8_lossy(&out.stderr).into_owned();
        for sign in ["panicked", "\u{1b}[", "Something is broken", "ERROR"] {
            assert!(!words.contains(sign), "{words}");
        }
        Said {
            code: out.status.code(),
            out: String::from_utf8_lossy(&out.stdout).into_owned(),
            words,
        }
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> Said {
        let said = self.says(arguments, "");
        assert_eq!(said.code, Some(0), "{arguments:?}: {}", said.words);
        said
    }

    #[track_caller]
    fn no(&self, arguments: &[&str], part: &str) -> Said {
        let said = self.says(arguments, "");
        assert_eq!(said.code, Some(1), "{arguments:?}: {}", said.words);
        assert!(said.words.contains(part), "{arguments:?}: {}", said.words);
        said
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into()).collect();
        names.sort();
        names
    }
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[test]
fn a_mistake_with_the_home_is_told_in_words_and_leaves_nothing() {
    let room = Room::new();
    fs::write(room.at("file"), "mine").expect("written");
    let long = "n".repeat(300);
    for command in ["seed", "verify"] {
        room.no(&["--home", "file", command], "something that is no folder");
        room.no(&["--home", "file/sub", command], "something that is no folder");
        room.no(&["--home", &long, command], "the name is too long");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", room.at("link")).expect("a link");
        room.no(&["--home", "link", "seed"], "a link to something that is not there");
        room.no(&["--home", "/dev/null", "seed"], "something that is no folder");
        room.no(&["--home", "/proc/nothing", "seed"], "nothing can be written there");
        fs::remove_file(room.at("link")).expect("removed");
    }
    for command in ["verify", "backup x"] {
        let words: Vec<_> = ["--home", "a/b"].into_iter().chain(command.split(' ')).collect();
        let said = room.no(&words, "There is no facility in this home");
        assert!(said.words.contains(&room.at("a/b").display().to_string()), "{}", said.words);
    }
    room.no(&["--home", "a/b", "restore", "gone"], "is not there");
    assert_eq!(room.names(), ["file"], "nothing was made");
}

#[test]
fn a_facility_is_set_up_only_with_what_exists() {
    let room = Room::new();
    let init = |more: &[&str], password: &str| {
        let first = ["--home", "home", "init", "--facility", "Hill", "--password-stdin"];
        room.says(&[&first[..], more].concat(), password)
    };
    let bad = init(&["--admin", "grace", "--profile", "xx"], "correct horse battery");
    assert_eq!(bad.code, Some(1));
    assert!(bad.words.contains("profile is not known"), "{}", bad.words);
    let bad = init(&["--admin", "../grace"], "correct horse battery");
    assert!(bad.words.contains("letters and digits"), "{}", bad.words);
    assert!(!exists(&room.at("home")));
    let made = init(&["--admin", "grace"], "correct horse battery");
    assert_eq!(made.code, Some(0), "{}", made.words);
}

#[test]
fn a_backup_replaces_nothing_and_a_restore_says_whose_it_was() {
    let room = Room::new();
    room.ok(&["--home", "one", "seed"]);
    room.ok(&["--home", "two", "seed"]);
    assert!(!exists(&room.at("one/lock")), "the lock is given back");
    room.ok(&["--home", "one", "backup", "copy"]);
    let first = fs::read(room.at("copy")).expect("the copy");
    let said = room.no(&["--home", "two", "backup", "copy"], "a backup replaces nothing");
    assert!(!said.words.contains("--home"), "{}", said.words);
    assert_eq!(fs::read(room.at("copy")).expect("the copy"), first);
    room.no(&["--home", "two", "backup", "one/copy"], "neither this one nor another");
    room.no(&["--home", "two", "backup", "two/copy"], "neither this one nor another");
    room.no(&["--home", "two", "backup", "gone/copy"], "folder for the backup does not exist");

    let made = room.ok(&["--json", "--home", "three", "restore", "copy"]).json();
    assert_eq!(made["facility"], "Lakeside Training Hospital");
    assert_eq!(made["training"], true);
    assert!(made["lastCommand"].as_str().is_some_and(|at| at.starts_with("20")), "{made}");
    let said = room.ok(&["--home", "four", "restore", "copy"]);
    for part in ["Lakeside Training Hospital", "TRAINING facility", "last command"] {
        assert!(said.out.contains(part), "{}", said.out);
    }
    room.no(&["--home", "five", "restore", "copy", "--user", "admin"], "a password are needed");
    let nobody = ["--home", "five", "restore", "copy", "--user", "nobody", "--password-stdin"];
    let said = room.says(&nobody, "training");
    assert_eq!(said.code, Some(1));
    assert!(said.words.contains("wrong"), "{}", said.words);
    assert!(!exists(&room.at("five")));
    assert_eq!(room.ok(&["--home", "three", "verify", "--json"]).json()["verdict"], "whole");
}

#[test]
fn files_of_the_operating_system_are_no_tampering() {
    let room = Room::new();
    fs::create_dir(room.at("home")).expect("a folder");
    fs::write(room.at("home/.DS_Store"), "x").expect("written");
    room.ok(&["--home", "home", "seed"]);
    let said = room.ok(&["--home", "home", "verify"]);
    assert!(said.out.contains("noticed  system_file: .DS_Store"), "{}", said.out);
}

#[test]
fn the_default_home_is_named_before_it_is_used() {
    let room = Room::new();
    let home = room.at("account/.healthsync");
    if Path::new("/var/lib/healthsync/store.db").exists() {
        eprintln!("SKIPPED 1 test: a facility of this machine stands in /var/lib/healthsync");
        return;
    }
    let help = room.ok(&["--help"]).out;
    let told = help.split_whitespace().collect::<String>();
    assert!(told.contains(&home.display().to_string()), "{help}");
    room.no(&["verify"], &home.display().to_string());
    assert!(!exists(&room.at("account")));
    room.ok(&["seed"]);
    assert!(exists(&home.join("store.db")));
    let data = room.at("data");
    let there = room.command().env("XDG_DATA_HOME", &data).arg("verify").output().expect("it runs");
    let words = String::from_utf8_lossy(&there.stderr).into_owned();
    assert!(words.contains(&data.join("healthsync").display().to_string()), "{words}");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_refused_in_words() {
    use std::os::unix::ffi::OsStrExt as _;
    let room = Room::new();
    let bad = OsStr::from_bytes(b"bad\xff");
    let home = OsStr::new("--home");
    for command in ["seed", "verify"] {
        let said = room.says(&[home, bad, OsStr::new(command)], "");
        assert_eq!(said.code, Some(1), "{}", said.words);
        assert!(said.words.contains("not text"), "{}", said.words);
    }
    let said = room.says(&[home, bad, OsStr::new("restore"), OsStr::new("x")], "");
    assert!(said.words.contains("not text"), "{}", said.words);
    room.ok(&["--home", "home", "seed"]);
    let said = room.says(&[home, OsStr::new("home"), OsStr::new("backup"), bad], "");
    assert_eq!(said.code, Some(1), "{}", said.words);
    assert!(said.words.contains("text (UTF-8)"), "{}", said.words);
    let said = room.says(&[home, OsStr::new("new"), OsStr::new("restore"), bad], "");
    assert_eq!(said.code, Some(1), "{}", said.words);
}

#[test]
fn a_barcode_is_said_in_words() {
    let room = Room::new();
    let decoded = |text: &str| room.ok(&["isbt", "decode", text]).out;
    assert_eq!(decoded("=%5100"), "blood group: O, RhD positive (code 5100)\n");
    assert_eq!(decoded("=%0600"), "blood group: A, RhD negative (code 0600)\n");
    assert_eq!(
        decoded("&>0263402359"),
        "expiry date: 06 Dec 2026 23:59, local time of the label\n"
    );
    assert!(decoded("=<E0336V00").contains("undivided"), "{}", decoded("=<E0336V00"));
    let said = room.no(&["--json", "isbt", "decode", "hello"], "no ISBT 128 barcode");
    assert_eq!(said.json()[0]["kind"], "unknown");
}

#[test]
fn a_picture_that_cannot_be_read_or_mapped_is_not_passed_over() {
    let room = Room::new();
    let mut bytes = vec![];
    image::DynamicImage::ImageRgb8(image::RgbImage::from_fn(256, 256, |x, _| {
        image::Rgb(if x % 2 == 0 { [255, 0, 0] } else { [0, 0, 255] })
    }))
    .write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png)
    .expect("encoded");
    fs::write(room.at("colour.png"), bytes).expect("written");
    fs::write(room.at("text.png"), "no picture").expect("written");
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/basic-cnn-open");
    let pack = packs.to_str().expect("text");
    let said = room.no(&["analyze", "--pack", pack, "text.png"], "The file could not be read.");
    assert!(!said.words.contains("the rest"), "{}", said.words);
    room.no(&["analyze", "--pack", pack, "text.png", "text.png"], "None of the 2 files");
    let asked = ["analyze", "--pack", pack, "colour.png", "--heatmap", "map.png"];
    let said = room.no(&asked, "No heatmap was written: the program abstained");
    assert!(said.out.contains("abstained"), "{}", said.out);
    assert!(!exists(&room.at("map.png")));
}

#[test]
fn a_pack_is_signed_installed_and_set_aside_again_from_the_command_line() {
    let room = Room::new();
    let home = room.at("home");
    let here = ["--home", home.to_str().expect("text")];
    let models = |arguments: &[&str]| room.says(&[&["models"], arguments, &here[..]].concat(), "");
    assert_eq!(room.says(&[&["seed"], &here[..]].concat(), "").code, Some(0));
    let id = "basic-cnn-non-commercial";
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(id);
    let copy = room.at("pack");
    fs::create_dir(&copy).expect("a folder");
    for entry in fs::read_dir(from).expect("a pack of the repository") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), copy.join(entry.file_name())).expect("copied");
    }
    let pack = copy.to_str().expect("text");
    let unsigned = models(&["import", pack]);
    assert_eq!(unsigned.code, Some(1));
    assert!(unsigned.words.contains("is not signed"), "{}", unsigned.words);
    // Whoever signs stands for every byte: a broken pack is not signed, and no publisher is blamed.
    let heads = copy.join("heads.safetensors");
    let whole = fs::read(&heads).expect("the heads");
    fs::write(&heads, &whole[..whole.len() / 2]).expect("written");
    let half = models(&["sign", pack]);
    assert_eq!(half.code, Some(1), "{}", half.words);
    assert!(half.words.contains("heads.safetensors is not the file"), "{}", half.words);
    assert!(half.words.contains("Nothing was signed"), "{}", half.words);
    assert!(!exists(&copy.join("signature.toml")));
    fs::write(&heads, whole).expect("written");
    #[cfg(unix)]
    {
        let (card, real) = (copy.join("README.md"), room.at("README.md"));
        fs::rename(&card, &real).expect("moved");
        assert!(models(&["sign", pack]).words.contains("README.md is missing"));
        std::os::unix::fs::symlink(&real, &card).expect("a link");
        assert!(models(&["sign", pack]).words.contains("Nothing was signed"));
        fs::remove_file(&card).expect("removed");
        fs::rename(&real, &card).expect("moved");
    }
    assert_eq!(models(&["sign", pack]).code, Some(0));
    let done = models(&["import", pack]);
    assert_eq!(done.code, Some(0), "{}", done.words);
    assert!(done.words.contains("is installed and proven"), "{}", done.words);
    let list = models(&["installed"]).out;
    let version = done.words.split_whitespace().nth(1).expect("a version").to_owned();
    assert!(!done.words.contains("is kept"), "the same pack stands for nothing: {}", done.words);
    let waits = format!("{id} {version}  waits for `models enable`  made_here");
    assert!(list.contains(&waits), "nobody said yes: {list}");
    assert_eq!(models(&["enable", id]).code, Some(0));
    let list = models(&["installed"]).out;
    assert!(list.contains(&format!("{id} {version}  answers  made_here")), "{list}");
    let said = models(&["enable", "nc"]).words;
    assert!(said.contains("No installed model pack is or does nc"), "{said}");
    assert!(list.contains("own key"), "{list}");
    assert_eq!(models(&["use", id]).code, Some(0));
    let list = models(&["installed"]).out;
    assert!(list.contains(&format!("{id} {version}  answers  built_in")), "{list}");
    assert!(models(&["use", id, "9.9.9"]).words.contains("9.9.9"));
    fs::write(&heads, b"half").expect("written");
    let half = models(&["import", pack]);
    assert!(half.code == Some(1) && half.words.contains("heads.safetensors"), "{}", half.words);
}

#[test]
fn what_cannot_be_done_is_told_in_words() {
    let room = Room::new();
    room.ok(&["--home", "home", "seed"]);
    room.no(&["--home", "home", "batch", "cancel", "nonsense"], "There is nothing of this name");
    room.no(&["analyze", "--folder", "/nosuch"], "/nosuch: there is no such folder.");
    let said =
        room.no(&["analyze", "--task", "nonsense", "x.png"], "There is no task \"nonsense\"");
    assert!(said.words.contains("knee_xray_oa"), "{}", said.words);
    image::GrayImage::new(64, 64).save(room.at("grey.png")).expect("written");
    let asked = ["dicom", "render", "grey.png", "--out", "/nosuch/x.png"];
    let said = room.no(&asked, "There is no folder /nosuch");
    assert!(!said.words.contains("os error"), "{}", said.words);
}

#[cfg(unix)]
#[test]
fn a_name_of_a_file_steers_no_terminal() {
    use std::os::unix::ffi::OsStrExt as _;
    let room = Room::new();
    let picture = |name: &OsStr| fs::write(room.0.path().join("in").join(name), "no picture");
    fs::create_dir(room.at("in")).expect("a folder");
    picture(OsStr::new("a\u{1b}[31m\nb.dcm")).expect("written");
    picture(OsStr::from_bytes(b"c\xff.dcm")).expect("written");
    let said = room.no(&["analyze", "--folder", "in"], "could be read");
    assert!(!said.out.contains('\u{1b}'), "{:?}", said.out);
    assert_eq!(said.out.lines().count(), 2, "{:?}", said.out);
    assert!(said.out.contains("its name is not text (UTF-8)"), "{}", said.out);
}

#[test]
fn a_pack_with_something_beside_its_files_is_not_as_it_was_sealed() {
    let room = Room::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/basic-cnn-open");
    let copy = room.at("basic-cnn-open");
    fs::create_dir(&copy).expect("a folder");
    for entry in fs::read_dir(from).expect("the built-in pack") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), copy.join(entry.file_name())).expect("copied");
    }
    let verify = ["models", "verify", copy.to_str().expect("text")];
    let whole = room.ok(&verify);
    assert!(whole.words.contains("as it was sealed"), "{}", whole.words);
    fs::write(copy.join("notes.txt"), "mine").expect("written");
    room.no(&verify, "notes.txt does not belong to the pack");
    fs::remove_file(copy.join("notes.txt")).expect("removed");
    #[cfg(unix)]
    {
        let (heads, real) = (copy.join("heads.safetensors"), room.at("heads"));
        fs::rename(&heads, &real).expect("moved");
        std::os::unix::fs::symlink(&real, &heads).expect("a link");
        room.no(&verify, "heads.safetensors is a link");
    }
}

#[test]
fn packs_that_were_named_and_are_not_there_are_not_replaced_by_others() {
    let room = Room::new();
    fs::create_dir(room.at("empty")).expect("a folder");
    let ask = |arguments: &[&str]| {
        let place = room.at("empty");
        room.command().env("HEALTHSYNC_MODELS", place).args(arguments).output().expect("it runs")
    };
    let said = ask(&["models", "verify"]);
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert_eq!(said.status.code(), Some(1), "{words}");
    assert!(words.contains("HEALTHSYNC_MODELS names") && words.contains("empty"), "{words}");
    assert!(ask(&["isbt", "decode", "=%5100"]).status.success(), "it asks no pack");
}
