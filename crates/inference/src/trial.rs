//! The network of a pack computed one way, for pictures of any side: for measuring
//! (`cargo xtask bench imaging`). The program itself takes the way that [`crate::Info`] tells.

use crate::compute::{Recipe, Way, chosen};
use crate::pack::{PackError, Reader, describe};
use burn::tensor::Device;
use std::path::Path;
use std::sync::Arc;

pub use cnn_engine::InstructionSet;

/// Who computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// The module on burn.
    Module,
    /// The engine with these instructions, through burn; without any, with the fastest.
    Engine(Option<InstructionSet>),
}

/// See the module's text.
#[derive(Debug)]
pub struct Trial {
    way: Box<dyn Way>,
    /// How it is computed, in words.
    pub words: String,
}

impl Trial {
    /// Reads the weights of a pack without proving it. `picture`: what the engine is held against
    /// the module on, `[3, side, side]`, normalised.
    ///
    /// # Errors
    /// A pack without a network of its own, or one that cannot be computed this way.
    pub fn open(dir: &Path, side: usize, with: With, picture: &[f32]) -> Result<Self, PackError> {
        let (reader, d) = (Reader::new(dir), describe(dir)?);
        let file = "weights.safetensors";
        let weights = Arc::new(reader.bytes(file)?);
        let (architecture, plan, taps) = (d.architecture, d.plan, d.taps);
        let recipe = Recipe { architecture, plan, taps, weights, side };
        let module = recipe.module(&Device::flex()).map_err(|e| reader.bad(file, e))?;
        match with {
            With::Module => Ok(Self { way: Box::new(module), words: "burn flex".to_owned() }),
            With::Engine(set) => match chosen(&recipe, set, &module.see(picture), picture) {
                (Some(way), computed) => {
                    Ok(Self { way: Box::new(way), words: computed.to_string() })
                }
                (None, computed) => Err(reader.bad(file, computed)),
            },
        }
    }

    /// The mean of the last map, after computing all of it.
    ///
    /// # Errors
    /// What the engine says.
    pub fn features(&self, picture: &[f32]) -> Result<Vec<f32>, String> {
        self.way.see(picture).map(|seen| seen.features)
    }
}
