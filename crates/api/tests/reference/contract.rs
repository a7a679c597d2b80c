//! The facts against the reference itself, which is no part of the project: where it does not lie
//! beside it, nothing is compared.

use crate::codes::Codes;
use crate::{Fact, Shape, facts, here, optional, read};
use serde_json::Value;
use std::collections::BTreeMap;

/// The reference itself, which is no part of the project.
pub(crate) fn contract() -> Option<Value> {
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

fn strings_or_none(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn assert_params(fact: &Fact, params: &[Value]) {
    for action in params.iter().filter(|param| param["name"] == "action") {
        assert_eq!(action["const"].as_str(), fact.action.as_deref(), "{}", fact.id);
    }
    let is_credential =
        |param: &&Value| fact.credentials.iter().any(|name| param["name"] == **name);
    let (credentials, params): (Vec<_>, Vec<_>) =
        params.iter().filter(|param| param["name"] != "action").partition(is_credential);
    assert_eq!(credentials.len(), fact.credentials.len(), "{}", fact.id);
    let not_with = |param: &Value| strings_or_none(&param["not_with"]);
    for credential in credentials {
        let kept = fact.credentials_not_with.get(credential["name"].as_str().unwrap());
        assert_eq!(not_with(credential), kept.cloned().unwrap_or_default(), "{}", fact.id);
    }
    for (param, kept) in params.iter().zip(&fact.params) {
        assert_eq!(not_with(param), kept.not_with, "{}: {}", fact.id, kept.name);
        assert_eq!(strings_or_none(&param["fields"]), kept.fields, "{}: {}", fact.id, kept.name);
        assert!(param["const"].is_null(), "{}: only actions have one value", fact.id);
    }
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

/// The codes of a table, sorted: integers and words as texts.
fn sorted(codes: impl Iterator<Item = String>) -> Vec<String> {
    let mut codes: Vec<String> = codes.collect();
    codes.sort_unstable();
    codes
}

#[test]
fn the_codes_agree_with_the_reference() {
    let Some(contract) = contract() else {
        println!("skipped: no reference beside the project");
        return;
    };
    let kept: Codes = read("codes.json");
    let tables = contract["code_tables"].as_object().unwrap();
    assert_eq!(kept.tables.len(), tables.len());
    for (name, table) in tables {
        let table = table.as_object().unwrap();
        match &kept.tables[name] {
            Value::Object(named) => assert_eq!(named, table, "{name}"),
            list => {
                let text = |code: &Value| {
                    code.as_str().map_or_else(|| code.to_string(), |word| word.to_owned())
                };
                let ours = sorted(list.as_array().unwrap().iter().map(text));
                assert_eq!(ours, sorted(table.keys().cloned()), "{name}");
            }
        }
    }
    let same: BTreeMap<String, String> =
        serde_json::from_value(contract["same_table_as"].clone()).unwrap();
    assert_eq!(kept.same_as, same);
    let objects = contract["objects"].as_object().unwrap();
    assert_eq!(sorted(kept.objects.into_iter()), sorted(objects.keys().cloned()));
    assert_eq!(contract["status"].as_array().unwrap().len(), 75, "domain::status has its families");
}
