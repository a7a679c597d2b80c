//! Recordings of hearts: listed, and their signals read back.

use crate::app::{App, NOW, assert_names, error, status};
use crate::told::{reads, token};
use serde_json::json;

#[test]
fn an_ecg_is_listed_and_its_signal_is_what_the_device_sent() {
    let app = App::new();
    let anna = app.person("anna");
    let monitor = app.bridge_of("00:24:e4:00:00:73", 44, &[&anna]);
    let signal: Vec<i64> = (0..10_000).map(|at| (at * 37 % 901) - 450).collect();
    let ecg = json!({
        "id": "e", "type": "ecg", "taken_at": NOW - 60, "signal": signal, "frequency": 500,
        "wearposition": 2, "afib": 1, "heart_rate": 77,
        "bloodpressure": { "systole": 121, "diastole": 79 },
        "intervals": { "pr": 150, "qrs": 90 },
    });
    let sounds = json!({
        "id": "s", "type": "stetho", "taken_at": NOW - 60, "signal": [213, 85, 0, 255],
        "position": 15, "vhd": 1,
    });
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
    let expected = json!({
        "signal": signal, "sampling_frequency": 500, "wearposition": 2, "model": 44,
        "heart_rate": 77,
    });
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
        app.does(move |tx| Ok(store::recording::token(tx, &client, id)))
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
fn an_ecg_that_is_sent_again_is_known_by_its_device_and_its_moment() {
    let app = App::new();
    let anna = app.person("anna");
    let (watch, monitor) = (app.watch(&[&anna]), app.bridge_of("00:24:e4:00:00:73", 44, &[&anna]));
    let ecg = |id: &str, at: i64| {
        json!({
            "id": id, "type": "ecg", "taken_at": at, "signal": [1, 2], "frequency": 300,
        })
    };
    assert_eq!(watch.counts(&[ecg("a", NOW)]), [1, 0, 0]);
    assert_eq!(watch.counts(&[ecg("a", NOW)]), [0, 1, 0]);
    assert_eq!(watch.counts(&[ecg("b", NOW)]), [0, 1, 0], "under another name too");
    assert_eq!(watch.counts(&[ecg("c", NOW - 1)]), [1, 0, 0]);
    assert_eq!(monitor.counts(&[ecg("a", NOW)]), [1, 0, 0], "another device took another");
    let rows = reads(&app, &anna, "/v2/heart", "action=list")["series"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 3, "{rows}");
    // Sounds of that second are no electrocardiogram.
    let sounds = json!({ "id": "s", "type": "stetho", "taken_at": NOW, "signal": [1] });
    assert_eq!(watch.counts(std::slice::from_ref(&sounds)), [1, 0, 0]);
}

#[test]
fn what_a_device_does_not_say_of_an_ecg_is_the_usual() {
    let app = App::new();
    let anna = app.person("anna");
    app.watch(&[&anna]).stores(&[
        json!({ "id": "a", "type": "ecg", "taken_at": NOW, "signal": [7], "frequency": 300 }),
    ]);
    let row = reads(&app, &anna, "/v2/heart", "action=list")["series"][0].clone();
    assert_eq!(row["ecg"]["afib"], 2);
    for name in ["heart_rate", "bloodpressure", "stetho"] {
        assert!(row.get(name).is_none(), "{row}");
    }
    let form = format!("action=get&signalid={}", row["ecg"]["signalid"]);
    let expected =
        json!({ "signal": [7], "sampling_frequency": 300, "wearposition": 1, "model": 93 });
    assert_eq!(reads(&app, &anna, "/v2/heart", &form), expected);
}

#[test]
fn a_recording_of_another_kind_or_person_is_as_unknown_as_none() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.watch(&[&anna]).stores(&[
        json!({ "id": "e", "type": "ecg", "taken_at": NOW, "signal": [1], "frequency": 300 }),
        json!({ "id": "s", "type": "stetho", "taken_at": NOW, "signal": [1] }),
    ]);
    let row = reads(&app, &anna, "/v2/heart", "action=list")["series"][0].clone();
    let (ecg, sounds) = (&row["ecg"]["signalid"], &row["stetho"]["signalid"]);
    let asks = |path: &str, person, id: &serde_json::Value| {
        app.call(path, &format!("action=get&signalid={id}"), Some(&token(&app, person)))
    };
    for (path, own, other) in [("/v2/heart", ecg, sounds), ("/v2/stetho", sounds, ecg)] {
        assert_eq!(status(&asks(path, &anna, own)), 0);
        let unknown = asks(path, &anna, &json!(1));
        assert_names(&unknown, "signalid");
        for (person, id) in [(&anna, other), (&ben, own), (&ben, other)] {
            assert_eq!(error(&asks(path, person, id)), error(&unknown), "told apart by nobody");
        }
    }
}
