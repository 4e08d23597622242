//! Archives of other houses over DICOMweb (PS3.18): search (QIDO-RS), fetch (WADO-RS), store (STOW-RS).
//!
//! What an archive sends is not trusted. Every answer has a limit of bytes, of parts and of time before
//! memory is taken; nothing is unpacked; no other computer is asked because an answer says so; no proxy is
//! used. TLS is the rule: a plain address is taken only for this very computer, or where [`Options::plain`]
//! says that somebody decided it.
//!
//! This crate refuses to know what a picture is: an instance is handed on as the bytes of a file of
//! PS3.10. Names of patients and credentials are in no error and in no log.

mod address;
mod client;
mod failure;
mod limited;
mod multipart;
mod qido;
mod stow;
mod watch;

pub use address::{BadAddress, check as check_address, is_uid};
pub use client::{Archive, Stop};
pub use failure::Failure;
pub use qido::{Found, Query, Row};
pub use stow::{Stored, Unstored};
pub use watch::Watch;

use std::time::Duration;

/// How an archive is reached.
#[derive(Clone, Debug)]
pub struct Options {
    /// The root of its DICOMweb services, such as `https://archive.example/dicom-web`.
    pub address: String,
    pub credentials: Credentials,
    /// Send patients unencrypted to another computer: somebody decided that.
    pub plain: bool,
    /// PEM of the authority that the archive's certificate has to come from, and of no other; without it
    /// those that the operating system trusts.
    pub authority: Option<String>,
    pub limits: Limits,
}

/// What the archive wants to hear before it answers.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    #[default]
    None,
    Password {
        user: String,
        password: String,
    },
    Token(String),
}

/// Says which kind it is and nothing of what is in it.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Credentials::None => "none",
            Credentials::Password { .. } => "password",
            Credentials::Token(_) => "token",
        })
    }
}

/// What an answer may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub connect: Duration,
    /// Longest silence of the archive, and longest wait for the beginning of an answer.
    pub idle: Duration,
    /// A whole search or test.
    pub search: Duration,
    /// A whole study, out or in.
    pub transfer: Duration,
    /// Bytes of an answer that is read as a table.
    pub table: u64,
    /// Studies of one search.
    pub rows: usize,
    /// Bytes of one instance.
    pub instance: usize,
    /// Instances of one study.
    pub instances: u32,
    /// Bytes of one study.
    pub study: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            search: Duration::from_secs(60),
            transfer: Duration::from_secs(60 * 60),
            table: 8 << 20,
            rows: 200,
            instance: 512 << 20,
            instances: 20_000,
            study: 8 << 30,
        }
    }
}
