//! What was written is read for ever.

use bloodbank::{Command, Event as U, Expiry, apply};
use kernel::{Abo, BloodGroup, Component, Rhd, UnitId, of_micros};
use records::{Body, State, Stored, versions};

fn unit() -> State {
    let id = UnitId::of_label("A999826000001", "E0336V00");
    let wall = "2026-12-05T23:59:00".parse().expect("a date");
    let received = U::Received {
        din: "A999826000001".into(),
        product_code: "E0336V00".into(),
        component: Component::RedCells,
        group: BloodGroup { abo: Abo::O, rhd: Rhd::Positive },
        phenotype: Default::default(),
        expires: Expiry::of_label(wall, "Africa/Nairobi".parse().expect("a zone")),
        collected_at: None,
        volume: None,
        place: "Fridge".into(),
        supplier: None,
        low_titre: false,
        site: "here".into(),
        at: of_micros(1_790_000_000_000_000),
    };
    State::Unit(Box::new(apply(None, id, &received).expect("received")))
}

#[test]
fn a_unit_as_the_first_release_wrote_it_reads_as_one_of_today() {
    let today = versions::write_state(&unit()).expect("writes");
    assert!(today.starts_with("{\"v\":2,\"of\":\"unit\""), "{today}");
    let moved = today.find("\"moved_at\":").expect("the new field");
    let next = today[moved..].find(",\"").expect("another field follows") + moved + 1;
    // Version 1: no number in front, no `moved_at`.
    let first = format!("{}{}", &today[..moved], &today[next..]).replacen("\"v\":2,", "", 1);
    assert!(first.starts_with("{\"of\":\"unit\""), "{first}");
    let read = versions::read_state(&first).expect("upcast");
    assert_eq!(read, unit());
    assert!(!versions::is_newest_state(&first, &read));
    assert!(versions::is_newest_state(&today, &read));
}

#[test]
fn what_a_newer_program_wrote_is_refused_by_name() {
    let newer = versions::write_state(&unit()).expect("writes").replacen("\"v\":2", "\"v\":3", 1);
    let error = versions::read_state(&newer).expect_err("unknown").to_string();
    assert_eq!(error, "unit has version 3, this program knows up to 2");
    assert!(Stored::from_bytes("unit.reserve", 2, b"").is_err());
}

#[test]
fn several_in_one_body_keep_the_version_of_each() {
    let id = UnitId::of_label("A999826000001", "E0336V00");
    let part = |reason: &str| {
        let command = Command::Release { reason: reason.into() };
        Body::Unit { id, command }
    };
    let body = Body::Together(vec![part("one"), part("two")]);
    let stored = Stored::new(body, vec![], Some("why".into()));
    assert_eq!(stored.parts, [("unit.release".to_owned(), 1), ("unit.release".to_owned(), 1)]);
    let read = Stored::from_bytes("together", 1, &stored.to_bytes()).expect("reads");
    assert_eq!(read, stored);
    // What was entered later keeps both times, also beside others.
    let happened =
        records::Happened { at: of_micros(7), by: kernel::StaffId(uuid::Uuid::from_u128(1)) };
    let late = stored.clone().happened(Some(happened));
    assert_ne!(late.to_bytes(), stored.to_bytes());
    let read = Stored::from_bytes("together", 1, &late.to_bytes()).expect("reads");
    assert_eq!(read.happened, Some(happened));
    let told = late.clone().against_today(vec!["out_too_long".to_owned()]);
    let read = Stored::from_bytes("together", 1, &told.to_bytes()).expect("reads");
    assert_eq!((read.happened, read.against_today.len()), (Some(happened), 1));
    assert_eq!(
        late.clone().against_today(vec![]).to_bytes(),
        late.to_bytes(),
        "nothing is nothing"
    );
    let single = Stored::new(part("one"), vec![], None);
    let read = Stored::from_bytes("unit.release", 1, &single.to_bytes()).expect("reads");
    assert_eq!(read, single);
}
