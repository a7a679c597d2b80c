//! Device sync in the document: the kinds of records and what a device is told, from the table of
//! kinds.

use super::schema::{Schemas, reference};
use crate::dispatch;
use crate::sync::{ID_CHARS_MAX, KINDS, RECORDS_MAX, Synced};
use domain::{Error, Failure, Refusal};
use serde_json::{Map, Value, json};

pub(super) fn describe(schemas: &mut Schemas) -> Value {
    let records: Vec<Value> = KINDS.iter().map(|kind| record(schemas, kind)).collect();
    let batch = json!({
        "type": "object",
        "required": ["records"],
        "properties": {
            "records": {
                "type": "array",
                "maxItems": RECORDS_MAX,
                "items": { "oneOf": records },
            },
        },
    });
    let body = schemas.reply_of(|generator| generator.subschema_for::<Synced>());
    schemas.add(
        "SyncAnswer".to_owned(),
        json!({
            "type": "object",
            "required": ["status", "body"],
            "properties": { "status": { "type": "integer", "const": 0 }, "body": body },
        }),
    );
    schemas.add("SyncBatch".to_owned(), batch);
    let media = json!({ "schema": reference("SyncBatch"), "examples": examples() });
    json!({
        "tags": ["device"],
        "operationId": "deviceSync",
        "summary": "A device hands over what it has, and is told what it needs",
        "description": DESCRIPTION,
        "security": [{ "device": [] }],
        "requestBody": { "required": true, "content": { "application/json": media } },
        "responses": { "200": {
            "description": "What became of the batch, or why nothing of it was kept.",
            "content": { "application/json": {
                "schema": { "anyOf": [reference("SyncAnswer"), { "type": "object" }] },
                "examples": answers(),
            } },
        } },
    })
}

/// A kind of record with what every record has.
fn record(schemas: &mut Schemas, kind: &crate::sync::Kind) -> Value {
    let own = schemas.request_of(kind.schema);
    let mut properties = Map::new();
    properties.insert("id".to_owned(), json!({
        "type": "string",
        "minLength": 1,
        "maxLength": ID_CHARS_MAX,
        "pattern": "^[!-~]+$",
        "description": "The record's name, given by the device: what comes again is known by it.",
    }));
    properties.insert("type".to_owned(), json!({ "type": "string", "const": kind.name }));
    properties.extend(own["properties"].as_object().cloned().unwrap_or_default());
    let own_required = own["required"].as_array().cloned().unwrap_or_default();
    let required: Vec<Value> =
        [json!("id"), json!("type")].into_iter().chain(own_required).collect();
    json!({
        "type": "object",
        "description": own["description"],
        "required": required,
        "properties": properties,
    })
}

fn examples() -> Value {
    json!({ "batch": {
        "summary": "A weighing, and how the scale is",
        "value": { "records": [
            {
                "id": "2026-11-23T06:48:38Z/1",
                "type": "measures",
                "taken_at": 1_795_330_118,
                "measures": [{ "type": 1, "value": 82_670, "unit": -3 }],
            },
            { "id": "status/1795330131", "type": "status", "battery_percent": 64 },
        ] },
    }, "watch": {
        "summary": "What a watch hands over in the morning",
        "value": { "records": watch() },
    }, "cuff": {
        "summary": "A high reading, and what was answered to the survey after it",
        "value": { "records": [
            {
                "id": "bp/1795330118", "type": "measures", "taken_at": 1_795_330_118,
                "measures": [
                    { "type": 10, "value": 185, "unit": 0 },
                    { "type": 9, "value": 92, "unit": 0 },
                ],
            },
            {
                "id": "survey/1795330190", "type": "survey", "surveyid": 120,
                "date": 1_795_330_190, "answers": { "q1": [1], "q3": [1, 3] },
            },
        ] },
    }, "sensors": {
        "summary": "What a program asked a sensor for, and an event",
        "value": { "records": [
            {
                "id": "raw/1", "type": "rawdata", "rawdata_type": 1,
                "startdate": 1_795_330_118, "enddate": 1_795_330_118,
                "format_version": 2, "firmware_version": 2_371, "sensor_name": "ADXL362_RAW",
                "data": { "id": [1, 2], "acc_x": [12, 15], "acc_z": [657, 655] },
            },
            { "id": "bed/1", "type": "event", "at": 1_795_300_000, "event": "bed_in" },
        ] },
    } })
}

