//! Authorization codes: single use, short-lived, bound to the application and to the address the
//! person was sent back to. The code itself is kept as its hash.

use crate::token::{self, NewGrant, Tokens};
use crate::tx::{Tx, values};
use domain::{EntropyExt as _, Refusal, Result, ScopeSet, UserId, pkce, redirect};

/// How long spent codes are kept, so that their reuse is seen.
const KEEP_SECONDS: i64 = 3_600;

/// A code that is about to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewCode<'c> {
    /// Whose data it will open.
    pub user: UserId,
    /// For which application.
    pub client_id: &'c str,
    /// Where it is sent, which must be named again; none if it was not sent anywhere: then any
    /// address of the application will do.
    pub redirect_uri: Option<&'c str>,
    /// What the person permitted.
    pub scopes: &'c ScopeSet,
    /// The PKCE challenge that came with the question (RFC 7636, S256).
    pub challenge: Option<&'c str>,
    /// Whether what it brings changes nothing.
    pub is_read_only: bool,
    /// How long it lives.
    pub seconds: i64,
}

/// Makes a code for what a person has just permitted.
pub fn issue(tx: &mut Tx<'_>, new: &NewCode<'_>) -> Result<String> {
    let code = tx.entropy().token();
    let now = tx.now();
    let sql = "delete from authorization_code where expires < $1";
    tx.exec(sql, values![now - KEEP_SECONDS])?;
    tx.exec(
        "insert into authorization_code \
         (code_hash, user_id, client_id, redirect_uri, scope, expires, family_id, challenge, \
         read_only) values ($1, $2, $3, $4, $5, $6, null, $7, $8)",
        values![
            &crate::hash(&code)[..],
            new.user.0,
            new.client_id,
            new.redirect_uri.unwrap_or_default(),
            new.scopes.text(),
            now + new.seconds,
            new.challenge,
            new.is_read_only,
        ],
    )?;
    Ok(code)
}

/// A code as an application brings it back.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'p> {
    /// The code.
    pub code: &'p str,
    /// Who brings it.
    pub client_id: &'p str,
    /// Where it was sent.
    pub redirect_uri: &'p str,
    /// What the PKCE challenge was made of.
    pub verifier: Option<&'p str>,
}

/// What is left of a code that was burnt.
enum Burnt {
    Good { user: UserId, scopes: ScopeSet, is_read_only: bool },
    Dead(&'static str),
}

/// Uses a code, exactly once under any concurrency: its first pair of tokens. A code that is used
/// again also ends the tokens it brought (RFC 6749 §4.1.2): one of the two callers stole it.
pub fn redeem(
    tx: &mut Tx<'_>,
    presented: &Presented<'_>,
) -> Result<std::result::Result<Tokens, Refusal>> {
    tx.need_write()?;
    let family = token::new_family_id(tx);
    match burn(tx, presented, family)? {
        Burnt::Good { user, scopes, is_read_only } => {
            let client_id = presented.client_id;
            let grant = NewGrant { user, client_id, scopes: &scopes, is_read_only };
            token::begin_family(tx, family, &grant).map(Ok)
        }
        Burnt::Dead(cause) => Ok(Err(Refusal::rejected("code", cause))),
    }
}

/// A row of the table.
struct Kept {
    user: i64,
    redirect_uri: String,
    scope: String,
    expires: i64,
    challenge: Option<String>,
    is_read_only: bool,
}

fn burn(tx: &mut Tx<'_>, presented: &Presented<'_>, family: i64) -> Result<Burnt> {
    let (hash, client_id) = (crate::hash(presented.code), presented.client_id);
    // A code of another application stays untouched: knowing it must not be enough to burn it.
    let sql = "update authorization_code set family_id = $3 \
               where code_hash = $1 and client_id = $2 and family_id is null \
               returning user_id, redirect_uri, scope, expires, challenge, read_only";
    let read = |row: &crate::tx::Row<'_>| {
        Ok(Kept {
            user: row.int(0)?,
            redirect_uri: row.text(1)?,
            scope: row.text(2)?,
            expires: row.int(3)?,
            challenge: row.text_or_null(4)?,
            is_read_only: row.int_or_null(5)? == Some(1),
        })
    };
    let Some(kept) = tx.row(sql, values![&hash[..], client_id, family], read)? else {
        let sql =
            "select family_id from authorization_code where code_hash = $1 and client_id = $2";
        let used = tx.row(sql, values![&hash[..], client_id], |row| row.int(0))?;
        return Ok(Burnt::Dead(match used {
            Some(family) => {
                token::end_family(tx, family)?;
                "the code was used before; the tokens it brought are ended"
            }
            None => "no such code for this application",
        }));
    };
    let is_right_address = match kept.redirect_uri.as_str() {
        "" => is_registered(tx, presented)?,
        sent => sent == presented.redirect_uri,
    };
    let proves = pkce::proves(kept.challenge.as_deref(), presented.verifier);
    Ok(match ScopeSet::parse(&kept.scope) {
        _ if tx.now() >= kept.expires => Burnt::Dead("the code is too old"),
        _ if !is_right_address => Burnt::Dead("redirect_uri is not the one the code was sent to"),
        _ if !proves => Burnt::Dead("code_verifier does not fit the challenge (PKCE)"),
        None => Burnt::Dead("the code carries no known scope"),
        Some(scopes) => {
            let is_read_only = kept.is_read_only;
            Burnt::Good { user: UserId(kept.user), scopes, is_read_only }
        }
    })
}

fn is_registered(tx: &mut Tx<'_>, presented: &Presented<'_>) -> Result<bool> {
    let application = crate::application::find(tx, presented.client_id)?;
    let addresses = application.map(|application| application.redirect_uris).unwrap_or_default();
    let named = presented.redirect_uri;
    Ok(addresses.iter().any(|registered| redirect::allows(registered, named)))
}
