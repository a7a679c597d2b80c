//! What devices tell over time, read back by programs: activity, sleep, workouts, hearts, raw data.

use crate::app::{App, NOW, assert_names, status};
use api::admin::Account;
use domain::DAY_SECONDS;
use serde_json::{Value, json};

/// 2026-09-21T00:00 in Paris, the day that is `NOW`.
const MIDNIGHT: i64 = 1_789_941_600;

fn reads(app: &App, person: &Account, path: &str, form: &str) -> Value {
    let answer =
        app.call(path, form, Some(&app.token(person, "user.activity,user.metrics,user.rawdata")));
    assert_eq!(status(&answer), 0, "{answer}");
    answer["body"].clone()
}

fn activity(app: &App, person: &Account) -> Value {
    let form = "action=getactivity&startdateymd=2026-09-01&enddateymd=2026-09-30";
    reads(app, person, "/v2/measure", form)["activities"].clone()
}

fn intraday(id: &str, start: i64, values: Value) -> Value {
    json!({ "id": id, "type": "intraday", "startdate": start, "values": values })
}

fn night(id: &str, start: i64, stages: &[(i64, i64)]) -> Value {
    let mut at = start;
    let stages = stages.iter().filter_map(|(minutes, state)| {
        let start = at;
        at += minutes * 60;
        (*state >= 0).then(|| json!({ "startdate": start, "enddate": at, "state": state }))
    });
    json!({ "id": id, "type": "sleep", "stages": stages.collect::<Vec<_>>() })
}

fn summaries(app: &App, person: &Account, form: &str) -> Vec<Value> {
    let form = format!("action=getsummary&{form}");
    reads(app, person, "/v2/sleep", &form)["series"].as_array().unwrap().clone()
}

const ALL_NIGHTS: &str = "startdateymd=2026-09-01&enddateymd=2026-09-30";

#[test]
fn minutes_of_a_watch_are_read_as_minutes_and_as_a_day() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let noon = MIDNIGHT + 12 * 3_600;
    let values = json!({ "steps": [100, 110, null], "heart_rate": [80, 90, 100], "calories": [2.5, 3.25, null] });
    assert_eq!(watch.stores(&[intraday("a", noon, values)]), 1);
    let form = format!("action=getintradayactivity&startdate={noon}&enddate={}", noon + 60);
    let series = &reads(&app, &anna, "/v2/measure", &form)["series"];
    assert_eq!(series.as_object().unwrap().len(), 2, "{series}");
    let first = &series[noon.to_string()];
    let hash = first["deviceid"].clone();
    let expected = json!({
        "deviceid": hash, "model": "ScanWatch", "model_id": 93,
        "steps": 100, "calories": 2.5, "heart_rate": 80, "duration": 60,
    });
    assert_eq!(first, &expected);
    let days = activity(&app, &anna);
    let day = &days[0];
    assert_eq!(days.as_array().unwrap().len(), 1, "{days}");
    assert_eq!((&day["date"], &day["timezone"]), (&json!("2026-09-21"), &json!("Europe/Paris")));
    assert_eq!(
        (&day["steps"], &day["calories"], &day["hr_average"]),
        (&json!(210), &json!(5.75), &json!(90))
    );
    assert_eq!(
        (&day["brand"], &day["is_tracker"], &day["modelid"]),
        (&json!(1), &json!(true), &json!(93))
    );
    assert_eq!((&day["deviceid"], &day["hash_deviceid"]), (&hash, &hash));
    // Without dates the last 24 hours of which something is known.
    let recent =
        reads(&app, &anna, "/v2/measure", "action=getintradayactivity&data_fields=heart_rate");
    let last = &recent["series"][(noon + 120).to_string()];
    assert_eq!(last["heart_rate"], 100);
    assert!(last.get("steps").is_none() && last.get("duration").is_none(), "{last}");
}

#[test]
fn nothing_is_an_empty_map_of_minutes() {
    let app = App::new();
    let anna = app.person("anna");
    let body = reads(&app, &anna, "/v2/measure", "action=getintradayactivity");
    assert_eq!(body, json!({ "series": {} }));
}

