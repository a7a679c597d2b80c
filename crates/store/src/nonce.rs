//! Nonces of signed calls: single use, half an hour, bound to the application they were given to.
//! Kept as their hash.

use crate::tx::{Tx, values};
use domain::signature::NONCE_SECONDS;
use domain::{EntropyExt as _, Refusal, Result, Status};

/// Nonces of one application that can still be used; further ones have to wait.
pub const OUTSTANDING_MAX: i64 = 2_000;

/// Makes a nonce for an application.
pub fn issue(tx: &mut Tx<'_>, client_id: &str) -> Result<String> {
    let now = tx.now();
    let sql = "delete from nonce where client_id = $1 and expires <= $2";
    tx.exec(sql, values![client_id, now])?;
    let sql = "select count(*) from nonce where client_id = $1";
    let outstanding = tx.row(sql, values![client_id], |row| row.int(0))?;
    if outstanding.is_some_and(|outstanding| outstanding >= OUTSTANDING_MAX) {
        let cause = "the application has fetched too many nonces without using them";
        return Err(Refusal::new(Status::TOO_MANY_REQUESTS, "Too many request", cause).into());
    }
    let nonce = tx.entropy().token();
    tx.exec(
        "insert into nonce (nonce_hash, client_id, expires) values ($1, $2, $3)",
        values![&crate::hash(&nonce)[..], client_id, now + NONCE_SECONDS],
    )?;
    Ok(nonce)
}

/// Uses a nonce: `true` for exactly one of several callers, and only while it is good.
pub fn burn(tx: &mut Tx<'_>, client_id: &str, nonce: &str) -> Result<bool> {
    tx.need_write()?;
    let sql = "delete from nonce where nonce_hash = $1 and client_id = $2 returning expires";
    let expires = tx.row(sql, values![&crate::hash(nonce)[..], client_id], |row| row.int(0))?;
    Ok(expires.is_some_and(|expires| tx.now() < expires))
}
