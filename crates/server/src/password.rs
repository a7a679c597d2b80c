//! Passwords: argon2id, off the database threads and off the async ones, a few at a time.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::{Entropy, EntropyExt as _, Error, Failure, Refusal, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization as _;

/// A password has at least this many characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// A password has at most this many bytes: hashing is meant to be slow, not endless.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Passwords that are hashed at once: each takes 19 MiB.
const AT_ONCE: usize = 2;
/// Log-ins that wait for their turn; further ones are told to come back.
const WAITING_MAX: usize = 32;

/// Hashes a new password.
pub fn hash(password: &str, entropy: &dyn Entropy) -> Result<String> {
    hash_by(&Argon2::default(), password, entropy)
}

/// Hashes a password that stands in a file anyway, at the least cost there is: the seed of a
/// sandbox. It is compared like any other.
pub fn hash_written(password: &str, entropy: &dyn Entropy) -> Result<String> {
    let least = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None);
    let least = least.map_err(Error::internal)?;
    hash_by(&Argon2::new(Algorithm::Argon2id, Version::V0x13, least), password, entropy)
}

fn hash_by(argon: &Argon2<'_>, password: &str, entropy: &dyn Entropy) -> Result<String> {
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        let problem = format!("expected {PASSWORD_CHARS_MIN} to {PASSWORD_BYTES_MAX} characters");
        return Err(Refusal::invalid_param("password", problem).into());
    }
    let salt: [u8; 16] = entropy.bytes();
    let hash = argon.hash_password_with_salt(normal(password).as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(Error::internal)
}

/// One password, however a keyboard composes its characters: NFKC, as NIST SP 800-63B asks.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// What a password that is compared with nothing is hashed with.
const SALT: &[u8; 16] = b"nobody's address";

/// Compares passwords with hashes and makes new ones, a few at a time.
pub(crate) struct Verifier {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Verifier {
    pub(crate) fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), waiting: AtomicUsize::new(0) }
    }

    /// Whether `password` is the one that was hashed. Without a hash: the same work, and no.
    pub(crate) async fn matches(&self, password: String, hash: Option<String>) -> Result<bool> {
        if password.len() > PASSWORD_BYTES_MAX {
            return Ok(false);
        }
        let place = self.place().await?;
        let compare = move || {
            // Given back when the work is done, not when the caller stops waiting for it.
            let _place = place;
            let password = normal(&password);
            let Some(hash) = hash else {
                // An unknown address costs as much as a known one: what is hashed here is compared
                // with nothing.
                let hashed = Argon2::default().hash_password_with_salt(password.as_bytes(), SALT);
                return hashed.map(|_| false).map_err(Error::internal);
            };
            let parsed = PasswordHash::new(&hash).map_err(Error::internal)?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
        };
        tokio::task::spawn_blocking(compare).await.map_err(Error::internal)?
    }

    /// Hashes a new password, when it is its turn.
    pub(crate) async fn hash(&self, password: String, entropy: Arc<dyn Entropy>) -> Result<String> {
        let place = self.place().await?;
        let work = move || {
            let _place = place;
            hash(&password, &*entropy)
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit> {
        let queue = Waiting(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::SeqCst) >= WAITING_MAX {
            return Err(Failure::Busy.into());
        }
        let place = Arc::clone(&self.places).acquire_owned().await;
        drop(queue);
        place.map_err(|_| Failure::ShuttingDown.into())
    }
}

/// A caller that waits for a place, or has given up.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
