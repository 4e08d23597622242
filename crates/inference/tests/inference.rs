//! The built-in pack, its refusals and its answers, through the public interface only.

use image::{GrayImage, Luma};
use inference::pack::{self, PackError};
use inference::prep::{InputSpec, letterbox, letterbox_rect, prepare};
use inference::{Analysis, Engine, Likelihood, Reason, Status, likelihood_word, manifest};
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

fn built_in() -> PathBuf {
    packs().join(pack::BUILT_IN)
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::load(&built_in()).expect("the built-in pack loads"))
}

/// A copy that may be spoilt, in a folder of the same name.
fn copy(into: &Path, name: &str) -> PathBuf {
    let dir = into.join(name);
    std::fs::create_dir_all(&dir).unwrap();
    for file in pack::FILES.iter().chain([&pack::MODEL]) {
        std::fs::copy(built_in().join(file), dir.join(file)).unwrap();
    }
    dir
}

/// The copy under another id, as somebody else's pack: no pinned hash protects it.
fn foreign(into: &Path) -> PathBuf {
    let dir = copy(into, "foreign");
    let text = std::fs::read_to_string(dir.join(pack::MODEL)).unwrap();
    std::fs::write(
        dir.join(pack::MODEL),
        text.replace("id = \"chest-xray-basic\"", "id = \"foreign\""),
    )
    .unwrap();
    pack::seal(&dir).unwrap();
    dir
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

/// A picture like a chest film to nobody, but with contrast: smooth waves from numbers.
fn waves(w: u32, h: u32) -> GrayImage {
    GrayImage::from_fn(w, h, |x, y| Luma([((x * 7 + y * 13) % 251) as u8]))
}

#[test]
fn the_built_in_pack_is_the_one_the_program_was_built_with() {
    let info = engine().info();
    assert!(info.built_in, "its hash is pinned");
    assert_eq!(Some(info.sha256.as_str()), pack::pinned(pack::BUILT_IN));
    assert_eq!(inference::default_packs_dir().map(|d| d.join(pack::BUILT_IN).is_dir()), Some(true));
    assert_eq!(
        pack::list(&packs()).unwrap().len(),
        pack::PINS.lines().count(),
        "every pack has a pinned hash"
    );
}

#[test]
fn the_hash_of_a_pack_can_be_made_with_sha256sum() {
    // sha256sum of the sorted lines "<sha256>  <file>\n"
    use sha2::{Digest, Sha256};
    let mut names: Vec<&str> = pack::FILES.iter().copied().chain([pack::MODEL]).collect();
    names.sort_unstable();
    let lines: String = names
        .iter()
        .map(|n| {
            format!(
                "{}  {n}\n",
                hex::encode(Sha256::digest(std::fs::read(built_in().join(n)).unwrap()))
            )
        })
        .collect();
    assert_eq!(hex::encode(Sha256::digest(lines.as_bytes())), engine().info().sha256);
}

#[test]
fn one_changed_byte_in_any_file_is_refused_by_the_name_of_the_file() {
    let temp = tempfile::tempdir().unwrap();
    for file in pack::FILES.iter().chain([&pack::MODEL]) {
        let dir = copy(temp.path(), pack::BUILT_IN);
        let bytes = std::fs::read(dir.join(file)).unwrap();
        for place in [0, 9, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
            let mut spoilt = bytes.clone();
            spoilt[place] ^= 1;
            std::fs::write(dir.join(file), &spoilt).unwrap();
            let error = Engine::load(&dir).expect_err("a changed byte is refused");
            assert!(
                matches!(&error, PackError::HashMismatch { file: named, .. } if named == file),
                "{file} at {place}: {error}"
            );
            assert!(error.to_string().contains(file), "the sentence names the file: {error}");
        }
    }
}

#[test]
fn a_missing_file_a_missing_tensor_and_a_tensor_too_many_are_each_refused() {
    let temp = tempfile::tempdir().unwrap();
    let dir = foreign(temp.path());
    Engine::load(&dir).expect("a whole foreign pack loads");
    let weights = dir.join("weights.safetensors");
    let whole = std::fs::read(&weights).unwrap();

    change_tensors(&weights, |all| all.retain(|t| t.0 != "gate.blocks.1.bn.running_mean"));
    pack::seal(&dir).unwrap();
    let error = Engine::load(&dir).unwrap_err();
    assert!(
        matches!(&error, PackError::MissingTensor { tensor, .. } if tensor.contains("gate.blocks.1.bn")),
        "{error}"
    );

    std::fs::write(&weights, &whole).unwrap();
    change_tensors(&weights, |all| {
        all.push(("net.extra.weight".to_owned(), Dtype::F32, vec![1], vec![0; 4]))
    });
    pack::seal(&dir).unwrap();
    let error = Engine::load(&dir).unwrap_err();
    assert!(
        matches!(&error, PackError::UnusedTensor { tensor, .. } if tensor.contains("net.extra")),
        "{error}"
    );

    std::fs::write(&weights, b"no tensors at all").unwrap();
    pack::seal(&dir).unwrap();
    assert!(matches!(Engine::load(&dir).unwrap_err(), PackError::BadTensor { .. }));

    std::fs::remove_file(&weights).unwrap();
    assert!(matches!(Engine::load(&dir).unwrap_err(), PackError::Unreadable { .. }));
}

#[test]
fn a_pack_whose_network_answers_otherwise_than_it_was_trained_to_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let dir = foreign(temp.path());
    change_tensors(&dir.join("weights.safetensors"), |all| {
        let bias = all.iter_mut().find(|t| t.0 == "net.head.bias").unwrap();
        bias.3[1] ^= 4; // one exponent bit of a 16-bit number
    });
    pack::seal(&dir).unwrap();
    let error = Engine::load(&dir).unwrap_err();
    assert!(matches!(error, PackError::GoldenMismatch { .. }), "{error}");
}

