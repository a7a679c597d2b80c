//! The log: one line for each request that says what was called, how it went and why not, and holds
//! nothing of anybody. The capture is global and takes everything at every level, also what other
//! tests write meanwhile.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW, Setup};
use crate::browser::{Browser, decision_form, login_form};
use crate::household::{PASSWORD, Program, REDIRECT_URI, SCALE_MAC, STATE, Tokens, code_of};
use crate::on_both_engines;
use crate::raw::Connection;
use api::admin::NewAccount;
use reqwest::blocking::RequestBuilder;
use serde_json::Value as Json;
use std::io::{self, Write};
use std::sync::{Mutex, Once};
use tracing::Level;
use tracing_subscriber::util::SubscriberInitExt as _;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

on_both_engines!(a_whole_story_leaves_nothing_of_anybody_in_the_log);

struct Captured;

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn capture() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let log = tracing_subscriber::fmt().json().with_max_level(Level::TRACE);
        // With what libraries write through the older facade `log`.
        log.with_writer(|| Captured).finish().try_init().expect("the first to capture");
    });
}

fn captured() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).expect("UTF-8")
}

/// The one line of a request, without what differs from run to run.
fn line_of(answer: &Answer) -> Json {
    let id = answer.header("x-request-id");
    let log = captured();
    let lines = log.lines().filter(|line| line.contains(id));
    let lines = lines.map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let mut lines: Vec<Json> = lines
        .filter(|line| line["fields"]["message"] == "request" && line["fields"]["request_id"] == id)
        .collect();
    assert_eq!(lines.len(), 1, "one line for {answer:?}");
    let mut line = lines.remove(0);
    let level = line["level"].take();
    let mut fields = line["fields"].take();
    let duration = fields.as_object_mut().and_then(|fields| fields.remove("duration_us"));
    assert!(duration.is_some_and(|duration| duration.is_u64()), "{fields}");
    fields["level"] = level;
    assert_eq!(fields["request_id"], id);
    assert_eq!(fields["message"], "request");
    fields
}

/// Asserts what stands in the line of an answer.
fn logged(answer: &Answer, call: (&str, &str), status: u16, level: &str, cause: &str) {
    let line = line_of(answer);
    assert_eq!((&line["service"], &line["action"]), (&call.0.into(), &call.1.into()), "{line}");
    assert_eq!((&line["status"], &line["level"]), (&status.into(), &level.into()), "{line}");
    assert_eq!((&line["cause"], &line["http"]), (&cause.into(), &answer.http.into()), "{line}");
}

fn app(engine: Engine) -> App {
    capture();
    // Seeds of their own, so that request ids belong to one test alone.
    let seed = if engine == Engine::Sqlite { 7_001 } else { 7_002 };
    App::with(Setup { engine, seed, has_metrics_listener: true, ..Setup::default() })
}

#[test]
fn the_cause_of_a_refusal_is_in_the_log_and_not_on_the_wire() {
    let app = App::with(Setup { seed: 7_003, ..Setup::default() });
    capture();
    let (anna, program) = (app.person("anna"), app.client());
    let code = anna.logs_in_and_allows(&program, "user.metrics");
    let tokens = Tokens::of(&app, program.exchanges(&code));
    let fine = tokens.reads("getmeas");
    logged(&fine, ("measure", "getmeas"), 0, "INFO", "");
    let lacking = tokens.reads("getdevice");
    let token_call = ("oauth2", "requesttoken");
    let used = "the code was used before; the tokens it brought are ended";
    let ended = "access token ended: another token of the same grant replaced it";
    let none = "no such refresh token for this application";
    for (answer, call, status, cause) in [
        (lacking, ("user", "getdevice"), 2555, "the token lacks user.info"),
        (program.exchanges(&code), token_call, 503, used),
        (tokens.reads("getmeas"), ("measure", "getmeas"), 401, ended),
        (program.refreshes("nonsense"), token_call, 503, none),
        (app.posts("/measure", &[]), ("", ""), 2554, "the parameter action is missing"),
    ] {
        logged(&answer, call, status, "WARN", cause);
        assert!(!answer.text.contains(cause), "{answer:?}");
        assert!(answer.headers.iter().all(|(_, value)| value != cause), "{answer:?}");
    }
    let scale = app.posts("/cgi-bin/once", &[("action", "get")]);
    logged(&scale, ("scale", "get"), 0, "INFO", "");
    logged(&app.gets("/nowhere"), ("", ""), 0, "INFO", "");
    // A page is known by its route, never by the address as it was sent.
    let page = app.gets("/oauth2_user/authorize2?client_id=nobody");
    assert_eq!(line_of(&page)["route"], "/oauth2_user/authorize2");
    assert_eq!((page.http, &line_of(&page)["http"]), (400, &400.into()));
    app.db().close();
    let failed = tokens.reads("getmeas");
    let cause = "the server is going down";
    logged(&failed, ("measure", "getmeas"), 2556, "ERROR", cause);
    assert!(!failed.text.contains(cause), "{failed:?}");
}

