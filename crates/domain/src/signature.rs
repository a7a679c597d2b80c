//! The signature of partner calls (field-notes §2): HMAC-SHA256 over three values of the request,
//! whatever else it carries, keyed with the text of the client secret. Whether a nonce is still
//! good is not decided here, and no clock is read.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The action whose third signed value is a time, because its caller has no nonce yet.
pub const GET_NONCE: &str = "getnonce";

/// A nonce is good for half an hour.
pub const NONCE_SECONDS: i64 = 1_800;
/// How far the time a caller signs may be from the server's: clocks differ, and a signature that
/// was overheard must not be good for ever. No source says a number.
pub const TIMESTAMP_SECONDS: i64 = 600;

/// The three values a signature covers. Joined by commas, in the alphabetical order of the names of
/// their parameters, they are the signed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The parameter `action`.
    pub action: &'a str,
    /// The parameter `client_id`.
    pub client_id: &'a str,
    /// The parameter `nonce`; for [`GET_NONCE`] the parameter `timestamp`.
    pub nonce_or_timestamp: &'a str,
}

impl Signed<'_> {
    /// The signature: 64 lower-case hex digits.
    pub fn sign(&self, client_secret: &str) -> String {
        HEXLOWER.encode(&self.mac(client_secret).finalize().into_bytes())
    }

    /// Whether `signature` is the right one. The comparison takes the same time wherever they
    /// differ.
    pub fn is_signed(&self, client_secret: &str, signature: &str) -> bool {
        let digest = HEXLOWER.decode(signature.as_bytes());
        digest.is_ok_and(|digest| self.mac(client_secret).verify_slice(&digest).is_ok())
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    fn mac(&self, client_secret: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(client_secret.as_bytes());
        let values = [self.action, self.client_id, self.nonce_or_timestamp];
        mac.expect("a key of any length").chain_update(values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "test_secret";
    const NONCE: &str = "0123456789abcdef0123456789abcdef01234567";

    const fn call(action: &'static str, nonce_or_timestamp: &'static str) -> Signed<'static> {
        Signed { action, client_id: "test_client", nonce_or_timestamp }
    }

    #[test]
    fn the_vectors_of_the_field_notes() {
        for (signed, signature) in [
            (
                call(GET_NONCE, "1700000000"),
                "60adc61849d2a63d88ae4a4526a6889e0c73c541f13fc9b98330dbd7736d9752",
            ),
            (
                call("listusers", NONCE),
                "a1c3ebaeee3fe579eeee9e82201b97e2290968188f068b829f8b2e87e798f110",
            ),
            (
                call("requesttoken", NONCE),
                "4c07b40d9f01bf533bf183a6c43494354967f29006cce71ce0203a9d6919c91b",
            ),
            (
                call("createuserorder", NONCE),
                "312a77b0bc845df8ea5d68cc6749d1888f0a0096ccd56721c245a836f84d3b49",
            ),
        ] {
            assert_eq!(signed.sign(SECRET), signature);
            assert!(signed.is_signed(SECRET, signature));
        }
    }

    #[test]
    fn every_signed_value_and_the_secret_matter() {
        let right = call("listusers", NONCE);
        let signature = right.sign(SECRET);
        for wrong in [
            call("revoke", NONCE),
            call("listusers", "1700000000"),
            Signed { client_id: "another_client", ..right },
        ] {
            assert!(!wrong.is_signed(SECRET, &signature), "{wrong:?}");
        }
        assert!(!right.is_signed("another_secret", &signature));
    }

    #[test]
    fn a_secret_is_its_text_however_long() {
        let (hex, decoded) = ("2a".repeat(32), "*".repeat(32));
        let signed = call("listusers", NONCE);
        assert_ne!(signed.sign(&hex), signed.sign(&decoded));
        for secret in ["", "x", &hex, &hex.repeat(10)] {
            assert!(signed.is_signed(secret, &signed.sign(secret)), "{}", secret.len());
        }
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let signed = call("listusers", NONCE);
        let signature = signed.sign(SECRET);
        let upper = signature.to_uppercase();
        let longer = format!("{signature}00");
        for wrong in ["", "0", "nonsense", &signature[..62], &longer, &upper, &"0".repeat(64)] {
            assert!(!signed.is_signed(SECRET, wrong), "{wrong}");
        }
    }
}
