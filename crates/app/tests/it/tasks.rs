//! The one list of what the blood bank still has to do, through the real store: what puts a task on it, which
//! act ends it, and who sees what of it. Scenario numbers are those of bloodbank.md 6.

use super::bedside::Ward;
use super::doubles::{gives, settle, two};
use super::lab::{entries, released, run, verify, view};
use super::recall::give_out;
use super::shut::audits;
use super::stock::{fridge, sent, two_sites};
use super::*;

fn list(desk: &Desk) -> Vec<Value> {
    let all = desk.ok("tasks.list", json!({}));
    let rows = all["rows"].as_array().expect("rows").clone();
    let urgent = rows.iter().filter(|row| row["urgent"] == true).count();
    assert_eq!(all["count"], json!({ "urgent": urgent, "all": rows.len() }), "{all}");
    assert_eq!(all["count"], desk.ok("tasks.count", json!({})));
    // The highest priority first, whatever else there is.
    assert!(rows.iter().take(urgent).all(|row| row["urgent"] == true), "{all}");
    let ids: std::collections::BTreeSet<String> = rows.iter().map(|row| text(row, "id")).collect();
    assert_eq!(ids.len(), rows.len(), "each by a name of its own: {all}");
    rows
}

/// Every row about this bag.
fn about(desk: &Desk, unit: &str) -> Vec<Value> {
    list(desk).into_iter().filter(|row| row["bag"]["id"] == json!(unit)).collect()
}

fn kinds(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| text(row, "what")).collect()
}

const ALERTS: [&str; 2] = ["alert_physician", "alert_ward"];

fn sorted(rows: &[Value]) -> Vec<String> {
    let mut all = kinds(rows);
    all.sort();
    all
}

/// The issue of a bag that is out.
fn issue_of(desk: &Desk, unit: &str) -> Value {
    let list = desk.ok("issue.list", json!({}));
    let out = list["out"].as_array().expect("rows").clone();
    out.into_iter().find(|row| row["unit"]["id"] == json!(unit)).expect("out")["id"].clone()
}

fn back(desk: &Desk, unit: &str) -> Value {
    let issue = issue_of(desk, unit);
    desk.ok(
        "issue.return",
        json!({
            "issue": issue, "temperature": 60, "sealIntact": true, "segmentAttached": true,
            "appearanceOk": true,
        }),
    )
}

