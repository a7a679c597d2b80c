//! Access and refresh tokens. The rule of their life is `domain::token`; here it is loaded, applied
//! and written back under a lock on the family's row. Tokens are kept as SHA-256.

use crate::tx::{Row, Tx, values};
use data_encoding::HEXLOWER;
use domain::token::{ACCESS_SECONDS, Family, Pair};
use domain::{EntropyExt as _, Error, Refusal, Result, ScopeSet, Status, UserId};
use sha2::{Digest, Sha256};

/// A fresh pair, in the clear this once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Whose data it opens.
    pub user: UserId,
    /// 40 hex digits.
    pub access_token: String,
    /// 40 hex digits.
    pub refresh_token: String,
    /// Seconds the access token lives.
    pub expires_in: i64,
    /// What it may be used for, in the text in which that was asked for.
    pub scope: String,
    /// Goes with the access token; web views of the mobile SDK hand it back.
    pub csrf_token: String,
}

/// A live access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose data it opens.
    pub user: UserId,
    /// Which application it was given to.
    pub client_id: String,
    /// What it may be used for.
    pub scopes: ScopeSet,
    /// Whether it changes nothing, whatever its scopes say.
    pub is_read_only: bool,
}

/// Why an access token opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// In words for the log.
    pub cause: &'static str,
    /// Which application it was given to, if it ever was one.
    pub client_id: Option<String>,
}

/// A grant that is about to begin.
pub(crate) struct NewGrant<'g> {
    pub(crate) user: UserId,
    pub(crate) client_id: &'g str,
    pub(crate) scopes: &'g ScopeSet,
    pub(crate) is_read_only: bool,
}

/// An id for a family that is about to begin; 53 random bits, so no counter is shared.
pub(crate) fn new_family_id(tx: &Tx<'_>) -> i64 {
    tx.entropy().number(1, 1 << 53)
}

/// Begins a grant: the pair that answers a code.
pub(crate) fn begin_family(
    tx: &mut Tx<'_>,
    family_id: i64,
    grant: &NewGrant<'_>,
) -> Result<Tokens> {
    insert_family(tx, family_id, grant)?;
    let family = Family::begin(tx.now());
    mint(tx, family_id, &family, grant.user, grant.scopes.text())
}

fn insert_family(tx: &mut Tx<'_>, family_id: i64, grant: &NewGrant<'_>) -> Result<()> {
    let (now, scope) = (tx.now(), grant.scopes.text());
    tx.exec(
        "insert into token_family (family_id, user_id, client_id, scope, created, touched, \
         read_only) values ($1, $2, $3, $4, $5, 0, $6)",
        values![family_id, grant.user.0, grant.client_id, scope, now, grant.is_read_only],
    )?;
    Ok(())
}

/// Begins a grant without a code: what `vitald token issue` does for its operator.
pub fn issue(tx: &mut Tx<'_>, user: UserId, client_id: &str, scopes: &ScopeSet) -> Result<Tokens> {
    let family_id = new_family_id(tx);
    begin_family(tx, family_id, &NewGrant { user, client_id, scopes, is_read_only: false })
}

/// An access and a refresh token that somebody wrote down; what is missing is drawn.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The access token.
    pub access_token: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
}

/// The same in a sandbox with what somebody wrote down; kept as a hash like any other. No two are
/// the same: that is looked at before.
pub fn issue_written(
    tx: &mut Tx<'_>,
    user: UserId,
    client_id: &str,
    scopes: &ScopeSet,
    written: Written,
) -> Result<Tokens> {
    crate::sandbox::require(tx)?;
    let (family_id, now, scope) = (new_family_id(tx), tx.now(), scopes.text());
    let grant = NewGrant { user, client_id, scopes, is_read_only: false };
    insert_family(tx, family_id, &grant)?;
    let access_token = written.access_token.unwrap_or_else(|| tx.entropy().token());
    let refresh_token = written.refresh_token.unwrap_or_else(|| tx.entropy().token());
    let tokens = [access_token, refresh_token];
    insert_pair(tx, family_id, &Family::begin(now), tokens, (user, scope))
}

