//! The side that talks to the driver. Whatever a driver does, it does it here, and the program goes
//! on without it.

use super::Source;
use super::wire::{
    Hello, MAX_SIDE, Opening, Reply, Request, hear, hear_numbers, tell, tell_numbers,
};
use crate::compute::{Recipe, Seen};
use crate::module::Module;
use burn::tensor::Device;
use burn::tensor::wgpu::wgpu::DeviceType;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Answers until the other side closes the pipe or a driver fails.
pub(super) fn serve(mut from: impl Read, mut to: impl Write) -> Option<()> {
    let opening: Opening = hear(&mut from)?;
    let (hello, device) = match catch_unwind(card) {
        Ok(Ok((device, found))) => (found, Some(device)),
        Ok(Err(detail)) => (Hello::None { detail }, None),
        Err(_) => (Hello::None { detail: "the driver gave up".into() }, None),
    };
    let wanted = match &hello {
        Hello::Card { .. } => true,
        Hello::Software { .. } => opening.software,
        Hello::None { .. } => false,
    };
    tell(&mut to, &hello)?;
    let device = device.filter(|_| wanted)?;
    let mut loaded: HashMap<String, (usize, Module)> = HashMap::new();
    loop {
        let (reply, numbers) = match hear::<Request>(&mut from)? {
            Request::Load(weights) => {
                let made = catch_unwind(AssertUnwindSafe(|| load(&weights, &device)));
                match made.unwrap_or_else(|_| Err("the driver gave up".into())) {
                    Ok(network) => {
                        loaded.insert(weights.sha256, network);
                        (Reply::Loaded, vec![])
                    }
                    Err(detail) => (Reply::Failed { detail }, vec![]),
                }
            }
            Request::See { sha256, side } => {
                if side > MAX_SIDE {
                    return None;
                }
                let picture = hear_numbers(&mut from, 3 * side * side, 3 * MAX_SIDE * MAX_SIDE)?;
                let (_, network) = loaded.get(&sha256).filter(|(own, _)| *own == side)?;
                match catch_unwind(AssertUnwindSafe(|| network.see(&picture))) {
                    Ok(Seen { rows, columns, maps, .. }) => {
                        let channels = maps.len() / (rows * columns).max(1);
                        (Reply::Seen { channels, rows, columns }, maps)
                    }
                    Err(_) => (Reply::Failed { detail: "the card was lost".into() }, vec![]),
                }
            }
        };
        tell(&mut to, &reply)?;
        tell_numbers(&mut to, &numbers)?;
    }
}

/// The fastest card there is, and who it is.
fn card() -> Result<(Device, Hello), String> {
    // `Device::wgpu` would panic where there is none; this says so.
    let (device, setup) =
        Device::wgpu_options().init_with_setup().map_err(|error| error.to_string())?;
    let info = setup.adapter.get_info();
    let name = info.name;
    Ok(match info.device_type {
        // A program that imitates a card is slower than the processor it runs on.
        DeviceType::Cpu => (device, Hello::Software { name }),
        _ => (device, Hello::Card { name, api: format!("{:?}", info.backend) }),
    })
}

fn load(weights: &Source, device: &Device) -> Result<(usize, Module), String> {
    let bytes = std::fs::read(&weights.file).map_err(|error| error.to_string())?;
    if crate::pack::sha256(&bytes) != weights.sha256 {
        return Err("the weights are not those of the pack".into());
    }
    let recipe = Recipe {
        architecture: weights.architecture,
        plan: weights.plan.clone(),
        taps: weights.taps.clone(),
        weights: Arc::new(bytes),
        side: weights.side,
    };
    let module = recipe.module(device).map_err(|error| error.to_string())?;
    Ok((weights.side, module))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::Architecture;
    use safetensors::tensor::{Dtype, TensorView};
    use std::path::PathBuf;

    /// Two convolutions with their normalisation; values without a pattern.
    fn weights(folder: &std::path::Path) -> Source {
        let shapes: Vec<(String, Vec<usize>)> = [(0, 8, 3), (1, 16, 8)]
            .into_iter()
            .flat_map(|(n, out, of)| {
                let bn = |part: &str| (format!("blocks.{n}.bn.{part}"), vec![out]);
                let conv = (format!("blocks.{n}.conv.weight"), vec![out, of, 3, 3]);
                ["weight", "bias", "running_mean", "running_var"].map(bn).into_iter().chain([conv])
            })
            .collect();
        let values = |name: &str, shape: &[usize]| -> Vec<u8> {
            let count = shape.iter().product::<usize>();
            let value = |i: usize| ((i * 7919 + name.len() * 31) % 101) as f32 / 101.0 - 0.4;
            let positive = name.ends_with("running_var");
            (0..count)
                .map(value)
                .map(|v| if positive { v.abs() + 0.5 } else { v })
                .flat_map(f32::to_le_bytes)
                .collect()
        };
        let data: Vec<(String, Vec<usize>, Vec<u8>)> =
            shapes.into_iter().map(|(n, s)| (n.clone(), s.clone(), values(&n, &s))).collect();
        let views = data.iter().map(|(name, shape, bytes)| {
            (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).expect("it fits"))
        });
        let bytes = safetensors::serialize(views, None).expect("a file");
        let file: PathBuf = folder.join("weights.safetensors");
        std::fs::write(&file, &bytes).expect("written");
        Source {
            file,
            sha256: crate::pack::sha256(&bytes),
            architecture: Architecture::BasicCnn,
            plan: vec![[3, 8, 3, 2, 1, 1], [8, 16, 3, 1, 0, 1]],
            taps: vec![],
            side: 32,
        }
    }

    /// Any adapter will do for the numbers, also one that only imitates a card.
    #[test]
    fn a_driver_gives_the_numbers_of_the_processor() {
        let folder = tempfile::tempdir().expect("a folder");
        let weights = weights(folder.path());
        let picture: Vec<f32> =
            (0..3 * 32 * 32).map(|i| (i * 37 % 101) as f32 / 50.0 - 1.0).collect();
        let mut asked = vec![];
        let wrong = Source { sha256: "00".repeat(32), ..weights.clone() };
        let see = Request::See { sha256: weights.sha256.clone(), side: 32 };
        tell(&mut asked, &Opening { software: true }).expect("told");
        tell(&mut asked, &Request::Load(wrong)).expect("told");
        tell(&mut asked, &Request::Load(weights.clone())).expect("told");
        tell(&mut asked, &see).expect("told");
        tell_numbers(&mut asked, &picture).expect("told");
        let mut said = vec![];
        let _ = serve(&asked[..], &mut said);
        let mut said = &said[..];
        if let Some(Hello::None { detail }) = hear(&mut said) {
            eprintln!("SKIPPED 1: no graphics driver is installed here ({detail})");
            return;
        }
        let reply = hear(&mut said);
        assert!(matches!(reply, Some(Reply::Failed { .. })), "another file's weights: {reply:?}");
        let reply = hear(&mut said);
        assert!(matches!(reply, Some(Reply::Loaded)), "{reply:?}");
        let Some(Reply::Seen { channels, rows, columns }) = hear(&mut said) else {
            panic!("no maps");
        };
        assert_eq!((channels, rows, columns), (16, 8, 8));
        let maps = hear_numbers(&mut said, 16 * 64, MAX_SIDE).expect("numbers");
        let (_, own) = load(&weights, &Device::flex()).expect("a network");
        let difference = cnn_engine::relative_difference(&maps, &own.see(&picture).maps);
        assert!(difference < 1e-3, "{difference}");
    }
}
