//! The packs of the repository, their refusals and their answers, through the public interface only.

use image::{Rgb, RgbImage};
use inference::describe::{Description, LicenceClass, Standing};
use inference::pack::{self, PackError};
use inference::prep::{letterbox_rect, letterbox_rgb, normalise_rgb};
use inference::{
    Engine, Film, Likelihood, Reason, Shelf, ShelfError, Wish, likelihood_word, macro_auroc,
    manifest, measure,
};
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

fn shelf() -> &'static Shelf {
    static SHELF: OnceLock<Shelf> = OnceLock::new();
    SHELF.get_or_init(|| Shelf::new(&packs()))
}

fn engine() -> Arc<Engine> {
    shelf().engine(pack::BUILT_IN).expect("the built-in pack loads")
}

const EVERY: &dyn Fn(&Description) -> bool = &|_| true;
const OPEN: &dyn Fn(&Description) -> bool = &|d| d.licence_class == LicenceClass::Open;

fn files(dir: &Path) -> Vec<String> {
    let named =
        |e: std::io::Result<std::fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = std::fs::read_dir(dir).unwrap().map(named).collect();
    names.sort();
    names
}

/// A copy that may be spoilt, in a folder of that name.
fn copy(from: &str, into: &Path, name: &str) -> PathBuf {
    let dir = into.join(name);
    std::fs::create_dir_all(&dir).unwrap();
    for file in files(&packs().join(from)) {
        std::fs::copy(packs().join(from).join(&file), dir.join(&file)).unwrap();
    }
    dir
}

/// The copy under another id, as somebody else's pack: no pinned hash protects it.
fn foreign(into: &Path) -> PathBuf {
    let dir = copy(pack::BUILT_IN, into, "foreign");
    reseal(&dir, |d| d.id = "foreign".into());
    dir
}

fn reseal(dir: &Path, change: impl FnOnce(&mut Description)) {
    let mut description = pack::describe(dir).unwrap();
    change(&mut description);
    pack::seal(dir, description).unwrap();
}

fn load(dir: &Path) -> Result<Engine, PackError> {
    Engine::load(dir, &[engine()])
}

fn change_tensors(file: &Path, change: impl Fn(&mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>)) {
    let bytes = std::fs::read(file).unwrap();
    let st = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut all: Vec<_> = st
        .tensors()
        .into_iter()
        .map(|(n, v)| (n, v.dtype(), v.shape().to_vec(), v.data().to_vec()))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    change(&mut all);
    let views =
        all.iter().map(|(n, d, s, b)| (n.clone(), TensorView::new(*d, s.clone(), b).unwrap()));
    std::fs::write(file, safetensors::serialize(views, None).unwrap()).unwrap();
}

/// A picture like a film to nobody, but with contrast: waves from numbers.
fn waves(w: u32, h: u32) -> RgbImage {
    RgbImage::from_fn(w, h, |x, y| Rgb([((x * 7 + y * 13) % 251) as u8; 3]))
}

#[test]
fn every_pack_loads_is_pinned_and_answers_as_it_was_trained_to() {
    let dirs = pack::list(&packs()).unwrap();
    assert_eq!(dirs.len(), pack::PINS.lines().count(), "every pack has a pinned hash");
    for dir in dirs {
        let id = dir.file_name().unwrap().to_string_lossy().into_owned();
        // The golden vectors of the training program are part of loading.
        let engine = shelf().engine(&id).unwrap();
        let info = engine.info();
        assert!(info.built_in, "{id}: its hash is pinned");
        assert_eq!(Some(info.sha256.as_str()), pack::pinned(&id));
    }
    assert_eq!(inference::default_packs_dir().map(|d| d.join(pack::BUILT_IN).is_dir()), Some(true));
}

#[test]
fn the_hash_of_a_pack_can_be_made_with_sha256sum() {
    // sha256sum of the sorted lines "<sha256>  <file>\n"
    use sha2::{Digest, Sha256};
    let dir = packs().join(pack::BUILT_IN);
    let hash = |n: &String| hex::encode(Sha256::digest(std::fs::read(dir.join(n)).unwrap()));
    let lines: String = files(&dir).iter().map(|n| format!("{}  {n}\n", hash(n))).collect();
    assert_eq!(hex::encode(Sha256::digest(lines.as_bytes())), engine().info().sha256);
}

