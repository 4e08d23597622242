//! Every way an exchange can end other than well.

use crate::address::BadAddress;
use std::error::Error;

/// Why an archive did not do what it was asked. No variant holds what a patient or a password is called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Address(#[from] BadAddress),
    #[error("The certificate that was given is no PEM certificate.")]
    BadAuthority,
    #[error("The archive does not answer.")]
    Unreachable,
    #[error("The archive could not be recognised: its certificate is not trusted here.")]
    NotTrusted,
    #[error("The archive fell silent.")]
    TimedOut,
    #[error("The archive does not let this program in (HTTP {0}).")]
    NotLetIn(u16),
    #[error("The archive does not have it.")]
    NotFound,
    #[error("The archive sends on to another address ({0}), which is not followed.")]
    SentOn(String),
    #[error("The archive answered HTTP {0}.")]
    Status(u16),
    #[error("This is no DICOMweb archive: it answered with {0}.")]
    NotDicomWeb(String),
    #[error("The answer is larger than {limit} {unit}.")]
    TooLarge { unit: &'static str, limit: u64 },
    #[error("The answer breaks off.")]
    CutShort,
    #[error("The answer is against the rules: {0}.")]
    Malformed(&'static str),
    #[error("\"{0}\" is no UID.")]
    NoUid(String),
    #[error("What came could not be kept.")]
    Stopped,
    #[error("It was cancelled.")]
    Cancelled,
}

impl Failure {
    /// A stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Failure::Address(bad) => bad.code(),
            Failure::BadAuthority => "bad_certificate",
            Failure::Unreachable => "unreachable",
            Failure::NotTrusted => "not_trusted",
            Failure::TimedOut => "timed_out",
            Failure::NotLetIn(_) => "not_let_in",
            Failure::NotFound => "not_found",
            Failure::SentOn(_) => "sent_on",
            Failure::Status(_) => "status",
            Failure::NotDicomWeb(_) => "not_dicomweb",
            Failure::TooLarge { .. } => "too_large",
            Failure::CutShort => "cut_short",
            Failure::Malformed(_) => "malformed",
            Failure::NoUid(_) => "no_uid",
            Failure::Stopped => "stopped",
            Failure::Cancelled => "cancelled",
        }
    }

    /// What went wrong under HTTP. The library's words name the address with all that was asked for, so
    /// they go no further.
    pub(crate) fn of_http(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Failure::TimedOut;
        }
        if is_of_tls(error) {
            return Failure::NotTrusted;
        }
        if error.is_connect() { Failure::Unreachable } else { Failure::CutShort }
    }
}

/// Whether encryption stands somewhere behind an error. An `io::Error` keeps what it was made of from
/// `source`, several times over.
fn is_of_tls(error: &(dyn Error + 'static)) -> bool {
    let within = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>()
        || within.is_some_and(|inner| is_of_tls(inner))
        || error.source().is_some_and(is_of_tls)
}