#[test]
fn at_most_a_day_of_minutes_is_given_whatever_the_end_is() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let record = json!({
        "id": "a", "type": "intraday",
        "times": [MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + DAY_SECONDS - 1, MIDNIGHT + DAY_SECONDS],
        "values": { "steps": [1, 2, 3, 4] },
    });
    watch.stores(&[record]);
    let form = format!(
        "action=getintradayactivity&startdate={MIDNIGHT}&enddate={}",
        NOW + 9 * DAY_SECONDS
    );
    let body = reads(&app, &anna, "/v2/measure", &form);
    let moments: Vec<&String> = body["series"].as_object().unwrap().keys().collect();
    assert_eq!(moments, [&MIDNIGHT.to_string(), &(MIDNIGHT + DAY_SECONDS - 1).to_string()]);
}

#[test]
fn what_is_told_again_counts_once_and_the_later_word_counts() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    watch.stores(&[intraday("a", MIDNIGHT, json!({ "steps": [50, 60, 70] }))]);
    let first = activity(&app, &anna)[0].clone();
    app.waits(100);
    // The same under another name changes nothing, not even when the day last changed.
    watch.stores(&[intraday("b", MIDNIGHT, json!({ "steps": [50, 60, 70] }))]);
    assert_eq!(activity(&app, &anna)[0], first);
    watch.stores(&[intraday("c", MIDNIGHT + 60, json!({ "steps": [61, null, 5] }))]);
    let day = activity(&app, &anna)[0].clone();
    assert_eq!(day["steps"], 50 + 61 + 70 + 5);
    assert_eq!(day["modified"], app.now());
}

#[test]
fn of_a_watch_and_a_phone_each_minute_counts_once() {
    let app = App::new();
    let anna = app.person("anna");
    let phone = app.bridge_of("00:24:e4:00:00:71", 1_055, &[&anna]);
    let watch = app.watch(&[&anna]);
    phone.stores(&[intraday("a", MIDNIGHT, json!({ "steps": [40, 40, 40] }))]);
    let day = activity(&app, &anna)[0].clone();
    assert_eq!(
        (&day["steps"], &day["brand"], &day["is_tracker"]),
        (&json!(120), &json!(18), &json!(false))
    );
    watch.stores(&[intraday("b", MIDNIGHT + 60, json!({ "steps": [55] }))]);
    let day = activity(&app, &anna)[0].clone();
    assert_eq!(day["steps"], 40 + 55 + 40);
}

#[test]
fn a_day_of_25_hours_is_one_day_and_a_minute_after_it_is_another() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    // Clocks went back on 2025-10-26: midnight was at 22:00 and the next one at 23:00 of UTC.
    let start = 1_761_429_600;
    let times = [start - 60, start, start + 25 * 3_600 - 60, start + 25 * 3_600];
    let record = json!({
        "id": "a", "type": "intraday", "times": times, "values": { "steps": [1, 2, 4, 8] },
    });
    watch.stores(&[record]);
    let form = "action=getactivity&startdateymd=2025-10-25&enddateymd=2025-10-27&data_fields=steps";
    let body = reads(&app, &anna, "/v2/measure", form);
    let steps: Vec<_> = body["activities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| (day["date"].as_str().unwrap(), day["steps"].as_i64().unwrap()))
        .collect();
    assert_eq!(steps, [("2025-10-27", 8), ("2025-10-26", 6), ("2025-10-25", 1)]);
}

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
    let nights = summaries(
        &app,
        &anna,
        "startdateymd=2026-09-21&enddateymd=2026-09-21&data_fields=remsleepduration,hr_average,night_events,nonsense",
    );
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
fn a_workout_is_filled_in_by_its_minutes_whenever_they_come() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let workout = json!({
        "id": "w", "type": "workout", "startdate": MIDNIGHT, "enddate": MIDNIGHT + 120,
        "category": 2, "data": { "calories": 33 },
    });
    watch.stores(&[workout]);
    let read = |fields: &str| {
        let form =
            format!("action=getworkouts&startdateymd=2026-09-21&enddateymd=2026-09-21{fields}");
        reads(&app, &anna, "/v2/measure", &form)["series"].as_array().unwrap().clone()
    };
    assert_eq!(read("")[0]["data"], json!({ "calories": 33 }));
    let values =
        json!({ "steps": [150, 160, 170], "heart_rate": [120, 141, 100], "calories": [9, 9, 9] });
    watch.stores(&[intraday("m", MIDNIGHT, values)]);
    let row = read("&data_fields=calories,steps,hr_average").remove(0);
    assert_eq!(row["data"], json!({ "calories": 33, "steps": 310, "hr_average": 131 }));
    assert_eq!(
        (&row["category"], &row["model"], &row["attrib"]),
        (&json!(2), &json!(93), &json!(0))
    );
    assert_eq!(row["date"], "2026-09-21");
}

