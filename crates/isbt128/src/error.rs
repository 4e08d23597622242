//! Everything that can be wrong with a read, a typed number or a value to print.

use serde::Serialize;
use thiserror::Error;

use crate::ScanKind;

/// Why a donation number, typed or scanned, is refused. Positions count from 1, spaces left out.
///
/// No variant carries the right check character: whoever sees it would type it instead of reading
/// the label again.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DinError {
    /// Not the number of characters that this entry needs.
    #[error("a donation number here has {expected} characters, not {got}")]
    WrongLength {
        /// 14 for manual entry (13 and the check character), 13 for a stored number.
        expected: usize,
        /// Characters found, spaces left out.
        got: usize,
    },
    /// A character that cannot stand at its place (such as the letter O, or 0 in front).
    #[error("character {position} of the donation number cannot be {found:?}")]
    BadCharacter {
        /// Place of the character, from 1.
        position: usize,
        /// What stood there.
        found: char,
    },
    /// The check character does not belong to this number.
    #[error("the check character does not fit; read the number on the label again")]
    BadCheck,
}

/// What is wrong with a date in a barcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DateProblem {
    /// The century digit is neither 0 (2000 to 2099) nor 9 (1900 to 1999).
    Century,
    /// Day of the year is 000, above 366, or 366 in a year without a leap day.
    DayOfYear,
    /// Hour above 23.
    Hour,
    /// Minute above 59.
    Minute,
    /// Year, month and day do not make a date.
    Calendar,
}

impl std::fmt::Display for DateProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DateProblem::Century => "the century is not possible",
            DateProblem::DayOfYear => "the day of the year is not possible",
            DateProblem::Hour => "the hour is not possible",
            DateProblem::Minute => "the minute is not possible",
            DateProblem::Calendar => "there is no such day",
        })
    }
}

/// Why a scan is refused. The whole read is refused, never a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReadError {
    /// Nothing but blanks, line ends or a symbology prefix.
    #[error("the scan is empty")]
    Empty,
    /// Far longer than any label; most likely a stuck key or a pasted document.
    #[error("the scan has {got} characters; no label is that long")]
    TooLong {
        /// Characters found.
        got: usize,
    },
    /// A structure is shorter or longer than the standard says.
    #[error("the {name} has {got} characters instead of {expected}; scan it again")]
    WrongLength {
        /// Name of the structure.
        name: &'static str,
        /// Characters of content that the standard asks for.
        expected: usize,
        /// Characters of content found.
        got: usize,
    },
    /// A character that cannot stand at its place.
    #[error("character {position} of the {name} cannot be {found:?}; scan it again")]
    BadCharacter {
        /// Name of the structure.
        name: &'static str,
        /// Place of the character in the content, from 1.
        position: usize,
        /// What stood there.
        found: char,
    },
    /// The barcode carries its own check value and it does not fit: a misread.
    #[error("the donation number was misread; scan it again")]
    BadCheck,
    /// A date or time that does not exist.
    #[error("the {name} cannot be read: {problem}")]
    BadDate {
        /// Name of the structure.
        name: &'static str,
        /// What is wrong.
        problem: DateProblem,
    },
    /// A compound message does not hold the number of structures it announces.
    #[error("the code announces {expected} parts and holds {found}; scan it again")]
    CompoundCount {
        /// Announced.
        expected: usize,
        /// Found.
        found: usize,
    },
    /// A compound message inside another text, or holding something that has no known length.
    #[error("the combined code is not well formed; scan it again")]
    CompoundForm,
    /// Two different values of one kind in one read: two labels were caught at once.
    #[error("two different codes of one kind ({name}) were read at once; scan one label at a time")]
    TwoOfAKind {
        /// What was there twice.
        name: &'static str,
    },
}

/// A value that no barcode can carry.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrintError {
    /// A compound message holds 1 to 99 structures.
    #[error("a combined code holds 1 to 99 parts, not {got}")]
    Count {
        /// How many were given.
        got: usize,
    },
    /// National, local and unknown structures may not stand in a compound message.
    #[error("{name} cannot stand in a combined code")]
    NotInCompound {
        /// What was given.
        name: &'static str,
    },
}

/// The read was good, but it was another thing than the field waits for.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[error("{}", self.message())]
pub struct WrongKind {
    /// What the field waits for.
    pub wanted: ScanKind,
    /// What was scanned (the first structure of the read), or nothing.
    pub got: Option<ScanKind>,
    /// Its name in words, as [`crate::Scan::name`] gives it.
    pub got_name: &'static str,
}

impl WrongKind {
    /// The sentence for the person at the screen, in English.
    pub fn message(&self) -> String {
        let wanted = self.wanted.name();
        match self.got {
            None => format!("Scan the {wanted}"),
            Some(ScanKind::Unknown) => {
                format!("That is not a blood-bank code; scan the {wanted}")
            }
            Some(_) => format!("That is the {}; scan the {wanted}", self.got_name),
        }
    }
}
