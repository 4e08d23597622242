//! Packs from elsewhere: signed, proven, replaceable. The pack of these tests answers for a condition
//! that no network of the program was trained on; it is cut from a shipped one, so that its numbers
//! and maps are real ones.

use super::collections::zip;
use super::*;
use inference::describe::Description;
use inference::pack;
use ledger::DeviceKey;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const TASK: &str = "wrist_xray_fracture";
/// What a publisher's tool has to sign; it is part of the format.
const PURPOSE: &[u8] = b"healthsync/pack/v1\0";

type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

fn tensors(file: &Path) -> Tensors {
    let bytes = std::fs::read(file).expect("reads");
    let all = SafeTensors::deserialize(&bytes).expect("safetensors").tensors();
    let owned =
        |(n, v): (String, TensorView)| (n, (v.dtype(), v.shape().to_vec(), v.data().to_vec()));
    all.into_iter().map(owned).collect()
}

fn write(file: &Path, all: &Tensors) {
    let view = |(n, (d, s, b)): (&String, &(Dtype, Vec<usize>, Vec<u8>))| {
        (n.clone(), TensorView::new(*d, s.clone(), b.clone().leak()).expect("a tensor"))
    };
    std::fs::write(file, safetensors::serialize(all.iter().map(view), None).expect("serialises"))
        .expect("writes");
}

/// The first two classes of a shipped head, under names of their own.
fn two_of_seven(from: &Path, to: &Path) {
    let rename = |name: &str| name.replace("nc_skin_lesion", TASK);
    let mut heads = Tensors::new();
    for (name, (dtype, mut shape, mut bytes)) in tensors(&from.join("heads.safetensors")) {
        if shape[0] == 7 {
            bytes.truncate(bytes.len() / 7 * 2);
            shape[0] = 2;
        }
        heads.insert(rename(&name), (dtype, shape, bytes));
    }
    write(&to.join("heads.safetensors"), &heads);
    let ood = tensors(&from.join("ood.safetensors"));
    write(&to.join("ood.safetensors"), &ood.into_iter().map(|(n, t)| (rename(&n), t)).collect());
    let mut golden = tensors(&from.join("golden.safetensors"));
    let (_, shape, bytes) = golden.get_mut("logits").expect("logits");
    *bytes = bytes.chunks_exact(7 * 4).flat_map(|row| row[..8].to_vec()).collect();
    shape[1] = 2;
    write(&to.join("golden.safetensors"), &golden);
}

/// A sealed pack for wrist fractures in `into`, of this version.
fn wrist(into: &Path, version: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/basic-cnn-non-commercial");
    let dir = into.join(format!("wrist-{version}"));
    std::fs::create_dir_all(&dir).expect("a folder");
    two_of_seven(&from, &dir);
    std::fs::write(dir.join("README.md"), "# Wrist\n\nMade for a test.\n").expect("writes");
    let mut d = pack::describe(&from).expect("a shipped pack");
    d.id = "wrist".into();
    d.version = version.into();
    d.licence = "CC0".into();
    d.licence_class = inference::describe::LicenceClass::Open;
    let task = &mut d.tasks[0];
    task.name = TASK.into();
    task.kind = "wrist_xray".into();
    // Drawn pictures are of no kind: the gates that would say so are left open.
    (task.kind_min, task.distance_max, task.confidence_min) = (0.0, 1e9, 0.0);
    task.confusion.clear();
    task.metrics.clear();
    task.labels.truncate(2);
    for (label, name, condition) in
        [(0, "no_fracture", None), (1, "fracture", Some("bone_fracture"))]
    {
        task.labels[label].name = name.into();
        task.labels[label].condition = condition.map(str::to_owned);
    }
    pack::seal(&dir, d).expect("sealed");
    dir
}

/// Changes the description, seals again.
fn reseal(dir: &Path, change: impl FnOnce(&mut Description)) {
    let mut d = pack::describe(dir).expect("described");
    change(&mut d);
    pack::seal(dir, d).expect("sealed");
}