#[test]
fn one_changed_byte_in_any_file_is_refused_by_the_name_of_the_file() {
    let temp = tempfile::tempdir().unwrap();
    let id = "basic-cnn-non-commercial";
    for file in files(&packs().join(id)) {
        let dir = copy(id, temp.path(), id);
        let bytes = std::fs::read(dir.join(&file)).unwrap();
        for place in [0, 9, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
            let mut spoilt = bytes.clone();
            spoilt[place] ^= 1;
            std::fs::write(dir.join(&file), &spoilt).unwrap();
            let error = load(&dir).expect_err("a changed byte is refused");
            assert!(
                matches!(&error, PackError::HashMismatch { file: named, .. } if *named == file),
                "{file} at {place}: {error}"
            );
            assert!(error.to_string().contains(&file), "the sentence names the file: {error}");
        }
    }
}

#[test]
fn a_missing_file_a_missing_tensor_and_a_tensor_too_many_are_each_refused() {
    let temp = tempfile::tempdir().unwrap();
    let dir = foreign(temp.path());
    load(&dir).expect("a whole foreign pack loads");
    for (file, tensor) in [
        ("weights.safetensors", "blocks.1.bn.running_mean"),
        ("heads.safetensors", "knee_xray_oa.weight"),
        ("ood.safetensors", "oral_histology.basis"),
        ("golden.safetensors", "logits"),
    ] {
        let path = dir.join(file);
        let whole = std::fs::read(&path).unwrap();
        change_tensors(&path, |all| all.retain(|t| t.0 != tensor));
        reseal(&dir, |_| {});
        let error = load(&dir).unwrap_err();
        let named = |t: &String| t == tensor;
        assert!(
            matches!(&error, PackError::MissingTensor { tensor: t, .. } if named(t)),
            "{error}"
        );

        std::fs::write(&path, &whole).unwrap();
        change_tensors(&path, |all| {
            all.push(("extra.weight".to_owned(), Dtype::F32, vec![1], vec![0; 4]));
        });
        reseal(&dir, |_| {});
        let error = load(&dir).unwrap_err();
        assert!(
            matches!(&error, PackError::UnusedTensor { tensor, .. } if tensor == "extra.weight"),
            "{error}"
        );

        std::fs::write(&path, b"no tensors at all").unwrap();
        reseal(&dir, |_| {});
        assert!(matches!(load(&dir).unwrap_err(), PackError::BadTensor { .. }), "{file}");
        std::fs::write(&path, &whole).unwrap();
    }
    reseal(&dir, |_| {});
    std::fs::remove_file(dir.join("weights.safetensors")).unwrap();
    assert!(matches!(load(&dir).unwrap_err(), PackError::Unreadable { .. }));
}

#[test]
fn a_number_that_is_none_and_a_changed_weight_are_refused() {
    let temp = tempfile::tempdir().unwrap();
    let dir = foreign(temp.path());
    let heads = dir.join("heads.safetensors");
    let whole = std::fs::read(&heads).unwrap();
    change_tensors(&heads, |all| {
        let bias = all.iter_mut().find(|t| t.0 == "chest_xray_pneumonia.bias").unwrap();
        bias.3[2] ^= 0x80; // adds half to one number
    });
    reseal(&dir, |_| {});
    assert!(matches!(load(&dir).unwrap_err(), PackError::GoldenMismatch { .. }));

    std::fs::write(&heads, &whole).unwrap();
    change_tensors(&heads, |all| {
        let bias = all.iter_mut().find(|t| t.0 == "chest_xray_pneumonia.bias").unwrap();
        bias.3[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    });
    reseal(&dir, |_| {});
    assert!(matches!(load(&dir).unwrap_err(), PackError::BadTensor { .. }));
}

#[test]
fn what_this_program_does_not_have_and_what_a_card_must_say_are_named() {
    let temp = tempfile::tempdir().unwrap();
    let dir = foreign(temp.path());
    let whole = pack::describe(&dir).unwrap();
    let refused = |change: &dyn Fn(&mut Description)| {
        let mut d = whole.clone();
        change(&mut d);
        pack::seal(&dir, d).unwrap();
        load(&dir).unwrap_err().to_string()
    };
    assert!(refused(&|d| d.format = 3).contains("format 3"));
    assert!(refused(&|d| d.input.filter = "lanczos3".into()).contains("lanczos3"));
    assert!(refused(&|d| d.input.size = 65_535).contains("input"));
    assert!(
        refused(&|d| d.tasks[0].calibration.temperature = f32::NAN).contains("temperature")
            || refused(&|d| d.tasks[0].calibration.temperature = 0.0).contains("task")
    );
    assert!(refused(&|d| d.tasks[0].caution = " ".into()).contains("caution"));
    assert!(refused(&|d| d.tasks[0].training[0].licence = String::new()).contains("licence"));
    assert!(
        refused(&|d| d.tasks[0].kind = "sonnet".into()).contains("sonnet")
            || refused(&|d| d.tasks[0].kind = "sonnet".into()).contains("kind")
    );
    assert!(refused(&|d| d.tasks.clear()).contains("tasks"));
    assert!(refused(&|d| d.plan.clear()).contains("plan"));
    assert!(refused(&|d| d.id = "../other".into()).contains("id"));

    pack::seal(&dir, whole.clone()).unwrap();
    let text = std::fs::read_to_string(dir.join(pack::MODEL)).unwrap();
    let written = |text: String| {
        std::fs::write(dir.join(pack::MODEL), text).unwrap();
        load(&dir).unwrap_err()
    };
    let bent = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        written(text.replacen(from, to, 1))
    };
    let error = bent("architecture = \"basic_cnn\"", "architecture = \"vgg\"");
    assert!(matches!(error, PackError::Description { .. }), "{error}");
    let error = bent("temperature =", "temperatur =");
    assert!(matches!(error, PackError::Description { .. }), "a misspelt field is not ignored");
    let error = bent("\"README.md\" =", "\"../README.md\" =");
    assert!(
        matches!(error, PackError::Description { .. }),
        "no file outside the folder is read: {error}"
    );
    assert!(matches!(written("half a pa".into()), PackError::Description { .. }));
}

