//! `user getdevice`: what a person measures with, as far as everybody is told.

use crate::app::{App, NOW, keys, status, without_draws};
use api::admin::{self, Account, NewDevice};
use serde_json::{Value, json};

impl App {
    #[track_caller]
    fn devices(&self, person: &Account) -> Vec<Value> {
        let token = self.token(person, "user.info");
        let mut answer = self.call("/v2/user", "action=getdevice", Some(&token));
        assert_eq!(status(&answer), 0, "{answer}");
        assert_eq!(keys(&answer["body"]), ["devices"]);
        serde_json::from_value(answer["body"]["devices"].take()).unwrap()
    }
}

#[test]
fn a_new_device() {
    let app = App::new();
    let anna = app.person("anna");
    app.scale(1, &[&anna]);
    insta::assert_json_snapshot!(without_draws(app.devices(&anna).into()));
}

#[test]
fn a_person_without_a_device_has_an_empty_list() {
    let app = App::new();
    assert!(app.devices(&app.person("anna")).is_empty());
}

#[test]
fn quirk_40_session_dates_are_null_before_the_first_session() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let device = &app.devices(&anna)[0];
    assert_eq!(device.get("first_session_date"), Some(&Value::Null));
    assert_eq!(device.get("last_session_date"), Some(&Value::Null));
    app.waits(100);
    scale.begins("");
    app.waits(100);
    scale.begins("");
    let device = &app.devices(&anna)[0];
    assert_eq!(device["first_session_date"], NOW + 100);
    assert_eq!(device["last_session_date"], NOW + 200);
}

#[test]
fn quirk_39_battery_is_a_word_and_unknown_before_the_device_has_said() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let battery = || app.devices(&anna)[0]["battery"].clone();
    assert_eq!(battery(), "unknown");
    scale.begins("");
    assert_eq!(battery(), "unknown");
    for (said, word) in [
        ("100", "high"),
        ("76", "high"),
        ("75", "medium"),
        ("31", "medium"),
        ("30", "low"),
        ("0", "low"),
        // What cannot be one leaves what was said before.
        ("", "low"),
        ("101", "low"),
        ("-1", "low"),
        ("full", "low"),
        (" 99 ", "high"),
    ] {
        scale.begins(&format!("batterylvl={said}"));
        assert_eq!(battery(), word, "{said}");
    }
}

#[test]
fn what_partners_are_told_is_not_told_to_everybody() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    scale.begins("currentfw=200&batterylvl=80");
    let device = &app.devices(&anna)[0];
    for key in ["mac_address", "fw", "network", "last_used_network", "sim_status"] {
        assert_eq!(device.get(key), None, "{key}");
    }
    assert!(!device.to_string().contains(&scale.mac[9..]));
}

#[test]
fn devices_are_those_of_the_person_in_the_order_of_linking() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.scale(1, &[&anna, &ben]);
    let mut expected = vec![json!(5)];
    for (number, model) in [(9, 45), (2, 55), (3, 63)] {
        app.waits(10);
        let mac = format!("0024e40000{number:02x}");
        let device = NewDevice {
            mac,
            model_id: model,
            users: vec![anna.email.clone()],
            ..Default::default()
        };
        app.does(move |tx| admin::register_device(tx, &device));
        expected.push(json!(model));
    }
    let annas = app.devices(&anna);
    let models: Vec<_> = annas.iter().map(|device| device["model_id"].clone()).collect();
    assert_eq!(models, expected);
    let bens = app.devices(&ben);
    assert_eq!(bens, annas[..1]);
    assert!(app.devices(&app.person("carl")).is_empty());
}

#[test]
fn every_model_has_its_name_and_its_kind() {
    let app = App::new();
    let anna = app.person("anna");
    for (number, model) in [1_i64, 7, 13, 45, 63, 93, 1060].into_iter().enumerate() {
        let mac = format!("0024e40000{number:02x}");
        let device = NewDevice {
            mac,
            model_id: model,
            users: vec![anna.email.clone()],
            ..Default::default()
        };
        app.does(move |tx| admin::register_device(tx, &device));
        app.waits(1);
    }
    let described = |device: &Value| {
        let text = |key: &str| device[key].as_str().unwrap().to_owned();
        format!("{} {}: {}", device["model_id"], text("type"), text("model"))
    };
    let devices: Vec<String> = app.devices(&anna).iter().map(described).collect();
    insta::assert_json_snapshot!(devices);
}