#[test]
fn s24_whoever_gave_too_soon_is_a_physicians_task_until_two_people_lift_the_hold() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    let (known, new) = two(&desk);
    gives(&desk, &known);
    desk.clock.advance(TimeDelta::days(2));
    desk.sign_in("amina");
    let second = gives(&desk, &new);
    desk.ok("donor.settle", settle(&known, &new, true));

    desk.sign_in("ferreira");
    let of_donor = |desk: &Desk| -> Vec<Value> {
        list(desk).into_iter().filter(|row| row["what"] == "medical_review").collect()
    };
    let found = of_donor(&desk);
    assert_eq!(found.len(), 1, "both are kept, the second is looked at: {found:?}");
    let row = &found[0];
    assert_eq!((&row["whose"], &row["why"]), (&json!("physician"), &json!("gave_too_soon")));
    assert_eq!((&row["urgent"], &row["due"]), (&json!(false), &Value::Null), "at once, no alarm");
    assert_eq!(row["donor"]["id"], json!(new));
    assert_eq!(row["link"], json!({ "kind": "donor", "id": new }));
    let page = desk.ok("donor.view", json!({ "id": new }));
    let donations = page["donations"].as_array().expect("donations");
    let held = donations.iter().find(|d| d["id"] == json!(second)).expect("the second");
    assert_eq!(row["din"], held["din"]);

    // What a donor's blood is held for is not for a ward to read, nor that there is something.
    desk.sign_in("mbeki");
    assert_eq!(of_donor(&desk), [] as [Value; 0]);

    desk.sign_in("ferreira");
    let hold = held["held"].as_array().expect("holds").iter();
    let hold = hold.clone().find(|h| h["reason"] == "interval_violation").expect("held for it");
    let mut lift = json!({
        "donation": second, "hold": hold["cause"], "reason": "Ferritin is fine", "second": null,
    });
    desk.no("donation.lift", lift.clone(), Code::SecondPersonNeeded);
    assert_eq!(of_donor(&desk).len(), 1, "one person ends nothing");
    lift["second"] = json!({ "user": "luis", "password": "training" });
    desk.ok("donation.lift", lift);
    assert_eq!(of_donor(&desk), [] as [Value; 0]);
    desk.restart();
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s34_a_bag_that_was_given_out_calls_ward_and_physician_at_the_first_reactive_result() {
    let (mut desk, donation, unit) = released();
    let patient = give_out(&desk, &unit);
    assert_eq!(about(&desk, &unit), [] as [Value; 0], "nothing is against it");
    desk.ok("lab.run", run("hbv", &donation, "initial", "reactive"));
    assert_eq!(desk.ok("recall.list", json!({}))["open"], json!([]), "nobody has confirmed it");
    let rows = about(&desk, &unit);
    assert_eq!(sorted(&rows), ALERTS);
    for row in &rows {
        assert_eq!((&row["urgent"], &row["why"]), (&json!(true), &json!("reactive")), "{row}");
        assert_eq!(row["patient"]["id"], json!(patient), "{row}");
        assert_eq!(row["link"], json!({ "kind": "bag", "id": unit }), "{row}");
        assert!(row["person"].is_string(), "whoever asked for it answers for the patient: {row}");
        assert_eq!((&row["due"], &row["hold"]), (&Value::Null, &Value::Null));
    }
    // The ward is told what to do, and not what was found.
    desk.sign_in("mbeki");
    let rows = about(&desk, &unit);
    assert_eq!(sorted(&rows), ALERTS);
    assert!(rows.iter().all(|row| row["why"] == "not_free"), "{rows:?}");

    // Taken back by another it is not clear yet; verified it is, and the bag is nobody's task.
    let entry = {
        desk.sign_in("amina");
        entries(&desk, &donation, "results")[0].clone()
    };
    let correct = json!({
        "donation": donation, "entry": entry, "outcome": "non_reactive", "reason": "another sample",
    });
    desk.ok("lab.correct", correct);
    let rows = about(&desk, &unit);
    assert_eq!(kinds(&rows), ["review_given"]);
    assert_eq!((&rows[0]["why"], &rows[0]["urgent"]), (&json!("unverified"), &json!(false)));
    desk.sign_in("luis");
    desk.ok("lab.verify", verify(&desk, &donation));
    assert_eq!(about(&desk, &unit), [] as [Value; 0]);
    // Looking at patients in a list leaves one line for each who looked.
    let lines = audits(&mut desk);
    let looks = |who: &str| {
        let of = |line: &&(String, records::Audit)| matches!(&line.1, records::Audit::ListSeen { screen, rows } if screen == "tasks" && *rows > 0 && line.0 == who);
        lines.iter().filter(of).count()
    };
    assert_eq!((looks("luis"), looks("mbeki")), (1, 1));
}

