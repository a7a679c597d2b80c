//! What can be answered: the envelope of each action, and the envelope of errors with the statuses
//! that can occur. Texts of errors are the ones the server sends.

use super::schema::{Schemas, reference};
use super::security::takes_token;
use super::{Named, Service, capital, operation_id, text};
use crate::caller::Proof;
use crate::dispatch;
use domain::{Error, Failure, Refusal, Status};
use serde_json::{Map, Value, json};
use store::Access;

/// The one response of a path.
pub(super) fn describe(service: &Service, schemas: &mut Schemas) -> Value {
    let mut shapes = Vec::new();
    let mut examples = Map::new();
    for operation in &service.operations {
        let name = format!("{}Answer", operation.name());
        let envelope = success(operation, schemas);
        shapes.push(reference(&name));
        schemas.add(name, envelope);
        for example in operation.examples() {
            let value = json!({ "status": 0, "body": example.reply });
            examples.insert(example.key, json!({ "summary": example.summary, "value": value }));
        }
    }
    let errors = errors(&service.operations);
    for error in &errors {
        let (status, envelope) = dispatch::envelope(error);
        let value: Value = serde_json::from_slice(&envelope).unwrap_or_default();
        let summary = text::meaning(status);
        let example = json!({ "summary": summary, "value": value });
        examples.insert(format!("status{}", status.code()), example);
    }
    let statuses: Vec<Status> = errors.iter().map(|error| dispatch::envelope(error).0).collect();
    let name = format!("{}Error", capital(&operation_id(service.path)));
    shapes.push(reference(&name));
    schemas.add(name, error(&statuses));
    // Not `oneOf`: an answer has no `action`, and nothing hinders two actions from answering alike.
    let media = json!({ "schema": { "anyOf": shapes }, "examples": examples });
    json!({
        "description": text::answers(&statuses),
        "content": { "application/json": media },
    })
}

fn success(operation: &Named, schemas: &mut Schemas) -> Value {
    json!({
        "description": format!("Answer of {} {}.", operation.entry.service(), operation.action),
        "type": "object",
        "required": ["status", "body"],
        "properties": {
            "status": { "type": "integer", "const": 0, "description": "0: all went well." },
            "body": schemas.reply(operation),
        },
    })
}

fn error(statuses: &[Status]) -> Value {
    let codes: Vec<u16> = statuses.iter().map(|status| status.code()).collect();
    let wait = json!({ "type": "integer", "description": "With status 601: try again then." });
    json!({
        "description": "An error.",
        "type": "object",
        "required": ["status", "body", "error"],
        "properties": {
            "status": {
                "type": "integer",
                "enum": codes,
                "description": text::statuses(statuses),
            },
            "body": { "type": "object", "properties": { "wait_seconds": wait } },
            "error": {
                "type": "string",
                "description": "It may name a parameter, never a value. Decide by `status`.",
            },
        },
    })
}

/// One error of every status that these operations can give, by number.
fn errors(operations: &[Named]) -> Vec<Error> {
    let mut errors: Vec<Error> = Vec::new();
    for operation in operations {
        // A token for the data of the demo person changes nothing.
        if operation.built.access == Access::Write && takes_token(operation.built.proof) {
            errors.push(Refusal::not_entitled("").into());
        }
        errors.extend((operation.built.refusals)());
        match operation.built.proof {
            Proof::Bearer(scope) => errors.extend([
                Refusal::invalid_token("").into(),
                Refusal::missing_scope(scope).into(),
                Refusal::invalid_param("access_token", "it is given more than once").into(),
            ]),
            Proof::AnyBearer => errors.extend([
                Refusal::invalid_token("").into(),
                Refusal::invalid_param("access_token", "it is given more than once").into(),
            ]),
            Proof::AnyBearerOrSigned => errors.extend([
                Refusal::invalid_token("").into(),
                Refusal::invalid_param("access_token", "it is given more than once").into(),
                Refusal::invalid_signature("").into(),
            ]),
            Proof::BearerOrSigned(scope) => errors.extend([
                Refusal::invalid_token("").into(),
                Refusal::missing_scope(scope).into(),
                Refusal::invalid_param("access_token", "it is given more than once").into(),
                Refusal::invalid_signature("").into(),
            ]),
            Proof::SecretOrSigned => errors.extend([
                Refusal::invalid_client("").into(),
                Refusal::invalid_signature("").into(),
                Refusal::missing_param("client_id").into(),
            ]),
            Proof::Signed(any_of) => {
                errors.push(Refusal::invalid_signature("").into());
                errors.push(Refusal::missing_param("client_id").into());
                if !any_of.is_empty() {
                    errors.push(Refusal::not_entitled("").into());
                }
            }
            Proof::Timestamp => errors.extend([
                Refusal::invalid_signature("").into(),
                Refusal::missing_param("client_id").into(),
            ]),
        }
    }
    errors.push(Refusal::not_implemented("").into());
    errors.extend([Failure::Busy, Failure::TimedOut, Failure::ShuttingDown].map(Error::from));
    let code = |error: &Error| dispatch::envelope(error).0.code();
    errors.sort_by_key(code);
    errors.dedup_by_key(|error| code(error));
    errors
}
