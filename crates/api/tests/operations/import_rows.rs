//! Recorded answers that are no measures: what is read back is what was recorded, on every key that
//! is kept, and twice is once.

use crate::app::{ALL_SCOPES, App, NOW, status};
use api::admin::Account;
use api::import::{Gathered, Outcome, rows};
use serde_json::{Value, json};
use std::path::Path;

impl App {
    /// What comes of importing answers; a rehearsal before it says the same.
    pub(crate) fn imports_rows(&self, person: &Account, answers: &[&Value]) -> Outcome {
        let mut gathered = Gathered::default();
        for answer in answers {
            gathered.add("a.json", answer.to_string().as_bytes(), self.now()).unwrap();
        }
        assert!(gathered.refused.is_empty(), "{:?}", gathered.refused);
        let user = person.id;
        let mut done = Outcome::default();
        for slice in gathered.take_rows() {
            let seen = slice.clone();
            let rehearsed =
                self.does(move |tx| rows::rehearse(tx, |tx| rows::store(tx, user, &seen)));
            let part = self.does(move |tx| rows::store(tx, user, &slice));
            assert_eq!(part, rehearsed, "a dry run says what is done");
            done.new += part.new;
            done.known += part.known;
        }
        done
    }
}

fn reads(app: &App, person: &Account, path: &str, form: &str) -> Value {
    let answer = app.call(path, form, Some(&app.token(person, ALL_SCOPES)));
    assert_eq!(status(&answer), 0, "{answer}");
    answer["body"].clone()
}

/// Every key of `recorded` is in `read` with the same value, but for those that are not kept.
#[track_caller]
fn assert_kept(read: &Value, recorded: &Value, not_kept: &[&str]) {
    for (key, value) in recorded.as_object().unwrap() {
        if not_kept.contains(&key.as_str()) {
            continue;
        }
        match value {
            Value::Object(_) => assert_kept(&read[key], value, not_kept),
            _ => assert_eq!(number(&read[key]), number(value), "{key} of {recorded}\n{read}"),
        }
    }
}

/// Whole numbers are equal however they are written.
fn number(value: &Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_number() => json!(number),
        _ => value.clone(),
    }
}

