//! The rule book of donors and laboratory through the real store: one that comes with the program,
//! one from a file, a single value, a signature, and what none of them may be (scenarios 29, 32, 73).

use super::donors::screening;
use super::*;

/// What has to be sent for the next version, with this of the rule book in it.
fn next(desk: &Desk, with: Value) -> Value {
    let book = desk.ok("policy.show", json!({}));
    let mut ask = json!({
        "base": book["newest"]["hash"], "values": [], "stock": null, "effectiveWall": null,
        "reason": "our committee, 18 November", "urgent": false,
    });
    for (name, value) in with.as_object().expect("parts of an order") {
        ask[name.as_str()] = value.clone();
    }
    ask
}

fn adopt(desk: &Desk, with: Value) {
    desk.ok("policy.adopt", next(desk, with));
}

fn book(desk: &Desk) -> Value {
    desk.ok("policy.show", json!({}))["ruleBook"].clone()
}

fn newest(desk: &Desk) -> Value {
    desk.ok("policy.show", json!({}))["newest"]["ruleBook"].clone()
}

/// The place of a value, by what stands there.
fn place(book: &Value, part: &str, says: &str) -> Value {
    let rows = book["rows"].as_array().expect("rows");
    let mut found = rows
        .iter()
        .filter(|row| text(row, "name").starts_with(part) && text(row, "value").contains(says));
    found.next().unwrap_or_else(|| panic!("{part} with {says}")).clone()
}

fn set(row: &Value, value: &str) -> Value {
    json!([{
        "name": row["name"], "value": value, "source": "Ministry circular 12", "confirmed": true,
    }])
}

/// A file as somebody picks it.
fn file(desk: &Desk, text: &str) -> Value {
    let held = desk.backend().hold_bytes("rules.json", text.as_bytes().to_vec()).expect("held");
    json!({ "from": "file", "file": held.handle })
}

fn saved(desk: &Desk) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rules.json");
    desk.ok("policy.rule_book_save", json!({ "path": path }));
    desk.no("policy.rule_book_save", json!({ "path": path }), Code::HomeUnsuitable);
    std::fs::read_to_string(&path).expect("written")
}

fn donor(desk: &Desk, family: &str, born: &str) -> String {
    let new = json!({
        "family": family, "given": "Peter", "birthDate": born, "sex": "male", "phone": null,
        "area": null, "paper": null, "consent": true, "guardian": null, "override": null,
    });
    text(&desk.ok("donor.register", new), "id")
}

/// The verdict on somebody who answers as given, and the rules that it names.
fn verdict(desk: &Desk, donor: &str, yes: Option<(&str, &str)>) -> (Value, Value) {
    let mut visit = screening(desk, donor);
    if let Some((question, when)) = yes {
        for answer in visit["answers"].as_array_mut().expect("answers") {
            if answer["question"] == question {
                *answer = json!({ "question": question, "yes": true, "when": when });
            }
        }
    }
    desk.ok("donor.screen", visit);
    let said = desk.ok("donor.view", json!({ "id": donor }))["screenings"][0].clone();
    (said["verdict"].clone(), said["rules"].clone())
}

