//! What is more than one command may write: done whole, or refused before anything is kept.

use super::*;

/// Bags on the shelf, all of the patient's own group.
fn shelf(desk: &Desk, from: u32, count: u32) -> Vec<String> {
    (from..from + count).map(|serial| desk.receive(serial, Abo::A, Rhd::Negative)).collect()
}

fn allocate(desk: &Desk, request: &str, units: &[String]) -> Value {
    desk.sign_in("amina");
    json!({ "request": request, "units": units, "override": null, "second": null })
}

/// A new order of this patient for 25 bags that are all held for it.
fn ordered(desk: &Desk, patient: &str, units: &[String]) -> String {
    desk.sign_in("ferreira");
    let request = desk.place(patient, 25, "urgent");
    let ask = allocate(desk, &request, units);
    desk.ok("request.allocate", ask);
    let row = desk.ok("request.view", json!({ "id": request }))["row"].clone();
    assert_eq!(row["allocated"], 25);
    all_are(desk, units, "reserved");
    request
}

fn all_are(desk: &Desk, units: &[String], status: &str) {
    for unit in units {
        assert_eq!(desk.status_of(unit), status, "{unit}");
    }
}

fn is_whole(desk: &Desk) {
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_request_with_25_held_bags_is_cancelled_closed_and_changed_like_any_other() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let units = shelf(&desk, 600, 25);

    let cancelled = ordered(&desk, &smith, &units);
    desk.sign_in("ferreira");
    let cancel = |reason: &str| json!({ "request": cancelled, "reason": reason });
    desk.no("request.cancel", cancel(" "), Code::Blank);
    all_are(&desk, &units, "reserved");
    desk.ok("request.cancel", cancel("the operation is put off"));
    all_are(&desk, &units, "available");
    let row = desk.ok("request.view", json!({ "id": cancelled }))["row"].clone();
    assert_eq!((&row["status"], &row["allocated"]), (&json!("cancelled"), &json!(0)));
    desk.no("request.cancel", cancel("again"), Code::RequestClosed);

    let closed = ordered(&desk, &smith, &units);
    desk.ok("request.close", json!({ "id": closed }));
    all_are(&desk, &units, "available");

    let changed = ordered(&desk, &smith, &units);
    desk.sign_in("ferreira");
    let need = json!({ "request": changed, "need": { "attribute": "irradiated" } });
    desk.ok("request.need", need);
    all_are(&desk, &units, "available");
    let row = desk.ok("request.view", json!({ "id": changed }))["row"].clone();
    assert_eq!((&row["status"], &row["allocated"]), (&json!("open"), &json!(0)));
    is_whole(&desk);
}

#[test]
fn when_the_24th_of_25_is_refused_none_is_held_and_the_others_can_be_held_after() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let units = shelf(&desk, 630, 25);
    desk.ok("unit.quarantine", json!({ "unit": units[23], "reason": "a torn label" }));
    desk.sign_in("ferreira");
    let request = desk.place(&smith, 25, "urgent");
    let ask = allocate(&desk, &request, &units);
    let error = desk.no("request.allocate", ask, Code::UnitQuarantined);
    assert_eq!(error.args["part"], format!("Unit/{}", units[23]), "{error:?}");
    let others = [&units[..23], &units[24..]].concat();
    all_are(&desk, &others, "available");
    let row = desk.ok("request.view", json!({ "id": request }))["row"].clone();
    assert_eq!(row["allocated"], 0);
    let ask = allocate(&desk, &request, &others);
    desk.ok("request.allocate", ask);
    all_are(&desk, &others, "reserved");
    is_whole(&desk);
}

/// Donations of as many people who look like nobody else.
fn donations(desk: &Desk, count: usize) -> Vec<String> {
    let (first, second) = (["Ab", "Chi", "Do", "Fu", "Ke"], ["ra", "lo", "mwe", "ngi", "tta"]);
    let names = first.iter().flat_map(|a| second.iter().map(move |b| format!("{a}{b}{b}")));
    let year = |n: usize| format!("{}-0{}-1{}", 1970 + n, 1 + n % 9, n % 9);
    let given = names.take(count).enumerate();
    given.map(|(n, family)| lab::give_born(desk, &family, &year(n))).collect()
}

fn results(desk: &Desk, donation: &str) -> usize {
    lab::view(desk, donation)["results"].as_array().expect("a list").len()
}

