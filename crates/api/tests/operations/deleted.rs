//! What the person deleted stays away when the same data comes again, whichever way it comes.

use crate::app::{ALL_SCOPES, App, NOW, groups, status};
use crate::import::recorded;
use crate::import_rows::nights;
use crate::told::{ALL_NIGHTS, MIDNIGHT, night, reads, summaries};
use api::admin::Account;
use serde_json::{Value, json};

impl App {
    #[track_caller]
    fn deletes(&self, person: &Account, name: &str, id: &Value) {
        let token = self.token(person, ALL_SCOPES);
        let answer = self.call("/vitald/v1/delete", &format!("{name}={id}"), Some(&token));
        assert_eq!(status(&answer), 0, "{answer}");
    }

    fn workouts(&self, person: &Account) -> Vec<Value> {
        let body = reads(self, person, "/v2/measure", "action=getworkouts&lastupdate=0");
        body["series"].as_array().unwrap().clone()
    }

    /// When each night began and ended.
    fn nights(&self, person: &Account) -> Vec<(i64, i64)> {
        let nights = summaries(self, person, "lastupdate=0");
        let times = |night: &Value| {
            (night["startdate"].as_i64().unwrap(), night["enddate"].as_i64().unwrap())
        };
        nights.iter().map(times).collect()
    }

    fn deletes_night(&self, person: &Account) {
        let night = summaries(self, person, "lastupdate=0").remove(0);
        self.deletes(person, "nightid", &night["id"]);
    }

    /// Stages between two moments.
    fn stages(&self, person: &Account, start: i64, end: i64) -> Vec<Value> {
        let form = format!("action=get&startdate={start}&enddate={end}");
        reads(self, person, "/v2/sleep", &form)["series"].as_array().unwrap().clone()
    }
}

const HOUR: i64 = 3_600;

#[test]
fn a_group_that_is_deleted_stays_away_whoever_brings_it_again() {
    let app = App::new();
    let anna = app.person("anna");
    let (bridge, scale) = (app.bridge_of("00:24:e4:00:00:70", 4, &[&anna]), app.scale(1, &[&anna]));
    let weighing = |id: &str| {
        let measures = json!([{ "type": 1, "value": 66_850, "unit": -3 }]);
        json!({ "id": id, "type": "measures", "taken_at": NOW, "measures": measures })
    };
    let bring = |id: &str| {
        bridge.sends(&[weighing(id)]);
        scale.weighs(NOW - 100, 66_900);
        app.imports(&anna, &[&recorded()]);
    };
    bring("a");
    let there = app.measures(&anna, "");
    assert_eq!(groups(&there).len(), 5);
    groups(&there).iter().for_each(|group| app.deletes(&anna, "grpid", &group["grpid"]));
    for id in ["a", "b"] {
        bring(id);
        assert_eq!(groups(&app.measures(&anna, "")), &[] as &[Value], "{id}");
    }
}

#[test]
fn a_workout_that_is_deleted_stays_away_whoever_brings_it_again() {
    let workout = json!({
        "id": 5, "category": 16, "timezone": "Europe/Paris", "model": 1_055, "attrib": 7,
        "startdate": NOW - 600, "enddate": NOW, "date": "2026-09-21", "modified": NOW,
        "deviceid": null, "data": { "calories": 37 },
    });
    let answer = json!({ "status": 0, "body": { "series": [workout], "more": false } });
    for told_first in [true, false] {
        let app = App::new();
        let anna = app.person("anna");
        let watch = app.watch(&[&anna]);
        let tells = |id: &str| {
            watch.sends(&[json!({
                "id": id, "type": "workout", "startdate": NOW - 600, "enddate": NOW, "category": 2,
            })]);
        };
        if told_first {
            tells("a");
        } else {
            app.imports_rows(&anna, &[&answer]);
        }
        app.deletes(&anna, "workoutid", &app.workouts(&anna)[0]["id"]);
        assert_eq!(app.imports_rows(&anna, &[&answer]).known, 1);
        assert!(app.workouts(&anna).is_empty());
        if told_first {
            tells("a");
            tells("b");
            assert!(app.workouts(&anna).is_empty());
        }
    }
}

