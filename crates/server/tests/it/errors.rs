//! What goes wrong on the wire: every refusal of the API is HTTP 200, JSON and an envelope; what is
//! no call of the API gets a status of HTTP. After all of it the server still serves.

use crate::answer::Answer;
use crate::app::App;
use crate::household::{SCALE_MAC, weight, weights};
use crate::raw::Connection;

const INVALID_TOKEN: &str =
    "XRequestID: Not provided invalid_token: The access token provided is invalid";
/// As `server` has it: a body has at most this many bytes.
const BODY_BYTES_MAX: usize = 1 << 20;

fn posts_raw(app: &App, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = app.request("POST", "/measure").header("content-type", content_type);
    app.sends(request.body(body.into()))
}

#[test]
fn refusals_have_the_recorded_texts() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let tokens = anna.lets(&program, "user.info");
    let mut unknown = tokens.clone();
    unknown.access = "0".repeat(40);
    let posts = |fields: &[(&str, &str)]| app.posts("/measure", fields);
    assert_eq!(posts(&[("action", "getmeas")]).refused(401), INVALID_TOKEN);
    assert_eq!(unknown.reads("getmeas").refused(401), INVALID_TOKEN);
    assert!(tokens.reads("getmeas").refused(2555).contains("Insufficient_scope"));
    assert_eq!(posts(&[("action", "getmeasure")]).refused(2554), "Not implemented");
    assert_eq!(posts(&[]).refused(2554), "Not implemented");
    assert_eq!(program.exchanges("no such code").refused(503), "Invalid Params: invalid code");
    let dead = program.refreshes("no such token");
    assert_eq!(dead.refused(503), "Invalid Params: invalid refresh_token");
    let fields = [
        ("action", "requesttoken"),
        ("client_id", program.id.as_str()),
        ("client_secret", "wrong"),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh.as_str()),
    ];
    assert!(app.posts("/v2/oauth2", &fields).refused(401).contains("invalid_client"));
    app.clock.advance(10_800);
    assert_eq!(tokens.reads("getdevice").refused(401), INVALID_TOKEN);
}

#[test]
fn a_wrong_parameter_is_named_and_its_value_is_not_repeated() {
    let app = App::new();
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    for (name, value) in [
        ("meastype", "secret-weight"),
        ("meastypes", "[\"secret-weight\"]"),
        ("category", "secret-weight"),
        ("startdate", "yesterday-secret"),
        ("offset", "-31415926"),
    ] {
        let error = tokens.reads_with("getmeas", &[(name, value)]).refused(503);
        assert!(error.starts_with(&format!("Invalid Params: invalid {name}")), "{error}");
        assert!(!error.contains("secret") && !error.contains("31415926"), "{error}");
    }
    let twice = tokens.reads_with("getmeas", &[("meastype", "1"), ("meastype", "4")]).refused(503);
    assert!(twice.contains("meastype"), "{twice}");
}

#[test]
fn a_body_may_have_one_mebibyte_and_not_a_byte_more() {
    let app = App::new();
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    let start = format!("action=getmeas&access_token={}&padding=", tokens.access);
    let padded = |length: usize| format!("{start}{}", "x".repeat(length - start.len()));
    let form = "application/x-www-form-urlencoded";
    assert_eq!(posts_raw(&app, form, padded(BODY_BYTES_MAX)).status(), 0);
    let error = posts_raw(&app, form, padded(BODY_BYTES_MAX + 1)).refused(503);
    assert!(error.contains("1048576 bytes"), "{error}");
    assert_eq!(tokens.reads("getmeas").status(), 0);
}

