//! Why a file could not be read. Each sentence is meant for the screen: what is wrong, what to do.

use serde::{Deserialize, Serialize};

/// What is said of a header that names no rows, no columns or no frames.
pub const NO_SIZE: &str = "its picture has no size";

/// One file failed; others are not affected. `code()` is stable and part of the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadError {
    #[error(
        "This file could not be read from the disk ({0}); check that it still exists and that you may open it."
    )]
    Io(String),
    #[error("This file is empty; copy it again from where it came.")]
    Empty,
    #[error(
        "This file is not an image, whatever its name says; choose a DICOM, PNG, JPEG or TIFF file."
    )]
    NotAnImage,
    #[error(
        "This is a HEIC photo, which cannot be read here; save it as JPEG on the phone or camera and open that."
    )]
    Heic,
    #[error(
        "This DICOM file is compressed as {name}, which this version cannot read; export it uncompressed, as JPEG or as JPEG 2000."
    )]
    UnsupportedSyntax { name: String, uid: String },
    #[error(
        "This DICOM file holds pixels of a kind that cannot be shown ({what}); export it as ordinary greyscale or RGB."
    )]
    UnsupportedPixels { what: String },
    #[error("This picture is too large to open safely ({what}); export it smaller.")]
    TooLarge { what: String },
    #[error(
        "This picture took longer than {seconds} seconds to unpack and was given up; ask for a new export of it."
    )]
    TookTooLong { seconds: u64 },
    #[error(
        "The part of the program that unpacks pictures could not be started ({0}); start the program again, and install it again if that does not help."
    )]
    NoDecoder(String),
    #[error("This file ends before it is complete; copy it again from where it came.")]
    Truncated,
    #[error(
        "This file is damaged ({what}); copy it again from where it came, or ask for a new export."
    )]
    Broken { what: String },
    #[error(
        "This DICOM file holds no picture (it is a report, a plan or a list); open the images of the study instead."
    )]
    NoPixels,
    #[error(
        "This picture is raw detector data (FOR PROCESSING) and must not be analysed; use the version made for presentation."
    )]
    ForProcessing,
    #[error(
        "Frame {frame} does not exist; this file has {frames}, counted from 0. Choose one of those."
    )]
    NoSuchFrame { frame: u32, frames: u32 },
}

impl ReadError {
    /// Short stable name, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "io",
            Self::Empty => "empty",
            Self::NotAnImage => "not_an_image",
            Self::Heic => "heic",
            Self::UnsupportedSyntax { .. } => "unsupported_syntax",
            Self::UnsupportedPixels { .. } => "unsupported_pixels",
            Self::TooLarge { .. } => "too_large",
            Self::TookTooLong { .. } => "took_too_long",
            Self::NoDecoder(_) => "no_decoder",
            Self::Truncated => "truncated",
            Self::Broken { .. } => "broken",
            Self::NoPixels => "no_pixels",
            Self::ForProcessing => "for_processing",
            Self::NoSuchFrame { .. } => "no_such_frame",
        }
    }

    pub(crate) fn broken(what: impl Into<String>) -> Self {
        Self::Broken { what: what.into() }
    }

    pub(crate) fn pixels(what: impl Into<String>) -> Self {
        Self::UnsupportedPixels { what: what.into() }
    }
}

pub(crate) type Result<T> = std::result::Result<T, ReadError>;