#[test]
fn s34_the_recall_takes_the_alert_over_and_its_close_ends_what_is_left() {
    let (desk, donation, unit) = released();
    give_out(&desk, &unit);
    desk.ok("lab.run", run("hbv", &donation, "initial", "reactive"));
    assert_eq!(sorted(&about(&desk, &unit)), ALERTS);
    let ask = json!({ "reason": "Reactive, not confirmed", "units": [unit], "dins": [] });
    let recall = text(&desk.ok("recall.open", ask), "id");
    let rows = about(&desk, &unit);
    assert_eq!(sorted(&rows), ["alert_physician", "alert_ward", "trace_recipient"]);
    assert!(rows.iter().all(|row| row["link"] == json!({ "kind": "recall", "id": recall })));
    let answers = |desk: &Desk| -> usize {
        list(desk).iter().filter(|row| row["what"] == "acknowledge_recall").count()
    };
    assert_eq!(answers(&desk), 1);
    desk.ok("recall.acknowledge", json!({ "recall": recall, "site": null }));
    let rows = about(&desk, &unit);
    assert_eq!(kinds(&rows), ["trace_recipient"], "whoever received is traced until it is closed");
    assert_eq!((rows[0]["overdue"].clone(), answers(&desk)), (json!(false), 0));
    // Three days are given for it.
    desk.clock.advance(TimeDelta::days(4));
    desk.sign_in("amina");
    assert_eq!(about(&desk, &unit)[0]["overdue"], true);
    desk.ok("recall.close", json!({ "id": recall }));
    assert_eq!(about(&desk, &unit), [] as [Value; 0]);
}

#[test]
fn s34_a_bag_that_came_back_calls_nobody() {
    let (desk, donation, unit) = released();
    give_out(&desk, &unit);
    desk.ok("lab.run", run("hcv", &donation, "initial", "reactive"));
    assert_eq!(sorted(&about(&desk, &unit)), ALERTS);
    assert_eq!(back(&desk, &unit)["back"], false, "into quarantine");
    assert_eq!(about(&desk, &unit), [] as [Value; 0]);
}

#[test]
fn s37_a_run_taken_back_after_the_issue_calls_the_ward_until_the_donation_is_tested_again() {
    let (desk, donation, unit) = released();
    give_out(&desk, &unit);
    desk.clock.advance(TimeDelta::hours(3));
    desk.sign_in("luis");
    let results = view(&desk, &donation)["results"].as_array().expect("results").clone();
    let hiv = results.iter().find(|r| r["marker"] == "hiv").expect("hiv");
    let ask = json!({ "run": hiv["run"], "reason": "the lot was recalled by its maker" });
    let done = desk.ok("lab.invalidate", ask);
    assert_eq!(done["issued"].as_array().map(Vec::len), Some(1));
    let rows = about(&desk, &unit);
    assert_eq!(sorted(&rows), ALERTS);
    assert!(rows.iter().all(|row| row["why"] == "run_invalid" && row["urgent"] == true));
    // Since the run was taken back, not since it was read.
    let since: kernel::Instant = text(&rows[0], "since").parse().expect("an instant");
    assert_eq!(since, desk.clock.now());
    desk.ok("lab.run", run("hiv", &donation, "initial", "non_reactive"));
    assert_eq!(kinds(&about(&desk, &unit)), ["review_given"], "it waits for its second reader");
    desk.sign_in("amina");
    desk.ok("lab.verify", verify(&desk, &donation));
    assert_eq!(about(&desk, &unit), [] as [Value; 0]);
}

#[test]
fn s30_a_donor_who_asks_not_to_use_it_calls_the_ward_that_has_it_without_a_word_of_why() {
    let (desk, donation, unit) = released();
    give_out(&desk, &unit);
    desk.ok("donation.exclude", json!({ "donation": donation, "excluded": true }));
    let rows = about(&desk, &unit);
    assert_eq!(sorted(&rows), ALERTS);
    let (why, hold) = (json!("held"), json!("excluded_by_donor"));
    assert!(rows.iter().all(|row| row["why"] == why && row["hold"] == hold), "{rows:?}");
    desk.sign_in("mbeki");
    let rows = about(&desk, &unit);
    assert_eq!(sorted(&rows), ALERTS);
    assert!(rows.iter().all(|row| row["why"] == "not_free" && row["hold"].is_null()), "{rows:?}");
    desk.sign_in("joseph");
    desk.no("tasks.list", json!({}), Code::Forbidden);
    desk.no("tasks.count", json!({}), Code::Forbidden);
}