/// The same for what may be read and not changed.
pub fn issue_read_only(
    tx: &mut Tx<'_>,
    user: UserId,
    client_id: &str,
    scopes: &ScopeSet,
) -> Result<Tokens> {
    let family_id = new_family_id(tx);
    begin_family(tx, family_id, &NewGrant { user, client_id, scopes, is_read_only: true })
}

/// Ends every token of a grant.
pub(crate) fn end_family(tx: &mut Tx<'_>, family_id: i64) -> Result<()> {
    if lock(tx, family_id)?.is_some() {
        tx.exec("update token_pair set ended = 1 where family_id = $1", values![family_id])?;
    }
    Ok(())
}

/// What an access token opens, or the cause why it opens nothing. The first use of a pair that a
/// refresh brought writes: in a read it asks to be run again as a write.
pub fn authenticate(
    tx: &mut Tx<'_>,
    access_token: &str,
) -> Result<std::result::Result<Grant, Dead>> {
    let sql = "select p.family_id, p.number, p.access_expires, p.used, p.ended, \
               f.user_id, f.client_id, f.scope, f.read_only \
               from token_pair p join token_family f on f.family_id = p.family_id \
               where p.access_hash = $1";
    let read = |row: &Row<'_>| {
        let scopes = ScopeSet::parse(&row.text(7)?);
        let scopes = scopes.ok_or_else(|| Error::internal("a grant without a known scope"))?;
        let is_read_only = row.int_or_null(8)? == Some(1);
        let (user, client_id) = (UserId(row.int(5)?), row.text(6)?);
        let grant = Grant { user, client_id, scopes, is_read_only };
        Ok((row.int(0)?, row.int(1)?, row.int(2)?, row.flag(3)?, row.flag(4)?, grant))
    };
    let found = tx.row(sql, values![&crate::hash(access_token)[..]], read)?;
    let Some((family_id, number, expires, used, ended, grant)) = found else {
        return Ok(Err(Dead { cause: "unknown access token", client_id: None }));
    };
    let dead = |cause, grant: Grant| Ok(Err(Dead { cause, client_id: Some(grant.client_id) }));
    if tx.now() >= expires {
        return dead("expired access token", grant);
    }
    if ended {
        return dead("access token ended: another token of the same grant replaced it", grant);
    }
    if used {
        return Ok(Ok(grant));
    }
    tx.need_write()?;
    let now = tx.now();
    if change(tx, family_id, |family| family.use_access(number, now))? {
        return Ok(Ok(grant));
    }
    dead("access token ended: a sibling was used first", grant)
}

/// Uses a refresh token: a new pair. The same token can be used again for a while; see
/// `domain::token`.
pub fn refresh(
    tx: &mut Tx<'_>,
    refresh_token: &str,
    client_id: &str,
) -> Result<std::result::Result<Tokens, Refusal>> {
    tx.need_write()?;
    let reject = |cause: &str| Ok(Err(Refusal::rejected("refresh_token", cause)));
    let sql = "select p.family_id, p.number, f.user_id, f.scope \
               from token_pair p join token_family f on f.family_id = p.family_id \
               where p.refresh_hash = $1 and f.client_id = $2";
    let read = |row: &Row<'_>| Ok((row.int(0)?, row.int(1)?, UserId(row.int(2)?), row.text(3)?));
    let found = tx.row(sql, values![&crate::hash(refresh_token)[..], client_id], read)?;
    let Some((family_id, number, user, scope)) = found else {
        return reject("no such refresh token for this application");
    };
    let Some(mut family) = lock(tx, family_id)? else {
        return reject("the grant is gone");
    };
    let before = family.clone();
    let has_been_used = |pair: &Pair| pair.first_refreshed_at.is_some() || pair.refresh_ended;
    if tx.profile().is_strict() && family.pair(number).is_some_and(has_been_used) {
        // RFC 9700 §4.14.2: one of the two who have it stole it.
        tx.exec("update token_pair set ended = 1 where family_id = $1", values![family_id])?;
        return reject("the refresh token came twice; its grant is ended (strict profile)");
    }
    family.prune(tx.now());
    if family.is_crowded(number) {
        let text = "Too many request";
        let cause = "the refresh token was used too often without using what it brought";
        return Ok(Err(Refusal::new(Status::TOO_MANY_REQUESTS, text, cause)));
    }
    if family.refresh(number, tx.now()).is_none() {
        return reject("the refresh token is dead: replaced by a used token, or too old");
    }
    save(tx, family_id, &before, &family)?;
    mint(tx, family_id, &family, user, &scope).map(Ok)
}

