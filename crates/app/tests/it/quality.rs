//! Judgements, the figures made of them, evaluation sets, and another prevalence.

use super::{Desk, text};
use serde_json::{Value, json};
use std::path::Path;
use wire::Code;

/// A facility whose only pack answers whatever it is shown: its gates are open, so that drawn
/// pictures get findings.
fn desk() -> (Desk, tempfile::TempDir) {
    let mut desk = Desk::training();
    let packs = tempfile::tempdir().expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/basic-cnn-open");
    let to = packs.path().join("open-gates");
    std::fs::create_dir(&to).expect("a folder");
    for entry in std::fs::read_dir(&from).expect("the built-in pack") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
    }
    let mut description = inference::pack::describe(&to).expect("a description");
    description.id = "open-gates".into();
    if let Some(gate) = &mut description.gate {
        gate.contrast_min = 0.0;
    }
    for task in &mut description.tasks {
        (task.kind_min, task.white_max, task.distance_max) = (0.0, 1.0, f32::INFINITY);
        task.intended_use.age_max_years = None;
    }
    inference::pack::seal(&to, description).expect("sealed");
    desk.packs = packs.path().to_owned();
    desk.restart();
    desk.sign_in("admin");
    desk.ok("model.enable", json!({ "id": "open-gates", "enabled": true }));
    desk.sign_in("khan");
    (desk, packs)
}

fn picture(n: u32) -> Vec<u8> {
    let drawn = image::GrayImage::from_fn(96, 96, |x, y| {
        let wave = (x * (n % 7 + 1) + y * (n % 5 + 1) + n * 3) % 200;
        image::Luma([u8::try_from(wave + 20).expect("small")])
    });
    let mut out = std::io::Cursor::new(vec![]);
    drawn.write_to(&mut out, image::ImageFormat::Png).expect("a picture");
    out.into_inner()
}

const TASK: &str = "head_ct_hemorrhage";

/// One picture, taken in and analysed: its study.
fn analysed(desk: &Desk, n: u32, task: &str) -> String {
    let handle =
        desk.backend().hold_bytes(&format!("film {n}.png"), picture(n)).expect("held").handle;
    let ask = json!({ "handles": [handle], "patient": null, "analyse": false });
    let file = desk.ok("study.import", ask)["files"][0].clone();
    let start = json!({ "image": file["image"], "pack": "open-gates", "task": task });
    desk.ok("analysis.start", start);
    desk.backend().wait_for_analyses();
    text(&file, "study")
}

fn result(desk: &Desk, study: &str) -> Value {
    let found = desk.ok("study.view", json!({ "id": study }))["analyses"][0].clone();
    assert_eq!(found["state"], "done", "{found}");
    found
}

fn called(result: &Value) -> String {
    let p = |f: &Value| f["probability"].as_f64().expect("a number");
    let list = result["findings"].as_array().expect("findings");
    let best = list.iter().max_by(|a, b| p(a).total_cmp(&p(b))).expect("one");
    text(best, "label")
}

fn judge(desk: &Desk, study: &str, agree: bool) {
    let found = result(desk, study);
    let ask = json!({ "analysis": found["id"], "label": called(&found), "agree": agree });
    desk.ok("analysis.judge", ask);
}

