//! Every code of the reference goes in and comes back as it is. Which have names is asked in
//! `tests/reference/codes.rs`.

use crate::app::{App, NOW, groups, weight};
use crate::facts::{codes, facts, texts};
use crate::told::{MIDNIGHT, reads};
use domain::measure::{Attrib, Measure, MeasureType};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::measure::NewGroup;

const DAYS: &str = "startdateymd=2026-09-01&enddateymd=2026-09-30";

/// The numbers at a place of every row.
fn read(rows: &Value, place: &str) -> BTreeSet<i64> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row.pointer(place).and_then(Value::as_i64).unwrap()).collect()
}

fn all(table: &str) -> BTreeSet<i64> {
    codes(table).into_iter().collect()
}

#[test]
fn measures_of_every_type_and_place_are_read_again() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.bridge_of("00:24:e4:00:00:80", 10, &[&anna]);
    let record = |at: i64, measures: Vec<Value>| {
        json!({ "id": format!("m{at}"), "type": "measures", "taken_at": NOW - at,
                "measures": measures })
    };
    let types = codes("measure-getmeas.meastype");
    let one = |kind: &i64| json!({ "type": kind, "value": 7, "unit": 0 });
    let mut records = vec![record(0, types.iter().map(one).collect())];
    let positions = codes("heartv2-get.wearposition");
    for (at, position) in (1..).zip(&positions) {
        let measure = json!({ "type": 174, "value": 7, "unit": 0, "position": position });
        records.push(record(at, vec![measure]));
    }
    // Findings about a rhythm are values of two types.
    let findings = codes("userv2-getgoals.goals.weight.value");
    for (at, finding) in (100..).zip(&findings) {
        let found = |kind: i64| json!({ "type": kind, "value": finding, "unit": 0 });
        records.push(record(at, vec![found(130), found(139)]));
    }
    assert_eq!(scale.stores(&records), i64::try_from(records.len()).unwrap());
    let of_types = |form: &str| {
        let answer = app.measures(&anna, form);
        let measures = groups(&answer).iter().flat_map(|group| group["measures"].as_array());
        Value::from(measures.flatten().cloned().collect::<Vec<_>>())
    };
    assert_eq!(read(&of_types(""), "/type"), all("measure-getmeas.meastype"));
    for kind in types {
        let found = of_types(&format!("meastype={kind}&startdate={NOW}&enddate={NOW}"));
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{kind}: {found}");
    }
    let placed = of_types(&format!("meastype=174&enddate={}", NOW - 1));
    assert_eq!(read(&placed, "/position"), all("heartv2-get.wearposition"));
    for kind in [130, 139] {
        let found = of_types(&format!("meastype={kind}&enddate={}", NOW - 1));
        assert_eq!(read(&found, "/value"), all("userv2-getgoals.goals.weight.value"));
    }
}

#[test]
fn groups_of_every_attrib_are_read_again() {
    let app = App::new();
    let anna = app.person("anna");
    let attribs = codes("measuregrp_object.attrib");
    let group = |(at, attrib): (i64, &i64)| NewGroup {
        attrib: Attrib(i32::try_from(*attrib).unwrap()),
        measures: vec![Measure::new(MeasureType::WEIGHT, 70_000, -3)],
        ..weight(NOW - at, 1)
    };
    app.stores(&anna, &(0..).zip(&attribs).map(group).collect::<Vec<_>>());
    let answer = app.measures(&anna, "");
    assert_eq!(read(&json!(groups(&answer)), "/attrib"), all("measuregrp_object.attrib"));
}

#[test]
fn workouts_of_every_category_and_attrib_are_read_again() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let attribs = codes("measuregrp_object.attrib");
    let statuses = texts(
        &facts("codes.json")["tables"]["sleep_summary_object.data.core_body_temperature_status"],
    );
    let categories = codes("workout_object.category");
    let workouts = (0_i64..).zip(&categories).map(|(at, category)| {
        let (start, at) = (MIDNIGHT - at * 120, usize::try_from(at).unwrap());
        json!({
            "id": format!("w{at}"), "type": "workout", "startdate": start, "enddate": start + 60,
            "category": category, "attrib": attribs[at % attribs.len()],
            "data": { "core_body_temperature_status": statuses[at % statuses.len()] },
        })
    });
    watch.stores(&workouts.collect::<Vec<_>>());
    let rows = reads(&app, &anna, "/v2/measure", &format!("action=getworkouts&{DAYS}"));
    let rows = &rows["series"];
    assert_eq!(read(rows, "/category"), all("workout_object.category"));
    assert_eq!(read(rows, "/attrib"), all("measuregrp_object.attrib"));
    let told = rows.as_array().unwrap().iter();
    let told = told.map(|row| row["data"]["core_body_temperature_status"].as_str().unwrap());
    assert_eq!(told.collect::<BTreeSet<_>>(), statuses.iter().map(String::as_str).collect());
}

#[test]
fn sleep_of_every_state_is_read_again() {
    let app = App::new();
    let anna = app.person("anna");
    let states = codes("sleepv2-get.series.state");
    // Out of bed is in no night's end.
    let stages = (0..).zip(states.iter().chain(&[1])).map(|(at, state)| {
        let start = MIDNIGHT + at * 60;
        json!({ "startdate": start, "enddate": start + 60, "state": state })
    });
    let stages: Vec<Value> = stages.collect();
    app.mat(&[&anna]).stores(&[json!({ "id": "a", "type": "sleep", "stages": stages })]);
    let form = format!("action=get&startdate={MIDNIGHT}&enddate={NOW}");
    let body = reads(&app, &anna, "/v2/sleep", &form);
    assert_eq!(read(&body["series"], "/state"), all("sleepv2-get.series.state"));
}

#[test]
fn recordings_of_every_place_and_finding_are_read_again() {
    let app = App::new();
    let anna = app.person("anna");
    let core = app.bridge_of("00:24:e4:00:00:81", 44, &[&anna]);
    let findings = codes("heart_measurement_object.ecg.afib");
    let positions = codes("heartv2-get.wearposition");
    let mut records = Vec::new();
    for (at, position) in (0..positions.len()).zip(&positions) {
        let taken_at = NOW - 10 * i64::try_from(at).unwrap();
        records.push(json!({
            "id": format!("e{at}"), "type": "ecg", "taken_at": taken_at, "signal": [1, 2],
            "frequency": 300, "wearposition": position, "afib": findings[at % findings.len()],
        }));
        records.push(json!({
            "id": format!("s{at}"), "type": "stetho", "taken_at": taken_at - 5, "signal": [1],
            "position": position,
        }));
    }
    core.stores(&records);
    let list = reads(&app, &anna, "/v2/heart", "action=list")["series"].clone();
    assert_eq!(read(&list, "/ecg/afib"), all("heart_measurement_object.ecg.afib"));
    let sounds = reads(&app, &anna, "/v2/stetho", "action=list")["series"].clone();
    for (path, key, ids) in [
        ("/v2/heart", "/wearposition", read(&list, "/ecg/signalid")),
        ("/v2/stetho", "/position", read(&sounds, "/signalid")),
    ] {
        let one = |id: i64| reads(&app, &anna, path, &format!("action=get&signalid={id}"));
        let signals: Vec<Value> = ids.into_iter().map(one).collect();
        assert_eq!(read(&json!(signals), key), all("heartv2-get.wearposition"), "{path}");
    }
}