#[test]
fn s56_paper_of_a_site_that_does_not_hold_the_bag_calls_both_until_its_case_is_closed() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smythe = desk.patient("smythe");
    let (_, unit, _) = sent(&desk, 560);
    desk.clock.advance(TimeDelta::minutes(30));
    desk.sign_in("amina");
    assert_eq!(about(&desk, &unit), [] as [Value; 0], "it is on its way");
    let mut give = desk.issue(&unit, &smythe, Value::Null, Value::Null);
    give["happened"] = desk.on_paper(10, "luis");
    let (_, rules) = desk.past("issue.give", give, "luis");
    assert!(rules.contains(&Code::UnitNotHere), "{rules:?}");
    let of_custody = |desk: &Desk| -> Vec<Value> {
        about(desk, &unit).into_iter().filter(|row| row["why"] == "without_custody").collect()
    };
    let rows = of_custody(&desk);
    assert_eq!(sorted(&rows), ["alert_site", "alert_site", "resolve_custody"]);
    let mut sites: Vec<String> =
        rows.iter().filter(|row| row["urgent"] == true).map(|row| text(row, "site")).collect();
    sites.sort();
    let here = text(&desk.ok("site.list", json!({}))["here"], "name");
    assert_eq!(sites, ["Hill Clinic".to_owned(), here], "both sites, by their names");
    assert!(rows.iter().all(|row| row["patient"]["id"] == json!(smythe)), "{rows:?}");
    // People work it out in the case that its entry opened.
    let case = rows[0]["link"]["id"].clone();
    assert_eq!(rows[0]["link"]["kind"], "case");
    desk.ok("case.step", json!({ "case": case, "step": "clerical", "result": "Two papers" }));
    desk.ok(
        "case.classify",
        json!({
            "case": case, "category": "handling_error", "severity": "non_severe",
            "imputability": "definite",
        }),
    );
    assert_eq!(of_custody(&desk).len(), 3, "open as long as the case");
    desk.ok("case.close", json!({ "id": case }));
    assert_eq!(of_custody(&desk), [] as [Value; 0]);
    desk.ok("case.reopen", json!({ "case": case, "reason": "The clinic has it too" }));
    assert_eq!(of_custody(&desk).len(), 3);
}

#[test]
fn s58_what_an_emergency_owes_is_listed_with_its_hour_and_ends_with_signature_and_crossmatch() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unknown = desk.patient("unknown");
    let unit = desk.receive(580, Abo::O, Rhd::Negative);
    desk.retyped(&unit);
    let mut give = desk.issue(&unit, &unknown, Value::Null, Value::Null);
    give["emergency"] = json!({
        "physician": "ferreira", "justification": "Bleeding to death", "password": null,
    });
    let issue = text(&desk.ok("issue.give", give), "id");
    let rows = about(&desk, &unit);
    assert_eq!(sorted(&rows), ["retrospective_crossmatch", "sign_emergency_order"]);
    let of = |what: &str| rows.iter().find(|row| row["what"] == what).expect("listed");
    assert_eq!(of("sign_emergency_order")["person"], "Dr Ana Ferreira");
    let due: kernel::Instant =
        text(of("retrospective_crossmatch"), "due").parse().expect("an instant");
    assert_eq!(due - desk.clock.now(), TimeDelta::hours(24));
    assert!(rows.iter().all(|row| row["link"] == json!({ "kind": "issues" })), "{rows:?}");
    desk.sign_in("ferreira");
    desk.ok("issue.sign", json!({ "issue": issue }));
    assert_eq!(kinds(&about(&desk, &unit)), ["retrospective_crossmatch"]);
    // A week later it is owed as before, and says that it is late.
    for _ in 0..8 {
        desk.clock.advance(TimeDelta::days(5));
        desk.sign_in("amina");
    }
    assert_eq!(about(&desk, &unit)[0]["overdue"], true, "owed for good until it is made");
    let owed = desk.ok("issue.list", json!({}))["owed"].clone();
    assert_eq!(owed[0]["unit"]["id"], json!(unit), "on its own page too");
}

