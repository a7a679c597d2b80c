//! The table of operations against the project's own table of facts about the reference
//! (`tests/facts/operations.json`): which operations there are, their parameters, their proofs, the
//! keys and types of their answers. Where vitald differs on purpose stands in [`DEVIATIONS`], one
//! reason a row. What an operation does is tested in `tests/operations`.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use api::caller::Proof;
use api::operation::{Built, Entry, State};
use api::ops;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Operations of the reference that are still to come. To be lowered with each one that is built.
const UNBUILT_MAX: usize = 36;

/// The id of an operation, the key (`auth`, `params.…`, `reply.…`), what vitald has there (nothing
/// when it has no such key), and why. A type ends in `|null` when null is possible, in `?` when the
/// key can be absent.
type Deviation = (&'static str, &'static str, Option<&'static str>, &'static str);

const TOKEN: &str = "oauth2-getaccesstoken";
const MEASURES: &str = "measure-getmeas";
const DEVICES: &str = "userv2-getdevice";
const GOALS: &str = "userv2-getgoals";
const HEART: &str = "heartv2-get";
const HEARTS: &str = "heartv2-list";
const SLEEP: &str = "sleepv2-get";
const NIGHTS: &str = "sleepv2-getsummary";

const PEOPLE: &str = "oauth2-listusers";
const PKCE: &str = "RFC 7636, for who asks for it and for the strict profile";
const LISTED: &str = "a list of people has to be a list: the reference shows one row flat";
const OWN: &str = "in the reference's sample call, not in its list of parameters";
const BY_HAND: &str = "null in a group that was entered by hand, as recorded (wire-quirks 11)";
const LAST_PAGE: &str = "there only while there is more, as recorded (wire-quirks 8)";
const MARK: &str = "sent only where the device has it, as recorded (wire-quirks 14)";
const TYPED: &str = "recorded on values that were typed in (wire-quirks 14)";
const PARTNERS: &str = "given to partner applications only: not built yet";
const NOT_SET: &str = "a goal that is not set is left out, as recorded (wire-quirks 41)";
const FILTERED: &str = "what with_filtered asks for has no shape in the reference";
const INTERVALS: &str = "what with_intervals asks for has no shape in the reference";
const NO_RATE: &str = "left out where the device found none (wire-quirks 33)";
const LISTS: &str = "an object of lists, as the guide says (field-notes §7)";
const EVENTS: &str = "a dictionary, by its own description (wire-quirks 32)";
const NO_SESSION: &str = "null until the device has talked to the server (wire-quirks 40)";

