//! Key slots against a real keyring: a `gnome-keyring-daemon` on a session bus of its own.

use sqlite::keyslots::{Cost, Holder, KeySlotError, KeySlots, keyring};
use std::{env, process::Command};

const INSIDE: &str = "HEALTHSYNC_TEST_INSIDE_KEYRING";

/// Runs this same test once more, inside a session that has a keyring.
#[test]
fn a_real_keyring_opens_the_store_and_a_password_still_does_when_it_is_gone() {
    if env::var_os(INSIDE).is_some() {
        inside();
        return;
    }
    let tools = ["dbus-run-session", "gnome-keyring-daemon"];
    if !cfg!(target_os = "linux") || tools.iter().any(|tool| !answers(tool)) {
        eprintln!("SKIPPED 1: no dbus-run-session or gnome-keyring-daemon here");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let out = Command::new("dbus-run-session")
        .args(["--", "sh", "-c"])
        .arg("printf training | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$0\" --exact \"$1\" --nocapture")
        .arg(env::current_exe().unwrap())
        .arg("a_real_keyring_opens_the_store_and_a_password_still_does_when_it_is_gone")
        .env(INSIDE, "1")
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .output()
        .unwrap();
    assert!(
        out.status.success() && String::from_utf8_lossy(&out.stdout).contains("1 passed"),
        "{}\n{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
}

fn answers(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|out| out.status.success())
}

fn inside() {
    keyring::probe().expect("the keyring that was just started works");
    let folder = tempfile::tempdir().unwrap();
    let cost = Cost::minimum_for_tests();
    let (mut slots, dek, _) = KeySlots::create(folder.path(), "amara", "secret", cost).unwrap();
    slots.add_keyring(&dek).unwrap();

    let mut slots = KeySlots::load(folder.path()).unwrap();
    assert_eq!(slots.unlock_with_keyring().unwrap(), dek);

    let holder =
        slots.slots().map(|slot| slot.holder).find(|h| matches!(h, Holder::Keyring { .. }));
    let Some(Holder::Keyring { account }) = holder.clone() else { panic!("no keyring slot") };
    keyring::delete(&account).unwrap();
    assert!(matches!(slots.unlock_with_keyring(), Err(KeySlotError::NoKeyring)));
    assert_eq!(slots.unlock_with_password("amara", "secret").unwrap(), dek, "it falls to the next");
    slots.remove(&dek, &holder.unwrap()).unwrap();
    assert_eq!(slots.slots().count(), 2);
}
