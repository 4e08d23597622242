//! Which way a network is computed, and the proof that it may be.
//!
//! The module on burn is the reference ([`crate::module`]). A faster [`Way`] takes over where, at
//! the load of the pack, one of its golden pictures went through both and the last map and its mean
//! differ by at most [`AGREEMENT`] of their largest value. A way that fails later is followed by the
//! module, and whoever asked is told.

use crate::graphics::{self, Maps, Source};
use crate::module::Module;
use crate::networks::{self, Architecture, Weights, WeightsError};
use crate::run_plan::Planned;
use burn::tensor::Device;
use cnn_engine::{
    AGREEMENT, Graph, InstructionSet, Plan, PlanError, PlanOptions, Pool, WinogradUse,
    relative_difference,
};
use safetensors::SafeTensors;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// What a network makes of one prepared picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub rows: usize,
    pub columns: usize,
    /// `[features, rows, columns]`.
    pub maps: Vec<f32>,
    /// `[features]`: the mean of each map.
    pub features: Vec<f32>,
}

impl Seen {
    /// With the mean of each map.
    pub fn of_maps(rows: usize, columns: usize, maps: Vec<f32>) -> Self {
        let places = (rows * columns).max(1);
        let mean = |plane: &[f32]| plane.iter().sum::<f32>() / places as f32;
        let features = maps.chunks_exact(places).map(mean).collect();
        Self { rows, columns, maps, features }
    }

    /// The largest difference to a reference, relative to its largest value; infinite where they
    /// cannot be compared or something is no number.
    pub fn difference(&self, reference: &Seen) -> f32 {
        let maps = relative_difference(&self.maps, &reference.maps);
        maps.max(relative_difference(&self.features, &reference.features))
    }
}

/// A way to compute a network, other than by the module.
pub(crate) trait Way: fmt::Debug + Send + Sync {
    /// `picture`: `[3, side, side]`, normalised, channel by channel.
    ///
    /// # Errors
    /// Why it cannot, for people; the module then does.
    fn see(&self, picture: &[f32]) -> Result<Seen, String>;
}

/// Who computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The house's own engine for this processor.
    Engine,
    /// The module on burn, the reference.
    Module,
}

/// How a network is computed on this machine, and why.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Computed {
    /// Who.
    pub by: By,
    /// The vector instructions the engine uses.
    pub instructions: Option<&'static str>,
    /// Whether the engine computes 3 x 3 convolutions by Winograd's algorithm.
    pub winograd: bool,
    /// Threads of the engine.
    pub threads: Option<usize>,
    /// Largest difference from the module on one golden picture, relative to the largest value.
    pub difference: Option<f32>,
    /// Why the module computes, where it does.
    pub why: Option<String>,
}

impl Computed {
    fn module(difference: Option<f32>, why: String) -> Self {
        let (instructions, winograd, threads) = (None, false, None);
        Self { by: By::Module, instructions, winograd, threads, difference, why: Some(why) }
    }
}

impl fmt::Display for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            By::Engine => write!(f, "own engine")?,
            By::Module => write!(f, "burn")?,
        }
        if let (Some(set), Some(threads)) = (self.instructions, self.threads) {
            write!(f, ", {set}, {threads} threads")?;
        }
        if self.winograd {
            write!(f, ", Winograd")?;
        }
        if let Some(difference) = self.difference {
            write!(f, ", differs from the reference by {difference:.1e}")?;
        }
        match &self.why {
            Some(why) => write!(f, " ({why})"),
            None => Ok(()),
        }
    }
}

/// What a network is made of. It is kept, so that the module can be made when it is needed: as the
/// file has it, 16-bit, it is half as large as the module.
pub(crate) struct Recipe {
    pub architecture: Architecture,
    pub plan: networks::Plan,
    /// Inner blocks whose results are features too.
    pub taps: Vec<usize>,
    /// The weights file.
    pub weights: Arc<Vec<u8>>,
    /// Side of the picture, in pixels.
    pub side: usize,
}

impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.architecture.name(), self.side)
    }
}

impl Recipe {
    /// Reads the weights and lends the network they make.
    ///
    /// # Errors
    /// The first tensor that is missing, wrong or left over, or what `make` says.
    pub fn with_graph<T>(
        &self,
        make: impl FnOnce(Graph<'_>) -> Result<T, WeightsError>,
    ) -> Result<T, WeightsError> {
        let tensors = SafeTensors::deserialize(&self.weights);
        let weights = Weights::new(tensors.map_err(|e| WeightsError::Bad(e.to_string()))?);
        make(networks::graph(self.architecture, &self.plan, &self.taps, &weights, self.side)?)
    }

    pub fn module(&self, device: &Device) -> Result<Module, WeightsError> {
        self.with_graph(|graph| Ok(Module::new(graph, device)?))
    }

    fn planned(
        &self,
        winograd: WinogradUse,
        set: Option<InstructionSet>,
    ) -> Result<Planned, String> {
        let plan = |graph: Graph<'_>| Ok(planned(&graph, winograd, set)?);
        self.with_graph(plan).map_err(|error| error.to_string())
    }
}

/// `set`: the instruction set; without one the fastest of this processor.
fn planned(
    graph: &Graph<'_>,
    winograd: WinogradUse,
    set: Option<InstructionSet>,
) -> Result<Planned, PlanError> {
    let options = PlanOptions { winograd, instruction_set: set, ..PlanOptions::new() };
    Ok(Planned::new(Plan::new(graph, &pool()?, &options)?))
}

/// The one pool of the program, so that never two plans fight for the cores.
fn pool() -> Result<Arc<Pool>, PlanError> {
    static POOL: OnceLock<Result<Arc<Pool>, PlanError>> = OnceLock::new();
    POOL.get_or_init(|| Pool::new(threads())).clone()
}

/// As many as burn is told to use, else one for each core: two on one core share its multipliers. A
/// single picture gains nothing from more than eight.
fn threads() -> usize {
    let told = std::env::var("RAYON_NUM_THREADS").ok().and_then(|n| n.parse::<usize>().ok());
    let there = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = cores().map_or(there, |cores| cores.min(there));
    told.filter(|n| *n > 0).unwrap_or(cores).min(8)
}

/// Cores, where the system tells: each lists the threads that share it.
fn cores() -> Option<usize> {
    let mut cores = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir("/sys/devices/system/cpu").ok()? {
        let siblings = entry.ok()?.path().join("topology/thread_siblings_list");
        cores.extend(std::fs::read_to_string(siblings).ok());
    }
    Some(cores.len()).filter(|n| *n > 0)
}

impl Way for Module {
    fn see(&self, picture: &[f32]) -> Result<Seen, String> {
        Ok(Module::see(self, picture))
    }
}

/// A network and the way it is computed.
#[derive(Debug)]
pub(crate) struct Compute {
    recipe: Recipe,
    /// Made when it is first needed.
    module: OnceLock<Module>,
    /// The way that agreed with the module.
    faster: Option<Box<dyn Way>>,
    pub computed: Computed,
    /// Channels of the last map.
    pub features: usize,
    /// The name by which the graphics card may be asked: SHA-256 of the weights file.
    card: Option<String>,
}

impl Compute {
    /// Lets the engine and the module see one picture, and chooses.
    ///
    /// # Errors
    /// Weights that make no network. That the engine cannot compute it is none.
    pub fn new(recipe: Recipe, picture: &[f32]) -> Result<Self, WeightsError> {
        let (plan, module) = recipe.with_graph(|graph| {
            let plan = planned(&graph, WinogradUse::Always, None);
            Ok((plan, Module::new(graph, &Device::flex())?))
        })?;
        let plan = plan.map_err(|error| error.to_string());
        let again = || recipe.planned(WinogradUse::Never, None);
        let (faster, computed) = choose(plan, again, &module.see(picture), picture);
        let features = module.channels();
        let kept = OnceLock::new();
        if faster.is_none() {
            kept.get_or_init(|| module);
        }
        let faster = faster.map(|way| Box::new(way) as Box<dyn Way>);
        Ok(Self { recipe, module: kept, faster, computed, features, card: None })
    }

