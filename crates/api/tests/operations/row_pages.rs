//! Lists of rows of time, page after page: how much a page holds, and that every row is given once.

use crate::app::{App, NOW, assert_names, error};
use crate::told::{activity_of, reads, token};
use api::admin::Account;
use api::ops::heart::PAGE_RECORDINGS;
use api::ops::measure::{PAGE_DAYS, PAGE_WORKOUTS};
use api::ops::rawdata::PAGE_SEGMENTS;
use api::ops::sleep::PAGE_NIGHTS;
use domain::DAY_SECONDS;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A list: where it is, its rows, and what its rows are known by.
struct List<'f> {
    path: &'static str,
    form: &'f str,
    rows: &'static str,
    key: &'static str,
}

impl List<'_> {
    /// The sizes of the pages, and what the rows are known by, in their order.
    fn walk(&self, app: &App, person: &Account) -> (Vec<usize>, Vec<String>) {
        let (mut sizes, mut keys, mut offset) = (Vec::new(), Vec::new(), json!(0));
        loop {
            let form = format!("{}&offset={offset}", self.form);
            let body = reads(app, person, self.path, &form);
            let rows = body[self.rows].as_array().unwrap();
            sizes.push(rows.len());
            keys.extend(rows.iter().map(|row| row.pointer(self.key).unwrap().to_string()));
            offset = body["offset"].clone();
            // The very types of the reference, on every page.
            if !body["more"].as_bool().unwrap() {
                assert_eq!(offset, 0);
                return (sizes, keys);
            }
            assert!(offset.as_i64().unwrap() > 0, "{offset}");
        }
    }

    /// A full page, then one row more, then a page more.
    fn check(&self, page: usize, app: &App, person: &Account, tell: impl Fn(usize, usize)) {
        tell(0, page);
        assert_eq!(self.walk(app, person).0, [page], "a page that is exactly full is the last");
        tell(page, page + 1);
        assert_eq!(self.walk(app, person).0, [page, 1]);
        tell(page + 1, 2 * page + 1);
        let (sizes, keys) = self.walk(app, person);
        assert_eq!(sizes, [page, page, 1]);
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 2 * page + 1, "each row once");
    }
}

/// A moment on the day that is so many days ago.
fn ago(days: usize) -> i64 {
    NOW - 3_600 - i64::try_from(days).unwrap() * DAY_SECONDS
}

#[test]
fn days_come_by_the_two_hundred() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let form = "action=getactivity&lastupdate=0";
    let days = List { path: "/v2/measure", form, rows: "activities", key: "/date" };
    assert_eq!(PAGE_DAYS, 200);
    days.check(PAGE_DAYS, &app, &anna, |from, to| {
        let mut times: Vec<i64> = (from..to).map(ago).collect();
        times.reverse();
        let steps = vec![1; times.len()];
        watch.stores(&[json!({
            "id": from.to_string(), "type": "intraday", "times": times,
            "values": { "steps": steps },
        })]);
    });
    let (_, dates) = days.walk(&app, &anna);
    assert!(dates.is_sorted_by(|one, next| one > next), "newest first");
}

#[test]
fn workouts_come_by_the_two_hundred() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let form = "action=getworkouts&lastupdate=0";
    let workouts = List { path: "/v2/measure", form, rows: "series", key: "/id" };
    assert_eq!(PAGE_WORKOUTS, 200);
    workouts.check(PAGE_WORKOUTS, &app, &anna, |from, to| {
        let one = |at: usize| {
            // Several of one day, some at one second.
            let start = NOW - 3_600 * (1 + i64::try_from(at / 2).unwrap());
            json!({
                "id": at.to_string(), "type": "workout", "startdate": start - (at % 2) as i64,
                "enddate": start + 60, "category": 1,
            })
        };
        watch.stores(&(from..to).map(one).collect::<Vec<_>>());
    });
}

#[test]
fn nights_come_by_the_three_hundred() {
    let app = App::new();
    let anna = app.person("anna");
    let mat = app.mat(&[&anna]);
    let form = "action=getsummary&lastupdate=0";
    let nights = List { path: "/v2/sleep", form, rows: "series", key: "/id" };
    assert_eq!(PAGE_NIGHTS, 300);
    nights.check(PAGE_NIGHTS, &app, &anna, |from, to| {
        let one = |at: usize| {
            let start = ago(at) - 6 * 3_600;
            let stage = json!({ "startdate": start, "enddate": start + 3_600, "state": 1 });
            json!({ "id": at.to_string(), "type": "sleep", "stages": [stage] })
        };
        mat.stores(&(from..to).map(one).collect::<Vec<_>>());
    });
}

#[test]
fn electrocardiograms_come_by_the_hundred() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let hearts =
        List { path: "/v2/heart", form: "action=list", rows: "series", key: "/ecg/signalid" };
    assert_eq!(PAGE_RECORDINGS, 100);
    hearts.check(PAGE_RECORDINGS, &app, &anna, |from, to| {
        let one = |at: usize| {
            json!({
                "id": at.to_string(), "type": "ecg", "taken_at": NOW - at as i64, "signal": [1],
                "frequency": 300,
            })
        };
        watch.stores(&(from..to).map(one).collect::<Vec<_>>());
    });
}

