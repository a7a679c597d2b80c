//! What applications say of the people whose accounts they make: what they call them, and what the
//! people can claim their accounts with. Whether a claim is good is decided in `api::account`.

use crate::tx::{Tx, values};
use domain::{Refusal, Result, UserId};

/// Whose account an application calls by that name.
pub fn external(tx: &mut Tx<'_>, client_id: &str, external_id: &str) -> Result<Option<UserId>> {
    let sql = "select user_id from external_person where client_id = $1 and external_id = $2";
    tx.row(sql, values![client_id, external_id], |row| row.int(0).map(UserId))
}

/// What an application calls a person, if it does.
pub fn external_id(tx: &mut Tx<'_>, client_id: &str, user: UserId) -> Result<Option<String>> {
    let sql = "select external_id from external_person where user_id = $2 and client_id = $1";
    tx.row(sql, values![client_id, user.0], |row| row.text(0))
}

/// Notes what an application calls a person. A name of somebody else of the application's is
/// refused; one person has one name, the last.
pub fn call(tx: &mut Tx<'_>, client_id: &str, external_id: &str, user: UserId) -> Result<()> {
    let sql = "insert into external_person (client_id, external_id, user_id) values ($1, $2, $3) \
               on conflict do nothing";
    let is_new = tx.exec(sql, values![client_id, external_id, user.0])? == 1;
    if !is_new && external(tx, client_id, external_id)? != Some(user) {
        let problem = "it is what the application calls somebody else; the e-mail address is \
                       another one there";
        return Err(Refusal::invalid_param("external_id", problem).into());
    }
    let sql = "delete from external_person where user_id = $3 and client_id = $1 \
               and external_id <> $2";
    tx.exec(sql, values![client_id, external_id, user.0]).map(|_| ())
}

/// Sets what a person can claim the account with, or that nothing is.
pub fn set_recovery(tx: &mut Tx<'_>, user: UserId, code: Option<&str>) -> Result<()> {
    let seal = |code| tx.keyring().seal(code, &context(user), tx.entropy());
    let sealed = code.map(seal).transpose()?;
    let sql = "update person set recovery = $2 where user_id = $1";
    tx.exec(sql, values![user.0, sealed.as_deref()]).map(|_| ())
}

/// What a person can claim the account with.
pub fn recovery(tx: &mut Tx<'_>, user: UserId) -> Result<Option<String>> {
    let sql = "select recovery from person where user_id = $1";
    let sealed = tx.row(sql, values![user.0], |row| row.blob_or_null(0))?.flatten();
    sealed.map(|sealed| tx.keyring().open_sealed(&sealed, &context(user))).transpose()
}

fn context(user: UserId) -> String {
    format!("recovery {user}")
}

/// What is kept of a code that is sent to a person.
pub fn code_hash(user: UserId, code: &str) -> [u8; 32] {
    crate::hash(&format!("{user} {code}"))
}

/// How far a person is with claiming their account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claim {
    /// The hash of the code that was sent, if one is good.
    pub code_hash: Option<[u8; 32]>,
    /// Until when it is good.
    pub expires: i64,
    /// How often something else was typed since `since`.
    pub tries: i64,
    /// How many codes were sent since `since`.
    pub sent: i64,
    /// When this day of counting began.
    pub since: i64,
}

/// How far a person is with claiming their account. In a write it waits for others who ask.
pub fn claim(tx: &mut Tx<'_>, user: UserId) -> Result<Claim> {
    let sql = "insert into claim (user_id, code_hash, expires, tries, sent, since) \
               values ($1, null, 0, 0, 0, $2) on conflict (user_id) do update \
               set tries = claim.tries returning code_hash, expires, tries, sent, since";
    let now = tx.now();
    let claim = tx.row(sql, values![user.0, now], |row| {
        let hash = row.blob_or_null(0)?;
        Ok(Claim {
            code_hash: hash.and_then(|hash| hash.as_slice().try_into().ok()),
            expires: row.int(1)?,
            tries: row.int(2)?,
            sent: row.int(3)?,
            since: row.int(4)?,
        })
    })?;
    Ok(claim.unwrap_or_default())
}

/// Notes how far a person is with claiming their account.
pub fn set_claim(tx: &mut Tx<'_>, user: UserId, claim: &Claim) -> Result<()> {
    let hash = claim.code_hash.as_ref().map(|hash| &hash[..]);
    tx.exec(
        "update claim set code_hash = $2, expires = $3, tries = $4, sent = $5, since = $6 \
         where user_id = $1",
        values![user.0, hash, claim.expires, claim.tries, claim.sent, claim.since],
    )
    .map(|_| ())
}
