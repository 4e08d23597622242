//! How long one picture takes, for each network, with random weights:
//! `cargo run --release -p cnn-engine --example bench -- [--json] [--threads N] [--side N] [--set avx512|avx2|portable]
//! [--winograd never|agrees|always] [--runs N] [network ...]`.
//!
//! For measuring in turns with other programs: `--weights FILE` takes the tensors of one network
//! and a `picture` from a file (a line per tensor with name and sizes, an empty line, the floats in that order, little
//! end first), and with `--serve` the program prints the picture's logits and then, for each line of its input, the
//! milliseconds of as many runs as the line says.
#![allow(clippy::print_stdout)] // It prints its measurements.

#[path = "../tests/engine/weights.rs"]
#[allow(dead_code)] // The tests use more of it.
mod weights;

use cnn_engine::models::{WeightSource, basic_cnn, densenet121, efficientnet_b0, resnet50};
use cnn_engine::{Graph, InstructionSet, Plan, PlanError, PlanOptions, Pool, WinogradUse};
use std::error::Error;
use std::io::BufRead;
use std::time::Instant;
use weights::Tensors;

type Build = for<'a> fn(&'a dyn WeightSource, usize) -> Result<Graph<'a>, PlanError>;
type Make = fn(usize) -> Tensors;
const NETWORKS: [(&str, Make, Build); 4] = [
    ("resnet50", weights::resnet50, |source, side| resnet50(source, side, side, &[])),
    ("efficientnet_b0", weights::efficientnet_b0, |source, side| {
        efficientnet_b0(source, side, side, &[])
    }),
    ("basic_cnn", weights::basic_cnn, |source, side| basic_cnn(source, side, side, &[])),
    ("densenet121", weights::densenet121, |source, side| densenet121(source, side, side)),
];

fn read_tensors(path: &str) -> Result<Tensors, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").ok_or("no end of the names")?;
    let mut floats =
        bytes[end + 2..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let mut tensors = Tensors::new();
    for line in std::str::from_utf8(&bytes[..end])?.lines() {
        let mut words = line.split_whitespace();
        let name = words.next().ok_or("a tensor without a name")?;
        let shape = words.map(str::parse).collect::<Result<Vec<usize>, _>>()?;
        let values = floats.by_ref().take(shape.iter().product()).collect();
        tensors.insert(name.into(), (values, shape));
    }
    Ok(tensors)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut options = PlanOptions::new();
    let (mut threads, mut side, mut runs, mut json, mut serve) = (2, 224, 20usize, false, false);
    let (mut names, mut file): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} wants a value"));
        match arg.as_str() {
            "--json" => json = true,
            "--serve" => serve = true,
            "--weights" => file = Some(value()?),
            "--threads" => threads = value()?.parse()?,
            "--side" => side = value()?.parse()?,
            "--runs" => runs = value()?.parse::<usize>()?.max(1),
            "--set" => {
                let name = value()?;
                let set = InstructionSet::ALL.into_iter().find(|set| set.name() == name);
                options.instruction_set = Some(set.ok_or(format!("no instruction set {name}"))?);
            }
            "--winograd" => {
                options.winograd = match value()?.as_str() {
                    "never" => WinogradUse::Never,
                    "agrees" => WinogradUse::WhereItAgrees,
                    "always" => WinogradUse::Always,
                    other => return Err(format!("--winograd {other}").into()),
                }
            }
            name if NETWORKS.iter().any(|network| network.0 == name) => names.push(name.into()),
            other => return Err(format!("what is {other}?").into()),
        }
    }
    let pool = Pool::new(threads)?;
    for (name, tensors, build) in NETWORKS {
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let mut tensors = match &file {
            Some(path) => read_tensors(path)?,
            None => tensors(1000),
        };
        let picture = tensors.remove("picture");
        let start = Instant::now();
        let plan = Plan::new(&build(&tensors, side)?, &pool, &options)?;
        let load_ms = start.elapsed().as_secs_f64() * 1e3;
        drop(tensors);
        let picture = picture.map_or_else(|| plan.probe(), |(values, _)| values);
        let time = || -> Result<f64, Box<dyn Error>> {
            let start = Instant::now();
            std::hint::black_box(plan.run(&picture, &[])?);
            Ok(start.elapsed().as_secs_f64() * 1e3)
        };
        for _ in 0..5 {
            time()?;
        }
        if serve {
            println!("{:?}", plan.run(&picture, &[])?.logits);
            for line in std::io::stdin().lock().lines() {
                let count: usize = line?.trim().parse()?;
                let times = (0..count).map(|_| Ok(format!("{:.4}", time()?)));
                println!("{}", times.collect::<Result<Vec<_>, Box<dyn Error>>>()?.join(" "));
            }
            continue;
        }
        let mut times = (0..runs).map(|_| time()).collect::<Result<Vec<_>, _>>()?;
        times.sort_by(f64::total_cmp);
        let (set, median, least) = (plan.instruction_set().name(), times[runs / 2], times[0]);
        let winograd = plan.uses_winograd();
        if json {
            println!(
                "{{\"network\":\"{name}\",\"set\":\"{set}\",\"threads\":{threads},\"side\":{side},\"winograd\":{winograd},\
                 \"runs\":{runs},\"median_ms\":{median:.3},\"min_ms\":{least:.3},\"load_ms\":{load_ms:.0}}}"
            );
        } else {
            println!(
                "{name:16} {set:8} {threads} threads, {side} px, winograd {winograd}: median {median:.2} ms, \
                 min {least:.2} ms of {runs}; load {load_ms:.0} ms"
            );
        }
    }
    Ok(())
}
