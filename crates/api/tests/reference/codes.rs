//! The numbers and words of the reference against what the project knows under them. That every
//! code goes in and comes back is seen in `tests/operations/codes.rs`; here it is whether there is
//! a name for it, and the same.

use crate::{facts, read};
use domain::activity::{Activity, Intraday};
use domain::device::{MODELS, Model, model};
use domain::fields::{Fields, TemperatureStatus};
use domain::measure::{Attrib, KNOWN};
use domain::nudge::Position;
use domain::order::{ParcelStatus, Status};
use domain::sleep::{Night, State, Vitals};
use domain::workout::Workout;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The facts about codes.
#[derive(Debug, Deserialize)]
pub(crate) struct Codes {
    /// By the place the reference tells them at: codes, or what they stand for too.
    pub(crate) tables: BTreeMap<String, Value>,
    /// Places that have the table of another one.
    pub(crate) same_as: BTreeMap<String, String>,
    /// The shapes that have names.
    pub(crate) objects: Vec<String>,
}

/// What stands for a table of the reference here.
enum Ours {
    /// These codes, each with a name or a rule of its own.
    Known(Vec<String>),
    /// These, of which the reference has some at that place.
    Some(Vec<String>),
    /// Whatever a device says: passed on as it is, which `tests/operations/codes.rs` sees.
    Passed,
}

const IDS: &str = "measurev2-getintradayactivity.series.$timestamp.model_id";
const NAMES: &str = "measurev2-getintradayactivity.series.$timestamp.model";
const STATES: [State; 7] = [
    State::AWAKE,
    State::LIGHT,
    State::DEEP,
    State::REM,
    State::MANUAL,
    State::UNSPECIFIED,
    State::OUT_OF_BED,
];
const ATTRIBS: [Attrib; 10] = [
    Attrib::DEVICE,
    Attrib::AMBIGUOUS,
    Attrib::MANUAL,
    Attrib::USER_PICKED,
    Attrib::MANUAL_AT_CREATION,
    Attrib::AUTO,
    Attrib::CONFIRMED,
    Attrib::DEVICE_ALSO,
    Attrib::GUIDED,
    Attrib::GUIDED_PRESSURE,
];

/// Codes that are known here and stand in no table of the reference: the table, the codes, where
/// they are from.
const BEYOND: &[(&str, &[&str], &str)] = &[
    ("measure-getmeas.meastype", &["18"], "in old recorded answers (wire-quirks 16)"),
    (
        "measure-getmeas.meastype",
        &["119", "147", "148", "151", "204", "205", "248", "249", "251"],
        "newer guides: glucose, and what is found in urine",
    ),
    (
        "measure-getmeas.meastype",
        &["158", "159", "197", "198"],
        "recorded of a Body Scan (wire-quirks 16)",
    ),
    (IDS, &["13", "62"], "in the reference's own table of workouts"),
    (IDS, &["14", "15", "16", "17", "19"], "in answers of live accounts (wire-quirks 37)"),
    (NAMES, &["Body Pro 2", "Body Scan 2", "Body Smart"], "the names of those"),
    ("measuregrp_object.attrib", &["3", "17"], "recorded, and known to a client (wire-quirks 13)"),
];

/// Places the reference gives a table that says something else: what they hold, in truth.
const SLIPS: &[(&str, &str)] = &[
    (
        "userv2-getgoals.goals.weight.value",
        "the table is of findings about a rhythm; a weight has digits",
    ),
    ("measure_object.value", "the same table: findings are the values of types 130 and 139 alone"),
    ("nudge.position", "the table is of parts of a body; a nudge is `first` or `last`"),
    ("workout_object.attrib", "the table is of groups of measures; workouts have 0, 2 and 7 of it"),
];

fn texts<T: ToString>(codes: impl IntoIterator<Item = T>) -> Vec<String> {
    codes.into_iter().map(|code| code.to_string()).collect()
}

fn names(of: impl Fn(&Model) -> String) -> Vec<String> {
    MODELS.iter().map(of).collect::<BTreeSet<_>>().into_iter().collect()
}

fn ours(table: &str) -> Ours {
    match table {
        "measure-getmeas.meastype" => Ours::Known(texts(KNOWN.iter().map(|known| known.code.0))),
        IDS => Ours::Known(texts(MODELS.iter().map(|model| model.id))),
        NAMES => Ours::Known(names(|model| model.name.to_owned())),
        "user_device_object.type" => Ours::Known(names(|model| model.kind.to_owned())),
        "heartv2-get.model" | "sleepv2-get.series.model_id" | "workout_object.model" => {
            Ours::Some(texts(MODELS.iter().map(|model| model.id)))
        }
        "sleepv2-get.series.model" => Ours::Some(names(|model| model.name.to_owned())),
        "sleepv2-get.series.state" => Ours::Known(texts(STATES.map(|state| state.0))),
        "measuregrp_object.attrib" => Ours::Known(texts(ATTRIBS.map(|attrib| attrib.0))),
        "sleep_summary_object.data.core_body_temperature_status" => {
            let words = ["unknown", "usual", "elevated", "other"].into_iter();
            let is_one =
                |word: &&str| serde_json::from_value::<TemperatureStatus>((*word).into()).is_ok();
            Ours::Known(texts(words.filter(is_one)))
        }
        "dropshipment_create_order_object.status" => Ours::Known(texts(Status::ALL)),
        "dropshipment_get_order_status_object.parcel_status" => {
            Ours::Known(texts(ParcelStatus::ALL))
        }
        "heartv2-get.wearposition"
        | "workout_object.category"
        | "heart_measurement_object.ecg.afib"
        | "userv2-getgoals.goals.weight.value" => Ours::Passed,
        other => panic!("say here what stands for the reference's table of {other}"),
    }
}