#[test]
fn heads_need_the_very_network_they_were_made_on() {
    let temp = tempfile::tempdir().unwrap();
    let id = "basic-cnn-non-commercial";
    let error = Engine::load(&packs().join(id), &[]).unwrap_err();
    assert!(matches!(error, PackError::Unsupported { .. }), "{error}");
    let dir = copy(id, temp.path(), "foreign");
    reseal(&dir, |d| {
        d.id = "foreign".into();
        if let Some(b) = &mut d.backbone {
            b.sha256 = "0".repeat(64);
        }
    });
    let error = load(&dir).unwrap_err();
    assert!(error.to_string().contains("basic-cnn-open"), "{error}");
}

#[test]
fn the_cards_have_what_a_reader_needs() {
    let mut tasks = std::collections::BTreeMap::<String, f64>::new();
    for dir in pack::list(&packs()).unwrap() {
        let d = pack::describe(&dir).unwrap();
        let card = std::fs::read_to_string(dir.join("README.md")).unwrap();
        assert!(card.contains("Not a medical device"), "{}", d.id);
        assert!(card.contains("--example seal"), "the card has the command that makes its figures");
        for t in &d.tasks {
            assert!(card.contains(&format!("## {}", t.name)));
            assert!(card.contains(&t.caution) && card.contains(&t.intended_use.text));
            for s in &t.training {
                let strict = s.licence.contains("NC") || s.licence.contains("not stated");
                assert!(!strict || d.licence_class != LicenceClass::Open, "{}: {}", d.id, t.name);
            }
            let figure = macro_auroc(t).expect("the headline figure is there");
            let best = tasks.entry(t.name.clone()).or_default();
            *best = best.max(figure);
            for m in &t.metrics {
                let row = format!("| {} | {:.4} |", m.name, m.value);
                assert!(card.contains(&row), "card and model.toml agree on {}", m.name);
            }
            if t.standing == Standing::Measured {
                assert!(t.metrics.iter().all(|m| m.low.is_some() && m.high.is_some()));
                let right: usize = (0..t.labels.len()).map(|c| t.confusion[c][c]).sum();
                assert!(right > 0 && t.confusion.len() == t.labels.len(), "{}", t.name);
            } else {
                assert!(card.contains("**Not established**"));
            }
        }
    }
    assert_eq!(tasks.len(), 15, "{tasks:?}");
    let conditions: usize = pack::describe(&packs().join(pack::BUILT_IN)).unwrap().tasks.len();
    assert_eq!(conditions, 11, "the open tasks");
}

#[test]
fn blank_small_and_noisy_pictures_are_not_analysed_whatever_is_asked() {
    let engine = engine();
    for task in &engine.info().description.tasks {
        let reason = |picture: &RgbImage| {
            let answer = engine.answer(&engine.view(picture), &task.name).unwrap();
            assert!(answer.findings.is_empty() == answer.refused.is_some());
            assert!(answer.maps.len() == answer.findings.len());
            answer.refused.map(|(reason, _)| reason)
        };
        for grey in [0, 90, 255] {
            let plain = RgbImage::from_pixel(300, 300, Rgb([grey; 3]));
            assert_eq!(reason(&plain), Some(Reason::Blank), "{}", task.name);
        }
        assert_eq!(reason(&waves(31, 400)), Some(Reason::TooSmall));
        assert_eq!(reason(&waves(500, 400)), Some(Reason::OtherKind), "{}", task.name);
    }
}

