//! Faults of answers, in the answers of operations about people who live: the trouble is there
//! while the fault is, and the answer is as it was once it is gone.

use crate::app::{App, Engine};
use crate::faults::sandbox;
use crate::household::{Tokens, password_hash};
use crate::on_both_engines;
use domain::UserId;
use serde_json::{Map, Value, json};

on_both_engines!(
    a_night_grows_from_call_to_call,
    nights_have_texts_and_states_nobody_expects,
    hearts_are_inconclusive_and_signals_empty,
);

impl App {
    /// Somebody who does not exist, with so many days behind them, and a program they let read.
    pub(crate) fn lives(&self, persona: &str, days: &str) -> Tokens<'_> {
        let fields = [("persona", persona), ("seed", "7"), ("days", days)];
        let made = self.posts("/vitald/v1/persona", &fields).body();
        self.opens(&made["people"][0], &format!("{persona}-7@example.org"))
    }

    /// The tokens of a program that somebody who was made lets read.
    pub(crate) fn opens(&self, one: &Value, email: &str) -> Tokens<'_> {
        let user = UserId(one["userid"].as_i64().expect("a number"));
        self.administers(move |tx| store::person::set_password(tx, user, &password_hash()));
        let scope = "user.info,user.metrics,user.activity";
        self.known(user, email).lets(&self.client(), scope)
    }
}

/// All days of anybody's life here.
const DAYS: [(&str, &str); 2] = [("startdateymd", "2026-01-01"), ("enddateymd", "2027-01-01")];

fn nights(tokens: &Tokens<'_>, fields: &str) -> Vec<Value> {
    let fields = [&DAYS[..], &[("data_fields", fields)]].concat();
    let body = tokens.calls_with("/v2/sleep", "getsummary", &fields).body();
    rows(&body)
}

/// The segments of a night, with the beats of the heart.
fn segments(tokens: &Tokens<'_>, night: &Value) -> Vec<Value> {
    let (from, to) = (night["startdate"].to_string(), night["enddate"].to_string());
    let fields = [("startdate", from.as_str()), ("enddate", &to), ("data_fields", "hr")];
    rows(&tokens.calls_with("/v2/sleep", "get", &fields).body())
}

fn rows(body: &Value) -> Vec<Value> {
    body["series"].as_array().expect("rows").clone()
}

fn numbers(rows: &[Value], name: &str) -> Vec<i64> {
    rows.iter().map(|row| row[name].as_i64().expect("a number")).collect()
}

