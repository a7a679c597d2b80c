//! The log: one line for each request that says what was called, how it went and why not, and holds
//! nothing of anybody. The capture is global and takes everything at every level, also what other
//! tests write meanwhile.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW, Setup};
use crate::browser::{Browser, decision_form, login_form};
use crate::household::{PASSWORD, SCALE_MAC, STATE, Tokens, code_of};
use crate::on_both_engines;
use api::admin::NewAccount;
use serde_json::Value as Json;
use std::io::{self, Write};
use std::sync::{Mutex, Once};
use tracing::Level;

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
        let log = log.with_writer(|| Captured).finish();
        tracing::subscriber::set_global_default(log).expect("the first to capture");
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
    App::with(Setup { engine, seed, ..Setup::default() })
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
    let program = app.client();
    planted.push(("client_secret", program.secret.clone()));
    a_scale_uploads(&app, &anna, &mut planted);
    let tokens = a_person_agrees(&app, &anna.email, &program, &mut planted);
    assert_eq!(tokens.reads("getdevice").status(), 0);
    let weights = tokens.reads("getmeas");
    assert!(weights.text.contains("66850429"), "the planted weight is read: {weights:?}");
    calls_go_wrong(&app, &program, &tokens, &mut planted);
    app.stop();

    logged(&weights, ("measure", "getmeas"), 0, "INFO", "");
    let log = captured().to_lowercase();
    for (name, secret) in planted {
        assert!(secret.len() >= 8, "{name} could be found by chance");
        assert!(!log.contains(&secret.to_lowercase()), "a {name} is in the log");
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
    program: &crate::household::Program<'a>,
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
fn calls_go_wrong(
    app: &App,
    program: &crate::household::Program<'_>,
    tokens: &Tokens<'_>,
    planted: &mut Planted,
) {
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