#[test]
fn a_plate_of_25_is_one_run_kept_whole_or_not_at_all_and_is_taken_back_whole() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let all = donations(&desk, 25);
    let result = |donation: &String, outcome: &str| json!({ "donation": donation, "stage": "initial", "outcome": outcome });
    let mut plate = lab::run("hiv", &all[0], "initial", "non_reactive");
    plate["results"] = all.iter().map(|one| result(one, "non_reactive")).collect();
    // The last but one cannot be a repeat: nobody has tested it yet.
    let mut torn = plate.clone();
    torn["results"][23]["stage"] = json!("repeat");
    desk.no("lab.run", torn, Code::LabRefused);
    assert_eq!(all.iter().map(|one| results(&desk, one)).sum::<usize>(), 0, "nothing is kept");
    plate["results"][24] = result(&all[24], "reactive");
    desk.ok("lab.run", plate);
    let runs: std::collections::BTreeSet<String> =
        all.iter().map(|one| text(&lab::view(&desk, one)["results"][0], "run")).collect();
    assert_eq!(runs.len(), 1, "one plate, one run: {runs:?}");
    let run = runs.first().expect("a run");
    let done = desk.ok("lab.invalidate", json!({ "run": run, "reason": "the washer was blocked" }));
    assert_eq!(done["donations"], 25);
    for one in &all[..24] {
        assert_eq!(lab::state_of(&desk, one, "hiv"), "missing", "{one}");
    }
    assert_ne!(lab::state_of(&desk, &all[24], "hiv"), "non_reactive", "a reactive stays");
    is_whole(&desk);
}

#[test]
fn more_than_a_plate_has_wells_is_refused_with_the_number_that_fits() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let mut plate = lab::run("hiv", "x", "initial", "non_reactive");
    plate["results"] = std::iter::repeat_n(plate["results"][0].clone(), 385).collect();
    let error = desk.no("lab.run", plate, Code::TooManyAtOnce);
    assert_eq!((&error.args["number"], &error.args["most"]), (&"385".into(), &"384".into()));
}

#[test]
fn a_count_that_misses_25_bags_stops_all_of_them() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let mut units = vec![];
    for serial in 660..685 {
        let mut label = desk.label(serial, Abo::B, Rhd::Positive);
        label["place"] = json!("Long shelf");
        units.push(text(&desk.ok("unit.receive", label), "id"));
    }
    let found = desk.ok("count.place", json!({ "place": "Long shelf", "scanned": [] }));
    assert_eq!(found["differences"].as_array().expect("a list").len(), 25);
    let why = |unit: &String| json!({ "unit": unit, "why": { "kind": "lost" } });
    let explained: Vec<Value> = units.iter().map(why).collect();
    let close = |explained: &[Value]| {
        json!({
            "place": "Long shelf", "scanned": [], "second": null, "explained": explained,
        })
    };
    desk.no("count.close", close(&explained[..24]), Code::DifferenceUnexplained);
    all_are(&desk, &units, "available");
    desk.ok("count.close", close(&explained));
    all_are(&desk, &units, "quarantined");
    is_whole(&desk);
}

#[test]
fn a_pool_and_a_division_say_beforehand_how_many_bags_one_entry_holds() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let units = shelf(&desk, 690, 9);
    let choices = desk.ok("work.choices", json!({ "units": [units[0]] }));
    let split = choices.as_array().expect("a list").iter().find(|one| one["work"] == "split");
    let split = split.expect("may be divided");
    assert_eq!((&split["mostBags"], &split["mostNew"]), (&json!(8), &json!(6)));
    let new = |n: usize| json!({ "productCode": format!("D1001V{}0", char::from(b'A' + n as u8)), "volumeMl": 30 });
    let work = |units: &[String], work: &str, count: usize| {
        json!({
            "units": units, "work": work, "open": false, "place": "Fridge 1",
            "into": (0..count).map(new).collect::<Vec<_>>(),
        })
    };
    let error = desk.no("work.do", work(&units, "pool", 1), Code::TooManyAtOnce);
    assert_eq!((&error.args["what"], &error.args["most"]), (&"pool".into(), &"8".into()));
    let error = desk.no("work.do", work(&units[..1], "split", 7), Code::TooManyAtOnce);
    assert_eq!((&error.args["what"], &error.args["most"]), (&"division".into(), &"6".into()));
    all_are(&desk, &units, "available");
}

#[test]
fn a_recall_of_25_numbers_is_opened_with_all_of_them() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let units = shelf(&desk, 720, 25);
    let ask = json!({ "reason": "a lot of bags that leak", "units": units, "dins": [] });
    let recall = text(&desk.ok("recall.open", ask), "id");
    let view = desk.ok("recall.view", json!({ "id": recall }));
    assert_eq!(view["row"]["bags"], 25);
    all_are(&desk, &units, "quarantined");
}