#[test]
fn what_people_judged_becomes_figures_a_set_and_a_signed_line() {
    let (desk, _packs) = desk();
    let empty = desk.ok("quality.show", json!({}));
    assert_eq!((&empty["rows"], &empty["judgedPictures"]), (&json!([]), &json!(0)));
    let studies: Vec<String> = (0..24).map(|n| analysed(&desk, n, TASK)).collect();
    for (n, study) in studies.iter().enumerate().take(22) {
        judge(&desk, study, n % 2 == 0);
    }
    // Somebody thinks again: the later one counts.
    judge(&desk, &studies[1], true);

    let shown = desk.ok("quality.show", json!({}));
    let row = shown["rows"][0].clone();
    assert_eq!(row["task"], TASK);
    assert_eq!(row["pack"]["id"], "open-gates");
    let numbers =
        ["analysed", "answered", "judged", "agreed", "disagreed", "corrected", "pictures"];
    let found: Vec<u64> = numbers.map(|n| row[n].as_u64().expect("a number")).to_vec();
    assert_eq!(found, [24, 24, 22, 12, 10, 0, 22], "{row}");
    assert_eq!(row["accuracy"]["n"], 22);
    let accuracy = row["accuracy"]["value"].as_f64().expect("enough");
    assert!((accuracy - 12.0 / 22.0).abs() < 1e-6, "{accuracy}");
    let cells: u64 = row["confusion"]
        .as_array()
        .expect("rows")
        .iter()
        .flat_map(|r| r.as_array().expect("cells"))
        .map(|n| n.as_u64().expect("a count"))
        .sum();
    assert_eq!(cells, 22);
    assert_eq!(row["bins"], json!([]), "22 pictures make no plot");
    assert_eq!(row["drift"][0]["trend"], "too_few");
    assert_eq!(row["drift"][0]["needs"], 76, "every run recorded its distance");
    assert!(row["time"]["median"].as_u64().is_some());

    let place =
        desk.home.path().parent().expect("a folder").join(format!(
            "set-{}",
            desk.home.path().file_name().expect("a name").to_string_lossy()
        ));
    let ask = |pictures: bool, checked: bool| json!({ "path": place, "pictures": pictures, "pixelsChecked": checked });
    let before = desk.backend().verify_with(None).expect("opens").commands;
    let done = desk.ok("quality.export", ask(true, true));
    assert_eq!(
        (&done["rows"], &done["pictures"], &done["leftOut"]),
        (&json!(22), &json!(22), &json!([]))
    );
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.commands, before + 1, "one signed line");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
    desk.no("quality.export", ask(true, true), Code::HomeUnsuitable);

    let list = std::fs::read_to_string(place.join("list.csv")).expect("a list");
    assert_eq!(list.lines().count(), 23);
    assert!(
        list.contains("radiologist") && list.contains("agreed") && list.contains(TASK),
        "{list}"
    );
    assert!(
        !list.contains("film") && !list.contains(&studies[0]),
        "no name of the facility: {list}"
    );
    let figures = std::fs::read_to_string(place.join("figures.csv")).expect("figures");
    assert!(figures.contains(TASK) && figures.contains("open-gates"), "{figures}");

    // The set is what `evaluate` reads: by running the pack, and by what was recorded.
    let manifest = place.join("list.csv");
    let recorded = inference::recorded::recorded(&manifest).expect("reads");
    assert_eq!((recorded.tasks[0].n, recorded.tasks[0].answered), (22, 22));
    let recorded_right = recorded.tasks[0].accuracy.expect("answered");
    assert!((recorded_right - 12.0 / 22.0).abs() < 1e-6);
    let engine = inference::Shelf::new(&desk.packs).engine("open-gates").expect("loads");
    let split = inference::measure::Split::All;
    let again = inference::measure::evaluate(&place, &manifest, &[engine], split).expect("reads");
    assert_eq!(again.tasks[0].failed, 0, "every picture opens");
    assert!((again.tasks[0].accuracy.expect("answered") - 12.0 / 22.0).abs() < 1e-6);
    std::fs::remove_dir_all(&place).expect("removed");

    let looked = desk.ok("quality.export", ask(true, false));
    assert_eq!((&looked["rows"], &looked["pictures"]), (&json!(22), &json!(0)));
    assert_eq!(looked["leftOut"][0]["why"], "may_show_name", "nobody looked at the pixels");
    std::fs::remove_dir_all(&place).expect("removed");
}

#[test]
fn a_correction_is_a_signed_judgement_of_this_very_result() {
    let (desk, _packs) = desk();
    let study = analysed(&desk, 3, "chest_xray_pneumonia");
    let found = result(&desk, &study);
    let (wrong, labels) = (called(&found), found["findings"].as_array().expect("findings"));
    let other = labels.iter().map(|f| text(f, "label")).find(|l| *l != wrong).expect("another");
    let ask = |correct: &str, agree: bool| json!({ "analysis": found["id"], "label": wrong, "agree": agree, "correct": correct });
    desk.no("analysis.judge", ask("no_such_label", false), Code::Malformed);
    desk.no("analysis.judge", ask(&other, true), Code::Malformed);
    desk.ok("analysis.judge", ask(&other, false));
    let again = result(&desk, &study);
    let list = again["findings"].as_array().expect("findings");
    let judged = &list.iter().find(|f| f["label"] == wrong).expect("there")["judged"];
    assert_eq!((&judged["agree"], text(judged, "correct")), (&json!(false), other));
    let row = desk.ok("quality.show", json!({}))["rows"][0].clone();
    assert_eq!((&row["corrected"], &row["pictures"]), (&json!(1), &json!(1)));
}