#[test]
fn a_body_that_is_cut_off_is_not_taken_for_a_whole_one() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(&[&anna]);
    let tokens = anna.lets(&app.client(), "user.metrics");
    // Whole as a form, but one byte shorter than announced.
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("action", "store")
        .append_pair("sessionid", &scale.session)
        .append_pair("meastime", "1790000000")
        .append_pair("measures", &weight(66_850))
        .finish();
    let head = |length: usize| {
        format!(
            "POST /cgi-bin/measure HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n"
        )
    };
    let mut cut_off = Connection::to(app.address());
    cut_off.writes(head(form.len() + 1) + &form);
    cut_off.ends_writing();
    let answer = cut_off.reads_to_end();
    assert!(!answer.contains(r#"{"status":0"#), "{answer}");
    assert_eq!(weights(&tokens.reads("getmeas")), [0; 0]);

    let mut whole = Connection::to(app.address());
    whole.writes(head(form.len()) + &form);
    let (_, body) = whole.reads_answer();
    assert_eq!(body, r#"{"status":0}"#);
    assert_eq!(weights(&tokens.reads("getmeas")), [66_850]);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let app = App::new();
    let form = "application/x-www-form-urlencoded";
    for body in [b"action=getmeas&comment=\xff".as_slice(), b"action=getmeas&comment=%ff%fe"] {
        assert!(posts_raw(&app, form, body).refused(503).contains("UTF-8"));
    }
    assert!(app.gets("/measure?action=getmeas&comment=%ff").refused(503).contains("UTF-8"));
    assert!(posts_raw(&app, form, "action=getmeas&x=%00").refused(503).contains("NUL"));
    for body in ["{\"action\":", "[1]", "\"text\"", "{\"action\":\"\u{fffd}\"} {}"] {
        assert!(posts_raw(&app, "application/json", body).refused(503).contains("body"), "{body}");
    }
    let part = b"--x\r\ncontent-disposition: form-data; name=\"comment\"\r\n\r\n\xff\r\n--x--\r\n";
    let error = posts_raw(&app, "multipart/form-data; boundary=x", part.as_slice()).refused(503);
    assert!(error.contains("UTF-8"), "{error}");
}

#[test]
fn a_broken_multipart_form_is_refused() {
    let app = App::new();
    let whole =
        "--x\r\ncontent-disposition: form-data; name=\"action\"\r\n\r\ngetmeas\r\n--x--\r\n";
    let typed = "multipart/form-data; boundary=x";
    let text = "the action arrives, and only the token is missing";
    assert_eq!(posts_raw(&app, typed, whole).refused(401), INVALID_TOKEN, "{text}");
    let nameless = whole.replace("; name=\"action\"", "");
    for (content_type, body) in [
        ("multipart/form-data", whole),
        ("multipart/form-data; boundary=y", whole),
        (typed, &whole[..whole.len() - 10]),
        (typed, "--x\r\n"),
        (typed, ""),
        (typed, &nameless),
    ] {
        let error = posts_raw(&app, content_type, body).refused(503);
        assert!(error.contains("multipart"), "{error} for {body:?}");
    }
}

#[test]
fn a_parameter_with_an_endless_name_does_not_echo() {
    let app = App::new();
    let name = "n".repeat(100_000);
    let part = [
        format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(),
        b"\xff\r\n--x--\r\n",
    ]
    .concat();
    let answer = posts_raw(&app, "multipart/form-data; boundary=x", part);
    answer.refused(503);
    assert!(answer.text.len() < 1_000, "{} bytes", answer.text.len());
}

#[test]
fn what_is_no_call_of_the_api_gets_a_status_of_http() {
    let app = App::new();
    for path in ["/x", "/v2", "/user", "/measure/x", "/v3/measure", "/cgi-bin", "/oauth2_user"] {
        for method in ["GET", "POST"] {
            let answer = app.sends(app.request(method, path));
            assert_eq!((answer.http, path), (404, path), "{answer:?}");
            assert!(answer.headers.contains_key("x-content-type-options"));
        }
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"] {
        let answer = app.sends(app.request(method, "/measure?action=getmeas"));
        assert_eq!((answer.http, method), (405, method));
        assert_eq!(answer.header("allow"), "GET, POST");
    }
    for (method, path) in [("GET", "/cgi-bin/once"), ("PUT", "/oauth2_user/login")] {
        assert_eq!(app.sends(app.request(method, path)).http, 405, "{method} {path}");
    }
    // Below /v2 programs expect an envelope, whether the service is known or not.
    for path in ["/v2/", "/v2/nothing", "/v2/measure/x"] {
        let answer = app.posts(path, &[("action", "list")]);
        assert_eq!((answer.refused(2554).as_str(), path), ("Not implemented", path));
    }
    assert_eq!(app.posts("/v2/survey", &[("action", "planted")]).refused(2554), "Not implemented");
}

#[test]
fn the_gateway_refuses_in_plain_text() {
    let app = App::new();
    app.scale(&[&app.person("anna")]);
    for (path, fields, status) in [
        ("/cgi-bin/once", vec![("action", "put")], 255),
        ("/cgi-bin/once", vec![], 255),
        ("/cgi-bin/measure", vec![("action", "new"), ("auth", SCALE_MAC)], 255),
        ("/cgi-bin/session", vec![("action", "new")], 503),
        ("/cgi-bin/session", vec![("action", "new"), ("auth", "00:24:e4:00:00:01")], 503),
        ("/cgi-bin/session", vec![("action", "new"), ("auth", "no address")], 503),
        ("/cgi-bin/measure", vec![("action", "store"), ("sessionid", "none")], 401),
    ] {
        let answer = app.posts(path, &fields);
        assert_eq!((answer.status(), &fields), (status, &fields));
        assert_eq!(answer.header("content-type"), "text/plain");
    }
}
