use super::*;
use crate::pack::{describe, sha256};
use crate::prep::normalise_rgb;
use std::path::{Path, PathBuf};

const OWN_NETWORKS: [&str; 3] = ["basic-cnn-open", "resnet50-open", "efficientnet-b0-open"];

fn pack(id: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(id)
}

fn recipe(id: &str) -> Recipe {
    let d = describe(&pack(id)).expect("the pack is there");
    let weights = std::fs::read(pack(id).join("weights.safetensors")).expect("so are its weights");
    assert_eq!(Some(&sha256(&weights)), d.files.get("weights.safetensors"));
    let side = d.input.size as usize;
    let (architecture, plan, taps) = (d.architecture, d.plan, d.taps);
    Recipe { architecture, plan, taps, weights: Arc::new(weights), side }
}

/// The golden pictures of a pack, prepared.
fn pictures(id: &str) -> Vec<Vec<f32>> {
    let input = describe(&pack(id)).expect("the pack is there").input;
    let bytes = std::fs::read(pack(id).join("golden.safetensors")).expect("so are its vectors");
    let st = SafeTensors::deserialize(&bytes).expect("they are tensors");
    let stored = st.tensor("input").expect("the pictures are there");
    let square = |p: &[u8]| image::RgbImage::from_raw(input.size, input.size, p.to_vec());
    let each = stored.data().chunks_exact((input.size * input.size * 3) as usize);
    each.map(|p| normalise_rgb(&square(p).expect("its size"), &input.mean, &input.std)).collect()
}

fn module(recipe: &Recipe) -> Module {
    recipe.module(&Device::flex()).expect("a module")
}

/// The same weights file with one number in the middle of a large tensor made 0.
fn spoilt(recipe: &Recipe, tensor: &str) -> Recipe {
    let mut weights = recipe.weights.to_vec();
    let st = SafeTensors::deserialize(&recipe.weights).expect("they are tensors");
    let data = st.tensor(tensor).expect("the tensor is there").data();
    let at = data.as_ptr() as usize - recipe.weights.as_ptr() as usize;
    weights[at..at + data.len() / 2].fill(0);
    let (plan, taps) = (recipe.plan.clone(), recipe.taps.clone());
    Recipe { plan, taps, weights: Arc::new(weights), ..*recipe }
}

#[test]
fn the_engine_agrees_with_the_module_on_trained_weights_with_every_instruction_set() {
    for id in OWN_NETWORKS {
        let (recipe, pictures) = (recipe(id), pictures(id));
        let module = module(&recipe);
        for set in InstructionSet::ALL.into_iter().filter(|set| set.is_supported()) {
            for winograd in [WinogradUse::Never, WinogradUse::Always] {
                let way = recipe.planned(winograd, Some(set)).expect("a plan");
                for picture in &pictures {
                    let seen = way.see(picture).expect("it runs");
                    let reference = module.see(picture);
                    assert_eq!((seen.rows, seen.columns), (reference.rows, reference.columns));
                    let difference = seen.difference(&reference);
                    let what = format!("{id} {} {winograd:?}: {difference:e}", set.name());
                    assert!(difference <= AGREEMENT, "{what}");
                    assert!(difference > 0.0, "two programs do not round alike: {what}");
                }
            }
        }
    }
}

#[test]
fn the_engine_is_chosen_where_it_agrees_and_says_so() {
    for id in OWN_NETWORKS {
        let (recipe, picture) = (recipe(id), pictures(id).swap_remove(0));
        let compute = Compute::new(recipe, &picture).expect("a network");
        let computed = &compute.computed;
        assert_eq!((computed.by, &computed.why), (By::Engine, &None), "{id}: {computed}");
        assert!(computed.difference.is_some_and(|d| d <= AGREEMENT), "{id}: {computed}");
        assert!(computed.threads.is_some_and(|n| n > 0) && computed.instructions.is_some());
        assert!(compute.module.get().is_none(), "what is not needed takes no memory");
        let (seen, failed) = compute.see(&picture);
        assert_eq!((failed, seen.features.len()), (None, compute.features));
        let places = seen.rows * seen.columns;
        assert_eq!(seen.maps.len(), compute.features * places);
        let means = Seen::of_maps(seen.rows, seen.columns, seen.maps.clone());
        assert!(means.difference(&seen) < 1e-5, "the features are the means of the maps");
    }
}

#[test]
fn a_plan_that_disagrees_is_not_used() {
    let (recipe, picture) = (recipe("resnet50-open"), pictures("resnet50-open").swap_remove(0));
    let wrong = spoilt(&recipe, "layer3.1.conv2.weight");
    let reference = module(&recipe).see(&picture);
    let (way, computed) = chosen(&wrong, None, &reference, &picture);
    assert!(way.is_none());
    assert_eq!(computed.by, By::Module);
    assert!(computed.difference.is_some_and(|d| d > AGREEMENT), "{computed}");
    assert!(computed.why.is_some() && computed.to_string().contains("differs"), "{computed}");
}

#[test]
fn where_winograd_alone_disagrees_the_plan_without_it_is_used() {
    let (recipe, picture) = (recipe("resnet50-open"), pictures("resnet50-open").swap_remove(0));
    let reference = module(&recipe).see(&picture);
    let wrong = spoilt(&recipe, "layer1.0.conv2.weight").planned(WinogradUse::Always, None);
    assert!(wrong.as_ref().is_ok_and(|way| way.plan().uses_winograd()));
    let again = || recipe.planned(WinogradUse::Never, None);
    let (way, computed) = choose(wrong, again, &reference, &picture);
    assert!(way.is_some() && computed.by == By::Engine && !computed.winograd, "{computed}");
}

#[test]
fn a_picture_that_makes_no_numbers_proves_nothing() {
    let (recipe, mut picture) = (recipe("basic-cnn-open"), pictures("basic-cnn-open").remove(0));
    picture[7] = f32::NAN;
    let compute = Compute::new(recipe, &picture).expect("a network");
    assert_eq!(compute.computed.by, By::Module, "{}", compute.computed);
}

#[test]
fn what_the_engine_cannot_do_the_module_does() {
    let (recipe, picture) = (recipe("basic-cnn-open"), pictures("basic-cnn-open").remove(0));
    let reference = module(&recipe).see(&picture);
    let none = || Err("no plan".to_owned());
    let (way, computed) = choose(none(), none, &reference, &picture);
    assert!(way.is_none() && computed.by == By::Module);
    assert!(computed.to_string().contains("no plan"), "{computed}");
}

#[derive(Debug)]
struct Failing;
impl Way for Failing {
    fn see(&self, _: &[f32]) -> Result<Seen, String> {
        Err("the cable was pulled".to_owned())
    }
}

#[test]
fn a_way_that_fails_is_followed_by_the_module_and_whoever_asked_is_told() {
    let (recipe, picture) = (recipe("basic-cnn-open"), pictures("basic-cnn-open").remove(0));
    let reference = module(&recipe).see(&picture);
    let mut compute = Compute::new(recipe, &picture).expect("a network");
    compute.faster = Some(Box::new(Failing));
    for _ in 0..2 {
        let (seen, why) = compute.see(&picture);
        assert_eq!(why.as_deref(), Some("the cable was pulled"));
        assert_eq!(seen, reference, "the module answers");
    }
    let (short, why) = (&picture[1..], "are no picture");
    let plan = chosen(&compute.recipe, None, &reference, &picture).0.expect("a plan");
    assert!(plan.see(short).is_err_and(|e| e.contains(why)));
}
