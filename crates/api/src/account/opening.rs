//! How an account begins, and how its sessions do. Hashing and comparing passwords is slow and done
//! outside: what is written here looks again whether that still holds.

use crate::admin::{self, NewAccount};
use domain::{Refusal, Result, UserId};
use store::{Tx, person, session};

/// Makes an account somebody asked for on the pages, and logs them in: the session's secret.
pub fn sign_up(tx: &mut Tx<'_>, email: &str, hash: &str, time_zone: &str) -> Result<String> {
    // Some addresses may hold what no header of a letter can.
    if email.trim().contains(char::is_control) {
        return Err(Refusal::invalid_param("email", "expected an e-mail address").into());
    }
    let zone = time_zone.trim();
    let new = NewAccount {
        email: email.to_owned(),
        password_hash: Some(hash.to_owned()),
        time_zone: (!zone.is_empty()).then(|| zone.to_owned()),
        ..NewAccount::default()
    };
    tx.attempt(|tx| {
        let made = admin::create_account(tx, &new)?;
        session::begin(tx, made.id)
    })
}

/// Begins a session of somebody whose password was right a moment ago; one that the same browser
/// had before ends.
pub fn log_in(
    tx: &mut Tx<'_>,
    email: &str,
    known: &(UserId, String),
    before: Option<&str>,
) -> Result<String> {
    if person::password_of(tx, email)?.as_ref() != Some(known) {
        return Err(Refusal::invalid_token("the password changed while it was compared").into());
    }
    if let Some(before) = before {
        session::end(tx, before)?;
    }
    session::begin(tx, known.0)
}

/// Sets a new password and ends every session: the secret of the one that goes on.
pub fn change_password(
    tx: &mut Tx<'_>,
    user: UserId,
    known_hash: &str,
    new_hash: &str,
) -> Result<String> {
    if person::password_hash(tx, user)?.as_deref() != Some(known_hash) {
        return Err(Refusal::invalid_token("the password changed while it was compared").into());
    }
    person::set_password(tx, user, new_hash)?;
    session::end_all(tx, user)?;
    session::begin(tx, user)
}
