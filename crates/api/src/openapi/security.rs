//! How the document says who may call. A program that makes clients of it needs the access token
//! alone; the flow is there for people, and for programs that follow it.

use super::Named;
use crate::caller::Proof;
use domain::Scope;
use serde_json::{Map, Value, json};

/// The scope a proof asks of an access token.
pub(super) const fn scope(proof: Proof) -> Option<Scope> {
    match proof {
        Proof::Bearer(scope) => Some(scope),
        Proof::ClientSecret => None,
    }
}

/// What the actions of one path need: one of these, as the action has it.
pub(super) fn needed(operations: &[Named]) -> Vec<Value> {
    let mut ways = Vec::new();
    for operation in operations {
        let of_operation = match scope(operation.built.proof) {
            Some(scope) => vec![json!({ "oauth2": [scope.name()] }), json!({ "bearer": [] })],
            // The credentials are parameters of the form.
            None => vec![json!({})],
        };
        for way in of_operation {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
    }
    ways
}

pub(super) fn schemes(base: &str) -> Value {
    let scopes = Scope::ALL.map(|scope| (scope.name().to_owned(), json!(scope.meaning())));
    let token_url = format!("{base}/v2/oauth2");
    json!({
        "oauth2": {
            "type": "oauth2",
            "description": OAUTH2,
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": format!("{base}/oauth2_user/authorize2"),
                    "tokenUrl": token_url,
                    "refreshUrl": token_url,
                    "scopes": Map::from_iter(scopes),
                },
            },
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": BEARER,
        },
    })
}

const OAUTH2: &str = "\
The authorization code flow, in the API's own dialect: scopes are separated by commas, and \
tokens are given by `oauth2 requesttoken`, whose answer stands in the envelope. That is more \
than a general OAuth library expects. An application proves itself by `client_id` and \
`client_secret` as parameters of the form.";

const BEARER: &str = "\
An access token that carries the scope the action needs (`x-scopes` of its form): \
`Authorization: Bearer …`, or the parameter `access_token`.";
