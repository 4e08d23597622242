//! Which analysis is asked, by which network, and packs that need a yes.

use super::{Desk, png, text};
use serde_json::{Value, json};

/// The newest analysis after asking `with` about one drawn picture.
fn asked(desk: &Desk, with: &Value) -> Value {
    asked_of(desk, ("film.png", png(3)), with)
}

fn asked_of(desk: &Desk, (name, bytes): (&str, Vec<u8>), with: &Value) -> Value {
    let handle = desk.backend().hold_bytes(name, bytes).expect("held").handle;
    let ask = json!({ "handles": [handle], "patient": null, "analyse": false });
    let file = desk.ok("study.import", ask)["files"][0].clone();
    let mut start = with.clone();
    start["image"] = file["image"].clone();
    start["pack"] = with.get("pack").cloned().unwrap_or(Value::Null);
    desk.ok("analysis.start", start);
    desk.backend().wait_for_analyses();
    desk.ok("study.view", json!({ "id": file["study"] }))["analyses"][0].clone()
}

#[test]
fn a_task_that_the_header_of_a_file_rules_out_is_neither_answered_nor_proposed() {
    let desk = Desk::imaging();
    desk.sign_in("khan");
    let slice = include_bytes!("../../../dicom-io/tests/fixtures/MR_small_RLE.dcm").to_vec();
    let of = |with: Value| asked_of(&desk, ("slice.dcm", slice.clone()), &with);
    for network in ["basic_cnn", "resnet50"] {
        let chest = of(json!({ "task": "chest_xray_pneumonia", "network": network }));
        let told = (&chest["state"], &chest["reason"], &chest["task"]);
        let task = json!("chest_xray_pneumonia");
        assert_eq!(told, (&json!("abstained"), &json!("ruled_out"), &task), "{chest}");
        assert!(chest["findings"].as_array().is_some_and(Vec::is_empty));
        assert!(chest["values"].get("limit").is_none(), "nothing was measured: {chest}");
    }
    let open = of(json!({}));
    let task = open["task"].as_str();
    assert!(task.is_none_or(|t| t.starts_with("brain_mri")), "MR is no film and no smear: {open}");
}

#[test]
fn the_header_can_rule_out_the_kind_of_every_task_of_the_program() {
    let dir = inference::default_packs_dir().expect("the packs");
    let mut kinds = 0;
    for pack in inference::pack::list(&dir).expect("listed") {
        for task in inference::pack::describe(&pack).expect("described").tasks {
            assert!(imaging::kinds::is_listed(&task.kind), "{} is not in kinds.toml", task.kind);
            kinds += 1;
        }
    }
    assert!(kinds >= 45, "15 tasks of three networks");
}

#[test]
fn a_pack_with_stricter_terms_answers_only_after_a_signed_yes() {
    let desk = Desk::imaging();
    desk.sign_in("khan");
    let skin = json!({ "pack": "basic-cnn-non-commercial" });
    let before = asked(&desk, &skin);
    assert_eq!(
        (&before["state"], &before["reason"]),
        (&json!("failed"), &json!("model_not_enabled"))
    );
    let listed = |desk: &Desk| {
        let packs = desk.ok("model.list", json!({}));
        let ours = packs["packs"].as_array().expect("packs").clone();
        let one = ours.into_iter().find(|p| p["id"] == "basic-cnn-non-commercial").expect("there");
        let tasks = packs["tasks"].as_array().expect("tasks").clone();
        (one, tasks.iter().any(|t| t["task"] == "nc_skin_lesion"))
    };
    let (pack, offered) = listed(&desk);
    assert_eq!(
        (&pack["licenceClass"], &pack["enabled"]),
        (&json!("non_commercial"), &json!(false))
    );
    assert!(!offered, "its task is not offered");

    desk.sign_in("admin");
    let commands = |desk: &Desk| desk.ok("proof.verify", json!({}))["commands"].as_u64();
    desk.ok("model.enable", json!({ "id": "basic-cnn-non-commercial", "enabled": true }));
    let signed = commands(&desk);
    desk.ok("model.enable", json!({ "id": "basic-cnn-non-commercial", "enabled": true }));
    desk.ok("model.enable", json!({ "id": "basic-cnn-open", "enabled": false }));
    let again = commands(&desk);
    assert_eq!(
        again,
        signed.map(|n| n + 1),
        "a yes that changes nothing signs nothing but the proof"
    );

    desk.sign_in("khan");
    assert!(listed(&desk).1 && listed(&desk).0["enabled"] == true);
    assert!(
        desk.ok("model.list", json!({}))["packs"]
            .as_array()
            .expect("packs")
            .iter()
            .all(|p| p["licenceClass"] != "open" || p["enabled"] == true)
    );
    let after = asked(&desk, &skin);
    assert_eq!((&after["state"], &after["reason"]), (&json!("abstained"), &json!("other_kind")));

    desk.sign_in("admin");
    desk.ok("model.enable", json!({ "id": "basic-cnn-non-commercial", "enabled": false }));
    desk.sign_in("khan");
    assert_eq!(asked(&desk, &skin)["reason"], "model_not_enabled");
}

#[test]
fn a_task_and_a_network_that_are_asked_for_stand_in_the_record() {
    let desk = Desk::imaging();
    desk.sign_in("khan");
    let knee = asked(&desk, &json!({ "task": "knee_xray_oa", "network": "efficientnet_b0" }));
    assert_eq!(text(&knee, "task"), "knee_xray_oa");
    assert_eq!(text(&knee, "network"), "efficientnet_b0");
    assert_eq!(text(&knee["pack"], "id"), "efficientnet-b0-open");
    assert_eq!(knee["state"], "abstained", "stripes are no knee: {knee}");
    let nothing = asked(&desk, &json!({}));
    assert!(nothing["task"].is_null() && text(&nothing, "network") == "basic_cnn");
    for wish in
        [json!({ "task": "sonnets" }), json!({ "network": "oracle" }), json!({ "pack": "../x" })]
    {
        let end = asked(&desk, &wish);
        assert_eq!(
            (&end["state"], &end["reason"]),
            (&json!("failed"), &json!("model_missing")),
            "{wish}"
        );
    }
}

#[test]
fn every_task_is_offered_with_the_networks_that_answer_it() {
    let desk = Desk::imaging();
    desk.sign_in("khan");
    let list = desk.ok("model.list", json!({}));
    let tasks = list["tasks"].as_array().expect("tasks");
    assert_eq!(tasks.len(), 11, "the open ones: {tasks:?}");
    for task in tasks {
        let networks = task["networks"].as_array().expect("networks");
        assert_eq!(networks.len(), 3, "{task}");
        assert!(networks.contains(&task["network"]), "the best is one of them: {task}");
    }
    assert_eq!(list["packs"].as_array().map(Vec::len), Some(9));
}
