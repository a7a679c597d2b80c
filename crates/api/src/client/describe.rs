//! What the table knows of an operation, for people and for checks before anything is sent: where
//! it is, which parameters it takes and what they mean. All of it comes from the schema.

use super::{Pair, Problem};
use crate::form;
use crate::operation::{Built, Entry};
use crate::ops;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

/// Parameters that say who calls and what: a client adds them by itself.
pub const CREDENTIALS: [&str; 7] =
    ["action", "access_token", "client_id", "client_secret", "nonce", "timestamp", "signature"];

/// An operation as people read about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// What it does.
    pub text: String,
    /// Its parameters, in the order of its file.
    pub parameters: Vec<Parameter>,
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name on the wire.
    pub name: String,
    /// The kind of its values, such as `integer`, `list of integer`, or the words that would do.
    pub kind: String,
    /// Whether a call without it is refused.
    pub is_required: bool,
    /// What it means.
    pub text: String,
}

impl Parameter {
    /// Whether it says who calls: a client adds those.
    pub fn is_credential(&self) -> bool {
        CREDENTIALS.contains(&self.name.as_str())
    }
}

/// The line of the table for a service, with or without its version (`measure`, `/v2/user`), and an
/// action.
pub fn find(service: &str, action: &str) -> Result<&'static Entry, Problem> {
    let service = service.trim_matches('/');
    let service = service.strip_prefix("v2/").unwrap_or(service);
    let operations = || ops::every().filter(|entry| entry.action.is_some());
    let of_service = || operations().filter(|entry| entry.service() == service);
    if of_service().next().is_none() {
        let services = operations().map(Entry::service);
        let problem = format!("there is no service {service}{}", hint(service, services));
        return Err(Problem::Unsendable(problem));
    }
    of_service().find(|entry| entry.action == Some(action)).ok_or_else(|| {
        let hint = hint(action, of_service().filter_map(|entry| entry.action));
        Problem::Unsendable(format!("{service} has no action {action}{hint}"))
    })
}

/// What an operation is for and what it takes.
pub fn describe(built: &Built) -> Description {
    let mut generator = SchemaSettings::default().into_generator();
    let root = (built.params)(&mut generator).to_value();
    let schemas = Schemas { definitions: generator.take_definitions(true).into() };
    let root = schemas.resolve(&root);
    let required = root["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let properties = root["properties"].as_object().into_iter().flatten();
    let parameters = properties.map(|(name, schema)| Parameter {
        name: name.clone(),
        kind: schemas.kind(schema),
        is_required: required.iter().any(|given| given == name),
        text: schemas.text(schema),
    });
    Description { text: schemas.text(root), parameters: parameters.collect() }
}

/// Refuses what the server would not do or would ignore: a page, a parameter the operation does not
/// know.
pub fn check(entry: &Entry, pairs: &[Pair]) -> Result<(), Problem> {
    let operation = format!("{} {}", entry.service(), entry.action.unwrap_or_default());
    let Some(built) = entry.built() else {
        return Err(Problem::Unsendable(format!("{operation} is a page for people")));
    };
    let parameters = describe(built).parameters;
    for name in pairs.iter().map(|(name, _)| form::base_name(name)) {
        if parameters.iter().any(|parameter| parameter.name == name) {
            continue;
        }
        let hint = if CREDENTIALS.contains(&name) {
            "; who calls is said by the credentials".to_owned()
        } else {
            hint(name, parameters.iter().map(|parameter| parameter.name.as_str()))
        };
        let problem = format!("{operation} has no parameter {name}{hint}");
        return Err(Problem::Unsendable(problem));
    }
    Ok(())
}

/// The name that was probably meant.
fn hint<'n>(given: &str, names: impl Iterator<Item = &'n str>) -> String {
    /// Below this likeness (from 0 to 1) nothing is suggested.
    const LIKENESS_MIN: f64 = 0.7;
    let likeness = |name: &str| strsim::jaro_winkler(&given.to_lowercase(), name);
    let nearest = names.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|name| likeness(name) >= LIKENESS_MIN) {
        Some(name) => format!("; did you mean {name}?"),
        None => String::new(),
    }
}

/// The definitions a schema refers to.
struct Schemas {
    definitions: Json,
}

impl Schemas {
    /// Follows references, and looks through the choice between a type and null.
    fn resolve<'s>(&'s self, schema: &'s Json) -> &'s Json {
        let reference = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
        if let Some(name) = reference {
            return self.resolve(&self.definitions[name]);
        }
        let choices = schema["anyOf"].as_array().map(Vec::as_slice).unwrap_or_default();
        match choices.iter().find(|choice| choice["type"] != "null") {
            Some(choice) => self.resolve(choice),
            None => schema,
        }
    }

    /// What a parameter itself says, else what its type says.
    fn text(&self, schema: &Json) -> String {
        let own = schema["description"].as_str();
        let text = own.or_else(|| self.resolve(schema)["description"].as_str());
        text.unwrap_or_default().to_owned()
    }

    fn kind(&self, schema: &Json) -> String {
        let schema = self.resolve(schema);
        if let Some(words) = self.words(schema) {
            return words.join("|");
        }
        let kinds = match &schema["type"] {
            Json::Array(kinds) => kinds.as_slice(),
            kind => std::slice::from_ref(kind),
        };
        match kinds.iter().filter_map(Json::as_str).find(|kind| *kind != "null") {
            Some("array") => format!("list of {}", self.kind(&schema["items"])),
            Some(kind) => kind.to_owned(),
            None => "anything".to_owned(),
        }
    }

    /// The words of a choice of words.
    fn words<'s>(&self, schema: &'s Json) -> Option<Vec<&'s str>> {
        let words = match (&schema["enum"], &schema["oneOf"]) {
            (Json::Array(words), _) => words.iter().map(Json::as_str).collect(),
            (_, Json::Array(choices)) => {
                choices.iter().map(|choice| choice["const"].as_str()).collect()
            }
            _ => None,
        };
        words.filter(|words: &Vec<&str>| !words.is_empty())
    }
}
