//! Device sync over HTTP. What a batch means has its tests in `api`.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW, Setup};
use crate::household::{SCALE_MAC, weights};
use crate::on_both_engines;
use api::admin;
use serde_json::{Value, json};

on_both_engines!(what_a_device_hands_over_is_read_by_a_program);

impl App {
    pub(crate) fn device_token(&self) -> String {
        self.administers(|tx| Ok(admin::issue_device_token(tx, SCALE_MAC, false)?.1))
    }

    pub(crate) fn hands_over(&self, token: &str, batch: &Value) -> Answer {
        let request = self.request("POST", "/device/v1/sync").bearer_auth(token);
        let request = request.header("content-type", "application/json");
        self.sends(request.body(batch.to_string()))
    }
}

fn batch(ids: &[&str]) -> Value {
    let record = |id: &&str| {
        let grams = 66_000 + i64::try_from(id.len()).expect("a number");
        let measures = json!([{ "type": 1, "value": grams, "unit": -3 }]);
        json!({ "id": id, "type": "measures", "taken_at": NOW - grams, "measures": measures })
    };
    json!({ "records": ids.iter().map(record).collect::<Vec<_>>() })
}

fn what_a_device_hands_over_is_read_by_a_program(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let anna = app.person("anna");
    app.registers_scale(&[&anna]);
    let (token, program) = (app.device_token(), app.client());
    let tokens = anna.lets(&program, "user.metrics");
    let kept = app.hands_over(&token, &batch(&["a", "bb"])).body();
    assert_eq!((&kept["stored"], &kept["users"][0]["userid"]), (&json!(2), &json!(anna.id.0)));
    // The answer got lost, and the device has something new by now.
    let again = app.hands_over(&token, &batch(&["a", "bb", "ccc"])).body();
    assert_eq!((&again["stored"], &again["known"]), (&json!(1), &json!(2)));
    assert_eq!(weights(&tokens.reads("getmeas")), [66_001, 66_002, 66_003]);
    app.stop();
    app.begin();
    assert_eq!(app.hands_over(&token, &batch(&["a", "bb", "ccc"])).body()["known"], 3);
}

#[test]
fn what_is_no_batch_of_a_device_is_refused() {
    let app = App::new();
    let anna = app.person("anna");
    app.registers_scale(&[&anna]);
    let token = app.device_token();
    app.hands_over("nonsense", &batch(&["a"])).refused(401);
    assert_eq!(app.sends(app.request("GET", "/device/v1/sync")).http, 405);
    let text =
        app.hands_over(&token, &json!({ "records": [{ "id": "a", "type": "x" }] })).refused(503);
    assert!(text.contains("records[0].type"), "{text}");
    // More than a call of a program may have, and less than a batch may.
    let long = "x".repeat(2 << 20);
    let text = app.hands_over(&token, &json!({ "records": [], "more": long })).body();
    assert_eq!(text["stored"], 0);
}
