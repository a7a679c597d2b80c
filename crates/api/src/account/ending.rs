//! How an account ends, and everything about the person with it.

use domain::{Refusal, Result, UserId};
use store::{Tx, erase, person};

/// Erases a person whose password was right a moment ago.
pub fn delete(tx: &mut Tx<'_>, user: UserId, known_hash: &str) -> Result<()> {
    if person::password_hash(tx, user)?.as_deref() != Some(known_hash) {
        return Err(Refusal::invalid_token("the password changed while it was compared").into());
    }
    erase::erase(tx, user)
}
