//! What can be wrong with a network, and what can go wrong while it runs.

use crate::InstructionSet;
use std::fmt;

/// Why a graph or a plan could not be made. Nothing was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanError {
    /// A size that the operation cannot have. The text names the operation and the sizes.
    Shape(String),
    /// A tensor has another number of values than its operation needs.
    Values {
        /// What it is for.
        what: String,
        /// Values needed.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// The source of the weights has no such tensor.
    MissingTensor(String),
    /// A tensor of the source has another shape than the network.
    TensorShape {
        /// Its name.
        name: String,
        /// The shape of the network; 0 stands for any size.
        expected: Vec<usize>,
        /// The shape in the source.
        got: Vec<usize>,
    },
    /// A number made of the weights that is none.
    NotFinite(String),
    /// A node of another graph, or a name used twice.
    Reference(String),
    /// The graph has no output yet.
    NoOutput,
    /// This processor does not have the instruction set.
    InstructionSet(InstructionSet),
    /// The plan would need more memory than the options allow.
    TooLarge {
        /// Floats needed, if that can be counted.
        floats: usize,
        /// Floats allowed.
        limit: usize,
    },
    /// The system gave no memory.
    OutOfMemory {
        /// Floats asked for.
        floats: usize,
    },
    /// The system gave no thread, or none or too many were asked for.
    Threads(String),
    /// The check of the new plan by a probe failed.
    Probe(EngineError),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(text) => write!(f, "{text}"),
            Self::Values { what, expected, got } => {
                write!(f, "{what}: {expected} values are needed, there are {got}")
            }
            Self::MissingTensor(name) => write!(f, "the weights have no tensor {name}"),
            Self::TensorShape { name, expected, got } => {
                write!(f, "{name} has shape {got:?}, the network needs {expected:?}")
            }
            Self::NotFinite(text) => write!(f, "{text} is not finite"),
            Self::Reference(text) => write!(f, "{text}"),
            Self::NoOutput => write!(f, "the graph has no output"),
            Self::InstructionSet(set) => write!(f, "this processor has no {}", set.name()),
            Self::TooLarge { floats, limit } => {
                write!(f, "the plan needs {floats} floats, {limit} are allowed")
            }
            Self::OutOfMemory { floats } => write!(f, "no memory for {floats} floats"),
            Self::Threads(text) => write!(f, "{text}"),
            Self::Probe(error) => write!(f, "the probe failed: {error}"),
        }
    }
}

impl std::error::Error for PlanError {}

/// Why a run gave no result. The plan and its pool can be used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineError {
    /// The input has another number of values than the network takes.
    InputLength {
        /// Channels x rows x columns.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// The graph of the plan has no tap of this name.
    UnknownTap(String),
    /// A task panicked: a mistake in this crate. The other tasks were stopped.
    Task {
        /// The operation.
        op: String,
        /// What the panic said.
        message: String,
    },
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InputLength { expected, got } => {
                write!(f, "the network takes {expected} values, there are {got}")
            }
            Self::UnknownTap(name) => write!(f, "the plan has no tap {name}"),
            Self::Task { op, message } => write!(f, "{op} panicked: {message}"),
        }
    }
}

impl std::error::Error for EngineError {}