#[test]
fn s49_anti_d_is_a_physicians_to_decide_and_stays_on_the_list_until_then() {
    let desk = Desk::training();
    desk.sign_in("amina");
    // A boy of twelve: as protected as a woman who may bear children (bloodbank.md 2.2).
    let boy = desk.patient("diallo");
    desk.sampled(&boy, "O negative");
    let unit = desk.receive(594, Abo::O, Rhd::Positive);
    desk.crossmatched(&unit, &boy);
    let reason =
        json!({ "rules": ["rhd_mismatch"], "reason": "Bleeding, and no RhD negative left" });
    let by = |user: &str| json!({ "user": user, "password": "training" });
    let give = |second| desk.issue(&unit, &boy, reason.clone(), second);
    desk.no("issue.give", give(by("luis")), Code::NotAPhysician);
    desk.ok("issue.give", give(by("ferreira")));
    let rows = about(&desk, &unit);
    assert_eq!(kinds(&rows), ["anti_d_consult"]);
    assert_eq!((&rows[0]["whose"], &rows[0]["why"]), (&json!("physician"), &json!("rhd_positive")));
    // 72 hours after the bag left, by the rule of this house; it stays when they are over.
    let due: chrono::DateTime<chrono::Utc> = text(&rows[0], "due").parse().expect("an instant");
    let off = due - desk.clock.now() - TimeDelta::hours(72);
    assert!(off.num_seconds().abs() < 60, "{rows:?}");
    let issue = desk.ok("issue.list", json!({}))["antiD"][0]["id"].clone();
    let answer = |words: &str| json!({ "issue": issue, "words": words });
    desk.no("issue.anti_d", answer("1500 IU given"), Code::NotAPhysician);
    desk.sign_in("ferreira");
    desk.no("issue.anti_d", answer(" "), Code::Blank);
    desk.ok("issue.anti_d", answer("Anti-D 1500 IU given within the day"));
    desk.no("issue.anti_d", answer("again"), Code::Changed);
    desk.sign_in("amina");
    assert_eq!(about(&desk, &unit), [] as [Value; 0]);
    assert_eq!(desk.ok("issue.list", json!({}))["antiD"], json!([]));
}

#[test]
fn s59_an_incompatible_crossmatch_afterwards_calls_the_ward_until_the_case_is_judged() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unknown = desk.patient("unknown");
    let unit = desk.receive(590, Abo::O, Rhd::Negative);
    desk.retyped(&unit);
    let mut give = desk.issue(&unit, &unknown, Value::Null, Value::Null);
    give["emergency"] =
        json!({ "physician": "ferreira", "justification": "Bleeding", "password": "training" });
    desk.ok("issue.give", give);
    desk.sampled(&unknown, "O positive");
    desk.ok("crossmatch.record", desk.crossmatch(&unit, &unknown, "ahg", "incompatible"));
    let rows = about(&desk, &unit);
    assert_eq!(sorted(&rows), ["alert_physician", "alert_ward", "work_up_case"]);
    let case = rows[0]["link"]["id"].clone();
    assert!(rows.iter().all(|row| row["link"] == json!({ "kind": "case", "id": case })));
    let work = rows.iter().find(|row| row["what"] == "work_up_case").expect("listed");
    assert_eq!((&work["count"], &work["why"]), (&json!(3), &json!("reaction")));
    desk.ok("case.step", json!({ "case": case, "step": "clerical", "result": "In order" }));
    desk.ok(
        "case.classify",
        json!({
            "case": case, "category": "acute_haemolytic", "severity": "severe",
            "imputability": "possible",
        }),
    );
    let rows = about(&desk, &unit);
    assert_eq!(kinds(&rows), ["work_up_case"], "whoever judged it has called them");
    // Blood ran, though nobody wrote down when: plasma and cells are looked at before it is closed.
    desk.no("case.close", json!({ "id": case }), Code::StepMissing);
    for step in ["visual", "direct_antiglobulin"] {
        desk.ok("case.step", json!({ "case": case, "step": step, "result": "Not haemolysed" }));
    }
    desk.ok("case.close", json!({ "id": case }));
    assert_eq!(about(&desk, &unit), [] as [Value; 0]);
}

