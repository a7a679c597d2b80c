//! Why a request did not bring an answer, in the words of `domain::notification::Outcome`. What the
//! libraries say can hold an address, so it is taken apart and not repeated.

use super::resolve::{NoAddress, PrivateAddress};
use domain::notification::Outcome;
use std::error::Error;
use std::io::ErrorKind;

/// The cause of an error.
pub(super) fn of(error: &reqwest::Error) -> Outcome {
    if error.is_timeout() {
        return Outcome::TimedOut;
    }
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    let mut found = None;
    while let Some(error) = next {
        if let Some(outcome) = one(error) {
            found = Some(outcome);
        }
        next = error.source();
    }
    match found {
        // What breaks off while a connection is made breaks off while it is secured.
        Some(Outcome::Broken) if error.is_connect() => Outcome::Tls,
        Some(outcome) => outcome,
        None if error.is_connect() => Outcome::Refused,
        None => Outcome::Broken,
    }
}

fn one(error: &(dyn Error + 'static)) -> Option<Outcome> {
    if error.is::<PrivateAddress>() {
        return Some(Outcome::Private);
    }
    if error.is::<NoAddress>() {
        return Some(Outcome::Dns);
    }
    if error.is::<rustls::Error>() {
        return Some(Outcome::Tls);
    }
    if let Some(http) = error.downcast_ref::<hyper::Error>() {
        return match () {
            () if http.is_parse() || http.is_parse_too_large() => Some(Outcome::NotHttp),
            () if http.is_timeout() => Some(Outcome::TimedOut),
            () if http.is_incomplete_message() || http.is_canceled() || http.is_closed() => {
                Some(Outcome::Broken)
            }
            () => None,
        };
    }
    let io = error.downcast_ref::<std::io::Error>()?;
    // The errors of TLS travel inside those of reading and writing, and these in each other.
    if let Some(inner) = io.get_ref() {
        if inner.is::<rustls::Error>() {
            return Some(Outcome::Tls);
        }
        if inner.is::<std::io::Error>() {
            return one(inner);
        }
    }
    Some(match io.kind() {
        ErrorKind::ConnectionRefused
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::AddrNotAvailable => Outcome::Refused,
        ErrorKind::TimedOut => Outcome::TimedOut,
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Outcome::Broken,
        _ => return None,
    })
}

/// What an outcome means for whoever wants an address verified.
pub(super) const fn explain(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Dns => "its name leads to no address (DNS)",
        Outcome::Refused => "nobody listens there, or no way leads there (connection refused)",
        Outcome::Tls => "TLS failed: see that the certificate is valid and made for this name",
        Outcome::TimedOut => "it did not answer HEAD in time",
        Outcome::Broken => "the connection broke off before an answer was there",
        Outcome::NotHttp => "what it answered is no HTTP",
        Outcome::Private => "its name leads to an address of a private network or of this machine",
        other => other.meaning(),
    }
}