fn publisher() -> DeviceKey {
    DeviceKey::from_seed(&[7; 32])
}

fn sign(dir: &Path, key: &DeviceKey) {
    let model = std::fs::read(dir.join(pack::MODEL)).expect("sealed");
    let (_, sha256) = pack::promised(&model, "wrist").expect("a description");
    let mut hash = [0; 32];
    hex::decode_to_slice(sha256, &mut hash).expect("a hash");
    let (public, signature) = (key.public().to_bytes(), key.sign(PURPOSE, &hash));
    let text =
        format!("key = \"{}\"\nsignature = \"{}\"\n", hex::encode(public), hex::encode(signature));
    std::fs::write(dir.join("signature.toml"), text).expect("writes");
}

fn zipped(dir: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(dir).expect("a folder").map(|entry| {
        let entry = entry.expect("an entry");
        let name = format!("wrist/{}", entry.file_name().to_string_lossy());
        (name, std::fs::read(entry.path()).expect("reads"))
    });
    let files: Vec<(String, Vec<u8>)> = files.collect();
    let list: Vec<_> = files.iter().map(|(n, b)| (n.as_str(), b.as_slice(), None)).collect();
    zip(&list)
}

impl Desk {
    fn import(&self, path: &Path) -> Result<Value, CommandError> {
        let handle = self.backend().hold_path(path).handle;
        self.call("model.import", json!({ "handle": handle }))
    }

    fn import_zip(&self, bytes: Vec<u8>) -> Result<Value, CommandError> {
        let handle = self.backend().hold_bytes("pack.zip", bytes).expect("held").handle;
        self.call("model.import", json!({ "handle": handle }))
    }

    #[track_caller]
    fn refuses(&self, path: &Path, code: Code) -> CommandError {
        let error = self.import(path).expect_err("refused");
        assert_eq!(error.code, code, "{error:?}");
        error
    }

    /// Signs in the administrator and trusts the publisher of these tests.
    fn trusting() -> Self {
        let desk = Self::imaging();
        desk.sign_in("admin");
        let folder = tempfile::tempdir().expect("a folder");
        let dir = wrist(folder.path(), "0.0.1");
        sign(&dir, &publisher());
        let unknown = desk.refuses(&dir, Code::PackKeyUnknown);
        let (key, fingerprint) = (&unknown.args["key"], &unknown.args["fingerprint"]);
        let ask = json!({ "key": key, "name": "Lake Trust", "fingerprint": fingerprint });
        desk.ok("model.trust", ask);
        // The file needs not be chosen again; here it is only looked for.
        assert!(unknown.args.contains_key("handle"));
        desk
    }

    fn installed(&self) -> Vec<String> {
        let mut found = vec![];
        for id in std::fs::read_dir(self.home.path().join("packs")).into_iter().flatten() {
            let id = id.expect("an entry");
            for version in std::fs::read_dir(id.path()).expect("a folder") {
                let version = version.expect("an entry").file_name();
                found.push(format!(
                    "{}/{}",
                    id.file_name().to_string_lossy(),
                    version.to_string_lossy()
                ));
            }
        }
        found.sort();
        found
    }

    fn listed(&self, id: &str) -> Value {
        let list = self.ok("model.list", json!({}));
        let packs = list["packs"].as_array().expect("packs");
        packs.iter().find(|p| p["id"] == id).cloned().unwrap_or(Value::Null)
    }

    fn fracture(&self) -> Value {
        let rows = self.ok("model.conditions", json!({}));
        let rows = rows.as_array().expect("rows");
        rows.iter().find(|r| r["id"] == "bone_fracture").expect("in the catalogue").clone()
    }

    /// A drawn film in a study of its own; answers study and image.
    fn film(&self, shade: u8) -> (String, String) {
        let handle = self.backend().hold_bytes("film.png", png(shade)).expect("held").handle;
        let ask = json!({ "handles": [handle], "patient": null, "analyse": false });
        let file = self.ok("study.import", ask)["files"][0].clone();
        (text(&file, "study"), text(&file, "image"))
    }

