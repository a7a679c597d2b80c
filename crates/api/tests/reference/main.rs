//! The table of operations against the project's own table of facts about the reference
//! (`tests/facts/operations.json`): which operations there are, their parameters, their proofs, the
//! keys and types of their answers, the numbers and words that stand for something. Where vitald
//! differs on purpose stands in [`DEVIATIONS`], one reason a row. What an operation does is tested
//! in `tests/operations`, with what the facts say can be given to it (`limits.rs`, `models.rs`) and
//! every code (`codes.rs`).
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod codes;
mod contract;
mod deviations;
mod objects;
mod schemas;

use crate::deviations::{DEVIATIONS, Deviation, HABITS, SLEEP, TOKEN};
use crate::schemas::Schemas;
use api::caller::Proof;
use api::operation::{Built, State};
use api::ops;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// An operation of the facts.
#[derive(Debug, Deserialize)]
struct Fact {
    id: String,
    path: String,
    action: Option<String>,
    auth: Vec<String>,
    credentials: Vec<String>,
    params: Vec<Param>,
    /// Which credentials the reference does not want beside what.
    #[serde(default)]
    credentials_not_with: BTreeMap<String, Vec<String>>,
    /// Where an operation has several shapes: the parameters of each, all required in it.
    #[serde(default)]
    variants: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    grant_types: BTreeMap<String, String>,
    reply: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Param {
    name: String,
    required: bool,
    #[serde(rename = "type")]
    kind: String,
    /// Parameters that exclude each other are a one-of: none of them is required by itself.
    #[serde(default)]
    not_with: Vec<String>,
    /// The names a list of fields can have.
    #[serde(default)]
    fields: Vec<String>,
}

/// Keys and their types: what the facts say of an operation, or what vitald has.
type Shape = BTreeMap<String, String>;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// A table of facts.
fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let text = std::fs::read_to_string(here().join("facts").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn facts() -> Vec<Fact> {
    read("operations.json")
}

/// Every built operation with its facts.
fn built() -> Vec<(&'static Built, Fact)> {
    let pairs = ops::ALL.iter().zip(facts());
    pairs.filter_map(|(entry, fact)| Some((entry.built()?, fact))).collect()
}

impl Fact {
    fn shape(&self) -> Shape {
        let mut shape = Shape::from([("auth".to_owned(), self.auth.join(","))]);
        for param in &self.params {
            let required = param.required && param.not_with.is_empty();
            shape.insert(
                format!("params.{}", param.name),
                optional(json_type(&param.kind), !required),
            );
        }
        for name in self.variants.values().flatten() {
            let always = self.variants.values().all(|names| names.contains(name));
            shape.insert(format!("params.{name}"), optional("string", !always));
        }
        let reply = self.reply.iter().map(|(key, kind)| (format!("reply.{key}"), kind.clone()));
        shape.extend(reply);
        shape
    }
}

fn optional(kind: &str, is_optional: bool) -> String {
    if is_optional { format!("{kind}?") } else { kind.to_owned() }
}

/// The JSON type behind the reference's own name of a type.
fn json_type(name: &str) -> &'static str {
    match name {
        "integer" | "id16" | "id32" | "id32m64" | "id64" | "id64n" | "rawint32" => "integer",
        "boolean" | "pgboolean" => "boolean",
        "string"
        | "json"
        | "json_string"
        | "json_array"
        | "email"
        | "macaddress"
        | "timezone"
        | "partner_redirect_uri" => "string",
        "list of integers" | "array of integer" | "array of integers" => "array of integer",
        "array of strings" => "array of string",
        "array of object" => "array of object",
        other => panic!("the facts have a type this test does not know: {other}"),
    }
}

fn shape_of(built: &Built) -> Shape {
    let auth = match built.proof {
        Proof::Bearer(_) => "bearer",
        Proof::AnyBearer => "bearer",
        Proof::BearerOrSigned(_) | Proof::AnyBearerOrSigned => "bearer,signed",
        Proof::SecretOrSigned => "client_secret,signed",
        Proof::Signed(_) => "signed",
        Proof::Timestamp => "signed-timestamp",
    };
    let mut shape = Shape::from([("auth".to_owned(), auth.to_owned())]);
    let mut reader = Schemas::of(SchemaSettings::default(), built.params);
    for (name, kind) in reader.members() {
        shape.insert(format!("params.{name}"), kind);
    }
    reader = Schemas::of(SchemaSettings::default().for_serialize(), built.reply);
    reader.walk(&reader.root, "reply", &mut shape);
    shape
}

#[test]
fn every_operation_of_the_reference_stands_in_the_table_in_its_order() {
    let facts = facts();
    assert_eq!(facts.len(), 62);
    let expected: Vec<_> =
        facts.iter().map(|fact| (fact.path.as_str(), fact.action.as_deref())).collect();
    let ours: Vec<_> = ops::ALL.iter().map(|entry| (entry.path, entry.action)).collect();
    assert_eq!(ours, expected);
    for (entry, fact) in ops::ALL.iter().zip(&facts) {
        let is_page = matches!(entry.state, State::Page);
        assert_eq!(is_page, fact.auth == ["user session"], "{}", fact.id);
    }
}

#[test]
fn built_operations_have_the_shape_of_the_reference() {
    let mut unused: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (of, key, _, reason) in DEVIATIONS {
        assert!(unused.insert((of, key)), "two rows for {of} {key}");
        assert!(!reason.is_empty());
    }
    let (mut wrong, mut habits) = (Vec::new(), BTreeSet::new());
    for (built, fact) in built() {
        let (theirs, mut ours) = (fact.shape(), shape_of(built));
        if fact.id == SLEEP {
            // An array in every recorded answer, an object in the reference (wire-quirks 26).
            ours = ours.into_iter().map(|(key, kind)| (key.replace("[]", ""), kind)).collect();
        }
        let keys: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
        for key in keys {
            let (theirs, ours) = (theirs.get(key), ours.get(key).map(String::as_str));
            if theirs.map(String::as_str) == ours {
                continue;
            }
            let is_habit = HABITS.iter().enumerate().filter(|(_, habit)| {
                let expected = format!("{}{}", theirs.map_or("", String::as_str), habit.adds);
                habit.of.contains(&fact.id.as_str())
                    && habit.keys.iter().any(|end| key.ends_with(end))
                    && ours == Some(expected.as_str())
            });
            if let Some((at, _)) = is_habit.clone().next() {
                habits.insert(at);
                continue;
            }
            let is_row = |row: &&Deviation| row.0 == fact.id && row.1 == key;
            match DEVIATIONS.iter().find(is_row) {
                Some(row) if row.2 == ours => _ = unused.remove(&(row.0, row.1)),
                _ => wrong.push(format!("{} {key}: {theirs:?} is {ours:?} here", fact.id)),
            }
        }
    }
    assert!(wrong.is_empty(), "without a row in DEVIATIONS:\n{}", wrong.join("\n"));
    assert_eq!(habits.len(), HABITS.len(), "a habit that nothing has");
    assert!(HABITS.iter().all(|habit| !habit.reason.is_empty()));
    assert!(unused.is_empty(), "rows of DEVIATIONS that nothing needs: {unused:?}");
}

#[test]
fn credentials_are_no_parameters_of_an_operation() {
    for (built, fact) in built().into_iter().filter(|(_, fact)| fact.variants.is_empty()) {
        let credentials = fact.credentials.iter().map(String::as_str);
        let credentials: Vec<&str> = credentials.chain(["action", "access_token"]).collect();
        for (name, _) in Schemas::of(SchemaSettings::default(), built.params).members() {
            assert!(!credentials.contains(&name.as_str()), "{}: {name}", fact.id);
        }
    }
}

#[test]
fn requesttoken_takes_the_grants_of_the_reference() {
    let (built, fact) = built().into_iter().find(|(_, fact)| fact.id == TOKEN).unwrap();
    let schemas = Schemas::of(SchemaSettings::default(), built.params);
    let root = schemas.place(&schemas.root).schema;
    let words = &schemas.place(&root["properties"]["grant_type"]).schema["oneOf"];
    let words = words.as_array().unwrap().iter().map(|word| word["const"].as_str().unwrap());
    let ours: BTreeSet<&str> = words.collect();
    assert_eq!(ours, fact.grant_types.values().map(String::as_str).collect());
}

#[test]
fn every_operation_of_the_reference_is_a_call_but_for_one_page() {
    assert_eq!(built().len(), 61);
}