/// What must not be found: by name, so that a failure does not print it.
type Planted = Vec<(&'static str, String)>;

fn a_whole_story_leaves_nothing_of_anybody_in_the_log(engine: Engine) {
    let app = app(engine);
    let anna = app.somebody(NewAccount {
        email: "planted.address@example.org".to_owned(),
        height_m: Some("1.683".to_owned()),
        birth_date: Some(jiff::civil::date(1931, 2, 28)),
        ..NewAccount::default()
    });
    let mut planted: Planted = vec![
        ("password", PASSWORD.to_owned()),
        ("e-mail", "planted.address".to_owned()),
        ("e-mail in a form", "planted.address%40example.org".to_owned()),
        ("day of birth", "1931-02-28".to_owned()),
    ];
    let program = app.client_named("Planted Program", REDIRECT_URI);
    planted.push(("name of an application", "planted program".to_owned()));
    planted.push(("client_secret", program.secret.clone()));
    a_scale_uploads(&app, &anna, &mut planted);
    let tokens = a_person_agrees(&app, &anna.email, &program, &mut planted);
    assert_eq!(tokens.reads("getdevice").status(), 0);
    let weights = tokens.reads("getmeas");
    assert!(weights.text.contains("66850429"), "the planted weight is read: {weights:?}");
    calls_go_wrong(&app, &program, &tokens, &mut planted);
    callers_write_wherever_they_can(&app, &program, &tokens, &mut planted);
    let numbers = app.observes(app.metrics_address(), "/metrics").text;
    assert!(numbers.contains("measure/getmeas"), "{numbers}");
    app.stop();

    logged(&weights, ("measure", "getmeas"), 0, "INFO", "");
    let log = captured().to_lowercase();
    let written_by = |target: &str| log.contains(&format!("\"target\":\"{target}"));
    assert!(written_by("store") && written_by("server"), "their details are captured");
    assert!(engine == Engine::Sqlite || written_by("tokio_postgres"), "and those of libraries");
    let numbers = numbers.to_lowercase();
    for (name, secret) in planted {
        assert!(secret.len() >= 8, "{name} could be found by chance");
        let secret = secret.to_lowercase();
        assert!(!log.contains(&secret), "a {name} is in the log");
        assert!(!numbers.contains(&secret), "a {name} is in the numbers");
    }
}

fn a_scale_uploads(app: &App, anna: &crate::household::Person<'_>, planted: &mut Planted) {
    let scale = app.scale(&[anna]);
    planted.push(("MAC", SCALE_MAC.to_owned()));
    planted.push(("MAC without colons", SCALE_MAC.replace(':', "")));
    planted.push(("MAC in a form", SCALE_MAC.replace(':', "%3A")));
    planted.push(("session of a scale", scale.session.clone()));
    planted.push(("weight", "66850429".to_owned()));
    planted.push(("weight in kilograms", "66.850429".to_owned()));
    let at = NOW.to_string();
    let good = r#"{"measures":[{"value":66850429,"type":1,"unit":-6}]}"#;
    let cut_off = r#"{"measures":[{"value":66850429,"type":"#;
    let fraction = r#"{"measures":[{"value":66.850429,"type":1,"unit":-6}]}"#;
    for (measures, status) in [(good, 0), (cut_off, 503), (fraction, 503)] {
        let fields = [
            ("action", "store"),
            ("sessionid", scale.session.as_str()),
            ("macaddress", SCALE_MAC),
            ("meastime", at.as_str()),
            ("measures", measures),
        ];
        assert_eq!(app.posts("/cgi-bin/measure", &fields).status(), status, "{measures}");
    }
    let stranger = [("action", "new"), ("auth", "00:24:e4:5c:ff:fe")];
    assert_eq!(app.posts("/cgi-bin/session", &stranger).status(), 503);
    planted.push(("MAC of a stranger", "00:24:e4:5c:ff:fe".to_owned()));
}

fn a_person_agrees<'a>(
    app: &'a App,
    email: &str,
    program: &Program<'a>,
    planted: &mut Planted,
) -> Tokens<'a> {
    let mut browser = Browser::new(app);
    let page = browser.opens(&program.authorize_address("user.info,user.metrics", STATE));
    let wrong = login_form(&page, email, "planted-wrong-password");
    assert_eq!(browser.submits(&wrong).http, 403);
    planted.push(("wrong password", "planted-wrong-password".to_owned()));
    let consent = browser.logs_in(&page, email, PASSWORD);
    planted.push(("cookie", browser.cookies["vitald"].clone()));
    let form = decision_form(&consent, "allow");
    planted.push(("form token", form.field("form_token").expect("a token").to_owned()));
    let code = code_of(&browser.submits(&form), STATE);
    let tokens = Tokens::of(app, program.exchanges(&code));
    planted.push(("code", code));
    planted.push(("access token", tokens.access.clone()));
    planted.push(("refresh token", tokens.refresh.clone()));
    let csrf_token = tokens.answer.body()["csrf_token"].as_str().map(str::to_owned);
    planted.push(("csrf token", csrf_token.expect("a token")));
    let renewed = program.renews(&tokens);
    planted.push(("second access token", renewed.access.clone()));
    planted.push(("second refresh token", renewed.refresh.clone()));
    renewed
}

