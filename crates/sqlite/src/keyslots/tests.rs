use super::*;
use std::fs;

const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };

fn home() -> (tempfile::TempDir, KeySlots, Dek, RecoveryCode) {
    let folder = tempfile::tempdir().unwrap();
    let (slots, dek, code) =
        KeySlots::create(folder.path(), "amara", "correct horse", CHEAP).unwrap();
    (folder, slots, dek, code)
}

fn bytes_of(folder: &Path) -> [Vec<u8>; 2] {
    file::paths(folder).map(|path| fs::read(path).unwrap())
}

#[test]
fn the_password_and_the_recovery_code_open_the_same_key() {
    let (folder, _, dek, code) = home();
    let slots = KeySlots::load(folder.path()).unwrap();
    assert_eq!(slots.unlock_with_password("amara", "correct horse").unwrap(), dek);
    assert_eq!(slots.unlock_with_recovery(&code.printed()).unwrap(), dek);
    assert_eq!(slots.copies(), [CopyState::Whole; 2]);
}

#[test]
fn the_key_stands_nowhere_in_the_file() {
    let (folder, _, dek, _) = home();
    for bytes in bytes_of(folder.path()) {
        assert!(!bytes.windows(32).any(|window| window == dek.as_slice()));
        assert!(!bytes.windows(13).any(|window| window == b"correct horse"));
    }
}

#[test]
fn a_wrong_password_a_stranger_and_a_mistyped_code_are_told_apart() {
    let (_folder, slots, ..) = home();
    assert!(matches!(
        slots.unlock_with_password("amara", "wrong"),
        Err(KeySlotError::WrongPassword)
    ));
    assert!(matches!(slots.unlock_with_password("bayo", "x"), Err(KeySlotError::NoSuchUser)));
    assert!(matches!(
        slots.unlock_with_recovery("ABCD"),
        Err(KeySlotError::RecoveryTypo(RecoveryTypo::Length { found: 4 }))
    ));
    let other = RecoveryCode::random().printed();
    assert!(matches!(slots.unlock_with_recovery(&other), Err(KeySlotError::WrongRecoveryCode)));
    assert!(matches!(slots.unlock_with_keyring(), Err(KeySlotError::NoKeyring)));
}

#[test]
fn every_single_byte_change_of_one_copy_is_noticed_and_the_other_copy_serves() {
    let (folder, _, dek, _) = home();
    for (which, path) in file::paths(folder.path()).into_iter().enumerate() {
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(&path, bytes).unwrap();
            let slots = KeySlots::load(folder.path()).unwrap();
            assert_eq!(slots.copies()[which], CopyState::Torn, "byte {at}");
            assert_eq!(slots.copies()[1 - which], CopyState::Whole);
            slots.verify(&dek).unwrap();
        }
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn every_cut_of_one_copy_falls_back_to_the_other() {
    let (folder, _, dek, _) = home();
    let [a, _] = file::paths(folder.path());
    let whole = fs::read(&a).unwrap();
    for length in 0..whole.len() {
        fs::write(&a, &whole[..length]).unwrap();
        KeySlots::load(folder.path()).unwrap().verify(&dek).unwrap();
    }
}

#[test]
fn both_copies_torn_is_an_error_and_nothing_is_made_anew() {
    let (folder, ..) = home();
    for path in file::paths(folder.path()) {
        fs::write(path, b"torn").unwrap();
    }
    assert!(matches!(KeySlots::load(folder.path()), Err(KeySlotError::BothTorn)));
    let again = KeySlots::create(folder.path(), "amara", "x", CHEAP);
    assert!(matches!(again, Err(KeySlotError::AlreadyThere)));
    assert_eq!(bytes_of(folder.path()), [b"torn".to_vec(), b"torn".to_vec()]);
}

#[test]
fn a_folder_without_slots_says_so() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(KeySlots::load(folder.path()), Err(KeySlotError::Missing(_))));
}

#[test]
fn a_change_by_somebody_who_repairs_the_checksum_is_found_by_the_mac() {
    use sha2::{Digest as _, Sha256};
    let (folder, ..) = home();
    let [mut bytes, _] = bytes_of(folder.path());
    // The generation is the classic target: set it back and an old store passes for the newest.
    let at = bytes.windows(10).position(|w| w == b"generation").unwrap() + 10;
    bytes[at] ^= 2;
    let end = bytes.len() - 32;
    let sum = Sha256::digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&sum);
    for path in file::paths(folder.path()) {
        fs::write(path, &bytes).unwrap();
    }
    let slots = KeySlots::load(folder.path()).unwrap();
    let answer = slots.unlock_with_password("amara", "correct horse");
    assert!(matches!(answer, Err(KeySlotError::Altered)));
}

#[test]
fn a_power_cut_between_the_two_copies_leaves_the_newer_one_in_force() {
    let (folder, mut slots, dek, _) = home();
    let [_, old] = bytes_of(folder.path());
    slots.add_password(&dek, "bayo", "second", CHEAP).unwrap();
    fs::write(&file::paths(folder.path())[1], old).unwrap();
    let mut slots = KeySlots::load(folder.path()).unwrap();
    assert_eq!(slots.copies(), [CopyState::Whole, CopyState::Behind]);
    assert_eq!(slots.unlock_with_password("bayo", "second").unwrap(), dek);
    slots.heal(&dek).unwrap();
    assert_eq!(KeySlots::load(folder.path()).unwrap().copies(), [CopyState::Whole; 2]);
}