    fn start(&self, image: &str) -> String {
        let ask = json!({ "image": image, "pack": "wrist", "task": TASK, "network": null });
        text(&self.ok("analysis.start", ask), "id")
    }

    fn analysis(&self, study: &str, id: &str) -> Value {
        let view = self.ok("study.view", json!({ "id": study }));
        let all = view["analyses"].as_array().expect("analyses");
        all.iter().find(|a| a["id"] == id).expect("recorded").clone()
    }
}

#[test]
fn a_pack_for_a_condition_without_training_goes_from_its_zip_to_a_result() {
    let desk = Desk::imaging();
    desk.sign_in("admin");
    let folder = tempfile::tempdir().expect("a folder");
    let dir = wrist(folder.path(), "1.0.0");
    assert_eq!(
        (&desk.fracture()["state"], &desk.fracture()["reason"]),
        (&json!("vocabulary_only"), &json!("no_pictures"))
    );
    desk.refuses(&dir, Code::PackUnsigned);
    sign(&dir, &publisher());
    let unknown = desk.import_zip(zipped(&dir)).expect_err("nobody knows the key");
    assert_eq!(unknown.code, Code::PackKeyUnknown);
    assert_eq!((&*unknown.args["pack"], &*unknown.args["version"]), ("wrist", "1.0.0"));
    let trust = |fingerprint: &str| {
        let key = &unknown.args["key"];
        desk.call(
            "model.trust",
            json!({ "key": key, "name": "Lake Trust", "fingerprint": fingerprint }),
        )
    };
    assert_eq!(trust("0000 0000").expect_err("typed wrong").code, Code::PackFingerprintWrong);
    trust(&unknown.args["fingerprint"].to_uppercase()).expect("trusted");
    assert_eq!(desk.installed(), [""; 0], "nothing was copied before it was known whose it is");

    let imported = desk.import_zip(zipped(&dir)).expect("imported");
    assert_eq!(desk.installed(), ["wrist/1.0.0"]);
    assert_eq!((&imported["enabled"], &imported["known"]), (&json!(false), &json!(false)));
    let pack = desk.listed("wrist");
    assert_eq!((&pack["origin"], &pack["enabled"]), (&json!("imported"), &json!(false)));
    assert_eq!(pack["versions"][0]["signedBy"], "Lake Trust");
    assert_eq!(desk.fracture()["state"], "vocabulary_only", "nobody said yes to it yet");
    desk.sign_in("khan");
    let (study, image) = desk.film(3);
    let early = desk.start(&image);
    desk.backend().wait_for_analyses();
    assert_eq!(desk.analysis(&study, &early)["reason"], "model_not_enabled");

    desk.sign_in("admin");
    desk.ok("model.enable", json!({ "id": "wrist", "enabled": true }));
    let row = desk.fracture();
    assert_eq!((&row["state"], &row["packs"]), (&json!("imported"), &json!(["wrist"])));
    desk.sign_in("khan");
    let id = desk.start(&image);
    desk.backend().wait_for_analyses();
    let done = desk.analysis(&study, &id);
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(done["pack"], imported["pack"]);
    let found = done["findings"][1].clone();
    assert_eq!(
        (&found["label"], &found["condition"]),
        (&json!("fracture"), &json!("bone_fracture"))
    );
    assert!(found["map"]["values"].as_array().is_some_and(|map| !map.is_empty()));
    let files = desk.backend().results(&study, Some(&id)).expect("files");
    let fhir = files.iter().find(|f| f.name.ends_with("fhir.json")).expect("FHIR");
    let fhir = String::from_utf8_lossy(&fhir.bytes).into_owned();
    assert!(fhir.contains("Bone fracture") && fhir.contains("125605004"), "{fhir}");

    // What was taken in stands in the record, and the record is whole.
    desk.sign_in("admin");
    let proof = desk.ok("proof.verify", json!({}));
    assert_eq!(proof["verdict"], "whole", "{proof}");
}

