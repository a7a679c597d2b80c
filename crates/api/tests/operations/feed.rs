//! The change feed and what is taken away: a mirror that follows the feed holds what the operations
//! answer.

use crate::app::{ALL_SCOPES, App, NOW, assert_names, status};
use crate::sync::Bridge;
use api::admin::Account;
use domain::DAY_SECONDS;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What somebody keeps who follows the feed.
#[derive(Debug, Default, PartialEq)]
struct Mirror {
    cursor: i64,
    rows: BTreeMap<String, Value>,
}

impl Mirror {
    /// Reads one page; whether there is more.
    fn reads_page(&mut self, app: &App, token: &str, limit: i64) -> bool {
        let form = format!("cursor={}&limit={limit}", self.cursor);
        let answer = app.call("/vitald/v1/changes", &form, Some(token));
        assert_eq!(status(&answer), 0, "{answer}");
        let body = &answer["body"];
        let mut last = self.cursor;
        for change in body["changes"].as_array().unwrap() {
            let seq = change["change_seq"].as_i64().unwrap();
            assert!(seq >= last.max(self.cursor + 1), "not in order: {change}");
            last = seq;
            let id = change["id"].as_str().unwrap().to_owned();
            if change["deleted"].as_bool().unwrap() {
                assert!(change["data"].is_null());
                self.rows.remove(&id);
            } else {
                self.rows.insert(id, change["data"].clone());
            }
        }
        self.cursor = body["cursor"].as_i64().unwrap();
        assert!(self.cursor >= last);
        body["more"].as_bool().unwrap()
    }

    fn follows(&mut self, app: &App, token: &str, limit: i64) {
        const PAGES_MAX: usize = 10_000;
        for _ in 0..PAGES_MAX {
            if !self.reads_page(app, token, limit) {
                return;
            }
        }
        panic!("the feed does not end");
    }

    /// The rows of a kind, by a member that is theirs alone.
    fn kind(&self, kind: &str, by: &str) -> BTreeMap<String, Value> {
        let rows = self.rows.iter().filter(|(id, _)| id.starts_with(&format!("{kind}/")));
        rows.map(|(_, row)| (row[by].to_string(), row.clone())).collect()
    }
}

/// Every row of a list, page after page.
fn listed(
    app: &App,
    token: &str,
    path: &str,
    form: &str,
    list: &str,
    by: &str,
) -> BTreeMap<String, Value> {
    let (mut rows, mut offset) = (BTreeMap::new(), json!(0));
    loop {
        let answer = app.call(path, &format!("{form}&offset={offset}"), Some(token));
        assert_eq!(status(&answer), 0, "{answer}");
        let body = &answer["body"];
        for row in body[list].as_array().unwrap() {
            assert!(rows.insert(row[by].to_string(), row.clone()).is_none(), "given twice: {row}");
        }
        if !body["more"].as_bool().unwrap_or(body["more"] == 1) {
            return rows;
        }
        offset = body["offset"].clone();
    }
}

#[track_caller]
fn assert_mirrors(app: &App, token: &str, mirror: &Mirror) {
    let groups = listed(app, token, "/measure", "action=getmeas", "measuregrps", "grpid");
    assert_eq!(mirror.kind("group", "grpid"), groups);
    let form = "action=getactivity&lastupdate=0";
    let days = listed(app, token, "/v2/measure", form, "activities", "date");
    assert_eq!(mirror.kind("activity", "date"), days);
    let workouts =
        listed(app, token, "/v2/measure", "action=getworkouts&lastupdate=0", "series", "id");
    assert_eq!(mirror.kind("workout", "id"), workouts);
    let nights = listed(app, token, "/v2/sleep", "action=getsummary&lastupdate=0", "series", "id");
    let kept = mirror.kind("night", "id");
    assert_eq!(kept.keys().collect::<Vec<_>>(), nights.keys().collect::<Vec<_>>());
    for (id, night) in &nights {
        for (name, value) in night.as_object().unwrap().iter().filter(|(name, _)| *name != "data") {
            assert_eq!(&kept[id][name], value, "{name}");
        }
        for (name, value) in night["data"].as_object().unwrap() {
            assert_eq!(&kept[id]["data"][name], value, "{name}");
        }
    }
    let mut anew = Mirror::default();
    anew.follows(app, token, 1_000);
    assert_eq!(mirror, &anew);
}