#[test]
fn what_this_program_does_not_have_is_named() {
    let temp = tempfile::tempdir().unwrap();
    let dir = foreign(temp.path());
    let text = std::fs::read_to_string(dir.join(pack::MODEL)).unwrap();
    for (from, to) in [
        ("architecture = \"basic_cnn\"", "architecture = \"resnet50\""),
        ("filter = \"triangle\"", "filter = \"lanczos3\""),
        ("format = 1", "format = 2"),
    ] {
        assert!(text.contains(from));
        std::fs::write(dir.join(pack::MODEL), text.replace(from, to)).unwrap();
        assert!(matches!(Engine::load(&dir).unwrap_err(), PackError::Unsupported { .. }), "{to}");
    }
    std::fs::write(dir.join(pack::MODEL), text.replace("temperature", "temperatur")).unwrap();
    assert!(
        matches!(Engine::load(&dir).unwrap_err(), PackError::Description { .. }),
        "a misspelt field is not ignored"
    );
    std::fs::write(dir.join(pack::MODEL), text.replace("\"README.md\"", "\"../README.md\""))
        .unwrap();
    assert!(
        matches!(Engine::load(&dir).unwrap_err(), PackError::Description { .. }),
        "no file outside the folder is read"
    );
}

#[test]
fn the_card_and_the_description_have_every_field_a_reader_needs() {
    let d = &engine().info().description;
    assert_eq!(d.id, pack::BUILT_IN);
    assert_eq!(d.task, "chest_xray_pneumonia");
    let labels: Vec<(&str, Option<&str>)> =
        d.labels.iter().map(|l| (l.name.as_str(), l.snomed_ct.as_deref())).collect();
    assert_eq!(
        labels,
        [
            ("normal", None),
            ("bacterial_pneumonia", Some("53084003")),
            ("viral_pneumonia", Some("75570004"))
        ]
    );
    assert_eq!(d.intended_use.age_max_years, 15);
    assert!(
        d.calibration.fitted_on.contains("validation"),
        "the card says where the temperature was fitted"
    );
    assert!(
        d.training.iter().all(|s| !s.licence.is_empty())
            && d.training.iter().any(|s| s.used_for == "findings")
    );
    assert!(
        !d.training.iter().any(|s| s.licence.contains("NC")),
        "nothing non-commercial was trained on"
    );
    assert!(!d.thresholds.is_empty());
    let auroc = d
        .metrics
        .iter()
        .find(|m| m.name.starts_with("AUROC, pneumonia against normal"))
        .expect("the headline figure is there");
    assert!(auroc.value >= 0.97 && auroc.low.is_some() && auroc.high.is_some(), "{auroc:?}");
    let floor = d
        .metrics
        .iter()
        .find(|m| m.name.starts_with("Balanced accuracy"))
        .and_then(|m| m.low)
        .expect("with its interval");
    assert!(floor > 1.0 / 3.0 + 0.05, "the interval stays clear of guessing");
    for t in &d.thresholds {
        for (kind, stored) in [("Sensitivity", t.sensitivity), ("Specificity", t.specificity)] {
            let name = format!("{kind} for pneumonia at {} ({}), gates off", t.value, t.name);
            let measured =
                d.metrics.iter().find(|m| m.name == name).expect("every threshold is measured");
            assert!((measured.value - f64::from(stored)).abs() < 1e-4, "{name}");
        }
    }
    let card = std::fs::read_to_string(built_in().join("README.md")).unwrap();
    for heading in [
        "Intended use",
        "Out of scope",
        "Training data",
        "Split",
        "Pre-processing",
        "Network",
        "Figures",
        "Calibration",
        "Gates",
        "Known weaknesses",
        "Heat-map",
        "Make it again",
        "Versions",
    ] {
        assert!(card.contains(&format!("## {heading}")), "the card has a section {heading}");
    }
    assert!(card.contains("not a medical device"));
    assert!(card.contains("--example seal"), "the card has the command that makes its figures");
    for m in &d.metrics {
        assert!(
            card.contains(&format!("| {} | {:.4} |", m.name, m.value)),
            "the card and model.toml agree on {}",
            m.name
        );
    }
    assert!(
        pack::FILES
            .iter()
            .map(|f| std::fs::metadata(built_in().join(f)).unwrap().len())
            .sum::<u64>()
            < 5 << 20,
        "the pack is small"
    );
}

