//! The schemas of the document: those of forms, of which nothing is shared, and those of answers
//! with the types they refer to.

use super::Named;
use super::security::{credentials, scope};
use schemars::Schema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

/// The schemas collected so far.
pub(super) struct Schemas {
    forms: SchemaGenerator,
    replies: SchemaGenerator,
    named: Map<String, Value>,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        // A form is flat: its types are clearer in place, and what is null in JSON is absent in it.
        let inline = settings.clone().with(|settings| settings.inline_subschemas = true);
        Self {
            forms: inline.for_deserialize().into_generator(),
            replies: settings.for_serialize().into_generator(),
            named: Map::new(),
        }
    }
}

/// A reference to a schema of the document.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

impl Schemas {
    /// Adds the form of an operation; it is given back too.
    pub(super) fn form(&mut self, operation: &Named) -> Value {
        let mut params = (operation.built.params)(&mut self.forms).to_value();
        let mut properties = Map::new();
        let action = json!({
            "type": "string",
            "const": operation.action,
            "description": "Which operation is meant.",
        });
        properties.insert("action".to_owned(), action);
        for (name, meaning, _) in credentials(operation.built.proof) {
            let schema = json!({ "type": "string", "description": meaning });
            properties.insert((*name).to_owned(), schema);
        }
        for (name, schema) in params["properties"].as_object().into_iter().flatten() {
            let mut schema = schema.clone();
            without_null(&mut schema);
            words(&mut schema);
            properties.insert(name.clone(), schema);
        }
        let given = params["required"].as_array().into_iter().flatten().cloned();
        let credentials = credentials(operation.built.proof).iter().map(|(name, ..)| json!(name));
        let required: Vec<Value> =
            std::iter::once(json!("action")).chain(credentials).chain(given).collect();
        let name = operation.name();
        let mut form = json!({
            "description": params["description"].take(),
            "type": "object",
            "required": required,
            "properties": properties,
            "x-answer": reference(&format!("{name}Answer"))["$ref"],
        });
        if let Some(scope) = scope(operation.built.proof) {
            form["x-scopes"] = json!([scope.name()]);
        }
        self.add(format!("{name}Form"), form.clone());
        form
    }

    /// The schema of what an operation answers in `body`.
    pub(super) fn reply(&mut self, operation: &Named) -> Value {
        (operation.built.reply)(&mut self.replies).to_value()
    }

    /// The schema of something that is answered.
    pub(super) fn reply_of(&mut self, schema: fn(&mut SchemaGenerator) -> Schema) -> Value {
        schema(&mut self.replies).to_value()
    }

    /// The schema of something that is sent as JSON.
    pub(super) fn request_of(&mut self, schema: fn(&mut SchemaGenerator) -> Schema) -> Value {
        schema(&mut self.forms).to_value()
    }

    /// Adds a schema under a name.
    pub(super) fn add(&mut self, name: String, schema: Value) {
        self.named.insert(name, schema);
    }

    /// Everything, and the types the replies refer to.
    pub(super) fn finish(mut self) -> Map<String, Value> {
        let mut all = self.named;
        all.extend(self.replies.take_definitions(true));
        all.values_mut().for_each(words);
        all
    }
}

/// An optional parameter is absent, never null.
fn without_null(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    schema.remove("default");
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = kinds.as_slice() {
            let kind = kind.clone();
            schema.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(choice)] = choices.as_slice() {
            let choice = choice.clone();
            schema.remove("anyOf");
            for (key, value) in choice {
                schema.entry(key).or_insert(value);
            }
        }
    }
}

/// Words with a meaning each are a `oneOf` of constants to schemars. Generators of clients make an
/// enumeration of an `enum` alone; the meanings go into the description.
fn words(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(words),
        Value::Object(members) => {
            members.values_mut().for_each(words);
            if let Some(Value::Array(choices)) = members.get("oneOf")
                && !choices.is_empty()
                && choices.iter().all(|choice| choice["const"].is_string())
            {
                let meaning = |choice: &Value| {
                    let text = |key: &str| choice[key].as_str().unwrap_or_default().to_owned();
                    format!("- `{}`: {}", text("const"), text("description"))
                };
                let meanings: Vec<String> = choices.iter().map(meaning).collect();
                let values = choices.iter().map(|choice| choice["const"].clone()).collect();
                let whole = members.get("description").and_then(Value::as_str).unwrap_or_default();
                let description = format!("{whole}\n\n{}", meanings.join("\n"));
                members.remove("oneOf");
                members.insert("type".to_owned(), json!("string"));
                members.insert("enum".to_owned(), Value::Array(values));
                members.insert("description".to_owned(), description.trim().into());
            }
        }
        _ => {}
    }
}
