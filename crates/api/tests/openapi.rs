//! The OpenAPI document against the table it is computed from: every built operation and no other,
//! nothing that leads nowhere, and examples that are what the schemas say. Whether it is OpenAPI at
//! all is asked of a public validator (`cargo xtask openapi-valid`).
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use api::caller::Proof;
use api::form::{BodyKind, Request};
use api::openapi::document;
use api::operation::State;
use api::sync;
use api::{dispatch, ops};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const URL: &str = "https://health.example.org/";

/// Visits every object, however deep.
fn walk<'v>(value: &'v Value, visit: &mut impl FnMut(&'v serde_json::Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(members) => {
            visit(members);
            members.values().for_each(|member| walk(member, visit));
        }
        _ => {}
    }
}

/// The paths for programs, each with its `POST`; that of devices has tests of its own.
fn posts(document: &Value) -> Vec<(&String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let paths = paths.filter(|(path, _)| *path != sync::PATH);
    paths.filter_map(|(path, item)| Some((path, item.get("post")?))).collect()
}

fn form(post: &Value) -> &Value {
    &post["requestBody"]["content"]["application/x-www-form-urlencoded"]
}

fn answer(post: &Value) -> &Value {
    &post["responses"]["200"]["content"]["application/json"]
}

/// A schema of the document by its reference.
fn resolved<'d>(document: &'d Value, reference: &str) -> &'d Value {
    let pointer = reference.strip_prefix('#').expect("nothing outside of the document");
    document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// A validator of one schema, which finds the others where the document has them.
fn validator(document: &Value, schema: &Value) -> Validator {
    let whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": document["components"],
        "allOf": [schema],
    });
    jsonschema::options().should_validate_formats(true).build(&whole).unwrap()
}

#[track_caller]
fn assert_valid(validator: &Validator, value: &Value) {
    let problems: Vec<String> = validator.iter_errors(value).map(|it| it.to_string()).collect();
    assert!(problems.is_empty(), "{problems:#?}\n{value:#}");
}

#[test]
fn every_built_operation_is_there_and_no_other() {
    let document = document(None);
    let mut described = BTreeSet::new();
    for (path, post) in posts(&document) {
        let mapping = form(post)["schema"]["discriminator"]["mapping"].as_object().unwrap();
        let shapes = form(post)["schema"]["oneOf"].as_array().unwrap();
        assert_eq!(shapes.len(), mapping.len());
        for (action, reference) in mapping {
            assert!(shapes.contains(&json!({ "$ref": reference })));
            let shape = resolved(&document, reference.as_str().unwrap());
            assert_eq!(shape["properties"]["action"]["const"], **action);
            assert!(shape["required"].as_array().unwrap().contains(&json!("action")));
            described.insert((path.as_str(), action.as_str()));
        }
    }
    let built = ops::every().filter(|entry| entry.built().is_some());
    let built: BTreeSet<_> = built.map(|entry| (entry.path, entry.action.unwrap())).collect();
    assert_eq!(described, built);
}

#[test]
fn the_page_is_there_with_what_its_address_takes() {
    let document = document(None);
    let pages = ops::every().filter(|entry| matches!(entry.state, State::Page));
    for page in pages {
        let get = &document["paths"][page.path]["get"];
        let parameters = get["parameters"].as_array().unwrap();
        let named = |parameter: &Value| {
            (parameter["name"].as_str().unwrap().to_owned(), parameter["required"] == true)
        };
        let names: Vec<(String, bool)> = parameters.iter().map(named).collect();
        let required = ["response_type", "client_id", "state", "scope", "redirect_uri"];
        let mut expected: Vec<_> = required.map(|name| (name.to_owned(), true)).into();
        let optional = ["mode", "code_challenge", "code_challenge_method"];
        expected.extend(optional.map(|name| (name.to_owned(), false)));
        assert_eq!(names, expected);
    }
}

#[test]
fn every_reference_leads_somewhere_in_the_document() {
    let document = document(Some(URL));
    let mut references = BTreeSet::new();
    walk(&document, &mut |object| {
        let by_action = object.get("mapping").and_then(Value::as_object);
        references.extend(by_action.into_iter().flatten().map(|(_, to)| to.as_str().unwrap()));
        let keys = ["$ref", "x-answer"].into_iter();
        references.extend(keys.filter_map(|key| object.get(key)?.as_str()));
    });
    assert!(references.len() > ops::every().filter(|entry| entry.built().is_some()).count());
    for reference in &references {
        resolved(&document, reference);
    }
    let components = document["components"]["schemas"].as_object().unwrap();
    for name in components.keys() {
        let reference = format!("#/components/schemas/{name}");
        assert!(references.contains(reference.as_str()), "nothing refers to {name}");
    }
}