/// Every kind of refusal, with something in it that is nobody's business.
fn calls_go_wrong(app: &App, program: &Program<'_>, tokens: &Tokens<'_>, planted: &mut Planted) {
    let mut plant = |text: &str| {
        planted.push(("text of a call that went wrong", text.to_owned()));
        text.to_owned()
    };
    program.exchanges(&plant("planted-code")).refused(503);
    program.refreshes(&plant("planted-refresh-token")).refused(503);
    for name in ["meastype", "meastypes", "category", "startdate", "offset"] {
        tokens.reads_with("getmeas", &[(name, &plant("planted-value"))]).refused(503);
    }
    let (token, action) = (plant("planted-access-token"), plant("planted-action"));
    app.gets(&format!("/measure?action=getmeas&access_token={token}")).refused(401);
    tokens.reads_with("getmeas", &[("action", &action)]).refused(503);
    app.posts("/measure", &[("action", &action)]).refused(2554);
    let body = plant("planted-body");
    for content_type in ["application/json", "multipart/form-data; boundary=x"] {
        let request = app.request("POST", "/measure").header("content-type", content_type);
        app.sends(request.body(format!("{{\"weight\":\"{body}"))).refused(503);
    }
    let path = plant("planted-path");
    app.gets(&format!("/v2/{path}?access_token={path}")).refused(2554);
    assert_eq!(app.gets(&format!("/{path}?access_token={path}")).http, 404);
    let (state, address) = (plant("planted-state"), plant("planted.example"));
    let asked = [("state", state.as_str()), ("redirect_uri", address.as_str())];
    assert_eq!(app.gets(&program.authorize_with(&asked)).http, 400);
    let asked = [("state", state.as_str()), ("scope", address.as_str())];
    assert_eq!(app.gets(&program.authorize_with(&asked)).http, 302);
}

/// Every header, name and part of a request that a caller chooses, where it succeeds and where it
/// does not.
fn callers_write_wherever_they_can(
    app: &App,
    program: &Program<'_>,
    tokens: &Tokens<'_>,
    planted: &mut Planted,
) {
    planted.push(("text in any place of a request", "planted-".to_owned()));
    planted.push(("address of a caller", "203.0.113.77".to_owned()));
    for (path, token) in [
        ("/v2/measure?action=getmeas&planted-name=planted-text", tokens.access.as_str()),
        ("/v2/user?action=getdevice&planted-name=planted-text", "planted-token"),
        ("/v2/measure?action=planted-action", "planted-token"),
        ("/planted-path?planted-name=planted-text", "planted-token"),
        ("/oauth2_user/authorize2?planted-name=planted-text", "planted-token"),
        ("/cgi-bin/once?planted-name=planted-text", "planted-token"),
        ("/readyz?planted-name=planted-text", "planted-token"),
    ] {
        for method in ["GET", "POST", "PLANTED-METHOD"] {
            let request = app.request(method, path).bearer_auth(token);
            app.sends(everywhere(request));
        }
    }
    let json = r#"{"action":"getmeas","planted-name":{"planted-inner":["planted-text"]}}"#;
    let request = app.request("POST", "/measure").header("content-type", "application/json");
    app.sends(request.body(json));
    let part = "--x\r\ncontent-disposition: form-data; name=\"planted-name\"; \
                filename=\"planted-file\"\r\n\
                content-type: planted-type/planted-text\r\n\r\nplanted-text\r\n--x--\r\n";
    for kind in
        ["multipart/form-data; boundary=x", "multipart/form-data; boundary=planted-boundary"]
    {
        let request = app.request("POST", "/measure?action=getmeas").header("content-type", kind);
        app.sends(request.body(part));
    }
    let mut raw = Connection::to(app.address());
    raw.writes("GET /planted-path HTTP/1.1\r\nhost: x\r\nplanted name: planted-text\r\n\r\n");
    assert!(raw.reads_to_end().starts_with("HTTP/1.1 400 "), "no request at all");
    pages_are_misused(app, program);
}

