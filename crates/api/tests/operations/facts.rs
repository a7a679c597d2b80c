//! The project's facts about the reference (`tests/facts`), for tests that call what they tell of.

use api::operation::Entry;
use api::ops;
use serde_json::Value;
use std::path::Path;

/// A table of facts.
pub(crate) fn facts(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Every call with what the facts say of it.
pub(crate) fn calls() -> Vec<(&'static Entry, Value)> {
    let facts = facts("operations.json").as_array().unwrap().clone();
    assert_eq!(facts.len(), ops::ALL.len());
    let pairs = ops::ALL.iter().zip(facts);
    pairs.filter(|(entry, _)| entry.action.is_some()).collect()
}

/// The codes of a table.
pub(crate) fn codes(table: &str) -> Vec<i64> {
    let codes = facts("codes.json")["tables"][table].clone();
    codes.as_array().unwrap().iter().map(|code| code.as_i64().unwrap()).collect()
}

/// The texts of a list; of none there are none.
pub(crate) fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}