#[test]
fn s65_a_transfusion_of_four_hours_is_the_wards_at_once_and_of_a_day_asks_for_its_outcome() {
    let ward = Ward::open();
    let out = ward.running(650);
    let desk = &ward.desk;
    let of_bed = || -> Vec<Value> {
        let link = json!({ "kind": "bedside", "id": out.issue });
        list(desk).into_iter().filter(|row| row["link"] == link).collect()
    };
    ward.later(239);
    assert_eq!(of_bed(), [] as [Value; 0]);
    ward.later(1);
    let rows = of_bed();
    assert_eq!(kinds(&rows), ["stop_transfusion"]);
    assert_eq!((&rows[0]["urgent"], &rows[0]["whose"]), (&json!(true), &json!("ward")));
    ward.later(20 * 60);
    let rows = of_bed();
    assert_eq!(kinds(&rows), ["record_outcome"], "nobody stops what is over by now");
    assert_eq!(rows[0]["urgent"], false);
    let vitals = json!({ "temperature": 368, "pulse": 88 });
    desk.ok("bedside.end", json!({ "issue": out.issue, "vitals": vitals, "volumeMl": 280 }));
    assert_eq!(kinds(&of_bed()), ["record_outcome"], "it has ended, and nobody says what it did");
    let ask = json!({ "issue": out.issue, "outcome": "uneventful", "findings": null });
    desk.ok("bedside.outcome", ask);
    assert_eq!(of_bed(), [] as [Value; 0]);
}

#[test]
fn a_place_out_of_its_range_is_urgent_until_somebody_answers() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let place = text(&desk.ok("place.put", fridge(20, 60)), "id");
    let link = json!({ "kind": "place", "id": place });
    let of_place =
        || -> Vec<Value> { list(&desk).into_iter().filter(|row| row["link"] == link).collect() };
    let read = |minutes: i64, tenths: i32| {
        desk.clock.advance(TimeDelta::minutes(minutes));
        desk.sign_in("amina");
        desk.ok("place.reading", json!({ "place": place, "tenths": tenths, "wall": null }));
    };
    read(1, 40);
    read(5, 78);
    read(12, 91);
    let rows = of_place();
    assert_eq!(kinds(&rows), ["place_out_of_range"]);
    assert_eq!((&rows[0]["urgent"], &rows[0]["why"]), (&json!(true), &json!("too_warm")));
    assert_eq!(rows[0]["place"], "Fridge 1");
    read(5, 50);
    let rows = of_place();
    assert_eq!(kinds(&rows), ["answer_alarm"], "it is over, and nobody has said anything");
    assert_eq!((&rows[0]["urgent"], &rows[0]["count"]), (&json!(false), &json!(1)));
    let from = desk.ok("place.view", json!({ "id": place }))["alarms"][0]["from"].clone();
    desk.ok("place.note", json!({ "place": place, "from": from, "words": "The door was open" }));
    assert_eq!(of_place(), [] as [Value; 0]);
}

#[test]
fn of_very_much_to_do_the_most_urgent_is_sent_and_the_rest_is_counted() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let before = desk.ok("tasks.count", json!({}))["all"].as_u64().expect("a number");
    for n in 0..505 {
        let mut put = fridge(20, 60);
        put["name"] = json!(format!("Fridge {n}"));
        put["gapMinutes"] = json!(30);
        desk.ok("place.put", put);
    }
    desk.clock.advance(TimeDelta::hours(2));
    desk.sign_in("amina");
    let all = desk.ok("tasks.list", json!({}));
    assert_eq!(all["rows"].as_array().map(Vec::len), Some(500));
    assert_eq!(all["count"]["all"], json!(before + 505), "{}", all["count"]);
    assert_eq!(all["leftOut"], json!(before + 5));
}

