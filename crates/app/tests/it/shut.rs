//! What a reading of the program with an attacker's eyes found: every test says one of the ways that
//! are shut now.

use super::*;

fn donor(given: &str, born: &str) -> Value {
    json!({
        "family": "Otieno", "given": given, "birthDate": born, "sex": "male", "phone": null,
        "area": null, "paper": null, "consent": true, "guardian": null, "override": null,
    })
}

#[test]
fn a_deferred_donor_behind_thirty_namesakes_is_met_when_he_registers_again() {
    let desk = Desk::training();
    desk.sign_in("amina");
    for n in 0..30 {
        desk.ok("donor.register", donor("Mohammed", &format!("{}-03-05", 1950 + n)));
    }
    let deferred = text(&desk.ok("donor.register", donor("Mohammed", "1995-06-07")), "id");
    desk.ok(
        "donor.defer",
        json!({ "donor": deferred, "code": "hiv", "happened": "2026-11-20", "note": null }),
    );
    // With a new telephone, and in another spelling.
    for given in ["Mohammed", "Mohamed"] {
        let mut again = donor(given, "1995-06-07");
        again["phone"] = json!("0700 111 222");
        let said = desk.no("donor.register", again, Code::PossibleDuplicate);
        assert!(said.args["candidates"].contains("1995-06-07"), "{said:?}");
    }
    // Born in other years, nobody is met.
    desk.ok("donor.register", donor("Mohammed", "2001-06-07"));
}

#[test]
fn a_patient_behind_thirty_namesakes_is_met_before_a_second_record_is_made() {
    let desk = Desk::training();
    desk.sign_in("joseph");
    let patient = |born: &str| json!({ "family": "Otieno", "given": "Mary", "birthDate": born, "sex": "female" });
    for n in 0..30 {
        desk.ok("patient.register", patient(&format!("{}", 1920 + 2 * n)));
    }
    desk.ok("patient.register", patient("1995-06-07"));
    for born in ["1995-06-07", "1995", "1996-01-01"] {
        let said = desk.no("patient.register", patient(born), Code::PossibleDuplicate);
        assert!(said.args["candidates"].contains("1995-06-07"), "{born}: {said:?}");
    }
    desk.ok("patient.register", patient("2001-02-03"));
}

/// Who wrote each line of the audit stream, and what it says. The desk starts again for it.
pub(super) fn audits(desk: &mut Desk) -> Vec<(String, records::Audit)> {
    desk.stop();
    let home = desk.home.path();
    let dek = KeySlots::load(home).expect("slots").unlock_training().expect("public");
    let db = sqlite::open(&home.join("store.db"), &dek, sqlite::Role::Writer).expect("opens");
    let mut query = db
        .prepare(
            "SELECT c.header, b.body FROM command c JOIN body b ON b.id = c.id ORDER BY c.lseq",
        )
        .expect("reads");
    let lines: Vec<(Vec<u8>, Vec<u8>)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("reads")
        .map(|row| row.expect("reads"))
        .collect();
    drop(query);
    drop(db);
    desk.restart();
    let mut found = vec![];
    for (header, body) in lines {
        let header = ledger::Header::from_bytes(&header).expect("a header");
        let stored = records::Stored::from_bytes(&header.kind, header.kind_version, &body);
        if let records::Body::Audit(line) = stored.expect("a body").does {
            found.push((header.user, line));
        }
    }
    found
}

#[test]
fn s74_who_looks_at_a_donor_or_at_a_list_of_findings_leaves_one_line() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    let donor = text(&desk.ok("donor.register", donor("Mary", "1990-05-17")), "id");
    lab::give(&desk, "Wanjiru");
    desk.sign_in("joseph");
    for _ in 0..3 {
        desk.ok("donor.view", json!({ "id": donor }));
    }
    desk.ok("donor.contact", json!({ "id": donor }));
    desk.ok("donor.own", json!({ "id": donor }));
    desk.ok("donor.search", json!({ "text": "A999826000500", "limit": 5 }));
    desk.sign_in("luis");
    desk.ok("lab.board", json!({}));
    desk.ok("lab.board", json!({}));
    let lines = audits(&mut desk);
    let seen = |screen: &str| {
        let of = |line: &&(String, records::Audit)| match &line.1 {
            records::Audit::DonorSeen { donor: of, screen: on } => {
                of.to_string() == donor && on == screen && line.0 == "joseph"
            }
            _ => false,
        };
        lines.iter().filter(of).count()
    };
    assert_eq!((seen("donor"), seen("contact"), seen("own")), (1, 1, 1));
    let lists = |line: &&(String, records::Audit)| matches!(&line.1, records::Audit::ListSeen { screen, rows } if screen == "lab_board" && *rows > 0);
    assert_eq!(lines.iter().filter(lists).count(), 1);
    let searched = |line: &&(String, records::Audit)| matches!(&line.1, records::Audit::DonorsSearched { screen } if screen == "donor_search_by_number");
    assert_eq!(lines.iter().filter(searched).count(), 1);
}