fn everywhere(request: RequestBuilder) -> RequestBuilder {
    ["accept", "cookie", "origin", "planted-header", "referer", "traceparent", "user-agent"]
        .into_iter()
        .chain(["if-none-match", "sec-fetch-site", "x-request-id", "x-correlation-id"])
        .fold(request, |request, name| request.header(name, "planted-header-text"))
        .header("x-forwarded-for", "203.0.113.77")
        .header("forwarded", "for=203.0.113.77;host=planted-host")
}

/// Forms no page of ours made.
fn pages_are_misused(app: &App, program: &Program<'_>) {
    let (login, authorize) = ("/oauth2_user/login", "/oauth2_user/authorize2");
    let usual = [("client_id", program.id.as_str()), ("redirect_uri", REDIRECT_URI)];
    let asked = [("response_type", "code"), ("scope", "user.info"), ("state", "planted-state")];
    let usual = [&usual[..], &asked[..]].concat();
    for (path, fields, http) in [
        (login, vec![("next", authorize), ("email", "planted-stranger@example.org")], 403),
        (login, vec![("next", "https://planted-site.example/"), ("password", "planted-it")], 400),
        ("/oauth2_user/logout", vec![("next", "planted-next")], 400),
        ("/account/sign-up", vec![("email", "planted-email"), ("password", "planted-it")], 400),
        ("/account/sign-up", vec![("email", "planted@example.org"), ("password", "short")], 400),
        ("/account/log-in", vec![("next", "planted-next"), ("email", "planted-email")], 400),
        ("/account/profile", vec![("weight", "planted-weight")], 303),
        ("/developer/new", vec![("name", "planted-name")], 303),
        (authorize, vec![("client_id", "planted-client")], 400),
        (authorize, [&usual[..], &[("form_token", "planted-token")]].concat(), 400),
        (authorize, [&usual[..], &[("mode", "planted-mode")]].concat(), 302),
    ] {
        let answer = app.posts(path, &fields);
        assert_eq!(answer.http, http, "{path} {fields:?}: {answer:?}");
    }
    let redirect = [("redirect_uri", "https://planted-site.example/planted-path")];
    assert_eq!(app.gets(&program.authorize_with(&redirect)).http, 400);
}

#[test]
fn a_page_that_refuses_has_its_cause_in_the_log() {
    let app = App::with(Setup { seed: 7_004, ..Setup::default() });
    capture();
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    logged(&page, ("page", "authorize"), 0, "INFO", "");
    let wrong = browser.submits(&login_form(&page, &anna.email, "not the password"));
    logged(&wrong, ("page", "login"), 401, "WARN", "log-in: the password is wrong");
    let unknown = browser.submits(&login_form(&page, "nobody@example.org", "not the password"));
    logged(&unknown, ("page", "login"), 401, "WARN", "log-in: nobody has this e-mail address");
    let flaw = app.gets("/oauth2_user/authorize2?client_id=nobody");
    let cause = "client_id: no application has this id.";
    logged(&flaw, ("page", "authorize"), 503, "WARN", cause);
    let back = app.gets(&program.authorize_with(&[("scope", "user.nonsense")]));
    assert_eq!(back.http, 302);
    logged(&back, ("page", "authorize"), 503, "WARN", "scope must name known scopes");
}

#[test]
fn lines_of_database_threads_carry_the_id_of_their_request() {
    let app = App::with(Setup { seed: 7_005, ..Setup::default() });
    capture();
    let id = "70057005-7005-7005-7005-700570057005";
    let trace = "70054bf92f3577b34da6a3ce929d0e0e";
    let request = app.request("GET", "/v2/measure?action=getmeas&access_token=x");
    let request = request.header("x-request-id", id);
    let request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let answer = Answer::of(request.send().expect("an answer"));
    answer.refused(401);
    assert_eq!(line_of(&answer)["trace_id"], trace);
    let log = captured();
    let lines = log.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let jobs: Vec<Json> = lines
        .filter(|line| line["fields"]["message"] == "job" && line["span"]["request_id"] == id)
        .collect();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let job = &jobs[0]["fields"];
    assert!(job["queue_us"].is_u64() && job["work_us"].is_u64(), "{job}");
    assert_eq!((&job["access"], &job["run"]), (&"Read".into(), &1.into()), "{job}");
}
