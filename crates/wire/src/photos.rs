//! A picture to know a donor by.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the record says of the picture; the picture itself is asked for by its bytes.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PhotoView {
    pub sha256: String,
    pub at: String,
    pub by: String,
    /// Who agreed beside a minor.
    pub guardian: Option<String>,
}

/// The picture that somebody has been told of.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PhotoAsk {
    pub donor: String,
    pub sha256: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PhotoPicture {
    pub media_type: String,
    /// The bytes, in base64.
    pub data: String,
    pub cols: u32,
    pub rows: u32,
}

/// A picture from a file that the page holds.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PhotoSet {
    pub donor: String,
    /// The handle of the file; used once.
    pub file: String,
    /// The donor said yes to the picture.
    pub agreed: bool,
    pub guardian: Option<String>,
    /// The picture that the page shows and this one takes the place of.
    pub replaces: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PhotoRemove {
    pub donor: String,
    pub sha256: String,
    pub reason: String,
}

/// What became of the bytes of a picture that is not shown any more.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PhotoRemoved {
    /// Taken out of the store; otherwise another record is kept by the same picture.
    pub erased: bool,
}