/// Applies `event` to the family under its lock.
fn change(
    tx: &mut Tx<'_>,
    family_id: i64,
    event: impl FnOnce(&mut Family) -> bool,
) -> Result<bool> {
    let Some(mut family) = lock(tx, family_id)? else { return Ok(false) };
    let before = family.clone();
    let happened = event(&mut family);
    save(tx, family_id, &before, &family)?;
    Ok(happened)
}

/// Locks the family against every other change and loads its pairs.
fn lock(tx: &mut Tx<'_>, family_id: i64) -> Result<Option<Family>> {
    let sql = "update token_family set touched = touched + 1 where family_id = $1";
    if tx.exec(sql, values![family_id])? == 0 {
        return Ok(None);
    }
    let sql = "select number, parent, access_expires, refresh_expires, first_refreshed, used, \
               refresh_ended, ended from token_pair where family_id = $1 order by number";
    let pairs = tx.rows(sql, values![family_id], |row| {
        Ok(Pair {
            number: row.int(0)?,
            parent: row.int_or_null(1)?,
            access_expires_at: row.int(2)?,
            refresh_expires_at: row.int(3)?,
            first_refreshed_at: row.int_or_null(4)?,
            used: row.flag(5)?,
            refresh_ended: row.flag(6)?,
            ended: row.flag(7)?,
        })
    })?;
    Ok(Some(Family::of(pairs)))
}

/// Writes the pairs that changed, and drops those that are gone.
fn save(tx: &mut Tx<'_>, family_id: i64, before: &Family, after: &Family) -> Result<()> {
    for old in before.pairs() {
        match after.pair(old.number) {
            Some(pair) if pair == old => {}
            Some(pair) => {
                tx.exec(
                    "update token_pair set parent = $3, first_refreshed = $4, used = $5, \
                     refresh_ended = $6, ended = $7 where family_id = $1 and number = $2",
                    values![
                        family_id,
                        pair.number,
                        pair.parent,
                        pair.first_refreshed_at,
                        pair.used,
                        pair.refresh_ended,
                        pair.ended,
                    ],
                )?;
            }
            None => {
                let sql = "delete from token_pair where family_id = $1 and number = $2";
                tx.exec(sql, values![family_id, old.number])?;
            }
        }
    }
    Ok(())
}

/// Gives the family's newest pair its tokens and writes it.
fn mint(
    tx: &mut Tx<'_>,
    family_id: i64,
    family: &Family,
    user: UserId,
    scope: &str,
) -> Result<Tokens> {
    let tokens = [tx.entropy().token(), tx.entropy().token()];
    insert_pair(tx, family_id, family, tokens, (user, scope))
}

fn insert_pair(
    tx: &mut Tx<'_>,
    family_id: i64,
    family: &Family,
    [access_token, refresh_token]: [String; 2],
    (user, scope): (UserId, &str),
) -> Result<Tokens> {
    let pair = family.pairs().last().ok_or_else(|| Error::internal("an empty family"))?;
    tx.exec(
        "insert into token_pair (family_id, number, parent, access_hash, refresh_hash, \
         access_expires, refresh_expires, first_refreshed, used, refresh_ended, ended) \
         values ($1, $2, $3, $4, $5, $6, $7, null, $8, 0, 0)",
        values![
            family_id,
            pair.number,
            pair.parent,
            &crate::hash(&access_token)[..],
            &crate::hash(&refresh_token)[..],
            pair.access_expires_at,
            pair.refresh_expires_at,
            pair.used,
        ],
    )?;
    let csrf_token = csrf_token(&access_token);
    let (expires_in, scope) = (ACCESS_SECONDS, scope.to_owned());
    Ok(Tokens { user, access_token, refresh_token, expires_in, scope, csrf_token })
}

/// Derived from the access token, so that whoever holds that can check it without a look-up.
fn csrf_token(access_token: &str) -> String {
    let digest = Sha256::new().chain_update("csrf:").chain_update(access_token).finalize();
    HEXLOWER.encode(&digest[..16])
}