#[test]
fn asking_which_crossmatch_a_patient_needs_is_a_look_at_the_patient() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let unit = desk.receive(610, Abo::A, Rhd::Negative);
    desk.sign_in("joseph");
    desk.ok("crossmatch.ask", json!({ "patient": smith, "unit": unit }));
    desk.sign_in("mbeki");
    desk.ok("slip.make", json!({ "patient": smith, "unit": unit }));
    let lines = audits(&mut desk);
    let seen = |user: &str, screen: &str| {
        lines.iter().any(|line| match &line.1 {
            records::Audit::Read { patient, screen: on } => {
                patient.to_string() == smith && on == screen && line.0 == user
            }
            _ => false,
        })
    };
    assert!(seen("joseph", "crossmatch") && seen("mbeki", "slip"), "{lines:?}");
}

#[test]
fn s74_what_somebody_may_not_is_denied_and_logged_once_however_often_a_page_asks() {
    let mut desk = Desk::training();
    desk.sign_in("joseph");
    for _ in 0..4 {
        desk.no("lab.board", json!({}), Code::Forbidden);
        desk.no("unit.discard", json!({ "unit": "x", "reason": "leak" }), Code::Forbidden);
    }
    // A quarter of an hour later it is news again.
    desk.clock.advance(TimeDelta::minutes(16));
    desk.sign_in("joseph");
    desk.no("lab.board", json!({}), Code::Forbidden);
    let lines = audits(&mut desk);
    let denied = |name: &str| {
        let of = |line: &&(String, records::Audit)| match &line.1 {
            records::Audit::Refused { command, rule, .. } => {
                command == name && rule == "forbidden" && line.0 == "joseph"
            }
            _ => false,
        };
        lines.iter().filter(of).count()
    };
    assert_eq!((denied("lab.board"), denied("unit.discard")), (2, 1), "{lines:?}");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_deferral_of_a_test_shows_nothing_that_tells_it_from_another_to_who_may_not_know() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let id = text(&desk.ok("donor.register", donor("Peter", "1990-05-17")), "id");
    for code in ["hiv", "aspirin"] {
        let defer =
            json!({ "donor": id, "code": code, "happened": "2026-11-20", "note": "at the bench" });
        desk.ok("donor.defer", defer);
    }
    desk.ok("donor.screen", donors::screening(&desk, &id));
    let view = |desk: &Desk| desk.ok("donor.view", json!({ "id": id }));
    let sources = |rows: &Value| -> Vec<String> {
        rows.as_array().expect("a list").iter().map(|row| text(row, "source")).collect()
    };
    let known = view(&desk);
    assert!(sources(&known["deferrals"]).iter().any(|s| !s.is_empty()), "{known}");
    desk.sign_in("mbeki");
    let told = view(&desk);
    let deferrals = told["deferrals"].as_array().expect("a list");
    assert_eq!(deferrals.len(), 2, "that there is one is told");
    assert!(sources(&told["deferrals"]).iter().all(String::is_empty), "{told}");
    assert!(deferrals.iter().all(|d| d["code"].is_null() && d["note"].is_null()), "{told}");
    let reasons = &told["screenings"][0]["reasons"];
    let deferred: Vec<&Value> = reasons
        .as_array()
        .expect("a list")
        .iter()
        .filter(|reason| reason["why"] == "deferred")
        .collect();
    assert!(!deferred.is_empty(), "{reasons}");
    for reason in deferred {
        assert_eq!((&reason["source"], &reason["args"]), (&json!(""), &json!({})), "{reason}");
    }
    // Nor does the desk learn it by trying to register the same person.
    let said = desk.no("donor.register", donor("Peter", "1990-05-17"), Code::PossibleDuplicate);
    assert!(!said.args.contains_key("deferred"), "{said:?}");
    desk.sign_in("amina");
    let said = desk.no("donor.register", donor("Peter", "1990-05-17"), Code::PossibleDuplicate);
    assert_eq!(said.args["deferred"], "true");
}

