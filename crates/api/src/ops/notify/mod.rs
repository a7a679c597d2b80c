//! `/notify`: what an application wants to be told. What happens then stands in
//! docs/notifications.md.

mod get;
mod list;
mod revoke;
mod subscribe;
mod update;

pub use get::{Get, Profile};
pub use list::{List, Profiles};
pub use revoke::Revoke;
pub use subscribe::Subscribe;
pub use update::Update;

use crate::caller::Holder;
use crate::visit;
use domain::notification::{Appli, signing};
use domain::{Error, Refusal, Result, Scope, Status};
use schemars::JsonSchema;
use serde::Serialize;
use store::Tx;
use store::subscription::{self, Subscription};

/// What stands for "never" in recorded answers: the last moment of 32 bits.
const NEVER: i64 = 2_147_483_647;
/// A comment has at most this many characters.
const COMMENT_CHARS_MAX: usize = 500;

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Done {}

/// A category that is one.
fn known(name: &str, appli: i64) -> Result<Appli> {
    let appli = Appli(appli);
    if appli.known().is_some() {
        return Ok(appli);
    }
    let numbers: Vec<_> = Appli::KNOWN.iter().map(|known| known.appli.0.to_string()).collect();
    let problem = format!("expected one of {}", numbers.join(", "));
    Err(Refusal::invalid_param(name, problem).into())
}

/// A category the holder of a token may be told of.
fn allowed(holder: &Holder, name: &str, appli: i64) -> Result<Appli> {
    let appli = known(name, appli)?;
    match appli.known().and_then(|known| known.scope) {
        Some(scope) if holder.scopes.contains(scope) => Ok(appli),
        Some(scope) => Err(Refusal::missing_scope(scope).into()),
        None => {
            let problem = "category 53 is the application's own: subscribe without a token, signed";
            Err(Refusal::invalid_param(name, problem).into())
        }
    }
}

/// What subscribing and changing can be refused for besides their parameters.
fn refusals() -> Vec<Error> {
    let scope = Refusal::missing_scope(Scope::Metrics).into();
    vec![visit::unanswered("").into(), exists(), scope]
}

fn checked_comment(comment: Option<&str>) -> Result<()> {
    if comment.is_some_and(|comment| comment.chars().count() > COMMENT_CHARS_MAX) {
        let problem = format!("it has more than {COMMENT_CHARS_MAX} characters");
        return Err(Refusal::invalid_param("comment", problem).into());
    }
    Ok(())
}

fn checked_secret(secret: Option<&str>) -> Result<()> {
    if secret.is_some_and(|secret| !signing::is_secret(secret)) {
        let problem = "expected whsec_ and 24 to 64 bytes in base64";
        return Err(Refusal::invalid_param("webhook_secret", problem).into());
    }
    Ok(())
}

/// The subscription of that address and category, which is the holder's own.
fn find(
    tx: &mut Tx<'_>,
    holder: &Holder,
    callback: &str,
    appli: Appli,
) -> Result<Option<Subscription>> {
    let all = subscription::list(tx, holder.user, &holder.client_id, Some(appli))?;
    Ok(all.into_iter().find(|one| one.callback == callback))
}

/// 294: what is to be read or changed is not there. Somebody else's is not there either.
fn not_there() -> Error {
    let text = "There is no such subscription that could be edited";
    let cause = "the application has no subscription of this address and category for the person";
    Refusal::new(Status::NO_SUBSCRIPTION_TO_EDIT, text, cause).into()
}

/// 295: there is the same already.
fn exists() -> Error {
    let text = "The subscription already exists";
    let cause = "the application has a subscription of this address and category for the person";
    Refusal::new(Status::SUBSCRIPTION_EXISTS, text, cause).into()
}