/// Something that happens to a person's data.
#[derive(Debug, Clone)]
enum Step {
    Weighs(i64),
    Walks { minute: i64, minutes: usize },
    Sleeps { minute: i64, stages: Vec<(i64, i64)> },
    WorksOut { minute: i64, minutes: i64 },
    Deletes { list: usize, at: usize },
    Reads { pages: usize, limit: i64 },
    Waits(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let minute = || -3 * 1_440..0_i64;
    let stages = proptest::collection::vec((1..120_i64, 0..4_i64), 1..5);
    prop_oneof![
        (60_000..70_000_i64).prop_map(Step::Weighs),
        (minute(), 1..90_usize).prop_map(|(minute, minutes)| Step::Walks { minute, minutes }),
        (minute(), stages).prop_map(|(minute, stages)| Step::Sleeps { minute, stages }),
        (minute(), 1..120_i64).prop_map(|(minute, minutes)| Step::WorksOut { minute, minutes }),
        (0..3_usize, any::<usize>()).prop_map(|(list, at)| Step::Deletes { list, at }),
        (1..4_usize, 1..6_i64).prop_map(|(pages, limit)| Step::Reads { pages, limit }),
        (0..5_u32).prop_map(Step::Waits),
    ]
}

fn takes(
    app: &App,
    devices: &[Bridge<'_>; 3],
    token: &str,
    mirror: &mut Mirror,
    at: usize,
    step: &Step,
) {
    let [scale, watch, mat] = devices;
    let id = format!("{at}");
    match step {
        Step::Weighs(grams) => {
            let measures = json!([{ "type": 1, "value": grams, "unit": -3 }]);
            scale.stores(&[json!({
                "id": id, "type": "measures", "taken_at": NOW - at as i64, "measures": measures,
            })]);
        }
        Step::Walks { minute, minutes } => {
            let steps: Vec<usize> = (0..*minutes).map(|one| 50 + one).collect();
            watch.stores(&[json!({
                "id": id, "type": "intraday", "startdate": NOW + minute * 60,
                "values": { "steps": steps },
            })]);
        }
        Step::Sleeps { minute, stages } => {
            let mut start = NOW + minute * 60;
            let stages: Vec<Value> = stages
                .iter()
                .map(|(minutes, state)| {
                    let from = start;
                    start += minutes * 60;
                    json!({ "startdate": from, "enddate": start, "state": state })
                })
                .collect();
            let device = if at.is_multiple_of(2) { watch } else { mat };
            device.stores(&[json!({ "id": id, "type": "sleep", "stages": stages })]);
        }
        Step::WorksOut { minute, minutes } => {
            let start = NOW + minute * 60;
            watch.stores(&[json!({
                "id": id, "type": "workout", "startdate": start, "enddate": start + minutes * 60,
                "category": 1,
            })]);
        }
        Step::Deletes { list, at } => {
            let (path, form, rows, key, name) = [
                ("/measure", "action=getmeas", "measuregrps", "grpid", "grpid"),
                ("/v2/sleep", "action=getsummary&lastupdate=0", "series", "id", "nightid"),
                ("/v2/measure", "action=getworkouts&lastupdate=0", "series", "id", "workoutid"),
            ][*list];
            let rows = listed(app, token, path, form, rows, key);
            let ids: Vec<&String> = rows.keys().collect();
            if let Some(id) = at.checked_rem(ids.len()).map(|at| ids[at]) {
                let answer = app.call("/vitald/v1/delete", &format!("{name}={id}"), Some(token));
                assert_eq!(status(&answer), 0, "{answer}");
            }
        }
        Step::Reads { pages, limit } => {
            for _ in 0..*pages {
                mirror.reads_page(app, token, *limit);
            }
        }
        Step::Waits(seconds) => app.waits(*seconds),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_mirror_that_follows_the_feed_holds_what_is_there(
        steps in proptest::collection::vec(step(), 1..30),
        limit in 1..50_i64,
    ) {
        let app = App::new();
        let anna = app.person("anna");
        let scale = app.bridge_of("00:24:e4:00:00:70", 4, &[&anna]);
        let devices = [scale, app.watch(&[&anna]), app.mat(&[&anna])];
        let token = app.token(&anna, ALL_SCOPES);
        let mut mirror = Mirror::default();
        for (at, step) in steps.iter().enumerate() {
            takes(&app, &devices, &token, &mut mirror, at, step);
        }
        mirror.follows(&app, &token, limit);
        assert_mirrors(&app, &token, &mirror);
    }
}

fn night_of(app: &App, person: &Account, token: &str) -> (Value, i64) {
    let start = NOW - 10 * 3_600;
    let stages =
        |start: i64| json!([{ "startdate": start, "enddate": start + 6 * 3_600, "state": 1 }]);
    app.mat(&[person]).stores(&[json!({ "id": "n", "type": "sleep", "stages": stages(start) })]);
    app.watch(&[person])
        .stores(&[json!({ "id": "n", "type": "sleep", "stages": stages(start - 1_800) })]);
    let answer = app.call("/v2/sleep", "action=getsummary&lastupdate=0", Some(token));
    (answer["body"]["series"][0]["id"].clone(), start)
}

#[test]
fn a_night_that_is_deleted_is_gone_whatever_device_noticed_it() {
    let app = App::new();
    let anna = app.person("anna");
    let token = app.token(&anna, ALL_SCOPES);
    let (id, start) = night_of(&app, &anna, &token);
    let deleted = app.call("/vitald/v1/delete", &format!("nightid={id}"), Some(&token));
    assert_eq!(deleted, json!({ "status": 0, "body": {} }));
    let nights = app.call("/v2/sleep", "action=getsummary&lastupdate=0", Some(&token));
    assert_eq!(nights["body"]["series"], json!([]), "{nights}");
    let form = format!("action=get&startdate={}&enddate={NOW}", start - DAY_SECONDS / 2);
    let stages = app.call("/v2/sleep", &form, Some(&token));
    assert_eq!(stages["body"]["series"], json!([]), "{stages}");
    assert_names(&app.call("/vitald/v1/delete", &format!("nightid={id}"), Some(&token)), "nightid");
}

#[test]
fn a_workout_that_is_deleted_stays_away_when_its_device_tells_it_again() {
    let app = App::new();
    let anna = app.person("anna");
    let (token, watch) = (app.token(&anna, ALL_SCOPES), app.watch(&[&anna]));
    let workout = |id: &str| {
        json!({
            "id": id, "type": "workout", "startdate": NOW - 600, "enddate": NOW, "category": 2,
        })
    };
    let read = || {
        let answer = app.call("/v2/measure", "action=getworkouts&lastupdate=0", Some(&token));
        answer["body"]["series"].as_array().unwrap().clone()
    };
    watch.stores(&[workout("a")]);
    let id = read()[0]["id"].clone();
    app.call("/vitald/v1/delete", &format!("workoutid={id}"), Some(&token));
    watch.stores(&[workout("b")]);
    assert!(read().is_empty());
}

#[test]
fn one_thing_is_deleted_a_call() {
    let app = App::new();
    let anna = app.person("anna");
    let token = app.token(&anna, ALL_SCOPES);
    assert_names(&app.call("/vitald/v1/delete", "", Some(&token)), "grpid");
    assert_names(&app.call("/vitald/v1/delete", "grpid=1&nightid=2", Some(&token)), "grpid");
}

#[test]
fn a_token_sees_the_changes_of_its_scopes_alone() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    watch.stores(&[
        json!({ "id": "i", "type": "intraday", "startdate": NOW - 60, "values": { "steps": [9] } }),
        json!({ "id": "b", "type": "event", "at": NOW, "event": "bed_in" }),
        json!({ "id": "e", "type": "ecg", "taken_at": NOW, "signal": [1], "frequency": 300 }),
    ]);
    let kinds = |scope: &str| {
        let answer = app.call("/vitald/v1/changes", "", Some(&app.token(&anna, scope)));
        let changes = answer["body"]["changes"].as_array().unwrap().clone();
        let mut kinds: Vec<String> =
            changes.iter().map(|change| change["kind"].as_str().unwrap().to_owned()).collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds("user.metrics"), ["ecg"]);
    assert_eq!(kinds("user.activity"), ["activity", "intraday"]);
    assert_eq!(kinds("user.sleepevents"), ["event"]);
    assert_eq!(kinds("user.info"), [""; 0]);
    let answer = app.call("/vitald/v1/changes", "limit=0", Some(&app.token(&anna, "user.info")));
    assert_names(&answer, "limit");
    // Both ways of naming the operation lead to it.
    let form = "action=changes&cursor=999";
    let answer = app.call("/vitald/v1", form, Some(&app.token(&anna, "user.info")));
    assert_eq!(answer["body"], json!({ "changes": [], "cursor": 999, "more": false }));
}