#[test]
fn an_ecg_is_listed_and_its_signal_is_what_the_device_sent() {
    let app = App::new();
    let anna = app.person("anna");
    let monitor = app.bridge_of("00:24:e4:00:00:73", 44, &[&anna]);
    let signal: Vec<i64> = (0..10_000).map(|at| (at * 37 % 901) - 450).collect();
    let ecg = json!({
        "id": "e", "type": "ecg", "taken_at": NOW - 60, "signal": signal, "frequency": 500,
        "wearposition": 2, "afib": 1, "heart_rate": 77, "bloodpressure": { "systole": 121, "diastole": 79 },
        "intervals": { "pr": 150, "qrs": 90 },
    });
    let sounds = json!({ "id": "s", "type": "stetho", "taken_at": NOW - 60, "signal": [213, 85, 0, 255], "position": 15, "vhd": 1 });
    assert_eq!(monitor.stores(&[ecg, sounds]), 2);
    let row = reads(&app, &anna, "/v2/heart", "action=list")["series"][0].clone();
    let id = row["ecg"]["signalid"].as_i64().unwrap();
    let sounds = row["stetho"]["signalid"].as_i64().unwrap();
    assert_eq!(
        (&row["ecg"]["afib"], &row["heart_rate"], &row["model"]),
        (&json!(1), &json!(77), &json!(44))
    );
    assert_eq!(
        (&row["bloodpressure"], &row["timestamp"]),
        (&json!({ "diastole": 79, "systole": 121 }), &json!(NOW - 60))
    );
    let read = reads(&app, &anna, "/v2/heart", &format!("action=get&signalid={id}"));
    let expected = json!({ "signal": signal, "sampling_frequency": 500, "wearposition": 2, "model": 44, "heart_rate": 77 });
    assert_eq!(read, expected);
    let read = reads(
        &app,
        &anna,
        "/v2/heart",
        &format!("action=get&signalid={id}&with_filtered=1&with_intervals=true"),
    );
    assert_eq!(read["filtered"].as_array().unwrap().len(), 10_000);
    assert_eq!(read["intervals"], json!({ "pr": 150, "qrs": 90, "qt": null, "qtc": null }));
    let list = reads(&app, &anna, "/v2/stetho", "action=list")["series"][0].clone();
    assert_eq!((&list["signalid"], &list["vhd"]), (&json!(sounds), &json!(1)));
    let read = reads(&app, &anna, "/v2/stetho", &format!("action=get&signalid={sounds}"));
    assert_eq!(
        (&read["signal"], &read["frequency"], &read["position"]),
        (&json!([213, 85, 0, 255]), &json!(4_000), &json!(15))
    );
}

#[test]
fn an_application_that_was_notified_fetches_a_signal_with_a_signed_call() {
    let app = App::new();
    let (anna, other) = (app.person("anna"), app.another_partner());
    let id = crate::access::recorded(&app, &anna, domain::recording::Kind::Ecg);
    let issue = |client: &str| {
        let client = client.to_owned();
        app.does(move |tx| Ok(api::signal_token::issue(tx, &client, id)))
    };
    let token = issue(&app.program.id);
    let signed = |program: &crate::app::Program, token: &str| {
        let form = format!("action=get&signal_token={token}&{}", app.signed(program, "get"));
        app.call("/v2/heart", &form, None)
    };
    // Nobody let the application see anything yet.
    assert_names(&signed(&app.program, &token), "signal_token");
    app.token(&anna, "user.metrics");
    assert_eq!(signed(&app.program, &token)["body"]["signal"], json!([1, 2, 3]));
    assert_names(&signed(&other, &token), "signal_token");
    assert_names(&signed(&app.program, &issue(&other.id)), "signal_token");
    assert_names(&signed(&app.program, "nonsense"), "signal_token");
}

