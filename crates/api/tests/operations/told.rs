//! What devices tell over time, in the words of a test, and how a program reads it back.

use crate::app::{App, status};
use api::admin::Account;
use serde_json::{Value, json};

/// 2026-09-21T00:00 in Paris, the day that is `NOW`.
pub(crate) const MIDNIGHT: i64 = 1_789_941_600;
/// The days of all nights that tests tell of.
pub(crate) const ALL_NIGHTS: &str = "startdateymd=2026-09-01&enddateymd=2026-09-30";

/// A token that opens what devices tell.
pub(crate) fn token(app: &App, person: &Account) -> String {
    app.token(person, "user.activity,user.metrics,user.rawdata")
}

#[track_caller]
pub(crate) fn reads(app: &App, person: &Account, path: &str, form: &str) -> Value {
    let answer = app.call(path, form, Some(&token(app, person)));
    assert_eq!(status(&answer), 0, "{answer}");
    answer["body"].clone()
}

pub(crate) fn activity(app: &App, person: &Account) -> Value {
    let form = "action=getactivity&startdateymd=2026-09-01&enddateymd=2026-09-30";
    reads(app, person, "/v2/measure", form)["activities"].clone()
}

/// The day that a moment is in, as far as something is known of it.
pub(crate) fn activity_of(app: &App, person: &Account, at: i64) -> Value {
    let date = domain::calendar::Calendar::new("Europe/Paris", []).day(at);
    let ymd = domain::calendar::date(date);
    let form = format!("action=getactivity&startdateymd={ymd}&enddateymd={ymd}");
    reads(app, person, "/v2/measure", &form)["activities"][0].clone()
}

pub(crate) fn intraday(id: &str, start: i64, values: Value) -> Value {
    json!({ "id": id, "type": "intraday", "startdate": start, "values": values })
}

pub(crate) fn night(id: &str, start: i64, stages: &[(i64, i64)]) -> Value {
    let mut at = start;
    let stages = stages.iter().filter_map(|(minutes, state)| {
        let start = at;
        at += minutes * 60;
        (*state >= 0).then(|| json!({ "startdate": start, "enddate": at, "state": state }))
    });
    json!({ "id": id, "type": "sleep", "stages": stages.collect::<Vec<_>>() })
}

pub(crate) fn summaries(app: &App, person: &Account, form: &str) -> Vec<Value> {
    let form = format!("action=getsummary&{form}");
    reads(app, person, "/v2/sleep", &form)["series"].as_array().unwrap().clone()
}