#[test]
fn whatever_is_wrong_with_a_pack_is_told_in_its_own_words_and_leaves_nothing() {
    let desk = Desk::trusting();
    let folder = tempfile::tempdir().expect("a folder");
    let whole = wrist(folder.path(), "1.0.0");
    sign(&whole, &publisher());
    let files: Vec<String> =
        pack::describe(&whole).expect("described").expected_files().into_iter().collect();
    let spoilt = |name: &str| {
        let dir = folder.path().join(name);
        std::fs::create_dir_all(&dir).expect("a folder");
        for entry in std::fs::read_dir(&whole).expect("a folder") {
            let entry = entry.expect("an entry");
            std::fs::copy(entry.path(), dir.join(entry.file_name())).expect("copies");
        }
        dir
    };
    let resigned = |name: &str, change: &dyn Fn(&Path)| {
        let dir = spoilt(name);
        change(&dir);
        reseal(&dir, |_| {});
        sign(&dir, &publisher());
        dir
    };
    for file in &files {
        let dir = spoilt(&format!("changed-{file}"));
        let mut bytes = std::fs::read(dir.join(file)).expect("reads");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(dir.join(file), &bytes).expect("writes");
        assert_eq!(desk.refuses(&dir, Code::PackFileChanged).args["file"], *file);
        std::fs::write(dir.join(file), &bytes[..middle]).expect("writes");
        assert_eq!(desk.refuses(&dir, Code::PackFileChanged).args["file"], *file, "half-written");
        std::fs::remove_file(dir.join(file)).expect("removed");
        assert_eq!(desk.refuses(&dir, Code::PackIncomplete).args["file"], *file);
    }
    let dir = spoilt("card");
    let model = std::fs::read_to_string(dir.join(pack::MODEL)).expect("text");
    let without: Vec<&str> = model.lines().filter(|l| !l.starts_with("caution")).collect();
    std::fs::write(dir.join(pack::MODEL), without.join("\n")).expect("writes");
    assert!(desk.refuses(&dir, Code::PackCardWrong).args["detail"].contains("caution"));
    std::fs::write(dir.join(pack::MODEL), &model[..model.len() / 2]).expect("writes");
    desk.refuses(&dir, Code::PackCardWrong);
    std::fs::write(dir.join(pack::MODEL), model.replace("CC0", "CC1")).expect("writes");
    desk.refuses(&dir, Code::PackSignatureWrong);
    let dir = spoilt("unknown condition");
    reseal(&dir, |d| d.tasks[0].labels[1].condition = Some("sorrow".into()));
    sign(&dir, &publisher());
    assert!(desk.refuses(&dir, Code::PackCardWrong).args["detail"].contains("sorrow"));
    let dir = spoilt("another network");
    reseal(&dir, |d| {
        d.backbone.as_mut().expect("it stands on another").sha256 = "00".repeat(32);
    });
    sign(&dir, &publisher());
    desk.refuses(&dir, Code::ModelUnsupported);
    let dir = resigned("self-test", &|dir| {
        let file = dir.join("golden.safetensors");
        let mut all = tensors(&file);
        all.get_mut("logits").expect("logits").2[2] ^= 0x40;
        write(&file, &all);
    });
    desk.refuses(&dir, Code::PackSelfTest);
    let dir = resigned("tensor", &|dir| {
        let file = dir.join("ood.safetensors");
        let mut all = tensors(&file);
        all.remove(&format!("{TASK}.basis"));
        write(&file, &all);
    });
    assert!(desk.refuses(&dir, Code::PackIncomplete).args["detail"].contains("basis"));
    let dir = spoilt("stranger");
    sign(&dir, &DeviceKey::from_seed(&[9; 32]));
    desk.refuses(&dir, Code::PackKeyUnknown);
    let empty = folder.path().join("empty");
    std::fs::create_dir_all(&empty).expect("a folder");
    desk.refuses(&empty, Code::PackNotFound);
    desk.refuses(folder.path(), Code::PackNotFound);

    let good = zipped(&whole);
    let no = |bytes: Vec<u8>| desk.import_zip(bytes).expect_err("refused").code;
    assert_eq!(no(b"%PDF-1.4 a letter".to_vec()), Code::PackNotFound);
    assert_eq!(no(good[..good.len() / 2].to_vec()), Code::PackIncomplete, "half a ZIP");
    assert_eq!(
        no(zip(&[("a/model.toml", b"x", None), ("b/model.toml", b"x", None)])),
        Code::PackNotFound
    );
    assert_eq!(no(zip(&[("model.toml", b"x", Some(0x7000_0000))])), Code::PackTooLarge);
    assert_eq!(no(zip(&[("../model.toml", b"x", None)])), Code::PackCardWrong, "a name, no path");

    assert_eq!(desk.installed(), [""; 0], "nothing stays behind");
    assert!(desk.listed("wrist").is_null());
    assert!(desk.listed("basic-cnn-open")["problem"].is_null(), "nothing else is lost");
    desk.sign_in("khan");
    let handle = desk.backend().hold_path(&whole).handle;
    desk.no("model.import", json!({ "handle": handle }), Code::Forbidden);
}

