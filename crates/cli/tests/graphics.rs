//! The graphics card through the real program's worker. Which drivers are here decides how much of
//! it runs; what is left out is counted aloud.

use inference::graphics::{Card, NoCard, Source};
use inference::networks::Architecture;
use std::path::Path;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_healthsync"))
}

fn source(file: &Path) -> Source {
    Source {
        file: file.to_owned(),
        sha256: "00".repeat(32),
        architecture: Architecture::BasicCnn,
        plan: vec![[3, 8, 3, 2, 1, 1]],
        taps: vec![],
        side: 32,
    }
}

#[test]
fn a_program_that_imitates_a_card_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    match Card::open(program(), folder.path(), false) {
        Err(NoCard::Software { name }) => assert!(!name.is_empty()),
        Err(NoCard::None { detail }) => {
            eprintln!("SKIPPED 1: no graphics driver is installed here ({detail})");
        }
        Ok(card) => assert!(!card.name().is_empty(), "a real card has a name"),
    }
}

#[test]
fn a_card_that_refuses_its_work_is_lost_and_stays_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let card = match Card::open(program(), folder.path(), true) {
        Ok(card) => card,
        Err(none) => {
            eprintln!("SKIPPED 1: no graphics driver is installed here ({none})");
            return;
        }
    };
    let weights = folder.path().join("weights.safetensors");
    std::fs::write(&weights, b"not these").expect("written");
    let lost = card.load(&source(&weights)).expect_err("other weights");
    assert_eq!(lost.detail, "the weights are not those of the pack");
    assert_eq!(lost.name, card.name());
    let again = card.see(&"00".repeat(32), &[0.0; 3 * 32 * 32], 32).expect_err("its worker ended");
    assert_eq!(again.detail, "it was lost");
}

#[test]
fn a_program_that_says_nothing_sensible_is_no_card() {
    let folder = tempfile::tempdir().expect("a folder");
    for nonsense in ["/bin/false", "/bin/echo", "/nowhere"] {
        let found = Card::open(Path::new(nonsense), folder.path(), true);
        assert!(matches!(found, Err(NoCard::None { .. })), "{nonsense}: {found:?}");
    }
}
