//! The status numbers of an answer: which family a number belongs to, and the numbers this server
//! sends.
//!
//! Programs written for the API branch on families, and most of them read every number of a family
//! alike, so [`family`] is total: a number the contract does not list counts as an unspecified
//! error. This file does not decide which failure gets which number, and holds no error texts.

use std::fmt;

/// What a status number tells the program that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// The call did what it was asked to do.
    Success,
    /// No valid proof of who calls: the token is missing, dead or unknown.
    AuthenticationFailed,
    /// A parameter is missing, malformed or names nothing.
    InvalidParams,
    /// The caller is known and may not do this.
    Unauthorized,
    /// No such action.
    NotImplemented,
    /// The work took too long.
    Timeout,
    /// The thing asked for is not in a state that allows it.
    BadState,
    /// The caller must slow down.
    TooManyRequests,
    /// Anything else, including every number the contract does not list.
    AnErrorOccurred,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 9] = [
        Self::Success,
        Self::AuthenticationFailed,
        Self::InvalidParams,
        Self::Unauthorized,
        Self::NotImplemented,
        Self::Timeout,
        Self::BadState,
        Self::TooManyRequests,
        Self::AnErrorOccurred,
    ];

    /// Its name in the operator's numbers. Never on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::AuthenticationFailed => "authentication_failed",
            Self::InvalidParams => "invalid_params",
            Self::Unauthorized => "unauthorized",
            Self::NotImplemented => "not_implemented",
            Self::Timeout => "timeout",
            Self::BadState => "bad_state",
            Self::TooManyRequests => "too_many_requests",
            Self::AnErrorOccurred => "an_error_occurred",
        }
    }
}

/// The family of any status number.
///
/// The ranges are the contract's; the holes between them fall to [`Family::AnErrorOccurred`].
#[must_use]
pub const fn family(status: u16) -> Family {
    match status {
        0 => Family::Success,
        100..=102 | 200 | 401 => Family::AuthenticationFailed,
        201..=213
        | 216..=218
        | 220..=221
        | 223
        | 225
        | 227..=230
        | 234..=236
        | 238
        | 240..=252
        | 254
        | 260..=267
        | 271..=272
        | 275..=276
        | 283..=288
        | 290
        | 293..=295
        | 297
        | 300..=304
        | 321
        | 323..=353
        | 380..=382
        | 400
        | 501..=511
        | 523
        | 532
        | 3017..=3019 => Family::InvalidParams,
        214 | 277 | 2553 | 2555 => Family::Unauthorized,
        522 => Family::Timeout,
        524 => Family::BadState,
        601 => Family::TooManyRequests,
        2554 => Family::NotImplemented,
        _ => Family::AnErrorOccurred,
    }
}

/// A status number this server sends.
///
/// The field is private on purpose: an answer can only carry one of the numbers named here,
/// or the one a [`crate::fault::Fault`] was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status(u16);

impl Status {
    /// All went well.
    pub const SUCCESS: Self = Self(0);
    /// The access token is missing, expired, revoked or unknown.
    pub const INVALID_TOKEN: Self = Self(401);
    /// A parameter is missing or wrong. Also the answer for a stranger's id, so that ids cannot be
    /// probed.
    pub const INVALID_PARAMS: Self = Self(503);
    /// The signature does not match, or its nonce is unknown, stale or used.
    pub const INVALID_SIGNATURE: Self = Self(342);
    /// The application is not entitled to this, or the thing is not in the right state for it.
    pub const NOT_ENTITLED: Self = Self(277);
    /// The scale gateway knows no such call (as recorded).
    pub const UNKNOWN_CALL: Self = Self(255);
    /// A callback address could not be verified.
    pub const CALLBACK_REFUSED: Self = Self(293);
    /// A change was asked for a subscription that does not exist.
    pub const NO_SUBSCRIPTION_TO_EDIT: Self = Self(294);
    /// A look-up or removal named a subscription that does not exist.
    pub const NO_SUBSCRIPTION: Self = Self(286);
    /// The same subscription exists already.
    pub const SUBSCRIPTION_EXISTS: Self = Self(295);
    /// The caller has used up its allowance.
    pub const TOO_MANY_REQUESTS: Self = Self(601);
    /// The path knows no such action.
    pub const NOT_IMPLEMENTED: Self = Self(2554);
    /// The token was not granted the scope this call needs.
    pub const MISSING_SCOPE: Self = Self(2555);
    /// The work was given up because it took too long.
    pub const TIMEOUT: Self = Self(522);
    /// The thing asked for is in a state that forbids this.
    pub const BAD_STATE: Self = Self(524);
    /// The server failed; the caller did nothing wrong.
    ///
    /// Our choice: the contract gives many numbers to unspecified errors and tells none of them
    /// apart. 2556 is the first of them after the gate numbers 2554 and 2555.
    pub const INTERNAL: Self = Self(2556);