const DEVIATIONS: &[Deviation] = &[
    (TOKEN, "params.code_verifier", Some("string?"), PKCE),
    (PEOPLE, "reply.hash_userid", None, LISTED),
    (PEOPLE, "reply.userid", None, LISTED),
    (PEOPLE, "reply.email", None, LISTED),
    (PEOPLE, "reply.fully_owned", None, LISTED),
    (PEOPLE, "reply.users[].hash_userid", Some("string"), LISTED),
    (PEOPLE, "reply.users[].userid", Some("integer"), LISTED),
    (PEOPLE, "reply.users[].email", Some("string"), LISTED),
    (PEOPLE, "reply.users[].fully_owned", Some("boolean"), LISTED),
    ("oauth2-createclient", "params.organization_id", Some("integer?"), OWN),
    (MEASURES, "reply.updatetime", Some("integer"), "as recorded (wire-quirks 7)"),
    (MEASURES, "reply.more", Some("integer?"), LAST_PAGE),
    (MEASURES, "reply.offset", Some("integer?"), LAST_PAGE),
    (MEASURES, "reply.measuregrps[].deviceid", Some("string|null"), BY_HAND),
    (MEASURES, "reply.measuregrps[].hash_deviceid", Some("string|null"), BY_HAND),
    (MEASURES, "reply.measuregrps[].model", Some("string|null"), BY_HAND),
    (MEASURES, "reply.measuregrps[].model_id", Some("integer|null"), BY_HAND),
    (
        MEASURES,
        "reply.measuregrps[].modelid",
        Some("integer|null"),
        "recorded beside model_id (10)",
    ),
    (MEASURES, "reply.measuregrps[].comment", Some("string|null"), "null, as recorded (12)"),
    (MEASURES, "reply.measuregrps[].measures[].algo", Some("integer?"), MARK),
    (MEASURES, "reply.measuregrps[].measures[].fm", Some("integer?"), MARK),
    (MEASURES, "reply.measuregrps[].measures[].position", Some("integer?"), MARK),
    (MEASURES, "reply.measuregrps[].measures[].apppfmid", Some("integer?"), TYPED),
    (MEASURES, "reply.measuregrps[].measures[].appliver", Some("integer?"), TYPED),
    (DEVICES, "reply.devices[].mac_address", None, PARTNERS),
    (DEVICES, "reply.devices[].fw", None, PARTNERS),
    (DEVICES, "reply.devices[].network", None, PARTNERS),
    (DEVICES, "reply.devices[].last_used_network", None, PARTNERS),
    (DEVICES, "reply.devices[].sim_status", None, PARTNERS),
    (DEVICES, "reply.devices[].first_session_date", Some("integer|null"), NO_SESSION),
    (DEVICES, "reply.devices[].last_session_date", Some("integer|null"), NO_SESSION),
    (GOALS, "reply.goals.steps", Some("integer?"), NOT_SET),
    (GOALS, "reply.goals.sleep", Some("integer?"), NOT_SET),
    (GOALS, "reply.goals.weight", Some("object?"), NOT_SET),
    (HEART, "reply.filtered", Some("array?"), FILTERED),
    (HEART, "reply.filtered[]", Some("integer"), FILTERED),
    (HEART, "reply.intervals", Some("object?"), INTERVALS),
    (HEART, "reply.intervals.pr", Some("integer|null"), INTERVALS),
    (HEART, "reply.intervals.qrs", Some("integer|null"), INTERVALS),
    (HEART, "reply.intervals.qt", Some("integer|null"), INTERVALS),
    (HEART, "reply.intervals.qtc", Some("integer|null"), INTERVALS),
    (HEART, "reply.heart_rate", Some("integer?"), NO_RATE),
    (HEARTS, "reply.series[].heart_rate", Some("integer?"), NO_RATE),
    (HEARTS, "reply.series[].bloodpressure", Some("object?"), "watches take none (33)"),
    (HEARTS, "reply.series[].stetho", Some("object?"), "most devices record no sounds"),
    (HEARTS, "reply.series[].timezone", Some("string"), "recorded (field-notes §6.5)"),
    (
        "measurev2-getworkouts",
        "reply.series[].data.core_body_temperature_status",
        Some("string?"),
        "one of three words, by its own description (wire-quirks 25)",
    ),
    ("rawdatav2-get", "reply.rawdata[].data", None, LISTS),
    ("rawdatav2-get", "reply.rawdata[].data.$timestamp[]", Some("integer"), LISTS),
    (SLEEP, "reply.series.hash_deviceid", Some("string|null"), "recorded (wire-quirks 27)"),
    (NIGHTS, "params.offset", Some("integer?"), "programs send it (wire-quirks 30)"),
    (NIGHTS, "reply.series[].data.night_events", Some("object?"), EVENTS),
    (NIGHTS, "reply.series[].data.night_events.$timestamp[]", Some("integer"), EVENTS),
    (NIGHTS, "reply.series[].data.night_events[]", None, EVENTS),
    ("stethov2-get", "reply.position", Some("integer|null"), "null where the device did not say"),
    ("userv2-link", "reply.devices[].last_session_date", Some("integer|null"), NO_SESSION),
    (
        "userv2-link",
        "reply.devices[].serial_number",
        Some("string|null"),
        "null where it is unknown",
    ),
];

/// What many keys of several operations have in common.
struct Habit {
    /// The ids of the operations.
    of: &'static [&'static str],
    /// How the keys end.
    keys: &'static [&'static str],
    /// What is added to the type of the reference.
    adds: &'static str,
    reason: &'static str,
}

