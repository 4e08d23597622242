//! The side that talks to the driver. Whatever a driver does, it does it here, and the program goes
//! on without it.

use super::wire::{
    Hello, MAX_SIDE, Opening, Reply, Request, Weights, hear, hear_numbers, tell, tell_numbers,
};
use crate::graph::Reference;
use crate::networks;
use burn::tensor::Device;
use burn::tensor::wgpu::wgpu::DeviceType;
use safetensors::SafeTensors;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

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
    let mut loaded: HashMap<String, Reference> = HashMap::new();
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
                let picture = hear_numbers(&mut from, 3 * side.min(MAX_SIDE + 1).pow(2), 3 * MAX_SIDE * MAX_SIDE)?;
                let network = loaded.get(&sha256)?;
                let see = || network.features(&picture, side);
                match catch_unwind(AssertUnwindSafe(see)) {
                    Ok((channels, rows, columns, maps)) => {
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

fn load(weights: &Weights, device: &Device) -> Result<Reference, String> {
    let bytes = std::fs::read(&weights.file).map_err(|error| error.to_string())?;
    if crate::pack::sha256(&bytes) != weights.sha256 {
        return Err("the weights are not those of the pack".into());
    }
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| error.to_string())?;
    let graph =
        networks::graph(weights.architecture, &weights.plan, &weights.taps, &tensors)
            .map_err(|error| error.to_string())?;
    Ok(Reference::new(&graph, device))
}
