//! Sleep that devices tell, read back as stages and as the nights they add up to.

use crate::app::{App, NOW, weight};
use crate::told::{ALL_NIGHTS, MIDNIGHT, night, reads, summaries};
use domain::DAY_SECONDS;
use domain::measure::{Measure, MeasureType};
use serde_json::{Value, json};
use store::measure::NewGroup;

#[test]
fn a_night_is_summed_up_and_grows() {
    let app = App::new();
    let anna = app.person("anna");
    let mat = app.mat(&[&anna]);
    let start = MIDNIGHT - 3_600;
    let mut record = night("a", start, &[(10, 0), (50, 1), (30, 2)]);
    record["series"] =
        json!({ "startdate": start, "values": { "hr": vec![60; 90], "rr": vec![14; 90] } });
    mat.stores(&[record]);
    let first = summaries(&app, &anna, ALL_NIGHTS).remove(0);
    assert_eq!(
        (&first["date"], &first["model"], &first["model_id"]),
        (&json!("2026-09-21"), &json!(32), &json!(63))
    );
    assert_eq!((&first["startdate"], &first["enddate"]), (&json!(start), &json!(start + 5_400)));
    let expected = json!({
        "total_timeinbed": 5_400, "total_sleep_time": 4_800, "lightsleepduration": 3_000,
        "remsleepduration": 0, "deepsleepduration": 1_800, "sleep_efficiency": 0.89,
        "sleep_latency": 600, "wakeup_latency": 0, "wakeupduration": 600, "wakeupcount": 0,
        "waso": 0, "nb_rem_episodes": 0, "durationtosleep": 600, "durationtowakeup": 0,
        "out_of_bed_count": 0,
    });
    assert_eq!(first["data"], expected);
    app.waits(60);
    mat.stores(&[night("b", start + 5_400, &[(60, 3)])]);
    let fields = "remsleepduration,hr_average,night_events,nonsense";
    let nights = summaries(&app, &anna, &format!("{ALL_NIGHTS}&data_fields={fields}"));
    assert_eq!(nights.len(), 1);
    let grown = &nights[0];
    assert_eq!((&grown["id"], &grown["created"]), (&first["id"], &first["created"]));
    assert_eq!(grown["modified"], app.now());
    let expected = json!({
        "remsleepduration": 3_600, "hr_average": 60,
        "night_events": { "1": [0], "2": [600], "3": [9_000], "4": [9_000] },
    });
    assert_eq!(grown["data"], expected);
    // Seen by a program that asks for changes.
    let changed = summaries(&app, &anna, &format!("lastupdate={}", app.now() - 1));
    assert_eq!(changed.len(), 1);
    assert_eq!(summaries(&app, &anna, &format!("lastupdate={}", app.now())).len(), 0);
}

#[test]
fn late_sleep_joins_two_nights_into_one() {
    let app = App::new();
    let anna = app.person("anna");
    let mat = app.mat(&[&anna]);
    let start = MIDNIGHT - 3_600;
    mat.stores(&[night("a", start, &[(60, 1)]), night("b", start + 5 * 3_600, &[(60, 1)])]);
    assert_eq!(summaries(&app, &anna, ALL_NIGHTS).len(), 2);
    mat.stores(&[night("c", start + 3_600, &[(240, 2)])]);
    let nights = summaries(&app, &anna, ALL_NIGHTS);
    assert_eq!(nights.len(), 1, "{nights:?}");
    assert_eq!(nights[0]["data"]["total_timeinbed"], 6 * 3_600);
}

#[test]
fn of_a_mat_and_a_watch_the_mat_has_the_say_of_a_night_whoever_is_first() {
    for mat_first in [true, false] {
        let app = App::new();
        let anna = app.person("anna");
        let (mat, watch) = (app.mat(&[&anna]), app.watch(&[&anna]));
        let start = MIDNIGHT - 3_600;
        let (of_mat, of_watch) =
            (night("a", start, &[(400, 1)]), night("a", start - 1_800, &[(420, 2)]));
        if mat_first {
            mat.stores(&[of_mat]);
            watch.stores(&[of_watch]);
        } else {
            watch.stores(&[of_watch]);
            mat.stores(&[of_mat]);
        }
        let nights = summaries(&app, &anna, ALL_NIGHTS);
        assert_eq!(nights.len(), 1, "{nights:?}");
        assert_eq!((&nights[0]["model"], &nights[0]["startdate"]), (&json!(32), &json!(start)));
        let form = format!("action=get&startdate={}&enddate={NOW}", start - 7_200);
        let body = reads(&app, &anna, "/v2/sleep", &form);
        assert_eq!(body["series"].as_array().unwrap().len(), 1, "{body}");
        assert_eq!((&body["model"], &body["series"][0]["state"]), (&json!(32), &json!(1)));
    }
}

