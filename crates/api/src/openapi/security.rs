//! How the document says who may call. A program that makes clients of it needs the access token
//! alone; the flow is there for people, and for programs that follow it.

use super::Named;
use crate::caller::Proof;
use domain::Scope;
use serde_json::{Map, Value, json};

/// The scope a proof asks of an access token.
pub(super) const fn scope(proof: Proof) -> Option<Scope> {
    match proof {
        Proof::Bearer(scope) | Proof::BearerOrSigned(scope) => Some(scope),
        Proof::AnyBearer
        | Proof::AnyBearerOrSigned
        | Proof::SecretOrSigned
        | Proof::Signed(_)
        | Proof::Timestamp => None,
    }
}

/// Whether an access token may be the proof.
pub(super) const fn takes_token(proof: Proof) -> bool {
    scope(proof).is_some() || matches!(proof, Proof::AnyBearer | Proof::AnyBearerOrSigned)
}

/// The parameters by which a signed call proves who calls: name, meaning, and one to be seen.
pub(super) const fn credentials(
    proof: Proof,
) -> &'static [(&'static str, &'static str, &'static str)] {
    match proof {
        Proof::Bearer(_)
        | Proof::AnyBearer
        | Proof::BearerOrSigned(_)
        | Proof::AnyBearerOrSigned
        | Proof::SecretOrSigned => &[],
        Proof::Signed(_) => &[CLIENT_ID, NONCE, SIGNATURE],
        Proof::Timestamp => &[CLIENT_ID, SIGNATURE],
    }
}

const CLIENT_ID: (&str, &str, &str) =
    ("client_id", "The application.", "00112233445566778899aabbccddeeff");
const NONCE: (&str, &str, &str) = (
    "nonce",
    "Of `signature getnonce`: good for one call.",
    "0123456789abcdef0123456789abcdef01234567",
);
const SIGNATURE: (&str, &str, &str) = (
    "signature",
    "HMAC-SHA-256 of `action`, `client_id` and `nonce` (in `getnonce`: `timestamp`), joined by \
     commas, under the client secret's text; 64 lower-case hex digits.",
    "a1c3ebaeee3fe579eeee9e82201b97e2290968188f068b829f8b2e87e798f110",
);

/// What the actions of one path need: one of these, as the action has it.
pub(super) fn needed(operations: &[Named]) -> Vec<Value> {
    let mut ways = Vec::new();
    for operation in operations {
        let of_operation = match scope(operation.built.proof) {
            Some(scope) => vec![json!({ "oauth2": [scope.name()] }), json!({ "bearer": [] })],
            None if takes_token(operation.built.proof) => {
                vec![json!({ "oauth2": [] }), json!({ "bearer": [] })]
            }
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
    let scopes = Scope::every().map(|scope| (scope.name().to_owned(), json!(scope.meaning())));
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
        "device": super::sync::scheme(),
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