#[test]
fn no_two_types_share_a_name() {
    // The generator tells a second type of one name apart by a number, which follows the order of
    // the table: clients would see types change their names. Rename one in the source instead.
    let document = document(None);
    let components = document["components"]["schemas"].as_object().unwrap();
    let numbered = |name: &&String| name.ends_with(|end: char| end.is_ascii_digit());
    assert_eq!(components.keys().find(numbered), None);
    // Some generators name a type by its title instead.
    assert!(components.values().all(|schema| schema.get("title").is_none()));
    let of_operations = |name: &&String| ["Form", "Answer"].iter().any(|end| name.ends_with(end));
    let built = ops::every().filter(|entry| entry.built().is_some()).count();
    // Those of operations, and what a device is answered.
    assert_eq!(components.keys().filter(of_operations).count(), 2 * built + 1);
}

#[test]
fn operation_ids_are_unique_and_their_tags_are_declared() {
    let document = document(None);
    let tags = document["tags"].as_array().unwrap();
    let names: BTreeSet<&str> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), tags.len(), "a tag is declared twice");
    let is_declared = |tag: &Value| names.contains(tag.as_str().unwrap());
    let mut ids = BTreeSet::new();
    walk(&document["paths"], &mut |object| {
        if let Some(id) = object.get("operationId") {
            assert!(ids.insert(id.as_str().unwrap()), "two operations are called {id}");
            assert!(object["tags"].as_array().unwrap().iter().all(is_declared));
        }
    });
    // Written down, because clients are generated with these names.
    assert!(["authorize2", "oauth2V2", "measure", "userV2"].iter().all(|id| ids.contains(id)));
}

#[test]
fn every_operation_has_examples() {
    for entry in ops::every() {
        if let Some(built) = entry.built() {
            let examples = (built.examples)();
            assert!(!examples.is_empty(), "{} {:?} has none", entry.path, entry.action);
            assert!(examples.iter().all(|example| !example.summary.is_empty()));
        }
    }
}

#[test]
fn every_example_is_what_the_schemas_say() {
    let document = document(Some(URL));
    for (_, post) in posts(&document) {
        let (form, answer) = (form(post), answer(post));
        let (calls, answers) = (form["examples"].as_object(), answer["examples"].as_object());
        let (calls, answers) = (calls.unwrap(), answers.unwrap());
        let is_form = validator(&document, &form["schema"]);
        for example in calls.values() {
            assert_valid(&is_form, &example["value"]);
        }
        let is_answer = validator(&document, &answer["schema"]);
        for example in answers.values() {
            assert_valid(&is_answer, &example["value"]);
        }
        // An answer is of the very action that was called.
        for (key, call) in calls {
            let action = call["value"]["action"].as_str().unwrap();
            let shape = &form["schema"]["discriminator"]["mapping"][action];
            let shape = resolved(&document, shape.as_str().unwrap());
            let expected = validator(&document, &json!({ "$ref": shape["x-answer"] }));
            assert_valid(&expected, &answers[key]["value"]);
            let known = shape["properties"].as_object().unwrap();
            let given = call["value"].as_object().unwrap();
            assert!(given.keys().all(|name| known.contains_key(name)), "{key}: {call}");
        }
    }
}

#[test]
fn a_schema_can_refuse() {
    let document = document(None);
    let is_form =
        |path: &str| validator(&document, &form(&document["paths"][path]["post"])["schema"]);
    let measures = is_form("/measure");
    assert!(measures.is_valid(&json!({ "action": "getmeas" })));
    assert!(!measures.is_valid(&json!({})), "no action");
    assert!(!measures.is_valid(&json!({ "action": "getactivity" })), "an unbuilt action");
    assert!(!measures.is_valid(&json!({ "action": "getmeas", "startdate": "monday" })));
    assert!(!measures.is_valid(&json!({ "action": "getmeas", "startdate": null })));
    let tokens = is_form("/v2/oauth2");
    assert!(!tokens.is_valid(&json!({ "action": "requesttoken", "grant_type": "code" })));
    let post = &document["paths"]["/measure"]["post"];
    let is_answer = validator(&document, &answer(post)["schema"]);
    assert!(!is_answer.is_valid(&json!({ "status": 0, "body": {} })), "an empty success");
    assert!(!is_answer.is_valid(&json!({ "status": 12, "body": {}, "error": "?" })));
}

#[test]
fn the_statuses_of_a_path_are_those_its_credential_can_bring() {
    let document = document(None);
    let codes = |path: &str| -> Vec<i64> {
        let answers = answer(&document["paths"][path]["post"])["examples"].as_object().unwrap();
        let code = |example: &Value| example["value"]["status"].as_i64().unwrap();
        answers.values().map(code).filter(|code| *code != 0).collect()
    };
    assert_eq!(codes("/measure"), [401, 503, 522, 601, 2554, 2555, 2556]);
    assert_eq!(codes("/v2/oauth2"), [277, 342, 401, 503, 522, 601, 2554, 2556]);
    assert_eq!(
        codes("/notify"),
        [277, 286, 293, 294, 295, 342, 401, 503, 522, 601, 2554, 2555, 2556]
    );
    assert_eq!(codes("/v2/signature"), [342, 503, 522, 601, 2554, 2556]);
    // Confirming writes, which a token for the demo person's data does not let do.
    assert_eq!(codes("/v2/measure"), [277, 401, 503, 522, 601, 2554, 2555, 2556]);
}

