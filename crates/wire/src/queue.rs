//! Batches of pictures and the queue they wait in.

use crate::CommandError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Asks for all pictures of some files, folders and archives at once.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BatchStart {
    /// As in `StudyImport`: a handle may stand for a folder, a ZIP archive or a DICOMDIR.
    pub handles: Vec<String>,
    /// For every picture; without one the gate proposes what each seems to be.
    pub task: Option<String>,
    /// For every picture; without one the best measured network for the task answers.
    pub network: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// The program looks what the folder holds.
    Listing,
    Running,
    Paused,
    Cancelled,
    Over,
}

/// How far a batch is. Every picture is counted once: `total` is the sum of the other counts.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BatchView {
    pub id: String,
    /// The name of the folder or file, or of the first of them.
    pub name: String,
    /// How many files and folders were chosen.
    pub sources: u32,
    pub asked_by: String,
    pub asked_at: String,
    pub task: Option<String>,
    pub network: Option<String>,
    pub state: BatchState,
    pub total: u32,
    /// Files that are not in the store yet.
    pub untaken: u32,
    /// In the store, and waiting for their turn.
    pub queued: u32,
    pub done: u32,
    /// Answered before: the same question by the same pack about the same picture.
    pub known: u32,
    pub abstained: u32,
    pub failed: u32,
    /// Not taken in: no picture, broken, too large, or whoever asked may not ask any more.
    pub refused: u32,
    pub cancelled: u32,
    /// Files beside the pictures that were left alone.
    pub others: u32,
    /// By the speed of this run; nothing before a few pictures are done, and none while it waits.
    pub seconds_left: Option<u32>,
}

/// All batches that were not put away.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Batches {
    /// The newest first.
    pub batches: Vec<BatchView>,
    /// The whole queue stands still until somebody says "go on": the disk is full, for instance.
    pub halted: Option<CommandError>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BatchItemsAsk {
    pub id: String,
    /// Also those that were answered, and those that wait.
    pub all: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BatchItems {
    /// In their order, at most 1,000.
    pub items: Vec<BatchItem>,
    /// How many there are.
    pub total: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BatchItem {
    /// The path below the folder, or inside the archive.
    pub name: String,
    pub state: ItemState,
    pub study: Option<String>,
    /// Why a file was not taken in, or nothing was recorded about it.
    pub error: Option<CommandError>,
    /// Why it abstained or failed, as in `AnalysisView`.
    pub reason: Option<String>,
    pub detail: Option<String>,
    pub values: Option<BTreeMap<String, f64>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    Untaken,
    Queued,
    Done,
    Known,
    Abstained,
    Failed,
    Refused,
    Cancelled,
}