fn watch() -> Value {
    json!([
        {
            "id": "intraday/1795330800", "type": "intraday", "startdate": 1_795_330_800,
            "values": { "steps": [112, 118, null], "heart_rate": [96, 99, 101] },
        },
        {
            "id": "sleep/1795300860", "type": "sleep", "completed": true,
            "stages": [
                { "startdate": 1_795_300_860, "enddate": 1_795_301_400, "state": 0 },
                { "startdate": 1_795_301_400, "enddate": 1_795_304_100, "state": 1 },
            ],
            "series": { "startdate": 1_795_300_860, "values": { "hr": [61, 60], "rr": [14, 14] } },
            "summary": { "sleep_score": 81 },
        },
        {
            "id": "workout/1795330800", "type": "workout", "category": 2,
            "startdate": 1_795_330_800, "enddate": 1_795_333_800,
            "data": { "calories": 512 },
        },
        {
            "id": "ecg/1795334000", "type": "ecg", "taken_at": 1_795_334_000, "frequency": 300,
            "signal": [-12, -9, -3, 4, 18, 240, 981, 402, -120, -35], "wearposition": 1,
            "afib": 0, "heart_rate": 64, "intervals": { "pr": 152, "qrs": 88 },
        },
        {
            "id": "stetho/1795334000", "type": "stetho", "taken_at": 1_795_334_000,
            "signal": [213, 212, 85, 84], "position": 15,
        },
        {
            "id": "nudge/3/1", "type": "nudge", "campaignid": 3, "event": "displayed",
            "date": 1_795_334_100,
        },
    ])
}

fn answers() -> Value {
    let kept = json!({ "status": 0, "body": {
        "stored": 2,
        "known": 0,
        "unclaimed": 0,
        "unwanted": 0,
        "now": 1_795_330_131,
        "users": [{
            "userid": 21_345_678,
            "shortname": "ANN",
            "timezone": "Europe/Paris",
            "weight": { "value": 82_670, "unit": -3 },
        }],
        "rawdata": [{ "userid": 21_345_678, "rawdata_type": 1, "enddate": 1_795_933_718 }],
        "features": [{
            "userid": 21_345_678, "feature_name": "feature_eyes_closed_mode", "active": true,
        }],
        "nudges": [{
            "userid": 21_345_678, "campaignid": 3, "iconids": [5],
            "content": ["Time for a glass", "of water"], "position": "first",
            "enddate": 1_797_922_131, "displays_left": 29,
        }],
    } });
    let mut answers = Map::new();
    answers.insert("kept".to_owned(), json!({ "summary": "All is kept", "value": kept }));
    let due = json!({ "summary": "A survey is due after a reading", "value": due() });
    answers.insert("due".to_owned(), due);
    let refusals: [(&str, Error); 3] = [
        ("The token is no device's", Refusal::invalid_token("").into()),
        (
            "A record cannot be read: nothing is kept",
            Refusal::invalid_param("records[0].measures[0].value", "expected i64").into(),
        ),
        ("The server is full: send it again later", Failure::Busy.into()),
    ];
    for (summary, error) in refusals {
        let (status, envelope) = dispatch::envelope(&error);
        let value: Value = serde_json::from_slice(&envelope).unwrap_or_default();
        let example = json!({ "summary": summary, "value": value });
        answers.insert(format!("status{}", status.code()), example);
    }
    answers.into()
}

fn due() -> Value {
    json!({ "status": 0, "body": {
        "stored": 1,
        "known": 0,
        "unclaimed": 0,
        "unwanted": 0,
        "now": 1_795_330_131,
        "users": [{ "userid": 21_345_678, "shortname": "ANN", "timezone": "Europe/Paris" }],
        "rawdata": [],
        "surveys": [{
            "userid": 21_345_678, "surveyid": 120, "name": "High blood pressure",
            "trigger_type": 10, "trigger_conditions": [{ "type": 10, "value": "180" }],
            "answer_type": 1,
            "data": [{
                "id": "q1", "title": "Your reading is high", "type": "single_choice",
                "content": "Do you have any symptoms?",
                "suggestions": [{ "id": 1, "text": "Yes" }, { "id": 2, "text": "No" }],
            }],
        }],
        "due": [{
            "userid": 21_345_678, "surveyid": 120, "grpid": 89_530_512_539_649_i64,
            "expires": 1_795_416_518,
        }],
    } })
}

/// How the document says who may call.
pub(super) fn scheme() -> Value {
    json!({
        "type": "http",
        "scheme": "bearer",
        "description": "A device's own token, from `vitald device token`.",
    })
}

const DESCRIPTION: &str = "\
This server's own way in for devices that can be programmed, and for bridges that speak for \
others; no operation of the reference. All of a batch is kept or nothing of it. A record that \
comes again is known by its `id`, so a batch whose answer was lost is simply sent again. What is \
answered with status 0 is durable.";