/// Bags of a component on the shelf and free, of one group or of all.
fn free(desk: &Desk, component: &str, group: Option<Value>) -> Vec<Value> {
    let ask = json!({
        "component": component, "group": group, "text": null, "status": "available", "limit": 500,
    });
    desk.ok("unit.list", ask)["rows"].as_array().expect("rows").clone()
}

fn quarantine(desk: &Desk, unit: &Value) {
    let put = json!({ "unit": unit["id"], "reason": "Looked at again" });
    desk.ok("unit.quarantine", put);
}

#[test]
fn a_shelf_under_its_floor_is_one_task_of_its_component_until_there_is_enough() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let of_red = |desk: &Desk| -> Vec<Value> {
        let ours = |row: &Value| {
            row["component"] == "red_cells" && row["link"] == json!({ "kind": "board" })
        };
        list(desk).into_iter().filter(ours).collect()
    };
    assert_eq!(of_red(&desk), [] as [Value; 0]);
    let ab = json!({ "abo": "AB", "rhd": "positive" });
    for unit in free(&desk, "red_cells", Some(ab.clone())) {
        quarantine(&desk, &unit);
    }
    let rows = of_red(&desk);
    assert_eq!(kinds(&rows), ["stock_under_floor"], "A, B and O stand in");
    assert_eq!((&rows[0]["urgent"], &rows[0]["groups"]), (&json!(false), &json!([ab])));
    assert_eq!((&rows[0]["since"], &rows[0]["due"]), (&Value::Null, &Value::Null));

    let o = json!({ "abo": "O", "rhd": "negative" });
    let two = free(&desk, "red_cells", Some(o.clone()));
    for unit in two.iter().skip(1) {
        quarantine(&desk, unit);
    }
    let rows = of_red(&desk);
    assert_eq!(kinds(&rows), ["stock_critical"], "one task of the component");
    assert_eq!((&rows[0]["urgent"], &rows[0]["why"]), (&json!(true), &json!("under_floor")));
    assert_eq!(rows[0]["groups"], json!([o, ab]));
    assert_eq!(rows[0]["whose"], "blood_bank");
    // A ward sees it as well: it asks for less, or earlier.
    desk.sign_in("mbeki");
    assert_eq!(kinds(&of_red(&desk)), ["stock_critical"]);

    // The board and the list say the same.
    desk.sign_in("amina");
    let cell = |desk: &Desk| -> Value {
        let board = desk.ok("unit.board", json!({}));
        let line = board["rows"].as_array().expect("rows")[0].clone();
        line["cells"].as_array().expect("cells")[0].clone()
    };
    assert_eq!((&cell(&desk)["group"], &cell(&desk)["level"]), (&o, &json!("critical")));
    desk.receive(901, Abo::O, Rhd::Negative);
    assert_ne!(cell(&desk)["level"], "critical");
    assert_eq!(kinds(&of_red(&desk)), ["stock_under_floor"], "it ends by itself");
    desk.receive(902, Abo::AB, Rhd::Positive);
    assert_eq!(of_red(&desk), [] as [Value; 0]);
}

#[test]
fn a_place_without_any_stock_is_called_for_nothing() {
    let (_, clinic) = two_sites();
    assert_eq!(list(&clinic), [] as [Value; 0], "nothing was ever kept here");
    clinic.receive(901, Abo::A, Rhd::Positive);
    let rows = list(&clinic);
    assert_eq!(kinds(&rows), ["stock_critical"], "of red cells, and of nothing else");
    assert_eq!(
        (&rows[0]["component"], &rows[0]["why"]),
        (&json!("red_cells"), &json!("under_floor"))
    );
}

