//! Every answer the tests beside this one see, against the schemas of the OpenAPI document: it is
//! enough that a test calls.

use api::openapi::document;
use api::operation::Entry;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

thread_local! {
    /// The keys that a test has seen with a value, by operation; tests have a thread each.
    static SEEN: RefCell<BTreeMap<(String, String), BTreeSet<String>>> = RefCell::default();
}

/// The keys this test has seen with a value in answers of an operation.
pub(crate) fn seen(entry: &Entry) -> BTreeSet<String> {
    let key = (entry.path.to_owned(), entry.action.unwrap().to_owned());
    SEEN.with_borrow(|seen| seen.get(&key).cloned().unwrap_or_default())
}

/// The path of everything that has a value, as the facts write it.
fn see(value: &Value, path: &str, out: &mut BTreeSet<String>) {
    if !value.is_null() && !path.is_empty() {
        out.insert(path.to_owned());
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
                let name = if is_number { "$timestamp" } else { name };
                let dot = if path.is_empty() { "" } else { "." };
                see(member, &format!("{path}{dot}{name}"), out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| see(item, &format!("{path}[]"), out)),
        _ => {}
    }
}

/// What an operation can answer.
struct Answers {
    success: Validator,
    error: Validator,
}

/// By path and action.
static ANSWERS: LazyLock<BTreeMap<(String, String), Answers>> = LazyLock::new(|| {
    let document = document(None);
    let validator = |reference: &Value| {
        let whole = json!({ "components": document["components"], "$ref": reference });
        jsonschema::draft202012::new(&whole).unwrap()
    };
    let mut answers = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let post = &item["post"];
        let form = &post["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
        let answer = &post["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"];
        let error = answer.as_array().and_then(|shapes| shapes.last());
        let actions = form["discriminator"]["mapping"].as_object();
        for (action, form) in actions.into_iter().flatten() {
            let form = form.as_str().unwrap().trim_start_matches('#');
            let success = validator(&document.pointer(form).unwrap()["x-answer"]);
            let error = validator(&error.unwrap()["$ref"]);
            answers.insert((path.clone(), action.clone()), Answers { success, error });
        }
    }
    answers
});

/// The answer of an operation is what the document says of it.
#[track_caller]
pub(crate) fn assert_documented(entry: &Entry, answer: &Value) {
    let key = (entry.path.to_owned(), entry.action.unwrap().to_owned());
    let Answers { success, error } = &ANSWERS[&key];
    let expected = if answer["status"] == 0 { success } else { error };
    let problems: Vec<String> = expected
        .iter_errors(answer)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{key:?} is not as documented: {problems:#?}");
    if answer["status"] == 0 {
        SEEN.with_borrow_mut(|seen| see(&answer["body"], "", seen.entry(key).or_default()));
    }
}

#[test]
fn an_answer_that_is_not_documented_is_noticed() {
    let entry = api::ops::ALL.iter().find(|entry| entry.action == Some("getdevice")).unwrap();
    let noticed =
        |answer: Value| std::panic::catch_unwind(|| assert_documented(entry, &answer)).is_err();
    assert!(!noticed(json!({ "status": 0, "body": { "devices": [] } })));
    assert!(noticed(json!({ "status": 0, "body": {} })));
    assert!(!noticed(json!({ "status": 503, "body": {}, "error": "Invalid Params" })));
    assert!(noticed(json!({ "status": 293, "body": {}, "error": "Callback" })));
}
