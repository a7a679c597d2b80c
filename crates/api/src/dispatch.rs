//! From a path and a request to the operation that answers it, and from an error to its envelope.

use crate::form::Request;
use crate::operation::{Built, Entry};
use crate::ops;
use domain::{Error, Refusal, Status};
use serde_json::json;

/// The operation a request names: see [`entry`].
pub fn find(path: &str, request: &Request) -> Result<(&'static Entry, &'static Built), Refusal> {
    let entry = entry(path, request)?;
    Ok((entry, built(entry)?))
}

/// What the frame needs to know of an operation. A page is none: 2554.
pub fn built(entry: &'static Entry) -> Result<&'static Built, Refusal> {
    entry.built().ok_or_else(|| Refusal::not_implemented("a page for people, and no call"))
}

/// The line of the table a request names: its path, with or without `/v2` and a trailing slash, and
/// its `action`, which may go by another name, and for our own operations may stand in the path.
/// None: 2554.
pub fn entry(path: &str, request: &Request) -> Result<&'static Entry, Refusal> {
    let named = own_action(path);
    let Some(action) = named.map_or_else(|| request.text("action"), |action| Ok(Some(action)))?
    else {
        return Err(Refusal::not_implemented("the parameter action is missing"));
    };
    let service = service(path);
    let of = |action: &str| {
        ops::every().find(|one| Some(one.service()) == service && one.action == Some(action))
    };
    let entry = of(action).or_else(|| {
        let alias = ops::ALIASES.iter().find(|alias| alias.name == action)?;
        of(alias.action).filter(|entry| entry.path == alias.path)
    });
    entry.ok_or_else(|| Refusal::not_implemented("no such action on this path"))
}

/// The action of an operation of our own that a path names, `/vitald/v1/<action>`.
fn own_action(path: &str) -> Option<&str> {
    let action = path.strip_prefix(ops::own::PATH)?.trim_matches('/');
    Some(action).filter(|action| !action.is_empty())
}

/// The service a path names: `/v2/<service>` for each, `/<service>` for those that have a first
/// version in the reference.
pub fn service(path: &str) -> Option<&str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if path == ops::own::PATH || own_action(path).is_some() {
        return Some(ops::own::SERVICE);
    }
    let named = |service: &&str| ops::ALL.iter().any(|entry| entry.service() == *service);
    match path.strip_prefix("/v2/") {
        Some(service) => Some(service).filter(named),
        None => ops::ALL.iter().any(|entry| entry.path == path).then(|| path.strip_prefix('/'))?,
    }
}

/// The envelope of an error. The cause stays here.
pub fn envelope(error: &Error) -> (Status, Vec<u8>) {
    let (status, text, wait_seconds) = match error {
        Error::Refused(refusal) => (refusal.status, refusal.text.as_str(), refusal.wait_seconds),
        Error::Failed(failure) => (failure.status(), failure.text(), 1),
    };
    let said = match error {
        Error::Refused(refusal) => refusal.body.clone(),
        Error::Failed(_) => None,
    };
    let body = match said {
        Some(body) => *body,
        None if status == Status::TOO_MANY_REQUESTS => json!({ "wait_seconds": wait_seconds }),
        None => json!({}),
    };
    let envelope = json!({ "status": status.code(), "body": body, "error": text });
    (status, envelope.to_string().into_bytes())
}