#[expect(clippy::print_stdout, reason = "what is skipped is said")]
fn recorded(name: &str) -> Option<Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/answers");
    let Ok(text) = std::fs::read_to_string(beside.join(name)) else {
        println!("skipped: no recorded answers beside the project");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn days() -> Value {
    json!({ "status": 0, "body": { "activities": [
        {
            "steps": 6_676, "distance": 5_078.594, "elevation": 0, "soft": 9_095,
            "moderate": 1_049, "intense": 58, "active": 1_107, "calories": 210.68,
            "totalcalories": 2_014.409, "deviceid": "892359876fd8805ac45bab078c4828692f0276b1",
            "hash_deviceid": "892359876fd8805ac45bab078c4828692f0276b2",
            "timezone": "Asia/Tokyo", "date": "2021-11-06", "brand": 18, "is_tracker": false,
        },
        {
            "steps": 8_454, "calories": 374.474, "hr_average": 72, "hr_min": 60, "hr_max": 117,
            "deviceid": null, "timezone": "Asia/Tokyo", "date": "2021-11-07", "brand": 18,
            "is_tracker": true,
        },
    ], "more": false, "offset": 0 } })
}

#[track_caller]
fn assert_days(app: &App, person: &Account, answer: &Value) {
    let rows = answer["body"]["activities"].as_array().unwrap();
    assert_eq!(app.imports_rows(person, &[answer]).new, rows.len());
    assert_eq!(
        app.imports_rows(person, &[answer]),
        Outcome { known: rows.len(), ..Outcome::default() }
    );
    let form = "action=getactivity&startdateymd=2000-01-01&enddateymd=2030-01-01";
    let read = reads(app, person, "/v2/measure", form)["activities"].as_array().unwrap().clone();
    assert_eq!(read.len(), rows.len());
    for row in rows {
        let same = read.iter().find(|read| read["date"] == row["date"]).unwrap();
        assert_kept(same, row, &[]);
    }
}

#[test]
fn days_are_read_back_as_they_were_recorded() {
    let app = App::new();
    assert_days(&app, &app.person("anna"), &days());
    for (at, name) in ["tokyo-2022/Measurev2-Getactivity.json", "account-2021/sample_activity.json"]
        .into_iter()
        .enumerate()
    {
        if let Some(answer) = recorded(name) {
            assert_days(&app, &app.person(&format!("person{at}")), &answer);
        }
    }
}

fn minutes() -> Value {
    let phone = json!({ "steps": 11, "duration": 2, "elevation": 0, "distance": 23.5,
        "calories": 5.274, "model": null, "model_id": 1_057, "deviceid": null });
    let watch = json!({ "heart_rate": 71, "duration": 1, "model": "Pulse", "model_id": 51,
        "deviceid": "892359876fd8805ac45bab078c4828692f0276b1" });
    json!({ "status": 0, "body": { "series": {
        "1641765617": phone, "1641765700": watch.clone(), "1641852100": watch,
    } } })
}

#[track_caller]
fn assert_minutes(app: &App, person: &Account, answer: &Value) {
    let rows = answer["body"]["series"].as_object().unwrap();
    assert_eq!(app.imports_rows(person, &[answer]).new, rows.len());
    assert_eq!(
        app.imports_rows(person, &[answer]),
        Outcome { known: rows.len(), ..Outcome::default() }
    );
    for (at, row) in rows {
        let form = format!("action=getintradayactivity&startdate={at}&enddate={at}");
        let series = reads(app, person, "/v2/measure", &form)["series"].clone();
        assert_kept(&series[at], row, &[]);
    }
}

#[test]
fn minutes_are_read_back_as_they_were_recorded() {
    let app = App::new();
    assert_minutes(&app, &app.person("anna"), &minutes());
    if let Some(answer) = recorded("tokyo-2022/Measurev2-Getintradayactivity.json") {
        assert_minutes(&app, &app.person("ben"), &answer);
    }
    // PHP's way of saying that there is nothing.
    let nothing = json!({ "status": 0, "body": { "series": [] } });
    assert_eq!(app.imports_rows(&app.person("eve"), &[&nothing]), Outcome::default());
}

fn stages() -> Value {
    let stage = |start: i64, state: i64, rate: i64| {
        json!({
            "startdate": start, "enddate": start + 120, "state": state, "model": "Aura Sensor V2",
            "model_id": 63, "hash_deviceid": "60d07a1e2c4c9e644d064df21c0d90fb2c96512b",
            "hr": { start.to_string(): rate, (start + 60).to_string(): rate + 1 },
            "snoring": { start.to_string(): 0 },
        })
    };
    json!({ "status": 0, "body": { "model": 32, "series": [
        stage(1_641_740_520, 1, 70), stage(1_641_740_400, 1, 60), stage(1_641_740_640, 2, 58),
    ] } })
}

#[track_caller]
fn assert_stages(app: &App, person: &Account, answer: &Value) {
    let rows = answer["body"]["series"].as_array().unwrap();
    assert_eq!(app.imports_rows(person, &[answer]).new, rows.len());
    assert_eq!(
        app.imports_rows(person, &[answer]),
        Outcome { known: rows.len(), ..Outcome::default() }
    );
    for row in rows {
        let start = &row["startdate"];
        let form =
            format!("action=get&startdate={start}&enddate={start}&data_fields=hr,rr,snoring");
        let series = reads(app, person, "/v2/sleep", &form)["series"].clone();
        assert_eq!(series.as_array().unwrap().len(), 1, "{row}");
        assert_kept(&series[0], row, &[]);
    }
}

#[test]
fn stages_are_read_back_as_they_were_recorded() {
    let app = App::new();
    assert_stages(&app, &app.person("anna"), &stages());
    for (at, name) in
        ["tokyo-2022/Sleepv2-Get.json", "account-2021/sample_sleep.json"].into_iter().enumerate()
    {
        if let Some(answer) = recorded(name) {
            assert_stages(&app, &app.person(&format!("person{at}")), &answer);
        }
    }
}

pub(crate) fn nights() -> Value {
    json!({ "status": 0, "body": { "series": [{
        "id": 1_342_202_158, "timezone": "Europe/Oslo", "model": 32, "startdate": 1_582_555_020,
        "enddate": 1_582_570_260, "date": "2020-02-24", "modified": 1_582_577_647,
        "data": {
            "wakeupduration": 1_860, "lightsleepduration": 8_160, "deepsleepduration": 3_480,
            "wakeupcount": 0, "durationtosleep": 1_860, "remsleepduration": 1_740,
            "durationtowakeup": 0, "sleep_efficiency": 0.86,
            "night_events": "{\"1\":[0],\"2\":[900,60]}",
        },
    }], "more": false, "offset": 0 } })
}

#[track_caller]
fn assert_nights(app: &App, person: &Account, answer: &Value) {
    let rows = answer["body"]["series"].as_array().unwrap();
    assert_eq!(app.imports_rows(person, &[answer]).new, rows.len());
    assert_eq!(
        app.imports_rows(person, &[answer]),
        Outcome { known: rows.len(), ..Outcome::default() }
    );
    let form = "action=getsummary&startdateymd=2000-01-01&enddateymd=2030-01-01";
    let read = reads(app, person, "/v2/sleep", form)["series"].as_array().unwrap().clone();
    assert_eq!(read.len(), rows.len());
    for row in rows {
        let same = read.iter().find(|read| read["startdate"] == row["startdate"]).unwrap();
        assert_kept(same, row, &["id", "modified", "night_events"]);
    }
}

#[test]
fn nights_are_read_back_as_they_were_recorded() {
    let app = App::new();
    let anna = app.person("anna");
    assert_nights(&app, &anna, &nights());
    let form = "action=getsummary&lastupdate=0&data_fields=night_events";
    let events = &reads(&app, &anna, "/v2/sleep", form)["series"][0]["data"]["night_events"];
    assert_eq!(events, &json!({ "1": [0], "2": [900, 960] }));
    if let Some(answer) = recorded("oslo-2020/sleep_getsummary.json") {
        assert_nights(&app, &app.person("ben"), &answer);
    }
}

#[test]
fn an_imported_night_stands_and_its_stages_fill_in_what_it_does_not_say() {
    let app = App::new();
    let anna = app.person("anna");
    app.imports_rows(&anna, &[&nights()]);
    let stage = json!({
        "startdate": 1_582_555_080, "enddate": 1_582_560_000, "state": 3, "model_id": 63,
        "model": "Aura Sensor V2", "hash_deviceid": "60d07a1e2c4c9e644d064df21c0d90fb2c96512b",
        "hr": { "1582555080": 61 },
    });
    app.imports_rows(&anna, &[&json!({ "body": { "series": [stage], "model": 32 } })]);
    let form = "action=getsummary&lastupdate=0&data_fields=remsleepduration,hr_average";
    let read = reads(&app, &anna, "/v2/sleep", form);
    assert_eq!(read["series"].as_array().unwrap().len(), 1, "{read}");
    assert_eq!(read["series"][0]["data"], json!({ "remsleepduration": 1_740, "hr_average": 61 }));
    assert_eq!(read["series"][0]["startdate"], 1_582_555_020);
}

#[test]
fn hearts_and_workouts_are_read_back_as_they_were_recorded() {
    let app = App::new();
    let anna = app.person("anna");
    let hearts = json!({ "status": 0, "body": { "series": [{
        "deviceid": "153570f9668b0259ffef08536f8f3ba879774490", "model": 44,
        "ecg": { "signalid": 2_500_907, "afib": 2 },
        "bloodpressure": { "diastole": 69, "systole": 111 },
        "heart_rate": 73, "timestamp": 1_581_694_652,
    }], "more": false, "offset": 0 } });
    let workouts = json!({ "status": 0, "body": { "series": [{
        "id": 5, "category": 16, "timezone": "Europe/Berlin", "model": 1_055, "attrib": 7,
        "startdate": 1_693_336_011, "enddate": 1_693_338_351, "date": "2023-08-29",
        "modified": 1_693_481_873, "deviceid": null,
        "data": { "algo_pause_duration": null, "calories": 37, "intensity": 30 },
    }], "more": false, "offset": 0 } });
    for answer in [Some(hearts), recorded("oslo-2020/heart_list.json")].into_iter().flatten() {
        let person =
            app.person(&format!("p{}", answer["body"]["series"].as_array().unwrap().len()));
        let rows = answer["body"]["series"].as_array().unwrap();
        assert_eq!(app.imports_rows(&person, &[&answer]).new, rows.len());
        assert_eq!(app.imports_rows(&person, &[&answer]).known, rows.len());
        let read = reads(&app, &person, "/v2/heart", "action=list")["series"].clone();
        for (row, read) in rows.iter().zip(read.as_array().unwrap()) {
            assert_kept(read, row, &["signalid"]);
        }
    }
    assert_eq!(app.imports_rows(&anna, &[&workouts]).new, 1);
    assert_eq!(app.imports_rows(&anna, &[&workouts]).known, 1);
    let read =
        reads(&app, &anna, "/v2/measure", "action=getworkouts&lastupdate=0")["series"][0].clone();
    let row = &workouts["body"]["series"][0];
    assert_kept(&read, row, &["id", "modified", "algo_pause_duration"]);
}

#[test]
fn rows_that_cannot_be_kept_are_named_and_the_others_are_kept() {
    let app = App::new();
    let mut gathered = Gathered::default();
    let answer = json!({ "body": { "series": [
        { "startdate": 1, "enddate": 0, "state": 1 },
        { "startdate": 1_582_555_020, "enddate": 1_582_555_080, "state": "deep" },
        { "nonsense": 1 },
        { "startdate": 1_582_555_020, "enddate": 1_582_555_080, "state": 1 },
        { "startdate": 1_582_555_020, "enddate": 1_582_555_080, "data": { "hr_average": 1.5 } },
    ] } });
    gathered.add("b.json", answer.to_string().as_bytes(), NOW).unwrap();
    let told: Vec<String> =
        gathered.refused.iter().map(|one| format!("{} {}", one.at, one.reason)).collect();
    assert_eq!(
        told,
        [
            "b.json: body.series[0].enddate expected a moment after startdate, not long after",
            "b.json: body.series[1].state expected i64",
            "b.json: body.series[2] no row of an answer that is known",
            "b.json: body.series[4].data expected i64",
        ]
    );
    assert_eq!(gathered.len(), 1);
    assert!(app.now() > 0);
}
