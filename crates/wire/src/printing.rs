//! What is printed: labels, slips, tags, wristbands, blank forms. Files for a printer, at true size.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BlankForm {
    Request,
    Sample,
    IssueLog,
    Transfusion,
    Stock,
    /// Of the donor desk.
    Donation,
    /// Of the laboratory.
    Bench,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrintWhat {
    /// Of bags of the stock, and of components at the bench, whose release compares what is read off it.
    UnitLabels {
        units: Vec<String>,
    },
    /// A new slip for a unit that is held for a patient.
    Slip {
        unit: String,
        patient: String,
        ward: String,
    },
    /// The paper that goes in the box of a transfer.
    BoxSlip {
        transfer: String,
    },
    /// Of a unit that left without a crossmatch.
    Tag {
        issue: String,
    },
    TubeLabels {
        sample: String,
        copies: u32,
    },
    Wristband {
        patient: String,
    },
    /// For the hours without power or program.
    Forms {
        forms: Vec<BlankForm>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PrinterKind {
    /// A label printer of 203 dots to the inch.
    Dots203,
    /// Of 300.
    Dots300,
    /// An office printer.
    Office,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PrintMedia {
    /// One label to a page, as large as the label.
    Roll,
    A4,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PrintSave {
    pub what: PrintWhat,
    pub printer: PrinterKind,
    pub media: PrintMedia,
    /// `en` or `ar`.
    pub language: String,
    /// Where the file is put.
    pub folder: String,
}