#[test]
fn raw_data_comes_by_twenty_segments() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let hash = watch.hash();
    reads(
        &app,
        &anna,
        "/v2/rawdata",
        &format!("action=activate&hash_deviceid={hash}&rawdata_type=1"),
    );
    let form = format!(
        "action=get&hash_deviceid={hash}&rawdata_type=1&startdate={NOW}&enddate={}",
        NOW + 5_000
    );
    let segments = List { path: "/v2/rawdata", form: &form, rows: "rawdata", key: "/data/id/0" };
    assert_eq!(PAGE_SEGMENTS, 20);
    segments.check(PAGE_SEGMENTS, &app, &anna, |from, to| {
        let one = |at: usize| {
            let start = NOW + at as i64;
            json!({
                "id": at.to_string(), "type": "rawdata", "rawdata_type": 1, "startdate": start,
                "enddate": start, "format_version": 1, "firmware_version": 1,
                "sensor_name": "ACC", "data": { "id": [at] },
            })
        };
        watch.stores(&(from..to).map(one).collect::<Vec<_>>());
    });
    let (_, ids) = segments.walk(&app, &anna);
    let expected: Vec<String> = (0..2 * PAGE_SEGMENTS + 1).map(|at| at.to_string()).collect();
    assert_eq!(ids, expected, "oldest first");
}

/// The three lists of days and changes.
const LISTS: [(&str, &str, &str); 3] = [
    ("/v2/measure", "getactivity", "activities"),
    ("/v2/measure", "getworkouts", "series"),
    ("/v2/sleep", "getsummary", "series"),
];

#[test]
fn with_days_and_lastupdate_rows_of_both_are_given() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let told = |name: &str, days: usize, steps: i64| {
        let start = ago(days);
        let stage = json!({ "startdate": start, "enddate": start + 600 + steps, "state": 1 });
        watch.stores(&[
            json!({ "id": format!("i{name}"), "type": "intraday", "startdate": start,
                    "values": { "steps": [steps] } }),
            json!({ "id": format!("w{name}"), "type": "workout", "startdate": start,
                    "enddate": start + 60 + steps, "category": 1 }),
            json!({ "id": format!("s{name}"), "type": "sleep", "stages": [stage] }),
        ]);
    };
    (0..5).for_each(|days| told(&days.to_string(), days, 1));
    app.waits(100);
    // The day that is three days ago changes, and is given though it is none of the days.
    told("late", 3, 2);
    let day = |days: usize| activity_of(&app, &anna, ago(days))["date"].clone();
    let (first, last) = (day(1), day(0));
    let days =
        format!("startdateymd={}&enddateymd={}", first.as_str().unwrap(), last.as_str().unwrap());
    for (path, action, rows) in LISTS {
        let dates = |form: &str| -> Vec<Value> {
            let body = reads(&app, &anna, path, &format!("action={action}&{form}"));
            body[rows].as_array().unwrap().iter().map(|row| row["date"].clone()).collect()
        };
        assert_eq!(dates(&days), [day(0), day(1)], "{action}");
        assert_eq!(dates(&format!("lastupdate={NOW}")), [day(3)], "{action}");
        let both = dates(&format!("{days}&lastupdate={NOW}"));
        assert_eq!(both, [day(0), day(1), day(3)], "{action}");
        assert_eq!(dates(&format!("{days}&lastupdate=0")).len(), 5, "{action}: each once");
    }
}

#[test]
fn a_day_that_is_missing_or_none_is_named() {
    let app = App::new();
    let anna = app.person("anna");
    let token = token(&app, &anna);
    let planted = "s3cr3t-7f9c";
    for (path, action, _) in LISTS {
        let asks = |form: &str| app.call(path, &format!("action={action}&{form}"), Some(&token));
        assert_names(&asks(""), "startdateymd");
        assert_names(&asks("startdateymd=2026-01-31"), "enddateymd");
        assert_names(&asks("enddateymd=2026-01-31"), "startdateymd");
        assert_names(&asks("lastupdate=0&startdateymd=2026-01-31"), "enddateymd");
        for wrong in ["", "2026-02-30", "2026-13-01", "31.01.2026", "1769904000", planted] {
            let answer = asks(&format!("startdateymd={wrong}&enddateymd=2026-01-31"));
            assert_names(&answer, "startdateymd");
            assert!(!error(&answer).contains(planted), "{answer}");
            let answer = asks(&format!("startdateymd=2026-01-31&enddateymd={wrong}"));
            assert_names(&answer, "enddateymd");
        }
        for wrong in ["-1", "2147483648", "9"] {
            if (action, wrong) != ("getactivity", "9") {
                assert_names(&asks(&format!("lastupdate=0&offset={wrong}")), "offset");
            }
        }
    }
}