#[test]
fn reception_prints_no_slip_no_tag_and_no_tube_label() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let sample = desk.sampled(&smith, "A negative");
    let unit = desk.receive(611, Abo::A, Rhd::Negative);
    let folder = tempfile::tempdir().expect("a folder");
    let ask = |what: Value| {
        json!({
            "what": what, "printer": "office", "media": "a4", "language": "en",
            "folder": folder.path(),
        })
    };
    let slip = || ask(json!({ "kind": "slip", "unit": unit, "patient": smith, "ward": "Ward 3" }));
    let tag = || ask(json!({ "kind": "tag", "issue": unit }));
    let tubes = || ask(json!({ "kind": "tube_labels", "sample": sample, "copies": 2 }));
    desk.sign_in("joseph");
    for what in [slip(), tag(), tubes()] {
        desk.no("print.save", what, Code::Forbidden);
    }
    desk.ok("print.save", ask(json!({ "kind": "wristband", "patient": smith })));
    desk.sign_in("mbeki");
    desk.no("print.save", tubes(), Code::Forbidden);
    desk.ok("print.save", slip());
    desk.sign_in("amina");
    desk.ok("print.save", tubes());
}

#[test]
fn a_bag_that_may_not_be_used_gets_no_label_with_a_group_and_one_that_left_gets_none() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let folder = tempfile::tempdir().expect("a folder");
    let labels = |unit: &str| {
        json!({
            "what": { "kind": "unit_labels", "units": [unit] }, "printer": "office",
            "media": "a4", "language": "en", "folder": folder.path(),
        })
    };
    let printed = |unit: &str| {
        desk.clock.advance(TimeDelta::seconds(1));
        let saved = desk.ok("print.save", labels(unit));
        let name = saved["files"][0].as_str().expect("one file").to_owned();
        std::fs::metadata(folder.path().join(name)).expect("it is there").len()
    };
    let unit = desk.receive(612, Abo::A, Rhd::Negative);
    let whole = printed(&unit);
    // What another minute of printing changes in the file.
    let noise = printed(&unit).abs_diff(whole);
    let second = json!({ "user": "luis", "password": "training" });
    desk.ok("unit.discard", json!({ "unit": unit, "reason": "leak", "second": second }));
    // Another text in the place of the group.
    assert!(printed(&unit).abs_diff(whole) > noise + 8, "{whole} {noise}");
    let list = desk.ok("blood.record", json!({ "id": desk.patient("oyelaran") }));
    let gone =
        list["issues"].as_array().expect("issues").iter().find(|i| i["status"] != "returned");
    let gone = text(&gone.expect("a bag that left")["unit"], "id");
    desk.no("print.save", labels(&gone), Code::UnitGone);
}

#[test]
fn five_hundred_orders_that_nobody_settles_do_not_hide_the_one_of_today() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    let smith = desk.patient("smith john");
    let place = |urgency: &str, needed: &str| {
        let order = json!({
            "patient": smith, "component": "red_cells", "count": 1, "urgency": urgency,
            "indication": "anaemia",
            "measured": [{ "measure": "haemoglobin", "value": 82 }], "needs": [], "freshDays": null,
            "neededBy": needed, "consent": true,
        });
        text(&desk.ok("request.place", order), "id")
    };
    let before = desk.ok("request.list", json!({}));
    assert!(before["leftOut"].is_null(), "{before}");
    let old = place("routine", "2026-11-20T13:00:00Z");
    for _ in 0..500 {
        place("routine", "2026-11-20T14:00:00Z");
    }
    let today = place("emergency", "2026-11-20T15:00:00Z");
    let list = desk.ok("request.list", json!({}));
    let open = list["open"].as_array().expect("a list");
    let listed = |id: &str| open.iter().any(|row| row["id"] == id);
    assert!(listed(&today), "the newest is on the list");
    assert!(!listed(&old));
    let stood = before["open"].as_array().expect("a list").len();
    assert_eq!(
        (open.len(), &list["leftOut"]),
        (500, &json!(stood + 2)),
        "and the others are counted"
    );
}