#[test]
fn free_bags_that_end_within_the_week_are_one_task_and_a_held_one_is_not_among_them() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let of_red = |desk: &Desk| -> Vec<Value> {
        let link = json!({ "kind": "units", "component": "red_cells" });
        list(desk).into_iter().filter(|row| row["link"] == link).collect()
    };
    let now = desk.clock.now();
    let soon: Vec<Value> = free(&desk, "red_cells", None)
        .into_iter()
        .filter(|unit| {
            let ends: kernel::Instant = text(unit, "expiresAt").parse().expect("a time");
            ends < now + TimeDelta::days(7)
        })
        .collect();
    assert!(soon.len() > 1, "the training shelf has bags of every age");
    let rows = of_red(&desk);
    assert_eq!(kinds(&rows), ["units_ending"]);
    assert_eq!(rows[0]["count"], json!(soon.len()));
    assert_eq!((&rows[0]["urgent"], &rows[0]["due"]), (&json!(false), &soon[0]["expiresAt"]));
    let mut label = desk.label(901, Abo::A, Rhd::Negative);
    label["expiresWall"] = json!("2026-11-24T23:59");
    let unit = text(&desk.ok("unit.receive", label), "id");
    assert_eq!(of_red(&desk)[0]["count"], json!(soon.len() + 1));
    let hold = json!({ "unit": unit, "patient": desk.patient("smith john") });
    desk.ok("unit.reserve", hold);
    assert_eq!(of_red(&desk)[0]["count"], json!(soon.len()), "it is promised to somebody");
    for unit in &soon {
        quarantine(&desk, unit);
    }
    assert_eq!(of_red(&desk), [] as [Value; 0]);
}

#[test]
fn an_emergency_that_the_shelf_cannot_fill_asks_for_an_appeal_until_one_runs() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    let patient = desk.patient("haile");
    desk.place(&patient, 20, "urgent");
    let asked = |desk: &Desk| -> Vec<Value> {
        list(desk).into_iter().filter(|row| row["what"] == "ask_donors").collect()
    };
    assert_eq!(asked(&desk), [] as [Value; 0], "not urgent enough");
    let request = desk.place(&patient, 20, "massive");
    let due = desk.ok("appeal.list", json!({}))["due"][0].clone();
    assert_eq!(due["request"], json!(request));
    let rows = asked(&desk);
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((&row["urgent"], &row["why"]), (&json!(true), &json!("shelf_cannot_fill")));
    assert_eq!((&row["count"], &row["groups"]), (&due["missing"], &due["groups"]));
    assert_eq!((&row["component"], &row["due"]), (&due["component"], &due["neededBy"]));
    assert_eq!(row["link"], json!({ "kind": "appeal", "request": request }));
    assert_eq!(row["patient"]["id"], json!(patient));
    // A nurse may ask nobody.
    desk.sign_in("mbeki");
    assert_eq!(asked(&desk), [] as [Value; 0]);

    desk.sign_in("ferreira");
    let appeal = super::appeals::for_request(&desk, &request, &due["groups"]);
    assert_eq!(asked(&desk), [] as [Value; 0], "somebody has asked");
    desk.ok("appeal.end", json!({ "appeal": appeal, "enough": false }));
    assert_eq!(asked(&desk).len(), 1, "nobody is asked any more");
    let cancel = json!({ "request": request, "reason": "It has stopped" });
    desk.ok("request.cancel", cancel);
    assert_eq!(asked(&desk), [] as [Value; 0]);
}

#[test]
fn blood_that_saves_a_life_only_as_rhd_positive_asks_for_rhd_negative_donors_all_the_same() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    // A boy of twelve, O RhD negative: the shelf could fill it with O RhD positive, which a physician may
    // decide on and nobody wishes.
    let request = desk.place(&desk.patient("diallo"), 10, "emergency");
    let due = desk.ok("appeal.list", json!({}))["due"].clone();
    assert_eq!((&due[0]["request"], due[0]["missing"].as_u64() > Some(0)), (&json!(request), true));
    assert_eq!(due[0]["groups"], json!([{ "abo": "O", "rhd": "negative" }]));
    let asked = list(&desk).into_iter().filter(|row| row["what"] == "ask_donors").count();
    assert_eq!(asked, 1);
}