#[test]
fn stages_have_their_series_when_they_are_asked_for() {
    let app = App::new();
    let anna = app.person("anna");
    let mat = app.mat(&[&anna]);
    let mut record = night("a", MIDNIGHT, &[(2, 1), (1, 2)]);
    record["series"] =
        json!({ "startdate": MIDNIGHT, "values": { "hr": [61, 60, null], "snoring": [0, 5, 6] } });
    mat.stores(&[record]);
    let form = format!("action=get&startdate={MIDNIGHT}&enddate={NOW}");
    let body = reads(&app, &anna, "/v2/sleep", &form);
    let hash = body["series"][0]["hash_deviceid"].clone();
    let plain = json!({
        "startdate": MIDNIGHT, "enddate": MIDNIGHT + 120, "state": 1, "model": "Aura Sensor V2",
        "model_id": 63, "hash_deviceid": hash,
    });
    assert_eq!(body["series"][0], plain);
    let body = reads(&app, &anna, "/v2/sleep", &format!("{form}&data_fields=hr,snoring,nothing"));
    let at = |minute: i64| (MIDNIGHT + minute * 60).to_string();
    assert_eq!(body["series"][0]["hr"], json!({ at(0): 61, at(1): 60 }));
    assert_eq!(body["series"][1]["snoring"], json!({ at(2): 6 }));
    assert!(body["series"][1].get("hr").is_none(), "{body}");
}

#[test]
fn stages_of_24_hours_are_given_whatever_the_end_is() {
    let app = App::new();
    let anna = app.person("anna");
    let mat = app.mat(&[&anna]);
    let start = MIDNIGHT - 2 * DAY_SECONDS;
    // A stage an hour, for two days; the first begins a minute before what is asked for.
    let stages: Vec<Value> = (0..48)
        .map(|hour| {
            let from = start - 60 + hour * 3_600;
            json!({ "startdate": from, "enddate": from + 3_600, "state": 1 + hour % 3 })
        })
        .collect();
    mat.stores(&[json!({ "id": "a", "type": "sleep", "stages": stages })]);
    let begun = |end: i64| -> Vec<i64> {
        let form = format!("action=get&startdate={start}&enddate={end}");
        let body = reads(&app, &anna, "/v2/sleep", &form);
        let stages = body["series"].as_array().unwrap().iter();
        stages.map(|stage| stage["startdate"].as_i64().unwrap()).collect()
    };
    let expected: Vec<i64> = (1..=24).map(|hour| start - 60 + hour * 3_600).collect();
    assert_eq!(begun(NOW), expected);
    assert_eq!(begun(start + 4 * 3_600), expected[..4]);
    assert_eq!(begun(start + 3_540), expected[..1], "the end is in the window");
    assert!(begun(start + 3_539).is_empty());
    assert!(begun(start - 1).is_empty());
}

