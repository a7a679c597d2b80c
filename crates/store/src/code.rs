//! Authorization codes: single use, short-lived, bound to the application and to the address the
//! person was sent back to. The code itself is kept as its hash.

use crate::token::{self, Tokens};
use crate::tx::{Tx, values};
use domain::token::CODE_SECONDS;
use domain::{EntropyExt as _, Refusal, Result, ScopeSet, UserId};

/// How long spent codes are kept, so that their reuse is seen.
const KEEP_SECONDS: i64 = 3_600;

/// Makes a code for what a person has just permitted.
pub fn issue(
    tx: &mut Tx<'_>,
    user: UserId,
    client_id: &str,
    redirect_uri: &str,
    scopes: &ScopeSet,
) -> Result<String> {
    let code = tx.entropy().token();
    let now = tx.now();
    let sql = "delete from authorization_code where expires < $1";
    tx.exec(sql, values![now - KEEP_SECONDS])?;
    tx.exec(
        "insert into authorization_code \
         (code_hash, user_id, client_id, redirect_uri, scope, expires, family_id) \
         values ($1, $2, $3, $4, $5, $6, null)",
        values![
            &crate::hash(&code)[..],
            user.0,
            client_id,
            redirect_uri,
            scopes.text(),
            now + CODE_SECONDS,
        ],
    )?;
    Ok(code)
}

/// What is left of a code that was burnt.
enum Burnt {
    Good { user: UserId, scopes: ScopeSet },
    Dead(&'static str),
}

/// Uses a code, exactly once under any concurrency: its first pair of tokens. A code that is used
/// again also ends the tokens it brought (RFC 6749 §4.1.2): one of the two callers stole it.
pub fn redeem(
    tx: &mut Tx<'_>,
    code: &str,
    client_id: &str,
    redirect_uri: &str,
) -> Result<std::result::Result<Tokens, Refusal>> {
    tx.need_write()?;
    let family = token::new_family_id(tx);
    match burn(tx, code, client_id, redirect_uri, family)? {
        Burnt::Good { user, scopes } => {
            token::begin_family(tx, family, user, client_id, &scopes).map(Ok)
        }
        Burnt::Dead(cause) => Ok(Err(Refusal::rejected("code", cause))),
    }
}

fn burn(
    tx: &mut Tx<'_>,
    code: &str,
    client_id: &str,
    redirect_uri: &str,
    family: i64,
) -> Result<Burnt> {
    let hash = crate::hash(code);
    // A code of another application stays untouched: knowing it must not be enough to burn it.
    let sql = "update authorization_code set family_id = $3 \
               where code_hash = $1 and client_id = $2 and family_id is null \
               returning user_id, redirect_uri, scope, expires";
    let read =
        |row: &crate::tx::Row<'_>| Ok((row.int(0)?, row.text(1)?, row.text(2)?, row.int(3)?));
    let Some((user, uri, scope, expires)) =
        tx.row(sql, values![&hash[..], client_id, family], read)?
    else {
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
    let scopes = ScopeSet::parse(&scope);
    Ok(match scopes {
        _ if tx.now() >= expires => Burnt::Dead("the code is older than 30 seconds"),
        _ if uri != redirect_uri => Burnt::Dead("redirect_uri is not the one the code was sent to"),
        None => Burnt::Dead("the code carries no known scope"),
        Some(scopes) => Burnt::Good { user: UserId(user), scopes },
    })
}
