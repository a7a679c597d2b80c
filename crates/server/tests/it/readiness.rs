//! `/readyz`: whether the server may be sent requests, and why not. What `/healthz` says is tested
//! with stopping.

use crate::answer::Answer;
use crate::app::{App, Engine, Setup};
use crate::on_both_engines;
use crate::raw::Connection;
use crate::stopping::waits_until_refused;
use serde_json::{Value as Json, json};

on_both_engines!(a_ready_server_names_its_checks, a_stopping_server_is_not_ready);

fn checks(answer: &Answer) -> Json {
    assert_eq!(answer.header("content-type"), "application/json");
    let mut json: Json = serde_json::from_str(&answer.text).expect("JSON");
    let status = if answer.http == 200 { "ok" } else { "unavailable" };
    assert_eq!(json["status"], status, "{answer:?}");
    json["checks"].take()
}

fn a_ready_server_names_its_checks(engine: Engine) {
    let app = App::with(Setup { engine, has_metrics_listener: true, ..Setup::default() });
    let well = json!({ "serving": "ok", "read": "ok", "write": "ok", "migrations": "ok" });
    let operators = app.observes(app.metrics_address(), "/readyz");
    for answer in [app.gets("/readyz"), operators] {
        assert_eq!((answer.http, checks(&answer)), (200, well.clone()));
    }
    app.db().close();
    let ill = app.gets("/readyz");
    let failed =
        json!({ "serving": "ok", "read": "failed", "write": "failed", "migrations": "unknown" });
    assert_eq!((ill.http, checks(&ill)), (503, failed));
    // The operator's listener tells the same, also of a store that is closed.
    assert_eq!(app.observes(app.metrics_address(), "/readyz").http, 503);
}

fn a_stopping_server_is_not_ready(engine: Engine) {
    let app = App::with(Setup { engine, has_metrics_listener: true, ..Setup::default() });
    let (address, operators) = (app.address(), app.metrics_address());
    let mut slow = Connection::to(address);
    slow.writes(
        "POST /v2/measure HTTP/1.1\r\nhost: x\r\ncontent-length: 14\r\nexpect: 100-continue\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
    );
    // The server says so when it has begun to read the body: the request is in hand.
    assert!(slow.reads_head().starts_with("HTTP/1.1 100 "));
    let stopping = app.stops_meanwhile();
    waits_until_refused(address);
    let draining = app.observes(operators, "/readyz");
    let checks = checks(&draining);
    assert_eq!((draining.http, &checks["serving"]), (503, &json!("stopping")));
    assert_eq!(checks["write"], "ok", "the requests in hand can be finished");
    assert_eq!(app.observes(operators, "/healthz").http, 200);
    slow.writes("action=getmeas");
    assert!(slow.reads_answer().0.starts_with("HTTP/1.1 200 "));
    app.waits_for(stopping);
    waits_until_refused(operators);
}