    /// From now on the graphics card computes it where it agrees and is faster. `file`: the weights.
    pub fn may_use_card(&mut self, file: PathBuf, sha256: String) -> Source {
        self.card = Some(sha256.clone());
        let Recipe { architecture, plan, taps, side, .. } = &self.recipe;
        let (plan, taps) = (plan.clone(), taps.clone());
        Source { file, sha256, architecture: *architecture, plan, taps, side: *side }
    }

    /// What the network makes of one prepared picture and, where the way that was chosen failed
    /// and another computed instead, why.
    pub fn see(&self, picture: &[f32]) -> (Seen, Option<String>) {
        let on_card = |sha256: &String| graphics::see(sha256, picture, self.recipe.side);
        match self.card.as_ref().and_then(on_card) {
            Some(Ok(Maps { rows, columns, values })) => {
                (Seen::of_maps(rows, columns, values), None)
            }
            Some(Err(lost)) => (self.on_processor(picture).0, Some(lost.to_string())),
            None => self.on_processor(picture),
        }
    }

    /// The same, whatever the graphics card may do.
    pub fn on_processor(&self, picture: &[f32]) -> (Seen, Option<String>) {
        let why = match self.faster.as_ref().map(|way| way.see(picture)) {
            Some(Ok(seen)) => return (seen, None),
            Some(Err(why)) => Some(why),
            None => None,
        };
        let module = self.module.get_or_init(|| {
            let made = self.recipe.module(&Device::flex());
            made.expect("the same bytes made this module when the pack was loaded")
        });
        (module.see(picture), why)
    }
}

/// The engine, if it agrees with what the module saw.
pub(crate) fn chosen(
    recipe: &Recipe,
    set: Option<InstructionSet>,
    reference: &Seen,
    picture: &[f32],
) -> (Option<Planned>, Computed) {
    let plan = recipe.planned(WinogradUse::Always, set);
    choose(plan, || recipe.planned(WinogradUse::Never, set), reference, picture)
}

/// The engine with the plan that agrees with the module, or why there is none. `again`: makes a plan
/// without Winograd, whose roundings are finer.
fn choose(
    plan: Result<Planned, String>,
    again: impl FnOnce() -> Result<Planned, String>,
    reference: &Seen,
    picture: &[f32],
) -> (Option<Planned>, Computed) {
    let agrees = |way: &Planned| Ok::<f32, String>(way.see(picture)?.difference(reference));
    let first = plan.and_then(|way| Ok((agrees(&way)?, way)));
    let second = match first {
        Ok((difference, way)) if difference > AGREEMENT && way.plan().uses_winograd() => {
            again().and_then(|way| Ok((agrees(&way)?, way)))
        }
        first => first,
    };
    match second {
        Ok((difference, way)) if difference <= AGREEMENT => {
            let plan = way.plan();
            let computed = Computed {
                by: By::Engine,
                instructions: Some(plan.instruction_set().name()),
                winograd: plan.uses_winograd(),
                threads: pool().ok().map(|pool| pool.threads()),
                difference: Some(difference),
                why: None,
            };
            (Some(way), computed)
        }
        Ok((difference, _)) => {
            let why = format!("the engine differs by more than {AGREEMENT:.0e}");
            (None, Computed::module(Some(difference), why))
        }
        Err(why) => (None, Computed::module(None, format!("the engine cannot: {why}"))),
    }
}

#[cfg(test)]
mod tests;