    /// Any number: what a sandbox answers whose fault says so.
    pub(crate) const fn of_fault(code: u16) -> Self {
        Self(code)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The family the number belongs to.
    #[must_use]
    pub const fn family(self) -> Family {
        family(self.0)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::ops::RangeInclusive;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_named_status_is_in_the_family_its_name_promises() {
        for (status, code, expected) in [
            (Status::SUCCESS, 0, Family::Success),
            (Status::INVALID_TOKEN, 401, Family::AuthenticationFailed),
            (Status::INVALID_PARAMS, 503, Family::InvalidParams),
            (Status::INVALID_SIGNATURE, 342, Family::InvalidParams),
            (Status::NOT_ENTITLED, 277, Family::Unauthorized),
            (Status::CALLBACK_REFUSED, 293, Family::InvalidParams),
            (Status::NO_SUBSCRIPTION_TO_EDIT, 294, Family::InvalidParams),
            (Status::NO_SUBSCRIPTION, 286, Family::InvalidParams),
            (Status::SUBSCRIPTION_EXISTS, 295, Family::InvalidParams),
            (Status::TOO_MANY_REQUESTS, 601, Family::TooManyRequests),
            (Status::NOT_IMPLEMENTED, 2554, Family::NotImplemented),
            (Status::MISSING_SCOPE, 2555, Family::Unauthorized),
            (Status::TIMEOUT, 522, Family::Timeout),
            (Status::BAD_STATE, 524, Family::BadState),
            (Status::INTERNAL, 2556, Family::AnErrorOccurred),
        ] {
            assert_eq!((status.code(), status.family()), (code, expected));
            assert_eq!(status.to_string(), code.to_string());
        }
    }

    #[test]
    fn unlisted_numbers_are_unspecified_errors() {
        for code in [1, 99, 103, 199, 239, 299, 354, 369, 376, 512, 600, 999, 2560, u16::MAX] {
            assert_eq!(family(code), Family::AnErrorOccurred, "{code}");
        }
    }

    fn family_called(meaning: &str) -> Family {
        match meaning {
            "Operation was successful" => Family::Success,
            "Authentication failed" => Family::AuthenticationFailed,
            "Invalid params" => Family::InvalidParams,
            "Unauthorized" => Family::Unauthorized,
            "Not implemented" => Family::NotImplemented,
            "Timeout" => Family::Timeout,
            "Bad state" => Family::BadState,
            "Too many request" => Family::TooManyRequests,
            "An error occurred" => Family::AnErrorOccurred,
            other => panic!("the contract has a family this table lacks: {other}"),
        }
    }

    /// Reads `7`, `7..9` and, as the contract writes it once, `7...9`.
    fn range(codes: &str) -> RangeInclusive<u16> {
        let (first, last) = codes.split_once("..").unwrap_or((codes, codes));
        first.parse().unwrap()..=last.trim_start_matches('.').parse().unwrap()
    }

    #[test]
    fn families_agree_with_the_contract() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/contract.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("skipped: no reference beside the project");
            return;
        };
        let contract: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut listed = HashMap::new();
        for row in contract["status"].as_array().unwrap() {
            let expected = family_called(row["meaning"].as_str().unwrap());
            for code in range(row["codes"].as_str().unwrap()) {
                assert_eq!(listed.insert(code, expected), None, "{code} is listed twice");
            }
        }
        assert!(listed.len() > 200);
        for code in 0..=u16::MAX {
            let expected = listed.get(&code).copied().unwrap_or(Family::AnErrorOccurred);
            assert_eq!(family(code), expected, "{code}");
        }
    }
}
