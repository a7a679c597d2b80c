//! Signatures of notifications as Standard Webhooks describes them (standardwebhooks.com, version
//! 1): an HMAC of id, time and body under a secret both sides know. The real service signs nothing;
//! this is asked for, subscription by subscription.

use crate::{Entropy, EntropyExt as _};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a secret's text begins with.
const PREFIX: &str = "whsec_";
/// A secret has 24 to 64 bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Whether a text is a secret: `whsec_` and 24 to 64 bytes in base64.
#[must_use]
pub fn is_secret(text: &str) -> bool {
    key(text).is_some()
}

fn key(text: &str) -> Option<Vec<u8>> {
    let key = BASE64.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
    SECRET_BYTES.contains(&key.len()).then_some(key)
}

/// A new secret.
pub fn new_secret(entropy: &dyn Entropy) -> String {
    format!("{PREFIX}{}", BASE64.encode(&entropy.bytes::<32>()))
}

/// The value of `webhook-signature`: one signature for each secret that is good, newest first. None
/// if no secret is one.
#[must_use]
pub fn signatures(secrets: &[String], id: &str, timestamp: i64, body: &str) -> Option<String> {
    let signed = |secret: &String| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).ok()?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        Some(format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes())))
    };
    let all: Vec<String> = secrets.iter().filter_map(signed).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    #[test]
    fn the_signature_is_the_specifications() {
        // The example of the specification's own libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let (id, at) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
        let signed = signatures(&[secret], id, at, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_secret_has_its_shape() {
        let made = new_secret(&SeededEntropy::new(1));
        assert!(is_secret(&made));
        let short = format!("whsec_{}", BASE64.encode(&[0; 23]));
        let long = format!("whsec_{}", BASE64.encode(&[0; 65]));
        for other in ["", "whsec_", "whsec_!!", &made[6..], &short, &long] {
            assert!(!is_secret(other), "{other}");
        }
        assert_eq!(signatures(&[], "a", 1, ""), None);
        let both = signatures(&[made.clone(), new_secret(&SeededEntropy::new(2))], "a", 1, "");
        assert_eq!(both.map(|both| both.split(' ').count()), Some(2));
    }
}
