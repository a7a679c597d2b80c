//! Applications: the programs that call. Their secrets are sealed; see `secrets.rs`.

use crate::sandbox;
use crate::tx::{Row, Tx, values};
use domain::{Entitlement, EntropyExt as _, Error, OrganizationId, Result, UserId};
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
    /// What else was said of it.
    pub about: About,
}

/// What is said of an application besides its name and addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Whose application it is, in business.
    pub organization: Option<OrganizationId>,
    /// Who registered it on the pages.
    pub owner: Option<UserId>,
    /// A few words for people.
    pub description: Option<String>,
    /// `dev`, `stage` or `prod`.
    pub environment: Option<String>,
    /// Where it is told about orders.
    pub notify_uri: Option<String>,
    /// Calls in a minute: none, what the server lets everybody; 0, as many as it likes.
    pub requests_per_minute: Option<i64>,
    /// What it may do, in the order of [`Entitlement::ALL`].
    pub entitlements: Vec<Entitlement>,
}

/// The id and the secret of a new application. The secret is shown this once.
pub struct Credentials {
    /// 64 hex digits.
    pub client_id: String,
    /// 64 hex digits.
    pub client_secret: String,
}

/// An id and a secret that somebody wrote down; what is missing is drawn.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The id.
    pub client_id: Option<String>,
    /// The secret.
    pub client_secret: Option<String>,
}

/// Makes an application.
pub fn create(
    tx: &mut Tx<'_>,
    name: &str,
    redirect_uris: &[String],
    about: &About,
) -> Result<Credentials> {
    let made = insert(tx, name, redirect_uris, about, Written::default())?;
    made.ok_or_else(|| Error::internal("an application's drawn id was taken"))
}

/// The same in a sandbox with what somebody wrote down; none: another application has the id.
pub fn create_written(
    tx: &mut Tx<'_>,
    name: &str,
    redirect_uris: &[String],
    about: &About,
    written: Written,
) -> Result<Option<Credentials>> {
    sandbox::require(tx)?;
    insert(tx, name, redirect_uris, about, written)
}

fn insert(
    tx: &mut Tx<'_>,
    name: &str,
    redirect_uris: &[String],
    about: &About,
    written: Written,
) -> Result<Option<Credentials>> {
    let client_id = written.client_id.unwrap_or_else(|| long_token(tx));
    let client_secret = written.client_secret.unwrap_or_else(|| long_token(tx));
    let sealed = tx.keyring().seal(&client_secret, &client_id, tx.entropy())?;
    let now = tx.now();
    let written = tx.exec(
        "insert into application (client_id, name, secret, created, organization_id, \
         owner_user_id, description, environment, notify_uri, requests_per_minute) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        values![
            client_id.as_str(),
            name,
            &sealed[..],
            now,
            about.organization.map(|id| id.0),
            about.owner.map(|id| id.0),
            about.description.as_deref(),
            about.environment.as_deref(),
            about.notify_uri.as_deref(),
            about.requests_per_minute,
        ],
    )?;
    if written == 0 {
        return Ok(None);
    }
    add_redirects(tx, &client_id, redirect_uris)?;
    set_entitlements(tx, &client_id, &about.entitlements)?;
    Ok(Some(Credentials { client_id, client_secret }))
}

fn long_token(tx: &Tx<'_>) -> String {
    data_encoding::HEXLOWER.encode(&tx.entropy().bytes::<32>())
}

/// Changes everything that is said of an application; its id, secret and date stay.
pub fn change(tx: &mut Tx<'_>, application: &Application) -> Result<()> {
    let Application { client_id, name, redirect_uris, about, .. } = application;
    tx.exec(
        "update application set name = $2, organization_id = $3, owner_user_id = $4, \
         description = $5, environment = $6, notify_uri = $7, requests_per_minute = $8 \
         where client_id = $1",
        values![
            client_id.as_str(),
            name.as_str(),
            about.organization.map(|id| id.0),
            about.owner.map(|id| id.0),
            about.description.as_deref(),
            about.environment.as_deref(),
            about.notify_uri.as_deref(),
            about.requests_per_minute,
        ],
    )?;
    let sql = "delete from application_redirect where client_id = $1";
    tx.exec(sql, values![client_id.as_str()])?;
    add_redirects(tx, client_id, redirect_uris)?;
    set_entitlements(tx, client_id, &about.entitlements)
}

