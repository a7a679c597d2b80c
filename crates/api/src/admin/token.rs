//! Tokens without the pages: for an operator's own programs.

use super::account::find_account;
use domain::{Refusal, Result, ScopeSet};
use store::token::Tokens;
use store::{Tx, application, token};

/// Issues a pair of tokens for an application and a person, as if the person had agreed.
pub fn issue_token(
    tx: &mut Tx<'_>,
    client_id: &str,
    user: &str,
    scope: Option<&str>,
) -> Result<Tokens> {
    if application::find(tx, client_id)?.is_none() {
        let problem = "no application has this id; see `vitald client list`";
        return Err(Refusal::invalid_param("client", problem).into());
    }
    let scopes = match scope {
        None => ScopeSet::all(),
        Some(text) => ScopeSet::parse(text)
            .ok_or_else(|| Refusal::invalid_param("scope", "expected known scopes, by commas"))?,
    };
    let person = find_account(tx, user)?;
    token::issue(tx, person.id, client_id, &scopes)
}
