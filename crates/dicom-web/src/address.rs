//! What may stand where an archive is named.

use reqwest::Url;
use std::net::IpAddr;

/// Why an address is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("This is no web address. It begins with https:// and names a computer.")]
    NoAddress,
    #[error("A name or password does not belong into the address.")]
    HasCredentials,
    #[error("What stands after ? or # does not belong into the address.")]
    HasQuery,
    #[error("This address would send patients unencrypted over the network.")]
    Plain,
}

impl BadAddress {
    /// A stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            BadAddress::NoAddress => "no_address",
            BadAddress::HasCredentials => "credentials_in_address",
            BadAddress::HasQuery => "query_in_address",
            BadAddress::Plain => "plain_address",
        }
    }
}

/// Longest address that is taken.
const MOST: usize = 2_000;

/// The address in its one form, without a slash at its end.
///
/// # Errors
/// Not HTTPS, unless it is this very computer or `plain` was decided; more than an address.
pub fn check(text: &str, plain: bool) -> Result<String, BadAddress> {
    Ok(parsed(text, plain)?.as_str().trim_end_matches('/').to_owned())
}

/// The address with a slash at its end, so that names are put behind it.
pub(crate) fn parsed(text: &str, plain: bool) -> Result<Url, BadAddress> {
    let text = text.trim();
    if text.len() > MOST {
        return Err(BadAddress::NoAddress);
    }
    let mut url = Url::parse(text).map_err(|_| BadAddress::NoAddress)?;
    let here = match url.host_str() {
        None | Some("") => return Err(BadAddress::NoAddress),
        Some(host) => is_this_computer(host),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadAddress::HasCredentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(BadAddress::HasQuery);
    }
    match url.scheme() {
        "https" => {}
        "http" if here || plain => {}
        "http" => return Err(BadAddress::Plain),
        _ => return Err(BadAddress::NoAddress),
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn is_this_computer(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Is it a UID (PS3.5 chapter 9)? What is none goes into no address.
#[must_use]
pub fn is_uid(text: &str) -> bool {
    let component = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    text.len() <= 64 && text.split('.').all(component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_address_is_taken_for_this_computer_alone_unless_somebody_decided_it() {
        for here in ["http://127.0.0.1:8042/dicom-web", "http://localhost", "http://[::1]:80/x/"] {
            assert!(check(here, false).is_ok(), "{here}");
        }
        let there = "http://archive.example/dicom-web";
        assert_eq!(check(there, false), Err(BadAddress::Plain));
        assert_eq!(check("http://127.0.0.1.example/", false), Err(BadAddress::Plain));
        assert_eq!(check(there, true).as_deref(), Ok(there));
        assert_eq!(
            check(" https://archive.example/dicom-web/ ", false).as_deref(),
            Ok("https://archive.example/dicom-web")
        );
    }

    #[test]
    fn what_is_more_or_less_than_an_address_is_refused() {
        for bad in
            ["", "archive", "ftp://archive", "file:///etc/passwd", "https://", "javascript:1"]
        {
            assert_eq!(check(bad, true), Err(BadAddress::NoAddress), "{bad}");
        }
        assert_eq!(check("https://a:b@archive.example", false), Err(BadAddress::HasCredentials));
        assert_eq!(check("https://archive.example/?a=1", false), Err(BadAddress::HasQuery));
    }

    #[test]
    fn only_a_uid_goes_into_an_address() {
        assert!(is_uid("1.2.840.10008.1.1") && is_uid("2.25.0"));
        for bad in ["", ".", "1..2", "1.02", "1.2/../../x", "1.2 ", "a", &"1".repeat(65)] {
            assert!(!is_uid(bad), "{bad}");
        }
    }
}