#[test]
fn raw_data_is_asked_for_in_the_next_sync_and_kept_while_it_is_wanted() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let raw = |id: &str, start: i64| {
        json!({
            "id": id, "type": "rawdata", "rawdata_type": 1, "startdate": start, "enddate": start + 1,
            "format_version": 2, "firmware_version": 2371, "sensor_name": "ADXL362_RAW",
            "data": { "id": [1, 2], "timestamp": [start, start + 1], "acc_x": [-12, 15] },
        })
    };
    let counts = |record: Value| {
        let answer = watch.sends(&[record]);
        (
            answer["body"]["stored"].clone(),
            answer["body"]["unwanted"].clone(),
            answer["body"]["rawdata"].clone(),
        )
    };
    assert_eq!(counts(raw("a", NOW - 10)), (json!(0), json!(1), json!([])));
    let hash = watch.hash();
    let until = NOW + 1_000;
    reads(
        &app,
        &anna,
        "/v2/rawdata",
        &format!("action=activate&hash_deviceid={hash}&rawdata_type=1&enddate={until}"),
    );
    let wanted = json!([{ "userid": anna.id, "rawdata_type": 1, "enddate": until }]);
    assert_eq!(counts(raw("b", NOW + 10)), (json!(1), json!(0), wanted));
    let read = || {
        reads(
            &app,
            &anna,
            "/v2/rawdata",
            &format!(
                "action=get&hash_deviceid={hash}&rawdata_type=1&startdate={}&enddate={}",
                NOW - 100,
                NOW + 5_000
            ),
        )
    };
    let body = read();
    assert_eq!(body["rawdata"][0]["data"]["acc_x"], json!([-12, 15]));
    assert_eq!(
        (&body["rawdata"][0]["type"], &body["more"], &body["offset"]),
        (&json!(1), &json!(false), &json!(0))
    );
    app.waits(1_001);
    // What was measured before the end is kept when it comes late; what was measured after is not.
    assert_eq!(counts(raw("c", until - 50)), (json!(1), json!(0), json!([])));
    assert_eq!(counts(raw("d", until)), (json!(0), json!(1), json!([])));
    assert_eq!(read()["rawdata"].as_array().unwrap().len(), 2);
    let hour = |form: &str| app.call("/v2/rawdata", form, Some(&app.token(&anna, "user.rawdata")));
    assert_names(
        &hour(&format!("action=activate&hash_deviceid={hash}&rawdata_type=3")),
        "rawdata_type",
    );
    assert_names(
        &hour(&format!("action=activate&hash_deviceid={hash}&rawdata_type=1&enddate={NOW}")),
        "enddate",
    );
}

#[test]
fn devices_are_linked_by_the_organization_they_are_registered_for_and_to_one_person() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let device = crate::access::wearable(&app, &ben, "00:24:e4:00:00:74");
    let link = |person: &Account| {
        let form = "action=link&mac_addresses=[\"00:24:e4:00:00:74\"]";
        app.call("/v2/user", form, Some(&app.token(person, "user.info")))
    };
    assert_names(&link(&anna), "mac_addresses");
    let unlink = |person: &Account| {
        let form = "action=unlink&mac_address=00:24:e4:00:00:74";
        app.call("/v2/user", form, Some(&app.token(person, "user.info")))
    };
    assert_names(&unlink(&anna), "mac_address");
    assert_eq!(status(&unlink(&ben)), 0);
    let linked = link(&anna);
    assert_eq!(linked["body"]["devices"][0]["deviceid"], device.hash.as_str(), "{linked}");
    // Again is the same as once.
    assert_eq!(status(&link(&anna)), 0);
    let stranger = app.another_partner();
    let (client, email) = (stranger.id.clone(), anna.email.clone());
    let token = app.does(move |tx| api::admin::issue_token(tx, &client, &email, Some("user.info")));
    let form = "action=unlink&mac_address=00:24:e4:00:00:74";
    assert_names(&app.call("/v2/user", form, Some(&token.access_token)), "mac_address");
}