#[test]
fn a_question_without_a_task_a_pack_or_a_network_finds_its_answer_or_none() {
    let shelf = shelf();
    let nothing = shelf.look(OPEN, &Wish::default(), Film::unknown(&waves(300, 300))).unwrap();
    assert!(nothing.task_open && nothing.answer.refused.is_some());
    let wish = |task: Option<&str>, network: Option<&str>, pack: Option<&str>| Wish {
        task: task.map(str::to_owned),
        network: network.map(str::to_owned),
        pack: pack.map(str::to_owned),
    };
    let look = |allowed, w| shelf.look(allowed, &w, Film::unknown(&waves(300, 300)));
    let asked = look(OPEN, wish(Some("knee_xray_oa"), None, None)).unwrap();
    assert_eq!(asked.answer.task, "knee_xray_oa");
    assert!(!asked.task_open, "what a person asked for is not open");
    for bad in [
        wish(Some("no_such_task"), None, None),
        wish(None, Some("no_such_network"), None),
        wish(None, None, Some("no_such_pack")),
        wish(None, None, Some("../models")),
        wish(Some("nc_skin_lesion"), None, Some(pack::BUILT_IN)),
    ] {
        let error = look(EVERY, bad.clone()).unwrap_err();
        assert!(matches!(error, ShelfError::Missing(_)), "{bad:?}: {error}");
    }
    let chest_or = |kind: &str| kind != "knee_xray";
    let film = waves(300, 300);
    let film = Film { picture: &film, may_be: &chest_or };
    let ruled_out = shelf.look(OPEN, &wish(Some("knee_xray_oa"), None, None), film).unwrap();
    assert_eq!(ruled_out.answer.refused, Some((Reason::RuledOut, None)));
    assert!(ruled_out.answer.findings.is_empty() && !ruled_out.task_open);
    let nothing_fits = Film { picture: film.picture, may_be: &|_| false };
    let open = shelf.look(OPEN, &Wish::default(), nothing_fits).unwrap();
    assert_eq!(open.answer.refused, Some((Reason::RuledOut, None)));
    assert!(open.task_open, "nobody asked for a task, and none fits");
    let only = |kind: &str| kind == "breast_ultrasound";
    let one = Film { picture: film.picture, may_be: &only };
    let near = shelf.look(OPEN, &Wish::default(), one).unwrap();
    assert_eq!(near.answer.task, "breast_ultrasound", "the only kind left is the nearest");
    let strict = wish(None, None, Some("basic-cnn-non-commercial"));
    assert!(matches!(look(OPEN, strict.clone()).unwrap_err(), ShelfError::NotAllowed(_)));
    look(EVERY, strict).unwrap();
    let skin = wish(Some("nc_skin_lesion"), None, None);
    assert!(look(OPEN, skin.clone()).is_err(), "a task of a pack that is not enabled is not there");
    assert_eq!(look(EVERY, skin).unwrap().answer.task, "nc_skin_lesion");
}

#[test]
fn the_engine_can_be_shared_with_a_worker_thread() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    shared(&engine());
    let score = || engine().score(&engine().view(&waves(200, 180)), "head_ct_hemorrhage");
    let there = std::thread::spawn(score).join().unwrap();
    assert!(there.is_some());
    assert_eq!(there, score(), "the same picture gives the same numbers on any thread");
}

