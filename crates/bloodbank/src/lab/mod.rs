//! The laboratory: what is made of a donation and how long it lives, which group it has, what
//! infects it, and when it may leave quarantine.
//!
//! What restricts always wins and needs one person; what frees needs everything in order and two.
//! A positive result is never taken away by a later negative one. A product never outlives its
//! shortest parent, except where freezing stops the clock or a relabelling says so.

mod label;
mod life;
mod lineage;
mod part;
mod product;
mod release;
mod rule;
mod shelf;
mod storage;
mod tests;
mod typing;
mod work;

pub use label::{Label, LabelFault, Marked, read_group, red_cells_fit, unregistered, verify_label};
pub use life::{Making, expiry};
pub use lineage::{
    Edge, Handling, Line, Lineage, LookBackList, Node, Recall, State, Via, look_back, recall,
    recall_by_site, trace_recipient,
};
pub use part::{Attributes, MOST_COLLECTED, Made, Part, PartState, collected, split};
pub use product::{Product, Work};
pub use release::{Inspection, Problem, ReleaseView, history, problems, receipt, release};
pub use rule::{Refused, Rule};
pub use shelf::{PartCommand, PartEvent, PartFacts, apply_part, decide_part, taken};
pub use storage::{Reading, Spoilt, spoilt, usable};
pub use tests::{
    Command, Doubt, Event, Facts, KitLot, MarkerResult, MarkerState, Outcome, Run, RunProblem,
    Stage, TestState, Tests, Version, apply, decide,
};
pub use typing::{
    Action, Grade, Reading as Interpretation, Resolution, Sheet, Typing, TypingState,
    discrepancy_actions, doubts_what_came_before, interpret, typing_state,
};
pub use work::{New, Treatment, treat};