const HABITS: &[Habit] = &[
    Habit {
        of: &[
            "heartv2-get",
            "heartv2-list",
            "measurev2-getactivity",
            "measurev2-getintradayactivity",
            "measurev2-getworkouts",
            "sleepv2-get",
            "sleepv2-getsummary",
            "stethov2-get",
            "stethov2-list",
        ],
        keys: &["deviceid", "model", "model_id", "modelid"],
        adds: "|null",
        reason: "null of a phone and of what was typed in, as recorded (wire-quirks 19, 22, 24)",
    },
    Habit {
        of: &[
            "measurev2-getactivity",
            "measurev2-getintradayactivity",
            "measurev2-getworkouts",
            "sleepv2-getsummary",
        ],
        keys: &[
            "totalcalories",
            "core_body_temperature",
            "hrv_quality",
            "rmssd",
            "sdnn1",
            "spo2_auto",
            "pause_duration",
            "intensity",
            "spo2_average",
            "apnea_hypopnea_index",
            "quality_assessment",
            "mvt_active_duration",
            "_avg",
            "sleep_score",
            "snoring",
            "snoringepisodecount",
            "withings_index",
        ],
        adds: "?",
        reason: "a field that a device cannot give or nobody asked for is left out (field-notes §6)",
    },
    Habit {
        of: &["sleepv2-get"],
        keys: &["hrv_quality", "mvt_score", "rmssd", "sdnn_1", "snoring", "withings_index"],
        adds: "object?",
        reason: "a map that nobody asked for is left out (wire-quirks 27)",
    },
];

/// An operation of the facts.
#[derive(Debug, Deserialize)]
struct Fact {
    id: String,
    path: String,
    action: Option<String>,
    auth: Vec<String>,
    credentials: Vec<String>,
    params: Vec<Param>,
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
}

/// Keys and their types: what the facts say of an operation, or what vitald has.
type Shape = BTreeMap<String, String>;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn facts() -> Vec<Fact> {
    let text = std::fs::read_to_string(here().join("facts/operations.json")).unwrap();
    serde_json::from_str(&text).unwrap()
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
        Proof::BearerOrSigned(_) => "bearer,signed",
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

/// A schema with the definitions it refers to.
struct Schemas {
    root: Value,
    definitions: Value,
}

/// What a schema says of one place.
struct Place<'s> {
    schema: &'s Value,
    kind: &'s str,
    is_nullable: bool,
}

impl Schemas {
    fn of(settings: SchemaSettings, schema: fn(&mut SchemaGenerator) -> schemars::Schema) -> Self {
        let mut generator = settings.into_generator();
        let root = schema(&mut generator).to_value();
        Self { root, definitions: generator.take_definitions(true).into() }
    }