#[test]
fn another_prevalence_changes_what_is_shown_and_not_what_is_stored() {
    let (desk, _packs) = desk();
    let study = analysed(&desk, 5, TASK);
    let before = result(&desk, &study);
    let finding =
        before["findings"].as_array().expect("findings").iter().find(|f| f["normal"] == false);
    let label = text(finding.expect("a finding"), "label");
    let ask = |share: Value| json!({ "analysis": before["id"], "label": label, "share": share });
    let own = desk.ok("quality.prevalence", ask(Value::Null));
    let measured = own["measured"].as_f64().expect("the card has a table");
    assert!(measured > 0.0 && measured < 1.0);
    let p = |view: &Value, side: &str| -> f64 {
        let rows = view["rows"].as_array().expect("rows");
        rows.iter().find(|r| r["label"] == label.as_str()).expect("there")[side]
            .as_f64()
            .expect("p")
    };
    assert!((p(&own, "before") - p(&own, "after")).abs() < 1e-9, "the same prevalence");
    let rare = desk.ok("quality.prevalence", ask(json!(0.01)));
    assert!(p(&rare, "after") < p(&rare, "before"), "{rare}");
    desk.no("quality.prevalence", ask(json!(1.5)), Code::Malformed);
    assert_eq!(result(&desk, &study)["findings"], before["findings"], "nothing is stored");
}

/// A picture that is too small to look at: its study and its result.
fn refused(desk: &Desk) -> (String, Value) {
    let mut out = std::io::Cursor::new(vec![]);
    let tiny = image::GrayImage::from_fn(12, 12, |x, y| {
        image::Luma([u8::try_from(x * 20 + y).expect("small")])
    });
    tiny.write_to(&mut out, image::ImageFormat::Png).expect("a picture");
    let handle = desk.backend().hold_bytes("tiny.png", out.into_inner()).expect("held").handle;
    let ask = json!({ "handles": [handle], "patient": null, "analyse": false });
    let file = desk.ok("study.import", ask)["files"][0].clone();
    let start = json!({ "image": file["image"], "pack": "open-gates", "task": TASK });
    desk.ok("analysis.start", start);
    desk.backend().wait_for_analyses();
    let study = text(&file, "study");
    let found = desk.ok("study.view", json!({ "id": study }))["analyses"][0].clone();
    assert_eq!((&found["state"], &found["reason"]), (&json!("abstained"), &json!("too_small")));
    (study, found)
}

