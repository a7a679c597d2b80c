//! What people let applications see, as either of the two sees it: the grants whose tokens still
//! open something. How tokens live and die is in `token.rs`.

use crate::tx::{Tx, values};
use crate::{raw, subscription, survey};
use domain::{Error, Result, Scope, ScopeSet, UserId};

/// People of one application that are listed at once.
pub const PEOPLE_MAX: i64 = 200;

/// An application that somebody lets see something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// Which one.
    pub client_id: String,
    /// What the consent page calls it.
    pub name: String,
    /// When the first of its grants that still lives was made.
    pub since: i64,
    /// What it may see, each scope once.
    pub scopes: Vec<Scope>,
}

/// The applications a person lets see something, by name.
pub fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Connected>> {
    let now = tx.now();
    let sql = "select f.client_id, a.name, min(f.created), f.scope from token_family f \
               join application a on a.client_id = f.client_id \
               where f.user_id = $1 and exists (select 1 from token_pair p \
               where p.family_id = f.family_id and p.ended = 0 and (p.access_expires > $2 \
               or (p.refresh_ended = 0 and p.refresh_expires > $2))) \
               group by f.client_id, a.name, f.scope order by a.name, f.client_id";
    let rows = tx.rows(sql, values![user.0, now], |row| {
        let scopes = ScopeSet::parse(&row.text(3)?);
        let scopes = scopes.ok_or_else(|| Error::internal("a grant without a known scope"))?;
        let (client_id, name, since) = (row.text(0)?, row.text(1)?, row.int(2)?);
        Ok(Connected { client_id, name, since, scopes: scopes.iter().collect() })
    })?;
    let mut connected: Vec<Connected> = Vec::new();
    for row in rows {
        match connected.last_mut().filter(|last| last.client_id == row.client_id) {
            None => connected.push(row),
            Some(last) => {
                last.since = last.since.min(row.since);
                last.scopes.extend(row.scopes);
                last.scopes.sort_unstable();
                last.scopes.dedup();
            }
        }
    }
    Ok(connected)
}

/// Takes from an application everything a person let it have: tokens, and codes that could bring
/// new ones; and what it is told. Devices are asked for raw data no more once nobody is left who
/// may have it. How many grants there were.
pub fn revoke(tx: &mut Tx<'_>, client_id: &str, user: UserId) -> Result<u64> {
    let may_have_raw_data =
        |other: &Connected| other.client_id != client_id && other.scopes.contains(&Scope::RawData);
    if !of_user(tx, user)?.iter().any(may_have_raw_data) {
        raw::end_all(tx, user)?;
    }
    subscription::end_all(tx, user, client_id)?;
    survey::forget(tx, client_id, user)?;
    // Codes first: whoever redeems one meanwhile has moved its row, and is waited for.
    let sql = "delete from authorization_code where user_id = $1 and client_id = $2";
    tx.exec(sql, values![user.0, client_id])?;
    // Then the locks: a refresh that is under way ends before, or finds the grant gone.
    let sql = "update token_family set touched = touched + 1 where user_id = $1 and client_id = $2";
    let grants = tx.exec(sql, values![user.0, client_id])?;
    let sql = "delete from token_pair where family_id in \
               (select family_id from token_family where user_id = $1 and client_id = $2)";
    tx.exec(sql, values![user.0, client_id])?;
    let sql = "delete from token_family where user_id = $1 and client_id = $2";
    tx.exec(sql, values![user.0, client_id])?;
    Ok(grants)
}

/// Somebody who let an application read their data, or whose account it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Their e-mail address.
    pub email: String,
    /// Whether the application made the account and owns it.
    pub is_owned: bool,
}

/// People of an application in the order of their ids, after `after`.
pub fn members(tx: &mut Tx<'_>, client_id: &str, after: UserId, limit: i64) -> Result<Vec<Member>> {
    // Both halves walk an index of the application's own: nobody else is looked at.
    tx.rows(
        "select p.user_id, p.email, p.owner_client_id from \
         (select user_id from token_family where client_id = $1 and user_id > $2 \
         union select user_id from person where owner_client_id = $1 and user_id > $2 \
         order by user_id limit $3) m \
         join person p on p.user_id = m.user_id order by p.user_id",
        values![client_id, after.0, limit],
        |row| {
            let is_owned = row.text_or_null(2)?.as_deref() == Some(client_id);
            Ok(Member { user: UserId(row.int(0)?), email: row.text(1)?, is_owned })
        },
    )
}

/// How many people have let an application read their data, not counting `but`.
pub fn count_members(tx: &mut Tx<'_>, client_id: &str, but: UserId) -> Result<i64> {
    let sql = "select count(distinct user_id) from token_family \
               where client_id = $1 and user_id <> $2";
    Ok(tx.row(sql, values![client_id, but.0], |row| row.int(0))?.unwrap_or_default())
}

/// Whether an application is one the person lets read their data, or owns the person's account.
pub fn is_member(tx: &mut Tx<'_>, client_id: &str, user: UserId) -> Result<bool> {
    let sql = "select 1 from token_family where client_id = $1 and user_id = $2 limit 1";
    if tx.row(sql, values![client_id, user.0], |_| Ok(()))?.is_some() {
        return Ok(true);
    }
    let sql = "select 1 from person where user_id = $2 and owner_client_id = $1";
    Ok(tx.row(sql, values![client_id, user.0], |_| Ok(()))?.is_some())
}

/// The scopes a person let an application have last.
pub fn last_scopes(tx: &mut Tx<'_>, client_id: &str, user: UserId) -> Result<Option<ScopeSet>> {
    let sql = "select scope from token_family where client_id = $1 and user_id = $2 \
               order by created desc, family_id desc limit 1";
    let scope = tx.row(sql, values![client_id, user.0], |row| row.text(0))?;
    Ok(scope.and_then(|scope| ScopeSet::parse(&scope)))
}

/// How many people let an application see something, and the first of them.
pub fn people(tx: &mut Tx<'_>, client_id: &str) -> Result<(i64, Vec<UserId>)> {
    let now = tx.now();
    let sql = "select count(distinct f.user_id) from token_family f \
               where f.client_id = $1 and exists (select 1 from token_pair p \
               where p.family_id = f.family_id and p.ended = 0 and (p.access_expires > $2 \
               or (p.refresh_ended = 0 and p.refresh_expires > $2)))";
    let count = tx.row(sql, values![client_id, now], |row| row.int(0))?;
    let sql = "select distinct f.user_id from token_family f \
               where f.client_id = $1 and exists (select 1 from token_pair p \
               where p.family_id = f.family_id and p.ended = 0 and (p.access_expires > $2 \
               or (p.refresh_ended = 0 and p.refresh_expires > $2))) \
               order by f.user_id limit $3";
    let people = tx.rows(sql, values![client_id, now, PEOPLE_MAX], |row| row.int(0).map(UserId))?;
    Ok((count.unwrap_or_default(), people))
}