#[test]
fn s29_the_rule_of_tomorrow_changes_nothing_that_was_decided_today() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    adopt(&desk, json!({ "ruleBook": { "from": "built_in", "name": "fda" } }));
    assert_eq!((&book(&desk)["name"], &book(&desk)["version"]), (&json!("fda"), &json!(1)));
    let four_months = Some(("tattoo", "2026-07-20"));
    let first = donor(&desk, "Odhiambo", "1990-05-17");
    assert_eq!(verdict(&desk, &first, four_months), (json!("accept"), json!("fda 1")));

    let row = place(&book(&desk), "deferrals.", "\"tattoo\"");
    let six = r#"{"code":"tattoo","lasts":{"for":{"months":6}},"only":[]}"#;
    adopt(&desk, json!({ "rows": set(&row, six), "effectiveWall": "2026-11-21T00:00" }));
    assert_eq!(newest(&desk)["version"], 2, "another text is another version of the book");
    // Still today.
    let second = donor(&desk, "Kamau", "1988-02-11");
    assert_eq!(verdict(&desk, &second, four_months), (json!("accept"), json!("fda 1")));

    desk.clock.advance(TimeDelta::hours(20));
    desk.restart();
    desk.sign_in("amina");
    let changed = place(&book(&desk), "deferrals.", "\"tattoo\"");
    assert_eq!(changed["effectiveFrom"], "2026-11-21");
    assert_eq!(
        (&changed["source"], &changed["confirmed"]),
        (&json!("Ministry circular 12"), &json!(true))
    );
    let third = donor(&desk, "Wekesa", "1991-09-30");
    assert_eq!(verdict(&desk, &third, four_months), (json!("defer"), json!("fda 2")));
    // What was written yesterday still says so, and under which rules.
    for before in [&first, &second] {
        let said = desk.ok("donor.view", json!({ "id": before }))["screenings"][0].clone();
        assert_eq!((&said["verdict"], &said["rules"]), (&json!("accept"), &json!("fda 1")));
    }
    desk.sign_in("audit");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s32_not_above_sixty_is_a_switch_that_a_committee_sets() {
    let desk = Desk::training();
    desk.sign_in("amina");
    adopt(&desk, json!({ "ruleBook": { "from": "built_in", "name": "india" } }));
    let a_day_over = |desk: &Desk, family: &str| donor(desk, family, "1966-11-19");
    let through = a_day_over(&desk, "Sharma");
    assert_eq!(verdict(&desk, &through, None).0, json!("accept"), "through the year of 60");
    let row = place(&book(&desk), "donors.age_max_first", "60");
    adopt(&desk, json!({ "rows": set(&row, r#"{"whole_year":false,"years":60}"#) }));
    let up_to = a_day_over(&desk, "Iyer");
    assert_eq!(verdict(&desk, &up_to, None).0, json!("defer"), "up to that very birthday");
}

#[test]
fn s73_a_file_with_red_cells_that_live_420_days_is_refused_and_nothing_changes() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let before = desk.ok("policy.show", json!({}));
    let text = saved(&desk);
    let wild = text.replace(r#""days": 42"#, r#""days": 420"#);
    assert_ne!(wild, text, "the file was changed");
    let said = desk.no(
        "policy.adopt",
        next(&desk, json!({ "ruleBook": file(&desk, &wild) })),
        Code::PolicyOutOfBounds,
    );
    assert!(said.args["name"].starts_with("lives."), "{said:?}");
    assert_eq!((&*said.args["value"], &*said.args["most"]), ("10080", "1176"));
    // The same by hand, at its place.
    let row = place(&before["ruleBook"], "lives.", "red_cells_additive");
    let long = text_of(&row).replace(r#""days":42"#, r#""days":420"#);
    assert_ne!(long, text_of(&row));
    desk.no(
        "policy.adopt",
        next(&desk, json!({ "rows": set(&row, &long) })),
        Code::PolicyOutOfBounds,
    );
    assert_eq!(desk.ok("policy.show", json!({})), before);
}

fn text_of(row: &Value) -> String {
    text(row, "value")
}

#[test]
fn a_rule_book_travels_as_a_file_and_is_a_draft_until_a_person_of_its_country_signs_it() {
    let desk = Desk::training();
    desk.sign_in("amina");
    // Somebody wrote a signature into the file: it is only text there.
    let mut tanzania: Value = serde_json::from_str(&saved(&desk)).expect("JSON");
    tanzania["name"] = json!("who/TZ");
    tanzania["donors"]["haemoglobin"]["value"] = json!({ "female": 125, "male": 130 });
    tanzania["signed"] = json!({ "by": "Nobody", "country": "TZ", "on": "2026-11-01" });
    adopt(&desk, json!({ "ruleBook": file(&desk, &tanzania.to_string()) }));
    let stands = book(&desk);
    assert_eq!((&stands["name"], &stands["version"]), (&json!("who/TZ"), &json!(1)));
    assert_eq!(stands["signed"], Value::Null);
    assert_eq!(place(&stands, "donors.haemoglobin", "125")["confirmed"], false);

    // Of another country, of none, together with a change: no.
    let refuse = |with: Value, why: &str| {
        let said = desk.no("policy.adopt", next(&desk, with), Code::RuleBookUnfit);
        assert_eq!(&*said.args["why"], why);
    };
    refuse(json!({ "signFor": "KE" }), "country");
    refuse(json!({ "signFor": "Tanzania" }), "country");
    let age = place(&stands, "donors.age_min", "");
    refuse(json!({ "signFor": "TZ", "rows": set(&age, "17") }), "signed_unread");
    adopt(&desk, json!({ "signFor": "tz" }));
    let signed = book(&desk)["signed"].clone();
    assert!(text(&signed, "by").contains("Amina"), "{signed}");
    assert_eq!((&signed["country"], &signed["on"]), (&json!("TZ"), &json!("2026-11-20")));
    assert_eq!(book(&desk)["version"], 1, "a signature changes no word of it");
    refuse(json!({ "signFor": "TZ" }), "signed");

    // Other rules of the house leave it signed; a value of the book makes it a draft again.
    let hold = json!([{ "name": "hold_hours", "value": "12", "source": "us", "confirmed": true }]);
    adopt(&desk, json!({ "values": hold }));
    assert_eq!(book(&desk)["signed"], signed);
    adopt(&desk, json!({ "rows": set(&age, "17") }));
    let stands = book(&desk);
    assert_eq!((&stands["signed"], &stands["version"]), (&Value::Null, &json!(2)));
    // Back to what was signed: the same version, and to be signed anew.
    adopt(&desk, json!({ "ruleBook": file(&desk, &tanzania.to_string()) }));
    assert_eq!((&book(&desk)["signed"], &book(&desk)["version"]), (&Value::Null, &json!(1)));
}

#[test]
fn what_is_no_rule_book_is_refused_in_words_and_nothing_changes() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let before = desk.ok("policy.show", json!({}));
    let good: Value = serde_json::from_str(&saved(&desk)).expect("JSON");
    let refuse = |ask: Value, code: Code, why: &str| {
        let said = desk.no("policy.adopt", next(&desk, ask), code);
        assert_eq!(said.args.get("why").map_or("", |s| &**s), why, "{said:?}");
    };
    let files = |text: &str, why: &str| {
        refuse(json!({ "ruleBook": file(&desk, text) }), Code::RuleBookUnfit, why);
    };
    files("", "unreadable");
    files("PK\u{3}\u{4}", "unreadable");
    files(&"[".repeat(100_000), "unreadable");
    files(&" ".repeat(2 << 20), "unreadable");
    let but = |change: &dyn Fn(&mut Value)| {
        let mut other = good.clone();
        change(&mut other);
        other.to_string()
    };
    files(&but(&|b| b["testing"]["mandatory"] = json!([])), "missing");
    files(&but(&|b| b["deferrals"] = json!([])), "question");
    files(&but(&|b| b["lives"][1] = b["lives"][0].clone()), "twice");
    files(&but(&|b| b["bags"][0]["source"] = json!(" ")), "blank");
    files(&but(&|b| b["donors"]["age_min"]["value"] = json!("eighteen")), "unreadable");
    // Without a byte order mark or with it, the file as it was written stands for what stands.
    let again = format!("\u{feff}{good}");
    let nowhere = json!({ "ruleBook": { "from": "file", "file": "file-77" } });
    refuse(nowhere, Code::NotFound, "");
    let other = json!({ "ruleBook": { "from": "built_in", "name": "mars" } });
    refuse(other, Code::NotFound, "");
    let row = |name: &str, value: &str| json!({ "rows": [{ "name": name, "value": value, "source": "s", "confirmed": false }] });
    for nowhere in [
        "",
        ".",
        "donors",
        "donors.age_min.value",
        "deferrals.0",
        "deferrals.999",
        "signed",
        "lives.x",
    ] {
        refuse(row(nowhere, "1"), Code::RuleBookUnfit, "no_value");
    }
    for wrong in ["many", "-1", "1.5", "{}", "null", "99999999999999999999"] {
        refuse(row("donors.age_min", wrong), Code::RuleBookUnfit, "shape");
    }
    refuse(row("donors.age_min", "12"), Code::PolicyOutOfBounds, "");
    assert_eq!(desk.ok("policy.show", json!({})), before);
    adopt(&desk, json!({ "ruleBook": file(&desk, &again) }));
    assert_eq!(book(&desk), before["ruleBook"]);
    // Only those who answer for the rules.
    desk.sign_in("luis");
    desk.no("policy.adopt", next(&desk, json!({ "signFor": "TZ" })), Code::Forbidden);
    desk.no("policy.rule_book_save", json!({ "path": "/tmp/x.json" }), Code::Forbidden);
}
