//! Proof that whoever brings a code is whoever asked for it (RFC 7636), with the method S256 alone:
//! the other one, `plain`, proves nothing to somebody who saw the question.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Whether a text can be a challenge: the digest of a verifier, in 43 characters of base64url.
pub fn is_challenge(text: &str) -> bool {
    BASE64URL_NOPAD.decode(text.as_bytes()).is_ok_and(|digest| digest.len() == 32)
}

/// Whether the verifier is the one the challenge was made of. Without a challenge nothing has to be
/// proven, and a verifier is ignored.
pub fn proves(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    let Some(challenge) = challenge else { return true };
    let Some(verifier) = verifier.filter(|verifier| (43..=128).contains(&verifier.len())) else {
        return false;
    };
    let digest = BASE64URL_NOPAD.encode(&Sha256::digest(verifier));
    digest.as_bytes().ct_eq(challenge.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc() {
        assert!(is_challenge(CHALLENGE) && !is_challenge(VERIFIER.trim_end_matches('k')));
        assert!(proves(Some(CHALLENGE), Some(VERIFIER)));
    }

    #[test]
    fn nothing_else_proves_it() {
        for wrong in [None, Some(""), Some("short"), Some(CHALLENGE)] {
            assert!(!proves(Some(CHALLENGE), wrong));
        }
        assert!(proves(None, None) && proves(None, Some(VERIFIER)));
    }
}