#[test]
fn a_slot_file_of_a_newer_program_is_left_alone() {
    use sha2::{Digest as _, Sha256};
    let (folder, ..) = home();
    let [mut bytes, _] = bytes_of(folder.path());
    bytes[9] = 2;
    let end = bytes.len() - 32;
    let sum = Sha256::digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&sum);
    fs::write(&file::paths(folder.path())[0], &bytes).unwrap();
    let answer = KeySlots::load(folder.path());
    assert!(matches!(answer, Err(KeySlotError::Newer { found: 2, known: 1 })));
}

#[test]
fn two_ways_to_open_the_store_always_stay() {
    let (_folder, mut slots, dek, _) = home();
    let amara = Holder::Password { user: "amara".into() };
    assert!(matches!(slots.remove(&dek, &amara), Err(KeySlotError::TooFewSlots)));
    assert!(matches!(slots.remove(&dek, &Holder::Recovery), Err(KeySlotError::TooFewSlots)));
    slots.add_password(&dek, "bayo", "second", CHEAP).unwrap();
    slots.remove(&dek, &amara).unwrap();
    assert!(matches!(slots.unlock_with_password("amara", "x"), Err(KeySlotError::NoSuchUser)));
    let bayo = Holder::Password { user: "bayo".into() };
    assert!(matches!(slots.remove(&dek, &bayo), Err(KeySlotError::TooFewSlots)));
    let stranger = Holder::Password { user: "chidi".into() };
    assert!(matches!(slots.remove(&dek, &stranger), Err(KeySlotError::NoSuchUser)));
}

#[test]
fn a_replaced_password_closes_the_old_one() {
    let (folder, mut slots, dek, code) = home();
    slots.replace_password(&dek, "amara", "new", CHEAP).unwrap();
    slots.confirm_recovery(&code.printed()).unwrap();
    slots.renew_recovery(&dek, CHEAP).unwrap();
    let fresh = slots.renew_recovery(&dek, CHEAP).unwrap();
    assert_eq!(slots.unlock_with_recovery(&code.printed()).unwrap(), dek, "until then");
    assert!(!slots.lacks_confirmed_recovery());
    slots.confirm_recovery(&fresh.printed()).unwrap();
    let slots = KeySlots::load(folder.path()).unwrap();
    assert!(slots.unlock_with_password("amara", "correct horse").is_err());
    assert_eq!(slots.unlock_with_password("amara", "new").unwrap(), dek);
    assert!(slots.unlock_with_recovery(&code.printed()).is_err());
    assert_eq!(slots.unlock_with_recovery(&fresh.printed()).unwrap(), dek);
    assert_eq!(slots.slots().count(), 2);
}

#[test]
fn the_same_user_cannot_be_added_twice_and_a_foreign_key_changes_nothing() {
    let (_folder, mut slots, dek, _) = home();
    assert!(matches!(slots.add_password(&dek, "amara", "x", CHEAP), Err(KeySlotError::UserExists)));
    let foreign = random_key();
    assert!(matches!(
        slots.add_password(&foreign, "bayo", "x", CHEAP),
        Err(KeySlotError::WrongKey)
    ));
    assert_eq!(slots.slots().count(), 2);
}

#[test]
fn the_generation_counts_restores_and_survives_loading() {
    let (folder, mut slots, dek, _) = home();
    assert_eq!(slots.generation(), 1);
    assert_eq!(slots.bump_generation(&dek).unwrap(), 2);
    assert_eq!(KeySlots::load(folder.path()).unwrap().generation(), 2);
}

#[test]
fn a_training_facility_opens_for_everybody_with_its_one_slot() {
    let folder = tempfile::tempdir().unwrap();
    let (_, dek) = KeySlots::create_training(folder.path()).unwrap();
    let slots = KeySlots::load(folder.path()).unwrap();
    assert!(slots.is_training());
    assert_eq!(slots.unlock_training().unwrap(), dek);
    let (_folder, real, ..) = home();
    assert!(!real.is_training());
    assert!(real.unlock_training().is_err());
}

#[test]
fn a_calibrated_cost_is_never_below_the_floor() {
    let cost = Cost::calibrated();
    assert!(cost.memory_kib >= 64 * 1024 && cost.passes >= 3, "{cost:?}");
    assert!(cost.is_sane());
}

#[test]
fn a_file_that_asks_for_all_memory_is_refused() {
    let cost = Cost { memory_kib: u32::MAX, passes: 1 };
    assert!(matches!(derive(b"x", &[0; 16], cost), Err(KeySlotError::Altered)));
}

#[test]
fn a_missing_keyring_is_answered_and_never_waited_for() {
    let begun = Instant::now();
    // Present or absent is the machine's affair; that there is an answer in time is ours.
    let _ = keyring::probe();
    assert!(begun.elapsed() < Duration::from_secs(13), "{:?}", begun.elapsed());
}