fn set_entitlements(tx: &mut Tx<'_>, client_id: &str, entitlements: &[Entitlement]) -> Result<()> {
    let sql = "delete from application_entitlement where client_id = $1";
    tx.exec(sql, values![client_id])?;
    for entitlement in entitlements {
        tx.exec(
            "insert into application_entitlement (client_id, entitlement) values ($1, $2) \
             on conflict do nothing",
            values![client_id, entitlement.name()],
        )?;
    }
    Ok(())
}

/// The application of that id.
pub fn find(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<Application>> {
    let sql = "select name, created, organization_id, owner_user_id, description, environment, \
               notify_uri, requests_per_minute from application where client_id = $1";
    let row = tx.row(sql, values![client_id], |row| {
        let about = About {
            organization: row.int_or_null(2)?.map(OrganizationId),
            owner: row.int_or_null(3)?.map(UserId),
            description: row.text_or_null(4)?,
            environment: row.text_or_null(5)?,
            notify_uri: row.text_or_null(6)?,
            requests_per_minute: row.int_or_null(7)?,
            entitlements: Vec::new(),
        };
        Ok((row.text(0)?, row.int(1)?, about))
    })?;
    let Some((name, created, mut about)) = row else { return Ok(None) };
    about.entitlements = entitlements(tx, client_id)?;
    let sql = "select uri from application_redirect where client_id = $1 order by uri";
    let redirect_uris = tx.rows(sql, values![client_id], |row| row.text(0))?;
    Ok(Some(Application { client_id: client_id.to_owned(), name, redirect_uris, created, about }))
}

/// What an application may do.
pub fn entitlements(tx: &mut Tx<'_>, client_id: &str) -> Result<Vec<Entitlement>> {
    let sql = "select entitlement from application_entitlement where client_id = $1";
    let names = tx.rows(sql, values![client_id], |row| row.text(0))?;
    // One of a later version says nothing to this one.
    let mut known: Vec<_> = names.iter().filter_map(|name| Entitlement::parse(name)).collect();
    known.sort_unstable();
    Ok(known)
}

/// How many calls in a minute an application may make, if it has a number of its own.
pub fn requests_per_minute(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<i64>> {
    let sql = "select requests_per_minute from application where client_id = $1";
    Ok(tx.row(sql, values![client_id], |row| row.int_or_null(0))?.flatten())
}

/// The applications somebody registered on the pages, in the order of their ids.
pub fn of_owner(tx: &mut Tx<'_>, owner: UserId) -> Result<Vec<Application>> {
    let sql = "select client_id from application where owner_user_id = $1 order by client_id";
    let ids = tx.rows(sql, values![owner.0], |row| row.text(0))?;
    ids.iter().filter_map(|id| find(tx, id).transpose()).collect()
}

/// Gives an application a new secret; the old one is good for `overlap_seconds` more.
pub fn rotate_secret(tx: &mut Tx<'_>, client_id: &str, overlap_seconds: i64) -> Result<String> {
    let secret = long_token(tx);
    let sealed = tx.keyring().seal(&secret, client_id, tx.entropy())?;
    let until = tx.now() + overlap_seconds;
    tx.exec(
        "update application set previous_secret = secret, previous_secret_until = $3, \
         secret = $2 where client_id = $1",
        values![client_id, &sealed[..], until],
    )?;
    Ok(secret)
}

/// Every secret of an application that is good now, newest first; none of an unknown one.
pub fn secrets(tx: &mut Tx<'_>, client_id: &str) -> Result<Vec<String>> {
    let sql = "select secret, previous_secret, previous_secret_until from application \
               where client_id = $1";
    let read = |row: &Row<'_>| Ok((row.blob(0)?, row.blob_or_null(1)?, row.int_or_null(2)?));
    let Some((sealed, previous, until)) = tx.row(sql, values![client_id], read)? else {
        return Ok(Vec::new());
    };
    let previous = previous.filter(|_| until.is_some_and(|until| tx.now() < until));
    let sealed = std::iter::once(sealed).chain(previous);
    sealed.map(|sealed| tx.keyring().open_sealed(&sealed, client_id)).collect()
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

/// Whether `presented` is a secret of the application, compared in constant time. An unknown
/// application has none.
pub fn has_secret(tx: &mut Tx<'_>, client_id: &str, presented: &str) -> Result<bool> {
    let secrets = secrets(tx, client_id)?;
    let is = |secret: &String| bool::from(secret.as_bytes().ct_eq(presented.as_bytes()));
    Ok(secrets.iter().any(is))
}