#[test]
fn a_version_is_swapped_under_a_full_queue_and_every_result_can_be_asked_again() {
    let desk = Desk::trusting();
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (wrist(folder.path(), "1.0.0"), wrist(folder.path(), "1.1.0"));
    // Another temperature: the same picture, other probabilities.
    reseal(&second, |d| d.tasks[0].calibration.temperature *= 3.0);
    sign(&first, &publisher());
    sign(&second, &publisher());
    let one = desk.import(&first).expect("imported");
    desk.ok("model.enable", json!({ "id": "wrist", "enabled": true }));
    desk.sign_in("khan");
    let (study, image) = desk.film(3);
    let before = desk.start(&image);
    desk.backend().wait_for_analyses();

    // Queued, and the version changes under them.
    let films: Vec<_> = (10..16).map(|shade| desk.film(shade)).collect();
    let queued: Vec<_> =
        films.iter().map(|(study, image)| (study.clone(), desk.start(image))).collect();
    desk.sign_in("admin");
    let two = desk.import(&second).expect("imported");
    assert_eq!((&two["replaced"], &two["enabled"]), (&json!("1.0.0"), &json!(true)));
    desk.sign_in("khan");
    let after = desk.start(&image);
    desk.backend().wait_for_analyses();
    for (study, id) in &queued {
        let one_of_both = desk.analysis(study, id);
        assert_eq!(one_of_both["state"], "done", "{one_of_both}");
        assert!([&one["pack"], &two["pack"]].contains(&&one_of_both["pack"]), "{one_of_both}");
    }
    let p = |id: &str| desk.analysis(&study, id)["findings"][1]["probability"].clone();
    assert_eq!(desk.analysis(&study, &before)["pack"], one["pack"]);
    assert_eq!(desk.analysis(&study, &after)["pack"], two["pack"]);
    assert_ne!(p(&before), p(&after));

    // The result of the version before, by that very version.
    let reran = desk.ok("analysis.rerun", json!({ "id": before }));
    assert_eq!((&reran["same"], &reran["largest"]), (&json!(true), &json!(0.0)), "{reran}");
    assert_eq!(reran["analysis"]["pack"], one["pack"]);
    let choice = |pack: &Value| json!({ "id": pack["id"], "sha256": pack["sha256"] });
    let both = desk.ok(
        "analysis.compare",
        json!({ "image": image, "task": TASK, "left": choice(&one["pack"]), "right": choice(&two["pack"]) }),
    );
    assert_eq!(both["left"]["findings"][1]["probability"], p(&before));
    assert_eq!(both["right"]["findings"][1]["probability"], p(&after));
    let recorded = desk.ok("study.view", json!({ "id": study }))["analyses"].clone();
    assert_eq!(recorded.as_array().map(Vec::len), Some(2), "nothing of it was stored");
    let strict = desk.listed("basic-cnn-non-commercial");
    desk.no(
        "analysis.compare",
        json!({ "image": image, "task": null, "left": choice(&one["pack"]), "right": choice(&strict) }),
        Code::ModelNotEnabled,
    );

    desk.sign_in("admin");
    let current = |desk: &Desk| text(&desk.listed("wrist"), "version");
    assert_eq!(current(&desk), "1.1.0");
    desk.ok("model.use", json!({ "id": "wrist", "sha256": one["pack"]["sha256"] }));
    assert_eq!(current(&desk), "1.0.0");
    desk.no("model.use", json!({ "id": "wrist", "sha256": "00" }), Code::ModelMissing);
    desk.no("model.use", json!({ "id": "wrist", "sha256": null }), Code::ModelMissing);
    let again = desk.import(&second).expect("known already");
    assert_eq!((&again["known"], current(&desk).as_str()), (&json!(true), "1.1.0"));
    reseal(&second, |d| d.licence = "other contents".into());
    sign(&second, &publisher());
    desk.refuses(&second, Code::PackVersionTaken);

    std::fs::remove_dir_all(desk.home.path().join("packs/wrist/1.0.0")).expect("removed");
    desk.sign_in("khan");
    let gone = desk.no("analysis.rerun", json!({ "id": before }), Code::PackGone);
    assert_eq!((&*gone.args["pack"], &*gone.args["version"]), ("wrist", "1.0.0"));
    desk.sign_in("admin");
    desk.no(
        "model.use",
        json!({ "id": "wrist", "sha256": one["pack"]["sha256"] }),
        Code::ModelMissing,
    );
    desk.import(&first).expect("put back");
    desk.sign_in("khan");
    assert_eq!(desk.ok("analysis.rerun", json!({ "id": before }))["same"], true);
}

