//! What belongs to this workstation and its people, and to no record: drafts and the scanner.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A half-filled form. It survives a lock, a crash and a restart, and is never a command.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct DraftPut {
    /// The page's own name of the form, at most 64 characters; with an id in it where one form
    /// exists per record (`patient.register`, `counter/0190...`).
    pub screen: String,
    /// JSON of the page's own making, at most 1 MiB.
    pub body: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftOf {
    pub screen: String,
}

/// The signed-in user's own draft, or nothing. Drafts older than seven days are dropped.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct Draft {
    pub body: Option<String>,
    /// When it was last put.
    pub at: Option<String>,
}

/// What one person set for themselves on this workstation, by name. It never expires.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PreferencePut {
    pub name: PreferenceName,
    /// JSON of the page's own making, at most 8 KiB.
    pub body: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct PreferenceOf {
    pub name: PreferenceName,
}

/// Everything that can be set per person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PreferenceName {
    ViewerKeys,
    /// Printer, paper and language of what was printed last.
    PrintChoice,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Preference {
    /// None: nothing was set.
    pub body: Option<String>,
}

/// How the scanner of this workstation types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Scanner {
    /// Text that opens a burst besides the data identifiers `=` and `&`. Empty: none.
    pub prefix: String,
    /// Text or named key (`Enter`, `Tab`) that closes it. Empty: Enter, Tab or silence.
    pub suffix: String,
    /// The longest pause between two characters of one burst, in milliseconds.
    pub gap_ms: u32,
    /// The silence that closes a burst without a suffix, in milliseconds.
    pub silence_ms: u32,
    /// The keyboard layout the scanner believes in, in the site's own words.
    pub layout: String,
    /// When a person measured it here; nothing while the defaults stand.
    pub measured_at: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ScannerSet {
    pub prefix: String,
    pub suffix: String,
    /// 5 to 500.
    pub gap_ms: u32,
    pub layout: String,
}