fn a_night_grows_from_call_to_call(engine: Engine) {
    let app = sandbox(engine);
    let tokens = app.lives("sleep-apnoea", "4");
    let fields = "total_sleep_time,lightsleepduration,wakeupcount,sleep_score,night_events";
    let read = || nights(&tokens, fields);
    let whole = read();
    assert!(whole.len() >= 3, "{whole:?}");
    app.asks_for(&[("scenario", "sleep.parts")]).body();
    let start = whole[0]["startdate"].as_i64().expect("a moment");
    let lasts = whole[0]["enddate"].as_i64().expect("a moment") - start;
    let mut before = 0;
    for step in 1..4 {
        let part = read();
        assert_eq!(part[1..], whole[1..], "older nights are whole");
        let (night, data) = (&part[0], &part[0]["data"]);
        assert_eq!((&night["startdate"], &night["completed"]), (&json!(start), &json!(false)));
        assert_eq!(night["enddate"], start + lasts * step / 4);
        let slept = data["total_sleep_time"].as_i64().expect("seconds");
        assert!(before < slept && slept <= lasts * step / 4, "{night}");
        before = slept;
        assert_eq!(data["sleep_score"], whole[0]["data"]["sleep_score"]);
        let events = data["night_events"].as_object().expect("events");
        let all = events.values().flat_map(|times| times.as_array().expect("times"));
        assert!(all.clone().count() > 0);
        assert!(all.into_iter().all(|at| at.as_i64().is_some_and(|at| at <= lasts * step / 4)));
    }
    assert_eq!(read(), whole, "it has arrived");
    app.goes_right();
    let all = segments(&tokens, &whole[0]);
    app.goes_wrong("partial-nights", &[("settings", r#"{"steps": 3}"#)]);
    let grows: Vec<Vec<Value>> = (0..3).map(|_| segments(&tokens, &whole[0])).collect();
    let counts: Vec<usize> = grows.iter().map(Vec::len).collect();
    assert_eq!(counts, [all.len() / 3, all.len() * 2 / 3, all.len()]);
    assert!(grows.iter().all(|part| all.starts_with(part)));
    app.goes_right();
    assert_eq!(read(), whole);
}

fn nights_have_texts_and_states_nobody_expects(engine: Engine) {
    let app = sandbox(engine);
    let tokens = app.lives("sleep-apnoea", "2");
    let plain = nights(&tokens, "night_events,sleep_score");
    let segments = || segments(&tokens, &plain[0]);
    let plain_segments = segments();
    app.asks_for(&[("scenario", "sleep.night_events_text")]).body();
    let text = nights(&tokens, "night_events,sleep_score")[0]["data"]["night_events"].clone();
    let told: Map<String, Value> =
        serde_json::from_str(text.as_str().expect("a text")).expect("JSON in it");
    let events = plain[0]["data"]["night_events"].as_object().expect("events");
    assert_eq!(told.keys().collect::<Vec<_>>(), events.keys().collect::<Vec<_>>());
    for (kind, times) in events {
        // The first is a time, each other one the distance from the one before.
        let distances = told[kind].as_array().expect("distances");
        let times = times.as_array().expect("times");
        let mut at = 0;
        for (distance, time) in distances.iter().zip(times) {
            at += distance.as_i64().expect("seconds");
            assert_eq!(at, *time, "{kind}");
        }
        assert_eq!(distances.len(), times.len());
    }
    // Who does not ask for them does not get them, as text neither.
    assert!(nights(&tokens, "sleep_score")[0]["data"].get("night_events").is_none());
    app.goes_right();
    app.asks_for(&[("scenario", "compat.unknown_sleep_state")]).body();
    let strange = segments();
    assert_eq!(strange[0]["state"], 5);
    assert_eq!(strange[1..], plain_segments[1..]);
    app.goes_right();
    app.asks_for(&[("scenario", "days.device_clock")]).body();
    let late = segments();
    let hour = |rows: &[Value], name: &str| -> Vec<i64> {
        numbers(rows, name).into_iter().map(|at| at + 3_600).collect()
    };
    assert_eq!(numbers(&late, "startdate"), hour(&plain_segments, "startdate"));
    assert_eq!(numbers(&late, "enddate"), hour(&plain_segments, "enddate"));
    // The beats of a segment are as late as it is.
    let beats = |rows: &[Value]| -> Vec<(i64, Value)> {
        let of = |row: &Value| row["hr"].as_object().cloned().unwrap_or_default();
        let all = rows.iter().flat_map(of);
        all.map(|(at, rate)| (at.parse().expect("a moment"), rate)).collect()
    };
    let moved: Vec<_> =
        beats(&plain_segments).into_iter().map(|(at, hr)| (at + 3_600, hr)).collect();
    assert!(!moved.is_empty());
    assert_eq!(beats(&late), moved);
    let night = &nights(&tokens, "sleep_score")[0];
    assert_eq!(night["startdate"].as_i64(), plain[0]["startdate"].as_i64().map(|at| at + 3_600));
    assert_eq!((&night["created"], &night["date"]), (&plain[0]["created"], &plain[0]["date"]));
    app.goes_right();
    assert_eq!((segments(), nights(&tokens, "night_events,sleep_score")), (plain_segments, plain));
}

fn hearts_are_inconclusive_and_signals_empty(engine: Engine) {
    let app = sandbox(engine);
    // Episodes, electrocardiograms at cuff and watch, and sounds of the heart.
    let tokens = app.lives("atrial-fibrillation", "20");
    let list = || rows(&tokens.calls("/v2/heart", "list").body());
    let plain = list();
    let found = |afib: i64| plain.iter().any(|row| row["ecg"]["afib"] == afib);
    assert!(found(0) && found(1), "{plain:?}");
    assert!(plain.iter().all(|row| row["heart_rate"].is_i64()));
    app.asks_for(&[("scenario", "ecg.inconclusive")]).body();
    for (row, was) in list().iter().zip(&plain) {
        assert_eq!((&row["ecg"]["afib"], row.get("heart_rate")), (&json!(2), None));
        assert_eq!(row["ecg"]["signalid"], was["ecg"]["signalid"]);
    }
    app.goes_right();
    let get = |path: &str, id: &Value| {
        tokens.calls_with(path, "get", &[("signalid", &id.to_string())]).body()
    };
    let ecg = || get("/v2/heart", &plain[0]["ecg"]["signalid"]);
    let sounds = rows(&tokens.calls("/v2/stetho", "list").body());
    let sound = || get("/v2/stetho", &sounds[0]["signalid"]);
    let whole = (ecg(), sound());
    let samples = |body: &Value| body["signal"].as_array().expect("samples").len();
    assert!(samples(&whole.0) > 1_000 && samples(&whole.1) > 1_000);
    app.asks_for(&[("scenario", "ecg.empty")]).body();
    let empty = (ecg(), sound());
    assert_eq!((samples(&empty.0), samples(&empty.1), &empty.1["size"]), (0, 0, &json!(0)));
    assert_eq!(empty.0["sampling_frequency"], whole.0["sampling_frequency"]);
    app.goes_right();
    assert_eq!((ecg(), sound(), list()), (whole.0, whole.1, plain.clone()));
    app.goes_wrong("clock-skew", &[("settings", r#"{"seconds": -600}"#)]);
    let slow = |rows: &[Value]| -> Vec<i64> {
        numbers(rows, "timestamp").into_iter().map(|at| at - 600).collect()
    };
    assert_eq!(numbers(&list(), "timestamp"), slow(&plain));
    let heard = rows(&tokens.calls("/v2/stetho", "list").body());
    assert_eq!(numbers(&heard, "timestamp"), slow(&sounds));
    app.goes_right();
    // A plan that has no hearts.
    app.asks_for(&[("scenario", "plan.medical")]).body();
    assert_eq!(tokens.calls("/v2/heart", "list").refused(277), "Unauthorized");
    assert_eq!(tokens.reads("getmeas").status(), 0);
}

#[test]
fn workouts_are_of_a_category_and_at_times_nobody_expects() {
    let app = sandbox(Engine::Sqlite);
    let tokens = app.lives("runner", "10");
    let list = || rows(&tokens.calls_with("/v2/measure", "getworkouts", &DAYS).body());
    let plain = list();
    assert!(plain.len() > 2 && plain.iter().any(|row| row["category"] == 2));
    app.asks_for(&[("scenario", "compat.unknown_category")]).body();
    app.asks_for(&[("scenario", "compat.unknown_attrib")]).body();
    let strange = |row: &Value| (row["category"].clone(), row["attrib"].clone());
    assert!(list().iter().all(|row| strange(row) == (json!(9_999), json!(10_000))));
    app.goes_right();
    app.goes_wrong("clock-skew", &[]);
    let minutes = || {
        let from = [("startdate", "1789900000"), ("enddate", "1789980000")];
        let more = [&from[..], &[("data_fields", "steps,heart_rate")]].concat();
        tokens.calls_with("/v2/measure", "getintradayactivity", &more).body()["series"].clone()
    };
    let moments = |series: &Value| -> Vec<i64> {
        let keys = series.as_object().expect("moments").keys();
        keys.map(|at| at.parse().expect("a moment")).collect()
    };
    let (late, late_minutes) = (list(), minutes());
    app.goes_right();
    let moved: Vec<i64> = numbers(&plain, "startdate").into_iter().map(|at| at + 3_600).collect();
    assert_eq!(numbers(&late, "startdate"), moved);
    assert_eq!(numbers(&late, "modified"), numbers(&plain, "modified"));
    let moved: Vec<i64> = moments(&minutes()).into_iter().map(|at| at + 3_600).collect();
    assert!(moved.len() > 100);
    assert_eq!(moments(&late_minutes), moved);
    app.goes_wrong("unknown-device", &[]);
    assert!(list().iter().all(|row| row["model"] == 9_999));
    let night = &nights(&tokens, "sleep_score")[0];
    assert_eq!((&night["model"], &night["model_id"]), (&json!(16), &json!(9_999)));
    app.goes_right();
    assert_eq!(list(), plain);
}

#[test]
fn fields_are_null_or_missing_where_they_were() {
    let app = sandbox(Engine::Sqlite);
    let tokens = app.lives("atrial-fibrillation", "4");
    let all = || {
        [
            tokens.reads("getmeas").body(),
            tokens.calls_with("/v2/measure", "getactivity", &DAYS).body(),
            tokens.calls_with("/v2/measure", "getworkouts", &DAYS).body(),
            tokens.calls_with("/v2/sleep", "getsummary", &DAYS).body(),
            tokens.calls("/v2/heart", "list").body(),
            tokens.reads("getdevice").body(),
        ]
    };
    let plain = all();
    let whole = |name: &str| plain.iter().any(|body| !values(body, name).is_empty());
    app.asks_for(&[("scenario", "compat.missing_fields")]).body();
    let missing = all();
    let usual = |name: &str| {
        let kinds = app.gets("/vitald/v1/fault/kinds").body()["kinds"].clone();
        let kinds = kinds.as_array().expect("kinds").clone();
        let kind = kinds.into_iter().find(|kind| kind["name"] == name).expect("this kind");
        let usual = kind["settings"][0]["usual"].as_str().expect("a text").to_owned();
        usual.split(',').map(str::to_owned).collect::<Vec<_>>()
    };
    for name in usual("missing-fields") {
        assert!(missing.iter().all(|body| values(body, &name).is_empty()), "{name}");
        // That one comes with tokens.
        assert!(whole(&name) || name == "csrf_token", "{name} was nowhere");
    }
    app.goes_right();
    app.goes_wrong("null-fields", &[]);
    let null = all();
    for name in usual("null-fields") {
        let are = |bodies: &[Value]| -> Vec<Value> {
            bodies.iter().flat_map(|body| values(body, &name)).collect()
        };
        let (now, before) = (are(&null), are(&plain));
        assert!(!before.is_empty(), "{name} was nowhere");
        assert!(now.len() == before.len() && now.iter().all(Value::is_null), "{name}");
    }
    app.goes_right();
    assert_eq!(all(), plain);
}

/// What stands below a name, wherever it does.
fn values(body: &Value, name: &str) -> Vec<Value> {
    match body {
        Value::Object(members) => {
            let own = members.get(name).cloned().into_iter();
            own.chain(members.values().flat_map(|inner| values(inner, name))).collect()
        }
        Value::Array(items) => items.iter().flat_map(|inner| values(inner, name)).collect(),
        _ => Vec::new(),
    }
}