#[test]
fn the_mean_of_a_raw_map_and_the_bias_make_the_logit() {
    // The map of a class explains its whole score: where no value is cut off, map and score agree.
    let engine = engine();
    let view = engine.view(&waves(128, 128));
    let a = engine.score(&view, "chest_xray_covid").unwrap();
    assert!((a.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    assert!(engine.score(&view, "no_such_task").is_none());
}

#[test]
fn preprocessing_gives_the_recorded_values() {
    let picture = RgbImage::from_fn(40, 20, |x, y| Rgb([(x * 6 + y) as u8; 3]));
    assert_eq!(
        letterbox_rect(40, 20, 8),
        inference::prep::Rect { x: 0, y: 2, width: 8, height: 4 }
    );
    let square = letterbox_rgb(&picture, 8);
    let row = |n: u32| -> Vec<u8> { (0..8).map(|x| square.get_pixel(x, n).0[1]).collect() };
    assert_eq!(row(0), [0; 8], "a bar above");
    assert_eq!(row(7), [0; 8], "a bar below");
    assert_eq!(row(2), GOLDEN_ROW, "the resampler is the one the network was trained with");
    let values = normalise_rgb(&square, &[0.5; 3], &[0.25, 0.5, 1.0]);
    assert_eq!((values[0], values[64], values[128]), (-2.0, -1.0, -0.5), "channel by channel");
    assert!((values[16] - (f32::from(GOLDEN_ROW[0]) / 255.0 - 0.5) / 0.25).abs() < 1e-6);
}

/// Recorded; Pillow's triangle filter gives the same but for one step of grey in the last value.
const GOLDEN_ROW: [u8; 8] = [17, 44, 74, 104, 134, 164, 194, 222];

#[test]
fn the_validation_split_is_the_hash_of_the_group_modulo_one_hundred() {
    // printf %s 680986bd2b | sha256sum, as an integer, modulo 100
    for (group, bucket) in BUCKETS {
        assert_eq!(manifest::group_bucket(group), bucket, "{group}");
        assert_eq!(manifest::is_validation(group), bucket < 15);
    }
}

const BUCKETS: [(&str, u32); 4] = [("680986bd2b", 32), ("e0e03b06da", 88), ("", 49), ("a", 99)];

#[test]
fn a_probability_has_one_word() {
    use Likelihood::*;
    let words = [
        (0.0, VeryUnlikely),
        (0.05, Unlikely),
        (0.25, Possible),
        (0.65, Likely),
        (0.9, VeryLikely),
        (1.0, VeryLikely),
        (f32::NAN, Possible),
    ];
    for (p, word) in words {
        assert_eq!(likelihood_word(p), word, "{p}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_picture_of_any_size_is_answered_or_refused(w in 1u32..3000, h in prop_oneof![1u32..16, 1u32..400], swap: bool, seed: u8) {
        let (w, h) = if swap { (h, w) } else { (w, h) };
        let picture = RgbImage::from_fn(w, h, |x, y| Rgb([(x.wrapping_mul(31) ^ y.wrapping_mul(17)) as u8 ^ seed, x as u8, y as u8]));
        let engine = engine();
        let view = engine.view(&picture);
        for task in &engine.info().description.tasks {
            let a = engine.answer(&view, &task.name).unwrap();
            let sum: f32 = a.findings.iter().map(|f| f.probability).sum();
            prop_assert!(a.refused.is_some() == a.findings.is_empty());
            prop_assert!(a.findings.is_empty() || (sum - 1.0).abs() < 1e-5);
            prop_assert!(a.place.x + a.place.width <= a.side && a.place.y + a.place.height <= a.side);
        }
    }
}

#[test]
fn pictures_of_one_pixel_and_of_none_are_refused_calmly() {
    for (w, h) in [(0, 0), (1, 1), (3000, 7), (7, 3000), (0, 9)] {
        let view = engine().view(&RgbImage::new(w, h));
        let answer = engine().answer(&view, "chest_xray_pneumonia").unwrap();
        assert!(matches!(answer.refused, Some((Reason::TooSmall, _))), "{w} x {h}");
    }
}

/// On the unzipped training pictures, where they are: `HEALTHSYNC_IMAGES`, else `../shared/data/images`.
#[test]
fn validation_pictures_score_as_the_card_says() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/images");
    let manifest_file = shared.join("manifest.csv");
    let root = std::env::var_os("HEALTHSYNC_IMAGES").map_or(shared, PathBuf::from);
    let rows = manifest::read_manifest(&manifest_file).unwrap_or_default();
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|r| manifest::is_validation(&r.group) && root.join(&r.file).is_file())
        .collect();
    if rows.is_empty() {
        eprintln!(
            "SKIPPED 1 test of the figures on the card: no unzipped pictures at {}",
            root.display()
        );
        return;
    }
    // Every tenth: a minute is too long for a test.
    let rows: Vec<_> = rows.into_iter().step_by(10).collect();
    let engines = [engine()];
    let report = measure::report(&engines, &measure::measure(&root, rows, &engines));
    for t in report.tasks.iter().filter(|t| t.pack.is_some()) {
        assert!(t.answered * 100 >= t.n * 85, "own pictures are answered: {t:?}");
        assert!(t.others_refused * 100 >= t.others * 92, "others are refused: {t:?}");
    }
    let own = report.tasks.iter().find(|t| t.task == "chest_xray_pneumonia").unwrap();
    assert!(own.finding_auroc.is_some_and(|a| a > 0.97), "{own:?}");
}