#[test]
fn measures_that_are_asked_for_are_given_in_the_stage_they_were_taken_in() {
    let app = App::new();
    let anna = app.person("anna");
    app.mat(&[&anna]).stores(&[night("a", MIDNIGHT, &[(60, 1), (60, 2)])]);
    let at = |minute: i64| MIDNIGHT + minute * 60;
    let temperature = |date: i64, digits: i64| NewGroup {
        measures: vec![Measure::new(MeasureType(71), digits, -1)],
        ..weight(date, 1)
    };
    app.stores(
        &anna,
        &[
            temperature(at(0) - 1, 361),
            temperature(at(0), 362),
            temperature(at(59), 370),
            temperature(at(60), 364),
            temperature(at(120), 365),
            weight(at(30), 64_000),
        ],
    );
    let stages = |fields: &str| {
        let form = format!("action=get&startdate={MIDNIGHT}&enddate={NOW}{fields}");
        reads(&app, &anna, "/v2/sleep", &form)["series"].clone()
    };
    let series = stages("&meastypes=71");
    let moment = |minute: i64| at(minute).to_string();
    assert_eq!(series[0]["71"], json!({ moment(0): 36.2, moment(59): 37.0 }));
    assert_eq!(series[1]["71"], json!({ moment(60): 36.4 }));
    assert!(series[0].get("1").is_none(), "{series}");
    let series = stages("&meastypes=71,1");
    assert_eq!(series[0]["1"], json!({ moment(30): 64.0 }));
    assert!(stages("")[0].get("71").is_none());
    assert!(stages("&meastypes=9")[0].get("9").is_none());
}

#[test]
fn the_model_of_sleep_is_16_of_a_watch_and_32_where_there_is_nothing() {
    let app = App::new();
    let anna = app.person("anna");
    let form = format!("action=get&startdate={MIDNIGHT}&enddate={NOW}");
    let nothing = reads(&app, &anna, "/v2/sleep", &form);
    assert_eq!(nothing, json!({ "model": 32, "series": [] }));
    app.watch(&[&anna]).stores(&[night("a", MIDNIGHT, &[(60, 1)])]);
    let body = reads(&app, &anna, "/v2/sleep", &form);
    assert_eq!((&body["model"], &body["series"][0]["model_id"]), (&json!(16), &json!(93)));
    assert_eq!(summaries(&app, &anna, ALL_NIGHTS)[0]["model"], 16);
}

#[test]
fn a_night_is_completed_when_a_device_says_so_or_is_heard_of_two_hours_later() {
    let app = App::new();
    let anna = app.person("anna");
    let (mat, scale) = (app.mat(&[&anna]), app.bridge_of("00:24:e4:00:00:75", 4, &[&anna]));
    let last = || summaries(&app, &anna, ALL_NIGHTS).remove(0);
    let ended = NOW - 60;
    mat.stores(&[night("a", ended - 3_600, &[(60, 1)])]);
    assert_eq!(
        (last()["completed"].clone(), last()["enddate"].clone()),
        (json!(false), json!(ended))
    );
    let heard = |id: &str| {
        let status = json!({ "id": id, "type": "status", "battery_percent": 50 });
        scale.stores(&[status]);
    };
    app.waits(7_200 - 61);
    heard("early");
    assert_eq!(last()["completed"], false);
    assert_eq!(last()["modified"], NOW);
    app.waits(1);
    assert_eq!(last()["completed"], false, "not as time goes by");
    heard("late");
    assert_eq!(last()["completed"], true);
    assert_eq!(last()["modified"], app.now(), "a change like any other");
    app.waits(100);
    heard("later");
    assert_eq!(last()["modified"], app.now() - 100);
    // More of it arrives, and it is open again.
    app.waits(1_000);
    let now = app.now();
    mat.stores(&[night("b", ended, &[((now - ended) / 60, 1)])]);
    assert_eq!(last()["completed"], false);
    let mut over = night("c", now, &[(1, 1)]);
    over["completed"] = json!(true);
    mat.stores(&[over]);
    assert_eq!(last()["completed"], true, "at once when the device says so");
    assert_eq!(summaries(&app, &anna, ALL_NIGHTS).len(), 1);
}

#[test]
fn a_night_is_completed_when_an_older_scale_is_heard_of_two_hours_later() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let (mat, scale) = (app.mat(&[&anna]), app.scale(1, &[&anna, &ben]));
    let last = || summaries(&app, &anna, ALL_NIGHTS).remove(0)["completed"].clone();
    mat.stores(&[night("a", NOW - 3_660, &[(60, 1)])]);
    app.waits(7_200 - 61);
    scale.weighs_for(&format!("userid={}&attribstatus=0", ben.id), NOW, 66_850);
    assert_eq!(last(), false);
    app.waits(1);
    scale.weighs_for(&format!("userid={}&attribstatus=0", ben.id), NOW + 1, 66_850);
    assert_eq!(last(), true, "whoever stands on it");
}