fn codes_of(table: &Value) -> BTreeSet<String> {
    match table {
        Value::Object(named) => named.keys().cloned().collect(),
        list => {
            let text = |code: &Value| code.as_str().map_or_else(|| code.to_string(), str::to_owned);
            list.as_array().unwrap().iter().map(text).collect()
        }
    }
}

#[test]
fn every_code_of_the_reference_is_known_and_what_is_known_beyond_has_its_source() {
    let facts: Codes = read("codes.json");
    let mut beyond = BTreeMap::new();
    for (name, table) in &facts.tables {
        let theirs = codes_of(table);
        let (known, is_whole) = match ours(name) {
            Ours::Known(known) => (known, true),
            Ours::Some(known) => (known, false),
            Ours::Passed => continue,
        };
        let known: BTreeSet<String> = known.into_iter().collect();
        let unknown: Vec<_> = theirs.difference(&known).collect();
        assert!(unknown.is_empty(), "{name} has no {unknown:?} here");
        if is_whole && known != theirs {
            beyond.insert(name.as_str(), &known - &theirs);
        }
    }
    let mut told: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (table, codes, source) in BEYOND {
        assert!(!source.is_empty());
        told.entry(table).or_default().extend(texts(*codes));
    }
    assert_eq!(beyond, told, "what is known here, and in no table of the reference");
}

#[test]
fn devices_have_the_names_and_kinds_of_the_reference() {
    let facts: Codes = read("codes.json");
    for table in [IDS, "heartv2-get.model", "sleepv2-get.series.model_id"] {
        for (id, name) in facts.tables[table].as_object().unwrap() {
            let known = model(id.parse().unwrap()).unwrap();
            assert_eq!(known.name, name.as_str().unwrap(), "{id}");
        }
    }
    for table in [NAMES, "sleepv2-get.series.model"] {
        for (name, kind) in facts.tables[table].as_object().unwrap() {
            let known: Vec<_> = MODELS.iter().filter(|model| model.name == name).collect();
            assert!(!known.is_empty(), "{name}");
            assert!(known.iter().all(|model| model.kind == kind.as_str().unwrap()), "{name}");
        }
    }
}

#[test]
fn a_place_with_the_table_of_another_thing_is_named_and_nothing_else_has_two_tables() {
    let facts: Codes = read("codes.json");
    for (place, truth) in SLIPS {
        let has_one = facts.same_as.contains_key(*place) || facts.tables.contains_key(*place);
        assert!(has_one && !truth.is_empty(), "{place}");
    }
    for (place, table) in &facts.same_as {
        assert!(facts.tables.contains_key(table), "{place} has a table nobody tells");
        if SLIPS.iter().any(|(slip, _)| slip == place) {
            continue;
        }
        // A key and its table are of one name, but for what sounds and signals call a position.
        let last = |path: &str| path.rsplit('.').next().unwrap().replace("model_id", "modelid");
        let (key, of) = (last(place), last(table));
        assert!(key == of || (key == "position" && of == "wearposition"), "{place}: {table}");
    }
    let positions = codes_of(&facts.tables["heartv2-get.wearposition"]);
    assert!(positions.iter().all(|code| Position::parse(code).is_none()));
    assert_eq!(["first", "last"].map(|word| Position::parse(word).is_some()), [true; 2]);
}

/// Names of fields that no set of fields has, or that the reference does not have: why.
const FIELDS: &[(&str, &str, &str)] = &[
    ("sleepv2-getsummary", "night_events", "moments, and no number: a member of its own"),
    (
        "sleepv2-get",
        "core_body_temperature",
        "told by devices for the night's mean; not asked for by name in the reference",
    ),
];

fn fields<F: Fields>() -> BTreeSet<&'static str> {
    F::ALL.iter().map(|field| field.name).collect()
}

#[test]
fn the_names_of_fields_are_those_of_the_reference() {
    let mut differ = Vec::new();
    let facts = facts();
    for fact in &facts {
        for param in fact.params.iter().filter(|param| !param.fields.is_empty()) {
            let ours = match fact.id.as_str() {
                "measurev2-getactivity" => fields::<Activity>(),
                "measurev2-getintradayactivity" => fields::<Intraday>(),
                "measurev2-getworkouts" => fields::<Workout>(),
                "sleepv2-get" => fields::<Vitals>(),
                "sleepv2-getsummary" => fields::<Night>(),
                other => panic!("say here what the fields of {other} are"),
            };
            let theirs: BTreeSet<&str> = param.fields.iter().map(String::as_str).collect();
            let names = theirs.symmetric_difference(&ours);
            differ.extend(names.map(|name| (fact.id.as_str(), *name)));
        }
    }
    differ.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(differ, FIELDS.iter().map(|(of, name, _)| (*of, *name)).collect::<Vec<_>>());
    assert!(FIELDS.iter().all(|(.., reason)| !reason.is_empty()));
}
