use super::*;
use crate::measure::split_mix;
use crate::pack;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

const TASK: &str = "head_ct_hemorrhage";

fn packs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

fn engine() -> Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    let load = || Engine::load_unpinned(&packs().join(pack::BUILT_IN), &[]).expect("built in");
    ENGINE.get_or_init(|| Arc::new(load())).clone()
}

struct Numbers(u64);
impl Numbers {
    /// 0 to 1.
    fn even(&mut self) -> f64 {
        (split_mix(&mut self.0) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Pictures whose features are noise, and whose truth is drawn by the head that the pack has, at
/// `temperature` times its own; `turned`: by the head with its labels changed about.
fn samples(n: usize, temperature: f64, turned: bool) -> Vec<Sample> {
    let engine = engine();
    let (head, mut numbers) = (engine.head_of(TASK).unwrap().clone(), Numbers(11));
    let width = head.weight.len() / head.bias.len();
    let own = f64::from(engine.info().description.task(TASK).unwrap().calibration.temperature);
    let mut raw: Vec<Vec<f32>> = vec![];
    for _ in 0..n {
        // Two pictures in three are of one person.
        raw.push((0..width).map(|_| (numbers.even() * 2.0) as f32).collect());
    }
    let difference = |f: &[f32]| f64::from(head.logits(f)[1] - head.logits(f)[0]);
    let mean = raw.iter().map(|f| difference(f)).sum::<f64>() / n as f64;
    raw.into_iter()
        .enumerate()
        .map(|(i, features)| {
            // About the mean, so that both labels are drawn.
            let z = (difference(&features) - mean) / (own * temperature);
            let p = 1.0 / (1.0 + (-z).exp());
            let second = numbers.even() < p;
            let truth = usize::from(second != turned);
            Sample { group: format!("person {}", i * 2 / 3), features, truth }
        })
        .collect()
}

#[test]
fn the_fitted_temperature_is_the_one_the_labels_were_drawn_with() {
    let mut numbers = Numbers(5);
    let mut list = vec![];
    for _ in 0..4_000 {
        let z = vec![(numbers.even() - 0.5) * 12.0, 0.0];
        let p = softmax(&z, 2.5);
        list.push((z, usize::from(numbers.even() > p[0])));
    }
    let found = temperature_of(&list);
    assert!((found - 2.5).abs() < 0.2, "found {found}");
}

#[test]
fn a_head_with_few_pictures_stays_near_and_one_with_wrong_labels_learns_to_turn_round() {
    let old = crate::load::Head { weight: vec![1.0, 0.0, -1.0, 0.0], bias: vec![0.0, 0.0] };
    let mut numbers = Numbers(3);
    let mut made = |n: usize| -> Vec<Sample> {
        (0..n)
            .map(|i| {
                let features = vec![numbers.even() as f32 - 0.5, numbers.even() as f32];
                // The other way round than the old head says.
                let truth = usize::from(features[0] > 0.0);
                Sample { group: format!("{i}"), features, truth }
            })
            .collect()
    };
    let (few, many, test) = (made(4), made(200), made(300));
    let right = |head: &crate::load::Head| {
        let of = |s: &&Sample| {
            let z = head.logits(&s.features);
            usize::from(z[1] > z[0]) == s.truth
        };
        test.iter().filter(of).count()
    };
    let fitted = |list: &[Sample]| head_of(&old, &list.iter().collect::<Vec<_>>(), 2);
    assert!(right(&old) < 20);
    assert!(right(&fitted(&many)) > 280, "{} of 300", right(&fitted(&many)));
    let moved = |head: &crate::load::Head| -> f32 {
        head.weight.iter().zip(&old.weight).map(|(a, b)| (a - b).abs()).sum()
    };
    assert!(moved(&fitted(&few)) < moved(&fitted(&many)), "four pictures move it less");
}

#[test]
fn too_few_pictures_are_refused_with_the_label_and_the_numbers() {
    let all = samples(18, 1.0, false);
    let refused = refit(&engine(), TASK, What::Temperature, &all).unwrap_err();
    assert!(matches!(refused, Refused::TooFew { least: 10, .. }), "{refused}");
    let all = samples(50, 1.0, false);
    let refused = refit(&engine(), TASK, What::Head, &all).unwrap_err();
    assert!(matches!(refused, Refused::TooFew { least: 30, .. }), "{refused}");
    assert_eq!(refit(&engine(), "no_task", What::Head, &all).unwrap_err(), Refused::NoTask);
}

#[test]
fn a_pack_that_fits_already_is_not_replaced() {
    // Labels drawn by chance alone teach nothing that holds for other people.
    let mut all = samples(160, 1.0, false);
    let mut numbers = Numbers(77);
    let engine = engine();
    let head = engine.head_of(TASK).unwrap().clone();
    let own = f64::from(engine.info().description.task(TASK).unwrap().calibration.temperature);
    for s in &mut all {
        let z: Vec<f64> = head.logits(&s.features).into_iter().map(f64::from).collect();
        // Sure labels by the head itself with a few taken at random: the shipped fit is good.
        s.truth = usize::from(numbers.even() > softmax(&z, own)[0]);
    }
    match refit(&engine, TASK, What::Temperature, &all) {
        Err(Refused::NotBetter { .. } | Refused::TooFew { .. }) => {}
        Err(other) => panic!("{other}"),
        Ok(f) => panic!("{} to {}", f.before.log_loss, f.after.log_loss),
    }
}

fn fitted(what: What, temperature: f64, turned: bool) -> Fitted {
    let all = samples(200, temperature, turned);
    refit(&engine(), TASK, what, &all).unwrap_or_else(|e| panic!("{e}"))
}

fn loaded(fitted: &Fitted, temp: &Path) -> Engine {
    let to = temp.join(pack::BUILT_IN);
    std::fs::create_dir_all(&to).unwrap();
    let maker = Maker {
        facility: "Lakeside".into(),
        day: "2026-11-21".into(),
        version: "0.1.0-site.1".into(),
    };
    let hash = write(&engine(), &packs().join(pack::BUILT_IN), &to, fitted, &maker).unwrap();
    let made = Engine::load_unpinned(&to, &[]).expect("the new version proves itself");
    assert_eq!(made.info().sha256, hash);
    made
}

#[test]
fn a_new_temperature_makes_a_version_with_the_same_network_and_heads() {
    let fitted = fitted(What::Temperature, 6.0, false);
    assert!(fitted.temperature > 2.0 * fitted.temperature_before, "{}", fitted.temperature);
    assert!(fitted.after.log_loss < fitted.before.log_loss);
    assert!(fitted.fitted_n + fitted.held_out_n == 200 && fitted.held_out_n > 30);
    let temp = tempfile::tempdir().unwrap();
    let made = loaded(&fitted, temp.path());
    let (old, new) = (&engine().info().description.clone(), &made.info().description);
    for file in ["weights.safetensors", "heads.safetensors", "ood.safetensors"] {
        assert_eq!(old.files[file], new.files[file], "{file}");
    }
    assert_eq!(new.version, "0.1.0-site.1");
    let task = new.task(TASK).unwrap();
    assert!((f64::from(task.calibration.temperature) - fitted.temperature).abs() < 1e-5);
    assert!(task.caution.contains("re-fitted at Lakeside"), "{}", task.caution);
    let card = std::fs::read_to_string(temp.path().join(pack::BUILT_IN).join("README.md")).unwrap();
    assert!(card.contains("re-fitted at Lakeside") && card.contains("measured on"), "{card}");
    let others = |d: &crate::describe::Description| {
        d.tasks.iter().filter(|t| t.name != TASK).cloned().collect::<Vec<_>>()
    };
    assert_eq!(others(old), others(new), "no other task changed");
}

#[test]
fn a_new_head_answers_as_it_was_fitted_and_no_other_task_is_touched() {
    let fitted = fitted(What::Head, 0.3, true);
    let temp = tempfile::tempdir().unwrap();
    let made = loaded(&fitted, temp.path());
    let picture =
        image::RgbImage::from_fn(200, 180, |x, y| image::Rgb([((x * 7 + y * 13) % 251) as u8; 3]));
    let (was, is) = (engine(), made);
    for task in &was.info().description.tasks {
        let of = |e: &Engine| e.score(&e.view(&picture), &task.name).unwrap().probabilities;
        assert_eq!(of(&was) == of(&is), task.name != TASK, "{}", task.name);
    }
    let old = was.info().description.files["weights.safetensors"].clone();
    assert_eq!(old, is.info().description.files["weights.safetensors"]);
}
