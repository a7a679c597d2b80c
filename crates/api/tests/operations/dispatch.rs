//! Which operation a request reaches, whatever its shape (wire-quirks 47, 48 and "How real programs
//! send requests"), and the envelope of what reaches none.

use crate::app::{ALL_SCOPES, App, NOW, dates, error, status, weight};
use api::dispatch;
use api::form::{BodyKind, Request};
use domain::{Error, Failure};
use serde_json::{Value, json};

fn shaped(query: &str, kind: BodyKind, body: &str, header: Option<&str>) -> Request {
    Request::parse(query, kind, body.as_bytes(), header).unwrap()
}

#[test]
fn quirk_47_every_shape_of_a_request_reaches_its_operation() {
    let app = App::new();
    let anna = app.person("anna");
    app.stores(&anna, &[weight(NOW - 20, 64_000), weight(NOW - 10, 64_100)]);
    let token = app.token(&anna, "user.metrics");
    let header = format!("bearer {token}");
    let header = Some(header.as_str());
    let start = NOW - 15;
    let (action, rest) = ("action=getmeas", format!("startdate={start}&category=1"));
    let whole = format!("{action}&{rest}");
    let (form, json) = (BodyKind::Form, BodyKind::Json);
    for (name, path, request) in [
        ("the usual", "/measure", shaped("", form, &whole, header)),
        (
            "quirk 48, query client",
            "/measure",
            shaped(&format!("{whole}&access_token={token}"), form, "", None),
        ),
        (
            "split, token in the body",
            "/measure",
            shaped(action, form, &format!("{rest}&access_token={token}"), None),
        ),
        ("empty body", "/measure", shaped(&whole, form, "", header)),
        ("other path", "/v2/measure", shaped("", form, &whole, header)),
        ("trailing slash", "/v2/measure/", shaped("", form, &whole, header)),
        ("both", "/measure/", shaped(action, form, &rest, header)),
        (
            "JSON",
            "/measure",
            shaped(
                "",
                json,
                &json!({"action": "getmeas", "startdate": start, "category": 1}).to_string(),
                header,
            ),
        ),
        (
            "needless parameters",
            "/measure",
            shaped("", form, &format!("{whole}&limit=1&client_id=x&userid=1&x[]=1"), header),
        ),
    ] {
        assert_eq!(dates(&app.answer(path, request)), [NOW - 10], "{name}");
    }
}

#[test]
fn what_is_no_operation_answers_2554() {
    let app = App::new();
    let token = app.token(&app.person("anna"), ALL_SCOPES);
    for (path, form) in [
        ("/measure", ""),
        ("/measure", "action="),
        ("/measure", "action=getMeas"),
        ("/measure", "action=getmeas%20"),
        ("/measure", "action=nothing"),
        ("/v2/user", "action=getmeas"),
        ("/user", "action=getdevice"),
        ("/measure//", "action=getmeas"),
        ("/v2/v2/measure", "action=getmeas"),
        ("/v2", "action=getmeas"),
        ("/v2/", "action=getmeas"),
        ("", "action=getmeas"),
        ("/", "action=getmeas"),
        ("/oauth2_user/authorize2", "action=getmeas"),
        ("/v2/authorize2", "action=getmeas"),
    ] {
        let answer = app.call(path, form, Some(&token));
        assert_eq!((status(&answer), error(&answer)), (2554, "Not implemented"), "{path}?{form}");
    }
}

#[test]
fn a_service_is_known_by_its_path() {
    for (path, service) in [
        ("/measure", Some("measure")),
        ("/measure/", Some("measure")),
        ("/v2/measure", Some("measure")),
        ("/notify", Some("notify")),
        ("/v2/notify", Some("notify")),
        ("/v2/oauth2/", Some("oauth2")),
        ("/oauth2", None),
        ("/v2/nothing", None),
        ("/v1/measure", None),
        ("/v2/measure/getmeas", None),
        ("/V2/measure", None),
        ("measure", None),
        ("", None),
        ("/", None),
    ] {
        assert_eq!(dispatch::service(path), service, "{path}");
    }
}

#[test]
fn quirk_04_a_full_queue_says_how_long_to_wait() {
    let envelope = |failure: Failure| -> Value {
        let (status, bytes) = dispatch::envelope(&Error::Failed(failure));
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(answer["status"], status.code());
        answer
    };
    let busy = json!({"status": 601, "body": {"wait_seconds": 1}, "error": "Too many request"});
    assert_eq!(envelope(Failure::Busy), busy);
    let late = json!({"status": 522, "body": {}, "error": "Timeout"});
    assert_eq!(envelope(Failure::TimedOut), late);
    let broken = json!({"status": 2556, "body": {}, "error": "An error occurred"});
    for failure in [
        Failure::Internal("table measure_group".to_owned()),
        Failure::Conflict("postgres".to_owned()),
        Failure::ShuttingDown,
    ] {
        assert_eq!(envelope(failure), broken);
    }
}

#[test]
fn quirk_01_an_error_is_status_body_and_text() {
    let app = App::new();
    let answer = app.call("/measure", "action=getmeas", None);
    let expected = json!({
        "status": 401,
        "body": {},
        "error": "XRequestID: Not provided invalid_token: The access token provided is invalid",
    });
    assert_eq!(answer.to_string(), expected.to_string());
}