    /// Follows references, and looks through the choice between a type and null.
    fn place<'s>(&'s self, schema: &'s Value) -> Place<'s> {
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
    fn members(&self) -> Vec<(String, String)> {
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
    fn walk(&self, schema: &Value, path: &str, out: &mut Shape) {
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
fn the_list_of_what_is_unbuilt_only_shrinks() {
    let unbuilt = |entry: &&Entry| matches!(entry.state, State::Unbuilt);
    let line = |entry: &Entry| format!("{} {}", entry.path, entry.action.unwrap());
    let ours: Vec<String> = ops::ALL.iter().filter(unbuilt).map(line).collect();
    let listed = std::fs::read_to_string(here().join("unbuilt.txt")).unwrap();
    assert_eq!(ours, listed.lines().collect::<Vec<_>>(), "tests/unbuilt.txt is not up to date");
    assert_eq!(ours.len(), UNBUILT_MAX, "lower UNBUILT_MAX with each operation that is built");
}

/// The reference itself, which is no part of the project.
fn contract() -> Option<Value> {
    let path = here().join("../../../../shared/reference/contract.json");
    Some(serde_json::from_str(&std::fs::read_to_string(path).ok()?).unwrap())
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn the_facts_agree_with_the_reference() {
    let Some(contract) = contract() else {
        println!("skipped: no reference beside the project");
        return;
    };
    let (facts, operations) = (facts(), contract["operations"].as_array().unwrap());
    assert_eq!(facts.len(), operations.len());
    for (fact, operation) in facts.iter().zip(operations) {
        assert_eq!(operation["id"], fact.id.as_str());
        assert_eq!(operation["path"], fact.path.as_str(), "{}", fact.id);
        assert_eq!(operation["action"].as_str(), fact.action.as_deref(), "{}", fact.id);
        assert_eq!(strings(&operation["auth"]), fact.auth, "{}", fact.id);
        match &operation["params"] {
            Value::Object(variants) => assert_variants(fact, variants),
            params => assert_params(fact, params.as_array().unwrap()),
        }
        let mut reply = Shape::new();
        flatten(&contract["objects"], &operation["reply"], "", &mut reply);
        assert_eq!(reply, fact.reply, "{}", fact.id);
    }
}

fn assert_params(fact: &Fact, params: &[Value]) {
    let is_credential =
        |param: &&Value| fact.credentials.iter().any(|name| param["name"] == **name);
    let (credentials, params): (Vec<_>, Vec<_>) =
        params.iter().filter(|param| param["name"] != "action").partition(is_credential);
    assert_eq!(credentials.len(), fact.credentials.len(), "{}", fact.id);
    let theirs: Vec<_> = params
        .iter()
        .map(|param| {
            let text = |key: &str| param[key].as_str().unwrap();
            (text("name"), param["required"].as_bool().unwrap(), text("type"))
        })
        .collect();
    let kept = fact.params.iter();
    let ours: Vec<_> =
        kept.map(|param| (param.name.as_str(), param.required, param.kind.as_str())).collect();
    assert_eq!(ours, theirs, "{}", fact.id);
}

fn assert_variants(fact: &Fact, variants: &serde_json::Map<String, Value>) {
    assert_eq!(fact.variants.len(), variants.len());
    for (variant, params) in variants {
        let params = params.as_object().unwrap();
        assert!(params.values().all(|param| param["required"] == true), "{variant}");
        let names: Vec<_> = params.keys().filter(|name| *name != "action").collect();
        assert_eq!(fact.variants[variant].iter().collect::<Vec<_>>(), names, "{variant}");
        assert_eq!(params["grant_type"]["const"], fact.grant_types[variant].as_str());
    }
}

/// The keys of a reply in the notation of the facts.
fn flatten(objects: &Value, reply: &Value, path: &str, out: &mut Shape) {
    match reply {
        Value::Null => {}
        Value::Object(members) => {
            for (name, member) in members {
                let (name, is_optional) = match name.strip_suffix('?') {
                    Some(name) => (name, true),
                    None => (name.as_str(), false),
                };
                let dot = if path.is_empty() { "" } else { "." };
                let path = format!("{path}{dot}{name}");
                flatten(objects, member, &path, out);
                if is_optional {
                    let container = if member.is_array() { "array" } else { "object" };
                    let kind = out.get(&path).map_or(container, String::as_str);
                    let kind = optional(kind, true);
                    out.insert(path, kind);
                }
            }
        }
        Value::Array(items) => {
            flatten(objects, items.first().unwrap_or(&Value::Null), &format!("{path}[]"), out);
        }
        kind => {
            let kind = kind.as_str().unwrap();
            match kind.strip_prefix("array of ") {
                _ if objects[kind].is_object() => flatten(objects, &objects[kind], path, out),
                Some(items) => {
                    let item = items.trim_end_matches('s');
                    out.insert(format!("{path}[]"), item.to_owned());
                }
                None => {
                    let bare = kind.split('(').next().unwrap_or(kind);
                    let bare = match bare {
                        "?" => "any",
                        "macaddress" => "string",
                        bare => bare,
                    };
                    out.insert(path.to_owned(), bare.to_owned());
                }
            }
        }
    }
}