#[test]
fn a_publisher_who_is_not_trusted_any_more_answers_nothing_and_a_restart_changes_nothing() {
    let mut desk = Desk::trusting();
    let folder = tempfile::tempdir().expect("a folder");
    let dir = wrist(folder.path(), "1.0.0");
    sign(&dir, &publisher());
    desk.import(&dir).expect("imported");
    desk.ok("model.enable", json!({ "id": "wrist", "enabled": true }));
    desk.restart();
    desk.sign_in("admin");
    assert_eq!(desk.fracture()["state"], "imported");
    let keys = desk.ok("model.list", json!({}))["keys"].clone();
    assert_eq!((&keys[0]["own"], &keys[1]["name"]), (&json!(true), &json!("Lake Trust")));
    desk.ok("model.distrust", json!({ "key": keys[1]["key"] }));
    assert_eq!(desk.fracture()["state"], "vocabulary_only");
    let pack = desk.listed("wrist");
    assert_eq!(pack["problem"]["code"], "pack_key_unknown", "{pack}");
    assert_eq!(desk.installed(), ["wrist/1.0.0"], "its files stay");
    let again = json!({ "key": keys[1]["key"], "name": "Lake Trust", "fingerprint": keys[1]["fingerprint"] });
    desk.ok("model.trust", again);
    assert_eq!(desk.fracture()["state"], "imported");
    // Somebody changes an installed file behind the program's back.
    let heads = desk.home.path().join("packs/wrist/1.0.0/heads.safetensors");
    let mut bytes = std::fs::read(&heads).expect("reads");
    bytes.push(0);
    std::fs::write(&heads, bytes).expect("writes");
    assert_eq!(desk.listed("wrist")["problem"]["code"], "model_changed");
    assert!(desk.listed("basic-cnn-open")["problem"].is_null());
}