#[test]
fn security_names_the_scope_of_each_action() {
    let document = document(None);
    for entry in ops::every() {
        let Some(built) = entry.built() else { continue };
        let post = &document["paths"][entry.path]["post"];
        let ways = post["security"].as_array().unwrap();
        let shape = &form(post)["schema"]["discriminator"]["mapping"][entry.action.unwrap()];
        let shape = resolved(&document, shape.as_str().unwrap());
        match built.proof {
            Proof::Bearer(scope) | Proof::BearerOrSigned(scope) => {
                assert!(ways.contains(&json!({ "oauth2": [scope.name()] })), "{}", entry.path);
                assert_eq!(shape["x-scopes"], json!([scope.name()]));
            }
            Proof::AnyBearer | Proof::AnyBearerOrSigned => {
                assert!(ways.contains(&json!({ "oauth2": [] })), "{}", entry.path);
                assert!(shape.get("x-scopes").is_none());
            }
            proof => {
                assert!(ways.contains(&json!({})), "{}", entry.path);
                let required = shape["required"].as_array().unwrap();
                assert!(required.contains(&json!("client_id")), "{}", entry.path);
                let is_signed = matches!(proof, Proof::Signed(_) | Proof::Timestamp);
                assert_eq!(required.contains(&json!("signature")), is_signed);
            }
        }
    }
}

/// The form as it travels: scalars as their text, lists with commas.
fn encoded(form: &Value) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(Value::to_string).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    let fields = form.as_object().unwrap().iter().map(|(name, value)| (name, text(value)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[test]
fn examples_lead_to_their_operations_as_the_document_says_they_travel() {
    let document = document(None);
    for (path, post) in posts(&document) {
        for example in form(post)["examples"].as_object().unwrap().values() {
            let body = encoded(&example["value"]);
            let request = Request::parse("", BodyKind::Form, body.as_bytes(), None).unwrap();
            let (entry, _) = dispatch::find(path, &request).unwrap();
            assert_eq!(example["value"]["action"], entry.action.unwrap());
        }
    }
}

#[test]
fn a_batch_of_a_device_is_what_the_schemas_say() {
    let document = document(None);
    let post = &document["paths"][sync::PATH]["post"];
    let media = &post["requestBody"]["content"]["application/json"];
    let is_batch = validator(&document, &media["schema"]);
    let mut kinds = BTreeSet::new();
    for example in media["examples"].as_object().unwrap().values() {
        assert_valid(&is_batch, &example["value"]);
        let records = example["value"]["records"].as_array().unwrap().iter();
        kinds.extend(records.map(|record| record["type"].as_str().unwrap()));
    }
    let known: BTreeSet<_> = sync::KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(kinds, known, "an example of every kind");
    let record = json!({ "id": "a", "type": "measures", "taken_at": 1, "measures": [] });
    for (name, wrong) in [
        ("id", json!("")),
        ("type", json!("nonsense")),
        ("taken_at", json!("monday")),
        ("measures", json!([{ "type": 1, "value": 64.25, "unit": 0 }])),
    ] {
        let mut wrong_record = record.clone();
        wrong_record[name] = wrong;
        assert!(is_batch.is_valid(&json!({ "records": [record] })));
        assert!(!is_batch.is_valid(&json!({ "records": [wrong_record] })), "{name}");
    }
    let is_answer = validator(&document, &answer(post)["schema"]);
    let synced = validator(&document, &json!({ "$ref": "#/components/schemas/SyncAnswer" }));
    for example in ["kept", "due"] {
        let example = &answer(post)["examples"][example]["value"];
        assert_valid(&is_answer, example);
        assert_valid(&synced, example);
    }
}

#[test]
fn addresses_are_the_servers_own() {
    let flow = |document: &Value| {
        let flow = &document["components"]["securitySchemes"]["oauth2"]["flows"];
        let flow = &flow["authorizationCode"];
        (flow["authorizationUrl"].clone(), flow["tokenUrl"].clone())
    };
    let known = document(Some(URL));
    assert_eq!(known["servers"][0]["url"], "https://health.example.org");
    assert_eq!(flow(&known).0, "https://health.example.org/oauth2_user/authorize2");
    assert_eq!(flow(&known).1, "https://health.example.org/v2/oauth2");
    let unknown = document(None);
    assert_eq!(unknown["servers"][0]["url"], "/");
    assert_eq!(flow(&unknown), (json!("/oauth2_user/authorize2"), json!("/v2/oauth2")));
}

#[test]
fn no_text_is_meant_for_rust_alone() {
    walk(&document(None), &mut |object| {
        for key in ["description", "summary"] {
            let text = object.get(key).and_then(Value::as_str).unwrap_or("unsaid");
            assert!(!text.contains("[`") && !text.contains("::"), "{text}");
        }
    });
}
