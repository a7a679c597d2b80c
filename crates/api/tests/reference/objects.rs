//! The shapes of the reference that have names: which of them an answer can hold. And the models of
//! its parameters, which are told in prose and read in `tests/operations/models.rs`.

use crate::codes::Codes;
use crate::contract::contract;
use crate::{here, read};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The shape nothing refers to: of no answer, so nothing here has it.
const UNREFERENCED: &str = "lastupdate_object";

#[test]
fn every_shape_of_the_reference_is_part_of_an_answer_but_for_one() {
    let facts: Codes = read("codes.json");
    assert!(facts.objects.iter().any(|name| name == UNREFERENCED));
    let Some(contract) = contract() else {
        println!("skipped: no reference beside the project");
        return;
    };
    let objects = contract["objects"].as_object().unwrap();
    let mut reached = BTreeSet::new();
    for operation in contract["operations"].as_array().unwrap() {
        reach(objects, &operation["reply"], &mut reached);
    }
    let known: BTreeSet<&str> = facts.objects.iter().map(String::as_str).collect();
    let unreached: Vec<&str> = known.difference(&reached).copied().collect();
    assert_eq!(unreached, [UNREFERENCED]);
}

fn reach<'c>(
    objects: &'c serde_json::Map<String, Value>,
    shape: &'c Value,
    out: &mut BTreeSet<&'c str>,
) {
    match shape {
        Value::String(name) => {
            if let Some((name, object)) = objects.get_key_value(name)
                && out.insert(name)
            {
                reach(objects, object, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| reach(objects, item, out)),
        Value::Object(members) => members.values().for_each(|member| reach(objects, member, out)),
        _ => {}
    }
}

/// A row of a model.
#[derive(Debug, Deserialize, PartialEq)]
struct Row {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    required: Option<bool>,
    #[serde(default)]
    codes: Vec<i64>,
}

#[test]
fn the_models_agree_with_the_reference() {
    let path = here().join("../../../../shared/reference/openapi.yml");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no reference beside the project");
        return;
    };
    let kept: BTreeMap<String, Vec<Row>> = read("models.json");
    let mut told = models(&prose(&text));
    // Told in a sentence, and not in a table.
    let measures = told.get_mut("Measures").unwrap().iter_mut();
    measures.filter(|row| row.name == "type").for_each(|row| row.codes = vec![4, 1]);
    assert_eq!(kept, told);
}

/// Types of the models that cannot be meant: what stands there instead.
const SLIPS: &[(&str, &str, &str)] =
    &[("Order", "products", "told as an integer; its own samples have a list of objects")];

#[test]
fn a_type_that_cannot_be_meant_is_named() {
    let kept: BTreeMap<String, Vec<Row>> = read("models.json");
    for (model, name, truth) in SLIPS {
        let row = kept[*model].iter().find(|row| row.name == *name).unwrap();
        assert!(row.kind == "integer" && !truth.is_empty());
    }
}

/// The text about models: a text of YAML in quotes, folded.
fn prose(yaml: &str) -> String {
    let (_, rest) = yaml.split_once("- name: models\n").unwrap();
    let (_, rest) = rest.split_once("description: \"").unwrap();
    let (mut out, mut characters) = (String::new(), rest.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => match characters.next().unwrap() {
                'n' => out.push('\n'),
                '\n' => while characters.next_if(|next| *next == ' ').is_some() {},
                other => out.push(other),
            },
            '\n' => {
                while characters.next_if(|next| *next == ' ').is_some() {}
                out.push(' ');
            }
            other => out.push(other),
        }
    }
    out
}

/// The tables of fields by what they are tables of, and in the fields the codes of the tables of
/// units below.
fn models(text: &str) -> BTreeMap<String, Vec<Row>> {
    let mut models: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let (mut title, mut header) = (String::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if line.starts_with('#') {
            let name = line.trim_start_matches(|mark: char| !mark.is_alphabetic());
            title = name.to_owned();
        }
        let Some(cells) = line.strip_prefix('|').filter(|_| !line.starts_with("|-")) else {
            if !line.starts_with("|-") {
                header.clear();
            }
            continue;
        };
        let cells: Vec<&str> = cells.trim_end_matches('|').split('|').map(str::trim).collect();
        if header.is_empty() {
            header = cells.iter().map(|cell| cell.to_lowercase()).collect();
            continue;
        }
        let rows = models.entry(title.clone()).or_default();
        match header[0].strip_suffix(" unit") {
            Some(name) => {
                let row = rows.iter_mut().find(|row| row.name == name).unwrap();
                row.codes.push(cells[1].parse().unwrap());
            }
            None => rows.push(Row {
                name: cells[0].to_owned(),
                kind: cells[1].to_owned(),
                required: (header.get(2).map(String::as_str) == Some("required"))
                    .then(|| cells[2] == "yes"),
                codes: Vec::new(),
            }),
        }
    }
    models
}
