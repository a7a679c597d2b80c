//! Applications: the programs that call. Their secrets are sealed; see `secrets.rs`.

use crate::tx::{Tx, values};
use domain::{EntropyExt as _, Result};
use subtle::ConstantTimeEq as _;

/// An application as stored, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// 64 hex digits.
    pub client_id: String,
    /// What the consent page calls it.
    pub name: String,
    /// Where it may have people sent back to, and further down from there.
    pub redirect_uris: Vec<String>,
    /// When it was made.
    pub created: i64,
}

/// The id and the secret of a new application. The secret is shown this once.
pub struct Credentials {
    /// 64 hex digits.
    pub client_id: String,
    /// 64 hex digits.
    pub client_secret: String,
}

/// Makes an application.
pub fn create(tx: &mut Tx<'_>, name: &str, redirect_uris: &[String]) -> Result<Credentials> {
    let long_token = || data_encoding::HEXLOWER.encode(&tx.entropy().bytes::<32>());
    let (client_id, client_secret) = (long_token(), long_token());
    let sealed = tx.keyring().seal(&client_secret, &client_id, tx.entropy())?;
    let now = tx.now();
    tx.exec(
        "insert into application (client_id, name, secret, created) values ($1, $2, $3, $4)",
        values![client_id.as_str(), name, &sealed[..], now],
    )?;
    add_redirects(tx, &client_id, redirect_uris)?;
    Ok(Credentials { client_id, client_secret })
}

/// The application of that id.
pub fn find(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<Application>> {
    let sql = "select name, created from application where client_id = $1";
    let row = tx.row(sql, values![client_id], |row| Ok((row.text(0)?, row.int(1)?)))?;
    let Some((name, created)) = row else { return Ok(None) };
    let sql = "select uri from application_redirect where client_id = $1 order by uri";
    let redirect_uris = tx.rows(sql, values![client_id], |row| row.text(0))?;
    Ok(Some(Application { client_id: client_id.to_owned(), name, redirect_uris, created }))
}

/// Applications in the order of their ids, after `after`.
pub fn list(tx: &mut Tx<'_>, after: &str, limit: i64) -> Result<Vec<Application>> {
    let sql = "select client_id from application where client_id > $1 order by client_id limit $2";
    let ids = tx.rows(sql, values![after, limit], |row| row.text(0))?;
    ids.iter().filter_map(|id| find(tx, id).transpose()).collect()
}

/// The application of that name that was made first, with its secret.
pub fn find_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Credentials>> {
    let sql = "select client_id, secret from application where name = $1 \
               order by created, client_id limit 1";
    let found = tx.row(sql, values![name], |row| Ok((row.text(0)?, row.blob(1)?)))?;
    let Some((client_id, sealed)) = found else { return Ok(None) };
    let client_secret = tx.keyring().open_sealed(&sealed, &client_id)?;
    Ok(Some(Credentials { client_id, client_secret }))
}

/// Adds addresses an application may have people sent back to.
pub fn add_redirects(tx: &mut Tx<'_>, client_id: &str, redirect_uris: &[String]) -> Result<()> {
    for uri in redirect_uris {
        tx.exec(
            "insert into application_redirect (client_id, uri) values ($1, $2) \
             on conflict do nothing",
            values![client_id, uri.as_str()],
        )?;
    }
    Ok(())
}

/// Whether `presented` is the application's secret, compared in constant time. An unknown
/// application has none.
pub fn has_secret(tx: &mut Tx<'_>, client_id: &str, presented: &str) -> Result<bool> {
    let sql = "select secret from application where client_id = $1";
    let Some(sealed) = tx.row(sql, values![client_id], |row| row.blob(0))? else {
        return Ok(false);
    };
    let secret = tx.keyring().open_sealed(&sealed, client_id)?;
    Ok(secret.as_bytes().ct_eq(presented.as_bytes()).into())
}
