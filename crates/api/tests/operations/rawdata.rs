//! Raw data: asked for, told by devices, read back.

use crate::app::{App, NOW, assert_names};
use crate::told::reads;
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