#[test]
fn blank_small_noisy_and_negative_pictures_are_not_analysed() {
    let reason = |g: &GrayImage| match engine().analyze(g) {
        Analysis {
            status: Status::Abstained { reason, detail, .. },
            findings,
            cam,
            pneumonia: None,
            ..
        } if findings.is_empty() && cam.is_empty() => {
            assert!(!detail.is_empty() && reason.sentence().ends_with('.'));
            Some(reason)
        }
        _ => None,
    };
    for grey in [0, 90, 255] {
        assert_eq!(reason(&GrayImage::from_pixel(300, 300, Luma([grey]))), Some(Reason::Blank));
    }
    assert_eq!(reason(&waves(31, 400)), Some(Reason::TooSmall));
    assert_eq!(
        reason(&GrayImage::from_fn(200, 200, |x, _| Luma([if x < 190 { 255 } else { 0 }]))),
        Some(Reason::Clipped)
    );
    assert_eq!(reason(&waves(500, 400)), Some(Reason::NotChestXray));
}

#[test]
fn the_engine_can_be_shared_with_a_worker_thread() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    shared(engine());
    let there = std::thread::spawn(|| engine().score(&waves(200, 180))).join().unwrap();
    assert_eq!(
        there,
        engine().score(&waves(200, 180)),
        "the same picture gives the same numbers on any thread"
    );
}

#[test]
fn preprocessing_gives_the_recorded_values() {
    let spec = InputSpec {
        size: 8,
        mean: 0.5,
        std: 0.25,
        filter: "triangle".into(),
        fit: "letterbox-black".into(),
    };
    let picture = GrayImage::from_fn(40, 20, |x, y| Luma([(x * 6 + y) as u8]));
    assert_eq!(
        letterbox_rect(40, 20, 8),
        inference::prep::Rect { x: 0, y: 2, width: 8, height: 4 }
    );
    let square = letterbox(&picture, 8);
    let rows: Vec<&[u8]> = square.as_raw().chunks(8).collect();
    assert_eq!(rows[0], [0; 8], "a bar above");
    assert_eq!(rows[7], [0; 8], "a bar below");
    assert_eq!(rows[2], GOLDEN_ROW, "the resampler is the one the network was trained with");
    let values = prepare(&picture, &spec);
    assert_eq!(values[0], -2.0);
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
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn a_picture_of_any_size_is_answered_or_refused(w in 1u32..3000, h in prop_oneof![1u32..16, 1u32..400], swap: bool, seed: u8) {
        let (w, h) = if swap { (h, w) } else { (w, h) };
        let picture = GrayImage::from_fn(w, h, |x, y| Luma([(x.wrapping_mul(31) ^ y.wrapping_mul(17)) as u8 ^ seed]));
        let a = engine().analyze(&picture);
        match a.status {
            Status::Ok => {
                let sum: f32 = a.findings.iter().map(|f| f.probability).sum();
                prop_assert!((sum - 1.0).abs() < 1e-5);
            }
            Status::Abstained { .. } => prop_assert!(a.findings.is_empty()),
        }
        let scores = engine().score(&picture);
        prop_assert!((scores.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        prop_assert!(a.letterbox.x + a.letterbox.width <= a.input_size && a.letterbox.y + a.letterbox.height <= a.input_size);
    }
}

#[test]
fn pictures_of_one_pixel_and_of_none_are_refused_calmly() {
    for (w, h) in [(0, 0), (1, 1), (3000, 7), (7, 3000), (0, 9)] {
        assert!(
            matches!(
                engine().analyze(&GrayImage::new(w, h)).status,
                Status::Abstained { reason: Reason::TooSmall, .. }
            ),
            "{w} x {h}"
        );
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
    // Every fifth: a minute is too long for a test.
    let rows: Vec<_> = rows.into_iter().step_by(5).collect();
    let report =
        inference::evaluate::report(engine(), &inference::evaluate::measure(&root, rows, engine()));
    let gate = &report.gate;
    assert!(gate.chest_accepted * 100 >= gate.chest * 92, "chest X-rays are answered: {gate:?}");
    assert!(gate.other_refused * 100 >= gate.other * 95, "other pictures are refused: {gate:?}");
    let own = report
        .tasks
        .iter()
        .find(|t| t.task == "chest_xray_pneumonia")
        .expect("the task is in the manifest");
    assert!(own.finding_auroc.is_some_and(|a| a > 0.95), "{own:?}");
}
