//! What a blood bank sticks on things and takes along on paper: labels of units at true size,
//! labels of tubes, wristbands, slips, tags, certificates, and the blank forms for the hours without
//! power. As PDF files, with Code 128 and Data Matrix, and read back before anything is printed.
//!
//! Pure: every function takes what is to be printed and a [`Job`], and gives a [`Printed`] file or
//! says why not. The same input gives the same bytes. Lengths are millimetres from the upper left
//! corner; letters are measured in points.
//!
//! The rules followed everywhere:
//!
//! * **Words and bars have one source.** A label says in words what its barcode says, because both
//!   are made of the same value; a group that the code does not give is not printed as a group.
//! * **Bars fit the printer.** A module is a whole number of the printer's dots and begins on a dot
//!   ([`Printer`]), so that no bar is a dot thicker than its neighbour.
//! * **Nothing untrue about a licence.** Without a licensee's table a label carries a local product
//!   code and the words "NOT ISBT 128".
//! * **Never colour alone.** Everything is black on white; what must not be used says so in words,
//!   with a pattern around.
//! * **Any text is printed or shortened, none breaks a page.** Marks that would turn text around
//!   are left out of names.
//!
//! What it refuses to know: stores, screens, printers as devices, the clock, and whether a unit may
//! be used. Source of sizes: bloodbank.md 3.6 (ST-001, sections 6 and 7).

mod box_slip;
mod canvas;
mod certificate;
mod code128;
mod form;
mod forms;
mod group;
mod matrix;
mod number;
mod person;
mod read_back;
mod sheet;
mod slip;
mod tube;
mod unit;
mod words;
mod wristband;

pub use box_slip::{BoxSlip, Content, box_slip};
pub use certificate::{Certificate, certificate};
pub use forms::{Blank, blank, blanks};
pub use number::{NumberLabel, number_labels};
pub use person::{Person, Sex};
pub use read_back::{Misread, read_back};
pub use slip::{Slip, SlipUnit, Tag, collection_slip, uncrossmatched_tags};
pub use tube::{TubeLabel, tube_labels};
pub use unit::{Product, UnitLabel, unit_label, unit_labels};
pub use words::Language;
pub use wristband::{Wristband, wristbands};

use chrono::{DateTime, FixedOffset};
use thiserror::Error;

/// What a file is printed on, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub printer: Printer,
    pub media: Media,
    pub language: Language,
    /// Product and version; stands in the file, and small on forms.
    pub maker: String,
    /// With the facility's own offset.
    pub made_at: DateTime<FixedOffset>,
}

/// How fine a printer prints. Bars are drawn for one of these; any finer printer prints them too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printer {
    /// A label printer of 203 dots to the inch, as drivers call 8 dots to the millimetre.
    Dots203,
    /// A label printer of 300 dots to the inch.
    Dots300,
    /// An office printer of 600 dots to the inch, or of 1200.
    Office,
}

impl Printer {
    /// The side of a dot in millimetres.
    #[must_use]
    pub fn dot_mm(self) -> f64 {
        match self {
            Self::Dots203 => 25.4 / 203.0,
            Self::Dots300 => 25.4 / 300.0,
            Self::Office => 25.4 / 600.0,
        }
    }

    /// Dots to the inch, as a renderer is told.
    #[must_use]
    pub fn dots_per_inch(self) -> f64 {
        25.4 / self.dot_mm()
    }

    /// Dots of a module of Code 128: 0.25 mm (bloodbank.md 3.6), as near as the dots allow.
    pub(crate) fn bar_dots(self) -> u32 {
        match self {
            Self::Dots203 => 2,
            Self::Dots300 => 3,
            Self::Office => 6,
        }
    }

    /// Dots of a module of Data Matrix: 0.5 mm, or two thirds of it where room is short.
    pub(crate) fn matrix_dots(self, room: Room) -> u32 {
        match (self, room) {
            (Self::Dots203, Room::Ample) => 4,
            (Self::Dots300, Room::Ample) => 6,
            (Self::Office, Room::Ample) => 12,
            (Self::Dots203, Room::Short) => 3,
            (Self::Dots300, Room::Short) => 4,
            (Self::Office, Room::Short) => 8,
        }
    }
}

/// How much room a symbol has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Ample,
    Short,
}

/// What the printer is fed with. Forms, slips and certificates are A4 always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// One label to a page, the page as large as the label.
    Roll,
    /// As many labels to a sheet of A4 as it holds, with marks for the knife.
    A4,
}

/// A file ready for the printer.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    pub pdf: Vec<u8>,
    /// Every barcode in it, with what it must say.
    pub symbols: Vec<Symbol>,
    pub pages: usize,
    /// A letter is in none of the fonts and stands as a box.
    pub missing: bool,
    /// For which the bars were drawn.
    pub printer: Printer,
}

/// One barcode on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    pub kind: Kind,
    /// What a reader must get, byte for byte.
    pub text: String,
    /// From 0.
    pub page: usize,
    /// With its quiet zone.
    pub area: Area,
    /// Width of a module, in millimetres.
    pub module_mm: f64,
}

/// The symbologies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Code128,
    DataMatrix,
}

/// A place on a page, in millimetres from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// Why something cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// No label, or nothing in a barcode.
    #[error("there is nothing to print")]
    Empty,
    #[error("a barcode cannot carry {found:?}")]
    NotInBarcode { found: char },
    #[error("a barcode here carries at most {most} characters")]
    TooLong { most: usize },
    /// The meaning of the code stands in a table of the licence, and none is installed.
    #[error("the product code {code} needs the table of an ISBT 128 licence")]
    NeedsTable { code: String },
    /// The division stands in a structure of its own, which this label has not.
    #[error("the product code {code} needs its division, which this label cannot carry")]
    NeedsDivision { code: String },
    /// More labels at once than a person can check.
    #[error("at most {most} at once")]
    TooMany { most: usize },
}
