//! The key that seals client secrets at rest. They must be readable again, because calls are signed
//! with them; so a copy of the database alone must not give them away. Backups leave the key out.

use crate::db::OpenError;
use crate::tx::{Tx, values};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64, HEXLOWER};
use domain::{Entropy, EntropyExt as _, Error, Result};
use hmac::{Hmac, Mac as _};
use sha2::{Digest, Sha256};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

const KEY_LABEL: &str = "vitald-key-1";
const SEAL_VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("the key file {path}: {error}; see the owner and the mode of it and of its folder")]
    File {
        /// Where it is.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The file holds something else.
    #[error("the key file {0} does not hold a vitald key; restore it from where you keep it")]
    Unreadable(PathBuf),
    /// The database was written under another key.
    #[error(
        "this key is not the one the database was made with; every node of one database uses the \
         same key file, and a backup of the database does not contain it"
    )]
    Wrong,
}

/// The key in use.
pub struct Keyring {
    id: [u8; KEY_ID_BYTES],
    cipher: XChaCha20Poly1305,
    hashing: Hmac<Sha256>,
}

impl Keyring {
    /// Reads the key file, or makes it (mode 0600) if it is not there yet.
    pub fn open(path: &Path, entropy: &dyn Entropy) -> std::result::Result<Self, KeyError> {
        Self::read(path)?.map_or_else(|| Self::create(path, entropy), Ok)
    }

    /// Reads the key file if it is there; makes nothing.
    pub fn read(path: &Path) -> std::result::Result<Option<Self>, KeyError> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let key = Self::parse(&text).ok_or_else(|| KeyError::Unreadable(path.to_owned()));
                key.map(Some)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeyError::File { path: path.to_owned(), error }),
        }
    }

    /// A key that nobody keeps.
    pub(crate) fn unkept(entropy: &dyn Entropy) -> Self {
        Self::of(&entropy.bytes::<32>())
    }

    fn create(path: &Path, entropy: &dyn Entropy) -> std::result::Result<Self, KeyError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let explain = |error| KeyError::File { path: path.to_owned(), error };
        let key: [u8; 32] = entropy.bytes();
        let text = format!("{KEY_LABEL} {}\n", BASE64.encode(&key));
        // A complete file appears at once: two processes that start together agree on one.
        let folder = path.parent().unwrap_or(Path::new("."));
        let draft = folder.join(format!(".key-{}", entropy.token()));
        let made =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
        let mut file = made.map_err(explain)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(explain)?;
        let linked = std::fs::hard_link(&draft, path);
        std::fs::remove_file(&draft).map_err(explain)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(explain(error)),
            _ => {}
        }
        let kept = std::fs::read_to_string(path).map_err(explain)?;
        Self::parse(&kept).ok_or_else(|| KeyError::Unreadable(path.to_owned()))
    }

    fn parse(text: &str) -> Option<Self> {
        let encoded = text.trim().strip_prefix(KEY_LABEL)?.trim();
        let key = BASE64.decode(encoded.as_bytes()).ok()?;
        Some(Self::of(key.as_slice().try_into().ok()?))
    }

    fn of(key: &[u8; 32]) -> Self {
        let digest: [u8; 32] = Sha256::digest(key).into();
        let [a, b, c, d, ..] = digest;
        // A key of its own for hashing: no key does two things.
        let derived = Sha256::new().chain_update(key).chain_update("hashing").finalize();
        // HMAC fills up a short key with zeros.
        let mut hashing = [0; 64];
        hashing[..32].copy_from_slice(&derived);
        Self {
            id: [a, b, c, d],
            cipher: XChaCha20Poly1305::new(key.into()),
            hashing: Hmac::new(&hashing.into()),
        }
    }

    /// A digest that cannot be made without the key: 64 hex digits.
    pub(crate) fn digest(&self, text: &str) -> String {
        HEXLOWER.encode(&self.hashing.clone().chain_update(text).finalize().into_bytes())
    }

    /// Seals `secret` so that it opens only under the same `bound` text.
    pub(crate) fn seal(&self, secret: &str, bound: &str, entropy: &dyn Entropy) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = entropy.bytes();
        let payload = Payload { msg: secret.as_bytes(), aad: bound.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("a secret could not be sealed"))?;
        Ok([&[SEAL_VERSION], self.id.as_slice(), &nonce, &sealed].concat())
    }

    /// Opens what [`Self::seal`] made.
    pub(crate) fn open_sealed(&self, sealed: &[u8], bound: &str) -> Result<String> {
        let opened = (|| {
            let rest = sealed.strip_prefix(&[SEAL_VERSION])?.strip_prefix(&self.id)?;
            let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
            let payload = Payload { msg: sealed, aad: bound.as_bytes() };
            let opened = self.cipher.decrypt(&XNonce::from(*nonce), payload).ok()?;
            String::from_utf8(opened).ok()
        })();
        opened.ok_or_else(|| {
            let id = HEXLOWER.encode(&self.id);
            Error::internal(format!("a sealed secret does not open with key {id}"))
        })
    }
}

const CHECK: &str = "key_check";

/// Leaves a check value in a new database and proves the key against that of an old one.
pub(crate) fn check(tx: &mut Tx<'_>) -> std::result::Result<(), OpenError> {
    match is_right(tx)? {
        Some(true) => return Ok(()),
        Some(false) => return Err(KeyError::Wrong.into()),
        None => {}
    }
    let sealed = tx.keyring().seal(CHECK, CHECK, tx.entropy())?;
    tx.exec("insert into setting (name, value) values ($1, $2)", values![CHECK, &sealed[..]])?;
    Ok(())
}

/// Whether the key is the database's; none if the database was made with none yet.
pub(crate) fn is_right(tx: &mut Tx<'_>) -> Result<Option<bool>> {
    let sql = "select value from setting where name = $1";
    let kept = tx.row(sql, values![CHECK], |row| row.blob(0))?;
    Ok(kept.map(|kept| tx.keyring().open_sealed(&kept, CHECK).is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SeededEntropy;

    #[test]
    fn a_sealed_secret_opens_only_under_its_key_and_its_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let entropy = SeededEntropy::new(1);
        let open = |name: &str| Keyring::open(&folder.path().join(name), &entropy).expect("a key");
        let (key, same, other) = (open("a"), open("a"), open("b"));
        let sealed = key.seal("secret", "app", &entropy).expect("sealed");
        assert_eq!(same.open_sealed(&sealed, "app").as_deref(), Ok("secret"));
        assert!(same.open_sealed(&sealed, "another app").is_err());
        assert!(other.open_sealed(&sealed, "app").is_err());
        assert!(same.open_sealed(&sealed[..10], "app").is_err());
    }

    #[test]
    fn a_key_file_is_private_and_a_damaged_one_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        Keyring::open(&path, &SeededEntropy::new(1)).expect("a key");
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&path, "something else").expect("written");
        assert!(matches!(
            Keyring::open(&path, &SeededEntropy::new(1)),
            Err(KeyError::Unreadable(_))
        ));
    }
}