#[test]
fn no_list_of_a_page_is_longer_than_everybody_can_wait_for() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let many = |count: usize| vec![json!("x"); count];
    for (name, payload) in [
        ("unit.reserve_many", json!({ "units": many(501), "patient": smith })),
        ("recall.open", json!({ "reason": "r", "units": [], "dins": many(1_001) })),
        (
            "print.save",
            json!({
                "what": { "kind": "unit_labels", "units": many(501) }, "printer": "office",
                "media": "a4", "language": "en", "folder": "",
            }),
        ),
        (
            "case.open",
            json!({
                "transfusion": null, "patient": smith, "units": many(101), "findings": {},
                "suspected": [],
            }),
        ),
        ("count.place", json!({ "place": "Fridge 1", "scanned": many(5_001) })),
    ] {
        let said = desk.no(name, payload, Code::Malformed);
        assert_eq!(said.kind, ErrorKind::Refusal);
        assert!(said.args["detail"].contains("entries"), "{name}: {said:?}");
    }
}

fn appeal(hours: u64, areas: usize, metres: u32) -> Value {
    let areas: Vec<Value> =
        (0..areas).map(|n| json!({ "area": format!("Area {n}"), "metres": 5_000 })).collect();
    json!({
        "request": null, "reason": "Two O negative on the shelf", "component": "red_cells",
        "groups": [{ "abo": "O", "rhd": "negative" }], "channel": "call_list", "wanted": 1,
        "hours": hours,
        "reach": { "withinMetres": metres, "areas": areas, "unknownToo": true },
    })
}

#[test]
fn an_appeal_is_sound_before_any_donor_is_compared_with_it() {
    let desk = Desk::training();
    desk.sign_in("amina");
    for name in ["appeal.preview", "appeal.start"] {
        desk.no(name, appeal(12, 501, 20_000), Code::OutOfBounds);
        desk.no(name, appeal(12, 1, 4_000_000), Code::OutOfBounds);
        desk.no(name, appeal(12, 100_000, 20_000), Code::Malformed);
        desk.no(name, appeal(4_294_967_295, 1, 20_000), Code::TimeNotPossible);
    }
    desk.ok("appeal.preview", appeal(12, 3, 20_000));
    let started = text(&desk.ok("appeal.start", appeal(12, 3, 20_000)), "id");
    let wider = json!({ "appeal": started, "reach": appeal(12, 501, 20_000)["reach"] });
    desk.no("appeal.more", wider, Code::OutOfBounds);
}

#[test]
fn a_year_that_no_calendar_of_people_has_is_a_sentence_and_no_incident() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let donor = text(&desk.ok("donor.register", donor("Peter", "1990-05-17")), "id");
    for year in ["+262142", "-262143", "0001"] {
        let day = format!("{year}-12-31");
        for (name, payload) in [
            (
                "appointment.book",
                json!({ "donor": donor, "kind": "whole_blood", "wall": format!("{day}T23:30") }),
            ),
            ("appointment.list", json!({ "day": day })),
            ("figures.show", json!({ "from": day, "to": day })),
            ("figures.show", json!({ "from": "2026-01-01", "to": day })),
            (
                "donor.defer",
                json!({ "donor": donor, "code": "hiv", "happened": day, "note": null }),
            ),
            ("history.exposure", json!({ "patient": smith, "kind": "pregnancy", "on": day })),
            (
                "history.antibody",
                json!({ "patient": smith, "antigen": "K", "foundOn": day, "toldBy": "t" }),
            ),
        ] {
            let said = desk.call(name, payload).expect_err(name);
            assert_eq!(said.kind, ErrorKind::Refusal, "{name} {day}: {said:?}");
        }
    }
}

#[test]
fn findings_that_no_living_person_has_are_refused_and_open_no_case() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let open = |findings: Value| {
        json!({
            "transfusion": null, "patient": smith, "units": [], "findings": findings,
            "suspected": [],
        })
    };
    let absurd = [
        json!({ "overloadSigns": 4_294_967_295_u32, "signs": ["dyspnoea"] }),
        json!({ "highestTenths": 999 }),
        json!({ "riseTenths": -2_147_483_648_i64 }),
        json!({ "systolicDrop": 4_000 }),
    ];
    for findings in &absurd {
        desk.no("case.open", open(findings.clone()), Code::OutOfBounds);
    }
    let case = text(
        &desk.ok("case.open", open(json!({ "overloadSigns": 2, "signs": ["dyspnoea"] }))),
        "id",
    );
    for findings in absurd {
        desk.no("case.find", json!({ "case": case, "findings": findings }), Code::OutOfBounds);
    }
    desk.ok("case.find", json!({ "case": case, "findings": { "overloadSigns": 3 } }));
    desk.ok("case.view", json!({ "id": case }));
}