#[test]
fn a_night_that_is_deleted_stays_away_when_its_devices_tell_it_again() {
    let app = App::new();
    let anna = app.person("anna");
    let (mat, watch) = (app.mat(&[&anna]), app.watch(&[&anna]));
    let start = MIDNIGHT - HOUR;
    let tell = |id: &str| {
        let mut of_mat = night(id, start, &[(400, 1)]);
        of_mat["series"] = json!({ "startdate": start, "values": { "hr": vec![60; 400] } });
        of_mat["completed"] = json!(true);
        mat.sends(&[of_mat]);
        watch.sends(&[night(id, start - 1_800, &[(420, 2), (60, 3)])]);
    };
    tell("a");
    assert_eq!(app.nights(&anna), [(start, start + 24_000)]);
    app.deletes_night(&anna);
    for id in ["a", "b"] {
        tell(id);
        assert!(app.nights(&anna).is_empty(), "{id}");
        assert!(app.stages(&anna, start - HOUR, NOW).is_empty(), "{id}");
    }
}

#[test]
fn what_is_new_about_the_time_of_a_deleted_night_is_a_night() {
    let app = App::new();
    let anna = app.person("anna");
    let (mat, watch) = (app.mat(&[&anna]), app.watch(&[&anna]));
    let start = MIDNIGHT - HOUR;
    watch.stores(&[night("a", start, &[(120, 1)])]);
    app.deletes_night(&anna);
    // It is told again, with what came after it and before it.
    watch.stores(&[night("b", start - HOUR, &[(240, 2), (60, 1)])]);
    let end = start + 2 * HOUR;
    assert_eq!(app.nights(&anna), [(end, end + 2 * HOUR), (start - HOUR, start)]);
    // Of a device that told nothing before, all is new.
    mat.stores(&[night("a", start, &[(120, 3)])]);
    assert!(app.nights(&anna).contains(&(start, end)));
}

#[test]
fn a_night_that_is_deleted_stays_away_when_its_import_is_run_again() {
    let (start, end) = (1_582_555_020, 1_582_570_260);
    let stage = json!({
        "startdate": start + 60, "enddate": end + 60, "state": 3, "model_id": 63,
        "model": "Aura Sensor V2", "hash_deviceid": "60d07a1e2c4c9e644d064df21c0d90fb2c96512b",
        "hr": { "1582555080": 61 },
    });
    let stages = json!({ "body": { "series": [stage], "model": 32 } });
    let nights = nights();
    for answers in [vec![&nights], vec![&nights, &stages], vec![&stages]] {
        let app = App::new();
        let anna = app.person("anna");
        app.imports_rows(&anna, &answers);
        assert_eq!(app.nights(&anna).len(), 1);
        app.deletes_night(&anna);
        assert_eq!(app.imports_rows(&anna, &answers).new, 0);
        assert!(app.nights(&anna).is_empty());
        assert!(app.stages(&anna, start - HOUR, end + HOUR).is_empty());
    }
}

#[test]
fn a_night_that_was_told_and_deleted_is_not_given_by_an_import() {
    let app = App::new();
    let anna = app.person("anna");
    let (start, end) = (1_582_555_020, 1_582_570_260);
    app.watch(&[&anna]).stores(&[night("a", start, &[((end - start) / 60, 1)])]);
    app.deletes_night(&anna);
    assert_eq!(app.imports_rows(&anna, &[&nights()]).new, 0);
    assert!(app.nights(&anna).is_empty());
}

#[test]
fn a_night_that_was_joined_with_another_is_not_one_that_was_deleted() {
    let app = App::new();
    let anna = app.person("anna");
    let mat = app.mat(&[&anna]);
    let start = MIDNIGHT - HOUR;
    let (first, second) = (night("a", start, &[(60, 1)]), night("b", start + 5 * HOUR, &[(60, 1)]));
    mat.stores(&[first.clone(), second]);
    mat.stores(&[night("c", start + HOUR, &[(240, 2)])]);
    assert_eq!(summaries(&app, &anna, ALL_NIGHTS).len(), 1);
    // Nothing of it is passed over when it comes with other stages.
    let mut anew = night("d", start, &[(30, 3), (330, 1)]);
    anew["completed"] = json!(true);
    mat.stores(&[anew]);
    let nights = summaries(&app, &anna, ALL_NIGHTS);
    assert_eq!(nights[0]["data"]["remsleepduration"], 1_800);
}