#[test]
fn a_refused_picture_is_judged_counted_and_exported_with_what_it_shows() {
    let (desk, _packs) = desk();
    analysed(&desk, 1, TASK);
    let (study, found) = refused(&desk);
    let ask = |label: &str, agree: bool, correct: Value| json!({ "analysis": found["id"], "label": label, "agree": agree, "correct": correct });
    desk.no("analysis.judge", ask("blank", true, Value::Null), Code::NotFound);
    desk.no("analysis.judge", ask("too_small", false, json!("no_such_label")), Code::Malformed);
    desk.ok("analysis.judge", ask("too_small", true, Value::Null));
    let row = desk.ok("quality.show", json!({}))["rows"][0].clone();
    assert_eq!((&row["refusalsRight"], &row["refusedFindings"]), (&json!(1), &json!(0)));

    // Somebody thinks again, and says what the picture shows.
    let labels = desk.ok("model.list", json!({}))["packs"][0]["tasks"].clone();
    let tasks = labels.as_array().expect("tasks");
    let of = tasks.iter().find(|t| t["task"] == TASK).expect("the task");
    let shows = of["labels"][1].clone();
    desk.ok("analysis.judge", ask("too_small", false, shows.clone()));
    let shown = desk.ok("quality.show", json!({}));
    let row = shown["rows"][0].clone();
    let numbers = ["refusalsRight", "refusalsWrong", "refusedFindings", "judged"];
    let found: Vec<u64> = numbers.map(|n| row[n].as_u64().expect("a number")).to_vec();
    assert_eq!(found, [0, 1, 1, 0], "{row}");
    assert_eq!(row["coverage"]["needs"], 8, "two pictures: {}", row["coverage"]);
    assert_eq!(shown["judgedPictures"], 1);
    let judged = desk.ok("study.view", json!({ "id": study }))["analyses"][0]["judged"].clone();
    assert_eq!((&judged["agree"], &judged["correct"]), (&json!(false), &shows));

    let out = tempfile::tempdir().expect("a folder");
    let place = out.path().join("set.zip");
    let ask = json!({ "path": place, "pictures": true, "pixelsChecked": true });
    assert_eq!(desk.ok("quality.export", ask)["pictures"], 1);
    assert_eq!(std::fs::read_dir(out.path()).expect("a folder").count(), 1, "nothing beside it");
    let into = out.path().join("unpacked");
    assert_eq!(app::unpack_set(&place, &into).expect("unpacked"), 0);
    let list = std::fs::read_to_string(into.join("list.csv")).expect("a list");
    assert!(list.contains("refusal_wrong") && list.contains("refused:too_small"), "{list}");
    let recorded = inference::recorded::recorded(&into.join("list.csv")).expect("reads");
    let told = &recorded.tasks[0];
    assert_eq!((told.n, told.answered, told.failed), (1, 0, 0));
    assert_eq!(std::fs::read_dir(into.join("pictures")).expect("a folder").count(), 1);
}
#[test]
fn a_fit_waits_for_an_administrator_answers_when_installed_and_the_version_before_comes_back() {
    let (desk, _packs) = desk();
    let built = inference::pack::describe(&desk.packs.join("open-gates")).expect("reads").version;
    let site = |n: u32| format!("{built}+site.{n}");
    let judged = |n: u32| {
        let study = analysed(&desk, n, TASK);
        // As often wrong as right, whatever it said: it was far too sure here.
        judge(&desk, &study, n.is_multiple_of(2));
    };
    (0..6).for_each(judged);
    let ask = json!({ "task": TASK, "pack": "open-gates", "head": false });
    let few = desk.ok("quality.fit", ask.clone());
    assert_eq!((&few["made"], &few["tooFew"]["least"]), (&Value::Null, &json!(10)));
    // Who is held out is drawn by chance: as many as it takes, and with few of them it says so.
    let needs = || desk.ok("quality.show", json!({}))["rows"][0]["fit"].clone();
    assert_eq!(needs()["temperature"], false, "six pictures are too few");
    let mut all = 6;
    while all < 28 || needs()["temperature"] == false {
        (all..all + 4).for_each(judged);
        all += 4;
        assert!(all < 110, "{}", needs());
    }
    let needs = needs();
    let found: u64 = needs["labels"]
        .as_array()
        .expect("labels")
        .iter()
        .map(|l| l["found"].as_u64().expect("a count"))
        .sum();
    assert_eq!(found, u64::from(all));

    let before = desk.backend().verify_with(None).expect("opens").commands;
    let made = desk.ok("quality.fit", ask.clone())["made"].clone();
    assert_eq!((&made["pack"]["version"], &made["from"]), (&json!(site(1)), &json!(built)));
    let loss = |side: &str| made[side]["logLoss"].as_f64().expect("a number");
    assert!(loss("after") < loss("before"), "{made}");
    assert!(made["measuredOn"].as_u64() >= Some(10), "{made}");
    assert_eq!(desk.backend().verify_with(None).expect("opens").commands, before + 1);
    let of = json!({ "sha256": made["pack"]["sha256"] });
    desk.no("quality.fit_install", of.clone(), Code::Forbidden);
    let study = analysed(&desk, 200, TASK);
    assert_eq!(result(&desk, &study)["pack"]["version"], built, "it waits");

    desk.sign_in("admin");
    assert_eq!(desk.ok("model.list", json!({}))["fits"][0]["pack"], made["pack"]);
    let before = desk.backend().verify_with(None).expect("opens").commands;
    let done = desk.ok("quality.fit_install", of.clone());
    assert_eq!((&done["pack"], &done["enabled"]), (&made["pack"], &json!(true)));
    desk.no("quality.fit_install", of, Code::NotFound);
    assert!(desk.ok("model.list", json!({}))["fits"].is_null(), "it waits no more");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.commands, before + 2, "signed and installed");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
    desk.sign_in("khan");
    let study = analysed(&desk, 201, TASK);
    assert_eq!(result(&desk, &study)["pack"]["version"], site(1));

    desk.sign_in("admin");
    desk.ok("model.use", json!({ "id": "open-gates", "sha256": null }));
    desk.sign_in("khan");
    let study = analysed(&desk, 202, TASK);
    assert_eq!(result(&desk, &study)["pack"]["version"], built, "rolled back");
    let again = desk.ok("quality.fit", ask)["made"]["pack"].clone();
    assert_eq!(again["version"], site(2), "the first number is another pack's");
    desk.ok("quality.fit_drop", json!({ "sha256": again["sha256"] }));
    assert_eq!(desk.ok("quality.show", json!({}))["fits"], json!([]));
    let packs = desk.home.path().join("packs");
    let left =
        std::fs::read_dir(packs).expect("a folder").map(|e| e.expect("an entry").file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["open-gates"], "nothing stays of what was dropped");
}
