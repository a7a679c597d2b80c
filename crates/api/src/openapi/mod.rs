//! The API as an OpenAPI 3.1 document, computed from the table of operations. It says what the
//! table, the parameter structs and their comments say; only the page for people and the words
//! around it are written here.
//!
//! One path has one `POST`, whatever number of actions: OpenAPI tells operations apart by path and
//! method. Its form is a `oneOf` by `action`, so that generated clients have a type for each
//! action; the form names the answer that belongs to it (`x-answer`) and its scopes (`x-scopes`).

mod answer;
mod page;
mod schema;
mod security;
mod sync;
mod text;

use crate::operation::{Built, Entry, State};
use crate::ops;
use schema::{Schemas, reference};
use serde_json::{Map, Value, json};

/// The form in which parameters travel.
const FORM: &str = "application/x-www-form-urlencoded";

/// The document for a server that is known by this address; without one, addresses are relative to
/// where the document was read.
pub fn document(server_url: Option<&str>) -> Value {
    let base = server_url.unwrap_or_default().trim_end_matches('/');
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for entry in ops::ALL.iter().filter(|entry| matches!(entry.state, State::Page)) {
        paths.insert(entry.path.to_owned(), json!({ "get": page::describe(entry) }));
    }
    let services = services();
    for service in &services {
        let post = service.describe(&mut schemas);
        paths.insert(service.path.to_owned(), json!({ "post": post }));
    }
    paths.insert(crate::sync::PATH.to_owned(), json!({ "post": sync::describe(&mut schemas) }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "vitald",
            "summary": "A health-device cloud of your own that speaks the public Withings API.",
            "description": text::INTRODUCTION,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": if base.is_empty() { "/" } else { base } }],
        "tags": text::tags(),
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "securitySchemes": security::schemes(base),
        },
    })
}

/// The built operations of one path.
struct Service {
    path: &'static str,
    operations: Vec<Named>,
}

/// A built operation with its action.
struct Named {
    entry: &'static Entry,
    action: &'static str,
    built: &'static Built,
}

/// Every path with a built operation, in the order of the table.
fn services() -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    for entry in ops::every() {
        let (Some(built), Some(action)) = (entry.built(), entry.action) else { continue };
        let operation = Named { entry, action, built };
        match services.iter_mut().find(|service| service.path == entry.path) {
            Some(service) => service.operations.push(operation),
            None => services.push(Service { path: entry.path, operations: vec![operation] }),
        }
    }
    services
}

/// `/v2/user` is `userV2`, `/measure` is `measure`: the version keeps the two `measure` apart.
fn operation_id(path: &str) -> String {
    match path.strip_prefix("/v2/") {
        Some(service) => format!("{service}V2"),
        None => match path.strip_suffix("/v1") {
            Some(own) => format!("{}V1", own.trim_start_matches('/')),
            None => path.trim_start_matches('/').to_owned(),
        },
    }
}

/// With a capital, as names of schemas are.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Named {
    /// What the names of its schemas begin with, such as `UserV2Getdevice`.
    fn name(&self) -> String {
        format!("{}{}", capital(&operation_id(self.entry.path)), capital(self.action))
    }
}

impl Service {
    fn describe(&self, schemas: &mut Schemas) -> Value {
        let forms: Vec<(&Named, Value)> =
            self.operations.iter().map(|of| (of, schemas.form(of))).collect();
        let actions: Vec<&str> = self.operations.iter().map(|of| of.action).collect();
        let service = self.operations.first().map_or("", |of| of.entry.service());
        json!({
            "tags": [service],
            "operationId": operation_id(self.path),
            "summary": format!("{service}: {}", actions.join(", ")),
            "description": text::actions(&forms),
            "security": security::needed(&self.operations),
            "requestBody": self.request(&forms),
            "responses": { "200": answer::describe(self, schemas) },
        })
    }

    /// The form: one shape an action.
    fn request(&self, forms: &[(&Named, Value)]) -> Value {
        let mut shapes = Vec::new();
        let mut by_action = Map::new();
        let mut encoding = Map::new();
        for (operation, form) in forms {
            let shape = reference(&format!("{}Form", operation.name()));
            by_action.insert(operation.action.to_owned(), shape["$ref"].clone());
            shapes.push(shape);
            let properties = form["properties"].as_object().into_iter().flatten();
            let lists = properties.filter(|(_, schema)| schema["type"] == "array");
            let encoded = |schema: &Value| match schema["items"]["type"] == "object" {
                true => json!({ "contentType": "application/json" }),
                false => json!({ "style": "form", "explode": false }),
            };
            encoding.extend(lists.map(|(name, schema)| (name.clone(), encoded(schema))));
        }
        let schema = json!({
            "type": "object",
            "oneOf": shapes,
            "discriminator": { "propertyName": "action", "mapping": by_action },
        });
        let mut media = json!({ "schema": schema, "examples": self.request_examples() });
        if !encoding.is_empty() {
            media["encoding"] = encoding.into();
        }
        json!({ "required": true, "content": { FORM: media } })
    }

    fn request_examples(&self) -> Map<String, Value> {
        let examples = self.operations.iter().flat_map(Named::examples);
        let shown = |example: Shown| {
            let mut form = json!({ "action": example.action });
            for (name, _, seen) in example.credentials {
                form[*name] = json!(seen);
            }
            if let (Some(form), Value::Object(params)) = (form.as_object_mut(), example.params) {
                form.extend(params);
            }
            (example.key, json!({ "summary": example.summary, "value": form }))
        };
        examples.map(shown).collect()
    }
}

/// An example under the key that a request and its answer share.
struct Shown {
    key: String,
    action: &'static str,
    summary: &'static str,
    credentials: &'static [(&'static str, &'static str, &'static str)],
    params: Value,
    reply: Value,
}

impl Named {
    /// Its examples: `getmeas`, `getmeas2`, …
    fn examples(&self) -> Vec<Shown> {
        let examples = (self.built.examples)().into_iter().enumerate();
        let shown = examples.map(|(at, example)| Shown {
            key: if at == 0 {
                self.action.to_owned()
            } else {
                format!("{}{}", self.action, at + 1)
            },
            action: self.action,
            summary: example.summary,
            credentials: security::credentials(self.built.proof),
            params: example.params,
            reply: example.reply,
        });
        shown.collect()
    }
}
