//! Minutes that devices tell, read back as minutes and as the days they add up to.

use crate::app::{App, NOW};
use crate::told::{MIDNIGHT, activity, intraday, reads};
use domain::DAY_SECONDS;
use serde_json::json;

#[test]
fn minutes_of_a_watch_are_read_as_minutes_and_as_a_day() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let noon = MIDNIGHT + 12 * 3_600;
    let values = json!({
        "steps": [100, 110, null], "heart_rate": [80, 90, 100], "calories": [2.5, 3.25, null],
    });
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
fn a_traveller_has_each_minute_in_one_day() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let hours: Vec<i64> = (-30..30).map(|hour| NOW + hour * 1_000).collect();
    let record = |id: &str| {
        json!({
            "id": id, "type": "intraday", "times": hours,
            "values": { "steps": vec![1; hours.len()] },
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

#[test]
fn an_evening_in_two_zones_counts_each_minute_once() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let moves = |zone: &'static str| {
        let id = anna.id;
        app.does(move |tx| {
            let profile = api::account::NewProfile {
                short_name: "ANN".to_owned(),
                time_zone: zone.to_owned(),
                ..Default::default()
            };
            api::account::set_profile(tx, id, &profile)
        });
    };
    let told = std::cell::Cell::new(0_i64);
    // A minute each half hour of the last day, told anew each time, and a new one now.
    let walks = |id: &str| {
        let times: Vec<i64> = (-48..=0).map(|half| app.now() + half * 1_800).collect();
        let record = json!({
            "id": id, "type": "intraday", "times": times,
            "values": { "steps": vec![1; times.len()] },
        });
        watch.stores(&[record]);
        told.set(app.now());
    };
    let steps = || {
        let days = activity(&app, &anna);
        let all = days.as_array().unwrap().iter().map(|day| day["steps"].as_i64().unwrap());
        (all.sum::<i64>(), days)
    };
    moves("Asia/Tokyo");
    app.waits(2 * 86_400);
    // It is 23:13 in Tokyo.
    walks("tokyo");
    assert_eq!(steps().0, 49);
    app.waits(1_800);
    walks("evening");
    assert_eq!(steps().0, 50);
    // The same evening in Los Angeles it is 7:43 in the morning of the day that was.
    moves("America/Los_Angeles");
    let (sum, days) = steps();
    assert_eq!(sum, 50, "{days}");
    // What was this morning in Tokyo is of the day before, at once: it ends at 7:00 of UTC now.
    assert_eq!((&days[0]["date"], &days[0]["steps"]), (&json!("2026-09-23"), &json!(16)));
    assert_eq!((&days[1]["date"], &days[1]["steps"]), (&json!("2026-09-22"), &json!(34)));
    app.waits(1_800);
    walks("los-angeles");
    let (sum, days) = steps();
    assert_eq!(sum, 51, "{days}");
    let zones: Vec<_> =
        days.as_array().unwrap().iter().map(|day| day["timezone"].clone()).collect();
    assert!(zones.contains(&json!("America/Los_Angeles")), "{days}");
    // Days that were over before stay what they were.
    assert!(zones.contains(&json!("Asia/Tokyo")), "{days}");
    let form = format!(
        "action=getintradayactivity&startdate={}&enddate={}",
        told.get() - DAY_SECONDS + 1,
        told.get()
    );
    let minutes = reads(&app, &anna, "/v2/measure", &form)["series"].as_object().unwrap().len();
    assert_eq!(minutes, 48);
}
