//! The token in `Authorization: Bearer …`, for whoever is known by nothing else: devices, a
//! warehouse's program, what turns a sandbox.

use crate::incoming::header_text;
use axum::http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The token of a request.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let authorization = header_text(headers, &header::AUTHORIZATION)?;
    let (scheme, token) = authorization.split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}

/// Whether a request carries this token, whose length does not show either.
pub(crate) fn is(headers: &HeaderMap, expected: &str) -> bool {
    token(headers).is_some_and(|given| is_same(given, expected))
}

/// Whether two secrets are the same, told in a time that says nothing of either.
pub(crate) fn is_same(given: &str, expected: &str) -> bool {
    let [given, expected] = [given, expected].map(|text| Sha256::digest(text.as_bytes()));
    given.ct_eq(&expected).into()
}
