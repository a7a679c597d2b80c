//! Schemas read as the facts are written: every leaf with its path and its type.

use crate::{Shape, optional};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::Value;

/// A schema with the definitions it refers to.
pub(crate) struct Schemas {
    pub(crate) root: Value,
    definitions: Value,
}

/// What a schema says of one place.
pub(crate) struct Place<'s> {
    pub(crate) schema: &'s Value,
    kind: &'s str,
    is_nullable: bool,
}

impl Schemas {
    pub(crate) fn of(
        settings: SchemaSettings,
        schema: fn(&mut SchemaGenerator) -> schemars::Schema,
    ) -> Self {
        let mut generator = settings.into_generator();
        let root = schema(&mut generator).to_value();
        Self { root, definitions: generator.take_definitions(true).into() }
    }

    /// Follows references, and looks through the choice between a type and null.
    pub(crate) fn place<'s>(&'s self, schema: &'s Value) -> Place<'s> {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/$defs/").expect("a definition of this schema");
            return self.place(&self.definitions[name]);
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let (null, other): (Vec<_>, Vec<_>) =
                choices.iter().partition(|choice| choice["type"] == "null");
            assert!(null.len() == 1 && other.len() == 1, "a choice of types: {schema}");
            return Place { is_nullable: true, ..self.place(other[0]) };
        }
        if let Some(words) = schema["oneOf"].as_array() {
            assert!(words.iter().all(|word| word["const"].is_string()), "words: {schema}");
            return Place { schema, kind: "string", is_nullable: false };
        }
        match &schema["type"] {
            Value::String(kind) => Place { schema, kind, is_nullable: false },
            Value::Array(kinds) => {
                let kind = kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null");
                Place { schema, kind: kind.expect("a type"), is_nullable: kinds.len() == 2 }
            }
            _ => panic!("a schema this test does not know how to read: {schema}"),
        }
    }

    /// The members of the root object: the parameters.
    pub(crate) fn members(&self) -> Vec<(String, String)> {
        let root = self.place(&self.root);
        assert_eq!(root.kind, "object");
        let described = |(name, schema): (&String, &Value)| {
            let place = self.place(schema);
            let kind = match place.kind {
                "array" => format!("array of {}", self.place(&place.schema["items"]).kind),
                kind => kind.to_owned(),
            };
            (name.clone(), optional(&kind, !is_required(root.schema, name)))
        };
        properties(root.schema).map(described).collect()
    }

    /// Every leaf below a place, in the notation of the facts. A container has a line of its own
    /// only if it can be absent or null.
    pub(crate) fn walk(&self, schema: &Value, path: &str, out: &mut Shape) {
        let place = self.place(schema);
        match place.kind {
            "object" => {
                if let Some(values) = place.schema.get("additionalProperties") {
                    self.walk(values, &format!("{path}.$timestamp"), out);
                }
                for (name, member) in properties(place.schema) {
                    let path = format!("{path}.{name}");
                    let is_optional = !is_required(place.schema, name);
                    let below = self.place(member);
                    let is_container = ["object", "array"].contains(&below.kind);
                    if !is_container || is_optional || below.is_nullable {
                        let null = if below.is_nullable { "|null" } else { "" };
                        let kind = optional(&format!("{}{null}", below.kind), is_optional);
                        out.insert(path.clone(), kind);
                    }
                    if is_container {
                        self.walk(member, &path, out);
                    }
                }
            }
            "array" => self.walk(&place.schema["items"], &format!("{path}[]"), out),
            kind => {
                out.insert(path.to_owned(), kind.to_owned());
            }
        }
    }
}

fn properties(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object["properties"].as_object().into_iter().flatten()
}

fn is_required(object: &Value, name: &str) -> bool {
    object["required"].as_array().is_some_and(|names| names.iter().any(|given| given == name))
}
