//! Raw data: asked for, told by devices, read back.

use crate::app::{App, NOW, assert_names, status};
use crate::told::reads;
use api::admin::Account;
use serde_json::{Value, json};

#[test]
fn raw_data_is_asked_for_in_the_next_sync_and_kept_while_it_is_wanted() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let raw = |id: &str, start: i64| {
        json!({
            "id": id, "type": "rawdata", "rawdata_type": 1,
            "startdate": start, "enddate": start + 1,
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

/// What a device is told that programs want of its sensors.
fn wanted(device: &crate::sync::Bridge<'_>) -> Value {
    let answer = device.sends(&[]);
    assert_eq!(status(&answer), 0, "{answer}");
    answer["body"]["rawdata"].clone()
}

fn activates(app: &App, person: &Account, hash: &str, sensor: i64, more: &str) {
    let form = format!("action=activate&hash_deviceid={hash}&rawdata_type={sensor}{more}");
    reads(app, person, "/v2/rawdata", &form);
}

#[test]
fn raw_data_that_is_asked_for_twice_ends_when_was_said_last() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let hash = watch.hash();
    let until = |end: i64| {
        activates(&app, &anna, &hash, 1, &format!("&enddate={end}"));
        json!([{ "userid": anna.id, "rawdata_type": 1, "enddate": end }])
    };
    assert_eq!(until(NOW + 100), wanted(&watch));
    assert_eq!(until(NOW + 500), wanted(&watch));
    assert_eq!(until(NOW + 50), wanted(&watch));
    activates(&app, &anna, &hash, 1, "");
    assert_eq!(wanted(&watch), json!([{ "userid": anna.id, "rawdata_type": 1 }]));
    // What it measured between both calls was wanted all the time.
    app.waits(10);
    activates(&app, &anna, &hash, 1, &format!("&enddate={}", NOW + 20));
    let segment = json!({
        "id": "a", "type": "rawdata", "rawdata_type": 1, "startdate": NOW, "enddate": NOW + 1,
        "format_version": 1, "firmware_version": 1, "sensor_name": "ACC", "data": { "id": [1] },
    });
    assert_eq!(watch.stores(&[segment]), 1);
    app.waits(10);
    assert_eq!(wanted(&watch), json!([]));
}

#[test]
fn raw_data_ends_when_nobody_is_left_who_may_have_it() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    activates(&app, &anna, &watch.hash(), 1, "");
    let other = app.another_partner();
    let grants = |scope: &'static str| {
        let (client, email) = (other.id.clone(), anna.email.clone());
        app.does(move |tx| api::admin::issue_token(tx, &client, &email, Some(scope)));
    };
    let revokes = |client: &str| {
        let (client, user) = (client.to_owned(), anna.id);
        app.does(move |tx| store::grant::revoke(tx, &client, user));
    };
    grants("user.rawdata,user.metrics");
    revokes(&app.program.id);
    assert_eq!(wanted(&watch), json!([{ "userid": anna.id, "rawdata_type": 1 }]));
    revokes(&other.id);
    assert_eq!(wanted(&watch), json!([]));
    // Who may see something else has no raw data.
    activates(&app, &anna, &watch.hash(), 2, "");
    grants("user.metrics");
    revokes(&app.program.id);
    assert_eq!(wanted(&watch), json!([]));
}

#[test]
fn raw_data_ends_for_a_sensor_or_for_a_device() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let watch = app.watch(&[&anna]);
    let hash = watch.hash();
    let sensors = || -> Vec<i64> {
        let wanted = wanted(&watch);
        let wanted = wanted.as_array().unwrap().iter();
        wanted.map(|one| one["rawdata_type"].as_i64().unwrap()).collect()
    };
    [1, 2].into_iter().for_each(|sensor| activates(&app, &anna, &hash, sensor, ""));
    assert_eq!(sensors(), [1, 2]);
    let deactivates = |more: &str| {
        let form = format!("action=deactivate&hash_deviceid={hash}{more}");
        assert_eq!(reads(&app, &anna, "/v2/rawdata", &form), json!({}));
    };
    deactivates("&rawdata_type=1");
    assert_eq!(sensors(), [2]);
    deactivates("&rawdata_type=1");
    assert_eq!(sensors(), [2], "again is the same as once");
    activates(&app, &anna, &hash, 1, "");
    deactivates("");
    assert_eq!(sensors(), [0; 0]);
    for action in ["activate", "deactivate"] {
        let form = format!("action={action}&hash_deviceid={hash}&rawdata_type=1");
        let token = app.token(&ben, "user.rawdata");
        assert_names(&app.call("/v2/rawdata", &form, Some(&token)), "hash_deviceid");
    }
}

#[test]
fn raw_data_ends_when_the_device_is_taken_away() {
    let app = App::new();
    let anna = app.person("anna");
    let device = crate::access::wearable(&app, &anna, "00:24:e4:00:00:74");
    activates(&app, &anna, &device.hash, 1, "");
    let (user, id) = (anna.id, device.id);
    let until = || {
        let all = app.does(move |tx| store::raw::captures(tx, user, id));
        all.into_iter().map(|one| one.until).collect::<Vec<_>>()
    };
    let unlink = "action=unlink&mac_address=00:24:e4:00:00:74";
    assert_eq!(until(), [None]);
    let answer = app.call("/v2/user", unlink, Some(&app.token(&anna, "user.info")));
    assert_eq!(status(&answer), 0, "{answer}");
    assert_eq!(until(), [Some(NOW)]);
    let get = format!("action=get&hash_deviceid={}&rawdata_type=1", device.hash);
    let form = format!("{get}&startdate=0&enddate={NOW}");
    let answer = app.call("/v2/rawdata", &form, Some(&app.token(&anna, "user.rawdata")));
    assert_names(&answer, "hash_deviceid");
}