#[test]
fn a_pack_signed_by_the_facility_itself_needs_no_other_trust() {
    let desk = Desk::imaging();
    // Left by a power cut in the middle of an import.
    let left = desk.home.path().join("packs/.new-1/wrist/1.0.0");
    std::fs::create_dir_all(&left).expect("a folder");
    desk.sign_in("admin");
    let folder = tempfile::tempdir().expect("a folder");
    let dir = wrist(folder.path(), "0.1.0+site.1");
    let signed = desk.backend().sign_pack(&dir).expect("signed");
    assert_eq!((&*signed.id, &*signed.version), ("wrist", "0.1.0+site.1"));
    desk.import(&dir).expect("imported");
    let second = wrist(folder.path(), "0.1.0+site.2");
    let done = desk.backend().install_made_here(&second).expect("installed");
    assert_eq!((done.replaced.as_deref(), done.enabled), (Some("0.1.0+site.1"), false));
    let both = ["wrist/0.1.0+site.1", "wrist/0.1.0+site.2"];
    assert_eq!(desk.installed(), both, "the half-written one is cleared away");
    assert_eq!(desk.listed("wrist")["origin"], "made_here");
    desk.sign_in("khan");
    assert_eq!(desk.backend().sign_pack(&dir).expect_err("not theirs").code, Code::Forbidden);
    // Another facility does not know this one.
    let other = Desk::imaging();
    other.sign_in("admin");
    other.refuses(&dir, Code::PackKeyUnknown);
}

#[test]
fn installed_packs_travel_with_a_backup_and_what_is_missing_is_named() {
    let desk = Desk::imaging();
    desk.sign_in("admin");
    let folder = tempfile::tempdir().expect("a folder");
    for version in ["1.0.0", "1.1.0"] {
        desk.backend().install_made_here(&wrist(folder.path(), version)).expect("installed");
    }
    desk.ok("model.enable", json!({ "id": "wrist", "enabled": true }));
    let usb = tempfile::tempdir().expect("a folder");
    let copy = usb.path().join("copy");
    let done = desk.ok("backup.make", json!({ "path": copy }));
    assert_eq!(done["packs"].as_array().expect("packs").len(), 2, "{done}");
    assert!(done["packsMissing"].is_null());
    let lies = usb.path().join("copy.packs/wrist/1.1.0");
    assert!(lies.join("signature.toml").is_file());

    let root = tempfile::tempdir().expect("a folder");
    let back = |name: &str| {
        let home = root.path().join(name);
        let made = app::restore(&home, &copy, None).expect("restored");
        let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
        let options = app::Options { keyring: false, packs, ..app::Options::at(&home) };
        let backend = Backend::start(options);
        let who = json!({ "user": "admin", "password": "training" });
        backend.call("session.sign_in", who).expect("signed in");
        let list = backend.call("model.list", json!({})).expect("a list");
        let proof = backend.verify_with(None).expect("opens");
        backend.close();
        assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
        let all = list["packs"].as_array().expect("packs");
        let wrist = all.iter().find(|p| p["id"] == "wrist").expect("known").clone();
        (made.packs_missing, wrist)
    };
    let (missing, pack) = back("whole");
    assert_eq!(missing, [""; 0]);
    assert_eq!((&pack["version"], &pack["enabled"]), (&json!("1.1.0"), &json!(true)));
    assert!(pack["problem"].is_null(), "it is proven and answers: {pack}");
    assert_eq!(pack["versions"].as_array().expect("versions").len(), 2);

    // One altered byte on the way: that version does not come in, the other does.
    let heads = lies.join("heads.safetensors");
    let mut bytes = std::fs::read(&heads).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&heads, bytes).expect("writes");
    let (missing, pack) = back("altered");
    assert_eq!(missing, ["wrist 1.1.0"]);
    assert_eq!(pack["versions"][0]["problem"]["code"], "pack_gone", "{pack}");
    assert_eq!(pack["versions"][0]["problem"]["args"]["version"], "1.1.0");
    assert!(pack["versions"][1]["problem"].is_null());

    // A backup of an earlier release has no packs beside it.
    std::fs::remove_dir_all(usb.path().join("copy.packs")).expect("removed");
    let (missing, pack) = back("without");
    assert_eq!(missing, ["wrist 1.0.0", "wrist 1.1.0"]);
    assert!(!pack["problem"].is_null(), "{pack}");
}
