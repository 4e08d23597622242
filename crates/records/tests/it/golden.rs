//! Every shape that was ever shipped, as it was written, in `tests/golden`: names are
//! `kind@version-sample`. Those of the first release are the bytes which that release wrote.
//! A new sample or a new version: `HEALTHSYNC_GOLDEN=write cargo nextest run -E 'package(records)'`
//! writes the files that are missing and changes none.

use crate::{care, donors, lab, samples};
use bloodbank::{Rule, care::CareRule};
use records::{Event, State, Stored, versions};
use std::collections::BTreeMap;
use std::path::PathBuf;

struct Golden {
    kind: String,
    version: u16,
    sample: String,
    bytes: Vec<u8>,
}

fn folder(of: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(of)
}

fn stored(body: &records::Body) -> Stored {
    Stored::new(
        body.clone(),
        vec![CareRule::Unit(Rule::UnitReserved)],
        Some("the ward agreed".into()),
    )
}

/// Writes what is missing when asked to, and reads all.
fn golden(of: &str, today: &BTreeMap<(String, String), (u16, Vec<u8>)>) -> Vec<Golden> {
    if std::env::var("HEALTHSYNC_GOLDEN").is_ok_and(|v| v == "write") {
        for ((kind, sample), (version, bytes)) in today {
            let path = folder(of).join(format!("{kind}@{version}-{sample}"));
            if !path.exists() {
                std::fs::write(path, bytes).expect("the golden folder can be written");
            }
        }
    }
    let mut all = vec![];
    for entry in std::fs::read_dir(folder(of)).expect("the golden folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|n| n.to_str()).expect("a plain name");
        let (kind, rest) = name.split_once('@').expect("kind@version-sample");
        let (version, sample) = rest.split_once('-').expect("kind@version-sample");
        all.push(Golden {
            kind: kind.into(),
            version: version.parse().expect("a version"),
            sample: sample.into(),
            bytes: std::fs::read(&path).expect("reads"),
        });
    }
    all
}

/// No shape without a file, no changed shape without a new version, and every version known.
fn hold_together(
    of: &str,
    newest: &[(&str, u16)],
    today: &BTreeMap<(String, String), (u16, Vec<u8>)>,
) -> Vec<Golden> {
    let all = golden(of, today);
    for ((kind, sample), (version, bytes)) in today {
        let file = all
            .iter()
            .find(|g| g.kind == *kind && g.sample == *sample && g.version == *version)
            .unwrap_or_else(|| panic!("no golden file {of}/{kind}@{version}-{sample}"));
        let (was, is) = (String::from_utf8_lossy(&file.bytes), String::from_utf8_lossy(bytes));
        assert!(
            file.bytes == *bytes,
            "{of} {kind} {sample} is written in another way than the shipped version {version}; \
             it needs the next version and a step of upcast.\nwas {was}\nis  {is}"
        );
    }
    for (kind, known) in newest {
        for version in 1..=*known {
            let found = all.iter().any(|g| g.kind == *kind && g.version == version);
            // What came later than the first release has no earlier versions to show.
            assert!(found, "no golden file of {of} {kind} version {version}");
        }
    }
    for g in &all {
        let known = newest.iter().find(|(kind, _)| *kind == g.kind).map(|(_, v)| *v);
        assert!(known >= Some(g.version), "{of}/{}@{} is of no known kind", g.kind, g.version);
    }
    all
}

#[test]
fn commands_of_every_release_read_as_what_they_said() {
    let samples: Vec<_> = samples::commands()
        .into_iter()
        .chain(samples::later_commands())
        .chain(donors::commands())
        .chain(lab::commands())
        .chain(care::commands())
        .collect();
    let today: BTreeMap<_, _> = samples
        .iter()
        .map(|(name, body)| {
            let version = versions::kind_version(body.kind());
            ((body.kind().to_owned(), (*name).to_owned()), (version, stored(body).to_bytes()))
        })
        .collect();
    assert_eq!(today.len(), samples.len(), "two samples of one name");
    for g in hold_together("command", versions::COMMANDS, &today) {
        let read = Stored::from_bytes(&g.kind, g.version, &g.bytes)
            .unwrap_or_else(|e| panic!("command {}@{}-{}: {e}", g.kind, g.version, g.sample));
        let (_, body) = samples
            .iter()
            .find(|(name, body)| body.kind() == g.kind && *name == g.sample)
            .expect("every golden file has its sample");
        assert_eq!(read, stored(body), "command {}@{}-{}", g.kind, g.version, g.sample);
    }
}

#[test]
fn events_of_every_release_read_as_what_happened() {
    let samples: Vec<(&str, Event)> = samples::events()
        .into_iter()
        .chain(samples::later_events())
        .chain(donors::events())
        .chain(lab::events())
        .chain(care::events())
        .map(|(name, _, event)| (name, event))
        .collect();
    let newest = |tag| versions::EVENTS.iter().find(|(t, _)| *t == tag).expect("in the table").1;
    let today: BTreeMap<_, _> = samples
        .iter()
        .map(|(name, event)| {
            let bytes = versions::write_event(event).expect("writes").into_bytes();
            ((event.tag().to_owned(), (*name).to_owned()), (newest(event.tag()), bytes))
        })
        .collect();
    assert_eq!(today.len(), samples.len(), "two samples of one name");
    for g in hold_together("event", versions::EVENTS, &today) {
        let text = std::str::from_utf8(&g.bytes).expect("text");
        let read = versions::read_event(text)
            .unwrap_or_else(|e| panic!("event {}@{}-{}: {e}", g.kind, g.version, g.sample));
        let (_, event) = samples
            .iter()
            .find(|(name, event)| event.tag() == g.kind && *name == g.sample)
            .expect("every golden file has its sample");
        assert_eq!(read, *event, "event {}@{}-{}", g.kind, g.version, g.sample);
    }
}

#[test]
fn states_of_every_release_read_as_they_were() {
    let samples: Vec<(&str, State)> = samples::states()
        .into_iter()
        .chain(samples::later_states())
        .chain(donors::states())
        .chain(lab::states())
        .chain(care::states())
        .collect();
    let newest = |tag| versions::STATES.iter().find(|(t, _)| *t == tag).expect("in the table").1;
    let today: BTreeMap<_, _> = samples
        .iter()
        .map(|(name, state)| {
            let bytes = versions::write_state(state).expect("writes").into_bytes();
            ((state.tag().to_owned(), (*name).to_owned()), (newest(state.tag()), bytes))
        })
        .collect();
    assert_eq!(today.len(), samples.len(), "two samples of one name");
    for g in hold_together("state", versions::STATES, &today) {
        let text = std::str::from_utf8(&g.bytes).expect("text");
        let read = versions::read_state(text)
            .unwrap_or_else(|e| panic!("state {}@{}-{}: {e}", g.kind, g.version, g.sample));
        let (_, state) = samples
            .iter()
            .find(|(name, state)| state.tag() == g.kind && *name == g.sample)
            .expect("every golden file has its sample");
        assert_eq!(read, *state, "state {}@{}-{}", g.kind, g.version, g.sample);
        assert_eq!(versions::is_newest_state(text, &read), g.version == newest(read.tag()));
    }
}