#[test]
fn a_record_that_cannot_be_is_named_and_nothing_of_the_batch_is_kept() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let good = intraday("good", MIDNIGHT, json!({ "steps": [1] }));
    let refused = [
        (intraday("a", NOW + 2 * DAY_SECONDS, json!({ "steps": [1] })), "records[1].startdate"),
        (intraday("a", 0, json!({ "steps": [1] })), "records[1].startdate"),
        (intraday("a", NOW, json!({ "steps": [1.5] })), "records[1].values.steps[0]"),
        (intraday("a", NOW, json!({ "steps": [-1] })), "records[1].values.steps[0]"),
        (intraday("a", NOW, json!({ "steps": [1e300] })), "records[1].values.steps[0]"),
        (intraday("a", NOW, json!({ "calories": ["NaN"] })), "records[1].values.calories[0]"),
        (
            intraday("a", NOW, json!({ "steps": [1], "heart_rate": [1, 2] })),
            "records[1].values.heart_rate",
        ),
        (
            json!({ "id": "a", "type": "intraday", "times": [NOW, NOW], "values": { "steps": [1, 2] } }),
            "records[1].times",
        ),
        (night("a", MIDNIGHT, &[(2_000, 1)]), "records[1].stages[0].enddate"),
        (
            json!({ "id": "a", "type": "ecg", "taken_at": NOW, "signal": [i64::MAX], "frequency": 300 }),
            "records[1].signal[0]",
        ),
        (
            json!({ "id": "a", "type": "stetho", "taken_at": NOW, "signal": [256] }),
            "records[1].signal[0]",
        ),
        (json!({ "id": "a", "type": "event", "at": NOW, "event": "moon_out" }), "records[1].event"),
        (
            json!({ "id": "a", "type": "workout", "startdate": NOW, "enddate": NOW, "category": 1 }),
            "records[1].enddate",
        ),
        (
            json!({ "id": "a", "type": "intraday", "userid": 7, "startdate": NOW, "values": {} }),
            "records[1].userid",
        ),
    ];
    for (record, place) in refused {
        assert_names(&watch.sends(&[good.clone(), record]), place);
    }
    assert_eq!(activity(&app, &anna), json!([]));
    // Signals without samples and with one are signals.
    let empty =
        json!({ "id": "e", "type": "ecg", "taken_at": NOW, "signal": [], "frequency": 300 });
    let single =
        json!({ "id": "f", "type": "ecg", "taken_at": NOW - 1, "signal": [5], "frequency": 300 });
    assert_eq!(watch.stores(&[good, empty, single]), 3);
}

#[test]
fn a_traveller_has_each_minute_in_one_day() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let hours: Vec<i64> = (-30..30).map(|hour| NOW + hour * 1_000).collect();
    let record = |id: &str| {
        json!({
            "id": id, "type": "intraday", "times": hours, "values": { "steps": vec![1; hours.len()] },
        })
    };
    watch.stores(&[record("a")]);
    let (id, email) = (anna.id, anna.email.clone());
    for (at, zone) in
        ["America/Los_Angeles", "Asia/Tokyo", "Pacific/Kiritimati"].into_iter().enumerate()
    {
        let email = email.clone();
        app.does(move |tx| {
            let profile = api::account::NewProfile {
                short_name: "ANN".to_owned(),
                time_zone: zone.to_owned(),
                ..Default::default()
            };
            assert_eq!(api::admin::find_account(tx, &email)?.id, id);
            api::account::set_profile(tx, id, &profile)
        });
        let days = activity(&app, &anna);
        let steps: i64 =
            days.as_array().unwrap().iter().map(|day| day["steps"].as_i64().unwrap()).sum();
        assert_eq!(steps, 60, "{zone}: {days}");
        watch.stores(&[json!({ "id": format!("w{at}"), "type": "status", "battery_percent": 50 })]);
        app.waits(3_600);
    }
}
