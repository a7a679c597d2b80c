//! The page on which a person allows an application to see their data: where a browser is sent, and
//! what comes back to the application. It is a page for people: no client is made of it.

use crate::authorize::Ask;
use crate::operation::Entry;
use domain::Scope;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

pub(super) fn describe(entry: &Entry) -> Value {
    json!({
        "tags": ["oauth2"],
        "operationId": entry.service(),
        "summary": "The page on which a person allows an application to see their data",
        "description": DESCRIPTION,
        "security": [],
        "parameters": parameters(),
        "responses": {
            "200": {
                "description": "The page, or the log-in page before it.",
                "content": { "text/html": { "schema": { "type": "string" } } },
            },
            "302": {
                "description": "Back to the application, with `error`, `error_description` and \
                                `state`: the address is the application's, the rest will not do.",
                "headers": {
                    "Location": { "schema": { "type": "string", "format": "uri" } },
                },
            },
            "400": {
                "description": "The application or its address is unknown: the person is told, \
                                and sent nowhere.",
                "content": { "text/html": { "schema": { "type": "string" } } },
            },
        },
    })
}

/// The members of [`Ask`], as it is read from the address.
fn parameters() -> Vec<Value> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None);
    let ask = settings.into_generator().into_root_schema_for::<Ask>().to_value();
    let is_required = |name: &str| {
        ask["required"].as_array().is_some_and(|names| names.iter().any(|given| given == name))
    };
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        let description = schema["description"].take();
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("description");
            schema.insert("type".to_owned(), json!("string"));
        }
        let mut parameter = json!({
            "name": name,
            "in": "query",
            "required": is_required(name),
            "description": description,
            "schema": schema,
        });
        if name == "scope" {
            let names = Scope::ALL.map(Scope::name);
            let items = json!({ "type": "string", "enum": names });
            parameter["schema"] = json!({ "type": "array", "minItems": 1, "items": items });
            parameter["style"] = json!("form");
            parameter["explode"] = json!(false);
        }
        parameter
    };
    ask["properties"].as_object().into_iter().flatten().map(parameter).collect()
}

const DESCRIPTION: &str = "\
Open it in the person's browser. The person logs in, sees what is asked for and decides. They \
are then sent (302) to `redirect_uri` with `state` and either `code`, which `oauth2 \
requesttoken` exchanges for tokens within 30 seconds, or `error`.";
